/**
 * Looking things up: access codes, action attempts, events and devices.
 */
import { read } from '../index.ts';
import type { Context } from './context.ts';
import { type RegisteredDevice, uuidFrom } from './devices.ts';
import { refuse, refuseInput, refuseRequest } from './errors.ts';
import { ACTION, assignedOf, isDeleted } from './lifecycle.ts';
import type { AccessCode, ActionAttempt, Device, Pagination, SeamEvent } from './objects.ts';
import type {
  ConstraintParameters,
  DeviceListParameters,
  DeviceParameters,
  EventListParameters,
  GetParameters,
  ListParameters,
} from './parameters.ts';
import type { StoredCode } from './store.ts';

const DEFAULT_LIMIT = { codes: 55_000, devices: 500, events: 500 } as const;

/** Where a list goes on: after what, and of which list. */
export function readCursor(cursor: string | null | undefined, list: string): number {
  if (cursor === undefined || cursor === null) return 0;
  let parts: unknown;
  try {
    parts = JSON.parse(atob(cursor));
  } catch {
    refuseInput('page_cursor', 'Invalid page cursor');
  }
  const [after, of]: readonly unknown[] = Array.isArray(parts) ? parts : [];
  if (typeof after !== 'number' || !Number.isSafeInteger(after) || after < 0)
    refuseInput('page_cursor', 'Invalid page cursor');
  if (of !== list)
    refuse('mismatched_page_parameters', 'Parameters must be those of the page that the cursor came from');
  return after;
}

export const pagination = (after: number | undefined, list: string): Pagination => ({
  has_next_page: after !== undefined,
  next_page_cursor: after === undefined ? null : btoa(JSON.stringify([after, list])),
  next_page_url: null,
});

/** Whether a name or an id has what is searched for. */
const matches = (search: string, ...texts: readonly (string | null)[]): boolean =>
  texts.some((text) => text?.toLowerCase().includes(search.toLowerCase()));

export async function get(
  context: Context,
  { id, deviceId, code }: GetParameters,
): Promise<{ readonly access_code: AccessCode }> {
  const { store, now, isListed, shown, byIds } = context;
  const at = now();
  if (id === undefined && deviceId === undefined && code === undefined)
    refuseRequest('Either "access_code_id" OR "code" and "device_id" must be provided');
  if (id === undefined && (deviceId === undefined || code === undefined))
    refuseRequest('Both "device_id" and "code" must be provided if one is');
  const found =
    id === undefined
      ? await store.find({ by: 'code', deviceId: deviceId ?? '', code: code ?? '', now: at })
      : await byIds([id], at);
  const [record] = found.filter(
    (each) =>
      isListed(each) &&
      (deviceId === undefined || each.deviceId === deviceId) &&
      (code === undefined || assignedOf(each.issued, at)?.code === code),
  );
  // What was asked for is not repeated: it may be a code.
  if (!record) return refuse('not_found', 'Access Code Not Found');
  return { access_code: await shown(record, at) };
}

export async function list(
  context: Context,
  wish: ListParameters,
): Promise<{ readonly access_codes: readonly AccessCode[]; readonly pagination: Pagination }> {
  const { store, now, deviceOf, isListed, shownAll, byIds } = context;
  const at = now();
  const { deviceId, ids, search, limit: most = DEFAULT_LIMIT.codes, cursor } = wish;
  if (deviceId === undefined && ids === undefined)
    refuseRequest("Either 'device_id' or 'access_code_ids' is required");
  const of = uuidFrom('codes', deviceId ?? '', JSON.stringify(ids ?? null), search ?? '');
  const after = readCursor(cursor, of);
  if (deviceId !== undefined) deviceOf(deviceId);
  const fits = (record: StoredCode): boolean =>
    isListed(record) &&
    (deviceId === undefined || record.deviceId === deviceId) &&
    (search === undefined || matches(search, record.name, record.id));
  if (ids !== undefined) {
    // The cursor is a place among the ids that were asked for: which of them are there changes with time.
    const asked = [...new Set(ids)];
    const there = new Map((await byIds(asked, at)).filter(fits).map((record) => [record.id, record]));
    const page: StoredCode[] = [];
    let place = after;
    for (; place < asked.length && page.length < most; place++) {
      const record = there.get(asked[place] ?? '');
      if (record) page.push(record);
    }
    const isMore = asked.slice(place).some((each) => there.has(each));
    return { access_codes: await shownAll(page, at), pagination: pagination(isMore ? place : undefined, of) };
  }
  // One more than fits on the page says whether there is another.
  const page: StoredCode[] = [];
  for (let from = after; page.length <= most; ) {
    const records = await store.find({ by: 'page', deviceId, after: from, limit: most + 1, now: at });
    page.push(...records.filter(fits));
    const last = records.at(-1);
    if (!last || records.length <= most) break;
    from = last.seq;
  }
  const shownCodes = page.slice(0, most);
  const next = page.length > most ? shownCodes.at(-1)?.seq : undefined;
  return { access_codes: await shownAll(shownCodes, at), pagination: pagination(next, of) };
}

