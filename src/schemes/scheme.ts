/**
 * The contract of a scheme: an algorithm that turns claims into digits under a key, and digits into claims.
 *
 * A claim is a grant in the numbers of a layout; what the numbers mean (hours, check-in times) is not the scheme's
 * business. In words:
 *
 * - **Pure.** No state, no clock, no randomness. `prepare` may compute what a key and a layout need; nothing else is kept.
 * - `encode` gives the same code for the same claim for ever: codes of a released `id` are out there. Any change of
 *   output is a new id (`name/version`). Two claims that can be accepted together get different codes, or `alone` is false.
 * - `decode` returns every claim with that code whose slot lies between the two it is given, and may return claims of
 *   other slots; the newest first. Digits that mean nothing, of no matter whose lock, are an empty list: **not mine is
 *   never an error.**
 * - `malformed` is not the scheme's word: symbols and length are checked against the layout before `decode` is called.
 * - `alone` says that no other claim within `span` slots of this one has its code; when in doubt, false. Then `mint` looks
 *   for a second meaning before it gives the code out. True as well where a standard knows no other code to give (OATH).
 * - A scheme that counts has counts for slots and values for lengths. One that answers a challenge finds it in `asked`.
 * - Neither throws for claims and digits that fit the layout. `prepare` throws `rules_invalid` or `domain_too_small` for
 *   a layout that the scheme cannot carry. No message ever holds a key or a code.
 */
import type { Asked } from '../grant.ts';

export type { Asked };

/** A grant in the numbers of its layout. */
export interface Claim {
  /** Index of the kind in the layout. */
  readonly kind: number;
  /** Start in grid steps from the layout's origin; of counter schemes the count. */
  readonly slot: number;
  /** Index of the length, or of the value, among those of the kind. */
  readonly length: number;
  readonly variance: number;
  /** Clear prefix; empty for vendors without lanes. */
  readonly lane: string;
  /** Of challenge-response schemes only. */
  readonly asked?: Asked;
}

/** One kind's place in the layout: `lengths · variances` numbers from `base` on. */
export interface Place {
  readonly base: number;
  readonly lengths: number;
  readonly variances: number;
  /** The clear prefix that this kind has, if the lanes are not common to all; kinds of different lanes may share numbers. */
  readonly lane: string | undefined;
}

/** The numbered table by which a scheme packs claims into digits. */
export interface Layout {
  /** Changes with any change of meaning: `vendor-digits/version`. */
  readonly id: string;
  /** Symbols of a code, without the lane. */
  readonly digits: number;
  /** The symbols, in the order of their values: `0123456789` for digits. */
  readonly alphabet: string;
  /** How many codes there are. */
  readonly codes: number;
  /** S: numbers reserved for each slot. */
  readonly perSlot: number;
  /** Σ lengths · variances of the fullest lane; what is between it and S means nothing. */
  readonly used: number;
  readonly places: readonly Place[];
  /** Distinct and equally long; `['']` without lanes. */
  readonly lanes: readonly string[];
  /** Slots that the longest window and two days take (less, where it is shorter than a day): what `decode` is asked for. */
  readonly span: number;
}

/** A scheme under one key. */
export interface Codec {
  encode(claim: Claim): string;
  /** Every claim from the first slot to the last, newest first; `asked` is what the lock asked for, if it did. */
  decode(code: string, firstSlot: number, lastSlot: number, asked?: Asked): readonly Claim[];
  /** Whether no claim within `span` slots of this one can have the same code. */
  alone(claim: Claim): boolean;
  /** Whether the standard gives no code for a claim, for some devices take it for something else; never, if absent. */
  refuses?(claim: Claim): boolean;
}

/** The key that a scheme takes; 32 bytes, derived from a root, where it says nothing. */
export interface KeyForm {
  readonly from: number;
  readonly to: number;
  /** Printable ASCII, as people hand it on. */
  readonly ascii?: true;
}

export interface Scheme {
  /** `name/version`. */
  readonly id: string;
  readonly key?: KeyForm;
  prepare(key: Uint8Array, layout: Layout): Codec;
}

/**
 * A scheme whose digits come from somewhere else: a maker's server, an HSM. Its vendor can be planned; `issue` of
 * `pintumbler` awaits the code. Nothing here can read such a code or judge it at a lock.
 */
export interface RemoteScheme {
  readonly id: string;
  readonly remote: true;
}

/** The number of a claim within its slot: base + l·V + v. */
export function numberOf({ kind, length, variance }: Claim, { places }: Layout): number {
  const place = places[kind];
  return place ? place.base + length * place.variances + variance : Number.NaN;
}

/** The kind, length and variance of a number within a slot, or undefined for what is reserved. */
export function claimOf(number: number, slot: number, lane: string, { places }: Layout): Claim | undefined {
  for (let kind = 0; kind < places.length; kind++) {
    const place = places[kind];
    if (!place || (place.lane !== undefined && place.lane !== lane)) continue;
    const rest = number - place.base;
    if (rest < 0 || rest >= place.lengths * place.variances) continue;
    const length = Math.floor(rest / place.variances);
    return { kind, slot, length, variance: rest - length * place.variances, lane };
  }
  return undefined;
}
