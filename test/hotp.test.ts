/** HOTP and TOTP against the values that RFC 4226 and RFC 6238 print, and against the texts themselves in BigInt. */
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { createToken, mint, PintumblerError } from 'pintumbler';
import {
  dynamicTruncation,
  hotp,
  hotpBias,
  hotpScheme,
  type Layout,
  type OathHash,
  oathKey,
  sipHash24,
  totp,
  totpStep,
} from 'pintumbler/schemes';
import { hotp as hotpVendor, nexus } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { codeOf, deep, hex } from './support/helpers.ts';

const HASHES: readonly OathHash[] = ['SHA-1', 'SHA-256', 'SHA-512'];
const MAX = Number.MAX_SAFE_INTEGER;

/** The ASCII key of the RFCs, repeated to a length. */
const asciiKey = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => '1234567890'.charCodeAt(i % 10));
const KEY20 = asciiKey(20);

const hmacHex = (hash: OathHash, key: Uint8Array, counter: bigint): string =>
  createHmac(hash.replace('-', ''), key)
    .update(Buffer.from(counter.toString(16).padStart(16, '0'), 'hex'))
    .digest('hex');

/** RFC 4226 section 5.3, on hex strings. */
function snumLiteral(hs: string): bigint {
  const offset = Number.parseInt(hs.slice(-1), 16);
  return BigInt(`0x${hs.slice(2 * offset, 2 * offset + 8)}`) % 2n ** 31n;
}

const hotpLiteral = (hash: OathHash, key: Uint8Array, counter: bigint, digits: number): string =>
  (snumLiteral(hmacHex(hash, key, counter)) % 10n ** BigInt(digits)).toString().padStart(digits, '0');

/** RFC 4226 Appendix D: HMAC, truncated (decimal), HOTP. */
const APPENDIX_D = [
  ['cc93cf18508d94934c64b65d8ba7667fb7cde4b0', 1284755224, '755224'],
  ['75a48a19d4cbe100644e8ac1397eea747a2d33ab', 1094287082, '287082'],
  ['0bacb7fa082fef30782211938bc1c5e70416ff44', 137359152, '359152'],
  ['66c28227d03a2d5529262ff016a1e6ef76557ece', 1726969429, '969429'],
  ['a904c900a64b35909874b33e61c5938a8e15ed1c', 1640338314, '338314'],
  ['a37e783d7b7233c083d4f62926c7a25f238d0316', 868254676, '254676'],
  ['bc9cd28561042c83f219324d3c607256c03272ae', 1918287922, '287922'],
  ['a4fb960c0bc06e1eabb804e5b397cdc4b45596fa', 82162583, '162583'],
  ['1b3c89f65e6c9e883012052823443f048b4332db', 673399871, '399871'],
  ['1637409809a679dc698207310c8c7fc07290d9e5', 645520489, '520489'],
] as const;

/** RFC 6238 Appendix B: time, step, SHA-1, SHA-256, SHA-512; the keys as erratum 2866 says. */
const APPENDIX_B = [
  [59, 0x1, '94287082', '46119246', '90693936'],
  [1111111109, 0x23523ec, '07081804', '68084774', '25091201'],
  [1111111111, 0x23523ed, '14050471', '67062674', '99943326'],
  [1234567890, 0x273ef07, '89005924', '91819424', '93441116'],
  [2000000000, 0x3f940aa, '69279037', '90698825', '38618901'],
  [20000000000, 0x27bc86aa, '65353130', '77737706', '47863826'],
] as const;
const KEYS: Readonly<Record<OathHash, Uint8Array>> = {
  'SHA-1': KEY20,
  'SHA-256': asciiKey(32),
  'SHA-512': asciiKey(64),
};

const anyKey = fc.uint8Array({ minLength: 1, maxLength: 200 });
const anyHash = fc.constantFrom(...HASHES);
const anyCount = fc.oneof(
  fc.nat(1000),
  fc.integer({ min: 2 ** 32 - 5, max: 2 ** 32 + 5 }),
  fc.integer({ min: 2 ** 31 - 5, max: 2 ** 31 + 5 }),
  fc.integer({ min: MAX - 5, max: MAX }),
  fc.maxSafeNat(),
);

