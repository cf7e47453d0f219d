/**
 * What a lock does with a vendor's codes, whatever the scheme: a code opens from the first moment of its window to the
 * last, and nothing else does; and each rule of the lock can come to pass. See DESIGN §6 and lock/lock.ts.
 */
import { LAST_INSTANT } from '../errors.ts';
import { countOf, slotAt, valueAt } from '../grant.ts';
import {
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
import { gridOf } from '../token.ts';
import { graceOf } from '../vendors/timing.ts';
import type { PlacedKind } from '../vendors/vendor.ts';
import { steps } from './steps.ts';
import {
  type Attempt,
  apart,
  Broken,
  type Case,
  cases,
  codeOf,
  inWords,
  keepsStep,
  lanesOf,
  longestOf,
  moment,
  otherKey,
  placeGrant,
  sameGrant,
  type Trial,
  tryDrawn,
  tryEach,
  type WindowCase,
  windowCaseOf,
} from './trial.ts';

type Answer = Entry['verdict']['reason'];

const ACCEPTED: readonly Answer[] = ['first_use', 'used_before', 'cleared', 'clock_set'];

/** Keys a code in, and expects one of the answers: what it did, or why it did not. */
type Key = (state: LockState, at: number, ...answers: readonly [Answer, ...Answer[]]) => Entry;

function keypad(lock: Lock, found: Case): Key {
  const code = codeOf(found.token, found.grant);
  return (state, at, ...answers) => {
    const entry = enter(lock, state, code, at);
    const { reason, grant } = entry.verdict;
    // By chance a code that should be refused is another grant's too, which opens at that moment or is why it does not.
    const byChance = grant !== null && !sameGrant(grant, found.grant) && !ACCEPTED.includes(answers[0]);
    if (!answers.includes(reason) && !byChance)
      throw new Broken(
        inWords(found),
        `keyed in at ${moment(at)}: expected ${answers.join(' or ')}, got ${reason}`,
      );
    return entry;
  };
}

/** What opens: from its first moment to its last, once or often, also after the lock was switched off and on. */
function checkOpening(lock: Lock, { window, kind }: WindowCase, key: Key, fresh: LockState): void {
  const { startsAt, until, firstUseBy } = window;
  const grace = graceOf(lock.rules);
  // Of a window that comes again, the first time.
  const ends = kind.shape.weekdays ? window.endsAt : until;
  key(fresh, Math.min(ends, firstUseBy) - 1, 'first_use');
  if (firstUseBy < until) key(fresh, firstUseBy + grace, 'first_use_missed', 'not_yet_valid');
  const { state, charged } = key(fresh, startsAt, 'first_use');
  const saved = loadState(lock, saveState(lock, state));
  if (kind.times === 'once') {
    for (const each of [state, charged, saved]) key(each, startsAt, 'already_used');
    return;
  }
  const { afterUse = LAST_INSTANT } = kind;
  key(saved, Math.min(ends, startsAt + afterUse) - 1, 'used_before', 'first_use');
  const over = Math.min(until, startsAt + afterUse) + grace;
  if (over < LAST_INSTANT) key(saved, over, 'expired');
}

/** What does not open: it does what it says while it may, and has nothing to do at a lock that nobody used. */
function checkControl(lock: Lock, { window, kind }: WindowCase, key: Key, fresh: LockState): void {
  const { startsAt, endsAt } = window;
  if (kind.effect === 'set_clock') {
    key(fresh, startsAt, 'already_used', 'not_yet_valid', 'expired');
    key(loseClock(lock, initialState(lock, startsAt)), startsAt, 'clock_set');
  } else if (kind.effect === 'clear') {
    const { state } = key(fresh, startsAt, 'cleared');
    key(state, startsAt, 'already_used');
  } else if (endsAt > startsAt) key(fresh, startsAt, 'nothing_to_clear');
}

/** The code of a clearing kind that is about a grant: of its own window, or of the slot that comes next or is now. */
function clearingOf(
  trial: Trial,
  { token, grant, kind: target }: WindowCase,
  kind: PlacedKind,
): WindowCase | undefined {
  const [lane = ''] = lanesOf(trial, kind);
  const table = trial.tables[kind.table];
  // A code that was used up is revoked already, and one of a period leaves no record to revoke.
  const isRecorded = target.times === 'many' && target.for !== 'rolling';
  if (!table || (kind.effect !== 'clear' && !isRecorded)) return undefined;
  if (kind.effect === 'clear_one')
    return placeGrant(trial, token, { ...grant, kind: kind.id, variance: 0, ...(lane !== '' && { lane }) });
  const slot = Math.floor(slotAt(grant.startsAt, gridOf(token, table))) + (kind.effect === 'clear' ? 1 : 0);
  return windowCaseOf(trial, token, kind, { slot, length: 0, variance: 0, lane });
}

/** A code that was used is refused after the vendor's own clearing codes. */
function checkClearing(trial: Trial, lock: Lock, found: WindowCase, key: Key, fresh: LockState): void {
  const { startsAt, endsAt } = found.window;
  for (const kind of trial.kinds.filter(({ effect }) => effect.startsWith('clear'))) {
    const clearing = clearingOf(trial, found, kind);
    const at = Math.max(clearing?.window.startsAt ?? LAST_INSTANT, startsAt);
    if (!clearing || at >= endsAt) continue;
    const { state } = key(fresh, startsAt, 'first_use');
    const cleared = keypad(lock, clearing)(state, at, 'cleared').state;
    key(loadState(lock, saveState(lock, cleared)), at, 'revoked');
  }
}

/** Another device's code is nobody's here; once it can be by chance, twice not. */
function checkForeign(trial: Trial, lock: Lock, found: WindowCase, fresh: LockState): void {
  const isTaken = (key: Uint8Array): boolean => {
    const code = codeOf(apart(trial, found.token, key), found.grant);
    const { accepted, grant } = enter(lock, fresh, code, found.window.startsAt).verdict;
    return accepted && sameGrant(grant, found.grant);
  };
  if (isTaken(otherKey(trial)) && isTaken(otherKey(trial, 0)))
    throw new Broken(inWords(found), 'the lock takes the code of another device');
}

function checkLife(trial: Trial, found: WindowCase): void {
  const { token, window, kind } = found;
  const lock = createLock([token]);
  const fresh = initialState(lock);
  const key = keypad(lock, found);
  const { tolerance } = lock.rules;
  if (kind.effect !== 'set_clock') {
    key(fresh, window.startsAt - tolerance - 1, 'not_yet_valid');
    if (window.until < LAST_INSTANT) key(fresh, window.until + graceOf(lock.rules), 'expired');
  }
  if (kind.for === 'control') checkControl(lock, found, key, fresh);
  else {
    checkOpening(lock, found, key, fresh);
    checkClearing(trial, lock, found, key, fresh);
    checkForeign(trial, lock, found, fresh);
  }
}

/** Every length of a kind. */
const lengthsOf = ({ shape: { lengths } }: PlacedKind): readonly (number | undefined)[] =>
  Array.from({ length: countOf(lengths) }, (_, index) => valueAt(lengths, index));

/** Rules of the lock that can never come to pass. */
function checkReach({ kinds, tokens: [{ rules }] }: Trial): void {
  const { records, clockReach, whenFull } = rules.lock;
  const never = (what: string): never => {
    throw new Broken(what, 'it can never come to pass');
  };
  for (const kind of kinds) {
    const { id, shape, afterUse = 0, overlapping = 0, effect } = kind;
    const firstUse = (shape.firstUse ?? 0) * (shape.on === 'slot' ? 1 : 86400);
    if (firstUse > longestOf(kind)) never(`first-use deadline of ${id}, after its longest window`);
    if (afterUse >= longestOf(kind))
      never(`time after the first use of ${id}, as long as its longest window`);
    if (overlapping > records) never(`${overlapping} overlapping codes of ${id}, with ${records} records`);
    if (effect === 'supersede' && shape.on === 'slot') never(`${id} superseding, without a civil day`);
    if (effect === 'set_clock' && clockReach === undefined)
      never(`${id} setting the clock, without "clockReach"`);
  }
  if (clockReach !== undefined && !kinds.some(({ effect }) => effect === 'set_clock'))
    never('"clockReach", without a kind that sets the clock');
  const clears = kinds.filter((kind) => kind.effect === 'clear_one' || kind.effect === 'clear_all');
  for (const clearing of clears.filter((kind) => kind.effect === 'clear_one')) {
    const lengths = new Set(lengthsOf(clearing));
    const isMet = kinds.some(
      (kind) =>
        kind.for !== 'control' &&
        kind.table === clearing.table &&
        lengthsOf(kind).some((each) => lengths.has(each)),
    );
    if (!isMet) never(`${clearing.id}, which has no window of a code that could be cleared`);
  }
  for (const { of, kind } of Array.isArray(whenFull) ? whenFull : []) {
    const isRevoked =
      clears.length > 0 || kinds.some(({ id, times }) => times === 'once' && (kind ?? id) === id);
    if (of === 'revoked' && !isRevoked) never('eviction of what is revoked, where nothing is');
    if (kind !== undefined && !kinds.some(({ id }) => id === kind))
      never(`eviction of "${kind}", which is no kind`);
  }
}

export const lock = (trial: Trial): readonly Attempt[] =>
  keepsStep(trial)
    ? steps(trial)
    : [
        tryEach([trial], () => "the lock's rules", checkReach),
        tryDrawn(trial, cases(trial), inWords, (found) => found.window && checkLife(trial, found)),
      ];
