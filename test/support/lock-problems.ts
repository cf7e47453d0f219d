/**
 * What is wrong with a group of lock-vendors.json: its rules and layouts, and every test played on the library's lock and
 * on the one that is written down from the page of the vectors.
 */
import type { DeviceToken, Grant } from 'pintumbler';
import {
  createLock,
  enter,
  initialState,
  type Lock,
  type LockState,
  loadState,
  loseClock,
  saveState,
  setClock,
} from 'pintumbler/lock';
import type { DeviceJson, TableJson } from './codes-literal.ts';
import { gridOffsetOf, secretLiteral, type TokenFacts, tablesOf, tokenOf } from './codes-problems.ts';
import { hex } from './helpers.ts';
import {
  type AnswerLiteral,
  LockLiteral,
  newState,
  type RulesJson,
  type StateLiteral,
} from './lock-literal.ts';
import { deviceKeyLiteral } from './sealed-literal.ts';
import type { GroupOf, Report, Valid } from './vector-file.ts';

interface Answer {
  readonly accepted: boolean;
  readonly reason: string;
  readonly opens: boolean;
}

type Step =
  | (Answer & {
      readonly op: 'enter';
      readonly code: string;
      readonly at: number;
      readonly persist: 'state' | 'charged' | 'none';
      readonly grant: Grant | null;
    })
  | (Answer & { readonly op: 'enter_all'; readonly codes: readonly string[]; readonly at: number })
  | { readonly op: 'lose_clock' }
  | { readonly op: 'set_clock'; readonly at: number }
  | { readonly op: 'reload'; readonly tokens?: readonly number[] };

export interface VendorLockGroup
  extends GroupOf<
    'VendorLockTest',
    Valid<{ tokens: readonly number[]; at: number | null; steps: readonly Step[]; end: { records: number } }>
  > {
  readonly vendor: string;
  readonly codes: string;
  readonly clock: DeviceJson['clock'];
  readonly rules: RulesJson;
  readonly tokens: readonly (Omit<TokenFacts, 'vendor' | 'codes' | 'clock'> & {
    readonly layouts: readonly (TableJson & { readonly scheme: string })[];
  })[];
}

type Facts = VendorLockGroup['tokens'][number] & Pick<VendorLockGroup, 'vendor' | 'codes' | 'clock'>;

/** The device of an epoch: that of its token, or, for later ones, of the newest token with a root. */
function deviceOf(facts: readonly Facts[], epoch: number): DeviceJson | undefined {
  const own = facts.find((each) => each.epoch === epoch);
  const newest = facts.reduce<Facts | undefined>((a, b) => (a && a.epoch > b.epoch ? a : b), undefined);
  const from = own ?? (newest?.root !== undefined && newest.epoch < epoch ? newest : undefined);
  if (!from) return undefined;
  const { clock, gridOffset, offsets, layouts: tables, root, deviceId } = from;
  const secret = root === undefined ? secretLiteral(from) : deviceKeyLiteral(hex(root), deviceId, epoch);
  return { clock, gridOffset, offsets, secret, tables };
}

/** The lock that is written down from the page, and its state. */
class Literal {
  readonly #rules: RulesJson;
  #lock: LockLiteral;
  state: StateLiteral;

  constructor(rules: RulesJson, facts: readonly Facts[], at: number | null) {
    this.#rules = rules;
    this.#lock = new LockLiteral(rules, (epoch) => deviceOf(facts, epoch));
    this.state = newState(Math.min(...facts.map(({ epoch }) => epoch)), at);
  }

  enter(code: string, at: number, persist: 'state' | 'charged' | 'none'): AnswerLiteral {
    const answer = this.#lock.enter(this.state, code, at);
    if (persist !== 'none') this.state = answer[persist];
    return answer;
  }

  clock(at: number | null): void {
    const { throttle } = this.state;
    const since = throttle.since === null ? null : at;
    const clock = at === null ? ({ clock: 'unset' } as const) : ({ clock: 'running', lastAt: at } as const);
    this.state = { ...this.state, ...clock, throttle: { ...throttle, since } };
  }

  reload(facts: readonly Facts[]): void {
    this.#lock = new LockLiteral(this.#rules, (epoch) => deviceOf(facts, epoch));
    const epoch = Math.max(this.state.epoch, Math.min(...facts.map((each) => each.epoch)));
    this.state = { ...this.state, epoch, records: this.state.records.filter((each) => each.epoch >= epoch) };
  }
}

