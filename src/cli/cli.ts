/**
 * The command line: flags to commands, errors to exit codes. Data goes to standard output, messages to standard error.
 */
import { parseArgs } from 'node:util';
import { PintumblerError } from '../errors.ts';
import { demo } from './demo.ts';
import { devicesAdd, devicesList, devicesRemove } from './devices.ts';
import { HELP, VERSION } from './help.ts';
import { type Flags, InputError, type Io, UsageError } from './io.ts';
import { readCode, verify } from './lock.ts';
import { mintCommand } from './mint.ts';
import { securityCommand } from './security.ts';
import { serve } from './serve.ts';
import { tokenCreate, tokenDerive, tokenInspect } from './token.ts';
import { vectorsCommand } from './vectors.ts';
import { listVendors } from './vendors.ts';
import { kebabCase, renamed, renamedAll } from './words.ts';

const EXIT = { done: 0, refused: 1, usage: 2, input: 3, internal: 4 } as const;

/** Flags of a command: `!` must be there, `?` may, and `on` takes no value. */
interface Command {
  readonly flags: Readonly<Record<string, '!' | '?' | 'on'>>;
  readonly run: (io: Io, flags: Flags) => Promise<number> | number;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  'token create': {
    flags: {
      vendor: '!',
      'device-id': '!',
      'time-zone': '!',
      master: '?',
      key: '?',
      'key-format': '?',
      epoch: '?',
      config: '?',
      format: '?',
    },
    run: tokenCreate,
  },
  'token derive': { flags: { token: '!', epoch: '?', variances: '?', format: '?' }, run: tokenDerive },
  'token inspect': { flags: { token: '!', json: 'on' }, run: tokenInspect },
  mint: {
    flags: {
      token: '?',
      devices: '?',
      'starts-at': '?',
      'ends-at': '?',
      'one-time': 'on',
      'max-time-rounding': '?',
      kind: '?',
      variance: '?',
      lane: '?',
      disambiguation: '?',
      'issued-at': '?',
      count: '?',
      after: '?',
      value: '?',
      challenge: '?',
      session: '?',
      json: 'on',
    },
    run: mintCommand,
  },
  verify: {
    flags: { token: '!', code: '?', at: '!', state: '?', challenge: '?', session: '?', json: 'on' },
    run: verify,
  },
  read: {
    flags: { token: '!', code: '!', at: '?', count: '?', challenge: '?', session: '?', json: 'on' },
    run: readCode,
  },
  vendors: { flags: { json: 'on' }, run: listVendors },
  security: { flags: { vendor: '?', config: '?', json: 'on' }, run: securityCommand },
  vectors: { flags: { vendor: '!', seed: '?', count: '?', format: '?' }, run: vectorsCommand },
  serve: {
    flags: {
      store: '?',
      'store-key': '?',
      devices: '?',
      keys: '?',
      port: '?',
      host: '?',
      upstream: '?',
      'assign-after': '?',
      'error-codes': '?',
      'no-rate-limits': 'on',
      'rate-limit': '?',
      'body-limit': '?',
      timeout: '?',
      drain: '?',
      log: '?',
    },
    run: serve,
  },
  'devices add': { flags: { store: '!', 'store-key': '?', devices: '!' }, run: devicesAdd },
  'devices list': { flags: { store: '!', 'store-key': '?', json: 'on' }, run: devicesList },
  'devices remove': { flags: { store: '!', 'store-key': '?', 'device-id': '!' }, run: devicesRemove },
  demo: { flags: {}, run: demo },
};

/** `--after -1` as `--after=-1`: Node takes what begins with a dash for the next flag. */
function joined(argv: readonly string[]): readonly string[] {
  const words: string[] = [];
  for (const word of argv) {
    const before = words.at(-1);
    if (/^-\d+$/.test(word) && before !== undefined && /^--[a-z-]+$/.test(before))
      words.splice(-1, 1, `${before}=${word}`);
    else words.push(word);
  }
  return words;
}

