/**
 * Standing in front of the real API, over a stand-in for it: whose each request is, that theirs go and come unchanged, and
 * that lists have each of both once.
 */
import fc from 'fast-check';
import { igloohome, ttlock } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { apiKeyHash, type Forward, memoryStore, seamHandler } from '../../src/seam/index.ts';
import type { AccessCode, Pagination } from '../../src/seam/objects.ts';
import { ROUTES } from '../../src/seam/routes.ts';
import { DECISIONS } from '../../src/seam/upstream.ts';
import { at, deep } from '../support/helpers.ts';
import { LiteralOutbox } from '../support/outbox-literal.ts';
import { type RealApi, realApi } from '../support/real-api.ts';
import { API_KEY, doorFor, uuidOf } from '../support/seam-world.ts';
import type { Answer, Values } from './support.ts';

const NOW = at('2026-03-01T12:00Z');
const STRANGER = 'seam_test_of_somebody_else_0123456789';

/** A device of ours alone, one that both have, and two of theirs alone. */
const [MINE, BOTH] = [doorFor(igloohome, 1), doorFor(ttlock, 2)];
const [THEIRS, OTHER] = [uuidOf(0xe1), uuidOf(0xe2)];

const theirDevice = (id: string): Values => ({
  device_id: id,
  display_name: `At Seam ${id.slice(0, 8)}`,
  can_program_online_access_codes: true,
  properties: { online: true, battery_level: 0.5 },
});

const theirCode = (number: number, device_id: string): Values => ({
  access_code_id: uuidOf(0xc0000 + number),
  device_id,
  code: String(1000 + number),
});

const theirEvent = (number: number, occurred_at: string, device_id: string = THEIRS): Values => ({
  event_id: uuidOf(0xf0000 + number),
  event_type: 'lock.unlocked',
  device_id,
  occurred_at,
});

const HOLDING = {
  key: API_KEY,
  devices: [theirDevice(THEIRS), theirDevice(BOTH.deviceId), theirDevice(OTHER)],
  codes: [theirCode(1, THEIRS), theirCode(2, BOTH.deviceId), theirCode(3, BOTH.deviceId)],
  events: [theirEvent(1, '2026-03-01T11:00:00.000Z'), theirEvent(2, '2026-03-01T13:00:00.000Z')],
};

interface World {
  readonly real: RealApi;
  readonly errors: unknown[];
  readonly clock: { now: number };
  readonly handle: (request: Request) => Promise<Response>;
  /** By POST, with a key of ours. */
  readonly ask: (path: string, values: Values, key?: string) => Promise<Answer>;
  readonly query: (path: string, query: string) => Promise<Answer>;
  readonly create: (values?: Values) => Promise<AccessCode>;
}

let made = 0;

function worldOf(
  real: RealApi = realApi(HOLDING),
  {
    forward = real.answer,
    doors = [MINE, BOTH],
    isOpen = true,
    outbox,
  }: { forward?: Forward; doors?: readonly (typeof MINE)[]; outbox?: LiteralOutbox; isOpen?: boolean } = {},
): World {
  const clock = { now: NOW };
  const errors: unknown[] = [];
  const handle = seamHandler({
    devices: doors,
    store: memoryStore(),
    now: () => clock.now,
    uuid: () => uuidOf(0x10000000 + ++made),
    apiKeys: [apiKeyHash(API_KEY)],
    rateLimits: false,
    bodyLimit: 100_000,
    onError: (error) => errors.push(error),
    ...(outbox && { outbox }),
    ...(isOpen && { upstream: forward }),
  });
  const read = async (response: Response): Promise<Answer> => ({
    status: response.status,
    body: JSON.parse(await response.text()),
  });
  const ask = async (path: string, values: Values, key: string = API_KEY) =>
    read(await handle(post(path, values, key)));
  const query = async (path: string, text: string) =>
    read(
      await handle(
        new Request(`http://facade${path}?${text}`, { headers: { authorization: `Bearer ${API_KEY}` } }),
      ),
    );
  const create = async (values: Values = {}) => {
    const { status, body } = await ask('/access_codes/create', { ...OFFLINE, ...values });
    expect(status).toBe(200);
    return body.access_code;
  };
  return { real, errors, clock, handle, ask, query, create };
}

const OFFLINE = {
  device_id: MINE.deviceId,
  starts_at: '2026-03-01T15:00:00Z',
  ends_at: '2026-03-02T11:00:00Z',
  is_offline_access_code: true,
};

