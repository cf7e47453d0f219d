import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  type Claim,
  type Codec,
  type Layout,
  type OpenPaygoForm,
  type OpenPaygoOrder,
  type OpenPaygoType,
  openPaygoNextCount,
  openPaygoScheme,
  openPaygoStartingCode,
  openPaygoToken,
} from 'pintumbler/schemes';
import { describe, expect, it } from 'vitest';
import { codeOf, deep, hex } from './support/helpers.ts';
import {
  chainLiteral,
  layoutOf,
  sipLiteral,
  startLiteral,
  tokenLiteral,
  tokLiteral,
  writtenLiteral,
} from './support/paygo-literal.ts';

const KEY = Uint8Array.from({ length: 16 }, (_, i) => 7 * i + 1);
const START = 123_456_789;

const keys = fc.uint8Array({ minLength: 16, maxLength: 16 });
const starts = fc.oneof(fc.nat(999_999_999), fc.constantFrom(0, 1, 999, 1000, 999_999, 999_999_999));

const VALUES = [996, 996, 1, 1];
const EXTENDED = [1_000_000, 1_000_000];

const layoutFor = (
  { extended = false, restricted = false }: OpenPaygoForm,
  more: Partial<Layout> = {},
): Layout =>
  layoutOf(
    (restricted ? [15, 20] : [9, 12])[extended ? 1 : 0] ?? 0,
    restricted ? '1234' : '0123456789',
    extended ? EXTENDED : VALUES,
    more,
  );

const codec = (form: OpenPaygoForm = {}, more: Partial<Layout> = {}, key: Uint8Array = KEY): Codec =>
  openPaygoScheme(form).prepare(key, layoutFor(form, more));

const claim = (kind: number, slot: number, length = 0): Claim => ({
  kind,
  slot,
  length,
  variance: 0,
  lane: '',
});

const published = new URL('../../shared/vectors/openpaygo.json', import.meta.url);
const file = existsSync(published) ? JSON.parse(readFileSync(published, 'utf8')) : { testGroups: [] };
const TYPES: Readonly<Record<string, OpenPaygoType>> = {
  ADD_TIME: 'add',
  SET_TIME: 'set',
  DISABLE_PAYG: 'disable',
  COUNTER_SYNC: 'sync',
};

