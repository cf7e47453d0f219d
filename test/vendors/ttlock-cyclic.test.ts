import fc from 'fast-check';
import { createToken, mint, read, type WindowGrant } from 'pintumbler';
import { plan, zoneFacts } from 'pintumbler/calendar';
import { enter } from 'pintumbler/lock';
import { describe, expect, it } from 'vitest';
import { ttlock } from '../../src/vendors/ttlock.ts';
import { type Door, doorOf, key, keyAt, reasonOf } from '../support/door.ts';
import { at, codeOf, deep } from '../support/helpers.ts';
import { codeLiteral, deviceKeyLiteral, type LayoutJson } from '../support/sealed-literal.ts';
import { tokenIn } from '../support/vendors.ts';

/* TTLock: codes that come again, the digits of all tables, and the count of all that open at one moment. */

const HOUR = 3600;
const DAY = 86_400;
const CYCLIC = [
  ['weekend', [0, 6]],
  ['daily', [0, 1, 2, 3, 4, 5, 6]],
  ['workday', [1, 2, 3, 4, 5]],
  ['monday', [1]],
  ['tuesday', [2]],
  ['wednesday', [3]],
  ['thursday', [4]],
  ['friday', [5]],
  ['saturday', [6]],
  ['sunday', [0]],
] as const;

const berlin = tokenIn('Europe/Berlin', ttlock);
const utc = tokenIn('UTC', ttlock);

const grantOf = (
  kind: string,
  startsAt: number,
  hours: number | null,
  variance: number = 0,
): WindowGrant => ({
  kind,
  variance,
  startsAt,
  endsAt: hours === null ? null : startsAt + hours * HOUR,
});

const START = at('2026-03-02T10:00Z'); // a Monday

