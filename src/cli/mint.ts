/** `pintumbler mint`: one code, or one for every line of a file. */

import { type Plan, type PlanRequest, plan } from '../calendar/index.ts';
import { checkFields, PintumblerError } from '../errors.ts';
import { type DeviceToken, mint } from '../index.ts';
import { prepareRules } from '../vendors/vendor.ts';
import { type Flags, type Io, may, mayNumber, need, UsageError } from './io.ts';
import { readTokenFile, tokenOf } from './token.ts';
import { renamed, snakeCase, spanText, tellEmulated } from './words.ts';

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

function requestOf(fields: Readonly<Record<string, unknown>>): PlanRequest {
  const entries = Object.entries(REQUEST).flatMap(([outside, inside]) =>
    fields[outside] === undefined ? [] : [[inside, fields[outside]]],
  );
  if (fields['starts_at'] === undefined) throw new PintumblerError('bad_argument', '"starts_at" is missing');
  return { startsAt: '', ...Object.fromEntries(entries) };
}

function mintedJson(
  token: DeviceToken,
  { grant, local, rounded, warnings, window, vendor, codes }: Plan,
  code: string,
): object {
  return {
    code,
    kind: grant.kind,
    variance: grant.variance,
    lane: grant.lane ?? null,
    starts_at: local.startsAt,
    ends_at: local.endsAt,
    first_use_by: local.firstUseBy,
    rounded: { starts_at: rounded.start, ends_at: rounded.end },
    warnings,
    vendor,
    codes,
    device_id: token.deviceId,
    epoch: token.epoch,
    window,
  };
}

function tellPerson(io: Io, token: DeviceToken, planned: Plan): void {
  const { grant, local, rounded, warnings } = planned;
  const to = local.endsAt === null ? 'for good' : `to ${local.endsAt}`;
  io.err(`${grant.kind} from ${local.startsAt} ${to}, first use before ${local.firstUseBy}`);
  // One code a period: it begins when the period does, and nothing was rounded.
  const isOfPeriod = prepareRules(token.rules).kinds.some(
    (kind) => kind.id === grant.kind && kind.for === 'rolling',
  );
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
  tellEmulated(io, token.vendor, 'this');
}

async function mintOne(io: Io, flags: Flags): Promise<number> {
  const token = await readTokenFile(io, need(flags, 'token'));
  const planned = plan(
    token,
    requestOf({
      starts_at: need(flags, 'starts-at'),
      ends_at: may(flags, 'ends-at'),
      one_time: flags['one-time'],
      max_time_rounding: may(flags, 'max-time-rounding'),
      kind: may(flags, 'kind'),
      lane: may(flags, 'lane'),
      variance: mayNumber(flags, 'variance'),
      disambiguation: may(flags, 'disambiguation'),
      issued_at: may(flags, 'issued-at'),
    }),
  );
  const code = mint(token, planned.grant);
  if (flags['json'] === true) io.out(JSON.stringify(mintedJson(token, planned, code)));
  else {
    io.out(code);
    tellPerson(io, token, planned);
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
    checkFields('record', record, ['id', 'token', ...Object.keys(REQUEST)]);
    const text =
      typeof record['token'] === 'string' ? record['token'] : JSON.stringify(record['token'] ?? null);
    const token = tokenOf(text);
    const planned = plan(token, requestOf(record));
    return { id, answer: mintedJson(token, planned, mint(token, planned.grant)) };
  } catch (error) {
    if (!(error instanceof PintumblerError)) throw error;
    const message = renamed(error.message, (field) => `"${snakeCase(field)}"`);
    return { id, answer: { error: { code: error.code, message } } };
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
