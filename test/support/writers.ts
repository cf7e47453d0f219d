/** Processes that write, as the test has them: each asks and answers over pipes, may be killed, and is started again. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Answer, Values } from '../seam/support.ts';
import type { Ask } from './crowd.ts';

/** What a writer reads, as JSON a line. */
export interface Question {
  readonly n: number;
  readonly path: string;
  readonly values: Values;
}

/** What it writes; 0 before all, once it is there. No answer: the database was away. `broken`: what must not be. */
export interface Reply {
  readonly n: number;
  readonly answer?: Answer | undefined;
  readonly broken?: string;
}

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The writer as one file, where it finds the packages of the project. */
export async function bundleWriter(): Promise<string> {
  const outfile = pathOf(`../../build/writer-${process.pid}.mjs`);
  await build({
    entryPoints: [pathOf('writer.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    tsconfig: pathOf('../tsconfig.json'),
    external: ['pg', '@electric-sql/pglite', 'fast-check'],
    logLevel: 'warning',
  });
  return outfile;
}

export interface WriterProcess {
  readonly ask: Ask;
  /** Once it could be asked. */
  readonly up: () => Promise<void>;
  /** At once, without a word; the next question starts another in its place. */
  readonly kill: () => void;
  /** The same, and there is no other. */
  readonly close: () => void;
}

interface Waiting {
  readonly resolve: (answer: Answer | undefined) => void;
  readonly reject: (error: Error) => void;
}

interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly waiting: Map<number, Waiting>;
  readonly up: Promise<void>;
  isKilled: boolean;
}

/** The last line of one that was killed may be cut off: then it is no answer. */
function replyIn(line: string): Reply | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function start(file: string, url: string): Running {
  const child = spawn(process.execPath, [file, url], { stdio: ['pipe', 'pipe', 'inherit'] });
  // Of a pipe whose reader was killed.
  child.stdin.on('error', () => undefined);
  const waiting: Running['waiting'] = new Map();
  const lines = createInterface({ input: child.stdout });
  const up = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      const reply = replyIn(line);
      if (reply?.n === 0) resolve();
      const asked = reply && waiting.get(reply.n);
      if (!asked) return;
      waiting.delete(reply.n);
      if (reply.broken === undefined) asked.resolve(reply.answer);
      else asked.reject(new Error(reply.broken));
    });
  });
  const running: Running = { child, waiting, up, isKilled: false };
  // Not the "exit" of the process: what it had written by then is still in the pipe.
  lines.on('close', () => {
    for (const { resolve, reject } of waiting.values())
      if (running.isKilled) resolve(undefined);
      else reject(new Error('a writer ended by itself'));
  });
  return running;
}

/** A writer that is started when it is needed. */
export function writerProcess(file: string, url: string): WriterProcess {
  let running: Running | undefined;
  let asked = 0;
  let isClosed = false;
  const present = (): Running => {
    if (isClosed) throw new Error('the writer was closed');
    running ??= start(file, url);
    return running;
  };
  const kill = (): void => {
    if (!running) return;
    running.isKilled = true;
    running.child.kill('SIGKILL');
    running = undefined;
  };
  return {
    ask: async (path, values) => {
      const { child, waiting } = present();
      asked += 1;
      const question: Question = { n: asked, path, values };
      return new Promise((resolve, reject) => {
        waiting.set(question.n, { resolve, reject });
        child.stdin.write(`${JSON.stringify(question)}\n`);
      });
    },
    up: async () => present().up,
    kill,
    close: () => {
      isClosed = true;
      kill();
    },
  };
}
