/**
 * Device tokens: what a lock and its issuers share and what keeps them in step.
 *
 *   root        HKDF-SHA-256(ikm = master, salt = "pintumbler device/1", info = lp(deviceId), L = 32), or 32 random bytes
 *   device key  HKDF-SHA-256(ikm = root, salt = "pintumbler epoch/1", info = lp(deviceId) ‖ u32(epoch), L = 32)
 *
 * The lock and its authority hold the root. An issuer's token holds only the device key of its epoch, so what leaks
 * from a server or a phone ends with the epoch.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { checkBytes, checkFields, checkInteger, checkString, expected, fail, isPlain } from './errors.ts';
import type { Grid } from './grant.ts';
import { derive, lp, u32 } from './keys.ts';
import type { KeyForm } from './schemes/scheme.ts';
import {
  checkRules,
  type PreparedTable,
  type Rules,
  rulesOf,
  tablesOf,
  type Vendor,
} from './vendors/vendor.ts';
import { checkTable, type OffsetTable, standardTable } from './zone.ts';

/** What `createToken` takes. */
export interface TokenOptions {
  readonly vendor: Vendor;
  /** Matches `[A-Za-z0-9._:-]{1,64}`. */
  readonly deviceId: string;
  /**
   * Exactly one of the three: 32 bytes of root, 32 bytes of device key, or at least 32 bytes of master key. A vendor
   * whose scheme prescribes its key (Tuya: 6 ASCII bytes) takes that as `key`, and no root.
   */
  readonly root?: Uint8Array;
  readonly key?: Uint8Array;
  readonly master?: Uint8Array;
  /** 0 to 2^32 − 2; 0 if absent. */
  readonly epoch?: number;
  /** IANA name; checked against the time zone database by `pintumbler/calendar` only. */
  readonly timeZone: string;
  /** The UTC minute at which the device's hours begin in its standard time, 0 to 59; `zoneFacts` computes it. */
  readonly gridOffset?: number;
  /** Offset table, for civil kinds; `zoneFacts` computes it. */
  readonly offsets?: OffsetTable;
  /** The share of variances this issuer may give out, both included. */
  readonly variances?: readonly [from: number, to: number];
  /** The vendor's device settings. */
  readonly config?: unknown;
}

/** Token fields as read from a text: nothing of them is known yet. */
export type TokenFields = { readonly [name in keyof TokenOptions]?: unknown };

/** The highest epoch: a lock lives with an epoch and the next, and both fit 32 bits. */
export const LAST_EPOCH = 0xffff_fffe;

const DEVICE_ID = /^[A-Za-z0-9._:-]{1,64}$/;
/** The longest IANA name has 32 characters; a key in base64url has 43. */
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+/-]{0,39}$/;

let secretOf: (token: DeviceToken) => Uint8Array;
let isToken: (value: object) => value is DeviceToken;

/**
 * A device token. Its secret is in a private field: logging, inspecting or `JSON.stringify` never shows it; writing it
 * out is one explicit call, `formatToken` or `tokenJson`. Made by `createToken`, `deriveToken` and `parseToken`.
 */
export class DeviceToken {
  readonly deviceId: string;
  readonly epoch: number;
  readonly timeZone: string;
  readonly gridOffset: number;
  /** Whether the secret is the root (any epoch) or the device key of this epoch. */
  readonly holds: 'root' | 'key';
  readonly variances: readonly [from: number, to: number] | undefined;
  readonly config: unknown;
  readonly offsets: OffsetTable | undefined;
  readonly #vendor: Vendor;
  readonly #rules: Rules;
  readonly #secret: Uint8Array;

  static {
    secretOf = (token) => token.#secret;
    // Not instanceof: an object made from a token passes that, and has no secret.
    isToken = (value): value is DeviceToken => #secret in value;
  }

  /** @internal Use `createToken`. */
  constructor(
    options: Required<Pick<TokenOptions, 'vendor' | 'deviceId' | 'epoch' | 'timeZone' | 'gridOffset'>> &
      TokenOptions,
    holds: 'root' | 'key',
    secret: Uint8Array,
    rules: Rules,
  ) {
    this.deviceId = options.deviceId;
    this.epoch = options.epoch;
    this.timeZone = options.timeZone;
    this.gridOffset = options.gridOffset;
    this.holds = holds;
    this.variances = options.variances;
    this.config = options.config;
    this.offsets = options.offsets;
    this.#vendor = options.vendor;
    this.#rules = rules;
    this.#secret = secret;
    Object.freeze(this);
  }

  get vendor(): Vendor {
    return this.#vendor;
  }

  /** The vendor's rules under this device's settings. */
  get rules(): Rules {
    return this.#rules;
  }

  /** Everything but the secret. */
  toJSON(): unknown {
    return {
      vendor: this.#vendor.id,
      device_id: this.deviceId,
      epoch: this.epoch,
      time_zone: this.timeZone,
      grid_offset: this.gridOffset,
      holds: this.holds,
      secret: 'redacted',
      ...(this.variances && { variances: this.variances }),
      ...(this.config !== undefined && { config: this.config }),
    };
  }
}

