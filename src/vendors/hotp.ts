/**
 * HOTP, RFC 4226, published: the codes of OATH event tokens, and a lock that takes them as the RFC says of a validator.
 *
 * A code is for a count, which both sides raise: there is no time in it, and it never expires by itself. The lock takes
 * the next `window` counts after the last accepted one (section 7.4) and each code once; all lower counts end with
 * it. Further ahead, up to `resync` counts, a code does not open, but if the next entry is the code that follows it,
 * that opens and the lock is back in step.
 *
 * 9 and 10 digits are not as strong as they look: 31 bits are cut to them, so the likeliest codes of 9 digits are 1.4
 * and of 10 digits 4.7 times likelier than the average, and of 10 digits 8 in 10 never occur.
 *
 * Not in the RFC, and chosen here: 10 counts and 100 more for resynchronisation (it says small, and leaves the rest
 * open); the lockout, which doubles in the spirit of section 7.3 up to 8 hours; keys from 16 bytes (requirement R6).
 */
import { checkFields, expected, integerSetting } from '../errors.ts';
import { hotpBias, hotpScheme, type OathHash } from '../schemes/hotp.ts';
import type { LockRules, Rules, Vendor } from './vendor.ts';

/** The device settings of this vendor. */
export interface HotpConfig {
  /** 6, if absent, to 10. */
  readonly digits?: number;
  /** `SHA-1`, if absent, `SHA-256` or `SHA-512`. */
  readonly hash?: OathHash;
  /** s: counts after the last accepted one that the lock takes, 1 to 50; 10 if absent. */
  readonly window?: number;
  /** Counts after those in which two codes in a row bring it back into step, 0 to 1,000; 100 if absent. */
  readonly resync?: number;
}

/** What OATH locks have in common: three refusals, then a minute, five, a quarter of an hour, 1, 4, and 8 hours. */
export const OATH_THROTTLE: LockRules['throttle'] = {
  by: 'lockout',
  wrong: 3,
  seconds: [60, 300, 900, 3600, 14_400, 28_800],
};

/** SHA-1, if absent, SHA-256 or SHA-512 among the settings. */
export function hashSetting(value: unknown = 'SHA-1'): OathHash {
  if (value === 'SHA-1' || value === 'SHA-256' || value === 'SHA-512') return value;
  return expected('config.hash', '"SHA-1", "SHA-256" or "SHA-512"', value, 'config_invalid');
}

/** `sha256`, as layout ids have it. */
export const hashName = (hash: OathHash): string => hash.replace('-', '').toLowerCase();

function rules(config: unknown = {}): Rules {
  checkFields('config', config, ['digits', 'hash', 'window', 'resync']);
  const hash = hashSetting(config['hash']);
  const digits = integerSetting('digits', config['digits'], 6, 10, 6);
  const window = integerSetting('window', config['window'], 1, 50, 10);
  const resync = integerSetting('resync', config['resync'], 0, 1000, 100);
  return {
    layout: `hotp-${digits}-${hashName(hash)}/1`,
    digits,
    grid: 1,
    perSlot: 1,
    clock: 'utc',
    scheme: hotpScheme(hash),
    counts: { last: -1, floor: -1 },
    bias: hotpBias(digits),
    kinds: [
      {
        id: 'hotp',
        for: 'count',
        axis: { on: 'count', every: 1, rest: 0 },
        length: { in: 'value', of: [0] },
        variances: 1,
        accepts: [1, window],
        seals: true,
        times: 'once',
        effect: 'open',
        source: 'RFC 4226, sections 5.3 and 7.2',
      },
    ],
    lock: {
      tolerance: 0,
      records: 0,
      ...(resync > 0 && { resync }), // section 7.4: "the HOTP value and the next"
      throttle: OATH_THROTTLE, // chosen
      source: 'RFC 4226, section 7; the lockout is chosen',
    },
  };
}

export const hotp: Vendor = {
  id: 'hotp',
  name: 'OATH HOTP',
  codes: 'published',
  about: 'RFC 4226 bit for bit: one-time codes by count, 6 to 10 digits, without a clock.',
  scheme: /* @__PURE__ */ hotpScheme('SHA-1'),
  rules,
};
