#!/usr/bin/env node
/** The process around the command line: files, streams, clock, randomness, signals. */
import { randomBytes } from 'node:crypto';
import { constants, writeSync } from 'node:fs';
import { copyFile, link, open, readFile, rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './cli.ts';
import { openDatabase } from './databases.ts';
import { listenHttp, PATIENCE } from './http.ts';
import { InputError, type Io } from './io.ts';

/** Synchronous, so that nothing is lost when the process ends. */
function write(fd: number, line: string): void {
  let rest = Buffer.from(`${line}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      // A closed pipe (`| head`) is a quiet end of the output; the command itself runs to its end.
      if (error.code === 'EPIPE' || fd === 2) return;
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'error';

/** A path that cannot be read or written is bad input; the system's word for it is enough. */
function unusable(error: unknown): never {
  throw new InputError(`cannot use a file named in the command (${codeOf(error)})`);
}

async function* linesOf(path: string): AsyncIterable<string> {
  const file = path === '-' ? undefined : await open(path).catch((error: unknown) => unusable(error));
  if (await file?.stat().then((info) => info.isDirectory()))
    throw new InputError('cannot use a file named in the command (EISDIR)');
  const input = file ? file.createReadStream() : process.stdin;
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

/** Only where there is none yet. Some file systems have no links: there a reader may see the half of a file. */
const placeNew = (from: string, to: string): Promise<void> =>
  link(from, to).catch((error: unknown) => {
    if (codeOf(error) === 'EEXIST') throw error;
    return copyFile(from, to, constants.COPYFILE_EXCL);
  });

async function replaceFile(path: string, text: string, how?: 'new'): Promise<void> {
  // Not a name that can be foretold, and none that is there: it could be a link to a file of somebody else's.
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  const file = await open(temporary, 'wx', 0o600).catch((error: unknown) => unusable(error));
  try {
    await file
      .writeFile(`${text}\n`)
      .then(() => file.sync())
      .finally(() => file.close());
    await (how === 'new' ? placeNew : rename)(temporary, path);
  } catch (error) {
    unusable(error);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** The second one ends the process at once: for a request that does not end. */
const toldToEnd = (): Promise<void> =>
  new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM'] as const;
    const told = (): void => {
      for (const signal of signals) process.off(signal, told);
      resolve();
    };
    for (const signal of signals) process.on(signal, told);
  });

const io: Io = {
  out: (line) => write(1, line),
  err: (line) => write(2, line),
  read: (path) =>
    readFile(path === '-' ? '/dev/stdin' : path).catch((error: unknown) =>
      codeOf(error) === 'ENOENT' ? undefined : unusable(error),
    ),
  lines: linesOf,
  replace: replaceFile,
  now: () => Math.floor(Date.now() / 1000),
  random: (length) => new Uint8Array(randomBytes(length)),
  env: (name) => process.env[name],
  ticks: () => performance.now(),
  // Ended by the signal it rejects; whoever gave the signal knows.
  pause: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }).catch(() => undefined),
  listen: async (answer, where, patience) => ({
    ...(await listenHttp(answer, where, {
      ...PATIENCE,
      head: Math.min(PATIENCE.head, patience),
      request: patience,
    })),
    told: toldToEnd(),
  }),
  send: (request, patience) => fetch(request, { redirect: 'manual', signal: AbortSignal.timeout(patience) }),
  database: openDatabase,
};

process.exitCode = await run(process.argv.slice(2), io);
