/**
 * The parameters of each call: those of the SDK's methods and of @seamapi/types 1.977.0, and one of ours, `reissue`.
 * Each is used, or taken and without effect on an offline code, or refused with the reason; a parameter that nobody knows
 * is refused, for a misspelt `is_one_time_use` would open twice. Refusals are `invalid_input` with a message for each
 * parameter, as zod's `format()` has them, which the SDK reads.
 */
import { naming, refuse, type ValidationErrors } from './errors.ts';
import { UUID } from './objects.ts';

/** Where values come from: in a query everything is text. */
export type Source = 'body' | 'query';

/** What `plan` reads, with a fraction of a second that it does not. */
const STAMP = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d)?$/;

const MOST_ITEMS = 10_000;

/** Whether the day and the time are there: `Date.parse` takes 30 February for 2 March. */
function isTime(stamp: string): boolean {
  const plain = stamp.slice(0, 16).replace(/[t ]/, 'T');
  const instant = Date.parse(`${plain}Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(plain);
}

const NO_DATE = 'Must be parsable date string if defined';

/** What is wrong with a timestamp. */
const stampProblem = (text: string): string | undefined =>
  STAMP.test(text) ? (isTime(text) ? undefined : 'Must be a time that the calendar has') : NO_DATE;

/** What a timestamp looks like, for the error's `data`: Seam's message does not say. */
const AT_THE_DEVICE =
  'ISO 8601 date and time, such as 2026-12-01T15:00 (local at the device) or 2026-12-01T15:00:00Z';
const ANYWHERE = 'ISO 8601 date and time, such as 2026-12-01T15:00:00Z or 2026-12-01T15:00:00-05:00';

/** What is wrong with a URL: credentials in it would be stored and shown, a fragment is never sent. */
function urlProblem(text: string): string | undefined {
  if (!URL.canParse(text) || /[\s\p{Cc}]/u.test(text)) return 'Invalid url';
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'Must be an http or https url';
  if (username !== '' || password !== '') return 'Must have no user name and no password';
  return text.includes('#') ? 'Must have no fragment' : undefined;
}

/** Unknown parameters of which each is told: an answer is no longer than what was asked. */
const MOST_TOLD = 20;
/** And in the message. */
const MOST_NAMED = 5;

/** What came may be a code in the wrong place: only what looks like a parameter is repeated. */
const looksLikeParameter = (name: string): boolean => /^[a-z][a-z_]{0,60}$/.test(name);

function unrecognized(unknown: readonly string[]): string {
  const named = unknown.filter(looksLikeParameter).slice(0, MOST_NAMED);
  if (named.length === 0) return 'Unrecognized parameters';
  const more = unknown.length - named.length;
  const list = named.map((name) => `'${name}'`).join(', ');
  return `Unrecognized parameters: ${list}${more > 0 ? ` and ${more} more` : ''}`;
}

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' | ');

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

/** Reads parameters by name, and collects what is wrong with them. What comes back for a wrong one is never used. */
export class Parameters {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #source: Source;
  readonly #problems: [parameter: string, message: string][] = [];
  /** What is expected where a timestamp is wrong. */
  #help: string | undefined;
  readonly #known: Set<string> = new Set<string>();

  constructor(values: Readonly<Record<string, unknown>>, source: Source) {
    this.#values = values;
    this.#source = source;
  }

  #wrong(name: string, message: string): void {
    this.#problems.push([name, message]);
  }

  /** What came under a name: what objects inherit is nothing that came. */
  #given(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }

  /** The value, undefined where there is none or it is not of the type. */
  #read<T>(name: string, read: (value: unknown) => T | undefined, type: string): T | undefined {
    this.#known.add(name);
    const value = this.#given(name);
    if (value === undefined) return undefined;
    const found = read(value);
    if (found === undefined) this.#wrong(name, `Expected ${type}, received ${kindOf(value)}`);
    return found;
  }

  /** Marks a parameter as missing, unless it is there and wrong. */
  #must<T>(name: string, value: T | undefined, instead: T): T {
    if (value !== undefined) return value;
    if (this.#given(name) === undefined) this.#wrong(name, 'Required');
    return instead;
  }

  text(name: string, least: number = 0, most: number = 1000): string | undefined {
    const value = this.#read(name, (given) => (typeof given === 'string' ? given : undefined), 'string');
    if (value !== undefined && value.length < least)
      this.#wrong(name, `String must contain at least ${least} character(s)`);
    if (value !== undefined && value.length > most)
      this.#wrong(name, `String must contain at most ${most} character(s)`);
    return value;
  }

  needText(name: string): string {
    return this.#must(name, this.text(name), '');
  }

  /** Text, or null for none. */
  textOrNull(name: string): string | null | undefined {
    this.#known.add(name);
    // The SDK writes null into a query as nothing.
    const value = this.#given(name);
    return value === null || (this.#source === 'query' && value === '') ? null : this.text(name);
  }

  /** A place to send to. */
  needUrl(name: string): string {
    const value = this.text(name, 1, 2000);
    const problem = value === undefined ? undefined : urlProblem(value);
    if (problem !== undefined) this.#wrong(name, problem);
    return this.#must(name, value, '');
  }

  uuid(name: string): string | undefined {
    const value = this.text(name);
    if (value !== undefined && !UUID.test(value)) this.#wrong(name, 'Invalid uuid');
    return value?.toLowerCase();
  }

  needUuid(name: string): string {
    return this.#must(name, this.uuid(name), '');
  }

  flag(name: string): boolean | undefined {
    const inQuery: Readonly<Record<string, boolean>> = { true: true, false: false };
    return this.#read(
      name,
      (given) =>
        typeof given === 'boolean'
          ? given
          : this.#source === 'query' && typeof given === 'string' && Object.hasOwn(inQuery, given)
            ? inQuery[given]
            : undefined,
      'boolean',
    );
  }

  /** A flag and its older name: not the one against the other. */
  flagOr(name: string, older: string): boolean | undefined {
    const [value, old] = [this.flag(name), this.flag(older)];
    if (value !== undefined && old !== undefined && value !== old)
      this.#wrong(older, `Must not contradict ${name}: it is the same by its older name`);
    return value ?? old;
  }

  /** Two parameters for the same thing. */
  notBoth(name: string, other: string): void {
    if (this.#given(name) !== undefined && this.#given(other) !== undefined)
      this.#wrong(name, `Must not come with ${other}: send one of them`);
  }

  number(name: string, from: number, to: number): number | undefined {
    const value = this.#read(name, (given) => this.#numberOf(given), 'number');
    if (value !== undefined && !(Number.isInteger(value) && value >= from && value <= to))
      this.#wrong(name, `Expected an integer from ${from} to ${to}`);
    return value;
  }

  #numberOf(given: unknown): number | undefined {
    if (typeof given === 'number') return given;
    return this.#source === 'query' && typeof given === 'string' && /^-?\d{1,16}(?:\.\d+)?$/.test(given)
      ? Number(given)
      : undefined;
  }

  oneOf<const T extends string>(name: string, words: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = words.find((word) => word === value);
    if (found === undefined) this.#wrong(name, `Invalid enum value. Expected ${quoted(words)}`);
    return found;
  }

  #list<T>(name: string, type: string, itemOf: (item: unknown) => T | undefined): readonly T[] | undefined {
    const values = this.#read(
      name,
      (given) => {
        if (Array.isArray(given)) return Array.from<unknown>(given);
        if (this.#source !== 'query' || typeof given !== 'string') return undefined;
        // Older SDKs send lists with commas, newer ones repeat the name; an empty list is an empty text.
        if (given === '') return [];
        return this.#given('_strict') === undefined ? given.split(',') : [given];
      },
      'array',
    );
    if (values && values.length > MOST_ITEMS) {
      this.#wrong(name, `Array must contain at most ${MOST_ITEMS} element(s)`);
      return undefined;
    }
    const items = values?.map(itemOf);
    if (items?.some((item) => item === undefined)) {
      this.#wrong(name, `Expected array of ${type}`);
      return undefined;
    }
    return items?.flatMap((item) => (item === undefined ? [] : [item]));
  }

  texts(name: string): readonly string[] | undefined {
    return this.#list(name, 'strings', (item) => (typeof item === 'string' ? item : undefined));
  }

  /** Texts that are each one of some words. */
  someOf(name: string, words: readonly string[]): readonly string[] | undefined {
    const values = this.texts(name);
    if (values?.some((value) => !words.includes(value)))
      this.#wrong(name, `Invalid enum value. Expected ${quoted(words)}`);
    return values;
  }

  needTexts(name: string): readonly string[] {
    return this.#must(name, this.texts(name), []);
  }

  uuids(name: string): readonly string[] | undefined {
    return this.#list(name, 'uuids', (item) =>
      typeof item === 'string' && UUID.test(item) ? item.toLowerCase() : undefined,
    );
  }

  needUuids(name: string): readonly string[] {
    const values = this.uuids(name);
    if (values?.length === 0) this.#wrong(name, 'Array must contain at least 1 element(s)');
    return this.#must(name, values, []);
  }

  numbers(name: string, from: number, to: number): readonly number[] | undefined {
    const values = this.#list(name, 'numbers', (item) => this.#numberOf(item));
    if (values?.length === 0) this.#wrong(name, 'Array must contain at least 1 element(s)');
    if (values?.some((value) => !(Number.isInteger(value) && value >= from && value <= to)))
      this.#wrong(name, `Expected integers from ${from} to ${to}`);
    return values;
  }

  #stamp(name: string, help: string): string | undefined {
    const value = this.#read(name, (given) => (typeof given === 'string' ? given : undefined), 'string');
    const problem = value === undefined ? undefined : stampProblem(value);
    if (problem === undefined) return value;
    this.#wrong(name, problem);
    this.#help = help;
    return value;
  }

  /** An ISO 8601 date and time; without an offset it is local time at the device. */
  stamp(name: string): string | undefined {
    return this.#stamp(name, AT_THE_DEVICE);
  }

  /** The same, where there is no device: without an offset it is UTC. */
  instant(name: string): string | undefined {
    return this.#stamp(name, ANYWHERE);
  }

  /** From when to when, each an `instant`. */
  span(name: string): readonly string[] | undefined {
    const values = this.texts(name);
    if (values === undefined) return undefined;
    const [problem] =
      values.length === 2 ? values.flatMap((value) => stampProblem(value) ?? []) : ['Expected two dates'];
    if (problem === undefined) return values;
    this.#wrong(name, problem);
    this.#help = ANYWHERE;
    return undefined;
  }

  #namesWithin(name: string): readonly string[] {
    return Object.keys(this.#values).filter((given) => given.startsWith(`${name}.`));
  }

  /** Known, and refused: there is nothing here that it could mean. */
  refused(why: string, ...names: readonly string[]): void {
    for (const name of names) {
      this.#known.add(name);
      const value = this.#given(name);
      // An object comes in a query as a name for each of its properties.
      const parts = this.#source === 'query' ? this.#namesWithin(name) : [];
      for (const part of parts) this.#known.add(part);
      if ((value !== undefined && value !== null) || parts.length > 0) this.#wrong(name, why);
    }
  }

  /** A code of one's own: checked as Seam does, so that a typing error is told first, and then refused. */
  ownCode(): void {
    const code = this.text('code');
    if (code === undefined) return;
    const isCode = /^\d{4,12}$/.test(code);
    this.#wrong(
      'code',
      isCode
        ? 'A custom code is not allowed: offline codes are computed'
        : 'Expected a string of 4 to 12 digits',
    );
  }

  /** @throws `invalid_input`, if anything was wrong or is unknown. */
  done(): void {
    const unknown = Object.keys(this.#values).filter((name) => !this.#known.has(name) && name !== '_strict');
    const told = this.#problems.map(([name, message]) => naming(name, message));
    if (unknown.length > 0) told.push(unrecognized(unknown));
    const [first] = told;
    if (first === undefined) return;
    const byName = new Map<string, string[]>();
    for (const [name, message] of this.#problems) byName.set(name, [...(byName.get(name) ?? []), message]);
    const validation_errors: ValidationErrors = {
      ...Object.fromEntries([...byName].map(([name, messages]) => [name, { _errors: messages }])),
      _errors: unknown
        .slice(0, MOST_TOLD)
        .map((name) =>
          looksLikeParameter(name)
            ? `Unrecognized key(s) in object: '${name}'`
            : 'Unrecognized key(s) in object',
        ),
    };
    refuse('invalid_input', told.length === 1 ? first : `${told.length} Input Errors: ${told.join(', ')}`, {
      validation_errors,
      ...(this.#help !== undefined && { data: { expected: this.#help } }),
    });
  }
}

/** Seam's capability flags: `device_capability_flags` of @seamapi/types 1.977.0. */
const CAPABILITIES = [
  'can_remotely_unlock',
  'can_remotely_lock',
  'can_program_offline_access_codes',
  'can_program_online_access_codes',
  'can_hvac_heat',
  'can_hvac_cool',
  'can_hvac_heat_cool',
  'can_turn_off_hvac',
  'can_simulate_removal',
  'can_simulate_connection',
  'can_simulate_disconnection',
  'can_unlock_with_code',
  'can_run_thermostat_programs',
  'can_program_thermostat_programs_as_weekday_weekend',
  'can_program_thermostat_programs_as_different_each_day',
  'can_program_thermostat_programs_as_same_each_day',
  'can_simulate_hub_connection',
  'can_simulate_hub_disconnection',
  'can_simulate_paid_subscription',
  'can_configure_auto_lock',
];

const CEILING = { '1hour': '1h', '1day': '1d', '1h': '1h', '1d': '1d' } as const;

const NO_CUSTOMERS = 'Not supported: there are no customers, users or access grants here';

/** What `create`, `create_multiple` and `update` have in common. */
function common(of: Parameters) {
  of.ownCode();
  const rounding = of.oneOf('max_time_rounding', ['1hour', '1day', '1h', '1d']);
  // An offline code has the length that its lock has: Seam too takes the shortest that there is.
  of.number('preferred_code_length', 4, 20);
  // Of codes that are programmed over a connection; and Seam's own switch for waiting.
  of.flag('attempt_for_offline_device');
  of.flag('sync');
  return {
    name: of.textOrNull('name'),
    startsAt: of.stamp('starts_at'),
    endsAt: of.stamp('ends_at'),
    isOffline: of.flagOr('is_offline_access_code', 'use_offline_access_code'),
    isOneTime: of.flag('is_one_time_use'),
    rounding: rounding && CEILING[rounding],
    usesBackups: of.flag('use_backup_access_code_pool'),
    externalModification: of.flagOr('is_external_modification_allowed', 'allow_external_modification'),
    nativeScheduling: of.flag('prefer_native_scheduling'),
  };
}

export type CreateParameters = ReturnType<typeof createParameters>;
export function createParameters(of: Parameters) {
  // Seam's own examples of 2023 send it; there is no other type of offline code.
  of.oneOf('type', ['time_bound']);
  return { deviceId: of.needUuid('device_id'), commonCodeKey: of.text('common_code_key'), ...common(of) };
}

export type CreateMultipleParameters = ReturnType<typeof createMultipleParameters>;
export function createMultipleParameters(of: Parameters) {
  return {
    deviceIds: of.needUuids('device_ids'),
    behavior: of.oneOf('behavior_when_code_cannot_be_shared', ['throw', 'create_random_code']),
    ...common(of),
  };
}

export type UpdateParameters = ReturnType<typeof updateParameters>;
export function updateParameters(of: Parameters) {
  return {
    id: of.needText('access_code_id'),
    deviceId: of.uuid('device_id'),
    type: of.oneOf('type', ['ongoing', 'time_bound']),
    isManaged: of.flag('is_managed'),
    reissue: of.flag('reissue'),
    ...common(of),
  };
}

export type UpdateMultipleParameters = ReturnType<typeof updateMultipleParameters>;
export function updateMultipleParameters(of: Parameters) {
  return {
    commonCodeKey: of.needText('common_code_key'),
    name: of.textOrNull('name'),
    startsAt: of.stamp('starts_at'),
    endsAt: of.stamp('ends_at'),
    reissue: of.flag('reissue'),
  };
}

export type DeleteParameters = ReturnType<typeof deleteParameters>;
export function deleteParameters(of: Parameters) {
  of.flag('sync');
  return { id: of.needText('access_code_id'), deviceId: of.uuid('device_id') };
}

export type GetParameters = ReturnType<typeof getParameters>;
export function getParameters(of: Parameters) {
  return { id: of.text('access_code_id'), deviceId: of.uuid('device_id'), code: of.text('code') };
}

export type ListParameters = ReturnType<typeof listParameters>;
export function listParameters(of: Parameters) {
  of.refused(
    NO_CUSTOMERS,
    'customer_key',
    'user_identifier_key',
    'access_grant_id',
    'access_grant_key',
    'access_method_id',
  );
  return {
    deviceId: of.uuid('device_id'),
    ids: of.texts('access_code_ids'),
    search: of.text('search', 1),
    limit: of.number('limit', 1, 55_000),
    cursor: of.textOrNull('page_cursor'),
  };
}

export function deviceParameters(of: Parameters) {
  return { deviceId: of.needUuid('device_id') };
}

export function codeParameters(of: Parameters) {
  return { id: of.needText('access_code_id') };
}

export function attemptParameters(of: Parameters) {
  return { id: of.needText('action_attempt_id') };
}

export type ConstraintParameters = ReturnType<typeof constraintParameters>;
export function constraintParameters(of: Parameters) {
  return {
    deviceId: of.needUuid('device_id'),
    lengths: of.numbers('supported_code_lengths', 4, 20),
    least: of.number('min_code_length', 4, 20),
    most: of.number('max_code_length', 4, 20),
  };
}

export type DeviceParameters = ReturnType<typeof deviceGetParameters>;
export function deviceGetParameters(of: Parameters) {
  return { deviceId: of.uuid('device_id'), name: of.text('name') };
}

export type DeviceListParameters = ReturnType<typeof deviceListParameters>;
export function deviceListParameters(of: Parameters) {
  of.refused(
    NO_CUSTOMERS,
    'customer_key',
    'user_identifier_key',
    'connect_webview_id',
    'custom_metadata_has',
    'space_id',
    'unstable_location_id',
  );
  of.notBoth('device_type', 'device_types');
  of.notBoth('connected_account_id', 'connected_account_ids');
  const type = of.text('device_type');
  const account = of.uuid('connected_account_id');
  return {
    ids: of.uuids('device_ids'),
    types: of.texts('device_types') ?? (type === undefined ? undefined : [type]),
    manufacturer: of.text('manufacturer'),
    accounts: of.uuids('connected_account_ids') ?? (account === undefined ? undefined : [account]),
    includeIf: of.someOf('include_if', CAPABILITIES),
    excludeIf: of.someOf('exclude_if', CAPABILITIES),
    createdBefore: of.instant('created_before'),
    search: of.text('search', 1),
    limit: of.number('limit', 1, 500),
    cursor: of.textOrNull('page_cursor'),
  };
}

export type EventListParameters = ReturnType<typeof eventListParameters>;
export function eventListParameters(of: Parameters) {
  const nothing = 'Not supported: there are only events of access codes here';
  of.refused(
    nothing,
    'access_grant_id',
    'access_grant_ids',
    'access_method_id',
    'access_method_ids',
    'acs_access_group_id',
    'acs_credential_id',
    'acs_encoder_id',
    'acs_entrance_id',
    'acs_system_id',
    'acs_system_ids',
    'acs_user_id',
    'connect_webview_id',
    'customer_key',
    'space_id',
    'space_ids',
    'user_identity_id',
  );
  of.notBoth('access_code_id', 'access_code_ids');
  of.notBoth('device_id', 'device_ids');
  of.notBoth('event_type', 'event_types');
  const [code, device, type] = [of.uuid('access_code_id'), of.uuid('device_id'), of.text('event_type')];
  const one = (value: string | undefined): readonly string[] | undefined =>
    value === undefined ? undefined : [value];
  return {
    since: of.instant('since'),
    between: of.span('between'),
    codeIds: of.uuids('access_code_ids') ?? one(code),
    deviceIds: of.uuids('device_ids') ?? one(device),
    eventIds: of.uuids('event_ids'),
    types: of.texts('event_types') ?? one(type),
    account: of.uuid('connected_account_id'),
    limit: of.number('limit', 1, 500),
    offset: of.number('unstable_offset', 0, Number.MAX_SAFE_INTEGER),
  };
}

export type WebhookCreateParameters = ReturnType<typeof webhookCreateParameters>;
export function webhookCreateParameters(of: Parameters) {
  return { url: of.needUrl('url'), types: of.texts('event_types') };
}

export type WebhookUpdateParameters = ReturnType<typeof webhookUpdateParameters>;
export function webhookUpdateParameters(of: Parameters) {
  return { id: of.needText('webhook_id'), types: of.needTexts('event_types') };
}

export function webhookParameters(of: Parameters) {
  return { id: of.needText('webhook_id') };
}

export const noParameters = (_: Parameters): object => ({});

export type DeliveryListParameters = ReturnType<typeof deliveryListParameters>;
export function deliveryListParameters(of: Parameters) {
  return {
    webhookId: of.text('webhook_id'),
    eventId: of.uuid('event_id'),
    state: of.oneOf('state', ['pending', 'delivered', 'failed']),
    limit: of.number('limit', 1, 500),
    cursor: of.textOrNull('page_cursor'),
  };
}
