/**
 * The one error class, its closed list of codes, and the boundary assertions that throw it.
 * A message names the field, what was expected and what came. Strings are described by their length, and shown only where
 * a word of ours is expected, never where a key, a token or a PIN is; numbers are shown only where a number belongs.
 */

export type ErrorCode =
  | 'bad_argument' // wrong type, NaN, a fraction, an unknown or missing option
  | 'out_of_range' // the right type, a value outside its range
  | 'key_length' // a key or master key that is too short or of the wrong length
  | 'token_malformed' // not a device token, or a field of one that is not as the format says
  | 'token_truncated' // a device token with its end missing
  | 'token_mistyped' // a device token whose checksum does not match
  | 'token_version' // a device token of a version this library does not read
  | 'vendor_unknown' // the token names a vendor that is not in the list passed in
  | 'root_required' // an issuer's token cannot be turned into that of another epoch
  | 'config_invalid' // device settings that the vendor does not know
  | 'rules_invalid' // a vendor's rules that contradict themselves or the scheme
  | 'vendor_guessable' // rules that one guess in ten thousand defeats, and a vendor that does not say so
  | 'scheme_remote' // digits that come from somewhere else, asked of the library
  | 'peer_missing' // an optional package that has to be installed first
  | 'domain_too_small' // FF1 over fewer than 10^6 messages
  | 'kind_unknown' // the vendor has no such kind of code
  | 'lane_unknown' // the vendor has no such lane
  | 'variance_unavailable' // a variance outside the kind's, or outside this issuer's share
  | 'off_grid' // a start or an end that no code of that kind can say
  | 'window_reversed' // an end that is not after the start
  | 'zone_unknown' // a time zone name that the time zone database does not have
  | 'zone_required' // a civil kind, and a token without an offset table
  | 'zone_table_ended' // a civil kind at a time that the offset table does not cover
  | 'local_time_missing' // a wall time that the clock skips on that day
  | 'local_time_twice' // a wall time that comes twice on that day
  | 'no_fit' // no kind of code fits the request; `nearest` is the one that comes closest
  | 'code_ambiguous' // a code that would also read as another grant of the same time: take the next variance
  | 'code_malformed' // not a code of this vendor: wrong length or symbols
  | 'state_damaged' // a lock state that is cut off, changed, or not one
  | 'state_foreign' // a lock state of another lock
  | 'state_version' // a lock state of a version this library does not read
  | 'schema_newer' // a database that a newer release has been at
  | 'store_key_wrong' // none of the store keys given opens the database
  | 'store_damaged'; // a sealed value of the database that was changed, moved or cut off

/** What comes closest to a refused request: `error.nearest` of `no_fit`. Instants are epoch seconds. */
export interface Nearest {
  readonly kind: string;
  readonly startsAt: number;
  /** Null: no end. */
  readonly endsAt: number | null;
}

/**
 * Every error this library throws on purpose. Switch on `code`; the text is for people.
 *
 * @example
 * import { parseToken, PintumblerError } from 'pintumbler';
 * import { builtIn } from 'pintumbler/vendors';
 * try {
 *   parseToken('what is this?', builtIn);
 * } catch (error) {
 *   if (error instanceof PintumblerError) console.log(error.code); // token_malformed
 * }
 */
export class PintumblerError extends Error {
  override readonly name: string = 'PintumblerError';
  readonly code: ErrorCode;
  readonly nearest?: Nearest;

  constructor(code: ErrorCode, message: string, nearest?: Nearest) {
    super(message);
    this.code = code;
    if (nearest) this.nearest = nearest;
  }
}

export function fail(code: ErrorCode, message: string): never {
  throw new PintumblerError(code, message);
}

/** A description of a value that cannot give a secret away: a string may be a key or a code, pasted by mistake. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `a string of length ${value.length}`;
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return typeof value === 'object' ? 'an object' : typeof value;
}

/** The same where a word of ours belongs; no code of a keypad with letters, those are upper-case. */
export const shownWord = (value: unknown): string =>
  typeof value === 'string' && /^(?=.*[a-z])[A-Za-z][A-Za-z_/+-]{0,31}$/.test(value)
    ? `"${value}"`
    : shown(value);

