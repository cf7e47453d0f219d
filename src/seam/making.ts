/**
 * Making access codes: one, one for each of several devices, and a backup of one.
 */
import { PintumblerError } from '../errors.ts';
import type { Context } from './context.ts';
import { type RegisteredDevice, uuidFrom } from './devices.ts';
import { refuse, refuseInput, SeamError } from './errors.ts';
import { giveOut, MOST_TRIES, type Order, TOO_MANY } from './issuing.ts';
import { endOf, isDeleted, pendingAttempt } from './lifecycle.ts';
import type { AccessCode, ActionAttempt } from './objects.ts';
import type { CreateMultipleParameters, CreateParameters } from './parameters.ts';
import type { Asked, Attempt, CodeRecord, Happening, Issued, Lack, StoredCode } from './store.ts';
import { checkWish, type Moment, usableOf, type Wanted, wantedOf } from './wishes.ts';

/**
 * Seconds for which the same `create_multiple` is the same request: the SDK sends it up to three times, each for 30
 * seconds, when an answer is lost. Longer, and a second guest of the same times would get the first one's codes.
 */
const REPLAY = 120;

/** What an access code is beside its code. */
type Details = Pick<
  CodeRecord,
  'name' | 'commonCodeKey' | 'usesBackups' | 'isBackup' | 'externalModification' | 'nativeScheduling'
>;

function detailsOf(
  wish: Pick<CreateParameters, 'name' | 'usesBackups' | 'externalModification' | 'nativeScheduling'>,
  commonCodeKey: string | null,
): Details {
  const { name = null, usesBackups = false, externalModification = false, nativeScheduling = true } = wish;
  return { name, commonCodeKey, usesBackups, isBackup: false, externalModification, nativeScheduling };
}

/** A new access code, once it is known whether it has a code. */
function newRecord(
  { uuid }: Context,
  device: RegisteredDevice,
  asked: Asked,
  at: number,
  details: Details,
): (issued: Issued | null, lack: Lack | null) => CodeRecord {
  const [id, attemptId] = [uuid(), uuid()];
  const attempted = (issued: Issued | null, lack: Lack | null): Attempt => ({
    id: attemptId,
    type: 'create',
    at,
    ...(issued && { assignedAt: issued.assignedAt }),
    ...(lack && { lack }),
  });
  return (issued, lack) => ({
    id,
    deviceId: device.id,
    version: 1,
    createdAt: at,
    ...details,
    asked,
    issued,
    lack,
    replaced: [],
    pulledBackupId: null,
    attempts: [attempted(issued, lack)],
    history: [],
    clearing: null,
    ...endOf(device, { issued, asked, replaced: [] }),
  });
}

/** The order of a new access code. */
function orderOf(
  context: Context,
  device: RegisteredDevice,
  { asked, usable }: Wanted,
  at: number,
  details: Details,
): Order {
  const record = newRecord(context, device, asked, at, details);
  return { device, asked: usable, records: (issued, lack) => [record(issued, lack)] };
}

const idsOf = (records: readonly CodeRecord[]): readonly string[] => records.map(({ id }) => id);

export async function create(
  context: Context,
  wish: CreateParameters,
): Promise<{ readonly access_code: AccessCode; readonly action_attempt: ActionAttempt }> {
  const { now, deskAt, momentOf, deviceOf, limit, shown, byIds } = context;
  const at = now();
  checkWish(wish);
  const device = deviceOf(wish.deviceId);
  if (wish.isOffline !== true)
    refuseInput('is_offline_access_code', 'Must be true: the device takes offline codes only');
  const wanted = wantedOf(device, wish, await momentOf(device, at));
  await limit('create', device.id, at);
  const details = detailsOf(wish, wish.commonCodeKey ?? null);
  const made = await giveOut([orderOf(context, device, wanted, at, details)], deskAt(at));
  if ('reason' in made) throw new Error('a new access code has no version and no replay');
  const [record] = made;
  const [stored] = await byIds(idsOf(made), at);
  if (!record || !stored) throw new Error('the store lost an access code');
  // Not of what is stored: somebody may have changed it already.
  return { access_code: await shown(stored, at), action_attempt: pendingAttempt(record) };
}

