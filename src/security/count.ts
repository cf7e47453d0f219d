/**
 * V: how many codes a lock would accept right now, counted with the lock's own rule over real windows, at the worst
 * moment, for each table of codes and each lane. DESIGN §7.
 *
 * - An accepted code is an accepted code: codes that clear count too. `set_clock` counts nothing while the clock runs.
 * - **The moment.** A count goes up only where a window opens, and down only where one shuts or its first-use deadline
 *   passes, so it is highest at an opening: the next slot's for kinds on the grid; every one of a local day where kinds have
 *   local times, of a week where they have weekdays; and those at the turn of the year where windows end with it.
 * - **Records.** What a lock remembers adds the codes that outlived their first-use deadline: only a record keeps them
 *   open. At most the whole memory where a full one drops records (`whenFull` is a list), else all but one: with none
 *   free, new codes are refused. Nothing for kinds that are used once, or whose codes end with their deadline. Codes that
 *   supersede each other are of one day, and `overlapping` limits its kind as the memory limits all.
 * - `clear_one` needs a remembered code to revoke: nothing at a fresh lock, one code for each record.
 *
 * V counts grants. A scheme that gives two grants one code (mac/1) leaves a guesser a little less.
 */
import { LAST_INSTANT } from '../errors.ts';
import { countOf, type Grid, placeOf, type Shape, slotAt, valueAt, type Window, windowOf } from '../grant.ts';
import { type DeviceToken, gridOf } from '../token.ts';
import { graceOf, refusedByTime } from '../vendors/timing.ts';
import { type LockRules, type PlacedKind, type PreparedTable, prepareRules } from '../vendors/vendor.ts';
import { DAY, dayAt, type OffsetTable, openingOf } from '../zone.ts';

/** Codes that a lock would accept at once, of one table and lane. */
export interface Count {
  /** The worst moment, epoch seconds. */
  readonly at: number;
  /** What a fresh lock accepts, by kind, all epochs together. */
  readonly kinds: Readonly<Record<string, number>>;
  /** What a full memory adds. */
  readonly records: number;
  /** V: both together. */
  readonly accepted: number;
  /** How many records can be open at once: what entries that are compared with records only can hit. */
  readonly remembered: number;
}

/** What is asked of every kind: all kinds in their order, the grid of each table, the lock's rules. */
interface Door {
  readonly kinds: readonly PlacedKind[];
  readonly grids: readonly Grid[];
  readonly rules: LockRules;
}

/** 2026-07-01T00:00Z, a day like any other. */
const ORDINARY = 1782864000;