const post = (path: string, values: Values | string, key: string = API_KEY): Request =>
  new Request(`http://facade${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-mine': 'kept' },
    body: typeof values === 'string' ? values : JSON.stringify(values),
  });

/** Who answered: the stand-in marks all that it says. */
async function answererOf(world: World, request: Request): Promise<string> {
  const before = world.real.seen.length;
  const response = await world.handle(request);
  const who = response.headers.has('x-real') ? 'theirs' : 'ours';
  return `${who} ${response.status}${world.real.seen.length > before && who === 'ours' ? ' asked' : ''}`;
}

describe('whose a request is', () => {
  it('is decided for every path of ours', () => {
    expect([...DECISIONS.keys()].sort()).toEqual([...ROUTES.keys()].sort());
  });

  const world = worldOf();
  const held = (async () => {
    const code = await world.create({ common_code_key: 'ours' });
    const { body } = await world.ask('/access_codes/create', { ...OFFLINE, name: 'second' });
    return { id: code.access_code_id, code: code.code, attempt: body.action_attempt.action_attempt_id };
  })();
  const [mine, both] = [MINE.deviceId, BOTH.deviceId];
  const multiple = {
    ...OFFLINE,
    device_id: undefined,
    behavior_when_code_cannot_be_shared: 'create_random_code',
  };

  it.each<[string, string, Values | ((own: Awaited<typeof held>) => Values), string]>([
    ['offline code of our device', '/access_codes/create', OFFLINE, 'ours 200'],
    [
      'the same, upper case',
      '/access_codes/create',
      { ...OFFLINE, device_id: mine.toUpperCase() },
      'ours 200',
    ],
    [
      'by the older name',
      '/access_codes/create',
      { ...OFFLINE, is_offline_access_code: undefined, use_offline_access_code: true },
      'ours 200',
    ],
    [
      'flags that contradict',
      '/access_codes/create',
      { ...OFFLINE, use_offline_access_code: false },
      'ours 400',
    ],
    ['offline, wrong otherwise', '/access_codes/create', { ...OFFLINE, starts_at: 'soon' }, 'ours 400'],
    ['offline, unknown parameter', '/access_codes/create', { ...OFFLINE, is_one_time: true }, 'ours 400'],
    ['online code of our device', '/access_codes/create', { device_id: mine, code: '1234' }, 'theirs 404'],
    ['online code of one that both have', '/access_codes/create', { device_id: both }, 'theirs 200'],
    [
      'flag that is no flag',
      '/access_codes/create',
      { ...OFFLINE, device_id: both, is_offline_access_code: 'true' },
      'ours 400',
    ],
    ['offline code of theirs', '/access_codes/create', { ...OFFLINE, device_id: THEIRS }, 'theirs 200'],
    ['no device', '/access_codes/create', { is_offline_access_code: true }, 'theirs 404'],
    ['several of ours', '/access_codes/create_multiple', { ...multiple, device_ids: [mine] }, 'ours 200'],
    [
      'several of ours, not offline',
      '/access_codes/create_multiple',
      { ...multiple, device_ids: [mine], is_offline_access_code: false },
      'theirs 200',
    ],
    [
      'several of theirs',
      '/access_codes/create_multiple',
      { ...multiple, device_ids: [THEIRS] },
      'theirs 200',
    ],
    ['several of no form', '/access_codes/create_multiple', { ...multiple, device_ids: 'x' }, 'theirs 200'],
    [
      'several of both',
      '/access_codes/create_multiple',
      { ...multiple, device_ids: [mine, THEIRS] },
      'ours 400',
    ],
    [
      'several of both, not offline',
      '/access_codes/create_multiple',
      { device_ids: [mine, THEIRS], is_offline_access_code: false },
      'theirs 200',
    ],
    ['our code', '/access_codes/get', ({ id }) => ({ access_code_id: id }), 'ours 200'],
    ['their code', '/access_codes/get', { access_code_id: uuidOf(5) }, 'theirs 200'],
    ['a code by digits', '/access_codes/get', ({ code }) => ({ device_id: mine, code }), 'ours 200'],
    ['other digits', '/access_codes/get', { device_id: mine, code: '000000000' }, 'theirs 200'],
    [
      'our digits at their device',
      '/access_codes/get',
      ({ code }) => ({ device_id: THEIRS, code }),
      'theirs 200',
    ],
    ['update of ours', '/access_codes/update', ({ id }) => ({ access_code_id: id, name: 'x' }), 'ours 200'],
    ['update of theirs', '/access_codes/update', { access_code_id: uuidOf(5), name: 'x' }, 'theirs 200'],
    ['a group of ours', '/access_codes/update_multiple', { common_code_key: 'ours', name: 'y' }, 'ours 200'],
    ['a group of theirs', '/access_codes/update_multiple', { common_code_key: 'theirs' }, 'theirs 200'],
    [
      'a backup of ours',
      '/access_codes/pull_backup_access_code',
      ({ id }) => ({ access_code_id: id }),
      'ours 404',
    ],
    [
      'a backup of theirs',
      '/access_codes/pull_backup_access_code',
      { access_code_id: uuidOf(5) },
      'theirs 200',
    ],
    ['our attempt', '/action_attempts/get', ({ attempt }) => ({ action_attempt_id: attempt }), 'ours 200'],
    ['their attempt', '/action_attempts/get', { action_attempt_id: uuidOf(5) }, 'theirs 200'],
    ['digits for ours', '/access_codes/generate_code', { device_id: mine }, 'ours 200 asked'],
    ['digits for one that both have', '/access_codes/generate_code', { device_id: both }, 'theirs 200'],
    ['digits for theirs', '/access_codes/generate_code', { device_id: THEIRS }, 'theirs 200'],
    ['digits for nobody', '/access_codes/generate_code', { device_id: uuidOf(9) }, 'theirs 404'],
    [
      'constraints of ours',
      '/access_codes/report_device_constraints',
      { device_id: mine, supported_code_lengths: [9] },
      'ours 200 asked',
    ],
    ['constraints of both', '/access_codes/report_device_constraints', { device_id: both }, 'theirs 200'],
    ['our device', '/devices/get', { device_id: mine }, 'ours 200 asked'],
    ['our device by name', '/devices/get', { name: MINE.name }, 'ours 200 asked'],
    ['their device', '/devices/get', { device_id: THEIRS }, 'theirs 200'],
    ['a device of nobody', '/devices/get', { device_id: uuidOf(9) }, 'theirs 404'],
    ['no device named', '/locks/get', {}, 'theirs 404'],
    ['codes of theirs', '/access_codes/list', { device_id: THEIRS }, 'theirs 200'],
    ['codes by ids of theirs', '/access_codes/list', { access_code_ids: [uuidOf(5)] }, 'theirs 200'],
    ['codes by ids of ours', '/access_codes/list', ({ id }) => ({ access_code_ids: [id] }), 'ours 200'],
    [
      'codes by an access grant',
      '/access_codes/list',
      { device_id: mine, access_grant_id: uuidOf(1) },
      'theirs 200',
    ],
    ['codes of nothing', '/access_codes/list', {}, 'theirs 400'],
    ['devices of a customer', '/devices/list', { customer_key: 'x' }, 'theirs 200'],
    [
      'events of a customer',
      '/events/list',
      { since: '2026-01-01T00:00:00Z', customer_key: 'x' },
      'theirs 200',
    ],
    ['events of no time', '/events/list', {}, 'theirs 200'],
    [
      'events of their device',
      '/events/list',
      { since: '2026-01-01T00:00:00Z', device_id: THEIRS },
      'theirs 200',
    ],
    [
      'events of their code',
      '/events/list',
      { since: '2026-01-01T00:00:00Z', access_code_id: uuidOf(5) },
      'theirs 200',
    ],
    ['a path that is not here', '/thermostats/list', { a: 1 }, 'theirs 200'],
    ['deletion of theirs', '/access_codes/delete', { access_code_id: uuidOf(5) }, 'theirs 200'],
    ['deletion of ours', '/access_codes/delete', ({ id }) => ({ access_code_id: id }), 'ours 400'],
  ])('%s', async (_, path, values, expected) => {
    const own = await held;
    const body = JSON.stringify(typeof values === 'function' ? values(own) : values);
    expect(await answererOf(world, post(path, body))).toBe(expected);
    if (!expected.startsWith('theirs')) return;
    const last = world.real.seen.at(-1);
    expect(last?.url).toBe(`http://facade${path}`);
    expect(last?.body).toBe(body);
    expect(last?.headers.get('x-mine')).toBe('kept');
    expect(last?.headers.get('accept-encoding')).toBeNull();
  });

  it('is what it was after the code is gone', async () => {
    const later = worldOf();
    const code = await later.create();
    later.clock.now = at('2026-04-01T00:00Z');
    const asked = { access_code_id: code.access_code_id };
    expect(await answererOf(later, post('/access_codes/get', asked))).toBe('ours 404');
    expect(await answererOf(later, post('/access_codes/update', asked))).toBe('ours 404');
    expect(later.real.seen).toEqual([]);
  });

  it('says of a mixed creation which devices are here', async () => {
    const { body } = await world.ask('/access_codes/create_multiple', { device_ids: [THEIRS, mine] });
    expect(body.error).toMatchObject({
      type: 'invalid_input',
      data: { device_ids: [mine] },
      validation_errors: { device_ids: { _errors: [expect.stringContaining('one request')] } },
    });
  });

  it('is theirs by a verb that is not ours, and by a query too', async () => {
    const query = `device_id=${mine}&_strict=true`;
    for (const [method, path] of [
      ['GET', `/access_codes/create?${query}`],
      ['PUT', `/devices/get?${query}`],
      ['HEAD', `/devices/list`],
      ['OPTIONS', `/devices/list`],
      ['GET', `/acs/systems/list?a=%20%C3%A9+b`],
    ] as const) {
      const request = new Request(`http://facade${path}`, {
        method,
        headers: { authorization: `Bearer ${API_KEY}` },
      });
      expect(await answererOf(world, request)).toMatch(/^theirs/);
      expect(world.real.seen.at(-1)).toMatchObject({ method, url: `http://facade${path}` });
    }
    expect((await world.query('/devices/get', query)).body.device.device_id).toBe(mine);
  });

  it.each<[string, string]>([
    ['no JSON', '{"device_id":'],
    ['a list', '[]'],
    ['no UTF-8', '\ud800'],
  ])('is theirs where the body is %s: its error is the real one', async (_, body) => {
    expect(await answererOf(world, post('/access_codes/create', body))).toMatch(/^theirs 4/);
    expect(world.real.seen.at(-1)?.body).toBe(Buffer.from(body).toString());
  });

  it('is theirs where the content type is none of ours', async () => {
    const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'text/plain' };
    const request = new Request('http://facade/devices/get', { method: 'POST', headers, body: '{}' });
    expect(await answererOf(world, request)).toBe('theirs 404');
  });
});

