/** `--store`: folders and PostgreSQL, their keys and devices, and `pintumbler serve` over them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import pg from 'pg';
import { createToken, deriveToken, formatToken, tokenJson } from 'pintumbler';
import { igloohome } from 'pintumbler/vendors';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { letSync, openDatabase } from '../src/cli/databases.ts';
import { lockFolder } from '../src/cli/folder-lock.ts';
import { type Database, InputError, type Io } from '../src/cli/io.ts';
import { hasPassword, whereIn } from '../src/cli/stores.ts';
import type { SqlDatabase } from '../src/seam/index.ts';
import { type CommandProcess, commandProcess } from './support/command-process.ts';
import { makePostgres, openPglite, POSTGRES, type TestDatabase } from './support/databases.ts';
import { readExposition } from './support/exposition.ts';
import { KEY, serveWorld, turn } from './support/serve-world.ts';

/** How often something was written through to the disk. */
const disk = vi.hoisted(() => ({ syncs: 0 }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const fsyncSync = (file: number): void => {
    disk.syncs += 1;
    fs.fsyncSync(file);
  };
  return { ...fs, fsyncSync };
});

const root = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const tokenOf = (deviceId: string, epoch = 0) =>
  deriveToken(createToken({ vendor: igloohome, deviceId, root: root(2), timeZone: 'Asia/Tokyo' }), { epoch });
const [SHED, GATE] = ['4c0ffee0-1234-4abc-8def-0123456789ab', '5c0ffee0-1234-4abc-8def-0123456789ab'];
const entry = (name: string, device_id: string, epoch = 0): string =>
  JSON.stringify({ token: tokenJson(tokenOf(name, epoch)), device_id, name });
const SECRETS = ['shed', 'gate'].map((name) => formatToken(tokenOf(name)).slice(20, 60));

const HEX = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const OTHER_HEX = createHash('sha256').update('other').digest('hex');

const place = mkdtempSync(join(tmpdir(), 'pintumbler-stores-'));
afterAll(() => rmSync(place, { recursive: true }));

describe('--store', () => {
  it.each([
    [undefined, { kind: 'memory' }],
    ['memory', { kind: 'memory' }],
    ['registry', { kind: 'folder', path: 'registry' }],
    ['/var/lib/codes//', { kind: 'folder', path: '/var/lib/codes' }],
    ['./a', { kind: 'folder', path: './a' }],
    ['C:\\codes\\', { kind: 'folder', path: 'C:\\codes' }],
    ['postgres://a@b/c', { kind: 'postgres', url: 'postgres://a@b/c' }],
    ['PostgreSQL:///c?host=/run', { kind: 'postgres', url: 'PostgreSQL:///c?host=/run' }],
  ])('%s', (store, where) => expect(whereIn({ store })).toEqual(where));

  it.each(['', '/', '.', '..', 'a/..', '../', '-', '--x', 'mysql://u:hunter2@h/d', 'postgres:/hunter2://x'])(
    'is not %j, which is not repeated',
    async (store) => {
      const { command, err } = serveWorld({ keys: KEY });
      expect(await command('serve', `--store=${store}`, '--keys', 'keys')).toBe(2);
      expect(err()).toMatch(/--store takes memory, a folder, or postgres:/);
      expect(err()).not.toContain('hunter2');
    },
  );

  it.each([
    ['postgres://u:p@h/d', true],
    ['postgres://u@h/d?sslmode=require&password=p', true],
    ['postgresql://u:p%40@h/d', true],
    ['postgres://u@h:5432/d', false],
    ['postgres://u:@h/d', false],
    ['postgres://h:5432/d?user=u', false],
    ['postgres:///d?host=/run/a:b@c', false],
  ])('%s has a password: %s', (url, has) => expect(hasPassword({ kind: 'postgres', url })).toBe(has));

  it.each<[string[], RegExp]>([
    [['--keys', 'keys'], /--devices is missing/],
    [['--devices', 'devices', '--store-key', 'key'], /--store-key is for a --store that lasts/],
    [['--store', 'postgres://h/d', '--store-key', '-', '--keys', '-'], /only one of .* standard input/],
    [['--store', 'postgres://h/d', '--keys', 'keys'], /--store-key is missing, or PINTUMBLER_STORE_KEY/],
  ])('serve %j is wrong usage', async (argv, message) => {
    const { command, err } = serveWorld({ keys: KEY, devices: entry('shed', SHED) });
    expect(await command('serve', ...argv)).toBe(2);
    expect(err()).toMatch(message);
  });

  it('the commands for devices need one that lasts', async () => {
    const { command, err } = serveWorld({});
    expect(await command('devices', 'list', '--store', 'memory')).toBe(2);
    expect(err()).toMatch(/--store takes a folder or postgres/);
    expect(await command('devices', 'list')).toBe(2);
  });

  it.each(['nope', 'shed', SHED.slice(1)])('devices remove takes no %s', async (id) => {
    const { command, err } = serveWorld({});
    expect(await command('devices', 'remove', '--store', 'x', '--device-id', id)).toBe(3);
    expect(err()).toMatch(/--device-id expected a UUID, got a string of length/);
  });
});

