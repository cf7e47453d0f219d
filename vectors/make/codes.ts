/**
 * codes-*.json: the codes of every vendor with several tables, prefixes or schemes of others. Windows that show a maker's
 * rule are written down by hand with their instants, the rest is at edges or random.
 */
import type { Nothing, Sheet } from '../../src/cli/vector-schemes.ts';
import { Stream } from '../../src/cli/vector-stream.ts';
import {
  edgeTests,
  groupHead,
  nothingTest,
  randomTests,
  sheetsOf,
  slotFrom,
  type Unnumbered,
  VECTOR_NOTES,
  validTest,
} from '../../src/cli/vector-tests.ts';
import { CODES_HEADER, vectorSecret } from '../../src/cli/vectors.ts';
import { engineOf, placed } from '../../src/engine.ts';
import { countOf, slotAt, type WindowGrant, windowOf } from '../../src/grant.ts';
import { createToken, type DeviceToken, mint, read } from '../../src/index.ts';
import { codelocksNetcode } from '../../src/vendors/codelocks-netcode.ts';
import { dormakabaOracode } from '../../src/vendors/dormakaba-oracode.ts';
import type { Vendor } from '../../src/vendors/index.ts';
import { lockly } from '../../src/vendors/lockly.ts';
import { masterLock } from '../../src/vendors/master-lock.ts';
import { resortlock } from '../../src/vendors/resortlock.ts';
import { sentrilock } from '../../src/vendors/sentrilock.ts';
import { ttlock } from '../../src/vendors/ttlock.ts';
import { tuya } from '../../src/vendors/tuya.ts';
import { needsOffsets, type PlacedKind, rulesOf } from '../../src/vendors/vendor.ts';
import { DAY } from '../../src/zone.ts';
import { agree, errorOf, type Group, type Notes, type Test, vectorFile } from './format.ts';
import { at, utc, type Zone, zone } from './zones.ts';

const HOUR = 3600;

const NOTES: Notes = {
  ...VECTOR_NOTES,
  Written: {
    bugType: 'FUNCTIONALITY',
    description: 'A window that shows a rule of the maker, its instants written down by hand.',
  },
  ClockChange: {
    bugType: 'EDGE_CASE',
    description: 'A day of 23 or 25 hours on the local clock, or beside one.',
  },
  Published: { bugType: 'BASIC', description: 'A code that is known from somewhere else than this library.' },
  YearEnd: { bugType: 'EDGE_CASE', description: 'At the end of a year.' },
  SaidBefore: {
    bugType: 'AUTH_BYPASS',
    description: 'Digits of a table for a window that an earlier table says: they mean nothing.',
  },
  OffWeekday: {
    bugType: 'AUTH_BYPASS',
    description: 'A window that begins on a weekday that its kind does not have: it means nothing.',
  },
  OverYear: {
    bugType: 'AUTH_BYPASS',
    description: 'A window over the end of a year under a kind that has none such: it means nothing.',
  },
  OutsideTable: {
    bugType: 'AUTH_BYPASS',
    description: 'A window that the offset table of the group does not cover: it means nothing.',
  },
  NoLength: {
    bugType: 'AUTH_BYPASS',
    description: 'A window without length: a lock may read it, but nobody may make it.',
  },
  Malformed: {
    bugType: 'FUNCTIONALITY',
    description: "Not a code: wrong length, or something else than the keypad's symbols.",
  },
  OffGrid: { bugType: 'FUNCTIONALITY', description: 'A window that the kind cannot say: no code is made.' },
  Unavailable: {
    bugType: 'FUNCTIONALITY',
    description: 'A kind, variance or prefix that is not there: no code is made.',
  },
};

/** A window that shows a rule. `by`: the first-use deadline, if it is not the end; `digits`: of the code, where tables differ. */
interface Written {
  readonly kind: string;
  readonly from: string;
  readonly to: string | null;
  readonly by?: string;
  readonly variance?: number;
  readonly lane?: string;
  readonly digits?: number;
  readonly code?: string;
  readonly comment: string;
  readonly flags?: readonly string[];
}

interface Door {
  readonly name: string;
  readonly facts: Zone;
  readonly config?: unknown;
  /** Of a vendor that prescribes its key. */
  readonly key?: string;
  readonly windows: readonly Written[];
}

// --- one door -----------------------------------------------------------------------------------------------------