function parseFlags(name: string, command: Command, argv: readonly string[]): Flags {
  const options = Object.fromEntries(
    Object.entries(command.flags).map(([flag, need]) => [
      flag,
      { type: need === 'on' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  let values: Flags;
  let twice: string | undefined;
  try {
    const parsed = parseArgs({
      args: [...joined(argv)],
      options,
      strict: true,
      allowPositionals: false,
      tokens: true,
    });
    const given = parsed.tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
    twice = given.find((flag, index) => given.indexOf(flag) !== index);
    values = parsed.values;
  } catch (error) {
    // Node's messages quote the argument, and a stray argument may be a code: only the flag's own name is repeated.
    const flag = error instanceof Error ? /--[a-z-]+/.exec(error.message)?.[0] : undefined;
    const known = Object.keys(command.flags).map((each) => `--${each}`);
    throw new UsageError(
      flag === undefined
        ? `"${name}" takes only flags: ${known.join(' ')}`
        : `"${name}": check ${flag}; it takes ${known.join(' ')}`,
    );
  }
  if (twice !== undefined) throw new UsageError(`"${name}" takes --${twice} once`);
  for (const [flag, need] of Object.entries(command.flags)) {
    if (need === '!' && values[flag] === undefined) throw new UsageError(`"${name}" needs --${flag}`);
  }
  return values;
}

/** Errors name fields; a person at the command line knows them as flags of the command. */
const flagOf =
  (flags: Command['flags']) =>
  (field: string): string | undefined => {
    const flag = field === 'timestamp' ? 'at' : kebabCase(field);
    return Object.hasOwn(flags, flag) ? `--${flag}` : undefined;
  };

/** The page on what the leading words name; undefined where there is no such command. */
function helpOn(words: readonly string[]): string | undefined {
  const [first = '', second] = words;
  const page = (about: string): string | undefined => (Object.hasOwn(HELP, about) ? HELP[about] : undefined);
  return second === undefined || Object.hasOwn(COMMANDS, first) ? page(first) : page(`${first} ${second}`);
}

function report(io: Io, error: unknown, flags: Command['flags'], name: string): number {
  if (error instanceof UsageError) {
    io.err(`pintumbler: ${renamedAll(error.message, flagOf(flags))}`);
    io.err(`pintumbler ${Object.hasOwn(COMMANDS, name) ? `${name} ` : ''}--help shows examples`);
    return EXIT.usage;
  }
  if (error instanceof PintumblerError) {
    io.err(`pintumbler: [${error.code}] ${renamed(error.message, flagOf(flags))}`);
    return EXIT.input;
  }
  if (error instanceof InputError) {
    io.err(`pintumbler: ${error.message}`);
    return EXIT.input;
  }
  // An unforeseen error may quote what it stumbled over: its kind is told, its text is not.
  io.err(
    `pintumbler: internal error (${error instanceof Error ? error.name : typeof error}); please report it with the command, without secrets`,
  );
  return EXIT.internal;
}

const NO_COMMAND = `no such command; there are ${Object.keys(COMMANDS).join(', ')}`;

/** Runs one command; the exit code. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const [first = '--help', second = ''] = argv;
  const name = Object.hasOwn(COMMANDS, first) ? first : `${first} ${second}`;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (first === '--version' || first === '-V') {
      io.out(VERSION);
      return EXIT.done;
    }
    if (['--help', '-h', 'help'].includes(first) || argv.includes('--help') || argv.includes('-h')) {
      const flag = argv.findIndex((word) => word.startsWith('-'));
      const page = helpOn(argv.slice(first === 'help' ? 1 : 0, flag < 0 ? argv.length : flag));
      if (page === undefined) throw new UsageError(NO_COMMAND);
      io.out(page);
      return EXIT.done;
    }
    if (!command) throw new UsageError(NO_COMMAND);
    return await command.run(io, parseFlags(name, command, argv.slice(name.split(' ').length)));
  } catch (error) {
    return report(io, error, command?.flags ?? {}, name);
  }
}
