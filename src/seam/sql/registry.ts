/**
 * The registry in a database: the six promises of `store.ts`, for many servers at once.
 *
 * A `write` looks, decides and writes. The look is one statement, and names the conflict if there is one. The write is one
 * statement as well, and holds only what was decided: a key or a check of the schema is in the way of what came in between,
 * and so is the version that was seen of what changes. Then it fails as a whole, and everything begins with another look.
 * So it is right under every isolation from READ COMMITTED up, and nothing is locked for longer than a statement.
 *
 * It relies on keys, checks, foreign keys, indexes and identity columns; on INSERT … ON CONFLICT DO UPDATE … WHERE, several of
 * them in one statement by WITH, each of another table; on jsonb_to_recordset, json_agg and md5; on FOR UPDATE SKIP LOCKED, for
 * webhooks. Not on transactions over several statements, advisory locks, LISTEN, triggers, stored procedures or
 * extensions. Where an identity column does not count up in order of time, neither does `seq`.
 */
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
} from '../store.ts';
import {
  isStorable,
  isWriteRace,
  MOST_RACES,
  numberIn,
  type Row,
  type SqlDatabase,
  textIn,
  textOf,
} from './database.ts';
import type { Sealing } from './sealing.ts';

/** For good. */
const FOREVER = Number.MAX_SAFE_INTEGER;

const endOf = (instant: number | null): number => instant ?? FOREVER;

/** Access codes that are opened in one go. */
const FEW = 250;

/** `c.seq` in what follows: `seq` alone would be the text, which sorts as words do. */
const CODES = 'SELECT c.id, c.seq::text AS seq, c.record FROM pintumbler_codes c';

/**
 * The next of a device that are not gone. By OFFSET those are found first: else the planner, which takes a door to have as
 * many that are gone as all have, would walk through all that it ever had.
 */
const PRESENT = `
  SELECT p.seq FROM (
    SELECT seq FROM pintumbler_codes WHERE device_id = $4 AND gone_at > $1 OFFSET 0
  ) p WHERE p.seq > $2 ORDER BY p.seq LIMIT $3`;

const placeOf = (id: string): string => `code/${id}`;

/** An access code of a row with the columns `id`, `seq` and `record`. */
export async function openCode(sealing: Sealing, row: Row): Promise<StoredCode> {
  const record: CodeRecord = JSON.parse(
    await sealing.open(placeOf(textIn(row, 'id')), textIn(row, 'record')),
  );
  return { ...record, seq: numberIn(row, 'seq') };
}

/** A reservation as the database knows it: digits as their digest. */
interface Wish {
  readonly n: number;
  readonly device_id: string;
  readonly time_window: string;
  readonly variance: number;
  readonly digits: string;
  readonly until: number;
}

const placeText = ({
  device_id,
  time_window,
  variance,
}: Pick<Wish, 'device_id' | 'time_window' | 'variance'>): string =>
  JSON.stringify([device_id, time_window, variance]);

/** What a look finds of what a batch is about. */
interface Sight {
  readonly isReplayed: boolean;
  /** Of access codes. */
  readonly versions: ReadonlyMap<string, number>;
  /** Reservations whose variance was given out, by their place in the batch. */
  readonly given: ReadonlySet<number>;
  /** Until when their digits are taken. */
  readonly taken: ReadonlyMap<number, number>;
  /** Of devices with a limit: how often they were written to, and how many reservations are not over. */
  readonly spaces: ReadonlyMap<string, { readonly writes: number; readonly live: number }>;
}

const LOOK = `
  SELECT
    (SELECT until::text FROM pintumbler_replays WHERE id = $1) AS replay,
    (SELECT json_agg(json_build_array(id, version)) FROM pintumbler_codes
      WHERE id IN (SELECT jsonb_array_elements_text($2::jsonb)))::text AS versions,
    (SELECT json_agg(w.n) FROM jsonb_to_recordset($3::jsonb)
        AS w (n bigint, device_id text, time_window text, variance bigint)
      JOIN pintumbler_reservations r
        ON r.device_id = w.device_id AND r.time_window = w.time_window AND r.variance = w.variance)::text AS given,
    (SELECT json_agg(json_build_array(w.n, d.until)) FROM jsonb_to_recordset($3::jsonb)
        AS w (n bigint, device_id text, digits text)
      JOIN pintumbler_digits d ON d.device_id = w.device_id AND d.digits = w.digits)::text AS taken,
    (SELECT json_agg(json_build_array(w.device_id, s.writes,
        (SELECT count(*) FROM pintumbler_reservations r WHERE r.device_id = w.device_id AND r.until > $5)))
      FROM jsonb_to_recordset($4::jsonb) AS w (device_id text)
      LEFT JOIN pintumbler_spaces s ON s.device_id = w.device_id)::text AS spaces`;

