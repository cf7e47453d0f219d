/** The facade with webhooks: a sender, and endpoints that take what is sent and check its signature. */
import { createHmac } from 'node:crypto';
import {
  memoryStore,
  type Outbox,
  type SeamDevice,
  type Store,
  type WebhookRound,
  type WebhookSender,
  type WebhookSenderOptions,
  webhookSender,
} from 'pintumbler/seam';
import type { SeamEvent, WebhookDelivery, WebhookObject } from '../../src/seam/objects.ts';
import { type Facade, facadeOf, type Values } from '../seam/support.ts';
import { LiteralOutbox, watched } from './outbox-literal.ts';
import { uuidOf } from './seam-world.ts';

/** A request as it came in. */
export interface Received {
  readonly url: string;
  readonly at: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly event: SeamEvent;
}

export type Answer = (received: Received) => Response | Promise<Response>;

export const ok = (): Response => new Response(null, { status: 204 });

/** What an endpoint should have been sent, by node:crypto. */
export function signatureOf(secret: string, id: string, at: string, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
}

export interface WebhookWorld {
  readonly clock: { now: number };
  readonly store: Store;
  readonly outbox: Outbox;
  readonly received: Received[];
  /** By URL; `ok` where nothing else is said. */
  readonly answers: Map<string, Answer>;
  readonly sender: WebhookSender;
  /** Another one over the same outbox. */
  readonly makeSender: (options?: Partial<WebhookSenderOptions>) => WebhookSender;
  readonly facade: Facade;
  readonly subscribe: (url: string, types?: readonly string[]) => Promise<WebhookObject>;
  readonly list: (asked?: Values) => Promise<readonly WebhookDelivery[]>;
  readonly events: () => Promise<readonly SeamEvent[]>;
  /** Rounds until nothing is due at the present moment. */
  readonly settle: (sender?: WebhookSender) => Promise<readonly WebhookRound[]>;
  /** The same at every moment at which something is due, up to a moment. */
  readonly runUntil: (until: number, sender?: WebhookSender) => Promise<void>;
}

const keep = async (request: Request, at: number): Promise<Received> => {
  const body = await request.text();
  return {
    url: request.url,
    at,
    headers: Object.fromEntries(request.headers),
    body,
    event: JSON.parse(body),
  };
};

export function webhookWorld(
  devices: readonly SeamDevice[],
  now: number,
  given: { readonly store?: Store; readonly outbox?: Outbox } = {},
): WebhookWorld {
  const literal = new LiteralOutbox();
  const outbox = given.outbox ?? literal;
  const store = given.store ?? watched(memoryStore(), literal);
  const facade = facadeOf(devices, now, { store, outbox });
  const { clock } = facade;
  const received: Received[] = [];
  const answers = new Map<string, Answer>();

  const makeSender = (options: Partial<WebhookSenderOptions> = {}): WebhookSender =>
    webhookSender({
      devices,
      store,
      outbox,
      now: () => clock.now,
      uuid: () => uuidOf(0),
      send: async (request) => {
        const each = await keep(request, clock.now);
        received.push(each);
        return (answers.get(each.url) ?? ok)(each);
      },
      ...options,
    });
  const sender = makeSender();

  const settle = async (by: WebhookSender = sender): Promise<readonly WebhookRound[]> => {
    const rounds: WebhookRound[] = [];
    for (;;) {
      const round = await by.round();
      await by.idle();
      rounds.push(round);
      if (round.nextAt === null || round.nextAt > clock.now) break;
    }
    // What the lanes did is told by the round behind it.
    rounds.push(await by.round());
    return rounds;
  };

  return {
    clock,
    store,
    outbox,
    received,
    answers,
    sender,
    makeSender,
    facade,
    subscribe: async (url, types) =>
      (await facade.get('webhooks/create', { url, ...(types && { event_types: types }) })).webhook,
    list: async (asked = {}) => (await facade.get('webhook_deliveries/list', asked)).webhook_deliveries,
    events: async () => (await facade.get('events/list', { since: '2020-01-01T00:00:00Z' })).events,
    settle,
    runUntil: async (until, by = sender) => {
      for (;;) {
        const next = (await settle(by)).at(-1)?.nextAt ?? null;
        if (next === null || next > until) break;
        clock.now = next;
      }
      clock.now = until;
      await settle(by);
    },
  };
}
