/**
 * A lock that keeps step, written down a second time: from section 10 of vectors/README.md, RFC 4226 section 7,
 * RFC 6238 section 6 and reference/cryptography.md §2 and §3. It remembers every code that it ever took, and
 * shares nothing with the library.
 */
import {
  type AskedJson,
  periodOf,
  type StepDevice,
  type StepMeaning,
  stepScheme,
  suiteLiteral,
} from './step-literal.ts';

/** What a kind is: which counts it takes, seen from the last accepted one, and what taking it does. */
interface KindLiteral {
  readonly from: number;
  readonly to: number;
  readonly ends: boolean;
  readonly does: 'opens' | 'credits' | 'syncs';
}

interface RulesLiteral {
  readonly kinds: Readonly<Record<string, KindLiteral>>;
  /** The last count of a new lock, and up to which it takes none. */
  readonly first: readonly [last: number, floor: number];
  readonly resync: number;
  readonly drift: number;
  /** Seconds for which an answer counts; undefined where nothing is asked. */
  readonly life: number | undefined;
  /** Whether codes are for periods; or only answers, that count nothing. */
  readonly by: 'count' | 'period' | 'answer';
  /** Tells the time, alone or beside a count. */
  readonly timed: boolean;
}

const DAY = 86_400;

const setting = ({ config }: StepDevice, name: string, otherwise: number): number => {
  const value = config[name];
  return typeof value === 'number' ? value : otherwise;
};

function oathRules(device: StepDevice): RulesLiteral {
  const opens = (from: number, to: number): KindLiteral => ({ from, to, ends: true, does: 'opens' });
  const base = { resync: 0, drift: 0, life: undefined, timed: false, first: [-1, -1] } as const;
  if (device.vendor === 'hotp') {
    const kinds = { hotp: opens(1, setting(device, 'window', 10)) };
    return { ...base, kinds, by: 'count', resync: setting(device, 'resync', 100) };
  }
  if (device.vendor === 'totp') {
    const window = setting(device, 'window', 1);
    return {
      ...base,
      kinds: { totp: opens(-window, window) },
      by: 'period',
      timed: true,
      drift: setting(device, 'drift', 10),
    };
  }
  const { counter, step } = suiteLiteral(device);
  const life = setting(device, 'life', 300);
  const timed = step !== undefined;
  if (counter) {
    const kinds = { response: opens(1, setting(device, 'window', 10)) };
    return { ...base, kinds, by: 'count', resync: setting(device, 'resync', 100), life, timed };
  }
  const window = timed ? setting(device, 'window', 1) : 0;
  const kinds = { response: { ...opens(-window, window), ends: false } };
  if (timed) return { ...base, kinds, by: 'period', life, timed, drift: setting(device, 'drift', 10) };
  return { ...base, kinds, by: 'answer', life, first: [0, -1] };
}

function creditRules(device: StepDevice): RulesLiteral {
  const base = { resync: 0, drift: 0, life: undefined, timed: false, by: 'count' } as const;
  const kind = (from: number, to: number, ends: boolean): KindLiteral => ({
    from,
    to,
    ends,
    does: 'credits',
  });
  if (device.vendor === 'openpaygo') {
    const count = setting(device, 'count', 1);
    const both = { add: kind(-16, 64, false), set: kind(1, 64, true) };
    const sync: KindLiteral = { from: -63, to: 100, ends: true, does: 'syncs' };
    const kinds = device.config['extended'] === true ? both : { ...both, disable: kind(1, 64, true), sync };
    return { ...base, kinds, first: [count, count] };
  }
  const adds = ['add', 'add_unlock'];
  const ends = ['set', 'unlock', 'wipe_credit', 'wipe_flag', 'lock', 'set_wipe', 'unlock_wipe'];
  const kinds = Object.fromEntries(
    [...adds, ...ends].map((name) => [name, kind(-23, 40, !adds.includes(name))]),
  );
  return { ...base, kinds, first: [23, -1] };
}

const rulesOf = (device: StepDevice): RulesLiteral =>
  ['openpaygo', 'nexus'].includes(device.vendor) ? creditRules(device) : oathRules(device);

