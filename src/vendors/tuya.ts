/**
 * Tuya offline passwords, published and bit-exact: these are the digits that a Tuya lock takes. The rules are those of its
 * verifier, also where they are weak:
 *
 * - About 250,000 of 10^10 codes open at any time, one guess in 40,000: the hour grid and the free duration, not the ten
 *   digits, set the rate. The lock's key is six characters; one or two codes seen are enough to search for it offline.
 * - A clear code revokes only codes that have been used; one that has not been used opens afterwards all the same. A
 *   clear-all with nothing to clear is refused and used up.
 * - A full memory drops revoked codes that are still in their time, which then open again, and guests in mid-stay.
 * - A clear-one finds its target by nine digits of any type: a used one-time code with the same ones hides it.
 * - A dynamic code may be used again as long as it lives.
 *
 * Sources: tuya_ble_lock_sdk_bk3431q_with_fitting@f77a546 (official, 2020), lock_offline_pwd.c and lock_dynamic_pwd.c;
 * developer.tuya.com for what the cloud rounds. Newer firmware may differ. Settings: `t0`, epoch seconds of the device's
 * pairing (DP 64), by default the SDK's; `base`, the number of keys of the keypad, if fewer than ten.
 *
 * Not public, and chosen here: the lockout; for smaller keypads, that the keys are 0 to base − 1 and a code has the fixed
 * length of the largest; that a one-time code is refused for other times than its own, where the cloud ignores the
 * caller's. What opens is the verifier's, step for step; the reasons of a refusal are ours, in our order.
 */
import { checkFields, expected } from '../errors.ts';
import { tuyaDynamic, tuyaOffline } from '../schemes/tuya.ts';
import type { Eviction, LockRules, Rules, Table, Vendor } from './vendor.ts';

const HOUR = 3600;
const STEP = 300;
const SDK = 'lock_offline_pwd.c';

/** The device settings of this vendor. */
export interface TuyaConfig {
  /** Epoch seconds; rounded down to the hour. */
  readonly t0?: number;
  /** Keys of the keypad: 3 to 10. */
  readonly base?: number;
}

/** The SDK's own T0, of 2020-05-12. Five digits of hours last until October 2031. */
const SDK_T0 = 1589251799;

/** Nothing unused or expired: revoked, ends first → live, started first → once → clear all. */
const EVICTIONS: readonly Eviction[] = [
  { of: 'revoked', kind: 'multiple', earliest: 'endsAt' },
  { of: 'live', kind: 'multiple', earliest: 'startsAt' },
  { of: 'revoked', kind: 'once', earliest: 'endsAt' },
  { of: 'revoked', kind: 'clear_all', earliest: 'endsAt' },
];

const LOCK: LockRules = {
  tolerance: 0, // start: T2 > now is refused
  inclusive: true, // end: T3 < now is refused, now = T3 is not
  records: 200, // OFFLINE_PWD_MAX_NUM
  whenFull: EVICTIONS, // lock_offline_pwd_find
  throttle: { by: 'lockout', wrong: 5, seconds: 300 }, // chosen
  source: `${SDK}; the lockout is chosen`,
};

/** Symbols that `codes` numbers take in a base: 10 digits in base 9 are 11 symbols. */
function symbolsFor(codes: number, base: number): number {
  let symbols = 0;
  for (let room = 1; room < codes; room *= base) symbols++;
  return symbols;
}

function tableOf(codes: number, base: number): Pick<Table, 'digits' | 'alphabet' | 'codes'> {
  return { digits: symbolsFor(codes, base), alphabet: '0123456789'.slice(0, base), codes };
}

/** Slots counted from the Unix epoch: floor(t / 300). */
const dynamic = (base: number): Table => ({
  layout: 'tuya-dynamic/1',
  ...tableOf(10 ** 8, base),
  grid: STEP,
  origin: 0,
  perSlot: 1,
  scheme: tuyaDynamic,
  kinds: [
    {
      id: 'dynamic',
      for: 'rolling',
      axis: { on: 'slot' },
      length: { in: 'seconds', of: [3 * STEP] }, // t, t + 300, t − 300
      lead: STEP,
      variances: 1,
      times: 'many', // the check of the last used one is commented out
      effect: 'open',
      source: 'lock_dynamic_pwd.c',
    },
  ],
});

function rules(config: unknown = {}): Rules {
  checkFields('config', config, ['t0', 'base']);
  const { t0 = SDK_T0, base = 10 } = config;
  if (typeof t0 !== 'number' || !Number.isInteger(t0) || t0 < 0 || t0 >= 2 ** 32)
    expected('config.t0', 'epoch seconds of the pairing, in 32 bits', t0, 'config_invalid');
  if (typeof base !== 'number' || !Number.isInteger(base) || base < 3 || base > 10)
    expected('config.base', 'the number of keys, 3 to 10', base, 'config_invalid');
  const hours = { from: 0, to: 9999 * HOUR, step: HOUR };
  const grid = { axis: { on: 'slot' }, source: SDK } as const;
  return {
    layout: 'tuya-offline/1',
    ...tableOf(10 ** 10, base),
    grid: HOUR, // OFFLINE_PWD_TIME_ACCURACY
    origin: t0 - (t0 % HOUR),
    slots: 100_000, // five digits: 11.4 years
    perSlot: 20_022,
    clock: 'utc', // hours of UTC, also where local hours begin at another minute
    rounding: 'floor', // developer.tuya.com 009bdf7768: both ends floored to the hour
    kinds: [
      {
        ...grid,
        id: 'multiple',
        for: 'window',
        length: { in: 'seconds', of: hours }, // 1 to 9,999; the verifier takes 0 too
        variances: 1,
        firstUse: 24 * HOUR, // PWD_ACTIVE_PERIOD_TIMELINESS
        times: 'many',
        effect: 'open',
      },
      {
        ...grid,
        id: 'once',
        for: 'one_time',
        length: { in: 'seconds', of: [6 * HOUR] }, // PWD_ACTIVE_PERIOD_SINGLE
        variances: 11, // serial numbers 0 to 10, PWD_MAX_SN_PER_PERIOD
        times: 'once',
        effect: 'open',
      },
      {
        ...grid,
        id: 'clear_one',
        for: 'control',
        length: { in: 'seconds', of: hours }, // of its target
        variances: 1,
        times: 'many',
        effect: 'clear_one',
      },
      {
        ...grid,
        id: 'clear_all',
        for: 'control',
        length: { in: 'seconds', of: [24 * HOUR] }, // PWD_ACTIVE_PERIOD_CLEAR_ALL
        variances: 11,
        times: 'once',
        effect: 'clear_all',
      },
    ],
    lock: LOCK,
    also: [dynamic(base)],
  };
}

export const tuya: Vendor = {
  id: 'tuya',
  name: 'Tuya offline password',
  codes: 'published',
  about:
    'The real digits of Tuya locks: 10-digit offline passwords and the 8-digit dynamic one; weak, and kept so.',
  scheme: tuyaOffline,
  rules,
};
