/**
 * Changing and ending access codes, as far as codes go that no line reaches: another window is another code, and what
 * ends one is keyed in at the door.
 */
import type { Context } from './context.ts';
import type { RegisteredDevice } from './devices.ts';
import { refuse, refuseInput, refuseRequest, SeamError } from './errors.ts';
import { clearingOf, giveOut, MOST_TRIES, type Order, planOf, TOO_MANY } from './issuing.ts';
import {
  assignedOf,
  endOf,
  isDeleted,
  openOf,
  pendingAttempt,
  schedulingAfter,
  stillOpen,
} from './lifecycle.ts';
import { type ActionAttempt, timestamp, timestampOrNull } from './objects.ts';
import type { DeleteParameters, UpdateMultipleParameters, UpdateParameters } from './parameters.ts';
import type { Asked, CodeRecord, Happening, Issued, StoredCode } from './store.ts';
import { instantsOf, type Moment, ONGOING, type Wanted, wantedOf } from './wishes.ts';

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

/** What is wanted after a change; undefined where it changes no window. */
function wantedAfter(
  { ownerOf }: Context,
  record: StoredCode,
  change: Change,
  moment: Moment,
): Wanted | undefined {
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
  const wanted = wantedOf(device, wish, moment);
  const { issued } = record;
  if (!issued) return wanted;
  if (issued.count !== null) return undefined;
  const { grant } = planOf(device, wanted.usable, moment.now);
  const isSame =
    grant.kind === issued.kind && grant.startsAt === issued.startsAt && grant.endsAt === issued.endsAt;
  return isSame ? undefined : wanted;
}

/** The same, but for a code that nobody asks to have replaced: that keeps its window. */
function windowAfter(
  context: Context,
  record: StoredCode,
  change: Change,
  moment: Moment,
): Wanted | undefined {
  const { id, issued } = record;
  if (issued === null || change.reissue === true) return wantedAfter(context, record, change, moment);
  try {
    if (!wantedAfter(context, record, change, moment)) return undefined;
  } catch (error) {
    // Whether the device has a code for the new times matters only to who wants a new code.
    if (!(error instanceof SeamError && error.details.data?.['reason'] === 'no_fit')) throw error;
  }
  const how = 'Another time frame is another code, and the lock goes on taking this one';
  return refuse('offline_access_code_not_modifiable', `${how}: send "reissue": true to have a new one made`, {
    data: { access_code_id: id, still_opens_until: timestampOrNull(issued.endsAt) },
  });
}

/** What is told of a change: names and, with another code, digits that may be seen, and times. */
function changedProperties(
  before: CodeRecord,
  after: CodeRecord,
  at: number,
): (Happening & { readonly type: 'changed' })['properties'] {
  const [old, next] = [before.issued ?? before.asked, after.issued ?? after.asked];
  const properties = [{ property: 'name', from: before.name, to: after.name }];
  const seen = ({ issued }: CodeRecord): string | null => assignedOf(issued, at)?.code ?? null;
  const times = [
    { property: 'code', from: seen(before), to: seen(after) },
    { property: 'starts_at', from: timestamp(old.startsAt), to: timestamp(next.startsAt) },
    { property: 'ends_at', from: timestampOrNull(old.endsAt), to: timestampOrNull(next.endsAt) },
  ];
  const all = before.issued === after.issued ? properties : [...properties, ...times];
  return all.filter(({ from, to }) => from !== to);
}

/** An access code after a change, with the code that it then has. */
function changed(
  { uuid, ownerOf }: Context,
  record: StoredCode,
  change: Change,
  at: number,
  { asked, issued }: Pick<CodeRecord, 'asked' | 'issued'>,
): CodeRecord {
  const isNew = issued !== record.issued;
  const replaced = isNew && record.issued ? [...record.replaced, record.issued] : record.replaced;
  const next = {
    ...record,
    version: record.version + 1,
    name: change.name === undefined ? record.name : change.name,
    asked,
    // Its lack, if it had one, was told and stays told.
    issued,
    replaced,
    // A backup is of the window that it was pulled for.
    pulledBackupId: isNew ? null : record.pulledBackupId,
    usesBackups: change.usesBackups ?? record.usesBackups,
    externalModification: change.externalModification ?? record.externalModification,
    nativeScheduling: schedulingAfter(record, change.nativeScheduling, at),
    attempts: [
      ...record.attempts,
      { id: uuid(), type: 'update' as const, at, ...(isNew && issued && { assignedAt: issued.assignedAt }) },
    ],
    ...endOf(ownerOf(record), { asked, issued, replaced }),
  };
  const properties = changedProperties(record, next, at);
  if (properties.length === 0) return next;
  return { ...next, history: [...record.history, { type: 'changed', at, properties }] };
}

/** The order that changes an access code: a new code, if its window is another one. */
function changeOrder(
  context: Context,
  record: StoredCode,
  change: Change,
  moment: Moment,
): Order | CodeRecord {
  const { now } = moment;
  const wanted = windowAfter(context, record, change, moment);
  if (!wanted) return changed(context, record, change, now, record);
  const { asked, usable } = wanted;
  return {
    device: context.ownerOf(record),
    asked: usable,
    records: (issued, lack) => {
      // Nothing is changed for want of a code: the old one is better than none.
      if (lack) refuseInput('starts_at', 'No code is left for the new time frame', { reason: lack });
      return [changed(context, record, change, now, { asked, issued })];
    },
  };
}

