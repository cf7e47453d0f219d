/** Webhooks as their owner sees them: the calls, what is sent and when, and what becomes of it. */
import { memoryStore, type WebhookSenderOptions, webhookSender } from 'pintumbler/seam';
import { igloohome, pintumbler } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { secretOf, signedHeaders } from '../../src/seam/webhook-signature.ts';
import { at } from '../support/helpers.ts';
import { LiteralOutbox, watched } from '../support/outbox-literal.ts';
import { uuidOf } from '../support/seam-world.ts';
import { type Answer, ok, signatureOf, type WebhookWorld, webhookWorld } from '../support/webhook-world.ts';
import { deviceFor, facadeOf, type Values } from './support.ts';

const NOW = at('2026-03-01T08:00:00Z');
const HOUR = 3600;
const DAY = 24 * HOUR;
const DOOR = deviceFor(igloohome, 1);
const SHED = deviceFor(pintumbler, 2, 'Europe/Lisbon');

const hours = (from: number, to: number): Values => ({
  starts_at: new Date((NOW + from * HOUR) * 1000).toISOString(),
  ends_at: new Date((NOW + to * HOUR) * 1000).toISOString(),
});

const HOOK = 'https://hooks.test/one';
const OTHER = 'https://hooks.test/two';

const status = (code: number, headers: Readonly<Record<string, string>> = {}): Answer => {
  return () => new Response(null, { status: code, headers });
};

const typesOf = ({ received }: WebhookWorld, url: string = HOOK): readonly string[] =>
  received.filter((each) => each.url === url).map(({ event }) => event.event_type);

/** A sender's receiver that answers when it is told to. */
function gate(): { readonly answer: Answer; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { answer: () => opened.then(ok), open };
}

