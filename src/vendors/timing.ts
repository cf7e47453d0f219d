/**
 * Whether time alone lets a code in: what a lock asks of every window, and what the count of guessable codes asks too.
 */
import { repeatsAt, type Window } from '../grant.ts';
import type { OffsetTable } from '../zone.ts';
import type { LockRules, PlacedKind } from './vendor.ts';

export type TimeRefusal = 'first_use_missed' | 'expired' | 'not_yet_valid';

/** Seconds after an end or a deadline for which the lock still counts it as not reached. */
export const graceOf = ({ tolerance, inclusive }: Pick<LockRules, 'tolerance' | 'inclusive'>): number =>
  tolerance + (inclusive ? 1 : 0);

/**
 * From when a code that was never keyed in is refused, its window's deadline; one of a period is taken in so many periods
 * after it as well.
 *
 * @param step seconds a period.
 */
export const deadlineOf = (
  { accepts }: Pick<PlacedKind, 'accepts'>,
  { firstUseBy }: Pick<Window, 'firstUseBy'>,
  step: number,
): number => firstUseBy - (accepts?.[0] ?? 0) * step;

/**
 * Why a code is refused at `at`, or undefined where time lets it in.
 *
 * @param used whether the lock remembers a use: then the first-use deadline has been met.
 * @param offsets the lock's, for windows that repeat.
 */
export function refusedByTime(
  { shape: { weekdays }, for: use }: Pick<PlacedKind, 'shape' | 'for'>,
  window: Pick<Window, 'startsAt' | 'endsAt' | 'until' | 'firstUseBy'>,
  rules: LockRules,
  at: number,
  used: boolean,
  offsets: OffsetTable | undefined,
): TimeRefusal | undefined {
  const { tolerance } = rules;
  // Periods are counted, not compared: the last second of one is the last before the next.
  const grace = use === 'rolling' ? tolerance : graceOf(rules);
  if (at < window.startsAt - tolerance) return 'not_yet_valid';
  if (at >= window.until + grace) return 'expired';
  if (weekdays && !repeatsAt(weekdays, window, at, offsets, tolerance, grace)) return 'not_yet_valid';
  return !used && at >= window.firstUseBy + grace ? 'first_use_missed' : undefined;
}
