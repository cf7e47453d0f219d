/**
 * What a server tells of itself on standard error: lines for people, who first see their devices listed, or with `--log json`
 * one JSON object a line, for machines. Of what is asked no key, code, name, id, query, header or body is in it, and of an
 * error only its kind.
 */
import { PintumblerError } from '../errors.ts';
import type { Io } from './io.ts';

export type Level = 'info' | 'warn' | 'error';

type Fields = Readonly<Record<string, string | number | null | undefined>>;

export interface Log {
  /** For people only. */
  readonly say: (line: string) => void;
  /** For machines, and the line for people, if there is one. */
  readonly event: (level: Level, event: string, fields: Fields, line?: string) => void;
  /** For machines only: a request, when its answer is there. */
  readonly request: (level: Level, fields: Fields) => void;
}

/** The kind of an error. Its text may quote what it stumbled over: a query, a URL with a password. */
export function kindOf(error: unknown): string {
  if (error instanceof PintumblerError) return error.code;
  if (!(error instanceof Error)) return typeof error;
  const code = 'code' in error ? String(error.code) : '';
  // A system's or PostgreSQL's: ECONNREFUSED, 57P01.
  return /^[A-Z][A-Z0-9_]{2,40}$|^[0-9A-Z]{5}$/.test(code) ? code : error.name;
}

export function logFor(io: Pick<Io, 'err' | 'now'>, form: 'text' | 'json'): Log {
  if (form === 'text')
    return {
      say: io.err,
      event: (_level, _event, _fields, line) => {
        if (line !== undefined) io.err(line);
      },
      request: () => undefined,
    };
  const write = (level: Level, event: string, fields: Fields): void => {
    const time = new Date(io.now() * 1000).toISOString().replace('.000', '');
    io.err(JSON.stringify({ time, level, event, ...fields }));
  };
  return {
    say: () => undefined,
    event: write,
    request: (level, fields) => write(level, 'request', fields),
  };
}
