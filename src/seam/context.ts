/**
 * What every call needs: the options, checked, the devices, and what the store holds, by ids and as Seam's objects.
 */
import { checkFields, checkInteger, expected, fail, LAST_INSTANT } from '../errors.ts';
import type { Issuer } from '../index.ts';
import { DeviceToken } from '../token.ts';
import { type RegisteredDevice, registry, type SeamDevice } from './devices.ts';
import { refuse } from './errors.ts';
import { clearedBefore, type Desk } from './issuing.ts';
import { accessCodeOf, eventsOf, type Happened, hasBackup, isDeleted } from './lifecycle.ts';
import type { AccessCode } from './objects.ts';
import type { Outbox } from './outbox.ts';
import type { ErrorCodes } from './refusals.ts';
import type { CodeRecord, Store, StoredCode } from './store.ts';
import type { Moment } from './wishes.ts';

export interface ServiceOptions {
  readonly devices: readonly SeamDevice[];
  readonly store: Store;
  /** Keeps webhooks and what they are owed, such as the `outbox` of that store; without it there are no webhooks. */
  readonly outbox?: Outbox;
  /** The time in whole epoch seconds, such as `Math.floor(Date.now() / 1000)`. */
  readonly now: () => number;
  /** A new random UUID with each call, such as `crypto.randomUUID`. */
  readonly uuid: () => string;
  /** Seconds after which a code may be seen, 0 if absent: until then it is null and waiting, as at Seam. */
  readonly assignAfter?: number;
  /** `current`, if absent: codes of @seamapi/types 1.977.0 in `errors`; `legacy`: those of SDKs before 2026. */
  readonly errorCodes?: ErrorCodes;
  /** False: none. If absent, Seam's for each device: 10 creations, 10 updates and 20 deletions a minute. */
  readonly rateLimits?: false;
  /** Makes the codes of vendors whose scheme is remote. */
  readonly issuer?: Issuer;
  /** UUID of the workspace; one of its own if absent. */
  readonly workspaceId?: string;
}

/** Seam's: docs.seam.co, "rate limits and guardrails". */
const LIMITS = { create: 10, update: 10, delete: 20 } as const;
const MINUTE = 60;

export const SERVICE_OPTIONS: readonly string[] = [
  'devices',
  'store',
  'outbox',
  'now',
  'uuid',
  'assignAfter',
  'errorCodes',
  'rateLimits',
  'issuer',
  'workspaceId',
];

const STORE_METHODS = [
  'write',
  'taken',
  'last',
  'find',
  'attempt',
  'active',
  'replayed',
  'allow',
] as const satisfies readonly (keyof Store)[];

const OUTBOX_METHODS = [
  'addWebhook',
  'changeWebhook',
  'dropWebhook',
  'silenceWebhook',
  'webhooks',
  'claimDue',
  'told',
  'owed',
  'claimDeliveries',
  'settle',
  'deliveries',
  'forget',
  'nextDue',
] as const satisfies readonly (keyof Outbox)[];

/** One of another make could lack a method that is called seldom. */
function checkMethods<K extends string>(
  field: string,
  wanted: string,
  value: Readonly<Record<K, unknown>>,
  names: readonly K[],
): void {
  if (typeof value !== 'object' || value === null) expected(field, wanted, value);
  for (const name of names)
    if (typeof value[name] !== 'function') expected(`${field}.${name}`, `a method of ${wanted}`, value[name]);
}

const checkStore = (store: Store): void =>
  checkMethods('store', 'a store such as memoryStore()', store, STORE_METHODS);

const checkOutbox = (outbox: Outbox): void =>
  checkMethods('outbox', 'an outbox such as that of sqlStore()', outbox, OUTBOX_METHODS);

/** The likeliest slip with devices: the token itself in the place of the device. */
function checkDevices(devices: readonly SeamDevice[]): void {
  if (!Array.isArray(devices)) expected('devices', 'a list of devices', devices);
  for (const [index, device] of Array.from<unknown>(devices).entries())
    if (device instanceof DeviceToken)
      fail('bad_argument', `"devices[${index}]" expected { token }, got the token itself`);
}

function checkOptions(options: ServiceOptions): void {
  checkFields('options', options, SERVICE_OPTIONS);
  const { devices, store, outbox, now, uuid, assignAfter = 0 } = options;
  const { errorCodes = 'current', rateLimits, issuer } = options;
  checkDevices(devices);
  checkStore(store);
  if (outbox !== undefined) checkOutbox(outbox);
  if (typeof now !== 'function') expected('now', 'a function that gives whole epoch seconds', now);
  if (typeof uuid !== 'function') expected('uuid', 'a function that gives a new UUID', uuid);
  checkInteger('assignAfter', assignAfter, 0, 86_400);
  if (errorCodes !== 'current' && errorCodes !== 'legacy')
    expected('errorCodes', '"current" or "legacy"', errorCodes);
  if (rateLimits !== undefined && rateLimits !== false)
    expected('rateLimits', 'false or nothing', rateLimits);
  if (issuer !== undefined && typeof issuer !== 'function')
    expected('issuer', 'a function that makes the code', issuer);
}

