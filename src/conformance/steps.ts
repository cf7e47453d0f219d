/**
 * What a lock that keeps step does with a vendor's codes, whatever the scheme: a code of a count or a period is
 * accepted within what its kind accepts, once, and nothing of what it ends; two codes that follow each other bring the
 * lock back into step; what answers is accepted while it is asked for. See lock/steps.ts.
 */
import {
  ask,
  createLock,
  type Entry,
  enter,
  initialState,
  type Lock,
  type LockState,
  loadState,
  loseClock,
  saveState,
} from '../lock/index.ts';
import { isAnswer, type PlacedKind } from '../vendors/vendor.ts';
import {
  type Attempt,
  apart,
  Broken,
  type Case,
  type CountCase,
  caseOf,
  cases,
  codeOf,
  inWords,
  momentOf,
  NotTried,
  otherAsked,
  otherKey,
  sameGrant,
  type Trial,
  tryDrawn,
  tryEach,
  type WindowCase,
} from './trial.ts';

type Answer = Entry['verdict']['reason'];
type Answers = readonly [Answer, ...Answer[]];

/** Why what is above, or below, of what a kind accepts is refused; of what is far away the lock says nothing. */
const ABOVE: Answers = ['not_yet_valid', 'unknown'];
const BELOW: Answers = ['expired', 'superseded', 'already_used', 'unknown'];

const ACCEPTED: readonly Answer[] = ['first_use', 'credited', 'synced'];

/** What an accepted code of a kind did. */
const doneBy = ({ effect }: PlacedKind): Answers =>
  effect === 'sync' ? ['synced'] : effect === 'credit' ? ['credited'] : ['first_use'];

/** A door with a lock that keeps step, before which somebody stands. */
interface Door {
  readonly trial: Trial;
  readonly lock: Lock;
  readonly fresh: LockState;
}

const rangeOf = ({ accepts: [from, to] = [0, 0] }: PlacedKind): readonly [number, number] => [from, to];

/** The state of a lock that has asked what a case answers, where it asks. */
const asking = ({ lock }: Door, state: LockState, { grant }: Case, at: number): LockState =>
  grant.asked ? ask(lock, state, grant.asked, at) : state;

/** Keys a code in with all the tries that a new lock has, and expects one of the answers. */
function press({ lock, fresh }: Door, state: LockState, found: Case, at: number, answers: Answers): Entry {
  const code = codeOf(found.token, found.grant);
  const entry = enter(lock, { ...state, throttle: fresh.throttle }, code, at);
  const { reason, grant } = entry.verdict;
  if (answers.includes(reason)) return entry;
  // By chance a code that should be refused is another grant's too.
  if (grant !== null && !sameGrant(grant, found.grant) && !answers.some((each) => ACCEPTED.includes(each)))
    throw new NotTried();
  const { steps: { last = 0 } = {} } = state;
  const where = found.window ? '' : `, the last count ${last}`;
  const what = `keyed in at ${new Date(at * 1000).toISOString().slice(0, 19)}Z${where}`;
  throw new Broken(inWords(found), `${what}: expected ${answers.join(' or ')}, got ${reason}`);
}

/** The same in answer to what the lock has just asked. */
const key = (door: Door, state: LockState, found: Case, at: number, ...answers: Answers): Entry =>
  press(door, asking(door, state, found, at), found, at, answers);

/** A code that has been used is refused: before the door opens, after it, and after the lock was off and on. */
function checkReplay(door: Door, { state, charged }: Entry, found: Case, at: number): LockState {
  const saved = loadState(door.lock, saveState(door.lock, state));
  // Where counts do not tell answers apart, the same challenge asked again has the same answer.
  const isAgain = isAnswer(found.kind) || (found.window !== undefined && found.grant.asked !== undefined);
  for (const each of [state, charged, saved]) {
    if (isAgain) press(door, each, found, at, ['not_asked']);
    else key(door, each, found, at, 'already_used');
  }
  return saved;
}

