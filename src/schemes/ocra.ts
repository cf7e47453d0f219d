/**
 * OCRA, answers to challenges. Source: RFC 6287; sections 5 and 6 say what is computed, the reference
 * implementation of Appendix A how the fields are padded.
 *
 *   suite   OCRA-1:HOTP-SHA(1|256|512)-digits:[C-]Q(A|N|H)nn[-P(SHA1|SHA256|SHA512)][-Snnn][-TG]
 *   data    suite ‖ 00 ‖ C (8 bytes) ‖ Q (128) ‖ P (the hash) ‖ S (nnn) ‖ T (8), those that the suite names
 *   code    HMAC(K, data), truncated as HOTP; whole, as hex, where the suite says 0 digits
 *
 * `ocra-hotp-sha256-8-c-qn08-psha1/1` and the like: the same for locks, one scheme a suite. The key is the OCRA
 * key, of at least 16 bytes, and after it the hash of the PIN if the suite has P. A slot is the counter, or
 * without one the time step, or 0 without both; with both, the length is the time step.
 */
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import {
  checkBytes,
  checkFields,
  checkInstant,
  checkInteger,
  checkString,
  expected,
  fail,
} from '../errors.ts';
import { sameCode } from '../keys.ts';
import {
  checkOathLayout,
  checkSecret,
  eightBytes,
  LAST_COUNT,
  type OathHash,
  OathKey,
  oathDigits,
} from './hotp.ts';
import type { Asked, Claim, Codec, KeyForm, Layout, Scheme } from './scheme.ts';

/** What a suite says, RFC 6287 section 6. */
export interface OcraSuite {
  /** As it was written: it is the beginning of every message. */
  readonly text: string;
  readonly hash: OathHash;
  /** 4 to 10; 0 for the whole HMAC. */
  readonly digits: number;
  /** C. */
  readonly counter: boolean;
  /** QF: A for letters and digits, N for digits, H for hex digits. */
  readonly format: 'A' | 'N' | 'H';
  /** Longest challenge, characters. */
  readonly length: number;
  /** P: the hash of the PIN. */
  readonly pin?: OathHash;
  /** S: bytes of session information. */
  readonly session?: number;
  /** T: seconds a time step. */
  readonly step?: number;
}

/** The fields of an answer: those that the suite names, and no others. */
export interface OcraInput {
  /** Q; in mutual mode the other side's and one's own, in that order. */
  readonly challenge: string | readonly [other: string, own: string];
  /** C: 0 to 2^53 − 1. */
  readonly counter?: number;
  /** P, as it is keyed in; or `pinHash`. */
  readonly pin?: string;
  /** P, hashed: 20, 32 or 64 bytes. */
  readonly pinHash?: Uint8Array;
  /** S: bytes, or a string taken as UTF-8; at least one byte, at most as many as the suite says. */
  readonly session?: string | Uint8Array;
  /** T, whole epoch seconds; or `timeSteps`. */
  readonly at?: number;
  /** T, counted in time steps since the epoch: 0 to 2^53 − 1. */
  readonly timeSteps?: number;
}

const FUNCTION = /^OCRA-1:HOTP-(SHA1|SHA256|SHA512)-(0|[4-9]|10):(.*)$/;
/** S and T alone have the defaults of section 6.3. */
const DATA = /^(C-)?Q([ANH])(\d\d)(?:-P(SHA1|SHA256|SHA512))?(?:-S(\d{3}|))?(?:-T([1-9]\d?[SMH]|))?$/;

/** Of a time step: its seconds, and how many it can be. */
const UNITS: Readonly<Record<string, readonly [seconds: number, most: number]>> = {
  S: [1, 59],
  M: [60, 59],
  H: [3600, 48],
};

