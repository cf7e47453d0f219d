/** The two files of `pintumbler serve`: devices in every form in which a person has them, and API keys. */
import { checkFields, checkString, PintumblerError } from '../errors.ts';
import type { DeviceToken } from '../index.ts';
import { apiKeyHash, type SeamDevice } from '../seam/index.ts';
import { InputError, type Io, readText } from './io.ts';
import { tokenOf } from './token.ts';

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

/** JSON values and words as they stand in a text one after the other, over lines or not. */
function* piecesOf(text: string): Generator<string> {
  const next = /[[{]|\S+/g;
  for (let found = next.exec(text); found; found = next.exec(text)) {
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
 * them. An error tells the number of the device, from 1, and nothing of what is in the file.
 */
export async function readDevices(io: Io, path: string): Promise<readonly SeamDevice[]> {
  const entries = entriesOf(await readText(io, path, 'devices'));
  if (entries.length === 0) throw new InputError('there is no device in the file with the devices');
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

function newKey(io: Io): string {
  // 62 of 256: a bias that takes less than a bit off 238.
  const symbols = Array.from(io.random(40), (byte) => SYMBOLS.charAt(byte % SYMBOLS.length)).join('');
  // A capital first: "seam_at…", "seam_cst…" and "seam_pk…" are keys of other kinds to Seam's SDKs.
  return `seam_${symbols.charAt(0).toUpperCase()}${symbols.slice(1)}`;
}

function hashIn(line: string, number: number): string {
  const [, hash] = /^sha256:([0-9a-f]{64})$/i.exec(line) ?? [];
  if (hash !== undefined) return hash.toLowerCase();
  try {
    return apiKeyHash(line);
  } catch (error) {
    if (!(error instanceof PintumblerError)) throw error;
    throw new PintumblerError(
      error.code,
      `in line ${number} of the API keys, ${error.message}; or sha256: and 64 hex digits`,
    );
  }
}

/** Hashes of API keys, one a line, as they are or as `sha256:`; what follows a `#` is for people. */
export async function readKeys(io: Io, path: string): Promise<readonly string[]> {
  const lines = (await readText(io, path, 'API keys')).split(/\r?\n/);
  const hashes = lines.flatMap((line, index) => {
    const bare = line.replace(/#.*$/, '').trim();
    return bare === '' ? [] : [hashIn(bare, index + 1)];
  });
  if (hashes.length === 0) throw new InputError('there is no key in the file with the API keys');
  return hashes;
}

/** Makes a file with one new key, unless it is there; whether it did. */
export async function makeKeys(io: Io, path: string): Promise<boolean> {
  if (await io.read(path)) return false;
  await io.replace(
    path,
    `# API keys of "pintumbler serve", one a line: give one to your SDK as its apiKey\n${newKey(io)}`,
  );
  return true;
}
