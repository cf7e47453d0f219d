import { inspect } from 'node:util';
import fc from 'fast-check';
import {
  createToken,
  deriveToken,
  formatToken,
  mint,
  PintumblerError,
  parseToken,
  read,
  tokenJson,
} from 'pintumbler';
import { createLock, enter, initialState } from 'pintumbler/lock';
import { igloohome, tuya } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/cli.ts';
import type { Io } from '../../src/cli/io.ts';
import { at, codeOf, deep } from '../support/helpers.ts';
import { noServer } from '../support/no-server.ts';
import {
  bytes,
  door,
  dynamicAt,
  grant,
  HOUR,
  iso,
  LOGIN_KEY,
  loginKeys,
  plains,
  SDK_T0,
  T0,
  t0s,
  tokenOf,
} from '../support/tuya-door.ts';
import { dynamicLiteral, rebasedLiteral, saidLiteral, sealLiteral } from '../support/tuya-literal.ts';
import { tokenIn } from '../support/vendors.ts';

/* A Tuya device: its settings, keypads with fewer than ten keys, the login key, and all of it at the command line. */

describe('settings', () => {
  it('t0 is rounded down to the hour, and by default the SDK’s', () => {
    const code = '8875954349';
    for (const t0 of [T0, T0 + 1, SDK_T0, T0 + 3599])
      expect(mint(tokenOf(LOGIN_KEY, { t0 }), grant('multiple', 100, 48))).toBe(code);
    expect(mint(tokenOf(LOGIN_KEY, {}), grant('multiple', 100, 48))).toBe(code);
    expect(mint(tokenOf(LOGIN_KEY, { t0: T0 - 1 }), grant('multiple', 100, 48))).not.toBe(code);
    expect(mint(tokenOf(LOGIN_KEY, { t0: T0 + HOUR }), grant('multiple', 101, 48))).toBe(code);
  });

  it.each([
    [{ t0: 0 }, 'no error'],
    [{ t0: 2 ** 32 - 1 }, 'no error'],
    [{ t0: -1 }, 'config_invalid'],
    [{ t0: 2 ** 32 }, 'config_invalid'],
    [{ t0: 1.5 }, 'config_invalid'],
    [{ t0: Number.NaN }, 'config_invalid'],
    [{ t0: '1589251799' }, 'config_invalid'],
    [{ t0: null }, 'config_invalid'],
    [{ base: 3 }, 'no error'],
    [{ base: 10 }, 'no error'],
    [{ base: 2 }, 'config_invalid'],
    [{ base: 11 }, 'config_invalid'],
    [{ base: 9.5 }, 'config_invalid'],
    [{ base: '9' }, 'config_invalid'],
    [{ T0: 1 }, 'bad_argument'],
    [[], 'bad_argument'],
    ['t0', 'bad_argument'],
    [null, 'bad_argument'],
  ])('%j: %s', (config: unknown, code) => {
    expect(
      codeOf(() =>
        createToken({ vendor: tuya, deviceId: 'd', key: bytes(LOGIN_KEY), timeZone: 'UTC', config }),
      ),
    ).toBe(code);
  });
});

/** Keys of the keypad, symbols of an offline and of a dynamic code. */
const KEYPADS = [
  [10, 10, 8],
  [9, 11, 9],
  [8, 12, 9],
  [7, 12, 10],
  [6, 13, 11],
  [5, 15, 12],
  [4, 17, 14],
  [3, 21, 17],
] as const;

