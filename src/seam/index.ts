/** `pintumbler/seam`: the Seam-compatible facade. A handler for its calls, and what was given out. */
export { apiKeyHash } from './api-keys.ts';
export type { ServiceOptions } from './context.ts';
export type { SeamDevice } from './devices.ts';
export { type HandlerOptions, seamHandler } from './handler.ts';
export { memoryStore } from './memory-store.ts';
export type { ClearCode, OfflineCode } from './objects.ts';
export type {
  Asked,
  Batch,
  CodeQuery,
  CodeRecord,
  Conflict,
  Happening,
  Issued,
  Lack,
  Reservation,
  Store,
  StoredCode,
} from './store.ts';
