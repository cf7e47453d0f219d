/**
 * Webhooks by the published packages, unmodified: the SDKs make endpoints, what reaches them is verified by
 * `@seamapi/webhook` and by what it stands on, and is an event of Seam's schema. Skipped where they are not installed.
 */
import { igloohome } from 'pintumbler/vendors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type HttpServer, listenHttp } from '../../src/cli/http.ts';
import type { WebhookObject } from '../../src/seam/objects.ts';
import { deviceFor } from '../seam/support.ts';
import { at } from '../support/helpers.ts';
import { API_KEY } from '../support/seam-world.ts';
import { type Received, type WebhookWorld, webhookWorld } from '../support/webhook-world.ts';
import { isInstalled, schemas, sdkOf, VERSIONS, type Version } from './published.ts';

const NOW = at('2026-03-01T08:00:00Z');
const HOUR = 3600;
const DOOR = deviceFor(igloohome, 1);
const STAY = { starts_at: '2026-03-01T10:00:00Z', ends_at: '2026-03-01T12:00:00Z' };

type Asked = Readonly<Record<string, unknown>>;

interface Webhooks {
  readonly create: (asked: Asked) => Promise<WebhookObject>;
  readonly get: (asked: Asked) => Promise<WebhookObject>;
  readonly list: () => Promise<readonly WebhookObject[]>;
  readonly delete: (asked: Asked) => Promise<void>;
  /** Since 1.0. */
  readonly update?: (asked: Asked) => Promise<void>;
}

type Headers = Readonly<Record<string, string>>;

interface Verifier {
  readonly verify: (payload: string, headers: Headers) => unknown;
}

type VerifierClass = new (secret: string) => Verifier;

const servers: HttpServer[] = [];
// The packages look at the clock: a signature is good for five minutes.
beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1000 }));
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function connect(
  version: Version,
): Promise<{ readonly hooks: Webhooks; readonly world: WebhookWorld }> {
  const world = webhookWorld([DOOR], NOW);
  const server = await listenHttp(world.facade.handle, { host: '127.0.0.1', port: 0 });
  servers.push(server);
  const { SeamHttp } = await sdkOf(version);
  const seam: object = SeamHttp.fromApiKey(API_KEY, { endpoint: server.url });
  const hooks: Webhooks = Reflect.get(seam, 'webhooks');
  return { hooks, world };
}

/** Seam's own, and the two that it stands on. */
async function verifiers(): Promise<readonly (readonly [name: string, make: VerifierClass])[]> {
  const names = [
    ['@seamapi/webhook', 'SeamWebhook'],
    ['svix', 'Webhook'],
    ['standardwebhooks', 'Webhook'],
  ] as const;
  return Promise.all(
    names.map(async ([name, exported]) => {
      const published: object = await import(name);
      const make: VerifierClass = Reflect.get(published, exported);
      return [name, make] as const;
    }),
  );
}

const isVersion = (version: string): version is Version => Object.hasOwn(VERSIONS, version);