/** Digits that mean nothing to the lock now, of `uuid`. */
export async function generateCode(
  context: Context,
  {
    deviceId,
  }: {
    readonly deviceId: string;
  },
): Promise<{ readonly generated_code: { readonly device_id: string; readonly code: string } }> {
  const { uuid, now, deviceOf } = context;
  const at = now();
  const device = deviceOf(deviceId);
  const [length] = device.lengths;
  if (length === undefined) return refuseInput('device_id', 'The device has no access codes');
  for (let tries = 0; tries < 1000; tries++) {
    const digits = BigInt(`0x${uuidFrom('code', uuid()).replaceAll('-', '')}`).toString();
    const code = digits.padStart(length, '0').slice(-length);
    if (meansNothing(device, code, at)) return { generated_code: { device_id: device.id, code } };
  }
  return refuseInput('device_id', 'Every code of the device means something');
}

export async function reportConstraints(
  context: Context,
  { deviceId, lengths, least, most }: ConstraintParameters,
): Promise<object> {
  const { deviceOf } = context;
  const device = deviceOf(deviceId);
  if (lengths === undefined && least === undefined && most === undefined)
    refuseRequest('Either supported_code_lengths or min_code_length and max_code_length must be provided');
  if (least !== undefined && most !== undefined && least > most)
    refuseInput('max_code_length', 'Must not be below min_code_length');
  const fits = device.lengths.filter(
    (length) => (lengths?.includes(length) ?? true) && length >= (least ?? 0) && length <= (most ?? Infinity),
  );
  if (fits.length === device.lengths.length) return {};
  const parameter = lengths ? 'supported_code_lengths' : 'min_code_length';
  return refuseInput(
    parameter,
    `Codes of the device have ${device.lengths.join(' or ')} symbols: that cannot be reported away`,
  );
}

export async function attempt(
  context: Context,
  { id }: { readonly id: string },
): Promise<{ readonly action_attempt: ActionAttempt }> {
  const { store, now, isListed, shown } = context;
  const at = now();
  const record = await store.attempt(id);
  const found = record?.attempts.find((each) => each.id === id);
  if (!record || !found || !isListed(record))
    return refuse('action_attempt_not_found', 'Could not find an action_attempt with action_attempt_id', {
      data: { action_attempt_id: id },
    });
  const known = { action_attempt_id: id, action_type: ACTION[found.type] };
  if (found.lack) {
    const message = 'No code could be given out; "errors" of the access code says why';
    const error = { type: 'uncategorized_error', message };
    return { action_attempt: { ...known, status: 'error', result: null, error } };
  }
  if (found.assignedAt !== undefined && at < found.assignedAt && !isDeleted(record))
    return { action_attempt: { ...known, status: 'pending', result: null, error: null } };
  const isGone = record.goneAt !== null && record.goneAt <= at;
  const result = isGone || found.type === 'delete' ? {} : { access_code: await shown(record, at) };
  return { action_attempt: { ...known, status: 'success', result, error: null } };
}

