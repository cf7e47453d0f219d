import fc from 'fast-check';
import { type DeviceToken, deriveToken, mint, read, type WindowGrant } from 'pintumbler';
import { type PlanRequest, plan } from 'pintumbler/calendar';
import { createLock, enter, initialState } from 'pintumbler/lock';
import { describe, expect, it } from 'vitest';
import { ttlock } from '../../src/vendors/ttlock.ts';
import { type Door, doorOf, key, keyAt, reasonOf } from '../support/door.ts';
import { at, codeOf, deep } from '../support/helpers.ts';
import { tokenIn } from '../support/vendors.ts';

const HOUR = 3600;
const DAY = 86_400;

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

const codeFor = (token: DeviceToken, request: PlanRequest): string => mint(token, plan(token, request).grant);

const START = at('2026-03-02T10:00Z'); // a Monday

describe('lengths and digits', () => {
  it.each([
    ['period', 1, '0163942'],
    ['period', 2, '6854929'],
    ['period', 24, '2944019'],
    ['period', 25, '026504268'],
    ['period', 8760, '773283825'],
    ['one_time', 6, '94513844'],
    ['permanent', null, '84841163'],
    ['delete', 24, '301374'],
    ['monday', 1, '14844806'],
    ['monday', 24, '79927856'],
  ] as const)('6 to 9 digits by type and period: %s of %s h is %s', (kind, hours, digits) => {
    const grant = grantOf(kind, START, hours);
    const code = mint(utc, grant);
    expect(code).toBe(digits);
    expect(read(utc, code, START)).toEqual([grant]);
  });

  it.each([
    ['period', 0.5],
    ['period', 1.5],
    ['period', 24.5],
    ['period', 8761],
    ['one_time', 5],
    ['one_time', 7],
    ['delete', 23],
    ['delete', 25],
    ['monday', 25],
    ['daily', 25],
  ] as const)('%s of %s h cannot be said', (kind, hours) => {
    expect(codeOf(() => mint(utc, grantOf(kind, START, hours)))).toBe('off_grid');
  });

  it.each(['period', 'one_time', 'permanent', 'delete', 'monday'])('%s starts on the hour', (kind) => {
    const hours = { period: 2, one_time: 6, delete: 24, monday: 2 }[kind] ?? null;
    expect(codeOf(() => mint(utc, grantOf(kind, START + HOUR, hours)))).toBe('no error');
    for (const off of [1, 60, 1800, 3599])
      expect(codeOf(() => mint(utc, grantOf(kind, START + off, hours)))).toBe('off_grid');
  });

  it('a period needs an end, a permanent code has none', () => {
    expect(codeOf(() => mint(utc, grantOf('period', START, null)))).toBe('bad_argument');
    expect(codeOf(() => mint(utc, grantOf('permanent', START, 24)))).toBe('off_grid');
    expect(codeOf(() => plan(utc, { startsAt: '2026-03-02T10:00' }))).toBe('bad_argument');
    const request = { kind: 'permanent', startsAt: '2026-03-02T10:00', endsAt: '2026-03-03T10:00' };
    expect(codeOf(() => plan(utc, request))).toBe('bad_argument');
  });

  it.each([
    ['period', 0, 1],
    ['one_time', 199, 200],
    ['permanent', 19, 20],
    ['delete', 0, 1],
    ['daily', 0, 1],
    ['sunday', 0, 1],
  ] as const)('%s: variance %i is its last', (kind, last, beyond) => {
    const start = kind === 'sunday' ? START - DAY : START;
    const hours =
      { period: 30, one_time: 6, delete: 24 }[kind as string] ?? (kind === 'permanent' ? null : 2);
    expect(codeOf(() => mint(utc, grantOf(kind, start, hours, last)))).toBe('no error');
    expect(codeOf(() => mint(utc, grantOf(kind, start, hours, beyond)))).toBe('variance_unavailable');
  });

  it('tables stand in their order', () => {
    expect(() => read(utc, '12345', START)).toThrow('9 or 8 or 7 or 6 digits');
  });

  it('a leading zero is a digit, and each lock has codes of its own', () => {
    const grant = grantOf('period', START, 1);
    const code = mint(utc, grant);
    expect(code).toBe('0163942');
    expect(reasonOf(utc, code, grant.startsAt)).toBe('first_use');
    expect(reasonOf(utc, String(Number(code)), grant.startsAt)).toBe('unknown');
    const back = tokenIn('UTC', ttlock, { deviceId: 'back-door' });
    expect(mint(back, grant)).not.toBe(code);
  });
});

