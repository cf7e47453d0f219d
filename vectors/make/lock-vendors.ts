/**
 * lock-vendors.json: what the locks of other makers do. Every answer is written here by hand from the maker's rules and
 * compared with what `enter` gives.
 */
import { tableJson } from '../../src/cli/token.ts';
import type { Nothing } from '../../src/cli/vector-schemes.ts';
import { Stream } from '../../src/cli/vector-stream.ts';
import { sheetsOf } from '../../src/cli/vector-tests.ts';
import { engineOf } from '../../src/engine.ts';
import type { WindowGrant } from '../../src/grant.ts';
import { type DeviceToken, deriveToken, mint, read } from '../../src/index.ts';
import { secretBytes } from '../../src/token.ts';
import { codelocksNetcode } from '../../src/vendors/codelocks-netcode.ts';
import { dormakabaOracode } from '../../src/vendors/dormakaba-oracode.ts';
import { lockly } from '../../src/vendors/lockly.ts';
import { masterLock } from '../../src/vendors/master-lock.ts';
import { resortlock } from '../../src/vendors/resortlock.ts';
import { sentrilock } from '../../src/vendors/sentrilock.ts';
import { ttlock } from '../../src/vendors/ttlock.ts';
import { tuya } from '../../src/vendors/tuya.ts';
import { LEVELS, tokenOf } from './codes.ts';
import { type Group, hex, type Notes, vectorFile } from './format.ts';
import {
  guesses,
  type Instant,
  instant,
  key,
  keyAll,
  keyAs,
  loseIt,
  play,
  reload,
  type Sequence,
  setIt,
} from './steps.ts';
import { at, utc, type Zone, zone } from './zones.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

const NOTES: Notes = {
  Border: { bugType: 'EDGE_CASE', description: 'The last second before and the first after a border.' },
  Inclusive: { bugType: 'EDGE_CASE', description: 'The last second of a window or a deadline counts too.' },
  Civil: { bugType: 'FUNCTIONALITY', description: 'A kind that opens and closes at local times.' },
  ClockChange: {
    bugType: 'EDGE_CASE',
    description: 'Local times on a day of 23 or 25 hours, or standard time in summer.',
  },
  FirstUse: {
    bugType: 'FUNCTIONALITY',
    description: 'The first-use deadline: it counts without a record, and not with one.',
  },
  AfterUse: { bugType: 'FUNCTIONALITY', description: 'How long a code opens after its first use.' },
  OneTime: { bugType: 'AUTH_BYPASS', description: 'A code that opens once.' },
  Replay: { bugType: 'AUTH_BYPASS', description: 'A code keyed in again when it must no longer open.' },
  Weekdays: { bugType: 'FUNCTIONALITY', description: 'A window that comes again on its weekdays.' },
  Endless: { bugType: 'FUNCTIONALITY', description: 'A code without an end.' },
  Rolling: { bugType: 'FUNCTIONALITY', description: 'The code of a period, accepted in neighbouring ones.' },
  Supersede: {
    bugType: 'AUTH_BYPASS',
    description: 'The first use of a code ends those that began on earlier days, seen or not.',
  },
  ClearOne: {
    bugType: 'AUTH_BYPASS',
    description:
      'A code that revokes the used code of its own start and number, the first that the lock finds.',
  },
  ClearAll: { bugType: 'AUTH_BYPASS', description: 'A code that revokes every code that has been used.' },
  Unused: {
    bugType: 'AUTH_BYPASS',
    description: 'Codes that have not been used cannot be cleared, and still open.',
  },
  Memory: { bugType: 'EDGE_CASE', description: 'The memory is full.' },
  Evicted: { bugType: 'AUTH_BYPASS', description: 'A code that a full memory dropped is new again.' },
  Overlapping: { bugType: 'FUNCTIONALITY', description: 'How many used codes of a kind may overlap.' },
  Throttle: { bugType: 'AUTH_BYPASS', description: 'What guessing costs.' },
  Clock: {
    bugType: 'FUNCTIONALITY',
    description: 'A lock without its clock, or with one that goes backward.',
  },
  Epoch: { bugType: 'AUTH_BYPASS', description: 'New keys after a reset.' },
  PowerCut: { bugType: 'MISSING_STEP', description: 'The power goes before or after the state is written.' },
  Lanes: { bugType: 'FUNCTIONALITY', description: 'The clear prefix is part of the code.' },
  Malformed: { bugType: 'FUNCTIONALITY', description: 'Entries that are no codes: refused and not counted.' },
  Unknown: { bugType: 'FUNCTIONALITY', description: 'Digits that mean nothing.' },
  Tables: { bugType: 'FUNCTIONALITY', description: 'Codes of several lengths at one lock.' },
};

// --- doors --------------------------------------------------------------------------------------------------------

const years = (name: Parameters<typeof zone>[0]): Zone => zone(name, utc(2025, 1, 1), utc(2030, 1, 1));

/** A window of so many hours. */
const hours = (kind: string, start: Instant, count: number, variance = 0): WindowGrant => {
  const startsAt = instant(start);
  return { kind, variance, startsAt, endsAt: startsAt + count * HOUR };
};

const span = (
  kind: string,
  from: string,
  to: string | null,
  more: Partial<WindowGrant> = {},
): WindowGrant => ({
  kind,
  variance: 0,
  startsAt: at(from),
  endsAt: to === null ? null : at(to),
  ...more,
});

/** Digits that mean nothing around a time. */
function wrong(token: DeviceToken, when: Instant, count: number): readonly string[] {
  const stream = new Stream(`pintumbler vectors/wrong/${token.deviceId}`);
  const { digits, lanes, alphabet } = engineOf(token).books[0]?.layout ?? {
    digits: 0,
    lanes: [''],
    alphabet: '0',
  };
  const found: string[] = [];
  while (found.length < count) {
    const symbols = Array.from({ length: digits }, () => alphabet.charAt(stream.below(alphabet.length)));
    const code = `${lanes[0]}${symbols.join('')}`;
    if (read(token, code, instant(when)).length === 0) found.push(code);
  }
  return found;
}

