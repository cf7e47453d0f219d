/** sealed-*.json: grants and their codes with every value between them, digits without meaning, refused grants. */
import { sealedNothing } from '../../src/cli/vector-schemes.ts';
import { Stream } from '../../src/cli/vector-stream.ts';
import {
  bookOf,
  groupHead,
  nothingTest,
  randomTests as randomTestsOf,
  sheetsOf,
  type Unnumbered,
  VECTOR_NOTES,
  validTest as validTestOf,
} from '../../src/cli/vector-tests.ts';
import { kindsOf } from '../../src/engine.ts';
import { PintumblerError } from '../../src/errors.ts';
import { countOf, EPOCH, type Grant, indexOf, slotAt, type WindowGrant } from '../../src/grant.ts';
import { createToken, type DeviceToken, mint, read } from '../../src/index.ts';
import { numberFf1 } from '../../src/schemes/index.ts';
import { pageOf, payloadOf, sealedKey, slotsPerPage } from '../../src/schemes/sealed.ts';
import { deviceKey } from '../../src/token.ts';
import { igloohome, pintumbler, type Vendor } from '../../src/vendors/index.ts';
import { type PlacedKind, rulesOf } from '../../src/vendors/vendor.ts';
import { DAY } from '../../src/zone.ts';
import { agree, errorOf, type Group, type Notes, type Test, vectorFile } from './format.ts';
import { at, NOWHERE, utc, type Zone, zone } from './zones.ts';

const HOUR = 3600;

const NOTES: Notes = {
  ...VECTOR_NOTES,
  ClockChange: {
    bugType: 'EDGE_CASE',
    description:
      'An opening, a closing or a first-use deadline in a gap or an overlap of the local clock, or beside one.',
  },
  MissingDate: {
    bugType: 'AUTH_BYPASS',
    description:
      'A civil kind that opens or closes on a date that the local calendar skips: it means nothing.',
  },
  OutsideTable: {
    bugType: 'AUTH_BYPASS',
    description: 'A civil kind that the offset table of the group does not cover: it means nothing.',
  },
  NoTable: {
    bugType: 'AUTH_BYPASS',
    description: 'A civil kind, and a group without an offset table: it means nothing.',
  },
  AllVariances: { bugType: 'FUNCTIONALITY', description: 'Every code of one window.' },
  Near: {
    bugType: 'EDGE_CASE',
    description: 'Around 366 days from `at`: further away, digits mean nothing.',
  },
  Pages: { bugType: 'EDGE_CASE', description: 'Which pages are tried at a page border.' },
  TwoMeanings: {
    bugType: 'EDGE_CASE',
    description: 'Digits that mean a grant on each of two neighbouring pages; the newer page comes first.',
  },
  Malformed: {
    bugType: 'FUNCTIONALITY',
    description: 'Not a code: wrong length, or something else than digits.',
  },
  OffGrid: {
    bugType: 'FUNCTIONALITY',
    description: 'A grant whose window the kind cannot say: mint refuses it.',
  },
  Unavailable: {
    bugType: 'FUNCTIONALITY',
    description: 'A kind or variance that is not there: mint refuses it.',
  },
  Ambiguous: {
    bugType: 'AUTH_BYPASS',
    description:
      'A code that a lock could also accept as a grant of the neighbouring page: mint refuses it, the issuer takes the next variance.',
  },
};

/** A token of the vectors: its secrets come from its name. */
export function tokenOf(
  vendor: Vendor,
  name: string,
  facts: Zone,
  more: { config?: unknown; table?: false } = {},
): DeviceToken {
  const { offsets, ...local } = facts;
  const rules = rulesOf(vendor, more.config);
  const stream = new Stream(`pintumbler vectors/${rules.layout}/${name}`);
  return createToken({
    vendor,
    deviceId: name,
    root: stream.bytes(32),
    epoch: stream.below(1000),
    ...local,
    ...(rules.clock === 'civil' && more.table !== false && { offsets }),
    ...(more.config !== undefined && { config: more.config }),
  });
}

/** These files are about one table under one scheme, without prefixes. */
function groupOf(type: string, token: DeviceToken, tests: readonly Test[]): Group {
  const { scheme: _, clock: __, lane: ___, ...head } = groupHead(sheetsOf(token)[0]);
  return { ...head, type, tests };
}

const validTest = (
  token: DeviceToken,
  ...[kind, slot, length, variance, comment]: readonly [PlacedKind, number, number, number, string]
): Unnumbered | undefined => validTestOf(sheetsOf(token)[0], kind, slot, length, variance, comment);

/** The digits of a payload that means nothing. */
function invalidTest(token: DeviceToken, payload: number, flag: string, comment: string): Unnumbered {
  const [sheet] = sheetsOf(token);
  return nothingTest(sheet, sealedNothing(sheet, payload, flag, comment));
}

const flagged = (test: Unnumbered | undefined, comment: string, ...flags: readonly string[]): Test => {
  if (!test) throw new Error(`no such window: ${comment}`);
  return { ...test, comment, flags: [...test.flags, ...flags] };
};