describe('HOTP, RFC 4226', () => {
  it.each(APPENDIX_D.map((row, count) => [count, ...row] as const))(
    'Appendix D, count %i',
    (count, hs, truncated, code) => {
      expect(hmacHex('SHA-1', KEY20, BigInt(count)), 'the oracle itself').toBe(hs);
      expect(dynamicTruncation(hex(hs))).toBe(truncated);
      expect(hotp(KEY20, count)).toBe(code);
      expect(hotp(oathKey(KEY20), count)).toBe(code);
      expect(hotp(KEY20, count, { digits: 6, hash: 'SHA-1' })).toBe(code);
      for (const digits of [7, 8, 9, 10])
        expect(hotp(KEY20, count, { digits })).toBe(String(truncated).padStart(10, '0').slice(-digits));
    },
  );

  it('the example of section 5.4: 0x50ef7f19 from byte 10, 872921', () => {
    const hs = '1f8698690e02ca16618550ef7f19da8e945b555a';
    expect(dynamicTruncation(hex(hs))).toBe(0x50ef7f19);
    expect(dynamicTruncation(hex(hs)) % 10 ** 6).toBe(872921);
  });

  it.each([20, 32, 64])('the offset is the low nibble of the last of %i bytes, not of byte 19', (length) => {
    for (let offset = 0; offset < 16; offset++) {
      const hs = Uint8Array.from({ length }, (_, i) => 0x80 + i);
      hs[length - 1] = 0xf0 + offset;
      const four = [0, 1, 2, 3].map((i) => BigInt(hs[offset + i] ?? 0));
      const snum = four.reduce((sum, byte) => sum * 256n + byte, 0n) - 2n ** 31n;
      expect(BigInt(dynamicTruncation(hs)), `offset ${offset}`).toBe(snum);
    }
  });

  const published = new URL('../../shared/vectors/hotp.json', import.meta.url);
  it.skipIf(!existsSync(published))('the published vectors', () => {
    let tests = 0;
    for (const group of JSON.parse(readFileSync(published, 'utf8')).testGroups) {
      for (const test of group.tests) {
        tests++;
        const hs = dynamicTruncation(hex(test.hmacSha1 ?? test.hmac));
        expect(hs, `tcId ${test.tcId}`).toBe(test.truncatedDecimal ?? test.binCodeDecimal);
        if (group.type === 'HotpTruncateTest') expect(String(hs).slice(-group.digits)).toBe(test.code);
        else expect(hotp(hex(test.key), test.counter, { digits: test.digits })).toBe(test.code);
      }
    }
    expect(tests).toBe(11);
  });

  it('is what node:crypto says, for any key, hash, counter and length; bytes and a key made ready agree', () => {
    fc.assert(
      fc.property(anyKey, anyHash, anyCount, fc.integer({ min: 6, max: 10 }), (key, hash, count, digits) => {
        const literal = hotpLiteral(hash, key, BigInt(count), digits);
        expect(hotp(key, count, { digits, hash })).toBe(literal);
        const ready = oathKey(key, hash);
        expect(hotp(ready, count, { digits })).toBe(literal);
        // Another code between does no harm.
        hotp(ready, (count + 1) % MAX, { digits });
        expect(hotp(ready, count, { digits, hash })).toBe(literal);
        const hs = hex(hmacHex(hash, key, BigInt(count)));
        expect(BigInt(dynamicTruncation(hs))).toBe(snumLiteral(Buffer.from(hs).toString('hex')));
      }),
      { numRuns: deep(300) },
    );
  });

  it.each([0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52, MAX - 1, MAX])(
    'counter %i',
    (count) => {
      for (const hash of HASHES)
        expect(hotp(KEY20, count, { hash, digits: 10 })).toBe(hotpLiteral(hash, KEY20, BigInt(count), 10));
    },
  );

  it.each([1, 63, 64, 65, 127, 128, 129, 65536])(
    'a key of %i bytes: shorter, as long and longer than a block',
    (length) => {
      for (const hash of HASHES) {
        const key = asciiKey(length);
        const literal = hotpLiteral(hash, key, 7n, 8);
        expect(hotp(key, 7, { hash, digits: 8 })).toBe(literal);
        expect(hotp(oathKey(key, hash), 7, { digits: 8 })).toBe(literal);
      }
    },
  );

  it('keys of several hashes side by side', () => {
    const keys = HASHES.flatMap((hash) => [oathKey(KEY20, hash), oathKey(KEYS[hash], hash)]);
    for (let round = 0; round < 3; round++) {
      for (const key of keys) hotp(key, round);
    }
    expect(keys.map((key) => hotp(key, 5))).toEqual(
      HASHES.flatMap((hash) => [KEY20, KEYS[hash]].map((key) => hotpLiteral(hash, key, 5n, 6))),
    );
  });

  it('the bias, as Appendix A has it: 2148 of 2^31 where 2147.48 would be even', () => {
    expect(hotpBias(6)).toBe(2148 / 2147.483648);
    for (let digits = 4; digits <= 10; digits++) {
      const even = 2n ** 31n;
      const codes = 10n ** BigInt(digits);
      const most = (even + codes - 1n) / codes;
      expect(hotpBias(digits)).toBeCloseTo(Number(most * codes) / Number(even), 12);
    }
    expect([6, 7, 8, 9, 10].map((digits) => hotpBias(digits).toPrecision(6))).toEqual([
      '1.00024',
      '1.00117',
      '1.02445',
      '1.39698',
      '4.65661',
    ]);
  });

  it('a key made ready is its own copy, frozen, and shows nothing', () => {
    const secret = new TextEncoder().encode('very-secret-very-secret');
    const key = oathKey(secret);
    const before = hotp(key, 3);
    secret.fill(0);
    expect(hotp(key, 3)).toBe(before);
    expect(Object.isFrozen(key)).toBe(true);
    expect(key.hash).toBe('SHA-1');
    expect(Reflect.ownKeys(key)).toEqual(['hash']);
    expect(JSON.stringify(key)).toBe('{"hash":"SHA-1"}');
    const shown = inspect(key, { showHidden: true, depth: 9 }) + String(key) + inspect(structuredClone(key));
    expect(shown).not.toMatch(/very|118|Uint|0x/);
    // Something that only looks like a key is none.
    for (const fake of [
      Object.create(Object.getPrototypeOf(key)),
      { hash: 'SHA-1' },
      structuredClone(key),
      { ...key },
    ])
      expect(codeOf(() => hotp(fake, 0))).toBe('bad_argument');
  });
});