describe('cyclic codes', () => {
  const monday = (day: number): string => `2026-03-${String(2 + day).padStart(2, '0')}`;

  it.each(CYCLIC)('%s begins on its weekdays %j only, and opens on them', (kind, weekdays) => {
    for (let day = 0; day < 7; day++) {
      const weekday = (day + 1) % 7;
      const isOn = weekdays.some((each) => each === weekday);
      const request = { startsAt: `${monday(day)}T09:00`, endsAt: `${monday(day)}T17:00`, kind };
      if (!isOn) {
        expect(codeOf(() => plan(utc, request))).toBe('no_fit');
        expect(codeOf(() => mint(utc, grantOf(kind, START + day * DAY, 8)))).toBe('off_grid');
        continue;
      }
      const code = mint(utc, plan(utc, request).grant);
      expect(code).toHaveLength(8);
      const { door, reason } = key(doorOf(utc), code, at(`${monday(day)}T09:00Z`));
      expect(reason).toBe('first_use');
      for (let later = 0; later < 15; later++) {
        const date = at(`${monday(day + later)}T00:00Z`);
        const opens = weekdays.some((each) => each === (day + later + 1) % 7);
        expect(key(door, code, date + 17 * HOUR - 1).reason).toBe(opens ? 'used_before' : 'not_yet_valid');
        expect(key(door, code, date + 17 * HOUR).reason).toBe('not_yet_valid');
        if (later > 0) expect(key(door, code, date + 9 * HOUR - 1).reason).toBe('not_yet_valid');
        if (later > 0) expect(key(door, code, date + 9 * HOUR).opens).toBe(opens);
      }
      const years = at('2034-03-01T00:00Z') - 7 * DAY;
      const found = [0, 1, 2, 3, 4, 5, 6].filter(
        (add) => key(door, code, years + add * DAY + 10 * HOUR).opens,
      );
      expect(found).toHaveLength(weekdays.length);
    }
  });

  it('the refusal names the nearest matching day', () => {
    const asked = { startsAt: '2026-03-03T09:00', endsAt: '2026-03-03T17:00', kind: 'friday' };
    expect(() => plan(utc, asked)).toThrow('2026-03-06T09:00:00+00:00 to 2026-03-06T17:00:00+00:00');
  });

  it.each(CYCLIC.map(([kind]) => kind))('a range of 25 hours is refused: %s', (kind) => {
    // From each day of a week.
    const fits = (hours: number): boolean =>
      [0, 1, 2, 3, 4, 5, 6].some((day) => {
        const from = START + day * DAY;
        const [startsAt, endsAt] = [from, from + hours * HOUR].map((each) =>
          new Date(each * 1000).toISOString(),
        );
        const request = { startsAt: startsAt ?? '', endsAt: endsAt ?? '', kind };
        const error = codeOf(() => plan(utc, request));
        expect(['no error', 'no_fit']).toContain(error);
        return error === 'no error';
      });
    expect(fits(24)).toBe(true);
    expect(fits(25)).toBe(false);
    expect(fits(26)).toBe(false);
  });

  it('must be used within 24 hours', () => {
    const code = mint(utc, grantOf('daily', START, 24));
    expect(reasonOf(utc, code, START - 1)).toBe('not_yet_valid');
    expect(reasonOf(utc, code, START + DAY - 1)).toBe('first_use');
    expect(reasonOf(utc, code, START + DAY)).toBe('first_use_missed');
    const moments = [START, START + DAY, START + 3 * DAY];
    expect(keyAt(doorOf(utc), code, moments)).toEqual(['first_use', 'used_before', 'used_before']);
  });

  it('a raw offset: made in a Berlin winter, it opens an hour later by the wall clock in summer', () => {
    const planned = plan(berlin, {
      startsAt: '2026-03-02T09:00',
      endsAt: '2026-03-02T17:00',
      kind: 'workday',
    });
    expect(planned.warnings).toEqual(['hours_shift']);
    const code = mint(berlin, planned.grant);
    const { door } = key(doorOf(berlin), code, at('2026-03-02T09:00+01:00'));
    const reasons = (time: string): string => key(door, code, at(time)).reason;
    expect(reasons('2026-03-27T08:59:59+01:00')).toBe('not_yet_valid');
    expect(reasons('2026-03-27T09:00+01:00')).toBe('used_before');
    // 29 March 2026: the clocks go forward, the lock's does not.
    expect(reasons('2026-03-30T09:59:59+02:00')).toBe('not_yet_valid');
    expect(reasons('2026-03-30T10:00+02:00')).toBe('used_before');
    expect(reasons('2026-03-30T17:59:59+02:00')).toBe('used_before');
    expect(reasons('2026-03-30T18:00+02:00')).toBe('not_yet_valid');
    expect(reasons('2026-10-26T09:00+01:00')).toBe('used_before');
  });

  it('made in summer, it opens as asked until winter, then an hour early', () => {
    const planned = plan(berlin, {
      startsAt: '2026-07-06T09:00',
      endsAt: '2026-07-06T17:00',
      kind: 'monday',
    });
    expect(planned.local.startsAt).toBe('2026-07-06T09:00:00+02:00');
    expect(planned.warnings).toEqual(['hours_shift']);
    const code = mint(berlin, planned.grant);
    const { door } = key(doorOf(berlin), code, at('2026-07-06T09:00+02:00'));
    expect(key(door, code, at('2026-11-02T08:00+01:00')).reason).toBe('used_before');
    expect(key(door, code, at('2026-11-02T16:00+01:00')).reason).toBe('not_yet_valid');
  });

  it.each([
    ['Europe/Berlin', ['hours_shift']],
    ['America/New_York', ['hours_shift']],
    ['Asia/Kolkata', []],
    ['UTC', []],
  ])('%s warns %j', (zone, warnings) => {
    const asked = { startsAt: '2026-03-02T09:00', endsAt: '2026-03-02T17:00' };
    const token = tokenIn(zone, ttlock);
    expect(plan(token, { ...asked, kind: 'daily' }).warnings).toEqual(warnings);
    expect(plan(token, asked).warnings).toEqual([]);
    expect(plan(token, { startsAt: asked.startsAt, kind: 'permanent' }).warnings).toEqual([]);
  });

  it('goes on after its offset table ends: the lock keeps its standard time for good', () => {
    const facts = zoneFacts('Europe/Berlin', at('2026-01-01T00:00Z'), at('2027-01-01T00:00Z'));
    const short = tokenIn('Europe/Berlin', ttlock, facts);
    expect(short.offsets?.at(-1)?.[0]).toBe(at('2027-01-01T00:00Z'));
    const code = mint(short, grantOf('workday', at('2026-03-02T09:00+01:00'), 8));
    const { door } = key(doorOf(short), code, at('2026-03-02T09:00+01:00'));
    const made = mint(short, grantOf('monday', at('2040-03-05T09:00+01:00'), 8));
    expect(reasonOf(short, made, at('2040-03-05T09:00+01:00'))).toBe('first_use');
    // Mondays in winter, in summer, and long after; always by UTC+1.
    for (const monday of ['2027-01-04', '2027-07-05', '2040-03-05', '2070-07-07']) {
      expect(key(door, code, at(`${monday}T08:59:59+01:00`)).reason).toBe('not_yet_valid');
      expect(key(door, code, at(`${monday}T09:00+01:00`)).reason).toBe('used_before');
      expect(key(door, code, at(`${monday}T16:59:59+01:00`)).reason).toBe('used_before');
      expect(key(door, code, at(`${monday}T17:00+01:00`)).reason).toBe('not_yet_valid');
      expect(key(door, code, at(`${monday}T12:00+01:00`) - DAY).reason).toBe('not_yet_valid');
    }
  });

  it('needs the offsets of its zone; the other kinds do not', () => {
    const bare = createToken({
      vendor: ttlock,
      deviceId: 'door-1',
      root: new Uint8Array(32).fill(0x5a),
      timeZone: 'UTC',
    });
    expect(codeOf(() => mint(bare, grantOf('daily', START, 2)))).toBe('zone_required');
    expect(mint(bare, grantOf('period', START, 2))).toBe(mint(utc, grantOf('period', START, 2)));
  });
});