const kindOf = (token: DeviceToken, kindId: string): PlacedKind => kindsOf(bookOf(token).kinds, kindId)[0];

const slotOfDay = (token: DeviceToken, date: string): number =>
  ((at(`${date}T00:00Z`) - EPOCH) / DAY) * (DAY / token.rules.grid);

/** A civil window written down by hand: what its instants are by DESIGN §4 and §5. */
type Civil = readonly [
  kind: string,
  date: string,
  days: number,
  opens: string,
  closes: string,
  firstUse: string,
  comment: string,
];

function civilTests(token: DeviceToken, windows: readonly Civil[]): readonly Test[] {
  return windows.map(([kindId, date, days, opens, closes, firstUse, comment]) => {
    const kind = kindOf(token, kindId);
    const length = indexOf(kind.shape.lengths, days);
    const test = validTest(token, kind, slotOfDay(token, date), length, 0, comment);
    const instants = [opens, closes, firstUse].map(at);
    agree(`${kindId} ${date} ${days}: ${comment}`, instants, [
      test?.['startsAt'],
      test?.['endsAt'],
      test?.['firstUseBy'],
    ]);
    return flagged(test, `${date}, ${days} days: ${comment}`, 'ClockChange');
  });
}

/** Digits of a civil window that does not exist. */
function nothingTests(
  token: DeviceToken,
  flag: string,
  windows: readonly (readonly [kind: string, date: string, days: number, comment: string])[],
): readonly Test[] {
  const { layout } = bookOf(token);
  return windows.map(([kindId, date, days, comment]) => {
    const kind = kindOf(token, kindId);
    const length = indexOf(kind.shape.lengths, days);
    const slot = slotOfDay(token, date);
    agree(comment, undefined, validTest(token, kind, slot, length, 0, comment));
    const claim = { kind: kind.index, slot, length, variance: 0, lane: '' };
    const payload = payloadOf(claim, pageOf(claim, layout), layout);
    return flagged(invalidTest(token, payload, flag, comment), `${kindId} ${date}, ${days} days: ${comment}`);
  });
}

/** Kinds of one sort at a slot: shortest and longest, first and last variance. */
function everyKind(
  token: DeviceToken,
  on: PlacedKind['shape']['on'],
  slot: number,
  comment: string,
): readonly Test[] {
  const kinds = bookOf(token).kinds.filter((kind) => kind.shape.on === on);
  return kinds.flatMap((kind) => {
    const last = countOf(kind.shape.lengths) - 1;
    const first = flagged(validTest(token, kind, slot, 0, 0, comment), comment);
    return last > 0 || kind.variances > 1
      ? [first, flagged(validTest(token, kind, slot, last, kind.variances - 1, comment), comment)]
      : [first];
  });
}

const slotOf = (token: DeviceToken, instant: number): number =>
  Math.floor(slotAt(instant, bookOf(token).grid));

/** The first slot, 32-bit clocks, page borders, a leap day. */
function edgeTests(token: DeviceToken): readonly Test[] {
  const { kinds, layout } = bookOf(token);
  const perPage = slotsPerPage(layout);
  const perDay = DAY / token.rules.grid;
  const slots = [
    [0, 'slot 0'],
    [1, 'slot 1'],
    [slotOf(token, 2 ** 31), 'the slot in which 2^31 seconds are over: 2038-01-19'],
    [slotOf(token, 2 ** 31) + 1, 'the first slot after 2^31 seconds'],
    [slotOf(token, 2 ** 32), 'the slot in which 2^32 seconds are over: 2106-02-07'],
    [slotOf(token, 2 ** 32) + 1, 'the first slot after 2^32 seconds'],
    [perPage - 1, 'page 0, its last slot'],
    [perPage, 'page 1, its first slot'],
    [2 * perPage - 1, 'page 1, its last slot'],
    [2 * perPage, 'page 2, its first slot'],
  ] as const;
  const days = [
    [0, '2020-01-01'],
    [slotOfDay(token, '2024-02-29'), '2024-02-29'],
    [slotOfDay(token, '2038-01-18'), '2038-01-18, the day before 2^31 seconds'],
    [slotOfDay(token, '2038-01-20'), '2038-01-20, the day after 2^31 seconds'],
    [slotOfDay(token, '2106-02-06'), '2106-02-06, the day before 2^32 seconds'],
    [slotOfDay(token, '2106-02-08'), '2106-02-08, the day after 2^32 seconds'],
    [Math.floor(perPage / perDay) * perDay, 'page 0, its last day'],
    [Math.ceil(perPage / perDay) * perDay, 'page 1, its first day'],
  ] as const;
  const civil = kinds.some((kind) => kind.shape.on === 'civil-day');
  return [
    ...slots.flatMap(([slot, comment]) => everyKind(token, 'slot', slot, comment)),
    ...(civil ? days.flatMap(([slot, comment]) => everyKind(token, 'civil-day', slot, comment)) : []),
  ];
}

