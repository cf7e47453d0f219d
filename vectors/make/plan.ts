/**
 * plan.json: wall-clock requests and the grants they become. Every outcome is written here by hand from DESIGN §5 and
 * compared with what `plan` does.
 */
import { type PlanRequest, plan } from '../../src/calendar/index.ts';
import { createToken, type DeviceToken } from '../../src/index.ts';
import { igloohome, pintumbler, type Vendor } from '../../src/vendors/index.ts';
import { agree, errorOf, type Group, type Notes, type Test, vectorFile } from './format.ts';
import { at, utc, type Zone, zone } from './zones.ts';

const NOTES: Notes = {
  Exact: { bugType: 'BASIC', description: 'The request is a window of some kind as it stands.' },
  Rounded: {
    bugType: 'BASIC',
    description: 'Rounded outward: the start down, the end up, each by an hour at most.',
  },
  Tie: {
    bugType: 'FUNCTIONALITY',
    description:
      'Two kinds need the same rounding: the order of the vendor decides (stay, stay_2, daily, hourly).',
  },
  Days: {
    bugType: 'FUNCTIONALITY',
    description: 'maxTimeRounding is 1d: daily kinds are tried first, each end may move by a civil day.',
  },
  Gap: {
    bugType: 'EDGE_CASE',
    description:
      'A local time that the clock skips: refused, or read by the offset after the change (earlier) or before it (later).',
  },
  Overlap: {
    bugType: 'EDGE_CASE',
    description:
      'A local time that comes twice: refused unless the request says earlier or later, or has an offset.',
  },
  ClockChange: { bugType: 'EDGE_CASE', description: 'A window across a change of the clock.' },
  Midnight: { bugType: 'EDGE_CASE', description: 'Midnight is skipped, or comes twice.' },
  Grid: {
    bugType: 'EDGE_CASE',
    description:
      "Hours that begin at another minute than UTC's: by the grid offset, in summer and winter alike.",
  },
  OneTime: { bugType: 'FUNCTIONALITY', description: 'One-time codes, with and without an end.' },
  Control: { bugType: 'FUNCTIONALITY', description: 'Clear and set-clock codes.' },
  Variance: { bugType: 'FUNCTIONALITY', description: "Variances, and an issuer's share of them." },
  NoFit: {
    bugType: 'FUNCTIONALITY',
    description:
      'No kind fits; nearest is the window that comes closest, one that covers the request if there is any.',
  },
  EndsEarly: {
    bugType: 'EDGE_CASE',
    description:
      'A lock that counts 24-hour days: across the end of summer time the code ends before what was asked.',
  },
  Table: { bugType: 'EDGE_CASE', description: 'No offset table, or a request that it does not cover.' },
  RulesChanged: {
    bugType: 'EDGE_CASE',
    description:
      "The token's table differs from the zone's rules of today, on purpose: the table decides, and the plan warns.",
  },
  BadRequest: {
    bugType: 'FUNCTIONALITY',
    description: 'A request that is none: refused with a coded error.',
  },
};

/** ISO without seconds → as `plan` writes it. */
const full = (iso: string): string => iso.replace(/^(.{16})([+-]\d\d:\d\d)$/, '$1:00$2');

interface Expected {
  readonly kind: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly firstUse: string;
  readonly rounded?: readonly [start: number, end: number];
  readonly variance?: number;
  readonly warnings?: readonly string[];
}

type Case = readonly [
  comment: string,
  flag: keyof typeof NOTES,
  request: PlanRequest,
  expected:
    | Expected
    | {
        readonly error: string;
        readonly nearest?: readonly [kind: string, startsAt: string, endsAt: string];
      },
];

function testOf(token: DeviceToken, [comment, flag, request, expected]: Case): Test {
  const head = { comment, flags: [flag], request };
  if ('error' in expected) {
    const { code, nearest } = errorOf(() => plan(token, request));
    const [kind = '', startsAt = '', endsAt = ''] = expected.nearest ?? [];
    const wanted = expected.nearest && { kind, startsAt: at(startsAt), endsAt: at(endsAt) };
    agree(comment, [expected.error, wanted], [code, nearest]);
    return { ...head, error: code, ...(nearest && { nearest }), result: 'invalid' };
  }
  const { grant, firstUseBy, local, rounded, warnings, window } = plan(token, request);
  const {
    kind,
    startsAt,
    endsAt,
    firstUse,
    rounded: moved = [0, 0],
    variance = 0,
    warnings: warned = [],
  } = expected;
  agree(
    comment,
    [{ kind, variance, startsAt: at(startsAt), endsAt: at(endsAt) }, at(firstUse), moved, warned],
    [grant, firstUseBy, [rounded.start, rounded.end], warnings],
  );
  agree(comment, { startsAt: full(startsAt), endsAt: full(endsAt), firstUseBy: full(firstUse) }, local);
  return { ...head, grant, firstUseBy, local, rounded, warnings, window, result: 'valid' };
}

