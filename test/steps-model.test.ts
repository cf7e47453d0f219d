import fc from 'fast-check';
import { createToken, type DeviceToken } from 'pintumbler';
import {
  ask,
  createLock,
  enter,
  initialState,
  type Lock,
  type LockState,
  loadState,
  loseClock,
  saveState,
  setClock,
  type Verdict,
} from 'pintumbler/lock';
import { hotp, nexus, ocra, openpaygo, totp } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { deep, hex } from './support/helpers.ts';
import { chainLiteral, fullLiteral, writtenLiteral } from './support/paygo-literal.ts';
import {
  type BucketMemory,
  forgetTotp,
  freshBucket,
  freshHotp,
  freshLockout,
  freshNexus,
  freshPaygo,
  freshTotp,
  type HotpMemory,
  hotpLiteral,
  isAccepted,
  type Judgement,
  judgeHotp,
  judgeNexus,
  judgePaygo,
  judgeTotp,
  type LockoutMemory,
  type LockoutRule,
  type NexusCard,
  type NexusMemory,
  OATH_LOCKOUT,
  ocraLiteral,
  PAYGO_LOCKOUT,
  type PaygoCard,
  type PaygoKind,
  type PaygoMemory,
  payBucket,
  payLockout,
  type Question,
  type TotpMemory,
} from './support/steps-model.ts';

/*
 * Locks that keep step against a model that forgets nothing: every order of a few codes, and random lives. The codes are
 * not asked of `mint` either.
 */

const DAY = 86_400;
const START = 1_772_380_800;

const KEY = hex('bc41ec9530f6dac86b1a29ab82edc5fb');
const SECRET = hex('3132333435363738393031323334353637383930');

// -- what each vendor's lock is, and what its codes are ------------------------------------------------------------------

/** One kind of lock: `Card` is a code as its owner knows it. */
interface Rig<Card, Memory> {
  readonly token: DeviceToken;
  readonly fresh: Memory;
  /** Throttle; a rule of lockouts, or the bucket of Nexus. */
  readonly throttle: LockoutRule | 'bucket';
  /** Whether codes are for times. */
  readonly timed: boolean;
  codeOf(card: Card): string;
  /** Whether it is a code of another count near as well, by chance. */
  isShared(card: Card): boolean;
  judge(memory: Memory, card: Card, at: number): Judgement<Memory>;
  /** Digits that mean nothing. */
  stray(memory: Memory, at: number): Judgement<Memory>;
  forget(memory: Memory): Memory;
  /** What may be accepted once only. */
  nameOf(memory: Memory, card: Card): string;
}

const START_CODE = 516959010;

/** Tokens by value and count, as far as they were needed. */
const chains = new Map<number, { readonly made: string[]; readonly rest: Generator<bigint> }>();

function paygoChain(value: number, upTo: number): readonly string[] {
  const chain = chains.get(value) ?? {
    made: [],
    rest: chainLiteral(KEY, BigInt(START_CODE), BigInt(value), false),
  };
  chains.set(value, chain);
  while (chain.made.length <= upTo)
    chain.made.push(writtenLiteral(chain.rest.next().value ?? 0n, false, false));
  return chain.made;
}

const isOnce = (codes: readonly string[], code: string): boolean =>
  codes.filter((each) => each === code).length === 1;

const paygoRig: Rig<PaygoCard, PaygoMemory> = {
  token: createToken({
    vendor: openpaygo,
    deviceId: 'kit',
    key: KEY,
    timeZone: 'UTC',
    config: { start: START_CODE },
  }),
  fresh: freshPaygo(1),
  throttle: PAYGO_LOCKOUT,
  timed: false,
  codeOf: ({ value, count }) => paygoChain(value, count)[count] ?? '',
  isShared: ({ value, count }) => {
    const chain = paygoChain(value, count + 256);
    return !isOnce(chain, chain[count] ?? '');
  },
  judge: judgePaygo,
  stray: (memory) => ({ reasons: ['unknown'], memory }),
  forget: (memory) => memory,
  nameOf: (_, { count, value }) => `${count} ${value}`,
};

const NEXUS_TYPES: Readonly<Record<string, number>> = {
  add: 0,
  set: 1,
  unlock: 1,
  wipe_credit: 2,
  wipe_flag: 2,
};

const nexusRig: Rig<NexusCard, NexusMemory> = {
  token: createToken({ vendor: nexus, deviceId: 'kit', key: KEY, timeZone: 'UTC' }),
  fresh: freshNexus,
  throttle: 'bucket',
  timed: false,
  codeOf: ({ kind, id, value }) => fullLiteral(KEY, id, NEXUS_TYPES[kind] ?? 0, value),
  isShared: () => false, // by 10^-6
  judge: judgeNexus,
  stray: (memory) => ({ reasons: ['unknown'], memory }),
  forget: (memory) => memory,
  nameOf: (_, { id }) => `${id}`,
};

