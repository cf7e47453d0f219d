/**
 * Giving out codes: what was asked for becomes a plan, and of its window the lowest variance that nobody has.
 *
 * The store is the judge. Candidates come in order; what the store refuses (somebody else was faster, the digits are
 * another guest's) is followed by the next. As a variance is never free again, going on from there skips none.
 */
import { type Plan, plan } from '../calendar/index.ts';
import { instantAt } from '../calendar/wall-clock.ts';
import { engineOf, firstVariance, kindsOf, placed } from '../engine.ts';
import { PintumblerError } from '../errors.ts';
import { type CountGrant, valueAt, type WindowGrant } from '../grant.ts';
import { type Issuer, issue, mint, nextGrant } from '../index.ts';
import { type PlacedKind, prepareRules } from '../vendors/vendor.ts';
import type { RegisteredDevice } from './devices.ts';
import { timestamp } from './objects.ts';
import type {
  Asked,
  Batch,
  Clearing,
  CodeRecord,
  Conflict,
  Issued,
  Lack,
  Reservation,
  Store,
} from './store.ts';

const HOUR = 3600;

/** How often a write is tried again because somebody else was faster, before the store is taken to be broken. */
export const MOST_TRIES = 100;
export const TOO_MANY = 'the store refuses every try';

/** Window name of the codes that are counted: their variance is the count. */
const COUNT = 'count';

/** What issuing needs beside a device. */
export interface Desk {
  readonly store: Store;
  /** Epoch seconds. */
  readonly now: number;
  /** Seconds after which a code may be seen. */
  readonly assignAfter: number;
  readonly issuer: Issuer | undefined;
}

/** The instant of a timestamp at a device, in whole seconds: a start is rounded down, an end up. */
export function instantOf({ token }: RegisteredDevice, field: 'startsAt' | 'endsAt', text: string): number {
  const [fraction = ''] = /[.,]\d+/.exec(text) ?? [];
  const instant = instantAt(token, field, text.replace(fraction, ''));
  return field === 'endsAt' && /[1-9]/.test(fraction) ? instant + 1 : instant;
}

/** The kind of codes that a device gives out by count and for no time, if it has such. */
export const countKindOf = ({ token }: RegisteredDevice): PlacedKind | undefined =>
  prepareRules(token.rules).kinds.find(
    (kind) => kind.for === 'count' && kind.effect === 'open' && kind.asks === undefined,
  );

/**
 * Plans what was asked for.
 *
 * @throws what `plan` throws
 */
export function planOf({ token }: RegisteredDevice, asked: Asked, now: number, lane?: string): Plan {
  const { startsAt, endsAt, oneTime, maxTimeRounding = '1h' } = asked;
  return plan(token, {
    startsAt: timestamp(startsAt),
    ...(endsAt !== null && { endsAt: timestamp(endsAt) }),
    oneTime,
    maxTimeRounding,
    ...(lane !== undefined && { lane }),
    issuedAt: timestamp(now),
  });
}

/** The plan, and others with the same times: user levels with other prefixes. */
function* plansOf(device: RegisteredDevice, asked: Asked, now: number): Generator<Plan> {
  const first = planOf(device, asked, now);
  yield first;
  const { startsAt, endsAt, lane } = first.grant;
  if (lane === undefined) return;
  const lanes = new Set(prepareRules(device.token.rules).kinds.map((kind) => kind.lane));
  for (const other of lanes) {
    if (other === undefined || other === lane) continue;
    try {
      const planned = planOf(device, asked, now, other);
      if (planned.grant.startsAt === startsAt && planned.grant.endsAt === endsAt) yield planned;
    } catch (error) {
      // A level without such times.
      if (!(error instanceof PintumblerError)) throw error;
    }
  }
}

/** A code with its place in the registry. */
interface Candidate {
  readonly issued: Issued;
  readonly reservation: Reservation;
}

/** Whether the next variance may do: the code of this one reads as another's. */
const isAmbiguous = (error: unknown): boolean =>
  error instanceof PintumblerError && error.code === 'code_ambiguous';