describe('plan', () => {
  it('floors both ends: 19:20 is 19:00', () => {
    const { grant, local, rounded, warnings, codes } = plan(berlin, {
      startsAt: '2026-03-02T19:20',
      endsAt: '2026-03-02T22:40',
    });
    expect(grant).toMatchObject({ kind: 'period', variance: 0 });
    expect(local.startsAt).toBe('2026-03-02T19:00:00+01:00');
    expect(local.endsAt).toBe('2026-03-02T22:00:00+01:00');
    expect(rounded).toEqual({ start: 1200, end: -2400 });
    expect(warnings).toEqual(['ends_early']);
    expect(codes).toBe('emulated');
  });

  it.each([
    ['2026-03-02T19:00', '2026-03-02T20:00', 1],
    ['2026-03-02T19:59', '2026-03-02T20:00', 1],
    ['2026-03-02T19:00', '2026-03-03T19:59', 24],
    ['2026-03-02T19:00', '2026-03-03T20:00', 25],
    ['2026-03-02T19:00', '2027-03-02T19:00', 8760],
    ['2026-03-02T19:00', '2027-03-02T19:59', 8760],
  ])('%s to %s: %i hours', (startsAt, endsAt, hours) => {
    const { grant } = plan(utc, { startsAt, endsAt });
    expect((grant.endsAt ?? 0) - grant.startsAt).toBe(hours * HOUR);
  });

  it.each([
    ['within one hour', '2026-03-02T19:20', '2026-03-02T19:50'],
    ['an hour over a year', '2026-03-02T19:00', '2027-03-02T20:00'],
    ['an hour over a year when floored', '2026-03-02T19:59', '2027-03-02T20:00'],
    ['two hours over a year', '2026-03-02T19:00', '2027-03-02T21:00'],
    ['two years', '2026-03-02T19:00', '2028-03-02T19:00'],
  ])('refuses what is %s', (_, startsAt, endsAt) => {
    expect(codeOf(() => plan(utc, { startsAt, endsAt }))).toBe('no_fit');
  });

  it('"once" is six hours, whatever is asked for', () => {
    const once = plan(utc, { startsAt: '2026-03-02T10:20', oneTime: true });
    expect(once.grant).toEqual(grantOf('one_time', START, 6));
    const asked = { startsAt: '2026-03-02T10:00', oneTime: true };
    expect(plan(utc, { ...asked, endsAt: '2026-03-02T16:00' }).grant).toEqual(grantOf('one_time', START, 6));
    expect(codeOf(() => plan(utc, { ...asked, endsAt: '2026-03-03T10:00' }))).toBe('no_fit');
  });

  it('permanent, delete and cyclic codes only by name', () => {
    const startsAt = '2026-03-02T10:30';
    expect(plan(utc, { startsAt, kind: 'permanent' }).grant).toEqual(grantOf('permanent', START, null));
    expect(plan(utc, { startsAt, kind: 'delete' }).grant).toEqual(grantOf('delete', START, 24));
    const endsAt = '2026-03-02T17:30';
    expect(plan(utc, { startsAt, endsAt }).grant.kind).toBe('period');
    expect(plan(utc, { startsAt, endsAt, kind: 'daily' }).grant).toEqual(grantOf('daily', START, 7));
  });

  // Flooring hours of UTC would give 18:30 or 18:45 here.
  it.each([
    ['Asia/Kolkata', '19:00:00+05:30'],
    ['Asia/Kathmandu', '19:00:00+05:45'],
    ['Europe/Lisbon', '19:00:00+00:00'],
  ])('hours are local ones: %s', (zone, local) => {
    const token = tokenIn(zone, ttlock);
    for (const minute of ['00', '20', '30', '45', '59']) {
      const planned = plan(token, { startsAt: `2026-03-02T19:${minute}`, endsAt: '2026-03-02T21:30' });
      expect(planned.local.startsAt).toBe(`2026-03-02T${local}`);
      expect(planned.local.endsAt).toBe(`2026-03-02T${local.replace('19', '21')}`);
      expect(reasonOf(token, mint(token, planned.grant), planned.grant.startsAt)).toBe('first_use');
    }
  });

  it('a raw offset does not move what begins once: in a Berlin summer, and across the change', () => {
    const summer = plan(berlin, { startsAt: '2026-07-06T09:00', endsAt: '2026-07-06T17:00' });
    expect(summer.grant).toEqual(grantOf('period', at('2026-07-06T09:00+02:00'), 8));
    const change = plan(berlin, { startsAt: '2026-03-28T15:00', endsAt: '2026-03-30T11:00' });
    expect(change.grant).toEqual(grantOf('period', at('2026-03-28T15:00+01:00'), 43));
    expect(change.local.endsAt).toBe('2026-03-30T11:00:00+02:00');
  });

  it('where summer is half an hour, its hours begin at :30', () => {
    const token = tokenIn('Australia/Lord_Howe', ttlock);
    const day = (date: string): string =>
      plan(token, { startsAt: `${date}T19:20`, endsAt: `${date}T22:00` }).local.startsAt;
    expect(day('2026-07-01')).toBe('2026-07-01T19:00:00+10:30');
    expect(day('2026-01-10')).toBe('2026-01-10T18:30:00+11:00');
  });
});

