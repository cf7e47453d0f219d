/**
 * Databases of `--store`: a PostgreSQL server, by `pg`, or a folder, by PGlite, which is PostgreSQL in this process. Both
 * packages are the user's, and loaded only when they are needed.
 *
 * Errors of drivers quote the URL, the query or its values: only their codes are told.
 */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { lockFolder } from './folder-lock.ts';
import { type Database, InputError, type Place } from './io.ts';
import { kindOf } from './log.ts';

type Pglite = typeof import('@electric-sql/pglite');
type PGliteDatabase = InstanceType<Pglite['PGlite']>;

async function peer<T>(load: () => Promise<T>, name: string): Promise<T> {
  try {
    return await load();
  } catch {
    return fail('peer_missing', `this --store needs the package ${name}: npm install ${name}`);
  }
}

const CONNECTIONS = 10;
const CONNECT_WITHIN = 10_000;
const QUERY_WITHIN = 30_000;

/** By the codes of the system and of PostgreSQL (appendix A of its manual). */
const NO_CONNECTION: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no such host',
  ENOENT: 'nobody listens there',
  ERR_INVALID_URL: 'expected a URL such as postgres://user@host:5432/database',
  '28000': 'the user or the password is refused',
  '28P01': 'the user or the password is refused',
  '3D000': 'there is no such database on the server',
  '53300': 'it has no connection left',
  '55000': 'it takes no connections now',
};

async function openPostgres(url: string): Promise<Database> {
  const { default: pg } = await peer(() => import('pg'), 'pg');
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'pintumbler',
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_WITHIN,
    // Counted here and not by `statement_timeout`: a pooler such as PgBouncer refuses connections that begin with that.
    query_timeout: QUERY_WITHIN,
    keepAlive: true,
  });
  // Without a listener, a restart of the database would end this process.
  pool.on('error', () => undefined);
  try {
    await pool.query('SELECT 1');
  } catch (error) {
    await pool.end();
    const kind = kindOf(error);
    throw new InputError(
      `--store: cannot open the database: ${NO_CONNECTION[kind] ?? `it fails with ${kind}`}`,
    );
  }
  return { db: { query: (text, params) => pool.query(text, params) }, close: () => pool.end() };
}

/** What a file system of PGlite calls, and by what it knows an open file; directories have no number. */
interface OpenFile {
  readonly nfd?: number;
}

/** EIO, as WASI numbers it. PostgreSQL then stops: it cannot know what of a file is on the disk. */
const EIO = 29;

function sync({ nfd }: OpenFile): number {
  try {
    if (nfd !== undefined) fsyncSync(nfd);
    return 0;
  } catch {
    return EIO;
  }
}

/**
 * PGlite has PostgreSQL run without fsync, and a file system that has none: a power cut would take back codes that guests
 * have. Here it gets both; `fdatasync`, the default for its log, is not handed on to the file system.
 */
const WITH_FSYNC = ['-c', 'wal_sync_method=fsync'];

/** @param disk the file system of a PGlite that runs in a folder */
export function letSync(disk: unknown, how: (file: OpenFile) => number = sync): void {
  const calls: unknown =
    typeof disk === 'object' && disk !== null ? Reflect.get(disk, 'stream_ops') : undefined;
  if (typeof calls !== 'object' || calls === null)
    throw new InputError('--store: this release of PGlite cannot be made to write to the disk; 0.5.16 can');
  Reflect.set(calls, 'fsync', how);
}

async function startPglite({ PGlite }: Pglite, path: string): Promise<PGliteDatabase> {
  const startParams = [...PGlite.defaultStartParams.filter((word) => word !== '-F'), ...WITH_FSYNC];
  const db = await PGlite.create({ dataDir: path, startParams });
  letSync(db.Module.NODEFS);
  return db;
}

/** Under another name until it is whole and on the disk: a start that is killed halfway leaves nothing that will not open. */
async function makePglite(peers: Pglite, path: string): Promise<void> {
  const unfinished = `${path}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await (await startPglite(peers, unfinished)).close();
  for (const found of readdirSync(unfinished, { recursive: true, withFileTypes: true })) {
    if (!found.isFile()) continue;
    const file = openSync(join(found.parentPath, found.name), 'r+');
    fsyncSync(file);
    closeSync(file);
  }
  await rename(unfinished, path);
}

async function openFolder(path: string): Promise<Database> {
  const peers = await peer(() => import('@electric-sql/pglite'), '@electric-sql/pglite');
  const unusable = (error: unknown): never => {
    if (error instanceof InputError) throw error;
    throw new InputError(`--store: cannot use the folder (${kindOf(error)})`);
  };
  await mkdir(path, { recursive: true, mode: 0o700 }).catch(unusable);
  const unlock = await lockFolder(path);
  try {
    const data = join(path, 'data');
    if (!existsSync(data)) await makePglite(peers, data);
    const db = await startPglite(peers, data);
    return {
      db: { query: (text, params) => db.query(text, params) },
      close: () => db.close().finally(unlock),
    };
  } catch (error) {
    await unlock();
    return unusable(error);
  }
}

/** @throws InputError where it cannot be opened; PintumblerError `peer_missing` */
export const openDatabase = (place: Place): Promise<Database> =>
  place.kind === 'postgres' ? openPostgres(place.url) : openFolder(place.path);
