import fc from 'fast-check';
import { mint, read } from 'pintumbler';
import { type PlanRequest, plan } from 'pintumbler/calendar';
import { createLock, enter, initialState } from 'pintumbler/lock';
import { describe, expect, it } from 'vitest';
import { at, codeOf, deep } from '../support/helpers.ts';
import {
  door,
  dynamicAt,
  grant,
  HOUR,
  iso,
  LOGIN_KEY,
  loginKeys,
  plains,
  SDK_T0,
  T0,
  t0s,
  tokenOf,
} from '../support/tuya-door.ts';
import { dynamicLiteral, openLiteral, saidLiteral, sealLiteral, startOf } from '../support/tuya-literal.ts';

/*
 * Tuya's codes: bit for bit those of the published samples and of an independent FF1 and HMAC, and every number of the
 * layout. Its settings, keypads and keys are in tuya-device.test.ts, its lock in tuya-lock.test.ts.
 */

describe('the published samples', () => {
  it.each([
    ['0001000048', '8875954349', grant('multiple', 100, 48)],
    ['0123450720', '0889552925', grant('multiple', 12345, 720)],
    ['1001000001', '5316533010', grant('once', 100, 6, 1)],
    ['1001000010', '3831672521', grant('once', 100, 6, 10)],
    ['8001000048', '3829732730', grant('clear_one', 100, 48)],
    ['9001000000', '8214304970', grant('clear_all', 100, 24)],
  ])('%s is %s', (_, code, said) => {
    expect(mint(door, said)).toBe(code);
    expect(read(door, code, said.startsAt)).toEqual([said]);
  });

  it('the dynamic code takes its offset from byte 17: RFC 4226, with byte 19, would give another', () => {
    const moment = 1610353122;
    expect(mint(door, dynamicAt(moment))).toBe('90242902');
    expect(read(door, '90242902', moment)).toEqual([dynamicAt(moment)]);
    expect(dynamicLiteral(LOGIN_KEY, moment, 19)).toBe('25762679');
    expect(read(door, '25762679', moment)).toEqual([]);
  });
});

describe('beside an independent implementation', () => {
  it('all four types agree both ways, for every login key, T0, start, duration and serial number', () => {
    fc.assert(
      fc.property(loginKeys, t0s, plains, (loginKey, t0, plain) => {
        const token = tokenOf(loginKey, { t0 });
        const said = saidLiteral(t0, plain);
        if (!said) throw new Error('these digits mean something');
        const code = sealLiteral(loginKey, plain);
        expect(mint(token, said)).toBe(code);
        expect(read(token, code, said.startsAt)).toEqual([said]);
        expect(openLiteral(loginKey, code)).toEqual(plain);
      }),
      { numRuns: deep(400) },
    );
  });

  it('any ten digits mean what they decrypt to, or nothing', () => {
    let nothing = 0;
    fc.assert(
      fc.property(loginKeys, t0s, fc.stringMatching(/^\d{10}$/), (loginKey, t0, code) => {
        const said = saidLiteral(t0, openLiteral(loginKey, code));
        if (!said) nothing++;
        expect(read(tokenOf(loginKey, { t0 }), code, said?.startsAt ?? t0)).toEqual(said ? [said] : []);
      }),
      { numRuns: deep(400) },
    );
    // Types 2 to 7, and nearly all of 1 and 9: eight of ten.
    expect(nothing / deep(400)).toBeGreaterThan(0.7);
  });

  it('dynamic codes agree at any time, and read back', () => {
    const times = fc.oneof(
      fc.integer({ min: 600, max: 2 ** 32 }),
      fc.integer({ min: 600, max: 253402300000 }),
    );
    fc.assert(
      fc.property(loginKeys, times, (loginKey, moment) => {
        const token = tokenOf(loginKey);
        const code = dynamicLiteral(loginKey, moment);
        expect(mint(token, dynamicAt(moment))).toBe(code);
        expect(read(token, code, moment)).toContainEqual(dynamicAt(moment));
      }),
      { numRuns: deep(200) },
    );
  });

  it('a code is a string: leading zeros are real', () => {
    const found = Array.from({ length: 60 }, (_, start) => mint(door, grant('multiple', start, 24)));
    expect(found.some((code) => code.startsWith('0'))).toBe(true);
    expect(found.every((code) => /^\d{10}$/.test(code))).toBe(true);
    expect(found).toEqual(
      Array.from({ length: 60 }, (_, start) => sealLiteral(LOGIN_KEY, { type: 0, start, number: 24 })),
    );
  });
});