describe('the lock of a folder', () => {
  const folderOf = (name: string): string => {
    const folder = join(place, name);
    mkdirSync(folder);
    return folder;
  };

  it('is of one at a time, and leaves nothing behind', async () => {
    const folder = folderOf('one');
    const unlock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(/in use by another process/);
    await expect(lockFolder(`${folder}/../one/`)).rejects.toThrow(InputError);
    await unlock();
    expect(readdirSync(folder)).toEqual([]);
    await (await lockFolder(folder))();
  });

  /** What a process leaves that was killed. */
  async function leaveStale(folder: string): Promise<void> {
    const script = `require('node:net').createServer().listen(${JSON.stringify(join(folder, 'lock'))}, () => console.log(1))`;
    const child = spawn(process.execPath, ['-e', script]);
    await once(child.stdout, 'data');
    await expect(lockFolder(folder)).rejects.toThrow(/in use/);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(existsSync(join(folder, 'lock'))).toBe(true);
  }

  it('of a process that was killed is no lock, and one of many gets it', async () => {
    const folder = folderOf('stale');
    await leaveStale(folder);
    const tries = await Promise.allSettled(Array.from({ length: 12 }, () => lockFolder(folder)));
    const won = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(won).toHaveLength(1);
    await expect(lockFolder(folder)).rejects.toThrow(/in use/);
    await won[0]?.();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is refused where there can be none', async () => {
    await expect(lockFolder(join(place, 'not-there'))).rejects.toThrow(/cannot lock the folder \(E[A-Z]+\)/);
    await expect(lockFolder(join(place, 'x'.repeat(100)))).rejects.toThrow(/path of the folder is too long/);
  });
});

describe('a folder', () => {
  const folder = join(place, 'registry');

  it('is a database on the disk, of one process, and what is answered is on the disk', async () => {
    const { db, close } = await openDatabase({ kind: 'folder', path: folder });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await expect(openDatabase({ kind: 'folder', path: folder })).rejects.toThrow(/in use/);
    const shown = async (name: string) => (await db.query(`SHOW ${name}`, [])).rows[0]?.[name];
    expect([await shown('fsync'), await shown('synchronous_commit')]).toEqual(['on', 'on']);
    await db.query('CREATE TABLE t (i int)', []);
    for (let i = 0; i < 5; i++) {
      const before = disk.syncs;
      await db.query('INSERT INTO t VALUES ($1)', [i]);
      expect(disk.syncs).toBeGreaterThan(before);
    }
    await close();
    expect(readdirSync(folder)).toEqual(['data']);
    const again = await openDatabase({ kind: 'folder', path: folder });
    expect((await again.db.query('SELECT count(*)::text AS n FROM t', [])).rows).toEqual([{ n: '5' }]);
    await again.close();
  }, 120_000);

  it('that is not one is refused, without a lock left', async () => {
    writeFileSync(join(place, 'file'), 'x');
    await expect(openDatabase({ kind: 'folder', path: join(place, 'file') })).rejects.toThrow(
      /cannot use the folder \(EEXIST\)/,
    );
  });

  it('needs a PGlite whose file system is known', () => {
    for (const unknown of [undefined, null, 7, {}, { stream_ops: 1 }])
      expect(() => letSync(unknown)).toThrow(/this release of PGlite/);
  });
});

