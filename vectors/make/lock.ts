/**
 * lock.json: what a lock does with one keypad entry after another. Every answer is written here by hand from DESIGN §6
 * and compared with what `enter` gives.
 */
import { layoutJson } from '../../src/cli/token.ts';
import { Stream } from '../../src/cli/vector-stream.ts';
import { bookOf } from '../../src/cli/vector-tests.ts';
import { kindsOf, meaningsOf } from '../../src/engine.ts';
import { EPOCH, indexOf, type WindowGrant, windowOf } from '../../src/grant.ts';
import {
  createToken,
  type DeviceToken,
  deriveToken,
  mint,
  read,
  type TokenOptions,
} from '../../src/index.ts';
import { createLock, type Lock, type LockState } from '../../src/lock/index.ts';
import { numberFf1 } from '../../src/schemes/index.ts';
import { sealedKey } from '../../src/schemes/sealed.ts';
import { deviceKey, secretBytes } from '../../src/token.ts';
import { igloohome, pintumbler, type Vendor } from '../../src/vendors/index.ts';
import { DAY } from '../../src/zone.ts';
import { type Group, hex, type Notes, vectorFile } from './format.ts';
import { ambiguousGrants, tokenOf } from './sealed.ts';
import {
  guesses,
  type Instant,
  instant,
  key,
  keyAs,
  keySet,
  loseIt,
  play,
  reload,
  type Sequence,
  setIt,
} from './steps.ts';
import { at, utc, type Zone, zone } from './zones.ts';

const HOUR = 3600;
/** Where page 1 of pintumbler-9/1 begins: in 2465. */
const BORDER = EPOCH + 3_906_250 * HOUR;

const NOTES: Notes = {
  Border: { bugType: 'EDGE_CASE', description: 'The last second before and the first after a border.' },
  Civil: { bugType: 'FUNCTIONALITY', description: 'A kind that opens and closes at local times.' },
  ClockChange: { bugType: 'EDGE_CASE', description: 'Local times on a day of 23 or 25 hours.' },
  FirstUse: {
    bugType: 'FUNCTIONALITY',
    description: 'The first-use deadline: it counts without a record, and not with one.',
  },
  OneTime: { bugType: 'AUTH_BYPASS', description: 'A code that opens once.' },
  Replay: { bugType: 'AUTH_BYPASS', description: 'A code keyed in again when it must no longer open.' },
  Supersede: {
    bugType: 'AUTH_BYPASS',
    description: 'The first use of a stay ends the stays that began on earlier days, seen or not.',
  },
  Clear: {
    bugType: 'AUTH_BYPASS',
    description: 'A clear code ends every code that began before its slot, seen or not, and never opens.',
  },
  Epoch: {
    bugType: 'AUTH_BYPASS',
    description: 'Two key epochs at a time; a clear of the newer retires the older.',
  },
  Clock: { bugType: 'FUNCTIONALITY', description: 'A lock without its clock, and how it gets it back.' },
  Backward: { bugType: 'AUTH_BYPASS', description: 'The clock goes backward.' },
  Memory: { bugType: 'EDGE_CASE', description: 'The memory is full.' },
  Throttle: { bugType: 'AUTH_BYPASS', description: 'What guessing costs.' },
  PowerCut: { bugType: 'MISSING_STEP', description: 'The power goes before or after the state is written.' },
  Malformed: { bugType: 'FUNCTIONALITY', description: 'Entries that are no codes: refused and not counted.' },
  Unknown: { bugType: 'FUNCTIONALITY', description: 'Digits that mean nothing, or nothing within 366 days.' },
  Variances: { bugType: 'FUNCTIONALITY', description: 'Several codes of one window.' },
  Pages: { bugType: 'EDGE_CASE', description: 'Digits that mean a grant on each of two pages.' },
};

// --- doors --------------------------------------------------------------------------------------------------------

/** A grant that ends. */
type Windowed = WindowGrant & { readonly endsAt: number };

/** A lock with what it takes to make codes for it. */
class Door {
  readonly tokens: readonly DeviceToken[];
  readonly #all: Lock;
  readonly #wrong: Stream;

  constructor(tokens: readonly DeviceToken[], lock: readonly DeviceToken[] = tokens) {
    this.tokens = tokens;
    this.#all = createLock(lock);
    this.#wrong = new Stream(`pintumbler vectors/wrong/${tokens[0]?.deviceId}`);
  }

  token(epoch = this.#all.oldestEpoch): DeviceToken {
    const token = this.#all.tokenOf(epoch);
    if (!token) throw new Error(`no token of epoch ${epoch}`);
    return token;
  }

  /** A window on the grid. */
  grid(kind: string, start: Instant, seconds: number, variance = 0): Windowed {
    const startsAt = instant(start);
    return { kind, variance, startsAt, endsAt: startsAt + seconds };
  }

  /** A window on the local calendar. */
  civil(kindId: string, date: string, days: number, variance = 0, epoch?: number): Windowed {
    const { kinds, grid } = bookOf(this.token(epoch));
    const [kind] = kindsOf(kinds, kindId);
    const slot = (at(`${date}T00:00Z`) - EPOCH) / grid.step;
    const window = windowOf(kind.shape, slot, indexOf(kind.shape.lengths, days), grid);
    if (!window) throw new Error(`no ${kindId} on ${date}`);
    return { kind: kindId, variance, startsAt: window.startsAt, endsAt: window.endsAt };
  }

  code(grant: WindowGrant, epoch?: number): string {
    return mint(this.token(epoch), grant);
  }

  hourly = (start: Instant, hours: number, variance = 0): string =>
    this.code(this.grid('hourly', start, hours * HOUR, variance));
  daily = (date: string, days: number): string => this.code(this.civil('daily', date, days));
  stay = (date: string, nights: number, variance = 0): string =>
    this.code(this.civil('stay', date, nights, variance));
  stay2 = (date: string, nights: number): string => this.code(this.civil('stay_2', date, nights));
  once = (start: Instant, variance = 0): string => this.code(this.grid('one_time', start, DAY, variance));
  clear = (start: Instant, epoch?: number, variance = 0): string =>
    this.code(this.grid('clear', start, 12 * HOUR, variance), epoch);
  /** The clock is set to the start and some minutes. */
  setClock = (start: Instant, minutes: 0 | 15 | 30 | 45, epoch?: number): string =>
    this.code(this.grid('set_clock', start, minutes * 60), epoch);

