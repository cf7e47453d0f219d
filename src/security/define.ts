/**
 * `defineVendor` and `defineScheme`: a vendor or an algorithm of one's own, checked where it is defined and not at the
 * door. The contracts in words stand in `src/vendors/vendor.ts` and `src/schemes/scheme.ts`.
 */
import { engineOf } from '../engine.ts';
import { expected, fail } from '../errors.ts';
import { countOf, valueAt } from '../grant.ts';
import type { Codec, Layout, Scheme } from '../schemes/scheme.ts';
import {
  frozen,
  type Kind,
  type Rules,
  rulesOf,
  type Table,
  tablesOf,
  type Vendor,
} from '../vendors/vendor.ts';
import { DAY } from '../zone.ts';
import { countCodes } from './count.ts';
import { GUESSABLE, LOCAL_SCHEME, RULES, VENDOR } from './fields.ts';
import { digitsFor, possibleOf, trialToken } from './report.ts';

/** One guess in so many needs no `guessable`; in fewer, it does. */
const TEN_THOUSAND = 10_000;

const invalid = (field: string, what: string): never => fail('rules_invalid', `"${field}": ${what}`);

const isTwice = (values: Iterable<unknown>): boolean => {
  const list = [...values];
  return new Set(list).size < list.length;
};

/** Refuses lengths that do not rise, and one of nothing where no maker's code space has it. */
function checkLengths(field: string, kind: Kind, isMakers: boolean): void {
  const { axis, length } = kind;
  if (length.in === 'endless') return;
  const { of } = length;
  const isRising =
    'step' in of ? of.to >= of.from : of.every((each, i) => i === 0 || each > (of[i - 1] ?? 0));
  if (!isRising) invalid(`${field}.length.of`, 'lengths do not rise');
  // 08:00 to 22:00 of one day is 0 days long.
  const isWithinDay = axis.on === 'civil-day' && length.in === 'days' && length.closes > axis.opens;
  if (valueAt(of, 0) === 0 && !isWithinDay && !isMakers && kind.for !== 'control')
    invalid(`${field}.length.of`, 'a window of no length');
}

/** What the fields of a kind say together: each with what is wrong where it holds. */
function checkKind(field: string, kind: Kind, grid: number, isMakers: boolean): void {
  const { axis, length, firstUse, firstUseAt, weekdays, effect, lead, withinYear } = kind;
  const civil = axis.on === 'civil-day';
  const opens = effect === 'open' || effect === 'supersede';
  const wrong: readonly (readonly [boolean, string, string])[] = [
    [civil !== (length.in === 'days'), 'length', 'days are for kinds with local times, and for all of them'],
    // The engine would not look at these fields.
    [civil && lead !== undefined, 'lead', 'not for kinds with local times'],
    [civil && weekdays !== undefined, 'weekdays', 'not for kinds with local times'],
    [civil && withinYear !== undefined, 'withinYear', 'not for kinds with local times'],
    [firstUseAt !== undefined && !civil, 'firstUseAt', 'only for kinds with local times'],
    [firstUseAt !== undefined && firstUse === undefined, 'firstUseAt', 'only with firstUse'],
    [firstUse === 0 && !civil, 'firstUse', 'nobody could use it'],
    [
      (kind.for === 'cyclic') !== (weekdays !== undefined),
      'weekdays',
      'for cyclic kinds, and for all of them',
    ],
    [weekdays !== undefined && isTwice(weekdays), 'weekdays', 'a day twice'],
    [weekdays !== undefined && DAY % grid !== 0, 'weekdays', 'the grid does not divide a day'],
    [
      weekdays !== undefined && longestOf(kind) > DAY,
      'length',
      'longer than the day after which it comes again',
    ],
    [
      (weekdays !== undefined || length.in === 'endless') && firstUse === undefined,
      'firstUse',
      'needed where there is no end: nobody could look for the start of such a code',
    ],
    // A lock looks for a code no earlier than its shortest window before now.
    [lead !== undefined && lead + grid > shortestOf(kind), 'lead', 'longer than a window and its step'],
    // The lock computes these at every entry and remembers none.
    [
      kind.for === 'rolling' &&
        (kind.times === 'once' ||
          [firstUse, kind.afterUse, kind.overlapping].some((each) => each !== undefined)),
      'for',
      'a rolling code is not remembered: times is many, and firstUse, afterUse and overlapping are not for it',
    ],
    [(kind.for === 'control') === opens, 'effect', 'controls do not open, and what does not open is one'],
    [kind.for === 'permanent' && length.in !== 'endless', 'length', 'a permanent code is endless'],
    [effect === 'supersede' && !civil, 'effect', 'codes supersede each other by their local day'],
  ];
  for (const [holds, name, what] of wrong) if (holds) invalid(`${field}.${name}`, what);
  checkLengths(field, kind, isMakers);
}

const shortestOf = ({ length }: Kind): number =>
  length.in === 'endless' ? DAY : (valueAt(length.of, 0) ?? 0);
const longestOf = ({ length }: Kind): number =>
  length.in === 'endless' ? DAY : (valueAt(length.of, countOf(length.of) - 1) ?? 0);

