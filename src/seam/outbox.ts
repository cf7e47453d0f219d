/**
 * What webhooks need kept: the endpoints, which access codes have something to tell, and what each endpoint is owed. A store
 * that outlasts its process has it beside the registry (`SqlStore.outbox`); many senders may share it.
 *
 * What is claimed is left to the claimer for `lease` seconds, and is anybody's again after that: a sender that dies loses
 * nothing, and what it had sent already is sent once more. Instants in epoch seconds.
 */
import type { StoredCode } from './store.ts';

/** An endpoint. Its secret is `whsec_` and base64, as Standard Webhooks has it. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  /** `*`: all. */
  readonly eventTypes: readonly string[];
  readonly secret: string;
  readonly createdAt: number;
  /** Gets what happens from then on; null: it answered 410 Gone, and gets nothing. */
  readonly since: number | null;
}

/** An access code with something to tell. */
export interface Due {
  readonly codeId: string;
  /** Null where its record cannot be opened. */
  readonly code: StoredCode | null;
  /** Everything before was told. */
  readonly toldUntil: number;
}

/** What an endpoint is owed. */
export interface Delivery {
  readonly webhookId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly codeId: string;
  readonly occurredAt: number;
}

/** With the event, as the bytes that are signed and sent with every try. */
export interface NewDelivery extends Delivery {
  readonly body: string;
}

/** What was told of an access code. */
export interface Telling {
  readonly code: StoredCode;
  /** For those that are there already, nothing changes. */
  readonly deliveries: readonly NewDelivery[];
  /** When it has something to tell again; null: never by itself. */
  readonly next: number | null;
}

/** One try. `status`: of the answer; null where there was none, and `error` says why. */
export interface Try {
  readonly at: number;
  readonly status: number | null;
  readonly error: string | null;
}

export interface StoredDelivery extends Delivery {
  /** Counts them in the order in which they were entered. */
  readonly seq: number;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly tries: readonly Try[];
  /** Pending: when it is tried next. Otherwise the moment of its last try. */
  readonly dueAt: number;
}

export interface ClaimedDelivery extends StoredDelivery {
  /** Null where it cannot be opened. */
  readonly body: string | null;
}

/** What follows from a try. */
export type Outcome =
  | { readonly state: 'delivered' | 'failed' }
  | { readonly state: 'pending'; readonly dueAt: number };

/** Deliveries by order of entry, at most `limit`, after `after`. */
export interface DeliveryQuery {
  readonly webhookId: string | undefined;
  readonly eventId: string | undefined;
  readonly state: StoredDelivery['state'] | undefined;
  readonly after: number;
  readonly limit: number;
}

export interface Outbox {
  addWebhook(webhook: Webhook): Promise<void>;
  /** Replaces the one with its id; false: there is none. */
  changeWebhook(webhook: Webhook): Promise<boolean>;
  /** With all that it is owed; false: there was none. */
  dropWebhook(id: string): Promise<boolean>;
  /** Sets `since` to null, and fails all that it is owed. */
  silenceWebhook(id: string, now: number): Promise<void>;
  /** In order of creation, then of ids. */
  webhooks(): Promise<readonly Webhook[]>;
  /**
   * Claims access codes that were written since they last told, or whose time to tell has come, those waiting longest
   * first. Those of which nothing happens from `since` on count towards `limit`, and are left alone from then on.
   */
  claimDue(
    now: number,
    since: number,
    limit: number,
    lease: number,
  ): Promise<{ readonly due: readonly Due[]; readonly isMore: boolean }>;
  /**
   * Enters deliveries, due at once, and that everything up to `now` was told. The latter is left out for an access code that
   * was written since it was claimed: it is due anyway. Owed to an endpoint that is not there any more, or silenced: not entered.
   *
   * @returns how many deliveries are new
   */
  told(tellings: readonly Telling[], now: number): Promise<number>;
  /**
   * Puts claimed access codes off that cannot be told here: for as long as they have waited, at least for `lease` and at most
   * for a day. Nothing of that for one that was written since.
   */
  putOff(codes: readonly Due[], now: number, lease: number): Promise<void>;
  /** Ids of the endpoints that have deliveries whose time has come. */
  owed(now: number): Promise<readonly string[]>;
  /** Claims pending deliveries of an endpoint whose time has come, those waiting longest first. */
  claimDeliveries(
    webhookId: string,
    now: number,
    limit: number,
    lease: number,
  ): Promise<readonly ClaimedDelivery[]>;
  /** Records a try and what follows from it. What was delivered stays so, and what failed but for a success. */
  settle(delivery: Pick<Delivery, 'webhookId' | 'eventId'>, attempt: Try, outcome: Outcome): Promise<void>;
  deliveries(query: DeliveryQuery): Promise<readonly StoredDelivery[]>;
  /** Forgets deliveries whose last try was before a moment. */
  forget(before: number): Promise<void>;
  /** When something is due next, what is claimed at the end of its lease; null: nothing is. */
  nextDue(): Promise<number | null>;
}
