/**
 * HOTP, one-time passwords of a counter. Source: RFC 4226, step numbers of its section 5.3; SHA-256 and SHA-512 as
 * RFC 6238 section 1.2 allows them.
 *
 *   HS     HMAC(K, C), the counter as 8 bytes, big-endian
 *   Snum   31 bits of HS, from the byte that its last nibble points at
 *   code   Snum mod 10^digits, with leading zeros
 *
 * The checksum digit and the fixed truncation offset of Appendix C are not offered: nobody deploys them.
 *
 * `hotp-sha1/1`, `hotp-sha256/1`, `hotp-sha512/1`: the same for locks. A slot is a count, or a time step of RFC
 * 6238. The key is the shared secret, of at least the 16 bytes of requirement R6.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { checkBytes, checkFields, checkInteger, expected, fail } from '../errors.ts';
import { sameCode } from '../keys.ts';
import type { Claim, Codec, KeyForm, Layout, Scheme } from './scheme.ts';

/** The hashes that RFC 6238 and RFC 6287 allow. RFC 4226 itself has SHA-1 only. */
export type OathHash = 'SHA-1' | 'SHA-256' | 'SHA-512';

export interface HotpOptions {
  /** 6 (default) to 10. */
  readonly digits?: number;
  /** `SHA-1` by default; of a key made ready, its own. */
  readonly hash?: OathHash;
}

const HASHES = { 'SHA-1': sha1, 'SHA-256': sha256, 'SHA-512': sha512 } as const;

/** Counters beyond are no exact numbers. */
export const LAST_COUNT: number = 2 ** 53 - 1;

/** Snum has 31 bits. */
const NUMBERS = 2 ** 31;

const isHash = (value: unknown): value is OathHash =>
  typeof value === 'string' && Object.hasOwn(HASHES, value);

function checkHash(field: string, value: unknown): asserts value is OathHash {
  if (!isHash(value)) expected(field, 'one of SHA-1, SHA-256, SHA-512', value);
}

export function checkSecret(field: string, value: unknown): asserts value is Uint8Array {
  checkBytes(field, value, 1, 65_536);
}

/** What is used of noble's hashes and HMAC, whose own type has an `any`. */
interface Hasher {
  readonly outputLen: number;
  update(bytes: Uint8Array): Hasher;
  digestInto(out: Uint8Array): void;
  _cloneInto(to?: Hasher): Hasher;
}

/** A secret made ready for many codes: see `oathKey`. Nothing that prints it shows the secret. */
export class OathKey {
  readonly hash: OathHash;
  /** The HMAC with both pads hashed; it has no bytes of the key, and is never finished itself. */
  readonly #base: Hasher;
  readonly #scratch: Hasher;
  readonly #digest: Uint8Array;

  constructor(secret: Uint8Array, hash: OathHash) {
    this.hash = hash;
    this.#base = hmac.create(HASHES[hash], secret);
    this.#scratch = this.#base._cloneInto();
    this.#digest = new Uint8Array(this.#base.outputLen);
    Object.freeze(this);
  }

  /** Not instanceof: an object that only has the prototype has no key. */
  static is(value: unknown): value is OathKey {
    return typeof value === 'object' && value !== null && #base in value;
  }

  /** HMAC(K, message); good until the next call, which writes over it. */
  static hmac(key: OathKey, message: Uint8Array): Uint8Array {
    // Digesting wipes the scratch instance; the copy from the base makes it new.
    key.#base._cloneInto(key.#scratch).update(message).digestInto(key.#digest);
    return key.#digest;
  }
}

/**
 * Makes a secret ready for many codes: the two pads of HMAC are hashed once, which saves half the work and more.
 *
 * @param secret 1 to 65,536 bytes; copied. RFC 4226 R6 demands 16, recommends 20; shorter ones are in the field.
 * @param hash the published values of RFC 6238 for SHA-256 and SHA-512 need 32 and 64 bytes (erratum 2866).
 * @throws `bad_argument`, `key_length`
 * @example
 * import { hotp, oathKey } from 'pintumbler/schemes';
 * const key = oathKey(new TextEncoder().encode('12345678901234567890'));
 * console.log([0, 1, 2].map((counter) => hotp(key, counter))); // 755224,287082,359152
 */
export function oathKey(secret: Uint8Array, hash: OathHash = 'SHA-1'): OathKey {
  checkSecret('secret', secret);
  checkHash('hash', hash);
  return new OathKey(secret, hash);
}

