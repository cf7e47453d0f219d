/**
 * What time makes of an access code: its status, warnings and events, as pure functions of what is stored and the moment.
 * Nothing is scheduled, and what happens by itself is stored nowhere.
 *
 * Seam: unset → setting → set → removing → gone ("lifecycle of access codes"); natively scheduled codes are on the device
 * 72 hours ahead, others are being set from 60 minutes before their start. Of an offline code that is a picture of the
 * lock, which hears of it when it is keyed in. Chosen here: a code is gone a minute after its end, or with the lock's
 * tolerance; a one-time code stays `set` until its end, for only the lock knows that it was used.
 */
import { firstVariance, lastVariance } from '../engine.ts';
import { type PlacedKind, prepareRules } from '../vendors/vendor.ts';
import { DAY } from '../zone.ts';
import { type RegisteredDevice, uuidFrom } from './devices.ts';
import {
  type AccessCode,
  type AccessCodeStatus,
  type AccessCodeWarning,
  type ActionAttempt,
  type ActionType,
  type ClearCode,
  type Occurrence,
  type OracodeMetadata,
  type PendingMutation,
  type SeamEvent,
  timestamp,
  timestampOrNull,
} from './objects.ts';
import { type ErrorCodes, lackError } from './refusals.ts';
import type { Clearing, CodeRecord, Happening, Issued, StoredCode } from './store.ts';

/** Seconds before the start from which a code is being set, and from which it is scheduled on the device. */
const SETTING = 3600;
const SCHEDULED = 72 * 3600;

/** Seconds that a code is being removed. */
const removing = ({ token }: RegisteredDevice): number => Math.max(60, token.rules.lock.tolerance);

/** Codes that were replaced after somebody could see them; the others are nobody's. */
const seenBefore = ({ replaced, issued }: Pick<CodeRecord, 'issued' | 'replaced'>): readonly Issued[] =>
  replaced.filter(
    ({ assignedAt }, index) => assignedAt <= ((replaced[index + 1] ?? issued)?.madeAt ?? Infinity),
  );

/** What of a record only depends on the codes it has and had: `goneAt` and `lastEventAt`. */
export function endOf(
  device: RegisteredDevice,
  record: Pick<CodeRecord, 'issued' | 'asked' | 'replaced'>,
): Pick<CodeRecord, 'goneAt' | 'lastEventAt'> {
  const { issued, asked } = record;
  const codes = [...seenBefore(record), ...(issued ? [issued] : [])];
  if (codes.some(({ endsAt }) => endsAt === null)) return { goneAt: null, lastEventAt: null };
  const end = asked.endsAt ?? asked.startsAt + DAY;
  const endsAt = codes.length > 0 ? Math.max(...codes.map((code) => code.endsAt ?? 0)) : end;
  const lastEventAt = Math.max(endsAt, ...codes.map(({ assignedAt }) => assignedAt));
  return { goneAt: endsAt + removing(device), lastEventAt };
}

/** The code, if it is one that somebody may have seen. */
export const assignedOf = (issued: Issued | null, now: number): Issued | null =>
  issued !== null && issued.assignedAt <= now ? issued : null;

const deletionIn = ({ history }: CodeRecord): Happening | undefined =>
  history.find(({ type }) => type === 'deleted');

export const isDeleted = (record: CodeRecord): boolean => deletionIn(record) !== undefined;

/** The kind of a code, if the device has it still: its settings may be others since. */
const kindOf = ({ token }: RegisteredDevice, { kind, lane }: Issued): PlacedKind | undefined =>
  prepareRules(token.rules).kinds.find(
    (each) => each.id === kind && (lane === null || (each.lane ?? lane) === lane),
  );

/** Whether a backup could be pulled, by how many codes of the window are given out. */
export function hasBackup(device: RegisteredDevice, record: CodeRecord, taken: number): boolean {
  const { usesBackups, pulledBackupId, issued } = record;
  if (!usesBackups || pulledBackupId !== null || !issued || issued.count !== null) return false;
  const kind = kindOf(device, issued);
  if (!kind || isDeleted(record)) return false;
  return lastVariance(device.token, kind) - firstVariance(device.token) + 1 > taken;
}

