/**
 * Device tokens as text. JSON is for files and machines:
 *
 *   { v, vendor, device_id, epoch, time_zone, grid_offset, root | key, offsets?, variances?, config? }
 *
 * The line is for people and QR codes: three parts with dots between them,
 *
 *   pt1 . base64url(body) . base64url(first 4 bytes of SHA-256("pintumbler token/1" ‖ body))
 *
 * so that a cut-off line, a wrong character and another version each get an error of their own. The body is the same
 * fields in that order: numbers as base-128 varints, strings with their length before them, settings as JSON, the
 * offset table as differences, in quarter hours where it is made of them.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { checkFields, checkString, expected, fail } from './errors.ts';
import { checkToken, type DeviceToken, readToken, secretBytes, type TokenFields } from './token.ts';
import type { Vendor } from './vendors/vendor.ts';
import type { OffsetTable } from './zone.ts';

/** A token file. `root` and `key` are base64url without padding: 32 bytes, or what the vendor prescribes. */
export interface TokenJson {
  readonly v: 1;
  readonly vendor: string;
  readonly device_id: string;
  readonly epoch: number;
  readonly time_zone: string;
  readonly grid_offset: number;
  readonly root?: string;
  readonly key?: string;
  readonly offsets?: OffsetTable;
  readonly variances?: readonly [number, number];
  readonly config?: unknown;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export function toBase64url(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    for (bits += 8; bits >= 6; bits -= 6) text += ALPHABET.charAt((held >>> (bits - 6)) & 63);
  }
  return bits > 0 ? text + ALPHABET.charAt((held << (6 - bits)) & 63) : text;
}

/** Undefined for anything but canonical base64url: a stray bit at the end is a typing error too. */
export function fromBase64url(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const symbol of text) {
    const value = ALPHABET.indexOf(symbol);
    if (value < 0) return undefined;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >>> bits) & 0xff);
    }
  }
  return bits >= 6 || (held & ((1 << bits) - 1)) !== 0 ? undefined : Uint8Array.from(bytes);
}

/** Four bytes. */
const SUM_SYMBOLS = 6;

const checksum = (body: Uint8Array): Uint8Array =>
  sha256(concatBytes(utf8ToBytes('pintumbler token/1'), body)).slice(0, 4);

// --- the body of a line -------------------------------------------------------------------------------------------

/** Unsigned base-128 varint, least significant group first; up to 2^53 − 1. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  while (value >= 128) {
    bytes.push((value % 128) + 128);
    value = Math.floor(value / 128);
  }
  bytes.push(value);
  return bytes;
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

/** JSON with every symbol outside ASCII escaped: the body's strings are bytes. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function stringBytes(text: string): number[] {
  const bytes = utf8ToBytes(text);
  return [...varint(bytes.length), ...bytes];
}

/** Unit (900 or 1), number of pairs, then for each the seconds since the pair before and the offset, in units. */
function tableBytes(table: OffsetTable): number[] {
  const unit = table.every(([utc, offset]) => utc % 900 === 0 && offset % 900 === 0) ? 900 : 1;
  let last = 0;
  const pairs = table.flatMap(([utc, offset]) => {
    const since = (utc - last) / unit;
    last = utc;
    return [...varint(zigzag(since)), ...varint(zigzag(offset / unit))];
  });
  return [...varint(unit), ...varint(table.length), ...pairs];
}

/** Which optional fields the body has; `length`: of a secret that is not 32 bytes. */
const HAS = { root: 1, offsets: 2, variances: 4, config: 8, length: 16 } as const;

function bodyOf(token: DeviceToken): Uint8Array {
  const { offsets, variances, config } = token;
  const secret = secretBytes(token);
  const isLong = secret.length === 32;
  const flags =
    (token.holds === 'root' ? HAS.root : 0) |
    (offsets ? HAS.offsets : 0) |
    (variances ? HAS.variances : 0) |
    (config === undefined ? 0 : HAS.config) |
    (isLong ? 0 : HAS.length);
  return Uint8Array.from([
    flags,
    ...stringBytes(token.vendor.id),
    ...stringBytes(token.deviceId),
    ...varint(token.epoch),
    ...stringBytes(token.timeZone),
    ...varint(token.gridOffset),
    ...(isLong ? [] : varint(secret.length)),
    ...secret,
    ...(offsets ? tableBytes(offsets) : []),
    ...(variances ? variances.flatMap(varint) : []),
    ...(config === undefined ? [] : stringBytes(asciiJson(config))),
  ]);
}

/** Reads a body front to back; what does not add up is `token_malformed`. */
function readBody(body: Uint8Array): TokenFields {
  let at = 0;
  const bad = (): never =>
    fail('token_malformed', 'the token has a valid checksum and contents that do not add up');
  const take = (length: number): Uint8Array => {
    if (at + length > body.length) bad();
    at += length;
    return body.slice(at - length, at);
  };
  const number = (): number => {
    let value = 0;
    for (let scale = 1; scale < 2 ** 53; scale *= 128) {
      const byte = take(1)[0] ?? 0;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
    return bad();
  };
  const text = (): string => {
    const length = number();
    return length > 0xffff ? bad() : String.fromCharCode(...take(length));
  };
  const table = (): OffsetTable => {
    const unit = number();
    let utc = 0;
    return Array.from({ length: Math.min(number(), body.length) }, () => {
      utc += unzigzag(number()) * unit;
      return [utc, unzigzag(number()) * unit] as const;
    });
  };
  const flags = number();
  if (flags > 31) bad();
  const fields = {
    vendor: text(),
    deviceId: text(),
    epoch: number(),
    timeZone: text(),
    gridOffset: number(),
    [flags & HAS.root ? 'root' : 'key']: take(flags & HAS.length ? number() : 32),
    ...(flags & HAS.offsets && { offsets: table() }),
    ...(flags & HAS.variances && { variances: [number(), number()] as const }),
    ...(flags & HAS.config && { config: parseJson(text()) }),
  };
  if (at !== body.length) bad();
  return fields;
}

// --- reading ------------------------------------------------------------------------------------------------------

/** Whether a bracket or a string is still open at the end of a JSON text. */
function isCutOff(text: string): boolean {
  const outside = text.replace(/"(?:[^"\\]|\\.)*"/g, '');
  return (
    outside.includes('"') || outside.replace(/[^[{]/g, '').length > outside.replace(/[^\]}]/g, '').length
  );
}

