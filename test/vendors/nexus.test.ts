import { createToken, type DeviceToken, mint, nextGrant, read } from 'pintumbler';
import { createLock, enter, initialState } from 'pintumbler/lock';
import {
  NEXUS_ADD_DAYS,
  NEXUS_SET_DAYS,
  nexusFactory,
  nexusSmallMaintenance,
  nexusSmallTest,
} from 'pintumbler/schemes';
import { describe, expect, it } from 'vitest';
import { nexus } from '../../src/vendors/nexus.ts';
import { codeOf, hex } from '../support/helpers.ts';
import {
  extendedBitsLiteral,
  fullLiteral,
  smallBitsLiteral,
  symbolsLiteral,
} from '../support/paygo-literal.ts';

/* Nexus Keycode: its settings, and what cryptography.md §3 says of a device. How its lock lives: test/steps*.test.ts. */

const KEY = hex('bc41ec9530f6dac86b1a29ab82edc5fb');
const NOW = 1_772_380_800;

const tokenOf = (config?: unknown, key = KEY): DeviceToken =>
  createToken({
    vendor: nexus,
    deviceId: 'kit',
    key,
    timeZone: 'UTC',
    ...(config !== undefined && { config }),
  });

const full = tokenOf();
const small = tokenOf({ keypad: 'small' });
const extended = tokenOf({ keypad: 'small', extended: true });

const verdictOf = (token: DeviceToken, code: string) => {
  const lock = createLock([token]);
  return enter(lock, initialState(lock), code, NOW).verdict;
};

const smallLiteral = (id: number, type: number, body: number): string =>
  symbolsLiteral(smallBitsLiteral(KEY, id, type, body));

describe('settings', () => {
  it.each([
    ...['digits', 'Small', '', 5, null, true, []].map((keypad) => ({ keypad })),
    ...['true', 1, 0, null, []].map((on) => ({ keypad: 'small', extended: on })),
    { extended: true },
    { keypad: 'full', extended: true },
    { extended: 'false' },
  ])('%o is refused', (config) => {
    expect(codeOf(() => tokenOf(config))).toBe('config_invalid');
  });

  it('none is one that nobody knows', () => {
    for (const config of [{ window: 64 }, null, [], 'small'])
      expect(codeOf(() => tokenOf(config))).toMatch(/^(bad_argument|config_invalid)$/);
    expect(tokenOf({ extended: false }).rules).toEqual(full.rules);
    expect(tokenOf({ keypad: 'full' }).rules).toEqual(full.rules);
  });

  it('keys of 16 bytes', () => {
    for (const length of [0, 15, 17, 32])
      expect(codeOf(() => tokenOf({}, new Uint8Array(length)))).toBe('key_length');
  });

  it('a layout for each keypad', () => {
    expect([full, small, extended].map(({ rules }) => [rules.layout, rules.digits, rules.tags])).toEqual([
      ['nexus-full/1', 14, 10 ** 6],
      ['nexus-small/1', 15, 2 ** 12],
      ['nexus-small-extended/1', 15, 2 ** 12],
    ]);
  });
});