describe('over a database', () => {
  let shared: TestDatabase | undefined;
  beforeAll(async () => {
    shared = await openPglite();
  }, 60_000);
  afterAll(() => shared?.close());

  /** A database that can be taken away. */
  function database() {
    const db = shared?.fresh() ?? expect.fail('there is no database');
    const state = { isAway: false, isSlow: false, opened: 0, closed: 0 };
    const breakable: SqlDatabase = {
      query: async (text, params) => {
        if (state.isSlow) return new Promise(() => undefined);
        // As drivers do, with what they were given.
        if (state.isAway) throw Object.assign(new Error(`hunter2 ${text} ${params}`), { code: '57P01' });
        return db.query(text, params);
      },
    };
    const open = async (): Promise<Database> => {
      state.opened += 1;
      return {
        db: breakable,
        close: async () => {
          state.closed += 1;
        },
      };
    };
    return { db, state, open };
  }

  const FOLDER = ['--store', 'registry'];
  const SQL = ['--store', 'postgres://u@h/d', '--store-key', 'key', '--keys', 'keys'];
  const stay = (device_id: string, day = 22) => ({
    device_id,
    is_offline_access_code: true,
    starts_at: `2026-11-${day}T12:00:00Z`,
    ends_at: `2026-11-${day}T18:00:00Z`,
  });
  const files = { keys: KEY, key: HEX, devices: entry('shed', SHED), more: entry('gate', GATE) };
  const worldOf = (open: Io['database'], more: Partial<Io> = {}, own: Record<string, string> = files) =>
    serveWorld(own, { database: open, ...more });

  it('a folder has its keys beside it, made once', async () => {
    const { open, state } = database();
    const world = worldOf(open, {}, { devices: files.devices });
    const first = await world.serve(...FOLDER, '--devices', 'devices');
    expect([...world.disk.keys()]).toEqual(['devices', 'registry.store-key', 'registry.keys']);
    const [storeKey = ''] = /^[\w-]{43}$/m.exec(world.disk.get('registry.store-key') ?? '') ?? [];
    expect(Buffer.from(storeKey, 'base64url')).toHaveLength(32);
    const [apiKey = ''] = /^seam_.*$/m.exec(world.disk.get('registry.keys') ?? '') ?? [];
    expect(await first.call('/devices/list', {}, apiKey)).toMatchObject({ devices: [{ device_id: SHED }] });
    expect(world.err()).toMatch(/^store: a folder, of this process alone/m);
    expect(world.err()).not.toMatch(/tests only/);
    expect(world.err()).not.toContain(storeKey);
    first.tell();
    expect([await first.exit, world.done, state.closed]).toEqual([0, ['closed'], 1]);

    const next = worldOf(open, {}, Object.fromEntries(world.disk));
    const second = await next.serve(...FOLDER);
    expect(await second.call('/devices/list', {}, apiKey)).toMatchObject({ devices: [{ device_id: SHED }] });
    expect(next.disk).toEqual(world.disk);
  });

  it('a store key that is gone is not made again', async () => {
    const { open, state } = database();
    const world = worldOf(open, {}, { devices: files.devices });
    expect(await world.command('devices', 'add', ...FOLDER, '--devices', 'devices')).toBe(0);
    world.disk.delete('registry.store-key');
    expect(await world.command('devices', 'list', ...FOLDER)).toBe(3);
    expect(world.err()).toMatch(/registry\.store-key is gone, and no other key opens the store/);
    expect([...world.disk.keys()]).toEqual(['devices']);
    expect(state).toMatchObject({ opened: 2, closed: 2 });
  });

  it('what was given out stays so over restarts and servers', async () => {
    const { open, db } = database();
    const codes: string[] = [];
    for (let run = 0; run < 2; run++) {
      const servers = [worldOf(open), worldOf(open)];
      for (const [index, world] of servers.entries()) {
        // Ids are drawn at random: in these worlds the same ones.
        for (let draw = 0; draw < 100 * (2 * run + index); draw++) world.io.random(16);
        const { call, tell, exit } = await world.serve(...SQL, '--devices', 'devices');
        const { access_code } = await call('/access_codes/create', stay(SHED));
        codes.push(access_code.code ?? access_code.errors[0].error_code);
        tell();
        await exit;
      }
    }
    expect(new Set(codes.slice(0, 3)).size).toBe(3);
    expect(codes[3]).toBe('no_space_for_access_code_on_device');
    const { rows } = await db.query('SELECT sealed FROM pintumbler_devices', []);
    expect(rows).toHaveLength(1);
    for (const secret of SECRETS) expect(JSON.stringify(rows)).not.toContain(secret);
  });

  it('devices are added, listed and removed, and a running server takes them over', async () => {
    const { open } = database();
    const server = worldOf(open);
    const { call, ask, exit, tell } = await server.serve(...SQL);
    expect(server.err()).toMatch(/^0 devices:/m);
    expect((await call('/devices/list')).devices).toEqual([]);
    const admin = worldOf(open);
    expect(await admin.command('devices', 'add', ...SQL.slice(0, 4), '--devices', 'devices')).toBe(0);
    expect(await admin.command('devices', 'add', ...SQL.slice(0, 4), '--devices', 'more')).toBe(0);
    expect(admin.err()).toBe(
      '1 device put into the store, which has 1 now\n1 device put into the store, which has 2 now',
    );
    expect((await call('/devices/list')).devices).toEqual([]);
    const idsOf = async () =>
      (await call('/devices/list')).devices.map((each: { device_id: string }) => each.device_id);
    await server.advance(10_000);
    await vi.waitFor(async () => expect(await idsOf()).toEqual([SHED, GATE]));
    await server.advance(10_000);
    await server.advance(10_000);
    expect(server.err().match(/^devices: .*$/gm)).toEqual(['devices: 2 from now on']);
    const text = await (await ask('/metrics')).text();
    expect(text).toMatch(/^pintumbler_devices 2$/m);
    expect((await call('/access_codes/create', stay(GATE))).access_code.code).toMatch(/^\d{9}$/);

    const list = worldOf(open);
    expect(await list.command('devices', 'list', ...SQL.slice(0, 4), '--json')).toBe(0);
    expect(
      list
        .out()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        device_id: SHED,
        name: 'shed',
        device_type: 'igloohome_lock',
        vendor: 'igloohome',
        codes: 'emulated',
        epoch: 0,
      },
      {
        device_id: GATE,
        name: 'gate',
        device_type: 'igloohome_lock',
        vendor: 'igloohome',
        codes: 'emulated',
        epoch: 0,
      },
    ]);
    const table = worldOf(open);
    await table.command('devices', 'list', ...SQL.slice(0, 4));
    expect(table.out()).toMatch(
      new RegExp(`^name  device id {29}vendor     codes\nshed  ${SHED}  igloohome  emulated\n`),
    );
    for (const secret of SECRETS) expect(list.out() + table.out() + server.err()).not.toContain(secret);

    const remove = (id: string) => admin.command('devices', 'remove', ...SQL.slice(0, 4), '--device-id', id);
    expect([await remove(SHED.toUpperCase()), await remove(SHED)]).toEqual([0, 3]);
    expect(admin.err()).toMatch(/--device-id: there is no such device in the store/);
    await server.advance(10_000);
    await vi.waitFor(async () => expect(await idsOf()).toEqual([GATE]));
    tell();
    expect(await exit).toBe(0);
  });

  it('a device is replaced by its next epoch, and one lock has one id', async () => {
    const { open } = database();
    const next = { devices: entry('shed', SHED, 1), twice: entry('shed', GATE, 1) };
    const world = worldOf(open, {}, { ...files, old: files.devices, ...next });
    const add = (file: string) => world.command('devices', 'add', ...SQL.slice(0, 4), '--devices', file);
    expect([await add('old'), await add('devices'), await add('twice')]).toEqual([0, 0, 3]);
    expect(world.err()).toMatch(
      /\[bad_argument\] one of the devices is in the store already, by another device_id/,
    );
    await world.command('devices', 'list', ...SQL.slice(0, 4), '--json');
    expect(JSON.parse(world.out())).toMatchObject({ device_id: SHED, epoch: 1 });
  });

  describe('store keys', () => {
    const bytes = Buffer.from(HEX, 'hex');
    it.each<[string, string]>([
      ['hex', HEX],
      ['hex in capitals', HEX.toUpperCase()],
      ['base64', bytes.toString('base64')],
      ['base64url', bytes.toString('base64url')],
      ['a file with comments', `# ours\r\n\r\n  ${HEX}  # of March\r\n`],
    ])('may be %s', async (_, key) => {
      const { open } = database();
      expect(await worldOf(open).command('devices', 'add', ...SQL.slice(0, 4), '--devices', 'devices')).toBe(
        0,
      );
      const world = worldOf(open, {}, { key });
      expect(await world.command('devices', 'list', ...SQL.slice(0, 4))).toBe(0);
      const env = (name: string) => (name === 'PINTUMBLER_STORE_KEY' ? `${OTHER_HEX},\n${HEX}` : undefined);
      const bare = worldOf(open, { env }, {});
      expect(await bare.command('devices', 'list', '--store', 'postgres://u@h/d')).toBe(0);
      expect(bare.out()).toContain(SHED);
    });

    it.each<[string, RegExp]>([
      ['', /--store-key: there is no key in the file/],
      ['# none', /there is no key/],
      ['hunter2', /line 1 of the store keys expected 32 bytes in hex or base64, got a string of length 7/],
      [`${HEX}\n${HEX.slice(2)}`, /line 2 of the store keys expected 32 bytes/],
      [`${HEX.slice(1)}g`, /line 1 of the store keys/],
      [`key=${HEX}`, /line 1 of the store keys/],
    ])('are refused: %j', async (key, message) => {
      const { open, state } = database();
      const { command, err } = worldOf(open, {}, { key });
      expect(await command('devices', 'list', ...SQL.slice(0, 4))).toBe(3);
      expect(err()).toMatch(message);
      expect(err()).not.toMatch(/hunter2|00112233/);
      expect(state.opened).toBe(0);
      const env = worldOf(open, { env: () => `${HEX} hunter2` }, {});
      expect(await env.command('devices', 'list', '--store', 'postgres://u@h/d')).toBe(3);
      expect(env.err()).toMatch(/key 2 of PINTUMBLER_STORE_KEY expected 32 bytes/);
      expect(env.err()).not.toContain('hunter2');
    });

    it('are changed in three steps, with servers running', async () => {
      const { open, db } = database();
      const list = async (key: string) => {
        const world = worldOf(open, {}, { ...files, key });
        return [await world.command('devices', 'list', ...SQL.slice(0, 4)), world.err()] as const;
      };
      await worldOf(open).command('devices', 'add', ...SQL.slice(0, 4), '--devices', 'devices');
      expect((await list(OTHER_HEX))[0]).toBe(3);
      expect((await list(OTHER_HEX))[1]).toMatch(/\[store_key_wrong\]/);
      const running = await worldOf(open, {}, { ...files, key: `${HEX}\n${OTHER_HEX}` }).serve(...SQL);
      expect((await list(`${HEX}\n${OTHER_HEX}`))[0]).toBe(0);
      expect((await list(`${OTHER_HEX}\n${HEX}`))[0]).toBe(0);
      // Only a server changes it.
      expect((await list(HEX))[0]).toBe(0);
      const changed = await worldOf(open, {}, { ...files, key: `${OTHER_HEX}\n${HEX}` }).serve(...SQL);
      expect((await running.call('/access_codes/create', stay(SHED))).access_code.code).toMatch(/^\d{9}$/);
      expect((await list(OTHER_HEX))[0]).toBe(0);
      expect((await list(HEX))[0]).toBe(3);
      expect((await db.query('SELECT id FROM pintumbler_keys', [])).rows.length).toBeGreaterThan(2);
      for (const each of [running, changed]) {
        each.tell();
        await each.exit;
      }
    });
  });

  it('without the database /ready says no, and nothing ends; with it all goes on', async () => {
    const { open, state } = database();
    const world = worldOf(open);
    const { call, ask, exit, tell } = await world.serve(...SQL, '--devices', 'devices', '--log', 'json');
    const ready = async () => (await ask('/ready')).json();
    expect(await ready()).toEqual({ status: 'ready' });
    state.isAway = true;
    expect((await ask('/ready')).status).toBe(503);
    expect(await ready()).toEqual({ status: 'not_ready', reason: 'store' });
    expect((await ask('/health')).status).toBe(200);
    expect(await call('/access_codes/create', stay(SHED))).toMatchObject({
      status: 500,
      error: { type: 'internal_server_error' },
    });
    for (let minute = 0; minute < 6; minute++) await world.advance(60_000);
    state.isAway = false;
    expect(await ready()).toEqual({ status: 'ready' });
    expect((await call('/access_codes/create', stay(SHED))).access_code.code).toMatch(/^\d{9}$/);
    const lines = world
      .err()
      .split('\n')
      .map((line) => JSON.parse(line));
    const failed = lines.filter(({ level }) => level === 'error');
    expect(new Set(failed.map(({ event }) => event))).toEqual(new Set(['failed', 'request', 'task_failed']));
    const tasks = failed.filter(({ event }) => event === 'task_failed');
    expect(new Set(tasks.map(({ task }) => task))).toEqual(
      new Set(['devices', 'webhooks', 'pending', 'tidying']),
    );
    for (const { error } of tasks) expect(error).toBe('57P01');
    expect(world.err()).not.toMatch(/hunter2|SELECT/);
    const metrics = readExposition(await (await ask('/metrics')).text());
    const sumOf = (name: string) =>
      metrics.find((family) => family.name === name)?.samples.reduce((sum, { value }) => sum + value, 0);
    expect(sumOf('pintumbler_task_errors_total')).toBe(tasks.length);
    expect(sumOf('pintumbler_store_errors_total')).toBeGreaterThan(tasks.length);
    await world.advance(60_000);
    tell();
    expect([await exit, state.closed]).toEqual([0, 1]);
  });

  it('a database that says nothing is not ready after three seconds', async () => {
    const { open, state } = database();
    const world = worldOf(open);
    const { ask } = await world.serve(...SQL, '--devices', 'devices');
    await turn();
    state.isSlow = true;
    const answer = ask('/ready');
    await turn();
    await world.advance(3000);
    expect((await answer).status).toBe(503);
  });

  it('a query that loses a race is no error of the store', async () => {
    const { open } = database();
    const { call, ask, tell, exit } = await worldOf(open).serve(
      ...SQL,
      '--devices',
      'devices',
      '--no-rate-limits',
    );
    await Promise.all([1, 2, 3, 4, 5].map(() => call('/access_codes/create', stay(SHED))));
    expect(await (await ask('/metrics')).text()).toMatch(/^pintumbler_store_errors_total 0$/m);
    tell();
    await exit;
  });

  it('a store that cannot be opened, or a port that is taken: it says so, and closes it', async () => {
    const { open, state } = database();
    state.isAway = true;
    const world = worldOf(open);
    expect(await world.command('serve', ...SQL)).toBe(3);
    expect(world.err()).toBe(
      'pintumbler: --store: the database fails with 57P01 as its tables are made or looked at',
    );
    state.isAway = false;
    const listen = () => Promise.reject(new InputError('it is in use'));
    expect(await worldOf(open, { listen }).command('serve', ...SQL)).toBe(3);
    expect(await worldOf(open, {}, { ...files, keys: '' }).command('serve', ...SQL)).toBe(3);
    expect(state).toMatchObject({ opened: 3, closed: 3 });
  });

  it('webhooks are sent, signed, tried again, and counted', async () => {
    const { open } = database();
    const sent: Request[] = [];
    let status = 500;
    const send = async (request: Request, patience: number): Promise<Response> => {
      expect([request.redirect, patience]).toEqual(['manual', 20_000]);
      sent.push(request);
      return new Response('hunter2', { status });
    };
    const world = worldOf(open, { send });
    const { call, ask, tell, exit } = await world.serve(...SQL, '--devices', 'devices', '--log', 'json');
    const { webhook } = await call('/webhooks/create', {
      url: 'https://hooks.example/hunter2',
      event_types: ['access_code.created'],
    });
    const { access_code } = await call('/access_codes/create', stay(SHED));
    const count = async (text: string) => {
      const metrics = await (await ask('/metrics')).text();
      return Number(
        metrics
          .split('\n')
          .find((line) => line.startsWith(`${text} `))
          ?.slice(text.length + 1),
      );
    };
    /** By the second: how long a round takes is not asked. */
    const until = (text: string, isThere: (value: number) => boolean) =>
      vi.waitFor(
        async () => {
          await world.advance(1000);
          expect(await count(text)).toSatisfy(isThere);
        },
        { timeout: 30_000 },
      );
    await until('pintumbler_webhook_deliveries_total{outcome="put_back"}', (value) => value > 0);
    expect(await count('pintumbler_webhook_deliveries_entered_total')).toBe(1);
    await until('pintumbler_webhook_pending', (value) => value === 1);
    status = 200;
    await world.advance(1_000_000);
    await until('pintumbler_webhook_deliveries_total{outcome="delivered"}', (value) => value === 1);
    await until('pintumbler_webhook_pending', (value) => value === 0);
    const [request] = sent.slice(-1);
    const body = (await request?.text()) ?? '';
    expect(JSON.parse(body)).toMatchObject({
      event_type: 'access_code.created',
      access_code_id: access_code.access_code_id,
    });
    const key = Buffer.from(webhook.secret.replace('whsec_', ''), 'base64');
    const head = (name: string) => request?.headers.get(`webhook-${name}`);
    const mac = createHmac('sha256', key)
      .update(`${head('id')}.${head('timestamp')}.${body}`)
      .digest('base64');
    expect(head('signature')).toBe(`v1,${mac}`);
    expect(world.err()).not.toContain('hunter2');
    tell();
    expect(await exit).toBe(0);
  });
});

