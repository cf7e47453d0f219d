/**
 * The facade's calls, between Seam's words and the four verbs. What a vendor allows is the vendor's, what was given out is
 * the store's; here is only what Seam's calls mean for codes that no line reaches.
 *
 * Source: Seam's access codes API (docs.seam.co) and @seamapi/types 1.977.0, as far as they go. Chosen here, because no
 * public source says: a code is there at once (`assignAfter` defers it); the times that come back are the code's own,
 * rounded; a new window is another code, which only who asks for it (`reissue`) gets, for the old one still opens.
 */
import { checkFields, checkInteger, expected, PintumblerError } from '../errors.ts';
import { type Issuer, read } from '../index.ts';
import { type RegisteredDevice, registry, type SeamDevice, uuidFrom } from './devices.ts';
import { refuse, refuseInput, refuseRequest, SeamError } from './errors.ts';
import { clearingOf, countKindOf, type Desk, giveOut, instantOf, type Order, planOf } from './issuing.ts';
import {
  accessCodeOf,
  assignedOf,
  endOf,
  eventsOf,
  hasBackup,
  isDeleted,
  schedulingAfter,
  stillOpen,
} from './lifecycle.ts';
import {
  type AccessCode,
  type ActionAttempt,
  type ActionType,
  type Device,
  type Pagination,
  type SeamEvent,
  timestamp,
} from './objects.ts';
import type {
  ConstraintParameters,
  CreateMultipleParameters,
  CreateParameters,
  DeleteParameters,
  DeviceListParameters,
  DeviceParameters,
  EventListParameters,
  GetParameters,
  ListParameters,
  UpdateMultipleParameters,
  UpdateParameters,
} from './parameters.ts';
import { type ErrorCodes, refusePlan } from './refusals.ts';
import type { Asked, CodeRecord, Happening, Issued, Lack, Store, StoredCode } from './store.ts';

