/**
 * Offset tables by rule, so that the vectors do not depend on the machine's time zone database. Each rule is the
 * zone's law of the years 2020 to 2026, carried on to the table's end.
 */
import type { OffsetTable } from '../../src/zone.ts';

/** Epoch seconds of a UTC date and time; months from 1. */
export const utc = (year: number, month: number, day: number, hour = 0, minute = 0): number =>
  Date.UTC(year, month - 1, day, hour, minute) / 1000;

/** Day of the month of the nth Sunday (from 1), or of the last. */
function sunday(year: number, month: number, nth: 1 | 2 | 'last'): number {
  const first = 1 + ((7 - new Date(Date.UTC(year, month - 1, 1)).getUTCDay()) % 7);
  if (nth !== 'last') return first + 7 * (nth - 1);
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return first + 7 * Math.floor((days - first) / 7);
}

interface ZoneRule {
  /** Seconds to add to UTC. */
  readonly standard: number;
  readonly summer?: {
    readonly offset: number;
    /** When summer time begins and ends in a year, epoch seconds. */
    readonly begins: (year: number) => number;
    readonly ends: (year: number) => number;
  };
}

const HOUR = 3600;

const RULES = {
  // The European Union: last Sundays of March and October, 01:00 UTC.
  'Europe/Lisbon': {
    standard: 0,
    summer: {
      offset: HOUR,
      begins: (year) => utc(year, 3, sunday(year, 3, 'last'), 1),
      ends: (year) => utc(year, 10, sunday(year, 10, 'last'), 1),
    },
  },
  // Second Sunday of March to first Sunday of November, 02:00 on the local clock.
  'America/New_York': {
    standard: -5 * HOUR,
    summer: {
      offset: -4 * HOUR,
      begins: (year) => utc(year, 3, sunday(year, 3, 2), 7),
      ends: (year) => utc(year, 11, sunday(year, 11, 1), 6),
    },
  },
  // Midnight is skipped on the second Sunday of March and comes twice on the first of November.
  'America/Havana': {
    standard: -5 * HOUR,
    summer: {
      offset: -4 * HOUR,
      begins: (year) => utc(year, 3, sunday(year, 3, 2), 5),
      ends: (year) => utc(year, 11, sunday(year, 11, 1), 5),
    },
  },
  // Half an hour, from the first Sunday of October to the first of April, 02:00 on the local clock.
  'Australia/Lord_Howe': {
    standard: 10.5 * HOUR,
    summer: {
      offset: 11 * HOUR,
      begins: (year) => utc(year, 10, sunday(year, 10, 1) - 1, 15, 30),
      ends: (year) => utc(year, 4, sunday(year, 4, 1) - 1, 15),
    },
  },
  // Quarter hours; last Sunday of September to first of April, 14:00 UTC on the Saturday before.
  'Pacific/Chatham': {
    standard: 12.75 * HOUR,
    summer: {
      offset: 13.75 * HOUR,
      begins: (year) => utc(year, 9, sunday(year, 9, 'last') - 1, 14),
      ends: (year) => utc(year, 4, sunday(year, 4, 1) - 1, 14),
    },
  },
  'Asia/Kathmandu': { standard: 5.75 * HOUR },
} as const satisfies Readonly<Record<string, ZoneRule>>;

export type ZoneName = keyof typeof RULES;

export interface Zone {
  readonly timeZone: string;
  readonly gridOffset: number;
  readonly offsets: OffsetTable;
}

/** Where tables begin unless told otherwise: a day before slot 0. */
export const TABLE_FROM = utc(2019, 12, 31);
export const TABLE_UNTIL = utc(2036, 1, 1);

/** A zone's facts from `from` up to `until`, as `zoneFacts` would give them. */
export function zone(name: ZoneName, from = TABLE_FROM, until = TABLE_UNTIL): Zone {
  const { standard, summer }: ZoneRule = RULES[name];
  const changes: (readonly [number, number])[] = [];
  const years = [
    new Date(from * 1000).getUTCFullYear() - 1,
    new Date(until * 1000).getUTCFullYear(),
  ] as const;
  for (let year = years[0]; summer && year <= years[1]; year++) {
    changes.push([summer.begins(year), summer.offset], [summer.ends(year), standard]);
  }
  changes.sort(([a], [b]) => a - b);
  const before = changes.filter(([at]) => at <= from).at(-1)?.[1] ?? standard;
  const inside = changes.filter(([at]) => at > from && at < until);
  const last = inside.at(-1)?.[1] ?? before;
  return {
    timeZone: name,
    gridOffset: (((-standard / 60) % 60) + 60) % 60,
    offsets: [[from, before], ...inside, [until, last]],
  };
}

/**
 * A zone that is nowhere, for what real ones seldom do, all in 2026. It begins at UTC−10:
 * - 1 March: at 23:30 the clock jumps to 00:30 of 2 March (a gap across midnight);
 * - 1 June: at 00:30 it goes back to 23:30 of 31 May (23:30 to 00:30 comes twice, across midnight);
 * - the end of 15 September: the clocks go from UTC−10 to UTC+14, and there is no 16 September;
 * - 20 December: at 23:30 the table ends. Its last pair has another offset, which says nothing.
 */
export const NOWHERE: Zone = {
  timeZone: 'Nowhere/Between',
  gridOffset: 0,
  offsets: [
    [utc(2026, 1, 2, 10), -10 * HOUR],
    [utc(2026, 3, 2, 9, 30), -9 * HOUR],
    [utc(2026, 6, 1, 9, 30), -10 * HOUR],
    [utc(2026, 9, 16, 10), 14 * HOUR],
    [utc(2026, 12, 20, 9, 30), 15 * HOUR],
  ],
};

/** ISO 8601 with offset or Z → epoch seconds; throws for anything else. */
export function at(iso: string): number {
  const instant = /(Z|[+-]\d\d:\d\d)$/.test(iso) ? Date.parse(iso) / 1000 : Number.NaN;
  if (!Number.isInteger(instant)) throw new Error(`not an instant: ${iso}`);
  return instant;
}
