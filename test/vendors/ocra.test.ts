import { createToken, type DeviceToken, mint, nextGrant } from 'pintumbler';
import { ask, createLock, enter, initialState } from 'pintumbler/lock';
import { describe, expect, it } from 'vitest';
import { ocra } from '../../src/vendors/ocra.ts';
import { codeOf, hex } from '../support/helpers.ts';
import { ocraLiteral } from '../support/steps-model.ts';

/* OATH OCRA: its settings, and the suites of RFC 6287 as locks. How its lock lives: test/steps*.test.ts. */

const SECRET = hex('3132333435363738393031323334353637383930');
const NOW = 1_772_380_800;

const tokenOf = (config?: unknown, key = SECRET): DeviceToken =>
  createToken({
    vendor: ocra,
    deviceId: 'safe',
    key,
    timeZone: 'UTC',
    ...(config !== undefined && { config }),
  });

const NO_NUMBER = [Number.NaN, Infinity, -Infinity, '10', true, null, -0, {}, [], 1n];

describe('settings', () => {
  it.each([
    ...[
      '',
      'HOTP',
      'OCRA-1:HOTP-SHA1-6',
      'OCRA-1:HOTP-SHA1-6:',
      'OCRA-2:HOTP-SHA1-6:QN08',
      'OCRA-1:HOTP-SHA1-0:QN08', // no truncation: nothing to key in
      'OCRA-1:HOTP-SHA1-3:QN08',
      'OCRA-1:HOTP-SHA1-11:QN08',
      'OCRA-1:HOTP-MD5-6:QN08',
      'OCRA-1:HOTP-SHA1-6:C',
      'OCRA-1:HOTP-SHA1-6:QN03',
      'OCRA-1:HOTP-SHA1-6:QN65',
      'OCRA-1:HOTP-SHA1-6:QX08',
      'OCRA-1:HOTP-SHA1-6:QN08-T0M',
      'OCRA-1:HOTP-SHA1-6:QN08-T60S',
      'OCRA-1:HOTP-SHA1-6:QN08-T49H',
      'OCRA-1:HOTP-SHA1-6:QN08-S000',
      'OCRA-1:HOTP-SHA1-6:QN08-S513',
      'OCRA-1:HOTP-SHA1-6:T1M-QN08',
      'ocra-1:hotp-sha1-6:qn08',
      ' OCRA-1:HOTP-SHA1-6:QN08',
      'OCRA-1:HOTP-SHA1-6:QN08\n',
      1,
      [],
      ['OCRA-1:HOTP-SHA1-6:QN08'],
    ].map((suite) => ({ suite })),
    ...[9, 86_401, 10.5, -1, 0, ...NO_NUMBER].map((life) => ({ life })),
    ...[11, 1.5, -1, ...NO_NUMBER].map((window) => ({ window })),
    ...[0, 51, 1.5, -1].map((window) => ({ window, suite: 'OCRA-1:HOTP-SHA1-6:C-QN08' })),
    ...[-1, 1001, 0.5, ...NO_NUMBER].map((resync) => ({ resync })),
    ...[-1, 101, 0.5, ...NO_NUMBER].map((drift) => ({ drift })),
  ])('%o is refused', (config) => {
    expect(codeOf(() => tokenOf(config))).toBe('config_invalid');
  });

  it('none is one that nobody knows', () => {
    for (const config of [{ pin: '1234' }, { digits: 8 }, null, [], 'suite'])
      expect(codeOf(() => tokenOf(config))).toMatch(/^(bad_argument|config_invalid)$/);
  });

  it('by default eight digits of SHA-256 for eight digits, for five minutes', () => {
    const { scheme: _, ...rules } = tokenOf().rules;
    expect(tokenOf({ suite: 'OCRA-1:HOTP-SHA256-8:QN08', life: 300 }).rules).toMatchObject(rules);
    expect(rules.layout).toBe('ocra-hotp-sha256-8-qn08/1');
    expect(rules.kinds[0]?.asks).toBe(300);
  });

  it.each([10, 300, 86_400])('%i seconds for an answer', (life) => {
    const token = tokenOf({ life });
    const lock = createLock([token]);
    const asked = { challenge: '48290137' };
    const state = ask(lock, initialState(lock), asked, NOW);
    const code = mint(token, nextGrant(token, { after: 0, asked }));
    expect(enter(lock, state, code, NOW + life - 1).verdict.opens).toBe(true);
    expect(enter(lock, state, code, NOW + life).verdict.reason).toBe('not_asked');
  });

  it('keys from 16 bytes, and the hash of the PIN after them', () => {
    const pin = { suite: 'OCRA-1:HOTP-SHA1-6:QN08-PSHA256' };
    expect(codeOf(() => tokenOf({}, new Uint8Array(15)))).toBe('key_length');
    for (const length of [16, 20, 47]) {
      const run = (): unknown =>
        mint(tokenOf(pin, new Uint8Array(length)), {
          kind: 'response',
          variance: 0,
          count: 0,
          value: 0,
          asked: { challenge: '1' },
        });
      expect(codeOf(run), String(length)).toBe('key_length');
    }
  });
});

