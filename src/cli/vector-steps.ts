/**
 * What lies between a grant and its code where codes follow each other or answer something: OATH, OpenPAYGO,
 * Nexus. And digits that a board makes, or takes, when it has read the standard wrong: they mean nothing.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Asked, countOf, valueAt } from '../grant.ts';
import {
  dynamicTruncation,
  nexusObscure,
  nexusPseudorandom,
  type OathHash,
  ocraMessage,
  openPaygoStartingCode,
  parseSuite,
  sipHash24,
  type Word64,
} from '../schemes/index.ts';
import type { Claim } from '../schemes/scheme.ts';
import { type SipHash, sipKey } from '../schemes/siphash.ts';
import { deviceKey } from '../token.ts';
import { type Nothing, type Sheet, type Steps, type Working, written } from './vector-schemes.ts';
import { Stream } from './vector-stream.ts';

/** Where a lock is asked about digits that mean nothing: its last accepted count. */
const LAST = 1000;

/** 2026-03-01T00:00Z. */
const START = 1772323200;

/** A number as so many bytes, the highest first. */
function bytesOf(value: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = value % 256;
    value = Math.floor(value / 256);
  }
  return bytes;
}

const claimAt = (slot: number, more: Partial<Claim> = {}): Claim => ({
  kind: 0,
  slot,
  length: 0,
  variance: 0,
  lane: '',
  ...more,
});

/** The value that a claim carries. */
const carriedBy = ({ kinds }: Sheet, { kind, length }: Claim): number => {
  const place = kinds.find(({ index }) => index === kind);
  return (place && valueAt(place.shape.lengths, length)) ?? 0;
};

// --- HOTP and TOTP ------------------------------------------------------------------------------------------------

const HASHES = { 'SHA-1': sha1, 'SHA-256': sha256, 'SHA-512': sha512 } as const;

const hmacOf = (hash: OathHash, key: Uint8Array, message: Uint8Array): Uint8Array =>
  hmac(HASHES[hash], key, message);

const hashOf = (scheme: string): OathHash =>
  scheme === 'hotp-sha1/1' ? 'SHA-1' : scheme === 'hotp-sha256/1' ? 'SHA-256' : 'SHA-512';

/** The four bytes that the low nibble of a byte points at. */
function wordAt(digest: Uint8Array, byte: number): number {
  const offset = (digest[byte] ?? 0) & 15;
  return digest.subarray(offset, offset + 4).reduce((sum, each) => sum * 256 + each, 0);
}

const lastWord = (digest: Uint8Array): number => wordAt(digest, digest.length - 1);
const withoutTopBit = (word: number): number => word % 2 ** 31;

const shownHmac = (name: string, message: Uint8Array, digest: Uint8Array): Steps => ({
  [name]: bytesToHex(message),
  hmac: bytesToHex(digest),
});

const oathSteps = (name: string, hash: OathHash, key: Uint8Array, message: Uint8Array): Steps => {
  const digest = hmacOf(hash, key, message);
  return { ...shownHmac(name, message, digest), number: dynamicTruncation(digest) };
};

/** The code of a message that is not as it should be. */
function hotpMistake(
  sheet: Sheet,
  slot: number,
  flag: string,
  comment: string,
  message: Uint8Array,
): Nothing {
  const digest = hmacOf(hashOf(sheet.scheme), sheet.key, message);
  const steps = shownHmac('message', message, digest);
  return { flag, comment, slot, steps, code: written(dynamicTruncation(digest), sheet.book.layout) };
}

/** Codes that are cut out of the right HMAC wrongly, of the first slots from `from` on where it shows. */
function hotpMiscut(sheet: Sheet, from: number): readonly Nothing[] {
  const { key, scheme, book } = sheet;
  const hash = hashOf(scheme);
  const digestOf = (slot: number): Uint8Array => hmacOf(hash, key, bytesOf(slot, 8));
  const cut = (flag: string, comment: string, wordOf: (digest: Uint8Array) => number): Nothing => {
    let slot = from;
    while (wordOf(digestOf(slot)) === withoutTopBit(lastWord(digestOf(slot)))) slot++;
    const steps = shownHmac('message', bytesOf(slot, 8), digestOf(slot));
    return { flag, comment, slot, steps, code: written(wordOf(digestOf(slot)), book.layout) };
  };
  // Byte 19 is the last of SHA-1 only; Tuya has 17.
  const byte = hash === 'SHA-1' ? 17 : 19;
  return [
    cut('OtherByte', `cut where the nibble of byte ${byte} says`, (digest) =>
      withoutTopBit(wordAt(digest, byte)),
    ),
    cut('TopBit', 'the top bit is not taken off', lastWord),
  ];
}

