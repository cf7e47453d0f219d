/**
 * The promise of the facade: for random bookings in random zones, the code that comes back opens that device's simulated
 * lock in its window and not outside it, and the window covers what was asked for, or says how it does not.
 */
import fc from 'fast-check';
import type { DeviceToken } from 'pintumbler';
import { toInstant, toLocal } from 'pintumbler/calendar';
import {
  builtIn,
  codelocksNetcode,
  dormakabaOracode,
  hotp,
  igloohome,
  lockly,
  masterLock,
  pintumbler,
  resortlock,
  sentrilock,
  totp,
  ttlock,
  tuya,
  type Vendor,
} from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import type { AccessCode } from '../../src/seam/objects.ts';
import { doorOf, key } from '../support/door.ts';
import { deep } from '../support/helpers.ts';
import { deviceFor, type Facade, facadeOf, secondsOf, tiny, type Values } from './support.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** Half hours, two-hour changes, midnights that are missing or double, changes in Ramadan, days from +14 to −9:30. */
const ZONES = [
  'UTC',
  'Europe/Lisbon',
  'Europe/Dublin',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'America/Havana',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Asia/Gaza',
  'Australia/Lord_Howe',
  'Antarctica/Troll',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'Pacific/Marquesas',
];

/** Around which zones change their clocks, and calendars their years and months. */
const DAYS = [
  '2026-02-16',
  '2026-02-28',
  '2026-03-08',
  '2026-03-22',
  '2026-03-27',
  '2026-03-29',
  '2026-04-05',
  '2026-04-24',
  '2026-07-04',
  '2026-09-06',
  '2026-10-04',
  '2026-10-25',
  '2026-10-29',
  '2026-11-01',
  '2026-12-31',
  '2027-01-01',
  '2028-02-29',
];

const TIMES = [0, 8 * HOUR, 10 * HOUR, 12 * HOUR, 15 * HOUR, 16 * HOUR, 23 * HOUR + 59 * MINUTE];

/** Locks of a vendor with the settings that change what codes there are. */
interface Make {
  readonly name: string;
  readonly vendor: Vendor;
  readonly config?: unknown;
  /** Seconds that are asked for; those that are not meant to fit as well. */
  readonly lengths: readonly number[];
  /** `with an end`: one-time codes have the time that is asked for. */
  readonly hasOneTime: boolean | 'with an end';
  /** A booking for each kind, or chance might leave one out: time of day and seconds. */
  readonly kinds: Readonly<Record<string, readonly [time: number, length: number, rounding?: '1d']>>;
  /** Seconds before a code's start from which the lock takes it: a period ahead. */
  readonly early?: number;
}

const HOURS = [HOUR, 2 * HOUR, 5 * HOUR + 20 * MINUTE, 12 * HOUR, DAY];
const STAYS = [18 * HOUR, 20 * HOUR, DAY, 2 * DAY + 18 * HOUR, 3 * DAY, 7 * DAY];
/** From a check-in to a check-out. */
const NIGHTS = [20, 20, 44, 44, 68, 68].map((hours) => hours * HOUR);
const MONTHS = [28 * DAY, 29 * DAY, 60 * DAY, 364 * DAY];
const DAYS_ON = [DAY, 2 * DAY, 3 * DAY, 7 * DAY];

const netcode = (mode: string, lengths: readonly number[], kinds: Make['kinds']): Make => ({
  name: `codelocks-netcode ${mode}`,
  vendor: codelocksNetcode,
  config: { mode, star: mode === 'acc' },
  lengths,
  hasOneTime: mode === 'standard' && 'with an end',
  kinds,
});

