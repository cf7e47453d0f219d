/**
 * Many servers on one store, and more guests than codes: nothing is given out twice, nothing that was acknowledged is lost,
 * and no limit is passed by one. On PostgreSQL the writers are processes that are killed at random, while the database goes
 * away twice; on PGlite and in memory they are callers in this process.
 */
import { createHmac } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { mint, PintumblerError } from 'pintumbler';
import { createLock, enter, initialState } from 'pintumbler/lock';
import { memoryStore, type Store } from 'pintumbler/seam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessCode } from '../../src/seam/objects.ts';
import type { Row, SqlDatabase } from '../../src/seam/sql/database.ts';
import { sqlStore } from '../../src/seam/sql/sql-store.ts';
import {
  type Acknowledged,
  type Ask,
  askAll,
  asker,
  type Booking,
  type Crowd,
  crowdOf,
  DOORS,
  type DoorName,
  NOW,
  REPEATS,
  random,
  type Wish,
} from '../support/crowd.ts';
import {
  makePostgres,
  openPglite,
  POSTGRES,
  type PostgresDatabase,
  STORE_KEY,
} from '../support/databases.ts';
import { bundleWriter, type WriterProcess, writerProcess } from '../support/writers.ts';
import { secondsOf } from './support.ts';

const SEED = 20261201;
const WRITERS = 8;
const KILLS = 16;

/** What came of a crowd. */
interface Outcome {
  readonly crowd: Crowd;
  readonly made: readonly Acknowledged[];
  readonly deleted: readonly Acknowledged[];
  /** Every access code of each door, as somebody sees them who was not there. */
  readonly stored: ReadonlyMap<DoorName, readonly AccessCode[]>;
}

const isDoor = (name: string): name is DoorName => name in DOORS;

const NAMES: readonly DoorName[] = Object.keys(DOORS).filter(isDoor);

async function codesAt(ask: Ask, door: DoorName): Promise<readonly AccessCode[]> {
  const answer = await ask('access_codes/list', { device_id: DOORS[door].deviceId });
  return answer?.body.access_codes ?? expect.fail('the store is away');
}

/** Every code of the door where codes are ended, twice, as if the first answer had been lost. */
const deletionsOf = (codes: readonly AccessCode[]): readonly Wish[] =>
  codes
    .filter(({ code }) => code !== null)
    .flatMap(({ access_code_id }) => {
      const wish = { path: 'access_codes/delete', values: { access_code_id } };
      return [wish, wish];
    });

async function outcomeOf(
  crowd: Crowd,
  writers: readonly Ask[],
  open: () => Promise<Store>,
  after?: (answered: number) => void,
): Promise<Outcome> {
  const made = await askAll(crowd.wishes, writers, after);
  const seen = asker(open);
  const deleted = await askAll(deletionsOf(await codesAt(seen, 'cleared')), writers);
  const stored = await Promise.all(NAMES.map(async (name) => [name, await codesAt(seen, name)] as const));
  return { crowd, made, deleted, stored: new Map(stored) };
}

const codesOf = ({ stored }: Outcome, door: DoorName): readonly AccessCode[] =>
  (stored.get(door) ?? []).filter(({ code }) => code !== null);

const digitsOf = (codes: readonly AccessCode[]): readonly string[] => codes.flatMap(({ code }) => code ?? []);

const answered = ({ answer: { body } }: Acknowledged): readonly AccessCode[] =>
  body.access_codes ?? [body.access_code];

/** What of an access code never changes, whatever is given out or ended beside it. */
const given = ({ access_code_id, device_id, code, starts_at, ends_at, errors, pintumbler }: AccessCode) => ({
  access_code_id,
  device_id,
  code,
  starts_at,
  ends_at,
  errors,
  kind: pintumbler.kind,
  variance: pintumbler.variance,
  count: pintumbler.count,
});

/** The lock itself, at the moment from which the code opens. */
function opens(door: DoorName, { code, starts_at }: AccessCode): boolean {
  const lock = createLock([DOORS[door].token]);
  const at = secondsOf(starts_at);
  return enter(lock, initialState(lock, at), code ?? '', at).verdict.opens;
}