/** An answer counts while it is asked for: not before, not too late, and not when something else is asked. */
function checkAsking(door: Door, state: LockState, found: Case, at: number): void {
  const { kind, grant } = found;
  const { asks } = kind;
  if (asks === undefined || !grant.asked) return;
  press(door, state, found, at, ['not_asked']);
  press(door, asking(door, state, found, at - asks), found, at, ['not_asked']);
  const { charged } = press(door, asking(door, state, found, at - asks + 1), found, at, doneBy(kind));
  press(door, charged, found, at, ['not_asked']);
  const other = ask(door.lock, asking(door, state, found, at), otherAsked(grant.asked), at);
  press(door, other, found, at, [...ABOVE, ...BELOW, 'out_of_step']);
}

/** Another device's code is nobody's here; once it can be by chance, twice not. */
function checkForeign(door: Door, state: LockState, found: Case, at: number): void {
  const { trial, lock } = door;
  const isTaken = (secret: Uint8Array): boolean => {
    const code = codeOf(apart(trial, found.token, secret), found.grant);
    const { accepted, grant } = enter(lock, asking(door, state, found, at), code, at).verdict;
    return accepted && sameGrant(grant, found.grant);
  };
  if (isTaken(otherKey(trial)) && isTaken(otherKey(trial, 0)))
    throw new Broken(inWords(found), 'the lock takes the code of another device');
}

/** Without a clock, times mean nothing, and counts what they always do. */
function checkClock(door: Door, state: LockState, found: Case, at: number): void {
  const { kind } = found;
  const isTimed = found.window !== undefined || door.trial.tables[kind.table]?.counts?.timed === true;
  const answers: Answers = isTimed ? ['clock_unset'] : doneBy(kind);
  key(door, loseClock(door.lock, state), found, at, ...answers);
}

/** The state of a lock whose last accepted count is this, and that remembers no other. */
function afterCount({ fresh }: Door, last: number): LockState {
  const { steps } = fresh;
  return steps ? { ...fresh, steps: { ...steps, last, peak: last } } : fresh;
}

const firstLast = ({ fresh }: Door): number => fresh.steps?.last ?? -1;

/** A code of some kind for a count, as much like a case as can be: of its own kind, if that has the count. */
function alikeAt(door: Door, found: CountCase, slot: number, isWanted: (other: Case) => boolean): Case[] {
  const { trial } = door;
  const { token, kind, claim } = found;
  const kinds = [kind, ...trial.kinds.filter((other) => other !== kind)];
  return kinds
    .flatMap((other) =>
      [claim.length, claim.length + 1, 0].flatMap(
        (length) => caseOf(trial, token, other, { ...claim, slot, length }) ?? [],
      ),
    )
    .filter(isWanted)
    .slice(0, 1);
}

/** From the last count at which a code is accepted to the first: and on either side of them it is not. */
function checkReachOf(door: Door, found: CountCase, at: number): void {
  const { kind, claim } = found;
  const { resync } = door.lock.rules;
  const [from, to] = rangeOf(kind);
  const first = firstLast(door);
  // The last count itself is used up.
  for (const last of [claim.slot - to, claim.slot - 1, claim.slot - from])
    if (last >= first && last !== claim.slot && claim.slot - last >= from && claim.slot - last <= to)
      key(door, afterCount(door, last), found, at, ...doneBy(kind));
  const early = claim.slot - to - 1;
  if (early >= first)
    key(door, afterCount(door, early), found, at, ...(resync ? (['out_of_step'] as const) : ABOVE));
  const late = claim.slot - from + 1;
  if (late >= first) key(door, afterCount(door, late), found, at, ...BELOW);
}

/** What a used code leaves of its own count and of the ones below. */
function checkOrder(door: Door, used: LockState, found: CountCase, at: number): void {
  const { kind, claim } = found;
  const same = alikeAt(door, found, claim.slot, ({ grant }) => !sameGrant(grant, found.grant));
  for (const other of same) key(door, used, other, at, 'already_used');
  for (const slot of [claim.slot - 1, claim.slot - 2]) {
    for (const other of alikeAt(door, found, slot, () => true)) {
      const { effect } = other.kind;
      const peak = used.steps?.peak ?? claim.slot;
      const [from] = rangeOf(other.kind);
      const isLate = slot < (effect === 'sync' ? peak : (used.steps?.last ?? 0)) + from;
      const isSealed = effect !== 'sync' && (kind.seals === true || kind.effect === 'sync');
      key(door, used, other, at, ...(isLate || isSealed ? BELOW : doneBy(other.kind)));
    }
  }
}

