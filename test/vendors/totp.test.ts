import { createToken, type DeviceToken, mint } from 'pintumbler';
import { plan } from 'pintumbler/calendar';
import { createLock, enter, initialState } from 'pintumbler/lock';
import { describe, expect, it } from 'vitest';
import { totp } from '../../src/vendors/totp.ts';
import { codeOf, hex } from '../support/helpers.ts';
import { hotpLiteral } from '../support/steps-model.ts';

/* OATH TOTP: its settings, and what RFC 6238 says of a validator. How its lock lives: test/steps*.test.ts. */

const SECRET = hex('3132333435363738393031323334353637383930');
const NOW = 1_772_380_800;

const tokenOf = (config?: unknown, key = SECRET): DeviceToken =>
  createToken({
    vendor: totp,
    deviceId: 'door',
    key,
    timeZone: 'UTC',
    ...(config !== undefined && { config }),
  });

const codeAt = (token: DeviceToken, startsAt: number, period: number): string =>
  mint(token, { kind: 'totp', variance: 0, startsAt, endsAt: startsAt + period });

const reasonAt = (token: DeviceToken, code: string, now: number): string => {
  const lock = createLock([token]);
  return enter(lock, initialState(lock), code, now).verdict.reason;
};

const NO_NUMBER = [Number.NaN, Infinity, -Infinity, '10', true, null, -0, {}, [], 1n];

describe('settings', () => {
  it.each([
    ...[5, 11, 0, -6, 6.5, ...NO_NUMBER].map((digits) => ({ digits })),
    ...['SHA1', 'sha-1', 'SHA-384', '', 1].map((hash) => ({ hash })),
    ...[0, -1, 86_401, 29.5, ...NO_NUMBER].map((period) => ({ period })),
    ...[-1, 2 ** 32, 0.5, ...NO_NUMBER].map((t0) => ({ t0 })),
    ...[-1, 11, 0.5, ...NO_NUMBER].map((window) => ({ window })),
    ...[-1, 101, 0.5, ...NO_NUMBER].map((drift) => ({ drift })),
  ])('%o is refused', (config) => {
    expect(codeOf(() => tokenOf(config))).toBe('config_invalid');
  });

  it('none is one that nobody knows', () => {
    for (const config of [{ step: 30 }, { resync: 1 }, null, [], 'period', 30])
      expect(codeOf(() => tokenOf(config))).toMatch(/^(bad_argument|config_invalid)$/);
  });

  it('by default that of plain authenticator apps', () => {
    const all = { digits: 6, hash: 'SHA-1', period: 30, t0: 0, window: 1, drift: 10 };
    expect(tokenOf().rules).toEqual(tokenOf(all).rules);
    expect(tokenOf({ window: 0, drift: 0 }).rules.layout).toBe(tokenOf().rules.layout);
  });

  it.each([
    [1, 0],
    [30, 0],
    [60, 59],
    [60, 1],
    [86_400, 5 * 3600],
    [7, 2 ** 32 - 1],
    [3601, 1_000_000_007],
  ])('a period of %i s from T0 %i: floor((t − T0) / X)', (period, t0) => {
    for (const digits of [6, 8, 10]) {
      const token = tokenOf({ period, t0, digits, hash: 'SHA-256', window: 0, drift: 0 });
      expect(token.rules.layout).toBe(`totp-${digits}-sha256-${period}-${t0}/1`);
      for (const steps of [0, 1, 2, 99_999]) {
        const start = t0 + steps * period;
        const code = hotpLiteral(SECRET, steps, digits, 'sha256');
        expect(codeAt(token, start, period)).toBe(code);
        expect(reasonAt(token, code, start)).toBe('first_use');
        expect(reasonAt(token, code, start + period - 1)).toBe('first_use');
        expect(reasonAt(token, code, start + period)).not.toBe('first_use');
        if (start > 0) expect(reasonAt(token, code, start - 1)).not.toBe('first_use');
      }
    }
  });

  it.each([0, 1, 2, 10])('window %i: so many periods before and after', (window) => {
    const token = tokenOf({ window, drift: 0, digits: 8 });
    const code = codeAt(token, NOW, 30);
    expect(
      [-30 * window - 1, -30 * window, 30 * window + 29, 30 * window + 30].map((off) =>
        reasonAt(token, code, NOW + off),
      ),
    ).toEqual(['not_yet_valid', 'first_use', 'first_use', 'expired']);
  });

  it.each([
    [1, 2],
    [0, 100],
    [2, 10],
  ])('window %i, drift %i: so far off two in a row open', (window, drift) => {
    const token = tokenOf({ window, drift, digits: 8 });
    const code = codeAt(token, NOW, 30);
    expect(
      [-30 * drift - 1, -30 * drift, 30 * drift + 29, 30 * drift + 30].map((off) =>
        reasonAt(token, code, NOW + off),
      ),
    ).toEqual(['not_yet_valid', 'out_of_step', 'out_of_step', 'expired']);
    const lock = createLock([token]);
    const { state } = enter(lock, initialState(lock), code, NOW + 30 * drift);
    const next = enter(lock, state, codeAt(token, NOW + 30, 30), NOW + 30 * drift);
    expect(next.verdict.opens).toBe(true);
    expect(next.state.steps?.drift).toBe(1 - drift);
  });
});

describe('as published', () => {
  it('keys from 16 bytes', () => {
    for (const length of [0, 15, 129])
      expect(codeOf(() => tokenOf({}, new Uint8Array(length)))).toBe('key_length');
  });

  it('is planned for a moment: its period, rounded down (section 4.2)', () => {
    const token = tokenOf({ digits: 8 });
    const { grant } = plan(token, { startsAt: '2009-02-13T23:31:30Z' });
    expect(grant).toMatchObject({ kind: 'totp', startsAt: 1234567890, endsAt: 1234567920 });
    expect(mint(token, grant)).toBe('89005924');
    expect(plan(token, { startsAt: '2009-02-13T23:31:59Z' }).grant).toEqual(grant);
    expect(plan(token, { startsAt: '2009-02-13T23:32:00Z' }).grant.startsAt).toBe(1234567920);
  });

  it('each once, none earlier than the last (section 5.2), and the drift learned (section 6)', () => {
    const { kinds, lock } = tokenOf().rules;
    expect(kinds).toHaveLength(1);
    expect(kinds[0]).toMatchObject({ for: 'rolling', times: 'once', seals: true, accepts: [-1, 1] });
    expect(lock).toMatchObject({ drift: { most: 10, every: 86_400 }, throttle: { by: 'lockout', wrong: 3 } });
    expect(tokenOf({ drift: 0 }).rules.lock.drift).toBe(undefined);
    expect(totp.codes).toBe('published');
  });
});
