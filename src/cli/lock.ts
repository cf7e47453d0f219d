/** `pintumbler verify` and `pintumbler read`: the lock's side of the keypad, and what digits mean. */

import { toInstant, toLocal } from '../calendar/index.ts';
import { isNear, meaningsOf, reachOf } from '../engine.ts';
import type { Asked, Grant } from '../grant.ts';
import { type DeviceToken, read } from '../index.ts';
import { ask, createLock, enter, initialState, loadState, saveState, type Verdict } from '../lock/index.ts';
import { deadlineOf } from '../vendors/timing.ts';
import { type PreparedTable, prepareRules } from '../vendors/vendor.ts';
import { askedIn, countFields, countTable, type Fields, grantText, refuseFields, timesOf } from './counts.ts';
import { type Flags, type Io, may, mayNumber, need, readText, UsageError } from './io.ts';
import { readTokenFile } from './token.ts';
import { spanText, tellEmulated } from './words.ts';

const askedFields = (flags: Flags): Fields => ({
  challenge: may(flags, 'challenge'),
  session: may(flags, 'session'),
});

export async function verify(io: Io, flags: Flags): Promise<number> {
  const [path, code, challenge] = [may(flags, 'state'), may(flags, 'code'), may(flags, 'challenge')];
  if (code === undefined && (path === undefined || challenge === undefined))
    throw new UsageError('"verify" needs --code; to ask only, --challenge and --state');
  const token = await readTokenFile(io, need(flags, 'token'));
  const at = toInstant(token, need(flags, 'at'));
  const fields = askedFields(flags);
  const asked = Object.values(fields).some((each) => each !== undefined) ? askedIn(token, fields) : undefined;
  const lock = createLock([token]);
  const stored =
    path === undefined || (await io.read(path)) === undefined
      ? undefined
      : await readText(io, path, 'lock state');
  const found = stored === undefined ? initialState(lock, at) : loadState(lock, stored);
  const before = asked ? ask(lock, found, asked, at) : found;
  const json = flags['json'] === true;
  if (code === undefined) {
    if (path !== undefined) await io.replace(path, saveState(lock, before));
    tellAsked(io, token, before.steps?.asked ?? undefined, json);
    return 0;
  }
  const { charged, state, verdict } = enter(lock, before, code, at);
  // As in a lock: pay first, then answer, then settle.
  if (path !== undefined) await io.replace(path, saveState(lock, charged));
  answer(io, token, verdict, json);
  if (path !== undefined) await io.replace(path, saveState(lock, state));
  return verdict.accepted ? 0 : 1;
}

function tellAsked(
  io: Io,
  token: DeviceToken,
  asked: (Asked & { readonly until: number }) | undefined,
  json: boolean,
): void {
  if (!asked) return;
  const { challenge, session, until } = asked;
  const answerBy = toLocal(token, until);
  if (json)
    io.out(JSON.stringify({ challenge, ...(session !== undefined && { session }), answer_by: answerBy }));
  else {
    io.out(`asked ${challenge}`);
    io.err(`an answer is accepted before ${answerBy}`);
  }
}

/** Reasons that speak of a code which the lock has seen or ended; with the others, the digits may be a slip of the finger. */
const KNOWN: readonly Verdict['reason'][] = ['already_used', 'revoked'];

/** What to do about a refusal, where that is not plain. */
const ADVICE: { readonly [reason in Verdict['reason']]?: string } = {
  out_of_step: 'right, but too far off: the code that follows it, entered next, is accepted',
  not_asked: 'the lock has asked nothing, or too long ago: with --challenge it asks',
};

function verdictJson(token: DeviceToken, { accepted, opens, reason, grant, ...more }: Verdict): object {
  const { starts, ends } = grant ? timesOf(token, grant) : { starts: null, ends: null };
  const { setClock = null } = 'setClock' in more ? more : {};
  return {
    accepted,
    opens,
    reason,
    kind: grant?.kind ?? null,
    variance: grant?.variance ?? null,
    ...(countTable(token) && { count: null, value: null }),
    ...(grant && countFields(grant)),
    starts_at: starts,
    ends_at: ends,
    set_clock: setClock === null ? null : toLocal(token, setClock),
    vendor: token.vendor.id,
    codes: token.vendor.codes,
  };
}

