/**
 * The same requests give the same codes on every machine: under any time zone, locale and date of the process, and in
 * a process that has no clock at all. The library runs in child processes, bundled with its dependencies.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);

/**
 * Before anything of the bundle runs: the clock stands still at CLOCK, or throws with CLOCK=none, and so does the
 * source of randomness.
 */
const PRELUDE = `{
const stopped = process.env.CLOCK;
if (stopped) {
  const now = () => {
    if (stopped === 'none') throw new Error('the clock was read');
    return Number(stopped);
  };
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self),
    apply: () => new Date().toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
  globalThis.performance = { now };
  if (stopped === 'none') {
    Math.random = () => { throw new Error('randomness was used'); };
    globalThis.crypto.getRandomValues = Math.random;
  }
}
}`;

/** What every child does: plans, codes, readings and refusals in many zones on stdout; what it saw on stderr. */
const ENTRY = `
import { DateTime, Settings } from 'luxon';
import { createToken, deriveToken, formatToken, mint, parseToken, read, tokenJson } from './index.ts';
import { plan, toInstant, toLocal, zoneFacts } from './calendar/index.ts';
import { createLock, enter, initialState } from './lock/index.ts';
import { builtIn } from './vendors/index.ts';

const stopped = process.env.CLOCK;
if (stopped && stopped !== 'none') Settings.now = () => Number(stopped);
const lines = [];
const print = (...values) => lines.push(JSON.stringify(values));
const attempt = (make) => {
  try {
    return make();
  } catch (error) {
    return { code: error.code, message: error.message, nearest: error.nearest };
  }
};

const ZONES = [
  'UTC', 'Europe/Berlin', 'America/New_York', 'America/Havana', 'Africa/Cairo', 'Asia/Kathmandu', 'Australia/Lord_Howe',
  'Pacific/Apia',
];
const TIMES = [
  ['2025-03-09T00:30', '2025-03-12T11:00'], // Havana: missing
  ['2025-03-30T02:30', '2025-04-02T11:00'], // Berlin: missing
  ['2025-04-06T01:45', '2025-04-06T09:00'], // Lord Howe: twice
  ['2025-06-02T15:20', '2025-06-05T11:00'],
  ['2025-06-02T15:20:00Z', '2025-06-02T18:20:00-03:30'],
  ['2025-10-01T12:00', '2025-10-30T12:00'], // ends early
  ['2025-10-25T12:00', '2025-10-26T12:00'],
  ['2025-10-26T02:30', '2025-10-28T11:00'], // Berlin: twice
  ['2025-11-02T00:30', '2025-11-03T00:00'], // Havana: twice
  ['2025-11-02T01:30', '2025-11-03T11:00'], // New York: twice
  ['2025-02-30T10:00', '2025-03-01T10:00'], // none at all
];

for (const zone of ZONES) {
  const facts = zoneFacts(zone, Date.UTC(2025, 0, 1) / 1000, Date.UTC(2026, 1, 1) / 1000);
  print(zone, facts);
  for (const vendor of builtIn) {
    const { key } = vendor.scheme;
    const secret = key ? { key: new Uint8Array(key.from).fill(55) } : { root: new Uint8Array(32).fill(7) };
    const options = { vendor, deviceId: 'door-7', ...secret, config: vendor.sample };
    const token = createToken({ ...options, ...facts });
    print(formatToken(token), tokenJson(token), key ? 'prescribed' : formatToken(deriveToken(token)), token);
    const bare = createToken({ ...options, timeZone: zone });
    const parsed = parseToken(formatToken(token), builtIn);
    print(attempt(() => plan(parsed, { startsAt: TIMES[3][0], endsAt: TIMES[3][1] })));
    for (const [startsAt, endsAt] of TIMES) {
      for (const disambiguation of [undefined, 'earlier', 'later']) {
        print(zone, startsAt, attempt(() => toInstant(token, startsAt, disambiguation)));
        for (const maxTimeRounding of ['1h', '1d']) {
          for (const each of disambiguation ? [token] : [token, bare]) {
            print(attempt(() => {
              const planned = plan(each, { startsAt, endsAt, maxTimeRounding, disambiguation });
              const code = mint(each, planned.grant);
              return [planned, code, read(each, code, planned.grant.startsAt), toLocal(each, planned.firstUseBy)];
            }));
          }
        }
      }
      const others = token.rules.kinds.filter((kind) => kind.for !== 'window').map((kind) => kind.id);
      for (const kind of new Set(['one_time', 'clear', 'set_clock', ...others])) {
        print(attempt(() => {
          const planned = plan(token, { startsAt, kind });
          return [planned, mint(token, planned.grant)];
        }));
      }
    }
    if (vendor.scheme.remote) continue;
    const lock = createLock([token]);
    const request = { startsAt: '2025-06-02T10:00', endsAt: '2025-06-02T12:00' };
    const isHourly = token.rules.kinds.some((kind) => kind.id === 'hourly');
    const planned = isHourly ? plan(token, { ...request, kind: 'hourly' }) : attempt(() => plan(token, request));
    if (!planned.grant) continue;
    const { startsAt, endsAt } = planned.grant;
    let state = initialState(lock);
    for (const [code, when] of [[mint(token, planned.grant), startsAt], ['000000000', startsAt + 60], ['1', endsAt ?? startsAt]]) {
      const { state: next, verdict } = enter(lock, state, code, when);
      print(verdict, next);
      state = next;
    }
  }
}
process.stdout.write(lines.join('\\n') + '\\n');

// What the process itself thinks of time, and what luxon makes of a wall time that comes twice.
process.stderr.write(JSON.stringify(stopped === 'none' ? { zone: process.env.TZ } : {
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  locale: Intl.DateTimeFormat().resolvedOptions().locale,
  date: new Date().toISOString().slice(0, 10),
  hour: new Date(1750000000000).getHours(),
  guess: DateTime.fromISO('2026-10-25T02:30', { zone: 'Europe/Berlin' }).toISO(),
}));
`;