/** Some slot from the year 2026 on; or some count. */
const ordinarySlot = ({ book: { counts, grid } }: Sheet): number =>
  counts ? LAST + 1 : Math.ceil(Math.max(START - grid.origin, 0) / grid.step);

/** Codes of a right count or period, too far from where they are read: above, and below. */
function elsewhere(
  sheet: Sheet,
): readonly (readonly [slot: number, near: number, flag: string, comment: string])[] {
  const slot = ordinarySlot(sheet);
  if (!sheet.book.counts)
    return [
      [slot + 1000, slot, 'OtherPeriod', '1,000 periods early'],
      [slot, slot + 1000, 'OtherPeriod', '1,000 periods late'],
    ];
  const { resync = 0 } = sheet.token.rules.lock;
  const above = Math.max(...sheet.kinds.map(({ accepts }) => accepts?.[1] ?? 0));
  const below = Math.min(0, ...sheet.kinds.map(({ accepts }) => accepts?.[0] ?? 0));
  return [
    [LAST + above + resync + 2, LAST, 'OtherCount', 'above the counts that the lock looks through'],
    [LAST + below - 1, LAST, 'OtherCount', 'below the counts that the lock looks through'],
  ];
}

const hotp: Working = {
  type: 'HotpTest',
  keyName: 'hmacKey',
  keyOf: (key) => Uint8Array.from(key),
  stepsOf: ({ scheme, key }, { slot }) => oathSteps('message', hashOf(scheme), key, bytesOf(slot, 8)),
  nothing(sheet) {
    const slot = ordinarySlot(sheet);
    const far = elsewhere(sheet).map(([of, near, flag, comment]): Nothing => {
      const claim = claimAt(of);
      return {
        flag,
        comment,
        slot: near,
        steps: hotp.stepsOf(sheet, claim),
        code: sheet.book.codec.encode(claim),
      };
    });
    const mistakes = [
      hotpMistake(
        sheet,
        slot,
        'Counter',
        'the counter with its lowest byte first',
        bytesOf(slot, 8).reverse(),
      ),
      hotpMistake(sheet, slot, 'Counter', 'the counter in four bytes', bytesOf(slot, 4)),
      ...hotpMiscut(sheet, slot),
    ];
    // A count is read after the one before it.
    return [...far, ...mistakes.map((each) => (sheet.book.counts ? { ...each, slot: each.slot - 1 } : each))];
  },
};

// --- OCRA ---------------------------------------------------------------------------------------------------------

/** The suite of a layout, whose id has it in lower case. */
function suiteOf(id: string): string {
  const [, crypto = '', data = ''] = /^ocra-(hotp-sha\d+-\d+)-(.*)\/1$/.exec(id) ?? [];
  return `OCRA-1:${crypto.toUpperCase()}:${data.toUpperCase()}`;
}

const PIN_BYTES = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-512': 64 } as const;

/** The OCRA key, and the hash of the PIN that lies behind it. */
function ocraKeys(
  secret: Uint8Array,
  id: string,
): readonly [key: Uint8Array, pinHash: Uint8Array | undefined] {
  const { pin } = parseSuite(suiteOf(id));
  if (!pin) return [secret.slice(), undefined];
  const border = secret.length - PIN_BYTES[pin];
  return [secret.slice(0, border), secret.slice(border)];
}

const CHARACTERS = {
  N: '0123456789',
  A: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  H: '0123456789abcdef',
} as const;

