/**
 * SentriLock 1-Day Codes and FlexCodes, emulated: the rules below are published, the digits are ours. These codes open
 * no SentriLock box.
 *
 * Sources: what two boards of realtors tell their members, rmls.helpjuice.com and fcbr.org. 1-Day Code: for a chosen
 * date, made at most two weeks ahead, used first within the showing hours 8 to 22, then good for one hour more, dead at
 * midnight; 7 digits in their example. FlexCode: 30 minutes to 31 days, on the hour or half hour, 4 codes for one window,
 * at most 16 that overlap.
 *
 * `plan` checks the two weeks only where it is told `issuedAt`: a code does not say when it was made.
 *
 * Not public, and chosen here: the digits, and that a FlexCode has 12 of them; one 1-Day Code a date; that the showing
 * hours are the lock's local time and bind the first use only; that a FlexCode may be used first until its end; that the
 * 16 are counted at the lock, by use; no clock tolerance; 64 records (17 can be in use at once); that a full memory drops
 * codes that are over; the lockout. Contractor and SMAC codes are left out: their rules are not published.
 */
import { checkFields } from '../errors.ts';
import { sealed } from '../schemes/sealed.ts';
import type { Rules, Table, Vendor } from './vendor.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const BOARDS = 'rmls.helpjuice.com, fcbr.org';

const FLEX: Table = {
  layout: 'sentrilock-12/1',
  digits: 12, // not published
  grid: HOUR / 2, // on the hour or half hour
  perSlot: 5952,
  kinds: [
    {
      id: 'flex',
      for: 'window',
      axis: { on: 'slot' },
      length: { in: 'seconds', of: { from: HOUR / 2, to: 31 * DAY, step: HOUR / 2 } }, // 30 minutes to 31 days
      variances: 4, // codes for one window
      overlapping: 16,
      times: 'many',
      effect: 'open',
      source: BOARDS,
    },
  ],
};

const RULES: Rules = {
  layout: 'sentrilock-7/1',
  digits: 7, // the example
  grid: DAY,
  perSlot: 1,
  kinds: [
    {
      id: 'one_day',
      for: 'window',
      axis: { on: 'civil-day', opens: '08:00' }, // showing hours 8 to 22
      length: { in: 'days', of: [1], closes: '00:00' }, // dies at midnight
      variances: 1, // not published
      firstUse: 0,
      firstUseAt: '22:00',
      afterUse: HOUR, // valid 1 h more
      ahead: 14 * DAY, // made at most two weeks ahead
      times: 'many',
      effect: 'open',
      source: BOARDS,
    },
  ],
  also: [FLEX],
  clock: 'civil', // it keeps calendar days
  // From 08:00 to midnight both fit: who asks for that must not get a code that dies an hour after its first use.
  prefer: ['flex', 'one_day'],
  lock: {
    tolerance: 0, // not published
    records: 64, // not published
    throttle: { by: 'lockout', wrong: 5, seconds: 300 }, // not published
    source: 'chosen',
  },
};

export const sentrilock: Vendor = {
  id: 'sentrilock',
  name: 'SentriLock 1-Day Code and FlexCode',
  codes: 'emulated',
  about:
    'The published rules of SentriLock 1-Day Codes and FlexCodes with digits of ours: these codes open no SentriLock box.',
  scheme: sealed,
  rules(config: unknown = {}) {
    checkFields('config', config, []);
    return RULES;
  },
};
