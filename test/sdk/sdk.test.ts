/**
 * The published SDKs of Seam, old and new and unmodified, over HTTP against the facade. Whatever goes over the wire is held
 * against Seam's published schemas. Skipped where they are not installed: `npm ci --prefix test/sdk`.
 */
import type { DeviceToken } from 'pintumbler';
import { builtIn, dormakabaOracode, igloohome, pintumbler } from 'pintumbler/vendors';
import { afterEach, describe, expect, it } from 'vitest';
import { reasonOf } from '../support/door.ts';
import { at } from '../support/helpers.ts';
import {
  API_KEY,
  type Door,
  doorFor,
  type Options,
  uuidOf,
  type World,
  worldOf,
} from '../support/seam-world.ts';
import { type Client, isInstalled, type Sdk, sdkOf, VERSIONS, type Version } from './published.ts';
import { type Exchange, type Wire, wireOf } from './wire.ts';

const NOW = at('2026-03-01T08:00Z');
const GUEST = doorFor(igloohome, 1);
const STAFF = doorFor(pintumbler, 2, 'Europe/Lisbon');
const LEVELS = {
  predefined_time_slots: [
    { name: 'Guest', prefix: 12, check_in_time: '16:00:00', check_out_time: '10:00:00' },
    { name: 'Whole days', prefix: 13, check_in_time: '00:00:00', check_out_time: '23:59:00' },
  ],
};
const HOTEL = doorFor(dormakabaOracode, 3, 'America/Los_Angeles', LEVELS);
const DOORS = [GUEST, STAFF, HOTEL];

const STAY = { starts_at: '2026-03-01T10:15:00Z', ends_at: '2026-03-01T12:40:00Z' };
const BOOKING = { device_id: GUEST.deviceId, name: 'Ada', is_offline_access_code: true, ...STAY };

const open: Wire[] = [];
afterEach(async () => {
  const problems = open.flatMap((wire) => wire.problems);
  await Promise.all(open.splice(0).map((wire) => wire.close()));
  expect(problems).toEqual([]);
});

interface Connected {
  readonly sdk: Sdk;
  readonly seam: Client;
  readonly world: World;
  readonly wire: Wire;
}

async function connect(
  version: Version,
  options: Options = {},
  doors: readonly Door[] = DOORS,
): Promise<Connected> {
  const sdk = await sdkOf(version);
  const world = worldOf(doors, NOW, options);
  const wire = await wireOf(world);
  open.push(wire);
  return { sdk, world, wire, seam: sdk.SeamHttp.fromApiKey(API_KEY, { endpoint: wire.url }) };
}

const last = ({ exchanges }: Wire): Exchange => {
  const found = exchanges.at(-1);
  if (!found) throw new Error('nothing went over the wire');
  return found;
};

/** The answer to a call that was done, lost on the way. */
const lost = (): Response => Response.json({}, { status: 503 });

/** What a call throws. */
async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const opens = (token: DeviceToken, code: string | null, now: string): boolean =>
  code !== null && reasonOf(token, code, at(now)) === 'first_use';