export function tokenOf(vendor: Vendor, { name, facts, config, key }: Omit<Door, 'windows'>): DeviceToken {
  const { offsets, ...place } = facts;
  const stream = new Stream(`pintumbler vectors/codes/${name}`);
  return createToken({
    vendor,
    deviceId: name,
    ...(key === undefined ? vectorSecret(vendor, stream) : { key: new TextEncoder().encode(key) }),
    epoch: stream.below(1000),
    ...place,
    ...(needsOffsets(rulesOf(vendor, config)) && { offsets }),
    ...(config !== undefined && { config }),
  });
}

const flagged = (test: Unnumbered | undefined, comment: string, ...flags: readonly string[]): Test => {
  if (!test) throw new Error(`no such window: ${comment}`);
  return { ...test, comment, flags: [...test.flags, ...flags] };
};

/** 2026-03-01T12:00Z, or the first slot of a device that begins later. */
const ordinarySlot = ({ book: { grid } }: Sheet): number =>
  Math.max(Math.ceil(slotAt(utc(2026, 3, 1, 12), grid)), 0);

/** The tests of one sheet: every kind's shortest and longest window on a day, edges, what shows a rule, and what means nothing. */
function sheetTests(sheet: Sheet, windows: readonly Written[]): readonly Test[] {
  return [
    ...windows.flatMap((each) => writtenTest(sheet, each)),
    ...sheet.kinds.flatMap((kind) => bothEnds(sheet, kind)),
    ...edges(sheet),
    ...sheet.kinds.flatMap((kind) => withoutWindow(sheet, kind)),
    ...malformedTests(sheet),
    ...refusedTests(sheet),
    ...randomTests(sheet, sheet.token.deviceId, 6),
  ];
}

function writtenTest(sheet: Sheet, window: Written): readonly Test[] {
  const { token, book, lane } = sheet;
  const { kind: id, variance = 0, from, to, by = to, comment } = window;
  const grant: WindowGrant = {
    kind: id,
    variance,
    ...(window.lane !== undefined && { lane: window.lane }),
    startsAt: at(from),
    endsAt: to === null ? null : at(to),
  };
  const { book: its, kind, claim } = placed(token, engineOf(token), grant);
  if (its.layout.id !== book.layout.id || claim.lane !== lane) return [];
  const test = validTest(sheet, kind, claim.slot, claim.length, variance, comment);
  const { digits = book.layout.digits, code = test?.code } = window;
  agree(
    comment,
    [at(by ?? from), digits, code],
    [test?.['firstUseBy'], test && test.code.length - lane.length, test?.code],
  );
  return [flagged(test, comment, 'Written', ...(window.flags ?? []))];
}

/** Every edge; of a table of many kinds each fourth, so that every kind is at some. */
function edges(sheet: Sheet): readonly Test[] {
  const tests = edgeTests(sheet);
  return sheet.kinds.length <= 4
    ? tests
    : tests.filter(({ result }, index) => result === 'invalid' || index % 4 === 0);
}

/** First length and first variance; last and last. */
function bothEnds(sheet: Sheet, kind: PlacedKind): readonly Test[] {
  const slot = slotFrom(sheet, kind, ordinarySlot(sheet));
  if (slot === undefined) throw new Error(`no window of ${kind.id}`);
  const last = countOf(kind.shape.lengths) - 1;
  const ends: readonly (readonly [number, number, string])[] = [
    [0, 0, 'first length, first variance'],
    ...(sheet.kinds.length <= 4 ? [[1, 0, 'second length'] as const] : []),
    [0, kind.variances - 1, 'first length, last variance'],
    [last, kind.variances - 1, 'last length, last variance'],
  ];
  const seen = new Set<string>();
  return ends.flatMap(([length, variance, comment]) => {
    const test =
      length <= last ? validTest(sheet, kind, slot, length, variance, `${kind.id}: ${comment}`) : undefined;
    const key = `${length} ${variance}`;
    if (!test || seen.has(key)) return [];
    seen.add(key);
    return [test];
  });
}