describe('the lock', () => {
  it.each([
    ['period', 1, [HOUR - 1, 'first_use'], [HOUR, 'expired']],
    ['period', 24, [DAY - 1, 'first_use'], [DAY, 'expired']],
    ['period', 25, [DAY - 1, 'first_use'], [DAY, 'first_use_missed']],
    ['period', 8760, [DAY - 1, 'first_use'], [DAY, 'first_use_missed']],
    ['one_time', 6, [6 * HOUR - 1, 'first_use'], [6 * HOUR, 'expired']],
    ['permanent', null, [DAY - 1, 'first_use'], [DAY, 'first_use_missed']],
    ['delete', 24, [DAY - 1, 'nothing_to_clear'], [DAY, 'expired']],
  ] as const)('%s of %s h: first use until %j, not at %j', (kind, hours, [last, yes], [late, no]) => {
    const grant = grantOf(kind, START, hours);
    const code = mint(utc, grant);
    expect(reasonOf(utc, code, START - 1)).toBe('not_yet_valid');
    expect(reasonOf(utc, code, START)).toBe(kind === 'delete' ? 'nothing_to_clear' : 'first_use');
    expect(reasonOf(utc, code, START + last)).toBe(yes);
    expect(reasonOf(utc, code, START + late)).toBe(no);
  });

  it('the deadline that plan shows is the lock’s', () => {
    const planned = plan(utc, { startsAt: '2026-03-02T10:20', endsAt: '2026-03-20T10:00' });
    expect(planned.local.firstUseBy).toBe('2026-03-03T10:00:00+00:00');
  });

  it('used in time, a period opens to its end, a permanent code for good, a one-time code never again', () => {
    const end = START + 8760 * HOUR;
    const yearly = mint(utc, grantOf('period', START, 8760));
    const moments = [START + DAY - 1, START + DAY, end - 1, end];
    const reasons = ['first_use', 'used_before', 'used_before', 'expired'];
    expect(keyAt(doorOf(utc), yearly, moments)).toEqual(reasons);
    const forGood = mint(utc, grantOf('permanent', START, null, 19));
    const later = [START, at('2060-01-01T00:00Z')];
    expect(keyAt(doorOf(utc), forGood, later)).toEqual(['first_use', 'used_before']);
    const once = mint(utc, grantOf('one_time', START, 6, 199));
    expect(keyAt(doorOf(utc), once, [START, START + 1])).toEqual(['first_use', 'already_used']);
  });

  it('a delete code takes every used code with it, and no other; it works once', () => {
    const [used = '', other = '', unused = ''] = [3, 30, 40].map((hours) =>
      mint(utc, grantOf('period', START, hours)),
    );
    const forGood = mint(utc, grantOf('permanent', START, null));
    const wipe = mint(utc, grantOf('delete', START, 24));
    let door = doorOf(utc);
    for (const code of [used, other, forGood]) door = key(door, code, START).door;
    const wiped = key(door, wipe, START + 1);
    expect(wiped).toMatchObject({ reason: 'cleared', opens: false });
    for (const code of [used, other, forGood])
      expect(key(wiped.door, code, START + 2).reason).toBe('revoked');
    expect(key(wiped.door, unused, START + 2).reason).toBe('first_use');
    expect(key(wiped.door, wipe, START + 2).reason).toBe('already_used');
  });

  it('deleted and made again for the same window: the same code, still refused', () => {
    const asked = { startsAt: '2026-03-02T10:00', endsAt: '2026-03-09T10:00' };
    const code = codeFor(utc, asked);
    const wipe = codeFor(utc, { startsAt: '2026-03-02T12:00', kind: 'delete' });
    const { door } = key(key(doorOf(utc), code, START).door, wipe, START + 2 * HOUR);
    const again = codeFor(utc, asked);
    expect(again).toBe(code);
    for (const later of [START + 3 * HOUR, START + 5 * DAY])
      expect(key(door, again, later).reason).toBe('revoked');
    expect(codeOf(() => plan(utc, { ...asked, variance: 1 }))).toBe('variance_unavailable');
    const hourLonger = codeFor(utc, { ...asked, endsAt: '2026-03-09T11:00' });
    expect(key(door, hourLonger, START + 3 * HOUR).reason).toBe('first_use');
  });

  it('a reset is a new epoch: no code of the old one opens', () => {
    const code = mint(utc, grantOf('period', START, 100));
    const after = deriveToken(utc, { epoch: 1 });
    const lock = createLock([after]);
    expect(enter(lock, initialState(lock, START), code, START).verdict.accepted).toBe(false);
    expect(mint(after, grantOf('period', START, 100))).not.toBe(code);
  });

  it('remembers 200 codes; a full memory takes a new one when it can drop one that is over', () => {
    let door = doorOf(utc);
    for (let variance = 0; variance < 200; variance++) {
      const entry = key(door, mint(utc, grantOf('one_time', START, 6, variance)), START);
      expect(entry.reason).toBe('first_use');
      door = entry.door;
    }
    expect(door.state.records).toHaveLength(200);
    const code = mint(utc, grantOf('period', START, 30));
    expect(key(door, code, START).reason).toBe('memory_full');
    expect(key(door, code, START + 6 * HOUR - 1).reason).toBe('memory_full');
    const later = key(door, code, START + 6 * HOUR);
    expect(later.reason).toBe('first_use');
    expect(later.door.state.records).toHaveLength(200);
  });

  it('a memory full of permanent codes takes a delete code; new codes that need a record wait for a new epoch', () => {
    const lock = createLock([utc]);
    let door: Door = { lock, state: initialState(lock, START) };
    const used: string[] = [];
    for (let number = 0; number < 200; number++) {
      const start = START + Math.floor(number / 20) * HOUR;
      const code = mint(utc, grantOf('permanent', start, null, number % 20));
      const entry = key(door, code, START + 9 * HOUR);
      expect(entry.reason).toBe('first_use');
      used.push(code);
      ({ door } = entry);
    }
    expect(door.state.records).toHaveLength(200);
    const now = START + 10 * HOUR;
    const fresh = [
      mint(utc, grantOf('period', now, 25)),
      mint(utc, grantOf('one_time', now, 6)),
      mint(utc, grantOf('permanent', now, null)),
      mint(utc, grantOf('daily', now, 2)),
      mint(utc, grantOf('period', now, 24)),
      mint(utc, grantOf('period', now, 1)),
    ];
    const reasons = (where: Door, codes: readonly string[], when: number): readonly string[] =>
      codes.map((code) => key(where, code, when).reason);
    const full = fresh.map(() => 'memory_full');
    expect(reasons(door, fresh, now)).toEqual(full);

    const wipe = mint(utc, grantOf('delete', now, 24));
    const wiped = key(door, wipe, now);
    expect(wiped).toMatchObject({ reason: 'cleared', opens: false });
    ({ door } = wiped);
    expect(new Set(reasons(door, used, now))).toEqual(new Set(['revoked']));
    // No record of its own: used up is only what it could revoke.
    expect(door.state.records.map(({ kind, consumed }) => [kind, consumed])).toEqual(
      used.map(() => ['permanent', true]),
    );
    expect(reasons(door, [wipe], now)).toEqual(['nothing_to_clear']);
    expect(reasons(door, fresh, now)).toEqual(full);
    // Not years later either, and nothing that could not be deleted.
    const years = at('2036-03-03T10:00Z');
    expect(reasons(door, [mint(utc, grantOf('permanent', years, null))], years)).toEqual(['memory_full']);
    expect(reasons(door, [mint(utc, grantOf('period', years, 24))], years)).toEqual(['memory_full']);

    const next = deriveToken(utc, { epoch: 1, keepRoot: true });
    const permanent = mint(next, grantOf('permanent', now, null));
    expect(reasons(door, [permanent], now)).toEqual(['memory_full']);
    const after = key({ lock: createLock([next]), state: door.state }, permanent, now);
    expect(after.reason).toBe('first_use');
    expect(after.door.state.records).toHaveLength(1);
  });

  it('a code that a full memory cannot keep does not open: a delete code would not reach it', () => {
    let door: Door = { lock: createLock([utc]), state: initialState(createLock([utc]), START) };
    const now = START + 10 * HOUR;
    const day = mint(utc, grantOf('period', now - HOUR, 24));
    const other = mint(utc, grantOf('period', now - HOUR, 23));
    for (let number = 0; number < 199; number++) {
      const start = START + Math.floor(number / 20) * HOUR;
      const entry = key(door, mint(utc, grantOf('permanent', start, null, number % 20)), now);
      expect(entry.reason).toBe('first_use');
      ({ door } = entry);
    }
    // The last place.
    ({ door } = key(door, day, now));
    expect(door.state.records).toHaveLength(200);
    const refused = key(door, other, now);
    expect(refused).toMatchObject({ reason: 'memory_full', opens: false });
    const wiped = key(refused.door, mint(utc, grantOf('delete', now, 24)), now);
    expect(wiped.reason).toBe('cleared');
    expect(key(wiped.door, day, now).reason).toBe('revoked');
    expect(key(wiped.door, other, now)).toMatchObject({ reason: 'memory_full', opens: false });
  });

  it('five wrong entries shut the keypad for 300 seconds', () => {
    const code = mint(utc, grantOf('period', START, 5));
    const wrong = mint(utc, grantOf('period', START + 9 * HOUR, 5));
    const wrongs = (count: number): Door =>
      Array.from({ length: count }).reduce<Door>((door) => key(door, wrong, START).door, doorOf(utc));
    expect(key(wrongs(4), code, START).reason).toBe('first_use');
    expect(key(wrongs(5), code, START + 299).reason).toBe('locked_out');
    expect(key(wrongs(5), code, START + 300).reason).toBe('first_use');
    expect(key(wrongs(4), '12345', START).reason).toBe('malformed');
    expect(key(wrongs(4), '1234567890', START).reason).toBe('malformed');
  });
});

