/** OCRA against the values of RFC 6287 Appendix C, and against the text of the RFC with node:crypto. */
import { createHash, createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { PintumblerError } from 'pintumbler';
import {
  type Claim,
  type Layout,
  type OcraInput,
  ocra,
  ocraMessage,
  ocraScheme,
  parseSuite,
} from 'pintumbler/schemes';
import { describe, expect, it } from 'vitest';
import { codeOf, deep, hex } from './support/helpers.ts';

const asciiKey = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => '1234567890'.charCodeAt(i % 10));
const K20 = asciiKey(20);
const K32 = asciiKey(32);
const K64 = asciiKey(64);
const PIN = '1234';
const MINUTES = 0x132d0b6;

/** RFC 6287 Appendix C: values of every suite there. */
const APPENDIX_C: readonly (readonly [key: Uint8Array, suite: string, input: OcraInput, code: string])[] = [
  [K20, 'OCRA-1:HOTP-SHA1-6:QN08', { challenge: '00000000' }, '237653'],
  [K20, 'OCRA-1:HOTP-SHA1-6:QN08', { challenge: '11111111' }, '243178'],
  [K20, 'OCRA-1:HOTP-SHA1-6:QN08', { challenge: '22222222' }, '653583'],
  [K20, 'OCRA-1:HOTP-SHA1-6:QN08', { challenge: '33333333' }, '740991'],
  [K32, 'OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1', { challenge: '12345678', counter: 0, pin: PIN }, '65347737'],
  [K32, 'OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1', { challenge: '12345678', counter: 1, pin: PIN }, '86775851'],
  [K32, 'OCRA-1:HOTP-SHA256-8:QN08-PSHA1', { challenge: '00000000', pin: PIN }, '83238735'],
  [K32, 'OCRA-1:HOTP-SHA256-8:QN08-PSHA1', { challenge: '11111111', pin: PIN }, '01501458'],
  [K64, 'OCRA-1:HOTP-SHA512-8:C-QN08', { challenge: '00000000', counter: 0 }, '07016083'],
  [K64, 'OCRA-1:HOTP-SHA512-8:C-QN08', { challenge: '11111111', counter: 1 }, '63947962'],
  [K64, 'OCRA-1:HOTP-SHA512-8:QN08-T1M', { challenge: '00000000', timeSteps: MINUTES }, '95209754'],
  [K64, 'OCRA-1:HOTP-SHA512-8:QN08-T1M', { challenge: '11111111', at: MINUTES * 60 + 59 }, '55907591'],
  [K32, 'OCRA-1:HOTP-SHA256-8:QA08', { challenge: ['CLI22220', 'SRV11110'] }, '28247970'],
  [K32, 'OCRA-1:HOTP-SHA256-8:QA08', { challenge: ['SRV11110', 'CLI22220'] }, '15510767'],
  [K64, 'OCRA-1:HOTP-SHA512-8:QA08', { challenge: ['CLI22220', 'SRV11110'] }, '79496648'],
  [K64, 'OCRA-1:HOTP-SHA512-8:QA08-PSHA1', { challenge: ['SRV11110', 'CLI22220'], pin: PIN }, '18806276'],
  [K32, 'OCRA-1:HOTP-SHA256-8:QA08', { challenge: 'SIG10000' }, '53095496'],
  [K64, 'OCRA-1:HOTP-SHA512-8:QA10-T1M', { challenge: 'SIG1000000', timeSteps: MINUTES }, '77537423'],
  [K64, 'OCRA-1:HOTP-SHA512-8:QA10-T1M', { challenge: 'SIG1100000', at: MINUTES * 60 }, '31970405'],
];

/** A suite as data, for the literal calculation: what its text says is put together here, not parsed. */
interface Parts {
  readonly hash: 'SHA1' | 'SHA256' | 'SHA512';
  readonly digits: number;
  readonly counter: boolean;
  readonly format: 'A' | 'N' | 'H';
  readonly length: number;
  readonly pin: 'SHA1' | 'SHA256' | 'SHA512' | undefined;
  readonly session: number | undefined;
  readonly step: readonly [count: number, unit: 'S' | 'M' | 'H'] | undefined;
}
const UNIT = { S: 1, M: 60, H: 3600 } as const;

const suiteOf = ({ hash, digits, counter, format, length, pin, session, step }: Parts): string =>
  [
    `OCRA-1:HOTP-${hash}-${digits}:${counter ? 'C-' : ''}Q${format}${String(length).padStart(2, '0')}`,
    ...(pin ? [`P${pin}`] : []),
    ...(session ? [`S${String(session).padStart(3, '0')}`] : []),
    ...(step ? [`T${step.join('')}`] : []),
  ].join('-');

interface Said {
  readonly counter: bigint;
  readonly challenge: string;
  readonly pin: string;
  readonly session: Uint8Array;
  readonly steps: bigint;
}

