/**
 * A crowd at the facade: more guests than codes, in windows that many want at once, and what each door must have given out
 * when all were answered. Used by many writers on one store (`test/seam/many.test.ts`), in one process or several.
 */
import { randomUUID } from 'node:crypto';
import { apiKeyHash, type SeamDevice, type Store, seamHandler } from 'pintumbler/seam';
import { hotp, igloohome, lockly, pintumbler } from 'pintumbler/vendors';
import { type Answer, deviceFor, tiny, type Values } from '../seam/support.ts';
import { at } from './helpers.ts';
import { API_KEY } from './seam-world.ts';

export const NOW = at('2026-12-01T00:00Z');
const HOUR = 3600;
const DAY = 24 * HOUR;

/** Doors by what is scarce at them. */
export const DOORS = {
  single: deviceFor(pintumbler, 1),
  four: deviceFor(pintumbler, 2, 'UTC', { digits: 10 }),
  bands: deviceFor(igloohome, 3),
  full: deviceFor(igloohome, 4),
  full2: deviceFor(igloohome, 5),
  small: deviceFor(lockly, 6),
  small2: deviceFor(lockly, 7),
  /** A hundred digits: those of one window are soon another's. */
  narrow: deviceFor(tiny, 8),
  counter: deviceFor(hotp, 9),
  left: deviceFor(pintumbler, 10),
  right: deviceFor(pintumbler, 11),
  cleared: deviceFor(pintumbler, 12),
} as const;

export type DoorName = keyof typeof DOORS;

/** One window, and how many want a code of it. */
export interface Booking {
  readonly door: DoorName;
  readonly kind: string;
  readonly startsAt: number;
  /** Absent: what the vendor's code has. */
  readonly endsAt?: number;
  /** The codes that the vendor has for it. */
  readonly supply: number;
  readonly demand: number;
}

/** A request, and the window that it is for. */
export interface Wish {
  readonly path: string;
  readonly values: Values;
  readonly booking?: Booking;
}

const stamp = (seconds: number): string => new Date(seconds * 1000).toISOString();

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** Windows of a length, one after each step. */
function windows(
  of: Pick<Booking, 'door' | 'kind' | 'supply' | 'demand'>,
  count: number,
  step: number,
  length: number | undefined,
  first: number = NOW + DAY,
): readonly Booking[] {
  return numbers(count).map((index) => {
    const startsAt = first + index * step;
    return { ...of, startsAt, ...(length !== undefined && { endsAt: startsAt + length }) };
  });
}

/** The windows of every door. What the vendors publish: codes a window, 199 and 50 codes a lock. */
function bookingsOf(size: number): readonly Booking[] {
  const of = (door: DoorName, kind: string, supply: number, demand: number) => ({
    door,
    kind,
    supply,
    demand,
  });
  /** Where a lock is full, the windows stay as they are, and more want them: always more than there are codes. */
  const crowded = (door: DoorName, kind: string, supply: number, demand: number) =>
    of(door, kind, supply, Math.max(supply + 1, Math.ceil(demand * size)));
  const some = (count: number): number => Math.ceil(count * size);
  const night = NOW + DAY + 15 * HOUR;
  return [
    ...windows(of('single', 'hourly', 1, 17), some(90), HOUR, 3 * HOUR),
    ...windows(of('single', 'daily', 1, 17), some(30), DAY, DAY),
    ...windows(of('single', 'stay', 1, 17), some(30), DAY, 20 * HOUR, night),
    ...windows(of('single', 'one_time', 2, 17), some(30), HOUR, undefined),
    ...windows(of('four', 'hourly', 4, 22), some(90), HOUR, 5 * HOUR),
    ...windows(of('four', 'stay', 4, 22), some(30), DAY, 44 * HOUR, night),
    ...windows(of('four', 'one_time', 8, 22), some(30), HOUR, undefined),
    ...windows(crowded('bands', 'hourly', 3, 20), 14, HOUR, 6 * HOUR),
    ...windows(crowded('bands', 'daily', 3, 20), 14, DAY, 30 * DAY),
    ...windows(crowded('bands', 'one_time', 5, 20), 6, HOUR, undefined),
    ...(['full', 'full2'] as const).flatMap((door) =>
      windows(crowded(door, 'hourly', 3, 7), 84, HOUR, 2 * HOUR),
    ),
    ...(['small', 'small2'] as const).flatMap((door) =>
      windows(crowded(door, 'time_bound', 1, 5), 70, HOUR, 4 * HOUR),
    ),
    ...windows(crowded('narrow', 'hourly', 3, 10), 30, HOUR, HOUR),
    // Of each start several lengths: one clear code ends them all.
    ...numbers(8).flatMap((length) => windows(of('cleared', 'hourly', 1, 1), 6, DAY, (2 + length) * HOUR)),
  ];
}

function wishesOf(booking: Booking): readonly Wish[] {
  const { door, startsAt, endsAt, demand } = booking;
  const values = {
    device_id: DOORS[door].deviceId,
    is_offline_access_code: true,
    starts_at: stamp(startsAt),
    ...(endsAt === undefined ? { is_one_time_use: true } : { ends_at: stamp(endsAt) }),
  };
  return numbers(demand).map((index) => ({
    path: 'access_codes/create',
    values: { ...values, name: `Guest ${index}` },
    booking,
  }));
}

/** Doors where windows have few codes: those of one are asked for in a row, and their variances are what writers meet at. */
const BY_WINDOW: readonly DoorName[] = ['single', 'four', 'bands', 'cleared'];

