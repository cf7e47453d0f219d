#!/usr/bin/env node
/** The process around the command line: files, streams, clock and randomness. */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { run } from './cli.ts';
import { InputError, type Io } from './io.ts';

/** Synchronous, so that nothing is lost when the process ends; a closed pipe (`| head`) is a quiet end. */
function write(fd: number, line: string): void {
  let rest = Buffer.from(`${line}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      if (error.code === 'EPIPE') process.exit(0);
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'error';

/** A path that cannot be read or written is bad input; the system's word for it is enough. */
function unusable(path: string, error: unknown): never {
  throw new InputError(`cannot use ${path} (${codeOf(error)})`);
}

async function* linesOf(path: string): AsyncIterable<string> {
  const file = path === '-' ? undefined : await open(path).catch((error: unknown) => unusable(path, error));
  const input = file ? file.createReadStream() : process.stdin;
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

const io: Io = {
  out: (line) => write(1, line),
  err: (line) => write(2, line),
  read: (path) =>
    readFile(path === '-' ? '/dev/stdin' : path).catch((error: unknown) =>
      codeOf(error) === 'ENOENT' ? undefined : unusable(path, error),
    ),
  lines: linesOf,
  replace: async (path, text) => {
    const temporary = `${path}.${process.pid}.tmp`;
    const file = await open(temporary, 'w', 0o600).catch((error: unknown) => unusable(path, error));
    try {
      await file.writeFile(`${text}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  },
  now: () => Math.floor(Date.now() / 1000),
  random: (length) => new Uint8Array(randomBytes(length)),
};

process.exitCode = await run(process.argv.slice(2), io);
