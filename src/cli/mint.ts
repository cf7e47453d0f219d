/** `pintumbler mint`: one code, or one for every line of a file. */

import { type Plan, type PlanRequest, plan } from '../calendar/index.ts';
import { checkFields, PintumblerError } from '../errors.ts';
import type { Grant } from '../grant.ts';
import { type DeviceToken, mint } from '../index.ts';
import { prepareRules } from '../vendors/vendor.ts';
import {
  askedIn,
  countFields,
  countGrant,
  countTable,
  type Fields,
  grantText,
  refuseFields,
  timesOf,
} from './counts.ts';
import { type Flags, type Io, may, mayNumber, need, UsageError } from './io.ts';
import { readTokenFile, tokenOf } from './token.ts';
import { renamed, renamedAll, snakeCase, spanText, tellEmulated } from './words.ts';

/** Request fields by their outside names; `plan` checks the values. */
const REQUEST = {
  starts_at: 'startsAt',
  ends_at: 'endsAt',
  one_time: 'oneTime',
  max_time_rounding: 'maxTimeRounding',
  kind: 'kind',
  lane: 'lane',
  variance: 'variance',
  disambiguation: 'disambiguation',
  issued_at: 'issuedAt',
} as const;

/** Those of codes that count or answer: outside they are the same. */
const COUNTS = ['count', 'after', 'value'];
const ASKED = ['challenge', 'session'];

/** The fields of a line by their inside names. */
const fieldsOf = (record: Fields): Fields =>
  Object.fromEntries([
    ...Object.entries(REQUEST).map(([outside, inside]) => [inside, record[outside]]),
    ...[...COUNTS, ...ASKED].map((name) => [name, record[name]]),
  ]);

function requestOf(fields: Fields): PlanRequest {
  const entries = Object.values(REQUEST).flatMap((name) =>
    fields[name] === undefined ? [] : [[name, fields[name]]],
  );
  return { startsAt: '', ...Object.fromEntries(entries) };
}

/** A code, its grant, and how that was planned, unless it is for a count. */
interface Minted {
  readonly code: string;
  readonly grant: Grant;
  readonly planned: Plan | undefined;
}

function mintFor(token: DeviceToken, fields: Fields): Minted {
  const table = countTable(token);
  if (table) {
    const grant = countGrant(token, table, fields);
    return { code: mint(token, grant), grant, planned: undefined };
  }
  refuseFields(fields, COUNTS, `codes of "${token.vendor.id}" are for times`);
  const asked = askedIn(token, fields);
  if (fields['startsAt'] === undefined) throw new UsageError('"startsAt" is missing');
  const planned = plan(token, requestOf(fields));
  // A plan knows of no challenge.
  const grant = asked ? { ...planned.grant, asked } : planned.grant;
  return { code: mint(token, grant), grant, planned };
}

function mintedJson(token: DeviceToken, { code, grant, planned }: Minted): object {
  const { kind, variance, lane = null } = grant;
  const { starts, ends } = timesOf(token, grant);
  return {
    code,
    kind,
    variance,
    lane,
    ...countFields(grant),
    starts_at: starts,
    ends_at: ends,
    first_use_by: planned ? planned.local.firstUseBy : ends,
    rounded: { starts_at: planned?.rounded.start ?? 0, ends_at: planned?.rounded.end ?? 0 },
    warnings: planned?.warnings ?? [],
    vendor: token.vendor.id,
    codes: token.vendor.codes,
    device_id: token.deviceId,
    epoch: token.epoch,
    window: planned?.window ?? null,
  };
}

/** Of a code of the period that is used once: in which other periods its lock takes it. */
function periodsText([from, to]: readonly [number, number]): string {
  const periods = (count: number): string => `${count} ${count === 1 ? 'period' : 'periods'}`;
  return `once${from < 0 ? `; the lock takes it ${periods(-from)} before and ${periods(to)} after as well` : ''}`;
}

