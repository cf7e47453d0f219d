/** Sequences at a lock: entries with the answers that they must get, played on the library's lock. */
import type { Grant } from '../../src/grant.ts';
import type { DeviceToken } from '../../src/index.ts';
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
} from '../../src/lock/index.ts';
import { agree, type Test } from './format.ts';
import { at } from './zones.ts';

/** Epoch seconds, or ISO 8601 with offset or Z. */
export type Instant = number | string;
export const instant = (value: Instant): number => (typeof value === 'number' ? value : at(value));

type Persist = 'state' | 'charged' | 'none';

export type Entry = Extract<Step, { readonly op: 'enter' }>;

export type Step =
  | {
      readonly op: 'enter';
      readonly code: string;
      readonly at: number;
      readonly persist: Persist;
      readonly reason: string;
      readonly grant?: Grant;
      readonly setClock?: number;
    }
  /** Many codes at one moment, each of which gets the same answer. */
  | {
      readonly op: 'enter_all';
      readonly codes: readonly string[];
      readonly at: number;
      readonly reason: string;
    }
  | { readonly op: 'lose_clock' }
  | { readonly op: 'set_clock'; readonly at: number }
  | { readonly op: 'reload'; readonly tokens?: readonly number[] };

/** One entry and the answer that it must get. */
export const key = (code: string, when: Instant, reason: string, persist: Persist = 'state'): Entry => ({
  op: 'enter',
  code,
  at: instant(when),
  persist,
  reason,
});

/** An entry whose answer must be about this grant. */
export const keyAs = (code: string, when: Instant, reason: string, grant: Grant): Step => ({
  ...key(code, when, reason),
  grant,
});

/** A set-clock entry that sets the clock to `to`. */
export const keySet = (code: string, when: number, to: Instant, persist: Persist = 'state'): Step => ({
  ...key(code, when, 'clock_set', persist),
  setClock: instant(to),
});

export const keyAll = (codes: readonly string[], when: Instant, reason: string): Step => ({
  op: 'enter_all',
  codes,
  at: instant(when),
  reason,
});

/** One a second. */
export const guesses = (codes: readonly string[], when: Instant, reason: string): readonly Step[] =>
  codes.map((code, i) => key(code, instant(when) + i, reason));

export const loseIt: Step = { op: 'lose_clock' };
export const setIt = (when: Instant): Step => ({ op: 'set_clock', at: instant(when) });
export const reload = (tokens?: readonly number[]): Step => ({ op: 'reload', ...(tokens && { tokens }) });

export interface Sequence {
  readonly comment: string;
  readonly flags: readonly string[];
  /** The lock's clock when it was put up; null: not known. */
  readonly start?: Instant | null;
  /** Which tokens the lock has. */
  readonly tokens?: readonly number[];
  readonly steps: readonly Step[];
}

const OPENS = ['first_use', 'used_before'];
const ACCEPTED = [...OPENS, 'cleared', 'clock_set'];

const grantJson = ({ kind, variance, lane, startsAt, endsAt }: Grant): object => ({
  kind,
  variance,
  ...(lane !== undefined && { lane }),
  startsAt,
  endsAt,
});

/** Plays a step that is one entry: the answer must be the one written down. */
function playEntry(lock: Lock, state: LockState, step: Entry, what: string): readonly [LockState, object] {
  const entry = enter(lock, state, step.code, step.at);
  const { accepted, opens, reason, grant } = entry.verdict;
  const setTo = entry.verdict.accepted ? entry.verdict.setClock : undefined;
  agree(
    what,
    [step.reason, ACCEPTED.includes(step.reason), OPENS.includes(step.reason), step.setClock],
    [reason, accepted, opens, setTo],
  );
  if (step.grant) agree(what, grantJson(step.grant), grant && grantJson(grant));
  const { op, code, persist } = step;
  const after = { state: entry.state, charged: entry.charged, none: state }[persist];
  const shown = {
    op,
    code,
    at: step.at,
    persist,
    accepted,
    reason,
    opens,
    ...(setTo !== undefined && { setClock: setTo }),
    grant: grant && grantJson(grant),
  };
  return [after, shown];
}

/**
 * Plays a sequence; every answer must be the one written down.
 *
 * @param shown what the file shows of a throttle.
 */
export function play(
  tokens: readonly DeviceToken[],
  { comment, flags, start, tokens: indexes, steps }: Sequence,
  shown: (throttle: LockState['throttle']) => object = (throttle) => throttle,
): Test {
  const some = (list: readonly number[]): Lock => createLock(list.flatMap((index) => tokens[index] ?? []));
  const first = indexes ?? tokens.map((_, index) => index);
  const at = start === undefined || start === null ? undefined : instant(start);
  let lock = some(first);
  let state: LockState = initialState(lock, at);
  const played = steps.map((step, index): object => {
    const what = `${comment}, step ${index + 1}`;
    if (step.op === 'enter') {
      const [after, answer] = playEntry(lock, state, step, what);
      state = after;
      return answer;
    }
    if (step.op === 'enter_all') {
      const { op, codes, reason } = step;
      for (const code of codes) [state] = playEntry(lock, state, key(code, step.at, reason), what);
      const accepted = ACCEPTED.includes(reason);
      return { op, codes, at: step.at, accepted, reason, opens: OPENS.includes(reason) };
    }
    if (step.op === 'lose_clock') state = loseClock(lock, state);
    if (step.op === 'set_clock') state = setClock(lock, state, step.at);
    if (step.op === 'reload') {
      const text = saveState(lock, state);
      if (step.tokens) lock = some(step.tokens);
      state = loadState(lock, text);
    }
    return step;
  });
  // A state that comes from outside is checked and brought up to date by the next call.
  const { epoch, clock, lastAt, throttle, clearedBefore, staysFrom, forgottenUntil, records } = loadState(
    lock,
    saveState(lock, state),
  );
  return {
    comment,
    flags,
    tokens: first,
    at: at ?? null,
    steps: played,
    end: {
      epoch,
      clock,
      lastAt,
      throttle: shown(throttle),
      clearedBefore,
      staysFrom,
      forgottenUntil,
      records: records.length,
    },
    result: 'valid',
  };
}
