/**
 * `pintumbler serve`: the Seam-compatible facade over HTTP. From the flags to a store, devices, keys and a handler; what goes
 * on beside it; and the way to the end.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { RegisteredDevice } from '../seam/devices.ts';
import { memoryStore, type SeamDevice, type SqlStore, type Store, seamHandler } from '../seam/index.ts';
import { type WebhookSender, webhookSender } from '../seam/webhooks.ts';
import { builtIn } from '../vendors/index.ts';
import { tellDevices, tellEndpoint, tellNetwork, tellStore } from './announce.ts';
import { background, type Task } from './background.ts';
import { putOnShelf } from './devices.ts';
import { type Answer, type Flags, type Io, may, UsageError } from './io.ts';
import { kindOf, type Log, logFor } from './log.ts';
import { type Counts, counts, operated } from './operations.ts';
import { rateLimit } from './rate-limit.ts';
import { makeKeys, readDevices, readKeys, registered } from './serve-files.ts';
import { type Settings, settingsIn } from './serve-flags.ts';
import { openStore, type Where } from './stores.ts';

/** RFC 9562, version 4. */
function uuid4(io: Io): string {
  const digits = bytesToHex(io.random(16));
  const variant = '89ab'.charAt(Number.parseInt(digits.charAt(16), 16) % 4);
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    variant + digits.slice(17, 20),
  ];
  return [...parts, digits.slice(20)].join('-');
}

/** Which file has the API keys; one that is not named is made, where it is not there. */
async function apiKeysOf(io: Io, flags: Flags, where: Where): Promise<{ path: string; made: boolean }> {
  const given = may(flags, 'keys');
  if (given !== undefined) return { path: given, made: false };
  // With a folder it is the same file, whether --devices are named this time or not.
  const beside = where.kind === 'folder' ? where.path : may(flags, 'devices');
  if (beside === undefined || beside === '-')
    throw new UsageError('--keys is missing: there is no file of yours for one to stand beside');
  const path = `${beside}.keys`;
  return { path, made: await makeKeys(io, path) };
}

/** What was given out; `lasting` where it outlasts the process, and has more than that. */
interface Registry {
  readonly store: Store;
  readonly lasting?: SqlStore;
  readonly close: () => Promise<void>;
}

async function registryAt(io: Io, flags: Flags, where: Where, failed: () => void): Promise<Registry> {
  if (where.kind === 'memory') return { store: memoryStore(), close: async () => undefined };
  const { store, close } = await openStore(io, flags, where, { failed, rotate: true });
  return { store, lasting: store, close };
}

/** The devices that are served, and what works for them: another list is another handler and another sender. */
interface Desk {
  readonly devices: readonly RegisteredDevice[];
  readonly answer: Answer;
  readonly sender: WebhookSender | undefined;
}

/** What of a desk stays when its devices change. */
interface Ground {
  readonly io: Io;
  readonly settings: Settings;
  readonly registry: Registry;
  readonly apiKeys: readonly string[];
  readonly log: Log;
}

function deskOf({ io, settings, registry, apiKeys, log }: Ground, list: readonly SeamDevice[]): Desk {
  const { errorCodes, assignAfter, bodyLimit, isLimited, upstream } = settings;
  const { store, lasting } = registry;
  const service = {
    devices: list,
    store,
    now: io.now,
    uuid: () => uuid4(io),
    errorCodes,
    ...(assignAfter !== undefined && { assignAfter }),
    ...(isLimited ? {} : { rateLimits: false as const }),
  };
  const outbox = lasting && { outbox: lasting.outbox };
  const send = (request: Request): Promise<Response> => io.send(request, SEND_WITHIN);
  return {
    devices: registered(list, io.now()),
    answer: seamHandler({
      ...service,
      ...outbox,
      apiKeys,
      ...(bodyLimit !== undefined && { bodyLimit }),
      ...(upstream && { upstream: upstream.forward }),
      // Its text may quote what it stumbled over.
      onError: (error, request_id) => {
        const kind = kindOf(error);
        log.event(
          'error',
          'failed',
          { request_id, error: kind },
          `request ${request_id}: failed with ${kind}`,
        );
      },
    }),
    sender: outbox && webhookSender({ ...service, ...outbox, send }),
  };
}

/** Milliseconds. */
const LOOK_AT_DEVICES = 10_000;
const LOOK_AT_WEBHOOKS = 1000;
const LOOK_AT_PENDING = 15_000;
const TIDY = 300_000;
const READY_WITHIN = 3000;
const SEND_WITHIN = 20_000;

/** Pending deliveries are counted so far. */
const MANY = 1000;

