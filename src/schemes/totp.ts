/**
 * TOTP, one-time passwords of the time. Source: RFC 6238 section 4.2: HOTP of T = floor((time − T0) / X).
 *
 * For locks there is no scheme of its own: T is the slot of `hotpScheme`.
 */
import { checkInstant, checkInteger, fail } from '../errors.ts';
import { checkOptions, codeAt, type HotpOptions, type OathKey } from './hotp.ts';

export interface TotpSteps {
  /** X, seconds: 30 by default, up to 366 days. */
  readonly period?: number;
  /** T0, epoch seconds: 0 by default. */
  readonly t0?: number;
}

export interface TotpOptions extends HotpOptions, TotpSteps {}

const LONGEST_PERIOD = 366 * 86400;

function stepAt(at: number, period: number | undefined = 30, t0: number | undefined = 0): number {
  checkInstant('at', at);
  checkInteger('period', period, 1, LONGEST_PERIOD);
  checkInstant('t0', t0);
  if (at < t0) fail('out_of_range', '"at" expected a time not before "t0"');
  return Math.floor((at - t0) / period);
}

/**
 * The time step of an instant: the count that TOTP takes the code of.
 *
 * @param at whole epoch seconds, not before `t0`.
 * @param options `period` 1 to 31,622,400 seconds, 30 by default; `t0` epoch seconds, 0 by default.
 * @throws `bad_argument`, `out_of_range`
 * @example
 * import { totpStep } from 'pintumbler/schemes';
 * console.log(totpStep(1111111109)); // 37037036
 */
export function totpStep(at: number, options: TotpSteps = {}): number {
  checkOptions(options, ['period', 't0']);
  return stepAt(at, options.period, options.t0);
}

/**
 * The code of an instant, RFC 6238. What `hotp` says of the likeliest codes is true here too.
 *
 * @param key the shared secret, 1 to 65,536 bytes, or a key of `oathKey`. The published values for SHA-256 and
 *   SHA-512 are those of keys of 32 and 64 bytes (erratum 2866).
 * @param at whole epoch seconds, not before `t0`.
 * @param options `period` 1 to 31,622,400 seconds, 30 by default; `t0` epoch seconds, 0 by default; `digits` and
 *   `hash` as of `hotp`.
 * @throws `bad_argument`, `out_of_range`, `key_length`
 * @example
 * import { totp } from 'pintumbler/schemes';
 * const secret = new TextEncoder().encode('12345678901234567890');
 * console.log(totp(secret, 59, { digits: 8 })); // 94287082
 */
export function totp(key: Uint8Array | OathKey, at: number, options: TotpOptions = {}): string {
  checkOptions(options, ['digits', 'hash', 'period', 't0']);
  return codeAt(key, stepAt(at, options.period, options.t0), options.digits, options.hash);
}
