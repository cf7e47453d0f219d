/**
 * Standing in front of the real API: what is about devices and codes that are held here is answered here, all the rest goes
 * on untouched, and lists have both. Whose a request is follows from ids alone, so it needs no word from upstream; but a
 * device may be held by both, and then upstream's object is shown, with what it does not know of offline codes.
 *
 * What cannot be read here (malformed JSON, a parameter that nobody here knows) is upstream's to judge, and so is a key that
 * is not known here: only offline codes for a device of ours are never asked of upstream, which would make other codes. A
 * creation that cannot be read is judged by its words then; a compressed body has none.
 *
 * Pages, cursors and errors of upstream as @seamapi/fake-seam-connect 1.86.0 has them: a cursor goes with the parameters
 * that it was made with, `limit` among them, so every page is asked of upstream with the client's own.
 */
import type { Context } from './context.ts';
import { refuseInput, SeamError, type SeamErrorType } from './errors.ts';
import type { Pagination } from './objects.ts';
import { deviceListParameters, eventListParameters, listParameters, type Parameters } from './parameters.ts';
import { again, amended, another, isObject, parametersOf, type ReadRequest, type Values } from './request.ts';
import type { SeamService } from './service.ts';

/**
 * Gives a request to the real API, with its method, path, query, headers and body, and its answer as it is, redirects and
 * errors too. Hop-by-hop headers and `host` are its own to change. It rejects where there is no answer: with an error by the
 * name of `TimeoutError` (as that of `AbortSignal.timeout`) where it took too long, else with any.
 */
export type Forward = (request: Request) => Promise<Response>;

/** A request on a path of ours. */
export interface Call extends ReadRequest {
  readonly path: string;
  /** Whether the key is one of ours. */
  readonly isKnown: boolean;
}

/** An answer of upstream as it came, or a body made of both; or `ours`: the call's own. */
export type Ready = { readonly response: Response } | { readonly body: object };
export type Answer = Ready | 'ours';

interface Front {
  readonly context: Context;
  readonly service: SeamService;
  readonly ask: Forward;
}

type Decide = (front: Front, call: Call) => Promise<Answer>;

/** An answer of upstream that nothing can be added to: it goes back as it came. */
class UpstreamAnswer extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super('an answer of the upstream');
    this.response = response;
  }
}

/** What a client may know of an upstream that does not answer: no address, no reason. */
const asking =
  (forward: Forward): Forward =>
  async (request) => {
    try {
      return await forward(request);
    } catch (cause) {
      const isLate = cause instanceof Error && cause.name === 'TimeoutError';
      const [type, message]: [SeamErrorType, string] = isLate
        ? ['upstream_timeout', 'The API behind this one took too long to answer']
        : ['upstream_unavailable', 'The API behind this one gave no answer'];
      // Who hung up is told nothing, and nothing is amiss.
      throw new SeamError(type, message, {}, request.signal.aborted ? {} : { cause });
    }
  };

function unreadable(): never {
  const cause = new Error('the upstream answered with what is no such JSON');
  throw new SeamError(
    'upstream_unavailable',
    'The API behind this one answered what cannot be read',
    {},
    { cause },
  );
}

const toUpstream: Decide = async ({ ask }, { request, bytes }) => ({
  response: await ask(again(request, bytes)),
});

// Whose a request is, by ids.

type Holds = (context: Context, of: Parameters) => Promise<boolean>;

const ifHeld =
  (holds: Holds): Decide =>
  async (front, call) =>
    (await holds(front.context, parametersOf(call))) ? 'ours' : toUpstream(front, call);

/** Of some access codes those that are, or ever were, here. */
async function codesHere({ store }: Context, ids: readonly string[]): Promise<ReadonlySet<string>> {
  // At that time nothing was gone.
  const found = await store.find({ by: 'ids', ids, now: 0 });
  return new Set(found.map(({ id }) => id));
}

