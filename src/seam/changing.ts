/**
 * Changing and ending access codes, as far as codes go that no line reaches: another window is another code, and what
 * ends one is keyed in at the door.
 */
import type { Context } from './context.ts';
import type { RegisteredDevice } from './devices.ts';
import { refuse, refuseInput, refuseRequest, SeamError } from './errors.ts';
import { clearingOf, giveOut, type Order, planOf } from './issuing.ts';
import { assignedOf, endOf, isDeleted, pendingAttempt, schedulingAfter, stillOpen } from './lifecycle.ts';
import { type ActionAttempt, timestamp } from './objects.ts';
import type { DeleteParameters, UpdateMultipleParameters, UpdateParameters } from './parameters.ts';
import type { Asked, CodeRecord, Happening, Issued, StoredCode } from './store.ts';
import { askedOf, instantsOf, ONGOING } from './wishes.ts';

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
function askedAfter(context: Context, record: StoredCode, change: Change, at: number): Asked | undefined {
  const { ownerOf } = context;
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
function changeOrder(context: Context, record: StoredCode, change: Change, at: number): Order | CodeRecord {
  const { uuid, ownerOf } = context;
  const device = ownerOf(record);
  const { issued } = record;
  const isFixed = issued !== null && change.reissue !== true;
  let asked: Asked | undefined;
  try {
    asked = askedAfter(context, record, change, at);
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
  context: Context,
  recordsOf: () => Promise<readonly StoredCode[]>,
  wish: Change,
  at: number,
): Promise<readonly CodeRecord[]> {
  const { deskAt } = context;
  for (;;) {
    const changes = (await recordsOf()).map((record) => changeOrder(context, record, wish, at));
    const orders = changes.filter((each): each is Order => 'records' in each);
    const plain = changes.filter((each): each is CodeRecord => !('records' in each));
    const made = await giveOut(orders, deskAt(at), undefined, plain);
    if (!('reason' in made)) return made;
  }
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

/** The end of a code that nobody has seen, nor will: it is gone before it would be assigned. */
function unseen(device: RegisteredDevice, { asked, issued }: CodeRecord, at: number): Partial<CodeRecord> {
  const end = endOf(device, { issued: null, asked: { ...asked, endsAt: at } });
  return { ...end, issued: issued && { ...issued, assignedAt: end.goneAt ?? at } };
}

export async function remove(
  context: Context,
  { id, deviceId }: DeleteParameters,
): Promise<{ readonly action_attempt: ActionAttempt }> {
  const { store, uuid, now, deskAt, ownerOf, limit, there } = context;
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