function tellTimes(io: Io, token: DeviceToken, grant: Grant, planned: Plan): void {
  const { local, rounded, warnings } = planned;
  const kind = prepareRules(token.rules).kinds.find(({ id }) => id === grant.kind);
  const until = kind?.accepts ? periodsText(kind.accepts) : `first use before ${local.firstUseBy}`;
  io.err(`${grantText(token, grant)}, ${until}`);
  // One code a period: it begins when the period does, and nothing was rounded.
  const isOfPeriod = kind?.for === 'rolling';
  if (rounded.start > 0 && !isOfPeriod) io.err(`starts ${spanText(rounded.start)} earlier than asked`);
  if (warnings.includes('starts_late'))
    io.err(`warning: starts ${spanText(-rounded.start)} LATER than asked: this maker rounds so`);
  else if (rounded.start < 0) io.err(`set ${spanText(-rounded.start)} later than asked`);
  if (rounded.end > 0) io.err(`ends ${spanText(rounded.end)} later than asked`);
  if (warnings.includes('ends_early')) {
    const outward = (token.rules.rounding ?? 'outward') === 'outward';
    const why = outward ? 'its lock counts hours, and the clocks change in between' : 'this maker rounds so';
    io.err(`warning: ends ${spanText(-rounded.end)} EARLIER than asked: ${why}`);
  }
  if (warnings.includes('zone_rules_changed'))
    io.err("warning: the zone's rules have changed since the token was made; the lock goes by the token");
  if (warnings.includes('hours_shift'))
    io.err(
      'warning: the lock keeps standard time all year: after the next clock change its hours are off by that',
    );
}

function tellPerson(io: Io, token: DeviceToken, { grant, planned }: Minted): void {
  if (planned) tellTimes(io, token, grant, planned);
  else {
    const { slots } = countTable(token) ?? {};
    const next = slots === 1 ? '' : `; the next is made with --after ${grant.count}`;
    io.err(`${grantText(token, grant)}${next}`);
  }
  tellEmulated(io, token.vendor, 'this');
}

async function mintOne(io: Io, flags: Flags): Promise<number> {
  const token = await readTokenFile(io, need(flags, 'token'));
  const minted = mintFor(token, {
    startsAt: may(flags, 'starts-at'),
    endsAt: may(flags, 'ends-at'),
    oneTime: flags['one-time'],
    maxTimeRounding: may(flags, 'max-time-rounding'),
    kind: may(flags, 'kind'),
    lane: may(flags, 'lane'),
    variance: mayNumber(flags, 'variance'),
    disambiguation: may(flags, 'disambiguation'),
    issuedAt: may(flags, 'issued-at'),
    count: mayNumber(flags, 'count'),
    after: mayNumber(flags, 'after'),
    value: mayNumber(flags, 'value'),
    challenge: may(flags, 'challenge'),
    session: may(flags, 'session'),
  });
  if (flags['json'] === true) io.out(JSON.stringify(mintedJson(token, minted)));
  else {
    io.out(minted.code);
    tellPerson(io, token, minted);
  }
  return 0;
}

/** `token`: the object of a token file, or a line; the rest as the flags of `mint`. */
function mintLine(line: string): { id: unknown; answer: object } {
  let record: unknown;
  try {
    record = JSON.parse(line.replace(/^\uFEFF/, ''));
  } catch {
    // The parser's message quotes the line, and the line holds a key.
    return { id: null, answer: { error: { code: 'bad_argument', message: 'the line is not JSON' } } };
  }
  const id = typeof record === 'object' && record !== null && 'id' in record ? record.id : null;
  try {
    checkFields('record', record, ['id', 'token', ...Object.keys(REQUEST), ...COUNTS, ...ASKED]);
    const text =
      typeof record['token'] === 'string' ? record['token'] : JSON.stringify(record['token'] ?? null);
    const token = tokenOf(text);
    return { id, answer: mintedJson(token, mintFor(token, fieldsOf(record))) };
  } catch (error) {
    const named = (field: string): string => `"${snakeCase(field)}"`;
    if (error instanceof UsageError)
      return { id, answer: { error: { code: 'bad_argument', message: renamedAll(error.message, named) } } };
    if (!(error instanceof PintumblerError)) throw error;
    return { id, answer: { error: { code: error.code, message: renamed(error.message, named) } } };
  }
}

/** One answer a line, in order; a bad line gets an error and the rest goes on. */
async function mintMany(io: Io, path: string): Promise<number> {
  let failed = 0;
  for await (const line of io.lines(path)) {
    if (line.trim() === '') continue;
    const { id, answer } = mintLine(line);
    if ('error' in answer) failed++;
    io.out(JSON.stringify({ id: id ?? null, ...answer }));
  }
  if (failed > 0) io.err(`${failed} of the lines failed; their answers say why`);
  return failed > 0 ? 3 : 0;
}

export function mintCommand(io: Io, flags: Flags): Promise<number> {
  const devices = may(flags, 'devices');
  if (devices === undefined) return mintOne(io, flags);
  if (Object.keys(flags).some((name) => name !== 'devices' && name !== 'json')) {
    throw new UsageError('--devices goes with --json only: the rest is in its lines');
  }
  return mintMany(io, devices);
}
