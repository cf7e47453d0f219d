/**
 * `sealed/1`: a grant encrypted into the digits, so that the lock recovers it in constant time.
 *
 *   AES key   HKDF-SHA-256(ikm = device key, salt = "pintumbler sealed/1", info = lp(layout id) ‖ lp(lane) ‖ u8(n), L = 16)
 *   page      floor(slot / H), the tweak as u32;  H = floor(10^n / S) slots a page
 *   payload   (slot mod H)·S + base(kind) + l·V + v
 *   code      lane ‖ FF1-AES-128(radix 10, payload as n digits)
 *
 * Every claim of a page has its own digits, and a forger gains no more than the share of digits that the lock would
 * accept at that moment. Pages follow each other without end; two pages may share digits.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { fail } from '../errors.ts';
import { derive, lp } from '../keys.ts';
import { type NumberFf1, numberFf1 } from './ff1.ts';
import { type Claim, type Codec, claimOf, type Layout, numberOf, type Scheme } from './scheme.ts';

/** The AES key of one lane; exported for vectors. */
export function sealedKey(
  deviceKey: Uint8Array,
  { id, digits }: Pick<Layout, 'id' | 'digits'>,
  lane: string,
): Uint8Array {
  return derive(deviceKey, 'pintumbler sealed/1', concatBytes(lp(id), lp(lane), Uint8Array.of(digits)), 16);
}

/** H. */
export const slotsPerPage = ({ digits, perSlot }: Layout): number => Math.floor(10 ** digits / perSlot);

export const pageOf = (claim: Claim, layout: Layout): number => Math.floor(claim.slot / slotsPerPage(layout));

export const payloadOf = (claim: Claim, page: number, layout: Layout): number =>
  (claim.slot - page * slotsPerPage(layout)) * layout.perSlot + numberOf(claim, layout);

const unfit = (layout: Layout, what: string): never =>
  fail('rules_invalid', `rules of "${layout.id}": unfit "${what}"`);

export const sealed: Scheme = {
  id: 'sealed/1',

  prepare(deviceKey: Uint8Array, layout: Layout): Codec {
    const { digits, perSlot, span, used, alphabet, codes } = layout;
    if (digits < 6 || digits > 12) {
      fail('domain_too_small', `sealed/1 expected 6 to 12 digits, got ${digits}`);
    }
    const perPage = slotsPerPage(layout);
    if (alphabet !== '0123456789' || codes !== 10 ** digits) unfit(layout, 'alphabet');
    if (used > perSlot) unfit(layout, 'perSlot');
    // A lock would have to try more than two pages.
    if (span > perPage) unfit(layout, 'digits');
    const ciphers = new Map<string, NumberFf1>();
    for (const lane of layout.lanes) {
      const key = sealedKey(deviceKey, layout, lane);
      ciphers.set(lane, numberFf1(key, 10, digits));
      key.fill(0);
    }
    const laneLength = layout.lanes[0]?.length ?? 0;

    return {
      encode(claim) {
        const cipher =
          ciphers.get(claim.lane) ?? fail('lane_unknown', 'the claim has a lane that the layout lacks');
        const page = Math.floor(claim.slot / perPage);
        const payload = (claim.slot - page * perPage) * perSlot + numberOf(claim, layout);
        return claim.lane + String(cipher.encrypt(payload, page)).padStart(digits, '0');
      },
      decode(code, first, last) {
        const lane = code.slice(0, laneLength);
        const cipher = ciphers.get(lane);
        if (!cipher) return [];
        const claims: Claim[] = [];
        const sealedDigits = Number(code.slice(laneLength));
        for (let page = Math.floor(last / perPage); page >= Math.floor(first / perPage); page--) {
          const payload = cipher.decrypt(sealedDigits, page);
          const inPage = Math.floor(payload / perSlot);
          if (inPage >= perPage) continue;
          const claim = claimOf(payload - inPage * perSlot, page * perPage + inPage, lane, layout);
          if (claim) claims.push(claim);
        }
        return claims;
      },
      alone({ slot }) {
        // Away from the ends of a page there is no neighbour that could share the digits.
        const inPage = slot % perPage;
        return inPage > 2 * span && perPage - inPage > 2 * span;
      },
    };
  },
};
