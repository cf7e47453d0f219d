/**
 * The tables of the registry, and how a database comes to have them. What must never be broken stands here, as keys and
 * checks, and not only in the code that writes: a variance is there once (`pintumbler_reservations`), digits belong to one
 * code at a time (`pintumbler_digits`), a full lock stays full (`pintumbler_spaces`).
 *
 * Migrations go forward, and only that: each is a list of statements that do no harm when they are run again, so that it
 * needs no transaction, and a server that dies in the middle leaves what the next one finishes. Instants are whole epoch
 * seconds; what callers wrote is never in a column as it came: it is sealed, or a digest (`sealing.ts`).
 */
import { fail } from '../../errors.ts';
import { isNoTable, isTableRace, type SqlDatabase, textOf } from './database.ts';

const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE IF NOT EXISTS pintumbler_reservations (
      device_id text NOT NULL,
      time_window text NOT NULL,
      variance bigint NOT NULL CHECK (variance >= 0),
      digits text NOT NULL,
      until bigint NOT NULL CHECK (until >= 0),
      PRIMARY KEY (device_id, time_window, variance)
    )`,
    // For counting those that are not over.
    'CREATE INDEX IF NOT EXISTS pintumbler_reservations_until ON pintumbler_reservations (device_id, until)',

    `CREATE TABLE IF NOT EXISTS pintumbler_digits (
      device_id text NOT NULL,
      digits text NOT NULL,
      until bigint NOT NULL CHECK (until > 0),
      PRIMARY KEY (device_id, digits)
    )`,

    // Of devices that have a limit: how many reservations were not over when the last one was written.
    `CREATE TABLE IF NOT EXISTS pintumbler_spaces (
      device_id text PRIMARY KEY,
      writes bigint NOT NULL CHECK (writes > 0),
      taken bigint NOT NULL,
      room bigint NOT NULL,
      CONSTRAINT pintumbler_space_left CHECK (taken <= room)
    )`,

    `CREATE TABLE IF NOT EXISTS pintumbler_codes (
      id text PRIMARY KEY,
      seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
      version bigint NOT NULL CHECK (version > 0),
      device_id text NOT NULL,
      digits text,
      assigned_at bigint,
      group_key text,
      created_at bigint NOT NULL,
      gone_at bigint NOT NULL,
      last_at bigint NOT NULL,
      tell_at bigint,
      told_until bigint NOT NULL,
      record text NOT NULL CHECK (record <> ''),
      CONSTRAINT pintumbler_codes_assigned CHECK ((digits IS NULL) = (assigned_at IS NULL))
    )`,
    'CREATE INDEX IF NOT EXISTS pintumbler_codes_gone ON pintumbler_codes (gone_at)',
    'CREATE INDEX IF NOT EXISTS pintumbler_codes_page ON pintumbler_codes (device_id, seq)',
    'CREATE INDEX IF NOT EXISTS pintumbler_codes_present ON pintumbler_codes (device_id, gone_at, seq)',
    'CREATE INDEX IF NOT EXISTS pintumbler_codes_digits ON pintumbler_codes (device_id, digits)',
    'CREATE INDEX IF NOT EXISTS pintumbler_codes_group ON pintumbler_codes (group_key)',
    'CREATE INDEX IF NOT EXISTS pintumbler_codes_last ON pintumbler_codes (last_at)',
    'CREATE INDEX IF NOT EXISTS pintumbler_codes_tell ON pintumbler_codes (tell_at)',

    `CREATE TABLE IF NOT EXISTS pintumbler_attempts (
      id text PRIMARY KEY,
      code_id text NOT NULL
    )`,

    `CREATE TABLE IF NOT EXISTS pintumbler_replays (
      id text PRIMARY KEY,
      until bigint NOT NULL,
      codes text NOT NULL
    )`,
    'CREATE INDEX IF NOT EXISTS pintumbler_replays_until ON pintumbler_replays (until)',

    // The moments at which calls were made under a key, as JSON.
    `CREATE TABLE IF NOT EXISTS pintumbler_calls (
      id text PRIMARY KEY,
      writes bigint NOT NULL CHECK (writes > 0),
      until bigint NOT NULL,
      times text NOT NULL
    )`,
    'CREATE INDEX IF NOT EXISTS pintumbler_calls_until ON pintumbler_calls (until)',

    // Keys that seal, each wrapped under one that the database never sees.
    `CREATE TABLE IF NOT EXISTS pintumbler_keys (
      id text PRIMARY KEY,
      purpose text NOT NULL CHECK (purpose IN ('seal', 'digest')),
      generation bigint NOT NULL CHECK (generation > 0),
      wrapped_by text NOT NULL,
      wrapped text NOT NULL,
      CONSTRAINT pintumbler_keys_generation UNIQUE (purpose, generation)
    )`,

    `CREATE TABLE IF NOT EXISTS pintumbler_devices (
      id text PRIMARY KEY,
      version bigint NOT NULL CHECK (version > 0),
      sealed text NOT NULL CHECK (sealed <> '')
    )`,

    `CREATE TABLE IF NOT EXISTS pintumbler_webhooks (
      id text PRIMARY KEY,
      created_at bigint NOT NULL,
      since bigint,
      sealed text NOT NULL CHECK (sealed <> '')
    )`,

    // The body is sealed: events hold codes.
    `CREATE TABLE IF NOT EXISTS pintumbler_deliveries (
      webhook_id text NOT NULL REFERENCES pintumbler_webhooks (id) ON DELETE CASCADE,
      event_id text NOT NULL,
      seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
      event_type text NOT NULL,
      code_id text NOT NULL,
      occurred_at bigint NOT NULL,
      state text NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
      due_at bigint NOT NULL,
      tries text NOT NULL,
      body text NOT NULL CHECK (body <> ''),
      PRIMARY KEY (webhook_id, event_id)
    )`,
    'CREATE INDEX IF NOT EXISTS pintumbler_deliveries_due ON pintumbler_deliveries (state, due_at)',
    'CREATE INDEX IF NOT EXISTS pintumbler_deliveries_owed ON pintumbler_deliveries (webhook_id, state, due_at)',
    'CREATE INDEX IF NOT EXISTS pintumbler_deliveries_state ON pintumbler_deliveries (state, seq)',
    'CREATE INDEX IF NOT EXISTS pintumbler_deliveries_event ON pintumbler_deliveries (event_id)',
    'CREATE INDEX IF NOT EXISTS pintumbler_deliveries_page ON pintumbler_deliveries (webhook_id, seq)',
  ],
];

const SCHEMA = 'CREATE TABLE IF NOT EXISTS pintumbler_schema (version bigint PRIMARY KEY)';

/** Two servers that start at once make the same table: one of them is told that it is there. */
async function define(db: SqlDatabase, statement: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await db.query(statement, []);
      return;
    } catch (error) {
      if (!isTableRace(error) || tries >= 10) throw error;
    }
  }
}

/** Looked at first: who may only read and write the tables opens a registry that is at the present schema. */
async function versionOf(db: SqlDatabase): Promise<number> {
  try {
    const { rows } = await db.query('SELECT max(version)::text AS version FROM pintumbler_schema', []);
    return Number(textOf(rows[0], 'version') ?? 0);
  } catch (error) {
    if (!isNoTable(error)) throw error;
    await define(db, SCHEMA);
    return 0;
  }
}

/**
 * Brings a database to the present schema.
 *
 * @throws PintumblerError `schema_newer` if it is of a newer release; what the database throws
 */
export async function migrate(db: SqlDatabase): Promise<void> {
  const version = await versionOf(db);
  if (version > MIGRATIONS.length)
    fail(
      'schema_newer',
      `the database has schema ${version}, this release knows ${MIGRATIONS.length}: a newer pintumbler was here`,
    );
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < version) continue;
    for (const statement of statements) await define(db, statement);
    await db.query('INSERT INTO pintumbler_schema (version) VALUES ($1) ON CONFLICT DO NOTHING', [index + 1]);
  }
}
