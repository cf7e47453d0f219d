/**
 * `plan`: a wall-clock request becomes the grant that a vendor's rules allow.
 *
 * Rounding is outward, start down and end up: the guest never gets less than was asked. `maxTimeRounding` is a ceiling
 * for each end. With `1h` the kind that needs least rounding wins, ties in the vendor's order; with `1d` (one civil
 * day) the vendor's daily kinds are tried first. If nothing fits, the refusal names the nearest that would.
 */
import { checkVariance, firstVariance, kindOf, laneOf, offsetsFor, tableEnded } from '../engine.ts';
import { checkFields, expected, fail, type Nearest, PintumblerError } from '../errors.ts';
import {
  civilWindow,
  countOf,
  EPOCH,
  type Grant,
  type Grid,
  indexFrom,
  slotAt,
  valueAt,
  type Window,
  windowOf,
} from '../grant.ts';
import { checkToken, type DeviceToken, gridOf } from '../token.ts';
import { type PlacedKind, prepareRules } from '../vendors/vendor.ts';
import { closingOf, DAY, dayAt, hasDay, offsetAt, openingOf } from '../zone.ts';
import { checkDisambiguation, type Disambiguation, instantAt, offsetOf, toLocal } from './wall-clock.ts';
import { rulesAround } from './zones.ts';

/** What is asked for. Timestamps as `toInstant` takes them. */
export interface PlanRequest {
  readonly startsAt: string;
  /** Not for controls; not needed for a one-time kind of one length. */
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
}

export type PlanWarning =
  /** The lock counts 24-hour days or hours: across a clock change the code ends before the wall time asked for. */
  | 'ends_early'
  /** Today's rules of the zone differ from the token's offset table; the token's were used, as the lock will. */
  | 'zone_rules_changed';

export interface Plan {
  readonly grant: Grant;
  /** First-use deadline, epoch seconds: a code that was never keyed in is refused from then on. */
  readonly firstUseBy: number;
  /** The same instants as ISO 8601 with offset, in the device's zone. */
  readonly local: { readonly startsAt: string; readonly endsAt: string; readonly firstUseBy: string };
  /** Seconds by which the start was moved earlier and the end later; negative where it went the other way. */
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
  readonly grid: Grid;
  readonly start: number;
  readonly end: number | undefined;
  readonly ceiling: '1h' | '1d';
}

/** What the device's wall clock shows, counted as if UTC. */
const wallAt = (token: DeviceToken, instant: number): number => instant + offsetOf(token, instant);

/** A civil day is a day on the wall clock, be it 23 hours or 25. */
function withinCeiling({ token, ceiling }: Wanted, earlier: number, later: number): boolean {
  if (ceiling === '1h') return later - earlier <= 3600;
  return later - earlier <= DAY || wallAt(token, later) - wallAt(token, earlier) <= DAY;
}

function candidate(wanted: Wanted, kind: PlacedKind, window: Window, reaches: boolean): Candidate {
  const { start, end = window.endsAt } = wanted;
  const fits =
    reaches && withinCeiling(wanted, window.startsAt, start) && withinCeiling(wanted, end, window.endsAt);
  return { kind, window, start: start - window.startsAt, end: window.endsAt - end, fits };
}

/** On the grid: start floored, the shortest length that reaches the end. */
function slotCandidates(wanted: Wanted, kind: PlacedKind): readonly Candidate[] {
  const { start, end, grid, token } = wanted;
  const { lengths } = kind.shape;
  const slot = Math.floor(slotAt(start, grid));
  const last = countOf(lengths) - 1;
  const atLeast = (seconds: (startsAt: number) => number): readonly Candidate[] => {
    const shortest = windowOf(kind.shape, slot, 0, grid);
    const index = shortest ? indexFrom(lengths, seconds(shortest.startsAt)) : 0;
    const window = windowOf(kind.shape, slot, Math.min(index, last), grid);
    return window ? [candidate(wanted, kind, window, index <= last)] : [];
  };
  if (end === undefined) {
    if (last > 0) fail('bad_argument', '"endsAt" expected a date and time');
    return atLeast(() => 0);
  }
  // Counted in hours, a stay across the end of daylight-saving time is longer than its wall clock says: the length
  // that the wall clock asks for ends early, and is better than none.
  const byWallClock = wallAt(token, end) - wallAt(token, start);
  const whole = atLeast((startsAt) => end - startsAt);
  return byWallClock < end - start
    ? [...whole, ...atLeast((startsAt) => byWallClock + start - startsAt)]
    : whole;
}

/** On the local calendar: the last opening at or before the start, the shortest length that reaches the end. */
function civilCandidates(wanted: Wanted, kind: PlacedKind): readonly Candidate[] {
  const { start, token } = wanted;
  const { shape } = kind;
  if (shape.on !== 'civil-day' || wanted.end === undefined) return [];
  const offsets = offsetsFor(token, kind);
  const ended = (): never => tableEnded(kind);
  const startDay = dayAt(offsets, start) ?? ended();
  const endDay = dayAt(offsets, wanted.end) ?? ended();
  const opensBefore = (day: number): boolean =>
    hasDay(offsets, day) && (openingOf(offsets, day * DAY + shape.opens) ?? Infinity) <= start;
  const day = [startDay + 1, startDay, startDay - 1, startDay - 2].find(opensBefore);
  if (day === undefined) return ended();
  // Days before the first slot cannot be said.
  if (day * DAY < EPOCH) return [];
  const last = countOf(shape.lengths) - 1;
  let nearest: Window | undefined;
  for (let index = Math.min(indexFrom(shape.lengths, endDay - day - 1), last); index <= last; index++) {
    const days = valueAt(shape.lengths, index) ?? 0;
    if (closingOf(offsets, (day + days) * DAY + shape.closes) === undefined) return ended();
    const window = civilWindow(shape, day, days, offsets);
    // A closing date that the calendar lacks: the next length closes on one that it has.
    if (!window) continue;
    nearest = window;
    if (window.endsAt >= wanted.end) break;
  }
  if (!nearest) return ended();
  return [candidate(wanted, kind, nearest, nearest.endsAt >= wanted.end)];
}