/** What goes on beside the answers, over a store that lasts. `revision`: of the devices that are served. */
function tasksOf(
  { io, log }: Pick<Ground, 'io' | 'log'>,
  store: SqlStore,
  desk: { readonly now: () => Desk; readonly change: (list: readonly SeamDevice[]) => Desk },
  revision: string | undefined,
  tally: Counts,
): readonly Task[] {
  const { devices, outbox } = store;
  let served = revision;
  async function takeOver(): Promise<number> {
    const found = await devices.revision();
    if (found === served) return LOOK_AT_DEVICES;
    const before = desk.now();
    const { length } = desk.change(await devices.all(builtIn)).devices;
    served = found;
    log.event('info', 'devices', { devices: length }, `devices: ${length} from now on`);
    await before.sender?.stop();
    if (before.sender) tally.webhooks(await before.sender.round());
    return LOOK_AT_DEVICES;
  }
  async function sendWebhooks(): Promise<number> {
    const round = await desk.now().sender?.round();
    if (!round) return LOOK_AT_WEBHOOKS;
    tally.webhooks(round);
    return round.nextAt !== null && round.nextAt <= io.now() ? 0 : LOOK_AT_WEBHOOKS;
  }
  async function countPending(): Promise<number> {
    const asked = {
      webhookId: undefined,
      eventId: undefined,
      state: 'pending',
      after: 0,
      limit: MANY,
    } as const;
    tally.pending((await outbox.deliveries(asked)).length);
    return LOOK_AT_PENDING;
  }
  return [
    { name: 'devices', run: takeOver },
    { name: 'webhooks', run: sendWebhooks },
    { name: 'pending', run: countPending },
    { name: 'tidying', run: () => store.tidy(io.now()).then(() => TIDY) },
  ];
}

/** Whether a store answers, and that soon. */
async function doesAnswer(io: Io, store: SqlStore): Promise<boolean> {
  const done = new AbortController();
  const late = io.pause(READY_WITHIN, done.signal).then(() => false);
  const asked = store.ready().then(
    () => true,
    () => false,
  );
  const answers = await Promise.race([asked, late]);
  done.abort();
  return answers;
}

/** Listens until the process is told to end, and ends in the order that loses nothing. */
async function serveFrom(
  io: Io,
  flags: Flags,
  settings: Settings,
  registry: Registry,
  given: readonly SeamDevice[],
  tally: Counts,
): Promise<void> {
  const { where, host, port } = settings;
  const { lasting } = registry;
  const log = logFor(io, settings.log);
  if (lasting && given.length > 0) await putOnShelf(io, lasting, given);
  // Before the list: what changes in between is seen at the next look.
  const revision = await lasting?.devices.revision();
  const devices = lasting ? await lasting.devices.all(builtIn) : given;
  const place = await apiKeysOf(io, flags, where);
  const keys = await readKeys(io, place.path);
  const ground = { io, settings, registry, apiKeys: keys.hashes, log };

  let desk = deskOf(ground, devices);
  tally.metrics.gauge('pintumbler_devices', 'Devices that are served.', () => desk.devices.length);
  let stopping = false;
  const answer = operated((request) => desk.answer(request), {
    counts: tally,
    log,
    uuid: () => uuid4(io),
    ticks: io.ticks,
    unready: async () => {
      if (stopping) return 'stopping';
      return lasting && !(await doesAnswer(io, lasting)) ? 'store' : undefined;
    },
    allows:
      settings.rateLimit === undefined ? () => true : rateLimit(keys.hashes, settings.rateLimit, io.ticks),
    isUpstreams: (response) => settings.upstream?.isIts(response) ?? false,
  });
  const { url, told, close } = await io.listen(answer, { host, port }, settings.timeout * 1000);
  const change = (list: readonly SeamDevice[]): Desk => {
    desk = deskOf(ground, list);
    return desk;
  };
  const tasks = lasting ? tasksOf(ground, lasting, { now: () => desk, change }, revision, tally) : [];
  const work = background(tasks, io, (task, error) => {
    tally.taskErrors({ task });
    const kind = kindOf(error);
    log.event(
      'error',
      'task_failed',
      { task, error: kind },
      `${task}: failed with ${kind}, and is tried again`,
    );
  });

  tellDevices(log, desk.devices);
  log.say(settings.isLimited ? LIMITS : 'limits: none');
  tellNetwork(log, host);
  tellStore(log, where);
  io.out(url);
  tellEndpoint(log, url, keys, place);

  await told;
  stopping = true;
  log.event('info', 'stopping', { drain: settings.drain });
  await io.pause(settings.drain * 1000);
  await close();
  await work.stop();
  await desk.sender?.stop();
  log.event('info', 'stopped', {});
}

const LIMITS =
  'limits: 10 creations, 10 updates and 20 deletions a minute a device, as Seam has them; --no-rate-limits turns them off';

/** Serves until it is told to end. What is wrong with a flag, a file or the store is told before it listens. */
export async function serve(io: Io, flags: Flags): Promise<number> {
  const settings = settingsIn(flags);
  const path = may(flags, 'devices');
  const given = path === undefined ? [] : await readDevices(io, path);
  registered(given, io.now());
  const tally = counts();
  const registry = await registryAt(io, flags, settings.where, () => tally.storeErrors());
  try {
    await serveFrom(io, flags, settings, registry, given, tally);
  } finally {
    await registry.close();
  }
  return 0;
}