function groupOf(
  vendor: Vendor,
  facts: Zone,
  cases: readonly Case[],
  more: {
    readonly config?: unknown;
    readonly table?: false;
    readonly variances?: readonly [number, number];
  } = {},
): Group {
  const { offsets, timeZone, gridOffset } = facts;
  const options = {
    timeZone,
    gridOffset,
    ...(more.table !== false && { offsets }),
    ...(more.variances && { variances: more.variances }),
    ...(more.config !== undefined && { config: more.config }),
  };
  // Planning needs no secret.
  const token = createToken({ vendor, deviceId: 'planned-door', key: new Uint8Array(32), ...options });
  const tests = cases.map((each) => testOf(token, each));
  return { type: 'PlanTest', vendor: vendor.id, codes: vendor.codes, ...options, tests };
}

const LISBON: readonly Case[] = [
  [
    'a guest at 15:20 for three nights',
    'Rounded',
    { startsAt: '2026-03-06T15:20', endsAt: '2026-03-09T11:00' },
    {
      kind: 'stay',
      startsAt: '2026-03-06T15:00+00:00',
      endsAt: '2026-03-09T11:00+00:00',
      firstUse: '2026-03-08T15:00+00:00',
      rounded: [1200, 0],
    },
  ],
  [
    'the second pair of times needs less rounding than the first',
    'Exact',
    { startsAt: '2026-03-06T16:00', endsAt: '2026-03-08T10:00' },
    {
      kind: 'stay_2',
      startsAt: '2026-03-06T16:00+00:00',
      endsAt: '2026-03-08T10:00+00:00',
      firstUse: '2026-03-08T10:00+00:00',
    },
  ],
  [
    'a night is also 20 hours: the stay comes first',
    'Tie',
    { startsAt: '2026-03-06T15:00', endsAt: '2026-03-07T11:00' },
    {
      kind: 'stay',
      startsAt: '2026-03-06T15:00+00:00',
      endsAt: '2026-03-07T11:00+00:00',
      firstUse: '2026-03-07T11:00+00:00',
    },
  ],
  [
    'the same, and the request wants hours',
    'Tie',
    { startsAt: '2026-03-06T15:00', endsAt: '2026-03-07T11:00', kind: 'hourly' },
    {
      kind: 'hourly',
      startsAt: '2026-03-06T15:00+00:00',
      endsAt: '2026-03-07T11:00+00:00',
      firstUse: '2026-03-06T23:00+00:00',
    },
  ],
  [
    'a day is also 24 hours: the day comes first',
    'Tie',
    { startsAt: '2026-03-03T00:00', endsAt: '2026-03-04T00:00' },
    {
      kind: 'daily',
      startsAt: '2026-03-03T00:00+00:00',
      endsAt: '2026-03-04T00:00+00:00',
      firstUse: '2026-03-04T00:00+00:00',
    },
  ],
  [
    'two whole days',
    'Exact',
    { startsAt: '2026-03-03T00:00', endsAt: '2026-03-05T00:00' },
    {
      kind: 'daily',
      startsAt: '2026-03-03T00:00+00:00',
      endsAt: '2026-03-05T00:00+00:00',
      firstUse: '2026-03-04T00:00+00:00',
    },
  ],
  [
    'a cleaner from 9:10 to 12:00',
    'Rounded',
    { startsAt: '2026-03-02T09:10', endsAt: '2026-03-02T12:00' },
    {
      kind: 'hourly',
      startsAt: '2026-03-02T09:00+00:00',
      endsAt: '2026-03-02T12:00+00:00',
      firstUse: '2026-03-02T12:00+00:00',
      rounded: [600, 0],
    },
  ],
  [
    'a second under an hour at each end',
    'Rounded',
    { startsAt: '2026-03-02T09:59:59', endsAt: '2026-03-02T12:00:01' },
    {
      kind: 'hourly',
      startsAt: '2026-03-02T09:00+00:00',
      endsAt: '2026-03-02T13:00+00:00',
      firstUse: '2026-03-02T13:00+00:00',
      rounded: [3599, 3599],
    },
  ],
  [
    '24 hours',
    'Exact',
    { startsAt: '2026-03-02T09:00', endsAt: '2026-03-03T09:00' },
    {
      kind: 'hourly',
      startsAt: '2026-03-02T09:00+00:00',
      endsAt: '2026-03-03T09:00+00:00',
      firstUse: '2026-03-02T17:00+00:00',
    },
  ],
  [
    'timestamps with offsets of elsewhere',
    'Rounded',
    { startsAt: '2026-03-06T20:50:00+05:30', endsAt: '2026-03-09T11:00:00.000Z' },
    {
      kind: 'stay',
      startsAt: '2026-03-06T15:00+00:00',
      endsAt: '2026-03-09T11:00+00:00',
      firstUse: '2026-03-08T15:00+00:00',
      rounded: [1200, 0],
    },
  ],
  [
    'a builder on two days',
    'Days',
    { startsAt: '2026-03-03T08:00', endsAt: '2026-03-04T17:00', maxTimeRounding: '1d' },
    {
      kind: 'daily',
      startsAt: '2026-03-03T00:00+00:00',
      endsAt: '2026-03-05T00:00+00:00',
      firstUse: '2026-03-04T00:00+00:00',
      rounded: [28800, 25200],
    },
  ],
  [
    'days come first even where hours are exact',
    'Days',
    { startsAt: '2026-03-03T09:00', endsAt: '2026-03-03T12:00', maxTimeRounding: '1d' },
    {
      kind: 'daily',
      startsAt: '2026-03-03T00:00+00:00',
      endsAt: '2026-03-04T00:00+00:00',
      firstUse: '2026-03-04T00:00+00:00',
      rounded: [32400, 43200],
    },
  ],
  [
    '10:00 to 10:00 over two days',
    'NoFit',
    { startsAt: '2026-03-03T10:00', endsAt: '2026-03-05T10:00' },
    { error: 'no_fit', nearest: ['stay_2', '2026-03-02T16:00Z', '2026-03-05T10:00Z'] },
  ],
  [
    'the same with a day of rounding',
    'Days',
    { startsAt: '2026-03-03T10:00', endsAt: '2026-03-05T10:00', maxTimeRounding: '1d' },
    {
      kind: 'daily',
      startsAt: '2026-03-03T00:00+00:00',
      endsAt: '2026-03-06T00:00+00:00',
      firstUse: '2026-03-04T00:00+00:00',
      rounded: [36000, 50400],
    },
  ],
  [
    '29 nights',
    'NoFit',
    { startsAt: '2026-03-01T15:00', endsAt: '2026-03-30T11:00' },
    { error: 'no_fit', nearest: ['stay', '2026-03-01T15:00Z', '2026-03-29T11:00+01:00'] },
  ],
  [
    'a local time in the gap',
    'Gap',
    { startsAt: '2026-03-29T01:30', endsAt: '2026-03-29T12:00' },
    { error: 'local_time_missing' },
  ],
  [
    'the same, earlier: 00:30',
    'Gap',
    { startsAt: '2026-03-29T01:30', endsAt: '2026-03-29T12:00', disambiguation: 'earlier' },
    {
      kind: 'hourly',
      startsAt: '2026-03-29T00:00+00:00',
      endsAt: '2026-03-29T12:00+01:00',
      firstUse: '2026-03-29T09:00+01:00',
      rounded: [1800, 0],
    },
  ],
  [
    'the same, later: 02:30',
    'Gap',
    { startsAt: '2026-03-29T01:30', endsAt: '2026-03-29T12:00', disambiguation: 'later' },
    {
      kind: 'hourly',
      startsAt: '2026-03-29T02:00+01:00',
      endsAt: '2026-03-29T12:00+01:00',
      firstUse: '2026-03-29T10:00+01:00',
      rounded: [1800, 0],
    },
  ],
  [
    'an end in the gap, later',
    'Gap',
    { startsAt: '2026-03-28T22:00', endsAt: '2026-03-29T01:30', disambiguation: 'later' },
    {
      kind: 'hourly',
      startsAt: '2026-03-28T22:00+00:00',
      endsAt: '2026-03-29T03:00+01:00',
      firstUse: '2026-03-29T03:00+01:00',
      rounded: [0, 1800],
    },
  ],
  [
    'a local time in the overlap',
    'Overlap',
    { startsAt: '2026-10-25T01:30', endsAt: '2026-10-25T12:00' },
    { error: 'local_time_twice' },
  ],
  [
    'the same, earlier: in summer time',
    'Overlap',
    { startsAt: '2026-10-25T01:30', endsAt: '2026-10-25T12:00', disambiguation: 'earlier' },
    {
      kind: 'hourly',
      startsAt: '2026-10-25T01:00+01:00',
      endsAt: '2026-10-25T12:00+00:00',
      firstUse: '2026-10-25T08:00+00:00',
      rounded: [1800, 0],
    },
  ],
  [
    'the same, later: in winter time',
    'Overlap',
    { startsAt: '2026-10-25T01:30', endsAt: '2026-10-25T12:00', disambiguation: 'later' },
    {
      kind: 'hourly',
      startsAt: '2026-10-25T01:00+00:00',
      endsAt: '2026-10-25T12:00+00:00',
      firstUse: '2026-10-25T09:00+00:00',
      rounded: [1800, 0],
    },
  ],
  [
    'an offset says which',
    'Overlap',
    { startsAt: '2026-10-25T01:30+01:00', endsAt: '2026-10-25T12:00' },
    {
      kind: 'hourly',
      startsAt: '2026-10-25T01:00+01:00',
      endsAt: '2026-10-25T12:00+00:00',
      firstUse: '2026-10-25T08:00+00:00',
      rounded: [1800, 0],
    },
  ],
  [
    'a civil day of 23 hours',
    'ClockChange',
    { startsAt: '2026-03-29T00:00', endsAt: '2026-03-30T00:00' },
    {
      kind: 'daily',
      startsAt: '2026-03-29T00:00+00:00',
      endsAt: '2026-03-30T00:00+01:00',
      firstUse: '2026-03-30T00:00+01:00',
    },
  ],
  [
    'a civil day of 25 hours',
    'ClockChange',
    { startsAt: '2026-10-25T00:00', endsAt: '2026-10-26T00:00' },
    {
      kind: 'daily',
      startsAt: '2026-10-25T00:00+01:00',
      endsAt: '2026-10-26T00:00+00:00',
      firstUse: '2026-10-26T00:00+00:00',
    },
  ],
  [
    'a night of 19 hours',
    'ClockChange',
    { startsAt: '2026-03-28T15:00', endsAt: '2026-03-29T11:00' },
    {
      kind: 'stay',
      startsAt: '2026-03-28T15:00+00:00',
      endsAt: '2026-03-29T11:00+01:00',
      firstUse: '2026-03-29T11:00+01:00',
    },
  ],
  [
    'a courier from 8:20',
    'OneTime',
    { startsAt: '2026-03-10T08:20', oneTime: true },
    {
      kind: 'one_time',
      startsAt: '2026-03-10T08:00+00:00',
      endsAt: '2026-03-11T08:00+00:00',
      firstUse: '2026-03-11T08:00+00:00',
      rounded: [1200, 0],
    },
  ],
  [
    'with an end within the hour before',
    'OneTime',
    { startsAt: '2026-03-10T08:00', endsAt: '2026-03-11T07:30', oneTime: true },
    {
      kind: 'one_time',
      startsAt: '2026-03-10T08:00+00:00',
      endsAt: '2026-03-11T08:00+00:00',
      firstUse: '2026-03-11T08:00+00:00',
      rounded: [0, 1800],
    },
  ],
  [
    'with an end four hours later: 20 hours of rounding',
    'OneTime',
    { startsAt: '2026-03-10T08:00', endsAt: '2026-03-10T12:00', oneTime: true },
    { error: 'no_fit', nearest: ['one_time', '2026-03-10T08:00Z', '2026-03-11T08:00Z'] },
  ],
  [
    'the same with a day of rounding',
    'OneTime',
    { startsAt: '2026-03-10T08:00', endsAt: '2026-03-10T12:00', oneTime: true, maxTimeRounding: '1d' },
    {
      kind: 'one_time',
      startsAt: '2026-03-10T08:00+00:00',
      endsAt: '2026-03-11T08:00+00:00',
      firstUse: '2026-03-11T08:00+00:00',
      rounded: [0, 72000],
    },
  ],
  [
    'a clear code',
    'Control',
    { startsAt: '2026-03-10T09:20', kind: 'clear' },
    {
      kind: 'clear',
      startsAt: '2026-03-10T09:00+00:00',
      endsAt: '2026-03-10T21:00+00:00',
      firstUse: '2026-03-10T21:00+00:00',
      rounded: [1200, 0],
    },
  ],
  [
    'a set-clock code: the quarter hour before is nearer',
    'Control',
    { startsAt: '2026-03-10T09:20', kind: 'set_clock' },
    {
      kind: 'set_clock',
      startsAt: '2026-03-10T09:00+00:00',
      endsAt: '2026-03-10T09:15+00:00',
      firstUse: '2026-03-10T09:15+00:00',
      rounded: [300, 0],
    },
  ],
  [
    'a set-clock code: the full hour after is nearer',
    'Control',
    { startsAt: '2026-03-10T09:55', kind: 'set_clock' },
    {
      kind: 'set_clock',
      startsAt: '2026-03-10T10:00+00:00',
      endsAt: '2026-03-10T10:00+00:00',
      firstUse: '2026-03-10T10:00+00:00',
      rounded: [-300, 0],
    },
  ],
  [
    'a set-clock code: as near to both, the earlier',
    'Control',
    { startsAt: '2026-03-10T09:22:30', kind: 'set_clock' },
    {
      kind: 'set_clock',
      startsAt: '2026-03-10T09:00+00:00',
      endsAt: '2026-03-10T09:15+00:00',
      firstUse: '2026-03-10T09:15+00:00',
      rounded: [450, 0],
    },
  ],
  [
    'a control takes no end',
    'BadRequest',
    { startsAt: '2026-03-10T09:00', endsAt: '2026-03-10T21:00', kind: 'clear' },
    { error: 'bad_argument' },
  ],
  [
    'variance 1 of a kind with one',
    'Variance',
    { startsAt: '2026-03-02T09:00', endsAt: '2026-03-02T12:00', variance: 1 },
    { error: 'variance_unavailable' },
  ],
  [
    'the end is the start',
    'BadRequest',
    { startsAt: '2026-03-02T09:00', endsAt: '2026-03-02T09:00' },
    { error: 'window_reversed' },
  ],
  [
    'the end is before the start',
    'BadRequest',
    { startsAt: '2026-03-02T09:00', endsAt: '2026-03-02T08:00' },
    { error: 'window_reversed' },
  ],
  ['no end', 'BadRequest', { startsAt: '2026-03-02T09:00' }, { error: 'bad_argument' }],
  [
    '30 February',
    'BadRequest',
    { startsAt: '2026-02-30T09:00', endsAt: '2026-03-02T09:00' },
    { error: 'bad_argument' },
  ],
  [
    '29 February of a common year',
    'BadRequest',
    { startsAt: '2026-02-29T09:00', endsAt: '2026-03-02T09:00' },
    { error: 'bad_argument' },
  ],
  [
    '24:00',
    'BadRequest',
    { startsAt: '2026-03-02T09:00', endsAt: '2026-03-02T24:00' },
    { error: 'bad_argument' },
  ],
  [
    'a leap second',
    'BadRequest',
    { startsAt: '2026-06-30T23:59:60Z', endsAt: '2026-07-01T09:00' },
    { error: 'bad_argument' },
  ],
  [
    'a fraction of a second',
    'BadRequest',
    { startsAt: '2026-03-02T09:00:00.5', endsAt: '2026-03-02T12:00' },
    { error: 'bad_argument' },
  ],
  ['a date alone', 'BadRequest', { startsAt: '2026-03-02', endsAt: '2026-03-03' }, { error: 'bad_argument' }],
  [
    'no such kind',
    'BadRequest',
    { startsAt: '2026-03-02T09:00', endsAt: '2026-03-02T12:00', kind: 'weekly' },
    { error: 'kind_unknown' },
  ],
  [
    'a kind that contradicts oneTime',
    'BadRequest',
    { startsAt: '2026-03-02T09:00', endsAt: '2026-03-02T12:00', kind: 'hourly', oneTime: true },
    { error: 'bad_argument' },
  ],
  [
    'a lane of a vendor without lanes',
    'BadRequest',
    { startsAt: '2026-03-02T09:00', endsAt: '2026-03-02T12:00', lane: '1' },
    { error: 'lane_unknown' },
  ],
  [
    'before the second day of 2020',
    'BadRequest',
    { startsAt: '2020-01-01T23:59:59', endsAt: '2020-01-02T12:00' },
    { error: 'out_of_range' },
  ],
];