/** Section 5.1, field by field, in hex; the padding of the reference implementation in Appendix A. */
function dataLiteral(parts: Parts, { counter, challenge, pin, session, steps }: Said): string {
  const q = {
    A: Buffer.from(challenge, 'ascii').toString('hex'),
    N: BigInt(parts.format === 'N' ? challenge : 0)
      .toString(16)
      .toUpperCase(),
    H: challenge,
  }[parts.format];
  return [
    Buffer.from(suiteOf(parts), 'ascii').toString('hex'),
    '00',
    parts.counter ? counter.toString(16).padStart(16, '0') : '',
    q.padEnd(256, '0'),
    parts.pin ? createHash(parts.pin).update(pin, 'utf8').digest('hex') : '',
    parts.session
      ? Buffer.from(session)
          .toString('hex')
          .padStart(2 * parts.session, '0')
      : '',
    parts.step ? steps.toString(16).padStart(16, '0') : '',
  ]
    .join('')
    .toLowerCase();
}

function codeLiteral(key: Uint8Array, { hash, digits }: Parts, data: string): string {
  const hs = createHmac(hash, key).update(Buffer.from(data, 'hex')).digest('hex');
  if (digits === 0) return hs;
  const offset = Number.parseInt(hs.slice(-1), 16);
  const snum = BigInt(`0x${hs.slice(2 * offset, 2 * offset + 8)}`) & 0x7fffffffn;
  return (snum % 10n ** BigInt(digits)).toString().padStart(digits, '0');
}

const HASH = fc.constantFrom('SHA1', 'SHA256', 'SHA512');
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined });
const anyStep = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 59 }), fc.constantFrom('S' as const, 'M' as const)),
  fc.tuple(fc.integer({ min: 1, max: 48 }), fc.constant('H' as const)),
);
const anyParts = fc.record({
  hash: HASH,
  digits: fc.constantFrom(0, 4, 5, 6, 7, 8, 9, 10),
  counter: fc.boolean(),
  format: fc.constantFrom('A' as const, 'N' as const, 'H' as const),
  length: fc.integer({ min: 4, max: 64 }),
  pin: maybe(HASH),
  session: maybe(fc.integer({ min: 1, max: 512 })),
  step: maybe(anyStep),
});
const SYMBOLS = {
  A: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  N: '0123456789',
  H: '0123456789ABCDEFabcdef',
} as const;
const anyChallenge = ({ format, length }: Pick<Parts, 'format' | 'length'>): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...SYMBOLS[format]), minLength: 1, maxLength: length });

const anyCase = anyParts.chain((parts) =>
  fc.record({
    parts: fc.constant(parts),
    key: fc.uint8Array({ minLength: 1, maxLength: 200 }),
    counter: fc.oneof(fc.nat(300), fc.integer({ min: 2 ** 32 - 2, max: 2 ** 32 + 2 }), fc.maxSafeNat()),
    first: anyChallenge(parts),
    second: maybe(anyChallenge(parts)),
    pin: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    session: fc.uint8Array({ minLength: 1, maxLength: parts.session ?? 1 }),
    at: fc.integer({ min: 0, max: 253402300799 }),
  }),
);