/** A challenge of the full length, and a session where the suite has one. */
function challengeFrom(id: string, stream: Stream): Asked {
  const { format, length, session } = parseSuite(suiteOf(id));
  const symbols = CHARACTERS[format];
  const challenge = Array.from({ length }, () => symbols.charAt(stream.below(symbols.length))).join('');
  return {
    challenge,
    ...(session !== undefined && { session: bytesToHex(stream.bytes(1 + stream.below(session))) }),
  };
}

/** Challenges at the edges: short, all zeros, all of the last symbol, an odd number of nibbles. */
function challengesOf({ book: { layout } }: Sheet): readonly (readonly [asked: Asked, comment: string])[] {
  const { format, length, session } = parseSuite(suiteOf(layout.id));
  const last = CHARACTERS[format].slice(-1);
  const withSession = (challenge: string, bytes: number): Asked => ({
    challenge,
    ...(session !== undefined && { session: 'a5'.repeat(Math.min(bytes, session)) }),
  });
  const odd = format === 'N' ? '256' : format === 'H' ? '1f0' : 'A1b';
  return [
    [withSession('0'.repeat(length), 1), 'a challenge of zeros'],
    [withSession(last.repeat(length), 512), 'the highest challenge'],
    [withSession(last, 2), 'a challenge of one character'],
    [withSession(odd, 3), format === 'A' ? 'a challenge of three characters' : 'an odd number of nibbles'],
  ];
}

function ocraMessageOf({ token, book: { layout, counts, timeStep } }: Sheet, claim: Claim): Uint8Array {
  const suite = suiteOf(layout.id);
  const { counter, step } = parseSuite(suite);
  const [, pinHash] = ocraKeys(deviceKey(token), layout.id);
  const { slot, length, asked } = claim;
  const timeSteps = counts ? (step === timeStep ? length : 0) : slot;
  return ocraMessage(suite, {
    challenge: asked?.challenge ?? '',
    ...(counter && { counter: slot }),
    ...(pinHash && { pinHash }),
    ...(asked?.session !== undefined && { session: hexToBytes(asked.session) }),
    ...(step !== undefined && { timeSteps }),
  });
}

/** Where the fields of a message are. */
function fieldsOf(id: string): Readonly<Record<'question' | 'pin' | 'session' | 'end', number>> {
  const suite = suiteOf(id);
  const { counter, pin, session = 0 } = parseSuite(suite);
  const question = suite.length + 1 + (counter ? 8 : 0);
  const pinAt = question + 128;
  const sessionAt = pinAt + (pin ? PIN_BYTES[pin] : 0);
  return { question, pin: pinAt, session: sessionAt, end: sessionAt + session };
}

/** Messages that boards make wrongly. */
function ocraMistakes(
  sheet: Sheet,
  claim: Claim,
): readonly (readonly [flag: string, comment: string, message: Uint8Array])[] {
  const { id } = sheet.book.layout;
  const suite = suiteOf(id);
  const { format, pin, session, step } = parseSuite(suite);
  const right = ocraMessageOf(sheet, claim);
  const at = fieldsOf(id);
  const put = (from: number, to: number, bytes: Uint8Array): Uint8Array =>
    concatBytes(right.slice(0, from), bytes, right.slice(to));
  const question = right.slice(at.question, at.pin);
  let used = question.length;
  while (used > 0 && question[used - 1] === 0) used--;
  const data = question.slice(0, used);
  const nibbles = format === 'N' ? BigInt(claim.asked?.challenge ?? 0).toString(16) : '';
  const given = hexToBytes(claim.asked?.session ?? '');
  const list: (readonly [string, string, Uint8Array])[] = [
    ['Separator', 'no zero byte behind the suite', put(suite.length, suite.length + 1, new Uint8Array())],
    [
      'Padding',
      'the challenge at the end of its field',
      put(at.question, at.pin, concatBytes(new Uint8Array(128 - used), data)),
    ],
  ];
  if (nibbles.length % 2 === 1) {
    const bytes = hexToBytes(`0${nibbles}`);
    const field = concatBytes(bytes, new Uint8Array(128 - bytes.length));
    list.push(['Nibbles', 'an odd number of nibbles moved to the right', put(at.question, at.pin, field)]);
  }
  if (format === 'N') {
    const text = utf8ToBytes(claim.asked?.challenge ?? '');
    const field = concatBytes(text, new Uint8Array(128 - text.length));
    list.push(['Nibbles', 'the digits as ASCII', put(at.question, at.pin, field)]);
  }
  if (pin) {
    const hash = right.slice(at.pin, at.session).map((byte) => byte ^ 0xff);
    list.push(['OtherPin', 'another PIN', put(at.pin, at.session, hash)]);
  }
  if (session !== undefined) {
    const field = concatBytes(given, new Uint8Array(session - given.length));
    list.push(['Padding', 'the session at the beginning of its field', put(at.session, at.end, field)]);
  }
  if (step !== undefined && step > 1) {
    const steps = right.slice(at.end).reduce((sum, byte) => sum * 256 + byte, 0);
    list.push([
      'Seconds',
      'seconds where time steps belong',
      put(at.end, right.length, bytesOf(steps * step, 8)),
    ]);
  }
  return list;
}

