/** Databases to test on: PGlite in memory, and a PostgreSQL where PINTUMBLER_TEST_POSTGRES names one. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import type { SqlDatabase } from '../../src/seam/sql/database.ts';

export const STORE_KEY: Uint8Array = new Uint8Array(32).fill(5);

export interface TestDatabase {
  /** The one database, by the names as they are. */
  readonly db: SqlDatabase;
  /** Tables of its own in the one database: other names for each. */
  readonly fresh: () => SqlDatabase;
  readonly close: () => Promise<void>;
}

function apart(db: SqlDatabase, close: () => Promise<void>): TestDatabase {
  let made = 0;
  const fresh = (): SqlDatabase => {
    made += 1;
    const prefix = `t${made}_`;
    return { query: (text, params) => db.query(text.replaceAll('pintumbler_', prefix), params) };
  };
  return { db, fresh, close };
}

export async function openPglite(): Promise<TestDatabase> {
  const db = await PGlite.create();
  return apart(db, () => db.close());
}

/** URL of a server and of a database on it in which tests may make their own. */
export const POSTGRES: string | undefined = process.env['PINTUMBLER_TEST_POSTGRES'];

/** A command that crashes that server and starts it again, where that disturbs nobody else. */
const RESTART: string | undefined = process.env['PINTUMBLER_TEST_POSTGRES_RESTART'];

/** What a restart of the server is to one database: by itself if it may be, else every connection to it is cut off. */
async function restartPostgres(url: string, name: string): Promise<void> {
  if (RESTART !== undefined) {
    await promisify(execFile)('bash', ['-c', RESTART]);
    return;
  }
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
  await admin.end();
}

/** A database on a server, for other processes too. */
export interface PostgresDatabase extends TestDatabase {
  readonly url: string;
  readonly restart: () => Promise<void>;
}

/** A new database on the server, dropped at the end. */
export async function makePostgres(url: string, connections: number = 8): Promise<PostgresDatabase> {
  const name = `pintumbler_test_${process.pid}_${Date.now().toString(36)}_${Math.random().toString(36).slice(2, 8)}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const own = new URL(url);
  own.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: own.href, max: connections });
  pool.on('error', () => undefined);
  const close = async (): Promise<void> => {
    await pool.end();
    const last = new pg.Client({ connectionString: url });
    await last.connect();
    await last.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await last.end();
  };
  return { ...apart(pool, close), url: own.href, restart: () => restartPostgres(url, name) };
}
