/**
 * The two inner verbs: `mint` turns a grant into digits, `read` turns digits into the grants they can mean.
 *
 * Pure integers and bytes: no clock, no zone names, no randomness. Same token and grant, same code, for ever.
 */
import {
  checkFields,
  checkInstant,
  checkInteger,
  checkString,
  expected,
  fail,
  LAST_INSTANT,
  shownNumber,
} from './errors.ts';
import {
  type Asked,
  type CountGrant,
  countOf,
  type Grant,
  type Grid,
  indexOf,
  placeOf,
  slotAt,
  valueAt,
  type Window,
  type WindowGrant,
  windowOf,
} from './grant.ts';
import type { Claim, Codec, Layout } from './schemes/scheme.ts';
import { checkToken, type DeviceToken, deviceKey, gridOf } from './token.ts';
import { type PlacedKind, type PreparedTable, prepareRules } from './vendors/vendor.ts';
import { DAY, dayAt, type OffsetTable } from './zone.ts';

/** A grant that is further away than this is taken for a wrong code. */
const FAR = 366 * DAY;

/** Codes of one length, with their key schedule and grid. */
export interface Book extends PreparedTable {
  readonly codec: Codec;
  readonly grid: Grid;
}

/** A token with its key schedules, rules and grids. */
export interface Engine {
  readonly books: readonly Book[];
  /** In the order of their books: a grant takes the first that can say it. */
  readonly kinds: readonly PlacedKind[];
  readonly tolerance: number;
}

// A memo of a pure function of the token; nothing else in the engine outlives a call.
const engines = new WeakMap<DeviceToken, Engine>();

export function engineOf(token: DeviceToken): Engine {
  const known = engines.get(token);
  if (known) return known;
  checkToken('token', token);
  const { tables, kinds } = prepareRules(token.rules);
  const key = deviceKey(token);
  const books = tables.map((table): Book => {
    const scheme = table.scheme ?? token.vendor.scheme;
    if ('remote' in scheme)
      fail('scheme_remote', 'codes of this vendor come from somewhere else: see issue()');
    return { ...table, codec: scheme.prepare(key, table.layout), grid: gridOf(token, table) };
  });
  key.fill(0);
  const engine = { books, kinds, tolerance: token.rules.lock.tolerance };
  engines.set(token, engine);
  return engine;
}

/** What digits can mean: a grant with what the lock must know of it. */
export interface Meaning {
  readonly grant: WindowGrant;
  readonly kind: PlacedKind;
  readonly window: Window;
  readonly slot: number;
  readonly epoch: number;
}

/** Why there is no kind of that name, or none in that lane. */
function refuseKind(all: readonly PlacedKind[], id: unknown, lane: unknown): never {
  const list = (of: readonly (string | undefined)[]): string => `one of ${[...new Set(of)].join(', ')}`;
  const named = all.filter((kind) => kind.id === id);
  if (named.length > 0) expected('lane', list(named.map((kind) => kind.lane)), lane, 'lane_unknown');
  return expected('kind', list(all.map((kind) => kind.id)), id, 'kind_unknown');
}

/** Whether a kind has codes in a lane, if one is named: its own, or those of its layout. */
export const isInLane = (kind: PlacedKind, lane: unknown): boolean =>
  lane === undefined || kind.lane === undefined || kind.lane === lane;

/** The kinds of a name, in the order in which a window is looked for: those of a lane, if one is named. */
export function kindsOf(
  all: readonly PlacedKind[],
  id: unknown,
  lane?: unknown,
): readonly [PlacedKind, ...PlacedKind[]] {
  let found: [PlacedKind, ...PlacedKind[]] | undefined;
  // One pass and one list: this is on the way of every code.
  for (const kind of all) {
    if (kind.id !== id || !isInLane(kind, lane)) continue;
    if (found) found.push(kind);
    else found = [kind];
  }
  return found ?? refuseKind(all, id, lane);
}

/** First and last variance of a kind that this token may give out; none where the first is above the last. */
export const firstVariance = (token: DeviceToken): number => token.variances?.[0] ?? 0;
export const lastVariance = (token: DeviceToken, kind: PlacedKind): number =>
  Math.min(token.variances?.[1] ?? Number.POSITIVE_INFINITY, kind.variances - 1);

