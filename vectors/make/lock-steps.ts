/**
 * lock-steps.json: what locks do that keep step with counts or periods. Every answer is written here by hand from
 * the standards and the makers' rules, and compared with what `enter` gives.
 */
import { tableJson } from '../../src/cli/token.ts';
import { sheetsOf } from '../../src/cli/vector-tests.ts';
import { engineOf } from '../../src/engine.ts';
import type { Asked, Grant } from '../../src/grant.ts';
import { type DeviceToken, mint } from '../../src/index.ts';
import {
  ask,
  createLock,
  enter,
  initialState,
  type LockState,
  loadState,
  loseClock,
  saveState,
  setClock,
} from '../../src/lock/index.ts';
import { secretBytes } from '../../src/token.ts';
import { hotp } from '../../src/vendors/hotp.ts';
import type { Vendor } from '../../src/vendors/index.ts';
import { nexus } from '../../src/vendors/nexus.ts';
import { ocra } from '../../src/vendors/ocra.ts';
import { openpaygo } from '../../src/vendors/openpaygo.ts';
import { totp } from '../../src/vendors/totp.ts';
import { stepToken } from './codes-steps.ts';
import { agree, type Group, hex, type Notes, type Test, vectorFile } from './format.ts';
import { utc } from './zones.ts';

const DAY = 86_400;

/** 2026-03-01T12:00Z: where every sequence begins. */
const NOON = utc(2026, 3, 1, 12);

const NOTES: Notes = {
  InOrder: { bugType: 'BASIC', description: 'Codes one after the other.' },
  LookAhead: {
    bugType: 'EDGE_CASE',
    description: 'The last count, or period, that is taken, and the first that is not.',
  },
  Replay: { bugType: 'AUTH_BYPASS', description: 'A code keyed in again: refused.' },
  PassedOver: {
    bugType: 'AUTH_BYPASS',
    description: 'Codes of counts or periods that a later code has ended: refused.',
  },
  Resync: {
    bugType: 'FUNCTIONALITY',
    description: 'Two codes that follow each other bring the lock back into step.',
  },
  BrokenPair: {
    bugType: 'AUTH_BYPASS',
    description: 'Two codes that do not follow each other bring nothing back.',
  },
  Drift: {
    bugType: 'FUNCTIONALITY',
    description: 'How far the clock is off, as the lock learns it, within a budget.',
  },
  Stale: {
    bugType: 'AUTH_BYPASS',
    description: 'Old codes that somebody copied, alone or in pairs: refused.',
  },
  Clock: {
    bugType: 'FUNCTIONALITY',
    description: 'A lock without its clock, or with one that is set or goes backward.',
  },
  Asked: {
    bugType: 'AUTH_BYPASS',
    description: 'An answer counts once, in time, and for the last challenge only.',
  },
  OutOfOrder: { bugType: 'FUNCTIONALITY', description: 'Codes keyed in later than those of higher counts.' },
  Seal: { bugType: 'AUTH_BYPASS', description: 'A code that ends every lower count, used or not.' },
  Sync: { bugType: 'FUNCTIONALITY', description: 'A code that sets the count, forward or back.' },
  KeyLess: { bugType: 'AUTH_BYPASS', description: 'A token of count 0, made without the key: refused.' },
  OneMeaning: {
    bugType: 'AUTH_BYPASS',
    description: 'Digits that two counts have: once used, they open nothing more.',
  },
  Throttle: { bugType: 'AUTH_BYPASS', description: 'What entries cost.' },
  PowerCut: { bugType: 'MISSING_STEP', description: 'The power goes before or after the state is written.' },
  NewKey: {
    bugType: 'AUTH_BYPASS',
    description: 'A newer epoch: with the same key, what was used stays used.',
  },
  Malformed: {
    bugType: 'FUNCTIONALITY',
    description: 'Entries that are no codes: refused, not counted, and no part of a pair.',
  },
  Unknown: { bugType: 'FUNCTIONALITY', description: 'Digits that mean nothing.' },
};

// --- playing ------------------------------------------------------------------------------------------------------

type Persist = 'state' | 'charged' | 'none';

interface Entry {
  readonly op: 'enter';
  readonly code: string;
  readonly at: number;
  readonly persist: Persist;
  readonly reason: string;
  /** What the answer is about; null where about nothing. */
  readonly grant: Grant | null;
}

type Step =
  | Entry
  | {
      readonly op: 'enter_all';
      readonly codes: readonly string[];
      readonly at: number;
      readonly reason: string;
    }
  | { readonly op: 'ask'; readonly asked: Asked; readonly at: number }
  | { readonly op: 'lose_clock' }
  | { readonly op: 'set_clock'; readonly at: number }
  | { readonly op: 'reload'; readonly tokens?: readonly number[] };

interface Sequence {
  readonly comment: string;
  readonly flags: readonly string[];
  readonly token?: number;
  readonly steps: readonly Step[];
}

const OPENS = ['first_use'];
const ACCEPTED = [...OPENS, 'credited', 'synced'];
/** Such refusals are about no grant. */
const ABOUT_NOTHING = ['unknown', 'not_asked', 'locked_out', 'malformed', 'clock_unset'];

const answerOf = (reason: string) => ({
  accepted: ACCEPTED.includes(reason),
  reason,
  opens: OPENS.includes(reason),
});

const grantJson = ({ kind, variance, count, value, startsAt, endsAt, asked }: Grant): object => ({
  kind,
  variance,
  ...(count === undefined ? { startsAt, endsAt } : { count, value }),
  ...(asked && { asked }),
});

/** Plays a sequence; every answer must be the one written down. */
function play(tokens: readonly DeviceToken[], { comment, flags, token: first = 0, steps }: Sequence): Test {
  const lockOf = (index: number) => createLock(tokens.slice(index, index + 1));
  let lock = lockOf(first);
  let state: LockState = initialState(lock, NOON);
  const played = steps.map((step, index): object => {
    const what = `${comment}, step ${index + 1}`;
    if (step.op === 'enter') {
      const { op, code, at, persist, reason, grant } = step;
      const entry = enter(lock, state, code, at);
      const { accepted, opens, reason: given, grant: about } = entry.verdict;
      agree(
        what,
        [answerOf(reason), grant && grantJson(grant)],
        [{ accepted, reason: given, opens }, about && grantJson(about)],
      );
      state = { state: entry.state, charged: entry.charged, none: state }[persist];
      return { op, code, at, persist, ...answerOf(reason), grant: grant && grantJson(grant) };
    }
    if (step.op === 'enter_all') {
      for (const code of step.codes) {
        const entry = enter(lock, state, code, step.at);
        agree(what, step.reason, entry.verdict.reason);
        state = entry.state;
      }
      return { op: step.op, codes: step.codes, at: step.at, ...answerOf(step.reason) };
    }
    if (step.op === 'ask') state = ask(lock, state, step.asked, step.at);
    if (step.op === 'lose_clock') state = loseClock(lock, state);
    if (step.op === 'set_clock') state = setClock(lock, state, step.at);
    if (step.op === 'reload') {
      const text = saveState(lock, state);
      if (step.tokens) lock = lockOf(step.tokens[0] ?? 0);
      state = loadState(lock, text);
    }
    return step;
  });
  const { epoch, clock, lastAt, throttle, steps: kept } = loadState(lock, saveState(lock, state));
  if (!kept) throw new Error('this lock keeps no step');
  const { last, floor, peak, drift, driftAt, awaited, asked } = kept;
  return {
    comment,
    flags,
    tokens: [first],
    at: NOON,
    steps: played,
    end: { epoch, clock, lastAt, throttle, steps: { last, floor, peak, drift, driftAt, awaited, asked } },
    result: 'valid',
  };
}

