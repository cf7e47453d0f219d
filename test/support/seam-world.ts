/** The facade with a clock that the test moves, ids that are counted, and one API key. */
import { createToken, type DeviceToken } from 'pintumbler';
import { zoneFacts } from 'pintumbler/calendar';
import { apiKeyHash, memoryStore, seamHandler } from 'pintumbler/seam';
import type { Vendor } from 'pintumbler/vendors';
import { at } from './helpers.ts';

export const API_KEY = 'seam_test_0123456789abcdefghijklmn';

/** A uuid of a number. */
export const uuidOf = (number: number): string =>
  `${number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;

export interface Door {
  readonly deviceId: string;
  readonly name: string;
  readonly token: DeviceToken;
}

/** A root, so that a lock can be made of its token; or the key that the vendor prescribes. */
function secretOf(
  { id }: Vendor,
  number: number,
): { readonly root: Uint8Array } | { readonly key: Uint8Array } {
  if (id === 'tuya') return { key: new TextEncoder().encode('123456') };
  const isOwn = ['hotp', 'totp', 'ocra', 'openpaygo', 'nexus'].includes(id);
  return isOwn ? { key: new Uint8Array(16).fill(number) } : { root: new Uint8Array(32).fill(number) };
}

export function doorFor(vendor: Vendor, number: number, timeZone: string = 'UTC', config?: unknown): Door {
  const token = createToken({
    vendor,
    deviceId: `door-${number}`,
    ...secretOf(vendor, number),
    ...zoneFacts(timeZone, at('2023-01-01T00:00Z'), at('2030-01-01T00:00Z')),
    ...(config !== undefined && { config }),
  });
  return { deviceId: uuidOf(0xd0000000 + number), name: `Door ${number}`, token };
}

type Given = Parameters<typeof seamHandler>[0];

export interface Options extends Partial<Pick<Given, 'store' | 'assignAfter' | 'errorCodes'>> {
  /** Seam's limits a minute; none if absent. */
  readonly isLimited?: boolean;
}

export interface World {
  readonly answer: (request: Request) => Promise<Response>;
  /** Epoch seconds; the test moves it. */
  readonly clock: { now: number };
}

export function worldOf(doors: readonly Door[], now: number, options: Options = {}): World {
  const { isLimited = false, ...rest } = options;
  const clock = { now };
  let made = 0;
  const answer = seamHandler({
    devices: doors,
    store: memoryStore(),
    ...(!isLimited && { rateLimits: false }),
    ...rest,
    now: () => clock.now,
    uuid: () => uuidOf(++made),
    apiKeys: [apiKeyHash(API_KEY)],
  });
  return { answer, clock };
}