describe('OCRA, RFC 6287', () => {
  it.each(APPENDIX_C)('Appendix C %#', (key, suite, input, code) => {
    expect(ocra(key, suite, input)).toBe(code);
    const { pin, ...rest } = input;
    if (pin) {
      const pinHash = createHash('sha1').update(pin).digest();
      expect(pinHash.toString('hex')).toBe('7110eda4d09e062aa5e4a390b0a572ac0d2c0220');
      expect(ocra(key, suite, { ...rest, pinHash })).toBe(code);
    }
  });

  const published = new URL('../../shared/vectors/ocra.json', import.meta.url);
  it.skipIf(!existsSync(published))('the published vectors, message by message', () => {
    let tests = 0;
    for (const { suite, key, role, tests: list } of JSON.parse(readFileSync(published, 'utf8')).testGroups) {
      for (const test of list) {
        tests++;
        const { question, counter, passwordHash, timeSteps } = test;
        const input: OcraInput = {
          challenge: role.startsWith('mutual') ? [question.slice(0, 8), question.slice(8)] : question,
          ...(counter !== undefined && { counter }),
          ...(passwordHash !== undefined && { pinHash: hex(passwordHash) }),
          ...(timeSteps !== undefined && { timeSteps }),
        };
        expect(Buffer.from(ocraMessage(suite, input)).toString('hex'), `tcId ${test.tcId}`).toBe(
          test.dataInput,
        );
        expect(ocra(hex(key), suite, input), `tcId ${test.tcId}`).toBe(test.code);
        if (timeSteps !== undefined) {
          const { timeSteps: _, ...rest } = input;
          expect(ocra(hex(key), suite, { ...rest, at: Date.parse(test.utc) / 1000 })).toBe(test.code);
        }
      }
    }
    expect(tests).toBe(70);
  });

  it('is what the RFC says with node:crypto, for any suite, key and fields', () => {
    fc.assert(
      fc.property(anyCase, ({ parts, key, counter, first, second, pin, session, at }) => {
        const suite = suiteOf(parts);
        const seconds = parts.step ? parts.step[0] * UNIT[parts.step[1]] : 1;
        const steps = BigInt(at) / BigInt(seconds);
        const said = { counter: BigInt(counter), challenge: first + (second ?? ''), pin, session, steps };
        const data = dataLiteral(parts, said);
        const code = codeLiteral(key, parts, data);
        const input: OcraInput = {
          challenge: second === undefined ? first : [first, second],
          ...(parts.counter && { counter }),
          ...(parts.pin && { pin }),
          ...(parts.session && { session }),
          ...(parts.step && { at }),
        };
        expect(Buffer.from(ocraMessage(suite, input)).toString('hex')).toBe(data);
        expect(ocra(key, suite, input)).toBe(code);
        const { pin: _, at: __, ...rest } = input;
        const hashed: OcraInput = {
          ...rest,
          ...(parts.pin && { pinHash: createHash(parts.pin).update(pin, 'utf8').digest() }),
          ...(parts.step && { timeSteps: Number(steps) }),
        };
        expect(ocra(key, suite, hashed)).toBe(code);

        const parsed = parseSuite(suite);
        expect(Object.isFrozen(parsed)).toBe(true);
        const long = { SHA1: 'SHA-1', SHA256: 'SHA-256', SHA512: 'SHA-512' } as const;
        expect(parsed).toEqual({
          text: suite,
          hash: long[parts.hash],
          digits: parts.digits,
          counter: parts.counter,
          format: parts.format,
          length: parts.length,
          ...(parts.pin && { pin: long[parts.pin] }),
          ...(parts.session && { session: parts.session }),
          ...(parts.step && { step: seconds }),
        });
      }),
      { numRuns: deep(400) },
    );
  });

  const field = (suite: string, input: OcraInput): string =>
    Buffer.from(ocraMessage(suite, input))
      .subarray(suite.length + 1)
      .toString('hex');

  it('numbers are hex without leading zeros, padded on the right in nibbles', () => {
    const of = (challenge: string): string => field('OCRA-1:HOTP-SHA1-6:QN64', { challenge });
    expect(of('0')).toBe('0'.repeat(256));
    expect(of('00000016')).toBe('1'.padEnd(256, '0'));
    expect(of('16'), 'as the RFC has it: one answer for two challenges').toBe(of('1'));
    expect(of('15')).toBe('f'.padEnd(256, '0'));
    expect(of('4095')).toBe('fff'.padEnd(256, '0'));
    expect(of('9'.repeat(64))).toBe((10n ** 64n - 1n).toString(16).padEnd(256, '0'));
  });

  it('hex digits count as nibbles, in either case; letters as ASCII', () => {
    const of = (challenge: string): string => field('OCRA-1:HOTP-SHA1-6:QH08', { challenge });
    expect(of('aBc')).toBe('abc'.padEnd(256, '0'));
    expect(of('0F')).toBe('0f'.padEnd(256, '0'));
    expect(field('OCRA-1:HOTP-SHA1-6:QA08', { challenge: 'aB1' })).toBe('614231'.padEnd(256, '0'));
  });

  it('two challenges of 64 letters fill the field', () => {
    const pair = field('OCRA-1:HOTP-SHA1-6:QA64', { challenge: ['x'.repeat(64), 'y'.repeat(64)] });
    expect(pair).toBe('78'.repeat(64) + '79'.repeat(64));
  });

  it('sessions are UTF-8, with zeros on the left', () => {
    const of = (session: string | Uint8Array): string =>
      field('OCRA-1:HOTP-SHA1-6:QN08-S008', { challenge: '0', session }).slice(256);
    expect(of('ab')).toBe('0000000000006162');
    expect(of('äé€')).toBe('00c3a4c3a9e282ac');
    expect(of(Uint8Array.of(1, 0))).toBe('0000000000000100');
    expect(of('12345678')).toBe('3132333435363738');
  });

  it('the time is counted in steps', () => {
    const of = (step: string, at: number): string =>
      field(`OCRA-1:HOTP-SHA1-6:QN08-T${step}`, { challenge: '0', at }).slice(256);
    expect(of('20S', 59)).toBe('2'.padStart(16, '0'));
    expect(of('1M', 1206446760)).toBe('132d0b6'.padStart(16, '0'));
    expect(of('24H', 86399)).toBe('0'.repeat(16));
    expect(of('24H', 86400)).toBe('1'.padStart(16, '0'));
  });

  it('S and T alone take the defaults of the RFC, and stand in the message as they are written', () => {
    expect(parseSuite('OCRA-1:HOTP-SHA1-6:QN08-S-T')).toMatchObject({ session: 64, step: 60 });
    const input: OcraInput = { challenge: '1', session: 's', at: 60 };
    const short = ocraMessage('OCRA-1:HOTP-SHA1-6:QN08-S-T', input);
    const long = ocraMessage('OCRA-1:HOTP-SHA1-6:QN08-S064-T1M', input);
    expect(Buffer.from(short).toString('latin1')).toBe(
      Buffer.from(long).toString('latin1').replace('S064-T1M', 'S-T'),
    );
  });

  it('10 digits have a leading 0, 1 or 2; 0 digits are the whole HMAC', () => {
    const ten = ocra(K20, 'OCRA-1:HOTP-SHA1-10:QN08', { challenge: '00000000' });
    expect(ten).toMatch(/^[012]\d{9}$/);
    for (const [hash, length] of [
      ['SHA1', 40],
      ['SHA256', 64],
      ['SHA512', 128],
    ] as const)
      expect(ocra(K20, `OCRA-1:HOTP-${hash}-0:QN08`, { challenge: '0' })).toMatch(
        new RegExp(`^[0-9a-f]{${length}}$`),
      );
  });
});