describe.skipIf(POSTGRES === undefined)('PostgreSQL', () => {
  let own: Awaited<ReturnType<typeof makePostgres>> | undefined;
  beforeAll(async () => {
    own = await makePostgres(POSTGRES ?? '', 2);
  });
  afterAll(() => own?.close());

  it('is shared by servers, and outlives its connections', async () => {
    const url = own?.url ?? '';
    const files = { keys: KEY, key: HEX, devices: entry('shed', SHED) };
    const flags = ['--store', url, '--store-key', 'key', '--keys', 'keys'];
    const [one, two] = [
      serveWorld(files, { database: openDatabase }),
      serveWorld(files, { database: openDatabase }),
    ];
    const [first, second] = await Promise.all([
      one.serve(...flags, '--devices', 'devices'),
      two.serve(...flags, '--devices', 'devices'),
    ]);
    expect(one.err()).toMatch(/^store: PostgreSQL, shared/m);
    const ready = async () => [(await first.ask('/ready')).status, (await second.ask('/ready')).status];
    expect(await ready()).toEqual([200, 200]);
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pintumbler' AND datname = current_database()",
    );
    await admin.end();
    await vi.waitFor(async () => expect(await ready()).toEqual([200, 200]));
    for (const server of [first, second]) {
      server.tell();
      expect(await server.exit).toBe(0);
    }
  });

  it.each([
    ['postgres://127.0.0.1:1/hunter2', /nobody listens there/],
    ['postgres://u:hunter2@nowhere.invalid/d', /there is no such host|fails with E/],
    ['postgres://u:hunter2@:::/d', /expected a URL such as postgres:/],
    ['postgres://u:hunter2@127.0.0.1:5432/%', /cannot open the database/],
  ])('%s cannot be opened', async (url, message) => {
    const world = serveWorld({ key: HEX }, { database: openDatabase });
    expect(await world.command('devices', 'list', '--store', url, '--store-key', 'key')).toBe(3);
    expect(world.err()).toMatch(message);
    expect(world.err()).not.toContain('hunter2');
  });

  it('a database that is not there is said so', async () => {
    const url = new URL(POSTGRES ?? '');
    url.pathname = '/hunter2';
    const world = serveWorld({ key: HEX }, { database: openDatabase });
    expect(await world.command('devices', 'list', '--store', url.href, '--store-key', 'key')).toBe(3);
    expect(world.err()).toBe(
      'pintumbler: --store: cannot open the database: there is no such database on the server',
    );
  });
});

