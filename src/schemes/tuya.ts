/**
 * Tuya's two offline schemes, bit-exact. Source: tuya_ble_lock_sdk (2020), lock_offline_pwd.c, lock_dynamic_pwd.c and the
 * FPE reference beside them; implemented from NIST SP 800-38G and that description.
 *
 * `tuya-offline/1`: FF1, radix 10, no tweak, AES-128 under ten ASCII zeros ‖ login key (6 ASCII bytes).
 *
 *   digit 0      type: 0 multiple, 1 once, 8 clear one, 9 clear all (kinds 0 to 3 of the layout, in that order)
 *   digits 1–5   the slot: hours after T0, the hour of pairing
 *   digits 6–9   types 0 and 8: hours; types 1 and 9: serial number, up to 10
 *
 * A keypad with fewer keys takes the ten digits as a number in the base of its keys.
 *
 * `tuya-dynamic/1`: HMAC-SHA-1 under the login key over floor(t / 300) as upper-case hex, at least 8 symbols, truncated as
 * in RFC 4226 but for the offset, which is the low nibble of byte 17 where the RFC has byte 19; mod 10^8.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { fail } from '../errors.ts';
import { sameCode } from '../keys.ts';
import { numberFf1 } from './ff1.ts';
import type { Claim, Codec, KeyForm, Layout, Scheme } from './scheme.ts';

/** The first six characters of the device's local key. */
const LOGIN_KEY: KeyForm = { from: 6, to: 6, ascii: true };

const CODES = 10 ** 10;
/** First digit of the plaintext, by the kind's place. */
const TYPES = [0, 1, 8, 9];

/** A number in a keypad's symbols, most significant first, of a fixed length. */
function written(value: number, { alphabet, digits }: Layout): string {
  let text = '';
  for (let i = 0; i < digits; i++) {
    text = alphabet.charAt(value % alphabet.length) + text;
    value = Math.floor(value / alphabet.length);
  }
  return text;
}

/** The number that a code is in the base of its keypad. */
const numberIn = (code: string, alphabet: string): number =>
  [...code].reduce((sum, symbol) => sum * alphabet.length + alphabet.indexOf(symbol), 0);

/** Whether a code of that many symbols can say as many numbers, in exact integers. */
function checkRoom({ id, digits, alphabet }: Layout, codes: number): void {
  const room = alphabet.length ** digits;
  if (room < codes || room > 2 ** 53) fail('rules_invalid', `rules of "${id}": unfit "digits"`);
}

export const tuyaOffline: Scheme = {
  id: 'tuya-offline/1',
  key: LOGIN_KEY,

  prepare(loginKey: Uint8Array, layout: Layout): Codec {
    checkRoom(layout, CODES);
    const cipher = numberFf1(concatBytes(utf8ToBytes('0000000000'), loginKey), 10, 10, 0);

    return {
      encode({ kind, slot, length, variance }) {
        const type = TYPES[kind] ?? fail('rules_invalid', `rules of "${layout.id}": unfit "kinds"`);
        return written(cipher.encrypt(type * 10 ** 9 + slot * 10_000 + length + variance, 0), layout);
      },
      decode(code) {
        const sealedNumber = numberIn(code, layout.alphabet);
        if (sealedNumber >= CODES) return [];
        const plain = cipher.decrypt(sealedNumber, 0);
        const kind = TYPES.indexOf(Math.floor(plain / 10 ** 9));
        const place = layout.places[kind];
        const number = plain % 10_000;
        // A serial number above 10 means nothing.
        if (!place || number >= place.lengths * place.variances) return [];
        const slot = Math.floor(plain / 10_000) % 100_000;
        const [length, variance] = place.variances > 1 ? [0, number] : [number, 0];
        return [{ kind, slot, length, variance, lane: '' }];
      },
      // One permutation of all codes: no two claims share any.
      alone: () => true,
    };
  },
};

export const tuyaDynamic: Scheme = {
  id: 'tuya-dynamic/1',
  key: LOGIN_KEY,

  prepare(loginKey: Uint8Array, layout: Layout): Codec {
    checkRoom(layout, 10 ** 8);
    const key = Uint8Array.from(loginKey);

    function encode({ slot }: Claim): string {
      const digest = hmac(sha1, key, utf8ToBytes(slot.toString(16).toUpperCase().padStart(8, '0')));
      const offset = (digest[17] ?? 0) & 0x0f;
      const word = new DataView(digest.buffer, digest.byteOffset).getUint32(offset) & 0x7fff_ffff;
      return written(word % 10 ** 8, layout);
    }

    return {
      encode,
      decode(code, first, last) {
        const found: Claim[] = [];
        for (let slot = last; slot >= first; slot--) {
          const claim = { kind: 0, slot, length: 0, variance: 0, lane: '' };
          if (sameCode(encode(claim), code)) found.push(claim);
        }
        return found;
      },
      alone: () => false,
    };
  },
};
