/**
 * The handler over a service that only says what it was asked: every path by every verb, the envelope, headers, keys,
 * limits, and that nothing that comes in is answered with more than a refusal.
 */
import fc from 'fast-check';
import { createToken, PintumblerError } from 'pintumbler';
import { igloohome } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { apiKeyHash } from '../../src/seam/api-keys.ts';
import { refuse, refuseInput, SeamError } from '../../src/seam/errors.ts';
import { type HandlerOptions, handlerOver, seamHandler } from '../../src/seam/handler.ts';
import { memoryStore } from '../../src/seam/memory-store.ts';
import { ROUTES } from '../../src/seam/routes.ts';
import type { SeamService } from '../../src/seam/service.ts';

const KEY = 'seam_test_0123456789abcdefghijkl';
const ORIGIN = 'https://door.test';
const ID = '11111111-1111-4111-8111-444444444444';
const OTHER = '22222222-2222-4222-8222-555555555555';
const VERBS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'];

type Call = readonly [method: string, parameters: unknown];
type Answers = Readonly<Record<string, (parameters: unknown) => unknown>>;

/** Every method answers with its own name, or as `answers` says. */
function fakeService(calls: Call[], answers: Answers = {}): SeamService {
  return new Proxy<SeamService>(Object.create(null), {
    get: (_, name) => async (parameters: unknown) => {
      calls.push([String(name), parameters]);
      return (
        answers[String(name)]?.(parameters) ?? {
          device: 'a device',
          devices: ['devices'],
          pagination: 'pages',
        }
      );
    },
  });
}

function setUp(answers: Answers = {}, options: Partial<HandlerOptions> = {}) {
  const calls: Call[] = [];
  const errors: [unknown, string][] = [];
  let ids = 0;
  const handle = handlerOver(fakeService(calls, answers), {
    apiKeys: [apiKeyHash(KEY)],
    uuid: () => `request-${++ids}`,
    onError: (error, requestId) => errors.push([error, requestId]),
    ...options,
  });
  return { calls, errors, handle };
}

const AUTHORIZED = { authorization: `Bearer ${KEY}` };
const JSON_TYPE = { 'content-type': 'application/json' };

function request(method: string, path: string, init: RequestInit = {}): Request {
  return new Request(`${ORIGIN}${path}`, { method, ...init, headers: { ...AUTHORIZED, ...init.headers } });
}

const post = (path: string, body: unknown): Request =>
  request('POST', path, { headers: JSON_TYPE, body: JSON.stringify(body) });

const raw = (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = JSON_TYPE,
): Request => request('POST', '/access_codes/get', { headers, body });

/** A stream that counts what was taken from it. */
function stream(chunk: Uint8Array, chunks: number) {
  const taken = { chunks: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (taken.chunks === chunks) return controller.close();
        taken.chunks++;
        controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
  return { body, taken };
}

const streamed = (body: ReadableStream): Request =>
  request('POST', '/access_codes/get', { headers: JSON_TYPE, body, duplex: 'half' } as RequestInit);

/** What every response has, whatever came in. */
async function envelope(response: Response): Promise<Readonly<Record<string, unknown>>> {
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('seam-request-id')).toMatch(/^request-\d+$/);
  const text = await response.text();
  const body: Readonly<Record<string, unknown>> = JSON.parse(text);
  expect(body['ok']).toBe(response.ok);
  if (response.ok) return body;
  expect(Object.keys(body).sort()).toEqual(['error', 'ok']);
  expect(body['error']).toMatchObject({ type: expect.any(String), message: expect.any(String) });
  expect(body['error']).not.toHaveProperty('stack');
  expect(text).not.toContain(KEY);
  return body;
}

async function refused(
  handle: (request: Request) => Promise<Response>,
  asked: Request,
): Promise<readonly [status: number, type: unknown, message: unknown]> {
  const response = await handle(asked);
  const { error } = (await envelope(response)) as { error: { type: string; message: string } };
  return [response.status, error?.type, error?.message];
}

const DEVICE = { device_id: ID };
const CODE = { access_code_id: ID };

