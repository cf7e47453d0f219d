/**
 * `plan`: a wall-clock request becomes the grant that a vendor's rules allow.
 *
 * Rounding is outward, start down and end up: the guest never gets less than was asked; some makers floor both ends or
 * take the nearest. `maxTimeRounding` is a ceiling for each end. With `1h` the kind that needs least rounding wins, ties in the vendor's order; with `1d` (one civil
 * day) the vendor's daily kinds are tried first. If nothing fits, the refusal names the nearest that would.
 */
import {
  checkVariance,
  firstVariance,
  isInLane,
  kindsOf,
  laneOf,
  offsetsFor,
  tableEnded,
} from '../engine.ts';
import { checkFields, expected, fail, type Nearest, PintumblerError } from '../errors.ts';
import {
  civilWindow,
  countOf,
  EPOCH,
  type Grid,
  indexFrom,
  type Range,
  slotAt,
  valueAt,
  type Window,
  type WindowGrant,
  windowOf,
} from '../grant.ts';
import { checkToken, type DeviceToken, gridOf } from '../token.ts';
import { deadlineOf } from '../vendors/timing.ts';
import { type PlacedKind, prepareRules, type Rules } from '../vendors/vendor.ts';
import { closingOf, DAY, dayAt, hasDay, offsetAt, openingOf } from '../zone.ts';
import { checkDisambiguation, type Disambiguation, instantAt, offsetOf, toLocal } from './wall-clock.ts';
import { rulesAround } from './zones.ts';

/** What is asked for. Timestamps as `toInstant` takes them. */
export interface PlanRequest {
  readonly startsAt: string;
  /** Not for kinds of one length: a control, a permanent code, a one-time code of 24 hours. */
  readonly endsAt?: string;
  readonly oneTime?: boolean;
  /** Ceiling for the rounding of each end: an hour (default) or a civil day. */
  readonly maxTimeRounding?: '1h' | '1d';
  /** Take this kind and no other. */
  readonly kind?: string;
  readonly lane?: string;
  /** By default the first of the token's share. */
  readonly variance?: number;
  readonly disambiguation?: Disambiguation;
  /** When the code is made, for vendors who allow that only so long ahead; not looked at otherwise. */
  readonly issuedAt?: string;
}

export type PlanWarning =
  /** The code ends before the time asked for: the maker rounds so, or its lock counts hours across a clock change. */
  | 'ends_early'
  /** The code opens after the time asked for: the maker rounds so. */
  | 'starts_late'
  /** Today's rules of the zone differ from the token's offset table; the token's were used, as the lock will. */
  | 'zone_rules_changed'
  /** The lock keeps its standard time: in the other half of the year, a window that repeats is an hour off. */
  | 'hours_shift';

export interface Plan {
  readonly grant: WindowGrant;
  /** First-use deadline, epoch seconds: a code that was never keyed in is refused from then on. */
  readonly firstUseBy: number;
  /** The same instants as ISO 8601 with offset, in the device's zone. */
  readonly local: {
    readonly startsAt: string;
    /** Null for a code that opens for good. */
    readonly endsAt: string | null;
    readonly firstUseBy: string;
  };
  /** Seconds by which the start was moved earlier and the end later; negative where it went the other way: less than asked. */
  readonly rounded: { readonly start: number; readonly end: number };
  readonly warnings: readonly PlanWarning[];
  /** Canonical name of the window: grants that differ in nothing but the variance have the same. */
  readonly window: string;
  readonly vendor: string;
  readonly codes: 'published' | 'emulated';
}

/** A window of some kind around the request; `fits` false: the nearest that this kind has. */
interface Candidate {
  readonly kind: PlacedKind;
  readonly window: Window;
  readonly start: number;
  readonly end: number;
  readonly fits: boolean;
}

/** The request in instants; `end` undefined: whatever the kind's one length gives. */
interface Wanted {
  readonly token: DeviceToken;
  readonly rounding: NonNullable<Rules['rounding']>;
  /** Of each table of codes. */
  readonly grids: readonly Grid[];
  readonly start: number;
  readonly end: number | undefined;
  readonly ceiling: '1h' | '1d';
}

