import { createToken, type DeviceToken, deriveToken, mint, read, type WindowGrant } from 'pintumbler';
import { zoneFacts } from 'pintumbler/calendar';
import {
  createLock,
  type Entry,
  enter,
  initialState,
  type Lock,
  type LockRecord,
  type LockState,
  loadState,
  loseClock,
  saveState,
  setClock,
  type Verdict,
} from 'pintumbler/lock';
import { defineVendor } from 'pintumbler/security';
import {
  igloohome,
  type Kind,
  pintumbler,
  type Rules,
  type Table,
  tuya,
  type Vendor,
} from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { mac } from '../src/schemes/mac.ts';
import { rulesOf } from '../src/vendors/vendor.ts';
import { at, codeOf, type Ending, ending } from './support/helpers.ts';

/*
 * DESIGN §6, rule by rule, at the exact borders of each. Lisbon: UTC in winter, UTC+1 from 29 March to 25 October 2026.
 */

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;
/** Clock tolerance of our lock. */
const S = 600;
/** Credit comes back one by one, this many seconds each. */
const REGAIN = 7200;

const LISBON = zoneFacts('Europe/Lisbon', at('2025-01-01T00:00Z'), at('2036-01-01T00:00Z'));
const root = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);

const ours = (epoch = 0, more: { config?: unknown; fill?: number; deviceId?: string } = {}): DeviceToken =>
  createToken({
    vendor: pintumbler,
    deviceId: more.deviceId ?? 'door-7',
    root: root(more.fill ?? 7),
    epoch,
    config: more.config,
    ...LISBON,
  });
const igloo = (epoch = 0, fill = 7): DeviceToken =>
  createToken({ vendor: igloohome, deviceId: 'door-8', root: root(fill), epoch, timeZone: 'UTC' });

/** The codes of epochs 0 to 3 of the door that most tests stand at. */
const E0 = ours(0);
const E1 = ours(1);
const E2 = ours(2);
const E3 = ours(3);
const LOCK = createLock([E0]);
const IGLOO = igloo();
const IGLOO_LOCK = createLock([IGLOO]);

const instant = (when: string | number): number => (typeof when === 'number' ? when : at(when));
const grantOf = (
  kind: string,
  from: string | number,
  to: string | number,
  variance = 0,
): Ending<WindowGrant> => ({
  kind,
  variance,
  startsAt: instant(from),
  endsAt: instant(to),
});
const codeFor = (
  token: DeviceToken,
  kind: string,
  from: string | number,
  to: string | number,
  variance = 0,
): string => mint(token, grantOf(kind, from, to, variance));
const hourly = (token: DeviceToken, from: string | number, hours: number): string =>
  codeFor(token, 'hourly', from, instant(from) + hours * HOUR);
const oneTime = (token: DeviceToken, from: string | number, variance = 0): string =>
  codeFor(token, 'one_time', from, instant(from) + DAY, variance);
const clear = (token: DeviceToken, from: string | number): string =>
  codeFor(token, 'clear', from, instant(from) + 12 * HOUR);
/** Sets the clock to `time`, which is on a quarter of an hour. */
const setClockTo = (token: DeviceToken, time: string | number): string => {
  const slot = Math.floor(instant(time) / HOUR) * HOUR;
  return codeFor(token, 'set_clock', slot, time);
};

/** A door with its lock's state kept, as after a run without power cuts. */
class Door {
  readonly lock: Lock;
  state: LockState;

  constructor(lock: Lock, now: string | number) {
    this.lock = lock;
    this.state = initialState(lock, instant(now));
  }

  key(code: string, now: string | number): Verdict {
    const { state, verdict } = enter(this.lock, this.state, code, instant(now));
    this.state = state;
    return verdict;
  }

  reason(code: string, now: string | number): string {
    return this.key(code, now).reason;
  }

  /** The answer to an entry that is not kept. */
  peek(code: string, now: string | number): string {
    return enter(this.lock, this.state, code, instant(now)).verdict.reason;
  }

  entry(code: string, now: string | number): Entry {
    return enter(this.lock, this.state, code, instant(now));
  }

  get credit(): number {
    return this.state.throttle.by === 'credit' ? this.state.throttle.credit : Number.NaN;
  }
}

/** Digits that mean nothing to either live epoch, different ones for each `n`. */
function wrong(n: number, now: string | number, tokens: readonly DeviceToken[] = [E0, E1, E2, E3]): string {
  let found = -1;
  for (let i = 0; i < 1000; i++) {
    const code = String((i * 7_919_993 + 123_456_789) % 1e9).padStart(9, '0');
    if (tokens.every((token) => read(token, code, instant(now)).length === 0)) found++;
    if (found === n) return code;
  }
  throw new Error('no wrong code found');
}

/** Keys `count` wrong codes at once. */
function vandalise(door: Door, count: number, now: string | number): void {
  for (let i = 0; i < count; i++) door.key(wrong(i, now), now);
}

// -- windows ---------------------------------------------------------------------------------------------------------

interface WindowCase {
  readonly name: string;
  readonly token: DeviceToken;
  readonly grant: Ending<WindowGrant>;
  readonly deadline: number;
}

const windowCase = (
  token: DeviceToken,
  kind: string,
  from: string,
  to: string,
  deadline: string,
  name = '',
): WindowCase => ({
  name: `${token.vendor.id} ${kind} ${from} – ${to} ${name}`,
  token,
  grant: grantOf(kind, from, to),
  deadline: at(deadline),
});

const WINDOWS: readonly WindowCase[] = [
  windowCase(E0, 'hourly', '2026-03-01T15:00Z', '2026-03-01T16:00Z', '2026-03-01T16:00Z', '1 h'),
  windowCase(E0, 'hourly', '2026-03-01T15:00Z', '2026-03-01T23:00Z', '2026-03-01T23:00Z', '8 h'),
  windowCase(E0, 'hourly', '2026-03-01T15:00Z', '2026-03-02T00:00Z', '2026-03-01T23:00Z', '9 h'),
  windowCase(E0, 'hourly', '2026-03-01T15:00Z', '2026-03-02T15:00Z', '2026-03-01T23:00Z', '24 h'),
  windowCase(E0, 'daily', '2026-03-01T00:00Z', '2026-03-02T00:00Z', '2026-03-02T00:00Z', '1 day'),
  windowCase(E0, 'daily', '2026-03-01T00:00Z', '2026-03-03T00:00Z', '2026-03-02T00:00Z', '2 days'),
  windowCase(E0, 'daily', '2026-06-01T00:00+01:00', '2026-06-29T00:00+01:00', '2026-06-01T23:00Z'),
  windowCase(E0, 'daily', '2026-03-29T00:00Z', '2026-03-30T00:00+01:00', '2026-03-29T23:00Z', '23 h'),
  windowCase(E0, 'daily', '2026-03-29T00:00Z', '2026-04-05T00:00+01:00', '2026-03-29T23:00Z'),
  windowCase(E0, 'daily', '2026-10-24T23:00Z', '2026-10-26T00:00Z', '2026-10-26T00:00Z', '25 h'),
  windowCase(E0, 'daily', '2026-10-24T23:00Z', '2026-11-01T00:00Z', '2026-10-26T00:00Z'),
  windowCase(E0, 'stay', '2026-03-01T15:00Z', '2026-03-02T11:00Z', '2026-03-02T11:00Z', '1 night'),
  windowCase(E0, 'stay', '2026-03-01T15:00Z', '2026-03-03T11:00Z', '2026-03-03T11:00Z', '2 nights'),
  windowCase(E0, 'stay', '2026-03-01T15:00Z', '2026-03-04T11:00Z', '2026-03-03T15:00Z', '3 nights'),
  windowCase(E0, 'stay', '2026-03-01T15:00Z', '2026-03-29T10:00Z', '2026-03-03T15:00Z', '28 nights'),
  windowCase(E0, 'stay', '2026-03-28T15:00Z', '2026-04-02T10:00Z', '2026-03-30T14:00Z', 'spring'),
  windowCase(E0, 'stay', '2026-10-24T14:00Z', '2026-10-30T11:00Z', '2026-10-26T15:00Z', 'autumn'),
  windowCase(E0, 'stay_2', '2026-03-01T16:00Z', '2026-03-02T10:00Z', '2026-03-02T10:00Z', '1 night'),
  windowCase(E0, 'stay_2', '2026-03-01T16:00Z', '2026-03-04T10:00Z', '2026-03-03T16:00Z', '3 nights'),
  windowCase(E0, 'one_time', '2026-03-01T15:00Z', '2026-03-02T15:00Z', '2026-03-02T15:00Z'),
  windowCase(E0, 'clear', '2026-03-01T15:00Z', '2026-03-02T03:00Z', '2026-03-02T03:00Z'),
  windowCase(IGLOO, 'hourly', '2026-03-01T15:00Z', '2026-03-01T16:00Z', '2026-03-01T16:00Z', '1 h'),
  windowCase(IGLOO, 'hourly', '2026-03-01T15:00Z', '2026-03-02T15:00Z', '2026-03-02T15:00Z', '24 h'),
  windowCase(IGLOO, 'hourly', '2026-03-01T15:00Z', '2026-03-02T16:00Z', '2026-03-02T15:00Z', '25 h'),
  windowCase(IGLOO, 'hourly', '2026-03-01T15:00Z', '2026-03-29T15:00Z', '2026-03-02T15:00Z', '672 h'),
  windowCase(IGLOO, 'daily', '2026-03-01T15:00Z', '2026-03-30T15:00Z', '2026-03-02T15:00Z', '29 days'),
  windowCase(IGLOO, 'daily', '2026-03-01T15:00Z', '2027-03-03T15:00Z', '2026-03-02T15:00Z', '367 days'),
  windowCase(IGLOO, 'one_time', '2026-03-01T15:00Z', '2026-03-02T15:00Z', '2026-03-02T15:00Z'),
];

/** Kinds that open a door again and again; the others are spent by their first use. */
const isReusable = ({ grant }: WindowCase): boolean => grant.kind !== 'one_time' && grant.kind !== 'clear';

/** A door, the code, and the first and the last moment of its window, tolerance included. */
function atDoor({ token, grant, deadline }: WindowCase) {
  const s = token.vendor === pintumbler ? S : 0;
  const lock = createLock([token]);
  return {
    code: mint(token, grant),
    opens: grant.startsAt - s,
    missed: deadline + s,
    shuts: grant.endsAt + s,
    door: (): Door => new Door(lock, grant.startsAt - DAY),
  };
}

describe('windows: start − s ≤ at < end + s, and at < first-use deadline + s without a record', () => {
  it.each(WINDOWS)('opens at its start, less the tolerance: $name', (each) => {
    const { door, code, opens } = atDoor(each);
    const { grant } = each;
    expect(door().reason(code, opens - 1)).toBe('not_yet_valid');
    for (const now of [opens, opens + 1, grant.startsAt, grant.startsAt + 1]) {
      const verdict = door().key(code, now);
      expect(verdict, `${now - opens}`).toMatchObject({ accepted: true, grant });
      expect(verdict.opens).toBe(grant.kind !== 'clear');
    }
  });

  it.each(WINDOWS)(
    'without a record it lasts until the first-use deadline, plus the tolerance: $name',
    (each) => {
      const { door, code, missed, shuts } = atDoor(each);
      const { grant } = each;
      expect(door().key(code, missed - 1).accepted).toBe(true);
      const reason = missed < shuts ? 'first_use_missed' : 'expired';
      expect(door().key(code, missed)).toEqual({ accepted: false, opens: false, reason, grant });
      expect(door().reason(code, missed + 1)).toBe(reason);
      if (missed < shuts) expect(door().reason(code, shuts - 1)).toBe('first_use_missed');
      expect(door().reason(code, shuts)).toBe('expired');
      expect(door().reason(code, shuts + 1)).toBe('expired');
    },
  );

  it.each(WINDOWS.filter(isReusable))(
    'with a record it lasts until its end, plus the tolerance: $name',
    (each) => {
      const { door, code, opens, missed, shuts } = atDoor(each);
      const used = door();
      expect(used.reason(code, opens)).toBe('first_use');
      for (const now of [opens, opens + 1, missed - 1, missed, missed + 1, shuts - 2, shuts - 1]) {
        if (now < shuts) expect(used.reason(code, now), `${now - opens}`).toBe('used_before');
      }
      expect(used.reason(code, shuts)).toBe('expired');
      expect(used.reason(code, shuts + 1)).toBe('expired');
      // A clock that was wrong and is set right: the record is still there.
      expect(used.reason(code, opens - 1)).toBe('not_yet_valid');
      expect(used.reason(code, opens)).toBe('used_before');
    },
  );

  it.each(WINDOWS)('first used at the last moment, it counts all the same: $name', (each) => {
    const { door, code, missed, shuts } = atDoor(each);
    const late = door();
    expect(late.key(code, missed - 1).accepted).toBe(true);
    if (!isReusable(each)) expect(late.reason(code, missed - 1)).toBe('already_used');
    else expect(late.reason(code, missed)).toBe(missed < shuts ? 'used_before' : 'expired');
  });
});