/** Requests that mean an offline code for a device of ours, and cannot be read here: upstream might. */
describe('what could become a code for a door of ours', () => {
  const wish = JSON.stringify(OFFLINE);
  const json = { 'content-type': 'application/json' };
  const cases: [what: string, path: string, init: RequestInit][] = [
    ...Object.entries({
      'a flag in the query': '/access_codes/create?is_offline_access_code=true',
      'another name in the query': '/access_codes/create?x=1',
      'a slash behind it': '/access_codes/create/',
      'two slashes': '//access_codes//create',
      'another case': '/Access_Codes/Create',
      'a letter as %63': '/access_codes/%63reate',
    }).map(([what, path]): [string, string, RequestInit] => [what, path, { headers: json, body: wish }]),
    ...['', 'text/plain', 'application/vnd.api+json', 'application/json; charset=latin1'].map(
      (type): [string, string, RequestInit] => [
        `the content type "${type}"`,
        '/access_codes/create',
        { headers: { 'content-type': type }, body: wish },
      ],
    ),
    ['PUT', '/access_codes/create', { method: 'PUT', headers: json, body: wish }],
    ...[
      { is_offline_access_code: 'true' },
      { is_offline_access_code: 1 },
      { device_id: `${MINE.deviceId} ` },
      { device_id: [MINE.deviceId] },
      { device_id: undefined, 'device_id[]': MINE.deviceId },
    ].map((change): [string, string, RequestInit] => [
      JSON.stringify(change),
      '/access_codes/create',
      { headers: json, body: JSON.stringify({ ...OFFLINE, ...change }) },
    ]),
    ...['is_offline_access_code=True', 'is_offline_access_code=true&is_offline_access_code=true'].map(
      (flags): [string, string, RequestInit] => [
        flags,
        `/access_codes/create?device_id=${MINE.deviceId}&starts_at=2026-03-01T15:00:00Z&${flags}`,
        {},
      ],
    ),
    [
      'devices for many that are no list of ids',
      '/access_codes/create_multiple',
      { headers: json, body: JSON.stringify({ device_ids: `${MINE.deviceId} ` }) },
    ],
  ];

  it.each(cases)('is refused here and never handed on: %s', async (_, path, init) => {
    for (const key of [API_KEY, STRANGER]) {
      const { handle, real } = worldOf();
      const headers = { ...init.headers, authorization: `Bearer ${key}` };
      const response = await handle(
        new Request(`http://facade${path}`, { method: 'POST', ...init, headers }),
      );
      expect(real.seen, 'asked of upstream').toEqual([]);
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status === 401).toBe(key === STRANGER);
    }
  });

  it.each<[string, string, Values]>([
    [
      'an online code for a device that both have',
      '/access_codes/create',
      { device_id: BOTH.deviceId, code: '1234' },
    ],
    ['one that says so', '/access_codes/create', { device_id: BOTH.deviceId, is_offline_access_code: false }],
    [
      'an offline code of theirs',
      '/access_codes/create/',
      { device_id: THEIRS, is_offline_access_code: true },
    ],
  ])('and nothing else is: %s', async (_, path, values) => {
    const { ask, real } = worldOf();
    await ask(path, values).catch(() => undefined);
    expect(real.seen).toHaveLength(1);
  });
});

