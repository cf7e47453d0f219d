/**
 * How a lock keeps step with codes that follow each other: counts (HOTP, OpenPAYGO, Nexus) and periods (TOTP). Pure.
 *
 * - A code is accepted once, within what its kind `accepts`: around the last accepted count, or around the present
 *   period by the lock's clock and the drift that it has learned (RFC 6238 §6).
 * - A kind that `seals` ends every lower count, used or not.
 * - `sync` sets the count, also back. What was used before stays used: the same code is never accepted again, though
 *   another of the same count may be, for an issuer who lost its count begins it anew.
 * - Out of step, two codes that follow each other, keyed in one after the other, bring it back (RFC 4226 §7.4).
 * - What answers a challenge is accepted once for it, and only before it is too old.
 */
import { countMeaningsOf, engineOf, meaningsOf, reachOf, saidOf } from '../engine.ts';
import { type Asked, type Grant, slotAt } from '../grant.ts';
import type { DeviceToken } from '../token.ts';
import { isAnswer, type LockRules, type PlacedKind } from '../vendors/vendor.ts';

/** A count and the value that its code carried. */
export type Used = readonly [count: number, value: number];

export interface StepState {
  /** The last accepted count, or period; −1 before any. After a sync, its count. */
  readonly last: number;
  /** Nothing up to it is accepted, but for a sync. */
  readonly floor: number;
  /** The highest count that was ever accepted: from there a sync goes back only so far. */
  readonly peak: number;
  /** What was used, up to `last`, as far as it could still be accepted. */
  readonly used: readonly Used[];
  /** What was used before a sync went back to its count or behind it. */
  readonly spent: readonly Used[];
  /** Periods by which the lock's clock is behind, as learned; 0 for counts. */
  readonly drift: number;
  /** When it was learned; null: not yet. */
  readonly driftAt: number | null;
  /** Counts, or periods, of which one brings the lock back into step if its code comes next. */
  readonly awaited: readonly number[];
  /** What the lock has asked, until when an answer is accepted; null: nothing. */
  readonly asked: (Asked & { readonly until: number }) | null;
}

/** Why a code is refused, in the order in which the first found is reported. */
const BY_RANK = ['already_used', 'superseded', 'out_of_step', 'expired', 'not_yet_valid'] as const;
type StepRefusal = (typeof BY_RANK)[number];

/** The state after an entry, and what it was: a grant of a kind, or why it was none. */
export type Step =
  | { readonly accepted: true; readonly kind: PlacedKind; readonly grant: Grant; readonly next: StepState }
  | {
      readonly accepted: false;
      readonly reason: StepRefusal | 'not_asked' | 'unknown';
      readonly grant: Grant | null;
      readonly next: StepState;
    };

interface Meaning {
  readonly grant: Grant;
  readonly kind: PlacedKind;
  readonly slot: number;
}

/** Of one lock, at one entry. */
interface Here {
  readonly token: DeviceToken;
  readonly steps: StepState;
  readonly rules: LockRules;
  readonly at: number;
  /** The present period by the lock's clock; undefined where it counts. */
  readonly now: number | undefined;
  /** What `accepts` is relative to. */
  readonly around: number;
  /** Lowest and highest of what any kind accepts, relative to it; at most and at least 0. */
  readonly reach: readonly [from: number, to: number];
}

/** The state of a lock that has accepted nothing. */
export function freshSteps(token: DeviceToken): StepState {
  const [{ counts } = { counts: undefined }] = engineOf(token).books;
  const { last, floor } = counts ?? { last: -1, floor: -1 };
  return {
    last,
    floor,
    peak: last,
    used: [],
    spent: [],
    drift: 0,
    driftAt: null,
    awaited: [],
    asked: null,
  };
}

/** The same after the clock was lost or set: what was known of it is not true any more. */
export const forgetClock = (steps: StepState): StepState => ({
  ...steps,
  drift: 0,
  driftAt: null,
  awaited: [],
  asked: null,
});

function hereOf(token: DeviceToken, steps: StepState, rules: LockRules, at: number): Here {
  const { books, kinds } = engineOf(token);
  const [book] = books;
  const now = !book || book.counts ? undefined : Math.floor(slotAt(at, book.grid));
  const around = now === undefined ? steps.last : now + steps.drift;
  return { token, steps, rules, at, now, around, reach: reachOf(kinds) };
}

/** Everything that the digits can mean as far as the lock looks; lowest first. */
function meaningsAt(
  { token, steps, rules, at, now, around, reach: [from, to] }: Here,
  code: string,
): readonly Meaning[] {
  const { asked } = steps;
  const said = asked ? saidOf(asked) : undefined;
  if (now === undefined) {
    // Below what is accepted, for what to say of a code that is refused.
    const lowest = around + Math.min(from, -to);
    const highest = around + to + (rules.resync ? rules.resync + 1 : 0);
    return [...countMeaningsOf(token, code, lowest, highest, said, at)].reverse();
  }
  // As far as the window and the drift go: that is the table's margin.
  return [...meaningsOf(token, code, at, at, said)].reverse();
}

const isOf =
  (slot: number) =>
  ([count]: Used): boolean =>
    count === slot;

/** Whether these very digits have been used; those of an answer are of another challenge. */
function isReplay({ steps: { used, spent, last }, now }: Here, { slot, grant, kind }: Meaning): boolean {
  if (kind.asks !== undefined) return false;
  if (now !== undefined) return slot === last;
  return [...used, ...spent].some(([count, value]) => count === slot && value === (grant.value ?? 0));
}