export async function listEvents(
  context: Context,
  wish: EventListParameters,
): Promise<{ readonly events: readonly SeamEvent[] }> {
  const { store, now, deviceOf, ownerOf, isListed, told } = context;
  const at = now();
  const [since, until] = spanOf(wish, at);
  const { account, limit: most = DEFAULT_LIMIT.events, offset = 0 } = wish;
  const { codeIds, deviceIds } = wish;
  const [eventIds, types] = [setOf(wish.eventIds), setOf(wish.types)];
  for (const id of deviceIds ?? []) deviceOf(id);
  const happened = (await store.active({ since, until, ids: codeIds, deviceIds }))
    .filter(
      (record) =>
        isListed(record) &&
        (account === undefined || ownerOf(record).object.connected_account_id === account),
    )
    .flatMap((record) => told(record, Math.min(at, until)))
    .filter((each) => each.at >= since && (types?.has(each.type) ?? true))
    .sort((one, other) => one.at - other.at);
  // Ids are not free: without a filter by them, only those of the page are made.
  if (!eventIds) return { events: happened.slice(offset, offset + most).map(({ event }) => event()) };
  const found = happened.map(({ event }) => event()).filter(({ event_id }) => eventIds.has(event_id));
  return { events: found.slice(offset, offset + most) };
}

/** Lists of a caller can be long. */
const setOf = (list: readonly string[] | undefined): ReadonlySet<string> | undefined => list && new Set(list);

export async function getDevice(
  { devices }: Context,
  { deviceId, name }: DeviceParameters,
): Promise<{ readonly device: Device }> {
  if (deviceId === undefined && name === undefined)
    refuseRequest('Either "device_id" or "name" must be provided');
  const device = devices.find(
    ({ id, object }) =>
      (deviceId === undefined || id === deviceId) && (name === undefined || object.display_name === name),
  );
  if (!device) return refuse('device_not_found', 'Device not found');
  return { device: device.object };
}

export async function listDevices(
  { devices }: Context,
  wish: DeviceListParameters,
): Promise<{ readonly devices: readonly Device[]; readonly pagination: Pagination }> {
  const { limit: most = DEFAULT_LIMIT.devices, cursor, ...filter } = wish;
  const of = uuidFrom('devices', JSON.stringify(filter));
  const after = readCursor(cursor, of);
  const found = devices.map(({ object }) => object).filter((device) => isAskedFor(device, filter));
  const next = found.length > after + most ? after + most : undefined;
  return { devices: found.slice(after, after + most), pagination: pagination(next, of) };
}

/** Whether digits are those of no code that the lock knows within a year; what cannot be read is taken to be none. */
function meansNothing({ token }: RegisteredDevice, code: string, at: number): boolean {
  if ('remote' in token.vendor.scheme || token.rules.counts) return true;
  return read(token, code, at).length === 0;
}

/** Epoch seconds of a timestamp, fraction included. Without an offset it is UTC: there is no device whose time it could be. */
function secondsOf(name: string, text: string): number {
  const hasZone = /(?:[Zz]|[+-]\d\d:?\d\d)$/.test(text);
  const parsed = Date.parse(hasZone ? text : `${text}Z`);
  if (Number.isNaN(parsed)) refuseInput(name, 'Must be parsable date string if defined');
  return parsed / 1000;
}

/** The time of which events are wanted, in epoch seconds. */
function spanOf({ since, between }: EventListParameters, now: number): readonly [number, number] {
  if ((since === undefined) === (between === undefined))
    refuseRequest('Either "since" or "between" must be provided, and not both');
  if (since !== undefined) return [Math.ceil(secondsOf('since', since)), now];
  if (between?.length !== 2) return refuseInput('between', 'Expected two dates');
  const [from = 0, to = 0] = between.map((text) => secondsOf('between', text));
  return [Math.ceil(from), Math.floor(to)];
}

/** Whether a device is one of those asked for. */
function isAskedFor(device: Device, wish: Omit<DeviceListParameters, 'limit' | 'cursor'>): boolean {
  const { ids, types, manufacturer, accounts, includeIf, excludeIf, createdBefore, search } = wish;
  const flags: Readonly<Record<string, unknown>> = { ...device };
  return (
    (ids?.includes(device.device_id) ?? true) &&
    (types?.includes(device.device_type) ?? true) &&
    (manufacturer === undefined || device.properties.manufacturer === manufacturer) &&
    (accounts?.includes(device.connected_account_id) ?? true) &&
    (includeIf?.every((flag) => flags[flag] === true) ?? true) &&
    !(excludeIf?.some((flag) => flags[flag] === true) ?? false) &&
    (createdBefore === undefined ||
      Date.parse(device.created_at) / 1000 < secondsOf('created_before', createdBefore)) &&
    (search === undefined || matches(search, device.display_name, device.device_id))
  );
}