const HASH_NAMES: Readonly<Record<string, OathHash>> = {
  SHA1: 'SHA-1',
  SHA256: 'SHA-256',
  SHA512: 'SHA-512',
};
const PIN_HASHES = {
  'SHA-1': { digest: sha1, bytes: 20 },
  'SHA-256': { digest: sha256, bytes: 32 },
  'SHA-512': { digest: sha512, bytes: 64 },
} as const;
const SYMBOLS = { A: /^[0-9A-Za-z]+$/, N: /^[0-9]+$/, H: /^[0-9A-Fa-f]+$/ } as const;
const IN_WORDS = { A: 'letters and digits', N: 'digits', H: 'hex digits' } as const;

const isFormat = (text: string | undefined): text is OcraSuite['format'] =>
  text === 'A' || text === 'N' || text === 'H';

/** G in seconds; 0 for what is none. T0H of table 3 is none either: it would divide by zero. */
function secondsOf(text: string): number {
  const [seconds, most] = UNITS[text.slice(-1)] ?? [0, 0];
  const count = Number(text.slice(0, -1));
  return count <= most ? count * seconds : 0;
}

/**
 * Reads the text of a suite, RFC 6287 section 6. `S` and `T` alone take the defaults of section 6.3: 64 bytes, one
 * minute.
 *
 * @param text such as `OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1`; digits 0 or 4 to 10, challenges 04 to 64, sessions 001
 *   to 512 bytes, time steps 1 to 59 seconds or minutes or 1 to 48 hours.
 * @throws `bad_argument`
 * @example
 * import { parseSuite } from 'pintumbler/schemes';
 * const { hash, digits, step } = parseSuite('OCRA-1:HOTP-SHA512-8:QN08-T1M');
 * console.log(hash, digits, step); // SHA-512 8 60
 */
export function parseSuite(text: string): OcraSuite {
  checkString('suite', text);
  const refuse = (): never => expected('suite', 'a suite of RFC 6287, OCRA-1:HOTP-…:…', text);
  const [, name = '', digits, data = ''] = FUNCTION.exec(text) ?? [];
  const [, c, format, length, p = '', s, t] = DATA.exec(data) ?? [];
  const hash = HASH_NAMES[name];
  if (!hash || !isFormat(format)) return refuse();
  if (Number(length) < 4 || Number(length) > 64) refuse();
  const pin = HASH_NAMES[p];
  const session = s === undefined ? undefined : Number(s || 64);
  if (session === 0 || (session ?? 0) > 512) refuse();
  const step = t === undefined ? undefined : secondsOf(t || '1M');
  if (step === 0) refuse();
  return Object.freeze({
    text,
    hash,
    digits: Number(digits),
    counter: c !== undefined,
    format,
    length: Number(length),
    ...(pin && { pin }),
    ...(session && { session }),
    ...(step && { step }),
  });
}

/** The fields as they are in the message; absent where the suite does not name them. */
interface Fields {
  readonly counter: number | undefined;
  readonly question: Uint8Array;
  readonly pinHash: Uint8Array | undefined;
  readonly session: Uint8Array | undefined;
  readonly timeSteps: number | undefined;
}

const NOTHING = /* @__PURE__ */ new Uint8Array();

// A copy: C and T would share the one buffer.
const number = (value: number | undefined): Uint8Array =>
  value === undefined ? NOTHING : eightBytes(value).slice();

const messageOf = (
  { text }: OcraSuite,
  { counter, question, pinHash, session, timeSteps }: Fields,
): Uint8Array =>
  concatBytes(
    utf8ToBytes(`${text}\0`),
    number(counter),
    question,
    pinHash ?? NOTHING,
    session ?? NOTHING,
    number(timeSteps),
  );

const answerOf = ({ digits }: OcraSuite, hs: Uint8Array): string =>
  digits === 0 ? bytesToHex(hs) : oathDigits(hs, digits);

/** A field is there if the suite names it, else not. */
function checkNamed(field: string, named: boolean, value: unknown): void {
  if (named && value === undefined) fail('bad_argument', `"${field}" is missing: the suite names it`);
  if (!named && value !== undefined)
    fail('bad_argument', `"${field}" expected none: the suite does not name it`);
}

