import { createToken, type DeviceToken, deriveToken, mint, read, type WindowGrant } from 'pintumbler';
import { zoneFacts } from 'pintumbler/calendar';
import { createLock, enter, initialState, type Lock, type LockState, loseClock } from 'pintumbler/lock';
import { numberFf1 } from 'pintumbler/schemes';
import { igloohome, pintumbler, type Vendor } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { at, deep, type Ending, ending } from './support/helpers.ts';
import { deviceKeyLiteral, sealedKeyLiteral } from './support/sealed-literal.ts';

/*
 * DESIGN §7: V, the number of codes that the lock would accept right now, counted by keying them in. No formula of
 * the library is asked: digits are made from payloads, slot by slot, and each is entered at a fresh lock.
 */

const HOUR = 3600;
const DAY = 24 * HOUR;
const EPOCH = at('2020-01-01T00:00Z');
const ROOT = new Uint8Array(32).fill(5);
const DEVICE = 'door-7';
const EPOCHS = [0, 1] as const;

/** Offsets in seconds around a moment at which something may begin or end, tolerance included. */
const AROUND = [-601, -600, -599, -1, 0, 1, 599, 600, 601];

/** Digits of a payload in the first page of an epoch, and a memo of them. */
function sealer(layout: string, perSlot: number): (epoch: number, slot: number, rest: number) => string {
  const ciphers = EPOCHS.map((epoch) =>
    numberFf1(sealedKeyLiteral(deviceKeyLiteral(ROOT, DEVICE, epoch), layout, '', 9), 10, 9),
  );
  const known = new Map<number, string>();
  return (epoch, slot, rest) => {
    const payload = slot * perSlot + rest;
    const name = payload * 2 + epoch;
    const digits = known.get(name) ?? String(ciphers[epoch]?.encrypt(payload, 0)).padStart(9, '0');
    known.set(name, digits);
    return digits;
  };
}

const ours = sealer('pintumbler-9/1', 256);

interface Code {
  readonly code: string;
  readonly epoch: number;
  readonly grant: Ending<WindowGrant>;
}

type Stays = readonly (readonly [string, string])[];

/** A door: its lock, its tokens by epoch, its zone. */
interface Door {
  readonly lock: Lock;
  readonly fresh: LockState;
  readonly tokens: readonly DeviceToken[];
  /** Seconds after the UTC hour at which its slots begin. */
  readonly shift: number;
  readonly localAt: (instant: number) => number;
}

function doorOf(timeZone: string, stays?: Stays): Door {
  const facts = zoneFacts(timeZone, at('2025-06-01T00:00Z'), at('2028-01-01T00:00Z'));
  const tokens = EPOCHS.map((epoch) =>
    createToken({
      vendor: pintumbler,
      deviceId: DEVICE,
      root: ROOT,
      epoch,
      ...facts,
      ...(stays && { config: { stays } }),
    }),
  );
  const lock = createLock(tokens.slice(0, 1));
  return {
    lock,
    fresh: initialState(lock, at('2026-01-01T00:00Z')),
    tokens,
    shift: facts.gridOffset * 60,
    localAt: (instant) => {
      const [pair] = facts.offsets.filter(([from]) => from <= instant).slice(-1);
      return instant + (pair?.[1] ?? Number.NaN);
    },
  };
}

/** Every grant of every kind, length and variance that can begin from `from` to `until`, both epochs. */
function codesOf(door: Door, from: number, until: number, civilFrom: number): readonly Code[] {
  const codes: Code[] = [];
  const first = Math.floor((civilFrom - EPOCH) / HOUR) - 30;
  const firstOnGrid = Math.floor((from - EPOCH - door.shift) / HOUR);
  const last = Math.ceil((until - EPOCH - door.shift) / HOUR) + 30;
  for (const epoch of EPOCHS) {
    const token = door.tokens[epoch];
    if (!token) throw new Error('no token');
    for (let slot = first; slot <= last; slot++) {
      for (let rest = 0; rest < 115; rest++) {
        const isCivil = rest >= 24 && rest < 108;
        if (isCivil ? slot % 24 !== 0 : slot < firstOnGrid || slot > last - 30) continue;
        const code = ours(epoch, slot, rest);
        for (const grant of read(token, code, from)) codes.push({ code, epoch, grant: ending(grant) });
      }
    }
  }
  return codes;
}

