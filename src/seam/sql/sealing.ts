/**
 * Secrets at rest: device tokens, webhook secrets and what says which code a guest has. A dump of the database holds them
 * only sealed.
 *
 *   store key     32 bytes from a file or the environment; the database never sees it
 *     wraps       the keys in `pintumbler_keys`, made at random: AES-256-GCM (NIST SP 800-38D)
 *   seal key      seals values: AES-256-GCM, a random nonce of 96 bits, bound to the place where the value stands
 *   digest key    HMAC-SHA-256 (RFC 2104) of digits and other words that are looked up: the same gives the same
 *
 * Under a random nonce one key seals at most 2^32 values (SP 800-38D, section 8.3); a new store key brings a new seal key.
 *
 * Nonces come from the system's generator and are no argument, as time is elsewhere: one that came twice would give the
 * seal away, and a test cannot need that.
 */
import { gcm } from '@noble/ciphers/aes.js';
import { randomBytes } from '@noble/ciphers/utils.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { checkBytes, expected, fail } from '../../errors.ts';
import { derive, lp } from '../../keys.ts';
import { fromBase64url, toBase64url } from '../../token-text.ts';
import { numberIn, type SqlDatabase, textIn } from './database.ts';

const NONCE = 12;

/** The nonce, then what GCM makes: ciphertext and tag. */
function encrypt(key: Uint8Array, place: string, bytes: Uint8Array): string {
  const nonce = randomBytes(NONCE);
  return toBase64url(concatBytes(nonce, gcm(key, nonce, lp(place)).encrypt(bytes)));
}

/** Undefined for what was not sealed so, or stands in another place. */
function decrypt(key: Uint8Array, place: string, text: string): Uint8Array | undefined {
  const bytes = fromBase64url(text);
  if (!bytes || bytes.length < NONCE) return undefined;
  try {
    return gcm(key, bytes.subarray(0, NONCE), lp(place)).decrypt(bytes.subarray(NONCE));
  } catch {
    return undefined;
  }
}

/** A store key: what it is known by, and what it wraps with. */
interface StoreKey {
  readonly id: string;
  readonly wrapping: Uint8Array;
}

const SALT = 'pintumbler store/1';

const storeKeyOf = (key: Uint8Array): StoreKey => ({
  id: bytesToHex(derive(key, SALT, lp('id'), 8)),
  wrapping: derive(key, SALT, lp('wrap'), 32),
});

/** A row of `pintumbler_keys`. */
interface WrappedKey {
  readonly id: string;
  readonly purpose: 'seal' | 'digest';
  readonly generation: number;
  readonly wrappedBy: string;
  readonly wrapped: string;
}

const placeOf = ({ purpose, generation }: Pick<WrappedKey, 'purpose' | 'generation'>): string =>
  `key/${purpose}/${generation}`;

async function readKeys(db: SqlDatabase): Promise<readonly WrappedKey[]> {
  const { rows } = await db.query(
    `SELECT k.id, k.purpose, k.generation::text AS generation, k.wrapped_by, k.wrapped FROM pintumbler_keys k
      ORDER BY k.generation`,
    [],
  );
  return rows.map((row) => ({
    id: textIn(row, 'id'),
    purpose: textIn(row, 'purpose') === 'seal' ? 'seal' : 'digest',
    generation: numberIn(row, 'generation'),
    wrappedBy: textIn(row, 'wrapped_by'),
    wrapped: textIn(row, 'wrapped'),
  }));
}

/** Makes a key, unless there is one of that generation: then that one is it. */
async function makeKey(
  db: SqlDatabase,
  by: StoreKey,
  purpose: WrappedKey['purpose'],
  generation: number,
): Promise<void> {
  const wrapped = encrypt(by.wrapping, placeOf({ purpose, generation }), randomBytes(32));
  await db.query(
    `INSERT INTO pintumbler_keys (id, purpose, generation, wrapped_by, wrapped) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT DO NOTHING`,
    [`${purpose}-${generation}`, purpose, generation, by.id, wrapped],
  );
}

function unwrap(key: WrappedKey, storeKeys: readonly StoreKey[]): Uint8Array {
  const by = storeKeys.find(({ id }) => id === key.wrappedBy);
  const bytes = by && decrypt(by.wrapping, placeOf(key), key.wrapped);
  return (
    bytes ?? fail('store_key_wrong', 'the database is sealed under a store key that is not among those given')
  );
}

