import { createToken, type DeviceToken, mint, nextGrant, read } from 'pintumbler';
import { createLock, enter, initialState } from 'pintumbler/lock';
import { openPaygoStartingCode } from 'pintumbler/schemes';
import { describe, expect, it } from 'vitest';
import { openpaygo } from '../../src/vendors/openpaygo.ts';
import { codeOf, hex } from '../support/helpers.ts';
import { startLiteral, tokenLiteral } from '../support/paygo-literal.ts';

/* OpenPAYGO Token: its settings, and what cryptography.md §2 says of a device. How its lock lives: test/steps*.test.ts. */

const KEY = hex('bc41ec9530f6dac86b1a29ab82edc5fb');
const NOW = 1_772_380_800;

const tokenOf = (config?: unknown, key = KEY): DeviceToken =>
  createToken({
    vendor: openpaygo,
    deviceId: 'kit',
    key,
    timeZone: 'UTC',
    ...(config !== undefined && { config }),
  });

const reasonOf = (token: DeviceToken, code: string): string => {
  const lock = createLock([token]);
  return enter(lock, initialState(lock), code, NOW).verdict.reason;
};

const NO_NUMBER = [Number.NaN, Infinity, -Infinity, '10', true, null, -0, {}, [], 1n];

describe('settings', () => {
  it.each([
    ...[-1, 10 ** 9, 0.5, ...NO_NUMBER].map((start) => ({ start })),
    ...['true', 1, 0, null, [], {}].map((extended) => ({ extended })),
    ...['full', 'Digits', '', 4, null, true].map((keypad) => ({ keypad })),
    ...[-1, 65_536, 0.5, ...NO_NUMBER].map((count) => ({ count })),
  ])('%o is refused', (config) => {
    expect(codeOf(() => tokenOf(config))).toBe('config_invalid');
  });

  it('none is one that nobody knows', () => {
    for (const config of [{ startingCode: 1 }, { restricted: true }, null, [], 'start'])
      expect(codeOf(() => tokenOf(config))).toMatch(/^(bad_argument|config_invalid)$/);
  });

  it('keys of 16 bytes', () => {
    for (const length of [0, 15, 17, 32])
      expect(codeOf(() => tokenOf({}, new Uint8Array(length)))).toBe('key_length');
  });

  it.each([
    [false, 'digits', 9, /^\d{9}$/, 'openpaygo/1'],
    [true, 'digits', 12, /^\d{12}$/, 'openpaygo-extended/1'],
    [false, 'restricted', 15, /^[1-4]{15}$/, 'openpaygo-restricted/1'],
    [true, 'restricted', 20, /^[1-4]{20}$/, 'openpaygo-extended-restricted/1'],
  ] as const)('extended %s, keypad %s: %i symbols', (extended, keypad, digits, form, layout) => {
    const token = tokenOf({ extended, keypad, start: 123 });
    expect(token.rules).toMatchObject({ digits, layout });
    for (const value of [0, 1, 995, ...(extended ? [996, 999_999] : [])]) {
      const code = mint(token, { kind: 'add', variance: 0, count: 6, value });
      expect(code).toMatch(form);
      expect(code).toBe(tokenLiteral(KEY, 123n, 6, value, extended, keypad === 'restricted'));
      expect(reasonOf(token, code)).toBe('credited');
    }
    expect(token.rules.kinds.map(({ id }) => id)).toEqual(
      extended ? ['add', 'set'] : ['add', 'set', 'disable', 'sync'],
    );
  });

  it('without a starting code it is that of the key; 0 is one', () => {
    const start = openPaygoStartingCode(KEY);
    expect(BigInt(start)).toBe(startLiteral(KEY));
    const grant = { kind: 'add', variance: 0, count: 2, value: 7 };
    expect(mint(tokenOf(), grant)).toBe(mint(tokenOf({ start }), grant));
    expect(mint(tokenOf({ start: 0 }), grant)).toBe(tokenLiteral(KEY, 0n, 2, 7));
    expect(mint(tokenOf({ start: 999_999_999 }), grant)).toBe(tokenLiteral(KEY, 999_999_999n, 2, 7));
  });

  it('a new device has count 1, or the one that it is given', () => {
    const code = (count: number): string => tokenLiteral(KEY, 5n, count, 7);
    const reasons = (count: number | undefined, counts: readonly number[]): readonly string[] =>
      counts.map((each) =>
        reasonOf(tokenOf({ start: 5, ...(count !== undefined && { count }) }), code(each)),
      );
    expect(reasons(undefined, [1, 2, 64, 65, 66])).toEqual([
      'already_used',
      'credited',
      'credited',
      'credited',
      'not_yet_valid',
    ]);
    expect(reasons(0, [1, 2, 64, 65])).toEqual(['credited', 'credited', 'credited', 'not_yet_valid']);
    // What an old device has had is not known: nothing below its count.
    expect(reasons(40, [26, 38, 39, 40, 41, 42, 104, 106])).toEqual([
      'superseded',
      'superseded',
      'superseded',
      'already_used',
      'credited',
      'credited',
      'credited',
      'not_yet_valid',
    ]);
  });
});

