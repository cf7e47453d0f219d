/**
 * How guessable a code is: the counts that are published or counted by hand, the same by keying every code in, the
 * throttles by running them, and what `defineVendor` and `defineScheme` refuse.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { createToken, mint, nextGrant, type OffsetTable, PintumblerError, read } from 'pintumbler';
import { zoneFacts } from 'pintumbler/calendar';
import { conformance } from 'pintumbler/conformance';
import { createLock, enter, initialState } from 'pintumbler/lock';
import { type Scheme, sealed } from 'pintumbler/schemes';
import {
  defineScheme,
  defineVendor,
  type LaneReport,
  type SecurityOptions,
  type SecurityReport,
  securityReport,
} from 'pintumbler/security';
import {
  builtIn,
  codelocksNetcode,
  dormakabaOracode,
  igloohome,
  type Kind,
  lockly,
  masterLock,
  pintumbler,
  type Rules,
  resortlock,
  sentrilock,
  type Throttle,
  ttlock,
  tuya,
  type Vendor,
} from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { run } from '../src/cli/cli.ts';
import { admit, freshThrottle } from '../src/lock/throttle.ts';
import { mac } from '../src/schemes/mac.ts';
import { triesInYear } from '../src/security/report.ts';
import { rulesOf } from '../src/vendors/vendor.ts';
import { tally } from './support/broken-vendors.ts';
import { codesOf, doorOf, keyToken, takenAt, UTC } from './support/guesses.ts';
import { at, codeOf, deep } from './support/helpers.ts';
import { noServer } from './support/no-server.ts';
import { six, sixRules } from './support/vendors.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

const freshOf = ({ accepted, records }: LaneReport): number => accepted - records;

const reports = new Map<string, SecurityReport>();

/** Reports that many tests look at. */
function reportOf(vendor: Vendor, options: SecurityOptions = {}): SecurityReport {
  const name = `${vendor.id} ${JSON.stringify(options)}`;
  const report = reports.get(name) ?? securityReport(vendor, options);
  reports.set(name, report);
  return report;
}

const tableOf = (vendor: Vendor, layout: string, config?: unknown): LaneReport => {
  const { tables } = reportOf(vendor, { epochs: 1, ...(config !== undefined && { config }) });
  const found = tables.find((row) => row.layout === layout);
  if (!found) throw new Error(`no ${layout}`);
  return found;
};

/** Kinds that open nothing are left out. */
const someOf = (kinds: Readonly<Record<string, number>>): object =>
  Object.fromEntries(Object.entries(kinds).filter(([, count]) => count > 0));

/** One live epoch: fresh lock by kind, and what a full memory adds. */
const COUNTS: readonly (readonly [string, unknown, Vendor, Record<string, number>, number])[] = [
  [
    'pintumbler-9/1',
    undefined,
    pintumbler,
    { hourly: 188, daily: 56, stay: 55, stay_2: 55, one_time: 50, clear: 13 },
    47,
  ],
  ['igloohome/1', undefined, igloohome, { hourly: 47_556, daily: 24_408, one_time: 120 }, 198],
  // 25 starts: the 25th in the one second in which it ends. With 200 records, as many codes that clear one of them.
  ['tuya-offline/1', undefined, tuya, { multiple: 249_700, once: 77, clear_all: 275 }, 400],
  ['ttlock-9/1', undefined, ttlock, { period: 24 * 8736 }, 199],
  // On a Tuesday, Wednesday …: the codes of that weekday, the daily and the workday ones; 24 ranges of every start.
  [
    'ttlock-8/1',
    undefined,
    ttlock,
    { one_time: 6 * 200, permanent: 24 * 20, daily: 300, workday: 300, tuesday: 300 },
    199,
  ],
  ['ttlock-7/1', undefined, ttlock, { period: 300 }, 0],
  ['ttlock-6/1', undefined, ttlock, { delete: 24 }, 0],
  [
    'codelocks-netcode-standard-7/1',
    undefined,
    codelocksNetcode,
    { hourly: 78, daily: 28, single_hourly: 78, single_daily: 28 },
    0,
  ],
  ['codelocks-netcode-acc-7/1', { mode: 'acc' }, codelocksNetcode, { acc: 21 }, 20],
  [
    'codelocks-netcode-end_date-7/1',
    { mode: 'end_date' },
    codelocksNetcode,
    { end_date: (365 * 366) / 2 },
    0,
  ],
  ['dormakaba-oracode/1', undefined, dormakabaOracode, { daily: 496 }, 0],
  ['master-lock-14400-0/1', undefined, masterLock, { temporary: 2 }, 0],
  ['lockly/1', undefined, lockly, { time_bound: (8784 * 8785) / 2, one_time: (8784 * 8785) / 2 }, 0],
  ['resortlock-10/1', undefined, resortlock, { duration: (720 * 721) / 2, one_time: (720 * 721) / 2 }, 0],
  // At the turn of the year all but those of at most 30 days that end with it or begin after it.
  [
    'resortlock-12/1',
    undefined,
    resortlock,
    { duration: (8736 * 8737) / 2 - 720, one_time: (8736 * 8737) / 2 - 720 },
    0,
  ],
  ['sentrilock-7/1', undefined, sentrilock, { one_day: 1 }, 0],
  ['sentrilock-12/1', undefined, sentrilock, { flex: (4 * 1488 * 1489) / 2 }, 0],
];

describe('V of one epoch', () => {
  it.each(COUNTS)('%s, settings %j', (layout, config, vendor, kinds, records) => {
    const row = tableOf(vendor, layout, config);
    expect(someOf(row.kinds)).toEqual(kinds);
    expect(row.records).toBe(records);
    expect(row.accepted).toBe(Object.values(kinds).reduce((sum, each) => sum + each, records));
  });

  it('the sums that are known: igloohome 72,084, Tuya 250,052, TTLock about 210,000, NetCode 106 of each mode', () => {
    expect(freshOf(tableOf(igloohome, 'igloohome/1'))).toBe(72_084);
    expect(freshOf(tableOf(tuya, 'tuya-offline/1'))).toBe(250_052);
    expect(freshOf(tableOf(ttlock, 'ttlock-9/1'))).toBe(209_664);
    expect(freshOf(tableOf(codelocksNetcode, 'codelocks-netcode-standard-7/1'))).toBe(2 * 106);
    expect(tableOf(dormakabaOracode, 'dormakaba-oracode/1').oneIn).toBe(2016);
  });

  it('each level of an Oracode door is counted by itself', () => {
    const { tables } = securityReport(dormakabaOracode);
    expect(tables.map(({ lanes, accepted }) => [lanes, accepted])).toEqual([
      [['123'], 992],
      [['126'], 992],
    ]);
    const rows = tables.map(({ at: moment }) => new Date(moment * 1000).toISOString().slice(11, 16));
    expect(rows).toEqual(['16:00', '00:00']);
  });

  it('before the end of a year, windows that would pass it are not there', () => {
    const [row] = securityReport(resortlock, { epochs: 1, at: at('2026-12-20T00:00Z') }).tables;
    // Begun a hours before, up to 720 hours long, and over by midnight in 12 days.
    const open = Array.from({ length: 720 }, (_, a) => Math.min(720 - a, 288));
    expect(row?.kinds['duration']).toBe(open.reduce((sum, each) => sum + each, 0));
  });

  it('lanes that all kinds share are counted once', () => {
    expect(securityReport(six).tables.map(({ lanes }) => lanes)).toEqual([['1', '2']]);
  });

  it('no report takes long, and every one is plain data', () => {
    for (const vendor of builtIn) {
      const report = reportOf(vendor);
      expect(JSON.parse(JSON.stringify(report))).toEqual(report);
      expect(report.worst).toBe([...report.tables].sort((a, b) => b.guess - a.guess)[0]);
    }
  });
});

/** What `test/guessability.test.ts` counts by keying every code in: two epochs, no records. */
const LISBON = 'Europe/Lisbon';
const GREEDY = [
  ['00:00', '23:59'],
  ['00:00', '23:59'],
];
const DAYS: readonly (readonly [string, string, unknown, number])[] = [
  [LISBON, '2026-02-11', undefined, 834],
  [LISBON, '2026-03-29', undefined, 834],
  [LISBON, '2026-10-25', undefined, 834],
  ['America/Havana', '2026-11-01', undefined, 834],
  [LISBON, '2026-02-11', GREEDY, 950],
  [LISBON, '2026-03-30', GREEDY, 950],
  [LISBON, '2026-10-26', GREEDY, 950],
  ['America/Havana', '2026-11-01', GREEDY, 950],
  ['Africa/Cairo', '2026-04-24', GREEDY, 950],
  ['Australia/Lord_Howe', '2026-04-05', GREEDY, 950],
  [
    'America/Havana',
    '2026-11-01',
    [
      ['00:30', '00:29'],
      ['00:00', '00:59'],
    ],
    946,
  ],
  [
    'Asia/Kathmandu',
    '2026-02-11',
    [
      ['12:00', '11:59'],
      ['12:00', '12:00'],
    ],
    890,
  ],
];

describe('pintumbler with two epochs, as the sweep of test/guessability.test.ts counts it', () => {
  it.each(DAYS)('%s, %s, stays %j: %i, and 47 recorded guests', (zone, day, stays, count) => {
    const { gridOffset, offsets } = zoneFacts(zone, at('2025-06-01T00:00Z'), at('2028-01-01T00:00Z'));
    const { worst } = securityReport(pintumbler, {
      gridOffset,
      offsets,
      at: at(`${day}T12:00Z`),
      ...(stays !== undefined && { config: { stays } }),
    });
    expect(freshOf(worst)).toBe(count);
    expect(worst.records).toBe(47);
    expect(worst.guess).toBeLessThanOrEqual(1e-6);
  });
});

// --- the count against the lock itself ---------------------------------------------------------------------------

/** Settles that a report's row is what the lock takes at that moment, and more than at others. */
function compare(
  vendor: Vendor,
  place: { readonly offsets: OffsetTable; readonly gridOffset: number },
  day: number,
  others: readonly number[],
): void {
  const door = doorOf(keyToken(vendor, place));
  const { tables } = securityReport(vendor, { ...place, epochs: 1, at: day });
  for (const row of tables) {
    const codes = codesOf(door, row, row.at - 8 * DAY, row.at + DAY);
    expect(takenAt(door, door.fresh, codes, row.at).kinds).toEqual(someOf(row.kinds));
    const near = others.length > 0 ? codesOf(door, row, day - 9 * DAY, day + 2 * DAY) : [];
    for (const other of others) {
      const { total } = takenAt(door, door.fresh, near, other);
      expect(total, `at ${other}`).toBeLessThanOrEqual(freshOf(row));
    }
  }
}

const ZONES = [LISBON, 'America/Havana', 'Asia/Kathmandu'].map((zone) =>
  zoneFacts(zone, at('2019-12-31T00:00Z'), at('2037-01-01T00:00Z')),
);

const times = fc.constantFrom('00:00', '00:30', '08:00', '12:15', '23:59');
const common = fc.record({
  variances: fc.integer({ min: 1, max: 2 }),
  times: fc.constantFrom('many' as const, 'once' as const),
});

/** Lengths that rise. */
const lengths = (most: number, unit: number): fc.Arbitrary<readonly number[]> =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: most }), { minLength: 1, maxLength: 4 })
    .map((list) => list.sort((a, b) => a - b).map((each) => each * unit));