/** A sync that goes back: what was used stays used, and another code of its count is accepted. */
function checkSync(door: Door, used: LockState, found: CountCase, at: number): void {
  const { claim, kind } = found;
  const { peak = 0 } = used.steps ?? {};
  if (kind.effect === 'sync') return;
  for (let slot = claim.slot - 1; slot > claim.slot - 1 - 2 * kind.shape.every && slot >= 0; slot--) {
    const [sync] = alikeAt(door, found, slot, (each) => each.kind.effect === 'sync');
    if (!sync || slot < peak + rangeOf(sync.kind)[0]) continue;
    const synced = checkReplay(door, key(door, used, sync, at, 'synced'), sync, at);
    key(door, synced, found, at, 'already_used');
    const [other] = alikeAt(
      door,
      found,
      claim.slot,
      (each) => each.kind === kind && !sameGrant(each.grant, found.grant),
    );
    if (other) key(door, synced, other, at, ...doneBy(kind));
    return;
  }
}

/** Too far ahead, two codes that follow each other bring the lock back into step; the first opens nothing. */
function checkResync(door: Door, found: CountCase, at: number): void {
  const { resync } = door.lock.rules;
  const { claim, kind } = found;
  if (resync === undefined) return;
  const [next] = alikeAt(door, found, claim.slot + 1, ({ kind: { effect } }) => effect !== 'sync');
  for (const ahead of [1, resync]) {
    const last = claim.slot - rangeOf(kind)[1] - ahead;
    if (last < firstLast(door) || !next) continue;
    const once = key(door, afterCount(door, last), found, at, 'out_of_step').state;
    const twice = key(door, once, found, at, 'out_of_step').state;
    const { state } = key(
      door,
      loadState(door.lock, saveState(door.lock, twice)),
      next,
      at,
      ...doneBy(next.kind),
    );
    key(door, state, next, at, 'already_used');
    key(door, afterCount(door, last), next, at, 'out_of_step', 'not_yet_valid', 'unknown');
  }
}

function checkCount(trial: Trial, found: CountCase): void {
  const { token, kind, claim } = found;
  const lock = createLock([token]);
  const door = { trial, lock, fresh: initialState(lock) };
  const at = momentOf(trial, found);
  const [from, to] = rangeOf(kind);
  const last = Math.max(claim.slot - Math.max(to, 0), firstLast(door));
  // A new lock takes no count that far below.
  if (claim.slot < last + from) throw new NotTried();
  const start = isAnswer(kind) ? door.fresh : afterCount(door, last);
  checkAsking(door, start, found, at);
  const used = checkReplay(door, key(door, start, found, at, ...doneBy(kind)), found, at);
  checkForeign(door, start, found, at);
  checkClock(door, start, found, at);
  if (isAnswer(kind)) return;
  checkReachOf(door, found, at);
  checkOrder(door, used, found, at);
  checkSync(door, used, found, at);
  checkResync(door, found, at);
}

/** The same kind's code some periods later. */
function later(trial: Trial, { token, kind, claim }: WindowCase, periods: number): Case {
  const found = caseOf(trial, token, kind, { ...claim, slot: claim.slot + periods });
  if (!found) throw new NotTried();
  return found;
}

/** A lock whose clock is off by more than it accepts learns it from two codes that follow each other. */
function checkDrift(door: Door, found: WindowCase, step: number): void {
  const { drift } = door.lock.rules;
  const { kind, window } = found;
  const [from, to] = rangeOf(kind);
  const { most } = drift ?? { most: 0 };
  for (const off of [to + 1, most, from - 1, -most].filter((each) => each > to || each < from)) {
    // How late it is when the clock of the lock is behind by so many periods.
    const at = (periods: number): number => window.startsAt + (periods - off) * step;
    if (Math.abs(off) > most || at(0) < 0) continue;
    const [next, third] = [later(door.trial, found, 1), later(door.trial, found, 2)];
    const once = key(door, door.fresh, found, at(0), 'out_of_step').state;
    const saved = loadState(door.lock, saveState(door.lock, once));
    const { state } = key(door, saved, next, at(1), ...doneBy(kind));
    key(door, state, third, at(2), ...doneBy(kind));
  }
}