/** Digits of windows that a kind does not have. */
function withoutWindow(sheet: Sheet, kind: PlacedKind): readonly Test[] {
  const { book, lane, working, token } = sheet;
  const { shape } = kind;
  const perDay = DAY / book.grid.step;
  const ordinary = slotFrom(sheet, kind, ordinarySlot(sheet)) ?? 0;
  const nothing = (slot: number, length: number, flag: string, comment: string): readonly Test[] => {
    const claim = { kind: kind.index, slot, length, variance: 0, lane };
    const steps = working.stepsOf(sheet, claim);
    const each: Nothing = {
      flag,
      comment: `${kind.id}: ${comment}`,
      slot,
      steps,
      code: book.codec.encode(claim),
    };
    return [nothingTest(sheet, each)];
  };
  const tests: Test[] = [];
  const end = token.offsets?.at(-1)?.[0];
  if (shape.on === 'civil-day' && token.rules.clock === 'civil' && end !== undefined) {
    const slot = Math.ceil(slotAt(end, book.grid) / perDay) * perDay;
    tests.push(...nothing(slot, 0, 'OutsideTable', 'the offset table ends before it'));
  }
  if (shape.weekdays) {
    const off = [1, 2, 3, 4, 5, 6].map((day) => ordinary + day * perDay);
    const slot = off.find((each) => !windowOf(shape, each, 0, book.grid));
    if (slot !== undefined) tests.push(...nothing(slot, 0, 'OffWeekday', 'begins on a day it does not have'));
  }
  if (shape.withinYear) {
    const slot = Math.floor(slotAt(utc(2027, 1, 1) - standardOffset(token) - HOUR, book.grid));
    tests.push(...nothing(slot, 1, 'OverYear', 'two hours over the end of 2026'));
  }
  const window = windowOf(shape, ordinary, 0, book.grid);
  if (window && window.endsAt > window.startsAt) {
    const { startsAt, endsAt } = window;
    const grant = { kind: kind.id, variance: 0, ...(lane !== '' && { lane }), startsAt };
    const said = mint(token, { ...grant, endsAt: shape.endless ? null : endsAt });
    if (said.length !== lane.length + book.layout.digits)
      tests.push(...nothing(ordinary, 0, 'SaidBefore', 'its shortest window has a code in an earlier table'));
  }
  return tests;
}

/** Seconds to add to UTC in the standard time of the door. */
const standardOffset = ({ offsets }: DeviceToken): number =>
  Math.min(...(offsets ?? [[0, 0]]).slice(0, 3).map(([, offset]) => offset));

/** The longest window of the first kind on a day, its first variance. */
function ordinaryGrant(sheet: Sheet): { readonly kind: PlacedKind; readonly grant: WindowGrant } {
  const [kind] = sheet.kinds;
  const slot = kind && slotFrom(sheet, kind, ordinarySlot(sheet));
  const window = kind && windowOf(kind.shape, slot ?? 0, countOf(kind.shape.lengths) - 1, sheet.book.grid);
  if (!window) throw new Error('a table without an ordinary grant');
  const { startsAt } = window;
  const endsAt = kind.shape.endless ? null : window.endsAt;
  const grant = {
    kind: kind.id,
    variance: 0,
    ...(sheet.lane !== '' && { lane: sheet.lane }),
    startsAt,
    endsAt,
  };
  return { kind, grant };
}

function malformedTests(sheet: Sheet): readonly Test[] {
  const { token, book } = sheet;
  const { grant } = ordinaryGrant(sheet);
  const code = mint(token, grant);
  const when = grant.startsAt;
  const bad: readonly (readonly [code: string, comment: string])[] = [
    [code.slice(0, -1), 'the last symbol is missing'],
    [`${code}${code.slice(-1)}`, 'a symbol too many'],
    [`${code.slice(0, -1)}A`, 'a symbol that no keypad has'],
    [`${code.slice(0, -1)}٣`, 'a digit of another script'],
    ...(book.layout.alphabet.includes('9')
      ? []
      : [[`${code.slice(0, -1)}9`, 'a key that this keypad lacks'] as const]),
  ];
  // What is too long or too short here may be a code of another table.
  const others = sheetsOf(token).filter((other) => other.book.layout.id !== book.layout.id);
  const lengths = others.map((other) => other.lane.length + other.book.layout.digits);
  return bad.flatMap(([each, comment]) => {
    if (each.length !== code.length && lengths.includes(each.length)) return [];
    const { code: error } = errorOf(() => read(token, each, when));
    agree(comment, 'code_malformed', error);
    return [{ comment, flags: ['Malformed'], at: when, code: each, error, result: 'invalid' as const }];
  });
}