/** Ten digits, of which two of a hundred counts are hardly ever alike. */
const DIGITS = 10;

function hotpRig(window: number, resync: number): Rig<number, HotpMemory> {
  return {
    token: createToken({
      vendor: hotp,
      deviceId: 'door',
      key: SECRET,
      timeZone: 'UTC',
      config: { digits: DIGITS, window, resync },
    }),
    fresh: freshHotp,
    throttle: OATH_LOCKOUT,
    timed: false,
    codeOf: (count) => hotpLiteral(SECRET, count, DIGITS),
    isShared: () => false,
    judge: (memory, count) => judgeHotp(memory, count, window, resync),
    stray: ({ last }) => ({ reasons: ['unknown'], memory: { last, awaited: undefined } }),
    forget: ({ last }) => ({ last, awaited: undefined }),
    nameOf: (_, count) => `${count}`,
  };
}

const PERIOD = 30;

function totpRig(window: number, drift: number): Rig<number, TotpMemory> {
  return {
    token: createToken({
      vendor: totp,
      deviceId: 'door',
      key: SECRET,
      timeZone: 'UTC',
      config: { digits: DIGITS, window, drift },
    }),
    fresh: freshTotp,
    throttle: OATH_LOCKOUT,
    timed: true,
    codeOf: (period) => hotpLiteral(SECRET, period, DIGITS),
    isShared: () => false,
    judge: (memory, period, at) => judgeTotp(memory, period, Math.floor(at / PERIOD), at, { window, drift }),
    stray: (memory) => ({ reasons: ['unknown'], memory: { ...memory, awaited: undefined } }),
    forget: forgetTotp,
    nameOf: (_, period) => `${period}`,
  };
}

/** An answer: of a count or a period, or of neither; and a time step beside a count. */
interface Answer {
  readonly n: number;
  readonly challenge: string;
  readonly timeStep?: number;
}

interface Asking<Inner> {
  readonly inner: Inner;
  readonly question: Question | undefined;
  /** How often it has asked. */
  readonly times: number;
}

const LIFE = 300;

function ocraRig<Inner>(
  suite: string,
  config: object,
  inner: Pick<Rig<Answer, Inner>, 'fresh' | 'judge' | 'stray' | 'forget' | 'timed'>,
): Rig<Answer, Asking<Inner>> {
  const [counts, times] = [/:C-/.test(suite), /-T/.test(suite)];
  return {
    token: createToken({
      vendor: ocra,
      deviceId: 'safe',
      key: SECRET,
      timeZone: 'UTC',
      config: { suite, life: LIFE, ...config },
    }),
    fresh: { inner: inner.fresh, question: undefined, times: 0 },
    throttle: OATH_LOCKOUT,
    timed: inner.timed,
    codeOf: ({ n, challenge, timeStep }) =>
      ocraLiteral(SECRET, suite, {
        challenge,
        ...(counts && { counter: n }),
        ...(times && { timeStep: counts ? (timeStep ?? 0) : n }),
      }),
    isShared: () => false,
    judge(memory, card, at) {
      const { question } = memory;
      if (!question || at >= question.until || card.challenge !== question.challenge)
        return this.stray(memory, at);
      const judgement = inner.judge(memory.inner, card, at);
      const next = { ...memory, inner: judgement.memory };
      return {
        reasons: judgement.reasons,
        memory: isAccepted(judgement) ? { ...next, question: undefined } : next,
      };
    },
    stray(memory, at) {
      const { question } = memory;
      const isLive = question !== undefined && at < question.until;
      const judgement = inner.stray(memory.inner, at);
      return {
        reasons: isLive ? judgement.reasons : ['not_asked'],
        memory: {
          ...memory,
          inner: judgement.memory,
          question: isLive ? question : undefined,
        },
      };
    },
    forget: (memory) => ({ ...memory, inner: inner.forget(memory.inner), question: undefined }),
    nameOf: ({ times: asked }, card) => (counts ? `${card.n}` : `${asked}`),
  };
}

const ocraCounts = (() => {
  const [window, resync] = [3, 5];
  return ocraRig<HotpMemory>(
    'OCRA-1:HOTP-SHA1-10:C-QN08',
    { window, resync },
    {
      ...hotpRig(window, resync),
      judge: (memory, { n }) => judgeHotp(memory, n, window, resync),
    },
  );
})();

