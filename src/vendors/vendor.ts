/**
 * The contract of a vendor: a maker's published rules, as data. Kinds, limits, rounding, lock behaviour, and the scheme
 * that makes the digits.
 *
 * A vendor holds no state and reads no clock. `rules` are either fixed or a function of the device's settings; that
 * function throws `config_invalid` for settings it does not know and returns equal rules for equal settings. The
 * rules of a layout id never change: any change of kinds, order, lengths, variances, grid, digits, S or meaning is a
 * new layout id. `defineVendor` of `pintumbler/security` checks one of your own; `pintumbler/conformance` tries it out.
 */
import { fail } from '../errors.ts';
import { countOf, EPOCH, type Range, type Shape, valueAt } from '../grant.ts';
import type { Layout, RemoteScheme, Scheme } from '../schemes/scheme.ts';
import { DAY, timeOfDay } from '../zone.ts';

/**
 * Where a kind's windows start: on any slot, or at a local time of day (`HH:MM`). Or no windows but counts: those that
 * leave `rest` when divided by `every`.
 */
export type Axis =
  | { readonly on: 'slot' }
  | { readonly on: 'civil-day'; readonly opens: string }
  | { readonly on: 'count'; readonly every: number; readonly rest: number };

/**
 * How long they are: seconds, or civil days that end at a local time of day (`HH:MM`), or for good. A code of a count
 * carries a value instead.
 */
export type Length =
  | { readonly in: 'seconds'; readonly of: Range }
  | { readonly in: 'days'; readonly of: Range; readonly closes: string }
  | { readonly in: 'endless' }
  | { readonly in: 'value'; readonly of: Range };

/** What the lock does when it accepts a code. */
export type Effect =
  | 'open'
  /** Opens, and ends the codes of such kinds that began on an earlier civil day, seen or not. */
  | 'supersede'
  /** Revokes every code that began before its slot, seen or not; made with the next epoch it retires the last. */
  | 'clear'
  /** Revokes the used code of its own start and number (l·V + v), the first that the lock finds. */
  | 'clear_one'
  /** Revokes every code that has been used; those that have not still open. */
  | 'clear_all'
  | 'set_clock'
  /** Hands its value to the device (days or hours of credit), which knows what to do with it. */
  | 'credit'
  /** Sets the lock's count to its own, also back; what was used stays used. */
  | 'sync';

export interface Kind {
  readonly id: string;
  /** What people call it, where a door has several of one kind: the name of a user level. */
  readonly name?: string;
  /**
   * `window`: for a start and an end. `rolling`: one code a period, asked for by a moment; taken when asked for, or where
   * there is no `window`. `one_time`, `permanent` and `cyclic` (comes again on its weekdays) are taken only when asked for.
   * `count`: for a count, not a time. `control` does not open.
   */
  readonly for: 'window' | 'one_time' | 'permanent' | 'cyclic' | 'rolling' | 'count' | 'control';
  readonly axis: Axis;
  readonly length: Length;
  /** How many codes one window has. */
  readonly variances: number;
  /** Its first number within a slot; by default the one after those of the kind before it. */
  readonly base?: number;
  /** The clear prefix that this kind has. Kinds of one id and different lanes may share their numbers. */
  readonly lane?: string;
  /** Seconds before its slot from which a code is accepted. */
  readonly lead?: number;
  /** First-use deadline: seconds after the start, or civil days after the opening. None: the end. */
  readonly firstUse?: number;
  /** At which local time (`HH:MM`) of that civil day; by default at opening time. */
  readonly firstUseAt?: string;
  /** Seconds for which a code opens after its first use, if that is before its end. */
  readonly afterUse?: number;
  /** For `cyclic` kinds: the weekdays on which the window comes again, 0 is Sunday. */
  readonly weekdays?: readonly number[];
  /** Only windows that begin and end in one local year. A later kind of the same id has the others. */
  readonly withinYear?: true;
  /** A code may be made at most so many seconds before its start. */
  readonly ahead?: number;
  /** How many used codes of this kind may overlap at the lock. */
  readonly overlapping?: number;
  readonly times: 'once' | 'many';
  readonly effect: Effect;
  /**
   * For codes that a lock keeps step with, counts and rolling codes that are used once: which are accepted, from so many
   * above the last accepted count, or the present period, to so many. Below are negative numbers.
   */
  readonly accepts?: readonly [from: number, to: number];
  /** Accepted, it refuses all of a lower count (or period) from then on, used or not. */
  readonly seals?: true;
  /** In a table with `tags`: how many of them the lock takes at most for one and the same rest of a code; 1 if absent. */
  readonly alike?: number;
  /** It answers what the lock asks (`ask` of `pintumbler/lock`); so many seconds after that it is refused. */
  readonly asks?: number;
  /** Of such a kind: how many symbols the challenge of a lock has; any that the scheme takes, if absent. */
  readonly challenge?: number;
  /** Where the numbers come from. */
  readonly source: string;
}

