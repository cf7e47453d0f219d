/**
 * Nexus Keycode, bit-exact. Source: Angaza, nexus-python (d765127) for what is made, nexus-embedded (3f3c5a7) for
 * what a device reads.
 *
 *   full     14 digits: type (1), id mod 64 (2), body (5), MAC (6): SipHash-2-4(key, LE32(id) ‖ type ‖
 *            LE32(body)), its lower 32 bits mod 10^6
 *   small    '1' and 14 symbols 2 to 5, two bits each: id mod 64 (6), type (2), body (8), MAC (12): the upper 12
 *            bits of SipHash-2-4(key, LE32(id) ‖ type ‖ body)
 *   extended the small keypad's type 1, whose 6 bits are 1, type 000 and id mod 4; MAC over LE32(id) ‖ 0 ‖ body ‖
 *            id mod 4
 *   obscured what stands before the MAC is shifted by a pseudorandom stream, seeded by the MAC under the key of
 *            zeros: it looks different every time and is no secret
 *
 * The id is the count. A device takes each once, and takes the only id with those 6 bits from 23 below its newest
 * to 40 above it.
 */
import { checkBytes, checkFields, checkInteger, checkString, expected, fail } from '../errors.ts';
import type { Claim, Codec, KeyForm, Layout, Scheme } from './scheme.ts';
import { type SipHash, sipKey } from './siphash.ts';

/** The firmware keeps 16 bits of an id, and would take a "set" of id 65,535 again and again. */
const LAST_ID = 65_534;

/** The receive window of a device around its newest id. */
const BELOW = 23;
const ABOVE = 40;

/** Factory codes and the pseudorandom stream. */
const ZERO_KEY = /* @__PURE__ */ new Uint8Array(16);
/** Test codes of small keypads. */
const TEST_KEY = /* @__PURE__ */ new Uint8Array(16).fill(0xff);

const steps = (from: number, step: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => from + step * i);

/**
 * The days that "add" of a small keypad says, by body: 1 to 180, then every third up to 405. The published
 * generator takes the first that are not fewer than was asked for.
 */
export const NEXUS_ADD_DAYS: readonly number[] = Object.freeze([...steps(1, 1, 180), ...steps(183, 3, 75)]);

/** The days that "set" of a small keypad says, by body: 1 to 90, then in steps of 2, 4, 8 and 16 up to 960. */
export const NEXUS_SET_DAYS: readonly number[] = Object.freeze([
  ...steps(1, 1, 90),
  ...steps(92, 2, 45),
  ...steps(184, 4, 45),
  ...steps(368, 8, 45),
  ...steps(736, 16, 15),
]);

const le32 = (value: number): readonly number[] => [
  value & 0xff,
  (value >>> 8) & 0xff,
  (value >>> 16) & 0xff,
  value >>> 24,
];

const zeroHash = /* @__PURE__ */ sipKey(ZERO_KEY);

/** Eight pseudorandom bytes: SipHash-2-4(0^16, chunk ‖ seed), little-endian. */
function chunkOf(chunk: number, seed: readonly number[]): readonly number[] {
  const { high, low } = zeroHash(Uint8Array.of(chunk, ...seed));
  return [...le32(low), ...le32(high)];
}

/**
 * The pseudorandom stream by which keycodes are obscured; its key is known to all.
 *
 * @param seed the MAC of a keycode: four bytes, little-endian, of a full keypad; two, big-endian, of a small one.
 * @param length bytes, 0 to 2048.
 * @throws `key_length`, `bad_argument`, `out_of_range`
 * @example
 * import { nexusPseudorandom } from 'pintumbler/schemes';
 * console.log(nexusPseudorandom(Uint8Array.of(7), 2).join()); // 234,45
 */
export function nexusPseudorandom(seed: Uint8Array, length: number): Uint8Array {
  checkBytes('seed', seed, 0, Number.POSITIVE_INFINITY);
  checkInteger('length', length, 0, 2048);
  const chunks = steps(0, 1, Math.ceil(length / 8)).flatMap((chunk) => chunkOf(chunk, [...seed]));
  return Uint8Array.from(chunks.slice(0, length));
}