const ocraTimes = (() => {
  const settings = { window: 1, drift: 4, isAnswer: true } as const;
  return ocraRig<TotpMemory>(
    'OCRA-1:HOTP-SHA256-10:QN08-T1M',
    { window: 1, drift: 4 },
    {
      ...totpRig(1, 4),
      judge: (memory, { n }, at) => judgeTotp(memory, n, Math.floor(at / 60), at, settings),
    },
  );
})();

const ocraBoth = (() => {
  const [window, resync] = [4, 3];
  const counts = hotpRig(window, resync);
  return ocraRig<HotpMemory>(
    'OCRA-1:HOTP-SHA512-10:C-QN08-T1M',
    { window, resync },
    {
      ...counts,
      timed: true,
      judge: (memory, { n, timeStep = 0 }, at) =>
        Math.abs(timeStep - Math.floor(at / 60)) <= 1
          ? judgeHotp(memory, n, window, resync)
          : counts.stray(memory, at),
    },
  );
})();

const ocraPlain = ocraRig<null>(
  'OCRA-1:HOTP-SHA1-10:QN08',
  {},
  {
    fresh: null,
    timed: false,
    judge: () => ({ reasons: ['first_use'], memory: null }),
    stray: () => ({ reasons: ['unknown'], memory: null }),
    forget: () => null,
  },
);

// -- every order ---------------------------------------------------------------------------------------------------------

/** Keys in every sequence of so many of the cards; how many there were. */
function sweep<Card, Memory>(
  rig: Rig<Card, Memory>,
  cards: readonly Card[],
  length: number,
  begin: readonly Card[] = [],
  seen: (keyed: readonly Card[], verdict: Verdict) => void = () => {},
): number {
  const lock = createLock([rig.token]);
  const codes = new Map(cards.map((card) => [card, rig.codeOf(card)]));
  for (const card of cards) expect(rig.isShared(card), 'cards that mean one thing').toBe(false);
  let sequences = 0;
  const key = (
    state: LockState,
    memory: Memory,
    card: Card,
    keyed: readonly Card[],
  ): readonly [LockState, Memory] => {
    // Long enough that no throttle has a word in it.
    const at = START + keyed.length * 10 ** 7;
    const { verdict, ...entry } = enter(lock, state, codes.get(card) ?? rig.codeOf(card), at);
    const judgement = rig.judge(memory, card, at);
    if (!judgement.reasons.includes(verdict.reason))
      expect.fail(`${JSON.stringify(keyed)}: ${verdict.reason}, expected ${judgement.reasons.join(' or ')}`);
    seen(keyed, verdict);
    return [entry.state, judgement.memory];
  };
  const walk = (state: LockState, memory: Memory, keyed: readonly Card[], left: number): void => {
    if (left === 0) {
      sequences++;
      return;
    }
    for (const card of cards) {
      const next = [...keyed, card];
      const [after, known] = key(state, memory, card, next);
      walk(after, known, next, left - 1);
    }
  };
  let [state, memory] = [initialState(lock), rig.fresh];
  const first: Card[] = [];
  for (const card of begin) {
    first.push(card);
    [state, memory] = key(state, memory, card, first);
  }
  walk(state, memory, first, length);
  return sequences;
}

const paygo = (kind: PaygoKind, count: number, value = 30): PaygoCard => ({
  kind,
  count,
  value: kind === 'disable' ? 998 : kind === 'sync' ? 999 : value,
});

describe('OpenPAYGO: every order', () => {
  it('of four tokens over the even counts 2 to 16: each is accepted the first time, and never again', () => {
    const cards = [2, 4, 6, 8, 10, 12, 14, 16].map((count) => paygo('add', count));
    let [accepted, refused] = [0, 0];
    const sequences = sweep(paygoRig, cards, 4, [], (keyed, verdict) => {
      const isFirst = keyed.filter((each) => each === keyed.at(-1)).length === 1;
      expect(verdict.reason).toBe(isFirst ? 'credited' : 'already_used');
      if (isFirst) accepted++;
      else refused++;
    });
    expect(sequences).toBe(4096);
    // Of 8, 8², 8³ and 8⁴ beginnings 8·7ⁿ⁻¹ end with a token that is new.
    expect([accepted, refused]).toEqual([8 + 56 + 392 + 2744, 64 - 56 + 512 - 392 + 4096 - 2744]);
  });

  it('with SET, DISABLE and SYNC among them', () => {
    const cards = [
      paygo('add', 4),
      paygo('set', 5),
      paygo('add', 6),
      paygo('disable', 7),
      paygo('sync', 3),
      paygo('add', 8),
      paygo('sync', 7),
      paygo('add', 8, 7),
    ];
    expect(sweep(paygoRig, cards, 4)).toBe(4096);
  });

  it('around 16 below, 64 ahead, and the 100 and 63 of a SYNC', () => {
    const cards = [
      paygo('add', 138),
      paygo('add', 122),
      paygo('add', 120),
      paygo('add', 202),
      paygo('add', 204),
      paygo('sync', 75),
      paygo('sync', 73),
      paygo('sync', 237),
    ];
    expect(sweep(paygoRig, cards, 4, [paygo('set', 65), paygo('add', 100), paygo('add', 136)])).toBe(4096);
  });

  it('a SYNC back, and all that was before it once more', () => {
    const cards = [
      paygo('set', 103),
      paygo('sync', 103),
      paygo('add', 102),
      paygo('add', 104),
      paygo('add', 104, 7),
      paygo('sync', 101),
      paygo('set', 161),
      paygo('add', 164),
    ];
    const begin = [paygo('sync', 99), paygo('set', 103), paygo('add', 104)];
    expect(sweep(paygoRig, cards, 4, begin)).toBe(4096);
  });
});