export function checkVariance(
  token: DeviceToken,
  kind: PlacedKind,
  variance: unknown,
): asserts variance is number {
  checkInteger('variance', variance, 0, 2 ** 32 - 1);
  const from = firstVariance(token);
  const to = lastVariance(token, kind);
  if (variance >= from && variance <= to) return;
  const share =
    from > to
      ? `no variance of "${kind.id}" is in this issuer's share`
      : `"variance" of "${kind.id}" expected ${from} to ${to}`;
  fail('variance_unavailable', `${share}, got ${shownNumber(variance)}`);
}

/** The clear prefix of a code: the kind's own, or one of the layout's by the caller's choice. */
export function laneOf({ lanes }: Layout, kind: PlacedKind, lane: unknown): string {
  if (lane === undefined) {
    if (kind.lane !== undefined) return kind.lane;
    if (lanes[0] === '') return '';
  }
  if (typeof lane === 'string' && lane !== '' && lanes.includes(lane)) return lane;
  return expected(
    'lane',
    lanes[0] === '' ? 'none: this vendor has no lanes' : `one of ${lanes.join(', ')}`,
    lane,
    'lane_unknown',
  );
}

/** The offset table that a kind of local times needs. */
export function offsetsFor(token: DeviceToken, kind: PlacedKind): OffsetTable {
  return token.offsets ?? fail('zone_required', `kind "${kind.id}" needs an offset table in the token`);
}

export const tableEnded = (kind: PlacedKind): never =>
  fail('zone_table_ended', `the token's offset table does not reach to this time for kind "${kind.id}"`);

/** Why a window is not one of this kind's. */
function refuseWindow(
  token: DeviceToken,
  kind: PlacedKind,
  grid: Grid | undefined,
  ...window: readonly number[]
): never {
  const { on, weekdays, withinYear } = kind.shape;
  if (on === 'civil-day' || weekdays || withinYear) {
    const offsets = grid?.offsets ?? offsetsFor(token, kind);
    if (window.some((at) => dayAt(offsets, at) === undefined)) tableEnded(kind);
  }
  fail('off_grid', `"startsAt" and "endsAt" expected a window that "${kind.id}" can say, see plan()`);
}

const GRANT = ['kind', 'variance', 'lane', 'startsAt', 'endsAt', 'count', 'value', 'asked'];

/** What was asked and nothing beside it: no other field of where it stood, none that is absent. */
export const saidOf = ({ challenge, session }: Asked): Asked =>
  session === undefined ? { challenge } : { challenge, session };

/** What the lock asked, if it is of a kind that asks; the scheme looks at what it says. */
export function askedOf({ id, asks }: PlacedKind, asked: unknown): Asked | undefined {
  if (asks === undefined) {
    if (asked !== undefined) fail('bad_argument', `"asked" expected none: "${id}" answers nothing`);
    return undefined;
  }
  checkFields('asked', asked, ['challenge', 'session']);
  const { challenge, session } = asked;
  checkString('asked.challenge', challenge);
  if (session === undefined) return { challenge };
  checkString('asked.session', session);
  return { challenge, session };
}

/** The place of a count and a value. */
function placedCount<B extends Pick<Book, 'layout' | 'grid'>>(
  book: B | undefined,
  kind: PlacedKind,
  variance: number,
  { count, value, startsAt, endsAt, lane, asked }: Grant,
): Placed<B> {
  if (!book) return fail('rules_invalid', `kind "${kind.id}" has no table`);
  if (startsAt !== undefined || endsAt !== undefined || lane !== undefined)
    fail('bad_argument', `a grant of "${kind.id}" expected "count" and "value", and no time or lane`);
  const { every, rest, lengths } = kind.shape;
  checkInteger('count', count, 0, Math.min(book.grid.slots - 1, Number.MAX_SAFE_INTEGER));
  if (count % every !== rest)
    fail('off_grid', `"count" of "${kind.id}" expected one that leaves ${rest} when divided by ${every}`);
  checkInteger('value', value, 0, Number.MAX_SAFE_INTEGER);
  const length = indexOf(lengths, value);
  if (length < 0) {
    const [least, most] = [valueAt(lengths, 0), valueAt(lengths, countOf(lengths) - 1)];
    fail('out_of_range', `"value" expected one that "${kind.id}" can carry, of ${least} to ${most}`);
  }
  const said = askedOf(kind, asked);
  const claim = { kind: kind.index, slot: count, length, variance, lane: '', ...(said && { asked: said }) };
  return { book, kind, claim };
}

/** A grant checked and placed. */
interface Placed<B> {
  readonly book: B;
  readonly kind: PlacedKind;
  readonly claim: Claim;
}

