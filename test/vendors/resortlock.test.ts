import fc from 'fast-check';
import { type DeviceToken, deriveToken, mint, read, type WindowGrant } from 'pintumbler';
import { type PlanRequest, plan } from 'pintumbler/calendar';
import { createLock, enter, initialState, type Lock } from 'pintumbler/lock';
import { describe, expect, it } from 'vitest';
import { engineOf } from '../../src/engine.ts';
import { type ResortlockConfig, resortlock } from '../../src/vendors/resortlock.ts';
import { at, codeOf, deep, ending } from '../support/helpers.ts';
import { codeLiteral, deviceKeyLiteral, type LayoutJson } from '../support/sealed-literal.ts';
import { tokenIn } from '../support/vendors.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

const door = (config: ResortlockConfig = {}, zone = 'America/New_York'): DeviceToken =>
  tokenIn(zone, resortlock, { config });

const rl2000 = door();
const rl4000 = door({ model: 'RL4000' });
const utc = door({}, 'UTC');

type Kind = 'duration' | 'one_time';
const KINDS: readonly Kind[] = ['duration', 'one_time'];

const window = (kind: Kind, from: string | number, to: string | number, variance = 0): WindowGrant => ({
  kind,
  variance,
  startsAt: typeof from === 'number' ? from : at(from),
  endsAt: typeof to === 'number' ? to : at(to),
});

const locks = new WeakMap<DeviceToken, Lock>();

/** A lock of one epoch only: the same digits can be a grant of the next. */
const lockOf = (token: DeviceToken): Lock => {
  const lock = locks.get(token) ?? createLock([deriveToken(token)]);
  locks.set(token, lock);
  return lock;
};

const reasonOf = (token: DeviceToken, code: string, when: number): string => {
  const lock = lockOf(token);
  return enter(lock, initialState(lock), code, when).verdict.reason;
};

const iso = (when: number): string => new Date(when * 1000).toISOString();

const START = at('2026-03-02T15:00Z');

