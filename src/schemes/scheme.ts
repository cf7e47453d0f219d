/**
 * The contract of a scheme: an algorithm that turns claims into digits under a key, and digits into claims.
 *
 * A claim is a grant in the numbers of a layout; what the numbers mean (hours, check-in times) is not the scheme's
 * business. A scheme holds no state and reads no clock. `encode` gives the same digits for the same claim for ever;
 * `decode` returns every claim that these digits can be in the slots asked for, newest page first, and an empty list
 * for digits that mean nothing. Neither throws for a claim or digits that the caller has checked against the layout.
 */

/** A grant in the numbers of its layout. */
export interface Claim {
  /** Index of the kind in the layout. */
  readonly kind: number;
  /** Start in grid steps from 2020-01-01. */
  readonly slot: number;
  /** Index of the length among those of the kind. */
  readonly length: number;
  readonly variance: number;
  /** Clear prefix; empty for vendors without lanes. */
  readonly lane: string;
}

/** One kind's place in the layout: `lengths · variances` payloads from `base` on. */
export interface Place {
  readonly base: number;
  readonly lengths: number;
  readonly variances: number;
}

/** The numbered table by which a scheme packs claims into digits. */
export interface Layout {
  /** Changes with any change of meaning: `vendor-digits/version`. */
  readonly id: string;
  /** Sealed digits, without the lane. */
  readonly digits: number;
  /** S: payloads reserved for each slot. */
  readonly perSlot: number;
  /** H: slots a page, floor(10^digits / S). */
  readonly slotsPerPage: number;
  /** Σ lengths · variances; what is between it and S means nothing. */
  readonly used: number;
  readonly places: readonly Place[];
  /** Distinct and equally long; `['']` without lanes. */
  readonly lanes: readonly string[];
}

/** A scheme under one key. */
export interface Codec {
  encode(claim: Claim): string;
  /** Every claim on the pages from first to last, newest page first. */
  decode(digits: string, firstPage: number, lastPage: number): readonly Claim[];
}

export interface Scheme {
  readonly id: string;
  /** Throws `rules_invalid` or `domain_too_small` for a layout that the scheme cannot carry. */
  prepare(deviceKey: Uint8Array, layout: Layout): Codec;
}