const lengthsOf = ({ length }: Kind): number => (length.in === 'endless' ? 1 : countOf(length.of));

/** What kinds of one id have in common, in whatever tables: a lock knows a record by its kind's id. */
const natureOf = ({ axis, length, ...kind }: Kind): string =>
  JSON.stringify([
    kind.for,
    axis.on,
    length.in,
    kind.times,
    kind.effect,
    kind.variances,
    kind.firstUse,
    kind.firstUseAt,
    kind.afterUse,
    kind.weekdays,
    kind.overlapping,
    kind.lead,
  ]);

const shareLane = (one: Kind, other: Kind): boolean =>
  one.lane === undefined || other.lane === undefined || one.lane === other.lane;

/** Its kinds, and their numbers: within S, and none twice. */
function checkTable(
  field: string,
  { kinds, perSlot, lanes, alphabet, grid, digits, codes = 1 }: Table,
  isMakers: boolean,
): void {
  if (alphabet && isTwice(alphabet)) invalid(`${field}.alphabet`, 'a symbol twice');
  if (codes > (alphabet?.length ?? 10) ** digits) invalid(`${field}.codes`, 'more than its symbols can say');
  let next = 0;
  const places = kinds.map((kind) => {
    const from = kind.base ?? next;
    next = from + lengthsOf(kind) * kind.variances;
    return { kind, from, to: next };
  });
  places.forEach(({ kind, from, to }, index) => {
    const at = `${field}.kinds[${index}]`;
    checkKind(at, kind, grid, isMakers);
    if (to > perSlot) invalid(`${field}.perSlot`, `expected room for "${kind.id}", which ends at ${to}`);
    if (kind.lane !== undefined && lanes && !lanes.includes(kind.lane))
      invalid(`${at}.lane`, 'not among the lanes');
    const other = places
      .slice(0, index)
      .find((each) => from < each.to && each.from < to && shareLane(kind, each.kind));
    if (other) invalid(`${at}.base`, `"${kind.id}" has numbers of "${other.kind.id}"`);
  });
}

/** Symbols of a code with its lane. */
const widthOf = ({ digits, lanes, kinds }: Table): number =>
  digits + (lanes?.[0] ?? kinds[0]?.lane ?? '').length;

function checkRules(rules: Rules, isMakers: boolean): void {
  RULES('rules', rules);
  const { prefer = [], lock } = rules;
  const tables = tablesOf(rules);
  tables.forEach((table, index) => {
    checkTable(index === 0 ? 'rules' : `rules.also[${index - 1}]`, table, isMakers);
  });
  const kinds = tables.flatMap((table) => table.kinds);
  const evicted = typeof lock.whenFull === 'object' ? lock.whenFull.flatMap(({ kind }) => kind ?? []) : [];
  const isKind = (id: string): boolean => kinds.some((kind) => kind.id === id);
  for (const { id } of kinds)
    if (new Set(kinds.filter((kind) => kind.id === id).map(natureOf)).size > 1)
      invalid('rules', `kinds of the name "${id}" differ in more than lengths, local times and lanes`);
  if (rules.clock !== 'fixed-offset' && kinds.some(({ weekdays }) => weekdays !== undefined))
    invalid('rules.clock', 'what comes again on weekdays is for locks of a fixed offset');
  const needsRecord = kinds.find(
    ({ times, firstUse, afterUse, overlapping }) =>
      times === 'once' || [firstUse, afterUse, overlapping].some((each) => each !== undefined),
  );
  if (lock.records === 0 && (needsRecord || lock.whenFull === 'refuse'))
    invalid('rules.lock.records', `none, and "${needsRecord?.id ?? 'every kind'}" opens only with one`);
  if (isTwice(tables.map(({ layout }) => layout))) invalid('rules.also', 'two tables of one layout id');
  if (isTwice(tables.map(widthOf))) invalid('rules.also', 'two tables with codes of one length');
  if (isTwice(prefer) || !prefer.every(isKind))
    invalid('rules.prefer', 'expected kinds of these rules, each once');
  if (!evicted.every(isKind)) invalid('rules.lock.whenFull', 'expected kinds of these rules');
  if (lock.clockReach === undefined && kinds.some(({ effect }) => effect === 'set_clock'))
    invalid('rules.lock.clockReach', 'needed where codes set the clock');
}

/** Refuses rules under which one guess in ten thousand opens the lock, and a scheme that cannot carry them. */
function checkGuessing(vendor: Vendor, rules: Rules): void {
  const token = trialToken({ ...vendor, rules });
  if (!('remote' in vendor.scheme)) engineOf(token);
  else if (tablesOf(rules).some(({ scheme }) => scheme))
    invalid('rules.scheme', 'a vendor whose codes come from somewhere else has no table of its own making');
  const counts = countCodes(token, 1);
  // Where nothing counts, the count is wrong or the vendor is: neither is a lock.
  if (counts.every(({ accepted }) => accepted === 0)) invalid('rules', 'no lock would ever accept a code');
  if (vendor.guessable) return;
  for (const count of counts) {
    const { accepted, table } = count;
    const possible = possibleOf(count);
    if (accepted * TEN_THOUSAND <= possible) continue;
    const { id, digits, alphabet } = table.layout;
    fail(
      'vendor_guessable',
      `"${vendor.id}" is too easy to guess: its lock accepts ${accepted} of ${possible} codes of ${id} at one moment, more than one in ten thousand. ` +
        `${digitsFor(accepted, alphabet.length)} symbols instead of ${digits} would make that one in a million; fewer lengths and variances or an earlier first-use deadline help too. ` +
        `If it must be so, say so: guessable: '${GUESSABLE}'`,
    );
  }
}

