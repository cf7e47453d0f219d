/**
 * TOTP, RFC 6238, published: the codes of authenticator apps, and a lock that takes them as the RFC says of a validator.
 *
 * A code is for a period of `period` seconds. The lock takes it in its own period and `window` periods before and after,
 * each once, and nothing of an earlier period than the last accepted one (section 5.2). It learns how far its clock is
 * off (section 6), within a budget: one period more or less a day, at most `drift` in all. Further off than its window,
 * but no more than `drift`, the codes of two periods that follow each other bring it back: the first is refused.
 *
 * Two codes that somebody saw are worth something for `drift` periods: with the default that is five minutes. 9 and 10
 * digits are weaker than they look, as with HOTP.
 *
 * Not in the RFC, and chosen here: the budget; the lockout; keys from 16 bytes. Plain authenticator apps count
 * from 1970 (`t0` 0) in periods of 30 seconds, with SHA-1 and 6 digits.
 */
import { checkFields, integerSetting } from '../errors.ts';
import { hotpBias, hotpScheme, type OathHash } from '../schemes/hotp.ts';
import { hashName, hashSetting, OATH_THROTTLE } from './hotp.ts';
import type { Rules, Vendor } from './vendor.ts';

/** The device settings of this vendor. */
export interface TotpConfig {
  /** 6, if absent, to 10. */
  readonly digits?: number;
  /** `SHA-1`, if absent, `SHA-256` or `SHA-512`. */
  readonly hash?: OathHash;
  /** X: seconds a period, 1 to 86,400; 30 if absent. */
  readonly period?: number;
  /** T0: epoch seconds from which periods are counted, 0 if absent. */
  readonly t0?: number;
  /** Periods before and after the present one that the lock takes, 0 to 10; 1 if absent. */
  readonly window?: number;
  /** Periods by which the clock may turn out to be off, 0 to 100; 10 if absent. */
  readonly drift?: number;
}

const DAY = 86_400;

function rules(config: unknown = {}): Rules {
  checkFields('config', config, ['digits', 'hash', 'period', 't0', 'window', 'drift']);
  const hash = hashSetting(config['hash']);
  const digits = integerSetting('digits', config['digits'], 6, 10, 6);
  const period = integerSetting('period', config['period'], 1, DAY, 30);
  const t0 = integerSetting('t0', config['t0'], 0, 2 ** 32 - 1, 0);
  const window = integerSetting('window', config['window'], 0, 10, 1);
  const drift = integerSetting('drift', config['drift'], 0, 100, 10);
  return {
    layout: `totp-${digits}-${hashName(hash)}-${period}-${t0}/1`,
    digits,
    grid: period,
    origin: t0,
    perSlot: 1,
    clock: 'utc',
    rounding: 'floor', // section 4.2: T is rounded down
    scheme: hotpScheme(hash),
    bias: hotpBias(digits),
    kinds: [
      {
        id: 'totp',
        for: 'rolling',
        axis: { on: 'slot' },
        length: { in: 'seconds', of: [period] },
        variances: 1,
        accepts: [0 - window, window],
        seals: true,
        times: 'once', // section 5.2: not a second time
        effect: 'open',
        source: 'RFC 6238, sections 4 to 6',
      },
    ],
    lock: {
      tolerance: 0,
      records: 0,
      ...(drift > 0 && { drift: { most: drift, every: DAY } }), // chosen; 20 ppm are a period in 17 days
      throttle: OATH_THROTTLE, // chosen
      source: 'RFC 6238, sections 5.2 and 6; the budget and the lockout are chosen',
    },
  };
}

export const totp: Vendor = {
  id: 'totp',
  name: 'OATH TOTP',
  codes: 'published',
  about:
    'RFC 6238 bit for bit: the codes of authenticator apps, each once, with a clock that may be a little off.',
  scheme: /* @__PURE__ */ hotpScheme('SHA-1'),
  rules,
};
