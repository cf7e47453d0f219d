/**
 * `--store`: which registry a server has, and how it is opened. In memory it ends with the process; in a folder it is of one
 * process, in PostgreSQL of many. Both of these seal what is secret under a key of the user's, which is in neither.
 */
import { PintumblerError } from '../errors.ts';
import { type SqlDatabase, type SqlStore, sqlStore } from '../seam/index.ts';
import { isWriteRace } from '../seam/sql/database.ts';
import { type Flags, InputError, type Io, may, type Place, UsageError } from './io.ts';
import { kindOf } from './log.ts';
import { makeStoreKey, readStoreKeys, STORE_KEY_VARIABLE, storeKeysInEnvironment } from './serve-files.ts';

export type Where = Place | { readonly kind: 'memory' };

const WANTED = '--store takes memory, a folder, or postgres://...';

/** What a flag says; what is not understood is not repeated, for it may be a URL with a password. */
export function whereIn(flags: Flags): Where {
  const given = may(flags, 'store') ?? 'memory';
  if (given === 'memory') return { kind: 'memory' };
  if (/^postgres(?:ql)?:\/\//i.test(given)) return { kind: 'postgres', url: given };
  const path = given.replace(/(?<=.)[\\/]+$/, '');
  // Beside the folder are its keys, by its name.
  if (/^$|:\/\/|^-|(?:^|[\\/])\.{0,2}$/.test(path)) throw new UsageError(`${WANTED}; a folder by its name`);
  return { kind: 'folder', path };
}

/** Without user, password, host and name: these are the operator's. */
export const placeText = (where: Where): string =>
  where.kind === 'folder' ? `the folder ${where.path}` : where.kind === 'postgres' ? 'PostgreSQL' : 'memory';

/** In the list of processes everybody on the machine reads it. */
export const hasPassword = (where: Where): boolean =>
  where.kind === 'postgres' && /^[^/]*\/\/[^/@]*:[^/@]+@|[?&]password=/i.test(where.url);

async function hasTables(db: SqlDatabase): Promise<boolean> {
  const { rows } = await db.query(
    "SELECT table_name FROM information_schema.tables WHERE table_name = 'pintumbler_keys'",
    [],
  );
  return rows.length > 0;
}

/** The keys that are named; undefined for a folder without any: it has its own. */
async function keysGiven(io: Io, flags: Flags, { kind }: Place): Promise<readonly Uint8Array[] | undefined> {
  const file = may(flags, 'store-key');
  if (file !== undefined) return readStoreKeys(io, file);
  const inEnvironment = storeKeysInEnvironment(io);
  if (inEnvironment || kind === 'folder') return inEnvironment;
  throw new UsageError(
    `--store-key is missing, or ${STORE_KEY_VARIABLE}: what is secret in the store is sealed with it`,
  );
}

/** Made with the folder, and beside it: who copies the folder alone has nothing to open it with. */
async function keysBeside(io: Io, folder: string, db: SqlDatabase): Promise<readonly Uint8Array[]> {
  const path = `${folder}.store-key`;
  if (!(await io.read(path))) {
    // A new one opens nothing of what is there.
    if (await hasTables(db))
      throw new InputError(`--store-key: ${path} is gone, and no other key opens the store`);
    await makeStoreKey(io, path);
  }
  return readStoreKeys(io, path);
}

/** Tells of every query that failed, but for races: those the store settles itself. */
const watched = (db: SqlDatabase, failed: () => void): SqlDatabase => ({
  query: async (text, params) => {
    try {
      return await db.query(text, params);
    } catch (error) {
      if (!isWriteRace(error)) failed();
      throw error;
    }
  },
});

export interface OpenStore {
  readonly store: SqlStore;
  readonly close: () => Promise<void>;
}

/**
 * Opens a store that lasts, and brings its tables to the present schema.
 *
 * @param failed hears of every query that fails later
 * @param rotate whether the first key is the one from now on: a server says so, a tool with another file must not
 * @throws UsageError, InputError; PintumblerError `peer_missing`, `store_key_wrong`, `schema_newer`, `bad_argument`
 */
export async function openStore(
  io: Io,
  flags: Flags,
  place: Place,
  { failed = () => undefined, rotate }: { readonly failed?: () => void; readonly rotate: boolean },
): Promise<OpenStore> {
  const given = await keysGiven(io, flags, place);
  const { db, close } = await io.database(place);
  try {
    const keys = given ?? (place.kind === 'folder' ? await keysBeside(io, place.path, db) : []);
    let isOpen = false;
    const later = (): void => {
      // Until then it is told by what is thrown.
      if (isOpen) failed();
    };
    const store = await sqlStore(watched(db, later), { keys, rotate });
    isOpen = true;
    return { store, close };
  } catch (error) {
    await close();
    if (error instanceof PintumblerError || error instanceof InputError || error instanceof UsageError)
      throw error;
    if (kindOf(error) === '42501')
      throw new InputError(
        '--store: the user may not make or read tables there; CREATE DATABASE ... OWNER makes one of their own',
      );
    throw new InputError(
      `--store: the database fails with ${kindOf(error)} as its tables are made or looked at`,
    );
  }
}
