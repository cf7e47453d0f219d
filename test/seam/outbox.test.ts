/**
 * The outbox in a database: beside the literal one, whatever is called; senders that are killed at every statement; what
 * comes in between; and what a dump holds.
 */
import fc from 'fast-check';
import {
  type ClaimedDelivery,
  type CodeRecord,
  memoryStore,
  type NewDelivery,
  type Outbox,
  type SqlDatabase,
  type SqlStore,
  type Store,
  type StoredCode,
  type StoredDelivery,
  sqlStore,
  type Webhook,
} from 'pintumbler/seam';
import { igloohome } from 'pintumbler/vendors';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Sealing } from '../../src/seam/sql/sealing.ts';
import { SqlOutbox } from '../../src/seam/sql/sql-outbox.ts';
import { makePostgres, openPglite, POSTGRES, STORE_KEY, type TestDatabase } from '../support/databases.ts';
import { at, deep } from '../support/helpers.ts';
import { LiteralOutbox, watched } from '../support/outbox-literal.ts';
import { batch, record } from '../support/store-suite.ts';
import { ok, type WebhookWorld, webhookWorld } from '../support/webhook-world.ts';
import { deviceFor, type Values } from './support.ts';

const NOW = at('2026-03-01T08:00:00Z');
const HOUR = 3600;
const DOOR = deviceFor(igloohome, 1);
const HOOK = 'https://hooks.test/one';
const OTHER = 'https://hooks.test/two';

const hours = (from: number, to: number): Values => ({
  starts_at: new Date((NOW + from * HOUR) * 1000).toISOString(),
  ends_at: new Date((NOW + to * HOUR) * 1000).toISOString(),
});

const TABLES = ['codes', 'reservations', 'digits', 'spaces', 'attempts', 'replays', 'calls', 'webhooks'];

const url = POSTGRES;
const DATABASES: readonly (readonly [name: string, open: () => Promise<TestDatabase>])[] = [
  ['PGlite', openPglite],
  ...(url === undefined ? [] : [['PostgreSQL', () => makePostgres(url)] as const]),
];

const webhookNamed = (id: string, change: Partial<Webhook> = {}): Webhook => ({
  id,
  url: HOOK,
  eventTypes: ['*'],
  secret: 'whsec_c2VjcmV0IG9mIGEgd2ViaG9vaw==',
  createdAt: NOW,
  since: NOW,
  ...change,
});

const deliveryOf = (webhookId: string, eventId: string, change: Partial<NewDelivery> = {}): NewDelivery => ({
  webhookId,
  eventId,
  eventType: 'access_code.created',
  codeId: 'a',
  occurredAt: NOW,
  body: `{"event_id":"${eventId}"}`,
  ...change,
});

interface Pair {
  readonly outbox: Outbox;
  readonly store: Store;
}

/** Numbers of entry leave gaps in a database. */
const withoutSeq = ({ seq: _, ...delivery }: StoredDelivery | ClaimedDelivery): object => delivery;

// Whatever is called.

type Step =
  | { readonly type: 'write'; readonly id: string; readonly now: number; readonly lastEventAt: number | null }
  | { readonly type: 'add' | 'change'; readonly webhook: Webhook }
  | { readonly type: 'drop' | 'silence'; readonly id: string; readonly now: number }
  | { readonly type: 'due'; readonly now: number; readonly since: number; readonly lease: number }
  | {
      readonly type: 'tell';
      readonly now: number;
      readonly events: readonly (readonly [webhook: string, event: string, at: number])[];
      readonly next: number | null;
    }
  | { readonly type: 'claim'; readonly id: string; readonly now: number; readonly limit: number }
  | {
      readonly type: 'settle';
      readonly id: string;
      readonly event: string;
      readonly now: number;
      readonly state: StoredDelivery['state'];
    }
  | { readonly type: 'forget'; readonly now: number };

