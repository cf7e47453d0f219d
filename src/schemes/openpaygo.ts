/**
 * OpenPAYGO Token, bit-exact. Source: EnAccess, OpenPAYGO-python (d90881b) and OpenPAYGO-HW (57eacfa): where the
 * printed specification says something else, this follows the code, for that is what is in the field.
 *
 *   next       tok(SipHash-2-4(key, BE32(t) ‖ BE32(t))); tok drops the two *lowest* bits of the exclusive or of
 *              the halves
 *   base       the last 3 digits: (starting code + value) mod 1000
 *   token      the starting code with that base, `count` times next, then that base put in its place; 9 digits
 *   value      0 to 995; 998 disables the lock, 999 brings its count in step; 996 and 997 are reserved
 *   extended   12 digits: next = the upper 40 bits of SipHash-2-4(key, BE64(t)), a base of 6 digits, any value
 *   restricted the number in base 4, digits 1 to 4: 15 symbols, extended 20
 *
 * A count is even for `add` and odd for all else. At count 0 the chain is the starting code itself: whoever knows
 * that makes such a token without the key. So there is no count 0 here, neither made nor read.
 */
import { checkBytes, checkFields, checkInteger, expected, fail } from '../errors.ts';
import type { Claim, Codec, Layout, Scheme } from './scheme.ts';
import { type SipHash, sipHash24, sipKey, type Word64 } from './siphash.ts';

/** Ours: the lock walks the chain from 0 on every entry, and nobody has set an end. */
const LAST_COUNT = 65_535;

const DISABLE = 998;
const SYNC = 999;

export type OpenPaygoType = 'add' | 'set' | 'disable' | 'sync';

/** How the tokens of a device look, and where its chain begins. */
export interface OpenPaygoForm {
  /**
   * 0 to 999,999,999, also of extended tokens; by default `openPaygoStartingCode` of the key. A 0 is taken as it
   * is, where OpenPAYGO-python takes it for none.
   */
  readonly startingCode?: number;
  /** 12 digits and values of 6, in place of 9 and 3. */
  readonly extended?: boolean;
  /** Digits 1 to 4 only. */
  readonly restricted?: boolean;
}

/** One token: what it says, and of which count. */
export interface OpenPaygoOrder extends OpenPaygoForm {
  /** 1 to 65,535; its parity is the type, see `openPaygoNextCount`. */
  readonly count: number;
  /** 0 to 995, 998 or 999; extended 0 to 999,999. */
  readonly value: number;
}

/** tok: 30 bits, brought under 10^9 as the code does it. */
function tokenOf({ high, low }: Word64): number {
  // The specification drops the two highest bits; every implementation drops the lowest.
  const bits = (high ^ low) >>> 2;
  return bits > 999_999_999 ? bits - 73_741_825 : bits;
}

/** The same of an extended token: 40 bits. */
function extendedTokenOf({ high, low }: Word64): number {
  const bits = high * 256 + (low >>> 24);
  return bits > 999_999_999_999 ? bits - 99_511_627_777 : bits;
}

/** What a kind of token is made of. */
interface Chain {
  readonly modulus: number;
  next(token: number): number;
}

function chainOf(hash: SipHash, extended: boolean): Chain {
  const block = new Uint8Array(8);
  const view = new DataView(block.buffer);
  return {
    modulus: extended ? 1_000_000 : 1000,
    next(token) {
      view.setUint32(0, extended ? Math.floor(token / 2 ** 32) : token);
      // A DataView takes what is above 32 bits off.
      view.setUint32(4, token);
      return extended ? extendedTokenOf(hash(block)) : tokenOf(hash(block));
    },
  };
}

/** Calls `visit` with each count from 1 to the last and its token for a base. */
function walk(
  { modulus, next }: Chain,
  startingCode: number,
  base: number,
  last: number,
  visit: (count: number, token: number) => void,
): void {
  let token = startingCode - (startingCode % modulus) + base;
  for (let count = 1; count <= last; count++) {
    // The base is put back for the keypad only: the chain goes on with the token as it came.
    token = next(token);
    visit(count, token - (token % modulus) + base);
  }
}

function tokenAt(chain: Chain, startingCode: number, count: number, value: number): number {
  let found = 0;
  walk(chain, startingCode, (startingCode + value) % chain.modulus, count, (_, token) => {
    found = token;
  });
  return found;
}

/** Two bits a symbol, the highest first, and 1 added to each. */
const restrictedOf = (token: number, symbols: number): string =>
  token
    .toString(4)
    .padStart(symbols, '0')
    .replace(/\d/g, (digit) => `${Number(digit) + 1}`);

