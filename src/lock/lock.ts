/**
 * The lock: what it does with keyed digits. A pure reducer, `enter(lock, state, code, at)`.
 *
 * Keyed digits go: exact length, else `malformed` (free of charge) → throttle → records, by digits → pages, newest
 * epoch and page first. The first acceptable grant decides; else the first found of the refusals in their order.
 * The keypad shows accepted or refused; the reason is for rigs and staff.
 */
import {
  askedOf,
  engineOf,
  isInLane,
  isNear,
  isWellFormed,
  kindsOf,
  type Meaning,
  meaningsOf,
  saidOf,
} from '../engine.ts';
import { checkInstant, checkString, expected, fail, LAST_INSTANT } from '../errors.ts';
import { type Asked, type Grant, placeOf, type Window, type WindowGrant } from '../grant.ts';
import { sameCode } from '../keys.ts';
import { checkToken, type DeviceToken, deriveToken, fingerprint, LAST_EPOCH, secretBytes } from '../token.ts';
import { graceOf, refusedByTime } from '../vendors/timing.ts';
import type { Effect, LockRules, PlacedKind } from '../vendors/vendor.ts';
import type { OffsetTable } from '../zone.ts';
import { type LockRecord, type LockState, readState, readText, type StepRange, writeText } from './state.ts';
import { forgetClock, freshSteps, type StepState, stepWith } from './steps.ts';
import { type Admission, admit, freshThrottle, refund, restart } from './throttle.ts';

/** Refusals that a grant can meet, in the order in which the first found is reported. */
const BY_RANK = [
  'revoked',
  'superseded',
  'already_used',
  'out_of_step',
  'first_use_missed',
  'expired',
  'not_yet_valid',
  'nothing_to_clear',
  'unknown',
] as const;

/** `out_of_step`: right, but too far ahead; the code that follows it, keyed in next, is accepted. */
export type Refusal =
  | (typeof BY_RANK)[number]
  | 'malformed'
  | 'locked_out'
  | 'memory_full'
  | 'clock_unset'
  | 'not_asked';

export type Verdict =
  | {
      readonly accepted: true;
      /** False for controls: a clear code never opens. */
      readonly opens: boolean;
      readonly reason: 'first_use' | 'used_before' | 'cleared' | 'clock_set' | 'credited' | 'synced';
      readonly grant: Grant;
      /** With `clock_set`: what to set the lock's clock to, epoch seconds. */
      readonly setClock?: number;
    }
  | {
      readonly accepted: false;
      readonly opens: false;
      readonly reason: Refusal;
      /** The grant that the reason is about, "or mistyped"; null where there is none. */
      readonly grant: Grant | null;
    };

export interface Entry {
  /** Persist it **before** acting on the verdict: in it the entry is paid for and a one-time code is consumed. */
  readonly charged: LockState;
  /** The state after the answer. */
  readonly state: LockState;
  readonly verdict: Verdict;
}

let isLock: (value: object) => value is Lock;

/** A lock: its tokens by epoch. Made by `createLock`; it holds no state. */
export class Lock {
  /** What its states are bound to. */
  readonly id: string;
  readonly rules: LockRules;
  /** Whether codes revoke used ones: then every used one must be remembered. */
  readonly revokesUsed: boolean;
  /** Whether it keeps step with counts or periods: then it lives with one key at a time. */
  readonly inStep: boolean;
  readonly #tokens: Map<number, DeviceToken>;
  readonly #last: DeviceToken;

  static {
    isLock = (value): value is Lock => #last in value;
  }

  /** @internal Use `createLock`. */
  constructor(tokens: readonly [DeviceToken, ...DeviceToken[]]) {
    const [first] = tokens;
    this.rules = first.rules.lock;
    this.revokesUsed = tokens.some((token) =>
      engineOf(token).kinds.some(({ effect }) => effect === 'clear_one' || effect === 'clear_all'),
    );
    this.inStep = engineOf(first).kinds.some(({ accepts }) => accepts);
    // Counts and periods are numbers of one layout: in another they would be other codes, or other times.
    const layout = this.inStep ? `/${first.rules.layout}` : '';
    this.id = `${first.vendor.id}/${first.deviceId}/${fingerprint(first)}${layout}`;
    this.#tokens = new Map(tokens.map((token) => [token.epoch, token]));
    this.#last = tokens.at(-1) ?? first;
    Object.freeze(this);
  }