describe.skipIf(!existsSync(published))('published vectors', () => {
  it('encode: counts, tokens, and what the scheme says of them', () => {
    let seen = 0;
    for (const group of file.testGroups) {
      if (group.type !== 'OpenPaygoEncodeTest') continue;
      const { startingCode, extended, restrictedDigitSet: restricted } = group;
      const form = { startingCode, extended, restricted };
      const scheme = codec(form, {}, hex(group.key));
      for (const test of group.tests) {
        const type = TYPES[test.tokenType] ?? 'add';
        const count = openPaygoNextCount(test.lastCount, type);
        expect(count).toBe(test.newCount);
        const value = test.value ?? (type === 'disable' ? 998 : 999);
        expect(openPaygoToken(hex(group.key), { count, value, ...form }), `tcId ${test.tcId}`).toBe(
          test.token,
        );
        // Extended tokens carry 998 and 999 as plain values.
        const kind = extended && type !== 'add' ? 1 : ['add', 'set', 'disable', 'sync'].indexOf(type);
        const said = claim(kind, count, kind > 1 ? 0 : value);
        expect(scheme.encode(said)).toBe(test.token);
        expect(scheme.decode(test.token, test.lastCount, test.lastCount + 64)).toEqual([said]);
        seen++;
      }
    }
    expect(seen).toBe(40);
  });

  it('raw tokens: a count and a value, whatever the parity', () => {
    let seen = 0;
    for (const group of file.testGroups) {
      if (group.type !== 'OpenPaygoRawTokenTest') continue;
      const { key, startingCode } = group;
      for (const { count, value, restrictedDigitSet: restricted, token, tcId } of group.tests) {
        expect(openPaygoToken(hex(key), { count, value, startingCode, restricted }), `tcId ${tcId}`).toBe(
          token,
        );
        seen++;
      }
    }
    expect(seen).toBe(12);
  });

  it('primitives', () => {
    let seen = 0;
    for (const group of file.testGroups) {
      if (group.type !== 'OpenPaygoPrimitiveTest') continue;
      for (const { op, key, token, next, restricted, msgAscii } of group.tests) {
        if (op === 'nextToken') {
          // With the value that makes the base of `next` again, one step is the token itself.
          const order = { count: 1, value: 0, startingCode: token };
          const printed = openPaygoToken(hex(key), order);
          expect(printed.slice(0, 6)).toBe(String(next).padStart(9, '0').slice(0, 6));
          expect(printed.slice(6)).toBe(String(token).slice(-3));
        } else if (op === 'toRestrictedDigitSet') {
          expect(writtenLiteral(BigInt(token), false, true), 'the oracle itself').toBe(restricted);
        } else if (op === 'hashToToken(siphash24)') {
          const message = new TextEncoder().encode(msgAscii);
          expect(tokLiteral(sipLiteral(hex(key), message)), 'the oracle itself').toBe(BigInt(token));
        } else continue;
        seen++;
      }
    }
    expect(seen).toBe(4);
  });

  it('tokens of the device sequences are read with the type, value and count they are said to have', () => {
    let seen = 0;
    for (const group of file.testGroups) {
      if (group.type !== 'OpenPaygoDeviceSequence') continue;
      const { key, startingCode } = group;
      const scheme = codec({ startingCode }, {}, hex(key));
      for (const { token, count, value, type, mode, expect: outcome, tcId } of group.tests) {
        const kind = ['add', 'set', 'disable', 'sync'].indexOf(TYPES[type ?? mode] ?? '');
        if (outcome === 'rejected') expect(scheme.decode(token, 0, 200), `tcId ${tcId}`).toEqual([]);
        if (outcome !== 'accepted' || kind < 0) continue;
        const claims = scheme.decode(token, 0, count + 64);
        expect(claims, `tcId ${tcId}`).toEqual([claim(kind, count, kind > 1 ? 0 : value)]);
        seen++;
      }
    }
    expect(seen).toBeGreaterThan(15);
  });

  it('tokens of count 0, made without the key, mean nothing', () => {
    let seen = 0;
    for (const group of file.testGroups) {
      if (group.type !== 'OpenPaygoHardening') continue;
      const scheme = codec({ startingCode: group.startingCode }, {}, hex(group.key));
      for (const { flags, tokens } of group.tests) {
        if (!flags.includes('CountZero')) continue;
        expect(scheme.decode(tokens[0], 0, 1000)).toEqual([]);
        seen++;
      }
    }
    expect(seen).toBe(2);
  });
});

