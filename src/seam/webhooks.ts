/**
 * The sender of webhooks: finds what has happened, enters it once for each endpoint that wants it, and sends it until it was
 * received: at least once, in no promised order. What is kept of it is in the outbox; events are computed (`lifecycle.ts`).
 *
 * Standard Webhooks 1.0.0, "Operational considerations": only 2xx is success, redirects are not followed, 410 Gone silences
 * the endpoint, Retry-After is heeded. The back-off is the one that svix publishes (docs.svix.com/retries).
 *
 * Each endpoint has a lane of its own, so one that hangs delays nobody else. Many senders may share an outbox.
 */
import { checkFields, expected } from '../errors.ts';
import { contextOf, SERVICE_OPTIONS, type ServiceOptions } from './context.ts';
import type { Happened } from './lifecycle.ts';
import type { ClaimedDelivery, Outbox, Outcome, Telling, Try, Webhook } from './outbox.ts';
import { signedHeaders } from './webhook-signature.ts';

export interface WebhookSenderOptions extends ServiceOptions {
  readonly outbox: Outbox;
  /** Sends a request and gives the answer, such as `fetch` with a time limit of 15 to 30 seconds. */
  readonly send: (request: Request) => Promise<Response>;
}

/** What was done since the round before. */
export interface WebhookRound {
  /** Deliveries that were entered. */
  readonly entered: number;
  readonly delivered: number;
  /** Tries that failed and are repeated, and deliveries of which the last try failed. */
  readonly putBack: number;
  readonly failed: number;
  /** Access codes that could not be told and wait: of devices that are not here, or with a record that cannot be opened. */
  readonly waiting: number;
  /** Epoch seconds at which there is something to do, as far as is known; null: at none. Not later than `now`: at once. */
  readonly nextAt: number | null;
}

export interface WebhookSender {
  /**
   * Enters what has happened, and begins to send what is due; the sending goes on behind it. To be called again at
   * `nextAt`, and every second or so for what is written in between. Rejects with what went wrong in the outbox, also
   * behind it: nothing is lost by that.
   */
  readonly round: () => Promise<WebhookRound>;
  /** Resolves when nothing is being sent. */
  readonly idle: () => Promise<void>;
  /** Begins no more tries; resolves when those begun have ended. */
  readonly stop: () => Promise<void>;
}

/** Seconds after each try that failed, until the next; after the one behind them there is none. */
const BACK_OFF = [5, 300, 1800, 7200, 18_000, 36_000, 36_000];
const LONGEST_WAIT = 36_000;

/** Seconds that a claim lasts: longer than a try takes. */
const LEASE = 60;

/** Seconds by which the clocks of servers may differ. */
const SKEW = 600;

/** Access codes of a round, and tries at one endpoint at a time. */
const CODES = 200;
const TRIES = 8;

/** Seconds for which deliveries are kept after their last try, and between two looks for older ones. */
const KEPT = 30 * 86_400;
const SWEEP = 3600;

const wants = ({ eventTypes, since }: Webhook, { type, at }: Happened): boolean =>
  since !== null && since <= at && (eventTypes.includes('*') || eventTypes.includes(type));

/** What an access code has to tell at a moment, by all that will happen to it as it is now. */
function tellingOf(
  code: Telling['code'],
  happening: readonly Happened[],
  toldUntil: number,
  webhooks: readonly Webhook[],
  now: number,
): Telling {
  const deliveries = happening
    .filter(({ at }) => at >= toldUntil && at <= now)
    .flatMap((happened) => {
      const wanting = webhooks.filter((webhook) => wants(webhook, happened));
      // Ids are not free.
      if (wanting.length === 0) return [];
      const event = happened.event();
      const told = { eventId: event.event_id, eventType: event.event_type, codeId: code.id };
      const body = JSON.stringify(event);
      return wanting.map(({ id }) => ({ ...told, webhookId: id, occurredAt: happened.at, body }));
    });
  return { code, deliveries, next: happening.find(({ at }) => at > now)?.at ?? null };
}