describe('digits that mean nothing near', () => {
  const now = at('2026-03-01T15:00Z');
  it.each([
    ['pintumbler', E0, 24 * HOUR],
    ['igloohome', IGLOO, 672 * HOUR],
  ] as const)('%s: 366 days before and after are the border of unknown', (_, token, longest) => {
    const lock = createLock([token]);
    const starts = codeFor(token, 'hourly', now + 366 * DAY, now + 366 * DAY + longest);
    const door = new Door(lock, now - DAY);
    expect(door.peek(starts, now - 1)).toBe('unknown');
    expect(door.peek(starts, now)).toBe('not_yet_valid');
    expect(door.peek(starts, now + 1)).toBe('not_yet_valid');
    const ended = codeFor(token, 'hourly', now - 366 * DAY - longest, now - 366 * DAY);
    expect(door.peek(ended, now - 1)).toBe('expired');
    expect(door.peek(ended, now)).toBe('expired');
    expect(door.peek(ended, now + 1)).toBe('unknown');
  });

  it('unknown names no grant, costs as much as any wrong code, and comes before no other reason', () => {
    const door = new Door(LOCK, now);
    expect(door.key(wrong(0, now), now)).toEqual({
      accepted: false,
      opens: false,
      reason: 'unknown',
      grant: null,
    });
    expect(door.credit).toBe(11);
  });

  it('a code of another door, another vendor or another root opens nothing', () => {
    const others = [
      ours(0, { deviceId: 'door-8' }),
      ours(0, { fill: 8 }),
      createToken({ vendor: igloohome, deviceId: 'door-7', root: root(7), timeZone: 'UTC' }),
    ];
    for (const other of others) {
      const verdict = new Door(LOCK, now).key(hourly(other, now, 2), now);
      expect(verdict.accepted).toBe(false);
    }
  });

  it('codes of epochs 0 and 1 open, those of epoch 2 do not yet', () => {
    expect(new Door(LOCK, now).reason(hourly(E0, now, 2), now)).toBe('first_use');
    expect(new Door(LOCK, now).reason(hourly(E1, now, 2), now)).toBe('first_use');
    expect(new Door(LOCK, now).key(hourly(E2, now, 2), now).accepted).toBe(false);
  });

  /** Across a page border `mint` refuses a code that would read as two grants of one time: then the next variance. */
  const mintable = (token: DeviceToken, startsAt: number, hours: number): string => {
    for (const variance of [0, 1, 2]) {
      const grant = grantOf('hourly', startsAt, startsAt + hours * HOUR, variance);
      if (codeOf(() => mint(token, grant)) === 'no error') return mint(token, grant);
    }
    throw new Error('no variance left');
  };

  it('a window that began on the page before, read from the next page', () => {
    // igloohome/1 has 329,163 slots a page: the first ends in July 2057.
    const border = 1577836800 + 329_163 * HOUR;
    for (const startsAt of [border - 2 * HOUR, border - HOUR, border, border + HOUR]) {
      const code = mintable(IGLOO, startsAt, 600);
      const door = new Door(IGLOO_LOCK, startsAt);
      expect(door.peek(code, startsAt - 1)).toBe('not_yet_valid');
      expect(door.reason(code, startsAt + DAY - 1)).toBe('first_use');
      expect(door.reason(code, startsAt + 600 * HOUR - 1)).toBe('used_before');
      expect(door.reason(code, startsAt + 600 * HOUR)).toBe('expired');
    }
  });
});

// -- malformed -------------------------------------------------------------------------------------------------------

const MALFORMED = [
  '',
  '1',
  '12345678',
  '1234567890',
  '12345678901234567890',
  '12345678a',
  '12345 789',
  '123456789\n',
  '+12345678',
  '-12345678',
  '12345678.',
  '1e8000000',
  '１２３４５６７８９',
  '٣٣٣٣٣٣٣٣٣',
  '𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗',
];

describe('malformed: exact length, free of charge, nothing changes', () => {
  const now = at('2026-03-01T15:00Z');
  const states: readonly (readonly [string, Lock, LockState])[] = [
    ['a new lock', LOCK, initialState(LOCK, now - DAY)],
    ['a new lock that knows no time', LOCK, initialState(LOCK)],
    [
      'no credit left',
      LOCK,
      (() => {
        const door = new Door(LOCK, now);
        vandalise(door, 13, now);
        return door.state;
      })(),
    ],
    ['an unset clock', LOCK, loseClock(LOCK, initialState(LOCK, now - DAY))],
    ['igloohome', IGLOO_LOCK, initialState(IGLOO_LOCK, now - DAY)],
  ];
  it.each(states)('%s', (_, lock, state) => {
    for (const code of MALFORMED) {
      const entry = enter(lock, state, code, now);
      expect(entry.verdict, code).toEqual({
        accepted: false,
        opens: false,
        reason: 'malformed',
        grant: null,
      });
      expect(entry.charged).toEqual(state);
      expect(entry.state).toEqual(state);
    }
  });

  it('comes before everything else: also where a code of the right length is locked out', () => {
    const door = new Door(LOCK, now);
    vandalise(door, 13, now);
    expect(door.peek('12345678', now)).toBe('malformed');
    expect(door.peek('123456789', now)).toBe('locked_out');
  });
});

// -- the order of reasons --------------------------------------------------------------------------------------------

/** Grants on the hour grid that start from `from` up to `until`, all lengths, in no special order. */
function* gridGrants(kinds: readonly string[], from: number, until: number): Generator<Ending<WindowGrant>> {
  for (let startsAt = from; startsAt < until; startsAt += HOUR) {
    if (kinds.includes('one_time')) {
      yield grantOf('one_time', startsAt, startsAt + DAY);
      yield grantOf('one_time', startsAt, startsAt + DAY, 1);
    }
    for (let hours = 1; hours <= 24 && kinds.includes('hourly'); hours++)
      yield grantOf('hourly', startsAt, startsAt + hours * HOUR);
  }
}

function* stayGrants(from: number, until: number): Generator<Ending<WindowGrant>> {
  for (let day = Math.ceil(from / DAY) * DAY; day < until; day += DAY) {
    for (let nights = 1; nights <= 28; nights++) {
      yield grantOf('stay', day + 15 * HOUR, day + nights * DAY + 11 * HOUR);
      yield grantOf('stay_2', day + 16 * HOUR, day + nights * DAY + 10 * HOUR);
    }
  }
}

interface Double {
  readonly code: string;
  /** What the digits mean under the older epoch. */
  readonly grant: WindowGrant;
  /** What they mean under the newer. */
  readonly other: Ending<WindowGrant>;
  readonly now: number;
}

/**
 * The first of `grants` under the older epoch whose digits also mean, under the newer, something that `fits`. One in
 * a thousand digits means something within a year: where one day has none, the next one may.
 */
function doubleMeaning(
  [older, newer]: readonly [DeviceToken, DeviceToken],
  grantsAt: (now: number) => Iterable<WindowGrant>,
  fits: (other: Ending<WindowGrant>, now: number) => boolean,
  from = at('2026-02-02T12:00Z'),
): Double {
  for (let now = from; now < at('2030-01-01T00:00Z'); now += 27 * HOUR) {
    for (const grant of grantsAt(now)) {
      const code = mint(older, grant);
      const other = read(newer, code, now)
        .map(ending)
        .find((each) => fits(each, now));
      if (other) return { code, grant, other, now };
    }
  }
  throw new Error('no digits with two meanings found');
}

describe('digits with two meanings: the first acceptable decides, else the first reason in the order', () => {
  const utc = (epoch: number): DeviceToken =>
    createToken({
      vendor: pintumbler,
      deviceId: 'door-9',
      root: root(9),
      epoch,
      ...zoneFacts('UTC', at('2025-01-01T00:00Z'), at('2036-01-01T00:00Z')),
    });
  const ourEpochs = [utc(0), utc(1)] as const;
  const [older] = ourEpochs;
  const lock = createLock([older]);
  const iglooEpochs = [igloo(0), igloo(1)] as const;
  const isOver = (grant: Ending<WindowGrant>, now: number): boolean =>
    grant.kind !== 'set_clock' && grant.endsAt + S <= now;
  const isToCome = (grant: WindowGrant, now: number): boolean =>
    grant.kind !== 'set_clock' && grant.startsAt - S > now;

  it.each([isOver, isToCome])(
    'an acceptable grant of the older epoch wins over a refused one of the newer',
    (is) => {
      const { code, grant, now } = doubleMeaning(
        ourEpochs,
        (time) => gridGrants(['hourly', 'one_time'], time, time + 1),
        is,
      );
      expect(new Door(lock, now).key(code, now)).toMatchObject({
        accepted: true,
        reason: 'first_use',
        grant,
      });
    },
  );

  it('newest epoch first, where both are acceptable (igloohome: its many codes make it likely)', () => {
    const everyHourly = function* (now: number): Generator<Ending<WindowGrant>> {
      for (let start = now - 23 * HOUR; start <= now; start += HOUR) {
        for (let hours = 24; hours <= 672; hours++) yield grantOf('hourly', start, start + hours * HOUR);
      }
    };
    const { code, grant, other, now } = doubleMeaning(
      iglooEpochs,
      everyHourly,
      (each, time) => each.startsAt <= time && time < Math.min(each.endsAt, each.startsAt + DAY),
    );
    expect(new Door(IGLOO_LOCK, now).key(code, now)).toMatchObject({ reason: 'first_use', grant: other });
    expect(other).not.toEqual(grant);
  });

  it('records come before pages', () => {
    const longOnes = function* (now: number): Generator<Ending<WindowGrant>> {
      for (let start = now - 5 * DAY; start > now - 6 * DAY; start -= HOUR) {
        for (let hours = 200; hours <= 672; hours++) yield grantOf('hourly', start, start + hours * HOUR);
      }
    };
    // Under epoch 1 the digits are acceptable now, and were not when the guest came.
    const { code, grant, other, now } = doubleMeaning(
      iglooEpochs,
      longOnes,
      (each, time) => each.startsAt > time - DAY && each.startsAt <= time && each.endsAt > time,
    );
    const door = new Door(IGLOO_LOCK, grant.startsAt);
    expect(door.entry(code, now).verdict).toMatchObject({ reason: 'first_use', grant: other });
    expect(door.key(code, grant.startsAt)).toMatchObject({ reason: 'first_use', grant });
    expect(door.key(code, now)).toMatchObject({ reason: 'used_before', grant });
  });

  it('expired before not_yet_valid, whichever the epoch', () => {
    const past = doubleMeaning(
      ourEpochs,
      (time) => gridGrants(['hourly'], time - 5 * DAY, time - 3 * DAY),
      isToCome,
    );
    expect(new Door(lock, past.now).key(past.code, past.now)).toMatchObject({
      reason: 'expired',
      grant: past.grant,
    });
    const future = doubleMeaning(
      ourEpochs,
      (time) => gridGrants(['hourly'], time + DAY, time + 3 * DAY),
      isOver,
    );
    expect(new Door(lock, future.now).key(future.code, future.now)).toMatchObject({
      reason: 'expired',
      grant: future.other,
    });
  });

  it.each([isOver, isToCome])('first_use_missed before expired and not_yet_valid', (is) => {
    const missed = function* (time: number): Generator<Ending<WindowGrant>> {
      for (const grant of stayGrants(time - 5 * DAY, time - 3 * DAY)) if (grant.endsAt > time) yield grant;
    };
    const { code, grant, now } = doubleMeaning(ourEpochs, missed, is);
    expect(new Door(lock, now).key(code, now)).toMatchObject({ reason: 'first_use_missed', grant });
  });

  it.each([isOver, isToCome])('already_used before expired and not_yet_valid', (is) => {
    const { code, grant, now } = doubleMeaning(
      ourEpochs,
      (time) => gridGrants(['one_time'], time - 40 * HOUR, time),
      is,
    );
    const door = new Door(lock, now);
    expect(door.reason(code, grant.startsAt)).toBe('first_use');
    expect(door.key(code, now)).toMatchObject({ reason: 'already_used', grant });
  });

  /** A stay of the evening before `now`. */
  const lastNight = (now: number): string => {
    const day = Math.floor(now / DAY) * DAY - DAY;
    return codeFor(older, 'stay', day + 15 * HOUR, day + 3 * DAY + 11 * HOUR);
  };
  const earlierStays = (time: number): Iterable<WindowGrant> => stayGrants(time - 5 * DAY, time - 2 * DAY);

  it.each([isOver, isToCome])('superseded before expired and not_yet_valid', (is) => {
    const { code, grant, now } = doubleMeaning(ourEpochs, earlierStays, is);
    const door = new Door(lock, now);
    expect(door.reason(lastNight(now), now)).toBe('first_use');
    expect(door.key(code, now)).toMatchObject({ reason: 'superseded', grant });
  });

  const isOldOneTime = (other: Ending<WindowGrant>, now: number): boolean =>
    other.kind === 'one_time' && other.endsAt < now - 40 * DAY;

  it('already_used before first_use_missed', () => {
    const missed = function* (time: number): Generator<Ending<WindowGrant>> {
      for (const grant of gridGrants(['hourly'], time - DAY, time - 9 * HOUR))
        if (grant.endsAt > time) yield grant;
    };
    const { code, other, now } = doubleMeaning(ourEpochs, missed, isOldOneTime);
    const door = new Door(lock, other.startsAt);
    expect(door.peek(code, now)).toBe('first_use_missed');
    expect(door.reason(code, other.startsAt)).toBe('first_use');
    expect(door.key(code, now)).toMatchObject({ reason: 'already_used', grant: other });
  });

  it('superseded before already_used', () => {
    const { code, grant, other, now } = doubleMeaning(
      ourEpochs,
      (time) => stayGrants(time - 27 * DAY, time - 2 * DAY),
      isOldOneTime,
      at('2026-04-20T00:00Z'), // where the search is short
    );
    const door = new Door(lock, other.startsAt);
    expect(door.reason(code, other.startsAt)).toBe('first_use');
    expect(door.peek(code, now)).toBe('already_used');
    expect(door.reason(lastNight(now), now)).toBe('first_use');
    expect(door.key(code, now)).toMatchObject({ reason: 'superseded', grant });
  });

  it('revoked before superseded', () => {
    const clearedAt = (now: number): number => Math.floor(now / DAY) * DAY - 6 * DAY;
    const { code, other, now } = doubleMeaning(
      ourEpochs,
      earlierStays,
      (each, time) => isOver(each, time) && each.startsAt < clearedAt(time),
    );
    const door = new Door(lock, clearedAt(now));
    expect(door.reason(clear(older, clearedAt(now)), clearedAt(now))).toBe('cleared');
    expect(door.reason(lastNight(now), now)).toBe('first_use');
    expect(door.key(code, now)).toMatchObject({ reason: 'revoked', grant: other });
  });

  it('revoked before not_yet_valid', () => {
    const { code, grant, now } = doubleMeaning(
      ourEpochs,
      (time) => gridGrants(['hourly'], time - 5 * DAY, time - 3 * DAY),
      isToCome,
    );
    const slot = Math.floor(now / HOUR) * HOUR;
    const door = new Door(lock, now);
    expect(door.reason(clear(older, slot), now)).toBe('cleared');
    expect(door.key(code, now)).toMatchObject({ reason: 'revoked', grant });
  });

  it('credit comes before the clock, the clock before what the digits mean', () => {
    const now = at('2026-03-01T15:00Z');
    const door = new Door(LOCK, now);
    door.state = loseClock(LOCK, door.state);
    const good = hourly(E0, now, 2);
    for (let i = 0; i < 12; i++) expect(door.reason(good, 1000)).toBe('clock_unset');
    expect(door.reason(good, 1000)).toBe('locked_out');
    expect(door.reason(setClockTo(E0, now), 1000), 'not even a code that would set the clock').toBe(
      'locked_out',
    );
    expect(door.reason(good, 1000 + REGAIN)).toBe('clock_unset');
  });
});