describe('tokens', () => {
  it('are what the BigInt chain says, of any key, starting code, count, value and form', () => {
    const orders = fc.record({
      count: fc.integer({ min: 1, max: 200 }),
      extended: fc.boolean(),
      restricted: fc.boolean(),
      value: fc.oneof(fc.nat(995), fc.constantFrom(998, 999)),
      wide: fc.nat(999_999),
    });
    fc.assert(
      fc.property(keys, fc.option(starts), orders, (key, given, { wide, ...order }) => {
        const value = order.extended ? wide : order.value;
        const start = given === null ? startLiteral(key) : BigInt(given);
        const form = given === null ? {} : { startingCode: given };
        expect(openPaygoToken(key, { ...order, value, ...form })).toBe(
          tokenLiteral(key, start, order.count, value, order.extended, order.restricted),
        );
      }),
      { numRuns: deep(60) },
    );
  });

  it('these for ever', () => {
    const key = new Uint8Array(16);
    const of = (order: OpenPaygoOrder): string => openPaygoToken(key, order);
    expect([
      of({ count: 1, value: 0 }),
      of({ count: 2, value: 30 }),
      of({ count: 4000, value: 995, startingCode: START }),
      of({ count: 65_535, value: 999, startingCode: START }),
      of({ count: 2, value: 30, restricted: true }),
      of({ count: 3, value: 999_999, extended: true, startingCode: 999_999_999 }),
      of({ count: 3, value: 0, extended: true, restricted: true, startingCode: 0 }),
    ]).toEqual([
      '175291629',
      '071172659',
      '117398784',
      '669542788',
      '121144311131414',
      '687197999998',
      '31112313114431412111',
    ]);
  });

  it('the starting code of a key, and 0 as one that was given', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(BigInt(openPaygoStartingCode(key))).toBe(startLiteral(key));
      }),
      { numRuns: deep(200) },
    );
    const order = { count: 3, value: 5 };
    expect(openPaygoToken(KEY, { ...order, startingCode: openPaygoStartingCode(KEY) })).toBe(
      openPaygoToken(KEY, order),
    );
    expect(openPaygoToken(KEY, { ...order, startingCode: 0 })).not.toBe(openPaygoToken(KEY, order));
  });

  it('say all ten digits: those that 30 and 40 bits do not reach come out below 10^9 and 10^12', () => {
    // Of 2^30 numbers one in 14.6 is above 10^9.
    for (const extended of [false, true]) {
      const from = extended ? 10n ** 12n : 10n ** 9n;
      let folded = 0;
      let n = 0;
      for (const token of chainLiteral(KEY, BigInt(START), 0n, extended)) {
        if (n > 0) {
          expect(token).toBeLessThan(from);
          const code = openPaygoToken(KEY, { count: n, value: 0, startingCode: START, extended });
          expect(code).toBe(writtenLiteral(token, extended, false));
        }
        if (token >= from - (extended ? 99_511_627_777n : 73_741_825n)) folded++;
        if (++n > 120) break;
      }
      expect(folded).toBeGreaterThan(2);
    }
  });

  it.each([
    [{ count: 0, value: 1 }, 'out_of_range'],
    [{ count: -1, value: 1 }, 'out_of_range'],
    [{ count: 65_536, value: 1 }, 'out_of_range'],
    [{ count: 2 ** 53, value: 1 }, 'out_of_range'],
    [{ count: 1.5, value: 1 }, 'bad_argument'],
    [{ count: -0, value: 1 }, 'bad_argument'],
    [{ count: Number.NaN, value: 1 }, 'bad_argument'],
    [{ count: Number.POSITIVE_INFINITY, value: 1 }, 'bad_argument'],
    [{ count: '2', value: 1 }, 'bad_argument'],
    [{ value: 1 }, 'bad_argument'],
    [{ count: 2 }, 'bad_argument'],
    [{ count: 2, value: 996 }, 'out_of_range'],
    [{ count: 2, value: 997 }, 'out_of_range'],
    [{ count: 2, value: 1000 }, 'out_of_range'],
    [{ count: 2, value: -1 }, 'out_of_range'],
    [{ count: 2, value: -0 }, 'bad_argument'],
    [{ count: 2, value: 0.5 }, 'bad_argument'],
    [{ count: 2, value: Number.NaN }, 'bad_argument'],
    [{ count: 2, value: '30' }, 'bad_argument'],
    [{ count: 2, value: 2 ** 53 }, 'out_of_range'],
    [{ count: 2, value: 1_000_000, extended: true }, 'out_of_range'],
    [{ count: 2, value: 997, extended: true }, 'no error'],
    [{ count: 2, value: 998 }, 'no error'],
    [{ count: 2, value: 1, startingCode: 1_000_000_000 }, 'out_of_range'],
    [{ count: 2, value: 1, startingCode: -1 }, 'out_of_range'],
    [{ count: 2, value: 1, startingCode: 1.5 }, 'bad_argument'],
    [{ count: 2, value: 1, startingCode: '1' }, 'bad_argument'],
    [{ count: 2, value: 1, startingCode: null }, 'bad_argument'],
    [{ count: 2, value: 1, startingCode: Number.NaN }, 'bad_argument'],
    [{ count: 2, value: 1, startingCode: 10 ** 11, extended: true }, 'out_of_range'],
    [{ count: 2, value: 1, extended: 1 }, 'bad_argument'],
    [{ count: 2, value: 1, restricted: 'yes' }, 'bad_argument'],
    [{ count: 2, value: 1, restricted: null }, 'bad_argument'],
    [{ count: 2, value: 1, type: 'add' }, 'bad_argument'],
    [{ count: 2, value: 1, Extended: true }, 'bad_argument'],
    [[2, 1], 'bad_argument'],
    [null, 'bad_argument'],
    [undefined, 'bad_argument'],
  ])('%j: %s', (order: unknown, code) => {
    expect(codeOf(() => openPaygoToken(KEY, order as OpenPaygoOrder))).toBe(code);
  });

  it.each([
    [new Uint8Array(0), 'key_length'],
    [new Uint8Array(15), 'key_length'],
    [new Uint8Array(32), 'key_length'],
    ['bc41ec9530f6dac86b1a29ab82edc5fb', 'bad_argument'],
    [null, 'bad_argument'],
  ])('key %#: %s', (key: unknown, code) => {
    expect(codeOf(() => openPaygoToken(key as Uint8Array, { count: 2, value: 1, startingCode: 1 }))).toBe(
      code,
    );
    expect(codeOf(() => openPaygoStartingCode(key as Uint8Array))).toBe(code);
  });
});