describe('Nexus: every order', () => {
  const card = (
    kind: string,
    id: number,
    value = kind === 'unlock' ? 99_999 : kind === 'wipe_flag' ? 3 : 0,
  ) => ({
    kind,
    id,
    value,
    seals: kind !== 'add',
  });

  it('of four around the first window: 0 to 63', () => {
    const cards = [
      card('add', 0, 24),
      card('add', 23, 24),
      card('add', 63, 24),
      card('add', 64, 24),
      card('set', 24, 5),
      card('add', 40, 1),
      card('add', 41, 1),
      card('unlock', 103),
    ];
    expect(sweep(nexusRig, cards, 4)).toBe(4096);
  });

  it('of ADD and SET on one and on neighbouring ids, and of what wipes', () => {
    const cards = [
      card('add', 100, 24),
      card('set', 100, 24),
      card('add', 101, 24),
      card('wipe_credit', 99),
      card('add', 98, 0),
      card('wipe_flag', 77),
      card('add', 76, 1),
      card('add', 78, 1),
    ];
    const begin = [card('add', 63, 1), card('add', 99, 9)];
    expect(sweep(nexusRig, cards, 4, begin)).toBe(4096);
  });
});

describe('HOTP: every order', () => {
  it.each([
    [3, 5, [0, 1, 2, 3, 4, 7, 8, 9]],
    [3, 5, [0, 2, 3, 7, 8, 12, 13, 16]],
    [10, 100, [0, 9, 10, 11, 109, 110, 111, 112]],
    [10, 100, [5, 15, 16, 17, 115, 116, 117, 217]],
    [1, 0, [0, 1, 2, 3, 4, 5, 6, 7]],
    [1, 1, [0, 1, 2, 3, 4, 5, 6, 7]],
  ])('of four, window %i, resync %i: counts %j', (window, resync, counts) => {
    expect(sweep(hotpRig(window, resync), counts, 4)).toBe(4096);
  });

  it('is in step again after two in a row, wherever they are', () => {
    let opened = 0;
    for (let count = 10; count <= 112; count++) {
      sweep(hotpRig(10, 100), [count], 0, [count, count + 1, count + 2], (keyed, { accepted }) => {
        if (keyed.length > 1 && accepted) opened++;
      });
    }
    // Of counts 10 to 109 the first of two is near enough.
    expect(opened).toBe(2 * 100);
  });
});

// -- lives ---------------------------------------------------------------------------------------------------------------

/** When the power is cut: not at all, before anything is persisted, or after `charged`. */
type Cut = 'none' | 'before' | 'charged';

type Step<Drawn> =
  | { readonly do: 'key'; readonly drawn: Drawn; readonly cut: Cut; readonly rests: boolean }
  | { readonly do: 'two'; readonly drawn: Drawn; readonly cut: Cut }
  | { readonly do: 'again'; readonly which: number; readonly cut: Cut }
  | { readonly do: 'stray'; readonly digits: number; readonly cut: Cut }
  | { readonly do: 'malformed'; readonly text: string }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'lose clock' }
  | { readonly do: 'set clock'; readonly seconds: number }
  | { readonly do: 'flash' }
  | { readonly do: 'ask'; readonly which: number };

/** How to draw a card when its turn comes, and what follows it. */
interface Deck<Card, Memory, Drawn> {
  readonly draws: fc.Arbitrary<Drawn>;
  deal(drawn: Drawn, memory: Memory, at: number): Card | undefined;
  next(card: Card): Card | undefined;
  /** What the lock asks. */
  asks?(memory: Memory, challenge: string, until: number): Memory;
}

