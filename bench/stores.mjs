/**
 * The stores side by side: access codes created and pages listed a second, through the facade's handler, with 1, 4 and 16
 * callers at a time and a thousand to a million codes stored. `npm run bench -- stores`; see README.md beside this file.
 *
 * Wall time, not CPU time: a database works elsewhere, and callers wait for it.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { enter, initialState } from '../dist/lock.js';
import { apiKeyHash, memoryStore, seamHandler, sqlStore } from '../dist/seam.js';
import { DEVICE, HOUR, KEY, lock, NOW, token } from './door.mjs';
import { exponentOf, median, table } from './measure.mjs';

const SIZES = [1000, 10_000, 100_000, 1_000_000];
const CLIENTS = [1, 4, 16];
const ROUNDS = 3;
/** Calls of a round, whoever makes them: few, so that a thousand codes stay about a thousand. */
const CALLS = { create: 96, list: 32 };
/** Codes of the page that is listed. */
const PAGE = 100;
/** Codes that are there for real: those of the page, and others that warm the compiler up. */
const REAL = 400;

const stamp = (seconds) => new Date(seconds * 1000).toISOString();

/** Every one another, of 1 to 24 hours. */
function booking(i) {
  const startsAt = NOW + (1 + Math.floor(i / 24)) * HOUR;
  const times = { starts_at: stamp(startsAt), ends_at: stamp(startsAt + (1 + (i % 24)) * HOUR) };
  return { device_id: DEVICE, name: `Guest ${i}`, is_offline_access_code: true, ...times };
}

/** What is measured: calls of a facade over a store. */
function callsOf(store) {
  const handle = seamHandler({
    devices: [{ token, deviceId: DEVICE }],
    store,
    rateLimits: false,
    now: () => NOW,
    uuid: randomUUID,
    apiKeys: [apiKeyHash(KEY)],
    onError: (error) => console.error(error),
  });
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  const ask = async (path, body) => {
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await handle(new Request(`http://facade/${path}`, request));
    return response.json();
  };
  let made = 0;
  return {
    create: async () => (await ask('access_codes/create', booking(made++))).access_code,
    list: async () => (await ask('access_codes/list', { device_id: DEVICE, limit: PAGE })).access_codes,
  };
}

/** Whether a code opens the door, from its start and not an hour before. */
function opens({ code, starts_at }) {
  const startsAt = Date.parse(starts_at) / 1000;
  const isAccepted = (at) => enter(lock, initialState(lock, at), code, at).verdict.accepted;
  return isAccepted(startsAt) && !isAccepted(startsAt - HOUR);
}

function checkCreated(codes) {
  const shut = codes.find((code) => !code?.code || !opens(code));
  if (shut) throw new Error(`a code that does not open the door: ${JSON.stringify(shut)}`);
  if (new Set(codes.map(({ code }) => code)).size < codes.length) throw new Error('a code came twice');
}

const wordOf = (codes) => codes?.map(({ access_code_id, code }) => `${access_code_id} ${code}`).join();

/** Calls from so many callers at once: a second of them, and their answers. */
async function together(call, clients, count) {
  const answers = [];
  let left = count;
  const begun = performance.now();
  const caller = async () => {
    while (left-- > 0) answers.push(await call());
  };
  await Promise.all(Array.from({ length: clients }, caller));
  return { perSecond: (1000 * count) / (performance.now() - begun), answers };
}

const several = async (call, count) => (await together(call, 1, count)).answers;

/** So many codes of which the last are there for real: guests of today, at a door that had many before. */
async function begin(calls, fill, codes) {
  const [first] = await several(calls.create, 1);
  await fill(1, codes - REAL + 1);
  const real = [first, ...(await several(calls.create, REAL - 1))];
  checkCreated(real);
  return wordOf(real.slice(0, PAGE));
}

/** One size of one store: calls a second by callers, the median of the rounds. */
async function measured(calls, page) {
  const result = { create: [], list: [] };
  for (const clients of CLIENTS) {
    const rounds = { create: [], list: [] };
    for (let round = 0; round < ROUNDS; round++) {
      const created = await together(calls.create, clients, CALLS.create);
      const listed = await together(calls.list, clients, CALLS.list);
      checkCreated(created.answers);
      if (listed.answers.some((codes) => wordOf(codes) !== page)) throw new Error('a page is another one');
      rounds.create.push(created.perSecond);
      rounds.list.push(listed.perSecond);
    }
    for (const name of ['create', 'list']) result[name].push(median(rounds[name]));
  }
  return result;
}

/*
 * Stores that hold many codes. Most are put there directly, as the facade wrote the first. Of ten, one is of
 * the door itself, of a guest long gone; the others are of 900 doors, and five of them live.
 */

const doorOf = (n) => (n % 10 === 0 ? DEVICE : `door ${n % 1000}`);
const endOf = (n) => (n % 2 === 0 ? NOW - 60 - n : NOW + HOUR + n);

async function openMemory() {
  const store = memoryStore();
  const write = store.write.bind(store);
  let first;
  store.write = (batch) => {
    first ??= batch;
    return write(batch);
  };
  return {
    store,
    async fill(from, to) {
      const [record] = first.codes;
      for (let n = from; n < to; n++) {
        const [deviceId, window, until] = [doorOf(n), `window ${n}`, endOf(n)];
        const code = String(n).padStart(9, '0');
        const issued = { ...record.issued, code, window };
        const attempts = [{ ...record.attempts[0], id: `attempt ${n}` }];
        const conflict = await write({
          ...first,
          codes: [
            { ...record, id: `code ${n}`, deviceId, attempts, issued, goneAt: until, lastEventAt: until },
          ],
          reservations: [{ deviceId, window, variance: 0, code, until }],
        });
        if (conflict) throw new Error(`not stored: ${JSON.stringify(conflict)}`);
      }
    },
    close: async () => undefined,
  };
}