/** Checks a grant against the rules of its token, and finds its place in their books. */
export function placed<B extends Pick<Book, 'layout' | 'grid'>>(
  token: DeviceToken,
  { kinds, books }: { readonly kinds: readonly PlacedKind[]; readonly books: readonly B[] },
  grant: Grant,
): Placed<B> {
  checkFields('grant', grant, GRANT);
  // Each field is read once: a getter cannot show one value to the check and another to the cipher.
  const { kind: id, variance, lane, startsAt, endsAt, count, value, asked } = grant;
  const named = kindsOf(kinds, id, lane);
  const [first] = named;
  checkVariance(token, first, variance);
  if (first.shape.on === 'count') return placedCount(books[first.table], first, variance, grant);
  if (count !== undefined || value !== undefined)
    fail('bad_argument', `a grant of "${first.id}" expected "startsAt" and "endsAt", and no count`);
  const said = askedOf(first, asked);
  checkInstant('startsAt', startsAt);
  if (endsAt !== null || !first.shape.endless) checkInstant('endsAt', endsAt);
  for (const kind of named) {
    const book = books[kind.table];
    const place = book && placeOf(kind.shape, startsAt, endsAt, book.grid);
    // Without local times nobody knows whether this kind says the window: a later one must not.
    if (!place && kind.shape.withinYear && !book?.grid.offsets) offsetsFor(token, kind);
    // A lock may read a window without length, which nobody can ask for.
    if (!place || (endsAt === startsAt && kind.for !== 'control')) continue;
    if (kind !== first) checkVariance(token, kind, variance);
    const { slot, length } = place;
    const claim = { kind: kind.index, slot, length, variance, lane: laneOf(book.layout, kind, lane) };
    return { book, kind, claim: said ? { ...claim, asked: said } : claim };
  }
  return refuseWindow(token, first, books[first.table]?.grid, startsAt, endsAt ?? startsAt);
}

/** Whether an earlier kind of the same name says a window: then the digits of a later one mean nothing. */
function isSaidBefore(
  { kinds, books }: Engine,
  kind: PlacedKind,
  { startsAt, endsAt }: WindowGrant,
): boolean {
  for (const other of kinds) {
    if (other === kind) return false;
    const book = other.id === kind.id && other.lane === kind.lane ? books[other.table] : undefined;
    if (!book) continue;
    if (other.shape.withinYear && !book.grid.offsets) return true;
    if (placeOf(other.shape, startsAt, endsAt, book.grid)) return true;
  }
  return false;
}

/** Every grant that a code can mean for a lock whose clock shows a time from `from` to `to`; newest first. */
export function meaningsOf(
  token: DeviceToken,
  code: string,
  from: number,
  to: number,
  asked?: Asked,
): readonly Meaning[] {
  const engine = engineOf(token);
  const meanings: Meaning[] = [];
  for (const book of engine.books) {
    if (book.counts || !book.form.test(code)) continue;
    const { grid, longest, margin, codec } = book;
    const first = Math.max(Math.floor(slotAt(from - longest - margin, grid)), 0);
    const last = Math.max(Math.floor(slotAt(to + margin, grid)), 0);
    for (const { kind: index, slot, length, lane, variance, asked: said } of codec.decode(
      code,
      first,
      last,
      asked,
    )) {
      const kind = book.kinds[index];
      const window = kind && windowOf(kind.shape, slot, length, grid);
      if (!window || window.endsAt > LAST_INSTANT) continue;
      const { startsAt } = window;
      const endsAt = kind.shape.endless ? null : window.endsAt;
      // Two literals instead of a spread: this is the hot path of a lock.
      const grant: WindowGrant =
        lane === ''
          ? { kind: kind.id, variance, startsAt, endsAt }
          : { kind: kind.id, variance, lane, startsAt, endsAt };
      if (kind.table > 0 && isSaidBefore(engine, kind, grant)) continue;
      meanings.push({
        grant: said ? { ...grant, asked: said } : grant,
        kind,
        window,
        slot,
        epoch: token.epoch,
      });
    }
  }
  return meanings;
}

/** What digits can mean to a lock that counts. */
export interface CountMeaning {
  readonly grant: CountGrant;
  readonly kind: PlacedKind;
  readonly slot: number;
}

/** What `asked` is to a table whose codes say the time beside the count: with the time steps that are near enough. */
function askedAt(
  { counts, timeStep }: Book,
  tolerance: number,
  asked: Asked | undefined,
  at: number | undefined,
): Asked | undefined {
  if (!counts?.timed || !asked || at === undefined) return asked;
  const stepAt = (instant: number): number => Math.max(Math.floor(instant / timeStep), 0);
  return { ...asked, steps: [stepAt(at - tolerance), stepAt(at + tolerance)] };
}