function groupOf(tokens: readonly [DeviceToken, ...DeviceToken[]], sequences: readonly Sequence[]): Group {
  const [{ vendor, rules }] = tokens;
  const { source: _, ...lockRules } = rules.lock;
  return {
    type: 'StepLockTest',
    vendor: vendor.id,
    codes: vendor.codes,
    rules: lockRules,
    tokens: tokens.map((token) => ({
      deviceId: token.deviceId,
      epoch: token.epoch,
      timeZone: token.timeZone,
      gridOffset: token.gridOffset,
      ...(token.config !== undefined && { config: token.config }),
      key: hex(secretBytes(token)),
      ...sheetsOf(token)[0].working.facts?.(sheetsOf(token)[0]),
      layout: { scheme: sheetsOf(token)[0].scheme, ...tableJson(token, token.rules) },
    })),
    tests: sequences.map((each) => play(tokens, each)),
  };
}

/** A device of which sequences are written: its codes by count or period. */
class Device {
  readonly token: DeviceToken;
  readonly #kind: string;

  constructor(vendor: Vendor, name: string, key: number, config?: unknown, seed: string = name, epoch = 7) {
    this.token = stepToken(vendor, { name, seed, key, ...(config !== undefined && { config }) }, epoch);
    this.#kind = engineOf(this.token).kinds[0]?.id ?? '';
  }

  grant(count: number, value: number = 0, kind: string = this.#kind, asked?: Asked): Grant {
    const said = asked && { asked };
    const [book] = engineOf(this.token).books;
    if (!book || book.counts) return { kind, variance: 0, count, value, ...said };
    const startsAt = book.grid.origin + count * book.step;
    return { kind, variance: 0, startsAt, endsAt: startsAt + book.step, ...said };
  }

  /** One entry and its answer, about its own grant if about any. */
  key(at: number, reason: string, grant: Grant, persist: Persist = 'state'): Entry {
    const about = ABOUT_NOTHING.includes(reason) ? null : grant;
    return { op: 'enter', code: mint(this.token, grant), at, persist, reason, grant: about };
  }

  /** Digits that mean nothing near the counts of these sequences. */
  wrong(at: number, reason: string = 'unknown'): Entry {
    const { digits, alphabet } = sheetsOf(this.token)[0].book.layout;
    // A keycode of a small keypad begins with 1.
    const code = alphabet === '12345' ? `1${'5'.repeat(digits - 1)}` : alphabet.slice(-1).repeat(digits);
    return typed(code, at, reason);
  }
}

const typed = (code: string, at: number, reason: string): Entry => ({
  op: 'enter',
  code,
  at,
  persist: 'state',
  reason,
  grant: null,
});

const reload: Step = { op: 'reload' };
const loseIt: Step = { op: 'lose_clock' };
const setIt = (at: number): Step => ({ op: 'set_clock', at });
const asking = (asked: Asked, at: number): Step => ({ op: 'ask', asked, at });

// --- HOTP ---------------------------------------------------------------------------------------------------------

type Daily = readonly (readonly [count: number, reason: string] | 'wrong' | Step)[];

/** Entries a day apart: no lockout outlasts that. */
const daily = (device: Device, entries: Daily): readonly Step[] =>
  entries.map((each, day): Step => {
    const at = NOON + day * DAY;
    if (each === 'wrong') return device.wrong(at);
    return 'op' in each ? each : device.key(at, each[1], device.grant(each[0]));
  });

const IN_TURN = 'codes in their order, each once';

function hotpGroups(): readonly Group[] {
  const device = new Device(hotp, 'lock-hotp', 20);
  const renewed = new Device(hotp, 'lock-hotp', 20, undefined, 'lock-hotp', 8);
  const narrow = new Device(hotp, 'lock-hotp-narrow', 32, {
    digits: 8,
    hash: 'SHA-256',
    window: 1,
    resync: 0,
  });
  const h = (comment: string, flags: readonly string[], entries: Daily): Sequence => ({
    comment,
    flags,
    steps: daily(device, entries),
  });
  const code = (count: number, at: number, reason: string, persist?: Persist): Entry =>
    device.key(at, reason, device.grant(count), persist);
  const wrongs = (at: number, count: number): readonly Step[] =>
    Array.from({ length: count }, (_, i) => device.wrong(at + i));
  return [
    groupOf(
      [device.token, renewed.token],
      [
        h(
          IN_TURN,
          ['InOrder', 'Replay'],
          [
            [0, 'first_use'],
            [1, 'first_use'],
            [1, 'already_used'],
            [2, 'first_use'],
            reload,
            [2, 'already_used'],
            [3, 'first_use'],
          ],
        ),
        h('a new lock takes counts 0 to 9', ['LookAhead'], [[9, 'first_use']]),
        h(
          'and not yet count 10',
          ['LookAhead'],
          [
            [10, 'out_of_step'],
            [9, 'first_use'],
          ],
        ),
        h(
          's counts ahead, and s + 1',
          ['LookAhead'],
          [
            [4, 'first_use'],
            [15, 'out_of_step'],
            [14, 'first_use'],
            [24, 'first_use'],
          ],
        ),
        h(
          'counts that were passed over are ended',
          ['PassedOver', 'Replay'],
          [
            [5, 'first_use'],
            [4, 'superseded'],
            [0, 'superseded'],
            [5, 'already_used'],
            [6, 'first_use'],
            [5, 'superseded'],
            [7, 'first_use'],
          ],
        ),
        h(
          'a used code, many counts later',
          ['Replay'],
          [
            [0, 'first_use'],
            [8, 'first_use'],
            [16, 'first_use'],
            [0, 'unknown'],
            [6, 'superseded'],
          ],
        ),
        h(
          'two codes in a row: the second opens',
          ['Resync', 'Replay'],
          [
            [50, 'out_of_step'],
            [51, 'first_use'],
            [51, 'already_used'],
            [50, 'superseded'],
            [52, 'first_use'],
          ],
        ),
        h(
          'the first of two, for ever again, opens nothing',
          ['BrokenPair', 'Replay'],
          [[50, 'out_of_step'], [50, 'out_of_step'], reload, [51, 'first_use']],
        ),
        h(
          'another code in between',
          ['BrokenPair'],
          [[50, 'out_of_step'], 'wrong', [51, 'out_of_step'], [52, 'first_use']],
        ),
        h(
          'a code in step in between',
          ['BrokenPair'],
          [
            [50, 'out_of_step'],
            [3, 'first_use'],
            [51, 'out_of_step'],
            [4, 'first_use'],
          ],
        ),
        h(
          'two codes that do not follow each other',
          ['BrokenPair'],
          [
            [50, 'out_of_step'],
            [52, 'out_of_step'],
            [51, 'out_of_step'],
            [53, 'out_of_step'],
            [54, 'first_use'],
          ],
        ),
        h(
          'the furthest pair',
          ['Resync', 'LookAhead'],
          [
            [109, 'out_of_step'],
            [110, 'first_use'],
          ],
        ),
        h(
          'too far: the first of a pair',
          ['Resync', 'LookAhead'],
          [
            [110, 'not_yet_valid'],
            [111, 'unknown'],
            [0, 'first_use'],
          ],
        ),
        h(
          'an entry that is no code is no part of a pair',
          ['Resync', 'Malformed'],
          [
            [50, 'out_of_step'],
            typed('12345', NOON, 'malformed'),
            typed('12345A', NOON, 'malformed'),
            typed('', NOON, 'malformed'),
            [51, 'first_use'],
          ],
        ),
        {
          comment: 'a pair with a lockout in between: what is not looked at is no part of it',
          flags: ['Resync', 'Throttle'],
          steps: [
            ...wrongs(NOON, 2),
            code(50, NOON + 2, 'out_of_step'),
            code(51, NOON + 61, 'locked_out'),
            code(51, NOON + 62, 'first_use'),
          ],
        },
        {
          comment: 'three refusals, dead for 60 seconds; then 300; an accepted code begins anew',
          flags: ['Throttle'],
          steps: [
            ...wrongs(NOON, 3),
            code(0, NOON + 61, 'locked_out'),
            ...wrongs(NOON + 62, 3),
            code(0, NOON + 363, 'locked_out'),
            code(0, NOON + 364, 'first_use'),
            ...wrongs(NOON + 400, 3),
            code(1, NOON + 461, 'locked_out'),
            reload,
            code(1, NOON + 462, 'first_use'),
          ],
        },
        {
          comment: 'dead for 60, 300, 900, 3600, 14400 and 28800 seconds, and not longer',
          flags: ['Throttle'],
          steps: [60, 300, 900, 3600, 14_400, 28_800, 28_800].reduce<{ at: number; steps: readonly Step[] }>(
            ({ at, steps }, seconds) => ({
              at: at + 2 + seconds,
              steps: [...steps, ...wrongs(at, 3), device.wrong(at + 1 + seconds, 'locked_out')],
            }),
            { at: NOON, steps: [] },
          ).steps,
        },
        {
          comment: 'the power goes before anything is written, and after what is charged is',
          flags: ['PowerCut', 'Replay'],
          steps: [
            code(0, NOON, 'first_use', 'none'),
            code(0, NOON + 1, 'first_use', 'charged'),
            code(0, NOON + 2, 'already_used'),
            code(1, NOON + 3, 'first_use'),
          ],
        },
        {
          comment: 'codes for counts need no clock',
          flags: ['Clock'],
          steps: [
            code(0, NOON, 'first_use'),
            loseIt,
            code(1, 100, 'first_use'),
            code(1, 101, 'already_used'),
            setIt(NOON),
            code(2, NOON, 'first_use'),
            code(3, NOON - DAY, 'first_use'),
          ],
        },
        {
          comment: 'a newer epoch with the same key: what was used stays used',
          flags: ['NewKey', 'Replay'],
          steps: [
            code(5, NOON, 'first_use'),
            { op: 'reload', tokens: [1] },
            code(5, NOON + 1, 'already_used'),
            code(4, NOON + 2, 'superseded'),
            code(6, NOON + 3, 'first_use'),
          ],
        },
      ],
    ),
    groupOf(
      [narrow.token],
      [
        {
          comment: 'a window of one count, and no way back into step',
          flags: ['LookAhead'],
          steps: daily(narrow, [
            [1, 'unknown'],
            [2, 'unknown'],
            [0, 'first_use'],
            [2, 'unknown'],
            [1, 'first_use'],
          ]),
        },
      ],
    ),
  ];
}