const unrestricted = (code: string): number =>
  Number.parseInt(
    code.replace(/\d/g, (digit) => `${Number(digit) - 1}`),
    4,
  );

const symbolsOf = (extended: boolean, restricted: boolean): number =>
  (restricted ? 5 : 3) * (extended ? 4 : 3);

const written = (token: number, extended: boolean, restricted: boolean): string => {
  const symbols = symbolsOf(extended, restricted);
  return restricted ? restrictedOf(token, symbols) : `${token}`.padStart(symbols, '0');
};

function checkValue(value: unknown, extended: boolean): asserts value is number {
  checkInteger('value', value, 0, extended ? 999_999 : SYNC);
  if (!extended && value > 995 && value < DISABLE)
    fail('out_of_range', `"value" expected 0 to 995, ${DISABLE} or ${SYNC}: 996 and 997 are reserved`);
}

/** A form with its defaults, checked; the starting code may depend on the key, which is not known yet. */
function checkedForm({
  startingCode,
  extended = false,
  restricted = false,
}: Readonly<Record<string, unknown>>): {
  readonly startingCode: number | undefined;
  readonly extended: boolean;
  readonly restricted: boolean;
} {
  if (typeof extended !== 'boolean') expected('extended', 'true or false', extended);
  if (typeof restricted !== 'boolean') expected('restricted', 'true or false', restricted);
  if (startingCode === undefined) return { startingCode, extended, restricted };
  checkInteger('startingCode', startingCode, 0, 999_999_999);
  return { startingCode, extended, restricted };
}

const FORM = ['startingCode', 'extended', 'restricted'];

/**
 * The starting code of a device that was given none: tok(SipHash-2-4(key, key)).
 *
 * @param key 16 bytes.
 * @returns 0 to 999,999,999; printed with nine digits.
 * @throws `key_length`, `bad_argument`
 * @example
 * import { openPaygoStartingCode } from 'pintumbler/schemes';
 * console.log(openPaygoStartingCode(new Uint8Array(16))); // 750219629
 */
export function openPaygoStartingCode(key: Uint8Array): number {
  return tokenOf(sipHash24(key, key));
}

/**
 * The count of the next token: the next even one for `add`, the next odd one for all else.
 *
 * @param lastCount that of the newest token given out; a new device has 1.
 * @returns 1 to 65,535.
 * @throws `bad_argument`, and `out_of_range` also where no such count is left
 * @example
 * import { openPaygoNextCount } from 'pintumbler/schemes';
 * console.log(openPaygoNextCount(1, 'add'), openPaygoNextCount(1, 'set')); // 2 3
 */
export function openPaygoNextCount(lastCount: number, type: OpenPaygoType): number {
  if (type !== 'add' && type !== 'set' && type !== 'disable' && type !== 'sync')
    expected('type', 'one of add, set, disable, sync', type);
  const rest = type === 'add' ? 0 : 1;
  checkInteger('lastCount', lastCount, 0, LAST_COUNT - 2 + rest);
  return lastCount % 2 === rest ? lastCount + 2 : lastCount + 1;
}

/**
 * Makes a token of a count and a value; which type it is the device reads from the parity of the count.
 *
 * @param key 16 bytes.
 * @param order `count` 1 to 65,535: the token of count 0 is the starting code with the value added, made without
 *   the key, and no device should take it. `value` 0 to 995 in units of the device, 998 or 999; extended 0 to
 *   999,999, where 998 and 999 mean no more than other values.
 * @returns 9 digits, extended 12; restricted 15 or 20 symbols 1 to 4.
 * @throws `key_length`, `bad_argument`, `out_of_range`
 * @example
 * import { openPaygoNextCount, openPaygoToken } from 'pintumbler/schemes';
 * const key = new Uint8Array(16);
 * console.log(openPaygoToken(key, { count: openPaygoNextCount(1, 'add'), value: 30 })); // 071172659
 * console.log(openPaygoToken(key, { count: 2, value: 30, restricted: true })); // 121144311131414
 */
export function openPaygoToken(key: Uint8Array, order: OpenPaygoOrder): string {
  checkBytes('key', key, 16);
  checkFields('order', order, ['count', 'value', ...FORM]);
  const { count, value, ...form } = order;
  const { startingCode = openPaygoStartingCode(key), extended, restricted } = checkedForm(form);
  checkInteger('count', count, 1, LAST_COUNT);
  checkValue(value, extended);
  return written(tokenAt(chainOf(sipKey(key), extended), startingCode, count, value), extended, restricted);
}

