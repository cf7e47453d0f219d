import fc from 'fast-check';
import { type DeviceToken, deriveToken, mint, read, type WindowGrant } from 'pintumbler';
import { plan } from 'pintumbler/calendar';
import {
  createLock,
  enter,
  initialState,
  type Lock,
  type LockState,
  loadState,
  saveState,
} from 'pintumbler/lock';
import { describe, expect, it } from 'vitest';
import { type MasterLockConfig, masterLock } from '../../src/vendors/master-lock.ts';
import { at, codeOf, deep, ending } from '../support/helpers.ts';
import { macCodeLiteral, macKeyLiteral } from '../support/mac-literal.ts';
import { deviceKeyLiteral } from '../support/sealed-literal.ts';
import { tokenIn } from '../support/vendors.ts';

const HOUR = 3600;
const EPOCH = at('2020-01-01T00:00Z');

const box = (config: MasterLockConfig = {}, zone = 'America/New_York', deviceId = 'box-1'): DeviceToken =>
  tokenIn(zone, masterLock, { config, deviceId });

const standard = box();
const dpad = box({ keypad: 'directions' });

const temporary = (startsAt: number, endsAt: number, variance = 0): WindowGrant => ({
  kind: 'temporary',
  variance,
  startsAt,
  endsAt,
});

const locks = new WeakMap<DeviceToken, Lock>();

/** A lock of one epoch only: the same digits can be a code of the next. */
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

/** The grant of the period that a moment is in. */
const grantAt = (token: DeviceToken, when: string | number): WindowGrant & { readonly endsAt: number } =>
  ending(plan(token, { startsAt: typeof when === 'string' ? when : iso(when) }).grant);

describe('the code of a moment', () => {
  it('is that of its period of 4 hours of UTC, for this period and the next', () => {
    const planned = plan(standard, { startsAt: '2026-03-01T13:30:10Z' });
    expect(planned.grant).toEqual(temporary(at('2026-03-01T12:00Z'), at('2026-03-01T20:00Z')));
    expect(planned).toMatchObject({
      firstUseBy: at('2026-03-01T20:00Z'),
      rounded: { start: 5410 },
      codes: 'emulated',
    });
    const code = mint(standard, planned.grant);
    expect(code).toMatch(/^\d{5}$/);
    expect(grantAt(standard, '2026-03-01T15:59:59Z')).toEqual(planned.grant);
    expect(grantAt(standard, '2026-03-01T16:00:00Z').startsAt).toBe(at('2026-03-01T16:00Z'));
    // Local time, whose midnight is no rollover.
    expect(grantAt(standard, '2026-03-01T00:00').startsAt).toBe(at('2026-03-01T04:00Z'));
  });

  it('opens from the first second of its period to the last of the next, as often as one likes', () => {
    const lock = lockOf(standard);
    const code = mint(standard, grantAt(standard, '2026-03-01T13:30Z'));
    const enterAt = (state: LockState, when: string) => enter(lock, state, code, at(when));
    const fresh = initialState(lock);
    expect(enterAt(fresh, '2026-03-01T11:59:59Z').verdict.reason).toBe('not_yet_valid');
    expect(enterAt(fresh, '2026-03-01T20:00:00Z').verdict.reason).toBe('expired');
    let { state, verdict } = enterAt(fresh, '2026-03-01T12:00:00Z');
    expect(verdict).toMatchObject({ accepted: true, opens: true, reason: 'first_use' });
    expect(state.records).toEqual([]);
    // The lock computes it anew and remembers no use: it is a first use every time.
    ({ state, verdict } = enterAt(state, '2026-03-01T19:59:59Z'));
    expect(verdict).toMatchObject({ accepted: true, opens: true, reason: 'first_use' });
    expect(state.records).toEqual([]);
    expect(enterAt(state, '2026-03-01T20:00:00Z').verdict.reason).toBe('expired');
    // No deadline for its first use but its end.
    expect(enterAt(fresh, '2026-03-01T19:59:59Z').verdict.reason).toBe('first_use');
  });

  it('lives 4 to 8 hours from the moment at which it is asked for', () => {
    const left = (when: string): number => grantAt(standard, when).endsAt - at(when);
    expect(left('2026-03-01T12:00:00Z')).toBe(8 * HOUR);
    expect(left('2026-03-01T14:00:00Z')).toBe(6 * HOUR);
    expect(left('2026-03-01T15:59:59Z')).toBe(4 * HOUR + 1);
  });

  it('is the only one of its period, and nothing else is a window', () => {
    const { startsAt, endsAt } = grantAt(standard, '2026-03-01T13:30Z');
    expect(codeOf(() => mint(standard, temporary(startsAt, endsAt)))).toBe('no error');
    expect(codeOf(() => mint(standard, temporary(startsAt, endsAt, 1)))).toBe('variance_unavailable');
    for (const [from, to] of [
      [startsAt, startsAt + 4 * HOUR],
      [startsAt, endsAt + 4 * HOUR],
      [startsAt, endsAt - 1],
      [startsAt + HOUR, endsAt + HOUR],
      [startsAt + 1, endsAt + 1],
    ] as const)
      expect(codeOf(() => mint(standard, temporary(from, to)))).toBe('off_grid');
    expect(codeOf(() => mint(standard, { ...temporary(startsAt, endsAt), endsAt: null }))).toBe(
      'bad_argument',
    );
  });

  it('a start and an end get it where they are within an hour of its own', () => {
    const ask = (from: string, to: string) => () => plan(standard, { startsAt: from, endsAt: to });
    expect(ask('2026-03-01T12:30Z', '2026-03-01T19:00Z')().grant.startsAt).toBe(at('2026-03-01T12:00Z'));
    expect(codeOf(ask('2026-03-01T13:01Z', '2026-03-01T19:00Z'))).toBe('no_fit');
    expect(codeOf(ask('2026-03-01T12:30Z', '2026-03-01T18:59Z'))).toBe('no_fit');
    expect(codeOf(ask('2026-03-01T12:00Z', '2026-03-01T20:01Z'))).toBe('no_fit');
    expect(codeOf(() => plan(standard, { startsAt: '2026-03-01T12:00Z', oneTime: true }))).toBe(
      'kind_unknown',
    );
  });
});