/** The ground that the calls stand on. */
export type Context = ReturnType<typeof contextOf>;

/** @throws PintumblerError `bad_argument`, `out_of_range` */
export function contextOf(options: ServiceOptions) {
  checkOptions(options);
  const { store, outbox, uuid, assignAfter = 0, errorCodes = 'current', rateLimits, issuer } = options;
  const now = (): number => {
    const instant = options.now();
    checkInteger('now', instant, 0, LAST_INSTANT);
    return instant;
  };
  const { workspaceId, byId, all } = registry(options.devices, {
    now: now(),
    hasIssuer: issuer !== undefined,
    ...(options.workspaceId !== undefined && { workspaceId: options.workspaceId }),
  });

  const deskAt = (at: number): Desk => ({ store, now: at, assignAfter, issuer });

  function deviceOf(id: string): RegisteredDevice {
    return byId.get(id) ?? refuse('device_not_found', 'Device not found', { data: { device_id: id } });
  }

  /** The device of an access code that the store holds: it may have been taken off the list since. */
  const ownerOf = ({ deviceId }: CodeRecord): RegisteredDevice => deviceOf(deviceId);

  const isListed = ({ deviceId }: CodeRecord): boolean => byId.has(deviceId);

  async function limit(action: keyof typeof LIMITS, deviceId: string, at: number): Promise<void> {
    if (rateLimits === false) return;
    if (await store.allow(`${action}/${deviceId}`, at, LIMITS[action], MINUTE)) return;
    refuse('rate_limit_exceeded', `At most ${LIMITS[action]} such requests a minute for one device`);
  }

  const momentOf = async (
    device: RegisteredDevice,
    at: number,
    after: number = assignAfter,
  ): Promise<Moment> => ({
    now: at,
    by: at + after,
    cleared: await clearedBefore(store, device),
  });

  /** Asks the store once for all of them, and once for each device. */
  async function shownAll(records: readonly StoredCode[], at: number): Promise<readonly AccessCode[]> {
    const places = records.map(({ deviceId, issued, usesBackups }) => ({
      deviceId,
      // No code has no window.
      window: (usesBackups && issued?.window) || '',
    }));
    const asked = places.filter(({ window }) => window !== '');
    const taken = asked.length > 0 ? await store.taken(asked) : [];
    const counts = new Map(asked.map((place, index) => [JSON.stringify(place), taken[index]?.length ?? 0]));
    const devices = [...new Set(records.map(ownerOf))];
    const cleared = new Map(
      await Promise.all(
        devices.map(async (device) => [device.id, await clearedBefore(store, device)] as const),
      ),
    );
    return records.map((record, index) => {
      const device = ownerOf(record);
      return accessCodeOf(device, record, at, {
        workspaceId,
        errorCodes,
        hasBackup: hasBackup(device, record, counts.get(JSON.stringify(places[index])) ?? 0),
        cleared: cleared.get(device.id) ?? 0,
      });
    });
  }

  async function shown(record: StoredCode, at: number): Promise<AccessCode> {
    const [object] = await shownAll([record], at);
    if (!object) throw new Error('an access code that is not shown');
    return object;
  }

  const told = (record: StoredCode, until: number): readonly Happened[] =>
    eventsOf(ownerOf(record), record, until, { workspaceId, errorCodes });

  async function byIds(ids: readonly string[], at: number): Promise<readonly StoredCode[]> {
    const found = await store.find({ by: 'ids', ids, now: at });
    return found.filter(isListed);
  }

  /** An access code that is not gone. */
  async function there(id: string, deviceId: string | undefined, at: number): Promise<StoredCode> {
    const [record] = await byIds([id], at);
    if (record && (deviceId === undefined || record.deviceId === deviceId)) return record;
    return refuse(
      'access_code_not_found',
      deviceId === undefined
        ? 'Could not find an access_code with access_code_id'
        : 'Could not find an access_code with device_id or access_code_id',
      { data: { access_code_id: id, ...(deviceId !== undefined && { device_id: deviceId }) } },
    );
  }

  /** One that can still be changed. */
  async function changeable(id: string, deviceId: string | undefined, at: number): Promise<StoredCode> {
    const record = await there(id, deviceId, at);
    if (!isDeleted(record)) return record;
    return refuse('access_code_not_found', 'The access_code was deleted', { data: { access_code_id: id } });
  }

  return {
    store,
    outbox,
    uuid,
    now,
    devices: all,
    byId,
    deskAt,
    momentOf,
    deviceOf,
    ownerOf,
    isListed,
    limit,
    shown,
    shownAll,
    told,
    byIds,
    there,
    changeable,
  };
}