describe.each(KINDS)('%s', (kind) => {
  const hours = (count: number, variance = 0): WindowGrant =>
    window(kind, START, START + count * HOUR, variance);
  const ask = (from: string, to: string): PlanRequest => ({
    startsAt: from,
    endsAt: to,
    ...(kind === 'one_time' && { oneTime: true }),
  });

  it.each([
    [1, 10],
    [24, 10],
    [719, 10],
    [720, 10], // 30 days
    [721, 12],
    [2160, 12], // 90 days, where an older FAQ ends
    [8735, 12],
    [8736, 12], // 364 days
  ])('%i hours: %i digits', (count, digits) => {
    for (const token of [rl2000, rl4000]) {
      const grant = hours(count);
      expect(plan(token, ask(iso(START), iso(START + count * HOUR)))).toMatchObject({
        grant,
        firstUseBy: grant.endsAt,
        rounded: { start: 0, end: 0 },
        warnings: [],
        codes: 'emulated',
      });
      const code = mint(token, grant);
      expect(code).toMatch(new RegExp(`^\\d{${digits}}$`));
      expect(read(token, code, START)).toEqual([grant]);
    }
  });

  it('nothing shorter, nothing longer, nothing off the hour', () => {
    expect(codeOf(() => mint(rl2000, hours(8737)))).toBe('off_grid');
    expect(codeOf(() => mint(rl2000, hours(0)))).toBe('off_grid');
    expect(codeOf(() => mint(rl2000, hours(1.5)))).toBe('off_grid');
    expect(codeOf(() => plan(rl2000, ask(iso(START), iso(START + 8738 * HOUR))))).toBe('no_fit');
    for (const off of [1, 900, 1800, 3599])
      for (const count of [3, 800])
        expect(codeOf(() => mint(rl2000, window(kind, START + off, START + off + count * HOUR)))).toBe(
          'off_grid',
        );
  });

  it('times in between are rounded outward, over the border of 30 days too', () => {
    expect(plan(utc, ask('2026-03-02T15:20', '2026-03-02T17:40'))).toMatchObject({
      grant: window(kind, '2026-03-02T15:00Z', '2026-03-02T18:00Z'),
      rounded: { start: 1200, end: 1200 },
    });
    const longer = plan(utc, ask('2026-03-02T15:00', '2026-04-01T15:01')).grant;
    expect(longer).toEqual(window(kind, '2026-03-02T15:00Z', '2026-04-01T16:00Z'));
    expect(mint(utc, longer)).toHaveLength(12);
    // 31 December 23:00 to midnight is asked for; the last hour is within the year, half an hour more is not.
    expect(mint(utc, plan(utc, ask('2026-12-31T22:30', '2026-12-31T23:30')).grant)).toHaveLength(10);
    expect(mint(utc, plan(utc, ask('2026-12-31T22:30', '2027-01-01T00:30')).grant)).toHaveLength(12);
  });

  it('RL2000 has one code a window, RL4000 four', () => {
    for (const count of [3, 720, 721, 8736]) {
      expect(codeOf(() => mint(rl2000, hours(count, 1)))).toBe('variance_unavailable');
      const codes = [0, 1, 2, 3].map((variance) => mint(rl4000, hours(count, variance)));
      expect(new Set(codes).size).toBe(4);
      codes.forEach((code, variance) => {
        expect(read(rl4000, code, START)).toEqual([hours(count, variance)]);
        expect(reasonOf(rl4000, code, START)).toBe('first_use');
      });
      expect(codeOf(() => mint(rl4000, hours(count, 4)))).toBe('variance_unavailable');
      const request = ask(iso(START), iso(START + count * HOUR));
      expect(plan(rl4000, { ...request, variance: 3 }).grant.variance).toBe(3);
      expect(codeOf(() => plan(rl4000, { ...request, variance: 4 }))).toBe('variance_unavailable');
    }
  });

  it('opens from its first second to its last, first use whenever', () => {
    for (const count of [3, 8736]) {
      const { startsAt, endsAt } = ending(hours(count));
      const code = mint(rl2000, hours(count));
      expect(reasonOf(rl2000, code, startsAt - 1)).toBe('not_yet_valid');
      expect(reasonOf(rl2000, code, startsAt)).toBe('first_use');
      expect(reasonOf(rl2000, code, endsAt - 1)).toBe('first_use');
      expect(reasonOf(rl2000, code, endsAt)).toBe('expired');
    }
  });

  it('a one-time code opens once, a duration code as often as one likes', () => {
    for (const count of [3, 8736]) {
      const lock = lockOf(rl2000);
      const code = mint(rl2000, hours(count));
      const { charged, state } = enter(lock, initialState(lock), code, START);
      for (const after of [charged, state])
        expect(enter(lock, after, code, START + 1).verdict.reason).toBe(
          kind === 'one_time' ? 'already_used' : 'used_before',
        );
    }
  });
});

