/** A client that says exactly what it is told to, and hears every byte. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawClient {
  readonly socket: Socket;
  /** All of it, when the connection has ended. */
  readonly heard: Promise<string>;
  readonly sofar: () => string;
}

export function rawClient(url: string): RawClient {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  return { socket, heard: once(socket, 'close').then(() => text), sofar: () => text };
}

/** Until it holds; the test's own time limit is the only one. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
