/**
 * igloohome algoPIN, emulated: the rules below are published, the digits are ours. These codes open no igloohome lock.
 *
 * Sources: Seam's igloohome guide (docs.seam.co, seamapi/docs@8c319e5) for bands, codes a window, first use, 199 PINs;
 * RemoteLOCK Japan support 20579697848857 for 9 digits, hour units, activation; igloohome support 35000160636 for the
 * lockout and 35000138348 for the kinds.
 *
 * The lockout is the older one of 5 wrong codes and 5 minutes; newer locks have 1 to 10 attempts, or none, by their
 * settings.
 *
 * Not public, and chosen here: the digits, the order of payloads, no clock tolerance, no tolerance for junk digits
 * before a PIN ("masking"), that a full memory refuses new codes. Permanent and weekly PINs are left out: the rule
 * that limits them is not published. Windows of whole days are 24-hour days, so they drift from the wall clock across
 * a change of daylight-saving time.
 */
import { checkFields } from '../errors.ts';
import { sealed } from '../schemes/sealed.ts';
import type { Rules, Vendor } from './vendor.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const SEAM = 'docs.seam.co igloohome guide';

const RULES: Rules = {
  layout: 'igloohome/1',
  digits: 9, // RemoteLOCK Japan; igloohome says 7 to 9
  grid: HOUR,
  perSlot: 3038,
  clock: 'fixed-offset', // local hours, and days of 24 of them
  kinds: [
    {
      id: 'hourly',
      for: 'window',
      axis: { on: 'slot' },
      length: { in: 'seconds', of: { from: HOUR, to: 672 * HOUR, step: HOUR } }, // 1 to 672 hours
      variances: 3, // codes a window
      firstUse: DAY, // first use within 24 h
      times: 'many',
      effect: 'open',
      source: SEAM,
    },
    {
      id: 'daily',
      for: 'window',
      axis: { on: 'slot' },
      length: { in: 'seconds', of: { from: 29 * DAY, to: 367 * DAY, step: DAY } }, // 29 to 367 days, equal time of day
      variances: 3,
      firstUse: DAY,
      times: 'many',
      effect: 'open',
      source: SEAM,
    },
    {
      id: 'one_time',
      for: 'one_time',
      axis: { on: 'slot' },
      length: { in: 'seconds', of: [DAY] }, // lives 24 hours from its start
      variances: 5, // codes a start
      times: 'once', // dies with its use
      effect: 'open',
      source: SEAM,
    },
  ],
  lock: {
    tolerance: 0, // not published
    records: 199, // Seam igloohome guide: 199 PINs, online and offline together
    pins: 199,
    throttle: { by: 'lockout', wrong: 5, seconds: 300 }, // igloohome support 35000160636
    source:
      'Seam igloohome guide for the 199; igloohome support 35000160636 for the lockout; no tolerance is chosen',
  },
};

export const igloohome: Vendor = {
  id: 'igloohome',
  name: 'igloohome algoPIN',
  codes: 'emulated',
  about: 'The published rules of algoPIN with digits of ours: these codes open no igloohome lock.',
  scheme: sealed,
  rules(config: unknown = {}) {
    checkFields('config', config, []);
    return RULES;
  },
};