const isOf =
  ({ kind, startsAt, endsAt }: Booking) =>
  ({ pintumbler, starts_at, ends_at }: AccessCode): boolean =>
    pintumbler.kind === kind &&
    secondsOf(starts_at) === startsAt &&
    (endsAt === undefined || secondsOf(ends_at) === endsAt);

/** RFC 4226, by node:crypto. */
function hotpOf(secret: Uint8Array, count: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(count));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac[19] ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1e6).padStart(6, '0');
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

const NO_SPACE = 'no_space_for_access_code_on_device';

/** Doors whose every window gives out what it has; the others are full before. */
const ROOMY: readonly DoorName[] = ['single', 'four', 'bands', 'cleared'];
const FULL = [
  ['full', 199],
  ['full2', 199],
  ['small', 50],
  ['small2', 50],
] as const;

/** Everything that must be so, whoever wrote and whatever befell them. */
function testOutcome(of: () => Outcome): void {
  it('has answered every request, and none with a refusal', () => {
    const { crowd, made, deleted } = of();
    expect(made).toHaveLength(crowd.wishes.length);
    expect(deleted.length).toBeGreaterThanOrEqual(2 * 48);
    const statuses = [...made, ...deleted].map(({ answer }) => answer.status);
    expect([...new Set(statuses)]).toEqual([200]);
  });

  it('has lost nothing that was acknowledged', () => {
    const { made, stored } = of();
    const byId = new Map([...stored.values()].flat().map((code) => [code.access_code_id, code]));
    const lost = made.flatMap(answered).filter((code) => {
      const found = byId.get(code.access_code_id);
      return JSON.stringify(found && given(found)) !== JSON.stringify(given(code));
    });
    expect(lost).toEqual([]);
  });

  it.each(ROOMY)('has given out every variance of every window of "%s", once', (door) => {
    const outcome = of();
    const bookings = outcome.crowd.bookings.filter((booking) => booking.door === door);
    expect(bookings.length).toBeGreaterThan(10);
    const codes = codesOf(outcome, door);
    const variances = bookings.map((booking) =>
      codes
        .filter(isOf(booking))
        .map(({ pintumbler }) => pintumbler.variance ?? -1)
        .sort((one, other) => one - other),
    );
    expect(variances).toEqual(bookings.map(({ supply }) => numbers(supply)));
    expect(codes, 'and none of another window').toHaveLength(variances.flat().length);
  });

  it('has told everybody else why there is none', () => {
    const { made } = of();
    for (const { wish, answer } of made) {
      if (!wish.booking) continue;
      const { code, errors } = answer.body.access_code;
      const reasons = errors.map(({ error_code }) => error_code);
      if (code !== null) expect(reasons).toEqual([]);
      else if (wish.booking.door === 'narrow')
        expect([[NO_SPACE], ['duplicate_code_on_device']]).toContainEqual(reasons);
      else expect(reasons).toEqual([NO_SPACE]);
    }
  });

  it.each(FULL)('has given out at "%s" %i codes, and no variance twice', (door, most) => {
    const outcome = of();
    const codes = codesOf(outcome, door);
    expect(codes).toHaveLength(most);
    const bookings = outcome.crowd.bookings.filter((booking) => booking.door === door);
    expect(bookings.reduce((sum, { supply }) => sum + supply, 0)).toBeGreaterThan(most);
    for (const booking of bookings) {
      const variances = codes.filter(isOf(booking)).map(({ pintumbler }) => pintumbler.variance);
      expect(variances.length).toBeLessThanOrEqual(booking.supply);
      expect(new Set(variances).size).toBe(variances.length);
    }
  });

  it('has given the same digits to nobody else', () => {
    const outcome = of();
    for (const door of outcome.stored.keys()) {
      if (door === 'counter') continue;
      const digits = digitsOf(codesOf(outcome, door));
      expect(digits.length).toBeGreaterThan(0);
      expect(new Set(digits).size, door).toBe(digits.length);
    }
  });

  it('has left no digits unused where they are few and were wanted', () => {
    const outcome = of();
    const { token } = DOORS.narrow;
    const taken = new Set(digitsOf(codesOf(outcome, 'narrow')));
    const free = outcome.crowd.bookings
      .filter(({ door }) => door === 'narrow')
      .flatMap(({ kind, startsAt, endsAt = 0, supply }) =>
        numbers(supply).flatMap((variance) => {
          try {
            return mint(token, { kind, variance, startsAt, endsAt });
          } catch (error) {
            // Digits that the lock would take for another window's as well.
            if (error instanceof PintumblerError && error.code === 'code_ambiguous') return [];
            throw error;
          }
        }),
      );
    expect(free.filter((code) => !taken.has(code))).toEqual([]);
    expect(new Set(free).size, 'some were wanted twice').toBeLessThan(free.length);
  });

  it('has given out every count once, without a gap', () => {
    const outcome = of();
    const codes = [...codesOf(outcome, 'counter')];
    codes.sort((one, other) => (one.pintumbler.count ?? 0) - (other.pintumbler.count ?? 0));
    expect(codes.map(({ pintumbler }) => pintumbler.count)).toEqual(numbers(codes.length));
    // The key of `deviceFor`: sixteen bytes of its number.
    const secret = new Uint8Array(16).fill(9);
    expect(digitsOf(codes)).toEqual(codes.map((_, count) => hotpOf(secret, count)));
  });

  it('has answered the same request with the same codes, one of each door', () => {
    const outcome = of();
    const groups = new Map<unknown, (readonly AccessCode[])[]>();
    for (const each of outcome.made.filter(({ wish }) => wish.path.endsWith('create_multiple')))
      groups.set(each.wish.values['name'], [...(groups.get(each.wish.values['name']) ?? []), answered(each)]);
    for (const answers of groups.values()) {
      expect(answers).toHaveLength(REPEATS);
      const said = answers.map((codes) => codes.map(given));
      expect(said).toEqual(said.map(() => said[0]));
      expect(new Set(said[0]?.map(({ code }) => code === null)).size, 'codes for both doors or none').toBe(1);
    }
    for (const door of ['left', 'right'] as const) {
      expect(outcome.stored.get(door)).toHaveLength(groups.size);
      expect(codesOf(outcome, door)).toHaveLength(groups.size / 2);
    }
  });

  it('has one clear code for all codes of a start, and the lock obeys it', () => {
    const codes = codesOf(of(), 'cleared');
    expect(codes.map(({ status }) => status)).toEqual(codes.map(() => 'removing'));
    const lock = createLock([DOORS.cleared.token]);
    for (const { code, starts_at, pintumbler } of codes) {
      const { clear_code: clear } = pintumbler;
      const [start, from] = [secondsOf(starts_at), secondsOf(clear?.starts_at ?? null)];
      expect(from).toBe(start + 3600);
      const before = enter(lock, initialState(lock, start), code ?? '', start);
      const cleared = enter(lock, before.state, clear?.code ?? '', from);
      const after = enter(lock, cleared.state, code ?? '', from);
      const opened = [before, cleared, after].map(({ verdict }) => verdict.opens);
      expect(opened).toEqual([true, false, false]);
    }
    const clears = new Set(codes.map(({ pintumbler }) => pintumbler.clear_code?.code));
    expect(clears.size).toBe(new Set(codes.map(({ starts_at }) => starts_at)).size);
  });

  it('has given out codes that the lock takes', () => {
    const outcome = of();
    const below = random(SEED);
    for (const door of outcome.stored.keys()) {
      const codes = codesOf(outcome, door);
      const sample = door === 'counter' ? codes.slice(0, 10) : codes.filter(() => below(4) === 0);
      expect(sample.filter((code) => !opens(door, code)).map(given)).toEqual([]);
    }
  });
}