const ORACODE = {
  predefined_time_slots: [
    { name: 'Guest', prefix: 7, check_in_time: '16:00:00', check_out_time: '10:00:00' },
    { name: 'Guest too', prefix: 8, check_in_time: '16:00:00', check_out_time: '10:00:00' },
    { name: 'Night', prefix: 123, check_in_time: '00:00:00', check_out_time: '23:59:00', is_24_hour: true },
    {
      name: 'Weeks',
      prefix: 5,
      check_in_time: '12:00:00',
      check_out_time: '12:00:00',
      is_biweekly_mode: true,
    },
  ],
};

const MAKES: readonly Make[] = [
  {
    name: 'igloohome',
    vendor: igloohome,
    lengths: [...HOURS, ...STAYS, ...MONTHS],
    hasOneTime: true,
    kinds: { hourly: [0, 5 * HOUR], daily: [0, 60 * DAY, '1d'], one_time: [8 * HOUR, DAY] },
  },
  {
    name: 'lockly',
    vendor: lockly,
    lengths: [...HOURS, ...STAYS, ...MONTHS],
    hasOneTime: 'with an end',
    kinds: { time_bound: [0, 60 * DAY], one_time: [8 * HOUR, DAY] },
  },
  {
    name: 'pintumbler',
    vendor: pintumbler,
    lengths: [...HOURS, ...STAYS, ...NIGHTS],
    hasOneTime: true,
    kinds: {
      hourly: [8 * HOUR, 5 * HOUR],
      daily: [0, 2 * DAY],
      stay: [15 * HOUR, 44 * HOUR],
      stay_2: [16 * HOUR, 18 * HOUR],
      one_time: [8 * HOUR, DAY],
    },
  },
  {
    name: 'pintumbler 10',
    vendor: pintumbler,
    config: {
      digits: 10,
      stays: [
        ['16:00', '12:00'],
        ['08:00', '00:00'],
      ],
    },
    lengths: [...HOURS, ...STAYS, ...NIGHTS],
    hasOneTime: true,
    kinds: {
      hourly: [8 * HOUR, 5 * HOUR],
      daily: [0, 2 * DAY],
      stay: [16 * HOUR, 44 * HOUR],
      stay_2: [8 * HOUR, 40 * HOUR],
      one_time: [8 * HOUR, DAY],
    },
  },
  {
    name: 'dormakaba-oracode',
    vendor: dormakabaOracode,
    config: ORACODE,
    lengths: [18 * HOUR, 2 * DAY + 18 * HOUR, DAY - MINUTE, 3 * DAY - MINUTE, 7 * DAY],
    hasOneTime: false,
    kinds: { daily: [16 * HOUR, 42 * HOUR], biweekly: [12 * HOUR, 14 * DAY] },
  },
  {
    name: 'ttlock',
    vendor: ttlock,
    lengths: [...HOURS, ...STAYS, ...MONTHS],
    hasOneTime: true,
    kinds: { period: [0, 3 * DAY], one_time: [8 * HOUR, DAY] },
  },
  {
    name: 'tuya',
    vendor: tuya,
    lengths: [...HOURS, ...STAYS, ...MONTHS],
    hasOneTime: true,
    kinds: { multiple: [0, 3 * DAY], once: [8 * HOUR, DAY] },
  },
  netcode('standard', [...HOURS, ...DAYS_ON], {
    hourly: [8 * HOUR, 5 * HOUR],
    daily: [0, 2 * DAY],
    single_hourly: [8 * HOUR, 2 * HOUR],
    single_daily: [0, 3 * DAY],
  }),
  netcode('24h', [DAY, DAY - HOUR], { hours_24: [10 * HOUR, DAY] }),
  netcode('acc', DAYS_ON, { acc: [0, 2 * DAY] }),
  netcode('urm', [...DAYS_ON, 60 * DAY], { urm: [0, 60 * DAY] }),
  netcode('end_date', [...DAYS_ON, 60 * DAY], { end_date: [0, 3 * DAY] }),
  {
    name: 'resortlock',
    vendor: resortlock,
    lengths: [...HOURS, ...STAYS, 60 * DAY],
    hasOneTime: 'with an end',
    kinds: { duration: [0, 60 * DAY], one_time: [8 * HOUR, DAY] },
  },
  {
    name: 'resortlock RL4000',
    vendor: resortlock,
    config: { model: 'RL4000' },
    lengths: [...HOURS, ...STAYS, 60 * DAY],
    hasOneTime: 'with an end',
    kinds: { duration: [0, 60 * DAY], one_time: [8 * HOUR, DAY] },
  },
  {
    name: 'sentrilock',
    vendor: sentrilock,
    lengths: [HOUR / 2, ...HOURS, ...STAYS],
    hasOneTime: false,
    kinds: { flex: [8 * HOUR, 16 * HOUR] },
  },
  {
    name: 'master-lock',
    vendor: masterLock,
    lengths: [...HOURS, 8 * HOUR],
    hasOneTime: false,
    kinds: { temporary: [8 * HOUR, HOUR] },
  },
  {
    name: 'master-lock deadbolt',
    vendor: masterLock,
    config: { lock: 'deadbolt' },
    lengths: [HOUR / 2, HOUR, 2 * HOUR],
    hasOneTime: false,
    kinds: { temporary: [8 * HOUR, HOUR] },
  },
  {
    name: 'totp',
    vendor: totp,
    lengths: [30, 45],
    hasOneTime: false,
    kinds: { totp: [8 * HOUR, 45] },
    early: 30,
  },
];