function groupOf(tokens: readonly [DeviceToken, ...DeviceToken[]], sequences: readonly Sequence[]): Group {
  const [{ vendor, rules }] = tokens;
  // How many PINs are given out is the issuer's affair: a lock does nothing with it.
  const { source: _source, pins: _pins, ...lockRules } = rules.lock;
  return {
    type: 'VendorLockTest',
    vendor: vendor.id,
    codes: vendor.codes,
    clock: rules.clock,
    rules: lockRules,
    tokens: tokens.map((token) => ({
      deviceId: token.deviceId,
      epoch: token.epoch,
      timeZone: token.timeZone,
      gridOffset: token.gridOffset,
      ...(token.offsets && { offsets: token.offsets }),
      ...(token.config !== undefined && { config: token.config }),
      [token.holds]: hex(secretBytes(token)),
      layouts: [token.rules, ...(token.rules.also ?? [])].map((table) => ({
        scheme: (table.scheme ?? vendor.scheme).id,
        ...tableJson(token, table),
      })),
    })),
    tests: sequences.map((each) => play(tokens, each)),
  };
}

// --- Tuya ---------------------------------------------------------------------------------------------------------

function tuyaGroup(): Group {
  const facts = { timeZone: 'UTC', gridOffset: 0, offsets: [] };
  const token = tokenOf(tuya, { name: 'lock-tuya', facts, key: '8f7d54' });
  const code = (grant: WindowGrant): string => mint(token, grant);
  const timed = (start: Instant, count: number): string => code(hours('multiple', start, count));
  const once = (start: Instant, serial: number): string => code(hours('once', start, 6, serial));
  const clearOne = (start: Instant, count: number): string => code(hours('clear_one', start, count));
  const clearAll = (start: Instant, serial: number): string => code(hours('clear_all', start, 24, serial));
  const [offline] = sheetsOf(token);
  const nothing = (flag: string): readonly Nothing[] =>
    offline.working.nothing(offline).filter((each) => each.flag === flag);
  const noon = at('2026-03-01T12:00Z');
  const guest = timed(noon, 48);
  const serial0 = once(noon, 0);
  const serial10 = once(noon, 10);
  const crowd = Array.from({ length: 198 }, (_, i) => timed(noon, 1000 + i));
  const early = timed(noon - HOUR, 500);
  const slot = (noon - (engineOf(token).books[0]?.grid.origin ?? 0)) / HOUR;
  const zero = offline.book.codec.encode({ kind: 0, slot, length: 0, variance: 0, lane: '' });
  const step = Math.floor(at('2026-03-01T12:02Z') / 300) * 300;
  const dynamic = code({ kind: 'dynamic', variance: 0, startsAt: step - 300, endsAt: step + 600 });
  const guessed = wrong(token, noon, 10);
  return groupOf(
    [token],
    [
      {
        comment: 'a timed code: from the first second to the last, which counts too',
        flags: ['Border', 'Inclusive'],
        steps: [
          key(guest, '2026-03-01T11:59:59Z', 'not_yet_valid'),
          key(guest, '2026-03-01T12:00:00Z', 'first_use'),
          key(guest, '2026-03-03T12:00:00Z', 'used_before'),
          key(guest, '2026-03-03T12:00:01Z', 'expired'),
        ],
      },
      {
        comment: 'a timed code, first used 24 hours after its start: it then lives to its end',
        flags: ['Border', 'Inclusive', 'FirstUse'],
        steps: [
          key(guest, '2026-03-02T12:00:00Z', 'first_use'),
          key(guest, '2026-03-02T12:00:01Z', 'used_before'),
        ],
      },
      {
        comment: 'a timed code, a second too late for its first use; over before it is missed',
        flags: ['Border', 'Inclusive', 'FirstUse'],
        steps: [
          key(guest, '2026-03-02T12:00:01Z', 'first_use_missed'),
          key(guest, '2026-03-03T12:00:00Z', 'first_use_missed'),
          key(guest, '2026-03-03T12:00:01Z', 'expired'),
        ],
      },
      {
        comment: 'a timed code without length, which no issuer makes: it opens for its one second',
        flags: ['Border', 'Inclusive'],
        steps: [
          key(zero, noon - 1, 'not_yet_valid'),
          key(zero, noon + 1, 'expired'),
          key(zero, noon, 'first_use'),
        ],
      },
      {
        comment: 'a one-time code opens once within 6 hours; another serial number is another code',
        flags: ['OneTime', 'Replay', 'Inclusive'],
        steps: [
          key(serial0, '2026-03-01T11:59:59Z', 'not_yet_valid'),
          key(serial0, '2026-03-01T12:00:00Z', 'first_use'),
          key(serial0, '2026-03-01T12:00:01Z', 'already_used'),
          key(serial10, '2026-03-01T18:00:00Z', 'first_use'),
          key(serial10, '2026-03-01T18:00:01Z', 'already_used'),
          key(once(noon, 5), '2026-03-01T18:00:01Z', 'expired'),
        ],
      },
      {
        comment: 'a one-time code and a power cut before and after it is written',
        flags: ['OneTime', 'PowerCut', 'Replay'],
        steps: [
          key(serial0, noon, 'first_use', 'none'),
          key(serial0, noon + 1, 'first_use', 'charged'),
          key(serial0, noon + 2, 'already_used'),
        ],
      },
      {
        comment: 'clear one: the used code of its own start and hours is revoked, and no other',
        flags: ['ClearOne', 'Replay'],
        steps: [
          key(guest, noon, 'first_use'),
          key(early, noon + 1, 'first_use'),
          key(clearOne(noon, 47), noon + 2, 'nothing_to_clear'),
          key(clearOne(noon - HOUR, 48), noon + 3, 'nothing_to_clear'),
          key(clearOne(noon, 48), noon + 4, 'cleared'),
          key(guest, noon + 5, 'revoked'),
          key(early, noon + 6, 'used_before'),
          key(clearOne(noon, 48), noon + 7, 'already_used'),
          key(guest, '2026-03-03T12:00:01Z', 'revoked'),
        ],
      },
      {
        comment: 'clear one within its own window, first and last second',
        flags: ['ClearOne', 'Border', 'Inclusive'],
        steps: [
          key(clearOne(noon, 48), noon - 1, 'not_yet_valid'),
          key(guest, noon, 'first_use'),
          key(clearOne(noon, 48), noon + 48 * HOUR + 1, 'expired'),
          key(clearOne(noon, 48), noon + 48 * HOUR, 'cleared'),
        ],
      },
      {
        comment: 'clear one before the code has been used: nothing to clear, and the code opens afterwards',
        flags: ['ClearOne', 'Unused'],
        steps: [
          key(clearOne(noon, 48), noon, 'nothing_to_clear'),
          key(guest, noon + 1, 'first_use'),
          key(clearOne(noon, 48), noon + 2, 'cleared'),
          key(guest, noon + 3, 'revoked'),
        ],
      },
      {
        comment:
          'clear one and a one-time code of the same start and number: used first, it hides the timed code',
        flags: ['ClearOne', 'OneTime'],
        steps: [
          key(clearOne(noon, 4), noon, 'nothing_to_clear'),
          key(once(noon, 4), noon + 1, 'first_use'),
          key(clearOne(noon, 4), noon + 2, 'already_used'),
          key(timed(noon, 4), noon + 3, 'first_use'),
          key(clearOne(noon, 4), noon + 4, 'already_used'),
          key(timed(noon, 4), noon + 5, 'used_before'),
          // Six hours, as long as the one-time code lives, is another number.
          key(clearOne(noon, 6), noon + 6, 'nothing_to_clear'),
        ],
      },
      {
        comment: 'clear one and a one-time code of the same start and number: used later, it hides nothing',
        flags: ['ClearOne', 'OneTime'],
        steps: [
          key(timed(noon, 4), noon, 'first_use'),
          key(once(noon, 4), noon + 1, 'first_use'),
          key(clearOne(noon, 4), noon + 2, 'cleared'),
          key(timed(noon, 4), noon + 3, 'revoked'),
          key(clearOne(noon, 4), noon + 4, 'already_used'),
        ],
      },
      {
        comment:
          'clear one and a clear all of the same start and number: used first, it hides the timed code',
        flags: ['ClearOne', 'ClearAll'],
        steps: [
          key(clearAll(noon, 10), noon, 'nothing_to_clear'),
          key(timed(noon, 10), noon + 1, 'first_use'),
          key(clearOne(noon, 10), noon + 2, 'already_used'),
          key(timed(noon, 10), noon + 3, 'used_before'),
          key(clearAll(noon, 9), noon + 4, 'cleared'),
          key(timed(noon, 10), noon + 5, 'revoked'),
        ],
      },
      {
        comment: 'clear one, and the power goes before and after it is written',
        flags: ['ClearOne', 'PowerCut'],
        steps: [
          key(guest, noon, 'first_use'),
          key(clearOne(noon, 48), noon + 1, 'cleared', 'none'),
          key(guest, noon + 2, 'used_before'),
          key(clearOne(noon, 48), noon + 3, 'cleared', 'charged'),
          key(guest, noon + 4, 'revoked'),
        ],
      },
      {
        comment: 'clear all: what has been used is revoked, what has not still opens',
        flags: ['ClearAll', 'Unused', 'Replay'],
        steps: [
          key(guest, noon, 'first_use'),
          key(early, noon + 1, 'first_use'),
          key(serial0, noon + 2, 'first_use'),
          key(clearAll(noon, 0), noon + 3, 'cleared'),
          key(guest, noon + 4, 'revoked'),
          key(early, noon + 5, 'revoked'),
          key(serial0, noon + 6, 'already_used'),
          key(timed(noon, 10), noon + 7, 'first_use'),
          key(serial10, noon + 8, 'first_use'),
          key(clearAll(noon, 0), noon + 9, 'already_used'),
          key(timed(noon, 10), noon + 10, 'used_before'),
          key(clearAll(noon, 10), noon + 11, 'cleared'),
          key(timed(noon, 10), noon + 12, 'revoked'),
        ],
      },
      {
        comment: 'clear all with nothing to clear is refused and used up',
        flags: ['ClearAll', 'Replay'],
        steps: [
          key(clearAll(noon, 0), noon, 'nothing_to_clear'),
          key(clearAll(noon, 0), noon + 1, 'already_used'),
          key(serial0, noon + 2, 'first_use'),
          key(clearAll(noon, 1), noon + 3, 'nothing_to_clear'),
        ],
      },
      {
        comment: 'clear all within 24 hours, the last second too',
        flags: ['ClearAll', 'Border', 'Inclusive'],
        steps: [
          key(clearAll(noon, 0), noon - 1, 'not_yet_valid'),
          key(guest, noon, 'first_use'),
          key(clearAll(noon, 0), noon + DAY + 1, 'expired'),
          key(clearAll(noon, 0), noon + DAY, 'cleared'),
        ],
      },
      {
        comment: 'a dynamic code: its 300 seconds and as much on each side, again and again, with no record',
        flags: ['Rolling', 'Border'],
        steps: [
          key(dynamic, step - 301, 'not_yet_valid'),
          key(dynamic, step - 300, 'first_use'),
          key(dynamic, step, 'first_use'),
          key(dynamic, step + 1, 'first_use'),
          key(dynamic, step + 599, 'first_use'),
          key(dynamic, step + 600, 'expired'),
        ],
      },
      {
        comment: 'a dynamic code is not revoked by a clear all',
        flags: ['Rolling', 'ClearAll'],
        steps: [
          key(dynamic, step, 'first_use'),
          key(clearAll(noon, 0), step + 1, 'nothing_to_clear'),
          key(dynamic, step + 2, 'first_use'),
        ],
      },
      {
        comment: 'digits of types 2 and 7, and of serial number 11',
        flags: ['Unknown'],
        steps: [
          ...[nothing('Type').at(0), nothing('Type').at(-1), nothing('Serial').at(0)].flatMap((each, i) =>
            each ? [key(each.code, noon + i, 'unknown')] : [],
          ),
        ],
      },
      {
        comment: 'neither ten digits nor eight: not counted',
        flags: ['Malformed'],
        steps: [
          ...['', guest.slice(1), `${guest}0`, dynamic.slice(1)].map((each) => key(each, noon, 'malformed')),
          key(guest, noon, 'first_use'),
        ],
      },
      {
        comment:
          'five wrong codes in a row, 300 seconds; the first of these codes that is accepted begins anew',
        flags: ['Throttle'],
        steps: [
          ...guesses(guessed.slice(0, 4), noon, 'unknown'),
          key(guest, noon + 4, 'first_use'),
          ...guesses(guessed.slice(5, 10), noon + 5, 'unknown'),
          key(guest, noon + 10, 'locked_out'),
          key(guest, noon + 308, 'locked_out'),
          key(guest, noon + 309, 'used_before'),
        ],
      },
      {
        comment: 'a record that is over gives its place to the next, long before the memory is full',
        flags: ['Memory', 'Evicted', 'Clock'],
        steps: [
          key(timed(noon, 1), noon, 'first_use'),
          key(guest, noon, 'first_use'),
          key(timed(noon, 3), noon + HOUR, 'first_use'),
          key(timed(noon, 4), noon + HOUR + 1, 'first_use'),
          key(guest, noon + HOUR + 2, 'used_before'),
          key(timed(noon, 1), noon + HOUR, 'first_use'),
        ],
      },
      {
        comment: 'a full memory drops what is over first; the clock goes backward, and it is new again',
        flags: ['Memory', 'Evicted', 'Clock'],
        steps: [
          key(timed(noon, 1), noon, 'first_use'),
          key(timed(noon, 2), noon, 'first_use'),
          keyAll(crowd, noon, 'first_use'),
          key(timed(noon, 3), noon + HOUR + 1, 'first_use'),
          key(timed(noon, 2), noon + HOUR + 2, 'used_before'),
          key(timed(noon, 1), noon + HOUR, 'first_use'),
        ],
      },
      {
        comment: 'then a revoked code, which opens again within 24 hours of its start',
        flags: ['Memory', 'Evicted', 'ClearOne', 'Replay'],
        steps: [
          key(guest, noon, 'first_use'),
          key(clearOne(noon, 48), noon, 'cleared'),
          key(early, noon, 'first_use'),
          keyAll(crowd, noon, 'first_use'),
          key(guest, noon + 1, 'revoked'),
          key(timed(noon, 3), noon + 2, 'first_use'),
          key(guest, noon + 3, 'first_use'),
        ],
      },
      {
        comment:
          'then the code that started first: a guest in mid-stay is locked out, for it is too late for a first use',
        flags: ['Memory', 'Evicted', 'FirstUse'],
        steps: [
          key(early, noon, 'first_use'),
          key(serial0, noon, 'first_use'),
          keyAll(crowd, noon, 'first_use'),
          key(early, noon + 1, 'used_before'),
          key(serial10, noon + 2, 'first_use'),
          key(early, noon + 23 * HOUR, 'first_use'),
          key(timed(noon + 23 * HOUR, 5), noon + 23 * HOUR + 1, 'first_use'),
          key(timed(noon + 23 * HOUR, 6), noon + 23 * HOUR + 2, 'first_use'),
          key(early, noon + 23 * HOUR + 3, 'first_use_missed'),
        ],
      },
    ],
  );
}