/** Shifts all digits but the last six by the stream, up or down. */
function shifted(digits: string, sign: 1 | -1): string {
  const mac = digits.slice(-6);
  const stream = chunkOf(0, le32(Number(mac)));
  const body = [...digits.slice(0, -6)].map((digit, i) => {
    const sum = Number(digit) + sign * ((stream[i] ?? 0) % 10);
    // JS % is a remainder: it would be negative.
    return (sum + 10) % 10;
  });
  return body.join('') + mac;
}

function checkDigits(digits: unknown): asserts digits is string {
  checkString('digits', digits);
  if (!/^\d{7,14}$/.test(digits)) expected('digits', '7 to 14 digits', digits);
}

/**
 * Obscures the digits of a full keypad.
 *
 * @param digits 1 to 8 of header and body, and 6 of MAC, which stay.
 * @throws `bad_argument`
 * @example
 * import { nexusDeobscure, nexusObscure } from 'pintumbler/schemes';
 * console.log(nexusDeobscure(nexusObscure('04200168319443'))); // 04200168319443
 */
export function nexusObscure(digits: string): string {
  checkDigits(digits);
  return shifted(digits, 1);
}

/**
 * The reverse of `nexusObscure`.
 *
 * @throws `bad_argument`
 * @example
 * import { nexusDeobscure } from 'pintumbler/schemes';
 * console.log(nexusDeobscure('59979149319443')); // 04200168319443
 */
export function nexusDeobscure(digits: string): string {
  checkDigits(digits);
  return shifted(digits, -1);
}

/** A message as its digits say it. */
interface Message {
  /** The id modulo `modulusOf` the type. */
  readonly rest: number;
  readonly type: number;
  readonly body: number;
  readonly mac: number;
}

/** What a kind of the layout is: a type, and as many bodies as it has lengths. */
interface NexusKind {
  readonly type: number;
  readonly from: number;
  readonly lengths: number;
}

interface Keypad {
  readonly id: string;
  readonly digits: number;
  readonly alphabet: string;
  readonly kinds: readonly NexusKind[];
  modulusOf(type: number): number;
  macOf(hash: SipHash, id: number, type: number, body: number): number;
  write(message: Message): string;
  read(code: string): Message | undefined;
}

const padded = (value: number, length: number): string => `${value}`.padStart(length, '0');

const ADD = 0;

const FULL_SET = 1;
const FULL_WIPE = 2;
/** "set" to so many hours. */
const FULL_UNLOCK = 99_999;

const FULL: Keypad = {
  id: 'nexus-full/1',
  digits: 14,
  alphabet: '0123456789',
  kinds: [
    { type: ADD, from: 0, lengths: 100_000 },
    { type: FULL_SET, from: 0, lengths: FULL_UNLOCK },
    { type: FULL_SET, from: FULL_UNLOCK, lengths: 1 },
    // The firmware reads, and MACs, the last digit of a wipe only: here the others have to be zeros.
    { type: FULL_WIPE, from: 0, lengths: 1 },
    { type: FULL_WIPE, from: 3, lengths: 1 },
  ],
  modulusOf: () => 64,
  macOf: (hash, id, type, body) => hash(Uint8Array.of(...le32(id), type, ...le32(body))).low % 1_000_000,
  write: ({ rest, type, body, mac }) =>
    shifted(`${type}${padded(rest, 2)}${padded(body, 5)}${padded(mac, 6)}`, 1),
  read(code) {
    if (!/^\d{14}$/.test(code)) return undefined;
    const plain = shifted(code, -1);
    const rest = Number(plain.slice(1, 3));
    const body = Number(plain.slice(3, 8));
    return rest < 64 ? { rest, type: Number(plain.charAt(0)), body, mac: Number(plain.slice(8)) } : undefined;
  },
};

const SMALL_EXTENDED = 1;
const SMALL_SET = 2;
const SMALL_SERVICE = 3;
const SMALL_WIPE_FLAG = 253;
const SMALL_LOCK = 254;
const SMALL_UNLOCK = 255;

