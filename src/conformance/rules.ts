/**
 * What the rules of every vendor must hold: limits and rounding. See vendors/vendor.ts.
 */
import { type Plan, type PlanRequest, plan } from '../calendar/index.ts';
import { type ErrorCode, type Nearest, PintumblerError } from '../errors.ts';
import { countOf, type Grant, valueAt, type Window } from '../grant.ts';
import { type DeviceToken, issue, nextGrant } from '../index.ts';
import { deadlineOf } from '../vendors/timing.ts';
import type { PlacedKind } from '../vendors/vendor.ts';
import { DAY, offsetAt } from '../zone.ts';
import {
  type Arbitrary,
  type Attempt,
  Broken,
  type Case,
  type CountCase,
  caseOf,
  cases,
  countsOf,
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
  sameGrant,
  spanOf,
  type Trial,
  tryDrawn,
  tryEach,
  untyped,
  type WindowCase,
  windowCaseOf,
} from './trial.ts';

const HOUR = 3600;

/** Makes a code and looks whether it has the length and symbols of its table. */
async function checkIssued(trial: Trial, { token, kind, grant }: Case): Promise<void> {
  const code = await issued(trial, token, grant);
  if (!trial.tables[kind.table]?.form.test(code) || !code.startsWith(grant.lane ?? ''))
    throw new Broken(inWords({ token, grant }), 'its code has not the length and symbols of the layout');
}

/** A grant that must be refused, what is wrong with it, and with which code; in words, where there are any. */
type Beyond = readonly [wrong: unknown, what: string, code: ErrorCode, words?: Grant];

const beyond = (wrong: Grant, what: string, code: ErrorCode): Beyond => [wrong, what, code, wrong];

/** What lies just outside a kind's windows. */
function beyondWindow(trial: Trial, { token, kind, grant }: WindowCase): readonly Beyond[] {
  const { startsAt, endsAt } = grant;
  const { lengths, endless, on } = kind.shape;
  const unit = on === 'slot' ? 1 : DAY;
  const step = 'step' in lengths ? lengths.step * unit : 1;
  const [shortest = 0, longest = 0] = [valueAt(lengths, 0), valueAt(lengths, countOf(lengths) - 1)];
  const tooLong = { ...grant, endsAt: startsAt + longest * unit + step };
  const tooShort = { ...grant, endsAt: startsAt + shortest * unit - step };
  const offGrid = { ...grant, startsAt: startsAt + 1, endsAt: endsAt && endsAt + 1 };
  const off = (endless ? [offGrid] : [tooLong, tooShort, offGrid])
    // What another kind of the same name can say is no limit.
    .filter((wrong) => !placeGrant(trial, token, wrong))
    .map((wrong) => beyond(wrong, 'off the grid or its lengths', 'off_grid'));
  return [
    ...off,
    ...(endless ? [] : [beyond({ ...grant, endsAt: null }, 'no end', 'bad_argument')]),
    beyond({ ...grant, lane: '?' }, 'an unknown lane', 'lane_unknown'),
    [{ ...grant, count: 7, value: 0 }, 'a count beside a time', 'bad_argument'],
  ];
}

/** What lies just outside a kind's counts and values. */
function beyondCounts(trial: Trial, { kind, grant }: CountCase): readonly Beyond[] {
  const { lengths, every } = kind.shape;
  const { slots = Infinity } = trial.tables[kind.table] ?? {};
  const longest = valueAt(lengths, countOf(lengths) - 1) ?? 0;
  const few: readonly Beyond[] = [
    beyond({ ...grant, value: longest + 1 }, 'a value too high', 'out_of_range'),
    [{ ...grant, startsAt: 1767225600, endsAt: 1767229200 }, 'a time beside a count', 'bad_argument'],
    [{ ...grant, lane: '1' }, 'a lane', 'bad_argument'],
  ];
  const last = beyond({ ...grant, count: slots }, 'a count too high', 'out_of_range');
  const off = beyond({ ...grant, count: grant.count + 1 }, 'a count that it has not', 'off_grid');
  return [...few, ...(Number.isFinite(slots) ? [last] : []), ...(every > 1 ? [off] : [])];
}

async function checkLimits(trial: Trial, found: Case): Promise<void> {
  const { token, kind, claim, grant } = found;
  for (const length of [0, countOf(kind.shape.lengths) - 1]) {
    const limit = caseOf(trial, token, kind, { ...claim, length });
    if (limit) await checkIssued(trial, limit);
  }
  const most = Math.max(...trial.kinds.filter(({ id }) => id === kind.id).map(({ variances }) => variances));
  const all = [
    ...(found.window ? beyondWindow(trial, found) : beyondCounts(trial, found)),
    beyond({ ...grant, variance: most }, 'one variance too high', 'variance_unavailable'),
    beyond({ ...grant, kind: 'no_such_kind' }, 'an unknown kind', 'kind_unknown'),
  ];
  for (const [wrong, what, code, words = grant] of all) {
    const refusal = await refusalOf(() => untyped(issue, token, wrong, trial.issuer));
    if (refusal !== code)
      throw new Broken(inWords({ token, grant: words }), `${what}: expected ${code}, got ${refusal}`);
  }
}

const MOST_LENGTHS = 65_536;

