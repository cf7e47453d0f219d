/**
 * `conformance`: tries a vendor, one of your own or one of ours, against what every plug-in must hold, and says what
 * fails with the smallest example that fast-check finds. The contracts in words: vendors/vendor.ts, schemes/scheme.ts.
 */
import { checkFields, checkInteger, expected, fail } from '../errors.ts';
import type { Asked, Issuer } from '../index.ts';
import { type Prepared, prepareRules, type Vendor } from '../vendors/vendor.ts';
import { guessable, refusals, secrets } from './boundaries.ts';
import { deterministic, distinct, inverse, keyed, total } from './codes.ts';
import { lock } from './lock.ts';
import { limits, rounding } from './rules.ts';
import {
  type Attempt,
  type Broken,
  brokenBy,
  type FastCheck,
  isRemote,
  placeGrant,
  type Trial,
  tokenFor,
  trialKey,
} from './trial.ts';

export interface ConformanceOptions {
  /** The device's settings; the vendor's `sample` if absent. */
  readonly config?: unknown;
  /** The key of the trials, of the form that the scheme takes; a made-up one if absent. Never printed. */
  readonly key?: Uint8Array;
  /** Zones in which the trials lie. */
  readonly timeZones?: readonly string[];
  /** For a vendor whose codes come from somewhere else: who makes them. Without it, something that only looks like them. */
  readonly issuer?: Issuer;
  /**
   * For a vendor whose codes answer: something that its lock could ask. Others are made of the same length and
   * symbols. `{ challenge: '48290137' }` if absent.
   */
  readonly asked?: Asked;
  /** Trials a property, about; 100 if absent. */
  readonly runs?: number;
  /** The same seed tries the same. */
  readonly seed?: number;
}

export interface PropertyReport {
  readonly name: string;
  /** What holds where it passes, in one line. */
  readonly about: string;
  readonly passed: boolean;
  readonly runs: number;
  /** Why it was not tried. */
  readonly skipped?: string;
  /** The smallest that was found, in words. */
  readonly counterexample?: string;
  /** What is wrong with it. */
  readonly reason?: string;
}

export interface ConformanceReport {
  readonly vendor: string;
  readonly codes: Vendor['codes'];
  readonly layouts: readonly string[];
  readonly seed: number;
  /** No property failed. */
  readonly passed: boolean;
  readonly properties: readonly PropertyReport[];
}

interface Property {
  readonly name: string;
  readonly about: string;
  /** Whether it can be tried where the codes come from somewhere else. */
  readonly remote: boolean | 'issuer';
  readonly attempts: (trial: Trial) => readonly Attempt[];
}

const PROPERTIES: readonly Property[] = [
  {
    name: 'deterministic',
    about: 'equal inputs give equal codes and rules, in any order, at any time',
    remote: true,
    attempts: deterministic,
  },
  {
    name: 'inverse',
    about: 'a code reads as the grant it was made for, with all its fields',
    remote: false,
    attempts: inverse,
  },
  {
    name: 'distinct',
    about:
      'no two grants of one window or slot share a code, nor do counts and periods that follow each other',
    remote: 'issuer',
    attempts: distinct,
  },
  {
    name: 'keyed',
    about: 'another key, were it one byte, another lane or another challenge gives other digits',
    remote: false,
    attempts: keyed,
  },
  {
    name: 'limits',
    about: 'the shortest and the longest are made, what is beyond is refused',
    remote: true,
    attempts: limits,
  },
  {
    name: 'rounding',
    about: 'plans are rounded as the rules say, the next count is the first there is, and both can be minted',
    remote: true,
    attempts: rounding,
  },
  {
    name: 'refusals',
    about: 'bad settings, grants and requests are refused with a code',
    remote: true,
    attempts: refusals,
  },
  {
    name: 'total',
    about: 'any digits can be read, and what is no code is malformed',
    remote: false,
    attempts: total,
  },
  {
    name: 'secrets',
    about: 'no text and no error shows the key, no error a code',
    remote: true,
    attempts: secrets,
  },
  {
    name: 'lock',
    about:
      'a lock takes a code in its window, or in step, and at no other time, and its rules can come to pass',
    remote: false,
    attempts: lock,
  },
  {
    name: 'guessable',
    about: 'one guess in ten thousand opens only where the vendor says so',
    remote: true,
    attempts: guessable,
  },
];

async function loadFastCheck(): Promise<FastCheck> {
  try {
    return (await import('fast-check')).default;
  } catch {
    return fail(
      'peer_missing',
      'pintumbler/conformance needs fast-check 4: npm install --save-dev fast-check',
    );
  }
}

/** What looks like a code: the lane and the first symbol, as often as the layout says. */
const standIn =
  (rules: Prepared): Issuer =>
  async (token, grant) => {
    const { digits = 0, alphabet = '' } =
      rules.tables[(grant.startsAt !== undefined && placeGrant(rules, token, grant)?.kind.table) || 0]
        ?.layout ?? {};
    return (grant.lane ?? '') + alphabet.charAt(0).repeat(digits);
  };

