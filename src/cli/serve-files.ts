/** The two files of `pintumbler serve`: devices in every form in which a person has them, and API keys. */
import { checkFields, checkString, fail, PintumblerError, shown } from '../errors.ts';
import type { DeviceToken } from '../index.ts';
import { apiKeyHash, type SeamDevice } from '../seam/index.ts';
import { InputError, type Io, textOf } from './io.ts';
import { tokenOf } from './token.ts';

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

const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function newKey(io: Pick<Io, 'random'>): string {
  // 62 of 256: a bias that takes less than a bit off 238.
  const symbols = Array.from(io.random(40), (byte) => SYMBOLS.charAt(byte % SYMBOLS.length)).join('');
  // A capital first: "seam_at…", "seam_cst…" and "seam_pk…" are keys of other kinds to Seam's SDKs.
  return `seam_${symbols.charAt(0).toUpperCase()}${symbols.slice(1)}`;
}

function hashIn(line: string, number: number): string {
  const [, hash] = /^sha256:([0-9a-f]{64})$/i.exec(line) ?? [];
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

/** API keys, one a line, as they are or as `sha256:`; what follows a `#` is for people. */
export async function readKeys(io: Io, path: string): Promise<Keys> {
  const text = await ofFlag('keys', readOf(io, path));
  const lines = text.split(/\r?\n/).map((line) => line.replace(/#.*$/, '').trim());
  const hashes = lines.flatMap((line, index) => (line === '' ? [] : [hashIn(line, index + 1)]));
  if (hashes.length === 0) throw new InputError('--keys: there is no key in the file');
  return { hashes, plain: lines.filter((line) => line.startsWith('seam_')).length };
}

async function makeKeysAt(io: Pick<Io, 'read' | 'replace' | 'random'>, path: string): Promise<boolean> {
  if (await io.read(path)) return false;
  try {
    const says = '# API keys of "pintumbler serve", one a line: give one to your SDK as its apiKey';
    await io.replace(path, `${says}\n${newKey(io)}`, 'new');
    return true;
  } catch (error) {
    // Another start has just made it: its key stays.
    if (await io.read(path)) return false;
    throw error;
  }
}

/** Makes a file with one new key, unless it is there; whether it did. */
export const makeKeys = (...given: Parameters<typeof makeKeysAt>): Promise<boolean> =>
  ofFlag('keys', makeKeysAt(...given));