describe('the next count', () => {
  it('is the next even one for add, the next odd one for all else', () => {
    for (let last = 0; last < 300; last++) {
      expect(openPaygoNextCount(last, 'add')).toBe([1, 2].map((by) => last + by).find((n) => n % 2 === 0));
      for (const type of ['set', 'disable', 'sync'] as const)
        expect(openPaygoNextCount(last, type)).toBe([1, 2].map((by) => last + by).find((n) => n % 2 === 1));
    }
  });

  it('stays within 65,535', () => {
    expect(openPaygoNextCount(65_533, 'add')).toBe(65_534);
    expect(codeOf(() => openPaygoNextCount(65_534, 'add'))).toBe('out_of_range');
    expect(openPaygoNextCount(65_534, 'set')).toBe(65_535);
    expect(codeOf(() => openPaygoNextCount(65_535, 'sync'))).toBe('out_of_range');
  });

  it.each([
    [-1, 'add', 'out_of_range'],
    [-0, 'add', 'bad_argument'],
    [0.5, 'add', 'bad_argument'],
    [Number.NaN, 'set', 'bad_argument'],
    [2 ** 53, 'set', 'out_of_range'],
    ['1', 'set', 'bad_argument'],
    [1, 'ADD', 'bad_argument'],
    [1, undefined, 'bad_argument'],
    [1, 0, 'bad_argument'],
    [1, ['add'], 'bad_argument'],
  ])('%j, %j: %s', (last: unknown, type: unknown, code) => {
    expect(codeOf(() => openPaygoNextCount(last as number, type as OpenPaygoType))).toBe(code);
  });
});

const forms = fc.record({ extended: fc.boolean(), restricted: fc.boolean(), startingCode: starts });