/** By path: the verbs of @seamapi/http 0.12 to 2.32, what is called, and with what at the least. */
const PATHS: readonly [
  path: string,
  verbs: string,
  method: string,
  asked: Record<string, unknown>,
  read: object,
][] = [
  ['/access_codes/create', 'POST', 'create', DEVICE, { deviceId: ID }],
  [
    '/access_codes/create_multiple',
    'POST PUT',
    'createMultiple',
    { device_ids: [ID, OTHER] },
    { deviceIds: [ID, OTHER] },
  ],
  ['/access_codes/get', 'GET POST', 'get', CODE, { id: ID }],
  ['/access_codes/list', 'GET POST', 'list', { access_code_ids: [ID, OTHER] }, { ids: [ID, OTHER] }],
  ['/access_codes/update', 'POST PUT PATCH', 'update', { ...CODE, name: 'b' }, { id: ID, name: 'b' }],
  [
    '/access_codes/update_multiple',
    'POST PATCH',
    'updateMultiple',
    { common_code_key: 'k' },
    { commonCodeKey: 'k' },
  ],
  ['/access_codes/delete', 'POST DELETE', 'remove', CODE, { id: ID }],
  ['/access_codes/generate_code', 'GET POST', 'generateCode', DEVICE, { deviceId: ID }],
  ['/access_codes/pull_backup_access_code', 'POST', 'pullBackup', CODE, { id: ID }],
  [
    '/access_codes/report_device_constraints',
    'POST',
    'reportConstraints',
    { ...DEVICE, supported_code_lengths: [9] },
    { deviceId: ID, lengths: [9] },
  ],
  ['/action_attempts/get', 'GET POST', 'attempt', { action_attempt_id: ID }, { id: ID }],
  ['/events/list', 'GET POST', 'listEvents', { since: '2026-03-01T00:00:00Z', limit: 5 }, { limit: 5 }],
  ['/devices/get', 'GET POST', 'getDevice', DEVICE, { deviceId: ID }],
  ['/devices/list', 'GET POST', 'listDevices', { limit: 5 }, { limit: 5 }],
  ['/locks/get', 'GET POST', 'getDevice', DEVICE, { deviceId: ID }],
  ['/locks/list', 'GET POST', 'listDevices', { limit: 5 }, { limit: 5 }],
  [
    '/webhooks/create',
    'POST',
    'createWebhook',
    { url: 'https://a.test/', event_types: ['*'] },
    { url: 'https://a.test/', types: ['*'] },
  ],
  ['/webhooks/get', 'GET POST', 'getWebhook', { webhook_id: ID }, { id: ID }],
  ['/webhooks/list', 'GET POST', 'listWebhooks', {}, {}],
  [
    '/webhooks/update',
    'POST PUT',
    'updateWebhook',
    { webhook_id: ID, event_types: ['*'] },
    { id: ID, types: ['*'] },
  ],
  ['/webhooks/delete', 'POST DELETE', 'deleteWebhook', { webhook_id: ID }, { id: ID }],
  [
    '/webhook_deliveries/list',
    'GET POST',
    'listDeliveries',
    { webhook_id: ID, limit: 5 },
    { webhookId: ID, limit: 5 },
  ],
];

/** As @seamapi/url-search-params-serializer 3 writes it, with the SDK's `_strict` behind. */
function queryOf(parameters: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (Array.isArray(value) && value.length > 0) for (const item of value) query.append(name, String(item));
    else query.set(name, value === null || Array.isArray(value) ? '' : String(value));
  }
  query.sort();
  query.set('_strict', 'true');
  return `?${query}`;
}