describe('as published', () => {
  it('64 ahead, 16 below, a sync 100 ahead and 63 back, a doubling lockout', () => {
    const { kinds, lock, counts, slots } = tokenOf().rules;
    expect(kinds.map(({ id, accepts, seals, effect }) => [id, accepts, seals ?? false, effect])).toEqual([
      ['add', [-16, 64], false, 'credit'],
      ['set', [1, 64], true, 'credit'],
      ['disable', [1, 64], true, 'credit'],
      ['sync', [-63, 100], true, 'sync'],
    ]);
    expect(lock.throttle).toEqual({
      by: 'lockout',
      wrong: 1,
      seconds: [60, 120, 240, 480, 960, 1920, 3840, 7680, 15_360, 30_720],
    });
    expect(counts).toEqual({ last: 1, floor: 1 });
    expect(slots).toBe(65_536);
    expect(openpaygo.codes).toBe('published');
  });

  it('the likeliest chain values are 1.86 times likelier than the average, as §2 has it; and a sync has the most counts', () => {
    // Of 164 counts, every other: 82 of a million, where the values have 71.826 on average.
    expect((tokenOf().rules.bias ?? 0) * 71.826).toBeCloseTo(82 * ((2 * 10 ** 9) / 2 ** 30), 9);
    expect((2 * 10 ** 9) / 2 ** 30).toBeCloseTo(1.863, 3);
    expect(tokenOf({ extended: true }).rules.bias).toBeCloseTo((2 * 10 ** 12) / 2 ** 40, 9);
  });

  it('counts by parity: the next even one adds, the next odd one does all else', () => {
    const next = (after: number, kind: string, value?: number): number =>
      nextGrant(tokenOf({ start: 5 }), { after, kind, ...(value !== undefined && { value }) }).count;
    expect([1, 2, 3].map((after) => next(after, 'add', 7))).toEqual([2, 4, 4]);
    expect([1, 2, 3].map((after) => next(after, 'set', 7))).toEqual([3, 3, 5]);
    expect([1, 2, 3].map((after) => next(after, 'disable'))).toEqual([3, 3, 5]);
    expect([1, 2, 3].map((after) => next(after, 'sync'))).toEqual([3, 3, 5]);
  });

  it('reads what its lock would', () => {
    const token = tokenOf({ start: 5 });
    expect(read(token, tokenLiteral(KEY, 5n, 3, 998), { count: 1 })).toEqual([
      { kind: 'disable', variance: 0, count: 3, value: 998 },
    ]);
    expect(read(token, tokenLiteral(KEY, 5n, 3, 999), { count: 66 })).toHaveLength(1);
    expect(read(token, tokenLiteral(KEY, 5n, 3, 999), { count: 67 })).toEqual([]);
    for (const value of [996, 997])
      expect(read(token, tokenLiteral(KEY, 5n, 3, value), { count: 1 })).toEqual([]);
    for (const value of [998, 999])
      expect(read(token, tokenLiteral(KEY, 5n, 4, value), { count: 1 })).toEqual([]);
    expect(codeOf(() => read(token, '12345678', { count: 1 }))).toBe('code_malformed');
  });
});