/** Payloads that mean nothing, whatever the day. */
function unusedTests(token: DeviceToken): readonly Test[] {
  const { layout, kinds } = bookOf(token);
  const { perSlot, used, digits, places } = layout;
  const perPage = slotsPerPage(layout);
  const top = perPage * perSlot;
  const tests: Unnumbered[] = [];
  if (top < 10 ** digits) {
    tests.push(invalidTest(token, top, 'BeyondPage', 'payload H·S'));
    tests.push(invalidTest(token, 10 ** digits - 1, 'BeyondPage', 'payload 10^n − 1'));
  }
  if (used < perSlot) {
    for (const [slot, of] of [
      [54_000, 'a slot of 2026'],
      [perPage - 1, 'the last slot of the page'],
    ] as const) {
      tests.push(invalidTest(token, slot * perSlot + used, 'Reserved', `first reserved payload of ${of}`));
      tests.push(
        invalidTest(token, slot * perSlot + perSlot - 1, 'Reserved', `last reserved payload of ${of}`),
      );
    }
  }
  for (const kind of kinds) {
    if (kind.shape.on !== 'civil-day') continue;
    const { base = 0, lengths = 1, variances = 1 } = places[kind.index] ?? {};
    const last = base + lengths * variances - 1;
    const first = 54_000 * perSlot;
    tests.push(
      invalidTest(token, first + perSlot + base, 'OffDay', `${kind.id}, one slot after the first of a day`),
    );
    tests.push(
      invalidTest(token, first - perSlot + last, 'OffDay', `${kind.id}, one slot before the first of a day`),
    );
  }
  return tests.map((test) => ({ ...test }));
}

const grantsJson = (grants: readonly Grant[]): readonly object[] =>
  grants.map(({ kind, variance, startsAt, endsAt }) => ({ kind, variance, startsAt, endsAt }));

function readTest(
  token: DeviceToken,
  code: string,
  when: number,
  count: number,
  flag: string,
  comment: string,
): Test {
  const grants = read(token, code, when);
  agree(comment, count, grants.length);
  return {
    comment,
    flags: [flag],
    code,
    at: when,
    grants: grantsJson(grants),
    result: count > 0 ? 'valid' : 'invalid',
  };
}

function malformedTests(token: DeviceToken, code: string, when: number): readonly Test[] {
  const bad: readonly (readonly [code: string, comment: string])[] = [
    ['', 'nothing'],
    [code.slice(1), 'the first digit is missing'],
    [`${code}0`, 'a digit too many'],
    [`0${code}`, 'a leading zero too many'],
    [`${code.slice(0, 3)} ${code.slice(3)}`, 'a space'],
    [`${code.slice(0, -1)}#`, 'another symbol of the keypad'],
    [`${code.slice(0, -1)}٣`, 'a digit of another script'],
    [`-${code.slice(1)}`, 'a sign'],
  ];
  return bad.map(([each, comment]) => {
    const { code: error } = errorOf(() => read(token, each, when));
    agree(comment, 'code_malformed', error);
    return { comment, flags: ['Malformed'], code: each, at: when, error, result: 'invalid' };
  });
}

/** Grants that are too far from `at`, and the pages that are tried. */
function readTests(token: DeviceToken): readonly Test[] {
  const { layout, grid } = bookOf(token);
  const far = 366 * DAY;
  const hourly = (slot: number) => {
    const startsAt = EPOCH + grid.shift + slot * grid.step;
    const grant = { kind: 'hourly', variance: 0, startsAt, endsAt: startsAt + HOUR };
    return { ...grant, code: mint(token, grant) };
  };
  const near = hourly(54_000);
  const first = hourly(slotsPerPage(layout));
  const pages: readonly Test[] = [
    readTest(
      token,
      first.code,
      first.startsAt - DAY,
      1,
      'Pages',
      'the next page is tried from a day before it on',
    ),
    readTest(token, first.code, first.startsAt - DAY - 1, 0, 'Pages', 'and not before'),
  ];
  return [
    readTest(token, near.code, near.startsAt, 1, 'Near', 'at its start'),
    readTest(token, near.code, near.startsAt - far, 1, 'Near', 'it starts in 366 days'),
    readTest(token, near.code, near.startsAt - far - 1, 0, 'Near', 'it starts in 366 days and a second'),
    readTest(token, near.code, near.endsAt + far, 1, 'Near', 'it ended 366 days ago'),
    readTest(token, near.code, near.endsAt + far + 1, 0, 'Near', 'it ended 366 days and a second ago'),
    ...pages,
    ...malformedTests(token, near.code, near.startsAt),
  ];
}

function refusedTest(
  token: DeviceToken,
  grant: WindowGrant,
  error: string,
  flag: string,
  comment: string,
): Test {
  agree(comment, error, errorOf(() => mint(token, grant)).code);
  return { comment, flags: [flag], grant, error, result: 'invalid' };
}

const START = at('2026-03-01T15:00Z');