/** The codes that the same request has made, if it is the same: none of them gone, deleted or changed since. */
async function replayed(
  context: Context,
  request: string,
  at: number,
): Promise<{ readonly key: string; readonly codes: readonly StoredCode[] | undefined }> {
  const { store, byIds } = context;
  let key = request;
  for (;;) {
    const ids = await store.replayed(key, at);
    if (ids === undefined) return { key, codes: undefined };
    const codes = (await byIds(ids, at)).filter(({ version }) => version === 1);
    if (codes.length === ids.length) return { key, codes };
    // Some are others by now: who asks again wants new ones.
    key = uuidFrom('again', key, ...ids);
  }
}

/** A refusal that says which of several devices it is about. */
function naming<T>({ id, object }: RegisteredDevice, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof SeamError)) throw error;
    const { type, message, details } = error;
    const data = { ...details.data, device_id: id };
    return refuse(type, `${message} (device ${object.display_name})`, { ...details, data });
  }
}

export async function createMultiple(
  context: Context,
  wish: CreateMultipleParameters,
): Promise<{ readonly access_codes: readonly AccessCode[] }> {
  const { uuid, now, deskAt, momentOf, deviceOf, limit, shownAll, byIds } = context;
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
  const wanted = await Promise.all(
    devices.map(async (device) => {
      const moment = await momentOf(device, at);
      return { device, wanted: naming(device, () => wantedOf(device, wish, moment)) };
    }),
  );
  const request = uuidFrom('create_multiple', JSON.stringify(wish));
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { key, codes } = await replayed(context, request, at);
    if (codes) return { access_codes: await shownAll(codes, at) };
    for (const { id } of devices) await limit('create', id, at);
    const details = detailsOf(wish, `auto_set_by_create_multiple_${uuid()}`);
    const orders = wanted.map((each) => orderOf(context, each.device, each.wanted, at, details));
    const made = await giveOut(orders, deskAt(at), { key, until: at + REPLAY });
    if (!('reason' in made)) return { access_codes: await shownAll(await byIds(idsOf(made), at), at) };
    // The same request was faster: its codes are the answer.
  }
  throw new Error(TOO_MANY);
}

/** The window of a backup that is pulled: what is past its first use would be none. */
function backupOf(
  device: RegisteredDevice,
  { asked, issued }: CodeRecord,
  moment: Moment,
): Asked | undefined {
  if (issued?.count !== null) return asked;
  try {
    return usableOf(device, asked, moment);
  } catch (error) {
    if (error instanceof PintumblerError) return undefined;
    throw error;
  }
}

/** A backup code: the next variance of the same window; always the same one, if it is pulled again. */
export async function pullBackup(
  context: Context,
  { id }: { readonly id: string },
): Promise<{ readonly access_code: AccessCode; readonly backup_access_code: AccessCode }> {
  const { now, deskAt, momentOf, ownerOf, limit, shown, byIds, changeable } = context;
  const at = now();
  const none = (message: string): never =>
    refuse('backup_access_code_not_found', message, { data: { access_code_id: id } });
  const answer = async (backupId: string) => {
    const [backup] = await byIds([backupId], at);
    const object = backup ? await shown(backup, at) : none('The backup code is gone');
    return { access_code: object, backup_access_code: object };
  };
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const record = await changeable(id, undefined, at);
    const device = ownerOf(record);
    const { issued, pulledBackupId, name, externalModification, nativeScheduling } = record;
    const [pulled] = pulledBackupId === null ? [] : await byIds([pulledBackupId], at);
    if (pulled && !isDeleted(pulled)) return answer(pulled.id);
    if (!record.usesBackups) none('The access code was made without use_backup_access_code_pool');
    if (!issued) return none('The access code has no code, and so no backup');
    const moment = await momentOf(device, at, 0);
    const usable = backupOf(device, record, moment) ?? none('A backup code could not be used any more');
    await limit('create', device.id, at);
    const details = detailsOf({ name, usesBackups: true, externalModification, nativeScheduling }, null);
    const backup = newRecord(context, device, record.asked, at, { ...details, isBackup: true });
    const order: Order = {
      device,
      asked: usable,
      records: (next, lack) => {
        if (lack) none('No code is left for this time frame');
        const made = backup(next, lack);
        const pulled: Happening = { type: 'backup_pulled', at, backupId: made.id };
        const history = [...record.history, pulled];
        return [{ ...record, version: record.version + 1, pulledBackupId: made.id, history }, made];
      },
    };
    // A backup is there at once, also where codes are assigned later: it is for who stands at the door.
    const done = await giveOut([order], { ...deskAt(at), assignAfter: 0 });
    const [, made] = 'reason' in done ? [] : done;
    if (made) return answer(made.id);
  }
  throw new Error(TOO_MANY);
}