describe('keypads with fewer keys', () => {
  it.each(KEYPADS)(
    '%i keys: %i symbols, dynamic %i; the decimal code in that base',
    (base, offline, dynamic) => {
      const token = tokenOf(LOGIN_KEY, { base });
      const keys = '0123456789'.slice(0, base);
      const isOfKeys = (code: string): boolean => [...code].every((symbol) => keys.includes(symbol));
      fc.assert(
        fc.property(plains, fc.integer({ min: 1_600_000_000, max: 1_900_000_000 }), (plain, moment) => {
          const said = saidLiteral(SDK_T0, plain);
          if (!said) throw new Error('these digits mean something');
          const code = mint(token, said);
          expect(code).toBe(rebasedLiteral(sealLiteral(LOGIN_KEY, plain), base, offline));
          expect(code).toHaveLength(offline);
          expect(isOfKeys(code)).toBe(true);
          expect(read(token, code, said.startsAt)).toEqual([said]);
          const short = mint(token, dynamicAt(moment));
          expect(short).toBe(rebasedLiteral(dynamicLiteral(LOGIN_KEY, moment), base, dynamic));
          expect(short).toHaveLength(dynamic);
          expect(isOfKeys(short)).toBe(true);
          expect(read(token, short, moment)).toContainEqual(dynamicAt(moment));
        }),
        { numRuns: deep(20) },
      );
    },
  );

  it.each(KEYPADS)('%i keys: a number that ten digits cannot say means nothing', (base, offline) => {
    const token = tokenOf(LOGIN_KEY, { base });
    const lock = createLock([token]);
    const moment = T0 + 50_000 * HOUR;
    const highest = base ** offline - 1;
    // The highest symbols, and the first number beyond ten digits, which a lock that wraps would take for another.
    for (const beyond of [10 ** 10, 10 ** 10 + 1, highest].filter(
      (each) => each >= 10 ** 10 && each <= highest,
    )) {
      const code = beyond.toString(base).padStart(offline, '0');
      expect(read(token, code, moment)).toEqual([]);
      expect(enter(lock, initialState(lock), code, moment).verdict.reason).toBe('unknown');
    }
    const wrapped = Number(sealLiteral(LOGIN_KEY, { type: 0, start: 50_000, number: 5 })) + 10 ** 10;
    if (wrapped <= highest)
      expect(read(token, wrapped.toString(base).padStart(offline, '0'), moment)).toEqual([]);
    if (base < 10) {
      const foreign = `${base}`.repeat(offline);
      expect(codeOf(() => read(token, foreign, moment))).toBe('code_malformed');
      expect(enter(lock, initialState(lock), foreign, moment).verdict.reason).toBe('malformed');
    }
  });
});

describe('the login key', () => {
  const made = (fields: object): string =>
    codeOf(() => createToken({ vendor: tuya, deviceId: 'd', timeZone: 'UTC', ...fields }));

  it('is six printable ASCII bytes, and there is no root and no master', () => {
    expect(made({ key: bytes('!~aZ09') })).toBe('no error');
    expect(made({ key: bytes('8f7d5') })).toBe('key_length');
    expect(made({ key: bytes('8f7d54a') })).toBe('key_length');
    expect(made({ key: new Uint8Array(16).fill(48) })).toBe('key_length');
    for (const symbol of ['\0', ' ', '\n', '\x7f', '\x80', '\xff'])
      expect(made({ key: bytes(`8f7d5${symbol}`) })).toBe('key_length');
    expect(made({ key: LOGIN_KEY })).toBe('bad_argument');
    expect(made({ root: new Uint8Array(32) })).toBe('key_length');
    expect(made({ master: new Uint8Array(32) })).toBe('key_length');
    expect(made({ root: new Uint8Array(32), key: bytes(LOGIN_KEY) })).toBe('bad_argument');
    expect(made({})).toBe('bad_argument');
    expect(codeOf(() => deriveToken(door, { epoch: 1 }))).toBe('root_required');
    expect(codeOf(() => deriveToken(door, { keepRoot: true }))).toBe('root_required');
    expect(codeOf(() => tokenIn('UTC', igloohome, { key: bytes(LOGIN_KEY) }))).not.toBe('no error');
  });

  it('is copied: who wipes theirs, or asks twice, changes no code', () => {
    const key = Buffer.from(LOGIN_KEY);
    const token = createToken({ vendor: tuya, deviceId: 'd', key, timeZone: 'UTC' });
    key.fill(0);
    for (let i = 0; i < 2; i++) {
      expect(mint(token, grant('multiple', 100, 48))).toBe('8875954349');
      expect(mint(token, dynamicAt(1610353122))).toBe('90242902');
    }
  });

  it('makes the round trip through JSON and a line', () => {
    fc.assert(
      fc.property(loginKeys, t0s, fc.constantFrom(undefined, 9), (loginKey, t0, base) => {
        const token = tokenOf(loginKey, { t0, ...(base !== undefined && { base }) });
        const json = tokenJson(token);
        expect(json.key).toBe(Buffer.from(loginKey, 'latin1').toString('base64url'));
        expect(json.root).toBeUndefined();
        const line = formatToken(token);
        expect(line).toMatch(/^pt1\./);
        for (const text of [JSON.stringify(json), line]) {
          const again = parseToken(text, [tuya]);
          expect(tokenJson(again)).toEqual(json);
          const said = grant('multiple', 0, 5);
          const own = { ...said, startsAt: t0 - (t0 % HOUR), endsAt: t0 - (t0 % HOUR) + 5 * HOUR };
          expect(mint(again, own)).toBe(mint(token, own));
        }
      }),
      { numRuns: deep(40) },
    );
  });

  it('another length in a token text is refused', () => {
    const json = tokenJson(door);
    for (const key of ['8f7d5', '8f7d54a', ''])
      expect(
        codeOf(() =>
          parseToken(JSON.stringify({ ...json, key: Buffer.from(key).toString('base64url') }), [tuya]),
        ),
      ).toBe('key_length');
    expect(codeOf(() => parseToken(JSON.stringify({ ...json, key: '8f7d54' }), [tuya]))).not.toBe('no error');
    const { key: _, ...rest } = json;
    const root = Buffer.alloc(32).toString('base64url');
    expect(codeOf(() => parseToken(JSON.stringify({ ...rest, root }), [tuya]))).toBe('key_length');
  });

  it('is never shown: not as JSON, not by inspect, not in an error', () => {
    // The text itself and its forms: base64url, hex, a list of numbers.
    const base64 = Buffer.from(LOGIN_KEY).toString('base64url');
    const hidden = [LOGIN_KEY, base64, Buffer.from(LOGIN_KEY).toString('hex'), bytes(LOGIN_KEY).join(',')];
    const lock = createLock([door]);
    const shown = [
      JSON.stringify(door),
      JSON.stringify({ door, lock }),
      String(door),
      inspect(door, { depth: 9, showHidden: true, getters: true }),
      inspect(lock, { depth: 9, showHidden: true }),
      inspect(tokenOf(LOGIN_KEY, { t0: T0, base: 9 }), { depth: 9 }),
      lock.id,
    ];
    const failing = [
      () => createToken({ vendor: tuya, deviceId: 'd', key: bytes(`${LOGIN_KEY}a`), timeZone: 'UTC' }),
      () =>
        createToken({ vendor: tuya, deviceId: LOGIN_KEY.padEnd(65), key: bytes(LOGIN_KEY), timeZone: 'UTC' }),
      () => tokenIn('UTC', tuya, { key: bytes(LOGIN_KEY), config: { t0: LOGIN_KEY } }),
      () => tokenIn('UTC', tuya, { key: bytes(LOGIN_KEY), config: { [LOGIN_KEY]: 1 } }),
      () => mint(door, grant('multiple', 100_000, 5)),
      () => mint(door, grant('once', 100, 6, 11)),
      () => read(door, LOGIN_KEY, T0),
      () => parseToken(JSON.stringify({ ...tokenJson(door), v: 2 }), [tuya]),
      () => parseToken(JSON.stringify(tokenJson(door)).slice(0, -1), [tuya]),
      () => parseToken(formatToken(door).slice(0, -2), [tuya]),
      () => deriveToken(door, { epoch: 1 }),
    ];
    for (const fail of failing) {
      try {
        fail();
        expect.unreachable();
      } catch (error) {
        if (!(error instanceof PintumblerError)) throw error;
        shown.push(error.message, inspect(error.message), JSON.stringify(error));
      }
    }
    for (const text of shown) for (const secret of hidden) expect(text).not.toContain(secret);
    expect(JSON.stringify(door)).toContain('"secret":"redacted"');
  });
});