/** The device's grid and local times, for codes of one table. */
export function gridOf(
  { rules: { clock }, gridOffset, offsets }: DeviceToken,
  { step, origin, slots }: Pick<PreparedTable, 'step' | 'origin' | 'slots'>,
): Grid {
  const shift = clock === 'utc' ? 0 : 60 * gridOffset;
  // A lock that knows no daylight-saving time keeps its standard time all year.
  return {
    step,
    origin,
    shift,
    slots,
    offsets: clock === 'civil' ? offsets : offsets && standardTable(offsets),
  };
}

/** 32 bytes, derived from a root. */
const DERIVED: KeyForm = { from: 32, to: 32 };

/** The key that a vendor's scheme takes. */
export const keyFormOf = ({ scheme }: Pick<Vendor, 'scheme'>): KeyForm =>
  ('key' in scheme && scheme.key) || DERIVED;

/** The secret's bytes: for writing a token out. */
export function secretBytes(token: DeviceToken): Uint8Array {
  return Uint8Array.from(secretOf(token));
}

/** The key under which the codes of the token's epoch are made. */
export function deviceKey(token: DeviceToken): Uint8Array {
  if (token.holds === 'key') return secretBytes(token);
  return derive(secretOf(token), 'pintumbler epoch/1', concatBytes(lp(token.deviceId), u32(token.epoch)), 32);
}

/**
 * Sixteen hex digits that tell one lock's secret from another's and give nothing away: what binds a state to its lock. A
 * key so short that it could be searched for by its fingerprint has none: the epoch and the device id must do.
 */
export function fingerprint(token: DeviceToken): string {
  const secret = secretOf(token);
  if (secret.length < 16) return 'short-key';
  const bytes = derive(secret, 'pintumbler fingerprint/1', lp(token.deviceId), 8);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function checkToken(field: string, value: unknown): asserts value is DeviceToken {
  if (typeof value !== 'object' || value === null || !isToken(value)) {
    expected(field, 'a device token (createToken, parseToken)', value);
  }
}

/** A deep, frozen copy of settings: a caller who changes theirs later changes no code. */
function copyOf(value: unknown, depth: number = 0): unknown {
  if (depth > 16) fail('config_invalid', '"config" expected settings nested less than 16 deep');
  if (Array.isArray(value)) return Object.freeze(value.map((each) => copyOf(each, depth + 1)));
  if (typeof value !== 'object' || value === null) return value;
  // A Map or a Date would come out empty, and settings that were given would not count.
  if (!isPlain(value)) fail('config_invalid', '"config" expected plain objects and arrays');
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copyOf(each, depth + 1)])),
  );
}

function checkShare(value: unknown, rules: Rules): readonly [number, number] {
  const [from, to] = Array.isArray(value) && value.length === 2 ? value : [];
  const kinds = tablesOf(rules).flatMap((table) => table.kinds);
  const most = Math.max(...kinds.map((kind) => kind.variances)) - 1;
  if (!Array.isArray(value)) expected('variances', '[from, to]', value);
  checkInteger('variances', from, 0, most);
  checkInteger('variances', to, from, most);
  return Object.freeze([from, to] as const);
}

function readSecret(
  fields: TokenFields,
  deviceId: string,
  form: KeyForm,
): { holds: 'root' | 'key'; secret: Uint8Array } {
  const { root, key, master } = fields;
  if ([root, key, master].filter((each) => each !== undefined).length !== 1) {
    fail('bad_argument', 'a token expected exactly one of "root", "key" and "master"');
  }
  if (form !== DERIVED) {
    if (key === undefined) fail('key_length', 'this vendor prescribes its own key: "key" is missing');
    checkBytes('key', key, form.from, form.to);
    // Not Uint8Array.from: that asks the iterator, which a subclass may have of its own.
    const secret = new Uint8Array(key);
    if (form.ascii && secret.some((byte) => byte < 33 || byte > 126))
      fail('key_length', '"key" expected printable ASCII');
    return { holds: 'key', secret };
  }
  if (master !== undefined) {
    checkBytes('master', master, 32, 65536);
    return { holds: 'root', secret: derive(master, 'pintumbler device/1', lp(deviceId), 32) };
  }
  const holds = root === undefined ? 'key' : 'root';
  const secret = root ?? key;
  checkBytes(holds, secret, 32);
  // Not slice(): on a Buffer that is a view, and the engine wipes its copy.
  const copy = new Uint8Array(secret);
  return { holds, secret: copy };
}

