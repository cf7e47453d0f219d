import fc from 'fast-check';
import { createToken, type DeviceToken, mint, read, type WindowGrant } from 'pintumbler';
import {
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
import { igloohome, pintumbler, type Vendor } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { at, codeOf, deep, type Ending, ending } from './support/helpers.ts';

/*
 * DESIGN §6 against random lives of a lock: guests early, late and in time, replays, other doors' codes, vandals, clocks
 * that go forward and backward or are lost, power cuts at each moment, a flash in between.
 *
 * Twice: `Model` says of every entry what the verdict must be, and `History` says, from nothing but what was keyed in
 * and answered, what must never be accepted (safety) and who must never be refused (liveness). Neither knows how the
 * lock keeps its records. What digits mean is asked of `read`.
 */

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;
const ROOT = new Uint8Array(32).fill(11);

/** The rules as DESIGN §6 and the vendor's page give them. */
interface Rules {
  readonly vendor: Vendor;
  /** Seconds east of UTC, all year; hours begin at `gridOffset` minutes past the UTC hour. */
  readonly offset: number;
  readonly gridOffset: number;
  readonly s: number;
  readonly memory: number;
  /** Seconds after the start; a stay's and a day's are days. */
  readonly firstUse: Readonly<Record<string, number>>;
  readonly stays: readonly string[];
  readonly throttle: 'credit' | 'lockout';
}

const OURS: Rules = {
  vendor: pintumbler,
  offset: 20700, // Nepal
  gridOffset: 15,
  s: 600,
  memory: 48,
  firstUse: { hourly: 8 * HOUR, daily: DAY, stay: 2 * DAY, stay_2: 2 * DAY },
  stays: ['stay', 'stay_2'],
  throttle: 'credit',
};

const IGLOO: Rules = {
  vendor: igloohome,
  offset: 0,
  gridOffset: 0,
  s: 0,
  memory: 199,
  firstUse: { hourly: DAY, daily: DAY },
  stays: [],
  throttle: 'lockout',
};

/** A code as its owner knows it. */
interface Card extends Ending<WindowGrant> {
  readonly epoch: number;
}

const sameCard = (a: Card, b: Card): boolean =>
  a.epoch === b.epoch &&
  a.kind === b.kind &&
  a.variance === b.variance &&
  a.startsAt === b.startsAt &&
  a.endsAt === b.endsAt;

/** The local day on which a stay begins, or null for what supersedes nothing. */
const stayDay = (rules: Rules, card: Card): number | null =>
  rules.stays.includes(card.kind) ? Math.floor((card.startsAt + rules.offset) / DAY) : null;

const deadlineOf = (rules: Rules, { kind, startsAt, endsAt }: Card): number =>
  Math.min(endsAt, startsAt + (rules.firstUse[kind] ?? Number.POSITIVE_INFINITY));

const needsRecord = (rules: Rules, card: Card): boolean =>
  card.kind === 'one_time' || deadlineOf(rules, card) < card.endsAt;

const isOpening = (card: Card): boolean => card.kind !== 'clear' && card.kind !== 'set_clock';

// -- the world: tokens and lock by vendor ----------------------------------------------------------------------------

const tokens = new Map<string, DeviceToken>();

function tokenOf(rules: Rules, epoch: number, deviceId = 'door'): DeviceToken {
  const name = `${rules.vendor.id} ${epoch} ${deviceId}`;
  const known = tokens.get(name);
  if (known) return known;
  const token = createToken({
    vendor: rules.vendor,
    deviceId,
    root: ROOT,
    epoch,
    timeZone: 'Asia/Kathmandu',
    gridOffset: rules.gridOffset,
    offsets: [
      [at('2020-01-01T00:00Z'), rules.offset],
      [at('2040-01-01T00:00Z'), rules.offset],
    ],
  });
  tokens.set(name, token);
  return token;
}

function codeOfCard(rules: Rules, { epoch, ...grant }: Card, deviceId?: string): string {
  return mint(tokenOf(rules, epoch, deviceId), grant);
}

// -- the model -------------------------------------------------------------------------------------------------------

const RANKS = [
  'revoked',
  'superseded',
  'already_used',
  'first_use_missed',
  'expired',
  'not_yet_valid',
  'unknown',
];

interface Seen {
  readonly code: string;
  readonly card: Card;
}

/** What the lock must remember, in the words of DESIGN §6. Values: an entry makes a new one. */
interface Memory {
  readonly epoch: number;
  readonly running: boolean;
  readonly stored: number | null;
  readonly cleared: number;
  readonly staysFrom: number;
  readonly forgottenUntil: number;
  readonly seen: readonly Seen[];
  /** Credit of ours, or wrong codes in a row of theirs. */
  readonly count: number;
  /** Since when credit has been counted, or the keypad has been dead. */
  readonly since: number | null;
  /** The last entry compared with records only. */
  readonly minute: number | null;
}

interface Judgement {
  readonly reason: string;
  readonly card: Card | null;
  readonly charged: Memory;
  readonly settled: Memory;
}

class Model {
  readonly rules: Rules;

  constructor(rules: Rules) {
    this.rules = rules;
  }

  begin(now: number): Memory {
    return {
      epoch: 0,
      running: true,
      stored: now,
      cleared: 0,
      staysFrom: 0,
      forgottenUntil: 0,
      seen: [],
      count: this.rules.throttle === 'credit' ? 12 : 0,
      since: null,
      minute: null,
    };
  }

  /** A clock that is lost or set: what has passed until then is not known. */
  restart(memory: Memory, running: boolean, now: number | null): Memory {
    const since = this.rules.throttle === 'lockout' && memory.since === null ? null : now;
    return { ...memory, running, since, minute: null, stored: now ?? memory.stored };
  }

  /** What an entry is compared with, and the memory in which it is paid for. */
  pay(memory: Memory, now: number): { to: 'all' | 'records' | 'nothing'; paid: Memory } {
    const { count, minute } = memory;
    const since = memory.since === null || now < memory.since ? now : memory.since;
    if (this.rules.throttle === 'lockout') {
      if (count >= 5 && now - since < 300) return { to: 'nothing', paid: { ...memory, since } };
      const wrong = count >= 5 ? 1 : count + 1;
      return { to: 'all', paid: { ...memory, count: wrong, since: wrong === 5 ? now : null } };
    }
    const back = Math.floor((now - since) / 7200);
    const credit = Math.min(12, count + back);
    const counted = { ...memory, count: credit, since: credit === 12 ? now : since + back * 7200 };
    if (credit > 0) return { to: 'all', paid: { ...counted, count: credit - 1 } };
    if (minute === null || now - minute >= MINUTE)
      return { to: 'records', paid: { ...counted, minute: now } };
    return { to: 'nothing', paid: now < minute ? { ...counted, minute: now } : counted };
  }

  settle(to: string, charged: Memory): Memory {
    if (this.rules.throttle === 'lockout') return { ...charged, count: 0, since: null };
    return to === 'all' ? { ...charged, count: Math.min(12, charged.count + 1) } : charged;
  }

  meanings(memory: Memory, code: string, now: number): readonly Card[] {
    return [memory.epoch + 1, memory.epoch].flatMap((epoch) =>
      read(tokenOf(this.rules, epoch), code, now).map((grant) => ({ ...ending(grant), epoch })),
    );
  }

  /** Why a card is refused, or undefined. */
  refusal(memory: Memory, card: Card, isSeen: boolean, now: number): string | undefined {
    const { s } = this.rules;
    const day = stayDay(this.rules, card);
    if (card.startsAt < memory.cleared) return 'revoked';
    if (day !== null && day < memory.staysFrom) return 'superseded';
    if (isSeen && card.kind === 'one_time') return 'already_used';
    if (card.kind === 'clear' && card.startsAt === memory.cleared && card.epoch === memory.epoch)
      return 'already_used';
    if (card.kind === 'set_clock') {
      // A running clock is never set.
      if (now < card.endsAt - s) return 'not_yet_valid';
      return now < card.endsAt + s ? 'already_used' : 'expired';
    }
    if (now < card.startsAt - s) return 'not_yet_valid';
    if (now >= card.endsAt + s) return 'expired';
    if (isSeen) return undefined;
    if (card.endsAt <= memory.forgottenUntil) return 'expired';
    return now >= deadlineOf(this.rules, card) + s ? 'first_use_missed' : undefined;
  }

  withoutDead(memory: Memory): Memory {
    const seen = memory.seen.filter(({ card }) => {
      const day = stayDay(this.rules, card);
      return (
        card.startsAt >= memory.cleared &&
        card.epoch >= memory.epoch &&
        (day === null || day >= memory.staysFrom)
      );
    });
    return { ...memory, seen };
  }

  /** The memory after a card is accepted for the first time; undefined where it needs a record and has no room. */
  remember(memory: Memory, code: string, card: Card, now: number): Memory | undefined {
    const { rules } = this;
    if (card.kind === 'clear') {
      const epoch = Math.max(memory.epoch, card.epoch);
      return this.withoutDead({ ...memory, cleared: card.startsAt, epoch });
    }
    const day = stayDay(rules, card);
    const next =
      day === null ? memory : this.withoutDead({ ...memory, staysFrom: Math.max(memory.staysFrom, day) });
    const added = { code, card };
    if (next.seen.length < rules.memory) return { ...next, seen: [...next.seen, added] };
    const over = next.seen.filter((each) => now >= each.card.endsAt + rules.s);
    const end = Math.min(...over.map((each) => each.card.endsAt));
    const goes = over.find((each) => each.card.endsAt === end);
    if (!goes) return needsRecord(rules, card) ? undefined : next;
    return {
      ...next,
      seen: [...next.seen.filter((each) => each !== goes), added],
      forgottenUntil: Math.max(next.forgottenUntil, end),
    };
  }

  judge(memory: Memory, code: string, now: number): Judgement {
    if (!/^[0-9]{9}$/.test(code))
      return { reason: 'malformed', card: null, charged: memory, settled: memory };
    const { to, paid } = this.pay({ ...memory, stored: memory.running ? now : memory.stored }, now);
    const refuse = (reason: string, card: Card | null = null): Judgement => ({
      reason,
      card,
      charged: paid,
      settled: paid,
    });
    if (to === 'nothing' || (to === 'records' && !memory.running)) return refuse('locked_out');
    const accept = (reason: string, card: Card, charged: Memory): Judgement => ({
      reason,
      card,
      charged,
      settled: this.settle(to, charged),
    });
    if (!memory.running) return this.judgeUnset(memory, code, paid, accept, refuse);

    const seen = memory.seen.filter((each) => each.code === code).map(({ card }) => card);
    const fresh =
      to === 'records'
        ? []
        : this.meanings(memory, code, now).filter((card) => !seen.some((each) => sameCard(each, card)));
    const found = [...seen, ...fresh].map((card, index) => {
      const isSeen = index < seen.length;
      return { card, isSeen, refusal: this.refusal(memory, card, isSeen, now) };
    });
    const open = found.find((each) => each.refusal === undefined);
    if (open?.isSeen) return accept('used_before', open.card, paid);
    if (open) {
      const next = this.remember(paid, code, open.card, now);
      if (!next) return refuse('memory_full', open.card);
      return accept(open.card.kind === 'clear' ? 'cleared' : 'first_use', open.card, next);
    }
    if (to === 'records') return refuse('locked_out');
    const reason = RANKS.find((rank) => found.some((each) => each.refusal === rank)) ?? 'unknown';
    return refuse(reason, found.find((each) => each.refusal === reason)?.card ?? null);
  }

  judgeUnset(
    memory: Memory,
    code: string,
    paid: Memory,
    accept: (reason: string, card: Card, charged: Memory) => Judgement,
    refuse: (reason: string) => Judgement,
  ): Judgement {
    const { stored } = memory;
    if (stored === null) return refuse('clock_unset');
    for (const card of this.meanings(memory, code, stored + 200 * DAY)) {
      const isWithin = card.endsAt >= stored && card.endsAt <= stored + 400 * DAY;
      if (card.kind !== 'set_clock' || !isWithin || card.startsAt < memory.cleared) continue;
      return accept('clock_set', card, this.restart(paid, true, card.endsAt));
    }
    return refuse('clock_unset');
  }
}

// -- the history -----------------------------------------------------------------------------------------------------

interface Acceptance {
  readonly card: Card;
  /** Index of the entry. */
  readonly turn: number;
}

/** What an outsider with a notebook can say about a lock: every entry, and whether its answer reached the flash. */
class History {
  readonly rules: Rules;
  /** Accepted entries of which at least `charged` was persisted. */
  readonly kept: Acceptance[] = [];
  turn = 0;
  /** The last entry that was not malformed, by the lock's clock; null after the clock was lost or set. */
  lastEntry: number | null = null;
  /** The last turn before which the clock had gone backward, been lost or set. */
  clockBroke = 0;
  running = true;
  /** The last stored time. */
  stored: number;

  constructor(rules: Rules, now: number) {
    this.rules = rules;
    this.stored = now;
  }

  wentBack(now: number): boolean {
    return this.running && now < this.stored;
  }

  checkAccepted({ opens, accepted }: Verdict, card: Card, now: number): void {
    expect(accepted).toBe(true);
    expect(opens).toBe(isOpening(card));
    const { rules, kept } = this;
    const before = kept.filter((each) => sameCard(each.card, card));
    const clears = kept.map((each) => each.card).filter((each) => each.kind === 'clear');
    expect(
      clears.some((clear) => clear.startsAt > card.startsAt),
      'safety: it began before a clear',
    ).toBe(false);
    expect(
      clears.some((clear) => clear.epoch > card.epoch),
      'safety: its epoch is retired',
    ).toBe(false);
    if (card.kind === 'set_clock') {
      expect(this.running, 'safety: a running clock is set').toBe(false);
      expect(card.endsAt, 'safety: the clock is set back').toBeGreaterThanOrEqual(this.stored);
      expect(card.endsAt, 'safety: the clock is set too far').toBeLessThanOrEqual(this.stored + 400 * DAY);
      return;
    }
    expect(this.running, 'safety: something else is accepted while the clock is unset').toBe(true);
    expect(now, 'safety: too early').toBeGreaterThanOrEqual(card.startsAt - rules.s);
    expect(now, 'safety: expired').toBeLessThan(card.endsAt + rules.s);
    if (card.kind === 'clear' || card.kind === 'one_time')
      expect(before, 'safety: a code for one use is replayed').toEqual([]);
    if (before.length === 0)
      expect(now, 'safety: first used too late').toBeLessThan(deadlineOf(rules, card) + rules.s);
    const day = stayDay(rules, card);
    if (day === null) return;
    const later = kept.some((each) => (stayDay(rules, each.card) ?? -1) > day);
    expect(later, 'safety: a later stay has superseded it').toBe(false);
  }

  /** Why a guest who has been let in before may be refused now; undefined where nothing excuses it. */
  excuse(card: Card, first: Acceptance, now: number, verdict: Verdict): string | undefined {
    const { rules, kept } = this;
    if (!this.running) return 'clock unset';
    if (now < card.startsAt - rules.s || now >= card.endsAt + rules.s) return 'not its time';
    if (card.kind === 'one_time') return 'consumed';
    const clears = kept.map((each) => each.card).filter((each) => each.kind === 'clear');
    if (clears.some((clear) => clear.startsAt > card.startsAt)) return 'cleared';
    if (clears.some((clear) => clear.epoch > card.epoch)) return 'epoch retired';
    const day = stayDay(rules, card);
    if (day !== null && kept.some((each) => (stayDay(rules, each.card) ?? -1) > day)) return 'superseded';
    const distinct = new Set(kept.map((each) => JSON.stringify(each.card))).size;
    const wasFull = distinct > rules.memory;
    if (wasFull && (this.clockBroke > first.turn || this.wentBack(now)))
      return 'forgotten: the memory was full and the clock went backward';
    if (verdict.reason !== 'locked_out') return undefined;
    // Let in without a record because the memory was full: as without a record, it waits for credit.
    if (wasFull && !needsRecord(rules, card)) return 'locked out, and let in without a record';
    const pause = rules.throttle === 'credit' ? MINUTE : 300;
    const { lastEntry } = this;
    if (lastEntry === null || now < lastEntry || now - lastEntry < pause) return 'locked out';
    return undefined;
  }

  checkRefused(verdict: Verdict, card: Card, now: number): string | undefined {
    const first = this.kept.find((each) => sameCard(each.card, card));
    if (!first || !isOpening(card)) return undefined;
    const excuse = this.excuse(card, first, now, verdict);
    expect(excuse, `liveness: a guest with a live code is refused as ${verdict.reason}`).toBeDefined();
    return excuse;
  }

  note(card: Card | null, verdict: Verdict, now: number, isKept: boolean): void {
    this.turn++;
    if (!isKept || verdict.reason === 'malformed') return;
    if (this.wentBack(now)) this.clockBroke = this.turn;
    if (this.running) this.stored = now;
    this.lastEntry = now;
    if (!verdict.accepted || !card) return;
    this.kept.push({ card, turn: this.turn });
    if (card.kind === 'set_clock') this.clockIsSet(card.endsAt);
  }

  clockIsSet(to: number): void {
    this.running = true;
    this.stored = to;
    this.clockBroke = this.turn;
    this.lastEntry = null;
  }

  clockIsLost(): void {
    this.running = false;
    this.clockBroke = this.turn;
    this.lastEntry = null;
  }
}

// -- lives -----------------------------------------------------------------------------------------------------------

/** When the power is cut: not at all, before anything is persisted, after `charged`, and whether the clock survives. */
type Cut = 'none' | 'before' | 'charged' | 'charged, clock lost';

type When =
  | { readonly by: 'now' }
  | { readonly by: 'opens' | 'deadline' | 'shuts'; readonly plus: number }
  | { readonly by: 'within'; readonly part: number };

type Step =
  | { readonly do: 'key'; readonly card: number; readonly when: When; readonly cut: Cut }
  | { readonly do: 'other door'; readonly card: number; readonly when: When }
  | { readonly do: 'vandal'; readonly digits: readonly number[] }
  | { readonly do: 'malformed'; readonly text: string }
  | { readonly do: 'crowd'; readonly count: number; readonly epoch: number }
  | { readonly do: 'crowd, later another, back again'; readonly days: number }
  | { readonly do: 'set clock by code'; readonly quarters: number; readonly epoch: number }
  | { readonly do: 'move'; readonly seconds: number }
  | { readonly do: 'lose clock'; readonly shows: number }
  | { readonly do: 'tool sets clock'; readonly seconds: number }
  | { readonly do: 'flash' };

/** A card as drawn: relative to the first day. */
interface Drawn {
  readonly epoch: number;
  readonly kind: string;
  readonly hour: number;
  readonly day: number;
  readonly length: number;
  readonly variance: number;
}

interface Life {
  /** Whether the clock only ever goes forward. */
  readonly isForward: boolean;
  readonly cards: readonly Drawn[];
  readonly steps: readonly Step[];
}

const FIRST_DAY = at('2026-03-02T00:00Z');

function cardOf(rules: Rules, drawn: Drawn): Card {
  const { epoch, kind, hour, day, length, variance } = drawn;
  const slot = FIRST_DAY + rules.gridOffset * MINUTE + hour * HOUR;
  const local = (days: number, time: number): number => FIRST_DAY - rules.offset + days * DAY + time * HOUR;
  const card = (startsAt: number, endsAt: number, most = 1): Card => ({
    epoch,
    kind,
    variance: variance % most,
    startsAt,
    endsAt,
  });
  if (rules === IGLOO) {
    if (kind === 'hourly') return card(slot, slot + (1 + ((length * 13) % 672)) * HOUR, 3);
    if (kind === 'daily') return card(slot, slot + (29 + length) * DAY, 3);
    return { ...card(slot, slot + DAY, 5), kind: 'one_time' };
  }
  switch (kind) {
    case 'hourly':
      return card(slot, slot + (1 + (length % 24)) * HOUR);
    case 'daily':
      return card(local(day, 0), local(day + 1 + (length % 28), 0));
    case 'stay':
      return card(local(day, 15), local(day + 1 + (length % 28), 11));
    case 'stay_2':
      return card(local(day, 16), local(day + 1 + (length % 28), 10));
    case 'one_time':
      return card(slot, slot + DAY, 2);
    case 'clear':
      return card(slot, slot + 12 * HOUR);
    default:
      return card(slot + (day > 3 ? 399 * DAY : 0), slot + (day > 3 ? 399 * DAY : 0) + (length % 4) * 900);
  }
}

const drawnCards = (kinds: readonly string[]): fc.Arbitrary<Drawn> =>
  fc.record({
    epoch: fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 3),
    kind: fc.constantFrom(...kinds),
    hour: fc.oneof(fc.integer({ min: -3, max: 12 }), fc.integer({ min: -12, max: 60 })),
    day: fc.integer({ min: -1, max: 4 }),
    length: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 27 })),
    variance: fc.integer({ min: 0, max: 4 }),
  });

