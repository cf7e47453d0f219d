/**
 * What a lock remembers, as plain JSON: versioned, bound to its lock, refused whole when damaged or foreign.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { LAST_INSTANT, PintumblerError } from '../errors.ts';
import type { Asked } from '../grant.ts';
import { LAST_EPOCH } from '../token.ts';
import type { LockRules } from '../vendors/vendor.ts';
import type { StepState, Used } from './steps.ts';
import { MOST_LOCKOUTS, type ThrottleState } from './throttle.ts';

/** A code that was keyed in and accepted. */
export interface LockRecord {
  readonly code: string;
  readonly epoch: number;
  readonly kind: string;
  readonly variance: number;
  readonly lane: string;
  readonly startsAt: number;
  /** Null: it opens for good. */
  readonly endsAt: number | null;
  /** Until when it opens: its end, or earlier, if its first use set one; the last instant if it has none. */
  readonly until: number;
  /** Opening civil day, for kinds that supersede each other by it; else null. */
  readonly day: number | null;
  /** A one-time code that has been used, or a code that has been revoked by one that clears. */
  readonly consumed: boolean;
}

export interface LockState {
  readonly v: 1;
  /** The lock it belongs to. */
  readonly lock: string;
  /** The older of the two live epochs. */
  readonly epoch: number;
  readonly clock: 'running' | 'unset';
  /** Last stored time: the lock's clock at the last entry; null where there was none. */
  readonly lastAt: number | null;
  readonly throttle: ThrottleState;
  /** Codes that began before it are revoked, seen or not. */
  readonly clearedBefore: number;
  /** Stays that opened on an earlier civil day are superseded. */
  readonly staysFrom: number;
  /** Unrecorded codes that ended by it are refused. */
  readonly forgottenUntil: number;
  readonly records: readonly LockRecord[];
  /** Of locks that keep step with counts or periods, and no others. */
  readonly steps?: StepState;
}

const damaged = (what: string): never => {
  throw new PintumblerError('state_damaged', `the lock state is damaged: ${what}`);
};

function fieldsOf(what: string, value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return damaged(`${what} is not an object`);
  const found = Object.keys(value);
  if (found.length !== names.length || names.some((name) => !Object.hasOwn(value, name)))
    damaged(`${what} lacks a field or has one too many`);
  return Object.fromEntries(Object.entries(value));
}

function integer(what: string, value: unknown, from: number, to: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to
    ? value
    : damaged(`"${what}" is out of range`);
}

const integerOrNull = (what: string, value: unknown, from: number, to: number): number | null =>
  value === null ? null : integer(what, value, from, to);

function text(what: string, value: unknown, pattern: RegExp): string {
  return typeof value === 'string' && pattern.test(value)
    ? value
    : damaged(`"${what}" is not as it should be`);
}

const LAST_DAY = LAST_INSTANT / 86400 + 1;

function readThrottle(value: unknown, rules: LockRules): ThrottleState {
  const rule = rules.throttle;
  if (rule.by === 'credit') {
    const { by, credit, at, recordsAt } = fieldsOf('throttle', value, ['by', 'credit', 'at', 'recordsAt']);
    if (by !== rule.by) damaged('it has another throttle');
    return {
      by: 'credit',
      credit: integer('credit', credit, 0, rule.most),
      at: integerOrNull('throttle.at', at, 0, LAST_INSTANT),
      recordsAt: integerOrNull('throttle.recordsAt', recordsAt, 0, LAST_INSTANT),
    };
  }
  const { by, wrong, since, lockouts } = fieldsOf('throttle', value, ['by', 'wrong', 'since', 'lockouts']);
  if (by !== rule.by) damaged('it has another throttle');
  return {
    by: 'lockout',
    wrong: integer('wrong', wrong, 0, rule.wrong),
    since: integerOrNull('throttle.since', since, 0, LAST_INSTANT),
    lockouts: integer('lockouts', lockouts, 0, MOST_LOCKOUTS),
  };
}

