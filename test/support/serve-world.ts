/** `pintumbler serve` in a world in memory: files, a clock that the test moves, and what it listens with. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { run } from '../../src/cli/cli.ts';
import { type Answer, InputError, type Io, type Where } from '../../src/cli/io.ts';
import { at } from './helpers.ts';

export const START = at('2026-11-22T00:00:00Z');

export const KEY = 'seam_test1_abcdefghijklmnopqrstuvwx';

interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

/** Lets what is on its way come to where it waits again. */
export const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

export type World = ReturnType<typeof serveWorld>;

export function serveWorld(files: Readonly<Record<string, string>>, given: Partial<Io> = {}) {
  const disk = new Map(Object.entries(files));
  const [out, err]: [string[], string[]] = [[], []];
  const timers = new Set<Timer>();
  let [ticks, drawn] = [0, 0];
  let listening: { readonly answer: Answer; readonly where: Where; readonly patience: number } | undefined;
  let [up, tell] = [(): void => undefined, (): void => undefined];
  const isUp = new Promise<void>((resolve) => {
    up = resolve;
  });
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const done: string[] = [];
  const io: Io = {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    read: async (path) => {
      const text = disk.get(path);
      return text === undefined ? undefined : new TextEncoder().encode(text);
    },
    lines: () => expect.fail('reads no lines'),
    replace: async (path, text, how) => {
      if (how === 'new' && disk.has(path)) throw new InputError('it is there');
      disk.set(path, `${text}\n`);
    },
    now: () => START + Math.floor(ticks / 1000),
    random: (length) => {
      drawn += 1;
      return new Uint8Array(createHash('shake256', { outputLength: length }).update(`${drawn}`).digest());
    },
    env: () => undefined,
    ticks: () => ticks,
    pause: (milliseconds, signal) =>
      new Promise((resolve) => {
        const timer: Timer = {
          at: ticks + milliseconds,
          wake: () => {
            timers.delete(timer);
            signal?.removeEventListener('abort', timer.wake);
            resolve();
          },
        };
        timers.add(timer);
        if (milliseconds === 0) setTimeout(timer.wake);
        if (signal?.aborted) timer.wake();
        signal?.addEventListener('abort', timer.wake);
      }),
    listen: async (answer, where, patience) => {
      listening = { answer, where, patience };
      up();
      return {
        url: `http://${where.host}:${where.port}`,
        told,
        close: async () => {
          done.push('closed');
        },
      };
    },
    send: () => expect.fail('sends nothing'),
    database: () => expect.fail('opens no database'),
    ...given,
  };

  /** Moves the clock, and wakes who waited for that. */
  async function advance(milliseconds: number): Promise<void> {
    ticks += milliseconds;
    for (const timer of [...timers]) if (timer.at <= ticks) timer.wake();
    await turn();
  }

  const command = (...argv: string[]): Promise<number> => run(argv, io);

  /** The server, once it listens. */
  async function serve(...argv: string[]) {
    const exit = command('serve', ...argv);
    const code = await Promise.race([isUp.then(() => undefined), exit]);
    if (code !== undefined || !listening) throw new Error(`exit ${code}: ${err.join('\n')}`);
    const { answer, where, patience } = listening;
    const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
      answer(new Request(`http://127.0.0.1:8080${path}`, init));
    /** A call of the API, with the answer as JSON. */
    const call = async (path: string, body: object = {}, apiKey = KEY) => {
      const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
      const response = await ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: response.status, ...JSON.parse(await response.text()) };
    };
    return { exit, where, patience, ask, call, tell };
  }

  return {
    io,
    disk,
    done,
    advance,
    command,
    serve,
    /** How long those wait that wait, in milliseconds from now. */
    waits: () => [...timers].map((timer) => timer.at - ticks).sort((one, other) => one - other),
    out: () => out.join('\n'),
    err: () => err.join('\n'),
  };
}
