/**
 * `pintumbler devices add | list | remove`: the shelf of devices in a store that lasts, each sealed. A server on the same
 * PostgreSQL takes over what changes within seconds.
 */
import { fail, PintumblerError, shown } from '../errors.ts';
import type { SeamDevice, SqlStore } from '../seam/index.ts';
import { UUID } from '../seam/objects.ts';
import { builtIn } from '../vendors/index.ts';
import { deviceTable, named } from './announce.ts';
import { type Flags, InputError, type Io, need, UsageError } from './io.ts';
import { readDevices, registered } from './serve-files.ts';
import { openStore, whereIn } from './stores.ts';

async function withStore(io: Io, flags: Flags, work: (store: SqlStore) => Promise<void>): Promise<number> {
  const where = whereIn(flags);
  if (where.kind === 'memory')
    throw new UsageError('--store takes a folder or postgres://...: memory keeps no devices');
  const { store, close } = await openStore(io, flags, where, { rotate: false });
  try {
    await work(store);
  } finally {
    await close();
  }
  return 0;
}

/** @throws PintumblerError `bad_argument` where one of the locks is there by another id */
export async function putOnShelf(io: Io, store: SqlStore, devices: readonly SeamDevice[]): Promise<void> {
  try {
    await store.devices.put(devices, builtIn, io.now());
  } catch (error) {
    if (!(error instanceof PintumblerError) || error.code !== 'bad_argument') throw error;
    // The devices are right, each and together; its message counts those on the shelf before them.
    fail(
      'bad_argument',
      'one of the devices is in the store already, by another device_id: remove that one first',
    );
  }
}

export async function devicesAdd(io: Io, flags: Flags): Promise<number> {
  const given = await readDevices(io, need(flags, 'devices'));
  registered(given, io.now());
  return withStore(io, flags, async (store) => {
    await putOnShelf(io, store, given);
    const all = await store.devices.all(builtIn);
    io.err(`${named(given.length, 'device')} put into the store, which has ${all.length} now`);
  });
}

export const devicesList = (io: Io, flags: Flags): Promise<number> =>
  withStore(io, flags, async (store) => {
    const devices = registered(await store.devices.all(builtIn), io.now());
    if (flags['json'] !== true) {
      for (const row of deviceTable(devices)) io.out(row);
      return;
    }
    for (const { id, object, token } of devices) {
      const { display_name: name, device_type } = object;
      const { vendor, epoch } = token;
      io.out(
        JSON.stringify({ device_id: id, name, device_type, vendor: vendor.id, codes: vendor.codes, epoch }),
      );
    }
  });

export function devicesRemove(io: Io, flags: Flags): Promise<number> {
  const id = need(flags, 'device-id');
  if (!UUID.test(id)) fail('bad_argument', `--device-id expected a UUID, got ${shown(id)}`);
  return withStore(io, flags, async (store) => {
    if (!(await store.devices.remove(id)))
      throw new InputError('--device-id: there is no such device in the store');
    io.err('1 device removed from the store; what was given out for it stays so');
  });
}