describe('paths', () => {
  it('are those that this table has', () => {
    expect([...ROUTES.keys()].sort()).toEqual(PATHS.map(([path]) => path).sort());
  });

  const cases = PATHS.flatMap((row) => VERBS.map((verb) => [verb, row[0], row] as const));
  it.each(cases)('%s %s', async (verb, _, [path, verbs, method, asked, read]) => {
    const { calls, handle } = setUp();
    const isQuery = !['POST', 'PUT', 'PATCH'].includes(verb);
    const response = await handle(
      isQuery
        ? request(verb, `${path}${queryOf(asked)}`)
        : request(verb, path, { headers: JSON_TYPE, body: JSON.stringify(asked) }),
    );
    if (verbs.split(' ').includes(verb)) {
      expect(response.status).toBe(200);
      expect(await envelope(response)).toMatchObject({ ok: true });
      expect(calls).toEqual([[method, expect.objectContaining(read)]]);
      return;
    }
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(verbs.replaceAll(' ', ', '));
    expect(calls).toEqual([]);
    if (verb === 'HEAD') return expect(await response.text()).toBe('');
    expect(await envelope(response)).toEqual({
      error: { type: 'method_not_allowed', message: `only ${verbs.replaceAll(' ', ',')} accepted` },
      ok: false,
    });
  });

  it('/locks/… answer with the device twice, under the old name and the new', async () => {
    const { handle } = setUp();
    expect(await envelope(await handle(request('GET', `/locks/get?device_id=${ID}`)))).toEqual({
      lock: 'a device',
      device: 'a device',
      ok: true,
    });
    expect(await envelope(await handle(request('GET', '/locks/list')))).toEqual({
      locks: ['devices'],
      devices: ['devices'],
      pagination: 'pages',
      ok: true,
    });
  });

  it.each([
    '/',
    '',
    '/access_codes',
    '/access_codes/',
    '/access_codes/get/',
    '//access_codes/get',
    '/access_codes//get',
    '/access_codes%2Fget',
    '/Access_Codes/get',
    '/access_codes/get%00',
    '/access_codes/get_timeline',
    '/__proto__',
    '/constructor',
    '/access_codes/toString',
  ])('%s is not found, with a key and without one', async (path) => {
    const { calls, handle } = setUp();
    for (const headers of [AUTHORIZED, undefined]) {
      const asked = new Request(`${ORIGIN}${path}`, { method: 'POST', ...(headers && { headers }) });
      const [status, type, message] = await refused(handle, asked);
      expect([status, type]).toEqual([404, 'not_found']);
      const isPlain = /^[a-z_/]+$/.test(path);
      expect(message).toBe(
        `${isPlain && path !== '/' ? `POST ${path}` : 'This route'} is not there: only access codes, devices, locks, events and action attempts are`,
      );
    }
    expect(calls).toEqual([]);
  });
});

describe('parameters', () => {
  it('come in a query as the SDK writes them', async () => {
    const { calls, handle } = setUp();
    const asked = { device_id: ID, limit: 7, page_cursor: null, access_code_ids: [OTHER], search: '0123' };
    await envelope(await handle(request('GET', `/access_codes/list${queryOf(asked)}`)));
    await envelope(await handle(request('GET', `/access_codes/list?access_code_ids=${ID},${OTHER}`)));
    await envelope(await handle(request('GET', `/access_codes/list${queryOf({ access_code_ids: [] })}`)));
    await envelope(await handle(request('GET', `/access_codes/get?device_id=${ID}&code=0042&_strict=true`)));
    await envelope(
      await handle(request('DELETE', `/access_codes/delete?access_code_id=${ID}&sync=false&_strict=true`)),
    );
    expect(calls.map(([, read]) => read)).toEqual([
      { deviceId: ID, ids: [OTHER], search: '0123', limit: 7, cursor: null },
      expect.objectContaining({ ids: [ID, OTHER] }),
      expect.objectContaining({ ids: [] }),
      { id: undefined, deviceId: ID, code: '0042' },
      { id: ID, deviceId: undefined },
    ]);
  });

  it('may come in the query of a POST or the body of a DELETE, and not in both', async () => {
    const { calls, handle } = setUp();
    const body = JSON.stringify(CODE);
    const both = `?access_code_id=${ID}`;
    await envelope(await handle(request('POST', `/access_codes/get${both}`)));
    await envelope(await handle(request('DELETE', '/access_codes/delete', { headers: JSON_TYPE, body })));
    await envelope(
      await handle(request('POST', `/access_codes/get${both}`, { headers: JSON_TYPE, body: '{}' })),
    );
    await envelope(
      await handle(request('POST', '/access_codes/get?_strict=true', { headers: JSON_TYPE, body })),
    );
    expect(calls.map(([, read]) => read)).toEqual(
      [1, 2, 3, 4].map(() => expect.objectContaining({ id: ID })),
    );

    const asked = request('POST', `/access_codes/get${both}`, { headers: JSON_TYPE, body });
    expect(await refused(handle, asked)).toEqual([
      400,
      'invalid_input',
      'Parameters must be in the body or in the query, not in both',
    ]);
    expect(calls).toHaveLength(4);
  });

  it('none are needed for an empty body, with or without a content type', async () => {
    const { calls, handle } = setUp();
    for (const init of [
      {},
      { headers: JSON_TYPE },
      { headers: JSON_TYPE, body: '' },
      { headers: JSON_TYPE, body: '{}' },
    ])
      expect((await handle(request('POST', '/devices/list', init))).status).toBe(200);
    expect(calls).toHaveLength(4);
  });

  it('are told apart in the envelope as the SDK reads it', async () => {
    const { handle } = setUp();
    const response = await handle(post('/access_codes/create', { name: 'x' }));
    expect(response.status).toBe(400);
    expect(await envelope(response)).toEqual({
      error: {
        type: 'invalid_input',
        message: 'device_id is required',
        validation_errors: { _errors: [], device_id: { _errors: ['Required'] } },
      },
      ok: false,
    });
  });

  it('named __proto__, constructor or the like are names that nobody knows, and pollute nothing', async () => {
    const { calls, handle } = setUp();
    for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) {
      const bodies = [`{"${name}":{"device_id":"${ID}"}}`, `{"device_id":"${ID}","${name}":1}`];
      for (const body of bodies) {
        const asked = request('POST', '/access_codes/create', { headers: JSON_TYPE, body });
        expect((await refused(handle, asked)).slice(0, 2)).toEqual([400, 'invalid_input']);
      }
      for (const query of [
        `${name}=${ID}`,
        `device_id=${ID}&${name}=1`,
        `${name}.device_id=${ID}&device_id=${ID}`,
      ]) {
        const asked = request('GET', `/devices/get?${query}`);
        expect((await refused(handle, asked)).slice(0, 2)).toEqual([400, 'invalid_input']);
      }
    }
    expect(calls).toEqual([]);
    expect(Object.hasOwn(Object.prototype, 'device_id')).toBe(false);
  });
});