describe('settings', () => {
  it.each([
    [{}, 14400],
    [{ lock: 'standard' }, 14400],
    [{ lock: 'deadbolt' }, 3600],
    [{ window: 1800 }, 1800],
    [{ window: 604_800 }, 604_800],
    [{ lock: 'deadbolt', window: 7200 }, 7200],
    [{ window: 5400 }, 5400],
    [{ window: 1801 }, 1801],
  ] as const)('%o: a period of %i s, counted from 1970', (config, period) => {
    const token = box(config);
    const moment = at('2026-03-01T13:30:10Z');
    const start = moment - (moment % period);
    expect(grantAt(token, moment)).toEqual(temporary(start, start + 2 * period));
    const code = mint(token, grantAt(token, moment));
    expect([start - 1, start, start + 2 * period - 1].map((when) => reasonOf(token, code, when))).toEqual([
      'not_yet_valid',
      'first_use',
      'first_use',
    ]);
    expect(reasonOf(token, code, start + 2 * period)).not.toBe('first_use');
  });

  it('the epoch moves the rollover to a zone', () => {
    // Days that roll over at midnight of New York's standard time.
    const daily = box({ window: 86_400, epoch: 5 * HOUR });
    expect(grantAt(daily, '2026-03-01T04:59:59Z').startsAt).toBe(at('2026-02-28T05:00Z'));
    expect(grantAt(daily, '2026-03-01T05:00:00Z')).toEqual(
      temporary(at('2026-03-01T05:00Z'), at('2026-03-03T05:00Z')),
    );
    expect(grantAt(box({ epoch: 1 }), '2026-03-01T12:00:00Z').startsAt).toBe(at('2026-03-01T08:00:01Z'));
    // Whole periods change nothing.
    expect(box({ epoch: 4 * HOUR }).rules).toEqual(standard.rules);
    expect(box({ epoch: EPOCH + 9 * 4 * HOUR }).rules).toEqual(standard.rules);
  });

  it.each([
    [{}, EPOCH],
    [{ epoch: 3600 }, EPOCH + 3600],
    [{ epoch: EPOCH - 1 }, EPOCH + 4 * HOUR - 1],
    [{ epoch: EPOCH + 1 }, EPOCH + 1],
    [{ window: 604_800 }, at('2020-01-02T00:00Z')], // weeks since Thursday, 1970-01-01
    [{ window: 604_800, epoch: 4 * 86_400 }, at('2020-01-06T00:00Z')], // since Monday
  ] as const)('%o: slot 0 is the first period that starts in 2020', (config, first) => {
    expect(box(config).rules.origin).toBe(first);
  });

  it('periods or rollovers that differ share no layout, and so no codes', () => {
    const ids = [
      {},
      { lock: 'deadbolt' },
      { window: 7200 },
      { epoch: 3600 },
      { epoch: 7200 },
      { lock: 'deadbolt', epoch: 1800 },
    ] as const;
    expect(ids.map((config) => box(config).rules.layout)).toEqual([
      'master-lock-14400-0/1',
      'master-lock-3600-0/1',
      'master-lock-7200-0/1',
      'master-lock-14400-3600/1',
      'master-lock-14400-7200/1',
      'master-lock-3600-1800/1',
    ]);
    // Keypads that differ have a key of their own by their symbols.
    expect(dpad.rules.layout).toBe('master-lock-14400-0/1');
    expect(box({ window: 3600 }).rules).toEqual(box({ lock: 'deadbolt' }).rules);
  });

  it('a code for the old duration opens only until the lock has the new one', () => {
    const [before, after] = [box(), box({ window: 8 * HOUR })];
    const moment = at('2026-03-01T09:00Z');
    const [old, fresh] = [before, after].map((token) => mint(token, grantAt(token, moment)));
    expect(old).not.toBe(fresh);
    expect(reasonOf(before, old ?? '', moment)).toBe('first_use');
    expect(reasonOf(after, old ?? '', moment)).toBe('unknown');
    // The settings were never carried to the lock: the app shows the new duration, the lock does not take it.
    expect(reasonOf(before, fresh ?? '', moment)).toBe('unknown');
    expect(reasonOf(after, fresh ?? '', moment)).toBe('first_use');
  });

  it.each([
    { lock: 'padlock' },
    { lock: null },
    { window: 1799 },
    { window: 604_801 },
    { window: 3600.5 },
    { window: '14400' },
    { window: Number.NaN },
    { window: null },
    { epoch: -1 },
    { epoch: 0.5 },
    { epoch: Number.POSITIVE_INFINITY },
    { epoch: '0' },
    { keypad: 'letters' },
    { keypad: true },
  ])('%o is refused', (config) => {
    expect(codeOf(() => tokenIn('UTC', masterLock, { config }))).toBe('config_invalid');
  });

  it('unknown settings are refused', () => {
    for (const config of [{ duration: 3600 }, null, 'deadbolt', [14400]])
      expect(codeOf(() => tokenIn('UTC', masterLock, { config }))).toBe('bad_argument');
  });
});