/** First of `from` to `to` − 1 for which `holds`, or `to`; it must hold from there on. */
function firstIndex(from: number, to: number, holds: (index: number) => boolean): number {
  while (from < to) {
    const middle = (from + to) >> 1;
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Seconds from the start to which a kind's windows reach at most. */
function longestOf({ shape: { on, lengths, endless, weekdays } }: PlacedKind): number {
  if (endless || weekdays) return Number.POSITIVE_INFINITY;
  const last = valueAt(lengths, countOf(lengths) - 1) ?? 0;
  return on === 'slot' ? last : (last + 2) * DAY;
}

/** Whether a local clock goes so far forward that a whole date is missing. */
const skipsDates = (offsets: OffsetTable = []): boolean =>
  offsets.some(([, offset], i) => offset - (offsets[i - 1]?.[1] ?? offset) >= DAY / 2);

const beginAlike = ({ lengths: one, on }: Shape, { lengths: other }: Shape): boolean =>
  on === 'slot' && 'step' in one && 'step' in other && one.from === other.from && one.step === other.step;

const earlierOf = ({ kinds }: Door, kind: PlacedKind): readonly PlacedKind[] =>
  kinds.filter((each) => each.table < kind.table && each.id === kind.id && each.lane === kind.lane);

/** How many lengths of a slot a lock accepts at `at`: for the first time, or with a record. */
function lengthsAt(door: Door, kind: PlacedKind, slot: number, at: number, used: boolean): number {
  const { grids, rules } = door;
  const { shape, afterUse } = kind;
  const grid = grids[kind.table];
  if (!grid) return 0;
  const windowAt = (length: number): Window | undefined => windowOf(shape, slot, length, grid);
  const isIn = (length: number): boolean => {
    const window = windowAt(length);
    if (!window || window.endsAt > LAST_INSTANT) return false;
    // Used at the last second of its deadline, a code lives longest.
    const shut = window.firstUseBy + graceOf(rules) - 1 + (afterUse ?? LAST_INSTANT);
    const open = used ? { ...window, until: Math.min(window.until, shut) } : window;
    return refusedByTime(kind, open, rules, at, used, grid.offsets) === undefined;
  };
  // What an earlier table can say means nothing in a later one.
  const earlier = earlierOf(door, kind);
  const isSaid = (length: number): boolean => {
    const window = windowAt(length);
    const endsAt = shape.endless || !window ? null : window.endsAt;
    return earlier.some((each) => {
      const place = grids[each.table];
      return window && place && placeOf(each.shape, window.startsAt, endsAt, place) !== undefined;
    });
  };
  const count = countOf(shape.lengths);
  if (shape.on === 'civil-day' && skipsDates(grid.offsets)) {
    // A date that the calendar lacks leaves a hole among the lengths.
    let accepted = 0;
    for (let length = 0; length < count; length++) if (isIn(length) && !isSaid(length)) accepted++;
    return accepted;
  }
  // Beyond the year, or the offset table, there is none.
  const isBounded = shape.withinYear || shape.on === 'civil-day';
  const end = isBounded ? firstIndex(0, count, (length) => !windowAt(length)) : count;
  const first = firstIndex(0, end, isIn);
  const said = Math.max(-1, ...earlier.map(longestOf));
  // From 16:00 to 10:00 of the next day is less than a day.
  const isShort = (length: number): boolean => {
    const value = valueAt(shape.lengths, length) ?? 0;
    return (shape.on === 'slot' ? value : (value - 1) * DAY) <= said;
  };
  // Ranges that begin alike: what an earlier table says are the first of them, up to the year's end.
  if (earlier.every(({ shape: other }) => beginAlike(other, shape)))
    return end - firstIndex(first, end, (length) => !isShort(length) || !isSaid(length));
  let accepted = end - first;
  for (let length = first; length < end && isShort(length); length++) if (isSaid(length)) accepted--;
  return accepted;
}

/** Slots whose windows can be open at `at`, newest first. */
function* slotsAt({ grids, rules }: Door, kind: PlacedKind, at: number, used: boolean): Generator<number> {
  const grid = grids[kind.table];
  if (!grid) return;
  const { on, lead, firstUse } = kind.shape;
  const civil = on === 'civil-day';
  const deadline =
    firstUse === undefined ? Number.POSITIVE_INFINITY : civil ? (firstUse + 2) * DAY : firstUse;
  const back = (used ? longestOf(kind) : Math.min(longestOf(kind), deadline)) + graceOf(rules);
  const step = civil ? DAY / grid.step : 1;
  // Civil days begin up to a day before or after those of UTC.
  const ahead = lead + rules.tolerance + (civil ? DAY : 0);
  const newest = Math.floor(slotAt(at + ahead, grid) / step) * step;
  const oldest = Math.max(0, Math.floor(slotAt(at - back - (civil ? DAY : 0), grid)));
  for (let slot = newest; slot >= oldest; slot -= step) yield slot;
}

function freshAt(door: Door, kind: PlacedKind, at: number): number {
  if (kind.effect === 'set_clock' || kind.effect === 'clear_one') return 0;
  let accepted = 0;
  for (const slot of slotsAt(door, kind, at, false)) accepted += lengthsAt(door, kind, slot, at, false);
  return accepted * kind.variances;
}

/** Codes of a kind that records can keep open at `at`, and those that nothing else does; counted up to `most`. */
function rememberedAt(
  door: Door,
  kind: PlacedKind,
  at: number,
  most: number,
): { open: number; late: number } {
  let [open, late] = [0, 0];
  if (kind.times === 'once' || (kind.effect !== 'open' && kind.effect !== 'supersede')) return { open, late };
  for (const slot of slotsAt(door, kind, at, true)) {
    const used = lengthsAt(door, kind, slot, at, true);
    const lateHere = (used - lengthsAt(door, kind, slot, at, false)) * kind.variances;
    const openHere = used * kind.variances;
    const supersedes = kind.effect === 'supersede';
    open = supersedes ? Math.max(open, openHere) : open + openHere;
    late = supersedes ? Math.max(late, lateHere) : late + lateHere;
    if (late >= most) break;
  }
  return { open, late };
}

/** What a lock without records accepts. */
function freshCount(door: Door, own: readonly PlacedKind[], epochs: number, at: number): Count {
  const kinds: Record<string, number> = {};
  for (const kind of own) kinds[kind.id] = (kinds[kind.id] ?? 0) + epochs * freshAt(door, kind, at);
  const accepted = Object.values(kinds).reduce((sum, each) => sum + each, 0);
  return { at, kinds, records: 0, accepted, remembered: 0 };
}

/** How many records may be full without keeping new codes out. */
const roomOf = ({ records, whenFull = 'forget' }: LockRules): number =>
  typeof whenFull === 'string' ? Math.max(0, records - 1) : records;

const hasTargets = (own: readonly PlacedKind[]): boolean => own.some(({ effect }) => effect === 'clear_one');

/** Adds what a full memory does. */
function withRecords(door: Door, own: readonly PlacedKind[], epochs: number, fresh: Count): Count {
  const { records } = door.rules;
  const byId = new Map<string, { open: number; late: number; limit: number }>();
  for (const kind of own) {
    const { open, late } = rememberedAt(door, kind, fresh.at, records);
    const limit = kind.overlapping ?? Number.POSITIVE_INFINITY;
    const known = byId.get(kind.id) ?? { open: 0, late: 0, limit };
    byId.set(kind.id, { limit, open: known.open + epochs * open, late: known.late + epochs * late });
  }
  let [open, late] = [0, 0];
  for (const each of byId.values()) {
    open += Math.min(each.open, each.limit);
    late += Math.min(each.late, each.limit - 1);
  }
  const most = roomOf(door.rules);
  const added = Math.min(late, most) + (hasTargets(own) ? Math.min(open, most) : 0);
  const accepted = fresh.accepted + added;
  return { ...fresh, records: added, accepted, remembered: Math.min(open, records) };
}

/** The count at the moment at which it is highest. */
function worstOf(door: Door, own: readonly PlacedKind[], epochs: number, moments: Iterable<number>): Count {
  const mostAdded = roomOf(door.rules) * (hasTargets(own) ? 2 : 1);
  let worst: Count | undefined;
  const counts = [...moments].map((at) => freshCount(door, own, epochs, at));
  for (const fresh of counts.sort((a, b) => b.accepted - a.accepted)) {
    if (worst && fresh.accepted + mostAdded <= worst.accepted) break;
    const count = withRecords(door, own, epochs, fresh);
    if (!worst || count.accepted > worst.accepted) worst = count;
  }
  return worst ?? freshCount(door, own, epochs, 0);
}

/** Moments at which windows open: in the step, local day or week from `at` on, and at the turn of the year. */
function openingsOf(door: Door, own: readonly PlacedKind[], grid: Grid, at: number): Set<number> {
  const { tolerance } = door.rules;
  const { offsets, step, origin, shift } = grid;
  const moments = new Set<number>();
  const civil = own.filter(({ shape }) => shape.on === 'civil-day');
  const leads = own.flatMap(({ shape }) => (shape.on === 'slot' ? [shape.lead] : []));
  const addSlots = (from: number, to: number): void => {
    for (const lead of new Set(leads)) {
      const before = lead + tolerance;
      for (let slot = Math.ceil(slotAt(from + before, grid)); slotAt(to + before, grid) > slot; slot++)
        moments.add(origin + shift + slot * step - before);
    }
  };
  const days = own.some(({ shape }) => shape.weekdays) ? 7 : Math.min(civil.length, 1);
  const today = offsets && dayAt(offsets, at);
  if (days === 0 || !offsets || today === undefined) addSlots(at, at + step);
  else {
    addSlots(
      (openingOf(offsets, today * DAY) ?? at) - 3600,
      (openingOf(offsets, (today + days) * DAY) ?? at) + 3600,
    );
    for (let day = today; day <= today + days; day++) {
      for (const { shape } of civil) {
        const opening = openingOf(offsets, day * DAY + shape.opens);
        if (opening !== undefined) moments.add(opening - tolerance);
      }
    }
    // A lock that goes by the wall clock opens what comes again when the clock jumps.
    for (const [change] of offsets) if (Math.abs(change - at) < (days + 1) * DAY) moments.add(change);
  }
  // A table that has what another leaves over is fullest there.
  if (offsets && door.kinds.some(({ shape }) => shape.withinYear)) {
    const next = Date.UTC(new Date(at * 1000).getUTCFullYear() + 1, 0, 1) / 1000;
    const turn = openingOf(offsets, next);
    if (turn !== undefined) addSlots(turn - step - tolerance, turn + 1);
  }
  return moments;
}

/** When the windows of a table are as many as ever: not right after its first slot, nor after its last. */
function ordinaryOf({ origin, longest, slots, step }: PreparedTable): number {
  return Math.min(Math.max(ORDINARY, origin + longest + 2 * DAY), origin + (slots - 1) * step);
}

const greatest = (a: number, b: number): number => (b === 0 ? a : greatest(b, a % b));

/** How many counts, or periods, from `from` to `to` after the last accepted one a kind has codes for. */
function stepsFrom(
  { accepts: [from, to] = [0, 0], asks, shape }: PlacedKind,
  table: PreparedTable,
  last: number,
): number {
  const { counts } = table;
  // The last accepted itself is used up, but where a new lock only takes one for it.
  const isSpent = counts !== undefined && counts.floor >= counts.last && asks === undefined;
  let found = 0;
  for (let step = from; step <= to; step++)
    if (!(step === 0 && isSpent) && (last + step) % shape.every === shape.rest) found++;
  return found;
}

/**
 * V of a lock that keeps step: the codes of what its kinds accept, at the worst of the counts that can be the last
 * accepted one, and one more where the lock awaits a second code. In a table with `tags`, of one well-formed message.
 */
function stepCount(table: PreparedTable, own: readonly PlacedKind[], rules: LockRules, at: number): Count {
  const { counts, timeStep, tags } = table;
  const turns = own.reduce((all, { shape: { every } }) => (all * every) / greatest(all, every), 1);
  // A kind that carries the time as its value has those that are near enough.
  const valuesOf = ({ shape }: PlacedKind): number =>
    counts?.timed ? Math.floor((2 * rules.tolerance + timeStep - 1) / timeStep) + 1 : countOf(shape.lengths);
  const awaited = rules.resync !== undefined || rules.drift !== undefined ? 1 : 0;
  let worst: Count = { at, kinds: {}, records: 0, accepted: 0, remembered: 0 };
  for (let turn = 0; turn < turns; turn++) {
    const kinds: Record<string, number> = {};
    for (const kind of own) {
      // Far above 0, so that what is below is there.
      const codes = stepsFrom(kind, table, turn + turns * 2 ** 20) * valuesOf(kind) * kind.variances;
      kinds[kind.id] =
        tags === undefined ? codes + awaited * valuesOf(kind) : Math.min(codes, kind.alike ?? 1);
    }
    const all = Object.values(kinds);
    const accepted = tags === undefined ? all.reduce((sum, each) => sum + each, 0) : Math.max(...all);
    if (accepted > worst.accepted) worst = { ...worst, kinds, accepted };
  }
  return worst;
}

/** The count of a table's lanes that have the same kinds. */
export interface LaneCount extends Count {
  readonly table: PreparedTable;
  readonly lanes: readonly string[];
}

/**
 * Counts the codes that a lock with this token would accept at once, for each table and lane, at the worst moment of the
 * step, day or week around `at`.
 *
 * @param epochs how many key epochs are live: 2 for a lock that holds the root.
 * @param at epoch seconds; by default an ordinary day.
 */
export function countCodes(token: DeviceToken, epochs: 1 | 2, at?: number): readonly LaneCount[] {
  const { tables, kinds } = prepareRules(token.rules);
  const door: Door = { kinds, grids: tables.map((table) => gridOf(token, table)), rules: token.rules.lock };
  return tables.flatMap((table, index) => {
    const grid = door.grids[index];
    if (!grid) return [];
    const { lanes } = table.layout;
    const classes = table.kinds.some((kind) => kind.lane !== undefined)
      ? lanes.map((lane) => [lane])
      : [lanes];
    // Counts know no moment.
    const day = at ?? (table.counts ? ORDINARY : ordinaryOf(table));
    return classes.map((group): LaneCount => {
      const own = table.kinds.filter((kind) => kind.lane === undefined || group.includes(kind.lane));
      if (own.some(({ accepts }) => accepts))
        return { ...stepCount(table, own, door.rules, day), table, lanes: group };
      const moments = openingsOf(door, own, grid, day).add(day);
      return { ...worstOf(door, own, epochs, moments), table, lanes: group };
    });
  });
}
