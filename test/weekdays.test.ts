/**
 * Windows that come again on weekdays and pass midnight, or last a day: the hours after midnight are those of the day
 * before, with as much tolerance and with inclusive ends as at any other end.
 */
import fc from 'fast-check';
import { createToken, mint, type OffsetTable } from 'pintumbler';
import { defineVendor } from 'pintumbler/security';
import { type Kind, type LockRules, ttlock, type Vendor } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { doorOf, key, reasonOf } from './support/door.ts';
import { at, deep } from './support/helpers.ts';
import { six, sixRules, tokenIn } from './support/vendors.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

const UTC: OffsetTable = [
  [0, 0],
  [at('2060-01-01T00:00Z'), 0],
];

/** A lock of one cyclic kind. */
function vendorOf(kind: Partial<Kind>, lock: Partial<LockRules>): Vendor {
  const [hourly] = sixRules.kinds;
  if (!hourly) throw new Error('no kind');
  const cyclic: Kind = {
    ...hourly,
    id: 'weekly',
    for: 'cyclic',
    length: { in: 'seconds', of: { from: HOUR, to: DAY, step: HOUR } },
    variances: 1,
    firstUse: DAY,
    ...kind,
  };
  const { lanes: _, ...rules } = sixRules;
  return defineVendor({
    ...six,
    id: 'weekly',
    guessable: 'one guess in ten thousand or fewer opens this lock',
    rules: { ...rules, clock: 'fixed-offset', kinds: [cyclic], lock: { ...sixRules.lock, ...lock } },
  });
}

/** A lock whose guest has used a code that begins at `start`, and what it says to that code later. */
function used(vendor: Vendor, start: string, hours: number): (when: string) => string {
  const token = createToken({
    vendor,
    deviceId: 'd',
    root: new Uint8Array(32),
    timeZone: 'UTC',
    gridOffset: 0,
    offsets: UTC,
  });
  const startsAt = at(start);
  const code = mint(token, { kind: 'weekly', variance: 0, startsAt, endsAt: startsAt + hours * HOUR });
  const { door, reason } = key(doorOf(token), code, startsAt);
  expect(reason).toBe('first_use');
  return (when) => key(door, code, at(when)).reason;
}

describe('windows that pass midnight', () => {
  const berlin = tokenIn('Europe/Berlin', ttlock);
  // A Monday.
  const startsAt = at('2026-03-02T22:00+01:00');
  const code = mint(berlin, { kind: 'workday', variance: 0, startsAt, endsAt: startsAt + 8 * HOUR });

  it('workdays from 22:00 to 06:00: at 03:00 on Saturday it is still Friday’s, at 03:00 on Monday nobody’s', () => {
    const { door, reason } = key(doorOf(berlin), code, startsAt);
    expect(reason).toBe('first_use');
    const says = (when: string): string => key(door, code, at(when)).reason;
    for (const [when, opens] of [
      ['2026-03-03T05:59:59+01:00', true],
      ['2026-03-03T06:00:00+01:00', false],
      ['2026-03-06T22:00:00+01:00', true],
      ['2026-03-07T03:00:00+01:00', true], // Saturday
      ['2026-03-07T05:59:59+01:00', true],
      ['2026-03-07T06:00:00+01:00', false],
      ['2026-03-07T22:00:00+01:00', false],
      ['2026-03-08T03:00:00+01:00', false], // Sunday
      ['2026-03-08T23:00:00+01:00', false],
      ['2026-03-09T03:00:00+01:00', false], // Monday, before its own
      ['2026-03-09T22:00:00+01:00', true],
      ['2030-03-02T03:00:00+01:00', true], // a Saturday
    ] as const)
      expect(says(when), when).toBe(opens ? 'used_before' : 'not_yet_valid');
  });

  it('is open in the first night also for its first use', () => {
    expect(reasonOf(berlin, code, at('2026-03-03T03:00+01:00'))).toBe('first_use');
    expect(reasonOf(berlin, code, at('2026-03-03T06:00+01:00'))).toBe('not_yet_valid');
  });
});

