/**
 * Codelocks NetCode, emulated: the rules below are published, the digits are ours. These codes open no Codelocks lock.
 *
 * Sources: Codelocks/customer-examples README for modes, lengths and deadlines; codelocks.zohodesk.eu and the manuals of
 * KL1000 and CL5510 for one mode at a time, Block Previous, `*`, 6 and 7 digits and the lock's local time; the Masunt
 * manual for what Block Previous ends.
 *
 * A lock works in one mode. Codes of another mean nothing to it: each mode has its own layout id, and so its own key.
 * The maker's API records no codes, and neither does anything here: the same request gives the same code, so whoever
 * hands them out keeps the list. Not followed: the maker's key is the minute of initialising and a 6-digit id, some 20
 * bits; here it is 32 bytes. Nor is Masunt's rule that a validated code dies at the end of the day on which a newer one is:
 * here it dies at once. Left out: blocking a single code at the keypad, for no code says that.
 *
 * Not public, and chosen here: the digits, and that `*` and the rest have keys of their own; times in between are rounded
 * outward; no clock tolerance; 256 codes remembered; the lockout; "within 24 h" is one civil day, and a validation
 * period counts from midnight on the wall clock; "up to 1 y" is 365 days; every length of days in between. Block Previous
 * ends codes that began on an earlier day, seen or not; codes of one first day do not end each other; it cannot be
 * switched off.
 */
import { checkFields, expected } from '../errors.ts';
import { sealed } from '../schemes/sealed.ts';
import type { Kind, LockRules, Rules, Table, Vendor } from './vendor.ts';

const MODES = ['standard', 'acc', 'urm', 'end_date', '24h'] as const;
type Mode = (typeof MODES)[number];

/** The device settings of this vendor. */
export interface CodelocksNetcodeConfig {
  /** What the lock is set to; `standard` if absent. */
  readonly mode?: 'standard' | 'acc' | 'urm' | 'end_date' | '24h';
  /** 7 since 2019, and if absent; 6 before. */
  readonly digits?: 6 | 7;
  /** Whether the lock follows daylight-saving time (CL5510, and if absent) or keeps standard time (KL1000 C2). */
  readonly dst?: boolean;
  /** Whether `*` comes before a code, as on locks that take other credentials too; false if absent. */
  readonly star?: boolean;
  /** Mode `urm` only: first use within so many hours, 1 to 168 or whole days up to 504; 24 if absent. */
  readonly validation?: number;
}

const HOUR = 3600;
const DAY = 24 * HOUR;
const NOTES = 'Codelocks/customer-examples README';

const HOURLY = {
  axis: { on: 'slot' }, // on the hour
  length: { in: 'seconds', of: { from: HOUR, to: 12 * HOUR, step: HOUR } }, // 1 to 12 hours
  variances: 1, // same parameters, same code
  effect: 'open',
  source: NOTES,
} as const;

/** Whole days, from midnight to midnight. */
const days = (to: number) =>
  ({
    axis: { on: 'civil-day', opens: '00:00' },
    length: { in: 'days', of: { from: 1, to, step: 1 }, closes: '00:00' },
    variances: 1,
    source: NOTES,
  }) as const satisfies Partial<Kind>;

/** Hours after midnight as the civil day and time of day of a deadline. */
function deadline(hours: number): Pick<Kind, 'firstUse' | 'firstUseAt'> {
  return { firstUse: Math.floor(hours / 24), firstUseAt: `${String(hours % 24).padStart(2, '0')}:00` };
}

