/**
 * How a lock slows guessing down, pure: what is charged before an entry is looked at, and what is given back.
 *
 * Time only ever helps by passing: a clock that goes backward, stops or is set anew counts as no time at all.
 */
import type { Throttle } from '../vendors/vendor.ts';

export type ThrottleState =
  | {
      readonly by: 'credit';
      readonly credit: number;
      /** Lock time up to which credit has been given; null after the clock was lost. */
      readonly at: number | null;
      /** When an entry was last compared with records only. */
      readonly recordsAt: number | null;
    }
  | {
      readonly by: 'lockout';
      /** Refused entries in a row; at the rule's number the keypad is dead. */
      readonly wrong: number;
      /** Since when it is dead; null also after the clock was lost: then it counts from the next entry. */
      readonly since: number | null;
      /** How often it has been dead since a code was last accepted. */
      readonly lockouts: number;
    };

/** Where counting lockouts ends: no maker's list is as long. */
export const MOST_LOCKOUTS = 255;

/** What an entry may be compared with, and the state to persist before it is looked at. */
export interface Admission {
  readonly to: 'all' | 'records' | 'nothing';
  readonly charged: ThrottleState;
}

/** @param at since when it has been running, if that is known: with less than all credit, more comes from then on. */
export function freshThrottle(rule: Throttle, at?: number): ThrottleState {
  const since = rule.by === 'credit' && rule.first !== undefined ? (at ?? null) : null;
  return rule.by === 'credit'
    ? { by: 'credit', credit: rule.first ?? rule.most, at: since, recordsAt: null }
    : { by: 'lockout', wrong: 0, since: null, lockouts: 0 };
}

type Credit = ThrottleState & { readonly by: 'credit' };
type Lockout = ThrottleState & { readonly by: 'lockout' };

function admitByCredit(rule: Throttle & { by: 'credit' }, state: Credit, at: number): Admission {
  const since = state.at === null || at < state.at ? at : state.at;
  const regained = Math.floor((at - since) / rule.regain);
  const credit = Math.min(rule.most, state.credit + regained);
  const counted = { ...state, credit, at: credit === rule.most ? at : since + regained * rule.regain };
  if (credit > 0) return { to: 'all', charged: { ...counted, credit: credit - 1 } };
  if (rule.recordsEvery === undefined) return { to: 'nothing', charged: counted };
  // A clock that went backward starts the minute again, or it could be years long.
  if (state.recordsAt !== null && at < state.recordsAt)
    return { to: 'nothing', charged: { ...counted, recordsAt: at } };
  const due = state.recordsAt === null || at - state.recordsAt >= rule.recordsEvery;
  return due
    ? { to: 'records', charged: { ...counted, recordsAt: at } }
    : { to: 'nothing', charged: counted };
}

/** How long the keypad is dead after the n-th lockout, from 1. */
function deadFor({ seconds }: Throttle & { by: 'lockout' }, lockouts: number): number {
  if (typeof seconds === 'number') return seconds;
  return seconds[Math.min(Math.max(lockouts, 1), seconds.length) - 1] ?? 0;
}

function admitByLockout(rule: Throttle & { by: 'lockout' }, state: Lockout, at: number): Admission {
  let { wrong } = state;
  const { lockouts } = state;
  if (wrong >= rule.wrong) {
    const since = state.since === null || at < state.since ? at : state.since;
    if (at - since < deadFor(rule, lockouts)) return { to: 'nothing', charged: { ...state, wrong, since } };
    wrong = 0;
  }
  wrong += 1;
  const isDead = wrong >= rule.wrong;
  const times = isDead ? Math.min(lockouts + 1, MOST_LOCKOUTS) : lockouts;
  return { to: 'all', charged: { by: 'lockout', wrong, since: isDead ? at : null, lockouts: times } };
}

/** Charges an entry as if it were wrong. */
export function admit(rule: Throttle, state: ThrottleState, at: number): Admission {
  if (rule.by === 'credit' && state.by === 'credit') return admitByCredit(rule, state, at);
  if (rule.by === 'lockout' && state.by === 'lockout') return admitByLockout(rule, state, at);
  return admit(rule, freshThrottle(rule), at);
}

/** Gives back what an accepted entry was charged. */
export function refund(rule: Throttle, { to, charged }: Admission): ThrottleState {
  if (charged.by === 'lockout') return { by: 'lockout', wrong: 0, since: null, lockouts: 0 };
  return to === 'all' && rule.by === 'credit' && !rule.keeps
    ? { ...charged, credit: Math.min(rule.most, charged.credit + 1) }
    : charged;
}

/** The lock's time starts anew: what has passed until now is not known, and does not count. */
export function restart(state: ThrottleState, at: number | null): ThrottleState {
  return state.by === 'credit'
    ? { ...state, at, recordsAt: null }
    : { ...state, since: state.since === null ? null : at };
}