describe('keypads', () => {
  it('a d-pad takes five of up, down, left, right', () => {
    const grant = grantAt(dpad, '2026-03-01T13:30Z');
    const code = mint(dpad, grant);
    expect(code).toMatch(/^[UDLR]{5}$/);
    expect(read(dpad, code, grant.startsAt)).toContainEqual(grant);
    for (const wrong of [
      code.toLowerCase(),
      '01230',
      code.slice(1),
      `${code}U`,
      `${code.slice(1)}X`,
      `${code.slice(1)} `,
      `*${code}`,
    ]) {
      expect(reasonOf(dpad, wrong, grant.startsAt)).toBe('malformed');
      expect(codeOf(() => read(dpad, wrong, grant.startsAt))).toBe('code_malformed');
    }
    expect(reasonOf(standard, code, grant.startsAt)).toBe('malformed');
  });

  it('two of 1,024 codes open at any moment: all of them are tried', () => {
    const all = Array.from({ length: 1024 }, (_, number) =>
      [256, 64, 16, 4, 1].map((place) => 'UDLR'.charAt(Math.floor(number / place) % 4)).join(''),
    );
    expect(new Set(all).size).toBe(1024);
    for (const moment of ['2026-03-01T12:00:00Z', '2026-03-01T15:59:59Z', '2026-03-01T16:00:00Z'].map(at)) {
      const present = mint(dpad, grantAt(dpad, moment));
      const previous = mint(dpad, grantAt(dpad, moment - 4 * HOUR));
      expect(all.filter((code) => reasonOf(dpad, code, moment) === 'first_use').sort()).toEqual(
        [present, previous].sort(),
      );
    }
    expect(2 / 1024).toBeGreaterThan(1e-4);
    expect(masterLock.guessable).toBe('one guess in ten thousand or fewer opens this lock');
    expect(masterLock).toMatchObject({ id: 'master-lock', codes: 'emulated' });
    expect(masterLock.about).toMatch(/open no Master Lock/);
  });

  it.each([
    [{}, 'master-lock-14400-0/1', '0123456789', 14_400, 0],
    [{ keypad: 'directions' }, 'master-lock-14400-0/1', 'UDLR', 14_400, 0],
    [{ lock: 'deadbolt', epoch: 1800 }, 'master-lock-3600-1800/1', '0123456789', 3600, 1800],
  ] as const)('%o: the codes of a second implementation', (config, layout, alphabet, period, rollover) => {
    const key = macKeyLiteral(
      deviceKeyLiteral(new Uint8Array(32).fill(0x5a), 'box-1', 0),
      layout,
      '',
      5,
      alphabet,
    );
    for (const slot of [40, 41, 12_345]) {
      const startsAt = EPOCH + rollover + slot * period;
      expect(mint(box(config), temporary(startsAt, startsAt + 2 * period))).toBe(
        macCodeLiteral(key, '', slot, 0, 5, alphabet),
      );
    }
  });

  it('leading zeros are digits', () => {
    const zero = Array.from({ length: 60 }, (_, i) => grantAt(standard, EPOCH + (i + 12) * 4 * HOUR)).find(
      (grant) => mint(standard, grant).startsWith('0'),
    );
    const code = zero ? mint(standard, zero) : '';
    expect(code).toMatch(/^0\d{4}$/);
    expect(reasonOf(standard, code, zero?.startsAt ?? 0)).toBe('first_use');
    expect(reasonOf(standard, code.slice(1), zero?.startsAt ?? 0)).toBe('malformed');
  });
});