/** One stamp, as callers write them. */
type Form = 'local' | 'utc' | 'offset' | 'fraction';
const FORMS: readonly Form[] = ['local', 'utc', 'utc', 'offset', 'fraction'];

interface Booking {
  readonly make: Make;
  readonly zone: string;
  /** Wall-clock seconds, counted as if UTC. */
  readonly wall: number;
  readonly length: number;
  readonly isOneTime: boolean;
  readonly rounding: '1h' | '1d' | '1hour' | '1day' | undefined;
  readonly forms: readonly [Form, Form];
  /** Seconds from the start to the request, negative: before. */
  readonly asked: number;
  /** Where in its window the code is tried, of 1. */
  readonly where: number;
}

const bookingOf = (make: Make): fc.Arbitrary<Booking> =>
  fc.record({
    make: fc.constant(make),
    zone: fc.constantFrom(...ZONES),
    wall: fc
      .tuple(
        fc.constantFrom(...DAYS),
        fc.integer({ min: -2, max: 1 }),
        fc.oneof(
          { weight: 4, arbitrary: fc.constantFrom(...TIMES) },
          fc.integer({ min: 0, max: DAY - 1 }),
          fc.integer({ min: 0, max: 47 }).map((half) => (half * HOUR) / 2),
        ),
      )
      .map(([day, later, time]) => Date.parse(`${day}T00:00Z`) / 1000 + later * DAY + time),
    length: fc.constantFrom(...make.lengths),
    isOneTime: make.hasOneTime === false ? fc.constant(false) : fc.boolean(),
    rounding: fc.constantFrom('1h', '1d', '1hour', '1day', undefined),
    forms: fc.tuple(fc.constantFrom(...FORMS), fc.constantFrom(...FORMS)),
    asked: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: -13 * DAY, max: 0 }) },
      fc.integer({ min: 0, max: 2 * DAY }),
    ),
    where: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });

/** In a zone without changes, asked for in time. */
function typical(make: Make): readonly Booking[] {
  return Object.entries(make.kinds).map(([kind, [time, length, rounding]]) => ({
    make,
    zone: 'Asia/Kathmandu',
    wall: Date.parse('2026-04-13T00:00Z') / 1000 + time,
    length,
    isOneTime: make.hasOneTime !== false && /once|one_time|single/.test(kind),
    rounding,
    forms: ['local', 'local'],
    asked: -DAY,
    where: 0.5,
  }));
}

const tokens = new Map<string, ReturnType<typeof deviceFor>>();

