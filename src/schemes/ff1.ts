/**
 * FF1, format-preserving encryption with AES: NIST SP 800-38G, algorithms 7 and 8, step numbers as there.
 *
 * Domains under 10^6 are refused, as the second draft of Revision 1 (February 2025) requires: Feistel attacks on tiny
 * halves are real. FF1 is not authenticated: what a forger gains is the share of ciphertexts that mean something.
 *
 * Two paths give the same digits. Halves up to 2^20 (12 digits) fit exact integer arithmetic and one AES block a round; all else
 * goes through BigInt. AES is the block function of `@noble/ciphers`, with the key schedule kept: its public FF1,
 * which the tests use as oracle, expands the key on every call.
 */
import { unsafe } from '@noble/ciphers/aes.js';
import { checkBytes, checkInteger, expected, fail } from '../errors.ts';

const ROUNDS = 10;

/** Smallest domain: radix^length ≥ 10^6. */
const LEAST_MESSAGES = 1_000_000;

/** A half up to 2^20 keeps NUM(B) within three bytes and every product of the reduction below 2^53. */
const EXACT_HALF = 2 ** 20;

/** FF1 over messages that are themselves exact integers: the fast path, and what `sealed/1` uses. */
export interface NumberFf1 {
  /** `value` from 0 to radix^length − 1; `tweak` is four bytes, as one unsigned integer, big-endian. */
  encrypt(value: number, tweak: number): number;
  decrypt(value: number, tweak: number): number;
}

/** FF1 over numeral strings, most significant first. */
export interface Ff1 {
  encrypt(numerals: readonly number[], tweak?: Uint8Array): number[];
  decrypt(numerals: readonly number[], tweak?: Uint8Array): number[];
}

// noble's block function reads its words little-endian whatever the machine.
const swapped = (word: number): number =>
  ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;

/**
 * x mod m, exactly, for 0 ≤ x < 2^53 and `over` = 1/m: the quotient is off by one at most, and the product is exact.
 * JavaScript's % on numbers beyond 2^31 is several times slower.
 */
function reduced(x: number, m: number, over: number): number {
  const rest = x - Math.floor(x * over) * m;
  if (rest < 0) return rest + m;
  return rest < m ? rest : rest - m;
}

const wordsOf = (bytes: Uint8Array): number[] =>
  [0, 4, 8, 12].map(
    (i) =>
      (bytes[i] ?? 0) |
      ((bytes[i + 1] ?? 0) << 8) |
      ((bytes[i + 2] ?? 0) << 16) |
      ((bytes[i + 3] ?? 0) << 24),
  );

/** Step 5: P = 1 ‖ 2 ‖ 1 ‖ radix (3) ‖ 10 ‖ u mod 256 ‖ n (4) ‖ t (4). */
function blockP(radix: number, length: number, tweakLength: number): Uint8Array {
  const p = new Uint8Array(16);
  const view = new DataView(p.buffer);
  view.setUint32(2, radix);
  p[0] = 1;
  p[1] = 2;
  p[2] = 1;
  p[6] = ROUNDS;
  p[7] = Math.floor(length / 2) % 256;
  view.setUint32(8, length);
  view.setUint32(12, tweakLength);
  return p;
}

/** Step 3: b = ⌈⌈v·log2(radix)⌉ / 8⌉, counted on integers: in floating point 8·log2(10) and its like round wrongly. */
function bytesOf(radix: number, numerals: number): number {
  return Math.ceil((BigInt(radix) ** BigInt(numerals) - 1n).toString(2).length / 8);
}

function checkDomain(radix: number, length: number): void {
  checkInteger('radix', radix, 2, 65536);
  checkInteger('length', length, 2, 4096);
  if (BigInt(radix) ** BigInt(length) < BigInt(LEAST_MESSAGES)) {
    fail('domain_too_small', `FF1 expected at least 10^6 messages, got ${radix}^${length}`);
  }
}