describe('API keys', () => {
  const unauthorized = async (header: string | undefined) => {
    const { calls, handle } = setUp();
    const asked = new Request(`${ORIGIN}/access_codes/get`, {
      method: 'POST',
      headers: header === undefined ? {} : { authorization: header },
      body: '{not json',
    });
    const response = await handle(asked);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(calls).toEqual([]);
    const { error } = await envelope(response);
    return error;
  };

  it.each([
    ['no header', undefined, 'No Authorization header'],
    ['no key', 'Bearer', 'No token provided'],
    ['another scheme', `Basic ${btoa(KEY)}`, 'No token provided'],
    ['the bare key', KEY, 'No token provided'],
    ['two keys', `Bearer ${KEY} ${KEY}`, 'No token provided'],
    ['an unknown key', `Bearer ${KEY.replace('0', '1')}`, 'API Key not found'],
    ['a longer key', `Bearer ${KEY}0`, 'API Key not found'],
    ['a shorter key', `Bearer ${KEY.slice(0, -1)}`, 'API Key not found'],
    ['the hash in place of the key', `Bearer ${apiKeyHash(KEY)}`, 'API Key not found'],
    ['letters beyond ASCII', 'Bearer seam_\u00e4\u00f6\u00fc', 'API Key not found'],
  ])('%s: refused before anything about the body is told', async (_, header, message) => {
    expect(await unauthorized(header)).toEqual({ type: 'unauthorized', message });
  });

  it('any of several lets in, whatever the case of "Bearer"', async () => {
    const keys = ['a', 'b', 'c'].map((letter) => `seam_${letter.repeat(22)}`);
    const { handle } = setUp({}, { apiKeys: keys.map(apiKeyHash) });
    for (const key of keys)
      for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
        const asked = new Request(`${ORIGIN}/devices/list`, {
          headers: { authorization: `${scheme} ${key}` },
        });
        expect((await handle(asked)).status).toBe(200);
      }
    expect((await refused(handle, request('GET', '/devices/list')))[0]).toBe(401);
  });

  it('the list is copied: what is done to it later lets nobody in', async () => {
    const apiKeys = [apiKeyHash(`seam_${'a'.repeat(22)}`)];
    const { handle } = setUp({}, { apiKeys });
    apiKeys.push(apiKeyHash(KEY));
    expect((await refused(handle, request('GET', '/devices/list')))[0]).toBe(401);
  });

  it('are hashed with SHA-256', () => {
    // printf %s seam_test_0123456789abcdefghijkl | sha256sum
    expect(apiKeyHash(KEY)).toBe('c4934244d59b3fe00551e866f8f7e3d78ec64db78c252f7befc8545e03ae952e');
  });

  const code = (make: () => unknown): string => {
    try {
      make();
    } catch (error) {
      if (error instanceof PintumblerError) {
        expect(error.message).not.toContain('secret');
        return error.code;
      }
    }
    return 'not refused';
  };

  it.each([
    ['', 'empty'],
    [`sk_${'secret'.repeat(6)}`, 'without seam_'],
    [`seam_at${'secret'.repeat(6)}`, "a personal access token's prefix"],
    [`seam_cst${'secret'.repeat(6)}`, "a client session's"],
    [`seam_pk${'secret'.repeat(6)}`, "a publishable key's"],
    ['seam_secretsecretsecret123', 'too short by one'],
    [`seam_${'s'.repeat(201)}`, 'too long'],
    [`seam_secret secret secret secret`, 'spaces'],
    [`seam_${'secret'.repeat(6)}\n`, 'a line end'],
    [`seam_${'sécret'.repeat(6)}`, 'letters beyond ASCII'],
  ])('%j is no API key: %s', (key) => {
    expect(code(() => apiKeyHash(key))).toBe('bad_argument');
  });

  it.each([undefined, null, 1, {}, [], [`seam_${'a'.repeat(22)}`]])('%j is no API key', (key) => {
    expect(code(() => Reflect.apply(apiKeyHash, undefined, [key]))).toBe('bad_argument');
  });

  it.each([
    ['no keys', []],
    ['a key in place of its hash', [`seam_${'secret'.repeat(6)}`]],
    ['upper case', [apiKeyHash(KEY).toUpperCase()]],
    ['a part of one', [apiKeyHash(KEY).slice(1)]],
    ['more than one in one', [apiKeyHash(KEY) + apiKeyHash(KEY)]],
    ['a good one and a bad one', [apiKeyHash(KEY), '']],
    ['a text', apiKeyHash(KEY)],
    ['nothing', undefined],
    ['a hole', new Array(1)],
  ])('a handler is not made with %s', (_, apiKeys) => {
    expect(code(() => setUp({}, { apiKeys } as HandlerOptions))).toBe('bad_argument');
  });
});