describe('the year end', () => {
  const digits = (token: DeviceToken, from: string, to: string): number => {
    const grant = window('duration', from, to);
    const code = mint(token, grant);
    expect(read(token, code, grant.startsAt)).toEqual([grant]);
    expect(reasonOf(token, code, grant.startsAt)).toBe('first_use');
    return code.length;
  };

  it('10 digits up to it, 12 over it', () => {
    expect(digits(utc, '2026-12-31T23:00Z', '2027-01-01T00:00Z')).toBe(10);
    expect(digits(utc, '2026-12-31T23:00Z', '2027-01-01T01:00Z')).toBe(12);
    expect(digits(utc, '2027-01-01T00:00Z', '2027-01-01T01:00Z')).toBe(10);
    expect(digits(utc, '2026-12-02T00:00Z', '2027-01-01T00:00Z')).toBe(10);
    expect(digits(utc, '2026-12-02T01:00Z', '2027-01-01T01:00Z')).toBe(12);
    expect(digits(utc, '2027-12-31T12:00Z', '2028-01-01T12:00Z')).toBe(12);
  });

  it('of the local year, not of UTC’s', () => {
    const nepal = door({}, 'Asia/Kathmandu'); // UTC+5:45
    expect(digits(nepal, '2026-12-31T23:00+05:45', '2027-01-01T00:00+05:45')).toBe(10);
    expect(digits(nepal, '2026-12-31T23:00+05:45', '2027-01-01T01:00+05:45')).toBe(12);
    expect(digits(nepal, '2027-01-01T05:00+05:45', '2027-01-01T07:00+05:45')).toBe(10); // over UTC's
    expect(codeOf(() => digits(nepal, '2026-12-31T23:00Z', '2027-01-01T00:00Z'))).toBe('off_grid');
    const { grant } = plan(nepal, { startsAt: '2026-12-31T23:00', endsAt: '2027-01-01T01:00' });
    expect(grant).toEqual(window('duration', '2026-12-31T17:15Z', '2026-12-31T19:15Z'));
    expect(digits(rl2000, '2026-12-31T23:00-05:00', '2027-01-01T00:00-05:00')).toBe(10);
    expect(digits(rl2000, '2026-12-31T23:00-05:00', '2027-01-01T01:00-05:00')).toBe(12);
  });

  it('in the lock’s standard time: an hour after midnight, where that falls into summer', () => {
    const sydney = door({}, 'Australia/Sydney');
    expect(digits(sydney, '2026-12-31T23:00+11:00', '2027-01-01T01:00+11:00')).toBe(10);
    expect(digits(sydney, '2026-12-31T23:00+11:00', '2027-01-01T02:00+11:00')).toBe(12);
  });

  it('hours are hours, over a change of the clock too', () => {
    // 30 days of New York's wall clock that have 721 hours.
    const { grant } = plan(rl2000, { startsAt: '2026-10-15T12:00', endsAt: '2026-11-14T12:00' });
    expect(grant).toEqual(window('duration', '2026-10-15T16:00Z', '2026-11-14T17:00Z'));
    expect(mint(rl2000, grant)).toHaveLength(12);
  });

  it('12 digits that say what 10 digits say mean nothing', () => {
    for (const [token, kinds] of [
      [rl2000, KINDS],
      [rl4000, KINDS],
    ] as const)
      for (const kind of kinds.keys())
        for (const hours of [1, 3, 720]) {
          const { codec, grid } = engineOf(token).books[1] ?? expect.fail('no second table');
          const slot = (START - grid.origin) / HOUR;
          const claim = { kind, slot, length: hours - 1, variance: 0, lane: '' };
          const forged = codec.encode(claim);
          expect(forged).toMatch(/^\d{12}$/);
          expect(read(token, forged, START)).toEqual([]);
          expect(reasonOf(token, forged, START)).toBe('unknown');
          // One hour more, and only 12 digits can say it.
          const said = codec.encode({ ...claim, length: 720 });
          expect(reasonOf(token, said, START)).toBe('first_use');
        }
  });
});

