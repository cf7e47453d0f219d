/**
 * Time zones by name: the one file that knows luxon, and all it is used for is `IANAZone.offset`. What luxon guesses
 * about local times depends on today's date and is never asked for.
 */
import { IANAZone } from 'luxon';
import { checkInstant, checkString, expected, fail } from '../errors.ts';
import { DAY, type OffsetTable } from '../zone.ts';

/** What a device token needs to know of its zone. */
export interface ZoneFacts {
  readonly timeZone: string;
  readonly gridOffset: number;
  readonly offsets: OffsetTable;
}

function zoneOf(timeZone: unknown): IANAZone {
  checkString('timeZone', timeZone);
  const zone = IANAZone.create(timeZone);
  if (!zone.isValid) expected('timeZone', 'an IANA name such as Europe/Lisbon', timeZone, 'zone_unknown');
  return zone;
}

const offsetIn = (zone: IANAZone, utc: number): number => Math.round(zone.offset(utc * 1000) * 60);

/** The offset table of a zone from `from` up to `until`, both epoch seconds. No two changes are within a day. */
function tableOf(zone: IANAZone, from: number, until: number): OffsetTable {
  const table: [number, number][] = [[from, offsetIn(zone, from)]];
  let before = offsetIn(zone, from);
  for (let at = from; at < until; at += DAY) {
    const next = Math.min(at + DAY, until);
    const after = offsetIn(zone, next);
    if (after === before) continue;
    let low = at;
    let high = next;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetIn(zone, middle) === before) low = middle;
      else high = middle;
    }
    if (high < until) table.push([high, after]);
    before = after;
  }
  table.push([until, table.at(-1)?.[1] ?? 0]);
  return table;
}

const JANUARY_2026 = Date.UTC(2026, 0, 1) / 1000;
const JULY_2026 = Date.UTC(2026, 6, 1) / 1000;

/** The UTC minute at which local hours begin in standard time, the smaller offset of 1 January and 1 July 2026. */
function gridOffsetOf(zone: IANAZone): number {
  const minutes = Math.min(offsetIn(zone, JANUARY_2026), offsetIn(zone, JULY_2026)) / 60;
  return ((-minutes % 60) + 60) % 60;
}

/**
 * What a token needs to know of its zone: where its hours begin, and its offsets from `from` up to `until`. As
 * deterministic as the runtime's time zone database: the token carries the result, so that lock and issuers agree.
 *
 * @param from @param until epoch seconds (UTC); a token lives for ten years or so.
 * @throws `zone_unknown`, `bad_argument`, `out_of_range`
 * @example
 * import { zoneFacts } from 'pintumbler/calendar';
 * const { gridOffset, offsets } = zoneFacts('Asia/Kathmandu', Date.UTC(2026, 0, 1) / 1000, Date.UTC(2036, 0, 1) / 1000);
 * console.log(gridOffset, JSON.stringify(offsets)); // 15 [[1767225600,20700],[2082758400,20700]]
 */
export function zoneFacts(timeZone: string, from: number, until: number): ZoneFacts {
  const zone = zoneOf(timeZone);
  checkInstant('from', from);
  checkInstant('until', until);
  if (until <= from) fail('window_reversed', `"until" expected a time after "from", got ${until}`);
  return { timeZone, gridOffset: gridOffsetOf(zone), offsets: tableOf(zone, from, until) };
}

// A zone's offsets in a year, as today's rules have them: asking luxon costs more than making a code.
const years = new Map<string, OffsetTable>();
const YEARS_KEPT = 512;

/** Today's rules of a zone around an instant: a table that covers at least two days before and after it. */
export function rulesAround(timeZone: string, instant: number): OffsetTable {
  const year = new Date(instant * 1000).getUTCFullYear();
  const name = `${year} ${timeZone}`;
  const known = years.get(name);
  if (known) return known;
  const margin = 3 * DAY;
  const table = tableOf(
    zoneOf(timeZone),
    Date.UTC(year, 0, 1) / 1000 - margin,
    Date.UTC(year + 1, 0, 1) / 1000 + margin,
  );
  if (years.size >= YEARS_KEPT) years.clear();
  years.set(name, table);
  return table;
}