/** Grants that no issuer may make a code of. */
function refusedTests(sheet: Sheet): readonly Test[] {
  const { token } = sheet;
  const { kind, grant } = ordinaryGrant(sheet);
  const { startsAt, endsAt } = grant;
  const later = endsAt === null ? null : endsAt + 1;
  const refused: readonly (readonly [WindowGrant, string, string, string])[] = [
    [{ ...grant, startsAt: startsAt + 1, endsAt: later }, 'off_grid', 'OffGrid', 'a second late'],
    [{ ...grant, endsAt: startsAt }, 'off_grid', 'NoLength', 'no length'],
    [{ ...grant, variance: kind.variances }, 'variance_unavailable', 'Unavailable', 'one variance too many'],
    [{ ...grant, kind: 'weekly' }, 'kind_unknown', 'Unavailable', 'no such kind'],
    [{ ...grant, lane: '99999' }, 'lane_unknown', 'Unavailable', 'no such prefix'],
  ];
  return refused.map(([each, error, flag, what]) => {
    const comment = `${kind.id}: ${what}`;
    agree(comment, error, errorOf(() => mint(token, each)).code);
    return { comment, flags: [flag], grant: each, error, result: 'invalid' as const };
  });
}

function groupsOf(vendor: Vendor, door: Door): readonly Group[] {
  const token = tokenOf(vendor, door);
  const groups = sheetsOf(token).map((sheet) => ({
    ...groupHead(sheet),
    tests: sheetTests(sheet, door.windows),
  }));
  const written = groups.flatMap(({ tests }) => tests.filter(({ flags }) => flags.includes('Written')));
  agree(`windows of ${door.name}`, door.windows.length, written.length);
  return groups;
}

const fileOf = (vendor: Vendor, doors: readonly Door[]): object =>
  vectorFile({
    algorithm: vendor.scheme.id,
    schema: 'codes',
    header: [
      vendor.codes === 'published'
        ? `Codes of ${vendor.id}. They are published: what its locks take.`
        : `Codes of ${vendor.id}. They are emulated: the rules are the maker's, the digits ours, and they open no lock of theirs.`,
      ...CODES_HEADER,
      'Invalid with error: no code (code, at), or a grant of which no code may be made (grant).',
    ],
    notes: NOTES,
    groups: doors.flatMap((door) => groupsOf(vendor, door)),
  });

// --- the makers ---------------------------------------------------------------------------------------------------

const years = (name: Parameters<typeof zone>[0]): Zone => zone(name, utc(2025, 1, 1), utc(2039, 1, 1));

/** The samples of ../vectors of the SDK: login key 8f7d54, T0 by default. */
const SDK_CODES: readonly Written[] = [
  {
    kind: 'multiple',
    from: '2020-05-16T06:00Z',
    to: '2020-05-18T06:00Z',
    by: '2020-05-17T06:00Z',
    code: '8875954349',
    comment: 'T0 + 100 h, 48 h',
  },
  {
    kind: 'multiple',
    from: '2021-10-08T11:00Z',
    to: '2021-11-07T11:00Z',
    by: '2021-10-09T11:00Z',
    code: '0889552925',
    comment: 'T0 + 12,345 h, 720 h',
  },
  {
    kind: 'once',
    variance: 1,
    from: '2020-05-16T06:00Z',
    to: '2020-05-16T12:00Z',
    code: '5316533010',
    comment: 'once, serial number 1',
  },
  {
    kind: 'once',
    variance: 10,
    from: '2020-05-16T06:00Z',
    to: '2020-05-16T12:00Z',
    code: '3831672521',
    comment: 'once, serial number 10',
  },
  {
    kind: 'clear_one',
    from: '2020-05-16T06:00Z',
    to: '2020-05-18T06:00Z',
    code: '3829732730',
    comment: 'clears the first of these',
  },
  {
    kind: 'clear_all',
    from: '2020-05-16T06:00Z',
    to: '2020-05-17T06:00Z',
    code: '8214304970',
    comment: 'clear all, serial number 0',
  },
  {
    kind: 'dynamic',
    from: '2021-01-11T08:10Z',
    to: '2021-01-11T08:25Z',
    code: '90242902',
    comment: 'the code of 08:15 to 08:20, 5 minutes more on each side',
  },
].map((each) => ({ ...each, flags: ['Published'] }));

