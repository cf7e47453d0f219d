/**
 * What the rules of every vendor must hold: limits and rounding. See vendors/vendor.ts.
 */
import { type Plan, type PlanRequest, plan } from '../calendar/index.ts';
import { type ErrorCode, type Nearest, PintumblerError } from '../errors.ts';
import { countOf, type Grant, valueAt, type Window } from '../grant.ts';
import { type DeviceToken, issue } from '../index.ts';
import type { PlacedKind } from '../vendors/vendor.ts';
import { DAY, offsetAt } from '../zone.ts';
import {
  type Arbitrary,
  type Attempt,
  Broken,
  type Case,
  caseOf,
  cases,
  duration,
  grantInWords,
  inWords,
  issued,
  lanesOf,
  longestOf,
  moment,
  NotTried,
  placeGrant,
  refusalOf,
  spanOf,
  type Trial,
  tryDrawn,
  tryEach,
} from './trial.ts';

const HOUR = 3600;

/** Makes a code and looks whether it has the length and symbols of its table. */
async function checkIssued(trial: Trial, { token, kind, grant }: Case): Promise<void> {
  const code = await issued(trial, token, grant);
  if (!trial.tables[kind.table]?.form.test(code) || !code.startsWith(grant.lane ?? ''))
    throw new Broken(inWords({ token, grant }), 'its code has not the length and symbols of the layout');
}

async function checkLimits(trial: Trial, found: Case): Promise<void> {
  const { token, kind, claim, grant } = found;
  const { startsAt, endsAt } = grant;
  const { lengths, endless, on } = kind.shape;
  const refused = async (wrong: Grant, what: string, code: ErrorCode): Promise<void> => {
    const refusal = await refusalOf(() => issue(token, wrong, trial.issuer));
    if (refusal !== code)
      throw new Broken(inWords({ token, grant: wrong }), `${what}: expected ${code}, got ${refusal}`);
  };
  for (const length of [0, countOf(lengths) - 1]) {
    const limit = caseOf(trial, token, kind, { ...claim, length });
    if (limit) await checkIssued(trial, limit);
  }
  const unit = on === 'slot' ? 1 : DAY;
  const step = 'step' in lengths ? lengths.step * unit : 1;
  const [shortest = 0, longest = 0] = [valueAt(lengths, 0), valueAt(lengths, countOf(lengths) - 1)];
  const tooLong = { ...grant, endsAt: startsAt + longest * unit + step };
  const tooShort = { ...grant, endsAt: startsAt + shortest * unit - step };
  const offGrid = { ...grant, startsAt: startsAt + 1, endsAt: endsAt && endsAt + 1 };
  for (const wrong of endless ? [offGrid] : [tooLong, tooShort, offGrid]) {
    // What another kind of the same name can say is no limit.
    if (!placeGrant(trial, token, wrong)) await refused(wrong, 'off the grid or its lengths', 'off_grid');
  }
  if (!endless) await refused({ ...grant, endsAt: null }, 'no end', 'bad_argument');
  const most = Math.max(...trial.kinds.filter(({ id }) => id === kind.id).map(({ variances }) => variances));
  await refused({ ...grant, variance: most }, 'one variance too high', 'variance_unavailable');
  await refused({ ...grant, kind: 'no_such_kind' }, 'an unknown kind', 'kind_unknown');
  await refused({ ...grant, lane: '?' }, 'an unknown lane', 'lane_unknown');
}

/** What the rules say of a kind in itself. */
function checkKind({ length, variances, id }: PlacedKind): void {
  const broken = (what: string): never => {
    throw new Broken(`kind ${id}`, what);
  };
  if (!Number.isInteger(variances) || variances < 1) broken('the number of variances is not 1 or more');
  if (length.in === 'endless') return;
  const count = countOf(length.of);
  if (count < 1) broken('it has no length');
  for (let index = 0, last = -1; index < count; index++) {
    const value = valueAt(length.of, index) ?? Number.NaN;
    if (!Number.isInteger(value) || value <= last)
      broken(`length ${index} is not a whole number above the one before it`);
    last = value;
  }
}

/** The first and the last slot that a vendor has. */
function edges(trial: Trial): readonly Case[] {
  const { tokens, kinds, tables } = trial;
  return tokens.flatMap((token) =>
    kinds.flatMap((kind) => {
      const [lane = ''] = lanesOf(trial, kind);
      const slots = [0, (tables[kind.table]?.slots ?? Infinity) - 1].filter(Number.isFinite);
      return slots.flatMap(
        (slot) => caseOf(trial, token, kind, { slot, length: 0, variance: 0, lane }) ?? [],
      );
    }),
  );
}