/** A statement is all or nothing; by the division it is nothing where one of its parts met what was not seen before. */
const WRITE = `
  WITH reserved AS (
    INSERT INTO pintumbler_reservations (device_id, time_window, variance, digits, until)
    SELECT device_id, time_window, variance, digits, until FROM jsonb_to_recordset($1::jsonb)
      AS w (device_id text, time_window text, variance bigint, digits text, until bigint)
  ), claimed AS (
    INSERT INTO pintumbler_digits AS d (device_id, digits, until)
    SELECT device_id, digits, until FROM jsonb_to_recordset($2::jsonb)
      AS w (device_id text, digits text, until bigint)
    ON CONFLICT (device_id, digits) DO UPDATE SET until = greatest(d.until, excluded.until)
      WHERE d.until <= $3 OR excluded.until <= $3
    RETURNING 1
  ), spaced AS (
    INSERT INTO pintumbler_spaces AS s (device_id, writes, taken, room)
    SELECT device_id, writes + 1, added + (
        SELECT count(*) FROM pintumbler_reservations r WHERE r.device_id = w.device_id AND r.until > $3
      ), room
    FROM jsonb_to_recordset($4::jsonb) AS w (device_id text, writes bigint, added bigint, room bigint)
    ON CONFLICT (device_id) DO UPDATE
      SET writes = excluded.writes, taken = excluded.taken, room = excluded.room
      WHERE s.writes = excluded.writes - 1
    RETURNING 1
  ), kept AS (
    INSERT INTO pintumbler_codes AS c
      (id, version, device_id, digits, assigned_at, group_key, created_at, gone_at, last_at, tell_at, told_until,
        record)
    SELECT id, version, device_id, digits, assigned_at, group_key, created_at, gone_at, last_at, $3::bigint,
      $3::bigint, record
    FROM jsonb_to_recordset($5::jsonb) AS w (id text, version bigint, device_id text, digits text,
      assigned_at bigint, group_key text, created_at bigint, gone_at bigint, last_at bigint, record text)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, digits = excluded.digits,
      assigned_at = excluded.assigned_at, group_key = excluded.group_key, gone_at = excluded.gone_at,
      last_at = excluded.last_at, tell_at = excluded.tell_at, told_until = least(c.told_until, excluded.tell_at),
      record = excluded.record
      WHERE c.version = ($6::jsonb ->> c.id)::bigint
    RETURNING 1
  ), noted AS (
    INSERT INTO pintumbler_attempts (id, code_id)
    SELECT id, code_id FROM jsonb_to_recordset($7::jsonb) AS w (id text, code_id text)
    ON CONFLICT (id) DO NOTHING
  ), replayed AS (
    INSERT INTO pintumbler_replays AS p (id, until, codes)
    SELECT id, until, codes FROM jsonb_to_recordset($8::jsonb) AS w (id text, until bigint, codes text)
    ON CONFLICT (id) DO UPDATE SET until = excluded.until, codes = excluded.codes WHERE p.until <= $3
    RETURNING 1
  )
  SELECT 1 / CASE WHEN
    (SELECT count(*) FROM claimed) = jsonb_array_length($2::jsonb)
    AND (SELECT count(*) FROM spaced) = jsonb_array_length($4::jsonb)
    AND (SELECT count(*) FROM kept) = jsonb_array_length($5::jsonb)
    AND (SELECT count(*) FROM replayed) = jsonb_array_length($8::jsonb)
    THEN 1 ELSE 0 END AS whole`;

function listIn(row: Row | undefined, column: string): readonly unknown[] {
  const list: unknown = JSON.parse(textOf(row, column) ?? '[]');
  return Array.isArray(list) ? list : [];
}

/** Numbers by words or numbers, of a list of lists. */
function tableIn<K>(
  row: Row | undefined,
  column: string,
  keyOf: (value: unknown) => K,
): ReadonlyMap<K, number> {
  return new Map(
    listIn(row, column).flatMap((entry) =>
      Array.isArray(entry) ? [[keyOf(entry[0]), Number(entry[1] ?? 0)]] : [],
    ),
  );
}

/** How many reservations that are not over a device may have, where there is a limit. */
type Rooms = ReadonlyMap<string, number>;