describe('bodies', () => {
  const WRONG_TYPE = 'POST requests must have Content-Type header with "application/json"';

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON; charset="utf-8"',
    'application/json ; odata=none',
  ])('%s is taken', async (type) => {
    const { handle } = setUp();
    expect((await handle(raw(JSON.stringify(CODE), { 'content-type': type }))).status).toBe(200);
  });

  it.each([
    '',
    'text/plain',
    'application/jsonp',
    'application/x-www-form-urlencoded',
    'text/plain; application/json',
    'multipart/form-data; boundary=application/json',
    'application/json; charset=utf-16',
    'application/json; charset=iso-8859-1',
  ])('%j is another content type', async (type) => {
    const { calls, handle } = setUp();
    const body = new TextEncoder().encode(JSON.stringify(CODE));
    const asked = raw(body, type === '' ? {} : { 'content-type': type });
    expect(await refused(handle, asked)).toEqual([400, 'invalid_content_type', WRONG_TYPE]);
    expect(calls).toEqual([]);
  });

  const NOT_JSON = 'The body must be JSON in UTF-8';
  const bytes = (...values: number[]) => Uint8Array.from(values);
  it.each([
    ['cut off', '{"access_code_id":', NOT_JSON],
    ['two values', '{}{}', NOT_JSON],
    ['a comment', '{/* */}', NOT_JSON],
    ['a trailing comma', '{"a":1,}', NOT_JSON],
    ['NaN', '{"a":NaN}', NOT_JSON],
    ['a space', ' ', NOT_JSON],
    ['invalid UTF-8', bytes(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), NOT_JSON],
    ['a surrogate in UTF-8', bytes(0x22, 0xed, 0xa0, 0x80, 0x22), NOT_JSON],
    ['UTF-16', bytes(0xff, 0xfe, 0x7b, 0, 0x7d, 0), NOT_JSON],
    ['deep nesting', '['.repeat(500_000), NOT_JSON],
    ['deep nesting that ends', '['.repeat(500_000) + ']'.repeat(500_000), 'Expected object, received array'],
    ['an array', '[]', 'Expected object, received array'],
    ['null', 'null', 'Expected object, received null'],
    ['text', '"483920175"', 'Expected object, received string'],
    ['a number', '483920175', 'Expected object, received number'],
    ['true', 'true', 'Expected object, received boolean'],
  ])('%s: invalid_input, and nothing of it is repeated', async (_, body, message) => {
    const { calls, errors, handle } = setUp();
    expect(await refused(handle, raw(body))).toEqual([400, 'invalid_input', message]);
    expect([calls, errors]).toEqual([[], []]);
  });

  it('nested deeply where a value belongs: refused, without a crash', async () => {
    const { handle } = setUp();
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ]) {
      const deep = `${open?.repeat(100_000)}1${close?.repeat(100_000)}`;
      const [status] = await refused(handle, raw(`{"access_code_id":${deep}}`));
      expect(status).toBe(400);
    }
  });

  it('a byte order mark is passed over', async () => {
    const { handle } = setUp();
    expect((await handle(raw(`\ufeff${JSON.stringify(CODE)}`))).status).toBe(200);
  });

  it('up to the limit they are read, to the byte', async () => {
    const text = JSON.stringify(CODE);
    for (const [bodyLimit, status] of [
      [text.length, 200],
      [text.length - 1, 413],
    ] as const) {
      const { handle } = setUp({}, { bodyLimit });
      expect((await handle(raw(text))).status).toBe(status);
      const { body } = stream(new TextEncoder().encode(text), 1);
      expect((await handle(streamed(body))).status).toBe(status);
    }
  });

  it('what says that it is too long is not read at all', async () => {
    const { handle } = setUp();
    const { body, taken } = stream(new Uint8Array(1024), Number.POSITIVE_INFINITY);
    const asked = request('POST', '/access_codes/get', {
      headers: { ...JSON_TYPE, 'content-length': String(2 ** 20 + 1) },
      body,
      duplex: 'half',
    } as RequestInit);
    expect(await refused(handle, asked)).toEqual([
      413,
      'payload_too_large',
      'The body must have at most 1048576 bytes',
    ]);
    expect(taken.chunks).toBe(0);
  });

  it.each(['0', '-1', 'NaN', '1e3', 'many'])(
    'a length of %s does not deceive it: it counts',
    async (length) => {
      const { handle } = setUp({}, { bodyLimit: 4096 });
      const { body, taken } = stream(new Uint8Array(1024), Number.POSITIVE_INFINITY);
      const asked = request('POST', '/access_codes/get', {
        headers: { ...JSON_TYPE, 'content-length': length },
        body,
        duplex: 'half',
      } as RequestInit);
      expect((await refused(handle, asked))[0]).toBe(413);
      expect(taken.chunks).toBe(5);
    },
  );

  it('in pieces of a byte, a character cut in two, are one body', async () => {
    const { calls, handle } = setUp();
    const text = new TextEncoder().encode(JSON.stringify({ ...CODE, name: 'Žofie 🚪' }));
    const pieces = [...text].map((byte) => Uint8Array.of(byte));
    const body = new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });
    const asked = request('POST', '/access_codes/update', {
      headers: JSON_TYPE,
      body,
      duplex: 'half',
    } as RequestInit);
    expect((await handle(asked)).status).toBe(200);
    expect(calls[0]?.[1]).toMatchObject({ name: 'Žofie 🚪' });
  });

  it('that break off are refused, and nothing is done', async () => {
    const { calls, errors, handle } = setUp();
    const body = new ReadableStream({
      pull(controller) {
        controller.error(new Error('connection reset'));
      },
    });
    expect(await refused(handle, streamed(body))).toEqual([400, 'invalid_input', 'The body broke off']);
    expect([calls, errors]).toEqual([[], []]);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 31, '1024'])('a limit of %s is refused', (bodyLimit) => {
    expect(() => setUp({}, { bodyLimit } as HandlerOptions)).toThrow(/"bodyLimit" expected an integer/);
  });
});