describe('the scheme', () => {
  it('has an id for each meaning', () => {
    expect(openPaygoScheme().id).toBe('openpaygo/1');
    expect(openPaygoScheme({ restricted: true }).id).toBe('openpaygo/1');
    expect(openPaygoScheme({ extended: true, startingCode: 5 }).id).toBe('openpaygo-extended/1');
    expect(openPaygoScheme().key).toEqual({ from: 16, to: 16 });
  });

  it('makes the tokens of the function, and reads back what it made and nothing else', () => {
    const any = fc.record({ kind: fc.nat(3), value: fc.nat(995), wide: fc.nat(999_999), half: fc.nat(60) });
    fc.assert(
      fc.property(keys, forms, any, (key, form, { kind: index, value, wide, half }) => {
        const kind = form.extended ? index % 2 : index;
        const slot = kind === 0 ? 2 * half + 2 : 2 * half + 1;
        const length = kind > 1 ? 0 : form.extended ? wide : value;
        const mine = codec(form, {}, key);
        const asked = claim(kind, slot, length);
        const code = mine.encode(asked);
        const said = kind === 2 ? 998 : kind === 3 ? 999 : length;
        expect(code).toBe(openPaygoToken(key, { ...form, count: slot, value: said }));
        expect(mine.decode(code, 0, slot + 64)).toContainEqual(asked);
        expect(mine.decode(code, slot, slot)).toEqual([asked]);
        expect(mine.decode(code, slot + 1, slot + 64)).not.toContainEqual(asked);
        expect(mine.decode(code, 0, slot - 1)).not.toContainEqual(asked);
        for (const each of mine.decode(code, 0, slot + 200)) expect(mine.encode(each)).toBe(code);
      }),
      { numRuns: deep(80) },
    );
  });

  it('without a starting code takes that of the key', () => {
    const code = openPaygoToken(KEY, { count: 2, value: 30 });
    expect(codec().encode(claim(0, 2, 30))).toBe(code);
    expect(codec().decode(code, 0, 64)).toEqual([claim(0, 2, 30)]);
  });

  it('the parity of the count is the kind', () => {
    const mine = codec({ startingCode: START });
    for (const [kind, slot] of [
      [0, 1],
      [0, 7],
      [1, 2],
      [2, 4],
      [3, 6],
    ] as const)
      expect(codeOf(() => mine.encode(claim(kind, slot)))).toBe('rules_invalid');
    const even = openPaygoToken(KEY, { count: 8, value: 7, startingCode: START });
    const odd = openPaygoToken(KEY, { count: 9, value: 7, startingCode: START });
    expect(mine.decode(even, 0, 64)).toEqual([claim(0, 8, 7)]);
    expect(mine.decode(odd, 0, 64)).toEqual([claim(1, 9, 7)]);
  });

  it('commands at an even count, and reserved values, mean nothing', () => {
    const mine = codec({ startingCode: START });
    for (const value of [998, 999]) {
      expect(mine.decode(openPaygoToken(KEY, { count: 8, value, startingCode: START }), 0, 64)).toEqual([]);
      const odd = mine.decode(openPaygoToken(KEY, { count: 9, value, startingCode: START }), 0, 64);
      expect(odd).toEqual([claim(value === 998 ? 2 : 3, 9)]);
    }
    for (const value of [996, 997])
      for (const count of [8, 9])
        expect(mine.decode(tokenLiteral(KEY, BigInt(START), count, value), 0, 64)).toEqual([]);
    const wide = codec({ startingCode: START, extended: true });
    for (const value of [996, 997, 998, 999]) {
      const code = openPaygoToken(KEY, { count: 8, value, startingCode: START, extended: true });
      expect(wide.decode(code, 0, 64)).toEqual([claim(0, 8, value)]);
    }
  });

  it('never says a count of 0: that token needs no key', () => {
    for (const extended of [false, true]) {
      const mine = codec({ startingCode: START, extended });
      for (const value of [0, 1, 995, 998]) {
        const code = tokenLiteral(KEY, BigInt(START), 0, value, extended);
        expect(code.startsWith(extended ? '000123' : '123456')).toBe(true);
        for (const first of [0, -5, 1]) expect(mine.decode(code, first, 64)).toEqual([]);
      }
      expect(codeOf(() => mine.encode(claim(0, 0)))).toBe('out_of_range');
      expect(codeOf(() => mine.encode(claim(1, -1)))).toBe('out_of_range');
    }
  });

  it('a token without its leading zeros means nothing', () => {
    const mine = codec({}, {}, new Uint8Array(16));
    expect(mine.decode('071172659', 0, 64)).toEqual([claim(0, 2, 30)]);
    for (const code of ['71172659', ' 71172659', '+71172659', '0071172659', '071172659 ', '071172659.0'])
      expect(mine.decode(code, 0, 64)).toEqual([]);
  });

  it('counts end at 65,535', () => {
    const mine = codec({ startingCode: START });
    const code = mine.encode(claim(1, 65_535, 3));
    expect(mine.decode(code, 65_500, 65_535)).toEqual([claim(1, 65_535, 3)]);
    expect(mine.decode(code, 65_500, 70_000)).toEqual([claim(1, 65_535, 3)]);
    expect(mine.decode(tokenLiteral(KEY, BigInt(START), 65_536, 3), 65_500, 70_000)).toEqual([]);
    expect(codeOf(() => mine.encode(claim(0, 65_536, 3)))).toBe('out_of_range');
  });

  it('tokens of another device or with a wrong digit mean nothing, but for the chance', () => {
    const mine = codec({ startingCode: START });
    let read = 0;
    for (let i = 0; i < 2000; i++)
      read += mine.decode(String((i * 499_979 + 17) % 10 ** 9).padStart(9, '0'), 0, 64).length;
    // 64 of 10^6: one in 15,000.
    expect(read).toBeLessThan(3);
    const code = mine.encode(claim(0, 8, 7));
    for (let at = 0; at < 9; at++) {
      const digit = (Number(code.charAt(at)) + 1) % 10;
      const wrong = code.slice(0, at) + digit + code.slice(at + 1);
      expect(mine.decode(wrong, 0, 64)).not.toContainEqual(claim(0, 8, 7));
    }
  });

  it.each([
    [{}, ''],
    [{}, '12345678'],
    [{}, '1234567890'],
    [{}, '12345678x'],
    [{}, '+23456789'],
    [{}, '1234e5678'],
    [{ restricted: true }, '444444444444444'],
    [{ restricted: true }, '011111111111111'],
    [{ restricted: true }, '511111111111111'],
    [{ restricted: true }, '123456789'],
    [{ extended: true }, '123456789'],
    [{ extended: true, restricted: true }, '44444444444444444444'],
  ])('%j: %s means nothing', (form: OpenPaygoForm, code) => {
    expect(codec(form).decode(code, 0, 300)).toEqual([]);
  });

  it('restricted symbols that say 10^9 and more mean nothing', () => {
    const mine = codec({ startingCode: 0, restricted: true });
    for (const number of [10n ** 9n, 10n ** 9n + 7n, 4n ** 15n - 1n])
      expect(mine.decode(writtenLiteral(number, false, true), 0, 300)).toEqual([]);
  });

  it('keeps its own copy of the key, and what a layout has fewer of means nothing', () => {
    const key = Uint8Array.from(KEY);
    const mine = openPaygoScheme({ startingCode: START }).prepare(key, layoutOf(9, '0123456789', [31, 31]));
    const code = mine.encode(claim(0, 2, 30));
    key.fill(0);
    expect(mine.encode(claim(0, 2, 30))).toBe(code);
    expect(mine.decode(code, 0, 64)).toEqual([claim(0, 2, 30)]);
    const of = (count: number, value: number): string =>
      openPaygoToken(KEY, { count, value, startingCode: START });
    expect(mine.decode(of(2, 31), 0, 64)).toEqual([]);
    expect(mine.decode(of(3, 998), 0, 64)).toEqual([]);
    expect(codeOf(() => mine.encode(claim(0, 2, 31)))).toBe('rules_invalid');
    expect(codeOf(() => mine.encode(claim(2, 3)))).toBe('rules_invalid');
  });

  it.each([
    [{}, {}, 'no error'],
    [{}, { digits: 12 }, 'rules_invalid'],
    [{}, { digits: 8 }, 'rules_invalid'],
    [{}, { alphabet: '1234567890' }, 'rules_invalid'],
    [{ extended: true }, { digits: 9 }, 'rules_invalid'],
    [{ restricted: true }, { alphabet: '0123' }, 'rules_invalid'],
    [{ restricted: true }, { digits: 9 }, 'rules_invalid'],
    [{}, { lanes: ['1'] }, 'rules_invalid'],
    [{}, { lanes: ['', '1'] }, 'rules_invalid'],
    [{}, { places: layoutOf(9, '0123456789', [997, 996, 1, 1]).places }, 'rules_invalid'],
    [{}, { places: layoutOf(9, '0123456789', [996, 996, 2, 1]).places }, 'rules_invalid'],
    [{}, { places: layoutOf(9, '0123456789', [996, 996, 1, 1, 1]).places }, 'rules_invalid'],
    [{ extended: true }, { places: layoutOf(9, '0123456789', [10, 10, 1]).places }, 'rules_invalid'],
    [{}, { places: [{ base: 0, lengths: 5, variances: 2, lane: undefined }] }, 'rules_invalid'],
  ])('%j with a layout of %j: %s', (form: OpenPaygoForm, more: Partial<Layout>, code) => {
    expect(codeOf(() => codec(form, more))).toBe(code);
  });

  it.each([
    [{ startingCode: -1 }, 'out_of_range'],
    [{ startingCode: 1e9 }, 'out_of_range'],
    [{ startingCode: '1' }, 'bad_argument'],
    [{ extended: 'no' }, 'bad_argument'],
    [{ restricted: 0 }, 'bad_argument'],
    [{ startingcode: 1 }, 'bad_argument'],
    [null, 'bad_argument'],
    ['extended', 'bad_argument'],
  ])('made with %j: %s', (form: unknown, code) => {
    expect(codeOf(() => openPaygoScheme(form as OpenPaygoForm))).toBe(code);
  });
});