/** Windows that a kind on the grid cannot say. */
function refusedTests(token: DeviceToken): readonly Test[] {
  const start = START + 60 * token.gridOffset;
  const hourly = (startsAt: number, seconds: number, variance = 0): WindowGrant => ({
    kind: 'hourly',
    variance,
    startsAt,
    endsAt: startsAt + seconds,
  });
  const kind = kindOf(token, 'hourly');
  const { lengths } = kind.shape;
  const longest = 'to' in lengths ? lengths.to : 0;
  return [
    refusedTest(token, hourly(start + 1, HOUR), 'off_grid', 'OffGrid', 'a start one second late'),
    refusedTest(token, hourly(start, HOUR + 1), 'off_grid', 'OffGrid', 'a length of one second too many'),
    refusedTest(token, hourly(start, 0), 'off_grid', 'OffGrid', 'no length'),
    refusedTest(token, hourly(start, -HOUR), 'off_grid', 'OffGrid', 'an end before the start'),
    refusedTest(
      token,
      hourly(start, longest + HOUR),
      'off_grid',
      'OffGrid',
      'one hour more than the longest',
    ),
    refusedTest(token, hourly(EPOCH + grid(token) - HOUR, HOUR), 'off_grid', 'OffGrid', 'before slot 0'),
    refusedTest(
      token,
      hourly(start, HOUR, kind.variances),
      'variance_unavailable',
      'Unavailable',
      'one variance too many',
    ),
    refusedTest(
      token,
      { ...hourly(start, HOUR), kind: 'weekly' },
      'kind_unknown',
      'Unavailable',
      'no such kind',
    ),
  ];
}

const grid = (token: DeviceToken): number => 60 * token.gridOffset;

const civil = (kind: string, opens: string, closes: string): WindowGrant => ({
  kind,
  variance: 0,
  startsAt: at(opens),
  endsAt: at(closes),
});

const HAVANA: readonly Civil[] = [
  [
    'daily',
    '2026-03-07',
    1,
    '2026-03-07T00:00-05:00',
    '2026-03-08T01:00-04:00',
    '2026-03-08T01:00-04:00',
    'closes at a midnight that is skipped: the change itself',
  ],
  [
    'daily',
    '2026-03-07',
    2,
    '2026-03-07T00:00-05:00',
    '2026-03-09T00:00-04:00',
    '2026-03-08T01:00-04:00',
    'its first-use deadline is a midnight that is skipped',
  ],
  [
    'daily',
    '2026-03-08',
    1,
    '2026-03-08T01:00-04:00',
    '2026-03-09T00:00-04:00',
    '2026-03-09T00:00-04:00',
    'opens at a midnight that is skipped: 23 hours',
  ],
  [
    'daily',
    '2026-10-31',
    1,
    '2026-10-31T00:00-04:00',
    '2026-11-01T00:00-05:00',
    '2026-11-01T00:00-05:00',
    'closes at the second of two midnights: 25 hours',
  ],
  [
    'daily',
    '2026-10-31',
    2,
    '2026-10-31T00:00-04:00',
    '2026-11-02T00:00-05:00',
    '2026-11-01T00:00-05:00',
    'its first-use deadline is the second of two midnights',
  ],
  [
    'daily',
    '2026-11-01',
    1,
    '2026-11-01T00:00-04:00',
    '2026-11-02T00:00-05:00',
    '2026-11-02T00:00-05:00',
    'opens at the first of two midnights: 25 hours',
  ],
  [
    'stay',
    '2026-10-31',
    1,
    '2026-10-31T15:00-04:00',
    '2026-11-01T11:00-05:00',
    '2026-11-01T11:00-05:00',
    'a night of 21 hours; the deadline is never later than the end',
  ],
  [
    'stay_2',
    '2026-03-06',
    5,
    '2026-03-06T16:00-05:00',
    '2026-03-11T10:00-04:00',
    '2026-03-08T16:00-04:00',
    'a deadline of two civil days: 47 hours',
  ],
];

/** Opening times in the gap and the overlap of New York: stays 02:30 to 10:00 and 01:30 to 12:00. */
const OPENS_AT_NIGHT: readonly Civil[] = [
  [
    'stay',
    '2026-03-08',
    5,
    '2026-03-08T03:00-04:00',
    '2026-03-13T10:00-04:00',
    '2026-03-10T02:30-04:00',
    'opens in a gap: the change itself',
  ],
  [
    'stay',
    '2026-03-06',
    3,
    '2026-03-06T02:30-05:00',
    '2026-03-09T10:00-04:00',
    '2026-03-08T03:00-04:00',
    'its first-use deadline lies in a gap: the change itself',
  ],
  [
    'stay_2',
    '2026-11-01',
    3,
    '2026-11-01T01:30-04:00',
    '2026-11-04T12:00-05:00',
    '2026-11-03T01:30-05:00',
    'opens in an overlap: the first instant',
  ],
  [
    'stay_2',
    '2026-10-30',
    3,
    '2026-10-30T01:30-04:00',
    '2026-11-02T12:00-05:00',
    '2026-11-01T01:30-05:00',
    'its first-use deadline lies in an overlap: the last instant',
  ],
];

