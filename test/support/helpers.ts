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