/** The stream over the 16 bits before a MAC of 12. */
function mask(mac: number): number {
  const [first = 0, second = 0] = chunkOf(0, [mac >>> 8, mac & 0xff]);
  return (first << 8) | second;
}

/** '1' and 28 bits, two a symbol, the highest first. */
function symbolsOf(head: number, mac: number): string {
  const bits = ((head ^ mask(mac)) << 12) | mac;
  return `1${bits
    .toString(4)
    .padStart(14, '0')
    .replace(/\d/g, (pair) => `${Number(pair) + 2}`)}`;
}

const SMALL: Keypad = {
  id: 'nexus-small/1',
  digits: 15,
  alphabet: '12345',
  kinds: [
    { type: ADD, from: 0, lengths: NEXUS_ADD_DAYS.length },
    { type: ADD, from: SMALL_UNLOCK, lengths: 1 },
    { type: SMALL_SET, from: 0, lengths: NEXUS_SET_DAYS.length },
    { type: SMALL_SET, from: SMALL_LOCK, lengths: 1 },
    { type: SMALL_SET, from: SMALL_UNLOCK, lengths: 1 },
    { type: SMALL_SET, from: SMALL_WIPE_FLAG, lengths: 1 },
    { type: SMALL_EXTENDED, from: 0, lengths: NEXUS_SET_DAYS.length },
    { type: SMALL_EXTENDED, from: SMALL_UNLOCK, lengths: 1 },
  ],
  modulusOf: (type) => (type === SMALL_EXTENDED ? 4 : 64),
  macOf(hash, id, type, body) {
    const said = type === SMALL_EXTENDED ? [0, body, id % 4] : [type, body];
    return hash(Uint8Array.of(...le32(id), ...said)).high >>> 20;
  },
  write({ rest, type, body, mac }) {
    const bits = type === SMALL_EXTENDED ? 0b1000_00 | rest : rest;
    return symbolsOf((bits << 10) | (type << 8) | body, mac);
  },
  read(code) {
    if (!/^1[2-5]{14}$/.test(code)) return undefined;
    const pairs = code.slice(1).replace(/\d/g, (symbol) => `${Number(symbol) - 2}`);
    const bits = Number.parseInt(pairs, 4);
    const mac = bits & 0xfff;
    const head = (bits >>> 12) ^ mask(mac);
    const type = (head >>> 8) & 3;
    const rest = head >>> 10;
    // Other passthrough messages than the extended one of type 0 are the product's own.
    if (type === SMALL_EXTENDED && rest >>> 2 !== 0b1000) return undefined;
    return { rest: type === SMALL_EXTENDED ? rest & 3 : rest, type, body: head & 0xff, mac };
  },
};

function codeOf(keypad: Keypad, hash: SipHash, id: number, type: number, body: number): string {
  const mac = keypad.macOf(hash, id, type, body);
  return keypad.write({ rest: id % keypad.modulusOf(type), type, body, mac });
}

/** The ids between two, both included, that are `rest` mod `modulus`; newest first. */
function idsBetween(first: number, last: number, rest: number, modulus: number): readonly number[] {
  const ids: number[] = [];
  const newest = rest + modulus * Math.floor((Math.min(last, LAST_ID) - rest) / modulus);
  for (let id = newest; id >= Math.max(first, 0); id -= modulus) ids.push(id);
  return ids;
}

/** A message with an id, which a device takes once. */
export interface NexusMessage<Type> {
  /** 0 to 65,534. */
  readonly id: number;
  readonly type: Type;
  readonly body: number;
}

/** Whether another id between two would give the same code. */
function isShared(
  keypad: Keypad,
  hash: SipHash,
  { id, type, body }: NexusMessage<number>,
  first: number,
  last: number,
): boolean {
  const modulus = keypad.modulusOf(type);
  const mac = keypad.macOf(hash, id, type, body);
  return idsBetween(first, last, id % modulus, modulus).some(
    (other) => other !== id && keypad.macOf(hash, other, type, body) === mac,
  );
}