const CHALLENGES = ['48290137', '11111111', '77777777'];

const cuts: fc.Arbitrary<Cut> = fc.constantFrom('none', 'none', 'none', 'none', 'before', 'charged');

function steps<Drawn>(draws: fc.Arbitrary<Drawn>, asks: boolean): fc.Arbitrary<Step<Drawn>> {
  const is = <Name extends string>(name: Name): fc.Arbitrary<Name> => fc.constant(name);
  const pauses = [1, 29, 30, 31, 60, 90, 299, 300, 301, 719, 720, 3600, 8 * 3600, DAY - 1, DAY, DAY + 1];
  const choice: readonly fc.WeightedArbitrary<Step<Drawn>>[] = [
    { weight: 80, arbitrary: fc.record({ do: is('key'), drawn: draws, cut: cuts, rests: fc.boolean() }) },
    { weight: 40, arbitrary: fc.record({ do: is('two'), drawn: draws, cut: cuts }) },
    { weight: 50, arbitrary: fc.record({ do: is('again'), which: fc.nat(8), cut: cuts }) },
    { weight: 10, arbitrary: fc.record({ do: is('stray'), digits: fc.nat(), cut: cuts }) },
    {
      weight: 5,
      arbitrary: fc.record({ do: is('malformed'), text: fc.constantFrom('', '12', 'abc', '１２３') }),
    },
    {
      weight: 50,
      arbitrary: fc.record({
        do: is('wait'),
        seconds: fc
          .tuple(fc.constantFrom(...pauses, 30 * DAY, 400 * DAY), fc.constantFrom(1, 1, 1, 1, -1))
          .map(([seconds, sign]) => seconds * sign),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: is('lose clock') }) },
    {
      weight: 7,
      arbitrary: fc.record({ do: is('set clock'), seconds: fc.integer({ min: -600, max: 600 }) }),
    },
    { weight: 5, arbitrary: fc.record({ do: is('flash') }) },
    { weight: asks ? 90 : 0, arbitrary: fc.record({ do: is('ask'), which: fc.nat(2) }) },
  ];
  return fc.oneof(...choice);
}

interface Costs {
  readonly lockout: LockoutMemory;
  readonly bucket: BucketMemory;
}

/** A refusal must leave all but this as it was. */
function settledSteps({ steps: kept }: LockState): unknown {
  return { ...kept, awaited: null, asked: null };
}

/** One lock, its model, and a notebook of what it accepted. */
class World<Card, Memory, Drawn> {
  readonly rig: Rig<Card, Memory>;
  readonly deck: Deck<Card, Memory, Drawn>;
  readonly lock: Lock;
  readonly tally: Map<string, number>;
  readonly keyed: Card[] = [];
  /** By name of the code; persisted, at least as `charged`. */
  readonly accepted = new Set<string>();
  state: LockState;
  memory: Memory;
  costs: Costs = { lockout: freshLockout, bucket: freshBucket };
  at: number = START;
  running = true;

  constructor(rig: Rig<Card, Memory>, deck: Deck<Card, Memory, Drawn>, tally: Map<string, number>) {
    this.rig = rig;
    this.deck = deck;
    this.tally = tally;
    this.lock = createLock([rig.token]);
    this.state = initialState(this.lock);
    this.memory = rig.fresh;
  }

  pay(): { readonly isDead: boolean; readonly paid: Costs } {
    const { costs, at } = this;
    const { throttle } = this.rig;
    if (throttle === 'bucket') {
      const { isDead, paid } = payBucket(costs.bucket, at);
      return { isDead, paid: { ...costs, bucket: paid } };
    }
    const { isDead, paid } = payLockout(throttle, costs.lockout, at);
    return { isDead, paid: { ...costs, lockout: paid } };
  }

  /** The lock's time starts anew. */
  restart(at: number | null): void {
    const { lockout, bucket } = this.costs;
    this.costs = {
      lockout: { ...lockout, since: lockout.since === null ? null : at },
      bucket: { ...bucket, at },
    };
  }

  expectCosts({ throttle }: LockState, { lockout, bucket }: Costs): void {
    expect(throttle).toEqual(
      this.rig.throttle === 'bucket'
        ? { by: 'credit', ...bucket, recordsAt: null }
        : { by: 'lockout', ...lockout },
    );
  }