// --- TOTP ---------------------------------------------------------------------------------------------------------

/** A period, and when its code is keyed in: seconds after the beginning of period 0 of a sequence. */
type Timed = readonly (readonly [period: number, second: number, reason: string, persist?: Persist] | Step)[];

function totpGroups(): readonly Group[] {
  const device = new Device(totp, 'lock-totp', 20);
  const strict = new Device(totp, 'lock-totp-strict', 32, { hash: 'SHA-256', digits: 8, drift: 0 });
  const little = new Device(totp, 'lock-totp-drift-2', 64, { hash: 'SHA-512', digits: 8, drift: 2 });
  const wide = new Device(totp, 'lock-totp-wide', 20, { window: 5 });
  const young = new Device(totp, 'lock-totp-t0', 20, { period: 60, t0: NOON, window: 0, drift: 0 });
  const at = (of: Device, comment: string, flags: readonly string[], entries: Timed): Sequence => {
    const { grid } = sheetsOf(of.token)[0].book;
    const first = (NOON - grid.origin) / grid.step;
    const steps = entries.map((each): Step => {
      if ('op' in each) return each;
      const [period, second, reason, persist] = each;
      return of.key(NOON + second, reason, of.grant(first + period), persist);
    });
    return { comment, flags, steps };
  };
  const t = (comment: string, flags: readonly string[], entries: Timed): Sequence =>
    at(device, comment, flags, entries);
  return [
    groupOf(
      [device.token],
      [
        t(
          IN_TURN,
          ['InOrder', 'Replay'],
          [
            [0, 0, 'first_use'],
            [0, 29, 'already_used'],
            [0, 59, 'already_used'],
            [1, 59, 'first_use'],
            reload,
            [1, 60, 'already_used'],
            [2, 89, 'first_use'],
            [3, 90, 'first_use'],
          ],
        ),
        t('the period before, to its first second', ['LookAhead', 'Drift'], [[0, -30, 'first_use']]),
        t('and a second earlier', ['LookAhead'], [[0, -31, 'out_of_step']]),
        t('the period after, to its last second', ['LookAhead', 'Drift'], [[0, 59, 'first_use']]),
        t('and a second later', ['LookAhead'], [[0, 60, 'out_of_step']]),
        t(
          'a period that was passed over',
          ['PassedOver'],
          [
            [0, 0, 'first_use'],
            [-1, 10, 'superseded'],
            [1, 20, 'first_use'],
            [0, 30, 'superseded'],
            [2, 60, 'first_use'],
          ],
        ),
        t(
          'the first code says how far the clock is off; the window is around that',
          ['Drift'],
          [
            [1, 0, 'first_use'],
            [3, 30, 'first_use'],
            [6, 90, 'out_of_step'],
            [5, 91, 'first_use'],
            [7, 150, 'first_use'],
          ],
        ),
        t(
          'no more than a period a day',
          ['Drift'],
          [
            [1, 0, 'first_use'],
            [2 + 2878, 2878 * 30, 'first_use'],
            [3 + 2879, 2879 * 30 + 29, 'out_of_step'],
            [2 + 2880, DAY, 'first_use'],
            [3 + 2881, DAY + 30, 'first_use'],
            [3 + 5760, 2 * DAY, 'first_use'],
            [4 + 5761, 2 * DAY + 30, 'first_use'],
          ],
        ),
        t(
          'behind as well as ahead',
          ['Drift'],
          [
            [-1, 29, 'first_use'],
            [1, 90, 'first_use'],
            [-2 + 2881, DAY + 59, 'first_use'],
            [-3 + 2890, DAY + 300, 'first_use'],
            [-4 + 2900, DAY + 600, 'out_of_step'],
          ],
        ),
        t(
          'two codes in a row: the second opens, and the lock has learned',
          ['Resync', 'Drift'],
          [
            [8, 0, 'out_of_step'],
            [9, 30, 'first_use'],
            [9, 31, 'already_used'],
            [10, 60, 'first_use'],
            [8, 61, 'superseded'],
            [3, 62, 'superseded'],
          ],
        ),
        t(
          'a pair behind the clock',
          ['Resync', 'Drift'],
          [
            [-8, 0, 'out_of_step'],
            [-7, 30, 'first_use'],
            [-6, 60, 'first_use'],
          ],
        ),
        t(
          'the furthest pair, both within ten periods',
          ['Resync', 'LookAhead'],
          [
            [10, 0, 'out_of_step'],
            [11, 30, 'first_use'],
          ],
        ),
        t(
          'the first of a pair too far',
          ['Resync', 'LookAhead'],
          [
            [11, 0, 'not_yet_valid'],
            [-11, 1, 'expired'],
          ],
        ),
        t(
          'a pair of which the second is too far',
          ['Resync', 'LookAhead'],
          [
            [12, 63, 'out_of_step'],
            [13, 64, 'not_yet_valid'],
          ],
        ),
        t(
          'two codes that do not follow each other',
          ['BrokenPair'],
          [[5, 0, 'out_of_step'], [7, 1, 'out_of_step'], reload, [8, 100, 'first_use']],
        ),
        t(
          'another code in between',
          ['BrokenPair'],
          [[5, 0, 'out_of_step'], device.wrong(NOON + 1), [6, 2, 'out_of_step']],
        ),
        t(
          'a pair that somebody copied is soon too old',
          ['Stale'],
          [
            [0, 11 * 30, 'expired'],
            [1, 11 * 30 + 1, 'out_of_step'],
            [2, 13 * 30, 'expired'],
          ],
        ),
        t(
          'the second of a pair that comes too late',
          ['Stale', 'Resync'],
          [
            [0, 10 * 30, 'out_of_step'],
            [1, 12 * 30, 'expired'],
          ],
        ),
        t(
          'no pair opens that lies before the last code',
          ['Stale', 'Replay'],
          [
            [0, 0, 'first_use'],
            [-5, 1, 'superseded'],
            [-4, 2, 'superseded'],
            [3, 100, 'first_use'],
          ],
        ),
        t(
          'a clock that goes back brings no code back',
          ['Clock', 'Replay'],
          [
            [0, 0, 'first_use'],
            [0, -20, 'already_used'],
            [-4, -100, 'superseded'],
            [1, 40, 'first_use'],
          ],
        ),
        t(
          'a clock that is set back: refused until the time of the last code is over',
          ['Clock', 'Replay'],
          [
            [1, 0, 'first_use'],
            setIt(NOON - 120),
            [-4, -120, 'superseded'],
            [1, 20, 'already_used'],
            setIt(NOON + 60),
            [2, 60, 'first_use'],
            [3, 61, 'first_use'],
          ],
        ),
        t(
          'without its clock it takes nothing; set, it has no drift',
          ['Clock', 'Drift'],
          [
            [1, 0, 'first_use'],
            loseIt,
            [2, 60, 'clock_unset'],
            setIt(NOON + 60),
            [4, 60, 'out_of_step'],
            [2, 61, 'first_use'],
          ],
        ),
        t(
          'the power goes before anything is written, and after what is charged is',
          ['PowerCut', 'Replay'],
          [
            [0, 0, 'first_use', 'none'],
            [0, 1, 'first_use', 'charged'],
            [0, 2, 'already_used'],
          ],
        ),
        t(
          'three refusals, dead for 60 seconds',
          ['Throttle'],
          [
            device.wrong(NOON),
            device.wrong(NOON),
            device.wrong(NOON),
            [1, 59, 'locked_out'],
            [2, 60, 'first_use'],
          ],
        ),
        t(
          'entries that are no codes',
          ['Malformed'],
          [typed('1234567', NOON, 'malformed'), typed('12345', NOON, 'malformed'), [0, 1, 'first_use']],
        ),
      ],
    ),
    groupOf(
      [strict.token],
      [
        at(
          strict,
          'a lock that learns nothing: its window only',
          ['LookAhead', 'Drift'],
          [
            [2, 0, 'not_yet_valid'],
            [-2, 1, 'expired'],
            [1, 100, 'expired'],
          ],
        ),
        at(
          strict,
          'its window stays where it is',
          ['Drift'],
          [
            [1, 0, 'first_use'],
            [3, 30, 'not_yet_valid'],
            [2, 31, 'first_use'],
            [1, 32, 'superseded'],
          ],
        ),
        at(
          strict,
          'a day later too',
          ['Drift'],
          [
            [1, 0, 'first_use'],
            [2880 + 2, DAY, 'not_yet_valid'],
            [2880 + 1, DAY + 1, 'first_use'],
          ],
        ),
      ],
    ),
    groupOf(
      [little.token],
      [
        at(
          little,
          'no more than the budget in all',
          ['Drift'],
          [
            [1, 0, 'first_use'],
            [2 + 2880, DAY, 'first_use'],
            [3 + 5760, 2 * DAY, 'first_use'],
            [4 + 8640, 3 * DAY, 'not_yet_valid'],
            [3 + 8641, 3 * DAY + 30, 'first_use'],
          ],
        ),
        at(
          little,
          'a pair within the budget',
          ['Resync', 'Drift'],
          [
            [2, 0, 'out_of_step'],
            [3, 30, 'first_use'],
          ],
        ),
      ],
    ),
    groupOf(
      [wide.token],
      [
        at(
          wide,
          'a code far off says no more than one period, also the first',
          ['Drift', 'LookAhead'],
          [
            [5, 0, 'first_use'],
            [7, 30, 'first_use'],
            [9, 31, 'out_of_step'],
            [3 * 2880 + 6, 3 * DAY, 'first_use'],
            [3 * 2880 + 10, 3 * DAY + 1, 'out_of_step'],
            [3 * 2880 + 9, 3 * DAY + 2, 'first_use'],
          ],
        ),
      ],
    ),
    groupOf(
      [young.token],
      [
        at(
          young,
          'periods are counted from T0',
          ['InOrder', 'LookAhead'],
          [
            [0, -1, 'not_yet_valid'],
            [0, 0, 'first_use'],
            [1, 59, 'not_yet_valid'],
            [1, 60, 'first_use'],
            [1, 119, 'already_used'],
            [2, 180, 'expired'],
            [3, 239, 'first_use'],
          ],
        ),
      ],
    ),
  ];
}