const holdsCode: Holds = async (context, of) => {
  const id = of.text('access_code_id');
  return id !== undefined && (await codesHere(context, [id])).size > 0;
};

/** By its id, or by device and code. */
const holdsCodeAsked: Holds = async (context, of) => {
  const [id, deviceId, code] = [of.text('access_code_id'), of.uuid('device_id'), of.text('code')];
  if (id !== undefined) return holdsCode(context, of);
  if (deviceId === undefined || code === undefined || !context.byId.has(deviceId)) return false;
  const { store, now } = context;
  return (await store.find({ by: 'code', deviceId, code, now: now() })).length > 0;
};

const holdsGroup: Holds = async ({ store }, of) => {
  const key = of.text('common_code_key');
  return key !== undefined && (await store.find({ by: 'common_code_key', key, now: 0 })).length > 0;
};

const holdsAttempt: Holds = async ({ store }, of) => {
  const id = of.text('action_attempt_id');
  return id !== undefined && (await store.attempt(id)) !== undefined;
};

const isOffline = (of: Parameters): boolean | undefined => {
  const flags = [of.flag('is_offline_access_code'), of.flag('use_offline_access_code')];
  return flags.includes(true) || flags.find((flag) => flag !== undefined);
};

const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');

/** Devices of ours under any name and in any form that somebody could read as a device. */
const devicesIn = ({ byId }: Context, values: Values): readonly string[] =>
  Object.entries(values)
    .filter(([name]) => /^device_ids?(?:\[\])?$/.test(name))
    .flatMap(([, value]) => textsOf(value).map((text) => text.trim().toLowerCase()))
    .filter((id) => byId.has(id));

/** Whether an offline code is asked for, in any form that somebody could read so. */
const asksOffline = (values: Values): boolean =>
  Object.entries(values).some(
    ([name, value]) => /offline_access_code(?:\[\])?$/.test(name) && value !== false && value !== 'false',
  );

/** What our own reader then refuses is refused: upstream might read it, and make another code for the door. */
const createHere: Decide = async (front, call) =>
  devicesIn(front.context, call.values).length > 0 && asksOffline(call.values)
    ? 'ours'
    : toUpstream(front, call);

/** Seam's call has no offline parameters: for devices of ours it means offline codes, unless it says that it does not. */
const createMultiple: Decide = async (front, call) => {
  const { byId } = front.context;
  const of = parametersOf(call);
  const ids = isOffline(of) === false ? [] : (of.uuids('device_ids') ?? []);
  const here = ids.filter((id) => byId.has(id));
  if (here.length === 0 && isOffline(of) !== false && devicesIn(front.context, call.values).length > 0)
    return 'ours';
  if (here.length === 0) return toUpstream(front, call);
  // To a key that is not known, nothing is told of which devices are here: it is refused as such.
  if (here.length === ids.length || !call.isKnown) return 'ours';
  const how = 'send one request for the devices with offline codes (see "data") and one for the others';
  return refuseInput('device_ids', `Only some of the devices have their offline codes here: ${how}`, {
    device_ids: here,
  });
};

/** For a device of ours, what upstream does not know it to be its own. */
const unlessTheirs: Decide = async ({ context, ask }, call) => {
  const deviceId = parametersOf(call).uuid('device_id');
  const response = await ask(again(call.request, call.bytes));
  const isHere = deviceId !== undefined && context.byId.has(deviceId);
  return isHere && response.status === 404 ? oursAfter(response) : { response };
};

/** Read to its end, the connection of an answer can be used again. */
async function oursAfter(response: Response): Promise<Answer> {
  await response.arrayBuffer().catch(() => undefined);
  return 'ours';
}

// Objects and lists of both.

/** @throws UpstreamAnswer if it is no success */
async function bodyOf(response: Response): Promise<Values> {
  if (!response.ok) throw new UpstreamAnswer(response);
  const body: unknown = await response.json().catch(unreadable);
  return isObject(body) ? body : unreadable();
}