/** Characters that UTF-8 has: a lone surrogate would be replaced, and two texts be one. */
function utf8(field: string, text: string): Uint8Array {
  if (/\p{Cs}/u.test(text)) expected(field, 'a string without lone surrogates', text);
  return utf8ToBytes(text);
}

function checkChallenge(
  field: string,
  { format, length }: OcraSuite,
  value: unknown,
): asserts value is string {
  checkString(field, value);
  if (value.length < 1 || value.length > length)
    fail('out_of_range', `"${field}" expected 1 to ${length} characters, got ${value.length}`);
  if (!SYMBOLS[format].test(value)) expected(field, IN_WORDS[format], value);
}

/** Q: letters as ASCII, hex digits as they are, numbers as hex without leading zeros; then zeros on the right. */
function questionOf({ format }: OcraSuite, challenge: string): Uint8Array {
  const hex =
    format === 'A'
      ? bytesToHex(utf8ToBytes(challenge))
      : format === 'N'
        ? BigInt(challenge).toString(16)
        : challenge;
  // Nibbles, not bytes: an odd number of hex digits is not moved to the right.
  return hexToBytes(hex.padEnd(256, '0'));
}

/** One challenge, or the two of mutual mode, one after the other. */
function readQuestion(suite: OcraSuite, challenge: unknown): Uint8Array {
  if (!Array.isArray(challenge)) {
    checkChallenge('challenge', suite, challenge);
    return questionOf(suite, challenge);
  }
  const [other, own]: readonly unknown[] = challenge;
  if (challenge.length !== 2) expected('challenge', 'a string or two', challenge);
  checkChallenge('challenge[0]', suite, other);
  checkChallenge('challenge[1]', suite, own);
  return questionOf(suite, other + own);
}

/** P: the hash of the PIN. */
function readPin({ pin: hash }: OcraSuite, pin: unknown, pinHash: unknown): Uint8Array | undefined {
  if (pin !== undefined && pinHash !== undefined)
    fail('bad_argument', '"pin" and "pinHash" exclude each other');
  checkNamed('pin', hash !== undefined, pin === undefined ? pinHash : pin);
  if (!hash) return undefined;
  const { digest, bytes } = PIN_HASHES[hash];
  if (pinHash !== undefined) {
    checkBytes('pinHash', pinHash, bytes);
    return pinHash;
  }
  checkString('pin', pin);
  if (pin === '') expected('pin', 'a PIN', pin);
  return digest(utf8('pin', pin));
}

/** S: zeros on the left, as the reference implementation has them. */
function readSession({ session: bytes }: OcraSuite, session: unknown): Uint8Array | undefined {
  checkNamed('session', bytes !== undefined, session);
  if (bytes === undefined) return undefined;
  const given = typeof session === 'string' ? utf8('session', session) : session;
  if (!(given instanceof Uint8Array)) expected('session', 'a string or bytes (Uint8Array)', session);
  if (given.length < 1 || given.length > bytes)
    fail('out_of_range', `"session" expected 1 to ${bytes} bytes, got ${given.length}`);
  const padded = new Uint8Array(bytes);
  padded.set(given, bytes - given.length);
  return padded;
}

/** T: time steps since the epoch, not seconds. */
function readSteps({ step }: OcraSuite, at: unknown, timeSteps: unknown): number | undefined {
  if (at !== undefined && timeSteps !== undefined)
    fail('bad_argument', '"at" and "timeSteps" exclude each other');
  checkNamed('at', step !== undefined, at === undefined ? timeSteps : at);
  if (step === undefined) return undefined;
  if (timeSteps !== undefined) {
    checkInteger('timeSteps', timeSteps, 0, LAST_COUNT);
    return timeSteps;
  }
  checkInstant('at', at);
  return Math.floor(at / step);
}