const ocra: Working = {
  type: 'OcraTest',
  keyName: 'hmacKey',
  keyOf: (secret, { id }) => ocraKeys(secret, id)[0],
  facts({ token, book: { layout } }) {
    const [, pinHash] = ocraKeys(deviceKey(token), layout.id);
    return { suite: suiteOf(layout.id), ...(pinHash && { pinHash: bytesToHex(pinHash) }) };
  },
  asked: ({ book: { layout } }, stream) => challengeFrom(layout.id, stream),
  challenges: challengesOf,
  stepsOf: (sheet, claim) =>
    oathSteps(
      'dataInput',
      parseSuite(suiteOf(sheet.book.layout.id)).hash,
      sheet.key,
      ocraMessageOf(sheet, claim),
    ),
  nothing(sheet) {
    const { layout, counts, codec, grid } = sheet.book;
    const { counter, step, hash } = parseSuite(suiteOf(layout.id));
    const stream = new Stream(`nothing/${layout.id}`);
    let asked = challengeFrom(layout.id, stream);
    // Where numbers have an odd number of nibbles, their padding shows.
    while (/^\d+$/.test(asked.challenge) && BigInt(asked.challenge).toString(16).length % 2 === 0)
      asked = challengeFrom(layout.id, stream);
    const timed = counter && step !== undefined ? { length: Math.floor(START / step) } : {};
    const at = timed.length === undefined || step === undefined ? {} : { at: timed.length * step };
    const slot = counter || !counts ? ordinarySlot(sheet) : 0;
    const near = counter ? slot - 1 : slot;
    const right = claimAt(slot, { ...timed, asked });
    const other = claimAt(slot, { ...timed, asked: { ...asked, ...challengeFrom(layout.id, stream) } });
    const far = counts && !counter ? [] : elsewhere(sheet);
    return [
      ...far.map(([of, from, flag, comment]): Nothing => {
        const claim = claimAt(of, { ...timed, asked });
        return {
          flag,
          comment,
          slot: from,
          asked,
          ...at,
          steps: ocra.stepsOf(sheet, claim),
          code: codec.encode(claim),
        };
      }),
      {
        flag: 'OtherChallenge',
        comment: 'the answer to another challenge',
        slot: near,
        asked,
        ...at,
        steps: ocra.stepsOf(sheet, other),
        code: codec.encode(other),
      },
      ...ocraMistakes(sheet, right).map(([flag, comment, message]): Nothing => {
        const digest = hmacOf(hash, sheet.key, message);
        const steps = shownHmac('dataInput', message, digest);
        return {
          flag,
          comment,
          slot: near,
          asked,
          ...at,
          steps,
          code: written(dynamicTruncation(digest), layout),
        };
      }),
      ...(timed.length === undefined
        ? []
        : [3, -3].map((steps): Nothing => {
            const claim = { ...right, length: timed.length + steps };
            const comment = `${Math.abs(steps)} time steps ${steps > 0 ? 'early' : 'late'}`;
            return {
              flag: 'OtherPeriod',
              comment,
              slot: near,
              asked,
              ...at,
              steps: ocra.stepsOf(sheet, claim),
              code: codec.encode(claim),
            };
          })),
    ].filter(({ slot: where }) => where < grid.slots);
  },
};