/**
 * Every grant that a code can mean among the counts from `from` to `to`; highest first.
 *
 * @param at for codes that say the time too: epoch seconds.
 */
export function countMeaningsOf(
  token: DeviceToken,
  code: string,
  from: number,
  to: number,
  asked?: Asked,
  at?: number,
): readonly CountMeaning[] {
  const { books, tolerance } = engineOf(token);
  const meanings: CountMeaning[] = [];
  for (const book of books) {
    const { counts, form, codec, kinds, grid } = book;
    if (!counts || !form.test(code)) continue;
    const [first, last] = [Math.max(from, 0), Math.min(to, grid.slots - 1, Number.MAX_SAFE_INTEGER)];
    const claims = codec.decode(code, first, last, askedAt(book, tolerance, asked, at));
    for (const { kind: index, slot, length, variance, asked: said } of claims) {
      const kind = kinds[index];
      const value = kind && valueAt(kind.shape.lengths, length);
      if (!kind || value === undefined || slot < first || slot > last) continue;
      if (slot % kind.shape.every !== kind.shape.rest) continue;
      const grant = { kind: kind.id, variance, count: slot, value, ...(said && { asked: said }) };
      meanings.push({ grant, kind, slot });
    }
  }
  return meanings;
}

/** Whether a meaning is near enough to `at` to be one; else the code is simply wrong. */
export const isNear = ({ startsAt, until }: Pick<Window, 'startsAt' | 'until'>, at: number): boolean =>
  startsAt <= at + FAR && until >= at - FAR;

/** Whether a code has the length and symbols of one of this token's. */
export const isWellFormed = (token: DeviceToken, code: string): boolean =>
  engineOf(token).books.some(({ form }) => form.test(code));

/** Refuses a claim whose code also reads as one that could be accepted at the same time. */
function checkAlone(
  token: DeviceToken,
  { tolerance }: Engine,
  { book, kind, claim }: Placed<Book>,
  code: string,
): void {
  if (book.codec.refuses?.(claim))
    fail('code_ambiguous', 'some devices read this code as another: take the next');
  // A rolling code is what its period has: there is no other to take instead.
  if (kind.for === 'rolling' || book.codec.alone(claim)) return;
  const { slot, length, variance, asked } = claim;
  if (book.counts) {
    const { span } = book.layout;
    const near = countMeaningsOf(token, code, slot - span, slot + span, asked);
    // The lock takes the first that it finds: what is used up as one count would open as another.
    const value = valueAt(kind.shape.lengths, length);
    if (near.some((other) => other.slot !== slot || other.kind !== kind || other.grant.value !== value))
      fail('code_ambiguous', 'the code would also read as that of another count or value: take the next');
    return;
  }
  const window = windowOf(kind.shape, slot, length, book.grid);
  if (!window) return;
  const opens = window.startsAt - tolerance;
  const shuts = window.until + tolerance;
  // What opens for good is told apart from what could be keyed in for the first time beside it.
  const last = Math.min(shuts, opens + book.longest + DAY);
  for (const other of meaningsOf(token, code, opens, last)) {
    const { startsAt, until } = other.window;
    const isSame =
      other.slot === slot &&
      other.kind === kind &&
      other.grant.variance === variance &&
      other.window.endsAt === window.endsAt;
    if (!isSame && startsAt - tolerance < shuts && until + tolerance > opens) {
      const instead = kind.variances > 1 ? 'take the next variance' : 'ask for another window';
      fail('code_ambiguous', `the code would also read as another grant of that time: ${instead}`);
    }
  }
}

/**
 * Makes the code of a grant.
 *
 * @param token holds the key, the vendor and the grid; the grant must be one that its kinds can say exactly. Use
 *   `plan` of `pintumbler/calendar` to get there from wall-clock times.
 * @param grant instants in epoch seconds (UTC).
 * @returns the code: a string, for its leading zeros are real.
 * @throws `bad_argument`, `out_of_range`, `kind_unknown`, `lane_unknown`, `variance_unavailable`, `off_grid`,
 *   `zone_required`, `zone_table_ended`, `code_ambiguous`, `scheme_remote`
 * @example
 * import { createToken, mint } from 'pintumbler';
 * import { igloohome } from 'pintumbler/vendors';
 * const token = createToken({ vendor: igloohome, deviceId: 'door-7', root: new Uint8Array(32), timeZone: 'UTC' });
 * const startsAt = Date.UTC(2026, 2, 1, 15) / 1000;
 * console.log(mint(token, { kind: 'hourly', variance: 0, startsAt, endsAt: startsAt + 7200 })); // 098202079
 */