describe('the calls', () => {
  it('make, show, change and delete an endpoint', async () => {
    const { facade, subscribe } = webhookWorld([DOOR], NOW);
    const all = await subscribe(HOOK);
    facade.clock.now += 1;
    const some = await subscribe(OTHER, ['access_code.created', 'device.connected', 'access_code.created']);
    expect(all).toEqual({
      webhook_id: all.webhook_id,
      url: HOOK,
      event_types: ['*'],
      secret: all.secret,
      pintumbler: { is_silenced: false },
    });
    expect(some.event_types).toEqual(['access_code.created', 'device.connected']);
    for (const { secret } of [all, some]) {
      expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
      expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32);
    }
    expect(all.secret).not.toBe(some.secret);
    expect((await facade.get('webhooks/list', {})).webhooks).toEqual([all, some]);
    const { webhook_id } = some;
    expect((await facade.get('webhooks/get', { webhook_id })).webhook).toEqual(some);

    expect(await facade.ask('webhooks/update', { webhook_id, event_types: ['*'] })).toEqual({
      status: 200,
      body: { ok: true },
    });
    expect((await facade.get('webhooks/get', { webhook_id })).webhook).toEqual({
      ...some,
      event_types: ['*'],
    });
    expect(await facade.ask('webhooks/delete', { webhook_id })).toEqual({ status: 200, body: { ok: true } });
    expect((await facade.get('webhooks/list', {})).webhooks).toEqual([all]);
    for (const [path, values] of [
      ['webhooks/get', { webhook_id }],
      ['webhooks/update', { webhook_id, event_types: ['*'] }],
      ['webhooks/delete', { webhook_id }],
      ['webhook_deliveries/list', { webhook_id }],
    ] as const)
      expect(await facade.refusal(path, values)).toBe('404 webhook_not_found webhook not found');
  });

  it.each<readonly [path: string, values: Values, refusal: string]>([
    ['webhooks/create', {}, '400 invalid_input url: url is required'],
    ['webhooks/create', { url: 7 }, '400 invalid_input url: Expected string, received number for "url"'],
    ['webhooks/create', { url: 'hooks.test' }, '400 invalid_input url: Invalid url for "url"'],
    ['webhooks/create', { url: ' https://hooks.test' }, '400 invalid_input url: Invalid url for "url"'],
    ['webhooks/create', { url: 'https://hooks.test/\n' }, '400 invalid_input url: Invalid url for "url"'],
    [
      'webhooks/create',
      { url: 'file:///etc/passwd' },
      '400 invalid_input url: Must be an http or https url for "url"',
    ],
    [
      'webhooks/create',
      { url: 'https://ada:hunter2@hooks.test' },
      '400 invalid_input url: Must have no user name and no password for "url"',
    ],
    ['webhooks/create', { url: `${HOOK}#` }, '400 invalid_input url: Must have no fragment for "url"'],
    [
      'webhooks/create',
      { url: `https://hooks.test/${'x'.repeat(2000)}` },
      '400 invalid_input url: String must contain at most 2000 character(s) for "url"',
    ],
    [
      'webhooks/create',
      { url: HOOK, secret: 'whsec_' },
      "400 invalid_input Unrecognized parameters: 'secret'",
    ],
    ...[
      [],
      ['access_code.creted'],
      ['access_code'],
      ['Access_code.created'],
      ['created'],
      ['a.'.repeat(60)],
      [''],
    ].map(
      (event_types) =>
        [
          'webhooks/create',
          { url: HOOK, event_types },
          '400 invalid_event_types Invalid event types: expected up to 500 names such as access_code.set_on_device, or "*" for all',
        ] as const,
    ),
    ['webhooks/update', { webhook_id: uuidOf(1) }, '400 invalid_input event_types: event_types is required'],
    ['webhooks/get', {}, '400 invalid_input webhook_id: webhook_id is required'],
    ['webhooks/list', { limit: 3 }, "400 invalid_input Unrecognized parameters: 'limit'"],
    [
      'webhook_deliveries/list',
      { state: 'lost' },
      "400 invalid_input state: Invalid enum value. Expected 'pending' | 'delivered' | 'failed' for \"state\"",
    ],
    ['webhook_deliveries/list', { event_id: 'x' }, '400 invalid_input event_id: Invalid uuid for "event_id"'],
  ])('%s refuses %j', async (path, values, refusal) => {
    const { facade } = webhookWorld([DOOR], NOW);
    expect(await facade.refusal(path, values)).toBe(refusal);
  });

  it('take every event type that Seam has of access codes', async () => {
    const { subscribe } = webhookWorld([DOOR], NOW);
    const types = ['access_code.unmanaged.created', 'access_code.code_changed', 'lock.unlocked', '*'];
    expect((await subscribe(HOOK, types)).event_types).toEqual(types);
  });

  it('make no more than a hundred endpoints', async () => {
    const { facade, subscribe } = webhookWorld([DOOR], NOW);
    for (let made = 0; made < 100; made++) await subscribe(HOOK);
    expect(await facade.refusal('webhooks/create', { url: HOOK })).toBe(
      '400 invalid_input There are 100 webhooks already: delete one first',
    );
  });

  it('are not there without something that keeps webhooks', async () => {
    const { refusal } = facadeOf([DOOR], NOW);
    for (const [path, values] of [
      ['webhooks/create', { url: HOOK }],
      ['webhooks/get', { webhook_id: 'x' }],
      ['webhooks/list', {}],
      ['webhooks/update', { webhook_id: 'x', event_types: ['*'] }],
      ['webhooks/delete', { webhook_id: 'x' }],
      ['webhook_deliveries/list', {}],
    ] as const)
      expect(await refusal(path, values)).toBe('404 not_found There are no webhooks here');
  });

  it('list deliveries in stable pages, by endpoint, event and state', async () => {
    const { facade, subscribe, settle, answers, list } = webhookWorld([DOOR], NOW);
    const [one, two] = [await subscribe(HOOK), await subscribe(OTHER)];
    answers.set(OTHER, status(500));
    for (let made = 0; made < 3; made++) await facade.create(DOOR, { name: `${made}`, ...hours(100, 101) });
    await settle();
    const every = await list();
    expect(every).toHaveLength(6);
    for (const limit of [1, 2, 4, 6]) {
      const walked: unknown[] = [];
      for (let page_cursor: string | null = null; ; ) {
        const { webhook_deliveries, pagination } = await facade.get('webhook_deliveries/list', {
          limit,
          page_cursor,
        });
        expect(webhook_deliveries.length).toBeLessThanOrEqual(limit);
        walked.push(...webhook_deliveries);
        page_cursor = pagination.next_page_cursor;
        if (page_cursor === null) break;
      }
      expect(walked).toEqual(every);
    }
    const [first] = every;
    expect(await list({ webhook_id: one.webhook_id })).toEqual(
      every.filter(({ webhook_id }) => webhook_id === one.webhook_id),
    );
    expect(await list({ state: 'pending' })).toEqual(
      every.filter(({ webhook_id }) => webhook_id === two.webhook_id),
    );
    expect(await list({ event_id: first?.event_id })).toHaveLength(2);
    expect(await list({ event_id: first?.event_id, state: 'delivered' })).toEqual([first]);
    expect(await list({ state: 'failed' })).toEqual([]);
    const { pagination } = await facade.get('webhook_deliveries/list', { limit: 1 });
    expect(
      await facade.refusal('webhook_deliveries/list', {
        state: 'pending',
        page_cursor: pagination.next_page_cursor,
      }),
    ).toContain('mismatched_page_parameters');
  });
});

