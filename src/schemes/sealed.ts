/**
 * `sealed/1`: a grant encrypted into the digits, so that the lock recovers it in constant time.
 *
 *   AES key   HKDF-SHA-256(ikm = device key, salt = "pintumbler sealed/1", info = lp(layout id) ‖ lp(lane) ‖ u8(n), L = 16)
 *   page      floor(slot / H), the tweak as u32
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
import type { Claim, Codec, Layout, Scheme } from './scheme.ts';

/** The AES key of one lane; exported for vectors. */
export function sealedKey(deviceKey: Uint8Array, layout: Layout, lane: string): Uint8Array {
  return derive(
    deviceKey,
    'pintumbler sealed/1',
    concatBytes(lp(layout.id), lp(lane), Uint8Array.of(layout.digits)),
    16,
  );
}

export const pageOf = (claim: Claim, layout: Layout): number => Math.floor(claim.slot / layout.slotsPerPage);

export function payloadOf(claim: Claim, page: number, layout: Layout): number {
  const place =
    layout.places[claim.kind] ?? fail('rules_invalid', 'the claim has a kind that the layout lacks');
  const inPage = claim.slot - page * layout.slotsPerPage;
  return inPage * layout.perSlot + place.base + claim.length * place.variances + claim.variance;
}

/** The claim of a payload, or undefined for what is reserved. */
function unseal(payload: number, page: number, layout: Layout, lane: string): Claim | undefined {
  const inPage = Math.floor(payload / layout.perSlot);
  const rest = payload - inPage * layout.perSlot;
  if (inPage >= layout.slotsPerPage || rest >= layout.used) return undefined;
  let kind = layout.places.length - 1;
  while ((layout.places[kind]?.base ?? 0) > rest) kind--;
  const place = layout.places[kind];
  if (!place) return undefined;
  const length = Math.floor((rest - place.base) / place.variances);
  return {
    kind,
    slot: page * layout.slotsPerPage + inPage,
    length,
    variance: rest - place.base - length * place.variances,
    lane,
  };
}

export const sealed: Scheme = {
  id: 'sealed/1',

  prepare(deviceKey: Uint8Array, layout: Layout): Codec {
    if (layout.digits < 6 || layout.digits > 12) {
      fail('domain_too_small', `sealed/1 expected 6 to 12 digits, got ${layout.digits}`);
    }
    const ciphers = new Map<string, NumberFf1>();
    for (const lane of layout.lanes) {
      const key = sealedKey(deviceKey, layout, lane);
      ciphers.set(lane, numberFf1(key, 10, layout.digits));
      key.fill(0);
    }
    const laneLength = layout.lanes[0]?.length ?? 0;

    return {
      encode(claim) {
        const cipher =
          ciphers.get(claim.lane) ?? fail('lane_unknown', 'the claim has a lane that the layout lacks');
        const page = pageOf(claim, layout);
        const digits = cipher.encrypt(payloadOf(claim, page, layout), page);
        return claim.lane + String(digits).padStart(layout.digits, '0');
      },
      decode(digits, first, last) {
        const lane = digits.slice(0, laneLength);
        const cipher = ciphers.get(lane);
        if (!cipher) return [];
        const claims: Claim[] = [];
        for (let page = last; page >= first; page--) {
          const claim = unseal(cipher.decrypt(Number(digits.slice(laneLength)), page), page, layout, lane);
          if (claim) claims.push(claim);
        }
        return claims;
      },
    };
  },
};
