/** `pintumbler verify` and `pintumbler read`: the lock's side of the keypad, and what digits mean. */

import { toInstant, toLocal } from '../calendar/index.ts';
import { isNear, meaningsOf } from '../engine.ts';
import { type DeviceToken, read } from '../index.ts';
import { createLock, enter, initialState, loadState, saveState, type Verdict } from '../lock/index.ts';
import { type Flags, type Io, may, need, readText } from './io.ts';
import { readTokenFile } from './token.ts';
import { tellEmulated } from './words.ts';

export async function verify(io: Io, flags: Flags): Promise<number> {
  const token = await readTokenFile(io, need(flags, 'token'));
  const at = toInstant(token, need(flags, 'at'));
  const lock = createLock([token]);
  const path = may(flags, 'state');
  const stored =
    path === undefined || (await io.read(path)) === undefined
      ? undefined
      : await readText(io, path, 'lock state');
  const before = stored === undefined ? initialState(lock, at) : loadState(lock, stored);
  const { charged, state, verdict } = enter(lock, before, need(flags, 'code'), at);
  // As in a lock: pay first, then answer, then settle.
  if (path !== undefined) await io.replace(path, saveState(lock, charged));
  answer(io, token, verdict, flags['json'] === true);
  if (path !== undefined) await io.replace(path, saveState(lock, state));
  return verdict.accepted ? 0 : 1;
}

/** Reasons that speak of a code which the lock has seen or ended; with the others, the digits may be a slip of the finger. */
const KNOWN: readonly Verdict['reason'][] = ['already_used', 'revoked'];

function answer(
  io: Io,
  token: DeviceToken,
  { accepted, opens, reason, grant, ...more }: Verdict,
  json: boolean,
): void {
  const { vendor } = token;
  const local = (instant: number): string => toLocal(token, instant);
  const { setClock = null } = 'setClock' in more ? more : {};
  if (json) {
    io.out(
      JSON.stringify({
        accepted,
        opens,
        reason,
        kind: grant?.kind ?? null,
        variance: grant?.variance ?? null,
        starts_at: grant ? local(grant.startsAt) : null,
        ends_at: typeof grant?.endsAt === 'number' ? local(grant.endsAt) : null,
        set_clock: setClock === null ? null : local(setClock),
        vendor: vendor.id,
        codes: vendor.codes,
      }),
    );
    return;
  }
  io.out(`${accepted ? 'accepted' : 'refused'} ${reason}`);
  if (grant) {
    const { kind, startsAt, endsAt } = grant;
    const to = endsAt === null ? 'for good' : `to ${local(endsAt)}`;
    io.err(
      `${kind} from ${local(startsAt)} ${to}${accepted || KNOWN.includes(reason) ? '' : ', or mistyped'}`,
    );
  }
  tellEmulated(io, vendor, 'this');
}

export async function readCode(io: Io, flags: Flags): Promise<number> {
  const token = await readTokenFile(io, need(flags, 'token'));
  const at = toInstant(token, need(flags, 'at'));
  const code = need(flags, 'code');
  const known = read(token, code, at);
  for (const { grant, window } of meaningsOf(token, code, at, at).filter((meaning) =>
    isNear(meaning.window, at),
  )) {
    const { kind, variance, lane = null } = grant;
    const [starts, ends, firstUse] = [grant.startsAt, grant.endsAt, window.firstUseBy].map((instant) =>
      instant === null ? null : toLocal(token, instant),
    );
    const { id, codes } = token.vendor;
    if (flags['json'] === true) {
      io.out(
        JSON.stringify({
          kind,
          variance,
          lane,
          starts_at: starts,
          ends_at: ends,
          first_use_by: firstUse,
          vendor: id,
          codes,
        }),
      );
    } else {
      io.out(
        `${kind} from ${starts} ${ends === null ? 'for good' : `to ${ends}`}, variance ${variance}, first use before ${firstUse}`,
      );
    }
  }
  io.err(
    known.length > 0
      ? 'or mistyped: nearly every wrong code means something'
      : 'unknown: these digits mean nothing within a year of that time',
  );
  if (flags['json'] !== true) tellEmulated(io, token.vendor, 'this');
  return 0;
}