describe('what is sent', () => {
  it('is every event of a life, once, when it happens, as /events/list has it', async () => {
    const world = webhookWorld([DOOR, SHED], NOW);
    const { facade, runUntil, received, clock } = world;
    await world.subscribe(HOOK);
    const code = await facade.create(DOOR, {
      name: 'Ada',
      use_backup_access_code_pool: true,
      ...hours(100, 103),
    });
    await facade.create(SHED, { starts_at: '2026-03-05T15:00', ends_at: '2026-03-07T11:00' });
    await runUntil(NOW + HOUR);
    await facade.get('access_codes/update', { access_code_id: code.access_code_id, name: 'Ada Lovelace' });
    await runUntil(NOW + 90 * HOUR);
    await facade.get('access_codes/pull_backup_access_code', { access_code_id: code.access_code_id });
    await runUntil(NOW + 30 * DAY);
    const events = await world.events();
    expect(new Set(events.map(({ event_type }) => event_type))).toEqual(
      new Set([
        'access_code.created',
        'access_code.changed',
        'access_code.scheduled_on_device',
        'access_code.backup_access_code_pulled',
        'access_code.set_on_device',
        'access_code.removed_from_device',
      ]),
    );
    const byId = new Map(events.map((event) => [event.event_id, event]));
    expect(received.map(({ event }) => event.event_id).sort()).toEqual([...byId.keys()].sort());
    for (const { event, body, at: receivedAt } of received) {
      expect(event).toEqual(byId.get(event.event_id));
      expect(body).toBe(JSON.stringify(byId.get(event.event_id)));
      expect(receivedAt, event.event_type).toBe(at(event.occurred_at));
    }
    expect(received.map((each) => each.at)).toEqual(received.map((each) => each.at).sort((a, b) => a - b));
    const deliveries = await world.list();
    expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(['delivered']));
    expect(clock.now).toBe(NOW + 30 * DAY);
    expect((await world.settle()).at(-1)?.nextAt).toBeNull();
  });

  it('is signed: by both names, with the id of the event and the time of the try', async () => {
    const world = webhookWorld([DOOR], NOW);
    const { secret } = await world.subscribe(HOOK);
    world.answers.set(HOOK, status(500));
    await world.facade.create(DOOR, hours(100, 101));
    await world.settle();
    world.clock.now += 7;
    await world.settle();
    expect(world.received).toHaveLength(2);
    for (const { headers, body, at: sentAt, event } of world.received) {
      const signature = signatureOf(secret, event.event_id, String(sentAt), body);
      expect(headers).toEqual({
        'content-type': 'application/json',
        'webhook-id': event.event_id,
        'webhook-timestamp': String(sentAt),
        'webhook-signature': signature,
        'svix-id': event.event_id,
        'svix-timestamp': String(sentAt),
        'svix-signature': signature,
      });
    }
    const [first, second] = world.received;
    expect(second?.body).toBe(first?.body);
    expect([first?.at, second?.at]).toEqual([NOW, NOW + 7]);
  });

  it('is a POST that follows no redirect, and what is answered with it is not kept', async () => {
    const world = webhookWorld([DOOR], NOW);
    await world.subscribe(HOOK);
    await world.facade.create(DOOR, hours(100, 101));
    const sent: unknown[] = [];
    let isCancelled = false;
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1024)),
      cancel: () => {
        isCancelled = true;
      },
    });
    const send = async ({ method, redirect, url }: Request): Promise<Response> => {
      sent.push([method, redirect, url]);
      return new Response(endless, { status: 200 });
    };
    await world.settle(world.makeSender({ send }));
    expect(sent).toEqual([['POST', 'manual', HOOK]]);
    expect(isCancelled).toBe(true);
    expect((await world.list())[0]?.state).toBe('delivered');
  });

  it.each([24, 32, 33, 34, 64])('is signed with a secret of %i bytes', (length) => {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 37 + 200) % 256);
    const secret = secretOf(bytes);
    expect(secret).toBe(`whsec_${Buffer.from(bytes).toString('base64')}`);
    const body = '{"name":"Zoë 🔑"}';
    expect(signedHeaders(secret, 'msg', 1614265330, body)['webhook-signature']).toBe(
      signatureOf(secret, 'msg', '1614265330', body),
    );
  });

  it('is what an endpoint asked for, from its creation on', async () => {
    const world = webhookWorld([DOOR], NOW);
    const { facade, clock } = world;
    const early = await facade.create(DOOR, { name: 'early', ...hours(1, 2) });
    clock.now += 60;
    const { webhook_id } = await world.subscribe(HOOK, ['access_code.set_on_device', 'lock.unlocked']);
    await facade.create(DOOR, { name: 'late', ...hours(3, 4) });
    clock.now += 60;
    await world.subscribe(OTHER);
    await world.runUntil(NOW + 3 * HOUR);
    expect(typesOf(world)).toEqual(['access_code.set_on_device', 'access_code.set_on_device']);
    expect(typesOf(world, OTHER)).toEqual([
      'access_code.set_on_device',
      'access_code.removed_from_device',
      'access_code.set_on_device',
    ]);
    expect(world.received[0]?.event.access_code_id).toBe(early.access_code_id);
    await facade.get('webhooks/update', { webhook_id, event_types: ['access_code.removed_from_device'] });
    await world.runUntil(NOW + 5 * HOUR);
    expect(typesOf(world).slice(2)).toEqual(['access_code.removed_from_device']);
  });

  it('is what happened in the very second in which the endpoint was made', async () => {
    const world = webhookWorld([DOOR], NOW);
    await world.subscribe(HOOK);
    await world.facade.create(DOOR, hours(100, 101));
    await world.settle();
    expect(typesOf(world)).toEqual(['access_code.created']);
  });

  it('is what happens in a second that was told already', async () => {
    const world = webhookWorld([DOOR], NOW);
    await world.subscribe(HOOK);
    const { access_code_id } = await world.facade.create(DOOR, hours(100, 101));
    await world.settle();
    await world.facade.get('access_codes/update', { access_code_id, name: 'Ada' });
    await world.settle();
    expect(typesOf(world)).toEqual(['access_code.created', 'access_code.changed']);
  });

  it('is what servers wrote whose clocks are behind', async () => {
    const world = webhookWorld([DOOR], NOW);
    await world.subscribe(HOOK);
    world.clock.now += 500;
    const { access_code_id } = await world.facade.create(DOOR, hours(100, 101));
    await world.settle();
    world.clock.now -= 200;
    await world.facade.get('access_codes/update', { access_code_id, name: 'Ada' });
    world.clock.now += 300;
    await world.facade.get('access_codes/update', { access_code_id, name: 'Bea' });
    await world.settle();
    expect([...typesOf(world)].sort()).toEqual([
      'access_code.changed',
      'access_code.changed',
      'access_code.created',
    ]);
  });

  it('is not held up by thousands of codes from before the first endpoint', async () => {
    const world = webhookWorld([DOOR, SHED], NOW);
    for (let made = 0; made < 150; made++) await world.facade.create(DOOR, hours(1, 2 + made));
    world.clock.now += 30 * DAY;
    await world.subscribe(HOOK);
    await world.facade.create(SHED, { starts_at: '2026-04-05T15:00', ends_at: '2026-04-07T11:00' });
    const rounds = await world.settle();
    expect(typesOf(world)).toEqual(['access_code.created']);
    expect(rounds.reduce((sum, { entered }) => sum + entered, 0)).toBe(1);
  });

  it('is all of it where more is due than one round takes', async () => {
    const world = webhookWorld([DOOR, SHED], NOW);
    await world.subscribe(HOOK, ['access_code.created']);
    const count = 450;
    for (let made = 0; made < count; made++)
      await world.facade.create(SHED, {
        starts_at: new Date(NOW * 1000 + made * 86_400_000 + 7 * 3600_000).toISOString().slice(0, 16),
        ends_at: new Date(NOW * 1000 + made * 86_400_000 + 86_400_000 + 3 * 3600_000)
          .toISOString()
          .slice(0, 16),
      });
    const first = await world.sender.round();
    expect(first.entered).toBe(200);
    expect(first.nextAt).toBe(NOW);
    await world.settle();
    expect(new Set(world.received.map(({ event }) => event.access_code_id)).size).toBe(count);
  });
});