const NEW_YORK: readonly Case[] = [
  [
    'a local time in the gap',
    'Gap',
    { startsAt: '2026-03-08T02:30', endsAt: '2026-03-08T12:00' },
    { error: 'local_time_missing' },
  ],
  [
    'an end in the overlap',
    'Overlap',
    { startsAt: '2026-10-31T20:00', endsAt: '2026-11-01T01:30' },
    { error: 'local_time_twice' },
  ],
  [
    'an end in the overlap, later',
    'Overlap',
    { startsAt: '2026-10-31T20:00', endsAt: '2026-11-01T01:30', disambiguation: 'later' },
    {
      kind: 'hourly',
      startsAt: '2026-10-31T20:00-04:00',
      endsAt: '2026-11-01T02:00-05:00',
      firstUse: '2026-11-01T02:00-05:00',
      rounded: [0, 1800],
    },
  ],
  [
    'two days, the second of 23 hours',
    'ClockChange',
    { startsAt: '2026-03-07T09:00', endsAt: '2026-03-08T18:00', maxTimeRounding: '1d' },
    {
      kind: 'daily',
      startsAt: '2026-03-07T00:00-05:00',
      endsAt: '2026-03-09T00:00-04:00',
      firstUse: '2026-03-08T00:00-05:00',
      rounded: [32400, 21600],
    },
  ],
  [
    'a civil day of rounding may be more than 24 hours',
    'ClockChange',
    { startsAt: '2026-11-01T23:30', endsAt: '2026-11-02T12:00', maxTimeRounding: '1d' },
    {
      kind: 'daily',
      startsAt: '2026-11-01T00:00-04:00',
      endsAt: '2026-11-03T00:00-05:00',
      firstUse: '2026-11-02T00:00-05:00',
      rounded: [88200, 43200],
    },
  ],
  [
    'a stay across the end of summer time',
    'ClockChange',
    { startsAt: '2026-10-30T15:00', endsAt: '2026-11-02T11:00' },
    {
      kind: 'stay',
      startsAt: '2026-10-30T15:00-04:00',
      endsAt: '2026-11-02T11:00-05:00',
      firstUse: '2026-11-01T15:00-05:00',
    },
  ],
];

