/**
 * The store that comes along: everything in memory, and gone with it. `store.ts` has the contract.
 *
 * No method awaits anything, so nothing comes between the conditions of a `write` and what it writes. Records come in as
 * frozen copies: what goes out can be handed out as it is. Time is what the caller says, forward or backward; only what
 * ends by itself, replay keys and counted calls, may be forgotten once it was over.
 */
import { firstAbove, Peaks, Tally } from './instants.ts';
import {
  type ActiveQuery,
  type Batch,
  type CodeQuery,
  type CodeRecord,
  type Conflict,
  lastMoment,
  type Place,
  type Reservation,
  type Store,
  type StoredCode,
} from './store.ts';

/** A deep, frozen copy. */
function frozen<T>(value: T): T;
function frozen(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map((each) => frozen(each)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, each]) => [name, frozen(each)])));
}

const endOf = (instant: number | null): number => instant ?? Number.POSITIVE_INFINITY;

const isGone = ({ goneAt }: CodeRecord, now: number): boolean => endOf(goneAt) <= now;

/** What was given out of one device. */
class Reserved {
  /** Variances of each window, ascending. */
  readonly #windows = new Map<string, number[]>();
  /** Until when digits are taken: the latest, for they may have been given out again. */
  readonly #codes = new Map<string, number>();
  readonly #untils = new Tally();

  variances(window: string): readonly number[] {
    return this.#windows.get(window) ?? [];
  }

  has({ window, variance }: Reservation): boolean {
    const variances = this.variances(window);
    return variances[firstAbove(variances, variance) - 1] === variance;
  }

  isTaken({ code }: Reservation, now: number): boolean {
    return (this.#codes.get(code) ?? Number.NEGATIVE_INFINITY) > now;
  }

  count(now: number): number {
    return this.#untils.countAbove(now);
  }

  add({ window, variance, code, until }: Reservation): void {
    const variances = this.#windows.get(window) ?? [];
    variances.splice(firstAbove(variances, variance), 0, variance);
    this.#windows.set(window, variances);
    const end = endOf(until);
    this.#codes.set(code, Math.max(this.#codes.get(code) ?? end, end));
    this.#untils.add(end);
  }
}

/** Access codes in order of creation, each with a time: those that are over by then are passed without a look. */
class Roll {
  readonly #timeOf: (code: StoredCode) => number;
  readonly #codes: StoredCode[] = [];
  readonly #seqs: number[] = [];
  readonly #times = new Peaks();

  constructor(timeOf: (code: StoredCode) => number) {
    this.#timeOf = timeOf;
  }

  put(code: StoredCode): void {
    const index = firstAbove(this.#seqs, code.seq - 1);
    this.#codes[index] = code;
    this.#seqs[index] = code.seq;
    this.#times.set(index, this.#timeOf(code));
  }

  /** Those behind a place, whose time is later. */
  *later(after: number, time: number): Generator<StoredCode> {
    let index = this.#times.next(firstAbove(this.#seqs, after), time);
    while (index !== undefined) {
      const code = this.#codes[index];
      if (code) yield code;
      index = this.#times.next(index + 1, time);
    }
  }
}

const rollOfPresent = (): Roll => new Roll(({ goneAt }) => endOf(goneAt));

/** Ids of access codes under words that can change. */
class Index {
  readonly #ids = new Map<string, Set<string>>();

  get(word: string): Iterable<string> {
    return this.#ids.get(word) ?? [];
  }

  add(word: string, id: string): void {
    const ids = this.#ids.get(word);
    if (ids) ids.add(id);
    else this.#ids.set(word, new Set([id]));
  }

  delete(word: string, id: string): void {
    const ids = this.#ids.get(word);
    ids?.delete(id);
    if (ids?.size === 0) this.#ids.delete(word);
  }
}

/** How many of what ends by itself are kept before anybody looks what is over. */
const FEW = 1024;

/** What ends by itself. Over or not, it is there until it is swept out: whenever there are twice as many as last time. */
class Passing<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly until: number }>();
  #most: number = FEW;

