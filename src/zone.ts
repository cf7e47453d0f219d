/**
 * Local times over an offset table, pure: no zone names, no clock, no library.
 *
 * A table is a sorted list of `[utcSecond, offsetSeconds]`: from that second on the local clock shows UTC plus the
 * offset. The last pair closes the table: nothing at or after it is known. A `local` time is a wall-clock reading
 * counted as if it were UTC; a `day` is the civil date counted from 1970-01-01.
 */
import { expected, fail, LAST_INSTANT } from './errors.ts';

export type OffsetTable = readonly (readonly [utcSecond: number, offsetSeconds: number])[];

export const DAY = 86400;

/** No clock on Earth is further from UTC than this (−12:00 to +14:00), with room for the oddities of the past. */
const WIDEST_OFFSET = 16 * 3600;

/** Index of the pair in force at `utc`, or -1 where the table says nothing. */
function pairAt(table: OffsetTable, utc: number): number {
  let low = -1;
  let high = table.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (beginsAt(table, middle) <= utc) low = middle;
    else high = middle;
  }
  return low === table.length - 1 ? -1 : low;
}

function beginsAt(table: OffsetTable, index: number): number {
  return table[index]?.[0] ?? Number.POSITIVE_INFINITY;
}

function offsetOf(table: OffsetTable, index: number): number {
  return table[index]?.[1] ?? Number.NaN;
}

/** Seconds to add to UTC at that instant, or undefined where the table says nothing. */
export function offsetAt(table: OffsetTable, utc: number): number | undefined {
  const index = pairAt(table, utc);
  return index < 0 ? undefined : offsetOf(table, index);
}

/** Every instant at which the local clock shows `local`, earliest first: none in a gap, two in an overlap. */
export function instantsOf(table: OffsetTable, local: number): readonly number[] {
  const found: number[] = [];
  for (let i = Math.max(pairAt(table, local - WIDEST_OFFSET), 0); i < table.length - 1; i++) {
    if (beginsAt(table, i) > local + WIDEST_OFFSET) break;
    const utc = local - offsetOf(table, i);
    if (utc >= beginsAt(table, i) && utc < beginsAt(table, i + 1)) found.push(utc);
  }
  return found;
}

/** The change at which the local clock jumps over `local`: its index, or -1 where it is not jumped over. */
export function gapAt(table: OffsetTable, local: number): number {
  for (let i = Math.max(pairAt(table, local - WIDEST_OFFSET), 0) + 1; i < table.length - 1; i++) {
    const change = beginsAt(table, i);
    if (change > local + WIDEST_OFFSET) break;
    if (local - offsetOf(table, i - 1) >= change && local - offsetOf(table, i) < change) return i;
  }
  return -1;
}

/** The one instant of a local time with no change of the clock near it: the usual case, and the hot one. */
function plainInstantOf(table: OffsetTable, local: number): number | undefined {
  const index = pairAt(table, local - WIDEST_OFFSET);
  return index >= 0 && beginsAt(table, index + 1) > local + WIDEST_OFFSET
    ? local - offsetOf(table, index)
    : undefined;
}

/** First instant of a local time; in a gap, the change itself. Undefined where the table does not reach. */
export function openingOf(table: OffsetTable, local: number): number | undefined {
  const plain = plainInstantOf(table, local);
  if (plain !== undefined) return plain;
  const gap = gapAt(table, local);
  return gap < 0 ? instantsOf(table, local)[0] : beginsAt(table, gap);
}

/** Last instant of a local time; in a gap, the change itself. Undefined where the table does not reach. */
export function closingOf(table: OffsetTable, local: number): number | undefined {
  const plain = plainInstantOf(table, local);
  if (plain !== undefined) return plain;
  const gap = gapAt(table, local);
  return gap < 0 ? instantsOf(table, local).at(-1) : beginsAt(table, gap);
}

/** Whether the local calendar has that day: Samoa had no 30 December 2011. False where the table does not reach. */
export function hasDay(table: OffsetTable, day: number): boolean {
  const first = openingOf(table, day * DAY);
  return first !== undefined && first !== openingOf(table, (day + 1) * DAY);
}

/** The civil day that the local clock shows at an instant. */
export function dayAt(table: OffsetTable, utc: number): number | undefined {
  const offset = offsetAt(table, utc);
  return offset === undefined ? undefined : Math.floor((utc + offset) / DAY);
}

/** Seconds after midnight of `HH:MM`, 00:00 to 23:59; NaN for anything else. */
export function timeOfDay(text: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match ? Number(match[1]) * 3600 + Number(match[2]) * 60 : Number.NaN;
}

/**
 * A table without daylight-saving time and without end: a lock's standard time, the smaller offset of 1 January and 1 July
 * of 2026 or of the first later year that the table covers, or the smallest of a shorter table.
 */
export function standardTable(table: OffsetTable): OffsetTable {
  // The last pair closes the table: its offset is no part of it.
  let offsets: readonly number[] = table.slice(0, -1).map(([, offset]) => offset);
  for (let year = 2026; Date.UTC(year, 6) / 1000 < beginsAt(table, table.length - 1); year++) {
    const found = [0, 6].flatMap((month) => offsetAt(table, Date.UTC(year, month) / 1000) ?? []);
    if (found.length < 2) continue;
    offsets = found;
    break;
  }
  const offset = Math.min(...offsets);
  return [
    [-LAST_INSTANT, offset],
    [2 * LAST_INSTANT, offset],
  ];
}

/** Refuses a table that is not sorted pairs of integers; returns a frozen copy. */
export function checkTable(field: string, value: unknown): OffsetTable {
  if (!Array.isArray(value) || value.length < 2 || value.length > 4096) {
    expected(field, '2 to 4096 pairs [utcSecond, offsetSeconds]', value, 'token_malformed');
  }
  let last = Number.NEGATIVE_INFINITY;
  const copy = Array.from(value, (pair: unknown): readonly [number, number] => {
    const [utc, offset] = Array.isArray(pair) && pair.length === 2 ? pair : [];
    if (
      !Number.isSafeInteger(utc) ||
      !Number.isSafeInteger(offset) ||
      Math.abs(offset) > WIDEST_OFFSET ||
      utc <= last ||
      Math.abs(utc) > LAST_INSTANT
    ) {
      fail(
        'token_malformed',
        `"${field}" expected pairs of integers in rising order, offsets within ${WIDEST_OFFSET} s of UTC`,
      );
    }
    last = utc;
    return Object.freeze([utc, offset] as const);
  });
  return Object.freeze(copy);
}