const kindOf = (grid: number): fc.Arbitrary<Omit<Kind, 'id'>> => {
  const base = { effect: 'open', source: 'test' } as const;
  const late = fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined });
  const seconds = fc.tuple(
    common,
    lengths(60, 1800),
    late,
    fc.constantFrom(0, 0, 0, 1800),
    fc.boolean(),
    fc.boolean(),
  );
  const onGrid = seconds.map(([fields, of, firstUse, early, clears, withinYear]): Omit<Kind, 'id'> => {
    // No lead beyond the shortest window: defineVendor refuses it.
    const lead = early + grid <= (of[0] ?? 0) ? early : 0;
    return {
      ...fields,
      ...base,
      for: clears ? 'control' : 'window',
      effect: clears ? 'clear' : 'open',
      axis: { on: 'slot' },
      length: { in: 'seconds', of },
      ...(lead > 0 && { lead }),
      ...(withinYear && { withinYear }),
      ...(firstUse !== undefined && { firstUse: firstUse * 1800 }),
    };
  });
  const civil = fc.tuple(
    common,
    lengths(4, 1),
    fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
    times,
    times,
    times,
  );
  const byDay = civil.map(
    ([fields, of, firstUse, opens, closes, firstUseAt]): Omit<Kind, 'id'> => ({
      ...fields,
      ...base,
      for: 'window',
      axis: { on: 'civil-day', opens },
      length: { in: 'days', of, closes },
      ...(firstUse !== undefined && { firstUse, firstUseAt }),
    }),
  );
  const weekly = fc
    .tuple(
      common,
      lengths(20, 1800),
      fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 5 }),
    )
    .map(
      ([fields, of, weekdays]): Omit<Kind, 'id'> => ({
        ...fields,
        ...base,
        for: 'cyclic',
        axis: { on: 'slot' },
        length: { in: 'seconds', of },
        firstUse: 2 * DAY,
        weekdays,
      }),
    );
  const endless = common.map(
    (fields): Omit<Kind, 'id'> => ({
      ...fields,
      ...base,
      for: 'permanent',
      axis: { on: 'slot' },
      length: { in: 'endless' },
      firstUse: DAY,
    }),
  );
  return fc.oneof(onGrid, onGrid, byDay, DAY % grid === 0 ? weekly : onGrid, endless);
};

const withIds = (kinds: readonly Omit<Kind, 'id'>[], laned: boolean, from = 0): readonly Kind[] =>
  kinds.map(
    (kind, index): Kind => ({
      ...kind,
      id: `kind_${index}`,
      ...(laned && { lane: `${(from + index) % 2}` }),
    }),
  );

/** The same windows and one that is longer. */
const longer = ({ length, ...kind }: Omit<Kind, 'id'>): Omit<Kind, 'id'> => {
  if (length.in === 'endless' || 'step' in length.of) return { ...kind, length };
  const last = length.of.at(-1) ?? 0;
  return { ...kind, length: { ...length, of: [...length.of, last + (length.in === 'days' ? 1 : 3600)] } };
};

/** Small rules of any form, with a second table whose windows the first may say. */
const someRules: fc.Arbitrary<Rules> = fc.constantFrom(1800, 3600, 7200).chain((grid) =>
  fc
    .record({
      kinds: fc.array(kindOf(grid), { minLength: 1, maxLength: 4 }),
      more: fc.array(kindOf(grid), { minLength: 0, maxLength: 3 }),
      tolerance: fc.constantFrom(0, 600, 5400),
      inclusive: fc.boolean(),
      lanes: fc.constantFrom('none', 'same', 'swapped'),
      clock: fc.constantFrom('civil' as const, 'fixed-offset' as const),
    })
    .map(({ kinds, more, tolerance, inclusive, lanes, clock: drawn }): Rules => {
      const [first] = kinds;
      // The first kind has a namesake in the second table; the others there have names of their own.
      const also = withIds(
        more.length > 0 && first ? [longer(first), ...more] : [],
        lanes !== 'none',
        lanes === 'swapped' ? 1 : 0,
      ).map((kind, index) => (index === 0 ? kind : { ...kind, id: `more_${index}` }));
      const isWeekly = [...kinds, ...also].some(({ weekdays }) => weekdays !== undefined);
      const clock = isWeekly ? 'fixed-offset' : drawn;
      return {
        layout: 'random-7/1',
        digits: 7,
        grid,
        perSlot: 40,
        kinds: withIds(kinds, lanes !== 'none'),
        clock,
        lock: {
          tolerance,
          ...(inclusive && { inclusive: true }),
          records: 3,
          throttle: { by: 'lockout', wrong: 5, seconds: 300 },
          source: 'test',
        },
        ...(also.length > 0 && {
          also: [{ layout: 'random-8/1', digits: 8, grid, perSlot: 40, kinds: also }],
        }),
      };
    }),
);

const SAID = 'one guess in ten thousand or fewer opens this lock';

describe('the count is what the lock takes', () => {
  it('the six-digit vendor of the tests, every code near an ordinary day and near a clock change', () => {
    for (const [zone, day] of [
      [0, '2026-07-01'],
      [0, '2026-03-29'],
      [1, '2026-11-01'],
    ] as const) {
      const { gridOffset, offsets } = ZONES[zone] ?? { gridOffset: 0, offsets: UTC };
      const noon = at(`${day}T12:00Z`);
      const around = Array.from({ length: 5 }, (_, i) => noon + (i - 2) * 5 * HOUR - 600);
      compare(six, { gridOffset, offsets }, noon, around);
    }
  });

  it('random rules: kinds of every form, two tables, tolerance, inclusive ends, zones with clock changes', () => {
    const moment = fc.tuple(fc.constantFrom('2026-07-01', '2026-03-29', '2026-11-01'), fc.nat(DAY - 1));
    fc.assert(
      fc.property(
        someRules,
        fc.nat(2),
        moment,
        fc.array(fc.nat(6 * HOUR), { maxLength: 2 }),
        (rules, zone, [day, second], more) => {
          const vendor = defineVendor({ ...six, id: 'random', rules, guessable: SAID });
          const { gridOffset, offsets } = ZONES[zone] ?? { gridOffset: 0, offsets: UTC };
          const noon = at(`${day}T00:00Z`) + second;
          compare(
            vendor,
            { gridOffset, offsets },
            noon,
            more.map((each) => noon + each - 3 * HOUR),
          );
        },
      ),
      { numRuns: deep(16) },
    );
  });

  it('a full memory adds as many codes as the report says, and no order of entries adds more', () => {
    const door = doorOf(keyToken(six));
    const [row] = securityReport(six, { epochs: 1 }).tables;
    if (!row) throw new Error('no row');
    expect(row.records).toBe(4);
    // Of the daily kind: a week, keyed in on its first day.
    const late = codesOf(door, row, row.at - 6 * DAY, row.at - 2 * DAY).filter(
      ({ kind }) => kind === 'daily',
    );
    let state = door.fresh;
    const keyed = new Set<string>();
    for (const { code, startsAt } of late) {
      const { verdict, state: after } = enter(door.lock, state, code, startsAt);
      if (keyed.size === 4 || !verdict.accepted || verdict.grant.endsAt !== startsAt + 7 * DAY + 12.5 * HOUR)
        continue;
      state = after;
      keyed.add(code);
    }
    expect(keyed.size).toBe(4);
    const codes = codesOf(door, row, row.at - 8 * DAY, row.at + HOUR);
    expect(takenAt(door, state, codes, row.at).total).toBe(row.accepted);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (picks) => {
        let any = door.fresh;
        const entries = picks.map((pick) => codes[pick % codes.length]).filter((each) => each !== undefined);
        for (const { code, startsAt } of entries.sort((a, b) => a.startsAt - b.startsAt)) {
          if (startsAt < row.at) any = enter(door.lock, any, code, startsAt).state;
        }
        // An alarm that is not over would refuse everything.
        const calm = { ...any, throttle: door.fresh.throttle };
        expect(takenAt(door, calm, codes, row.at).total).toBeLessThanOrEqual(row.accepted);
      }),
      { numRuns: deep(10) },
    );
  });

  it('a code that lives for an hour after its first use is remembered no longer', () => {
    const [hourly] = sixRules.kinds;
    if (!hourly) throw new Error('no kind');
    const kinds = [
      { ...hourly, length: { in: 'seconds', of: [DAY] }, variances: 1, firstUse: HOUR } as const,
    ];
    const lock = { ...sixRules.lock, tolerance: 0, records: 50 };
    const recordsWith = (more: Partial<Kind>): number => {
      const rules = { ...sixRules, kinds: kinds.map((each) => ({ ...each, ...more })), lock };
      const vendor = { ...six, rules };
      const { worst } = securityReport(vendor, { epochs: 1 });
      // Every code that began in the last day, keyed in at the last second of its deadline.
      const door = doorOf(keyToken(vendor));
      let state = door.fresh;
      const codes = codesOf(door, worst, worst.at - DAY, worst.at);
      for (const { code, startsAt } of codes) {
        if (startsAt < worst.at) state = enter(door.lock, state, code, startsAt + HOUR - 1).state;
      }
      expect(takenAt(door, state, codes, worst.at).total).toBe(worst.accepted);
      return worst.records;
    };
    expect(recordsWith({})).toBe(23);
    expect(recordsWith({ afterUse: HOUR })).toBe(1);
    expect(recordsWith({ afterUse: 2 * HOUR + 2 })).toBe(3);
  });

  it('who drops records when full has room for all of them; one-time codes need none', () => {
    const rulesWith = (lock: Partial<Rules['lock']>, kinds = sixRules.kinds): Vendor => ({
      ...six,
      rules: { ...sixRules, kinds, lock: { ...sixRules.lock, ...lock } },
    });
    const drop = [{ of: 'live', earliest: 'endsAt' }] as const;
    expect(securityReport(rulesWith({ whenFull: drop })).worst.records).toBe(5);
    expect(securityReport(rulesWith({ whenFull: 'refuse' })).worst.records).toBe(4);
    expect(securityReport(rulesWith({ records: 0 })).worst.records).toBe(0);
    const once = sixRules.kinds.filter(({ id }) => id === 'one_time');
    expect(securityReport(rulesWith({}, once)).worst.records).toBe(0);
    // Both epochs have guests: the codes of one day, but for those that begin on it.
    const acc = { config: { mode: 'acc' } };
    expect(
      [1, 2].map((n) => securityReport(codelocksNetcode, { ...acc, epochs: n === 1 ? 1 : 2 }).worst.records),
    ).toEqual([20, 40]);
    const few = sixRules.kinds.map((kind) => ({ ...kind, overlapping: 2 }));
    expect(securityReport(rulesWith({}, few)).worst.records).toBe(2);
  });
});

// --- throttles ---------------------------------------------------------------------------------------------------

/** Every moment of a year that is a multiple of `every`: as many entries as are let through. */
function simulate(rule: Throttle, every: number): { readonly all: number; readonly records: number } {
  let state = freshThrottle(rule);
  let [all, records] = [0, 0];
  for (let now = 0; now < YEAR; now += every) {
    for (;;) {
      const { to, charged } = admit(rule, state, now);
      state = charged;
      if (to === 'all') all++;
      if (to === 'records') records++;
      if (to === 'nothing') break;
    }
  }
  return { all, records };
}

describe('tries of a year', () => {
  it('are what the throttle lets through, one after the other', () => {
    const unit = 3600;
    const seconds = fc.integer({ min: 1, max: 400 }).map((each) => each * unit);
    const rule: fc.Arbitrary<Throttle> = fc.oneof(
      fc.record({
        by: fc.constant('credit' as const),
        most: fc.integer({ min: 1, max: 20 }),
        regain: seconds,
        recordsEvery: seconds,
      }),
      fc.record({
        by: fc.constant('lockout' as const),
        wrong: fc.integer({ min: 1, max: 20 }),
        seconds: fc.oneof(seconds, fc.array(seconds, { minLength: 1, maxLength: 5 })),
      }),
    );
    fc.assert(
      fc.property(rule, (throttle) => {
        expect(triesInYear(throttle)).toEqual(simulate(throttle, unit));
      }),
      { numRuns: deep(40) },
    );
  });

  it('a year and a second more', () => {
    expect(triesInYear({ by: 'lockout', wrong: 5, seconds: 300 }).all).toBe((5 * YEAR) / 300);
    expect(triesInYear({ by: 'lockout', wrong: 5, seconds: [300, 600, 1200, 1800] }).all).toBe(
      5 * (3 + Math.ceil((YEAR - 2100) / 1800)),
    );
    expect(triesInYear({ by: 'lockout', wrong: 3, seconds: YEAR }).all).toBe(3);
    expect(triesInYear({ by: 'lockout', wrong: 3, seconds: YEAR - 1 }).all).toBe(6);
    expect(triesInYear({ by: 'credit', most: 12, regain: 7200, recordsEvery: 60 })).toEqual({
      all: 4391,
      records: 525_600,
    });
  });
});