const time = fc.integer({ min: NOW, max: NOW + 40 });
const hookId = fc.constantFrom('h1', 'h1', 'h2');
const eventId = fc.constantFrom('e1', 'e2', 'e3');
const webhook = fc
  .record({
    id: hookId,
    url: fc.constantFrom(HOOK, OTHER),
    eventTypes: fc.constantFrom(['*'], ['access_code.created', 'access_code.deleted']),
    createdAt: time,
    since: fc.option(time),
  })
  .map((change) => webhookNamed(change.id, change));

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant('write' as const),
    id: fc.constantFrom('a', 'b'),
    now: time,
    lastEventAt: fc.option(time),
  }),
  fc.record({ type: fc.constant('add' as const), webhook }),
  fc.record({ type: fc.constant('add' as const), webhook }),
  fc.record({ type: fc.constant('change' as const), webhook }),
  fc.record({ type: fc.constantFrom('drop' as const, 'silence' as const), id: hookId, now: time }),
  fc.record({
    type: fc.constant('due' as const),
    now: time,
    since: time,
    lease: fc.integer({ min: 0, max: 20 }),
  }),
  fc.record({
    type: fc.constant('tell' as const),
    now: time,
    events: fc.array(fc.tuple(hookId, eventId, time), { maxLength: 6 }),
    next: fc.option(time),
  }),
  fc.record({ type: fc.constant('claim' as const), id: hookId, now: time, limit: fc.constantFrom(1, 2, 9) }),
  fc.record({
    type: fc.constant('settle' as const),
    id: hookId,
    event: eventId,
    now: time,
    state: fc.constantFrom('pending' as const, 'delivered' as const, 'failed' as const),
  }),
  fc.record({ type: fc.constant('forget' as const), now: time }),
);

/** Something to tell, and somebody who is told. */
const FIRST: readonly Step[] = [
  { type: 'write', id: 'a', now: NOW, lastEventAt: null },
  { type: 'add', webhook: webhookNamed('h1') },
  {
    type: 'tell',
    now: NOW,
    events: [
      ['h1', 'e1', NOW],
      ['h1', 'e2', NOW],
    ],
    next: NOW + 9,
  },
];

/** What one is asked, and what it answers. */
async function done({ outbox, store }: Pair, each: Step): Promise<unknown> {
  const stored = async (id: string): Promise<readonly StoredCode[]> =>
    store.find({ by: 'ids', ids: [id], now: 0 });
  switch (each.type) {
    case 'write': {
      const [before] = await stored(each.id);
      const change: Partial<CodeRecord> = {
        version: (before?.version ?? 0) + 1,
        lastEventAt: each.lastEventAt,
      };
      return store.write(batch({ codes: [record(each.id, change)], now: each.now }));
    }
    case 'add':
      return outbox.addWebhook(each.webhook);
    case 'change':
      return outbox.changeWebhook(each.webhook);
    case 'drop':
      return outbox.dropWebhook(each.id);
    case 'silence':
      return outbox.silenceWebhook(each.id, each.now);
    case 'due': {
      const { due, isMore } = await outbox.claimDue(each.now, each.since, 9, each.lease);
      const known = due.map(({ codeId, code, toldUntil }) => [codeId, code?.version, toldUntil]);
      return [known.sort(), isMore];
    }
    case 'tell': {
      const [code] = await stored('a');
      if (!code) return 'none';
      const deliveries = each.events.map(([id, event, occurredAt]) => deliveryOf(id, event, { occurredAt }));
      const alike = new Map(
        deliveries.map((delivery) => [`${delivery.webhookId} ${delivery.eventId}`, delivery]),
      );
      // Of one moment by id, for their order is nobody's.
      const told = [...alike.values()].sort((one, other) => (one.eventId < other.eventId ? -1 : 1));
      return outbox.told([{ code, deliveries: told, next: each.next }], each.now);
    }
    case 'claim':
      return (await outbox.claimDeliveries(each.id, each.now, each.limit, 7)).map(withoutSeq);
    case 'settle':
      return outbox.settle(
        { webhookId: each.id, eventId: each.event },
        { at: each.now, status: 200, error: null },
        each.state === 'pending' ? { state: 'pending', dueAt: each.now + 3 } : { state: each.state },
      );
    case 'forget':
      return outbox.forget(each.now);
  }
}

async function seen({ outbox }: Pair, now: number): Promise<unknown> {
  const every = { webhookId: undefined, eventId: undefined, state: undefined, after: 0, limit: 99 };
  const list = await outbox.deliveries(every);
  const after = list.at(1)?.seq ?? 0;
  const some = [
    list,
    await outbox.deliveries({ ...every, limit: 2 }),
    await outbox.deliveries({ ...every, after }),
    await outbox.deliveries({ ...every, webhookId: 'h1', state: 'pending' }),
    await outbox.deliveries({ ...every, eventId: 'e1' }),
  ];
  return {
    webhooks: await outbox.webhooks(),
    owed: await outbox.owed(now),
    next: await outbox.nextDue(),
    deliveries: some.map((each) => each.map(withoutSeq)),
  };
}

// A process that is killed.

