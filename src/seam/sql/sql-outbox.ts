/**
 * What webhooks need kept, in a database. `outbox.ts` has the contract.
 *
 * A claim is an `UPDATE` of what `FOR UPDATE SKIP LOCKED` found: two senders that look at once find different rows. It
 * moves the moment at which the row is due to the end of the lease, so there is nothing to give back. Endpoints and the
 * bodies of events are sealed: they hold secrets and codes.
 */
import { PintumblerError } from '../../errors.ts';
import type {
  ClaimedDelivery,
  Delivery,
  DeliveryQuery,
  Due,
  Outbox,
  Outcome,
  StoredDelivery,
  Telling,
  Try,
  Webhook,
} from '../outbox.ts';
import {
  isOrphaned,
  isStorable,
  isWriteRace,
  MOST_RACES,
  numberIn,
  type Row,
  type SqlDatabase,
  textIn,
  textOf,
} from './database.ts';
import { openCode } from './registry.ts';
import type { Sealing } from './sealing.ts';

const DAY = 86_400;

const CLAIM_DUE = `
  WITH due AS (
    SELECT id, last_at >= $2 AS tells FROM pintumbler_codes WHERE tell_at <= $1
    ORDER BY tell_at LIMIT $3 FOR UPDATE SKIP LOCKED
  )
  UPDATE pintumbler_codes c SET tell_at = CASE WHEN due.tells THEN $1::bigint + $4::bigint END
  FROM due WHERE c.id = due.id
  RETURNING c.id, c.seq::text AS seq, c.told_until::text AS told_until,
    CASE WHEN due.tells THEN c.record END AS record`;

/** The one statement: either the deliveries are there and the access codes are told, or neither. */
const TOLD = `
  WITH entered AS (
    INSERT INTO pintumbler_deliveries
      (webhook_id, event_id, event_type, code_id, occurred_at, state, due_at, tries, body)
    SELECT w.webhook_id, w.event_id, w.event_type, w.code_id, w.occurred_at, 'pending', $3::bigint, '[]', w.body
    FROM jsonb_to_recordset($1::jsonb) AS w (n bigint, webhook_id text, event_id text, event_type text,
      code_id text, occurred_at bigint, body text)
    JOIN pintumbler_webhooks h ON h.id = w.webhook_id AND h.since IS NOT NULL
    ORDER BY w.n
    ON CONFLICT (webhook_id, event_id) DO NOTHING
    RETURNING 1
  ), marked AS (
    UPDATE pintumbler_codes c SET tell_at = t.next, told_until = $3::bigint + 1
    FROM jsonb_to_recordset($2::jsonb) AS t (id text, version bigint, next bigint)
    WHERE c.id = t.id AND c.version = t.version
  )
  SELECT count(*)::text AS entered FROM entered`;

const PUT_OFF = `
  UPDATE pintumbler_codes c SET tell_at =
    $2::bigint + least(greatest($2::bigint - c.told_until, $3::bigint), ${DAY})
  FROM jsonb_to_recordset($1::jsonb) AS t (id text, version bigint)
  WHERE c.id = t.id AND c.version = t.version`;

const CLAIM_DELIVERIES = `
  WITH due AS (
    SELECT webhook_id, event_id FROM pintumbler_deliveries
    WHERE webhook_id = $1 AND state = 'pending' AND due_at <= $2
    ORDER BY due_at, seq LIMIT $3 FOR UPDATE SKIP LOCKED
  )
  UPDATE pintumbler_deliveries d SET due_at = $2::bigint + $4::bigint
  FROM due WHERE d.webhook_id = due.webhook_id AND d.event_id = due.event_id
  RETURNING d.webhook_id, d.event_id, d.seq::text AS seq, d.event_type, d.code_id,
    d.occurred_at::text AS occurred_at, d.state, d.due_at::text AS due_at, d.tries, d.body`;

const SILENCE = `
  WITH silent AS (UPDATE pintumbler_webhooks SET since = NULL WHERE id = $1)
  UPDATE pintumbler_deliveries SET state = 'failed', due_at = $2 WHERE webhook_id = $1 AND state = 'pending'`;

/** Another try may have settled it meanwhile, of another sender or of what silenced the endpoint: a success stays, and so
 * does a failure but for a success. */
const SETTLE = `
  UPDATE pintumbler_deliveries d SET
    tries = (d.tries::jsonb || $3::jsonb)::text,
    due_at = CASE WHEN d.state = 'pending' OR (d.state = 'failed' AND $4 = 'delivered') THEN $5::bigint ELSE d.due_at END,
    state = CASE WHEN d.state = 'pending' OR $4 = 'delivered' THEN $4::text ELSE d.state END
  WHERE d.webhook_id = $1 AND d.event_id = $2`;