describe('a key that is not known here', () => {
  it.each<[string, string, Values, string]>([
    ['an offline code', '/access_codes/create', OFFLINE, 'ours 401'],
    ['several', '/access_codes/create_multiple', { device_ids: [MINE.deviceId] }, 'ours 401'],
    ['several of both', '/access_codes/create_multiple', { device_ids: [MINE.deviceId, THEIRS] }, 'ours 401'],
    ['another code', '/access_codes/create', { device_id: MINE.deviceId }, 'theirs 401'],
    ['a device of ours', '/devices/get', { device_id: MINE.deviceId }, 'theirs 401'],
    ['a list', '/devices/list', {}, 'theirs 401'],
    ['events', '/events/list', { since: '2026-01-01T00:00:00Z' }, 'theirs 401'],
  ])('asks for %s', async (_, path, values, expected) => {
    const world = worldOf();
    expect(await answererOf(world, post(path, values, STRANGER))).toBe(expected);
    expect(world.real.seen.length).toBe(expected.startsWith('ours') ? 0 : 1);
  });

  it('is judged by upstream before its body is read', async () => {
    const world = worldOf();
    const request = post('/devices/list', JSON.stringify({ search: 'x'.repeat(200_000) }), STRANGER);
    expect(await answererOf(world, request)).toBe('theirs 401');
  });

  it('is let in by upstream, and then sees what is upstream alone', async () => {
    const world = worldOf(realApi({ ...HOLDING, key: STRANGER }));
    await world.create();
    const { body } = await world.ask('/devices/list', {}, STRANGER);
    expect(body.devices).toEqual(HOLDING.devices);
  });
});

describe('an answer of upstream', () => {
  it('is the one that it gave', async () => {
    const given = new Response('as it is', { status: 418, headers: { 'x-any': '1' } });
    const { handle } = worldOf(realApi(HOLDING), { forward: async () => given });
    expect(await handle(post('/thermostats/list', {}))).toBe(given);
    expect(await handle(post('/devices/get', { device_id: THEIRS }))).toBe(given);
  });

  it.each([
    ['/devices/list', {}],
    ['/locks/list', {}],
    ['/access_codes/list', { device_id: BOTH.deviceId }],
    ['/events/list', { since: '2026-01-01T00:00:00Z' }],
    ['/devices/get', { device_id: BOTH.deviceId }],
    ['/access_codes/generate_code', { device_id: BOTH.deviceId }],
  ])('that refuses %s goes back as it came', async (path, values) => {
    for (const status of [400, 401, 403, 429, 500, 503]) {
      const given = new Response('{"error":{}}', { status, headers: { 'seam-request-id': 'real' } });
      const { handle } = worldOf(realApi(HOLDING), { forward: async () => given });
      expect(await handle(post(path, values))).toBe(given);
    }
  });

  it.each([
    ['no JSON', '<html>'],
    ['no object', '[]'],
    ['no list', '{"ok":true}'],
  ])('that is %s is 502, and the operator is told', async (_, text) => {
    const world = worldOf(realApi(HOLDING), { forward: async () => new Response(text) });
    const { status, body } = await world.ask('/devices/list', {});
    expect([status, body.error.type, body.ok]).toEqual([502, 'upstream_unavailable', false]);
    expect(world.errors).toHaveLength(1);
  });

  it.each([
    ['Error', 502, 'upstream_unavailable'],
    ['TimeoutError', 504, 'upstream_timeout'],
  ])('that does not come (%s) is %i, without a reason or an address', async (name, wanted, type) => {
    const cause = Object.assign(new Error(`connect ECONNREFUSED 10.1.2.3 ${API_KEY}`), { name });
    const world = worldOf(realApi(HOLDING), { forward: () => Promise.reject(cause) });
    for (const path of ['/thermostats/list', '/devices/list', '/access_codes/get']) {
      const { status, body } = await world.ask(path, {});
      expect([status, body.error.type]).toEqual([wanted, type]);
      expect(JSON.stringify(body)).not.toMatch(/10\.1|ECONN|seam_/);
    }
    expect(world.errors).toEqual([cause, cause, cause]);
    expect(await answererOf(world, post('/access_codes/create', OFFLINE))).toBe('ours 200');
  });

  it('that nobody waits for any more is no trouble of the operator', async () => {
    const gone = new AbortController();
    const world = worldOf(realApi(HOLDING), {
      forward: async () => {
        gone.abort();
        throw new Error('aborted');
      },
    });
    await world.handle(new Request(post('/thermostats/list', {}), { signal: gone.signal }));
    expect(world.errors).toEqual([]);
  });
});

