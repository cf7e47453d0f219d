/** Vendors and tokens that only tests have. */
import { createToken, type DeviceToken, type TokenOptions } from 'pintumbler';
import { type ZoneFacts, zoneFacts } from 'pintumbler/calendar';
import { sealed } from 'pintumbler/schemes';
import type { Rules, Vendor } from 'pintumbler/vendors';
import { at } from './helpers.ts';

const HOUR = 3600;

/** Six digits behind a clear lane digit, a page of 833 days, one civil kind: small enough to walk as a whole. */
export const sixRules: Rules = {
  layout: 'six-6/1',
  digits: 6,
  grid: HOUR,
  perSlot: 50,
  lanes: ['1', '2'],
  clock: 'civil',
  kinds: [
    {
      id: 'hourly',
      for: 'window',
      axis: { on: 'slot' },
      length: { in: 'seconds', of: { from: HOUR, to: 12 * HOUR, step: HOUR } },
      variances: 2,
      firstUse: 2 * HOUR,
      times: 'many',
      effect: 'open',
      source: 'test',
    },
    {
      id: 'daily',
      for: 'window',
      axis: { on: 'civil-day', opens: '00:00' },
      length: { in: 'days', of: [1, 2, 7], closes: '12:30' },
      variances: 3,
      firstUse: 1,
      times: 'many',
      effect: 'open',
      source: 'test',
    },
    {
      id: 'one_time',
      for: 'one_time',
      axis: { on: 'slot' },
      length: { in: 'seconds', of: [24 * HOUR, 48 * HOUR] },
      variances: 4,
      times: 'once',
      effect: 'open',
      source: 'test',
    },
  ],
  lock: { tolerance: 600, records: 5, throttle: { by: 'lockout', wrong: 5, seconds: 300 }, source: 'test' },
};

export const six: Vendor = {
  id: 'six',
  name: 'six',
  codes: 'emulated',
  about: 'For tests.',
  scheme: sealed,
  rules: sixRules,
};

const FROM = at('2019-12-31T00:00:00Z');
const UNTIL = at('2037-01-01T00:00:00Z');

const facts = new Map<string, ZoneFacts>();

function factsOf(timeZone: string): ZoneFacts {
  const known = facts.get(timeZone) ?? zoneFacts(timeZone, FROM, UNTIL);
  facts.set(timeZone, known);
  return known;
}

/** A token with a fixed root in a real zone. */
export function tokenIn(timeZone: string, vendor: Vendor, more: Partial<TokenOptions> = {}): DeviceToken {
  const { key, master } = more;
  const secret = key || master ? {} : { root: new Uint8Array(32).fill(0x5a) };
  return createToken({ vendor, deviceId: 'door-1', ...secret, ...factsOf(timeZone), ...more });
}