describe('TOTP, RFC 6238', () => {
  it.each(APPENDIX_B)('Appendix B at %i', (at, step, ...codes) => {
    expect(totpStep(at)).toBe(step);
    HASHES.forEach((hash, i) => {
      expect(totp(KEYS[hash], at, { hash, digits: 8 })).toBe(codes[i]);
      expect(totp(oathKey(KEYS[hash], hash), at, { digits: 8 })).toBe(codes[i]);
      expect(totp(KEYS[hash], at, { hash })).toBe(codes[i]?.slice(2));
    });
  });

  it('erratum 2866: the key of 20 bytes does not give the values of SHA-256 and SHA-512', () => {
    expect(totp(KEY20, 59, { hash: 'SHA-256', digits: 8 })).not.toBe('46119246');
    expect(totp(KEY20, 59, { hash: 'SHA-512', digits: 8 })).not.toBe('90693936');
  });

  const published = new URL('../../shared/vectors/totp.json', import.meta.url);
  it.skipIf(!existsSync(published))('the published vectors', () => {
    let tests = 0;
    for (const { hash, t0, step, digits, key, tests: list } of JSON.parse(readFileSync(published, 'utf8'))
      .testGroups) {
      for (const test of list) {
        tests++;
        expect(totpStep(test.unixTime, { period: step, t0 })).toBe(test.counter);
        expect(totp(hex(test.key ?? key), test.unixTime, { hash, digits, period: step, t0 })).toBe(test.code);
      }
    }
    expect(tests).toBe(18);
  });

  it('is HOTP of floor((time − T0) / X), for any period and T0', () => {
    const any = fc.record({
      at: fc.integer({ min: 0, max: 253402300799 }),
      before: fc.oneof(fc.nat(10_000), fc.integer({ min: 0, max: 253402300799 })),
      period: fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 31_622_400 })),
      digits: fc.integer({ min: 6, max: 10 }),
    });
    fc.assert(
      fc.property(anyKey, anyHash, any, (key, hash, { at, before, period, digits }) => {
        const t0 = Math.max(at - before, 0);
        const step = (BigInt(at) - BigInt(t0)) / BigInt(period);
        expect(BigInt(totpStep(at, { period, t0 }))).toBe(step);
        expect(totp(key, at, { hash, digits, period, t0 })).toBe(hotpLiteral(hash, key, step, digits));
      }),
      { numRuns: deep(200) },
    );
  });

  it('a step begins at its second, also the first', () => {
    const options = { period: 30, t0: 100 };
    expect([100, 129, 130, 159, 160].map((at) => totpStep(at, options))).toEqual([0, 0, 1, 1, 2]);
    expect(codeOf(() => totpStep(99, options))).toBe('out_of_range');
    expect(totpStep(0)).toBe(0);
  });
});

