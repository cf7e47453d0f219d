/**
 * What is wrong with a group of lock-steps.json: its rules and layout, and every test played on the library's lock
 * and on the one that is written down from the standards.
 */
import type { Grant } from 'pintumbler';
import {
  ask,
  createLock,
  enter,
  initialState,
  type LockState,
  loadState,
  loseClock,
  saveState,
  setClock,
} from 'pintumbler/lock';
import { gridOffsetOf, type TokenFacts, tablesOf, tokenOf } from './codes-problems.ts';
import { deviceOf } from './step-codes-problems.ts';
import {
  type AskedJson,
  periodOf,
  type StepMeaning,
  startingCodeLiteral,
  suiteLiteral,
} from './step-literal.ts';
import { type StepAnswer, StepLockLiteral, type StepLockState } from './step-lock-literal.ts';
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
  | { readonly op: 'ask'; readonly asked: AskedJson; readonly at: number }
  | { readonly op: 'lose_clock' }
  | { readonly op: 'set_clock'; readonly at: number }
  | { readonly op: 'reload'; readonly tokens?: readonly number[] };

type StepToken = Omit<TokenFacts, 'vendor' | 'codes' | 'clock'> & {
  readonly suite?: string;
  readonly pinHash?: string;
  readonly startingCode?: number;
  readonly layout: { readonly digits: number; readonly alphabet?: string };
};

export interface StepLockGroup
  extends GroupOf<
    'StepLockTest',
    Valid<{
      readonly tokens: readonly number[];
      readonly at: number;
      readonly steps: readonly Step[];
      readonly end: object;
    }>
  > {
  readonly vendor: string;
  readonly codes: string;
  readonly rules: object;
  readonly tokens: readonly StepToken[];
}

/** A grant in the numbers of the file. */
function grantOf(
  token: StepToken & { readonly vendor: string },
  { meaning, asked }: Pick<StepAnswer, 'meaning' | 'asked'>,
): object | null {
  if (!meaning) return null;
  const { kind, count, value }: StepMeaning = meaning;
  const device = deviceOf(token);
  const said = asked && { asked };
  const [seconds, origin] = periodOf(device) ?? [0, 0];
  const counts = device.vendor === 'ocra' ? suiteLiteral(device).counter : device.vendor !== 'totp';
  if (counts || seconds === 0) return { kind, variance: 0, count, value, ...said };
  const startsAt = origin + count * seconds;
  return { kind, variance: 0, startsAt, endsAt: startsAt + seconds, ...said };
}

/** What the file shows of a state. */
const shownOf = ({ epoch, clock, lastAt, throttle, steps }: LockState): object => {
  const { used: _, spent: __, ...shown } = steps ?? { used: [], spent: [] };
  return { epoch, clock, lastAt, throttle, steps: shown };
};

const shownLiteral = ({ epoch, clock, lastAt, throttle, taken: _, ...steps }: StepLockState): object => ({
  epoch,
  clock,
  lastAt,
  throttle,
  steps,
});

export function stepLockProblems(group: StepLockGroup, report: Report): void {
  const { vendor } = group;
  const facts = group.tokens.map((each) => ({ ...each, vendor, codes: group.codes, clock: 'utc' as const }));
  const tokens = facts.map(tokenOf);
  facts.forEach((each, index) => {
    const token = tokens[index];
    const device = deviceOf(each);
    const { pin = 0, text } = vendor === 'ocra' ? suiteLiteral(device) : {};
    report(`layout ${index}`, each.layout, token && tablesOf(token)[0]);
    report(`gridOffset ${index}`, each.gridOffset, gridOffsetOf(each.timeZone));
    report(`suite ${index}`, each.suite, text);
    report(`pinHash ${index}`, each.pinHash, pin > 0 ? each.key?.slice(-2 * pin) : undefined);
    report(
      `start ${index}`,
      each.startingCode,
      vendor === 'openpaygo' ? startingCodeLiteral(device) : undefined,
    );
    const { source: _, ...rules } = token?.rules.lock ?? { source: '' };
    report(`rules ${index}`, group.rules, rules);
    report(`codes ${index}`, group.codes, token?.vendor.codes);
  });
  const lockOf = (indexes: readonly number[]) =>
    createLock(tokens.slice(indexes[0] ?? 0, (indexes[0] ?? 0) + 1));
  for (const { tcId, tokens: indexes, at, steps, end } of group.tests) {
    let lock = lockOf(indexes);
    let state: LockState = initialState(lock, at);
    let own = facts[indexes[0] ?? 0];
    if (!own) throw new Error('no token');
    const { layout } = own;
    const form = new RegExp(`^[${layout.alphabet ?? '0123456789'}]{${layout.digits}}$`);
    const literal = new StepLockLiteral(deviceOf(own), form);
    let known = literal.fresh(own.epoch, at);
    const key = (
      what: string,
      code: string,
      when: number,
      persist: 'state' | 'charged' | 'none',
      right: object,
    ): void => {
      const entry = enter(lock, state, code, when);
      const { grant, ...verdict } = entry.verdict;
      const withGrant = 'grant' in right;
      report(`${what} by the library`, right, withGrant ? { ...verdict, grant } : verdict);
      const answer = literal.enter(known, code, when);
      const { accepted, reason, opens } = answer;
      const about = own ? grantOf(own, answer) : null;
      report(`${what} by the literal`, right, {
        accepted,
        reason,
        opens,
        ...(withGrant && { grant: about }),
      });
      if (persist === 'none') return;
      state = entry[persist];
      known = answer[persist];
    };
    for (const [index, step] of steps.entries()) {
      const what = `tcId ${tcId} step ${index + 1}`;
      if (step.op === 'enter') {
        const { op: _, code, at: when, persist, ...right } = step;
        key(what, code, when, persist, right);
      } else if (step.op === 'enter_all') {
        const { op: _, codes, at: when, ...right } = step;
        for (const code of codes) key(`${what} ${code}`, code, when, 'state', right);
      } else if (step.op === 'ask') {
        state = ask(lock, state, step.asked, step.at);
        known = literal.ask(known, step.asked, step.at);
      } else if (step.op === 'lose_clock') {
        state = loseClock(lock, state);
        known = literal.clock(known, null);
      } else if (step.op === 'set_clock') {
        state = setClock(lock, state, step.at);
        known = literal.clock(known, step.at);
      } else {
        const text = saveState(lock, state);
        if (step.tokens) {
          lock = lockOf(step.tokens);
          own = facts[step.tokens[0] ?? 0];
          known = { ...known, epoch: own?.epoch ?? 0 };
        }
        state = loadState(lock, text);
      }
    }
    report(`tcId ${tcId} end by the library`, end, shownOf(loadState(lock, saveState(lock, state))));
    report(`tcId ${tcId} end by the literal`, end, shownLiteral(known));
  }
}