// --- OCRA ---------------------------------------------------------------------------------------------------------

function ocraGroups(): readonly Group[] {
  const plain = new Device(ocra, 'lock-ocra', 32);
  const counter = new Device(ocra, 'lock-ocra-counter', 32 + 20, {
    suite: 'OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1',
  });
  const both = new Device(ocra, 'lock-ocra-both', 32, {
    suite: 'OCRA-1:HOTP-SHA256-8:C-QH10-S016-T1M',
    life: 3600,
  });
  const time = new Device(ocra, 'lock-ocra-time', 64, { suite: 'OCRA-1:HOTP-SHA512-8:QA08-T1M', life: 600 });
  const [one, two] = [{ challenge: '48290137' }, { challenge: '00000256' }];
  const answer = (asked: Asked, at: number, reason: string, persist?: Persist): Entry =>
    plain.key(at, reason, plain.grant(0, 0, 'response', asked), persist);
  const counted = (asked: Asked, count: number, at: number, reason: string, persist?: Persist): Entry =>
    counter.key(at, reason, counter.grant(count, 0, 'response', asked), persist);
  const asked = { challenge: '0123456789', session: '00ff' };
  const minute = NOON / 60;
  const timed = (count: number, minutes: number, at: number, reason: string): Entry =>
    both.key(at, reason, both.grant(count, minute + minutes, 'response', asked));
  const [first, second] = [{ challenge: 'CLI22220' }, { challenge: 'aB3dE6gH' }];
  const inPeriod = (by: Asked, minutes: number, at: number, reason: string): Entry =>
    time.key(at, reason, time.grant(minute + minutes, 0, 'response', by));
  return [
    groupOf(
      [plain.token],
      [
        {
          comment: 'nothing was asked',
          flags: ['Asked'],
          steps: [answer(one, NOON, 'not_asked'), asking(one, NOON + 1), answer(one, NOON + 2, 'first_use')],
        },
        {
          comment: 'an answer counts once',
          flags: ['Asked', 'Replay'],
          steps: [
            asking(one, NOON),
            reload,
            answer(one, NOON + 5, 'first_use'),
            answer(one, NOON + 6, 'not_asked'),
            asking(two, NOON + 7),
            answer(one, NOON + 8, 'unknown'),
            answer(two, NOON + 9, 'first_use'),
          ],
        },
        {
          comment: 'until 300 seconds are over',
          flags: ['Asked'],
          steps: [asking(one, NOON), answer(one, NOON + 299, 'first_use')],
        },
        {
          comment: 'too late, and then a clock that goes back does not help',
          flags: ['Asked', 'Clock'],
          steps: [
            asking(one, NOON),
            answer(one, NOON + 300, 'not_asked'),
            answer(one, NOON + 1, 'not_asked'),
          ],
        },
        {
          comment: 'asked again: the earlier challenge is void',
          flags: ['Asked'],
          steps: [
            asking(one, NOON),
            asking(two, NOON + 1),
            answer(one, NOON + 2, 'unknown'),
            answer(two, NOON + 3, 'first_use'),
          ],
        },
        {
          comment: 'a wrong answer does not take the question away',
          flags: ['Asked', 'Unknown', 'Malformed'],
          steps: [
            asking(one, NOON),
            plain.wrong(NOON + 1),
            typed('1234', NOON + 2, 'malformed'),
            answer(one, NOON + 3, 'first_use'),
          ],
        },
        {
          comment: 'asking again does not end a lockout',
          flags: ['Asked', 'Throttle'],
          steps: [
            asking(one, NOON),
            plain.wrong(NOON + 1),
            plain.wrong(NOON + 2),
            plain.wrong(NOON + 3),
            asking(two, NOON + 4),
            answer(two, NOON + 62, 'locked_out'),
            answer(two, NOON + 63, 'first_use'),
          ],
        },
        {
          comment: 'entries before anything was asked are counted too',
          flags: ['Asked', 'Throttle'],
          steps: [
            answer(one, NOON, 'not_asked'),
            answer(one, NOON + 1, 'not_asked'),
            answer(one, NOON + 2, 'not_asked'),
            asking(one, NOON + 3),
            answer(one, NOON + 61, 'locked_out'),
            answer(one, NOON + 62, 'first_use'),
          ],
        },
        {
          comment: 'the power goes before anything is written, and after what is charged is',
          flags: ['Asked', 'PowerCut'],
          steps: [
            asking(one, NOON),
            answer(one, NOON + 1, 'first_use', 'none'),
            answer(one, NOON + 2, 'first_use', 'charged'),
            answer(one, NOON + 3, 'not_asked'),
          ],
        },
        {
          comment: 'without its clock it has asked nothing; it can ask again',
          flags: ['Asked', 'Clock'],
          steps: [
            asking(one, NOON),
            loseIt,
            answer(one, NOON + 1, 'not_asked'),
            asking(two, 5),
            answer(two, 6, 'first_use'),
          ],
        },
      ],
    ),
    groupOf(
      [counter.token],
      [
        {
          comment: 'answers with a counter: each count once',
          flags: ['Asked', 'InOrder', 'Replay'],
          steps: [
            asking(one, NOON),
            counted(one, 0, NOON + 1, 'first_use'),
            asking(one, NOON + 2),
            counted(one, 0, NOON + 3, 'already_used'),
            counted(one, 1, NOON + 4, 'first_use'),
            asking(two, NOON + 5),
            counted(two, 0, NOON + 6, 'superseded'),
            counted(two, 2, NOON + 7, 'first_use'),
          ],
        },
        {
          comment: 'ten counts ahead, and eleven',
          flags: ['LookAhead'],
          steps: [
            asking(one, NOON),
            counted(one, 10, NOON + 1, 'out_of_step'),
            counted(one, 9, NOON + 2, 'first_use'),
            asking(two, NOON + 3),
            counted(two, 20, NOON + 4, 'out_of_step'),
            counted(two, 19, NOON + 5, 'first_use'),
          ],
        },
        {
          comment: 'two answers in a row, to one challenge',
          flags: ['Resync'],
          steps: [
            asking(one, NOON),
            counted(one, 50, NOON + 1, 'out_of_step'),
            counted(one, 51, NOON + 2, 'first_use'),
          ],
        },
        {
          comment: 'two answers in a row, to two challenges',
          flags: ['Resync', 'Asked'],
          steps: [
            asking(one, NOON),
            counted(one, 109, NOON + 1, 'out_of_step'),
            asking(two, NOON + 2),
            counted(two, 110, NOON + 3, 'first_use'),
          ],
        },
        {
          comment: 'another answer in between',
          flags: ['BrokenPair', 'Asked'],
          steps: [
            asking(one, NOON),
            counted(one, 50, NOON + 1, 'out_of_step'),
            counter.wrong(NOON + 2),
            asking(two, NOON + DAY),
            counted(two, 51, NOON + DAY + 1, 'out_of_step'),
            counted(two, 52, NOON + 2 * DAY, 'not_asked'),
            asking(two, NOON + 3 * DAY),
            counted(two, 52, NOON + 3 * DAY + 1, 'out_of_step'),
            counted(two, 53, NOON + 3 * DAY + 2, 'first_use'),
          ],
        },
      ],
    ),
    groupOf(
      [both.token],
      [
        {
          comment: 'a count and a time: each count once, the time within a minute',
          flags: ['Asked', 'InOrder', 'LookAhead'],
          steps: [
            asking(asked, NOON),
            timed(0, 1, NOON + 1, 'first_use'),
            asking(asked, NOON + 2),
            timed(1, 0, NOON + 119, 'first_use'),
            asking(asked, NOON + 120),
            timed(2, 0, NOON + 120, 'unknown'),
            timed(2, 4, NOON + 121, 'unknown'),
            timed(2, 2, NOON + 122, 'first_use'),
            asking(asked, NOON + 123),
            timed(2, 2, NOON + 124, 'already_used'),
          ],
        },
        {
          comment: 'two counts in a row, each with its time',
          flags: ['Resync'],
          steps: [
            asking(asked, NOON),
            timed(40, 0, NOON, 'out_of_step'),
            timed(41, 1, NOON + 60, 'first_use'),
          ],
        },
        {
          comment: 'without its clock it takes nothing',
          flags: ['Clock'],
          steps: [
            asking(asked, NOON),
            loseIt,
            asking(asked, NOON),
            timed(0, 0, NOON, 'clock_unset'),
            setIt(NOON),
            asking(asked, NOON),
            timed(0, 0, NOON, 'first_use'),
          ],
        },
      ],
    ),
    groupOf(
      [time.token],
      [
        {
          comment: 'answers with a time: the minute, the one before, the one after',
          flags: ['Asked', 'LookAhead'],
          steps: [
            asking(first, NOON),
            inPeriod(first, 0, NOON + 59, 'first_use'),
            asking(second, NOON + 60),
            inPeriod(second, 0, NOON + 119, 'first_use'),
          ],
        },
        {
          comment: 'two answers of one minute are two, also an earlier one',
          flags: ['Asked', 'InOrder'],
          steps: [
            asking(first, NOON),
            inPeriod(first, 0, NOON + 1, 'first_use'),
            asking(second, NOON + 2),
            inPeriod(second, 0, NOON + 3, 'first_use'),
            asking(first, NOON + 4),
            inPeriod(first, -1, NOON + 5, 'first_use'),
            inPeriod(first, -1, NOON + 6, 'not_asked'),
          ],
        },
        {
          comment: 'two answers in a row bring it back',
          flags: ['Resync', 'Drift'],
          steps: [
            asking(first, NOON),
            inPeriod(first, 2, NOON + 1, 'out_of_step'),
            inPeriod(first, 3, NOON + 2, 'first_use'),
            asking(second, NOON + 60),
            inPeriod(second, 5, NOON + 61, 'first_use'),
          ],
        },
        {
          comment: 'too far, and too late',
          flags: ['Stale', 'Asked'],
          steps: [
            asking(first, NOON),
            inPeriod(first, 11, NOON + 1, 'not_yet_valid'),
            inPeriod(first, 0, NOON + 600, 'not_asked'),
          ],
        },
      ],
    ),
  ];
}

