/**
 * How guessable a vendor's codes are: V of `count.ts` beside M, the number of codes there are, and what that makes of a
 * year at the keypad. One guess succeeds with V/M whatever the algorithm; only V and the length matter. DESIGN §7.
 *
 * Beside it stand two yardsticks. EN 1300 (locks of safes): at least 100,000 codes for each one that opens. NIST
 * SP 800-63B-4: 6 digits or more, and at most 100 failures in a row; a code that lives for hours or days is no OTP in its
 * sense. A year is 365 days of an attacker at the keypad day and night, whose entries take no time.
 */
import { checkFields, checkInstant, expected, LAST_INSTANT } from '../errors.ts';
import { createToken, type DeviceToken, keyFormOf } from '../token.ts';
import type { Throttle, Vendor } from '../vendors/vendor.ts';
import { DAY, type OffsetTable } from '../zone.ts';
import { countCodes, type LaneCount } from './count.ts';

const YEAR = 365 * DAY;

/** Codes for each one that opens, of EN 1300. */
const SAFE = 100_000;

/** One guess in so many is as good as a six-digit one-time password. */
const MILLION = 1_000_000;

/** What NIST SP 800-63B-4 allows in a row. */
const FAILURES = 100;

/** UTC, for good: a zone of no device in particular. */
const UTC: OffsetTable = [
  [0, 0],
  [LAST_INSTANT, 0],
];

export interface SecurityOptions {
  /** The device's settings; the vendor's `sample` if absent. */
  readonly config?: unknown;
  /** Live key epochs; 2 if absent where keys are derived from a root (a lock lives with e and e + 1), else 1. */
  readonly epochs?: 1 | 2;
  /** The device's local times; UTC if absent. */
  readonly offsets?: OffsetTable;
  /** The UTC minute at which its hours begin; 0 if absent. */
  readonly gridOffset?: number;
  /** Epoch seconds in the day, week or year to look at; an ordinary day if absent. */
  readonly at?: number;
}

/** Codes of one table, behind the same lanes. */
export interface LaneReport {
  readonly layout: string;
  /** Clear prefixes; `['']` without. */
  readonly lanes: readonly string[];
  /** Symbols of a code without its prefix, and how many different ones there are. */
  readonly digits: number;
  readonly symbols: number;
  /** M; of codes that anybody can write but for their authentication, how many values that has. */
  readonly possible: number;
  /** V: what the lock accepts at the worst moment. */
  readonly accepted: number;
  /** V by kind at a fresh lock; and what a full memory adds. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly records: number;
  /** That moment, epoch seconds. */
  readonly at: number;
  /** How much likelier the likeliest code is than the average one: 1 where all are as likely. */
  readonly bias: number;
  /** P of the best guess, V/M times the bias; and its inverse rounded down, null where nothing opens. */
  readonly guess: number;
  readonly oneIn: number | null;
  /** Symbols that a code would need for one guess in a million. */
  readonly digitsNeeded: number;
  /** M/V ≥ 10^5, what EN 1300 asks of the locks of safes. */
  readonly en1300: boolean;
  /** NIST SP 800-63B-4: as many codes as six digits have. */
  readonly sixDigits: boolean;
  /** Chance that somebody opens it within a year; the part of it that a full memory is found by records alone. */
  readonly yearlyRisk: number;
  readonly recordRisk: number;
}

export interface SecurityReport {
  readonly vendor: string;
  readonly codes: 'published' | 'emulated';
  readonly scheme: string;
  readonly epochs: 1 | 2;
  readonly tables: readonly LaneReport[];
  /** The one that is easiest to guess. */
  readonly worst: LaneReport;
  /** Entries of the first year that the lock compares with every code, and with its records only. */
  readonly tries: number;
  readonly recordTries: number;
  /** NIST SP 800-63B-4: whether the throttle ends guessing after 100 failures. */
  readonly hundredFailures: boolean;
}

/**
 * Entries that a throttle lets through from the first to the last second of a year, one after the other as soon as it
 * does: to be compared with every code, and with records only.
 */
export function triesInYear(throttle: Throttle): { readonly all: number; readonly records: number } {
  if (throttle.by === 'credit') {
    const { most, regain, recordsEvery } = throttle;
    const from = (every: number): number => Math.floor((YEAR - 1) / every);
    return { all: most + from(regain), records: recordsEvery === undefined ? 0 : 1 + from(recordsEvery) };
  }
  const { wrong } = throttle;
  const list = typeof throttle.seconds === 'number' ? [throttle.seconds] : throttle.seconds;
  const last = Math.max(1, list.at(-1) ?? YEAR);
  let [lockouts, now] = [0, 0];
  for (; now < YEAR && lockouts < list.length - 1; lockouts++) now += list[lockouts] ?? last;
  return { all: wrong * (lockouts + Math.max(0, Math.ceil((YEAR - now) / last))), records: 0 };
}