const LAYOUT: Layout = {
  id: 'safe-6/1',
  digits: 6,
  alphabet: '0123456789',
  codes: 10 ** 6,
  perSlot: 1,
  used: 1,
  places: [{ base: 0, lengths: 1, variances: 1, lane: undefined }],
  lanes: [''],
  span: 10,
};

describe('the scheme', () => {
  const claim = (slot: number) => ({ kind: 0, slot, length: 0, variance: 0, lane: '' });

  it('has an id and a key form for each hash, and is one frozen object', () => {
    expect(HASHES.map((hash) => hotpScheme(hash).id)).toEqual([
      'hotp-sha1/1',
      'hotp-sha256/1',
      'hotp-sha512/1',
    ]);
    for (const hash of HASHES) {
      expect(hotpScheme(hash)).toBe(hotpScheme(hash));
      expect(hotpScheme(hash).key).toEqual({ from: 16, to: 128 });
      expect(Object.isFrozen(hotpScheme(hash)) && Object.isFrozen(hotpScheme(hash).key)).toBe(true);
    }
  });

  it('encode is HOTP of the slot; decode finds every count with the code, the newest first', () => {
    const keys = fc.uint8Array({ minLength: 16, maxLength: 128 });
    fc.assert(
      fc.property(keys, anyHash, anyCount, fc.integer({ min: 6, max: 10 }), (key, hash, slot, digits) => {
        const codec = hotpScheme(hash).prepare(key, { ...LAYOUT, digits });
        const code = codec.encode(claim(slot));
        expect(code).toBe(hotpLiteral(hash, key, BigInt(slot), digits));
        expect(codec.decode(code, slot - 3, slot + 3)).toContainEqual(claim(slot));
        expect(codec.decode(code, slot, slot)).toEqual([claim(slot)]);
        expect(codec.decode(code, slot + 1, slot + 3)).not.toContainEqual(claim(slot));
        expect(codec.decode(code, slot - 3, slot - 1)).not.toContainEqual(claim(slot));
        expect(codec.decode(code, slot, slot - 1)).toEqual([]);
        expect(codec.decode(code.slice(1), slot, slot)).toEqual([]);
        expect(codec.alone(claim(slot))).toBe(true);
      }),
      { numRuns: deep(100) },
    );
  });

  it('finds two counts with one code, the newer first', () => {
    const codes = new Map<string, number[]>();
    for (let count = 0; count < 3000; count++) {
      const code = hotpLiteral('SHA-1', KEY20, BigInt(count), 6);
      codes.set(code, [count, ...(codes.get(code) ?? [])]);
    }
    const twice = [...codes].filter(([, counts]) => counts.length > 1);
    expect(twice.length).toBeGreaterThan(0);
    const codec = hotpScheme('SHA-1').prepare(KEY20, LAYOUT);
    for (const [code, counts] of twice.slice(0, 3))
      expect(codec.decode(code, 0, 2999).map(({ slot }) => slot)).toEqual(counts);
  });

  it('looks below 0 and beyond 2^53 − 1 for nothing', () => {
    const codec = hotpScheme('SHA-1').prepare(KEY20, LAYOUT);
    expect(codec.decode('755224', -5, 0)).toEqual([claim(0)]);
    expect(codec.decode('755224', -5, -1)).toEqual([]);
    const last = hotpLiteral('SHA-1', KEY20, BigInt(MAX), 6);
    expect(codec.decode(last, MAX - 2, MAX + 5)).toEqual([claim(MAX)]);
  });

  it('keeps its own copy of the key, and keys apart', () => {
    const key = Uint8Array.from(KEY20);
    const codec = hotpScheme('SHA-1').prepare(key, LAYOUT);
    const other = hotpScheme('SHA-1').prepare(asciiKey(21), LAYOUT);
    key.fill(0);
    other.encode(claim(1));
    expect(codec.encode(claim(0))).toBe('755224');
    expect(codec.decode('287082', 0, 5)).toEqual([claim(1)]);
  });

  const place = { base: 0, lengths: 1, variances: 1, lane: undefined };
  it.each<[string, Partial<Layout>]>([
    ['5 digits', { digits: 5 }],
    ['11 digits', { digits: 11 }],
    ['another alphabet', { alphabet: '0123456789A' }],
    ['digits in another order', { alphabet: '1234567890' }],
    ['lanes', { lanes: ['1', '2'] }],
    ['a lane', { lanes: ['1'] }],
    ['no kinds', { places: [] }],
    ['two kinds', { places: [place, { ...place, base: 1 }] }],
    ['two lengths', { places: [{ ...place, lengths: 2 }] }],
    ['two variances', { places: [{ ...place, variances: 2 }] }],
  ])('cannot carry %s', (_, part) => {
    expect(codeOf(() => hotpScheme('SHA-256').prepare(KEY20, { ...LAYOUT, ...part }))).toBe('rules_invalid');
  });

  it('refuses slots that are no counts and keys that are too short or too long', () => {
    const codec = hotpScheme('SHA-1').prepare(KEY20, LAYOUT);
    for (const slot of [Number.NaN, -1, -0, 0.5, 2 ** 53, Infinity])
      expect(
        codeOf(() => codec.encode(claim(slot))),
        String(slot),
      ).toMatch(/^(bad_argument|out_of_range)$/);
    for (const length of [0, 15, 129])
      expect(codeOf(() => hotpScheme('SHA-1').prepare(new Uint8Array(length), LAYOUT))).toBe('key_length');
  });
});