/** What the device's wall clock shows, counted as if UTC. */
const wallAt = (token: DeviceToken, instant: number): number => instant + offsetOf(token, instant);

function gridFor({ grids }: Wanted, { table, id }: PlacedKind): Grid {
  return grids[table] ?? fail('rules_invalid', `kind "${id}" has no table`);
}

/** A civil day is a day on the wall clock, be it 23 hours or 25. */
function withinCeiling({ token, ceiling }: Wanted, one: number, other: number): boolean {
  const [earlier, later] = one <= other ? [one, other] : [other, one];
  if (ceiling === '1h') return later - earlier <= 3600;
  return later - earlier <= DAY || wallAt(token, later) - wallAt(token, earlier) <= DAY;
}

/** Whether a code could still be used for the first time at the start that was asked for. */
const isAlive = ({ start }: Wanted, { firstUseBy }: Window): boolean => firstUseBy > start;

function candidate(wanted: Wanted, kind: PlacedKind, window: Window, reaches: boolean): Candidate {
  const { start, end = window.endsAt } = wanted;
  // One code a period, asked for by a moment: the period is what it is.
  const isAsIs = kind.for === 'rolling' && wanted.end === undefined;
  // Outward, an end comes early only where hours part from the wall clock, by what the clocks change.
  const endsAsMayBe = wanted.rounding === 'outward' && window.endsAt < end;
  // To the nearest, the guest loses an hour at most, whatever the ceiling.
  const isLoss =
    wanted.rounding === 'nearest' && (window.startsAt > start + 3600 || window.endsAt < end - 3600);
  const fits =
    isAsIs ||
    (reaches &&
      // A day window whose hours the clock skips has no length.
      window.endsAt > window.startsAt &&
      isAlive(wanted, window) &&
      !isLoss &&
      withinCeiling(wanted, window.startsAt, start) &&
      (endsAsMayBe || withinCeiling(wanted, end, window.endsAt)));
  return { kind, window, start: start - window.startsAt, end: window.endsAt - end, fits };
}

/** Index of the length that a vendor rounds `seconds` to, and whether there is one; a floor is less than a step down. */
function lengthFor(
  lengths: Range,
  seconds: number,
  rounding: Wanted['rounding'],
  step: number,
): readonly [number, boolean] {
  const last = countOf(lengths) - 1;
  const up = indexFrom(lengths, seconds);
  if (rounding === 'outward' || valueAt(lengths, up) === seconds) return [Math.min(up, last), up <= last];
  // Some makers have a window of no length, which nobody asks for.
  const down = Math.max(up - 1, indexFrom(lengths, 1));
  const over = seconds - (valueAt(lengths, down) ?? Infinity);
  if (rounding === 'floor') return [down, over >= 0 && over < step];
  return [over <= (valueAt(lengths, up) ?? Infinity) - seconds ? down : up, true];
}