describe('as a process', () => {
  // Inside the repository, where the optional packages are found; and outside, where they are not.
  const built = fileURLToPath(new URL('../build/test-stores', import.meta.url));
  const running: ChildProcess[] = [];

  beforeAll(async () => {
    mkdirSync(built, { recursive: true });
    for (const outfile of [join(built, 'cli.mjs'), join(place, 'cli.mjs')])
      await build({
        entryPoints: [fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))],
        bundle: true,
        platform: 'node',
        format: 'esm',
        external: ['pg', '@electric-sql/pglite'],
        outfile,
        logLevel: 'error',
      });
    writeFileSync(join(place, 'devices.jsonl'), entry('shed', SHED));
    writeFileSync(join(place, 'store.key'), HEX);
  });
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(built, { recursive: true });
  });

  function command(folder: string, ...argv: string[]): CommandProcess {
    const made = commandProcess(join(folder, 'cli.mjs'), argv, place);
    running.push(made.child);
    return made;
  }

  it.each([
    ['postgres://u:hunter2@127.0.0.1/d', 'npm install pg'],
    ['folder', 'npm install @electric-sql/pglite'],
  ])('without its package, %s says what to install', async (store, says) => {
    const { exit, said } = command(place, 'devices', 'list', '--store', store, '--store-key', 'store.key');
    expect(await exit).toBe(3);
    expect(said.err).toMatch(/^pintumbler: \[peer_missing\] /);
    expect(said.err).toContain(says);
    expect(said.err).not.toContain('hunter2');
    expect(existsSync(join(place, 'folder'))).toBe(false);
  });

  it('a folder outlives a kill, is of one process, and is released at the end', async () => {
    const argv = ['serve', '--store', 'codes', '--port', '0'];
    const first = command(built, ...argv, '--devices', 'devices.jsonl');
    const origin = await first.url;
    expect(origin, first.said.err).toMatch(/^http:/);
    for (const name of ['codes.keys', 'codes.store-key'])
      expect(statSync(join(place, name)).mode & 0o777, name).toBe(0o600);
    const [key = ''] = /^seam_.*$/m.exec(readFileSync(join(place, 'codes.keys'), 'utf8')) ?? [];
    const call = async (url: string, path: string, body: object) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      return JSON.parse(await response.text());
    };
    const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
    const stay = { device_id: SHED, is_offline_access_code: true, starts_at: inDays(1), ends_at: inDays(2) };
    const { access_code } = await call(origin, '/access_codes/create', stay);
    const second = command(built, ...argv);
    expect(await second.exit).toBe(3);
    expect(second.said.err).toMatch(/in use by another process/);
    first.child.kill('SIGKILL');
    await first.exit;

    const third = command(built, ...argv);
    const { access_code_id } = access_code;
    const found = await call(await third.url, '/access_codes/get', { access_code_id });
    expect(found.access_code.code).toBe(access_code.code);
    third.child.kill('SIGTERM');
    expect(await third.exit, third.said.err).toBe(0);
    expect(readdirSync(join(place, 'codes'))).toEqual(['data']);
  }, 240_000);
});
