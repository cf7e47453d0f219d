/**
 * What an error shows: words of ours where one is expected, and never a key or a code that somebody pasted into the wrong
 * place. Tuya's keys of six letters and the codes of a keypad of directions look like words.
 */
import { createToken, mint, PintumblerError, parseToken, read, tokenJson } from 'pintumbler';
import { plan, toInstant } from 'pintumbler/calendar';
import { createLock, enter, initialState, loadState } from 'pintumbler/lock';
import { builtIn, hotp, igloohome, masterLock, ocra, totp, tuya, type Vendor } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { run } from '../src/cli/cli.ts';
import { noServer } from './support/no-server.ts';
import { tokenOf } from './support/tuya-door.ts';
import { tokenIn } from './support/vendors.ts';

const KEYS = ['abcdef', 'aBcDeF', 'ABCDEF', 'secret', 'x_y-z+', 'kind'.padEnd(6, 's')];

/** What was thrown, with all that an error carries. */
function thrown(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (!(error instanceof PintumblerError)) throw error;
    return `${error.message} ${JSON.stringify(error)} ${String(error)}`;
  }
  throw new Error('it should be refused');
}

/** A call as somebody without types would write it. */
const loosely = (call: (...values: never[]) => unknown, ...values: readonly unknown[]): unknown =>
  Reflect.apply(call, undefined, values);

async function commandLine(files: Readonly<Record<string, string>>, ...argv: string[]): Promise<string> {
  const lines: string[] = [];
  const exit = await run(argv, {
    out: (line) => lines.push(line),
    err: (line) => lines.push(line),
    read: async (path) => (Object.hasOwn(files, path) ? new TextEncoder().encode(files[path]) : undefined),
    lines: async function* (path) {
      yield* (files[path] ?? '').split('\n');
    },
    replace: async () => undefined,
    now: () => 0,
    random: (length) => new Uint8Array(length),
    ...noServer,
  });
  expect(exit, lines.join('\n')).toBeGreaterThan(1);
  return lines.join('\n');
}

const OPTIONS = { vendor: tuya, deviceId: 'door-1', timeZone: 'UTC' };