  enter(code: string, card: Card | undefined, cut: Cut): void {
    const { rig, lock, state, at, memory, running } = this;
    const before = JSON.stringify(state);
    const entry = enter(lock, state, code, at);
    expect(JSON.stringify(state), 'the input is as it was').toBe(before);
    const twin = enter(lock, JSON.parse(before), code, at);
    expect(JSON.stringify(twin), 'the same from the same').toBe(JSON.stringify(entry));
    const { verdict, charged } = entry;
    expect({ ...charged, throttle: null }, 'charged is what is persisted').toEqual({
      ...entry.state,
      throttle: null,
    });
    expect(charged.lastAt).toBe(running ? at : state.lastAt);

    const { isDead, paid } = this.pay();
    const judged =
      isDead || (!running && rig.timed)
        ? { reasons: [isDead ? 'locked_out' : 'clock_unset'], memory }
        : card === undefined
          ? rig.stray(memory, at)
          : rig.judge(memory, card, at);
    this.tally.set(verdict.reason, (this.tally.get(verdict.reason) ?? 0) + 1);
    expect(judged.reasons, `${JSON.stringify(card)} at ${at}: ${verdict.reason}`).toContain(verdict.reason);
    this.expectCosts(charged, paid);
    const isFree = verdict.accepted && rig.throttle !== 'bucket';
    const settled = isFree ? { ...paid, lockout: freshLockout } : paid;
    this.expectCosts(entry.state, settled);
    if (verdict.accepted && card !== undefined)
      this.accept(rig.nameOf(memory, card), verdict, entry.state, cut);
    if (!verdict.accepted) {
      expect(settledSteps(charged), 'a refusal changes nothing').toEqual(settledSteps(state));
      const { asked } = charged.steps ?? {};
      if (asked === null && state.steps?.asked) expect(verdict.reason).toBe('not_asked');
      else expect(asked).toEqual(state.steps?.asked);
    }
    if (cut === 'before') {
      this.flash();
      return;
    }
    this.memory = judged.memory;
    this.state = cut === 'none' ? entry.state : entry.charged;
    this.costs = cut === 'none' ? settled : paid;
    if (cut !== 'none') this.flash();
  }

  accept(name: string, { opens, reason }: Verdict, { steps: after }: LockState, cut: Cut): void {
    expect(opens).toBe(reason === 'first_use');
    expect(this.accepted.has(name), `safety: accepted twice: ${name}`).toBe(false);
    if (cut !== 'before') this.accepted.add(name);
    const { steps: before } = this.state;
    if (!before || !after) throw new Error('it keeps step');
    expect(after.asked).toBe(null);
    expect(after.awaited).toEqual([]);
    const moved = after.drift - before.drift;
    if (moved === 0) return;
    this.tally.set('drift learned', (this.tally.get('drift learned') ?? 0) + 1);
    const { most = 0 } = this.lock.rules.drift ?? {};
    expect(Math.abs(after.drift)).toBeLessThanOrEqual(most);
    expect(after.driftAt).toBe(this.at);
    if (before.driftAt === null || before.awaited.includes(after.last)) return;
    expect(Math.abs(moved) * DAY, 'safety: the drift runs').toBeLessThanOrEqual(this.at - before.driftAt);
  }

  key(card: Card | undefined, cut: Cut): void {
    if (card === undefined || this.rig.isShared(card)) return;
    this.keyed.push(card);
    this.enter(this.rig.codeOf(card), card, cut);
  }

  flash(): void {
    const text = saveState(this.lock, this.state);
    this.state = loadState(this.lock, text);
    expect(saveState(this.lock, this.state)).toBe(text);
    expect(JSON.parse(JSON.stringify(this.state))).toEqual(this.state);
  }

  stray(digits: number, cut: Cut): void {
    const { rig } = this;
    const length = rig.token.rules.digits;
    const code = String(digits * 7919)
      .padStart(length, '0')
      .slice(-length);
    if (rig.throttle !== PAYGO_LOCKOUT) {
      this.enter(code, undefined, cut);
      return;
    }
    // Of six digits some are a token's by chance.
    const head = code.slice(0, 6);
    const isToken = paygoChain(30, 900).some((each) => each.slice(0, 6) === head);
    if (!isToken) this.enter(`${head}040`, undefined, cut);
  }

  malformed(text: string): void {
    const { verdict, charged, state } = enter(this.lock, this.state, text, this.at);
    expect(verdict.reason).toBe('malformed');
    expect(charged).toEqual(this.state);
    expect(state).toEqual(this.state);
  }

  ask(challenge: string): void {
    if (!this.deck.asks) return;
    this.state = ask(this.lock, this.state, { challenge }, this.at);
    this.memory = this.deck.asks(this.memory, challenge, this.at + LIFE);
  }