function statusOf(record: CodeRecord, now: number): AccessCodeStatus {
  const { issued } = record;
  if (isDeleted(record)) return 'removing';
  if (!issued) return 'unset';
  const { startsAt, endsAt, assignedAt } = issued;
  if (endsAt !== null && now >= endsAt) return 'removing';
  if (now >= startsAt) return now >= assignedAt ? 'set' : 'setting';
  return now >= startsAt - SETTING && now >= assignedAt ? 'setting' : 'unset';
}

/** From when a code is on the device by schedule. */
const scheduledAt = ({ startsAt, assignedAt }: Issued): number => Math.max(assignedAt, startsAt - SCHEDULED);

/** Whether a code is scheduled natively after a change: what has been told of schedules stays told. */
export function schedulingAfter(record: CodeRecord, wanted: boolean | undefined, now: number): boolean {
  const isAhead = [...record.replaced, record.issued].every((code) => !code || now < scheduledAt(code));
  return isAhead ? (wanted ?? record.nativeScheduling) : record.nativeScheduling;
}

/** Until when a deleted code opens. */
function deletionOf({ clearing }: CodeRecord): string {
  if (!clearing) return 'Deleted: it has no code that opens.';
  const { startsAt, endsAt, ends } = clearing;
  const when = `at the door, from ${timestamp(startsAt)}${endsAt === null ? '' : ` to ${timestamp(endsAt)}`}`;
  return ends === 'every_code_begun'
    ? `Deleted: it opens until the clear code is keyed in ${when}, or until it ends.`
    : `Deleted: it opens until it ends, or, once it was used, until the clear code is keyed in ${when}.`;
}

function mutationsOf(record: CodeRecord, now: number): readonly PendingMutation[] {
  const { issued, createdAt } = record;
  const deleted = deletionIn(record);
  if (deleted) {
    const message = deletionOf(record);
    return [{ mutation_code: 'deleting', created_at: timestamp(deleted.at), message }];
  }
  if (!issued || now >= Math.max(issued.assignedAt, issued.startsAt)) return [];
  const made = { created_at: timestamp(Math.max(createdAt, issued.madeAt)) };
  if (now >= issued.startsAt - SETTING) {
    return [{ ...made, mutation_code: 'creating', message: 'The code is about to open.' }];
  }
  const scheduled_at = timestamp(Math.max(issued.assignedAt, issued.startsAt - SETTING));
  return [{ ...made, mutation_code: 'deferring_creation', message: 'The code opens later.', scheduled_at }];
}

/** Codes of igloohome that last longer must be keyed in early; what a vendor's kinds say, in Seam's one word for it. */
function firstUseWarning({ token }: RegisteredDevice, issued: Issued): readonly AccessCodeWarning[] {
  const { firstUseBy, endsAt, madeAt } = issued;
  if (token.vendor.id !== 'igloohome' || firstUseBy === null || firstUseBy === endsAt) return [];
  const message = `The code must be used before ${timestamp(firstUseBy)}, within 24 hours of its start, or it never opens.`;
  const warning_code = 'igloo_algopin_must_be_used_within_24_hours';
  return [{ warning_code, message, created_at: timestamp(madeAt) }];
}

/** What a guest could stand before the door for, in the one word that Seam's schema has for it. */
function lossesOf(record: CodeRecord, issued: Issued, cleared: number): readonly AccessCodeWarning[] {
  const { rounded, madeAt } = issued;
  const minutes = (seconds: number): string => `${Math.ceil(-seconds / 60)} minutes`;
  const losses = [
    ...(rounded.start < 0 ? [`The code opens ${minutes(rounded.start)} later than asked.`] : []),
    ...(rounded.end < 0 ? [`The code ends ${minutes(rounded.end)} earlier than asked.`] : []),
    ...(isCleared(record, cleared)
      ? [
          `The code began before ${timestamp(cleared)}: a clear code for another one ends it when it is keyed in.`,
        ]
      : []),
  ];
  const created_at = timestamp(madeAt);
  return losses.map((message) => ({ warning_code: 'unknown_issue_with_access_code', message, created_at }));
}

/** Whether a clear code that was given out for another code ends this one too. */
const isCleared = (record: CodeRecord, cleared: number): boolean =>
  record.issued !== null && record.issued.startsAt < cleared && !isDeleted(record);

