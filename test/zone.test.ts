import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { createToken, type OffsetTable } from 'pintumbler';
import { zoneFacts } from 'pintumbler/calendar';
import { pintumbler } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import {
  checkTable,
  closingOf,
  DAY,
  dayAt,
  gapAt,
  hasDay,
  instantsOf,
  offsetAt,
  openingOf,
  timeOfDay,
} from '../src/zone.ts';
import { at, codeOf, deep } from './support/helpers.ts';

// --- a second opinion ---------------------------------------------------------------------------------------------

const formats = new Map<string, Intl.DateTimeFormat>();

/** Offset in seconds as Intl names it, "GMT+05:45": neither luxon nor the library has a part in it. */
function intlOffset(zone: string, utc: number): number {
  const format =
    formats.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  formats.set(zone, format);
  const [, sign, hours, minutes, seconds] =
    /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(utc * 1000)) ?? [];
  const size = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  return sign === '-' ? -size : size;
}

/** Offset by reading a table from its beginning, pair after pair. */
function scannedOffset(table: OffsetTable, utc: number): number | undefined {
  let offset: number | undefined;
  for (const [begins, each] of table.slice(0, -1)) if (begins <= utc) offset = each;
  return utc < table.at(-1)![0] ? offset : undefined;
}

/** Every instant whose local reading is `local`: tried with each offset that occurs at all. */
function scannedInstants(table: OffsetTable, local: number): number[] {
  const offsets = new Set(table.map(([, offset]) => offset));
  return [...offsets]
    .map((offset) => local - offset)
    .filter((utc) => {
      const offset = scannedOffset(table, utc);
      return offset !== undefined && utc + offset === local;
    })
    .sort((a, b) => a - b);
}

/** Spans of UTC seconds in which the local clock shows that day, in order; several where days are not contiguous. */
function spansOf(table: OffsetTable, day: number): readonly (readonly [from: number, until: number])[] {
  const spans: [number, number][] = [];
  table.slice(0, -1).forEach(([begins, offset], index) => {
    const from = Math.max(begins, day * DAY - offset);
    const until = Math.min(table[index + 1]![0], (day + 1) * DAY - offset);
    if (from >= until) return;
    if (spans.at(-1)?.[1] === from) spans.at(-1)![1] = until;
    else spans.push([from, until]);
  });
  return spans;
}

const localOf = (text: string): number => at(`${text}Z`);
const dayOf = (date: string): number => localOf(`${date}T00:00:00`) / DAY;
const iso = (instant: number | undefined): string | undefined =>
  instant === undefined ? undefined : new Date(instant * 1000).toISOString().replace('.000', '');

/** The table of a zone forty days around a date. */
const tableAround = (zone: string, date: string): OffsetTable => {
  const middle = at(`${date.slice(0, 10)}T00:00:00Z`);
  return zoneFacts(zone, middle - 40 * DAY, middle + 40 * DAY).offsets;
};

// --- facts --------------------------------------------------------------------------------------------------------