/** Everything that is no whole number, and whole numbers far outside. */
const NO_COUNTS: readonly unknown[] = [
  undefined,
  null,
  Number.NaN,
  -1,
  -0,
  0.5,
  1.5,
  2 ** 53,
  2 ** 64,
  -(2 ** 53),
  Infinity,
  -Infinity,
  '',
  '1',
  '755224',
  true,
  1n,
  Symbol('1'),
  [],
  [1],
  {},
  { valueOf: () => 1 },
  new Date(0),
  () => 1,
  new Uint8Array(8),
];
const NO_KEYS: readonly unknown[] = [
  undefined,
  null,
  '',
  '12345678901234567890',
  20,
  true,
  {},
  [],
  [...KEY20],
  KEY20.buffer,
  new DataView(new ArrayBuffer(20)),
  new Uint16Array(20),
  new Uint8ClampedArray(20),
  { length: 20 },
  () => KEY20,
];
const NO_OPTIONS: readonly unknown[] = [null, 6, '6', true, [], [6], () => 6, new Map(), new Date(0), KEY20];
const WRONG = /^(bad_argument|out_of_range)$/;

describe('misuse never yields a code', () => {
  // Functions whose types are not asked: what JavaScript can call.
  const untyped: Record<string, (...args: readonly unknown[]) => unknown> = {
    hotp: (...args) => Reflect.apply(hotp, undefined, args),
    totp: (...args) => Reflect.apply(totp, undefined, args),
    totpStep: (...args) => Reflect.apply(totpStep, undefined, args),
    oathKey: (...args) => Reflect.apply(oathKey, undefined, args),
    dynamicTruncation: (...args) => Reflect.apply(dynamicTruncation, undefined, args),
    hotpBias: (...args) => Reflect.apply(hotpBias, undefined, args),
    hotpScheme: (...args) => Reflect.apply(hotpScheme, undefined, args),
  };
  const refused = (name: string, args: readonly unknown[], as: RegExp | string = WRONG): void => {
    const code = codeOf(() => untyped[name]?.(...args));
    expect(code, `${name}(${args.map((arg) => inspect(arg)).join(', ')})`).toMatch(as);
  };

  it('counters and instants', () => {
    for (const bad of NO_COUNTS) {
      refused('hotp', [KEY20, bad]);
      refused('hotp', [oathKey(KEY20), bad]);
      refused('totp', [KEY20, bad]);
      refused('totpStep', [bad]);
    }
    refused('totp', [KEY20, 253402300800], 'out_of_range');
  });

  it('what other libraries take for a counter: NaN for 0, fractions, −1, twenty digits', () => {
    expect(hotp(KEY20, 0)).toBe('755224');
    refused('hotp', [KEY20, Number.NaN], 'bad_argument');
    refused('hotp', [KEY20, 1.5], 'bad_argument');
    refused('hotp', [KEY20, -1], 'out_of_range');
    refused('hotp', [KEY20, 0, { digits: 20 }], 'out_of_range');
    refused('totp', [KEY20, 59.9], 'bad_argument');
    refused('totp', [KEY20, 59000000000000], 'out_of_range');
  });

  it('keys', () => {
    for (const bad of NO_KEYS) {
      refused('hotp', [bad, 0], 'bad_argument');
      refused('totp', [bad, 59], 'bad_argument');
      refused('oathKey', [bad], 'bad_argument');
    }
    for (const length of [0, 65537]) {
      refused('hotp', [new Uint8Array(length), 0], 'key_length');
      refused('totp', [new Uint8Array(length), 59], 'key_length');
      refused('oathKey', [new Uint8Array(length)], 'key_length');
    }
    // A key made ready is no secret.
    refused('oathKey', [oathKey(KEY20)], 'bad_argument');
  });

  it('hashes', () => {
    for (const bad of [
      null,
      1,
      '',
      'SHA1',
      'sha-1',
      'SHA-224',
      'MD5',
      'toString',
      '__proto__',
      {},
      ['SHA-1'],
    ]) {
      refused('hotp', [KEY20, 0, { hash: bad }], 'bad_argument');
      refused('totp', [KEY20, 59, { hash: bad }], 'bad_argument');
      refused('hotp', [oathKey(KEY20), 0, { hash: bad }], 'bad_argument');
      refused('oathKey', [KEY20, bad], 'bad_argument');
      refused('hotpScheme', [bad], 'bad_argument');
    }
    refused('hotpScheme', [undefined], 'bad_argument');
    // The hash of a key made ready is settled.
    refused('hotp', [oathKey(KEY20), 0, { hash: 'SHA-256' }], 'bad_argument');
    refused('totp', [oathKey(KEY20, 'SHA-512'), 59, { hash: 'SHA-1' }], 'bad_argument');
    expect(hotp(oathKey(KEY20, 'SHA-256'), 0)).toBe(hotpLiteral('SHA-256', KEY20, 0n, 6));
  });

  it('digits, periods and T0', () => {
    for (const bad of NO_COUNTS.filter((each) => each !== undefined)) {
      refused('hotp', [KEY20, 0, { digits: bad }]);
      refused('totp', [KEY20, 59, { digits: bad }]);
      refused('totp', [KEY20, 59, { period: bad }]);
      refused('totpStep', [59, { period: bad }]);
      refused('totp', [KEY20, 59, { t0: bad }]);
      refused('totpStep', [59, { t0: bad }]);
    }
    for (const digits of [0, 1, 5, 11]) {
      refused('hotp', [KEY20, 0, { digits }], 'out_of_range');
      refused('totp', [KEY20, 59, { digits }], 'out_of_range');
    }
    for (const period of [0, 31_622_401]) {
      refused('totp', [KEY20, 59, { period }], 'out_of_range');
      refused('totpStep', [59, { period }], 'out_of_range');
    }
    refused('totp', [KEY20, 59, { t0: 60 }], 'out_of_range');
    expect(totpStep(31_622_400, { period: 31_622_400 })).toBe(1);
  });

  it('options', () => {
    for (const bad of NO_OPTIONS) {
      refused('hotp', [KEY20, 0, bad], 'bad_argument');
      refused('totp', [KEY20, 59, bad], 'bad_argument');
      refused('totpStep', [59, bad], 'bad_argument');
    }
    refused('hotp', [KEY20, 0, { period: 30 }], 'bad_argument');
    refused('hotp', [KEY20, 0, { digit: 6 }], 'bad_argument');
    refused('totp', [KEY20, 59, { step: 30 }], 'bad_argument');
    refused('totpStep', [59, { digits: 6 }], 'bad_argument');
    refused('totp', [KEY20, 59, Object.create({ digits: 8 })], 'bad_argument');
    // What is undefined is not there.
    expect(untyped['hotp']?.(KEY20, 0, { digits: undefined, hash: undefined })).toBe('755224');
  });

  it('HMACs and biases', () => {
    for (const bad of NO_KEYS) refused('dynamicTruncation', [bad], 'bad_argument');
    for (const length of [0, 1, 19, 21, 31, 33, 63, 65])
      refused('dynamicTruncation', [new Uint8Array(length)], 'out_of_range');
    for (const bad of [...NO_COUNTS, 0, 3, 11]) refused('hotpBias', [bad]);
  });

  it('and no message says a secret', () => {
    const secret = 'hunter2hunter2hunter2';
    for (const run of [
      () => untyped['hotp']?.(secret, 0),
      () => untyped['hotp']?.(KEY20, secret),
      () => untyped['hotp']?.(KEY20, 0, { digits: secret }),
      () => untyped['hotp']?.(KEY20, 0, { hash: secret }),
      () => untyped['hotp']?.(KEY20, 0, secret),
      () => untyped['totp']?.(secret, 0),
      () => untyped['totp']?.(KEY20, 0, { t0: secret }),
      () => untyped['oathKey']?.(secret),
      () => untyped['dynamicTruncation']?.(secret),
      () => untyped['hotpScheme']?.(secret),
    ]) {
      let message = '';
      try {
        run();
      } catch (error) {
        if (error instanceof PintumblerError) message = error.message;
      }
      expect(message).toMatch(/expected/);
      expect(message).not.toContain('hunter2');
    }
  });
});

