/** `pintumbler token create | derive | inspect`, and how every command reads its token. */

import { zoneFacts } from '../calendar/index.ts';
import { PintumblerError, shown } from '../errors.ts';
import { createToken, type DeviceToken, deriveToken, formatToken, parseToken, tokenJson } from '../index.ts';
import { securityReport } from '../security/index.ts';
import { keyFormOf } from '../token.ts';
import { builtIn, tuya, vendorNamed } from '../vendors/index.ts';
import { type Kind, needsOffsets, rulesOf, type Table, tablesOf, type Vendor } from '../vendors/vendor.ts';
import { type Flags, InputError, type Io, may, mayNumber, need, readText, UsageError } from './io.ts';
import { grouped, renamed, snakeCase, spanText, tellEmulated } from './words.ts';

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

/** A root; or, for a vendor that prescribes its key, what is in the file, else a key of that form made up. */
async function newSecret(
  io: Io,
  vendor: Vendor,
  path: string | undefined,
): Promise<{ root: Uint8Array } | { key: Uint8Array }> {
  const { from, ascii } = keyFormOf(vendor);
  if (path !== undefined) {
    const bytes = await io.read(path);
    if (!bytes) throw new InputError('there is no file with the key');
    // A key that people hand on as text has the newline of their editor behind it.
    return { key: ascii ? bytes.slice(0, new TextDecoder().decode(bytes).trimEnd().length) : bytes };
  }
  if (!('key' in vendor.scheme)) return { root: io.random(32) };
  const random = io.random(from);
  // 62 of 256: a small bias, in a key for a simulated lock; a real one comes with the device.
  return { key: ascii ? random.map((byte) => SYMBOLS.charCodeAt(byte % SYMBOLS.length)) : random };
}

export async function tokenCreate(io: Io, flags: Flags): Promise<number> {
  const vendor = vendorNamed(need(flags, 'vendor'));
  const [configPath, masterPath] = [may(flags, 'config'), may(flags, 'master')];
  const config = configPath === undefined ? undefined : await readConfig(io, configPath);
  const master = masterPath === undefined ? undefined : await io.read(masterPath);
  if (masterPath !== undefined && !master) throw new InputError('there is no file with the master key');
  if (masterPath !== undefined && may(flags, 'key') !== undefined)
    throw new UsageError('--master and --key exclude each other');
  const epoch = mayNumber(flags, 'epoch');
  const until = Date.UTC(new Date(io.now() * 1000).getUTCFullYear() + TABLE_YEARS + 1, 0, 1) / 1000;
  const { timeZone, gridOffset, offsets } = zoneFacts(need(flags, 'time-zone'), TABLE_FROM, until);
  const token = createToken({
    vendor,
    deviceId: need(flags, 'device-id'),
    ...(master ? { master } : await newSecret(io, vendor, may(flags, 'key'))),
    ...(epoch !== undefined && { epoch }),
    timeZone,
    gridOffset,
    ...(needsOffsets(rulesOf(vendor, config)) && { offsets }),
    ...(config !== undefined && { config }),
  });
  writeToken(io, token, may(flags, 'format'));
  tellEmulated(io, vendor, 'its');
  if ('key' in vendor.scheme && may(flags, 'key') === undefined)
    io.err('warning: the key was made up and opens no real device; --key takes the file with its own');
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
  };
}

/** A layout in full, as `token inspect --json` prints it. */
export function tableJson(token: DeviceToken, table: Table): object {
  const { layout: id, digits, grid, perSlot, origin, slots, alphabet, codes, lanes } = table;
  const scheme = (table.scheme ?? token.vendor.scheme).id;
  return {
    id,
    digits,
    ...(alphabet !== undefined && { alphabet }),
    ...(codes !== undefined && { codes }),
    grid_seconds: grid,
    ...(origin !== undefined && { origin }),
    ...(slots !== undefined && { slots }),
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

/** The token without its secret. */
function inspection(token: DeviceToken): object {
  const { rules, vendor, offsets } = token;
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
    scheme: vendor.scheme.id,
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

const DAY = 86400;

function lengthText({ length }: Kind): string {
  if (length.in === 'endless') return 'for good';
  const scale = length.in === 'days' ? DAY : 1;
  const { of } = length;
  const values = ('step' in of ? [of.from, of.to, of.step] : of).map((each) => each * scale);
  // A day of 24 hours is said in hours, days of them in days.
  const isIn = (unit: number): boolean =>
    values.every((each) => each % unit === 0) && (unit < DAY || scale === DAY || Math.max(...values) > DAY);
  const [unit = 60, name = 'min'] =
    (
      [
        [DAY, 'days'],
        [3600, 'h'],
      ] as const
    ).find(([seconds]) => isIn(seconds)) ?? [];
  if (!('step' in of)) {
    const text = values.map((each) => each / unit).join(', ');
    return text === '1' && unit === DAY ? '1 day' : `${text} ${name}`;
  }
  const [from = 0, to = 0, step = 0] = values;
  if (unit < 3600) return `${spanText(from)} to ${spanText(to)} in steps of ${spanText(step)}`;
  const steps = step === unit ? '' : ` in steps of ${step / unit}`;
  return `${from / unit}–${to / unit} ${name}${steps}`;
}

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
  for (const table of tablesOf(rules)) {
    const { layout, digits, grid, perSlot, kinds } = table;
    io.out(`layout       ${layout}: ${digits} digits, ${grid} s a slot, S = ${perSlot}`);
    for (const kind of kinds) {
      const opens =
        kind.axis.on === 'civil-day' && kind.length.in === 'days'
          ? `, ${kind.axis.opens} to ${kind.length.closes}`
          : '';
      const lane = kind.lane === undefined ? '' : `, prefix ${kind.lane}`;
      io.out(`  ${kind.id.padEnd(10)} ${lengthText(kind)}${opens}${lane}, ${kind.variances} a window`);
    }
  }
  return 0;
}