// -- credit ----------------------------------------------------------------------------------------------------------

describe('credit', () => {
  const now = at('2026-03-01T15:00Z');
  const guest = hourly(E0, now, 24);
  const late = hourly(E0, now, 23);

  it('is 12: the twelfth wrong code is looked at, the thirteenth is locked out, and so is a good one', () => {
    const door = new Door(LOCK, now);
    for (let left = 11; left >= 0; left--) {
      expect(door.reason(wrong(left, now), now)).toBe('unknown');
      expect(door.credit).toBe(left);
    }
    expect(door.reason(wrong(12, now), now)).toBe('locked_out');
    expect(door.credit, 'never below zero').toBe(0);
    expect(door.reason(guest, now)).toBe('locked_out');
    expect(door.credit).toBe(0);
  });

  it('a good code as the twelfth entry after eleven wrong ones is accepted, and leaves one', () => {
    const door = new Door(LOCK, now);
    vandalise(door, 11, now);
    for (let i = 0; i < 20; i++) expect(door.key(guest, now + i).accepted).toBe(true);
    expect(door.credit).toBe(1);
  });

  it('comes back one by one every 7,200 s, counted from the first entry that cost', () => {
    const door = new Door(LOCK, now);
    vandalise(door, 12, now);
    expect(door.peek(guest, now + REGAIN - 1)).toBe('locked_out');
    expect(door.peek(guest, now + REGAIN)).toBe('first_use');
    expect(door.peek(guest, now + REGAIN + 1)).toBe('first_use');
    vandalise(door, 1, now + REGAIN);
    expect(door.peek(guest, now + 2 * REGAIN - 1)).toBe('locked_out');
    expect(door.peek(guest, now + 2 * REGAIN)).toBe('first_use');
    // Three after three times as long.
    const later = now + 4 * REGAIN;
    for (let left = 2; left >= 0; left--) {
      expect(door.reason(wrong(left, later), later)).toBe('unknown');
      expect(door.credit).toBe(left);
    }
    expect(door.reason(wrong(3, later), later)).toBe('locked_out');
  });

  it('an entry does not lose the time that has already passed', () => {
    const door = new Door(LOCK, now);
    vandalise(door, 1, now);
    vandalise(door, 1, now + REGAIN / 2);
    vandalise(door, 1, now + REGAIN - 1);
    expect(door.credit).toBe(9);
    vandalise(door, 1, now + REGAIN);
    expect(door.credit, 'one came back').toBe(9);
    vandalise(door, 1, now + 2 * REGAIN - 1);
    expect(door.credit).toBe(8);
    vandalise(door, 1, now + 2 * REGAIN);
    expect(door.credit).toBe(8);
  });

  it('is never more than 12, and full credit saves up no time', () => {
    const door = new Door(LOCK, now);
    expect(door.reason(guest, now)).toBe('first_use');
    expect(door.credit).toBe(12);
    const later = now + 400 * DAY + REGAIN - 1;
    vandalise(door, 1, later);
    expect(door.credit).toBe(11);
    vandalise(door, 1, later + 1);
    expect(door.credit).toBe(10);
  });

  it('pays for every refusal but malformed, and for nothing that is accepted', () => {
    const door = new Door(LOCK, now);
    const pays = (code: string, time: number, reason: string, cost: number): void => {
      const before = door.credit;
      expect(door.reason(code, time)).toBe(reason);
      expect(before - door.credit, reason).toBe(cost);
    };
    pays(wrong(0, now), now, 'unknown', 1);
    pays(hourly(E0, now + HOUR, 2), now, 'not_yet_valid', 1);
    pays(hourly(E0, now - 3 * HOUR, 2), now, 'expired', 1);
    pays(codeFor(E0, 'stay', now - 5 * DAY, now + 2 * DAY - 4 * HOUR), now, 'first_use_missed', 1);
    pays(oneTime(E0, now), now, 'first_use', 0);
    pays(oneTime(E0, now), now, 'already_used', 1);
    pays(codeFor(E0, 'stay', now, now + DAY - 4 * HOUR), now, 'first_use', 0);
    pays(codeFor(E0, 'stay', now - DAY, now + DAY - 4 * HOUR), now, 'superseded', 1);
    pays(setClockTo(E0, now), now, 'already_used', 1);
    pays(clear(E0, now), now, 'cleared', 0);
    pays(hourly(E0, now - HOUR, 5), now, 'revoked', 1);
    pays('1', now, 'malformed', 0);
    pays(guest, now, 'first_use', 0);
    pays(guest, now, 'used_before', 0);
    expect(door.credit).toBe(4);
  });

  it('every entry is paid in `charged`, and only the throttle of `state` differs from it', () => {
    const door = new Door(LOCK, now);
    for (const code of [guest, oneTime(E0, now), wrong(0, now), clear(E0, now)]) {
      const { charged, state, verdict } = door.entry(code, now);
      const credit = (of: LockState): number =>
        of.throttle.by === 'credit' ? of.throttle.credit : Number.NaN;
      expect(credit(charged)).toBe(11);
      expect(credit(state)).toBe(verdict.accepted ? 12 : 11);
      expect({ ...charged, throttle: null }).toEqual({ ...state, throttle: null });
    }
  });

  it('a power cut between `charged` and `state` costs one, also with a good code', () => {
    const door = new Door(LOCK, now);
    for (let left = 11; left >= 0; left--) {
      const { charged, verdict } = door.entry(guest, now);
      expect(verdict.accepted).toBe(true);
      door.state = loadState(LOCK, saveState(LOCK, charged));
      expect(door.credit).toBe(left);
    }
    expect(door.reason(guest, now), 'recorded: the one entry a minute').toBe('used_before');
    expect(door.reason(guest, now)).toBe('locked_out');
  });

  it('a clock that goes backward gives none, and counts from there', () => {
    const door = new Door(LOCK, now);
    vandalise(door, 12, now);
    const back = now - 10 * DAY;
    vandalise(door, 1, back);
    expect(door.credit).toBe(0);
    const then = hourly(E0, back, 24);
    expect(door.peek(then, back + REGAIN - 1)).toBe('locked_out');
    expect(door.peek(then, back + REGAIN)).toBe('first_use');
  });

  it('survives clears, epoch changes, power cuts, loss and setting of the clock', () => {
    const door = new Door(LOCK, now);
    vandalise(door, 11, now);
    expect(door.reason(clear(E0, now), now)).toBe('cleared');
    expect(door.credit).toBe(1);
    expect(door.reason(clear(E1, now + HOUR), now + HOUR)).toBe('cleared');
    expect(door.state.epoch).toBe(1);
    expect(door.credit).toBe(1);
    door.state = loadState(LOCK, saveState(LOCK, door.state));
    expect(door.credit).toBe(1);
    door.state = loseClock(LOCK, door.state);
    expect(door.credit).toBe(1);
    // The unset clock runs from anywhere; the time that is set is later by months: no credit for it.
    expect(door.reason(setClockTo(E1, now + 100 * DAY), 5)).toBe('clock_set');
    expect(door.credit).toBe(1);
    vandalise(door, 1, now + 100 * DAY);
    expect(door.credit).toBe(0);
    door.state = setClock(LOCK, door.state, now + 200 * DAY);
    expect(door.credit).toBe(0);
    vandalise(door, 1, now + 200 * DAY + REGAIN - 1);
    expect(door.credit, 'what passed before the clock was set does not count').toBe(0);
    expect(door.peek(hourly(E1, now + 200 * DAY, 24), now + 200 * DAY + REGAIN)).toBe('first_use');
  });

  it('survives a power cut between `charged` and `state` of the very entry that sets the clock', () => {
    const door = new Door(LOCK, now);
    vandalise(door, 11, now);
    door.state = loseClock(LOCK, door.state);
    const { charged, verdict } = door.entry(setClockTo(E0, now + HOUR), 1000);
    expect(verdict).toMatchObject({ accepted: true, setClock: now + HOUR });
    // The clock is set and runs on; only `charged` reached the flash.
    door.state = loadState(LOCK, saveState(LOCK, charged));
    expect(door.credit).toBe(0);
    door.key(wrong(0, now), now + HOUR + 1);
    expect(door.credit, 'one second of lock time after the clock was set').toBe(0);
  });

  it('an authority that hands the lock tokens of a newer epoch hands out no credit', () => {
    const door = new Door(LOCK, now);
    vandalise(door, 12, now);
    const newer = createLock([E2]);
    const { state, verdict } = enter(newer, door.state, hourly(E2, now, 2), now);
    expect(verdict.reason).toBe('locked_out');
    expect(state.epoch).toBe(2);
  });

  describe('one entry a minute is compared with records only', () => {
    const emptied = (): Door => {
      const door = new Door(LOCK, now);
      expect(door.reason(guest, now)).toBe('first_use');
      vandalise(door, 12, now);
      expect(door.credit).toBe(0);
      return door;
    };

    it('a guest who has checked in gets in, again every minute', () => {
      const door = emptied();
      expect(door.key(guest, now)).toMatchObject({ accepted: true, opens: true, reason: 'used_before' });
      expect(door.credit, 'which earns no credit').toBe(0);
      expect(door.reason(guest, now + 1)).toBe('locked_out');
      expect(door.reason(guest, now + MINUTE - 1)).toBe('locked_out');
      expect(door.reason(guest, now + MINUTE)).toBe('used_before');
      expect(door.reason(guest, now + 2 * MINUTE - 1)).toBe('locked_out');
      expect(door.reason(guest, now + 2 * MINUTE + 1)).toBe('used_before');
    });

    it('a guest without a record does not', () => {
      const door = emptied();
      expect(door.reason(late, now)).toBe('locked_out');
      expect(door.reason(late, now + MINUTE)).toBe('locked_out');
      expect(door.reason(guest, now + MINUTE + 1), 'and has spent the minute').toBe('locked_out');
      expect(door.reason(guest, now + 2 * MINUTE)).toBe('used_before');
    });

    it('a vandal spends a minute with each wrong code, and no more with the others', () => {
      const door = emptied();
      vandalise(door, 5, now);
      vandalise(door, 5, now + 30);
      expect(door.reason(guest, now + MINUTE - 1)).toBe('locked_out');
      vandalise(door, 5, now + MINUTE - 1);
      expect(door.reason(guest, now + MINUTE)).toBe('used_before');
    });

    it('controls, used-up and expired codes are not let in by it', () => {
      const door = new Door(LOCK, now);
      const once = oneTime(E0, now);
      expect(door.reason(once, now)).toBe('first_use');
      const short = hourly(E0, now - HOUR, 1);
      expect(door.reason(short, now)).toBe('first_use');
      vandalise(door, 12, now);
      expect(door.reason(once, now)).toBe('locked_out');
      expect(door.reason(short, now + 2 * MINUTE)).toBe('used_before');
      expect(door.reason(short, now + S)).toBe('locked_out');
      expect(door.reason(clear(E0, now), now + S + MINUTE)).toBe('locked_out');
    });

    it('a clock that goes backward starts the minute again', () => {
      const door = emptied();
      expect(door.reason(guest, now + HOUR)).toBe('used_before');
      expect(door.reason(guest, now + 10)).toBe('locked_out');
      expect(door.reason(guest, now + 10 + MINUTE - 1)).toBe('locked_out');
      expect(door.reason(guest, now + 10 + MINUTE)).toBe('used_before');
    });

    it('credit that came back is used first', () => {
      const door = emptied();
      expect(door.reason(late, now + REGAIN)).toBe('first_use');
      expect(door.credit).toBe(1);
    });
  });
});

describe('igloohome: five wrong codes, then 300 s of nothing', () => {
  const now = at('2026-03-01T15:00Z');
  const guest = hourly(IGLOO, now, 48);
  const bad = (n: number): string => wrong(n, now, [IGLOO, igloo(1)]);
  const vandalised = (count: number): Door => {
    const door = new Door(IGLOO_LOCK, now);
    for (let i = 0; i < count; i++) expect(door.reason(bad(i), now + i)).toBe('unknown');
    return door;
  };

  it('the fifth wrong code closes the keypad, for a guest with a record too', () => {
    const door = new Door(IGLOO_LOCK, now);
    expect(door.reason(guest, now)).toBe('first_use');
    for (let i = 0; i < 5; i++) expect(door.reason(bad(i), now + i)).toBe('unknown');
    for (const time of [now + 4, now + 64, now + 304 - 1])
      expect(door.reason(guest, time)).toBe('locked_out');
    expect(door.reason(guest, now + 304)).toBe('used_before');
  });

  it('entries while it is closed neither lengthen it nor count', () => {
    const door = vandalised(5);
    for (let i = 0; i < 20; i++) expect(door.reason(bad(i), now + 4 + i * 14)).toBe('locked_out');
    for (let i = 0; i < 4; i++) expect(door.reason(bad(i), now + 304)).toBe('unknown');
    expect(door.peek(guest, now + 304)).toBe('first_use');
    expect(door.reason(bad(9), now + 304)).toBe('unknown');
    expect(door.peek(guest, now + 304)).toBe('locked_out');
    expect(door.peek(guest, now + 604 - 1)).toBe('locked_out');
    expect(door.peek(guest, now + 604)).toBe('first_use');
  });

  it('an accepted code starts the count again; a malformed one does not count', () => {
    const door = vandalised(4);
    expect(door.reason('123', now + 4)).toBe('malformed');
    expect(door.reason(guest, now + 4)).toBe('first_use');
    for (let i = 0; i < 4; i++) expect(door.reason(bad(i), now + 5)).toBe('unknown');
    expect(door.reason(guest, now + 5)).toBe('used_before');
  });

  it('wrong codes count in a row, however long ago', () => {
    const door = vandalised(4);
    expect(door.reason(bad(4), now + 30 * DAY)).toBe('unknown');
    expect(door.reason(bad(5), now + 30 * DAY + 299)).toBe('locked_out');
    expect(door.reason(bad(5), now + 30 * DAY + 300)).toBe('unknown');
  });

  it('a clock that goes backward or is lost begins the 300 s again', () => {
    const back = vandalised(5);
    expect(back.reason(guest, now - DAY)).toBe('locked_out');
    expect(back.peek(hourly(IGLOO, now - DAY, 3), now - DAY + 299)).toBe('locked_out');
    expect(back.peek(hourly(IGLOO, now - DAY, 3), now - DAY + 300)).toBe('first_use');
    const lost = vandalised(5);
    lost.state = setClock(IGLOO_LOCK, loseClock(IGLOO_LOCK, lost.state), now + HOUR);
    expect(lost.reason(guest, now + HOUR)).toBe('locked_out');
    expect(lost.peek(guest, now + HOUR + 299)).toBe('locked_out');
    expect(lost.peek(guest, now + HOUR + 300)).toBe('first_use');
  });

  it('a power cut after `charged` counts a good code as a wrong one', () => {
    const door = vandalised(4);
    const { charged, verdict } = door.entry(guest, now + 10);
    expect(verdict.accepted).toBe(true);
    expect(enter(IGLOO_LOCK, charged, guest, now + 11).verdict.reason).toBe('locked_out');
    expect(enter(IGLOO_LOCK, charged, guest, now + 310).verdict.reason).toBe('used_before');
  });
});

