/**
 * The devices of the facade: a device token with Seam's identity, and the Seam object for it. Properties are those of
 * @seamapi/types 1.977.0; what a device can do is read from its vendor's rules.
 *
 * The table is the only place that knows what Seam calls a maker. Chosen here:
 * - `online` is false: these locks have no line. No error or warning comes with it, for nothing is amiss, as with an
 *   igloohome lock without a bridge. The schema has no warning that says "emulated": `custom_metadata` and the
 *   provider's name do.
 * - Lockly has a time frame option, where Seam would have none ("any time frame"): its rules have a longest window.
 * - `door_id` and the ids of Oracode user levels are made from the device's id, unless the settings have a UUID.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { firstVariance, lastVariance } from '../engine.ts';
import { checkFields, checkInstant, expected, fail } from '../errors.ts';
import { countOf, indexFrom, type Range, valueAt } from '../grant.ts';
import { u32 } from '../keys.ts';
import { checkToken, type DeviceToken, deviceKey } from '../token.ts';
import { frozen, type PlacedKind, prepareRules } from '../vendors/vendor.ts';
import { DAY } from '../zone.ts';
import { type Device, type TimeFrameOption, timestamp, UUID } from './objects.ts';

/** A device as the operator lists it. */
export interface SeamDevice {
  /** What codes are made with: a root, or the key of one epoch. */
  readonly token: DeviceToken;
  /** Seam's id, a UUID. By default the token's device id where that is one, else made from it and the vendor's id. */
  readonly deviceId?: string;
  /** What people call it; by default the token's device id. */
  readonly name?: string;
  /** Seam's `device_type`, one of its lock types such as `igloohome_lock`; by default what Seam calls the vendor's locks. */
  readonly deviceType?: string;
  /** Epoch seconds; by default when the service was made. */
  readonly createdAt?: number;
}

/** A device that the facade serves. */
export interface RegisteredDevice {
  readonly token: DeviceToken;
  /** Seam's id, in lower case. */
  readonly id: string;
  readonly object: Device;
  /** Epoch seconds. */
  readonly createdAt: number;
  /** Whether Seam counts the maker among those whose locks keep a code's times themselves. */
  readonly nativeScheduling: boolean;
  /** Whether a code can be made now. */
  readonly programmable: boolean;
  /** Symbols of a code, prefix included, ascending. */
  readonly lengths: readonly number[];
  /** How many codes the lock holds, by the maker's word. */
  readonly most: number | undefined;
  /** The site of an Oracode door. */
  readonly site: string;
  /** Ids of Oracode user levels, by the lane that is their prefix. */
  readonly levels: ReadonlyMap<string, string>;
}

/** Every device, and where they are. */
export interface Registry {
  readonly workspaceId: string;
  readonly byId: ReadonlyMap<string, RegisteredDevice>;
  /** In the order in which they were listed. */
  readonly all: readonly RegisteredDevice[];
}