  get oldestEpoch(): number {
    return Math.min(...this.#tokens.keys());
  }

  /** The token of an epoch; epochs after the last given one are derived from its root. */
  tokenOf(epoch: number): DeviceToken | undefined {
    const known = this.#tokens.get(epoch);
    if (known || this.#last.holds !== 'root' || epoch < this.#last.epoch || epoch > LAST_EPOCH) return known;
    const derived = deriveToken(this.#last, { epoch, keepRoot: true });
    this.#tokens.set(epoch, derived);
    return derived;
  }
}

/** Frozen to the bottom: its pairs are where they are made. */
function frozenSteps(steps: StepState): StepState {
  for (const each of [steps.used, steps.spent, steps.awaited, steps.asked]) Object.freeze(each);
  return Object.freeze(steps);
}

/** States made or checked here: deeply frozen, so an entry need not check them again. */
const trusted = new WeakMap<object, Lock>();

const isTrusted = (lock: Lock, value: unknown): value is LockState =>
  typeof value === 'object' && value !== null && trusted.get(value) === lock;

/** Records are frozen where they are made. */
function trust(lock: Lock, state: LockState): LockState {
  Object.freeze(state.throttle);
  Object.freeze(state.records);
  if (state.steps) frozenSteps(state.steps);
  trusted.set(Object.freeze(state), lock);
  return state;
}

function checkLock(lock: unknown): asserts lock is Lock {
  if (typeof lock !== 'object' || lock === null || !isLock(lock))
    expected('lock', 'a lock (createLock)', lock);
}

/** Effects of codes that leave a record. */
const RECORDED: readonly Effect[] = ['open', 'supersede', 'clear_all'];

/** Whether this lock can have made a record: of its codes and kinds, used up if that is what use does, and not outliving its end. */
function canRecord(
  lock: Lock,
  { code, kind: id, lane, epoch, variance, endsAt, until, ...more }: LockRecord,
): boolean {
  // Of an epoch that is retired, with settings that nobody here knows: it goes anyway.
  if (epoch < lock.oldestEpoch) return true;
  const token = lock.tokenOf(epoch);
  const engine = token && engineOf(token);
  const kind = engine?.kinds.find((each) => each.id === id && isInLane(each, lane));
  return (
    engine !== undefined &&
    kind !== undefined &&
    RECORDED.includes(kind.effect) &&
    kind.for !== 'rolling' &&
    code.startsWith(lane) &&
    engine.books.some(({ form, layout }) => form.test(code) && layout.lanes.includes(lane)) &&
    variance < kind.variances &&
    (more.consumed || kind.times === 'many') &&
    kind.shape.endless === (endsAt === null) &&
    (endsAt === null || kind.shape.weekdays !== undefined || until <= endsAt)
  );
}

/** Checks what is asked by answering it: the scheme knows what a challenge of its suite looks like. */
function checkAsked(token: DeviceToken, { table, index }: PlacedKind, asked: Asked): void {
  const claim = { kind: index, slot: 0, length: 0, variance: 0, lane: '', asked: saidOf(asked) };
  engineOf(token).books[table]?.codec.encode(claim);
}

/** The kind of a token whose codes answer. */
const askingKind = (token: DeviceToken | undefined): PlacedKind | undefined =>
  token && engineOf(token).kinds.find(({ asks }) => asks !== undefined);

/** Whether this lock can have asked it. */
function canAsk(lock: Lock, asked: Asked, epoch: number): boolean {
  const token = lock.tokenOf(Math.max(epoch, lock.oldestEpoch));
  const kind = askingKind(token);
  if (!token || !kind) return false;
  try {
    checkAsked(token, kind, asked);
    return true;
  } catch {
    return false;
  }
}

/** The counts, or periods, that a lock that keeps step can be at. */
function stepRange(lock: Lock): StepRange | undefined {
  const token = lock.inStep ? lock.tokenOf(lock.oldestEpoch) : undefined;
  const [book] = token ? engineOf(token).books : [];
  if (!book) return undefined;
  return { first: book.counts?.last ?? -1, highest: Math.min(book.slots - 1, Number.MAX_SAFE_INTEGER) };
}

/** A state from outside, checked; `fail` for anything that is not one of this lock. */
const checkedState = (lock: Lock, value: unknown): LockState =>
  readState(
    value,
    lock.id,
    lock.rules,
    stepRange(lock),
    (record) => canRecord(lock, record),
    (asked, epoch) => canAsk(lock, asked, epoch),
  );

/** A checked state, brought to the epochs of this lock. */
function adopt(lock: Lock, state: LockState): LockState {
  if (state.epoch < lock.oldestEpoch) {
    // The authority gave the lock newer tokens: the epochs before them are retired.
    const records = state.records.filter((record) => record.epoch >= lock.oldestEpoch);
    const token = lock.tokenOf(lock.oldestEpoch);
    // Another key, other counts. But a lock of the same id without a root has the same key.
    const steps = state.steps && token?.holds === 'root' && { steps: freshSteps(token) };
    return trust(lock, { ...state, epoch: lock.oldestEpoch, records, ...steps });
  }
  if (!lock.tokenOf(state.epoch)) {
    fail('state_foreign', `the lock state is at epoch ${state.epoch}, for which the lock has no token`);
  }
  return trust(lock, state);
}

const stateOf = (lock: Lock, value: unknown): LockState =>
  isTrusted(lock, value) ? value : adopt(lock, checkedState(lock, value));

/** Newest epoch first. */
function liveTokens(lock: Lock, state: LockState): readonly DeviceToken[] {
  const epochs = lock.inStep ? [state.epoch] : [state.epoch + 1, state.epoch];
  return epochs.map((epoch) => lock.tokenOf(epoch)).filter((token) => token !== undefined);
}

/** Something the keyed digits can mean here: what it is, and whether the lock has a record of it. */
interface Case extends Pick<Meaning, 'grant' | 'kind' | 'epoch'>, Omit<Window, 'day'> {
  /** Opening day, for kinds that supersede each other by it. */
  readonly day: number | null;
  readonly record: LockRecord | undefined;
  readonly offsets: OffsetTable | undefined;
}

function recordedCases(lock: Lock, state: LockState, code: string): readonly Case[] {
  return state.records
    .filter((record) => sameCode(record.code, code))
    .flatMap((record) => {
      const token = lock.tokenOf(record.epoch);
      if (!token) return [];
      const { startsAt, endsAt, until, variance, lane, epoch, day } = record;
      const { kinds, books } = engineOf(token);
      const [kind] = kindsOf(kinds, record.kind, lane === '' ? undefined : lane);
      const { offsets } = books[kind.table]?.grid ?? {};
      const grant: WindowGrant = Object.freeze({
        kind: kind.id,
        variance,
        ...(lane !== '' && { lane }),
        startsAt,
        endsAt,
      });
      const ends = endsAt ?? LAST_INSTANT;
      return [{ startsAt, endsAt: ends, until, firstUseBy: until, grant, kind, epoch, day, record, offsets }];
    });
}

function freshCases(lock: Lock, state: LockState, code: string, from: number, to: number): readonly Case[] {
  return liveTokens(lock, state).flatMap((token) => {
    const { books } = engineOf(token);
    return meaningsOf(token, code, from, to).map(
      ({ grant, kind, epoch, window: { startsAt, endsAt, until, firstUseBy, day } }): Case => ({
        grant,
        kind,
        epoch,
        startsAt,
        endsAt,
        until,
        firstUseBy,
        day: (kind.effect === 'supersede' && day) || null,
        record: undefined,
        offsets: books[kind.table]?.grid.offsets,
      }),
    );
  });
}

const isSame = (a: Case, b: Case): boolean =>
  a.epoch === b.epoch &&
  a.grant.kind === b.grant.kind &&
  a.grant.variance === b.grant.variance &&
  a.grant.lane === b.grant.lane &&
  a.startsAt === b.startsAt &&
  a.endsAt === b.endsAt;

/** Table, and number within its slot and kind (l·V + v), of a window. */
function placeIn(
  lock: Lock,
  {
    kind: id,
    epoch,
    startsAt,
    endsAt,
    variance,
  }: Pick<LockRecord, 'kind' | 'epoch' | 'startsAt' | 'endsAt' | 'variance'>,
): string | undefined {
  const token = lock.tokenOf(epoch);
  const { kinds, books } = token ? engineOf(token) : { kinds: [], books: [] };
  for (const { id: name, shape, table, variances } of kinds) {
    const grid = name === id ? books[table]?.grid : undefined;
    const place = grid && placeOf(shape, startsAt, endsAt, grid);
    if (place) return `${table} ${place.length * variances + variance}`;
  }
  return undefined;
}

/** The record that a clear-one code is about: the first of its own table, start and number, whatever its kind. */
function targetOf(
  lock: Lock,
  { records }: LockState,
  { kind, epoch, startsAt, grant }: Case,
): LockRecord | undefined {
  const own = placeIn(lock, { ...grant, kind: kind.id, epoch });
  return records.find(
    (record) => record.epoch === epoch && record.startsAt === startsAt && placeIn(lock, record) === own,
  );
}

/** Why a case is refused at `at`, or undefined where it is acceptable. */
function refusalOf(lock: Lock, state: LockState, found: Case, at: number): Refusal | undefined {
  const { rules } = lock;
  const { startsAt, endsAt, until, kind, record, day, offsets } = found;
  const { tolerance } = rules;
  if (startsAt < state.clearedBefore) return 'revoked';
  if (day !== null && day < state.staysFrom) return 'superseded';
  if (record?.consumed) return kind.times === 'once' ? 'already_used' : 'revoked';
  // A clear that has been done; one of the next epoch still has an epoch to retire.
  if (kind.effect === 'clear' && startsAt === state.clearedBefore && found.epoch === state.epoch)
    return 'already_used';
  if (kind.effect === 'set_clock') {
    // While the clock runs, it is never set: the time that the code names is past, to come, or set already.
    if (at < endsAt - tolerance) return 'not_yet_valid';
    return at >= endsAt + tolerance ? 'expired' : 'already_used';
  }
  const byTime = refusedByTime(kind, found, rules, at, record !== undefined, offsets);
  if (byTime !== undefined && byTime !== 'first_use_missed') return byTime;
  if (!record && until <= state.forgottenUntil) return 'expired';
  if (byTime !== undefined || kind.effect !== 'clear_one') return byTime;
  const target = targetOf(lock, state, found);
  if (!target) return 'nothing_to_clear';
  return target.consumed ? 'already_used' : undefined;
}

/** The same while the clock is unset: only a set-clock code counts, at or after the last stored time. */
function clockRefusalOf(
  state: LockState,
  rules: LockRules,
  { kind, startsAt, endsAt }: Case,
): Refusal | undefined {
  if (kind.effect !== 'set_clock' || state.lastAt === null) return 'clock_unset';
  if (startsAt < state.clearedBefore) return 'revoked';
  if (endsAt < state.lastAt) return 'expired';
  return endsAt > state.lastAt + (rules.clockReach ?? 0) ? 'not_yet_valid' : undefined;
}

/** Records that can never be accepted again go for good: no clock brings them back. */
function withoutDead(state: LockState): LockState {
  const { clearedBefore, staysFrom, epoch, records } = state;
  const alive = records.filter(
    (record) =>
      record.startsAt >= clearedBefore &&
      record.epoch >= epoch &&
      (record.day === null || record.day >= staysFrom),
  );
  return alive.length === records.length ? state : { ...state, records: alive };
}

/** When no entry could need a record any more, unless the clock goes backward. */
const overAt = ({ endsAt, until }: LockRecord): number => Math.max(endsAt ?? LAST_INSTANT, until);

const isOver = (record: LockRecord, rules: LockRules, at: number): boolean =>
  at >= overAt(record) + graceOf(rules);

/** The record that goes first when the memory is full, and whether codes that end by it are refused from then on. */
function leaving(
  { records }: LockState,
  rules: LockRules,
  at: number,
): { record: LockRecord; forgotten: boolean } | undefined {
  const { whenFull = 'forget' } = rules;
  if (whenFull === 'refuse') return undefined;
  const first = (of: readonly LockRecord[], by: (record: LockRecord) => number): LockRecord | undefined =>
    of.reduce<LockRecord | undefined>(
      (least, each) => (least && by(least) <= by(each) ? least : each),
      undefined,
    );
  if (whenFull === 'forget') {
    const record = first(
      records.filter((each) => isOver(each, rules, at)),
      overAt,
    );
    return record && { record, forgotten: true };
  }
  for (const { of, kind, earliest } of whenFull) {
    const wanted = records.filter(
      (record) => (kind === undefined || record.kind === kind) && record.consumed === (of === 'revoked'),
    );
    const record = first(wanted, (each) => each[earliest] ?? LAST_INSTANT);
    if (record) return { record, forgotten: false };
  }
  return undefined;
}

/** The place of one more record, and the state in which it is free or may be taken; undefined where there is none. */
function withRoom(
  state: LockState,
  rules: LockRules,
  at: number,
): { readonly state: LockState; readonly place: number } | undefined {
  const { records } = state;
  if (typeof rules.whenFull === 'object') {
    // As flash is searched: the first place that is over or free, full or not.
    const over = records.findIndex((record) => isOver(record, rules, at));
    if (over >= 0) return { state, place: over };
  }
  if (records.length < rules.records) return { state, place: records.length };
  const gone = leaving(state, rules, at);
  if (!gone) return undefined;
  if (!gone.forgotten) return { state, place: records.indexOf(gone.record) };
  const rest = records.filter((record) => record !== gone.record);
  const forgottenUntil = Math.max(state.forgottenUntil, overAt(gone.record));
  return { state: { ...state, records: rest, forgottenUntil }, place: rest.length };
}

const revoked = (record: LockRecord): LockRecord => Object.freeze({ ...record, consumed: true });

/** Whether the lock must remember a code: one that needs no record opens without one when the memory is full. */
const mustRemember = (
  { rules: { whenFull }, revokesUsed }: Lock,
  { kind, firstUseBy, until }: Case,
): boolean =>
  kind.times === 'once' ||
  firstUseBy < until ||
  kind.afterUse !== undefined ||
  kind.overlapping !== undefined ||
  revokesUsed ||
  whenFull === 'refuse';

/** Whether as many used codes of the kind as may are open still, or to come, in the window of this one. */
function isCrowded(
  { records }: LockState,
  rules: LockRules,
  { kind, startsAt, endsAt }: Case,
  at: number,
): boolean {
  const { overlapping = Number.POSITIVE_INFINITY } = kind;
  const others = records.filter(
    (each) =>
      each.kind === kind.id && !isOver(each, rules, at) && each.startsAt < endsAt && overAt(each) > startsAt,
  );
  return others.length >= overlapping;
}

/** What accepting does to the state; undefined where the code needs a record and there is no room for it. */
function accept(lock: Lock, state: LockState, code: string, found: Case, at: number): LockState | undefined {
  const { kind, startsAt, endsAt, until, epoch, day, record, grant } = found;
  const { rules } = lock;
  if (record) return state;
  if (kind.effect === 'set_clock') {
    return { ...state, clock: 'running', lastAt: endsAt, throttle: restart(state.throttle, endsAt) };
  }
  if (kind.effect === 'clear')
    return withoutDead({ ...state, clearedBefore: startsAt, epoch: Math.max(state.epoch, epoch) });
  if (kind.effect === 'clear_one') {
    const target = targetOf(lock, state, found);
    return { ...state, records: state.records.map((each) => (each === target ? revoked(each) : each)) };
  }
  // A code of the period is computed anew at every entry.
  if (kind.for === 'rolling') return state;
  const superseding =
    day !== null ? withoutDead({ ...state, staysFrom: Math.max(state.staysFrom, day) }) : state;
  if (isCrowded(superseding, rules, found, at)) return undefined;
  const room = withRoom(superseding, rules, at);
  // A full memory must not keep codes alive that somebody wants revoked.
  if (!room && kind.effect === 'clear_all') return { ...state, records: state.records.map(revoked) };
  if (!room) return mustRemember(lock, found) ? undefined : superseding;
  const { variance, lane = '' } = grant;
  const added: LockRecord = Object.freeze({
    code,
    epoch,
    kind: kind.id,
    variance,
    lane,
    startsAt,
    endsAt: grant.endsAt,
    until: Math.min(until, at + (kind.afterUse ?? until)),
    day,
    consumed: kind.times === 'once',
  });
  const { records } = room.state;
  const others = kind.effect === 'clear_all' ? records.map(revoked) : records;
  return { ...room.state, records: [...others.slice(0, room.place), added, ...others.slice(room.place + 1)] };
}

/** Whether a code that was open is among those that are revoked now; room for the clear code may have dropped it. */
function hasRevoked(before: LockState, after: LockState): boolean {
  const open = new Set(before.records.filter((each) => !each.consumed).map((each) => each.code));
  return after.records.some((each) => open.has(each.code));
}

function refused(reason: Refusal, grant: Grant | null = null): Verdict {
  return { accepted: false, opens: false, reason, grant };
}

function acceptedVerdict({ kind, grant, record, endsAt }: Case): Verdict {
  if (kind.effect === 'set_clock')
    return { accepted: true, opens: false, reason: 'clock_set', grant, setClock: endsAt };
  if (kind.effect !== 'open' && kind.effect !== 'supersede')
    return { accepted: true, opens: false, reason: 'cleared', grant };
  return { accepted: true, opens: true, reason: record ? 'used_before' : 'first_use', grant };
}

/** Cases in the order in which they are asked: records, then pages. */
function casesOf(
  lock: Lock,
  state: LockState,
  code: string,
  at: number,
  to: Admission['to'],
): readonly Case[] {
  if (state.clock === 'unset') {
    const from = state.lastAt ?? at;
    return freshCases(lock, state, code, from, from + (lock.rules.clockReach ?? 0));
  }
  const recorded = recordedCases(lock, state, code);
  if (to === 'records') return recorded;
  const fresh = freshCases(lock, state, code, at, at).filter(
    (each) => isNear(each, at) && !recorded.some((record) => isSame(record, each)),
  );
  return [...recorded, ...fresh];
}

/** What an accepted code of a count or period did. */
function stepVerdict({ effect }: Meaning['kind'], grant: Grant): Verdict {
  if (effect === 'open') return { accepted: true, opens: true, reason: 'first_use', grant };
  return { accepted: true, opens: false, reason: effect === 'sync' ? 'synced' : 'credited', grant };
}

/** An entry that is paid for, at a lock that keeps step. */
function steppedEntry(
  lock: Lock,
  paid: LockState,
  steps: StepState,
  code: string,
  at: number,
  admission: Admission,
): Entry {
  const [token] = liveTokens(lock, paid);
  const refuse = (reason: Refusal, grant: Grant | null, next: StepState): Entry => {
    const charged = trust(lock, { ...paid, steps: next });
    return { charged, state: charged, verdict: refused(reason, grant) };
  };
  if (!token || admission.to !== 'all') return refuse('locked_out', null, steps);
  if (paid.clock === 'unset' && countsTime(token)) return refuse('clock_unset', null, steps);
  const step = stepWith(token, steps, lock.rules, code, at);
  if (!step.accepted) return refuse(step.reason, step.grant, step.next);
  const charged = trust(lock, { ...paid, steps: step.next });
  const throttle = refund(lock.rules.throttle, admission);
  return {
    charged,
    state: trust(lock, { ...charged, throttle }),
    verdict: stepVerdict(step.kind, step.grant),
  };
}

/** Whether a token's codes are for times, alone or beside a count. */
const countsTime = (token: DeviceToken): boolean =>
  engineOf(token).books.some(({ counts }) => !counts || counts.timed);

/**
 * One keypad entry.
 *
 * @param state of this lock: from `initialState`, from an earlier entry, or the same after a trip through JSON.
 * @param code what was keyed in.
 * @param at what the lock's clock shows, epoch seconds.
 * @returns the state to persist before the answer, the state after it, and the verdict.
 * @throws `bad_argument`, `out_of_range`, `state_damaged`, `state_foreign`, `state_version`; then nothing has changed.
 * @example
 * import { createToken, mint } from 'pintumbler';
 * import { createLock, enter, initialState } from 'pintumbler/lock';
 * import { igloohome } from 'pintumbler/vendors';
 * const token = createToken({ vendor: igloohome, deviceId: 'd', root: new Uint8Array(32), timeZone: 'UTC' });
 * const startsAt = Date.UTC(2026, 2, 1, 15) / 1000;
 * const code = mint(token, { kind: 'hourly', variance: 0, startsAt, endsAt: startsAt + 7200 });
 * const lock = createLock([token]);
 * const early = enter(lock, initialState(lock), code, startsAt - 1);
 * console.log(early.verdict.reason); // not_yet_valid
 * console.log(enter(lock, early.state, code, startsAt).verdict.accepted); // true
 */
export function enter(lock: Lock, state: LockState, code: string, at: number): Entry {
  checkLock(lock);
  checkString('code', code);
  checkInstant('at', at);
  const before = stateOf(lock, state);
  const { rules } = lock;
  if (!liveTokens(lock, before).some((token) => isWellFormed(token, code))) {
    return { charged: before, state: before, verdict: refused('malformed') };
  }
  const admission = admit(rules.throttle, before.throttle, at);
  const unset = before.clock === 'unset';
  const paid: LockState = { ...before, lastAt: unset ? before.lastAt : at, throttle: admission.charged };
  const refuse = (reason: Refusal, grant?: Grant): Entry => {
    const charged = trust(lock, paid);
    return { charged, state: charged, verdict: refused(reason, grant) };
  };
  if (admission.to === 'nothing' || (unset && admission.to === 'records')) return refuse('locked_out');
  if (before.steps) return steppedEntry(lock, paid, before.steps, code, at, admission);

  const cases = casesOf(lock, before, code, at, admission.to);
  const reasons = cases.map((found) =>
    unset ? clockRefusalOf(before, rules, found) : refusalOf(lock, before, found, at),
  );
  const found = cases[reasons.indexOf(undefined)];
  if (found) {
    const charged = accept(lock, paid, code, found, at);
    if (!charged) return refuse('memory_full', found.grant);
    if (found.kind.effect === 'clear_all' && !hasRevoked(before, charged)) {
      // Used up all the same, as its maker has it.
      const spent = trust(lock, charged);
      return { charged: spent, state: spent, verdict: refused('nothing_to_clear', found.grant) };
    }
    const given = refund(rules.throttle, admission);
    const throttle = found.kind.effect === 'set_clock' ? restart(given, found.endsAt) : given;
    return {
      charged: trust(lock, charged),
      state: trust(lock, { ...charged, throttle }),
      verdict: acceptedVerdict(found),
    };
  }
  if (admission.to === 'records') return refuse('locked_out');
  const reason = BY_RANK.find((each) => reasons.includes(each));
  if (reason === undefined) return refuse(unset ? 'clock_unset' : 'unknown');
  return refuse(reason, cases[reasons.indexOf(reason)]?.grant);
}

/**
 * A lock from its device tokens: one with the root (every epoch from its own on), or those of several epochs that
 * follow each other, each with its own settings.
 *
 * @throws `bad_argument` for tokens of different devices, vendors or roots, or epochs that do not follow each other;
 *   `scheme_remote` for a vendor whose codes come from somewhere else
 */
export function createLock(tokens: readonly DeviceToken[]): Lock {
  if (!Array.isArray(tokens) || tokens.length === 0) expected('tokens', 'a list of device tokens', tokens);
  for (const token of tokens) checkToken('tokens', token);
  const [first, ...rest] = [...tokens].sort((a, b) => a.epoch - b.epoch);
  if (!first) return fail('bad_argument', '"tokens" expected at least one device token');
  rest.forEach((token, index) => {
    if (token.deviceId !== first.deviceId || token.vendor !== first.vendor)
      fail('bad_argument', '"tokens" expected tokens of one device and vendor');
    if (
      token.holds !== first.holds ||
      (token.holds === 'root' && fingerprint(token) !== fingerprint(first))
    ) {
      fail('bad_argument', '"tokens" expected tokens of one root, or device keys only');
    }
    if (token.epoch !== first.epoch + index + 1)
      fail('bad_argument', '"tokens" expected epochs that follow each other');
  });
  // A prescribed key is new with each epoch, or what one epoch has used up opens again in the other.
  const keys = tokens.filter(({ holds }) => holds === 'key').map((token) => secretBytes(token).join());
  if (new Set(keys).size < keys.length)
    fail('bad_argument', '"tokens" expected a key of its own for each epoch');
  for (const token of [first, ...rest]) engineOf(token);
  const lock = new Lock([first, ...rest]);
  if (rest.length > 0 && lock.inStep)
    fail('bad_argument', '"tokens" expected one: a lock that counts lives with one key at a time');
  return lock;
}

/**
 * The state of a lock that has just been put up.
 *
 * @param at its clock at that moment, epoch seconds: the last stored time for a set-clock code. Without it, a lock
 *   that loses its clock before its first entry can only be set by a service tool (`setClock`).
 */
export function initialState(lock: Lock, at?: number): LockState {
  checkLock(lock);
  if (at !== undefined) checkInstant('at', at);
  const token = lock.inStep ? lock.tokenOf(lock.oldestEpoch) : undefined;
  return trust(lock, {
    v: 1,
    lock: lock.id,
    epoch: lock.oldestEpoch,
    clock: 'running',
    lastAt: at ?? null,
    throttle: freshThrottle(lock.rules.throttle, at),
    clearedBefore: 0,
    staysFrom: 0,
    forgottenUntil: 0,
    records: [],
    ...(token && { steps: freshSteps(token) }),
  });
}

/**
 * The state of a lock that has asked for an answer: the challenge that it shows, and session information where its
 * suite has that. An earlier challenge is void. The randomness of the challenge is the caller's (RFC 6287 §7.1): without
 * a counter or time in the suite, one that comes again takes the answer that it had.
 *
 * @param asked `challenge` in the form that the suite says, of its full length; `session` as hex.
 * @param at what the lock's clock shows, epoch seconds: the answer is accepted for as long as the vendor says.
 * @throws `bad_argument` for a vendor whose codes answer nothing, or a challenge that is none of its suite; `out_of_range`
 * @example
 * import { createToken, mint } from 'pintumbler';
 * import { ask, createLock, enter, initialState } from 'pintumbler/lock';
 * import { ocra } from 'pintumbler/vendors';
 * const token = createToken({ vendor: ocra, deviceId: 'safe-1', key: new Uint8Array(20).fill(7), timeZone: 'UTC' });
 * const lock = createLock([token]);
 * const asked = { challenge: '48290137' }; // on the display, from a random source
 * const state = ask(lock, initialState(lock), asked, 1772380800);
 * const code = mint(token, { kind: 'response', variance: 0, count: 0, value: 0, asked });
 * console.log(enter(lock, state, code, 1772380860).verdict.accepted); // true
 */
export function ask(lock: Lock, state: LockState, asked: Asked, at: number): LockState {
  checkLock(lock);
  checkInstant('at', at);
  const before = stateOf(lock, state);
  const [token] = liveTokens(lock, before);
  const kind = askingKind(token);
  if (!before.steps || !token || !kind?.asks)
    return fail('bad_argument', 'codes of this vendor answer nothing');
  const said = askedOf(kind, asked);
  if (!said) return expected('asked', 'a challenge', asked);
  if (said.challenge.length !== (kind.challenge ?? said.challenge.length))
    expected('asked.challenge', `${kind.challenge} symbols`, said.challenge);
  checkAsked(token, kind, said);
  return trust(lock, {
    ...before,
    steps: { ...before.steps, asked: Object.freeze({ ...said, until: at + kind.asks }) },
  });
}

/** The state after a power cut that the clock did not survive: every code is refused until the clock is set. */
export function loseClock(lock: Lock, state: LockState): LockState {
  checkLock(lock);
  const before = stateOf(lock, state);
  return trust(lock, {
    ...before,
    clock: 'unset',
    throttle: restart(before.throttle, null),
    ...(before.steps && { steps: forgetClock(before.steps) }),
  });
}

/** The state after a service tool or an app has set the clock to `at`, epoch seconds. */
export function setClock(lock: Lock, state: LockState, at: number): LockState {
  checkLock(lock);
  checkInstant('at', at);
  const before = stateOf(lock, state);
  return trust(lock, {
    ...before,
    clock: 'running',
    lastAt: at,
    throttle: restart(before.throttle, at),
    ...(before.steps && { steps: forgetClock(before.steps) }),
  });
}

/**
 * The state as text with a checksum, for flash or a file. It holds live codes: keep it like one.
 *
 * @throws `state_damaged`, `state_foreign`, `state_version`
 */
export function saveState(lock: Lock, state: LockState): string {
  checkLock(lock);
  return writeText(stateOf(lock, state));
}

/**
 * Reads what `saveState` wrote.
 *
 * @throws `state_damaged` for anything cut off or changed, `state_foreign` for another lock's, `state_version`
 */
export function loadState(lock: Lock, text: string): LockState {
  checkLock(lock);
  checkString('text', text);
  return adopt(
    lock,
    readText(text, (value) => checkedState(lock, value)),
  );
}