/** Zone, date, first instant, first instant after it, hours, local time of the first instant. */
const DAYS = [
  ['UTC', '2024-02-29', '2024-02-29T00:00:00Z', '2024-03-01T00:00:00Z', 24, '00:00:00'],
  ['Europe/Berlin', '2025-03-30', '2025-03-29T23:00:00Z', '2025-03-30T22:00:00Z', 23, '00:00:00'],
  ['Europe/Berlin', '2025-10-26', '2025-10-25T22:00:00Z', '2025-10-26T23:00:00Z', 25, '00:00:00'],
  ['America/New_York', '2025-03-09', '2025-03-09T05:00:00Z', '2025-03-10T04:00:00Z', 23, '00:00:00'],
  ['America/New_York', '2025-11-02', '2025-11-02T04:00:00Z', '2025-11-03T05:00:00Z', 25, '00:00:00'],
  // Ramadan: the clock goes back and comes again, and standard time is the later one.
  ['Africa/Casablanca', '2025-02-23', '2025-02-22T23:00:00Z', '2025-02-24T00:00:00Z', 25, '00:00:00'],
  ['Africa/Casablanca', '2025-04-06', '2025-04-06T00:00:00Z', '2025-04-06T23:00:00Z', 23, '00:00:00'],
  // Midnight is missing: the day begins at 01:00.
  ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z', 23, '01:00:00'],
  ['Africa/Cairo', '2024-04-26', '2024-04-25T22:00:00Z', '2024-04-26T21:00:00Z', 23, '01:00:00'],
  ['Asia/Beirut', '2022-03-27', '2022-03-26T22:00:00Z', '2022-03-27T21:00:00Z', 23, '01:00:00'],
  ['America/Santiago', '2024-09-08', '2024-09-08T04:00:00Z', '2024-09-09T03:00:00Z', 23, '01:00:00'],
  ['America/Asuncion', '2023-10-01', '2023-10-01T04:00:00Z', '2023-10-02T03:00:00Z', 23, '01:00:00'],
  ['America/Havana', '2025-03-09', '2025-03-09T05:00:00Z', '2025-03-10T04:00:00Z', 23, '01:00:00'],
  ['Atlantic/Azores', '2025-03-30', '2025-03-30T01:00:00Z', '2025-03-31T00:00:00Z', 23, '01:00:00'],
  ['Asia/Tehran', '2021-03-22', '2021-03-21T20:30:00Z', '2021-03-22T19:30:00Z', 23, '01:00:00'],
  // Midnight comes twice: the day begins with the first.
  ['America/Havana', '2025-11-02', '2025-11-02T04:00:00Z', '2025-11-03T05:00:00Z', 25, '00:00:00'],
  ['Atlantic/Azores', '2025-10-26', '2025-10-26T00:00:00Z', '2025-10-27T01:00:00Z', 25, '00:00:00'],
  ['Asia/Amman', '2021-10-29', '2021-10-28T21:00:00Z', '2021-10-29T22:00:00Z', 25, '00:00:00'],
  // The last hour comes twice: midnight itself only once.
  ['America/Sao_Paulo', '2018-02-17', '2018-02-17T02:00:00Z', '2018-02-18T03:00:00Z', 25, '00:00:00'],
  ['Africa/Cairo', '2024-10-31', '2024-10-30T21:00:00Z', '2024-10-31T22:00:00Z', 25, '00:00:00'],
  ['Africa/Juba', '2021-01-31', '2021-01-30T21:00:00Z', '2021-01-31T22:00:00Z', 25, '00:00:00'],
  // Shifts of half an hour, of two hours and of three.
  ['Australia/Lord_Howe', '2025-04-06', '2025-04-05T13:00:00Z', '2025-04-06T13:30:00Z', 24.5, '00:00:00'],
  ['Australia/Lord_Howe', '2025-10-05', '2025-10-04T13:30:00Z', '2025-10-05T13:00:00Z', 23.5, '00:00:00'],
  ['Antarctica/Troll', '2025-03-30', '2025-03-30T00:00:00Z', '2025-03-30T22:00:00Z', 22, '00:00:00'],
  ['Antarctica/Troll', '2025-10-26', '2025-10-25T22:00:00Z', '2025-10-27T00:00:00Z', 26, '00:00:00'],
  ['Antarctica/Casey', '2023-03-09', '2023-03-08T13:00:00Z', '2023-03-09T16:00:00Z', 27, '00:00:00'],
  // Offsets of half and quarter hours.
  ['Asia/Kolkata', '2025-05-05', '2025-05-04T18:30:00Z', '2025-05-05T18:30:00Z', 24, '00:00:00'],
  ['Asia/Kathmandu', '2025-05-05', '2025-05-04T18:15:00Z', '2025-05-05T18:15:00Z', 24, '00:00:00'],
  ['Pacific/Marquesas', '2025-05-05', '2025-05-05T09:30:00Z', '2025-05-06T09:30:00Z', 24, '00:00:00'],
  ['Pacific/Chatham', '2025-04-06', '2025-04-05T10:15:00Z', '2025-04-06T11:15:00Z', 25, '00:00:00'],
  // Standard time itself changed.
  ['Asia/Kathmandu', '1986-01-01', '1985-12-31T18:30:00Z', '1986-01-01T18:15:00Z', 23.75, '00:15:00'],
  ['Asia/Pyongyang', '2018-05-04', '2018-05-03T15:30:00Z', '2018-05-04T15:00:00Z', 23.5, '00:00:00'],
  ['America/Caracas', '2016-05-01', '2016-05-01T04:30:00Z', '2016-05-02T04:00:00Z', 23.5, '00:00:00'],
  [
    'Africa/Monrovia',
    '1972-01-07',
    '1972-01-07T00:44:30Z',
    '1972-01-08T00:00:00Z',
    23 + 15.5 / 60,
    '00:44:30',
  ],
  // Around a date that the calendar lacks.
  ['Pacific/Apia', '2011-12-29', '2011-12-29T10:00:00Z', '2011-12-30T10:00:00Z', 24, '00:00:00'],
  ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00Z', '2011-12-31T10:00:00Z', 24, '00:00:00'],
  // Back at 00:01: the next day begins, breaks off after a minute, and begins again.
  ['America/Goose_Bay', '2010-11-06', '2010-11-06T03:00:00Z', '2010-11-07T04:00:00Z', 25, '00:00:00'],
  ['America/Goose_Bay', '2010-11-07', '2010-11-07T03:00:00Z', '2010-11-08T04:00:00Z', 25, '00:00:00'],
  ['America/St_Johns', '2006-10-28', '2006-10-28T02:30:00Z', '2006-10-29T03:30:00Z', 25, '00:00:00'],
  ['America/St_Johns', '2006-10-29', '2006-10-29T02:30:00Z', '2006-10-30T03:30:00Z', 25, '00:00:00'],
] as const;

