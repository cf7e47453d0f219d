/**
 * What every scheme must hold: deterministic, inverse, distinct, keyed, total. See the contract in schemes/scheme.ts.
 */
import { type Book, engineOf, isWellFormed, type Near, reachOf } from '../engine.ts';
import { PintumblerError } from '../errors.ts';
import { countOf, type Grant, slotAt } from '../grant.ts';
import { issue, mint, read } from '../index.ts';
import { createLock, enter, initialState } from '../lock/index.ts';
import type { Claim } from '../schemes/scheme.ts';
import { type DeviceToken, gridOf } from '../token.ts';
import { type PlacedKind, rulesOf } from '../vendors/vendor.ts';
import {
  type Arbitrary,
  type Attempt,
  apart,
  askedOf,
  Broken,
  type Case,
  caseOf,
  cases,
  codeOf,
  grantInWords,
  inWords,
  isRemote,
  keepsStep,
  lanesOf,
  moment,
  momentOf,
  nearOf,
  otherAsked,
  otherKey,
  sameClaim,
  sameGrant,
  type Trial,
  tryDrawn,
  tryEach,
} from './trial.ts';

/** A century, and an odd number of years, days, hours, minutes and seconds. */
const AHEAD = ((36_911 * 24 + 5) * 3600 + 1387) * 1000 + 457;

/** The zone of the process, where there is one to change. */
function environment(): { TZ?: string | undefined } {
  const host: unknown = Reflect.get(globalThis, 'process');
  const env: unknown = typeof host === 'object' && host !== null && 'env' in host ? host.env : undefined;
  return typeof env === 'object' && env !== null ? env : {};
}

/**
 * Runs with a clock that is far ahead, in another time zone: who reads them gives itself away. `run` is synchronous:
 * nobody else sees it.
 */
function elsewhen<T>(run: () => T): T {
  const real = globalThis.Date;
  const env = environment();
  const { TZ: zone } = env;
  env.TZ = zone === 'Pacific/Chatham' ? 'America/Caracas' : 'Pacific/Chatham';
  const ahead = (): number => real.now() + AHEAD;
  globalThis.Date = new Proxy(real, {
    construct: (target, args, self) => Reflect.construct(target, args.length > 0 ? args : [ahead()], self),
    apply: () => String(new real(ahead())),
    get: (target, name) => (name === 'now' ? ahead : Reflect.get(target, name)),
  });
  try {
    return run();
  } finally {
    globalThis.Date = real;
    if (zone === undefined) delete env.TZ;
    else env.TZ = zone;
  }
}

/** The code of a grant, or the code of the error. */
function outcomeOf(token: DeviceToken, grant: Grant): string {
  try {
    return mint(token, grant);
  } catch (error) {
    if (error instanceof PintumblerError) return error.code;
    throw error;
  }
}

/** Rules of equal settings are equal, whatever was asked in between. */
function checkRules({ vendor, config, tokens: [token] }: Trial): void {
  const ask = (): string => JSON.stringify(rulesOf(vendor, config));
  const first = ask();
  try {
    rulesOf(vendor, { unknown_setting: 1 });
  } catch {
    // As it should.
  }
  if (ask() !== first || elsewhen(ask) !== first || JSON.stringify(token.rules) !== first)
    throw new Broken('the rules of the sample settings', 'differ from call to call');
}

export function deterministic(trial: Trial): readonly Attempt[] {
  const { fc, vendor, issuer } = trial;
  const rules = tryEach([trial], () => 'the rules', checkRules);
  if (isRemote(vendor)) {
    const twice = async ({ token, grant }: Case): Promise<void> => {
      const first = await issue(token, grant, issuer);
      if ((await issue(apart(trial, token), grant, issuer)) !== first)
        throw new Broken(inWords({ token, grant }), 'the issuer gave another code the second time');
    };
    return [rules, tryDrawn(trial, cases(trial), inWords, twice, 10)];
  }
  const words = (list: readonly Case[]): string => list.map(inWords).join('; ');
  const all = (list: readonly Case[], made: (token: DeviceToken) => DeviceToken): readonly string[] =>
    list.map(({ token, grant }) => outcomeOf(made(token), grant));
  const sameTwice = (list: readonly Case[]): void => {
    const first = all(list, (token) => token);
    const backward = elsewhen(() => all([...list].reverse(), (token) => apart(trial, token)));
    const second = [...backward].reverse();
    // Tokens of another key come in between: nothing may be left over from them.
    all(list, (token) => apart(trial, token, otherKey(trial)));
    const third = all(list, (token) => token);
    const at = first.findIndex((code, index) => code !== second[index] || code !== third[index]);
    const found = list[at];
    if (found) throw new Broken(inWords(found), 'another code the second time');
  };
  const lists = fc.array(cases(trial), { minLength: 1, maxLength: 4 });
  return [rules, tryDrawn(trial, lists, words, sameTwice)];
}