describe('the lock', () => {
  const grant = grantAt(standard, '2026-03-01T13:30Z');
  const code = mint(standard, grant);

  it('nothing ends a code within its periods; new keys do', () => {
    expect(codeOf(() => plan(standard, { startsAt: '2026-03-01T13:30Z', kind: 'clear' }))).toBe(
      'kind_unknown',
    );
    const used = enter(lockOf(standard), initialState(lockOf(standard)), code, grant.startsAt).state;
    const later = mint(standard, grantAt(standard, '2026-03-01T16:00Z'));
    const both = enter(lockOf(standard), used, later, at('2026-03-01T16:00Z')).state;
    const again = enter(lockOf(standard), both, code, at('2026-03-01T16:01Z'));
    expect(again.verdict).toMatchObject({ accepted: true, opens: true, reason: 'first_use' });
    expect(again.state.records).toEqual([]);
    const reset = tokenIn('America/New_York', masterLock, { deviceId: 'box-1', config: {}, epoch: 1 });
    expect(reasonOf(reset, code, grant.startsAt)).toBe('unknown');
    expect(mint(box({}, 'UTC', 'box-2'), grant)).not.toBe(code);
  });

  it('is dead for five minutes after five wrong codes in a row', () => {
    const lock = lockOf(standard);
    const wrong =
      ['00000', '11111'].find((each) => reasonOf(standard, each, grant.startsAt) === 'unknown') ?? '';
    let state = initialState(lock);
    const key = (digits: string, after: number): string => {
      const entry = enter(lock, state, digits, grant.startsAt + after);
      ({ state } = entry);
      return entry.verdict.reason;
    };
    for (let i = 0; i < 4; i++) expect(key(wrong, i)).toBe('unknown');
    expect(key(code, 4)).toBe('first_use');
    for (let i = 0; i < 5; i++) expect(key(wrong, 10 + i)).toBe('unknown');
    expect(key(code, 14)).toBe('locked_out');
    expect(key(code, 313)).toBe('locked_out');
    expect(key(code, 314)).toBe('first_use');
    expect(state.records).toEqual([]);
  });

  it('remembers no code: every period has its own, and a state with a record is none of this lock', () => {
    const lock = lockOf(standard);
    expect(lock.rules.records).toBe(0);
    let state = initialState(lock);
    for (let i = 0; i < 5; i++) {
      const each = grantAt(standard, grant.startsAt + i * 4 * HOUR);
      for (const when of [each.startsAt, each.endsAt - 1]) {
        const { verdict, state: after } = enter(lock, state, mint(standard, each), when);
        expect(verdict).toMatchObject({ accepted: true, opens: true, reason: 'first_use', grant: each });
        expect(after.records).toEqual([]);
        state = after;
      }
    }
    expect(loadState(lock, saveState(lock, state))).toEqual(state);
    const { startsAt, endsAt } = grant;
    const record = {
      code,
      epoch: 0,
      kind: 'temporary',
      variance: 0,
      lane: '',
      startsAt,
      endsAt,
      until: endsAt,
      day: null,
      consumed: false,
    };
    expect(codeOf(() => enter(lock, { ...state, records: [record] }, code, startsAt))).toBe('state_damaged');
  });
});