const LORD_HOWE: readonly Case[] = [
  [
    'in winter, hours begin with the local hour',
    'Grid',
    { startsAt: '2026-06-01T09:10', endsAt: '2026-06-01T12:00' },
    {
      kind: 'hourly',
      startsAt: '2026-06-01T09:00+10:30',
      endsAt: '2026-06-01T12:00+10:30',
      firstUse: '2026-06-01T12:00+10:30',
      rounded: [600, 0],
    },
  ],
  [
    'in summer, half an hour away from it',
    'Grid',
    { startsAt: '2026-01-10T09:10', endsAt: '2026-01-10T12:00' },
    {
      kind: 'hourly',
      startsAt: '2026-01-10T08:30+11:00',
      endsAt: '2026-01-10T12:30+11:00',
      firstUse: '2026-01-10T12:30+11:00',
      rounded: [2400, 1800],
    },
  ],
  [
    'a gap of half an hour, earlier',
    'Gap',
    { startsAt: '2026-10-04T02:15', endsAt: '2026-10-04T08:00', disambiguation: 'earlier' },
    {
      kind: 'hourly',
      startsAt: '2026-10-04T01:00+10:30',
      endsAt: '2026-10-04T08:30+11:00',
      firstUse: '2026-10-04T08:30+11:00',
      rounded: [2700, 1800],
    },
  ],
  [
    'an overlap of half an hour',
    'Overlap',
    { startsAt: '2026-04-05T01:45', endsAt: '2026-04-05T08:00' },
    { error: 'local_time_twice' },
  ],
  [
    'a civil day of 24 and a half hours',
    'ClockChange',
    { startsAt: '2026-04-05T00:00', endsAt: '2026-04-06T00:00' },
    {
      kind: 'daily',
      startsAt: '2026-04-05T00:00+11:00',
      endsAt: '2026-04-06T00:00+10:30',
      firstUse: '2026-04-06T00:00+10:30',
    },
  ],
];