describe('what fails', () => {
  const WAITS = [5, 300, 1800, 7200, 18_000, 36_000, 36_000];

  it('is tried again as svix says, eight times in all', async () => {
    const world = webhookWorld([DOOR], NOW);
    const { webhook_id } = await world.subscribe(HOOK, ['access_code.created']);
    world.answers.set(HOOK, status(503));
    await world.facade.create(DOOR, hours(1, 2));
    const times = [NOW];
    for (const wait of WAITS) times.push((times.at(-1) ?? 0) + wait);
    for (const [index, time] of times.entries()) {
      world.clock.now = time - 1;
      await world.settle();
      expect(world.received, `before try ${index + 1}`).toHaveLength(index);
      world.clock.now = time;
      const rounds = await world.settle();
      expect(world.received, `try ${index + 1}`).toHaveLength(index + 1);
      const isLast = index === WAITS.length;
      const [sum] = [rounds.reduce((before, each) => before + each.putBack, 0)];
      expect([sum, rounds.reduce((before, each) => before + each.failed, 0)]).toEqual(
        isLast ? [0, 1] : [1, 0],
      );
      const [delivery] = await world.list();
      expect(delivery).toMatchObject({
        webhook_id,
        event_type: 'access_code.created',
        state: isLast ? 'failed' : 'pending',
        next_try_at: isLast ? null : new Date((times[index + 1] ?? 0) * 1000).toISOString(),
      });
      expect(delivery?.tries).toEqual(
        times
          .slice(0, index + 1)
          .map((tried) => ({ tried_at: new Date(tried * 1000).toISOString(), status: 503, error: null })),
      );
    }
    await world.runUntil(NOW + 40 * DAY);
    expect(world.received).toHaveLength(8);
  });

  it('is delivered by whichever try is answered with 2xx', async () => {
    for (const good of [200, 201, 204, 299]) {
      const world = webhookWorld([DOOR], NOW);
      await world.subscribe(HOOK, ['access_code.created']);
      const answers = [500, 404, 302, 199, good].map((each) => (each === 199 ? 400 : each));
      world.answers.set(HOOK, (received) => {
        const next = answers.shift() ?? 500;
        expect(received.headers['webhook-id']).toBe(received.event.event_id);
        return new Response(null, { status: next, headers: next === 302 ? { location: OTHER } : {} });
      });
      await world.facade.create(DOOR, hours(1, 2));
      await world.runUntil(NOW + 3 * DAY);
      expect(
        (await world.list()).map(({ state, tries }) => [state, tries.map((each) => each.status)]),
      ).toEqual([['delivered', [500, 404, 302, 400, good]]]);
      expect(typesOf(world, OTHER)).toEqual([]);
    }
  });

  it.each<readonly [name: string, thrown: unknown, error: string]>([
    ['a time limit', new DOMException('https://10.0.0.7 is slow', 'TimeoutError'), 'timed_out'],
    ['an abort', new DOMException('aborted', 'AbortError'), 'timed_out'],
    ['a refused connection', new TypeError('connect ECONNREFUSED 10.0.0.7:443'), 'not_reached'],
    ['no error at all', 'whsec_secret', 'not_reached'],
  ])('without an answer is put in words of ours: %s', async (_, thrown, error) => {
    const world = webhookWorld([DOOR], NOW);
    await world.subscribe(HOOK);
    world.answers.set(HOOK, () => {
      throw thrown;
    });
    await world.facade.create(DOOR, hours(100, 101));
    await world.settle();
    const [delivery] = await world.list();
    expect(delivery?.tries).toEqual([{ tried_at: '2026-03-01T08:00:00.000Z', status: null, error }]);
  });

  it('waits as long as Retry-After says, if that is longer, and not for ever', async () => {
    for (const [asked, wait] of [
      ['120', 120],
      ['1', 5],
      ['-7', 5],
      ['99999999', 36_000],
      ['soon', 5],
      [new Date((NOW + 600) * 1000).toUTCString(), 600],
      [new Date((NOW - 600) * 1000).toUTCString(), 5],
    ] as const) {
      const world = webhookWorld([DOOR], NOW);
      await world.subscribe(HOOK);
      world.answers.set(HOOK, status(429, { 'retry-after': asked }));
      await world.facade.create(DOOR, hours(100, 101));
      await world.settle();
      const [delivery] = await world.list();
      expect(at(delivery?.next_try_at ?? '') - NOW, asked).toBe(wait);
    }
  });

  it('with 410 silences the endpoint until it is updated', async () => {
    const world = webhookWorld([DOOR], NOW);
    const { facade, clock } = world;
    const { webhook_id } = await world.subscribe(HOOK);
    world.answers.set(HOOK, status(500));
    await facade.create(DOOR, { name: 'one', ...hours(100, 101) });
    await world.settle();
    world.answers.set(HOOK, status(410));
    await facade.create(DOOR, { name: 'two', ...hours(100, 101) });
    await world.settle();
    expect((await facade.get('webhooks/get', { webhook_id })).webhook.pintumbler.is_silenced).toBe(true);
    expect((await world.list()).map(({ state, tries }) => [state, tries.map((each) => each.status)])).toEqual(
      [
        ['failed', [500]],
        ['failed', [410]],
      ],
    );
    clock.now += HOUR;
    await facade.create(DOOR, { name: 'three', ...hours(100, 101) });
    await world.settle();
    expect(world.received).toHaveLength(2);

    clock.now += HOUR;
    world.answers.delete(HOOK);
    await facade.get('webhooks/update', { webhook_id, event_types: ['access_code.created'] });
    expect((await facade.get('webhooks/get', { webhook_id })).webhook.pintumbler.is_silenced).toBe(false);
    const four = await facade.create(DOOR, { name: 'four', ...hours(100, 101) });
    await world.settle();
    expect(world.received.slice(2).map(({ event }) => event.access_code_id)).toEqual([four.access_code_id]);
  });

  it('is forgotten a month after its last try, and what is pending is not', async () => {
    const world = webhookWorld([DOOR], NOW);
    await world.subscribe(HOOK, ['access_code.created']);
    await world.facade.create(DOOR, hours(1, 2));
    await world.settle();
    world.clock.now = NOW + 30 * DAY;
    await world.settle();
    expect(await world.list()).toHaveLength(1);
    world.clock.now += HOUR;
    await world.settle();
    expect(await world.list()).toEqual([]);
    await world.runUntil(NOW + 60 * DAY);
    expect(world.received).toHaveLength(1);
  });

  it('is not sent once more by a change long after it was forgotten', async () => {
    const world = webhookWorld([DOOR], NOW);
    await world.subscribe(HOOK);
    const { access_code_id } = await world.facade.create(DOOR, hours(60 * 24, 60 * 24 + 1));
    await world.runUntil(NOW + 40 * DAY);
    expect(await world.list()).toEqual([]);
    await world.facade.get('access_codes/update', { access_code_id, name: 'Ada' });
    await world.settle();
    expect(typesOf(world)).toEqual(['access_code.created', 'access_code.changed']);
  });
});