// -- records ---------------------------------------------------------------------------------------------------------

/** Codes that need a record, live from the morning of `day` (winter) for at least two days; 54 of them. */
function needy(day: number): readonly string[] {
  return [E0, E1].flatMap((token) =>
    Array.from({ length: 27 }, (_, i) => codeFor(token, 'daily', day, day + (i + 2) * DAY)),
  );
}

function fullDoor(day: number, now: number, first: readonly string[] = []): Door {
  const door = new Door(LOCK, now);
  for (const code of [...first, ...needy(day)].slice(0, 48)) {
    expect(door.reason(code, now)).toBe('first_use');
  }
  expect(door.state.records).toHaveLength(48);
  return door;
}

describe('48 records', () => {
  const day = at('2026-02-02T00:00Z');
  const now = day + 12 * HOUR;

  it('the 48th fits, the 49th is refused with memory_full; it costs one and changes nothing else', () => {
    const door = fullDoor(day, now);
    const extra = needy(day)[48] ?? '';
    const before = door.state;
    expect(door.key(extra, now)).toEqual({
      accepted: false,
      opens: false,
      reason: 'memory_full',
      grant: read(E1, extra, now)[0],
    });
    expect({ ...door.state, throttle: null }).toEqual({ ...before, throttle: null });
    expect(door.credit).toBe(11);
    for (const code of needy(day).slice(0, 48)) expect(door.reason(code, now)).toBe('used_before');
  });

  it('memory_full is only for codes that need a record', () => {
    const door = fullDoor(day, now);
    // Their first-use deadline is their end: remembered or not, they open until then.
    for (const code of [
      hourly(E0, now, 1),
      hourly(E0, now, 8),
      codeFor(E0, 'daily', day, day + DAY),
      codeFor(E0, 'stay', now + 3 * HOUR, now + 23 * HOUR),
      codeFor(E0, 'stay_2', now + 4 * HOUR, now + 46 * HOUR),
    ]) {
      const time = Math.max(read(E0, code, now)[0]?.startsAt ?? 0, now);
      expect(door.reason(code, time)).toBe('first_use');
      expect(door.key(code, time).accepted).toBe(true);
    }
    for (const code of [hourly(E0, now, 9), oneTime(E0, now), codeFor(E1, 'daily', day, day + 28 * DAY)]) {
      expect(door.reason(code, now)).toBe('memory_full');
    }
    expect(door.reason(codeFor(E0, 'stay', now + 3 * HOUR, now + 71 * HOUR), now + 3 * HOUR)).toBe(
      'memory_full',
    );
    expect(door.state.records).toHaveLength(48);
    expect(door.reason(clear(E0, now), now)).toBe('cleared');
  });

  it('where there is room, codes that need no record are remembered all the same', () => {
    const door = new Door(LOCK, now);
    const code = hourly(E0, now, 2);
    expect(door.reason(code, now)).toBe('first_use');
    expect(door.reason(code, now)).toBe('used_before');
    expect(door.state.records).toHaveLength(1);
  });

  it('a record goes only when it is over: its end plus the tolerance has passed', () => {
    const short = hourly(E0, now, 9);
    const end = now + 9 * HOUR;
    const door = fullDoor(day, now, [short]);
    const extra = needy(day)[47] ?? '';
    expect(door.peek(extra, end + S - 1)).toBe('memory_full');
    expect(enter(LOCK, door.state, short, end + S - 1).verdict.reason).toBe('used_before');
    expect(door.reason(extra, end + S)).toBe('first_use');
    expect(door.state.records).toHaveLength(48);
    expect(door.state.forgottenUntil).toBe(end);
    for (const code of needy(day).slice(0, 48)) expect(door.reason(code, end + S)).toBe('used_before');
    expect(door.reason(needy(day)[48] ?? '', end + S)).toBe('memory_full');
  });

  it('as few as needed go, the one that ended first before the others', () => {
    const first = hourly(E0, now - HOUR, 9);
    const second = hourly(E0, now, 9);
    const door = fullDoor(day, now, [second, first]);
    const later = now + 10 * HOUR;
    expect(door.reason(needy(day)[46] ?? '', later)).toBe('first_use');
    expect(door.state.forgottenUntil).toBe(now + 8 * HOUR);
    expect(door.peek(second, now + 9 * HOUR), 'still there when the clock is set back').toBe('used_before');
    expect(door.peek(first, now + 7 * HOUR)).toBe('expired');
  });

  it('of two that end together one goes; the other is still let in when the clock goes backward', () => {
    const twins = [hourly(E0, now, 9), hourly(E1, now, 9)];
    const end = now + 9 * HOUR;
    const door = fullDoor(day, now, twins);
    expect(door.reason(needy(day)[46] ?? '', end + S)).toBe('first_use');
    expect(door.state.forgottenUntil).toBe(end);
    expect(twins.map((code) => door.peek(code, end - HOUR)).sort()).toEqual(['expired', 'used_before']);
  });

  it('what ended by then stays refused when the clock goes backward: no replay of a one-time code', () => {
    const once = oneTime(E0, now);
    const end = now + DAY;
    const twin = oneTime(E0, now, 1);
    const longer = hourly(E0, end - HOUR, 2);
    const shorter = hourly(E0, end - HOUR, 1);
    const wipe = clear(E0, end - 12 * HOUR);
    const door = fullDoor(day, now, [once]);
    expect(door.reason(once, now)).toBe('already_used');
    const extra = needy(day)[47] ?? '';
    // Its first-use deadline is the end of the first day: needs the one-time record to go before midnight.
    expect(door.peek(extra, day + DAY + S - 1)).toBe('memory_full');
    const tomorrow = codeFor(E0, 'daily', day + DAY, day + 3 * DAY);
    expect(door.reason(tomorrow, end + S - 1)).toBe('memory_full');
    expect(door.reason(tomorrow, end + S)).toBe('first_use');
    expect(door.state.forgottenUntil).toBe(end);
    // Back to when all of them were open.
    const back = end - HOUR;
    expect(door.reason(once, back)).toBe('expired');
    expect(door.reason(twin, back), 'the lock cannot tell it from one that it forgot').toBe('expired');
    expect(door.reason(shorter, back)).toBe('expired');
    expect(door.reason(wipe, back)).toBe('expired');
    expect(door.reason(longer, back), 'ends later').toBe('first_use');
    for (const code of needy(day).slice(0, 47)) expect(door.reason(code, back)).toBe('used_before');
  });

  it('records that can never open again make room at once: superseded, cleared, of a retired epoch', () => {
    const stays = [E0, E1]
      .flatMap((token) =>
        Array.from({ length: 26 }, (_, i) =>
          codeFor(token, 'stay', day + 15 * HOUR, day + (i + 3) * DAY + 11 * HOUR),
        ),
      )
      .slice(0, 48);
    const evening = day + 15 * HOUR;
    const checkedIn = (): Door => {
      const door = new Door(LOCK, evening);
      for (const code of stays) expect(door.reason(code, evening)).toBe('first_use');
      expect(door.state.records).toHaveLength(48);
      return door;
    };
    const next = evening + DAY;
    const nextStay = codeFor(E0, 'stay', next, next + 3 * DAY - 4 * HOUR);
    const superseding = checkedIn();
    expect(superseding.reason(nextStay, next)).toBe('first_use');
    expect(superseding.state.records).toHaveLength(1);
    expect(superseding.reason(oneTime(E0, next), next)).toBe('first_use');

    const cleared = checkedIn();
    expect(cleared.reason(clear(E0, next), next)).toBe('cleared');
    expect(cleared.state.records).toHaveLength(0);

    const retired = checkedIn();
    expect(retired.reason(clear(E1, evening), evening)).toBe('cleared');
    expect(retired.state.records.every((record) => record.epoch === 1)).toBe(true);
    expect(retired.state.records).toHaveLength(22);
    expect(retired.reason(stays[26] ?? '', next), 'epoch 1, began with the slot').toBe('used_before');
  });

  it('igloohome holds 199', () => {
    const door = new Door(IGLOO_LOCK, now);
    const codes = Array.from({ length: 201 }, (_, i) =>
      codeFor(IGLOO, 'hourly', now, now + (25 + Math.floor(i / 3)) * HOUR, i % 3),
    );
    for (const code of codes.slice(0, 199)) expect(door.reason(code, now)).toBe('first_use');
    expect(door.reason(codes[199] ?? '', now)).toBe('memory_full');
    expect(door.reason(codes[198] ?? '', now)).toBe('used_before');
    expect(door.reason(hourly(IGLOO, now, 24), now), 'needs no record').toBe('first_use');
    expect(door.reason(oneTime(IGLOO, now), now)).toBe('memory_full');
    const end = now + 25 * HOUR;
    expect(door.peek(oneTime(IGLOO, end - HOUR), end - 1)).toBe('memory_full');
    expect(door.reason(oneTime(IGLOO, end - HOUR), end)).toBe('first_use');
    expect(door.state.records).toHaveLength(199);
  });
});

// -- one-time, stays, clears -----------------------------------------------------------------------------------------

describe.each([
  ['pintumbler', E0],
  ['igloohome', IGLOO],
] as const)('one-time codes, %s', (_, token) => {
  const now = at('2026-03-01T15:00Z');
  const lock = createLock([token]);

  it('open once, and each variance for itself', () => {
    const door = new Door(lock, now);
    expect(door.key(oneTime(token, now), now)).toMatchObject({
      accepted: true,
      opens: true,
      reason: 'first_use',
    });
    for (const time of [now, now + 1, now + DAY - 1, now + DAY, now + 30 * DAY]) {
      expect(door.peek(oneTime(token, now), time)).toBe('already_used');
    }
    expect(door.reason(oneTime(token, now, 1), now)).toBe('first_use');
    expect(door.reason(oneTime(token, now, 1), now)).toBe('already_used');
  });

  it('are consumed in `charged`, before the door opens', () => {
    const door = new Door(lock, now);
    const { charged, verdict } = door.entry(oneTime(token, now), now);
    expect(verdict.opens).toBe(true);
    const afterCut = loadState(lock, saveState(lock, charged));
    expect(enter(lock, afterCut, oneTime(token, now), now).verdict.reason).toBe('already_used');
    // Cut before `charged` was written: the door did not open, and the code is as good as new.
    expect(door.reason(oneTime(token, now), now)).toBe('first_use');
  });

  it('are not consumed by a refused entry', () => {
    const door = new Door(lock, now);
    expect(door.reason(oneTime(token, now), now - S - 1)).toBe('not_yet_valid');
    expect(door.reason(oneTime(token, now), now)).toBe('first_use');
  });
});