interface Mortal {
  readonly db: SqlDatabase;
  readonly send: (deliver: () => Promise<Response>) => Promise<Response>;
  /** What it did before: statements and requests. */
  readonly acts: () => number;
}

/** Dies at its `last` act, before it or behind it, and does nothing more. Counts from `live()` on. */
function mortal(db: SqlDatabase, last: number, isDone: boolean): Mortal & { readonly live: () => void } {
  let acts = Number.NEGATIVE_INFINITY;
  const act = async <T>(run: () => Promise<T>): Promise<T> => {
    acts += 1;
    if (acts < last) return run();
    if (acts === last && isDone) await run();
    throw new Error('killed');
  };
  return {
    db: { query: (text, params) => act(() => db.query(text, params)) },
    send: act,
    acts: () => acts,
    live: () => {
      acts = 0;
    },
  };
}

describe.each(DATABASES)('on %s', (_, open) => {
  let database: TestDatabase | undefined;
  let db: SqlDatabase = { query: () => Promise.reject(new Error('not open')) };
  let store: SqlStore | undefined;
  beforeAll(async () => {
    database = await open();
    db = database.fresh();
    store = await storeOver(db);
  }, 60_000);
  afterAll(() => database?.close());

  const storeOver = (over: SqlDatabase): Promise<SqlStore> => sqlStore(over, { keys: [STORE_KEY] });
  const theStore = (): SqlStore => store ?? expect.fail('the database is not open');
  const clear = async (): Promise<void> => {
    for (const table of TABLES) await db.query(`DELETE FROM pintumbler_${table}`, []);
  };
  beforeEach(clear);

  const worldOver = (): WebhookWorld => {
    const { outbox } = theStore();
    return webhookWorld([DOOR], NOW, { store: theStore(), outbox });
  };

  it('answers like the literal one, whatever is called', async () => {
    const seenTypes = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 8, maxLength: 24, size: 'max' }),
        time,
        async (steps, now) => {
          await clear();
          const literal = new LiteralOutbox();
          const model: Pair = { outbox: literal, store: watched(memoryStore(), literal) };
          const real: Pair = { outbox: theStore().outbox, store: theStore() };
          for (const each of [...FIRST, ...steps]) {
            const answer = await done(model, each);
            expect(await done(real, each), each.type).toEqual(answer);
            expect(await seen(real, now), each.type).toEqual(await seen(model, now));
            const isEmpty = answer === 0 || JSON.stringify(answer) === '[]' || answer === 'none';
            if (!isEmpty) seenTypes.set(each.type, (seenTypes.get(each.type) ?? 0) + 1);
          }
        },
      ),
      { numRuns: deep(30) },
    );
    for (const type of ['tell', 'claim', 'due'])
      expect(seenTypes.get(type) ?? 0, `${type} came up`).toBeGreaterThanOrEqual(deep(30) / 5);
  });

  it('claims those waiting longest first, and each once', async () => {
    const { outbox } = theStore();
    const codes = Array.from({ length: 7 }, (_, index) => record(`c${index}`));
    for (const [index, code] of codes.entries())
      await theStore().write(batch({ codes: [code], now: NOW + ((index * 3) % 7) }));
    const claimed: string[] = [];
    for (let more = true; more; ) {
      const { due, isMore } = await outbox.claimDue(NOW + 10, NOW, 2, 60);
      const waits = due.map(({ toldUntil }) => toldUntil).sort();
      expect(waits).toEqual([NOW + claimed.length, NOW + claimed.length + 1].slice(0, due.length));
      claimed.push(...due.map(({ codeId }) => codeId));
      more = isMore;
    }
    expect([...claimed].sort()).toEqual(codes.map(({ id }) => id));
    expect((await outbox.claimDue(NOW + 69, NOW, 9, 60)).due).toEqual([]);
    expect((await outbox.claimDue(NOW + 70, NOW, 9, 60)).due).toHaveLength(7);
  });

  it('is told nothing of an access code that was written since it was claimed', async () => {
    const { outbox } = theStore();
    await outbox.addWebhook(webhookNamed('h1'));
    await theStore().write(batch({ codes: [record('a')], now: NOW }));
    const { due } = await outbox.claimDue(NOW, NOW, 9, 60);
    const code = due[0]?.code ?? expect.fail('nothing is due');
    await theStore().write(batch({ codes: [record('a', { version: 2, name: 'b' })], now: NOW + 1 }));
    expect(await outbox.told([{ code, deliveries: [deliveryOf('h1', 'e')], next: null }], NOW + 1)).toBe(1);
    const again = await outbox.claimDue(NOW + 1, NOW, 9, 60);
    expect(again.due.map((each) => [each.code?.name, each.toldUntil])).toEqual([['b', NOW]]);
  });

  it('keeps what was delivered, whatever comes of a try that took longer than its lease', async () => {
    const { outbox } = theStore();
    await outbox.addWebhook(webhookNamed('h1'));
    await theStore().write(batch({ codes: [record('a')], now: NOW }));
    const { due } = await outbox.claimDue(NOW, NOW, 9, 60);
    const code = due[0]?.code ?? expect.fail('nothing is due');
    const delivery = deliveryOf('h1', 'e');
    await outbox.told([{ code, deliveries: [delivery], next: null }], NOW);
    const tries = [200, 500, 500].map((status, index) => ({ at: NOW + index, status, error: null }));
    const [good, bad, worse] = tries;
    if (!good || !bad || !worse) return expect.fail('three tries');
    await outbox.settle(delivery, good, { state: 'delivered' });
    await outbox.settle(delivery, bad, { state: 'pending', dueAt: NOW + 5 });
    await outbox.settle(delivery, worse, { state: 'failed' });
    const every = { webhookId: undefined, eventId: undefined, state: undefined, after: 0, limit: 9 };
    expect(await outbox.deliveries(every)).toMatchObject([{ state: 'delivered', dueAt: NOW, tries }]);
  });

  it('owes nothing to an endpoint that is dropped while a delivery to it is entered', async () => {
    const { outbox } = theStore();
    await outbox.addWebhook(webhookNamed('h1'));
    await outbox.addWebhook(webhookNamed('h2'));
    await theStore().write(batch({ codes: [record('a')], now: NOW }));
    let tries = 0;
    const racing = await storeOver({
      query: async (text, params) => {
        if (!text.includes('INSERT INTO pintumbler_deliveries')) return db.query(text, params);
        tries += 1;
        // As PostgreSQL does where the row goes between the look and the check of the key.
        if (tries > 1) return db.query(text, params);
        await outbox.dropWebhook('h1');
        throw Object.assign(new Error('violates foreign key constraint'), { code: '23503' });
      },
    });
    const { due } = await racing.outbox.claimDue(NOW, NOW, 9, 60);
    const code = due[0]?.code ?? expect.fail('nothing is due');
    const deliveries = [deliveryOf('h1', 'e'), deliveryOf('h2', 'e')];
    expect(await racing.outbox.told([{ code, deliveries, next: null }], NOW)).toBe(1);
    expect(await outbox.owed(NOW)).toEqual(['h2']);
    expect(tries).toBe(2);
  });

  it('goes on where something cannot be opened', async () => {
    const world = worldOver();
    await world.subscribe(HOOK);
    const { access_code_id } = await world.facade.create(DOOR, { name: 'lost', ...hours(100, 101) });
    await world.facade.create(DOOR, { name: 'kept', ...hours(100, 101) });
    await db.query("UPDATE pintumbler_codes SET record = record || 'A' WHERE id = $1", [access_code_id]);
    expect((await world.sender.round()).waiting).toBe(1);
    await world.sender.idle();
    expect(world.received).toHaveLength(1);

    world.answers.set(HOOK, () => new Response(null, { status: 500 }));
    await world.facade.create(DOOR, { name: 'third', ...hours(100, 101) });
    await world.settle();
    await db.query("UPDATE pintumbler_deliveries SET body = body || 'A' WHERE state = 'pending'", []);
    world.clock.now += 5;
    await world.settle();
    expect(world.received).toHaveLength(2);
    expect((await world.list({ state: 'failed' })).map(({ tries }) => tries.at(-1)?.error)).toEqual([
      'unreadable',
    ]);
  });

  it('holds no secret and no code in plain', async () => {
    const world = worldOver();
    const { secret } = await world.subscribe('https://hooks.test/very-private-path');
    const { code } = await world.facade.create(DOOR, { name: 'Ada', ...hours(1, 2) });
    await world.runUntil(NOW + 3 * HOUR);
    expect(world.received.some(({ body }) => body.includes(code ?? '?'))).toBe(true);
    const dumps: string[] = [];
    for (const table of [...TABLES, 'deliveries']) {
      const { rows } = await db.query(`SELECT x::text AS line FROM pintumbler_${table} x`, []);
      dumps.push(...rows.map(({ line }) => String(line)));
    }
    const dump = dumps.join('\n');
    expect(dump).toContain('access_code.set_on_device');
    for (const hidden of [code ?? '?', secret, secret.slice(6), 'very-private-path', 'hooks.test'])
      expect(dump.includes(hidden), hidden).toBe(false);
  });

  it('is sealed anew with a new store key, and opens with it alone', async () => {
    const own = database?.fresh() ?? expect.fail('the database is not open');
    const [old, young] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const before = await sqlStore(own, { keys: [old] });
    await before.outbox.addWebhook(webhookNamed('h1'));
    const sealed = async (): Promise<unknown> =>
      (await own.query('SELECT sealed FROM pintumbler_webhooks', [])).rows[0]?.['sealed'];
    const first = await sealed();
    await new SqlOutbox(own, await Sealing.open(own, [young, old], true)).reseal();
    const { outbox } = await sqlStore(own, { keys: [young] });
    expect(await outbox.webhooks()).toEqual([webhookNamed('h1')]);
    expect(await sealed()).not.toBe(first);
  });

  it('lets several senders share it: each event once, if none fails', async () => {
    const world = worldOver();
    await world.subscribe(HOOK);
    await world.subscribe(OTHER);
    for (let made = 0; made < 25; made++)
      await world.facade.create(DOOR, { name: `${made}`, ...hours(100, 101 + made) });
    const stores = await Promise.all([storeOver(db), storeOver(db)]);
    const senders = [world.sender, ...stores.map(({ outbox }) => world.makeSender({ outbox }))];
    await Promise.all(senders.map((sender) => world.settle(sender)));
    const sent = world.received.map(({ url, event }) => `${url} ${event.event_id}`);
    expect(new Set(sent).size).toBe(50);
    expect(sent).toHaveLength(50);
    expect(await world.list({ state: 'delivered' })).toHaveLength(50);
  });

  /** A code's life with a sender that dies at an act, and one that comes after it. */
  async function lifeWith(last: number, isDone: boolean): Promise<number> {
    await clear();
    const world = worldOver();
    await world.subscribe(HOOK);
    await world.subscribe(OTHER, ['access_code.created', 'access_code.set_on_device']);
    // One that is tried twice.
    let refusals = 1;
    world.answers.set(OTHER, () => (refusals-- > 0 ? new Response(null, { status: 500 }) : ok()));
    await world.facade.create(DOOR, hours(1, 2));

    const doomed = mortal(db, last, isDone);
    const first = await storeOver({ query: (text, params) => doomed.db.query(text, params) });
    const sender = world.makeSender({
      store: first,
      outbox: first.outbox,
      send: (request) => doomed.send(() => deliver(request)),
    });
    const deliver = async (request: Request): Promise<Response> => {
      const body = await request.text();
      const headers = Object.fromEntries(request.headers);
      const each = { url: request.url, at: world.clock.now, headers, body, event: JSON.parse(body) };
      world.received.push(each);
      return (world.answers.get(each.url) ?? ok)(each);
    };
    doomed.live();
    await world.runUntil(NOW + HOUR + 10, sender).catch((error: unknown) => {
      expect(error).toEqual(new Error('killed'));
    });
    await sender.idle();
    const acts = doomed.acts();

    world.clock.now = Math.max(world.clock.now, NOW + HOUR + 10);
    await world.runUntil(NOW + 5 * HOUR);
    const events = await world.events();
    const wanted = [
      ...events.map(({ event_id }) => `${HOOK} ${event_id}`),
      ...events
        .filter(({ event_type }) => /created|set_on_device/.test(event_type))
        .map(({ event_id }) => `${OTHER} ${event_id}`),
    ];
    const sent = world.received.map(({ url, event }) => `${url} ${event.event_id}`);
    const name = `killed ${isDone ? 'behind' : 'before'} act ${last}`;
    expect([...new Set(sent)].sort(), name).toEqual([...wanted].sort());
    const bodies = new Map(events.map((event) => [event.event_id, JSON.stringify(event)]));
    for (const { body, event } of world.received) expect(body, name).toBe(bodies.get(event.event_id));
    expect(
      (await world.list()).map(({ state }) => state),
      name,
    ).toEqual(wanted.map(() => 'delivered'));
    // Once more at most what was on its way.
    expect(sent.length - wanted.length, name).toBeLessThanOrEqual(1 + 2);
    return acts;
  }

  it('loses nothing, wherever a sender is killed', async () => {
    const all = await lifeWith(Number.POSITIVE_INFINITY, true);
    expect(all).toBeGreaterThan(40);
    const isDeep = deep(1) > 1;
    for (let last = 1; last <= all; last++)
      for (const isDone of isDeep ? [false, true] : [last % 2 === 0]) await lifeWith(last, isDone);
  });
});