export function mint(token: DeviceToken, grant: Grant): string {
  const engine = engineOf(token);
  const place = placed(token, engine, grant);
  const code = place.book.codec.encode(place.claim);
  checkAlone(token, engine, place, code);
  return code;
}

/** Where `read` looks. */
export interface Near {
  /** Epoch seconds (UTC). */
  readonly at?: number;
  /** For vendors that count: the last count that the lock accepted, −1 for none. */
  readonly count?: number;
  /** What the lock asked. */
  readonly asked?: Asked;
}

/** How far below and above the last accepted count a lock looks. */
export function reachOf(kinds: readonly PlacedKind[]): readonly [from: number, to: number] {
  const accepts = kinds.map((kind) => kind.accepts ?? [0, 0]);
  return [Math.min(0, ...accepts.map(([from]) => from)), Math.max(0, ...accepts.map(([, to]) => to))];
}

function nearOf(token: DeviceToken, near: unknown): Near {
  if (typeof near !== 'object' || near === null) {
    if (engineOf(token).books.some(({ counts }) => counts))
      fail('bad_argument', '"near" expected { count }, the last that the lock accepted: this vendor counts');
    checkInstant('at', near);
    return nearOf(token, { at: near });
  }
  checkFields('near', near, ['at', 'count', 'asked']);
  const { at, count } = near;
  const { kinds, books } = engineOf(token);
  const [kind] = kinds;
  const asked = kind && near['asked'] !== undefined ? askedOf(kind, near['asked']) : undefined;
  if (at !== undefined) checkInstant('at', at);
  const said = { ...(at !== undefined && { at }), ...(asked && { asked }) };
  if (!books.some(({ counts }) => counts)) {
    if (count !== undefined)
      fail('bad_argument', '"count" expected none: codes of this vendor are for times');
    return said;
  }
  checkInteger('count', count, -1, Number.MAX_SAFE_INTEGER);
  if (at === undefined && books.some(({ counts }) => counts?.timed))
    fail('bad_argument', '"at" is missing: codes of this vendor say the time too');
  return { ...said, count };
}

/**
 * Reads the grants that digits can mean around a moment, or a count: for diagnosis, staff and test rigs. Most wrong codes
 * read as *some* grant, so what comes back is "or mistyped"; only the lock knows whether a code has been used.
 *
 * @param near epoch seconds (UTC): grants that start more than 366 days later or ended more than 366 days before are
 *   left out. Civil kinds outside the token's offset table are left out too: nobody can have minted them. For vendors
 *   that count, `{ count }`: the last count that the lock accepted; and what it asked, where it asks.
 * @returns none or one; several where codes of neighbouring pages, periods or tables are alike. Newest first in each table.
 * @throws `code_malformed`, `bad_argument`, `out_of_range`
 * @example
 * import { createToken, mint, read } from 'pintumbler';
 * import { igloohome } from 'pintumbler/vendors';
 * const token = createToken({ vendor: igloohome, deviceId: 'door-7', root: new Uint8Array(32), timeZone: 'UTC' });
 * const startsAt = Date.UTC(2026, 2, 1, 15) / 1000;
 * const code = mint(token, { kind: 'hourly', variance: 2, startsAt, endsAt: startsAt + 7200 });
 * console.log(read(token, code, startsAt)[0]?.variance); // 2
 */
export function read(token: DeviceToken, code: string, near: number | Near): readonly Grant[] {
  checkToken('token', token);
  checkString('code', code);
  const { at, count, asked } = nearOf(token, near);
  if (!isWellFormed(token, code)) {
    const lengths = engineOf(token).books.map(
      ({ layout: { lanes, digits } }) => (lanes[0]?.length ?? 0) + digits,
    );
    fail(
      'code_malformed',
      `"code" expected ${lengths.join(' or ')} digits, got a string of length ${code.length}`,
    );
  }
  if (count !== undefined) {
    const [from, to] = reachOf(engineOf(token).kinds);
    return countMeaningsOf(token, code, count + from, count + to, asked, at).map(({ grant }) => grant);
  }
  checkInstant('at', at);
  return meaningsOf(token, code, at, at, asked)
    .filter(({ window }) => isNear(window, at))
    .map(({ grant }) => grant);
}