describe('the numbers of the layout', () => {
  const request = (startsAt: number, endsAt?: number, more: Partial<PlanRequest> = {}): PlanRequest => ({
    startsAt: iso(startsAt),
    ...(endsAt !== undefined && { endsAt: iso(endsAt) }),
    ...more,
  });
  const from = T0 + 50_000 * HOUR;

  it('multiple: 1 to 9,999 hours, in hours', () => {
    for (const hours of [1, 2, 24, 9998, 9999]) {
      expect(plan(door, request(from, from + hours * HOUR)).grant).toEqual(grant('multiple', 50_000, hours));
      expect(mint(door, grant('multiple', 50_000, hours))).toMatch(/^\d{10}$/);
    }
    for (const hours of [0, 0.5, 1.5, 9999.5, 10_000, 10_001])
      expect(codeOf(() => mint(door, grant('multiple', 50_000, hours)))).toBe('off_grid');
    expect(codeOf(() => mint(door, grant('multiple', 50_000.5, 1)))).toBe('off_grid');
    expect(codeOf(() => mint(door, grant('multiple', 50_000, 1, 1)))).toBe('variance_unavailable');
  });

  it('10,000 hours are refused by plan, with the nearest that there is', () => {
    const { kind, startsAt, endsAt } = grant('multiple', 50_000, 9999);
    for (const hours of [10_000, 10_001, 20_000]) {
      for (const maxTimeRounding of ['1h', '1d'] as const) {
        let caught: unknown;
        try {
          plan(door, request(from, from + hours * HOUR, { maxTimeRounding }));
        } catch (error) {
          caught = error;
        }
        const nearest = { kind, startsAt, endsAt };
        expect(caught, `${hours} h, ${maxTimeRounding}`).toMatchObject({ code: 'no_fit', nearest });
      }
    }
    const almost = request(from, from + 10_000 * HOUR - 1);
    expect(plan(door, almost)).toMatchObject({ grant: { endsAt }, warnings: ['ends_early'] });
  });

  it('less than an hour between two hours is refused by plan', () => {
    expect(codeOf(() => plan(door, request(from + 1800, from + 3599)))).toBe('no_fit');
    expect(plan(door, request(from + 1800, from + 3600)).grant).toEqual(grant('multiple', 50_000, 1));
  });

  it('multiple: the first use within 24 hours, or until the end', () => {
    expect(plan(door, request(from, from + 48 * HOUR)).firstUseBy).toBe(from + 24 * HOUR);
    expect(plan(door, request(from, from + 24 * HOUR)).firstUseBy).toBe(from + 24 * HOUR);
    expect(plan(door, request(from, from + 5 * HOUR)).firstUseBy).toBe(from + 5 * HOUR);
  });

  it('both ends are floored to the hour: the guest gets less than asked, and is told', () => {
    const planned = plan(door, request(from + 3599, from + 8 * HOUR + 3599));
    expect(planned.grant).toEqual(grant('multiple', 50_000, 8));
    expect(planned.rounded).toEqual({ start: 3599, end: -3599 });
    expect(planned.warnings).toEqual(['ends_early']);
    expect(plan(door, request(from, from + 8 * HOUR)).warnings).toEqual([]);
  });

  it('hours are those of UTC, also in a zone where they begin at another minute', () => {
    const nepal = tokenOf(LOGIN_KEY, undefined, 'Asia/Kathmandu');
    expect(nepal.gridOffset).toBe(15);
    const { grant: said, local } = plan(nepal, {
      startsAt: '2026-03-01T15:20',
      endsAt: '2026-03-03T11:10',
    });
    expect(said).toMatchObject({ startsAt: at('2026-03-01T09:00Z'), endsAt: at('2026-03-03T05:00Z') });
    expect(local.startsAt).toBe('2026-03-01T14:45:00+05:45');
    expect(mint(nepal, said)).toBe(
      sealLiteral(LOGIN_KEY, { type: 0, start: startOf(SDK_T0, said.startsAt), number: 44 }),
    );
    expect(mint(nepal, grant('multiple', 100, 48))).toBe('8875954349');
  });

  it('once: 6 hours from the hour, serial numbers 0 to 10', () => {
    expect(plan(door, request(from + 1234, undefined, { oneTime: true }))).toMatchObject({
      grant: grant('once', 50_000, 6),
      firstUseBy: from + 6 * HOUR,
      rounded: { start: 1234, end: 0 },
    });
    const codes = Array.from({ length: 11 }, (_, sn) => mint(door, grant('once', 50_000, 6, sn)));
    expect(new Set(codes).size).toBe(11);
    codes.forEach((code, number) => {
      expect(openLiteral(LOGIN_KEY, code)).toEqual({ type: 1, start: 50_000, number });
    });
    for (const sn of [11, 9999])
      expect(codeOf(() => mint(door, grant('once', 50_000, 6, sn)))).toBe('variance_unavailable');
    for (const hours of [1, 5, 7, 24])
      expect(codeOf(() => mint(door, grant('once', 50_000, hours)))).toBe('off_grid');
    expect(codeOf(() => plan(door, request(from, from + 24 * HOUR, { oneTime: true })))).toBe('no_fit');
    expect(codeOf(() => plan(door, request(from, undefined, { oneTime: true, variance: 11 })))).toBe(
      'variance_unavailable',
    );
  });

  it('clear_one: the start and the end of its target; 0 to 9,999 hours', () => {
    const asked = request(from, from + 48 * HOUR, { kind: 'clear_one' });
    expect(plan(door, asked).grant).toEqual(grant('clear_one', 50_000, 48));
    for (const hours of [0, 1, 9999]) {
      const code = mint(door, grant('clear_one', 50_000, hours));
      expect(openLiteral(LOGIN_KEY, code)).toEqual({ type: 8, start: 50_000, number: hours });
    }
    expect(codeOf(() => mint(door, grant('clear_one', 50_000, 10_000)))).toBe('off_grid');
    expect(codeOf(() => mint(door, grant('clear_one', 50_000, 1, 1)))).toBe('variance_unavailable');
    expect(codeOf(() => plan(door, request(from, undefined, { kind: 'clear_one' })))).toBe('bad_argument');
  });

  it('clear_all: 24 hours from the hour, serial numbers 0 to 10', () => {
    const { grant: said } = plan(door, request(from + 60, undefined, { kind: 'clear_all', variance: 10 }));
    expect(said).toEqual(grant('clear_all', 50_000, 24, 10));
    expect(openLiteral(LOGIN_KEY, mint(door, said))).toEqual({ type: 9, start: 50_000, number: 10 });
    expect(codeOf(() => mint(door, grant('clear_all', 50_000, 24, 11)))).toBe('variance_unavailable');
    expect(codeOf(() => mint(door, grant('clear_all', 50_000, 23)))).toBe('off_grid');
  });

  it('dynamic: steps of 300 seconds, the one before and the one after; asked for by a moment', () => {
    for (const moment of [from, from + 1, from + 299]) {
      const { grant: said } = plan(door, request(moment, undefined, { kind: 'dynamic' }));
      expect(said).toEqual({ kind: 'dynamic', variance: 0, startsAt: from - 300, endsAt: from + 600 });
      expect(mint(door, said)).toBe(dynamicLiteral(LOGIN_KEY, moment));
    }
    expect(plan(door, request(from + 300, undefined, { kind: 'dynamic' })).grant.startsAt).toBe(from);
    // Who forgets an end gets no code of ten minutes instead.
    expect(codeOf(() => plan(door, request(from)))).toBe('bad_argument');
    expect(() => plan(door, request(from))).toThrow(/"endsAt"/);
    const wrong = { ...dynamicAt(from), endsAt: from + 300 };
    expect(codeOf(() => mint(door, wrong))).toBe('off_grid');
    expect(codeOf(() => mint(door, { ...dynamicAt(from), variance: 1 }))).toBe('variance_unavailable');
  });

  it('the start takes five digits: 99,999 hours after T0, 11.4 years, are the last', () => {
    const last = at('2031-10-08T17:00Z');
    expect((last - T0) / HOUR).toBe(99_999);
    expect(plan(door, request(last + 1800, last + 5 * HOUR)).grant).toEqual(grant('multiple', 99_999, 5));
    expect(openLiteral(LOGIN_KEY, mint(door, grant('multiple', 99_999, 9999)))).toEqual({
      type: 0,
      start: 99_999,
      number: 9999,
    });
    expect(codeOf(() => plan(door, request(last + HOUR, last + 5 * HOUR)))).toBe('no_fit');
    for (const said of [
      grant('multiple', 100_000, 5),
      grant('once', 100_000, 6),
      grant('clear_one', 100_000, 5),
      grant('clear_all', 100_000, 24),
    ])
      expect(codeOf(() => mint(door, said))).toBe('off_grid');
    // Dynamic codes count from 1970.
    expect(mint(door, dynamicAt(last + 99_999 * HOUR))).toMatch(/^\d{8}$/);
  });

  it('nothing begins before T0', () => {
    expect(codeOf(() => mint(door, grant('multiple', -1, 5)))).toBe('off_grid');
    expect(codeOf(() => plan(door, request(T0 - 1, T0 + HOUR)))).toBe('out_of_range');
    expect(plan(door, request(T0, T0 + HOUR)).grant).toEqual(grant('multiple', 0, 1));
  });

  it('types 2 to 7 and serial numbers above 10 mean nothing', () => {
    for (const type of [2, 3, 4, 5, 6, 7])
      expect(read(door, sealLiteral(LOGIN_KEY, { type, start: 50_000, number: 5 }), from)).toEqual([]);
    for (const type of [1, 9])
      for (const number of [11, 12, 9999])
        expect(read(door, sealLiteral(LOGIN_KEY, { type, start: 50_000, number }), from)).toEqual([]);
  });

  it('no other length is a code', () => {
    for (const code of ['', '1234567', '123456789', '12345678901', '123456789a', '１２３４５６７８'])
      expect(codeOf(() => read(door, code, from))).toBe('code_malformed');
  });

  it('plan → mint → read gives the grant back, in any zone and across clock changes', () => {
    const instants = fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2028-01-01T00:00Z') });
    fc.assert(
      fc.property(
        fc.constantFrom('Europe/Lisbon', 'Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe'),
        instants,
        fc.integer({ min: HOUR, max: 9999 * HOUR }),
        (timeZone, startsAt, length) => {
          const token = tokenOf(LOGIN_KEY, undefined, timeZone);
          const floor = (instant: number): number => instant - (instant % HOUR);
          const { grant: said } = plan(token, { startsAt: iso(startsAt), endsAt: iso(startsAt + length) });
          expect(said).toEqual({
            kind: 'multiple',
            variance: 0,
            startsAt: floor(startsAt),
            endsAt: floor(startsAt + length),
          });
          const code = mint(token, said);
          expect(read(token, code, startsAt)).toEqual([said]);
          const lock = createLock([token]);
          const state = initialState(lock);
          const opens = (instant: number): boolean => enter(lock, state, code, instant).verdict.opens;
          expect(opens(said.startsAt - 1)).toBe(false);
          expect(opens(said.startsAt)).toBe(true);
          expect(opens(startsAt + length + 3600)).toBe(false);
        },
      ),
      { numRuns: deep(60) },
    );
  });
});
