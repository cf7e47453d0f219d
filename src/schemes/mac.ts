/**
 * `mac/1`: for keypads below six digits or with other symbols than digits. A code is a MAC of its claim; the lock
 * computes the codes of the few windows that are open and compares.
 *
 *   key     HKDF-SHA-256(ikm = device key, salt = "pintumbler mac/1",
 *             info = lp(layout id) ‖ lp(lane) ‖ u8(n) ‖ lp(alphabet), L = 16)
 *   number  first 16 bytes of HMAC-SHA-256(key, u32(slot) ‖ u32(base + l·V + v)), big-endian, mod |alphabet|^n
 *   code    lane ‖ the number in base |alphabet|, n symbols, most significant first
 *
 * 128 bits over at most 2^40 codes: no code is likelier than another by more than 2^-88. Two claims can have one code:
 * `mint` refuses those that could be confused.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { fail } from '../errors.ts';
import { derive, lp, sameCode, u32 } from '../keys.ts';
import { type Claim, type Codec, claimOf, type Layout, numberOf, type Scheme } from './scheme.ts';

/** Claims that a lock may have to try: more would keep a guest waiting at the door. */
const MOST_TRIES = 1024;

/** The MAC key of one lane; exported for vectors. */
export function macKey(
  deviceKey: Uint8Array,
  { id, digits, alphabet }: Pick<Layout, 'id' | 'digits' | 'alphabet'>,
  lane: string,
): Uint8Array {
  const info = concatBytes(lp(id), lp(lane), Uint8Array.of(digits), lp(alphabet));
  return derive(deviceKey, 'pintumbler mac/1', info, 16);
}

export const mac: Scheme = {
  id: 'mac/1',

  prepare(deviceKey: Uint8Array, layout: Layout): Codec {
    const { id, digits, alphabet, lanes, span, used } = layout;
    const base = BigInt(alphabet.length);
    const codes = base ** BigInt(digits);
    if (codes > 1n << 40n)
      fail('rules_invalid', `rules of "${id}": unfit "digits", mac/1 takes up to 2^40 codes`);
    if (span * used > MOST_TRIES)
      fail('rules_invalid', `rules of "${id}": too many windows for mac/1 to try`);
    const keys = new Map(lanes.map((lane) => [lane, macKey(deviceKey, layout, lane)]));
    const laneLength = lanes[0]?.length ?? 0;

    const codeOf = (claim: Claim): string => {
      const key = keys.get(claim.lane) ?? fail('lane_unknown', 'the claim has a lane that the layout lacks');
      const tag = hmac(sha256, key, concatBytes(u32(claim.slot), u32(numberOf(claim, layout))));
      let number = tag.subarray(0, 16).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) % codes;
      let code = '';
      for (let i = 0; i < digits; i++) {
        code = alphabet.charAt(Number(number % base)) + code;
        number /= base;
      }
      return claim.lane + code;
    };

    return {
      encode: codeOf,
      decode(code, first, last) {
        const lane = code.slice(0, laneLength);
        const found: Claim[] = [];
        if (!keys.has(lane)) return found;
        for (let slot = last; slot >= first; slot--) {
          for (let number = 0; number < used; number++) {
            const claim = claimOf(number, slot, lane, layout);
            if (claim && sameCode(codeOf(claim), code)) found.push(claim);
          }
        }
        return found;
      },
      alone: () => false,
    };
  },
};
