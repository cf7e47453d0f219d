/**
 * What the command line touches of the outside world, passed in: so that a test runs a command without a process.
 */
import { fail } from '../errors.ts';

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
  /** Resolves when the process was told to end (SIGINT, SIGTERM) and the running requests are answered. */
  readonly ended: Promise<void>;
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
  /** Epoch seconds; only `token create` and `serve` ask. */
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
  /** Answers HTTP at a place; an InputError where it cannot. */
  readonly listen: (answer: Answer, where: Where) => Promise<Listening>;
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