it('plan → mint → read gives the grant back, and the lock takes it in its window and nowhere else', () => {
  const any = fc.record({
    config: fc.record({
      lock: fc.constantFrom('standard', 'deadbolt'),
      window: fc.option(fc.integer({ min: 1800, max: 604_800 }), { nil: undefined }),
      epoch: fc.nat(2 ** 32),
      keypad: fc.constantFrom('digits', 'directions'),
    }),
    zone: fc.constantFrom('Europe/Lisbon', 'Asia/Kathmandu', 'America/New_York'),
    when: fc.integer({ min: at('2020-02-01T00:00Z'), max: at('2036-01-01T00:00Z') }),
  });
  fc.assert(
    fc.property(any, ({ config: { window, ...config }, zone, when }) => {
      const period = window ?? (config.lock === 'deadbolt' ? 3600 : 14_400);
      const token = box({ ...config, ...(window !== undefined && { window }) }, zone);
      const grant = grantAt(token, when);
      expect(grant.startsAt).toBe(when - ((when - (config.epoch % period)) % period));
      const code = mint(token, grant);
      expect(read(token, code, when)).toContainEqual(grant);
      const lock = lockOf(token);
      // Another period of the neighbourhood can have the same five symbols: asked for is this grant.
      const opens = (moment: number): boolean => {
        const { verdict } = enter(lock, initialState(lock), code, moment);
        return verdict.accepted && verdict.grant.startsAt === grant.startsAt;
      };
      expect(grant.endsAt).toBe(grant.startsAt + 2 * period);
      expect(opens(grant.startsAt - 1)).toBe(false);
      expect(reasonOf(token, code, grant.startsAt)).toBe('first_use');
      expect(reasonOf(token, code, when)).toBe('first_use');
      expect(reasonOf(token, code, grant.endsAt - 1)).toBe('first_use');
      expect(opens(grant.endsAt)).toBe(false);
    }),
    { numRuns: deep(150) },
  );
});