describe('senders', () => {
  it('tell an endpoint that is made in the middle of a round what happens from then on', async () => {
    const outbox = new LiteralOutbox();
    const world = webhookWorld([DOOR], NOW, { outbox, store: watched(memoryStore(), outbox) });
    await world.subscribe(OTHER);
    const claimDue = outbox.claimDue.bind(outbox);
    outbox.claimDue = async (...asked) => {
      outbox.claimDue = claimDue;
      await world.subscribe(HOOK);
      await world.facade.create(DOOR, hours(100, 101));
      return claimDue(...asked);
    };
    await world.settle();
    world.clock.now += 1;
    await world.settle();
    expect(typesOf(world)).toEqual(['access_code.created']);
  });

  it('are not kept waiting by an endpoint that hangs', async () => {
    const world = webhookWorld([DOOR], NOW);
    await world.subscribe(HOOK);
    await world.subscribe(OTHER);
    const { answer, open } = gate();
    world.answers.set(HOOK, answer);
    for (let made = 0; made < 30; made++) {
      await world.facade.create(DOOR, { name: `${made}`, ...hours(100, 101 + made) });
      await world.sender.round();
      await new Promise((resolve) => setImmediate(resolve));
      world.clock.now += 1;
    }
    expect(typesOf(world, OTHER)).toHaveLength(30);
    expect(typesOf(world), 'tries at one endpoint at a time').toHaveLength(1);
    open();
    await world.settle();
    expect(typesOf(world)).toHaveLength(30);
    expect(typesOf(world, OTHER)).toHaveLength(30);
  });

  it('try at most eight deliveries of an endpoint at a time', async () => {
    const world = webhookWorld([DOOR], NOW);
    await world.subscribe(HOOK);
    for (let made = 0; made < 30; made++)
      await world.facade.create(DOOR, { name: `${made}`, ...hours(100, 101 + made) });
    let [running, most] = [0, 0];
    world.answers.set(HOOK, async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return ok();
    });
    await world.settle();
    expect([world.received.length, most]).toEqual([30, 8]);
  });

  it('of one outbox send each event once, if none fails', async () => {
    const world = webhookWorld([DOOR], NOW);
    const other = world.makeSender();
    await world.subscribe(HOOK);
    await world.subscribe(OTHER);
    for (let made = 0; made < 40; made++)
      await world.facade.create(DOOR, { name: `${made}`, ...hours(100, 101 + made) });
    await Promise.all([world.settle(), world.settle(other), world.settle()]);
    for (const url of [HOOK, OTHER]) {
      const ids = world.received.filter((each) => each.url === url).map(({ event }) => event.event_id);
      expect(new Set(ids).size).toBe(40);
      expect(ids).toHaveLength(40);
    }
  });

  it('leave codes of devices that they do not have to those that have them', async () => {
    const world = webhookWorld([DOOR, SHED], NOW);
    await world.subscribe(HOOK);
    const stranger = world.makeSender({ devices: [SHED] });
    await world.facade.create(DOOR, hours(100, 101));
    expect((await stranger.round()).waiting).toBe(1);
    await world.settle();
    expect(world.received).toEqual([]);
    world.clock.now += 60;
    await world.settle();
    expect(typesOf(world)).toEqual(['access_code.created']);
  });

  it('send nothing to an endpoint that was deleted, and what they were sending is forgotten', async () => {
    const world = webhookWorld([DOOR], NOW);
    const { webhook_id } = await world.subscribe(HOOK);
    for (let made = 0; made < 12; made++)
      await world.facade.create(DOOR, { name: `${made}`, ...hours(100, 101 + made) });
    const { answer, open } = gate();
    world.answers.set(HOOK, answer);
    await world.sender.round();
    await new Promise((resolve) => setImmediate(resolve));
    await world.facade.get('webhooks/delete', { webhook_id });
    open();
    await world.runUntil(NOW + DAY);
    expect(world.received).toHaveLength(8);
    expect(await world.list()).toEqual([]);
  });

  it('do nothing without endpoints', async () => {
    const outbox = new LiteralOutbox();
    const world = webhookWorld([DOOR], NOW, { outbox, store: watched(memoryStore(), outbox) });
    await world.facade.create(DOOR, hours(100, 101));
    const before = structuredClone(outbox.codes);
    expect(await world.settle()).toEqual(
      Array.from({ length: 2 }, () => ({
        entered: 0,
        delivered: 0,
        putBack: 0,
        failed: 0,
        waiting: 0,
        nextAt: null,
      })),
    );
    expect(outbox.codes).toEqual(before);
  });

  it('say what they did, and when there is something to do again', async () => {
    const world = webhookWorld([DOOR], NOW);
    await world.subscribe(HOOK);
    await world.subscribe(OTHER);
    world.answers.set(OTHER, status(500));
    await world.facade.create(DOOR, hours(100, 101));
    const first = await world.sender.round();
    expect(first).toMatchObject({ entered: 2, waiting: 0 });
    await world.sender.idle();
    const second = await world.sender.round();
    expect(second).toEqual({
      entered: 0,
      delivered: 1,
      putBack: 1,
      failed: 0,
      waiting: 0,
      nextAt: NOW + 5,
    });
    world.answers.delete(OTHER);
    world.clock.now += 5;
    await world.sender.round();
    await world.sender.idle();
    // Scheduled on the device, 72 hours ahead.
    expect(await world.sender.round()).toMatchObject({ delivered: 1, nextAt: NOW + 28 * HOUR });
  });

  it('begin no more tries once they are stopped, and end those begun', async () => {
    const world = webhookWorld([DOOR], NOW);
    await world.subscribe(HOOK);
    for (let made = 0; made < 12; made++)
      await world.facade.create(DOOR, { name: `${made}`, ...hours(100, 101 + made) });
    const { answer, open } = gate();
    world.answers.set(HOOK, answer);
    await world.sender.round();
    await new Promise((resolve) => setImmediate(resolve));
    let isStopped = false;
    const stopping = world.sender.stop().then(() => {
      isStopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    open();
    await stopping;
    await world.sender.round();
    await world.sender.idle();
    expect(world.received).toHaveLength(8);
    expect((await world.list({ state: 'delivered' })).length).toBe(8);
    await world.settle(world.makeSender());
    expect(world.received).toHaveLength(12);
  });

  it('reject with what the outbox threw, also behind a round, and go on then', async () => {
    const outbox = new LiteralOutbox();
    const world = webhookWorld([DOOR], NOW, { outbox, store: watched(memoryStore(), outbox) });
    await world.subscribe(HOOK);
    const { settle } = outbox;
    outbox.settle = async () => Promise.reject(new Error('the database is away'));
    await world.facade.create(DOOR, hours(100, 101));
    await world.sender.round();
    await world.sender.idle();
    await expect(world.sender.round()).rejects.toThrow('the database is away');
    outbox.settle = settle;
    await world.settle();
    expect(world.received).toHaveLength(1);
    world.clock.now += 60;
    await world.settle();
    expect(world.received.map(({ headers }) => headers['webhook-id'])).toEqual([
      world.received[0]?.event.event_id,
      world.received[0]?.event.event_id,
    ]);
    expect((await world.list())[0]?.state).toBe('delivered');
  });

  it.each<readonly [name: string, options: object, message: string]>([
    ['no options', { send: undefined }, '"send" expected a function that sends a request, got undefined'],
    [
      'no outbox',
      { outbox: undefined },
      '"outbox" expected an outbox such as that of sqlStore(), got undefined',
    ],
    ['half an outbox', { outbox: { told: ok } }, '"outbox.addWebhook" expected a method'],
    ['an option that is the handler’s', { apiKeys: [] }, '"options" has an unknown property "apiKeys"'],
  ])('refuse %s', (_, options, message) => {
    const outbox = new LiteralOutbox();
    const good: WebhookSenderOptions = {
      devices: [DOOR],
      store: memoryStore(),
      outbox,
      now: () => NOW,
      uuid: () => uuidOf(1),
      send: async () => ok(),
    };
    expect(() => webhookSender({ ...good, ...options })).toThrow(message);
  });
});
