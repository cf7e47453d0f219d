/**
 * The grant, and the arithmetic of windows: what a start and a length are on the grid and on the local calendar.
 */
import { LAST_INSTANT } from './errors.ts';
import { closingOf, DAY, dayAt, hasDay, type OffsetTable, offsetAt, openingOf } from './zone.ts';

/** 2020-01-01T00:00:00Z: where slots are counted from. */
export const EPOCH = 1577836800;

/** What a challenge-response scheme is asked (OCRA): lock and issuer both know it, and none of it is in the digits. */
export interface Asked {
  /** As it is shown: digits, letters or hex digits, as the suite says. */
  readonly challenge: string;
  /** Session information, hex. */
  readonly session?: string;
  /** For decoding answers that say a time beside a count: the first and the last time step to try. */
  readonly steps?: readonly [from: number, to: number];
}
interface GrantBase {
  readonly kind: string;
  /** Which of the several codes for the same window, from 0. */
  readonly variance: number;
  /** Clear prefix, for vendors that have one. */
  readonly lane?: string;
  /** What the lock asked, for codes that answer it. */
  readonly asked?: Asked;
}

/** A code for a time. Instants are integer epoch seconds (UTC); the window is `[startsAt, endsAt)`. */
export interface WindowGrant extends GrantBase {
  readonly startsAt: number;
  /** Null for a code that opens for good. Of a kind that repeats: the end of its first occurrence. */
  readonly endsAt: number | null;
  readonly count?: never;
  readonly value?: never;
}

/** A code of a counter: the `count`-th, and the value that it carries (0 where it carries none). */
export interface CountGrant extends GrantBase {
  readonly count: number;
  readonly value: number;
  readonly startsAt?: never;
  readonly endsAt?: never;
}

/** What a code means. */
export type Grant = WindowGrant | CountGrant;

/** Values that a length can have; `to` is included. */
export type Range = readonly number[] | { readonly from: number; readonly to: number; readonly step: number };

export const countOf = (range: Range): number =>
  'step' in range ? Math.floor((range.to - range.from) / range.step) + 1 : range.length;

export const valueAt = (range: Range, index: number): number | undefined =>
  'step' in range ? (index < countOf(range) ? range.from + index * range.step : undefined) : range[index];

export function indexOf(range: Range, value: number): number {
  if (!('step' in range)) return range.indexOf(value);
  const index = (value - range.from) / range.step;
  return Number.isInteger(index) && index >= 0 && index < countOf(range) ? index : -1;
}

/** Index of the smallest value that is at least `value`, or the count where all are smaller. */
export function indexFrom(range: Range, value: number): number {
  if (!('step' in range)) {
    const index = range.findIndex((each) => each >= value);
    return index < 0 ? range.length : index;
  }
  return Math.min(Math.max(Math.ceil((value - range.from) / range.step), 0), countOf(range));
}

/**
 * How the windows of a kind lie in time: on the grid, counted in seconds, or on the local calendar, counted in civil
 * days from opening to closing time. `opens`, `closes` and `firstUseAt` are seconds after local midnight. Kinds on counts
 * have no windows: their slots are counts, and `lengths` the values that they can carry.
 */
export interface Shape {
  readonly on: 'slot' | 'civil-day' | 'count';
  /** Of counts, those that leave `rest` when divided by `every`. */
  readonly every: number;
  readonly rest: number;
  /** Both 0 for kinds on the grid. */
  readonly opens: number;
  readonly closes: number;
  readonly lengths: Range;
  /** No end: `lengths` is then one that nobody reads. */
  readonly endless: boolean;
  readonly firstUse: number | undefined;
  readonly firstUseAt: number;
  /** Seconds before its slot from which a window is open: for codes that are accepted in the period before theirs. */
  readonly lead: number;
  /** The window comes again every day of these weekdays (0 is Sunday), for good. */
  readonly weekdays: readonly number[] | undefined;
  /** Only windows that begin and end in one local year. */
  readonly withinYear: boolean;
}

/** What a device adds: where its slots begin, and its local times. */
export interface Grid {
  /** Seconds a slot. */
  readonly step: number;
  /** Where slots are counted from, epoch seconds. */
  readonly origin: number;
  /** Seconds after the UTC hour at which the device's hours begin; civil days begin when they do. */
  readonly shift: number;
  /** How many slots there are. */
  readonly slots: number;
  readonly offsets: OffsetTable | undefined;
}

export interface Window {
  readonly startsAt: number;
  /** `LAST_INSTANT` where there is no end; of a window that repeats, the end of its first occurrence. */
  readonly endsAt: number;
  /** When it is over for good: `endsAt`, unless it repeats. */
  readonly until: number;
  /** First-use deadline: the instant from which a code that was never keyed in is refused. */
  readonly firstUseBy: number;
  /** Opening day of a civil kind, counted from 1970-01-01. */
  readonly day: number | undefined;
}

/** Slot of an instant, not rounded: whole only on the grid. */
export const slotAt = (instant: number, grid: Grid): number =>
  (instant - grid.origin - grid.shift) / grid.step;

