/** What an operator sees of `pintumbler serve`: health, readiness, metrics, logs, limits, and how it ends. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import fc from 'fast-check';
import { createToken, deriveToken, formatToken, PintumblerError } from 'pintumbler';
import { igloohome } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { background } from '../src/cli/background.ts';
import { kindOf, logFor } from '../src/cli/log.ts';
import { Metrics } from '../src/cli/metrics.ts';
import { rateLimit } from '../src/cli/rate-limit.ts';
import { apiKeyHash } from '../src/seam/index.ts';
import { readExposition, type Sample } from './support/exposition.ts';
import { KEY, serveWorld, turn } from './support/serve-world.ts';

const UUID = '4c0ffee0-1234-4abc-8def-0123456789ab';
const token = deriveToken(
  createToken({
    vendor: igloohome,
    deviceId: 'shed',
    root: new Uint8Array(32).fill(2),
    timeZone: 'Asia/Tokyo',
  }),
);
const FILES = {
  devices: JSON.stringify({ token: formatToken(token), device_id: UUID, name: 'Bike shed' }),
  keys: KEY,
};
const FLAGS = ['--devices', 'devices', '--keys', 'keys'];
const stay = {
  device_id: UUID,
  is_offline_access_code: true,
  starts_at: '2026-11-22T12:00:00Z',
  ends_at: '2026-11-22T18:00:00Z',
};

async function serving(...argv: string[]) {
  const world = serveWorld(FILES);
  const server = await world.serve(...FLAGS, ...argv);
  /** The samples of a metric, by their labels. */
  const metric = async (name: string): Promise<readonly Sample[]> => {
    const text = await (await server.ask('/metrics')).text();
    return readExposition(text).flatMap(({ samples }) => samples.filter((sample) => sample.name === name));
  };
  return { ...world, ...server, metric };
}

describe('the text form of metrics', () => {
  it('is what the format says, whatever stands in labels and help', () => {
    const label = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\r', ''));
    const values = fc.array(fc.tuple(label, fc.double({ min: 0, max: 20, noNaN: true })), { maxLength: 20 });
    fc.assert(
      fc.property(label, values, (help, observed) => {
        const metrics = new Metrics();
        const count = metrics.counter('things_total', help);
        const observe = metrics.histogram('things_seconds', help, [0.5, 1, 10]);
        metrics.gauge('things', help, () => observed.length, { kind: help });
        metrics.gauge('nothing', help, () => undefined);
        for (const [name, value] of observed) {
          count({ name });
          observe({ name }, value);
        }
        const families = readExposition(metrics.text());
        expect(families.map(({ name, type }) => `${name} ${type}`)).toEqual([
          'things_total counter',
          'things_seconds histogram',
          'things gauge',
          'nothing gauge',
        ]);
        for (const family of families) expect(family.help).toBe(help);
        const [counter, histogram, gauge, nothing] = families.map(({ samples }) => samples);
        for (const name of new Set(observed.map(([each]) => each))) {
          const its = observed.filter(([each]) => each === name).map(([, value]) => value);
          expect(counter?.find(({ labels }) => labels['name'] === name)?.value).toBe(its.length);
          const under = (bound: string): number | undefined =>
            histogram?.find(({ labels }) => labels['name'] === name && labels['le'] === bound)?.value;
          for (const bound of [0.5, 1, 10])
            expect(under(String(bound))).toBe(its.filter((value) => value <= bound).length);
          expect(under('+Inf')).toBe(its.length);
          const sum = histogram?.find((each) => each.name.endsWith('_sum') && each.labels['name'] === name);
          expect(sum?.value).toBeCloseTo(its.reduce((all, value) => all + value, 0));
        }
        expect(gauge).toEqual([{ name: 'things', labels: { kind: help }, value: observed.length }]);
        expect(nothing).toEqual([]);
      }),
    );
  });

  it('has known series from the start', () => {
    const metrics = new Metrics();
    const count = metrics.counter('x_total', 'X.', [{ by: 'a' }, { by: 'b' }]);
    count({ by: 'b' }, 2);
    expect(metrics.text()).toBe(
      '# HELP x_total X.\n# TYPE x_total counter\nx_total{by="a"} 0\nx_total{by="b"} 2\n',
    );
  });
});

