/**
 * The handler over the real service, with a door of every vendor: whatever comes in, in whatever order, is done or refused.
 * Nothing is a server error, and nothing is answered outside the envelope.
 */
import fc from 'fast-check';
import { createToken } from 'pintumbler';
import { zoneFacts } from 'pintumbler/calendar';
import { apiKeyHash, memoryStore, type SeamDevice, seamHandler } from 'pintumbler/seam';
import { builtIn, type Vendor } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/seam/routes.ts';
import { keyFormOf } from '../../src/token.ts';
import { at, deep } from '../support/helpers.ts';
import { LiteralOutbox } from '../support/outbox-literal.ts';
import { API_KEY, uuidOf } from '../support/seam-world.ts';

const ZONES = ['UTC', 'Europe/Lisbon', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'];
const DAY = 86_400;

function secretOf(vendor: Vendor) {
  const { from, ascii } = keyFormOf(vendor);
  if (ascii) return { key: new TextEncoder().encode('k'.repeat(from)) };
  const isOwn = 'key' in vendor.scheme && vendor.scheme.key;
  return isOwn ? { key: new Uint8Array(Math.max(from, 16)).fill(7) } : { root: new Uint8Array(32).fill(7) };
}

const devices: readonly SeamDevice[] = builtIn.map((vendor, index) => ({
  deviceId: uuidOf(0xd0000000 + index),
  name: vendor.id,
  token: createToken({
    vendor,
    deviceId: vendor.id,
    ...secretOf(vendor),
    ...zoneFacts(ZONES[index % ZONES.length] ?? 'UTC', at('2020-01-01T00:00Z'), at('2036-01-01T00:00Z')),
    ...(vendor.sample !== undefined && { config: vendor.sample }),
  }),
}));

interface Call {
  readonly path: string;
  readonly verb: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** How far the clock goes on before it. */
  readonly wait: number;
}

const PATHS = [...ROUTES].flatMap(([path, { verbs }]) => verbs.map((verb) => ({ path, verb })));

const stamp = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.integer({ min: -2, max: 800 }),
        fc.constantFrom(0, 0, 600, 3600, 36_000, 43_200, 57_599, 79_200),
      )
      .map(([day, second]) => new Date((at('2026-03-01T00:00Z') + day * DAY + second) * 1000).toISOString()),
  },
  fc.constantFrom(
    '0000-01-01T00:00:00Z',
    '1969-12-31T23:59:59-14:00',
    '2019-12-31T23:59:59Z',
    '9999-12-31T23:59:59.999999Z',
    '9999-12-31T23:59:59-23:59',
    '2026-02-30T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T25:61:61Z',
    '2026-03-01T10:00:00+99:99',
    '2026-03-08T02:30:00',
    '2026-11-01T01:30:00',
    '2026-03-01 10:00',
    '2026-03-01t10:00:00,5z',
    '2035-12-31T23:00:00Z',
    '2040-01-01T00:00:00Z',
  ),
);

const deviceId = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...devices.map((device) => device.deviceId ?? '')) },
  fc.constant(uuidOf(1)),
);

/** One of those that were told so far, when it is asked with; or none. */
const anyId = fc.oneof(
  { weight: 9, arbitrary: fc.nat(1000).map((told) => ({ told })) },
  fc.string(),
  fc.constant(uuidOf(1)),
);

/** A booking as people make it, or two times that have nothing to do with each other. */
const times = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.integer({ min: 0, max: 60 }),
        fc.constantFrom(1, 1, 2, 7, 28, 29, 60),
        fc.constantFrom(0, 0, 0, 1800),
      )
      .map(([day, days, late]) => {
        const start = at('2026-03-02T00:00Z') + day * DAY + late;
        const end = start + days * DAY;
        return {
          starts_at: new Date(start * 1000).toISOString(),
          ends_at: new Date(end * 1000).toISOString(),
        };
      }),
  },
  fc.record({ starts_at: stamp, ends_at: stamp }),
);