/** The same for closing times: stays 15:00 to 02:30 and 16:00 to 01:30. */
const CLOSES_AT_NIGHT: readonly Civil[] = [
  [
    'stay',
    '2026-03-07',
    1,
    '2026-03-07T15:00-05:00',
    '2026-03-08T03:00-04:00',
    '2026-03-08T03:00-04:00',
    'closes in a gap: the change itself',
  ],
  [
    'stay_2',
    '2026-10-31',
    1,
    '2026-10-31T16:00-04:00',
    '2026-11-01T01:30-05:00',
    '2026-11-01T01:30-05:00',
    'closes in an overlap: the last instant',
  ],
  [
    'stay',
    '2026-10-31',
    1,
    '2026-10-31T15:00-04:00',
    '2026-11-01T02:30-05:00',
    '2026-11-01T02:30-05:00',
    'closes after the overlap',
  ],
];

/** Times at the very ends of the gap and the overlap: stays 02:00 to 03:00 and 01:00 to 02:00. */
const AT_THE_CHANGE: readonly Civil[] = [
  [
    'stay',
    '2026-11-01',
    2,
    '2026-11-01T02:00-05:00',
    '2026-11-03T03:00-05:00',
    '2026-11-03T02:00-05:00',
    'opens when the overlap is over: that time comes once',
  ],
  [
    'stay_2',
    '2026-11-01',
    2,
    '2026-11-01T01:00-04:00',
    '2026-11-03T02:00-05:00',
    '2026-11-03T01:00-05:00',
    'opens when the overlap begins: that time comes twice',
  ],
  [
    'stay_2',
    '2026-10-31',
    1,
    '2026-10-31T01:00-04:00',
    '2026-11-01T02:00-05:00',
    '2026-11-01T02:00-05:00',
    'closes when the overlap is over',
  ],
  [
    'stay',
    '2026-03-08',
    2,
    '2026-03-08T03:00-04:00',
    '2026-03-10T03:00-04:00',
    '2026-03-10T02:00-04:00',
    'opens at the first time that is skipped',
  ],
  [
    'stay',
    '2026-03-07',
    1,
    '2026-03-07T02:00-05:00',
    '2026-03-08T03:00-04:00',
    '2026-03-08T03:00-04:00',
    'closes at the first time that is not skipped any more',
  ],
];

const CHATHAM: readonly Civil[] = [
  [
    'daily',
    '2026-04-05',
    1,
    '2026-04-05T00:00+13:45',
    '2026-04-06T00:00+12:45',
    '2026-04-06T00:00+12:45',
    'a day of 25 hours',
  ],
  [
    'daily',
    '2026-09-27',
    1,
    '2026-09-27T00:00+12:45',
    '2026-09-28T00:00+13:45',
    '2026-09-28T00:00+13:45',
    'a day of 23 hours',
  ],
  [
    'stay',
    '2026-04-04',
    2,
    '2026-04-04T15:00+13:45',
    '2026-04-06T11:00+12:45',
    '2026-04-06T11:00+12:45',
    'two nights across the end of summer time',
  ],
];

const LORD_HOWE: readonly Civil[] = [
  [
    'daily',
    '2026-04-05',
    1,
    '2026-04-05T00:00+11:00',
    '2026-04-06T00:00+10:30',
    '2026-04-06T00:00+10:30',
    'a day of 24 and a half hours',
  ],
  [
    'daily',
    '2026-10-04',
    28,
    '2026-10-04T00:00+10:30',
    '2026-11-01T00:00+11:00',
    '2026-10-05T00:00+11:00',
    '28 days that begin with one of 23 and a half hours',
  ],
];

