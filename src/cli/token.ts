/** `pintumbler token create | derive | inspect`, and how every command reads its token. */

import { zoneFacts } from '../calendar/index.ts';
import { PintumblerError, shown } from '../errors.ts';
import { createToken, type DeviceToken, deriveToken, formatToken, parseToken, tokenJson } from '../index.ts';
import { builtIn } from '../vendors/index.ts';
import { type Kind, prepareRules, type Vendor } from '../vendors/vendor.ts';
import { type Flags, InputError, type Io, may, mayNumber, need, readText, UsageError } from './io.ts';

/** Slots count from 2020; an offset table that begins a day before them covers every code. */
const TABLE_FROM = Date.UTC(2019, 11, 31) / 1000;
const TABLE_YEARS = 10;

export async function readTokenFile(io: Io, path: string): Promise<DeviceToken> {
  return parseToken(await readText(io, path, 'token'), builtIn);
}

export function vendorOf(id: string): Vendor {
  const vendor = builtIn.find((each) => each.id === id);
  if (vendor) return vendor;
  const known = builtIn.map((each) => each.id).join(', ');
  throw new PintumblerError('vendor_unknown', `--vendor expected one of ${known}, got ${shown(id)}`);
}

function writeToken(io: Io, token: DeviceToken, format: string | undefined): void {
  if (format !== undefined && format !== 'json' && format !== 'line')
    throw new UsageError('--format takes json or line');
  io.out(format === 'line' ? formatToken(token) : JSON.stringify(tokenJson(token)));
}

async function readConfig(io: Io, path: string): Promise<unknown> {
  try {
    return JSON.parse(await readText(io, path, 'settings'));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError('the settings are not JSON');
  }
}

export async function tokenCreate(io: Io, flags: Flags): Promise<number> {
  const vendor = vendorOf(need(flags, 'vendor'));
  const [configPath, masterPath] = [may(flags, 'config'), may(flags, 'master')];
  const config = configPath === undefined ? undefined : await readConfig(io, configPath);
  const master = masterPath === undefined ? undefined : await io.read(masterPath);
  if (masterPath !== undefined && !master) throw new InputError('there is no file with the master key');
  const epoch = mayNumber(flags, 'epoch');
  const until = Date.UTC(new Date(io.now() * 1000).getUTCFullYear() + TABLE_YEARS + 1, 0, 1) / 1000;
  const { timeZone, gridOffset, offsets } = zoneFacts(need(flags, 'time-zone'), TABLE_FROM, until);
  const rules = typeof vendor.rules === 'function' ? vendor.rules(config) : vendor.rules;
  const token = createToken({
    vendor,
    deviceId: need(flags, 'device-id'),
    ...(master ? { master } : { root: io.random(32) }),
    ...(epoch !== undefined && { epoch }),
    timeZone,
    gridOffset,
    ...(rules.clock === 'civil' && { offsets }),
    ...(config !== undefined && { config }),
  });
  writeToken(io, token, may(flags, 'format'));
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
  return 0;
}

function kindJson({ id, axis, length, variances, firstUse }: Kind): object {
  return {
    kind: id,
    ...(axis.on === 'civil-day' &&
      length.in === 'days' && { civil: true, opens: axis.opens, closes: length.closes }),
    lengths: length.of,
    unit: length.in,
    variances,
    ...(firstUse !== undefined && { first_use_within: firstUse }),
  };
}

/** The layout in full: with the secret, another implementation can compute every code from it. */
export function layoutJson(token: DeviceToken): object {
  const { rules } = token;
  const { layout } = prepareRules(rules);
  return {
    id: layout.id,
    digits: layout.digits,
    grid_seconds: rules.grid,
    s: layout.perSlot,
    slots_per_page: layout.slotsPerPage,
    ...(rules.lanes && { lanes: rules.lanes }),
    kinds: rules.kinds.map(kindJson),
  };
}

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
    lock: rules.lock,
  };
}

const day = (instant: number | undefined): string =>
  new Date((instant ?? 0) * 1000).toISOString().slice(0, 10);

function lengthText({ length }: Kind): string {
  const scale = length.in === 'days' ? 1 : 3600;
  const unit = length.in === 'days' ? 'days' : 'h';
  const { of } = length;
  const text =
    'step' in of ? `${of.from / scale}–${of.to / scale}` : of.map((each) => each / scale).join(', ');
  return `${text} ${unit}`;
}

export async function tokenInspect(io: Io, flags: Flags): Promise<number> {
  const token = await readTokenFile(io, need(flags, 'token'));
  if (flags['json'] === true) {
    io.out(JSON.stringify(inspection(token)));
    return 0;
  }
  const { vendor, rules, offsets } = token;
  io.out(`vendor       ${vendor.id} (codes: ${vendor.codes})`);
  io.out(`device       ${token.deviceId}, epoch ${token.epoch}`);
  io.out(
    `holds        ${token.holds === 'root' ? 'the root: every epoch' : 'the key of this epoch only'} (not shown)`,
  );
  io.out(`time zone    ${token.timeZone}, hours begin at minute ${token.gridOffset} UTC`);
  if (offsets) io.out(`offsets      ${day(offsets[0]?.[0])} to ${day(offsets.at(-1)?.[0])}`);
  if (token.variances) io.out(`variances    ${token.variances.join(' to ')}`);
  io.out(
    `layout       ${rules.layout}: ${rules.digits} digits, ${rules.grid} s a slot, S = ${rules.perSlot}`,
  );
  for (const kind of rules.kinds) {
    const opens =
      kind.axis.on === 'civil-day' && kind.length.in === 'days'
        ? `, ${kind.axis.opens} to ${kind.length.closes}`
        : '';
    io.out(`  ${kind.id.padEnd(10)} ${lengthText(kind)}${opens}, ${kind.variances} a window`);
  }
  return 0;
}