// --- the report --------------------------------------------------------------------------------------------------

describe('securityReport', () => {
  it('says of igloohome with two epochs what there is to say', () => {
    const { tables, worst, ...report } = securityReport(igloohome);
    expect(report).toEqual({
      vendor: 'igloohome',
      codes: 'emulated',
      scheme: 'sealed/1',
      epochs: 2,
      tries: 525_600,
      recordTries: 0,
      hundredFailures: false,
    });
    expect(tables).toEqual([worst]);
    expect(worst).toEqual({
      layout: 'igloohome/1',
      lanes: [''],
      digits: 9,
      symbols: 10,
      possible: 1e9,
      accepted: 144_366,
      kinds: { hourly: 95_112, daily: 48_816, one_time: 240 },
      records: 198,
      at: at('2026-07-01T00:00Z'),
      bias: 1,
      guess: 144_366 / 1e9,
      oneIn: 6926,
      digitsNeeded: Math.ceil(6 + Math.log10(144_366)),
      en1300: false,
      sixDigits: true,
      yearlyRisk: 1,
      recordRisk: 0,
    });
  });

  it('adds to our yearly risk what entries compared with records only can find', () => {
    const { worst, tries, recordTries } = securityReport(pintumbler);
    const all = 1 - (1 - worst.guess) ** tries;
    const records = 1 - (1 - 48e-9) ** recordTries;
    expect(worst.recordRisk).toBeCloseTo(records, 6);
    expect(worst.yearlyRisk).toBeCloseTo(1 - (1 - all) * (1 - records), 6);
    expect(worst).toMatchObject({ en1300: true, digitsNeeded: 9 });
  });

  it('counts symbols where they are not digits', () => {
    const { worst } = securityReport(masterLock, { config: { keypad: 'directions' }, epochs: 1 });
    expect(worst).toMatchObject({ possible: 1024, oneIn: 512, en1300: false, sixDigits: false });
    expect(4 ** worst.digitsNeeded).toBeGreaterThanOrEqual(2e6);
    expect(4 ** (worst.digitsNeeded - 1)).toBeLessThan(2e6);
  });

  it('one epoch where the maker prescribes the key or makes the codes, two where keys come from a root', () => {
    const remote: Vendor = { ...igloohome, scheme: { id: 'acme-server/1', remote: true } };
    expect([igloohome, tuya, remote].map((vendor) => securityReport(vendor).epochs)).toEqual([2, 1, 1]);
    expect(freshOf(securityReport(remote).worst)).toBe(72_084);
  });

  it('a vendor whose slots have run out, or have just begun, is counted where it has them', () => {
    expect(freshOf(tableOf(tuya, 'tuya-offline/1', { t0: 0 }))).toBe(250_052);
    expect(freshOf(tableOf(tuya, 'tuya-offline/1', { t0: 2 ** 32 - 1 }))).toBe(250_052);
  });

  it.each([
    ['bad_argument', () => securityReport(JSON.parse('{}'))],
    ['bad_argument', () => securityReport(igloohome, JSON.parse('{"epoch": 1}'))],
    ['bad_argument', () => securityReport(igloohome, JSON.parse('{"epochs": 3}'))],
    ['bad_argument', () => securityReport(igloohome, { at: 0.5 })],
    ['out_of_range', () => securityReport(igloohome, { at: -1 })],
    ['out_of_range', () => securityReport(igloohome, { gridOffset: 60 })],
    ['token_malformed', () => securityReport(igloohome, { offsets: [] })],
    ['config_invalid', () => securityReport(pintumbler, { config: { digits: 8 } })],
  ])('refuses with %s', (code, make) => {
    expect(codeOf(make)).toBe(code);
  });
});

// --- defineVendor, defineScheme ----------------------------------------------------------------------------------

/** Rules that pass, as plain JSON: eight digits, hours and nights. */
const GOOD = {
  layout: 'acme-8/1',
  digits: 8,
  grid: 3600,
  perSlot: 40,
  clock: 'civil',
  kinds: [
    {
      id: 'hourly',
      for: 'window',
      axis: { on: 'slot' },
      length: { in: 'seconds', of: { from: 3600, to: 86400, step: 3600 } },
      variances: 1,
      firstUse: 7200,
      times: 'many',
      effect: 'open',
      source: 'test',
    },
    {
      id: 'nights',
      for: 'window',
      axis: { on: 'civil-day', opens: '15:00' },
      length: { in: 'days', of: [1, 2, 7], closes: '11:00' },
      variances: 2,
      firstUse: 1,
      times: 'many',
      effect: 'supersede',
      source: 'test',
    },
  ],
  lock: {
    tolerance: 60,
    records: 10,
    throttle: { by: 'lockout', wrong: 5, seconds: [60, 300] },
    source: 'test',
  },
};

type Json = Readonly<Record<string, unknown>>;

const HEAD = { id: 'acme', name: 'Acme', codes: 'emulated', about: 'An example.', scheme: sealed };

/** As a caller without types would write it. */
const define = (rules: unknown, more: Json = {}): Vendor => {
  const vendor: unknown = { ...HEAD, rules, ...more };
  return Reflect.apply(defineVendor, undefined, [vendor]);
};

const kind = (index: number, more: Json): Json => ({
  ...GOOD,
  kinds: GOOD.kinds.map((each, i) => (i === index ? { ...each, ...more } : each)),
});
const lock = (more: Json): Json => ({ ...GOOD, lock: { ...GOOD.lock, ...more } });
const throttle = (rule: Json): Json => lock({ throttle: rule });
const seconds = (of: unknown): Json => kind(0, { length: { in: 'seconds', of } });
const cyclic = { for: 'cyclic', weekdays: [1, 2] };
/** What comes again, at a lock that has no other hours than its own. */
const weekly = (more: Json): Json => ({ ...kind(0, { ...cyclic, ...more }), clock: 'fixed-offset' });
const rolling = (more: Json): Json => kind(0, { for: 'rolling', firstUse: undefined, ...more });
/** A second table with a kind of the name of the first, and all else as there but for `more`. */
const namesake = (index: number, more: Json): Json =>
  second({ perSlot: 100, kinds: [{ ...GOOD.kinds[index], ...more }] });
const second = (more: Json): Json => ({
  ...GOOD,
  also: [{ layout: 'acme-9/1', digits: 9, grid: 3600, perSlot: 40, kinds: GOOD.kinds, ...more }],
});