async function report({ name, about, remote, attempts }: Property, trial: Trial): Promise<PropertyReport> {
  const isMade = remote === true || (remote === 'issuer' && trial.hasIssuer);
  if (isRemote(trial.vendor) && !isMade) {
    const without = remote === 'issuer' ? ', and there is no "issuer"' : '';
    return { name, about, passed: true, runs: 0, skipped: `the codes come from somewhere else${without}` };
  }
  let runs = 0;
  let broken: Broken | undefined;
  try {
    for (const attempt of attempts(trial)) {
      const result = await attempt();
      runs += result.runs;
      broken ??= result.broken;
    }
  } catch (error) {
    broken = brokenBy('every trial', error);
  }
  const found = broken && { counterexample: broken.example, reason: broken.message };
  return { name, about, passed: broken === undefined, runs, ...found };
}

const ASKED: Asked = { challenge: '48290137' };

/** Symbols that others can be made like; what else a challenge must be, the scheme says. */
function checkAsked(asked: unknown): void {
  checkFields('asked', asked, ['challenge', 'session']);
  const { challenge, session } = asked;
  if (typeof challenge !== 'string' || !/^[0-9A-Za-z]{1,128}$/.test(challenge))
    expected('asked.challenge', 'digits and letters', challenge);
  if (session !== undefined && (typeof session !== 'string' || !/^([0-9a-f]{2}){1,512}$/.test(session)))
    expected('asked.session', 'bytes as lower-case hex', session);
}

function trialOf(fc: FastCheck, vendor: Vendor, options: ConformanceOptions): Trial {
  if (typeof vendor !== 'object' || vendor === null || !('rules' in vendor) || !('scheme' in vendor))
    expected('vendor', 'a vendor such as those of pintumbler/vendors', vendor);
  const given: unknown = options;
  checkFields('options', given, ['config', 'key', 'timeZones', 'issuer', 'asked', 'runs', 'seed']);
  const { config = vendor.sample, runs = 100, seed = 20200101 } = options;
  const { key = trialKey(vendor, config), asked = ASKED } = options;
  checkAsked(asked);
  checkInteger('runs', runs, 1, 1_000_000);
  checkInteger('seed', seed, 0, 2 ** 31 - 1);
  const { timeZones = ['Europe/Lisbon', 'Asia/Kathmandu', 'America/New_York'] } = options;
  if (!Array.isArray(timeZones)) expected('timeZones', 'a list of time zones', timeZones);
  const [first, ...others] = timeZones.map((timeZone) => tokenFor(vendor, config, key, timeZone));
  if (!first) return expected('timeZones', 'at least one time zone', timeZones);
  const rules = prepareRules(first.rules);
  const { issuer = standIn(rules) } = options;
  const copy = Uint8Array.from(key);
  const hasIssuer = options.issuer !== undefined;
  return {
    ...rules,
    fc,
    vendor,
    config,
    key: copy,
    issuer,
    hasIssuer,
    asked,
    seed,
    runs,
    tokens: [first, ...others],
  };
}

/**
 * Tries the properties that every vendor must hold: takes seconds, for a test and not for a server. Needs fast-check,
 * an optional peer dependency. Deterministic: one seed, one report.
 *
 * @param vendor ours, or one of your own, best one that `defineVendor` has taken: that refuses what contradicts itself.
 * @returns what passed and what did not, with the smallest counterexample; no key is in it.
 * @throws `peer_missing`, `bad_argument`, `out_of_range`; what `createToken` throws for the vendor and its settings
 * @example
 * import { conformance, formatReport } from 'pintumbler/conformance';
 * import { igloohome } from 'pintumbler/vendors';
 * const report = await conformance(igloohome, { runs: 5 });
 * console.log(formatReport(report).split('\n').at(-1)); // 11 passed, 0 failed
 */
export async function conformance(
  vendor: Vendor,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const fc = await loadFastCheck();
  const trial = trialOf(fc, vendor, options);
  const properties: PropertyReport[] = [];
  for (const property of PROPERTIES) properties.push(await report(property, trial));
  return {
    vendor: vendor.id,
    codes: vendor.codes,
    layouts: trial.tables.map(({ layout }) => layout.id),
    seed: trial.seed,
    passed: properties.every(({ passed }) => passed),
    properties,
  };
}

function lineOf({ name, about, passed, runs, skipped, counterexample, reason }: PropertyReport): string {
  if (skipped !== undefined) return `skipped  ${name}: ${skipped}`;
  return passed ? `passed   ${name}: ${about} (${runs})` : `failed   ${name}: ${counterexample} → ${reason}`;
}

/** The report for people: a line a property, `N passed, N failed` last. */
export function formatReport({ properties }: ConformanceReport): string {
  const skipped = properties.filter((each) => each.skipped !== undefined).length;
  const failed = properties.filter((each) => !each.passed).length;
  const passed = properties.length - failed - skipped;
  const sum = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return [...properties.map(lineOf), sum].join('\n');
}