  get(key: string): { readonly value: V; readonly until: number } | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V, until: number, now: number): void {
    this.#entries.set(key, { value, until });
    if (this.#entries.size <= this.#most) return;
    for (const [each, entry] of this.#entries) if (entry.until <= now) this.#entries.delete(each);
    this.#most = Math.max(FEW, 2 * this.#entries.size);
  }
}

/** Digits belong to a device: one word of both. */
const digitsOf = (deviceId: string, code: string): string => JSON.stringify([deviceId, code]);

class MemoryStore implements Store {
  readonly #reserved = new Map<string, Reserved>();
  readonly #codes = new Map<string, StoredCode>();
  readonly #present = rollOfPresent();
  readonly #presentOf = new Map<string, Roll>();
  readonly #active = new Roll((code) => endOf(lastMoment(code)));
  readonly #byDigits = new Index();
  readonly #byKey = new Index();
  /** Ids of access codes by those of their attempts. */
  readonly #attempts = new Map<string, string>();
  readonly #replays = new Passing<readonly string[]>();
  /** When calls were made. */
  readonly #calls = new Passing<readonly number[]>();

  #versionConflict(codes: readonly CodeRecord[]): Conflict | undefined {
    const versions = new Map<string, number>();
    for (const [index, { id, version }] of codes.entries()) {
      const before = versions.get(id) ?? this.#codes.get(id)?.version ?? 0;
      if (version !== before + 1) return { reason: 'version', index };
      versions.set(id, version);
    }
    return undefined;
  }

  #reservationConflict({ reservations, now, most }: Batch): Conflict | undefined {
    // What the batch itself gives out counts like what was given out before.
    const added = new Map<string, Reserved>();
    for (const [index, reservation] of reservations.entries()) {
      const { deviceId, until } = reservation;
      const own = added.get(deviceId) ?? new Reserved();
      const before = this.#reserved.get(deviceId);
      if (own.has(reservation) || before?.has(reservation)) return { reason: 'variance', index };
      if (endOf(until) > now) {
        if (own.isTaken(reservation, now) || before?.isTaken(reservation, now))
          return { reason: 'code', index };
        // Not `most[deviceId]` alone: a device by the name of "constructor" would find a function.
        const room = (Object.hasOwn(most, deviceId) ? most[deviceId] : undefined) ?? Number.POSITIVE_INFINITY;
        // Counting is not free, and most devices have no limit.
        if (room !== Number.POSITIVE_INFINITY && own.count(now) + (before?.count(now) ?? 0) >= room)
          return { reason: 'space', index };
      }
      own.add(reservation);
      added.set(deviceId, own);
    }
    return undefined;
  }

  #forget({ id, deviceId, issued, commonCodeKey }: StoredCode): void {
    if (issued) this.#byDigits.delete(digitsOf(deviceId, issued.code), id);
    if (commonCodeKey !== null) this.#byKey.delete(commonCodeKey, id);
  }

  #keep(code: StoredCode): void {
    const { id, deviceId, issued, commonCodeKey, attempts } = code;
    const before = this.#codes.get(id);
    if (before) this.#forget(before);
    this.#codes.set(id, code);
    const ofDevice = this.#presentOf.get(deviceId) ?? rollOfPresent();
    this.#presentOf.set(deviceId, ofDevice);
    for (const roll of [this.#present, ofDevice, this.#active]) roll.put(code);
    if (issued) this.#byDigits.add(digitsOf(deviceId, issued.code), id);
    if (commonCodeKey !== null) this.#byKey.add(commonCodeKey, id);
    for (const attempt of attempts) this.#attempts.set(attempt.id, id);
  }

  /** Frozen copies of access codes, new ones numbered. */
  #numbered(codes: readonly CodeRecord[]): readonly StoredCode[] {
    const seqs = new Map<string, number>();
    return codes.map((code) => {
      const seq = this.#codes.get(code.id)?.seq ?? seqs.get(code.id) ?? this.#codes.size + seqs.size + 1;
      if (!this.#codes.has(code.id)) seqs.set(code.id, seq);
      return frozen({ ...code, seq });
    });
  }

  async write(batch: Batch): Promise<Conflict | undefined> {
    const { codes, reservations, now, replay } = batch;
    if (replay && (this.#replays.get(replay.key)?.until ?? now) > now) return { reason: 'replay' };
    const conflict = this.#versionConflict(codes) ?? this.#reservationConflict(batch);
    if (conflict) return conflict;
    // Copies first: a record that cannot be read must not leave half a batch behind.
    const numbered = this.#numbered(codes);
    for (const reservation of reservations) {
      const reserved = this.#reserved.get(reservation.deviceId) ?? new Reserved();
      this.#reserved.set(reservation.deviceId, reserved);
      reserved.add(reservation);
    }
    for (const code of numbered) this.#keep(code);
    if (replay) this.#replays.set(replay.key, Object.freeze(numbered.map(({ id }) => id)), replay.until, now);
    return undefined;
  }

  async taken(places: readonly Place[]): Promise<readonly (readonly number[])[]> {
    return places.map(({ deviceId, window }) => [...(this.#reserved.get(deviceId)?.variances(window) ?? [])]);
  }

  async last({ deviceId, window }: Place): Promise<number | undefined> {
    return this.#reserved.get(deviceId)?.variances(window).at(-1);
  }

  /** Those of some ids that are there and not gone. */
  #some(ids: Iterable<string>, now: number): readonly StoredCode[] {
    return [...ids].flatMap((id) => {
      const code = this.#codes.get(id);
      return code && !isGone(code, now) ? [code] : [];
    });
  }

  #page({ deviceId, after, limit, now }: CodeQuery & { readonly by: 'page' }): readonly StoredCode[] {
    const roll = deviceId === undefined ? this.#present : this.#presentOf.get(deviceId);
    const page: StoredCode[] = [];
    if (!roll || limit < 1) return page;
    for (const code of roll.later(after, now)) {
      page.push(code);
      if (page.length >= limit) break;
    }
    return page;
  }

  async find(query: CodeQuery): Promise<readonly StoredCode[]> {
    const { now } = query;
    if (query.by === 'page') return this.#page(query);
    if (query.by === 'ids') return this.#some(query.ids, now);
    const ids =
      query.by === 'code'
        ? this.#byDigits.get(digitsOf(query.deviceId, query.code))
        : this.#byKey.get(query.key);
    // By order of creation: an access code that was changed comes into its index late.
    const found = [...this.#some(ids, now)].sort((one, other) => one.seq - other.seq);
    if (query.by === 'common_code_key') return found;
    return found.filter(({ issued }) => issued !== null && issued.assignedAt <= now).slice(-1);
  }

  async attempt(id: string): Promise<StoredCode | undefined> {
    const code = this.#attempts.get(id);
    return code === undefined ? undefined : this.#codes.get(code);
  }

  async active({ since, until, ids, deviceIds }: ActiveQuery): Promise<readonly StoredCode[]> {
    const [among, of] = [ids && new Set(ids), deviceIds && new Set(deviceIds)];
    // Whole seconds: from `since` on is later than the second before.
    return [...this.#active.later(0, since - 1)].filter(
      ({ id, deviceId, createdAt }) =>
        createdAt <= until && (among?.has(id) ?? true) && (of?.has(deviceId) ?? true),
    );
  }

  async replayed(key: string, now: number): Promise<readonly string[] | undefined> {
    const entry = this.#replays.get(key);
    return entry && entry.until > now ? entry.value : undefined;
  }

  async allow(key: string, now: number, most: number, seconds: number): Promise<boolean> {
    const entry = this.#calls.get(key);
    const calls = (entry?.value ?? []).filter((at) => at > now - seconds);
    // Calls of a later time were made by a clock that was set back since: they are not before this one.
    if (calls.filter((at) => at <= now).length >= most) return false;
    this.#calls.set(key, [...calls, now], Math.max(entry?.until ?? 0, now + seconds), now);
    return true;
  }
}

/**
 * A store in memory: for tests, demonstrations and issuers that give codes out once. What was given out is forgotten with
 * the process, and then variances are given out again: keep a database for locks that are in use.
 *
 * Every call does its work at once, so `write` is atomic. Its costs grow with the logarithm of what is stored, and with
 * what is answered. A replay key, or calls counted by `allow`, may be forgotten once a `now` was past their end.
 *
 * @returns a `Store` without anything in it; its methods throw nothing of their own.
 * @example
 * import { memoryStore } from 'pintumbler/seam';
 * const store = memoryStore();
 * const stay = { deviceId: 'door-7', window: 'stay/1772380800', variance: 0, code: '482901377', until: 1772622000 };
 * const batch = { codes: [], reservations: [stay], now: 1772380800, most: {} };
 * console.log((await store.write(batch)) === undefined); // true
 * console.log((await store.write(batch))?.reason); // variance
 * const next = { ...stay, variance: 1 };
 * console.log((await store.write({ ...batch, reservations: [next] }))?.reason); // code
 * console.log((await store.taken([stay])).join()); // 0
 */
export function memoryStore(): Store {
  return new MemoryStore();
}