/** The time nearest to the start: half a quarter hour off is within the lock's tolerance, a whole one is not. */
function clockCandidates(wanted: Wanted, kind: PlacedKind): readonly Candidate[] {
  const { start, grid } = wanted;
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

/** The kinds to try, in the vendor's order. */
function kindsFor(token: DeviceToken, request: PlanRequest, hasEnd: boolean): readonly PlacedKind[] {
  const prepared = prepareRules(token.rules);
  const { kind: id, oneTime = false } = request;
  if (id !== undefined) {
    const kind = kindOf(prepared, id);
    if (oneTime && kind.for !== 'one_time')
      fail('bad_argument', `"oneTime" and kind "${kind.id}" contradict each other`);
    if (kind.for === 'control' && hasEnd) fail('bad_argument', `kind "${kind.id}" takes no "endsAt"`);
    if (kind.for === 'window' && !hasEnd) fail('bad_argument', '"endsAt" expected a date and time');
    return [kind];
  }
  if (!oneTime && !hasEnd) fail('bad_argument', '"endsAt" expected a date and time');
  const kinds = prepared.kinds.filter((kind) => kind.for === (oneTime ? 'one_time' : 'window'));
  if (kinds.length === 0)
    fail('kind_unknown', `vendor "${token.vendor.id}" has no ${oneTime ? 'one-time' : 'time-bound'} codes`);
  const { prefer = [] } = token.rules;
  const rank = (kind: PlacedKind): number =>
    prefer.includes(kind.id) ? prefer.indexOf(kind.id) : prefer.length;
  return [...kinds].sort((a, b) => rank(a) - rank(b));
}

/** Least rounding first; the order of the list decides ties. */
function best(candidates: readonly Candidate[]): Candidate | undefined {
  const rounding = ({ start, end }: Candidate): number => start + Math.abs(end);
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
  const whole = fitting.filter((each) => each.end >= 0);
  const daily = wanted.ceiling === '1d' ? whole.filter((each) => each.kind.id === 'daily') : [];
  const chosen = best(daily) ?? best(whole) ?? best(fitting);
  if (chosen) return chosen;
  const [refusal] = refusals;
  if (refusal) throw refusal;
  // One that covers the request, if there is any: who takes the nearest must not get less.
  const nearest = best(all.filter((each) => each.end >= 0)) ?? best(all);
  throw nearest ? noFit(wanted, nearest) : new PintumblerError('no_fit', 'no kind of code fits the request');
}

function noFit({ token, ceiling }: Wanted, { kind, window }: Candidate): PintumblerError {
  const nearest: Nearest = { kind: kind.id, startsAt: window.startsAt, endsAt: window.endsAt };
  const from = toLocal(token, window.startsAt);
  return new PintumblerError(
    'no_fit',
    `no code fits "startsAt" and "endsAt" with at most ${ceiling} of rounding; the nearest is "${kind.id}" from ${from} to ${toLocal(token, window.endsAt)}`,
    nearest,
  );
}

/** Whether today's rules of the zone say something else than the token's table at one of the instants. */
function rulesChanged(token: DeviceToken, instants: readonly number[]): boolean {
  const { offsets, timeZone } = token;
  if (!offsets) return false;
  return instants.some((instant) => {
    const atLock = offsetAt(offsets, instant);
    return atLock !== undefined && atLock !== offsetAt(rulesAround(timeZone, instant), instant);
  });
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
  if (start < EPOCH + DAY) fail('out_of_range', '"startsAt" expected a time from 2020-01-02 on');
  if (end !== undefined && end <= start) fail('window_reversed', '"endsAt" expected a time after "startsAt"');
  const wanted: Wanted = { token, grid: gridOf(token), start, end, ceiling: request.maxTimeRounding ?? '1h' };
  const { kind, window, ...rounded } = choose(wanted, kindsFor(token, request, end !== undefined));

  const { variance = firstVariance(token) } = request;
  checkVariance(token, kind, variance);
  const lane = laneOf(prepareRules(token.rules), request.lane);
  const { startsAt, endsAt, firstUseBy } = window;
  const warnings: PlanWarning[] = [];
  if (rounded.end < 0) warnings.push('ends_early');
  if (rulesChanged(token, [start, end ?? endsAt, startsAt, endsAt])) warnings.push('zone_rules_changed');
  const utc = (instant: number): string => new Date(instant * 1000).toISOString().slice(0, 19);
  return {
    grant: Object.freeze({ kind: kind.id, variance, ...(lane !== '' && { lane }), startsAt, endsAt }),
    firstUseBy,
    local: {
      startsAt: toLocal(token, startsAt),
      endsAt: toLocal(token, endsAt),
      firstUseBy: toLocal(token, firstUseBy),
    },
    rounded: { start: rounded.start, end: rounded.end },
    warnings,
    window: `${kind.id}${lane === '' ? '' : `:${lane}`}/${utc(startsAt)}Z/${utc(endsAt)}Z`,
    vendor: token.vendor.id,
    codes: token.vendor.codes,
  };
}