const now: fc.Arbitrary<When> = fc.constant({ by: 'now' });
const moments: fc.Arbitrary<When> = fc.oneof(
  { weight: 3, arbitrary: now },
  {
    weight: 1,
    arbitrary: fc.record({
      by: fc.constantFrom('opens' as const, 'deadline' as const, 'shuts' as const),
      plus: fc.constantFrom(-1, 0, 1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      by: fc.constant('within' as const),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
);

const cuts = fc.constantFrom<Cut>(
  'none',
  'none',
  'none',
  'none',
  'none',
  'before',
  'charged',
  'charged, clock lost',
);
const pauses = [1, 30, 59, 60, 61, 299, 300, 301, 600, HOUR, 7199, 7200, 7201, 8 * HOUR];
const spans = [DAY, 2 * DAY, 3 * DAY, 9 * DAY, 30 * DAY];
const signed = (seconds: readonly number[]): fc.Arbitrary<number> =>
  fc.tuple(fc.constantFrom(...seconds), fc.constantFrom(1, 1, -1)).map(([span, sign]) => span * sign);

const STEPS = {
  key: fc.record({ do: fc.constant('key' as const), card: fc.nat(30), when: moments, cut: cuts }),
  again: fc.record({ do: fc.constant('key' as const), card: fc.nat(30), when: now, cut: cuts }),
  otherDoor: fc.record({ do: fc.constant('other door' as const), card: fc.nat(30), when: moments }),
  vandal: fc.record({
    do: fc.constant('vandal' as const),
    digits: fc.array(fc.nat(999_999_999), { minLength: 1, maxLength: 14, size: 'max' }),
  }),
  malformed: fc.record({
    do: fc.constant('malformed' as const),
    text: fc.oneof(
      fc.string().filter((text) => !/^[0-9]{9}$/.test(text)),
      fc.constantFrom('', '12345678', '1234567890', '１２３４５６７８９', '12345678 '),
    ),
  }),
  crowd: fc.record({
    do: fc.constant('crowd' as const),
    count: fc.constantFrom(5, 27, 54),
    epoch: fc.nat(1),
  }),
  crowds: fc.record({
    do: fc.constant('crowd, later another, back again' as const),
    days: fc.constantFrom(1, 2, 9, 30),
  }),
  setByCode: fc.record({
    do: fc.constant('set clock by code' as const),
    quarters: fc.oneof(
      fc.integer({ min: -2, max: 8 }),
      fc.constantFrom(400 * 96 - 1, 400 * 96, 400 * 96 + 1),
    ),
    epoch: fc.constantFrom(0, 0, 1, 2),
  }),
  pause: fc.record({ do: fc.constant('move' as const), seconds: signed(pauses) }),
  span: fc.record({ do: fc.constant('move' as const), seconds: signed(spans) }),
  lose: fc.record({
    do: fc.constant('lose clock' as const),
    shows: fc.constantFrom(0, 1000, FIRST_DAY, FIRST_DAY + 900 * DAY),
  }),
  tool: fc.record({
    do: fc.constant('tool sets clock' as const),
    seconds: fc.integer({ min: -2 * DAY, max: 5 * DAY }),
  }),
  flash: fc.constant<Step>({ do: 'flash' }),
} as const;

/** What a life is mostly about: its kinds, and how often each step comes. */
interface Theme {
  readonly kinds: readonly string[];
  readonly weights: Partial<Record<keyof typeof STEPS, number>>;
}

const EVERYDAY = { key: 8, again: 5, otherDoor: 0.5, malformed: 0.5, pause: 3, flash: 0.5 };
const OPENING = ['hourly', 'daily', 'stay', 'stay_2', 'one_time'];

const THEMES: Readonly<Record<string, Theme>> = {
  anything: {
    kinds: [...OPENING, 'clear', 'set_clock'],
    weights: { ...EVERYDAY, vandal: 1, crowd: 1, span: 1, lose: 0.3, setByCode: 1, tool: 0.5 },
  },
  guests: { kinds: ['stay', 'stay', 'stay_2', 'one_time', 'clear'], weights: { ...EVERYDAY, span: 0.3 } },
  vandals: {
    kinds: [...OPENING, 'clear'],
    weights: { ...EVERYDAY, again: 14, vandal: 4, pause: 10, tool: 0.2 },
  },
  crowds: { kinds: OPENING, weights: { ...EVERYDAY, crowd: 2, crowds: 3, span: 2, vandal: 0.3 } },
  clocks: {
    kinds: ['hourly', 'daily', 'one_time', 'clear', 'set_clock', 'set_clock'],
    weights: { ...EVERYDAY, lose: 2, setByCode: 6, tool: 0.5, vandal: 0.5, span: 0.5 },
  },
};

const lifeOf = ({ kinds, weights }: Theme): fc.Arbitrary<Life> => {
  const names = Object.keys(STEPS) as (keyof typeof STEPS)[];
  const step = fc.oneof(
    ...names.map((name) => ({
      weight: Math.round(10 * (weights[name] ?? 0)),
      arbitrary: STEPS[name] as fc.Arbitrary<Step>,
    })),
  );
  return fc.record({
    isForward: fc.boolean(),
    cards: fc.array(drawnCards(kinds), { minLength: 2, maxLength: 7, size: 'max' }),
    steps: fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
  });
};

const lives: fc.Arbitrary<Life> = fc.oneof(...Object.values(THEMES).map(lifeOf));

const creditOf = ({ throttle }: LockState): number =>
  throttle.by === 'credit' ? throttle.credit : Number.NaN;

/** One lock, its model and its history, living through a life. */
class World {
  readonly rules: Rules;
  readonly lock: Lock;
  readonly model: Model;
  readonly history: History;
  readonly cards: readonly Card[];
  readonly codes: readonly string[];
  readonly isForward: boolean;
  /** How often each reason and each excuse came up. */
  readonly tally: Map<string, number>;
  state: LockState;
  memory: Memory;
  /** What the lock's clock shows. */
  now: number = FIRST_DAY;

  constructor(rules: Rules, life: Life, tally = new Map<string, number>()) {
    this.rules = rules;
    this.lock = createLock([tokenOf(rules, 0)]);
    this.model = new Model(rules);
    this.history = new History(rules, this.now);
    this.cards = life.cards.map((drawn) => cardOf(rules, drawn));
    this.codes = this.cards.map((each) => codeOfCard(rules, each));
    this.isForward = life.isForward;
    this.tally = tally;
    this.state = initialState(this.lock, this.now);
    this.memory = this.model.begin(this.now);
  }

  count(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }

  moveTo(instant: number): void {
    this.now = Math.max(this.isForward && this.memory.running ? this.now : 0, instant);
  }

  moveBy(when: When, card: Card): void {
    const { s } = this.rules;
    if (when.by === 'opens') this.moveTo(card.startsAt - s + when.plus);
    if (when.by === 'deadline') this.moveTo(deadlineOf(this.rules, card) + s + when.plus);
    if (when.by === 'shuts') this.moveTo(card.endsAt + s + when.plus);
    if (when.by === 'within')
      this.moveTo(card.startsAt + Math.floor((deadlineOf(this.rules, card) - card.startsAt) * when.part));
  }

  key(code: string, cut: Cut = 'none'): boolean {
    const { lock, state, now } = this;
    // Dear with a full memory: not every time.
    const text =
      this.history.turn % (state.records.length > 20 ? 25 : 3) === 0 ? JSON.stringify(state) : undefined;
    const entry = enter(lock, state, code, now);
    if (text !== undefined) {
      expect(JSON.stringify(state), 'the input is as it was').toBe(text);
      expect(JSON.stringify(enter(lock, JSON.parse(text), code, now)), 'the same from the same').toBe(
        JSON.stringify(entry),
      );
      expect(JSON.stringify({ ...entry.charged, throttle: 0 }), 'they differ in the throttle only').toBe(
        JSON.stringify({ ...entry.state, throttle: 0 }),
      );
    }
    for (const { throttle } of [entry.charged, entry.state]) {
      const [count, most] = throttle.by === 'credit' ? [throttle.credit, 12] : [throttle.wrong, 5];
      expect(count >= 0 && count <= most).toBe(true);
    }

    const judgement = this.model.judge(this.memory, code, now);
    const { verdict } = entry;
    this.checkVerdict(verdict, judgement);
    this.count(verdict.reason);
    if (verdict.accepted && creditOf(state) === 0 && creditOf(entry.state) === 0)
      this.count('let in without credit');
    if (verdict.accepted && judgement.card) this.history.checkAccepted(verdict, judgement.card, now);
    if (!verdict.accepted) {
      for (const each of this.cards.filter((_, index) => this.codes[index] === code)) {
        const excuse = this.history.checkRefused(verdict, each, now);
        if (excuse !== undefined) this.count(`excuse: ${excuse}`);
      }
    }
    if (judgement.reason === 'malformed') {
      expect(entry.charged).toEqual(state);
      expect(entry.state).toEqual(state);
    }

    this.history.note(judgement.card, verdict, now, cut !== 'before');
    if (cut === 'none') [this.state, this.memory] = [entry.state, judgement.settled];
    else if (cut !== 'before') [this.state, this.memory] = [entry.charged, judgement.charged];
    if (cut !== 'before' && verdict.accepted && verdict.reason === 'clock_set')
      this.now = verdict.setClock ?? Number.NaN;
    if (cut !== 'none') this.flash();
    if (cut === 'charged, clock lost') this.lose(0);
    return verdict.accepted;
  }

  /** A code of another door: should its digits be accepted here, then because they are a code of this door too. */
  keyOther(code: string): void {
    const own = this.model.judge(this.memory, code, this.now).card;
    if (this.key(code)) expect(own, 'safety: a code of another door is accepted').not.toBeNull();
    else this.count('another door’s code refused');
  }

  checkVerdict(verdict: Verdict, { reason, card }: Judgement): void {
    if (reason === 'clock_unset') {
      // A set_clock code that is out of reach is refused with the reason why.
      expect(['clock_unset', 'expired', 'not_yet_valid', 'revoked', 'unknown']).toContain(verdict.reason);
      expect(verdict.accepted).toBe(false);
      return;
    }
    expect(verdict.reason).toBe(reason);
    const { epoch: _, ...grant } = card ?? { epoch: 0 };
    expect(verdict.grant).toEqual(card && grant);
  }

  /** Through the flash, twice: as saved text and as plain JSON. */
  flash(): void {
    const text = saveState(this.lock, this.state);
    const back = loadState(this.lock, text);
    expect(back).toEqual(this.state);
    expect(saveState(this.lock, JSON.parse(JSON.stringify(this.state)))).toBe(text);
    this.state = back;
  }

  lose(shows: number): void {
    this.state = loseClock(this.lock, this.state);
    this.memory = this.model.restart(this.memory, false, null);
    this.history.clockIsLost();
    this.now = shows;
  }

  toolSetsClock(to: number): void {
    if (this.isForward && to < (this.memory.stored ?? 0)) return;
    this.state = setClock(this.lock, this.state, to);
    this.memory = this.model.restart(this.memory, true, to);
    this.history.clockIsSet(to);
    this.now = to;
  }

  /** A set_clock code for a quarter of an hour around the last stored time. */
  setByCode(quarters: number, epochOffset: number): void {
    if (this.rules === IGLOO) return;
    const time = Math.ceil((this.memory.stored ?? FIRST_DAY) / 900) * 900 + quarters * 900;
    const shift = this.rules.gridOffset * MINUTE;
    const startsAt = Math.floor((time - shift) / HOUR) * HOUR + shift;
    if (startsAt < at('2021-01-01T00:00Z')) return;
    const epoch = this.memory.epoch + epochOffset;
    this.key(codeOfCard(this.rules, { epoch, kind: 'set_clock', variance: 0, startsAt, endsAt: time }));
  }

  /** Days that begin today, one for each length that needs a record, as many as asked for. */
  crowd(count: number, epochOffset: number): void {
    const { rules, memory } = this;
    const epoch = memory.epoch + epochOffset;
    const today = Math.floor((this.now + rules.offset) / DAY) * DAY - rules.offset;
    const hour = Math.floor(this.now / HOUR) * HOUR;
    const many = rules === IGLOO && count === 54 ? 204 : count;
    let refused = 0;
    for (let i = 0; i < many && refused < 3; i++) {
      const length = i % 27;
      const grant =
        rules === IGLOO
          ? {
              kind: 'hourly',
              variance: i % 3,
              startsAt: hour,
              endsAt: hour + (25 + Math.floor(i / 3)) * HOUR,
            }
          : { kind: 'daily', variance: 0, startsAt: today, endsAt: today + (length + 2) * DAY };
      const card = { ...grant, epoch: rules === IGLOO || i < 27 ? epoch : memory.epoch + 1 - epochOffset };
      if (today < at('2020-01-02T00:00Z') || today > at('2030-01-01T00:00Z')) return;
      refused = this.key(codeOfCard(rules, card)) ? 0 : refused + 1;
    }
  }

  step(step: Step): void {
    switch (step.do) {
      case 'key':
      case 'other door': {
        const card = this.cards[step.card % this.cards.length];
        if (!card) throw new Error('no card');
        this.moveBy(step.when, card);
        if (step.do === 'key') this.key(codeOfCard(this.rules, card), step.cut);
        else this.keyOther(codeOfCard(this.rules, card, 'other'));
        break;
      }
      case 'vandal':
        for (const digits of step.digits) this.key(String(digits).padStart(9, '0'));
        break;
      case 'malformed':
        this.key(step.text);
        break;
      case 'crowd':
        this.crowd(step.count, step.epoch);
        break;
      case 'crowd, later another, back again':
        this.crowd(54, 0);
        this.moveTo(this.now + step.days * DAY);
        this.crowd(54, 0);
        this.moveTo(this.now - step.days * DAY);
        break;
      case 'set clock by code':
        this.setByCode(step.quarters, step.epoch);
        break;
      case 'move':
        this.moveTo(this.now + step.seconds);
        break;
      case 'lose clock':
        this.lose(step.shows);
        break;
      case 'tool sets clock':
        this.toolSetsClock(FIRST_DAY + step.seconds);
        break;
      case 'flash':
        this.flash();
    }
  }
}

function live(rules: Rules, life: Life, tally?: Map<string, number>): void {
  const world = new World(rules, life, tally);
  let unset = 0;
  for (const step of life.steps) {
    world.step(step);
    unset = world.memory.running ? 0 : unset + 1;
    // After a while somebody comes with a tool.
    if (unset > 4) world.toolSetsClock((world.memory.stored ?? FIRST_DAY) + 60);
  }
  world.flash();
}

const drawn = (kind: string, more: Partial<Drawn> = {}): Drawn => ({
  epoch: 0,
  kind,
  hour: 1,
  day: 0,
  length: 3,
  variance: 0,
  ...more,
});
const key = (card: number, when: When = { by: 'now' }, cut: Cut = 'none'): Step => ({
  do: 'key',
  card,
  when,
  cut,
});
const inTime: When = { by: 'within', part: 0.5 };
const wrongOnes = (count: number): Step => ({
  do: 'vandal',
  digits: Array.from({ length: count }, (_, i) => 111_111_111 + i * 7_777_777),
});
const life = (cards: readonly Drawn[], steps: readonly Step[]): Life => ({ isForward: false, cards, steps });

/** Lives that a wrong lock would fail, and rare enough to be written down. */
const OUR_LIVES: readonly Life[] = [
  // A clear of the next epoch retires a guest who began with its slot.
  life([drawn('hourly', { length: 23 }), drawn('clear', { epoch: 1 })], [key(0, inTime), key(1), key(0)]),
  // A one-time code, power cut after `charged`, and again.
  life([drawn('one_time')], [key(0, inTime, 'charged'), key(0), { do: 'flash' }, key(0)]),
  // A clear, replayed; a guest of before.
  life(
    [drawn('hourly', { hour: 0, length: 9 }), drawn('clear')],
    [key(0, inTime), key(1, inTime), key(1), key(0)],
  ),
  // A later stay of the other pair of times.
  life(
    [drawn('stay', { length: 6 }), drawn('stay_2', { day: 1, epoch: 1 })],
    [key(0, inTime), key(1, { by: 'opens', plus: 0 }), key(0), key(1)],
  ),
  // A guest who found no room and needed none, and a vandal.
  life(
    [drawn('hourly')],
    [
      { do: 'crowd', count: 54, epoch: 0 },
      key(0, inTime),
      wrongOnes(12),
      key(0),
      { do: 'move', seconds: 7200 },
      key(0),
    ],
  ),
  // A guest with a record, a vandal, the one entry a minute.
  life(
    [drawn('hourly')],
    [key(0, inTime), wrongOnes(14), key(0), { do: 'move', seconds: 60 }, key(0), key(0)],
  ),
  // A one-time code that is forgotten, and a clock that goes backward.
  life(
    [drawn('one_time'), drawn('hourly', { length: 9 })],
    [key(0, inTime), key(1), { do: 'crowd, later another, back again', days: 30 }, key(0), key(1)],
  ),
  // Two guests whose codes end together: one is forgotten, the other is not, when the clock goes backward.
  life(
    [drawn('hourly', { length: 9 }), drawn('hourly', { length: 9, epoch: 1 })],
    [
      key(0, inTime),
      key(1),
      { do: 'crowd', count: 46, epoch: 0 },
      key(1, { by: 'shuts', plus: 0 }),
      { do: 'crowd', count: 47, epoch: 0 },
      key(0, inTime),
      key(1),
    ],
  ),
  // The clock is lost, set by a code, lost again: the code does not set it back.
  life(
    [drawn('hourly'), drawn('set_clock', { hour: 3 })],
    [
      key(0, inTime),
      wrongOnes(11),
      { do: 'lose clock', shows: 1000 },
      key(1, { by: 'now' }, 'charged'),
      wrongOnes(3),
    ],
  ),
  life(
    [drawn('hourly', { length: 23 }), drawn('set_clock', { hour: 3 })],
    [
      key(0, inTime),
      { do: 'lose clock', shows: 0 },
      key(0),
      key(1),
      key(0),
      { do: 'lose clock', shows: 0 },
      key(1),
    ],
  ),
];

const THEIR_LIVES: readonly Life[] = [
  // Every border of a window, too late for the first use, nonsense.
  life(
    [drawn('hourly', { length: 4 })],
    [
      key(0, { by: 'opens', plus: -1 }),
      key(0, { by: 'deadline', plus: 0 }),
      key(0, { by: 'deadline', plus: -1 }),
      key(0, { by: 'shuts', plus: -1 }),
      key(0, { by: 'shuts', plus: 0 }),
      { do: 'malformed', text: '12345678' },
      wrongOnes(1),
    ],
  ),
  life(
    [drawn('hourly', { length: 4 })],
    [key(0, inTime), { do: 'lose clock', shows: 0 }, key(0), { do: 'tool sets clock', seconds: DAY }, key(0)],
  ),
  life(
    [drawn('one_time')],
    [key(0, { by: 'opens', plus: -1 }), { do: 'crowd', count: 54, epoch: 0 }, key(0, inTime)],
  ),
  life([drawn('one_time')], [key(0, inTime, 'charged'), key(0)]),
  life([drawn('hourly')], [key(0, inTime), wrongOnes(5), key(0), { do: 'move', seconds: 300 }, key(0)]),
  life(
    [drawn('hourly', { length: 2 }), drawn('one_time')],
    [key(0, inTime), key(1), { do: 'crowd, later another, back again', days: 30 }, key(0), key(1)],
  ),
];

const REASONS = [
  'another door’s code refused',
  'malformed',
  'locked_out',
  'memory_full',
  'clock_unset',
  'already_used',
  'first_use_missed',
  'expired',
  'not_yet_valid',
  'unknown',
  'first_use',
  'used_before',
  'excuse: not its time',
  'excuse: consumed',
  'excuse: clock unset',
  'excuse: locked out',
  'excuse: forgotten: the memory was full and the clock went backward',
];
const OUR_REASONS = [
  ...REASONS,
  'revoked',
  'superseded',
  'cleared',
  'clock_set',
  'let in without credit',
  'excuse: cleared',
  'excuse: superseded',
  'excuse: epoch retired',
  'excuse: locked out, and let in without a record',
];

describe.each([
  ['pintumbler', OURS, 150, OUR_LIVES, OUR_REASONS],
  ['igloohome', IGLOO, 30, THEIR_LIVES, REASONS],
] as const)('%s: any life of a lock', (_, rules, runs, written, reasons) => {
  it('every verdict is the model’s; nothing unsafe is accepted; no live guest is refused without excuse', () => {
    fc.assert(
      fc.property(lives, (each) => live(rules, each)),
      { numRuns: deep(runs), examples: written.map((each) => [each]) },
    );
  });

  it('the lives are worth living: every reason and every excuse comes up', () => {
    const tally = new Map<string, number>();
    const sample = fc.sample(lives, { seed: 20260301, numRuns: runs / 2 });
    for (const each of [...written, ...sample]) live(rules, each, tally);
    for (const reason of reasons) expect(tally.get(reason) ?? 0, reason).toBeGreaterThan(0);
  });
});

describe('any state that the lock takes', () => {
  const LAST = 253402300799;
  const instants = fc.oneof(
    fc.integer({ min: 0, max: LAST }),
    fc.integer({ min: FIRST_DAY - 3 * DAY, max: FIRST_DAY + 3 * DAY }),
    fc.constantFrom(0, LAST - 1, LAST),
  );
  const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
    fc.option(arbitrary, { nil: null });
  const days = fc.oneof(fc.nat(2_932_896), fc.integer({ min: 20_510, max: 20_520 }));
  const codes = fc.oneof(
    fc.constantFrom('482901377', '000000000'),
    fc.nat(999_999_999).map((code) => String(code).padStart(9, '0')),
  );
  /** Kinds that leave a record, and how many variances each has. */
  type Kinds = Readonly<Record<string, number>>;
  const records = (kinds: Kinds, epoch: number) =>
    fc
      .record({
        code: codes,
        epoch: fc.constantFrom(epoch, epoch + 1),
        kind: fc.constantFrom(...Object.keys(kinds)),
        variance: fc.nat(5),
        lane: fc.constant(''),
        startsAt: instants,
        endsAt: instants,
        until: instants,
        day: maybe(days),
        consumed: fc.boolean(),
      })
      .map((record) => {
        const endsAt = Math.max(record.startsAt, record.endsAt);
        return {
          ...record,
          variance: record.variance % (kinds[record.kind] ?? 1),
          endsAt,
          until: Math.max(record.startsAt, Math.min(record.until, endsAt)),
          consumed: record.consumed || record.kind === 'one_time',
        };
      });
  const statesOf = (lock: Lock, kinds: Kinds) =>
    fc.nat(3).chain((epoch) =>
      fc.record({
        v: fc.constant(1),
        lock: fc.constant(lock.id),
        epoch: fc.constant(epoch),
        clock: fc.constantFrom('running', 'unset'),
        lastAt: maybe(instants),
        throttle:
          lock.rules.throttle.by === 'credit'
            ? fc.record({
                by: fc.constant('credit'),
                credit: fc.nat(12),
                at: maybe(instants),
                recordsAt: maybe(instants),
              })
            : fc.record({
                by: fc.constant('lockout'),
                wrong: fc.nat(5),
                since: maybe(instants),
                lockouts: fc.nat(255),
              }),
        clearedBefore: instants,
        staysFrom: days,
        forgottenUntil: instants,
        records: fc.array(records(kinds, epoch), { maxLength: lock.rules.records }),
      }),
    );

  const OURS_KINDS = { hourly: 1, daily: 1, stay: 1, stay_2: 1, one_time: 2 };
  const IGLOO_KINDS = { hourly: 3, daily: 3, one_time: 5 };

  it.each([
    ['pintumbler', OURS, OURS_KINDS],
    ['igloohome', IGLOO, IGLOO_KINDS],
  ] as const)('%s: gives a verdict and states that it takes again, at any time', (_, rules, kinds) => {
    const lock = createLock([tokenOf(rules, 0)]);
    fc.assert(
      fc.property(statesOf(lock, kinds), codes, instants, (drawnState, code, instant) => {
        const state = drawnState as unknown as LockState;
        const first = state.records[0]?.code ?? code;
        for (const keyed of [code, first, '1']) {
          const { charged, state: next, verdict } = enter(lock, state, keyed, instant);
          for (const each of [charged, next, loseClock(lock, next), setClock(lock, next, instant)])
            expect(loadState(lock, saveState(lock, each))).toEqual(each);
          if (verdict.accepted && verdict.opens) {
            expect(state.clock).toBe('running');
            expect(instant).toBeGreaterThanOrEqual(ending(verdict.grant).startsAt - rules.s);
            expect(instant).toBeLessThan(ending(verdict.grant).endsAt + rules.s);
            expect(ending(verdict.grant).startsAt).toBeGreaterThanOrEqual(state.clearedBefore);
          }
        }
      }),
      { numRuns: deep(300) },
    );
  });

  it.each([
    ['pintumbler', OURS, OURS_KINDS],
    ['igloohome', IGLOO, IGLOO_KINDS],
  ] as const)('%s: one record that it cannot have made, and the state is refused', (_, rules, kinds) => {
    const lock = createLock([tokenOf(rules, 0)]);
    const oneTime = kinds.one_time;
    const wrongs: readonly (readonly [string, object])[] = [
      ['a lane', { lane: '12' }],
      ['a variance too many', { kind: 'one_time', variance: oneTime, consumed: true }],
      ['a one-time code that has not been used up', { kind: 'one_time', variance: 0, consumed: false }],
      ['a clear code', { kind: 'clear', variance: 0 }],
      ['a set-clock code', { kind: 'set_clock', variance: 0 }],
      ['a kind of somebody else', { kind: 'multiple', variance: 0 }],
      ['a digit too few', { code: '12345678' }],
      ['no end', { endsAt: null }],
      ['later than its end', { startsAt: 5, endsAt: 6, until: 7 }],
    ];
    fc.assert(
      fc.property(statesOf(lock, kinds), records(kinds, 0), fc.nat(), (drawn, record, place) => {
        const state = drawn as unknown as LockState;
        const others = state.records.slice(0, lock.rules.records - 1);
        const at = place % (others.length + 1);
        const stateWith = (more: object): LockState => ({
          ...state,
          records: [...others.slice(0, at), { ...record, epoch: state.epoch, ...more }, ...others.slice(at)],
        });
        expect(codeOf(() => saveState(lock, stateWith({})))).toBe('no error');
        for (const [what, more] of wrongs)
          expect(
            codeOf(() => saveState(lock, stateWith(more))),
            what,
          ).toBe('state_damaged');
      }),
      { numRuns: deep(60) },
    );
  });
});
