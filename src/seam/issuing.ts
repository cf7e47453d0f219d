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
import type { Asked, Batch, CodeRecord, Conflict, Issued, Lack, Reservation, Store } from './store.ts';

const HOUR = 3600;

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
  const taken = new Set(await desk.store.taken(id, planned.window));
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
  let after = (await store.last(id, COUNT)) ?? -1;
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

/** Kinds that end others, the gentlest first. */
const EFFECTS = ['clear_one', 'clear', 'clear_all'];

/** A code for the door and no guest: its digits are kept from nobody. */
const forTheDoor = ({ issued, reservation }: Candidate): Candidate => ({
  issued: { ...issued, assignedAt: issued.madeAt },
  reservation: { ...reservation, until: 0 },
});

/**
 * The code that ends another at the keypad, as the vendor has such; undefined where it has none that comes before the
 * code's own end. One that is used up when it is keyed in is given out once, and has a reservation.
 */
export async function clearingOf(
  device: RegisteredDevice,
  target: Issued,
  desk: Desk,
): Promise<{ readonly issued: Issued; readonly reservation?: Reservation } | undefined> {
  const { token } = device;
  const { kinds, tables } = prepareRules(token.rules);
  // What ends used codes does nothing to one that is used up with its use.
  const effects = target.oneTime ? ['clear'] : EFFECTS;
  const [clear] = kinds
    .filter((kind) => kind.for === 'control' && effects.includes(kind.effect))
    .sort((a, b) => EFFECTS.indexOf(a.effect) - EFFECTS.indexOf(b.effect));
  if (!clear || target.count !== null || 'remote' in token.vendor.scheme) return undefined;
  const { kind, variance, lane, startsAt, endsAt } = target;
  if (clear.effect === 'clear_one') {
    const grant = clearOne(device, clear, {
      kind,
      variance,
      ...(lane !== null && { lane }),
      startsAt,
      endsAt,
    });
    if (!grant || grant.endsAt === null || grant.endsAt <= desk.now) return undefined;
    const planned = {
      grant,
      firstUseBy: grant.endsAt,
      rounded: { start: 0, end: 0 },
      warnings: [],
      window: '',
    };
    return { issued: forTheDoor(windowCandidate(device, planned, mint(token, grant), desk)).issued };
  }
  // Ended is what began before the slot of the clearing code: the slot after the start, at the earliest.
  const step = tables[clear.table]?.step ?? HOUR;
  let from = Math.max(desk.now, clear.effect === 'clear' ? startsAt + step : startsAt);
  for (;;) {
    const planned = plan(token, { startsAt: timestamp(from), kind: clear.id });
    if (endsAt !== null && planned.grant.startsAt >= endsAt) return undefined;
    if (clear.times === 'many')
      return {
        issued: forTheDoor(windowCandidate(device, planned, mint(token, planned.grant), desk)).issued,
      };
    const next = await variancesOf(device, planned, desk).next();
    if (!next.done) return forTheDoor(next.value);
    // Those of this slot are for other codes.
    from = planned.grant.startsAt + step;
  }
}