/**
 * An algorithm of one's own, checked and frozen. What it must do is in words in `src/schemes/scheme.ts`;
 * `pintumbler/conformance` tries it out.
 *
 * @param scheme `id` is `name/version`: any change of output is a new one. `prepare` gets a key of its own.
 * @throws `bad_argument`, `out_of_range`; later, from `prepare`, `rules_invalid` for what is no codec
 * @example
 * import { defineScheme } from 'pintumbler/security';
 * const plain = defineScheme({
 *   id: 'acme-plain/1', // no secret in it: for the example only
 *   prepare: (_, { digits, perSlot, places }) => ({
 *     encode: ({ kind, slot, length }) =>
 *       String(slot * perSlot + (places[kind]?.base ?? 0) + length).padStart(digits, '0'),
 *     decode: (code) => [
 *       { kind: 0, slot: Math.floor(Number(code) / perSlot), length: Number(code) % perSlot, variance: 0, lane: '' },
 *     ],
 *     alone: () => true,
 *   }),
 * });
 * console.log(plain.id); // acme-plain/1
 */
export function defineScheme(scheme: Scheme): Scheme {
  LOCAL_SCHEME('scheme', scheme);
  const { id, key, prepare } = scheme;
  if (key && key.from > key.to) expected('scheme.key.to', 'at least its from', key.to);
  return Object.freeze({
    id,
    ...(key && { key: Object.freeze({ ...key }) }),
    prepare(secret: Uint8Array, layout: Layout): Codec {
      // The engine wipes its key: a scheme that kept a view of it would make codes under zeros from then on.
      const codec = prepare.call(scheme, Uint8Array.from(secret), layout);
      const isCodec = [codec?.encode, codec?.decode, codec?.alone].every(
        (each) => typeof each === 'function',
      );
      return isCodec ? codec : invalid('scheme.prepare', 'expected encode, decode and alone of it');
    },
  });
}

/**
 * A vendor of one's own, checked and deeply frozen.
 *
 * @param vendor `rules` as data are checked here; as a function, under `sample` (or no settings) here and under other
 *   settings when a token is made.
 * @throws `bad_argument`, `out_of_range`, `rules_invalid`, `domain_too_small`; `vendor_guessable` where more than one
 *   guess in ten thousand opens the lock with one live epoch, and `guessable` does not say so; and what `rules` throws.
 * @example
 * import { createToken, mint } from 'pintumbler';
 * import { sealed } from 'pintumbler/schemes';
 * import { defineVendor } from 'pintumbler/security';
 * const acme = defineVendor({
 *   id: 'acme',
 *   name: 'Acme',
 *   codes: 'emulated',
 *   about: 'An example.',
 *   scheme: sealed,
 *   rules: {
 *     layout: 'acme-8/1',
 *     digits: 8,
 *     grid: 3600,
 *     perSlot: 24,
 *     clock: 'fixed-offset',
 *     kinds: [
 *       {
 *         id: 'hourly',
 *         for: 'window',
 *         axis: { on: 'slot' },
 *         length: { in: 'seconds', of: { from: 3600, to: 86400, step: 3600 } },
 *         variances: 1,
 *         times: 'many',
 *         effect: 'open',
 *         source: 'Acme manual, page 4',
 *       },
 *     ],
 *     lock: { tolerance: 0, records: 50, throttle: { by: 'lockout', wrong: 3, seconds: 600 }, source: 'Acme manual' },
 *   },
 * });
 * const token = createToken({ vendor: acme, deviceId: 'door-7', root: new Uint8Array(32), timeZone: 'UTC' });
 * console.log(mint(token, { kind: 'hourly', variance: 0, startsAt: 1772380800, endsAt: 1772384400 }).length); // 8
 */
export function defineVendor(vendor: Vendor): Vendor {
  VENDOR('vendor', vendor);
  const { codes, rules, sample } = vendor;
  // By what they say: most vendors make their rules anew for every token.
  const known = new Map<string, Rules>();
  const checked = (made: Rules): Rules => {
    checkRules(made, codes === 'published');
    const text = JSON.stringify(made);
    const same = known.get(text);
    if (same) return same;
    checkGuessing(vendor, frozen(made));
    if (known.size >= 64) known.clear();
    known.set(text, made);
    return made;
  };
  const first = checked(rulesOf(vendor, sample));
  return frozen({
    ...vendor,
    rules: typeof rules === 'function' ? (config: unknown): Rules => checked(rules(config)) : first,
  });
}