/**
 * Prepares FF1 for messages that are integers below `radix^length`, with four-byte tweaks.
 *
 * @param key 16, 24 or 32 bytes; copied into the key schedule.
 * @param radix 2 to 65536.
 * @param length numerals a message; `radix^⌈length/2⌉` at most 2^20.
 * @param tweakLength 4, or 0 for FF1 without a tweak: then `tweak` is 0 in every call.
 * @throws `key_length`, `bad_argument`, `out_of_range`, `domain_too_small`
 * @example
 * import { numberFf1 } from 'pintumbler/schemes';
 * const cipher = numberFf1(new Uint8Array(16), 10, 9);
 * console.log(cipher.decrypt(cipher.encrypt(123456789, 0), 0)); // 123456789
 */
export function numberFf1(key: Uint8Array, radix: number, length: number, tweakLength: 0 | 4 = 4): NumberFf1 {
  checkBytes('key', key, 16, 32);
  if (key.length % 8 !== 0) fail('key_length', `"key" expected 16, 24 or 32 bytes, got ${key.length}`);
  checkDomain(radix, length);
  const u = Math.floor(length / 2);
  const modU = radix ** u;
  const modV = radix ** (length - u);
  if (modV > EXACT_HALF)
    fail('out_of_range', `"length" expected halves up to 2^20, got ${radix}^${length - u}`);

  const { expandKeyLE, encrypt: aes } = unsafe;
  const schedule = expandKeyLE(key);
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = wordsOf(blockP(radix, length, tweakLength));
  // PRF(P ‖ Q) is AES-CBC-MAC. P is the same for every message, so its block is computed once; with t ≤ 4 and b ≤ 3,
  // Q is one block: tweak, zeros, i, NUM(B).
  const p = aes(schedule, w0, w1, w2, w3);
  const p0 = p.s0;
  const p1 = p.s1;
  const p2 = p.s2;
  const p3 = p.s3;
  const b = bytesOf(radix, length - u);
  const overU = 1 / modU;
  const overV = 1 / modV;
  const powU = 2 ** 32 % modU;
  const powV = 2 ** 32 % modV;

  /** Steps 6.i to 6.iv: Q ends in i ‖ NUM(B); d is 8, so y is the first two words of R; returns y mod m. */
  const round = (
    i: number,
    tweakWord: number,
    half: number,
    m: number,
    over: number,
    pow: number,
  ): number => {
    const block = aes(schedule, tweakWord, p1, p2, p3 ^ swapped(((i << (8 * b)) | half) >>> 0));
    // y = high·2^32 + low ≡ high·(2^32 mod m) + low
    return reduced(swapped(block.s0) * pow + swapped(block.s1), m, over);
  };

  const check = (value: number, tweak: number): void => {
    checkInteger('value', value, 0, modU * modV - 1);
    checkInteger('tweak', tweak, 0, tweakLength === 0 ? 0 : 0xffffffff);
  };

  return {
    encrypt(value, tweak) {
      check(value, tweak);
      const tweakWord = p0 ^ swapped(tweak);
      let left = Math.floor(value / modV);
      let right = value - left * modV;
      for (let i = 0; i < ROUNDS; i += 2) {
        // 6.v to 6.ix: m is u in even rounds and v in odd ones; A and B change places after each.
        left += round(i, tweakWord, right, modU, overU, powU);
        if (left >= modU) left -= modU;
        right += round(i + 1, tweakWord, left, modV, overV, powV);
        if (right >= modV) right -= modV;
      }
      return left * modV + right;
    },
    decrypt(value, tweak) {
      check(value, tweak);
      const tweakWord = p0 ^ swapped(tweak);
      let left = Math.floor(value / modV);
      let right = value - left * modV;
      for (let i = ROUNDS - 2; i >= 0; i -= 2) {
        right -= round(i + 1, tweakWord, left, modV, overV, powV);
        if (right < 0) right += modV;
        left -= round(i, tweakWord, right, modU, overU, powU);
        if (left < 0) left += modU;
      }
      return left * modV + right;
    },
  };
}

/** NUM_radix(X): most significant numeral first. */
function numberFrom(numerals: readonly number[], radix: bigint): bigint {
  return numerals.reduce((sum, numeral) => sum * radix + BigInt(numeral), 0n);
}