/** The zone that is nowhere, with stays 23:45 to 11:00 and 00:15 to 23:45. */
const BETWEEN: readonly Civil[] = [
  [
    'stay',
    '2026-03-01',
    3,
    '2026-03-02T00:30-09:00',
    '2026-03-04T11:00-09:00',
    '2026-03-03T23:45-09:00',
    'opens in a gap across midnight: the instant is of the next date',
  ],
  [
    'stay_2',
    '2026-03-02',
    3,
    '2026-03-02T00:30-09:00',
    '2026-03-05T23:45-09:00',
    '2026-03-04T00:15-09:00',
    'the same gap, after midnight',
  ],
  [
    'stay_2',
    '2026-02-28',
    1,
    '2026-02-28T00:15-10:00',
    '2026-03-02T00:30-09:00',
    '2026-03-02T00:30-09:00',
    'closes in a gap across midnight',
  ],
  [
    'daily',
    '2026-03-01',
    1,
    '2026-03-01T00:00-10:00',
    '2026-03-02T00:30-09:00',
    '2026-03-02T00:30-09:00',
    'closes at a midnight inside a gap',
  ],
  [
    'stay',
    '2026-05-31',
    3,
    '2026-05-31T23:45-09:00',
    '2026-06-03T11:00-10:00',
    '2026-06-02T23:45-10:00',
    'opens in an overlap across midnight: the first instant',
  ],
  [
    'stay_2',
    '2026-06-01',
    3,
    '2026-06-01T00:15-09:00',
    '2026-06-04T23:45-10:00',
    '2026-06-03T00:15-10:00',
    'the same overlap, after midnight',
  ],
  [
    'stay_2',
    '2026-05-30',
    1,
    '2026-05-30T00:15-09:00',
    '2026-05-31T23:45-10:00',
    '2026-05-31T23:45-10:00',
    'closes in an overlap across midnight: the last instant',
  ],
  [
    'daily',
    '2026-05-31',
    1,
    '2026-05-31T00:00-09:00',
    '2026-06-01T00:00-10:00',
    '2026-06-01T00:00-10:00',
    'closes at the second of two midnights',
  ],
  [
    'daily',
    '2026-06-01',
    1,
    '2026-06-01T00:00-09:00',
    '2026-06-02T00:00-10:00',
    '2026-06-02T00:00-10:00',
    'opens at the first of two midnights',
  ],
  [
    'daily',
    '2026-09-15',
    2,
    '2026-09-15T00:00-10:00',
    '2026-09-17T00:00+14:00',
    '2026-09-17T00:00+14:00',
    'two civil days around a missing date: 24 hours',
  ],
  [
    'stay',
    '2026-09-14',
    3,
    '2026-09-14T23:45-10:00',
    '2026-09-17T11:00+14:00',
    '2026-09-17T00:00+14:00',
    'its first-use deadline falls on a missing date: the change itself',
  ],
  [
    'stay',
    '2026-09-15',
    2,
    '2026-09-15T23:45-10:00',
    '2026-09-17T11:00+14:00',
    '2026-09-17T11:00+14:00',
    'two nights around a missing date',
  ],
  [
    'daily',
    '2026-01-02',
    1,
    '2026-01-02T00:00-10:00',
    '2026-01-03T00:00-10:00',
    '2026-01-03T00:00-10:00',
    'opens at the first instant of the table',
  ],
  [
    'daily',
    '2026-12-19',
    1,
    '2026-12-19T00:00+14:00',
    '2026-12-20T00:00+14:00',
    '2026-12-20T00:00+14:00',
    'closes on the date on which the table does',
  ],
  [
    'stay',
    '2026-12-19',
    1,
    '2026-12-19T23:45+14:00',
    '2026-12-20T11:00+14:00',
    '2026-12-20T11:00+14:00',
    'its two days for a first use are past the end of the table',
  ],
];

const MISSING = [
  ['daily', '2026-09-16', 1, 'opens on a date that is not there'],
  ['daily', '2026-09-15', 1, 'closes on a date that is not there'],
  ['stay', '2026-09-14', 2, 'closes on a date that is not there'],
  ['stay_2', '2026-09-16', 3, 'opens on a date that is not there'],
] as const;

const OUTSIDE = [
  ['daily', '2026-01-01', 1, 'opens before the table begins'],
  ['stay', '2026-01-01', 5, 'opens before the table begins'],
  ['daily', '2026-12-20', 1, 'closes after the table has ended'],
  [
    'stay_2',
    '2026-12-19',
    1,
    'closes 15 minutes after the table has ended; the offset of its last pair says nothing',
  ],
  ['stay', '2026-12-20', 1, 'closes after the table has ended'],
  ['stay_2', '2026-12-21', 1, 'opens inside the table, closes outside'],
  ['daily', '2027-03-01', 1, 'opens after the table has ended'],
] as const;

const NIGHT_OPENINGS = [
  ['02:30', '10:00'],
  ['01:30', '12:00'],
] as const;
const NIGHT_CLOSINGS = [
  ['15:00', '02:30'],
  ['16:00', '01:30'],
] as const;
const CHANGE_TIMES = [
  ['02:00', '03:00'],
  ['01:00', '02:00'],
] as const;
const MIDNIGHT = [
  ['23:45', '11:00'],
  ['00:15', '23:45'],
] as const;

/** Random grants; the stream is named after the token. */
const randomTests = (token: DeviceToken, count: number): readonly Test[] =>
  randomTestsOf(sheetsOf(token)[0], `pintumbler vectors/${token.deviceId}`, count);

const HEADER = [
  'Valid SealedTest: the grant, its slot, page and payload, and the code. Reading the code at startsAt gives the grant back.',
  'Invalid SealedTest: digits that decrypt to a payload without meaning. Reading them at `at` gives nothing.',
  'ReadTest: what digits mean around `at`; newer pages first. MintTest: grants that an issuer must refuse.',
];

function fileOf(layout: string, label: string, groups: readonly Group[]): object {
  return vectorFile({
    algorithm: 'sealed/1',
    schema: 'sealed',
    header: [`Codes of layout ${layout}. ${label}`, ...HEADER],
    notes: NOTES,
    groups,
  });
}