/** A device of upstream, with what we know of its offline codes if it is ours too. */
function withOffline({ byId }: Context, device: unknown): unknown {
  if (!isObject(device)) return device;
  const { device_id: id, properties } = device;
  const own = typeof id === 'string' ? byId.get(id.toLowerCase())?.object : undefined;
  if (!own) return device;
  const { can_program_offline_access_codes: can } = own;
  const { offline_time_frame_options: options } = own.properties;
  return {
    ...device,
    ...(can !== undefined && { can_program_offline_access_codes: can }),
    ...(options && {
      properties: { ...(isObject(properties) && properties), offline_time_frame_options: options },
    }),
  };
}

const getDevice: Decide = async (front, call) => {
  const { context, ask } = front;
  const of = parametersOf(call);
  const [deviceId, name] = [of.uuid('device_id'), of.text('name')];
  const isHere = context.devices.some(({ id, object }) =>
    deviceId === undefined ? name === object.display_name : id === deviceId,
  );
  if (!isHere) return toUpstream(front, call);
  const response = await ask(amended(call, {}));
  if (response.status === 404) return oursAfter(response);
  const body = await bodyOf(response);
  const keys = ['device', 'lock'].filter((key) => Object.hasOwn(body, key));
  const devices = keys.map((key) => [key, withOffline(context, body[key])]);
  return { body: { ...body, ...Object.fromEntries(devices) } };
};

interface Page {
  readonly items: readonly unknown[];
  /** The cursor of the next page. */
  readonly next: string | null;
}

/** @throws UpstreamAnswer if it is no success, but for a 404 that says that nothing is there */
async function pageIn(response: Response, key: string, none: 'none at 404' | 'some'): Promise<Page> {
  if (response.status === 404 && none === 'none at 404') {
    await oursAfter(response);
    return { items: [], next: null };
  }
  const { [key]: items, pagination } = await bodyOf(response);
  if (!Array.isArray(items)) return unreadable();
  const next = isObject(pagination) && pagination['has_next_page'] === true && pagination['next_page_cursor'];
  return { items: Array.from<unknown>(items), next: typeof next === 'string' ? next : null };
}

/** Where a list of both goes on: in ours, or in theirs, and there after what. */
type Place = readonly [half: 'ours' | 'theirs', cursor: string | null];

const cursorAt = (place: Place): string => btoa(encodeURIComponent(JSON.stringify(place)));

/** A cursor of another make is upstream's: a walk that began before goes on. */
function placeAt(cursor: string | null): Place {
  if (cursor === null) return ['ours', null];
  try {
    const [half, inHalf]: readonly unknown[] = JSON.parse(decodeURIComponent(atob(cursor)));
    if ((half === 'ours' || half === 'theirs') && (typeof inHalf === 'string' || inHalf === null))
      return [half, inHalf];
  } catch {}
  return ['theirs', cursor];
}

interface Halves {
  readonly limit: number;
  readonly cursor: string | null;
  readonly ours: (limit: number, cursor: string | null) => Promise<Page>;
  readonly theirs: (cursor: string | null) => Promise<Page>;
}

/** Ours first. Where what is left of ours and the first page of theirs are too much for one page, theirs is the next. */
async function pageOfBoth({
  limit,
  cursor,
  ours,
  theirs,
}: Halves): Promise<{ readonly items: readonly unknown[]; readonly pagination: Pagination }> {
  const page = (items: readonly unknown[], next: Place | undefined) => ({
    items,
    pagination: {
      has_next_page: next !== undefined,
      next_page_cursor: next === undefined ? null : cursorAt(next),
      next_page_url: null,
    },
  });
  const [half, start] = placeAt(cursor);
  let here: readonly unknown[] = [];
  for (let at = half === 'ours' ? { cursor: start } : undefined; at !== undefined; ) {
    const { items, next } = await ours(limit - here.length, at.cursor);
    here = [...here, ...items];
    if (next !== null && here.length >= limit) return page(here, ['ours', next]);
    at = next === null ? undefined : { cursor: next };
  }
  const { items, next } = await theirs(half === 'theirs' ? start : null);
  if (here.length > 0 && here.length + items.length > limit) return page(here, ['theirs', null]);
  return page([...here, ...items], next === null ? undefined : ['theirs', next]);
}

