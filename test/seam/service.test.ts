/**
 * The facade's calls, through the public handler, with a clock of the test: what is given out, when it is shown, what time
 * and callers make of it, and what is told of that.
 */
import fc from 'fast-check';
import { createToken } from 'pintumbler';
import { memoryStore, type SeamDevice, type Store } from 'pintumbler/seam';
import {
  codelocksNetcode,
  dormakabaOracode,
  hotp,
  igloohome,
  lockly,
  nexus,
  ocra,
  openpaygo,
  pintumbler,
  resortlock,
  sentrilock,
  totp,
  ttlock,
  tuya,
  type Vendor,
} from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import type { AccessCode } from '../../src/seam/objects.ts';
import { doorOf, key } from '../support/door.ts';
import { at, deep } from '../support/helpers.ts';
import { API_KEY, worldOf as seamWorld, uuidOf } from '../support/seam-world.ts';
import { deviceFor, type Facade, facadeOf, secondsOf, tiny, type Values } from './support.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
/** Of every test, unless it says otherwise: a Sunday. */
const NOW = at('2026-03-01T09:00:00Z');
const stamp = (instant: number): string => new Date(instant * 1000).toISOString();

/** From a start to an end, in hours after 10:00 of that day. */
const hours = (from: number, to: number): Values => ({
  starts_at: stamp(NOW + HOUR + from * HOUR),
  ends_at: stamp(NOW + HOUR + to * HOUR),
});

const TEN = { digits: 10 };
const LEVELS = {
  predefined_time_slots: [
    { name: 'Guest', prefix: 7, check_in_time: '16:00:00', check_out_time: '10:00:00' },
    { name: 'Guest too', prefix: 8, check_in_time: '16:00:00', check_out_time: '10:00:00' },
    { name: 'Day', prefix: 9, check_in_time: '08:00:00', check_out_time: '20:00:00' },
  ],
};
const NIGHT = { starts_at: '2026-03-02T16:00:00Z', ends_at: '2026-03-04T10:00:00Z' };

const codesOf = (codes: readonly AccessCode[]): readonly (string | null)[] => codes.map(({ code }) => code);
const variancesOf = (codes: readonly AccessCode[]): readonly (number | null)[] =>
  codes.map(({ pintumbler: { variance } }) => variance);
const errorsOf = ({ errors }: AccessCode): readonly string[] => errors.map(({ error_code }) => error_code);

/** Codes one after the other, for the same request. */
async function several(
  facade: Facade,
  device: SeamDevice,
  values: Values,
  count: number,
): Promise<readonly AccessCode[]> {
  const made: AccessCode[] = [];
  for (let each = 0; each < count; each++) made.push(await facade.create(device, values));
  return made;
}

/** What has happened, without the common beginning of the names, and when, in seconds from `NOW`. */
async function told(facade: Facade, more: Values = {}): Promise<readonly string[]> {
  const { events } = await facade.get('events/list', { since: '2020-01-01T00:00:00Z', ...more });
  return events.map(
    ({ event_type, occurred_at }) => `${event_type.slice('access_code.'.length)} ${at(occurred_at) - NOW}`,
  );
}

const found = async (facade: Facade, id: string): Promise<AccessCode> =>
  (await facade.get('access_codes/get', { access_code_id: id })).access_code;

/** A dump and a log have ids of events: nothing in them can be tried out. */
describe('the id of an event', () => {
  it('is of nothing that is secret', async () => {
    const idsWith = async (fill: number, name: string): Promise<readonly unknown[]> => {
      const token = createToken({
        vendor: igloohome,
        deviceId: 'door-1',
        root: new Uint8Array(32).fill(fill),
        timeZone: 'UTC',
      });
      const world = seamWorld(
        [{ deviceId: uuidOf(0xd0000001), name: 'Door', token }],
        at('2026-03-01T12:00Z'),
      );
      const ask = async (path: string, values: object) => {
        const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
        const request = new Request(`http://x${path}`, {
          method: 'POST',
          headers,
          body: JSON.stringify(values),
        });
        return JSON.parse(await (await world.answer(request)).text());
      };
      const stay = { starts_at: '2026-03-01T15:00:00Z', ends_at: '2026-03-03T15:00:00Z' };
      const { access_code } = await ask('/access_codes/create', {
        device_id: uuidOf(0xd0000001),
        is_offline_access_code: true,
        name,
        ...stay,
      });
      await ask('/access_codes/update', {
        access_code_id: access_code.access_code_id,
        name: `${name} again`,
      });
      world.clock.now = at('2026-03-05T12:00Z');
      const { events } = await ask('/events/list', { since: '2026-03-01T00:00:00Z' });
      return [access_code.code, events.map((event: { readonly event_id: string }) => event.event_id)];
    };
    const [[code, ids], [other, same]] = [await idsWith(1, 'Ada'), await idsWith(2, 'Grace')];
    expect(other).not.toBe(code);
    expect(new Set(Array.isArray(ids) ? ids : []).size).toBeGreaterThan(3);
    expect(same).toEqual(ids);
  });
});