/** What the rules say of a kind in itself. */
function checkKind({ length, variances, id }: PlacedKind): void {
  const broken = (what: string): never => {
    throw new Broken(`kind ${id}`, what);
  };
  if (!Number.isInteger(variances) || variances < 1) broken('the number of variances is not 1 or more');
  if (length.in === 'endless') return;
  const count = countOf(length.of);
  if (count < 1) broken('it has no length');
  // Values can be as many as there are seconds; a range is what its first ones are.
  for (let index = 0, last = -1; index < Math.min(count, MOST_LENGTHS); index++) {
    const value = valueAt(length.of, index) ?? Number.NaN;
    if (!Number.isInteger(value) || value <= last)
      broken(`length ${index} is not a whole number above the one before it`);
    last = value;
  }
}

/** The first and the last slot that a vendor has. */
function edges(trial: Trial): readonly Case[] {
  const { tokens, kinds, tables, asked } = trial;
  return tokens.flatMap((token) =>
    kinds.flatMap((kind) => {
      const [lane = ''] = lanesOf(trial, kind);
      const counted = kind.shape.on === 'count';
      if (counted && token !== tokens[0]) return [];
      const [first, last] = counted
        ? countsOf(trial, kind)
        : [0, (tables[kind.table]?.slots ?? Infinity) - 1];
      const said = kind.asks === undefined ? {} : { asked };
      const at = (slot: number, length: number): Case | undefined =>
        caseOf(trial, token, kind, { slot, length, variance: 0, lane, ...said });
      if (!counted) return [first, last].filter(Number.isFinite).flatMap((slot) => at(slot, 0) ?? []);
      // A device walks to its last count: once is enough.
      const lengths = [0, countOf(kind.shape.lengths) - 1];
      const ends = kind === kinds[0] ? [at(last, 0)] : [];
      return [...lengths.map((length) => at(first, length)), ...ends].flatMap((found) => found ?? []);
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
  { token, kind, claim }: WindowCase,
  later: readonly number[],
  longer: readonly number[],
): readonly Window[] {
  const unit = kind.shape.on === 'civil-day' ? DAY / (trial.tables[kind.table]?.step ?? DAY) : 1;
  return later.flatMap((slots) =>
    longer.flatMap((lengths) => {
      const moved = { ...claim, slot: claim.slot + slots * unit, length: claim.length + lengths };
      return windowCaseOf(trial, token, kind, moved)?.window ?? [];
    }),
  );
}

/** Why a plan is not what the rules' rounding says. */
function misroundedBy(trial: Trial, wish: Wish, made: Plan, found: WindowCase): string | undefined {
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
  // A code of a period is taken in some after it.
  const latest = deadlineOf(kind, { firstUseBy: window.until }, trial.tables[kind.table]?.step ?? 0);
  if (made.firstUseBy <= startsAt || made.firstUseBy > latest)
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
  // What was asked is not the plan's business.
  const said = found?.kind.asks === undefined ? {} : { asked: trial.asked };
  await issued(trial, wish.token, { ...made.grant, ...said });
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

/** A code that comes next: after a count that is near the one of a case. */
interface Next {
  readonly found: CountCase;
  readonly after: number;
}

const nextInWords = ({ found, after }: Next): string =>
  `the next after ${after}, such as ${grantInWords(found.grant)}`;

/** The first count after another that a kind has, and whose code can be made. */
async function firstAfter(trial: Trial, { found, after }: Next): Promise<number | undefined> {
  const { token, kind, grant } = found;
  const { every, rest } = kind.shape;
  const [first, last] = countsOf(trial, kind);
  // Where one count is all there is, it comes again and again.
  const from = first === last ? first : Math.max(first, after + 1);
  // As many as `nextGrant` passes over.
  for (let count = from, passed = 0; count <= last && passed <= 64; count++) {
    if (count % every !== rest) continue;
    passed++;
    if ((await refusalOf(() => issue(token, { ...grant, count }, trial.issuer))) === 'none') return count;
  }
  return undefined;
}

/** Counts are not rounded: the next is the first that there is. */
async function checkNext(trial: Trial, next: Next): Promise<void> {
  const { token, kind, grant } = next.found;
  const wanted = await firstAfter(trial, next);
  if (wanted === undefined) throw new Broken(nextInWords(next), 'no count near it has a code');
  const { value, asked } = grant;
  const made = nextGrant(token, { after: next.after, kind: kind.id, value, ...(asked && { asked }) });
  if (!sameGrant(made, { ...grant, count: wanted }))
    throw new Broken(nextInWords(next), `expected count ${wanted}, got ${grantInWords(made)}`);
}

/** The count of a case is one of the next few. */
const nexts = (trial: Trial): Arbitrary<Next> =>
  trial.fc
    .record({ found: cases(trial), back: trial.fc.integer({ min: 1, max: 3 }) })
    .map(({ found, back }) => {
      if (found.window) return undefined;
      const { floor = -1 } = trial.tables[found.kind.table]?.counts ?? {};
      return { found, after: Math.max(found.claim.slot - back, floor) };
    })
    .filter((next) => next !== undefined);

export const rounding = (trial: Trial): readonly Attempt[] =>
  trial.tables.some(({ counts }) => counts)
    ? [tryDrawn(trial, nexts(trial), nextInWords, (next) => checkNext(trial, next))]
    : [tryDrawn(trial, wishes(trial), wishInWords, (wish) => checkRounding(trial, wish))];