/** A device for trials: its key is no secret. */
export function trialToken(
  vendor: Vendor,
  options: Omit<SecurityOptions, 'epochs' | 'at'> = {},
): DeviceToken {
  if (typeof vendor !== 'object' || vendor === null || !('scheme' in vendor))
    expected('vendor', 'a vendor such as those of pintumbler/vendors', vendor);
  const { config = vendor.sample, offsets = UTC, gridOffset = 0 } = options;
  const key = new Uint8Array(keyFormOf(vendor).from).fill(0x30);
  return createToken({ vendor, deviceId: 'trial', key, timeZone: 'UTC', gridOffset, offsets, config });
}

/** 1 − (1 − p)^tries, six digits of it: what is behind them differs between machines. */
const within = (p: number, tries: number): number =>
  Number((-Math.expm1(tries * Math.log1p(-Math.min(p, 1)))).toPrecision(6));

/** M. */
export const possibleOf = ({ table }: Pick<LaneCount, 'table'>): number => table.tags ?? table.layout.codes;

/** P of the best single guess: V/M, times how much likelier than the average the likeliest code is. */
export const guessOf = (count: Pick<LaneCount, 'table' | 'accepted'>): number =>
  Math.min(1, (count.accepted / possibleOf(count)) * count.table.bias);

/** Symbols for one guess in a million. */
export function digitsFor(accepted: number, symbols: number): number {
  let digits = 1;
  while (symbols ** digits < Math.max(accepted, 1) * MILLION) digits++;
  return digits;
}

/** The same of a table: what a tag lacks is more of it. */
function needed(count: Pick<LaneCount, 'table' | 'accepted'>): number {
  const { layout, tags, bias } = count.table;
  const { digits, alphabet } = layout;
  if (tags === undefined) return digitsFor(count.accepted * bias, alphabet.length);
  let more = 0;
  while (guessOf(count) * MILLION > alphabet.length ** more) more++;
  return digits + more;
}

function laneReport(count: LaneCount, tries: ReturnType<typeof triesInYear>): LaneReport {
  const { table, lanes, kinds, records, accepted, remembered, at } = count;
  const { id, digits, alphabet } = table.layout;
  const possible = possibleOf(count);
  const guess = guessOf(count);
  const recordRisk = within(remembered / possible, tries.records);
  return {
    layout: id,
    lanes,
    digits,
    symbols: alphabet.length,
    possible,
    accepted,
    kinds,
    records,
    at,
    guess,
    bias: table.bias,
    oneIn: accepted === 0 ? null : Math.floor(possible / (accepted * table.bias)),
    digitsNeeded: needed(count),
    en1300: possible >= accepted * SAFE,
    sixDigits: possible >= MILLION,
    yearlyRisk: Number((1 - (1 - within(guess, tries.all)) * (1 - recordRisk)).toPrecision(6)),
    recordRisk,
  };
}

/**
 * How guessable a vendor's codes are, as plain data.
 *
 * @throws `bad_argument`, `out_of_range`, `config_invalid`, `token_malformed` for an offset table that is none
 * @example
 * import { securityReport } from 'pintumbler/security';
 * import { igloohome } from 'pintumbler/vendors';
 * const { worst, tries } = securityReport(igloohome, { epochs: 1 });
 * console.log(worst.kinds['hourly'], worst.accepted, worst.possible); // 47556 72282 1000000000
 * console.log(worst.oneIn, worst.digitsNeeded, tries); // 13834 11 525600
 */
export function securityReport(vendor: Vendor, options: SecurityOptions = {}): SecurityReport {
  checkFields('options', options, ['config', 'epochs', 'offsets', 'gridOffset', 'at']);
  const { epochs, at, ...device } = options;
  if (epochs !== undefined && epochs !== 1 && epochs !== 2) expected('epochs', '1 or 2', epochs);
  if (at !== undefined) checkInstant('at', at);
  const token = trialToken(vendor, device);
  const { scheme } = vendor;
  const live = epochs ?? ('remote' in scheme || 'key' in scheme ? 1 : 2);
  const { throttle } = token.rules.lock;
  const tries = triesInYear(throttle);
  const tables = countCodes(token, live, at).map((count) => laneReport(count, tries));
  const worst = tables.reduce((most, each) => (each.guess > most.guess ? each : most));
  return {
    vendor: vendor.id,
    codes: vendor.codes,
    scheme: scheme.id,
    epochs: live,
    tables,
    worst,
    tries: tries.all,
    recordTries: tries.records,
    hundredFailures: tries.all <= FAILURES,
  };
}