const countOf = async (db: SqlDatabase, sql: string, params: unknown[]): Promise<number> => {
  const { rows } = await db.query(`SELECT count(*)::text AS n FROM (${sql}) t`, params);
  return Number(rows[0]?.['n']);
};

/** The same, and that nothing is there by half, as the tables have it. */
function testTables(of: () => Outcome, database: () => SqlDatabase): void {
  it('has nothing twice in its tables', async () => {
    const db = database();
    const twice = (sql: string): Promise<number> =>
      countOf(db, `SELECT 1 FROM pintumbler_reservations ${sql} HAVING count(*) > 1`, []);
    expect(await twice('GROUP BY device_id, time_window, variance')).toBe(0);
    // Codes that count have no digits of their own, and clear codes are nobody's.
    expect(await twice('WHERE until > 0 GROUP BY device_id, digits')).toBe(0);
    expect(await countOf(db, 'SELECT 1 FROM pintumbler_spaces WHERE taken > room', [])).toBe(0);
  });

  it('has a reservation for every code and a code for every reservation', async () => {
    const outcome = of();
    const { rows } = await database().query(
      "SELECT device_id, time_window, variance::text AS variance FROM pintumbler_reservations WHERE time_window <> 'cleared'",
      [],
    );
    for (const door of NAMES) {
      const reserved = rows.filter((row: Row) => row['device_id'] === DOORS[door].deviceId);
      const variances = codesOf(outcome, door).map(
        ({ pintumbler: { variance, count } }) => `${count ?? variance}`,
      );
      expect(reserved.map((row: Row) => row['variance']).sort(), door).toEqual([...variances].sort());
    }
    const clears = "SELECT 1 FROM pintumbler_reservations WHERE time_window = 'cleared'";
    expect(await countOf(database(), clears, [])).toBe(6);
  });

  it('has no more access codes than it shows, and the attempts of each', async () => {
    const shown = [...of().stored.values()].flat().length;
    expect(await countOf(database(), 'SELECT 1 FROM pintumbler_codes', [])).toBe(shown);
    const joined = 'SELECT 1 FROM pintumbler_codes c JOIN pintumbler_attempts a ON a.code_id = c.id';
    const deletions = codesOf(of(), 'cleared').length;
    expect(await countOf(database(), joined, [])).toBe(shown + deletions);
    expect(await countOf(database(), 'SELECT 1 FROM pintumbler_attempts', [])).toBe(shown + deletions);
  });

  it.each(FULL)('counts the codes of "%s" as %i of its room', async (door, most) => {
    const { deviceId } = DOORS[door];
    const live = 'SELECT 1 FROM pintumbler_reservations WHERE device_id = $1 AND until > $2';
    expect(await countOf(database(), live, [deviceId, NOW])).toBe(most);
    const space = 'SELECT 1 FROM pintumbler_spaces WHERE device_id = $1 AND taken = $2 AND room = $2';
    expect(await countOf(database(), space, [deviceId, most])).toBe(1);
  });
}