describe('errors', () => {
  it('of the service go out with their status, type, message and data', async () => {
    const { errors, handle } = setUp({
      get: () => refuse('access_code_not_found', 'Not there', { data: { access_code_id: ID } }),
    });
    const response = await handle(post('/access_codes/get', CODE));
    expect(response.status).toBe(404);
    expect(await envelope(response)).toEqual({
      error: { type: 'access_code_not_found', message: 'Not there', data: { access_code_id: ID } },
      ok: false,
    });
    expect(errors).toEqual([]);
  });

  it('429 says when to come again', async () => {
    const { handle } = setUp({ create: () => refuse('rate_limit_exceeded', 'Slowly') });
    const response = await handle(post('/access_codes/create', DEVICE));
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, null]);
    await envelope(response);
  });

  it.each([
    ['one of the library', new PintumblerError('no_fit', 'secret: key 7f')],
    ['an exception', new TypeError('secret: cannot read properties')],
    ['a text', 'secret'],
    ['nothing', undefined],
    ['one that is no refusal', new SeamError('internal_server_error', 'secret')],
  ])('%s is a 500 that gives nothing away, and onError gets it', async (_, error) => {
    const { errors, handle } = setUp({
      get: () => {
        throw error;
      },
    });
    const response = await handle(post('/access_codes/get', CODE));
    expect(response.status).toBe(500);
    const body = await envelope(response);
    expect(body['error']).toMatchObject({ type: 'internal_server_error' });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(errors).toEqual([[error, response.headers.get('seam-request-id')]]);
  });

  it('an answer that is no JSON is a 500 too', async () => {
    const { errors, handle } = setUp({ get: () => ({ access_code: 1n }) });
    expect((await refused(handle, post('/access_codes/get', CODE)))[0]).toBe(500);
    expect(errors).toHaveLength(1);
  });

  it('a callback that fails, or none, takes no answer away', async () => {
    const fail = () => {
      throw new Error('the log is full');
    };
    for (const onError of [fail, undefined]) {
      const { handle } = setUp({ get: fail }, { onError } as unknown as HandlerOptions);
      expect((await refused(handle, post('/access_codes/get', CODE)))[0]).toBe(500);
    }
    expect(() => setUp({}, { onError: 'log' } as unknown as HandlerOptions)).toThrow(
      /"onError" expected a function/,
    );
  });
});

