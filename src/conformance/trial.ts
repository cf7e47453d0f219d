/**
 * What the properties are tried on: made-up tokens of a vendor in a few zones, grants of every kind as fast-check draws
 * and shrinks them, and the words for a counterexample. Nothing here is random: the seed decides.
 */
import type fastCheck from 'fast-check';
import { zoneFacts } from '../calendar/index.ts';
import { kindsOf } from '../engine.ts';
import { type ErrorCode, LAST_INSTANT, PintumblerError, shown, shownWord } from '../errors.ts';
import { countOf, type Grant, type Grid, placeOf, valueAt, type Window, windowOf } from '../grant.ts';
import { createToken, type DeviceToken, type Issuer, issue, mint } from '../index.ts';
import type { Claim } from '../schemes/scheme.ts';
import { gridOf, keyFormOf } from '../token.ts';
import type { PlacedKind, Prepared, Vendor } from '../vendors/vendor.ts';
import { DAY, type OffsetTable } from '../zone.ts';

export type FastCheck = typeof fastCheck;
export type Arbitrary<T> = fastCheck.Arbitrary<T>;

export interface Trial extends Prepared {
  readonly fc: FastCheck;
  readonly vendor: Vendor;
  readonly config: unknown;
  readonly key: Uint8Array;
  readonly issuer: Issuer;
  /** Whether it is the vendor's own. */
  readonly hasIssuer: boolean;
  readonly seed: number;
  readonly runs: number;
  /** One a zone. */
  readonly tokens: readonly [DeviceToken, ...DeviceToken[]];
}

export const isRemote = ({ scheme }: Vendor): boolean => 'remote' in scheme;

/** A grant of some kind, and where it lies in the layout. */
export interface Case {
  readonly token: DeviceToken;
  readonly kind: PlacedKind;
  readonly grant: Grant;
  readonly window: Window;
  readonly claim: Claim;
}

/** A property that does not hold: for what, and why. */
export class Broken extends Error {
  readonly example: string;

  constructor(example: string, reason: string) {
    super(reason);
    this.example = example;
  }
}

/** A trial that says nothing, such as of a code that is ambiguous by chance. */
export class NotTried extends Error {}

/** An error in words. What a plug-in writes into a message is not repeated: it may be the key. */
const described = (error: unknown): string =>
  error instanceof PintumblerError
    ? `refused with ${error.code}`
    : `a foreign error, ${error instanceof Error ? shownWord(error.name) : shown(error)}`;

/** What `error` broke: what it says itself, or that it came. */
export const brokenBy = (example: string, error: unknown): Broken =>
  error instanceof Broken ? error : new Broken(example, described(error));

/** Trials of one kind; they stop at the first failure, made as small as it can be. */
export type Attempt = () => Promise<{ readonly runs: number; readonly broken?: Broken }>;

async function failureOf<T>(
  value: T,
  words: (value: T) => string,
  holds: (value: T) => unknown,
): Promise<Broken | 'not tried' | undefined> {
  try {
    await holds(value);
  } catch (error) {
    return error instanceof NotTried ? 'not tried' : brokenBy(words(value), error);
  }
  return undefined;
}

/** Each of a list. */
export function tryEach<T>(
  list: readonly T[],
  words: (value: T) => string,
  holds: (value: T) => unknown,
): Attempt {
  return async () => {
    for (const [index, value] of list.entries()) {
      const result = await failureOf(value, words, holds);
      if (result instanceof Broken) return { runs: index + 1, broken: result };
    }
    return { runs: list.length };
  };
}