// --- the others ---------------------------------------------------------------------------------------------------

function oracodeGroup(): Group {
  const facts = years('America/New_York');
  const token = tokenOf(dormakabaOracode, { name: 'lock-oracode', facts, config: LEVELS });
  const code = (from: string, to: string, lane: string, kind = 'daily'): string =>
    mint(token, span(kind, from, to, { lane }));
  const night = code('2026-03-07T16:00-05:00', '2026-03-08T10:00-04:00', '123');
  const week = code('2026-03-02T16:00-05:00', '2026-03-09T10:00-04:00', '200', 'biweekly');
  const whole = code('2026-11-01T00:00-04:00', '2026-11-01T23:59-05:00', '126');
  return groupOf(
    [token],
    [
      {
        comment: 'from check-in to check-out time, with no tolerance and no deadline for the first use',
        flags: ['Border', 'Civil', 'ClockChange'],
        steps: [
          key(night, '2026-03-07T15:59:59-05:00', 'not_yet_valid'),
          key(night, '2026-03-08T09:59:59-04:00', 'first_use'),
          key(night, '2026-03-07T16:00:00-05:00', 'used_before'),
          key(night, '2026-03-08T10:00:00-04:00', 'expired'),
        ],
      },
      {
        comment: 'a level of 24 hours on a day of 25: to 23:59 of standard time',
        flags: ['Border', 'Civil', 'ClockChange'],
        steps: [
          key(whole, '2026-10-31T23:59:59-04:00', 'not_yet_valid'),
          key(whole, '2026-11-01T00:00:00-04:00', 'first_use'),
          key(whole, '2026-11-01T23:58:59-05:00', 'used_before'),
          key(whole, '2026-11-01T23:59:00-05:00', 'expired'),
        ],
      },
      {
        comment: 'a level of weeks',
        flags: ['Border', 'Civil'],
        steps: [
          key(week, '2026-03-02T16:00:00-05:00', 'first_use'),
          key(week, '2026-03-09T09:59:59-04:00', 'used_before'),
          key(week, '2026-03-09T10:00:00-04:00', 'expired'),
        ],
      },
      {
        comment: 'the prefix is part of the code: without it no code, behind one that the door lacks unknown',
        flags: ['Lanes', 'Malformed', 'Unknown'],
        steps: [
          key(night.slice(3), '2026-03-07T17:00-05:00', 'malformed'),
          key(`12A${night.slice(3)}`, '2026-03-07T17:00-05:00', 'malformed'),
          key(`124${night.slice(3)}`, '2026-03-07T17:00-05:00', 'unknown'),
          key(night, '2026-03-07T17:00-05:00', 'first_use'),
        ],
      },
    ],
  );
}

