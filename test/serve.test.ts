/** `pintumbler serve`: its files, what it says, and the command as a process of its own. */
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { createToken, type DeviceToken, deriveToken, formatToken, tokenJson } from 'pintumbler';
import { zoneFacts } from 'pintumbler/calendar';
import { igloohome, ocra, openpaygo, pintumbler, resortlock } from 'pintumbler/vendors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../src/cli/cli.ts';
import { type Answer, InputError, type Io, type Where } from '../src/cli/io.ts';
import { makeKeys } from '../src/cli/serve-files.ts';
import { type CommandProcess, commandProcess } from './support/command-process.ts';
import { doorOf, key as keyIn } from './support/door.ts';
import { at } from './support/helpers.ts';
import { noServer } from './support/no-server.ts';

const root = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const lisbon = zoneFacts('Europe/Lisbon', at('2019-12-31T00:00Z'), at('2036-01-01T00:00Z'));
const whole = createToken({ vendor: pintumbler, deviceId: 'door-7', root: root(1), ...lisbon });
const door: DeviceToken = deriveToken(whole);
const shed: DeviceToken = deriveToken(
  createToken({ vendor: igloohome, deviceId: 'shed', root: root(2), timeZone: 'Asia/Tokyo' }),
);
const json = (token: DeviceToken, space?: number): string => JSON.stringify(tokenJson(token), null, space);

const SECRETS = [door, shed, whole].flatMap((token) => {
  const { key, root: text } = tokenJson(token);
  return [formatToken(token), key ?? text ?? ''];
});

const UUID = '4c0ffee0-1234-4abc-8def-0123456789ab';
const KEY = 'seam_test1_abcdefghijklmnopqrstuvwx';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Served {
  readonly where: Where;
  readonly answer: Answer;
}

/** The command in a world in memory: `served` is what it listens with, `exit` comes when it was told to end. */
const start = (files: Record<string, string>, ...argv: string[]) => startWith(digest, files, argv);

/** The nth draw of so many bytes. */
type Draw = (n: number, length: number) => Uint8Array;

const digest: Draw = (n, length) =>
  new Uint8Array(createHash('shake256', { outputLength: length }).update(String(n)).digest());

