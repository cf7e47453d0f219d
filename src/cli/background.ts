/**
 * What a server does beside answering, again and again. What fails is told and tried again after a pause that grows: a
 * database that is away for a while ends nothing.
 */
import type { Io } from './io.ts';

export interface Task {
  readonly name: string;
  /** Gives the milliseconds to its next run; 0: at once. */
  readonly run: () => Promise<number>;
}

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

async function repeat(
  { name, run }: Task,
  io: Pick<Io, 'pause'>,
  signal: AbortSignal,
  failed: (task: string, error: unknown) => void,
): Promise<void> {
  let pause = FIRST_PAUSE;
  while (!signal.aborted) {
    let rest: number;
    try {
      rest = await run();
      pause = FIRST_PAUSE;
    } catch (error) {
      failed(name, error);
      rest = pause;
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
    await io.pause(rest, signal);
  }
}

/** Begins at once. `stop` lets what runs come to its end, and begins nothing more. */
export function background(
  tasks: readonly Task[],
  io: Pick<Io, 'pause'>,
  failed: (task: string, error: unknown) => void,
): { readonly stop: () => Promise<void> } {
  const end = new AbortController();
  const loops = tasks.map((task) => repeat(task, io, end.signal, failed));
  return {
    stop: async () => {
      end.abort();
      await Promise.all(loops);
    },
  };
}
