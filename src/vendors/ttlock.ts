/**
 * TTLock / Sciener V4 passcodes, emulated: the rules below are published, the digits are ours. These codes open no
 * TTLock lock.
 *
 * Sources: TTLock's cloud API page `passcode/get` (types 1 to 14, hours floored, at most a year, cyclic codes by the
 * nearest matching day); its passcodeEn guide (euopen.ttlock.com) for 6 to 9 digits, 6 and 24 hours to the first use,
 * 200 and 20 codes a start; the beds24 wiki for one code a window and for what a delete code does; ttlock/iOS_SDK_Demo
 * issues 25 and 40 for the raw offset without a rule for daylight-saving time.
 *
 * A quota of accounts (5 codes a month that are not one-time, from April 2026) is between the maker and its customers.
 * The documents conflict on long codes: the current page says one year at most, one quoted by an integrator says whole
 * months beyond a year. This is the current page. A reset of all passcodes makes new key data: the next epoch. Codes
 * that have not been used cannot be deleted. Left out: the optional setting of the NX1 by which the first use of a code
 * deletes those used before it, and the end of the key data after ten years.
 *
 * Not public, and chosen here: the digits, and which code has how many of the 6 to 9 that are published "by type and
 * period" (6: delete; 7: periods up to 24 hours; 8: one-time, permanent, cyclic; 9: longer periods; with the cyclic codes
 * too, a page of 7 digits would end in 2028 and codes be refused there, and 9 digits not be the only guessable ones); 24
 * hours to the first use of a cyclic code; 24 hours and one use for a delete code, one such code a start; a year of 365
 * days; weekends of Saturday and Sunday, workdays of Monday to Friday; daily ranges of up to 24 hours that may pass midnight, one cyclic code a window; no clock
 * tolerance; the lockout; 200 records, and that a full memory takes a code that needs one only when it can drop one that is
 * over. A delete code it takes always: that revokes what is there, and has no record of its own. Permanent and cyclic
 * codes keep their places even so: full of them, the memory takes no code that needs one before a new epoch.
 */
import { checkFields } from '../errors.ts';
import { sealed } from '../schemes/sealed.ts';
import type { Kind, Rules, Table, Vendor } from './vendor.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const API = 'TTLock cloud API passcode/get';
const GUIDE = 'TTLock passcodeEn guide';
const BEDS24 = 'beds24 wiki, TTLock';

/** Type 3. */
const period = (fromHours: number, toHours: number): Kind => ({
  id: 'period',
  for: 'window',
  axis: { on: 'slot' },
  length: { in: 'seconds', of: { from: fromHours * HOUR, to: toHours * HOUR, step: HOUR } },
  variances: 1, // beds24: one code per identical start and end, deleted ones included
  firstUse: DAY, // passcodeEn: within 24 h, else suspended
  times: 'many',
  effect: 'open',
  source: `${API}; ${GUIDE}; ${BEDS24}`,
});

/** Types 5 to 14: begins on a matching day, comes again for good. */
const cyclic = (id: string, weekdays: readonly number[]): Kind => ({
  id,
  for: 'cyclic',
  axis: { on: 'slot' },
  length: { in: 'seconds', of: { from: HOUR, to: DAY, step: HOUR } }, // the daily range
  variances: 1,
  firstUse: DAY,
  weekdays,
  times: 'many',
  effect: 'open',
  source: API,
});

const EIGHT: Table = {
  layout: 'ttlock-8/1',
  digits: 8,
  grid: HOUR,
  perSlot: 460,
  kinds: [
    {
      id: 'one_time', // type 1
      for: 'one_time',
      axis: { on: 'slot' },
      length: { in: 'seconds', of: [6 * HOUR] }, // passcodeEn: once, within 6 h
      variances: 200, // passcodeEn: 200 a start
      times: 'once',
      effect: 'open',
      source: GUIDE,
    },
    {
      id: 'permanent', // type 2
      for: 'permanent',
      axis: { on: 'slot' },
      length: { in: 'endless' },
      variances: 20, // passcodeEn: 20 a start
      firstUse: DAY, // passcodeEn: within 24 h
      times: 'many',
      effect: 'open',
      source: GUIDE,
    },
    cyclic('weekend', [0, 6]), // type 5
    cyclic('daily', [0, 1, 2, 3, 4, 5, 6]),
    cyclic('workday', [1, 2, 3, 4, 5]),
    cyclic('monday', [1]), // type 8
    cyclic('tuesday', [2]),
    cyclic('wednesday', [3]),
    cyclic('thursday', [4]),
    cyclic('friday', [5]),
    cyclic('saturday', [6]),
    cyclic('sunday', [0]), // type 14
  ],
};

const SEVEN: Table = {
  layout: 'ttlock-7/1',
  digits: 7,
  grid: HOUR,
  perSlot: 24,
  kinds: [period(1, 24)],
};

const SIX: Table = {
  layout: 'ttlock-6/1',
  digits: 6,
  grid: HOUR,
  perSlot: 1,
  kinds: [
    {
      id: 'delete', // type 4
      for: 'control',
      axis: { on: 'slot' },
      length: { in: 'seconds', of: [DAY] },
      variances: 1,
      times: 'once',
      effect: 'clear_all', // beds24: deletes every code that has been used
      source: BEDS24,
    },
  ],
};

const RULES: Rules = {
  layout: 'ttlock-9/1',
  digits: 9, // passcodeEn: 6 to 9
  grid: HOUR, // accurate to the hour
  perSlot: 8736,
  kinds: [period(25, 8760)], // passcode/get: at most a year
  // The shorter codes stand after it; no window of one length is said by another.
  also: [EIGHT, SEVEN, SIX],
  clock: 'fixed-offset', // timezoneRawOffset: no rule for daylight-saving time
  rounding: 'floor', // passcode/get: 19:20 is 19:00, at both ends
  lock: {
    tolerance: 0, // not published
    records: 200, // not published
    throttle: { by: 'lockout', wrong: 5, seconds: 300 }, // not published
    source: 'chosen',
  },
};

export const ttlock: Vendor = {
  id: 'ttlock',
  name: 'TTLock V4 passcode',
  codes: 'emulated',
  about: 'The published rules of TTLock V4 passcodes with digits of ours: these codes open no TTLock lock.',
  scheme: sealed,
  rules(config: unknown = {}) {
    checkFields('config', config, []);
    return RULES;
  },
  // Up to 24 starts of the last 24 hours in 8,736 lengths: 209,664 of 10^9 open at once.
  guessable: 'one guess in ten thousand or fewer opens this lock',
};
