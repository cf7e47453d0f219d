import fc from 'fast-check';
import { createToken, mint, read, type WindowGrant } from 'pintumbler';
import { plan } from 'pintumbler/calendar';
import { enter } from 'pintumbler/lock';
import { describe, expect, it } from 'vitest';
import { sentrilock } from '../../src/vendors/sentrilock.ts';
import { type Door, doorOf, key, keyAt, reasonOf } from '../support/door.ts';
import { at, codeOf, deep } from '../support/helpers.ts';
import { tokenIn } from '../support/vendors.ts';

const HOUR = 3600;
const DAY = 86_400;

const utc = tokenIn('UTC', sentrilock);
const NOON = at('2026-03-02T12:00Z');

const flex = (startsAt: number, hours: number, variance: number = 0): WindowGrant => ({
  kind: 'flex',
  variance,
  startsAt,
  endsAt: startsAt + hours * HOUR,
});

/** The 1-Day Code of a date in UTC. */
const oneDay = (date: string): WindowGrant => ({
  kind: 'one_day',
  variance: 0,
  startsAt: at(`${date}T08:00Z`),
  endsAt: at(`${date}T00:00Z`) + DAY,
});

describe('1-Day Code', () => {
  const grant = oneDay('2026-03-02');
  const code = mint(utc, grant);
  const from = (time: string): number => at(`2026-03-02T${time}Z`);

  it('has seven digits, one code a date', () => {
    expect(code).toBe('0594895');
    expect(read(utc, code, NOON)).toEqual([grant]);
    expect(codeOf(() => mint(utc, { ...grant, variance: 1 }))).toBe('variance_unavailable');
  });

  it.each([
    ['07:59:59', 'not_yet_valid'],
    ['08:00:00', 'first_use'],
    ['21:59:59', 'first_use'],
    ['22:00:00', 'first_use_missed'],
    ['23:59:59', 'first_use_missed'],
  ])('showing hours: first keyed in at %s: %s', (time, reason) => {
    expect(reasonOf(utc, code, from(time))).toBe(reason);
  });

  it('is dead from midnight on', () => {
    expect(reasonOf(utc, code, at('2026-03-03T00:00Z'))).toBe('expired');
    expect(reasonOf(utc, code, at('2026-03-03T09:00Z'))).toBe('expired');
  });

  it.each(['08:00:00', '11:30:15', '21:59:59'])('first used at %s, it is good for one hour more', (time) => {
    const first = from(time);
    const moments = [first, first + 1, first + 3599, first + 3600, first + 7200];
    const reasons = ['first_use', 'used_before', 'used_before', 'expired', 'expired'];
    expect(keyAt(doorOf(utc), code, moments)).toEqual(reasons);
  });

  it('its date is the local one, also when the clocks change', () => {
    const berlin = tokenIn('Europe/Berlin', sentrilock);
    for (const date of ['2026-03-29', '2026-07-01', '2026-10-25']) {
      const { local } = plan(berlin, { kind: 'one_day', startsAt: `${date}T08:00` });
      expect(local.startsAt).toContain(`${date}T08:00:00`);
      expect(local.firstUseBy).toContain(`${date}T22:00:00`);
      expect(local.endsAt).toMatch(/T00:00:00/);
    }
    const kathmandu = tokenIn('Asia/Kathmandu', sentrilock);
    const { grant: there } = plan(kathmandu, { kind: 'one_day', startsAt: '2026-03-02T08:00' });
    expect(there).toMatchObject({ startsAt: at('2026-03-02T02:15Z'), endsAt: at('2026-03-02T18:15Z') });
  });

  it.each([
    ['a day later', grant.startsAt, (grant.endsAt ?? 0) + DAY],
    ['an hour later', grant.startsAt + HOUR, grant.endsAt],
    ['the whole day', grant.startsAt - 8 * HOUR, grant.endsAt],
    ['until 22:00', grant.startsAt, (grant.endsAt ?? 0) - 2 * HOUR],
  ])('says no other window: %s', (_, startsAt, endsAt) => {
    expect(codeOf(() => mint(utc, { ...grant, startsAt, endsAt }))).toBe('off_grid');
  });

  it('is asked for by name: a start at 08:00, or any time of the day with a day of rounding', () => {
    const kind = 'one_day';
    expect(plan(utc, { kind, startsAt: '2026-03-02T08:00' }).grant).toEqual(grant);
    expect(plan(utc, { kind, startsAt: '2026-03-02T09:00' }).grant).toEqual(grant);
    expect(codeOf(() => plan(utc, { kind, startsAt: '2026-03-02T09:01' }))).toBe('no_fit');
    const byDay = plan(utc, { kind, startsAt: '2026-03-02T15:20', maxTimeRounding: '1d' });
    expect(byDay.grant).toEqual(grant);
    expect(byDay.local.firstUseBy).toBe('2026-03-02T22:00:00+00:00');
    expect(codeOf(() => plan(utc, { startsAt: '2026-03-02T08:00' }))).toBe('bad_argument');
    const bare = createToken({
      vendor: sentrilock,
      deviceId: 'd',
      root: new Uint8Array(32),
      timeZone: 'UTC',
    });
    expect(codeOf(() => plan(bare, { kind, startsAt: '2026-03-02T08:00' }))).toBe('zone_required');
  });

  it('is made at most two weeks ahead', () => {
    const asked = { kind: 'one_day', startsAt: '2026-03-02T08:00' };
    expect(plan(utc, { ...asked, issuedAt: '2026-02-16T08:00' }).grant).toEqual(grant);
    expect(codeOf(() => plan(utc, { ...asked, issuedAt: '2026-02-16T07:59:59' }))).toBe('out_of_range');
    expect(codeOf(() => plan(utc, { ...asked, issuedAt: '2025-02-16T08:00' }))).toBe('out_of_range');
    expect(plan(utc, asked).grant).toEqual(grant);
    const window = { startsAt: '2026-03-02T08:00', endsAt: '2026-03-02T10:00', issuedAt: '2025-02-16T08:00' };
    expect(plan(utc, window).grant.kind).toBe('flex');
  });
});

