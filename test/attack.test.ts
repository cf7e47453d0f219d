/**
 * Attackers at the simulated lock: random codes succeed as often as the report predicts, and a year of guessing meets the
 * throttle as often as it says.
 */
import { createToken } from 'pintumbler';
import { createLock, enter, initialState } from 'pintumbler/lock';
import { type LaneReport, securityReport } from 'pintumbler/security';
import {
  codelocksNetcode,
  dormakabaOracode,
  igloohome,
  type LockRules,
  masterLock,
  pintumbler,
  type Throttle,
  ttlock,
  type Vendor,
} from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { rulesOf } from '../src/vendors/vendor.ts';
import { accepts, doorOf, keyToken } from './support/guesses.ts';
import { deep } from './support/helpers.ts';
import { six } from './support/vendors.ts';

const HOUR = 3600;
const YEAR = 365 * 24 * HOUR;

/** Random symbols from a seed: mulberry32. */
function guesser(seed: number): (symbols: string, digits: number) => string {
  const next = (): number => {
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  return (symbols, digits) => {
    let code = '';
    for (let i = 0; i < digits; i++) code += symbols.charAt(Math.floor(next() * symbols.length));
    return code;
  };
}

/** Where a rate lies if `hits` of `tries` were seen, with 99.9 % confidence (Wilson). */
function interval(hits: number, tries: number): readonly [number, number] {
  const z = 3.2905;
  const p = hits / tries;
  const middle = (p + (z * z) / (2 * tries)) / (1 + (z * z) / tries);
  const half = (z / (1 + (z * z) / tries)) * Math.sqrt((p * (1 - p)) / tries + (z * z) / (4 * tries * tries));
  return [middle - half, middle + half];
}

/** Guesses at a fresh lock with one epoch, each from the fresh state, at the report's worst moment. */
function attack(vendor: Vendor, row: LaneReport, config: unknown, tries: number, seed: number): number {
  const door = doorOf(keyToken(vendor, { config }));
  const { layout, alphabet = '0123456789' } = [door.token.rules, ...(door.token.rules.also ?? [])].find(
    (table) => table.layout === row.layout,
  ) ?? { layout: '' };
  expect(layout).toBe(row.layout);
  const guess = guesser(seed);
  let hits = 0;
  for (let i = 0; i < tries; i++) {
    if (accepts(door, door.fresh, row.lanes[0] + guess(alphabet, row.digits), row.at)) hits++;
  }
  return hits;
}

/** P of a fresh lock. */
const freshRate = ({ kinds, possible }: LaneReport): number =>
  Object.values(kinds).reduce((sum, each) => sum + each, 0) / possible;

/** The same vendor with other rules for its lock. */
const relocked = (vendor: Vendor, lock: Partial<LockRules>, config?: unknown): Vendor => {
  const rules = rulesOf(vendor, config);
  return { ...vendor, rules: { ...rules, lock: { ...rules.lock, ...lock } } };
};

const D_PAD = { keypad: 'directions' };

const ATTACKS: readonly (readonly [Vendor, unknown, number])[] = [
  [igloohome, undefined, 300_000],
  [dormakabaOracode, dormakabaOracode.sample, 60_000],
  [masterLock, D_PAD, 20_000],
  [ttlock, undefined, 150_000],
  [codelocksNetcode, { digits: 6 }, 100_000],
];

describe('random codes at a fresh lock', () => {
  it.each(ATTACKS)('$id succeed as often as predicted', (vendor, config, tries) => {
    const { worst } = securityReport(vendor, { config, epochs: 1 });
    const hits = attack(vendor, worst, config, deep(tries), 1);
    const [least, most] = interval(hits, deep(tries));
    expect(hits).toBeGreaterThan(10);
    expect(freshRate(worst), `${hits} of ${deep(tries)}`).toBeGreaterThan(least);
    expect(freshRate(worst), `${hits} of ${deep(tries)}`).toBeLessThan(most);
  });

  it('a lock that is more tolerant than its rules is found out', () => {
    const { worst } = securityReport(dormakabaOracode, { epochs: 1 });
    // The rules as they are said; the lock takes a code for ten days more on each side.
    const lax = relocked(dormakabaOracode, { tolerance: 240 * HOUR }, dormakabaOracode.sample);
    const hits = attack(lax, worst, undefined, 60_000, 1);
    expect(freshRate(worst)).toBeLessThan(interval(hits, 60_000)[0]);
  });
});

/** A code that this lock takes at no time of the year. */
const WRONG = '2000000';

/** Keys in wrong codes for a year, as many as the keypad takes, at every moment at which it could have come back. */
function year(throttle: Throttle, every: number): { readonly all: number; readonly records: number } {
  const lock = createLock([
    createToken({
      vendor: relocked(six, { throttle }),
      deviceId: 'd',
      key: new Uint8Array(32),
      timeZone: 'UTC',
    }),
  ]);
  const begin = Date.UTC(2026, 0, 1) / 1000;
  let state = initialState(lock, begin);
  let [all, records, opened] = [0, 0, 0];
  for (let at = begin; at < begin + YEAR; at += every) {
    for (;;) {
      const before = state.throttle;
      const entry = enter(lock, state, WRONG, at);
      if (entry.verdict.accepted) opened++;
      state = entry.state;
      const { throttle: after } = state;
      if (entry.verdict.reason !== 'locked_out') {
        all++;
        continue;
      }
      if (after.by === 'credit' && before.by === 'credit' && after.recordsAt !== before.recordsAt) records++;
      break;
    }
  }
  expect(opened).toBe(0);
  return { all, records };
}

const THROTTLES: readonly (readonly [string, Throttle, number])[] = [
  ['credit', { by: 'credit', most: 12, regain: 7200, recordsEvery: 60 }, 60],
  [
    'credit that comes back while records wait',
    { by: 'credit', most: 3, regain: 700, recordsEvery: 1000 },
    100,
  ],
  ['lockout', { by: 'lockout', wrong: 5, seconds: 300 }, 300],
  ['escalating lockout', { by: 'lockout', wrong: 5, seconds: [300, 600, 1200, 1800] }, 300],
];

describe('a year of guessing', () => {
  it.each(THROTTLES)('%s: as many entries are compared as predicted', (_, throttle, every) => {
    const { tries, recordTries } = securityReport(relocked(six, { throttle }));
    expect(year(throttle, every)).toEqual({ all: tries, records: recordTries });
  });

  it.each([
    [pintumbler, 4391, 525_600],
    [igloohome, 525_600, 0],
  ] as const)('$id', (vendor, tries, recordTries) => {
    expect(securityReport(vendor)).toMatchObject({ tries, recordTries });
  });
});
