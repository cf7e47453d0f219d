/**
 * `defineVendor` and `defineScheme`: a vendor or an algorithm of one's own, checked where it is defined and not at the
 * door. The contracts in words stand in `src/vendors/vendor.ts` and `src/schemes/scheme.ts`.
 */
import { engineOf } from '../engine.ts';
import { expected, fail, LAST_INSTANT } from '../errors.ts';
import { countOf, type Range, valueAt } from '../grant.ts';
import type { Codec, Layout, Scheme } from '../schemes/scheme.ts';
import {
  frozen,
  isAnswer,
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

/** Something wrong where it holds: in which field, and what. */
type Wrong = readonly [holds: boolean, field: string, what: string];

function refuse(field: string, wrong: readonly Wrong[]): void {
  for (const [holds, name, what] of wrong) if (holds) invalid(`${field}.${name}`, what);
}

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
  const isWindow = length.in !== 'value' && kind.for !== 'control';
  if (valueAt(of, 0) === 0 && isWindow && !isWithinDay && !isMakers)
    invalid(`${field}.length.of`, 'a window of no length');
}

/** What the fields of a kind say together: each with what is wrong where it holds. */
function checkKind(field: string, kind: Kind, grid: number, isMakers: boolean): void {
  const { axis, length, firstUse, firstUseAt, weekdays, effect, lead, withinYear } = kind;
  const civil = axis.on === 'civil-day';
  const counted = kind.for === 'count';
  const opens = effect === 'open' || effect === 'supersede';
  const counts = effect === 'credit' || effect === 'sync';
  const wrong: readonly Wrong[] = [
    [civil !== (length.in === 'days'), 'length', 'days are for kinds with local times, and for all of them'],
    [counted !== (axis.on === 'count'), 'axis', 'counts are for kinds for a count, and for all of them'],
    [counted !== (length.in === 'value'), 'length', 'values are for kinds for a count, and for all of them'],
    [axis.on === 'count' && axis.rest >= axis.every, 'axis.rest', 'no count leaves as much'],
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
    // The lock computes these at every entry and remembers none, unless it keeps step with them.
    [
      kind.for === 'rolling' &&
        kind.accepts === undefined &&
        (kind.times === 'once' ||
          [firstUse, kind.afterUse, kind.overlapping].some((each) => each !== undefined)),
      'for',
      'a rolling code is not remembered: times is many, and firstUse, afterUse and overlapping are not for it',
    ],
    [
      !counted && (counts || (kind.for === 'control') === opens),
      'effect',
      'controls do not open, and what does not open is one; credit and sync are for counts',
    ],
    [counted && !counts && effect !== 'open', 'effect', 'a code of a count opens, credits or syncs'],
    [kind.for === 'permanent' && length.in !== 'endless', 'length', 'a permanent code is endless'],
    [effect === 'supersede' && !civil, 'effect', 'codes supersede each other by their local day'],
  ];
  refuse(field, wrong);
  checkLengths(field, kind, isMakers);
}

/** What a lock that keeps step looks at in no kind, and then in none for a count. */
const NOT_IN_STEP = [
  'lane',
  'lead',
  'firstUse',
  'firstUseAt',
  'afterUse',
  'weekdays',
  'withinYear',
  'overlapping',
] as const;

/** What the fields say together by which a lock keeps step. */
function checkStep(field: string, kind: Kind, { grid, slots, counts, tags }: Table): void {
  const { for: use, axis, length, accepts, seals, alike, asks, effect } = kind;
  if (!accepts) {
    refuse(field, [
      [use === 'count', 'accepts', 'needed for counts: how near one must be'],
      [seals !== undefined, 'seals', 'only with accepts'],
      [alike !== undefined, 'alike', 'only with accepts'],
      [asks !== undefined, 'asks', 'only with accepts'],
    ]);
    return;
  }
  const [from, to] = accepts;
  const counted = use === 'count';
  const answers = isAnswer(kind);
  const every = axis.on === 'count' ? axis.every : 1;
  const isPeriod = length.in === 'seconds' && countOf(length.of) === 1 && valueAt(length.of, 0) === grid;
  // What the lock does anyway must be said: all earlier periods end with a code, all lower counts with a sync. Of
  // counts that answer it remembers nothing else.
  const mustSeal = counted ? effect === 'sync' || (asks !== undefined && !answers) : asks === undefined;
  const maySeal = counted ? !answers : mustSeal;
  refuse(field, [
    [!counted && use !== 'rolling', 'accepts', 'only for counts and for codes of the period'],
    [from > to, 'accepts', 'ends before it begins'],
    [kind.times !== 'once', 'times', 'expected once: the lock keeps step with what it has taken'],
    [kind.variances !== 1, 'variances', 'expected 1: one code uses up its count or period'],
    ...NOT_IN_STEP.map((name): Wrong => [kind[name] !== undefined, name, 'a lock that keeps step has none']),
    [counted && kind.ahead !== undefined, 'ahead', 'a count is for no time'],
    [!counted && !isPeriod, 'length', 'expected one, as long as the grid: a period'],
    [!counted && (from > 0 || to < 0), 'accepts', 'without the present period'],
    // An issuer counts on by the next one that the kind has.
    [counted && !answers && (from > 1 || to < every), 'accepts', 'without the next count'],
    [answers && effect === 'sync', 'effect', 'what counts nothing cannot sync'],
    [mustSeal && !seals, 'seals', 'needed: the lock takes nothing below it in any case'],
    [!maySeal && seals !== undefined, 'seals', 'an answer ends no other'],
    [
      answers && (slots !== 1 || counts?.last !== 0),
      'accepts',
      'answers without a count: slots 1, and last 0',
    ],
    [counted && !answers && slots === 1, 'accepts', 'one slot is for answers: expected [0, 0], and asks'],
    [alike !== undefined && tags === undefined, 'alike', 'only in a table with tags'],
    [(alike ?? 1) > Math.min(to - from + 1, tags ?? Infinity), 'alike', 'more than it accepts'],
    [counts?.timed === true && asks === undefined, 'asks', 'needed where counts are timed'],
    [
      counts?.timed === true && !(length.in === 'value' && isTimeSteps(length.of, grid)),
      'length.of',
      'expected time steps, from 0 in steps of 1 to the last instant, where counts are timed',
    ],
  ]);
}

