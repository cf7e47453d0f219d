/** A lock and its state, for tests that key codes in one after the other. */
import { type DeviceToken, deriveToken } from 'pintumbler';
import { createLock, enter, initialState, type Lock, type LockState } from 'pintumbler/lock';
import { at } from './helpers.ts';

export interface Door {
  readonly lock: Lock;
  readonly state: LockState;
}

/** A fresh lock with the token's epoch and no other. */
export function doorOf(token: DeviceToken): Door {
  const lock = createLock([deriveToken(token)]);
  return { lock, state: initialState(lock, at('2026-01-01T00:00Z')) };
}

export interface Keyed {
  readonly reason: string;
  readonly opens: boolean;
  /** The door after it. */
  readonly door: Door;
}

export function key({ lock, state: before }: Door, code: string, now: number): Keyed {
  const { state, verdict } = enter(lock, before, code, now);
  return { reason: verdict.reason, opens: verdict.opens, door: { lock, state } };
}

/** What a fresh lock says. */
export const reasonOf = (token: DeviceToken, code: string, now: number): string =>
  key(doorOf(token), code, now).reason;

/** Keys one code in at each moment; the reasons. */
export function keyAt(door: Door, code: string, moments: readonly number[]): readonly string[] {
  let current = door;
  return moments.map((now) => {
    const entry = key(current, code, now);
    current = entry.door;
    return entry.reason;
  });
}