export function pintumbler9File(): object {
  const long = zone('Asia/Kathmandu', undefined, utc(2950, 1, 1));
  const kathmandu = tokenOf(pintumbler, 'nine-kathmandu', long);
  const chatham = tokenOf(pintumbler, 'nine-chatham', zone('Pacific/Chatham'));
  const havana = tokenOf(pintumbler, 'nine-havana', zone('America/Havana'));
  const newYork = zone('America/New_York');
  const opening = tokenOf(pintumbler, 'nine-night-openings', newYork, { config: { stays: NIGHT_OPENINGS } });
  const closing = tokenOf(pintumbler, 'nine-night-closings', newYork, { config: { stays: NIGHT_CLOSINGS } });
  const atChange = tokenOf(pintumbler, 'nine-at-the-change', newYork, { config: { stays: CHANGE_TIMES } });
  const nowhere = tokenOf(pintumbler, 'nine-nowhere', NOWHERE, { config: { digits: 9, stays: MIDNIGHT } });
  const tableless = tokenOf(pintumbler, 'nine-tableless', zone('Europe/Lisbon'), { table: false });
  return fileOf('pintumbler-9/1', 'They are published: what a lock with sealed/1 takes.', [
    groupOf('SealedTest', kathmandu, [...edgeTests(kathmandu), ...unusedTests(kathmandu)]),
    groupOf('SealedTest', chatham, [...civilTests(chatham, CHATHAM), ...randomTests(chatham, 60)]),
    groupOf('SealedTest', havana, civilTests(havana, HAVANA)),
    groupOf('SealedTest', opening, [...civilTests(opening, OPENS_AT_NIGHT), ...randomTests(opening, 10)]),
    groupOf('SealedTest', closing, [...civilTests(closing, CLOSES_AT_NIGHT), ...randomTests(closing, 10)]),
    groupOf('SealedTest', atChange, civilTests(atChange, AT_THE_CHANGE)),
    groupOf('SealedTest', nowhere, [
      ...civilTests(nowhere, BETWEEN),
      ...nothingTests(nowhere, 'MissingDate', MISSING),
      ...nothingTests(nowhere, 'OutsideTable', OUTSIDE),
    ]),
    groupOf('SealedTest', tableless, [
      ...everyKind(
        tableless,
        'slot',
        slotOfDay(tableless, '2026-03-01'),
        'a kind on the grid needs no table',
      ),
      ...nothingTests(tableless, 'NoTable', [
        ['daily', '2026-03-01', 1, 'no table, no local times'],
        ['stay', '2026-03-01', 28, 'no table, no local times'],
        ['stay_2', '2026-03-01', 7, 'no table, no local times'],
      ]),
    ]),
    groupOf('ReadTest', kathmandu, readTests(kathmandu)),
    groupOf('MintTest', kathmandu, refusedTests(kathmandu)),
    groupOf('MintTest', chatham, [
      refusedTest(
        chatham,
        civil('daily', '2026-04-05T00:00+13:45', '2026-04-06T00:00+13:45'),
        'off_grid',
        'OffGrid',
        '24 hours are not a civil day when the clock changes',
      ),
      refusedTest(
        chatham,
        civil('stay', '2026-03-01T16:00+13:45', '2026-03-03T11:00+13:45'),
        'off_grid',
        'OffGrid',
        'not the check-in time of this kind',
      ),
      refusedTest(
        chatham,
        civil('daily', '2035-12-20T00:00+13:45', '2036-01-10T00:00+13:45'),
        'zone_table_ended',
        'OutsideTable',
        'the offset table ends before the window does',
      ),
    ]),
    groupOf('MintTest', tableless, [
      refusedTest(
        tableless,
        civil('daily', '2026-03-01T00:00Z', '2026-03-02T00:00Z'),
        'zone_required',
        'NoTable',
        'a civil kind and no offset table',
      ),
    ]),
  ]);
}

export function pintumbler10File(): object {
  const config = { digits: 10 } as const;
  const long = zone('Asia/Kathmandu', undefined, utc(4500, 1, 1));
  const kathmandu = tokenOf(pintumbler, 'ten-kathmandu', long, { config });
  const lordHowe = tokenOf(pintumbler, 'ten-lord-howe', zone('Australia/Lord_Howe'), { config });
  const opening = tokenOf(pintumbler, 'ten-night-openings', zone('America/New_York'), {
    config: { ...config, stays: NIGHT_OPENINGS },
  });
  const allVariances = (kindId: string): readonly Test[] => {
    const kind = kindOf(lordHowe, kindId);
    return Array.from({ length: kind.variances }, (_, variance) => {
      const slot = slotOfDay(lordHowe, '2026-06-15');
      return flagged(
        validTest(lordHowe, kind, slot, 0, variance, ''),
        `variance ${variance}`,
        'AllVariances',
      );
    });
  };
  return fileOf('pintumbler-10/1', 'They are published: what a lock with sealed/1 takes.', [
    groupOf('SealedTest', kathmandu, [...edgeTests(kathmandu), ...unusedTests(kathmandu)]),
    groupOf('SealedTest', lordHowe, [
      ...civilTests(lordHowe, LORD_HOWE),
      ...['hourly', 'daily', 'stay', 'stay_2', 'one_time', 'clear', 'set_clock'].flatMap(allVariances),
      ...randomTests(lordHowe, 60),
    ]),
    groupOf('SealedTest', opening, [...civilTests(opening, OPENS_AT_NIGHT), ...randomTests(opening, 10)]),
    groupOf('ReadTest', kathmandu, readTests(kathmandu)),
    groupOf('MintTest', kathmandu, refusedTests(kathmandu)),
  ]);
}