export const limits = (trial: Trial): readonly Attempt[] => [
  tryEach(trial.kinds, ({ id }) => `kind ${id}`, checkKind),
  tryEach(edges(trial), inWords, (found) => checkIssued(trial, found)),
  tryDrawn(trial, cases(trial), inWords, (found) => checkLimits(trial, found)),
];

/** A request in instants. */
interface Wish {
  readonly token: DeviceToken;
  readonly kind: PlacedKind | undefined;
  readonly start: number;
  readonly end: number | undefined;
  readonly ceiling: '1h' | '1d';
  readonly lane: string | undefined;
  readonly oneTime: boolean;
}

const wishInWords = ({ token, kind, start, end, ceiling, oneTime }: Wish): string =>
  `${kind?.id ?? (oneTime ? 'one-time' : 'any kind')} ${moment(start)}${end === undefined ? '' : ` + ${duration(end - start)}`}, at most ${ceiling} of rounding, in ${token.timeZone}`;

function requestOf({ kind, start, end, ceiling, lane, oneTime }: Wish): PlanRequest {
  return {
    startsAt: moment(start),
    ...(end !== undefined && { endsAt: moment(end) }),
    ...(kind && { kind: kind.id }),
    ...(lane !== undefined && { lane }),
    ...(oneTime && { oneTime }),
    maxTimeRounding: ceiling,
  };
}

/** Whether the wall clock at the door is put forward or back between two instants. */
const clockChanges = ({ offsets = [] }: DeviceToken, a: number, b: number): boolean =>
  offsetAt(offsets, a) !== offsetAt(offsets, b);

function isWithin({ token, ceiling }: Wish, a: number, b: number): boolean {
  const wall = (at: number): number => at + (offsetAt(token.offsets ?? [], at) ?? 0);
  const most = ceiling === '1h' ? HOUR : DAY;
  return Math.abs(a - b) <= most || (ceiling === '1d' && Math.abs(wall(a) - wall(b)) <= most);
}

/** Windows of the same kind around one: so many openings later, so many lengths longer. */
function around(
  trial: Trial,
  { token, kind, claim }: Case,
  later: readonly number[],
  longer: readonly number[],
): readonly Window[] {
  const unit = kind.shape.on === 'civil-day' ? DAY / (trial.tables[kind.table]?.step ?? DAY) : 1;
  return later.flatMap((slots) =>
    longer.flatMap((lengths) => {
      const moved = { ...claim, slot: claim.slot + slots * unit, length: claim.length + lengths };
      return caseOf(trial, token, kind, moved)?.window ?? [];
    }),
  );
}

/** Why a plan is not what the rules' rounding says. */
function misroundedBy(trial: Trial, wish: Wish, made: Plan, found: Case): string | undefined {
  const { start, end, token } = wish;
  const { rounding = 'outward' } = token.rules;
  const { window, kind } = found;
  const { startsAt, endsAt } = window;
  const wantedEnd = end ?? endsAt;
  if (made.rounded.start !== start - startsAt || made.rounded.end !== endsAt - wantedEnd)
    return '"rounded" does not add up';
  if (
    startsAt > start !== made.warnings.includes('starts_late') ||
    endsAt < wantedEnd !== made.warnings.includes('ends_early')
  )
    return 'the warnings do not say which end is short';
  if (made.firstUseBy <= startsAt || made.firstUseBy > window.until)
    return 'the first-use deadline is outside the window';
  // A rolling code is asked for by a moment.
  if (kind.for === 'rolling' && end === undefined)
    return startsAt <= start && start < endsAt ? undefined : 'not its period';
  if (made.firstUseBy <= start) return 'at the start that was asked for it is too late for a first use';
  const isShort = endsAt < wantedEnd;
  if (!isWithin(wish, startsAt, start)) return 'the start is rounded by more than was allowed';
  if (!isWithin(wish, endsAt, wantedEnd) && !(rounding === 'outward' && isShort))
    return 'the end is rounded by more than was allowed';
  if (rounding === 'nearest') {
    if (Math.max(startsAt - start, wantedEnd - endsAt) > HOUR) return 'the guest loses more than an hour';
    const off = (each: Window): number => Math.abs(each.startsAt - start) + Math.abs(each.endsAt - wantedEnd);
    const isAllowed = (each: Window): boolean =>
      each.firstUseBy > start &&
      Math.max(each.startsAt - start, wantedEnd - each.endsAt) <= HOUR &&
      isWithin(wish, each.startsAt, start) &&
      isWithin(wish, each.endsAt, wantedEnd);
    // On the grid the start comes first, then the length.
    const later = kind.shape.on === 'slot' ? [0] : [-1, 0, 1];
    const nearer = around(trial, found, later, [-1, 0, 1]).some(
      (each) => isAllowed(each) && off(each) < off(window),
    );
    return nearer ? 'rounding is nearest, and another window is nearer' : undefined;
  }
  if (startsAt > start) return `rounding is ${rounding}, and the start is later`;
  if (around(trial, found, [1], [0]).some((each) => each.startsAt <= start)) return 'a later start would do';
  const ends = around(trial, found, [0], [-1, 1]).map((each) => each.endsAt);
  if (rounding === 'floor') {
    if (endsAt > wantedEnd) return 'rounding is floor, and the end is later';
    return ends.some((each) => each > endsAt && each <= wantedEnd) ? 'a longer window would do' : undefined;
  }
  // Hours that span a clock change: the maker's lock counts them, people do not.
  const isByWallClock = clockChanges(token, start, wantedEnd) && wantedEnd - endsAt <= 2 * HOUR;
  if (isShort && !isByWallClock) return 'rounding is outward, and the end is earlier';
  return ends.some((each) => each < endsAt && each >= wantedEnd) ? 'a shorter window would do' : undefined;
}