/** Whether values are the numbers of time steps, up to the last. */
const isTimeSteps = (of: Range, grid: number): boolean =>
  'step' in of && of.from === 0 && of.step === 1 && of.to >= Math.floor(LAST_INSTANT / grid);

/** Counts of a table, and what is said of its codes. */
function checkCounts(
  field: string,
  { kinds, counts, slots = Infinity, bias = 1, tags, grid, origin, lanes, ...table }: Table,
): void {
  const { codes = (table.alphabet?.length ?? 10) ** table.digits } = table;
  const counted = kinds.filter((kind) => kind.for === 'count').length;
  const inStep = kinds.some(({ accepts }) => accepts);
  refuse(field, [
    [counted > 0 && counted < kinds.length, 'kinds', 'some for counts, and some for times'],
    [counts === undefined && counted > 0, 'counts', 'needed where kinds are for counts'],
    [counts !== undefined && counted === 0, 'counts', 'no kind is for a count'],
    [counts !== undefined && counts.floor > counts.last, 'counts.floor', 'above the last count'],
    [counts !== undefined && counts.last >= slots, 'counts.last', 'no such slot'],
    [counted > 0 && !counts?.timed && grid !== 1, 'grid', 'expected 1 for counts: no time is looked at'],
    [counted > 0 && origin !== undefined, 'origin', 'counts begin with 0'],
    [inStep && lanes !== undefined, 'lanes', 'a lock that keeps step has none'],
    [tags !== undefined && !inStep, 'tags', 'only where kinds have accepts'],
    [(tags ?? 1) > codes, 'tags', 'more than there are codes'],
    [bias > (tags ?? codes), 'bias', 'more than there are codes'],
  ]);
}

const greatest = (a: number, b: number): number => (b === 0 ? a : greatest(b, a % b));

/** Used counts that a state has room for (lock/state.ts). */
const MOST_USED = 4096;

/** Used counts that a lock has to remember at most: after each sync that goes back, each count once more. */
function usedAtMost(kinds: readonly Kind[]): number {
  const reach = 1 - Math.min(0, ...kinds.map(({ accepts: [from] = [0] }) => from));
  const syncs = kinds.map(({ effect, axis, accepts: [from] = [0], ...kind }) =>
    effect === 'sync' && axis.on === 'count' && from <= 0 ? (lengthsOf(kind) * (1 - from)) / axis.every : 0,
  );
  return reach * (1 + Math.ceil(syncs.reduce((sum, each) => sum + each, 0)));
}

/** Whether some kind accepts what is below the last count, and each code ends that. */
const isAllSealed = (kinds: readonly Kind[], counts: Table['counts']): boolean =>
  counts !== undefined &&
  // A new lock may take for accepted what it has not seen.
  counts.floor === counts.last &&
  kinds.every(({ seals }) => seals) &&
  kinds.some(({ accepts: [from] = [1], effect }) => from < 1 && effect !== 'sync');

/** Whether the next count of every code is another's: two that follow each other. */
function hasFollowers(kinds: readonly Kind[], turns: number): boolean {
  const has = (count: number): boolean =>
    kinds.some(({ axis }) => axis.on === 'count' && count % axis.every === axis.rest);
  return Array.from({ length: turns }, (_, count) => count).every((count) => !has(count) || has(count + 1));
}

