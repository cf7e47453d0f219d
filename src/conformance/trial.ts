/**
 * What the properties are tried on: made-up tokens of a vendor in a few zones, grants of every kind as fast-check draws
 * and shrinks them, and the words for a counterexample. Nothing here is random: the seed decides.
 */
import type fastCheck from 'fast-check';
import { zoneFacts } from '../calendar/index.ts';
import { kindsOf } from '../engine.ts';
import { type ErrorCode, LAST_INSTANT, PintumblerError, shown, shownWord } from '../errors.ts';
import {
  type Asked,
  type CountGrant,
  countOf,
  type Grant,
  type Grid,
  indexOf,
  placeOf,
  valueAt,
  type Window,
  type WindowGrant,
  windowOf,
} from '../grant.ts';
import { createToken, type DeviceToken, type Issuer, issue, mint, type Near } from '../index.ts';
import type { Claim } from '../schemes/scheme.ts';
import { gridOf, keyFormOf } from '../token.ts';
import { type PlacedKind, type Prepared, rulesOf, type Vendor } from '../vendors/vendor.ts';
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
  /** What a lock could ask, for codes that answer: others are made like it. */
  readonly asked: Asked;
  /** One a zone. */
  readonly tokens: readonly [DeviceToken, ...DeviceToken[]];
}

/** Whether a lock keeps step with its codes, and looks at no windows. */
export const keepsStep = ({ kinds }: Prepared): boolean => kinds.some(({ accepts }) => accepts);

export const isRemote = ({ scheme }: Vendor): boolean => 'remote' in scheme;

interface Placed {
  readonly token: DeviceToken;
  readonly kind: PlacedKind;
  readonly claim: Claim;
}

/** A grant for a time, and where it lies in the layout. */
export interface WindowCase extends Placed {
  readonly grant: WindowGrant;
  readonly window: Window;
}

/** A grant for a count, and where it lies. */
export interface CountCase extends Placed {
  readonly grant: CountGrant;
  readonly window?: never;
}

/** A grant of some kind, and where it lies in the layout. */
export type Case = WindowCase | CountCase;

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