describe('as published', () => {
  it.each([
    ['add', 0, 0, 0],
    ['add', 99_999, 0, 99_999],
    ['set', 0, 1, 0],
    ['set', 99_998, 1, 99_998],
    ['unlock', 99_999, 1, 99_999],
    ['wipe_credit', 0, 2, 0],
    ['wipe_flag', 3, 2, 3],
  ])('full keypad: %s %i', (kind, value, type, body) => {
    const code = fullLiteral(KEY, 42, type, body);
    expect(mint(full, { kind, variance: 0, count: 42, value })).toBe(code);
    expect(verdictOf(full, code)).toMatchObject({
      accepted: true,
      opens: false,
      reason: 'credited',
      grant: { kind, count: 42, value },
    });
  });

  it('small keypad: each number of days that a body says, lock, unlock and the flag', () => {
    const grants = [
      ...NEXUS_ADD_DAYS.map((value, body) => ['add', value, 0, body] as const),
      ['add_unlock', 255, 0, 255] as const,
      ...NEXUS_SET_DAYS.map((value, body) => ['set', value, 2, body] as const),
      ['lock', 254, 2, 254] as const,
      ['unlock', 255, 2, 255] as const,
      ['wipe_flag', 253, 2, 253] as const,
    ];
    for (const [kind, value, type, body] of grants) {
      const code = smallLiteral(50, type, body);
      expect(mint(small, { kind, variance: 0, count: 50, value }), `${kind} ${value}`).toBe(code);
      expect(verdictOf(small, code)).toMatchObject({ reason: 'credited', grant: { kind, count: 50, value } });
    }
    for (const body of [240, 252]) expect(verdictOf(small, smallLiteral(50, 2, body)).reason).toBe('unknown');
  });

  it('extended keycodes: where the device takes them, and mint refuses an id that looks like one near it', () => {
    let [made, refused] = [0, 0];
    for (let id = 0; id < 64; id++) {
      const code = symbolsLiteral(extendedBitsLiteral(KEY, id, 29));
      if (
        codeOf(() => mint(extended, { kind: 'set_wipe', variance: 0, count: id, value: 30 })) !== 'no error'
      ) {
        refused++;
        continue;
      }
      made++;
      expect(verdictOf(extended, code)).toMatchObject({
        reason: 'credited',
        grant: { kind: 'set_wipe', count: id },
      });
      expect(verdictOf(small, code).reason).toBe('unknown');
      expect(read(extended, code, { count: id }).map(({ count }) => count)).toEqual([id]);
    }
    expect(made).toBeGreaterThan(50);
    expect(refused + made).toBe(64);
  });

  it('ids 0 to 63 at first, then 23 below and 40 above the highest', () => {
    const lock = createLock([full]);
    const add = (id: number): string => fullLiteral(KEY, id, 0, 24);
    const fresh = initialState(lock);
    const reasons = (state: typeof fresh, ids: readonly number[]): readonly string[] =>
      ids.map((id) => enter(lock, state, add(id), NOW).verdict.reason);
    expect(reasons(fresh, [0, 23, 63, 64])).toEqual(['credited', 'credited', 'credited', 'unknown']);
    const { state } = enter(lock, fresh, add(63), NOW);
    expect(reasons(state, [39, 40, 62, 63, 103, 104])).toEqual([
      'expired',
      'credited',
      'credited',
      'already_used',
      'credited',
      'unknown',
    ]);
    // A lower id moves nothing.
    const { state: after } = enter(lock, state, add(40), NOW);
    expect(reasons(after, [40, 41, 103, 104])).toEqual(['already_used', 'credited', 'credited', 'unknown']);
  });

  it('one id is one: an ADD used up is no SET any more, and the other way round', () => {
    const lock = createLock([full]);
    const { state } = enter(lock, initialState(lock), fullLiteral(KEY, 30, 0, 24), NOW);
    expect(enter(lock, state, fullLiteral(KEY, 30, 1, 24), NOW).verdict.reason).toBe('already_used');
    const { state: set } = enter(lock, initialState(lock), fullLiteral(KEY, 30, 1, 24), NOW);
    expect(enter(lock, set, fullLiteral(KEY, 30, 0, 24), NOW).verdict.reason).toBe('already_used');
    expect(enter(lock, set, fullLiteral(KEY, 29, 0, 24), NOW).verdict.reason).toBe('superseded');
  });

  it('all but "add" end what is below them', () => {
    for (const { rules } of [full, small, extended])
      for (const { id, seals } of rules.kinds) expect(seals ?? false, id).toBe(!id.startsWith('add'));
  });

  it('entries cost credit: at most 128, at first 6, one more every 12 minutes', () => {
    expect(full.rules.lock.throttle).toEqual({ by: 'credit', most: 128, first: 6, regain: 720, keeps: true });
  });

  it('what everybody can make, and what would make old keycodes new, is none', () => {
    for (const target of [1, 2])
      expect(verdictOf(full, fullLiteral(KEY, 30, 2, target)).reason).toBe('unknown');
    expect(verdictOf(full, nexusFactory('allow_test')).reason).toBe('malformed');
    expect(verdictOf(full, nexusFactory('oqc', 60)).reason).toBe('malformed');
    for (const token of [small, extended]) {
      for (const test of ['short', 'oqc'] as const)
        expect(verdictOf(token, nexusSmallTest(test)).reason).toBe('unknown');
      for (const wipe of ['credit', 'credit_and_ids', 'ids'] as const)
        expect(verdictOf(token, nexusSmallMaintenance(KEY, wipe)).reason).toBe('unknown');
    }
    // A set to one day of id 63 looks like an old test code: its generator takes the next id.
    expect(nextGrant(small, { after: 62, kind: 'set', value: 1 }).count).toBe(64);
    expect(nexus.codes).toBe('published');
  });
});
