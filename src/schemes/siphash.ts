/**
 * SipHash-2-4, a keyed hash of 64 bits. Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012),
 * section 2.
 *
 * OpenPAYGO and Nexus Keycode are made of it, and an OpenPAYGO lock computes it once for every count of its life.
 * So the 64-bit words are pairs of 32-bit halves here, not BigInt.
 */
import { checkBytes } from '../errors.ts';

/** A 64-bit word: two unsigned 32-bit halves. */
export interface Word64 {
  readonly high: number;
  readonly low: number;
}

/** SipHash-2-4 under one key; the bytes are not checked. */
export type SipHash = (message: Uint8Array) => Word64;

/** Four bytes, little-endian; what is past the end is zero. */
const half = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) |
  ((bytes[at + 1] ?? 0) << 8) |
  ((bytes[at + 2] ?? 0) << 16) |
  ((bytes[at + 3] ?? 0) << 24);

/** 1 where the sum of two halves came out smaller than one of them. */
const carry = (sum: number, part: number): number => (sum >>> 0 < part >>> 0 ? 1 : 0);

/** SipHash-2-4 under a checked key of 16 bytes, whose words are kept and not the bytes. */
export function sipKey(key: Uint8Array): SipHash {
  // 2.1: the key's words under "somepseudorandomlygeneratedbytes".
  const start0l = half(key, 0) ^ 0x70736575;
  const start0h = half(key, 4) ^ 0x736f6d65;
  const start1l = half(key, 8) ^ 0x6e646f6d;
  const start1h = half(key, 12) ^ 0x646f7261;
  const start2l = half(key, 0) ^ 0x6e657261;
  const start2h = half(key, 4) ^ 0x6c796765;
  const start3l = half(key, 8) ^ 0x79746573;
  const start3h = half(key, 12) ^ 0x74656462;

  return (message) => {
    let v0l = start0l;
    let v0h = start0h;
    let v1l = start1l;
    let v1h = start1h;
    let v2l = start2l;
    let v2h = start2h;
    let v3l = start3l;
    let v3h = start3h;
    const { length } = message;
    const last = length - (length % 8);
    // 2.2 and 2.3 in one loop, so that the round is written once: the words, then the finalization.
    for (let at = 0; at <= last + 8; at += 8) {
      const isWord = at <= last;
      const rounds = isWord ? 2 : 4;
      const ml = isWord ? half(message, at) : 0;
      // The last word ends in the length mod 256.
      const mh = isWord ? half(message, at + 4) | (at === last ? length << 24 : 0) : 0;
      v3l ^= ml;
      v3h ^= mh;
      if (!isWord) v2l ^= 0xff;
      for (let round = 0; round < rounds; round++) {
        let old = v0l;
        v0l = (v0l + v1l) | 0;
        v0h = (v0h + v1h + carry(v0l, old)) | 0;
        old = v2l;
        v2l = (v2l + v3l) | 0;
        v2h = (v2h + v3h + carry(v2l, old)) | 0;
        old = v1l;
        v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
        v1h = ((v1h << 13) | (old >>> 19)) ^ v0h;
        old = v3l;
        v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
        v3h = ((v3h << 16) | (old >>> 16)) ^ v2h;
        // v0 <<< 32: its halves change places here, those of v2 below.
        old = v0l;
        v0l = (v0h + v3l) | 0;
        v0h = (old + v3h + carry(v0l, v3l)) | 0;
        old = v2l;
        v2l = (v2l + v1l) | 0;
        v2h = (v2h + v1h + carry(v2l, old)) | 0;
        old = v3l;
        v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
        v3h = ((v3h << 21) | (old >>> 11)) ^ v0h;
        old = v1l;
        v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
        v1h = ((v1h << 17) | (old >>> 15)) ^ v2h;
        old = v2l;
        v2l = v2h;
        v2h = old;
      }
      v0l ^= ml;
      v0h ^= mh;
    }
    return { high: (v0h ^ v1h ^ v2h ^ v3h) >>> 0, low: (v0l ^ v1l ^ v2l ^ v3l) >>> 0 };
  };
}

/**
 * SipHash-2-4 of a message: 64 bits, of which the paper prints `high` before `low`.
 *
 * @param key 16 bytes.
 * @param message of any length.
 * @throws `key_length`, `bad_argument`
 * @example
 * import { sipHash24 } from 'pintumbler/schemes';
 * // Appendix A of the paper: key 00 to 0f, message 00 to 0e
 * const bytes = Uint8Array.from({ length: 16 }, (_, i) => i);
 * const { high, low } = sipHash24(bytes, bytes.subarray(0, 15));
 * console.log(high.toString(16), low.toString(16)); // a129ca61 49be45e5
 */
export function sipHash24(key: Uint8Array, message: Uint8Array): Word64 {
  checkBytes('key', key, 16);
  checkBytes('message', message, 0, Number.POSITIVE_INFINITY);
  return sipKey(key)(message);
}
