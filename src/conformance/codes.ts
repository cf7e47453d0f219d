/**
 * What every scheme must hold: deterministic, inverse, distinct, keyed, total. See the contract in schemes/scheme.ts.
 */
import { type Book, engineOf, isWellFormed } from '../engine.ts';
import { PintumblerError } from '../errors.ts';
import { countOf, type Grant, slotAt } from '../grant.ts';
import { issue, mint, read } from '../index.ts';
import { createLock, enter, initialState } from '../lock/index.ts';
import type { Claim } from '../schemes/scheme.ts';
import { type DeviceToken, gridOf } from '../token.ts';
import { rulesOf } from '../vendors/vendor.ts';
import {
  type Attempt,
  apart,
  Broken,
  type Case,
  caseOf,
  cases,
  codeOf,
  grantInWords,
  inWords,
  isRemote,
  lanesOf,
  moment,
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

function checkInverse(found: Case): void {
  const { token, grant, claim, kind, window } = found;
  const code = codeOf(token, grant);
  const { codec, layout, longest } = bookOf(token, kind.table);
  for (const at of [window.startsAt, Math.min(window.endsAt, window.startsAt + longest) - 1]) {
    if (!read(token, code, Math.max(at, window.startsAt)).some((each) => sameGrant(each, grant)))
      throw new Broken(inWords(found), `read at ${moment(at)} does not give it back`);
  }
  const { slot } = claim;
  for (const [first, last] of [
    [slot, slot],
    [slot - layout.span, slot],
    [slot, slot + layout.span],
  ] as const) {
    if (!codec.decode(code, Math.max(first, 0), last).some((each) => sameClaim(each, claim)))
      throw new Broken(
        inWords(found),
        `decode from slot ${first - slot} to ${last - slot} of its own lacks the claim`,
      );
  }
}

export const inverse = (trial: Trial): readonly Attempt[] => [
  tryDrawn(trial, cases(trial), inWords, checkInverse),
];

/** Numbers of a slot that are tried; the rest are so many that some are passed over. */
const MOST_CLAIMS = 4096;

/** Every claim of a slot, with the grant that it is. */
function* claimsAt(trial: Trial, { token, kind: { table }, claim: { slot } }: Case): Generator<Case> {
  const { layout, kinds } = bookOf(token, table);
  const stride = Math.ceil(layout.used / MOST_CLAIMS);
  for (const kind of kinds) {
    const lengths = countOf(kind.shape.lengths);
    const count = lengths * kind.variances;
    for (let number = 0; number < count; number += count > 64 ? stride : 1) {
      const [length, variance] = [Math.floor(number / kind.variances), number % kind.variances];
      for (const lane of lanesOf(trial, kind)) {
        const found = caseOf(trial, token, kind, { slot, length, variance, lane });
        if (found && found.kind === kind) yield found;
      }
    }
  }
}

/** Claims of the slot of a case, a few of each kind. */
function issuedAt(trial: Trial, { token, kind: { table }, claim: { slot } }: Case): readonly Case[] {
  return trial.kinds
    .filter((kind) => kind.table === table)
    .flatMap((kind) =>
      [0, 1, 2, 3].flatMap((number) => {
        const [length, variance] = [Math.floor(number / kind.variances), number % kind.variances];
        const [lane = ''] = lanesOf(trial, kind);
        return caseOf(trial, token, kind, { slot, length, variance, lane }) ?? [];
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
  const { slot } = at.claim;
  if (!codec.alone(at.claim)) return;
  const others = codec.decode(codec.encode(at.claim), Math.max(slot - layout.span, 0), slot + layout.span);
  const near = others.find((each) => !sameClaim(each, at.claim) && Math.abs(each.slot - slot) <= layout.span);
  if (near) throw new Broken(inWords(at), '"alone" denies another claim near it with the same code');
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

export const distinct = (trial: Trial): readonly Attempt[] =>
  isRemote(trial.vendor)
    ? [tryDrawn(trial, cases(trial), inWords, (found) => checkIssued(trial, found), 10)]
    : [tryDrawn(trial, cases(trial), inWords, (found) => checkDistinct(trial, found), 10)];

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
}

export function keyed(trial: Trial): readonly Attempt[] {
  const { fc } = trial;
  const eight = fc.record({
    list: fc.array(cases(trial), { minLength: 8, maxLength: 8 }),
    byte: fc.nat(trial.key.length - 1),
  });
  return [
    tryDrawn(
      trial,
      eight,
      ({ list: [first] }) => (first ? `eight grants, such as ${inWords(first)}` : 'no grants'),
      ({ list, byte }) => checkKeyed(trial, list, byte),
    ),
  ];
}

/** Digits of nobody's: read without an error, twice the same, as claims of the layout that have just these digits. */
function checkTotal({ token, kind }: Case, code: string, at: number): void {
  const { codec, layout } = bookOf(token, kind.table);
  const slot = Math.max(Math.floor(slotAt(at, gridOf(token, bookOf(token, kind.table)))), 0);
  const first = Math.max(slot - layout.span, 0);
  const claims = codec.decode(code, first, slot);
  if (JSON.stringify(codec.decode(code, first, slot)) !== JSON.stringify(claims))
    throw new Broken(`digits ${code}`, 'decoded twice, they mean two things');
  read(token, code, at);
  for (const claim of claims) {
    const place = layout.places[claim.kind];
    const { length, variance, lane } = claim;
    const fits = (value: number, count = 0): boolean =>
      Number.isInteger(value) && value >= 0 && value < count;
    if (
      !place ||
      !fits(length, place.lengths) ||
      !fits(variance, place.variances) ||
      !fits(claim.slot, Infinity)
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

function checkMalformed(token: DeviceToken, code: string, how: string): void {
  if (isWellFormed(token, code)) return;
  let refusal = 'no error';
  try {
    read(token, code, 1767225600);
  } catch (error) {
    if (!(error instanceof PintumblerError)) throw error;
    refusal = error.code;
  }
  const lock = createLock([token]);
  const { reason } = enter(lock, initialState(lock), code, 1767225600).verdict;
  if (refusal !== 'code_malformed' || reason !== 'malformed')
    throw new Broken(`a code with ${how}`, `read gives ${refusal}, the lock ${reason}`);
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
      ({ found, lane, symbols }) => checkTotal(found, lane + symbols.join(''), found.window.startsAt),
    ),
    tryEach(
      codes,
      ([how]) => `a code with ${how}`,
      ([how, code]) => checkMalformed(token, code, how),
    ),
  ];
}
