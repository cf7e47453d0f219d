/** `pintumbler/seam`: the Seam-compatible facade. A handler for its calls, and what was given out. */
export { apiKeyHash } from './api-keys.ts';
export type { ServiceOptions } from './context.ts';
export type { SeamDevice } from './devices.ts';
export { type HandlerOptions, seamHandler } from './handler.ts';
export { memoryStore } from './memory-store.ts';
export type { ClearCode, OfflineCode } from './objects.ts';
export type {
  ClaimedDelivery,
  Delivery,
  DeliveryQuery,
  Due,
  NewDelivery,
  Outbox,
  Outcome,
  StoredDelivery,
  Telling,
  Try,
  Webhook,
} from './outbox.ts';
export type { SqlDatabase } from './sql/database.ts';
export type { DeviceShelf } from './sql/sql-devices.ts';
export { type SqlStore, type SqlStoreOptions, sqlStore } from './sql/sql-store.ts';
export type {
  ActiveQuery,
  Asked,
  Batch,
  CodeQuery,
  CodeRecord,
  Conflict,
  Happening,
  Issued,
  Lack,
  Place,
  Reservation,
  Store,
  StoredCode,
} from './store.ts';
export type { Forward } from './upstream.ts';
export {
  type WebhookRound,
  type WebhookSender,
  type WebhookSenderOptions,
  webhookSender,
} from './webhooks.ts';