describe('a body', () => {
  it('is read only where it may be ours', async () => {
    const big = JSON.stringify({ device_id: THEIRS, name: 'x'.repeat(200_000) });
    const world = worldOf();
    expect(await answererOf(world, post('/devices/update', big))).toBe('theirs 200');
    expect(world.real.seen[0]?.body).toBe(big);
    expect(await answererOf(world, post('/access_codes/create', big))).toBe('ours 413');
  });

  it('of a path that is not here is handed on before it is all there', async () => {
    let taken = 0;
    const body = new ReadableStream<Uint8Array>(
      { pull: (to) => to.enqueue(new Uint8Array(++taken)) },
      { highWaterMark: 0 },
    );
    const { handle } = worldOf(realApi(HOLDING), {
      forward: async (request) => {
        const reader = request.body?.getReader();
        await reader?.read();
        await reader?.cancel();
        return new Response('enough');
      },
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    expect(await (await handle(new Request('http://facade/devices/update', init))).text()).toBe('enough');
    expect(taken).toBe(1);
  });
});

describe('a device that both have', () => {
  const offline = async (): Promise<{ can: unknown; options: unknown }> => {
    const { body } = await worldOf(undefined, { isOpen: false }).ask('/devices/get', {
      device_id: BOTH.deviceId,
    });
    const { can_program_offline_access_codes: can, properties } = body.device;
    return { can, options: properties.offline_time_frame_options };
  };

  it.each(['/devices/get', '/locks/get'])(
    'is by %s as upstream has it, with its offline codes',
    async (path) => {
      const { can, options } = await offline();
      expect([can, options]).toEqual([true, expect.any(Array)]);
      const expected = {
        ...theirDevice(BOTH.deviceId),
        can_program_offline_access_codes: can,
        properties: { online: true, battery_level: 0.5, offline_time_frame_options: options },
      };
      const { real, ask } = worldOf();
      const { body } = await ask(path, { device_id: BOTH.deviceId });
      expect(body).toEqual({ device: expected, ...(path === '/locks/get' && { lock: expected }), ok: true });
      expect(real.seen.at(-1)?.headers.get('accept-encoding')).toBe('identity');
    },
  );

  it.each([
    ['/devices/list', ['devices']],
    ['/locks/list', ['devices', 'locks']],
  ])('is in %s once, likewise, in their half', async (path, keys) => {
    const { can, options } = await offline();
    const { body } = await worldOf().ask(path, {});
    for (const key of keys) {
      const devices: readonly object[] = Reflect.get(body, key);
      expect(idsOf(devices, 'device_id')).toEqual([MINE.deviceId, THEIRS, BOTH.deviceId, OTHER]);
      expect(devices[2]).toMatchObject({
        display_name: theirDevice(BOTH.deviceId)['display_name'],
        can_program_offline_access_codes: can,
        properties: { battery_level: 0.5, offline_time_frame_options: options },
      });
      expect(devices[1]).toEqual(theirDevice(THEIRS));
    }
    expect(Object.keys(body).sort()).toEqual([...keys, 'ok', 'pagination'].sort());
  });

  it('takes online codes from upstream and offline codes from here, and its list has both', async () => {
    const world = worldOf();
    const code = await world.create({ device_id: BOTH.deviceId });
    const { body } = await world.ask('/access_codes/list', { device_id: BOTH.deviceId });
    expect(body.access_codes).toEqual([
      expect.objectContaining({ access_code_id: code.access_code_id, is_offline_access_code: true }),
      theirCode(2, BOTH.deviceId),
      theirCode(3, BOTH.deviceId),
    ]);
    expect(body.pagination).toEqual({ has_next_page: false, next_page_cursor: null, next_page_url: null });
  });
});

/** All pages of a list, by POST or as the newest SDK asks. */
async function walk(
  world: World,
  path: string,
  key: string,
  values: Values,
  isQuery: boolean,
): Promise<readonly object[]> {
  const items: object[] = [];
  const limit = Number(values['limit'] ?? Number.POSITIVE_INFINITY);
  for (let cursor: string | null = null, pages = 0; ; pages++) {
    const asked: Values = { ...values, ...(cursor !== null && { page_cursor: cursor }) };
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(asked))
      for (const each of Array.isArray(value) ? value : [value]) query.append(name, String(each));
    query.sort();
    const { status, body }: Answer = isQuery
      ? await world.query(path, `${query}&_strict=true`)
      : await world.ask(path, asked);
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    const page: readonly object[] = Reflect.get(body, key);
    expect(page.length).toBeLessThanOrEqual(limit);
    items.push(...page);
    const { has_next_page, next_page_cursor }: Pagination = body.pagination;
    expect(has_next_page).toBe(next_page_cursor !== null);
    // A client may take an empty page for the last.
    if (has_next_page) expect(page.length).toBeGreaterThan(0);
    if (next_page_cursor === null) return items;
    // The schema wants base64.
    expect(next_page_cursor).toBe(btoa(atob(next_page_cursor)));
    cursor = next_page_cursor;
    if (pages > 200) throw new Error('no end');
  }
}

const idsOf = (items: readonly object[], name: string): readonly string[] =>
  items.map((item) => Reflect.get(item, name));

describe('lists of both, whatever the limit', () => {
  const doors = [1, 2, 3, 4, 5, 6].map((number) => doorFor(igloohome, number));
  const limits = fc.integer({ min: 1, max: 9 });

  it('have each device once, ours first', async () => {
    const property = fc.asyncProperty(
      limits,
      fc.subarray(doors),
      fc.subarray(doors),
      fc.nat(6),
      fc.boolean(),
      fc.constantFrom('/devices/list', '/locks/list'),
      async (limit, here, there, others, isQuery, path) => {
        const foreign = Array.from({ length: others }, (_, index) => uuidOf(0xe0 + index));
        // Theirs in an order of their own, ours among them.
        const theirs = [
          ...foreign.slice(0, 2),
          ...there.map(({ deviceId }) => deviceId),
          ...foreign.slice(2),
        ];
        const real = realApi({ ...HOLDING, devices: theirs.map(theirDevice) });
        const world = worldOf(real, { doors: here });
        const found = await walk(world, path, 'devices', { limit }, isQuery);
        const alone = here.map(({ deviceId }) => deviceId).filter((id) => !theirs.includes(id));
        expect(idsOf(found, 'device_id')).toEqual([...alone, ...theirs]);
        const all = await walk(world, path, 'devices', {}, isQuery);
        expect(idsOf(all, 'device_id')).toEqual([...alone, ...theirs]);
      },
    );
    await fc.assert(property, { numRuns: deep(150) });
  });

  it('have each code of a device once, ours first, and by ids too', async () => {
    const property = fc.asyncProperty(
      limits,
      fc.nat(6),
      fc.nat(9),
      fc.boolean(),
      fc.boolean(),
      async (limit, mine, count, isQuery, isStrict) => {
        const codes = Array.from({ length: count }, (_, index) => theirCode(index, BOTH.deviceId));
        const devices = count > 0 || !isStrict ? HOLDING.devices : [];
        const world = worldOf(realApi({ ...HOLDING, devices, codes, isStrict }));
        const own: string[] = [];
        for (let each = 0; each < mine; each++) {
          const day = String(each + 2).padStart(2, '0');
          const times = { starts_at: `2026-03-${day}T15:00:00Z`, ends_at: `2026-03-${day}T18:00:00Z` };
          own.push((await world.create({ device_id: BOTH.deviceId, ...times })).access_code_id);
        }
        const theirs = idsOf(codes, 'access_code_id');
        const list = (values: Values) =>
          walk(world, '/access_codes/list', 'access_codes', values, isQuery).then((found) =>
            idsOf(found, 'access_code_id'),
          );
        expect(await list({ device_id: BOTH.deviceId, limit })).toEqual([...own, ...theirs]);
        expect(await list({ device_id: BOTH.deviceId })).toEqual([...own, ...theirs]);
        const ids = [...theirs.slice(0, 3), ...own, ...theirs.slice(3)];
        if (ids.length > 0) expect(await list({ access_code_ids: ids, limit })).toEqual([...own, ...theirs]);
      },
    );
    await fc.assert(property, { numRuns: deep(100) });
  });

  it('have each event once, by time', async () => {
    const minute = fc.integer({ min: 0, max: 40 });
    const property = fc.asyncProperty(
      limits,
      fc.array(minute, { maxLength: 4 }),
      fc.array(minute, { maxLength: 15 }),
      async (limit, mine, theirs) => {
        const stamp = (at: number): string => new Date((NOW + at * 60) * 1000).toISOString();
        const events = [...theirs].sort((a, b) => a - b).map((at, index) => theirEvent(index, stamp(at)));
        const world = worldOf(realApi({ ...HOLDING, events }));
        for (const at of [...mine].sort((a, b) => a - b)) {
          world.clock.now = NOW + at * 60;
          await world.create();
        }
        world.clock.now = NOW + 3600;
        const asked = { between: ['2026-01-01T00:00:00Z', '2026-03-01T13:00:00Z'] };
        const found: object[] = [];
        for (let offset = 0; ; offset += limit) {
          const values = { ...asked, limit, ...(offset > 0 && { unstable_offset: offset }) };
          const { status, body } = await world.ask('/events/list', values);
          expect(status).toBe(200);
          found.push(...body.events);
          if (body.events.length < limit) break;
        }
        const at = idsOf(found, 'occurred_at').map((stamp) => Date.parse(stamp));
        expect(at).toEqual([...at].sort((a, b) => a - b));
        const isTheirs = (event: object): boolean => Reflect.get(event, 'event_type') === 'lock.unlocked';
        expect(found.filter(isTheirs)).toEqual(events);
        const ours = found.filter((event) => !isTheirs(event));
        expect(ours.length).toBeGreaterThanOrEqual(mine.length);
        expect(new Set(idsOf(ours, 'event_id')).size).toBe(ours.length);
        const { body } = await world.ask('/events/list', asked);
        expect(body.events).toEqual(found);
      },
    );
    await fc.assert(property, { numRuns: deep(100) });
  });
});

describe('a list of both', () => {
  it('is one page where both fit, and asks upstream with the parameters that came', async () => {
    const { real, ask } = worldOf();
    const { body } = await ask('/devices/list', { limit: 4 });
    expect(body.devices).toHaveLength(4);
    expect(body.pagination.has_next_page).toBe(false);
    expect(real.seen.map(({ body }) => JSON.parse(body))).toEqual([
      { device_ids: [MINE.deviceId, BOTH.deviceId], limit: 2 },
      { limit: 4 },
    ]);
  });

  it('goes on in theirs with the cursor that they made, which other parameters break', async () => {
    const { real, ask } = worldOf();
    const first = await ask('/devices/list', { limit: 2 });
    expect(idsOf(first.body.devices, 'device_id')).toEqual([MINE.deviceId]);
    const second = await ask('/devices/list', {
      limit: 2,
      page_cursor: first.body.pagination.next_page_cursor,
    });
    expect(idsOf(second.body.devices, 'device_id')).toEqual([THEIRS, BOTH.deviceId]);
    const { next_page_cursor } = second.body.pagination;
    const before = real.seen.length;
    const third = await ask('/devices/list', { limit: 2, page_cursor: next_page_cursor });
    expect(idsOf(third.body.devices, 'device_id')).toEqual([OTHER]);
    expect(real.seen).toHaveLength(before + 1);
    const other = await ask('/devices/list', { limit: 3, page_cursor: next_page_cursor });
    expect([other.status, other.body.error.type]).toEqual([400, 'mismatched_page_parameters']);
  });

  it('goes on where a walk began before we stood here: the cursor is theirs', async () => {
    const { real, ask } = worldOf();
    const direct = await real.answer(post('/devices/list', { limit: 2 }));
    const { pagination } = JSON.parse(await direct.text());
    const { body } = await ask('/devices/list', { limit: 2, page_cursor: pagination.next_page_cursor });
    expect(idsOf(body.devices, 'device_id')).toEqual([OTHER]);
  });

  it.each([
    '',
    'x',
    btoa('["ours",5]'),
    btoa('["ours","x"]'),
    btoa('["ours"]'),
    btoa('%'),
    btoa('null'),
    'é',
  ])('by a cursor that nobody made (%s) is refused', async (page_cursor) => {
    const { ask } = worldOf();
    const { status, body } = await ask('/devices/list', { page_cursor });
    expect(status).toBe(page_cursor === '' ? 200 : 400);
    if (status === 400) expect(body.error.type).toMatch(/^(?:invalid_input|mismatched_page_parameters)$/);
  });

  it('has all that upstream gives, if that minds no limit', async () => {
    const devices = HOLDING.devices.filter((device) => device['device_id'] !== BOTH.deviceId);
    const forward = async () => Response.json({ devices, ok: true });
    const { body } = await worldOf(realApi(HOLDING), { forward, doors: [] }).ask('/devices/list', {
      limit: 1,
    });
    expect(body.devices).toEqual(devices);
    expect(body.pagination.has_next_page).toBe(false);
  });

  it('has no codes of upstream where upstream does not have the device', async () => {
    const world = worldOf(realApi({ ...HOLDING, isStrict: true }));
    const code = await world.create();
    const { body } = await world.ask('/access_codes/list', { device_id: MINE.deviceId });
    expect(idsOf(body.access_codes, 'access_code_id')).toEqual([code.access_code_id]);
    const since = '2026-01-01T00:00:00Z';
    const events = await world.ask('/events/list', { since, device_ids: [MINE.deviceId] });
    expect(idsOf(events.body.events, 'event_type')).toContain('access_code.created');
    const mixed = await world.ask('/events/list', { since, device_ids: [MINE.deviceId, THEIRS] });
    expect([mixed.status, mixed.body.error.type]).toEqual([404, 'device_not_found']);
  });

  it('of events by codes asks upstream for theirs alone, and not at all for ours', async () => {
    const events = [{ ...theirEvent(1, '2026-03-01T11:00:00.000Z'), access_code_id: uuidOf(0xc0001) }];
    const world = worldOf(realApi({ ...HOLDING, events }));
    const { access_code_id } = await world.create();
    const since = '2026-01-01T00:00:00Z';
    const alone = await world.ask('/events/list', { since, access_code_id });
    expect(new Set(idsOf(alone.body.events, 'access_code_id'))).toEqual(new Set([access_code_id]));
    expect(world.real.seen).toEqual([]);
    const ids = [uuidOf(0xc0001), access_code_id];
    const both = await world.ask('/events/list', { since, access_code_ids: ids });
    expect(idsOf(both.body.events, 'access_code_id')).toEqual([
      uuidOf(0xc0001),
      ...idsOf(alone.body.events, 'access_code_id'),
    ]);
    expect(JSON.parse(world.real.seen.at(-1)?.body ?? '')).toMatchObject({
      access_code_ids: [uuidOf(0xc0001)],
    });
  });

  it('of events takes more than a page of theirs where ours come before', async () => {
    const stamp = (index: number): string => new Date((NOW + index) * 1000).toISOString();
    const events = Array.from({ length: 1200 }, (_, index) => theirEvent(index, stamp(index)));
    const world = worldOf(realApi({ ...HOLDING, events }));
    await world.create();
    world.clock.now = NOW + 7200;
    const asked = { between: ['2026-01-01T00:00:00Z', '2026-03-01T13:00:00Z'], limit: 500 };
    const found: object[] = [];
    for (const unstable_offset of [0, 500, 1000]) {
      const { body } = await world.ask('/events/list', { ...asked, unstable_offset });
      found.push(...body.events);
    }
    expect(found.filter((event) => Reflect.get(event, 'event_type') === 'lock.unlocked')).toEqual(events);
    const own = found.length - 1200;
    expect(own).toBeGreaterThan(0);
    // In pieces that upstream takes, from where ours may have come before, to the end and not further.
    const asks = world.real.seen.map((seen) => JSON.parse(seen.body));
    expect(asks.map(({ unstable_offset = 0, limit: most }) => [unstable_offset, most])).toEqual([
      [0, 500],
      [500 - own, 500],
      [1000 - own, own],
      [1000 - own, 500],
    ]);
  });
});

describe('a webhook', () => {
  const TYPES = ['access_code.set_on_device', 'lock.unlocked'];

  function world() {
    const outbox = new LiteralOutbox();
    const real = realApi(HOLDING);
    return { outbox, ...worldOf(real, { outbox }) };
  }

  const hooksOf = async ({ ask }: Pick<World, 'ask'>): Promise<readonly string[]> =>
    idsOf(Reflect.get((await ask('/webhooks/list', {})).body, 'webhooks'), 'webhook_id');

  it('is made by upstream and kept here too, by the same id and with the same secret', async () => {
    const { outbox, ask, real } = world();
    const { status, body } = await ask('/webhooks/create', { url: 'https://a.test/', event_types: TYPES });
    const { webhook_id, secret } = Reflect.get(body, 'webhook');
    expect([status, webhook_id]).toEqual([200, 'real-hook-1']);
    const kept = {
      id: webhook_id,
      url: 'https://a.test/',
      eventTypes: TYPES,
      secret,
      createdAt: NOW,
      since: NOW,
    };
    expect(await outbox.webhooks()).toEqual([kept]);
    expect(await hooksOf({ ask })).toEqual(['real-hook-1']);
    expect(await ask('/webhooks/update', { webhook_id, event_types: ['*'] })).toMatchObject({ status: 200 });
    expect(await outbox.webhooks()).toEqual([{ ...kept, eventTypes: ['*'] }]);
    const shown = await real.answer(post('/webhooks/get', { webhook_id }));
    expect(JSON.parse(await shown.text()).webhook.event_types).toEqual(['*']);
    expect(await ask('/webhooks/delete', { webhook_id })).toMatchObject({ status: 200 });
    expect([await outbox.webhooks(), await hooksOf({ ask })]).toEqual([[], []]);
  });

  it("that only one of them has is that one's", async () => {
    const { outbox, ask, real } = world();
    await real.answer(post('/webhooks/create', { url: 'https://theirs.test/' }));
    const secret = `whsec_${btoa('o'.repeat(24))}`;
    const mine = {
      id: 'mine',
      url: 'https://a.test/',
      eventTypes: ['*'],
      secret,
      createdAt: NOW,
      since: NOW,
    };
    await outbox.addWebhook(mine);
    expect(await hooksOf({ ask })).toEqual(['mine', 'real-hook-1']);
    for (const webhook_id of ['mine', 'real-hook-1']) {
      const { body } = await ask('/webhooks/get', { webhook_id });
      expect(Reflect.get(body, 'webhook')).toMatchObject({ webhook_id });
      expect((await ask('/webhooks/update', { webhook_id, event_types: TYPES })).status).toBe(200);
      expect((await ask('/webhooks/delete', { webhook_id })).status).toBe(200);
      expect(await ask('/webhooks/get', { webhook_id })).toMatchObject({ status: 404 });
    }
    expect([await outbox.webhooks(), await hooksOf({ ask })]).toEqual([[], []]);
  });

  it('that upstream refuses is not here either, and neither is one that cannot be signed for', async () => {
    const outbox = new LiteralOutbox();
    const answers = [Response.json({ error: {} }, { status: 400 }), Response.json({ webhook: {} })];
    const forward = async () => answers.shift() ?? Response.error();
    const { ask } = worldOf(realApi(HOLDING), { forward, outbox });
    expect((await ask('/webhooks/create', { url: 'https://a.test/' })).status).toBe(400);
    expect((await ask('/webhooks/create', { url: 'https://a.test/' })).status).toBe(502);
    expect(await outbox.webhooks()).toEqual([]);
  });

  it("is upstream's alone where none are kept here", async () => {
    const alone = worldOf();
    for (const path of ['create', 'list', 'get', 'update', 'delete'])
      expect(await answererOf(alone, post(`/webhooks/${path}`, { webhook_id: 'x' }))).toMatch(/^theirs/);
    expect(await answererOf(alone, post('/webhook_deliveries/list', {}))).toBe('theirs 200');
    expect(await answererOf(world(), post('/webhook_deliveries/list', {}))).toBe('ours 200');
  });
});

describe('without an upstream', () => {
  it('nothing is as above', async () => {
    const world = worldOf(undefined, { isOpen: false });
    expect(await answererOf(world, post('/thermostats/list', {}))).toBe('ours 404');
    expect(await answererOf(world, post('/devices/get', { device_id: THEIRS }))).toBe('ours 404');
    expect(world.real.seen).toEqual([]);
  });

  it.each<unknown>([null, 'https://connect.getseam.com', {}])(
    'what is no function is refused: %s',
    (upstream) => {
      const options = { devices: [], store: memoryStore(), now: () => NOW, uuid: () => uuidOf(1), upstream };
      const making = () =>
        Reflect.apply(seamHandler, undefined, [{ ...options, apiKeys: [apiKeyHash(API_KEY)] }]);
      expect(making).toThrow(/"upstream" expected a function/);
    },
  );
});