const RULES_REFUSED: readonly (readonly [string, string, unknown, RegExp])[] = [
  ['bad_argument', 'not an object', [], /"rules" expected/],
  ['bad_argument', 'a misspelt field', { ...GOOD, tolerence: 1 }, /unknown property "tolerence"/],
  ['bad_argument', 'a misspelt field of a kind', kind(0, { varainces: 1 }), /rules.kinds\[0\]/],
  ['bad_argument', 'a misspelt field of the lock', lock({ memory: 1 }), /rules.lock/],
  [
    'bad_argument',
    'a field of the other throttle',
    throttle({ by: 'lockout', wrong: 5, seconds: 60, most: 2 }),
    /rules.lock.throttle/,
  ],
  ['bad_argument', 'a layout id without a version', { ...GOOD, layout: 'acme' }, /rules.layout/],
  ['bad_argument', 'a fraction of a digit', { ...GOOD, digits: 8.5 }, /rules.digits/],
  ['out_of_range', 'no digits', { ...GOOD, digits: 0 }, /rules.digits/],
  ['bad_argument', 'no grid', { ...GOOD, grid: undefined }, /rules.grid/],
  ['out_of_range', 'a grid of nothing', { ...GOOD, grid: 0 }, /rules.grid/],
  ['bad_argument', 'no numbers', { ...GOOD, perSlot: undefined }, /rules.perSlot/],
  ['bad_argument', 'one symbol', { ...GOOD, alphabet: '0' }, /rules.alphabet/],
  ['bad_argument', 'a space', { ...GOOD, alphabet: '01 ' }, /rules.alphabet/],
  ['rules_invalid', 'a symbol twice', { ...GOOD, alphabet: '0120' }, /rules.alphabet/],
  ['bad_argument', 'a lane of letters', { ...GOOD, lanes: ['A'] }, /rules.lanes\[0\]/],
  ['rules_invalid', 'lanes of two lengths', { ...GOOD, lanes: ['1', '22'] }, /lanes/],
  ['rules_invalid', 'a lane twice', { ...GOOD, lanes: ['1', '1'] }, /lanes/],
  [
    'rules_invalid',
    'a kind of no lane',
    { ...kind(0, { lane: '3' }), lanes: ['1', '2'] },
    /rules.kinds\[0\].lane/,
  ],
  ['out_of_range', 'an origin before 1970', { ...GOOD, origin: -1 }, /rules.origin/],
  ['out_of_range', 'no slots', { ...GOOD, slots: 0 }, /rules.slots/],
  ['bad_argument', 'no kinds', { ...GOOD, kinds: [] }, /rules.kinds/],
  ['bad_argument', 'a clock of its own', { ...GOOD, clock: 'sundial' }, /rules.clock/],
  ['bad_argument', 'a rounding of its own', { ...GOOD, rounding: 'inward' }, /rules.rounding/],
  ['rules_invalid', 'a preferred kind that is not there', { ...GOOD, prefer: ['weekly'] }, /rules.prefer/],
  ['rules_invalid', 'one preferred twice', { ...GOOD, prefer: ['nights', 'nights'] }, /rules.prefer/],
  [
    'bad_argument',
    'a remote scheme for a table',
    { ...GOOD, scheme: { id: 'a/1', remote: true } },
    /rules.scheme/,
  ],
  ['bad_argument', 'an id with a space', kind(0, { id: 'per hour' }), /rules.kinds\[0\].id/],
  ['bad_argument', 'a purpose of its own', kind(0, { for: 'fun' }), /rules.kinds\[0\].for/],
  ['bad_argument', 'another axis', kind(0, { axis: { on: 'moon' } }), /rules.kinds\[0\].axis.on/],
  [
    'bad_argument',
    'an opening on the grid',
    kind(0, { axis: { on: 'slot', opens: '10:00' } }),
    /rules.kinds\[0\].axis/,
  ],
  ['bad_argument', 'no opening', kind(1, { axis: { on: 'civil-day' } }), /rules.kinds\[1\].axis.opens/],
  [
    'bad_argument',
    'an hour 24',
    kind(1, { axis: { on: 'civil-day', opens: '24:00' } }),
    /rules.kinds\[1\].axis.opens/,
  ],
  [
    'bad_argument',
    'lengths in weeks',
    kind(0, { length: { in: 'weeks', of: [1] } }),
    /rules.kinds\[0\].length.in/,
  ],
  [
    'bad_argument',
    'no closing',
    kind(1, { length: { in: 'days', of: [1] } }),
    /rules.kinds\[1\].length.closes/,
  ],
  [
    'rules_invalid',
    'days on the grid',
    kind(0, { length: { in: 'days', of: [1], closes: '10:00' } }),
    /rules.kinds\[0\].length/,
  ],
  [
    'rules_invalid',
    'seconds with local times',
    kind(1, { length: { in: 'seconds', of: [60] } }),
    /rules.kinds\[1\].length/,
  ],
  ['bad_argument', 'no lengths', seconds([]), /rules.kinds\[0\].length.of/],
  ['rules_invalid', 'a length of nothing', seconds([0, 3600]), /rules.kinds\[0\].length.of/],
  ['rules_invalid', 'a length twice', seconds([3600, 3600]), /rules.kinds\[0\].length.of/],
  ['rules_invalid', 'lengths that fall', seconds([7200, 3600]), /rules.kinds\[0\].length.of/],
  [
    'rules_invalid',
    'a range that falls',
    seconds({ from: 7200, to: 3600, step: 3600 }),
    /rules.kinds\[0\].length.of/,
  ],
  [
    'out_of_range',
    'a range without a step',
    seconds({ from: 3600, to: 7200, step: 0 }),
    /rules.kinds\[0\].length.of.step/,
  ],
  ['bad_argument', 'half a range', seconds({ from: 3600, step: 3600 }), /rules.kinds\[0\].length.of.to/],
  ['bad_argument', 'half a second', seconds([0.5]), /rules.kinds\[0\].length.of\[0\]/],
  ['out_of_range', 'no variance', kind(0, { variances: 0 }), /rules.kinds\[0\].variances/],
  ['bad_argument', 'not a number', kind(0, { variances: Number.NaN }), /rules.kinds\[0\].variances/],
  ['bad_argument', 'a text for a number', kind(0, { firstUse: '7200' }), /rules.kinds\[0\].firstUse/],
  ['rules_invalid', 'a deadline at once', kind(0, { firstUse: 0 }), /rules.kinds\[0\].firstUse/],
  [
    'rules_invalid',
    'a time of day on the grid',
    kind(0, { firstUseAt: '10:00' }),
    /rules.kinds\[0\].firstUseAt/,
  ],
  [
    'rules_invalid',
    'a time of day of no day',
    kind(1, { firstUse: undefined, firstUseAt: '10:00' }),
    /rules.kinds\[1\].firstUseAt/,
  ],
  ['out_of_range', 'after no time at all', kind(0, { afterUse: 0 }), /rules.kinds\[0\].afterUse/],
  [
    'bad_argument',
    'false where absent is meant',
    kind(0, { withinYear: false }),
    /rules.kinds\[0\].withinYear/,
  ],
  ['rules_invalid', 'local times and a lead', kind(1, { lead: 60 }), /rules.kinds\[1\].lead/],
  [
    'rules_invalid',
    'local times within a year',
    kind(1, { withinYear: true }),
    /rules.kinds\[1\].withinYear/,
  ],
  ['rules_invalid', 'local times on weekdays', kind(1, cyclic), /rules.kinds\[1\].weekdays/],
  [
    'rules_invalid',
    'weekdays of what does not come again',
    kind(0, { weekdays: [1] }),
    /rules.kinds\[0\].weekdays/,
  ],
  ['rules_invalid', 'what comes again on no day', kind(0, { for: 'cyclic' }), /rules.kinds\[0\].weekdays/],
  ['rules_invalid', 'a weekday twice', kind(0, { ...cyclic, weekdays: [1, 1] }), /rules.kinds\[0\].weekdays/],
  [
    'out_of_range',
    'an eighth weekday',
    kind(0, { ...cyclic, weekdays: [7] }),
    /rules.kinds\[0\].weekdays\[0\]/,
  ],
  [
    'rules_invalid',
    'weekdays and slots that pass them',
    { ...weekly({}), grid: 7000 },
    /rules.kinds\[0\].weekdays/,
  ],
  [
    'rules_invalid',
    'what comes again by the wall clock',
    kind(0, cyclic),
    /"rules.clock": what comes again on weekdays/,
  ],
  [
    'rules_invalid',
    'what comes again at a lock of UTC',
    { ...GOOD, clock: 'utc', kinds: [{ ...GOOD.kinds[0], ...cyclic }] },
    /"rules.clock": what comes again on weekdays/,
  ],
  [
    'rules_invalid',
    'what comes again and is longer than a day',
    weekly({ length: { in: 'seconds', of: [3600, 86401] } }),
    /"rules.kinds\[0\].length": longer than the day/,
  ],
  [
    'rules_invalid',
    'what comes again longer than a day, in a range',
    weekly({ length: { in: 'seconds', of: { from: 3600, to: 90_000, step: 3600 } } }),
    /"rules.kinds\[0\].length": longer than the day/,
  ],
  [
    'rules_invalid',
    'what comes again and has no first use',
    weekly({ firstUse: undefined }),
    /"rules.kinds\[0\].firstUse": needed/,
  ],
  [
    'rules_invalid',
    'no end and no first use',
    kind(0, { for: 'permanent', length: { in: 'endless' }, firstUse: undefined }),
    /"rules.kinds\[0\].firstUse": needed/,
  ],
  [
    'rules_invalid',
    'a lead as long as the shortest window',
    kind(0, { lead: 3600 }),
    /"rules.kinds\[0\].lead": longer than a window/,
  ],
  [
    'rules_invalid',
    'a lead of a second beside a window of one step',
    kind(0, { lead: 1 }),
    /"rules.kinds\[0\].lead": longer than a window/,
  ],
  [
    'rules_invalid',
    'a lead of a day less than a step, without an end',
    kind(0, { for: 'permanent', length: { in: 'endless' }, lead: 82_801 }),
    /"rules.kinds\[0\].lead": longer than a window/,
  ],
  ...[{ times: 'once' }, { firstUse: 3600 }, { afterUse: 60 }, { overlapping: 2 }].map(
    (more) =>
      [
        'rules_invalid',
        `a code of the period, and ${Object.keys(more)[0]}`,
        rolling(more),
        /"rules.kinds\[0\].for": a rolling code is not remembered/,
      ] as const,
  ),
  ...(
    [
      [0, { for: 'one_time' }],
      [0, { times: 'once' }],
      [0, { variances: 2 }],
      [0, { firstUse: 3600 }],
      [0, { firstUse: undefined }],
      [0, { afterUse: 60 }],
      [0, { overlapping: 2 }],
      [0, { length: { in: 'seconds', of: [7200] }, lead: 1800 }],
      [0, { for: 'control', effect: 'clear' }],
      [0, { for: 'permanent', length: { in: 'endless' } }],
      [0, { length: { in: 'endless' } }],
      [0, { ...GOOD.kinds[1], id: 'hourly', firstUse: 7200, effect: 'open' }],
      [1, { effect: 'open' }],
      [1, { firstUse: 2 }],
      [1, { firstUseAt: '10:00' }],
    ] as const
  ).map(
    ([index, more]) =>
      [
        'rules_invalid',
        `two kinds of one name that differ: ${index} ${JSON.stringify(more)}`,
        namesake(index, more),
        /kinds of the name "(hourly|nights)" differ/,
      ] as const,
  ),
  [
    'rules_invalid',
    'two kinds of one name that come again on other days',
    {
      ...weekly({}),
      also: [
        {
          layout: 'acme-9/1',
          digits: 9,
          grid: 3600,
          perSlot: 40,
          kinds: [{ ...GOOD.kinds[0], ...cyclic, weekdays: [1, 3] }],
        },
      ],
    },
    /kinds of the name "hourly" differ/,
  ],
  [
    'rules_invalid',
    'two kinds of one name in one table',
    { ...GOOD, perSlot: 100, kinds: [...GOOD.kinds, { ...GOOD.kinds[0], times: 'once' }] },
    /kinds of the name "hourly" differ/,
  ],
  ['bad_argument', 'another effect', kind(0, { effect: 'close' }), /rules.kinds\[0\].effect/],
  ['bad_argument', 'used twice', kind(0, { times: 'twice' }), /rules.kinds\[0\].times/],
  ['rules_invalid', 'a control that opens', kind(0, { for: 'control' }), /rules.kinds\[0\].effect/],
  ['rules_invalid', 'a guest who clears', kind(0, { effect: 'clear_all' }), /rules.kinds\[0\].effect/],
  ['rules_invalid', 'a permanent code with an end', kind(0, { for: 'permanent' }), /rules.kinds\[0\].length/],
  ['rules_invalid', 'no day to supersede by', kind(0, { effect: 'supersede' }), /rules.kinds\[0\].effect/],
  [
    'rules_invalid',
    'a clock to set and no reach',
    kind(0, { for: 'control', effect: 'set_clock' }),
    /rules.lock.clockReach/,
  ],
  ['bad_argument', 'no source', kind(0, { source: undefined }), /rules.kinds\[0\].source/],
  ['rules_invalid', 'a grid that does not divide a day', { ...GOOD, grid: 7000 }, /grid/],
  ['rules_invalid', 'a number twice', kind(1, { base: 23 }), /rules.kinds\[1\].base/],
  ['rules_invalid', 'too few numbers', { ...GOOD, perSlot: 29 }, /rules.perSlot/],
  ['rules_invalid', 'too few digits for two pages', { ...GOOD, digits: 6, perSlot: 10_000 }, /digits/],
  ['domain_too_small', 'too few digits for FF1', { ...GOOD, digits: 5 }, /digits/],
  ['bad_argument', 'tables that are no list', { ...GOOD, also: {} }, /rules.also/],
  ['bad_argument', 'a clock of a second table', second({ clock: 'utc' }), /rules.also\[0\]/],
  ['rules_invalid', 'two tables of one id', second({ layout: 'acme-8/1' }), /rules.also/],
  ['rules_invalid', 'two tables of one length', second({ digits: 8 }), /rules.also/],
  ['rules_invalid', 'the second with too few numbers', second({ perSlot: 1 }), /rules.also\[0\].perSlot/],
  ['out_of_range', 'a tolerance below none', lock({ tolerance: -1 }), /rules.lock.tolerance/],
  ['bad_argument', 'half a tolerance', lock({ tolerance: 0.5 }), /rules.lock.tolerance/],
  ['bad_argument', 'no number of records', lock({ records: undefined }), /rules.lock.records/],
  ['out_of_range', 'a lock for no PIN', lock({ pins: 0 }), /rules.lock.pins/],
  ['bad_argument', 'inclusive, but not so', lock({ inclusive: false }), /rules.lock.inclusive/],
  ['bad_argument', 'no source of the lock', lock({ source: '' }), /rules.lock.source/],
  ['bad_argument', 'a full memory that does nothing', lock({ whenFull: 'panic' }), /rules.lock.whenFull/],
  [
    'bad_argument',
    'a record that goes at random',
    lock({ whenFull: [{ of: 'any', earliest: 'endsAt' }] }),
    /rules.lock.whenFull\[0\].of/,
  ],
  [
    'rules_invalid',
    'records of no kind',
    lock({ whenFull: [{ of: 'live', kind: 'weekly', earliest: 'endsAt' }] }),
    /rules.lock.whenFull/,
  ],
  ['bad_argument', 'no throttle', lock({ throttle: undefined }), /rules.lock.throttle/],
  ['bad_argument', 'another throttle', throttle({ by: 'luck' }), /rules.lock.throttle.by/],
  [
    'out_of_range',
    'a lockout after nothing',
    throttle({ by: 'lockout', wrong: 0, seconds: 60 }),
    /rules.lock.throttle.wrong/,
  ],
  [
    'out_of_range',
    'a lockout of no time',
    throttle({ by: 'lockout', wrong: 5, seconds: [60, 0] }),
    /rules.lock.throttle.seconds\[1\]/,
  ],
  [
    'bad_argument',
    'a lockout of an empty list',
    throttle({ by: 'lockout', wrong: 5, seconds: [] }),
    /rules.lock.throttle.seconds/,
  ],
  [
    'bad_argument',
    'credit without regain',
    throttle({ by: 'credit', most: 5, recordsEvery: 60 }),
    /rules.lock.throttle.regain/,
  ],
  [
    'vendor_guessable',
    'many variances',
    { ...kind(0, { variances: 2000 }), perSlot: 50_000 },
    /"acme" is too easy to guess: its lock accepts \d+ of 100000000 codes of acme-8\/1/,
  ],
];