/** How many values each kind has at most: add, set, disable, sync; extended tokens have the first two. */
const VALUES = [996, 996, 1, 1];
const EXTENDED_VALUES = [1_000_000, 1_000_000];

/** The value that a claim says. */
const saidBy = ({ kind, length }: Pick<Claim, 'kind' | 'length'>): number =>
  kind === 2 ? DISABLE : kind === 3 ? SYNC : length;

/** The kind and the length that a value is at a count; undefined for what is reserved. */
function meaningOf(
  value: number,
  count: number,
  extended: boolean,
): Pick<Claim, 'kind' | 'length'> | undefined {
  if (extended || value < 996) return { kind: count % 2, length: value };
  if (value < DISABLE || count % 2 === 0) return undefined;
  return { kind: value === DISABLE ? 2 : 3, length: 0 };
}

const unfit = (id: string, what: string): never => fail('rules_invalid', `rules of "${id}": unfit ${what}`);

/**
 * The scheme of a device: `openpaygo/1`, or `openpaygo-extended/1`. The layout's kinds are, in this order, `add`
 * and `set` (lengths are values, 996 of them at most), `disable` and `sync` (one length each); extended tokens
 * have the first two, of up to 1,000,000 values. A claim's slot is the count: even for `add`, odd for the others,
 * or `encode` refuses with `rules_invalid`.
 *
 * @param form as of `openPaygoToken`; the layout has to have its number of digits and its alphabet.
 * @throws `bad_argument`, `out_of_range`
 * @example
 * import { openPaygoScheme } from 'pintumbler/schemes';
 * console.log(openPaygoScheme({ extended: true }).id); // openpaygo-extended/1
 */
export function openPaygoScheme(form: OpenPaygoForm = {}): Scheme {
  checkFields('form', form, FORM);
  const { startingCode: given, extended, restricted } = checkedForm(form);
  const digits = symbolsOf(extended, restricted);
  const alphabet = restricted ? '1234' : '0123456789';
  const pattern = new RegExp(`^[${alphabet}]{${digits}}$`);
  const codes = extended ? 10 ** 12 : 10 ** 9;
  const values = extended ? EXTENDED_VALUES : VALUES;

  return {
    id: extended ? 'openpaygo-extended/1' : 'openpaygo/1',
    key: { from: 16, to: 16 },

    prepare(key: Uint8Array, { id, places, span, lanes, ...layout }: Layout): Codec {
      if (layout.digits !== digits || layout.alphabet !== alphabet) unfit(id, '"digits" or "alphabet"');
      if (lanes.some((lane) => lane !== '')) unfit(id, '"lanes"');
      places.forEach(({ lengths, variances }, kind) => {
        if (lengths > (values[kind] ?? 0) || variances !== 1) unfit(id, '"kinds"');
      });
      const startingCode = given ?? openPaygoStartingCode(key);
      const chain = chainOf(sipKey(key), extended);
      const { modulus } = chain;

      return {
        encode({ kind, slot, length }) {
          checkInteger('count', slot, 1, LAST_COUNT);
          if (length >= (places[kind]?.lengths ?? 0)) unfit(id, '"kinds"');
          if (slot % 2 !== (kind === 0 ? 0 : 1)) unfit(id, '"count": even for "add", odd for all else');
          const value = saidBy({ kind, length });
          checkValue(value, extended);
          return written(tokenAt(chain, startingCode, slot, value), extended, restricted);
        },
        decode(code, first, last) {
          const found: Claim[] = [];
          const keyed = pattern.test(code) ? (restricted ? unrestricted(code) : Number(code)) : codes;
          if (keyed >= codes) return found;
          const base = keyed % modulus;
          const value = (base + modulus - (startingCode % modulus)) % modulus;
          // Every count is looked at, also after a match: what it takes tells nothing about the token.
          walk(chain, startingCode, base, Math.min(last, LAST_COUNT), (slot, token) => {
            if (token !== keyed || slot < first) return;
            const meant = meaningOf(value, slot, extended);
            if (meant && meant.length < (places[meant.kind]?.lengths ?? 0))
              found.push({ ...meant, slot, variance: 0, lane: '' });
          });
          return found.reverse();
        },
        alone(claim) {
          const { slot } = claim;
          const near: number[] = [];
          const base = (startingCode + saidBy(claim)) % modulus;
          walk(chain, startingCode, base, Math.min(slot + span, LAST_COUNT), (count, token) => {
            if (count >= slot - span) near.push(token);
          });
          const own = near[Math.min(span, slot - 1)];
          return near.filter((token) => token === own).length === 1;
        },
      };
    },
  };
}
