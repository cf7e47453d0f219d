/** The facade in process, over any store: with ids that go on when it is started again, and answers that are read. */
import { createToken, type DeviceToken } from 'pintumbler';
import { zoneFacts } from 'pintumbler/calendar';
import { mac } from 'pintumbler/schemes';
import { apiKeyHash, memoryStore, type SeamDevice, type Store, seamHandler } from 'pintumbler/seam';
import { defineVendor } from 'pintumbler/security';
import type { Vendor } from 'pintumbler/vendors';
import type {
  AccessCode,
  ActionAttempt,
  Device,
  Pagination,
  SeamEvent,
  WebhookDelivery,
  WebhookObject,
} from '../../src/seam/objects.ts';
import { keyFormOf } from '../../src/token.ts';
import { at } from '../support/helpers.ts';
import { API_KEY, uuidOf } from '../support/seam-world.ts';

/** What any answer can have. A test names what it expects; what is not there fails it. */
export interface Body {
  readonly ok: boolean;
  readonly error: {
    readonly type: string;
    readonly message: string;
    readonly data?: Readonly<Record<string, unknown>>;
    readonly validation_errors?: Readonly<Record<string, unknown>>;
  };
  readonly access_code: AccessCode;
  readonly backup_access_code: AccessCode;
  readonly access_codes: readonly AccessCode[];
  readonly action_attempt: ActionAttempt;
  readonly events: readonly SeamEvent[];
  readonly generated_code: { readonly device_id: string; readonly code: string };
  readonly device: Device;
  readonly devices: readonly Device[];
  readonly locks: readonly Device[];
  readonly webhook: WebhookObject;
  readonly webhooks: readonly WebhookObject[];
  readonly webhook_deliveries: readonly WebhookDelivery[];
  readonly pagination: Pagination;
}

export interface Answer {
  readonly status: number;
  readonly body: Body;
}

type Given = Parameters<typeof seamHandler>[0];

export type Values = Readonly<Record<string, unknown>>;

export interface Facade {
  readonly store: Store;
  /** Epoch seconds; the test moves it. */
  readonly clock: { now: number };
  readonly handle: (request: Request) => Promise<Response>;
  readonly ask: (path: string, values: Values) => Promise<Answer>;
  /** The body of an answer that is no refusal. */
  readonly get: (path: string, values: Values) => Promise<Body>;
  /** A code on a device. */
  readonly create: (device: SeamDevice, values: Values) => Promise<AccessCode>;
  /** What a refusal says: its type, and in front of the message the parameter, if it names one. */
  readonly refusal: (path: string, values: Values) => Promise<string>;
}

/** Ids of all facades together: no two are alike. */
let made = 0;

const nameOf = ({ validation_errors }: Body['error']): string =>
  Object.keys(validation_errors ?? {})
    .filter((name) => name !== '_errors')
    .map((name) => `${name}: `)
    .join('');

export interface Options extends Partial<Omit<Given, 'devices' | 'now' | 'uuid' | 'apiKeys' | 'rateLimits'>> {
  /** Seam's limits a minute; none if absent. */
  readonly isLimited?: boolean;
}

export function facadeOf(
  devices: readonly SeamDevice[],
  now: number,
  { isLimited = false, store = memoryStore(), ...options }: Options = {},
): Facade {
  const clock = { now };
  const handle = seamHandler({
    devices,
    store,
    ...options,
    ...(!isLimited && { rateLimits: false }),
    now: () => clock.now,
    uuid: () => uuidOf(++made),
    apiKeys: [apiKeyHash(API_KEY)],
  });
  const ask = async (path: string, values: Values): Promise<Answer> => {
    const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(values) };
    const response = await handle(new Request(`http://facade/${path}`, request));
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const get = async (path: string, values: Values): Promise<Body> => {
    const { status, body } = await ask(path, values);
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body.error)}`);
    return body;
  };
  const create = async ({ deviceId }: SeamDevice, values: Values): Promise<AccessCode> => {
    const asked = { device_id: deviceId, is_offline_access_code: true, ...values };
    return (await get('access_codes/create', asked)).access_code;
  };
  const refusal = async (path: string, values: Values): Promise<string> => {
    const { status, body } = await ask(path, values);
    if (status === 200) return `done: ${JSON.stringify(body)}`;
    const { error } = body;
    return `${status} ${error.type} ${nameOf(error)}${error.message}`;
  };
  return { store, clock, handle, ask, get, create, refusal };
}

/** A secret of the form that a vendor wants, from a number. */
function secretOf(vendor: Vendor, number: number) {
  const { from, ascii } = keyFormOf(vendor);
  if (ascii) return { key: new TextEncoder().encode(String(number).padStart(from, 'k')) };
  const isOwn = 'key' in vendor.scheme && vendor.scheme.key;
  const key = new Uint8Array(Math.max(from, 32)).fill(number);
  return isOwn ? { key: key.subarray(0, Math.max(from, 16)) } : { root: key };
}

/** A device of which a lock can be made too. */
export function deviceFor(
  vendor: Vendor,
  number: number = 1,
  timeZone: string = 'UTC',
  config: unknown = vendor.sample,
): SeamDevice & { readonly token: DeviceToken; readonly deviceId: string } {
  const token = createToken({
    vendor,
    deviceId: `door-${number}`,
    ...secretOf(vendor, number),
    ...zoneFacts(timeZone, at('2025-01-01T00:00Z'), at('2033-01-01T00:00Z')),
    ...(config !== undefined && { config }),
  });
  return { token, deviceId: uuidOf(0xd0000000 + number), name: `Door ${number}` };
}

/** Epoch seconds of a timestamp that must be there. */
export function secondsOf(stamp: string | null): number {
  if (stamp === null) throw new Error('no timestamp');
  return at(stamp);
}

/** A hundred codes: those of other windows meet soon. */
export const tiny: Vendor = defineVendor({
  id: 'tiny',
  name: 'Tiny',
  codes: 'emulated',
  about: 'Two digits, for tests.',
  scheme: mac,
  rules: {
    layout: 'tiny-2/1',
    digits: 2,
    grid: 3600,
    perSlot: 6,
    clock: 'utc',
    kinds: [
      {
        id: 'hourly',
        for: 'window',
        axis: { on: 'slot' },
        length: { in: 'seconds', of: { from: 3600, to: 7200, step: 3600 } },
        variances: 3,
        times: 'many',
        effect: 'open',
        source: 'test',
      },
    ],
    lock: { tolerance: 0, records: 20, throttle: { by: 'lockout', wrong: 3, seconds: 600 }, source: 'test' },
  },
  guessable: 'one guess in ten thousand or fewer opens this lock',
});