/** Rules of a lock that counts, as plain JSON: credit on even counts, openings on odd ones. */
const COUNTING = {
  layout: 'acme-10/1',
  digits: 10,
  grid: 1,
  slots: 10_000,
  perSlot: 20,
  clock: 'utc',
  counts: { last: 0, floor: 0 },
  tags: 10 ** 8,
  kinds: [
    {
      id: 'add',
      for: 'count',
      axis: { on: 'count', every: 2, rest: 0 },
      length: { in: 'value', of: { from: 0, to: 8, step: 1 } },
      variances: 1,
      accepts: [-4, 12],
      alike: 9,
      times: 'once',
      effect: 'credit',
      source: 'test',
    },
    {
      id: 'open',
      for: 'count',
      axis: { on: 'count', every: 2, rest: 1 },
      length: { in: 'value', of: [3] },
      variances: 1,
      accepts: [1, 12],
      seals: true,
      times: 'once',
      effect: 'open',
      source: 'test',
    },
  ],
  lock: {
    tolerance: 0,
    records: 0,
    resync: 20,
    throttle: { by: 'lockout', wrong: 5, seconds: 60 },
    source: 'test',
  },
};

/** The same of a lock that takes each period once. */
const PERIODS = {
  layout: 'acme-8/1',
  digits: 8,
  grid: 30,
  origin: 0,
  perSlot: 1,
  clock: 'fixed-offset',
  kinds: [
    {
      id: 'now',
      for: 'rolling',
      axis: { on: 'slot' },
      length: { in: 'seconds', of: [30] },
      variances: 1,
      accepts: [-1, 1],
      seals: true,
      times: 'once',
      effect: 'open',
      source: 'test',
    },
  ],
  lock: {
    tolerance: 0,
    records: 0,
    drift: { most: 5, every: 86_400 },
    throttle: { by: 'lockout', wrong: 5, seconds: 60 },
    source: 'test',
  },
};

const ASKED = { asks: 300, accepts: [0, 0], alike: undefined, seals: undefined };
/** The same of a lock whose codes answer, and count nothing. */
const ANSWERS = {
  ...COUNTING,
  slots: 1,
  tags: undefined,
  counts: { last: 0, floor: -1 },
  kinds: [
    {
      ...COUNTING.kinds[1],
      ...ASKED,
      axis: { on: 'count', every: 1, rest: 0 },
      length: { in: 'value', of: [0] },
    },
  ],
  lock: { ...COUNTING.lock, resync: undefined },
};
/** And of one whose codes say the time beside the count. */
const TIMED = {
  ...COUNTING,
  grid: 60,
  perSlot: 2 ** 40,
  tags: undefined,
  counts: { last: -1, floor: -1, timed: true },
  kinds: [
    {
      ...COUNTING.kinds[1],
      asks: 300,
      axis: { on: 'count', every: 1, rest: 0 },
      length: { in: 'value', of: { from: 0, to: 2 ** 38, step: 1 } },
    },
  ],
  lock: { ...COUNTING.lock, tolerance: 60 },
};

type Stepped = Json & { readonly kinds: readonly Json[]; readonly lock: Json };
/** Rules with a kind, or the lock, that is a little other. */
const kindIn = (rules: Stepped, more: Json, index = 0): Json => ({
  ...rules,
  kinds: rules.kinds.map((each, i) => (i === index ? { ...each, ...more } : each)),
});
const lockIn = (rules: Stepped, more: Json): Json => ({ ...rules, lock: { ...rules.lock, ...more } });
const allIn = (rules: Stepped, more: Json): Json => ({
  ...rules,
  kinds: rules.kinds.map((each) => ({ ...each, ...more })),
});
const evenOnly = { ...COUNTING, kinds: COUNTING.kinds.slice(0, 1) };
const withSync = (more: Json): Json => ({
  ...COUNTING,
  kinds: [
    ...COUNTING.kinds,
    {
      ...COUNTING.kinds[1],
      id: 'sync',
      effect: 'sync',
      accepts: [-8, 20],
      length: { in: 'value', of: [9] },
      ...more,
    },
  ],
});