// --- what entries cost --------------------------------------------------------------------------------------------

export type ThrottleLiteral =
  | {
      readonly by: 'lockout';
      readonly wrong: number;
      readonly since: number | null;
      readonly lockouts: number;
    }
  | { readonly by: 'credit'; readonly credit: number; readonly at: number | null; readonly recordsAt: null };

const MINUTES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((each) => 60 * each);

/** Refusals until it is dead, and for how long. */
const lockoutOf = (device: StepDevice): readonly [wrong: number, seconds: readonly number[]] =>
  device.vendor === 'openpaygo' ? [1, MINUTES] : [3, [60, 300, 900, 3600, 14_400, 28_800]];

const newThrottle = (device: StepDevice): ThrottleLiteral =>
  device.vendor === 'nexus'
    ? { by: 'credit', credit: 6, at: null, recordsAt: null }
    : { by: 'lockout', wrong: 0, since: null, lockouts: 0 };

/** The throttle with an entry on it, and whether it may be looked at. */
function charge(
  device: StepDevice,
  throttle: ThrottleLiteral,
  at: number,
): readonly [ThrottleLiteral, boolean] {
  if (throttle.by === 'credit') {
    const from = throttle.at === null || throttle.at > at ? at : throttle.at;
    const more = Math.floor((at - from) / 720);
    const credit = Math.min(128, throttle.credit + more);
    const counted = { ...throttle, credit, at: credit === 128 ? at : from + 720 * more };
    return credit === 0 ? [counted, false] : [{ ...counted, credit: credit - 1 }, true];
  }
  const [most, seconds] = lockoutOf(device);
  let { wrong, lockouts } = throttle;
  if (wrong === most) {
    const since = throttle.since === null || throttle.since > at ? at : throttle.since;
    const dead = seconds[Math.min(lockouts, seconds.length) - 1] ?? 0;
    if (at - since < dead) return [{ ...throttle, since }, false];
    wrong = 0;
  }
  wrong++;
  const isDead = wrong === most;
  if (isDead) lockouts = Math.min(255, lockouts + 1);
  return [{ by: 'lockout', wrong, since: isDead ? at : null, lockouts }, true];
}

// --- the lock -----------------------------------------------------------------------------------------------------

/** A code that was taken. `undone`: a sync went back behind it. */
interface Taken extends StepMeaning {
  readonly undone: boolean;
}

export interface StepLockState {
  readonly epoch: number;
  readonly clock: 'running' | 'unset';
  readonly lastAt: number | null;
  readonly throttle: ThrottleLiteral;
  readonly last: number;
  readonly floor: number;
  readonly peak: number;
  readonly taken: readonly Taken[];
  readonly drift: number;
  readonly driftAt: number | null;
  readonly awaited: readonly number[];
  readonly asked: (AskedJson & { readonly until: number }) | null;
}

export interface StepAnswer {
  readonly accepted: boolean;
  readonly reason: string;
  readonly opens: boolean;
  readonly meaning: StepMeaning | null;
  readonly asked: AskedJson | undefined;
  readonly charged: StepLockState;
  readonly state: StepLockState;
}

const ORDER = ['already_used', 'superseded', 'out_of_step', 'expired', 'not_yet_valid'];

export class StepLockLiteral {
  readonly #device: StepDevice;
  readonly #rules: RulesLiteral;
  readonly #form: RegExp;

  constructor(device: StepDevice, form: RegExp) {
    this.#device = device;
    this.#rules = rulesOf(device);
    this.#form = form;
  }