describe('every shape of suite is a lock', () => {
  const challenge = '48290137';
  const pinHash = hex('7110eda4d09e062aa5e4a390b0a572ac0d2c0220');
  const session = hex('00ff10');

  it.each(
    [false, true].flatMap((c) =>
      [false, true].flatMap((p) =>
        [false, true].flatMap((s) => [undefined, 'T1M', 'T30S', 'T1H'].map((t) => [c, p, s, t] as const)),
      ),
    ),
  )('C %s, PSHA1 %s, S003 %s, %s', (c, p, s, t) => {
    const suite = `OCRA-1:HOTP-SHA512-9:${c ? 'C-' : ''}QN08${p ? '-PSHA1' : ''}${s ? '-S003' : ''}${t ? `-${t}` : ''}`;
    const seconds = t === 'T1H' ? 3600 : t === 'T30S' ? 30 : 60;
    const token = tokenOf({ suite }, p ? Uint8Array.from([...SECRET, ...pinHash]) : SECRET);
    const lock = createLock([token]);
    const asked = { challenge, ...(s && { session: '00FF10' }) };
    const answer = (counter: number, now: number, other: object = {}): string =>
      ocraLiteral(SECRET, suite, {
        challenge,
        ...(c && { counter }),
        ...(p && { pinHash }),
        ...(s && { session }),
        ...(t && { timeStep: Math.floor(now / seconds) }),
        ...other,
      });
    const state = ask(lock, initialState(lock), asked, NOW);
    const reason = (code: string, now = NOW): string => enter(lock, state, code, now).verdict.reason;
    expect(reason(answer(0, NOW))).toBe('first_use');
    expect(reason(answer(9, NOW))).toBe('first_use');
    expect(reason(answer(10, NOW))).toBe(c ? 'out_of_step' : 'first_use');
    const early = t ? ['first_use', c ? 'unknown' : 'out_of_step'] : ['first_use', 'first_use'];
    expect([1, 2].map((steps) => reason(answer(3, NOW + steps * seconds)))).toEqual(early);
    expect([1, 2].map((steps) => reason(answer(3, NOW - steps * seconds)))).toEqual(early);
    // Each field counts.
    for (const other of [{ challenge: '48290138' }, ...(s ? [{ session: hex('00ff11') }] : [])])
      expect(reason(answer(0, NOW, other))).toBe('unknown');
    const { grant } = enter(lock, state, answer(0, NOW), NOW).verdict;
    expect(grant?.asked).toEqual(asked);
    if (grant) expect(mint(token, grant)).toBe(answer(0, NOW));
    if (c) {
      const value = t ? { value: Math.floor(NOW / seconds) } : {};
      expect(mint(token, nextGrant(token, { after: 6, asked, ...value }))).toBe(answer(7, NOW));
    }
  });

  it.each([
    ['QA08', 'Ab3dE9zZ', ['Ab3dE9z-', 'Ab3dE9zZ1']],
    ['QH08', 'dEadBEEF', ['deadbeeg', 'deadbeef0']],
    ['QN10', '4829013700', ['482901370a', '48290137001']],
  ])('%s: %s', (format, good, bad) => {
    const token = tokenOf({ suite: `OCRA-1:HOTP-SHA1-6:${format}` });
    const lock = createLock([token]);
    const state = ask(lock, initialState(lock), { challenge: good }, NOW);
    const code = mint(token, nextGrant(token, { after: 0, asked: { challenge: good } }));
    expect(enter(lock, state, code, NOW).verdict.opens).toBe(true);
    for (const challenge of bad)
      expect(codeOf(() => ask(lock, initialState(lock), { challenge }, NOW))).toMatch(
        /^(bad_argument|out_of_range)$/,
      );
  });
});