const tuyaFile = (): object =>
  fileOf(tuya, [
    {
      name: 'tuya-sdk',
      facts: { timeZone: 'UTC', gridOffset: 0, offsets: [] },
      key: '8f7d54',
      windows: SDK_CODES,
    },
    {
      name: 'tuya-kathmandu',
      facts: zone('Asia/Kathmandu'),
      config: { t0: at('2026-01-01T00:59:59Z') },
      windows: [
        {
          kind: 'multiple',
          from: '2026-01-01T00:00Z',
          to: '2026-01-01T01:00Z',
          comment: 'T0 is rounded down; hours are those of UTC, where local ones begin at another minute',
        },
        {
          kind: 'multiple',
          from: '2026-12-31T23:00Z',
          to: '2028-02-21T14:00Z',
          by: '2027-01-01T23:00Z',
          comment: '9,999 hours over the end of a year',
          flags: ['YearEnd'],
        },
        {
          kind: 'clear_one',
          from: '2026-03-01T15:00Z',
          to: '2026-03-01T15:00Z',
          comment: 'clears a code without length, which no issuer makes and a lock would read',
        },
        {
          kind: 'dynamic',
          from: '2038-01-19T03:05Z',
          to: '2038-01-19T03:20Z',
          comment: 'around 2^31 seconds',
        },
      ],
    },
    {
      name: 'tuya-five-keys',
      facts: zone('America/New_York'),
      config: { t0: at('2026-01-01T00:00Z'), base: 5 },
      windows: [],
    },
    {
      name: 'tuya-last-t0',
      facts: zone('Europe/Lisbon'),
      config: { t0: 2 ** 32 - 1, base: 9 },
      windows: [
        {
          kind: 'once',
          from: '2106-02-07T06:00Z',
          to: '2106-02-07T12:00Z',
          comment: 'the latest T0, rounded down to its hour; a keypad of nine keys',
        },
      ],
    },
  ]);

export const LEVELS = {
  predefined_time_slots: [
    { name: 'Guest 4pm-10am', prefix: 123, check_in_time: '16:00:00', check_out_time: '10:00:00' },
    {
      name: 'Guest 24H',
      prefix: 126,
      is_24_hour: true,
      check_in_time: '00:00:00',
      check_out_time: '23:59:00',
    },
    { name: 'Day use', prefix: 7, check_in_time: '07:00', check_out_time: '19:00' },
    {
      name: 'Long term',
      prefix: 200,
      is_biweekly_mode: true,
      check_in_time: '16:00:00',
      check_out_time: '10:00:00',
    },
  ],
};

const oracodeFile = (): object =>
  fileOf(dormakabaOracode, [
    {
      name: 'oracode-new-york',
      facts: years('America/New_York'),
      config: LEVELS,
      windows: [
        {
          kind: 'daily',
          lane: '123',
          from: '2026-03-07T16:00-05:00',
          to: '2026-03-08T10:00-04:00',
          comment: 'one night, of 17 hours',
          flags: ['ClockChange'],
        },
        {
          kind: 'daily',
          lane: '123',
          from: '2026-12-31T16:00-05:00',
          to: '2027-01-31T10:00-05:00',
          comment: '31 nights, over the end of a year',
          flags: ['YearEnd'],
        },
        {
          kind: 'daily',
          lane: '126',
          from: '2026-11-01T00:00-04:00',
          to: '2026-11-01T23:59-05:00',
          comment: 'from 00:00 to 23:59 of a day of 25 hours',
          flags: ['ClockChange'],
        },
        {
          kind: 'daily',
          lane: '007',
          from: '2026-03-08T07:00-04:00',
          to: '2026-04-07T19:00-04:00',
          comment: '31 days from 07:00 to 19:00 end 30 days after the first',
        },
        {
          kind: 'biweekly',
          lane: '200',
          from: '2026-10-25T16:00-04:00',
          to: '2026-11-01T10:00-05:00',
          comment: 'a week, over a clock change',
          flags: ['ClockChange'],
        },
        {
          kind: 'biweekly',
          lane: '200',
          from: '2026-03-01T16:00-05:00',
          to: '2027-05-09T10:00-04:00',
          comment: '62 weeks',
        },
      ],
    },
    {
      name: 'oracode-havana',
      facts: years('America/Havana'),
      config: { predefined_time_slots: LEVELS.predefined_time_slots.slice(1, 2) },
      windows: [
        {
          kind: 'daily',
          from: '2026-03-08T01:00-04:00',
          to: '2026-03-08T23:59-04:00',
          comment: 'opens at a midnight that is skipped: the change itself',
          flags: ['ClockChange'],
        },
        {
          kind: 'daily',
          from: '2026-11-01T00:00-04:00',
          to: '2026-11-01T23:59-05:00',
          comment: 'opens at the first of two midnights',
          flags: ['ClockChange'],
        },
      ],
    },
  ]);