/** HMAC (RFC 2104) of keys that are used once: the instances are kept, and nothing is made for a message. */
function onceOf(hash: OathHash): (secret: Uint8Array, message: Uint8Array) => Uint8Array {
  const { create, blockLen, outputLen } = HASHES[hash];
  const [blank, scratch]: readonly [Hasher, Hasher] = [create(), create()];
  const [pad, digest] = [new Uint8Array(blockLen), new Uint8Array(outputLen)];
  return (secret, message) => {
    const key = secret.length > blockLen ? HASHES[hash](secret) : secret;
    for (let i = 0; i < blockLen; i++) pad[i] = (key[i] ?? 0) ^ 0x36;
    blank._cloneInto(scratch).update(pad).update(message).digestInto(digest);
    for (let i = 0; i < blockLen; i++) pad[i] = (key[i] ?? 0) ^ 0x5c;
    blank._cloneInto(scratch).update(pad).update(digest).digestInto(digest);
    pad.fill(0);
    return digest;
  };
}

const ONCE = {
  'SHA-1': /* @__PURE__ */ onceOf('SHA-1'),
  'SHA-256': /* @__PURE__ */ onceOf('SHA-256'),
  'SHA-512': /* @__PURE__ */ onceOf('SHA-512'),
} as const;

/** Step 1, for any message; `hash` counts where the key is bytes. Good until the next call, which writes over it. */
export function oathHmac(key: Uint8Array | OathKey, hash: OathHash, message: Uint8Array): Uint8Array {
  return OathKey.is(key) ? OathKey.hmac(key, message) : ONCE[hash](key, message);
}

/** Step 2, DT. */
function truncated(hs: Uint8Array): number {
  // The low nibble of the last byte: byte 19 is that of SHA-1 only.
  const offset = (hs[hs.length - 1] ?? 0) & 0x0f;
  const [p0 = 0, p1 = 0, p2 = 0, p3 = 0] = [hs[offset], hs[offset + 1], hs[offset + 2], hs[offset + 3]];
  return ((p0 & 0x7f) << 24) | (p1 << 16) | (p2 << 8) | p3;
}

/** Steps 2 and 3. */
export const oathDigits = (hs: Uint8Array, digits: number): string =>
  String(truncated(hs) % 10 ** digits).padStart(digits, '0');

/**
 * Dynamic truncation (RFC 4226 section 5.3, DT): the 31 bits of an HMAC that a code is made from.
 *
 * @param hs an HMAC of SHA-1, SHA-256 or SHA-512: 20, 32 or 64 bytes.
 * @returns 0 to 2^31 − 1
 * @throws `bad_argument`; `out_of_range` for another length
 * @example
 * import { dynamicTruncation } from 'pintumbler/schemes';
 * const hs = new Uint8Array(20).fill(0x50, 10, 11).fill(0x0a, 19);
 * console.log(dynamicTruncation(hs).toString(16)); // 50000000
 */
export function dynamicTruncation(hs: Uint8Array): number {
  if (!(hs instanceof Uint8Array)) expected('hs', 'bytes (Uint8Array)', hs);
  if (![20, 32, 64].includes(hs.length))
    fail('out_of_range', `"hs" expected the 20, 32 or 64 bytes of an HMAC, got ${hs.length}`);
  return truncated(hs);
}

/**
 * How much likelier than 10^−digits the likeliest code is, exactly: 31 bits are no multiple of 10^digits.
 * ×1.00024 at 6 digits, ×1.00117 at 7, ×1.0245 at 8, ×1.397 at 9, ×4.66 at 10.
 *
 * @param digits 4 to 10; 4 and 5 are of OCRA only.
 * @throws `bad_argument`, `out_of_range`
 * @example
 * import { hotpBias } from 'pintumbler/schemes';
 * console.log(hotpBias(8).toFixed(4)); // 1.0245
 */
export function hotpBias(digits: number): number {
  checkInteger('digits', digits, 4, 10);
  const share = NUMBERS / 10 ** digits;
  return Math.ceil(share) / share;
}

// Everything here is synchronous and hashes the message before it returns: one buffer does for all.
const message = /* @__PURE__ */ new Uint8Array(8);
const view = /* @__PURE__ */ new DataView(message.buffer);

/** A number as 8 bytes, big-endian; good until the next call. */
export function eightBytes(value: number): Uint8Array {
  view.setUint32(0, Math.floor(value / 2 ** 32));
  // Takes the value mod 2^32.
  view.setUint32(4, value);
  return message;
}

/** Refuses what is no plain object, and misspelt options. */
export function checkOptions(options: unknown, known: readonly string[]): void {
  checkFields('options', options, known);
}

/** The hash that key and options agree on. */
function hashOf(key: Uint8Array | OathKey, hash: OathHash | undefined): OathHash {
  if (hash !== undefined) checkHash('hash', hash);
  if (!OathKey.is(key)) {
    checkSecret('key', key);
    return hash ?? 'SHA-1';
  }
  if (hash !== undefined && hash !== key.hash)
    fail('bad_argument', `"hash" expected that of the key, ${key.hash}, got ${hash}`);
  return key.hash;
}

