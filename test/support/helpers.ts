/** Small things that every test needs. */
import { PintumblerError } from 'pintumbler';

export const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

/** Epoch seconds of an ISO timestamp with offset. */
export const at = (iso: string): number => {
  const instant = Date.parse(iso) / 1000;
  if (!Number.isInteger(instant)) throw new Error(`not an instant: ${iso}`);
  return instant;
};

/** What ends: of grants, those of a window. */
export type Ending<T extends { readonly endsAt?: unknown }> = Exclude<T, { readonly count: number }> & {
  readonly endsAt: NonNullable<T['endsAt']>;
};

const isEnding = <T extends { readonly endsAt?: unknown }>(value: T): value is T & Ending<T> =>
  value.endsAt !== null && value.endsAt !== undefined;

/** The same grant (or what else has an end); an error where it opens for good, or is for no time. */
export function ending<T extends { readonly endsAt?: unknown }>(value: T): Ending<T> {
  if (!isEnding(value)) throw new Error('it has no end');
  return value;
}

/** The code of the error that `run` throws; what it returned or threw instead, in words, where it is none of ours. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof PintumblerError ? error.code : `not ours: ${error}`;
  }
  return 'no error';
}

/** Runs of a property: quick by default, `PINTUMBLER_DEEP=20` for twenty times as many. */
export const deep = (runs: number): number => Math.ceil(runs * Number(process.env['PINTUMBLER_DEEP'] ?? 1));
