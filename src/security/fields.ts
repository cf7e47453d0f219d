/**
 * The fields of vendors and schemes, as data: types, ranges and names. A misspelt option is an error.
 */
import { checkFields, checkInteger, expected, LAST_INSTANT } from '../errors.ts';
import type { Guessable } from '../vendors/vendor.ts';
import { DAY } from '../zone.ts';

/** Throws `bad_argument` or `out_of_range` for what is not as it should be. */
export type Check = (field: string, value: unknown) => void;
type Checks = Readonly<Record<string, Check>>;

const int =
  (from: number, to: number = LAST_INSTANT): Check =>
  (field, value) =>
    checkInteger(field, value, from, to);

const text =
  (pattern: RegExp, wanted: string): Check =>
  (field, value) => {
    if (typeof value !== 'string' || !pattern.test(value)) expected(field, wanted, value);
  };

/** A number that need not be whole. */
const number =
  (from: number, to: number): Check =>
  (field, value) => {
    if (typeof value !== 'number' || !(value >= from && value <= to))
      expected(field, `a number from ${from} to ${to}`, value);
  };

const oneOf =
  (...values: readonly unknown[]): Check =>
  (field, value) => {
    if (!values.includes(value)) expected(field, `one of ${values.join(', ')}`, value);
  };

const list =
  (check: Check, most: number, least = 1): Check =>
  (field, value) => {
    if (!Array.isArray(value) || value.length < least || value.length > most)
      expected(field, `a list of ${least} to ${most}`, value);
    // Array.from: forEach() would pass over the holes of a sparse array.
    Array.from(value, (each: unknown, index) => check(`${field}[${index}]`, each));
  };

const fields =
  (needed: Checks, optional: Checks = {}): Check =>
  (field, value) => {
    checkFields(field, value, [...Object.keys(needed), ...Object.keys(optional)]);
    for (const [name, check] of Object.entries(needed)) check(`${field}.${name}`, value[name]);
    for (const [name, check] of Object.entries(optional))
      if (value[name] !== undefined) check(`${field}.${name}`, value[name]);
  };

/** One of several forms, told apart by a property. */
const either =
  (by: string, forms: Checks): Check =>
  (field, value) => {
    const form =
      typeof value === 'object' && value !== null
        ? Object.entries(value)
        : expected(field, 'a plain object', value);
    const name = form.find(([each]) => each === by)?.[1];
    oneOf(...Object.keys(forms))(`${field}.${by}`, name);
    forms[String(name)]?.(field, value);
  };

const some: Check = () => undefined;