function readFields(suite: OcraSuite, input: unknown): Fields {
  checkFields('input', input, ['challenge', 'counter', 'pin', 'pinHash', 'session', 'at', 'timeSteps']);
  const { challenge, counter, pin, pinHash, session, at, timeSteps } = input;
  checkNamed('counter', suite.counter, counter);
  if (counter !== undefined) checkInteger('counter', counter, 0, LAST_COUNT);
  return {
    counter,
    question: readQuestion(suite, challenge),
    pinHash: readPin(suite, pin, pinHash),
    session: readSession(suite, session),
    timeSteps: readSteps(suite, at, timeSteps),
  };
}

/**
 * The message whose HMAC an answer is made from, RFC 6287 section 5.1: `DataInput`.
 *
 * @param suite as of `parseSuite`.
 * @param input as of `ocra`.
 * @throws `bad_argument`, `out_of_range`, `key_length`
 * @example
 * import { ocraMessage } from 'pintumbler/schemes';
 * console.log(ocraMessage('OCRA-1:HOTP-SHA1-6:QN08', { challenge: '11111111' }).length); // 152
 */
export function ocraMessage(suite: string, input: OcraInput): Uint8Array {
  const parsed = parseSuite(suite);
  return messageOf(parsed, readFields(parsed, input));
}

/**
 * The answer to a challenge, RFC 6287.
 *
 * As the RFC pads them, numbers that differ by factors of 16 (1 and 16) are one challenge, and so are hex digits
 * with zeros after them: ask for challenges of the full length, from a source of chance.
 *
 * @param key the shared secret, 1 to 65,536 bytes; the RFC wants as many as the hash has.
 * @param suite as of `parseSuite`.
 * @param input the fields that the suite names, and no others: of `pin` and `pinHash` one, of `at` and `timeSteps`
 *   one. Two challenges are mutual mode, each up to the length that the suite says.
 * @returns as many digits as the suite says; with 0, the whole HMAC as lower-case hex. How much likelier than
 *   others the likeliest answer is: `hotpBias`.
 * @throws `bad_argument`, `out_of_range`, `key_length`
 * @example
 * import { ocra } from 'pintumbler/schemes';
 * const key = new TextEncoder().encode('12345678901234567890123456789012');
 * const input = { challenge: '12345678', counter: 0, pin: '1234' };
 * console.log(ocra(key, 'OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1', input)); // 65347737
 */
export function ocra(key: Uint8Array, suite: string, input: OcraInput): string {
  const parsed = parseSuite(suite);
  checkSecret('key', key);
  const message = messageOf(parsed, readFields(parsed, input));
  return answerOf(parsed, OathKey.hmac(new OathKey(key, parsed.hash), message));
}

/** What a lock asked, as the message has it. */
function readAsked(suite: OcraSuite, asked: unknown): Pick<Fields, 'question' | 'session'> {
  checkFields('asked', asked, ['challenge', 'session', 'steps']);
  const { challenge, session } = asked;
  checkChallenge('asked.challenge', suite, challenge);
  checkNamed('asked.session', suite.session !== undefined, session);
  if (session === undefined) return { question: questionOf(suite, challenge), session };
  checkString('asked.session', session);
  if (!/^(?:[0-9A-Fa-f]{2})+$/.test(session)) expected('asked.session', 'bytes as hex', session);
  return { question: questionOf(suite, challenge), session: readSession(suite, hexToBytes(session)) };
}

/** The time steps to try; none if the lock does not say which. */
function stepsOf({ steps: [from, to] = [0, -1] }: Asked): readonly [number, number] {
  checkInteger('asked.steps', from, -LAST_COUNT, LAST_COUNT);
  checkInteger('asked.steps', to, -LAST_COUNT, LAST_COUNT);
  return [from, to];
}

function checkLayout(suite: OcraSuite, layout: Layout): void {
  const { id, digits, places } = layout;
  if (suite.digits === 0)
    fail('rules_invalid', `rules of "${id}": a suite without truncation is for no keypad`);
  checkOathLayout(layout);
  if (digits !== suite.digits) fail('rules_invalid', `rules of "${id}": unfit "digits"`);
  if (places[0]?.lengths !== 1 && !(suite.counter && suite.step))
    fail('rules_invalid', `rules of "${id}": unfit "kinds"`);
}