/** What the batch decides: everything up to the first conflict, in the order of promise 1. */
function conflictIn(
  { codes, now }: Batch,
  wishes: readonly Wish[],
  rooms: Rooms,
  { isReplayed, versions: stored, given: before, taken: blocked, spaces }: Sight,
): Conflict | undefined {
  if (isReplayed) return { reason: 'replay' };
  // What the batch itself writes counts like what was written before.
  const versions = new Map(stored);
  for (const [index, { id, version }] of codes.entries()) {
    if (version !== (versions.get(id) ?? 0) + 1) return { reason: 'version', index };
    versions.set(id, version);
  }
  const given = new Set<string>();
  const taken = new Set<string>();
  const added = new Map<string, number>();
  for (const { n, device_id, time_window, variance, digits, until } of wishes) {
    const place = placeText({ device_id, time_window, variance });
    if (before.has(n) || given.has(place)) return { reason: 'variance', index: n };
    given.add(place);
    if (until <= now) continue;
    if ((blocked.get(n) ?? 0) > now || taken.has(digits)) return { reason: 'code', index: n };
    taken.add(digits);
    const count = (added.get(device_id) ?? 0) + 1;
    const room = rooms.get(device_id);
    if (room !== undefined && (spaces.get(device_id)?.live ?? 0) + count > room)
      return { reason: 'space', index: n };
    added.set(device_id, count);
  }
  return undefined;
}

/** Rows in one order for all, so that two statements wait for each other and not both. */
const sorted = <T>(rows: Iterable<T>, wordOf: (row: T) => string): readonly T[] =>
  [...rows].sort((one, other) => (wordOf(one) < wordOf(other) ? -1 : 1));

/** Digits of a batch, each once: until the latest that they are wanted for. What was over at once claims none. */
function claimsOf(wishes: readonly Wish[]): readonly Pick<Wish, 'device_id' | 'digits' | 'until'>[] {
  const claims = new Map<string, Pick<Wish, 'device_id' | 'digits' | 'until'>>();
  for (const { device_id, digits, until } of wishes) {
    const latest = Math.max(until, claims.get(digits)?.until ?? 0);
    if (until > 0) claims.set(digits, { device_id, digits, until: latest });
  }
  return sorted(claims.values(), ({ digits }) => digits);
}

/** Devices with a limit, and how many reservations a batch adds to each. */
function spacesOf(wishes: readonly Wish[], now: number, rooms: Rooms, { spaces }: Sight): readonly object[] {
  const added = new Map<string, number>();
  for (const { device_id, until } of wishes)
    if (until > now && rooms.has(device_id)) added.set(device_id, (added.get(device_id) ?? 0) + 1);
  return sorted(added, ([id]) => id).map(([device_id, count]) => ({
    device_id,
    writes: spaces.get(device_id)?.writes ?? 0,
    added: count,
    room: rooms.get(device_id),
  }));
}

export class SqlRegistry implements Store {
  readonly #db: SqlDatabase;
  readonly #sealing: Sealing;

  constructor(db: SqlDatabase, sealing: Sealing) {
    this.#db = db;
    this.#sealing = sealing;
  }