/** The parser's own message quotes the text, and the text is a secret: it goes no further. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return isCutOff(text)
      ? fail('token_truncated', 'the token expected JSON; its end is missing')
      : fail('token_malformed', 'the token expected JSON; it has a mistyped place');
  }
}

function findVendor(id: unknown, vendors: readonly Vendor[]): Vendor {
  const vendor = vendors.find((each) => each.id === id);
  return (
    vendor ??
    expected(
      'token.vendor',
      `one of ${vendors.map((each) => each.id).join(', ') || 'none'}`,
      id,
      'vendor_unknown',
    )
  );
}

function readLine(text: string): TokenFields {
  const [start = '', body, sum = '', ...rest] = text.split('.');
  const version = /^pt(\d{1,4})$/.exec(start)?.[1];
  if (version === undefined) expected('token', '"{" or "pt1." at its start', text, 'token_malformed');
  if (version !== '1')
    fail('token_version', `the token has version ${version}, this library reads version 1`);
  if (body === undefined || sum.length < SUM_SYMBOLS)
    fail('token_truncated', 'the token is cut off: its end is missing');
  const bytes = fromBase64url(body);
  if (!bytes || rest.length > 0 || toBase64url(checksum(bytes)) !== sum) {
    fail('token_mistyped', 'the token has a wrong character somewhere: its checksum does not match');
  }
  return readBody(bytes);
}

const JSON_FIELDS = [
  'v',
  'vendor',
  'device_id',
  'epoch',
  'time_zone',
  'grid_offset',
  'root',
  'key',
  'offsets',
  'variances',
  'config',
];

function secretField(name: 'root' | 'key', value: unknown): Uint8Array {
  checkString(name, value);
  return fromBase64url(value) ?? expected(name, 'bytes as base64url', value, 'token_mistyped');
}

function readJson(text: string): TokenFields {
  const json = parseJson(text);
  checkFields('token', json, JSON_FIELDS);
  const {
    v,
    vendor,
    device_id: deviceId,
    epoch,
    time_zone: timeZone,
    grid_offset: gridOffset,
    root,
    key,
    ...optional
  } = json;
  if (v !== 1) expected('v', '1, the version this library reads', v, 'token_version');
  for (const name of ['vendor', 'device_id', 'epoch', 'time_zone', 'grid_offset']) {
    if (!Object.hasOwn(json, name)) fail('token_malformed', `the token lacks "${name}"`);
  }
  return {
    vendor,
    deviceId,
    epoch,
    timeZone,
    gridOffset,
    ...(root !== undefined && { root: secretField('root', root) }),
    ...(key !== undefined && { key: secretField('key', key) }),
    ...optional,
  };
}

/**
 * Reads a token from its JSON or from its line.
 *
 * @param vendors the vendors to look its vendor up in: `builtIn`, or only those a bundle should carry.
 * @throws `token_malformed`, `token_truncated`, `token_mistyped`, `token_version`, `vendor_unknown`, `config_invalid`,
 *   `key_length`, `bad_argument`, `out_of_range`
 * @example
 * import { createToken, formatToken, parseToken } from 'pintumbler';
 * import { builtIn, igloohome } from 'pintumbler/vendors';
 * const line = formatToken(createToken({ vendor: igloohome, deviceId: 'd', root: new Uint8Array(32), timeZone: 'UTC' }));
 * console.log(parseToken(line, builtIn).deviceId); // d
 */
export function parseToken(text: string, vendors: readonly Vendor[]): DeviceToken {
  checkString('text', text);
  if (!Array.isArray(vendors)) expected('vendors', 'a list of vendors', vendors);
  const trimmed = text.trim();
  const { vendor, ...fields } = trimmed.startsWith('{') ? readJson(trimmed) : readLine(trimmed);
  return readToken(findVendor(vendor, vendors), fields);
}

/** The token as one line with a checksum, **with its secret**: about 110 characters, 300 with an offset table. */
export function formatToken(token: DeviceToken): string {
  checkToken('token', token);
  const body = bodyOf(token);
  return `pt1.${toBase64url(body)}.${toBase64url(checksum(body))}`;
}

/** The token as the object of a token file, **with its secret**. */
export function tokenJson(token: DeviceToken): TokenJson {
  checkToken('token', token);
  return {
    v: 1,
    vendor: token.vendor.id,
    device_id: token.deviceId,
    epoch: token.epoch,
    time_zone: token.timeZone,
    grid_offset: token.gridOffset,
    [token.holds]: toBase64url(secretBytes(token)),
    ...(token.offsets && { offsets: token.offsets }),
    ...(token.variances && { variances: token.variances }),
    ...(token.config !== undefined && { config: token.config }),
  };
}