  fresh(epoch: number, at: number): StepLockState {
    const [last, floor] = this.#rules.first;
    return {
      ...{ epoch, clock: 'running', lastAt: at, throttle: newThrottle(this.#device) },
      ...{ last, floor, peak: last, taken: [], drift: 0, driftAt: null, awaited: [], asked: null },
    };
  }

  ask(state: StepLockState, asked: AskedJson, at: number): StepLockState {
    return { ...state, asked: { ...asked, until: at + (this.#rules.life ?? Number.NaN) } };
  }

  /** The clock is lost (null) or set: what was learned of it, asked and awaited is gone. */
  clock(state: StepLockState, at: number | null): StepLockState {
    const { throttle } = state;
    const lockout = throttle.by === 'lockout';
    const since = lockout && throttle.since !== null ? at : null;
    return {
      ...state,
      ...(at === null ? { clock: 'unset' } : { clock: 'running', lastAt: at }),
      throttle: lockout ? { ...throttle, since } : { ...throttle, at },
      ...{ drift: 0, driftAt: null, awaited: [], asked: null },
    };
  }

  enter(before: StepLockState, code: string, at: number): StepAnswer {
    const nothing = { accepted: false, opens: false, meaning: null, asked: undefined } as const;
    if (!this.#form.test(code)) return { ...nothing, reason: 'malformed', charged: before, state: before };
    const [throttle, isLooked] = charge(this.#device, before.throttle, at);
    const paid = { ...before, throttle, lastAt: before.clock === 'running' ? at : before.lastAt };
    const refuse = (reason: string, state: StepLockState): StepAnswer => ({
      ...nothing,
      reason,
      charged: state,
      state,
    });
    if (!isLooked) return refuse('locked_out', paid);
    if (before.clock === 'unset' && this.#rules.timed) return refuse('clock_unset', paid);
    const { asked } = paid;
    if (this.#rules.life !== undefined && (asked === null || at >= asked.until))
      return refuse('not_asked', { ...paid, awaited: [], asked: null });
    return this.#judged(paid, code, at);
  }

  #judged(paid: StepLockState, code: string, at: number): StepAnswer {
    const said = paid.asked
      ? {
          challenge: paid.asked.challenge,
          ...(paid.asked.session !== undefined && { session: paid.asked.session }),
        }
      : undefined;
    const meanings = this.#meanings(paid, code, at, said);
    const judged = meanings.map((meaning) => ({ meaning, why: this.#why(paid, meaning, at) }));
    const isOnce = meanings.some((meaning) => this.#isReplay(paid, meaning));
    const fits = judged.filter(({ why }) => why === 'fits');
    const found = isOnce ? undefined : this.#rules.by === 'period' ? fits.at(-1) : fits[0];
    if (found) {
      const charged = this.#take(paid, found.meaning, at);
      const { throttle } = charged;
      const fresh = throttle.by === 'lockout' ? newThrottle(this.#device) : throttle;
      const does = this.#rules.kinds[found.meaning.kind]?.does ?? 'opens';
      const reason = { opens: 'first_use', credits: 'credited', syncs: 'synced' }[does];
      const state = { ...charged, throttle: fresh };
      return {
        accepted: true,
        reason,
        opens: does === 'opens',
        meaning: found.meaning,
        asked: said,
        charged,
        state,
      };
    }
    const awaited = judged.filter(({ why }) => why === 'out_of_step').map(({ meaning }) => meaning.count + 1);
    const state = { ...paid, awaited: [...new Set(awaited)] };
    const reason = ORDER.find((each) => judged.some(({ why }) => why === each)) ?? 'unknown';
    const meaning = judged.find(({ why }) => why === reason)?.meaning ?? null;
    return { accepted: false, reason, opens: false, meaning, asked: said, charged: state, state };
  }

  /** The present period by the lock's clock; 0 where there is none. */
  #now(at: number): number {
    const [seconds, origin] = periodOf(this.#device) ?? [1, 0];
    return this.#rules.by === 'period' ? Math.floor((at - origin) / seconds) : 0;
  }

  /** What a code is, as far as a lock looks; lowest first. */
  #meanings(
    state: StepLockState,
    code: string,
    at: number,
    asked: AskedJson | undefined,
  ): readonly StepMeaning[] {
    const { kinds, resync, drift, by } = this.#rules;
    const down = Math.max(0, ...Object.values(kinds).map(({ from }) => -from));
    const up = Math.max(0, ...Object.values(kinds).map(({ to }) => to));
    const { read } = stepScheme(this.#device);
    if (by === 'period') {
      const aside = up + drift;
      const now = this.#now(at);
      return [...read(this.#device, code, { from: now - aside - 2, to: now + aside + 1, asked })].reverse();
    }
    const from = state.last - Math.max(down, up);
    const to = state.last + up + (resync > 0 ? resync + 1 : 0);
    const period = periodOf(this.#device);
    const times = period ? [-1, 0, 1].map((each) => Math.floor(at / period[0]) + each) : [0];
    const only = by === 'answer' ? { from: 0, to: 0 } : { from, to };
    return [...read(this.#device, code, { ...only, asked, times })].reverse();
  }

  /** Codes that could still be taken if they were not remembered. */
  #remembered({ taken, peak }: StepLockState): readonly Taken[] {
    const lowest = Math.min(0, ...Object.values(this.#rules.kinds).map(({ from }) => from));
    return this.#rules.life === undefined ? taken.filter(({ count }) => count >= peak + lowest) : [];
  }

  #isReplay(state: StepLockState, { count, value }: StepMeaning): boolean {
    if (this.#rules.life !== undefined) return false;
    if (this.#rules.by === 'period') return count === state.last;
    return this.#remembered(state).some((each) => each.count === count && each.value === value);
  }

  #why(state: StepLockState, meaning: StepMeaning, at: number): string {
    const { kinds, resync, drift, by } = this.#rules;
    const { count, kind } = meaning;
    const { from, to, does } = kinds[kind] ?? { from: 0, to: -1, does: 'opens' };
    if (by === 'answer') return 'fits';
    if (this.#isReplay(state, meaning)) return 'already_used';
    if (does !== 'syncs') {
      if (this.#remembered(state).some((each) => each.count === count && !each.undone)) return 'already_used';
      if (count <= state.floor) return count === state.last ? 'already_used' : 'superseded';
    }
    const now = this.#now(at);
    const centre = by === 'period' ? now + state.drift : state.last;
    const isBelow = count < (does === 'syncs' ? state.peak : centre) + from;
    if (!isBelow && count <= centre + to) return 'fits';
    const isAwaited = state.awaited.includes(count);
    if (by === 'period' ? Math.abs(count - now) <= drift && drift > 0 : !isBelow && resync > 0) {
      if (isAwaited) return 'fits';
      if (by === 'period' || count <= centre + to + resync) return 'out_of_step';
    }
    return isBelow ? 'expired' : 'not_yet_valid';
  }

  #take(state: StepLockState, meaning: StepMeaning, at: number): StepLockState {
    const { kinds, by, life } = this.#rules;
    const { count } = meaning;
    const { ends = true, does } = kinds[meaning.kind] ?? {};
    const done = { ...state, awaited: [], asked: null };
    if (by === 'answer') return done;
    const peak = Math.max(state.peak, count);
    if (by === 'period') {
      const floor = life === undefined ? count : state.floor;
      return { ...done, ...this.#learned(state, count, at), last: count, peak, floor };
    }
    const syncs = does === 'syncs';
    const taken = state.taken.map((each) =>
      syncs && each.count >= count ? { ...each, undone: true } : each,
    );
    return {
      ...done,
      last: syncs ? count : Math.max(state.last, count),
      floor: syncs ? count : ends ? Math.max(state.floor, count) : state.floor,
      peak,
      taken: [...taken, { ...meaning, undone: false }],
    };
  }

  /** One period more or less a day, as many as the budget has in all; two codes in a row say it at once. */
  #learned(
    { drift, driftAt, awaited }: StepLockState,
    count: number,
    at: number,
  ): Pick<StepLockState, 'drift' | 'driftAt'> {
    const most = this.#rules.drift;
    const off = count - this.#now(at);
    const earned = driftAt === null ? 1 : Math.max(0, Math.floor((at - driftAt) / DAY));
    const days = awaited.includes(count) ? 2 * most : earned;
    const wanted = Math.min(Math.max(off, drift - days), drift + days);
    const next = Math.min(Math.max(wanted, -most), most);
    return next === drift ? { drift, driftAt } : { drift: next, driftAt: at };
  }
}