/** Refusals of a request that make no promise: there is no such kind, or it is not known that far. */
const NOT_ASKED: readonly ErrorCode[] = ['kind_unknown', 'zone_table_ended', 'out_of_range'];

/** The nearest that fits, asked for exactly, is what is planned. */
function checkNearest(trial: Trial, wish: Wish, nearest: Nearest): void {
  const kind = trial.kinds.find(({ id }) => id === nearest.kind);
  const end = kind?.shape.endless || nearest.endsAt === null ? undefined : nearest.endsAt;
  const { grant } = plan(
    wish.token,
    requestOf({ ...wish, kind, start: nearest.startsAt, end, oneTime: false }),
  );
  if (grant.startsAt !== nearest.startsAt || grant.endsAt !== (end ?? null))
    throw new Broken(
      wishInWords(wish),
      `the nearest that fits, asked for exactly, is another: ${grantInWords(grant)}`,
    );
}

async function checkRounding(trial: Trial, wish: Wish): Promise<void> {
  let made: Plan;
  try {
    made = plan(wish.token, requestOf(wish));
  } catch (error) {
    if (!(error instanceof PintumblerError)) throw error;
    if (NOT_ASKED.includes(error.code)) throw new NotTried();
    if (error.code !== 'no_fit') throw error;
    if (error.nearest) checkNearest(trial, wish, error.nearest);
    return;
  }
  const found = placeGrant(trial, wish.token, made.grant);
  const wrong = found ? misroundedBy(trial, wish, made, found) : 'no kind can say what was planned';
  if (wrong !== undefined) throw new Broken(wishInWords(wish), `${wrong}: ${grantInWords(made.grant)}`);
  await issued(trial, wish.token, made.grant);
}

/** Requests on the minute: for short times and for all that the kinds can say, a little more included. */
function wishes(trial: Trial): Arbitrary<Wish> {
  const { fc, kinds, tokens, tables } = trial;
  const [from, until] = spanOf(trial);
  const [first = ''] = tables[0]?.layout.lanes ?? [];
  const lane = first !== '' && kinds.some((kind) => kind.lane === undefined) ? first : undefined;
  const longest = Math.max(...kinds.map(longestOf).filter(Number.isFinite), 3600) / 60;
  return fc
    .record({
      token: fc.constantFrom(...tokens),
      kind: fc.option(fc.constantFrom(...kinds.filter((kind) => kind.for !== 'control')), { nil: undefined }),
      minute: fc.nat(Math.floor((until - from) / 60)),
      minutes: fc.oneof(
        fc.integer({ min: 1, max: 60 * 48 }),
        fc.integer({ min: 1, max: Math.ceil(longest * 1.1) }),
      ),
      ceiling: fc.constantFrom('1h' as const, '1d' as const),
      oneTime: fc.boolean(),
    })
    .map(({ token, kind, minute, minutes, ceiling, oneTime }) => {
      const start = from + minute * 60;
      // A rolling code is asked for by a moment.
      const end = kind?.shape.endless || kind?.for === 'rolling' ? undefined : start + minutes * 60;
      return { token, kind, start, end, ceiling, lane, oneTime: oneTime && kind === undefined };
    });
}

export const rounding = (trial: Trial): readonly Attempt[] => [
  tryDrawn(trial, wishes(trial), wishInWords, (wish) => checkRounding(trial, wish)),
];