const locklyFile = (): object =>
  fileOf(lockly, [
    {
      name: 'lockly-lisbon',
      facts: zone('Europe/Lisbon'),
      windows: [
        {
          kind: 'time_bound',
          from: '2026-03-28T23:00Z',
          to: '2026-03-29T23:00Z',
          comment: '24 hours on a day of 23: the lock keeps its standard time',
          flags: ['ClockChange'],
        },
        {
          kind: 'time_bound',
          from: '2026-12-31T23:00Z',
          to: '2028-01-01T23:00Z',
          comment: '366 days',
          flags: ['YearEnd'],
        },
        {
          kind: 'one_time',
          from: '2026-03-01T15:00Z',
          to: '2026-03-01T16:00Z',
          comment: 'a one-time code has a start and an end too',
        },
      ],
    },
    {
      name: 'lockly-kathmandu',
      facts: zone('Asia/Kathmandu'),
      windows: [
        {
          kind: 'time_bound',
          from: '2026-03-01T15:00+05:45',
          to: '2026-03-04T11:00+05:45',
          comment: 'hours that begin at minute 15 of UTC',
        },
      ],
    },
  ]);

const ttlockFile = (): object =>
  fileOf(ttlock, [
    {
      name: 'ttlock-new-york',
      facts: years('America/New_York'),
      windows: [
        {
          kind: 'period',
          from: '2026-03-01T15:00-05:00',
          to: '2026-03-02T15:00-05:00',
          digits: 7,
          comment: '24 hours: 7 digits',
        },
        {
          kind: 'period',
          from: '2026-03-01T15:00-05:00',
          to: '2026-03-02T16:00-05:00',
          by: '2026-03-02T15:00-05:00',
          digits: 9,
          comment: '25 hours: 9 digits',
        },
        {
          kind: 'period',
          from: '2026-07-04T18:00-05:00',
          to: '2027-07-04T18:00-05:00',
          by: '2026-07-05T18:00-05:00',
          digits: 9,
          comment: 'a year of 365 days, in summer: the lock counts standard time',
          flags: ['YearEnd'],
        },
        {
          kind: 'one_time',
          variance: 199,
          from: '2026-03-01T15:00-05:00',
          to: '2026-03-01T21:00-05:00',
          digits: 8,
          comment: 'once within 6 hours, the last of 200',
        },
        {
          kind: 'permanent',
          variance: 19,
          from: '2026-03-01T15:00-05:00',
          to: null,
          by: '2026-03-02T15:00-05:00',
          digits: 8,
          comment: 'permanent, the last of 20, first used within 24 hours',
        },
        {
          kind: 'delete',
          from: '2026-03-01T15:00-05:00',
          to: '2026-03-02T15:00-05:00',
          digits: 6,
          comment: 'a delete code',
        },
        {
          kind: 'workday',
          from: '2026-03-02T09:00-05:00',
          to: '2026-03-02T17:00-05:00',
          by: '2026-03-03T09:00-05:00',
          digits: 8,
          comment:
            'workdays 9 to 17, from a Monday on; the deadline is 24 hours after the start, past the first window',
        },
        {
          kind: 'sunday',
          from: '2026-07-05T00:00-05:00',
          to: '2026-07-06T00:00-05:00',
          comment: 'Sundays by standard time, an hour later on the wall clock in summer',
        },
        {
          kind: 'weekend',
          from: '2026-02-28T20:00-05:00',
          to: '2026-03-01T02:00-05:00',
          by: '2026-03-01T20:00-05:00',
          comment: 'weekends 20 to 2: a window that passes midnight',
        },
      ],
    },
    {
      name: 'ttlock-kathmandu',
      facts: years('Asia/Kathmandu'),
      windows: [
        {
          kind: 'monday',
          from: '2026-03-02T00:00+05:45',
          to: '2026-03-02T01:00+05:45',
          by: '2026-03-03T00:00+05:45',
          comment: 'the first hour of Monday is Sunday in UTC',
        },
        {
          kind: 'period',
          from: '2026-12-31T23:00+05:45',
          to: '2027-01-01T01:00+05:45',
          digits: 7,
          comment: 'over the end of a year',
          flags: ['YearEnd'],
        },
      ],
    },
  ]);