describe('create', () => {
  const many: readonly (readonly [string, Vendor, unknown, Values, string, number])[] = [
    ['igloohome', igloohome, undefined, hours(0, 5), 'hourly', 3],
    ['igloohome', igloohome, undefined, { ...hours(0, 30 * 24), max_time_rounding: '1d' }, 'daily', 3],
    [
      'igloohome',
      igloohome,
      undefined,
      { starts_at: stamp(NOW + HOUR), is_one_time_use: true },
      'one_time',
      5,
    ],
    ['pintumbler', pintumbler, undefined, hours(0, 5), 'hourly', 1],
    ['pintumbler', pintumbler, TEN, hours(0, 5), 'hourly', 4],
    ['pintumbler', pintumbler, TEN, hours(5, 25), 'stay', 4],
    [
      'pintumbler',
      pintumbler,
      TEN,
      { ...hours(0, 5), is_one_time_use: true, ends_at: undefined },
      'one_time',
      8,
    ],
    ['tuya', tuya, undefined, { starts_at: stamp(NOW + HOUR), is_one_time_use: true }, 'once', 11],
    ['tuya', tuya, undefined, hours(0, 5), 'multiple', 1],
    ['ttlock', ttlock, undefined, { starts_at: stamp(NOW + HOUR), is_one_time_use: true }, 'one_time', 200],
    ['resortlock', resortlock, { model: 'RL4000' }, hours(0, 5), 'duration', 4],
    ['sentrilock', sentrilock, undefined, hours(0, 5), 'flex', 4],
    ['lockly', lockly, undefined, hours(0, 5), 'time_bound', 1],
  ];

  it.each(many)('%s, %#: variances lowest first, and the one too many has an error', async (...row) => {
    const [, vendor, config, values, kind, count] = row;
    for (const errorCodes of ['current', 'legacy'] as const) {
      const device = deviceFor(vendor, 1, 'UTC', config);
      const facade = facadeOf([device], NOW, { errorCodes });
      const given = await several(facade, device, values, count);
      expect(new Set(codesOf(given)).size).toBe(count);
      expect(variancesOf(given)).toEqual(Array.from({ length: count }, (_, variance) => variance));
      expect(given.every((each) => each.pintumbler.kind === kind && each.errors.length === 0)).toBe(true);
      const lacking = await facade.create(device, values);
      const legacy =
        vendor === igloohome && errorCodes === 'legacy'
          ? 'igloohome_offline_access_code_no_variance_available'
          : 'no_space_for_access_code_on_device';
      expect(lacking).toMatchObject({
        code: null,
        status: 'unset',
        display_status: 'Failed',
        is_waiting_for_code_assignment: false,
        errors: [{ error_code: legacy, is_access_code_error: true, created_at: stamp(NOW) }],
        pintumbler: { kind: null, variance: null },
      });
      const { access_code_id } = lacking;
      const { events } = await facade.get('events/list', { since: stamp(NOW), access_code_id });
      expect(events).toMatchObject([
        { event_type: 'access_code.created' },
        {
          event_type: 'access_code.failed_to_set_on_device',
          occurred_at: stamp(NOW),
          access_code_errors: [{ error_code: legacy }],
        },
      ]);
    }
  });

  it('counts a window without regard to how it is written', async () => {
    const device = deviceFor(igloohome, 1, 'Asia/Kathmandu');
    const facade = facadeOf([device], NOW);
    const given = [
      await facade.create(device, { starts_at: '2026-03-02T10:00:00Z', ends_at: '2026-03-02T14:00:00Z' }),
      await facade.create(device, { starts_at: '2026-03-02T15:45:00', ends_at: '2026-03-02 19:45' }),
      await facade.create(device, {
        starts_at: '2026-03-02T11:30:00+0100',
        ends_at: '2026-03-02T13:50:00.5-00:00',
      }),
    ];
    // Hours begin at a quarter past in Nepal: 10:15 UTC is the first, and each of the three windows is another.
    expect(given.map(({ starts_at, ends_at }) => [starts_at, ends_at])).toEqual([
      ['2026-03-02T09:15:00.000Z', '2026-03-02T14:15:00.000Z'],
      ['2026-03-02T09:15:00.000Z', '2026-03-02T14:15:00.000Z'],
      ['2026-03-02T10:15:00.000Z', '2026-03-02T14:15:00.000Z'],
    ]);
    expect(variancesOf(given)).toEqual([0, 1, 0]);
  });

  it('gives igloohome no more than 199 codes at a time', async () => {
    const device = deviceFor(igloohome);
    const facade = facadeOf([device], NOW);
    for (let each = 0; each < 66; each++) await several(facade, device, hours(0, each + 1), 3);
    await facade.create(device, hours(0, 100));
    const full = await facade.create(device, hours(1, 100));
    expect([full.code, errorsOf(full)]).toEqual([null, ['no_space_for_access_code_on_device']]);
    expect(full.errors[0]?.message).toMatch(/holds no more codes/);
    // The three of the first hour have ended: there is room for three.
    facade.clock.now = NOW + 2 * HOUR - 1;
    expect((await facade.create(device, hours(1, 101))).code).toBeNull();
    facade.clock.now = NOW + 2 * HOUR;
    expect((await several(facade, device, hours(1, 102), 3)).map(({ code }) => code === null)).toEqual([
      false,
      false,
      false,
    ]);
    expect((await facade.create(device, hours(1, 103))).code).toBeNull();
    // What had no room used up nothing.
    facade.clock.now = NOW + 3 * HOUR;
    expect((await facade.create(device, hours(1, 100))).pintumbler.variance).toBe(0);
  });

  it('skips digits that another guest has, and says so where there are no others', async () => {
    const device = deviceFor(tiny);
    const facade = facadeOf([device], NOW);
    const digits = new Set<string>();
    let [skipped, duplicates] = [0, 0];
    for (let hour = 0; hour < 60; hour++) {
      let last = -1;
      for (let each = 0; each < 3; each++) {
        const shown = await facade.create(device, hours(hour, hour + 1));
        const { variance } = shown.pintumbler;
        if (shown.code === null || variance === null) {
          if (errorsOf(shown).includes('duplicate_code_on_device')) duplicates++;
          continue;
        }
        expect(variance).toBeGreaterThan(last);
        if (variance > last + 1) skipped++;
        last = variance;
        expect(digits.has(shown.code)).toBe(false);
        digits.add(shown.code);
      }
    }
    expect([skipped > 3, duplicates > 3]).toEqual([true, true]);
    // When a code has ended its digits are free.
    facade.clock.now = NOW + 70 * HOUR;
    expect((await facade.create(device, hours(80, 81))).errors).toEqual([]);
  });

  it('gives the second guest of the same times another user level, if the door has one', async () => {
    for (const errorCodes of ['current', 'legacy'] as const) {
      const device = deviceFor(dormakabaOracode, 1, 'UTC', LEVELS);
      const facade = facadeOf([device], NOW, { errorCodes });
      const [one, other, third] = await several(facade, device, NIGHT, 3);
      expect([one?.code?.slice(0, 3), other?.code?.slice(0, 3)]).toEqual(['007', '008']);
      expect([one?.starts_at, one?.ends_at]).toEqual([other?.starts_at, other?.ends_at]);
      expect([one, other].map((each) => each?.dormakaba_oracode_metadata?.user_level_name)).toEqual([
        'Guest',
        'Guest too',
      ]);
      expect(third && errorsOf(third)).toEqual([
        errorCodes === 'legacy'
          ? 'dormakaba_oracode_no_valid_user_level'
          : 'no_space_for_access_code_on_device',
      ]);
      expect(third?.dormakaba_oracode_metadata).toBeNull();
      // The level by day has other times, and is nobody's instead.
      const day = { starts_at: '2026-03-02T08:00:00Z', ends_at: '2026-03-03T20:00:00Z' };
      expect((await facade.create(device, day)).code?.slice(0, 3)).toBe('009');
      expect(errorsOf(await facade.create(device, day))).toHaveLength(1);
    }
  });

  it('gives no guest a level with other times, also where it would fit', async () => {
    const [guest] = LEVELS.predefined_time_slots;
    const near = { name: 'Near', prefix: 9, check_in_time: '15:30:00', check_out_time: '10:30:00' };
    const device = deviceFor(dormakabaOracode, 1, 'UTC', { predefined_time_slots: [guest, near] });
    const facade = facadeOf([device], NOW);
    const [first, second] = await several(facade, device, NIGHT, 2);
    expect([first?.code?.slice(0, 3), second?.code]).toEqual(['007', null]);
  });

  it('gives who asks late the window that was asked for, while it can be used', async () => {
    const device = deviceFor(igloohome);
    const facade = facadeOf([device], NOW);
    const { code, starts_at } = await facade.create(device, hours(-20, 100));
    expect(starts_at).toBe(stamp(NOW - 19 * HOUR));
    expect(key(doorOf(device.token), code ?? '', NOW).opens).toBe(true);
  });

  it('gives one from now on when it cannot be used any more', async () => {
    const device = deviceFor(igloohome);
    const facade = facadeOf([device], NOW + 20 * MINUTE);
    const { code, starts_at, ends_at } = await facade.create(device, hours(-30, 100));
    expect([starts_at, ends_at]).toEqual([stamp(NOW), stamp(NOW + 101 * HOUR)]);
    expect(key(doorOf(device.token), code ?? '', facade.clock.now).opens).toBe(true);
  });

  it('gives no code whose period is over, though the lock would take it', async () => {
    const device = deviceFor(totp);
    const facade = facadeOf([device], NOW + 30);
    const times = { starts_at: stamp(NOW + 13), ends_at: stamp(NOW + 43) };
    const asked = { device_id: device.deviceId, is_offline_access_code: true, ...times };
    expect(await facade.refusal('access_codes/create', asked)).toMatch(/^400 invalid_input /);
    facade.clock.now = NOW + 29;
    expect((await facade.create(device, times)).ends_at).toBe(stamp(NOW + 30));
  });

  it('refuses who asks late where there is no such window', async () => {
    const device = deviceFor(codelocksNetcode, 1, 'UTC', { mode: 'acc' });
    const facade = facadeOf([device], NOW);
    const asked = { device_id: device.deviceId, is_offline_access_code: true };
    const times = { starts_at: '2026-02-27T00:00:00Z', ends_at: '2026-03-05T00:00:00Z' };
    expect(await facade.refusal('access_codes/create', { ...asked, ...times })).toMatch(
      /^400 invalid_input starts_at: /,
    );
    expect(await told(facade)).toEqual([]);
  });

  it('rounds fractions of seconds outward', async () => {
    const device = deviceFor(lockly);
    const facade = facadeOf([device], NOW);
    const exact = await facade.create(device, {
      starts_at: '2026-03-02T10:00:00.999Z',
      ends_at: '2026-03-02T12:00:00,000Z',
    });
    expect([exact.starts_at, exact.ends_at]).toEqual([
      '2026-03-02T10:00:00.000Z',
      '2026-03-02T12:00:00.000Z',
    ]);
    const over = await facade.create(device, {
      starts_at: '2026-03-02T10:00:00Z',
      ends_at: '2026-03-02T12:00:00.001Z',
    });
    expect([over.ends_at, over.pintumbler.rounded.ends_at]).toEqual(['2026-03-02T13:00:00.000Z', 3599]);
  });

  it.each([
    ['ended', { ends_at: stamp(NOW - 1) }, /^400 invalid_input ends_at: Must be a time in the future/],
    ['ends now', { ends_at: stamp(NOW) }, /^400 invalid_input ends_at: Must be a time in the future/],
    ['ends first', { ends_at: stamp(NOW + HOUR - 1) }, /^400 invalid_input ends_at: .*after "starts_at"/],
    [
      'a missing hour',
      { starts_at: '2026-03-29T01:30', ends_at: '2026-03-29T09:00' },
      /^400 invalid_input starts_at: "starts_at" does not exist in Europe\/Lisbon/,
    ],
    [
      'a double hour',
      { starts_at: '2026-10-24T01:30', ends_at: '2026-10-25T01:30' },
      /^400 invalid_input ends_at: "ends_at" comes twice in Europe\/Lisbon/,
    ],
    ['no end', { ends_at: undefined }, /^400 invalid_input Both starts_at and ends_at must be provided/],
    ['no start', { starts_at: undefined }, /^400 invalid_input Both starts_at and ends_at must be provided/],
    [
      'ongoing',
      { starts_at: undefined, ends_at: undefined },
      /^400 invalid_input Offline codes are time-bound or for one use/,
    ],
    [
      'ongoing with backups',
      { starts_at: undefined, ends_at: undefined, use_backup_access_code_pool: true },
      /^400 invalid_input Cannot use the backup pool for ongoing codes/,
    ],
    [
      'for one use without a start',
      { starts_at: undefined, ends_at: undefined, is_one_time_use: true },
      /^400 invalid_input starts_at: "starts_at": Required/,
    ],
    ['a code of its own', { code: '482901' }, /^400 invalid_input code: .*A custom code is not allowed/],
    ['no such device', { device_id: uuidOf(77) }, /^404 device_not_found Device not found/],
    [
      'online',
      { is_offline_access_code: false },
      /^400 invalid_input is_offline_access_code: "is_offline_access_code": Must be true/,
    ],
    [
      'not said',
      { is_offline_access_code: undefined },
      /^400 invalid_input is_offline_access_code: "is_offline_access_code": Must/,
    ],
    ['too long', { ends_at: '2028-03-01T10:00:00Z' }, /^400 invalid_input starts_at: no code fits/],
    ['a year of two zeros', { starts_at: '2009-03-01T10:00:00Z' }, /^400 invalid_input starts_at: /],
  ])('refuses what cannot be: %s', async (_, wrong, refusal) => {
    const device = deviceFor(igloohome, 1, 'Europe/Lisbon');
    const facade = facadeOf([device], NOW);
    const asked = { device_id: device.deviceId, is_offline_access_code: true, ...hours(0, 5), ...wrong };
    const said = await facade.refusal('access_codes/create', asked);
    expect(said).toMatch(refusal);
    expect(said).not.toContain('482901');
    expect(await told(facade)).toEqual([]);
  });

  it('takes the older name of the flag', async () => {
    const device = deviceFor(igloohome);
    const facade = facadeOf([device], NOW);
    const asked = { is_offline_access_code: undefined, use_offline_access_code: true, ...hours(0, 5) };
    expect((await facade.create(device, asked)).is_offline_access_code).toBe(true);
  });

  it.each([openpaygo, nexus, ocra])('refuses a device without access codes: $id', async (vendor) => {
    const device = deviceFor(vendor);
    const facade = facadeOf([device], NOW);
    for (const more of [hours(0, 5), { is_one_time_use: true }]) {
      const asked = { device_id: device.deviceId, is_offline_access_code: true, ...more };
      expect(await facade.refusal('access_codes/create', asked)).toMatch(
        /^400 invalid_input device_id: "device_id": Codes of/,
      );
    }
  });
});

describe('a vendor whose codes an issuer makes', () => {
  const remote: Vendor = { ...igloohome, id: 'acme', scheme: { id: 'acme-server/1', remote: true } };

  it('is refused without an issuer', async () => {
    const device = deviceFor(remote);
    const facade = facadeOf([device], NOW);
    const asked = { device_id: device.deviceId, is_offline_access_code: true, ...hours(0, 5) };
    expect(await facade.refusal('access_codes/create', asked)).toMatch(
      /^400 invalid_input device_id: "device_id": Codes of/,
    );
  });

  it('is awaited, and asked for the next variance where digits are taken', async () => {
    const device = deviceFor(remote);
    const local = deviceFor(igloohome, 2);
    const asked: number[] = [];
    const facade = facadeOf([device, local], NOW, {
      issuer: async (_, { variance }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        asked.push(variance);
        return variance === 1 ? '000000000' : `12345678${variance}`;
      },
    });
    const [one, two] = await Promise.all([
      facade.create(device, hours(0, 5)),
      facade.create(device, hours(0, 5)),
    ]);
    const third = await facade.create(device, hours(0, 5));
    expect(new Set(codesOf([one, two, third]))).toEqual(new Set(['123456780', '000000000', '123456782']));
    // Another window, the same digits: two of them are taken, the third as well.
    expect(errorsOf(await facade.create(device, hours(0, 6)))).toEqual(['duplicate_code_on_device']);
    expect(asked.slice(-3)).toEqual([0, 1, 2]);
    // What is made here is asked of nobody.
    const before = asked.length;
    await facade.create(local, hours(0, 5));
    expect(asked).toHaveLength(before);
  });

  it('uses up nothing when the issuer fails', async () => {
    const device = deviceFor(remote);
    const problems: unknown[] = [];
    let fails = true;
    const facade = facadeOf([device], NOW, {
      issuer: async () => {
        if (fails) throw new Error('secret of the server');
        return '123456789';
      },
      onError: (error) => problems.push(error),
    });
    const asked = { device_id: device.deviceId, is_offline_access_code: true, ...hours(0, 5) };
    const said = await facade.refusal('access_codes/create', asked);
    expect(said).toMatch(/^500 internal_server_error /);
    expect(said).not.toContain('secret');
    expect([problems.length, await told(facade)]).toEqual([1, []]);
    fails = false;
    expect((await facade.create(device, hours(0, 5))).pintumbler.variance).toBe(0);
  });
});