/** Mostly right values: what a careless client sends, and not only noise. */
const parameters = fc
  .record({
    device_id: deviceId,
    device_ids: fc.array(deviceId, { maxLength: 4 }),
    access_code_id: anyId,
    access_code_ids: fc.array(anyId, { maxLength: 4 }),
    action_attempt_id: anyId,
    is_one_time_use: fc.boolean(),
    is_offline_access_code: fc.constantFrom(...new Array<boolean>(9).fill(true), false),
    max_time_rounding: fc.constantFrom('1h', '1d', '1hour', '1day'),
    use_backup_access_code_pool: fc.constantFrom(true, true, true, false),
    behavior_when_code_cannot_be_shared: fc.constantFrom('throw', 'create_random_code'),
    common_code_key: fc.constantFrom('a', 'b', '', '__proto__', 'constructor'),
    reissue: fc.boolean(),
    name: fc.oneof(fc.string({ unit: 'binary' }), fc.constant(null)),
    code: fc.constantFrom('', '0', '483920175', '１２３'),
    search: fc.string({ minLength: 1 }),
    limit: fc.constantFrom(1, 2, 500),
    page_cursor: fc.oneof(fc.base64String(), fc.string(), fc.constantFrom(null, 'WzFd', 'e30=', 'bnVsbA==')),
    since: stamp,
    between: fc.array(stamp, { maxLength: 3 }),
    unstable_offset: fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER),
    event_types: fc.constantFrom(['access_code.created'], ['access_code.created'], ['__proto__'], []),
    url: fc.oneof(fc.webUrl(), fc.string(), fc.constantFrom('http://[', 'https://a@b.test', 'javascript:0')),
    webhook_id: anyId,
    state: fc.constantFrom('pending', 'failed', '__proto__'),
    include_if: fc.constantFrom(['can_program_offline_access_codes'], ['__proto__', 'toString']),
    supported_code_lengths: fc.array(fc.integer({ min: 4, max: 20 }), { minLength: 1 }),
    min_code_length: fc.integer({ min: 4, max: 20 }),
    max_code_length: fc.integer({ min: 4, max: 20 }),
    created_before: stamp,
    times,
  })
  .map(({ times: { starts_at, ends_at }, ...rest }) => ({ ...rest, starts_at, ends_at }));

type Values = Readonly<Record<string, unknown>>;

/** By path: what is always sent, and what is sent or not, so that a call comes further than to the unknown names. */
const FITTING: Readonly<Record<string, readonly [always: string, maybe: string]>> = {
  '/access_codes/create': [
    'device_id starts_at ends_at is_offline_access_code use_backup_access_code_pool',
    'is_one_time_use max_time_rounding common_code_key name',
  ],
  '/access_codes/create_multiple': [
    'device_ids starts_at ends_at is_offline_access_code',
    'is_one_time_use max_time_rounding behavior_when_code_cannot_be_shared name',
  ],
  '/access_codes/update': [
    'access_code_id',
    'starts_at ends_at is_one_time_use max_time_rounding name reissue',
  ],
  '/access_codes/update_multiple': ['common_code_key', 'starts_at ends_at name reissue'],
  '/access_codes/delete': ['access_code_id', 'device_id'],
  '/access_codes/generate_code': ['device_id', ''],
  '/access_codes/pull_backup_access_code': ['access_code_id', ''],
  '/access_codes/report_device_constraints': [
    'device_id',
    'supported_code_lengths min_code_length max_code_length',
  ],
  '/access_codes/get': ['', 'access_code_id device_id code'],
  '/access_codes/list': ['', 'device_id access_code_ids search limit page_cursor'],
  '/action_attempts/get': ['action_attempt_id', ''],
  '/events/list': ['', 'since between access_code_ids device_ids event_types limit unstable_offset'],
  '/devices/get': ['', 'device_id name'],
  '/locks/get': ['', 'device_id name'],
  '/devices/list': ['', 'device_ids include_if created_before search limit page_cursor'],
  '/locks/list': ['', 'device_ids include_if created_before search limit page_cursor'],
  '/webhooks/create': ['url', 'event_types'],
  '/webhooks/get': ['webhook_id', ''],
  '/webhooks/update': ['webhook_id event_types', ''],
  '/webhooks/delete': ['webhook_id', ''],
  '/webhook_deliveries/list': ['', 'webhook_id state limit page_cursor'],
};

/** Codes are made often: without them the rest has nothing to be about. */
const aPath = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom({ path: '/access_codes/create', verb: 'POST' }) },
  { weight: 3, arbitrary: fc.constantFrom(...PATHS) },
);

const ALL_NAMES = [...new Set(Object.values(FITTING).flatMap((names) => names.join(' ').split(' ')))];

const call: fc.Arbitrary<Call> = fc
  .tuple(
    aPath,
    parameters,
    fc.subarray(ALL_NAMES),
    fc.constantFrom(...new Array<boolean>(9).fill(true), false),
    fc.constantFrom(...new Array<number>(17).fill(0), 60, 3600, 20 * DAY),
  )
  .map(([{ path, verb }, values, chosen, fits, wait]) => {
    const [always, maybe] = (FITTING[path] ?? ['', '']).map((names) => names.split(' '));
    const isSent = (name: string): boolean =>
      always?.includes(name) || (chosen.includes(name) && (!fits || maybe?.includes(name) === true));
    return {
      path,
      verb,
      wait,
      values: Object.fromEntries(Object.entries(values).filter(([name]) => isSent(name))),
    };
  });