const sentrilockFile = (): object =>
  fileOf(sentrilock, [
    {
      name: 'sentrilock-new-york',
      facts: years('America/New_York'),
      windows: [
        {
          kind: 'one_day',
          from: '2026-03-08T08:00-04:00',
          to: '2026-03-09T00:00-04:00',
          by: '2026-03-08T22:00-04:00',
          digits: 7,
          comment: 'a day of 23 hours: used first until 22:00, dead at midnight',
          flags: ['ClockChange'],
        },
        {
          kind: 'one_day',
          from: '2026-12-31T08:00-05:00',
          to: '2027-01-01T00:00-05:00',
          by: '2026-12-31T22:00-05:00',
          digits: 7,
          comment: 'the last day of a year',
          flags: ['YearEnd'],
        },
        {
          kind: 'flex',
          variance: 3,
          from: '2026-03-01T15:30-05:00',
          to: '2026-03-01T16:00-05:00',
          digits: 12,
          comment: '30 minutes on the half hour, the last of 4',
        },
        {
          kind: 'flex',
          from: '2026-03-01T15:00-05:00',
          to: '2026-04-01T16:00-04:00',
          digits: 12,
          comment: '31 days of 24 hours, an hour later on the wall clock',
          flags: ['ClockChange'],
        },
      ],
    },
    {
      name: 'sentrilock-havana',
      facts: years('America/Havana'),
      windows: [
        {
          kind: 'one_day',
          from: '2026-03-07T08:00-05:00',
          to: '2026-03-08T01:00-04:00',
          by: '2026-03-07T22:00-05:00',
          comment: 'dead at a midnight that is skipped: at the change itself',
          flags: ['ClockChange'],
        },
        {
          kind: 'one_day',
          from: '2026-10-31T08:00-04:00',
          to: '2026-11-01T00:00-05:00',
          by: '2026-10-31T22:00-04:00',
          comment: 'dead at the second of two midnights',
          flags: ['ClockChange'],
        },
      ],
    },
    {
      name: 'sentrilock-kathmandu',
      facts: years('Asia/Kathmandu'),
      windows: [
        {
          kind: 'flex',
          from: '2026-03-01T15:30+05:45',
          to: '2026-03-01T17:00+05:45',
          comment: 'half hours that begin at minutes 15 and 45 of UTC',
        },
      ],
    },
  ]);

const netcodeFile = (): object =>
  fileOf(codelocksNetcode, [
    {
      name: 'netcode-standard',
      facts: years('Europe/Lisbon'),
      windows: [
        {
          kind: 'hourly',
          from: '2026-03-01T15:00Z',
          to: '2026-03-02T03:00Z',
          comment: '12 hours',
        },
        {
          kind: 'daily',
          from: '2026-03-28T00:00Z',
          to: '2026-03-30T00:00+01:00',
          comment: 'two days, of 47 hours',
          flags: ['ClockChange'],
        },
        {
          kind: 'single_daily',
          from: '2026-10-25T00:00+01:00',
          to: '2026-11-01T00:00Z',
          comment: 'seven days, once',
          flags: ['ClockChange'],
        },
        {
          kind: 'single_hourly',
          from: '2026-12-31T23:00Z',
          to: '2027-01-01T00:00Z',
          comment: 'an hour, once',
          flags: ['YearEnd'],
        },
      ],
    },
    {
      name: 'netcode-standard-6',
      facts: years('America/New_York'),
      config: { digits: 6, star: true, dst: false },
      windows: [
        {
          kind: 'daily',
          lane: '*',
          from: '2026-07-04T01:00-04:00',
          to: '2026-07-05T01:00-04:00',
          comment: 'midnight of standard time, in summer: 01:00 on the wall clock',
        },
      ],
    },
    {
      name: 'netcode-acc',
      facts: years('America/Havana'),
      config: { mode: 'acc' },
      windows: [
        {
          kind: 'acc',
          from: '2026-03-07T00:00-05:00',
          to: '2026-03-09T00:00-04:00',
          by: '2026-03-08T01:00-04:00',
          comment: 'first use within a civil day: until the midnight that is skipped',
          flags: ['ClockChange'],
        },
      ],
    },
    {
      name: 'netcode-urm',
      facts: years('America/New_York'),
      config: { mode: 'urm', validation: 36 },
      windows: [
        {
          kind: 'urm',
          from: '2026-03-07T00:00-05:00',
          to: '2027-03-07T00:00-05:00',
          by: '2026-03-08T12:00-04:00',
          comment: '365 days; first use within 36 hours on the wall clock: until noon of the next day',
          flags: ['ClockChange'],
        },
      ],
    },
    {
      name: 'netcode-end-date',
      facts: years('Australia/Lord_Howe'),
      config: { mode: 'end_date' },
      windows: [
        {
          kind: 'end_date',
          from: '2026-10-04T00:00+10:30',
          to: '2026-10-05T00:00+11:00',
          comment: 'a day of 23 and a half hours',
          flags: ['ClockChange'],
        },
      ],
    },
    {
      name: 'netcode-24h',
      facts: years('Asia/Kathmandu'),
      config: { mode: '24h' },
      windows: [
        {
          kind: 'hours_24',
          from: '2026-03-01T15:00+05:45',
          to: '2026-03-02T15:00+05:45',
          comment: '24 hours from any hour',
        },
      ],
    },
  ]);