// --- OpenPAYGO ----------------------------------------------------------------------------------------------------

/** How a token follows the one before it. */
type Next = (hash: SipHash, token: number) => number;

const twice = (token: number): Uint8Array => concatBytes(bytesOf(token, 4), bytesOf(token, 4));
const below = (bits: number, most: number, less: number): number => (bits > most ? bits - less : bits);

const shortNext: Next = (hash, token) => {
  const { high, low } = hash(twice(token));
  return below((high ^ low) >>> 2, 999_999_999, 73_741_825);
};

/** As the printed specification has it: the two highest bits go. */
const printedNext: Next = (hash, token) => {
  const { high, low } = hash(twice(token));
  return below((high ^ low) & 0x3fff_ffff, 999_999_999, 73_741_825);
};

const longNext: Next = (hash, token) => {
  const { high, low } = hash(bytesOf(token, 8));
  return below(high * 256 + (low >>> 24), 999_999_999_999, 99_511_627_777);
};

const longWrongNext: Next = (hash, token) => {
  const { high, low } = hash(bytesOf(token, 8));
  return below((high % 256) * 2 ** 32 + low, 999_999_999_999, 99_511_627_777);
};

interface Chain {
  readonly hash: SipHash;
  readonly start: number;
  readonly modulus: number;
  readonly next: Next;
}

function chainOf({ token: { config }, book: { layout }, key }: Sheet): Chain {
  const given = typeof config === 'object' && config !== null && 'start' in config ? config.start : undefined;
  const start = typeof given === 'number' ? given : openPaygoStartingCode(key);
  const extended = layout.id.includes('extended');
  return {
    hash: sipKey(key),
    start,
    modulus: extended ? 1_000_000 : 1000,
    next: extended ? longNext : shortNext,
  };
}

const withBase = ({ modulus }: Chain, token: number, base: number): number =>
  token - (token % modulus) + base;

function tokenSteps(
  chain: Chain,
  count: number,
  value: number,
  putBack: boolean = false,
): Steps & { number: number } {
  const { hash, start, modulus, next } = chain;
  const base = (start + value) % modulus;
  let token = withBase(chain, start, base);
  for (let i = 0; i < count; i++) token = next(hash, putBack ? withBase(chain, token, base) : token);
  return { base, chain: token, number: withBase(chain, token, base) };
}

const openpaygo: Working = {
  type: 'OpenPaygoTest',
  keyName: 'sipKey',
  keyOf: (key) => Uint8Array.from(key),
  first: 1,
  // A lock walks from 0.
  far: 1000,
  facts: (sheet) => ({ startingCode: chainOf(sheet).start }),
  stepsOf: (sheet, claim) => tokenSteps(chainOf(sheet), claim.slot, carriedBy(sheet, claim)),
  nothing(sheet) {
    const { layout } = sheet.book;
    const chain = chainOf(sheet);
    const { next } = chain;
    const last = 100;
    const token = (
      count: number,
      value: number,
      flag: string,
      comment: string,
      near: number = last,
    ): Nothing => {
      const steps = tokenSteps(chain, count, value);
      return { flag, comment, slot: near, steps, code: written(steps.number, layout) };
    };
    const mistake = (flag: string, comment: string, { number }: { number: number }): Nothing => ({
      flag,
      comment,
      slot: last,
      steps: {},
      code: written(number, layout),
    });
    const wrong = { ...chain, next: next === longNext ? longWrongNext : printedNext };
    const bits = layout.alphabet.length ** layout.digits;
    return [
      token(0, 7, 'KeyLess', 'count 0: the starting code and a value, made without the key', 1),
      token(last + 102, 7, 'OtherCount', 'just above the counts that the lock looks through'),
      ...(next === longNext
        ? []
        : [
            token(last + 2, 996, 'ReservedValue', 'value 996'),
            token(last + 1, 997, 'ReservedValue', 'value 997'),
            token(last + 2, 998, 'Parity', '"disable" of an even count'),
            token(last + 2, 999, 'Parity', '"sync" of an even count'),
          ]),
      mistake(
        'OtherBits',
        next === longNext
          ? 'the lowest 40 bits'
          : 'the highest bits dropped, as the printed specification has it',
        tokenSteps(wrong, last + 2, 7),
      ),
      mistake('PutBack', 'the base put back at every step', tokenSteps(chain, last + 2, 7, true)),
      ...(bits > layout.codes && layout.alphabet === '1234'
        ? [mistake('TooLarge', 'the largest number of the keypad', { number: bits - 1 })]
        : []),
    ];
  },
};