const isLast = (error: unknown): boolean =>
  error instanceof PintumblerError && error.code === 'variance_unavailable';

function windowCandidate(
  { token, id }: RegisteredDevice,
  {
    grant,
    firstUseBy,
    rounded,
    warnings,
    window,
  }: Pick<Plan, 'grant' | 'firstUseBy' | 'rounded' | 'warnings' | 'window'>,
  code: string,
  { now, assignAfter }: Desk,
): Candidate {
  const { kind, variance, lane = null, startsAt, endsAt } = grant;
  const [{ times }] = kindsOf(prepareRules(token.rules).kinds, kind, grant.lane);
  // A code of a period is taken after its end as well.
  const until = endsAt === null ? null : Math.max(endsAt, firstUseBy) + token.rules.lock.tolerance;
  return {
    issued: {
      code,
      kind,
      lane,
      variance,
      count: null,
      window,
      startsAt,
      endsAt,
      firstUseBy,
      // Also where nobody asked for it, as with the codes of authenticator apps.
      oneTime: times === 'once',
      rounded,
      warnings,
      madeAt: now,
      assignedAt: now + assignAfter,
    },
    reservation: { deviceId: id, window, variance, code, until },
  };
}

/** The codes of a plan's window that are not given out, lowest variance first. */
async function* variancesOf(device: RegisteredDevice, planned: Plan, desk: Desk): AsyncGenerator<Candidate> {
  const { token, id } = device;
  const [given = []] = await desk.store.taken([{ deviceId: id, window: planned.window }]);
  const taken = new Set(given);
  for (let variance = firstVariance(token); ; variance++) {
    if (taken.has(variance)) continue;
    const grant: WindowGrant = { ...planned.grant, variance };
    let code: string;
    try {
      code = desk.issuer ? await issue(token, grant, desk.issuer) : mint(token, grant);
    } catch (error) {
      if (isAmbiguous(error)) continue;
      if (isLast(error)) return;
      throw error;
    }
    yield windowCandidate(device, { ...planned, grant }, code, desk);
  }
}

/** The codes after the last count that was given out. */
async function* countsOf(
  { token, id }: RegisteredDevice,
  kind: PlacedKind,
  asked: Asked,
  { store, now, assignAfter }: Desk,
): AsyncGenerator<Candidate> {
  let after = (await store.last({ deviceId: id, window: COUNT })) ?? -1;
  for (;;) {
    let grant: CountGrant;
    try {
      grant = nextGrant(token, { after, kind: kind.id });
    } catch (error) {
      // The last count that there is.
      if (error instanceof PintumblerError && error.code === 'out_of_range') return;
      throw error;
    }
    const code = mint(token, grant);
    const { count } = grant;
    yield {
      issued: {
        code,
        kind: kind.id,
        lane: null,
        variance: 0,
        count,
        window: `${COUNT}/${count}`,
        startsAt: asked.startsAt,
        endsAt: null,
        firstUseBy: null,
        oneTime: true,
        rounded: { start: 0, end: 0 },
        warnings: [],
        madeAt: now,
        assignedAt: now + assignAfter,
      },
      reservation: { deviceId: id, window: COUNT, variance: count, code, until: 0 },
    };
    after = count;
  }
}

/** Every code that could be given out for a request, in order. */
async function* candidatesOf(device: RegisteredDevice, asked: Asked, desk: Desk): AsyncGenerator<Candidate> {
  const counted = countKindOf(device);
  if (counted) yield* countsOf(device, counted, asked, desk);
  else for (const planned of plansOf(device, asked, desk.now)) yield* variancesOf(device, planned, desk);
}

/** One code to give out, and what to write when it is there, or why it is not. */
export interface Order {
  readonly device: RegisteredDevice;
  readonly asked: Asked;
  readonly records: (issued: Issued | null, lack: Lack | null) => readonly CodeRecord[];
}

