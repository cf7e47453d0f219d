/**
 * Master Lock temporary code, emulated: the rules below are published, the digits are ours. These codes open no Master
 * Lock.
 *
 * Sources: sdkdocs.masterlockvault.com CoreConcepts/TemporaryCode for periods and their rollover; the consumer page for 5
 * digits and "valid 4–8 hours": the lock takes the code of the present period and of the one before. Boxes with a
 * d-pad take up, down, left, right: 4^5 = 1,024 codes, 2 of which open at any moment.
 *
 * A code's window is its period and the next. Nothing ends a code before that; resetting the keys near the lock is a new
 * epoch. The layout id names the period and where it rolls over: settings with other windows share no codes, so a code
 * made for the old duration dies when the lock gets the new one. `lock` only says which period is the default.
 *
 * Not public, and chosen here: the symbols; the order U, D, L, R; no clock tolerance; the lockout; no code remembered;
 * settings in whole seconds. Periods are counted from the first that starts in 2020; with the defaults those are the slots
 * of every other vendor. Codes of neighbouring periods can be equal, as with any code of five symbols.
 */
import { checkFields, expected } from '../errors.ts';
import { mac } from '../schemes/mac.ts';
import type { LockRules, Rules, Vendor } from './vendor.ts';

/** The device settings of this vendor. */
export interface MasterLockConfig {
  /** `standard`, if absent: 4 hours a period; `deadbolt`: 1 hour. */
  readonly lock?: 'standard' | 'deadbolt';
  /** Premium, TemporaryAccessCodeWindowSeconds: the period, 1,800 to 604,800. */
  readonly window?: number;
  /** Premium, TemporaryAccessCodeEpochSeconds: from which second after 1970 periods are counted, 0 if absent. */
  readonly epoch?: number;
  /** `digits`, if absent, or a d-pad: `directions`, written U, D, L, R. */
  readonly keypad?: 'digits' | 'directions';
}

const HOUR = 3600;
/** 2020-01-01T00:00Z. */
const FROM = 1_577_836_800;
const SDK = 'sdkdocs.masterlockvault.com CoreConcepts/TemporaryCode';

const LOCK: LockRules = {
  tolerance: 0, // not published
  records: 0, // not published; a code of the period needs none
  throttle: { by: 'lockout', wrong: 5, seconds: 300 }, // not published
  source: 'chosen: nothing is published',
};

function rules(config: unknown = {}): Rules {
  checkFields('config', config, ['lock', 'window', 'epoch', 'keypad']);
  const { lock = 'standard', epoch = 0, keypad = 'digits' } = config;
  if (lock !== 'standard' && lock !== 'deadbolt')
    expected('config.lock', '"standard" or "deadbolt"', lock, 'config_invalid');
  const { window: period = lock === 'deadbolt' ? HOUR : 4 * HOUR } = config; // KeyNumber 4: 1 h; KeyNumber 2: 4 h
  if (typeof period !== 'number' || !Number.isInteger(period) || period < 1800 || period > 604_800)
    expected('config.window', 'whole seconds, 1800 to 604800', period, 'config_invalid');
  if (typeof epoch !== 'number' || !Number.isSafeInteger(epoch) || epoch < 0)
    expected('config.epoch', 'whole seconds after 1970-01-01T00:00Z', epoch, 'config_invalid');
  if (keypad !== 'digits' && keypad !== 'directions')
    expected('config.keypad', '"digits" or "directions"', keypad, 'config_invalid');
  const rollover = epoch % period;
  return {
    layout: `master-lock-${period}-${rollover}/1`,
    digits: 5, // consumer page
    alphabet: keypad === 'digits' ? '0123456789' : 'UDLR',
    grid: period,
    // JavaScript's remainder has the sign of the dividend.
    origin: FROM + ((((rollover - FROM) % period) + period) % period),
    perSlot: 1,
    clock: 'utc', // rollover from UTC midnight
    kinds: [
      {
        id: 'temporary',
        for: 'rolling',
        axis: { on: 'slot' },
        length: { in: 'seconds', of: [2 * period] }, // previous and present period: valid 4 to 8 hours
        variances: 1, // one code a period
        times: 'many',
        effect: 'open',
        source: SDK,
      },
    ],
    lock: LOCK,
  };
}

export const masterLock: Vendor = {
  id: 'master-lock',
  name: 'Master Lock temporary code',
  codes: 'emulated',
  about: 'The published rules of temporary codes with digits of ours: these codes open no Master Lock.',
  scheme: mac,
  rules,
  // 2 of 1,024 on a d-pad.
  guessable: 'one guess in ten thousand or fewer opens this lock',
};
