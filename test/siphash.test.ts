import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { sipHash24, type Word64 } from 'pintumbler/schemes';
import { describe, expect, it } from 'vitest';
import { codeOf, deep, hex } from './support/helpers.ts';
import { leBytes, sipLiteral } from './support/paygo-literal.ts';

const whole = ({ high, low }: Word64): bigint => (BigInt(high) << 32n) | BigInt(low);
const count = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);

describe('SipHash-2-4', () => {
  it('the example of the paper, Appendix A', () => {
    expect(whole(sipHash24(count(16), count(15)))).toBe(0xa129ca6149be45e5n);
    expect(sipLiteral(count(16), count(15)), 'the oracle itself').toBe(0xa129ca6149be45e5n);
  });

  it('the messages of the reference vectors: none to 63 bytes, as OpenSSL 3 has them', () => {
    const words = Array.from({ length: 64 }, (_, length) => whole(sipHash24(count(16), count(length))));
    for (const [length, word] of words.entries()) expect(word).toBe(sipLiteral(count(16), count(length)));
    // SHA-256 over the outputs of `openssl mac -macopt size:8 SIPHASH`, one after the other.
    expect(
      createHash('sha256')
        .update(Uint8Array.from(words.flatMap((word) => leBytes(word, 8))))
        .digest('hex'),
    ).toBe('0226a91002af9775a791b3ec5a48e643f8848d2d5774dea9be3438d5786bb58e');
  });

  const published = new URL('../../shared/vectors/openpaygo.json', import.meta.url);
  it.skipIf(!existsSync(published))('the primitive that OpenPAYGO publishes', () => {
    const file = JSON.parse(readFileSync(published, 'utf8'));
    let seen = 0;
    for (const group of file.testGroups)
      for (const test of group.tests) {
        if (test.op !== 'siphash24') continue;
        const key = new TextEncoder().encode(test.keyAscii);
        expect(whole(sipHash24(key, hex(test.msg)))).toBe(BigInt(test.hash));
        seen++;
      }
    expect(seen).toBe(1);
  });

  it('equals the BigInt one for any key and message, and is two unsigned halves', () => {
    const keys = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(keys, fc.uint8Array({ maxLength: 70 }), (key, message) => {
        const { high, low } = sipHash24(key, message);
        for (const half of [high, low])
          expect(Number.isInteger(half) && half >= 0 && half < 2 ** 32).toBe(true);
        expect(whole({ high, low })).toBe(sipLiteral(key, message));
      }),
      { numRuns: deep(400) },
    );
  });

  it('bytes with their highest bit set, and lengths above 255', () => {
    const ones = new Uint8Array(16).fill(0xff);
    for (const length of [0, 1, 7, 8, 9, 255, 256, 257, 1000]) {
      const message = new Uint8Array(length).fill(0xff);
      expect(whole(sipHash24(ones, message)), `${length} bytes`).toBe(sipLiteral(ones, message));
    }
  });

  it('reads a view of other bytes, and a Buffer', () => {
    const bytes = count(40);
    expect(sipHash24(bytes.subarray(3, 19), bytes.subarray(20, 31))).toEqual(
      sipHash24(bytes.slice(3, 19), bytes.slice(20, 31)),
    );
    expect(whole(sipHash24(Buffer.from(count(16)), Buffer.from(count(15))))).toBe(0xa129ca6149be45e5n);
  });

  it.each([
    [new Uint8Array(0), new Uint8Array(0), 'key_length'],
    [new Uint8Array(15), new Uint8Array(0), 'key_length'],
    [new Uint8Array(17), new Uint8Array(0), 'key_length'],
    ['0123456789abcdef', new Uint8Array(0), 'bad_argument'],
    [new Array(16).fill(0), new Uint8Array(0), 'bad_argument'],
    [undefined, new Uint8Array(0), 'bad_argument'],
    [new Uint8Array(16), 'text', 'bad_argument'],
    [new Uint8Array(16), [1, 2], 'bad_argument'],
    [new Uint8Array(16), new DataView(new ArrayBuffer(8)), 'bad_argument'],
    [new Uint8Array(16), null, 'bad_argument'],
  ])('bad input %#', (key, message, code) => {
    expect(codeOf(() => sipHash24(key as Uint8Array, message as Uint8Array))).toBe(code);
  });
});