/** Plays the steps of a test on both locks; reports the answers that are not those of the file. */
class Player {
  readonly #tokens: readonly DeviceToken[];
  readonly #facts: readonly Facts[];
  readonly #report: Report;
  readonly #literal: Literal;
  #lock: Lock;
  #state: LockState;

  constructor(
    tokens: readonly DeviceToken[],
    facts: readonly Facts[],
    rules: RulesJson,
    report: Report,
    test: { readonly tokens: readonly number[]; readonly at: number | null },
  ) {
    this.#tokens = tokens;
    this.#facts = facts;
    this.#report = report;
    this.#lock = createLock(some(tokens, test.tokens));
    this.#state = initialState(this.#lock, test.at ?? undefined);
    this.#literal = new Literal(rules, some(facts, test.tokens), test.at);
  }

  play(step: Step, what: string): void {
    if (step.op === 'enter') {
      const { op: _, code, at, persist, ...answer } = step;
      this.#enter(what, code, at, persist, answer);
    } else if (step.op === 'enter_all') {
      const { op: _, codes, at, ...answer } = step;
      for (const code of codes) this.#enter(`${what} ${code}`, code, at, 'state', answer);
    } else if (step.op === 'lose_clock') {
      this.#state = loseClock(this.#lock, this.#state);
      this.#literal.clock(null);
    } else if (step.op === 'set_clock') {
      this.#state = setClock(this.#lock, this.#state, step.at);
      this.#literal.clock(step.at);
    } else {
      const text = saveState(this.#lock, this.#state);
      if (step.tokens) {
        this.#lock = createLock(some(this.#tokens, step.tokens));
        this.#literal.reload(some(this.#facts, step.tokens));
      }
      this.#state = loadState(this.#lock, text);
    }
  }

  #enter(
    what: string,
    code: string,
    at: number,
    persist: 'state' | 'charged' | 'none',
    right: Answer & { readonly grant?: Grant | null },
  ): void {
    const entry = enter(this.#lock, this.#state, code, at);
    if (persist !== 'none') this.#state = persist === 'charged' ? entry.charged : entry.state;
    const { accepted, reason, opens, grant } = this.#literal.enter(code, at, persist);
    const literal = { accepted, reason, opens, grant };
    for (const [by, answer] of [
      ['the library', entry.verdict],
      ['the page', literal],
    ] as const) {
      const { grant: about, ...verdict } = answer;
      const shown = right.grant === undefined ? verdict : { ...verdict, grant: about };
      this.#report(`${what} by ${by}`, right, shown);
    }
  }

  end(what: string, right: object): void {
    const { v: _, lock: __, records, ...rest } = loadState(this.#lock, saveState(this.#lock, this.#state));
    this.#report(`${what} by the library`, right, { ...rest, records: records.length });
    const { records: kept, ...state } = this.#literal.state;
    this.#report(`${what} by the page`, right, { ...state, clearedBefore: 0, records: kept.length });
  }
}

const some = <T>(all: readonly T[], indexes: readonly number[]): readonly T[] =>
  indexes.flatMap((index) => all[index] ?? []);

export function vendorLockProblems(group: VendorLockGroup, report: Report): void {
  const { vendor, codes, clock } = group;
  const facts = group.tokens.map((each) => ({ ...each, vendor, codes, clock }));
  const tokens = facts.map(tokenOf);
  const [first] = tokens;
  if (!first) throw new Error('no token');
  const { source: _source, pins: _pins, ...rules } = first.rules.lock;
  report('codes', codes, first.vendor.codes);
  report('clock', clock, first.rules.clock);
  report('rules', group.rules, rules);
  facts.forEach((each, index) => {
    report(`gridOffset ${index}`, each.gridOffset, gridOffsetOf(each.timeZone));
    report(`layouts ${index}`, each.layouts, tablesOf(tokens[index] ?? first));
  });
  for (const test of group.tests) {
    const player = new Player(tokens, facts, group.rules, report, test);
    for (const [index, step] of test.steps.entries())
      player.play(step, `tcId ${test.tcId} step ${index + 1}`);
    player.end(`tcId ${test.tcId} end`, test.end);
  }
}
