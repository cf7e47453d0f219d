import { createToken, type DeviceToken } from 'pintumbler';
import { type PlanRequest, plan } from 'pintumbler/calendar';
import { describe, expect, it } from 'vitest';
import {
  type DormakabaOracodeConfig,
  dormakabaOracode,
  type OracodeTimeSlot,
} from '../../src/vendors/dormakaba-oracode.ts';
import { codeOf } from '../support/helpers.ts';
import { tokenIn } from '../support/vendors.ts';

/* The door's time slots as settings: what is taken, and what is refused. Their rules: dormakaba-oracode.test.ts. */

const LISBON = 'Europe/Lisbon';
const EVENING: OracodeTimeSlot = {
  name: 'Guest 4pm-10am',
  prefix: 123,
  check_in_time: '16:00:00',
  check_out_time: '10:00:00',
};
const NOON: OracodeTimeSlot = { prefix: 9, check_in_time: '12:00', check_out_time: '12:00' };
const WEEKS: OracodeTimeSlot = { ...EVENING, prefix: 7, is_biweekly_mode: true };

const door = (zone: string, ...slots: readonly OracodeTimeSlot[]): DeviceToken =>
  tokenIn(zone, dormakabaOracode, {
    config: { predefined_time_slots: slots } satisfies DormakabaOracodeConfig,
  });

/** The window that a request is given, in local times. */
function windowFor(
  token: DeviceToken,
  startsAt: string,
  endsAt: string,
  more: Partial<PlanRequest> = {},
): string {
  const { grant, local } = plan(token, { startsAt, endsAt, ...more });
  return `${grant.kind} ${grant.lane} ${local.startsAt.slice(0, 16)} ${local.endsAt?.slice(0, 16)}`;
}

/** Whether a slot of these settings, changed so, is refused, and how. */
const refusal = (change: Readonly<Record<string, unknown>>): string =>
  codeOf(() =>
    tokenIn(LISBON, dormakabaOracode, {
      config: { predefined_time_slots: [NOON, { ...EVENING, ...change }] },
    }),
  );