  clock(state: LockState, at: number | null): void {
    this.state = state;
    this.running = at !== null;
    this.memory = this.rig.forget(this.memory);
    this.restart(at);
  }

  do(step: Step<Drawn>): void {
    const { lock, deck } = this;
    // Or a keypad that is dead for hours after each wrong token would see little.
    if (step.do === 'key' && step.rests && !this.rig.timed && !deck.asks) this.at += 10 * 3600;
    if (step.do === 'key' || step.do === 'two') {
      const card = deck.deal(step.drawn, this.memory, this.at);
      this.key(card, step.do === 'two' ? 'none' : step.cut);
      if (step.do === 'two' && card !== undefined) this.key(deck.next(card), step.cut);
    }
    if (step.do === 'again') this.key(this.keyed.at(-1 - step.which), step.cut);
    if (step.do === 'stray') this.stray(step.digits, step.cut);
    if (step.do === 'malformed') this.malformed(step.text);
    if (step.do === 'wait' || step.do === 'set clock') this.at = Math.max(0, this.at + step.seconds);
    if (step.do === 'set clock') this.clock(setClock(lock, this.state, this.at), this.at);
    if (step.do === 'lose clock') this.clock(loseClock(lock, this.state), null);
    if (step.do === 'flash') this.flash();
    if (step.do === 'ask') this.ask(CHALLENGES[step.which] ?? '');
  }
}

/** Lives them, and says how often each reason came. */
function live<Card, Memory, Drawn>(
  rig: Rig<Card, Memory>,
  deck: Deck<Card, Memory, Drawn>,
  runs: number,
): ReadonlyMap<string, number> {
  const tally = new Map<string, number>();
  const lives = fc.array(steps(deck.draws, deck.asks !== undefined), {
    minLength: 1,
    maxLength: 50,
    size: 'max',
  });
  fc.assert(
    fc.property(lives, (life) => {
      const world = new World(rig, deck, tally);
      for (const step of life) world.do(step);
    }),
    { numRuns: deep(runs) },
  );
  return tally;
}

/** Lives that met all of it. */
function expectAll(tally: ReadonlyMap<string, number>, reasons: readonly string[]): void {
  for (const reason of reasons) expect(tally.get(reason) ?? 0, reason).toBeGreaterThan(0);
}

const around = (...borders: readonly number[]): fc.Arbitrary<number> =>
  fc.constantFrom(...borders.flatMap((border) => [border - 1, border, border + 1]));

const hotpDeck = (window: number, resync: number): Deck<number, HotpMemory, number> => ({
  draws: around(-window, 0, 0, 1, 1, 1, window, window + resync),
  deal: (delta, { last }) => (last + delta < 0 ? undefined : last + delta),
  next: (count) => count + 1,
});

interface TotpDrawn {
  readonly by: 'clock' | 'drift';
  readonly delta: number;
}

const totpDraws = (window: number, drift: number): fc.Arbitrary<TotpDrawn> =>
  fc.record({
    by: fc.constantFrom('clock', 'drift', 'drift'),
    delta: around(0, 0, 0, window, -window, drift, -drift),
  });

const periodOf = ({ by, delta }: TotpDrawn, { drift }: TotpMemory, now: number): number | undefined => {
  const period = now + delta + (by === 'drift' ? drift : 0);
  return period < 0 ? undefined : period;
};

const answers = fc.record({
  which: fc.constantFrom(0, 0, 0, 0, 0, 1, 2),
  delta: around(0, 1, 1, 1, 3, 4, 7, 8),
  late: fc.constantFrom(0, 0, 0, 0, 1, -1, 2, -2),
});

/** The challenge that was asked, or another. */
const challengeOf = ({ question }: Asking<unknown>, which: number): string =>
  (which === 0 ? question?.challenge : undefined) ?? CHALLENGES[which] ?? '';

const asks = <Inner>({ inner, times }: Asking<Inner>, challenge: string, until: number): Asking<Inner> => ({
  inner,
  question: { challenge, until },
  times: times + 1,
});

const countDeck: Deck<Answer, Asking<HotpMemory>, { which: number; delta: number; late: number }> = {
  draws: answers,
  deal: ({ which, delta, late }, memory, at) => {
    const n = memory.inner.last + delta;
    const timeStep = Math.floor(at / 60) + late;
    return n < 0 || timeStep < 0 ? undefined : { n, challenge: challengeOf(memory, which), timeStep };
  },
  next: (card) => ({ ...card, n: card.n + 1 }),
  asks,
};