/** What a lock that keeps step would pass over, or could never do. */
const STEPS_REFUSED: readonly (readonly [string, string, unknown, RegExp])[] = [
  // Types and ranges.
  ['bad_argument', 'one end of what it accepts', kindIn(COUNTING, { accepts: [1] }), /kinds\[0\].accepts/],
  ['bad_argument', 'half a count', kindIn(COUNTING, { accepts: [0.5, 12] }), /kinds\[0\].accepts\[0\]/],
  ['out_of_range', 'all counts', kindIn(COUNTING, { accepts: [1, 10_001] }), /kinds\[0\].accepts\[1\]/],
  ['bad_argument', 'a seal that is none', kindIn(COUNTING, { seals: false }), /kinds\[0\].seals/],
  ['out_of_range', 'none alike', kindIn(COUNTING, { alike: 0 }), /kinds\[0\].alike/],
  ['out_of_range', 'no time to answer', kindIn(ANSWERS, { asks: 0 }), /kinds\[0\].asks/],
  ...(
    [
      ['bad_argument', { on: 'count', rest: 0 }, /axis.every/],
      ['out_of_range', { on: 'count', every: 0, rest: 0 }, /axis.every/],
      ['out_of_range', { on: 'count', every: 65, rest: 0 }, /axis.every/],
      ['out_of_range', { on: 'count', every: 2, rest: -1 }, /axis.rest/],
      ['bad_argument', { on: 'count', every: 2, rest: 0.5 }, /axis.rest/],
      ['rules_invalid', { on: 'count', every: 2, rest: 2 }, /axis.rest": no count leaves/],
    ] as const
  ).map(
    ([code, axis, message]) =>
      [code, `counts ${JSON.stringify(axis)}`, kindIn(COUNTING, { axis }), message] as const,
  ),
  [
    'bad_argument',
    'values that are none',
    kindIn(COUNTING, { length: { in: 'value', of: [] } }),
    /length.of/,
  ],
  [
    'rules_invalid',
    'values that fall',
    kindIn(COUNTING, { length: { in: 'value', of: [3, 1] } }),
    /length.of/,
  ],
  ['bad_argument', 'counts without a floor', { ...COUNTING, counts: { last: 0 } }, /rules.counts.floor/],
  [
    'out_of_range',
    'a count before none',
    { ...COUNTING, counts: { last: -2, floor: -2 } },
    /rules.counts.last/,
  ],
  [
    'bad_argument',
    'counts that are not timed, but say so',
    { ...COUNTING, counts: { last: 0, floor: 0, timed: false } },
    /rules.counts.timed/,
  ],
  ['bad_argument', 'a bias below none', { ...COUNTING, bias: 0.9 }, /rules.bias/],
  ['bad_argument', 'a bias that is no number', { ...COUNTING, bias: Number.NaN }, /rules.bias/],
  ['bad_argument', 'a bias without end', { ...COUNTING, bias: Infinity }, /rules.bias/],
  ['out_of_range', 'no tag', { ...COUNTING, tags: 0 }, /rules.tags/],
  ['out_of_range', 'a resync of nothing', lockIn(COUNTING, { resync: 0 }), /lock.resync/],
  ['bad_argument', 'a drift without a budget', lockIn(PERIODS, { drift: { most: 5 } }), /lock.drift.every/],
  [
    'out_of_range',
    'a drift of nothing',
    lockIn(PERIODS, { drift: { most: 0, every: 60 } }),
    /lock.drift.most/,
  ],
  [
    'bad_argument',
    'a first credit that is none',
    throttle({ by: 'credit', most: 5, regain: 60, first: -0 }),
    /throttle.first/,
  ],
  [
    'rules_invalid',
    'more credit at first than at most',
    throttle({ by: 'credit', most: 5, regain: 60, first: 6 }),
    /throttle.first": more/,
  ],
  [
    'bad_argument',
    'credit that is not kept, but said to be',
    throttle({ by: 'credit', most: 5, regain: 60, keeps: false }),
    /throttle.keeps/,
  ],
  [
    'rules_invalid',
    'records to compare with, and none there',
    {
      ...GOOD,
      kinds: [{ ...GOOD.kinds[0], firstUse: undefined, length: { in: 'seconds', of: [3600] } }],
      lock: { ...GOOD.lock, records: 0, throttle: { by: 'credit', most: 5, regain: 60, recordsEvery: 60 } },
    },
    /throttle.recordsEvery": there are no records/,
  ],
  // What is for kinds with accepts.
  ...[{ seals: true }, { alike: 2 }, { asks: 60 }].map(
    (more) =>
      [
        'rules_invalid',
        `a window, and ${Object.keys(more)[0]}`,
        kind(0, more),
        new RegExp(`kinds\\[0\\].${Object.keys(more)[0]}": only with accepts`),
      ] as const,
  ),
  [
    'rules_invalid',
    'a window near a count',
    kind(0, { accepts: [0, 1], times: 'once' }),
    /accepts": only for counts/,
  ],
  ['rules_invalid', 'a resync of windows', lock({ resync: 5 }), /lock.resync": only where/],
  ['rules_invalid', 'a drift of windows', lock({ drift: { most: 1, every: 60 } }), /lock.drift": only where/],
  ['rules_invalid', 'tags of windows', { ...GOOD, tags: 1000 }, /rules.tags": only where/],
  // Counts, and what goes with them.
  ['rules_invalid', 'a count on the grid', kindIn(COUNTING, { axis: { on: 'slot' } }), /kinds\[0\].axis/],
  [
    'rules_invalid',
    'a window on counts',
    kind(0, { axis: { on: 'count', every: 1, rest: 0 } }),
    /kinds\[0\].axis": counts are/,
  ],
  [
    'rules_invalid',
    'seconds of a count',
    kindIn(COUNTING, { length: { in: 'seconds', of: [60] } }),
    /kinds\[0\].length": values are/,
  ],
  [
    'rules_invalid',
    'values of a window',
    kind(0, { length: { in: 'value', of: [1] } }),
    /kinds\[0\].length": values/,
  ],
  [
    'rules_invalid',
    'counts that are nowhere near',
    kindIn(COUNTING, { accepts: undefined }),
    /accepts": needed/,
  ],
  ['rules_invalid', 'counts in a table without', { ...COUNTING, counts: undefined }, /rules.counts": needed/],
  [
    'rules_invalid',
    'a table of counts without',
    { ...PERIODS, counts: { last: 0, floor: 0 } },
    /rules.counts": no kind/,
  ],
  ['rules_invalid', 'a floor above the last', { ...COUNTING, counts: { last: 0, floor: 1 } }, /counts.floor/],
  [
    'rules_invalid',
    'a last count that is not there',
    { ...COUNTING, slots: 4, counts: { last: 4, floor: 0 } },
    /counts.last/,
  ],
  [
    'rules_invalid',
    'counts and windows',
    {
      ...COUNTING,
      kinds: [...COUNTING.kinds, { ...PERIODS.kinds[0], length: { in: 'seconds', of: [1] } }],
    },
    /rules.kinds": some for counts, and some for times/,
  ],
  ['rules_invalid', 'seconds a count', { ...COUNTING, grid: 60 }, /rules.grid/],
  ['rules_invalid', 'a time from which counts are counted', { ...COUNTING, origin: 0 }, /rules.origin/],
  [
    'rules_invalid',
    'a code of a count that clears',
    kindIn(COUNTING, { effect: 'clear' }),
    /kinds\[0\].effect/,
  ],
  [
    'rules_invalid',
    'a code of a count that supersedes',
    kindIn(COUNTING, { effect: 'supersede' }),
    /kinds\[0\].effect/,
  ],
  ['rules_invalid', 'a window that credits', kind(0, { effect: 'credit' }), /kinds\[0\].effect/],
  [
    'rules_invalid',
    'a control that syncs a clock',
    kind(0, { for: 'control', effect: 'sync' }),
    /kinds\[0\].effect/,
  ],
  ['rules_invalid', 'a period that syncs', kindIn(PERIODS, { effect: 'sync' }), /kinds\[0\].effect/],
  // What accepts says.
  [
    'rules_invalid',
    'accepts that ends before it begins',
    kindIn(COUNTING, { accepts: [5, 1] }),
    /ends before/,
  ],
  ['rules_invalid', 'a code that opens again', kindIn(COUNTING, { times: 'many' }), /kinds\[0\].times/],
  ['rules_invalid', 'a period that opens again', kindIn(PERIODS, { times: 'many' }), /kinds\[0\].times/],
  ['rules_invalid', 'two codes a count', kindIn(COUNTING, { variances: 2 }), /kinds\[0\].variances/],
  ['rules_invalid', 'not the next count', kindIn(COUNTING, { accepts: [2, 12] }), /without the next count/],
  [
    'rules_invalid',
    'not the next count but one',
    kindIn(COUNTING, { accepts: [1, 1] }),
    /without the next count/,
  ],
  [
    'rules_invalid',
    'not the present period',
    kindIn(PERIODS, { accepts: [1, 2] }),
    /without the present period/,
  ],
  [
    'rules_invalid',
    'only periods that are over',
    kindIn(PERIODS, { accepts: [-2, -1] }),
    /without the present period/,
  ],
  [
    'rules_invalid',
    'a period of two slots',
    kindIn(PERIODS, { length: { in: 'seconds', of: [60] } }),
    /kinds\[0\].length/,
  ],
  [
    'rules_invalid',
    'periods of two lengths',
    { ...kindIn(PERIODS, { length: { in: 'seconds', of: [30, 60] } }), perSlot: 2 },
    /kinds\[0\].length/,
  ],
  [
    'rules_invalid',
    'a period without an end',
    kindIn(PERIODS, { length: { in: 'endless' }, firstUse: 60 }),
    /kinds\[0\]/,
  ],
  ...(
    [
      { lane: '1' },
      { firstUse: 60 },
      { afterUse: 60 },
      { overlapping: 2 },
      { withinYear: true },
      { ahead: 60 },
    ] as const
  ).map(
    (more) =>
      [
        'rules_invalid',
        `a count, and ${Object.keys(more)[0]}`,
        kindIn(COUNTING, more),
        new RegExp(`kinds\\[0\\].${Object.keys(more)[0]}"`),
      ] as const,
  ),
  ...(
    [{ lane: '1' }, { firstUse: 30 }, { afterUse: 20 }, { overlapping: 2 }, { withinYear: true }] as const
  ).map(
    (more) =>
      [
        'rules_invalid',
        `a period used once, and ${Object.keys(more)[0]}`,
        kindIn(PERIODS, more),
        new RegExp(`kinds\\[0\\].${Object.keys(more)[0]}": a lock that keeps step`),
      ] as const,
  ),
  ['rules_invalid', 'a period used once with a lead', kindIn(PERIODS, { lead: 30 }), /kinds\[0\].lead/],
  [
    'rules_invalid',
    'a period that leaves earlier ones',
    kindIn(PERIODS, { seals: undefined }),
    /seals": needed/,
  ],
  ['rules_invalid', 'an answer that ends other periods', kindIn(PERIODS, { asks: 60 }), /seals": an answer/],
  [
    'rules_invalid',
    'a sync that leaves lower counts',
    withSync({ seals: undefined }),
    /kinds\[2\].seals": needed/,
  ],
  ['rules_invalid', 'an answer that ends counts', kindIn(ANSWERS, { seals: true }), /seals": an answer/],
  [
    'rules_invalid',
    'an answer that syncs',
    kindIn(ANSWERS, { effect: 'sync' }),
    /effect": what counts nothing/,
  ],
  ['rules_invalid', 'answers of many counts', { ...ANSWERS, slots: 2 }, /slots 1, and last 0/],
  [
    'rules_invalid',
    'answers after none',
    { ...ANSWERS, counts: { last: -1, floor: -1 } },
    /slots 1, and last 0/,
  ],
  [
    'rules_invalid',
    'one count, and no answer',
    kindIn(ANSWERS, { accepts: [1, 5], seals: true }),
    /one slot is for answers/,
  ],
  [
    'rules_invalid',
    'a last answer that nobody asks for',
    kindIn(ANSWERS, { asks: undefined }),
    /without the next count/,
  ],
  [
    'rules_invalid',
    'alike without tags',
    { ...COUNTING, tags: undefined },
    /kinds\[0\].alike": only in a table/,
  ],
  ['rules_invalid', 'more alike than it accepts', kindIn(COUNTING, { alike: 18 }), /alike": more/],
  ['rules_invalid', 'more alike than there are tags', { ...COUNTING, tags: 8 }, /alike": more/],
  ['rules_invalid', 'more tags than codes', { ...COUNTING, tags: 10 ** 10 + 1 }, /rules.tags": more/],
  ['rules_invalid', 'a bias of more than all codes', { ...COUNTING, bias: 10 ** 8 + 1 }, /rules.bias": more/],
  // Timed counts.
  [
    'rules_invalid',
    'timed counts that nobody asks for',
    kindIn(TIMED, { asks: undefined }),
    /kinds\[0\].asks": needed/,
  ],
  ...[
    [0, 1],
    { from: 1, to: 2 ** 38, step: 1 },
    { from: 0, to: 2 ** 38, step: 2 },
    { from: 0, to: 2 ** 30, step: 1 },
  ].map(
    (of) =>
      [
        'rules_invalid',
        `timed counts of ${JSON.stringify(of)}`,
        kindIn(TIMED, { length: { in: 'value', of } }),
        /length.of": expected time steps/,
      ] as const,
  ),
  // What a lock keeps step with is one thing.
  [
    'rules_invalid',
    'two kinds of one name',
    kindIn(COUNTING, { id: 'add' }, 1),
    /name "add" differ|two of one name/,
  ],
  [
    'rules_invalid',
    'two kinds of one name and nature',
    {
      ...COUNTING,
      kinds: [...COUNTING.kinds, { ...COUNTING.kinds[0], length: { in: 'value', of: [9] } }],
    },
    /rules.kinds": two of one name/,
  ],
  [
    'rules_invalid',
    'two codes a period',
    { ...PERIODS, perSlot: 2, kinds: [...PERIODS.kinds, { ...PERIODS.kinds[0], id: 'too' }] },
    /rules.kinds": expected one/,
  ],
  [
    'rules_invalid',
    'a period used once beside one used often',
    {
      ...PERIODS,
      perSlot: 2,
      kinds: [
        ...PERIODS.kinds,
        { ...PERIODS.kinds[0], id: 'often', times: 'many', accepts: undefined, seals: undefined },
      ],
    },
    /rules.kinds": some with accepts/,
  ],
  [
    'rules_invalid',
    'one kind that answers and one that does not',
    kindIn(COUNTING, { asks: 60, seals: true }),
    /asks: expected/,
  ],
  [
    'rules_invalid',
    'answers of two lives',
    { ...COUNTING, kinds: COUNTING.kinds.map((each, index) => ({ ...each, asks: 60 + index, seals: true })) },
    /asks: expected/,
  ],
  [
    'rules_invalid',
    'counts that hardly come together',
    {
      ...COUNTING,
      perSlot: 40,
      kinds: [61, 63].map((every, index) => ({
        ...COUNTING.kinds[0],
        id: `kind_${index}`,
        axis: { on: 'count', every, rest: 0 },
        accepts: [1, 64],
      })),
      lock: { ...COUNTING.lock, resync: undefined },
    },
    /rules.kinds": counts that come together/,
  ],
  [
    'rules_invalid',
    'what is below the last, where each code ends it',
    allIn(COUNTING, { seals: true }),
    /rules.kinds": accepts counts below the last/,
  ],
  [
    'rules_invalid',
    'counts that answer, and leave lower ones',
    allIn(COUNTING, { asks: 60, seals: undefined, accepts: [1, 12] }),
    /kinds\[0\].seals": needed/,
  ],
  [
    'rules_invalid',
    'more used counts than a state holds',
    kindIn(COUNTING, { accepts: [-4096, 12] }),
    /rules.kinds": accepts more used counts/,
  ],
  [
    'rules_invalid',
    'more of them by going back',
    withSync({ accepts: [-100, 20] }),
    /rules.kinds": accepts more used counts/,
  ],
  [
    'rules_invalid',
    'a second table',
    {
      ...COUNTING,
      also: [{ layout: 'acme-9/1', digits: 9, grid: 3600, perSlot: 40, kinds: GOOD.kinds }],
    },
    /rules.kinds": some with accepts|rules.also": a lock that keeps step/,
  ],
  [
    'rules_invalid',
    'a second table of counts',
    {
      ...COUNTING,
      also: [
        {
          layout: 'acme-12/1',
          digits: 12,
          grid: 1,
          perSlot: 20,
          counts: COUNTING.counts,
          tags: COUNTING.tags,
          kinds: COUNTING.kinds,
        },
      ],
    },
    /rules.also": a lock that keeps step/,
  ],
  ['rules_invalid', 'lanes of counts', { ...COUNTING, lanes: ['1', '2'] }, /rules.lanes/],
  ['rules_invalid', 'lanes of periods', { ...PERIODS, lanes: ['1', '2'] }, /rules.lanes/],
  ['rules_invalid', 'counts that are preferred', { ...COUNTING, prefer: ['add'] }, /rules.prefer/],
  ['rules_invalid', 'counts by the wall clock', { ...COUNTING, clock: 'civil' }, /rules.clock/],
  ['rules_invalid', 'counts by standard time', { ...COUNTING, clock: 'fixed-offset' }, /rules.clock/],
  ['rules_invalid', 'periods by the wall clock', { ...PERIODS, clock: 'civil' }, /rules.clock/],
  // What its lock does not look at.
  ['rules_invalid', 'a tolerance of counts', lockIn(COUNTING, { tolerance: 1 }), /lock.tolerance/],
  ['rules_invalid', 'a tolerance of periods', lockIn(PERIODS, { tolerance: 1 }), /lock.tolerance/],
  ['rules_invalid', 'ends of counts', lockIn(COUNTING, { inclusive: true }), /lock.inclusive/],
  ['rules_invalid', 'records of counts', lockIn(COUNTING, { records: 5 }), /lock.records/],
  ['rules_invalid', 'a full memory of periods', lockIn(PERIODS, { whenFull: 'forget' }), /lock.whenFull/],
  [
    'rules_invalid',
    'a clock that codes set, of periods',
    lockIn(PERIODS, { clockReach: 60 }),
    /lock.clockReach/,
  ],
  [
    'rules_invalid',
    'records of counts for who has no credit',
    lockIn(COUNTING, { throttle: { by: 'credit', most: 5, regain: 60, recordsEvery: 60 } }),
    /throttle.recordsEvery": a lock that keeps step/,
  ],
  [
    'rules_invalid',
    'a resync of periods',
    lockIn(PERIODS, { resync: 5 }),
    /lock.resync": only for what counts/,
  ],
  [
    'rules_invalid',
    'a resync of answers',
    lockIn(ANSWERS, { resync: 5 }),
    /lock.resync": only for what counts/,
  ],
  ['rules_invalid', 'a resync of even counts', evenOnly, /lock.resync": no code of some kind follows/],
  [
    'rules_invalid',
    'a drift of counts',
    lockIn(COUNTING, { drift: { most: 1, every: 60 } }),
    /lock.drift": only/,
  ],
  // A guess finds one of those that are alike, the likeliest first.
  ['vendor_guessable', 'too few tags', { ...COUNTING, tags: 89_999 }, /accepts 9 of 89999 codes/],
  ['vendor_guessable', 'a bias', { ...COUNTING, tags: 90_000, bias: 1.01 }, /accepts 9 of 90000 codes/],
  [
    'vendor_guessable',
    'too many periods',
    { ...kindIn(PERIODS, { accepts: [-5, 5] }), digits: 5 },
    /accepts 12 of 100000 codes/,
  ],
];

const VENDOR_REFUSED: readonly (readonly [string, string, Json, RegExp])[] = [
  ['bad_argument', 'a misspelt field', { nmae: 'Acme' }, /unknown property "nmae"/],
  ['bad_argument', 'an id in capitals', { id: 'Acme' }, /vendor.id/],
  ['bad_argument', 'a long id', { id: 'a'.repeat(41) }, /vendor.id/],
  ['bad_argument', 'no name', { name: '' }, /vendor.name/],
  ['bad_argument', 'a secret label', { codes: 'secret' }, /vendor.codes/],
  ['bad_argument', 'nothing about it', { about: undefined }, /vendor.about/],
  ['bad_argument', 'no scheme', { scheme: undefined }, /vendor.scheme/],
  ['bad_argument', 'a scheme that only has a name', { scheme: { id: 'a/1' } }, /vendor.scheme.prepare/],
  ['bad_argument', 'a scheme that is half remote', { scheme: { ...sealed, remote: true } }, /vendor.scheme/],
  [
    'bad_argument',
    'a scheme that is not remote',
    { scheme: { id: 'a/1', remote: false } },
    /vendor.scheme.remote/,
  ],
  ['bad_argument', 'no rules', { rules: 'see the manual' }, /vendor.rules/],
  ['bad_argument', 'rules that are none', { rules: () => undefined }, /"rules" expected/],
  ['bad_argument', 'another sentence', { guessable: 'yes' }, /vendor.guessable/],
];

describe('defineVendor', () => {
  it('takes what is right, and gives it back frozen to the bottom', () => {
    const sample = { a: [1] };
    const vendor = define(structuredClone(GOOD), { sample });
    expect(vendor).toMatchObject({ ...HEAD, rules: GOOD });
    const rules = typeof vendor.rules === 'function' ? undefined : vendor.rules;
    for (const part of [vendor, rules, rules?.kinds, rules?.kinds[1]?.length, rules?.lock.throttle, sample.a])
      expect(Object.isFrozen(part)).toBe(true);
    const token = createToken({ vendor, deviceId: 'd', key: new Uint8Array(32), timeZone: 'UTC' });
    const startsAt = at('2026-03-01T15:00Z');
    expect(mint(token, { kind: 'hourly', variance: 0, startsAt, endsAt: startsAt + HOUR })).toMatch(
      /^\d{8}$/,
    );
  });

  it.each(RULES_REFUSED)('refuses with %s: %s', (code, _, rules, message) => {
    expect(() => define(rules)).toThrow(PintumblerError);
    expect(codeOf(() => define(rules))).toBe(code);
    expect(() => define(rules)).toThrow(message);
  });

  it.each(STEPS_REFUSED)('of a lock that keeps step, refuses with %s: %s', (code, _, rules, message) => {
    expect(codeOf(() => define(rules, { scheme: stub }))).toBe(code);
    expect(() => define(rules, { scheme: stub })).toThrow(message);
  });

  it.each([
    ['counts', COUNTING],
    ['counts without tags', { ...allIn(COUNTING, { alike: undefined }), tags: undefined }],
    ['counts without end', { ...COUNTING, slots: undefined }],
    ['counts after many', { ...COUNTING, counts: { last: 700, floor: 650 } }],
    ['one guess in ten thousand', { ...COUNTING, tags: 90_000 }],
    ['even counts, and no way back into step', lockIn(evenOnly, { resync: undefined })],
    ['a sync that goes back', withSync({})],
    ['a sync that goes far back', withSync({ accepts: [-60, 20] })],
    ['counts of every kind', withSync({ accepts: [-8, 20], alike: 15 })],
    ['periods', PERIODS],
    ['periods without drift', lockIn(PERIODS, { drift: undefined })],
    ['only the present period', kindIn(PERIODS, { accepts: [0, 0] })],
    ['a few days ahead', kindIn(PERIODS, { ahead: 86_400 })],
    ['periods that answer', kindIn(PERIODS, { asks: 60, seals: undefined })],
    ['answers', ANSWERS],
    ['counts that answer', allIn(COUNTING, { asks: 60, seals: true, accepts: [1, 12] })],
    [
      'what is below the last, of a lock that has seen nothing of it',
      {
        ...allIn(COUNTING, { seals: true }),
        counts: { last: 20, floor: 0 },
      },
    ],
    ['timed counts', TIMED],
    [
      'credit that is kept',
      lockIn(COUNTING, { throttle: { by: 'credit', most: 5, first: 0, regain: 60, keeps: true } }),
    ],
  ])('of a lock that keeps step, takes %s', (_, rules) => {
    expect(define(rules, { scheme: stub }).id).toBe('acme');
  });

  it('of a lock that keeps step, V is what it takes at the worst count, and one count more where it awaits a second', () => {
    const vendor = define({ ...allIn(COUNTING, { alike: undefined }), tags: undefined }, { scheme: tally });
    const door = doorOf(keyToken(vendor));
    const { steps } = door.fresh;
    if (!steps) throw new Error('no steps');
    const takenAfter = (last: number): Record<string, number> => {
      const state = { ...door.fresh, steps: { ...steps, last, peak: last, used: [[last, 3] as const] } };
      const taken: Record<string, number> = {};
      for (let count = last - 30; count <= last + 60; count++) {
        const [id, values] = count % 2 === 0 ? ['add', 9] : ['open', 1];
        for (let index = 0; index < values; index++) {
          const value = id === 'add' ? index : 3;
          const code = mint(door.token, { kind: id, variance: 0, count, value });
          if (enter(door.lock, state, code, 1_772_380_800).verdict.accepted) taken[id] = (taken[id] ?? 0) + 1;
        }
      }
      return taken;
    };
    const sum = (kinds: Readonly<Record<string, number>>): number =>
      Object.values(kinds).reduce((all, each) => all + each, 0);
    const found = [100, 101].map(takenAfter).sort((one, other) => sum(other) - sum(one));
    const { worst } = securityReport(vendor);
    expect(found[0]).toEqual({ add: 8 * 9, open: 6 });
    expect(worst.kinds).toEqual({ add: 8 * 9 + 9, open: 6 + 1 });
    expect(worst.accepted).toBe(sum(worst.kinds));
  });

  it('of a lock that keeps step, a vendor and a scheme of one’s own work', async () => {
    const vendor = define(COUNTING, { scheme: defineScheme(tally) });
    const token = createToken({ vendor, deviceId: 'd', key: new Uint8Array(32).fill(7), timeZone: 'UTC' });
    const door = createLock([token]);
    let state = initialState(door);
    const key = (count: number, kindId: string, value: number): string => {
      const entry = enter(
        door,
        state,
        mint(token, { kind: kindId, variance: 0, count, value }),
        at('2026-03-01T15:00Z'),
      );
      state = entry.state;
      return entry.verdict.reason;
    };
    const next = nextGrant(token, { after: 0, kind: 'add', value: 7 });
    expect(next).toEqual({ kind: 'add', variance: 0, count: 2, value: 7 });
    expect(read(token, mint(token, next), { count: 0 })).toEqual([next]);
    expect(key(4, 'add', 7)).toBe('credited');
    expect(key(2, 'add', 8)).toBe('credited');
    expect(key(2, 'add', 8)).toBe('already_used');
    expect(key(3, 'open', 3)).toBe('expired');
    expect(key(5, 'open', 3)).toBe('first_use');
    expect(key(33, 'open', 3)).toBe('out_of_step');
    expect(key(34, 'add', 0)).toBe('credited');
    const report = await conformance(vendor, { runs: 5, timeZones: ['UTC'] });
    expect(report.properties.filter(({ passed }) => !passed)).toEqual([]);
  });

  it.each(VENDOR_REFUSED)('refuses with %s: %s', (code, _, more, message) => {
    expect(codeOf(() => define(GOOD, more))).toBe(code);
    expect(() => define(GOOD, more)).toThrow(message);
  });

  it.each([
    [
      'a control of no length',
      { ...kind(0, { for: 'control', effect: 'clear', length: { in: 'seconds', of: [0] } }) },
    ],
    ['a day that closes after it opens', kind(1, { length: { in: 'days', of: [0, 1], closes: '22:00' } })],
    [
      'lanes that share numbers',
      { ...GOOD, kinds: [1, 2].map((n) => ({ ...GOOD.kinds[0], base: 0, lane: `${n}` })) },
    ],
    ['credit', throttle({ by: 'credit', most: 5, regain: 60, recordsEvery: 60 })],
    ['a list of what goes', lock({ whenFull: [{ of: 'live', kind: 'nights', earliest: 'startsAt' }] })],
    ['endless codes', kind(0, { for: 'permanent', length: { in: 'endless' } })],
    ['weekdays', weekly({})],
    ['weekdays, a day long', weekly({ length: { in: 'seconds', of: [86_400] } })],
    ['a lead that leaves a step', kind(0, { length: { in: 'seconds', of: [7200] }, lead: 3600 })],
    [
      'no end, and a lead of a day less than a step',
      kind(0, { for: 'permanent', length: { in: 'endless' }, lead: 82_800 }),
    ],
    ['a code of the period', rolling({ length: { in: 'seconds', of: [7200] }, lead: 3600 })],
    ['a second table', second({})],
    ['a namesake of other lengths', namesake(0, { length: { in: 'seconds', of: [90_000] } })],
    [
      'a namesake of other local times',
      namesake(1, {
        axis: { on: 'civil-day', opens: '16:00' },
        length: { in: 'days', of: [3], closes: '10:00' },
      }),
    ],
  ])('takes %s', (_, rules) => {
    expect(define(rules).id).toBe('acme');
  });

  it('lengths of nothing stand only in a code space that is the maker’s', () => {
    expect(codeOf(() => define(seconds([0, 3600]), { codes: 'published' }))).toBe('no error');
  });

  it('one guess in ten thousand is the border, with one epoch; the sentence opens it', () => {
    const many = (variances: number): unknown => ({
      ...GOOD,
      perSlot: 100_000,
      clock: 'utc',
      kinds: [{ ...GOOD.kinds[0], length: { in: 'seconds', of: [3600] }, firstUse: 3600, variances }],
      lock: { ...GOOD.lock, tolerance: 0 },
    });
    expect(codeOf(() => define(many(10_000)))).toBe('no error');
    expect(codeOf(() => define(many(10_001)))).toBe('vendor_guessable');
    expect(() => define(many(10_001))).toThrow(
      /accepts 10001 of 100000000 .* 11 symbols instead of 8 .* guessable: '/,
    );
    expect(codeOf(() => define(many(10_001), { guessable: SAID }))).toBe('no error');
    // Two epochs are not asked for: the lock of an issuer that holds no root has one.
    expect(securityReport(define(many(10_000))).worst.accepted).toBe(20_000);
  });

  it('rules by settings are checked under the sample, and under others when a token is made', () => {
    let made = 0;
    const vendor = define(
      (config: { hours: number }) => {
        made++;
        const length = { in: 'seconds', of: { from: 3600, to: config.hours * 3600, step: 3600 } };
        return { ...kind(0, { length, variances: 10 }), perSlot: 10_000 };
      },
      { sample: { hours: 24 } },
    );
    const token = (hours: number): unknown =>
      createToken({ vendor, deviceId: 'd', key: new Uint8Array(32), timeZone: 'UTC', config: { hours } });
    expect(codeOf(() => token(12))).toBe('no error');
    expect(codeOf(() => token(800))).toBe('vendor_guessable');
    expect(codeOf(() => token(0))).toBe('rules_invalid');
    expect(made).toBe(4);
    const rules = vendor.rules;
    if (typeof rules !== 'function') throw new Error('rules by settings');
    expect(rules({ hours: 12 })).toBe(rules({ hours: 12 }));
    expect(codeOf(() => define(() => expectedError()))).toBe('config_invalid');
  });

  it('a remote scheme is counted and never asked for codes', () => {
    const scheme = { id: 'acme-server/1', remote: true };
    expect(define({ ...GOOD, digits: 5 }, { scheme, guessable: SAID }).scheme).toEqual(scheme);
    expect(codeOf(() => define({ ...GOOD, digits: 5 }, { scheme }))).toBe('vendor_guessable');
  });

  it('a remote scheme makes all codes: no table has a scheme of its own beside it', () => {
    const scheme = { id: 'acme-server/1', remote: true };
    for (const rules of [{ ...GOOD, scheme: sealed }, second({ scheme: sealed })]) {
      expect(codeOf(() => define(rules, { scheme }))).toBe('rules_invalid');
      expect(() => define(rules, { scheme })).toThrow(/"rules.scheme"/);
      expect(codeOf(() => define(rules))).toBe('no error');
    }
    expect(codeOf(() => define(second({}), { scheme }))).toBe('no error');
  });

  it.each(builtIn)('takes $id of our own', (vendor) => {
    expect(defineVendor(vendor).id).toBe(vendor.id);
    const { tables } = reportOf(vendor, { epochs: 1 });
    // Who says it must need it, under these settings or others.
    if (tables.some(({ guess }) => guess > 1e-4)) expect(vendor.guessable).toBe(SAID);
  });
});

function expectedError(): never {
  throw new PintumblerError('config_invalid', 'settings are needed');
}

/** A scheme that carries every layout. */
const stub: Scheme = {
  id: 'stub/1',
  prepare: () => ({ encode: () => '', decode: () => [], alone: () => true }),
};

const plain: Scheme = {
  id: 'acme-plain/1',
  prepare: () => ({ encode: () => '00000000', decode: () => [], alone: () => true }),
};

const defineAny = (value: unknown): Scheme => Reflect.apply(defineScheme, undefined, [value]);

describe('defineScheme', () => {
  it.each([
    ['bad_argument', 'nothing', undefined],
    ['bad_argument', 'no version', { ...plain, id: 'acme' }],
    ['bad_argument', 'version 0', { ...plain, id: 'acme/0' }],
    ['bad_argument', 'a misspelt field', { ...plain, prepair: 1 }],
    ['bad_argument', 'no function', { id: 'acme/1', prepare: 1 }],
    ['bad_argument', 'a remote one: nothing to define', { id: 'acme/1', remote: true }],
    ['out_of_range', 'a key of nothing', { ...plain, key: { from: 0, to: 1 } }],
    ['bad_argument', 'a key that shrinks', { ...plain, key: { from: 6, to: 5 } }],
    ['bad_argument', 'a key of letters, but not so', { ...plain, key: { from: 6, to: 6, ascii: false } }],
    ['bad_argument', 'a key of some form', { ...plain, key: { from: 6, to: 6, hex: true } }],
  ])('refuses with %s: %s', (code, _, scheme) => {
    expect(codeOf(() => defineAny(scheme))).toBe(code);
  });

  it('is frozen, and gives the algorithm a key of its own', () => {
    let kept: Uint8Array = new Uint8Array(0);
    const scheme = defineScheme({
      id: 'acme/1',
      key: { from: 6, to: 8 },
      prepare: (key, layout) => {
        kept = key;
        return plain.prepare(key, layout);
      },
    });
    expect(scheme).toMatchObject({ id: 'acme/1', key: { from: 6, to: 8 } });
    expect([scheme, scheme.key].every(Object.isFrozen)).toBe(true);
    const vendor = define(GOOD, { scheme });
    const token = createToken({ vendor, deviceId: 'd', key: new Uint8Array(6).fill(9), timeZone: 'UTC' });
    const startsAt = at('2026-03-01T15:00Z');
    mint(token, { kind: 'hourly', variance: 0, startsAt, endsAt: startsAt + HOUR });
    expect([...kept]).toEqual([9, 9, 9, 9, 9, 9]);
  });

  it('what is no codec is refused where it is prepared', () => {
    const half: unknown = { ...plain, prepare: () => ({ encode: () => '' }) };
    expect(codeOf(() => define(GOOD, { scheme: defineAny(half) }))).toBe('rules_invalid');
    const none: unknown = { ...plain, prepare: () => undefined };
    expect(codeOf(() => define(GOOD, { scheme: defineAny(none) }))).toBe('rules_invalid');
  });

  it('what a scheme cannot carry comes out where the vendor is defined', () => {
    expect(codeOf(() => define({ ...GOOD, digits: 5 }, { scheme: mac, guessable: SAID }))).toBe(
      'rules_invalid',
    );
  });

  it.each([...new Set(builtIn.map(({ scheme }) => scheme))])('takes $id of our own', (scheme) => {
    if (!('remote' in scheme)) expect(defineScheme(scheme).id).toBe(scheme.id);
  });
});

// --- the command line and the page -------------------------------------------------------------------------------

async function call(...argv: string[]): Promise<{ exit: number; out: string[]; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const files: Readonly<Record<string, string>> = {
    ten: '{"digits":10}',
    bad: '{"digits":8}',
    text: 'digits',
  };
  const exit = await run(argv, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    read: async (path) => (Object.hasOwn(files, path) ? new TextEncoder().encode(files[path]) : undefined),
    lines: async function* () {},
    replace: async () => undefined,
    now: () => 0,
    random: (length) => new Uint8Array(length),
    ...noServer,
  });
  return { exit, out, err: err.join('\n') };
}

const rowOf = (vendor: Vendor): LaneReport => securityReport(vendor).worst;

describe('pintumbler security', () => {
  it('prints a row for each table of each vendor, and what the columns mean', async () => {
    const { exit, out } = await call('security');
    expect(exit).toBe(0);
    const tables = builtIn.flatMap((vendor) => [
      ...new Set(reportOf(vendor).tables.map(({ layout }) => layout)),
    ]);
    for (const layout of tables) expect(out.filter((line) => line.includes(` ${layout} `))).toHaveLength(1);
    expect(out[0]).toMatch(/^vendor +codes +layout +digits +accepted +one in +needs +EN 1300 +a year$/);
    expect(out.find((line) => line.startsWith('igloohome'))).toMatch(
      /emulated +igloohome\/1 +9 +144,366 +6,926 +12 +no +100 %$/,
    );
    expect(out.at(-1)).toMatch(/EN 1300[\s\S]*SP 800-63B-4/);
  });

  it('--json: one object a line, every prefix', async () => {
    const { out } = await call('security', '--vendor', 'tuya', '--json');
    const rows = out.map((line) => JSON.parse(line));
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      vendor: 'tuya',
      codes: 'published',
      epochs: 1,
      layout: 'tuya-offline/1',
      possible: 1e10,
      accepted: 250_452,
      kinds: { multiple: 249_700, once: 77, clear_one: 0, clear_all: 275 },
      records: 400,
      one_in: 39_927,
      en_1300: false,
      tries_a_year: 525_600,
    });
  });

  it('--config: the settings of a device', async () => {
    const { out } = await call('security', '--vendor', 'pintumbler', '--config', 'ten', '--json');
    expect(JSON.parse(out[0] ?? '')).toMatchObject({
      layout: 'pintumbler-10/1',
      kinds: { hourly: 4 * 2 * 188 },
    });
  });

  it.each([
    [2, ['--config', 'ten']],
    [3, ['--vendor', 'nobody']],
    [3, ['--vendor', 'pintumbler', '--config', 'bad']],
    [3, ['--vendor', 'pintumbler', '--config', 'text']],
    [3, ['--vendor', 'pintumbler', '--config', 'missing']],
    [2, ['--vendors']],
  ] as const)('exit %i: %j', async (code, argv) => {
    const { exit, out, err } = await call('security', ...argv);
    expect(exit).toBe(code);
    expect(out).toEqual([]);
    expect(err).not.toBe('');
  });

  it('--help', async () => {
    const { exit, out } = await call('security', '--help');
    expect(exit).toBe(0);
    expect(out.join('\n')).toContain('pintumbler security [--vendor V]');
  });
});

describe('a count that cannot be right', () => {
  const own = (rules: object): string =>
    codeOf(() => defineVendor({ ...igloohome, id: 'own', rules: { ...rulesOf(igloohome), ...rules } }));
  const perm = {
    id: 'perm',
    for: 'permanent',
    axis: { on: 'slot' },
    length: { in: 'endless' },
    variances: 1,
    times: 'many',
    effect: 'open',
    source: 'test',
  } as const;
  const seven = { layout: 'own-7/1', digits: 7, perSlot: 1, grid: DAY };
  it('is no way past the border: "no deadline" written as the end of time, or a start of time after it', () => {
    expect(own({ ...seven, kinds: [{ ...perm, firstUse: 253402300799 }] })).toBe('out_of_range');
    expect(own({ ...seven, origin: 253402300799 - 3600, kinds: [{ ...perm, firstUse: DAY }] })).toBe(
      'out_of_range',
    );
    // As long as a deadline may be: every start of thirty years opens, and that is counted.
    expect(own({ ...seven, kinds: [{ ...perm, firstUse: 30 * 366 * DAY }] })).toBe('vendor_guessable');
    expect(own({ ...seven, kinds: [{ ...perm, firstUse: 30 * DAY }] })).toBe('no error');
  });
  it('a lock that never opens is none', () => {
    const throttle = { by: 'lockout', wrong: 5, seconds: 300 } as const;
    const lock = { tolerance: 0, records: 0, throttle, source: 'test' };
    expect(own({ ...seven, kinds: [{ ...perm, firstUse: DAY }], lock })).toBe('rules_invalid');
    const clock = { ...perm, for: 'control', effect: 'set_clock', length: { in: 'seconds', of: [0] } };
    const reach = { ...lock, records: 9, clockReach: DAY };
    expect(own({ ...seven, kinds: [clock], lock: reach })).toBe('rules_invalid');
  });
});

describe('a keypad with fewer keys', () => {
  it('has no more codes than ten digits: a guesser does not try the others', () => {
    for (const base of [3, 9]) {
      const { tables } = securityReport(tuya, { config: { base } });
      const [offline, dynamic] = reportOf(tuya).tables;
      expect(tables.map(({ possible }) => possible)).toEqual([1e10, 1e8]);
      expect(tables.map(({ oneIn }) => oneIn)).toEqual([offline?.oneIn, dynamic?.oneIn]);
    }
  });
});

describe('README.md', () => {
  it('has a row for every vendor, with its label and how guessable it is, to two digits', () => {
    const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const rows = page
      .split('\n')
      .filter((line) => /^\| `[a-z-]+` \| (\*\*published\*\*|emulated) \|/.test(line));
    const found = rows.map((row) => {
      const cells = row.split('|').map((cell) => cell.trim().replace(/[`*]/g, ''));
      return [cells[1], cells[2], Number(cells.at(-2)?.replaceAll(',', ''))];
    });
    expect(found).toEqual(
      builtIn.map((vendor) => [
        vendor.id,
        vendor.codes,
        Number(reportOf(vendor).worst.oneIn?.toPrecision(2)),
      ]),
    );
  });
});

describe('SECURITY.md', () => {
  const page = readFileSync(new URL('../SECURITY.md', import.meta.url), 'utf8');

  it('has the table that `pintumbler security` gives: the diff is what to write', () => {
    const grouped = (value: number | null): string => (value ?? 0).toLocaleString('en');
    const lines = builtIn.flatMap((vendor) => {
      const { tables, codes } = reportOf(vendor);
      const worst = new Map<string, LaneReport>();
      for (const row of tables)
        if (row.guess >= (worst.get(row.layout)?.guess ?? 0)) worst.set(row.layout, row);
      return [...worst.values()].map(
        ({ layout, digits, accepted, oneIn, yearlyRisk }) =>
          `| \`${layout}\` | ${codes} | ${digits} | ${grouped(accepted)} | ${grouped(oneIn)} | ${Number((100 * yearlyRisk).toPrecision(2))} % |`,
      );
    });
    expect(page.split('\n').filter((line) => line.startsWith('| `'))).toEqual(lines);
  });

  it('says no number of our own lock that the report does not', () => {
    const { accepted, guess, recordRisk, yearlyRisk } = rowOf(pintumbler);
    expect(guess).toBeLessThan(1e-6);
    for (const number of [accepted, 4391, 525_600]) expect(page).toContain(number.toLocaleString('en'));
    for (const risk of [recordRisk, yearlyRisk]) expect(page).toContain(`${(100 * risk).toFixed(1)} %`);
    expect(page.split('\n').length).toBeLessThanOrEqual(135);
  });
});