/** Zone, the first and last missing second of a gap, the change. */
const GAPS = [
  ['Europe/Berlin', '2025-03-30T02:00:00', '2025-03-30T02:59:59', '2025-03-30T01:00:00Z'],
  ['America/New_York', '2025-03-09T02:00:00', '2025-03-09T02:59:59', '2025-03-09T07:00:00Z'],
  ['Africa/Cairo', '2024-04-26T00:00:00', '2024-04-26T00:59:59', '2024-04-25T22:00:00Z'],
  ['America/Havana', '2025-03-09T00:00:00', '2025-03-09T00:59:59', '2025-03-09T05:00:00Z'],
  ['Australia/Lord_Howe', '2025-10-05T02:00:00', '2025-10-05T02:29:59', '2025-10-04T15:30:00Z'],
  ['Antarctica/Troll', '2025-03-30T01:00:00', '2025-03-30T02:59:59', '2025-03-30T01:00:00Z'],
  ['Pacific/Chatham', '2025-09-28T02:45:00', '2025-09-28T03:44:59', '2025-09-27T14:00:00Z'],
  ['Asia/Pyongyang', '2018-05-04T23:30:00', '2018-05-04T23:59:59', '2018-05-04T15:00:00Z'],
  ['Asia/Kathmandu', '1986-01-01T00:00:00', '1986-01-01T00:14:59', '1985-12-31T18:30:00Z'],
  ['America/St_Johns', '2006-04-02T00:01:00', '2006-04-02T01:00:59', '2006-04-02T03:31:00Z'],
  ['Africa/Monrovia', '1972-01-07T00:00:00', '1972-01-07T00:44:29', '1972-01-07T00:44:30Z'],
  ['Pacific/Apia', '2011-12-30T00:00:00', '2011-12-30T23:59:59', '2011-12-30T10:00:00Z'],
] as const;

/** Zone, the first and last second that come twice, the instant of the first one before the change, and the seconds back. */
const OVERLAPS = [
  ['Europe/Berlin', '2025-10-26T02:00:00', '2025-10-26T02:59:59', '2025-10-26T00:00:00Z', 3600],
  ['America/New_York', '2025-11-02T01:00:00', '2025-11-02T01:59:59', '2025-11-02T05:00:00Z', 3600],
  ['America/Havana', '2025-11-02T00:00:00', '2025-11-02T00:59:59', '2025-11-02T04:00:00Z', 3600],
  ['Atlantic/Azores', '2025-10-26T00:00:00', '2025-10-26T00:59:59', '2025-10-26T00:00:00Z', 3600],
  ['Africa/Cairo', '2024-10-31T23:00:00', '2024-10-31T23:59:59', '2024-10-31T20:00:00Z', 3600],
  ['Australia/Lord_Howe', '2025-04-06T01:30:00', '2025-04-06T01:59:59', '2025-04-05T14:30:00Z', 1800],
  ['Antarctica/Troll', '2025-10-26T01:00:00', '2025-10-26T02:59:59', '2025-10-25T23:00:00Z', 7200],
  ['Antarctica/Casey', '2023-03-09T00:00:00', '2023-03-09T02:59:59', '2023-03-08T13:00:00Z', 10800],
  ['Pacific/Chatham', '2025-04-06T02:45:00', '2025-04-06T03:44:59', '2025-04-05T13:00:00Z', 3600],
  ['America/Goose_Bay', '2010-11-06T23:01:00', '2010-11-07T00:00:59', '2010-11-07T02:01:00Z', 3600],
  ['America/St_Johns', '2006-10-28T23:01:00', '2006-10-29T00:00:59', '2006-10-29T01:31:00Z', 3600],
] as const;

const SKIPPED = [
  ['Pacific/Apia', '2011-12-30'],
  ['Pacific/Fakaofo', '2011-12-30'],
  ['Pacific/Kiritimati', '1994-12-31'],
  ['Pacific/Kanton', '1994-12-31'],
  ['Pacific/Kwajalein', '1993-08-21'],
] as const;