const RECORD = [
  'code',
  'epoch',
  'kind',
  'variance',
  'lane',
  'startsAt',
  'endsAt',
  'until',
  'day',
  'consumed',
];

function readRecord(value: unknown, oldest: number): LockRecord {
  const fields = fieldsOf('a record', value, RECORD);
  const { consumed } = fields;
  if (typeof consumed !== 'boolean') return damaged('"consumed" is not true or false');
  const startsAt = integer('startsAt', fields['startsAt'], 0, LAST_INSTANT);
  const kind = text('kind', fields['kind'], /^[a-z0-9][a-z0-9_-]{0,39}$/);
  const endsAt = integerOrNull('endsAt', fields['endsAt'], startsAt, LAST_INSTANT);
  return Object.freeze({
    code: text('code', fields['code'], /^[!-~]{1,80}$/),
    epoch: integer('epoch', fields['epoch'], oldest, oldest + 1),
    kind,
    variance: integer('variance', fields['variance'], 0, 2 ** 32 - 1),
    lane: text('lane', fields['lane'], /^[\d*#]{0,31}$/),
    startsAt,
    endsAt,
    until: integer('until', fields['until'], startsAt, LAST_INSTANT),
    day: integerOrNull('day', fields['day'], 0, LAST_DAY),
    consumed,
  });
}

/** Counts that were used: each once, in their range. */
function readUsed(what: string, value: unknown, from: number, to: number, most: number): readonly Used[] {
  if (!Array.isArray(value) || value.length > most) return damaged(`"${what}" is no list of counts`);
  const pairs = Array.from(value, (each: unknown): Used => {
    if (!Array.isArray(each) || each.length !== 2) return damaged(`"${what}" is no list of counts`);
    const [count, carried]: readonly unknown[] = each;
    return Object.freeze([
      integer(what, count, from, to),
      integer(what, carried, 0, Number.MAX_SAFE_INTEGER),
    ] as const);
  });
  if (new Set(pairs.map(String)).size < pairs.length) damaged(`"${what}" has a count twice`);
  return Object.freeze(pairs);
}

function readAsked(value: unknown): StepState['asked'] {
  if (value === null) return null;
  const hasSession = typeof value === 'object' && 'session' in value;
  const names = ['challenge', ...(hasSession ? ['session'] : []), 'until'];
  const { challenge, session, until } = fieldsOf('"asked"', value, names);
  return Object.freeze({
    challenge: text('challenge', challenge, /^[0-9A-Za-z]{1,128}$/),
    ...(hasSession && { session: text('session', session, /^([0-9A-Fa-f]{2}){1,512}$/) }),
    until: integer('until', until, 0, LAST_INSTANT + LAST_INSTANT),
  });
}

const STEPS = ['last', 'floor', 'peak', 'used', 'spent', 'drift', 'driftAt', 'awaited', 'asked'];

/** More than a lock ever has to remember. */
const MOST_USED = 4096;

/** The counts, or periods, that a lock can be at: from what a new one takes for accepted to the last there is. */
export interface StepRange {
  readonly first: number;
  readonly highest: number;
}

function readSteps(
  value: unknown,
  { drift: rule, resync }: LockRules,
  { first, highest: high }: StepRange,
): StepState {
  const fields = fieldsOf('"steps"', value, STEPS);
  const peak = integer('peak', fields['peak'], first, high);
  const last = integer('last', fields['last'], -1, peak);
  const floor = integer('floor', fields['floor'], -1, last);
  const { awaited } = fields;
  const most = rule?.most ?? 0;
  const room = Math.max(resync ?? 0, rule ? 2 * most + 1 : 0);
  if (!Array.isArray(awaited) || awaited.length > room || new Set(awaited).size < awaited.length)
    return damaged('"awaited" is no list of counts');
  const driftAt = integerOrNull('driftAt', fields['driftAt'], 0, rule ? LAST_INSTANT : -1);
  const used = readUsed('used', fields['used'], 0, last, MOST_USED);
  if (new Set(used.map(([count]) => count)).size < used.length) damaged('"used" has a count twice');
  return Object.freeze({
    last,
    floor,
    peak,
    used,
    spent: readUsed('spent', fields['spent'], 0, peak, MOST_USED),
    // Without a time it was never learned.
    drift:
      driftAt === null
        ? integer('drift', fields['drift'], 0, 0)
        : integer('drift', fields['drift'], -most, most),
    driftAt,
    awaited: Object.freeze(Array.from(awaited, (each: unknown) => integer('awaited', each, floor + 1, high))),
    asked: readAsked(fields['asked']),
  });
}

const STATE = [
  'v',
  'lock',
  'epoch',
  'clock',
  'lastAt',
  'throttle',
  'clearedBefore',
  'staysFrom',
  'forgottenUntil',
  'records',
];

/**
 * Checks a state from outside and returns a frozen copy of it, fields in their order.
 *
 * @param range of a lock that keeps step with counts or periods; undefined of others.
 * @param isPossible whether the lock can have made such a record.
 * @param isAskable whether the lock of an epoch can have asked that.
 *
 * @throws `state_version`, `state_foreign`, `state_damaged`
 */
export function readState(
  value: unknown,
  lock: string,
  rules: LockRules,
  range: StepRange | undefined,
  isPossible: (record: LockRecord) => boolean,
  isAskable: (asked: Asked, epoch: number) => boolean,
): LockState {
  if (
    typeof value === 'object' &&
    value !== null &&
    'v' in value &&
    Number.isInteger(value.v) &&
    value.v !== 1
  ) {
    throw new PintumblerError(
      'state_version',
      'the lock state has a version that this library does not read',
    );
  }
  const fields = fieldsOf('it', value, range ? [...STATE, 'steps'] : STATE);
  if (fields['v'] !== 1) damaged('it has no version');
  if (typeof fields['lock'] === 'string' && fields['lock'] !== lock) {
    throw new PintumblerError('state_foreign', 'the lock state belongs to another lock');
  }
  const { clock, records } = fields;
  if (clock !== 'running' && clock !== 'unset') return damaged('"clock" is neither running nor unset');
  if (!Array.isArray(records) || records.length > rules.records)
    return damaged('it has more records than the lock holds');
  const epoch = integer('epoch', fields['epoch'], 0, LAST_EPOCH);
  const steps = range && readSteps(fields['steps'], rules, range);
  if (steps?.asked && !isAskable(steps.asked, epoch)) damaged('"asked" is none of this vendor');
  return Object.freeze({
    v: 1,
    lock: text('lock', fields['lock'], /^.+$/),
    epoch,
    clock,
    lastAt: integerOrNull('lastAt', fields['lastAt'], 0, LAST_INSTANT),
    throttle: Object.freeze(readThrottle(fields['throttle'], rules)),
    clearedBefore: integer('clearedBefore', fields['clearedBefore'], 0, LAST_INSTANT),
    staysFrom: integer('staysFrom', fields['staysFrom'], 0, LAST_DAY),
    forgottenUntil: integer('forgottenUntil', fields['forgottenUntil'], 0, LAST_INSTANT),
    records: Object.freeze(
      Array.from(records, (each: unknown) => {
        const record = readRecord(each, epoch);
        return isPossible(record) ? record : damaged('a record is none of this vendor');
      }),
    ),
    ...(steps && { steps }),
  });
}

const checkOf = (state: LockState): string =>
  bytesToHex(sha256(utf8ToBytes(JSON.stringify(state))).slice(0, 8));

/** The state as JSON with a checksum over all of it. It holds live codes: keep it like one. */
export const writeText = (state: LockState): string => JSON.stringify({ ...state, check: checkOf(state) });

/** The state in a text and whether its checksum matches; `read` checks and orders the fields. */
export function readText(value: string, read: (state: unknown) => LockState): LockState {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return damaged('it is not complete JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || !('check' in parsed))
    return damaged('it has no checksum');
  const { check, ...rest } = parsed;
  const state = read(rest);
  return check === checkOf(state) ? state : damaged('its checksum does not match');
}
