/**
 * The calls about webhooks: who is told of events, and what became of it.
 *
 * Seam: docs.seam.co/api/webhooks, @seamapi/types 1.977.0 and, for refusals, @seamapi/fake-seam-connect 1.86.0. Ours is
 * `/webhook_deliveries/list`: Seam shows deliveries only in its console.
 */
import { randomBytes } from '@noble/hashes/utils.js';
import type { Context } from './context.ts';
import { uuidFrom } from './devices.ts';
import { refuse, refuseRequest } from './errors.ts';
import { pagination, readCursor } from './looking.ts';
import {
  type Pagination,
  type SeamEvent,
  timestamp,
  timestampOrNull,
  type WebhookDelivery,
  type WebhookObject,
} from './objects.ts';
import type { Outbox, StoredDelivery, Webhook } from './outbox.ts';
import type {
  DeliveryListParameters,
  WebhookCreateParameters,
  WebhookUpdateParameters,
} from './parameters.ts';
import { secretOf } from './webhook-signature.ts';

const MOST_WEBHOOKS = 100;
const MOST_TYPES = 500;
const DEFAULT_LIMIT = 500;

/** What happens to offline codes. */
const TOLD: readonly SeamEvent['event_type'][] = [
  'access_code.created',
  'access_code.changed',
  'access_code.scheduled_on_device',
  'access_code.set_on_device',
  'access_code.removed_from_device',
  'access_code.deleted',
  'access_code.backup_access_code_pulled',
  'access_code.delay_in_setting_on_device',
  'access_code.failed_to_set_on_device',
  'access_code.delay_in_removing_from_device',
  'access_code.failed_to_remove_from_device',
];

/** What @seamapi/types 1.977.0 knows of access codes beside that. */
const OF_OTHER_CODES: readonly string[] = [
  'access_code.code_changed',
  'access_code.name_changed',
  'access_code.time_frame_changed',
  'access_code.mutations_requested',
  'access_code.deleted_external_to_seam',
  'access_code.modified_external_to_seam',
  'access_code.unmanaged.converted_to_managed',
  'access_code.unmanaged.created',
  'access_code.unmanaged.failed_to_convert_to_managed',
  'access_code.unmanaged.removed',
];

const ALL = '*';

const EVENT_TYPE = /^(?=.{1,100}$)[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+$/;

/** Seam's other event types may be asked for, and never come; a misspelt one of access codes would never come either. */
function isEventType(type: string): boolean {
  if (type === ALL) return true;
  if (type.startsWith('access_code.')) return [...TOLD, ...OF_OTHER_CODES].includes(type);
  return EVENT_TYPE.test(type);
}

function checkedTypes(types: readonly string[]): readonly string[] {
  if (types.length === 0 || types.length > MOST_TYPES || !types.every(isEventType))
    refuse(
      'invalid_event_types',
      `Invalid event types: expected up to ${MOST_TYPES} names such as access_code.set_on_device, or "*" for all`,
    );
  return [...new Set(types)];
}

/** 32 bytes of the system's generator, and no argument: a secret that came twice would be another endpoint's as well. */
const newSecret = (): string => secretOf(randomBytes(32));

const webhookObject = ({ id, url, eventTypes, secret, since }: Webhook): WebhookObject => ({
  webhook_id: id,
  url,
  event_types: eventTypes,
  secret,
  pintumbler: { is_silenced: since === null },
});

/** Without a store that outlasts its process there is nothing to keep them. */
const outboxOf = ({ outbox }: Context): Outbox => outbox ?? refuse('not_found', 'There are no webhooks here');

async function webhookOf(context: Context, id: string): Promise<Webhook> {
  const webhook = (await outboxOf(context).webhooks()).find((each) => each.id === id);
  return webhook ?? refuse('webhook_not_found', 'webhook not found');
}

export async function createWebhook(
  context: Context,
  { url, types = [ALL] }: WebhookCreateParameters,
): Promise<{ readonly webhook: WebhookObject }> {
  const [outbox, at] = [outboxOf(context), context.now()];
  const eventTypes = checkedTypes(types);
  if ((await outbox.webhooks()).length >= MOST_WEBHOOKS)
    refuseRequest(`There are ${MOST_WEBHOOKS} webhooks already: delete one first`);
  const webhook = { id: context.uuid(), url, eventTypes, secret: newSecret(), createdAt: at, since: at };
  await outbox.addWebhook(webhook);
  return { webhook: webhookObject(webhook) };
}

export async function getWebhook(
  context: Context,
  { id }: { readonly id: string },
): Promise<{ readonly webhook: WebhookObject }> {
  return { webhook: webhookObject(await webhookOf(context, id)) };
}

export async function listWebhooks(
  context: Context,
): Promise<{ readonly webhooks: readonly WebhookObject[] }> {
  return { webhooks: (await outboxOf(context).webhooks()).map(webhookObject) };
}

/** One that was silenced gets events again from now on. */
export async function updateWebhook(
  context: Context,
  { id, types }: WebhookUpdateParameters,
): Promise<object> {
  const [outbox, at] = [outboxOf(context), context.now()];
  const eventTypes = checkedTypes(types);
  const webhook = await webhookOf(context, id);
  const isThere = await outbox.changeWebhook({ ...webhook, eventTypes, since: webhook.since ?? at });
  return isThere ? {} : refuse('webhook_not_found', 'webhook not found');
}

export async function deleteWebhook(context: Context, { id }: { readonly id: string }): Promise<object> {
  return (await outboxOf(context).dropWebhook(id)) ? {} : refuse('webhook_not_found', 'webhook not found');
}

const deliveryObject = (delivery: StoredDelivery): WebhookDelivery => ({
  webhook_id: delivery.webhookId,
  event_id: delivery.eventId,
  event_type: delivery.eventType,
  access_code_id: delivery.codeId,
  occurred_at: timestamp(delivery.occurredAt),
  state: delivery.state,
  tries: delivery.tries.map(({ at, status, error }) => ({ tried_at: timestamp(at), status, error })),
  next_try_at: timestampOrNull(delivery.state === 'pending' ? delivery.dueAt : null),
});

export async function listDeliveries(
  context: Context,
  { webhookId, eventId, state, limit: most = DEFAULT_LIMIT, cursor }: DeliveryListParameters,
): Promise<{ readonly webhook_deliveries: readonly WebhookDelivery[]; readonly pagination: Pagination }> {
  const outbox = outboxOf(context);
  const of = uuidFrom('deliveries', webhookId ?? '', eventId ?? '', state ?? '');
  const after = readCursor(cursor, of);
  if (webhookId !== undefined) await webhookOf(context, webhookId);
  // One more than fits on the page says whether there is another.
  const found = await outbox.deliveries({ webhookId, eventId, state, after, limit: most + 1 });
  const page = found.slice(0, most);
  const next = found.length > most ? page.at(-1)?.seq : undefined;
  return { webhook_deliveries: page.map(deliveryObject), pagination: pagination(next, of) };
}