function answer(io: Io, token: DeviceToken, verdict: Verdict, json: boolean): void {
  if (json) {
    io.out(JSON.stringify(verdictJson(token, verdict)));
    return;
  }
  const { accepted, reason, grant } = verdict;
  io.out(`${accepted ? 'accepted' : 'refused'} ${reason}`);
  if (grant) io.err(`${grantText(token, grant)}${accepted || KNOWN.includes(reason) ? '' : ', or mistyped'}`);
  const advice = ADVICE[reason];
  if (advice !== undefined) io.err(advice);
  tellEmulated(io, token.vendor, 'this');
}

/** What digits can mean: a grant, and its first-use deadline. */
interface Known {
  readonly grant: Grant;
  readonly firstUseBy: string | null;
}

/** Where `read` looked, for people, and what it found there. */
interface Search {
  readonly known: readonly Known[];
  readonly where: string;
}

function whereOf(token: DeviceToken, { slots, counts }: PreparedTable, count: number): string {
  if (slots === 1) return 'in answer to that challenge';
  const [from, to] = reachOf(prepareRules(token.rules).kinds);
  const counted = `for the counts from ${Math.max(0, count + from)} to ${Math.min(slots - 1, count + to)}`;
  return counts?.timed
    ? `${counted} and within ${spanText(token.rules.lock.tolerance)} of that time`
    : counted;
}

function searchCounts(io: Io, token: DeviceToken, table: PreparedTable, flags: Flags): Search {
  const { last = -1, timed } = table.counts ?? {};
  const time = timed ? need(flags, 'at') : may(flags, 'at');
  const at = time === undefined ? undefined : toInstant(token, time);
  if (at !== undefined && !timed) io.err('these codes say no time: --at is not looked at');
  const count = mayNumber(flags, 'count') ?? last;
  const asked = askedIn(token, askedFields(flags));
  const near = { count, ...(at !== undefined && { at }), ...(asked && { asked }) };
  const found = read(token, need(flags, 'code'), near);
  return {
    known: found.map((grant) => ({ grant, firstUseBy: timesOf(token, grant).ends })),
    where: whereOf(token, table, count),
  };
}

function searchTimes(token: DeviceToken, flags: Flags): Search {
  refuseFields({ count: may(flags, 'count') }, ['count'], `codes of "${token.vendor.id}" are for times`);
  const at = toInstant(token, need(flags, 'at'));
  const code = need(flags, 'code');
  const asked = askedIn(token, askedFields(flags));
  const { tables, kinds } = prepareRules(token.rules);
  // For its checks: it leaves out what the deadline is taken from.
  read(token, code, { at, ...(asked && { asked }) });
  const known = meaningsOf(token, code, at, at, asked)
    .filter(({ window }) => isNear(window, at))
    .map(({ grant, kind, window }) => {
      const { step = 0 } = tables[kind.table] ?? {};
      return { grant, firstUseBy: toLocal(token, deadlineOf(kind, window, step)) };
    });
  const periods = kinds.every((kind) => kind.for === 'rolling');
  return { known, where: periods ? 'in the periods around that time' : 'within a year of that time' };
}

function knownJson(token: DeviceToken, { grant, firstUseBy }: Known): object {
  const { kind, variance, lane = null } = grant;
  const { starts, ends } = timesOf(token, grant);
  return {
    kind,
    variance,
    lane,
    ...countFields(grant),
    starts_at: starts,
    ends_at: ends,
    first_use_by: firstUseBy,
    vendor: token.vendor.id,
    codes: token.vendor.codes,
  };
}

export async function readCode(io: Io, flags: Flags): Promise<number> {
  const token = await readTokenFile(io, need(flags, 'token'));
  const table = countTable(token);
  const { known, where } = table ? searchCounts(io, token, table, flags) : searchTimes(token, flags);
  const json = flags['json'] === true;
  for (const each of known) {
    const { grant, firstUseBy } = each;
    const more = table ? '' : `, variance ${grant.variance}, first use before ${firstUseBy}`;
    io.out(json ? JSON.stringify(knownJson(token, each)) : `${grantText(token, grant)}${more}`);
  }
  const inStep = prepareRules(token.rules).kinds.some(({ accepts }) => accepts);
  const some = inStep ? 'some wrong codes mean' : 'nearly every wrong code means';
  io.err(known.length > 0 ? `or mistyped: ${some} something` : `unknown: these digits mean nothing ${where}`);
  if (!json) tellEmulated(io, token.vendor, 'this');
  return 0;
}
