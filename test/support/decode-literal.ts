/**
 * The lock's half of DESIGN §4 and §5 written down a second time: digits → page, payload, kind, window, on node:crypto
 * and the literal FF1. Local times are found by trying, not by the library's search. Nothing here is imported from it.
 */
import { ff1Literal } from './ff1-literal.ts';
import type { LayoutJson } from './sealed-literal.ts';

const DAY = 86400;
const SLOT_0 = 1577836800;
const FIRST_DAY = 18262;

export type Table = readonly (readonly [utc: number, offset: number])[];

export interface FullLayout extends LayoutJson {
  readonly kinds: readonly (LayoutJson['kinds'][number] & {
    readonly unit: 'seconds' | 'days';
    readonly opens?: string;
    readonly closes?: string;
    readonly first_use_within?: number;
  })[];
}

export interface Device {
  readonly layout: FullLayout;
  readonly gridOffset: number;
  readonly offsets?: Table | undefined;
}

export interface Literal {
  readonly kind: string;
  readonly length: number;
  readonly variance: number;
  readonly slot: number;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly firstUseBy: number;
}

/** The offset at an instant; undefined before the first pair, at the last and after it. */
function offset(table: Table, utc: number): number | undefined {
  let found: number | undefined;
  for (const [index, [from, value]] of table.entries())
    if (utc >= from) found = index < table.length - 1 ? value : undefined;
  return found;
}

/** First and last instant of a local time; a time that the clock skips is the instant at which it does. */
export function resolve(table: Table, local: number): readonly [first: number, last: number] | undefined {
  const instants = new Set<number>();
  for (const [, value] of table) if (offset(table, local - value) === value) instants.add(local - value);
  if (instants.size > 0) return [Math.min(...instants), Math.max(...instants)];
  for (const [index, [change, after]] of table.entries()) {
    const before = table[index - 1]?.[1];
    if (before === undefined || index === table.length - 1) continue;
    if (local >= change + before && local < change + after) return [change, change];
  }
  return undefined;
}

/** A date is there when its midnight is another instant than the next one's. */
export function isDate(table: Table, day: number): boolean {
  const midnight = resolve(table, day * DAY)?.[0];
  return midnight !== undefined && midnight !== resolve(table, (day + 1) * DAY)?.[0];
}

/** Seconds after midnight of `HH:MM`. */
export const seconds = (time = ''): number => Number(time.slice(0, 2)) * 3600 + Number(time.slice(3)) * 60;

export const lengthsOf = (lengths: LayoutJson['kinds'][number]['lengths']): readonly number[] => {
  if (!('step' in lengths)) return lengths;
  const count = (lengths.to - lengths.from) / lengths.step + 1;
  return Array.from({ length: count }, (_, i) => lengths.from + i * lengths.step);
};

type Kind = FullLayout['kinds'][number];

function windowLiteral(
  { layout, gridOffset, offsets }: Device,
  kind: Kind,
  slot: number,
  length: number,
): Pick<Literal, 'startsAt' | 'endsAt' | 'firstUseBy'> | undefined {
  if (!kind.civil) {
    const startsAt = SLOT_0 + 60 * gridOffset + slot * layout.grid_seconds;
    const within = kind.first_use_within ?? length;
    return { startsAt, endsAt: startsAt + length, firstUseBy: startsAt + Math.min(within, length) };
  }
  const perDay = DAY / layout.grid_seconds;
  if (slot % perDay !== 0 || !offsets) return undefined;
  const day = FIRST_DAY + slot / perDay;
  const startsAt = resolve(offsets, day * DAY + seconds(kind.opens))?.[0];
  const endsAt = resolve(offsets, (day + length) * DAY + seconds(kind.closes))?.[1];
  if (startsAt === undefined || endsAt === undefined) return undefined;
  if (!isDate(offsets, day) || !isDate(offsets, day + length)) return undefined;
  const deadline =
    kind.first_use_within === undefined
      ? undefined
      : resolve(offsets, (day + kind.first_use_within) * DAY + seconds(kind.opens))?.[1];
  return { startsAt, endsAt, firstUseBy: Math.min(endsAt, deadline ?? endsAt) };
}

export const perPage = ({ digits, s }: LayoutJson): number => Number(10n ** BigInt(digits) / BigInt(s));

/** What a payload on a page means; undefined: nothing. */
export function meaningLiteral(device: Device, payload: number, page: number): Literal | undefined {
  const { layout } = device;
  if (payload >= perPage(layout) * layout.s) return undefined;
  const slot = page * perPage(layout) + Math.floor(payload / layout.s);
  let rest = payload % layout.s;
  for (const kind of layout.kinds) {
    const lengths = lengthsOf(kind.lengths);
    const count = lengths.length * kind.variances;
    if (rest < count) {
      const index = Math.floor(rest / kind.variances);
      const window = windowLiteral(device, kind, slot, lengths[index] ?? Number.NaN);
      return window && { kind: kind.kind, length: index, variance: rest % kind.variances, slot, ...window };
    }
    rest -= count;
  }
  return undefined;
}

export function payloadLiteral(sealedKey: Uint8Array, code: string, page: number): number {
  const tweak = Uint8Array.of(page >>> 24, (page >>> 16) & 255, (page >>> 8) & 255, page & 255);
  return Number(ff1Literal(sealedKey, 10, tweak, [...code].map(Number), true).join(''));
}

/** `read` of DESIGN §4: the pages around `at`, newest first, and what is within 366 days. */
export function readLiteral(
  device: Device,
  sealedKey: Uint8Array,
  code: string,
  at: number,
): readonly Literal[] {
  const { layout, gridOffset } = device;
  const longest = Math.max(
    ...layout.kinds.map(({ lengths, closes, unit }) => {
      const last = Math.max(...lengthsOf(lengths));
      return unit === 'days' ? last * DAY + seconds(closes) : last;
    }),
  );
  const pageOf = (instant: number): number =>
    Math.max(0, Math.floor((instant - SLOT_0 - 60 * gridOffset) / layout.grid_seconds / perPage(layout)));
  const found: Literal[] = [];
  for (let page = pageOf(at + DAY); page >= pageOf(at - longest - DAY); page--) {
    const meaning = meaningLiteral(device, payloadLiteral(sealedKey, code, page), page);
    if (meaning && meaning.startsAt <= at + 366 * DAY && meaning.endsAt >= at - 366 * DAY)
      found.push(meaning);
  }
  return found;
}
