/**
 * Wall-clock texts ⇄ instants in a device's zone. A local time is resolved by the token's offset table, because the
 * lock has no other; where the token has none, or the table does not reach, by the zone's rules of today. A wall time
 * that does not exist, or exists twice, is refused unless the caller says which way to go.
 */
import { checkInstant, checkString, expected, fail } from '../errors.ts';
import { checkToken, type DeviceToken } from '../token.ts';
import { gapAt, instantsOf, type OffsetTable, offsetAt, openingOf } from '../zone.ts';
import { rulesAround } from './zones.ts';

/** What to do with a wall time that is skipped or doubled: the instant it would be by the earlier or later reading. */
export type Disambiguation = 'earlier' | 'later';

const TIMESTAMP =
  /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?::(\d\d)(?:[.,]0+)?)?([Zz]|[+-](?:0\d|1[0-5]):?[0-5]\d)?$/;

/** Wall-clock seconds, counted as if UTC, and the offset written behind them, if any. */
function parse(field: string, text: unknown): { local: number; offset: number | undefined } {
  checkString(field, text);
  const [, date, time, second = '00', zone] = TIMESTAMP.exec(text) ?? [];
  const plain = `${date}T${time}:${second}`;
  const local = Date.parse(`${plain}Z`) / 1000;
  // 30 February and 24:00 come back as something else; the leap second 23:59:60 does not come back.
  if (!(local >= 0) || new Date(local * 1000).toISOString().slice(0, 19) !== plain) {
    expected(field, 'a date and time such as 2026-03-01T15:20 or 2026-03-01T15:20+01:00', text);
  }
  if (zone === undefined) return { local, offset: undefined };
  if (/^z$/i.test(zone)) return { local, offset: 0 };
  const offset = Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(-2)) * 60;
  return { local, offset: zone.startsWith('-') ? -offset : offset };
}

/** The token's table where the lock goes by the wall clock; one of a lock that knows only its standard time does not say what people's clocks show. */
const tableAtLock = ({ rules, offsets }: DeviceToken): OffsetTable | undefined =>
  rules.clock === 'civil' ? offsets : undefined;

/** Seconds to add to UTC at the device: by the token, or by today's rules where its table does not reach. */
export function offsetOf(token: DeviceToken, instant: number): number {
  const table = tableAtLock(token);
  return (table && offsetAt(table, instant)) ?? offsetAt(rulesAround(token.timeZone, instant), instant) ?? 0;
}

/** The table that knows a local time: the token's, or today's rules where it does not reach. */
function tableFor(token: DeviceToken, local: number): OffsetTable {
  const offsets = tableAtLock(token);
  const known = offsets && openingOf(offsets, local) !== undefined;
  return known ? offsets : rulesAround(token.timeZone, local);
}

/**
 * The instant of a timestamp. With an offset or `Z` it is what it says; without, it is local time at the device.
 *
 * @param field the name to use in errors.
 * @returns epoch seconds (UTC)
 * @throws `bad_argument`, `local_time_missing`, `local_time_twice`, `zone_unknown`
 */
export function instantAt(
  token: DeviceToken,
  field: string,
  text: unknown,
  disambiguation?: Disambiguation,
): number {
  const { local, offset } = parse(field, text);
  if (offset !== undefined) return local - offset;
  const table = tableFor(token, local);
  const [first, second] = instantsOf(table, local);
  if (first !== undefined && second === undefined) return first;
  if (first !== undefined && second !== undefined) {
    if (disambiguation === undefined) {
      fail('local_time_twice', `"${field}" comes twice in ${token.timeZone}: say "earlier" or "later"`);
    }
    return disambiguation === 'earlier' ? first : second;
  }
  if (disambiguation === undefined) {
    fail('local_time_missing', `"${field}" does not exist in ${token.timeZone}: say "earlier" or "later"`);
  }
  // Reading the time by the offset after the change gives the earlier instant, by the one before it the later.
  const change = table[gapAt(table, local)]?.[0] ?? local;
  return local - (offsetAt(table, disambiguation === 'earlier' ? change : change - 1) ?? 0);
}

/** Refuses any other word. */
export function checkDisambiguation(value: unknown): asserts value is Disambiguation | undefined {
  if (value !== undefined && value !== 'earlier' && value !== 'later') {
    expected('disambiguation', '"earlier" or "later"', value);
  }
}

/**
 * The instant that a timestamp means at a device: `2026-03-01T15:20` is local time there, `…+01:00` and `…Z` are what
 * they say. Whole seconds; 24:00 and leap seconds are refused.
 *
 * @returns epoch seconds (UTC)
 * @throws `bad_argument`, `local_time_missing`, `local_time_twice`, `zone_unknown`
 * @example
 * import { createToken } from 'pintumbler';
 * import { toInstant, toLocal } from 'pintumbler/calendar';
 * import { igloohome } from 'pintumbler/vendors';
 * const token = createToken({ vendor: igloohome, deviceId: 'd', root: new Uint8Array(32), timeZone: 'Asia/Tokyo' });
 * console.log(toInstant(token, '2026-03-01T15:00')); // 1772344800
 * console.log(toLocal(token, 1772344800)); // 2026-03-01T15:00:00+09:00
 */
export function toInstant(token: DeviceToken, timestamp: string, disambiguation?: Disambiguation): number {
  checkToken('token', token);
  checkDisambiguation(disambiguation);
  return instantAt(token, 'timestamp', timestamp, disambiguation);
}

/**
 * An instant as ISO 8601 with offset, as the device's clock shows it.
 *
 * @throws `bad_argument`, `out_of_range`, `zone_unknown`
 */
export function toLocal(token: DeviceToken, instant: number): string {
  checkToken('token', token);
  checkInstant('instant', instant);
  const offset = offsetOf(token, instant);
  const wall = new Date((instant + offset) * 1000).toISOString().slice(0, 19);
  const minutes = Math.abs(offset) / 60;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${wall}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