/** A number in its place; six digits and more could be a code in the wrong one. */
export const shownNumber = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) >= 100_000
    ? 'another number'
    : Object.is(value, -0)
      ? '-0'
      : String(value);

/** Fields of words: everywhere else short keys and codes look like them. */
const WORDS =
  /^(?:(?:token\.)?vendor|kind|timeZone|disambiguation|maxTimeRounding|(?:config|rules|vendor|scheme)\..+)$/;

/** The usual refusal: what the field expected, and what came. */
export function expected(
  field: string,
  wanted: string,
  value: unknown,
  code: ErrorCode = 'bad_argument',
): never {
  fail(code, `"${field}" expected ${wanted}, got ${WORDS.test(field) ? shownWord(value) : shown(value)}`);
}

/** The latest instant the library deals with: 9999-12-31T23:59:59Z. */
export const LAST_INSTANT = 253402300799;

export function checkInteger(
  field: string,
  value: unknown,
  from: number,
  to: number,
): asserts value is number {
  if (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value >= from &&
    value <= to &&
    !Object.is(value, -0)
  )
    return;
  const whole = typeof value === 'number' && Number.isInteger(value) && !Object.is(value, -0);
  fail(
    whole ? 'out_of_range' : 'bad_argument',
    `"${field}" expected an integer from ${from} to ${to}, got ${typeof value === 'number' ? shownNumber(value) : shown(value)}`,
  );
}

/** A whole number among a device's settings. */
export function integerSetting(
  name: string,
  value: unknown,
  from: number,
  to: number,
  absent?: number,
): number {
  if (value === undefined && absent !== undefined) return absent;
  const isWhole = typeof value === 'number' && Number.isInteger(value) && !Object.is(value, -0);
  if (isWhole && value >= from && value <= to) return value;
  return expected(`config.${name}`, `an integer from ${from} to ${to}`, value, 'config_invalid');
}

/** An instant in whole epoch seconds: the engine knows no other form of time. */
export function checkInstant(field: string, value: unknown): asserts value is number {
  checkInteger(field, value, 0, LAST_INSTANT);
}

export function checkString(field: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') expected(field, 'a string', value);
}

/** How many bytes there are, whatever a subclass says of itself; undefined for what is no array of bytes. */
function lengthOf(value: unknown): number | undefined {
  const prototype: object = Object.getPrototypeOf(Uint8Array.prototype);
  const length: unknown = value instanceof Uint8Array ? Reflect.get(prototype, 'length', value) : undefined;
  return typeof length === 'number' ? length : undefined;
}

export function checkBytes(
  field: string,
  value: unknown,
  atLeast: number,
  atMost: number = atLeast,
): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array) || lengthOf(value) !== value.length)
    expected(field, 'bytes (Uint8Array)', value);
  if (value.length >= atLeast && value.length <= atMost) return;
  const wanted = atLeast === atMost ? `${atLeast}` : `at least ${atLeast}`;
  fail('key_length', `"${field}" expected ${wanted} bytes, got ${value.length}`);
}

/** An object literal of any realm, or one without a prototype: no Map, Date or array. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Refuses what is not a plain object, and every property that is not on the list: a misspelt option is an error. */
export function checkFields(
  field: string,
  value: unknown,
  known: readonly string[],
): asserts value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || !isPlain(value))
    expected(field, 'a plain object', value);
  // for…in sees inherited properties too, and makes no list: this is on the way of every code.
  for (const name in value) {
    if (!known.includes(name) || !Object.hasOwn(value, name)) {
      fail(
        'bad_argument',
        `"${field}" has an unknown property ${shownWord(name)}; known: ${known.join(', ')}`,
      );
    }
  }
}
