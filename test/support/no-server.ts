/** What only servers touch of the outside world, for commands that are none. */
import type { Io } from '../../src/cli/io.ts';

export const noServer: Pick<Io, 'env' | 'ticks' | 'pause' | 'listen' | 'send' | 'database'> = {
  env: () => undefined,
  ticks: () => 0,
  pause: async () => undefined,
  listen: () => Promise.reject(new Error('listens nowhere')),
  send: () => Promise.reject(new Error('sends nothing')),
  database: () => Promise.reject(new Error('opens no database')),
};