function locklyGroup(): Group {
  const token = tokenOf(lockly, { name: 'lock-lockly', facts: years('Europe/Lisbon') });
  const code = (grant: WindowGrant): string => mint(token, grant);
  const noon = at('2026-03-01T12:00Z');
  const fifty = Array.from({ length: 50 }, (_, i) => code(hours('time_bound', noon, 1 + i)));
  const next = code(hours('time_bound', noon, 100));
  const once = code(hours('one_time', noon, 3));
  const guessed = wrong(token, noon, 26);
  /** Five wrong codes from a moment on, and the second before and the first at which the keypad lives again. */
  const five = (from: number, index: number, seconds: number) => [
    ...guesses(guessed.slice(5 * index, 5 * index + 5), from, 'unknown'),
    key(next, from + 4 + seconds - 1, 'locked_out'),
  ];
  const starts = [0, 304, 908, 2112, 3916].map((after) => noon + after);
  const reset = deriveToken(token, { epoch: token.epoch + 1, keepRoot: true });
  return groupOf(
    [token, reset],
    [
      {
        comment: 'a window from its first second up to its end; a one-time code has both stamps',
        flags: ['Border', 'OneTime', 'Replay'],
        steps: [
          key(next, noon - 1, 'not_yet_valid'),
          key(once, noon - 1, 'not_yet_valid'),
          key(once, noon + 3 * HOUR - 1, 'first_use'),
          key(once, noon + 3 * HOUR - 1, 'already_used'),
          key(next, noon + 100 * HOUR - 1, 'first_use'),
          key(next, noon + 100 * HOUR, 'expired'),
        ],
      },
      {
        comment: '50 codes, and no other before a reset, even when all are over',
        flags: ['Memory'],
        steps: [
          keyAll(fifty, noon, 'first_use'),
          key(next, noon + 1, 'memory_full'),
          key(once, noon + 2, 'memory_full'),
          key(fifty[49] ?? '', noon + 3, 'used_before'),
          key(next, noon + 99 * HOUR, 'memory_full'),
        ],
      },
      {
        comment: 'a reset: new keys, an empty memory',
        flags: ['Memory', 'Epoch'],
        steps: [
          keyAll(fifty, noon, 'first_use'),
          reload([1]),
          key(fifty[0] ?? '', noon + 1, 'unknown'),
          key(mint(reset, hours('time_bound', noon, 1)), noon + 2, 'first_use'),
        ],
      },
      {
        comment: '5, 10, 20, 30 and again 30 minutes after five wrong codes each',
        flags: ['Throttle'],
        steps: [300, 600, 1200, 1800, 1800].flatMap((seconds, i) => five(starts[i] ?? 0, i, seconds)),
      },
      {
        comment: 'an accepted code begins the list anew',
        flags: ['Throttle'],
        steps: [
          ...five(noon, 0, 300),
          ...five(noon + 304, 1, 600),
          key(next, noon + 908, 'first_use'),
          ...five(noon + 909, 2, 300),
          key(next, noon + 909 + 304, 'used_before'),
        ],
      },
      {
        comment: 'the clock is lost while the keypad is dead: the minutes count from the next entry',
        flags: ['Throttle', 'Clock'],
        steps: [
          ...five(noon, 0, 300),
          loseIt,
          key(next, noon + 400, 'locked_out'),
          key(next, noon + 699, 'locked_out'),
          key(next, noon + 700, 'clock_unset'),
          setIt(noon + 800),
          key(next, noon + 801, 'first_use'),
        ],
      },
    ].map((each) => ({ tokens: [0], ...each })),
  );
}

