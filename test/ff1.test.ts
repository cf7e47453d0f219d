import { existsSync, readFileSync } from 'node:fs';
import { FF1 } from '@noble/ciphers/ff1.js';
import fc from 'fast-check';
import { ff1, numberFf1 } from 'pintumbler/schemes';
import { describe, expect, it } from 'vitest';
import { ff1Literal } from './support/ff1-literal.ts';
import { codeOf, deep, hex } from './support/helpers.ts';

const digits = (text: string): number[] => [...text].map((symbol) => Number.parseInt(symbol, 36));

/** NIST, FF1samples.pdf: nine samples. */
const K128 = '2b7e151628aed2a6abf7158809cf4f3c';
const K192 = `${K128}ef4359d8d580aa4f`;
const K256 = `${K192}7f036d6f04fc6a94`;
const T10 = '39383736353433323130';
const T11 = '3737373770717273373737';
const NIST = [
  [K128, 10, '', '0123456789', '2433477484'],
  [K128, 10, T10, '0123456789', '6124200773'],
  [K128, 36, T11, '0123456789abcdefghi', 'a9tv40mll9kdu509eum'],
  [K192, 10, '', '0123456789', '2830668132'],
  [K192, 10, T10, '0123456789', '2496655549'],
  [K192, 36, T11, '0123456789abcdefghi', 'xbj3kv35jrawxv32ysr'],
  [K256, 10, '', '0123456789', '6657667009'],
  [K256, 10, T10, '0123456789', '1001623463'],
  [K256, 36, T11, '0123456789abcdefghi', 'xs8a0azh2avyalyzuwd'],
] as const;