/** Local time at an instant, counted as if UTC; NaN where the table says nothing. */
const localAt = (offsets: OffsetTable | undefined, instant: number): number =>
  instant + ((offsets && offsetAt(offsets, instant)) ?? Number.NaN);

/** 0 is Sunday; 1970-01-01 was a Thursday. */
const weekdayOf = (local: number): number => (Math.floor(local / DAY) + 4) % 7;

const yearOf = (local: number): number => new Date(local * 1000).getUTCFullYear();

/** Whether a window that repeats on weekdays is open at `at`: from `early` seconds before its start to `late` after its end. */
export function repeatsAt(
  weekdays: readonly number[],
  { startsAt, endsAt }: Pick<Window, 'startsAt' | 'endsAt'>,
  at: number,
  offsets: OffsetTable | undefined,
  early: number,
  late: number,
): boolean {
  const first = localAt(offsets, startsAt);
  const since = localAt(offsets, at) - first;
  const day = Math.floor((since + early) / DAY);
  // Yesterday's may reach past midnight into today's, and with a tolerance of a day the one before.
  return [day, day - 1, day - 2].some(
    (days) =>
      days >= 0 &&
      weekdays.includes(weekdayOf(first + days * DAY)) &&
      since - days * DAY < endsAt - startsAt + late,
  );
}

/** The window of a slot and a length, or undefined where there is none: off its day, or a date that the calendar lacks. */
export function windowOf(shape: Shape, slot: number, length: number, grid: Grid): Window | undefined {
  const value = valueAt(shape.lengths, length);
  if (value === undefined) return undefined;
  const { origin, shift, step, slots, offsets } = grid;
  if (slot >= slots) return undefined;
  if (shape.on === 'civil-day') {
    const day = (origin + slot * step) / DAY;
    return Number.isInteger(day) && offsets ? civilWindow(shape, day, value, offsets) : undefined;
  }
  const startsAt = origin + shift + slot * step - shape.lead;
  const endsAt = shape.endless ? LAST_INSTANT : startsAt + value;
  const { weekdays } = shape;
  if (weekdays && !weekdays.includes(weekdayOf(localAt(offsets, startsAt)))) return undefined;
  if (shape.withinYear && yearOf(localAt(offsets, startsAt)) !== yearOf(localAt(offsets, endsAt - 1))) {
    return undefined;
  }
  const until = weekdays ? LAST_INSTANT : endsAt;
  const firstUseBy = Math.min(until, startsAt + (shape.firstUse ?? until));
  return { startsAt, endsAt, until, firstUseBy, day: undefined };
}

/** The window that opens on `day` and closes `days` later. */
export function civilWindow(
  shape: Shape,
  day: number,
  days: number,
  offsets: OffsetTable,
): Window | undefined {
  const startsAt = openingOf(offsets, day * DAY + shape.opens);
  const endsAt = closingOf(offsets, (day + days) * DAY + shape.closes);
  // A date that the calendar skips would share its instants with its neighbour, and two codes would mean one grant.
  if (startsAt === undefined || endsAt === undefined) return undefined;
  if (!hasDay(offsets, day) || !hasDay(offsets, day + days)) return undefined;
  const deadline =
    shape.firstUse === undefined
      ? undefined
      : closingOf(offsets, (day + shape.firstUse) * DAY + shape.firstUseAt);
  return { startsAt, endsAt, until: endsAt, firstUseBy: Math.min(endsAt, deadline ?? endsAt), day };
}

/** Slot and length index of a window, or undefined where the kind has none that is exactly this. `endsAt` null: no end. */
export function placeOf(
  shape: Shape,
  startsAt: number,
  endsAt: number | null,
  grid: Grid,
): { slot: number; length: number } | undefined {
  if (shape.endless !== (endsAt === null)) return undefined;
  if (shape.on === 'slot') {
    const slot = slotAt(startsAt + shape.lead, grid);
    const length = endsAt === null ? 0 : indexOf(shape.lengths, endsAt - startsAt);
    const fits = Number.isInteger(slot) && slot >= 0 && length >= 0;
    return fits && windowOf(shape, slot, length, grid) ? { slot, length } : undefined;
  }
  const { offsets } = grid;
  if (!offsets || endsAt === null) return undefined;
  const near = dayAt(offsets, startsAt);
  const last = dayAt(offsets, endsAt);
  if (near === undefined || last === undefined) return undefined;
  // An opening time in a gap that spans midnight lies on the day before the one the clock shows then.
  for (const day of [near, near - 1, near + 1]) {
    if (openingOf(offsets, day * DAY + shape.opens) !== startsAt) continue;
    for (const closingDay of [last, last - 1, last + 1]) {
      const length = indexOf(shape.lengths, closingDay - day);
      const window = length < 0 ? undefined : civilWindow(shape, day, closingDay - day, offsets);
      const slot = (day * DAY - grid.origin) / grid.step;
      if (window?.endsAt === endsAt && slot >= 0) return { slot, length };
    }
  }
  return undefined;
}