/** Standard time, of a table that covers 1 July 2026 and not 1 January. */
function ttlockSpringGroup(): Group {
  const facts = zone('America/New_York', utc(2026, 3, 1), utc(2027, 1, 1));
  const token = tokenOf(ttlock, { name: 'lock-ttlock-spring', facts });
  const monday = mint(token, span('monday', '2026-07-06T10:00-04:00', '2026-07-06T18:00-04:00'));
  const late = mint(token, span('monday', '2026-07-07T00:00-04:00', '2026-07-07T01:00-04:00'));
  return groupOf(
    [token],
    [
      {
        comment: 'standard time of a table that begins on 1 March 2026: New York’s in winter',
        flags: ['Weekdays', 'ClockChange', 'Border'],
        steps: [
          key(monday, '2026-07-06T09:59:59-04:00', 'not_yet_valid'),
          key(monday, '2026-07-06T10:00:00-04:00', 'first_use'),
          key(monday, '2026-11-02T08:59:59-05:00', 'not_yet_valid'),
          key(monday, '2026-11-02T09:00:00-05:00', 'used_before'),
          key(monday, '2026-11-02T17:00:00-05:00', 'not_yet_valid'),
          // After its table, too.
          key(monday, '2028-07-03T10:00:00-04:00', 'used_before'),
        ],
      },
      {
        comment: 'half past midnight on Tuesday by the wall clock is Monday by standard time',
        flags: ['Weekdays', 'ClockChange'],
        steps: [
          key(late, '2026-07-07T00:30:00-04:00', 'first_use'),
          key(late, '2026-07-13T23:30:00-04:00', 'not_yet_valid'),
          key(late, '2026-07-14T00:30:00-04:00', 'used_before'),
          key(late, '2026-11-02T23:30:00-05:00', 'used_before'),
        ],
      },
    ],
  );
}