const bookOf = (token: DeviceToken, table: number): Book => {
  const book = engineOf(token).books[table];
  if (!book) throw new Broken(`table ${table}`, 'has no codec');
  return book;
};

/** Where a code must read as what it is: from its first moment to its last, or wherever a lock looks for it. */
function nearsOf(
  trial: Trial,
  found: Case,
  longest: number,
): readonly (readonly [where: string, near: Near])[] {
  const { window, claim } = found;
  if (window) {
    const ends = Math.min(window.endsAt, window.startsAt + longest) - 1;
    return [window.startsAt, Math.max(ends, window.startsAt)].map((at) => [
      `at ${moment(at)}`,
      nearOf(trial, found, at),
    ]);
  }
  const [from, to] = reachOf(trial.kinds);
  const counts = [claim.slot, claim.slot - to, claim.slot - from].filter((count) => count >= -1);
  return counts.map((count) => [`after count ${count}`, nearOf(trial, found, momentOf(trial, found), count)]);
}

function checkInverse(trial: Trial, found: Case): void {
  const { token, grant, claim, kind } = found;
  const code = codeOf(token, grant);
  const { codec, layout, longest } = bookOf(token, kind.table);
  for (const [where, near] of nearsOf(trial, found, longest)) {
    if (!read(token, code, near).some((each) => sameGrant(each, grant)))
      throw new Broken(inWords(found), `read ${where} does not give it back`);
  }
  const { slot } = claim;
  const asked = askedOf(trial, found);
  for (const [first, last] of [
    [slot, slot],
    [slot - layout.span, slot],
    [slot, slot + layout.span],
  ] as const) {
    if (!codec.decode(code, Math.max(first, 0), last, asked).some((each) => sameClaim(each, claim)))
      throw new Broken(
        inWords(found),
        `decode from slot ${first - slot} to ${last - slot} of its own lacks the claim`,
      );
  }
}

export const inverse = (trial: Trial): readonly Attempt[] => [
  tryDrawn(trial, cases(trial), inWords, (found) => checkInverse(trial, found)),
];

/** Numbers of a slot that are tried; the rest are so many that some are passed over. */
const MOST_CLAIMS = 4096;

/** The same of a count: a device walks to each of its codes. */
const MOST_VALUES = 128;

/** The numbers of a kind that are tried: of counts the first few one by one, for a value may be cut short. */
function* numbersOf({ shape: { on, lengths }, variances }: PlacedKind, used: number): Generator<number> {
  const count = countOf(lengths) * variances;
  const isShort = count <= 64;
  const stride = isShort ? 1 : Math.ceil(on === 'count' ? count / MOST_VALUES : used / MOST_CLAIMS);
  for (let number = 0; number < count; number += on === 'count' && number < 64 ? 1 : stride) yield number;
}

/** The claim of a number within the slot of a case, in answer to the same. */
const numbered = (
  { claim: { slot, asked } }: Case,
  { variances }: PlacedKind,
  number: number,
  lane: string,
): Omit<Claim, 'kind'> => ({
  slot,
  length: Math.floor(number / variances),
  variance: number % variances,
  lane,
  ...(asked && { asked }),
});

