/** The command as a process of its own, what it has said so far, and where it listens. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export interface CommandProcess {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly said: { out: string; err: string };
  /** Exit code. */
  readonly exit: Promise<unknown>;
  /** What it printed first; empty where it ended without a word. */
  readonly url: Promise<string>;
}

export function commandProcess(script: string, argv: readonly string[], cwd: string): CommandProcess {
  const child = spawn(process.execPath, [script, ...argv], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const exit = once(child, 'close').then(([code]) => code);
  const url = (async () => {
    while (!said.out.includes('\n') && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 10));
    return said.out.trim();
  })();
  return { child, said, exit, url };
}