describe('days of hostile zones', () => {
  it.each(DAYS)('%s %s is from %s to %s: %d hours, from %s on', (zone, date, first, after, hours, wall) => {
    const table = tableAround(zone, date);
    const day = dayOf(date);
    expect(hasDay(table, day)).toBe(true);
    expect(iso(openingOf(table, day * DAY))).toBe(first);
    expect(dayAt(table, at(first))).toBe(day);
    expect(dayAt(table, at(first) - 1)).toBeLessThan(day);
    expect(dayAt(table, at(after) - 1)).toBe(day);
    expect(dayAt(table, at(after))).toBe(
      day + 1 + (SKIPPED.some(([z, d]) => z === zone && dayOf(d) === day + 1) ? 1 : 0),
    );
    expect(at(after) - at(first)).toBe(hours * 3600);
    const spans = spansOf(table, day);
    expect([iso(spans[0]?.[0]), iso(spans.at(-1)?.[1])]).toEqual([first, after]);
    expect(new Date((at(first) + intlOffset(zone, at(first))) * 1000).toISOString().slice(11, 19)).toBe(wall);
  });

  it.each(GAPS)('%s has no %s to %s: the clock jumps at %s', (zone, from, to, change) => {
    const table = tableAround(zone, from);
    for (const local of [localOf(from), localOf(from) + 60, localOf(to)]) {
      expect(instantsOf(table, local)).toEqual([]);
      expect(iso(table[gapAt(table, local)]?.[0])).toBe(change);
      expect(iso(openingOf(table, local))).toBe(change);
      expect(iso(closingOf(table, local))).toBe(change);
    }
    expect(instantsOf(table, localOf(from) - 1).map(iso)).toEqual([iso(at(change) - 1)]);
    expect(instantsOf(table, localOf(to) + 1).map(iso)).toEqual([change]);
    expect([gapAt(table, localOf(from) - 1), gapAt(table, localOf(to) + 1)]).toEqual([-1, -1]);
  });

  it.each(OVERLAPS)(
    '%s has %s to %s twice, first from %s, again %d s later',
    (zone, from, to, first, back) => {
      const table = tableAround(zone, from);
      expect(localOf(to) - localOf(from) + 1).toBe(back);
      for (const local of [localOf(from), localOf(from) + 60, localOf(to)]) {
        const earlier = at(first) + local - localOf(from);
        expect(instantsOf(table, local)).toEqual([earlier, earlier + back]);
        expect(gapAt(table, local)).toBe(-1);
        expect(openingOf(table, local)).toBe(earlier);
        expect(closingOf(table, local)).toBe(earlier + back);
      }
      expect(instantsOf(table, localOf(from) - 1)).toEqual([at(first) - 1]);
      expect(instantsOf(table, localOf(to) + 1)).toEqual([at(first) + 2 * back]);
    },
  );

  it.each(SKIPPED)('%s has no %s', (zone, date) => {
    const table = tableAround(zone, date);
    const day = dayOf(date);
    expect([day - 2, day - 1, day, day + 1, day + 2].map((each) => hasDay(table, each))).toEqual([
      true,
      true,
      false,
      true,
      true,
    ]);
    expect(spansOf(table, day)).toEqual([]);
    expect(instantsOf(table, day * DAY + 12 * 3600)).toEqual([]);
    // The day before ends when the day after begins.
    expect(openingOf(table, day * DAY)).toBe(openingOf(table, (day + 1) * DAY));
    expect(dayAt(table, openingOf(table, day * DAY)!)).toBe(day + 1);
    expect(dayAt(table, openingOf(table, day * DAY)! - 1)).toBe(day - 1);
  });

  it.each([
    // Zone, day before, end of it as the calendar has it, closing time 00:00 as a civil kind has it
    ['America/Havana', '2025-11-01', '2025-11-02T04:00:00Z', '2025-11-02T05:00:00Z'],
    ['Atlantic/Azores', '2025-10-25', '2025-10-26T00:00:00Z', '2025-10-26T01:00:00Z'],
    ['Asia/Amman', '2021-10-28', '2021-10-28T21:00:00Z', '2021-10-28T22:00:00Z'],
    ['Antarctica/Casey', '2023-03-08', '2023-03-08T13:00:00Z', '2023-03-08T16:00:00Z'],
  ])(
    '%s: the midnight after %s comes twice; the day is over at %s, what closes at 00:00 closes at %s',
    (zone, date, over, closes) => {
      const table = tableAround(zone, date);
      const day = dayOf(date);
      expect(iso(spansOf(table, day).at(-1)?.[1])).toBe(over);
      expect(iso(openingOf(table, (day + 1) * DAY))).toBe(over);
      expect(iso(closingOf(table, (day + 1) * DAY))).toBe(closes);
    },
  );

  it('a day that breaks off: its second part and what closes at its end', () => {
    const table = tableAround('America/Goose_Bay', '2010-11-07');
    const day = dayOf('2010-11-06');
    const shown = ['03:00:59', '03:01:00', '03:59:59', '04:00:00'].map((time) =>
      dayAt(table, at(`2010-11-07T${time}Z`)),
    );
    expect(shown).toEqual([day + 1, day, day, day + 1]);
    expect(spansOf(table, day).length).toBe(2);
    expect(iso(openingOf(table, (day + 1) * DAY))).toBe('2010-11-07T03:00:00Z');
    expect(iso(closingOf(table, (day + 1) * DAY))).toBe('2010-11-07T04:00:00Z');
  });
});