/** How far an order has come. */
interface Picking {
  readonly order: Order;
  readonly candidates: AsyncGenerator<Candidate>;
  picked: Candidate | undefined;
  lack: Lack | undefined;
  sawDuplicate: boolean;
}

async function pick(picking: Picking): Promise<void> {
  const next = await picking.candidates.next();
  if (!next.done) picking.picked = next.value;
  else picking.lack = picking.sawDuplicate ? 'duplicate' : 'no_variance';
}

/** Drops what was picked and has been given out to others. */
async function dropTaken(pickings: readonly Picking[], store: Store): Promise<void> {
  const picked = pickings.filter((picking) => picking.picked !== undefined);
  const taken = await store.taken(picked.flatMap((picking) => picking.picked?.reservation ?? []));
  for (const [index, picking] of picked.entries())
    if (picking.picked && taken[index]?.includes(picking.picked.reservation.variance))
      picking.picked = undefined;
}

/** The limits of the devices that have one. */
const limitsOf = (orders: readonly Order[]): Batch['most'] =>
  Object.fromEntries(orders.flatMap(({ device: { id, most } }) => (most === undefined ? [] : [[id, most]])));

/**
 * Gives out a code for each order, all or none; `others` are written with them.
 *
 * @returns what was written, or the conflict that is the caller's: a version, a replay.
 * @throws what `plan`, `mint` and an order's `records` throw; nothing is written then.
 */
export async function giveOut(
  orders: readonly Order[],
  desk: Desk,
  replay?: Batch['replay'],
  others: readonly CodeRecord[] = [],
): Promise<readonly CodeRecord[] | Conflict> {
  const pickings = orders.map(
    (order): Picking => ({
      order,
      candidates: candidatesOf(order.device, order.asked, desk),
      picked: undefined,
      lack: undefined,
      sawDuplicate: false,
    }),
  );
  for (;;) {
    for (const picking of pickings)
      if (picking.picked === undefined && picking.lack === undefined) await pick(picking);
    const chosen = pickings.filter(({ picked }) => picked !== undefined);
    const codes = [
      ...others,
      ...pickings.flatMap(({ order, picked, lack }) => order.records(picked?.issued ?? null, lack ?? null)),
    ];
    const conflict = await desk.store.write({
      codes,
      reservations: chosen.flatMap(({ picked }) => picked?.reservation ?? []),
      now: desk.now,
      most: limitsOf(orders),
      ...(replay && { replay }),
    });
    if (conflict === undefined) return codes;
    if (conflict.reason === 'version' || conflict.reason === 'replay') return conflict;
    const picking = chosen[conflict.index];
    if (!picking) throw new Error('the store names a reservation that there is not');
    picking.picked = undefined;
    // Where one variance was given out meanwhile, others may have been: who asks for many doors asks about each once.
    if (conflict.reason === 'variance') await dropTaken(chosen, desk.store);
    if (conflict.reason === 'space') picking.lack = 'no_space';
    else if (conflict.reason === 'code') picking.sawDuplicate = true;
  }
}

/** The grant that ends the code of another: of its start and number, where a vendor clears single codes. */
function clearOne(
  { token }: RegisteredDevice,
  clear: PlacedKind,
  target: WindowGrant,
): WindowGrant | undefined {
  const { kind, claim } = placed(token, engineOf(token), target);
  const number = claim.length * kind.variances + claim.variance;
  const seconds = valueAt(clear.shape.lengths, Math.floor(number / clear.variances));
  if (seconds === undefined) return undefined;
  const { startsAt } = target;
  return { kind: clear.id, variance: number % clear.variances, startsAt, endsAt: startsAt + seconds };
}

/** Kinds that end others, the gentlest first, and what they end. */
const ENDS = {
  clear_one: 'this_code_once_used',
  clear: 'every_code_begun',
  clear_all: 'every_used_code',
} as const;

type Clears = keyof typeof ENDS;

const EFFECTS: readonly Clears[] = ['clear_one', 'clear', 'clear_all'];

/** Where the registry has the clear codes of a door that end every code begun: their variance is the start of their slot. */
const CLEARED = 'cleared';