/** The number of a word in a list. */
function indexIn(field: string, words: readonly string[], word: unknown): number {
  const index = typeof word === 'string' ? words.indexOf(word) : -1;
  return index < 0 ? expected(field, `one of ${words.join(', ')}`, word) : index;
}

/**
 * Makes a keycode of a full keypad.
 *
 * @param key 16 bytes.
 * @param message `body` of "add" and "set" are hours, 0 to 99,999, where "set" 99,999 unlocks for good; of "wipe"
 *   the target: 0 credit, 1 credit and received ids, 2 received ids, 3 the restricted flag. Targets 1 and 2 make
 *   every keycode of the device new again.
 * @returns 14 digits, without the `*` and `#` that are keyed around them.
 * @throws `key_length`, `bad_argument`, `out_of_range`
 * @example
 * import { nexusFull } from 'pintumbler/schemes';
 * const week = { id: 42, type: 'add', body: 168 } as const;
 * console.log(nexusFull(new Uint8Array(16), week)); // 57503376929910
 */
export function nexusFull(key: Uint8Array, message: NexusMessage<'add' | 'set' | 'wipe'>): string {
  checkBytes('key', key, 16);
  checkFields('message', message, ['id', 'type', 'body']);
  const { id, body } = message;
  const type = indexIn('type', ['add', 'set', 'wipe'], message.type);
  checkInteger('id', id, 0, LAST_ID);
  checkInteger('body', body, 0, type === FULL_WIPE ? 3 : 99_999);
  return codeOf(FULL, sipKey(key), id, type, body);
}

/**
 * Makes a factory code of full keypads. They are MACed under a key of zeros: every device takes them, as often as
 * its counters allow.
 *
 * @param type `allow_test` opens for about two minutes, `oqc` for so many minutes, `show_id` shows the device's
 *   number.
 * @param minutes 1 to 99, of `oqc` only, 60 by default; 0 for older devices, whose keycode says none.
 * @returns 7 digits, of `oqc` with minutes 12.
 * @throws `bad_argument`, `out_of_range`
 * @example
 * import { nexusFactory } from 'pintumbler/schemes';
 * console.log(nexusFactory('allow_test'), nexusFactory('oqc', 60)); // 4064983 500060694509
 */
export function nexusFactory(type: 'allow_test' | 'oqc' | 'show_id', minutes?: number): string {
  const index = indexIn('type', ['allow_test', 'oqc', 'show_id'], type);
  const isOqc = index === 1;
  if (!isOqc && minutes !== undefined) expected('minutes', 'nothing but with "oqc"', minutes);
  const body = minutes === undefined ? (isOqc ? 60 : 0) : minutes;
  if (isOqc) checkInteger('minutes', body, 0, 99);
  const mac = FULL.macOf(zeroHash, 0, 4 + index, body);
  return `${4 + index}${body > 0 ? padded(body, 5) : ''}${padded(mac, 6)}`;
}

/** Older devices take "set to one day" for a test code where the six bits of its id are ones. */
const isOldTest = ({ id, type, body }: NexusMessage<number>): boolean =>
  type === SMALL_SET && body === 0 && id % 64 === 63;

/** Bodies 240 to 252 are reserved: the firmware would set no days at all. */
function checkSetBody(body: unknown, command: number): asserts body is number {
  checkInteger('body', body, 0, 255);
  if (body >= NEXUS_SET_DAYS.length && body < command)
    fail('out_of_range', `"body" expected 0 to 239 or ${command} to 255, the others are reserved`);
}

/**
 * Makes a keycode of a small keypad.
 *
 * @param key 16 bytes.
 * @param message `body` of "add": an index into `NEXUS_ADD_DAYS`, or 255 to unlock, as older devices have it. Of
 *   "set": an index into `NEXUS_SET_DAYS`, 253 to wipe the restricted flag, 254 to lock, 255 to unlock.
 * @returns 15 symbols: a 1, then 2 to 5.
 * @throws `key_length`, `bad_argument`, `out_of_range`; `code_ambiguous` for "set" to one day with an id of 63 mod
 *   64, which the published generator refuses as well: old test codes look like it. Take the next id
 * @example
 * import { NEXUS_ADD_DAYS, nexusSmall } from 'pintumbler/schemes';
 * const week = { id: 42, type: 'add', body: NEXUS_ADD_DAYS.indexOf(7) } as const;
 * console.log(nexusSmall(new Uint8Array(16), week)); // 152343232243324
 */