describe.skipIf(!isInstalled).each(Object.keys(VERSIONS).filter(isVersion))('@seamapi/http %s', (version) => {
  it('makes, shows, changes and deletes endpoints', async () => {
    const { hooks } = await connect(version);
    const { webhook } = await schemas();
    const url = 'https://hooks.test/seam';
    const all = await hooks.create({ url });
    const some = await hooks.create({ url, event_types: ['access_code.created', 'device.connected'] });
    expect(all).toMatchObject({ url, event_types: ['*'] });
    expect(some).toMatchObject({ url, event_types: ['access_code.created', 'device.connected'] });
    for (const each of [all, some]) expect(webhook.safeParse(each).success).toBe(true);
    const { webhook_id } = some;
    expect(await hooks.get({ webhook_id })).toEqual(some);
    expect(await hooks.list()).toHaveLength(2);
    expect(await hooks.list()).toEqual(expect.arrayContaining([all, some]));
    if (version === '0.12.0') expect(hooks.update).toBeUndefined();
    else {
      expect(hooks.update).toBeDefined();
      await hooks.update?.({ webhook_id, event_types: ['access_code.deleted'] });
      expect(await hooks.get({ webhook_id })).toEqual({ ...some, event_types: ['access_code.deleted'] });
    }
    await hooks.delete({ webhook_id });
    expect(await hooks.list()).toEqual([all]);
    await expect(hooks.get({ webhook_id })).rejects.toMatchObject({
      code: 'webhook_not_found',
      statusCode: 404,
    });
    await expect(hooks.create({ url: 'ftp://hooks.test' })).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

describe.skipIf(!isInstalled)('what reaches an endpoint', () => {
  it('is verified by @seamapi/webhook, svix and standardwebhooks, and is an event of Seam’s schema', async () => {
    const { hooks, world } = await connect('2.32.0');
    const { secret } = await hooks.create({ url: 'https://hooks.test/seam' });
    const { seam_event } = await schemas();
    const seen = new Set<string>();
    const made = (await verifiers()).map(([name, make]) => [name, new make(secret)] as const);
    const verify = ({ headers, body, event }: Received): void => {
      for (const [name, verifier] of made) {
        expect(verifier.verify(body, headers), name).toEqual(event);
        const other = { ...headers };
        for (const header of ['svix-id', 'webhook-id']) other[header] = `${headers[header]}x`;
        expect(() => verifier.verify(body, other), name).toThrow('No matching signature found');
        expect(() => verifier.verify(`${body} `, headers), name).toThrow('No matching signature found');
      }
      const { success, error } = seam_event.safeParse(event);
      expect(error?.issues ?? []).toEqual([]);
      expect(success).toBe(true);
      seen.add(event.event_type);
    };
    let isUp = false;
    world.answers.set('https://hooks.test/seam', (received) => {
      vi.setSystemTime(world.clock.now * 1000);
      verify(received);
      isUp = !isUp;
      return new Response(null, { status: isUp ? 500 : 200 });
    });
    const { access_code_id } = await world.facade.create(DOOR, {
      use_backup_access_code_pool: true,
      ...STAY,
    });
    await world.runUntil(NOW + HOUR);
    await world.facade.get('access_codes/update', { access_code_id, name: 'Ada' });
    await world.runUntil(NOW + 2 * HOUR + 1);
    await world.facade.get('access_codes/pull_backup_access_code', { access_code_id });
    await world.runUntil(NOW + 6 * HOUR);
    expect([...seen].sort()).toEqual([
      'access_code.backup_access_code_pulled',
      'access_code.changed',
      'access_code.created',
      'access_code.removed_from_device',
      'access_code.scheduled_on_device',
      'access_code.set_on_device',
    ]);
    const deliveries = await world.list();
    expect(deliveries.map(({ state }) => state)).toEqual(deliveries.map(() => 'delivered'));
    expect(Math.max(...deliveries.map(({ tries }) => tries.length))).toBeGreaterThan(1);
  });

  it('is refused five minutes later, and with another secret', async () => {
    const { hooks, world } = await connect('2.32.0');
    const { secret } = await hooks.create({ url: 'https://hooks.test/seam' });
    const other = await hooks.create({ url: 'https://hooks.test/other', event_types: ['lock.unlocked'] });
    await world.facade.create(DOOR, STAY);
    await world.settle();
    const [received] = world.received;
    if (!received) throw new Error('nothing was sent');
    for (const [name, make] of await verifiers()) {
      vi.setSystemTime(NOW * 1000);
      expect(() => new make(other.secret).verify(received.body, received.headers), name).toThrow(
        'No matching signature found',
      );
      vi.setSystemTime((NOW + 301) * 1000);
      expect(() => new make(secret).verify(received.body, received.headers), name).toThrow('too old');
    }
  });
});
