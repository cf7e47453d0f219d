/** `pintumbler token create | derive | inspect`, and how every command reads its token. */

import { zoneFacts } from '../calendar/index.ts';
import { engineOf } from '../engine.ts';
import { PintumblerError, shown } from '../errors.ts';
import { createToken, type DeviceToken, deriveToken, formatToken, parseToken, tokenJson } from '../index.ts';
import type { Scheme } from '../schemes/scheme.ts';
import { securityReport } from '../security/index.ts';
import { keyFormOf } from '../token.ts';
import { builtIn, tuya, vendorNamed } from '../vendors/index.ts';
import { type Kind, needsOffsets, rulesOf, type Table, tablesOf, type Vendor } from '../vendors/vendor.ts';
import { type Flags, InputError, type Io, may, mayNumber, need, readText, UsageError } from './io.ts';
import { type KeyFormat, keyFormat, keyIn, looksLikeText } from './key-text.ts';
import { kindsText, tableText } from './layout-text.ts';
import { grouped, renamed, snakeCase, tellEmulated } from './words.ts';

/** Slots count from 2020; an offset table that begins a day before them covers every code. */
const TABLE_FROM = Date.UTC(2019, 11, 31) / 1000;
const TABLE_YEARS = 10;

/** A token from its text; a refusal names the field as the text has it, and that it is the token's. */
export function tokenOf(text: string): DeviceToken {
  try {
    return parseToken(text, builtIn);
  } catch (error) {
    if (!(error instanceof PintumblerError) || !/^"(?!token)/.test(error.message)) throw error;
    const message = renamed(error.message, (field) => `"${snakeCase(field)}"`);
    throw new PintumblerError(error.code, `in the token, ${message}`);
  }
}

export async function readTokenFile(io: Io, path: string): Promise<DeviceToken> {
  return tokenOf(await readText(io, path, 'token'));
}

/** One guess in fewer than that is worth a warning: what `defineVendor` refuses as well. */
const POOR = 10_000;

/** One guess in how many opens a device of these settings, at the worst moment; null where none does. */
function oneGuessIn({ vendor, config }: DeviceToken): number | null {
  return securityReport(vendor, config === undefined ? {} : { config }).worst.oneIn;
}

/** In words, where guessing is easier than it should be. */
function guessWarning(token: DeviceToken): string | undefined {
  const oneIn = oneGuessIn(token);
  if (oneIn === null || oneIn >= POOR) return undefined;
  return `at the worst moment one guess in ${grouped(oneIn)} opens a lock of these rules and settings`;
}

/** Where Tuya counts hours from, if the settings do not say: no real device's. */
const hasSdkT0 = ({ vendor, config }: DeviceToken): boolean =>
  vendor === tuya && !(typeof config === 'object' && config !== null && 't0' in config);

function writeToken(io: Io, token: DeviceToken, format: string | undefined): void {
  if (format !== undefined && format !== 'json' && format !== 'line')
    throw new UsageError('--format takes json or line');
  io.out(format === 'line' ? formatToken(token) : JSON.stringify(tokenJson(token)));
}

export async function readConfig(io: Io, path: string): Promise<unknown> {
  try {
    return JSON.parse(await readText(io, path, 'settings'));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError('the settings are not JSON');
  }
}

const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Bytes that the hash of a scheme gives, by its name: a key is as long (RFC 4226 R6, RFC 6238 section 5.1). */
const HASH_BYTES: Readonly<Record<string, number>> = { sha1: 20, sha256: 32, sha512: 64 };

/**
 * How long a key to make up: the shortest that the scheme takes, or as long as its hash. The PIN's hash that some suites
 * have is in the shortest already.
 */
function lengthOfKey({ id, key }: Scheme): number {
  const [hash = ''] = /sha(?:256|512|1)/.exec(id) ?? [];
  const { from } = key ?? { from: 32 };
  return from + Math.max(0, (HASH_BYTES[hash] ?? 0) - 16);
}

/** What is in the key file. */
async function givenKey(io: Io, path: string, format: KeyFormat, ascii: boolean): Promise<Uint8Array> {
  const file = await io.read(path);
  if (!file) throw new InputError('there is no file with the key');
  return keyIn(file, format, ascii);
}

/** A root; or, for a vendor that prescribes its key, one of that form made up. */
function newSecret(io: Io, vendor: Vendor, config: unknown): { root: Uint8Array } | { key: Uint8Array } {
  if (!('key' in vendor.scheme)) return { root: io.random(32) };
  const scheme = rulesOf(vendor, config).scheme ?? vendor.scheme;
  const random = io.random(lengthOfKey(scheme));
  // 62 of 256: a small bias, in a key for a simulated lock; a real one comes with the device.
  const symbols = random.map((byte) => SYMBOLS.charCodeAt(byte % SYMBOLS.length));
  return { key: scheme.key?.ascii ? symbols : random };
}

function tellKey(io: Io, vendor: Vendor, given: Uint8Array | undefined, format: KeyFormat): void {
  if (!('key' in vendor.scheme)) return;
  if (given === undefined)
    io.err('warning: the key was made up and opens no real device; --key takes the file with its own');
  else if (format === 'raw' && !vendor.scheme.key?.ascii && looksLikeText(given))
    io.err('warning: the key looks like text and was taken byte for byte; see --key-format hex and base32');
}

export async function tokenCreate(io: Io, flags: Flags): Promise<number> {
  const vendor = vendorNamed(need(flags, 'vendor'));
  const [configPath, masterPath] = [may(flags, 'config'), may(flags, 'master')];
  const config = configPath === undefined ? undefined : await readConfig(io, configPath);
  const master = masterPath === undefined ? undefined : await io.read(masterPath);
  if (masterPath !== undefined && !master) throw new InputError('there is no file with the master key');
  if (masterPath !== undefined && may(flags, 'key') !== undefined)
    throw new UsageError('--master and --key exclude each other');
  const keyPath = may(flags, 'key');
  const format = keyFormat(may(flags, 'key-format'));
  if (keyPath === undefined && may(flags, 'key-format') !== undefined)
    throw new UsageError('--key-format needs --key');
  const { ascii = false } = keyFormOf(vendor);
  const key = keyPath === undefined ? undefined : await givenKey(io, keyPath, format, ascii);
  const epoch = mayNumber(flags, 'epoch');
  const until = Date.UTC(new Date(io.now() * 1000).getUTCFullYear() + TABLE_YEARS + 1, 0, 1) / 1000;
  const { timeZone, gridOffset, offsets } = zoneFacts(need(flags, 'time-zone'), TABLE_FROM, until);
  const token = createToken({
    vendor,
    deviceId: need(flags, 'device-id'),
    ...(master ? { master } : key ? { key } : newSecret(io, vendor, config)),
    ...(epoch !== undefined && { epoch }),
    timeZone,
    gridOffset,
    ...(needsOffsets(rulesOf(vendor, config)) && { offsets }),
    ...(config !== undefined && { config }),
  });
  // Some settings want a longer key than others: refused now, not at the first code.
  engineOf(token);
  writeToken(io, token, may(flags, 'format'));
  tellEmulated(io, vendor, 'its');
  tellKey(io, vendor, key, format);
  if (hasSdkT0(token))
    io.err('warning: T0 is the SDK\'s default; a real device has its own (DP 64): --config with {"t0": ...}');
  const guess = guessWarning(token);
  if (guess !== undefined) io.err(`warning: ${guess}`);
  return 0;
}

function readShare(text: string): readonly [number, number] {
  const match = /^(\d{1,9})-(\d{1,9})$/.exec(text);
  if (!match)
    throw new PintumblerError('bad_argument', `--variances expected a range such as 0-1, got ${shown(text)}`);
  return [Number(match[1]), Number(match[2])];
}

export async function tokenDerive(io: Io, flags: Flags): Promise<number> {
  const token = await readTokenFile(io, need(flags, 'token'));
  const epoch = mayNumber(flags, 'epoch');
  const share = may(flags, 'variances');
  const issuer = deriveToken(token, {
    ...(epoch !== undefined && { epoch }),
    ...(share !== undefined && { variances: readShare(share) }),
  });
  writeToken(io, issuer, may(flags, 'format'));
  tellEmulated(io, issuer.vendor, 'its');
  return 0;
}

function kindJson(kind: Kind): object {
  const { id, axis, length, variances, firstUse, name, lane, base, lead, firstUseAt, afterUse } = kind;
  const { accepts, seals, alike, asks, challenge, effect } = kind;
  return {
    kind: id,
    ...(name !== undefined && { name }),
    ...(lane !== undefined && { lane }),
    ...(base !== undefined && { base }),
    ...(axis.on === 'civil-day' &&
      length.in === 'days' && { civil: true, opens: axis.opens, closes: length.closes }),
    lengths: length.in === 'endless' ? [null] : length.of,
    unit: length.in === 'endless' ? 'seconds' : length.in,
    ...(lead !== undefined && { lead }),
    variances,
    ...(firstUse !== undefined && { first_use_within: firstUse }),
    ...(firstUseAt !== undefined && { first_use_at: firstUseAt }),
    ...(afterUse !== undefined && { after_use: afterUse }),
    ...(kind.weekdays && { weekdays: kind.weekdays }),
    ...(kind.withinYear && { within_year: true }),
    ...(kind.ahead !== undefined && { ahead: kind.ahead }),
    ...(kind.overlapping !== undefined && { overlapping: kind.overlapping }),
    ...(axis.on === 'count' && { every: axis.every, rest: axis.rest }),
    ...(accepts && { accepts, effect }),
    ...(seals && { seals }),
    ...(alike !== undefined && { alike }),
    ...(asks !== undefined && { asks }),
    ...(challenge !== undefined && { challenge }),
  };
}

/** A layout in full, as `token inspect --json` prints it. */
export function tableJson(token: DeviceToken, table: Table): object {
  const { layout: id, digits, grid, perSlot, origin, slots, alphabet, codes, lanes } = table;
  const { counts, bias, tags } = table;
  const scheme = (table.scheme ?? token.vendor.scheme).id;
  return {
    id,
    digits,
    ...(alphabet !== undefined && { alphabet }),
    ...(codes !== undefined && { codes }),
    grid_seconds: grid,
    ...(origin !== undefined && { origin }),
    ...(slots !== undefined && { slots }),
    ...(counts && { counts }),
    ...(bias !== undefined && bias !== 1 && { bias }),
    ...(tags !== undefined && { tags }),
    s: perSlot,
    ...(scheme === 'sealed/1' && { slots_per_page: Math.floor(10 ** digits / perSlot) }),
    ...(lanes && { lanes }),
    kinds: table.kinds.map(kindJson),
  };
}

/** The layout in full: with the secret, another implementation can compute every code from it. */
export const layoutJson = (token: DeviceToken): object => tableJson(token, token.rules);

/** The layouts of a vendor with codes of several lengths, each with its scheme. */
const layoutsJson = (token: DeviceToken): readonly object[] =>
  tablesOf(token.rules).map((table) => ({
    scheme: (table.scheme ?? token.vendor.scheme).id,
    ...tableJson(token, table),
  }));

/** OCRA: the suite that the device goes by, also where its settings do not say. */
function suiteOf({ rules, vendor }: DeviceToken): string | undefined {
  const { id } = rules.scheme ?? vendor.scheme;
  const [, hash, data] = /^ocra-(hotp-sha\d+-\d+)-(.+)\/1$/.exec(id) ?? [];
  return hash === undefined ? undefined : `OCRA-1:${hash}:${data}`.toUpperCase();
}

/** The token without its secret. */
function inspection(token: DeviceToken): object {
  const { rules, vendor, offsets } = token;
  const suite = suiteOf(token);
  return {
    vendor: vendor.id,
    codes: vendor.codes,
    device_id: token.deviceId,
    epoch: token.epoch,
    time_zone: token.timeZone,
    grid_offset: token.gridOffset,
    holds: token.holds,
    ...(offsets && { offsets }),
    ...(token.variances && { variances: token.variances }),
    ...(token.config !== undefined && { config: token.config }),
    scheme: (rules.scheme ?? vendor.scheme).id,
    ...(suite !== undefined && { suite }),
    layout: layoutJson(token),
    ...(rules.also && { layouts: layoutsJson(token) }),
    clock: rules.clock,
    rounding: rules.rounding ?? 'outward',
    lock: rules.lock,
    one_in: oneGuessIn(token),
  };
}

const day = (instant: number | undefined): string =>
  new Date((instant ?? 0) * 1000).toISOString().slice(0, 10);

export async function tokenInspect(io: Io, flags: Flags): Promise<number> {
  const token = await readTokenFile(io, need(flags, 'token'));
  if (flags['json'] === true) {
    io.out(JSON.stringify(inspection(token)));
    return 0;
  }
  const { vendor, rules, offsets } = token;
  io.out(`vendor       ${vendor.id} (codes: ${vendor.codes})`);
  if (vendor.codes === 'emulated') io.out('             emulated: its codes open no real lock of that maker');
  io.out(`device       ${token.deviceId}, epoch ${token.epoch}`);
  const key = 'key' in vendor.scheme ? "the device's one key" : 'the key of this epoch only';
  io.out(`holds        ${token.holds === 'root' ? 'the root: every epoch' : key} (not shown)`);
  io.out(`time zone    ${token.timeZone}, hours begin at minute ${token.gridOffset} UTC`);
  if (offsets) io.out(`offsets      ${day(offsets[0]?.[0])} to ${day(offsets.at(-1)?.[0])}`);
  if (token.variances) io.out(`variances    ${token.variances.join(' to ')}`);
  if (token.config !== undefined) io.out(`settings     ${JSON.stringify(token.config)}`);
  if (vendor === tuya && rules.origin !== undefined) {
    const whose = hasSdkT0(token)
      ? "the SDK's default: a real device has its own (DP 64)"
      : 'by its settings';
    io.out(
      `T0           ${new Date(rules.origin * 1000).toISOString().replace('.000', '')} (${rules.origin}), ${whose}`,
    );
  }
  const guess = guessWarning(token);
  if (guess !== undefined) io.out(`warning      ${guess}`);
  const suite = suiteOf(token);
  if (suite !== undefined) io.out(`suite        ${suite}`);
  for (const table of tablesOf(rules))
    for (const line of [...tableText(table), ...kindsText(table)]) io.out(line);
  return 0;
}