/** A key of the form that the scheme takes, which may be one of the settings': made up, and always the same. */
export function trialKey(vendor: Vendor, config: unknown): Uint8Array {
  const { scheme } = rulesOf(vendor, config);
  const { from, to, ascii } = keyFormOf(scheme?.key ? { scheme } : vendor);
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
export function placeGrant(trial: Prepared, token: DeviceToken, grant: WindowGrant): WindowCase | undefined {
  const { startsAt, endsAt, lane, variance, asked } = grant;
  for (const kind of kindsOf(trial.kinds, grant.kind, lane)) {
    const grid = gridFor(trial, token, kind);
    const place = grid && placeOf(kind.shape, startsAt, endsAt, grid);
    const window = place && windowOf(kind.shape, place.slot, place.length, grid);
    if (!window || (endsAt === startsAt && kind.for !== 'control')) continue;
    const claim = { kind: kind.index, ...place, variance, lane: lane ?? '', ...(asked && { asked }) };
    return { token, kind, grant, window, claim };
  }
  return undefined;
}

/** The first and the last count of a kind that a new lock could ever take. */
export function countsOf(
  { tables: all }: Prepared,
  { table, shape: { every, rest } }: PlacedKind,
): readonly [first: number, last: number] {
  const { counts, slots = 1 } = all[table] ?? {};
  const aligned = (from: number): number => from + ((((rest - from) % every) + every) % every);
  const last = Math.min(slots - 1, Number.MAX_SAFE_INTEGER);
  return [aligned((counts?.floor ?? -1) + 1), last - ((((last - rest) % every) + every) % every)];
}

/** The grant of a claim for a count; undefined where its kind has no such count, or a lock would never take it. */
function countCase(
  trial: Prepared,
  token: DeviceToken,
  kind: PlacedKind,
  { slot, length, variance, asked }: Omit<Claim, 'kind'>,
): CountCase | undefined {
  const { every, rest, lengths } = kind.shape;
  const [first, last] = countsOf(trial, kind);
  const value = valueAt(lengths, length);
  if (value === undefined || slot < first || slot > last || slot % every !== rest) return undefined;
  const said = asked && { asked };
  const claim = { kind: kind.index, slot, length, variance, lane: '', ...said };
  return { token, kind, grant: { kind: kind.id, variance, count: slot, value, ...said }, claim };
}

/** The grant of a claim; undefined where its slot has no such window, or nobody can ask for it. */
export function windowCaseOf(
  trial: Prepared,
  token: DeviceToken,
  kind: PlacedKind,
  { slot, length, variance, lane, asked }: Omit<Claim, 'kind'>,
): WindowCase | undefined {
  const grid = gridFor(trial, token, kind);
  const window = grid && windowOf(kind.shape, slot, length, grid);
  if (!window || window.startsAt < 0 || window.endsAt > LAST_INSTANT) return undefined;
  const endsAt = kind.shape.endless ? null : window.endsAt;
  const grant = {
    kind: kind.id,
    variance,
    ...(lane !== '' && { lane }),
    startsAt: window.startsAt,
    endsAt,
    ...(asked && { asked }),
  };
  return placeGrant(trial, token, grant);
}

/** The same of a kind for times or for counts. */
export const caseOf = (
  trial: Prepared,
  token: DeviceToken,
  kind: PlacedKind,
  claim: Omit<Claim, 'kind'>,
): Case | undefined =>
  kind.shape.on === 'count' ? countCase(trial, token, kind, claim) : windowCaseOf(trial, token, kind, claim);

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

/** What a symbol of a challenge may be instead: letters that are no hex digits have others of those. */
const CLASSES = ['0123456789', 'abcdef', 'ABCDEF', 'ghijklmnopqrstuvwxyz', 'GHIJKLMNOPQRSTUVWXYZ'];
const classOf = (symbol: string): string => CLASSES.find((each) => each.includes(symbol)) ?? symbol;

/** What else a lock could ask: of the same length, and of the same symbols. */
export function askedLike({ fc, asked: { challenge, session } }: Trial): Arbitrary<Asked> {
  const like = (text: string, of: (symbol: string) => string): Arbitrary<string> =>
    fc
      .tuple(...Array.from(text, (symbol) => fc.constantFrom(...of(symbol))))
      .map((symbols) => symbols.join(''));
  return fc.record({
    challenge: like(challenge, classOf),
    ...(session !== undefined && { session: like(session, () => '0123456789abcdef') }),
  });
}

/** The same with every symbol of the challenge, or of the session, another. */
export function otherAsked(asked: Asked, field: 'challenge' | 'session' = 'challenge'): Asked {
  const next = (all: string, symbol: string): string => all.charAt((all.indexOf(symbol) + 1) % all.length);
  const shifted = Array.from(asked[field] ?? '', (symbol) =>
    next(field === 'session' ? '0123456789abcdef' : classOf(symbol), symbol),
  );
  return { ...asked, [field]: shifted.join('') };
}

/** What codes of a kind answer: nothing, for most. */
const askedFor = (trial: Trial, { asks }: PlacedKind): Arbitrary<Asked | undefined> =>
  asks === undefined ? trial.fc.constant(undefined) : askedLike(trial);

/** Counts, so many further on at most: a device walks to them one by one. */
const MOST_STEPS = 500;

/** Grants for counts of a kind: small ones, and any values; where those are times, of the time of the trials. */
function countCases(trial: Trial, kind: PlacedKind): Arbitrary<Case> {
  const { fc, tokens, tables: all } = trial;
  const { every, lengths } = kind.shape;
  const [first, last] = countsOf(trial, kind);
  const { counts, timeStep = 1 } = all[kind.table] ?? {};
  const indexAt = (at: number): number => Math.max(indexOf(lengths, Math.floor(at / timeStep)), 0);
  const [low, high] = counts?.timed ? [indexAt(FROM), indexAt(UNTIL)] : [0, countOf(lengths) - 1];
  return fc
    .record({
      steps: fc.nat(Math.min(Math.floor((last - first) / every), MOST_STEPS)),
      length: fc.integer({ min: low, max: high }),
      asked: askedFor(trial, kind),
    })
    .map(({ steps, length, asked }) =>
      // A count is the same in every zone.
      countCase(trial, tokens[0], kind, {
        slot: first + steps * every,
        length,
        variance: 0,
        lane: '',
        ...(asked && { asked }),
      }),
    )
    .filter((found) => found !== undefined);
}

/** Grants of every kind, length, variance and lane, from 2026 to 2028; of counts the first few hundred. */
export function cases(trial: Trial): Arbitrary<Case> {
  const { fc, kinds, tokens } = trial;
  const drawn = kinds.map((kind): Arbitrary<Case> => {
    if (kind.shape.on === 'count') return countCases(trial, kind);
    const [first, last, unit] = slotsFor(trial, kind);
    const variances = Math.min(...kinds.filter(({ id }) => id === kind.id).map((each) => each.variances));
    return fc
      .record({
        token: fc.constantFrom(...tokens),
        steps: fc.nat(Math.floor((last - first) / unit)),
        length: fc.nat(countOf(kind.shape.lengths) - 1),
        variance: fc.nat(variances - 1),
        lane: fc.constantFrom(...lanesOf(trial, kind)),
        asked: askedFor(trial, kind),
      })
      .map(({ token, steps, asked, ...drawn }) => {
        const rest = { ...drawn, ...(asked && { asked }) };
        // Some days have no window: the next one that has.
        for (let days = 0; days < 7; days++) {
          const found = windowCaseOf(trial, token, kind, { ...rest, slot: first + (steps + days) * unit });
          if (found) return found;
        }
        return undefined;
      })
      .filter((found) => found !== undefined);
  });
  return fc.oneof({ withCrossShrink: true }, ...drawn);
}

/** When a case is keyed in: at its start; a count says no time, unless it is timed. */
export function momentOf({ tables: all }: Prepared, { window, grant, kind }: Case): number {
  if (window) return window.startsAt;
  const { counts, timeStep = 1 } = all[kind.table] ?? {};
  return counts?.timed ? Math.min(grant.value * timeStep, LAST_INSTANT) : FROM;
}

/** What a scheme is asked to decode for: of timed counts the time step too. */
export const askedOf = ({ tables: all }: Prepared, { grant, kind, claim }: Case): Asked | undefined =>
  claim.asked && grant.count !== undefined && all[kind.table]?.counts?.timed
    ? { ...claim.asked, steps: [grant.value, grant.value] }
    : claim.asked;

/** Where `read` looks for a case: at a time, or after a count. */
export const nearOf = (trial: Prepared, found: Case, at: number, count: number = 0): Near => {
  const { grant, kind } = found;
  const asked = grant.asked && { asked: grant.asked };
  if (grant.count === undefined) return { at, ...asked };
  return { count, ...asked, ...(trial.tables[kind.table]?.counts?.timed && { at }) };
};

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

/** A call as somebody without types makes it. */
export const untyped = (run: (...given: never[]) => unknown, ...given: readonly unknown[]): unknown =>
  Reflect.apply(run, undefined, given);

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

const sameAsked = (a: Asked | undefined, b: Asked | undefined): boolean =>
  a?.challenge === b?.challenge && a?.session === b?.session;

export const sameGrant = (a: Grant | null, b: Grant): boolean =>
  a !== null &&
  a.kind === b.kind &&
  a.variance === b.variance &&
  a.lane === b.lane &&
  a.startsAt === b.startsAt &&
  a.endsAt === b.endsAt &&
  a.count === b.count &&
  a.value === b.value &&
  sameAsked(a.asked, b.asked);

export const sameClaim = (a: Claim, b: Claim): boolean =>
  a.kind === b.kind &&
  a.slot === b.slot &&
  a.length === b.length &&
  a.variance === b.variance &&
  a.lane === b.lane &&
  sameAsked(a.asked, b.asked);

export const moment = (at: number): string => {
  const text = new Date(at * 1000).toISOString();
  return `${text.slice(0, at % 60 === 0 ? 16 : 19)}Z`;
};

export function duration(seconds: number): string {
  const [unit, name] = seconds % 3600 === 0 ? [3600, 'h'] : seconds % 60 === 0 ? [60, 'min'] : [1, 's'];
  return `${seconds / unit} ${name}`;
}

const askedInWords = (asked: Asked | undefined): string =>
  asked === undefined
    ? ''
    : `, asked ${asked.challenge}${asked.session === undefined ? '' : ` in session ${asked.session}`}`;

/** A grant in words: `hourly 2026-03-01T15:00Z + 5 h, variance 2`, or `hotp count 17, value 0`. */
export function grantInWords(grant: Grant): string {
  const { kind, variance, lane, asked } = grant;
  if (grant.count !== undefined)
    return `${kind} count ${grant.count}, value ${grant.value}${askedInWords(asked)}`;
  const { startsAt, endsAt } = grant;
  const until = endsAt === null ? ' for good' : ` + ${duration(endsAt - startsAt)}`;
  const behind = lane === undefined ? '' : `, lane ${lane}`;
  return `${kind} ${moment(startsAt)}${until}, variance ${variance}${behind}${askedInWords(asked)}`;
}

/** The same, and where the device is: a count is the same everywhere. */
export const inWords = ({ grant, token }: Pick<Case, 'grant' | 'token'>): string =>
  grant.count === undefined ? `${grantInWords(grant)} in ${token.timeZone}` : grantInWords(grant);

/** Longest time that is asked for. */
export const longestOf = ({ shape: { lengths, on, endless } }: PlacedKind): number =>
  endless ? Infinity : (valueAt(lengths, countOf(lengths) - 1) ?? 0) * (on === 'slot' ? 1 : DAY);
