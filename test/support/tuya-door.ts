/** What the tests of Tuya share: the SDK's sample door, grants in hours after its T0, arbitrary keys and plaintexts. */
import fc from 'fast-check';
import type { DeviceToken, TokenOptions } from 'pintumbler';
import { tuya } from 'pintumbler/vendors';
import type { Plain, Said } from './tuya-literal.ts';
import { tokenIn } from './vendors.ts';

export const HOUR = 3600;
/** The SDK's sample key and its T0, of 2020-05-12T02:49:59Z; rounded down to the hour. */
export const LOGIN_KEY = '8f7d54';
export const SDK_T0 = 1589251799;
export const T0 = 1589248800;

export const bytes = (text: string): Uint8Array => Uint8Array.from(text, (symbol) => symbol.charCodeAt(0));

export const tokenOf = (
  loginKey = LOGIN_KEY,
  config?: TokenOptions['config'],
  timeZone = 'UTC',
): DeviceToken => tokenIn(timeZone, tuya, { key: bytes(loginKey), ...(config !== undefined && { config }) });

export const door = tokenOf();

/** A grant in hours after the SDK's T0. */
export const grant = (kind: string, start: number, hours: number, variance = 0): Said => ({
  kind,
  variance,
  startsAt: T0 + start * HOUR,
  endsAt: T0 + (start + hours) * HOUR,
});

/** The dynamic grant of an instant. */
export function dynamicAt(instant: number): Said {
  const step = instant - (instant % 300);
  return { kind: 'dynamic', variance: 0, startsAt: step - 300, endsAt: step + 600 };
}

export const iso = (instant: number): string => new Date(instant * 1000).toISOString();

export const loginKeys: fc.Arbitrary<string> = fc
  .array(fc.integer({ min: 33, max: 126 }), { minLength: 6, maxLength: 6 })
  .map((codes) => String.fromCharCode(...codes));

export const t0s: fc.Arbitrary<number> = fc.nat(2 ** 32 - 1);

const starts = fc.oneof(fc.nat(99_999), fc.constantFrom(0, 1, 9999, 10_000, 99_998, 99_999));
const hours = fc.oneof(fc.integer({ min: 1, max: 9999 }), fc.constantFrom(1, 10, 11, 9999));

/** Digits that mean something and can be asked for. */
export const plains: fc.Arbitrary<Plain> = fc.oneof(
  fc.record({ type: fc.constantFrom(0, 8), start: starts, number: hours }),
  fc.record({ type: fc.constantFrom(1, 9), start: starts, number: fc.nat(10) }),
);
