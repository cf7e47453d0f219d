/**
 * One process at a time in a folder: the embedded database does not notice a second one, and both would destroy it.
 *
 * The lock is a socket in the folder, so the system answers for it exactly as long as its process lives: after a kill or a
 * power cut nobody listens there. A file with a process id could not say that: in a container every server is process 1. It
 * holds on one machine; over a network file system another machine cannot hear it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { link, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from './io.ts';
import { kindOf } from './log.ts';

/** `sun_path` has 104 bytes and more, the last of them 0. */
const LONGEST_NAME = 103;

const IN_USE = '--store: the folder is in use by another process; one at a time, or a PostgreSQL for many';

/** Windows has its pipes in a place of their own. */
const pipeOf = (folder: string): string =>
  `\\\\.\\pipe\\pintumbler-${createHash('sha256').update(resolve(folder).toLowerCase()).digest('hex')}`;

function nameIn(folder: string): string {
  const whole = join(resolve(folder), 'lock');
  const short = relative(process.cwd(), whole);
  const name = short.length < whole.length ? short : whole;
  // What is too long is cut off by the system without a word. Names beside it are longer.
  if (Buffer.byteLength(name) + 9 > LONGEST_NAME)
    throw new InputError(`--store: the path of the folder is too long; ${LONGEST_NAME - 14} bytes at most`);
  return name;
}

/** Says its word to whoever calls. */
function listenAt(name: string, word: string): Promise<Server> {
  return new Promise((done, failed) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(word);
    });
    server.on('error', failed);
    server.listen(name, () => done(server.unref()));
  });
}

/** Milliseconds in which a process may say its word: one that is busy, or stopped, holds its lock all the same. */
const PATIENCE = 2000;

/** The word of the process that stands behind it, or as much of it as it says; undefined where none does. */
function wordAt(name: string): Promise<string | undefined> {
  return new Promise((done, failed) => {
    let word = '';
    const socket = connect(name);
    socket.setTimeout(PATIENCE, () => {
      socket.destroy();
      done(word);
    });
    socket.on('data', (chunk) => {
      word += chunk;
    });
    socket.on('end', () => done(word));
    socket.on('error', (error) => {
      if (['ECONNREFUSED', 'ENOENT'].includes(kindOf(error))) done(undefined);
      // It stood there a moment ago.
      else if (kindOf(error) === 'ECONNRESET') done(word);
      else failed(error);
    });
  });
}

/** Takes away what a dead process has left. Moved first: another start may have put its own lock there since. */
async function clear(name: string): Promise<void> {
  const aside = `${name}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(name, aside);
  } catch (error) {
    if (kindOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await wordAt(aside)) !== undefined) await link(aside, name).catch(() => undefined);
  await rm(aside, { force: true });
}

/** Gives a socket the name of the lock; false where it has an owner. */
async function claim(own: string, name: string): Promise<boolean> {
  for (let tries = 0; tries < 5; tries++) {
    try {
      await link(own, name);
      return true;
    } catch (error) {
      if (kindOf(error) !== 'EEXIST') throw error;
    }
    if ((await wordAt(name)) !== undefined) return false;
    await clear(name);
  }
  return false;
}

/** Milliseconds: longer than another start takes from looking at a dead lock to moving what it takes for it. */
const SETTLED = 200;

/** Under a name of its own first: to close a socket removes the file that it was bound to, whosever that is by then. */
async function lockAt(name: string): Promise<() => Promise<void>> {
  const [word, own] = [randomBytes(16).toString('hex'), `${name}.${randomBytes(4).toString('hex')}`];
  const server = await listenAt(own, word);
  const close = (): Promise<void> => new Promise((done) => server.close(() => done()));
  try {
    const isClaimed = await claim(own, name);
    await rm(own);
    if (isClaimed) await sleep(SETTLED);
    if (!isClaimed || (await wordAt(name)) !== word) throw new InputError(IN_USE);
  } catch (error) {
    await close();
    throw error;
  }
  return async () => {
    if ((await wordAt(name)) === word) await rm(name, { force: true });
    await close();
  };
}

/** A pipe of Windows is of one process, and ends with it: nothing has to be cleared. */
async function lockPipe(name: string): Promise<() => Promise<void>> {
  const server = await listenAt(name, '').catch((error: unknown) => {
    if (kindOf(error) === 'EADDRINUSE') throw new InputError(IN_USE);
    throw error;
  });
  return () => new Promise((done) => server.close(() => done()));
}

/**
 * Locks a folder that is there. What comes back releases it; the end of the process does too.
 *
 * @throws InputError where another process has it, or it cannot be locked
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const lock = process.platform === 'win32' ? lockPipe(pipeOf(folder)) : lockAt(nameIn(folder));
  return lock.catch((error: unknown) => {
    if (error instanceof InputError) throw error;
    throw new InputError(`--store: cannot lock the folder (${kindOf(error)})`);
  });
}