const HAVANA: readonly Case[] = [
  [
    'a day that begins twice',
    'Midnight',
    { startsAt: '2026-11-01T00:00', endsAt: '2026-11-02T00:00' },
    { error: 'local_time_twice' },
  ],
  [
    'from the first of two midnights',
    'Midnight',
    { startsAt: '2026-11-01T00:00', endsAt: '2026-11-02T00:00', disambiguation: 'earlier' },
    {
      kind: 'daily',
      startsAt: '2026-11-01T00:00-04:00',
      endsAt: '2026-11-02T00:00-05:00',
      firstUse: '2026-11-02T00:00-05:00',
    },
  ],
  [
    'from the second: 24 hours, and no day',
    'Midnight',
    { startsAt: '2026-11-01T00:00', endsAt: '2026-11-02T00:00', disambiguation: 'later' },
    {
      kind: 'hourly',
      startsAt: '2026-11-01T00:00-05:00',
      endsAt: '2026-11-02T00:00-05:00',
      firstUse: '2026-11-01T08:00-05:00',
    },
  ],
  [
    'until the second of two midnights',
    'Midnight',
    { startsAt: '2026-10-31T00:00', endsAt: '2026-11-01T00:00', disambiguation: 'later' },
    {
      kind: 'daily',
      startsAt: '2026-10-31T00:00-04:00',
      endsAt: '2026-11-01T00:00-05:00',
      firstUse: '2026-11-01T00:00-05:00',
    },
  ],
  [
    'until the first: 24 hours, and no day',
    'Midnight',
    { startsAt: '2026-10-31T00:00', endsAt: '2026-11-01T00:00', disambiguation: 'earlier' },
    {
      kind: 'hourly',
      startsAt: '2026-10-31T00:00-04:00',
      endsAt: '2026-11-01T00:00-04:00',
      firstUse: '2026-10-31T08:00-04:00',
    },
  ],
  [
    'a midnight that is skipped',
    'Midnight',
    { startsAt: '2026-03-08T00:00', endsAt: '2026-03-09T00:00' },
    { error: 'local_time_missing' },
  ],
  [
    'the day that begins at 01:00',
    'Midnight',
    { startsAt: '2026-03-08T01:00', endsAt: '2026-03-09T00:00' },
    {
      kind: 'daily',
      startsAt: '2026-03-08T01:00-04:00',
      endsAt: '2026-03-09T00:00-04:00',
      firstUse: '2026-03-09T00:00-04:00',
    },
  ],
];

