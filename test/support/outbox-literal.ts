/** The contract of `outbox.ts` word for word, slow and in memory; and a store that tells it what was written. */
import type {
  ClaimedDelivery,
  CodeRecord,
  DeliveryQuery,
  Due,
  NewDelivery,
  Outbox,
  Outcome,
  Store,
  StoredCode,
  StoredDelivery,
  Telling,
  Try,
  Webhook,
} from 'pintumbler/seam';

interface Kept {
  code: StoredCode;
  tellAt: number | null;
  toldUntil: number;
}

type Owed = { -readonly [K in keyof ClaimedDelivery]: ClaimedDelivery[K] };

const lastOf = ({ lastEventAt, history }: CodeRecord): number =>
  Math.max(lastEventAt ?? Infinity, ...history.map(({ at }) => at));

const withoutBody = ({ body: _, ...delivery }: ClaimedDelivery): StoredDelivery => delivery;

/** Those waiting longest first; what came first where they wait as long. */
const longest = <T>(list: readonly T[], dueAt: (each: T) => number): readonly T[] =>
  [...list].sort((one, other) => dueAt(one) - dueAt(other));

export class LiteralOutbox implements Outbox {
  readonly codes = new Map<string, Kept>();
  readonly endpoints = new Map<string, Webhook>();
  readonly owing: Owed[] = [];
  seq = 0;

  written(code: StoredCode, now: number): void {
    const before = this.codes.get(code.id);
    this.codes.set(code.id, { code, tellAt: now, toldUntil: Math.min(before?.toldUntil ?? now, now) });
  }

  async addWebhook(webhook: Webhook): Promise<void> {
    if (!this.endpoints.has(webhook.id)) this.endpoints.set(webhook.id, webhook);
  }

  async changeWebhook(webhook: Webhook): Promise<boolean> {
    const before = this.endpoints.get(webhook.id);
    if (before) this.endpoints.set(webhook.id, { ...webhook, createdAt: before.createdAt });
    return before !== undefined;
  }

  async dropWebhook(id: string): Promise<boolean> {
    this.#keep(({ webhookId }) => webhookId !== id);
    return this.endpoints.delete(id);
  }