/** HOTP of a counter that is known to be one. */
export function codeAt(
  key: Uint8Array | OathKey,
  counter: number,
  digits: number | undefined = 6,
  hash: OathHash | undefined,
): string {
  const agreed = hashOf(key, hash);
  // Section 5.3: "implementations MUST extract a 6-digit code at a minimum".
  checkInteger('digits', digits, 6, 10);
  return oathDigits(oathHmac(key, agreed, eightBytes(counter)), digits);
}

/**
 * The code of a counter, RFC 4226.
 *
 * Not every code is equally likely: the likeliest comes ×1.00024 as often as it should at 6 digits, ×1.00117 at 7,
 * ×1.0245 at 8, ×1.397 at 9 and ×4.66 at 10, where codes from 2147483648 on never occur (`hotpBias`). There is no
 * checksum digit and no fixed truncation offset (Appendix C).
 *
 * @param key the shared secret, 1 to 65,536 bytes (RFC 4226 R6: at least 16, better 20), or a key of `oathKey`.
 * @param counter 0 to 2^53 − 1.
 * @param options `digits` 6 (default) to 10; `hash` as a key of `oathKey` has it.
 * @throws `bad_argument`, `out_of_range`, `key_length`
 * @example
 * import { hotp } from 'pintumbler/schemes';
 * const secret = new TextEncoder().encode('12345678901234567890');
 * console.log(hotp(secret, 0)); // 755224
 * console.log(hotp(secret, 0, { digits: 8 })); // 84755224
 */
export function hotp(key: Uint8Array | OathKey, counter: number, options: HotpOptions = {}): string {
  checkOptions(options, ['digits', 'hash']);
  checkInteger('counter', counter, 0, LAST_COUNT);
  return codeAt(key, counter, options.digits, options.hash);
}

/** What OATH codes fill: decimal digits and one kind, without lanes. */
export function checkOathLayout({ id, digits, alphabet, lanes, places }: Layout): void {
  const unfit = (field: string): never => fail('rules_invalid', `rules of "${id}": unfit "${field}"`);
  if (digits < 4 || digits > 10) unfit('digits');
  if (alphabet !== '0123456789') unfit('alphabet');
  if (lanes.length !== 1 || lanes[0] !== '') unfit('lanes');
  if (places.length !== 1 || places[0]?.variances !== 1) unfit('kinds');
}

function schemeOf(hash: OathHash): Scheme {
  const key: KeyForm = Object.freeze({ from: 16, to: 128 });
  return Object.freeze({
    id: `hotp-${hash.replace('-', '').toLowerCase()}/1`,
    key,

    prepare(secret: Uint8Array, layout: Layout): Codec {
      const { id, digits, places } = layout;
      checkOathLayout(layout);
      if (digits < 6) fail('rules_invalid', `rules of "${id}": unfit "digits"`);
      if (places[0]?.lengths !== 1) fail('rules_invalid', `rules of "${id}": unfit "kinds"`);
      checkBytes('key', secret, key.from, key.to);
      // HMAC keeps its hashed pads, no view of the bytes: the engine wipes its key.
      const ready = new OathKey(secret, hash);
      const codeOf = (slot: number): string => oathDigits(OathKey.hmac(ready, eightBytes(slot)), digits);

      return {
        encode({ slot }) {
          checkInteger('slot', slot, 0, LAST_COUNT);
          return codeOf(slot);
        },
        decode(code, first, last) {
          const found: Claim[] = [];
          // No early end: how long it takes says nothing of which count it was.
          for (let slot = Math.min(last, LAST_COUNT); slot >= Math.max(first, 0); slot--) {
            if (sameCode(codeOf(slot), code)) found.push({ kind: 0, slot, length: 0, variance: 0, lane: '' });
          }
          return found;
        },
        // Two counts can have one code. But the code of a count is what it is: no other could be given.
        alone: () => true,
      };
    },
  });
}

const SCHEMES: Readonly<Record<OathHash, Scheme>> = {
  'SHA-1': /* @__PURE__ */ schemeOf('SHA-1'),
  'SHA-256': /* @__PURE__ */ schemeOf('SHA-256'),
  'SHA-512': /* @__PURE__ */ schemeOf('SHA-512'),
};

/**
 * HOTP as the scheme of a vendor, `hotp-sha1/1` and so on; for TOTP too, whose time steps are the slots. The same
 * object each time.
 *
 * A layout has one kind with one length and one variance, 6 to 10 decimal digits and no lanes, else `prepare`
 * throws `rules_invalid`. The key is the shared secret, 16 to 128 bytes.
 *
 * @throws `bad_argument`
 * @example
 * import { hotpScheme } from 'pintumbler/schemes';
 * console.log(hotpScheme('SHA-1').id); // hotp-sha1/1
 */
export function hotpScheme(hash: OathHash): Scheme {
  checkHash('hash', hash);
  return SCHEMES[hash];
}