const keys = [STORE_KEY];

/** What `beforeAll` makes. */
function later<T>(): { readonly get: () => T; readonly set: (value: T) => void } {
  let made: { readonly value: T } | undefined;
  return {
    get: () => made?.value ?? expect.fail('it was not made'),
    set: (value) => {
      made = { value };
    },
  };
}

const DEEP = Number(process.env['PINTUMBLER_DEEP'] ?? 1);
const LONG = 600_000 * DEEP;

describe('many callers of memoryStore', () => {
  const outcome = later<Outcome>();
  beforeAll(async () => {
    const store = memoryStore();
    const open = async (): Promise<Store> => store;
    const crowd = crowdOf(DEEP, SEED);
    outcome.set(
      await outcomeOf(
        crowd,
        numbers(WRITERS).map(() => asker(open)),
        open,
      ),
    );
  }, LONG);
  testOutcome(outcome.get);
});

describe('many callers of sqlStore on PGlite', () => {
  const outcome = later<Outcome>();
  const database = later<SqlDatabase>();
  let close: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const opened = await openPglite();
    close = opened.close;
    database.set(opened.db);
    const open = (): Promise<Store> => sqlStore(opened.db, { keys });
    // PGlite does one thing at a time, some ten times as slowly.
    const crowd = crowdOf(DEEP / 10, SEED);
    outcome.set(
      await outcomeOf(
        crowd,
        numbers(WRITERS).map(() => asker(open)),
        open,
      ),
    );
  }, LONG);
  afterAll(() => close?.());
  testOutcome(outcome.get);
  testTables(outcome.get, database.get);
});