describe('FF1, SP 800-38G', () => {
  it.each(NIST)('NIST sample %#', (key, radix, tweak, plain, cipher) => {
    const f = ff1(hex(key), radix);
    expect(f.encrypt(digits(plain), hex(tweak))).toEqual(digits(cipher));
    expect(f.decrypt(digits(cipher), hex(tweak))).toEqual(digits(plain));
    expect(ff1Literal(hex(key), radix, hex(tweak), digits(plain)), 'the oracle itself').toEqual(
      digits(cipher),
    );
  });

  const published = new URL('../../shared/vectors/ff1.json', import.meta.url);
  it.skipIf(!existsSync(published))('Wycheproof decimal vectors', () => {
    const file = JSON.parse(readFileSync(published, 'utf8'));
    let valid = 0;
    let refused = 0;
    for (const group of file.testGroups) {
      for (const test of group.tests) {
        const radix = test.radix ?? group.radix;
        const text = (value: unknown): number[] =>
          Array.isArray(value) ? value.map(Number) : digits(String(value));
        const run = () => ff1(hex(test.key), radix).encrypt(text(test.msg), hex(test.tweak ?? ''));
        const size = radix ** text(test.msg).length;
        if (test.result === 'invalid' || size < 1e6) {
          // Domains of 10^2 to 10^6 are legal in SP 800-38G, refused by its revision, and by us.
          expect(codeOf(run)).toMatch(/^(key_length|domain_too_small|out_of_range|bad_argument)$/);
          refused++;
        } else {
          expect(run(), `tcId ${test.tcId}`).toEqual(text(test.ct));
          expect(ff1(hex(test.key), radix).decrypt(text(test.ct), hex(test.tweak ?? ''))).toEqual(
            text(test.msg),
          );
          valid++;
        }
      }
    }
    expect(valid).toBe(258);
    expect(refused).toBe(20);
  });

  it('equals the public FF1 of @noble/ciphers and the literal one, any radix, length and tweak', () => {
    const messages = fc
      .tuple(fc.constantFrom(2, 3, 10, 16, 26, 36, 255, 256, 1000, 65535), fc.integer({ min: 0, max: 30 }))
      .chain(([radix, more]) => {
        const least = Math.max(2, Math.ceil(6 / Math.log10(radix)));
        const numeral = fc.integer({ min: 0, max: radix - 1 });
        return fc.tuple(fc.constant(radix), fc.array(numeral, { minLength: least, maxLength: least + more }));
      });
    const keys = fc
      .constantFrom(16, 24, 32)
      .chain((size) => fc.uint8Array({ minLength: size, maxLength: size }));
    fc.assert(
      fc.property(keys, messages, fc.uint8Array({ maxLength: 40 }), (key, [radix, message], tweak) => {
        const mine = ff1(key, radix).encrypt(message, tweak);
        expect(mine).toEqual(FF1(radix, key, tweak).encrypt(message));
        expect(mine).toEqual(ff1Literal(key, radix, tweak, message));
        expect(ff1(key, radix).decrypt(mine, tweak)).toEqual(message);
      }),
      { numRuns: deep(150) },
    );
  });

  it('the fast path equals the general one, up to halves of 2^20', () => {
    const shapes = [
      [10, 6],
      [10, 7],
      [10, 9],
      [10, 10],
      [10, 12],
      [10, 8],
      [2, 20],
      [2, 39],
      [2, 40],
      [36, 5],
      [256, 3],
      [256, 4],
      [1000, 3],
      [1024, 4],
      [5, 9],
    ] as const;
    const cases = fc.constantFrom(...shapes).chain(([radix, length]) =>
      fc.tuple(
        fc.constant(radix),
        fc.constant(length),
        fc.maxSafeNat().map((x) => x % radix ** length),
      ),
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        cases,
        fc.nat(0xffffffff),
        (key, [radix, length, value], tweak) => {
          const tweakBytes = Uint8Array.of(tweak >>> 24, tweak >>> 16, tweak >>> 8, tweak);
          const numerals = (x: number): number[] =>
            Array.from({ length }, (_, i) => Math.floor(x / radix ** (length - 1 - i)) % radix);
          const cipher = numberFf1(key, radix, length);
          const sealed = cipher.encrypt(value, tweak);
          expect(numerals(sealed)).toEqual(ff1Literal(key, radix, tweakBytes, numerals(value)));
          expect(cipher.decrypt(sealed, tweak)).toBe(value);
        },
      ),
      { numRuns: deep(400) },
    );
  });

  it('the ends of the domain: halves that are all zeros, all nines, carries', () => {
    const cipher = numberFf1(new Uint8Array(16).fill(9), 10, 9);
    for (const value of [0, 1, 9999, 10000, 99999, 100000, 999900000, 999999999]) {
      expect(cipher.decrypt(cipher.encrypt(value, 0xffffffff), 0xffffffff)).toBe(value);
    }
  });

  it('keeps its own copy of the key', () => {
    const key = new Uint8Array(16).fill(1);
    const cipher = numberFf1(key, 10, 9);
    const before = cipher.encrypt(5, 0);
    key.fill(2);
    expect(cipher.encrypt(5, 0)).toBe(before);
  });

  it('refuses domains under 10^6, wrong keys and numbers that are none', () => {
    const key = new Uint8Array(16);
    expect(codeOf(() => numberFf1(key, 10, 5))).toBe('domain_too_small');
    expect(codeOf(() => ff1(key, 10).encrypt([1, 2, 3, 4, 5]))).toBe('domain_too_small');
    expect(codeOf(() => ff1(key, 2).encrypt(new Array(19).fill(1)))).toBe('domain_too_small');
    expect(codeOf(() => numberFf1(key, 10, 30))).toBe('out_of_range');
    expect(codeOf(() => numberFf1(new Uint8Array(20), 10, 9))).toBe('key_length');
    expect(codeOf(() => ff1(new Uint8Array(33), 10))).toBe('key_length');
    const cipher = numberFf1(key, 10, 9);
    for (const bad of [Number.NaN, -1, 0.5, 1e9, Infinity, -0, '5']) {
      expect(
        codeOf(() => cipher.encrypt(bad as number, 0)),
        String(bad),
      ).toMatch(/bad_argument|out_of_range/);
      expect(
        codeOf(() => cipher.decrypt(bad as number, 0)),
        String(bad),
      ).toMatch(/bad_argument|out_of_range/);
    }
    for (const bad of [Number.NaN, -1, 0.5, 2 ** 32, '0']) {
      expect(
        codeOf(() => cipher.encrypt(0, bad as number)),
        String(bad),
      ).toMatch(/bad_argument|out_of_range/);
    }
    expect(codeOf(() => ff1(key, 10).encrypt([1, 2, 3, 4, 5, 10]))).toBe('out_of_range');
    expect(codeOf(() => ff1(key, 1))).toBe('out_of_range');
  });
});