describe('FlexCode', () => {
  it.each([
    [0.5, 0, '912347039512'],
    [0.5, 3, '739542296197'],
    [2, 0, '481082613054'],
    [744, 3, '804869923963'],
  ])('twelve digits: %i h, variance %i is %s', (hours, variance, digits) => {
    const grant = flex(NOON, hours, variance);
    const code = mint(utc, grant);
    expect(code).toBe(digits);
    expect(read(utc, code, NOON)).toEqual([grant]);
  });

  it.each([0.25, 0.75, 1.25, 744.5, 745])('%i h cannot be said', (hours) => {
    expect(codeOf(() => mint(utc, flex(NOON, hours)))).toBe('off_grid');
  });

  it('begins on the hour or half hour', () => {
    expect(codeOf(() => mint(utc, flex(NOON + 1800, 1)))).toBe('no error');
    for (const off of [1, 60, 900, 1799, 2700])
      expect(codeOf(() => mint(utc, flex(NOON + off, 1)))).toBe('off_grid');
  });

  it('four codes for one window', () => {
    const codes = new Set([0, 1, 2, 3].map((variance) => mint(utc, flex(NOON, 2, variance))));
    expect(codes.size).toBe(4);
    expect(codeOf(() => mint(utc, flex(NOON, 2, 4)))).toBe('variance_unavailable');
  });

  it.each([
    ['2026-03-02T12:00', '2026-03-02T14:00', '12:00', '14:00'],
    ['2026-03-02T12:20', '2026-03-02T14:10', '12:00', '14:30'],
    ['2026-03-02T12:29', '2026-03-02T12:30', '12:00', '12:30'],
    ['2026-03-02T12:31', '2026-03-02T13:01', '12:30', '13:30'],
    // As long as a 1-Day Code, which dies an hour after its first use.
    ['2026-03-02T08:00', '2026-03-03T00:00', '08:00', '00:00'],
  ])('%s to %s is rounded outward to %s and %s', (startsAt, endsAt, from, to) => {
    for (const maxTimeRounding of ['1h', '1d'] as const) {
      const { grant, local, warnings } = plan(utc, { startsAt, endsAt, maxTimeRounding });
      expect(grant.kind).toBe('flex');
      expect(local.startsAt.slice(11, 16)).toBe(from);
      expect(local.endsAt?.slice(11, 16)).toBe(to);
      expect(warnings).toEqual([]);
    }
  });

  it('31 days and not more', () => {
    const startsAt = '2026-03-02T12:00';
    expect(plan(utc, { startsAt, endsAt: '2026-04-02T12:00' }).grant).toEqual(flex(NOON, 744));
    expect(codeOf(() => plan(utc, { startsAt, endsAt: '2026-04-02T12:01' }))).toBe('no_fit');
    expect(codeOf(() => plan(utc, { startsAt, endsAt: '2026-05-02T12:00' }))).toBe('no_fit');
  });

  it.each([
    ['Asia/Kathmandu', '+05:45'],
    ['Asia/Kolkata', '+05:30'],
    ['Australia/Lord_Howe', '+11:00'],
    ['America/New_York', '-05:00'],
  ])('half hours are local ones: %s', (zone, offset) => {
    const token = tokenIn(zone, sentrilock);
    const { local } = plan(token, { startsAt: '2026-01-10T12:40', endsAt: '2026-01-10T14:10' });
    expect(local).toMatchObject({
      startsAt: `2026-01-10T12:30:00${offset}`,
      endsAt: `2026-01-10T14:30:00${offset}`,
    });
  });

  it('goes by the wall clock when the clocks change', () => {
    const berlin = tokenIn('Europe/Berlin', sentrilock);
    const spring = plan(berlin, { startsAt: '2026-03-28T15:00', endsAt: '2026-03-30T11:00' });
    expect(spring.grant).toEqual(flex(at('2026-03-28T14:00Z'), 43));
    expect(spring.local.endsAt).toBe('2026-03-30T11:00:00+02:00');
    // 31 days of the calendar with an hour that comes twice are an hour more than it can say.
    const autumn = plan(berlin, { startsAt: '2026-10-01T12:00', endsAt: '2026-11-01T12:00' });
    expect(autumn.grant).toEqual(flex(at('2026-10-01T10:00Z'), 744));
    expect(autumn.warnings).toEqual(['ends_early']);
  });

  it('opens from its start to its end, for the first time too', () => {
    const code = mint(utc, flex(NOON, 744, 3));
    const end = NOON + 31 * DAY;
    expect(reasonOf(utc, code, NOON - 1)).toBe('not_yet_valid');
    expect(reasonOf(utc, code, NOON)).toBe('first_use');
    expect(reasonOf(utc, code, end - 1)).toBe('first_use');
    expect(reasonOf(utc, code, end)).toBe('expired');
    const moments = [NOON, NOON + 3600, end - 1, end];
    const reasons = ['first_use', 'used_before', 'used_before', 'expired'];
    expect(keyAt(doorOf(utc), code, moments)).toEqual(reasons);
  });
});

