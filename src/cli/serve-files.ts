/**
 * The files of `pintumbler serve`: devices in every form in which a person has them, API keys, and the keys under which a
 * store seals.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import { checkFields, checkString, fail, PintumblerError, shown } from '../errors.ts';
import type { DeviceToken } from '../index.ts';
import { type RegisteredDevice, registry } from '../seam/devices.ts';
import { apiKeyHash, type SeamDevice } from '../seam/index.ts';
import { fromBase64url, toBase64url } from '../token-text.ts';
import { InputError, type Io, textOf } from './io.ts';
import { tokenOf } from './token.ts';
import { snakeCase } from './words.ts';

/** What is wrong with a file, told with the flag that names it. */
async function ofFlag<T>(flag: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`--${flag}: ${error.message}`);
  }
}

async function readOf(io: Io, path: string): Promise<string> {
  const bytes = await io.read(path);
  if (!bytes) throw new InputError('there is no such file');
  return textOf(bytes, 'it');
}

/** Where the JSON value ends whose bracket stands at `from`; the end of the text if nothing closes it. */
function endOfJson(text: string, from: number): number {
  const marks = /"(?:[^"\\]|\\.)*"|[[\]{}]/g;
  marks.lastIndex = from;
  let depth = 0;
  for (let found = marks.exec(text); found; found = marks.exec(text)) {
    const [mark] = found;
    if (mark.startsWith('"')) continue;
    depth += mark === '{' || mark === '[' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return text.length;
}