describe('codes by count', () => {
  const device = deviceFor(hotp);
  const once = { is_one_time_use: true };

  it('go up, never twice, across restarts over the same store', async () => {
    const store = memoryStore();
    const counts: (number | null)[] = [];
    for (let start = 0; start < 4; start++) {
      const facade = facadeOf([device], NOW + start, { store });
      const made = await Promise.all([1, 2, 3].map(() => facade.create(device, once)));
      counts.push(...made.map((each) => each.pintumbler.count));
    }
    expect([...counts].sort((a, b) => Number(a) - Number(b))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('are for one use and no time', async () => {
    const facade = facadeOf([device], NOW);
    const asked = { device_id: device.deviceId, is_offline_access_code: true };
    const shown = await facade.create(device, once);
    expect(shown).toMatchObject({
      status: 'set',
      is_one_time_use: true,
      starts_at: stamp(NOW),
      ends_at: null,
      pending_mutations: [],
      pintumbler: { kind: 'hotp', count: 0, variance: 0, first_use_by: null },
    });
    for (const [more, name] of [
      [hours(0, 5), 'is_one_time_use'],
      [{ ...hours(0, 5), ...once }, 'ends_at'],
      [{ ...once, starts_at: stamp(NOW + 1) }, 'starts_at'],
    ] as const) {
      expect(await facade.refusal('access_codes/create', { ...asked, ...more })).toMatch(
        new RegExp(`^400 invalid_input ${name}: Codes of this device are for one use`),
      );
    }
    expect(await told(facade)).toEqual(['created 0', 'set_on_device 0']);
    facade.clock.now = NOW + 3 * 366 * DAY;
    expect((await found(facade, shown.access_code_id)).status).toBe('set');
  });
});

describe('deferred assignment', () => {
  const device = deviceFor(igloohome);

  it('shows the code nowhere before its time, and everywhere from then on', async () => {
    const facade = facadeOf([device], NOW, { assignAfter: 40 });
    const values = { ...hours(-1, 5), device_id: device.deviceId, is_offline_access_code: true };
    const { access_code, action_attempt } = await facade.get('access_codes/create', values);
    const { access_code_id } = access_code;
    const answers = async (): Promise<string> =>
      JSON.stringify([
        await facade.ask('access_codes/get', { access_code_id }),
        await facade.ask('access_codes/list', { device_id: device.deviceId }),
        await facade.ask('events/list', { since: '2020-01-01T00:00:00Z' }),
        await facade.ask('action_attempts/get', { action_attempt_id: action_attempt.action_attempt_id }),
      ]);
    facade.clock.now = NOW + 39;
    const before = await answers();
    expect(access_code).toMatchObject({
      code: null,
      is_waiting_for_code_assignment: true,
      status: 'setting',
    });
    expect(await told(facade)).toEqual(['created 0', 'delay_in_setting_on_device 0']);
    expect((await found(facade, access_code_id)).warnings).toMatchObject([
      { warning_code: 'delay_in_setting_on_device', created_at: stamp(NOW) },
    ]);
    facade.clock.now = NOW + 40;
    const shown = await found(facade, access_code_id);
    const { code } = shown;
    expect(shown).toMatchObject({ is_waiting_for_code_assignment: false, status: 'set', warnings: [] });
    expect(code).toMatch(/^\d{9}$/);
    expect(before).not.toContain(code);
    expect((await answers()).split(String(code)).length).toBeGreaterThan(4);
    expect(await told(facade)).toEqual([
      'created 0',
      'delay_in_setting_on_device 0',
      'changed 40',
      'set_on_device 40',
    ]);
    const { events } = await facade.get('events/list', {
      since: stamp(NOW),
      event_type: 'access_code.changed',
    });
    expect(events).toMatchObject([{ changed_properties: [{ property: 'code', from: null, to: code }] }]);
  });

  it('is found by its digits only when they may be seen', async () => {
    const facade = facadeOf([device], NOW, { assignAfter: 40 });
    const { access_code_id } = await facade.create(device, hours(0, 5));
    facade.clock.now = NOW + 40;
    const { code } = await found(facade, access_code_id);
    const asked = { device_id: device.deviceId, code };
    expect((await facade.get('access_codes/get', asked)).access_code.access_code_id).toBe(access_code_id);
    facade.clock.now = NOW + 39;
    expect(await facade.refusal('access_codes/get', asked)).toBe('404 not_found Access Code Not Found');
    expect(await facade.refusal('access_codes/get', { ...asked, access_code_id })).toMatch(/^404 not_found/);
  });

  it('keeps the attempt pending until then', async () => {
    const facade = facadeOf([device], NOW, { assignAfter: 40 });
    const values = { ...hours(0, 5), device_id: device.deviceId, is_offline_access_code: true };
    const { action_attempt, access_code } = await facade.get('access_codes/create', values);
    const status = async (): Promise<unknown> => {
      const { action_attempt_id } = action_attempt;
      return (await facade.get('action_attempts/get', { action_attempt_id })).action_attempt;
    };
    facade.clock.now = NOW + 39;
    expect(await status()).toEqual(action_attempt);
    facade.clock.now = NOW + 40;
    expect(await status()).toMatchObject({
      status: 'success',
      error: null,
      result: { access_code: { access_code_id: access_code.access_code_id, code: expect.any(String) } },
    });
  });

  it('says nothing of a new code before its time either', async () => {
    const facade = facadeOf([device], NOW, { assignAfter: 40 });
    const { access_code_id } = await facade.create(device, hours(0, 5));
    // Nobody has seen the first one, and nobody will.
    facade.clock.now = NOW + 10;
    await facade.get('access_codes/update', {
      access_code_id,
      ends_at: stamp(NOW + 9 * HOUR),
      reissue: true,
    });
    const early = JSON.stringify([
      await facade.ask('access_codes/list', { device_id: device.deviceId }),
      await facade.ask('events/list', { since: '2020-01-01T00:00:00Z' }),
    ]);
    expect(early).not.toMatch(/"\d{9}"/);
    expect((await found(facade, access_code_id)).is_waiting_for_code_assignment).toBe(true);
    facade.clock.now = NOW + 50;
    const { code } = await found(facade, access_code_id);
    expect(code).toMatch(/^\d{9}$/);
    // Now one that was seen is replaced.
    await facade.get('access_codes/update', {
      access_code_id,
      ends_at: stamp(NOW + 8 * HOUR),
      reissue: true,
    });
    const later = JSON.stringify([
      await facade.ask('access_codes/list', { device_id: device.deviceId }),
      await facade.ask('events/list', { since: '2020-01-01T00:00:00Z' }),
    ]);
    const codes = new Set(later.match(/"\d{9}"/g));
    expect(codes).toEqual(new Set([`"${code}"`]));
  });
});

describe('time', () => {
  const device = deviceFor(igloohome);

  it('walks a code from unset to gone, at the second', async () => {
    const facade = facadeOf([device], NOW);
    const [start, end] = [NOW + 100 * HOUR, NOW + 105 * HOUR];
    const { access_code_id } = await facade.create(device, { starts_at: stamp(start), ends_at: stamp(end) });
    const walk: readonly (readonly [number, string, boolean, string | undefined])[] = [
      [NOW, 'unset', false, 'deferring_creation'],
      [start - 72 * HOUR - 1, 'unset', false, 'deferring_creation'],
      [start - 72 * HOUR, 'unset', true, 'deferring_creation'],
      [start - HOUR - 1, 'unset', true, 'deferring_creation'],
      [start - HOUR, 'setting', true, 'creating'],
      [start - 1, 'setting', true, 'creating'],
      [start, 'set', true, undefined],
      [end - 1, 'set', true, undefined],
      [end, 'removing', true, undefined],
      [end + MINUTE - 1, 'removing', true, undefined],
    ];
    for (const [now, status, isScheduled, mutation] of walk) {
      facade.clock.now = now;
      const shown = await found(facade, access_code_id);
      const { pending_mutations } = shown;
      expect([now - NOW, shown.status, shown.is_scheduled_on_device]).toEqual([
        now - NOW,
        status,
        isScheduled,
      ]);
      expect(pending_mutations.map(({ mutation_code }) => mutation_code)).toEqual(mutation ? [mutation] : []);
      if (mutation === 'deferring_creation')
        expect(pending_mutations).toMatchObject([
          { scheduled_at: stamp(start - HOUR), created_at: stamp(NOW) },
        ]);
      expect((await facade.get('access_codes/list', { device_id: device.deviceId })).access_codes).toEqual([
        shown,
      ]);
    }
    facade.clock.now = end + MINUTE;
    const asked = { access_code_id };
    expect(await facade.refusal('access_codes/get', asked)).toMatch(/^404 not_found /);
    expect(await facade.refusal('access_codes/update', { ...asked, name: 'late' })).toMatch(
      /^404 access_code_not/,
    );
    expect(await facade.refusal('access_codes/delete', asked)).toMatch(/^404 access_code_not_found /);
    expect((await facade.get('access_codes/list', { device_id: device.deviceId })).access_codes).toEqual([]);
    expect(await told(facade)).toEqual([
      'created 0',
      `scheduled_on_device ${28 * HOUR}`,
      `set_on_device ${100 * HOUR}`,
      `removed_from_device ${105 * HOUR}`,
    ]);
  });

  it('keeps a code as long as the lock forgives', async () => {
    const lenient = deviceFor(pintumbler);
    const facade = facadeOf([lenient], NOW);
    const { access_code_id, code } = await facade.create(lenient, hours(0, 5));
    facade.clock.now = NOW + 6 * HOUR + 599;
    expect((await found(facade, access_code_id)).status).toBe('removing');
    expect(key(doorOf(lenient.token), code ?? '', facade.clock.now).opens).toBe(true);
    facade.clock.now += 1;
    expect(await facade.refusal('access_codes/get', { access_code_id })).toMatch(/^404/);
    expect(key(doorOf(lenient.token), code ?? '', facade.clock.now).opens).toBe(false);
  });

  it('schedules no code ahead where the maker does not, or the caller does not want it', async () => {
    const plain = deviceFor(lockly, 2);
    const facade = facadeOf([device, plain], NOW);
    const shown = await facade.create(plain, hours(100, 105));
    const unwanted = await facade.create(device, { ...hours(100, 105), prefer_native_scheduling: false });
    facade.clock.now = NOW + 50 * HOUR;
    expect(await found(facade, shown.access_code_id)).not.toHaveProperty('is_scheduled_on_device');
    expect((await found(facade, unwanted.access_code_id)).is_scheduled_on_device).toBe(false);
    expect(await told(facade)).toEqual(['created 0', 'created 0']);
  });

  it('warns of igloohome codes that must be used within 24 hours, and of no others', async () => {
    const facade = facadeOf([device], NOW);
    const warnings = async (values: Values): Promise<readonly string[]> =>
      (await facade.create(device, values)).warnings.map(({ warning_code }) => warning_code);
    expect(await warnings(hours(0, 24))).toEqual([]);
    expect(await warnings(hours(0, 25))).toEqual(['igloo_algopin_must_be_used_within_24_hours']);
    expect(await warnings({ starts_at: stamp(NOW + HOUR), is_one_time_use: true })).toEqual([]);
  });
});

describe('events/list', () => {
  const [one, other] = [deviceFor(igloohome), deviceFor(lockly, 2)];

  async function scene(): Promise<{ facade: Facade; ids: readonly [string, string] }> {
    const facade = facadeOf([one, other], NOW);
    const first = await facade.create(one, hours(0, 5));
    facade.clock.now = NOW + 10;
    const second = await facade.create(other, hours(1, 2));
    facade.clock.now = NOW + 10 * HOUR;
    return { facade, ids: [first.access_code_id, second.access_code_id] };
  }

  const ALL = [
    'created 0',
    'scheduled_on_device 0',
    'created 10',
    'set_on_device 3600',
    'set_on_device 7200',
    'removed_from_device 10800',
    'removed_from_device 21600',
  ];

  it('takes a moment or a span, ends included', async () => {
    const { facade } = await scene();
    expect(await told(facade)).toEqual(ALL);
    expect(await told(facade, { since: stamp(NOW + 10) })).toEqual(ALL.slice(2));
    expect(await told(facade, { since: stamp(NOW + 10).replace('.000Z', '.001Z') })).toEqual(ALL.slice(3));
    const between = (from: string, to: string) => told(facade, { since: undefined, between: [from, to] });
    expect(await between(stamp(NOW), stamp(NOW + 7200))).toEqual(ALL.slice(0, 5));
    expect(await between(stamp(NOW + 1), stamp(NOW + 7199))).toEqual(ALL.slice(2, 4));
    expect(await between(stamp(NOW), stamp(NOW + 9).replace('.000Z', '.999Z'))).toEqual(ALL.slice(0, 2));
    expect(await between('2026-03-01T09:00:10', '2026-03-01T11:00:10+0100')).toEqual(ALL.slice(2, 4));
    expect(await between(stamp(NOW + 20), stamp(NOW))).toEqual([]);
    expect(await between('2020-01-01T00:00:00Z', '2030-01-01T00:00:00Z')).toEqual(ALL);
    // What is to come is not told.
    facade.clock.now = NOW + 3600;
    expect(await between('2020-01-01T00:00:00Z', '2030-01-01T00:00:00Z')).toEqual(ALL.slice(0, 4));
  });

  it('filters, and cuts what is left', async () => {
    const { facade, ids } = await scene();
    const since = '2020-01-01T00:00:00Z';
    expect(await told(facade, { access_code_id: ids[1] })).toEqual([ALL[2], ALL[4], ALL[5]]);
    expect(await told(facade, { access_code_ids: ids })).toEqual(ALL);
    expect(await told(facade, { device_id: one.deviceId })).toEqual([ALL[0], ALL[1], ALL[3], ALL[6]]);
    expect(await told(facade, { device_ids: [] })).toEqual([]);
    expect(await told(facade, { event_type: 'access_code.created' })).toEqual([ALL[0], ALL[2]]);
    const event_types = ['access_code.removed_from_device', 'access_code.created'];
    expect(await told(facade, { event_types })).toEqual([ALL[0], ALL[2], ALL[5], ALL[6]]);
    expect(await told(facade, { event_type: 'lock.unlocked' })).toEqual([]);
    expect(await told(facade, { limit: 2 })).toEqual(ALL.slice(0, 2));
    expect(await told(facade, { limit: 2, unstable_offset: 3 })).toEqual(ALL.slice(3, 5));
    expect(await told(facade, { unstable_offset: 100 })).toEqual([]);
    const { events } = await facade.get('events/list', { since });
    const third = events[2];
    expect(await told(facade, { event_ids: [third?.event_id] })).toEqual([ALL[2]]);
    expect(await told(facade, { connected_account_id: third?.connected_account_id })).toHaveLength(3);
    for (const wrong of [
      {},
      { since, between: [since, since] },
      { between: [since] },
      { between: [since, 'x'] },
    ])
      expect(await facade.refusal('events/list', wrong)).toMatch(/^400 invalid_input /);
  });

  /** Every event that was told, as it was. */
  async function keeps(facade: Facade, acts: readonly (() => Promise<unknown>)[]): Promise<void> {
    const known = new Map<string, string>();
    for (const act of acts) {
      await act();
      const { events } = await facade.get('events/list', { since: '2020-01-01T00:00:00Z' });
      const now = new Map(events.map((event) => [event.event_id, JSON.stringify(event)]));
      expect(now.size).toBe(events.length);
      for (const [id, text] of known) expect(now.get(id) ?? `lost: ${text}`).toBe(text);
      for (const [id, text] of now) known.set(id, text);
    }
  }

  it('tells the same of what has happened, whatever happens later', async () => {
    const facade = facadeOf([one, other], NOW, { assignAfter: 5 });
    const { access_code_id } = await facade.create(one, {
      ...hours(10, 30),
      name: 'A',
      use_backup_access_code_pool: true,
    });
    const update = (values: Values) => () => facade.get('access_codes/update', { access_code_id, ...values });
    const go = (seconds: number) => async () => {
      facade.clock.now += seconds;
    };
    const until = (hour: number): Values => ({ ends_at: stamp(NOW + hour * HOUR), reissue: true });
    await keeps(facade, [
      go(0),
      update({ name: 'B' }),
      update({ name: 'A' }),
      update({ name: 'B' }),
      go(10),
      update(until(20)),
      go(5),
      update(until(25)),
      go(20 * HOUR),
      update({ prefer_native_scheduling: false }),
      update({ prefer_native_scheduling: true }),
      () => facade.get('access_codes/pull_backup_access_code', { access_code_id }),
      () => facade.ask('access_codes/delete', { access_code_id }),
      update(until(40)),
      go(3 * HOUR),
      () => facade.ask('access_codes/delete', { access_code_id }),
      go(100 * DAY),
    ]);
  });

  it('tells the same in the second in which a code is deleted or replaced', async () => {
    const door = deviceFor(pintumbler, 3);
    const facade = facadeOf([door], NOW);
    const { access_code_id } = await facade.create(door, hours(-2, 5));
    await keeps(facade, [
      async () => {},
      () =>
        facade.get('access_codes/update', { access_code_id, ends_at: stamp(NOW + 9 * HOUR), reissue: true }),
      () => facade.get('access_codes/delete', { access_code_id }),
    ]);
    expect((await told(facade)).slice(0, 2)).toEqual(['created 0', 'set_on_device 0']);
  });

  it('still tells that a code was late when it is deleted', async () => {
    const facade = facadeOf([one], NOW, { assignAfter: 40 });
    const { access_code_id } = await facade.create(one, hours(-2, 5));
    await keeps(facade, [
      async () => {},
      async () => {
        facade.clock.now = NOW + 10;
        await facade.get('access_codes/delete', { access_code_id });
      },
      async () => {
        facade.clock.now = NOW + DAY;
      },
    ]);
    expect(await told(facade)).toEqual(['created 0', 'delay_in_setting_on_device 0', 'deleted 10']);
  });

  it('still tells that a code was lacking when there is one', async () => {
    const facade = facadeOf([other], NOW);
    await facade.create(other, hours(0, 5));
    const { access_code_id } = await facade.create(other, hours(0, 5));
    const values = { access_code_id, ends_at: stamp(NOW + 9 * HOUR) };
    await keeps(facade, [
      async () => {},
      () => facade.get('access_codes/update', values),
      async () => {
        facade.clock.now += DAY;
      },
    ]);
    facade.clock.now = NOW;
    expect(await found(facade, access_code_id)).toMatchObject({
      code: expect.any(String),
      errors: [],
      display_status: 'Issuing',
    });
  });

  it('still tells that a code has ended when another takes its place', async () => {
    const door = deviceFor(pintumbler, 3);
    const facade = facadeOf([door], NOW);
    const { access_code_id } = await facade.create(door, hours(0, 5));
    facade.clock.now = NOW + 6 * HOUR + 5;
    const times = { starts_at: stamp(NOW + 7 * HOUR), ends_at: stamp(NOW + 9 * HOUR) };
    await keeps(facade, [
      async () => {},
      () => facade.get('access_codes/update', { access_code_id, ...times, reissue: true }),
    ]);
    expect(await told(facade)).toContain(`removed_from_device ${6 * HOUR}`);
  });
});

describe('update', () => {
  const device = deviceFor(igloohome);

  it('takes a new name, and tells of it once', async () => {
    const facade = facadeOf([device], NOW);
    const { access_code_id, code } = await facade.create(device, { ...hours(0, 5), name: 'A' });
    const { action_attempt } = await facade.get('access_codes/update', { access_code_id, name: 'B' });
    expect(action_attempt).toMatchObject({
      status: 'pending',
      action_type: 'UPDATE_ACCESS_CODE',
      result: null,
    });
    const { action_attempt_id } = action_attempt;
    const done = await facade.get('action_attempts/get', { action_attempt_id });
    expect(done.action_attempt).toMatchObject({
      status: 'success',
      result: { access_code: { name: 'B', code } },
    });
    await facade.get('access_codes/update', { access_code_id, name: 'B' });
    await facade.get('access_codes/update', { access_code_id });
    await facade.get('access_codes/update', { access_code_id, name: null });
    expect((await found(facade, access_code_id)).name).toBeNull();
    const { events } = await facade.get('events/list', {
      since: stamp(NOW),
      event_type: 'access_code.changed',
    });
    expect(events).toMatchObject([
      { changed_properties: [{ property: 'name', from: 'A', to: 'B' }] },
      { changed_properties: [{ property: 'name', from: 'B', to: null }] },
    ]);
  });

  it('refuses a new window, and says until when the code opens', async () => {
    const facade = facadeOf([device], NOW);
    const shown = await facade.create(device, hours(0, 5));
    const { access_code_id } = shown;
    for (const values of [
      { ends_at: stamp(NOW + 9 * HOUR) },
      { starts_at: stamp(NOW + 2 * HOUR) },
      { ends_at: stamp(NOW + 9 * HOUR), name: 'B', reissue: false },
    ]) {
      const { status, body } = await facade.ask('access_codes/update', { access_code_id, ...values });
      expect([status, body.error.type, body.error.data]).toEqual([
        400,
        'offline_access_code_not_modifiable',
        { access_code_id, still_opens_until: shown.ends_at },
      ]);
    }
    expect(await found(facade, access_code_id)).toEqual(shown);
  });

  it('makes a new code of a new window for who asks for that, and says until when the old one opens', async () => {
    const facade = facadeOf([device], NOW);
    const before = await facade.create(device, hours(0, 5));
    const { access_code_id } = before;
    facade.clock.now = NOW + 2 * HOUR;
    const ends_at = stamp(NOW + 30 * HOUR);
    await facade.get('access_codes/update', { access_code_id, ends_at, reissue: true });
    const after = await found(facade, access_code_id);
    expect(after).toMatchObject({
      starts_at: before.starts_at,
      ends_at,
      status: 'set',
      pintumbler: { variance: 0, still_open: [{ code: before.code, ends_at: before.ends_at }] },
    });
    expect(after.code).not.toBe(before.code);
    const digits = (code: string | null): Values => ({ device_id: device.deviceId, code });
    expect(await facade.refusal('access_codes/get', digits(before.code))).toMatch(/^404 not_found/);
    expect((await facade.get('access_codes/get', digits(after.code))).access_code).toEqual(after);
    for (const { code } of [before, after])
      expect(key(doorOf(device.token), code ?? '', facade.clock.now).opens).toBe(true);
    const { events } = await facade.get('events/list', {
      since: stamp(NOW),
      event_type: 'access_code.changed',
    });
    expect(events).toMatchObject([
      {
        occurred_at: stamp(NOW + 2 * HOUR),
        changed_properties: [
          { property: 'code', from: before.code, to: after.code },
          { property: 'ends_at', from: before.ends_at, to: ends_at },
        ],
      },
    ]);
    // Its digits and its variance are given to nobody else.
    expect((await facade.create(device, hours(0, 5))).pintumbler.variance).toBe(1);
    facade.clock.now = NOW + 6 * HOUR - 1;
    expect((await found(facade, access_code_id)).pintumbler.still_open).toHaveLength(1);
    facade.clock.now = NOW + 6 * HOUR;
    expect((await found(facade, access_code_id)).pintumbler.still_open).toEqual([]);
    // That the old one has ended is told of no code: it goes on.
    expect(await told(facade, { access_code_id })).not.toContain(`removed_from_device ${6 * HOUR}`);
    facade.clock.now = NOW + 30 * HOUR + MINUTE;
    expect(await facade.refusal('access_codes/get', { access_code_id })).toMatch(/^404/);
  });

  it('changes nothing when the times are those that the code has, also when it is in use', async () => {
    const facade = facadeOf([device], NOW);
    const { access_code_id, code, starts_at, ends_at } = await facade.create(device, {
      starts_at: '2026-03-01T10:30:00Z',
      ends_at: '2026-03-08T10:30:00Z',
    });
    for (const now of [NOW, NOW + 2 * HOUR, NOW + 3 * DAY]) {
      facade.clock.now = now;
      const shown = { starts_at, ends_at };
      await facade.get('access_codes/update', { access_code_id, name: 'A', ...shown });
      const asked = { starts_at: '2026-03-01T10:30:00Z', ends_at: '2026-03-08T10:30:00Z' };
      await facade.get('access_codes/update', { access_code_id, name: 'B', ...asked });
      await facade.get('access_codes/update', { access_code_id, max_time_rounding: '1h', ...asked });
      await facade.get('access_codes/update', {
        access_code_id,
        type: 'time_bound',
        ...asked,
        reissue: true,
      });
      expect(await found(facade, access_code_id)).toMatchObject({ code, pintumbler: { still_open: [] } });
    }
  });

  it('keeps the old code where there is none for the new window', async () => {
    const door = deviceFor(lockly);
    const facade = facadeOf([door], NOW);
    await facade.create(door, hours(0, 6));
    const shown = await facade.create(door, hours(0, 5));
    const { access_code_id } = shown;
    const values = { access_code_id, ends_at: stamp(NOW + 7 * HOUR), reissue: true };
    const { status, body } = await facade.ask('access_codes/update', values);
    expect([status, body.error.type, body.error.data]).toEqual([
      400,
      'invalid_input',
      { reason: 'no_variance' },
    ]);
    expect(await found(facade, access_code_id)).toEqual(shown);
  });

  it('takes flags', async () => {
    const facade = facadeOf([device], NOW);
    const { access_code_id, is_backup_access_code_available } = await facade.create(device, hours(0, 5));
    expect(is_backup_access_code_available).toBe(false);
    await facade.get('access_codes/update', {
      access_code_id,
      use_backup_access_code_pool: true,
      is_external_modification_allowed: true,
    });
    expect(await found(facade, access_code_id)).toMatchObject({
      is_backup_access_code_available: true,
      is_external_modification_allowed: true,
    });
  });

  it.each([
    ['ongoing', { type: 'ongoing' }, /^400 invalid_input type: /],
    ['time_bound without times', { type: 'time_bound' }, /^400 invalid_input 'time_bound' Access codes must/],
    ['unmanaged', { is_managed: false }, /^400 invalid_input is_managed: /],
    ['online', { is_offline_access_code: false }, /^400 invalid_input is_offline_access_code: /],
    ['a code of its own', { code: '123456' }, /^400 invalid_input code: /],
    ['an end in the past', { ends_at: stamp(NOW - 1) }, /^400 invalid_input ends_at: Must be a time in the/],
    ['an end before the start', { ends_at: stamp(NOW + MINUTE) }, /^400 invalid_input ends_at: /],
    ['another device', { device_id: uuidOf(9) }, /^404 access_code_not_found /],
    ['no such code', { access_code_id: uuidOf(0xffffff) }, /^404 access_code_not_found /],
  ])('refuses %s', async (_, wrong, refusal) => {
    const facade = facadeOf([device], NOW);
    const shown = await facade.create(device, hours(0, 5));
    const { access_code_id } = shown;
    const values = { access_code_id, name: 'B', ...wrong };
    expect(await facade.refusal('access_codes/update', values)).toMatch(refusal);
    expect(await found(facade, access_code_id)).toEqual(shown);
  });

  it('loses nothing when several change a code at once', async () => {
    const facade = facadeOf([device], NOW);
    const { access_code_id } = await facade.create(device, hours(0, 5));
    const changes: readonly Values[] = [
      { name: 'B' },
      { use_backup_access_code_pool: true },
      { is_external_modification_allowed: true },
      { ends_at: stamp(NOW + 9 * HOUR), reissue: true },
      { ends_at: stamp(NOW + 10 * HOUR), reissue: true },
    ];
    const answers = await Promise.all(
      changes.map((values) => facade.get('access_codes/update', { access_code_id, ...values })),
    );
    const shown = await found(facade, access_code_id);
    expect(shown).toMatchObject({
      name: 'B',
      is_backup_access_code_available: true,
      is_external_modification_allowed: true,
    });
    expect(shown.pintumbler.still_open).toHaveLength(2);
    for (const { action_attempt } of answers) {
      const { action_attempt_id } = action_attempt;
      const { body } = await facade.ask('action_attempts/get', { action_attempt_id });
      expect(body.action_attempt.status).toBe('success');
    }
  });
});

describe('update_multiple', () => {
  const [one, other] = [deviceFor(igloohome), deviceFor(lockly, 2)];

  it('changes every code of a key, or none', async () => {
    const facade = facadeOf([one, other], NOW);
    const key = { common_code_key: 'stay 7' };
    const first = await facade.create(one, { ...hours(0, 5), ...key });
    const second = await facade.create(other, { ...hours(0, 5), ...key });
    const apart = await facade.create(other, { ...hours(0, 6), common_code_key: 'stay 8' });
    const ids = [first, second, apart].map(({ access_code_id }) => access_code_id);
    const all = async (): Promise<readonly AccessCode[]> =>
      (await facade.get('access_codes/list', { access_code_ids: ids })).access_codes;
    await facade.get('access_codes/update_multiple', { ...key, name: 'B' });
    expect((await all()).map(({ name }) => name)).toEqual(['B', 'B', null]);
    const before = await all();
    expect(
      await facade.refusal('access_codes/update_multiple', { ...key, ends_at: stamp(NOW + 9 * HOUR) }),
    ).toMatch(/^400 offline_access_code_not_modifiable /);
    // Lockly has no second code from ten to three: what igloohome has is not given out.
    const times = { starts_at: stamp(NOW + HOUR), ends_at: apart.ends_at };
    expect(
      await facade.refusal('access_codes/update_multiple', { ...key, ...times, name: 'C', reissue: true }),
    ).toMatch(/^400 invalid_input starts_at: "starts_at": No code is left/);
    expect(await all()).toEqual(before);
    await facade.get('access_codes/update_multiple', {
      ...key,
      ends_at: stamp(NOW + 9 * HOUR),
      reissue: true,
    });
    const after = await all();
    expect(after.map(({ ends_at }) => ends_at)).toEqual([
      stamp(NOW + 9 * HOUR),
      stamp(NOW + 9 * HOUR),
      apart.ends_at,
    ]);
    expect(variancesOf(after)).toEqual([0, 0, 0]);
    expect(await facade.refusal('access_codes/update_multiple', { common_code_key: 'stay' })).toMatch(
      /^404 access_code_not_found /,
    );
  });

  it('gives two codes of a device two variances', async () => {
    const facade = facadeOf([one], NOW);
    const key = { common_code_key: 'stay 7' };
    const made = await several(facade, one, { ...hours(0, 5), ...key }, 2);
    await facade.get('access_codes/update_multiple', {
      ...key,
      ends_at: stamp(NOW + 9 * HOUR),
      reissue: true,
    });
    const access_code_ids = made.map(({ access_code_id }) => access_code_id);
    const { access_codes } = await facade.get('access_codes/list', { access_code_ids });
    expect(variancesOf(access_codes)).toEqual([0, 1]);
  });
});

describe('create_multiple', () => {
  const doors = [deviceFor(igloohome), deviceFor(lockly, 2), deviceFor(hotp, 3)] as const;
  const [one, other, counting] = doors;
  const device_ids = [one.deviceId, other.deviceId];
  const apart = { behavior_when_code_cannot_be_shared: 'create_random_code' };
  const asked = { device_ids, ...apart, ...hours(0, 5), name: 'A' };
  const idsOf = (codes: readonly AccessCode[]): readonly string[] =>
    codes.map(({ access_code_id }) => access_code_id);

  it('refuses a code for several devices, unless each may have its own', async () => {
    const facade = facadeOf(doors, NOW);
    const path = 'access_codes/create_multiple';
    const plain = { device_ids, ...hours(0, 5) };
    expect(await facade.refusal(path, plain)).toMatch(/^400 code_cannot_be_shared /);
    const shared = { ...plain, behavior_when_code_cannot_be_shared: 'throw' };
    expect(await facade.refusal(path, shared)).toMatch(/^400 code_cannot_be_shared /);
    expect(await told(facade)).toEqual([]);
    const single = await facade.get(path, { ...plain, device_ids: [one.deviceId] });
    expect(single.access_codes).toHaveLength(1);
    const { access_codes } = await facade.get(path, asked);
    expect(access_codes.map(({ device_id }) => device_id)).toEqual(device_ids);
    const [first, second] = access_codes;
    expect(first?.common_code_key).toMatch(/^auto_set_by_create_multiple_[0-9a-f-]{36}$/);
    expect(second?.common_code_key).toBe(first?.common_code_key);
    expect(first?.code).not.toBe(second?.code);
  });

  it('makes all or none', async () => {
    const facade = facadeOf(doors, NOW);
    const path = 'access_codes/create_multiple';
    for (const wrong of [
      { device_ids: [...device_ids, counting.deviceId] },
      { device_ids: [...device_ids, uuidOf(99)] },
      { device_ids: [one.deviceId, one.deviceId.toUpperCase()] },
      { ends_at: stamp(NOW + HOUR - 1) },
      { is_offline_access_code: false },
    ]) {
      expect(await facade.refusal(path, { ...asked, ...wrong })).toMatch(/^40[04] /);
    }
    expect(await told(facade)).toEqual([]);
    // What one device has no code for is an error of that code alone.
    await facade.create(other, hours(0, 5));
    const { access_codes } = await facade.get(path, asked);
    expect(access_codes.map((each) => errorsOf(each))).toEqual([[], ['no_space_for_access_code_on_device']]);
  });

  it('answers the same request with the same codes, for two minutes', async () => {
    const facade = facadeOf(doors, NOW);
    const make = async (more: Values = {}): Promise<readonly AccessCode[]> =>
      (await facade.get('access_codes/create_multiple', { ...asked, ...more })).access_codes;
    const first = await make();
    facade.clock.now = NOW + 119;
    expect(await make()).toEqual(first);
    const named = await make({ name: 'B' });
    expect(idsOf(named)).not.toEqual(idsOf(first));
    expect(variancesOf(named)).toEqual([1, null]);
    facade.clock.now = NOW + 120;
    const later = await make();
    expect(idsOf(later)).not.toEqual(idsOf(first));
    expect(variancesOf(later)).toEqual([2, null]);
  });

  it('makes new ones, once, when one was deleted in between', async () => {
    const ours = [deviceFor(pintumbler, 4, 'UTC', TEN), deviceFor(pintumbler, 5, 'UTC', TEN)];
    const facade = facadeOf(ours, NOW);
    const make = async (): Promise<readonly AccessCode[]> =>
      (
        await facade.get('access_codes/create_multiple', {
          ...asked,
          device_ids: ours.map(({ deviceId }) => deviceId),
        })
      ).access_codes;
    const first = await make();
    await facade.get('access_codes/delete', { access_code_id: idsOf(first)[0] });
    const second = await make();
    expect(variancesOf(second)).toEqual([1, 1]);
    expect(await make()).toEqual(second);
    await facade.get('access_codes/delete', { access_code_id: idsOf(second)[1] });
    const third = await make();
    expect(variancesOf(third)).toEqual([2, 2]);
    expect(await make()).toEqual(third);
  });

  it('makes one set when ten ask at once', async () => {
    const facade = facadeOf(doors, NOW);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => facade.get('access_codes/create_multiple', asked)),
    );
    expect(new Set(answers.map(({ access_codes }) => JSON.stringify(access_codes))).size).toBe(1);
    const { access_codes } = await facade.get('access_codes/list', { device_id: one.deviceId });
    expect(access_codes).toHaveLength(1);
  });
});

describe('delete', () => {
  it('is refused where nothing revokes, and that is told once', async () => {
    const device = deviceFor(igloohome);
    const facade = facadeOf([device], NOW);
    const shown = await facade.create(device, hours(0, 5));
    const { access_code_id } = shown;
    for (const now of [NOW, NOW + 10]) {
      facade.clock.now = now;
      const { status, body } = await facade.ask('access_codes/delete', { access_code_id });
      expect([status, body.error.type, body.error.data]).toEqual([
        400,
        'offline_access_code_not_revocable',
        { access_code_id, still_opens_until: shown.ends_at },
      ]);
    }
    expect(await found(facade, access_code_id)).toEqual(shown);
    const event_type = 'access_code.failed_to_remove_from_device';
    const { events } = await facade.get('events/list', { since: stamp(NOW), event_type });
    expect(events).toMatchObject([
      { occurred_at: stamp(NOW), access_code_errors: [{ error_code: 'failed_to_remove_from_device' }] },
    ]);
  });

  it('is refused for codes by count', async () => {
    const device = deviceFor(hotp);
    const facade = facadeOf([device], NOW);
    const { access_code_id } = await facade.create(device, { is_one_time_use: true });
    expect(await facade.refusal('access_codes/delete', { access_code_id })).toMatch(
      /^400 offline_access_code_not_revocable /,
    );
  });

  const clearing: readonly (readonly [string, Vendor, Values, string, boolean])[] = [
    ['pintumbler', pintumbler, {}, 'every_code_begun', true],
    [
      'pintumbler, one-time',
      pintumbler,
      { is_one_time_use: true, ends_at: undefined },
      'every_code_begun',
      true,
    ],
    ['tuya', tuya, {}, 'this_code_once_used', false],
    ['ttlock', ttlock, {}, 'every_used_code', false],
  ];

  it.each(clearing)(
    'gives a code that ends it at the lock: %s',
    async (_, vendor, more, ends, isAlsoUnused) => {
      const device = deviceFor(vendor);
      const facade = facadeOf([device], NOW);
      const shown = await facade.create(device, { ...hours(0, 20), ...more });
      const { access_code_id } = shown;
      const code = shown.code ?? '';
      facade.clock.now = NOW + 2 * HOUR;
      const { action_attempt } = await facade.get('access_codes/delete', { access_code_id });
      expect(action_attempt).toMatchObject({ status: 'pending', action_type: 'DELETE_ACCESS_CODE' });
      const { action_attempt_id } = action_attempt;
      const done = await facade.get('action_attempts/get', { action_attempt_id });
      expect(done.action_attempt).toMatchObject({ status: 'success', result: {} });
      const deleted = await found(facade, access_code_id);
      const clear = deleted.pintumbler.clear_code;
      expect(deleted).toMatchObject({
        status: 'removing',
        code,
        pending_mutations: [{ mutation_code: 'deleting' }],
        pintumbler: { clear_code: { ends } },
      });
      expect(deleted.warnings.map(({ warning_code }) => warning_code)).toContain('being_deleted');
      const from = Math.max(secondsOf(clear?.starts_at ?? null), facade.clock.now);
      const keyIn = (used: boolean): readonly boolean[] => {
        const first =
          used && !shown.is_one_time_use ? key(doorOf(device.token), code, NOW + 2 * HOUR).door : undefined;
        const cleared = key(first ?? doorOf(device.token), clear?.code ?? '', from);
        return [cleared.opens, key(cleared.door, code, from + MINUTE).opens];
      };
      expect(keyIn(true)).toEqual([false, false]);
      expect(keyIn(false)).toEqual([false, !isAlsoUnused]);
      expect((await told(facade)).slice(-2)).toEqual(['deleted 7200', 'delay_in_removing_from_device 7200']);
      // A second time is the first one, whose answer was lost; and there is nothing to change.
      const again = await facade.get('access_codes/delete', { access_code_id });
      expect(again.action_attempt).toEqual(action_attempt);
      expect(await found(facade, access_code_id)).toEqual(deleted);
      expect(await facade.refusal('access_codes/update', { access_code_id, name: 'B' })).toMatch(
        /^404 access_code_not_found /,
      );
    },
  );

  it('has a clear code from after the start of a code that has not begun', async () => {
    const device = deviceFor(pintumbler);
    const facade = facadeOf([device], NOW);
    const { access_code_id, code } = await facade.create(device, hours(5, 8));
    await facade.get('access_codes/delete', { access_code_id });
    const clear = (await found(facade, access_code_id)).pintumbler.clear_code;
    const from = secondsOf(clear?.starts_at ?? null);
    expect(from).toBeGreaterThan(NOW + 6 * HOUR);
    const cleared = key(doorOf(device.token), clear?.code ?? '', from);
    expect(key(cleared.door, code ?? '', from + MINUTE).opens).toBe(false);
  });

  it.each([tuya, ttlock])(
    'is refused for one use, where only used codes are cleared: $id',
    async (vendor) => {
      const device = deviceFor(vendor);
      const facade = facadeOf([device], NOW);
      const once = { starts_at: stamp(NOW), is_one_time_use: true };
      const { access_code_id } = await facade.create(device, once);
      expect(await facade.refusal('access_codes/delete', { access_code_id })).toMatch(
        /^400 offline_access_code_not_revocable /,
      );
    },
  );

  it('has a clear code for each of several codes of an hour, where one is used up by its use', async () => {
    const device = deviceFor(ttlock);
    const facade = facadeOf([device], NOW);
    const clears: string[] = [];
    for (const values of [hours(-1, 5), hours(-1, 6), hours(-1, 7)]) {
      const { access_code_id } = await facade.create(device, values);
      await facade.get('access_codes/delete', { access_code_id });
      clears.push((await found(facade, access_code_id)).pintumbler.clear_code?.code ?? '');
    }
    expect(new Set(clears).size).toBe(3);
    // None that comes before the end of the code.
    const { access_code_id } = await facade.create(device, hours(-1, 1));
    expect(await facade.refusal('access_codes/delete', { access_code_id })).toMatch(
      /^400 offline_access_code_not_/,
    );
  });

  it('loses nothing when somebody changes the code in between', async () => {
    const device = deviceFor(pintumbler);
    const inner = memoryStore();
    let between: (() => Promise<unknown>) | undefined;
    const store: Store = {
      write: async (batch) => {
        const act = between;
        between = undefined;
        await act?.();
        return inner.write(batch);
      },
      taken: (...of) => inner.taken(...of),
      last: (...of) => inner.last(...of),
      find: (query) => inner.find(query),
      attempt: (id) => inner.attempt(id),
      active: (...of) => inner.active(...of),
      replayed: (...of) => inner.replayed(...of),
      allow: (...of) => inner.allow(...of),
    };
    const facade = facadeOf([device], NOW, { store });
    const { access_code_id } = await facade.create(device, hours(0, 5));
    between = () => facade.get('access_codes/update', { access_code_id, name: 'B' });
    await facade.get('access_codes/delete', { access_code_id });
    expect(await found(facade, access_code_id)).toMatchObject({ name: 'B', status: 'removing' });
    expect(await told(facade)).toEqual([
      'created 0',
      'scheduled_on_device 0',
      'changed 0',
      'deleted 0',
      'delay_in_removing_from_device 0',
    ]);
  });

  it('leaves nothing of a code that nobody has seen, and its variance is given to nobody', async () => {
    const device = deviceFor(igloohome);
    const facade = facadeOf([device], NOW, { assignAfter: 40 });
    const { access_code_id } = await facade.create(device, hours(0, 5));
    facade.clock.now = NOW + 39;
    const { action_attempt } = await facade.get('access_codes/delete', { access_code_id });
    const { action_attempt_id } = action_attempt;
    const done = await facade.get('action_attempts/get', { action_attempt_id });
    expect(done.action_attempt).toMatchObject({ status: 'success', result: {} });
    // For a minute it is there for who repeats the deletion, and still without its code.
    for (const now of [NOW + 39, NOW + 40, NOW + 98]) {
      facade.clock.now = now;
      const deleted = await found(facade, access_code_id);
      expect(deleted).toMatchObject({ code: null, status: 'removing', display_status: 'Removing' });
      const again = await facade.get('access_codes/delete', { access_code_id });
      expect(again.action_attempt).toEqual(action_attempt);
    }
    facade.clock.now = NOW + 99;
    expect(await facade.refusal('access_codes/get', { access_code_id })).toMatch(/^404 not_found /);
    expect(await facade.refusal('access_codes/delete', { access_code_id })).toMatch(
      /^404 access_code_not_found /,
    );
    expect((await facade.create(device, hours(0, 5))).pintumbler.variance).toBe(1);
    facade.clock.now = NOW + 10 * HOUR;
    expect(await told(facade, { access_code_id })).toEqual(['created 0', 'deleted 39']);
  });

  it('leaves nothing of several that nobody has seen', async () => {
    const device = deviceFor(igloohome);
    const facade = facadeOf([device], NOW, { assignAfter: 40 });
    const { access_code_id } = await facade.create(device, hours(0, 5));
    facade.clock.now = NOW + 10;
    await facade.get('access_codes/update', {
      access_code_id,
      ends_at: stamp(NOW + 9 * HOUR),
      reissue: true,
    });
    // By now the first one would be there, had it not been replaced.
    facade.clock.now = NOW + 45;
    await facade.get('access_codes/delete', { access_code_id });
    facade.clock.now = NOW + 60;
    expect((await found(facade, access_code_id)).pintumbler.still_open).toEqual([]);
    expect(await told(facade)).toEqual(['created 0', 'changed 10', 'deleted 45']);
  });

  it('does not free a variance before or after its window ends', async () => {
    const device = deviceFor(pintumbler);
    const facade = facadeOf([device], NOW);
    const { access_code_id } = await facade.create(device, hours(0, 5));
    await facade.get('access_codes/delete', { access_code_id });
    expect(errorsOf(await facade.create(device, hours(0, 5)))).toEqual([
      'no_space_for_access_code_on_device',
    ]);
  });

  it('minds a code that was replaced and still opens, when the new one is not there yet', async () => {
    const device = deviceFor(igloohome);
    const facade = facadeOf([device], NOW, { assignAfter: 40 });
    const { access_code_id } = await facade.create(device, hours(0, 5));
    facade.clock.now = NOW + 40;
    await facade.get('access_codes/update', {
      access_code_id,
      ends_at: stamp(NOW + 9 * HOUR),
      reissue: true,
    });
    facade.clock.now = NOW + 50;
    expect(await facade.refusal('access_codes/delete', { access_code_id })).toMatch(
      /^400 offline_access_code_not_/,
    );
    expect((await found(facade, access_code_id)).pintumbler.still_open).toHaveLength(1);
  });

  it('refuses what is not there, and another device', async () => {
    const device = deviceFor(pintumbler);
    const facade = facadeOf([device], NOW);
    const { access_code_id } = await facade.create(device, hours(0, 5));
    for (const wrong of [{ access_code_id: uuidOf(0xffffff) }, { access_code_id, device_id: uuidOf(9) }])
      expect(await facade.refusal('access_codes/delete', wrong)).toMatch(/^404 access_code_not_found /);
  });
});

describe('pull_backup_access_code', () => {
  const device = deviceFor(igloohome);
  const pool = { use_backup_access_code_pool: true };
  const pull = async (facade: Facade, access_code_id: string): Promise<AccessCode> =>
    (await facade.get('access_codes/pull_backup_access_code', { access_code_id })).backup_access_code;

  it('gives the next variance, the same when pulled again', async () => {
    const facade = facadeOf([device], NOW, { assignAfter: 40 });
    const shown = await facade.create(device, { ...hours(0, 5), ...pool, name: 'A' });
    const { access_code_id } = shown;
    expect(shown.is_backup_access_code_available).toBe(true);
    facade.clock.now = NOW + 10;
    const backup = await pull(facade, access_code_id);
    expect(backup).toMatchObject({
      name: 'A',
      is_backup: true,
      code: expect.stringMatching(/^\d{9}$/),
      is_waiting_for_code_assignment: false,
      starts_at: shown.starts_at,
      ends_at: shown.ends_at,
      common_code_key: null,
      pintumbler: { variance: 1 },
    });
    expect(await pull(facade, access_code_id)).toEqual(backup);
    facade.clock.now = NOW + 60;
    const after = await found(facade, access_code_id);
    expect(after).toMatchObject({
      pulled_backup_access_code_id: backup.access_code_id,
      is_backup_access_code_available: false,
      is_backup: false,
      warnings: [{ warning_code: 'using_backup_access_code', created_at: stamp(NOW + 10) }],
    });
    const event_type = 'access_code.backup_access_code_pulled';
    const { events } = await facade.get('events/list', { since: stamp(NOW), event_type });
    expect(events).toMatchObject([
      { access_code_id, backup_access_code_id: backup.access_code_id, occurred_at: stamp(NOW + 10) },
    ]);
    // A backup has one of its own, while there is another code.
    const second = await pull(facade, backup.access_code_id);
    expect([second.pintumbler.variance, second.is_backup_access_code_available]).toEqual([2, false]);
    const none = { access_code_id: second.access_code_id };
    expect(await facade.refusal('access_codes/pull_backup_access_code', none)).toMatch(
      /^404 backup_access_code_not_found No code is left/,
    );
  });

  it('is one code when several pull it at once', async () => {
    const facade = facadeOf([device], NOW);
    const { access_code_id } = await facade.create(device, { ...hours(0, 5), ...pool });
    const pulled = await Promise.all([1, 2, 3, 4].map(() => pull(facade, access_code_id)));
    expect(new Set(pulled.map((each) => each.access_code_id)).size).toBe(1);
    expect((await facade.get('access_codes/list', { device_id: device.deviceId })).access_codes).toHaveLength(
      2,
    );
  });

  it('gives a code that opens, also when the first one was in use for days', async () => {
    const facade = facadeOf([device], NOW);
    const { access_code_id, ends_at } = await facade.create(device, { ...hours(0, 120), ...pool });
    facade.clock.now = NOW + 72 * HOUR;
    const backup = await pull(facade, access_code_id);
    expect(backup.ends_at).toBe(ends_at);
    expect(key(doorOf(device.token), backup.code ?? '', facade.clock.now).opens).toBe(true);
    expect(await pull(facade, access_code_id)).toEqual(backup);
  });

  it('is refused without the pool, without a code, and when the code has ended', async () => {
    const door = deviceFor(lockly, 2);
    const facade = facadeOf([device, door], NOW);
    const path = 'access_codes/pull_backup_access_code';
    const plain = await facade.create(device, hours(0, 5));
    expect(await facade.refusal(path, { access_code_id: plain.access_code_id })).toMatch(
      /^404 backup_access_code_not_found .*without use_backup_access_code_pool/,
    );
    const only = await facade.create(door, { ...hours(0, 5), ...pool });
    expect(only.is_backup_access_code_available).toBe(false);
    expect(await facade.refusal(path, { access_code_id: only.access_code_id })).toMatch(
      /^404 backup_.*No code is/,
    );
    const lacking = await facade.create(door, { ...hours(0, 5), ...pool });
    expect(await facade.refusal(path, { access_code_id: lacking.access_code_id })).toMatch(
      /^404 .*has no code/,
    );
    const ended = await facade.create(device, { ...hours(0, 5), ...pool });
    facade.clock.now = NOW + 6 * HOUR;
    expect(await facade.refusal(path, { access_code_id: ended.access_code_id })).toMatch(
      /^404 backup_access_code/,
    );
    expect(await facade.refusal(path, { access_code_id: uuidOf(0xffffff) })).toMatch(
      /^404 access_code_not_found/,
    );
  });
});

describe('generate_code', () => {
  it.each([igloohome, pintumbler, tuya, ttlock, dormakabaOracode, lockly, hotp, sentrilock, tiny])(
    'gives digits of the length that the device has, which open nothing: $id',
    async (vendor) => {
      const device = deviceFor(vendor);
      const facade = facadeOf([device], NOW);
      const { device_id } = { device_id: device.deviceId };
      const { properties } = (await facade.get('devices/get', { device_id })).device;
      for (let each = 0; each < 5; each++) {
        const { generated_code } = await facade.get('access_codes/generate_code', { device_id });
        expect(generated_code.device_id).toBe(device_id);
        expect(properties.supported_code_lengths).toContain(generated_code.code.length);
        expect(key(doorOf(device.token), generated_code.code, NOW).opens).toBe(false);
      }
    },
  );

  it('is refused where there are no codes', async () => {
    const device = deviceFor(openpaygo);
    const facade = facadeOf([device], NOW);
    const path = 'access_codes/generate_code';
    expect(await facade.refusal(path, { device_id: device.deviceId })).toMatch(
      /^400 invalid_input device_id: /,
    );
    expect(await facade.refusal(path, { device_id: uuidOf(9) })).toMatch(/^404 device_not_found /);
  });
});

describe('report_device_constraints', () => {
  const [device, two] = [deviceFor(igloohome), deviceFor(ttlock, 2)];
  const path = 'access_codes/report_device_constraints';
  const ask = (door: typeof device, values: Values): Promise<string> =>
    facadeOf([device, two], NOW).refusal(path, { device_id: door.deviceId, ...values });

  it('takes what is true of the codes anyway', async () => {
    expect(await ask(device, { supported_code_lengths: [6, 9] })).toMatch(/^done/);
    expect(await ask(device, { min_code_length: 4, max_code_length: 9 })).toMatch(/^done/);
    expect(await ask(device, { min_code_length: 9 })).toMatch(/^done/);
    expect(await ask(two, { supported_code_lengths: [7, 8, 9] })).toMatch(/^done/);
  });

  it('refuses what would leave codes out', async () => {
    expect(await ask(device, { supported_code_lengths: [6, 8] })).toMatch(
      /^400 .* supported_code_lengths: .* 9 /,
    );
    expect(await ask(device, { max_code_length: 8 })).toMatch(/^400 invalid_input /);
    expect(await ask(two, { supported_code_lengths: [7, 9] })).toMatch(/^400 .*7 or 8 or 9/);
    expect(await ask(device, { min_code_length: 9, max_code_length: 8 })).toMatch(
      /^400 .* max_code_length: /,
    );
    expect(await ask(device, {})).toMatch(/^400 invalid_input Either /);
  });
});

describe('devices and locks', () => {
  const doors = [
    deviceFor(igloohome),
    deviceFor(lockly, 2),
    deviceFor(igloohome, 3),
    deviceFor(openpaygo, 4),
  ];
  const numbers = (devices: readonly { device_id: string }[]): readonly number[] =>
    devices.map(({ device_id }) => Number.parseInt(device_id.slice(1, 8), 16));

  it('are found by id and by name', async () => {
    const facade = facadeOf(doors, NOW);
    for (const values of [{ device_id: uuidOf(0xd0000002) }, { name: 'Door 2' }]) {
      const { device } = await facade.get('devices/get', values);
      expect(device).toMatchObject({ device_id: uuidOf(0xd0000002), device_type: 'lockly_lock' });
      expect((await facade.get('locks/get', values)).device).toEqual(device);
    }
    const both = { device_id: uuidOf(0xd0000002), name: 'Door 1' };
    expect(await facade.refusal('devices/get', both)).toMatch(/^404 device_not_found /);
    expect(await facade.refusal('devices/get', {})).toMatch(/^400 invalid_input Either /);
  });

  it.each<[Values, readonly number[]]>([
    [{}, [1, 2, 3, 4]],
    [{ device_ids: [uuidOf(0xd0000003), uuidOf(0xd0000001), uuidOf(9)] }, [1, 3]],
    [{ device_ids: [] }, []],
    [{ device_type: 'igloohome_lock' }, [1, 3]],
    [{ device_types: ['lockly_lock', 'igloohome_lock'] }, [1, 2, 3]],
    [{ manufacturer: 'lockly' }, [2]],
    [{ search: 'dOOr 3' }, [3]],
    [{ search: 'nowhere' }, []],
    [{ include_if: ['can_program_offline_access_codes'] }, [1, 2, 3]],
    [{ exclude_if: ['can_program_offline_access_codes'] }, [4]],
    [{ include_if: ['can_program_online_access_codes'] }, []],
    [{ created_before: '2026-03-01T09:00:00Z' }, []],
    [{ created_before: '2026-03-01T09:00:00.001Z' }, [1, 2, 3, 4]],
    [{ created_before: '2026-03-01T09:00:01' }, [1, 2, 3, 4]],
    [{ created_before: '2026-03-01T11:00:00+0200' }, []],
    [{ limit: 3 }, [1, 2, 3]],
  ])('are listed: %j', async (values, expected) => {
    const facade = facadeOf(doors, NOW);
    const { devices } = await facade.get('devices/list', values);
    expect(numbers(devices)).toEqual(expected);
    expect((await facade.get('locks/list', values)).locks).toEqual(devices);
  });

  it('are listed by page, each once', async () => {
    const facade = facadeOf(doors, NOW);
    const first = await facade.get('devices/list', { limit: 3 });
    const page_cursor = first.pagination.next_page_cursor;
    const second = await facade.get('devices/list', { limit: 3, page_cursor });
    expect(numbers([...first.devices, ...second.devices])).toEqual([1, 2, 3, 4]);
    expect([first.pagination.has_next_page, second.pagination]).toEqual([
      true,
      { has_next_page: false, next_page_cursor: null, next_page_url: null },
    ]);
    expect(await facade.refusal('devices/list', { search: 'door', page_cursor })).toMatch(
      /^400 mismatched_page_/,
    );
  });
});

describe('pages of codes', () => {
  const [device, other] = [deviceFor(lockly), deviceFor(igloohome, 2)];

  /** Ids of all pages; `between` is done after each. */
  async function pages(
    facade: Facade,
    values: Values,
    between: (page: number) => Promise<unknown> = async () => {},
  ): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let [page, page_cursor]: [number, string | null] = [0, null]; ; page++) {
      const { access_codes, pagination } = await facade.get('access_codes/list', { ...values, page_cursor });
      expect(access_codes.length).toBeLessThanOrEqual(Number(values['limit'] ?? 55_000));
      expect(pagination.has_next_page).toBe(pagination.next_page_cursor !== null);
      ids.push(...access_codes.map(({ access_code_id }) => access_code_id));
      page_cursor = pagination.next_page_cursor;
      if (page_cursor === null) return ids;
      expect(access_codes.length).toBeGreaterThan(0);
      await between(page);
    }
  }

  it('have every code once, in order, also when others are made and end in between', async () => {
    const facade = facadeOf([device, other], NOW);
    const ids: string[] = [];
    for (let each = 1; each <= 11; each++) {
      ids.push((await facade.create(device, { ...hours(0, each), name: `guest ${each}` })).access_code_id);
      if (each % 5 === 0) await facade.create(other, hours(0, each));
    }
    const device_id = device.deviceId;
    for (const limit of [1, 2, 5, 10, 11, 12]) expect(await pages(facade, { device_id, limit })).toEqual(ids);
    expect(await pages(facade, { device_id })).toEqual(ids);
    expect(await pages(facade, { device_id, limit: 2, search: 'GUEST 1' })).toEqual([
      ids[0],
      ids[9],
      ids[10],
    ]);
    expect(await pages(facade, { access_code_ids: [...ids, ids[0]], limit: 4 })).toEqual(ids);
    for (const each of [4, 5, 6, 7, 8, 9])
      expect(await pages(facade, { device_id, limit: 2, search: `guest ${each}` })).toEqual([ids[each - 1]]);
    const more: string[] = [];
    const made = await pages(facade, { device_id, limit: 3 }, async (page) => {
      more.push((await facade.create(device, hours(1, 20 + page))).access_code_id);
      // What was on an earlier page ends meanwhile.
      facade.clock.now = NOW + 2 * HOUR + MINUTE;
    });
    expect(made).toEqual([...ids, ...more]);
    expect(await pages(facade, { device_id, limit: 3 })).toEqual([...ids.slice(1), ...more]);
  });

  it('refuse a cursor of another list, and one that is none', async () => {
    const facade = facadeOf([device, other], NOW);
    await several(facade, other, hours(0, 5), 3);
    const [device_id, path] = [other.deviceId, 'access_codes/list'];
    const { pagination } = await facade.get(path, { device_id, limit: 1 });
    const page_cursor = pagination.next_page_cursor;
    expect(page_cursor).toMatch(/^[A-Za-z0-9+/]+=*$/);
    for (const values of [
      { device_id: device.deviceId },
      { device_id, search: 'x' },
      { access_code_ids: [uuidOf(1)] },
    ])
      expect(await facade.refusal(path, { ...values, page_cursor })).toMatch(
        /^400 mismatched_page_parameters /,
      );
    // A page of another size is a page of the same list.
    expect((await facade.get(path, { device_id, limit: 7, page_cursor })).access_codes).toHaveLength(2);
    for (const wrong of [
      '',
      'x',
      '%%%',
      `${page_cursor?.slice(0, 20)}`,
      btoa('[-1,""]'),
      btoa('null'),
      btoa('[1e99]'),
    ])
      expect(await facade.refusal(path, { device_id, page_cursor: wrong })).toMatch(
        /^400 (?:invalid_input page_cursor: |mismatched_page_parameters )/,
      );
  });

  it('are of a device or of ids', async () => {
    const facade = facadeOf([device, other], NOW);
    const { access_code_id } = await facade.create(device, hours(0, 5));
    const asked = { access_code_ids: [uuidOf(1), access_code_id, 'no uuid'] };
    expect((await facade.get('access_codes/list', asked)).access_codes).toHaveLength(1);
    const apart = { access_code_ids: [access_code_id], device_id: other.deviceId };
    expect((await facade.get('access_codes/list', apart)).access_codes).toEqual([]);
    expect(await facade.refusal('access_codes/list', {})).toMatch(/^400 invalid_input Either 'device_id' or/);
    expect(await facade.refusal('access_codes/list', { device_id: uuidOf(9) })).toMatch(
      /^404 device_not_found/,
    );
  });
});

