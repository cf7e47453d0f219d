/**
 * OCRA, RFC 6287, published: answers to a challenge that the lock shows. All one-way suites with a code of 4 to 10
 * digits: counter, PIN, session and time as the suite says.
 *
 * The lock asks (`ask` of `pintumbler/lock`) with a random challenge, somebody reads it to the issuer, and the answer opens
 * once. An answer is refused when it is older than `life`, and when the lock has asked again. With a counter, the lock takes
 * the next `window` counts and comes back into step as with HOTP; with time and no counter, the present period and
 * `window` around it, and it learns its clock's drift as with TOTP; with both, time within one period, and no drift.
 *
 * Challenges come from a random source of the lock: one that comes again takes the answer that it had, unless the suite has
 * a counter, or time that has gone by. Short challenges (QN04) come again soon, and the security report says so.
 *
 * The PIN is not keyed in: its hash is part of what lock and issuer share, behind the OCRA key in `key`, so that
 * settings hold no secret. Mutual and signing modes are the same computation (`ocra` of `pintumbler/schemes`) and no locks.
 *
 * Not in the RFC, and chosen here: five minutes for an answer; windows, budget and lockout as with HOTP and TOTP;
 * keys from 16 bytes.
 */
import { checkFields, expected, integerSetting } from '../errors.ts';
import { hotpBias } from '../schemes/hotp.ts';
import { type OcraSuite, ocraScheme, parseSuite } from '../schemes/ocra.ts';
import type { Scheme } from '../schemes/scheme.ts';
import { OATH_THROTTLE } from './hotp.ts';
import type { Kind, Rules, Table, Vendor } from './vendor.ts';

/** The device settings of this vendor. */
export interface OcraConfig {
  /** Such as `OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1`; `OCRA-1:HOTP-SHA256-8:QN08` if absent. */
  readonly suite?: string;
  /** Seconds for which an answer is accepted, 10 to 86,400; 300 if absent. */
  readonly life?: number;
  /** Counts, 1 to 50, or periods before and after, 0 to 10, that the lock takes; 10 counts or 1 period if absent. */
  readonly window?: number;
  /** Counts after those in which two answers in a row bring it back into step, 0 to 1,000; 100 if absent. */
  readonly resync?: number;
  /** Periods by which the clock may turn out to be off, 0 to 100; 10 if absent. */
  readonly drift?: number;
}

const DEFAULT = 'OCRA-1:HOTP-SHA256-8:QN08';

function readSuite(text: unknown = DEFAULT): OcraSuite {
  const wanted = 'a suite of RFC 6287 with 4 to 10 digits';
  if (typeof text !== 'string') return expected('config.suite', wanted, text, 'config_invalid');
  try {
    const suite = parseSuite(text);
    if (suite.digits > 0) return suite;
  } catch {
    // Said below, as a setting.
  }
  return expected('config.suite', wanted, text, 'config_invalid');
}

/** Where the codes of a suite lie: on counts, on periods, or on neither. */
function axisOf(
  { counter, step }: OcraSuite,
  window: number,
): Pick<Table, 'grid' | 'origin' | 'slots' | 'counts'> &
  Pick<Kind, 'for' | 'axis' | 'length' | 'accepts' | 'seals'> {
  const count = { on: 'count', every: 1, rest: 0 } as const;
  if (counter) {
    const timed = step === undefined ? {} : { timed: true as const };
    const of = step === undefined ? [0] : { from: 0, to: 2 ** 38, step: 1 };
    return {
      grid: step ?? 1,
      counts: { last: -1, floor: -1, ...timed },
      for: 'count',
      axis: count,
      length: { in: 'value', of },
      accepts: [1, window],
      seals: true,
    };
  }
  if (step !== undefined)
    return {
      grid: step,
      origin: 0,
      for: 'rolling',
      axis: { on: 'slot' },
      length: { in: 'seconds', of: [step] },
      accepts: [0 - window, window],
    };
  return {
    grid: 1,
    slots: 1,
    counts: { last: 0, floor: -1 },
    for: 'count',
    axis: count,
    length: { in: 'value', of: [0] },
    accepts: [0, 0],
  };
}

/** How many challenges a suite has: of as many symbols as it allows. */
const challengesOf = ({ format, length }: OcraSuite): number => ({ A: 62, N: 10, H: 16 })[format] ** length;

/**
 * Of the answers, the likeliest. Without counter and time, who has seen an answer waits for its challenge to come again: no
 * guess is worse than one of as many as there are challenges.
 */
const biasOf = (suite: OcraSuite): number =>
  suite.counter || suite.step !== undefined
    ? hotpBias(suite.digits)
    : Math.max(hotpBias(suite.digits), 10 ** suite.digits / challengesOf(suite));

function rules(config: unknown = {}): Rules {
  checkFields('config', config, ['suite', 'life', 'window', 'resync', 'drift']);
  const suite = readSuite(config['suite']);
  const { digits, counter, step, text } = suite;
  const life = integerSetting('life', config['life'], 10, 86_400, 300);
  const [usual, least, most] = counter ? [10, 1, 50] : [1, 0, 10];
  const window = integerSetting('window', config['window'], least, most, usual);
  const resync = integerSetting('resync', config['resync'], 0, 1000, 100);
  const drift = integerSetting('drift', config['drift'], 0, 100, 10);
  const scheme = ocraScheme(text);
  const { grid, origin, slots, counts, ...onAxis } = axisOf(suite, window);
  return {
    layout: scheme.id,
    digits,
    grid,
    ...(origin !== undefined && { origin }),
    ...(slots !== undefined && { slots }),
    ...(counts && { counts }),
    perSlot: counts?.timed ? 2 ** 38 + 1 : 1,
    clock: 'utc',
    rounding: 'floor',
    scheme,
    bias: biasOf(suite),
    kinds: [
      {
        ...onAxis,
        id: 'response',
        variances: 1,
        asks: life,
        // Shorter ones are padded with zeros, and "1" would have the answer of "16".
        challenge: suite.length,
        times: 'once',
        effect: 'open',
        source: 'RFC 6287, sections 5 to 7',
      },
    ],
    lock: {
      tolerance: counts?.timed ? grid : 0,
      records: 0,
      ...(counter && resync > 0 && { resync }),
      ...(!counter && step !== undefined && drift > 0 && { drift: { most: drift, every: 86_400 } }), // chosen
      throttle: OATH_THROTTLE, // chosen
      source: 'RFC 6287; RFC 4226 and RFC 6238 for counts and periods; life, budget and lockout are chosen',
    },
  };
}

/** The longest key of any suite: 128 bytes and the hash of a PIN. */
const scheme: Scheme = /* @__PURE__ */ { ...ocraScheme(DEFAULT), key: { from: 16, to: 192 } };

export const ocra: Vendor = {
  id: 'ocra',
  name: 'OATH OCRA',
  codes: 'published',
  about: 'RFC 6287 bit for bit: the answer to a challenge that the lock shows, by any one-way suite.',
  scheme,
  rules,
  // By suites of 4 and 5 digits.
  guessable: 'one guess in ten thousand or fewer opens this lock',
};