describe('alone: no other count near by has the same token', () => {
  // Six digits of 3,000 counts: a handful of pairs.
  const LAST = 3000;
  const tokens: string[] = [];
  for (const token of chainLiteral(KEY, BigInt(START), 7n, false)) {
    tokens.push(writtenLiteral(token, false, false));
    if (tokens.length > LAST) break;
  }
  const pairs = tokens.flatMap((code, high) => {
    const low = tokens.indexOf(code);
    return low > 0 && low < high ? [[low, high] as const] : [];
  });

  it('as a search over all of them finds', () => {
    expect(pairs.length).toBeGreaterThan(1);
    for (const [low, high] of pairs) {
      const apart = high - low;
      const near = codec({ startingCode: START }, { span: apart });
      const nearer = codec({ startingCode: START }, { span: apart - 1 });
      for (const count of [low, high]) {
        expect(near.alone(claim(count % 2, count, 7)), `count ${count} of ${low} and ${high}`).toBe(false);
        expect(nearer.alone(claim(count % 2, count, 7))).toBe(true);
      }
      const both = near.decode(tokens[low] ?? '', low, high);
      expect(both).toEqual([claim(high % 2, high, 7), claim(low % 2, low, 7)]);
    }
  });

  it('at both ends of a window, for every count of a range', () => {
    const span = 400;
    const mine = codec({ startingCode: START }, { span });
    for (let count = 1; count < LAST - span; count += 23) {
      const code = tokens[count];
      const near = tokens.filter((each, i) => i > 0 && Math.abs(i - count) <= span && each === code);
      expect(mine.alone(claim(count % 2, count, 7))).toBe(near.length === 1);
    }
  });

  it('the starting code itself is no other count, and 65,535 is the last', () => {
    const mine = codec({ startingCode: START }, { span: 64 });
    expect(mine.alone(claim(1, 1, 7))).toBe(true);
    expect(mine.alone(claim(1, 65_535, 7))).toBe(true);
  });
});