/** Drawn values; `holds` throws where they break the property. Each run may count as several. */
export function tryDrawn<T>(
  { fc, seed, runs }: Trial,
  from: Arbitrary<T>,
  words: (value: T) => string,
  holds: (value: T) => unknown,
  weight: number = 1,
): Attempt {
  return async () => {
    let last: Broken | undefined;
    let tried = 0;
    const property = fc.asyncProperty(from, async (value) => {
      const result = await failureOf(value, words, holds);
      if (result !== 'not tried') tried++;
      if (result instanceof Broken) last = result;
      return !(result instanceof Broken);
    });
    // The last that failed is what fast-check shrank it to.
    await fc.check(property, { seed, numRuns: Math.ceil(runs / weight) });
    const broken = last ?? (tried === 0 ? new Broken('every trial', 'none could be made') : undefined);
    return broken ? { runs: tried, broken } : { runs: tried };
  };
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A key of the form that the vendor's scheme takes: made up, and always the same. */
export function trialKey(vendor: Vendor): Uint8Array {
  const { from, to, ascii } = keyFormOf(vendor);
  const byte = (index: number): number =>
    ascii ? ALPHABET.charCodeAt((index * 37 + 11) % 62) : (index * 73 + 41) & 255;
  return Uint8Array.from({ length: Math.min(Math.max(32, from), to) }, (_, index) => byte(index));
}

/** The same key but for one bit of a byte, another bit for each, or for a bit of all. */
export function otherKey({ key, vendor }: Trial, at?: number): Uint8Array {
  const { ascii } = keyFormOf(vendor);
  const other = (byte: number, index: number): number =>
    ascii
      ? ALPHABET.charCodeAt((ALPHABET.indexOf(String.fromCharCode(byte)) + 1) % 62)
      : byte ^ (1 << ((index * 3) % 8));
  return key.map((byte, index) => (at === undefined || index === at ? other(byte, index) : byte));
}

const utc = (...date: [number, number, number]): number => Date.UTC(...date) / 1000;
const [TABLE_FROM, TABLE_UNTIL] = [utc(2019, 11, 30), utc(2033, 0, 1)];
const [FROM, UNTIL] = [utc(2026, 0, 1), utc(2029, 0, 1)];

// A memo of a pure function: a table takes longer to make than a property to try.
const tables = new Map<string, { readonly gridOffset: number; readonly offsets: OffsetTable }>();

export function tokenFor(vendor: Vendor, config: unknown, key: Uint8Array, timeZone: string): DeviceToken {
  const { gridOffset, offsets } = tables.get(timeZone) ?? zoneFacts(timeZone, TABLE_FROM, TABLE_UNTIL);
  tables.set(timeZone, { gridOffset, offsets });
  return createToken({
    vendor,
    deviceId: 'trial',
    key,
    timeZone,
    gridOffset,
    offsets,
    ...(config !== undefined && { config }),
  });
}

/** A token like another, made apart; of another key, if one is given. */
export const apart = (
  { vendor, config, key }: Trial,
  { timeZone }: DeviceToken,
  other: Uint8Array = key,
): DeviceToken => tokenFor(vendor, config, other, timeZone);

/** The clear prefixes that a kind's codes can have. */
export const lanesOf = ({ tables: all }: Prepared, { lane, table }: PlacedKind): readonly string[] =>
  lane === undefined ? (all[table]?.layout.lanes ?? []) : [lane];

const gridFor = ({ tables: all }: Prepared, token: DeviceToken, kind: PlacedKind): Grid | undefined => {
  const table = all[kind.table];
  return table && gridOf(token, table);
};

/** Where a grant lies: in the first kind of its name that can say it; undefined where there is none. */
export function placeGrant(trial: Prepared, token: DeviceToken, grant: Grant): Case | undefined {
  const { startsAt, endsAt, lane, variance } = grant;
  for (const kind of kindsOf(trial.kinds, grant.kind, lane)) {
    const grid = gridFor(trial, token, kind);
    const place = grid && placeOf(kind.shape, startsAt, endsAt, grid);
    const window = place && windowOf(kind.shape, place.slot, place.length, grid);
    if (!window || (endsAt === startsAt && kind.for !== 'control')) continue;
    return { token, kind, grant, window, claim: { kind: kind.index, ...place, variance, lane: lane ?? '' } };
  }
  return undefined;
}

/** The grant of a claim; undefined where its slot has no such window, or nobody can ask for it. */
export function caseOf(
  trial: Prepared,
  token: DeviceToken,
  kind: PlacedKind,
  { slot, length, variance, lane }: Omit<Claim, 'kind'>,
): Case | undefined {
  const grid = gridFor(trial, token, kind);
  const window = grid && windowOf(kind.shape, slot, length, grid);
  if (!window || window.startsAt < 0 || window.endsAt > LAST_INSTANT) return undefined;
  const endsAt = kind.shape.endless ? null : window.endsAt;
  const grant = { kind: kind.id, variance, ...(lane !== '' && { lane }), startsAt: window.startsAt, endsAt };
  return placeGrant(trial, token, grant);
}

/** The time of the trials: three years from 2026 on, or from where the vendor begins to count to where it ends. */
export function spanOf({ tables: all }: Prepared): readonly [from: number, until: number] {
  const from = Math.max(FROM, ...all.map(({ origin }) => origin + DAY));
  const until = Math.min(
    from + UNTIL - FROM,
    ...all.map(({ origin, slots, step }) => origin + (slots - 1) * step),
  );
  return [from, Math.max(from, until)];
}

/** First and last slot of the trials of a kind, and how many slots lie between two openings. */
function slotsFor(trial: Prepared, { table, shape }: PlacedKind): readonly [number, number, number] {
  const { step = DAY, origin = 0 } = trial.tables[table] ?? {};
  const unit = shape.on === 'civil-day' || shape.weekdays ? DAY / step : 1;
  const [from, until] = spanOf(trial);
  const first = Math.ceil((from - origin) / (step * unit)) * unit;
  return [first, Math.max(first, Math.floor((until - origin) / step)), unit];
}

/** Grants of every kind, length, variance and lane, from 2026 to 2028. */
export function cases(trial: Trial): Arbitrary<Case> {
  const { fc, kinds, tokens } = trial;
  const drawn = kinds.map((kind) => {
    const [first, last, unit] = slotsFor(trial, kind);
    const variances = Math.min(...kinds.filter(({ id }) => id === kind.id).map((each) => each.variances));
    return fc
      .record({
        token: fc.constantFrom(...tokens),
        steps: fc.nat(Math.floor((last - first) / unit)),
        length: fc.nat(countOf(kind.shape.lengths) - 1),
        variance: fc.nat(variances - 1),
        lane: fc.constantFrom(...lanesOf(trial, kind)),
      })
      .map(({ token, steps, ...rest }) => {
        // Some days have no window: the next one that has.
        for (let days = 0; days < 7; days++) {
          const found = caseOf(trial, token, kind, { ...rest, slot: first + (steps + days) * unit });
          if (found) return found;
        }
        return undefined;
      })
      .filter((found) => found !== undefined);
  });
  return fc.oneof({ withCrossShrink: true }, ...drawn);
}

/** The code of a grant; one that is ambiguous by chance is not tried. */
export function codeOf(token: DeviceToken, grant: Grant): string {
  try {
    return mint(token, grant);
  } catch (error) {
    if (error instanceof PintumblerError && error.code === 'code_ambiguous') throw new NotTried();
    throw error;
  }
}

/** The same from whoever makes the codes. */
export const issued = async (trial: Trial, token: DeviceToken, grant: Grant): Promise<string> =>
  isRemote(trial.vendor) ? issue(token, grant, trial.issuer) : codeOf(token, grant);

/** The code of the error that `run` meets, `none` where it meets none; an error of somebody else's is thrown on. */
export async function refusalOf(run: () => unknown): Promise<ErrorCode | 'none'> {
  try {
    await run();
  } catch (error) {
    if (error instanceof PintumblerError) return error.code;
    throw error;
  }
  return 'none';
}

export const sameGrant = (a: Grant | null, b: Grant): boolean =>
  a !== null &&
  a.kind === b.kind &&
  a.variance === b.variance &&
  a.lane === b.lane &&
  a.startsAt === b.startsAt &&
  a.endsAt === b.endsAt;

export const sameClaim = (a: Claim, b: Claim): boolean =>
  a.kind === b.kind &&
  a.slot === b.slot &&
  a.length === b.length &&
  a.variance === b.variance &&
  a.lane === b.lane;

export const moment = (at: number): string => {
  const text = new Date(at * 1000).toISOString();
  return `${text.slice(0, at % 60 === 0 ? 16 : 19)}Z`;
};

export function duration(seconds: number): string {
  const [unit, name] = seconds % 3600 === 0 ? [3600, 'h'] : seconds % 60 === 0 ? [60, 'min'] : [1, 's'];
  return `${seconds / unit} ${name}`;
}

/** A grant in words: `hourly 2026-03-01T15:00Z + 5 h, variance 2`. */
export const grantInWords = ({ kind, startsAt, endsAt, variance, lane }: Grant): string =>
  `${kind} ${moment(startsAt)}${endsAt === null ? ' for good' : ` + ${duration(endsAt - startsAt)}`}, variance ${variance}${lane === undefined ? '' : `, lane ${lane}`}`;

export const inWords = ({ grant, token }: Pick<Case, 'grant' | 'token'>): string =>
  `${grantInWords(grant)} in ${token.timeZone}`;

/** Longest time that is asked for. */
export const longestOf = ({ shape: { lengths, on, endless } }: PlacedKind): number =>
  endless ? Infinity : (valueAt(lengths, countOf(lengths) - 1) ?? 0) * (on === 'slot' ? 1 : DAY);
