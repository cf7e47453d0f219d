/**
 * The facade beside Seam's own fake, @seamapi/fake-seam-connect: access codes created a second, over HTTP, by one client;
 * and what a create takes on a device that has many codes already. Part of `npm run bench`; see README.md beside this file.
 */
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { cpuUsage } from 'node:process';
import { createFake } from '@seamapi/fake-seam-connect';
import { mint } from '../dist/index.js';
import { enter, initialState } from '../dist/lock.js';
import { apiKeyHash, memoryStore, seamHandler } from '../dist/seam.js';
import { DEVICE, HOUR, KEY, lock, NOW, token } from './door.mjs';
import { exponentOf, ratio, summary } from './measure.mjs';

const ROUNDS = 25;
const BATCH = 40;
/** Creates before the clock starts, each checked: until then the compiler has much to do. */
const WARM = 1500;
const SIZES = [0, 1000, 10_000, 100_000];

const uuidOf = (number, group) =>
  `${number.toString(16).padStart(8, '0')}-000${group}-4000-8000-000000000000`;

/** A facade with one door. */
function facade(store = memoryStore()) {
  let made = 0;
  return seamHandler({
    devices: [{ token, deviceId: DEVICE }],
    store,
    rateLimits: false,
    now: () => NOW,
    uuid: () => uuidOf(++made, 0),
    apiKeys: [apiKeyHash(KEY)],
  });
}

const stamp = (seconds) => new Date(seconds * 1000).toISOString();

/** Every one another, of 1 to 24 hours. */
function windowOf(i) {
  const startsAt = NOW + (1 + Math.floor(i / 24)) * HOUR;
  return { startsAt, endsAt: startsAt + (1 + (i % 24)) * HOUR };
}

function booking(i, device_id) {
  const { startsAt, endsAt } = windowOf(i);
  const times = { starts_at: stamp(startsAt), ends_at: stamp(endsAt) };
  return JSON.stringify({ device_id, name: `Guest ${i}`, is_offline_access_code: true, ...times });
}

const asked = (key) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });

/** One create, without HTTP. */
async function create(handler, i) {
  const [body, headers] = [booking(i, DEVICE), asked(KEY)];
  const response = await handler(
    new Request('http://facade/access_codes/create', { method: 'POST', headers, body }),
  );
  return response.json();
}

/** The least that makes a handler a server. */
function serverOf(handler) {
  return createServer(async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method, headers, url } = incoming;
    const response = await handler(
      new Request(`http://facade${url}`, { method, headers, body: Buffer.concat(chunks) }),
    );
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
}

/** What creates codes at a server: one after the other, over one connection. */
function client(port, key, deviceId) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let made = 0;
  return async () => {
    const body = booking(made++, deviceId);
    const headers = { ...asked(key), 'content-length': Buffer.byteLength(body) };
    const sent = request({
      host: 'localhost',
      port,
      agent,
      method: 'POST',
      path: '/access_codes/create',
      headers,
    });
    sent.end(body);
    const [incoming] = await once(sent, 'response');
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString());
  };
}

/** Microseconds of CPU that one of `count` takes, client and server together. */
async function timed(run, count) {
  const begun = cpuUsage();
  for (let i = 0; i < count; i++) await run();
  const { user, system } = cpuUsage(begun);
  return Math.max(user + system, 1) / count;
}

/** Whether a code of ours opens the door, from its start and not an hour before. */
function opens({ code, starts_at }) {
  const startsAt = Date.parse(starts_at) / 1000;
  const accepted = (at) => enter(lock, initialState(lock, at), code, at).verdict.accepted;
  return accepted(startsAt) && !accepted(startsAt - HOUR);
}

function checkOurs(bodies) {
  const codes = bodies.map(({ access_code }) => access_code);
  const shut = codes.find((code) => !code?.code || !opens(code));
  if (shut) throw new Error(`a code that does not open the door: ${JSON.stringify(shut)}`);
  if (new Set(codes.map(({ code }) => code)).size < codes.length) throw new Error('a code came twice');
}

