/**
 * The standard time of a lock that keeps it all year does not hang on when its token was made: the codes are the same
 * under tables that begin before, within and after 2026.
 */
import { type DeviceToken, mint } from 'pintumbler';
import { type PlanRequest, plan, zoneFacts } from 'pintumbler/calendar';
import { codelocksNetcode, resortlock, ttlock, type Vendor } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { standardTable } from '../src/zone.ts';
import { doorOf, key } from './support/door.ts';
import { at } from './support/helpers.ts';
import { tokenIn } from './support/vendors.ts';

const UNTIL = at('2037-01-01T00:00Z');
const ZONES = [
  'America/New_York',
  'Africa/Casablanca',
  'Europe/Berlin',
  'Australia/Sydney',
  'Europe/Dublin',
  'Asia/Kolkata',
];
const STARTS = ['2026-03-01T00:00Z', '2026-07-15T00:00Z', '2027-06-01T00:00Z', '2026-01-01T00:00Z'];

const KINDS: readonly (readonly [
  string,
  Vendor,
  object,
  Omit<PlanRequest, 'startsAt' | 'endsAt'>,
  string[],
])[] = [
  ['ttlock, workdays', ttlock, {}, { kind: 'workday' }, ['2027-07-05T09:00', '2027-07-05T17:00']],
  // At the turn of the year by standard time the digits are 10 or 12.
  ['resortlock', resortlock, {}, {}, ['2027-12-31T00:30', '2028-01-01T00:00']],
  ['resortlock, over the year', resortlock, {}, {}, ['2027-12-31T00:30', '2028-01-01T01:00']],
  [
    'codelocks without daylight-saving time',
    codelocksNetcode,
    { config: { dst: false } },
    { kind: 'daily', maxTimeRounding: '1d' },
    ['2028-01-12T00:00', '2028-01-14T00:00'],
  ],
];

const tokens = (
  zone: string,
  vendor: Vendor,
  more: object,
  starts: readonly string[],
): readonly DeviceToken[] =>
  starts.map((start) => tokenIn(zone, vendor, { ...zoneFacts(zone, at(start), UNTIL), ...more }));

describe('one standard time', () => {
  describe.each(ZONES)('%s', (zone) => {
    it.each(KINDS)('%s: the same code from tokens of any time', (_, vendor, more, request, [from, to]) => {
      const [old, ...young] = tokens(zone, vendor, more, ['2019-12-31T00:00Z', ...STARTS]);
      if (!old || !from || !to) throw new Error('a token');
      const { grant } = plan(old, { ...request, startsAt: from, endsAt: to });
      const code = mint(old, grant);
      for (const token of young) {
        expect(plan(token, { ...request, startsAt: from, endsAt: to }).grant).toEqual(grant);
        expect(mint(token, grant)).toBe(code);
        // And each opens at a lock that was made at another time, winter and summer.
        for (const [one, other] of [
          [old, token],
          [token, old],
        ] as const)
          expect(key(doorOf(one), mint(other, grant), grant.startsAt).reason).toBe('first_use');
      }
    });
  });

  it('by hand: New York’s from March on, of one summer, and of a table that ends before 2026', () => {
    const EST = -18_000;
    const EDT = -14_400;
    const [march, november, next] = [
      at('2026-03-08T07:00Z'),
      at('2026-11-01T06:00Z'),
      at('2027-03-14T07:00Z'),
    ];
    const of = (...table: [number, number][]): number | undefined => standardTable(table)[0]?.[1];
    expect(of([at('2026-03-01T00:00Z'), EST], [march, EDT], [november, EST], [next, EST])).toBe(EST);
    // Both days, whatever else has been.
    expect(of([0, -36_000], [at('2025-12-01T00:00Z'), EST], [march, EDT], [november, EDT])).toBe(EST);
    // Only 1 July 2026, and only 1 January: the smallest of all that is known.
    expect(of([march, EDT], [november, EST], [next, EDT])).toBe(EST);
    expect(of([at('2025-11-02T06:00Z'), EST], [march, EDT], [at('2026-06-01T00:00Z'), EST])).toBe(EST);
    expect(
      of([at('2024-03-10T07:00Z'), EDT], [at('2024-11-03T06:00Z'), EST], [at('2025-03-09T07:00Z'), EDT]),
    ).toBe(EST);
    // Nothing else is known; the offset of the pair that closes the table says nothing.
    expect(of([march, EDT], [november, EST])).toBe(EDT);
    // The first pair may be one of summer, and of later years.
    expect(of([at('2027-06-01T00:00Z'), EDT], [at('2027-11-07T06:00Z'), EST], [UNTIL, 0])).toBe(EST);
  });
});