/** Changes access codes, all or none; again, if somebody else has changed one in between. */
async function change(
  context: Context,
  recordsOf: () => Promise<readonly StoredCode[]>,
  wish: Change,
  at: number,
): Promise<readonly CodeRecord[]> {
  const { deskAt, momentOf, ownerOf } = context;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const changes = await Promise.all(
      (await recordsOf()).map(async (record) =>
        changeOrder(context, record, wish, await momentOf(ownerOf(record), at)),
      ),
    );
    const orders = changes.filter((each): each is Order => 'records' in each);
    const plain = changes.filter((each): each is CodeRecord => !('records' in each));
    const made = await giveOut(orders, deskAt(at), undefined, plain);
    if (!('reason' in made)) return made;
  }
  throw new Error(TOO_MANY);
}

export async function update(
  context: Context,
  wish: UpdateParameters,
): Promise<{ readonly action_attempt: ActionAttempt }> {
  const { now, limit, changeable } = context;
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
  const [changed] = await change(context, async () => [await changeable(id, deviceId, at)], wish, at);
  if (!changed) throw new Error('an update without an access code');
  return { action_attempt: pendingAttempt(changed) };
}

export async function updateMultiple(context: Context, wish: UpdateMultipleParameters): Promise<object> {
  const { store, now, isListed, limit } = context;
  const at = now();
  const group = async (): Promise<readonly StoredCode[]> =>
    (await store.find({ by: 'common_code_key', key: wish.commonCodeKey, now: at })).filter(
      (record) => isListed(record) && !isDeleted(record),
    );
  const records = await group();
  if (records.length === 0)
    refuse('access_code_not_found', 'Could not find access_codes with common_code_key');
  for (const deviceId of new Set(records.map((record) => record.deviceId)))
    await limit('update', deviceId, at);
  await change(context, group, wish, at);
  return {};
}

/**
 * An access code without a code that nobody has seen, nor will: the one before it, if that is still open, is what it has;
 * else it is gone before the code would be assigned, as soon as the deletion needs no second answer.
 */
function withoutUnseen(device: RegisteredDevice, record: StoredCode, at: number): CodeRecord {
  const { asked, issued, replaced } = record;
  if (!issued || issued.assignedAt > at) {
    const before = stillOpen(record, at).at(-1);
    if (before) {
      const next = { ...record, issued: before, replaced: replaced.filter((code) => code !== before) };
      return { ...next, ...endOf(device, next) };
    }
    const end = endOf(device, { issued: null, asked: { ...asked, endsAt: at }, replaced: [] });
    return { ...record, ...end, issued: issued && { ...issued, assignedAt: end.goneAt ?? at } };
  }
  return record;
}

/** Whether a deletion has been done: not if its clear code is over, and what it was for is not. */
const isDone = (record: CodeRecord, at: number): boolean =>
  isDeleted(record) && (record.clearing?.endsAt ?? Number.POSITIVE_INFINITY) > at;

export async function remove(
  context: Context,
  { id, deviceId }: DeleteParameters,
): Promise<{ readonly action_attempt: ActionAttempt }> {
  const { store, uuid, now, deskAt, ownerOf, limit, there } = context;
  const at = now();
  const { deviceId: owner } = await there(id, deviceId, at);
  await limit('delete', owner, at);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const record = await there(id, deviceId, at);
    const device = ownerOf(record);
    const [first, ...others] = openOf(record, at);
    // The SDK repeats a deletion whose answer was lost.
    if (isDone(record, at) || (isDeleted(record) && !first))
      return { action_attempt: pendingAttempt(record) };
    const clear = first && (await clearingOf(device, [first, ...others], deskAt(at)));
    const isStuck = first !== undefined && !clear;
    const type = isStuck ? 'not_removed' : 'deleted';
    const isTold = record.history.some((each) => each.type === type);
    const next: CodeRecord = {
      ...(isStuck ? record : withoutUnseen(device, record, at)),
      version: record.version + 1,
      clearing: clear?.clearing ?? record.clearing,
      attempts: [...record.attempts, { id: uuid(), type: 'delete', at }],
      history: isTold ? record.history : [...record.history, { type, at }],
    };
    const conflict = await store.write({
      codes: isStuck && isTold ? [] : [next],
      reservations: clear?.reservation ? [clear.reservation] : [],
      now: at,
      most: {},
    });
    // Somebody changed it, or was given the same clearing code: look again.
    if (conflict) continue;
    if (!isStuck) return { action_attempt: pendingAttempt(next) };
    const until = timestampOrNull(others.reduce(laterEnd, first.endsAt));
    const how = until === null ? 'until it is used' : 'until it ends';
    refuse(
      'offline_access_code_not_revocable',
      `The lock has no code that would end this one: it opens ${how}`,
      { data: { access_code_id: id, still_opens_until: until } },
    );
  }
  throw new Error(TOO_MANY);
}

const laterEnd = (end: number | null, { endsAt }: Issued): number | null =>
  end === null || endsAt === null ? null : Math.max(end, endsAt);