function checkTheirs(bodies) {
  const wrong = bodies.find(({ access_code }) => !/^\d{4}$/.test(access_code?.code ?? ''));
  if (wrong) throw new Error(`the fake made no code: ${JSON.stringify(wrong)}`);
}

async function several(run, count) {
  const bodies = [];
  for (let i = 0; i < count; i++) bodies.push(await run());
  return bodies;
}

/** Both sides have as many codes as the other, round by round. */
async function sideBySide() {
  const server = serverOf(facade());
  await once(server.listen(0, 'localhost'), 'listening');
  const fake = await createFake();
  const { seam_apikey1_token, august_device_1 } = await fake.seed();
  const { server: theirServer } = await fake.startServer({ port: 0 });
  const [handler, bare] = [facade(), { made: 0 }];
  const runs = {
    ours: client(server.address().port, KEY, DEVICE),
    bare: () => create(handler, bare.made++),
    theirs: client(theirServer.address().port, seam_apikey1_token, august_device_1),
  };
  checkOurs(await several(runs.ours, WARM));
  checkOurs(await several(runs.bare, WARM));
  checkTheirs(await several(runs.theirs, WARM));
  const times = { ours: [], bare: [], theirs: [] };
  for (let round = 0; round < ROUNDS; round++)
    for (const [id, run] of Object.entries(runs)) times[id].push(await timed(run, BATCH));
  for (const each of [server, theirServer]) {
    each.closeAllConnections();
    each.close();
  }
  return times;
}

/**
 * A facade whose door has codes already. All but the first are put into the store directly, made after the first as the
 * facade made it: with a thousand times as many creates the bench would take minutes.
 */
async function facadeWith(codes) {
  const store = memoryStore();
  const write = store.write.bind(store);
  let first;
  store.write = (batch) => {
    first ??= batch;
    return write(batch);
  };
  const handler = facade(store);
  if (codes > 0) checkOurs([await create(handler, 0)]);
  for (let i = 1; i < codes; i++) {
    const { startsAt, endsAt } = windowOf(i);
    const [record, reservation] = [first.codes[0], first.reservations[0]];
    const code = mint(token, { kind: 'hourly', variance: 0, startsAt, endsAt });
    const issued = { ...record.issued, code, window: `window ${i}`, startsAt, endsAt };
    const conflict = await write({
      ...first,
      codes: [
        {
          ...record,
          id: uuidOf(i, 1),
          attempts: [{ ...record.attempts[0], id: uuidOf(i, 2) }],
          issued,
          asked: { ...record.asked, startsAt, endsAt },
          goneAt: endsAt + (record.goneAt - record.issued.endsAt),
          lastEventAt: endsAt,
        },
      ],
      reservations: [{ ...reservation, code, window: issued.window, until: endsAt }],
    });
    if (conflict) throw new Error(`not stored: ${JSON.stringify(conflict)}`);
  }
  return handler;
}

async function growth() {
  const doors = [];
  for (const codes of SIZES) doors.push({ codes, handler: await facadeWith(codes), made: codes, times: [] });
  for (const door of doors) checkOurs(await several(() => create(door.handler, door.made++), 2 * BATCH));
  for (let round = 0; round < ROUNDS; round++)
    for (const door of doors) door.times.push(await timed(() => create(door.handler, door.made++), BATCH));
  return doors;
}

/** Throws if an output is not what it must be; nothing is timed then. */
export async function seamBench() {
  const { ours, bare, theirs } = await sideBySide();
  const sizes = (await growth()).map(({ codes, times }) => ({ codes, ...summary(times) }));
  const large = sizes.filter(({ codes }) => codes > 0);
  return {
    creates: [
      { id: 'ours', name: 'pintumbler/seam, over HTTP', ...summary(ours) },
      { id: 'theirs', name: '@seamapi/fake-seam-connect, over HTTP', ...summary(theirs) },
      { id: 'bare', name: 'pintumbler/seam, handler alone', ...summary(bare) },
    ],
    ratio: ratio(theirs, ours),
    sizes,
    exponent: exponentOf(
      large.map(({ codes }) => codes),
      large.map(({ us }) => us.median),
    ),
  };
}