describe('the box', () => {
  /** After codes of four windows, four of each, were keyed in. */
  function crowded(count: number): Door {
    let door = doorOf(utc);
    for (let i = 0; i < count; i++) {
      const entry = key(door, mint(utc, flex(NOON, 2 + (i >> 2), i % 4)), NOON);
      expect(entry.reason).toBe('first_use');
      door = entry.door;
    }
    return door;
  }

  it('takes 16 FlexCodes that overlap, and no 17th', () => {
    const code = mint(utc, flex(NOON, 12));
    expect(key(crowded(15), code, NOON).reason).toBe('first_use');
    const full = crowded(16);
    expect(key(full, code, NOON).reason).toBe('memory_full');
    expect(key(full, mint(utc, flex(NOON, 2, 0)), NOON).reason).toBe('used_before');
    // Four are over at 14:00: until then a code of 13:30 meets them, from then on it does not.
    const half = mint(utc, flex(NOON + 1.5 * HOUR, 4));
    expect(key(full, half, NOON + 2 * HOUR - 1).reason).toBe('memory_full');
    expect(key(full, half, NOON + 2 * HOUR).reason).toBe('first_use');
    expect(key(full, code, NOON + 2 * HOUR).reason).toBe('first_use');
    // A 1-Day Code is not one of the 16.
    expect(key(full, mint(utc, oneDay('2026-03-02')), NOON).reason).toBe('first_use');
  });

  it('counts those that are not over, four more when four are: again 16, and no 17th', () => {
    let door = crowded(16);
    for (const variance of [0, 1, 2, 3]) {
      const entry = key(door, mint(utc, flex(NOON, 24, variance)), NOON + 2 * HOUR);
      expect(entry.reason).toBe('first_use');
      ({ door } = entry);
    }
    expect(door.state.records).toHaveLength(20);
    expect(key(door, mint(utc, flex(NOON, 25)), NOON + 2 * HOUR).reason).toBe('memory_full');
    // A clock that goes backward has all 20 again.
    expect(key(door, mint(utc, flex(NOON, 25)), NOON).reason).toBe('memory_full');
    expect(key(door, mint(utc, flex(NOON, 25)), NOON + 3 * HOUR).reason).toBe('first_use');
  });

  it('remembers 64 codes, drops the one that was over first, and does not take that again', () => {
    let door = doorOf(utc);
    const codes = Array.from({ length: 65 }, (_, i) => mint(utc, flex(NOON + i * 1800, 0.5)));
    codes.forEach((code, i) => {
      const entry = key(door, code, NOON + i * 1800);
      expect(entry.reason).toBe('first_use');
      door = entry.door;
      expect(door.state.records).toHaveLength(Math.min(i + 1, 64));
    });
    expect(door.state.forgottenUntil).toBe(NOON + 1800);
    expect(key(door, codes[0] ?? '', NOON).reason).toBe('expired');
    expect(key(door, codes[1] ?? '', NOON + 1800).reason).toBe('used_before');
  });

  it('five wrong entries shut the keypad for 300 seconds', () => {
    const code = mint(utc, flex(NOON, 2));
    const wrong = mint(utc, flex(NOON + DAY, 2));
    const wrongs = (count: number): Door =>
      Array.from({ length: count }).reduce<Door>((door) => key(door, wrong, NOON).door, doorOf(utc));
    expect(key(wrongs(4), code, NOON).reason).toBe('first_use');
    expect(key(wrongs(5), code, NOON + 299).reason).toBe('locked_out');
    expect(key(wrongs(5), code, NOON + 300).reason).toBe('first_use');
    for (const digits of [6, 8, 11, 13])
      expect(key(wrongs(4), '1'.repeat(digits), NOON).reason).toBe('malformed');
  });
});