/** How a lock slows guessing down. */
export type Throttle =
  /**
   * Credit: an entry costs one, given back only if accepted (never, if `keeps`); one more every `regain` seconds, at most
   * `most`, at first `first` (`most` if absent). Without credit, an entry every `recordsEvery` seconds is compared with
   * records only; none if absent.
   */
  | {
      readonly by: 'credit';
      readonly most: number;
      readonly first?: number;
      readonly regain: number;
      readonly keeps?: true;
      readonly recordsEvery?: number;
    }
  /**
   * Lockout: after `wrong` refused entries in a row the keypad is dead for `seconds`; a list: for the first time, the
   * second, and so on, the last value from then on. An accepted code begins the count anew.
   */
  | { readonly by: 'lockout'; readonly wrong: number; readonly seconds: number | readonly number[] };

/** One step of what a full memory drops: of these records, the one with the earliest start or end. */
export interface Eviction {
  readonly of: 'revoked' | 'live';
  /** All kinds if absent. */
  readonly kind?: string;
  readonly earliest: 'startsAt' | 'endsAt';
}

export interface LockRules {
  /** Clock tolerance in seconds: how much before its start and after its end a code is accepted. */
  readonly tolerance: number;
  /** The second of an end or a deadline counts as before it; not for `rolling` kinds, whose periods are counted. */
  readonly inclusive?: true;
  /** How many keyed codes the lock remembers. */
  readonly records: number;
  /** How many PINs a lock holds by the maker's word, used or not; what an issuer must not exceed. None if absent. */
  readonly pins?: number;
  /**
   * Full: `forget`, if absent, drops a record that is over and refuses what was not remembered and ended by then, or
   * refuses a code that needs a record. `refuse`: no new code before the lock is reset. A list: the first place that is
   * over or free is taken, full or not; else it drops in that order, and what was dropped in its time is new again.
   */
  readonly whenFull?: 'forget' | 'refuse' | readonly Eviction[];
  readonly throttle: Throttle;
  /** For locks with a set-clock code: how long after the last stored time it may set the clock, in seconds. */
  readonly clockReach?: number;
  /** So many counts beyond those it accepts, two codes that follow each other bring the lock back into step. */
  readonly resync?: number;
  /**
   * For periods: how far the lock's clock is taken to be off, learned from accepted codes. At most `most` periods, one
   * more or less every `every` seconds; so far off, two codes that follow each other do it at once.
   */
  readonly drift?: { readonly most: number; readonly every: number };
  readonly source: string;
}