describe('a first-used stay supersedes stays that began on earlier days', () => {
  const day = at('2026-02-02T00:00Z');
  const stay = (from: number, nights: number, token = E0): string =>
    codeFor(token, 'stay', day + from * DAY + 15 * HOUR, day + (from + nights) * DAY + 11 * HOUR);
  const stay2 = (from: number, nights: number, token = E0): string =>
    codeFor(token, 'stay_2', day + from * DAY + 16 * HOUR, day + (from + nights) * DAY + 10 * HOUR);
  const evening = (of: number): number => day + of * DAY + 17 * HOUR;

  it('seen or not, of either pair of times and either epoch', () => {
    for (const next of [stay(1, 3), stay2(1, 3), stay(1, 3, E1), stay2(1, 3, E1)]) {
      const door = new Door(LOCK, day);
      expect(door.reason(stay(0, 5), evening(0))).toBe('first_use');
      expect(door.reason(stay2(0, 5), evening(0))).toBe('first_use');
      expect(door.reason(next, evening(1))).toBe('first_use');
      expect(door.reason(stay(0, 5), evening(1))).toBe('superseded');
      expect(door.reason(stay2(0, 5), evening(1))).toBe('superseded');
      expect(door.reason(stay(0, 4), evening(1)), 'never seen').toBe('superseded');
      expect(door.reason(stay2(0, 6, E1), evening(1))).toBe('superseded');
      expect(door.reason(next, evening(1))).toBe('used_before');
    }
  });

  it('not those of the same day', () => {
    const door = new Door(LOCK, day);
    for (const code of [stay(0, 3), stay(0, 4), stay2(0, 3), stay(0, 3, E1), stay2(0, 7, E1)]) {
      expect(door.reason(code, evening(0))).toBe('first_use');
    }
    for (const code of [stay(0, 3), stay(0, 4), stay2(0, 3), stay(0, 3, E1), stay2(0, 7, E1)]) {
      expect(door.reason(code, evening(0))).toBe('used_before');
    }
  });

  it('only the first use does: the guest of an earlier day does not come back by keying in again', () => {
    const door = new Door(LOCK, day);
    expect(door.reason(stay(1, 5), evening(1))).toBe('first_use');
    expect(door.reason(stay(0, 9), evening(1))).toBe('superseded');
    expect(door.reason(stay(1, 5), evening(2))).toBe('used_before');
    expect(door.reason(stay(2, 5), evening(2))).toBe('first_use');
    expect(door.reason(stay(1, 5), evening(2))).toBe('superseded');
    expect(door.state.staysFrom).toBe(day / DAY + 2);
  });

  it('nothing but stays is superseded, and nothing but stays supersedes', () => {
    const door = new Door(LOCK, day);
    const others = [hourly(E0, evening(0), 24), codeFor(E0, 'daily', day, day + 9 * DAY)];
    for (const code of others) expect(door.reason(code, evening(0))).toBe('first_use');
    expect(door.reason(stay(0, 9), evening(0))).toBe('first_use');
    expect(door.reason(codeFor(E0, 'daily', day + DAY, day + 9 * DAY), evening(1))).toBe('first_use');
    expect(door.reason(stay(0, 9), evening(1))).toBe('used_before');
    expect(door.reason(stay(1, 9), evening(1))).toBe('first_use');
    expect(door.reason(others[1] ?? '', evening(1))).toBe('used_before');
  });

  it('a refused stay supersedes nobody; a power cut before `charged` neither, after it it has', () => {
    const door = new Door(LOCK, day);
    expect(door.reason(stay(0, 9), evening(0))).toBe('first_use');
    expect(door.reason(stay(1, 9), evening(0)), 'too early').toBe('not_yet_valid');
    expect(door.reason(stay(0, 9), evening(0))).toBe('used_before');
    const { charged } = door.entry(stay(1, 9), evening(1));
    expect(door.peek(stay(0, 9), evening(1))).toBe('used_before');
    expect(enter(LOCK, charged, stay(0, 9), evening(1)).verdict.reason).toBe('superseded');
  });

  it('a stay of one night supersedes also where it finds no room and needs none', () => {
    const longStay = stay(0, 9);
    const door = new Door(LOCK, day);
    expect(door.reason(longStay, evening(0))).toBe('first_use');
    const fillers = needy(day + DAY);
    for (const code of fillers.slice(0, 47))
      expect(door.reason(code, evening(1) - 5 * HOUR)).toBe('first_use');
    expect(door.state.records).toHaveLength(48);
    expect(door.reason(stay(1, 1), evening(1))).toBe('first_use');
    expect(door.reason(longStay, evening(1))).toBe('superseded');
  });

  it('a stay that is refused for want of room supersedes nobody', () => {
    const door = new Door(LOCK, day);
    const fillers = needy(day);
    for (const code of fillers.slice(0, 48)) expect(door.reason(code, evening(0))).toBe('first_use');
    const oneNight = stay(0, 1);
    expect(door.reason(oneNight, evening(0))).toBe('first_use');
    expect(door.reason(stay(1, 5), day + DAY + 15 * HOUR - S)).toBe('memory_full');
    expect(door.state.staysFrom).toBe(day / DAY);
  });
});

describe('clear', () => {
  const now = at('2026-03-01T15:00Z');

  it('never opens; revokes what began before its slot, seen or not; keeps what begins with it or later', () => {
    const door = new Door(LOCK, now);
    const seen = hourly(E0, now - HOUR, 24);
    const unseen = hourly(E0, now - HOUR, 23);
    const newerEpoch = hourly(E1, now - HOUR, 24);
    const same = hourly(E0, now, 24);
    const sameUnseen = hourly(E0, now, 23);
    expect(door.reason(seen, now)).toBe('first_use');
    expect(door.reason(same, now)).toBe('first_use');
    const verdict = door.key(clear(E0, now), now);
    expect(verdict).toEqual({
      accepted: true,
      opens: false,
      reason: 'cleared',
      grant: grantOf('clear', now, now + 12 * HOUR),
    });
    for (const code of [
      seen,
      unseen,
      newerEpoch,
      oneTime(E0, now - HOUR),
      codeFor(E0, 'daily', now - 15 * HOUR, now + 9 * HOUR),
    ]) {
      expect(door.reason(code, now)).toBe('revoked');
    }
    expect(door.reason(same, now)).toBe('used_before');
    expect(door.reason(sameUnseen, now)).toBe('first_use');
    expect(door.reason(hourly(E1, now, 5), now)).toBe('first_use');
  });

  it('cannot be replayed, nor can an older one; a newer one can follow', () => {
    const door = new Door(LOCK, now);
    const guest = hourly(E0, now, 24);
    expect(door.reason(guest, now)).toBe('first_use');
    expect(door.reason(clear(E0, now), now)).toBe('cleared');
    for (const time of [now, now + 1, now + 12 * HOUR - 1]) {
      expect(door.key(clear(E0, now), time)).toMatchObject({ accepted: false, reason: 'already_used' });
    }
    expect(door.reason(clear(E0, now - HOUR), now + 1)).toBe('revoked');
    expect(door.reason(guest, now + 1)).toBe('used_before');
    expect(door.reason(clear(E0, now + HOUR), now + HOUR)).toBe('cleared');
    expect(door.reason(clear(E0, now), now + HOUR)).toBe('revoked');
    expect(door.reason(guest, now + HOUR)).toBe('revoked');
  });

  it('lasts through clocks that go backward, power cuts and full memories', () => {
    const door = new Door(LOCK, now);
    const old = hourly(E0, now - HOUR, 24);
    const { charged } = door.entry(clear(E0, now), now);
    door.state = loadState(LOCK, saveState(LOCK, charged));
    expect(door.reason(clear(E0, now), now)).toBe('already_used');
    for (const time of [now, now - HOUR, now - HOUR - S]) expect(door.reason(old, time)).toBe('revoked');
    const full = fullDoor(now - 15 * HOUR, now);
    expect(full.reason(clear(E0, now), now)).toBe('cleared');
    expect(full.state.records).toHaveLength(0);
  });

  it('with epoch e + 1 it also retires e, and brings e + 2 to life', () => {
    const door = new Door(LOCK, now);
    const old = hourly(E0, now, 24);
    const next = hourly(E1, now, 24);
    expect(door.reason(old, now)).toBe('first_use');
    expect(door.reason(next, now)).toBe('first_use');
    expect(door.reason(clear(E1, now), now)).toBe('cleared');
    expect(door.state.epoch).toBe(1);
    expect(door.key(old, now).accepted, 'began with the slot: not revoked, retired').toBe(false);
    expect(door.key(hourly(E0, now + HOUR, 2), now + HOUR).accepted).toBe(false);
    expect(door.reason(next, now)).toBe('used_before');
    expect(door.reason(hourly(E2, now, 24), now)).toBe('first_use');
    expect(door.key(hourly(E3, now, 24), now).accepted).toBe(false);
    expect(door.reason(clear(E1, now), now + 1), 'replayed').toBe('already_used');
    expect(door.state.epoch).toBe(1);
    expect(door.key(clear(E0, now + HOUR), now + HOUR).accepted, 'of a retired epoch').toBe(false);
    expect(door.reason(clear(E2, now + HOUR), now + HOUR)).toBe('cleared');
    expect(door.state.epoch).toBe(2);
  });

  it('of epoch e + 1 for a slot that epoch e has already cleared still retires e', () => {
    const door = new Door(LOCK, now);
    expect(door.reason(clear(E0, now), now)).toBe('cleared');
    expect(door.reason(clear(E1, now), now)).toBe('cleared');
    expect(door.state.epoch).toBe(1);
    expect(door.reason(clear(E1, now), now)).toBe('already_used');
    expect(door.key(clear(E0, now), now).accepted).toBe(false);
  });

  it('the last epoch of all has no next one', () => {
    const last = ours(0xffff_fffe);
    const lock = createLock([last]);
    const door = new Door(lock, now);
    expect(door.reason(hourly(last, now, 2), now)).toBe('first_use');
    expect(door.reason(clear(last, now), now)).toBe('cleared');
    expect(door.state.epoch).toBe(0xffff_fffe);
  });
});

// -- the clock -------------------------------------------------------------------------------------------------------

describe('after a power cut without a running clock', () => {
  const stored = at('2026-03-01T15:00Z');
  const unset = (): Door => {
    const door = new Door(LOCK, stored);
    door.state = loseClock(LOCK, door.state);
    return door;
  };

  it('clock_unset to everything but set_clock', () => {
    const door = unset();
    for (const code of [
      hourly(E0, stored, 24),
      oneTime(E0, stored),
      codeFor(E0, 'stay', stored, stored + 5 * DAY - 4 * HOUR),
      clear(E0, stored),
      clear(E1, stored),
      hourly(E1, stored, 24),
    ]) {
      expect(door.peek(code, stored)).toBe('clock_unset');
    }
    expect(door.peek(wrong(0, stored), stored)).toBe('clock_unset');
    expect(door.state.clock).toBe('unset');
  });

  it('recorded guests neither', () => {
    const door = new Door(LOCK, stored);
    const guest = hourly(E0, stored, 24);
    expect(door.reason(guest, stored)).toBe('first_use');
    door.state = loseClock(LOCK, door.state);
    expect(door.peek(guest, stored + 1)).toBe('clock_unset');
    vandalise(door, 12, 0);
    expect(door.reason(guest, MINUTE), 'not by the one entry a minute either').toBe('locked_out');
  });

  it('set_clock sets it to any quarter of an hour from the last stored time to 400 days later', () => {
    for (const time of [
      stored,
      stored + 900,
      stored + 1800,
      stored + 2700,
      stored + HOUR,
      stored + 400 * DAY,
    ]) {
      for (const token of [E0, E1]) {
        const slot = Math.floor(time / HOUR) * HOUR;
        // What the unset clock shows is of no concern.
        for (const shown of [0, 1000, stored, at('2099-01-01T00:00Z')]) {
          const door = unset();
          expect(door.key(setClockTo(token, time), shown)).toEqual({
            accepted: true,
            opens: false,
            reason: 'clock_set',
            grant: grantOf('set_clock', slot, time),
            setClock: time,
          });
          expect(door.state).toMatchObject({ clock: 'running', lastAt: time });
        }
      }
    }
  });

  it('never before the last stored time, never more than 400 days after it', () => {
    const door = unset();
    expect(door.peek(setClockTo(E0, stored - 900), 0)).toBe('expired');
    expect(door.peek(setClockTo(E0, stored - 300 * DAY), 0)).toBe('expired');
    expect(door.peek(setClockTo(E0, stored + 400 * DAY + 900), 0)).toBe('not_yet_valid');
    expect(door.peek(setClockTo(E0, stored + 4000 * DAY), 0)).not.toBe('clock_set');
    expect(door.peek(setClockTo(E2, stored), 0), 'an epoch that is not live').not.toBe('clock_set');
    const second = new Door(LOCK, stored + 1);
    second.state = loseClock(LOCK, second.state);
    expect(second.peek(setClockTo(E0, stored), 0), 'a second before').toBe('expired');
    expect(second.peek(setClockTo(E0, stored + 400 * DAY), 0)).toBe('clock_set');
    expect(second.peek(setClockTo(E0, stored + 400 * DAY + 900), 0), '14 min 59 s too far').toBe(
      'not_yet_valid',
    );
  });

  it('the last stored time is that of the last entry, refused and locked out ones too; malformed ones store nothing', () => {
    const door = new Door(LOCK, stored);
    vandalise(door, 12, stored + HOUR);
    expect(door.state.lastAt).toBe(stored + HOUR);
    vandalise(door, 3, stored + 1.5 * HOUR);
    expect(door.state.lastAt).toBe(stored + 1.5 * HOUR);
    door.key('123', stored + 2 * HOUR);
    expect(door.state.lastAt).toBe(stored + 1.5 * HOUR);
  });

  it('while it is unset, entries store no time', () => {
    const door = unset();
    door.key(wrong(0, 0), 4000);
    door.key(hourly(E0, stored, 2), stored + 10 * DAY);
    expect(door.state.lastAt).toBe(stored);
    expect(door.reason(setClockTo(E0, stored), 5000)).toBe('clock_set');
  });

  it('while the clock runs, it is never set', () => {
    const door = new Door(LOCK, stored);
    const code = setClockTo(E0, stored);
    expect(door.peek(code, stored - S - 1)).toBe('not_yet_valid');
    for (const time of [stored - S, stored - 1, stored, stored + 1, stored + S - 1]) {
      expect(enter(LOCK, door.state, code, time).verdict).toMatchObject({
        accepted: false,
        reason: 'already_used',
      });
    }
    expect(door.peek(code, stored + S)).toBe('expired');
    for (const time of [stored - DAY, stored, stored + DAY]) {
      const { state } = enter(LOCK, door.state, code, time);
      expect(state).toMatchObject({ clock: 'running', lastAt: time });
    }
  });

  it('a replay does not set it back', () => {
    const door = unset();
    const code = setClockTo(E0, stored + HOUR);
    expect(door.reason(code, 0)).toBe('clock_set');
    expect(door.key(code, stored + HOUR).accepted, 'it runs').toBe(false);
    expect(door.reason(wrong(0, stored), stored + HOUR + 1)).toBe('unknown');
    door.state = loseClock(LOCK, door.state);
    expect(door.reason(code, 0), 'lost again, after an entry').toBe('expired');
    expect(door.reason(setClockTo(E0, stored + 2 * HOUR), 0)).toBe('clock_set');
    expect(door.state.lastAt).toBe(stored + 2 * HOUR);
  });

  it('the guest gets in once it is set, and what was revoked, superseded or used stays so', () => {
    const door = new Door(LOCK, stored);
    const guest = codeFor(E0, 'stay', stored, stored + 5 * DAY - 4 * HOUR);
    const once = oneTime(E0, stored);
    expect(door.reason(hourly(E0, stored - HOUR, 24), stored)).toBe('first_use');
    expect(door.reason(clear(E0, stored), stored)).toBe('cleared');
    expect(door.reason(guest, stored)).toBe('first_use');
    expect(door.reason(once, stored)).toBe('first_use');
    door.state = loseClock(LOCK, door.state);
    expect(door.reason(setClockTo(E0, stored + HOUR), 0)).toBe('clock_set');
    expect(door.reason(guest, stored + HOUR)).toBe('used_before');
    expect(door.reason(once, stored + HOUR)).toBe('already_used');
    expect(door.reason(hourly(E0, stored - HOUR, 24), stored + HOUR)).toBe('revoked');
    expect(door.reason(codeFor(E0, 'stay', stored - DAY, stored + DAY - 4 * HOUR), stored + HOUR)).toBe(
      'revoked',
    );
    expect(door.reason(setClockTo(E0, stored - HOUR), stored + HOUR)).not.toBe('clock_set');
  });

  it('a set_clock code that began before a clear is revoked like any other', () => {
    const door = new Door(LOCK, stored);
    expect(door.reason(clear(E0, stored), stored)).toBe('cleared');
    // The clock goes backward, an entry stores that time, the clock is lost.
    vandalise(door, 1, stored - DAY);
    door.state = loseClock(LOCK, door.state);
    expect(door.reason(setClockTo(E0, stored - 900), 0)).toBe('revoked');
    expect(door.reason(setClockTo(E0, stored), 0)).toBe('clock_set');
  });

  it('a lock that has never known a time waits for a service tool', () => {
    const door = unset();
    door.state = loseClock(LOCK, initialState(LOCK));
    expect(door.reason(setClockTo(E0, stored), stored)).toBe('clock_unset');
    door.state = setClock(LOCK, door.state, stored);
    expect(door.state).toMatchObject({ clock: 'running', lastAt: stored });
    expect(door.reason(hourly(E0, stored, 2), stored)).toBe('first_use');
  });

  it('igloohome has no set_clock: only a tool sets the clock', () => {
    const door = new Door(IGLOO_LOCK, stored);
    const guest = hourly(IGLOO, stored, 48);
    expect(door.reason(guest, stored)).toBe('first_use');
    door.state = loseClock(IGLOO_LOCK, door.state);
    for (const code of [guest, oneTime(IGLOO, stored)]) expect(door.reason(code, stored)).toBe('clock_unset');
    door.state = setClock(IGLOO_LOCK, door.state, stored + HOUR);
    expect(door.reason(guest, stored + HOUR)).toBe('used_before');
  });
});