const KATHMANDU: readonly Case[] = [
  [
    'hours begin at minute 15 of UTC',
    'Grid',
    { startsAt: '2026-03-01T12:20', endsAt: '2026-03-01T14:10' },
    {
      kind: 'hourly',
      startsAt: '2026-03-01T12:00+05:45',
      endsAt: '2026-03-01T15:00+05:45',
      firstUse: '2026-03-01T15:00+05:45',
      rounded: [1200, 3000],
    },
  ],
  [
    'the same asked in UTC',
    'Grid',
    { startsAt: '2026-03-01T06:35Z', endsAt: '2026-03-01T08:25Z' },
    {
      kind: 'hourly',
      startsAt: '2026-03-01T12:00+05:45',
      endsAt: '2026-03-01T15:00+05:45',
      firstUse: '2026-03-01T15:00+05:45',
      rounded: [1200, 3000],
    },
  ],
];

const CHATHAM: readonly Case[] = [
  [
    'a local time in the gap',
    'Gap',
    { startsAt: '2026-09-27T03:00', endsAt: '2026-09-27T12:00' },
    { error: 'local_time_missing' },
  ],
  [
    'a local time in the overlap, later',
    'Overlap',
    { startsAt: '2026-04-05T03:00', endsAt: '2026-04-05T12:00', disambiguation: 'later' },
    {
      kind: 'hourly',
      startsAt: '2026-04-05T03:00+12:45',
      endsAt: '2026-04-05T12:00+12:45',
      firstUse: '2026-04-05T11:00+12:45',
    },
  ],
];