/** Codes of one length: a layout. */
export interface Table {
  /** Layout id: `vendor-digits/version`. */
  readonly layout: string;
  /** Symbols of a code, without the lane. */
  readonly digits: number;
  /** The keypad's symbols in the order of their values; `0123456789` if absent. */
  readonly alphabet?: string;
  /** How many codes there are, where that is fewer than so many symbols can say. */
  readonly codes?: number;
  /** Seconds a slot. */
  readonly grid: number;
  /** Where slots are counted from, epoch seconds; 2020-01-01T00:00Z if absent. */
  readonly origin?: number;
  /** How many slots, or counts from 0, there are; without end if absent. */
  readonly slots?: number;
  /**
   * Where kinds are on counts: the last count that a new lock takes for accepted, and up to which it takes none. `timed`:
   * their values are the time as well, in steps of `grid` seconds since 1970; the lock's `tolerance` says how near.
   */
  readonly counts?: { readonly last: number; readonly floor: number; readonly timed?: true };
  /** How much likelier the likeliest code is than the average one, where codes are not equally likely. */
  readonly bias?: number;
  /** Where anybody can write a code but for its authentication: how many values that has. */
  readonly tags?: number;
  /** S: numbers reserved for each slot. */
  readonly perSlot: number;
  /** Clear prefixes, distinct and equally long; by default those of the kinds. */
  readonly lanes?: readonly string[];
  /** In layout order: a kind's place is its index here. */
  readonly kinds: readonly Kind[];
  /** The vendor's, if absent. */
  readonly scheme?: Scheme;
}

/** What a device does by its settings. */
export interface Rules extends Table {
  /** Tables of codes of other lengths. A grant takes the first table that can say it, and no other. */
  readonly also?: readonly Table[];
  /**
   * `utc`: the lock counts UTC hours. `fixed-offset`: hours and days of its standard time, all year.
   * `civil`: it knows its local times from an offset table.
   */
  readonly clock: 'utc' | 'fixed-offset' | 'civil';
  /**
   * How `plan` rounds. `outward`, if absent: nobody gets less than was asked. `floor`: both ends down. `nearest`: to the
   * nearest opening and closing time, at most an hour to the guest's loss.
   */
  readonly rounding?: 'outward' | 'floor' | 'nearest';
  /** Kinds in the order in which `plan` prefers them when they need equal rounding; layout order if absent. */
  readonly prefer?: readonly string[];
  readonly lock: LockRules;
}

/** What a vendor must say in so many words when one guess in ten thousand, or a better one, opens its lock. */
export type Guessable = 'one guess in ten thousand or fewer opens this lock';

export interface Vendor {
  readonly id: string;
  readonly name: string;
  /** `published`: the digits are the maker's real ones. `emulated`: the rules are real, the digits are ours. */
  readonly codes: 'published' | 'emulated';
  /** In one sentence: what a person must know before using it. */
  readonly about: string;
  readonly scheme: Scheme | RemoteScheme;
  readonly rules: Rules | ((config: unknown) => Rules);
  /** Settings for tables and trials, where a device cannot do without. */
  readonly sample?: unknown;
  readonly guessable?: Guessable;
}

/** A kind with its place in the layout and its window shape. */
export interface PlacedKind
  extends Pick<Kind, 'id' | 'for' | 'length' | 'variances' | 'times' | 'effect'>,
    Present<
      Pick<
        Kind,
        | 'name'
        | 'lane'
        | 'afterUse'
        | 'ahead'
        | 'overlapping'
        | 'accepts'
        | 'seals'
        | 'alike'
        | 'asks'
        | 'challenge'
      >
    > {
  readonly index: number;
  readonly table: number;
  readonly shape: Shape;
}

/** Optional fields made present: undefined where there is none. */
type Present<T> = { readonly [name in keyof Required<T>]: T[name] | undefined };

export interface PreparedTable {
  readonly layout: Layout;
  readonly kinds: readonly PlacedKind[];
  /** What a code looks like: lane and symbols. */
  readonly form: RegExp;
  /** Seconds a slot. */
  readonly step: number;
  readonly origin: number;
  readonly slots: number;
  /** Longest window in seconds, civil kinds counted from midnight of their opening day, endless ones by first use. */
  readonly longest: number;
  /** Seconds before and after in which `read` looks for windows that nearly are. */
  readonly margin: number;
  readonly scheme: Scheme | undefined;
  readonly counts: Table['counts'];
  /** Of timed counts: seconds a time step. */
  readonly timeStep: number;
  readonly bias: number;
  readonly tags: Table['tags'];
}

/** Rules made ready: checked, numbered, times of day as seconds. */
export interface Prepared {
  readonly tables: readonly PreparedTable[];
  readonly kinds: readonly PlacedKind[];
}