/** Why there was no answer, in words of ours: what was thrown can name addresses. */
const errorOf = (thrown: unknown): string =>
  thrown instanceof Error && ['TimeoutError', 'AbortError'].includes(thrown.name)
    ? 'timed_out'
    : 'not_reached';

/** RFC 9110, section 10.2.3: seconds, or a date. */
function retryAfterOf({ headers }: Response, now: number): number {
  const text = headers.get('retry-after') ?? '';
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Math.ceil(Date.parse(text) / 1000) - now;
  return Number.isNaN(seconds) ? 0 : Math.min(seconds, LONGEST_WAIT);
}

/** A try, and when the endpoint wants to be asked again, in seconds. */
interface Tried {
  readonly attempt: Try;
  readonly retryAfter: number;
}

async function tryToSend(
  { url, secret }: Webhook,
  { eventId, body }: ClaimedDelivery,
  { send, now }: Pick<WebhookSenderOptions, 'send' | 'now'>,
): Promise<Tried> {
  const at = now();
  if (body === null) return { attempt: { at, status: null, error: 'unreadable' }, retryAfter: 0 };
  try {
    const headers = { ...signedHeaders(secret, eventId, at, body), 'content-type': 'application/json' };
    const response = await send(new Request(url, { method: 'POST', headers, body, redirect: 'manual' }));
    const { status } = response;
    const retryAfter = retryAfterOf(response, now());
    // Nobody reads what else is in the answer; a body that is left lying there would hold the connection.
    await response.body?.cancel().catch(() => undefined);
    return { attempt: { at, status, error: null }, retryAfter };
  } catch (thrown) {
    return { attempt: { at, status: null, error: errorOf(thrown) }, retryAfter: 0 };
  }
}

function outcomeOf({ attempt, retryAfter }: Tried, triesBefore: number, now: number): Outcome {
  const { status, error } = attempt;
  if (status !== null && status >= 200 && status < 300) return { state: 'delivered' };
  const wait = BACK_OFF[triesBefore];
  if (wait === undefined || status === 410 || error === 'unreadable') return { state: 'failed' };
  return { state: 'pending', dueAt: now + Math.max(wait, retryAfter) };
}

const NOTHING = { entered: 0, delivered: 0, putBack: 0, failed: 0, waiting: 0 } as const;

/**
 * Sends the events of a store's access codes to the webhooks of its outbox, signed as Standard Webhooks and svix have it:
 * `@seamapi/webhook` verifies them. Every event reaches every endpoint that wants it at least once, with the same
 * `webhook-id`, its `event_id`, each time; what fails is tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h.
 *
 * **Who has an API key can have this server call any URL**: to keep it from internal services, send through a proxy that
 * refuses their addresses, or from a network that does not reach them. Redirects are not followed, and of an answer nothing
 * but its status is kept.
 *
 * @throws PintumblerError `bad_argument`, `out_of_range`: an option that is missing, wrong or unknown
 *
 * @example
 * import { PGlite } from '@electric-sql/pglite';
 * import { sqlStore, webhookSender } from 'pintumbler/seam';
 * const store = await sqlStore(new PGlite(), { keys: [crypto.getRandomValues(new Uint8Array(32))] });
 * const sender = webhookSender({
 *   devices: [], // those of the handler; and its other options, except `apiKeys` and what belongs to HTTP
 *   store,
 *   outbox: store.outbox,
 *   now: () => Math.floor(Date.now() / 1000),
 *   uuid: () => crypto.randomUUID(),
 *   send: (request) => fetch(request, { signal: AbortSignal.timeout(20_000) }),
 * });
 * const { entered } = await sender.round();
 * console.log(entered); // 0
 * await sender.stop();
 */