function tableOf(mode: Mode, validation: number): Pick<Table, 'grid' | 'perSlot' | 'kinds'> {
  switch (mode) {
    case 'standard':
      return {
        grid: HOUR,
        perSlot: 38,
        kinds: [
          { ...HOURLY, id: 'hourly', for: 'window', times: 'many' },
          { ...days(7), id: 'daily', for: 'window', times: 'many', effect: 'open' }, // 1 to 7 days
          { ...HOURLY, id: 'single_hourly', for: 'one_time', times: 'once' }, // "standard single"
          { ...days(7), id: 'single_daily', for: 'one_time', times: 'once', effect: 'open' },
        ],
      };
    case 'acc':
      return {
        grid: DAY,
        perSlot: 21,
        kinds: [
          // 1 to 21 days, first use within 24 h; Block Previous by default
          { ...days(21), id: 'acc', for: 'window', firstUse: 1, times: 'many', effect: 'supersede' },
        ],
      };
    case 'urm':
      return {
        grid: DAY,
        perSlot: 365,
        kinds: [
          // up to 1 year, first use within the validation period; Block Previous by default
          {
            ...days(365),
            id: 'urm',
            for: 'window',
            ...deadline(validation),
            times: 'many',
            effect: 'supersede',
          },
        ],
      };
    case 'end_date':
      return {
        grid: DAY,
        perSlot: 365,
        kinds: [{ ...days(365), id: 'end_date', for: 'window', times: 'many', effect: 'open' }], // ends at midnight
      };
    case '24h':
      return {
        grid: HOUR,
        perSlot: 1,
        kinds: [
          {
            ...HOURLY,
            id: 'hours_24',
            for: 'window',
            length: { in: 'seconds', of: [DAY] }, // from any hour
            times: 'many',
          },
        ],
      };
  }
}

const LOCK: LockRules = {
  tolerance: 0, // not published
  records: 256, // not published; more than the 212 windows that are open at once
  throttle: { by: 'lockout', wrong: 5, seconds: 300 }, // not published
  source: 'chosen: nothing is published',
};

const isMode = (value: unknown): value is Mode => MODES.some((mode) => mode === value);

/** 1 hour to 7 days, or whole days up to 21. */
const isValidation = (hours: unknown): hours is number =>
  typeof hours === 'number' &&
  Number.isInteger(hours) &&
  hours >= 1 &&
  (hours <= 168 || (hours <= 504 && hours % 24 === 0));

function rules(config: unknown = {}): Rules {
  checkFields('config', config, ['mode', 'digits', 'dst', 'star', 'validation']);
  const { mode = 'standard', digits = 7, dst = true, star = false, validation } = config;
  if (!isMode(mode)) expected('config.mode', `one of ${MODES.join(', ')}`, mode, 'config_invalid');
  if (digits !== 6 && digits !== 7) expected('config.digits', '6 or 7', digits, 'config_invalid');
  if (typeof dst !== 'boolean') expected('config.dst', 'true or false', dst, 'config_invalid');
  if (typeof star !== 'boolean') expected('config.star', 'true or false', star, 'config_invalid');
  if (validation !== undefined && (mode !== 'urm' || !isValidation(validation)))
    expected(
      'config.validation',
      'with mode "urm" only, 1 to 168 hours or whole days up to 504',
      validation,
      'config_invalid',
    );
  const { grid, perSlot, kinds } = tableOf(mode, validation ?? 24);
  return {
    layout: `codelocks-netcode-${mode}-${digits}/1`,
    digits,
    grid,
    perSlot,
    clock: dst ? 'civil' : 'fixed-offset', // CL5510: DST program 11; KL1000 C2: local time without DST
    // A kind's own prefix, where a layout's would have to be named with every request.
    kinds: star ? kinds.map((kind) => ({ ...kind, lane: '*' })) : kinds,
    lock: LOCK,
  };
}

export const codelocksNetcode: Vendor = {
  id: 'codelocks-netcode',
  name: 'Codelocks NetCode',
  codes: 'emulated',
  about: 'The published rules of NetCode with digits of ours: these codes open no Codelocks lock.',
  scheme: sealed,
  rules,
  // Standard: 212 of 10^6 before 2019. Mode end_date: 66,795 of 10^7 at any moment.
  guessable: 'one guess in ten thousand or fewer opens this lock',
};