/** Never read: an endless kind has one length. */
const ENDLESS: Range = [0];

const lengthsOf = (length: Length): Range => (length.in === 'endless' ? ENDLESS : length.of);

function shapeOf(kind: Kind): Shape {
  const { axis, length, firstUse, firstUseAt, lead = 0, weekdays, withinYear = false } = kind;
  const opens = axis.on === 'civil-day' ? axis.opens : '00:00';
  return {
    on: axis.on,
    every: axis.on === 'count' ? axis.every : 1,
    rest: axis.on === 'count' ? axis.rest : 0,
    opens: timeOfDay(opens),
    closes: length.in === 'days' ? timeOfDay(length.closes) : 0,
    lengths: lengthsOf(length),
    endless: length.in === 'endless',
    firstUse,
    firstUseAt: timeOfDay(firstUseAt ?? opens),
    lead,
    weekdays,
    withinYear,
  };
}

function longestOf({ on, lengths, closes, endless, weekdays, firstUse = 0 }: Shape): number {
  if (on === 'count') return 0;
  // A code that opens for good is found among the records once it was used.
  if (endless || weekdays) return Math.max(firstUse, DAY);
  const last = valueAt(lengths, countOf(lengths) - 1) ?? 0;
  return on === 'slot' ? last : last * DAY + closes;
}

/** How far apart two counts can be of which a lock accepts either. */
const spreadOf = ({ kinds }: Table): number =>
  Math.max(...kinds.map(({ accepts }) => accepts?.[1] ?? 0)) -
  Math.min(...kinds.map(({ accepts }) => accepts?.[0] ?? 0));

const lanesOf = ({ lanes, kinds }: Table): readonly string[] =>
  lanes ?? [...new Set(kinds.map((kind) => kind.lane ?? ''))];

/** Periods before and after the present one of which a lock may accept a code, its drift included, and one more. */
const aside = ({ kinds }: Table, { drift }: LockRules): number =>
  Math.max(...kinds.map(({ accepts }) => (accepts ? Math.max(-accepts[0], accepts[1]) + 1 : 0))) +
  (drift?.most ?? 0);

function prepareTable(table: Table, number: number, lock: LockRules): PreparedTable {
  const {
    layout: layoutId,
    digits,
    alphabet = '0123456789',
    perSlot,
    scheme,
    counts,
    bias = 1,
    tags,
  } = table;
  const { slots = Number.POSITIVE_INFINITY, codes = alphabet.length ** digits } = table;
  // A count is its own slot.
  const [step, origin] = counts ? [1, 0] : [table.grid, table.origin ?? EPOCH];
  const lanes = lanesOf(table);
  let next = 0;
  let used = 0;
  // Every kind gets the same fields in the same order: one hidden class on the way of every code.
  const kinds = table.kinds.map((kind, index): PlacedKind & { base: number } => {
    const { base = next } = kind;
    const shape = shapeOf(kind);
    next = base + countOf(shape.lengths) * kind.variances;
    used = Math.max(used, next);
    const { id, variances, times, effect, length, name, lane, afterUse, ahead, overlapping } = kind;
    const { accepts, seals, alike, asks, challenge } = kind;
    return {
      id,
      for: kind.for,
      length,
      variances,
      times,
      effect,
      name,
      lane,
      afterUse,
      ahead,
      overlapping,
      accepts,
      seals,
      alike,
      asks,
      challenge,
      index,
      table: number,
      base,
      shape,
    };
  });
  const longest = Math.max(...kinds.map((kind) => longestOf(kind.shape)));
  const places = kinds.map(({ base, shape, variances, lane }) => ({
    base,
    lengths: countOf(shape.lengths),
    variances,
    lane,
  }));
  // Local times can be a day off; and who searches for short codes does not search two days.
  const margin = Math.max(Math.min(DAY, longest), aside(table, lock) * step);
  const span = counts ? spreadOf(table) : Math.ceil((longest + (lock.clockReach ?? 0) + 2 * margin) / step);
  return {
    layout: { id: layoutId, digits, alphabet, codes, perSlot, used, places, lanes, span },
    kinds,
    form: new RegExp(`^[\\d*#]{${lanes[0]?.length ?? 0}}[${alphabet.replace(/\W/g, '\\$&')}]{${digits}}$`),
    step,
    origin,
    slots,
    longest,
    margin,
    scheme,
    counts,
    timeStep: table.grid,
    bias,
    tags,
  };
}

