/**
 * The key hierarchy's two tools: HKDF-SHA-256 (RFC 5869) and `lp`, the injective encoding of its `info`.
 */
import { hkdf } from '@noble/hashes/hkdf.js';
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

export function derive(ikm: Uint8Array, salt: string, info: Uint8Array, length: number): Uint8Array {
  return hkdf(sha256, ikm, utf8ToBytes(salt), info, length);
}