/** In its own period and those around it that its kind accepts, to the second. */
function checkPeriods(door: Door, found: WindowCase, step: number): void {
  const { kind, window } = found;
  const { most } = door.lock.rules.drift ?? { most: 0 };
  const [from, to] = rangeOf(kind);
  const opens = window.startsAt - to * step;
  const shuts = window.startsAt + (1 - from) * step;
  for (const at of [opens, window.startsAt, window.startsAt + step - 1, shuts - 1])
    if (at >= 0) key(door, door.fresh, found, at, ...doneBy(kind));
  const beyond = (periods: number, answers: Answers): Answers =>
    periods <= most ? ['out_of_step'] : answers;
  if (opens > 0) key(door, door.fresh, found, opens - 1, ...beyond(to + 1, ABOVE));
  key(door, door.fresh, found, shuts, ...beyond(1 - from, BELOW));
}

function checkPeriod(trial: Trial, found: WindowCase): void {
  const { token, kind, window } = found;
  const lock = createLock([token]);
  const door = { trial, lock, fresh: initialState(lock) };
  const at = window.startsAt;
  const step = trial.tables[kind.table]?.step ?? 1;
  checkAsking(door, door.fresh, found, at);
  checkPeriods(door, found, step);
  const used = checkReplay(door, key(door, door.fresh, found, at, ...doneBy(kind)), found, at);
  // An earlier period is over with it, unless codes are told apart by what they answer.
  if (rangeOf(kind)[0] < 0 && found.claim.slot > 0) {
    const ends: Answers = kind.asks === undefined ? ['superseded'] : doneBy(kind);
    key(door, used, later(trial, found, -1), at, ...ends);
  }
  key(door, used, later(trial, found, 1), at + step, ...doneBy(kind));
  checkForeign(door, door.fresh, found, at);
  checkClock(door, door.fresh, found, at);
  checkDrift(door, found, step);
}

/** Rules of the lock that can never come to pass. */
function checkReach({ kinds, tokens: [{ rules }] }: Trial): void {
  const { resync, drift } = rules.lock;
  const never = (what: string): never => {
    throw new Broken(what, 'it can never come to pass');
  };
  const hasCount = (count: number): boolean =>
    kinds.some(({ shape: { every, rest } }) => count % every === rest);
  for (const kind of kinds) {
    const { id, shape, times, alike = 1 } = kind;
    const [from, to] = rangeOf(kind);
    const counted = shape.on === 'count';
    if (from > to) never(`a code of ${id}, which accepts from ${from} to ${to}`);
    if (times === 'many') never(`a second use of a code of ${id}`);
    if (counted && !isAnswer(kind) && (from > 1 || to < shape.every))
      never(`the next code of ${id}, which accepts from ${from} to ${to} after the last`);
    if (!counted && (from > 0 || to < 0)) never(`a code of ${id} in its own period`);
    if (alike > to - from + 1)
      never(`${alike} codes of ${id} that are alike, in a window of ${to - from + 1}`);
    if (resync !== undefined && !hasCount(shape.rest + 1))
      never(`"resync" of ${id}, whose codes no other follows`);
  }
  if (resync !== undefined && !kinds.some((kind) => kind.shape.on === 'count' && !isAnswer(kind)))
    never('"resync", without counts');
  if (drift !== undefined && kinds.some(({ shape }) => shape.on === 'count'))
    never('"drift", without periods');
}

export const steps = (trial: Trial): readonly Attempt[] => [
  tryEach([trial], () => "the lock's rules", checkReach),
  tryDrawn(trial, cases(trial), inWords, (found) =>
    found.window ? checkPeriod(trial, found) : checkCount(trial, found),
  ),
];