function startWith(
  draw: Draw,
  files: Record<string, string>,
  argv: readonly string[],
  binary: Record<string, Uint8Array> = {},
) {
  const texts = Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)] as const);
  const disk = new Map<string, Uint8Array>([...texts, ...Object.entries(binary)]);
  const [out, err]: [string[], string[]] = [[], []];
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let served: Served | undefined;
  let count = 0;
  let up = (): void => undefined;
  const listening = new Promise<void>((resolve) => {
    up = resolve;
  });
  const io: Io = {
    out: (line) => {
      out.push(line);
      up();
    },
    err: (line) => err.push(line),
    read: async (path) => disk.get(path),
    lines: () => {
      throw new Error('reads no lines');
    },
    replace: async (path, text, how) => {
      if (how === 'new' && disk.has(path)) throw new InputError('it is there');
      disk.set(path, new TextEncoder().encode(`${text}\n`));
    },
    now: () => at('2026-11-22T00:00:00Z'),
    random: (length) => {
      count += 1;
      return draw(count, length);
    },
    ...noServer,
    listen: async (answer, where) => {
      if (where.host === 'taken') throw new InputError('it is in use');
      served = { answer, where };
      return { url: `http://${where.host}:${where.port}`, told: ended, close: async () => undefined };
    },
  };
  const exit = run(['serve', ...argv], io);
  const text = (path: string): string => new TextDecoder().decode(disk.get(path));
  return {
    disk,
    text,
    out: () => out.join('\n'),
    err: () => err.join('\n'),
    exit,
    end: async () => {
      end();
      return exit;
    },
    /** The answer of the handler, as JSON. */
    call: async (path: string, body: object, apiKey = KEY) => {
      await Promise.race([listening, exit]);
      if (!served) throw new Error(`it does not listen: ${err.join('\n')}`);
      const response = await served.answer(
        new Request(`http://127.0.0.1:8080${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      );
      return { status: response.status, ...JSON.parse(await response.text()) };
    },
    where: async () => {
      await Promise.race([listening, exit]);
      return served?.where;
    },
  };
}

const serving = (devices: string, ...argv: string[]) =>
  start({ devices, keys: KEY }, '--devices', 'devices', '--keys', 'keys', ...argv);

const namesOf = async ({ call }: ReturnType<typeof start>): Promise<readonly string[]> => {
  const { devices } = await call('/devices/list', {});
  return devices.map((device: { display_name: string }) => device.display_name);
};

describe('the file with the devices', () => {
  it.each<[string, string, readonly string[]]>([
    ['one token file', `${json(door)}\n`, ['door-7']],
    ['a token file that jq has written', json(door, 2), ['door-7']],
    ['two, one after the other', `${json(door, 2)}\n${json(shed, 2)}`, ['door-7', 'shed']],
    ['two without a space', json(door) + json(shed), ['door-7', 'shed']],
    [
      'JSON Lines, of Windows, with a mark',
      `\uFEFF${json(door)}\r\n\r\n${json(shed)}\r\n`,
      ['door-7', 'shed'],
    ],
    ['lines', `${formatToken(door)}\n${formatToken(shed)}\n`, ['door-7', 'shed']],
    ['a mixture', `${formatToken(door)}\n[${json(shed)}]`, ['door-7', 'shed']],
    ['a list', `[${json(door)}, "${formatToken(shed)}"]`, ['door-7', 'shed']],
    [
      'entries',
      `{"token": ${json(door)}, "name": "Front door"}\n{"token": "${formatToken(shed)}"}`,
      ['Front door', 'shed'],
    ],
    [
      'a name with brackets and quotes',
      `{"name": "a ] \\" } [ {", "token": ${json(door)}}\n${json(shed)}`,
      ['a ] " } [ {', 'shed'],
    ],
    ['a root', json(whole), ['door-7']],
    [
      'with comments',
      `# our { doors\r\n${json(door, 2)}\n  # "and\n#\n${formatToken(shed)}\n# the end`,
      ['door-7', 'shed'],
    ],
    ['JSON with lines like comments', `{"name":"a # b", "token":\n${json(door, 2)}}\n#`, ['a # b']],
  ])('may be %s', async (_, file, names) => {
    const server = serving(file);
    expect(await namesOf(server)).toEqual(names);
    expect(await server.end()).toBe(0);
  });

  it('may say what a device is called and what it is', async () => {
    const entry = {
      token: tokenJson(door),
      device_id: UUID,
      name: 'Front door',
      device_type: 'igloohome_lock',
    };
    const { device } = await serving(JSON.stringify([entry])).call('/devices/get', { device_id: UUID });
    expect(device).toMatchObject({
      device_id: UUID,
      display_name: 'Front door',
      device_type: 'igloohome_lock',
    });
  });

  const broken = json(shed).replace(/"key":"..../, '"key":"');
  const entry = (fields: object): string => JSON.stringify({ token: tokenJson(shed), ...fields });
  it.each<[string, string, RegExp]>([
    ['nothing', '\n \n', /no device/],
    ['an empty list', '[]', /no device/],
    [
      'a key that is cut',
      `${json(door)}\n${broken}`,
      /\[key_length\] device 2: in the token, "key" expected 32 bytes/,
    ],
    ['JSON that is cut', `${json(door)}\n${json(shed).slice(0, -9)}`, /device 2: it is not JSON/],
    [
      'a line that is cut',
      `${formatToken(door)}\n${formatToken(shed).slice(0, -3)}`,
      /\[token_truncated\] device 2: /,
    ],
    [
      'a line with a slip',
      formatToken(shed).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      /\[token_mistyped\] device 1: /,
    ],
    ['a word', `${json(door)} hello`, /\[token_malformed\] device 2: /],
    ['a number in a list', '[7]', /device 1: /],
    ['a list in a list', `[[${json(door)}]]`, /device 1: /],
    [
      'an entry with a field we do not know',
      entry({ colour: 'red' }),
      /device 1: "entry" has an unknown property "colour"/,
    ],
    ['an entry without a token', JSON.stringify({ token: null }), /device 1: /],
    [
      'an id that is no UUID',
      entry({ device_id: 'shed' }),
      /device 1: "device_id" expected a UUID, got a string of length 4/,
    ],
    ['an id that is a number', entry({ device_id: 7 }), /device 1: "device_id" expected a string/],
    ['an empty name', entry({ name: '' }), /device 1: "name" expected a name/],
    ['a name that moves the cursor', entry({ name: '\u001b[2Jpublished' }), /device 1: "name" expected/],
    ['a type with a space', entry({ device_type: 'a lock' }), /device 1: "device_type" expected/],
    [
      'a type of no lock',
      entry({ device_type: 'acme_lock' }),
      /"device_type" expected one of Seam's lock types/,
    ],
    ['a comment behind a device', `${json(door)} # front door`, /\[token_malformed\] device 2: /],
    ['only comments', '# {}\n# none', /--devices: there is no device/],
    [
      'one device twice',
      `${json(door)}\n${json(shed)}\n${json(whole)}`,
      /device 3 has the same token as device 1, or another form of it/,
    ],
    [
      'one id twice',
      `${entry({ device_id: UUID })}{"token":${json(door)},"device_id":"${UUID.toUpperCase()}"}`,
      /device 2 has the id of another device/,
    ],
    [
      'one lock with two ids',
      `${json(door)}{"token":${json(whole)},"device_id":"${UUID}"}`,
      /device 2 has the same token as device 1/,
    ],
    ['a vendor that is not there', json(shed).replace('igloohome', 'acme'), /\[vendor_unknown\] device 1: /],
  ])('is refused with %s', async (_, file, message) => {
    const { exit, err, out, disk } = start({ devices: file }, '--devices', 'devices');
    expect(await exit).toBe(3);
    expect(err()).toMatch(message);
    expect(out()).toBe('');
    for (const secret of SECRETS) expect(err()).not.toContain(secret.slice(4, 20));
    expect([...disk.keys()], 'no keys are made for it').toEqual(['devices']);
  });

  it('must be there, and text', async () => {
    const { exit, err } = start({}, '--devices', 'devices');
    expect([await exit, err()]).toEqual([3, 'pintumbler: --devices: there is no such file']);
    const latin = startWith(digest, {}, ['--devices', 'devices'], { devices: Uint8Array.of(0xe9) });
    expect([await latin.exit, latin.err()]).toEqual([3, 'pintumbler: --devices: it is not UTF-8 text']);
  });
});

describe('API keys', () => {
  it('are made where there are none, and found the next time', async () => {
    const first = start({ devices: json(door) }, '--devices', 'devices');
    await first.where();
    const file = first.text('devices.keys');
    const [made = ''] = /^seam_[A-Za-z0-9]{40}$/m.exec(file) ?? [];
    expect(made).not.toMatch(/^$|^seam_(?:at|cst|pk)/);
    expect(first.err()).toMatch(/^endpoint \S+, apiKey: the line seam_\.\.\. in devices\.keys, just made$/m);
    expect(first.err() + first.out()).not.toContain(made);
    expect((await first.call('/devices/list', {}, made)).status).toBe(200);
    expect((await first.call('/devices/list', {})).status).toBe(401);
    const second = start({ devices: json(door), 'devices.keys': file }, '--devices', 'devices');
    await second.where();
    expect(second.text('devices.keys')).toBe(file);
    expect(second.err()).toMatch(/apiKey: the line seam_\.\.\. in devices\.keys$/);
    expect((await second.call('/devices/list', {}, made)).status).toBe(200);
  });

  it('that are made begin as no other token does', async () => {
    const symbols = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    for (const word of ['at', 'cst', 'pk']) {
      const bytes = Uint8Array.from(word.padEnd(40, 'x'), (symbol) => symbols.indexOf(symbol));
      const draw: Draw = (n, length) => (length === 40 ? bytes : digest(n, length));
      const { text, call } = startWith(draw, { devices: json(door) }, ['--devices', 'devices']);
      await call('/devices/list', {});
      const [made = ''] = /^seam_.*$/m.exec(text('devices.keys')) ?? [];
      expect((await call('/devices/list', {}, made)).status).toBe(200);
    }
  });

  it.each<[string, string]>([
    ['as it is', KEY],
    ['as a hash', `sha256:${sha256(KEY)}`],
    ['as a hash in capitals', `SHA256:${sha256(KEY).toUpperCase()}`],
    [
      'behind others, with comments',
      `# all of them\n\nseam_other_0123456789abcdefghijkl # ours\r\n  ${KEY} # theirs\r\n`,
    ],
  ])('may be written %s', async (_, keys) => {
    const { call } = start({ devices: json(door), keys }, '--devices', 'devices', '--keys', 'keys');
    expect((await call('/devices/list', {})).status).toBe(200);
    expect((await call('/devices/list', {}, `${KEY}x`)).status).toBe(401);
  });

  it.each<[string, string, RegExp]>([
    ['only comments', '# none\n', /there is no key/],
    ['a word', `${KEY}\nhunter2hunter2hunter2hunter2`, /in line 2 of the API keys/],
    ['a key too short', 'seam_hunter2', /in line 1 of the API keys/],
    ['a token of another kind', `seam_at_${'hunter2'.repeat(5)}`, /in line 1 of the API keys/],
    [
      'half a hash',
      'sha256:0123hunter2',
      /in line 1 of the API keys, sha256: expected 64 hex digits behind it, got a string of length 11/,
    ],
    ['a hash in base64', `sha256:${'hunter2'.repeat(6)}=`, /line 1 of the API keys, sha256: expected 64 hex/],
    [
      'a variable',
      `\nexport SEAM_API_KEY=seam_${'hunter2'.repeat(5)}`,
      /line 2 of the API keys, .*only the key itself/,
    ],
  ])('are refused with %s', async (_, keys, message) => {
    const { exit, err, out } = start({ devices: json(door), keys }, '--devices', 'devices', '--keys', 'keys');
    expect(await exit).toBe(3);
    expect(err()).toMatch(message);
    expect(err()).not.toContain('hunter2');
    expect(out()).toBe('');
  });

  it('are not made in a place that was named', async () => {
    const { exit, err, disk } = start({ devices: json(door) }, '--devices', 'devices', '--keys', 'keys');
    expect([await exit, [...disk.keys()]]).toEqual([3, ['devices']]);
    expect(err()).toBe('pintumbler: --keys: there is no such file');
  });

  it('that another start makes at the same moment stay', async () => {
    let there = false;
    const io = {
      random: (length: number) => new Uint8Array(length),
      read: async () => (there ? Uint8Array.of(35) : undefined),
      replace: async (_: string, __: string, how?: 'new') => {
        expect(how).toBe('new');
        there = true;
        throw new InputError('it is there');
      },
    };
    expect(await makeKeys(io, 'devices.keys')).toBe(false);
    const full = { ...io, read: async () => undefined };
    await expect(makeKeys(full, 'devices.keys')).rejects.toThrow('--keys: it is there');
  });

  it.each<[string, string, string]>([
    ['one', KEY, 'the line seam_...'],
    ['two', `${KEY}\n${KEY}2`, 'a line seam_...'],
    ['one, and a hash', `sha256:${sha256('x')}\n${KEY}`, 'the line seam_...'],
    ['a hash', `sha256:${sha256('x')}`, 'one whose hash is'],
  ])('are told where to find: %s', async (_, keys, line) => {
    const { where, err } = start({ devices: json(door), keys }, '--devices', 'devices', '--keys', 'keys');
    await where();
    expect(err()).toMatch(/\nendpoint http:\/\/127\.0\.0\.1:8080, apiKey: [^\n]*$/);
    expect(err().split('\n').at(-1)).toBe(`endpoint http://127.0.0.1:8080, apiKey: ${line} in keys`);
  });

  it('need a file of their own beside standard input', async () => {
    const alone = start({ '-': json(door) }, '--devices', '-');
    expect([await alone.exit, alone.err()]).toEqual([2, expect.stringMatching(/--keys is missing/)]);
    const both = start({ '-': json(door) }, '--devices', '-', '--keys', '-');
    expect(await both.exit).toBe(2);
    const { call } = start({ '-': json(door), keys: KEY }, '--devices', '-', '--keys', 'keys');
    expect((await call('/devices/list', {})).status).toBe(200);
  });
});

describe('flags', () => {
  it.each<[number, string[], RegExp]>([
    [2, ['--error-codes', 'old'], /--error-codes takes/],
    [2, ['--no-rate-limits=yes'], /--no-rate-limits/],
    [2, ['--ports', '1'], /^pintumbler serve --help shows examples$/m],
    [3, ['--port', '65536'], /--port expected a port from 0 to 65535, got 65536/],
    [3, ['--port', '-1'], /--port expected a port from 0 to 65535/],
    [3, ['--port', '-0'], /--port expected a port from 0 to 65535/],
    [3, ['--port', 'http'], /--port expected a port from 0 to 65535, got a string of length 4/],
    [3, ['--port', '482901'], /--port .*, got another number/],
    [3, ['--assign-after', '-1'], /--assign-after expected seconds/],
    [3, ['--assign-after', '86401'], /--assign-after expected seconds/],
    [3, ['--assign-after', '1m'], /--assign-after expected seconds .*such as 30, got a string of length 2/],
    [3, ['--assign-after', '1e3'], /--assign-after expected seconds/],
    [3, ['--host', 'taken'], /in use/],
  ])('exit %i: %j', async (code, argv, message) => {
    const { exit, err, out } = serving(json(door), ...argv);
    expect(await exit).toBe(code);
    expect(err()).toMatch(message);
    expect(out()).toBe('');
  });

  it('say where, and 127.0.0.1:8080 if they do not', async () => {
    expect(await serving(json(door)).where()).toEqual({ host: '127.0.0.1', port: 8080 });
    expect(await serving(json(door), '--port', '0', '--host', '::1').where()).toEqual({
      host: '::1',
      port: 0,
    });
    expect(await serving(json(door), '--store', 'memory').where()).toBeDefined();
  });

  const window = { starts_at: '2026-11-22T12:00:00Z', ends_at: '2026-11-22T18:00:00Z' };
  const asked = { device_id: UUID, is_offline_access_code: true, ...window };
  const devices = JSON.stringify({ token: tokenJson(shed), device_id: UUID });

  it('--assign-after lets a code wait', async () => {
    const created = async (...argv: string[]) =>
      (await serving(devices, ...argv).call('/access_codes/create', asked)).access_code;
    expect(await created()).toMatchObject({
      code: expect.any(String),
      is_waiting_for_code_assignment: false,
    });
    expect(await created('--assign-after', '30')).toMatchObject({
      code: null,
      is_waiting_for_code_assignment: true,
    });
  });

  it('--no-rate-limits lets through what else gets 429', async () => {
    const statuses = async (...argv: string[]) => {
      const { call } = serving(devices, ...argv);
      const all: number[] = [];
      for (let hour = 0; hour < 40; hour++) {
        const ends = new Date((at('2026-11-22T02:00:00Z') + 3600 * hour) * 1000).toISOString();
        all.push(
          (await call('/access_codes/create', { ...asked, starts_at: '2026-11-22T01:00:00Z', ends_at: ends }))
            .status,
        );
      }
      return new Set(all);
    };
    expect(await statuses()).toContain(429);
    expect(await statuses('--no-rate-limits')).toEqual(new Set([200]));
    const told = async (...argv: string[]) => {
      const { where, err } = serving(devices, ...argv);
      await where();
      return err();
    };
    expect(await told()).toMatch(
      /^limits: 10 creations.* a minute a device.*; --no-rate-limits turns them off$/m,
    );
    expect(await told('--no-rate-limits')).toMatch(/^limits: none$/m);
  });

  it('--error-codes gives errors their older names', async () => {
    const codes = async (...argv: string[]) => {
      const { call } = serving(devices, '--no-rate-limits', ...argv);
      let last = await call('/access_codes/create', asked);
      for (let again = 0; again < 6; again++) last = await call('/access_codes/create', asked);
      return last.access_code.errors.map((error: { error_code: string }) => error.error_code);
    };
    expect(await codes('--error-codes', 'legacy')).toEqual([
      'igloohome_offline_access_code_no_variance_available',
    ]);
    expect(await codes()).not.toEqual(await codes('--error-codes', 'legacy'));
    expect(await codes()).toHaveLength(1);
  });

  it('make codes that open the lock', async () => {
    const { access_code } = await serving(devices).call('/access_codes/create', asked);
    expect(keyIn(doorOf(shed), access_code.code, at('2026-11-22T12:30:00Z')).opens).toBe(true);
    expect(keyIn(doorOf(shed), access_code.code, at('2026-11-22T20:00:00Z')).opens).toBe(false);
  });
});

describe('what it says', () => {
  it('the URL alone is data; people learn what there is and what it is worth', async () => {
    const server = serving(
      `${JSON.stringify({ token: tokenJson(shed), device_id: UUID, name: 'Bike shed' })}${json(whole)}`,
      '--port',
      '8123',
    );
    await server.where();
    await server.call('/devices/list', {});
    expect(server.out()).toBe('http://127.0.0.1:8123');
    const said = server.err();
    expect(said).toMatch(/^2 devices:\n {2}name {7}device id {29}vendor {6}codes\n/);
    expect(said).toMatch(new RegExp(`^  Bike shed  ${UUID}  igloohome   emulated$`, 'm'));
    expect(said).toMatch(/^ {2}door-7 {5}[0-9a-f-]{36} {2}pintumbler {2}published$/m);
    expect(said).toMatch(/^igloohome: emulated, its codes open no real lock of that maker$/m);
    expect(said).toMatch(/^pintumbler: published, /m);
    expect(said).toMatch(/^1 token with a root: /m);
    expect(said).toMatch(/^store: memory.*forgotten.*tests only$/m);
    expect(said).toMatch(/\nendpoint http:\/\/127\.0\.0\.1:8123, apiKey: the line seam_\.\.\. in keys$/);
    expect(said).not.toMatch(/warning|no access codes/);
    for (const secret of [...SECRETS, KEY]) expect(said).not.toContain(secret);
  });

  it('and it goes on until it is told to end', async () => {
    const server = serving(json(door));
    let over = false;
    void server.exit.then(() => {
      over = true;
    });
    for (let call = 0; call < 3; call++) await server.call('/devices/list', {});
    expect(over).toBe(false);
    expect(await server.end()).toBe(0);
  });

  it('its ids are random UUIDs of version 4', async () => {
    const server = serving(json(door));
    const ids: string[] = [];
    for (let day = 10; day < 20; day++) {
      const { access_code } = await server.call('/access_codes/create', {
        device_id: (await server.call('/devices/list', {})).devices[0].device_id,
        is_offline_access_code: true,
        starts_at: `2026-12-${day}T12:00:00Z`,
        ends_at: `2026-12-${day}T15:00:00Z`,
      });
      ids.push(access_code.access_code_id);
    }
    expect(new Set(ids).size).toBe(10);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('the device ids are those of the API', async () => {
    const server = serving(`${json(door)}${json(shed)}`);
    const { devices } = await server.call('/devices/list', {});
    expect(devices).toHaveLength(2);
    for (const { device_id } of devices) expect(server.err()).toContain(device_id);
  });

  it('a long list is cut, and a vendor without access codes is named', async () => {
    const many = Array.from({ length: 25 }, (_, index) =>
      json(
        createToken({ vendor: openpaygo, deviceId: `kit-${index}`, key: root(3).slice(16), timeZone: 'UTC' }),
      ),
    );
    const server = serving(many.join('\n'));
    await server.where();
    expect(server.err()).toMatch(/kit-19 .*\n {2}and 5 more/);
    expect(server.err()).not.toContain('kit-20');
    expect(server.err()).toMatch(/^openpaygo: no access codes for 25 devices: its codes are credit/m);
    expect(server.err(), 'they open nothing').not.toMatch(/published, /);
  });

  it('says why there are no access codes', async () => {
    const key = root(3);
    const without = [
      createToken({ vendor: ocra, deviceId: 'safe', key, timeZone: 'UTC', config: ocra.sample }),
      createToken({ vendor: resortlock, deviceId: 'bare', root: key, timeZone: 'UTC' }),
      createToken({ vendor: resortlock, deviceId: 'whole', root: key, ...lisbon }),
    ];
    const server = serving(without.map((token) => formatToken(token)).join('\n'));
    await server.where();
    expect(server.err().match(/^.*: no access codes for .*$/gm)).toEqual([
      'ocra: no access codes for 1 device: its codes answer what the lock asks, and Seam has no request for that',
      'resortlock: no access codes for 1 device: the token has no offset table of its time zone; "token create" makes one',
    ]);
  });

  it('others on the network are a warning', async () => {
    for (const host of ['0.0.0.0', '192.0.2.1', '::', 'door.example']) {
      const server = serving(json(door), '--host', host);
      await server.where();
      expect(server.err(), host).toMatch(/^warning: others on the network/m);
    }
  });
});

describe('as a process', () => {
  const place = mkdtempSync(join(tmpdir(), 'pintumbler-serve-'));
  const running: ChildProcess[] = [];

  beforeAll(async () => {
    await build({
      entryPoints: [fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: join(place, 'cli.mjs'),
      external: ['pg', '@electric-sql/pglite'],
      logLevel: 'error',
    });
    writeFileSync(join(place, 'devices.jsonl'), `${json(door)}\n${json(shed)}\n`);
  });
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(place, { recursive: true });
  });

  function command(...argv: string[]): CommandProcess {
    const devices = argv.some((word) => word.startsWith('--devices=')) ? [] : ['--devices', 'devices.jsonl'];
    const made = commandProcess('cli.mjs', ['serve', ...devices, ...argv], place);
    running.push(made.child);
    return made;
  }

  const list = (url: string, key: string): Promise<Response> =>
    fetch(`${url}/devices/list`, { headers: { authorization: `Bearer ${key}` } });

  it.each(['SIGTERM', 'SIGINT'] as const)('answers until %s, and ends with 0', async (signal) => {
    const { child, exit, said, url } = command('--port', '0');
    const origin = await url;
    expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const keys = join(place, 'devices.jsonl.keys');
    const [key = ''] = /^seam_.*$/m.exec(readFileSync(keys, 'utf8')) ?? [];
    expect(statSync(keys).mode & 0o777).toBe(0o600);
    const response = await list(origin, key);
    expect(response.status).toBe(200);
    expect(JSON.parse(await response.text()).devices).toHaveLength(2);
    expect((await list(origin, `${key}x`)).status).toBe(401);
    child.kill(signal);
    expect(await exit).toBe(0);
    expect(said.out).toBe(`${origin}\n`);
    await expect(list(origin, key)).rejects.toThrow();
  });

  it('makes one key, and no more, for two that start at once', async () => {
    writeFileSync(join(place, 'twins.jsonl'), `${json(door)}\n`);
    const twins = [0, 1].map(() => command('--port', '0', '--devices=twins.jsonl'));
    const origins = await Promise.all(twins.map(({ url }) => url));
    const [key = ''] = /^seam_.*$/m.exec(readFileSync(join(place, 'twins.jsonl.keys'), 'utf8')) ?? [];
    for (const origin of origins) expect((await list(origin, key)).status).toBe(200);
    expect(twins.filter(({ said }) => said.err.includes('just made')).length).toBeLessThan(2);
    for (const { child } of twins) child.kill('SIGTERM');
    expect(await Promise.all(twins.map(({ exit }) => exit))).toEqual([0, 0]);
    expect(readdirSync(place).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('writes no key where there is something already, if only a link that leads nowhere', async () => {
    writeFileSync(join(place, 'link.jsonl'), `${json(door)}\n`);
    symlinkSync('elsewhere', join(place, 'link.jsonl.keys'));
    const { exit, said } = command('--port', '0', '--devices=link.jsonl');
    expect(await exit).toBe(3);
    expect(said.err).toMatch(/--keys: cannot use a file named in the command \(EEXIST\)/);
    expect(readdirSync(place).filter((name) => /elsewhere|\.tmp$/.test(name))).toEqual([]);
  });

  it('says so where the port is taken', async () => {
    const first = command('--port', '0');
    const { port } = new URL(await first.url);
    const second = command('--port', port);
    expect(await second.exit).toBe(3);
    expect(second.said.err).toMatch(/in use; --port takes another/);
    expect(second.said.out).toBe('');
    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);
  });

  it('refuses a body of 2 MB, and lives', async () => {
    const { child, exit, url } = command('--port', '0');
    const origin = await url;
    const [key = ''] = /^seam_.*$/m.exec(readFileSync(join(place, 'devices.jsonl.keys'), 'utf8')) ?? [];
    const response = await fetch(`${origin}/access_codes/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'x'.repeat(2_000_000) }),
    });
    expect(response.status).toBe(413);
    expect(JSON.parse(await response.text()).error.type).toBe('payload_too_large');
    expect((await list(origin, key)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  });
});