/** STR^m_radix(x). */
function numeralsOf(value: bigint, radix: bigint, count: number): number[] {
  const numerals = new Array<number>(count).fill(0);
  for (let i = count - 1; i >= 0; i--) {
    numerals[i] = Number(value % radix);
    value /= radix;
  }
  return numerals;
}

/** NUM(X) of bytes. */
function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/**
 * Prepares FF1 for numeral strings of any length that SP 800-38G allows here: 2 to 4096 numerals, radix 2 to 65536,
 * at least 10^6 messages, any tweak up to 65536 bytes.
 *
 * @param key 16, 24 or 32 bytes; copied into the key schedule.
 * @throws `key_length`, `bad_argument`, `out_of_range`, `domain_too_small`
 * @example
 * import { ff1 } from 'pintumbler/schemes';
 * // NIST FF1 sample 1
 * const key = Uint8Array.from('2b7e151628aed2a6abf7158809cf4f3c'.match(/../g) ?? [], (x) => parseInt(x, 16));
 * console.log(ff1(key, 10).encrypt([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).join('')); // 2433477484
 */
export function ff1(key: Uint8Array, radix: number): Ff1 {
  checkBytes('key', key, 16, 32);
  if (key.length % 8 !== 0) fail('key_length', `"key" expected 16, 24 or 32 bytes, got ${key.length}`);
  checkInteger('radix', radix, 2, 65536);
  const { expandKeyLE, encryptBlock } = unsafe;
  const schedule = expandKeyLE(key);
  const base = BigInt(radix);

  function run(numerals: readonly number[], tweak: Uint8Array, decrypting: boolean): number[] {
    if (!Array.isArray(numerals)) expected('numerals', 'an array', numerals);
    checkBytes('tweak', tweak, 0, 65536);
    const n = numerals.length;
    checkDomain(radix, n);
    for (const numeral of numerals) checkInteger('numerals', numeral, 0, radix - 1);
    const u = Math.floor(n / 2); // 1
    const v = n - u;
    const b = bytesOf(radix, v); // 3
    const d = 4 * Math.ceil(b / 4) + 4; // 4
    const p = blockP(radix, n, tweak.length); // 5
    const q = new Uint8Array(Math.ceil((tweak.length + b + 1) / 16) * 16);
    q.set(tweak);
    const modulus = [base ** BigInt(u), base ** BigInt(v)] as const;
    let a = numberFrom(numerals.slice(0, u), base); // 2
    let c = numberFrom(numerals.slice(u), base);
    const y = (i: number, half: bigint): bigint => {
      q[q.length - b - 1] = i; // 6.i
      for (let at = q.length - 1, rest = half; at >= q.length - b; at--, rest >>= 8n)
        q[at] = Number(rest & 255n);
      const r = encryptBlock(schedule, Uint8Array.from(p)); // 6.ii
      for (let at = 0; at < q.length; at += 16) {
        for (let k = 0; k < 16; k++) r[k] = (r[k] ?? 0) ^ (q[at + k] ?? 0);
        encryptBlock(schedule, r);
      }
      const s = new Uint8Array(Math.ceil(d / 16) * 16); // 6.iii
      s.set(r);
      for (let j = 1; j * 16 < d; j++) {
        const block = Uint8Array.from(r);
        new DataView(block.buffer).setUint32(12, new DataView(r.buffer).getUint32(12) ^ j);
        s.set(encryptBlock(schedule, block), j * 16);
      }
      return numberOf(s.subarray(0, d)); // 6.iv
    };
    for (let step = 0; step < ROUNDS; step++) {
      const i = decrypting ? ROUNDS - 1 - step : step;
      const m = modulus[i % 2 === 0 ? 0 : 1]; // 6.v
      if (decrypting) {
        const before = (((c - y(i, a)) % m) + m) % m;
        [c, a] = [a, before];
      } else {
        const next = (a + y(i, c)) % m; // 6.vi
        [a, c] = [c, next]; // 6.vii to 6.ix
      }
    }
    return [...numeralsOf(a, base, u), ...numeralsOf(c, base, v)]; // 7
  }

  const none = new Uint8Array(0);
  return {
    encrypt: (numerals, tweak = none) => run(numerals, tweak, false),
    decrypt: (numerals, tweak = none) => run(numerals, tweak, true),
  };
}