describe.skipIf(!isInstalled).each(Object.keys(VERSIONS).filter(isVersion))('@seamapi/http %s', (version) => {
  it('a code that is not assigned at once: polled, set, renamed, and it opens the door', async () => {
    const { seam, world, wire } = await connect(version, { assignAfter: 30 });
    const created = await seam.accessCodes.create(BOOKING);
    expect(created).toMatchObject({
      code: null,
      is_waiting_for_code_assignment: true,
      status: 'unset',
      starts_at: '2026-03-01T10:00:00.000Z',
      ends_at: '2026-03-01T13:00:00.000Z',
    });
    const { access_code_id } = created;
    world.clock.now += 29;
    expect((await seam.accessCodes.get({ access_code_id })).code).toBeNull();
    world.clock.now += 1;
    const assigned = await seam.accessCodes.get({ access_code_id });
    expect(assigned.code).toMatch(/^\d{9}$/);
    expect(assigned.is_waiting_for_code_assignment).toBe(false);
    expect(opens(GUEST.token, assigned.code, '2026-03-01T10:00:00Z')).toBe(true);
    expect(opens(GUEST.token, assigned.code, '2026-03-01T12:59:59Z')).toBe(true);
    expect(opens(GUEST.token, assigned.code, '2026-03-01T09:59:59Z')).toBe(false);
    expect(opens(GUEST.token, assigned.code, '2026-03-01T13:00:00Z')).toBe(false);

    await seam.accessCodes.update({ access_code_id, name: 'Ada Lovelace' });
    const statuses: string[] = [];
    for (const now of ['08:30', '09:30', '10:00', '12:59', '13:00']) {
      world.clock.now = at(`2026-03-01T${now}Z`);
      const { status, name, code } = await seam.accessCodes.get({ access_code_id });
      expect([name, code]).toEqual(['Ada Lovelace', assigned.code]);
      statuses.push(status);
    }
    expect(statuses).toEqual(['unset', 'setting', 'set', 'set', 'removing']);
    const { device_id } = created;
    // By its digits, a leading zero included.
    expect((await seam.accessCodes.get({ device_id, code: assigned.code })).access_code_id).toBe(
      access_code_id,
    );

    world.clock.now = at('2026-03-02T00:00Z');
    const events = await seam.events.list({ since: '2026-03-01T00:00:00Z', access_code_id });
    expect(events.map(({ event_type }) => event_type)).toEqual([
      'access_code.created',
      'access_code.changed',
      'access_code.scheduled_on_device',
      'access_code.changed',
      'access_code.set_on_device',
      'access_code.removed_from_device',
    ]);
    expect(last(wire).status).toBe(200);
    expect(await thrownBy(seam.accessCodes.get({ access_code_id }))).toMatchObject({
      code: 'not_found',
      statusCode: 404,
    });
  });

  it('lists in pages', async () => {
    const { seam } = await connect(version);
    const ids: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      const made = await seam.accessCodes.create({ ...BOOKING, name });
      ids.push(made.access_code_id);
    }
    const { device_id } = BOOKING;
    const idsOf = (codes: readonly { readonly access_code_id: string }[]) =>
      codes.map(({ access_code_id }) => access_code_id);
    expect(idsOf(await seam.accessCodes.list({ device_id }))).toEqual(ids);
    expect(idsOf(await seam.accessCodes.list({ access_code_ids: [ids[2], ids[0]] }))).toEqual([
      ids[2],
      ids[0],
    ]);
    expect(await seam.accessCodes.list({ device_id: STAFF.deviceId })).toEqual([]);
    if (!seam.createPaginator) return;
    const pages = seam.createPaginator(seam.accessCodes.list({ device_id, limit: 2 }));
    const [page, { hasNextPage, nextPageCursor }] = await pages.firstPage();
    expect([idsOf(page), hasNextPage]).toEqual([ids.slice(0, 2), true]);
    if (nextPageCursor === null) throw new Error('no cursor');
    const [rest, { hasNextPage: more }] = await pages.nextPage(nextPageCursor);
    expect([idsOf(rest), more]).toEqual([ids.slice(2), false]);
    expect(idsOf(await pages.flattenToArray())).toEqual(ids);
  });

  it('several doors at once: each has its own code, one key holds them together', async () => {
    const { seam } = await connect(version);
    const device_ids = [GUEST.deviceId, STAFF.deviceId];
    const asked = { device_ids, behavior_when_code_cannot_be_shared: 'create_random_code', name: 'Staff' };
    const codes = await seam.accessCodes.createMultiple({ ...asked, ...STAY });
    expect(codes.map(({ device_id }) => device_id)).toEqual(device_ids);
    const [guest, staff] = codes;
    expect(opens(GUEST.token, guest?.code ?? null, '2026-03-01T12:00:00Z')).toBe(true);
    expect(opens(STAFF.token, staff?.code ?? null, '2026-03-01T12:00:00Z')).toBe(true);
    expect(opens(STAFF.token, guest?.code ?? null, '2026-03-01T12:00:00Z')).toBe(false);
    const common_code_key = guest?.common_code_key;
    expect(common_code_key).toMatch(/^auto_set_by_create_multiple_/);
    expect(staff?.common_code_key).toBe(common_code_key);
    if (!seam.accessCodes.updateMultiple) return;
    await seam.accessCodes.updateMultiple({ common_code_key, name: 'Cleaners' });
    const access_code_ids = codes.map(({ access_code_id }) => access_code_id);
    const names = (await seam.accessCodes.list({ access_code_ids })).map(({ name }) => name);
    expect(names).toEqual(['Cleaners', 'Cleaners']);
  });

  it('a lost code: the backup is another that opens, and what it was pulled for says so', async () => {
    const { seam } = await connect(version);
    const { access_code_id, code, is_backup_access_code_available } = await seam.accessCodes.create({
      ...BOOKING,
      use_backup_access_code_pool: true,
    });
    expect(is_backup_access_code_available).toBe(true);
    await seam.accessCodes.pullBackupAccessCode({ access_code_id });
    const { pulled_backup_access_code_id } = await seam.accessCodes.get({ access_code_id });
    const backup = await seam.accessCodes.get({ access_code_id: pulled_backup_access_code_id });
    expect(backup).toMatchObject({ is_backup: true, starts_at: '2026-03-01T10:00:00.000Z' });
    expect(backup.code).not.toBe(code);
    expect(opens(GUEST.token, backup.code, '2026-03-01T12:00:00Z')).toBe(true);
    const [pulled] = await seam.events.list({
      since: '2026-03-01T00:00:00Z',
      event_type: 'access_code.backup_access_code_pulled',
    });
    expect(pulled).toMatchObject({ backup_access_code_id: backup.access_code_id });
  });

  it('to delete is refused where the lock has no code for it, and is a code where it has one', async () => {
    const { sdk, seam, world, wire } = await connect(version);
    const lasting = await seam.accessCodes.create(BOOKING);
    const refused = await thrownBy(seam.accessCodes.delete({ access_code_id: lasting.access_code_id }));
    expect(refused).toBeInstanceOf(sdk.SeamHttpApiError);
    expect(refused).toMatchObject({
      code: 'offline_access_code_not_revocable',
      statusCode: 400,
      requestId: last(wire).requestId,
    });
    expect((await seam.accessCodes.get({ access_code_id: lasting.access_code_id })).code).toBe(lasting.code);

    const ours = await seam.accessCodes.create({ ...BOOKING, device_id: STAFF.deviceId });
    world.clock.now = at('2026-03-01T10:30Z');
    await seam.accessCodes.delete({ access_code_id: ours.access_code_id });
    const gone = await seam.accessCodes.get({ access_code_id: ours.access_code_id });
    expect(gone).toMatchObject({
      status: 'removing',
      pintumbler: { clear_code: { ends: 'every_code_begun' } },
    });
    const [deleted] = await seam.events.list({
      since: '2026-03-01T00:00:00Z',
      event_types: ['access_code.deleted'],
    });
    expect(deleted).toMatchObject({ access_code_id: ours.access_code_id, code: ours.code });
  });

  it('what goes wrong has an error, a warning, an event', async () => {
    const { seam, world } = await connect(version, { assignAfter: 3 * 3600 });
    const made = [];
    for (const name of ['one', 'two', 'three', 'four'])
      made.push(await seam.accessCodes.create({ ...BOOKING, name }));
    expect(made.map(({ errors }) => errors.map(({ error_code }) => error_code))).toEqual([
      [],
      [],
      [],
      ['no_space_for_access_code_on_device'],
    ]);
    world.clock.now = at('2026-03-01T10:00Z');
    const [{ access_code_id } = { access_code_id: '' }] = made;
    const late = await seam.accessCodes.get({ access_code_id });
    expect(late.warnings.map(({ warning_code }) => warning_code)).toEqual(['delay_in_setting_on_device']);
    world.clock.now = at('2026-03-01T11:00Z');
    await thrownBy(seam.accessCodes.delete({ access_code_id }));
    const events = await seam.events.list({ since: '2026-03-01T00:00:00Z' });
    expect(new Set(events.map(({ event_type }) => event_type))).toEqual(
      new Set([
        'access_code.created',
        'access_code.failed_to_set_on_device',
        'access_code.delay_in_setting_on_device',
        'access_code.changed',
        'access_code.set_on_device',
        'access_code.failed_to_remove_from_device',
      ]),
    );
  });

  it('a stay at the user level of an Oracode door', async () => {
    const { seam } = await connect(version);
    const booked = { starts_at: '2026-03-01T15:45:00-08:00', ends_at: '2026-03-03T10:15:00-08:00' };
    const stay = await seam.accessCodes.create({ ...BOOKING, ...booked, device_id: HOTEL.deviceId });
    expect(stay).toMatchObject({
      starts_at: '2026-03-02T00:00:00.000Z',
      ends_at: '2026-03-03T18:00:00.000Z',
      dormakaba_oracode_metadata: { user_level_name: 'Guest' },
    });
    expect(opens(HOTEL.token, stay.code, '2026-03-02T00:00:00Z')).toBe(true);
  });

  it('another time frame: refused, or another code where the caller asks for it; an answer that got lost makes no second', async () => {
    const { sdk, seam, wire } = await connect(version);
    const { access_code_id, code } = await seam.accessCodes.create(BOOKING);
    const longer = { access_code_id, ends_at: '2026-03-01T15:00:00Z' };
    const refused = await thrownBy(seam.accessCodes.update(longer));
    expect(refused).toBeInstanceOf(sdk.SeamHttpApiError);
    expect(refused).toMatchObject({
      code: 'offline_access_code_not_modifiable',
      data: { access_code_id, still_opens_until: '2026-03-01T13:00:00.000Z' },
    });
    wire.instead(lost);
    const call = () => seam.accessCodes.update({ ...longer, reissue: true });
    // Where update is PUT, the SDK asks again by itself.
    const repeats = ['1.45.0', '1.121.0', '2.3.0', '2.11.2'].includes(version);
    await (repeats ? call() : call().catch(call));
    const changed = await seam.accessCodes.get({ access_code_id });
    expect(changed).toMatchObject({
      ends_at: '2026-03-01T15:00:00.000Z',
      pintumbler: { still_open: [{ code, ends_at: '2026-03-01T13:00:00.000Z' }] },
    });
    expect(opens(GUEST.token, changed.code, '2026-03-01T14:59:59Z')).toBe(true);
    const events = await seam.events.list({
      since: '2026-03-01T00:00:00Z',
      event_type: 'access_code.changed',
    });
    expect(events).toHaveLength(1);
  });

  it('generates a code, and reports constraints', async () => {
    const { seam, wire } = await connect(version);
    const { device_id } = BOOKING;
    const generated = await seam.accessCodes.generateCode({ device_id });
    expect(generated).toEqual({ device_id, code: expect.stringMatching(/^\d{9}$/) });
    if (!seam.accessCodes.reportDeviceConstraints) return;
    await seam.accessCodes.reportDeviceConstraints({ device_id, min_code_length: 6, max_code_length: 9 });
    expect(last(wire).status).toBe(200);
  });

  it('devices and locks', async () => {
    const { seam } = await connect(version);
    const ids = DOORS.map(({ deviceId }) => deviceId);
    const idsOf = (devices: readonly { readonly device_id: string }[]) =>
      devices.map((each) => each.device_id);
    expect(idsOf(await seam.devices.list())).toEqual(ids);
    expect(idsOf(await seam.locks.list())).toEqual(ids);
    expect(idsOf(await seam.devices.list({ device_ids: [HOTEL.deviceId] }))).toEqual([HOTEL.deviceId]);
    const hotel = await seam.devices.get({ device_id: HOTEL.deviceId });
    expect(hotel).toMatchObject({
      device_type: 'dormakaba_oracode_door',
      display_name: 'Door 3',
      can_program_offline_access_codes: true,
      properties: {
        offline_time_frame_options: [{ max_duration: 'P31D', time_zone: 'America/Los_Angeles' }],
      },
    });
    expect(await seam.locks.get({ device_id: HOTEL.deviceId })).toEqual(hotel);
  });

  it('SDK invalid_input mapping', async () => {
    const { sdk, seam, wire } = await connect(version);
    const refused = await thrownBy(seam.accessCodes.create({ ...BOOKING, starts_at: 'garbage' }));
    expect(refused).toBeInstanceOf(sdk.SeamHttpInvalidInputError);
    expect(refused).toMatchObject({
      code: 'invalid_input',
      statusCode: 400,
      requestId: last(wire).requestId,
      message: 'Must be parsable date string if defined for "starts_at"',
    });
    // 0.12 has no such method.
    const told = version === '0.12.0' ? [] : ['Must be parsable date string if defined'];
    expect(messagesOf(refused, 'starts_at')).toEqual(told);
    expect(messagesOf(refused, 'ends_at')).toEqual([]);

    const noSlot = { ...BOOKING, device_id: HOTEL.deviceId, starts_at: '2026-03-01T14:00:00-08:00' };
    const unfit = await thrownBy(
      seam.accessCodes.create({ ...noSlot, ends_at: '2026-03-03T10:00:00-08:00' }),
    );
    expect(unfit).toBeInstanceOf(sdk.SeamHttpInvalidInputError);
    expect(unfit).toMatchObject({ message: expect.stringContaining('no time slots found') });
    expect(unfit).toMatchObject({ data: { nearest: { starts_at: '2026-03-02T00:00:00.000Z' } } });
  });

  it('other errors, with code, status, request and data', async () => {
    const { sdk, seam, wire } = await connect(version);
    const access_code_id = uuidOf(0xabcdef);
    const missing = await thrownBy(seam.accessCodes.pullBackupAccessCode({ access_code_id }));
    expect(missing).toBeInstanceOf(sdk.SeamHttpApiError);
    expect(missing).not.toBeInstanceOf(sdk.SeamHttpInvalidInputError);
    expect(missing).toMatchObject({
      code: 'access_code_not_found',
      statusCode: 404,
      requestId: last(wire).requestId,
      data: { access_code_id },
    });
  });

  it('an API key that is not known, and one that the SDK itself does not take', async () => {
    const { sdk, wire } = await connect(version);
    const endpoint = wire.url;
    const stranger = sdk.SeamHttp.fromApiKey('seam_somebody_0123456789abcdefghij', { endpoint });
    const refused = await thrownBy(stranger.devices.list());
    expect(refused).toBeInstanceOf(sdk.SeamHttpUnauthorizedError);
    expect(refused).toMatchObject({ code: 'unauthorized', statusCode: 401, requestId: last(wire).requestId });
    // SDK apiKey format check: ours begin as it wants them.
    for (const key of ['nothing', 'seam_at1_x', 'seam_cst1_x', 'seam_pk1_x', 'ey'])
      expect(() => sdk.SeamHttp.fromApiKey(key, { endpoint })).toThrow(sdk.SeamHttpInvalidTokenError);
  });

  it('too many creates a minute: 429', async () => {
    const { sdk, seam, world } = await connect(version, { isLimited: true });
    const create = (day: number) =>
      seam.accessCodes.create({
        ...BOOKING,
        starts_at: `2026-04-${10 + day}T10:00:00Z`,
        ends_at: `2026-04-${10 + day}T12:00:00Z`,
      });
    for (let day = 0; day < 10; day++) await create(day);
    const refused = await thrownBy(create(10));
    expect(refused).toBeInstanceOf(sdk.SeamHttpApiError);
    expect(refused).toMatchObject({ code: 'rate_limit_exceeded', statusCode: 429 });
    world.clock.now += 60;
    expect((await create(10)).code).toMatch(/^\d{9}$/);
  });

  it('an answer to createMultiple that got lost: who asks again gets the same codes, and none is made twice', async () => {
    const { seam, wire } = await connect(version);
    wire.instead(lost);
    const device_ids = [GUEST.deviceId, STAFF.deviceId];
    const asked = { device_ids, behavior_when_code_cannot_be_shared: 'create_random_code', ...STAY };
    const call = () => seam.accessCodes.createMultiple(asked);
    // The SDKs before 1.45 POST, and do not ask again by themselves: here the caller does.
    const codes = await (version === '0.12.0' || version === '1.0.0' ? call().catch(call) : call());
    expect(wire.exchanges.map(({ status }) => status)).toEqual([200, 200]);
    const [first, second] = wire.exchanges;
    expect(second?.asked).toBe(first?.asked);
    expect(second?.body['access_codes']).toEqual(first?.body['access_codes']);
    expect(codes).toEqual(first?.body['access_codes']);
    for (const device_id of device_ids) expect(await seam.accessCodes.list({ device_id })).toHaveLength(1);
  });
});

