import { readFileSync } from 'node:fs';
import { parseToken } from 'pintumbler';
import { securityReport } from 'pintumbler/security';
import { builtIn, vendorNamed } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { run } from '../src/cli/cli.ts';
import { InputError, type Io } from '../src/cli/io.ts';
import { SETTINGS } from '../src/cli/settings.ts';
import { renamed, spanText, wrapped } from '../src/cli/words.ts';
import { trialToken } from '../src/security/report.ts';
import { at } from './support/helpers.ts';
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
    expect(page.match(/^\| [a-z-]+ \| .* \| [\d,]+ \| [\d,]+ \|$/gm)).toHaveLength(7);
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