  #keep(isKept: (delivery: Owed) => boolean): void {
    this.owing.splice(0, Infinity, ...this.owing.filter(isKept));
  }

  async silenceWebhook(id: string, now: number): Promise<void> {
    const before = this.endpoints.get(id);
    if (before) this.endpoints.set(id, { ...before, since: null });
    for (const each of this.owing)
      if (each.webhookId === id && each.state === 'pending')
        Object.assign(each, { state: 'failed', dueAt: now });
  }

  async webhooks(): Promise<readonly Webhook[]> {
    return [...this.endpoints.values()].sort((one, other) =>
      one.createdAt === other.createdAt ? (one.id < other.id ? -1 : 1) : one.createdAt - other.createdAt,
    );
  }

  async claimDue(
    now: number,
    since: number,
    limit: number,
    lease: number,
  ): Promise<{ due: readonly Due[]; isMore: boolean }> {
    const waiting = [...this.codes.values()].filter(({ tellAt }) => tellAt !== null && tellAt <= now);
    const claimed = longest(waiting, ({ tellAt }) => tellAt ?? 0).slice(0, limit);
    const due: Due[] = [];
    for (const kept of claimed) {
      const tells = lastOf(kept.code) >= since;
      kept.tellAt = tells ? now + lease : null;
      if (tells) due.push({ codeId: kept.code.id, code: kept.code, toldUntil: kept.toldUntil });
    }
    return { due, isMore: claimed.length === limit };
  }

  #enter({ body, ...delivery }: NewDelivery, now: number): number {
    const isThere = this.owing.some(
      ({ webhookId, eventId }) => webhookId === delivery.webhookId && eventId === delivery.eventId,
    );
    if (isThere || (this.endpoints.get(delivery.webhookId)?.since ?? null) === null) return 0;
    this.seq += 1;
    this.owing.push({ ...delivery, seq: this.seq, state: 'pending', tries: [], dueAt: now, body });
    return 1;
  }

  async told(tellings: readonly Telling[], now: number): Promise<number> {
    const deliveries = tellings.flatMap((telling) => telling.deliveries);
    const entered = longest(deliveries, ({ occurredAt }) => occurredAt).map((each) => this.#enter(each, now));
    for (const { code, next } of tellings) {
      const kept = this.codes.get(code.id);
      if (kept?.code.version === code.version) Object.assign(kept, { tellAt: next, toldUntil: now + 1 });
    }
    return entered.reduce((sum, one) => sum + one, 0);
  }

  async putOff(codes: readonly Due[], now: number, lease: number): Promise<void> {
    for (const { code } of codes) {
      const kept = code ? this.codes.get(code.id) : undefined;
      if (kept && kept.code.version === code?.version)
        kept.tellAt = now + Math.min(Math.max(now - kept.toldUntil, lease), 86_400);
    }
  }

  #due(now: number): readonly Owed[] {
    return this.owing.filter(({ state, dueAt }) => state === 'pending' && dueAt <= now);
  }

  async owed(now: number): Promise<readonly string[]> {
    return [...new Set(this.#due(now).map(({ webhookId }) => webhookId))].sort();
  }

  async claimDeliveries(
    webhookId: string,
    now: number,
    limit: number,
    lease: number,
  ): Promise<readonly ClaimedDelivery[]> {
    const due = this.#due(now).filter((each) => each.webhookId === webhookId);
    const claimed = longest(due, ({ dueAt }) => dueAt).slice(0, limit);
    for (const each of claimed) each.dueAt = now + lease;
    return claimed.map((each) => ({ ...each })).sort((one, other) => one.seq - other.seq);
  }

  async settle(
    { webhookId, eventId }: { readonly webhookId: string; readonly eventId: string },
    attempt: Try,
    outcome: Outcome,
  ): Promise<void> {
    const found = this.owing.find((each) => each.webhookId === webhookId && each.eventId === eventId);
    if (!found) return;
    found.tries = [...found.tries, attempt];
    if (found.state === 'delivered' || (found.state === 'failed' && outcome.state !== 'delivered')) return;
    found.state = outcome.state;
    found.dueAt = outcome.state === 'pending' ? outcome.dueAt : attempt.at;
  }

  async deliveries(query: DeliveryQuery): Promise<readonly StoredDelivery[]> {
    return this.owing
      .filter(
        (each) =>
          each.seq > query.after &&
          [undefined, each.webhookId].includes(query.webhookId) &&
          [undefined, each.eventId].includes(query.eventId) &&
          [undefined, each.state].includes(query.state),
      )
      .slice(0, query.limit)
      .map(withoutBody);
  }

  async forget(before: number): Promise<void> {
    this.#keep(({ state, dueAt }) => state === 'pending' || dueAt >= before);
  }

  async nextDue(): Promise<number | null> {
    const moments = [
      ...[...this.codes.values()].flatMap(({ tellAt }) => tellAt ?? []),
      ...this.owing.filter(({ state }) => state === 'pending').map(({ dueAt }) => dueAt),
    ];
    return moments.length > 0 ? Math.min(...moments) : null;
  }
}

/** The store, and what it writes told to an outbox. */
export function watched(store: Store, outbox: LiteralOutbox): Store {
  return {
    write: async (batch) => {
      const conflict = await store.write(batch);
      if (conflict) return conflict;
      // At that time nothing was gone.
      const codes = await store.find({ by: 'ids', ids: batch.codes.map(({ id }) => id), now: 0 });
      for (const code of codes) outbox.written(code, batch.now);
      return undefined;
    },
    taken: (places) => store.taken(places),
    last: (place) => store.last(place),
    find: (query) => store.find(query),
    attempt: (id) => store.attempt(id),
    active: (query) => store.active(query),
    replayed: (key, now) => store.replayed(key, now),
    allow: (key, now, most, seconds) => store.allow(key, now, most, seconds),
  };
}