export function nexusSmall(key: Uint8Array, message: NexusMessage<'add' | 'set'>): string {
  checkBytes('key', key, 16);
  checkFields('message', message, ['id', 'type', 'body']);
  const { id, body } = message;
  const isSet = indexIn('type', ['add', 'set'], message.type) === 1;
  checkInteger('id', id, 0, LAST_ID);
  if (isSet) checkSetBody(body, SMALL_WIPE_FLAG);
  else checkInteger('body', body, 0, 255);
  if (isOldTest({ id, type: isSet ? SMALL_SET : ADD, body }))
    fail('code_ambiguous', 'the code would also read as an old test code: take the next id');
  return codeOf(SMALL, sipKey(key), id, isSet ? SMALL_SET : ADD, body);
}

/**
 * Makes a keycode of a small keypad that sets the credit and wipes the restricted flag. It says two bits of its
 * id, and the device tries all ids of its window that have them.
 *
 * @param key 16 bytes.
 * @param message `body` as of "set" in `nexusSmall`, without 253.
 * @returns 15 symbols: a 1, then 2 to 5.
 * @throws `key_length`, `bad_argument`, `out_of_range`; `code_ambiguous` if another id from 23 below to 40 above
 *   would have the same code: take the next id
 * @example
 * import { NEXUS_SET_DAYS, nexusSmallExtended } from 'pintumbler/schemes';
 * const body = NEXUS_SET_DAYS.indexOf(84);
 * console.log(nexusSmallExtended(new Uint8Array(16), { id: 51, body })); // 134444254334435
 */
export function nexusSmallExtended(
  key: Uint8Array,
  message: Pick<NexusMessage<never>, 'id' | 'body'>,
): string {
  checkBytes('key', key, 16);
  checkFields('message', message, ['id', 'body']);
  const { id, body } = message;
  checkInteger('id', id, 0, LAST_ID);
  checkSetBody(body, SMALL_LOCK);
  const hash = sipKey(key);
  if (isShared(SMALL, hash, { id, type: SMALL_EXTENDED, body }, id - BELOW, id + ABOVE))
    fail('code_ambiguous', 'the code would also read as that of a near id: take the next one');
  return codeOf(SMALL, hash, id, SMALL_EXTENDED, body);
}

/**
 * Makes a test code of small keypads. Its key is known to all: every device takes it.
 *
 * @param test `short` opens for about two minutes, `oqc` for an hour.
 * @throws `bad_argument`
 * @example
 * import { nexusSmallTest } from 'pintumbler/schemes';
 * console.log(nexusSmallTest('short')); // 143253222433244
 */
export function nexusSmallTest(test: 'short' | 'oqc'): string {
  return codeOf(SMALL, sipKey(TEST_KEY), 0, SMALL_SERVICE, indexIn('test', ['short', 'oqc'], test));
}

/**
 * Makes a maintenance code of a small keypad. It has no id: the device takes it as often as it is keyed in, and
 * after a wipe of received ids every old keycode is new again.
 *
 * @param key 16 bytes.
 * @throws `key_length`, `bad_argument`
 * @example
 * import { nexusSmallMaintenance } from 'pintumbler/schemes';
 * console.log(nexusSmallMaintenance(new Uint8Array(16), 'credit')); // 145524325342545
 */
export function nexusSmallMaintenance(key: Uint8Array, wipe: 'credit' | 'credit_and_ids' | 'ids'): string {
  checkBytes('key', key, 16);
  const target = indexIn('wipe', ['credit', 'credit_and_ids', 'ids'], wipe);
  return codeOf(SMALL, sipKey(key), 0, SMALL_SERVICE, 0x80 | target);
}