/** The rules of a vendor under a device's settings. */
export const rulesOf = (vendor: Pick<Vendor, 'rules'>, config?: unknown): Rules =>
  typeof vendor.rules === 'function' ? vendor.rules(config) : vendor.rules;

/** The tables of codes, each of another length: the rules themselves first. */
export const tablesOf = (rules: Rules): readonly [Table, ...Table[]] => [rules, ...(rules.also ?? [])];

const preparedRules = new WeakMap<Rules, Prepared>();

/** Numbers the kinds of each layout; remembered by the rules object, which `checkRules` has seen. */
export function prepareRules(rules: Rules): Prepared {
  const known = preparedRules.get(rules);
  if (known) return known;
  const tables = tablesOf(rules).map((table, index) => prepareTable(table, index, rules.lock));
  const prepared: Prepared = { tables, kinds: tables.flatMap((table) => table.kinds) };
  preparedRules.set(rules, prepared);
  return prepared;
}

/** A kind whose codes are told apart by what was asked alone: nothing has to be remembered of them. */
export const isAnswer = ({
  for: use,
  asks,
  accepts,
}: Pick<PlacedKind | Kind, 'for' | 'asks' | 'accepts'>): boolean =>
  use === 'count' && asks !== undefined && accepts?.[0] === 0 && accepts[1] === 0;

/** Whether a device of these rules must know its local time: civil days, weekdays, years. */
export const needsOffsets = (rules: Rules): boolean =>
  rules.clock === 'civil' ||
  prepareRules(rules).kinds.some(
    ({ shape }) => shape.on === 'civil-day' || shape.weekdays !== undefined || shape.withinYear,
  );

/** Freezes data to the bottom; what a scheme holds is its own. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (!('prepare' in value)) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

const checkedRules = new WeakSet<Rules>();

/**
 * Whether rules hold together, and freezes them: they are shared by every token of a vendor. What a scheme cannot carry (`perSlot` below Σ lengths · variances, too few `digits` for its
 * pages) it says itself.
 *
 * @throws `rules_invalid`, with the word: `lanes` repeat or differ in length; the `grid` does not divide a day; `times of
 *   day` are not such as 15:00; `axis and length` are not of one kind.
 */
export function checkRules(rules: Rules): void {
  if (checkedRules.has(rules)) return;
  const inStep = rules.kinds.some(({ accepts }) => accepts);
  const invalid = (of: string, what: string): never =>
    fail('rules_invalid', `rules of "${of}": unfit "${what}"`);
  for (const table of tablesOf(rules)) {
    const { layout, grid, origin = EPOCH } = table;
    const lanes = lanesOf(table);
    const isLane = (lane: string): boolean => /^[\d*#]*$/.test(lane) && lane.length === lanes[0]?.length;
    if (lanes.length === 0 || new Set(lanes).size !== lanes.length || !lanes.every(isLane))
      invalid(layout, 'lanes');
    for (const kind of table.kinds) {
      const { on, opens, closes, firstUseAt } = shapeOf(kind);
      const counted = on === 'count';
      if ((on === 'civil-day') !== (kind.length.in === 'days') || counted !== (kind.length.in === 'value'))
        invalid(kind.id, 'axis and length');
      if (counted !== (table.counts !== undefined)) invalid(layout, 'counts');
      // A lock keeps step with one thing.
      if ((kind.accepts !== undefined) !== inStep || (inStep && rules.also) || (counted && !inStep))
        invalid(kind.id, 'accepts');
      if (Number.isNaN(opens + closes + firstUseAt)) invalid(kind.id, 'times of day');
      if (on === 'civil-day' && (DAY % grid !== 0 || origin % DAY !== 0)) invalid(layout, 'grid');
    }
  }
  checkedRules.add(frozen(rules));
}