/** What a child saw of its surroundings. */
interface Seen {
  readonly zone: string;
  readonly locale: string;
  readonly date: string;
  readonly hour: number;
  readonly guess: string;
}

const JANUARY = String(Date.UTC(2026, 0, 15, 12));
const JULY = String(Date.UTC(2026, 6, 15, 12));

const ENVIRONMENTS: readonly Readonly<Record<string, string>>[] = [
  { TZ: 'UTC', LC_ALL: 'C' },
  { TZ: 'UTC', LC_ALL: 'C', CLOCK: JANUARY },
  { TZ: 'UTC', LC_ALL: 'C', CLOCK: JULY },
  { TZ: 'America/New_York', LANG: 'en_US.UTF-8', CLOCK: JULY },
  { TZ: 'Europe/Berlin', LANG: 'de_DE.UTF-8', CLOCK: JULY },
  // Other digits, other calendars, other letters for i.
  { TZ: 'Asia/Kathmandu', LC_ALL: 'ar_EG.UTF-8', CLOCK: JANUARY },
  { TZ: 'Asia/Tehran', LC_ALL: 'fa_IR.UTF-8', CLOCK: JULY },
  { TZ: 'Pacific/Apia', LC_ALL: 'th_TH.UTF-8', CLOCK: JULY },
  { TZ: 'Pacific/Apia', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
  // A clock that is wrong by decades.
  { TZ: 'UTC', LC_ALL: 'C', CLOCK: '0' },
  { TZ: 'America/New_York', LC_ALL: 'C', CLOCK: String(Date.UTC(2099, 6, 1)) },
  // No clock and no randomness.
  { TZ: 'Asia/Kathmandu', LC_ALL: 'C', CLOCK: 'none' },
];

describe('results depend on nothing but the arguments', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pintumbler-determinism-'));
  const bundle = join(directory, 'entry.mjs');

  beforeAll(async () => {
    await build({
      stdin: {
        contents: ENTRY,
        loader: 'js',
        resolveDir: fileURLToPath(new URL('../src', import.meta.url)),
      },
      outfile: bundle,
      bundle: true,
      format: 'esm',
      platform: 'node',
      banner: { js: PRELUDE },
      logLevel: 'silent',
    });
    // All at once; each test waits for its own. A failure is reported there.
    for (const environment of ENVIRONMENTS) child(environment).catch(() => undefined);
  }, 60_000);

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const results = new Map<object, Promise<{ stdout: string; seen: Seen }>>();

  /** Runs a child once for each environment. */
  function child(environment: Readonly<Record<string, string>>): Promise<{ stdout: string; seen: Seen }> {
    const known = results.get(environment);
    if (known) return known;
    const result = run(process.execPath, [bundle], {
      env: { ...environment, NODE_NO_WARNINGS: '1' },
      maxBuffer: 2 ** 28,
    }).then(({ stdout, stderr }) => ({ stdout, seen: JSON.parse(stderr) as Seen }));
    results.set(environment, result);
    return result;
  }

  const [first = {}, ...others] = ENVIRONMENTS;

  it('there is something to compare: codes, plans with warnings, every refusal of a wall time', async () => {
    const { stdout } = await child(first);
    expect(stdout.split('\n').length).toBeGreaterThan(2000);
    for (const word of [
      'ends_early',
      'local_time_missing',
      'local_time_twice',
      'no_fit',
      'bad_argument',
      'zone_required',
    ])
      expect(stdout, word).toContain(`"${word}"`);
    expect(new Set(stdout.match(/"\d{9}"/g)).size).toBeGreaterThan(300);
    expect(stdout).not.toContain('the clock was read');
  });

  it.each(others.map((each) => [JSON.stringify(each), each] as const))('%s', async (_, environment) => {
    const [expected, actual] = await Promise.all([child(first), child(environment)]);
    // Not toBe: a diff of megabytes helps nobody.
    const [one, two] = [expected.stdout.split('\n'), actual.stdout.split('\n')];
    const differs = one.findIndex((line, i) => line !== two[i]);
    expect(differs < 0 ? '' : `line ${differs}: ${two[differs]} instead of ${one[differs]}`).toBe('');
    expect(actual.stdout === expected.stdout).toBe(true);
  });

  it('the children did live in other zones, languages and seasons', async () => {
    const seen = await Promise.all(
      ENVIRONMENTS.filter(({ CLOCK }) => CLOCK !== 'none').map(async (environment) => {
        const { zone, locale, date, hour, guess } = (await child(environment)).seen;
        if (environment['TZ'] !== 'Asia/Kathmandu') expect(zone).toBe(environment['TZ']);
        if (environment['CLOCK'])
          expect(date).toBe(new Date(Number(environment['CLOCK'])).toISOString().slice(0, 10));
        return { locale, hour, guess };
      }),
    );
    const different = (values: readonly unknown[]): number => new Set(values).size;
    expect(different(seen.map(({ locale }) => locale))).toBeGreaterThanOrEqual(5);
    expect(different(seen.map(({ hour }) => hour))).toBeGreaterThanOrEqual(4);
    // Luxon, asked for a local time, falls into the trap that this test is about: the canary is alive.
    expect(different(seen.map(({ guess }) => guess))).toBe(2);
  });

  it('a child without a clock notices who reads it', async () => {
    const probe = [
      '--input-type=module',
      '--eval',
      `${PRELUDE}\nconsole.log(new Date(0).getTime());\nDate.now();`,
    ];
    const failure = await run(process.execPath, probe, { env: { CLOCK: 'none' } }).then(
      () => undefined,
      (error: { stdout: string; stderr: string }) => error,
    );
    expect(failure?.stdout).toBe('0\n');
    expect(failure?.stderr).toContain('the clock was read');
  });
});