/**
 * Packs 26 bits for the product behind a small keypad. Nothing proves who made them.
 *
 * @param bits 0 to 2^26 − 1; from 2^25 on a device reads them as an extended keycode, which has a MAC.
 * @throws `bad_argument`, `out_of_range`
 * @example
 * import { nexusSmallPassthrough } from 'pintumbler/schemes';
 * console.log(nexusSmallPassthrough(0)); // 124325434222222
 */
export function nexusSmallPassthrough(bits: number): string {
  checkInteger('bits', bits, 0, 2 ** 26 - 1);
  const head = ((bits >>> 20) << 10) | (SMALL_EXTENDED << 8) | ((bits >>> 12) & 0xff);
  return symbolsOf(head, bits & 0xfff);
}

const KEY: KeyForm = { from: 16, to: 16 };

const unfit = ({ id }: Layout, what: string): never =>
  fail('rules_invalid', `rules of "${id}": unfit ${what}`);

function checkLayout({ kinds, ...keypad }: Keypad, layout: Layout): void {
  const { digits, alphabet, lanes, places } = layout;
  if (digits !== keypad.digits || alphabet !== keypad.alphabet) unfit(layout, '"digits" or "alphabet"');
  if (lanes.some((lane) => lane !== '')) unfit(layout, '"lanes"');
  places.forEach(({ lengths, variances }, kind) => {
    if (lengths > (kinds[kind]?.lengths ?? 0) || variances !== 1) unfit(layout, '"kinds"');
  });
}

function schemeOf(keypad: Keypad): Scheme {
  const { kinds, macOf, modulusOf, read } = keypad;
  return {
    id: keypad.id,
    key: KEY,

    prepare(key: Uint8Array, layout: Layout): Codec {
      checkLayout(keypad, layout);
      const { places, span } = layout;
      const hash = sipKey(key);

      const messageOf = ({ kind, slot, length }: Claim): NexusMessage<number> => {
        const { type, from } = kinds[kind] ?? unfit(layout, '"kinds"');
        checkInteger('id', slot, 0, LAST_ID);
        if (length >= (places[kind]?.lengths ?? 0)) unfit(layout, '"lengths"');
        return { id: slot, type, body: from + length };
      };

      return {
        encode(claim) {
          const { id, type, body } = messageOf(claim);
          return codeOf(keypad, hash, id, type, body);
        },
        decode(code, first, last) {
          const message = read(code);
          if (!message) return [];
          const { rest, type, body, mac } = message;
          const kind = kinds.findIndex(
            (each) => each.type === type && body >= each.from && body < each.from + each.lengths,
          );
          const length = body - (kinds[kind]?.from ?? 0);
          if (length >= (places[kind]?.lengths ?? 0)) return [];
          return idsBetween(first, last, rest, modulusOf(type))
            .filter((id) => macOf(hash, id, type, body) === mac)
            .map((slot): Claim => ({ kind, slot, length, variance: 0, lane: '' }));
        },
        refuses: (claim) => keypad === SMALL && isOldTest(messageOf(claim)),
        alone(claim) {
          const message = messageOf(claim);
          return !isShared(keypad, hash, message, message.id - span, message.id + span);
        },
      };
    },
  };
}

/**
 * `nexus-full/1`. The layout's kinds, in this order: `add` (100,000 lengths: hours), `set` (99,999: hours),
 * `unlock`, `wipe_credit`, `wipe_flag` (one length each). A claim's slot is the message id, 0 to 65,534.
 */
export const nexusFullScheme: Scheme = /* @__PURE__ */ schemeOf(FULL);

/**
 * `nexus-small/1`. The layout's kinds, in this order: `add` (255 lengths: `NEXUS_ADD_DAYS`), `add_unlock`, `set`
 * (240: `NEXUS_SET_DAYS`), `lock`, `unlock`, `wipe_flag`, and for devices that read extended keycodes `set_wipe`
 * (240) and `unlock_wipe`. A claim's slot is the message id, 0 to 65,534. An extended keycode says two bits of it:
 * with a span of 64, one in 128 is not alone.
 */
export const nexusSmallScheme: Scheme = /* @__PURE__ */ schemeOf(SMALL);