/** At the others one of every window is, again and again: the writers meet at what the lock holds, and at digits. */
function lineOf(door: DoorName, bookings: readonly Booking[]): readonly Wish[] {
  const lines = bookings.filter((booking) => booking.door === door).map(wishesOf);
  if (BY_WINDOW.includes(door)) return lines.flat();
  const longest = Math.max(...lines.map(({ length }) => length));
  return numbers(longest).flatMap((index) => lines.flatMap((line) => line[index] ?? []));
}

/** How often a group is asked for: its answer was lost again and again. */
export const REPEATS = 4;

/**
 * The same request several times, which is one. Two groups want the one code of each window: of the second nothing is
 * reserved, and only the replay key knows that it was there already.
 */
const groups = (count: number): readonly Wish[] =>
  numbers(2 * count).flatMap((index) => {
    const startsAt = NOW + DAY + Math.floor(index / 2) * HOUR;
    const values = {
      device_ids: [DOORS.left.deviceId, DOORS.right.deviceId],
      behavior_when_code_cannot_be_shared: 'create_random_code',
      name: `Group ${index}`,
      starts_at: stamp(startsAt),
      ends_at: stamp(startsAt + 7 * HOUR),
    };
    return numbers(REPEATS).map(() => ({ path: 'access_codes/create_multiple', values }));
  });

/** mulberry32: whole numbers below a bound, the same for the same seed. */
export function random(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** In bursts, so that writers meet: up to forty of one door in a row. */
function inBursts(lines: readonly (readonly Wish[])[], seed: number): readonly Wish[] {
  const below = random(seed);
  const left = lines.map((line) => [...line]);
  const all: Wish[] = [];
  for (let some = left; some.length > 0; some = some.filter((line) => line.length > 0)) {
    const line = some[below(some.length)] ?? [];
    all.push(...line.splice(0, 1 + below(40)));
  }
  return all;
}

export interface Crowd {
  readonly bookings: readonly Booking[];
  readonly wishes: readonly Wish[];
}

/** Of size 1 it asks ten thousand times: those that count take what the windows leave. */
export function crowdOf(size: number, seed: number): Crowd {
  const bookings = bookingsOf(size);
  const repeated = groups(Math.ceil(60 * size));
  const doors = [...new Set(bookings.map(({ door }) => door))];
  const lines = doors.map((door) => lineOf(door, bookings));
  const left = Math.max(100, 10_000 * size - repeated.length - lines.flat().length);
  const values = { device_id: DOORS.counter.deviceId, is_offline_access_code: true, is_one_time_use: true };
  const counted = numbers(left).map(() => ({ path: 'access_codes/create', values }));
  return { bookings, wishes: inBursts([...lines, repeated, counted], seed) };
}

/** Requests of one writer that are under way at a time. */
export const LANES = 2;

/** One who asks. Undefined: the database or the writer was gone, and whether anything was written, nobody knows. */
export type Ask = (path: string, values: Values) => Promise<Answer | undefined>;

/**
 * What the driver says while a database is away, by the codes of PostgreSQL (appendix A of its manual: class 08, and
 * admin_shutdown, crash_shutdown, cannot_connect_now) and of the network.
 */
const AWAY = /^(08|57P0[123]|ECONN|EPIPE)/;
const GONE =
  /^Connection terminated|connection error and is not queryable|timeout exceeded when trying to connect/;

function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && AWAY.test(String(error.code))) || GONE.test(error.message);
}

/** The facade at a moment that stays, over a store that is opened when it is needed first. */
export function asker(open: () => Promise<Store>): Ask {
  const errors = new Map<string, unknown>();
  const make = async () =>
    seamHandler({
      devices: Object.values<SeamDevice>(DOORS),
      store: await open(),
      rateLimits: false,
      now: () => NOW,
      uuid: randomUUID,
      apiKeys: [apiKeyHash(API_KEY)],
      onError: (error, requestId) => errors.set(requestId, error),
    });
  let made: Awaited<ReturnType<typeof make>> | undefined;
  return async (path, values) => {
    try {
      made ??= await make();
      const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
      const request = { method: 'POST', headers, body: JSON.stringify(values) };
      const response = await made(new Request(`http://facade/${path}`, request));
      if (response.status === 500) throw errors.get(response.headers.get('seam-request-id') ?? '');
      return { status: response.status, body: JSON.parse(await response.text()) };
    } catch (error) {
      if (!isAway(error)) throw error;
      return undefined;
    }
  };
}

export interface Acknowledged {
  readonly wish: Wish;
  readonly answer: Answer;
}

const PAUSE = 20;

/**
 * Asks everything of some writers, each of them several things at once, and again where no answer came.
 *
 * @param after hears how many were answered
 */
export async function askAll(
  wishes: readonly Wish[],
  writers: readonly Ask[],
  after: (answered: number) => void = () => undefined,
): Promise<readonly Acknowledged[]> {
  const left = [...wishes].reverse();
  const all: Acknowledged[] = [];
  async function lane(ask: Ask): Promise<void> {
    for (let wish = left.pop(); wish; wish = left.pop()) {
      const answer = await ask(wish.path, wish.values);
      if (answer) {
        all.push({ wish, answer });
        after(all.length);
      } else {
        left.push(wish);
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
  }
  try {
    await Promise.all(writers.flatMap((ask) => numbers(LANES).map(() => lane(ask))));
    return all;
  } finally {
    // Where one has failed, the others are not to go on.
    left.length = 0;
  }
}