function deviceOf({ name, vendor, config }: Make, zone: string): ReturnType<typeof deviceFor> {
  const known = tokens.get(`${name} ${zone}`) ?? deviceFor(vendor, 1, zone, config);
  tokens.set(`${name} ${zone}`, known);
  return known;
}

const wallText = (wall: number): string => new Date(wall * 1000).toISOString().slice(0, 19);

/** A stamp for an instant; one of local time may be refused, being double. */
function stampOf(token: DeviceToken, instant: number, form: Form): string {
  const utc = new Date(instant * 1000).toISOString();
  if (form === 'offset') return toLocal(token, instant);
  if (form === 'local') return toLocal(token, instant).slice(0, 19);
  return form === 'utc' ? utc : utc.replace('.000Z', '.750Z');
}

interface Request {
  readonly startsAt: number;
  readonly endsAt: number;
  readonly now: number;
  readonly values: Values;
}

/** What a booking asks for: instants from wall-clock times, of a day that is longer or shorter where clocks change. */
function requestOf(
  { make, wall, length, isOneTime, rounding, forms, asked }: Booking,
  token: DeviceToken,
): Request {
  const startsAt = toInstant(token, wallText(wall), 'later');
  // Days are days of the wall clock, seconds are seconds.
  const endsAt = length < DAY / 2 ? startsAt + length : toInstant(token, wallText(wall + length), 'later');
  const hasEnd = !isOneTime || make.hasOneTime === 'with an end';
  return {
    startsAt,
    // An end with a fraction is rounded up.
    endsAt: forms[1] === 'fraction' ? endsAt + 1 : endsAt,
    now: startsAt + asked,
    values: {
      starts_at: stampOf(token, startsAt, forms[0]),
      ...(hasEnd && { ends_at: stampOf(token, endsAt, forms[1]) }),
      ...(isOneTime && { is_one_time_use: true }),
      ...(rounding && { max_time_rounding: rounding }),
    },
  };
}

/** What a refusal of a booking may say; all else is a mistake. */
const MAY_SAY = [
  /no code fits|no time slots found/,
  /comes twice|does not exist/,
  /must be a time in the future/i,
  /would have ended, or have to have been used/,
  /at most 14 days after|expected at most/,
  /"ends_at" expected (?:a time after|a date)/,
];

/** What a fresh lock says to the code at a moment. */
const opensAt = (token: DeviceToken, code: string, now: number): boolean =>
  key(doorOf(token), code, now).opens;

/** Whether the lock opens at a moment, to who was there before. */
const opensAgainAt = (token: DeviceToken, code: string, first: number, now: number): boolean =>
  key(key(doorOf(token), code, first).door, code, now).opens;

function checkLock(token: DeviceToken, { make, where }: Booking, shown: AccessCode, now: number): void {
  const code = shown.code ?? '';
  const [starts, ends] = [secondsOf(shown.starts_at), secondsOf(shown.ends_at)];
  const firstUseBy = secondsOf(shown.pintumbler.first_use_by);
  const { tolerance, inclusive = false } = token.rules.lock;
  // Periods are taken without the second that other ends have.
  const grace = tolerance + (inclusive ? 1 : 0);
  const first = Math.max(starts, now);
  const latest = Math.min(ends, firstUseBy) - 1;
  expect(first, 'it can still be used').toBeLessThanOrEqual(latest);
  expect(opensAt(token, code, first), 'opens at its start').toBe(true);
  expect(opensAt(token, code, first + Math.floor((latest - first) * where)), 'opens in its time').toBe(true);
  expect(opensAt(token, code, latest), 'opens at the last moment for a first use').toBe(true);
  const before = starts - tolerance - (make.early ?? 0) - 1;
  expect(opensAt(token, code, before), 'is shut before').toBe(false);
  expect(opensAt(token, code, before - HOUR), 'is shut an hour before').toBe(false);
  const after = Math.max(ends, Math.min(firstUseBy, ends + (make.early ?? 0))) + grace;
  expect(opensAt(token, code, after), 'is shut after').toBe(false);
  expect(opensAt(token, code, after + HOUR), 'is shut an hour after').toBe(false);
  if (firstUseBy < ends)
    expect(opensAt(token, code, firstUseBy + grace), 'is shut to a late first use').toBe(false);
  if (shown.is_one_time_use) {
    expect(opensAgainAt(token, code, first, latest), 'opens once').toBe(false);
    return;
  }
  const last = ends - 1;
  expect(opensAgainAt(token, code, first, first + Math.floor((last - first) * where)), 'opens again').toBe(
    true,
  );
  expect(opensAgainAt(token, code, first, last), 'opens at its end').toBe(true);
  expect(opensAgainAt(token, code, first, after), 'is shut after, also when used').toBe(false);
}