const layoutOf = (digits: number, lengths = 1): Layout => ({
  id: 'safe/1',
  digits,
  alphabet: '0123456789',
  codes: 10 ** digits,
  perSlot: lengths,
  used: lengths,
  places: [{ base: 0, lengths, variances: 1, lane: undefined }],
  lanes: [''],
  span: 10,
});

describe('the scheme', () => {
  const claim = (slot: number, length: number, asked: Claim['asked']): Claim => ({
    kind: 0,
    slot,
    length,
    variance: 0,
    lane: '',
    ...(asked && { asked }),
  });

  it('is named after its suite, and has the hash of the PIN at the end of its key', () => {
    const forms = [
      ['OCRA-1:HOTP-SHA1-6:QN08', 'ocra-hotp-sha1-6-qn08/1', 0],
      ['OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1', 'ocra-hotp-sha256-8-c-qn08-psha1/1', 20],
      ['OCRA-1:HOTP-SHA512-8:QA64-PSHA256-S512-T48H', 'ocra-hotp-sha512-8-qa64-psha256-s512-t48h/1', 32],
      ['OCRA-1:HOTP-SHA512-10:C-QH10-PSHA512-T1M', 'ocra-hotp-sha512-10-c-qh10-psha512-t1m/1', 64],
    ] as const;
    for (const [suite, id, pin] of forms) {
      const scheme = ocraScheme(suite);
      expect(scheme.id).toBe(id);
      expect(scheme.id).toMatch(/^[a-z0-9][a-z0-9-]{0,63}\/1$/);
      expect(scheme.key).toEqual({ from: 16 + pin, to: 128 + pin });
      expect(Object.isFrozen(scheme) && Object.isFrozen(scheme.key)).toBe(true);
    }
  });

  it('encode is the answer to what is asked; decode finds every count and time step that gives it', () => {
    const any = anyCase.filter(({ parts: { digits } }) => digits > 0);
    const secrets = fc.uint8Array({ minLength: 16, maxLength: 128 });
    fc.assert(
      fc.property(any, secrets, ({ parts, counter, first: challenge, pin, session: bytes, at }, secret) => {
        const suite = suiteOf(parts);
        const both = parts.counter && parts.step !== undefined;
        const pinHash = parts.pin ? createHash(parts.pin).update(pin, 'utf8').digest() : Buffer.of();
        const key = Buffer.concat([secret, pinHash]);
        const codec = ocraScheme(suite).prepare(key, layoutOf(parts.digits, both ? 1000 : 1));
        // The engine wipes its key.
        key.fill(0);
        const session = Buffer.from(bytes).toString('hex');
        const asked = { challenge, ...(parts.session && { session }) };
        const slot = parts.counter ? counter : parts.step ? at : 0;
        const length = both ? at : 0;
        const said = { counter: BigInt(slot), challenge, pin, session: bytes, steps: BigInt(at) };
        const literal = codeLiteral(secret, parts, dataLiteral(parts, said));

        const own = claim(slot, length, asked);
        expect(codec.encode(own)).toBe(literal);
        const steps = [at - 1, at + 1] as const;
        const said2 = both ? { ...asked, steps } : asked;
        const found = codec.decode(literal, slot - 2, slot + 2, said2);
        expect(found).toContainEqual(own);
        for (const each of found) expect(codec.encode(each)).toBe(literal);
        const order = found.map((each) => [each.slot, each.length]);
        expect(order).toEqual([...order].sort(([a = 0, b = 0], [c = 0, d = 0]) => c - a || d - b));
        expect(codec.decode(literal, slot, slot, { ...asked, steps: [at, at] })).toEqual([own]);
        expect(codec.alone(own)).toBe(true);

        // Nothing asked, something else asked, other digits.
        expect(codec.decode(literal, slot, slot)).toEqual([]);
        expect(codec.decode(literal.slice(1), slot, slot, said2)).toEqual([]);
        expect(codec.decode(literal, -3, -1, said2)).toEqual([]);
        if (both) {
          expect(codec.decode(literal, slot, slot, asked), 'no time steps, nothing to compare').toEqual([]);
          expect(codec.decode(literal, slot, slot, { ...asked, steps: [at + 1, at] })).toEqual([]);
          expect(codec.decode(literal, slot, slot, { ...asked, steps: [at + 1, at + 3] })).not.toContainEqual(
            own,
          );
        }
        if (parts.counter || parts.step)
          expect(codec.decode(literal, slot + 1, slot + 3, said2)).not.toContainEqual(own);
        else expect(codec.decode(literal, 7, 9, said2), 'without C and T, slot 0').toEqual([own]);
      }),
      { numRuns: deep(150) },
    );
  });

  it('has the codes of Appendix C, and not those of another challenge, PIN or count', () => {
    const pinHash = createHash('sha1').update(PIN).digest();
    const codec = ocraScheme('OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1').prepare(
      Buffer.concat([K32, pinHash]),
      layoutOf(8),
    );
    const asked = { challenge: '12345678' };
    expect([0, 1].map((slot) => codec.encode(claim(slot, 0, asked)))).toEqual(['65347737', '86775851']);
    expect(codec.decode('86775851', 0, 5, asked)).toEqual([claim(1, 0, asked)]);
    expect(codec.decode('86775851', 2, 5, asked)).toEqual([]);
    expect(codec.decode('86775851', 0, 5, { challenge: '12345679' })).toEqual([]);
    const wrong = Buffer.concat([K32, createHash('sha1').update('1235').digest()]);
    const other = ocraScheme('OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1').prepare(wrong, layoutOf(8));
    expect(other.decode('86775851', 0, 5, asked)).toEqual([]);
  });

  it('counter and time: the length is the time step, looked for below 0 for nothing', () => {
    const codec = ocraScheme('OCRA-1:HOTP-SHA1-6:C-QN08-T1M').prepare(K20, layoutOf(6, 500));
    const asked = { challenge: '7' };
    const code = codec.encode(claim(4, 0, asked));
    expect(code).not.toBe(codec.encode(claim(0, 4, asked)));
    expect(codec.decode(code, 0, 9, { ...asked, steps: [-5, 2] })).toEqual([claim(4, 0, asked)]);
    expect(codec.decode(code, 0, 9, { ...asked, steps: [-5, -1] })).toEqual([]);
    expect(codec.decode(code, 0, 9, asked), 'no time steps, not even step 0').toEqual([]);
    for (const steps of [
      [0, Infinity],
      [Number.NaN, 3],
      [0.5, 3],
      [0, 2 ** 53],
    ] as const)
      expect(codeOf(() => codec.decode(code, 0, 9, { ...asked, steps }))).toMatch(
        /bad_argument|out_of_range/,
      );
  });

  const place = { base: 0, lengths: 1, variances: 1, lane: undefined };
  it.each<[string, string, Partial<Layout>]>([
    ['7 digits', 'OCRA-1:HOTP-SHA1-6:QN08', { digits: 7 }],
    ['a suite without truncation', 'OCRA-1:HOTP-SHA1-0:QN08', {}],
    ['a suite without truncation, 0 digits', 'OCRA-1:HOTP-SHA1-0:QN08', { digits: 0 }],
    ['another alphabet', 'OCRA-1:HOTP-SHA1-6:QN08', { alphabet: '123456' }],
    ['lanes', 'OCRA-1:HOTP-SHA1-6:QN08', { lanes: ['1', '2'] }],
    ['two kinds', 'OCRA-1:HOTP-SHA1-6:QN08', { places: [place, { ...place, base: 1 }] }],
    ['two variances', 'OCRA-1:HOTP-SHA1-6:QN08', { places: [{ ...place, variances: 2 }] }],
    ['two lengths under C', 'OCRA-1:HOTP-SHA1-6:C-QN08', { places: [{ ...place, lengths: 2 }] }],
    ['two lengths under T', 'OCRA-1:HOTP-SHA1-6:QN08-T1M', { places: [{ ...place, lengths: 2 }] }],
  ])('cannot carry %s', (_, suite, part) => {
    expect(codeOf(() => ocraScheme(suite).prepare(K20, { ...layoutOf(6), ...part }))).toBe('rules_invalid');
  });

  it('carries 4 and 5 digits, which OCRA has', () => {
    for (const digits of [4, 5, 10])
      expect(
        ocraScheme(`OCRA-1:HOTP-SHA1-${digits}:QN08`)
          .prepare(K20, layoutOf(digits))
          .encode(claim(0, 0, { challenge: '1' })),
      ).toHaveLength(digits);
  });

  it('refuses keys of other lengths, claims that it cannot say and what cannot be asked', () => {
    const suite = 'OCRA-1:HOTP-SHA1-6:QN08-PSHA1-S008';
    for (const length of [0, 16, 35, 149])
      expect(codeOf(() => ocraScheme(suite).prepare(new Uint8Array(length), layoutOf(6)))).toBe('key_length');
    const codec = ocraScheme(suite).prepare(new Uint8Array(36), layoutOf(6));
    const good = { challenge: '12', session: '00ff' };
    expect(codec.encode(claim(0, 0, good))).toMatch(/^\d{6}$/);
    for (const [slot, length] of [
      [1, 0],
      [0, 1],
      [-1, 0],
      [Number.NaN, 0],
      [0, 0.5],
    ] as const)
      expect(codeOf(() => codec.encode(claim(slot, length, good)))).toMatch(/bad_argument|out_of_range/);
    expect(codeOf(() => codec.encode(claim(0, 0, undefined)))).toBe('bad_argument');
    const wrong: readonly unknown[] = [
      'x',
      7,
      [],
      {},
      { challenge: '12' },
      { session: '00' },
      { ...good, challenge: 12 },
      { ...good, challenge: '' },
      { ...good, challenge: '1a' },
      { ...good, challenge: '123456789' },
      { ...good, challenge: ['1', '2'] },
      { ...good, session: '' },
      { ...good, session: '0' },
      { ...good, session: 'zz' },
      { ...good, session: '00'.repeat(9) },
      { ...good, session: Uint8Array.of(1) },
      { ...good, pin: '1234' },
    ];
    for (const asked of wrong) {
      const as = /^(bad_argument|out_of_range)$/;
      expect(
        codeOf(() => Reflect.apply(codec.encode, codec, [{ ...claim(0, 0, good), asked }])),
        inspect(asked),
      ).toMatch(as);
      expect(
        codeOf(() => Reflect.apply(codec.decode, codec, ['123456', 0, 0, asked])),
        inspect(asked),
      ).toMatch(as);
    }
    const c = ocraScheme('OCRA-1:HOTP-SHA1-6:C-QN08').prepare(K20, layoutOf(6));
    for (const slot of [Number.NaN, -1, -0, 0.5, 2 ** 53, Infinity])
      expect(codeOf(() => c.encode(claim(slot, 0, { challenge: '1' })))).toMatch(/bad_argument|out_of_range/);
    expect(codeOf(() => c.encode(claim(0, 0, { challenge: '1', session: '00' })))).toBe('bad_argument');
  });
});