/** Every claim of a slot, with the grant that it is; of timed counts none, for of all times one is now. */
function* claimsAt(trial: Trial, at: Case): Generator<Case> {
  const { layout, kinds, counts } = bookOf(at.token, at.kind.table);
  if (counts?.timed) return;
  for (const kind of kinds) {
    for (const number of numbersOf(kind, layout.used)) {
      for (const lane of lanesOf(trial, kind)) {
        const found = caseOf(trial, at.token, kind, numbered(at, kind, number, lane));
        if (found && found.kind === kind) yield found;
      }
    }
  }
}

/** Claims of the slot of a case, a few of each kind. */
function issuedAt(trial: Trial, at: Case): readonly Case[] {
  return trial.kinds
    .filter((kind) => kind.table === at.kind.table)
    .flatMap((kind) =>
      [0, 1, 2, 3].flatMap((number) => {
        const [lane = ''] = lanesOf(trial, kind);
        return caseOf(trial, at.token, kind, numbered(at, kind, number, lane)) ?? [];
      }),
    )
    .slice(0, 32);
}

function checkDistinct(trial: Trial, at: Case): void {
  const { codec, layout } = bookOf(at.token, at.kind.table);
  const known = new Map<string, Case>();
  for (const found of claimsAt(trial, at)) {
    const code = codec.encode(found.claim);
    const other = known.get(code);
    known.set(code, found);
    // Two can meet by chance where codes are short: then mint must refuse them.
    if (other && outcomeOf(at.token, found.grant) === code && outcomeOf(at.token, other.grant) === code)
      throw new Broken(`${inWords(other)} and ${grantInWords(found.grant)}`, 'share a code');
  }
  const { slot, asked } = at.claim;
  // The only code of a count or period is what it is, whatever others are: there is none to take instead.
  const isGiven = at.kind.accepts !== undefined && layout.used === 1;
  if (isGiven || !codec.alone(at.claim)) return;
  const code = codec.encode(at.claim);
  const others = codec.decode(code, Math.max(slot - layout.span, 0), slot + layout.span, asked);
  const near = others.find((each) => !sameClaim(each, at.claim) && Math.abs(each.slot - slot) <= layout.span);
  if (near) throw new Broken(inWords(at), '"alone" denies another claim near it with the same code');
}

/** The same of the count, or period, before and after, where there are such; of timed counts the time too. */
function besides(trial: Trial, { token, kind, claim }: Case): readonly Case[] {
  const { every } = kind.shape;
  const { slot, length } = claim;
  const { counts } = bookOf(token, kind.table);
  const steps = [-every, every].map((step) => ({ ...claim, slot: slot + step }));
  const times = counts?.timed ? [-1, 1].map((step) => ({ ...claim, length: length + step })) : [];
  return [...steps, ...times].flatMap((each) =>
    each.slot < 0 || each.length < 0 ? [] : (caseOf(trial, token, kind, each) ?? []),
  );
}

/** By chance a code is the same once; more than half of eight never are. */
function checkFollowing(trial: Trial, list: readonly Case[]): void {
  const codeAt = ({ token, kind, claim }: Case): string => bookOf(token, kind.table).codec.encode(claim);
  const alike = list.flatMap((found) => {
    const other = besides(trial, found).find((each) => codeAt(each) === codeAt(found));
    return other ? [`${inWords(found)} and ${grantInWords(other.grant)}`] : [];
  });
  if (alike.length > list.length / 2) throw new Broken(alike[0] ?? '', 'share a code');
}

/** The same of codes that are made somewhere else: one by one, and so of the first claims of a slot only. */
async function checkIssued(trial: Trial, at: Case): Promise<void> {
  const known = new Map<string, Case>();
  let alike = 0;
  let last = '';
  for (const found of issuedAt(trial, at)) {
    const code = await issue(at.token, found.grant, trial.issuer);
    const other = known.get(code);
    if (other) [alike, last] = [alike + 1, `${inWords(other)} and ${grantInWords(found.grant)}`];
    else known.set(code, found);
  }
  // By chance two of so few are alike once in a while, and not more often.
  if (alike > 1 || (alike > 0 && known.size === 1)) throw new Broken(last, 'share a code');
}

const eightInWords = ([first]: readonly Case[]): string =>
  first ? `eight grants, such as ${inWords(first)}` : 'no grants';

const eightOf = (trial: Trial): Arbitrary<readonly Case[]> =>
  trial.fc.array(cases(trial), { minLength: 8, maxLength: 8 });