const published = new URL('../../shared/vectors/civil-day.json', import.meta.url);

/** The fields that both groups of civil-day.json have between them. */
interface CivilDayTest {
  readonly tcId: number;
  readonly zone: string;
  readonly date: string;
  readonly civilDay: number;
  readonly exists: boolean;
  readonly startUtc: string;
  readonly endUtcExclusive: string;
  readonly lengthMinutes: number;
  readonly firstLocalTime: string;
  readonly contiguous: boolean;
  readonly offsetsInDay: number;
  readonly local: string;
  readonly candidatesUtc: readonly string[];
}

describe.skipIf(!existsSync(published))('civil-day.json', () => {
  const read = (type: string): readonly CivilDayTest[] => {
    const file = JSON.parse(readFileSync(published, 'utf8')) as {
      testGroups: { type: string; tests: CivilDayTest[] }[];
    };
    return file.testGroups.filter((group) => group.type === type).flatMap((group) => group.tests);
  };

  it('CivilDayBounds: 44 days', () => {
    const tests = read('CivilDayBounds');
    expect(tests.length).toBe(44);
    for (const test of tests) {
      const name = `tcId ${test.tcId} ${test.zone} ${test.date}`;
      const table = tableAround(test.zone, test.date);
      const day = dayOf(test.date);
      expect(day, name).toBe(test.civilDay);
      expect(hasDay(table, day), name).toBe(test.exists);
      const spans = spansOf(table, day);
      if (!test.exists) {
        expect(spans, name).toEqual([]);
        continue;
      }
      expect(iso(openingOf(table, day * DAY)), name).toBe(test.startUtc);
      const end = at(test.endUtcExclusive);
      expect(spans.at(-1)?.[1], name).toBe(end);
      expect((end - openingOf(table, day * DAY)!) / 60, name).toBe(test.lengthMinutes);
      expect(spans.length === 1, name).toBe(test.contiguous);
      const first = at(test.startUtc);
      const wall = new Date((first + offsetAt(table, first)!) * 1000).toISOString();
      expect(wall.slice(11, 19), name).toBe(test.firstLocalTime);
      const offsets = table.filter(([utc], i) => utc < end && (table[i + 1]?.[0] ?? 0) > first);
      expect(offsets.length, name).toBe(test.offsetsInDay);
      // What closes at 00:00 closes at the last 00:00, which is the end of the day or later.
      const midnights = scannedInstants(table, (day + 1) * DAY);
      expect(closingOf(table, (day + 1) * DAY), name).toBe(midnights.at(-1) ?? end);
      expect(closingOf(table, (day + 1) * DAY), name).toBeGreaterThanOrEqual(end);
    }
  });

  it('LocalTimeCandidates: 12 wall times', () => {
    const tests = read('LocalTimeCandidates');
    expect(tests.length).toBe(12);
    for (const test of tests) {
      const table = tableAround(test.zone, test.local);
      const local = localOf(test.local);
      expect(instantsOf(table, local).map(iso), `tcId ${test.tcId}`).toEqual(test.candidatesUtc);
      expect(gapAt(table, local) >= 0, `tcId ${test.tcId}`).toBe(test.candidatesUtc.length === 0);
    }
  });
});

// --- tables -------------------------------------------------------------------------------------------------------