describe('settings', () => {
  it.each([[{ digits: 9 }], [[]], ['nx1'], [null]])('refuses %j', (config) => {
    expect(codeOf(() => tokenIn('UTC', ttlock, { config }))).toBe('bad_argument');
  });

  it('says what it is', () => {
    expect(ttlock).toMatchObject({ id: 'ttlock', codes: 'emulated' });
    expect(ttlock.about).toMatch(/^[^.]*open no TTLock lock\.$/);
    expect(mint(tokenIn('UTC', ttlock, { config: {} }), grantOf('period', START, 2))).toBe(
      mint(utc, grantOf('period', START, 2)),
    );
  });
});

describe('any grant', () => {
  const zones = ['Europe/Lisbon', 'Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe'];
  const tokens = zones.map((zone) => tokenIn(zone, ttlock));
  const iso = (instant: number): string => `${new Date(instant * 1000).toISOString().slice(0, 19)}Z`;

  it('is planned, minted and read back; the lock takes it in its window and not outside', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...tokens),
        fc.constantFrom('period', 'one_time', 'permanent'),
        fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2027-12-31T00:00Z') }),
        fc.oneof(
          fc.integer({ min: 2 * HOUR, max: 30 * HOUR }),
          fc.integer({ min: 2 * HOUR, max: 8760 * HOUR }),
        ),
        fc.nat(),
        (token, kind, start, seconds, later) => {
          const [startsAt, endsAt] = [iso(start), iso(start + seconds)];
          const planned = plan(token, kind === 'period' ? { startsAt, endsAt } : { startsAt, kind });
          const { grant, firstUseBy, rounded } = planned;
          expect(grant.kind).toBe(kind);
          expect(rounded.start).toBeGreaterThanOrEqual(0);
          expect(rounded.start).toBeLessThan(HOUR);
          if (kind === 'period') {
            expect(rounded.end).toBeGreaterThan(-HOUR);
            expect(rounded.end).toBeLessThanOrEqual(0);
          }
          const code = mint(token, grant);
          expect(read(token, code, grant.startsAt)).toEqual([grant]);
          const opens = (now: number): boolean => key(doorOf(token), code, now).opens;
          const within = firstUseBy - grant.startsAt;
          for (const after of [0, later % within, within - 1])
            expect(opens(grant.startsAt + after)).toBe(true);
          for (const before of [1, 1 + (later % DAY)]) expect(opens(grant.startsAt - before)).toBe(false);
          for (const after of [0, later % DAY]) expect(opens(firstUseBy + after)).toBe(false);
        },
      ),
      { numRuns: deep(120), seed: 20260302 },
    );
  });
});