describe('V, by keying the codes in', () => {
  const now = NOON + 600;
  const box = doorOf(utc);

  it('7 digits: one code, that of today', () => {
    const dates = Array.from({ length: 40 }, (_, i) =>
      new Date((NOON + (i - 20) * DAY) * 1000).toISOString().slice(0, 10),
    );
    expect(dates.filter((date) => key(box, mint(utc, oneDay(date)), now).opens)).toEqual(['2026-03-02']);
  });

  it('12 digits: 4,431,264 codes: 4.4 in a million', () => {
    // Every 53rd length: so many half hours long, so many starts.
    for (let halves = 1; halves <= 1488; halves += 53) {
      let open = 0;
      for (let back = -2; back < halves + 2; back++) {
        const grant = flex(NOON - back * 1800, halves / 2, Math.abs(back) % 4);
        if (enter(box.lock, box.state, mint(utc, grant), now).verdict.accepted) open++;
      }
      expect(open).toBe(halves);
    }
    const worst = (4 * 1488 * 1489) / 2;
    expect(worst).toBe(4_431_264);
    expect(worst / 1e12).toBeLessThan(1e-4);
    expect(sentrilock.guessable).toBeUndefined();
  });
});

describe('settings', () => {
  it.each([[{ digits: 7 }], [[]], ['smac'], [null]])('refuses %j', (config) => {
    expect(codeOf(() => tokenIn('UTC', sentrilock, { config }))).toBe('bad_argument');
  });

  it('says what it is', () => {
    expect(sentrilock).toMatchObject({ id: 'sentrilock', codes: 'emulated' });
    expect(sentrilock.about).toMatch(/^[^.]*open no SentriLock box\.$/);
    const empty = tokenIn('UTC', sentrilock, { config: {} });
    expect(mint(empty, flex(NOON, 2))).toBe(mint(utc, flex(NOON, 2)));
    for (const kind of ['contractor', 'smac', 'one_time'])
      expect(codeOf(() => plan(utc, { kind, startsAt: '2026-03-02T08:00' }))).toBe('kind_unknown');
    expect(codeOf(() => plan(utc, { oneTime: true, startsAt: '2026-03-02T08:00' }))).toBe('kind_unknown');
  });
});

describe('any grant', () => {
  const zones = ['Europe/Lisbon', 'Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe'];
  const tokens = zones.map((zone) => tokenIn(zone, sentrilock));
  const iso = (instant: number): string => `${new Date(instant * 1000).toISOString().slice(0, 19)}Z`;

  it('is planned, minted and read back; the box takes it in its window and not outside', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...tokens),
        fc.constantFrom('flex', 'one_day'),
        fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2027-12-31T00:00Z') }),
        fc.integer({ min: 1, max: 30 * DAY }),
        fc.nat(),
        (token, kind, start, seconds, later) => {
          const date = iso(start).slice(0, 10);
          const planned = plan(
            token,
            kind === 'flex'
              ? { startsAt: iso(start), endsAt: iso(start + seconds) }
              : { startsAt: `${date}T08:00`, kind },
          );
          const { grant, firstUseBy, rounded } = planned;
          expect(grant.kind).toBe(kind);
          if (kind === 'flex') {
            for (const each of [rounded.start, rounded.end]) {
              expect(each).toBeGreaterThanOrEqual(0);
              expect(each).toBeLessThan(1800);
            }
          } else {
            expect(rounded).toEqual({ start: 0, end: 0 });
            expect(planned.local.startsAt).toContain(`${date}T08:00:00`);
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
      { numRuns: deep(150), seed: 20260302 },
    );
  });
});
