/**
 * The codes of OATH, OpenPAYGO and Nexus written down a second time, from RFC 4226, 6238 and 6287 and from
 * reference/cryptography.md, on node:crypto and BigInt: what is between a grant and its code, and what a code
 * means. Nothing here is imported from the library.
 */
import { createHmac } from 'node:crypto';
import {
  extendedBitsLiteral,
  extLiteral,
  fullPlainLiteral,
  leBytes,
  obscuredLiteral,
  sipLiteral,
  smallBitsLiteral,
  startLiteral,
  streamLiteral,
  symbolsLiteral,
  tokLiteral,
  writtenLiteral,
} from './paygo-literal.ts';

/** What a lock asks. */
export interface AskedJson {
  readonly challenge: string;
  readonly session?: string;
}

/** A device: its maker, its settings, its key. */
export interface StepDevice {
  readonly vendor: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly key: Uint8Array;
}

/** What a code says: a count, or a period, and what it carries. */
export interface StepMeaning {
  readonly kind: string;
  readonly count: number;
  readonly value: number;
}

/** Values between a grant and its code, and the code. */
export interface Made {
  readonly steps: Readonly<Record<string, string | number>>;
  readonly code: string;
}

/** Where a code is looked for: the lowest and the highest count, or period; of times beside a count, which. */
export interface Where {
  readonly from: number;
  readonly to: number;
  readonly asked?: AskedJson | undefined;
  readonly times?: readonly number[];
}

export interface StepScheme {
  readonly make: (device: StepDevice, meaning: StepMeaning, asked?: AskedJson) => Made;
  /** Highest count first. */
  readonly read: (device: StepDevice, code: string, where: Where) => readonly StepMeaning[];
}

const hexOf = (bytes: Uint8Array | readonly number[]): string => Buffer.from(bytes).toString('hex');
const eight = (value: number | bigint): string => BigInt(value).toString(16).padStart(16, '0');

// --- RFC 4226, RFC 6238 -------------------------------------------------------------------------------------------

export const NODE_HASHES: Readonly<Record<string, string>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-512': 'sha512',
};

const settingOf = ({ config }: StepDevice, name: string, otherwise: number): number => {
  const value = config[name];
  return typeof value === 'number' ? value : otherwise;
};

const hashSetting = ({ config }: StepDevice): string => NODE_HASHES[String(config['hash'] ?? 'SHA-1')] ?? '';

export const hmacLiteral = (hash: string, key: Uint8Array, message: string): string =>
  createHmac(hash, key).update(Buffer.from(message, 'hex')).digest('hex');

/** DT of RFC 4226 section 5.3, on hex digits: where a nibble says, eight of them without the top bit. */
export function cutLiteral(hmac: string, byte = hmac.length / 2 - 1, bits = 31): number {
  const offset = Number.parseInt(hmac.charAt(2 * byte + 1), 16);
  return Number(BigInt(`0x${hmac.slice(2 * offset, 2 * offset + 8)}`) % 2n ** BigInt(bits));
}

export const lastDigits = (number: number, digits: number): string =>
  String(number).padStart(10, '0').slice(-digits);

const hotp: StepScheme = {
  make(device, { count }) {
    const message = eight(count);
    const hmac = hmacLiteral(hashSetting(device), device.key, message);
    const number = cutLiteral(hmac);
    return { steps: { message, hmac, number }, code: lastDigits(number, settingOf(device, 'digits', 6)) };
  },
  read(device, code, { from, to }) {
    const found: StepMeaning[] = [];
    for (let count = Math.min(to, 2 ** 53 - 1); count >= Math.max(from, 0); count--) {
      const meaning = { kind: device.vendor, count, value: 0 };
      if (hotp.make(device, meaning).code === code) found.push(meaning);
    }
    return found;
  },
};

// --- RFC 6287 -----------------------------------------------------------------------------------------------------

interface SuiteLiteral {
  readonly text: string;
  readonly hash: string;
  readonly digits: number;
  readonly counter: boolean;
  readonly format: string;
  readonly pin: number;
  readonly session: number | undefined;
  /** Seconds a time step. */
  readonly step: number | undefined;
}

const SIZES: Readonly<Record<string, number>> = { SHA1: 20, SHA256: 32, SHA512: 64 };
const SECONDS: Readonly<Record<string, number>> = { S: 1, M: 60, H: 3600 };