/** 10 digits and the last two of four variances. */
const SHARE: readonly Case[] = [
  [
    'the first variance of the share',
    'Variance',
    { startsAt: '2026-03-02T09:00', endsAt: '2026-03-02T12:00' },
    {
      kind: 'hourly',
      startsAt: '2026-03-02T09:00+00:00',
      endsAt: '2026-03-02T12:00+00:00',
      firstUse: '2026-03-02T12:00+00:00',
      variance: 2,
    },
  ],
  [
    'the last variance of the share',
    'Variance',
    { startsAt: '2026-03-02T09:00', endsAt: '2026-03-02T12:00', variance: 3 },
    {
      kind: 'hourly',
      startsAt: '2026-03-02T09:00+00:00',
      endsAt: '2026-03-02T12:00+00:00',
      firstUse: '2026-03-02T12:00+00:00',
      variance: 3,
    },
  ],
  [
    "another issuer's variance",
    'Variance',
    { startsAt: '2026-03-02T09:00', endsAt: '2026-03-02T12:00', variance: 1 },
    { error: 'variance_unavailable' },
  ],
  [
    'one-time codes have eight variances, the share has two of them',
    'Variance',
    { startsAt: '2026-03-02T09:00', oneTime: true, variance: 4 },
    { error: 'variance_unavailable' },
  ],
];

/** The table ends on 1 June 2026. */
const SHORT_TABLE: readonly Case[] = [
  [
    'a civil kind past the end of the table',
    'Table',
    { startsAt: '2026-07-01T00:00', endsAt: '2026-07-05T00:00' },
    { error: 'zone_table_ended' },
  ],
  [
    'a civil kind across the end of the table',
    'Table',
    { startsAt: '2026-05-30T15:00', endsAt: '2026-06-03T11:00' },
    { error: 'zone_table_ended' },
  ],
  [
    'hours past the end of the table',
    'Table',
    { startsAt: '2026-07-01T09:00', endsAt: '2026-07-01T12:00' },
    {
      kind: 'hourly',
      startsAt: '2026-07-01T09:00+01:00',
      endsAt: '2026-07-01T12:00+01:00',
      firstUse: '2026-07-01T12:00+01:00',
    },
  ],
];

const NO_TABLE: readonly Case[] = [
  [
    'a civil kind',
    'Table',
    { startsAt: '2026-03-06T15:00', endsAt: '2026-03-09T11:00', kind: 'stay' },
    { error: 'zone_required' },
  ],
  [
    'days, whatever the kind',
    'Table',
    { startsAt: '2026-03-06T15:00', endsAt: '2026-03-09T11:00' },
    { error: 'zone_required' },
  ],
  [
    'hours',
    'Table',
    { startsAt: '2026-07-01T09:00', endsAt: '2026-07-01T12:00' },
    {
      kind: 'hourly',
      startsAt: '2026-07-01T09:00+01:00',
      endsAt: '2026-07-01T12:00+01:00',
      firstUse: '2026-07-01T12:00+01:00',
    },
  ],
];

/** Lisbon without summer time. */
const OLD_TABLE: readonly Case[] = [
  [
    "in summer: nine o'clock is what the lock takes for it",
    'RulesChanged',
    { startsAt: '2026-07-01T09:00', endsAt: '2026-07-01T12:00' },
    {
      kind: 'hourly',
      startsAt: '2026-07-01T09:00+00:00',
      endsAt: '2026-07-01T12:00+00:00',
      firstUse: '2026-07-01T12:00+00:00',
      warnings: ['zone_rules_changed'],
    },
  ],
];