export function distinct(trial: Trial): readonly Attempt[] {
  if (isRemote(trial.vendor))
    return [tryDrawn(trial, cases(trial), inWords, (found) => checkIssued(trial, found), 10)];
  const atOnce = tryDrawn(trial, cases(trial), inWords, (found) => checkDistinct(trial, found), 10);
  const following = (list: readonly Case[]): void => checkFollowing(trial, list);
  return keepsStep(trial) ? [atOnce, tryDrawn(trial, eightOf(trial), eightInWords, following, 10)] : [atOnce];
}

/** A claim of another lane and else the same, if the layout has one. */
function inOtherLane({ layout, kinds }: Book, claim: Claim): Claim | undefined {
  const lane = layout.lanes.find((each) => each !== claim.lane);
  if (lane === undefined) return undefined;
  const kind = kinds.find(
    (each) =>
      (each.lane ?? lane) === lane &&
      claim.length < countOf(each.shape.lengths) &&
      claim.variance < each.variances,
  );
  return kind && { ...claim, kind: kinds.indexOf(kind), lane };
}

/** By chance a code is the same once; more than half of eight never are. */
function checkKeyed(trial: Trial, list: readonly Case[], byte: number): void {
  const isSame = (made: (found: Case) => string | undefined): number =>
    list.filter((found) => bookOf(found.token, found.kind.table).codec.encode(found.claim) === made(found))
      .length;
  const key = otherKey(trial, byte);
  const first = list[0] ? inWords(list[0]) : '';
  const other = new Map(trial.tokens.map((token) => [token, apart(trial, token, key)]));
  const underOther = isSame(({ token, kind, claim }) =>
    bookOf(other.get(token) ?? token, kind.table).codec.encode(claim),
  );
  if (underOther > list.length / 2)
    throw new Broken(first, `the same code under a key with another byte ${byte}`);
  const inLane = isSame(({ token, kind, claim }) => {
    const book = bookOf(token, kind.table);
    const elsewhere = inOtherLane(book, claim);
    return elsewhere && claim.lane + book.codec.encode(elsewhere).slice(claim.lane.length);
  });
  if (inLane > list.length / 2) throw new Broken(first, 'the same digits behind another lane');
  for (const field of ['challenge', 'session'] as const) {
    const answering = list.filter(({ claim: { asked } }) => asked?.[field] !== undefined);
    const inAnswer = answering.filter(({ token, kind, claim }) => {
      const { codec } = bookOf(token, kind.table);
      const { asked } = claim;
      return asked && codec.encode({ ...claim, asked: otherAsked(asked, field) }) === codec.encode(claim);
    });
    if (inAnswer.length > list.length / 2) throw new Broken(first, `the same code for another ${field}`);
  }
}

export function keyed(trial: Trial): readonly Attempt[] {
  const { fc } = trial;
  const eight = fc.record({ list: eightOf(trial), byte: fc.nat(trial.key.length - 1) });
  return [
    tryDrawn(
      trial,
      eight,
      ({ list }) => eightInWords(list),
      ({ list, byte }) => checkKeyed(trial, list, byte),
    ),
  ];
}

/** Digits of nobody's: read without an error, twice the same, as claims of the layout that have just these digits. */
function checkTotal(trial: Trial, found: Case, code: string): void {
  const { token, kind, window, claim: own } = found;
  const book = bookOf(token, kind.table);
  const { codec, layout } = book;
  const at = momentOf(trial, found);
  const slot = window ? Math.max(Math.floor(slotAt(at, gridOf(token, book))), 0) : own.slot;
  const first = Math.max(slot - layout.span, 0);
  const asked = askedOf(trial, found);
  const claims = codec.decode(code, first, slot, asked);
  if (JSON.stringify(codec.decode(code, first, slot, asked)) !== JSON.stringify(claims))
    throw new Broken(`digits ${code}`, 'decoded twice, they mean two things');
  read(token, code, nearOf(trial, found, at, slot));
  for (const claim of claims) {
    const place = layout.places[claim.kind];
    const shape = book.kinds[claim.kind]?.shape;
    const { length, variance, lane } = claim;
    const isOffAxis = shape !== undefined && claim.slot % shape.every !== shape.rest;
    const fits = (value: number, count = 0): boolean =>
      Number.isInteger(value) && value >= 0 && value < count;
    if (
      !place ||
      !fits(length, place.lengths) ||
      !fits(variance, place.variances) ||
      !fits(claim.slot, Infinity) ||
      isOffAxis
    )
      throw new Broken(`digits ${code}`, 'decode gives a claim that the layout lacks');
    if (!code.startsWith(lane) || codec.encode(claim) !== code)
      throw new Broken(`digits ${code}`, 'decode gives a claim that has other digits');
  }
}