const FILL = [
  `INSERT INTO pintumbler_codes
    (id, version, device_id, digits, assigned_at, group_key, created_at, gone_at, last_at, tell_at, told_until, record)
    SELECT 'code ' || n, 1, door, md5(n::text), c.assigned_at, c.group_key, c.created_at, ends, ends, NULL, ends, c.record
    FROM (SELECT * FROM pintumbler_codes ORDER BY seq LIMIT 1) c, FILLED`,
  "INSERT INTO pintumbler_attempts (id, code_id) SELECT 'attempt ' || n, 'code ' || n FROM FILLED",
  `INSERT INTO pintumbler_reservations (device_id, time_window, variance, digits, until)
    SELECT door, 'window ' || n, 0, md5(n::text), ends FROM FILLED`,
  'INSERT INTO pintumbler_digits (device_id, digits, until) SELECT door, md5(n::text), ends FROM FILLED',
];

/** `doorOf` and `endOf` in the database. */
const FILLED = `(SELECT n,
    CASE WHEN n % 10 = 0 THEN '${DEVICE}' ELSE 'door ' || n % 1000 END AS door,
    CASE WHEN n % 2 = 0 THEN ${NOW - 60} - n ELSE ${NOW + HOUR} + n END AS ends
  FROM generate_series($1::bigint, $2::bigint) n) filled`;

async function openSql(db, close) {
  const store = await sqlStore(db, { keys: [new Uint8Array(32).fill(5)] });
  return {
    store,
    async fill(from, to) {
      for (const statement of FILL) await db.query(statement.replace('FILLED', FILLED), [from, to - 1]);
      await db.query('VACUUM ANALYZE', []);
      const { rows } = await db.query('SELECT count(*)::text AS n FROM pintumbler_codes', []);
      if (Number(rows[0].n) < to) throw new Error('the codes are not there');
    },
    close,
  };
}

async function openPglite() {
  const folder = await mkdtemp(join(tmpdir(), 'pintumbler-bench-'));
  const db = await PGlite.create(folder);
  return openSql(db, async () => {
    await db.close();
    await rm(folder, { recursive: true });
  });
}

/** A database of its own on the server. */
async function openPostgres(url) {
  const name = `pintumbler_bench_${process.pid}`;
  const admin = async (sql) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  await admin(`CREATE DATABASE ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: own.href, max: Math.max(...CLIENTS) });
  // Of connections that the end of the database finds still there.
  pool.on('error', () => undefined);
  return openSql(pool, async () => {
    await pool.end();
    await admin(`DROP DATABASE ${name} WITH (FORCE)`);
  });
}

const URL_OF_POSTGRES = process.env.PINTUMBLER_TEST_POSTGRES;

const STORES = [
  { name: 'memory', open: openMemory },
  { name: 'PGlite', open: openPglite },
  ...(URL_OF_POSTGRES ? [{ name: 'PostgreSQL', open: () => openPostgres(URL_OF_POSTGRES) }] : []),
];

/** One size of one store. */
async function rowOf(open, codes) {
  const { store, fill, close } = await open();
  try {
    const calls = callsOf(store);
    const page = await begin(calls, fill, codes);
    return { codes, ...(await measured(calls, page)) };
  } finally {
    await close();
  }
}

/** Seconds a call of one caller, as the number of codes to that power. */
const growthOf = (rows, name) =>
  exponentOf(
    rows.map(({ codes }) => codes),
    rows.map((row) => 1 / row[name][0]),
  );

/**
 * Throws if an answer is not what it must be.
 *
 * @param most how many codes are stored at most
 * @returns calls a second, in the order of `clients`, by stores and sizes
 */
export async function storesBench(most = Number.POSITIVE_INFINITY) {
  const stores = [];
  for (const store of STORES) {
    const rows = [];
    for (const codes of SIZES.filter((size) => size <= most)) rows.push(await rowOf(store.open, codes));
    const growth = { create: growthOf(rows, 'create'), list: growthOf(rows, 'list') };
    stores.push({ name: store.name, rows, growth });
  }
  return { clients: CLIENTS, page: PAGE, stores, missing: URL_OF_POSTGRES ? [] : ['PostgreSQL'] };
}

const CALL_NAMES = { create: 'access codes created', list: `pages of ${PAGE} listed` };

/** Lines for people. */
export function tellStores({ clients, stores, missing }) {
  const head = (name) => [`${CALL_NAMES[name]} a second`, ...clients.map((count) => `${count} at once`)];
  const lines = Object.keys(CALL_NAMES).flatMap((name) => [
    head(name),
    ...stores.flatMap((store) => [
      [`${store.name}: time grows as codes to the power of ${store.growth[name].toFixed(2)}`, '', '', ''],
      ...store.rows.map((row) => [
        `  ${row.codes.toLocaleString('en-US')} codes stored`,
        ...row[name].map((perSecond) => Math.round(perSecond).toLocaleString('en-US')),
      ]),
    ]),
  ]);
  return [
    `${cpus()[0]?.model.trim() ?? 'unknown'} × ${availableParallelism()}; node ${process.version}; wall time, medians of ${ROUNDS}`,
    ...table(lines),
    ...missing.map(
      (name) => `${name} is left out: PINTUMBLER_TEST_POSTGRES names no server (.ci/postgres.sh starts one)`,
    ),
  ];
}
