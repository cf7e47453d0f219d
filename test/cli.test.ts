import { createHash, createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { parseToken } from 'pintumbler';
import { securityReport } from 'pintumbler/security';
import { builtIn, vendorNamed } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { run } from '../src/cli/cli.ts';
import { InputError, type Io } from '../src/cli/io.ts';
import { keyIn } from '../src/cli/key-text.ts';
import { valuesText } from '../src/cli/layout-text.ts';
import { SETTINGS } from '../src/cli/settings.ts';
import { renamed, spanText, wrapped } from '../src/cli/words.ts';
import { trialToken } from '../src/security/report.ts';
import { at, hex } from './support/helpers.ts';
import { noServer } from './support/no-server.ts';
import { fullLiteral, startLiteral, tokenLiteral } from './support/paygo-literal.ts';
import { codeLiteral, deviceKeyLiteral, rootLiteral } from './support/sealed-literal.ts';

/** A world in memory: files, and what was printed. */
function world(files: Record<string, string | Uint8Array> = {}) {
  const disk = new Map<string, Uint8Array>(
    Object.entries(files).map(([path, content]) => [
      path,
      typeof content === 'string' ? new TextEncoder().encode(content) : content,
    ]),
  );
  const out: string[] = [];
  const err: string[] = [];
  const writes: [path: string, text: string][] = [];
  const io: Io = {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    read: async (path) => {
      if (path === 'directory') throw new InputError('cannot use directory (EISDIR)');
      return disk.get(path);
    },
    lines: async function* (path) {
      yield* new TextDecoder().decode(disk.get(path)).split(/\r?\n/);
    },
    replace: async (path, text) => {
      writes.push([path, text]);
      disk.set(path, new TextEncoder().encode(text));
    },
    now: () => at('2026-11-22T00:00:00Z'),
    random: (length) => new Uint8Array(length).fill(0x42),
    ...noServer,
  };
  const call = async (...argv: string[]) => {
    out.length = 0;
    err.length = 0;
    writes.length = 0;
    const exit = await run(argv, io);
    return {
      exit,
      out: out.join('\n'),
      err: err.join('\n'),
      writes: [...writes],
      json: () => JSON.parse(out.join('\n')),
    };
  };
  const text = (path: string): string => new TextDecoder().decode(disk.get(path));
  return { call, disk, text };
}

const MASTER = Uint8Array.from({ length: 48 }, (_, i) => i * 5);

/** Token files of a door in Lisbon (ours) and one in Kathmandu (igloohome). */
async function doors() {
  const made = world({ master: MASTER, ten: '{"digits":10}' });
  const { call, disk } = made;
  const save = async (path: string, ...argv: string[]): Promise<void> => {
    const { exit, out } = await call(...argv);
    expect(exit).toBe(0);
    disk.set(path, new TextEncoder().encode(out));
  };
  await save(
    'lisbon',
    'token',
    'create',
    '--vendor',
    'pintumbler',
    '--device-id',
    'door-7',
    '--time-zone',
    'Europe/Lisbon',
    '--master',
    'master',
  );
  await save(
    'kathmandu',
    'token',
    'create',
    '--vendor',
    'igloohome',
    '--device-id',
    'k',
    '--time-zone',
    'Asia/Kathmandu',
    '--epoch',
    '3',
  );
  await save('desk', 'token', 'derive', '--token', 'lisbon');
  await save('desk-1', 'token', 'derive', '--token', 'lisbon', '--epoch', '1');
  return made;
}

describe('token', () => {
  it('create prints JSON with the root; the master key file is all of its bytes', async () => {
    const { text } = await doors();
    const json = JSON.parse(text('lisbon'));
    expect(Object.keys(json)).toEqual([
      'v',
      'vendor',
      'device_id',
      'epoch',
      'time_zone',
      'grid_offset',
      'root',
      'offsets',
    ]);
    expect(json.root).toBe(Buffer.from(rootLiteral(MASTER, 'door-7')).toString('base64url'));
    // From the day before slot 0 to ten full years after the year it was made in.
    expect([json.offsets[0][0], json.offsets.at(-1)[0]]).toEqual([
      at('2019-12-31T00:00:00Z'),
      at('2037-01-01T00:00:00Z'),
    ]);
    expect(JSON.parse(text('kathmandu'))).toMatchObject({ epoch: 3, grid_offset: 15 });
    expect(JSON.parse(text('kathmandu')).offsets, 'igloohome has no civil kinds').toBeUndefined();
  });

  it('derive prints the key of an epoch and no root; a line is as good as JSON', async () => {
    const { call, text, disk } = await doors();
    const json = JSON.parse(text('desk-1'));
    expect(json.root).toBeUndefined();
    expect(json.key).toBe(
      Buffer.from(deviceKeyLiteral(rootLiteral(MASTER, 'door-7'), 'door-7', 1)).toString('base64url'),
    );
    const line = (
      await call('token', 'derive', '--token', 'lisbon', '--variances', '0-1', '--format', 'line')
    ).out;
    expect(parseToken(line, builtIn).variances).toEqual([0, 1]);
    disk.set('line', new TextEncoder().encode(`${line}\n`));
    const args = ['--starts-at', '2026-03-01T15:00', '--ends-at', '2026-03-01T18:00'];
    expect((await call('mint', '--token', 'line', ...args)).out).toBe(
      (await call('mint', '--token', 'lisbon', ...args)).out,
    );
    expect((await call('token', 'derive', '--token', 'desk-1', '--epoch', '2')).exit).toBe(3);
  });

  it('inspect shows the layout in full and never the secret', async () => {
    const { call, text } = await doors();
    const secret = JSON.parse(text('lisbon')).root;
    const people = await call('token', 'inspect', '--token', 'lisbon');
    const machine = await call('token', 'inspect', '--token', 'lisbon', '--json');
    for (const { exit, out, err } of [people, machine]) {
      expect(exit).toBe(0);
      expect(out + err).not.toContain(secret);
    }
    const { layout } = machine.json();
    expect(layout).toMatchObject({ id: 'pintumbler-9/1', digits: 9, grid_seconds: 3600, s: 256 });
    expect(layout.kinds.map((each: { kind: string }) => each.kind)).toEqual([
      'hourly',
      'daily',
      'stay',
      'stay_2',
      'one_time',
      'clear',
      'set_clock',
    ]);
    expect(layout.kinds[0]).toEqual({
      kind: 'hourly',
      lengths: { from: 3600, to: 86400, step: 3600 },
      unit: 'seconds',
      variances: 1,
      first_use_within: 28800,
    });
    expect(layout.kinds[2]).toEqual({
      kind: 'stay',
      civil: true,
      opens: '15:00',
      closes: '11:00',
      lengths: { from: 1, to: 28, step: 1 },
      unit: 'days',
      variances: 1,
      first_use_within: 2,
    });
    expect(layout.kinds[6]).toEqual({
      kind: 'set_clock',
      lengths: [0, 900, 1800, 2700],
      unit: 'seconds',
      variances: 1,
    });
  });

  it('what inspect says is enough to compute a code elsewhere', async () => {
    const { call, text } = await doors();
    const { layout } = (await call('token', 'inspect', '--token', 'kathmandu', '--json')).json();
    const root = Buffer.from(JSON.parse(text('kathmandu')).root, 'base64url');
    const minted = (
      await call(
        'mint',
        '--token',
        'kathmandu',
        '--starts-at',
        '2026-03-01T15:20',
        '--ends-at',
        '2026-03-02T10:40',
        '--variance',
        '2',
        '--json',
      )
    ).json();
    expect(minted).toMatchObject({
      kind: 'hourly',
      starts_at: '2026-03-01T15:00:00+05:45',
      ends_at: '2026-03-02T11:00:00+05:45',
      rounded: { starts_at: 1200, ends_at: 1200 },
    });
    const slot = (at(minted.starts_at) - 1577836800 - 60 * 15) / 3600;
    expect(minted.code).toBe(
      codeLiteral(deviceKeyLiteral(root, 'k', 3), layout, '', 'hourly', slot, 20 * 3600, 2),
    );
  });
});

describe('mint, verify, read', () => {
  it('mint prints the code alone, or all of it as JSON', async () => {
    const { call } = await doors();
    const args = [
      'mint',
      '--token',
      'desk',
      '--starts-at',
      '2026-03-01T15:20',
      '--ends-at',
      '2026-03-04T11:00',
    ];
    const plain = await call(...args);
    expect(plain.out).toMatch(/^\d{9}$/);
    expect(plain.err).toContain('starts 20 min earlier than asked');
    const { code, ...rest } = (await call(...args, '--json')).json();
    expect(code).toBe(plain.out);
    expect(rest).toEqual({
      kind: 'stay',
      variance: 0,
      lane: null,
      starts_at: '2026-03-01T15:00:00+00:00',
      ends_at: '2026-03-04T11:00:00+00:00',
      first_use_by: '2026-03-03T15:00:00+00:00',
      rounded: { starts_at: 1200, ends_at: 0 },
      warnings: [],
      vendor: 'pintumbler',
      codes: 'published',
      device_id: 'door-7',
      epoch: 0,
      window: 'stay/2026-03-01T15:00:00Z/2026-03-04T11:00:00Z',
    });
  });

  it('an emulated code says so to people and machines', async () => {
    const { call } = await doors();
    const args = ['mint', '--token', 'kathmandu', '--starts-at', '2026-03-01T15:00', '--one-time'];
    expect((await call(...args)).err).toContain('emulated');
    expect((await call(...args, '--json')).json().codes).toBe('emulated');
    expect((await call('vendors')).out).toMatch(/igloohome +emulated/);
    const labels = (await call('vendors', '--json')).out.split('\n').map((line) => {
      const { id, codes } = JSON.parse(line);
      return [id, codes];
    });
    expect(labels).toEqual(builtIn.map(({ id, codes }) => [id, codes]));
    expect(labels).toEqual([
      ['pintumbler', 'published'],
      ['tuya', 'published'],
      ['hotp', 'published'],
      ['totp', 'published'],
      ['ocra', 'published'],
      ['openpaygo', 'published'],
      ['nexus', 'published'],
      ['igloohome', 'emulated'],
      ['dormakaba-oracode', 'emulated'],
      ['lockly', 'emulated'],
      ['ttlock', 'emulated'],
      ['codelocks-netcode', 'emulated'],
      ['master-lock', 'emulated'],
      ['resortlock', 'emulated'],
      ['sentrilock', 'emulated'],
    ]);
  });

  it('a guest: too early, in time, again; a courier: once; the state is paid before the answer and settled after', async () => {
    const { call, text } = await doors();
    const stay = (
      await call(
        'mint',
        '--token',
        'desk',
        '--starts-at',
        '2026-03-01T15:00',
        '--ends-at',
        '2026-03-04T11:00',
      )
    ).out;
    const once = (await call('mint', '--token', 'desk', '--starts-at', '2026-03-01T15:00', '--one-time')).out;
    const enter = (code: string, when: string) =>
      call('verify', '--token', 'lisbon', '--code', code, '--at', when, '--state', 'state', '--json');
    const early = await enter(stay, '2026-03-01T14:00');
    expect([early.exit, early.json()]).toMatchObject([
      1,
      {
        accepted: false,
        opens: false,
        reason: 'not_yet_valid',
        kind: 'stay',
        starts_at: '2026-03-01T15:00:00+00:00',
      },
    ]);
    const first = await enter(stay, '2026-03-01T15:30');
    expect([first.exit, first.json()]).toMatchObject([
      0,
      { accepted: true, opens: true, reason: 'first_use', kind: 'stay' },
    ]);
    expect(first.writes.map(([path]) => path)).toEqual(['state', 'state']);
    const [charged, settled] = first.writes.map(([, state]) => JSON.parse(state));
    expect([charged.throttle.credit, settled.throttle.credit]).toEqual([10, 11]);
    expect((await enter(stay, '2026-03-03T23:00')).json().reason).toBe('used_before');
    expect((await enter(once, '2026-03-01T16:00')).json().reason).toBe('first_use');
    const again = await enter(once, '2026-03-01T16:01');
    expect([again.exit, again.json().reason]).toEqual([1, 'already_used']);
    expect(JSON.parse(text('state')).records).toHaveLength(2);
    const malformed = await call('verify', '--token', 'lisbon', '--code', '12', '--at', '2026-03-01T16:01');
    expect([malformed.exit, malformed.out]).toEqual([1, 'refused malformed']);
  });

  it('read says what digits mean, or that they mean nothing', async () => {
    const { call } = await doors();
    const code = (await call('mint', '--token', 'desk', '--starts-at', '2026-03-01T09:00', '--kind', 'clear'))
      .out;
    const read = await call('read', '--token', 'desk', '--code', code, '--at', '2026-03-01T09:00', '--json');
    expect(read.json()).toEqual({
      kind: 'clear',
      variance: 0,
      lane: null,
      starts_at: '2026-03-01T09:00:00+00:00',
      ends_at: '2026-03-01T21:00:00+00:00',
      first_use_by: '2026-03-01T21:00:00+00:00',
      vendor: 'pintumbler',
      codes: 'published',
    });
    const nothing = await call('read', '--token', 'desk', '--code', code, '--at', '2030-03-01T09:00');
    expect([nothing.exit, nothing.out]).toEqual([0, '']);
    expect(nothing.err).toContain('unknown');
  });

  it('mint --devices: one answer a line, in order; a bad line does not stop the rest', async () => {
    const { call, disk, text } = await doors();
    const token = JSON.parse(text('desk'));
    const good = { id: 'a', token, starts_at: '2026-03-01T15:00', ends_at: '2026-03-04T11:00' };
    const lines = [
      JSON.stringify(good),
      '',
      JSON.stringify({ ...good, id: 2, ends_at: '2026-02-01T00:00' }),
      '{"id": 3, "token": {"root": "c2VjcmV0"',
      JSON.stringify({ ...good, id: 4, token: text('kathmandu').trim(), ends_at: undefined, one_time: true }),
      JSON.stringify({ ...good, id: 5, end: 'x' }),
      JSON.stringify([1]),
    ];
    disk.set('bookings', new TextEncoder().encode(lines.join('\r\n')));
    const { exit, out } = await call('mint', '--devices', 'bookings', '--json');
    expect(exit).toBe(3);
    const answers = out.split('\n').map((line) => JSON.parse(line));
    expect(answers.map(({ id, code, error }) => [id, code ? 'code' : error.code])).toEqual([
      ['a', 'code'],
      [2, 'window_reversed'],
      [null, 'bad_argument'],
      [4, 'code'],
      [5, 'bad_argument'],
      [null, 'bad_argument'],
    ]);
    expect(out).not.toContain('c2VjcmV0');
    expect((await call('mint', '--devices', 'bookings', '--token', 'desk')).exit).toBe(2);
  });
});

describe('wrong usage and bad input', () => {
  const mint = [
    'mint',
    '--token',
    'desk',
    '--starts-at',
    '2026-03-01T15:00',
    '--ends-at',
    '2026-03-04T11:00',
  ];
  const verify = [
    'verify',
    '--token',
    'lisbon',
    '--code',
    '123456789',
    '--at',
    '2026-03-01T15:00',
    '--state',
    'state',
  ];

  it.each<[string, number, string[], RegExp]>([
    ['no such command', 2, ['open'], /no such command/],
    ['half a command', 2, ['token'], /no such command/],
    ['unknown flag', 2, [...mint, '--colour', 'red'], /--colour/],
    ['missing flag', 2, ['verify', '--token', 'lisbon', '--code', '123456789'], /--at/],
    ['flag without value', 2, ['read', '--token'], /--token/],
    ['stray argument', 2, [...mint, '482901377'], /takes only flags/],
    ['unknown format', 2, ['token', 'derive', '--token', 'lisbon', '--format', 'xml'], /--format/],
    [
      'no such file',
      3,
      ['mint', '--token', 'nowhere', '--starts-at', '2026-03-01T15:00', '--one-time'],
      /no file with the token/,
    ],
    ['a directory', 3, ['token', 'inspect', '--token', 'directory'], /EISDIR/],
    ['binary token', 3, ['token', 'inspect', '--token', 'binary'], /not UTF-8/],
    [
      'unknown vendor',
      3,
      ['token', 'create', '--vendor', 'acme', '--device-id', 'd', '--time-zone', 'UTC'],
      /vendor_unknown.*--vendor/,
    ],
    [
      'unknown zone',
      3,
      ['token', 'create', '--vendor', 'igloohome', '--device-id', 'd', '--time-zone', 'Mars/Olympus'],
      /zone_unknown.*--time-zone/,
    ],
    [
      'short master',
      3,
      [
        'token',
        'create',
        '--vendor',
        'igloohome',
        '--device-id',
        'd',
        '--time-zone',
        'UTC',
        '--master',
        'ten',
      ],
      /key_length.*--master/,
    ],
    [
      'bad device id',
      3,
      ['token', 'create', '--vendor', 'igloohome', '--device-id', 'a b', '--time-zone', 'UTC'],
      /--device-id/,
    ],
    [
      'bad settings',
      3,
      [
        'token',
        'create',
        '--vendor',
        'pintumbler',
        '--device-id',
        'd',
        '--time-zone',
        'UTC',
        '--config',
        'binary',
      ],
      /not UTF-8/,
    ],
    ['epoch as word', 3, ['token', 'derive', '--token', 'lisbon', '--epoch', 'one'], /bad_argument.*--epoch/],
    ['share as word', 3, ['token', 'derive', '--token', 'lisbon', '--variances', '1'], /--variances/],
    ['fractional variance', 3, [...mint, '--variance', '0.5'], /--variance/],
    ['variance too high', 3, [...mint, '--variance', '9'], /variance_unavailable.*--variance/],
    ['unknown kind', 3, [...mint, '--kind', 'weekly'], /kind_unknown.*--kind/],
    ['rounding of a week', 3, [...mint, '--max-time-rounding', '1w'], /--max-time-rounding/],
    [
      'reversed window',
      3,
      ['mint', '--token', 'desk', '--starts-at', '2026-03-01T15:00', '--ends-at', '2026-03-01T14:00'],
      /window_reversed.*--ends-at/,
    ],
    ['a date only', 3, ['mint', '--token', 'desk', '--starts-at', '2026-03-01', '--one-time'], /--starts-at/],
    [
      'epoch seconds',
      3,
      ['mint', '--token', 'desk', '--starts-at', '1772377200', '--one-time'],
      /--starts-at/,
    ],
    [
      'a skipped hour',
      3,
      ['mint', '--token', 'desk', '--starts-at', '2026-03-29T01:30', '--one-time'],
      /local_time_missing.*--starts-at/,
    ],
    [
      'nothing fits',
      3,
      ['mint', '--token', 'desk', '--starts-at', '2026-03-01T12:00', '--ends-at', '2026-03-05T12:00'],
      /no_fit.*nearest is/,
    ],
    ['a bad time to verify at', 3, [...verify.slice(0, 6), 'now'], /--at/],
    [
      'a code of the wrong length to read',
      3,
      ['read', '--token', 'desk', '--code', '4829', '--at', '2026-03-01T15:00'],
      /code_malformed.*--code/,
    ],
    ['a damaged state', 3, [...verify.slice(0, -1), 'ten'], /state_damaged/],
    ['no vectors', 3, ['vectors', '--vendor', 'igloohome', '--count', '0'], /--?count|"count"/],
    ['vectors of an unknown vendor', 3, ['vectors', '--vendor', 'acme'], /vendor_unknown/],
  ])('%s: exit %i', async (_, exit, argv, message) => {
    const { call, disk } = await doors();
    disk.set('binary', Uint8Array.of(0xff, 0xfe, 0x00, 0x80));
    const before = [...disk.entries()].map(([path, bytes]) => [path, [...bytes]]);
    const result = await call(...argv);
    expect(result.err).toMatch(message);
    expect(result.exit).toBe(exit);
    expect(result.out).toBe('');
    expect(result.writes).toEqual([]);
    expect([...disk.entries()].map(([path, bytes]) => [path, [...bytes]])).toEqual(before);
    expect(result.err).not.toMatch(/123456789|482901377/);
  });

  it("another lock's state, and one changed by a digit, are refused whole", async () => {
    const { call, disk, text } = await doors();
    await call(...verify);
    const good = text('state');
    const other = await call(
      'token',
      'create',
      '--vendor',
      'pintumbler',
      '--device-id',
      'door-8',
      '--time-zone',
      'Europe/Lisbon',
    );
    disk.set('other', new TextEncoder().encode(other.out));
    const foreign = await call(...verify.map((word) => (word === 'lisbon' ? 'other' : word)));
    expect([foreign.exit, foreign.err]).toMatchObject([3, expect.stringContaining('state_foreign')]);
    disk.set('state', new TextEncoder().encode(good.replace('"credit":11', '"credit":12')));
    const changed = await call(...verify);
    expect([changed.exit, changed.err, changed.writes]).toMatchObject([
      3,
      expect.stringContaining('state_damaged'),
      [],
    ]);
  });
});

/** A token of a vendor's door, made at the command line, and what that said. */
async function created(vendor: string, config?: unknown, ...more: string[]) {
  const made = await doors();
  if (config !== undefined) made.disk.set('config', new TextEncoder().encode(JSON.stringify(config)));
  const create = ['token', 'create', '--vendor', vendor, '--device-id', 'd', '--time-zone', 'Europe/Lisbon'];
  const result = await made.call(...create, ...(config === undefined ? [] : ['--config', 'config']), ...more);
  expect(result.exit).toBe(0);
  made.disk.set('token', new TextEncoder().encode(result.out));
  return { ...made, ...result };
}

describe('what nobody must overlook', () => {
  it('an emulated token, code or answer says that it is none of the maker', async () => {
    const ofToken = 'igloohome: emulated, its codes open no real lock of that maker';
    const ofCode = 'igloohome: emulated, this code opens no real lock of that maker';
    const { call, err } = await created('igloohome');
    expect(err.split('\n')[0]).toBe(ofToken);
    expect((await call('token', 'derive', '--token', 'token')).err).toBe(ofToken);
    expect((await call('token', 'inspect', '--token', 'token')).out).toContain(
      'emulated: its codes open no real lock of that maker',
    );
    const code = (await call('mint', '--token', 'token', '--starts-at', '2026-03-01T15:00', '--one-time'))
      .out;
    for (const command of ['verify', 'read']) {
      const entry = [command, '--token', 'token', '--code', code, '--at', '2026-03-01T15:00'];
      expect((await call(...entry)).err.split('\n').filter((line) => line === ofCode)).toHaveLength(1);
      const machine = await call(...entry, '--json');
      expect(machine.json()).toMatchObject({ vendor: 'igloohome', codes: 'emulated' });
      expect(machine.err).not.toContain('emulated');
    }
    const nonsense = await call('verify', '--token', 'token', '--code', '1', '--at', '2026-03-01T15:00');
    expect([nonsense.out, nonsense.err]).toEqual(['refused malformed', ofCode]);
  });

  it('a published one says nothing of the kind, but JSON has its label', async () => {
    const { call, err } = await created('pintumbler');
    expect(err).toBe('');
    const entry = ['verify', '--token', 'token', '--code', '123456789', '--at', '2026-03-01T15:00'];
    expect((await call(...entry)).err).not.toMatch(/emulated|published/);
    expect((await call(...entry, '--json')).json()).toMatchObject({
      vendor: 'pintumbler',
      codes: 'published',
    });
    expect((await call('token', 'inspect', '--token', 'token')).out).not.toMatch(/emulated|warning|T0/);
  });

  it("Tuya: a made-up key and the SDK's T0 are told, given ones are not", async () => {
    const plain = await created('tuya');
    expect(plain.err).toMatch(/key was made up and opens no real device/);
    expect(plain.err).toMatch(/T0 is the SDK's default; .* \(DP 64\): --config with {"t0": \.\.\.}/);
    expect((await plain.call('token', 'inspect', '--token', 'token')).out).toContain(
      "T0           2020-05-12T02:00:00Z (1589248800), the SDK's default: a real device has its own (DP 64)",
    );
    const { call, disk } = await doors();
    disk.set('login', new TextEncoder().encode('aB3dE6\n'));
    disk.set('config', new TextEncoder().encode('{"t0":1700000000}'));
    const create = ['token', 'create', '--vendor', 'tuya', '--device-id', 'd', '--time-zone', 'UTC'];
    const real = await call(...create, '--key', 'login', '--config', 'config');
    expect([real.exit, real.err]).toEqual([0, '']);
    disk.set('token', new TextEncoder().encode(real.out));
    const { out } = await call('token', 'inspect', '--token', 'token');
    expect(out).toContain('settings     {"t0":1700000000}');
    expect(out).toContain('T0           2023-11-14T22:00:00Z (1699999200), by its settings');
    expect(out).not.toContain('aB3dE6');
  });

  it.each<[string, unknown, string | undefined]>([
    ['codelocks-netcode', { mode: 'end_date', digits: 6 }, '7'],
    ['codelocks-netcode', undefined, undefined],
    ['master-lock', { keypad: 'directions' }, '256'],
    ['master-lock', undefined, undefined],
    ['resortlock', { model: 'RL4000' }, '1,637'],
    ['igloohome', undefined, '6,926'],
    ['tuya', undefined, undefined],
    ['pintumbler', { digits: 10 }, undefined],
  ])('%s %j: guessed how easily', async (vendor, config, oneIn) => {
    const { call, err } = await created(vendor, config);
    const { out } = await call('token', 'inspect', '--token', 'token');
    const warning = `at the worst moment one guess in ${oneIn} opens a lock of these rules and settings`;
    if (oneIn === undefined) expect(err + out).not.toContain('one guess in');
    else {
      expect(err.split('\n')).toContain(`warning: ${warning}`);
      expect(out.split('\n')).toContain(`warning      ${warning}`);
    }
    const { one_in } = (await call('token', 'inspect', '--token', 'token', '--json')).json();
    expect(one_in).toBe(securityReport(vendorNamed(vendor), { config }).worst.oneIn);
  });
});

describe('the worst settings', () => {
  const SLOT = { prefix: 1, check_in_time: '10:00', check_out_time: '16:00' };
  const modes = ['standard', 'acc', 'urm', 'end_date', '24h'];
  const OF: Readonly<Record<string, readonly object[]>> = {
    pintumbler: [{ digits: 10 }, { stays: Array(2).fill(['00:00', '23:59']) }],
    tuya: [{ base: 3 }, { t0: 0 }],
    'dormakaba-oracode': [{}, { is_biweekly_mode: true }].map((each) => ({
      predefined_time_slots: [{ ...SLOT, ...each }],
    })),
    'codelocks-netcode': modes.flatMap((mode) =>
      [6, 7].map((digits) => ({ mode, digits, ...(mode === 'urm' && { validation: 504 }) })),
    ),
    'master-lock': [{ lock: 'deadbolt' }, { keypad: 'directions' }],
    resortlock: [{ model: 'RL4000' }],
    hotp: [{ window: 50 }, { digits: 8, window: 50 }],
    totp: [{ window: 10 }, { digits: 9, drift: 100 }],
    ocra: ['C-QN08-T1M', 'C-QN08', 'QN08-T1M'].map((data) => ({
      suite: `OCRA-1:HOTP-SHA1-4:${data}`,
      window: data.startsWith('C') ? 50 : 10,
    })),
    openpaygo: [{ extended: true }, { keypad: 'restricted' }],
    nexus: [{ keypad: 'small' }, { keypad: 'small', extended: true }],
  };
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const page = readFileSync(new URL('../SECURITY.md', import.meta.url), 'utf8');

  it.each(builtIn.map((vendor) => [vendor.id, vendor] as const))(
    '%s: in README.md in short, in SECURITY.md in full',
    (id, vendor) => {
      const [usual, ...others] = [undefined, ...(OF[id] ?? [])].map(
        (config) => securityReport(vendor, { config }).worst,
      );
      const worst = others.reduce((most, each) => (each.guess > most.guess ? each : most), usual!);
      const row = readme.split('\n').find((line) => line.startsWith(`| \`${id}\` |`));
      const cell = row?.split('|').at(-3)?.replace(/[*,]/g, '').trim() ?? '';
      const number = (value: number | null): string => (value ?? 0).toLocaleString('en');
      if (worst === usual) expect(cell).toBe('');
      else {
        expect(Number(/^\d+/.exec(cell)?.[0])).toBe(
          Number(worst.oneIn?.toPrecision((worst.oneIn ?? 0) < 1000 ? 3 : 2)),
        );
        const tail = ` | ${number(worst.accepted)} | ${number(worst.oneIn)} |`;
        expect(
          page.split('\n').filter((line) => line.startsWith(`| ${id} |`) && line.endsWith(tail)),
        ).not.toEqual([]);
      }
    },
  );

  it('every other row of the table is true as well', () => {
    const rows: [string, object, string][] = [
      ['codelocks-netcode', { mode: 'end_date', digits: 7 }, '| 133,590 | 74 |'],
      ['codelocks-netcode', { mode: 'urm', digits: 6, validation: 504 }, '| 15,165 | 65 |'],
    ];
    for (const [id, config, tail] of rows) {
      const { accepted, oneIn } = securityReport(vendorNamed(id), { config }).worst;
      expect(`| ${accepted.toLocaleString('en')} | ${oneIn} |`).toBe(tail);
      expect(page).toContain(tail);
    }
    expect(page.match(/^\| [a-z-]+ \| .* \| [\d,]+ \| [\d,]+ \|$/gm)).toHaveLength(11);
  });
});

describe('names and numbers in messages', () => {
  const door = ['--token', 'desk', '--starts-at', '2026-03-01T15:00', '--ends-at', '2026-03-04T11:00'];

  it.each<[string[], string]>([
    [
      ['mint', ...door, '--kind', 'master'],
      '--kind expected one of hourly, daily, stay, stay_2, one_time, clear, set_clock, got "master"',
    ],
    [['mint', ...door, '--kind', 'startsAt'], 'clear, set_clock, got "startsAt"'],
    [['mint', ...door, '--kind', 'clear'], 'kind "clear" takes no --ends-at'],
    [['mint', ...door.slice(0, 4)], '--ends-at expected a date and time'],
    [['mint', ...door, '--variance', 'x'], '--variance expected a whole number, got a string of length 1'],
    [['mint', ...door, '--variance', '0.5'], '--variance expected a whole number, got a string of length 3'],
    [['token', 'derive', '--token', 'desk', '--epoch', 'one'], '--epoch expected a whole number'],
    [['vectors', '--vendor', 'igloohome', '--count', 'ten'], '--count expected a whole number'],
    [['vectors', '--vendor', 'igloohome', '--count', '0'], '--count expected an integer from 1'],
    [['read', '--token', 'desk', '--code', '123456789', '--at', 'now'], '--at expected a date and time'],
    [['token', 'derive', '--token', 'low'], 'in the token, "epoch" expected an integer from 0'],
    [['token', 'inspect', '--token', 'odd'], 'in the token, "grid_offset" expected an integer from 0'],
  ])('%j', async (argv, message) => {
    const { call, disk, text } = await doors();
    const door = JSON.parse(text('desk'));
    disk.set('low', new TextEncoder().encode(JSON.stringify({ ...door, epoch: -1 })));
    disk.set('odd', new TextEncoder().encode(JSON.stringify({ ...door, grid_offset: 99 })));
    const { exit, err } = await call(...argv);
    expect(err).toContain(message);
    expect(err).not.toContain('NaN');
    expect(exit).toBe(3);
  });

  it('what came is never renamed, nor is a property of the settings', () => {
    const flag = (field: string): string => `--${field}`;
    expect(renamed('"kind" expected one of code, got "kind"', flag)).toBe(
      '--kind expected one of code, got "kind"',
    );
    expect(renamed('"config" has an unknown property "startsAt"; known: mode', flag)).toBe(
      '--config has an unknown property "startsAt"; known: mode',
    );
    expect(renamed('no code fits "startsAt" or "kind"', flag)).toBe('no code fits --startsAt or "kind"');
    expect(renamed('"config.mode" expected one of acc', flag)).toBe('"config.mode" expected one of acc');
    expect(renamed('"kind" expected a kind', () => undefined)).toBe('"kind" expected a kind');
  });

  it('mint --devices answers in the names of its lines', async () => {
    const { call, disk, text } = await doors();
    const token = JSON.parse(text('desk'));
    const line = { token, starts_at: '2026-03-01T15:00', ends_at: '2026-03-04T11:00' };
    const bad = [
      { max_time_rounding: '1w' },
      { ends_at: '2026-03-05T17:00' },
      { one_time: true, kind: 'stay' },
      { token: { ...token, device_id: '' } },
    ];
    disk.set(
      'lines',
      new TextEncoder().encode(bad.map((each) => JSON.stringify({ ...line, ...each })).join('\n')),
    );
    const { out } = await call('mint', '--devices', 'lines');
    const messages = out.split('\n').map((each) => JSON.parse(each).error.message);
    expect(messages).toEqual([
      expect.stringMatching(/^"max_time_rounding" expected/),
      expect.stringMatching(/^no code fits "starts_at" and "ends_at"/),
      '"one_time" and kind "stay" contradict each other',
      expect.stringMatching(/^in the token, "device_id" expected/),
    ]);
  });
});

describe('words', () => {
  it('times in words', async () => {
    expect([0, 30, 1200, 3600, 86400, 274800].map(spanText)).toEqual([
      '0 min',
      '30 s',
      '20 min',
      '1 h',
      '1 day',
      '3 days 4 h 20 min',
    ]);
    expect(wrapped('a '.repeat(100).trim(), 10).map((line) => line.length)).toEqual([109, 109]);
    const inspected = async (vendor: string): Promise<string> =>
      (await (await created(vendor)).call('token', 'inspect', '--token', 'token')).out;
    const tuyaLines = await inspected('tuya');
    expect(tuyaLines).toMatch(/dynamic +15 min,/);
    expect(tuyaLines).toMatch(/multiple +0–9999 h,/);
    const algoPin = await inspected('igloohome');
    for (const text of [/hourly +1–672 h,/, /daily +29–367 days,/, /one_time +24 h,/])
      expect(algoPin).toMatch(text);
    expect(await inspected('sentrilock')).toMatch(/one_day +1 day, 08:00 to 00:00/);
    expect(await inspected('sentrilock')).toMatch(/flex +30 min to 31 days in steps of 30 min,/);
    expect(await inspected('ttlock')).toMatch(/permanent +for good,/);
  });

  it('a code of the period was not rounded; an early end has its reason', async () => {
    const rolling = await created('master-lock');
    const asked = await rolling.call('mint', '--token', 'token', '--starts-at', '2026-03-01T15:20');
    expect(asked.err).toMatch(/^temporary from 2026-03-01T12:00:00/);
    expect(asked.err).not.toContain('earlier');
    const floored = await created('ttlock');
    const short = await floored.call(
      ...['mint', '--token', 'token', '--starts-at', '2026-03-01T15:20', '--ends-at', '2026-03-02T18:40'],
    );
    expect(short.err).toContain('ends 40 min EARLIER than asked: this maker rounds so\n');
    const hours = await created('igloohome');
    const acrossOctober = await hours.call(
      ...['mint', '--token', 'token', '--starts-at', '2026-10-01T15:00', '--ends-at', '2026-11-01T15:00'],
    );
    expect(acrossOctober.err).toContain(
      'ends 1 h EARLIER than asked: its lock counts hours, and the clocks change in between\n',
    );
  });

  it('a code that was used up is not "or mistyped"', async () => {
    const { call } = await created('pintumbler');
    const code = (await call('mint', '--token', 'token', '--starts-at', '2026-03-01T15:00', '--one-time'))
      .out;
    const enter = (when: string) =>
      call('verify', '--token', 'token', '--code', code, '--at', when, '--state', 'state');
    expect((await enter('2026-03-01T12:00')).err).toContain('or mistyped');
    expect((await enter('2026-03-01T15:00')).out).toBe('accepted first_use');
    const again = await enter('2026-03-01T15:01');
    expect([again.out, again.err.includes('mistyped')]).toEqual(['refused already_used', false]);
  });
});

/** Keys of the RFCs: 20, 32 and 64 digits. */
const DIGITS_64 = '1234567890'.repeat(7).slice(0, 64);
const hexOf = (text: string): string => Buffer.from(text).toString('hex');
const SHA1_KEY = hexOf(DIGITS_64.slice(0, 20));
const SHA256_KEY = hexOf(DIGITS_64.slice(0, 32));
const SHA512_KEY = hexOf(DIGITS_64);

/** A device of a vendor with a key of its own, its commands, and its lock's file `state`. */
async function device(vendor: string, key: string, config?: object) {
  const made = world({ key: `${key}\n`, config: JSON.stringify(config ?? {}) });
  const create = ['token', 'create', '--vendor', vendor, '--device-id', 'd', '--time-zone', 'UTC'];
  const { exit, out, err } = await made.call(
    ...[...create, '--config', 'config', '--key', 'key', '--key-format', 'hex'],
  );
  expect([exit, err.replace(/^warning: at the worst moment .*$/, '')]).toEqual([0, '']);
  made.disk.set('token', new TextEncoder().encode(out));
  const { call } = made;
  return {
    ...made,
    mint: (...args: string[]) => call('mint', '--token', 'token', ...args),
    code: async (...args: string[]) => (await call('mint', '--token', 'token', ...args)).out,
    read: (...args: string[]) => call('read', '--token', 'token', ...args),
    enter: (code: string, when: string, ...args: string[]) =>
      call('verify', '--token', 'token', '--code', code, '--at', when, '--state', 'state', ...args),
    inspect: (...args: string[]) => call('token', 'inspect', '--token', 'token', ...args),
  };
}

/** RFC 4226, appendix D. */
const HOTP = [
  '755224',
  '287082',
  '359152',
  '969429',
  '338314',
  '254676',
  '287922',
  '162583',
  '399871',
  '520489',
];

describe('HOTP', () => {
  it('mints the values of RFC 4226, by count and by the last one', async () => {
    const { mint } = await device('hotp', SHA1_KEY);
    for (const [count, code] of HOTP.entries()) {
      expect((await mint('--count', `${count}`)).out).toBe(code);
      const next = await mint('--after', `${count - 1}`);
      expect([next.out, next.err]).toEqual([
        code,
        `hotp count ${count}; the next is made with --after ${count}`,
      ]);
    }
    // "=" is needed by other programs, and works as well.
    expect((await mint('--after=-1')).out).toBe(HOTP[0]);
    expect((await mint('--count', '3', '--json')).json()).toEqual({
      code: '969429',
      kind: 'hotp',
      variance: 0,
      lane: null,
      count: 3,
      value: 0,
      starts_at: null,
      ends_at: null,
      first_use_by: null,
      rounded: { starts_at: 0, ends_at: 0 },
      warnings: [],
      vendor: 'hotp',
      codes: 'published',
      device_id: 'd',
      epoch: 0,
      window: null,
    });
  });

  it('a lock takes each once, and comes back into step by two that follow each other', async () => {
    const { enter, code } = await device('hotp', SHA1_KEY);
    const first = await enter(HOTP[2] ?? '', '2026-03-01T12:00');
    expect([first.exit, first.out, first.err]).toEqual([0, 'accepted first_use', 'hotp count 2']);
    expect(first.writes.map(([path]) => path)).toEqual(['state', 'state']);
    const again = await enter(HOTP[2] ?? '', '2026-03-01T12:01');
    expect([again.exit, again.out, again.err]).toEqual([1, 'refused already_used', 'hotp count 2']);
    const [ahead, next] = [await code('--count', '40'), await code('--count', '41')];
    const far = await enter(ahead, '2026-03-01T12:10', '--json');
    expect([far.exit, far.json()]).toEqual([
      1,
      {
        accepted: false,
        opens: false,
        reason: 'out_of_step',
        kind: 'hotp',
        variance: 0,
        count: 40,
        value: 0,
        starts_at: null,
        ends_at: null,
        set_clock: null,
        vendor: 'hotp',
        codes: 'published',
      },
    ]);
    const second = await enter(next, '2026-03-01T12:11', '--json');
    expect([second.exit, second.json()]).toMatchObject([0, { reason: 'first_use', count: 41 }]);
    expect((await enter(ahead, '2026-03-01T12:12')).out).toBe('refused superseded');
    const nothing = await enter('000000', '2026-03-01T12:13', '--json');
    expect(nothing.json()).toMatchObject({ reason: 'unknown', kind: null, count: null, value: null });
  });

  it('the refusal of what is too far off says what to do', async () => {
    const { enter, code } = await device('hotp', SHA1_KEY);
    const { out, err } = await enter(await code('--count', '40'), '2026-03-01T12:10');
    expect(out).toBe('refused out_of_step');
    expect(err).toBe(
      'hotp count 40, or mistyped\nright, but too far off: the code that follows it, entered next, is accepted',
    );
  });

  it('without a state the lock is new: it takes the first counts, as often as they come', async () => {
    const { call, code } = await device('hotp', SHA1_KEY);
    const enter = async (count: number) =>
      (
        await call(
          ...[
            'verify',
            '--token',
            'token',
            '--code',
            await code('--count', `${count}`),
            '--at',
            '2026-03-01T12:00',
          ],
        )
      ).out;
    expect([await enter(9), await enter(9), await enter(10)]).toEqual([
      'accepted first_use',
      'accepted first_use',
      'refused out_of_step',
    ]);
  });

  it('read looks where the lock does, from the last accepted count on', async () => {
    const { read, code } = await device('hotp', SHA1_KEY);
    const found = await read('--code', HOTP[9] ?? '', '--json');
    expect([found.exit, found.json()]).toEqual([
      0,
      {
        kind: 'hotp',
        variance: 0,
        lane: null,
        count: 9,
        value: 0,
        starts_at: null,
        ends_at: null,
        first_use_by: null,
        vendor: 'hotp',
        codes: 'published',
      },
    ]);
    expect(found.err).toBe('or mistyped: some wrong codes mean something');
    const later = await code('--count', '5000');
    expect((await read('--code', later, '--count', '4999')).out).toBe('hotp count 5000');
    expect((await read('--code', later, '--count', '4990')).out).toBe('hotp count 5000');
    const missed = await read('--code', later, '--count', '4989');
    expect([missed.exit, missed.out, missed.err]).toEqual([
      0,
      '',
      'unknown: these digits mean nothing for the counts from 4989 to 4999',
    ]);
    expect((await read('--code', HOTP[0] ?? '', '--count', '-1')).out).toBe('hotp count 0');
    const timed = await read('--code', HOTP[0] ?? '', '--at', '2026-03-01T12:00');
    expect([timed.out, timed.err]).toMatchObject([
      'hotp count 0',
      expect.stringContaining('--at is not looked at'),
    ]);
  });
});

describe('TOTP', () => {
  it.each([
    [SHA1_KEY, 'SHA-1', '94287082'],
    [SHA256_KEY, 'SHA-256', '46119246'],
    [SHA512_KEY, 'SHA-512', '90693936'],
  ])('mints the values of RFC 6238 for the 59th second: %s %s', async (key, hash, code) => {
    const { mint } = await device('totp', key, { digits: 8, hash });
    expect((await mint('--starts-at', '1970-01-01T00:00:59Z')).out).toBe(code);
  });

  it('takes a time, and the lock takes the code once', async () => {
    const { mint, enter, read } = await device('totp', SHA1_KEY);
    const made = await mint('--starts-at', '2026-03-01T15:20:07');
    expect(made.err).toBe(
      'totp from 2026-03-01T15:20:00+00:00 to 2026-03-01T15:20:30+00:00, once; the lock takes it 1 period before and 1 period after as well',
    );
    const json = (await mint('--starts-at', '2026-03-01T15:20:07', '--json')).json();
    expect(json).toMatchObject({
      code: made.out,
      kind: 'totp',
      starts_at: '2026-03-01T15:20:00+00:00',
      ends_at: '2026-03-01T15:20:30+00:00',
      window: 'totp/2026-03-01T15:20:00Z/2026-03-01T15:20:30Z',
    });
    expect(json).not.toHaveProperty('count');
    const seen = await read('--code', made.out, '--at', '2026-03-01T15:20:31', '--json');
    expect(seen.json()).toMatchObject({ kind: 'totp', starts_at: '2026-03-01T15:20:00+00:00' });
    expect((await read('--code', made.out, '--at', '2026-03-01T16:00')).err).toBe(
      'unknown: these digits mean nothing in the periods around that time',
    );
    const first = await enter(made.out, '2026-03-01T15:20:59', '--json');
    expect([first.exit, first.json()]).toMatchObject([0, { accepted: true, reason: 'first_use' }]);
    expect(first.json()).not.toHaveProperty('count');
    expect((await enter(made.out, '2026-03-01T15:21')).out).toBe('refused already_used');
  });

  it('a window of none takes its own period only, and says so', async () => {
    const { mint } = await device('totp', SHA1_KEY, { window: 0 });
    expect((await mint('--starts-at', '2026-03-01T15:20:07')).err).toMatch(/:30\+00:00, once$/);
  });
});

/** RFC 6287: the HMAC, cut as in RFC 4226, over suite, zero, counter, question, PIN hash, session and time. */
function ocraLiteral(key: string, hash: string, suite: string, ...parts: readonly string[]): string {
  const message = Buffer.concat([Buffer.from(`${suite}\0`), Buffer.from(parts.join(''), 'hex')]);
  const hs = createHmac(hash, Buffer.from(key, 'hex')).update(message).digest();
  const number = hs.readUInt32BE((hs.at(-1) ?? 0) & 15) & 0x7fffffff;
  return String(number % 10 ** 8).padStart(8, '0');
}
const question = (digits: string): string => BigInt(digits).toString(16).padEnd(256, '0');
const eight = (value: number): string => value.toString(16).padStart(16, '0');

describe('OCRA', () => {
  it('answers what the lock asked, once; the lock asks in the entry or before it', async () => {
    const suite = 'OCRA-1:HOTP-SHA256-8:QN08';
    const { code, mint, enter, call, read } = await device('ocra', SHA256_KEY);
    const answer = await code('--challenge', '48290137');
    expect(answer).toBe(ocraLiteral(SHA256_KEY, 'sha256', suite, question('48290137')));
    expect((await mint('--challenge', '48290137', '--count', '0')).out).toBe(answer);
    expect((await mint('--challenge', '48290137')).err).toBe('response, answers 48290137');
    const none = await enter(answer, '2026-03-01T16:00');
    expect([none.exit, none.out]).toEqual([1, 'refused not_asked']);
    expect(none.err).toContain('with --challenge it asks');
    // In the entry itself.
    const one = await enter(answer, '2026-03-01T16:01', '--challenge', '48290137', '--json');
    expect([one.exit, one.json()]).toMatchObject([
      0,
      { reason: 'first_use', challenge: '48290137', count: 0 },
    ]);
    expect((await enter(answer, '2026-03-01T16:02')).out).toBe('refused not_asked');
    // Before it.
    const ask = ['verify', '--token', 'token', '--state', 'state', '--at', '2026-03-01T17:00'];
    const asked = await call(...ask, '--challenge', '11112222');
    expect([asked.exit, asked.out, asked.err]).toEqual([
      0,
      'asked 11112222',
      'an answer is accepted before 2026-03-01T17:05:00+00:00',
    ]);
    expect(asked.writes.map(([path]) => path)).toEqual(['state']);
    const other = await code('--challenge', '11112222');
    expect((await enter(other, '2026-03-01T17:05')).out).toBe('refused not_asked');
    const again = await call(...ask, '--challenge', '11112222', '--json');
    expect(again.json()).toEqual({ challenge: '11112222', answer_by: '2026-03-01T17:05:00+00:00' });
    expect((await enter(answer, '2026-03-01T17:01')).out).toBe('refused unknown');
    const right = await enter(other, '2026-03-01T17:04:59');
    expect([right.out, right.err]).toEqual(['accepted first_use', 'response, answers 11112222']);
    const known = await read('--code', other, '--challenge', '11112222', '--json');
    expect(known.json()).toMatchObject({
      kind: 'response',
      count: 0,
      challenge: '11112222',
      starts_at: null,
    });
    expect((await read('--code', other, '--challenge', '11112223')).err).toBe(
      'unknown: these digits mean nothing in answer to that challenge',
    );
  });

  it('with counter and PIN: the values of RFC 6287, appendix C', async () => {
    const pin = createHash('sha1').update('1234').digest('hex');
    const suite = 'OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1';
    const { code, enter, mint } = await device('ocra', SHA256_KEY + pin, { suite });
    const asks = ['--challenge', '12345678'];
    expect(await code('--count', '0', ...asks)).toBe('65347737');
    const next = await mint('--after', '0', ...asks);
    expect([next.out, next.err]).toEqual([
      '86775851',
      'response count 1, answers 12345678; the next is made with --after 1',
    ]);
    expect((await enter('86775851', '2026-03-01T16:00', ...asks)).out).toBe('accepted first_use');
    expect((await enter('65347737', '2026-03-01T16:01', ...asks)).out).toBe('refused superseded');
  });

  it('with time: a moment, and a challenge', async () => {
    const suite = 'OCRA-1:HOTP-SHA512-8:QN08-T1M';
    const { mint, enter, read } = await device('ocra', SHA512_KEY, { suite });
    const request = ['--starts-at', '2008-03-25T12:06:30Z', '--challenge', '00000000'];
    const { code, ...rest } = (await mint(...request, '--json')).json();
    expect(code).toBe('95209754');
    expect(rest).toMatchObject({
      kind: 'response',
      challenge: '00000000',
      starts_at: '2008-03-25T12:06:00+00:00',
      ends_at: '2008-03-25T12:07:00+00:00',
      rounded: { starts_at: 30, ends_at: 0 },
    });
    const at = '2008-03-25T12:06:50Z';
    const found = await read('--code', code, '--at', at, '--challenge', '00000000');
    expect(found.out).toMatch(/^response from 2008-03-25T12:06:00\+00:00 .*, answers 00000000, variance 0/);
    expect((await enter(code, at, '--challenge', '00000000')).out).toBe('accepted first_use');
    expect((await enter(code, at)).out).toBe('refused not_asked');
  });

  it('with counter, session and time: the time step is the value', async () => {
    const suite = 'OCRA-1:HOTP-SHA256-8:C-QN08-S064-T1M';
    const { mint, enter, read } = await device('ocra', SHA256_KEY, { suite });
    const asks = ['--challenge', '12345678', '--session', 'AbCd'];
    const step = at('2026-03-01T16:06:00Z') / 60;
    const { code, ...rest } = (
      await mint('--after', '6', '--starts-at', '2026-03-01T16:06:30', ...asks, '--json')
    ).json();
    expect(code).toBe(
      ocraLiteral(
        SHA256_KEY,
        'sha256',
        suite,
        ...[eight(7), question('12345678'), 'abcd'.padStart(128, '0'), eight(step)],
      ),
    );
    const times = { starts_at: '2026-03-01T16:06:00+00:00', ends_at: '2026-03-01T16:07:00+00:00' };
    const said = { count: 7, value: step, challenge: '12345678', session: 'abcd', ...times };
    expect(rest).toMatchObject({ ...said, first_use_by: times.ends_at });
    const byValue = await mint('--count', '7', '--value', `${step}`, ...asks);
    expect([byValue.out, byValue.err]).toEqual([
      code,
      `response count 7 from ${times.starts_at} to ${times.ends_at}, answers 12345678; the next is made with --after 7`,
    ]);
    const near = ['--code', code, '--at', '2026-03-01T16:06:50', '--count', '5', ...asks];
    expect((await read(...near, '--json')).json()).toMatchObject(said);
    expect((await read('--code', code, '--at', '2026-03-01T17:00', '--count', '5', ...asks)).err).toBe(
      'unknown: these digits mean nothing for the counts from 5 to 15 and within 1 min of that time',
    );
    const entry = await enter(code, '2026-03-01T16:06:50', ...asks, '--json');
    expect([entry.exit, entry.json()]).toMatchObject([0, { reason: 'first_use', ...said }]);
    // What was asked is in the file, and comes back from it.
    expect((await enter(code, '2026-03-01T16:06:55')).out).toBe('refused not_asked');
  });
});

const PAYGO_KEY = 'bc41ec9530f6dac86b1a29ab82edc5fb';

describe('OpenPAYGO', () => {
  it('tokens in any order, each once; what they carry comes with the answer', async () => {
    const { code, mint, enter } = await device('openpaygo', PAYGO_KEY);
    const key = hex(PAYGO_KEY);
    const add = await mint('--after', '1', '--kind', 'add', '--value', '7');
    expect([add.out, add.err]).toEqual([
      tokenLiteral(key, startLiteral(key), 2, 7),
      'add count 2, value 7; the next is made with --after 2',
    ]);
    const more = await code('--after', '2', '--kind', 'add', '--value', '30');
    const later = await enter(more, '2026-03-01T12:00', '--json');
    expect([later.exit, later.json()]).toMatchObject([
      0,
      { accepted: true, opens: false, reason: 'credited', kind: 'add', count: 4, value: 30, starts_at: null },
    ]);
    const first = await enter(add.out, '2026-03-01T12:01');
    expect([first.out, first.err]).toEqual(['accepted credited', 'add count 2, value 7']);
    expect((await enter(add.out, '2026-03-01T12:02')).out).toBe('refused already_used');
    expect((await enter(more, '2026-03-01T13:02')).out).toBe('refused already_used');
    const set = await code('--after', '4', '--kind', 'set', '--value', '0');
    expect(set).toBe(tokenLiteral(key, startLiteral(key), 5, 0));
    expect((await enter(set, '2026-03-01T15:02')).out).toBe('accepted credited');
    // A sync and a disable carry what they are.
    const sync = (await mint('--count', '3', '--kind', 'sync', '--json')).json();
    expect(sync).toMatchObject({ count: 3, value: 999, code: tokenLiteral(key, startLiteral(key), 3, 999) });
    expect((await enter(sync.code, '2026-03-01T15:03')).out).toBe('accepted synced');
    expect((await mint('--count', '9', '--kind', 'disable')).err).toMatch(/^disable count 9;/);
  });

  it('read says count and value, around the count of a new lock or another', async () => {
    const { code, read } = await device('openpaygo', PAYGO_KEY, { count: 100 });
    const near = await code('--count', '160', '--kind', 'add', '--value', '12');
    expect((await read('--code', near)).out).toBe('add count 160, value 12');
    expect((await read('--code', near, '--count', '0')).out).toBe('');
    expect((await read('--code', near, '--count', '150', '--json')).json()).toMatchObject({
      kind: 'add',
      count: 160,
      value: 12,
      starts_at: null,
    });
  });

  const published = new URL('../../shared/vectors/openpaygo.json', import.meta.url);
  it.skipIf(!existsSync(published))('the published tokens', async () => {
    const { testGroups } = JSON.parse(readFileSync(published, 'utf8'));
    const kinds: Readonly<Record<string, string>> = { ADD_TIME: 'add', SET_TIME: 'set' };
    let compared = 0;
    for (const group of testGroups) {
      if (group.type !== 'OpenPaygoEncodeTest') continue;
      const keypad = group.restrictedDigitSet ? 'restricted' : 'digits';
      const { code } = await device('openpaygo', group.key, {
        start: group.startingCode,
        extended: group.extended,
        keypad,
      });
      for (const { tokenType, lastCount, value, token } of group.tests) {
        const kind = kinds[tokenType];
        if (kind === undefined) continue;
        const made = ['--after', `${lastCount}`, '--kind', kind, '--value', `${value}`];
        expect(await code(...made)).toBe(token);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(20);
  });
});

describe('Nexus', () => {
  const KEY = 'deadbeefdeadbeefdeadbeefdeadbeef';

  it('keycodes of a full keypad: each id once, what sets ends what is below', async () => {
    const { mint, code, enter } = await device('nexus', KEY);
    const add = await mint('--after', '41', '--kind', 'add', '--value', '168');
    expect([add.out, add.err]).toEqual([
      fullLiteral(hex(KEY), 42, 0, 168),
      'add count 42, value 168; the next is made with --after 42',
    ]);
    expect((await enter(add.out, '2026-03-01T12:00')).out).toBe('accepted credited');
    expect((await enter(add.out, '2026-03-01T12:01')).out).toBe('refused already_used');
    const below = await code('--count', '30', '--kind', 'add', '--value', '1');
    const set = await code('--count', '43', '--kind', 'set', '--value', '24');
    expect((await enter(set, '2026-03-01T12:02')).out).toBe('accepted credited');
    expect((await enter(below, '2026-03-01T12:03', '--json')).json()).toMatchObject({
      reason: 'superseded',
      kind: 'add',
      count: 30,
      value: 1,
    });
    const unlocked = await code('--after', '43', '--kind', 'unlock');
    expect(unlocked).toBe(fullLiteral(hex(KEY), 44, 1, 99_999));
  });

  it('of a small keypad: an id whose digits another has is passed over, or refused by its count', async () => {
    const { mint } = await device('nexus', KEY, { keypad: 'small', extended: true });
    const made: number[] = [];
    for (let after = -1; after < 60; after = made.at(-1) ?? 60) {
      const { count, code } = (
        await mint('--after', `${after}`, '--kind', 'set_wipe', '--value', '30', '--json')
      ).json();
      expect(code).toMatch(/^1[2-5]{14}$/);
      made.push(count);
    }
    for (let count = 0; count < (made.at(-1) ?? 0); count++) {
      const { exit, err } = await mint('--count', `${count}`, '--kind', 'set_wipe', '--value', '30');
      expect([exit, err.includes('code_ambiguous')]).toEqual(made.includes(count) ? [0, false] : [3, true]);
    }
  });
});

describe('flags of codes that count or answer', () => {
  const DEVICES: Readonly<Record<string, readonly [vendor: string, key: string, config?: object]>> = {
    hotp: ['hotp', SHA1_KEY],
    totp: ['totp', SHA1_KEY],
    ocra: ['ocra', SHA256_KEY],
    counted: ['ocra', SHA256_KEY, { suite: 'OCRA-1:HOTP-SHA256-8:C-QN08' }],
    timed: ['ocra', SHA256_KEY, { suite: 'OCRA-1:HOTP-SHA256-8:QN08-S004-T1M' }],
    both: ['ocra', SHA256_KEY, { suite: 'OCRA-1:HOTP-SHA256-8:C-QN08-T1M' }],
    paygo: ['openpaygo', PAYGO_KEY],
  };
  const starts = ['--starts-at', '2026-03-01T15:00'];
  const asks = ['--challenge', '12345678'];
  const next = ['--after', '3'];

  it.each<[string, 2 | 3, string, string[]]>([
    // Which code: one of the two must be said.
    ['hotp', 2, '--count is missing, or --after with the last count, -1 for none', []],
    ['hotp', 2, '--count and --after exclude each other', ['--count', '4', ...next]],
    ['hotp', 3, '--count expected a whole number, got a string of length 3', ['--count', 'ten']],
    ['hotp', 3, '--count expected an integer from 0', ['--count', '-1']],
    ['hotp', 3, '--count expected a whole number', ['--count', '-2']],
    ['hotp', 3, '--count expected a whole number', ['--count', '1.5']],
    ['hotp', 3, '--count expected an integer from 0', ['--count', '9007199254740992']],
    ['hotp', 3, '--after expected a whole number', ['--after', '-0']],
    ['hotp', 3, '--after expected an integer from -1', ['--after', '9007199254740993']],
    [
      'paygo',
      3,
      '--count expected an integer from 0 to 65535',
      ['--count', '65536', '--kind', 'add', '--value', '1'],
    ],
    [
      'paygo',
      3,
      '--count of "add" expected one that leaves 0',
      ['--count', '3', '--kind', 'add', '--value', '1'],
    ],
    // What it carries.
    ['paygo', 2, '--kind is missing: one of add, set, disable, sync', next],
    ['paygo', 2, '--value is missing: "add" carries one', [...next, '--kind', 'add']],
    ['paygo', 3, '--value expected one that "add" can carry', [...next, '--kind', 'add', '--value', '996']],
    ['paygo', 3, '--value expected one that "sync" can carry', [...next, '--kind', 'sync', '--value', '998']],
    [
      'paygo',
      3,
      '--kind expected one of add, set, disable, sync',
      [...next, '--kind', 'extend', '--value', '1'],
    ],
    ['hotp', 3, '--value expected one that "hotp" can carry', [...next, '--value', '1']],
    ['hotp', 3, '--variance', [...next, '--variance', '1']],
    // Times are for codes of times.
    ['hotp', 2, '--starts-at expected none: codes of "hotp" are for counts', [...next, ...starts]],
    ['hotp', 2, '--ends-at expected none', [...next, '--ends-at', '2026-03-01T15:00']],
    ['hotp', 2, '--one-time expected none', [...next, '--one-time']],
    ['hotp', 2, '--max-time-rounding expected none', [...next, '--max-time-rounding', '1h']],
    ['hotp', 2, '--disambiguation expected none', [...next, '--disambiguation', 'later']],
    ['hotp', 2, '--issued-at expected none', [...next, '--issued-at', '2026-03-01T15:00']],
    ['hotp', 2, '--lane expected none', [...next, '--lane', '1']],
    ['totp', 2, '--count expected none: codes of "totp" are for times', [...starts, '--count', '1']],
    ['totp', 2, '--after expected none', [...starts, ...next]],
    ['totp', 2, '--value expected none', [...starts, '--value', '0']],
    ['totp', 2, '--starts-at is missing', []],
    ['totp', 3, '--starts-at expected a date and time', ['--starts-at', '1772377200']],
    // Challenges are for codes that answer.
    ['hotp', 2, '--challenge expected none: codes of "hotp" answer nothing', [...next, ...asks]],
    ['totp', 2, '--challenge expected none', [...starts, ...asks]],
    ['totp', 2, '--session expected none', [...starts, '--session', '00']],
    ['ocra', 2, '--challenge is missing: codes of "ocra" answer one', []],
    ['ocra', 2, '--challenge is missing', ['--session', '00']],
    ['ocra', 2, '--after expected none: these answers have no count', [...asks, ...next]],
    ['ocra', 3, '--count expected an integer from 0 to 0', [...asks, '--count', '1']],
    ['ocra', 3, '--challenge expected digits, got a string of length 8', ['--challenge', '1234567x']],
    ['ocra', 3, '--challenge expected 8 symbols, got a string of length 9', ['--challenge', '123456789']],
    ['ocra', 3, '--session expected none: the suite does not name it', [...asks, '--session', '00']],
    ['ocra', 2, '--starts-at expected none', [...asks, ...starts]],
    ['counted', 2, '--count is missing', asks],
    ['timed', 2, '--starts-at is missing', [...asks, '--session', '00']],
    ['timed', 3, '--session is missing: the suite names it', [...asks, ...starts]],
    ['timed', 3, '--session expected bytes as hex', [...asks, ...starts, '--session', 'xyz']],
    ['timed', 3, '--session expected 1 to 4 bytes, got 5', [...asks, ...starts, '--session', '0011223344']],
    [
      'both',
      2,
      '--starts-at is missing: codes of "ocra" with these settings say the time too',
      [...asks, ...next],
    ],
    ['both', 2, '--starts-at and --value exclude each other', [...asks, ...next, ...starts, '--value', '5']],
    ['both', 3, '--disambiguation expected', [...asks, ...next, ...starts, '--disambiguation', 'sooner']],
  ])('mint, %s: exit %i, %s', async (name, exit, message, args) => {
    const { mint } = await device(...(DEVICES[name] ?? ['hotp', SHA1_KEY]));
    const result = await mint(...args);
    expect(result.err).toContain(message);
    expect([result.exit, result.out]).toEqual([exit, '']);
  });

  it.each<[string, 2 | 3, string, string[]]>([
    ['hotp', 3, '--count expected a whole number', ['--count', 'x']],
    ['hotp', 3, '--code expected 6 digits', ['--count', '1', '--code', '12345']],
    ['hotp', 3, '--at expected a date and time', ['--at', 'now']],
    ['hotp', 2, '--challenge expected none', asks],
    ['totp', 2, '--at is missing', []],
    ['totp', 2, '--count expected none', ['--at', '2026-03-01T15:00', '--count', '1']],
    ['ocra', 2, '--challenge is missing', []],
    ['ocra', 3, '--challenge expected digits', ['--challenge', '1234567x', '--code', '12345678']],
    ['ocra', 3, '--challenge expected 8 symbols', ['--challenge', '1234567', '--code', '12345678']],
    ['both', 2, '--at is missing', asks],
    ['timed', 2, '--at is missing', asks],
  ])('read, %s: exit %i, %s', async (name, exit, message, args) => {
    const { read } = await device(...(DEVICES[name] ?? ['hotp', SHA1_KEY]));
    const result = await read(...(args.includes('--code') ? [] : ['--code', '123456']), ...args);
    expect(result.err).toContain(message);
    expect([result.exit, result.out]).toEqual([exit, '']);
  });

  it.each<[string, 2 | 3, string, string[]]>([
    ['hotp', 2, 'needs --code; to ask only, --challenge and --state', []],
    ['hotp', 2, 'needs --code', ['--state', 'state']],
    ['ocra', 2, 'needs --code', asks],
    ['hotp', 2, '--challenge expected none', ['--code', '123456', ...asks]],
    ['ocra', 2, '--challenge is missing', ['--code', '12345678', '--session', '00']],
    ['ocra', 3, '--challenge expected digits', ['--code', '12345678', '--challenge', '1234567x']],
    ['ocra', 3, '--challenge expected digits', ['--state', 'state', '--challenge', '1234567x']],
    ['ocra', 3, '--session expected none', ['--state', 'state', ...asks, '--session', '00']],
  ])('verify, %s: exit %i, %s', async (name, exit, message, args) => {
    const { call, disk } = await device(...(DEVICES[name] ?? ['hotp', SHA1_KEY]));
    const result = await call('verify', '--token', 'token', '--at', '2026-03-01T15:00', ...args);
    expect(result.err).toContain(message);
    expect([result.exit, result.out, result.writes, disk.has('state')]).toEqual([exit, '', [], false]);
  });

  it('vendors of times refuse them all', async () => {
    const { call } = await doors();
    const mint = ['mint', '--token', 'desk', '--starts-at', '2026-03-01T15:00', '--one-time'];
    for (const flag of ['--count', '--after', '--value', '--challenge', '--session']) {
      const { exit, out, err } = await call(...mint, flag, '12');
      expect([exit, out]).toEqual([2, '']);
      expect(err).toContain(`${flag} expected none: codes of "pintumbler" `);
    }
  });

  it('lines have them by the same names', async () => {
    const { call, disk, text } = await device('openpaygo', PAYGO_KEY);
    const token = JSON.parse(text('token'));
    const answers = await device('ocra', SHA256_KEY);
    const lines = [
      { id: 1, token, after: 1, kind: 'add', value: 7 },
      { id: 2, token, count: 2, kind: 'add', value: 7, one_time: false },
      { id: 3, token: JSON.parse(answers.text('token')), challenge: '48290137' },
      { id: 4, token, kind: 'add', value: 7 },
      { id: 5, token, count: 2, after: 1, kind: 'add', value: 7 },
      { id: 6, token, count: '2', kind: 'add', value: 7 },
      { id: 7, token, count: 2, kind: 'add', value: 0.5 },
      { id: 8, token, count: 2, kind: 'add', value: 7, starts_at: '2026-03-01T15:00' },
      { id: 9, token, count: -1, kind: 'add', value: 7 },
      { id: 10, token: JSON.parse(answers.text('token')), challenge: 48290137 },
      { id: 11, token: JSON.parse(answers.text('token')), challenge: '4829013x' },
      { id: 12, token, count: 2, kind: 'add', value: 7, lane: '1' },
    ];
    disk.set('lines', new TextEncoder().encode(lines.map((line) => JSON.stringify(line)).join('\n')));
    const { exit, out } = await call('mint', '--devices', 'lines');
    expect(exit).toBe(3);
    const [first, second, third, ...bad] = out.split('\n').map((line) => JSON.parse(line));
    expect([first, second]).toMatchObject([
      { id: 1, count: 2, value: 7 },
      { id: 2, code: first.code },
    ]);
    expect(third).toMatchObject({ count: 0, challenge: '48290137' });
    expect(bad.map(({ id, error }) => [id, error.code, error.message])).toEqual([
      [4, 'bad_argument', '"count" is missing, or "after" with the last count, -1 for none'],
      [5, 'bad_argument', '"count" and "after" exclude each other'],
      [6, 'bad_argument', expect.stringMatching(/^"count" expected an integer .* got a string of length 1$/)],
      [7, 'bad_argument', expect.stringMatching(/^"value" expected an integer .* got 0.5$/)],
      [8, 'bad_argument', '"starts_at" expected none: codes of "openpaygo" are for counts'],
      [9, 'out_of_range', expect.stringMatching(/^"count" expected an integer from 0/)],
      [10, 'bad_argument', '"challenge" expected a string, got number'],
      [11, 'bad_argument', '"challenge" expected digits, got a string of length 8'],
      [12, 'bad_argument', '"lane" expected none: codes of "openpaygo" are for counts'],
    ]);
  });
});

describe('keys as text', () => {
  const create = [
    'token',
    'create',
    '--vendor',
    'hotp',
    '--device-id',
    'd',
    '--time-zone',
    'UTC',
    '--key',
    'key',
  ];
  const made = async (file: string | Uint8Array, ...args: string[]) => {
    const { call } = world({ key: file });
    const { exit, out, err } = await call(...create, ...args);
    return { exit, out, err, key: exit === 0 ? JSON.parse(out).key : undefined };
  };

  it('hex and base32 are what they say, in groups, in small letters, with a newline', async () => {
    const key = Buffer.from(SHA1_KEY, 'hex').toString('base64url');
    const text = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const grouped = text.toLowerCase().replace(/(.{4})/g, '$1 ');
    for (const [file, format] of [
      [SHA1_KEY, 'hex'],
      [`${SHA1_KEY.toUpperCase()}\r\n`, 'hex'],
      [`${text}\n`, 'base32'],
      [grouped, 'base32'],
    ] as const) {
      const { err, key: got } = await made(file, '--key-format', format);
      expect([err, got]).toEqual(['', key]);
    }
    expect((await made(DIGITS_64.slice(0, 20), '--key-format', 'raw')).key).toBe(key);
  });

  it('base32: the vectors of RFC 4648, section 10, with padding and without', () => {
    const vectors = {
      MY: 'f',
      MZXQ: 'fo',
      MZXW6: 'foo',
      MZXW6YQ: 'foob',
      MZXW6YTB: 'fooba',
      MZXW6YTBOI: 'foobar',
    };
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    for (const [text, plain] of Object.entries(vectors)) {
      const padded = text.padEnd(8 * Math.ceil(text.length / 8), '=');
      for (const each of [text, padded])
        expect(Buffer.from(keyIn(bytes(each), 'base32', false)).toString()).toBe(plain);
      // One symbol less or more, a stray bit, padding that does not fit.
      for (const bad of [`${text}=`, `${padded}=`, `${padded}========`, `${text}1`, `=${text}`, ''])
        if (bad !== padded) expect(() => keyIn(bytes(bad), 'base32', false), bad).toThrow(/not base32/);
    }
    // Half a byte is no byte, be it zeros.
    for (const bad of ['M', 'A', 'MYA', 'MZX', 'MZXW6Y', 'MZXW6A', 'MZ', 'MZXW6YR'])
      expect(() => keyIn(bytes(bad), 'base32', false), bad).toThrow(/not base32/);
  });

  it.each([
    ['half a pair', SHA1_KEY.slice(1), 'hex', 3],
    ['a letter too far', SHA1_KEY.replace('3', 'g'), 'hex', 3],
    ['0x before it', `0x${SHA1_KEY}`, 'hex', 3],
    ['nothing', '\n', 'hex', 3],
    ['nothing', '', 'base32', 3],
    ['a digit that base32 has not', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1', 'base32', 3],
    ['an otpauth address', 'otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', 'base32', 3],
    ['too short', 'GEZDGNBVGY3TQOJQ', 'base32', 3],
    ['no such form', SHA1_KEY, 'base64', 2],
    ['no such form', SHA1_KEY, 'HEX', 2],
  ])('%s, %s as %s: exit %i, and never shown', async (_, file, format, exit) => {
    const result = await made(file, '--key-format', format);
    expect([result.exit, result.out]).toEqual([exit, '']);
    expect(result.err).toMatch(
      /the key is not (hex|base32) text|the whole address of a QR code|--key expected at least 16 bytes, got 10|--key-format takes/,
    );
    if (file.trim() !== '') expect(result.err).not.toContain(file.trim().slice(0, 8));
  });

  it('text that is taken for bytes is a key, and worth a warning', async () => {
    const warning =
      'warning: the key looks like text and was taken byte for byte; see --key-format hex and base32';
    for (const file of [`${SHA1_KEY}\n`, 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'])
      expect(await made(file)).toMatchObject({
        exit: 0,
        err: warning,
        key: Buffer.from(file).toString('base64url'),
      });
    expect((await made(Uint8Array.from({ length: 20 }, (_, i) => 7 * i))).err).toBe('');
  });

  it('--key-format needs --key', async () => {
    const { call } = world();
    const { exit, err } = await call(...create.slice(0, -2), '--key-format', 'hex');
    expect([exit, err]).toEqual([2, expect.stringContaining('--key-format needs --key')]);
  });

  it.each<[string, object | undefined, number]>([
    ['hotp', undefined, 20],
    ['hotp', { hash: 'SHA-256' }, 32],
    ['totp', { hash: 'SHA-512' }, 64],
    ['ocra', undefined, 32],
    ['ocra', { suite: 'OCRA-1:HOTP-SHA1-6:QN08' }, 20],
    ['ocra', { suite: 'OCRA-1:HOTP-SHA1-6:QN08-PSHA256' }, 52],
    ['ocra', { suite: 'OCRA-1:HOTP-SHA512-6:C-QN08-PSHA1' }, 84],
    ['openpaygo', undefined, 16],
    ['openpaygo', { extended: true, keypad: 'restricted' }, 16],
    ['nexus', { keypad: 'small' }, 16],
    ['tuya', undefined, 6],
  ])('one that is made up, %s %j: %i bytes, and a warning', async (vendor, config, length) => {
    const { call } = world({ config: JSON.stringify(config ?? {}) });
    const { exit, out, err } = await call(
      ...[
        'token',
        'create',
        '--vendor',
        vendor,
        '--device-id',
        'd',
        '--time-zone',
        'UTC',
        '--config',
        'config',
      ],
    );
    expect([exit, Buffer.from(JSON.parse(out).key, 'base64url').length]).toEqual([0, length]);
    expect(err).toContain('the key was made up and opens no real device');
  });

  it('a key that the suite has no room for is refused at once', async () => {
    const { call } = world({ key: SHA1_KEY, config: '{"suite":"OCRA-1:HOTP-SHA1-6:QN08-PSHA1"}' });
    const { exit, out, err } = await call(
      ...[
        'token',
        'create',
        '--vendor',
        'ocra',
        '--device-id',
        'd',
        '--time-zone',
        'UTC',
        '--config',
        'config',
      ],
      ...['--key', 'key', '--key-format', 'hex'],
    );
    expect([exit, out, err]).toEqual([
      3,
      '',
      expect.stringContaining('--key expected at least 36 bytes, got 20'),
    ]);
  });
});

describe('the layout of codes that count', () => {
  it('is enough to compute every code elsewhere: HOTP and TOTP', async () => {
    for (const [vendor, config, key] of [
      ['hotp', { hash: 'SHA-256', digits: 8 }, SHA256_KEY],
      ['totp', { digits: 7, period: 45, t0: 1000 }, SHA1_KEY],
    ] as const) {
      const { inspect, mint } = await device(vendor, key, config);
      const { scheme, layout } = (await inspect('--json')).json();
      const [, hash = ''] = /^hotp-(sha\d+)\/1$/.exec(scheme) ?? [];
      const moment = at('2026-03-01T15:20:07Z');
      const count = layout.counts
        ? 4_300_000_000
        : Math.floor((moment - layout.origin) / layout.grid_seconds);
      const hs = createHmac(hash, Buffer.from(key, 'hex'))
        .update(Buffer.from(eight(count), 'hex'))
        .digest();
      const number = hs.readUInt32BE((hs.at(-1) ?? 0) & 15) & 0x7fffffff;
      const code = String(number % 10 ** layout.digits).padStart(layout.digits, '0');
      const args = layout.counts ? ['--count', `${count}`] : ['--starts-at', '2026-03-01T15:20:07Z'];
      expect((await mint(...args)).out).toBe(code);
    }
  });

  it('JSON has axis, values, what the lock accepts, the counts of a new one, bias and tags', async () => {
    const paygo = (await (await device('openpaygo', PAYGO_KEY, { count: 5 })).inspect('--json')).json();
    expect(paygo.scheme).toBe('openpaygo/1');
    expect(paygo.lock).toMatchObject({ records: 0, throttle: { by: 'lockout', wrong: 1 } });
    const { kinds, ...layout } = paygo.layout;
    expect(layout).toEqual({
      id: 'openpaygo/1',
      digits: 9,
      codes: 10 ** 9,
      grid_seconds: 1,
      slots: 65_536,
      counts: { last: 5, floor: 5 },
      bias: (2e9 / 2 ** 30) * (82 / 71.826),
      s: 1994,
    });
    expect(kinds[0]).toEqual({
      kind: 'add',
      lengths: { from: 0, to: 995, step: 1 },
      unit: 'value',
      variances: 1,
      every: 2,
      rest: 0,
      accepts: [-16, 64],
      effect: 'credit',
    });
    expect(kinds[3]).toEqual({
      kind: 'sync',
      lengths: [999],
      unit: 'value',
      variances: 1,
      every: 2,
      rest: 1,
      accepts: [-63, 100],
      effect: 'sync',
      seals: true,
    });
    const nexus = await device('nexus', PAYGO_KEY, { keypad: 'small', extended: true });
    expect((await nexus.inspect('--json')).json().layout).toMatchObject({
      alphabet: '12345',
      tags: 4096,
      counts: { last: 23, floor: -1 },
      kinds: expect.arrayContaining([expect.objectContaining({ kind: 'set_wipe', alike: 16 })]),
    });
    const suite = 'OCRA-1:HOTP-SHA256-8:C-QA10-S008-T30S';
    const ocra = (await (await device('ocra', SHA256_KEY, { suite })).inspect('--json')).json();
    expect(ocra).toMatchObject({
      suite,
      layout: {
        grid_seconds: 30,
        counts: { last: -1, floor: -1, timed: true },
        kinds: [{ kind: 'response', asks: 300, accepts: [1, 10], every: 1, rest: 0 }],
      },
      lock: { resync: 100 },
    });
    // The suite is said also where the settings do not.
    const plain = (await (await device('ocra', SHA256_KEY)).inspect('--json')).json();
    expect(plain.suite).toBe('OCRA-1:HOTP-SHA256-8:QN08');
    const { call } = await doors();
    expect(JSON.stringify((await call('token', 'inspect', '--token', 'desk', '--json')).json())).not.toMatch(
      /counts|"every"|accepts|bias|tags|suite/,
    );
  });

  it('text says it in words, in lines that fit, and never the key', async () => {
    const shown = async (vendor: string, key: string, config?: object): Promise<string[]> => {
      const { out } = await (await device(vendor, key, config)).inspect();
      expect(out).not.toContain(Buffer.from(key, 'hex').toString('base64url'));
      for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(120);
      return out.split('\n');
    };
    expect(await shown('hotp', SHA1_KEY, { digits: 9 })).toEqual(
      expect.arrayContaining([
        'layout       hotp-9-sha1/1: 9 digits, for counts from 0',
        '             a new lock has taken none',
        '             the likeliest code is 1.4 times as likely as the average',
        '  hotp       every count, 1 to 10 above the last, ends all below it',
      ]),
    );
    expect(await shown('totp', SHA1_KEY)).toEqual(
      expect.arrayContaining([
        'layout       totp-6-sha1-30-0/1: 6 digits, 30 s a slot, S = 1',
        '  totp       30 s, 1 before to 1 after the present period, ends all before it',
      ]),
    );
    const ocra = await shown('ocra', SHA256_KEY);
    expect(ocra).toEqual(
      expect.arrayContaining([
        'suite        OCRA-1:HOTP-SHA256-8:QN08',
        'layout       ocra-hotp-sha256-8-qn08/1: 8 digits, for no count and no time',
        '  response   answers what the lock asks, for 5 min',
      ]),
    );
    expect(ocra.join()).not.toContain('likeliest');
    expect(await shown('openpaygo', PAYGO_KEY)).toEqual(
      expect.arrayContaining([
        'layout       openpaygo/1: 9 digits, for counts from 2 to 65535',
        '             a new lock takes 1 for the last',
        '  add        values 0–995, even counts, 16 below to 64 above the last',
        '  disable    value 998, odd counts, 1 to 64 above the last, ends all below it',
      ]),
    );
    const small = (await shown('nexus', PAYGO_KEY, { keypad: 'small' })).join('\n');
    expect(small).toContain('nexus-small/1: 15 of the keys 12345, for counts from 0 to 65534');
    expect(small).toContain('whoever knows how they are written has 4,096 to guess from');
    expect(small).toContain(
      '  add        values 1–180, 183–405 in steps of 3, every count, 23 below to 40 above the last',
    );
    expect(small).toMatch(
      /set +values 1–90, 92–180 in steps of 2, 184–360 in steps of 4, 368–720 in steps of 8, 736–960 in steps\n {13}of 16,/,
    );
    const both = await shown('ocra', SHA256_KEY, { suite: 'OCRA-1:HOTP-SHA256-8:C-QN08-T1M' });
    expect(both.join('\n')).toContain('for counts from 0 and time steps of 60 s');
  });

  it('values in words: runs of three and more', () => {
    for (const [of, words] of [
      [[7], '7'],
      [[0, 7], '0, 7'],
      [[1, 2, 3], '1–3'],
      [[1, 5, 6, 7, 9, 11, 13, 20], '1, 5–7, 9–13 in steps of 2, 20'],
      [{ from: 0, to: 995, step: 1 }, '0–995'],
      [{ from: 10, to: 30, step: 5 }, '10–30 in steps of 5'],
    ] as const)
      expect(valuesText(of)).toBe(words);
  });

  it('vendors and security have their rows', async () => {
    const { call } = world();
    const vendors = (await call('vendors', '--json')).out.split('\n').map((line) => JSON.parse(line));
    expect(vendors.filter(({ by }) => by === 'count').map(({ id }) => id)).toEqual([
      'hotp',
      'ocra',
      'openpaygo',
      'nexus',
    ]);
    expect(vendors.find(({ id }) => id === 'nexus')).toMatchObject({
      tags: 1_000_000,
      settings: ['keypad', 'extended'],
    });
    for (const vendor of ['hotp', 'totp', 'ocra', 'openpaygo', 'nexus', 'pintumbler']) {
      const row = (await call('security', '--vendor', vendor, '--json')).json();
      const { bias, guess, possible, accepted, oneIn } = securityReport(vendorNamed(vendor)).worst;
      expect(row).toMatchObject({ vendor, bias, guess, possible, accepted, one_in: oneIn });
      expect(row.guess).toBeCloseTo((row.accepted / row.possible) * row.bias, 12);
    }
    expect((await call('security', '--vendor', 'openpaygo')).out).toMatch(
      /openpaygo +published +openpaygo\/1 +9 +71,826/,
    );
  });
});

describe('help', () => {
  it('teaches by example, and its examples are commands that exist', async () => {
    const { call } = await doors();
    for (const argv of [
      ['--help'],
      ['-h'],
      [],
      ['help'],
      ['token', '--help'],
      ['mint', '--help'],
      ['help', 'mint'],
      ['token', 'create', '-h'],
      ['verify', '-h'],
      ['read', '-h'],
      ['vendors', '-h'],
      ['vectors', '-h'],
      ['serve', '-h'],
      ['devices', '-h'],
      ['devices', 'add', '-h'],
      ['devices', 'list', '-h'],
      ['devices', 'remove', '-h'],
    ]) {
      const { exit, out, err } = await call(...argv);
      expect([exit, err]).toEqual([0, '']);
      const examples = out.split('\n').filter((line) => line.startsWith('  pintumbler '));
      expect(examples.length, argv.join(' ')).toBeGreaterThan(argv.join().includes('vendors') ? -1 : 0);
      for (const line of examples) {
        const words = line.trim().split(/\s+/).slice(1);
        const command =
          words
            .slice(
              0,
              words.findIndex((word) => !/^[a-z]+$/.test(word)),
            )
            .join(' ') || words.join(' ');
        expect([
          'token create',
          'token derive',
          'token inspect',
          'mint',
          'verify',
          'read',
          'vendors',
          'vectors',
          'serve',
          'devices add',
          'devices list',
          'devices remove',
          'demo',
        ]).toContain(command);
      }
    }
    expect((await call('--version')).out).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('is on what was asked for, and there is none on what does not exist', async () => {
    const { call } = await doors();
    const page = (await call('token', 'create', '--help')).out;
    expect(page).toMatch(/^pintumbler token create --vendor/);
    expect(page).toMatch(/Tuya has no root/);
    expect((await call('help', 'token', 'create')).out).toBe(page);
    expect((await call('help', 'token')).out).toBe((await call('token', '-h')).out);
    for (const argv of [
      ['nonsense', '--help'],
      ['token', 'nonsense', '-h'],
      ['help', 'nonsense'],
      ['help', 'token', 'nonsense'],
    ]) {
      const { exit, out, err } = await call(...argv);
      expect([exit, out]).toEqual([2, '']);
      expect(err).toContain('no such command');
      expect(err).not.toContain('nonsense');
    }
    const minting = (await call('help', 'mint')).out;
    for (const field of ['--kind', '--lane', '--one-time', 'starts_at', 'ends_at', 'one_time', 'issued_at'])
      expect(minting, field).toMatch(new RegExp(`\\b${field}\\b|${field} `));
  });

  it('has the settings of every vendor, and they are true', async () => {
    const { call } = await doors();
    const page = (await call('help', 'vendors')).out;
    expect((await call('vendors', '--help')).out).toBe(page);
    for (const vendor of builtIn) {
      const { example = '{}', fields = [] } = SETTINGS[vendor.id] ?? {};
      const config: object = JSON.parse(example);
      trialToken(vendor, { config });
      if (example === '{}') {
        expect(() => trialToken(vendor, { config: { mode: 1 } }), vendor.id).toThrow(/known: $/);
        expect(page).toMatch(new RegExp(`${vendor.id}\\b.* have none|${vendor.id},`));
        continue;
      }
      expect(page).toContain(`${vendor.id}: ${example}`);
      for (const [name] of fields) expect(page).toContain(name);
      // The refusal of what is no setting lists those that there are.
      const known = (() => {
        try {
          trialToken(vendor, { config: { nothing: 1 } });
        } catch (error) {
          return /known: (.*)$/.exec(error instanceof Error ? error.message : '')?.[1]?.split(', ');
        }
        return undefined;
      })();
      expect(Object.keys(config).sort(), vendor.id).toEqual(known?.sort());
    }
    const listed = (await call('vendors')).out.split('\n');
    for (const line of listed) expect(line.length).toBeLessThanOrEqual(110);
    expect(listed.find((line) => line.includes('predefined_time_slots'))).toContain('REQUIRED');
    const machine = (await call('vendors', '--json')).out.split('\n').map((line) => JSON.parse(line));
    expect(machine.filter((each) => each.settings_required).map(({ id }) => id)).toEqual([
      'dormakaba-oracode',
    ]);
    expect(machine.find(({ id }) => id === 'tuya')).toMatchObject({ settings: ['t0', 'base'] });
  });

  it('the demonstration shows four codes, each four times', async () => {
    const { call } = await doors();
    const { exit, out } = await call('demo');
    expect(exit).toBe(0);
    for (const kind of ['hourly', 'daily', 'stay', 'one_time'])
      expect(out).toMatch(new RegExp(`\\d{3} \\d{3} \\d{3} +${kind}`));
    expect(out.match(/too early .* refuses/g)).toHaveLength(4);
    expect(out.match(/in time .* opens/g)).toHaveLength(4);
    expect(out.match(/again .* opens {2}/g)).toHaveLength(3);
    expect(out.match(/too late .* refuses/g)).toHaveLength(4);
  });
});