/** Grants near a page border whose code a lock could accept as something else: the first few there are. */
export function ambiguousGrants(
  token: DeviceToken,
  count: number,
): readonly { grant: WindowGrant; code: string }[] {
  const { layout, grid: own } = bookOf(token);
  const cipher = numberFf1(sealedKey(deviceKey(token), layout, ''), 10, layout.digits);
  const kind = kindOf(token, 'daily');
  const found: { grant: WindowGrant; code: string }[] = [];
  for (let before = 1; before < 200; before++) {
    const slot = slotsPerPage(layout) - before;
    const startsAt = EPOCH + own.shift + slot * own.step;
    for (let days = 29; days <= 367; days++) {
      for (let variance = 0; variance < kind.variances; variance++) {
        const grant = { kind: 'daily', variance, startsAt, endsAt: startsAt + days * DAY };
        try {
          mint(token, grant);
        } catch (error) {
          if (!(error instanceof PintumblerError)) throw error;
          agree('why not', 'code_ambiguous', error.code);
          const claim = { kind: kind.index, slot, length: days - 29, variance, lane: '' };
          const page = pageOf(claim, layout);
          const payload = payloadOf(claim, page, layout);
          found.push({ grant, code: String(cipher.encrypt(payload, page)).padStart(layout.digits, '0') });
          if (found.length === count) return found;
        }
      }
    }
  }
  throw new Error('too few grants are ambiguous');
}

export function igloohomeFile(): object {
  const newYork = tokenOf(igloohome, 'igloo-new-york', zone('America/New_York'));
  const kathmandu = tokenOf(igloohome, 'igloo-kathmandu', zone('Asia/Kathmandu'));
  const lordHowe = tokenOf(igloohome, 'igloo-lord-howe', zone('Australia/Lord_Howe'));
  const { layout, grid: own, longest } = bookOf(newYork);
  const border = EPOCH + own.shift + slotsPerPage(layout) * own.step;
  const ambiguous = ambiguousGrants(newYork, 3);
  const last = { kind: 'daily', variance: 0, startsAt: border - HOUR, endsAt: border - HOUR + 367 * DAY };
  const lastCode = mint(newYork, last);
  const allVariances = (['hourly', 'daily', 'one_time'] as const).flatMap((kindId) => {
    const kind = kindOf(kathmandu, kindId);
    return Array.from({ length: kind.variances }, (_, variance) => {
      const slot = slotOfDay(kathmandu, '2026-06-15') + 7;
      return flagged(
        validTest(kathmandu, kind, slot, 0, variance, ''),
        `variance ${variance}`,
        'AllVariances',
      );
    });
  });
  return fileOf(
    'igloohome/1',
    'They are emulated: the rules are those of igloohome, the digits ours, and they open no lock of theirs.',
    [
      groupOf('SealedTest', newYork, [
        ...edgeTests(newYork),
        ...unusedTests(newYork),
        ...randomTests(newYork, 40),
      ]),
      groupOf('SealedTest', kathmandu, [...allVariances, ...randomTests(kathmandu, 20)]),
      groupOf('SealedTest', lordHowe, randomTests(lordHowe, 20)),
      groupOf('ReadTest', newYork, [
        ...readTests(newYork),
        readTest(
          newYork,
          lastCode,
          border + longest + DAY - 1,
          1,
          'Pages',
          'the page before is tried for 368 days',
        ),
        readTest(newYork, lastCode, border + longest + DAY, 0, 'Pages', 'and not after'),
        ...ambiguous.map(({ grant, code }) =>
          readTest(
            newYork,
            code,
            grant.startsAt,
            2,
            'TwoMeanings',
            'a grant on each side of the page border',
          ),
        ),
      ]),
      groupOf('MintTest', newYork, [
        ...refusedTests(newYork),
        refusedTest(
          newYork,
          { kind: 'daily', variance: 0, startsAt: START, endsAt: START + 28 * DAY },
          'off_grid',
          'OffGrid',
          '28 days are hourly, not daily',
        ),
        refusedTest(
          newYork,
          { kind: 'daily', variance: 0, startsAt: START, endsAt: START + 368 * DAY },
          'off_grid',
          'OffGrid',
          'one day more than the longest',
        ),
        ...ambiguous.map(({ grant }) =>
          refusedTest(
            newYork,
            grant,
            'code_ambiguous',
            'Ambiguous',
            'the ReadTest of its code shows both grants',
          ),
        ),
      ]),
    ],
  );
}
