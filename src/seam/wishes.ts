/**
 * What a request asks for, in instants, and whether the device has a code for it: what can be said before one is made.
 */

import type { Plan } from '../calendar/index.ts';
import { PintumblerError } from '../errors.ts';
import type { RegisteredDevice } from './devices.ts';
import { refuseInput, refuseRequest } from './errors.ts';
import { countKindOf, instantOf, planOf } from './issuing.ts';
import type { CreateParameters } from './parameters.ts';
import { refusePlan } from './refusals.ts';
import type { Asked } from './store.ts';

/** What `create`, `create_multiple` and `update` ask for in common. */
export type Wish = Pick<CreateParameters, 'startsAt' | 'endsAt' | 'isOneTime' | 'rounding' | 'usesBackups'>;

export const ONGOING = 'Offline codes are time-bound or for one use: starts_at and ends_at are required';

/** Refuses what no device could give, before one is looked at. */
export function checkWish({ startsAt, endsAt, isOneTime = false, usesBackups = false }: Wish): void {
  if (startsAt === undefined && endsAt === undefined && usesBackups)
    refuseRequest('Cannot use the backup pool for ongoing codes');
  if (!isOneTime && (startsAt === undefined) !== (endsAt === undefined))
    refuseRequest('Both starts_at and ends_at must be provided if one is');
  if (!isOneTime && startsAt === undefined) refuseRequest(ONGOING, { reason: 'ongoing_not_supported' });
}

/** What `plan` says no to, in Seam's words. */
function refusing<T>({ token }: RegisteredDevice, run: () => T): T {
  try {
    return run();
  } catch (error) {
    return refusePlan(error, token.vendor.id);
  }
}

export const instantsOf = (
  device: RegisteredDevice,
  { startsAt, endsAt }: Pick<Wish, 'startsAt' | 'endsAt'>,
) =>
  refusing(device, () => ({
    startsAt: startsAt === undefined ? undefined : instantOf(device, 'startsAt', startsAt),
    endsAt: endsAt === undefined ? undefined : instantOf(device, 'endsAt', endsAt),
  }));

/** When a code is made: the moment from which it can be used, and before which others were cleared at the door. */
export interface Moment {
  readonly now: number;
  /** When the code is assigned. */
  readonly by: number;
  readonly cleared: number;
}

/** The plan, if its code could still be keyed in for the first time. */
function aliveOf(device: RegisteredDevice, asked: Asked, { now, by }: Moment): Plan | undefined {
  const planned = planOf(device, asked, now);
  // Of a period, a code is taken after its end as well: too late to be given out.
  return planned.firstUseBy > by && (planned.grant.endsAt ?? Infinity) > by ? planned : undefined;
}

/**
 * The window that is asked for. Late, when that is past its first use, or when a clear code at the door ends what began so
 * early: the one from now on, if it is better.
 */
export function usableOf(device: RegisteredDevice, asked: Asked, moment: Moment): Asked | undefined {
  const { by, cleared } = moment;
  const planned = aliveOf(device, asked, moment);
  if (planned && (planned.grant.startsAt >= cleared || cleared > by)) return asked;
  const late = { ...asked, startsAt: by };
  try {
    const later = asked.startsAt < by ? aliveOf(device, late, moment) : undefined;
    // With a day of rounding it may begin as early again.
    if (later && (!planned || later.grant.startsAt >= cleared)) return late;
  } catch (error) {
    if (!(error instanceof PintumblerError)) throw error;
  }
  return planned && asked;
}

/** What is asked for, and the window of it that a code can be made for. */
export interface Wanted {
  readonly asked: Asked;
  readonly usable: Asked;
}

/** Times in instants, and that the device has a code for them. Of codes that count: that nothing is asked of time. */
export function wantedOf(device: RegisteredDevice, wish: Wish, moment: Moment): Wanted {
  const { now } = moment;
  const { token } = device;
  if (!device.programmable) {
    const why = `Codes of vendor "${token.vendor.id}" cannot be made here: they are no access codes, or need something that the device's token lacks`;
    refuseInput('device_id', why);
  }
  const { isOneTime: oneTime = false } = wish;
  const { startsAt, endsAt } = instantsOf(device, wish);
  if (endsAt !== undefined && endsAt <= now) refuseInput('ends_at', 'Must be a time in the future');
  if (countKindOf(device)) {
    const what =
      'Codes of this device are for one use and no time: send is_one_time_use, and no starts_at or ends_at';
    if (!oneTime) refuseInput('is_one_time_use', what);
    if (endsAt !== undefined) refuseInput('ends_at', what);
    if (startsAt !== undefined && startsAt > now) refuseInput('starts_at', what);
    const asked = { startsAt: Math.max(startsAt ?? now, now), endsAt: null, oneTime };
    return { asked, usable: asked };
  }
  if (startsAt === undefined) return refuseInput('starts_at', 'Required, for the code has a time');
  const { rounding: maxTimeRounding = '1h' } = wish;
  const asked = { startsAt, endsAt: endsAt ?? null, oneTime, maxTimeRounding };
  const usable = refusing(device, () => usableOf(device, asked, moment));
  if (!usable) refuseInput('starts_at', 'The code would have ended, or have to have been used, before now');
  return { asked, usable };
}