/** Undefined for what upstream has to judge. */
function understood<P>(call: Call, read: (of: Parameters) => P): P | undefined {
  const of = parametersOf(call);
  const parameters = read(of);
  try {
    of.done();
  } catch (error) {
    if (error instanceof SeamError) return undefined;
    throw error;
  }
  return parameters;
}

/** Of some of our devices those that upstream has as well. */
async function heldByBoth({ ask }: Front, call: Call, ids: readonly string[]): Promise<ReadonlySet<unknown>> {
  if (ids.length === 0) return new Set();
  const asked = another(call, '/devices/list', { device_ids: ids, limit: ids.length });
  const { items } = await pageIn(await ask(asked), 'devices', 'none at 404');
  return new Set(items.map((item) => (isObject(item) ? item['device_id'] : undefined)));
}

const listDevices =
  (...keys: readonly string[]): Decide =>
  async (front, call) => {
    const { context, service, ask } = front;
    const wish = understood(call, deviceListParameters);
    if (!wish) return toUpstream(front, call);
    const { limit = 500, cursor = null } = wish;
    const { items, pagination } = await pageOfBoth({
      limit,
      cursor,
      ours: async (most, after) => {
        const found = await service.listDevices({ ...wish, limit: most, cursor: after });
        const ids = found.devices.map((device) => device.device_id);
        // Whether one that both have is asked for is upstream's to say: it is in its half.
        const both = await heldByBoth(front, call, ids);
        const items = found.devices.filter((device) => !both.has(device.device_id));
        return { items, next: found.pagination.next_page_cursor };
      },
      theirs: async (after) => {
        const found = await pageIn(
          await ask(amended(call, { page_cursor: after ?? undefined })),
          'devices',
          'some',
        );
        return { ...found, items: found.items.map((device) => withOffline(context, device)) };
      },
    });
    return { body: { ...Object.fromEntries(keys.map((key) => [key, items])), pagination } };
  };

const listCodes: Decide = async (front, call) => {
  const { context, service, ask } = front;
  const wish = understood(call, listParameters);
  if (!wish || (wish.deviceId !== undefined && !context.byId.has(wish.deviceId)))
    return toUpstream(front, call);
  const { deviceId, ids, limit = 55_000, cursor = null } = wish;
  const here = ids ? await codesHere(context, ids) : undefined;
  const isHere = here ? here.size > 0 : deviceId !== undefined;
  if (!isHere) return toUpstream(front, call);
  const others = ids?.filter((id) => !here?.has(id));
  if (others?.length === 0) return 'ours';
  const { items, pagination } = await pageOfBoth({
    limit,
    cursor,
    ours: async (most, after) => {
      const asked = { ...wish, ids: here && [...here], limit: most, cursor: after };
      const found = await service.list(asked);
      return { items: found.access_codes, next: found.pagination.next_page_cursor };
    },
    theirs: async (after) => {
      const changes = { page_cursor: after ?? undefined, ...(others && { access_code_ids: others }) };
      // A device that upstream does not have has no codes there.
      return pageIn(await ask(amended(call, changes)), 'access_codes', others ? 'some' : 'none at 404');
    },
  });
  return { body: { access_codes: items, pagination } };
};

const occurredAt = (event: unknown): number =>
  isObject(event) ? Date.parse(String(event['occurred_at'])) : Number.NaN;

/** Both by time, each in the order in which it came; at the same time ours first. */
function byTime(ours: readonly unknown[], theirs: readonly unknown[]): readonly unknown[] {
  const merged: unknown[] = [];
  let next = 0;
  for (const event of theirs) {
    const at = occurredAt(event);
    while (next < ours.length && occurredAt(ours[next]) <= at) merged.push(ours[next++]);
    merged.push(event);
  }
  return [...merged, ...ours.slice(next)];
}

