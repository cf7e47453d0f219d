/** The store that outlasts its process, over PostgreSQL or PGlite: the registry, devices, and what webhooks need. */
import { checkFields, expected } from '../../errors.ts';
import type { Outbox } from '../outbox.ts';
import type { Store } from '../store.ts';
import type { SqlDatabase } from './database.ts';
import { SqlRegistry } from './registry.ts';
import { migrate } from './schema.ts';
import { checkStoreKeys, Sealing } from './sealing.ts';
import { type DeviceShelf, SqlDevices } from './sql-devices.ts';
import { SqlOutbox } from './sql-outbox.ts';

export interface SqlStoreOptions {
  /**
   * Store keys, 32 random bytes each. The first seals; the others are only accepted. To change it: put the new one behind
   * and restart every server, then put it first and restart them again, then leave the old one out.
   */
  readonly keys: readonly Uint8Array[];
  /** False: takes any of the keys and seals nothing anew, for tools beside the servers. */
  readonly rotate?: boolean;
}

export interface SqlStore extends Store {
  readonly devices: DeviceShelf;
  readonly outbox: Outbox;
  /** Rejects where the database does not answer. */
  ready(): Promise<void>;
  /** Forgets replay keys and counted calls that were over a day ago. To be called now and then; nothing else forgets. */
  tidy(now: number): Promise<void>;
}

const DAY = 86_400;

class Registry extends SqlRegistry implements SqlStore {
  readonly devices: SqlDevices;
  readonly outbox: SqlOutbox;
  readonly #db: SqlDatabase;

  constructor(db: SqlDatabase, sealing: Sealing) {
    super(db, sealing);
    this.#db = db;
    this.devices = new SqlDevices(db, sealing);
    this.outbox = new SqlOutbox(db, sealing);
  }

  async ready(): Promise<void> {
    await this.#db.query('SELECT version FROM pintumbler_schema LIMIT 1', []);
  }

  tidy(now: number): Promise<void> {
    return this.forget(now - DAY);
  }
}

/**
 * A store in a database, for many servers at once. Brings its tables to the present schema first, which no older release
 * then opens. Digits, tokens and names are in it only sealed or as digests; ids, windows and times are plain.
 *
 * @param db anything with `query(text, params)`, such as a `Pool` of pg or a `PGlite`. A connection that breaks rejects what
 *   is running: whether that was written, only a look can say.
 * @throws PintumblerError `bad_argument`, `key_length`; `store_key_wrong` where no key given opens the database;
 *   `schema_newer`; what `db` throws. Later, `store_damaged` for a sealed value that was tampered with.
 *
 * @example
 * import { PGlite } from '@electric-sql/pglite';
 * import { sqlStore } from 'pintumbler/seam';
 * const db = new PGlite(); // in memory; a folder is new PGlite('registry'), and PostgreSQL new Pool() of pg
 * const store = await sqlStore(db, { keys: [crypto.getRandomValues(new Uint8Array(32))] });
 * const stay = { deviceId: 'door-7', window: 'stay/1772380800', variance: 0, code: '482901377', until: 1772622000 };
 * const batch = { codes: [], reservations: [stay], now: 1772380800, most: {} };
 * console.log((await store.write(batch)) === undefined); // true
 * console.log((await store.write(batch))?.reason); // variance
 */
export async function sqlStore(db: SqlDatabase, options: SqlStoreOptions): Promise<SqlStore> {
  if (typeof db !== 'object' || db === null || typeof db.query !== 'function')
    expected('db', 'a database with a method "query"', db);
  checkFields('options', options, ['keys', 'rotate']);
  const { keys, rotate = true } = options;
  if (typeof rotate !== 'boolean') expected('rotate', 'true or false', rotate);
  checkStoreKeys(keys);
  await migrate(db);
  const store = new Registry(db, await Sealing.open(db, keys, rotate));
  if (rotate) {
    await store.devices.reseal();
    await store.outbox.reseal();
  }
  return store;
}