// -- tokens ----------------------------------------------------------------------------------------------------------

describe('two tokens for two epochs with settings of their own', () => {
  const now = at('2026-03-01T16:00Z');
  const nine = ours(4, { config: { digits: 9 } });
  const ten = ours(5, {
    config: {
      digits: 10,
      stays: [
        ['16:00', '10:00'],
        ['14:00', '12:00'],
      ],
    },
  });
  const lock = createLock([nine, ten]);
  const oldGuest = hourly(nine, now, 24);
  const newGuest = hourly(ten, now, 24);

  it('takes the lengths of both and no other', () => {
    expect([oldGuest.length, newGuest.length]).toEqual([9, 10]);
    const door = new Door(lock, now);
    expect(door.reason(oldGuest, now)).toBe('first_use');
    expect(door.reason(newGuest, now)).toBe('first_use');
    expect(door.reason(oldGuest, now)).toBe('used_before');
    expect(door.reason(newGuest, now)).toBe('used_before');
    for (const code of ['12345678', '12345678901']) expect(door.reason(code, now)).toBe('malformed');
  });

  it('each with its own times and variances, superseding by day across the two', () => {
    const door = new Door(lock, now);
    const old = codeFor(nine, 'stay', now - DAY - HOUR, now + 5 * DAY - 5 * HOUR);
    const early = codeFor(ten, 'stay_2', now - DAY - 2 * HOUR, now + 5 * DAY - 4 * HOUR, 3);
    const today = codeFor(ten, 'stay', now, now + 3 * DAY - 6 * HOUR, 2);
    expect(door.reason(old, now)).toBe('first_use');
    expect(door.reason(early, now), 'the same day').toBe('first_use');
    expect(door.reason(old, now)).toBe('used_before');
    expect(door.reason(today, now)).toBe('first_use');
    expect(door.reason(old, now)).toBe('superseded');
    expect(door.reason(early, now)).toBe('superseded');
  });

  it('a clear of the newer epoch retires the older, its length too', () => {
    const door = new Door(lock, now);
    expect(door.reason(oldGuest, now)).toBe('first_use');
    expect(door.reason(newGuest, now)).toBe('first_use');
    expect(door.reason(clear(ten, now), now)).toBe('cleared');
    expect(door.reason(oldGuest, now)).toBe('malformed');
    expect(door.reason(newGuest, now)).toBe('used_before');
    // The epoch after that follows the newer settings.
    const next = ours(6, {
      config: {
        digits: 10,
        stays: [
          ['16:00', '10:00'],
          ['14:00', '12:00'],
        ],
      },
    });
    expect(door.reason(hourly(next, now, 5), now)).toBe('first_use');
    expect(loadState(lock, saveState(lock, door.state))).toEqual(door.state);
  });

  it('device keys instead of the root: two epochs and no third', () => {
    const keys = createLock([deriveToken(nine), deriveToken(ten)]);
    const door = new Door(keys, now);
    expect(door.reason(oldGuest, now)).toBe('first_use');
    expect(door.reason(newGuest, now)).toBe('first_use');
    expect(door.reason(clear(ten, now), now)).toBe('cleared');
    expect(door.reason(newGuest, now)).toBe('used_before');
    expect(loadState(keys, saveState(keys, door.state))).toEqual(door.state);
    const one = createLock([deriveToken(E0)]);
    expect(new Door(one, now).reason(hourly(E0, now, 2), now)).toBe('first_use');
    expect(new Door(one, now).key(hourly(E1, now, 2), now).accepted).toBe(false);
  });

  it('the order in which tokens are given does not matter, nor does a share of the variances', () => {
    const turned = createLock([ten, nine]);
    expect(turned.id).toBe(lock.id);
    const door = new Door(turned, now);
    expect(door.reason(oldGuest, now)).toBe('first_use');
    const shared = createLock([
      deriveToken(ours(0, { config: { digits: 10 } }), { variances: [0, 1], keepRoot: true }),
    ]);
    const full = ours(0, { config: { digits: 10 } });
    expect(new Door(shared, now).reason(codeFor(full, 'hourly', now, now + HOUR, 3), now)).toBe('first_use');
  });
});

describe('tokens of a newer epoch from the authority', () => {
  const now = at('2026-03-01T15:00Z');
  const used = (): Door => {
    const door = new Door(LOCK, now);
    for (const code of [hourly(E0, now, 24), hourly(E1, now, 24), oneTime(E1, now)])
      expect(door.reason(code, now)).toBe('first_use');
    return door;
  };

  it('retire the epochs before them and keep the rest of the state', () => {
    const door = used();
    const newer = createLock([E1]);
    const next = enter(newer, door.state, hourly(E1, now, 24), now);
    expect(next.verdict.reason).toBe('used_before');
    expect(next.state.epoch).toBe(1);
    expect(next.state.records).toHaveLength(2);
    expect(enter(newer, next.state, oneTime(E1, now), now).verdict.reason).toBe('already_used');
    expect(enter(newer, next.state, hourly(E0, now, 24), now).verdict.accepted).toBe(false);
  });

  it('also where the state comes back from flash', () => {
    const door = used();
    const text = saveState(LOCK, door.state);
    const newer = createLock([E1]);
    const state = loadState(newer, text);
    expect(state.epoch).toBe(1);
    expect(enter(newer, state, oneTime(E1, now), now).verdict.reason).toBe('already_used');
  });

  it('a state of an epoch for which the lock has no token is foreign', () => {
    const keys = createLock([deriveToken(E0)]);
    const state = { ...initialState(keys, now), epoch: 1 };
    expect(codeOf(() => enter(keys, state, '123456789', now))).toBe('state_foreign');
  });
});

// -- state -----------------------------------------------------------------------------------------------------------

const STATE_NOW = at('2026-03-01T17:00Z');

/** A state that has been through everything. */
function livedIn(): LockState {
  const door = new Door(LOCK, STATE_NOW - DAY);
  const day = at('2026-02-27T00:00Z');
  expect(door.reason(clear(E0, day), day)).toBe('cleared');
  expect(door.reason(codeFor(E0, 'stay', day + 15 * HOUR, day + 9 * DAY + 11 * HOUR), day + DAY)).toBe(
    'first_use',
  );
  expect(door.reason(codeFor(E1, 'daily', day + DAY, day + 9 * DAY), day + DAY)).toBe('first_use');
  expect(door.reason(oneTime(E0, STATE_NOW, 1), STATE_NOW)).toBe('first_use');
  vandalise(door, 14, STATE_NOW);
  const state = { ...door.state, forgottenUntil: day - DAY };
  return enter(LOCK, state, '1', STATE_NOW).state;
}

const STATES: readonly (readonly [string, Lock, LockState])[] = [
  ['new', LOCK, initialState(LOCK)],
  ['new, with a time', LOCK, initialState(LOCK, STATE_NOW)],
  ['lived in', LOCK, livedIn()],
  ['clock unset', LOCK, loseClock(LOCK, livedIn())],
  ['clock set', LOCK, setClock(LOCK, loseClock(LOCK, livedIn()), STATE_NOW)],
  ['full', LOCK, fullDoor(at('2026-02-02T00:00Z'), at('2026-02-02T12:00Z')).state],
  ['igloohome, new', IGLOO_LOCK, initialState(IGLOO_LOCK)],
  [
    'igloohome, locked out',
    IGLOO_LOCK,
    (() => {
      const door = new Door(IGLOO_LOCK, STATE_NOW);
      door.key(hourly(IGLOO, STATE_NOW, 48), STATE_NOW);
      for (let i = 0; i < 6; i++) door.key(wrong(i, STATE_NOW, [IGLOO, igloo(1)]), STATE_NOW);
      return door.state;
    })(),
  ],
];

const deepFreeze = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const each of Object.values(value)) deepFreeze(each);
};

/** A copy to damage. */
const copyOf = (state: LockState): Record<string, unknown> => JSON.parse(JSON.stringify(state));

