/**
 * A server's process, as far as many of them on one database go: requests come in on stdin, a line each, and each answer
 * goes out as a line, so that whoever reads it knows what was acknowledged. Bundled and started by `writers.ts`; the
 * argument is the URL of the database. It ends when its stdin does: no writer outlives the test.
 */
import { createInterface } from 'node:readline';
import pg from 'pg';
import { sqlStore } from '../../src/seam/sql/sql-store.ts';
import { asker, LANES } from './crowd.ts';
import { STORE_KEY } from './databases.ts';
import type { Question, Reply } from './writers.ts';

const pool = new pg.Pool({
  connectionString: process.argv[2] ?? '',
  max: LANES,
  connectionTimeoutMillis: 10_000,
});
// Of connections that nobody uses: what breaks in use rejects the query.
pool.on('error', () => undefined);

const ask = asker(() => sqlStore(pool, { keys: [STORE_KEY] }));

const say = (reply: Reply): unknown => process.stdout.write(`${JSON.stringify(reply)}\n`);

async function answer({ n, path, values }: Question): Promise<void> {
  try {
    say({ n, answer: await ask(path, values) });
  } catch (error) {
    say({ n, broken: String(error) });
  }
}

say({ n: 0 });
for await (const line of createInterface({ input: process.stdin })) void answer(JSON.parse(line));
process.exit();