// --- Nexus --------------------------------------------------------------------------------------------------------

const le32 = (value: number): Uint8Array => bytesOf(value, 4).reverse();
const wordHex = ({ high, low }: Word64): string => bytesToHex(concatBytes(bytesOf(high, 4), bytesOf(low, 4)));
const digits = (value: number, length: number): string => String(value).padStart(length, '0');

/** Type and body of a full keypad. */
function fullBody(sheet: Sheet, claim: Claim): readonly [type: number, body: number] {
  const type = [0, 1, 1, 2, 2][claim.kind] ?? 0;
  return [type, carriedBy(sheet, claim)];
}

function fullSteps(
  key: Uint8Array,
  id: number,
  type: number,
  body: number,
): Steps & Record<'plain' | 'code', string> {
  const input = concatBytes(le32(id), Uint8Array.of(type), le32(body));
  const hash = sipHash24(key, input);
  const mac = hash.low % 1_000_000;
  const plain = `${type}${digits(id % 64, 2)}${digits(body, 5)}${digits(mac, 6)}`;
  return {
    input: bytesToHex(input),
    hash: wordHex(hash),
    plain,
    mac: digits(mac, 6),
    stream: bytesToHex(nexusPseudorandom(le32(mac), 8)),
    code: nexusObscure(plain),
  };
}

/** Without the code. */
const withoutCode = ({ code: _, ...steps }: Steps): Steps => steps;

/** A keycode with its steps that means nothing to the device. */
const keycodeOf = (steps: Steps & Record<'code', string>, flag: string, comment: string): Nothing => ({
  flag,
  comment,
  slot: LAST,
  steps: withoutCode(steps),
  code: steps.code,
});

/** Symbols that are no keycode of any message. */
const mistake = (flag: string, comment: string, code: string): Nothing => ({
  flag,
  comment,
  slot: LAST,
  steps: {},
  code,
});

const nexusFull: Working = {
  type: 'NexusFullTest',
  keyName: 'sipKey',
  keyOf: (key) => Uint8Array.from(key),
  stepsOf: (sheet, claim) => withoutCode(fullSteps(sheet.key, claim.slot, ...fullBody(sheet, claim))),
  nothing({ key }) {
    const id = LAST + 1;
    const keycode = (of: number, type: number, body: number, flag: string, comment: string): Nothing =>
      keycodeOf(fullSteps(key, of, type, body), flag, comment);
    const { plain } = fullSteps(key, id, 0, 168);
    const mac = digits((Number(plain.slice(8)) + 1) % 1_000_000, 6);
    return [
      keycode(LAST + 41, 0, 168, 'OtherCount', 'an id just above the window'),
      keycode(LAST - 65, 0, 168, 'OtherCount', 'an id far below the window'),
      keycode(id, 2, 1, 'Wipe', 'wipes credit and received ids: no kind here'),
      keycode(id, 2, 2, 'Wipe', 'wipes received ids: no kind here'),
      keycode(id, 2, 10_000, 'Wipe', 'target 0 behind a digit that is not zero'),
      ...[3, 4, 7, 8, 9].map((type) => keycode(id, type, 168, 'MessageType', `type ${type}`)),
      mistake('OtherMac', 'a MAC one higher', nexusObscure(plain.slice(0, 8) + mac)),
      mistake(
        'Header',
        'an id of 64 or more in the header',
        // An id whose six bits are zeros: 64 would be it as well.
        nexusObscure(`064${fullSteps(key, 1024, 0, 168).plain.slice(3)}`),
      ),
      mistake('Plain', 'not obscured', plain),
    ];
  },
};

/**
 * Type and body of a small keypad: a kind of one value has that in its body, the others the index of their days.
 */