/** Checks every field and makes the token: the one place where a token begins. */
export function readToken(vendor: Vendor, fields: TokenFields): DeviceToken {
  const { deviceId, timeZone, epoch = 0, gridOffset = 0, offsets, variances } = fields;
  checkString('deviceId', deviceId);
  if (!DEVICE_ID.test(deviceId)) expected('deviceId', '1 to 64 of A-Z a-z 0-9 . _ : -', deviceId);
  checkInteger('epoch', epoch, 0, LAST_EPOCH);
  checkString('timeZone', timeZone);
  if (!ZONE_NAME.test(timeZone)) expected('timeZone', 'an IANA name such as Europe/Lisbon', timeZone);
  checkInteger('gridOffset', gridOffset, 0, 59);
  const config = copyOf(fields.config);
  const rules = rulesOf(vendor, config);
  checkRules(rules);
  const { holds, secret } = readSecret(fields, deviceId, keyFormOf(vendor));
  const checked = {
    vendor,
    deviceId,
    epoch,
    timeZone,
    gridOffset,
    config,
    ...(offsets !== undefined && { offsets: checkTable('offsets', offsets) }),
    ...(variances !== undefined && { variances: checkShare(variances, rules) }),
  };
  return new DeviceToken(checked, holds, secret, rules);
}

/**
 * Makes a device token. Pure: the randomness of a new root is the caller's, such as `crypto.getRandomValues`.
 *
 * @throws `bad_argument`, `out_of_range`, `key_length`, `token_malformed`, `config_invalid`
 * @example
 * import { createToken, mint } from 'pintumbler';
 * import { igloohome } from 'pintumbler/vendors';
 * const token = createToken({
 *   vendor: igloohome,
 *   deviceId: 'door-7',
 *   root: new Uint8Array(32).fill(7), // in earnest: crypto.getRandomValues(new Uint8Array(32))
 *   timeZone: 'Europe/Lisbon',
 * });
 * const startsAt = Date.UTC(2026, 2, 1, 15) / 1000;
 * console.log(mint(token, { kind: 'hourly', variance: 0, startsAt, endsAt: startsAt + 7200 }).length); // 9
 * console.log(JSON.stringify(token).includes('redacted')); // true
 */
export function createToken(options: TokenOptions): DeviceToken {
  checkFields('options', options, [
    'vendor',
    'deviceId',
    'root',
    'key',
    'master',
    'epoch',
    'timeZone',
    'gridOffset',
    'offsets',
    'variances',
    'config',
  ]);
  const { vendor } = options;
  if (typeof vendor !== 'object' || vendor === null || !('rules' in vendor)) {
    expected('vendor', 'a vendor such as those of pintumbler/vendors', vendor);
  }
  return readToken(vendor, options);
}

/**
 * Derives the token of another epoch, of an issuer (no root), or of an issuer with a share of the variances.
 *
 * @param options.epoch another epoch; needs the root.
 * @param options.variances `[from, to]`, inside the share the token already has.
 * @param options.keepRoot keep the root, for a lock; by default the result holds only the device key of its epoch.
 * @throws `root_required` for another epoch without the root; `variance_unavailable` for a share outside the token's.
 * @example
 * import { createToken, deriveToken } from 'pintumbler';
 * import { igloohome } from 'pintumbler/vendors';
 * const lock = createToken({ vendor: igloohome, deviceId: 'door-7', root: new Uint8Array(32), timeZone: 'UTC' });
 * const issuer = deriveToken(lock, { variances: [1, 2] });
 * console.log(issuer.holds); // key
 */
export function deriveToken(
  token: DeviceToken,
  options: {
    readonly epoch?: number;
    readonly variances?: readonly [number, number];
    readonly keepRoot?: boolean;
  } = {},
): DeviceToken {
  checkToken('token', token);
  checkFields('options', options, ['epoch', 'variances', 'keepRoot']);
  const { epoch = token.epoch, variances, keepRoot = false } = options;
  checkInteger('epoch', epoch, 0, LAST_EPOCH);
  if (typeof keepRoot !== 'boolean') expected('keepRoot', 'true or false', keepRoot);
  if (token.holds === 'key' && (epoch !== token.epoch || keepRoot)) {
    fail(
      'root_required',
      `an issuer's token has the key of epoch ${token.epoch} only; the root is at the lock's authority`,
    );
  }
  const share = variances === undefined ? token.variances : checkShare(variances, token.rules);
  if (share && token.variances && (share[0] < token.variances[0] || share[1] > token.variances[1])) {
    fail(
      'variance_unavailable',
      `"variances" expected a part of the token's own share ${token.variances.join(' to ')}`,
    );
  }
  const next = {
    vendor: token.vendor,
    deviceId: token.deviceId,
    epoch,
    timeZone: token.timeZone,
    gridOffset: token.gridOffset,
    config: token.config,
    ...(token.offsets && { offsets: token.offsets }),
    ...(share && { variances: share }),
  };
  if (keepRoot) return new DeviceToken(next, 'root', secretBytes(token), token.rules);
  // The root's token of that epoch, to take its key.
  const source = token.holds === 'key' ? token : new DeviceToken(next, 'root', secretOf(token), token.rules);
  return new DeviceToken(next, 'key', deviceKey(source), token.rules);
}