function warningsOf(
  device: RegisteredDevice,
  record: CodeRecord,
  now: number,
  cleared: number,
): readonly AccessCodeWarning[] {
  const { issued, history } = record;
  const warnings: AccessCodeWarning[] = issued
    ? [...firstUseWarning(device, issued), ...lossesOf(record, issued, cleared)]
    : [];
  if (issued && now < issued.assignedAt && now >= issued.startsAt) {
    const message = 'The code has begun and is not assigned yet.';
    const created_at = timestamp(Math.max(issued.startsAt, issued.madeAt));
    warnings.push({ warning_code: 'delay_in_setting_on_device', message, created_at });
  }
  for (const happening of history) {
    const created_at = timestamp(happening.at);
    if (happening.type === 'backup_pulled') {
      const message = 'A backup code was pulled and is used instead; this one still opens.';
      warnings.push({ warning_code: 'using_backup_access_code', message, created_at });
    }
    if (happening.type === 'deleted') {
      warnings.push({ warning_code: 'being_deleted', message: deletionOf(record), created_at });
    }
  }
  return warnings;
}

const DISPLAY: Readonly<Record<AccessCodeStatus, string>> = {
  unset: 'Upcoming',
  setting: 'Issuing',
  set: 'Active',
  removing: 'Removing',
  unknown: 'Unknown',
};

function displayOf(record: CodeRecord, status: AccessCodeStatus, now: number): string {
  if (record.lack && !record.issued) return 'Failed';
  const isWaiting = status !== 'removing' && record.issued && now < record.issued.assignedAt;
  return isWaiting ? 'Issuing' : DISPLAY[status];
}

/** Seam's metadata of an Oracode stay: the user level is the lane. */
function oracodeMetadata(device: RegisteredDevice, { seq, issued }: StoredCode): OracodeMetadata | null {
  const { token, site, levels } = device;
  if (token.vendor.id !== 'dormakaba-oracode' || !issued || issued.lane === null) return null;
  return {
    stay_id: seq,
    user_level_id: levels.get(issued.lane) ?? issued.lane,
    user_level_name: kindOf(device, issued)?.name ?? null,
    site_name: site,
    is_cancellable: false,
    is_extendable: false,
    is_early_checkin_able: false,
    is_overridable: false,
  };
}

const clearCodeOf = (clearing: Clearing | null): ClearCode | null =>
  clearing && {
    code: clearing.code,
    starts_at: timestamp(clearing.startsAt),
    ends_at: timestampOrNull(clearing.endsAt),
    ends: clearing.ends,
  };

const isOver = ({ endsAt }: Issued, now: number): boolean => endsAt !== null && endsAt <= now;

/** Codes that were replaced and open on. */
export const stillOpen = (record: CodeRecord, now: number): readonly Issued[] =>
  seenBefore(record).filter((code) => !isOver(code, now));

/** Every code of an access code that somebody may have and that is not over; the present one last. */
export function openOf(record: CodeRecord, now: number): readonly Issued[] {
  const present = assignedOf(record.issued, now);
  return [...stillOpen(record, now), ...(present && !isOver(present, now) ? [present] : [])];
}

/** What an object says that is not of its record. */
interface Shown {
  readonly workspaceId: string;
  readonly errorCodes: ErrorCodes;
  /** Whether a backup could be pulled. */
  readonly hasBackup: boolean;
  /** Codes of the device that began before are ended by a clear code that was given out; 0 if there is none. */
  readonly cleared: number;
}