/** Why a meaning is refused, or undefined where it is accepted. */
function refusalOf(here: Here, meaning: Meaning): StepRefusal | undefined {
  const { steps, rules, now, around } = here;
  const { slot, kind } = meaning;
  const { accepts: [from, to] = [0, 0], effect } = kind;
  if (isAnswer(kind)) return undefined;
  if (isReplay(here, meaning)) return 'already_used';
  // An issuer who lost its count may sync at one that something else has used.
  if (effect !== 'sync' && steps.used.some(isOf(slot))) return 'already_used';
  if (effect !== 'sync' && slot <= steps.floor) return slot === steps.last ? 'already_used' : 'superseded';
  const isBelow = slot < (effect === 'sync' ? steps.peak : around) + from;
  if (!isBelow && slot <= around + to) return undefined;
  // A period is awaited only while it is near: two codes that somebody copied are soon worth nothing.
  const isNear =
    now === undefined
      ? rules.resync !== undefined && !isBelow && slot <= around + to + rules.resync
      : rules.drift !== undefined && Math.abs(slot - now) <= rules.drift.most;
  // The second of two counts may be one beyond the last that the first can be.
  if ((isNear || (now === undefined && !isBelow)) && steps.awaited.includes(slot)) return undefined;
  if (isNear) return 'out_of_step';
  return isBelow ? 'expired' : 'not_yet_valid';
}

/** The drift after a code of another period than the expected one, within the budget. */
function learned({ steps, rules, at, now }: Here, slot: number): Pick<StepState, 'drift' | 'driftAt'> {
  const { drift, driftAt } = steps;
  if (now === undefined || !rules.drift) return { drift, driftAt };
  const { most, every } = rules.drift;
  // Two codes that follow each other say more than one: who copied a future one has not the next.
  const isTwo = steps.awaited.includes(slot);
  const earned = driftAt === null ? 1 : Math.max(0, Math.floor((at - driftAt) / every));
  const budget = isTwo ? 2 * most : earned;
  const change = slot - now - drift;
  const next = drift + Math.min(Math.max(change, -budget), budget);
  const within = Math.min(Math.max(next, -most), most);
  return within === drift ? { drift, driftAt } : { drift: within, driftAt: at };
}

function accepted(here: Here, { slot, kind, grant }: Meaning): StepState {
  const { steps, reach, now } = here;
  const done = { ...steps, awaited: [], asked: null };
  if (now !== undefined) {
    // An answer is told apart by its challenge: two of one period are two.
    const floor = kind.asks === undefined ? slot : steps.floor;
    return { ...done, last: slot, floor, peak: Math.max(steps.peak, slot), ...learned(here, slot) };
  }
  if (isAnswer(kind)) return done;
  const isSync = kind.effect === 'sync';
  const last = isSync ? slot : Math.max(steps.last, slot);
  const peak = Math.max(steps.peak, slot);
  const floor = isSync ? slot : kind.seals ? Math.max(steps.floor, slot) : steps.floor;
  // What is sealed too: its digits can be those of a higher count.
  const matters = ([count]: Used): boolean => count >= peak + reach[0] && kind.asks === undefined;
  const one: Used = Object.freeze([slot, grant.value ?? 0]);
  const all = [...steps.used, one];
  const stays = (each: Used): boolean => !isSync || each === one || each[0] < slot;
  return {
    ...done,
    last,
    floor,
    peak,
    used: all.filter((each) => stays(each) && matters(each)),
    spent: [...steps.spent, ...all.filter((each) => !stays(each))].filter(matters),
  };
}

/**
 * One entry at a lock that keeps step.
 *
 * @param steps its state: what `enter` has charged is not in it.
 */
export function stepWith(
  token: DeviceToken,
  steps: StepState,
  rules: LockRules,
  code: string,
  at: number,
): Step {
  const here = hereOf(token, steps, rules, at);
  const { asked } = steps;
  const isAsking = engineOf(token).kinds.some(({ asks }) => asks !== undefined);
  if (isAsking && (!asked || at >= asked.until))
    return {
      accepted: false,
      reason: 'not_asked',
      grant: null,
      next: { ...steps, awaited: [], asked: null },
    };
  const meanings = meaningsAt(here, code);
  const reasons = meanings.map((meaning) => refusalOf(here, meaning));
  // Digits that have been used open nothing, whatever else they could mean.
  const isUsed = meanings.some((meaning) => isReplay(here, meaning));
  const fits = meanings.filter((_, index) => reasons[index] === undefined);
  // Of periods the last, or the same digits could be used again; of counts the first, or codes would be passed over.
  const found = isUsed ? undefined : here.now === undefined ? fits[0] : fits.at(-1);
  if (found) return { accepted: true, kind: found.kind, grant: found.grant, next: accepted(here, found) };
  const ahead = meanings.filter((_, i) => reasons[i] === 'out_of_step').map(({ slot }) => slot + 1);
  // After the last count comes none; and two times of one count are one.
  const awaited = [...new Set(ahead)].filter(Number.isSafeInteger);
  const reason = BY_RANK.find((each) => reasons.includes(each));
  const next = { ...steps, awaited };
  if (reason === undefined) return { accepted: false, reason: 'unknown', grant: null, next };
  return { accepted: false, reason, grant: meanings[reasons.indexOf(reason)]?.grant ?? null, next };
}