const masterLockFile = (): object =>
  fileOf(masterLock, [
    {
      name: 'master-lock-standard',
      facts: zone('America/New_York'),
      windows: [
        {
          kind: 'temporary',
          from: '2026-03-01T00:00Z',
          to: '2026-03-01T08:00Z',
          comment: 'a period of 4 hours from midnight of UTC, and the next',
        },
        {
          kind: 'temporary',
          from: '2026-12-31T20:00Z',
          to: '2027-01-01T04:00Z',
          comment: 'the last period of a year',
          flags: ['YearEnd'],
        },
      ],
    },
    {
      name: 'master-lock-deadbolt',
      facts: zone('Asia/Kathmandu'),
      config: { lock: 'deadbolt' },
      windows: [
        {
          kind: 'temporary',
          from: '2026-03-01T15:00Z',
          to: '2026-03-01T17:00Z',
          comment: 'hours of UTC, where local ones begin at another minute',
        },
      ],
    },
    {
      name: 'master-lock-weeks',
      facts: zone('Europe/Lisbon'),
      config: { window: 604_800, epoch: 345_600, keypad: 'directions' },
      windows: [
        {
          kind: 'temporary',
          from: '2026-03-02T00:00Z',
          to: '2026-03-16T00:00Z',
          comment: 'weeks that begin on a Monday, on a d-pad',
        },
      ],
    },
    {
      name: 'master-lock-half-hours',
      facts: zone('Australia/Lord_Howe'),
      config: { window: 1800, epoch: 2_000_000_100 },
      windows: [
        {
          kind: 'temporary',
          from: '2026-03-01T15:05Z',
          to: '2026-03-01T16:05Z',
          comment: 'an epoch that lies ahead: periods begin at minutes 5 and 35',
        },
      ],
    },
  ]);

const resortlockFile = (): object =>
  fileOf(resortlock, [
    {
      name: 'resortlock-new-york',
      facts: years('America/New_York'),
      windows: [
        {
          kind: 'duration',
          from: '2026-03-01T15:00-05:00',
          to: '2026-03-31T15:00-05:00',
          digits: 10,
          comment: '30 days: 10 digits',
        },
        {
          kind: 'duration',
          from: '2026-03-01T15:00-05:00',
          to: '2026-03-31T16:00-05:00',
          digits: 12,
          comment: '30 days and an hour: 12 digits',
        },
        {
          kind: 'one_time',
          from: '2026-12-31T20:00-05:00',
          to: '2027-01-01T00:00-05:00',
          digits: 10,
          comment: 'ends with the last hour of the year: 10 digits',
          flags: ['YearEnd'],
        },
        {
          kind: 'one_time',
          from: '2026-12-31T20:00-05:00',
          to: '2027-01-01T01:00-05:00',
          digits: 12,
          comment: 'an hour over the end of the year: 12 digits',
          flags: ['YearEnd'],
        },
        {
          kind: 'duration',
          from: '2026-12-31T23:00-05:00',
          to: '2027-12-30T23:00-05:00',
          digits: 12,
          comment: '364 days',
        },
      ],
    },
    {
      name: 'resortlock-rl4000',
      facts: years('Asia/Kathmandu'),
      config: { model: 'RL4000' },
      windows: [
        {
          kind: 'duration',
          variance: 3,
          from: '2026-12-31T23:00+05:45',
          to: '2027-01-01T00:00+05:45',
          digits: 10,
          comment: 'the year ends by the local clock; the last of four codes',
          flags: ['YearEnd'],
        },
      ],
    },
  ]);

/** By the vendor's id. */
export const CODES_FILES: Readonly<Record<string, () => object>> = {
  [tuya.id]: tuyaFile,
  [dormakabaOracode.id]: oracodeFile,
  [lockly.id]: locklyFile,
  [ttlock.id]: ttlockFile,
  [sentrilock.id]: sentrilockFile,
  [codelocksNetcode.id]: netcodeFile,
  [masterLock.id]: masterLockFile,
  [resortlock.id]: resortlockFile,
};