/** The Seam object of an access code at a moment. */
export function accessCodeOf(
  device: RegisteredDevice,
  record: StoredCode,
  now: number,
  { workspaceId, errorCodes, hasBackup, cleared }: Shown,
): AccessCode {
  const { token } = device;
  const { issued, lack, asked } = record;
  const assigned = assignedOf(issued, now);
  const status = statusOf(record, now);
  const window = issued ?? { ...asked, firstUseBy: null };
  return {
    access_code_id: record.id,
    workspace_id: workspaceId,
    device_id: device.id,
    name: record.name,
    appearance: null,
    code: assigned?.code ?? null,
    common_code_key: record.commonCodeKey,
    type: 'time_bound',
    status,
    display_status: displayOf(record, status, now),
    starts_at: timestamp(window.startsAt),
    ends_at: timestampOrNull(window.endsAt),
    created_at: timestamp(record.createdAt),
    errors: lack && !issued ? [lackError(lack, token.vendor.id, errorCodes, record.createdAt)] : [],
    warnings: warningsOf(device, record, now, cleared),
    pending_mutations: mutationsOf(record, now),
    is_managed: true,
    is_backup: record.isBackup,
    is_backup_access_code_available: hasBackup,
    pulled_backup_access_code_id: record.pulledBackupId,
    is_external_modification_allowed: record.externalModification,
    is_offline_access_code: true,
    is_one_time_use: window.oneTime,
    ...(device.nativeScheduling && {
      is_scheduled_on_device: record.nativeScheduling && assigned !== null && now >= scheduledAt(assigned),
    }),
    is_waiting_for_code_assignment: issued !== null && assigned === null,
    dormakaba_oracode_metadata: oracodeMetadata(device, record),
    pintumbler: {
      vendor: token.vendor.id,
      codes: token.vendor.codes,
      kind: issued?.kind ?? null,
      variance: issued?.variance ?? null,
      count: issued?.count ?? null,
      first_use_by: timestampOrNull(window.firstUseBy),
      rounded: { starts_at: issued?.rounded.start ?? 0, ends_at: issued?.rounded.end ?? 0 },
      warnings: [...(issued?.warnings ?? []), ...(isCleared(record, cleared) ? ['may_be_cleared'] : [])],
      still_open: stillOpen(record, now).map(({ code, endsAt }) => ({
        code,
        ends_at: timestampOrNull(endsAt),
      })),
      clear_code: clearCodeOf(record.clearing),
    },
  };
}

/** `origin`: which code it happened to, or what was done, in words that are nobody's secret. */
type Told = readonly [at: number, occurrence: Occurrence, description: string];
type ToldOf = readonly [...told: Told, origin: string];

const NO_ISSUES = {
  access_code_errors: [],
  access_code_warnings: [],
  device_errors: [],
  device_warnings: [],
  connected_account_errors: [],
  connected_account_warnings: [],
} as const;

/** What time does to a code that was made, until it is replaced or deleted. */
function passing(
  device: RegisteredDevice,
  { nativeScheduling }: CodeRecord,
  issued: Issued,
  until: number,
): readonly Told[] {
  const { code, startsAt, madeAt, assignedAt, endsAt } = issued;
  const told: Told[] = [];
  if (assignedAt > madeAt) {
    const changed_properties = [{ property: 'code', from: null, to: code }];
    told.push([
      assignedAt,
      { event_type: 'access_code.changed', changed_properties },
      'The code was assigned.',
    ]);
  }
  if (assignedAt > Math.max(startsAt, madeAt)) {
    const message = 'The code has begun and is not assigned yet.';
    const at = Math.max(startsAt, madeAt);
    const warning_code = 'delay_in_setting_on_device';
    told.push([
      at,
      {
        event_type: 'access_code.delay_in_setting_on_device',
        ...NO_ISSUES,
        access_code_warnings: [{ warning_code, message, created_at: timestamp(at) }],
      },
      message,
    ]);
  }
  const scheduled = scheduledAt(issued);
  if (device.nativeScheduling && nativeScheduling && scheduled < startsAt) {
    told.push([
      scheduled,
      { event_type: 'access_code.scheduled_on_device', code },
      'The code opens at its start.',
    ]);
  }
  const set = Math.max(assignedAt, startsAt, madeAt);
  if (endsAt === null || set < endsAt)
    told.push([set, { event_type: 'access_code.set_on_device', code }, 'The code opens from now on.']);
  // What was told in the second in which it is replaced stays told.
  return told.filter(([at]) => at <= until);
}

