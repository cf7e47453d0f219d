/**
 * What the command line touches of the outside world, passed in: so that a test runs a command without a process.
 */
import { fail } from '../errors.ts';
import type { SqlDatabase } from '../seam/index.ts';

/** A handler on the Fetch standard. */
export type Answer = (request: Request) => Promise<Response>;

export interface Where {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface Listening {
  /** Such as `http://127.0.0.1:8080`: the origin of the URL of every request, whatever its Host header says. */
  readonly url: string;
  /** Resolves when the process is told to end (SIGINT, SIGTERM); told again, it ends at once. */
  readonly told: Promise<void>;
  /** Takes no more requests; resolves when the running ones are answered. */
  readonly close: () => Promise<void>;
}

/** Where a registry stands that outlasts the process. */
export type Place =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string };

export interface Database {
  readonly db: SqlDatabase;
  readonly close: () => Promise<void>;
}

export interface Io {
  /** A line of data. */
  readonly out: (line: string) => void;
  /** A line for people. */
  readonly err: (line: string) => void;
  /** The bytes of a file; `-` is standard input. Undefined where there is no such file. */
  readonly read: (path: string) => Promise<Uint8Array | undefined>;
  /** Lines of a file as they come; `-` is standard input. */
  readonly lines: (path: string) => AsyncIterable<string>;
  /**
   * Replaces a file as a whole: a reader or a power cut sees the old or the new one. With `new` there must be none yet; an
   * InputError where there is.
   */
  readonly replace: (path: string, text: string, how?: 'new') => Promise<void>;
  /** Epoch seconds; only `token create`, `serve` and `devices` ask. */
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
  /** A variable of the environment. */
  readonly env: (name: string) => string | undefined;
  /** Milliseconds since some moment: no change of the clock moves them. */
  readonly ticks: () => number;
  /** Resolves after some milliseconds, or when the signal comes. */
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Answers HTTP at a place; an InputError where it cannot. `patience`: milliseconds in which a request must have come. */
  readonly listen: (answer: Answer, where: Where, patience: number) => Promise<Listening>;
  /** Sends a request out, and follows no redirect. `patience`: milliseconds for all of it; then a `TimeoutError`. */
  readonly send: (request: Request, patience: number) => Promise<Response>;
  /** Opens a database; an InputError where it cannot, `peer_missing` where its package is not installed. */
  readonly database: (place: Place) => Promise<Database>;
}

/** Flags as given; which there may be and which there must be is checked before a command runs. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>;

export function need(flags: Flags, name: string): string {
  const value = flags[name];
  if (typeof value !== 'string') throw new UsageError(`--${name} is missing`);
  return value;
}

export const may = (flags: Flags, name: string): string | undefined =>
  flags[name] === undefined ? undefined : need(flags, name);

/** A number flag. What is not one is told by its length: it may be a code in the wrong place. */
export function mayNumber(flags: Flags, name: string): number | undefined {
  const text = may(flags, name);
  if (text === undefined) return undefined;
  // Below zero is only -1, for no count yet.
  if (/^(?:\d{1,16}|-1)$/.test(text)) return Number(text);
  return fail('bad_argument', `--${name} expected a whole number, got a string of length ${text.length}`);
}

/** Wrong usage: exit 2. */
export class UsageError extends Error {}

/** A file that is not there, or not text: exit 3. */
export class InputError extends Error {}

export function textOf(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${what} is not UTF-8 text`);
  }
}

export async function readText(io: Io, path: string, what: string): Promise<string> {
  const bytes = await io.read(path);
  if (!bytes) throw new InputError(`there is no file with the ${what}`);
  return textOf(bytes, `the ${what}`);
}