function isVersion(name: string): name is Version {
  return Object.hasOwn(VERSIONS, name);
}

/** `getValidationErrorMessages`, where the version has it. */
function messagesOf(error: unknown, parameter: string): readonly string[] {
  if (!(error instanceof Error)) throw new Error('no error');
  if (!('getValidationErrorMessages' in error)) return [];
  const read = error.getValidationErrorMessages;
  if (typeof read !== 'function') throw new Error('no function');
  return read.call(error, parameter);
}

/** What `seam-cases.json` says of the SDK; the cases go by these names. */
describe.skipIf(!isInstalled)('on the wire', () => {
  const path = ({ exchanges }: Wire) => exchanges.map(({ asked }) => asked);

  it('SDK 2.32 get is a GET with _strict', async () => {
    const { seam, wire } = await connect('2.32.0');
    const { access_code_id } = await seam.accessCodes.create(BOOKING);
    expect((await seam.accessCodes.get({ access_code_id })).access_code_id).toBe(access_code_id);
    expect(last(wire).asked).toBe(`GET /access_codes/get?access_code_id=${access_code_id}&_strict=true`);
  });

  it('SDK 2.32 list repeats array keys', async () => {
    const { seam, wire } = await connect('2.32.0');
    const access_code_ids = [uuidOf(0xa), uuidOf(0xb)];
    expect(await seam.accessCodes.list({ access_code_ids })).toEqual([]);
    const query = access_code_ids.map((id) => `access_code_ids=${id}&`).join('');
    expect(last(wire).asked).toBe(`GET /access_codes/list?${query}_strict=true`);
  });

  it('SDK paginator', async () => {
    const { seam, wire } = await connect('2.32.0');
    await seam.accessCodes.create(BOOKING);
    await seam.accessCodes.create({ ...BOOKING, name: 'Grace' });
    const { device_id } = BOOKING;
    const pages = seam.createPaginator?.(seam.accessCodes.list({ device_id, limit: 1 }));
    expect((await pages?.flattenToArray())?.map(({ name }) => name)).toEqual(['Ada', 'Grace']);
    const [, , first, second] = path(wire);
    const asked = `GET /access_codes/list?device_id=${device_id}&limit=1`;
    const cursor = wire.exchanges[2]?.body['pagination'];
    expect(first).toBe(`${asked}&_strict=true`);
    expect(cursor).toMatchObject({ has_next_page: true, next_page_url: null });
    const word = JSON.stringify(cursor).replace(/.*"next_page_cursor":"([A-Za-z0-9+/=]+)".*/, '$1');
    expect(second).toBe(`${asked}&page_cursor=${encodeURIComponent(word)}&_strict=true`);
  });

  it.each([
    ['1.0.0', 'SeamHttpApiError'],
    ['1.121.0', 'AxiosError'],
    ['2.32.0', 'AxiosError'],
  ] as const)(
    'SDK error body without message: %s takes it for %s, and ours have one',
    async (version, name) => {
      const { seam, wire } = await connect(version);
      wire.instead(() => Response.json({ error: { type: 'x' } }, { status: 400 }));
      expect(await thrownBy(seam.accessCodes.create(BOOKING))).toMatchObject({ name });
    },
  );

  it('the verbs of each version: POST alone at first, then what HTTP has for it', async () => {
    const verbs: Record<string, string> = {};
    for (const version of Object.keys(VERSIONS).filter(isVersion)) {
      const { seam, wire } = await connect(version);
      const { access_code_id } = await seam.accessCodes.create(BOOKING);
      await seam.accessCodes.createMultiple({ device_ids: [GUEST.deviceId], ...STAY });
      await seam.accessCodes.update({ access_code_id, name: 'Grace' });
      await seam.accessCodes.get({ access_code_id });
      await seam.accessCodes.list({ device_id: GUEST.deviceId });
      await seam.accessCodes.delete({ access_code_id }).catch(() => undefined);
      verbs[version] = path(wire)
        .map((asked) => asked.replace(/ .*/, ''))
        .join(' ');
    }
    expect(verbs).toEqual({
      '0.12.0': 'POST POST POST POST POST POST',
      '1.0.0': 'POST POST POST POST POST POST',
      '1.45.0': 'POST PUT PUT POST POST POST',
      '1.121.0': 'POST PUT PUT POST POST POST',
      '2.3.0': 'POST PUT PUT POST POST POST',
      '2.11.2': 'POST PUT PUT GET POST DELETE',
      '2.26.0': 'POST PUT PATCH GET GET DELETE',
      '2.32.0': 'POST PUT PATCH GET GET DELETE',
    });
  });

  it('a delete whose answer got lost is asked again, and stays a success', async () => {
    const { seam, wire } = await connect('2.32.0');
    const { access_code_id } = await seam.accessCodes.create({ ...BOOKING, device_id: STAFF.deviceId });
    wire.instead(lost);
    await seam.accessCodes.delete({ access_code_id });
    expect(
      path(wire)
        .slice(1)
        .map((asked) => asked.replace(/\?.*/, '')),
    ).toEqual(['DELETE /access_codes/delete', 'DELETE /access_codes/delete']);
  });

  it('every vendor: its device and its codes are what the schemas want', async () => {
    const doors = builtIn.map((vendor, index) =>
      doorFor(vendor, 10 + index, 'UTC', vendor === dormakabaOracode ? LEVELS : undefined),
    );
    const { seam, wire } = await connect('2.32.0', {}, doors);
    expect(await seam.devices.list()).toHaveLength(builtIn.length);
    const day = { starts_at: '2026-03-01T10:00:00Z', ends_at: '2026-03-02T10:00:00Z' };
    const wishes = [
      day,
      { ...day, max_time_rounding: '1d' },
      { ...day, starts_at: '2026-03-01T16:00:00Z' },
      { starts_at: day.starts_at, is_one_time_use: true },
      { ...day, is_one_time_use: true },
      { is_one_time_use: true },
      // A period of TOTP, and one of Master Lock.
      { ...day, ends_at: '2026-03-01T10:00:30Z' },
      { starts_at: '2026-03-01T08:00:00Z', ends_at: '2026-03-01T16:00:00Z' },
    ];
    const served = new Set<string>();
    for (const { deviceId: device_id, token } of doors)
      for (const wish of wishes) {
        const made = seam.accessCodes.create({ device_id, is_offline_access_code: true, ...wish });
        const code = await made.then(({ code }) => code).catch(() => null);
        if (code !== null) served.add(token.vendor.id);
      }
    // Codes that add days, or answer what the lock asks, are no access codes.
    const others = builtIn.map(({ id }) => id).filter((id) => !served.has(id));
    expect(others).toEqual(['ocra', 'openpaygo', 'nexus']);
    expect(
      wire.exchanges.map(({ status }) => status).filter((status) => status !== 200 && status !== 400),
    ).toEqual([]);
  });
});