const accepts = (door: Door, state: LockState, code: string, now: number): boolean =>
  enter(door.lock, state, code, now).verdict.accepted;

/** The codes that are accepted at `now`, one by one, each at the same state. */
const acceptedOf = (
  door: Door,
  state: LockState,
  codes: Iterable<Pick<Code, 'code'>>,
  now: number,
): Set<string> => {
  const accepted = new Set<string>();
  for (const { code } of codes) if (accepts(door, state, code, now)) accepted.add(code);
  return accepted;
};

/** Where a code's acceptance probably begins and ends: a guess that is checked by keying it in. */
function guessOf({ kind, startsAt, endsAt }: Ending<WindowGrant>): readonly [opens: number, shuts: number] {
  const late = { hourly: 8 * HOUR, daily: DAY, stay: 2 * DAY, stay_2: 2 * DAY, set_clock: -1200 }[kind];
  return [startsAt - 600, Math.min(endsAt, startsAt + (late ?? DAY)) + 600];
}

/** The first index from `low` to `high` at which `holds` does; it must hold from there on. */
function firstIndex(low: number, high: number, holds: (index: number) => boolean): number {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * How many codes are accepted at each of `moments` (rising). A code is entered on both sides of where its acceptance
 * is guessed to begin and to end; where a guess is wrong, it is entered until both borders are found. That a code is
 * accepted without a break from one to the other is checked at single moments, by brute force.
 */
function countsAt(door: Door, codes: readonly Code[], moments: readonly number[]): readonly number[] {
  const changes = new Array<number>(moments.length + 1).fill(0);
  for (const { code, grant } of codes) {
    const is = (index: number): boolean => {
      const now = moments[index];
      return now !== undefined && accepts(door, door.fresh, code, now);
    };
    const indexOf = (limit: number): number =>
      firstIndex(0, moments.length, (index) => (moments[index] ?? 0) >= limit);
    let [opens = 0, shuts = 0] = guessOf(grant).map(indexOf);
    const middle = (opens + shuts) >> 1;
    if (opens >= shuts && !is(opens) && !is(opens - 1)) continue;
    if (is(middle)) {
      if (!is(opens) || is(opens - 1)) opens = firstIndex(0, middle, is);
      if (!is(shuts - 1) || is(shuts)) shuts = firstIndex(middle, moments.length, (index) => !is(index));
    } else {
      const found = moments.findIndex((_, index) => is(index));
      opens = Math.max(found, 0);
      shuts = found < 0 ? 0 : firstIndex(found, moments.length, (index) => !is(index));
    }
    changes[opens] = (changes[opens] ?? 0) + 1;
    changes[shuts] = (changes[shuts] ?? 0) - 1;
  }
  let count = 0;
  return moments.map((_, index) => {
    count += changes[index] ?? 0;
    return count;
  });
}

/** Every quarter of an hour of a local day with an hour on each side, and the borders of every hour and local time. */
function momentsOf(door: Door, day: string, times: readonly string[]): readonly number[] {
  const noon = at(`${day}T12:00Z`);
  const moments = new Set<number>();
  for (let minute = noon - 36 * HOUR; minute < noon + 36 * HOUR; minute += 60) {
    const local = new Date(door.localAt(minute) * 1000).toISOString();
    const inDay = [minute - HOUR, minute, minute + HOUR].some(
      (near) => new Date(door.localAt(near) * 1000).toISOString().slice(0, 10) === day,
    );
    if (!inDay) continue;
    if (minute % 900 === 0) moments.add(minute);
    if ((minute - door.shift) % HOUR === 0 || times.includes(local.slice(11, 16)))
      for (const offset of AROUND) moments.add(minute + offset);
  }
  return [...moments].sort((a, b) => a - b);
}

const DEFAULT: Stays = [
  ['15:00', '11:00'],
  ['16:00', '10:00'],
];
/** The most greedy settings that there are: both pairs the same, and the whole day. */
const ALL_DAY: Stays = [
  ['00:00', '23:59'],
  ['00:00', '23:59'],
];
const NOON: Stays = [
  ['12:00', '11:59'],
  ['12:00', '12:00'],
];
const IN_THE_DOUBLE_HOUR: Stays = [
  ['00:30', '00:29'],
  ['00:00', '00:59'],
];

/** The days, the settings, and the largest V of the day for both epochs together, without records. */
const DAYS: readonly (readonly [what: string, zone: string, day: string, stays: Stays, worst: number])[] = [
  ['an ordinary day', 'Europe/Lisbon', '2026-02-11', DEFAULT, 834],
  ['the clock goes forward', 'Europe/Lisbon', '2026-03-29', DEFAULT, 834],
  ['the clock goes back', 'Europe/Lisbon', '2026-10-25', DEFAULT, 834],
  ['midnight comes twice', 'America/Havana', '2026-11-01', DEFAULT, 834],
  ['greedy stays', 'Europe/Lisbon', '2026-02-11', ALL_DAY, 950],
  ['greedy stays, the clock goes forward', 'Europe/Lisbon', '2026-03-30', ALL_DAY, 950],
  ['greedy stays, the clock goes back', 'Europe/Lisbon', '2026-10-26', ALL_DAY, 950],
  ['greedy stays, midnight comes twice', 'America/Havana', '2026-11-01', ALL_DAY, 950],
  ['greedy stays, midnight is missing', 'Africa/Cairo', '2026-04-24', ALL_DAY, 950],
  ['greedy stays, half an hour back', 'Australia/Lord_Howe', '2026-04-05', ALL_DAY, 950],
  ['stays in the hour that comes twice', 'America/Havana', '2026-11-01', IN_THE_DOUBLE_HOUR, 946],
  ['stays from noon to noon', 'Asia/Kathmandu', '2026-02-11', NOON, 890],
];

const iso = (instant: number): string => new Date(instant * 1000).toISOString();

/** Digits from a fixed row, to sample what was not swept. */
function* someDigits(count: number): Generator<string> {
  let x = 20260301;
  for (let i = 0; i < count; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    yield String(x % 1e9).padStart(9, '0');
  }
}

describe('pintumbler, 9 digits, two live epochs: V by keying every code in', () => {
  // An epoch is swept at every moment; both together at the worst and at the quietest.
  it.each(DAYS)('%s (%s, %s, stays %j): V ≤ %i', (_, zone, day, stays, worst) => {
    const door = doorOf(zone, stays);
    const moments = momentsOf(door, day, ['00:00', ...stays.flat()]);
    const [first = 0] = moments;
    const last = moments.at(-1) ?? 0;
    const codes = codesOf(door, first - 25 * HOUR, last + HOUR, first - 4 * DAY);
    for (const epoch of EPOCHS.slice(0, 1)) {
      const counts = countsAt(
        door,
        codes.filter((each) => each.epoch === epoch),
        moments,
      );
      for (const count of [Math.max(...counts), Math.min(...counts)]) {
        const now = moments[counts.indexOf(count)] ?? 0;
        expect(acceptedOf(door, door.fresh, codes, now).size, iso(now)).toBe(2 * count);
      }
      expect(2 * Math.max(...counts)).toBe(worst);
    }
    expect(worst).toBeLessThanOrEqual(1000 - 48);
  });

  const worstDoor = doorOf('Europe/Lisbon', ALL_DAY);
  const worstMoment = at('2026-02-11T00:00Z') - 600;

  it('what the sweep keys in is what mint mints', () => {
    const codes = codesOf(worstDoor, worstMoment - 3 * HOUR, worstMoment + HOUR, worstMoment - DAY);
    expect(codes.length).toBeGreaterThan(500);
    for (const { code, epoch, grant } of codes)
      expect(mint(worstDoor.tokens[epoch] as DeviceToken, grant)).toBe(code);
  });

  it('nothing else is accepted: 40 days of starts, reserved payloads, any digits', () => {
    const near = codesOf(worstDoor, worstMoment - 26 * HOUR, worstMoment + HOUR, worstMoment - 4 * DAY);
    const accepted = acceptedOf(worstDoor, worstDoor.fresh, near, worstMoment);
    expect(accepted.size).toBe(950);
    const far = codesOf(worstDoor, worstMoment - 10 * DAY, worstMoment + 2 * DAY, worstMoment - 38 * DAY);
    for (const code of acceptedOf(worstDoor, worstDoor.fresh, far, worstMoment))
      expect(accepted.has(code)).toBe(true);
    const slotNow = Math.floor((worstMoment - EPOCH) / HOUR);
    for (const epoch of EPOCHS) {
      for (let slot = slotNow - 26; slot <= slotNow + 26; slot += 5) {
        for (let rest = 0; rest < 256; rest++) {
          const isSwept = rest < 115 && (rest < 24 || rest >= 108 || slot % 24 === 0);
          if (isSwept) continue;
          const code = ours(epoch, slot, rest);
          expect(accepts(worstDoor, worstDoor.fresh, code, worstMoment)).toBe(false);
        }
      }
    }
    let samples = 0;
    for (const code of someDigits(deep(10_000))) {
      if (accepts(worstDoor, worstDoor.fresh, code, worstMoment)) expect(accepted.has(code)).toBe(true);
      samples++;
    }
    expect(samples).toBe(deep(10_000));
  });

  /** Daily codes whose first-use deadline has passed at `worstMoment` and that are open then: 48 of them. */
  const guests: readonly string[] = EPOCHS.flatMap((epoch) =>
    Array.from({ length: 24 }, (_, i) => {
      const startsAt = at('2026-02-07T00:00Z');
      const grant = { kind: 'daily', variance: 0, startsAt, endsAt: startsAt + (i + 5) * DAY };
      return mint(worstDoor.tokens[epoch] as DeviceToken, grant);
    }),
  );

  /** The state after these codes were keyed in, one after the other, and accepted. */
  function after(codes: readonly string[], now: number): LockState {
    let state = worstDoor.fresh;
    for (const code of codes) {
      const entry = enter(worstDoor.lock, state, code, now);
      expect(entry.verdict).toMatchObject({ accepted: true, reason: 'first_use' });
      state = entry.state;
    }
    return state;
  }

  const checkIn = at('2026-02-07T12:00Z');
  const overSoon = mint(worstDoor.tokens[0] as DeviceToken, {
    kind: 'hourly',
    variance: 0,
    startsAt: checkIn,
    endsAt: checkIn + HOUR,
  });
  const swept = (): readonly Code[] =>
    codesOf(worstDoor, worstMoment - 26 * HOUR, worstMoment + HOUR, worstMoment - 5 * DAY);
  const recorded = guests.map((code) => ({ code }));

  it.each([
    [997, '47 guests and room for one more', guests.slice(0, 47)],
    [997, '47 guests and a record that may go', [overSoon, ...guests.slice(0, 47)]],
    // Whatever needs a record is refused: the guests are left, hours up to 8, one day, one night, and the clear code.
    [178, '48 guests and no room', guests],
  ] as const)('V = %i at the worst moment with %s', (count, _, keyed) => {
    const state = after(keyed, checkIn);
    expect(state.records).toHaveLength(keyed.length);
    const accepted = acceptedOf(worstDoor, state, [...swept(), ...recorded], worstMoment);
    expect(accepted.size).toBe(count);
    expect(count).toBeLessThanOrEqual(1000);
  });

  it('while the clock is unset nothing opens; 400 days of set_clock codes, 76,802, are accepted', () => {
    const door = doorOf('Europe/Lisbon');
    const stored = at('2026-01-01T00:00Z');
    const unset = loseClock(door.lock, door.fresh);
    const first = (stored - EPOCH) / HOUR;
    const reach = 400 * 24;
    let set = 0;
    // Every slot near both ends, every fourth between them.
    for (let k = -3; k <= reach + 3; k++) {
      if (k > 3 && k < reach - 3 && k % 4 !== 0) continue;
      for (let rest = 111; rest < 115; rest++) {
        const verdicts = EPOCHS.slice(k % 64 === 0 ? 0 : 1).map(
          (epoch) => enter(door.lock, unset, ours(epoch, first + k, rest), stored).verdict,
        );
        const isWithin = k >= 0 && (k < reach || (k === reach && rest === 111));
        for (const { accepted, opens } of verdicts) {
          expect(opens).toBe(false);
          expect(accepted, `slot ${k}, ${rest}`).toBe(isWithin);
        }
        if (verdicts[0]?.accepted && k % 4 === 0) set++;
      }
    }
    expect(set, 'a quarter of the 38,401 of each live epoch').toBe(reach + 1);
    const opening = codesOf(door, stored - 9 * HOUR, stored + HOUR, stored - 3 * DAY).filter(
      ({ grant }) => grant.kind !== 'set_clock',
    );
    expect(opening.length).toBeGreaterThan(500);
    expect(acceptedOf(door, unset, opening, stored).size).toBe(0);
  });
});

describe('igloohome: V by keying every code in', () => {
  const S = 3038;
  const digits = sealer('igloohome/1', S);
  const tokenOf = (vendor: Vendor, epoch: number): DeviceToken =>
    createToken({ vendor, deviceId: DEVICE, root: ROOT, epoch, timeZone: 'UTC' });
  const now = at('2026-03-01T15:20Z');
  const slotNow = Math.floor((now - EPOCH) / HOUR);

  it('47,556 hourly, 24,408 daily and 120 one_time codes of one epoch: 72,084', () => {
    const lock = createLock([deriveToken(tokenOf(igloohome, 0))]);
    const fresh = initialState(lock, now);
    const byKind = new Map<string, number>();
    for (let slot = slotNow - 25; slot <= slotNow + 1; slot++) {
      for (let rest = 0; rest < S; rest++) {
        const { verdict } = enter(lock, fresh, digits(0, slot, rest), now);
        if (verdict.accepted) byKind.set(verdict.grant.kind, (byKind.get(verdict.grant.kind) ?? 0) + 1);
      }
    }
    expect(Object.fromEntries(byKind)).toEqual({ hourly: 47_556, daily: 24_408, one_time: 120 });
  });

  it('twice that where the lock holds the root and so two epochs (every 17th code of the second)', () => {
    const lock = createLock([tokenOf(igloohome, 0)]);
    const fresh = initialState(lock, now);
    let accepted = 0;
    for (let slot = slotNow - 25; slot <= slotNow + 1; slot++) {
      for (let rest = slot % 17; rest < S; rest += 17) {
        const older = enter(lock, fresh, digits(0, slot, rest), now).verdict;
        const newer = enter(lock, fresh, digits(1, slot, rest), now).verdict;
        expect(newer.accepted).toBe(older.accepted);
        if (newer.accepted) accepted++;
      }
    }
    expect(Math.abs(accepted * 17 - 72_084)).toBeLessThan(1000);
  });

  it('starts further away open nothing', () => {
    const lock = createLock([tokenOf(igloohome, 0)]);
    const fresh = initialState(lock, now);
    for (let hours = 26; hours < 400 * 24; hours += 7) {
      for (const slot of [slotNow - hours, slotNow + hours]) {
        const code = digits(0, slot, hours % S);
        expect(enter(lock, fresh, code, now).verdict.accepted, `${slot}`).toBe(false);
      }
    }
  });
});