/** On the grid: start floored (or to the nearest slot), the length that the vendor rounds to. */
function slotCandidates(wanted: Wanted, kind: PlacedKind): readonly Candidate[] {
  const { start, end, token, rounding } = wanted;
  const grid = gridFor(wanted, kind);
  const { lengths, endless, weekdays, lead } = kind.shape;
  if (weekdays) offsetsFor(token, kind);
  // By a moment, the code of its period; with an end, the last one that is open by then.
  const exact = slotAt(end === undefined ? start : start + lead, grid);
  const slot = rounding === 'nearest' ? Math.round(exact) : Math.floor(exact);
  // What is before the first slot cannot be said.
  if (slot < 0) return [];
  if (endless || end === undefined) {
    if (countOf(lengths) > 1) fail('bad_argument', '"endsAt" expected a date and time');
    const window = windowOf(kind.shape, slot, 0, grid);
    return window ? [candidate(wanted, kind, window, true)] : [];
  }
  const to = (seconds: (startsAt: number) => number): readonly Candidate[] => {
    const startsAt = grid.origin + grid.shift + slot * grid.step - lead;
    const [index, reaches] = lengthFor(lengths, seconds(startsAt), rounding, grid.step);
    // On a day on which the kind does not come, the nearest is a later one, and does not fit.
    const slots = weekdays ? [0, 1, 2, 3, 4, 5, 6].map((days) => slot + (days * DAY) / grid.step) : [slot];
    const [window] = slots.flatMap((each) => windowOf(kind.shape, each, index, grid) ?? []);
    return window ? [candidate(wanted, kind, window, reaches && window.startsAt === startsAt)] : [];
  };
  // Counted in hours, a stay across the end of daylight-saving time is longer than its wall clock says: the length
  // that the wall clock asks for ends early, and is better than none.
  const byWallClock = wallAt(token, end) - wallAt(token, start);
  const whole = to((startsAt) => end - startsAt);
  return rounding === 'outward' && byWallClock < end - start
    ? [...whole, ...to((startsAt) => byWallClock + start - startsAt)]
    : whole;
}

/**
 * On the local calendar: the last opening at or before the start, the shortest length that reaches the end. To the
 * nearest: every opening and closing around them.
 */
function civilCandidates(wanted: Wanted, kind: PlacedKind): readonly Candidate[] {
  const { start, end = start, rounding } = wanted;
  const { shape } = kind;
  const grid = gridFor(wanted, kind);
  const last = countOf(shape.lengths) - 1;
  if (shape.on !== 'civil-day' || (wanted.end === undefined && last > 0)) return [];
  const offsets = grid.offsets ?? offsetsFor(wanted.token, kind);
  const ended = (): never => tableEnded(kind);
  const startDay = dayAt(offsets, start) ?? ended();
  const endDay = dayAt(offsets, end) ?? ended();
  const isNearest = rounding === 'nearest';
  const opensBefore = (day: number): boolean =>
    (openingOf(offsets, day * DAY + shape.opens) ?? Infinity) <= start;
  const days = [startDay + 1, startDay, startDay - 1, startDay - 2].filter((day) => hasDay(offsets, day));
  const candidatesOn = (day: number): readonly Candidate[] => {
    // Days before the first slot cannot be said.
    if (day * DAY < grid.origin) return [];
    const windows: Window[] = [];
    for (let index = Math.min(indexFrom(shape.lengths, endDay - day - 1), last); index <= last; index++) {
      const count = valueAt(shape.lengths, index) ?? 0;
      if (closingOf(offsets, (day + count) * DAY + shape.closes) === undefined) return ended();
      const window = civilWindow(shape, day, count, offsets);
      // A closing date that the calendar lacks: the next length closes on one that it has.
      if (!window) continue;
      windows.push(window);
      if (window.endsAt >= end) break;
    }
    if (windows.length === 0) return ended();
    return (isNearest ? windows : windows.slice(-1)).map((window) =>
      candidate(wanted, kind, window, isNearest || window.endsAt >= end),
    );
  };
  if (isNearest) return days.flatMap(candidatesOn);
  const day = days.find(opensBefore) ?? ended();
  const found = candidatesOn(day);
  if (found.length === 0 || found.some(({ window }) => isAlive(wanted, window))) return found;
  // The code of the day is dead already: the day after is no answer, but what a refusal names.
  return [...found, ...candidatesOn(day + 1).map((each) => ({ ...each, fits: false }))];
}

/** The time nearest to the start: half a quarter hour off is within the lock's tolerance, a whole one is not. */
function clockCandidates(wanted: Wanted, kind: PlacedKind): readonly Candidate[] {
  const { start } = wanted;
  const grid = gridFor(wanted, kind);
  const slot = Math.floor(slotAt(start, grid));
  const indexes = Array.from({ length: countOf(kind.shape.lengths) }, (_, index) => index);
  const windows = [slot, slot + 1].flatMap((each) =>
    indexes.flatMap((index) => windowOf(kind.shape, each, index, grid) ?? []),
  );
  const [nearest] = windows.sort((a, b) => Math.abs(a.endsAt - start) - Math.abs(b.endsAt - start));
  return nearest ? [{ kind, window: nearest, start: start - nearest.endsAt, end: 0, fits: true }] : [];
}