  #wishesOf(reservations: readonly Reservation[]): readonly Wish[] {
    return reservations.map(({ deviceId, window, variance, code, until }, n) => ({
      n,
      device_id: deviceId,
      time_window: window,
      variance,
      digits: this.#sealing.digest('digits', deviceId, code),
      until: endOf(until),
    }));
  }

  #groupOf(key: string): string {
    return this.#sealing.digest('common code key', key);
  }

  async #look({ codes, replay, now }: Batch, wishes: readonly Wish[], rooms: Rooms): Promise<Sight> {
    const { rows } = await this.#db.query(LOOK, [
      replay ? this.#sealing.digest('replay', replay.key) : null,
      JSON.stringify(codes.map(({ id }) => id)),
      JSON.stringify(wishes),
      JSON.stringify([...rooms.keys()].map((device_id) => ({ device_id }))),
      now,
    ]);
    const [row] = rows;
    const spaces = listIn(row, 'spaces').flatMap((entry) => (Array.isArray(entry) ? [entry] : []));
    return {
      isReplayed: Number(textOf(row, 'replay') ?? now) > now,
      versions: tableIn(row, 'versions', String),
      given: new Set(listIn(row, 'given').map(Number)),
      taken: tableIn(row, 'taken', Number),
      spaces: new Map(
        spaces.map(([id, writes, live]) => [String(id), { writes: Number(writes ?? 0), live: Number(live) }]),
      ),
    };
  }

  /** The rows of access codes: where a batch has one several times, as it is at the end. */
  #rowsOf(codes: readonly CodeRecord[]): readonly object[] {
    const last = new Map(codes.map((code) => [code.id, code]));
    // In the order in which they come, which is that of their creation.
    return [...last.values()].map((code) => {
      const { id, version, deviceId, issued, commonCodeKey, createdAt, goneAt } = code;
      return {
        id,
        version,
        device_id: deviceId,
        digits: issued && this.#sealing.digest('digits', deviceId, issued.code),
        assigned_at: issued?.assignedAt ?? null,
        group_key: commonCodeKey === null ? null : this.#groupOf(commonCodeKey),
        created_at: createdAt,
        gone_at: endOf(goneAt),
        last_at: endOf(lastMoment(code)),
        record: this.#sealing.seal(placeOf(id), JSON.stringify(code)),
      };
    });
  }

  /** False: something came in between. */
  async #write(batch: Batch, wishes: readonly Wish[], rooms: Rooms, sight: Sight): Promise<boolean> {
    const { codes, now, replay } = batch;
    const rows = this.#rowsOf(codes);
    const before = codes.map(({ id }) => [id, sight.versions.get(id) ?? 0]);
    const attempts = codes.flatMap((code) => code.attempts.map(({ id }) => ({ id, code_id: code.id })));
    const replays = replay && {
      id: this.#sealing.digest('replay', replay.key),
      until: replay.until,
      codes: JSON.stringify(codes.map(({ id }) => id)),
    };
    try {
      await this.#db.query(WRITE, [
        JSON.stringify(sorted(wishes, placeText)),
        JSON.stringify(claimsOf(wishes)),
        now,
        JSON.stringify(spacesOf(wishes, now, rooms, sight)),
        JSON.stringify(rows),
        JSON.stringify(Object.fromEntries(before)),
        JSON.stringify(attempts),
        JSON.stringify(replays ? [replays] : []),
      ]);
      return true;
    } catch (error) {
      if (isWriteRace(error)) return false;
      throw error;
    }
  }

  async write(batch: Batch): Promise<Conflict | undefined> {
    const wishes = this.#wishesOf(batch.reservations);
    const devices = new Set(wishes.map(({ device_id }) => device_id));
    const rooms = new Map(Object.entries(batch.most).filter(([id]) => devices.has(id)));
    for (let races = 0; races < MOST_RACES; races++) {
      const sight = await this.#look(batch, wishes, rooms);
      const conflict = conflictIn(batch, wishes, rooms, sight);
      if (conflict || (await this.#write(batch, wishes, rooms, sight))) return conflict;
    }
    throw new Error('the database refuses every try to write');
  }

  async taken(places: readonly Place[]): Promise<readonly (readonly number[])[]> {
    const wanted = places.map(({ deviceId, window }, n) => ({ n, device_id: deviceId, time_window: window }));
    const { rows } = await this.#db.query(
      `SELECT w.n::text AS n, json_agg(r.variance ORDER BY r.variance)::text AS variances
        FROM jsonb_to_recordset($1::jsonb) AS w (n bigint, device_id text, time_window text)
        JOIN pintumbler_reservations r ON r.device_id = w.device_id AND r.time_window = w.time_window
        GROUP BY w.n`,
      [JSON.stringify(wanted)],
    );
    const found = new Map(rows.map((row) => [numberIn(row, 'n'), listIn(row, 'variances').map(Number)]));
    return places.map((_, n) => found.get(n) ?? []);
  }

  async last({ deviceId, window }: Place): Promise<number | undefined> {
    const { rows } = await this.#db.query(
      `SELECT r.variance::text AS variance FROM pintumbler_reservations r
        WHERE device_id = $1 AND time_window = $2 ORDER BY r.variance DESC LIMIT 1`,
      [deviceId, window],
    );
    return rows[0] && numberIn(rows[0], 'variance');
  }

  async #codes(where: string, params: unknown[]): Promise<readonly StoredCode[]> {
    const { rows } = await this.#db.query(`${CODES} WHERE ${where}`, params);
    return Promise.all(rows.map((row) => openCode(this.#sealing, row)));
  }

  /** Of many, in order, some at a time: to open what is sealed takes its time, and others are waiting for an answer. */
  async #pages(
    read: (after: number, few: number) => Promise<readonly StoredCode[]>,
    after: number = 0,
    limit: number = Number.POSITIVE_INFINITY,
  ): Promise<readonly StoredCode[]> {
    const codes: StoredCode[] = [];
    for (let from = after; codes.length < limit; ) {
      const few = Math.min(FEW, limit - codes.length);
      const page = await read(from, few);
      codes.push(...page);
      const last = page.at(-1);
      if (!last || page.length < few) break;
      from = last.seq;
    }
    return codes;
  }

  #all(where: string, params: readonly unknown[]): Promise<readonly StoredCode[]> {
    const [after, limit] = [`$${params.length + 1}`, `$${params.length + 2}`];
    return this.#pages((from, few) =>
      this.#codes(`${where} AND c.seq > ${after} ORDER BY c.seq LIMIT ${limit}`, [...params, from, few]),
    );
  }

  async find(query: CodeQuery): Promise<readonly StoredCode[]> {
    const { now } = query;
    switch (query.by) {
      case 'ids': {
        const { ids } = query;
        const found = await this.#all(
          'gone_at > $1 AND c.id IN (SELECT jsonb_array_elements_text($2::jsonb))',
          [now, JSON.stringify(ids.filter(isStorable))],
        );
        const byId = new Map(found.map((code) => [code.id, code]));
        return ids.flatMap((id) => byId.get(id) ?? []);
      }
      case 'code':
        return this.#codes(
          `gone_at > $1 AND assigned_at <= $1 AND device_id = $2 AND digits = $3 ORDER BY c.seq DESC LIMIT 1`,
          [now, query.deviceId, this.#sealing.digest('digits', query.deviceId, query.code)],
        );
      case 'common_code_key':
        return this.#codes('gone_at > $1 AND group_key = $2 ORDER BY c.seq', [now, this.#groupOf(query.key)]);
      case 'page': {
        const { deviceId, after, limit } = query;
        const where =
          deviceId === undefined
            ? 'gone_at > $1 AND c.seq > $2 ORDER BY c.seq LIMIT $3'
            : `c.seq IN (${PRESENT}) ORDER BY c.seq`;
        const of = deviceId === undefined ? [] : [deviceId];
        return this.#pages((from, few) => this.#codes(where, [now, from, few, ...of]), after, limit);
      }
    }
  }

  async attempt(id: string): Promise<StoredCode | undefined> {
    if (!isStorable(id)) return undefined;
    const [code] = await this.#codes('c.id = (SELECT code_id FROM pintumbler_attempts WHERE id = $1)', [id]);
    return code;
  }

  async active({ since, until, ids, deviceIds }: ActiveQuery): Promise<readonly StoredCode[]> {
    const params: unknown[] = [since, until];
    const among = (column: string, words: readonly string[] | undefined): string => {
      if (!words) return '';
      params.push(JSON.stringify(words.filter(isStorable)));
      return ` AND ${column} IN (SELECT jsonb_array_elements_text($${params.length}::jsonb))`;
    };
    const where = `last_at >= $1 AND created_at <= $2${among('c.id', ids)}${among('c.device_id', deviceIds)}`;
    return this.#all(where, params);
  }

  async replayed(key: string, now: number): Promise<readonly string[] | undefined> {
    const { rows } = await this.#db.query(
      'SELECT codes FROM pintumbler_replays WHERE id = $1 AND until > $2',
      [this.#sealing.digest('replay', key), now],
    );
    return rows[0] && listIn(rows[0], 'codes').map(String);
  }

  async allow(key: string, now: number, most: number, seconds: number): Promise<boolean> {
    const id = this.#sealing.digest('call', key);
    for (let races = 0; races < MOST_RACES; races++) {
      const { rows } = await this.#db.query(
        'SELECT writes::text AS writes, until::text AS until, times FROM pintumbler_calls WHERE id = $1',
        [id],
      );
      const [row] = rows;
      const calls = listIn(row, 'times')
        .map(Number)
        .filter((at) => at > now - seconds);
      // Calls of a later time were made by a clock that was set back since: they are not before this one.
      if (calls.filter((at) => at <= now).length >= most) return false;
      const until = Math.max(row ? numberIn(row, 'until') : 0, now + seconds);
      const counted = await this.#db.query(
        `INSERT INTO pintumbler_calls AS c (id, writes, until, times) VALUES ($1, $2::bigint + 1, $3, $4)
          ON CONFLICT (id) DO UPDATE SET writes = excluded.writes, until = excluded.until, times = excluded.times
            WHERE c.writes = $2::bigint
          RETURNING id`,
        [id, row ? numberIn(row, 'writes') : 0, until, JSON.stringify([...calls, now])],
      );
      if (counted.rows.length > 0) return true;
    }
    throw new Error('the database refuses every try to count a call');
  }

  /** Forgets replay keys and counted calls that were over before a moment. */
  async forget(before: number): Promise<void> {
    for (const table of ['pintumbler_replays', 'pintumbler_calls'])
      await this.#db.query(`DELETE FROM ${table} WHERE until < $1`, [before]);
  }
}