  /** Digits that mean nothing around a time, in this epoch and the two after it. */
  wrong(around: Instant, count: number): readonly string[] {
    const when = instant(around);
    const { digits } = bookOf(this.token()).layout;
    const tokens = [0, 1, 2].flatMap((more) => this.#all.tokenOf(this.#all.oldestEpoch + more) ?? []);
    const found: string[] = [];
    while (found.length < count) {
      const code = String(this.#wrong.below(10 ** digits)).padStart(digits, '0');
      if (tokens.every((token) => read(token, code, when).length === 0)) found.push(code);
    }
    return found;
  }

  /** The digits of any payload, also of those that mean nothing. */
  payload(payload: number, page = 0): string {
    const token = this.token();
    const { layout } = bookOf(token);
    const cipher = numberFf1(sealedKey(deviceKey(token), layout, ''), 10, layout.digits);
    return String(cipher.encrypt(payload, page)).padStart(layout.digits, '0');
  }
}

/** What the file shows of the throttle: how often the keypad was dead changes nothing under its locks' one length. */
function throttleJson(throttle: LockState['throttle']): object {
  if (throttle.by === 'credit') return throttle;
  const { by, wrong, since } = throttle;
  return { by, wrong, since };
}

const bytesOf = (token: DeviceToken): object => ({
  [token.holds]: hex(secretBytes(token)),
});

function keysOf(door: Door, epochs: readonly number[]): readonly object[] {
  return epochs.map((epoch) => {
    const token = door.token(epoch);
    const deviceKeyBytes = deviceKey(token);
    return {
      epoch,
      deviceKey: hex(deviceKeyBytes),
      sealedKey: hex(sealedKey(deviceKeyBytes, bookOf(token).layout, '')),
    };
  });
}

function groupOf(door: Door, epochs: readonly number[], sequences: readonly Sequence[]): Group {
  const [token] = door.tokens;
  if (!token) throw new Error('a door needs a token');
  // How many PINs are given out is the issuer's affair: a lock does nothing with it.
  const { source: _source, pins: _pins, ...rules } = token.rules.lock;
  return {
    type: 'LockTest',
    vendor: token.vendor.id,
    codes: token.vendor.codes,
    rules,
    tokens: door.tokens.map((each) => ({
      deviceId: each.deviceId,
      epoch: each.epoch,
      timeZone: each.timeZone,
      gridOffset: each.gridOffset,
      ...(each.offsets && { offsets: each.offsets }),
      ...(each.config !== undefined && { config: each.config }),
      ...bytesOf(each),
      layout: layoutJson(each),
    })),
    keys: keysOf(door, epochs),
    tests: sequences.map((each) => play(door.tokens, each, throttleJson)),
  };
}

const secret = (name: string): Uint8Array => new Stream(`pintumbler vectors/lock/${name}`).bytes(32);

const years = (name: Parameters<typeof zone>[0]): Zone => zone(name, utc(2025, 1, 1), utc(2029, 1, 1));

function rootToken(vendor: Vendor, name: string, facts: Zone, more: Partial<TokenOptions> = {}): DeviceToken {
  const { offsets, ...place } = facts;
  return createToken({
    vendor,
    deviceId: name,
    root: secret(name),
    epoch: 3,
    ...place,
    ...(vendor === pintumbler && { offsets }),
    ...more,
  });
}

// --- nine digits, Lisbon ------------------------------------------------------------------------------------------

function borders(door: Door): readonly Sequence[] {
  const { hourly, daily, stay, stay2 } = door;
  const two = hourly('2026-03-02T15:00Z', 2);
  const day = hourly('2026-03-02T15:00Z', 24);
  const one = daily('2026-03-03', 1);
  const three = daily('2026-03-03', 3);
  const nights = stay('2026-03-06', 3);
  const second = stay2('2026-03-06', 3);
  const short = daily('2026-03-29', 1);
  const long = daily('2026-10-25', 1);
  const spring = stay('2026-03-27', 4);
  return [
    {
      comment: 'an hourly code: 600 s early and 600 s late',
      flags: ['Border'],
      steps: [
        key(two, '2026-03-02T14:49:59Z', 'not_yet_valid'),
        key(two, '2026-03-02T14:50:00Z', 'first_use'),
        key(two, '2026-03-02T16:00:00Z', 'used_before'),
        key(two, '2026-03-02T17:09:59Z', 'used_before'),
        key(two, '2026-03-02T17:10:00Z', 'expired'),
      ],
    },
    {
      comment: 'an hourly code of up to 8 hours has no deadline but its end',
      flags: ['Border', 'FirstUse'],
      steps: [key(two, '2026-03-02T17:09:59Z', 'first_use')],
    },
    {
      comment: 'an hourly code, first keyed in when it is over',
      flags: ['Border', 'FirstUse'],
      steps: [key(two, '2026-03-02T17:10:00Z', 'expired')],
    },
    {
      comment: 'an hourly code of 24 hours, first used in the last second: it then lives to its end',
      flags: ['Border', 'FirstUse'],
      steps: [
        key(day, '2026-03-02T23:09:59Z', 'first_use'),
        key(day, '2026-03-02T23:10:00Z', 'used_before'),
        key(day, '2026-03-03T15:09:59Z', 'used_before'),
        key(day, '2026-03-03T15:10:00Z', 'expired'),
      ],
    },
    {
      comment: 'an hourly code of 24 hours, a second too late for its first use',
      flags: ['Border', 'FirstUse'],
      steps: [
        key(day, '2026-03-02T23:10:00Z', 'first_use_missed'),
        key(day, '2026-03-03T15:09:59Z', 'first_use_missed'),
        key(day, '2026-03-03T15:10:00Z', 'expired'),
      ],
    },
    {
      comment: 'a daily code of one day',
      flags: ['Border', 'Civil'],
      steps: [
        key(one, '2026-03-02T23:49:59Z', 'not_yet_valid'),
        key(one, '2026-03-02T23:50:00Z', 'first_use'),
        key(one, '2026-03-04T00:09:59Z', 'used_before'),
        key(one, '2026-03-04T00:10:00Z', 'expired'),
      ],
    },
    {
      comment: 'a daily code of three days, first used in the last second of its first day',
      flags: ['Border', 'Civil', 'FirstUse'],
      steps: [
        key(three, '2026-03-04T00:09:59Z', 'first_use'),
        key(three, '2026-03-06T00:09:59Z', 'used_before'),
        key(three, '2026-03-06T00:10:00Z', 'expired'),
      ],
    },
    {
      comment: 'a daily code of three days, a second too late for its first use',
      flags: ['Border', 'Civil', 'FirstUse'],
      steps: [key(three, '2026-03-04T00:10:00Z', 'first_use_missed')],
    },
    {
      comment: 'a stay of three nights',
      flags: ['Border', 'Civil'],
      steps: [
        key(nights, '2026-03-06T14:49:59Z', 'not_yet_valid'),
        key(nights, '2026-03-06T14:50:00Z', 'first_use'),
        key(nights, '2026-03-09T11:09:59Z', 'used_before'),
        key(nights, '2026-03-09T11:10:00Z', 'expired'),
      ],
    },
    {
      comment: 'a stay, first used two days after check-in time',
      flags: ['Border', 'Civil', 'FirstUse'],
      steps: [
        key(nights, '2026-03-08T15:09:59Z', 'first_use'),
        key(nights, '2026-03-09T11:09:59Z', 'used_before'),
      ],
    },
    {
      comment: 'a stay, a second too late for its first use',
      flags: ['Border', 'Civil', 'FirstUse'],
      steps: [key(nights, '2026-03-08T15:10:00Z', 'first_use_missed')],
    },
    {
      comment: 'a stay of the second pair of times',
      flags: ['Border', 'Civil'],
      steps: [
        key(second, '2026-03-06T15:49:59Z', 'not_yet_valid'),
        key(second, '2026-03-06T15:50:00Z', 'first_use'),
        key(second, '2026-03-09T10:09:59Z', 'used_before'),
        key(second, '2026-03-09T10:10:00Z', 'expired'),
      ],
    },
    {
      comment: 'a day of 23 hours',
      flags: ['Border', 'Civil', 'ClockChange'],
      steps: [
        key(short, '2026-03-28T23:49:59Z', 'not_yet_valid'),
        key(short, '2026-03-28T23:50:00Z', 'first_use'),
        key(short, '2026-03-29T23:09:59Z', 'used_before'),
        key(short, '2026-03-29T23:10:00Z', 'expired'),
      ],
    },
    {
      comment: 'a day of 25 hours',
      flags: ['Border', 'Civil', 'ClockChange'],
      steps: [
        key(long, '2026-10-24T22:49:59Z', 'not_yet_valid'),
        key(long, '2026-10-24T22:50:00Z', 'first_use'),
        key(long, '2026-10-26T00:09:59Z', 'used_before'),
        key(long, '2026-10-26T00:10:00Z', 'expired'),
      ],
    },
    {
      comment: 'a first-use deadline of two civil days: 47 hours',
      flags: ['Border', 'Civil', 'ClockChange', 'FirstUse'],
      steps: [
        key(spring, '2026-03-29T14:10:00Z', 'first_use_missed'),
        key(spring, '2026-03-29T14:09:59Z', 'first_use'),
        key(spring, '2026-03-31T10:09:59Z', 'used_before'),
        key(spring, '2026-03-31T10:10:00Z', 'expired'),
      ],
    },
  ];
}

function oneTime(door: Door): readonly Sequence[] {
  const once = door.once('2026-03-10T08:00Z');
  const other = door.once('2026-03-10T08:00Z', 1);
  return [
    {
      comment: 'a one-time code opens once',
      flags: ['OneTime', 'Replay', 'Border'],
      steps: [
        key(once, '2026-03-10T07:49:59Z', 'not_yet_valid'),
        key(once, '2026-03-10T07:50:00Z', 'first_use'),
        key(once, '2026-03-10T07:50:01Z', 'already_used'),
        key(other, '2026-03-10T07:50:02Z', 'first_use'),
        key(once, '2026-03-11T08:09:59Z', 'already_used'),
        key(once, '2026-03-11T08:10:00Z', 'already_used'),
      ],
    },
    {
      comment: 'a one-time code in its last second',
      flags: ['OneTime', 'Border'],
      steps: [key(once, '2026-03-11T08:09:59Z', 'first_use'), key(other, '2026-03-11T08:10:00Z', 'expired')],
    },
    {
      comment: 'a used one-time code stays used when the clock goes backward',
      flags: ['OneTime', 'Replay', 'Backward'],
      steps: [
        key(once, '2026-03-10T09:00:00Z', 'first_use'),
        key(once, '2026-03-10T07:50:00Z', 'already_used'),
        key(once, '2026-03-09T07:50:00Z', 'already_used'),
      ],
    },
    {
      comment: 'the power goes before anything is written: the code is as it was, and the door did not open',
      flags: ['OneTime', 'PowerCut'],
      steps: [
        key(once, '2026-03-10T09:00:00Z', 'first_use', 'none'),
        key(once, '2026-03-10T09:01:00Z', 'first_use', 'none'),
        key(once, '2026-03-10T09:02:00Z', 'first_use'),
      ],
    },
    {
      comment: 'the power goes after the charged state is written: the code is used',
      flags: ['OneTime', 'PowerCut', 'Replay'],
      steps: [
        key(once, '2026-03-10T09:00:00Z', 'first_use', 'charged'),
        key(once, '2026-03-10T09:01:00Z', 'already_used'),
      ],
    },
    {
      comment: 'a used one-time code stays used over a restart and a lost clock',
      flags: ['OneTime', 'Replay', 'Clock'],
      start: '2026-03-10T08:00Z',
      steps: [
        key(once, '2026-03-10T09:00:00Z', 'first_use'),
        reload(),
        key(once, '2026-03-10T09:01:00Z', 'already_used'),
        loseIt,
        setIt('2026-03-10T08:30Z'),
        key(once, '2026-03-10T08:31:00Z', 'already_used'),
      ],
    },
  ];
}

function supersede(door: Door): readonly Sequence[] {
  const { stay, stay2, daily, hourly } = door;
  const earlier = stay('2026-03-06', 3);
  const unseen = stay('2026-03-07', 4);
  const later = stay('2026-03-08', 2);
  const sameDay = stay2('2026-03-08', 1);
  const otherPair = stay2('2026-03-07', 5);
  const days = daily('2026-03-06', 4);
  const hours = hourly('2026-03-08T10:00Z', 8);
  return [
    {
      comment: 'the first use of a stay ends those of earlier days',
      flags: ['Supersede', 'Replay'],
      steps: [
        key(earlier, '2026-03-06T15:00Z', 'first_use'),
        key(days, '2026-03-06T16:00Z', 'first_use'),
        key(later, '2026-03-08T14:49:59Z', 'not_yet_valid'),
        key(earlier, '2026-03-08T14:49:59Z', 'used_before'),
        key(later, '2026-03-08T14:50:00Z', 'first_use'),
        key(earlier, '2026-03-08T14:50:01Z', 'superseded'),
        key(unseen, '2026-03-08T14:50:02Z', 'superseded'),
        key(otherPair, '2026-03-08T14:50:03Z', 'superseded'),
        key(later, '2026-03-08T14:50:04Z', 'used_before'),
        key(sameDay, '2026-03-08T16:00:00Z', 'first_use'),
        key(later, '2026-03-08T16:00:01Z', 'used_before'),
        key(days, '2026-03-08T16:00:02Z', 'used_before'),
        key(hours, '2026-03-08T16:00:03Z', 'first_use'),
        key(earlier, '2026-03-09T11:10:00Z', 'superseded'),
      ],
    },
    {
      comment: 'superseded stays so when the clock goes backward',
      flags: ['Supersede', 'Replay', 'Backward'],
      steps: [
        key(earlier, '2026-03-06T15:00Z', 'first_use'),
        key(later, '2026-03-08T15:00Z', 'first_use'),
        key(earlier, '2026-03-07T15:00Z', 'superseded'),
        key(later, '2026-03-07T15:00Z', 'not_yet_valid'),
      ],
    },
    {
      comment: 'a refused stay supersedes nothing',
      flags: ['Supersede'],
      steps: [
        key(earlier, '2026-03-06T15:00Z', 'first_use'),
        key(later, '2026-03-07T15:00Z', 'not_yet_valid'),
        key(earlier, '2026-03-08T15:00Z', 'used_before'),
      ],
    },
    {
      comment: 'the power goes before the first use is written, then after the charged state is',
      flags: ['Supersede', 'PowerCut'],
      steps: [
        key(earlier, '2026-03-06T15:00Z', 'first_use'),
        key(later, '2026-03-08T15:00Z', 'first_use', 'none'),
        key(earlier, '2026-03-08T15:01Z', 'used_before'),
        key(later, '2026-03-08T15:02Z', 'first_use', 'charged'),
        key(earlier, '2026-03-08T15:03Z', 'superseded'),
        key(later, '2026-03-08T15:04Z', 'used_before'),
      ],
    },
  ];
}

function clears(door: Door): readonly Sequence[] {
  const { hourly, once, stay, clear } = door;
  const used = hourly('2026-03-10T09:00Z', 24);
  const unused = hourly('2026-03-10T11:00Z', 4);
  const spent = once('2026-03-10T08:00Z');
  const atSlot = hourly('2026-03-10T12:00Z', 4);
  const after = hourly('2026-03-10T13:00Z', 4);
  const evening = stay('2026-03-10', 2);
  const noon = clear('2026-03-10T12:00Z');
  const before = clear('2026-03-10T11:00Z');
  const one = clear('2026-03-10T13:00Z');
  return [
    {
      comment: 'a clear ends what began before its slot, seen or not, and nothing else',
      flags: ['Clear', 'Border', 'Replay'],
      steps: [
        key(used, '2026-03-10T09:00Z', 'first_use'),
        key(spent, '2026-03-10T09:01Z', 'first_use'),
        key(noon, '2026-03-10T11:49:59Z', 'not_yet_valid'),
        key(used, '2026-03-10T11:49:59Z', 'used_before'),
        key(noon, '2026-03-10T11:50:00Z', 'cleared'),
        key(used, '2026-03-10T11:50:01Z', 'revoked'),
        key(unused, '2026-03-10T11:50:02Z', 'revoked'),
        key(spent, '2026-03-10T11:50:03Z', 'revoked'),
        key(noon, '2026-03-10T11:50:04Z', 'already_used'),
        key(before, '2026-03-10T11:50:05Z', 'revoked'),
        key(atSlot, '2026-03-10T12:00:00Z', 'first_use'),
        key(one, '2026-03-10T13:00:00Z', 'cleared'),
        key(atSlot, '2026-03-10T13:00:01Z', 'revoked'),
        key(noon, '2026-03-10T13:00:02Z', 'revoked'),
        key(after, '2026-03-10T13:00:03Z', 'first_use'),
        key(evening, '2026-03-10T15:00:00Z', 'first_use'),
      ],
    },
    {
      comment: 'a clear within 12 hours and 600 s',
      flags: ['Clear', 'Border'],
      steps: [
        key(noon, '2026-03-11T00:09:59Z', 'cleared'),
        key(noon, '2026-03-11T00:10:00Z', 'already_used'),
        key(one, '2026-03-11T01:10:00Z', 'expired'),
      ],
    },
    {
      comment: 'cleared stays cleared when the clock goes backward',
      flags: ['Clear', 'Backward', 'Replay'],
      steps: [
        key(used, '2026-03-10T09:00Z', 'first_use'),
        key(noon, '2026-03-10T12:00Z', 'cleared'),
        key(used, '2026-03-10T09:30Z', 'revoked'),
        key(unused, '2026-03-10T11:30Z', 'revoked'),
      ],
    },
    {
      comment: 'the power goes before the clear is written, then after the charged state is',
      flags: ['Clear', 'PowerCut'],
      steps: [
        key(used, '2026-03-10T09:00Z', 'first_use'),
        key(noon, '2026-03-10T12:00Z', 'cleared', 'none'),
        key(used, '2026-03-10T12:01Z', 'used_before'),
        key(noon, '2026-03-10T12:02Z', 'cleared', 'charged'),
        key(used, '2026-03-10T12:03Z', 'revoked'),
        key(noon, '2026-03-10T12:04Z', 'already_used'),
      ],
    },
  ];
}

function epochs(door: Door): readonly Sequence[] {
  const next = (grant: WindowGrant, more: number): string => door.code(grant, door.token().epoch + more);
  const { hourly, clear } = door;
  const grid = (start: string, hours: number): WindowGrant => door.grid('hourly', start, hours * HOUR);
  const old = hourly('2026-03-10T09:00Z', 24);
  const oldLater = hourly('2026-03-10T13:00Z', 4);
  const newer = next(grid('2026-03-10T10:00Z', 24), 1);
  const newerLater = next(grid('2026-03-10T12:00Z', 4), 1);
  const newest = next(grid('2026-03-10T13:00Z', 4), 2);
  const clearOld = clear('2026-03-10T12:00Z');
  const clearNew = clear('2026-03-10T12:00Z', door.token().epoch + 1);
  const clearNewest = clear('2026-03-10T14:00Z', door.token().epoch + 2);
  const newestEvening = next(grid('2026-03-10T14:00Z', 4), 2);
  return [
    {
      comment: 'codes of two epochs live side by side, a third does not',
      flags: ['Epoch'],
      steps: [
        key(old, '2026-03-10T10:00Z', 'first_use'),
        key(newer, '2026-03-10T10:01Z', 'first_use'),
        key(newest, '2026-03-10T13:00Z', 'unknown'),
        key(old, '2026-03-10T13:01Z', 'used_before'),
        key(newer, '2026-03-10T13:02Z', 'used_before'),
      ],
    },
    {
      comment: 'a clear of the newer epoch retires the older, also at the slot of a clear that has been',
      flags: ['Epoch', 'Clear', 'Replay'],
      steps: [
        key(old, '2026-03-10T10:00Z', 'first_use'),
        key(newer, '2026-03-10T10:01Z', 'first_use'),
        key(newerLater, '2026-03-10T11:50Z', 'first_use'),
        key(clearOld, '2026-03-10T12:00Z', 'cleared'),
        key(old, '2026-03-10T12:01Z', 'revoked'),
        key(newer, '2026-03-10T12:02Z', 'revoked'),
        key(oldLater, '2026-03-10T13:00Z', 'first_use'),
        key(clearNew, '2026-03-10T13:01Z', 'cleared'),
        key(clearNew, '2026-03-10T13:02Z', 'already_used'),
        key(oldLater, '2026-03-10T13:03Z', 'unknown'),
        key(clearOld, '2026-03-10T13:04Z', 'unknown'),
        key(newerLater, '2026-03-10T13:05Z', 'used_before'),
        key(newest, '2026-03-10T13:06Z', 'first_use'),
        key(clearNewest, '2026-03-10T14:00Z', 'cleared'),
        key(newerLater, '2026-03-10T14:01Z', 'unknown'),
        key(newest, '2026-03-10T14:02Z', 'revoked'),
        key(newestEvening, '2026-03-10T14:03Z', 'first_use'),
      ],
    },
  ];
}

function clocks(door: Door): readonly Sequence[] {
  const { hourly, setClock: set, clear } = door;
  const known = hourly('2026-03-02T12:00Z', 24);
  const wrong = door.wrong('2026-03-02T12:00Z', 13);
  const half = set('2026-03-02T12:00Z', 30);
  const start = '2026-03-02T12:00Z';
  return [
    {
      comment: 'a lost clock refuses all but a set-clock code of the last stored time or later',
      flags: ['Clock', 'Border'],
      start,
      steps: [
        key(known, '2026-03-02T12:30Z', 'first_use'),
        loseIt,
        key(known, 10, 'clock_unset'),
        key(wrong[0] ?? '', 20, 'clock_unset'),
        key(clear('2026-03-02T12:00Z'), 30, 'clock_unset'),
        key(set('2026-03-02T12:00Z', 15), 40, 'expired'),
        keySet(half, 50, '2026-03-02T12:30Z'),
        key(known, '2026-03-02T12:31Z', 'used_before'),
        key(half, '2026-03-02T12:32Z', 'already_used'),
        key(half, '2026-03-02T12:39:59Z', 'already_used'),
        key(half, '2026-03-02T12:40:00Z', 'expired'),
        key(set('2026-03-02T13:00Z', 0), '2026-03-02T12:49:59Z', 'not_yet_valid'),
        key(set('2026-03-02T13:00Z', 0), '2026-03-02T12:50:00Z', 'already_used'),
      ],
    },
    {
      comment: 'not more than 400 days after the last stored time',
      flags: ['Clock', 'Border'],
      start,
      steps: [
        key(known, '2026-03-02T12:30Z', 'first_use'),
        loseIt,
        key(set('2027-04-06T12:00Z', 45), 10, 'not_yet_valid'),
        keySet(set('2027-04-06T12:00Z', 30), 20, '2027-04-06T12:30Z'),
        key(known, '2027-04-06T12:31Z', 'expired'),
      ],
    },
    {
      comment: 'the clock of the day the lock was put up counts as the last stored time',
      flags: ['Clock'],
      start,
      steps: [loseIt, key(set('2026-03-02T11:00Z', 45), 10, 'expired'), keySet(set(start, 0), 20, start)],
    },
    {
      comment: 'without a last stored time only a service tool sets the clock',
      flags: ['Clock'],
      start: null,
      steps: [
        loseIt,
        key(half, 10, 'clock_unset'),
        setIt('2026-03-02T12:00Z'),
        key(known, '2026-03-02T12:01Z', 'first_use'),
      ],
    },
    {
      comment: 'a set-clock code of the newer epoch',
      flags: ['Clock', 'Epoch'],
      start,
      steps: [loseIt, keySet(set(start, 45, door.token().epoch + 1), 10, '2026-03-02T12:45Z')],
    },
    {
      comment: 'the slot of a set-clock code counts for a clear, its minutes do not',
      flags: ['Clock', 'Clear'],
      start,
      steps: [
        key(clear('2026-03-02T13:00Z'), '2026-03-02T12:50Z', 'cleared'),
        loseIt,
        key(set('2026-03-02T12:00Z', 45), 10, 'revoked'),
        keySet(set('2026-03-02T13:00Z', 0), 20, '2026-03-02T13:00Z'),
      ],
    },
    {
      comment: 'entries without a clock cost credit, and the running time gives it back',
      flags: ['Clock', 'Throttle'],
      start,
      steps: [
        loseIt,
        ...guesses(wrong.slice(0, 12), 100, 'clock_unset'),
        key(half, 112, 'locked_out'),
        key(half, 7299, 'locked_out'),
        keySet(half, 7300, '2026-03-02T12:30Z'),
        key(wrong[12] ?? '', '2026-03-02T12:31Z', 'unknown'),
        key(known, '2026-03-02T12:32Z', 'locked_out'),
      ],
    },
    {
      comment:
        'the power goes after the charged state of a set clock: two hours count from the time that was set',
      flags: ['Clock', 'Throttle', 'PowerCut', 'Border'],
      start,
      steps: [
        key(known, '2026-03-02T12:30Z', 'first_use'),
        loseIt,
        ...guesses(wrong.slice(0, 11), 100, 'clock_unset'),
        keySet(half, 111, '2026-03-02T12:30Z', 'charged'),
        key(wrong[11] ?? '', '2026-03-02T12:31Z', 'locked_out'),
        key(known, '2026-03-02T12:32Z', 'used_before'),
        key(wrong[11] ?? '', '2026-03-02T14:29:59Z', 'locked_out'),
        key(wrong[11] ?? '', '2026-03-02T14:30:00Z', 'unknown'),
      ],
    },
    {
      comment: 'a set-clock code of the next page',
      flags: ['Clock', 'Pages'],
      start: BORDER - 200 * DAY,
      steps: [loseIt, keySet(set(BORDER + 100 * DAY, 0), 10, BORDER + 100 * DAY)],
    },
    {
      comment: 'a restart without a clock does not bring it back',
      flags: ['Clock'],
      start,
      steps: [loseIt, reload(), key(known, 10, 'clock_unset'), loseIt, key(known, 10, 'clock_unset')],
    },
    {
      comment: 'the power goes before the set clock is written',
      flags: ['Clock', 'PowerCut'],
      start,
      steps: [
        loseIt,
        keySet(half, 10, '2026-03-02T12:30Z', 'none'),
        key(known, 20, 'clock_unset'),
        keySet(half, 30, '2026-03-02T12:30Z'),
      ],
    },
  ];
}

/** 48 hourly codes that are all valid at 14:05 and all need a record. */
function crowd(door: Door): readonly string[] {
  return ['12', '13', '14'].flatMap((hour) =>
    Array.from({ length: 16 }, (_, i) => door.hourly(`2026-03-02T${hour}:00Z`, 9 + i)),
  );
}

function memory(door: Door): readonly Sequence[] {
  const { hourly, daily, stay, once, clear } = door;
  const full = crowd(door).map((code, i) => key(code, at('2026-03-02T14:05Z') + i, 'first_use'));
  // The first ends at 21:00; the second and the one from 13:00 on end at 22:00.
  const [forgotten = '', second = ''] = crowd(door);
  const equal = hourly('2026-03-02T13:00Z', 9);
  const late = hourly('2026-03-02T15:00Z', 24);
  const short = hourly('2026-03-02T14:00Z', 8);
  const evening = hourly('2026-03-02T20:00Z', 24);
  return [
    {
      comment: 'the 49th code that needs a record is refused, one that needs none is not',
      flags: ['Memory'],
      steps: [
        ...full,
        key(late, '2026-03-02T14:50Z', 'memory_full'),
        key(once('2026-03-02T14:00Z'), '2026-03-02T14:51Z', 'memory_full'),
        key(stay('2026-03-02', 3), '2026-03-02T14:52Z', 'memory_full'),
        key(short, '2026-03-02T14:53Z', 'first_use'),
        key(short, '2026-03-02T14:54Z', 'first_use'),
        key(daily('2026-03-02', 1), '2026-03-02T14:55Z', 'first_use'),
        key(stay('2026-03-02', 2), '2026-03-02T14:56Z', 'first_use'),
        key(stay('2026-03-01', 3), '2026-03-02T14:57Z', 'superseded'),
        key(forgotten, '2026-03-02T14:58Z', 'used_before'),
      ],
    },
    {
      comment: 'a clear makes room',
      flags: ['Memory', 'Clear'],
      steps: [
        ...full,
        key(late, '2026-03-02T14:50Z', 'memory_full'),
        key(clear('2026-03-02T14:00Z'), '2026-03-02T14:51Z', 'cleared'),
        key(late, '2026-03-02T14:52Z', 'first_use'),
        key(forgotten, '2026-03-02T14:53Z', 'revoked'),
      ],
    },
    {
      comment:
        'a record goes when it is over, and what ended by then is refused although the clock goes backward',
      flags: ['Memory', 'Backward', 'Replay', 'Border'],
      steps: [
        ...full,
        key(evening, '2026-03-02T21:09:59Z', 'memory_full'),
        key(evening, '2026-03-02T21:10:00Z', 'first_use'),
        key(forgotten, '2026-03-02T20:00Z', 'expired'),
        key(hourly('2026-03-02T19:00Z', 2), '2026-03-02T20:01Z', 'expired'),
        key(short, '2026-03-02T20:02Z', 'first_use'),
        key(second, '2026-03-02T20:03Z', 'used_before'),
        key(evening, '2026-03-02T20:04Z', 'used_before'),
      ],
    },
    {
      comment:
        'of the records that are over the one that ended first goes, of equal ones the one that came first',
      flags: ['Memory', 'Backward'],
      steps: [
        ...full,
        key(evening, '2026-03-02T23:10Z', 'first_use'),
        key(second, '2026-03-02T20:00Z', 'used_before'),
        key(short, '2026-03-02T20:01Z', 'first_use'),
        key(hourly('2026-03-02T20:00Z', 20), '2026-03-02T23:11Z', 'first_use'),
        key(second, '2026-03-02T20:02Z', 'expired'),
        key(equal, '2026-03-02T20:03Z', 'used_before'),
        key(short, '2026-03-02T20:04Z', 'expired'),
      ],
    },
    {
      comment: 'memory_full costs credit like any refusal',
      flags: ['Memory', 'Throttle'],
      steps: [
        ...full,
        ...Array.from({ length: 12 }, (_, i) => key(late, at('2026-03-02T14:50Z') + i, 'memory_full')),
        key(late, '2026-03-02T14:51Z', 'locked_out'),
        key(second, '2026-03-02T14:52Z', 'used_before'),
      ],
    },
  ];
}

function throttles(door: Door): readonly Sequence[] {
  const { hourly, clear } = door;
  const t = at('2026-03-02T12:00Z');
  const wrong = door.wrong(t, 26);
  const twelve = wrong.slice(0, 12);
  const thirteenth = wrong[12] ?? '';
  const other = wrong[13] ?? '';
  const valid = hourly(t, 24);
  const known = hourly(t - HOUR, 24);
  return [
    {
      comment: 'twelve wrong entries, then none until two hours have passed',
      flags: ['Throttle', 'Border'],
      steps: [
        ...guesses(twelve, t, 'unknown'),
        key(valid, t + 12, 'locked_out'),
        key(valid, t + 7199, 'locked_out'),
        key(valid, t + 7200, 'first_use'),
        key(thirteenth, t + 7201, 'unknown'),
        key(other, t + 7202, 'locked_out'),
      ],
    },
    {
      comment: 'a guest whom the lock knows gets in once a minute',
      flags: ['Throttle', 'Border'],
      steps: [
        key(known, t - 1, 'first_use'),
        ...guesses(twelve, t, 'unknown'),
        key(known, t + 100, 'used_before'),
        key(known, t + 159, 'locked_out'),
        key(known, t + 160, 'used_before'),
        key(valid, t + 220, 'locked_out'),
        key(known, t + 221, 'locked_out'),
        key(known, t + 280, 'used_before'),
      ],
    },
    {
      comment: 'accepted entries cost nothing',
      flags: ['Throttle'],
      steps: [
        key(valid, t, 'first_use'),
        ...Array.from({ length: 14 }, (_, i) => key(valid, t + 1 + i, 'used_before')),
        ...guesses(twelve, t + 20, 'unknown'),
        key(thirteenth, t + 40, 'locked_out'),
      ],
    },
    {
      comment: 'entries of the wrong length cost nothing',
      flags: ['Throttle', 'Malformed'],
      steps: [
        ...Array.from({ length: 14 }, (_, i) => key('1'.repeat(i === 9 ? 20 : i), t + i, 'malformed')),
        ...guesses(twelve, t + 20, 'unknown'),
        key('12345678', t + 40, 'malformed'),
        key(thirteenth, t + 41, 'locked_out'),
      ],
    },
    {
      comment: 'refused but real codes cost as much as wrong ones',
      flags: ['Throttle'],
      steps: [
        ...Array.from({ length: 12 }, (_, i) => key(hourly(t + DAY, 1), t + i, 'not_yet_valid')),
        key(valid, t + 12, 'locked_out'),
      ],
    },
    {
      comment: 'what is left of two hours is kept',
      flags: ['Throttle', 'Border'],
      steps: [
        ...guesses(twelve, t, 'unknown'),
        key(thirteenth, t + 10800, 'unknown'),
        key(other, t + 14399, 'locked_out'),
        key(other, t + 14400, 'unknown'),
        key(valid, t + 14401, 'locked_out'),
      ],
    },
    {
      comment: 'credit comes back to twelve and no further',
      flags: ['Throttle'],
      steps: [
        ...guesses(twelve, t, 'unknown'),
        ...guesses(wrong.slice(12, 24), t + 100 * 7200, 'unknown'),
        key(wrong[24] ?? '', t + 100 * 7200 + 20, 'locked_out'),
      ],
    },
    {
      comment: 'a clock that goes backward gives no credit: two hours count from there',
      flags: ['Throttle', 'Backward', 'Border'],
      steps: [
        ...guesses(twelve, t, 'unknown'),
        key(hourly(t - DAY, 24), t - DAY, 'locked_out'),
        key(hourly(t - DAY, 24), t - DAY + 7199, 'locked_out'),
        key(hourly(t - DAY, 24), t - DAY + 7200, 'first_use'),
      ],
    },
    {
      comment: 'a clock that goes backward starts the minute anew',
      flags: ['Throttle', 'Backward', 'Border'],
      steps: [
        key(known, t - 1, 'first_use'),
        ...guesses(twelve, t, 'unknown'),
        key(known, t + 100, 'used_before'),
        key(known, t - 1000, 'locked_out'),
        key(known, t - 941, 'locked_out'),
        key(known, t - 940, 'used_before'),
      ],
    },
    {
      comment: 'credit survives restarts and a lost clock, and the time without a clock does not count',
      flags: ['Throttle', 'PowerCut', 'Clock'],
      start: t,
      steps: [
        ...guesses(twelve, t, 'unknown'),
        reload(),
        key(valid, t + 60, 'locked_out'),
        loseIt,
        setIt(t + 8 * HOUR),
        key(hourly(t + 8 * HOUR, 4), t + 8 * HOUR, 'locked_out'),
        key(hourly(t + 8 * HOUR, 4), t + 10 * HOUR - 1, 'locked_out'),
        key(hourly(t + 8 * HOUR, 4), t + 10 * HOUR, 'first_use'),
      ],
    },
    {
      comment: 'a lost clock that shows a later time gives no credit either',
      flags: ['Throttle', 'Clock'],
      start: t,
      steps: [
        key(known, t - 1, 'first_use'),
        ...guesses(twelve, t, 'unknown'),
        key(known, t + 100, 'used_before'),
        loseIt,
        key(valid, t + 100 * 7200, 'locked_out'),
        loseIt,
      ],
    },
    {
      comment: 'a clock that is set by a service tool begins two hours and the minute anew',
      flags: ['Throttle', 'Clock', 'Border'],
      steps: [
        key(known, t - 1, 'first_use'),
        ...guesses(twelve, t, 'unknown'),
        key(known, t + 100, 'used_before'),
        setIt(t + 110),
        key(known, t + 111, 'used_before'),
        key(valid, t + 7309, 'locked_out'),
        key(valid, t + 7310, 'first_use'),
      ],
    },
    {
      comment: 'credit survives a clear and a change of epoch',
      flags: ['Throttle', 'Clear', 'Epoch'],
      steps: [
        ...guesses(wrong.slice(0, 11), t, 'unknown'),
        key(clear(t), t + 20, 'cleared'),
        key(clear(t, door.token().epoch + 1), t + 21, 'cleared'),
        key(wrong[11] ?? '', t + 22, 'unknown'),
        key(thirteenth, t + 23, 'locked_out'),
      ],
    },
    {
      comment: 'an accepted entry is paid for until the state after it is written',
      flags: ['Throttle', 'PowerCut'],
      steps: [
        key(valid, t, 'first_use', 'charged'),
        ...Array.from({ length: 11 }, (_, i) => key(valid, t + 1 + i, 'used_before', 'charged')),
        key(thirteenth, t + 20, 'locked_out'),
        key(valid, t + 79, 'locked_out'),
        key(valid, t + 80, 'used_before'),
      ],
    },
    {
      comment: 'a wrong entry of which nothing was written costs nothing: write first, then answer',
      flags: ['Throttle', 'PowerCut'],
      steps: [
        ...twelve.map((code, i) => key(code, t + i, 'unknown', 'none')),
        ...guesses(wrong.slice(12, 24), t + 20, 'unknown'),
        key(wrong[24] ?? '', t + 40, 'locked_out'),
      ],
    },
  ];
}

function strange(door: Door): readonly Sequence[] {
  const t = at('2026-03-02T12:00Z');
  const code = door.hourly(t, 2);
  const far = 366 * DAY;
  const { layout } = bookOf(door.token());
  const slot = (t - EPOCH) / HOUR;
  return [
    {
      comment: 'entries that are no codes',
      flags: ['Malformed'],
      steps: [
        key('', t, 'malformed'),
        key(code.slice(1), t, 'malformed'),
        key(`${code}0`, t, 'malformed'),
        key(`${code.slice(1)}#`, t, 'malformed'),
        key(`${code.slice(0, 8)} `, t, 'malformed'),
        key(code, t, 'first_use'),
      ],
    },
    {
      comment: 'a lost clock, and entries that are no codes',
      flags: ['Malformed', 'Clock'],
      start: t,
      steps: [loseIt, key('123', 5, 'malformed')],
    },
    {
      comment: 'more than 366 days away is unknown',
      flags: ['Unknown', 'Border'],
      steps: [
        key(code, t - far - 1, 'unknown'),
        key(code, t - far, 'not_yet_valid'),
        key(code, t + 2 * HOUR + far, 'expired'),
        key(code, t + 2 * HOUR + far + 1, 'unknown'),
      ],
    },
    {
      comment: 'payloads that mean nothing',
      flags: ['Unknown'],
      steps: [
        key(door.payload(slot * layout.perSlot + layout.used), t, 'unknown'),
        key(door.payload(slot * layout.perSlot + layout.perSlot - 1), t, 'unknown'),
        key(door.payload(slot * layout.perSlot + (layout.places[1]?.base ?? 0)), t, 'unknown'),
      ],
    },
    {
      comment: 'a day and a night that the offset table does not cover',
      flags: ['Unknown', 'Civil'],
      steps: [
        key(
          door.payload(((utc(2029, 1, 1) - EPOCH) / HOUR) * layout.perSlot + (layout.places[1]?.base ?? 0)),
          utc(2029, 1, 1),
          'unknown',
        ),
        key(
          door.payload(((utc(2028, 12, 31) - EPOCH) / HOUR) * layout.perSlot + (layout.places[2]?.base ?? 0)),
          '2028-12-31T15:00Z',
          'unknown',
        ),
        key(
          door.payload(((utc(2024, 12, 31) - EPOCH) / HOUR) * layout.perSlot + (layout.places[1]?.base ?? 0)),
          utc(2025, 1, 1) - HOUR,
          'unknown',
        ),
        key(door.daily('2028-12-30', 1), utc(2028, 12, 30), 'first_use'),
      ],
    },
  ];
}

function nineDigits(): Group {
  const door = new Door([rootToken(pintumbler, 'lock-nine', years('Europe/Lisbon'))]);
  return groupOf(
    door,
    [3, 4, 5],
    [
      ...borders(door),
      ...oneTime(door),
      ...supersede(door),
      ...clears(door),
      ...epochs(door),
      ...clocks(door),
      ...memory(door),
      ...throttles(door),
      ...strange(door),
    ],
  );
}

// --- ten digits, Kathmandu ----------------------------------------------------------------------------------------

function tenDigits(): Group {
  const door = new Door([
    rootToken(pintumbler, 'lock-ten', years('Asia/Kathmandu'), { config: { digits: 10 } }),
  ]);
  const start = '2026-03-02T15:00+05:45';
  const four = [0, 1, 2, 3].map((variance) => door.hourly(start, 2, variance));
  const eight = [0, 7].map((variance) => door.once(start, variance));
  const guests = [0, 3].map((variance) => door.stay('2026-03-06', 3, variance));
  const newer = [1, 2].map((variance) => door.stay('2026-03-08', 1, variance));
  const t = at(start);
  return groupOf(
    door,
    [3, 4],
    [
      {
        comment: 'each variance is a code of its own; hours begin at minute 15 of UTC',
        flags: ['Variances', 'Border'],
        steps: [
          ...four.map((code, i) => key(code, t - 601 - i, 'not_yet_valid')),
          ...four.map((code, i) => key(code, t - 600 + i, 'first_use')),
          ...four.map((code, i) => key(code, t + 7799 - i, 'used_before')),
          ...four.map((code, i) => key(code, t + 7800 + i, 'expired')),
        ],
      },
      {
        comment: 'the variances of a one-time code are used one by one',
        flags: ['Variances', 'OneTime', 'Replay'],
        steps: [
          key(eight[0] ?? '', t, 'first_use'),
          key(eight[0] ?? '', t + 1, 'already_used'),
          key(eight[1] ?? '', t + 2, 'first_use'),
          key(eight[1] ?? '', t + 3, 'already_used'),
        ],
      },
      {
        comment: 'guests of one stay share it; the next stay ends it for all',
        flags: ['Variances', 'Supersede'],
        steps: [
          key(guests[0] ?? '', '2026-03-06T15:00+05:45', 'first_use'),
          key(guests[1] ?? '', '2026-03-06T15:01+05:45', 'first_use'),
          key(guests[0] ?? '', '2026-03-06T15:02+05:45', 'used_before'),
          key(newer[0] ?? '', '2026-03-08T15:00+05:45', 'first_use'),
          key(newer[1] ?? '', '2026-03-08T15:01+05:45', 'first_use'),
          key(guests[0] ?? '', '2026-03-08T15:02+05:45', 'superseded'),
          key(guests[1] ?? '', '2026-03-08T15:03+05:45', 'superseded'),
          key(newer[0] ?? '', '2026-03-08T15:04+05:45', 'used_before'),
        ],
      },
      {
        comment: 'another variance of a clear that has been is used too',
        flags: ['Variances', 'Clear'],
        steps: [
          key(door.clear(start, undefined, 0), t, 'cleared'),
          key(door.clear(start, undefined, 3), t + 1, 'already_used'),
          key(door.clear(start, 4, 3), t + 2, 'cleared'),
        ],
      },
    ],
  );
}

// --- tokens of issuers, of authorities ----------------------------------------------------------------------------

/** Two device keys without their root, each epoch with its own settings. */
function twoKeys(): Group {
  const older = rootToken(pintumbler, 'lock-keys', years('Europe/Lisbon'), { epoch: 7 });
  const summerless: Zone = {
    ...years('Europe/Lisbon'),
    offsets: [
      [utc(2025, 1, 1), 0],
      [utc(2029, 1, 1), 0],
    ],
  };
  const newer = rootToken(pintumbler, 'lock-keys', summerless, {
    epoch: 8,
    config: {
      stays: [
        ['14:00', '12:00'],
        ['18:00', '09:00'],
      ],
    },
  });
  const door = new Door([deriveToken(older), deriveToken(newer)]);
  const stay = (date: string, nights: number, epoch: number): string =>
    door.code(door.civil('stay', date, nights, 0, epoch), epoch);
  const oldStay = stay('2026-07-01', 2, 7);
  const newStay = stay('2026-07-01', 2, 8);
  const oldDay = door.code(door.civil('daily', '2026-07-02', 1, 0, 7), 7);
  const newDay = door.code(door.civil('daily', '2026-07-02', 1, 0, 8), 8);
  const beyond = mint(deriveToken(newer, { epoch: 9 }), door.grid('hourly', '2026-07-02T12:00Z', HOUR));
  return groupOf(
    door,
    [7, 8],
    [
      {
        comment: 'each epoch has its own check-in times and offset table',
        flags: ['Epoch', 'Civil', 'Border'],
        steps: [
          key(oldStay, '2026-07-01T13:49:59Z', 'not_yet_valid'),
          key(newStay, '2026-07-01T13:49:59Z', 'not_yet_valid'),
          key(oldStay, '2026-07-01T13:50:00Z', 'first_use'),
          key(newStay, '2026-07-01T13:50:00Z', 'first_use'),
          key(oldDay, '2026-07-01T22:50:00Z', 'first_use'),
          key(newDay, '2026-07-01T23:49:59Z', 'not_yet_valid'),
          key(newDay, '2026-07-01T23:50:00Z', 'first_use'),
          key(oldStay, '2026-07-03T10:09:59Z', 'used_before'),
          key(oldStay, '2026-07-03T10:10:00Z', 'expired'),
          key(newStay, '2026-07-03T12:09:59Z', 'used_before'),
          key(newStay, '2026-07-03T12:10:00Z', 'expired'),
        ],
      },
      {
        comment: 'the newer key retires the older; without the root there is no key after it',
        flags: ['Epoch', 'Clear'],
        steps: [
          key(oldStay, '2026-07-01T14:00Z', 'first_use'),
          key(beyond, '2026-07-02T12:00Z', 'unknown'),
          key(door.clear('2026-07-02T12:00Z', 8), '2026-07-02T12:01Z', 'cleared'),
          key(oldStay, '2026-07-02T12:02Z', 'unknown'),
          key(beyond, '2026-07-02T12:03Z', 'unknown'),
          key(door.code(door.grid('hourly', '2026-07-02T12:00Z', HOUR), 8), '2026-07-02T12:04Z', 'first_use'),
        ],
      },
    ],
  );
}

/** One device key: one epoch, and none after it. */
function oneKey(): Group {
  const root = rootToken(pintumbler, 'lock-key', years('Europe/Lisbon'), { epoch: 0 });
  const door = new Door([deriveToken(root)]);
  const grant = door.grid('hourly', '2026-03-02T12:00Z', HOUR);
  return groupOf(
    door,
    [0],
    [
      {
        comment: 'a lock with one device key knows one epoch',
        flags: ['Epoch'],
        steps: [
          key(mint(deriveToken(root, { epoch: 1 }), grant), '2026-03-02T12:00Z', 'unknown'),
          key(door.code(grant), '2026-03-02T12:01Z', 'first_use'),
          key(door.clear('2026-03-02T12:00Z'), '2026-03-02T12:02Z', 'cleared'),
          key(door.code(grant), '2026-03-02T12:03Z', 'used_before'),
        ],
      },
    ],
  );
}

/** The lock's authority gives it newer tokens. */
function newTokens(): Group {
  const first = rootToken(pintumbler, 'lock-renewed', years('Europe/Lisbon'), { epoch: 3 });
  const later = deriveToken(first, { epoch: 4, keepRoot: true });
  const door = new Door([first, later], [first]);
  const t = at('2026-03-10T12:00Z');
  const old = door.hourly(t, 24);
  const grant = door.grid('hourly', t, 24 * HOUR);
  const renewed = door.code(grant, 4);
  const once = door.code(door.grid('one_time', t, DAY), 4);
  const next = door.code(grant, 5);
  const wrong = door.wrong(t, 12);
  return groupOf(
    door,
    [3, 4, 5],
    [
      {
        comment: 'tokens from epoch 4 on: epoch 3 is retired, everything else stays',
        flags: ['Epoch', 'Replay', 'Throttle'],
        tokens: [0],
        steps: [
          key(door.clear(t - 2 * HOUR), t - HOUR, 'cleared'),
          key(old, t, 'first_use'),
          key(renewed, t + 1, 'first_use'),
          key(once, t + 2, 'first_use'),
          key(next, t + 3, 'unknown'),
          reload([1]),
          key(old, t + 4, 'unknown'),
          key(renewed, t + 5, 'used_before'),
          key(once, t + 6, 'already_used'),
          key(next, t + 7, 'first_use'),
          key(door.code(door.grid('hourly', t - 3 * HOUR, 24 * HOUR), 4), t + 8, 'revoked'),
          ...guesses(wrong.slice(0, 8), t + 9, 'unknown'),
          key(wrong[8] ?? '', t + 30, 'locked_out'),
        ],
      },
    ],
  );
}

/** Two roots' tokens with settings of their own: epochs after them go by the newer. */
function twoRoots(): Group {
  const older = rootToken(pintumbler, 'lock-roots', years('Europe/Lisbon'), { epoch: 0 });
  const newer = rootToken(pintumbler, 'lock-roots', years('Europe/Lisbon'), {
    epoch: 1,
    config: {
      stays: [
        ['12:00', '10:00'],
        ['13:00', '09:00'],
      ],
    },
  });
  const door = new Door([older, newer]);
  const stay = (epoch: number): string => door.code(door.civil('stay', '2026-03-06', 2, 0, epoch), epoch);
  return groupOf(
    door,
    [0, 1, 2],
    [
      {
        comment: 'epoch 2 has the check-in time of the newer token, in whatever order the lock got the two',
        flags: ['Epoch', 'Civil', 'Border'],
        tokens: [1, 0],
        steps: [
          key(stay(2), '2026-03-06T12:00Z', 'unknown'),
          key(door.clear('2026-03-06T10:00Z', 1), '2026-03-06T10:00Z', 'cleared'),
          key(stay(2), '2026-03-06T11:49:59Z', 'not_yet_valid'),
          key(stay(2), '2026-03-06T11:50:00Z', 'first_use'),
          key(stay(1), '2026-03-06T11:50:01Z', 'first_use'),
          key(stay(0), '2026-03-06T14:50:00Z', 'unknown'),
          key(stay(2), '2026-03-08T10:09:59Z', 'used_before'),
          key(stay(2), '2026-03-08T10:10:00Z', 'expired'),
        ],
      },
    ],
  );
}

// --- igloohome ----------------------------------------------------------------------------------------------------

function igloo(): Group {
  const door = new Door([rootToken(igloohome, 'lock-igloo', zone('America/New_York'))]);
  const { hourly, once } = door;
  const t = at('2026-03-02T15:00-05:00');
  const two = hourly(t, 2);
  const days = hourly(t, 48);
  const month = door.code(door.grid('daily', t, 30 * DAY));
  const wrong = door.wrong(t, 24);
  const five = wrong.slice(0, 5);
  const crowd = Array.from({ length: 199 }, (_, i) => hourly(t, 25 + Math.floor(i / 3), i % 3));
  const full = crowd.map((code, i) => key(code, t + i, 'first_use'));
  return groupOf(
    door,
    [3, 4],
    [
      {
        comment: 'no tolerance: to the second',
        flags: ['Border'],
        steps: [
          key(two, t - 1, 'not_yet_valid'),
          key(two, t, 'first_use'),
          key(two, t + 2 * HOUR - 1, 'used_before'),
          key(two, t + 2 * HOUR, 'expired'),
        ],
      },
      {
        comment: 'a first use within 24 hours',
        flags: ['Border', 'FirstUse'],
        steps: [
          key(days, t + DAY - 1, 'first_use'),
          key(days, t + 2 * DAY - 1, 'used_before'),
          key(days, t + 2 * DAY, 'expired'),
        ],
      },
      {
        comment: 'a first use after 24 hours',
        flags: ['Border', 'FirstUse'],
        steps: [
          key(days, t + DAY, 'first_use_missed'),
          key(days, t + 2 * DAY - 1, 'first_use_missed'),
          key(days, t + 2 * DAY, 'expired'),
        ],
      },
      {
        comment: '30 days of 24 hours across a change of the clock',
        flags: ['Border', 'FirstUse', 'ClockChange'],
        steps: [
          key(month, '2026-03-03T14:59:59-05:00', 'first_use'),
          key(month, '2026-04-01T15:59:59-04:00', 'used_before'),
          key(month, '2026-04-01T16:00:00-04:00', 'expired'),
        ],
      },
      {
        comment: 'five codes of one start, each opens once',
        flags: ['OneTime', 'Variances', 'Replay'],
        steps: [
          key(once(t, 0), t, 'first_use'),
          key(once(t, 4), t + 1, 'first_use'),
          key(once(t, 0), t + 2, 'already_used'),
          key(once(t, 4), t + DAY, 'already_used'),
          key(once(t, 3), t + DAY, 'expired'),
        ],
      },
      {
        comment: 'five wrong entries, then 300 s of silence',
        flags: ['Throttle', 'Border'],
        steps: [
          ...guesses(five, t, 'unknown'),
          key(two, t + 5, 'locked_out'),
          key(two, t + 303, 'locked_out'),
          key(two, t + 304, 'first_use'),
        ],
      },
      {
        comment: 'a code that the lock knows waits like any other',
        flags: ['Throttle'],
        steps: [
          key(two, t, 'first_use'),
          ...guesses(five, t + 1, 'unknown'),
          key(two, t + 304, 'locked_out'),
          key(two, t + 305, 'used_before'),
        ],
      },
      {
        comment: 'an accepted entry starts the count anew',
        flags: ['Throttle'],
        steps: [
          ...guesses(wrong.slice(0, 4), t, 'unknown'),
          key(two, t + 10, 'first_use'),
          ...guesses(wrong.slice(4, 8), t + 20, 'unknown'),
          key('12345', t + 29, 'malformed'),
          key(two, t + 30, 'used_before'),
        ],
      },
      {
        comment: 'the count begins anew after the silence, and entries in it do not lengthen it',
        flags: ['Throttle'],
        steps: [
          ...guesses(five, t, 'unknown'),
          ...guesses(wrong.slice(5, 9), t + 100, 'locked_out'),
          ...guesses(wrong.slice(9, 13), t + 304, 'unknown'),
          key(two, t + 310, 'first_use'),
          ...guesses(wrong.slice(13, 18), t + 320, 'unknown'),
          key(two, t + 623, 'locked_out'),
          key(two, t + 624, 'used_before'),
        ],
      },
      {
        comment: 'the fifth wrong entry may be days after the first',
        flags: ['Throttle'],
        steps: [
          ...wrong.slice(0, 5).map((code, i) => key(code, t + i * HOUR, 'unknown')),
          key(days, t + 4 * HOUR + 1, 'locked_out'),
        ],
      },
      {
        comment: 'a clock that goes backward starts the silence anew',
        flags: ['Throttle', 'Backward', 'Border'],
        steps: [
          ...guesses(five, t + 1000, 'unknown'),
          key(two, t + 500, 'locked_out'),
          key(two, t + 799, 'locked_out'),
          key(two, t + 800, 'first_use'),
        ],
      },
      {
        comment: 'a lost clock: only a service tool sets it; the silence counts from the next entry',
        flags: ['Throttle', 'Clock', 'Border'],
        start: t,
        steps: [
          ...guesses(five, t, 'unknown'),
          loseIt,
          key(two, 10, 'locked_out'),
          key(two, 309, 'locked_out'),
          key(two, 310, 'clock_unset'),
          setIt(t + 1000),
          key(two, t + 1001, 'first_use'),
        ],
      },
      {
        comment: 'a service tool sets the clock in the silence: it begins anew',
        flags: ['Throttle', 'Clock', 'Border'],
        steps: [
          ...guesses(five, t, 'unknown'),
          setIt(t + 10),
          key(two, t + 309, 'locked_out'),
          key(two, t + 310, 'first_use'),
        ],
      },
      {
        comment: 'a lost clock, set before the next entry: the silence counts from that entry',
        flags: ['Throttle', 'Clock', 'Border'],
        start: t,
        steps: [
          ...guesses(five, t, 'unknown'),
          loseIt,
          setIt(t + 1000),
          key(two, t + 1100, 'locked_out'),
          key(two, t + 1399, 'locked_out'),
          key(two, t + 1400, 'first_use'),
        ],
      },
      {
        comment: 'the power goes after the charged state of an accepted entry: it counts as wrong',
        flags: ['Throttle', 'PowerCut'],
        steps: [
          ...guesses(wrong.slice(0, 4), t, 'unknown'),
          key(two, t + 10, 'first_use', 'charged'),
          key(two, t + 11, 'locked_out'),
          key(two, t + 310, 'used_before'),
        ],
      },
      {
        comment: '199 codes, and the 200th that needs a record',
        flags: ['Memory'],
        steps: [
          ...full,
          key(hourly(t, 92), t + 300, 'memory_full'),
          key(once(t), t + 301, 'memory_full'),
          key(hourly(t, 24), t + 302, 'first_use'),
          key(crowd[198] ?? '', t + 303, 'used_before'),
          key(once(t + 20 * HOUR), t + 25 * HOUR - 1, 'memory_full'),
          key(once(t + 20 * HOUR), t + 25 * HOUR, 'first_use'),
          key(crowd[0] ?? '', t + 25 * HOUR - 1, 'expired'),
          key(crowd[1] ?? '', t + 25 * HOUR - 1, 'used_before'),
        ],
      },
    ],
  );
}

/** Digits that two epochs accept at `t`: the newer's grant begins later and ends earlier. */
function sharedDigits(door: Door, t: number): { code: string; older: Windowed; newer: Windowed } {
  const next = door.token(4);
  const windows = [
    ...Array.from({ length: 648 }, (_, i) => ['hourly', (25 + i) * HOUR] as const),
    ...Array.from({ length: 339 }, (_, i) => ['daily', (29 + i) * DAY] as const),
  ];
  for (const [kind, seconds] of windows) {
    for (let start = t - 23 * HOUR; start < t; start += HOUR) {
      for (const variance of [0, 1, 2]) {
        const older = door.grid(kind, start, seconds, variance);
        const code = door.code(older);
        const [other] = meaningsOf(next, code, t, t);
        if (!other) continue;
        const { grant, window } = other;
        const newer = { ...grant, endsAt: window.endsAt };
        const both = start < newer.startsAt && newer.startsAt <= t && t < window.firstUseBy;
        if (both && newer.endsAt >= start + DAY && newer.endsAt < older.endsAt) return { code, older, newer };
      }
    }
  }
  throw new Error('no digits that two epochs share');
}

/** Digits that mean, at `t`, a grant of the older epoch that is over and one of the newer that is still to come. */
function overAndToCome(door: Door, t: number): { code: string; older: WindowGrant; newer: WindowGrant } {
  for (let hours = 1; hours <= 24; hours++) {
    for (let end = t - 24 * HOUR; end <= t; end += HOUR) {
      const older = door.grid('hourly', end - hours * HOUR, hours * HOUR);
      const code = door.code(older);
      const [other] = meaningsOf(door.token(4), code, t, t);
      if (other && other.grant.startsAt > t && other.grant.startsAt < t + 366 * DAY)
        return { code, older, newer: other.grant };
    }
  }
  throw new Error('no digits that two epochs share');
}

/** Digits of a stay between two dates that the newer epoch reads as a grant before `cleared`. */
function stayAndCleared(
  door: Door,
  cleared: number,
  t: number,
): { code: string; older: WindowGrant; newer: WindowGrant } {
  for (let day = cleared + DAY; day < t - DAY; day += DAY) {
    for (let nights = 1; nights <= 28; nights++) {
      for (const kind of ['stay', 'stay_2']) {
        const older = door.civil(kind, new Date(day * 1000).toISOString().slice(0, 10), nights);
        const code = door.code(older);
        const [other] = meaningsOf(door.token(4), code, t, t);
        if (other && other.grant.startsAt < cleared && other.window.endsAt > t - 366 * DAY)
          return { code, older, newer: other.grant };
      }
    }
  }
  throw new Error('no digits that two epochs share');
}

/** Grants of two epochs, or of two pages, under the same digits: the newer first, where it is acceptable. */
function collisions(): readonly Group[] {
  const door = new Door([rootToken(igloohome, 'lock-epochs', zone('America/New_York'))]);
  const t = at('2026-03-02T15:00-05:00');
  const { code, older, newer } = sharedDigits(door, t);

  const two = overAndToCome(door, t);
  const nine = new Door([rootToken(pintumbler, 'lock-nine-epochs', years('Europe/Lisbon'))]);
  const clearAt = at('2025-06-01T00:00Z');
  const lateStay = at('2026-03-10T15:00Z');
  const third = stayAndCleared(nine, clearAt, lateStay);

  const border = tokenOf(igloohome, 'igloo-new-york', zone('America/New_York'));
  const pages = new Door([border]);
  const [found] = ambiguousGrants(border, 1);
  const [late, early] = found ? read(border, found.code, found.grant.startsAt) : [];
  if (!found || !late?.endsAt || !early?.endsAt) throw new Error('no digits that two pages share');
  return [
    groupOf(
      door,
      [3, 4],
      [
        {
          comment:
            'digits that two epochs accept: the newer decides; when its grant is over, the other is still unseen',
          flags: ['Epoch'],
          steps: [
            keyAs(code, t, 'first_use', newer),
            keyAs(code, newer.endsAt - 1, 'used_before', newer),
            keyAs(code, newer.endsAt, 'first_use_missed', older),
          ],
        },
        {
          comment: 'digits of which one epoch makes a grant that is over, the other one to come: expired',
          flags: ['Epoch'],
          steps: [keyAs(two.code, t, 'expired', two.older)],
        },
        {
          comment: 'the same digits, keyed in before the newer grant begins: the record decides from then on',
          flags: ['Epoch'],
          steps: [
            keyAs(code, newer.startsAt - 1, 'first_use', older),
            keyAs(code, newer.startsAt, 'used_before', older),
            keyAs(code, older.endsAt - 1, 'used_before', older),
          ],
        },
      ],
    ),
    groupOf(
      nine,
      [3, 4],
      [
        {
          comment: 'digits of which one epoch makes a superseded stay, the other a revoked code: revoked',
          flags: ['Epoch', 'Supersede', 'Clear'],
          steps: [
            key(nine.clear(clearAt), clearAt, 'cleared'),
            keyAs(third.code, third.older.startsAt - 601, 'revoked', third.newer),
            key(nine.stay('2026-03-10', 1), lateStay, 'first_use'),
            keyAs(third.code, lateStay + 1, 'revoked', third.newer),
          ],
        },
      ],
    ),
    groupOf(
      pages,
      [border.epoch],
      [
        {
          comment: 'digits that mean a grant on each side of a page border: the record decides',
          flags: ['Pages', 'Border'],
          steps: [
            keyAs(found.code, early.startsAt, 'first_use', early),
            keyAs(found.code, late.startsAt, 'used_before', early),
          ],
        },
        {
          comment: 'the same digits, first keyed in when only the grant of the newer page can begin',
          flags: ['Pages', 'Border'],
          steps: [
            keyAs(found.code, late.startsAt - 1, 'first_use_missed', early),
            keyAs(found.code, late.startsAt, 'first_use', late),
          ],
        },
        {
          comment: 'the same digits when both grants are over: the refusal is about the newer page',
          flags: ['Pages'],
          steps: [keyAs(found.code, late.endsAt, 'expired', late)],
        },
      ],
    ),
  ];
}

export function lockFile(): object {
  return vectorFile({
    algorithm: 'lock/1',
    schema: 'lock',
    header: [
      'What a lock answers to one entry after another. Each test begins with a new lock, its clock at `at`.',
      'persist: what of the entry was written before the power went: all of it (state), only what is written before the answer (charged), nothing (none).',
      'grant: the grant that the answer is about, or null. end: what the lock remembers after the last step.',
    ],
    notes: NOTES,
    groups: [
      nineDigits(),
      tenDigits(),
      twoKeys(),
      oneKey(),
      newTokens(),
      twoRoots(),
      igloo(),
      ...collisions(),
    ],
  });
}
