/**
 * The contract of a vendor: a maker's published rules, as data. Kinds, limits, rounding, lock behaviour, and the scheme
 * that makes the digits.
 *
 * A vendor holds no state and reads no clock. `rules` are either fixed or a function of the device's settings; that
 * function throws `config_invalid` for settings it does not know and returns equal rules for equal settings. The
 * rules of a layout id never change: any change of kinds, order, lengths, variances, grid, digits, S or meaning is a
 * new layout id.
 */
import { fail } from '../errors.ts';
import { countOf, type Range, type Shape, valueAt } from '../grant.ts';
import type { Layout, Scheme } from '../schemes/scheme.ts';
import { DAY, timeOfDay } from '../zone.ts';

/** Where a kind's windows start: on any slot, or at a local time of day (`HH:MM`). */
export type Axis = { readonly on: 'slot' } | { readonly on: 'civil-day'; readonly opens: string };

/** How long they are: seconds, or civil days that end at a local time of day (`HH:MM`). */
export type Length =
  | { readonly in: 'seconds'; readonly of: Range }
  | { readonly in: 'days'; readonly of: Range; readonly closes: string };

/** What the lock does when it accepts a code. */
export type Effect = 'open' | 'supersede' | 'clear' | 'set_clock';

export interface Kind {
  readonly id: string;
  readonly for: 'window' | 'one_time' | 'control';
  readonly axis: Axis;
  readonly length: Length;
  /** How many codes one window has. */
  readonly variances: number;
  /** First-use deadline: seconds after the start, or civil days after the opening at opening time. None: the end. */
  readonly firstUse?: number;
  readonly times: 'once' | 'many';
  readonly effect: Effect;
  /** Where the numbers come from. */
  readonly source: string;
}

/** How a lock slows guessing down. */
export type Throttle =
  /** Credit: an entry costs one, given back only if accepted; one more every `regain` seconds, at most `most`. */
  | { readonly by: 'credit'; readonly most: number; readonly regain: number; readonly recordsEvery: number }
  /** Lockout: after `wrong` refused entries in a row the keypad is dead for `seconds`. */
  | { readonly by: 'lockout'; readonly wrong: number; readonly seconds: number };

export interface LockRules {
  /** Clock tolerance in seconds: how much before its start and after its end a code is accepted. */
  readonly tolerance: number;
  /** How many keyed codes the lock remembers. Full: a code that needs a record is refused. */
  readonly records: number;
  readonly throttle: Throttle;
  /** For locks with a set-clock code: how long after the last stored time it may set the clock, in seconds. */
  readonly clockReach?: number;
  readonly source: string;
}

/** What a device does by its settings. */
export interface Rules {
  /** Layout id: `vendor-digits/version`. */
  readonly layout: string;
  readonly digits: number;
  /** Seconds a slot. */
  readonly grid: number;
  /** S: payloads reserved for each slot. */
  readonly perSlot: number;
  /** Clear prefixes, distinct and equally long. */
  readonly lanes?: readonly string[];
  /** `civil`: the lock knows its local times from an offset table; `utc`: it counts hours and 24-hour days. */
  readonly clock: 'utc' | 'civil';
  /** In layout order: a kind's place is its index here. */
  readonly kinds: readonly Kind[];
  /** Kinds in the order in which `plan` prefers them when they need equal rounding; layout order if absent. */
  readonly prefer?: readonly string[];
  readonly lock: LockRules;
}

export interface Vendor {
  readonly id: string;
  readonly name: string;
  /** `published`: the digits are the maker's real ones. `emulated`: the rules are real, the digits are ours. */
  readonly codes: 'published' | 'emulated';
  /** In one sentence: what a person must know before using it. */
  readonly about: string;
  readonly scheme: Scheme;
  readonly rules: Rules | ((config: unknown) => Rules);
}

/** A kind with its place in the layout and its window shape. */
export interface PlacedKind extends Pick<Kind, 'id' | 'for' | 'length' | 'variances' | 'times' | 'effect'> {
  readonly index: number;
  readonly shape: Shape;
}

/** Rules made ready: checked, numbered, times of day as seconds. */
export interface Prepared {
  readonly layout: Layout;
  readonly kinds: readonly PlacedKind[];
  readonly byId: ReadonlyMap<string, PlacedKind>;
  /** Longest window in seconds, civil kinds counted from midnight of their opening day. */
  readonly longest: number;
}

const invalid = (of: string, what: string): never =>
  fail('rules_invalid', `rules of "${of}": unfit "${what}"`);

function shapeOf({ axis, length, firstUse, id }: Kind): Shape {
  if (axis.on === 'slot' && length.in === 'seconds') {
    return { on: 'slot', opens: 0, closes: 0, lengths: length.of, firstUse };
  }
  if (axis.on === 'civil-day' && length.in === 'days') {
    const opens = timeOfDay(axis.opens);
    const closes = timeOfDay(length.closes);
    if (Number.isNaN(opens + closes)) invalid(id, 'times of day');
    return { on: 'civil-day', opens, closes, lengths: length.of, firstUse };
  }
  return invalid(id, 'axis and length');
}

function longestOf(shape: Shape): number {
  const last = valueAt(shape.lengths, countOf(shape.lengths) - 1) ?? 0;
  return shape.on === 'slot' ? last : last * DAY + shape.closes;
}

const preparedRules = new WeakMap<Rules, Prepared>();

/**
 * Numbers the kinds of a layout and checks that the rules hold together; remembered by the rules object.
 *
 * @throws `rules_invalid`, with the word: `perSlot` is below Σ lengths · variances; `digits` make pages shorter than the
 *   longest window and two days (`read` would need more than two pages); `lanes` repeat or differ in length; the `grid`
 *   does not divide a day; `times of day` are not such as 15:00; `axis and length` are not of one kind.
 */
export function prepareRules(rules: Rules): Prepared {
  const known = preparedRules.get(rules);
  if (known) return known;
  const lanes = rules.lanes ?? [''];
  if (
    lanes.length === 0 ||
    new Set(lanes).size !== lanes.length ||
    lanes.some((lane) => !/^\d*$/.test(lane) || lane.length !== lanes[0]?.length)
  ) {
    invalid(rules.layout, 'lanes');
  }
  if (DAY % rules.grid !== 0) invalid(rules.layout, 'grid');
  let used = 0;
  // Every kind gets the same fields in the same order: one hidden class on the way of every code.
  const kinds = rules.kinds.map((kind, index): PlacedKind & { base: number } => {
    const base = used;
    used += countOf(kind.length.of) * kind.variances;
    const { id, variances, times, effect } = kind;
    return {
      id,
      for: kind.for,
      length: kind.length,
      variances,
      times,
      effect,
      index,
      base,
      shape: shapeOf(kind),
    };
  });
  if (used > rules.perSlot) invalid(rules.layout, 'perSlot');
  const slotsPerPage = Math.floor(10 ** rules.digits / rules.perSlot);
  const longest = Math.max(...kinds.map((kind) => longestOf(kind.shape)));
  if (longest + (rules.lock.clockReach ?? 0) + 2 * DAY > slotsPerPage * rules.grid) {
    invalid(rules.layout, 'digits');
  }
  const prepared: Prepared = {
    layout: {
      id: rules.layout,
      digits: rules.digits,
      perSlot: rules.perSlot,
      slotsPerPage,
      used,
      places: kinds.map(({ base, length, variances }) => ({ base, lengths: countOf(length.of), variances })),
      lanes,
    },
    kinds,
    byId: new Map(kinds.map((kind) => [kind.id, kind])),
    longest,
  };
  preparedRules.set(rules, prepared);
  return prepared;
}