const IGLOOHOME: readonly Case[] = [
  [
    'four days in hours',
    'Rounded',
    { startsAt: '2026-02-01T09:20', endsAt: '2026-02-05T10:40' },
    {
      kind: 'hourly',
      startsAt: '2026-02-01T09:00-05:00',
      endsAt: '2026-02-05T11:00-05:00',
      firstUse: '2026-02-02T09:00-05:00',
      rounded: [1200, 1200],
    },
  ],
  [
    '28 days are the longest in hours',
    'Exact',
    { startsAt: '2026-04-01T15:00', endsAt: '2026-04-29T15:00' },
    {
      kind: 'hourly',
      startsAt: '2026-04-01T15:00-04:00',
      endsAt: '2026-04-29T15:00-04:00',
      firstUse: '2026-04-02T15:00-04:00',
    },
  ],
  [
    '29 days are the shortest in days',
    'Exact',
    { startsAt: '2026-04-01T15:00', endsAt: '2026-04-30T15:00' },
    {
      kind: 'daily',
      startsAt: '2026-04-01T15:00-04:00',
      endsAt: '2026-04-30T15:00-04:00',
      firstUse: '2026-04-02T15:00-04:00',
    },
  ],
  [
    'half a day between the two: the nearest covers the request, although hours are as near',
    'NoFit',
    { startsAt: '2026-04-01T15:00', endsAt: '2026-04-30T03:00' },
    { error: 'no_fit', nearest: ['daily', '2026-04-01T15:00-04:00', '2026-04-30T15:00-04:00'] },
  ],
  [
    'the same with a day of rounding',
    'Days',
    { startsAt: '2026-04-01T15:00', endsAt: '2026-04-30T03:00', maxTimeRounding: '1d' },
    {
      kind: 'daily',
      startsAt: '2026-04-01T15:00-04:00',
      endsAt: '2026-04-30T15:00-04:00',
      firstUse: '2026-04-02T15:00-04:00',
      rounded: [0, 43200],
    },
  ],
  [
    'hours with a day of rounding: the daily kind does not fit, and least rounding wins',
    'Days',
    { startsAt: '2026-02-01T09:20', endsAt: '2026-02-05T10:40', maxTimeRounding: '1d' },
    {
      kind: 'hourly',
      startsAt: '2026-02-01T09:00-05:00',
      endsAt: '2026-02-05T11:00-05:00',
      firstUse: '2026-02-02T09:00-05:00',
      rounded: [1200, 1200],
    },
  ],
  [
    '400 days',
    'NoFit',
    { startsAt: '2024-11-20T10:00', endsAt: '2025-12-25T10:00' },
    { error: 'no_fit', nearest: ['daily', '2024-11-20T10:00-05:00', '2025-11-22T10:00-05:00'] },
  ],
  [
    '30 civil days with one of 23 hours: an hour of rounding',
    'ClockChange',
    { startsAt: '2026-02-20T15:00', endsAt: '2026-03-22T15:00' },
    {
      kind: 'daily',
      startsAt: '2026-02-20T15:00-05:00',
      endsAt: '2026-03-22T16:00-04:00',
      firstUse: '2026-02-21T15:00-05:00',
      rounded: [0, 3600],
    },
  ],
  [
    'hours across the end of summer time are exact',
    'ClockChange',
    { startsAt: '2026-10-31T15:00', endsAt: '2026-11-02T15:00' },
    {
      kind: 'hourly',
      startsAt: '2026-10-31T15:00-04:00',
      endsAt: '2026-11-02T15:00-05:00',
      firstUse: '2026-11-01T14:00-05:00',
    },
  ],
  [
    '30 civil days with one of 25 hours',
    'EndsEarly',
    { startsAt: '2026-10-15T15:00', endsAt: '2026-11-14T15:00' },
    {
      kind: 'daily',
      startsAt: '2026-10-15T15:00-04:00',
      endsAt: '2026-11-14T14:00-05:00',
      firstUse: '2026-10-16T15:00-04:00',
      rounded: [0, -3600],
      warnings: ['ends_early'],
    },
  ],
  [
    'the same with a day of rounding: the next length',
    'Days',
    { startsAt: '2026-10-15T15:00', endsAt: '2026-11-14T15:00', maxTimeRounding: '1d' },
    {
      kind: 'daily',
      startsAt: '2026-10-15T15:00-04:00',
      endsAt: '2026-11-15T14:00-05:00',
      firstUse: '2026-10-16T15:00-04:00',
      rounded: [0, 82800],
    },
  ],
  [
    'one opening',
    'OneTime',
    { startsAt: '2026-03-07T12:40', oneTime: true, variance: 4 },
    {
      kind: 'one_time',
      startsAt: '2026-03-07T12:00-05:00',
      endsAt: '2026-03-08T13:00-04:00',
      firstUse: '2026-03-08T13:00-04:00',
      rounded: [2400, 0],
      variance: 4,
    },
  ],
  [
    'a variance too many',
    'Variance',
    { startsAt: '2026-02-01T09:00', endsAt: '2026-02-05T10:00', variance: 3 },
    { error: 'variance_unavailable' },
  ],
  [
    'no clear codes',
    'BadRequest',
    { startsAt: '2026-02-01T09:00', kind: 'clear' },
    { error: 'kind_unknown' },
  ],
];

export function planFile(): object {
  const lisbon = zone('Europe/Lisbon');
  const { offsets: _, ...place } = lisbon;
  const winter: Zone = {
    ...place,
    offsets: [
      [utc(2019, 12, 31), 0],
      [utc(2036, 1, 1), 0],
    ],
  };
  return vectorFile({
    algorithm: 'plan',
    schema: 'plan',
    header: [
      "Wall-clock requests in a device's time zone, and the grants they become by the vendor's rules.",
      'Valid: the grant, its first-use deadline, the same instants in local time, what was rounded, warnings, window.',
      'Invalid: error is the code that pintumbler gives; nearest, with no_fit, is the window that comes closest.',
      "Local times go by the offset table of the group, without one by the zone's rules: all requests lie in 2020 to 2026.",
    ],
    notes: NOTES,
    groups: [
      groupOf(pintumbler, lisbon, LISBON),
      groupOf(pintumbler, zone('America/New_York'), NEW_YORK),
      groupOf(pintumbler, zone('Australia/Lord_Howe'), LORD_HOWE),
      groupOf(pintumbler, zone('America/Havana'), HAVANA),
      groupOf(pintumbler, zone('Asia/Kathmandu'), KATHMANDU),
      groupOf(pintumbler, zone('Pacific/Chatham'), CHATHAM),
      groupOf(pintumbler, lisbon, SHARE, { config: { digits: 10 }, variances: [2, 3] }),
      groupOf(pintumbler, zone('Europe/Lisbon', undefined, utc(2026, 6, 1)), SHORT_TABLE),
      groupOf(pintumbler, lisbon, NO_TABLE, { table: false }),
      groupOf(pintumbler, winter, OLD_TABLE),
      groupOf(igloohome, zone('America/New_York'), IGLOOHOME, { table: false }),
    ],
  });
}