describe('a message of one parameter names it', () => {
  it.each([
    ['ends_at', 'Must be a time in the future', 'Must be a time in the future for "ends_at"'],
    ['is_managed', 'Must be true: so it is', '"is_managed": Must be true: so it is'],
    ['starts_at', 'No code is left', '"starts_at": No code is left'],
    ['starts_at', 'Required, for it has a time', '"starts_at": Required, for it has a time'],
    ['device_id', 'Required', 'device_id is required'],
    ['starts_at', '"starts_at" expected a date', '"starts_at" expected a date'],
    ['starts_at', 'send no starts_at or ends_at', 'send no starts_at or ends_at'],
    ['ends_at', 'nobody sends_at all', '"ends_at": nobody sends_at all'],
    ['code', 'No code: it is computed', '"code": No code: it is computed'],
  ])('%s: %s', (parameter, message, told) => {
    try {
      refuseInput(parameter, message, { reason: 'x' });
    } catch (error) {
      expect(error).toBeInstanceOf(SeamError);
      expect(error).toMatchObject({
        message: told,
        details: {
          validation_errors: { _errors: [], [parameter]: { _errors: [message] } },
          data: { reason: 'x' },
        },
      });
      return;
    }
    throw new Error('not refused');
  });
});

describe('a handler is made with', () => {
  const token = createToken({
    vendor: igloohome,
    deviceId: 'door',
    root: new Uint8Array(32).fill(7),
    timeZone: 'UTC',
  });
  const good = {
    devices: [{ token, deviceId: ID }],
    store: memoryStore(),
    apiKeys: [apiKeyHash(KEY)],
    now: () => 1_772_380_800,
    uuid: () => ID,
  };
  const making = (change: unknown) => () => Reflect.apply(seamHandler, undefined, [change]);
  const lacking = (name: string) =>
    new Proxy(memoryStore(), {
      get: (of, wanted) => (wanted === name ? undefined : Reflect.get(of, wanted)),
    });

  it('all that it needs', () => {
    expect(making(good)).not.toThrow();
    expect(making({ ...good, bodyLimit: 1, onError: () => {} })).not.toThrow();
  });

  it.each<[string, unknown, string | RegExp]>([
    ['no options', undefined, '"options" expected a plain object'],
    ['an unknown one', { ...good, apiKey: 'x' }, /known: devices, store, .*, apiKeys, bodyLimit, onError$/],
    [
      'a token as a device',
      { ...good, devices: [token] },
      '"devices[0]" expected { token }, got the token itself',
    ],
    ['a device as the list', { ...good, devices: good.devices[0] }, '"devices" expected a list of devices'],
    ['a clock', { ...good, now: 1 }, '"now" expected a function that gives whole epoch seconds'],
    ['a clock with fractions', { ...good, now: () => 1.5 }, '"now" expected an integer'],
    ['no store', { ...good, store: null }, '"store" expected a store such as memoryStore()'],
    ['a Map', { ...good, store: new Map() }, '"store.write" expected a method'],
    ...['write', 'taken', 'last', 'find', 'attempt', 'active', 'replayed', 'allow'].map(
      (name): [string, unknown, string] => [
        `a store without ${name}`,
        { ...good, store: lacking(name) },
        `"store.${name}" expected a method`,
      ],
    ),
  ])('%s: refused', (_, options, message) => {
    expect(making(options)).toThrow(PintumblerError);
    expect(making(options)).toThrow(message);
  });
});