function smallBody(sheet: Sheet, claim: Claim): readonly [type: number, body: number] {
  const type = [0, 0, 2, 2, 2, 2, 1, 1][claim.kind] ?? 0;
  const kind = sheet.kinds.find(({ index }) => index === claim.kind);
  const isOne = kind !== undefined && countOf(kind.shape.lengths) === 1;
  return [type, isOne ? carriedBy(sheet, claim) : claim.length];
}

const hexOf = (value: number, length: number): string => value.toString(16).padStart(length, '0');

/** 28 bits, two a symbol. */
const symbolsOf = (bits: number): string =>
  `1${bits
    .toString(4)
    .padStart(14, '0')
    .replace(/\d/g, (pair) => `${Number(pair) + 2}`)}`;

function smallCode(head: number, mac: number): Readonly<Record<'stream' | 'obscured' | 'code', string>> {
  const stream = nexusPseudorandom(bytesOf(mac, 2), 2);
  const bits = (head ^ stream.reduce((sum, byte) => sum * 256 + byte, 0)) * 4096 + mac;
  return { stream: bytesToHex(stream), obscured: hexOf(bits, 7), code: symbolsOf(bits) };
}

function smallSteps(
  key: Uint8Array,
  id: number,
  type: number,
  body: number,
): Steps & Record<'bits' | 'code', string> {
  // Type 1 with 1000 before two bits of the id: an extended keycode of type 0.
  const said = type === 1 ? [0, body, id % 4] : [type, body];
  const input = concatBytes(le32(id), Uint8Array.from(said));
  const hash = sipHash24(key, input);
  const mac = hash.high >>> 20;
  const head = (type === 1 ? 32 + (id % 4) : id % 64) * 1024 + type * 256 + body;
  const bits = hexOf(head * 4096 + mac, 7);
  return { input: bytesToHex(input), hash: wordHex(hash), bits, mac: hexOf(mac, 3), ...smallCode(head, mac) };
}

const nexusSmall: Working = {
  type: 'NexusSmallTest',
  keyName: 'sipKey',
  keyOf: (key) => Uint8Array.from(key),
  stepsOf: (sheet, claim) => withoutCode(smallSteps(sheet.key, claim.slot, ...smallBody(sheet, claim))),
  nothing({ key, kinds }) {
    const id = LAST + 1;
    const keycode = (of: number, type: number, body: number, flag: string, comment: string): Nothing =>
      keycodeOf(smallSteps(key, of, type, body), flag, comment);
    const { bits, code } = smallSteps(key, id, 0, 6);
    const [head, mac] = [Number.parseInt(bits.slice(0, 4), 16), Number.parseInt(bits.slice(4), 16)];
    return [
      keycode(LAST + 41, 0, 6, 'OtherCount', 'an id just above the window'),
      ...[240, 252].map((body) =>
        keycode(id, 2, body, 'ReservedValue', `"set" with the reserved body ${body}`),
      ),
      keycode(id, 3, 6, 'MessageType', 'type 3: test and maintenance'),
      ...(kinds.length > 6
        ? []
        : [keycode(id, 1, 6, 'MessageType', 'an extended keycode, for a device that reads none')]),
      mistake('OtherMac', 'a MAC one higher', smallCode(head, (mac + 1) % 4096).code),
      mistake('Header', 'passthrough', smallCode(256 + 6, 0x123).code),
      mistake('FirstSymbol', 'does not begin with a 1', `2${code.slice(1)}`),
      mistake('Plain', 'not obscured', symbolsOf(head * 4096 + mac)),
    ];
  },
};

/** By the scheme's id; undefined for one that is not here. */
export function stepWorking(scheme: string): Working | undefined {
  if (/^hotp-sha(1|256|512)\/1$/.test(scheme)) return hotp;
  if (/^ocra-hotp-sha.*\/1$/.test(scheme)) return ocra;
  if (/^openpaygo(-extended)?\/1$/.test(scheme)) return openpaygo;
  if (scheme === 'nexus-full/1') return nexusFull;
  return scheme === 'nexus-small/1' ? nexusSmall : undefined;
}