// --- OpenPAYGO ----------------------------------------------------------------------------------------------------

type Token = readonly [
  kind: 'add' | 'set' | 'disable' | 'sync',
  count: number,
  value: number,
  reason: string,
];

/** `disable` is value 998, `sync` 999. */
const DISABLE = 998;
const SYNC = 999;

function openpaygoGroups(): readonly Group[] {
  const device = new Device(openpaygo, 'lock-openpaygo', 16);
  const restricted = new Device(openpaygo, 'lock-openpaygo-keys', 16, {
    keypad: 'restricted',
    start: 123_456_789,
    count: 0,
  });
  const extended = new Device(openpaygo, 'lock-openpaygo-extended', 16, { extended: true });
  // Two counts of value 103 near 206 have one token.
  const twice = new Device(openpaygo, 'openpaygo', 16, { count: 150 });
  const p = (
    of: Device,
    comment: string,
    flags: readonly string[],
    tokens: readonly (Token | Step)[],
  ): Sequence => ({
    comment,
    flags,
    steps: tokens.map((each, day): Step => {
      if ('op' in each) return each;
      const [kind, count, value, reason] = each;
      return of.key(NOON + day * DAY, reason, of.grant(count, value, kind));
    }),
  });
  const d = (comment: string, flags: readonly string[], tokens: readonly (Token | Step)[]): Sequence =>
    p(device, comment, flags, tokens);
  /** The starting code with a value in its last digits. */
  const keyless = (of: Device, at: number, value: number): Entry => {
    const [sheet] = sheetsOf(of.token);
    const claim = { kind: 0, slot: 0, length: value, variance: 0, lane: '' };
    const number = Number(sheet.working.stepsOf(sheet, claim)['number']);
    const { alphabet, digits } = sheet.book.layout;
    const code =
      alphabet === '1234'
        ? number
            .toString(4)
            .padStart(digits, '0')
            .replace(/\d/g, (each) => `${Number(each) + 1}`)
        : String(number).padStart(digits, '0');
    return typed(code, at, 'unknown');
  };
  const day = (count: number): number => NOON + count * DAY;
  const add = (at: number, count: number, reason: string, persist?: Persist): Entry =>
    device.key(at, reason, device.grant(count, 7, 'add'), persist);
  return [
    groupOf(
      [device.token],
      [
        d(
          'tokens in their order, each once',
          ['InOrder', 'Replay'],
          [
            ['add', 2, 7, 'credited'],
            ['add', 2, 7, 'already_used'],
            ['add', 4, 7, 'credited'],
            ['set', 5, 30, 'credited'],
            reload,
            ['set', 5, 30, 'already_used'],
            ['add', 4, 7, 'already_used'],
            ['disable', 7, DISABLE, 'credited'],
            ['disable', 7, DISABLE, 'already_used'],
          ],
        ),
        d(
          'out of their order: 2 again after 2, 4, 6 is refused',
          ['OutOfOrder', 'Replay'],
          [
            ['add', 2, 7, 'credited'],
            ['add', 4, 7, 'credited'],
            ['add', 6, 7, 'credited'],
            ['add', 2, 7, 'already_used'],
          ],
        ),
        d(
          'later than those of higher counts, each once',
          ['OutOfOrder', 'Replay'],
          [
            ['add', 8, 1, 'credited'],
            ['add', 4, 0, 'credited'],
            ['add', 6, 995, 'credited'],
            ['add', 4, 0, 'already_used'],
            ['add', 2, 7, 'credited'],
            ['add', 6, 995, 'already_used'],
            ['add', 8, 1, 'already_used'],
            ['add', 6, 994, 'already_used'],
          ],
        ),
        d(
          '16 counts below the last, and 18',
          ['OutOfOrder', 'LookAhead'],
          [
            ['add', 20, 7, 'credited'],
            ['add', 2, 7, 'expired'],
            ['add', 4, 7, 'credited'],
            ['add', 4, 7, 'already_used'],
          ],
        ),
        d(
          'a SET ends every lower count, used or not',
          ['Seal', 'Replay'],
          [
            ['add', 2, 7, 'credited'],
            ['set', 5, 30, 'credited'],
            ['add', 4, 7, 'superseded'],
            ['add', 2, 7, 'already_used'],
            ['add', 6, 7, 'credited'],
            ['set', 3, 30, 'superseded'],
          ],
        ),
        d(
          'a SET of a lower count than the last is too late',
          ['Seal', 'OutOfOrder'],
          [
            ['add', 6, 7, 'credited'],
            ['set', 5, 30, 'expired'],
            ['disable', 3, DISABLE, 'expired'],
            ['add', 4, 7, 'credited'],
          ],
        ),
        d(
          'DISABLE ends every lower count too',
          ['Seal'],
          [
            ['disable', 3, DISABLE, 'credited'],
            ['add', 2, 7, 'superseded'],
            ['add', 4, 7, 'credited'],
          ],
        ),
        d('64 counts ahead', ['LookAhead'], [['set', 65, 30, 'credited']]),
        d(
          '65 counts ahead, then 64',
          ['LookAhead'],
          [
            ['add', 66, 7, 'not_yet_valid'],
            ['add', 2, 7, 'credited'],
            ['add', 66, 7, 'credited'],
            ['add', 132, 7, 'not_yet_valid'],
            ['add', 130, 7, 'credited'],
          ],
        ),
        d(
          'SYNC 100 counts ahead',
          ['Sync', 'LookAhead'],
          [
            ['set', 101, 30, 'not_yet_valid'],
            ['sync', 101, SYNC, 'synced'],
            ['add', 102, 7, 'credited'],
            ['add', 100, 7, 'superseded'],
            ['sync', 101, SYNC, 'already_used'],
          ],
        ),
        d(
          'SYNC 101 counts ahead',
          ['Sync', 'LookAhead'],
          [
            ['add', 2, 7, 'credited'],
            ['sync', 103, SYNC, 'unknown'],
            ['sync', 101, SYNC, 'synced'],
          ],
        ),
        d(
          'SYNC back: what was used stays used, another value of its count does not',
          ['Sync', 'Replay'],
          [
            ['add', 2, 7, 'credited'],
            ['add', 4, 7, 'credited'],
            ['set', 5, 30, 'credited'],
            ['sync', 3, SYNC, 'synced'],
            ['add', 4, 7, 'already_used'],
            ['set', 5, 30, 'already_used'],
            ['add', 2, 7, 'already_used'],
            ['add', 2, 8, 'already_used'],
            reload,
            ['add', 4, 8, 'credited'],
            ['add', 4, 8, 'already_used'],
            ['add', 4, 7, 'already_used'],
            ['add', 4, 9, 'already_used'],
            ['set', 5, 31, 'credited'],
            ['set', 5, 30, 'already_used'],
            ['sync', 3, SYNC, 'already_used'],
          ],
        ),
        d(
          'SYNC back, forth and back',
          ['Sync', 'Replay'],
          [
            ['add', 10, 7, 'credited'],
            ['sync', 5, SYNC, 'synced'],
            ['sync', 41, SYNC, 'synced'],
            ['add', 42, 7, 'credited'],
            ['sync', 7, SYNC, 'synced'],
            ['add', 42, 7, 'already_used'],
            ['add', 10, 7, 'already_used'],
            ['add', 8, 7, 'credited'],
            ['sync', 41, SYNC, 'already_used'],
            ['sync', 5, SYNC, 'already_used'],
          ],
        ),
        d(
          'SYNC to a count that a SET has used',
          ['Sync'],
          [
            ['set', 3, 30, 'credited'],
            ['sync', 3, SYNC, 'synced'],
            ['set', 3, 30, 'already_used'],
            ['set', 3, 31, 'already_used'],
            ['add', 4, 7, 'credited'],
          ],
        ),
        d(
          'SYNC goes back 63 counts from the highest, and no further',
          ['Sync', 'LookAhead'],
          [
            ['sync', 101, SYNC, 'synced'],
            ['sync', 37, SYNC, 'expired'],
            ['sync', 39, SYNC, 'synced'],
            ['sync', 37, SYNC, 'expired'],
            ['add', 40, 7, 'credited'],
          ],
        ),
        {
          comment: 'count 0 is the starting code: anybody could make that token',
          flags: ['KeyLess'],
          steps: [
            keyless(device, day(0), 7),
            keyless(device, day(1), 0),
            add(day(2), 2, 'credited'),
            keyless(device, day(3), 995),
          ],
        },
        {
          comment: 'every refusal: dead for 60 seconds, then 120; an accepted token begins anew',
          flags: ['Throttle'],
          steps: [
            device.wrong(NOON),
            add(NOON + 59, 2, 'locked_out'),
            device.wrong(NOON + 60),
            add(NOON + 179, 2, 'locked_out'),
            reload,
            add(NOON + 180, 2, 'credited'),
            add(NOON + 181, 2, 'already_used'),
            add(NOON + 240, 4, 'locked_out'),
            add(NOON + 241, 4, 'credited'),
          ],
        },
        {
          comment: 'doubling up to 512 minutes, and not longer',
          flags: ['Throttle'],
          steps: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512].reduce<{ at: number; steps: readonly Step[] }>(
            ({ at, steps }, minutes) => ({
              at: at + 60 * minutes,
              steps: [...steps, device.wrong(at), device.wrong(at + 60 * minutes - 1, 'locked_out')],
            }),
            { at: NOON, steps: [] },
          ).steps,
        },
        {
          comment: 'the power goes before anything is written, and after what is charged is',
          flags: ['PowerCut', 'Replay'],
          steps: [
            add(NOON, 2, 'credited', 'none'),
            add(NOON + 1, 2, 'credited', 'charged'),
            add(NOON + 61, 2, 'already_used'),
          ],
        },
        {
          comment: 'entries that are no tokens, and a lock without its clock',
          flags: ['Malformed', 'Clock'],
          steps: [
            typed('12345678', NOON, 'malformed'),
            typed('1234567890', NOON, 'malformed'),
            loseIt,
            add(7, 2, 'credited'),
            device.wrong(8),
            setIt(NOON),
            add(NOON + 59, 4, 'locked_out'),
            add(NOON + 60, 4, 'credited'),
          ],
        },
      ],
    ),
    groupOf(
      [restricted.token],
      [
        {
          comment: 'a device that begins at count 0, and a keypad of four keys',
          flags: ['KeyLess', 'Malformed', 'InOrder'],
          steps: [
            keyless(restricted, day(0), 7),
            typed('123412341234125', day(1), 'malformed'),
            restricted.key(day(2), 'credited', restricted.grant(1, 30, 'set')),
            restricted.key(day(3), 'credited', restricted.grant(2, 7, 'add')),
            restricted.key(day(4), 'already_used', restricted.grant(1, 30, 'set')),
            restricted.wrong(day(5)),
          ],
        },
      ],
    ),
    groupOf(
      [extended.token],
      [
        p(
          extended,
          'extended tokens: the same windows, and nothing that syncs',
          ['OutOfOrder', 'Seal', 'LookAhead'],
          [
            ['add', 20, 999_999, 'credited'],
            ['add', 2, 998, 'expired'],
            ['add', 4, 999, 'credited'],
            ['set', 85, 0, 'unknown'],
            ['set', 83, 998, 'credited'],
            ['add', 82, 1, 'superseded'],
            ['add', 84, 996, 'credited'],
          ],
        ),
      ],
    ),
    groupOf([twice.token], [twoMeanings(twice)]),
  ];
}