describe('many at a time', () => {
  it('each request has its own id and its own answer', async () => {
    const { handle } = setUp({ getDevice: (asked) => ({ device: asked }) });
    const ids = Array.from(
      { length: 200 },
      (_, i) => `${String(i).padStart(8, '0')}-1111-4111-8111-444444444444`,
    );
    const responses = await Promise.all(ids.map((id) => handle(post('/devices/get', { device_id: id }))));
    const bodies = await Promise.all(responses.map(envelope));
    expect(bodies.map(({ device }) => (device as { deviceId: string }).deviceId)).toEqual(ids);
    expect(new Set(responses.map(({ headers }) => headers.get('seam-request-id'))).size).toBe(200);
  });
});

describe('whatever comes in', () => {
  const paths = PATHS.map(([path]) => path);
  const names = [
    ...new Set(PATHS.flatMap(([, , , asked]) => Object.keys(asked))),
    ...[
      'code',
      'starts_at',
      'ends_at',
      'is_one_time_use',
      'max_time_rounding',
      'between',
      'page_cursor',
      '__proto__',
      '',
    ],
  ];
  const anyValue = fc.oneof(
    fc.constantFrom<unknown>(
      ID,
      [ID],
      '2026-03-01T00:00:00Z',
      '',
      null,
      true,
      'true',
      0,
      -1,
      1e308,
      '1h',
      [],
      {},
    ),
    fc.jsonValue(),
    fc.string({ unit: 'binary' }),
  );
  const anyParameters = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), anyValue, {
    maxKeys: 8,
  });
  const anyBody = fc.oneof(
    anyParameters.map((value) => JSON.stringify(value)),
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 400 }).map((bytes) => Uint8Array.from(bytes)),
  );
  const anyPath = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...paths) },
    fc.webPath(),
    fc.string().map((text) => `/${text}`),
  );
  const anyQuery = fc.oneof(
    fc.constant(''),
    fc.webQueryParameters(),
    anyParameters.map((value) => queryOf(value).slice(1)),
    fc.string(),
  );

  it('is answered in the envelope, and never with a server error', async () => {
    const { errors, handle } = setUp();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...VERBS),
        anyPath,
        anyQuery,
        fc.option(anyBody, { nil: undefined }),
        fc.constantFrom('application/json', 'application/json', 'text/plain'),
        async (method, path, query, body, type) => {
          const url = new URL(`${ORIGIN}/`);
          url.pathname = path;
          url.search = query;
          const isBare = body === undefined || method === 'GET' || method === 'HEAD';
          const headers = { ...AUTHORIZED, 'content-type': type };
          const response = await handle(new Request(url, { method, headers, ...(isBare ? {} : { body }) }));
          expect(response.status).toBeLessThan(500);
          if (method === 'HEAD') expect(await response.text()).toBe('');
          else await envelope(response);
        },
      ),
      { numRuns: 1500 },
    );
    expect(errors).toEqual([]);
  });

  it('without the key is told nothing but that, by every path and verb', async () => {
    const { calls, handle } = setUp();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...VERBS),
        fc.constantFrom(...paths),
        anyQuery,
        anyBody,
        fc.stringMatching(/^[!-~]{0,60}$/),
        async (method, path, query, body, key) => {
          const url = new URL(`${ORIGIN}${path}`);
          url.search = query;
          const headers = { authorization: `Bearer ${key}` };
          const isBare = method === 'GET' || method === 'HEAD';
          const response = await handle(new Request(url, { method, headers, ...(isBare ? {} : { body }) }));
          expect(response.status).toBe(401);
        },
      ),
      { numRuns: 300 },
    );
    expect(calls).toEqual([]);
  });
});