/** The three parts of a suite, and the fields of the last. */
export function suiteLiteral({ config }: Pick<StepDevice, 'config'>): SuiteLiteral {
  const text = String(config['suite'] ?? 'OCRA-1:HOTP-SHA256-8:QN08');
  const [, crypto = '', input = ''] = text.split(':');
  const [, hash = '', digits] = crypto.split('-');
  const fields = input.split('-');
  const field = (letter: string): string | undefined =>
    fields.find((each) => each.startsWith(letter))?.slice(1);
  const time = field('T');
  return {
    text,
    hash: hash.toLowerCase(),
    digits: Number(digits),
    counter: fields[0] === 'C',
    format: field('Q')?.charAt(0) ?? '',
    pin: SIZES[field('P') ?? ''] ?? 0,
    session: field('S') === undefined ? undefined : Number(field('S')),
    step: time === undefined ? undefined : Number(time.slice(0, -1)) * (SECONDS[time.slice(-1)] ?? 0),
  };
}

const setting = (value: unknown, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;

/** Seconds a period and where they are counted from; of a suite with a counter, seconds a time step. */
export function periodOf({
  vendor,
  config,
}: Pick<StepDevice, 'vendor' | 'config'>): readonly [number, number] | undefined {
  if (vendor === 'totp') return [setting(config['period'], 30), setting(config['t0'], 0)];
  const { step } = vendor === 'ocra' ? suiteLiteral({ config }) : {};
  return step === undefined ? undefined : [step, 0];
}

/** Section 5.1, as hex digits. */
function dataInput(
  { text, counter, format, pin, session, step }: SuiteLiteral,
  { key }: StepDevice,
  { count, value }: StepMeaning,
  { challenge, session: said = '' }: AskedJson,
): string {
  const question =
    format === 'N'
      ? BigInt(challenge).toString(16)
      : format === 'A'
        ? Buffer.from(challenge, 'latin1').toString('hex')
        : challenge.toLowerCase();
  return [
    Buffer.from(text, 'latin1').toString('hex'),
    '00',
    counter ? eight(count) : '',
    question.padEnd(256, '0'),
    hexOf(key.slice(key.length - pin)).slice(0, 2 * pin),
    session === undefined ? '' : said.padStart(2 * session, '0'),
    step === undefined ? '' : eight(counter ? value : count),
  ].join('');
}

/** The OCRA key: what is before the hash of the PIN. */
export const ocraKeyLiteral = ({ key, config }: Pick<StepDevice, 'key' | 'config'>): Uint8Array =>
  key.slice(0, key.length - suiteLiteral({ config }).pin);

const ocra: StepScheme = {
  make(device, meaning, asked) {
    if (!asked) throw new Error('nothing was asked');
    const suite = suiteLiteral(device);
    const data = dataInput(suite, device, meaning, asked);
    const hmac = hmacLiteral(suite.hash, ocraKeyLiteral(device), data);
    const number = cutLiteral(hmac);
    return { steps: { dataInput: data, hmac, number }, code: lastDigits(number, suite.digits) };
  },
  read(device, code, { from, to, asked, times = [0] }) {
    const found: StepMeaning[] = [];
    for (let count = Math.min(to, 2 ** 53 - 1); asked && count >= Math.max(from, 0); count--) {
      for (const value of [...times].sort((a, b) => b - a)) {
        const meaning = { kind: 'response', count, value };
        if (value >= 0 && ocra.make(device, meaning, asked).code === code) found.push(meaning);
      }
    }
    return found;
  },
};

// --- OpenPAYGO ----------------------------------------------------------------------------------------------------

const isExtended = ({ config }: StepDevice): boolean => config['extended'] === true;
const isRestricted = ({ config }: StepDevice): boolean => config['keypad'] === 'restricted';

export const startingCodeLiteral = (device: StepDevice): number =>
  settingOf(device, 'start', Number(startLiteral(device.key)));

interface PaygoForm {
  readonly modulus: bigint;
  readonly start: bigint;
  readonly next: (token: bigint) => bigint;
}

function paygoForm(device: StepDevice): PaygoForm {
  const be = (token: bigint, length: number): number[] => leBytes(token, length).reverse();
  const start = BigInt(startingCodeLiteral(device));
  if (isExtended(device))
    return { modulus: 1_000_000n, start, next: (token) => extLiteral(sipLiteral(device.key, be(token, 8))) };
  const next = (token: bigint): bigint =>
    tokLiteral(sipLiteral(device.key, [...be(token, 4), ...be(token, 4)]));
  return { modulus: 1000n, start, next };
}

/** The chain of each key, starting code and base: a long walk takes seconds. */
const chains = new Map<string, bigint[]>();

/** Base, chain value and token of a count. */
function paygoAt(
  device: StepDevice,
  count: number,
  value: number,
): Readonly<Record<'base' | 'chain' | 'number', number>> {
  const { modulus, start, next } = paygoForm(device);
  const base = (start + BigInt(value)) % modulus;
  const put = (token: bigint): bigint => token - (token % modulus) + base;
  const name = [hexOf(device.key), start, base, modulus].join();
  const walked = chains.get(name) ?? [put(start)];
  chains.set(name, walked);
  for (let last = walked.at(-1) ?? 0n; walked.length <= count; walked.push(last)) last = next(last);
  const chain = walked[count] ?? 0n;
  return { base: Number(base), chain: Number(chain), number: Number(put(chain)) };
}

export const paygoWritten = (device: StepDevice, token: bigint): string =>
  writtenLiteral(token, isExtended(device), isRestricted(device));

/** The number of a token; undefined for what is no token. */
function paygoNumber(device: StepDevice, code: string): number {
  if (!isRestricted(device)) return Number(code);
  const bits = [...code].map((symbol) => (Number(symbol) - 1).toString(2).padStart(2, '0')).join('');
  return Number.parseInt(bits, 2);
}

/** What a value is at a count: the odd ones set and control, the even ones add. */
function paygoKind(device: StepDevice, count: number, value: number): string | undefined {
  const isOdd = count % 2 === 1;
  if (isExtended(device) || value <= 995) return isOdd ? 'set' : 'add';
  if (!isOdd || value < 998) return undefined;
  return value === 998 ? 'disable' : 'sync';
}

const openpaygo: StepScheme = {
  make(device, { count, value }) {
    const steps = paygoAt(device, count, value);
    return { steps, code: paygoWritten(device, BigInt(steps.number)) };
  },
  read(device, code, { from, to }) {
    const modulus = isExtended(device) ? 1_000_000 : 1000;
    const number = paygoNumber(device, code);
    const value = (((number - startingCodeLiteral(device)) % modulus) + modulus) % modulus;
    const found: StepMeaning[] = [];
    for (let count = Math.min(to, 65_535); count >= Math.max(from, 1); count--) {
      const kind = paygoKind(device, count, value);
      if (kind !== undefined && paygoAt(device, count, value).number === number)
        found.push({ kind, count, value });
    }
    return found;
  },
};

// --- Nexus --------------------------------------------------------------------------------------------------------

/** Type and body of a full keypad, by kind: the value is the body. */
const FULL_TYPES: Readonly<Record<string, number>> = {
  add: 0,
  set: 1,
  unlock: 1,
  wipe_credit: 2,
  wipe_flag: 2,
};

function fullKind(type: number, body: number): string | undefined {
  if (type === 0) return 'add';
  if (type === 1) return body === 99_999 ? 'unlock' : 'set';
  return type === 2 ? { 0: 'wipe_credit', 3: 'wipe_flag' }[body] : undefined;
}

const nexusFull: StepScheme = {
  make({ key }, { kind, count, value }) {
    const type = FULL_TYPES[kind] ?? 9;
    const plain = fullPlainLiteral(key, count, type, value);
    const input = [...leBytes(BigInt(count), 4), type, ...leBytes(BigInt(value), 4)];
    const mac = plain.slice(8);
    return {
      steps: {
        input: hexOf(input),
        hash: eight(sipLiteral(key, input)),
        plain,
        mac,
        stream: hexOf(streamLiteral(leBytes(BigInt(mac), 4), 8)),
      },
      code: obscuredLiteral(plain),
    };
  },
  read({ key }, code, { from, to }) {
    const stream = streamLiteral(leBytes(BigInt(code.slice(8)), 4), 8);
    const plain = [...code.slice(0, 8)]
      .map((digit, i) => (Number(digit) + 260 - (stream[i] ?? 0)) % 10)
      .join('');
    const [type, rest, body] = [Number(plain[0]), Number(plain.slice(1, 3)), Number(plain.slice(3))];
    const kind = fullKind(type, body);
    const found: StepMeaning[] = [];
    for (let count = Math.min(to, 65_534); kind !== undefined && count >= Math.max(from, 0); count--) {
      if (count % 64 !== rest) continue;
      if (fullPlainLiteral(key, count, type, body) === plain + code.slice(8))
        found.push({ kind, count, value: body });
    }
    return found;
  },
};

const run = (from: number, to: number, step: number): readonly number[] =>
  Array.from({ length: (to - from) / step + 1 }, (_, i) => from + i * step);

/** Days by body. */
export const ADD_DAYS = [...run(1, 180, 1), ...run(183, 405, 3)];
export const SET_DAYS = [
  ...run(1, 90, 1),
  ...run(92, 180, 2),
  ...run(184, 360, 4),
  ...run(368, 720, 8),
  ...run(736, 960, 16),
];

const SMALL_BODIES: Readonly<Record<string, readonly [type: number, body: number | readonly number[]]>> = {
  add: [0, ADD_DAYS],
  add_unlock: [0, 255],
  set: [2, SET_DAYS],
  lock: [2, 254],
  unlock: [2, 255],
  wipe_flag: [2, 253],
  set_wipe: [1, SET_DAYS],
  unlock_wipe: [1, 255],
};

const smallBits = (key: Uint8Array, count: number, type: number, body: number): string =>
  type === 1 ? extendedBitsLiteral(key, count, body) : smallBitsLiteral(key, count, type, body);

const hexOfBits = (bits: string): string =>
  Number.parseInt(bits, 2)
    .toString(16)
    .padStart(bits.length / 4, '0');

/** The bits that symbols are, with the stream over them. */
export const bitsOfSymbols = (code: string): string =>
  [...code.slice(1)].map((symbol) => (Number(symbol) - 2).toString(2).padStart(2, '0')).join('');

/** Everything a small keypad can say, as type and body; a few hundred. */
const allSmall = (
  device: StepDevice,
): readonly (readonly [kind: string, type: number, body: number, value: number])[] =>
  Object.entries(SMALL_BODIES).flatMap(([kind, [type, body]]) => {
    if (type === 1 && !isExtended(device)) return [];
    const list =
      typeof body === 'number' ? [[body, body] as const] : body.map((days, i) => [i, days] as const);
    return list.map(([each, value]) => [kind, type, each, value] as const);
  });

const nexusSmall: StepScheme = {
  make({ key }, { kind, count, value }) {
    const [type, of] = SMALL_BODIES[kind] ?? [0, []];
    const body = typeof of === 'number' ? of : of.indexOf(value);
    const bits = smallBits(key, count, type, body);
    const said = type === 1 ? [0, body, count % 4] : [type, body];
    const input = [...leBytes(BigInt(count), 4), ...said];
    const mac = Number.parseInt(bits.slice(16), 2);
    const code = symbolsLiteral(bits);
    return {
      steps: {
        input: hexOf(input),
        hash: eight(sipLiteral(key, input)),
        bits: hexOfBits(bits),
        mac: hexOfBits(bits.slice(16)),
        stream: hexOf(streamLiteral([mac >> 8, mac & 255], 2)),
        obscured: hexOfBits(bitsOfSymbols(code)),
      },
      code,
    };
  },
  read(device, code, { from, to }) {
    if (!/^1[2-5]{14}$/.test(code)) return [];
    const obscured = Number.parseInt(bitsOfSymbols(code), 2);
    const mac = obscured & 0xfff;
    const [first = 0, second = 0] = streamLiteral([mac >> 8, mac & 255], 2);
    const head = (obscured >>> 12) ^ ((first << 8) | second);
    const [rest, type, body] = [head >>> 10, (head >>> 8) & 3, head & 255];
    const said = allSmall(device).find((each) => each[1] === type && each[2] === body);
    const found: StepMeaning[] = [];
    for (let count = Math.min(to, 65_534); said && count >= Math.max(from, 0); count--) {
      const [kind, , , value] = said;
      const has = type === 1 ? 32 + (count % 4) : count % 64;
      if (has === rest && symbolsLiteral(smallBits(device.key, count, type, body)) === code)
        found.push({ kind, count, value });
    }
    return found;
  },
};

export function stepScheme({ vendor, config }: Pick<StepDevice, 'vendor' | 'config'>): StepScheme {
  if (vendor === 'nexus') return config['keypad'] === 'small' ? nexusSmall : nexusFull;
  const scheme = { hotp, totp: hotp, ocra, openpaygo }[vendor];
  if (!scheme) throw new Error(`no scheme of ${vendor}`);
  return scheme;
}