describe('layouts', () => {
  it.each([
    ['RL2000', 10, 'resortlock-10/1', 1440, 720, 1],
    ['RL2000', 12, 'resortlock-12/1', 17_472, 8736, 1],
    ['RL4000', 10, 'resortlock-rl4000-10/1', 5760, 720, 4],
    ['RL4000', 12, 'resortlock-rl4000-12/1', 69_888, 8736, 4],
  ] as const)(
    '%s, %i digits: %s, S %i, by a second implementation',
    (model, digits, id, s, hours, variances) => {
      const lengths = { from: HOUR, to: hours * HOUR, step: HOUR };
      const layout: LayoutJson = {
        id,
        digits,
        grid_seconds: HOUR,
        s,
        kinds: KINDS.map((kind) => ({ kind, variances, lengths })),
      };
      const key = deviceKeyLiteral(new Uint8Array(32).fill(0x5a), 'door-1', 0);
      const slot = (START - at('2020-01-01T00:00Z')) / HOUR;
      for (const kind of KINDS)
        for (const variance of [0, variances - 1]) {
          const code = codeLiteral(key, layout, '', kind, slot, hours * HOUR, variance);
          expect(mint(door({ model }), window(kind, START, START + hours * HOUR, variance))).toBe(code);
        }
    },
  );

  it('a lock of the other model knows none of the codes', () => {
    for (const hours of [3, 8736]) {
      const grant = window('duration', START, START + hours * HOUR);
      expect(reasonOf(rl4000, mint(rl2000, grant), START)).toBe('unknown');
      expect(reasonOf(rl2000, mint(rl4000, grant), START)).toBe('unknown');
    }
    for (const length of [8, 9, 11, 13])
      expect(reasonOf(rl2000, '0'.repeat(length), START)).toBe('malformed');
  });

  it('a change of dates is a new code, and nothing cancels the old one', () => {
    const stay = window('duration', START, START + 48 * HOUR);
    const shorter = window('duration', START, START + 24 * HOUR);
    const lock = lockOf(rl2000);
    let { state } = enter(lock, initialState(lock), mint(rl2000, shorter), START);
    expect(mint(rl2000, shorter)).not.toBe(mint(rl2000, stay));
    ({ state } = enter(lock, state, mint(rl2000, stay), START + 30 * HOUR));
    expect(enter(lock, state, mint(rl2000, stay), START + 31 * HOUR).verdict.reason).toBe('used_before');
    for (const kind of ['clear', 'clear_one', 'clear_all', 'delete'])
      expect(codeOf(() => plan(rl2000, { startsAt: iso(START), kind }))).toBe('kind_unknown');
  });

  it.each([{ model: 'RL3000' }, { model: 'rl2000' }, { model: 4000 }, { model: null }])(
    '%o is refused',
    (config) => {
      expect(codeOf(() => tokenIn('UTC', resortlock, { config }))).toBe('config_invalid');
    },
  );

  it('unknown settings are refused, no settings are RL2000', () => {
    for (const config of [{ models: 'RL2000' }, { serial: '1' }, null, 'RL2000', ['RL2000']])
      expect(codeOf(() => tokenIn('UTC', resortlock, { config }))).toBe('bad_argument');
    expect(door({ model: 'RL2000' }).rules).toEqual(tokenIn('UTC', resortlock).rules);
  });
});

describe('the lock', () => {
  it('is dead for five minutes after five wrong codes in a row', () => {
    const lock = lockOf(rl2000);
    const code = mint(rl2000, window('duration', START, START + HOUR));
    let state = initialState(lock);
    const key = (digits: string, after: number): string => {
      const entry = enter(lock, state, digits, START + after);
      ({ state } = entry);
      return entry.verdict.reason;
    };
    for (let i = 0; i < 4; i++) expect(key(code, i - 10)).toBe('not_yet_valid');
    expect(key(code, 0)).toBe('first_use');
    for (let i = 0; i < 5; i++) expect(key('0000000000', i)).not.toBe('locked_out');
    expect(key(code, 4)).toBe('locked_out');
    expect(key(code, 303)).toBe('locked_out');
    expect(key(code, 304)).toBe('used_before');
  });

  it('remembers 128 codes: more one-time codes are refused, duration codes open without', () => {
    const lock = lockOf(rl2000);
    let state = initialState(lock);
    const use = (kind: Kind, hours: number): string => {
      const entry = enter(lock, state, mint(rl2000, window(kind, START, START + hours * HOUR)), START);
      ({ state } = entry);
      return entry.verdict.reason;
    };
    for (let hours = 1; hours <= 128; hours++) expect(use('one_time', hours)).toBe('first_use');
    expect(use('one_time', 129)).toBe('memory_full');
    expect(use('one_time', 128)).toBe('already_used');
    expect(use('duration', 129)).toBe('first_use');
  });
});