describe('lives', () => {
  it('OpenPAYGO', () => {
    const kinds: readonly PaygoKind[] = ['add', 'add', 'add', 'set', 'disable', 'sync'];
    const draws = fc.record({
      kind: fc.constantFrom(...kinds),
      by: fc.constantFrom<('last' | 'highest')[]>('last', 'last', 'highest'),
      delta: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: -17, max: 5 }) },
        { weight: 3, arbitrary: around(-16, -16, -63, 64, 100) },
      ),
      value: fc.constantFrom(30, 30, 7),
    });
    const tally = live(
      paygoRig,
      {
        draws,
        deal: ({ kind, by, delta, value }, memory) => {
          const near = memory[by] + delta;
          const count = near % 2 === (kind === 'add' ? 0 : 1) ? near : near + 1;
          return count < 1 || count > 700 ? undefined : paygo(kind, count, value);
        },
        next: ({ kind, count, value }) => paygo(kind, count + 2, value),
      },
      150,
    );
    expectAll(tally, [
      'credited',
      'synced',
      'already_used',
      'superseded',
      'expired',
      'not_yet_valid',
      'unknown',
      'locked_out',
    ]);
  });

  it('Nexus', () => {
    const draws = fc.record({
      kind: fc.constantFrom('add', 'add', 'add', 'set', 'unlock', 'wipe_credit'),
      delta: around(-23, 0, 0, 1, 1, 40, -10, 5),
      value: fc.nat(99_998),
    });
    const tally = live(
      nexusRig,
      {
        draws,
        deal: ({ kind, delta, value }, { pd }) => {
          const only: Readonly<Record<string, number>> = { unlock: 99_999, wipe_credit: 0 };
          return { kind, id: Math.max(0, pd + delta), value: only[kind] ?? value, seals: kind !== 'add' };
        },
        next: (card) => ({ ...card, id: card.id + 1 }),
      },
      150,
    );
    expectAll(tally, ['credited', 'already_used', 'superseded', 'expired', 'unknown', 'locked_out']);
  });

  it.each([
    [10, 100],
    [3, 2],
    [1, 0],
  ])('HOTP, window %i, resync %i', (window, resync) => {
    const tally = live(hotpRig(window, resync), hotpDeck(window, resync), 100);
    const common = ['first_use', 'already_used', 'superseded', 'unknown', 'locked_out'];
    expectAll(tally, resync > 0 ? [...common, 'out_of_step', 'not_yet_valid'] : common);
  });

  it.each([
    [1, 10],
    [0, 3],
    [3, 2],
    [2, 0],
  ])('TOTP, window %i, drift %i', (window, drift) => {
    const tally = live(
      totpRig(window, drift),
      {
        draws: totpDraws(window, drift),
        deal: (drawn, memory, at) => periodOf(drawn, memory, Math.floor(at / PERIOD)),
        next: (period) => period + 1,
      },
      150,
    );
    const common = ['first_use', 'already_used', 'superseded', 'expired', 'not_yet_valid', 'locked_out'];
    expectAll(tally, [...common, 'clock_unset']);
    if (drift > window) expectAll(tally, ['out_of_step', 'drift learned']);
  });

  it('OCRA with a counter', () => {
    const tally = live(ocraCounts, countDeck, 200);
    expectAll(tally, ['first_use', 'not_asked', 'unknown', 'already_used', 'out_of_step', 'locked_out']);
  });

  it('OCRA with counter and time', () => {
    const tally = live(ocraBoth, countDeck, 200);
    expectAll(tally, ['first_use', 'not_asked', 'unknown', 'already_used', 'out_of_step', 'clock_unset']);
  });

  it('OCRA with the time', () => {
    const draws = fc.record({ which: fc.constantFrom(0, 0, 0, 0, 1, 2), drawn: totpDraws(1, 4) });
    const tally = live(
      ocraTimes,
      {
        draws,
        deal: ({ which, drawn }, memory, at) => {
          const n = periodOf(drawn, memory.inner, Math.floor(at / 60));
          return n === undefined ? undefined : { n, challenge: challengeOf(memory, which) };
        },
        next: (card) => ({ ...card, n: card.n + 1 }),
        asks,
      },
      200,
    );
    expectAll(tally, ['first_use', 'not_asked', 'unknown', 'out_of_step', 'drift learned', 'clock_unset']);
  });

  it('OCRA with a challenge and nothing else', () => {
    const tally = live(
      ocraPlain,
      {
        draws: fc.constantFrom(0, 0, 0, 1, 2),
        deal: (which, memory) => ({ n: 0, challenge: challengeOf(memory, which) }),
        next: (card) => card,
        asks,
      },
      100,
    );
    expectAll(tally, ['first_use', 'not_asked', 'unknown', 'locked_out']);
  });
});