describe('the ends of a table', () => {
  const table: OffsetTable = [
    [1_000_000, 3600],
    [2_000_000, 7200],
    [3_000_000, 7200],
  ];

  it('says nothing before its first pair and nothing from its last on', () => {
    expect(offsetAt(table, 999_999)).toBeUndefined();
    expect(offsetAt(table, 1_000_000)).toBe(3600);
    expect(offsetAt(table, 1_999_999)).toBe(3600);
    expect(offsetAt(table, 2_000_000)).toBe(7200);
    expect(offsetAt(table, 2_999_999)).toBe(7200);
    expect(offsetAt(table, 3_000_000)).toBeUndefined();
    expect([dayAt(table, 999_999), dayAt(table, 3_000_000)]).toEqual([undefined, undefined]);
  });

  it('has no local times outside it', () => {
    for (const local of [0, 1_000_000 + 3599, 3_000_000 + 7200, 4_000_000, 4e9]) {
      expect(instantsOf(table, local), String(local)).toEqual([]);
      expect(gapAt(table, local), String(local)).toBe(-1);
      expect([openingOf(table, local), closingOf(table, local)], String(local)).toEqual([
        undefined,
        undefined,
      ]);
    }
    expect(instantsOf(table, 1_000_000 + 3600)).toEqual([1_000_000]);
    expect(instantsOf(table, 3_000_000 + 7199)).toEqual([2_999_999]);
    expect([hasDay(table, 11), hasDay(table, 12), hasDay(table, 34), hasDay(table, 35)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('the change itself belongs to what comes after', () => {
    expect(instantsOf(table, 2_000_000 + 7200)).toEqual([2_000_000]);
    expect(instantsOf(table, 2_000_000 + 3600)).toEqual([]);
    expect(gapAt(table, 2_000_000 + 3600)).toBe(1);
    expect(gapAt(table, 2_000_000 + 7199)).toBe(1);
    expect(gapAt(table, 2_000_000 + 7200)).toBe(-1);
  });
});

describe('what is no table', () => {
  const sound = [
    [0, 3600],
    [100, 3600],
  ];
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a string', '[[0,0],[1,0]]'],
    ['an object', { 0: [0, 0], 1: [1, 0], length: 2 }],
    ['empty', []],
    ['one pair: it would never end', [[0, 0]]],
    ['more than 4096 pairs', Array.from({ length: 4097 }, (_, i) => [i, 0])],
    ['numbers instead of pairs', [0, 1]],
    ['a triple', [...sound, [200, 0, 0]]],
    ['a pair with a hole', [...sound, [200, undefined]]],
    ['a string for a number', [...sound, [200, '0']]],
    ['NaN', [...sound, [200, Number.NaN]]],
    ['a fraction', [...sound, [200.5, 0]]],
    ['a fraction of an offset', [...sound, [200, 0.5]]],
    ['infinity', [...sound, [Number.POSITIVE_INFINITY, 0]]],
    ['falling', [...sound, [99, 0]]],
    ['the same second twice', [...sound, [100, 0]]],
    ['an offset of 16 hours and a second', [...sound, [200, 57601]]],
    ['an offset in milliseconds', [...sound, [200, 3_600_000]]],
  ])('%s', (_, value) => {
    expect(codeOf(() => checkTable('offsets', value))).toBe('token_malformed');
  });

  it('a table is copied and frozen: who changes theirs later changes nothing', () => {
    const mine: [number, number][] = [
      [0, 3600],
      [4_000_000_000, 3600],
    ];
    const table = checkTable('offsets', mine);
    mine[0]![1] = 0;
    mine.push([5_000_000_000, 0]);
    expect(table).toEqual([
      [0, 3600],
      [4_000_000_000, 3600],
    ]);
    expect(Object.isFrozen(table) && table.every(Object.isFrozen)).toBe(true);
  });

  it('createToken takes what zoneFacts gives, to the letter', () => {
    const facts = zoneFacts('Australia/Lord_Howe', at('2025-01-01T00:00:00Z'), at('2027-01-01T00:00:00Z'));
    const token = createToken({ vendor: pintumbler, deviceId: 'd', root: new Uint8Array(32), ...facts });
    expect(token.offsets).toEqual(facts.offsets);
    expect(token.gridOffset).toBe(facts.gridOffset);
  });
});

describe('times of day', () => {
  it('HH:MM from 00:00 to 23:59, and nothing else', () => {
    expect(timeOfDay('00:00')).toBe(0);
    expect(timeOfDay('09:05')).toBe(32700);
    expect(timeOfDay('23:59')).toBe(86340);
    for (const bad of [
      '',
      '24:00',
      '9:05',
      '09:60',
      '09:5',
      '09:05:00',
      ' 09:05',
      '09:05\n',
      '-1:00',
      '٠٩:٠٥',
    ])
      expect(timeOfDay(bad), JSON.stringify(bad)).toBeNaN();
  });
});

describe('zoneFacts', () => {
  const from = at('2025-01-01T00:00:00Z');
  const until = at('2026-01-01T00:00:00Z');

  it.each([
    ['UTC', 0],
    ['Europe/Lisbon', 0],
    ['Europe/Dublin', 0],
    ['America/New_York', 0],
    ['Asia/Kolkata', 30],
    ['Asia/Tehran', 30],
    ['Asia/Kabul', 30],
    ['Asia/Kathmandu', 15],
    ['Australia/Eucla', 15],
    ['Australia/Adelaide', 30],
    ['Australia/Lord_Howe', 30], // standard time +10:30; in summer local hours begin with those of UTC
    ['Pacific/Chatham', 15],
    ['Pacific/Marquesas', 30],
    ['America/St_Johns', 30],
  ])('%s: local hours begin at UTC minute %d', (zone, minute) => {
    expect(zoneFacts(zone, from, from + DAY).gridOffset).toBe(minute);
  });

  it('a table begins at `from`, ends at `until`, and has every change between at its second', () => {
    expect(zoneFacts('Europe/Berlin', from, until)).toEqual({
      timeZone: 'Europe/Berlin',
      gridOffset: 0,
      offsets: [
        [from, 3600],
        [at('2025-03-30T01:00:00Z'), 7200],
        [at('2025-10-26T01:00:00Z'), 3600],
        [until, 3600],
      ],
    });
    expect(
      zoneFacts('Africa/Monrovia', at('1972-01-01T00:00:00Z'), at('1973-01-01T00:00:00Z')).offsets,
    ).toEqual([
      [at('1972-01-01T00:00:00Z'), -2670],
      [at('1972-01-07T00:44:30Z'), 0],
      [at('1973-01-01T00:00:00Z'), 0],
    ]);
  });

  it('a change at `from` is its first pair; one at `until` is left out', () => {
    const change = at('2025-03-30T01:00:00Z');
    const offsets = (a: number, b: number) => zoneFacts('Europe/Berlin', a, b).offsets;
    expect(offsets(change, change + 10)).toEqual([
      [change, 7200],
      [change + 10, 7200],
    ]);
    expect(offsets(change - 10, change)).toEqual([
      [change - 10, 3600],
      [change, 3600],
    ]);
    expect(offsets(change - 1, change + 1)).toEqual([
      [change - 1, 3600],
      [change, 7200],
      [change + 1, 7200],
    ]);
  });

  it.each([
    ['an unknown name', 'Mars/Olympus', from, until, 'zone_unknown'],
    ['an empty name', '', from, until, 'zone_unknown'],
    ['luxon’s own words', 'local', from, until, 'zone_unknown'],
    ['luxon’s own words', 'system', from, until, 'zone_unknown'],
    ['luxon’s own notation', 'UTC+3', from, until, 'zone_unknown'],
    ['no name', undefined, from, until, 'bad_argument'],
    ['a number for a name', 3, from, until, 'bad_argument'],
    ['NaN', 'UTC', Number.NaN, until, 'bad_argument'],
    ['a fraction', 'UTC', from, until + 0.5, 'bad_argument'],
    ['a Date', 'UTC', from, new Date(0), 'bad_argument'],
    ['milliseconds', 'UTC', from, until * 1000, 'out_of_range'],
    ['before 1970', 'UTC', -1, until, 'out_of_range'],
    ['an empty span', 'UTC', from, from, 'window_reversed'],
    ['a span backwards', 'UTC', until, from, 'window_reversed'],
  ])('refuses %s', (_, zone, a, b, code) => {
    expect(codeOf(() => zoneFacts(zone as string, a, b as number))).toBe(code);
  });
});

// --- properties ---------------------------------------------------------------------------------------------------

const ZONES = Intl.supportedValuesOf('timeZone');

/** From 0 up to 1. */
const fraction = fc.nat(2 ** 30 - 1).map((each) => each / 2 ** 30);

/** A zone and a year or so of its table, anywhere between 1970 and 2049. */
const spans = fc.record({
  zone: fc.constantFrom(...ZONES),
  from: fc.integer({ min: 0, max: 2_500_000_000 }),
  seconds: fc.integer({ min: 1, max: 400 * DAY }),
  fractions: fc.array(fraction, { minLength: 5, maxLength: 5 }),
});

/** Any table that a token may carry: changes at least three days apart, as in every real zone since 1970. */
const calmTables: fc.Arbitrary<OffsetTable> = fc
  .tuple(
    fc.integer({ min: 1_500_000_000, max: 1_600_000_000 }),
    fc.integer({ min: -14 * 60, max: 14 * 60 }),
    fc.array(
      fc.tuple(fc.integer({ min: 3 * DAY, max: 30 * DAY }), fc.integer({ min: -14 * 60, max: 14 * 60 })),
      {
        minLength: 2,
        maxLength: 8,
      },
    ),
  )
  .map(([from, first, more]) => {
    const table: [number, number][] = [[from, first * 60]];
    for (const [apart, minutes] of more) table.push([table.at(-1)![0] + apart, minutes * 60]);
    return table;
  });

/** Any at all: changes seconds apart, offsets in seconds. */
const wildTables: fc.Arbitrary<OffsetTable> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: -57_600, max: 57_600 })), {
    minLength: 2,
    maxLength: 12,
  })
  .map((steps) => {
    let utc = 1_600_000_000;
    return steps.map(([apart, offset]) => {
      utc += apart;
      return [utc, offset] as const;
    });
  });

