/** `pintumbler/lock`: the lock's side. What it does with keyed digits, and what it remembers. */
export {
  ask,
  createLock,
  type Entry,
  enter,
  initialState,
  type Lock,
  loadState,
  loseClock,
  type Refusal,
  saveState,
  setClock,
  type Verdict,
} from './lock.ts';
export type { LockRecord, LockState } from './state.ts';
export type { StepState, Used } from './steps.ts';
export type { ThrottleState } from './throttle.ts';