function ttlockGroup(): Group {
  const token = tokenOf(ttlock, { name: 'lock-ttlock', facts: years('America/New_York') });
  const code = (grant: WindowGrant): string => mint(token, grant);
  const noon = at('2026-03-02T12:00-05:00');
  const day = code(hours('period', noon, 24));
  const longer = code(hours('period', noon, 25));
  const once = code(hours('one_time', noon, 6, 7));
  const permanent = code({ kind: 'permanent', variance: 0, startsAt: noon, endsAt: null });
  const other = code({ kind: 'permanent', variance: 19, startsAt: noon, endsAt: null });
  const endless = Array.from({ length: 20 }, (_, variance) =>
    code({ kind: 'permanent', variance, startsAt: noon, endsAt: null }),
  );
  const singles = Array.from({ length: 180 }, (_, variance) => code(hours('one_time', noon, 6, variance)));
  const workday = code(span('workday', '2026-03-02T09:00-05:00', '2026-03-02T17:00-05:00'));
  const weekend = code(span('weekend', '2026-02-28T20:00-05:00', '2026-03-01T02:00-05:00'));
  const nights = code(span('workday', '2026-03-03T22:00-05:00', '2026-03-04T06:00-05:00'));
  const whole = code(span('monday', '2026-03-02T00:00-05:00', '2026-03-03T00:00-05:00'));
  const clear = code(hours('delete', noon, 24));
  const later = code(hours('delete', noon + HOUR, 24));
  return groupOf(
    [token],
    [
      {
        comment: 'periods of 7 and of 9 digits, up to their ends; first use within 24 hours',
        flags: ['Border', 'FirstUse', 'Tables'],
        steps: [
          key(day, noon - 1, 'not_yet_valid'),
          key(day, noon, 'first_use'),
          key(longer, noon + DAY - 1, 'first_use'),
          key(day, noon + DAY, 'expired'),
          key(longer, noon + DAY, 'used_before'),
          key(longer, noon + DAY + HOUR - 1, 'used_before'),
          key(longer, noon + DAY + HOUR, 'expired'),
        ],
      },
      {
        comment: 'a second too late for its first use',
        flags: ['Border', 'FirstUse'],
        steps: [key(longer, noon + DAY, 'first_use_missed')],
      },
      {
        comment: 'once within 6 hours',
        flags: ['OneTime', 'Replay', 'Border'],
        steps: [
          key(once, noon + 6 * HOUR - 1, 'first_use'),
          key(once, noon + 6 * HOUR - 1, 'already_used'),
          key(code(hours('one_time', noon, 6, 8)), noon + 6 * HOUR, 'expired'),
        ],
      },
      {
        comment: 'a permanent code, used within 24 hours: it opens for good',
        flags: ['Endless', 'FirstUse', 'Border'],
        steps: [
          key(permanent, noon - 1, 'not_yet_valid'),
          key(permanent, noon + DAY - 1, 'first_use'),
          key(other, noon + DAY, 'first_use_missed'),
          key(permanent, '2036-03-02T12:00Z', 'used_before'),
        ],
      },
      {
        comment: 'workdays from 9 to 17, for good',
        flags: ['Weekdays', 'Border'],
        steps: [
          key(workday, '2026-03-02T08:59:59-05:00', 'not_yet_valid'),
          key(workday, '2026-03-02T09:00:00-05:00', 'first_use'),
          key(workday, '2026-03-02T16:59:59-05:00', 'used_before'),
          key(workday, '2026-03-02T17:00:00-05:00', 'not_yet_valid'),
          key(workday, '2026-03-06T09:00:00-05:00', 'used_before'),
          key(workday, '2026-03-07T09:00:00-05:00', 'not_yet_valid'),
          key(workday, '2028-03-06T16:59:59-05:00', 'used_before'),
        ],
      },
      {
        comment: 'in summer by standard time: from 10 to 18 on the wall clock',
        flags: ['Weekdays', 'ClockChange'],
        steps: [
          key(workday, '2026-03-02T09:00:00-05:00', 'first_use'),
          key(workday, '2026-07-06T09:59:59-04:00', 'not_yet_valid'),
          key(workday, '2026-07-06T10:00:00-04:00', 'used_before'),
          key(workday, '2026-07-06T17:59:59-04:00', 'used_before'),
        ],
      },
      {
        comment: 'a cyclic code that was not used in its first 24 hours',
        flags: ['Weekdays', 'FirstUse'],
        steps: [
          key(workday, '2026-03-02T18:00-05:00', 'not_yet_valid'),
          key(workday, '2026-03-03T09:00-05:00', 'first_use_missed'),
        ],
      },
      {
        comment: 'weekends from 20 to 2: the hours after midnight are those of the day before',
        flags: ['Weekdays', 'Border'],
        steps: [
          key(weekend, '2026-03-01T01:59:59-05:00', 'first_use'),
          key(weekend, '2026-03-01T02:00:00-05:00', 'not_yet_valid'),
          key(weekend, '2026-03-02T01:59:59-05:00', 'used_before'),
          key(weekend, '2026-03-02T20:00:00-05:00', 'not_yet_valid'),
          key(weekend, '2026-03-07T01:00:00-05:00', 'not_yet_valid'),
          key(weekend, '2026-03-07T20:00:00-05:00', 'used_before'),
        ],
      },
      {
        comment:
          'workdays from 22 to 6: Friday’s ends on Saturday morning, and Monday has none before its own',
        flags: ['Weekdays', 'Border'],
        steps: [
          key(nights, '2026-03-04T05:59:59-05:00', 'first_use'),
          key(nights, '2026-03-04T06:00:00-05:00', 'not_yet_valid'),
          key(nights, '2026-03-07T03:00:00-05:00', 'used_before'),
          key(nights, '2026-03-07T06:00:00-05:00', 'not_yet_valid'),
          key(nights, '2026-03-08T03:00:00-04:00', 'not_yet_valid'),
          key(nights, '2026-03-09T03:00:00-04:00', 'not_yet_valid'),
          key(nights, '2026-03-10T04:00:00-04:00', 'used_before'),
        ],
      },
      {
        comment: 'Mondays from midnight to midnight',
        flags: ['Weekdays', 'Border'],
        steps: [
          key(whole, '2026-03-02T23:59:59-05:00', 'first_use'),
          key(whole, '2026-03-03T00:00:00-05:00', 'not_yet_valid'),
          key(whole, '2026-12-06T23:59:59-05:00', 'not_yet_valid'),
          key(whole, '2026-12-07T00:00:00-05:00', 'used_before'),
          key(whole, '2026-12-07T23:59:59-05:00', 'used_before'),
          key(whole, '2026-12-08T00:00:00-05:00', 'not_yet_valid'),
        ],
      },
      {
        comment: 'a delete code: every code that has been used, for good, and none that has not',
        flags: ['ClearAll', 'Unused', 'Replay', 'Endless'],
        steps: [
          key(day, noon, 'first_use'),
          key(permanent, noon + 1, 'first_use'),
          key(clear, noon + 2, 'cleared'),
          key(day, noon + 3, 'revoked'),
          key(permanent, noon + 4, 'revoked'),
          key(other, noon + 5, 'first_use'),
          key(clear, noon + 6, 'already_used'),
          key(other, noon + 7, 'used_before'),
          key(permanent, noon + 400 * DAY, 'revoked'),
        ],
      },
      {
        comment: 'a delete code with nothing to delete is used up; the next hour has another',
        flags: ['ClearAll', 'Border'],
        steps: [
          key(clear, noon, 'nothing_to_clear'),
          key(day, noon + 1, 'first_use'),
          key(clear, noon + 2, 'already_used'),
          key(later, noon + HOUR - 1, 'not_yet_valid'),
          key(later, noon + HOUR, 'cleared'),
          key(day, noon + HOUR + 1, 'revoked'),
        ],
      },
      {
        comment:
          'full of codes that are not over: no new code opens, for a delete code would not reach it; a delete code is taken',
        flags: ['Memory', 'ClearAll', 'Endless', 'OneTime'],
        steps: [
          keyAll([...endless, ...singles], noon, 'first_use'),
          key(longer, noon + 1, 'memory_full'),
          key(code(hours('one_time', noon, 6, 180)), noon + 2, 'memory_full'),
          key(day, noon + 3, 'memory_full'),
          key(clear, noon + 5, 'cleared'),
          key(permanent, noon + 6, 'revoked'),
          key(day, noon + 7, 'memory_full'),
          key(clear, noon + 8, 'nothing_to_clear'),
          key(longer, noon + 6 * HOUR, 'first_use'),
          key(day, noon + 6 * HOUR, 'first_use'),
          key(day, noon + 6 * HOUR + 1, 'used_before'),
        ],
      },
      {
        comment: 'a lock without its clock takes no code until somebody sets it',
        flags: ['Clock'],
        start: noon,
        steps: [
          key(permanent, noon, 'first_use'),
          loseIt,
          key(permanent, noon + 1, 'clock_unset'),
          setIt(noon + HOUR),
          key(permanent, noon + HOUR + 1, 'used_before'),
        ],
      },
    ],
  );
}