describe('/health, /ready and /metrics', () => {
  it('answer without a key, to GET and HEAD', async () => {
    const { ask } = await serving();
    for (const [path, type, body] of [
      ['/health', 'application/json', '{"status":"ok"}'],
      ['/ready', 'application/json', '{"status":"ready"}'],
      ['/metrics', 'text/plain; version=0.0.4; charset=utf-8', undefined],
    ] as const) {
      const got = await ask(`${path}?verbose=1`);
      expect([got.status, got.headers.get('content-type')]).toEqual([200, type]);
      expect(got.headers.get('cache-control')).toBe('no-store');
      if (body !== undefined) expect(await got.text()).toBe(body);
      const head = await ask(path, { method: 'HEAD' });
      expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([200, type, '']);
      const posted = await ask(path, { method: 'POST' });
      expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
  });

  it('are no requests of their own in counts and log', async () => {
    const { ask, metric, err } = await serving('--log', 'json');
    for (const path of ['/health', '/ready', '/metrics']) await ask(path);
    expect(await metric('pintumbler_requests_total')).toEqual([]);
    expect(err()).not.toContain('"event":"request"');
  });

  it('count requests by route and status, and time them', async () => {
    const { call, ask, metric } = await serving();
    await call('/devices/list');
    await call('/devices/list', {}, `${KEY}x`);
    await call('/devices/get', { device_id: '00000000-0000-4000-8000-000000000000' });
    await ask('/devices/list/');
    await ask(`/${KEY}`);
    await ask('/__proto__');
    const requests = await metric('pintumbler_requests_total');
    expect(
      requests.map(({ labels, value }) => [labels['route'], labels['status'], labels['by'], value]),
    ).toEqual([
      ['/devices/list', '200', 'here', 1],
      ['/devices/list', '401', 'here', 1],
      ['/devices/get', '404', 'here', 1],
      ['other', '404', 'here', 3],
    ]);
    const times = await metric('pintumbler_request_duration_seconds_count');
    expect(times.map(({ labels, value }) => [labels['route'], value])).toEqual([
      ['/devices/list', 2],
      ['/devices/get', 1],
      ['other', 3],
    ]);
    expect(await metric('pintumbler_devices')).toMatchObject([{ value: 1 }]);
    expect(await metric('pintumbler_build_info')).toMatchObject([{ labels: { version: '0.1.0' }, value: 1 }]);
  });

  it('count codes, and why there are none', async () => {
    const { call, metric } = await serving('--no-rate-limits');
    for (let guest = 0; guest < 6; guest++) await call('/access_codes/create', stay);
    await call('/access_codes/create_multiple', { ...stay, device_ids: [UUID], device_id: undefined });
    await call('/access_codes/create', { ...stay, ends_at: '2026-11-22T11:00:00Z' });
    await call('/access_codes/create', { ...stay, device_id: UUID.replace('4c', '5c') });
    const window = { starts_at: '2026-11-23T12:00:00Z', ends_at: '2026-11-23T18:00:00Z' };
    const { access_code } = await call('/access_codes/create', {
      ...stay,
      ...window,
      use_backup_access_code_pool: true,
    });
    await call('/access_codes/pull_backup_access_code', { access_code_id: access_code.access_code_id });
    await call('/access_codes/list', { device_id: UUID });
    expect((await metric('pintumbler_codes_created_total')).map(({ value }) => value)).toEqual([3 + 1 + 1]);
    const refused = await metric('pintumbler_codes_refused_total');
    expect(Object.fromEntries(refused.map(({ labels, value }) => [labels['reason'], value]))).toEqual({
      no_space_for_access_code_on_device: 3 + 1,
      invalid_input: 1,
      device_not_found: 1,
    });
  });

  it('count a code that is still to come', async () => {
    const { call, metric } = await serving('--assign-after', '30');
    expect((await call('/access_codes/create', stay)).access_code.code).toBe(null);
    expect(await metric('pintumbler_codes_created_total')).toMatchObject([{ value: 1 }]);
  });
});

describe('the log', () => {
  it('--log json is one object a line, for events and requests', async () => {
    const { call, ask, err, tell, exit } = await serving('--log', 'json', '--host', '0.0.0.0');
    await call('/access_codes/create', stay);
    await call('/access_codes/create', { ...stay, ends_at: '2026-11-22T11:00:00Z' });
    await ask('/devices/list?api_key=x', { method: 'TRUNCATE' });
    tell();
    await turn();
    expect(await exit).toBe(0);
    const lines = err()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
    for (const line of lines) expect(line).toMatchObject({ time: '2026-11-22T00:00:00Z' });
    expect(lines.map(({ event, level }) => `${level} ${event}`)).toEqual([
      'info devices',
      'info vendor',
      'warn no_tls',
      'warn store',
      'info listening',
      'info request',
      'info request',
      'info request',
      'info stopping',
      'info stopped',
    ]);
    expect(
      lines.filter(({ event }) => event === 'request').map(({ request_id: _, ...line }) => line),
    ).toEqual([
      {
        time: '2026-11-22T00:00:00Z',
        level: 'info',
        event: 'request',
        route: '/access_codes/create',
        method: 'POST',
        status: 200,
        ms: 0,
        by: 'here',
      },
      expect.objectContaining({ status: 400, error: 'invalid_input' }),
      expect.objectContaining({
        route: '/devices/list',
        method: 'other',
        status: 401,
        error: 'unauthorized',
      }),
    ]);
  });

  it('has the id of the answer, how long it took, and the SDK if it says a version', async () => {
    const world = serveWorld(FILES);
    const { ask } = await world.serve(...FLAGS, '--log', 'json');
    const with_ = (version: string) => ask('/devices/list', { headers: { 'seam-sdk-version': version } });
    const response = await with_('2.32.0');
    await with_('1.0.0-beta.1');
    await with_(KEY);
    await with_('482901377');
    const requests = world
      .err()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === 'request');
    expect(requests.map(({ sdk_version }) => sdk_version)).toEqual([
      '2.32.0',
      '1.0.0-beta.1',
      undefined,
      undefined,
    ]);
    expect(requests[0].request_id).toBe(response.headers.get('seam-request-id'));
  });

  it.each(['json', 'text'])('of %s names no device, guest, code or key, nor do counts', async (form) => {
    const { call, ask, err } = await serving('--log', form);
    const before = form === 'text' ? err().length : 0;
    const [name, secret] = ['Ana Guest', 'hunter2hunter2'];
    const { access_code } = await call('/access_codes/create', { ...stay, name });
    await call('/access_codes/get', { access_code_id: access_code.access_code_id });
    await call('/access_codes/get', { device_id: UUID, code: access_code.code });
    await call('/access_codes/create', { ...stay, [secret]: name }, `seam_${secret.repeat(3)}`);
    await call('/access_codes/create', { ...stay, [secret]: name });
    await ask(`/access_codes/get?code=${access_code.code}&${secret}`, {
      headers: { authorization: `Bearer ${KEY}`, 'seam-sdk-version': secret, cookie: secret },
    });
    await ask(`/${access_code.code}/${secret}`, { method: 'HUNTER' });
    const metrics = await (await ask('/metrics')).text();
    // For people the devices are listed at the start.
    const said = err().slice(before) + metrics;
    for (const word of [
      KEY,
      UUID,
      name,
      secret,
      access_code.code,
      access_code.access_code_id,
      'Bike',
      formatToken(token),
    ])
      expect(said).not.toContain(word);
    expect(said).not.toMatch(/hunter/i);
  });

  it('without --log tells no requests', async () => {
    const { call, err } = await serving();
    const before = err();
    await call('/devices/list');
    expect(err()).toBe(before);
  });

  it.each<[string, unknown, string]>([
    ['of ours by its code', new PintumblerError('store_damaged', 'hunter2'), 'store_damaged'],
    ['of the system', Object.assign(new Error('hunter2'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['of PostgreSQL', Object.assign(new Error('hunter2'), { code: '57P01' }), '57P01'],
    ['of Node', Object.assign(new TypeError('hunter2'), { code: 'ERR_INVALID_URL' }), 'ERR_INVALID_URL'],
    ['with another code', Object.assign(new RangeError('x'), { code: 'hunter2 48290' }), 'RangeError'],
    ['with none', new TypeError('hunter2'), 'TypeError'],
    ['that is none', 'hunter2', 'string'],
  ])('an error %s', (_, error, kind) => expect(kindOf(error)).toBe(kind));

  it('of text has lines for people, of JSON the fields', () => {
    const lines: string[] = [];
    const io = { err: (line: string) => lines.push(line), now: () => 1795305600 };
    for (const form of ['text', 'json'] as const) {
      const log = logFor(io, form);
      log.say('hello');
      log.event('warn', 'tasks', { task: 'devices' }, 'devices: so and so');
      log.event('info', 'stopped', {});
      log.request('info', { route: 'other' });
    }
    expect(lines).toEqual([
      'hello',
      'devices: so and so',
      '{"time":"2026-11-22T00:00:00Z","level":"warn","event":"tasks","task":"devices"}',
      '{"time":"2026-11-22T00:00:00Z","level":"info","event":"stopped"}',
      '{"time":"2026-11-22T00:00:00Z","level":"info","event":"request","route":"other"}',
    ]);
  });
});

describe('limits', () => {
  const other = 'seam_test2_abcdefghijklmnopqrstuvwx';
  const hashes = [apiKeyHash(KEY), apiKeyHash(other)];

  it('never let more through in any minute, and let all through that a limit leaves', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), steps, (most, gaps) => {
        let now = 0;
        const allows = rateLimit(hashes, most, () => now);
        const passed: number[] = [];
        for (const gap of gaps) {
          now += gap;
          const recent = passed.filter((time) => time > now - 60_000).length;
          // It counts by whole seconds: at most one more of them than a minute has.
          const longer = passed.filter((time) => time > now - 62_000).length;
          const isAllowed = allows(`Bearer ${KEY}`);
          if (isAllowed) passed.push(now);
          if (recent >= most) expect(isAllowed).toBe(false);
          if (longer < most) expect(isAllowed).toBe(true);
        }
      }),
    );
  });

  it('are of each key, and of none that is not known', () => {
    const allows = rateLimit(hashes, 1, () => 0);
    const asked = [KEY, KEY, other, other, `${KEY}x`, `${KEY}x`].map((key) => allows(`bearer ${key}`));
    expect(asked).toEqual([true, false, true, false, true, true]);
    expect([null, '', 'Basic x', KEY].map(allows)).toEqual([true, true, true, true]);
  });

  it('--rate-limit answers 429 in the envelope of the API, until a minute has gone', async () => {
    const { call, ask, advance, metric } = await serving('--rate-limit', '3');
    const statuses = async () => [(await call('/devices/list')).status, (await call('/devices/list')).status];
    expect([...(await statuses()), ...(await statuses())]).toEqual([200, 200, 200, 429]);
    const response = await ask('/devices/list', { headers: { authorization: `Bearer ${KEY}` } });
    expect(response.headers.get('seam-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get('retry-after')).toBe(null);
    expect(await response.json()).toEqual({
      error: { type: 'rate_limit_exceeded', message: 'Too many requests a minute with this API key' },
      ok: false,
    });
    expect((await ask('/ready')).status).toBe(200);
    await advance(61_000);
    expect(await statuses()).toEqual([200, 200]);
    expect(await metric('pintumbler_requests_total')).toMatchObject([
      { value: 5 },
      { labels: { status: '429' }, value: 2 },
    ]);
  });

  it('--body-limit and --timeout reach those who keep them', async () => {
    const { call, patience } = await serving('--body-limit', '200', '--timeout', '7');
    expect(patience).toBe(7000);
    expect((await serving()).patience).toBe(30_000);
    expect((await call('/devices/list', { name: 'x'.repeat(200) })).status).toBe(413);
    expect((await call('/devices/list')).status).toBe(200);
  });

  it.each([
    ['--rate-limit', '0', /--rate-limit expected requests a minute from 1 to 1000000, got 0/],
    ['--body-limit', '0', /--body-limit expected bytes from 1 to 1073741824/],
    ['--body-limit', '1MB', /--body-limit expected bytes .*, got a string of length 3/],
    ['--timeout', '0', /--timeout expected seconds from 1 to 3600/],
    ['--drain', '3601', /--drain expected seconds from 0 to 3600/],
  ])('%s %s is refused', async (flag, value, message) => {
    const { command, err } = serveWorld(FILES);
    expect(await command('serve', ...FLAGS, flag, value)).toBe(3);
    expect(err()).toMatch(message);
  });

  it('--log takes text or json', async () => {
    const { command, err } = serveWorld(FILES);
    expect(await command('serve', ...FLAGS, '--log', 'xml')).toBe(2);
    expect(err()).toMatch(/--log takes text or json/);
  });
});

describe('--upstream', () => {
  /** Stands for the real API: says what it was asked. */
  async function real() {
    const server = createServer((request, response) => {
      response.setHeader('seam-request-id', 'theirs-1');
      response.statusCode = request.url === '/thermostats/list' ? 200 : 404;
      response.end(JSON.stringify({ error: { type: 'hunter2' }, asked: request.url }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    return { server, url: `http://127.0.0.1:${port}` };
  }

  it('has what is not ours, counted apart; the paths of the operator stay here', async () => {
    const { server, url } = await real();
    const { call, ask, err, metric } = await serving('--upstream', url, '--log', 'json');
    expect(await call('/thermostats/list')).toMatchObject({ status: 200, asked: '/thermostats/list' });
    expect(await call('/access_codes/create', { device_id: UUID })).toMatchObject({ status: 404 });
    expect((await call('/access_codes/create', stay)).access_code.code).toMatch(/^\d{9}$/);
    for (const path of ['/health', '/ready', '/metrics']) expect((await ask(path)).status).toBe(200);
    const requests = await metric('pintumbler_requests_total');
    expect(requests.map(({ labels }) => Object.values(labels))).toEqual([
      ['other', '200', 'upstream'],
      ['/access_codes/create', '404', 'upstream'],
      ['/access_codes/create', '200', 'here'],
    ]);
    expect(await metric('pintumbler_codes_created_total')).toMatchObject([{ value: 1 }]);
    expect(await metric('pintumbler_codes_refused_total')).toEqual([]);
    expect(err()).not.toContain('hunter2');
    expect(err()).toContain(
      '"request_id":"theirs-1","route":"other","method":"POST","status":200,"ms":0,"by":"upstream"',
    );

    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    expect(await call('/thermostats/list')).toMatchObject({
      status: 502,
      error: { type: 'upstream_unavailable' },
    });
    const failed = err()
      .split('\n')
      .map((line) => JSON.parse(line))
      .find(({ event }) => event === 'failed');
    expect(failed).toMatchObject({ level: 'error', error: expect.stringMatching(/^ECONN/) });
    expect(err()).not.toContain(url.slice(7));
  });

  it.each(['ftp://x', 'connect.getseam.com', 'https://u:hunter2@x'])('is not %s', async (url) => {
    const { command, err } = serveWorld(FILES);
    expect(await command('serve', ...FLAGS, '--upstream', url)).toBe(2);
    expect(err()).toMatch(/--upstream takes/);
    expect(err()).not.toContain('hunter2');
  });
});

describe('the end', () => {
  it('/ready says no at once, answers go on while it drains, then it stops listening', async () => {
    const { call, ask, tell, advance, done, exit } = await serving('--drain', '20');
    tell();
    await turn();
    const response = await ask('/ready');
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: 'not_ready', reason: 'stopping' },
    ]);
    expect((await ask('/health')).status).toBe(200);
    expect((await call('/devices/list')).status).toBe(200);
    await advance(19_999);
    expect(done).toEqual([]);
    await advance(1);
    expect(await exit).toBe(0);
    expect(done).toEqual(['closed']);
  });
});

describe('work in the background', () => {
  it('runs again after its rest; what fails is told, and tried again after a growing pause', async () => {
    const { io, advance, waits } = serveWorld({});
    let isBroken = false;
    let runs = 0;
    const told: string[] = [];
    const run = async (): Promise<number> => {
      runs += 1;
      if (isBroken) throw new Error(`${runs}`);
      return 500;
    };
    const { stop } = background([{ name: 'look', run }], io, (task, error) =>
      told.push(`${task} ${kindOf(error)}`),
    );
    await turn();
    expect([runs, waits()]).toEqual([1, [500]]);
    await advance(499);
    expect(runs).toBe(1);
    await advance(1);
    expect(runs).toBe(2);
    isBroken = true;
    const pauses: number[] = [];
    for (let again = 0; again < 8; again++) {
      await advance(waits()[0] ?? 0);
      pauses.push(waits()[0] ?? 0);
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(told).toHaveLength(8);
    expect(new Set(told)).toEqual(new Set(['look Error']));
    isBroken = false;
    await advance(30_000);
    expect(waits()).toEqual([500]);
    isBroken = true;
    await advance(500);
    expect(waits()).toEqual([1000]);
    await stop();
    expect(waits()).toEqual([]);
    await advance(100_000);
    expect(runs).toBe(12);
  });

  it('comes to its end before stop does, and one that fails leaves the others alone', async () => {
    const { io, advance } = serveWorld({});
    let finish = (): void => undefined;
    let others = 0;
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const tasks = [
      { name: 'slow', run: () => slow.then(() => 1000) },
      { name: 'bad', run: () => Promise.reject(new Error('no')) },
      {
        name: 'other',
        run: async () => {
          others += 1;
          return 1000;
        },
      },
    ];
    const { stop } = background(tasks, io, () => undefined);
    await turn();
    await advance(1000);
    await advance(1000);
    expect(others).toBe(3);
    let isOver = false;
    const stopped = stop().then(() => {
      isOver = true;
    });
    await turn();
    expect(isOver).toBe(false);
    finish();
    await stopped;
  });
});
