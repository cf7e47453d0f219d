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
import { type Grant, type Grid, placeOf, slotAt, type Window, windowOf } from './grant.ts';
import type { Claim, Codec } from './schemes/scheme.ts';
import { checkToken, type DeviceToken, deviceKey, gridOf } from './token.ts';
import { type PlacedKind, type Prepared, prepareRules } from './vendors/vendor.ts';
import { DAY, dayAt, type OffsetTable } from './zone.ts';

/** A grant that is further away than this is taken for a wrong code. */
const FAR = 366 * DAY;

/** A token with its key schedule, rules and grid. */
interface Engine extends Prepared {
  readonly codec: Codec;
  readonly grid: Grid;
  /** Clock tolerance of the lock, in seconds. */
  readonly tolerance: number;
}

// A memo of a pure function of the token; nothing else in the engine outlives a call.
const engines = new WeakMap<DeviceToken, Engine>();

export function engineOf(token: DeviceToken): Engine {
  const known = engines.get(token);
  if (known) return known;
  checkToken('token', token);
  const prepared = prepareRules(token.rules);
  const key = deviceKey(token);
  const engine: Engine = {
    ...prepared,
    codec: token.vendor.scheme.prepare(key, prepared.layout),
    grid: gridOf(token),
    tolerance: token.rules.lock.tolerance,
  };
  key.fill(0);
  engines.set(token, engine);
  return engine;
}

/** What digits can mean: a grant with what the lock must know of it. */
export interface Meaning {
  readonly grant: Grant;
  readonly kind: PlacedKind;
  readonly window: Window;
  readonly slot: number;
  readonly epoch: number;
}

