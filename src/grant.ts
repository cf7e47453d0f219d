/**
 * The grant, and the arithmetic of windows: what a start and a length are on the grid and on the local calendar.
 */
import { closingOf, DAY, dayAt, hasDay, type OffsetTable, openingOf } from './zone.ts';

/** 2020-01-01T00:00:00Z: where slots are counted from. */
export const EPOCH = 1577836800;

/** What a code means. Instants are integer epoch seconds (UTC); the window is `[startsAt, endsAt)`. */
export interface Grant {
  readonly kind: string;
  /** Which of the several codes for the same window, from 0. */
  readonly variance: number;
  /** Clear prefix, for vendors that have one. */
  readonly lane?: string;
  readonly startsAt: number;
  readonly endsAt: number;
}

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
 * days from opening to closing time. `opens` and `closes` are seconds after local midnight.
 */
export interface Shape {
  readonly on: 'slot' | 'civil-day';
  /** Both 0 for kinds on the grid. */
  readonly opens: number;
  readonly closes: number;
  readonly lengths: Range;
  readonly firstUse: number | undefined;
}

/** What a device adds: where its hours begin, and its local times. */
export interface Grid {
  /** Seconds a slot. */
  readonly step: number;
  /** Seconds after the UTC hour at which the device's hours begin. */
  readonly shift: number;
  readonly offsets: OffsetTable | undefined;
}

export interface Window {
  readonly startsAt: number;
  readonly endsAt: number;
  /** First-use deadline: the instant from which a code that was never keyed in is refused. */
  readonly firstUseBy: number;
  /** Opening day of a civil kind, counted from 1970-01-01. */
  readonly day: number | undefined;
}

/** Slot of an instant, not rounded: whole only on the grid. */
export const slotAt = (instant: number, grid: Grid): number => (instant - EPOCH - grid.shift) / grid.step;

/** The window of a slot and a length, or undefined where there is none: off its day, or a date that the calendar lacks. */
export function windowOf(shape: Shape, slot: number, length: number, grid: Grid): Window | undefined {
  const value = valueAt(shape.lengths, length);
  if (value === undefined) return undefined;
  if (shape.on === 'slot') {
    const startsAt = EPOCH + grid.shift + slot * grid.step;
    const endsAt = startsAt + value;
    return {
      startsAt,
      endsAt,
      firstUseBy: Math.min(endsAt, startsAt + (shape.firstUse ?? value)),
      day: undefined,
    };
  }
  const day = EPOCH / DAY + (slot * grid.step) / DAY;
  return Number.isInteger(day) && grid.offsets ? civilWindow(shape, day, value, grid.offsets) : undefined;
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
    shape.firstUse === undefined ? undefined : closingOf(offsets, (day + shape.firstUse) * DAY + shape.opens);
  return { startsAt, endsAt, firstUseBy: Math.min(endsAt, deadline ?? endsAt), day };
}

/** Slot and length index of a window, or undefined where the kind has none that is exactly this. */
export function placeOf(
  shape: Shape,
  startsAt: number,
  endsAt: number,
  grid: Grid,
): { slot: number; length: number } | undefined {
  if (shape.on === 'slot') {
    const slot = slotAt(startsAt, grid);
    const length = indexOf(shape.lengths, endsAt - startsAt);
    return Number.isInteger(slot) && slot >= 0 && length >= 0 ? { slot, length } : undefined;
  }
  if (!grid.offsets) return undefined;
  const near = dayAt(grid.offsets, startsAt);
  const last = dayAt(grid.offsets, endsAt);
  if (near === undefined || last === undefined) return undefined;
  // An opening time in a gap that spans midnight lies on the day before the one the clock shows then.
  for (const day of [near, near - 1, near + 1]) {
    if (openingOf(grid.offsets, day * DAY + shape.opens) !== startsAt) continue;
    for (const closingDay of [last, last - 1, last + 1]) {
      const length = indexOf(shape.lengths, closingDay - day);
      const window = length < 0 ? undefined : civilWindow(shape, day, closingDay - day, grid.offsets);
      const slot = ((day - EPOCH / DAY) * DAY) / grid.step;
      if (window?.endsAt === endsAt && slot >= 0) return { slot, length };
    }
  }
  return undefined;
}