export interface ServiceOptions {
  readonly devices: readonly SeamDevice[];
  readonly store: Store;
  /** The time in epoch seconds. */
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

/**
 * Seconds for which the same `create_multiple` is the same request: the SDK sends it up to three times, each for 30
 * seconds, when an answer is lost. Longer, and a second guest of the same times would get the first one's codes.
 */
const REPLAY = 120;

const DEFAULT_LIMIT = { codes: 55_000, devices: 500, events: 500 } as const;

export interface SeamService {
  create(
    asked: CreateParameters,
  ): Promise<{ readonly access_code: AccessCode; readonly action_attempt: ActionAttempt }>;
  createMultiple(asked: CreateMultipleParameters): Promise<{ readonly access_codes: readonly AccessCode[] }>;
  get(asked: GetParameters): Promise<{ readonly access_code: AccessCode }>;
  list(
    asked: ListParameters,
  ): Promise<{ readonly access_codes: readonly AccessCode[]; readonly pagination: Pagination }>;
  update(asked: UpdateParameters): Promise<{ readonly action_attempt: ActionAttempt }>;
  updateMultiple(asked: UpdateMultipleParameters): Promise<object>;
  remove(asked: DeleteParameters): Promise<{ readonly action_attempt: ActionAttempt }>;
  generateCode(asked: {
    readonly deviceId: string;
  }): Promise<{ readonly generated_code: { readonly device_id: string; readonly code: string } }>;
  pullBackup(asked: {
    readonly id: string;
  }): Promise<{ readonly access_code: AccessCode; readonly backup_access_code: AccessCode }>;
  reportConstraints(asked: ConstraintParameters): Promise<object>;
  attempt(asked: { readonly id: string }): Promise<{ readonly action_attempt: ActionAttempt }>;
  listEvents(asked: EventListParameters): Promise<{ readonly events: readonly SeamEvent[] }>;
  getDevice(asked: DeviceParameters): Promise<{ readonly device: Device }>;
  listDevices(
    asked: DeviceListParameters,
  ): Promise<{ readonly devices: readonly Device[]; readonly pagination: Pagination }>;
}

/** What `create`, `create_multiple` and `update` ask for in common. */
type Wish = Pick<CreateParameters, 'startsAt' | 'endsAt' | 'isOneTime' | 'rounding' | 'usesBackups'>;

const ONGOING = 'Offline codes are time-bound or for one use: starts_at and ends_at are required';

/** Refuses what no device could give, before one is looked at. */
function checkWish({ startsAt, endsAt, isOneTime = false, usesBackups = false }: Wish): void {
  if (startsAt === undefined && endsAt === undefined && usesBackups)
    refuseRequest('Cannot use the backup pool for ongoing codes');
  if (!isOneTime && (startsAt === undefined) !== (endsAt === undefined))
    refuseRequest('Both starts_at and ends_at must be provided if one is');
  if (!isOneTime && startsAt === undefined) refuseRequest(ONGOING, { reason: 'ongoing_not_supported' });
}

/** What `plan` says no to, in Seam's words. */
function refusing<T>({ token }: RegisteredDevice, run: () => T): T {
  try {
    return run();
  } catch (error) {
    return refusePlan(error, token.vendor.id);
  }
}

const instantsOf = (device: RegisteredDevice, { startsAt, endsAt }: Pick<Wish, 'startsAt' | 'endsAt'>) =>
  refusing(device, () => ({
    startsAt: startsAt === undefined ? undefined : instantOf(device, 'startsAt', startsAt),
    endsAt: endsAt === undefined ? undefined : instantOf(device, 'endsAt', endsAt),
  }));

/** Whether the code could still be keyed in for the first time. */
function isAlive(device: RegisteredDevice, asked: Asked, now: number): boolean {
  const { firstUseBy, grant } = planOf(device, asked, now);
  // Of a period, a code is taken after its end as well: too late to be given out.
  return firstUseBy > now && (grant.endsAt ?? Infinity) > now;
}

/** The window that is asked for; late, when that is past its first use, the one from now on, if it is not. */
function usableOf(device: RegisteredDevice, asked: Asked, now: number): Asked | undefined {
  if (isAlive(device, asked, now)) return asked;
  const late = { ...asked, startsAt: now };
  return asked.startsAt < now && isAlive(device, late, now) ? late : undefined;
}

/** Times in instants, and that the device has a code for them. Of codes that count: that nothing is asked of time. */
function askedOf(device: RegisteredDevice, wish: Wish, now: number): Asked {
  const { token } = device;
  if (!device.programmable) {
    const why = `Codes of vendor "${token.vendor.id}" cannot be made here: they are no access codes, or need something that the device's token lacks`;
    refuseInput('device_id', why);
  }
  const { isOneTime: oneTime = false } = wish;
  const { startsAt, endsAt } = instantsOf(device, wish);
  if (endsAt !== undefined && endsAt <= now) refuseInput('ends_at', 'Must be a time in the future');
  if (countKindOf(device)) {
    const what =
      'Codes of this device are for one use and for no time: each opens from now on until it is used';
    if (!oneTime) refuseInput('is_one_time_use', what);
    if (endsAt !== undefined) refuseInput('ends_at', what);
    if (startsAt !== undefined && startsAt > now) refuseInput('starts_at', what);
    return { startsAt: startsAt ?? now, endsAt: null, oneTime };
  }
  if (startsAt === undefined) return refuseInput('starts_at', 'Required: the code has a time');
  const { rounding: maxTimeRounding = '1h' } = wish;
  const asked = { startsAt, endsAt: endsAt ?? null, oneTime, maxTimeRounding };
  const usable = refusing(device, () => usableOf(device, asked, now));
  return (
    usable ?? refuseInput('starts_at', 'The code would have ended, or have to have been used, before now')
  );
}

/** What a record begins with. */
function newRecord(
  device: RegisteredDevice,
  asked: Asked,
  now: number,
  { id, attemptId }: { readonly id: string; readonly attemptId: string },
  rest: Pick<
    CodeRecord,
    'name' | 'commonCodeKey' | 'usesBackups' | 'externalModification' | 'nativeScheduling'
  > &
    Partial<Pick<CodeRecord, 'isBackup'>>,
): (issued: Issued | null, lack: Lack | null) => CodeRecord {
  return (issued, lack) => ({
    id,
    deviceId: device.id,
    version: 1,
    createdAt: now,
    asked,
    issued,
    lack,
    replaced: [],
    isBackup: false,
    pulledBackupId: null,
    attempts: [{ id: attemptId, type: 'create', at: now }],
    history: [],
    clearing: null,
    ...rest,
    ...endOf(device, { issued, asked }),
  });
}

const ACTION: Readonly<Record<CodeRecord['attempts'][number]['type'], ActionType>> = {
  create: 'CREATE_ACCESS_CODE',
  update: 'UPDATE_ACCESS_CODE',
  delete: 'DELETE_ACCESS_CODE',
};

/** As it is when it has just been made. */
function pendingAttempt({ attempts }: CodeRecord): ActionAttempt {
  const attempt = attempts.at(-1);
  if (!attempt) throw new Error('an access code without an action attempt');
  const { id, type } = attempt;
  return { status: 'pending', action_type: ACTION[type], action_attempt_id: id, result: null, error: null };
}

const toBase64 = (text: string): string => btoa(text);

/** Where a list goes on: after what, and of which list. */
function readCursor(cursor: string | null | undefined, list: string): number {
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

const pagination = (after: number | undefined, list: string): Pagination => ({
  has_next_page: after !== undefined,
  next_page_cursor: after === undefined ? null : toBase64(JSON.stringify([after, list])),
  next_page_url: null,
});

/** Whether a name or an id has what is searched for. */
const matches = (search: string, ...texts: readonly (string | null)[]): boolean =>
  texts.some((text) => text?.toLowerCase().includes(search.toLowerCase()));

const OPTIONS = [
  'devices',
  'store',
  'now',
  'uuid',
  'assignAfter',
  'errorCodes',
  'rateLimits',
  'issuer',
  'workspaceId',
];

function checkOptions(options: ServiceOptions): void {
  checkFields('options', options, OPTIONS);
  const { store, now, uuid, assignAfter = 0, errorCodes = 'current', rateLimits, issuer } = options;
  if (typeof store !== 'object' || store === null) expected('store', 'a store such as memoryStore()', store);
  if (typeof now !== 'function') expected('now', 'a function that gives epoch seconds', now);
  if (typeof uuid !== 'function') expected('uuid', 'a function that gives a new UUID', uuid);
  checkInteger('assignAfter', assignAfter, 0, 86_400);
  if (errorCodes !== 'current' && errorCodes !== 'legacy')
    expected('errorCodes', '"current" or "legacy"', errorCodes);
  if (rateLimits !== undefined && rateLimits !== false)
    expected('rateLimits', 'false or nothing', rateLimits);
  if (issuer !== undefined && typeof issuer !== 'function')
    expected('issuer', 'a function that makes the code', issuer);
}

/**
 * The calls over a store and a list of devices.
 *
 * @throws PintumblerError `bad_argument`, `out_of_range`; the calls reject with SeamError.
 */
export function seamService(options: ServiceOptions): SeamService {
  checkOptions(options);
  const { store, uuid, assignAfter = 0, errorCodes = 'current', rateLimits, issuer } = options;
  const now = (): number => {
    const instant = options.now();
    checkInteger('now', instant, 0, 253_402_300_799);
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

  async function limit(action: keyof typeof LIMITS, deviceId: string, at: number): Promise<void> {
    if (rateLimits === false) return;
    if (await store.allow(`${action}/${deviceId}`, at, LIMITS[action], MINUTE)) return;
    refuse('rate_limit_exceeded', `At most ${LIMITS[action]} such requests a minute for one device`);
  }

  async function shown(record: StoredCode, at: number): Promise<AccessCode> {
    const device = ownerOf(record);
    const { issued } = record;
    const taken = record.usesBackups && issued ? await store.taken(device.id, issued.window) : [];
    const context = { workspaceId, errorCodes, hasBackup: hasBackup(device, record, taken.length) };
    return accessCodeOf(device, record, at, context);
  }

  const shownAll = (records: readonly StoredCode[], at: number): Promise<readonly AccessCode[]> =>
    Promise.all(records.map((record) => shown(record, at)));

  async function byIds(ids: readonly string[], at: number): Promise<readonly StoredCode[]> {
    const found = await store.find({ by: 'ids', ids, now: at });
    return found.filter(({ deviceId }) => byId.has(deviceId));
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

  /** What was written, as the store has it. */
  async function written(records: readonly CodeRecord[], at: number): Promise<readonly StoredCode[]> {
    return store.find({ by: 'ids', ids: records.map(({ id }) => id), now: at });
  }

  async function create(wish: CreateParameters): ReturnType<SeamService['create']> {
    const at = now();
    checkWish(wish);
    const device = deviceOf(wish.deviceId);
    if (wish.isOffline !== true)
      refuseInput('is_offline_access_code', 'Must be true: the device takes offline codes only');
    const asked = askedOf(device, wish, at);
    await limit('create', device.id, at);
    const record = newRecord(
      device,
      asked,
      at,
      { id: uuid(), attemptId: uuid() },
      {
        name: wish.name ?? null,
        commonCodeKey: wish.commonCodeKey ?? null,
        usesBackups: wish.usesBackups ?? false,
        externalModification: wish.externalModification ?? false,
        nativeScheduling: wish.nativeScheduling ?? true,
      },
    );
    const made = await giveOut(
      [{ device, asked, records: (issued, lack) => [record(issued, lack)] }],
      deskAt(at),
    );
    if ('reason' in made) throw new Error('a new access code has no version and no replay');
    const [stored] = await written(made, at);
    if (!stored) throw new Error('the store lost an access code');
    return { access_code: await shown(stored, at), action_attempt: pendingAttempt(stored) };
  }

  /** The codes that the same request has made, if it is the same: none of them gone or deleted since. */
  async function replayed(
    request: string,
    at: number,
  ): Promise<{ readonly key: string; readonly codes: readonly StoredCode[] | undefined }> {
    let key = request;
    for (;;) {
      const ids = await store.replayed(key, at);
      if (ids === undefined) return { key, codes: undefined };
      const codes = (await byIds(ids, at)).filter((code) => !isDeleted(code));
      if (codes.length === ids.length) return { key, codes };
      // Some were deleted: who asks again wants new ones.
      key = uuidFrom('again', key, ...ids);
    }
  }

  async function createMultiple(wish: CreateMultipleParameters): ReturnType<SeamService['createMultiple']> {
    const at = now();
    checkWish(wish);
    if (wish.isOffline === false)
      refuseInput('is_offline_access_code', 'Must be true: the devices take offline codes only');
    const { deviceIds, behavior = 'throw' } = wish;
    if (new Set(deviceIds).size < deviceIds.length) refuseInput('device_ids', 'Expected each device once');
    const devices = deviceIds.map(deviceOf);
    if (behavior === 'throw' && devices.length > 1) {
      const how = 'set behavior_when_code_cannot_be_shared to "create_random_code" for one each';
      refuse('code_cannot_be_shared', `Every device computes codes of its own: ${how}`, {
        data: { device_ids: deviceIds },
      });
    }
    const asked = devices.map((device) => askedOf(device, wish, at));
    const again = async (request: string): Promise<readonly AccessCode[]> => {
      const { key, codes } = await replayed(request, at);
      if (codes) return shownAll(codes, at);
      for (const { id } of devices) await limit('create', id, at);
      const commonCodeKey = `auto_set_by_create_multiple_${uuid()}`;
      const orders = devices.map((device, index): Order => {
        const ofDevice = asked[index] ?? askedOf(device, wish, at);
        const record = newRecord(
          device,
          ofDevice,
          at,
          { id: uuid(), attemptId: uuid() },
          {
            name: wish.name ?? null,
            commonCodeKey,
            usesBackups: wish.usesBackups ?? false,
            externalModification: wish.externalModification ?? false,
            nativeScheduling: wish.nativeScheduling ?? true,
          },
        );
        return { device, asked: ofDevice, records: (issued, lack) => [record(issued, lack)] };
      });
      const made = await giveOut(orders, deskAt(at), { key, until: at + REPLAY });
      // The same request was faster: its codes are the answer.
      return 'reason' in made ? again(request) : shownAll(await written(made, at), at);
    };
    return { access_codes: await again(uuidFrom('create_multiple', JSON.stringify(wish))) };
  }

  async function get({ id, deviceId, code }: GetParameters): ReturnType<SeamService['get']> {
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
        byId.has(each.deviceId) &&
        (deviceId === undefined || each.deviceId === deviceId) &&
        (code === undefined || assignedOf(each.issued, at)?.code === code),
    );
    // What was asked for is not repeated: it may be a code.
    if (!record) return refuse('not_found', 'Access Code Not Found');
    return { access_code: await shown(record, at) };
  }

  async function list(wish: ListParameters): ReturnType<SeamService['list']> {
    const at = now();
    const { deviceId, ids, search, limit: most = DEFAULT_LIMIT.codes, cursor } = wish;
    if (deviceId === undefined && ids === undefined)
      refuseRequest("Either 'device_id' or 'access_code_ids' is required");
    const of = uuidFrom('codes', deviceId ?? '', JSON.stringify(ids ?? null), search ?? '');
    const after = readCursor(cursor, of);
    if (deviceId !== undefined) deviceOf(deviceId);
    const fits = (record: StoredCode): boolean =>
      byId.has(record.deviceId) &&
      (deviceId === undefined || record.deviceId === deviceId) &&
      (search === undefined || matches(search, record.name, record.id));
    if (ids !== undefined) {
      const found = (await byIds([...new Set(ids)], at)).filter(fits);
      const page = found.slice(after, after + most);
      const next = found.length > after + most ? after + most : undefined;
      return { access_codes: await shownAll(page, at), pagination: pagination(next, of) };
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

  /** What a change asks of an access code, beside its window. */
  type Change = Pick<UpdateParameters, 'startsAt' | 'endsAt' | 'reissue'> &
    Partial<
      Pick<
        UpdateParameters,
        'name' | 'isOneTime' | 'rounding' | 'usesBackups' | 'externalModification' | 'nativeScheduling'
      >
    >;

  const stampsOf = ({ startsAt, endsAt }: Asked): { startsAt: string; endsAt: string | undefined } => ({
    startsAt: timestamp(startsAt),
    endsAt: endsAt === null ? undefined : timestamp(endsAt),
  });

  /** Whether a change names the times that the code has, as they were asked for or as they came back. */
  function isAsBefore(
    { asked, issued }: CodeRecord,
    { startsAt, endsAt }: ReturnType<typeof instantsOf>,
    { isOneTime = asked.oneTime, rounding = asked.maxTimeRounding }: Change,
  ): boolean {
    return (
      issued !== null &&
      [undefined, asked.startsAt, issued.startsAt].includes(startsAt) &&
      [undefined, asked.endsAt, issued.endsAt].includes(endsAt) &&
      isOneTime === asked.oneTime &&
      rounding === asked.maxTimeRounding
    );
  }

  /** What is asked for after a change; undefined where it changes no window. */
  function askedAfter(record: StoredCode, change: Change, at: number): Asked | undefined {
    const { startsAt, endsAt, isOneTime, rounding } = change;
    if ([startsAt, endsAt, isOneTime, rounding].every((each) => each === undefined)) return undefined;
    const device = ownerOf(record);
    if (isAsBefore(record, instantsOf(device, change), change)) return undefined;
    const before = stampsOf(record.asked);
    const wish = {
      startsAt: startsAt ?? before.startsAt,
      endsAt: endsAt ?? before.endsAt,
      isOneTime: isOneTime ?? record.asked.oneTime,
      rounding: rounding ?? record.asked.maxTimeRounding,
      usesBackups: undefined,
    };
    const asked = askedOf(device, wish, at);
    const { issued } = record;
    if (!issued) return asked;
    if (issued.count !== null) return undefined;
    const { grant } = planOf(device, asked, at);
    const isSame =
      grant.kind === issued.kind && grant.startsAt === issued.startsAt && grant.endsAt === issued.endsAt;
    return isSame ? undefined : asked;
  }

  /** The order that changes an access code: a new code, if its window is another one. */
  function changeOrder(record: StoredCode, change: Change, at: number): Order | CodeRecord {
    const device = ownerOf(record);
    const { issued } = record;
    const isFixed = issued !== null && change.reissue !== true;
    let asked: Asked | undefined;
    try {
      asked = askedAfter(record, change, at);
    } catch (error) {
      // Whether the device has a code for the new times matters only to who wants a new code.
      const isNoFit = error instanceof SeamError && error.details.data?.['reason'] === 'no_fit';
      if (!(isFixed && isNoFit)) throw error;
      asked = record.asked;
    }
    if (asked && isFixed) {
      const until = issued.endsAt === null ? null : timestamp(issued.endsAt);
      const how = 'Another time frame is another code, and the lock goes on taking this one';
      refuse('offline_access_code_not_modifiable', `${how}: send "reissue": true to have a new one made`, {
        data: { access_code_id: record.id, still_opens_until: until },
      });
    }
    const { name = record.name } = change;
    const seen = (code: Issued | null): string | null => assignedOf(code, at)?.code ?? null;
    const after = (next: Issued | null): CodeRecord => {
      const properties = [
        { property: 'name', from: record.name, to: name },
        ...(next === issued
          ? []
          : [
              { property: 'code', from: seen(issued), to: seen(next) },
              {
                property: 'starts_at',
                from: timestamp((issued ?? record.asked).startsAt),
                to: timestamp((next ?? asked ?? record.asked).startsAt),
              },
              {
                property: 'ends_at',
                from: endStamp(issued ?? record.asked),
                to: endStamp(next ?? asked ?? record.asked),
              },
            ]),
      ].filter(({ from, to }) => from !== to);
      const changed: Happening = { type: 'changed', at, properties };
      // Its lack, if it had one, was told and stays told.
      const now = { ...record, asked: asked ?? record.asked, issued: next };
      return {
        ...now,
        version: record.version + 1,
        name,
        usesBackups: change.usesBackups ?? record.usesBackups,
        externalModification: change.externalModification ?? record.externalModification,
        nativeScheduling: schedulingAfter(record, change.nativeScheduling, at),
        replaced: issued && next !== issued ? [...record.replaced, issued] : record.replaced,
        attempts: [...record.attempts, { id: uuid(), type: 'update', at }],
        history: properties.length > 0 ? [...record.history, changed] : record.history,
        ...endOf(device, now),
      };
    };
    if (!asked) return after(issued);
    return {
      device,
      asked,
      records: (next, lack) => {
        // Nothing is changed for want of a code: the old one is better than none.
        if (lack) refuseInput('starts_at', 'No code is left for the new time frame', { reason: lack });
        return [after(next)];
      },
    };
  }

  const endStamp = ({ endsAt }: { readonly endsAt: number | null }): string | null =>
    endsAt === null ? null : timestamp(endsAt);

  /** Changes access codes, all or none; again, if somebody else has changed one in between. */
  async function change(
    recordsOf: () => Promise<readonly StoredCode[]>,
    wish: Change,
    at: number,
  ): Promise<readonly CodeRecord[]> {
    for (;;) {
      const changes = (await recordsOf()).map((record) => changeOrder(record, wish, at));
      const orders = changes.filter((each): each is Order => 'records' in each);
      const plain = changes.filter((each): each is CodeRecord => !('records' in each));
      const made = await giveOut(orders, deskAt(at), undefined, plain);
      if (!('reason' in made)) return made;
    }
  }

  async function update(wish: UpdateParameters): ReturnType<SeamService['update']> {
    const at = now();
    const { id, deviceId, type, isManaged, isOffline, startsAt, endsAt } = wish;
    if (type === 'time_bound' && (startsAt === undefined || endsAt === undefined))
      refuseRequest("'time_bound' Access codes must include both starts_at and ends_at");
    if (type === 'ongoing') refuseInput('type', ONGOING, { reason: 'ongoing_not_supported' });
    if (isManaged === false) refuseInput('is_managed', 'Must be true: there are no unmanaged codes here');
    if (isOffline === false)
      refuseInput('is_offline_access_code', 'Must be true: the device takes offline codes only');
    const record = await changeable(id, deviceId, at);
    await limit('update', record.deviceId, at);
    const [changed] = await change(async () => [await changeable(id, deviceId, at)], wish, at);
    if (!changed) throw new Error('an update without an access code');
    return { action_attempt: pendingAttempt(changed) };
  }

  async function updateMultiple(wish: UpdateMultipleParameters): Promise<object> {
    const at = now();
    const group = async (): Promise<readonly StoredCode[]> =>
      (await store.find({ by: 'common_code_key', key: wish.commonCodeKey, now: at })).filter(
        (record) => byId.has(record.deviceId) && !isDeleted(record),
      );
    const records = await group();
    if (records.length === 0)
      refuse('access_code_not_found', 'Could not find access_codes with common_code_key');
    for (const deviceId of new Set(records.map((record) => record.deviceId)))
      await limit('update', deviceId, at);
    await change(group, wish, at);
    return {};
  }

  /** The end of a code that nobody has seen, nor will: it is gone before it would be assigned. */
  function unseen(device: RegisteredDevice, { asked, issued }: CodeRecord, at: number): Partial<CodeRecord> {
    const end = endOf(device, { issued: null, asked: { ...asked, endsAt: at } });
    return { ...end, issued: issued && { ...issued, assignedAt: end.goneAt ?? at } };
  }

  async function remove({ id, deviceId }: DeleteParameters): ReturnType<SeamService['remove']> {
    const at = now();
    const first = await there(id, deviceId, at);
    await limit('delete', first.deviceId, at);
    for (;;) {
      const record = await there(id, deviceId, at);
      // The SDK repeats a deletion whose answer was lost.
      if (isDeleted(record)) return { action_attempt: pendingAttempt(record) };
      const device = ownerOf(record);
      // What takes its place may not be there yet, and the code before it open.
      const [before = null] = stillOpen(record, at).slice(-1);
      const out = assignedOf(record.issued, at) ?? before;
      const clear = out && (await clearingOf(device, out, deskAt(at)));
      const isStuck = out !== null && !clear;
      const happening: Happening = { type: isStuck ? 'not_removed' : 'deleted', at };
      const isTold = isStuck && record.history.some((each) => each.type === 'not_removed');
      const next: CodeRecord = {
        ...record,
        version: record.version + 1,
        clearing: clear?.issued ?? null,
        attempts: [...record.attempts, { id: uuid(), type: 'delete', at }],
        history: isTold ? record.history : [...record.history, happening],
        // Nobody has seen the code: nothing is left of it, as soon as the deletion needs no second answer.
        ...(!out && unseen(device, record, at)),
      };
      const conflict = await store.write({
        codes: isTold ? [] : [next],
        reservations: clear?.reservation ? [clear.reservation] : [],
        now: at,
        most: {},
      });
      // Somebody changed it, or was given the same clearing code: look again.
      if (conflict) continue;
      if (!isStuck) return { action_attempt: pendingAttempt(next) };
      const until = out.endsAt === null ? null : timestamp(out.endsAt);
      refuse(
        'offline_access_code_not_revocable',
        'The lock has no code that would end this one: it opens until it ends',
        { data: { access_code_id: id, still_opens_until: until } },
      );
    }
  }

  /** Digits that mean nothing to the lock for a year, from random bytes of `uuid`. */
  async function generateCode({
    deviceId,
  }: {
    readonly deviceId: string;
  }): ReturnType<SeamService['generateCode']> {
    const at = now();
    const device = deviceOf(deviceId);
    const [length] = device.lengths;
    if (length === undefined) return refuseInput('device_id', 'The device has no access codes');
    for (;;) {
      const digits = BigInt(`0x${uuid().replaceAll('-', '')}`)
        .toString()
        .padStart(length, '0');
      const code = digits.slice(-length);
      if (meansNothing(device, code, at)) return { generated_code: { device_id: device.id, code } };
    }
  }

  /** What is asked for when a backup is pulled: what is past its first use would be none. */
  function backupOf(device: RegisteredDevice, { asked, issued }: CodeRecord, at: number): Asked | undefined {
    if (issued?.count !== null) return asked;
    try {
      return usableOf(device, asked, at);
    } catch (error) {
      if (error instanceof PintumblerError) return undefined;
      throw error;
    }
  }

  async function pullBackup({ id }: { readonly id: string }): ReturnType<SeamService['pullBackup']> {
    const at = now();
    const none = (message: string): never =>
      refuse('backup_access_code_not_found', message, { data: { access_code_id: id } });
    for (;;) {
      const record = await changeable(id, undefined, at);
      const device = ownerOf(record);
      const { issued, pulledBackupId } = record;
      if (pulledBackupId !== null) {
        const [pulled] = await byIds([pulledBackupId], at);
        if (!pulled) return none('The backup code is gone');
        const backup = await shown(pulled, at);
        return { access_code: backup, backup_access_code: backup };
      }
      if (!record.usesBackups) none('The access code was made without use_backup_access_code_pool');
      if (!issued) return none('The access code has no code, and so no backup');
      const asked = backupOf(device, record, at) ?? none('A backup code could not be used any more');
      await limit('create', device.id, at);
      const backupId = uuid();
      const made = newRecord(
        device,
        asked,
        at,
        { id: backupId, attemptId: uuid() },
        {
          name: record.name,
          commonCodeKey: null,
          usesBackups: true,
          isBackup: true,
          externalModification: record.externalModification,
          nativeScheduling: record.nativeScheduling,
        },
      );
      const order: Order = {
        device,
        asked,
        records: (next, lack) => {
          if (lack) none('No code is left for this time frame');
          const pulled: Happening = { type: 'backup_pulled', at, backupId };
          const history = [...record.history, pulled];
          const original = { ...record, version: record.version + 1, pulledBackupId: backupId, history };
          return [original, made(next, lack)];
        },
      };
      // A backup is there at once, also where codes are assigned later: it is for who stands at the door.
      const done = await giveOut([order], { ...deskAt(at), assignAfter: 0 });
      if ('reason' in done) continue;
      const [backup] = await byIds([backupId], at);
      if (!backup) throw new Error('the store lost a backup code');
      const object = await shown(backup, at);
      return { access_code: object, backup_access_code: object };
    }
  }

  async function reportConstraints({
    deviceId,
    lengths,
    least,
    most,
  }: ConstraintParameters): ReturnType<SeamService['reportConstraints']> {
    const device = deviceOf(deviceId);
    if (lengths === undefined && least === undefined && most === undefined)
      refuseRequest('Either supported_code_lengths or min_code_length and max_code_length must be provided');
    if (least !== undefined && most !== undefined && least > most)
      refuseInput('max_code_length', 'Must not be below min_code_length');
    const fits = device.lengths.filter(
      (length) =>
        (lengths?.includes(length) ?? true) && length >= (least ?? 0) && length <= (most ?? Infinity),
    );
    if (fits.length === device.lengths.length) return {};
    const parameter = lengths ? 'supported_code_lengths' : 'min_code_length';
    return refuseInput(
      parameter,
      `Codes of the device have ${device.lengths.join(' or ')} symbols: that cannot be reported away`,
    );
  }

  async function attempt({ id }: { readonly id: string }): ReturnType<SeamService['attempt']> {
    const at = now();
    const record = await store.attempt(id);
    const found = record?.attempts.find((each) => each.id === id);
    if (!record || !found || !byId.has(record.deviceId))
      return refuse('action_attempt_not_found', 'Could not find an action_attempt with action_attempt_id', {
        data: { action_attempt_id: id },
      });
    const known = { action_attempt_id: id, action_type: ACTION[found.type] };
    const isWaiting = found.type !== 'delete' && record.issued && at < record.issued.assignedAt;
    if (isWaiting) return { action_attempt: { ...known, status: 'pending', result: null, error: null } };
    const isGone = record.goneAt !== null && record.goneAt <= at;
    const access_code = isGone || found.type === 'delete' ? undefined : await shown(record, at);
    const [lacking] = access_code?.errors ?? [];
    if (found.type === 'create' && lacking) {
      const error = { type: 'uncategorized_error', message: `${lacking.error_code}: ${lacking.message}` };
      return { action_attempt: { ...known, status: 'error', result: null, error } };
    }
    const result = access_code ? { access_code } : {};
    return { action_attempt: { ...known, status: 'success', result, error: null } };
  }

  async function listEvents(wish: EventListParameters): ReturnType<SeamService['listEvents']> {
    const at = now();
    const [since, until] = spanOf(wish, at);
    const { codeIds, deviceIds, eventIds, types, account } = wish;
    const records = (await store.active(since, until)).filter(
      ({ id, deviceId }) =>
        byId.has(deviceId) && (codeIds?.includes(id) ?? true) && (deviceIds?.includes(deviceId) ?? true),
    );
    const events = records
      .flatMap((record) =>
        eventsOf(ownerOf(record), record, Math.min(at, until), { workspaceId, errorCodes }),
      )
      .filter(
        (event) =>
          Date.parse(event.occurred_at) / 1000 >= since &&
          (types?.includes(event.event_type) ?? true) &&
          (eventIds?.includes(event.event_id) ?? true) &&
          (account === undefined || event.connected_account_id === account),
      )
      .sort((a, b) => Date.parse(a.occurred_at) - Date.parse(b.occurred_at));
    const { limit: most = DEFAULT_LIMIT.events, offset = 0 } = wish;
    return { events: events.slice(offset, offset + most) };
  }

  async function getDevice({ deviceId, name }: DeviceParameters): ReturnType<SeamService['getDevice']> {
    if (deviceId === undefined && name === undefined)
      refuseRequest('Either "device_id" or "name" must be provided');
    const device = all.find(
      ({ id, object }) =>
        (deviceId === undefined || id === deviceId) && (name === undefined || object.display_name === name),
    );
    if (!device) return refuse('device_not_found', 'Device not found');
    return { device: device.object };
  }

  async function listDevices(wish: DeviceListParameters): ReturnType<SeamService['listDevices']> {
    const { limit: most = DEFAULT_LIMIT.devices, cursor, ...filter } = wish;
    const of = uuidFrom('devices', JSON.stringify(filter));
    const after = readCursor(cursor, of);
    const found = all.map(({ object }) => object).filter((device) => isListed(device, filter));
    const next = found.length > after + most ? after + most : undefined;
    return { devices: found.slice(after, after + most), pagination: pagination(next, of) };
  }

  return {
    create,
    createMultiple,
    get,
    list,
    update,
    updateMultiple,
    remove,
    generateCode,
    pullBackup,
    reportConstraints,
    attempt,
    listEvents,
    getDevice,
    listDevices,
  };
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
function isListed(device: Device, wish: Omit<DeviceListParameters, 'limit' | 'cursor'>): boolean {
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
