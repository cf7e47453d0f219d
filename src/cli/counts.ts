/** Codes that count or answer, at the command line: the fields that ask for one, and how its grant is told. */

import { toLocal } from '../calendar/index.ts';
import { checkDisambiguation, instantAt } from '../calendar/wall-clock.ts';
import { checkVariance, kindsOf } from '../engine.ts';
import { checkInteger, checkString, expected } from '../errors.ts';
import { type Asked, type CountGrant, countOf, type Grant, valueAt } from '../grant.ts';
import { type DeviceToken, nextGrant } from '../index.ts';
import { type PlacedKind, type PreparedTable, prepareRules } from '../vendors/vendor.ts';
import { UsageError } from './io.ts';

/** What is asked for, by inside names: flags or a line of JSON, their values not checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** The table of a vendor that counts. */
export function countTable(token: DeviceToken): PreparedTable | undefined {
  const [table] = prepareRules(token.rules).tables;
  return table?.counts && table;
}

/** Refuses what the codes of a vendor have no use for; what is switched off is not there. */
export function refuseFields(fields: Fields, names: readonly string[], why: string): void {
  const given = names.find((name) => fields[name] !== undefined && fields[name] !== false);
  if (given !== undefined) throw new UsageError(`"${given}" expected none: ${why}`);
}

/**
 * What the lock asked, as a request has it. A challenge says itself how it is written, session information is hex: kept
 * in lower case, as a lock's state has it.
 */
export function askedIn(token: DeviceToken, fields: Fields): Asked | undefined {
  const { challenge, session } = fields;
  const { kinds } = prepareRules(token.rules);
  if (!kinds.some(({ asks }) => asks !== undefined)) {
    refuseFields(fields, ['challenge', 'session'], `codes of "${token.vendor.id}" answer nothing`);
    return undefined;
  }
  if (challenge === undefined)
    throw new UsageError(`"challenge" is missing: codes of "${token.vendor.id}" answer one`);
  checkString('challenge', challenge);
  // The lock asks in full: an answer to less is for a digit that was left out.
  const { challenge: symbols } = kinds.find(({ asks }) => asks !== undefined) ?? {};
  if (symbols !== undefined && challenge.length !== symbols)
    expected('challenge', `${symbols} symbols`, challenge);
  if (session === undefined) return { challenge };
  checkString('session', session);
  return { challenge, session: session.toLowerCase() };
}

/** The kind that is asked for, or the only one. */
function kindIn(token: DeviceToken, { kind }: Fields): PlacedKind {
  const { kinds } = prepareRules(token.rules);
  const [only] = kinds.length === 1 ? kinds : [];
  if (kind === undefined && !only)
    throw new UsageError(`"kind" is missing: one of ${kinds.map(({ id }) => id).join(', ')}`);
  return kindsOf(kinds, kind ?? only?.id)[0];
}

/** What a code carries: of codes that say the time too, the time step, from a time or as it is. */
function valueIn(
  token: DeviceToken,
  { counts, timeStep }: PreparedTable,
  { id, shape }: PlacedKind,
  fields: Fields,
): number {
  const { startsAt, value, disambiguation } = fields;
  if (counts?.timed && startsAt !== undefined) {
    if (value !== undefined) throw new UsageError('"startsAt" and "value" exclude each other');
    checkDisambiguation(disambiguation);
    return Math.floor(instantAt(token, 'startsAt', startsAt, disambiguation) / timeStep);
  }
  const only = countOf(shape.lengths) === 1 ? valueAt(shape.lengths, 0) : undefined;
  const carried = value ?? only;
  if (carried === undefined)
    throw new UsageError(
      counts?.timed
        ? `"startsAt" is missing: codes of "${token.vendor.id}" with these settings say the time too`
        : `"value" is missing: "${id}" carries one`,
    );
  checkInteger('value', carried, 0, Number.MAX_SAFE_INTEGER);
  return carried;
}

/** The grant that is asked for by its count, or by the last one before it. */
export function countGrant(token: DeviceToken, table: PreparedTable, fields: Fields): CountGrant {
  const { id } = token.vendor;
  const why = `codes of "${id}" are for counts`;
  refuseFields(fields, ['endsAt', 'oneTime', 'maxTimeRounding', 'lane', 'issuedAt'], why);
  if (!table.counts?.timed) refuseFields(fields, ['startsAt', 'disambiguation'], why);
  const asked = askedIn(token, fields);
  const kind = kindIn(token, fields);
  const { variance = 0, after } = fields;
  checkVariance(token, kind, variance);
  const value = valueIn(token, table, kind, fields);
  // Answers that have no count are all of count 0.
  const uncounted = table.slots === 1;
  if (uncounted) refuseFields(fields, ['after'], 'these answers have no count');
  const { count = uncounted ? 0 : undefined } = fields;
  if (count !== undefined && after !== undefined)
    throw new UsageError('"count" and "after" exclude each other');
  if (count === undefined && after === undefined)
    throw new UsageError('"count" is missing, or "after" with the last count, -1 for none');
  if (after !== undefined) {
    checkInteger('after', after, -1, Number.MAX_SAFE_INTEGER);
    return nextGrant(token, { after, kind: kind.id, value, ...(asked && { asked }) });
  }
  checkInteger('count', count, 0, Number.MAX_SAFE_INTEGER);
  return { kind: kind.id, variance, count, value, ...(asked && { asked }) };
}

/** When a grant begins and ends; of codes for counts that say the time too, their time step. */
export function timesOf(
  token: DeviceToken,
  { startsAt, endsAt, value }: Grant,
): { readonly starts: string | null; readonly ends: string | null } {
  const local = (instant: number | null | undefined): string | null =>
    typeof instant === 'number' ? toLocal(token, instant) : null;
  const table = countTable(token);
  if (!table?.counts?.timed || value === undefined) return { starts: local(startsAt), ends: local(endsAt) };
  return { starts: local(value * table.timeStep), ends: local((value + 1) * table.timeStep) };
}

/** What a grant says beside its time, in JSON: nothing for codes that neither count nor answer. */
export const countFields = ({ count, value, asked }: Grant): object => ({
  ...(count !== undefined && { count, value }),
  ...(asked && { challenge: asked.challenge }),
  ...(asked?.session !== undefined && { session: asked.session }),
});

/** A grant in words, such as `stay from … to …` or `add count 18, value 7`. */
export function grantText(token: DeviceToken, grant: Grant): string {
  const { kind, count, value, asked } = grant;
  const { starts, ends } = timesOf(token, grant);
  const { slots } = countTable(token) ?? {};
  const named = prepareRules(token.rules).kinds.find(({ id }) => id === kind);
  const carries = count !== undefined && starts === null && named && countOf(named.shape.lengths) > 1;
  return [
    kind,
    count === undefined || slots === 1 ? '' : ` count ${count}`,
    carries ? `, value ${value}` : '',
    starts === null ? '' : ` from ${starts} ${ends === null ? 'for good' : `to ${ends}`}`,
    asked ? `, answers ${asked.challenge}` : '',
  ].join('');
}