describe('settings', () => {
  it('take what a door says of itself, times with and without seconds, offset and zone', () => {
    for (const [text, shown] of [
      ['16:00', '16:00'],
      ['16:00:00', '16:00'],
      ['15:30:00[PST8PDT]', '15:30'],
      ['15:30:00-08:00[America/Los_Angeles]', '15:30'],
      ['15:30+05:45', '15:30'],
      ['23:59[Etc/GMT+8]', '23:59'],
      ['00:00:00', '00:00'],
    ] as const) {
      const token = door(LISBON, { ...EVENING, check_in_time: text });
      expect(windowFor(token, `2026-06-01T${shown}`, '2026-06-03T10:00')).toBe(
        `daily 123 2026-06-01T${shown} 2026-06-03T10:00`,
      );
    }
    expect(
      windowFor(
        door(LISBON, { ...EVENING, check_out_time: '11:30:00+01:00' }),
        '2026-06-01T16:00',
        '2026-06-03T11:30',
      ),
    ).toBe('daily 123 2026-06-01T16:00 2026-06-03T11:30');
  });

  it('give the names of levels, and none for a level without one', () => {
    const { kinds } = door(LISBON, EVENING, NOON, { ...NOON, prefix: 10, name: '' }).rules;
    expect(kinds.map(({ name, lane }) => [name, lane])).toEqual([
      ['Guest 4pm-10am', '123'],
      [undefined, '009'],
      [undefined, '010'],
    ]);
  });

  it('have room for 32 slots, prefixes 0 to 999', () => {
    const slots = Array.from({ length: 32 }, (_, index) => ({ ...EVENING, prefix: 999 - index }));
    const token = door(LISBON, ...slots.slice(0, 31), { ...EVENING, prefix: 0 });
    expect(token.rules.kinds.map(({ lane }) => lane)).toEqual([
      ...slots.slice(0, 31).map(({ prefix }) => String(prefix)),
      '000',
    ]);
    expect(codeOf(() => door(LISBON, ...slots, { ...EVENING, prefix: 1 }))).toBe('config_invalid');
  });

  it('of equal content give equal rules', () => {
    expect(door(LISBON, EVENING, WEEKS).rules).toEqual(
      door('America/Los_Angeles', { ...EVENING }, { ...WEEKS }).rules,
    );
  });

  it.each([
    ['nothing', undefined],
    ['no slots', {}],
    ['an empty list', { predefined_time_slots: [] }],
    ['no list', { predefined_time_slots: EVENING }],
    ['a text', { predefined_time_slots: '16:00' }],
  ])('are refused: %s', (_, config) => {
    expect(codeOf(() => tokenIn(LISBON, dormakabaOracode, { config }))).toBe('config_invalid');
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['a master level', { is_master: true }],
    ['a one-shot level', { is_one_shot: true }],
    ['a flag that is none', { is_biweekly_mode: 1 }],
    ['a level prefix beside another', { dormakaba_oracode_user_level_prefix: 124 }],
    ['no prefix', { prefix: undefined }],
    ['a prefix in text', { prefix: '123' }],
    ['a prefix below 0', { prefix: -1 }],
    ['a prefix above 999', { prefix: 1000 }],
    ['a broken prefix', { prefix: 1.5 }],
    ['a prefix that is no number', { prefix: Number.NaN }],
    ['a name that is no text', { name: 7 }],
    ['an id that is no text', { dormakaba_oracode_user_level_id: 7 }],
    ['a level prefix in text', { dormakaba_oracode_user_level_prefix: '7' }],
    ['an old level prefix in text', { ext_dormakaba_oracode_user_level_prefix: '7' }],
    ['no check-in', { check_in_time: undefined }],
    ['no check-out', { check_out_time: undefined }],
    ['a time that is a number', { check_in_time: 16 }],
    ['24:00', { check_out_time: '24:00' }],
    ['24:00:00', { check_out_time: '24:00:00[Europe/Lisbon]' }],
    ['seconds', { check_in_time: '16:00:30' }],
    ['minute 60', { check_in_time: '16:60' }],
    ['one digit', { check_in_time: '7:00' }],
    ['Z', { check_in_time: '16:00:00Z' }],
    ['a zone before its offset', { check_in_time: '16:00[Europe/Lisbon]+01:00' }],
    ['an offset without a colon', { check_in_time: '16:00+0100' }],
    ['an open zone', { check_in_time: '16:00[Europe/Lisbon' }],
    ['words', { check_in_time: ' 16:00' }],
    ['a line more', { check_in_time: '16:00\n' }],
  ])('are refused with %s', (_, change) => {
    expect(refusal(change)).toBe('config_invalid');
  });

  it('take a prefix by any of its three names, and null for what a slot lacks', () => {
    const { prefix, ...rest } = EVENING;
    for (const name of [
      'prefix',
      'dormakaba_oracode_user_level_prefix',
      'ext_dormakaba_oracode_user_level_prefix',
    ]) {
      const slot = { ...rest, is_master: null, is_one_shot: null, [name]: prefix };
      const config = { predefined_time_slots: [slot] };
      const { kinds } = tokenIn(LISBON, dormakabaOracode, { config }).rules;
      expect(kinds).toEqual(door(LISBON, EVENING).rules.kinds);
    }
  });

  it('are refused with two levels of one prefix', () => {
    expect(codeOf(() => door(LISBON, EVENING, { ...NOON, prefix: 123 }))).toBe('config_invalid');
  });

  it('are refused with what they do not know', () => {
    for (const config of [
      { slots: [] },
      { predefined_time_slots: [{ ...EVENING, is_passage: true }] },
      { predefined_time_slots: [null] },
      { predefined_time_slots: new Array(2) },
      null,
      [],
    ]) {
      expect(codeOf(() => tokenIn(LISBON, dormakabaOracode, { config }))).toBe('bad_argument');
    }
  });

  it('name the slot and the way out', () => {
    const tell = (change: Readonly<Record<string, unknown>>): void => {
      tokenIn(LISBON, dormakabaOracode, {
        config: { predefined_time_slots: [NOON, { ...EVENING, ...change }] },
      });
    };
    const unsupported =
      '"config.predefined_time_slots[1]": master and one-shot levels are unsupported, leave them out';
    expect(() => tell({ is_master: true })).toThrow(unsupported);
    expect(() => tell({ is_one_shot: true })).toThrow(unsupported);
    expect(() => tell({ check_in_time: '24:00' })).toThrow('"config.predefined_time_slots[1].check_in_time"');
  });

  it('of the sample are a night level 123 and a 24-hour level 126', () => {
    const token = tokenIn(LISBON, dormakabaOracode, { config: dormakabaOracode.sample });
    expect(windowFor(token, '2026-06-01T16:00', '2026-06-02T10:00')).toBe(
      'daily 123 2026-06-01T16:00 2026-06-02T10:00',
    );
    expect(windowFor(token, '2026-06-01T00:00', '2026-06-02T23:59', { maxTimeRounding: '1d' })).toBe(
      'daily 126 2026-06-01T00:00 2026-06-02T23:59',
    );
  });

  it('need the local times of the door', () => {
    const token = createToken({
      vendor: dormakabaOracode,
      deviceId: 'door-1',
      root: new Uint8Array(32),
      timeZone: LISBON,
      config: dormakabaOracode.sample,
    });
    expect(codeOf(() => plan(token, { startsAt: '2026-06-01T16:00', endsAt: '2026-06-02T10:00' }))).toBe(
      'zone_required',
    );
  });
});
