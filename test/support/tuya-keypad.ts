/** A Tuya lock at the SDK's sample door, and codes for it that the literal makes. */
import { createLock, enter, initialState, type Lock, type LockState } from 'pintumbler/lock';
import { expect } from 'vitest';
import { door, HOUR, LOGIN_KEY, SDK_T0, T0 } from './tuya-door.ts';
import { type Plain, sealLiteral } from './tuya-literal.ts';
import type { Device } from './tuya-lock-literal.ts';

export const lock: Lock = createLock([door]);
export const DEVICE: Device = { loginKey: LOGIN_KEY, t0: SDK_T0 };

const memo = new Map<string, string>();

export function codeFor(plain: Plain): string {
  const name = Object.values(plain).join(' ');
  const code = memo.get(name) ?? sealLiteral(LOGIN_KEY, plain);
  memo.set(name, code);
  return code;
}

export const timed = (start: number, number: number): string => codeFor({ type: 0, start, number });
export const once = (start: number, number = 0): string => codeFor({ type: 1, start, number });
export const clearOne = (start: number, number: number): string => codeFor({ type: 8, start, number });
export const clearAll = (start: number, number = 0): string => codeFor({ type: 9, start, number });

/** An hour in 2026, as its start digits and as an instant. */
export const S = 50_000;
export const hour = (start: number, seconds = 0): number => T0 + start * HOUR + seconds;

export const many = <T>(n: number, make: (i: number) => T): T[] =>
  Array.from({ length: n }, (_, i) => make(i));

/** A keypad: what it answers, one entry after the other. Wrong ones are never counted up to the lockout. */
export class Keypad {
  state: LockState = initialState(lock);

  key(code: string, at: number): string {
    const { throttle } = this.state;
    if (throttle.by === 'lockout' && throttle.wrong > 3)
      this.state = { ...this.state, throttle: { ...throttle, wrong: 0 } };
    const { state, verdict } = enter(lock, this.state, code, at);
    this.state = state;
    return verdict.reason;
  }

  /** `n` codes that need a record each, all of one hour: timed, of 1,001 hours and more. */
  fill(n: number, start: number, at: number): void {
    for (let i = 0; i < n; i++) expect(this.key(timed(start, 1001 + i), at)).toBe('first_use');
  }
}
