/**
 * SipHash-2-4, OpenPAYGO Token and Nexus Keycode once more, in BigInt and strings, straight from the paper and
 * from reference/cryptography.md §2 and §3: slow, and without a line in common with src/schemes.
 */
import type { Layout } from 'pintumbler/schemes';

const M = (1n << 64n) - 1n;
const rotl = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (64n - by))) & M;
const le = (bytes: Iterable<number>): bigint =>
  [...bytes].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
/** A number as so many bytes, the lowest first. */
export const leBytes = (value: bigint, length: number): number[] =>
  Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
const beBytes = (value: bigint, length: number): number[] => leBytes(value, length).reverse();

/** The paper, section 2, with one word at a time. */
export function sipLiteral(key: Iterable<number>, message: Iterable<number>): bigint {
  const k = [...key];
  const k0 = le(k.slice(0, 8));
  const k1 = le(k.slice(8));
  let v0 = k0 ^ 0x736f6d6570736575n;
  let v1 = k1 ^ 0x646f72616e646f6dn;
  let v2 = k0 ^ 0x6c7967656e657261n;
  let v3 = k1 ^ 0x7465646279746573n;
  const round = (): void => {
    v0 = (v0 + v1) & M;
    v1 = rotl(v1, 13n) ^ v0;
    v0 = rotl(v0, 32n);
    v2 = (v2 + v3) & M;
    v3 = rotl(v3, 16n) ^ v2;
    v0 = (v0 + v3) & M;
    v3 = rotl(v3, 21n) ^ v0;
    v2 = (v2 + v1) & M;
    v1 = rotl(v1, 17n) ^ v2;
    v2 = rotl(v2, 32n);
  };
  const bytes = [...message];
  const padded = [...bytes, ...new Array(7 - (bytes.length % 8)).fill(0), bytes.length % 256];
  for (let i = 0; i < padded.length; i += 8) {
    const m = le(padded.slice(i, i + 8));
    v3 ^= m;
    round();
    round();
    v0 ^= m;
  }
  v2 ^= 0xffn;
  for (let i = 0; i < 4; i++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

export function tokLiteral(hash: bigint): bigint {
  const x = ((hash >> 32n) ^ (hash & 0xffffffffn)) >> 2n;
  return x > 999_999_999n ? x - 73_741_825n : x;
}

export function extLiteral(hash: bigint): bigint {
  const x = hash >> 24n;
  return x > 999_999_999_999n ? x - 99_511_627_777n : x;
}

export const startLiteral = (key: Uint8Array): bigint => tokLiteral(sipLiteral(key, key));

/** A token as its number, by count 0, 1, 2 … up to the last. */
export function* chainLiteral(
  key: Uint8Array,
  start: bigint,
  value: bigint,
  extended: boolean,
): Generator<bigint> {
  const modulus = extended ? 1_000_000n : 1000n;
  const base = ((start % modulus) + value) % modulus;
  const put = (t: bigint): bigint => (t / modulus) * modulus + base;
  for (let t = put(start); ; ) {
    yield put(t);
    t = extended
      ? extLiteral(sipLiteral(key, beBytes(t, 8)))
      : tokLiteral(sipLiteral(key, [...beBytes(t, 4), ...beBytes(t, 4)]));
  }
}

export function writtenLiteral(token: bigint, extended: boolean, restricted: boolean): string {
  if (!restricted) return String(token).padStart(extended ? 12 : 9, '0');
  const pairs =
    token
      .toString(2)
      .padStart(extended ? 40 : 30, '0')
      .match(/../g) ?? [];
  return pairs.map((pair) => String(Number.parseInt(pair, 2) + 1)).join('');
}

export function tokenLiteral(
  key: Uint8Array,
  start: bigint,
  count: number,
  value: number,
  extended = false,
  restricted = false,
): string {
  let n = 0;
  for (const token of chainLiteral(key, start, BigInt(value), extended))
    if (n++ === count) return writtenLiteral(token, extended, restricted);
  return '';
}

const ZERO = new Uint8Array(16);

export const streamLiteral = (seed: readonly number[], length: number): number[] =>
  Array.from({ length: Math.ceil(length / 8) }, (_, i) => leBytes(sipLiteral(ZERO, [i, ...seed]), 8))
    .flat()
    .slice(0, length);

export function obscuredLiteral(digits: string): string {
  const mac = digits.slice(-6);
  const stream = streamLiteral(leBytes(BigInt(mac), 4), 8);
  return [...digits.slice(0, -6)].map((digit, i) => (Number(digit) + (stream[i] ?? 0)) % 10).join('') + mac;
}

/** The decimal digits of the lower half, six of them. */
export const fullMacLiteral = (key: Uint8Array, id: number, type: number, body: number): string =>
  String(sipLiteral(key, [...leBytes(BigInt(id), 4), type, ...leBytes(BigInt(body), 4)]) & 0xffffffffn)
    .padStart(6, '0')
    .slice(-6);

/** Header, body and MAC before they are obscured. */
export const fullPlainLiteral = (key: Uint8Array, id: number, type: number, body: number): string =>
  type +
  String(id % 64).padStart(2, '0') +
  String(body).padStart(5, '0') +
  fullMacLiteral(key, id, type, body);

export const fullLiteral = (key: Uint8Array, id: number, type: number, body: number): string =>
  obscuredLiteral(fullPlainLiteral(key, id, type, body));

const binary = (value: number | bigint, length: number): string => value.toString(2).padStart(length, '0');

/** 28 bits as 15 symbols. */
export function symbolsLiteral(bits: string): string {
  const mac = Number.parseInt(bits.slice(16), 2);
  const stream = streamLiteral([mac >> 8, mac & 255], 2)
    .map((byte) => binary(byte, 8))
    .join('');
  const head = [...bits.slice(0, 16)].map((bit, i) => Number(bit) ^ Number(stream[i])).join('');
  const pairs = (head + bits.slice(16)).match(/../g) ?? [];
  return `1${pairs.map((pair) => Number.parseInt(pair, 2) + 2).join('')}`;
}

export const smallBitsLiteral = (key: Uint8Array, id: number, type: number, body: number): string =>
  binary(id % 64, 6) +
  binary(type, 2) +
  binary(body, 8) +
  binary(sipLiteral(key, [...leBytes(BigInt(id), 4), type, body]) >> 52n, 12);

export const extendedMacLiteral = (key: Uint8Array, id: number, body: number): bigint =>
  sipLiteral(key, [...leBytes(BigInt(id), 4), 0, body, id % 4]) >> 52n;

export const extendedBitsLiteral = (key: Uint8Array, id: number, body: number): string =>
  `1000${binary(id % 4, 2)}01${binary(body, 8)}${binary(extendedMacLiteral(key, id, body), 12)}`;

/** A layout with so many lengths of each kind. */
export function layoutOf(
  digits: number,
  alphabet: string,
  lengths: readonly number[],
  more: Partial<Layout> = {},
): Layout {
  let used = 0;
  const places = lengths.map((count) => {
    const base = used;
    used += count;
    return { base, lengths: count, variances: 1, lane: undefined };
  });
  const codes = alphabet.length ** digits;
  return {
    id: 'box/1',
    digits,
    alphabet,
    codes,
    perSlot: used,
    used,
    places,
    lanes: [''],
    span: 64,
    ...more,
  };
}