describe('the state', () => {
  it.each(STATES)('is plain JSON, frozen, and comes back as it was: %s', (_, lock, state) => {
    const twin: LockState = JSON.parse(JSON.stringify(state));
    expect(twin).toEqual(state);
    expect(loadState(lock, saveState(lock, state))).toEqual(state);
    expect(loadState(lock, saveState(lock, twin))).toEqual(state);
    expect(saveState(lock, twin)).toBe(saveState(lock, state));
    expect(JSON.stringify(loadState(lock, saveState(lock, state)))).toBe(JSON.stringify(state));
    for (const part of [state, state.throttle, state.records, ...state.records]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    // Fields in another order are the same state.
    const turned = Object.fromEntries(Object.entries(twin).reverse()) as unknown as LockState;
    expect(saveState(lock, turned)).toBe(saveState(lock, state));
  });

  it.each(STATES)(
    'an entry is the same from the state and from its twin, and changes neither: %s',
    (_, lock, state) => {
      const twin: LockState = JSON.parse(JSON.stringify(state));
      deepFreeze(twin);
      const text = JSON.stringify(state);
      const token = lock === LOCK ? E0 : IGLOO;
      for (const code of [hourly(token, STATE_NOW, 2), oneTime(token, STATE_NOW, 1), '123456789', '1', '']) {
        const once = enter(lock, state, code, STATE_NOW);
        expect(enter(lock, twin, code, STATE_NOW)).toEqual(once);
        expect(enter(lock, state, code, STATE_NOW)).toEqual(once);
        for (const next of [once.charged, once.state]) {
          expect(loadState(lock, saveState(lock, next))).toEqual(next);
        }
      }
      expect(JSON.stringify(state)).toBe(text);
      expect(JSON.stringify(twin)).toBe(text);
    },
  );

  it('a lock made anew from the same token takes it', () => {
    const twin = createLock([ours(0)]);
    const state = livedIn();
    expect(twin.id).toBe(LOCK.id);
    const code = codeFor(E1, 'daily', at('2026-02-28T00:00Z'), at('2026-03-08T00:00Z'));
    expect(enter(twin, state, code, STATE_NOW + REGAIN).verdict.reason).toBe('used_before');
    expect(loadState(twin, saveState(LOCK, state))).toEqual(state);
  });

  it("another lock's is foreign: other device, other root, other vendor", () => {
    const others = [
      createLock([ours(0, { deviceId: 'door-8' })]),
      createLock([ours(0, { fill: 8 })]),
      createLock([createToken({ vendor: igloohome, deviceId: 'door-7', root: root(7), timeZone: 'UTC' })]),
      createLock([deriveToken(E0)]),
    ];
    const state = livedIn();
    for (const other of others) {
      expect(codeOf(() => enter(other, state, '123456789', STATE_NOW))).toBe('state_foreign');
      expect(codeOf(() => enter(other, JSON.parse(JSON.stringify(state)), '1', STATE_NOW))).toBe(
        'state_foreign',
      );
      expect(codeOf(() => loadState(other, saveState(LOCK, state)))).toBe('state_foreign');
      expect(codeOf(() => saveState(other, state))).toBe('state_foreign');
      expect(codeOf(() => loseClock(other, state))).toBe('state_foreign');
      expect(codeOf(() => setClock(other, state, STATE_NOW))).toBe('state_foreign');
    }
  });

  it('of another version is refused as such', () => {
    for (const v of [0, 2, 3, -1, 1000]) {
      const state = { ...livedIn(), v } as unknown as LockState;
      expect(
        codeOf(() => enter(LOCK, state, '123456789', STATE_NOW)),
        String(v),
      ).toBe('state_version');
      expect(codeOf(() => loadState(LOCK, JSON.stringify({ ...state, check: '0000000000000000' })))).toBe(
        'state_version',
      );
    }
    const later = { v: 2, lock: LOCK.id, whatever: 'comes' } as unknown as LockState;
    expect(codeOf(() => enter(LOCK, later, '123456789', STATE_NOW))).toBe('state_version');
  });

  it('shows neither the key nor the root', () => {
    const text = saveState(LOCK, livedIn());
    expect(text).not.toContain('0707');
    expect(text).not.toContain('BwcH');
  });
});

/** Every value that a field of a kind must not have. */
const NO_INTEGER: readonly unknown[] = [
  '1',
  true,
  1.5,
  -1,
  Number.NaN,
  Infinity,
  -Infinity,
  {},
  [],
  1n,
  2 ** 60,
];
const NO_TEXT: readonly unknown[] = [null, 1, true, {}, [], undefined];
const wrongValues: Readonly<Record<string, readonly unknown[]>> = {
  v: ['1', null, true, 1.5, {}, [], undefined, Number.NaN],
  lock: NO_TEXT,
  epoch: [...NO_INTEGER, null, undefined, 0xffff_ffff],
  clock: [...NO_TEXT, 'stopped', '', 'Running'],
  lastAt: [...NO_INTEGER, undefined, 253402300800],
  throttle: [
    null,
    'credit',
    [],
    {},
    undefined,
    { by: 'lockout', wrong: 0, since: null, lockouts: 0 },
    { by: 'credit' },
  ],
  clearedBefore: [...NO_INTEGER, null, undefined, 253402300800],
  staysFrom: [...NO_INTEGER, null, undefined],
  forgottenUntil: [...NO_INTEGER, null, undefined, 253402300800],
  records: [null, {}, 'none', undefined, [null], [[]], [{}], ['123456789'], [1]],
  'throttle.by': [null, 1, 'lockout', 'none', undefined],
  'throttle.credit': [...NO_INTEGER, null, undefined, 13],
  'throttle.at': [...NO_INTEGER, undefined, 253402300800],
  'throttle.recordsAt': [...NO_INTEGER, undefined, 253402300800],
  'records.code': [...NO_TEXT, '', '12345678a', '1'.repeat(33), '123456789\n', ' 12345678'],
  'records.epoch': [...NO_INTEGER, null, undefined, 2],
  'records.kind': [...NO_TEXT, '', 'nonsense', 'Stay', 'toString', '__proto__'],
  'records.variance': [...NO_INTEGER, null, undefined],
  'records.lane': [null, 1, true, {}, undefined, 'x', '1'.repeat(32)],
  'records.startsAt': [...NO_INTEGER, null, undefined, 253402300800],
  'records.endsAt': [...NO_INTEGER, null, undefined, 253402300800, 1],
  'records.until': [...NO_INTEGER, null, undefined, 253402300800, 1],
  'records.day': [...NO_INTEGER, undefined],
  'records.consumed': [null, 0, 1, 'true', undefined, {}],
};

type Fields = Record<string, unknown>;

/** The object that a path such as `records.kind` names the last field of. */
function partOf(copy: Fields, path: string): Fields {
  const [group] = path.split('.');
  if (!path.includes('.')) return copy;
  return group === 'records' ? ((copy['records'] as Fields[])[0] ?? {}) : (copy[group ?? ''] as Fields);
}

/** Every way into the lock that takes a state. */
function refusals(lock: Lock, state: unknown): readonly string[] {
  const taken = state as LockState;
  return [
    codeOf(() => enter(lock, taken, '123456789', STATE_NOW)),
    codeOf(() => enter(lock, taken, '1', STATE_NOW)),
    codeOf(() => saveState(lock, taken)),
    codeOf(() => loseClock(lock, taken)),
    codeOf(() => setClock(lock, taken, STATE_NOW)),
  ];
}
const all = (code: string): readonly string[] => [code, code, code, code, code];

describe('a damaged state is refused whole', () => {
  it.each(Object.keys(wrongValues))('%s with a wrong value, missing, or misspelt', (path) => {
    const name = path.split('.').at(-1) ?? '';
    for (const value of wrongValues[path] ?? []) {
      const copy = copyOf(livedIn());
      partOf(copy, path)[name] = value;
      const before = typeof value === 'bigint' ? undefined : JSON.stringify(copy);
      deepFreeze(copy);
      const shown = typeof value === 'bigint' ? 'a bigint' : `${JSON.stringify(value)}`;
      expect(refusals(LOCK, copy), shown).toEqual(all('state_damaged'));
      if (before !== undefined) expect(JSON.stringify(copy)).toBe(before);
    }
    const missing = copyOf(livedIn());
    delete partOf(missing, path)[name];
    expect(refusals(LOCK, missing), 'missing').toEqual(all('state_damaged'));
    const misspelt = copyOf(livedIn());
    const part = partOf(misspelt, path);
    part[`${name}_`] = part[name];
    expect(refusals(LOCK, misspelt), 'one too many').toEqual(all('state_damaged'));
    delete part[name];
    expect(refusals(LOCK, misspelt), 'misspelt').toEqual(all('state_damaged'));
    if (path.includes('.')) return;
    const text = JSON.stringify({ ...misspelt, check: '0123456789abcdef' });
    expect(codeOf(() => loadState(LOCK, text))).toBe('state_damaged');
  });

  it('every field of the state, its throttle and its records is in the table above', () => {
    const copy = copyOf(livedIn());
    const paths = [
      ...Object.keys(copy),
      ...Object.keys(partOf(copy, 'throttle.x')).map((name) => `throttle.${name}`),
      ...Object.keys(partOf(copy, 'records.x')).map((name) => `records.${name}`),
    ];
    expect(Object.keys(wrongValues).sort()).toEqual(paths.sort());
  });

  it('something else altogether', () => {
    for (const nothing of [
      null,
      undefined,
      0,
      1,
      '',
      'state',
      true,
      [],
      {},
      () => 1,
      Symbol('s'),
      1n,
      new Date(0),
    ]) {
      expect(refusals(LOCK, nothing)).toEqual(all('state_damaged'));
    }
  });

  it('fields that are inherited are not there', () => {
    expect(refusals(LOCK, Object.create(copyOf(livedIn())))).toEqual(all('state_damaged'));
  });

  it('more records than the lock holds; an array with holes', () => {
    const full = copyOf(fullDoor(at('2026-02-02T00:00Z'), at('2026-02-02T12:00Z')).state);
    const records = full['records'] as LockRecord[];
    expect(codeOf(() => saveState(LOCK, full as unknown as LockState))).toBe('no error');
    full['records'] = [...records, { ...records[0], variance: 9 }];
    expect(refusals(LOCK, full)).toEqual(all('state_damaged'));
    const big = copyOf(initialState(IGLOO_LOCK, STATE_NOW));
    const record = {
      ...records[0],
      kind: 'hourly',
      day: null,
      epoch: 0,
    };
    big['records'] = Array.from({ length: 199 }, () => record);
    expect(codeOf(() => saveState(IGLOO_LOCK, big as unknown as LockState))).toBe('no error');
    big['records'] = Array.from({ length: 200 }, () => record);
    expect(refusals(IGLOO_LOCK, big)).toEqual(all('state_damaged'));
  });

  it('a list of records with holes', () => {
    const holes = copyOf(livedIn());
    holes['records'] = new Array(2);
    expect(refusals(LOCK, holes)).toEqual(all('state_damaged'));
  });

  it('the throttle of another vendor', () => {
    const copy = copyOf(initialState(IGLOO_LOCK, STATE_NOW));
    copy['throttle'] = { by: 'credit', credit: 12, at: null, recordsAt: null };
    expect(refusals(IGLOO_LOCK, copy)).toEqual(all('state_damaged'));
    const lockout: readonly unknown[] = [
      { by: 'lockout', wrong: 6, since: null, lockouts: 0 },
      { by: 'lockout', wrong: -1, since: null, lockouts: 0 },
      { by: 'lockout', wrong: 0, lockouts: 0 },
      { by: 'lockout', wrong: 0, since: '0', lockouts: 0 },
      { by: 'lockout', wrong: 0, since: null, lockouts: 0, more: 1 },
      { by: 'lockout', wrong: 0, since: null },
      ...[...NO_INTEGER, null, undefined, 256].map((lockouts) => ({
        by: 'lockout',
        wrong: 0,
        since: null,
        lockouts,
      })),
    ];
    for (const throttle of lockout) {
      expect(refusals(IGLOO_LOCK, { ...copy, throttle })).toEqual(all('state_damaged'));
    }
    expect(
      codeOf(() =>
        saveState(IGLOO_LOCK, {
          ...copy,
          throttle: { by: 'lockout', wrong: 5, since: 1, lockouts: 255 },
        } as unknown as LockState),
      ),
    ).toBe('no error');
  });

  it('saved text cut off at any length', () => {
    for (const state of [livedIn(), initialState(LOCK)]) {
      const text = saveState(LOCK, state);
      for (let length = 0; length < text.length; length++) {
        expect(
          codeOf(() => loadState(LOCK, text.slice(0, length))),
          `first ${length}`,
        ).toBe('state_damaged');
      }
      for (let from = 1; from <= text.length; from += 7) {
        expect(
          codeOf(() => loadState(LOCK, text.slice(from))),
          `from ${from}`,
        ).toBe('state_damaged');
      }
      expect(codeOf(() => loadState(LOCK, `${text}x`))).toBe('state_damaged');
      expect(codeOf(() => loadState(LOCK, text + text))).toBe('state_damaged');
    }
  });

  it('saved text with any bit of any byte flipped', () => {
    for (const [, lock, state] of STATES.filter(([name]) =>
      /^(new|lived in|igloohome, locked out)$/.test(name),
    )) {
      const bytes = new TextEncoder().encode(saveState(lock, state));
      for (let i = 0; i < bytes.length; i++) {
        for (let bit = 0; bit < 8; bit++) {
          const flipped = bytes.slice();
          flipped[i] = (flipped[i] ?? 0) ^ (1 << bit);
          const text = new TextDecoder().decode(flipped);
          // A flip in the version or in the lock's id can look like another version or lock; it is refused all the same.
          expect(
            codeOf(() => loadState(lock, text)),
            `byte ${i}, bit ${bit}`,
          ).toMatch(/^state_(damaged|foreign|version)$/);
        }
      }
    }
  });

  it('a full memory, with every third byte changed', () => {
    const [, lock, state] = STATES.find(([name]) => name === 'full') ?? fail('no such state');
    const text = saveState(lock, state);
    for (let i = 0; i < text.length; i += 3) {
      const other = text[i] === '7' ? '3' : '7';
      expect(
        codeOf(() => loadState(lock, text.slice(0, i) + other + text.slice(i + 1))),
        `${i}`,
      ).toMatch(/^state_(damaged|foreign|version)$/);
    }
  });

  it('saved text whose fields were changed with care, but not the checksum', () => {
    const text = saveState(LOCK, livedIn());
    const change = (edit: (copy: Fields) => void): string => {
      const copy: Fields = JSON.parse(text);
      edit(copy);
      return JSON.stringify(copy);
    };
    const edits: readonly ((copy: Fields) => void)[] = [
      (copy) => Object.assign(partOf(copy, 'throttle.x'), { credit: 12 }),
      (copy) => Object.assign(copy, { clearedBefore: 0 }),
      (copy) => Object.assign(copy, { staysFrom: 0 }),
      (copy) => Object.assign(copy, { records: [] }),
      (copy) => Object.assign(copy, { lastAt: null }),
      (copy) => Object.assign(copy, { forgottenUntil: 0 }),
      (copy) => (copy['records'] as Fields[]).reverse(),
      (copy) => Object.assign((copy['records'] as Fields[])[2] ?? {}, { consumed: false }),
      (copy) => Object.assign(copy, { check: '0'.repeat(16) }),
      (copy) => Object.assign(copy, { check: null }),
      (copy) => Object.assign(copy, { check: [copy['check']] }),
      (copy) => Object.assign(copy, { check: `${copy['check']} ` }),
      (copy) => Object.assign(copy, { check: String(copy['check']).toUpperCase() }),
      (copy) => delete copy['check'],
      (copy) => Object.assign(copy, { more: 1 }),
    ];
    for (const edit of edits) {
      expect(
        codeOf(() => loadState(LOCK, change(edit))),
        String(edit),
      ).toBe('state_damaged');
    }
    expect(
      loadState(
        LOCK,
        change(() => undefined),
      ),
      'the untouched one',
    ).toEqual(livedIn());
    for (const other of [
      '',
      'null',
      '[]',
      '{}',
      '0',
      '"text"',
      'true',
      '{"check":1}',
      '[{"check":1}]',
      '\u0000',
    ]) {
      expect(
        codeOf(() => loadState(LOCK, other)),
        other,
      ).toBe('state_damaged');
    }
  });
});

function fail(text: string): never {
  throw new Error(text);
}

// -- misuse ----------------------------------------------------------------------------------------------------------

describe('createLock', () => {
  it('wants at least one token, and tokens that belong together', () => {
    const cases: readonly (readonly [string, unknown])[] = [
      ['nothing', undefined],
      ['null', null],
      ['no list', E0],
      ['a text', 'token'],
      ['an empty list', []],
      ['something that is no token', [{}]],
      ['null in the list', [E0, null]],
      ['a hole in the list', new Array(1)],
      ['the JSON of a token', [JSON.parse(JSON.stringify(E0))]],
      ['another device', [E0, ours(1, { deviceId: 'door-8' })]],
      ['another root', [E0, ours(1, { fill: 8 })]],
      [
        'another vendor',
        [
          E0,
          createToken({ vendor: igloohome, deviceId: 'door-7', root: root(7), epoch: 1, timeZone: 'UTC' }),
        ],
      ],
      ['a root and a device key', [E0, deriveToken(E1)]],
      ['an epoch left out', [E0, E2]],
      ['an epoch twice', [E0, ours(0)]],
      ['the very same token twice', [E0, E0]],
    ];
    for (const [name, tokens] of cases) {
      expect(
        codeOf(() => createLock(tokens as readonly DeviceToken[])),
        name,
      ).toBe('bad_argument');
    }
  });

  it('wants a key of its own for each epoch: what one has used up would open again in the other', () => {
    const keyed = (vendor: Vendor, epoch: number, key: Uint8Array): DeviceToken =>
      createToken({ vendor, deviceId: 'door-7', key, epoch, timeZone: 'UTC' });
    const login = (text: string): Uint8Array => new TextEncoder().encode(text);
    for (const [vendor, one, other] of [
      [tuya, login('8f7d54'), login('8f7d55')],
      [igloohome, root(7), root(8)],
    ] as const) {
      const same = [keyed(vendor, 0, one), keyed(vendor, 1, Uint8Array.from(one))];
      expect(codeOf(() => createLock(same))).toBe('bad_argument');
      expect(codeOf(() => createLock([...same].reverse()))).toBe('bad_argument');
      expect(() => createLock(same)).toThrow(/a key of its own for each epoch/);
      const three = [keyed(vendor, 0, one), keyed(vendor, 1, other), keyed(vendor, 2, one)];
      expect(codeOf(() => createLock(three))).toBe('bad_argument');
      expect(codeOf(() => createLock([keyed(vendor, 0, one), keyed(vendor, 1, other)]))).toBe('no error');
    }
    // Roots are the same in every epoch, and the keys of their epochs are not.
    expect(codeOf(() => createLock([E0, E1, E2]))).toBe('no error');
    expect(codeOf(() => createLock([E0, E1].map((token) => deriveToken(token))))).toBe('no error');
  });

  it('does not keep the list that it was given, nor sort it', () => {
    const list = [E1, E0];
    const lock = createLock(list);
    expect(list).toEqual([E1, E0]);
    list.length = 0;
    const now = at('2026-03-01T15:00Z');
    expect(new Door(lock, now).reason(hourly(E0, now, 2), now)).toBe('first_use');
    expect(Object.isFrozen(lock)).toBe(true);
    expect(JSON.stringify(lock)).not.toMatch(/secret|key|root/);
  });
});

describe('bad input gives a coded error and changes nothing', () => {
  const state = initialState(LOCK, STATE_NOW);
  const noInstants: readonly (readonly [unknown, string])[] = [
    [undefined, 'bad_argument'],
    [null, 'bad_argument'],
    ['2026-03-01T15:00Z', 'bad_argument'],
    [String(STATE_NOW), 'bad_argument'],
    [Number.NaN, 'bad_argument'],
    [Infinity, 'bad_argument'],
    [STATE_NOW + 0.5, 'bad_argument'],
    [-0, 'bad_argument'],
    [BigInt(STATE_NOW), 'bad_argument'],
    [new Date(STATE_NOW * 1000), 'bad_argument'],
    [-1, 'out_of_range'],
    [STATE_NOW * 1000, 'out_of_range'],
    [253402300800, 'out_of_range'],
  ];

  it.each(noInstants)('an instant that is none: %s', (value, code) => {
    const instantOf = value as number;
    expect(codeOf(() => enter(LOCK, state, '123456789', instantOf))).toBe(code);
    expect(codeOf(() => enter(LOCK, state, '1', instantOf))).toBe(code);
    expect(codeOf(() => setClock(LOCK, state, instantOf))).toBe(code);
    if (value !== undefined) expect(codeOf(() => initialState(LOCK, instantOf))).toBe(code);
  });

  it('the first and the last instant of all are taken', () => {
    for (const now of [0, 253402300799]) {
      const entry = enter(LOCK, state, '123456789', now);
      expect(entry.verdict.accepted).toBe(false);
      expect(loadState(LOCK, saveState(LOCK, entry.state))).toEqual(entry.state);
      expect(codeOf(() => setClock(LOCK, state, now))).toBe('no error');
      expect(initialState(LOCK, now).lastAt).toBe(now);
    }
  });

  it('a code that is no string', () => {
    for (const code of [
      undefined,
      null,
      123456789,
      123456789n,
      ['123456789'],
      { length: 9 },
      Symbol('1'),
      true,
    ]) {
      expect(codeOf(() => enter(LOCK, state, code as string, STATE_NOW))).toBe('bad_argument');
    }
  });

  it('a text that is no string', () => {
    for (const text of [undefined, null, 1, {}, [], copyOf(state), new Uint8Array(3)]) {
      expect(codeOf(() => loadState(LOCK, text as unknown as string))).toBe('bad_argument');
    }
  });

  it('a lock that is none', () => {
    for (const lock of [undefined, null, {}, E0, 'lock', { ...LOCK }, Object.create(null)]) {
      const given = lock as unknown as Lock;
      expect(codeOf(() => enter(given, state, '123456789', STATE_NOW))).toBe('bad_argument');
      expect(codeOf(() => initialState(given))).toBe('bad_argument');
      expect(codeOf(() => loseClock(given, state))).toBe('bad_argument');
      expect(codeOf(() => setClock(given, state, STATE_NOW))).toBe('bad_argument');
      expect(codeOf(() => saveState(given, state))).toBe('bad_argument');
      expect(codeOf(() => loadState(given, '{}'))).toBe('bad_argument');
    }
  });

  it('no message shows what was keyed in, or the text of a state', () => {
    const text = saveState(LOCK, livedIn());
    const messages: string[] = [];
    for (const run of [
      () => loadState(LOCK, text.slice(0, -1)),
      () => loadState(LOCK, text.replace('"credit":0', '"credit":9')),
      () => enter(LOCK, { ...livedIn(), clock: 'x' } as unknown as LockState, '987654321', STATE_NOW),
      () => enter('482901377' as unknown as Lock, state, '987654321', STATE_NOW),
      () => enter(LOCK, state, 987654321 as unknown as string, -1),
    ]) {
      try {
        run();
      } catch (error) {
        messages.push(String(error));
      }
    }
    expect(messages).toHaveLength(5);
    for (const record of livedIn().records) {
      for (const message of messages) expect(message).not.toContain(record.code);
    }
    for (const message of messages) expect(message).not.toMatch(/482901377|door-7/);
  });
});

describe('vendors of your own at the lock', () => {
  /** Four records; windows and codes of the period, and one that clears or none. */
  const clearing = (effect: 'clear_all' | 'clear_one' | undefined, lock: object = {}): DeviceToken => {
    const many = { axis: { on: 'slot' }, variances: 1, times: 'many', source: 'test' } as const;
    const hours = { in: 'seconds', of: { from: HOUR, to: 24 * HOUR, step: HOUR } } as const;
    const kinds: Kind[] = [
      { ...many, id: 'hours', for: 'window', length: hours, effect: 'open' },
      { ...many, id: 'period', for: 'rolling', length: { in: 'seconds', of: [HOUR] }, effect: 'open' },
    ];
    if (effect === 'clear_one') kinds.push({ ...many, id: 'clear', for: 'control', length: hours, effect });
    if (effect === 'clear_all')
      kinds.push({
        ...many,
        id: 'clear',
        for: 'control',
        length: { in: 'seconds', of: [DAY] },
        times: 'once',
        effect,
      });
    const vendor = defineVendor({
      ...igloohome,
      id: 'clearing',
      rules: {
        layout: 'clearing-9/1',
        digits: 9,
        grid: HOUR,
        perSlot: 100,
        clock: 'utc',
        kinds,
        lock: {
          tolerance: 0,
          records: 4,
          throttle: { by: 'lockout', wrong: 5, seconds: 300 },
          source: 'test',
          ...lock,
        },
      },
    });
    return createToken({ vendor, deviceId: 'd', root: root(3), timeZone: 'UTC' });
  };
  const NOON = at('2026-03-01T12:00Z');
  const hoursOf = (token: DeviceToken, hours: number): string =>
    codeFor(token, 'hours', NOON, NOON + hours * HOUR);

  it.each([
    [undefined, 'first_use'],
    ['clear_one', 'memory_full'],
    ['clear_all', 'memory_full'],
  ] as const)(
    'codes that clear: %s; a code for which the memory has no room: %s, for nothing could revoke it',
    (effect, reason) => {
      const token = clearing(effect);
      const door = new Door(createLock([token]), NOON);
      for (const hours of [2, 3, 4, 5]) expect(door.reason(hoursOf(token, hours), NOON)).toBe('first_use');
      expect(door.reason(hoursOf(token, 6), NOON)).toBe(reason);
      expect(door.state.records).toHaveLength(4);
      // What is remembered opens, and a code of the period is never remembered.
      expect(door.reason(hoursOf(token, 5), NOON)).toBe('used_before');
      const period = codeFor(token, 'period', NOON, NOON + HOUR);
      for (let i = 0; i < 2; i++) expect(door.reason(period, NOON + i)).toBe('first_use');
      expect(door.state.records).toHaveLength(4);
      // One is over: its place is free.
      expect(door.reason(hoursOf(token, 6), NOON + 2 * HOUR)).toBe('first_use');
      expect(door.reason(hoursOf(token, 6), NOON + 2 * HOUR)).toBe('used_before');
    },
  );

  it('one epoch with codes that clear is enough: a code of the other must be remembered too', () => {
    const token = clearing('clear_all');
    const next = deriveToken(token, { epoch: 1, keepRoot: true });
    const lock = createLock([token, next]);
    expect(lock.revokesUsed).toBe(true);
    expect(LOCK.revokesUsed).toBe(false);
    const door = new Door(lock, NOON);
    for (const hours of [2, 3, 4, 5]) expect(door.reason(hoursOf(token, hours), NOON)).toBe('first_use');
    expect(door.reason(hoursOf(next, 6), NOON)).toBe('memory_full');
  });

  it('a code of 40 symbols behind 31 of a lane comes back from a saved state', () => {
    const lane = '1*#'.repeat(10).padEnd(31, '7');
    const [hourlyKind] = rulesOf(igloohome).kinds;
    if (!hourlyKind) throw new Error('no kind');
    const vendor = defineVendor({
      ...igloohome,
      id: 'long',
      scheme: mac,
      rules: {
        ...rulesOf(igloohome),
        layout: 'long-40/1',
        digits: 40,
        alphabet: '01',
        perSlot: 1,
        kinds: [{ ...hourlyKind, length: { in: 'seconds', of: [HOUR] }, variances: 1, lane }],
      },
    });
    const token = createToken({ vendor, deviceId: 'd', root: root(3), timeZone: 'UTC' });
    const code = mint(token, { ...grantOf('hourly', NOON, NOON + HOUR), lane });
    expect(code).toHaveLength(71);
    const lock = createLock([token]);
    const { state, verdict } = enter(lock, initialState(lock), code, NOON);
    expect(verdict.reason).toBe('first_use');
    expect(state.records).toHaveLength(1);
    expect(loadState(lock, saveState(lock, state))).toEqual(state);
  });

  it('a code that clears one takes the first record of its start and number, whatever its kind', () => {
    const token = clearing('clear_one');
    const door = new Door(createLock([token]), NOON);
    const clearOf = (hours: number): string => codeFor(token, 'clear', NOON, NOON + hours * HOUR);
    expect(door.reason(hoursOf(token, 3), NOON)).toBe('first_use');
    expect(door.reason(clearOf(2), NOON)).toBe('nothing_to_clear');
    expect(door.reason(clearOf(3), NOON)).toBe('cleared');
    expect(door.reason(hoursOf(token, 3), NOON)).toBe('revoked');
    expect(door.reason(clearOf(3), NOON)).toBe('already_used');
  });

  const hourOf = (hours: readonly number[], more: Partial<Kind> = {}): Kind => ({
    id: 'hours',
    for: 'window',
    axis: { on: 'slot' },
    length: { in: 'seconds', of: hours.map((each) => each * HOUR) },
    variances: 1,
    times: 'many',
    effect: 'open',
    source: 'test',
    ...more,
  });
  const vendorOf = (kinds: readonly Kind[], more: Partial<Rules>): Vendor =>
    defineVendor({
      ...igloohome,
      id: 'own',
      rules: { ...rulesOf(igloohome), layout: 'own-9/1', perSlot: 10, kinds, ...more },
    });
  const tokenFor = (vendor: Vendor): DeviceToken =>
    createToken({ vendor, deviceId: 'd', root: root(3), timeZone: 'UTC' });

  it('a code that clears one finds it among namesakes of two tables, and only in its own', () => {
    const long = [hourOf([3, 4]), hourOf([3, 4], { id: 'clear', for: 'control', effect: 'clear_one' })];
    const second: Table = { layout: 'own-10/1', digits: 10, grid: HOUR, perSlot: 10, kinds: long };
    const token = tokenFor(vendorOf([hourOf([1, 2])], { also: [second] }));
    const codeOfHours = (id: string, hours: number): string => codeFor(token, id, NOON, NOON + hours * HOUR);
    const door = new Door(createLock([token]), NOON);
    expect(door.reason(codeOfHours('hours', 1), NOON)).toBe('first_use');
    expect(door.reason(codeOfHours('clear', 3), NOON)).toBe('nothing_to_clear');
    expect(door.reason(codeOfHours('hours', 3), NOON)).toBe('first_use');
    expect(door.reason(codeOfHours('clear', 3), NOON)).toBe('cleared');
    expect(door.reason(codeOfHours('hours', 3), NOON)).toBe('revoked');
    expect(door.reason(codeOfHours('hours', 1), NOON)).toBe('used_before');
  });

  it('a kind of which only so many may overlap is remembered, or refused: a small memory is no way round', () => {
    const lock = { ...rulesOf(igloohome).lock, records: 2 };
    const token = tokenFor(vendorOf([hourOf([1], { variances: 7, overlapping: 4 })], { lock }));
    const door = new Door(createLock([token]), NOON);
    const reasons = [0, 1, 2, 3].map((variance) =>
      door.reason(codeFor(token, 'hours', NOON, NOON + HOUR, variance), NOON),
    );
    expect(reasons).toEqual(['first_use', 'first_use', 'memory_full', 'memory_full']);
  });

  it('a record whose code has another prefix than its lane is no record', () => {
    const token = tokenFor(vendorOf([hourOf([1])], { lanes: ['1', '2'] }));
    const lock = createLock([token]);
    const code = mint(token, { ...grantOf('hours', NOON, NOON + HOUR), lane: '1' });
    const { state } = enter(lock, initialState(lock), code, NOON);
    const [record] = state.records;
    expect(record?.lane).toBe('1');
    const twisted = { ...state, records: [{ ...record, code: `2${code.slice(1)}` }] };
    expect(codeOf(() => enter(lock, twisted as LockState, code, NOON))).toBe('state_damaged');
  });

  it('kind ids with a hyphen, and 40 characters of them, come back from a saved state', () => {
    const id = `my-${'k'.repeat(37)}`;
    const rules = rulesOf(igloohome);
    const kinds = rules.kinds.map((kind) => (kind.id === 'hourly' ? { ...kind, id } : kind));
    const own: Vendor = { ...igloohome, id: 'own', rules: { ...rules, layout: 'own/1', kinds } };
    const token = createToken({ vendor: own, deviceId: 'd', root: root(3), timeZone: 'UTC' });
    const lock = createLock([token]);
    const startsAt = at('2026-03-01T15:00Z');
    const code = mint(token, { kind: id, variance: 0, startsAt, endsAt: startsAt + HOUR });
    const { state } = enter(lock, initialState(lock), code, startsAt);
    expect(state.records).toHaveLength(1);
    expect(loadState(lock, saveState(lock, state))).toEqual(state);
  });
});
