/**
 * What handles secrets everywhere: HKDF-SHA-256, `lp`, the injective encoding of its `info`, and the comparison of codes.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/** Two-byte big-endian length ‖ UTF-8 bytes: no two lists of fields encode alike. */
export function lp(text: string): Uint8Array {
  const bytes = utf8ToBytes(text);
  return concatBytes(Uint8Array.of(bytes.length >>> 8, bytes.length & 0xff), bytes);
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/** HKDF (RFC 5869) of up to 32 bytes: extract, and the one block of expand that they need. */
export function derive(ikm: Uint8Array, salt: string, info: Uint8Array, length: number): Uint8Array {
  const prk = hmac(sha256, utf8ToBytes(salt), ikm);
  const block = hmac(sha256, prk, concatBytes(info, Uint8Array.of(1)));
  prk.fill(0);
  const okm = block.slice(0, length);
  block.fill(0);
  return okm;
}

/** Compares codes in a time that does not depend on where they differ: for schemes that compute and compare. */
export function sameCode(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % b.length);
  return difference === 0;
}