describe('tolerance and inclusive ends at midnight', () => {
  const MONDAY = { weekdays: [1] };

  it('a 24 h Monday with 600 s of tolerance: from 23:50 on Sunday to 00:10 on Tuesday, every week', () => {
    const says = used(vendorOf(MONDAY, { tolerance: 600 }), '2026-03-02T00:00Z', 24);
    for (const [when, opens] of [
      ['2026-03-02T23:59:59Z', true],
      ['2026-03-03T00:00:00Z', true],
      ['2026-03-03T00:09:59Z', true],
      ['2026-03-03T00:10:00Z', false],
      ['2026-03-08T23:49:59Z', false],
      ['2026-03-08T23:50:00Z', true],
      ['2026-03-10T00:09:59Z', true],
      ['2026-03-10T00:10:00Z', false],
    ] as const)
      expect(says(when), when).toBe(opens ? 'used_before' : 'not_yet_valid');
  });

  it('inclusive: the second of the end counts, and with tolerance one second more', () => {
    const exact = used(vendorOf(MONDAY, { tolerance: 0, inclusive: true }), '2026-03-02T00:00Z', 24);
    expect(exact('2026-03-03T00:00:00Z')).toBe('used_before');
    expect(exact('2026-03-03T00:00:01Z')).toBe('not_yet_valid');
    const wide = used(vendorOf(MONDAY, { tolerance: 600, inclusive: true }), '2026-03-02T00:00Z', 24);
    expect(wide('2026-03-03T00:10:00Z')).toBe('used_before');
    expect(wide('2026-03-03T00:10:01Z')).toBe('not_yet_valid');
    // Not only where they are a day long.
    const short = used(vendorOf(MONDAY, { tolerance: 0, inclusive: true }), '2026-03-02T09:00Z', 8);
    expect(short('2026-03-09T17:00:00Z')).toBe('used_before');
    expect(short('2026-03-09T17:00:01Z')).toBe('not_yet_valid');
  });

  it('at any second of weeks: open where some occurrence, drawn out one by one, is', () => {
    const START = at('2026-03-02T00:00Z'); // a Monday
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 7 }),
        fc.nat(23),
        fc.integer({ min: 1, max: 24 }),
        fc.constantFrom(0, 600, 5400),
        fc.boolean(),
        fc.array(
          fc.tuple(
            fc.nat(21),
            fc.constantFrom('start', 'end', 'any'),
            fc.integer({ min: -2, max: 2 }),
            fc.nat(DAY),
          ),
          { minLength: 5, maxLength: 20 },
        ),
        (weekdays, hour, hours, tolerance, inclusive, moments) => {
          const vendor = vendorOf({ weekdays }, { tolerance, ...(inclusive && { inclusive: true }) });
          // The first day of the kind, a Monday or later.
          const first = [0, 1, 2, 3, 4, 5, 6].find((add) => weekdays.includes((1 + add) % 7)) ?? 0;
          const start = START + first * DAY + hour * HOUR;
          const says = used(vendor, new Date(start * 1000).toISOString(), hours);
          const occurrences = Array.from({ length: 30 }, (_, i) => START + i * DAY + hour * HOUR).filter(
            (each, i) => each >= start && weekdays.includes((1 + i) % 7),
          );
          for (const [day, edge, by, second] of moments) {
            const from = start + day * DAY;
            const border =
              edge === 'start'
                ? from - tolerance
                : edge === 'end'
                  ? from + hours * HOUR + tolerance
                  : from + second;
            const now = border + by;
            const last = tolerance + (inclusive ? 1 : 0);
            const isOpen = occurrences.some(
              (each) => now >= each - tolerance && now < each + hours * HOUR + last,
            );
            expect(says(new Date(now * 1000).toISOString()), `${now - start}`).toBe(
              isOpen ? 'used_before' : 'not_yet_valid',
            );
          }
        },
      ),
      { numRuns: deep(60) },
    );
  });
});
