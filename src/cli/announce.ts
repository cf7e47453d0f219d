/**
 * What `pintumbler serve` says when it begins: which devices there are and what their codes are worth, what is limited, where
 * the registry stands, and what an SDK is given.
 */
import type { RegisteredDevice } from '../seam/devices.ts';
import { VERSION } from './help.ts';
import type { Log } from './log.ts';
import type { Keys } from './serve-files.ts';
import { hasPassword, type Where } from './stores.ts';
import { tellEmulated } from './words.ts';

/** Lines of a table that fit a screen; the rest is counted. */
const MOST_ROWS = 20;

export const named = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** A table of devices, without any secret. */
export function deviceTable(devices: readonly RegisteredDevice[]): readonly string[] {
  const rows = [
    ['name', 'device id', 'vendor', 'codes'],
    ...devices.map(({ object, id, token: { vendor } }) => [object.display_name, id, vendor.id, vendor.codes]),
  ];
  const widths = rows.reduce((most, row) => row.map((cell, at) => Math.max(most[at] ?? 0, cell.length)), [0]);
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
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

function tellVendors(log: Log, devices: readonly RegisteredDevice[]): void {
  for (const vendor of new Set(devices.map(({ token }) => token.vendor))) {
    const its = devices.filter(({ token }) => token.vendor === vendor);
    const makes = its.some(({ programmable }) => programmable);
    log.event('info', 'vendor', { vendor: vendor.id, codes: vendor.codes, devices: its.length });
    if (makes && vendor.codes === 'published')
      log.say(`${vendor.id}: published, its codes open a real lock that has the token's key and settings`);
    tellEmulated({ err: log.say }, vendor, 'its');
  }
  const without = devices
    .filter(({ programmable }) => !programmable)
    .map((device) => [device.token.vendor.id, whyNone(device)].join('\n'));
  for (const each of new Set(without)) {
    const [id = '', why] = each.split('\n');
    const count = without.filter((other) => other === each).length;
    const line = `${id}: no access codes for ${named(count, 'device')}: ${why}`;
    log.event('warn', 'no_access_codes', { vendor: id, devices: count }, line);
  }
}

export function tellDevices(log: Log, devices: readonly RegisteredDevice[]): void {
  const [head = '', ...rows] = deviceTable(devices);
  const shown = rows.slice(0, MOST_ROWS);
  log.event(
    devices.length > 0 ? 'info' : 'warn',
    'devices',
    { devices: devices.length },
    `${named(devices.length, 'device')}:`,
  );
  for (const row of [head, ...shown]) log.say(`  ${row}`);
  if (rows.length > shown.length)
    log.say(`  and ${rows.length - shown.length} more, which /devices/list has`);
  const roots = devices.filter(({ token }) => token.holds === 'root').length;
  if (roots > 0) {
    const line = `${named(roots, 'token')} with a root: what "token derive" prints is enough for a server, and safer there`;
    log.event('warn', 'tokens_with_root', { devices: roots }, line);
  }
  tellVendors(log, devices);
}

export function tellStore(log: Log, where: Where): void {
  const fields = { store: where.kind };
  const said = {
    memory:
      'store: memory. What was given out is forgotten at the end, and the next run gives the same codes to others: for tests only',
    folder: 'store: a folder, of this process alone; what is answered is on its disk',
    postgres: 'store: PostgreSQL, shared with every server that has it and the store key',
  };
  log.event(where.kind === 'memory' ? 'warn' : 'info', 'store', fields, said[where.kind]);
  if (hasPassword(where)) {
    const line =
      'warning: there is a password in the URL of --store, and who lists processes here reads it: PGPASSWORD and ~/.pgpass keep it out';
    log.event('warn', 'password_in_arguments', {}, line);
  }
}

const isLocal = (host: string): boolean => /^(?:127\.[\d.]+|::1|localhost)$/.test(host);

export function tellNetwork(log: Log, host: string): void {
  if (isLocal(host)) return;
  const line = 'warning: others on the network can reach it, and without TLS they can read keys and codes';
  log.event('warn', 'no_tls', {}, line);
}

/** The last line, for the hurried: what an SDK is given. */
export function tellEndpoint(
  log: Log,
  url: string,
  { plain }: Keys,
  { path, made }: { path: string; made: boolean },
): void {
  const file = path === '-' ? 'standard input' : path;
  const line = plain === 0 ? 'one whose hash is' : plain === 1 ? 'the line seam_...' : 'a line seam_...';
  const text = `endpoint ${url}, apiKey: ${line} in ${file}${made ? ', just made' : ''}`;
  log.event('info', 'listening', { url, version: VERSION }, text);
}
