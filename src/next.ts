/**
 * `nextGrant`: planning without a clock, for vendors that count.
 */
import { kindsOf, mint } from './engine.ts';
import { checkFields, checkInteger, expected, fail, PintumblerError } from './errors.ts';
import { type Asked, type CountGrant, countOf, valueAt } from './grant.ts';
import { checkToken, type DeviceToken } from './token.ts';
import { prepareRules } from './vendors/vendor.ts';

/** What is asked for. */
export interface NextRequest {
  /** The count of the last code that was made for this device; −1 for none. */
  readonly after: number;
  /** By default the vendor's only kind. */
  readonly kind?: string;
  /** What the code carries; by default the only value of its kind. Of OCRA with counter and time, the time step. */
  readonly value?: number;
  /** What the lock asked, for codes that answer. */
  readonly asked?: Asked;
}

/** In a row that read as another: more than chance has. */
const MOST_SKIPPED = 64;

/**
 * The grant of the next code for a device that counts: of the first count after the last one that its kind has, and
 * whose code reads as no other's. Its `count` is what to store and hand in as `after` the next time. Answers without a
 * counter are all of count 0.
 *
 * @throws `bad_argument`, `out_of_range`, `kind_unknown`; `code_ambiguous` where no count is near that will do
 * @example
 * import { createToken, mint, nextGrant } from 'pintumbler';
 * import { openpaygo } from 'pintumbler/vendors';
 * const token = createToken({ vendor: openpaygo, deviceId: 'kit-7', key: new Uint8Array(16).fill(7), timeZone: 'UTC' });
 * const grant = nextGrant(token, { after: 1, kind: 'add', value: 7 });
 * console.log(grant.count, mint(token, grant)); // 2 501854610
 */
export function nextGrant(token: DeviceToken, request: NextRequest): CountGrant {
  checkToken('token', token);
  checkFields('request', request, ['after', 'kind', 'value', 'asked']);
  const { after, asked } = request;
  const { tables, kinds } = prepareRules(token.rules);
  const [table] = tables;
  if (!table?.counts) return fail('bad_argument', 'codes of this vendor are for times: use plan()');
  const [only] = kinds.length === 1 ? kinds : [];
  const [kind] = kindsOf(kinds, request.kind ?? only?.id);
  const { every, rest, lengths } = kind.shape;
  const { value = countOf(lengths) === 1 ? valueAt(lengths, 0) : undefined } = request;
  if (value === undefined) return expected('value', `what "${kind.id}" carries`, value);
  checkInteger('after', after, -1, Number.MAX_SAFE_INTEGER - 1);
  // An answer without a counter has count 0, always; and below its floor a new lock takes nothing.
  const first = table.slots === 1 ? 0 : Math.max(after, table.counts.floor) + 1;
  let count = first + ((rest - (first % every) + every) % every);
  for (let skipped = 0; ; skipped++) {
    const grant = { kind: kind.id, variance: 0, count, value, ...(asked !== undefined && { asked }) };
    try {
      mint(token, grant);
      return grant;
    } catch (error) {
      const isTaken = error instanceof PintumblerError && error.code === 'code_ambiguous';
      if (!isTaken || skipped === MOST_SKIPPED) throw error;
    }
    count += every;
  }
}
