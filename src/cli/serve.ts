/** `pintumbler serve`: the Seam-compatible facade over HTTP. For tests: its store is memory. */
import { bytesToHex } from '@noble/hashes/utils.js';
import { fail, PintumblerError, shown, shownNumber } from '../errors.ts';
import { type RegisteredDevice, registry } from '../seam/devices.ts';
import { memoryStore, type SeamDevice, seamHandler } from '../seam/index.ts';
import { type Flags, type Io, may, need, UsageError } from './io.ts';
import { type Keys, makeKeys, readDevices, readKeys } from './serve-files.ts';
import { snakeCase, tellEmulated } from './words.ts';

/** RFC 9562, version 4. */
function uuid4(io: Io): string {
  const digits = bytesToHex(io.random(16));
  const variant = '89ab'.charAt(Number.parseInt(digits.charAt(16), 16) % 4);
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    variant + digits.slice(17, 20),
  ];
  return [...parts, digits.slice(20)].join('-');
}

/** What the facade makes of them. Its refusals count from 0 and name fields as the library does. */
function registered(devices: readonly SeamDevice[], now: number): readonly RegisteredDevice[] {
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

/** Lines of a table that fit a screen; the rest is counted. */
const MOST_ROWS = 20;

const named = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

function tellDevices(io: Io, devices: readonly RegisteredDevice[]): void {
  const rows = [
    ['name', 'device id', 'vendor', 'codes'],
    ...devices
      .slice(0, MOST_ROWS)
      .map(({ object, id, token: { vendor } }) => [object.display_name, id, vendor.id, vendor.codes]),
  ];
  const widths = rows.reduce((most, row) => row.map((cell, at) => Math.max(most[at] ?? 0, cell.length)), [0]);
  io.err(`${named(devices.length, 'device')}:`);
  for (const row of rows)
    io.err(
      `  ${row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd()}`,
    );
  if (devices.length > MOST_ROWS) io.err(`  and ${devices.length - MOST_ROWS} more, which /devices/list has`);
  const roots = devices.filter(({ token }) => token.holds === 'root').length;
  if (roots > 0)
    io.err(
      `${named(roots, 'token')} with a root: what "token derive" prints is enough for a server, and safer there`,
    );
}

/** Why a device makes no access codes. */
function whyNone({ object }: RegisteredDevice): string {
  if (object.can_program_offline_access_codes === false)
    return 'the token has no offset table of its time zone; "token create" makes one';
  // A device says nothing of codes that no request of Seam's can mean.
  return object.can_unlock_with_code
    ? 'its codes answer what the lock asks, and Seam has no request for that'
    : 'its codes are credit, and Seam has no request for that';
}

function tellVendors(io: Io, devices: readonly RegisteredDevice[]): void {
  for (const vendor of new Set(devices.map(({ token }) => token.vendor))) {
    const makes = devices.some(({ token, programmable }) => programmable && token.vendor === vendor);
    if (makes && vendor.codes === 'published')
      io.err(`${vendor.id}: published, its codes open a real lock that has the token's key and settings`);
    tellEmulated(io, vendor, 'its');
  }
  const without = devices
    .filter(({ programmable }) => !programmable)
    .map((device) => [device.token.vendor.id, whyNone(device)].join('\n'));
  for (const each of new Set(without)) {
    const [id, why] = each.split('\n');
    const count = without.filter((other) => other === each).length;
    io.err(`${id}: no access codes for ${named(count, 'device')}: ${why}`);
  }
}

/** The last line, for the hurried: what an SDK is given. */
function tellEndpoint(
  io: Io,
  url: string,
  { plain }: Keys,
  { path, made }: { path: string; made: boolean },
): void {
  const file = path === '-' ? 'standard input' : path;
  const line = plain === 0 ? 'one whose hash is' : plain === 1 ? 'the line seam_...' : 'a line seam_...';
  io.err(`endpoint ${url}, apiKey: ${line} in ${file}${made ? ', just made' : ''}`);
}

const isLocal = (host: string): boolean => /^(?:127\.[\d.]+|::1|localhost)$/.test(host);

/** Which file has the keys; by default it stands beside the devices and is made if it is not there. */
async function keysOf(io: Io, flags: Flags, devices: string): Promise<{ path: string; made: boolean }> {
  const given = may(flags, 'keys');
  if (given !== undefined) {
    if (given === '-' && devices === '-')
      throw new UsageError('--devices and --keys cannot both be standard input');
    return { path: given, made: false };
  }
  if (devices === '-')
    throw new UsageError('--keys is missing: beside standard input there is no place for a file');
  const path = `${devices}.keys`;
  return { path, made: await makeKeys(io, path) };
}

function errorCodesIn(flags: Flags): 'current' | 'legacy' {
  const codes = may(flags, 'error-codes') ?? 'current';
  if (codes !== 'current' && codes !== 'legacy')
    throw new UsageError('--error-codes takes current or legacy');
  return codes;
}

/** A flag with a whole number from 0. */
function mayCount(flags: Flags, name: string, most: number, wanted: string): number | undefined {
  const text = may(flags, name);
  if (text === undefined) return undefined;
  const isNumber = /^\d{1,16}$/.test(text);
  if (isNumber && Number(text) <= most) return Number(text);
  const came = isNumber ? shownNumber(Number(text)) : shown(text);
  return fail('bad_argument', `--${name} expected ${wanted}, got ${came}`);
}

export async function serve(io: Io, flags: Flags): Promise<number> {
  const devicesPath = need(flags, 'devices');
  if ((may(flags, 'store') ?? 'memory') !== 'memory')
    throw new UsageError('--store takes memory: stores that outlast the server are not there yet');
  const errorCodes = errorCodesIn(flags);
  const port = mayCount(flags, 'port', 65535, 'a port from 0 to 65535') ?? 8080;
  const assignAfter = mayCount(flags, 'assign-after', 86400, 'seconds from 0 to 86400, such as 30');
  const host = may(flags, 'host') ?? '127.0.0.1';
  const devices = await readDevices(io, devicesPath);
  const known = registered(devices, io.now());
  const place = await keysOf(io, flags, devicesPath);
  const keys = await readKeys(io, place.path);
  const handler = seamHandler({
    devices,
    store: memoryStore(),
    now: io.now,
    uuid: () => uuid4(io),
    apiKeys: keys.hashes,
    errorCodes,
    ...(assignAfter !== undefined && { assignAfter }),
    ...(flags['no-rate-limits'] === true && { rateLimits: false }),
    // Its text may quote what it stumbled over.
    onError: (error, requestId) =>
      io.err(
        `request ${requestId}: internal error (${error instanceof Error ? error.name : typeof error}); please report it, without secrets`,
      ),
  });
  const { url, ended } = await io.listen(handler, { host, port });
  tellDevices(io, known);
  tellVendors(io, known);
  io.err(
    flags['no-rate-limits'] === true
      ? 'limits: none'
      : 'limits: 10 creations, 10 updates and 20 deletions a minute a device, as Seam has them; --no-rate-limits turns them off',
  );
  if (!isLocal(host))
    io.err('warning: others on the network can reach it, and without TLS they can read keys and codes');
  io.err(
    'store: memory. What was given out is forgotten at the end, and the next run gives the same codes to others: for tests only',
  );
  io.out(url);
  tellEndpoint(io, url, keys, place);
  await ended;
  return 0;
}