describe('sqlStore on a new database', () => {
  /** A database whose server dies with a query. */
  const dying = (db: SqlDatabase, last: number): SqlDatabase => {
    let asked = 0;
    return {
      query: async (text, params) => {
        asked += 1;
        if (asked > last) throw new Error('the server is dead');
        return db.query(text, params);
      },
    };
  };

  it('is opened by the next server, wherever the first one has died', async () => {
    const { fresh, close } = await openPglite();
    const counted = {
      device_id: DOORS.counter.deviceId,
      is_offline_access_code: true,
      is_one_time_use: true,
    };
    try {
      for (let last = 0, isOpen = false; !isOpen; last += 1) {
        const db = fresh();
        isOpen = await sqlStore(dying(db, last), { keys }).then(
          () => true,
          () => false,
        );
        const [one, other] = [asker(() => sqlStore(db, { keys })), asker(() => sqlStore(db, { keys }))];
        const made = await one('access_codes/create', counted);
        expect(await codesAt(other, 'counter'), `after ${last} queries`).toEqual([made?.body.access_code]);
      }
    } finally {
      await close();
    }
  });
});

/** Disturbs what goes on: after some answers, by lot, a writer is killed; at the thirds the database goes away. */
function disturbance(
  writers: readonly WriterProcess[],
  database: PostgresDatabase,
  creates: number,
): { readonly after: (answered: number) => void; readonly done: () => Promise<readonly number[]> } {
  const below = random(SEED);
  const kills = new Set(numbers(KILLS).map(() => 1 + below(creates - 1)));
  const restarts = new Set([1, 2].map((third) => Math.floor((third * creates) / 3)));
  const restarted: Promise<number>[] = [];
  return {
    after: (answered) => {
      if (kills.has(answered)) writers[below(writers.length)]?.kill();
      if (restarts.has(answered)) restarted.push(database.restart().then(() => answered));
    },
    done: () => Promise.all(restarted),
  };
}

describe.skipIf(POSTGRES === undefined)('many processes over sqlStore on PostgreSQL', () => {
  const outcome = later<Outcome>();
  const database = later<PostgresDatabase>();
  const writers: WriterProcess[] = [];
  let file: string | undefined;
  beforeAll(async () => {
    file = await bundleWriter();
    const opened = await makePostgres(POSTGRES ?? '');
    database.set(opened);
    const processes = numbers(WRITERS).map(() => writerProcess(file ?? '', opened.url));
    writers.push(...processes);
    const crowd = crowdOf(DEEP, SEED);
    expect(crowd.wishes.length).toBeGreaterThanOrEqual(10_000 * DEEP);
    const { after, done } = disturbance(processes, opened, crowd.wishes.length);
    const open = (): Promise<Store> => sqlStore(opened.db, { keys });
    const asks = processes.map(({ ask }) => ask);
    outcome.set(await outcomeOf(crowd, asks, open, after));
    expect(await done()).toHaveLength(2);
  }, LONG);
  afterAll(async () => {
    for (const writer of writers) writer.close();
    await database.get().close();
    if (file) await rm(file, { force: true });
  });
  testOutcome(outcome.get);
  testTables(outcome.get, () => database.get().db);

  it('opens a new database in eight processes at the same moment', async () => {
    const fresh = await makePostgres(POSTGRES ?? '');
    const openers = numbers(WRITERS).map(() => writerProcess(file ?? '', fresh.url));
    try {
      await Promise.all(openers.map(({ up }) => up()));
      const made = await Promise.all(
        openers.map(({ ask }) =>
          ask('access_codes/create', {
            device_id: DOORS.counter.deviceId,
            is_offline_access_code: true,
            is_one_time_use: true,
          }),
        ),
      );
      const codes = made.map((answer) => answer?.body.access_code.code);
      expect(new Set(codes).size).toBe(WRITERS);
      // By its digits, which are looked up as a digest and shown from what is sealed: the keys of all are the same.
      for (const { ask } of openers)
        for (const [index, code] of codes.entries()) {
          const found = await ask('access_codes/get', { device_id: DOORS.counter.deviceId, code });
          expect(found?.body.access_code).toEqual(made[index]?.body.access_code);
        }
    } finally {
      for (const opener of openers) opener.close();
      await fresh.close();
    }
  });
});