/** Whether two instants are within the ceiling: of a day, on the wall clock as well. */
function isWithin(token: DeviceToken, rounding: Booking['rounding'], one: number, other: number): boolean {
  const wall = (instant: number): number => Date.parse(`${toLocal(token, instant).slice(0, 19)}Z`) / 1000;
  if (rounding === undefined || rounding.startsWith('1h')) return Math.abs(one - other) <= HOUR;
  return Math.abs(one - other) <= DAY || Math.abs(wall(one) - wall(other)) <= DAY;
}

function checkWindow(token: DeviceToken, booking: Booking, asked: Request, shown: AccessCode): void {
  const [starts, ends] = [secondsOf(shown.starts_at), secondsOf(shown.ends_at)];
  const { rounded, warnings } = shown.pintumbler;
  // Asked for late, the window may be one from now on.
  const wanted = [asked.startsAt, Math.max(asked.startsAt, asked.now)].find(
    (each) => each - starts === rounded.starts_at,
  );
  expect(wanted, 'the rounding of the start is told').toBeDefined();
  if (wanted === undefined) return;
  expect(isWithin(token, booking.rounding, wanted, starts), 'the start is within the ceiling').toBe(true);
  expect(warnings.includes('starts_late'), 'a late start is told').toBe(starts > wanted);
  if (asked.values['ends_at'] === undefined) return;
  expect(ends - asked.endsAt, 'the rounding of the end is told').toBe(rounded.ends_at);
  expect(warnings.includes('ends_early'), 'an early end is told').toBe(ends < asked.endsAt);
  // Hours that part from the wall clock end early by what the clocks change: at most two hours.
  const isClose = ends < asked.endsAt && asked.endsAt - ends <= 2 * HOUR;
  expect(isClose || isWithin(token, booking.rounding, asked.endsAt, ends), 'and the end too').toBe(true);
}

const ceilingWords = (text: string): boolean => MAY_SAY.some((words) => words.test(text));

async function book(
  facade: Facade,
  deviceId: string,
  { values, now }: Request,
): Promise<AccessCode | string> {
  facade.clock.now = now;
  const asked = { device_id: deviceId, is_offline_access_code: true, ...values };
  const { status, body } = await facade.ask('access_codes/create', asked);
  return status === 200 ? body.access_code : `${status} ${body.error.type} ${body.error.message}`;
}