/** JSON values and words as they stand in a text one after the other, over lines or not; between them lines of comment. */
function* piecesOf(text: string): Generator<string> {
  const next = /(^[^\S\n]*#.*$)|[[{]|\S+/gm;
  for (let found = next.exec(text); found; found = next.exec(text)) {
    if (found[1] !== undefined) continue;
    if (/^[[{]/.test(found[0])) next.lastIndex = endOfJson(text, found.index);
    yield text.slice(found.index, next.lastIndex);
  }
}

/** What is listed: the values of the pieces, of a list its elements. */
function entriesOf(text: string): readonly unknown[] {
  const entries: unknown[] = [];
  for (const piece of piecesOf(text)) {
    if (!/^[[{]/.test(piece)) {
      entries.push(piece);
      continue;
    }
    try {
      const value: unknown = JSON.parse(piece);
      entries.push(...(Array.isArray(value) ? value : [value]));
    } catch {
      // The parser's message quotes the text, and the text holds keys.
      throw new InputError(`device ${entries.length + 1}: it is not JSON, or its end is missing`);
    }
  }
  return entries;
}

function textIn(record: Readonly<Record<string, unknown>>, field: string): string | undefined {
  const value = record[field];
  if (value !== undefined) checkString(field, value);
  return value;
}

const isEntry = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'token');

/** An entry: a token, as an object or a line, or an object with the token in it. */
function deviceOf(entry: unknown): SeamDevice {
  const record = isEntry(entry) ? entry : { token: entry };
  checkFields('entry', record, ['token', 'device_id', 'name', 'device_type']);
  const { token: told } = record;
  const token: DeviceToken = tokenOf(typeof told === 'string' ? told : JSON.stringify(told ?? null));
  const [deviceId, name, deviceType] = ['device_id', 'name', 'device_type'].map((field) =>
    textIn(record, field),
  );
  return {
    token,
    ...(deviceId !== undefined && { deviceId }),
    ...(name !== undefined && { name }),
    ...(deviceType !== undefined && { deviceType }),
  };
}

/**
 * The devices of a file: token files one after the other, `pt1.` lines, JSON Lines, a JSON list, or entries with a token in
 * them; a line that begins with `#` is for people. An error tells the number of the device, from 1, and nothing of what is in the file.
 */
export async function readDevices(io: Io, path: string): Promise<readonly SeamDevice[]> {
  const entries = entriesOf(await ofFlag('devices', readOf(io, path)));
  if (entries.length === 0) throw new InputError('--devices: there is no device in the file');
  return entries.map((entry, index) => {
    try {
      return deviceOf(entry);
    } catch (error) {
      if (!(error instanceof PintumblerError)) throw error;
      throw new PintumblerError(error.code, `device ${index + 1}: ${error.message}`);
    }
  });
}

/** What the facade makes of them. Its refusals count from 0 and name fields as the library does. */
export function registered(devices: readonly SeamDevice[], now: number): readonly RegisteredDevice[] {
  try {
    return registry(devices, { now, hasIssuer: false }).all;
  } catch (error) {
    if (!(error instanceof PintumblerError)) throw error;
    const message = error.message.replace(
      /"devices\[(\d+)\](?:\.(\w+))?"/g,
      (_, index: string, field?: string) =>
        `device ${Number(index) + 1}${field === undefined ? '' : `: "${snakeCase(field)}"`}`,
    );
    throw new PintumblerError(error.code, message);
  }
}

const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function newKey(io: Pick<Io, 'random'>): string {
  // 62 of 256: a bias that takes less than a bit off 238.
  const symbols = Array.from(io.random(40), (byte) => SYMBOLS.charAt(byte % SYMBOLS.length)).join('');
  // A capital first: "seam_at…", "seam_cst…" and "seam_pk…" are keys of other kinds to Seam's SDKs.
  return `seam_${symbols.charAt(0).toUpperCase()}${symbols.slice(1)}`;
}

function hashIn(line: string, number: number): string {
  const [, hash] = /^sha256:([0-9a-f]{64})(?: +-)?$/i.exec(line) ?? [];
  if (hash !== undefined) return hash.toLowerCase();
  const place = `in line ${number} of the API keys`;
  if (/^sha256:/i.test(line))
    fail('bad_argument', `${place}, sha256: expected 64 hex digits behind it, got ${shown(line.slice(7))}`);
  if (line.includes('='))
    fail('bad_argument', `${place}, there is a "=": only the key itself belongs there, no name before it`);
  try {
    return apiKeyHash(line);
  } catch (error) {
    if (!(error instanceof PintumblerError)) throw error;
    throw new PintumblerError(error.code, `${place}, ${error.message}; or sha256: and 64 hex digits`);
  }
}

/** What stands in a file of keys. */
export interface Keys {
  readonly hashes: readonly string[];
  /** How many of them the file itself has, not only their hashes. */
  readonly plain: number;
}

/** What stands in the lines of a text, by their numbers from 1; what follows a `#` is for people. */
function* linesOf(text: string): Generator<readonly [line: string, number: number]> {
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const line = whole.replace(/#.*$/, '').trim();
    if (line !== '') yield [line, index + 1];
  }
}

/** API keys, one a line, as they are or as `sha256:`. */
export async function readKeys(io: Io, path: string): Promise<Keys> {
  const lines = [...linesOf(await ofFlag('keys', readOf(io, path)))];
  const hashes = lines.map(([line, number]) => hashIn(line, number));
  if (hashes.length === 0) throw new InputError('--keys: there is no key in the file');
  return { hashes, plain: lines.filter(([line]) => line.startsWith('seam_')).length };
}

/** Makes a file, unless it is there; whether it did. */
async function makeAt(io: Pick<Io, 'read' | 'replace'>, path: string, text: () => string): Promise<boolean> {
  if (await io.read(path)) return false;
  try {
    await io.replace(path, text(), 'new');
    return true;
  } catch (error) {
    // Another start has just made it: its key stays.
    if (await io.read(path)) return false;
    throw error;
  }
}

/** Makes a file with one new API key, unless it is there; whether it did. */
export const makeKeys = (io: Pick<Io, 'read' | 'replace' | 'random'>, path: string): Promise<boolean> => {
  const says = '# API keys of "pintumbler serve", one a line: give one to your SDK as its apiKey';
  return ofFlag(
    'keys',
    makeAt(io, path, () => `${says}\n${newKey(io)}`),
  );
};

/** 32 bytes, in the form that a person's tool has made: `openssl rand -hex 32`, `openssl rand -base64 32`. */
function storeKeyIn(word: string, place: string): Uint8Array {
  const isHex = /^[0-9a-f]{64}$/i.test(word);
  const base64url = word.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_');
  const bytes = isHex ? hexToBytes(word.toLowerCase()) : fromBase64url(base64url);
  if (bytes?.length === 32) return bytes;
  return fail('bad_argument', `${place} expected 32 bytes in hex or base64, got ${shown(word)}`);
}

/** The keys of a store: the first seals, all open. */
export async function readStoreKeys(io: Io, path: string): Promise<readonly Uint8Array[]> {
  const lines = [...linesOf(await ofFlag('store-key', readOf(io, path)))];
  if (lines.length === 0) throw new InputError('--store-key: there is no key in the file');
  return lines.map(([line, number]) => storeKeyIn(line, `line ${number} of the store keys`));
}

export const STORE_KEY_VARIABLE = 'PINTUMBLER_STORE_KEY';

/** The same of the environment, between them spaces, commas or lines; undefined where nothing is said. */
export function storeKeysInEnvironment(io: Pick<Io, 'env'>): readonly Uint8Array[] | undefined {
  const words = (io.env(STORE_KEY_VARIABLE) ?? '').split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0) return undefined;
  return words.map((word, index) => storeKeyIn(word, `key ${index + 1} of ${STORE_KEY_VARIABLE}`));
}

/** Makes a file with one new store key, unless it is there. */
export const makeStoreKey = (io: Io, path: string): Promise<boolean> => {
  const says =
    '# The store key of "pintumbler serve": without it nothing in the store can be read. Keep it apart from backups';
  return ofFlag(
    'store-key',
    makeAt(io, path, () => `${says}\n${toBase64url(io.random(32))}`),
  );
};
