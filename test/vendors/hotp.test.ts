import { createToken, type DeviceToken, mint } from 'pintumbler';
import { plan } from 'pintumbler/calendar';
import { createLock, enter, initialState, type LockState } from 'pintumbler/lock';
import { hotpBias } from 'pintumbler/schemes';
import { describe, expect, it } from 'vitest';
import { hotp } from '../../src/vendors/hotp.ts';
import { codeOf, hex } from '../support/helpers.ts';
import { hotpLiteral } from '../support/steps-model.ts';

/* OATH HOTP: its settings, and what RFC 4226 says of a validator. How its lock lives: test/steps*.test.ts. */

const SECRET = hex('3132333435363738393031323334353637383930');
const NOW = 1_772_380_800;

const tokenOf = (config?: unknown, key = SECRET): DeviceToken =>
  createToken({
    vendor: hotp,
    deviceId: 'door',
    key,
    timeZone: 'UTC',
    ...(config !== undefined && { config }),
  });

const codeAt = (token: DeviceToken, count: number): string =>
  mint(token, { kind: 'hotp', variance: 0, count, value: 0 });

/** Reasons of a new lock, long pauses in between. */
function reasons(token: DeviceToken, counts: readonly number[]): readonly string[] {
  const lock = createLock([token]);
  let state: LockState = initialState(lock);
  return counts.map((count, turn) => {
    const entry = enter(lock, state, codeAt(token, count), NOW + turn * 10 ** 6);
    state = entry.state;
    return entry.verdict.reason;
  });
}

const NO_NUMBER = [Number.NaN, Infinity, -Infinity, '10', true, null, -0, {}, [], 1n];

describe('settings', () => {
  it.each([
    ...[5, 11, 0, -6, 6.5, ...NO_NUMBER].map((digits) => ({ digits })),
    ...['SHA1', 'sha-1', 'SHA-384', 'MD5', '', 1, [], {}].map((hash) => ({ hash })),
    ...[0, 51, -1, 1.5, ...NO_NUMBER].map((window) => ({ window })),
    ...[-1, 1001, 0.5, ...NO_NUMBER].map((resync) => ({ resync })),
  ])('%o is refused', (config) => {
    expect(codeOf(() => tokenOf(config))).toBe('config_invalid');
  });

  it('none is one that nobody knows', () => {
    for (const config of [{ digit: 6 }, { Window: 1 }, { period: 30 }])
      expect(codeOf(() => tokenOf(config))).toMatch(/^(bad_argument|config_invalid)$/);
    for (const config of [null, [], 'digits', 6, new Map()])
      expect(codeOf(() => tokenOf(config))).toMatch(/^(bad_argument|config_invalid)$/);
  });

  it.each([6, 7, 8, 9, 10])(
    '%i digits, each hash: the codes are those of the RFC, and a layout of their own',
    (digits) => {
      for (const [hash, name] of [
        ['SHA-1', 'sha1'],
        ['SHA-256', 'sha256'],
        ['SHA-512', 'sha512'],
      ] as const) {
        const token = tokenOf({ digits, hash });
        for (const count of [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER])
          expect(codeAt(token, count)).toBe(hotpLiteral(SECRET, count, digits, name));
        expect(token.rules.layout).toBe(`hotp-${digits}-${name}/1`);
        expect(token.rules.bias).toBe(hotpBias(digits));
      }
    },
  );

  it('by default six digits, SHA-1, 10 counts ahead and 100 more', () => {
    expect(tokenOf().rules).toEqual(tokenOf({ digits: 6, hash: 'SHA-1', window: 10, resync: 100 }).rules);
    expect(tokenOf({}).rules).toEqual(tokenOf().rules);
    // What is accepted is no part of the codes.
    expect(tokenOf({ window: 50, resync: 1000 }).rules.layout).toBe(tokenOf().rules.layout);
  });

  it.each([
    [1, 0],
    [1, 1],
    [10, 100],
    [50, 1000],
  ])('window %i, resync %i: where they end', (window, resync) => {
    const token = tokenOf({ digits: 8, window, resync });
    expect(reasons(token, [window - 1])).toEqual(['first_use']);
    const none = resync === 0;
    expect(reasons(token, [window, window + 1])).toEqual(
      none ? ['unknown', 'unknown'] : ['out_of_step', 'first_use'],
    );
    if (none) return;
    const last = window + resync - 1;
    expect(reasons(token, [last, last + 1])).toEqual(['out_of_step', 'first_use']);
    expect(reasons(token, [last + 1, last + 2])).toEqual(['not_yet_valid', 'unknown']);
  });
});

describe('as published', () => {
  it('keys from 16 bytes (R6), and no root', () => {
    expect(codeOf(() => tokenOf({}, new Uint8Array(15)))).toBe('key_length');
    expect(codeOf(() => tokenOf({}, new Uint8Array(0)))).toBe('key_length');
    expect(codeOf(() => tokenOf({}, new Uint8Array(129)))).toBe('key_length');
    for (const length of [16, 20, 32, 64, 65, 128])
      expect(codeAt(tokenOf({}, new Uint8Array(length).fill(5)), 3)).toBe(
        hotpLiteral(new Uint8Array(length).fill(5), 3),
      );
    const more = { vendor: hotp, deviceId: 'd', timeZone: 'UTC' };
    for (const secret of [{ root: new Uint8Array(32) }, { master: new Uint8Array(32) }])
      expect(codeOf(() => createToken({ ...more, ...secret }))).toMatch(/^(bad_argument|key_length)$/);
  });

  it('has no time: nothing to plan, and a clock that nobody needs', () => {
    expect(codeOf(() => plan(tokenOf(), { startsAt: '2026-03-01T12:00Z' }))).toMatch(
      /^(kind_unknown|no_fit|bad_argument)$/,
    );
    const lock = createLock([tokenOf()]);
    for (const now of [0, NOW, 253402300799])
      expect(enter(lock, initialState(lock), '755224', now).verdict.opens).toBe(true);
  });

  it('is one that opens and says where it comes from', () => {
    const { kinds, lock } = tokenOf().rules;
    expect(kinds.map(({ id, effect, times, seals, accepts }) => [id, effect, times, seals, accepts])).toEqual(
      [['hotp', 'open', 'once', true, [1, 10]]],
    );
    expect(kinds[0]?.source).toContain('RFC 4226');
    expect(lock).toMatchObject({ resync: 100, throttle: { by: 'lockout', wrong: 3 } });
    expect(hotp.codes).toBe('published');
    expect(tokenOf({ resync: 0 }).rules.lock.resync).toBe(undefined);
  });
});