describe('the code that comes back opens the lock in its window and not outside it', () => {
  it.each(MAKES.map((make) => [make.name, make] as const))('%s', async (_, make) => {
    const kinds = new Set<string | null>();
    await fc.assert(
      fc.asyncProperty(bookingOf(make), async (booking) => {
        const device = deviceOf(make, booking.zone);
        const { token } = device;
        const asked = requestOf(booking, token);
        fc.pre(asked.endsAt > asked.startsAt);
        const shown = await book(facadeOf([device], asked.now), device.deviceId, asked);
        if (typeof shown === 'string') {
          expect(shown).toSatisfy(ceilingWords, `a refusal with a reason: ${shown}`);
          return;
        }
        expect(shown.errors).toEqual([]);
        checkWindow(token, booking, asked, shown);
        checkLock(token, booking, shown, asked.now);
        kinds.add(shown.pintumbler.kind);
      }),
      { numRuns: deep(60), examples: typical(make).map((booking) => [booking]) },
    );
    // Or nothing was shown of it.
    expect(Object.keys(make.kinds).filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  it('has makes of every vendor whose codes can be asked for', () => {
    const tried: readonly Vendor[] = [...MAKES.map(({ vendor }) => vendor), hotp];
    const others = builtIn.filter((vendor) => !tried.includes(vendor));
    expect(others.map(({ id }) => id).sort()).toEqual(['nexus', 'ocra', 'openpaygo']);
  });
});

describe('codes by count', () => {
  it('open one after the other, each once', async () => {
    const device = deviceFor(hotp);
    const facade = facadeOf([device], secondsOf('2026-03-01T10:00:00Z'));
    let door = doorOf(device.token);
    for (let guest = 0; guest < 20; guest++) {
      const { code } = await facade.create(device, {
        is_one_time_use: true,
        starts_at: '2026-03-01T10:00:00Z',
      });
      const used = key(door, code ?? '', facade.clock.now);
      const again = key(used.door, code ?? '', facade.clock.now + MINUTE);
      expect([used.opens, again.opens]).toEqual([true, false]);
      door = key(used.door, code ?? '', facade.clock.now).door;
      facade.clock.now += HOUR * 12;
    }
  });
});

const CROWDED: readonly Make[] = [
  { name: 'tiny', vendor: tiny, lengths: [HOUR, 2 * HOUR], hasOneTime: false, kinds: {} },
  ...MAKES.filter(({ name }) =>
    ['igloohome', 'pintumbler 10', 'ttlock', 'dormakaba-oracode', 'resortlock RL4000', 'tuya'].includes(name),
  ),
];

describe('many bookings on one device', () => {
  it.each(CROWDED.map((make) => [make.name, make] as const))(
    '%s: no two have the same digits at the same time, and each opens',
    async (_, make) => {
      let most = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...ZONES),
          fc.array(bookingOf(make), { minLength: 20, maxLength: 40 }),
          async (zone, bookings) => {
            const device = deviceOf(make, zone);
            const { token } = device;
            const [first] = bookings;
            const facade = facadeOf([device], secondsOf('2026-01-01T00:00:00Z'));
            const all: AccessCode[] = [];
            for (const [index, booking] of bookings.entries()) {
              // Around one day, so that they meet.
              const close = { ...booking, wall: (first?.wall ?? 0) + (((booking.wall % DAY) + DAY) % DAY) };
              const asked = requestOf(close, token);
              const now = requestOf({ ...close, asked: -DAY }, token).now;
              if (asked.endsAt <= asked.startsAt) continue;
              const shown = await book(facade, device.deviceId, { ...asked, now: now - index });
              if (typeof shown !== 'string' && shown.code !== null) all.push(shown);
            }
            const spans = all.map((shown) => ({
              shown,
              from: secondsOf(shown.starts_at) - token.rules.lock.tolerance,
              to: secondsOf(shown.ends_at) + token.rules.lock.tolerance,
            }));
            for (const [index, one] of spans.entries()) {
              for (const other of spans.slice(index + 1)) {
                if (one.shown.code !== other.shown.code) continue;
                expect(one.to <= other.from || other.to <= one.from, 'not at the same time').toBe(true);
              }
              const starts = secondsOf(one.shown.starts_at);
              expect(opensAt(token, one.shown.code ?? '', starts)).toBe(true);
            }
            most = Math.max(most, all.length);
          },
        ),
        { numRuns: deep(6) },
      );
      expect(most).toBeGreaterThan(3);
    },
  );
});