/** A code spoilt in some way: one symbol too few, too many, or one that no keypad has. */
const SPOILT: readonly (readonly [how: string, spoil: (code: string) => string])[] = [
  ['no digits', () => ''],
  ['one symbol less', (code) => code.slice(1)],
  ['one symbol more', (code) => `${code}${code.slice(-1)}`],
  ['a letter at the end', (code) => `${code.slice(0, -1)}é`],
  ['a space in front', (code) => ` ${code.slice(1)}`],
  ['a digit of another script', (code) => `${code.slice(0, -1)}٣`],
];

function checkMalformed({ tables }: Trial, token: DeviceToken, code: string, how: string): void {
  if (isWellFormed(token, code)) return;
  const at = 1767225600;
  let refusal = 'no error';
  try {
    read(token, code, tables.some(({ counts }) => counts) ? { count: 0, at } : at);
  } catch (error) {
    if (!(error instanceof PintumblerError)) throw error;
    refusal = error.code;
  }
  const lock = createLock([token]);
  const { reason } = enter(lock, initialState(lock), code, at).verdict;
  if (refusal !== 'code_malformed' || reason !== 'malformed')
    throw new Broken(`a code with ${how}`, `read gives ${refusal}, the lock ${reason}`);
}

/** A case, and a symbol that is put into its code at some place. */
interface Nearly {
  readonly found: Case;
  readonly place: number;
  readonly symbol: string;
}

/** At random nobody meets the code of a count: its own, and with one symbol another. */
function nearly(trial: Trial): Attempt {
  const { fc } = trial;
  const drawn = cases(trial).chain((found): Arbitrary<Nearly> => {
    const { digits, alphabet } = bookOf(found.token, found.kind.table).layout;
    return fc.record({
      found: fc.constant(found),
      place: fc.nat(digits - 1),
      symbol: fc.constantFrom(...alphabet),
    });
  });
  const words = ({ found, place }: Nearly): string =>
    `the code of ${inWords(found)}, and symbol ${place} another`;
  return tryDrawn(trial, drawn, words, ({ found, place, symbol }) => {
    const code = bookOf(found.token, found.kind.table).codec.encode(found.claim);
    checkTotal(trial, found, code);
    checkTotal(trial, found, code.slice(0, place) + symbol + code.slice(place + 1));
  });
}

export function total(trial: Trial): readonly Attempt[] {
  const { fc, tokens } = trial;
  const [token] = tokens;
  const digits = cases(trial).chain((found) => {
    const { lanes, digits: length, alphabet } = bookOf(found.token, found.kind.table).layout;
    const symbols = fc.array(fc.constantFrom(...alphabet), { minLength: length, maxLength: length });
    return fc.record({ found: fc.constant(found), lane: fc.constantFrom(...lanes), symbols });
  });
  const codes = trial.tables.flatMap(({ layout: { alphabet, digits: length, lanes } }) => {
    const code = `${lanes[0]}${alphabet.charAt(1).repeat(length)}`;
    return SPOILT.map(([how, spoil]) => [how, spoil(code)] as const);
  });
  return [
    tryDrawn(
      trial,
      digits,
      ({ lane, symbols }) => `digits ${lane}${symbols.join('')}`,
      ({ found, lane, symbols }) => checkTotal(trial, found, lane + symbols.join('')),
    ),
    ...(keepsStep(trial) ? [nearly(trial)] : []),
    tryEach(
      codes,
      ([how]) => `a code with ${how}`,
      ([how, code]) => checkMalformed(trial, token, code, how),
    ),
  ];
}
