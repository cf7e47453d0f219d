/** Devices of the facade: identity, labels, what a device says it can do and whether `plan` agrees, and Seam's schema. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { createToken, type DeviceToken, deriveToken, PintumblerError, type TokenOptions } from 'pintumbler';
import { plan, zoneFacts } from 'pintumbler/calendar';
import { builtIn, type OracodeTimeSlot, type Vendor, vendorNamed } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import {
  LOCK_TYPES,
  type RegisteredDevice,
  registry,
  type SeamDevice,
  uuidFrom,
} from '../../src/seam/devices.ts';
import type { TimeFrameOption } from '../../src/seam/objects.ts';
import { keyFormOf } from '../../src/token.ts';
import { at, codeOf, deep } from '../support/helpers.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const NOW = at('2026-03-01T00:00:00Z');
const UTC = zoneFacts('UTC', at('2026-01-01T00:00:00Z'), at('2036-01-01T00:00:00Z'));

/** A secret of the form that the vendor takes. */
function secretOf(vendor: Vendor): Pick<TokenOptions, 'root' | 'key'> {
  const { from, ascii } = keyFormOf(vendor);
  if (ascii) return { key: new TextEncoder().encode('k'.repeat(from)) };
  return 'key' in vendor.scheme && vendor.scheme.key
    ? { key: new Uint8Array(Math.max(from, 16)).fill(7) }
    : { root: new Uint8Array(32).fill(7) };
}

function tokenOf(vendor: Vendor, more: Partial<TokenOptions> = {}): DeviceToken {
  const config = vendor.sample === undefined ? {} : { config: vendor.sample };
  return createToken({ vendor, deviceId: 'door-7', ...secretOf(vendor), ...UTC, ...config, ...more });
}

/** The same without an offset table. */
const bare = (vendor: Vendor): DeviceToken =>
  createToken({
    vendor,
    deviceId: 'door-7',
    timeZone: 'UTC',
    ...secretOf(vendor),
    ...(vendor.sample !== undefined && { config: vendor.sample }),
  });

function registered(
  device: SeamDevice,
  options: { hasIssuer?: boolean; workspaceId?: string } = {},
): RegisteredDevice {
  const [only] = registry([device], { now: NOW, hasIssuer: false, ...options }).all;
  if (!only) throw new Error('it has no device');
  return only;
}

const named = (id: string, more: Partial<TokenOptions> = {}): RegisteredDevice =>
  registered({ token: tokenOf(vendorNamed(id), more) });

const optionsOf = ({ object }: RegisteredDevice): readonly TimeFrameOption[] =>
  object.properties.offline_time_frame_options ?? [];

const VENDORS = builtIn.map((vendor) => vendor.id);