function candidatesOf(wanted: Wanted, kind: PlacedKind): readonly Candidate[] {
  if (kind.effect === 'set_clock') return clockCandidates(wanted, kind);
  return kind.shape.on === 'slot' ? slotCandidates(wanted, kind) : civilCandidates(wanted, kind);
}

/** Whether a kind is said by a start alone. */
const takesNoEnd = ({ shape, effect }: PlacedKind): boolean =>
  shape.endless || effect === 'set_clock' || countOf(shape.lengths) === 1;

/** The kinds to try, in the vendor's order. */
function kindsFor(token: DeviceToken, request: PlanRequest, hasEnd: boolean): readonly PlacedKind[] {
  const { kinds } = prepareRules(token.rules);
  const { kind: id, lane, oneTime = false } = request;
  const noEnd = (): never => fail('bad_argument', '"endsAt" expected a date and time');
  if (id !== undefined) {
    const named = kindsOf(kinds, id, lane);
    const [kind] = named;
    if (oneTime && kind.for !== 'one_time')
      fail('bad_argument', `"oneTime" and kind "${kind.id}" contradict each other`);
    if (hasEnd && (kind.shape.endless || (kind.for === 'control' && takesNoEnd(kind))))
      fail('bad_argument', `kind "${kind.id}" takes no "endsAt"`);
    if (!hasEnd && !takesNoEnd(kind)) noEnd();
    return named;
  }
  // A code of the period is for who asks for it, and where there is nothing else: an end may have been forgotten.
  const hasWindows = kinds.some((kind) => kind.for === 'window');
  if (!oneTime && !hasEnd && hasWindows) noEnd();
  const wanted = oneTime ? 'one_time' : hasWindows ? 'window' : 'rolling';
  const found = kinds.filter((kind) => kind.for === wanted && isInLane(kind, lane));
  if (found.length === 0) {
    if (!oneTime && !hasEnd) noEnd();
    const lanes = kinds.map((kind) => kind.lane);
    if (lane !== undefined && !lanes.includes(lane) && !lanes.includes(undefined))
      expected('lane', `one of ${lanes.join(', ')}`, lane, 'lane_unknown');
    fail('kind_unknown', `vendor "${token.vendor.id}" has no ${oneTime ? 'one-time' : 'time-bound'} codes`);
  }
  const { prefer = [] } = token.rules;
  const rank = (kind: PlacedKind): number =>
    prefer.includes(kind.id) ? prefer.indexOf(kind.id) : prefer.length;
  return found.sort((a, b) => rank(a) - rank(b));
}

/** Least rounding first; the order of the list decides ties. */
function best(candidates: readonly Candidate[]): Candidate | undefined {
  const rounding = ({ start, end }: Candidate): number => Math.abs(start) + Math.abs(end);
  return candidates.reduce<Candidate | undefined>(
    (least, each) => (least && rounding(least) <= rounding(each) ? least : each),
    undefined,
  );
}

function choose(wanted: Wanted, kinds: readonly PlacedKind[]): Candidate {
  const refusals: PintumblerError[] = [];
  const all = kinds.flatMap((kind) => {
    try {
      return candidatesOf(wanted, kind);
    } catch (error) {
      // A kind that this token cannot say (no offset table) must not hide one that it can.
      if (!(error instanceof PintumblerError)) throw error;
      refusals.push(error);
      return [];
    }
  });
  const fitting = all.filter((each) => each.fits);
  // Where rounding is outward, a code that ends early is the last resort.
  const whole = wanted.rounding === 'outward' ? fitting.filter((each) => each.end >= 0) : fitting;
  const daily = wanted.ceiling === '1d' ? whole.filter((each) => each.kind.id === 'daily') : [];
  const chosen = best(daily) ?? best(whole) ?? best(fitting);
  if (chosen) return chosen;
  const [refusal] = refusals;
  if (refusal) throw refusal;
  // One that covers the request, if there is any: who takes the nearest must not get less.
  const alive = all.filter(({ window }) => isAlive(wanted, window));
  const covering = alive.filter(({ start, end }) => wanted.rounding === 'outward' && start >= 0 && end >= 0);
  const nearest = best(covering) ?? best(alive) ?? best(all);
  throw nearest ? noFit(wanted, nearest) : new PintumblerError('no_fit', 'no kind of code fits the request');
}

