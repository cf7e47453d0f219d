/**
 * API keys: what a handler keeps of them, and how it knows one again. SHA-256 (FIPS 180-4) without salt or stretching is
 * enough for keys that were drawn at random, and for nothing that a person made up: what cannot be guessed need not be made
 * slow to guess.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { expected, fail } from '../errors.ts';
import { sameCode } from '../keys.ts';
import { refuse } from './errors.ts';

const hashOf = (key: string): string => bytesToHex(sha256(utf8ToBytes(key)));

/** 22 random letters and digits are 131 bits. */
const API_KEY = /^seam_[A-Za-z0-9_-]{22,200}$/;

/** Seam's SDK takes these for tokens of other kinds, and never sends them as an API key. */
const OTHER_TOKEN = /^seam_(?:at|cst|pk)/;

/**
 * What `seamHandler` knows an API key by: its SHA-256, 64 lower-case hexadecimal digits. Keep the hash, hand out the key.
 *
 * A key is `seam_` and 22 to 200 letters, digits, `_` or `-`, and begins with none of `seam_at`, `seam_cst` and `seam_pk`,
 * which Seam's SDK uses for other tokens. **Draw it at random**: the hash of a word that somebody made up is found by trying.
 *
 * @throws PintumblerError `bad_argument`: not such a key; the message does not repeat it.
 *
 * @example
 * import { apiKeyHash } from 'pintumbler/seam';
 * const random = [...crypto.getRandomValues(new Uint8Array(24))];
 * const key = `seam_key_${random.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`; // for the client
 * console.log(apiKeyHash(key).length); // 64
 */
export function apiKeyHash(key: string): string {
  if (typeof key !== 'string' || !API_KEY.test(key))
    expected('key', '"seam_" and 22 to 200 letters, digits, "_" or "-"', key);
  if (OTHER_TOKEN.test(key))
    fail('bad_argument', '"key" must not begin with "seam_at", "seam_cst" or "seam_pk": draw another one');
  return hashOf(key);
}

/** Copies the hashes: what the caller does to the list later lets nobody in. */
function checkedHashes(hashes: readonly string[]): readonly string[] {
  if (!Array.isArray(hashes) || hashes.length === 0)
    expected('apiKeys', 'a list of at least one hash', hashes);
  return Array.from<unknown>(hashes).map((hash, index) =>
    typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash)
      ? hash
      : expected(`apiKeys[${index}]`, 'what apiKeyHash gives, 64 lower-case hexadecimal digits', hash),
  );
}

/**
 * Looks at an `authorization` header.
 *
 * @throws PintumblerError `bad_argument`: something that is no hash; SeamError `unauthorized`, on use.
 */
export function authorizer(apiKeys: readonly string[]): (header: string | null) => void {
  const hashes = checkedHashes(apiKeys);
  return (header) => {
    if (header === null) refuse('unauthorized', 'No Authorization header');
    const [, key] = /^bearer +(\S+)$/i.exec(header) ?? [];
    if (key === undefined) refuse('unauthorized', 'No token provided');
    const given = hashOf(key);
    let known = false;
    // Every hash is compared: the time does not tell which one it was.
    for (const hash of hashes) known = sameCode(hash, given) || known;
    if (!known) refuse('unauthorized', 'API Key not found');
  };
}