/** Digits of two counts, which `mint` does not make. */
function twoMeanings(device: Device): Sequence {
  const [sheet] = sheetsOf(device.token);
  const numberAt = (count: number): unknown =>
    sheet.working.stepsOf(sheet, { kind: 0, slot: count, length: 103, variance: 0, lane: '' })['number'];
  const own = numberAt(206);
  const [lower = 0, higher = 0] = Array.from({ length: 161 }, (_, i) => 126 + i).filter(
    (count) => numberAt(count) === own,
  );
  const kindOf = (count: number): string => (count % 2 === 0 ? 'add' : 'set');
  const code = String(own).padStart(9, '0');
  const grant = device.grant(lower, 103, kindOf(lower));
  const used = (at: number, reason: string): Entry => ({ ...typed(code, at, reason), grant });
  return {
    comment: `one token of counts ${lower} and ${higher}: the lower one is taken, and nothing more`,
    flags: ['OneMeaning', 'Replay'],
    steps: [
      used(NOON, 'credited'),
      used(NOON + DAY, 'already_used'),
      device.key(NOON + 2 * DAY, 'credited', device.grant(higher - (higher % 2) - 2, 5, 'add')),
      used(NOON + 3 * DAY, 'already_used'),
      device.key(NOON + 4 * DAY, 'credited', device.grant(higher, 104, kindOf(higher))),
    ],
  };
}