/**
 * OCRA with one suite as the scheme of a vendor: `ocra-hotp-sha256-8-c-qn08-psha1/1` for
 * `OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1`. One-way: the lock asks, in `asked` of a claim.
 *
 * The key is the OCRA key, 16 to 128 bytes, and after it the hash of the PIN if the suite has P. The slot of a
 * claim is the counter; without C the time step; without both 0. With both, its length is the time step, and
 * `decode` tries those of `asked.steps`, none without. Without `asked`, `decode` finds nothing and `encode`
 * throws.
 *
 * `prepare` throws `rules_invalid` for layouts of other digits than the suite's, other symbols than decimal
 * digits, several kinds or lanes, and for every layout of a suite of 0 digits.
 *
 * @throws `bad_argument`
 * @example
 * import { ocraScheme } from 'pintumbler/schemes';
 * console.log(ocraScheme('OCRA-1:HOTP-SHA1-6:QN08').id); // ocra-hotp-sha1-6-qn08/1
 */
export function ocraScheme(suite: string): Scheme {
  const parsed = parseSuite(suite);
  const { counter: hasCounter, hash, pin, step } = parsed;
  const hasSteps = step !== undefined;
  const pinBytes = pin ? PIN_HASHES[pin].bytes : 0;
  const form: KeyForm = Object.freeze({ from: 16 + pinBytes, to: 128 + pinBytes });

  return Object.freeze({
    id: `ocra-${suite.slice('OCRA-1:'.length).replace(':', '-').toLowerCase()}/1`,
    key: form,

    prepare(secret: Uint8Array, layout: Layout): Codec {
      checkLayout(parsed, layout);
      checkBytes('key', secret, form.from, form.to);
      const border = secret.length - pinBytes;
      const ready = new OathKey(secret.subarray(0, border), hash);
      // Copies: the engine wipes its key.
      const pinHash = pin ? Uint8Array.from(secret.subarray(border)) : undefined;

      const codeOf = (said: Pick<Fields, 'question' | 'session'>, slot: number, length: number): string => {
        const counter = hasCounter ? slot : undefined;
        const timeSteps = hasSteps ? (hasCounter ? length : slot) : undefined;
        return answerOf(
          parsed,
          OathKey.hmac(ready, messageOf(parsed, { ...said, counter, pinHash, timeSteps })),
        );
      };

      return {
        encode({ slot, length, asked }) {
          if (!asked) fail('bad_argument', '"asked" is missing: the code answers a challenge');
          checkInteger('slot', slot, 0, hasCounter || hasSteps ? LAST_COUNT : 0);
          checkInteger('length', length, 0, hasCounter && hasSteps ? LAST_COUNT : 0);
          return codeOf(readAsked(parsed, asked), slot, length);
        },
        decode(code, first, last, asked) {
          const found: Claim[] = [];
          if (!asked) return found;
          const said = readAsked(parsed, asked);
          const { challenge, session } = asked;
          const own: Asked = { challenge, ...(session !== undefined && { session }) };
          const [from, to] = hasCounter && hasSteps ? stepsOf(asked) : [0, 0];
          const highest = hasCounter || hasSteps ? LAST_COUNT : 0;
          const lowest = Math.max(Math.min(first, highest), 0);
          // No early end: how long it takes says nothing of which count or time it was.
          for (let slot = Math.min(last, highest); slot >= lowest; slot--) {
            for (let length = to; length >= Math.max(from, 0); length--) {
              if (sameCode(codeOf(said, slot, length), code))
                found.push({ kind: 0, slot, length, variance: 0, lane: '', asked: own });
            }
          }
          return found;
        },
        // Two counts can have one code. But the answer to a challenge is what it is: no other could be given.
        alone: () => true,
      };
    },
  });
}