function sentrilockGroup(): Group {
  const token = tokenOf(sentrilock, { name: 'lock-sentrilock', facts: years('America/New_York') });
  const code = (grant: WindowGrant): string => mint(token, grant);
  const oneDay = code(span('one_day', '2026-03-08T08:00-04:00', '2026-03-09T00:00-04:00'));
  const ten = at('2026-03-08T10:00-04:00');
  const flex = (start: number, count: number, variance: number): string =>
    code(hours('flex', start, count, variance));
  const sixteen = [1, 2, 3, 4].flatMap((count) => [0, 1, 2, 3].map((variance) => flex(ten, count, variance)));
  return groupOf(
    [token],
    [
      {
        comment: 'a 1-Day Code: first used from 8:00 to 22:00, then good for one hour',
        flags: ['Border', 'Civil', 'AfterUse', 'FirstUse'],
        steps: [
          key(oneDay, '2026-03-08T07:59:59-04:00', 'not_yet_valid'),
          key(oneDay, '2026-03-08T10:00:00-04:00', 'first_use'),
          key(oneDay, '2026-03-08T10:59:59-04:00', 'used_before'),
          key(oneDay, '2026-03-08T11:00:00-04:00', 'expired'),
          key(oneDay, '2026-03-08T10:30:00-04:00', 'used_before'),
        ],
      },
      {
        comment: 'first used in the last second: the hour passes 22:00',
        flags: ['Border', 'Civil', 'AfterUse', 'FirstUse'],
        steps: [
          key(oneDay, '2026-03-08T21:59:59-04:00', 'first_use'),
          key(oneDay, '2026-03-08T22:59:58-04:00', 'used_before'),
          key(oneDay, '2026-03-08T22:59:59-04:00', 'expired'),
        ],
      },
      {
        comment: 'a second too late for its first use, and dead at midnight',
        flags: ['Border', 'Civil', 'FirstUse'],
        steps: [
          key(oneDay, '2026-03-08T22:00:00-04:00', 'first_use_missed'),
          key(oneDay, '2026-03-08T23:59:59-04:00', 'first_use_missed'),
          key(oneDay, '2026-03-09T00:00:00-04:00', 'expired'),
        ],
      },
      {
        comment: 'the power goes after the charged state is written: the hour has begun',
        flags: ['AfterUse', 'PowerCut'],
        steps: [
          key(oneDay, '2026-03-08T10:00:00-04:00', 'first_use', 'charged'),
          key(oneDay, '2026-03-08T11:00:00-04:00', 'expired'),
        ],
      },
      {
        comment: 'a FlexCode of half an hour, first used in its last second',
        flags: ['Border', 'Tables'],
        steps: [
          key(flex(ten, 0.5, 3), ten - 1, 'not_yet_valid'),
          key(flex(ten, 0.5, 3), ten + HOUR / 2 - 1, 'first_use'),
          key(flex(ten, 0.5, 3), ten + HOUR / 2, 'expired'),
        ],
      },
      {
        comment:
          '16 overlapping FlexCodes, and no seventeenth; one that begins when they end, and a 1-Day Code',
        flags: ['Overlapping', 'Memory'],
        steps: [
          keyAll(sixteen, ten, 'first_use'),
          key(flex(ten, 5, 0), ten + 1, 'memory_full'),
          key(sixteen[15] ?? '', ten + 2, 'used_before'),
          key(oneDay, ten + 3, 'first_use'),
          key(flex(ten + HOUR, 5, 0), ten + HOUR, 'first_use'),
          key(flex(ten + 4 * HOUR, 1, 0), ten + 4 * HOUR, 'first_use'),
        ],
      },
      {
        comment: 'a FlexCode that is over counts no longer, whatever window it had: four more, and no fifth',
        flags: ['Overlapping', 'Memory', 'Border'],
        steps: [
          keyAll(sixteen, ten, 'first_use'),
          key(flex(ten, 5, 0), ten + HOUR - 1, 'memory_full'),
          keyAll(
            [0, 1, 2, 3].map((variance) => flex(ten, 5, variance)),
            ten + HOUR,
            'first_use',
          ),
          key(flex(ten, 6, 0), ten + HOUR + 1, 'memory_full'),
          key(flex(ten, 6, 0), ten + 2 * HOUR, 'first_use'),
        ],
      },
    ],
  );
}

function netcodeGroups(): readonly Group[] {
  const standard = tokenOf(codelocksNetcode, {
    name: 'lock-netcode-standard',
    facts: years('Europe/Lisbon'),
    config: { star: true },
  });
  const acc = tokenOf(codelocksNetcode, {
    name: 'lock-netcode-acc',
    facts: years('Europe/Lisbon'),
    config: { mode: 'acc' },
  });
  const code = (token: DeviceToken, kind: string, from: string, to: string, lane?: string): string =>
    mint(token, span(kind, from, to, lane === undefined ? {} : { lane }));
  const hourly = code(standard, 'hourly', '2026-03-02T15:00Z', '2026-03-02T17:00Z', '*');
  const single = code(standard, 'single_hourly', '2026-03-02T15:00Z', '2026-03-02T17:00Z', '*');
  const daily = code(standard, 'daily', '2026-03-29T00:00Z', '2026-03-30T00:00+01:00', '*');
  const monday = code(acc, 'acc', '2026-03-02T00:00Z', '2026-03-07T00:00Z');
  const other = code(acc, 'acc', '2026-03-02T00:00Z', '2026-03-05T00:00Z');
  const tuesday = code(acc, 'acc', '2026-03-03T00:00Z', '2026-03-06T00:00Z');
  return [
    groupOf(
      [standard],
      [
        {
          comment: 'standard codes, many times and once, behind a star',
          flags: ['Border', 'OneTime', 'Replay', 'Lanes', 'Malformed'],
          steps: [
            key(hourly, '2026-03-02T14:59:59Z', 'not_yet_valid'),
            key(hourly.slice(1), '2026-03-02T15:00:00Z', 'malformed'),
            key(`#${hourly.slice(1)}`, '2026-03-02T15:00:00Z', 'unknown'),
            key(hourly, '2026-03-02T15:00:00Z', 'first_use'),
            key(single, '2026-03-02T16:59:59Z', 'first_use'),
            key(single, '2026-03-02T16:59:59Z', 'already_used'),
            key(hourly, '2026-03-02T16:59:59Z', 'used_before'),
            key(hourly, '2026-03-02T17:00:00Z', 'expired'),
          ],
        },
        {
          comment: 'a day of 23 hours, from midnight to midnight',
          flags: ['Border', 'Civil', 'ClockChange'],
          steps: [
            key(daily, '2026-03-28T23:59:59Z', 'not_yet_valid'),
            key(daily, '2026-03-29T00:00:00Z', 'first_use'),
            key(daily, '2026-03-29T22:59:59Z', 'used_before'),
            key(daily, '2026-03-29T23:00:00Z', 'expired'),
          ],
        },
      ],
    ),
    groupOf(
      [acc],
      [
        {
          comment:
            'Block Previous: the first use of a code ends those that began on earlier days, seen or not',
          flags: ['Supersede', 'Civil', 'Replay'],
          steps: [
            key(monday, '2026-03-02T10:00Z', 'first_use'),
            key(tuesday, '2026-03-02T23:59:59Z', 'not_yet_valid'),
            key(monday, '2026-03-03T09:00Z', 'used_before'),
            key(tuesday, '2026-03-03T09:00:01Z', 'first_use'),
            key(monday, '2026-03-03T09:00:02Z', 'superseded'),
            key(other, '2026-03-03T09:00:03Z', 'superseded'),
            key(tuesday, '2026-03-05T23:59:59Z', 'used_before'),
          ],
        },
        {
          comment: 'codes of one first day do not end each other',
          flags: ['Supersede'],
          steps: [
            key(monday, '2026-03-02T10:00Z', 'first_use'),
            key(other, '2026-03-02T10:00:01Z', 'first_use'),
            key(monday, '2026-03-02T10:00:02Z', 'used_before'),
          ],
        },
        {
          comment: 'first use within the first day',
          flags: ['FirstUse', 'Border', 'Civil'],
          steps: [
            key(monday, '2026-03-02T23:59:59Z', 'first_use'),
            key(other, '2026-03-03T00:00:00Z', 'first_use_missed'),
            key(monday, '2026-03-06T23:59:59Z', 'used_before'),
            key(monday, '2026-03-07T00:00:00Z', 'expired'),
          ],
        },
      ],
    ),
  ];
}