interface Told {
  readonly codes: string[];
  readonly attempts: string[];
  readonly webhooks: string[];
}

/** Ids in the place of `told`. */
function resolved(value: unknown, ids: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, ids));
  if (typeof value !== 'object' || value === null || !('told' in value)) return value;
  return ids[ids.length - 1 - (Number(value.told) % Math.max(1, ids.length))] ?? uuidOf(1);
}

/** Every id that an answer tells, for later calls. */
function idsIn(text: string, name: string): readonly string[] {
  return [...text.matchAll(new RegExp(`"${name}":"([^"]+)"`, 'g'))].flatMap(([, id]) => id ?? []);
}

const NOTHING: Told = { codes: [], attempts: [], webhooks: [] };

function requestOf({ path, verb, values: asked }: Call, told: Told = NOTHING): Request {
  const lists: Readonly<Record<string, readonly string[]>> = {
    action_attempt_id: told.attempts,
    webhook_id: told.webhooks,
  };
  const values = Object.fromEntries(
    Object.entries(asked).map(([name, value]) => [name, resolved(value, lists[name] ?? told.codes)]),
  );
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
  if (verb !== 'GET' && verb !== 'DELETE')
    return new Request(`https://seam.test${path}`, { method: verb, headers, body: JSON.stringify(values) });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    for (const item of Array.isArray(value) && value.length > 0 ? value : [value ?? ''])
      query.append(name, String(item));
  return new Request(`https://seam.test${path}?${query}&_strict=true`, { method: verb, headers });
}

function worldOf(options: { readonly assignAfter?: number; readonly rateLimits?: false }) {
  const clock = { now: at('2026-03-01T15:00Z') };
  const errors: unknown[] = [];
  let made = 0;
  const handle = seamHandler({
    devices,
    store: memoryStore(),
    outbox: new LiteralOutbox(),
    now: () => clock.now,
    uuid: () => uuidOf(++made),
    apiKeys: [apiKeyHash(API_KEY)],
    onError: (error) => errors.push(error),
    ...options,
  });
  return { clock, errors, handle };
}

async function checkAnswer(response: Response): Promise<Values> {
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('seam-request-id')).not.toBe('');
  const body: Values = JSON.parse(await response.text());
  expect(body['ok']).toBe(response.ok);
  if (!response.ok)
    expect(body).toEqual({
      error: expect.objectContaining({ type: expect.any(String), message: expect.any(String) }),
      ok: false,
    });
  return body;
}

describe('random calls to random doors', () => {
  it('are done or refused, one after the other, and every path is done sometimes', async () => {
    const done = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 25, maxLength: 40 }),
        fc.constantFrom<Parameters<typeof worldOf>[0]>({}, { rateLimits: false }, { assignAfter: 90 }),
        async (sequence, options) => {
          const { clock, errors, handle } = worldOf(options);
          const told: Told = { codes: [], attempts: [], webhooks: [] };
          for (const each of sequence) {
            clock.now += each.wait;
            const response = await handle(requestOf(each, told));
            const text = JSON.stringify(await checkAnswer(response));
            told.codes.push(...idsIn(text, 'access_code_id'));
            told.attempts.push(...idsIn(text, 'action_attempt_id'));
            told.webhooks.push(...idsIn(text, 'webhook_id'));
            if (response.ok) done.add(each.path);
            expect(errors).toEqual([]);
          }
        },
      ),
      { numRuns: deep(100) },
    );
    expect([...ROUTES.keys()].filter((path) => !done.has(path))).toEqual([]);
  });

  it('are done or refused, all at once; of four for one time, three get the three codes that there are', async () => {
    const igloohome = devices.find(({ name }) => name === 'igloohome');
    const booking = { starts_at: '2026-03-02T15:00:00Z', ends_at: '2026-03-03T15:00:00Z' };
    const values = { device_id: igloohome?.deviceId, ...booking, is_offline_access_code: true };
    const same: Call = { path: '/access_codes/create', verb: 'POST', wait: 0, values };
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 5, maxLength: 30 }), async (sequence) => {
        const { errors, handle } = worldOf({ rateLimits: false });
        const answers = await Promise.all(
          [same, same, ...sequence, same, same].map(async (each) =>
            checkAnswer(await handle(requestOf(each))),
          ),
        );
        expect(errors).toEqual([]);
        const codes = [...answers.slice(0, 2), ...answers.slice(-2)].map(({ access_code }) =>
          typeof access_code === 'object' && access_code && 'code' in access_code
            ? access_code.code
            : undefined,
        );
        expect(codes.filter((code) => code === null)).toHaveLength(1);
        expect(new Set(codes).size).toBe(4);
      }),
      { numRuns: deep(40) },
    );
  });
});