describe('bytes that lie', () => {
  /** A subclass may say what it likes of itself. */
  class Long extends Uint8Array {
    override get length(): number {
      return 20;
    }
  }
  class Short extends Uint8Array {
    override *[Symbol.iterator](): ArrayIterator<number> {
      yield 1;
    }
  }

  it('of their length are refused', () => {
    for (const bytes of [new Long(0), new Long([9]), new Long(16)]) {
      expect(codeOf(() => hotp(bytes, 1))).toBe('bad_argument');
      expect(codeOf(() => oathKey(bytes))).toBe('bad_argument');
      expect(codeOf(() => sipHash24(bytes, bytes))).toBe('bad_argument');
      const options = { deviceId: 'd', key: bytes, timeZone: 'UTC' };
      for (const vendor of [hotpVendor, nexus])
        expect(codeOf(() => createToken({ vendor, ...options }))).toBe('bad_argument');
    }
  });

  it('when they are gone through are taken for what they hold', () => {
    const [lying, honest] = [new Short(16).fill(7), new Uint8Array(16).fill(7)];
    const grant = { kind: 'add', variance: 0, count: 30, value: 24 };
    const [one, other] = [lying, honest].map((key) =>
      mint(createToken({ vendor: nexus, deviceId: 'd', key, timeZone: 'UTC' }), grant),
    );
    expect(one).toBe(other);
    expect(hotp(lying, 1)).toBe(hotp(honest, 1));
    expect(sipHash24(lying, lying)).toEqual(sipHash24(honest, honest));
  });
});