export function webhookSender(options: WebhookSenderOptions): WebhookSender {
  checkFields('options', options, [...SERVICE_OPTIONS, 'send']);
  const { send, ...ofService } = options;
  if (typeof send !== 'function') expected('send', 'a function that sends a request', send);
  const { outbox: given, now, isListed, told } = contextOf(ofService);
  const outbox = given ?? expected('outbox', 'an outbox such as that of sqlStore()', given);

  let counts: Omit<WebhookRound, 'nextAt'> = NOTHING;
  const count = (more: Partial<typeof counts>): void => {
    const sum = (name: keyof typeof counts): number => counts[name] + (more[name] ?? 0);
    counts = {
      entered: sum('entered'),
      delivered: sum('delivered'),
      putBack: sum('putBack'),
      failed: sum('failed'),
      waiting: sum('waiting'),
    };
  };

  /** By endpoints. */
  const lanes = new Map<string, Promise<void>>();
  const errors: unknown[] = [];
  let isStopped = false;
  let sweptAt = Number.NEGATIVE_INFINITY;

  /** Whether more is due than was looked at. */
  async function tell(before: readonly Webhook[], at: number): Promise<boolean> {
    const since = Math.min(...before.map((webhook) => webhook.since ?? at)) - SKEW;
    const { due, isMore } = await outbox.claimDue(at, since, CODES, LEASE);
    // Looked up behind the claim: an endpoint that was made before an event is told of it.
    const webhooks = due.length > 0 ? await outbox.webhooks() : [];
    const tellings: Telling[] = [];
    // Another server may have the device, or nobody any more: then it is asked for more and more seldom.
    const waiting = due.filter(({ code }) => !code || !isListed(code));
    await outbox.putOff(waiting, at, LEASE);
    count({ waiting: waiting.length });
    for (const { code, toldUntil } of due)
      if (code && isListed(code))
        tellings.push(tellingOf(code, told(code, Number.MAX_SAFE_INTEGER), toldUntil, webhooks, at));
    if (tellings.length > 0) count({ entered: await outbox.told(tellings, at) });
    return isMore;
  }

  async function deliver(webhook: Webhook, delivery: ClaimedDelivery): Promise<void> {
    const tried = await tryToSend(webhook, delivery, { send, now });
    const outcome = outcomeOf(tried, delivery.tries.length, now());
    await outbox.settle(delivery, tried.attempt, outcome);
    if (tried.attempt.status === 410) await outbox.silenceWebhook(webhook.id, now());
    const { state } = outcome;
    count(state === 'pending' ? { putBack: 1 } : { [state]: 1 });
  }

  /** Sends what an endpoint is owed, until nothing is due. */
  async function drain(webhook: Webhook): Promise<void> {
    while (!isStopped) {
      const claimed = await outbox.claimDeliveries(webhook.id, now(), TRIES, LEASE);
      if (claimed.length === 0) return;
      const ends = await Promise.allSettled(claimed.map((delivery) => deliver(webhook, delivery)));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    }
  }

  function openLane(webhook: Webhook): void {
    const lane = drain(webhook)
      .catch((error: unknown) => errors.push(error))
      .then(() => void lanes.delete(webhook.id));
    lanes.set(webhook.id, lane);
  }

  async function idle(): Promise<void> {
    await Promise.all(lanes.values());
  }

  async function round(): Promise<WebhookRound> {
    const at = now();
    const webhooks = (await outbox.webhooks()).filter(({ since }) => since !== null);
    const isMore = webhooks.length > 0 && (await tell(webhooks, at));
    const owed = webhooks.length > 0 ? await outbox.owed(at) : [];
    for (const webhook of webhooks)
      if (!isStopped && owed.includes(webhook.id) && !lanes.has(webhook.id)) openLane(webhook);
    if (at - sweptAt >= SWEEP) {
      await outbox.forget(at - KEPT);
      sweptAt = at;
    }
    const next = webhooks.length > 0 ? await outbox.nextDue() : null;
    const [error] = errors.splice(0);
    if (error !== undefined) throw error;
    const done = counts;
    counts = NOTHING;
    return { ...done, nextAt: isMore ? at : next && Math.max(next, at + 1) };
  }

  return {
    round,
    idle,
    stop: async () => {
      isStopped = true;
      await idle();
    },
  };
}
