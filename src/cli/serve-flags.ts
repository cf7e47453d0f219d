/** The flags of `pintumbler serve` that say where and how: each checked, before anything is opened. */
import { fail, shown, shownNumber } from '../errors.ts';
import type { Forward } from '../seam/index.ts';
import { forwardTo } from './forward.ts';
import { type Flags, may, UsageError } from './io.ts';
import { type Where, whereIn } from './stores.ts';

/** A flag with a whole number. */
function mayCount(
  flags: Flags,
  name: string,
  least: number,
  most: number,
  wanted: string,
): number | undefined {
  const text = may(flags, name);
  if (text === undefined) return undefined;
  const isNumber = /^\d{1,16}$/.test(text);
  if (isNumber && Number(text) >= least && Number(text) <= most) return Number(text);
  const came = isNumber ? shownNumber(Number(text)) : shown(text);
  return fail('bad_argument', `--${name} expected ${wanted}, got ${came}`);
}

function oneOf<T extends string>(flags: Flags, name: string, first: T, other: T): T {
  const word = may(flags, name) ?? first;
  if (word === first) return first;
  if (word === other) return other;
  throw new UsageError(`--${name} takes ${first} or ${other}`);
}

/** Hands on to the real API, and knows its answers again. */
function upstreamAt(url: string): {
  readonly forward: Forward;
  readonly isIts: (answer: Response) => boolean;
} {
  const ask = forwardTo(url);
  const answers = new WeakSet<Response>();
  return {
    forward: async (request) => {
      const answer = await ask(request);
      answers.add(answer);
      return answer;
    },
    isIts: (answer) => answers.has(answer),
  };
}

function checkInputs(flags: Flags, { kind }: Where): void {
  if (kind === 'memory' && flags['devices'] === undefined)
    throw new UsageError('--devices is missing: only a --store that lasts has devices of its own');
  if (kind === 'memory' && flags['store-key'] !== undefined)
    throw new UsageError('--store-key is for a --store that lasts: in memory nothing is sealed');
  if (['devices', 'keys', 'store-key'].filter((name) => flags[name] === '-').length > 1)
    throw new UsageError('only one of --devices, --keys and --store-key can be standard input');
}

/** @throws UsageError; PintumblerError `bad_argument` for a number that is none, or out of its range */
export function settingsIn(flags: Flags) {
  const number = (name: string, of: string, least: number, most: number, such = ''): number | undefined =>
    mayCount(flags, name, least, most, `${of} from ${least} to ${most}${such}`);
  const [where, upstream] = [whereIn(flags), may(flags, 'upstream')];
  checkInputs(flags, where);
  return {
    where,
    upstream: upstream === undefined ? undefined : upstreamAt(upstream),
    host: may(flags, 'host') ?? '127.0.0.1',
    port: number('port', 'a port', 0, 65535) ?? 8080,
    errorCodes: oneOf(flags, 'error-codes', 'current', 'legacy'),
    log: oneOf(flags, 'log', 'text', 'json'),
    assignAfter: number('assign-after', 'seconds', 0, 86400, ', such as 30'),
    drain: number('drain', 'seconds', 0, 3600) ?? 0,
    timeout: number('timeout', 'seconds', 1, 3600) ?? 30,
    bodyLimit: number('body-limit', 'bytes', 1, 2 ** 30),
    rateLimit: number('rate-limit', 'requests a minute', 1, 1_000_000),
    isLimited: flags['no-rate-limits'] !== true,
  };
}

export type Settings = ReturnType<typeof settingsIn>;