describe('at the command line', () => {
  function world() {
    const disk = new Map<string, Uint8Array>([
      ['login-key', bytes(`${LOGIN_KEY}\n`)],
      ['long', bytes('8f7d54a\n')],
      ['master', new Uint8Array(32).fill(7)],
      ['nine', bytes('{"base":9}')],
    ]);
    const out: string[] = [];
    const err: string[] = [];
    const io: Io = {
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      read: async (path) => disk.get(path),
      lines: async function* (path) {
        yield* new TextDecoder().decode(disk.get(path)).split('\n');
      },
      replace: async (path, text) => {
        disk.set(path, bytes(text));
      },
      now: () => at('2026-11-22T00:00:00Z'),
      random: (length) => Uint8Array.from({ length }, (_, i) => i * 37 + 5),
      ...noServer,
    };
    const call = async (...argv: string[]) => {
      out.length = 0;
      err.length = 0;
      const exit = await run(argv, io);
      return { exit, out: out.join('\n'), err: err.join('\n') };
    };
    const create = async (path: string, ...more: string[]) => {
      const made = await call(
        ...['token', 'create', '--vendor', 'tuya', '--device-id', 'd', '--time-zone', 'UTC', ...more],
      );
      disk.set(path, bytes(made.out));
      return made;
    };
    return { call, create };
  }

  const START = iso(T0 + 50_000 * HOUR);
  const sealed = (type: number, number: number): string =>
    sealLiteral(LOGIN_KEY, { type, start: 50_000, number });

  it('token create takes the login key from a file, with or without a newline behind it', async () => {
    const { create, call } = world();
    const { out, exit } = await create('door', '--key', 'login-key');
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ vendor: 'tuya', key: 'OGY3ZDU0' });
    expect(JSON.parse(out)).not.toHaveProperty('root');
    const line = await create('line', '--key', 'login-key', '--format', 'line');
    expect(tokenJson(parseToken(line.out, [tuya])).key).toBe('OGY3ZDU0');
    for (const flags of [
      ['--key', 'long'],
      ['--key', 'nowhere'],
      ['--master', 'master'],
    ]) {
      const refused = await create('none', ...flags);
      expect(refused.exit).toBe(3);
      expect(refused.out + refused.err).not.toContain(LOGIN_KEY);
    }
    const told = await call('token', 'inspect', '--token', 'door', '--json');
    expect(told.out).not.toMatch(/OGY3ZDU0|8f7d54/);
    expect(JSON.parse(told.out)).toMatchObject({
      codes: 'published',
      scheme: 'tuya-offline/1',
      rounding: 'floor',
    });
  });

  it('token create without a key makes one of six ASCII letters and digits', async () => {
    const { create } = world();
    const { out, exit } = await create('door');
    expect(exit).toBe(0);
    const key = Buffer.from(tokenJson(parseToken(out, [tuya])).key ?? '', 'base64url').toString('latin1');
    expect(key).toMatch(/^[A-Za-z0-9]{6}$/);
    expect(new Set(key).size).toBeGreaterThan(3);
  });

  it('mint makes each kind', async () => {
    const { create, call } = world();
    await create('door', '--key', 'login-key');
    const mintAs = async (...flags: string[]): Promise<string> => {
      const made = await call('mint', '--token', 'door', '--starts-at', START, ...flags);
      expect(made.exit, made.err).toBe(0);
      expect(made.err).not.toContain('emulated');
      return made.out;
    };
    const ends = ['--ends-at', iso(T0 + 50_048 * HOUR)];
    expect(await mintAs(...ends)).toBe(sealed(0, 48));
    expect(await mintAs('--kind', 'multiple', ...ends)).toBe(sealed(0, 48));
    expect(await mintAs('--kind', 'once')).toBe(sealed(1, 0));
    expect(await mintAs('--one-time')).toBe(sealed(1, 0));
    expect(await mintAs('--one-time', '--variance', '10')).toBe(sealed(1, 10));
    expect(await mintAs('--kind', 'clear_one', ...ends)).toBe(sealed(8, 48));
    expect(await mintAs('--kind', 'clear_all', '--variance', '3')).toBe(sealed(9, 3));
    expect(await mintAs('--kind', 'dynamic')).toBe(dynamicLiteral(LOGIN_KEY, T0 + 50_000 * HOUR));
    const late = ['--ends-at', iso(T0 + 60_001 * HOUR)];
    const refused = await call('mint', '--token', 'door', '--starts-at', START, ...late);
    expect([refused.exit, refused.err]).toEqual([3, expect.stringContaining('[no_fit]')]);
  });

  it('mint on a keypad with nine keys', async () => {
    const { create, call } = world();
    await create('door', '--key', 'login-key', '--config', 'nine');
    const { out } = await call('mint', '--token', 'door', '--starts-at', START, '--one-time');
    expect(out).toBe(rebasedLiteral(sealed(1, 0), 9, 11));
  });

  it('verify remembers a one-time code; read says what digits mean', async () => {
    const { create, call } = world();
    await create('door', '--key', 'login-key');
    const verify = async (code: string) =>
      call('verify', '--token', 'door', '--code', code, '--at', START, '--state', 'flash');
    expect(await verify(sealed(1, 4))).toMatchObject({ exit: 0, out: 'accepted first_use' });
    expect(await verify(sealed(1, 4))).toMatchObject({ exit: 1, out: 'refused already_used' });
    expect(await verify(sealed(8, 48))).toMatchObject({ exit: 1, out: 'refused nothing_to_clear' });
    expect(await verify(sealed(0, 48))).toMatchObject({ exit: 0, out: 'accepted first_use' });
    expect(await verify(sealed(8, 48))).toMatchObject({ exit: 0, out: 'accepted cleared' });
    expect(await verify(sealed(0, 48))).toMatchObject({ exit: 1, out: 'refused revoked' });
    expect(await verify('123')).toMatchObject({ exit: 1, out: 'refused malformed' });

    const told = await call('read', '--token', 'door', '--code', sealed(1, 4), '--at', START, '--json');
    expect(JSON.parse(told.out)).toMatchObject({ kind: 'once', variance: 4, codes: 'published' });
    const nothing = await call('read', '--token', 'door', '--code', sealed(5, 4), '--at', START);
    expect([nothing.exit, nothing.out]).toEqual([0, '']);
  });
});