/** A UUID of version 8 (RFC 9562, section 5.8) that depends on the texts alone: SHA-256 of each with its length before it. */
export function uuidFrom(...parts: readonly string[]): string {
  const bytes = sha256(
    concatBytes(
      ...parts.flatMap((part) => {
        const text = utf8ToBytes(part);
        return [u32(text.length), text];
      }),
    ),
  );
  const hex = bytesToHex(bytes.subarray(0, 16));
  const variant = (((bytes[8] ?? 0) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20)}`;
}

/** What is known of a device before its object is made. */
interface Known {
  readonly token: DeviceToken;
  readonly id: string;
  readonly name: string;
  readonly levels: ReadonlyMap<string, string>;
}

const SITE = 'pintumbler';

/** Seam's words for a maker. */
interface Words {
  readonly type: string;
  readonly provider: string;
  readonly maker: string;
  readonly category: 'stable' | 'internal';
  readonly nativeScheduling: boolean;
  readonly metadata?: (known: Known) => Readonly<Record<string, unknown>>;
}

const WORDS: ReadonlyMap<string, Words> = new Map<string, Words>([
  [
    'igloohome',
    {
      type: 'igloohome_lock',
      provider: 'igloohome',
      maker: 'igloohome',
      category: 'stable',
      nativeScheduling: true,
      metadata: ({ token, name }) => ({
        igloohome_metadata: { device_id: token.deviceId, device_name: name },
      }),
    },
  ],
  [
    'dormakaba-oracode',
    {
      type: 'dormakaba_oracode_door',
      provider: 'dormakaba_oracode',
      maker: 'dormakaba Oracode',
      category: 'stable',
      nativeScheduling: false,
      metadata: (known) => ({ dormakaba_oracode_metadata: oracodeDoor(known) }),
    },
  ],
  [
    'lockly',
    {
      type: 'lockly_lock',
      provider: 'lockly',
      maker: 'Lockly',
      category: 'stable',
      nativeScheduling: false,
      metadata: ({ token, name }) => ({ lockly_metadata: { device_id: token.deviceId, device_name: name } }),
    },
  ],
  [
    'ttlock',
    {
      type: 'ttlock_lock',
      provider: 'ttlock',
      maker: 'TTLock',
      category: 'stable',
      nativeScheduling: true,
      metadata: ({ name }) => ({ ttlock_metadata: { lock_alias: name, has_gateway: false } }),
    },
  ],
]);

/** Every type of a lock that Seam has: the list of @seamapi/types 1.977.0. */
export const LOCK_TYPES: readonly string[] = `
  akiles_lock akuvox_lock august_lock avigilon_alta_entry brivo_access_point butterflymx_panel controlbyweb_device
  doorking_lock dormakaba_oracode_door four_suites_door genie_door igloo_lock igloohome_lock keyincode_lock kisi_lock
  kwikset_lock linear_lock lockly_lock nuki_lock omnitec_lock salto_lock schlage_lock smartthings_lock tedee_lock
  ttlock_lock two_n_intercom ultraloq_lock wyze_lock yale_lock`
  .trim()
  .split(/\s+/);

const LOCK_TYPE = new RegExp(`^(?:${LOCK_TYPES.join('|')})$`);

function wordsOf({ vendor }: DeviceToken): Words {
  const own: Words = {
    // Seam has no word for these makers. Of its types this is the least specific keypad lock; all the rest says what it is.
    type: 'keyincode_lock',
    provider: vendor.id.replaceAll('-', '_'),
    maker: vendor.name,
    category: 'internal',
    nativeScheduling: true,
  };
  return WORDS.get(vendor.id) ?? own;
}

/** A property of settings that the vendor has checked. */
const setting = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? Reflect.get(of, name) : undefined;

/** The time slots among the settings, in the order of the kinds that were made from them. */
function timeSlots({ config }: DeviceToken): readonly unknown[] {
  const slots = setting(config, 'predefined_time_slots');
  return Array.isArray(slots) ? slots : [];
}

function levelsOf(token: DeviceToken, id: string): ReadonlyMap<string, string> {
  const { kinds } = prepareRules(token.rules);
  const levels = timeSlots(token).map((slot, index): [string, string] => {
    const lane = kinds[index]?.lane ?? '';
    const given = setting(slot, 'dormakaba_oracode_user_level_id');
    const isUuid = typeof given === 'string' && UUID.test(given);
    return [lane, isUuid ? given.toLowerCase() : uuidFrom('user_level', id, lane)];
  });
  return new Map(levels);
}

/** Seconds after midnight as `HH:MM`. */
const clockTime = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(11, 16);

function oracodeDoor({ token, id, name, levels }: Known): Readonly<Record<string, unknown>> {
  const { kinds } = prepareRules(token.rules);
  const slots = timeSlots(token);
  const time = (seconds: number): string => `${clockTime(seconds)}:00[${token.timeZone}]`;
  return {
    door_id: Number.parseInt(id.slice(0, 8), 16),
    door_name: name,
    device_id: token.deviceId,
    door_is_wireless: false,
    site_name: SITE,
    iana_timezone: token.timeZone,
    predefined_time_slots: kinds.map(({ name: level, lane = '', shape }, index) => ({
      ...(level !== undefined && { name: level }),
      prefix: Number(lane),
      is_master: false,
      is_24_hour: setting(slots[index], 'is_24_hour') ?? false,
      is_one_shot: false,
      is_biweekly_mode: setting(slots[index], 'is_biweekly_mode') ?? false,
      check_in_time: time(shape.opens),
      check_out_time: time(shape.closes),
      dormakaba_oracode_user_level_id: levels.get(lane),
      dormakaba_oracode_user_level_prefix: Number(lane),
      ext_dormakaba_oracode_user_level_prefix: Number(lane),
    })),
  };
}

/** The kinds that a request of Seam's can mean: `plan` takes a code of a period only where there are no windows. */
function offeredKinds(token: DeviceToken): readonly PlacedKind[] {
  const { kinds } = prepareRules(token.rules);
  const hasWindows = kinds.some((kind) => kind.for === 'window');
  const uses = ['window', 'one_time', 'count', ...(hasWindows ? [] : ['rolling'])];
  return kinds.filter(
    ({ for: use, effect, asks }) =>
      uses.includes(use) && (effect === 'open' || effect === 'supersede') && asks === undefined,
  );
}

/** Those of which this token, here, can make a code. */
function workingKinds(
  token: DeviceToken,
  offered: readonly PlacedKind[],
  hasIssuer: boolean,
): readonly PlacedKind[] {
  if ('remote' in token.vendor.scheme && !hasIssuer) return [];
  const inShare = offered.filter((kind) => firstVariance(token) <= lastVariance(token, kind));
  if (token.offsets) return inShare;
  // Which kind says a window within a year takes the offset table, and no other may stand in.
  const unsure = new Set(offered.filter(({ shape }) => shape.withinYear).map((kind) => kind.for));
  return inShare.filter((kind) => kind.shape.on !== 'civil-day' && !unsure.has(kind.for));
}

function lengthsOf(token: DeviceToken, kinds: readonly PlacedKind[]): readonly number[] {
  const { tables } = prepareRules(token.rules);
  const lengths = tables.flatMap(({ layout }, table) => {
    const [lane = ''] = layout.lanes;
    return kinds.some((kind) => kind.table === table) ? [lane.length + layout.digits] : [];
  });
  return [...new Set(lengths)].sort((a, b) => a - b);
}

/** ISO 8601, in the largest unit that is whole. */
function duration(seconds: number, isDays: boolean): string {
  if (isDays) return `P${seconds / DAY}D`;
  if (seconds % 3600 === 0) return `PT${seconds / 3600}H`;
  return seconds % 60 === 0 ? `PT${seconds / 60}M` : `PT${seconds}S`;
}

const areDays = (lengths: Range): boolean =>
  'step' in lengths
    ? lengths.from % DAY === 0 && lengths.step % DAY === 0
    : lengths.every((length) => length % DAY === 0);

const last = (lengths: Range): number => valueAt(lengths, countOf(lengths) - 1) ?? 0;

/** Of kinds that begin on any slot: their shortest and longest window. */
function bandOf(kinds: readonly PlacedKind[]): Omit<TimeFrameOption, 'display_name'> {
  const all = kinds.map((kind) => kind.shape.lengths);
  const isDays = all.every(areDays);
  // A window of no length is one that nobody asks for.
  const shortest = Math.min(...all.map((lengths) => valueAt(lengths, indexFrom(lengths, 1)) ?? 0));
  return {
    min_duration: duration(shortest, isDays),
    max_duration: duration(Math.max(...all.map(last)), isDays),
    ...(isDays && { matching_start_end_time: true }),
  };
}

/** Of a kind with times of day, in whole days: its shortest window rounded down, its longest rounded up. */
function daysOf({ shape: { opens, closes, lengths } }: PlacedKind): readonly [least: number, most: number] {
  const daytime = (closes - opens) / DAY;
  const shortest = (valueAt(lengths, indexFrom(lengths, daytime > 0 ? 0 : 1)) ?? 0) + daytime;
  // From an opening to the next closing: the pair of times says that already.
  return [shortest <= 1 ? 0 : Math.floor(shortest), Math.ceil(last(lengths) + daytime)];
}

function pairsOf(kinds: readonly PlacedKind[]): NonNullable<TimeFrameOption['time_pairs']> {
  const pairs = kinds.map(({ name, shape }) => {
    const [start_time, end_time] = [clockTime(shape.opens), clockTime(shape.closes)];
    return { display_name: name ?? `${start_time} to ${end_time}`, start_time, end_time };
  });
  return [...new Map(pairs.map((pair) => [Object.values(pair).join(' '), pair])).values()];
}

function fixedTimes(kinds: readonly PlacedKind[], timeZone: string): Omit<TimeFrameOption, 'display_name'> {
  const [[least, most] = [0, 0]] = kinds.map(daysOf);
  return {
    ...(least > 0 && { min_duration: `P${least}D` }),
    max_duration: `P${most}D`,
    time_pairs: pairsOf(kinds),
    time_zone: timeZone,
  };
}

/** The option that a kind is in: kinds of one name, or with times of day, of one shortest and longest stay. */
const optionKey = (kind: PlacedKind): string =>
  kind.shape.on === 'civil-day' ? `days ${daysOf(kind).join(' ')}` : `kind ${kind.id}`;

function labelOf(kinds: readonly PlacedKind[]): string {
  const [id = '', ...others] = new Set(kinds.map((kind) => kind.id));
  return others.length > 0
    ? 'Fixed start times'
    : id.charAt(0).toUpperCase() + id.slice(1).replaceAll('_', ' ');
}

/** The ways to say a time frame; none where codes are for no time. */
function timeFrames(token: DeviceToken, kinds: readonly PlacedKind[]): readonly TimeFrameOption[] {
  const groups = new Map<string, PlacedKind[]>();
  for (const kind of kinds) {
    if (kind.for !== 'window' && kind.for !== 'rolling') continue;
    groups.set(optionKey(kind), [...(groups.get(optionKey(kind)) ?? []), kind]);
  }
  const options = [...groups.values()].map((group) => ({
    display_name: labelOf(group),
    ...(group[0]?.shape.on === 'civil-day' ? fixedTimes(group, token.timeZone) : bandOf(group)),
  }));
  if (options.length === 1) return options.map((option) => ({ ...option, display_name: token.vendor.name }));
  const labels = options.map((option) => option.display_name);
  return options.map((option) =>
    labels.filter((label) => label === option.display_name).length > 1
      ? { ...option, display_name: `${option.display_name}, up to ${option.max_duration}` }
      : option,
  );
}

/** What a device can do, in one place. */
interface Abilities {
  /** Undefined: it has no codes that Seam has requests for. */
  readonly programmable: boolean | undefined;
  readonly lengths: readonly number[];
  readonly options: readonly TimeFrameOption[];
  readonly hasBackups: boolean;
  readonly opens: boolean;
}

function abilitiesOf(token: DeviceToken, hasIssuer: boolean): Abilities {
  const offered = offeredKinds(token);
  const working = workingKinds(token, offered, hasIssuer);
  const kinds = working.length > 0 ? working : offered;
  const { kinds: all } = prepareRules(token.rules);
  return {
    programmable: offered.length > 0 ? working.length > 0 : undefined,
    lengths: lengthsOf(token, kinds),
    options: timeFrames(token, kinds),
    hasBackups: working.some((kind) => firstVariance(token) < lastVariance(token, kind)),
    opens: all.some(({ effect }) => effect === 'open' || effect === 'supersede'),
  };
}

function propertiesOf(known: Known, words: Words, abilities: Abilities): Device['properties'] {
  const { token, name } = known;
  const { programmable, lengths, options, hasBackups } = abilities;
  const { pins } = token.rules.lock;
  return {
    name,
    online: false,
    manufacturer: words.provider,
    appearance: { name },
    model: {
      display_name: token.vendor.name,
      manufacturer_display_name: words.maker,
      has_built_in_keypad: true,
      online_access_codes_supported: false,
      ...(programmable !== undefined && { offline_access_codes_supported: programmable }),
    },
    online_access_codes_enabled: false,
    ...(programmable !== undefined && {
      offline_access_codes_enabled: programmable,
      supports_offline_access_codes: programmable,
    }),
    supported_code_lengths: lengths,
    ...(pins !== undefined && { max_active_codes_supported: pins }),
    code_constraints: [{ constraint_type: 'cannot_specify_pin_code' }],
    supports_backup_access_code_pool: hasBackups,
    backup_access_code_pool_enabled: hasBackups,
    has_native_entry_events: false,
    ...(options.length > 0 && { offline_time_frame_options: options }),
    ...words.metadata?.(known),
  };
}

function deviceOf(
  known: Known,
  words: Words,
  abilities: Abilities,
  { workspaceId, type, createdAt }: { workspaceId: string; type: string; createdAt: number },
): Device {
  const { token, id, name } = known;
  const { id: vendor, codes } = token.vendor;
  const provider = codes === 'emulated' ? `${words.maker} (emulated)` : words.maker;
  const { programmable, opens } = abilities;
  return {
    device_id: id,
    device_type: type,
    display_name: name,
    workspace_id: workspaceId,
    connected_account_id: uuidFrom('connected_account', workspaceId, vendor),
    space_ids: [],
    capabilities_supported: ['access_code'],
    ...(programmable !== undefined && { can_program_offline_access_codes: programmable }),
    can_program_online_access_codes: false,
    can_unlock_with_code: opens,
    properties: propertiesOf(known, words, abilities),
    location: { time_zone: token.timeZone, timezone: token.timeZone },
    errors: [],
    warnings: [],
    created_at: timestamp(createdAt),
    is_managed: true,
    custom_metadata: {
      pintumbler_vendor: vendor,
      pintumbler_codes: codes,
      pintumbler_device_id: token.deviceId,
    },
    device_provider: {
      device_provider_name: words.provider,
      display_name: provider,
      provider_category: words.category,
    },
    device_manufacturer: { manufacturer: words.provider, display_name: words.maker },
  };
}

function checkUuid(field: string, value: unknown): string {
  if (typeof value !== 'string' || !UUID.test(value)) expected(field, 'a UUID', value);
  return value.toLowerCase();
}

function checkText(field: string, value: unknown, form: RegExp, wanted: string): string {
  return typeof value === 'string' && form.test(value) ? value : expected(field, wanted, value);
}

/** By default the device id of the token, where it is a UUID. */
function idOf(field: string, given: unknown, { deviceId, vendor }: DeviceToken): string {
  if (given !== undefined) return checkUuid(field, given);
  return UUID.test(deviceId) ? deviceId.toLowerCase() : uuidFrom('device', vendor.id, deviceId);
}

interface Setup {
  readonly workspaceId: string;
  readonly now: number;
  readonly hasIssuer: boolean;
}

function register(field: string, given: unknown, { workspaceId, now, hasIssuer }: Setup): RegisteredDevice {
  checkFields(field, given, ['token', 'deviceId', 'name', 'deviceType', 'createdAt']);
  const { token, createdAt = now } = given;
  checkToken(`${field}.token`, token);
  const { name: wanted = token.deviceId, deviceType = wordsOf(token).type } = given;
  const id = idOf(`${field}.deviceId`, given['deviceId'], token);
  const name = checkText(`${field}.name`, wanted, /^[^\p{Cc}]{1,200}$/u, 'a name of 1 to 200 characters');
  const type = checkText(
    `${field}.deviceType`,
    deviceType,
    LOCK_TYPE,
    "one of Seam's lock types, such as igloohome_lock",
  );
  checkInstant(`${field}.createdAt`, createdAt);
  const words = wordsOf(token);
  const known: Known = { token, id, name, levels: levelsOf(token, id) };
  const abilities = abilitiesOf(token, hasIssuer);
  return {
    token,
    id,
    object: frozen(deviceOf(known, words, abilities, { workspaceId, type, createdAt })),
    createdAt,
    nativeScheduling: words.nativeScheduling,
    programmable: abilities.programmable ?? false,
    lengths: abilities.lengths,
    most: token.rules.lock.pins,
    site: SITE,
    levels: known.levels,
  };
}

/** What is equal for tokens of one lock, whether they hold its root or a key; known here alone, and then forgotten. */
function lockOf(token: DeviceToken): string {
  const key = deviceKey(token);
  const lock = uuidFrom(token.vendor.id, token.deviceId, bytesToHex(key));
  key.fill(0);
  return lock;
}

/**
 * The devices that an operator lists, ready to serve.
 *
 * @param options.now epoch seconds: when devices were created that do not say.
 * @param options.hasIssuer whether somebody makes the codes of vendors whose scheme is remote.
 * @throws `bad_argument` for an unknown field, what is no token, an id that is no UUID, two devices of one id, or one lock
 *   listed twice: its codes would be given out twice; `out_of_range` for a time
 */
export function registry(
  devices: readonly SeamDevice[],
  options: { readonly now: number; readonly hasIssuer: boolean; readonly workspaceId?: string },
): Registry {
  if (!Array.isArray(devices)) expected('devices', 'a list of devices', devices);
  const { now, hasIssuer } = options;
  const workspaceId = checkUuid('workspaceId', options.workspaceId ?? uuidFrom('workspace'));
  const byId = new Map<string, RegisteredDevice>();
  const locks = new Map<string, number>();
  for (const [index, given] of devices.entries()) {
    const field = `devices[${index}]`;
    const device = register(field, given, { workspaceId, now, hasIssuer });
    const lock = lockOf(device.token);
    const before = locks.get(lock);
    // Before the ids: one token listed twice has one id as well, and that is not what is wrong.
    if (before !== undefined)
      fail('bad_argument', `"${field}" has the same token as "devices[${before}]", or another form of it`);
    if (byId.has(device.id)) fail('bad_argument', `"${field}" has the id of another device: ${device.id}`);
    byId.set(device.id, device);
    locks.set(lock, index);
  }
  return { workspaceId, byId, all: [...byId.values()] };
}
