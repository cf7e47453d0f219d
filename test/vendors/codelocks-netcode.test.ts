import fc from 'fast-check';
import { type DeviceToken, deriveToken, mint, read, type WindowGrant } from 'pintumbler';
import { type PlanRequest, plan } from 'pintumbler/calendar';
import { createLock, enter, initialState, type Lock, type LockState } from 'pintumbler/lock';
import { describe, expect, it } from 'vitest';
import { type CodelocksNetcodeConfig, codelocksNetcode } from '../../src/vendors/codelocks-netcode.ts';
import { at, codeOf, deep, ending } from '../support/helpers.ts';
import { codeLiteral, deviceKeyLiteral, type LayoutJson } from '../support/sealed-literal.ts';
import { tokenIn } from '../support/vendors.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

const door = (config: CodelocksNetcodeConfig = {}, zone = 'Europe/Lisbon'): DeviceToken =>
  tokenIn(zone, codelocksNetcode, { config });

const standard = door();
const acc = door({ mode: 'acc' });
const urm = door({ mode: 'urm' });
const endDate = door({ mode: 'end_date' });
const day24 = door({ mode: '24h' });

const grant = (kind: string, from: string | number, to: string | number, variance = 0): WindowGrant => ({
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

/** What a lock that has just been put up says. */
const reasonOf = (token: DeviceToken, code: string, when: number): string => {
  const lock = lockOf(token);
  return enter(lock, initialState(lock), code, when).verdict.reason;
};

/** A window that begins at midnight UTC of 2026-01-05 (winter in Lisbon) or, in hours, at 15:00 of that day. */
const START = { hours: at('2026-01-05T15:00Z'), days: at('2026-01-05T00:00Z') };
const iso = (when: number): string => new Date(when * 1000).toISOString();

const KINDS = [
  ['standard', 'hourly', 'hours', 1, 12],
  ['standard', 'daily', 'days', 1, 7],
  ['standard', 'single_hourly', 'hours', 1, 12],
  ['standard', 'single_daily', 'days', 1, 7],
  ['acc', 'acc', 'days', 1, 21],
  ['urm', 'urm', 'days', 1, 365],
  ['end_date', 'end_date', 'days', 1, 365],
  ['24h', 'hours_24', 'hours', 24, 24],
] as const;

describe.each(KINDS)('mode %s, kind %s', (mode, kind, unit, shortest, longest) => {
  const token = door({ mode });
  const step = unit === 'hours' ? HOUR : DAY;
  const start = START[unit];
  const oneTime = kind.startsWith('single');
  const ask = (length: number): PlanRequest => ({
    startsAt: iso(start),
    endsAt: iso(start + length),
    ...(oneTime && { oneTime }),
  });

  it('has its shortest and its longest length, 7 digits, and none beyond', () => {
    for (const count of [shortest, longest]) {
      const wanted = grant(kind, start, start + count * step);
      expect(plan(token, ask(count * step))).toMatchObject({
        grant: wanted,
        rounded: { start: 0, end: 0 },
        warnings: [],
        codes: 'emulated',
      });
      const code = mint(token, wanted);
      expect(code).toMatch(/^\d{7}$/);
      expect(read(token, code, start)).toEqual([wanted]);
    }
    for (const beyond of [shortest - 1, longest + 1]) {
      const wanted = grant(kind, start, start + beyond * step);
      expect(codeOf(() => mint(token, wanted))).toBe('off_grid');
    }
    if (kind.endsWith('hourly')) return; // a day longer than 12 hours is the daily kind's
    expect(codeOf(() => plan(token, ask(longest * step + 2 * HOUR)))).toBe('no_fit');
  });

  it('starts and ends on its grid only', () => {
    for (const off of [1, 1800, 3599, ...(unit === 'days' ? [HOUR, 12 * HOUR] : [])]) {
      const length = shortest * step;
      expect(codeOf(() => mint(token, grant(kind, start + off, start + off + length)))).toBe('off_grid');
      expect(codeOf(() => mint(token, grant(kind, start, start + length + off)))).toBe('off_grid');
    }
  });

  it('has one code a window: the same request gives the same code, and there is no second', () => {
    const wanted = grant(kind, start, start + shortest * step);
    expect(mint(token, wanted)).toBe(mint(door({ mode }), plan(token, ask(shortest * step)).grant));
    expect(codeOf(() => mint(token, { ...wanted, variance: 1 }))).toBe('variance_unavailable');
    expect(codeOf(() => plan(token, { ...ask(shortest * step), variance: 1 }))).toBe('variance_unavailable');
  });

  it('opens from its first second to its last', () => {
    const wanted = ending(grant(kind, start, start + shortest * step));
    const code = mint(token, wanted);
    expect(reasonOf(token, code, start - 1)).toBe('not_yet_valid');
    expect(reasonOf(token, code, start)).toBe('first_use');
    expect(reasonOf(token, code, wanted.endsAt - 1)).toBe('first_use');
    expect(reasonOf(token, code, wanted.endsAt)).toBe('expired');
  });
});

describe('hours and days', () => {
  it('lengths between 12 hours and a day, and hours beyond 12, fit nothing', () => {
    const ask = (endsAt: string): PlanRequest => ({ startsAt: '2026-01-05T08:00', endsAt });
    expect(plan(standard, ask('2026-01-05T20:00')).grant.kind).toBe('hourly');
    expect(codeOf(() => plan(standard, ask('2026-01-05T20:01')))).toBe('no_fit');
    expect(codeOf(() => plan(standard, { ...ask('2026-01-05T20:01'), oneTime: true }))).toBe('no_fit');
    expect(codeOf(() => plan(day24, ask('2026-01-06T09:00')))).toBe('no_fit');
    expect(plan(day24, ask('2026-01-06T08:00')).grant).toMatchObject({ kind: 'hours_24' });
    expect(plan(day24, ask('2026-01-06T07:00')).rounded.end).toBe(HOUR);
    expect(codeOf(() => plan(day24, { ...ask('2026-01-06T08:00'), oneTime: true }))).toBe('kind_unknown');
  });

  it('times in between are rounded outward to the hour, and with 1d to midnight', () => {
    const request = { startsAt: '2026-01-05T15:20', endsAt: '2026-01-05T17:40' } as const;
    expect(plan(standard, request)).toMatchObject({
      grant: grant('hourly', '2026-01-05T15:00Z', '2026-01-05T18:00Z'),
      rounded: { start: 1200, end: 1200 },
    });
    expect(plan(standard, { ...request, maxTimeRounding: '1d' }).grant).toEqual(
      grant('daily', '2026-01-05T00:00Z', '2026-01-06T00:00Z'),
    );
    expect(
      plan(acc, { startsAt: '2026-01-05T15:00', endsAt: '2026-01-08T11:00', maxTimeRounding: '1d' }).grant,
    ).toEqual(grant('acc', '2026-01-05T00:00Z', '2026-01-09T00:00Z'));
  });

  it('hours begin when the device’s do: quarter past in Kathmandu', () => {
    const nepal = door({}, 'Asia/Kathmandu');
    const { grant: planned } = plan(nepal, { startsAt: '2026-01-05T15:00', endsAt: '2026-01-05T16:00' });
    expect(planned).toEqual(grant('hourly', '2026-01-05T09:15Z', '2026-01-05T10:15Z'));
    expect(mint(nepal, planned)).toHaveLength(7);
  });

  it('with a DST program, days are from midnight to midnight, of 23 and 25 hours too', () => {
    const york = door({}, 'America/New_York');
    const day = (date: string, next: string): number => {
      const { grant: planned } = plan(york, { startsAt: `${date}T00:00`, endsAt: `${next}T00:00` });
      const { startsAt, endsAt } = ending(planned);
      expect(read(york, mint(york, planned), startsAt)).toEqual([planned]);
      return (endsAt - startsAt) / HOUR;
    };
    expect(day('2026-03-08', '2026-03-09')).toBe(23);
    expect(day('2026-11-01', '2026-11-02')).toBe(25);
    expect(day('2026-03-09', '2026-03-10')).toBe(24);
  });

  it('without, the lock’s midnight is at 01:00 in summer, and its days have 24 hours', () => {
    const kl1000 = door({ dst: false });
    const ask = { startsAt: '2026-07-01T01:00', endsAt: '2026-07-02T01:00' } as const;
    const exact = plan(kl1000, ask);
    expect(exact.grant).toEqual(grant('daily', '2026-07-01T00:00Z', '2026-07-02T00:00Z'));
    expect(exact.local.startsAt).toBe('2026-07-01T01:00:00+01:00');
    const wall = { startsAt: '2026-07-01T00:00', endsAt: '2026-07-02T00:00' } as const;
    expect(codeOf(() => plan(kl1000, wall))).toBe('no_fit');
    expect(plan(kl1000, { ...wall, maxTimeRounding: '1d' }).grant).toEqual(
      grant('daily', '2026-06-30T00:00Z', '2026-07-02T00:00Z'),
    );
    expect(plan(standard, wall).grant).toEqual(grant('daily', '2026-06-30T23:00Z', '2026-07-01T23:00Z'));
    // Over the change: 25 hours on the wall clock, a day at the lock.
    const autumn = grant('daily', '2026-10-25T00:00Z', '2026-10-26T00:00Z');
    expect(reasonOf(kl1000, mint(kl1000, autumn), at('2026-10-25T23:59:59Z'))).toBe('first_use');
    expect(codeOf(() => mint(standard, autumn))).toBe('off_grid');
  });
});

describe('first use', () => {
  const within = (config: CodelocksNetcodeConfig, start: string, end: string, deadline: string): void => {
    const token = door(config);
    const wanted = grant(config.mode ?? 'standard', start, end);
    const code = mint(token, wanted);
    const planned = plan(token, { startsAt: iso(at(start)), endsAt: iso(at(end)) });
    expect([planned.grant, planned.firstUseBy]).toEqual([wanted, at(deadline)]);
    expect(reasonOf(token, code, at(deadline) - 1)).toBe('first_use');
    const lock = lockOf(token);
    const { state, verdict } = enter(lock, initialState(lock), code, at(deadline));
    expect(verdict.reason).toBe(deadline === end ? 'expired' : 'first_use_missed');
    // Once used in time, a code lives on to its end.
    const used = enter(lock, state, code, at(start)).state;
    expect(enter(lock, used, code, at(end) - 1).verdict.reason).toBe('used_before');
  };

  it.each([
    ['acc', undefined, '2026-01-05T00:00Z', '2026-01-12T00:00Z', '2026-01-06T00:00Z'],
    ['acc', undefined, '2026-10-24T23:00Z', '2026-10-30T00:00Z', '2026-10-26T00:00Z'], // a day of 25 hours
    ['urm', undefined, '2026-01-05T00:00Z', '2027-01-05T00:00Z', '2026-01-06T00:00Z'],
    ['urm', 1, '2026-01-05T00:00Z', '2027-01-05T00:00Z', '2026-01-05T01:00Z'],
    ['urm', 23, '2026-01-05T00:00Z', '2026-01-20T00:00Z', '2026-01-05T23:00Z'],
    ['urm', 25, '2026-01-05T00:00Z', '2026-01-20T00:00Z', '2026-01-06T01:00Z'],
    ['urm', 168, '2026-01-05T00:00Z', '2026-01-20T00:00Z', '2026-01-12T00:00Z'],
    ['urm', 504, '2026-01-05T00:00Z', '2026-03-20T00:00Z', '2026-01-26T00:00Z'],
    ['urm', 504, '2026-01-05T00:00Z', '2026-01-08T00:00Z', '2026-01-08T00:00Z'], // its end comes first
  ] as const)('%s, validation %s, from %s: by its deadline', (mode, hours, start, end, deadline) =>
    within({ mode, ...(hours !== undefined && { validation: hours }) }, start, end, deadline),
  );

  it.each([
    [standard, 'daily', '2026-01-12T00:00Z'],
    [standard, 'single_daily', '2026-01-12T00:00Z'],
    [endDate, 'end_date', '2027-01-05T00:00Z'],
  ] as const)('%# %s: none', (token, kind, end) => {
    const code = mint(token, grant(kind, '2026-01-05T00:00Z', end));
    expect(reasonOf(token, code, at(end) - 1)).toBe('first_use');
  });

  it('single codes open once, others as often as one likes', () => {
    for (const [kind, second] of [
      ['hourly', 'used_before'],
      ['daily', 'used_before'],
      ['single_hourly', 'already_used'],
      ['single_daily', 'already_used'],
    ] as const) {
      const [start, step] = kind.endsWith('hourly') ? [START.hours, HOUR] : [START.days, DAY];
      const code = mint(standard, grant(kind, start, start + 2 * step));
      const lock = lockOf(standard);
      const first = enter(lock, initialState(lock), code, start);
      expect(first.verdict.reason).toBe('first_use');
      expect(enter(lock, first.state, code, start + 1).verdict.reason).toBe(second);
      // What is persisted before the door opens has the use in it.
      expect(enter(lock, first.charged, code, start + 1).verdict.reason).toBe(second);
    }
  });
});

describe('Block Previous', () => {
  it.each([
    [acc, 'acc'],
    [urm, 'urm'],
  ] as const)('%# %s: a code ends those that began before its day, seen or not, at once', (token, kind) => {
    const code = (from: string, to: string): string => mint(token, grant(kind, from, to));
    const [used, unseen] = [
      code('2026-01-05T00:00Z', '2026-01-15T00:00Z'),
      code('2026-01-05T00:00Z', '2026-01-16T00:00Z'),
    ];
    const lock = lockOf(token);
    let { state, verdict } = enter(lock, initialState(lock), used, at('2026-01-05T12:00Z'));
    const next = (digits: string, when: string): string => {
      ({ state, verdict } = enter(lock, state, digits, at(when)));
      return verdict.reason;
    };
    // One of the same day does not.
    expect(next(code('2026-01-05T00:00Z', '2026-01-08T00:00Z'), '2026-01-05T13:00Z')).toBe('first_use');
    expect(next(used, '2026-01-05T13:00Z')).toBe('used_before');
    expect(next(code('2026-01-06T00:00Z', '2026-01-07T00:00Z'), '2026-01-06T00:00Z')).toBe('first_use');
    expect(next(used, '2026-01-06T00:00Z')).toBe('superseded');
    expect(next(unseen, '2026-01-06T00:00Z')).toBe('superseded');
    expect(next(code('2026-01-06T00:00Z', '2026-01-09T00:00Z'), '2026-01-06T00:01Z')).toBe('first_use');
  });

  it('is not one of the other modes', () => {
    const lock = lockOf(standard);
    const first = mint(standard, grant('daily', '2026-01-05T00:00Z', '2026-01-12T00:00Z'));
    const later = mint(standard, grant('daily', '2026-01-06T00:00Z', '2026-01-07T00:00Z'));
    let { state } = enter(lock, initialState(lock), first, at('2026-01-05T12:00Z'));
    ({ state } = enter(lock, state, later, at('2026-01-06T12:00Z')));
    expect(enter(lock, state, first, at('2026-01-06T12:01Z')).verdict.reason).toBe('used_before');
  });
});

describe('settings', () => {
  const MODES = ['standard', 'acc', 'urm', 'end_date', '24h'] as const;
  const digitsOf = [6, 7] as const;

  it('each mode and each number of digits is a layout of its own', () => {
    const ids = MODES.flatMap((mode) => digitsOf.map((digits) => door({ mode, digits }).rules.layout));
    expect(ids).toEqual(
      MODES.flatMap((mode) => [6, 7].map((digits) => `codelocks-netcode-${mode}-${digits}/1`)),
    );
    expect(door({ mode: 'standard', digits: 7, dst: true, star: false }).rules).toEqual(standard.rules);
    expect(door({ mode: 'urm', validation: 24 }).rules).toEqual(urm.rules);
  });

  it.each([
    ['standard', 7, 3600, 38],
    ['standard', 6, 3600, 38],
    ['acc', 7, 86400, 21],
    ['urm', 7, 86400, 365],
    ['end_date', 7, 86400, 365],
    ['end_date', 6, 86400, 365],
    ['24h', 6, 3600, 1],
  ] as const)('%s with %i digits: grid %i, S %i, by a second implementation', (mode, digits, grid, s) => {
    const layout: LayoutJson = {
      id: `codelocks-netcode-${mode}-${digits}/1`,
      digits,
      grid_seconds: grid,
      s,
      kinds: KINDS.filter(([of]) => of === mode).map(([, kind, unit, from, to]) => {
        const step = unit === 'hours' ? HOUR : 1;
        return { kind, variances: 1, lengths: { from: from * step, to: to * step, step } };
      }),
    };
    const key = deviceKeyLiteral(new Uint8Array(32).fill(0x5a), 'door-1', 0);
    for (const [of, kind, unit, , longest] of KINDS) {
      if (of !== mode) continue;
      const start = START[unit];
      const slot = (start - at('2020-01-01T00:00Z')) / grid;
      const code = codeLiteral(key, layout, '', kind, slot, longest * (unit === 'hours' ? HOUR : 1), 0);
      const end = start + longest * (unit === 'hours' ? HOUR : DAY);
      expect(mint(door({ mode, digits }), grant(kind, start, end))).toBe(code);
    }
  });

  it('a change of mode or length kills the codes that are out', () => {
    const all = KINDS.map(([mode, kind, unit, , longest]) => {
      const [start, step] = unit === 'hours' ? [START.hours, HOUR] : [START.days, DAY];
      return { mode, code: mint(door({ mode }), grant(kind, start, start + longest * step)) };
    });
    for (const { mode, code } of all)
      for (const now of MODES) {
        const opens = reasonOf(door({ mode: now }), code, START.hours) === 'first_use';
        expect(opens).toBe(now === mode);
        expect(reasonOf(door({ mode: now, digits: 6 }), code, START.hours)).toBe('malformed');
      }
  });

  it('with other credentials, `*` is in front of every code', () => {
    const mixed = door({ star: true });
    const wanted = { ...grant('hourly', START.hours, START.hours + HOUR), lane: '*' };
    const planned = plan(mixed, { startsAt: iso(START.hours), endsAt: iso(START.hours + HOUR) });
    expect(planned.grant).toEqual(wanted);
    const code = mint(mixed, planned.grant);
    expect(code).toMatch(/^\*\d{7}$/);
    expect(read(mixed, code, START.hours)).toEqual([wanted]);
    expect(reasonOf(mixed, code, START.hours)).toBe('first_use');
    expect(reasonOf(mixed, code.slice(1), START.hours)).toBe('malformed');
    expect(reasonOf(mixed, `#${code.slice(1)}`, START.hours)).toBe('unknown');
    expect(reasonOf(standard, code, START.hours)).toBe('malformed');
    expect(codeOf(() => mint(standard, wanted))).toBe('lane_unknown');
  });

  it.each([
    ...['rental', 'STANDARD', null].map((mode) => ({ mode })),
    ...[5, 8, '7'].map((digits) => ({ digits })),
    ...[1, 'true', null].map((flag) => ({ dst: flag })),
    ...['*', 0].map((star) => ({ star })),
    // 1 to 168 hours, then whole days to 21.
    ...[0, -1, 1.5, 169, 191, 505, 528, Number.NaN, '24'].map((validation) => ({ mode: 'urm', validation })),
    ...['standard', 'acc', 'end_date', '24h'].map((mode) => ({ mode, validation: 24 })),
  ])('%o is refused', (config) => {
    expect(codeOf(() => tokenIn('UTC', codelocksNetcode, { config }))).toBe('config_invalid');
  });

  it('unknown settings are refused, and a validation period of whole days is not', () => {
    for (const config of [{ modes: 'acc' }, null, 'acc', ['acc']])
      expect(codeOf(() => tokenIn('UTC', codelocksNetcode, { config }))).toBe('bad_argument');
    for (const validation of [1, 167, 168, 192, 480, 504])
      expect(codeOf(() => door({ mode: 'urm', validation }))).toBe('no error');
  });
});

describe('the lock', () => {
  it('is dead for five minutes after five wrong codes in a row', () => {
    const lock = lockOf(standard);
    const code = mint(standard, grant('hourly', START.hours, START.hours + HOUR));
    let state: LockState = initialState(lock);
    const key = (digits: string, when: number): string => {
      const entry = enter(lock, state, digits, when);
      ({ state } = entry);
      return entry.verdict.reason;
    };
    const early = START.hours - 10;
    for (let i = 0; i < 4; i++) expect(key(code, early + i)).toBe('not_yet_valid');
    expect(key(code, START.hours)).toBe('first_use');
    for (let i = 0; i < 5; i++) expect(key('0000000', START.hours + i)).not.toBe('locked_out');
    expect(key(code, START.hours + 4)).toBe('locked_out');
    expect(key(code, START.hours + 303)).toBe('locked_out');
    expect(key(code, START.hours + 304)).toBe('used_before');
  });

  it('remembers 256 codes', () => {
    const utc = door({ mode: 'urm' }, 'UTC');
    const lock = lockOf(utc);
    let state = initialState(lock);
    const use = (days: number): string => {
      const entry = enter(
        lock,
        state,
        mint(utc, grant('urm', START.days, START.days + days * DAY)),
        START.hours,
      );
      ({ state } = entry);
      return entry.verdict.reason;
    };
    for (let days = 2; days <= 257; days++) expect(use(days)).toBe('first_use');
    expect(use(258)).toBe('memory_full');
    expect(use(257)).toBe('used_before');
  });
});

/** How many windows of a kind the lock would take at a moment: all around it are minted and keyed in. */
function openAt(
  token: DeviceToken,
  kind: string,
  step: number,
  starts: number,
  lengths: number,
  when: number,
): number {
  const lock = lockOf(token);
  const first = initialState(lock);
  const near = step === DAY ? Math.floor(when / DAY) * DAY : when - (when % step);
  const codes = new Set<string>();
  for (let start = near - starts * step; start <= near + step; start += step)
    for (let length = 1; length <= lengths; length++) {
      const wanted = grant(kind, start, start + length * step);
      const refusal = codeOf(() => codes.add(mint(token, wanted)));
      if (refusal !== 'no error' && refusal !== 'off_grid') throw new Error(refusal);
    }
  return [...codes].filter((code) => enter(lock, first, code, when).verdict.accepted).length;
}

describe('how many codes open at a moment', () => {
  it.each(['2026-01-05T00:00:00Z', '2026-01-05T15:29:10Z', '2026-01-05T23:59:59Z'])(
    'standard, %s: 212',
    (moment) => {
      const count = (kind: string, step: number): number => openAt(standard, kind, step, 14, 14, at(moment));
      expect(count('hourly', HOUR)).toBe(78);
      expect(count('daily', DAY)).toBe(28);
      expect(count('single_hourly', HOUR)).toBe(78);
      expect(count('single_daily', DAY)).toBe(28);
    },
  );

  it('acc 21, 24h 24, urm 365 a day of the validation period', () => {
    const noon = at('2026-01-05T12:00Z');
    expect(openAt(acc, 'acc', DAY, 23, 23, noon)).toBe(21);
    const utc = (validation: number): DeviceToken => door({ mode: 'urm', validation }, 'UTC');
    expect(openAt(utc(24), 'urm', DAY, 2, 366, noon)).toBe(365);
    expect(openAt(utc(36), 'urm', DAY, 3, 366, noon - 1)).toBe(365 + 364);
    expect(openAt(utc(36), 'urm', DAY, 3, 366, noon)).toBe(365);
    const hours = Array.from({ length: 30 }, (_, i) => noon - i * HOUR);
    const codes = hours.map((from) => mint(day24, grant('hours_24', from, from + DAY)));
    expect(codes.filter((code) => reasonOf(day24, code, noon) === 'first_use')).toHaveLength(24);
  });

  it('end_date 66,795: of every length as many as it has days', () => {
    const lengths = Array.from({ length: 365 }, (_, i) => i + 1);
    expect(lengths.reduce((sum, days) => sum + days)).toBe(66_795);
    const utc = door({ mode: 'end_date' }, 'UTC');
    const code = (days: number, ago: number): string =>
      mint(utc, grant('end_date', START.days - ago * DAY, START.days + (days - ago) * DAY));
    for (const days of lengths) {
      expect(reasonOf(utc, code(days, days - 1), START.hours)).toBe('first_use');
      expect(reasonOf(utc, code(days, days), START.hours)).toBe('expired');
    }
  });

  it('so the vendor says that one guess in ten thousand opens it', () => {
    expect(212 / 10 ** 6).toBeGreaterThan(1e-4);
    expect(codelocksNetcode.guessable).toBe('one guess in ten thousand or fewer opens this lock');
    expect(codelocksNetcode).toMatchObject({ id: 'codelocks-netcode', codes: 'emulated' });
    expect(codelocksNetcode.about).toMatch(/open no Codelocks lock/);
  });
});

it('plan → mint → read gives the grant back, and the lock takes it in its window and nowhere else', () => {
  const any = fc.record({
    config: fc.record({
      mode: fc.constantFrom('standard', 'acc', 'urm', 'end_date', '24h'),
      digits: fc.constantFrom(6, 7),
      dst: fc.boolean(),
      star: fc.boolean(),
    }),
    zone: fc.constantFrom('Europe/Lisbon', 'Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe'),
    start: fc.integer({ min: at('2021-01-01T00:00Z'), max: at('2034-01-01T00:00Z') }),
    length: fc.oneof(fc.integer({ min: 60, max: 11 * HOUR }), fc.integer({ min: HOUR, max: 364 * DAY })),
    oneTime: fc.boolean(),
  });
  fc.assert(
    fc.property(any, ({ config, zone, start, length, oneTime }) => {
      const { mode } = config;
      const most = {
        standard: 6 * DAY,
        acc: 20 * DAY,
        urm: 364 * DAY,
        end_date: 364 * DAY,
        '24h': DAY - 2 * HOUR,
      }[mode];
      const token = door(config, zone);
      const request = {
        startsAt: iso(start),
        endsAt: iso(start + Math.min(length, most)),
        maxTimeRounding: '1d',
        ...(oneTime && mode === 'standard' && { oneTime }),
      } as const;
      const { grant: planned, firstUseBy, rounded } = plan(token, request);
      const { startsAt, endsAt } = ending(planned);
      expect(rounded.start).toBeGreaterThanOrEqual(0);
      expect(rounded.end).toBeGreaterThanOrEqual(0);
      let code = '';
      const refusal = codeOf(() => {
        code = mint(token, planned);
      });
      fc.pre(refusal !== 'code_ambiguous');
      expect(read(token, code, startsAt)).toContainEqual(planned);
      const lock = lockOf(token);
      const opens = (when: number): boolean => {
        const { verdict } = enter(lock, initialState(lock), code, when);
        // Across the border of two pages the digits can open as another grant.
        return verdict.accepted && verdict.grant.startsAt === startsAt && verdict.grant.endsAt === endsAt;
      };
      expect([startsAt - 1, startsAt, firstUseBy - 1, firstUseBy, endsAt].map(opens)).toEqual([
        false,
        true,
        true,
        false,
        false,
      ]);
    }),
    { numRuns: deep(150) },
  );
});