const MOST_EVENTS = 500;

/** Upstream's events from one place to another in its list. */
async function eventsBetween(
  { ask }: Front,
  call: Call,
  from: number,
  to: number,
  changes: Values,
  none: 'none at 404' | 'some',
): Promise<readonly unknown[]> {
  let events: readonly unknown[] = [];
  while (from + events.length < to) {
    const at = from + events.length;
    const limit = Math.min(to - at, MOST_EVENTS);
    const asked = amended(call, { ...changes, limit, unstable_offset: at === 0 ? undefined : at });
    const { items } = await pageIn(await ask(asked), 'events', none);
    events = [...events, ...items.slice(0, limit)];
    if (items.length < limit) break;
  }
  return events;
}

const listEvents: Decide = async (front, call) => {
  const { context, service } = front;
  const wish = understood(call, eventListParameters);
  // Which of the two there must be is told in words that upstream has as well.
  if (!wish || (wish.since === undefined) === (wish.between === undefined)) return toUpstream(front, call);
  const { limit = MOST_EVENTS, offset = 0 } = wish;
  const deviceIds = wish.deviceIds?.filter((id) => context.byId.has(id));
  const codes = wish.codeIds && (await codesHere(context, wish.codeIds));
  if (deviceIds?.length === 0 || codes?.size === 0) return toUpstream(front, call);
  const others = wish.codeIds?.filter((id) => !codes?.has(id));
  const end = offset + limit;
  const { events: ours } = await service.listEvents({
    ...wish,
    deviceIds,
    codeIds: codes && [...codes],
    offset: 0,
    limit: end,
  });
  // As many as there are of ours may come before, and no more: what is earlier in theirs is on an earlier page.
  const from = Math.max(0, offset - ours.length);
  const isAllOurs = deviceIds?.length === wish.deviceIds?.length;
  const theirs =
    others?.length === 0
      ? []
      : await eventsBetween(
          front,
          call,
          from,
          end,
          others ? { access_code_ids: others } : {},
          deviceIds && isAllOurs ? 'none at 404' : 'some',
        );
  return { body: { events: byTime(ours, theirs).slice(offset - from, end - from) } };
};

// Webhooks: upstream tells of what happens there, this facade of offline codes, and one endpoint gets both.

/** Made by upstream, and kept here by the same id and with the same secret: the endpoint verifies both alike. */
const createWebhook: Decide = async (front, call) => {
  const { outbox, now } = front.context;
  if (!outbox) return toUpstream(front, call);
  const body = await bodyOf(await front.ask(amended(call, {})));
  const { webhook } = body;
  if (!isObject(webhook)) return unreadable();
  const { webhook_id: id, url, event_types: types = ['*'], secret } = webhook;
  const isSecret = typeof secret === 'string' && /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret);
  if (typeof id !== 'string' || typeof url !== 'string' || !Array.isArray(types) || !isSecret)
    return unreadable();
  const [eventTypes, at] = [Array.from<unknown, string>(types, String), now()];
  await outbox.addWebhook({ id, url, eventTypes, secret, createdAt: at, since: at });
  return { body };
};

const holdsWebhook = async ({ outbox }: Context, call: Call): Promise<boolean> => {
  const asked = parametersOf(call).text('webhook_id');
  return ((await outbox?.webhooks()) ?? []).some(({ id }) => id === asked);
};

/** After upstream's answer, ours too, if the webhook is here: `always`, or only where upstream does not have it. */
const webhookAt =
  (ours: 'always' | 'not theirs'): Decide =>
  async (front, call) => {
    const response = await front.ask(again(call.request, call.bytes));
    const isOurs = response.status === 404 || (response.ok && ours === 'always');
    return isOurs && (await holdsWebhook(front.context, call)) ? oursAfter(response) : { response };
  };