const webhookPlace = (id: string): string => `webhook/${id}`;

const deliveryPlace = ({ webhookId, eventId }: Pick<Delivery, 'webhookId' | 'eventId'>): string =>
  `delivery/${webhookId}/${eventId}`;

const stateIn = (row: Row): StoredDelivery['state'] => {
  const state = textIn(row, 'state');
  return state === 'delivered' || state === 'failed' ? state : 'pending';
};

const deliveryOf = (row: Row): StoredDelivery => {
  const tries: readonly Try[] = JSON.parse(textIn(row, 'tries'));
  return {
    webhookId: textIn(row, 'webhook_id'),
    eventId: textIn(row, 'event_id'),
    eventType: textIn(row, 'event_type'),
    codeId: textIn(row, 'code_id'),
    occurredAt: numberIn(row, 'occurred_at'),
    seq: numberIn(row, 'seq'),
    state: stateIn(row),
    tries,
    dueAt: numberIn(row, 'due_at'),
  };
};

/** What is sealed cannot always be opened: then it is null, and must not keep the rest from being told. */
async function opened<T>(open: () => Promise<T>): Promise<T | null> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof PintumblerError) return null;
    throw error;
  }
}

export class SqlOutbox implements Outbox {
  readonly #db: SqlDatabase;
  readonly #sealing: Sealing;

  constructor(db: SqlDatabase, sealing: Sealing) {
    this.#db = db;
    this.#sealing = sealing;
  }

  /** Once more where another was faster: no statement here does harm when it is done again. */
  async #run(text: string, params: readonly unknown[]): Promise<readonly Row[]> {
    for (let races = 0; races < MOST_RACES; races++) {
      try {
        return (await this.#db.query(text, [...params])).rows;
      } catch (error) {
        if (!isWriteRace(error) && !isOrphaned(error)) throw error;
      }
    }
    throw new Error('the database refuses every try to write');
  }

