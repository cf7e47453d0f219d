/**
 * Lockly OAC (offline access codes), emulated: the rules below are published, the digits are ours. These codes open no
 * Lockly lock.
 *
 * Sources: Seam's Lockly guides (docs.seam.co, seamapi/docs@8c319e5) for the two kinds, their two timestamps, and that
 * the count is limited by the lock's memory; Lockly's manuals and support pages for 4 to 12 digits, the 50 codes and
 * the lockout of 5, 10, 20, 30 minutes ("Safe mode").
 *
 * Not public, and chosen here: the digits, 12 of them (the most there are), the order of payloads, the hour grid, a
 * year (8,784 hours) as the longest window, for no bound is given, one code a window, no deadline for the first use,
 * that 5 wrong codes in a row lock the keypad and that an accepted one begins the list anew, no clock tolerance, that
 * the lock keeps its standard time all year, that the 50 codes are those it has accepted. The 50 are from the manual of
 * the first generation; what newer locks hold is not given.
 *
 * With no deadline every window that is not over counts: 77,167,440 codes open at one moment, one guess in 12,958 for
 * each epoch that the lock lives with. With 11 digits it would be one in 1,295.
 *
 * Seam has 6 to 8 digits for codes that are programmed over a connection, not for these.
 *
 * The first generation's codes (6 digits and two configurations of 4, keyed in once, after which the 6 open) are not
 * offered: how the configurations encode use and duration is not public. The double press that newer locks want before
 * an offline code is not part of the digits: tell the guest.
 *
 * A reset forgets what was used: with it goes a new epoch, or a used one-time code opens again.
 */
import { checkFields } from '../errors.ts';
import { sealed } from '../schemes/sealed.ts';
import type { Kind, Rules, Vendor } from './vendor.ts';

const HOUR = 3600;
const SEAM = 'docs.seam.co Lockly guides';

/** A window from a start to an end, both as asked for. */
const WINDOW: Pick<Kind, 'axis' | 'length' | 'variances' | 'effect' | 'source'> = {
  axis: { on: 'slot' },
  length: { in: 'seconds', of: { from: HOUR, to: 8784 * HOUR, step: HOUR } }, // no bound is given: a year of 366 days
  variances: 1, // not published
  effect: 'open',
  source: SEAM,
};

const RULES: Rules = {
  layout: 'lockly/1',
  digits: 12, // newer locks: 4 to 12
  grid: HOUR, // not published
  perSlot: 17568,
  clock: 'fixed-offset', // not published
  kinds: [
    { ...WINDOW, id: 'time_bound', for: 'window', times: 'many' },
    { ...WINDOW, id: 'one_time', for: 'one_time', times: 'once' }, // Seam: both timestamps too
  ],
  lock: {
    tolerance: 0, // not published
    records: 50, // manual of the first generation: 50 codes, then reset
    pins: 50,
    whenFull: 'refuse',
    // Safe mode: 5, 10, 20, 30 minutes; after how many wrong codes is not published.
    throttle: { by: 'lockout', wrong: 5, seconds: [300, 600, 1200, 1800] },
    source: 'Lockly manual of the first generation; Safe mode',
  },
};

export const lockly: Vendor = {
  id: 'lockly',
  name: 'Lockly OAC',
  codes: 'emulated',
  about:
    'The published rules of Lockly offline access codes with digits of ours: these codes open no Lockly lock.',
  scheme: sealed,
  rules(config: unknown = {}) {
    checkFields('config', config, []);
    return RULES;
  },
};
