/**
 * ResortLock (RemoteLock algorithmic, KeyInCloud), emulated: the rules below are published, the digits are ours. These
 * codes open no ResortLock.
 *
 * Sources: OwnerRez, Lodgix, the FAQ of resortlock.com and keyincloud.com: top of the hour, up to 364 days, 10 digits,
 * or 12 beyond 30 days or over the year end, codes a window by model, no cancel, no edit, new dates new code. There a
 * code is made from the lock's serial number, so whoever knows that can make codes; here the key is 32 bytes.
 *
 * Not followed: an older FAQ has 90 days and 8 digits. Left out: shortening a code at the keypad to one of one's own
 * (`*`, long code, `#`, new code, `#`).
 *
 * Not public, and chosen here: the digits; that a one-time code has the lengths of a duration code; that the lock keeps
 * its standard time all year, and the year ends by that; that a window that ends with the year's last hour is within it;
 * no first-use deadline; times in between are rounded outward; no clock tolerance; 128 codes remembered; the lockout.
 */
import { checkFields, expected } from '../errors.ts';
import { sealed } from '../schemes/sealed.ts';
import type { Kind, LockRules, Rules, Table, Vendor } from './vendor.ts';

/** The device settings of this vendor. */
export interface ResortlockConfig {
  /** `RL2000`, if absent: one code a window; `RL4000`: four. */
  readonly model?: 'RL2000' | 'RL4000';
}

const HOUR = 3600;
const SUPPORT = 'OwnerRez, Lodgix, resortlock.com FAQ, keyincloud.com';

/** Duration and one-time codes of 1 to `hours` hours. */
function kinds(hours: number, variances: number): readonly [Kind, Kind] {
  const common = {
    axis: { on: 'slot' }, // top of the hour
    length: { in: 'seconds', of: { from: HOUR, to: hours * HOUR, step: HOUR } },
    variances,
    effect: 'open',
    source: SUPPORT,
  } as const;
  return [
    { ...common, id: 'duration', for: 'window', times: 'many' },
    { ...common, id: 'one_time', for: 'one_time', times: 'once' },
  ];
}

const LOCK: LockRules = {
  tolerance: 0, // not published
  records: 128, // not published
  throttle: { by: 'lockout', wrong: 5, seconds: 300 }, // not published
  source: 'chosen: nothing is published',
};

function rules(config: unknown = {}): Rules {
  checkFields('config', config, ['model']);
  const { model = 'RL2000' } = config;
  if (model !== 'RL2000' && model !== 'RL4000')
    expected('config.model', '"RL2000" or "RL4000"', model, 'config_invalid');
  const variances = model === 'RL2000' ? 1 : 4; // codes a window
  const name = model === 'RL2000' ? 'resortlock' : 'resortlock-rl4000';
  const long: Table = {
    layout: `${name}-12/1`,
    digits: 12, // beyond 30 days, or over the year end
    grid: HOUR,
    perSlot: 2 * 8736 * variances,
    kinds: kinds(8736, variances), // 364 days
  };
  return {
    layout: `${name}-10/1`,
    digits: 10,
    grid: HOUR,
    perSlot: 2 * 720 * variances,
    clock: 'fixed-offset',
    kinds: kinds(720, variances).map((kind) => ({ ...kind, withinYear: true })), // 30 days
    also: [long],
    lock: LOCK,
  };
}

export const resortlock: Vendor = {
  id: 'resortlock',
  name: 'ResortLock',
  codes: 'emulated',
  about: 'The published rules of ResortLock with digits of ours: these codes open no ResortLock.',
  scheme: sealed,
  rules,
  // RL4000: 2,076,480 of 10^10, and 305 million of 10^12.
  guessable: 'one guess in ten thousand or fewer opens this lock',
};