const listWebhooks: Decide = async (front, call) => {
  const { context, service, ask } = front;
  if (!context.outbox) return toUpstream(front, call);
  const { items } = await pageIn(await ask(amended(call, {})), 'webhooks', 'some');
  const ids = new Set(items.map((item) => (isObject(item) ? item['webhook_id'] : undefined)));
  const { webhooks } = await service.listWebhooks({});
  return { body: { webhooks: [...webhooks.filter(({ webhook_id }) => !ids.has(webhook_id)), ...items] } };
};

const listDeliveries: Decide = async (front, call) =>
  front.context.outbox ? 'ours' : toUpstream(front, call);

/** By path: every one of the facade's has its line here. */
export const DECISIONS: ReadonlyMap<string, Decide> = new Map([
  ['/access_codes/create', createHere],
  ['/access_codes/create_multiple', createMultiple],
  ['/access_codes/get', ifHeld(holdsCodeAsked)],
  ['/access_codes/list', listCodes],
  ['/access_codes/update', ifHeld(holdsCode)],
  ['/access_codes/update_multiple', ifHeld(holdsGroup)],
  ['/access_codes/delete', ifHeld(holdsCode)],
  ['/access_codes/generate_code', unlessTheirs],
  ['/access_codes/pull_backup_access_code', ifHeld(holdsCode)],
  ['/access_codes/report_device_constraints', unlessTheirs],
  ['/action_attempts/get', ifHeld(holdsAttempt)],
  ['/events/list', listEvents],
  ['/devices/get', getDevice],
  ['/devices/list', listDevices('devices')],
  ['/locks/get', getDevice],
  ['/locks/list', listDevices('locks', 'devices')],
  ['/webhooks/create', createWebhook],
  ['/webhooks/get', webhookAt('not theirs')],
  ['/webhooks/list', listWebhooks],
  ['/webhooks/update', webhookAt('always')],
  ['/webhooks/delete', webhookAt('always')],
  ['/webhook_deliveries/list', listDeliveries],
]);

/** Paths on which a request is looked into also where its key is not known here. */
export const isCreation = (path: string): boolean =>
  path === '/access_codes/create' || path === '/access_codes/create_multiple';

/** Paths that a server could take for those. */
export function isLikeCreation(path: string): boolean {
  try {
    return isCreation(decodeURIComponent(path).toLowerCase().replace(/\/+/g, '/').replace(/\/$/, ''));
  } catch {
    return false;
  }
}

/** What cannot be read here is judged by its words: a device of ours, and an offline code, or devices for one each. */
function saysOurs({ byId }: Context, path: string, text: string): boolean {
  const words = text.toLowerCase();
  const ids = words.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
  return ids.some((id) => byId.has(id)) && (words.includes('offline_access_code') || /multiple/i.test(path));
}

/** What a handler asks the upstream with. */
export interface Upstream {
  /** @throws SeamError `upstream_unavailable`, `upstream_timeout` */
  readonly ask: Forward;
  /**
   * By a key that is not known here: only of the creations.
   *
   * @throws SeamError the same, and what the calls themselves refuse
   */
  readonly answer: (call: Call) => Promise<Answer>;
  /** Whether what cannot be read seems to want an offline code for a device of ours. */
  readonly isOurs: (path: string, text: string) => boolean;
}

/** The upstream of a handler: its calls, and what they hold. */
export function upstreamOf(context: Context, service: SeamService, forward: Forward): Upstream {
  const ask = asking(forward);
  const front: Front = { context, service, ask };
  return {
    ask,
    isOurs: (path, text) => saysOurs(context, path, text),
    answer: async (call) => {
      const decide = DECISIONS.get(call.path) ?? toUpstream;
      try {
        return await decide(front, call);
      } catch (thrown) {
        if (thrown instanceof UpstreamAnswer) return { response: thrown.response };
        throw thrown;
      }
    },
  };
}