describe.each(KEYS)('a Tuya key of letters, %s, pasted anywhere', (key) => {
  const bytes = new TextEncoder().encode(key);
  const token = tokenOf(key);
  const json = JSON.parse(JSON.stringify(tokenJson(token)));

  it.each([
    ['as text in place of bytes', { ...OPTIONS, key }],
    ['as a root', { ...OPTIONS, root: key }],
    ['as a master key', { ...OPTIONS, master: key }],
    ['as an epoch', { ...OPTIONS, key: bytes, epoch: key }],
    ['as a grid offset', { ...OPTIONS, key: bytes, gridOffset: key }],
    ['as offsets', { ...OPTIONS, key: bytes, offsets: key }],
    ['as a pair of offsets', { ...OPTIONS, key: bytes, offsets: [key, key] }],
    ['as variances', { ...OPTIONS, key: bytes, variances: key }],
    ['as a part of variances', { ...OPTIONS, key: bytes, variances: [key, 1] }],
    ['as settings', { ...OPTIONS, key: bytes, config: key }],
    ['as a device, with a space', { ...OPTIONS, key: bytes, deviceId: `${key} ` }],
    ['as all the options', key],
  ])('createToken: %s', (_, options) => {
    expect(thrown(() => loosely(createToken, options))).not.toContain(key);
  });

  it.each([
    ['alone', key],
    ['as JSON text', JSON.stringify(key)],
    ['behind pt1.', `pt1.${key}`],
    ['before a dot', `${key}.a.b`],
    ['as text in JSON, no base64url', JSON.stringify({ ...json, key: `${key}=` })],
    ['as a root', JSON.stringify({ ...json, key: undefined, root: key })],
    ['as a key and a root', JSON.stringify({ ...json, root: key })],
    ['as a version', JSON.stringify({ ...json, v: key })],
    ['as an epoch', JSON.stringify({ ...json, epoch: key })],
    ['as a grid offset', JSON.stringify({ ...json, grid_offset: key })],
    ['as offsets', JSON.stringify({ ...json, offsets: key })],
    ['as variances', JSON.stringify({ ...json, variances: key })],
    ['as settings', JSON.stringify({ ...json, config: key })],
    ['with a mistyped place behind it', `{"key":"${key}",`],
  ])('parseToken: %s', (_, text) => {
    expect(thrown(() => parseToken(text, builtIn))).not.toContain(key);
  });

  it('the lock and the verbs', () => {
    const lock = createLock([token]);
    const state = initialState(lock);
    const grant = { kind: 'multiple', variance: 0, startsAt: 1_800_000_000, endsAt: 1_800_003_600 };
    for (const make of [
      () => read(token, key, 0),
      () => loosely(read, token, '1234567890', key),
      () => loosely(read, key, '1234567890', 0),
      () => loosely(mint, token, key),
      () => loosely(mint, key, grant),
      () => loosely(mint, token, { ...grant, startsAt: key }),
      () => loosely(mint, token, { ...grant, endsAt: key }),
      () => loosely(mint, token, { ...grant, variance: key }),
      () => loosely(mint, token, { ...grant, lane: key }),
      () => loosely(plan, token, { startsAt: key }),
      () => loosely(plan, token, { startsAt: '2026-03-01T15:00', endsAt: key }),
      () => loosely(plan, token, { startsAt: '2026-03-01T15:00', lane: key, kind: 'once' }),
      () => loosely(plan, token, { startsAt: '2026-03-01T15:00', oneTime: key }),
      () => loosely(plan, token, { startsAt: '2026-03-01T15:00', variance: key }),
      () => loosely(plan, token, key),
      () => loosely(toInstant, token, key),
      () => loosely(createLock, key),
      () => loosely(createLock, [key]),
      () => loosely(enter, lock, state, '1234567890', key),
      () => loosely(enter, lock, key, '1234567890', 0),
      () => loosely(enter, key, state, '1234567890', 0),
      () => loadState(lock, key),
      () => loadState(lock, JSON.stringify({ ...state, clock: key, check: key })),
      () => loadState(lock, JSON.stringify({ ...state, lock: key, check: key })),
    ])
      expect(thrown(make), String(make)).not.toContain(key);
  });

  it('the command line: a file with the key in place of a token, and a key in place of a number', async () => {
    const files = {
      'login.key': key,
      'line.key': `${key}\n`,
      'door.json': JSON.stringify(json),
    };
    const calls = [
      ['token', 'inspect', '--token', 'login.key'],
      ['token', 'inspect', '--token', 'line.key'],
      ['token', 'inspect', '--token', 'login.key', '--json'],
      ['token', 'derive', '--token', 'login.key', '--out', 'x'],
      ['mint', '--token', 'login.key', '--start', '2026-03-01T15:00', '--end', '2026-03-01T16:00'],
      ['mint', '--token', 'door.json', '--start', key, '--end', '2026-03-01T16:00'],
      ['mint', '--token', 'door.json', '--start', '2026-03-01T15:00', '--end', key],
    ];
    for (const argv of calls) {
      const shown = await commandLine(files, ...argv);
      expect(shown, argv.join(' ')).not.toContain(key);
      expect(shown.length).toBeGreaterThan(0);
    }
  });
});