describe('misuse never yields a code', () => {
  const call = (...args: readonly unknown[]) => Reflect.apply(ocra, undefined, args);
  const message = (...args: readonly unknown[]) => Reflect.apply(ocraMessage, undefined, args);
  const WRONG = /^(bad_argument|out_of_range)$/;

  it('suites that RFC 6287 does not have', () => {
    const wrong: readonly unknown[] = [
      undefined,
      null,
      1,
      {},
      ['OCRA-1:HOTP-SHA1-6:QN08'],
      '',
      'OCRA-1',
      'ocra-1:hotp-sha1-6:qn08',
      'OCRA-2:HOTP-SHA1-6:QN08',
      'OCRA-1:TOTP-SHA1-6:QN08',
      'OCRA-1:HOTP-SHA-1-6:QN08',
      'OCRA-1:HOTP-SHA384-6:QN08',
      'OCRA-1:HOTP-MD5-6:QN08',
      'OCRA-1:HOTP-SHA1:QN08',
      'OCRA-1:HOTP-SHA1-1:QN08',
      'OCRA-1:HOTP-SHA1-3:QN08',
      'OCRA-1:HOTP-SHA1-11:QN08',
      'OCRA-1:HOTP-SHA1-06:QN08',
      'OCRA-1:HOTP-SHA1-00:QN08',
      'OCRA-1:HOTP-SHA1-6:',
      'OCRA-1:HOTP-SHA1-6:C',
      'OCRA-1:HOTP-SHA1-6:C-T1M',
      'OCRA-1:HOTP-SHA1-6:QN8',
      'OCRA-1:HOTP-SHA1-6:QN03',
      'OCRA-1:HOTP-SHA1-6:QN00',
      'OCRA-1:HOTP-SHA1-6:QN65',
      'OCRA-1:HOTP-SHA1-6:QN008',
      'OCRA-1:HOTP-SHA1-6:QB08',
      'OCRA-1:HOTP-SHA1-6:QN08-C',
      'OCRA-1:HOTP-SHA1-6:CQN08',
      'OCRA-1:HOTP-SHA1-6:QN08-PSHA384',
      'OCRA-1:HOTP-SHA1-6:QN08-S064-PSHA1',
      'OCRA-1:HOTP-SHA1-6:QN08-T1M-S064',
      'OCRA-1:HOTP-SHA1-6:QN08-S000',
      'OCRA-1:HOTP-SHA1-6:QN08-S513',
      'OCRA-1:HOTP-SHA1-6:QN08-S64',
      'OCRA-1:HOTP-SHA1-6:QN08-S0064',
      'OCRA-1:HOTP-SHA1-6:QN08-T0S',
      'OCRA-1:HOTP-SHA1-6:QN08-T0M',
      'OCRA-1:HOTP-SHA1-6:QN08-T0H',
      'OCRA-1:HOTP-SHA1-6:QN08-T01M',
      'OCRA-1:HOTP-SHA1-6:QN08-T60S',
      'OCRA-1:HOTP-SHA1-6:QN08-T60M',
      'OCRA-1:HOTP-SHA1-6:QN08-T49H',
      'OCRA-1:HOTP-SHA1-6:QN08-T1D',
      'OCRA-1:HOTP-SHA1-6:QN08-T1',
      'OCRA-1:HOTP-SHA1-6:QN08-',
      'OCRA-1:HOTP-SHA1-6:QN08\n',
      ' OCRA-1:HOTP-SHA1-6:QN08',
      'OCRA-1:HOTP-SHA1-6:QN08-PSHA1-PSHA1',
      'OCRA-1:HOTP-SHA1-6:QN08:T1M',
      'OCRA-1:HOTP-SHA1-6:QN０８',
    ];
    for (const suite of wrong) {
      expect(
        codeOf(() => Reflect.apply(parseSuite, undefined, [suite])),
        inspect(suite),
      ).toBe('bad_argument');
      expect(
        codeOf(() => Reflect.apply(ocraScheme, undefined, [suite])),
        inspect(suite),
      ).toBe('bad_argument');
      expect(
        codeOf(() => call(K20, suite, { challenge: '1' })),
        inspect(suite),
      ).toBe('bad_argument');
      expect(
        codeOf(() => message(suite, { challenge: '1' })),
        inspect(suite),
      ).toBe('bad_argument');
    }
  });

  /** A suite with everything, and fields that fit it. */
  const ALL = 'OCRA-1:HOTP-SHA1-6:C-QN08-PSHA256-S008-T1M';
  const GOOD: Readonly<Record<string, unknown>> = {
    challenge: '12',
    counter: 0,
    pin: '1234',
    session: 'abc',
    at: 60,
  };

  it('a field of each kind that is not what it should be', () => {
    expect(call(K20, ALL, GOOD)).toMatch(/^\d{6}$/);
    const numbers = [
      null,
      Number.NaN,
      -1,
      -0,
      0.5,
      2 ** 53,
      Infinity,
      -Infinity,
      '1',
      '',
      true,
      1n,
      Symbol('1'),
      [],
      [1],
      {},
      new Date(0),
      () => 1,
    ];
    const texts = [null, 1, 0, true, 1n, Symbol('1'), {}, new Date(0), () => '1', ''];
    const { at: _, pin: __, ...rest } = GOOD;
    const wrong: readonly unknown[] = [
      ...numbers.map((counter) => ({ ...GOOD, counter })),
      ...[...numbers, 253402300800].map((at) => ({ ...GOOD, at })),
      ...numbers.map((timeSteps) => ({ ...rest, pin: '1234', timeSteps })),
      ...[...texts, [], [1], Uint8Array.of(1), '1\ud800', '\udc001'].map((pin) => ({ ...GOOD, pin })),
      ...[
        ...texts,
        [],
        [1],
        'abcdefghi',
        '€€€',
        'a\ud800',
        new Uint8Array(0),
        new Uint8Array(9),
        new Uint16Array(2),
      ].map((session) => ({ ...GOOD, session })),
      ...[
        ...texts,
        [],
        ['1'],
        ['1', '2', '3'],
        ['1', 2],
        ['', '2'],
        ['1', ''],
        ['123456789', '1'],
        ['1', '123456789'],
        ['1', '2a'],
        '123456789',
        '12a',
        '-1',
        '+1',
        '1.5',
        '0x12',
        '1 2',
        ' 1',
        '1\n',
        '１２',
        '1e3',
        'Ä',
      ].map((challenge) => ({ ...GOOD, challenge })),
    ];
    for (const input of wrong) {
      expect(
        codeOf(() => call(K20, ALL, input)),
        inspect(input),
      ).toMatch(WRONG);
      expect(
        codeOf(() => message(ALL, input)),
        inspect(input),
      ).toMatch(WRONG);
    }
    for (const [length, suite] of [
      [20, 'SHA256'],
      [31, 'SHA256'],
      [32, 'SHA1'],
      [20, 'SHA512'],
    ] as const) {
      const input = { challenge: '1', pinHash: new Uint8Array(length) };
      expect(codeOf(() => call(K20, `OCRA-1:HOTP-SHA1-6:QN08-P${suite}`, input))).toBe('key_length');
    }
    for (const pinHash of [null, '', 'ab'.repeat(20), 20, [], {}, new Uint8ClampedArray(20)]) {
      const input = { challenge: '1', pinHash };
      expect(codeOf(() => call(K20, 'OCRA-1:HOTP-SHA1-6:QN08-PSHA1', input))).toBe('bad_argument');
    }
  });

  it('challenges of the wrong alphabet', () => {
    const wrong = {
      A: ['a b', 'a-b', 'ä', '', 'é1', 'a\u0000'],
      N: ['a', '1a', '', '１'],
      H: ['g', '0x1', '', 'a b'],
    };
    for (const [format, list] of Object.entries(wrong)) {
      for (const challenge of list)
        expect(
          codeOf(() => call(K20, `OCRA-1:HOTP-SHA1-6:Q${format}08`, { challenge })),
          challenge,
        ).toMatch(WRONG);
    }
  });

  it('exactly the fields that the suite names', () => {
    for (const name of Object.keys(GOOD)) {
      const { [name]: _, ...without } = GOOD;
      expect(
        codeOf(() => call(K20, ALL, without)),
        `without ${name}`,
      ).toBe('bad_argument');
      expect(
        codeOf(() => call(K20, ALL, { ...GOOD, [name]: undefined })),
        `without ${name}`,
      ).toBe('bad_argument');
    }
    const bare = 'OCRA-1:HOTP-SHA1-6:QN08';
    const more = { ...GOOD, pinHash: new Uint8Array(32), timeSteps: 1 };
    for (const [name, value] of Object.entries(more)) {
      if (name === 'challenge') continue;
      for (const given of [value, null, Number.NaN, 0, ''])
        expect(
          codeOf(() => call(K20, bare, { challenge: '1', [name]: given })),
          `with ${name}`,
        ).toBe('bad_argument');
    }
    expect(call(K20, bare, { challenge: '1', counter: undefined, pin: undefined })).toMatch(/^\d{6}$/);
    expect(
      codeOf(() => call(K20, ALL, { ...GOOD, pinHash: new Uint8Array(32) })),
      'PIN and hash',
    ).toBe('bad_argument');
    expect(
      codeOf(() => call(K20, ALL, { ...GOOD, timeSteps: 1 })),
      'time and steps',
    ).toBe('bad_argument');
    expect(
      codeOf(() => call(K20, bare, { challenge: '1', question: '1' })),
      'unknown',
    ).toBe('bad_argument');
    for (const input of [undefined, null, '1', 1, [], ['1'], new Map(), () => GOOD, Object.create(GOOD)])
      expect(
        codeOf(() => call(K20, ALL, input)),
        inspect(input),
      ).toBe('bad_argument');
  });

  it('keys', () => {
    const input = { challenge: '1' };
    for (const key of [
      undefined,
      null,
      '',
      '12345678901234567890',
      20,
      {},
      [...K20],
      K20.buffer,
      new Uint16Array(20),
    ])
      expect(
        codeOf(() => call(key, 'OCRA-1:HOTP-SHA1-6:QN08', input)),
        inspect(key),
      ).toBe('bad_argument');
    for (const length of [0, 65537])
      expect(codeOf(() => call(new Uint8Array(length), 'OCRA-1:HOTP-SHA1-6:QN08', input))).toBe('key_length');
  });

  it('and no message says a secret', () => {
    const secret = 'hunter2';
    for (const run of [
      () => call(secret, ALL, GOOD),
      () => call(K20, secret, GOOD),
      () => call(K20, `${ALL}-${secret}`, GOOD),
      () => call(K20, ALL, secret),
      ...Object.keys(GOOD).map((name) => () => call(K20, ALL, { ...GOOD, [name]: [secret] })),
      () => call(K20, ALL, { ...GOOD, challenge: secret }),
      () => call(K20, ALL, { ...GOOD, challenge: [secret, secret] }),
      () => call(K20, ALL, { ...GOOD, pin: `${secret}\ud800` }),
      () => call(K20, ALL, { ...GOOD, session: `${secret}${secret}` }),
      () => call(K20, ALL, { ...GOOD, counter: secret }),
      () => call(K20, ALL, { ...GOOD, at: 482901377482901 }),
    ]) {
      let text = '';
      try {
        run();
      } catch (error) {
        if (error instanceof PintumblerError) text = error.message;
      }
      expect(text).toMatch(/expected|missing/);
      expect(text).not.toMatch(/hunter2|482901377/);
    }
  });
});