/** Thirty years in seconds: who means "no end" writes an endless kind, and no lock keeps a deadline for longer. */
const THIRTY_YEARS = 30 * 366 * DAY;
const TRUE = oneOf(true);
const WORDS = text(/^[^\n]{1,400}$/, 'text');
const TIME = text(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 15:00');
const LANE = text(/^[\d*#]{0,31}$/, 'digits, * and #');
const KIND_ID = text(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'an id such as one_time');
const VERSIONED = text(/^[a-z0-9][a-z0-9-]{0,63}\/[1-9]\d{0,3}$/, 'an id such as acme-8/1');

const range =
  (most: number): Check =>
  (field, value) =>
    (Array.isArray(value)
      ? list(int(0, most), 65536)
      : fields({ from: int(0, most), to: int(0, most), step: int(1, most) }))(field, value);

const RANGE = range(THIRTY_YEARS);
const VALUES = range(2 ** 52);

/** How far from the last accepted count, or the present period, a lock looks; it tries every one at each entry. */
const STEP: Check = int(-10_000, 10_000);

export const LOCAL_SCHEME: Check = fields(
  {
    id: VERSIONED,
    prepare: (field, value) => {
      if (typeof value !== 'function') expected(field, 'a function', value);
    },
  },
  { key: fields({ from: int(1, 65535), to: int(1, 65535) }, { ascii: TRUE }) },
);

const SCHEME: Check = (field, value) =>
  (typeof value === 'object' && value !== null && 'remote' in value
    ? fields({ id: VERSIONED, remote: TRUE })
    : LOCAL_SCHEME)(field, value);

const KIND = fields(
  {
    id: KIND_ID,
    for: oneOf('window', 'one_time', 'permanent', 'cyclic', 'rolling', 'count', 'control'),
    axis: either('on', {
      slot: fields({ on: some }),
      'civil-day': fields({ on: some, opens: TIME }),
      count: fields({ on: some, every: int(1, 64), rest: int(0, 63) }),
    }),
    length: either('in', {
      seconds: fields({ in: some, of: RANGE }),
      days: fields({ in: some, of: RANGE, closes: TIME }),
      endless: fields({ in: some }),
      value: fields({ in: some, of: VALUES }),
    }),
    variances: int(1, 2 ** 32),
    times: oneOf('once', 'many'),
    effect: oneOf('open', 'supersede', 'clear', 'clear_one', 'clear_all', 'set_clock', 'credit', 'sync'),
    source: WORDS,
  },
  {
    name: WORDS,
    base: int(0, 2 ** 52),
    lane: LANE,
    lead: int(0, 366 * DAY),
    firstUse: int(0, THIRTY_YEARS),
    firstUseAt: TIME,
    afterUse: int(1, THIRTY_YEARS),
    weekdays: list(int(0, 6), 7),
    withinYear: TRUE,
    ahead: int(0, THIRTY_YEARS),
    overlapping: int(1, 65535),
    accepts: list(STEP, 2, 2),
    seals: TRUE,
    alike: int(1, 20_001),
    asks: int(1),
    challenge: int(1, 128),
  },
);

const NEEDED: Checks = {
  layout: VERSIONED,
  digits: int(1, 40),
  grid: int(1, 366 * DAY),
  perSlot: int(1, 2 ** 52),
  kinds: list(KIND, 1000),
};
const OPTIONAL: Checks = {
  alphabet: text(/^[!-~]{2,64}$/, '2 to 64 printable symbols'),
  codes: int(1, 2 ** 53 - 1),
  origin: int(0, 2 ** 32),
  slots: int(1, 2 ** 32),
  counts: fields({ last: int(-1, 2 ** 32), floor: int(-1, 2 ** 32) }, { timed: TRUE }),
  bias: number(1, 2 ** 53),
  tags: int(1, 2 ** 53 - 1),
  lanes: list(LANE, 1000),
  scheme: LOCAL_SCHEME,
};

const SECONDS: Check = (field, value) => (Array.isArray(value) ? list(int(1), 255) : int(1))(field, value);
const EVICTION = fields(
  { of: oneOf('revoked', 'live'), earliest: oneOf('startsAt', 'endsAt') },
  { kind: KIND_ID },
);

export const RULES: Check = fields(
  {
    ...NEEDED,
    clock: oneOf('utc', 'fixed-offset', 'civil'),
    lock: fields(
      {
        tolerance: int(0, DAY),
        records: int(0, 65535),
        throttle: either('by', {
          credit: fields(
            { by: some, most: int(1, 65535), regain: int(1) },
            { first: int(0, 65535), keeps: TRUE, recordsEvery: int(1) },
          ),
          lockout: fields({ by: some, wrong: int(1, 65535), seconds: SECONDS }),
        }),
        source: WORDS,
      },
      {
        inclusive: TRUE,
        pins: int(1, 65535),
        clockReach: int(1),
        resync: int(1, 10_000),
        drift: fields({ most: int(1, 10_000), every: int(1) }),
        whenFull: (field, value) =>
          (Array.isArray(value) ? list(EVICTION, 100) : oneOf('forget', 'refuse'))(field, value),
      },
    ),
  },
  {
    ...OPTIONAL,
    also: list(fields(NEEDED, OPTIONAL), 40, 0),
    rounding: oneOf('outward', 'floor', 'nearest'),
    prefer: list(KIND_ID, 1000),
  },
);

/** The sentence that a vendor says who knows. */
export const GUESSABLE: Guessable = 'one guess in ten thousand or fewer opens this lock';

export const VENDOR: Check = fields(
  {
    id: text(/^[a-z0-9][a-z0-9-]{0,39}$/, 'an id such as acme-2'),
    name: WORDS,
    codes: oneOf('published', 'emulated'),
    about: WORDS,
    scheme: SCHEME,
    rules: (field, value) => {
      if (typeof value !== 'function' && (typeof value !== 'object' || value === null))
        expected(field, 'rules, or a function that gives them', value);
    },
  },
  { sample: some, guessable: oneOf(GUESSABLE) },
);