// --- Nexus --------------------------------------------------------------------------------------------------------

type Keycode = readonly [kind: string, id: number, value: number, reason: string];

function nexusGroups(): readonly Group[] {
  const full = new Device(nexus, 'lock-nexus', 16);
  const small = new Device(nexus, 'lock-nexus-small', 16, { keypad: 'small' });
  const extended = new Device(nexus, 'lock-nexus-extended', 16, { keypad: 'small', extended: true });
  const k = (
    of: Device,
    comment: string,
    flags: readonly string[],
    keycodes: readonly (Keycode | Step)[],
  ): Sequence => ({
    comment,
    flags,
    steps: keycodes.map((each, day): Step => {
      if ('op' in each) return each;
      const [kind, id, value, reason] = each;
      return of.key(NOON + day * DAY, reason, of.grant(id, value, kind));
    }),
  });
  const f = (comment: string, flags: readonly string[], keycodes: readonly (Keycode | Step)[]): Sequence =>
    k(full, comment, flags, keycodes);
  const add = (at: number, id: number, reason: string, persist?: Persist): Entry =>
    full.key(at, reason, full.grant(id, 168, 'add'), persist);
  const wrong = full.wrong(NOON).code;
  return [
    groupOf(
      [full.token],
      [
        f(
          'keycodes in their order, each once',
          ['InOrder', 'Replay'],
          [
            ['add', 0, 168, 'credited'],
            ['add', 1, 0, 'credited'],
            ['add', 0, 168, 'already_used'],
            ['add', 1, 0, 'already_used'],
            reload,
            ['add', 2, 99_999, 'credited'],
            ['add', 2, 99_998, 'already_used'],
          ],
        ),
        f(
          'a new device takes ids 0 to 63',
          ['LookAhead'],
          [
            ['add', 64, 168, 'unknown'],
            ['add', 63, 168, 'credited'],
            ['add', 104, 168, 'unknown'],
            ['add', 103, 168, 'credited'],
          ],
        ),
        f(
          '23 ids below the highest, and 24',
          ['LookAhead', 'OutOfOrder'],
          [
            ['add', 63, 168, 'credited'],
            ['add', 39, 168, 'expired'],
            ['add', 40, 168, 'credited'],
            ['add', 40, 168, 'already_used'],
            ['add', 41, 168, 'credited'],
            ['add', 64, 168, 'credited'],
            ['add', 40, 168, 'expired'],
            ['add', 41, 168, 'already_used'],
          ],
        ),
        f(
          'a SET ends every id up to its own',
          ['Seal', 'Replay'],
          [
            ['add', 28, 168, 'credited'],
            ['set', 30, 720, 'credited'],
            ['add', 29, 168, 'superseded'],
            ['add', 28, 168, 'already_used'],
            ['set', 30, 720, 'already_used'],
            ['add', 30, 168, 'already_used'],
            ['add', 31, 168, 'credited'],
          ],
        ),
        f(
          'a SET below the highest id',
          ['Seal', 'OutOfOrder'],
          [
            ['add', 40, 168, 'credited'],
            ['add', 36, 168, 'credited'],
            ['set', 35, 720, 'credited'],
            ['add', 34, 168, 'superseded'],
            ['add', 36, 168, 'already_used'],
            ['add', 37, 168, 'credited'],
            ['set', 38, 0, 'credited'],
            ['add', 39, 168, 'credited'],
          ],
        ),
        f(
          'unlocking and wiping end lower ids too',
          ['Seal'],
          [
            ['unlock', 25, 99_999, 'credited'],
            ['add', 24, 168, 'superseded'],
            ['wipe_credit', 27, 0, 'credited'],
            ['add', 26, 168, 'superseded'],
            ['wipe_flag', 29, 3, 'credited'],
            ['add', 28, 168, 'superseded'],
            ['add', 30, 168, 'credited'],
          ],
        ),
        {
          comment: 'six entries, right or wrong, then one every 720 seconds',
          flags: ['Throttle'],
          steps: [
            add(NOON, 1, 'credited'),
            add(NOON, 2, 'credited'),
            full.wrong(NOON),
            add(NOON, 2, 'already_used'),
            add(NOON, 3, 'credited'),
            add(NOON, 4, 'credited'),
            add(NOON, 5, 'locked_out'),
            reload,
            add(NOON + 719, 5, 'locked_out'),
            add(NOON + 720, 5, 'credited'),
            add(NOON + 1439, 6, 'locked_out'),
            full.wrong(NOON + 1440),
            add(NOON + 2159, 6, 'locked_out'),
            add(NOON + 2160, 6, 'credited'),
          ],
        },
        {
          comment: 'at most 128, however long nobody keys anything in',
          flags: ['Throttle'],
          steps: [
            add(NOON, 1, 'credited'),
            {
              op: 'enter_all',
              codes: Array.from({ length: 128 }, () => wrong),
              at: NOON + 2 * DAY,
              reason: 'unknown',
            },
            add(NOON + 2 * DAY, 2, 'locked_out'),
            add(NOON + 2 * DAY + 720, 2, 'credited'),
          ],
        },
        {
          comment: 'an entry that is no keycode costs nothing',
          flags: ['Malformed', 'Throttle'],
          steps: [
            ...Array.from({ length: 5 }, () => full.wrong(NOON)),
            typed('1234567890123', NOON, 'malformed'),
            typed('*1234567890123', NOON, 'malformed'),
            add(NOON, 1, 'credited'),
            add(NOON, 2, 'locked_out'),
          ],
        },
        {
          comment: 'the power goes before anything is written, and after what is charged is',
          flags: ['PowerCut', 'Replay'],
          steps: [
            add(NOON, 1, 'credited', 'none'),
            add(NOON, 1, 'credited', 'charged'),
            add(NOON, 1, 'already_used'),
          ],
        },
        {
          comment: 'without a clock there is no new credit; after that it counts from when it is set',
          flags: ['Clock', 'Throttle'],
          steps: [
            add(NOON, 1, 'credited'),
            ...Array.from({ length: 4 }, () => full.wrong(NOON)),
            loseIt,
            add(0, 2, 'credited'),
            add(719, 3, 'locked_out'),
            setIt(NOON + DAY),
            add(NOON + DAY + 719, 3, 'locked_out'),
            add(NOON + DAY + 720, 3, 'credited'),
          ],
        },
        {
          comment: 'a clock that goes back gives nothing',
          flags: ['Clock', 'Throttle'],
          steps: [
            ...Array.from({ length: 6 }, () => full.wrong(NOON)),
            add(NOON - DAY, 1, 'locked_out'),
            add(NOON - DAY + 719, 1, 'locked_out'),
            add(NOON - DAY + 720, 1, 'credited'),
          ],
        },
      ],
    ),
    groupOf(
      [small.token],
      [
        k(
          small,
          'a keypad of five keys: the same window',
          ['LookAhead', 'Replay', 'Seal'],
          [
            ['add', 63, 7, 'credited'],
            ['add', 39, 7, 'expired'],
            ['add', 40, 405, 'credited'],
            ['add_unlock', 41, 255, 'credited'],
            ['add', 40, 405, 'already_used'],
            ['set', 62, 960, 'credited'],
            ['add', 61, 1, 'superseded'],
            ['lock', 64, 254, 'credited'],
            ['unlock', 65, 255, 'credited'],
            ['wipe_flag', 66, 253, 'credited'],
            ['add', 107, 7, 'unknown'],
            ['add', 106, 7, 'credited'],
          ],
        ),
        {
          comment: 'symbols that no keycode has, and one that does not begin with 1',
          flags: ['Malformed', 'Unknown'],
          steps: [
            typed('123452345234526', NOON, 'malformed'),
            typed(
              small.key(NOON, 'credited', small.grant(1, 7, 'add')).code.replace('1', '2'),
              NOON,
              'unknown',
            ),
            small.key(NOON, 'credited', small.grant(1, 7, 'add')),
          ],
        },
      ],
    ),
    groupOf(
      [extended.token],
      [
        k(
          extended,
          'extended keycodes say two bits of their id',
          ['Seal', 'Replay', 'LookAhead'],
          [
            ['set_wipe', 24, 30, 'credited'],
            ['set_wipe', 24, 30, 'already_used'],
            ['add', 23, 7, 'superseded'],
            ['unlock_wipe', 64, 255, 'credited'],
            ['set_wipe', 60, 30, 'superseded'],
            ['set_wipe', 105, 30, 'unknown'],
            ['set_wipe', 104, 960, 'credited'],
          ],
        ),
      ],
    ),
  ];
}

export function lockStepsFile(): object {
  return vectorFile({
    algorithm: 'lock/1',
    schema: 'lock-steps',
    header: [
      'What locks that keep step with counts or periods answer to one entry after another. Published: the real codes.',
      'persist: what of the entry was written before the power went: all of it (state), only what is written before the answer (charged), nothing (none).',
      'ask: the lock shows a challenge. enter_all: many codes at one moment, each of which gets this answer. end: what the lock remembers after the last step.',
    ],
    notes: NOTES,
    groups: [...hotpGroups(), ...totpGroups(), ...ocraGroups(), ...openpaygoGroups(), ...nexusGroups()],
  });
}