function noFit({ token, ceiling }: Wanted, { kind, window }: Candidate): PintumblerError {
  const endsAt = kind.shape.endless ? null : window.endsAt;
  const nearest: Nearest = { kind: kind.id, startsAt: window.startsAt, endsAt };
  const from = toLocal(token, window.startsAt);
  const name = kind.name === undefined ? '' : ` (${kind.name})`;
  return new PintumblerError(
    'no_fit',
    `no code fits "startsAt" and "endsAt" with at most ${ceiling} of rounding; the nearest is "${kind.id}"${name} from ${from} ${endsAt === null ? 'for good' : `to ${toLocal(token, endsAt)}`}`,
    nearest,
  );
}

/** Whether today's rules of the zone say something else than the token's table at one of the instants. */
function rulesChanged(token: DeviceToken, instants: readonly number[]): boolean {
  const { offsets, timeZone, rules } = token;
  if (!offsets || rules.clock !== 'civil') return false;
  return instants.some((instant) => {
    const atLock = offsetAt(offsets, instant);
    return atLock !== undefined && atLock !== offsetAt(rulesAround(timeZone, instant), instant);
  });
}

/** Whether people's clocks at the door change within a year of an instant, and the lock's does not. */
function clocksPart({ rules, timeZone }: DeviceToken, instant: number): boolean {
  if (rules.clock === 'civil') return false;
  const [now, later] = [instant, instant + 182 * DAY].map((at) => offsetAt(rulesAround(timeZone, at), at));
  return now !== later;
}

const FIELDS = [
  'startsAt',
  'endsAt',
  'oneTime',
  'maxTimeRounding',
  'kind',
  'lane',
  'variance',
  'disambiguation',
  'issuedAt',
];

function checkRequest(request: PlanRequest): void {
  const { oneTime, maxTimeRounding, disambiguation }: { readonly [name in keyof PlanRequest]?: unknown } =
    request;
  if (oneTime !== undefined && typeof oneTime !== 'boolean') expected('oneTime', 'true or false', oneTime);
  if (maxTimeRounding !== undefined && maxTimeRounding !== '1h' && maxTimeRounding !== '1d') {
    expected('maxTimeRounding', '"1h" or "1d"', maxTimeRounding);
  }
  checkDisambiguation(disambiguation);
}

/** Refuses a code that is made longer ahead than the maker allows. */
function checkAhead(
  token: DeviceToken,
  { id, ahead = Infinity }: PlacedKind,
  { startsAt }: Window,
  { issuedAt, disambiguation }: PlanRequest,
): void {
  if (startsAt - instantAt(token, 'issuedAt', issuedAt, disambiguation) <= ahead) return;
  fail('out_of_range', `"startsAt" of "${id}" expected at most ${ahead / DAY} days after "issuedAt"`);
}