describe('limits a minute', () => {
  const doors = [deviceFor(pintumbler), deviceFor(lockly, 2)] as const;
  const [one, other] = doors;
  const limited = /^429 rate_limit_exceeded /;
  const create = (facade: Facade, device: SeamDevice, each: number): Promise<string> =>
    facade.refusal('access_codes/create', {
      device_id: device.deviceId,
      is_offline_access_code: true,
      ...hours(0, each + 1),
    });

  it('slide, for each device and action', async () => {
    const facade = facadeOf(doors, NOW, { isLimited: true });
    for (let each = 0; each < 10; each++) {
      facade.clock.now = NOW + 5 * each;
      expect(await create(facade, one, each)).toMatch(/^done/);
    }
    expect(await create(facade, one, 10)).toMatch(limited);
    expect(await create(facade, other, 10)).toMatch(/^done/);
    facade.clock.now = NOW + 59;
    expect(await create(facade, one, 10)).toMatch(limited);
    // The first is a minute ago, and what was refused did not count.
    facade.clock.now = NOW + 60;
    expect(await create(facade, one, 10)).toMatch(/^done/);
    expect(await create(facade, one, 11)).toMatch(limited);
    facade.clock.now = NOW + 65;
    expect(await create(facade, one, 11)).toMatch(/^done/);
  });

  it('count what can be done, and not what is refused before', async () => {
    const facade = facadeOf(doors, NOW, { isLimited: true });
    for (let each = 0; each < 20; each++) expect(await create(facade, one, -1)).toMatch(/^400/);
    expect(await create(facade, one, 1)).toMatch(/^done/);
  });

  it('are 10 updates and 20 deletions', async () => {
    const facade = facadeOf(doors, NOW, { isLimited: true });
    const { access_code_id } = await facade.create(other, hours(0, 5));
    const update = (): Promise<string> =>
      facade.refusal('access_codes/update', { access_code_id, name: 'A' });
    for (let each = 0; each < 10; each++) expect(await update()).toMatch(/^done/);
    expect(await update()).toMatch(limited);
    const remove = (): Promise<string> => facade.refusal('access_codes/delete', { access_code_id });
    for (let each = 0; each < 20; each++)
      expect(await remove()).toMatch(/^400 offline_access_code_not_revocable/);
    expect(await remove()).toMatch(limited);
    facade.clock.now = NOW + 60;
    expect([await update(), await remove()].map((said) => said.slice(0, 4))).toEqual(['done', '400 ']);
  });

  it('leave the replay of a request alone, also when ten ask at once', async () => {
    const facade = facadeOf(doors, NOW, { isLimited: true });
    const asked = { device_ids: [one.deviceId], ...hours(0, 5) };
    const path = 'access_codes/create_multiple';
    const answers = await Promise.all(Array.from({ length: 10 }, () => facade.ask(path, asked)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    for (let each = 0; each < 20; each++) expect((await facade.ask(path, asked)).status).toBe(200);
  });
});

/*
 * Random lives: a few devices, a few windows, calls in any order and a clock that goes on. After each call, what must
 * always hold.
 */
const MODEL_DOORS = [
  deviceFor(igloohome),
  deviceFor(pintumbler, 2, 'Europe/Lisbon', TEN),
  deviceFor(dormakabaOracode, 3, 'UTC', LEVELS),
  deviceFor(tiny, 4),
  deviceFor(hotp, 5),
  deviceFor(ttlock, 6),
  deviceFor(lockly, 7),
] as const;

interface Step {
  readonly call: 'create' | 'multiple' | 'update' | 'reissue' | 'delete' | 'pull' | 'nothing';
  readonly door: number;
  readonly window: number;
  /** Which of the codes there are. */
  readonly which: number;
  readonly isOneTime: boolean;
  readonly wait: number;
}

const WINDOWS: readonly Values[] = [
  hours(0, 1),
  hours(0, 2),
  hours(1, 2),
  hours(-2, 6),
  hours(6, 48),
  NIGHT,
  hours(5, 25),
];

const step: fc.Arbitrary<Step> = fc.record({
  call: fc.constantFrom(
    'create',
    'create',
    'create',
    'multiple',
    'update',
    'reissue',
    'delete',
    'pull',
    'nothing',
  ),
  door: fc.nat(MODEL_DOORS.length - 1),
  window: fc.nat(WINDOWS.length - 1),
  which: fc.nat(50),
  isOneTime: fc.boolean(),
  wait: fc.constantFrom(0, 0, 0, 1, 30, HOUR, 5 * HOUR),
});

/** What was seen of a life. */
interface Seen {
  /** Ids of the access codes that a call has named. */
  readonly ids: Set<string>;
  /** Which access code has a window and variance of a device. */
  readonly places: Map<string, string>;
  readonly events: Map<string, string>;
}

const placeOf = ({ device_id, code, starts_at, ends_at, pintumbler: of }: AccessCode): string => {
  const lane = of.vendor === 'dormakaba-oracode' ? code?.slice(0, 3) : '';
  const window = of.count === null ? `${lane} ${starts_at} ${ends_at} ${of.variance}` : of.count;
  return `${device_id} ${of.kind} ${window}`;
};

async function act(
  facade: Facade,
  { call, door, window, which, isOneTime }: Step,
  seen: Seen,
): Promise<void> {
  const ids = [...seen.ids];
  const access_code_id = ids[which % Math.max(1, ids.length)] ?? uuidOf(0xffffff);
  const device_id = MODEL_DOORS[door]?.deviceId ?? '';
  const counts = door === 4;
  const times = counts ? {} : (WINDOWS[window] ?? {});
  const wish = {
    ...times,
    use_backup_access_code_pool: !counts,
    is_offline_access_code: true,
    is_one_time_use: isOneTime || counts,
  };
  const one = { device_ids: [device_id, MODEL_DOORS[which % 3]?.deviceId], ...times };
  const apart = { behavior_when_code_cannot_be_shared: 'create_random_code' };
  const calls: Readonly<Record<Step['call'], readonly [string, Values]>> = {
    create: ['access_codes/create', { device_id, ...wish }],
    multiple: ['access_codes/create_multiple', { ...one, ...apart }],
    update: ['access_codes/update', { access_code_id, name: `name ${which % 3}` }],
    reissue: ['access_codes/update', { access_code_id, ...WINDOWS[window], reissue: true }],
    delete: ['access_codes/delete', { access_code_id }],
    pull: ['access_codes/pull_backup_access_code', { access_code_id }],
    nothing: ['devices/list', {}],
  };
  const [path, values] = calls[call];
  const { status, body } = await facade.ask(path, values);
  if (status !== 200) {
    expect([400, 404]).toContain(status);
    return;
  }
  const made = [body.access_code, body.backup_access_code, ...(body.access_codes ?? [])];
  for (const each of made) if (each) seen.ids.add(each.access_code_id);
}

async function holds(facade: Facade, seen: Seen): Promise<void> {
  const { now } = facade.clock;
  const { events } = await facade.get('events/list', { since: '2020-01-01T00:00:00Z' });
  const present = new Map(events.map((event) => [event.event_id, JSON.stringify(event)]));
  expect(present.size, 'no two events have one id').toBe(events.length);
  for (const [id, text] of seen.events) expect(present.get(id), 'an event stays as it was').toBe(text);
  for (const [id, text] of present) seen.events.set(id, text);
  const created = events.filter(({ event_type }) => event_type === 'access_code.created');
  expect(new Set(created.map(({ access_code_id }) => access_code_id)), 'each code has one').toEqual(seen.ids);
  expect(events.every(({ occurred_at }) => at(occurred_at) <= now)).toBe(true);
  for (const { deviceId, token } of MODEL_DOORS) {
    const { access_codes } = await facade.get('access_codes/list', { device_id: deviceId });
    const live = new Map<string, string>();
    for (const shown of access_codes) {
      const { access_code_id, code, errors, status } = shown;
      expect(seen.ids.has(access_code_id)).toBe(true);
      expect(await found(facade, access_code_id), 'get and list agree').toEqual(shown);
      expect(code === null, 'no code without a reason').toBe(errors.length > 0);
      if (code === null) continue;
      const place = placeOf(shown);
      expect(seen.places.get(place) ?? access_code_id, 'no variance twice').toBe(access_code_id);
      seen.places.set(place, access_code_id);
      const open = [...shown.pintumbler.still_open, { code, ends_at: shown.ends_at }];
      for (const { code: digits, ends_at } of open) {
        if (shown.pintumbler.count !== null || (ends_at !== null && at(ends_at) <= now)) continue;
        expect(live.get(digits), 'no digits twice').toBeUndefined();
        live.set(digits, access_code_id);
      }
      if (status === 'set' && !shown.is_one_time_use) {
        const first = Math.max(secondsOf(shown.starts_at), secondsOf(shown.created_at));
        if (at(shown.pintumbler.first_use_by ?? '') > first)
          expect(key(doorOf(token), code, first).opens, 'what is set opens').toBe(true);
      }
    }
  }
}

describe('random lives', () => {
  it('keep every promise after every call', async () => {
    let codes = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 45 }), async (steps) => {
        const facade = facadeOf(MODEL_DOORS, NOW);
        const seen: Seen = { ids: new Set(), places: new Map(), events: new Map() };
        for (const each of steps) {
          facade.clock.now += each.wait;
          await act(facade, each, seen);
          await holds(facade, seen);
        }
        codes += seen.places.size;
      }),
      { numRuns: deep(15) },
    );
    expect(codes).toBeGreaterThan(60);
  });
});