  #sealed({ id, url, eventTypes, secret }: Webhook): string {
    return this.#sealing.seal(webhookPlace(id), JSON.stringify({ url, eventTypes, secret }));
  }

  async addWebhook(webhook: Webhook): Promise<void> {
    const { id, createdAt, since } = webhook;
    // Done again, it is there already.
    await this.#run(
      `INSERT INTO pintumbler_webhooks (id, created_at, since, sealed) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO NOTHING`,
      [id, createdAt, since, this.#sealed(webhook)],
    );
  }

  async changeWebhook(webhook: Webhook): Promise<boolean> {
    const rows = await this.#run(
      'UPDATE pintumbler_webhooks SET since = $2, sealed = $3 WHERE id = $1 RETURNING id',
      [webhook.id, webhook.since, this.#sealed(webhook)],
    );
    return rows.length > 0;
  }

  async dropWebhook(id: string): Promise<boolean> {
    if (!isStorable(id)) return false;
    const rows = await this.#run('DELETE FROM pintumbler_webhooks WHERE id = $1 RETURNING id', [id]);
    return rows.length > 0;
  }

  async silenceWebhook(id: string, now: number): Promise<void> {
    await this.#run(SILENCE, [id, now]);
  }

  async #webhookOf(row: Row): Promise<Webhook> {
    const id = textIn(row, 'id');
    const sealed: Pick<Webhook, 'url' | 'eventTypes' | 'secret'> = JSON.parse(
      await this.#sealing.open(webhookPlace(id), textIn(row, 'sealed')),
    );
    const since = textOf(row, 'since');
    return {
      ...sealed,
      id,
      createdAt: numberIn(row, 'created_at'),
      since: since === undefined ? null : Number(since),
    };
  }

  #webhookRows(): Promise<readonly Row[]> {
    return this.#run(
      `SELECT w.id, w.created_at::text AS created_at, w.since::text AS since, w.sealed FROM pintumbler_webhooks w
        ORDER BY w.created_at, w.id`,
      [],
    );
  }

  async webhooks(): Promise<readonly Webhook[]> {
    const rows = await this.#webhookRows();
    const found = await Promise.all(rows.map((row) => opened(() => this.#webhookOf(row))));
    return found.filter((webhook) => webhook !== null);
  }

  async claimDue(
    now: number,
    since: number,
    limit: number,
    lease: number,
  ): Promise<{ readonly due: readonly Due[]; readonly isMore: boolean }> {
    const rows = await this.#run(CLAIM_DUE, [now, since, limit, lease]);
    const due = rows
      .filter((row) => textOf(row, 'record') !== undefined)
      .map(async (row) => ({
        codeId: textIn(row, 'id'),
        code: await opened(() => openCode(this.#sealing, row)),
        toldUntil: numberIn(row, 'told_until'),
      }));
    return { due: await Promise.all(due), isMore: rows.length >= limit };
  }

  async told(tellings: readonly Telling[], now: number): Promise<number> {
    const deliveries = tellings
      .flatMap((telling) => telling.deliveries)
      .sort((one, other) => one.occurredAt - other.occurredAt)
      .map((delivery, n) => ({
        n,
        webhook_id: delivery.webhookId,
        event_id: delivery.eventId,
        event_type: delivery.eventType,
        code_id: delivery.codeId,
        occurred_at: delivery.occurredAt,
        body: this.#sealing.seal(deliveryPlace(delivery), delivery.body),
      }));
    const codes = tellings.map(({ code: { id, version }, next }) => ({ id, version, next }));
    const [row] = await this.#run(TOLD, [JSON.stringify(deliveries), JSON.stringify(codes), now]);
    return Number(textOf(row, 'entered') ?? 0);
  }

  async putOff(codes: readonly Due[], now: number, lease: number): Promise<void> {
    const known = codes.flatMap(({ code }) => (code ? [{ id: code.id, version: code.version }] : []));
    if (known.length > 0) await this.#run(PUT_OFF, [JSON.stringify(known), now, lease]);
  }

  async owed(now: number): Promise<readonly string[]> {
    const rows = await this.#run(
      `SELECT w.id FROM pintumbler_webhooks w WHERE EXISTS (SELECT 1 FROM pintumbler_deliveries d
        WHERE d.webhook_id = w.id AND d.state = 'pending' AND d.due_at <= $1) ORDER BY w.id`,
      [now],
    );
    return rows.map((row) => textIn(row, 'id'));
  }

  async claimDeliveries(
    webhookId: string,
    now: number,
    limit: number,
    lease: number,
  ): Promise<readonly ClaimedDelivery[]> {
    const rows = await this.#run(CLAIM_DELIVERIES, [webhookId, now, limit, lease]);
    const claimed = rows.map(async (row) => {
      const delivery = deliveryOf(row);
      const body = await opened(() => this.#sealing.open(deliveryPlace(delivery), textIn(row, 'body')));
      return { ...delivery, body };
    });
    return (await Promise.all(claimed)).sort((one, other) => one.seq - other.seq);
  }

  async settle(
    { webhookId, eventId }: Pick<Delivery, 'webhookId' | 'eventId'>,
    attempt: Try,
    outcome: Outcome,
  ): Promise<void> {
    const dueAt = outcome.state === 'pending' ? outcome.dueAt : attempt.at;
    await this.#run(SETTLE, [webhookId, eventId, JSON.stringify([attempt]), outcome.state, dueAt]);
  }

  async deliveries({
    webhookId,
    eventId,
    state,
    after,
    limit,
  }: DeliveryQuery): Promise<readonly StoredDelivery[]> {
    const filters = { webhook_id: webhookId, event_id: eventId, state };
    const asked = Object.entries(filters).filter(([, value]) => value !== undefined);
    const where = asked.map(([column], index) => `AND d.${column} = $${index + 3}`).join(' ');
    if (![webhookId, eventId].every((id) => id === undefined || isStorable(id))) return [];
    const rows = await this.#run(
      `SELECT webhook_id, event_id, seq::text AS seq, event_type, code_id, occurred_at::text AS occurred_at, state,
        due_at::text AS due_at, tries FROM pintumbler_deliveries d WHERE d.seq > $1 ${where} ORDER BY d.seq LIMIT $2`,
      [after, Math.max(0, limit), ...asked.map(([, value]) => value)],
    );
    return rows.map(deliveryOf);
  }

  async forget(before: number): Promise<void> {
    await this.#run(
      `DELETE FROM pintumbler_deliveries WHERE state IN ('delivered', 'failed') AND due_at < $1`,
      [before],
    );
  }

  async nextDue(): Promise<number | null> {
    const [row] = await this.#run(
      `SELECT least(
        (SELECT min(tell_at) FROM pintumbler_codes),
        (SELECT min(due_at) FROM pintumbler_deliveries WHERE state = 'pending'))::text AS due`,
      [],
    );
    const due = textOf(row, 'due');
    return due === undefined ? null : Number(due);
  }

  /** Seals anew the endpoints that are not sealed with the present key. */
  async reseal(): Promise<void> {
    for (const row of await this.#webhookRows()) {
      const sealed = textIn(row, 'sealed');
      if (this.#sealing.isFresh(sealed)) continue;
      const webhook = await this.#webhookOf(row);
      await this.#run('UPDATE pintumbler_webhooks SET sealed = $3 WHERE id = $1 AND sealed = $2', [
        webhook.id,
        sealed,
        this.#sealed(webhook),
      ]);
    }
  }
}