/** One code of each length in hours. */
const range = (kind: string, from: number, to: number): LayoutJson['kinds'][number] => ({
  kind,
  lengths: { from: from * HOUR, to: to * HOUR, step: HOUR },
  variances: 1,
});

/** The tables written down a second time. */
const TABLES: readonly LayoutJson[] = [
  { id: 'ttlock-9/1', digits: 9, grid_seconds: HOUR, s: 8736, kinds: [range('period', 25, 8760)] },
  {
    id: 'ttlock-8/1',
    digits: 8,
    grid_seconds: HOUR,
    s: 460,
    kinds: [
      { kind: 'one_time', lengths: [6 * HOUR], variances: 200 },
      { kind: 'permanent', lengths: [0], variances: 20 },
      range('weekend', 1, 24),
      range('daily', 1, 24),
      range('workday', 1, 24),
      range('monday', 1, 24),
      range('tuesday', 1, 24),
      range('wednesday', 1, 24),
      range('thursday', 1, 24),
      range('friday', 1, 24),
      range('saturday', 1, 24),
      range('sunday', 1, 24),
    ],
  },
  { id: 'ttlock-7/1', digits: 7, grid_seconds: HOUR, s: 24, kinds: [range('period', 1, 24)] },
  {
    id: 'ttlock-6/1',
    digits: 6,
    grid_seconds: HOUR,
    s: 1,
    kinds: [{ kind: 'delete', lengths: [24 * HOUR], variances: 1 }],
  },
];

describe('digits', () => {
  it.each(TABLES)('$digits digits: the codes of a second implementation', (table) => {
    const deviceKey = deviceKeyLiteral(new Uint8Array(32).fill(0x5a), 'door-1', 0);
    for (const { kind, lengths, variances } of table.kinds) {
      const [shortest = 0, longest = shortest] = 'step' in lengths ? [lengths.from, lengths.to] : lengths;
      // Pages of 9 digits end in 2033, 2046 and 2059, of 8 in 2044, of 7 in 2067: a year or more away.
      const weeks = ['2026-03-02T10:00Z', '2050-03-02T10:00Z', '2068-03-02T10:00Z'].map(at);
      for (const [week, length] of weeks.flatMap(
        (each) =>
          [
            [each, shortest],
            [each, longest],
          ] as const,
      )) {
        const grants = [0, 1, 2, 3, 4, 5, 6]
          .map((day) => grantOf(kind, week + day * DAY, length === 0 ? null : length / HOUR, variances - 1))
          .filter((grant) => codeOf(() => mint(utc, grant)) !== 'off_grid');
        expect(grants).not.toHaveLength(0);
        for (const grant of grants) {
          const slot = (grant.startsAt - at('2020-01-01T00:00Z')) / HOUR;
          const literal = codeLiteral(deviceKey, table, '', kind, slot, length, variances - 1);
          expect(mint(utc, grant)).toBe(literal);
        }
      }
    }
  });

  it('no daily code and no period is refused around 22 August 2028, where 7 digits with S = 264 would end a page', () => {
    const token = tokenIn('UTC', ttlock, { deviceId: 'd', root: new Uint8Array(32).fill(5) });
    const first = at('2028-08-19T00:00Z');
    for (let startsAt = first; startsAt < first + 7 * DAY; startsAt += HOUR) {
      for (let hours = 1; hours <= 24; hours++) {
        expect(codeOf(() => mint(token, grantOf('daily', startsAt, hours)))).toBe('no error');
        expect(codeOf(() => mint(token, grantOf('period', startsAt, hours)))).toBe('no error');
      }
      for (const hours of [25, 8760])
        expect(codeOf(() => mint(token, grantOf('period', startsAt, hours)))).toBe('no error');
    }
  });
});