/** What was done to it. */
function done(record: CodeRecord, happening: Happening): readonly Told[] {
  const { at } = happening;
  const created_at = timestamp(at);
  if (happening.type === 'changed') {
    const changed_properties = happening.properties;
    return [[at, { event_type: 'access_code.changed', changed_properties }, 'The access code was changed.']];
  }
  if (happening.type === 'backup_pulled') {
    const backup_access_code_id = happening.backupId;
    const event_type = 'access_code.backup_access_code_pulled';
    return [[at, { event_type, backup_access_code_id }, 'A backup code was pulled.']];
  }
  if (happening.type === 'not_removed') {
    const message = 'The lock has no code that would end this one; it opens until it ends.';
    const access_code_errors = [{ error_code: 'failed_to_remove_from_device', message, created_at }];
    const event_type = 'access_code.failed_to_remove_from_device';
    return [[at, { event_type, ...NO_ISSUES, access_code_errors }, message]];
  }
  const code = assignedOf(record.issued, at)?.code ?? null;
  const deleted: Told = [at, { event_type: 'access_code.deleted', code }, 'The access code was deleted.'];
  if (!record.clearing) return [deleted];
  const message = deletionOf(record);
  const access_code_warnings = [{ warning_code: 'being_deleted', message, created_at }];
  const event_type = 'access_code.delay_in_removing_from_device';
  return [deleted, [at, { event_type, ...NO_ISSUES, access_code_warnings }, message]];
}

const from = (origin: string, told: readonly Told[]): readonly ToldOf[] =>
  told.map((each) => [...each, origin]);

/** Something that has happened; its event, with an id that is not free, is made for who asks. */
export interface Happened {
  readonly at: number;
  readonly type: SeamEvent['event_type'];
  readonly event: () => SeamEvent;
}

/** Everything that has happened to an access code by a moment, oldest first. */
export function eventsOf(
  device: RegisteredDevice,
  record: StoredCode,
  now: number,
  { workspaceId, errorCodes }: { workspaceId: string; errorCodes: ErrorCodes },
): readonly Happened[] {
  const { id, createdAt, issued, lack, replaced } = record;
  const told: ToldOf[] = [
    [createdAt, { event_type: 'access_code.created' }, 'The access code was created.', 'creation'],
  ];
  if (lack) {
    const { error_code, message, created_at } = lackError(
      lack,
      device.token.vendor.id,
      errorCodes,
      createdAt,
    );
    const access_code_errors = [{ error_code, message, created_at }];
    told.push([
      createdAt,
      { event_type: 'access_code.failed_to_set_on_device', ...NO_ISSUES, access_code_errors },
      message,
      'creation',
    ]);
  }
  const codes = issued ? [...replaced, issued] : replaced;
  const deletedAt = deletionIn(record)?.at ?? Number.POSITIVE_INFINITY;
  for (const [index, code] of codes.entries()) {
    const { endsAt, assignedAt, window, variance } = code;
    const origin = `code ${window} ${variance}`;
    const replacedAt = codes[index + 1]?.madeAt;
    told.push(...from(origin, passing(device, record, code, replacedAt ?? deletedAt)));
    // A code that nobody had when it was deleted was on no device; one that was replaced ends unseen.
    if (endsAt !== null && assignedAt <= Math.min(deletedAt, endsAt) && endsAt <= (replacedAt ?? endsAt))
      told.push([endsAt, { event_type: 'access_code.removed_from_device' }, 'The code has ended.', origin]);
  }
  for (const [index, happening] of record.history.entries())
    told.push(...from(`history ${index}`, done(record, happening)));
  return told
    .filter(([at]) => at <= now)
    .sort(([one], [other]) => one - other)
    .map(([at, occurrence, description, origin]) => {
      const event = (): SeamEvent => ({
        ...occurrence,
        // The same id for the same event, whatever happens later. Not of what it says: who sees ids, in a log or a dump,
        // could try digits and names until one fits.
        event_id: uuidFrom('event', id, occurrence.event_type, String(at), origin),
        event_description: description,
        workspace_id: workspaceId,
        created_at: timestamp(at),
        occurred_at: timestamp(at),
        access_code_id: id,
        device_id: device.id,
        connected_account_id: device.object.connected_account_id,
      });
      return { at, type: occurrence.event_type, event };
    });
}

export const ACTION: Readonly<Record<CodeRecord['attempts'][number]['type'], ActionType>> = {
  create: 'CREATE_ACCESS_CODE',
  update: 'UPDATE_ACCESS_CODE',
  delete: 'DELETE_ACCESS_CODE',
};

/** The last action attempt of an access code, as it is when it has just been made. */
export function pendingAttempt({ attempts }: CodeRecord): ActionAttempt {
  const attempt = attempts.at(-1);
  if (!attempt) throw new Error('an access code without an action attempt');
  const { id, type } = attempt;
  return { status: 'pending', action_type: ACTION[type], action_attempt_id: id, result: null, error: null };
}