/**
 * Finds the grant for a request in wall-clock times.
 *
 * @returns the grant to mint, what was rounded (seconds), the first-use deadline, warnings, and the window's canonical
 *   name. `error.nearest` of `no_fit` is the window that comes closest.
 * @throws `no_fit`, `bad_argument`, `out_of_range`, `kind_unknown`, `lane_unknown`, `variance_unavailable`,
 *   `window_reversed`, `local_time_missing`, `local_time_twice`, `zone_unknown`, `zone_required`, `zone_table_ended`
 * @example
 * import { createToken, mint } from 'pintumbler';
 * import { plan, zoneFacts } from 'pintumbler/calendar';
 * import { pintumbler } from 'pintumbler/vendors';
 * const token = createToken({
 *   vendor: pintumbler,
 *   deviceId: 'door-7',
 *   root: new Uint8Array(32).fill(7), // in earnest: crypto.getRandomValues(new Uint8Array(32))
 *   ...zoneFacts('Europe/Lisbon', Date.UTC(2026, 0, 1) / 1000, Date.UTC(2036, 0, 1) / 1000),
 * });
 * const { grant, local, rounded } = plan(token, { startsAt: '2026-03-01T15:20', endsAt: '2026-03-04T11:00' });
 * console.log(grant.kind, local.startsAt, rounded.start); // stay 2026-03-01T15:00:00+00:00 1200
 * console.log(mint(token, grant).length); // 9
 */
export function plan(token: DeviceToken, request: PlanRequest): Plan {
  checkToken('token', token);
  checkFields('request', request, FIELDS);
  // Each option is read once: a getter cannot show one value to the check and another to the plan.
  request = { ...request };
  checkRequest(request);
  const start = instantAt(token, 'startsAt', request.startsAt, request.disambiguation);
  const end =
    request.endsAt === undefined
      ? undefined
      : instantAt(token, 'endsAt', request.endsAt, request.disambiguation);
  if (end !== undefined && end <= start) fail('window_reversed', '"endsAt" expected a time after "startsAt"');
  const { tables } = prepareRules(token.rules);
  const origin = Math.max(...tables.map((table) => table.origin));
  // Hours at the door may begin before 2020 does in UTC.
  const first = origin === EPOCH ? EPOCH + DAY : origin;
  if (start < first)
    fail(
      'out_of_range',
      `"startsAt" expected a time from ${new Date(first * 1000).toISOString().slice(0, 10)} on`,
    );
  const wanted: Wanted = {
    token,
    rounding: token.rules.rounding ?? 'outward',
    grids: tables.map((table) => gridOf(token, table)),
    start,
    end,
    ceiling: request.maxTimeRounding ?? '1h',
  };
  const kinds = kindsFor(token, request, end !== undefined);
  // Whether a window is within a year decides which kind says it: no other may stand in.
  for (const kind of kinds) if (kind.shape.withinYear) offsetsFor(token, kind);
  const { kind, window, ...rounded } = choose(wanted, kinds);
  if (request.issuedAt !== undefined) checkAhead(token, kind, window, request);

  const { variance = firstVariance(token) } = request;
  checkVariance(token, kind, variance);
  const table = tables[kind.table];
  const lane = table ? laneOf(table.layout, kind, request.lane) : '';
  const { startsAt } = window;
  const firstUseBy = deadlineOf(kind, window, table?.step ?? 0);
  const endsAt = kind.shape.endless ? null : window.endsAt;
  const warnings: PlanWarning[] = [];
  if (rounded.start < 0 && kind.effect !== 'set_clock') warnings.push('starts_late');
  if (rounded.end < 0) warnings.push('ends_early');
  if (rulesChanged(token, [start, end ?? start, startsAt, endsAt ?? startsAt]))
    warnings.push('zone_rules_changed');
  if (kind.shape.weekdays && clocksPart(token, start)) warnings.push('hours_shift');
  const utc = (instant: number): string => new Date(instant * 1000).toISOString().slice(0, 19);
  return {
    grant: Object.freeze({ kind: kind.id, variance, ...(lane !== '' && { lane }), startsAt, endsAt }),
    firstUseBy,
    local: {
      startsAt: toLocal(token, startsAt),
      endsAt: endsAt === null ? null : toLocal(token, endsAt),
      firstUseBy: toLocal(token, firstUseBy),
    },
    rounded: { start: rounded.start, end: rounded.end },
    warnings,
    window: `${kind.id}${lane === '' ? '' : `:${lane}`}/${utc(startsAt)}Z/${endsAt === null ? '' : `${utc(endsAt)}Z`}`,
    vendor: token.vendor.id,
    codes: token.vendor.codes,
  };
}