describe('a key of an authenticator as text, pasted anywhere in the command line', () => {
  const hexKey = '3132333435363738393031323334353637383930';
  const base32Key = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  const token = (vendor: Vendor, config?: unknown): string =>
    JSON.stringify(
      tokenJson(
        createToken({ vendor, deviceId: 'd', key: new Uint8Array(32).fill(7), timeZone: 'UTC', config }),
      ),
    );
  const create = ['token', 'create', '--vendor', 'hotp', '--device-id', 'd', '--time-zone', 'UTC'];
  const files = {
    hotp: token(hotp),
    totp: token(totp),
    ocra: token(ocra),
    session: token(ocra, { suite: 'OCRA-1:HOTP-SHA256-8:QN08-S064' }),
  };

  it.each([hexKey, base32Key, base32Key.toLowerCase()])('%s is not shown', async (key) => {
    const calls = [
      [...create, '--key', key],
      [...create, '--key', 'bad', '--key-format', 'hex'],
      [...create, '--key', 'bad', '--key-format', 'base32'],
      [...create, '--key', 'bad', '--key-format', key],
      [...create, '--key-format', key],
      ['token', 'inspect', '--token', 'bad'],
      ['mint', '--token', 'hotp', '--count', key],
      ['mint', '--token', 'hotp', '--after', key],
      ['mint', '--token', 'hotp', '--after', '1', '--value', key],
      ['mint', '--token', 'hotp', '--after', '1', '--challenge', key],
      ['mint', '--token', 'hotp', '--after', '1', '--starts-at', key],
      ['mint', '--token', 'hotp', '--after', '1', '--session', key],
      ['mint', '--token', 'totp', '--starts-at', key],
      ['mint', '--token', 'totp', '--starts-at', '2026-03-01T15:00', '--session', key],
      ['mint', '--token', 'ocra', '--challenge', key],
      ['mint', '--token', 'ocra', '--challenge', '1234', '--session', key],
      ['mint', '--token', 'session', '--challenge', '1234', '--session', `${key}${key}x`],
      ['mint', '--devices', 'lines'],
      ['read', '--token', 'hotp', '--code', key],
      ['read', '--token', 'hotp', '--code', '123456', '--count', key],
      ['read', '--token', 'ocra', '--code', '12345678', '--challenge', key],
      ['verify', '--token', 'ocra', '--at', '2026-03-01T15:00', '--state', 'none', '--challenge', key],
      ['verify', '--token', 'hotp', '--at', '2026-03-01T15:00', '--code', '123456', '--challenge', key],
    ];
    const lines = ['count', 'after', 'value', 'challenge', 'session', 'kind'].flatMap((field) => [
      JSON.stringify({ token: files.hotp, count: 1, [field]: `${key}1` }),
      JSON.stringify({ token: files.ocra, challenge: '1234', [field]: `${key}1` }),
    ]);
    for (const argv of calls) {
      // A symbol that neither form has, in the middle.
      const world = { ...files, bad: `${key}!${key}`, lines: lines.join('\n') };
      const shown = await commandLine(world, ...argv);
      expect(shown, argv.join(' ')).not.toContain(key);
      expect(shown.length).toBeGreaterThan(0);
    }
  });
});

describe('a code of a keypad of directions, pasted as a time', () => {
  const pad = tokenIn('UTC', masterLock, { config: { keypad: 'directions' } });
  const code = mint(pad, plan(pad, { startsAt: '2026-03-01T15:00' }).grant);

  it('is not shown', async () => {
    expect(code).toMatch(/^[UDLR]{5}$/);
    for (const said of [code, code.toLowerCase(), 'UDLRU', 'udlru']) {
      const lock = createLock([pad]);
      for (const make of [
        () => plan(pad, { startsAt: said }),
        () => plan(pad, { startsAt: '2026-03-01T15:00', endsAt: said }),
        () => loosely(plan, pad, { startsAt: '2026-03-01T15:00', lane: said }),
        () => loosely(read, pad, 'UDLRU', said),
        () => loosely(enter, lock, initialState(lock), 'UDLRU', said),
        () => read(pad, `${said}U`, 0),
        () => toInstant(pad, said),
      ])
        expect(thrown(make), String(make)).not.toContain(said);
      const files = { 'pad.json': JSON.stringify(tokenJson(pad)) };
      expect(await commandLine(files, 'mint', '--token', 'pad.json', '--start', said)).not.toContain(said);
    }
  });
});

describe('words of ours are shown', () => {
  const token = tokenIn('UTC', igloohome);

  it.each([
    ['a kind', 'weekly', () => plan(token, { startsAt: '2026-03-01T15:00', kind: 'weekly' })],
    [
      'a time zone',
      'Europe/Lisbonn',
      () =>
        loosely(createToken, { ...OPTIONS, key: new Uint8Array(6).fill(65), timeZone: 'Europe/Lisbonn!' }),
    ],
    ['a vendor', 'acme', () => parseToken(JSON.stringify({ ...tokenJson(token), vendor: 'acme' }), builtIn)],
    ['which of two', 'sooner', () => loosely(toInstant, token, '2026-03-01T15:00', 'sooner')],
    ['a property', 'startAt', () => loosely(plan, token, { startAt: '2026-03-01T15:00' })],
    ['a setting', 'joystick', () => tokenIn('UTC', masterLock, { config: { keypad: 'joystick' } })],
  ])('%s: %s', (what, word, make) => {
    const message = thrown(make);
    if (what === 'a time zone') expect(message).toContain('"timeZone"');
    else expect(message).toContain(`"${word}"`);
  });
});