/** A local reading in or near a table. */
const localIn = (table: OffsetTable, where: number): number => {
  const first = table[0]![0] - DAY;
  return Math.floor(first + where * (table.at(-1)![0] + DAY - first));
};

/** A local reading that a calm table surely covers, with the days beside it. */
const coveredIn = (table: OffsetTable, where: number): number => {
  const first = table[0]![0] + 2 * DAY;
  return Math.floor(first + where * (table.at(-1)![0] - 2 * DAY - first));
};

describe('properties', () => {
  it('a table says what Intl says, at random instants and on both sides of every change', () => {
    fc.assert(
      fc.property(spans, ({ zone, from, seconds, fractions }) => {
        const table = zoneFacts(zone, from, from + seconds).offsets;
        const changes = table.slice(1, -1).flatMap(([utc]) => [utc - 1, utc]);
        const instants = fractions.map((each) => from + Math.floor(each * seconds));
        for (const utc of [from, from + seconds - 1, ...changes, ...instants])
          expect(offsetAt(table, utc), `${zone} ${utc}`).toBe(intlOffset(zone, utc));
        // No pair that changes nothing, but for the last, which only closes the table.
        table.slice(1, -1).forEach(([, offset], i) => {
          expect(offset, `${zone} from ${from}`).not.toBe(table[i]![1]);
        });
        expect([table[0]![0], table.at(-1)![0]]).toEqual([from, from + seconds]);
      }),
      { numRuns: deep(60) },
    );
  });

  it('every reading of a real clock leads back to its instant, and to the other one that shows it', () => {
    fc.assert(
      fc.property(spans, ({ zone, from, seconds, fractions }) => {
        const table = zoneFacts(zone, from, from + seconds).offsets;
        const near = table.slice(1, -1).flatMap(([utc]) => [utc - 1800, utc - 1, utc, utc + 1799]);
        const instants = fractions.map((each) => from + Math.floor(each * seconds));
        for (const utc of [...near.filter((each) => each >= from && each < from + seconds), ...instants]) {
          const local = utc + intlOffset(zone, utc);
          // Luxon and the library left out: all offsets that Intl has for the zone around that time.
          const offsets = new Set([-30, -12, 0, 12, 30].map((hours) => intlOffset(zone, utc + hours * 3600)));
          const expected = [...offsets]
            .map((offset) => local - offset)
            .filter((each) => each >= from && each < from + seconds)
            .filter((each) => each + intlOffset(zone, each) === local)
            .sort((a, b) => a - b);
          expect(instantsOf(table, local), `${zone} ${utc}`).toEqual(expected);
          expect(expected).toContain(utc);
          expect(dayAt(table, utc)).toBe(Math.floor(local / DAY));
          expect(hasDay(table, Math.floor(local / DAY)) || utc - from < DAY, `${zone} ${utc}`).toBe(true);
        }
      }),
      { numRuns: deep(60) },
    );
  });

  it('instantsOf finds exactly the instants that show a time, in any table at all', () => {
    fc.assert(
      fc.property(fc.oneof(calmTables, wildTables), fraction, (table, where) => {
        const local = localIn(table, where);
        const found = instantsOf(table, local);
        expect(found).toEqual(scannedInstants(table, local));
        for (const utc of found) expect(utc + offsetAt(table, utc)!).toBe(local);
      }),
      { numRuns: deep(3000) },
    );
  });

  it('offsetAt is the pair in force, in any table at all', () => {
    fc.assert(
      fc.property(fc.oneof(calmTables, wildTables), fraction, fc.nat(40), (table, where, index) => {
        const near = table[index % table.length]![0];
        for (const utc of [localIn(table, where), near - 1, near, near + 1])
          expect(offsetAt(table, utc)).toBe(scannedOffset(table, utc));
      }),
      { numRuns: deep(1000) },
    );
  });

  it('openingOf is never after closingOf, and both are known or neither is', () => {
    fc.assert(
      fc.property(fc.oneof(calmTables, wildTables), fraction, (table, where) => {
        const local = localIn(table, where);
        const [opens, closes] = [openingOf(table, local), closingOf(table, local)];
        expect(opens === undefined).toBe(closes === undefined);
        if (opens !== undefined && closes !== undefined) expect(opens).toBeLessThanOrEqual(closes);
      }),
      { numRuns: deep(2000) },
    );
  });

  it('a covered time is shown or skipped, never both; openings and closings are its first and last instant', () => {
    fc.assert(
      fc.property(calmTables, fraction, fc.nat(40), (table, where, index) => {
        // Half of the times close to a change, where it matters.
        const near = table[1 + (index % (table.length - 2))]![0] + Math.floor((where - 0.5) * 2 * DAY);
        for (const local of [coveredIn(table, where), near]) {
          const shown = scannedInstants(table, local);
          const gap = gapAt(table, local);
          expect(gap >= 0).toBe(shown.length === 0);
          if (gap >= 0) {
            const [change] = table[gap]!;
            expect(change - 1 + scannedOffset(table, change - 1)!).toBeLessThan(local);
            expect(change + scannedOffset(table, change)!).toBeGreaterThan(local);
            expect([openingOf(table, local), closingOf(table, local)]).toEqual([change, change]);
          } else {
            expect([openingOf(table, local), closingOf(table, local)]).toEqual([shown[0], shown.at(-1)]);
          }
        }
      }),
      { numRuns: deep(2000) },
    );
  });

  it('a day that the clock shows exists; one that it never shows does not', () => {
    fc.assert(
      fc.property(calmTables, fraction, (table, where) => {
        const day = Math.floor(coveredIn(table, where) / DAY);
        expect(hasDay(table, day)).toBe(spansOf(table, day).length > 0);
      }),
      { numRuns: deep(3000) },
    );
  });
});