describe('uuidFrom', () => {
  it('is SHA-256 of the texts with their lengths, as a UUID of version 8', () => {
    const digest = createHash('sha256')
      .update(Buffer.from('\u0000\u0000\u0000\u0006device'))
      .update(Buffer.from('\u0000\u0000\u0000\u0009igloohome'))
      .update(Buffer.from('\u0000\u0000\u0000\u0006door-7'))
      .digest()
      .subarray(0, 16);
    digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
    digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
    const uuid = digest.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    expect(uuidFrom('device', 'igloohome', 'door-7')).toBe(uuid);
    expect(uuid).toBe('a7a1400b-5d9d-875c-9fd4-1697f972dc68');
    expect(named('igloohome').id).toBe(uuid);
  });

  it('has no two lists of texts in common', () => {
    const list = fc.array(fc.string({ maxLength: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(list, list, (one, other) => {
        expect(uuidFrom(...one)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
        expect(uuidFrom(...one) === uuidFrom(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: deep(200) },
    );
    expect(uuidFrom('ab', 'c')).not.toBe(uuidFrom('a', 'bc'));
    expect(uuidFrom('a'.repeat(70_000))).not.toBe(uuidFrom('a'.repeat(70_000 - 65_536)));
  });
});

describe('identity', () => {
  const uuid = 'A3F1C5D2-0000-4000-8000-0123456789AB';
  const token = tokenOf(vendorNamed('igloohome'));

  it('is what the operator says, the token device id where that is a UUID, or made from it', () => {
    expect(registered({ token, deviceId: uuid }).id).toBe(uuid.toLowerCase());
    expect(named('igloohome', { deviceId: uuid }).id).toBe(uuid.toLowerCase());
    expect(named('igloohome').id).toBe(named('igloohome', { epoch: 3 }).id);
    expect(named('igloohome').id).not.toBe(named('lockly').id);
    expect(named('igloohome').id).not.toBe(named('igloohome', { deviceId: 'door-8' }).id);
  });

  it('has names, types and times with defaults', () => {
    const { object } = registered({ token });
    expect(object).toMatchObject({
      display_name: 'door-7',
      device_type: 'igloohome_lock',
      created_at: '2026-03-01T00:00:00.000Z',
    });
    const own = registered({ token, name: 'Front door', deviceType: 'igloo_lock', createdAt: NOW - DAY });
    expect(own.createdAt).toBe(NOW - DAY);
    expect(own.object).toMatchObject({
      display_name: 'Front door',
      device_type: 'igloo_lock',
      created_at: '2026-02-28T00:00:00.000Z',
      properties: { name: 'Front door', appearance: { name: 'Front door' } },
    });
  });

  it('has one workspace, and an account for each vendor in it', () => {
    const devices = VENDORS.map((id) => ({ token: tokenOf(vendorNamed(id)) }));
    devices.push({ token: tokenOf(vendorNamed('lockly'), { deviceId: 'door-8' }) });
    const { workspaceId, all, byId } = registry(devices, { now: NOW, hasIssuer: false });
    expect(all.map(({ token }) => token)).toEqual(devices.map((device) => device.token));
    expect([...byId.keys()]).toEqual(all.map(({ id }) => id));
    expect(all.every(({ object }) => object.workspace_id === workspaceId)).toBe(true);
    expect(new Set(all.map(({ object }) => object.connected_account_id)).size).toBe(VENDORS.length);
    const elsewhere = registered({ token }, { workspaceId: uuid });
    expect(elsewhere.object.workspace_id).toBe(uuid.toLowerCase());
    expect(elsewhere.object.connected_account_id).not.toBe(named('igloohome').object.connected_account_id);
  });

  it('may be nobody', () => {
    expect(registry([], { now: NOW, hasIssuer: false }).all).toEqual([]);
  });

  it('gives no secret away', () => {
    const key = Buffer.from(new Uint8Array(32).fill(7));
    const said = JSON.stringify(registered({ token }).object);
    for (const form of ['hex', 'base64', 'base64url'] as const)
      expect(said).not.toContain(key.toString(form));
  });
});

describe('what the operator got wrong', () => {
  const token = tokenOf(vendorNamed('igloohome'));
  const uuid = 'a3f1c5d2-0000-4000-8000-0123456789ab';
  const bad: readonly (readonly [what: string, devices: unknown, message: RegExp, code?: string])[] = [
    ['no list', { token }, /"devices" expected a list/],
    ['a hole', Array(1), /"devices\[0\]" expected a plain object, got undefined/],
    ['a token in place of a device', [token], /"devices\[0\]" expected a plain object/],
    ['an unknown field', [{ token, deviceID: uuid }], /unknown property "deviceID"/],
    ['no token', [{ deviceId: uuid }], /"devices\[0\]\.token" expected a device token/],
    ['a token as text', [{ token: 'pt1.abc' }], /"devices\[0\]\.token" .* got a string of length 7/],
    ['an object like a token', [{ token: Object.create(token) }], /"devices\[0\]\.token" expected/],
    ['an id that is no UUID', [{ token, deviceId: 'door-7' }], /"devices\[0\]\.deviceId" expected a UUID/],
    ['an id that nearly is', [{ token, deviceId: `${uuid}0` }], /deviceId" expected a UUID/],
    ['an id that is null', [{ token, deviceId: null }], /deviceId" expected a UUID, got null/],
    ['an empty name', [{ token, name: '' }], /"devices\[0\]\.name" expected a name/],
    ['a name of two lines', [{ token, name: 'a\nb' }], /"devices\[0\]\.name" expected a name/],
    ['a name that is a number', [{ token, name: 7 }], /name" expected a name .* got number/],
    ['a type that is none', [{ token, deviceType: 'My Lock' }], /"devices\[0\]\.deviceType" expected one of/],
    [
      'a type of no lock of Seam',
      [{ token, deviceType: 'acme_lock' }],
      /deviceType" expected one of Seam's lock/,
    ],
    [
      'a type of a thermostat',
      [{ token, deviceType: 'nest_thermostat' }],
      /deviceType" expected one of Seam's/,
    ],
    ['a type in a list', [{ token, deviceType: ['igloo_lock'] }], /deviceType" expected .* got an array/],
    ['a type with more', [{ token, deviceType: 'igloo_lock\n' }], /deviceType" expected .* length 11/],
    ['a time as text', [{ token, createdAt: '2026' }], /"devices\[0\]\.createdAt" expected an integer/],
    ['a time in milliseconds', [{ token, createdAt: NOW * 1000 }], /createdAt"/, 'out_of_range'],
    [
      'two devices of one id',
      [
        { token, deviceId: uuid },
        { token: tokenOf(vendorNamed('lockly')), deviceId: uuid.toUpperCase() },
      ],
      /"devices\[1\]" has the id of another device/,
    ],
    [
      'one lock listed twice, as its root and as its key',
      [{ token }, { token: deriveToken(token), deviceId: uuid }],
      /"devices\[1\]" has the same token as "devices\[0\]", or another form of it/,
    ],
    [
      'one token listed twice, behind another',
      [{ token: tokenOf(vendorNamed('lockly')) }, { token }, { token }],
      /"devices\[2\]" has the same token as "devices\[1\]"/,
    ],
  ];

  it.each(bad)('%s', (_, devices, message, code = 'bad_argument') => {
    const run = (): unknown => Reflect.apply(registry, undefined, [devices, { now: NOW, hasIssuer: false }]);
    expect(codeOf(run)).toBe(code);
    expect(run).toThrow(message);
  });

  it('is a workspace that is no UUID', () => {
    const run = (): unknown => registry([], { now: NOW, hasIssuer: false, workspaceId: 'home' });
    expect(run).toThrow(PintumblerError);
    expect(run).toThrow(/"workspaceId" expected a UUID/);
  });

  it('is not the next epoch of a lock under its own id', () => {
    const next = tokenOf(vendorNamed('igloohome'), { epoch: 1 });
    const devices = [{ token }, { token: next, deviceId: uuid }];
    expect(registry(devices, { now: NOW, hasIssuer: false }).all).toHaveLength(2);
  });
});

describe('labels', () => {
  it.each(VENDORS)('%s says what its codes are', (id) => {
    const vendor = vendorNamed(id);
    const { object } = named(id);
    expect(object.custom_metadata).toEqual({
      pintumbler_vendor: id,
      pintumbler_codes: vendor.codes,
      pintumbler_device_id: 'door-7',
    });
    expect(object.device_provider.display_name.endsWith(' (emulated)')).toBe(vendor.codes === 'emulated');
    expect(object.properties.online).toBe(false);
    expect(object.properties.manufacturer).toBe(object.device_manufacturer.manufacturer);
    expect([object.errors, object.warnings]).toEqual([[], []]);
  });

  it.each([
    ['igloohome', 'igloohome_lock', 'igloohome', 'stable', true],
    ['dormakaba-oracode', 'dormakaba_oracode_door', 'dormakaba_oracode', 'stable', false],
    ['lockly', 'lockly_lock', 'lockly', 'stable', false],
    ['ttlock', 'ttlock_lock', 'ttlock', 'stable', true],
    ['codelocks-netcode', 'keyincode_lock', 'codelocks_netcode', 'internal', true],
    ['pintumbler', 'keyincode_lock', 'pintumbler', 'internal', true],
  ])('%s is a %s of %s', (id, type, provider, category, nativeScheduling) => {
    const device = named(id);
    expect(device.nativeScheduling).toBe(nativeScheduling);
    expect(device.object).toMatchObject({
      device_type: type,
      device_provider: { device_provider_name: provider, provider_category: category },
    });
  });

  it('knows what Seam adds for a maker', () => {
    expect(named('igloohome').object.properties['igloohome_metadata']).toEqual({
      device_id: 'door-7',
      device_name: 'door-7',
    });
    expect(named('lockly').object.properties['lockly_metadata']).toEqual({
      device_id: 'door-7',
      device_name: 'door-7',
    });
    expect(Object.keys(named('tuya').object.properties).filter((name) => /_metadata$/.test(name))).toEqual(
      [],
    );
  });
});

describe('whether a code can be made', () => {
  /** The flag and the three that were there before it. */
  function flags({ object }: RegisteredDevice): readonly unknown[] {
    const { properties } = object;
    const model = properties['model'];
    const has = typeof model === 'object' && model !== null ? model : {};
    return [
      object.can_program_offline_access_codes,
      properties['offline_access_codes_enabled'],
      properties['supports_offline_access_codes'],
      Reflect.get(has, 'offline_access_codes_supported'),
    ];
  }
  const all = (value: unknown): readonly unknown[] => [value, value, value, value];

  it.each(VENDORS)('%s, with an offset table', (id) => {
    const hasNone = ['ocra', 'openpaygo', 'nexus'].includes(id);
    const device = named(id);
    expect(flags(device)).toEqual(all(hasNone ? undefined : true));
    expect(device.programmable).toBe(!hasNone);
    expect(device.lengths.length > 0).toBe(!hasNone);
    expect('can_program_offline_access_codes' in device.object).toBe(!hasNone);
  });

  it('false without the table that every kind needs', () => {
    expect(flags(registered({ token: bare(vendorNamed('dormakaba-oracode')) }))).toEqual(all(false));
    // Its kinds within a year decide for the others too.
    expect(flags(registered({ token: bare(vendorNamed('resortlock')) }))).toEqual(all(false));
  });

  it('true, of what needs no table', () => {
    const device = registered({ token: bare(vendorNamed('pintumbler')) });
    expect(flags(device)).toEqual(all(true));
    expect(optionsOf(device).map((option) => option.time_pairs)).toEqual([undefined]);
  });

  it('false where nobody makes the codes of a remote scheme', () => {
    const remote: Vendor = {
      ...vendorNamed('igloohome'),
      id: 'acme',
      scheme: { id: 'acme-server/1', remote: true },
    };
    const device = { token: tokenOf(remote) };
    expect(flags(registered(device))).toEqual(all(false));
    expect(registered(device).programmable).toBe(false);
    expect(registered(device).object.properties['supports_backup_access_code_pool']).toBe(false);
    expect(flags(registered(device, { hasIssuer: true }))).toEqual(all(true));
  });

  it('false where no code is in the share of this issuer', () => {
    const vendor = vendorNamed('igloohome');
    const last = tokenOf(vendor, { variances: [3, 4] });
    // Variances 3 and 4 are of one-time codes only.
    expect(optionsOf(registered({ token: last }))).toEqual([]);
    expect(registered({ token: last }).object.properties['supports_backup_access_code_pool']).toBe(true);
    const one = registered({ token: tokenOf(vendor, { variances: [4, 4] }) });
    expect(one.object.properties['supports_backup_access_code_pool']).toBe(false);
    expect(one.programmable).toBe(true);
  });

  it('an answer opens as well, credit does not', () => {
    const opens = (id: string): boolean => named(id).object.can_unlock_with_code;
    expect([opens('ocra'), opens('igloohome'), opens('openpaygo'), opens('nexus')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('codes', () => {
  it.each([
    ['igloohome', [9], 199, true],
    ['lockly', [12], 50, false],
    ['dormakaba-oracode', [9], undefined, false],
    ['ttlock', [7, 8, 9], undefined, true],
    ['tuya', [10], undefined, true],
    ['resortlock', [10, 12], undefined, false],
    ['master-lock', [5], undefined, false],
    ['hotp', [6], undefined, false],
  ])('%s has codes of %j, at most %s', (id, lengths, most, hasBackups) => {
    const device = named(id);
    expect(device).toMatchObject({ lengths, most });
    expect(device.object.properties).toMatchObject({
      supported_code_lengths: lengths,
      supports_backup_access_code_pool: hasBackups,
      backup_access_code_pool_enabled: hasBackups,
      code_constraints: [{ constraint_type: 'cannot_specify_pin_code' }],
    });
    expect(device.object.properties['max_active_codes_supported']).toBe(most);
    expect('max_active_codes_supported' in device.object.properties).toBe(most !== undefined);
  });

  it('counts the prefix of a setting', () => {
    expect(named('codelocks-netcode', { config: { star: true, digits: 6 } }).lengths).toEqual([7]);
  });
});

describe('time frames', () => {
  it('of igloohome are those of its guide', () => {
    expect(optionsOf(named('igloohome'))).toEqual([
      { display_name: 'Hourly', min_duration: 'PT1H', max_duration: 'PT672H' },
      {
        display_name: 'Daily',
        min_duration: 'P29D',
        max_duration: 'P367D',
        matching_start_end_time: true,
      },
    ]);
  });

  const level = (prefix: number, opens: string, closes: string, more: object = {}): OracodeTimeSlot => ({
    prefix,
    check_in_time: opens,
    check_out_time: closes,
    ...more,
  });
  const door = (...slots: readonly OracodeTimeSlot[]): RegisteredDevice =>
    named('dormakaba-oracode', { config: { predefined_time_slots: slots } });

  it('of Oracode are the times of its levels, in one option', () => {
    const slots = [
      level(1, '16:00', '10:00', { name: 'Guest' }),
      level(2, '07:00:00[UTC]', '19:00:00[UTC]'),
      level(3, '00:00', '23:59'),
      level(4, '12:00', '12:00'),
      level(5, '12:00', '12:00'),
    ];
    expect(optionsOf(door(...slots))).toEqual([
      {
        display_name: 'dormakaba Oracode',
        max_duration: 'P31D',
        time_pairs: [
          { display_name: 'Guest', start_time: '16:00', end_time: '10:00' },
          { display_name: '07:00 to 19:00', start_time: '07:00', end_time: '19:00' },
          { display_name: '00:00 to 23:59', start_time: '00:00', end_time: '23:59' },
          { display_name: '12:00 to 12:00', start_time: '12:00', end_time: '12:00' },
        ],
        time_zone: 'UTC',
      },
    ]);
  });

  it('of Oracode with weeks are several, told apart', () => {
    const weeks = { is_biweekly_mode: true };
    const options = optionsOf(
      door(level(1, '16:00', '10:00'), level(2, '16:00', '10:00', weeks), level(3, '07:00', '19:00', weeks)),
    );
    expect(options.map(({ time_pairs, time_zone, ...option }) => option)).toEqual([
      { display_name: 'Daily', max_duration: 'P31D' },
      { display_name: 'Biweekly, up to P434D', min_duration: 'P6D', max_duration: 'P434D' },
      { display_name: 'Biweekly, up to P435D', min_duration: 'P7D', max_duration: 'P435D' },
    ]);
  });

  it('allow exactly the nights that a level has', () => {
    const time = fc
      .integer({ min: 0, max: 24 * 60 - 1 })
      .map((minutes) => new Date(minutes * 60_000).toISOString().slice(11, 16));
    fc.assert(
      fc.property(time, time, fc.integer({ min: 0, max: 40 }), (opens, closes, nights) => {
        const device = door(level(7, opens, closes));
        const [option] = optionsOf(device);
        const start = at(`2026-05-01T${opens}:00Z`);
        const end = at(`2026-05-01T${closes}:00Z`) + nights * DAY;
        fc.pre(end > start);
        const most = Number(option?.max_duration?.slice(1, -1)) * DAY;
        const asked = { startsAt: moment(start), endsAt: moment(end) };
        const found = codeOf(() => {
          const { grant } = plan(device.token, asked);
          if (grant.startsAt !== start || grant.endsAt !== end) throw new Error('rounded');
        });
        expect(found === 'no error').toBe(end - start <= most);
      }),
      { numRuns: deep(200) },
    );
  });

  const moment = (instant: number): string => new Date(instant * 1000).toISOString();

  /** Seconds of the durations that are used. */
  function seconds(duration: string): number {
    const [, days, hours, minutes, rest] = /^P(?:(\d+)D|T(?:(\d+)H|(\d+)M|(\d+)S))$/.exec(duration) ?? [];
    return (
      Number(days ?? 0) * DAY + Number(hours ?? 0) * HOUR + Number(minutes ?? 0) * 60 + Number(rest ?? 0)
    );
  }

  const all = builtIn.flatMap((vendor) =>
    optionsOf(named(vendor.id)).map((option): [string, string, TimeFrameOption] => [
      vendor.id,
      option.display_name,
      option,
    ]),
  );

  it('are there where codes are for a time', () => {
    const without = VENDORS.filter((id) => !all.some(([vendor]) => vendor === id));
    expect(without).toEqual(['hotp', 'ocra', 'openpaygo', 'nexus']);
    expect(new Set(all.map(([vendor, label]) => `${vendor} ${label}`)).size).toBe(all.length);
  });

  it.each(all)('of %s, %s: plan takes the shortest and the longest', (id, _, option) => {
    const token = tokenOf(vendorNamed(id));
    const { min_duration: least, max_duration: most = '', time_pairs } = option;
    const midnight = at('2026-06-01T00:00:00Z');
    const frames = time_pairs
      ? time_pairs.flatMap(({ start_time, end_time }) => {
          const start =
            midnight + seconds(`PT${60 * Number(start_time.slice(0, 2)) + Number(start_time.slice(3))}M`);
          const closing =
            midnight + seconds(`PT${60 * Number(end_time.slice(0, 2)) + Number(end_time.slice(3))}M`);
          const days = Math.floor((start + seconds(most) - closing) / DAY);
          return [[start, closing + days * DAY] as const];
        })
      : [least, most].map((each = '') => [midnight, midnight + seconds(each)] as const);
    for (const [start, end] of frames) {
      const { grant, rounded } = plan(token, { startsAt: moment(start), endsAt: moment(end) });
      expect([grant.startsAt, grant.endsAt, rounded]).toEqual([start, end, { start: 0, end: 0 }]);
      if (end - start < seconds(most) - DAY) continue;
      const beyond = end + (time_pairs || option.matching_start_end_time ? DAY : 2 * HOUR);
      const longer = { startsAt: moment(start), endsAt: moment(beyond) };
      if (end - start > DAY) expect(codeOf(() => plan(token, longer))).toBe('no_fit');
    }
  });
});

describe('the user levels of an Oracode door', () => {
  const uuid = 'f23721ec-6dce-4c54-8971-40d58449a366';
  const slots = [
    {
      name: 'User 123 D 24H',
      prefix: 123,
      is_24_hour: true,
      is_one_shot: null,
      check_in_time: '00:00:00-08:00[America/Los_Angeles]',
      check_out_time: '23:59',
      dormakaba_oracode_user_level_id: uuid.toUpperCase(),
    },
    {
      ext_dormakaba_oracode_user_level_prefix: 7,
      is_biweekly_mode: true,
      check_in_time: '15:30',
      check_out_time: '11:00',
      dormakaba_oracode_user_level_id: 'level seven',
    },
  ];
  const device = named('dormakaba-oracode', { config: { predefined_time_slots: slots } });

  it('have an id for each prefix, theirs where it is a UUID', () => {
    expect([...device.levels]).toEqual([
      ['123', uuid],
      ['007', uuidFrom('user_level', device.id, '007')],
    ]);
    expect(named('igloohome').levels.size).toBe(0);
  });

  it('are in its metadata as Seam writes them', () => {
    expect(device.object.properties['dormakaba_oracode_metadata']).toEqual({
      door_id: Number.parseInt(device.id.slice(0, 8), 16),
      door_name: 'door-7',
      device_id: 'door-7',
      door_is_wireless: false,
      site_name: device.site,
      iana_timezone: 'UTC',
      predefined_time_slots: [
        {
          name: 'User 123 D 24H',
          prefix: 123,
          is_master: false,
          is_24_hour: true,
          is_one_shot: false,
          is_biweekly_mode: false,
          check_in_time: '00:00:00[UTC]',
          check_out_time: '23:59:00[UTC]',
          dormakaba_oracode_user_level_id: uuid,
          dormakaba_oracode_user_level_prefix: 123,
          ext_dormakaba_oracode_user_level_prefix: 123,
        },
        {
          prefix: 7,
          is_master: false,
          is_24_hour: false,
          is_one_shot: false,
          is_biweekly_mode: true,
          check_in_time: '15:30:00[UTC]',
          check_out_time: '11:00:00[UTC]',
          dormakaba_oracode_user_level_id: uuidFrom('user_level', device.id, '007'),
          dormakaba_oracode_user_level_prefix: 7,
          ext_dormakaba_oracode_user_level_prefix: 7,
        },
      ],
    });
  });
});

const SCHEMAS = new URL('../sdk/node_modules/@seamapi/types/connect.js', import.meta.url);

const TYPES = new URL('lib/seam/connect/models/devices/device-type.js', SCHEMAS);

describe.skipIf(!existsSync(SCHEMAS))("Seam's schema of a device", () => {
  it('has the same types of locks, and no others', async () => {
    const { LOCK_DEVICE_TYPE_LIST: theirs }: { LOCK_DEVICE_TYPE_LIST: readonly string[] } = await import(
      TYPES.href
    );
    expect([...LOCK_TYPES]).toEqual([...theirs].sort());
    const token = tokenOf(vendorNamed('igloohome'));
    for (const deviceType of theirs)
      expect(registered({ token, deviceType }).object.device_type).toBe(deviceType);
  });

  it('takes every vendor, whatever the token can do', async () => {
    const { schemas }: { schemas: { device: { parse: (value: unknown) => unknown } } } = await import(
      SCHEMAS.href
    );
    for (const vendor of builtIn) {
      for (const token of [tokenOf(vendor), bare(vendor)]) {
        const object: unknown = JSON.parse(JSON.stringify(registered({ token }).object));
        expect(() => schemas.device.parse(object), vendor.id).not.toThrow();
      }
    }
    const broken = { ...named('igloohome').object, device_type: 'acme_lock' };
    expect(() => schemas.device.parse(broken)).toThrow();
  });
});