describe('V, by keying the codes in', () => {
  const now = at('2026-03-04T20:20Z'); // a Wednesday, late enough for its own starts and those of Tuesday
  const slotNow = Math.floor(now / HOUR);
  const door = doorOf(utc);

  /** Codes accepted at `now` of one kind and length, of every start from 40 hours before to 2 after. */
  function startsOpen(kind: string, hours: number | null, variances: number, door_: Door = door): number {
    let open = 0;
    for (let slot = slotNow - 40; slot <= slotNow + 2; slot++) {
      for (let variance = 0; variance < variances; variance++) {
        const grant = grantOf(kind, slot * HOUR, hours, variance);
        const weekdays = CYCLIC.find(([id]) => id === kind)?.[1];
        const isOff = weekdays && !weekdays.some((each) => each === (Math.floor(slot / 24) + 4) % 7);
        if (!isOff && enter(door_.lock, door_.state, mint(utc, grant), now).verdict.accepted) open++;
      }
    }
    return open;
  }

  it('9 digits: 24 starts of each of the 8,736 lengths, 209,664 in all: 2.1 in ten thousand', () => {
    let open = 0;
    let lengths = 0;
    // Every 97th length in quick runs: each has the same 24 starts.
    const step = deep(1) > 1 ? 1 : 97;
    for (let hours = 25; hours <= 8760; hours += step, lengths++) open += startsOpen('period', hours, 1);
    // The sources' count of 24 × 8,760, less the shorter ones.
    expect((open / lengths) * 8736).toBe(209_664);
    expect(ttlock.guessable).toBe('one guess in ten thousand or fewer opens this lock');
  });

  /** Of all daily ranges. */
  function rangesOpen(kind: string): number {
    let open = 0;
    for (let hours = 1; hours <= 24; hours++) open += startsOpen(kind, hours, 1);
    return open;
  }

  it('8 digits: 1,200 one-time, 480 permanent and 900 cyclic codes, 2,580 in all: 0.3 in ten thousand', () => {
    const counts = CYCLIC.map(([kind]) => rangesOpen(kind));
    // weekend, daily, workday; monday to sunday
    expect(counts).toEqual([0, 300, 300, 0, 6, 294, 0, 0, 0, 0]);
    expect(counts.reduce((a, b) => a + b)).toBe(900);
    expect(startsOpen('one_time', 6, 200)).toBe(1200);
    expect(startsOpen('permanent', null, 20)).toBe(480);
  });

  it('7 digits: 300 short periods: 0.3 in ten thousand', () => {
    expect(rangesOpen('period')).toBe(300);
  });

  it('6 digits: 24 delete codes, where there is something to delete', () => {
    const used = key(door, mint(utc, grantOf('period', START, 100)), START).door;
    expect(startsOpen('delete', 24, 1, used)).toBe(24);
  });
});

/** Seconds that standard time is ahead of UTC. */
const standardOf = (zone: string): number =>
  ({ 'Asia/Kathmandu': 20_700, 'America/New_York': -18_000 })[zone] ?? 0;

describe('any cyclic grant', () => {
  const zones = ['Europe/Lisbon', 'Asia/Kathmandu', 'America/New_York'];
  const tokens = zones.map((zone) => tokenIn(zone, ttlock));
  const iso = (instant: number): string => `${new Date(instant * 1000).toISOString().slice(0, 19)}Z`;

  it('is planned for its next day, minted and read back; it opens daily in its range only', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...tokens),
        fc.constantFrom(...CYCLIC),
        fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2027-12-31T00:00Z') }),
        fc.integer({ min: 2 * HOUR, max: DAY }),
        fc.nat(6000),
        (token, [kind, weekdays], start, seconds, laterDays) => {
          const request = Array.from({ length: 7 }, (_, day) => start + day * DAY)
            .map((from) => ({ startsAt: iso(from), endsAt: iso(from + seconds), kind }))
            .find((each) => codeOf(() => plan(token, each)) === 'no error');
          if (!request) throw new Error('no day of the seven fits');
          const { grant } = plan(token, request);
          const { startsAt } = grant;
          const length = (grant.endsAt ?? 0) - startsAt;
          expect(length).toBeGreaterThan(seconds - HOUR);
          const code = mint(token, grant);
          expect(read(token, code, startsAt)).toEqual([grant]);
          const { door, opens } = key(doorOf(token), code, startsAt + length - 1);
          expect(opens).toBe(true);
          expect(reasonOf(token, code, startsAt - 1)).toBe('not_yet_valid');
          // Its days are counted from its first, also after the offset table.
          const days = laterDays;
          const weekday = (Math.floor((startsAt + days * DAY + standardOf(token.timeZone)) / DAY) + 4) % 7;
          const isOn = weekdays.some((each) => each === weekday);
          const from = startsAt + days * DAY;
          for (const now of [from, from + length - 1]) expect(key(door, code, now).opens).toBe(isOn);
          if (length < DAY) expect(key(door, code, from + length).opens).toBe(false);
        },
      ),
      { numRuns: deep(120), seed: 20260302 },
    );
  });
});