async function rewrap(db: SqlDatabase, key: WrappedKey, bytes: Uint8Array, by: StoreKey): Promise<void> {
  await db.query(
    'UPDATE pintumbler_keys SET wrapped_by = $3, wrapped = $4 WHERE id = $1 AND wrapped_by = $2',
    [key.id, key.wrappedBy, by.id, encrypt(by.wrapping, placeOf(key), bytes)],
  );
}

export class Sealing {
  readonly #db: SqlDatabase;
  readonly #storeKeys: readonly StoreKey[];
  #sealKeys: ReadonlyMap<string, Uint8Array> = new Map();
  #sealWith = '';
  #digestKey: Uint8Array = new Uint8Array();

  private constructor(db: SqlDatabase, storeKeys: readonly StoreKey[]) {
    this.#db = db;
    this.#storeKeys = storeKeys;
  }

  async #load(): Promise<readonly WrappedKey[]> {
    const rows = await readKeys(this.#db);
    const keys = new Map(rows.map((row) => [row.id, unwrap(row, this.#storeKeys)]));
    const last = (purpose: WrappedKey['purpose']): string =>
      rows.filter((row) => row.purpose === purpose).at(-1)?.id ?? '';
    this.#sealKeys = keys;
    this.#sealWith = last('seal');
    this.#digestKey = keys.get(last('digest')) ?? this.#digestKey;
    return rows;
  }

  /**
   * Opens the keys of a database, and makes them in a new one. With `rotate`, keys wrapped under another than the first store
   * key are wrapped anew, and a new seal key is made: so a store key is changed by putting the new one first.
   *
   * @throws PintumblerError `store_key_wrong`
   */
  static async open(db: SqlDatabase, storeKeys: readonly Uint8Array[], rotate: boolean): Promise<Sealing> {
    const [first, ...others] = storeKeys.map(storeKeyOf);
    if (!first) throw new Error('no store key');
    const sealing = new Sealing(db, [first, ...others]);
    // Each for itself: a server may have died between the two.
    const found = await readKeys(db);
    for (const purpose of ['digest', 'seal'] as const)
      if (!found.some((key) => key.purpose === purpose)) await makeKey(db, first, purpose, 1);
    const rows = await sealing.#load();
    const old = rows.filter(({ wrappedBy }) => wrappedBy !== first.id);
    if (old.length === 0 || !rotate) return sealing;
    const generation = 1 + Math.max(...rows.map((row) => row.generation));
    await makeKey(db, first, 'seal', generation);
    for (const row of old) await rewrap(db, row, unwrap(row, sealing.#storeKeys), first);
    await sealing.#load();
    return sealing;
  }

  /** @param place what the value is of: sealed for one place, it opens in no other */
  seal(place: string, text: string): string {
    const key = this.#sealKeys.get(this.#sealWith);
    if (!key) throw new Error('the database has no key to seal with');
    return `${this.#sealWith}.${encrypt(key, place, utf8ToBytes(text))}`;
  }

  /** Whether a value is sealed with the present key. */
  isFresh(sealed: string): boolean {
    return sealed.startsWith(`${this.#sealWith}.`);
  }

  /** @throws PintumblerError `store_damaged`, `store_key_wrong` */
  async open(place: string, sealed: string): Promise<string> {
    const at = sealed.indexOf('.');
    const id = sealed.slice(0, Math.max(at, 0));
    // Sealed by a server that was given a newer store key.
    if (!this.#sealKeys.has(id)) await this.#load();
    const key = this.#sealKeys.get(id);
    const bytes = key && decrypt(key, place, sealed.slice(at + 1));
    if (!bytes) return fail('store_damaged', 'a sealed value of the database was changed, moved or cut off');
    return new TextDecoder().decode(bytes);
  }

  /** Words to look for: 128 bits, the same for the same words. */
  digest(...words: readonly string[]): string {
    const text = utf8ToBytes(JSON.stringify(words));
    return toBase64url(hmac(sha256, this.#digestKey, text).subarray(0, 16));
  }
}

/** @throws PintumblerError `bad_argument`, `key_length` */
export function checkStoreKeys(keys: readonly Uint8Array[]): void {
  if (!Array.isArray(keys) || keys.length === 0) expected('keys', 'a list of at least one store key', keys);
  for (const [index, key] of Array.from<unknown>(keys).entries()) checkBytes(`keys[${index}]`, key, 32);
}