describe('how many codes open at a moment', () => {
  const sum = (lengths: readonly number[]): number => lengths.reduce((total, hours) => total + hours, 0);
  const upTo = (longest: number): readonly number[] => Array.from({ length: longest }, (_, i) => i + 1);

  /** Of each length, as many starts open at a moment as it has hours: the first is the earliest, none is before. */
  function check(token: DeviceToken, kind: Kind, hours: number, moment: number): void {
    const code = (ago: number): string =>
      mint(token, window(kind, moment - ago * HOUR, moment + (hours - ago) * HOUR));
    expect(reasonOf(token, code(0), moment)).toBe('first_use');
    expect(reasonOf(token, code(hours - 1), moment)).toBe('first_use');
    expect(reasonOf(token, code(hours), moment)).toBe('expired');
    expect(reasonOf(token, code(-1), moment)).toBe('not_yet_valid');
  }

  it('10 digits: 519,120 in summer, four times that for RL4000', () => {
    const summer = at('2026-07-15T12:00Z');
    for (const kind of KINDS) for (const hours of upTo(720)) check(utc, kind, hours, summer);
    expect(2 * sum(upTo(720))).toBe(519_120);
    expect((2 * 259_560) / 10 ** 10).toBeLessThan(1e-4);
    expect((4 * 519_120) / 10 ** 10).toBeGreaterThan(1e-4);
  });

  it('12 digits: 76 million around the year end', () => {
    const midnight = at('2027-01-01T00:00Z');
    for (const kind of KINDS)
      for (let hours = 2; hours <= 8736; hours += 97) check(utc, kind, hours, midnight);
    // Those that begin with the year are of 10 digits, up to 30 days of them.
    expect(2 * (sum(upTo(8736)) - 720)).toBe(76_324_992);
    expect(76_324_992 / 10 ** 12).toBeLessThan(1e-4);
    expect((4 * 76_324_992) / 10 ** 12).toBeGreaterThan(1e-4);
  });

  it('so the vendor says that one guess in ten thousand opens it', () => {
    expect(resortlock.guessable).toBe('one guess in ten thousand or fewer opens this lock');
    expect(resortlock).toMatchObject({ id: 'resortlock', codes: 'emulated' });
    expect(resortlock.about).toMatch(/open no ResortLock/);
  });
});

it('plan → mint → read gives the grant back, and the lock takes it in its window and nowhere else', () => {
  const any = fc.record({
    model: fc.constantFrom('RL2000', 'RL4000'),
    zone: fc.constantFrom('Europe/Lisbon', 'Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe'),
    start: fc.integer({ min: at('2021-01-01T00:00Z'), max: at('2034-01-01T00:00Z') }),
    length: fc.oneof(fc.integer({ min: 60, max: 40 * DAY }), fc.integer({ min: 60, max: 363 * DAY })),
    oneTime: fc.boolean(),
    variance: fc.nat(3),
  });
  fc.assert(
    fc.property(any, ({ model, zone, start, length, oneTime, variance }) => {
      const token = door({ model }, zone);
      const planned = plan(token, {
        startsAt: iso(start),
        endsAt: iso(start + length),
        oneTime,
        ...(model === 'RL4000' && { variance }),
      });
      const { startsAt, endsAt } = ending(planned.grant);
      expect(startsAt).toBeLessThanOrEqual(start);
      expect(endsAt).toBeGreaterThanOrEqual(start + length);
      const code = mint(token, planned.grant);
      // Standard time is the smaller offset of the two halves of the year.
      const standard =
        { 'Europe/Lisbon': 0, 'Asia/Kathmandu': 20_700, 'America/New_York': -18_000 }[zone as string] ??
        37_800;
      const year = (when: number): number => new Date((when + standard) * 1000).getUTCFullYear();
      const short = endsAt - startsAt <= 30 * DAY && year(startsAt) === year(endsAt - 1);
      expect(code).toHaveLength(short ? 10 : 12);
      expect(read(token, code, startsAt)).toEqual([planned.grant]);
      const opens = (when: number): boolean => reasonOf(token, code, when) === 'first_use';
      expect([startsAt - 1, startsAt, start, endsAt - 1, endsAt].map(opens)).toEqual([
        false,
        true,
        true,
        true,
        false,
      ]);
    }),
    { numRuns: deep(200) },
  );
});