/** What a lock keeps step with is one thing, and what it does not look at is not there. */
function checkKeepsStep({ kinds, lock, ...rules }: Rules): void {
  const { resync, drift, throttle } = lock;
  const counted = rules.counts !== undefined;
  const turns = kinds.reduce((all, { axis }) => {
    const every = axis.on === 'count' ? axis.every : 1;
    return (all * every) / greatest(all, every);
  }, 1);
  refuse('rules', [
    [kinds.some(({ accepts }) => !accepts), 'kinds', 'some with accepts, and some without'],
    [isTwice(kinds.map(({ id }) => id)), 'kinds', 'two of one name: of counts and periods the first has all'],
    [!counted && kinds.length > 1, 'kinds', 'expected one: a code uses up its period'],
    [new Set(kinds.map(({ asks }) => asks)).size > 1, 'kinds', 'asks: expected the same of all'],
    [turns > 1024, 'kinds', 'counts that come together too seldom: 1,024 at most'],
    [usedAtMost(kinds) > MOST_USED, 'kinds', `accepts more used counts than a lock remembers: ${MOST_USED}`],
    [
      counted && isAllSealed(kinds, rules.counts),
      'kinds',
      'accepts counts below the last, and each of them has ended',
    ],
    [rules.also !== undefined && rules.also.length > 0, 'also', 'a lock that keeps step has one table'],
    [rules.prefer !== undefined && counted, 'prefer', 'for what is planned: a count is for no time'],
    [counted && rules.clock !== 'utc', 'clock', 'expected utc for counts'],
    [!counted && rules.clock === 'civil', 'clock', 'a period has no local times'],
    [lock.tolerance > 0 && !rules.counts?.timed, 'lock.tolerance', 'expected 0: accepts says what is near'],
    [lock.inclusive !== undefined, 'lock.inclusive', 'a lock that keeps step has no ends'],
    [lock.records > 0, 'lock.records', 'expected 0: a lock that keeps step has its counts'],
    [lock.whenFull !== undefined, 'lock.whenFull', 'a lock that keeps step has no records'],
    [lock.clockReach !== undefined, 'lock.clockReach', 'no code sets its clock'],
    [resync !== undefined && (!counted || kinds.every(isAnswer)), 'lock.resync', 'only for what counts'],
    [resync !== undefined && !hasFollowers(kinds, turns), 'lock.resync', 'no code of some kind follows it'],
    [drift !== undefined && counted, 'lock.drift', 'only for periods'],
    [
      throttle.by === 'credit' && throttle.recordsEvery !== undefined,
      'lock.throttle.recordsEvery',
      'a lock that keeps step has no records',
    ],
  ]);
}

const shortestOf = ({ length }: Kind): number =>
  length.in === 'endless' ? DAY : (valueAt(length.of, 0) ?? 0);
const longestOf = ({ length }: Kind): number =>
  length.in === 'endless' ? DAY : (valueAt(length.of, countOf(length.of) - 1) ?? 0);

const lengthsOf = ({ length }: Pick<Kind, 'length'>): number =>
  length.in === 'endless' ? 1 : countOf(length.of);

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
function checkTable(field: string, table: Table, isMakers: boolean): void {
  const { kinds, perSlot, lanes, alphabet, grid, digits, codes = 1 } = table;
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
    checkStep(at, kind, table);
    if (to > perSlot) invalid(`${field}.perSlot`, `expected room for "${kind.id}", which ends at ${to}`);
    if (kind.lane !== undefined && lanes && !lanes.includes(kind.lane))
      invalid(`${at}.lane`, 'not among the lanes');
    const other = places
      .slice(0, index)
      .find((each) => from < each.to && each.from < to && shareLane(kind, each.kind));
    if (other) invalid(`${at}.base`, `"${kind.id}" has numbers of "${other.kind.id}"`);
  });
  checkCounts(field, table);
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
  if (kinds.some(({ accepts }) => accepts)) checkKeepsStep(rules);
  else if (lock.resync !== undefined || lock.drift !== undefined)
    invalid(`rules.lock.${lock.resync ? 'resync' : 'drift'}`, 'only where kinds have accepts');
  if (rules.clock !== 'fixed-offset' && kinds.some(({ weekdays }) => weekdays !== undefined))
    invalid('rules.clock', 'what comes again on weekdays is for locks of a fixed offset');
  const needsRecord = kinds.find(
    ({ times, accepts, firstUse, afterUse, overlapping }) =>
      (times === 'once' && !accepts) || [firstUse, afterUse, overlapping].some((each) => each !== undefined),
  );
  if (lock.records === 0 && (needsRecord || lock.whenFull === 'refuse'))
    invalid('rules.lock.records', `none, and "${needsRecord?.id ?? 'every kind'}" opens only with one`);
  const { throttle } = lock;
  if (throttle.by === 'credit' && lock.records === 0 && throttle.recordsEvery !== undefined)
    invalid('rules.lock.throttle.recordsEvery', 'there are no records to compare with');
  if (throttle.by === 'credit' && (throttle.first ?? 0) > throttle.most)
    invalid('rules.lock.throttle.first', 'more than the most');
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
  // A scheme of the settings' own may want a longer key than that of the vendor.
  const scheme = (rules.also ? undefined : rules.scheme) ?? vendor.scheme;
  const token = trialToken({ ...vendor, scheme, rules });
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
    if (accepted * table.bias * TEN_THOUSAND <= possible) continue;
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