/** Codes that began before are ended by a clear code that was given out; 0 if there is none. */
export const clearedBefore = async (store: Store, { id }: RegisteredDevice): Promise<number> =>
  (await store.last({ deviceId: id, window: CLEARED })) ?? 0;

/** A code for the door and no guest: its digits are kept from nobody. */
const forTheDoor = ({ issued, reservation }: Candidate, effect: Clears): Ending => ({
  clearing: { ...issued, assignedAt: issued.madeAt, ends: ENDS[effect] },
  reservation: { ...reservation, until: 0 },
});

/** A code that ends others, and what is to be reserved for it. */
interface Ending {
  readonly clearing: Clearing;
  readonly reservation?: Reservation;
}

/** The vendor's kind that ends all of some codes, the gentlest. */
function clearKindOf(
  { token }: RegisteredDevice,
  targets: readonly Issued[],
): { readonly clear: PlacedKind; readonly effect: Clears } | undefined {
  if ('remote' in token.vendor.scheme || targets.some(({ count }) => count !== null)) return undefined;
  // What ends used codes does nothing to one that is used up with its use; and what ends one leaves the others.
  const effects = targets.some(({ oneTime }) => oneTime)
    ? EFFECTS.slice(1, 2)
    : EFFECTS.slice(targets.length > 1 ? 1 : 0);
  const { kinds } = prepareRules(token.rules);
  for (const effect of effects) {
    const clear = kinds.find((kind) => kind.for === 'control' && kind.effect === effect);
    if (clear) return { clear, effect };
  }
  return undefined;
}

/**
 * The code that ends others at the keypad, as the vendor has such; undefined where it has none that comes before their
 * end. One that is used up when it is keyed in is given out once, and has a reservation.
 */
export async function clearingOf(
  device: RegisteredDevice,
  targets: readonly [Issued, ...Issued[]],
  desk: Desk,
): Promise<Ending | undefined> {
  const { token, id } = device;
  const kind = clearKindOf(device, targets);
  if (!kind) return undefined;
  const { clear, effect } = kind;
  const [target] = targets;
  if (effect === 'clear_one') {
    const { lane, startsAt, endsAt, variance } = target;
    const said = { kind: target.kind, variance, startsAt, endsAt };
    const grant = clearOne(device, clear, lane === null ? said : { ...said, lane });
    if (!grant || grant.endsAt === null || grant.endsAt <= desk.now) return undefined;
    const rounded = { start: 0, end: 0 };
    const planned = { grant, firstUseBy: grant.endsAt, rounded, warnings: [], window: '' };
    const { clearing } = forTheDoor(windowCandidate(device, planned, mint(token, grant), desk), effect);
    return { clearing };
  }
  // Ended is what began before the slot of the clearing code: the slot after the start, at the earliest.
  const step = prepareRules(token.rules).tables[clear.table]?.step ?? HOUR;
  const begun = Math.max(...targets.map(({ startsAt }) => startsAt));
  const ends = Math.max(...targets.map(({ endsAt }) => endsAt ?? Infinity));
  let from = Math.max(desk.now, effect === 'clear' ? begun + step : begun);
  for (;;) {
    const planned = plan(token, { startsAt: timestamp(from), kind: clear.id });
    const { startsAt } = planned.grant;
    if (startsAt >= ends) return undefined;
    if (clear.times === 'many') {
      const code = mint(token, planned.grant);
      const { clearing } = forTheDoor(windowCandidate(device, planned, code, desk), effect);
      const [known = []] = await desk.store.taken([{ deviceId: id, window: CLEARED }]);
      if (effect !== 'clear' || known.includes(startsAt)) return { clearing };
      return { clearing, reservation: { deviceId: id, window: CLEARED, variance: startsAt, code, until: 0 } };
    }
    const next = await variancesOf(device, planned, desk).next();
    if (!next.done) return forTheDoor(next.value, effect);
    // Those of this slot are for other codes.
    from = startsAt + step;
  }
}