function masterLockGroup(): Group {
  const token = tokenOf(masterLock, {
    name: 'lock-master-lock',
    facts: zone('America/New_York'),
    config: { keypad: 'directions' },
  });
  const next = deriveToken(token, { epoch: token.epoch + 1, keepRoot: true });
  const noon = at('2026-03-01T12:00Z');
  const code = mint(token, hours('temporary', noon, 8));
  const guessed = wrong(token, noon, 5);
  return groupOf(
    [token, next],
    [
      {
        comment: 'the code of a period opens in it and in the next, again and again, with no record',
        flags: ['Rolling', 'Border'],
        tokens: [0],
        steps: [
          key(code, noon - 1, 'not_yet_valid'),
          key(code, noon, 'first_use'),
          key(code, noon + 4 * HOUR, 'first_use'),
          key(code, noon + 8 * HOUR - 1, 'first_use'),
          key(code, noon + 8 * HOUR, 'expired'),
        ],
      },
      {
        comment: 'digits on a pad of directions; the fifth wrong code locks the pad for 300 seconds',
        flags: ['Malformed', 'Throttle'],
        tokens: [0],
        steps: [
          key('12345', noon, 'malformed'),
          key(code.slice(1), noon, 'malformed'),
          ...guesses(guessed, noon, 'unknown'),
          key(code, noon + 303, 'locked_out'),
          key(code, noon + 304, 'first_use'),
        ],
      },
      {
        comment: 'keys are reset near the lock: the code of before means nothing',
        flags: ['Epoch'],
        tokens: [0],
        steps: [
          key(code, noon, 'first_use'),
          reload([1]),
          key(code, noon + 1, 'unknown'),
          key(mint(next, hours('temporary', noon, 8)), noon + 2, 'first_use'),
        ],
      },
    ],
  );
}

function resortlockGroup(): Group {
  const token = tokenOf(resortlock, { name: 'lock-resortlock', facts: years('America/New_York') });
  const code = (grant: WindowGrant): string => mint(token, grant);
  const [ten, twelve] = sheetsOf(token);
  const month = hours('duration', '2026-03-01T15:00-05:00', 720);
  const over = span('one_time', '2026-12-31T20:00-05:00', '2027-01-01T01:00-05:00');
  const last = span('duration', '2026-12-31T20:00-05:00', '2027-01-01T00:00-05:00');
  const slot = (month.startsAt - (ten.book.grid.origin + ten.book.grid.shift)) / HOUR;
  const said = twelve?.book.codec.encode({ kind: 0, slot, length: 719, variance: 0, lane: '' }) ?? '';
  return groupOf(
    [token],
    [
      {
        comment: '30 days in 10 digits, up to the end and with no deadline for the first use',
        flags: ['Border', 'Tables'],
        steps: [
          key(code(month), month.startsAt - 1, 'not_yet_valid'),
          key(code(month), month.startsAt + 720 * HOUR - 1, 'first_use'),
          key(code(month), month.startsAt + 720 * HOUR, 'expired'),
        ],
      },
      {
        comment: '12 digits for a window that has 10 mean nothing',
        flags: ['Tables', 'Unknown'],
        steps: [key(said, month.startsAt, 'unknown'), key(code(month), month.startsAt + 1, 'first_use')],
      },
      {
        comment: 'over the end of a year in 12 digits, once; up to its last hour in 10',
        flags: ['Tables', 'OneTime', 'Replay', 'Border'],
        steps: [
          key(code(over), '2026-12-31T19:59:59-05:00', 'not_yet_valid'),
          key(code(last), '2026-12-31T23:59:59-05:00', 'first_use'),
          key(code(last), '2027-01-01T00:00:00-05:00', 'expired'),
          key(code(over), '2027-01-01T00:59:59-05:00', 'first_use'),
          keyAs(code(over), '2027-01-01T00:59:59-05:00', 'already_used', over),
          key(code(over).slice(1), '2027-01-01T00:59:59-05:00', 'malformed'),
        ],
      },
    ],
  );
}

export function lockVendorsFile(): object {
  return vectorFile({
    algorithm: 'lock/1',
    schema: 'lock-vendors',
    header: [
      'What the locks of other makers answer to one entry after another. Tuya: published, the real digits. All others: emulated.',
      'persist: what of the entry was written before the power went: all of it (state), only what is written before the answer (charged), nothing (none).',
      'enter_all: many codes at one moment, each of which gets this answer. end: what the lock remembers after the last step.',
    ],
    notes: NOTES,
    groups: [
      tuyaGroup(),
      oracodeGroup(),
      locklyGroup(),
      ttlockGroup(),
      ttlockSpringGroup(),
      sentrilockGroup(),
      ...netcodeGroups(),
      masterLockGroup(),
      resortlockGroup(),
    ],
  });
}