export function kindOf(engine: Prepared, id: unknown): PlacedKind {
  const kind = typeof id === 'string' ? engine.byId.get(id) : undefined;
  return kind ?? expected('kind', `one of ${[...engine.byId.keys()].join(', ')}`, id, 'kind_unknown');
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

export function laneOf(engine: Prepared, lane: unknown): string {
  const { lanes } = engine.layout;
  if (lane === undefined && lanes[0] === '') return '';
  if (typeof lane === 'string' && lane !== '' && lanes.includes(lane)) return lane;
  return expected(
    'lane',
    lanes[0] === '' ? 'none: this vendor has no lanes' : `one of ${lanes.join(', ')}`,
    lane,
    'lane_unknown',
  );
}

/** The offset table that a civil kind needs. */
export function offsetsFor(token: DeviceToken, kind: PlacedKind): OffsetTable {
  return token.offsets ?? fail('zone_required', `kind "${kind.id}" needs an offset table in the token`);
}

export const tableEnded = (kind: PlacedKind): never =>
  fail('zone_table_ended', `the token's offset table does not reach to this time for kind "${kind.id}"`);

/** Why a window is not one of this kind's. */
function refuseWindow(token: DeviceToken, kind: PlacedKind, startsAt: number, endsAt: number): never {
  if (kind.shape.on === 'civil-day') {
    const offsets = offsetsFor(token, kind);
    if (dayAt(offsets, startsAt) === undefined || dayAt(offsets, endsAt) === undefined) tableEnded(kind);
  }
  fail('off_grid', `"startsAt" and "endsAt" expected a window that "${kind.id}" can say, see plan()`);
}

const GRANT = ['kind', 'variance', 'lane', 'startsAt', 'endsAt'];

function claimOf(token: DeviceToken, engine: Engine, grant: Grant): Claim {
  checkFields('grant', grant, GRANT);
  // Each field is read once: a getter cannot show one value to the check and another to the cipher.
  const { kind: id, variance, lane, startsAt, endsAt } = grant;
  const kind = kindOf(engine, id);
  checkVariance(token, kind, variance);
  checkInstant('startsAt', startsAt);
  checkInstant('endsAt', endsAt);
  const place = placeOf(kind.shape, startsAt, endsAt, engine.grid);
  if (!place) refuseWindow(token, kind, startsAt, endsAt);
  return {
    kind: kind.index,
    slot: place.slot,
    length: place.length,
    variance,
    lane: laneOf(engine, lane),
  };
}

function pageAt({ grid, layout }: Engine, instant: number): number {
  return Math.max(Math.floor(slotAt(instant, grid) / layout.slotsPerPage), 0);
}

/** First and last page of the slots that a code accepted from `from`, or up to `to`, can have. */
const firstPage = (engine: Engine, from: number): number => pageAt(engine, from - engine.longest - DAY);
const lastPage = (engine: Engine, to: number): number => pageAt(engine, to + DAY);

/** Every grant that the digits can mean for a lock whose clock shows a time from `from` to `to`; newest page first. */
export function meaningsOf(token: DeviceToken, code: string, from: number, to: number): readonly Meaning[] {
  const engine = engineOf(token);
  const meanings: Meaning[] = [];
  for (const claim of engine.codec.decode(code, firstPage(engine, from), lastPage(engine, to))) {
    const kind = engine.kinds[claim.kind];
    const window = kind && windowOf(kind.shape, claim.slot, claim.length, engine.grid);
    if (!window || window.endsAt > LAST_INSTANT) continue;
    const { startsAt, endsAt } = window;
    const { lane, variance, slot } = claim;
    // Two literals instead of a spread: this is the hot path of a lock.
    const grant: Grant =
      lane === ''
        ? { kind: kind.id, variance, startsAt, endsAt }
        : { kind: kind.id, variance, lane, startsAt, endsAt };
    meanings.push({ grant, kind, window, slot, epoch: token.epoch });
  }
  return meanings;
}

/** Whether a meaning is near enough to `at` to be one; else the code is simply wrong. */
export const isNear = ({ grant: { startsAt, endsAt } }: { readonly grant: Grant }, at: number): boolean =>
  startsAt <= at + FAR && endsAt >= at - FAR;

/** Whether a code has this token's length and symbols. */
export function isWellFormed(token: DeviceToken, code: string): boolean {
  const { layout } = engineOf(token);
  return code.length === (layout.lanes[0]?.length ?? 0) + layout.digits && /^\d+$/.test(code);
}

/** Refuses a claim whose code also reads, on a neighbouring page, as one that could be accepted at the same time. */
function checkAlone(token: DeviceToken, engine: Engine, { kind, slot, length }: Claim, code: string): void {
  const { grid, layout, tolerance, kinds } = engine;
  // A page is longer than the longest window and two days: away from its ends there is no neighbour.
  const inPage = slot % layout.slotsPerPage;
  const margin = (2 * engine.longest + 3 * DAY) / grid.step;
  if (inPage > margin && layout.slotsPerPage - inPage > margin) return;
  const shape = kinds[kind]?.shape;
  const window = shape && windowOf(shape, slot, length, grid);
  if (!window) return;
  const opens = window.startsAt - tolerance;
  const shuts = window.endsAt + tolerance;
  const page = Math.floor(slot / layout.slotsPerPage);
  for (const other of meaningsOf(token, code, opens, shuts)) {
    const elsewhere = Math.floor(other.slot / layout.slotsPerPage) !== page;
    const { startsAt, endsAt } = other.grant;
    if (elsewhere && startsAt - tolerance < shuts && endsAt + tolerance > opens) {
      fail(
        'code_ambiguous',
        'the code would also read as another grant of that time: take the next variance',
      );
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
 *   `zone_required`, `zone_table_ended`, `code_ambiguous`
 * @example
 * import { createToken, mint } from 'pintumbler';
 * import { igloohome } from 'pintumbler/vendors';
 * const token = createToken({ vendor: igloohome, deviceId: 'door-7', root: new Uint8Array(32), timeZone: 'UTC' });
 * const startsAt = Date.UTC(2026, 2, 1, 15) / 1000;
 * console.log(mint(token, { kind: 'hourly', variance: 0, startsAt, endsAt: startsAt + 7200 })); // 098202079
 */
export function mint(token: DeviceToken, grant: Grant): string {
  const engine = engineOf(token);
  const claim = claimOf(token, engine, grant);
  const code = engine.codec.encode(claim);
  checkAlone(token, engine, claim, code);
  return code;
}

/**
 * Reads the grants that digits can mean around a moment: for diagnosis, staff and test rigs. Most wrong codes read as
 * *some* grant, so what comes back is "or mistyped"; only the lock knows whether a code has been used.
 *
 * @param at epoch seconds (UTC): grants that start more than 366 days later or ended more than 366 days before are
 *   left out. Civil kinds outside the token's offset table are left out too: nobody can have minted them.
 * @returns none, one, or (across a page border) two grants; newest page first.
 * @throws `code_malformed`, `bad_argument`, `out_of_range`
 * @example
 * import { createToken, mint, read } from 'pintumbler';
 * import { igloohome } from 'pintumbler/vendors';
 * const token = createToken({ vendor: igloohome, deviceId: 'door-7', root: new Uint8Array(32), timeZone: 'UTC' });
 * const startsAt = Date.UTC(2026, 2, 1, 15) / 1000;
 * const code = mint(token, { kind: 'hourly', variance: 2, startsAt, endsAt: startsAt + 7200 });
 * console.log(read(token, code, startsAt)[0]?.variance); // 2
 */
export function read(token: DeviceToken, code: string, at: number): readonly Grant[] {
  checkToken('token', token);
  checkString('code', code);
  checkInstant('at', at);
  if (!isWellFormed(token, code)) {
    const { lanes, digits } = engineOf(token).layout;
    fail(
      'code_malformed',
      `"code" expected ${(lanes[0]?.length ?? 0) + digits} digits, got a string of length ${code.length}`,
    );
  }
  return meaningsOf(token, code, at, at)
    .filter((meaning) => isNear(meaning, at))
    .map((meaning) => meaning.grant);
}
