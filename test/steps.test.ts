import { existsSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { createToken, type DeviceToken, type Grant, mint, nextGrant, read } from 'pintumbler';
import {
  ask,
  createLock,
  type Entry,
  enter,
  initialState,
  type Lock,
  type LockState,
  loadState,
  loseClock,
  saveState,
  setClock,
} from 'pintumbler/lock';
import { hotpScheme, openPaygoToken } from 'pintumbler/schemes';
import { hotp, igloohome, nexus, ocra, openpaygo, type Rules, totp, type Vendor } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { at, codeOf, hex } from './support/helpers.ts';
import { extendedBitsLiteral, fullLiteral, symbolsLiteral, tokenLiteral } from './support/paygo-literal.ts';
import { hotpLiteral, ocraLiteral } from './support/steps-model.ts';

/*
 * The lock that keeps step: published sequences, what a thief would try, states that are damaged, and misuse. That every
 * verdict is right is test/steps-model.test.ts.
 */

const DAY = 86_400;
const NOW = at('2026-03-01T16:00Z');
/** Longer than any throttle. */
const LONG = 10 ** 7;

const KEY = hex('bc41ec9530f6dac86b1a29ab82edc5fb');
/** Of the RFCs' appendices: "12345678901234567890". */
const SECRET = hex('3132333435363738393031323334353637383930');

const tokenOf = (vendor: Vendor, config: object = {}, key = SECRET, epoch = 0): DeviceToken =>
  createToken({ vendor, deviceId: 'd-1', key, timeZone: 'UTC', config, epoch });

/** A lock with its state: every entry goes through its flash. */
class Door {
  readonly lock: Lock;
  state: LockState;
  now: number;

  constructor(token: DeviceToken, now: number = NOW) {
    this.lock = createLock([token]);
    this.state = initialState(this.lock);
    this.now = now;
  }

  key(code: string, now: number = this.now): Entry {
    this.now = now;
    const entry = enter(this.lock, this.state, code, now);
    this.state = loadState(this.lock, saveState(this.lock, entry.state));
    return entry;
  }

  /** After a pause that no throttle outlasts. */
  later(code: string): string {
    return this.key(code, this.now + LONG).verdict.reason;
  }

  reason(code: string, now: number = this.now): string {
    return this.key(code, now).verdict.reason;
  }

  ask(challenge: string, now: number = this.now): void {
    this.now = now;
    this.state = ask(this.lock, this.state, { challenge }, now);
  }

  /** The same door with some of its steps as they would be in a long life. */
  having(steps: object): this {
    const { steps: before, ...state } = this.state;
    this.state = { ...state, steps: { ...stepsOf(this.state), ...before, ...steps } };
    return this;
  }
}

function stepsOf({ steps }: LockState): NonNullable<LockState['steps']> {
  if (!steps) throw new Error('it keeps no step');
  return steps;
}

const paygo = (count = 1, config: object = {}): DeviceToken =>
  tokenOf(openpaygo, { start: 516959010, count, ...config }, KEY);

/** The token of a count and value, made without `mint`, which refuses some. */
const paygoCode = (count: number, value: number): string =>
  openPaygoToken(KEY, { startingCode: 516959010, count, value });

// -- published sequences -------------------------------------------------------------------------------------------------

/** What a device on credit does with what its lock hands it. */
class Device {
  readonly door: Door;
  days = 0;
  unlocked = false;

  constructor(door: Door) {
    this.door = door;
  }

  key(code: string): string {
    const { verdict } = this.door.key(code, this.door.now + LONG);
    if (!verdict.accepted) return verdict.reason;
    expect(verdict.opens).toBe(false);
    const { kind, value = Number.NaN } = verdict.grant;
    if (kind === 'add') this.days += value;
    if (kind === 'set') this.days = value;
    if (kind !== 'sync') this.unlocked = kind === 'disable';
    return verdict.reason;
  }
}

/** In words of the collection: what of ours each can be. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  accepted: ['credited', 'synced'],
  'already-used': ['already_used'],
  rejected: ['unknown'],
};

describe('published sequences', () => {
  const published = new URL('../../shared/vectors/openpaygo.json', import.meta.url);
  it.skipIf(!existsSync(published))('OpenPAYGO: the document, the test procedure, and the hardening', () => {
    let [sequences, hardening] = [0, 0];
    const file = JSON.parse(readFileSync(published, 'utf8'));
    for (const { type, key, startingCode: start, initialCount, tests } of file.testGroups) {
      const deviceOf = (count: number): Device =>
        new Device(new Door(tokenOf(openpaygo, { start, count }, hex(key))));
      if (type === 'OpenPaygoDeviceSequence') {
        const device = deviceOf(initialCount);
        for (const test of tests) {
          const comment = `tcId ${test.tcId}, ${test.comment}`;
          const { door } = device;
          expect(WORDS[test.expect], comment).toContain(device.key(test.token));
          if (test.daysAfter !== undefined) expect(device.days, comment).toBe(test.daysAfter);
          if (test.expect === 'accepted' && test.count !== undefined)
            expect(stepsOf(door.state).last, comment).toBeGreaterThanOrEqual(test.count);
          if (test.type !== undefined) expect(device.unlocked, comment).toBe(test.type === 'DISABLE_PAYG');
          sequences++;
        }
      }
      if (type !== 'OpenPaygoHardening') continue;
      for (const test of tests) {
        const device = deviceOf(test.initialCount);
        test.tokens.forEach((code: string, index: number) => {
          expect(WORDS[test.expect[index]], `tcId ${test.tcId}`).toContain(device.key(code));
        });
        hardening++;
      }
    }
    expect([sequences, hardening]).toEqual([32, 3]);
  });

  it('OpenPAYGO: one of ours, of a device with a key of zeros', () => {
    const key = new Uint8Array(16);
    const device = new Device(new Door(tokenOf(openpaygo, {}, key)));
    // Count, value, token, what comes of it, days after it.
    const steps = [
      [2, 30, '071172659', 'credited', 30],
      [2, 30, '071172659', 'already_used', 30],
      [6, 7, '654958636', 'credited', 37],
      [4, 1, '437428630', 'credited', 38],
      [4, 1, '437428630', 'already_used', 38],
      [5, 10, '829003639', 'expired', 38],
      [7, 5, '070077634', 'credited', 5],
      [5, 10, '829003639', 'superseded', 5],
      [9, 998, '371578627', 'credited', 5],
      [11, 0, '977930629', 'credited', 0],
      [75, 2, '962914631', 'credited', 2],
      [141, 2, '373392631', 'not_yet_valid', 2],
      [175, 999, '926042628', 'synced', 2],
      [112, 2, '580026631', 'superseded', 2],
      [113, 999, '736098628', 'synced', 2],
      [113, 999, '736098628', 'already_used', 2],
      [111, 999, '436819628', 'expired', 2],
      [175, 999, '926042628', 'already_used', 2],
      [114, 2, '980036631', 'credited', 4],
    ] as const;
    const got = steps.map(([count, value]) => {
      const token = tokenLiteral(key, 750219629n, count, value);
      return [count, value, token, device.key(token), device.days];
    });
    expect(got).toEqual(steps);
  });

  it('OpenPAYGO: extended and restricted tokens', () => {
    for (const [extended, keypad] of [
      [true, 'digits'],
      [false, 'restricted'],
      [true, 'restricted'],
    ] as const) {
      const device = new Device(new Door(paygo(1, { extended, keypad })));
      const restricted = keypad === 'restricted';
      const token = (count: number, value: number): string =>
        tokenLiteral(KEY, 516959010n, count, value, extended, restricted);
      const value = extended ? 999_999 : 995;
      expect(device.key(token(2, value))).toBe('credited');
      expect(device.key(token(2, value))).toBe('already_used');
      expect(device.key(token(3, 998))).toBe('credited');
      // What 998 disables, extended sets to so many days.
      expect([device.days, device.unlocked]).toEqual(extended ? [998, false] : [995, true]);
    }
  });

  it('OpenPAYGO: 2, 4, 6, and 2 again, which OpenPAYGO-HW accepts', () => {
    const door = new Door(paygo());
    expect([2, 4, 6, 2].map((count) => door.later(paygoCode(count, 1)))).toEqual([
      'credited',
      'credited',
      'credited',
      'already_used',
    ]);
  });

  it('OpenPAYGO: what the starting code alone can write opens nothing', () => {
    for (const count of [0, 1, 14]) {
      const door = new Door(paygo(count));
      const values = [0, 30, 995, 998, 999];
      for (const value of values)
        expect(door.later(`516959${String((10 + value) % 1000).padStart(3, '0')}`)).toBe('unknown');
    }
  });

  it('RFC 4226, Appendix D: the ten codes, each once', () => {
    const codes = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ');
    const door = new Door(tokenOf(hotp));
    for (const [count, code] of codes.entries()) {
      const { verdict } = door.key(code);
      expect(verdict).toMatchObject({
        accepted: true,
        opens: true,
        reason: 'first_use',
        grant: { count, value: 0 },
      });
      expect(door.later(code)).toBe('already_used');
    }
    expect(codes.map((code) => door.later(code))).toEqual([
      ...new Array(9).fill('superseded'),
      'already_used',
    ]);
    // The last of the window of 10.
    const other = new Door(tokenOf(hotp));
    expect(other.reason('520489')).toBe('first_use');
    expect(other.later('399871')).toBe('superseded');
  });

  it('RFC 6238, Appendix B: each in its period, the ones before and after, and once', () => {
    const table: readonly (readonly [number, string, string, string])[] = [
      [59, '94287082', '46119246', '90693936'],
      [1111111109, '07081804', '68084774', '25091201'],
      [1111111111, '14050471', '67062674', '99943326'],
      [1234567890, '89005924', '91819424', '93441116'],
      [2000000000, '69279037', '90698825', '38618901'],
      [20000000000, '65353130', '77737706', '47863826'],
    ];
    const keys = [20, 32, 64].map((length) =>
      Uint8Array.from({ length }, (_, i) => '1234567890'.charCodeAt(i % 10)),
    );
    (['SHA-1', 'SHA-256', 'SHA-512'] as const).forEach((hash, index) => {
      const token = tokenOf(totp, { hash, digits: 8 }, keys[index]);
      const door = new Door(token);
      for (const [time, ...codes] of table) {
        const code = codes[index] ?? '';
        const first = time - (time % 30);
        for (const [when, reason] of [
          [first - 31, 'out_of_step'],
          [first - 30, 'first_use'],
          [time, 'first_use'],
          [first + 59, 'first_use'],
          [first + 60, 'out_of_step'],
        ] as const)
          if (when >= 0)
            expect(new Door(token, when).reason(code), `${hash} ${time} at ${when}`).toBe(reason);
        expect(door.reason(code, time)).toBe('first_use');
        expect(door.reason(code, time)).toBe('already_used');
        expect(door.key(code, time).verdict.grant).toMatchObject({ startsAt: first, endsAt: first + 30 });
        door.state = setClock(door.lock, { ...door.state, throttle: initialState(door.lock).throttle }, time);
      }
    });
  });

  it('RFC 6287, Appendix C: the answers, each to its challenge', () => {
    const plain = '237653 243178 653583 740991 608993 388898 816933 224598 750600 294470'.split(' ');
    const door = new Door(tokenOf(ocra, { suite: 'OCRA-1:HOTP-SHA1-6:QN08' }));
    plain.forEach((code, i) => {
      door.ask(String(i).repeat(8));
      expect(door.key(code).verdict).toMatchObject({ opens: true, reason: 'first_use' });
      expect(door.later(code)).toBe('not_asked');
      door.ask(String((i + 1) % 10).repeat(8));
      expect(door.reason(code)).toBe('unknown');
    });

    const long = Uint8Array.from({ length: 64 }, (_, i) => '1234567890'.charCodeAt(i % 10));
    const counted =
      '07016083 63947962 70123924 25341727 33203315 34205738 44343969 51946085 20403879 31409299';
    const safe = new Door(tokenOf(ocra, { suite: 'OCRA-1:HOTP-SHA512-8:C-QN08' }, long));
    counted.split(' ').forEach((code, i) => {
      safe.ask(String(i).repeat(8));
      expect(safe.reason(code)).toBe('first_use');
      safe.ask(String(i).repeat(8));
      expect(safe.reason(code)).toBe('already_used');
    });

    const timed = '95209754 55907591 22048402 24218844 36209546'.split(' ');
    const noon = at('2008-03-25T12:06Z');
    const late = new Door(tokenOf(ocra, { suite: 'OCRA-1:HOTP-SHA512-8:QN08-T1M' }, long));
    timed.forEach((code, i) => {
      late.ask(String(i).repeat(8), noon);
      expect(late.reason(code)).toBe('first_use');
    });
  });
});

// -- what a thief would try ----------------------------------------------------------------------------------------------

describe('two meanings of one code', () => {
  it('OpenPAYGO: digits of two counts are used up as the lower one; mint makes neither', () => {
    // Found by search: value, and two counts whose tokens are one.
    for (const [value, low, high] of [
      [43, 44, 112],
      [864, 135, 159],
      [436, 93, 101],
      [498, 107, 118],
      [364, 13, 26],
    ] as const) {
      const code = paygoCode(low, value);
      expect(code).toBe(paygoCode(high, value));
      expect(code).toBe(tokenLiteral(KEY, 516959010n, high, value));
      for (const count of [low, high])
        expect(
          codeOf(() => mint(paygo(), { kind: count % 2 === 0 ? 'add' : 'set', variance: 0, count, value })),
        ).toBe('code_ambiguous');
      const door = new Door(paygo(low - 1));
      expect(door.key(code, NOW).verdict.grant).toMatchObject({ count: low, value });
      // A token is remembered for as long as a sync can go back to it.
      for (let last = low; last <= Math.min(high, low + 63); last += 8) {
        expect(door.later(code), `${low} and ${high}, last ${last}`).toBe('already_used');
        // An odd one would seal.
        expect(door.later(paygoCode(last + 8 + (last % 2), 1))).toBe('credited');
      }
      // Nor after a sync, back to before both.
      const back = new Door(paygo(low - 1));
      expect(back.later(code)).toBe('credited');
      expect(back.later(paygoCode(low % 2 === 0 ? low - 1 : low - 2, 999))).toBe('synced');
      expect(back.later(code)).toBe('already_used');
      expect(
        codeOf(() => nextGrant(paygo(), { after: low - 1, kind: low % 2 === 0 ? 'add' : 'set', value })),
      ).toBe('no error');
    }
  });

  it('Nexus: of extended keycodes, which say two bits of their id', () => {
    const token = tokenOf(nexus, { keypad: 'small', extended: true }, KEY);
    for (const [body, low, high] of [
      [20, 19, 63],
      [33, 45, 61],
      [28, 13, 61],
    ] as const) {
      const code = symbolsLiteral(extendedBitsLiteral(KEY, low, body));
      expect(code).toBe(symbolsLiteral(extendedBitsLiteral(KEY, high, body)));
      const value = body + 1;
      for (const count of [low, high])
        expect(codeOf(() => mint(token, { kind: 'set_wipe', variance: 0, count, value }))).toBe(
          'code_ambiguous',
        );
      const door = new Door(token);
      expect(door.key(code).verdict.grant).toMatchObject({ kind: 'set_wipe', count: low, value });
      expect(door.later(code)).toBe('already_used');
      const near = read(token, code, { count: 23 });
      expect(near.map(({ count }) => count)).toEqual([high, low]);
      expect(nextGrant(token, { after: low - 1, kind: 'set_wipe', value }).count).toBeGreaterThan(low);
    }
  });

  it('HOTP: a code that is also that of a count soon after opens once', () => {
    for (const [low, high, code] of [
      [2386, 2394, '709847'],
      [103424, 103427, '746629'],
      [153567, 153569, '468457'],
    ] as const) {
      expect([hotpLiteral(SECRET, low), hotpLiteral(SECRET, high)]).toEqual([code, code]);
      const before = { last: low - 1, floor: low - 1, peak: low - 1 };
      const door = new Door(tokenOf(hotp)).having(before);
      expect(door.key(code).verdict.grant).toMatchObject({ count: low });
      expect(door.later(code)).toBe('already_used');
      // Who has the token presses on, and is let in.
      expect(door.later(hotpLiteral(SECRET, high + 1))).toBe('first_use');
    }
  });

  it('TOTP: a code that is also that of the period after the next', () => {
    const [period, code] = [61331809, '768734'];
    expect([period, period + 2].map((each) => hotpLiteral(SECRET, each))).toEqual([code, code]);
    const door = new Door(tokenOf(totp), period * 30);
    expect(door.reason(code)).toBe('first_use');
    expect(door.reason(code, period * 30 + 30)).toBe('already_used');
    // Of two neighbours the later is used up, and the earlier with it.
    const [first, twin] = [62075368, '235522'];
    expect([first, first + 1].map((each) => hotpLiteral(SECRET, each))).toEqual([twin, twin]);
    for (const now of [first * 30, first * 30 + 30]) {
      const other = new Door(tokenOf(totp), now);
      expect(other.key(twin).verdict.grant).toMatchObject({ startsAt: first * 30 + 30 });
      expect(other.reason(twin, first * 30 + 30)).toBe('already_used');
      expect(other.reason(twin, first * 30 + 60)).toBe('already_used');
    }
  });
});

describe('a sync that goes back', () => {
  it('opens nothing that was used, before it, by it, or after it; another value of a count it does', () => {
    const door = new Door(paygo(40));
    const used = [42, 44, 45, 46, 48, 49, 50].map((count) => paygoCode(count, 7));
    for (const code of used) expect(door.later(code)).toBe('credited');
    expect(door.later(paygoCode(41, 999))).toBe('synced');
    for (const code of used) expect(door.later(code)).toBe('already_used');
    expect(door.later(paygoCode(42, 8))).toBe('credited');
    expect(door.later(paygoCode(42, 9))).toBe('already_used');
    expect(door.later(paygoCode(45, 8))).toBe('credited');
    expect(door.later(paygoCode(43, 999))).toBe('synced');
    for (const code of [...used, paygoCode(42, 8), paygoCode(45, 8), paygoCode(41, 999)])
      expect(door.later(code)).toBe('already_used');
  });

  it('also to a count that something else has used: its issuer has lost count', () => {
    const door = new Door(paygo(40));
    for (const count of [41, 42, 43, 44]) expect(door.later(paygoCode(count, 7))).toBe('credited');
    expect(door.later(paygoCode(41, 999))).toBe('synced');
    expect(stepsOf(door.state)).toMatchObject({ last: 41, floor: 41, peak: 44 });
    for (const count of [41, 42, 43, 44]) expect(door.later(paygoCode(count, 7))).toBe('already_used');
    expect(door.later(paygoCode(41, 999))).toBe('already_used');
    // What has its count is sealed by it.
    expect(door.later(paygoCode(41, 8))).toMatch(/already_used|superseded/);
    expect(door.later(paygoCode(43, 8))).toBe('credited');
  });

  it('goes back 63 from the highest count ever, however many there are', () => {
    const door = new Door(paygo(40));
    expect(door.later(paygoCode(101, 999))).toBe('synced');
    for (let count = 99; count > 20; count -= 2)
      expect(door.later(paygoCode(count, 999)), String(count)).toBe(count >= 101 - 63 ? 'synced' : 'expired');
    expect(stepsOf(door.state)).toMatchObject({ last: 39, floor: 39, peak: 101 });
    // The highest stays known when it is reached again.
    expect(door.later(paygoCode(101, 7))).toBe('credited');
    expect(door.later(paygoCode(101, 999))).toBe('already_used');
    expect(door.later(paygoCode(37, 999))).toBe('expired');
  });

  it('what a lock has to remember stays small, whatever its issuer does', () => {
    const door = new Door(paygo(1));
    const lock = door.lock;
    let state = door.state;
    let now = NOW;
    let most = 0;
    const key = (code: string): void => {
      ({ state } = enter(lock, state, code, now));
      now += LONG;
      const { used, spent } = stepsOf(state);
      most = Math.max(most, used.length + spent.length);
    };
    for (let sync = 3; sync <= 63; sync += 2) {
      key(paygoCode(sync, 999));
      for (let count = sync + 1; count <= 64; count++) key(paygoCode(count, sync));
    }
    expect(most).toBeGreaterThan(900);
    expect(most).toBeLessThan(1200);
    expect(loadState(lock, saveState(lock, state))).toEqual(state);
    for (let count = 66; count <= 300; count += 32) key(paygoCode(count, 1));
    const { used, spent } = stepsOf(state);
    expect(used.length + spent.length).toBeLessThan(4);
  });
});

describe('codes that somebody copied', () => {
  const code = (count: number): string => hotpLiteral(SECRET, count);

  it('HOTP: one far ahead opens nothing, and its follower only if it comes next', () => {
    const door = new Door(tokenOf(hotp));
    expect(door.reason(code(50))).toBe('out_of_step');
    // Malformed entries are none, a dead keypad takes none.
    expect(door.reason('12345')).toBe('malformed');
    expect(door.later(code(52))).toBe('out_of_step');
    expect(door.later(code(51))).toBe('out_of_step');
    expect(door.later('000000')).toBe('unknown');
    expect(door.later(code(52))).toBe('out_of_step');
    expect(stepsOf(door.state)).toMatchObject({ last: -1, awaited: [53] });
    expect(door.later(code(53))).toBe('first_use');
    expect(door.later(code(53))).toBe('already_used');
    expect(door.later(code(52))).toBe('superseded');
  });

  it('HOTP: an honest code in between ends what was awaited', () => {
    const door = new Door(tokenOf(hotp));
    expect(door.reason(code(50))).toBe('out_of_step');
    expect(door.reason(code(0))).toBe('first_use');
    expect(stepsOf(door.state).awaited).toEqual([]);
    expect(door.reason(code(51))).toBe('out_of_step');
  });

  it('HOTP: what is awaited stays so while the keypad is dead', () => {
    const door = new Door(tokenOf(hotp));
    for (const entry of ['000000', '000001', code(50)]) door.reason(entry);
    expect(door.reason(code(51))).toBe('locked_out');
    expect(door.reason(code(51), NOW + 60)).toBe('first_use');
  });

  it('TOTP: a future code drags the clock by no more than the window, and once', () => {
    const door = new Door(tokenOf(totp), NOW);
    const period = NOW / 30;
    const future = (ahead: number): string => code(period + ahead);
    expect(door.reason(future(11))).toBe('not_yet_valid');
    expect(door.reason(future(1))).toBe('first_use');
    expect(stepsOf(door.state)).toMatchObject({ drift: 1, driftAt: NOW });
    // One more the same day is accepted, and moves nothing.
    expect(door.reason(future(2))).toBe('first_use');
    expect(stepsOf(door.state).drift).toBe(1);
    expect(door.reason(future(3))).toBe('out_of_step');
    // Its owner is let in by the time that has come.
    expect(door.reason(future(3), NOW + 90)).toBe('first_use');
  });

  it('TOTP: two in a row set it, within the budget, and two others set it back', () => {
    const door = new Door(tokenOf(totp), NOW);
    const period = NOW / 30;
    const far = new Door(tokenOf(totp), NOW);
    expect([10, 11].map((ahead) => far.reason(code(period + ahead)))).toEqual([
      'out_of_step',
      'not_yet_valid',
    ]);
    expect([9, 10].map((ahead) => door.reason(code(period + ahead)))).toEqual(['out_of_step', 'first_use']);
    expect(stepsOf(door.state)).toMatchObject({ drift: 10, last: period + 10 });
    // The floor does not go back with it.
    expect(door.reason(code(period + 9))).toBe('superseded');
    const later = (NOW + DAY) / 30;
    door.now = NOW + DAY;
    expect([-1, 0].map((ahead) => door.reason(code(later + ahead)))).toEqual(['out_of_step', 'first_use']);
    expect(stepsOf(door.state).drift).toBe(0);
  });

  it('TOTP: a pair is worth something for as long as the second is near the clock', () => {
    const pair = (wait: number): readonly string[] => {
      const door = new Door(tokenOf(totp), NOW);
      return [door.reason(code(NOW / 30 - 5)), door.reason(code(NOW / 30 - 4), NOW + wait)];
    };
    expect(pair(0)).toEqual(['out_of_step', 'first_use']);
    expect(pair(209)).toEqual(['out_of_step', 'first_use']);
    expect(pair(210)).toEqual(['out_of_step', 'expired']);
  });

  it('TOTP: a clock that is set back opens nothing once more', () => {
    const door = new Door(tokenOf(totp), NOW);
    expect(door.reason(code(NOW / 30))).toBe('first_use');
    for (const back of [NOW - 3600, 0]) {
      door.state = setClock(door.lock, door.state, back);
      expect(door.reason(code(Math.floor(back / 30)), back)).toBe('superseded');
    }
    door.state = setClock(door.lock, loseClock(door.lock, door.state), NOW);
    expect(door.reason(code(NOW / 30), NOW + LONG)).not.toBe('first_use');
    door.state = setClock(door.lock, door.state, NOW);
    expect(door.reason(code(NOW / 30), NOW)).toMatch(/already_used|locked_out/);
  });

  it('drift: at most `drift`, one a day, whatever the clock says in between', () => {
    const door = new Door(tokenOf(totp), NOW);
    let [drift, learned] = [0, NOW];
    for (let hours = 0; hours < 30 * 24; hours += 7) {
      const now = NOW + hours * 3600;
      const period = Math.floor(now / 30) + drift + 1;
      expect(door.reason(code(period), now)).toBe('first_use');
      const { drift: next, driftAt } = stepsOf(door.state);
      if (next !== drift && drift > 0) expect(now - learned).toBeGreaterThanOrEqual(DAY);
      if (next !== drift) learned = now;
      expect(driftAt).toBe(learned);
      expect(next - drift === 0 || next - drift === 1).toBe(true);
      drift = next;
    }
    expect(drift).toBe(10);
    // Learned in a future that was none: nothing for now.
    door.state = { ...door.state, steps: { ...stepsOf(door.state), drift: 5, driftAt: door.now + 9 * DAY } };
    const now = door.now + 3600;
    expect(door.reason(code(Math.floor(now / 30) + 4), now)).toBe('first_use');
    expect(stepsOf(door.state).drift).toBe(5);
  });
});

describe('what is asked', () => {
  const suite = 'OCRA-1:HOTP-SHA256-8:QN08';
  const token = tokenOf(ocra);
  const answer = (challenge: string): string => ocraLiteral(SECRET, suite, { challenge });

  it('is answered once, before it is too old, and not after another', () => {
    const door = new Door(token);
    expect(door.reason(answer('48290137'))).toBe('not_asked');
    door.ask('48290137');
    expect(door.reason(answer('48290138'))).toBe('unknown');
    expect(door.reason(answer('48290137'), NOW + 299)).toBe('first_use');
    expect(door.reason(answer('48290137'))).toBe('not_asked');
    door.ask('48290137');
    door.ask('11111111');
    expect(door.reason(answer('48290137'))).toBe('unknown');
    expect(door.later(answer('11111111'))).toBe('not_asked');
    door.ask('11111111');
    expect(door.reason(answer('11111111'), door.now + 300)).toBe('not_asked');
    expect(stepsOf(door.state).asked).toBe(null);
  });

  it('a lost or newly set clock voids it, and so does the answer to nothing', () => {
    for (const clock of [loseClock, (lock: Lock, state: LockState) => setClock(lock, state, NOW)]) {
      const door = new Door(token);
      door.ask('48290137');
      door.state = clock(door.lock, door.state);
      expect(door.reason(answer('48290137'))).toBe('not_asked');
    }
    // Without a time in the suite the lock works without a clock.
    const door = new Door(token);
    door.state = loseClock(door.lock, door.state);
    door.ask('48290137');
    expect(door.reason(answer('48290137'))).toBe('first_use');
    const timed = 'OCRA-1:HOTP-SHA256-8:QN08-T1M';
    const other = new Door(tokenOf(ocra, { suite: timed }));
    other.state = loseClock(other.lock, other.state);
    other.ask('48290137');
    const code = ocraLiteral(SECRET, timed, { challenge: '48290137', timeStep: Math.floor(NOW / 60) });
    expect(other.reason(code)).toBe('clock_unset');
    other.state = setClock(other.lock, other.state, NOW);
    other.ask('48290137');
    expect(other.reason(code)).toBe('first_use');
  });

  it('the counter goes on from challenge to challenge, in step again after two answers', () => {
    const suite = 'OCRA-1:HOTP-SHA1-6:C-QN08';
    const door = new Door(tokenOf(ocra, { suite }));
    const code = (counter: number, challenge: string): string =>
      ocraLiteral(SECRET, suite, { challenge, counter });
    door.ask('11111111');
    expect(door.reason(code(40, '11111111'))).toBe('out_of_step');
    door.ask('22222222');
    expect(door.reason(code(41, '22222222'))).toBe('first_use');
    door.ask('22222222');
    expect(door.reason(code(41, '22222222'))).toBe('already_used');
    expect(door.reason(code(40, '22222222'))).toBe('superseded');
  });

  it('a PIN is behind the key, session in hex of either case', () => {
    const suite = 'OCRA-1:HOTP-SHA1-8:QN08-PSHA1-S064';
    const pinHash = hex('7110eda4d09e062aa5e4a390b0a572ac0d2c0220'); // SHA-1 of 1234
    const both = Uint8Array.from([...SECRET, ...pinHash]);
    const asked = { challenge: '12345678', session: 'ABcd' };
    const lock = createLock([tokenOf(ocra, { suite }, both)]);
    const state = ask(lock, initialState(lock), asked, NOW);
    const again = loadState(lock, saveState(lock, state));
    expect(again).toEqual(state);
    const code = ocraLiteral(SECRET, suite, { challenge: '12345678', pinHash, session: hex('abcd') });
    for (const each of [state, again]) expect(enter(lock, each, code, NOW).verdict.reason).toBe('first_use');
  });
});

describe('where counts and times end', () => {
  it('HOTP: 2^53 − 1 is the last count', () => {
    const end = Number.MAX_SAFE_INTEGER;
    const code = (count: number): string => hotpLiteral(SECRET, count);
    const near = (last: number): Door => new Door(tokenOf(hotp)).having({ last, floor: last, peak: last });
    const door = near(end - 60);
    expect(door.reason(code(end))).toBe('out_of_step');
    expect(stepsOf(door.state).awaited).toEqual([]);
    expect(door.reason(code(end - 50))).toBe('first_use');
    expect(near(end - 1).reason(code(end))).toBe('first_use');
    const last = near(end);
    expect(last.reason(code(end))).toBe('already_used');
    expect(last.later('000000')).toBe('unknown');
    expect(codeOf(() => nextGrant(tokenOf(hotp), { after: end }))).toBe('out_of_range');
    expect(nextGrant(tokenOf(hotp), { after: end - 1 }).count).toBe(end);
    expect(read(tokenOf(hotp), code(end), { count: end - 1 })).toHaveLength(1);
    expect(read(tokenOf(hotp), code(end), { count: end - 11 })).toEqual([]);
  });

  it('OpenPAYGO: 65,535', () => {
    const door = new Door(paygo(65_500));
    expect(door.reason(paygoCode(65_534, 1))).toBe('credited');
    expect(door.later(paygoCode(65_535, 1))).toBe('credited');
    expect(door.later(paygoCode(65_535, 1))).toBe('already_used');
    expect(codeOf(() => nextGrant(paygo(), { after: 65_534, kind: 'add', value: 1 }))).toBe('out_of_range');
    for (const after of [65_535, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER])
      expect(codeOf(() => nextGrant(paygo(), { after, kind: 'set', value: 1 }))).toBe('out_of_range');
  });

  it('Nexus: 65,534', () => {
    const door = new Door(tokenOf(nexus, {}, KEY)).having({ last: 65_500, peak: 65_500 });
    const add = (id: number): string => fullLiteral(KEY, id, 0, 24);
    expect(door.reason(add(65_535))).toBe('unknown');
    expect(door.reason(add(65_534))).toBe('credited');
    expect(door.reason(add(65_511))).toBe('credited');
    expect(door.reason(add(65_534))).toBe('already_used');
    expect(door.reason(fullLiteral(KEY, 65_533, 1, 24))).toBe('credited');
    expect(door.reason(add(65_532))).toBe('superseded');
  });

  it('TOTP: the first second of 1970, T0, and the year 9999', () => {
    const first = new Door(tokenOf(totp), 0);
    expect(first.reason(hotpLiteral(SECRET, 1))).toBe('first_use');
    expect(first.reason(hotpLiteral(SECRET, 0))).toBe('superseded');
    expect(new Door(tokenOf(totp), 0).reason(hotpLiteral(SECRET, 0))).toBe('first_use');
    const t0 = NOW;
    const early = (now: number): string =>
      new Door(tokenOf(totp, { t0 }), now).reason(hotpLiteral(SECRET, 0));
    expect([0, t0 - 301, t0 - 30, t0, t0 + 59, t0 + 60].map(early)).toEqual([
      'not_yet_valid',
      'not_yet_valid',
      'first_use',
      'first_use',
      'first_use',
      'out_of_step',
    ]);
    const end = 253402300799;
    const last = new Door(tokenOf(totp), end);
    expect(last.reason(hotpLiteral(SECRET, Math.floor(end / 30)))).toBe('unknown'); // it would end in 10000
    expect(last.reason(hotpLiteral(SECRET, Math.floor(end / 30) - 1))).toBe('first_use');
  });

  it('OCRA: asked at the end of time', () => {
    const end = 253402300799;
    const door = new Door(tokenOf(ocra), end);
    door.ask('48290137');
    const code = ocraLiteral(SECRET, 'OCRA-1:HOTP-SHA256-8:QN08', { challenge: '48290137' });
    expect(door.reason(code)).toBe('first_use');
  });
});

describe('a state belongs to the layout whose numbers are in it', () => {
  it.each<[string, Vendor, Uint8Array, object, object]>([
    ['TOTP of another period', totp, SECRET, {}, { period: 60 }],
    ['TOTP from another T0', totp, SECRET, {}, { t0: 1000 }],
    ['HOTP of another hash', hotp, SECRET, {}, { hash: 'SHA-256' }],
    ['another suite', ocra, SECRET, {}, { suite: 'OCRA-1:HOTP-SHA256-8:C-QN08' }],
    ['Nexus of another keypad', nexus, KEY, {}, { keypad: 'small' }],
  ])('%s', (_, vendor, key, config, other) => {
    const lock = createLock([tokenOf(vendor, config, key)]);
    const foreign = createLock([tokenOf(vendor, other, key)]);
    const text = saveState(lock, initialState(lock));
    expect(codeOf(() => loadState(foreign, text))).toBe('state_foreign');
    expect(loadState(createLock([tokenOf(vendor, config, key)]), text)).toEqual(initialState(lock));
  });

  it('what a lock takes, and not what a code is, can change: a wider window', () => {
    const lock = createLock([tokenOf(hotp)]);
    const wider = createLock([tokenOf(hotp, { window: 20 })]);
    expect(loadState(wider, saveState(lock, initialState(lock)))).toEqual(initialState(wider));
  });
});

describe('throttles', () => {
  it('Nexus: credit comes from when the device was put up, if that is known', () => {
    const lock = createLock([tokenOf(nexus, {}, KEY)]);
    const tries = (at: number | undefined): number => {
      let state = initialState(lock, at);
      for (let tried = 0; ; tried++) {
        const entry = enter(lock, state, '00000000000000', NOW);
        if (entry.verdict.reason === 'locked_out') return tried;
        state = entry.state;
      }
    };
    expect([undefined, NOW, NOW - 719, NOW - 720, NOW - DAY, NOW - 9 * DAY].map(tries)).toEqual([
      6, 6, 6, 7, 126, 128,
    ]);
  });

  it('OATH: three refusals, then 1, 5, 15 minutes, 1, 4, 8 and 8 hours; a code that opens begins anew', () => {
    const door = new Door(tokenOf(hotp));
    for (const pause of [60, 300, 900, 3600, 14_400, 28_800, 28_800]) {
      for (let i = 0; i < 3; i++) expect(door.reason('000000')).toBe('unknown');
      expect(door.reason(hotpLiteral(SECRET, 0))).toBe('locked_out');
      expect(door.reason(hotpLiteral(SECRET, 0), door.now + pause - 1)).toBe('locked_out');
      door.now++;
    }
    expect(door.reason(hotpLiteral(SECRET, 0))).toBe('first_use');
    for (let i = 0; i < 3; i++) door.reason('000000');
    expect(door.reason(hotpLiteral(SECRET, 1), door.now + 59)).toBe('locked_out');
    expect(door.reason(hotpLiteral(SECRET, 1), door.now + 1)).toBe('first_use');
  });

  it('OpenPAYGO: each wrong token is dearer than the last, and a used one is a wrong one', () => {
    const door = new Door(paygo());
    expect(door.reason(paygoCode(2, 1))).toBe('credited');
    for (const minutes of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512]) {
      expect(door.reason(paygoCode(2, 1))).toBe('already_used');
      expect(door.reason(paygoCode(4, 1), door.now + minutes * 60 - 1)).toBe('locked_out');
      door.now++;
    }
    expect(door.reason(paygoCode(4, 1))).toBe('credited');
  });

  it('Nexus: six entries, right or wrong, then one in 12 minutes, saved up to 128', () => {
    const door = new Door(tokenOf(nexus, {}, KEY));
    const add = (id: number): string => fullLiteral(KEY, id, 0, 24);
    for (const id of [0, 1, 2]) expect(door.reason(add(id))).toBe('credited');
    for (const id of [0, 1, 2]) expect(door.reason(add(id))).toBe('already_used');
    expect(door.reason(add(3), NOW + 719)).toBe('locked_out');
    expect(door.reason(add(3), NOW + 720)).toBe('credited');
    expect(door.reason(add(4))).toBe('locked_out');
    let taken = 0;
    for (let now = NOW + 300 * 720, id = 4; door.reason(add(id), now) !== 'locked_out'; id = 4 + (taken % 20))
      taken++;
    expect(taken).toBe(128);
  });

  it('a crash after `charged` costs the entry and does not give the code back', () => {
    for (const [token, code] of [
      [tokenOf(hotp), hotpLiteral(SECRET, 3)],
      [tokenOf(totp), hotpLiteral(SECRET, NOW / 30)],
      [paygo(), paygoCode(2, 1)],
      [tokenOf(nexus, {}, KEY), fullLiteral(KEY, 5, 0, 1)],
    ] as const) {
      const lock = createLock([token]);
      const fresh = initialState(lock);
      const { charged, state } = enter(lock, fresh, code, NOW);
      expect(charged.steps).toEqual(state.steps);
      const saved = loadState(lock, saveState(lock, charged));
      expect(enter(lock, saved, code, NOW + 60).verdict.reason).toBe('already_used');
      expect(charged.throttle).not.toEqual(fresh.throttle);
    }
  });
});

// -- keys and epochs -----------------------------------------------------------------------------------------------------

describe('epochs', () => {
  it('a lock that keeps step has one token', () => {
    const tokens = [tokenOf(hotp), tokenOf(hotp, {}, KEY, 1)];
    expect(codeOf(() => createLock(tokens))).toBe('bad_argument');
    expect(codeOf(() => createLock([tokenOf(hotp), tokenOf(hotp)]))).toBe('bad_argument');
  });

  it('a prescribed key is another lock; the same key in a later epoch has its counts', () => {
    const door = new Door(tokenOf(hotp));
    expect(door.reason(hotpLiteral(SECRET, 3))).toBe('first_use');
    const other = createLock([tokenOf(hotp, {}, KEY, 1)]);
    expect(codeOf(() => enter(other, door.state, '000000', NOW))).toBe('state_foreign');
    const later = createLock([tokenOf(hotp, {}, SECRET, 1)]);
    for (const state of [door.state, loadState(later, saveState(door.lock, door.state))]) {
      const { verdict, state: next } = enter(later, state, hotpLiteral(SECRET, 3), NOW + LONG);
      expect(verdict.reason).toBe('already_used');
      expect(next.epoch).toBe(1);
      expect(enter(later, state, hotpLiteral(SECRET, 4), NOW + LONG).verdict.reason).toBe('first_use');
    }
    expect(codeOf(() => enter(door.lock, enter(later, door.state, '', NOW).state, '', NOW))).toBe(
      'state_foreign',
    );
  });

  it('a key that is derived for its epoch counts anew', () => {
    const { key: _, ...scheme } = hotpScheme('SHA-1');
    const base = tokenOf(hotp).rules;
    const rules: Rules = { ...base, layout: 'own/1', scheme };
    const own: Vendor = { ...hotp, id: 'own', scheme, rules };
    const token = (epoch: number): DeviceToken =>
      createToken({ vendor: own, deviceId: 'd', root: new Uint8Array(32).fill(9), timeZone: 'UTC', epoch });
    const code = (epoch: number, count: number): string =>
      mint(token(epoch), { kind: 'hotp', variance: 0, count, value: 0 });
    const door = new Door(token(0));
    expect(door.reason(code(0, 7))).toBe('first_use');
    expect(door.reason(code(0, 50))).toBe('out_of_step');
    // With the root the next epoch could be derived: its codes are none yet.
    expect(door.reason(code(1, 0))).toBe('unknown');
    const next = createLock([token(1)]);
    for (const old of [door.state, loadState(next, saveState(door.lock, door.state))]) {
      const { state, verdict } = enter(next, old, code(1, 0), NOW + LONG);
      expect(verdict.reason).toBe('first_use');
      expect(state).toMatchObject({ epoch: 1, steps: { last: 0, awaited: [] } });
      expect(enter(next, old, code(0, 8), NOW + LONG).verdict.reason).toBe('unknown');
    }
    // An epoch costs nothing back.
    expect(loadState(next, saveState(door.lock, door.state)).throttle).toEqual(door.state.throttle);
  });
});

// -- state ---------------------------------------------------------------------------------------------------------------

type Fields = Record<string, unknown>;

const copyOf = (value: unknown): Fields => JSON.parse(JSON.stringify(value));

/** States that have been through everything. */
const LIVED: Readonly<Record<string, Door>> = {
  hotp: (() => {
    const door = new Door(tokenOf(hotp));
    for (const count of [3, 30]) door.reason(hotpLiteral(SECRET, count));
    return door;
  })(),
  totp: (() => {
    const door = new Door(tokenOf(totp));
    for (const ahead of [1, 8]) door.reason(hotpLiteral(SECRET, NOW / 30 + ahead));
    return door;
  })(),
  openpaygo: (() => {
    const door = new Door(paygo(40));
    for (const [count, value] of [
      [42, 1],
      [44, 1],
      [41, 999],
      [42, 2],
    ] as const)
      expect(door.later(paygoCode(count, value))).toMatch(/credited|synced/);
    return door;
  })(),
  nexus: (() => {
    const door = new Door(tokenOf(nexus, {}, KEY));
    for (const id of [24, 22]) expect(door.reason(fullLiteral(KEY, id, 0, 1))).toBe('credited');
    return door;
  })(),
  ocra: (() => {
    const suite = 'OCRA-1:HOTP-SHA1-6:C-QN08-S064';
    const door = new Door(tokenOf(ocra, { suite }));
    door.state = ask(door.lock, door.state, { challenge: '48290137', session: 'abcd' }, NOW);
    const session = hex('abcd');
    door.reason(ocraLiteral(SECRET, suite, { challenge: '48290137', counter: 50, session }));
    return door;
  })(),
};

/** What no count can be. */
const NO_COUNT: readonly unknown[] = [
  null,
  undefined,
  '1',
  true,
  1.5,
  -2,
  Number.NaN,
  Infinity,
  -Infinity,
  {},
  [],
  1n,
  2 ** 53,
];
const NO_LIST: readonly unknown[] = [null, undefined, {}, 'none', 1, true];
const NO_PAIRS: readonly unknown[] = [
  ...NO_LIST,
  [1],
  [null],
  [[]],
  [[42]],
  [[42, 1, 0]],
  [['42', 1]],
  [[42, '1']],
  [[-1, 1]],
  [[42, -1]],
  [[42.5, 1]],
  [[42, Number.NaN]],
  [[42, 2 ** 53]],
  [{ 0: 42, 1: 1, length: 2 }],
  Object.assign([], { length: 1 }),
  [
    [42, 7],
    [42, 7],
  ],
  Array.from({ length: 4097 }, (_, value) => [42, value]),
];

/** By lock and field: values that it cannot have there. */
const WRONG: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  openpaygo: {
    last: [...NO_COUNT, 45, 40, 41],
    floor: [...NO_COUNT, 43],
    peak: [...NO_COUNT, 43, 41],
    used: [
      ...NO_PAIRS,
      [[43, 1]], // above the last
      [
        [42, 1],
        [42, 2],
      ],
    ],
    spent: [...NO_PAIRS, [[45, 1]]],
    drift: [...NO_COUNT, 1, -1],
    driftAt: [...NO_COUNT.filter((each) => each !== null), 0, NOW],
    awaited: [...NO_LIST, [50]],
    asked: [undefined, 1, 'none', true, [], {}, { challenge: '48290137', until: NOW }],
  },
  hotp: {
    last: [...NO_COUNT, 4, 2],
    floor: [...NO_COUNT, 4],
    peak: [...NO_COUNT, 2],
    drift: [1, -1],
    driftAt: [0, NOW],
    awaited: [
      ...NO_LIST,
      [null],
      ['31'],
      [31.5],
      [-1],
      [Number.NaN],
      [2 ** 53],
      [3], // at its floor
      [0],
      Array.from({ length: 101 }, (_, i) => 31 + i),
    ],
    asked: [{ challenge: '48290137', until: NOW }],
  },
  totp: {
    drift: [...NO_COUNT.filter((each) => each !== -2), 11, -11],
    driftAt: [...NO_COUNT.filter((each) => each !== null), 253402300800, -1, null],
    awaited: [...NO_LIST, Array.from({ length: 22 }, (_, i) => NOW / 30 + 3 + i), [NOW / 30 + 1]],
    asked: [{ challenge: '48290137', until: NOW }],
  },
  nexus: {
    awaited: [[60]],
    drift: [1],
    asked: [{ challenge: '48290137', until: NOW }],
  },
  ocra: {
    awaited: [[-1], [2 ** 53]],
    asked: [
      undefined,
      1,
      'none',
      true,
      [],
      {},
      { challenge: '48290137', until: NOW }, // its suite has a session
      { challenge: '48290137', session: 'abcd' },
      { session: 'abcd', until: NOW },
      { challenge: '48290137', session: 'abcd', until: NOW, steps: [0, 1] },
      ...['', '4829013a', '482901370', '4829 137', 48290137, null, undefined, '48290137\n'].map(
        (challenge) => ({
          challenge,
          session: 'abcd',
          until: NOW,
        }),
      ),
      ...['', 'abc', 'xy', 1, null, undefined, 'ab'.repeat(65), ['abcd']].map((session) => ({
        challenge: '48290137',
        session,
        until: NOW,
      })),
      ...[...NO_COUNT, -1].map((until) => ({ challenge: '48290137', session: 'abcd', until })),
    ],
  },
};

/** Every way into the lock that takes a state. */
function refusals(lock: Lock, value: unknown): readonly string[] {
  const state = value as LockState;
  return [
    codeOf(() => enter(lock, state, '000000000', NOW)),
    codeOf(() => enter(lock, state, '', NOW)),
    codeOf(() => saveState(lock, state)),
    codeOf(() => loseClock(lock, state)),
    codeOf(() => setClock(lock, state, NOW)),
    codeOf(() => ask(lock, state, { challenge: '48290137' }, NOW)),
  ];
}

const DAMAGED = new Array(6).fill('state_damaged');

describe('a state with damaged steps is refused whole', () => {
  const doorOf = (name: string): Door => LIVED[name] ?? expect.fail(name);

  it.each(
    Object.entries(WRONG).flatMap(([name, fields]) =>
      Object.entries(fields).map(([field, values]) => [name, field, values] as const),
    ),
  )('%s: %s with a wrong value', (name, field, values) => {
    const { lock, state } = doorOf(name);
    for (const value of values) {
      const copy = copyOf(state);
      copy['steps'] = { ...copyOf(copy['steps']), [field]: value };
      expect(refusals(lock, copy), inspect(value)).toEqual(DAMAGED);
    }
  });

  it.each(Object.keys(LIVED))('%s: each field missing, misspelt, and one too many', (name) => {
    const { lock, state } = doorOf(name);
    const fields = Object.keys(stepsOf(state));
    expect(fields).toEqual([
      'last',
      'floor',
      'peak',
      'used',
      'spent',
      'drift',
      'driftAt',
      'awaited',
      'asked',
    ]);
    for (const field of fields) {
      const { [field]: value, ...steps } = copyOf(stepsOf(state));
      expect(refusals(lock, { ...copyOf(state), steps })).toEqual(DAMAGED);
      expect(refusals(lock, { ...copyOf(state), steps: { ...steps, [`${field}_`]: value } })).toEqual(
        DAMAGED,
      );
      const extra = { ...steps, [field]: value, more: 1 };
      expect(refusals(lock, { ...copyOf(state), steps: extra })).toEqual(DAMAGED);
    }
    for (const steps of [null, undefined, 1, 'none', [], {}])
      expect(refusals(lock, { ...copyOf(state), steps })).toEqual(DAMAGED);
    const { steps: _, ...without } = copyOf(state);
    expect(refusals(lock, without)).toEqual(DAMAGED);
    expect(codeOf(() => loadState(lock, JSON.stringify({ ...without, check: '0123456789abcdef' })))).toBe(
      'state_damaged',
    );
  });

  it('steps at a lock that keeps none', () => {
    const token = createToken({
      vendor: igloohome,
      deviceId: 'd',
      root: new Uint8Array(32),
      timeZone: 'UTC',
      offsets: [
        [at('2020-01-01T00:00Z'), 0],
        [at('2040-01-01T00:00Z'), 0],
      ],
    });
    const lock = createLock([token]);
    const state = initialState(lock);
    expect(state.steps).toBe(undefined);
    const steps = stepsOf(doorOf('hotp').state);
    for (const each of [steps, undefined, null])
      expect(refusals(lock, { ...copyOf(state), steps: each })).toEqual(DAMAGED);
  });

  it('as it was lived in it is taken, whatever the order of its fields', () => {
    for (const { lock, state } of Object.values(LIVED)) {
      const steps = Object.fromEntries(Object.entries(copyOf(state.steps)).reverse());
      const turned = { ...copyOf(state), steps };
      expect(saveState(lock, JSON.parse(JSON.stringify(turned)))).toBe(saveState(lock, state));
      const text = saveState(lock, state);
      expect(loadState(lock, text)).toEqual(state);
      // Another value that could be: the checksum knows.
      for (const [field, value] of [
        ['peak', stepsOf(state).peak + 1],
        ['awaited', []],
        ['used', []],
      ] as const) {
        const changed = { ...JSON.parse(text), steps: { ...steps, [field]: value } };
        const isSame = JSON.stringify(value) === JSON.stringify(stepsOf(state)[field]);
        expect(codeOf(() => loadState(lock, JSON.stringify(changed)))).toBe(
          isSame ? 'no error' : 'state_damaged',
        );
      }
    }
    // What they show that the table above is about.
    expect(stepsOf(doorOf('hotp').state)).toMatchObject({ last: 3, floor: 3, peak: 3, awaited: [31] });
    expect(stepsOf(doorOf('totp').state)).toMatchObject({ drift: 1, driftAt: NOW, awaited: [NOW / 30 + 9] });
    expect(stepsOf(doorOf('openpaygo').state)).toMatchObject({
      last: 42,
      floor: 41,
      peak: 44,
      spent: [
        [42, 1],
        [44, 1],
      ],
    });
    expect(stepsOf(doorOf('openpaygo').state).used).toContainEqual([42, 2]);
    expect(stepsOf(doorOf('ocra').state)).toMatchObject({
      last: -1,
      awaited: [51],
      asked: { session: 'abcd' },
    });
  });

  it('is frozen to the bottom, as it comes out of an entry and out of a text', () => {
    const frozen = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      expect(Object.isFrozen(value), path).toBe(true);
      for (const [name, each] of Object.entries(value)) frozen(each, `${path}.${name}`);
    };
    for (const [name, { lock, state }] of Object.entries(LIVED)) {
      frozen(state, name);
      frozen(initialState(lock), name);
      frozen(loseClock(lock, state), name);
      frozen(setClock(lock, state, NOW), name);
    }
    const { lock, state } = new Door(paygo());
    let next = state;
    for (const [count, value] of [
      [2, 1],
      [4, 1],
      [3, 999],
    ] as const) {
      const { charged, state: after } = enter(lock, next, paygoCode(count, value), NOW);
      frozen(charged, 'charged');
      frozen(after, 'state');
      next = after;
    }
    const asking = createLock([tokenOf(ocra)]);
    frozen(ask(asking, initialState(asking), { challenge: '48290137' }, NOW), 'asked');
  });

  it('what a caller changes later changes nothing', () => {
    const asked = { challenge: '48290137' };
    const lock = createLock([tokenOf(ocra)]);
    const state = ask(lock, initialState(lock), asked, NOW);
    asked.challenge = '11111111';
    const code = ocraLiteral(SECRET, 'OCRA-1:HOTP-SHA256-8:QN08', { challenge: '48290137' });
    expect(enter(lock, state, code, NOW).verdict.reason).toBe('first_use');
    const door = new Door(paygo());
    door.reason(paygoCode(2, 1));
    const mine: { steps: { used: number[][] } } = JSON.parse(JSON.stringify(door.state));
    const { state: next } = enter(door.lock, mine as unknown as LockState, '', NOW);
    mine.steps.used.length = 0;
    expect(enter(door.lock, next, paygoCode(2, 1), NOW + LONG).verdict.reason).toBe('already_used');
  });

  it('shows no key', () => {
    for (const { lock, state } of Object.values(LIVED)) {
      const text = saveState(lock, state);
      for (const key of [KEY, SECRET])
        expect(text).not.toContain(Buffer.from(key).toString('hex').slice(0, 12));
    }
  });
});

// -- misuse --------------------------------------------------------------------------------------------------------------

/** What is no whole number from 0 on. */
const NO_NUMBER: readonly unknown[] = [
  Number.NaN,
  -1,
  -0,
  0.5,
  2 ** 53,
  Infinity,
  -Infinity,
  '1',
  null,
  undefined,
  true,
  {},
  [],
  1n,
];

const coded = /^(bad_argument|out_of_range)$/;

describe('misuse never yields a code', () => {
  const counting: readonly (readonly [string, DeviceToken, Grant])[] = [
    ['hotp', tokenOf(hotp), { kind: 'hotp', variance: 0, count: 1, value: 0 }],
    ['openpaygo', paygo(), { kind: 'add', variance: 0, count: 2, value: 1 }],
    ['nexus', tokenOf(nexus, {}, KEY), { kind: 'add', variance: 0, count: 1, value: 1 }],
    [
      'ocra',
      tokenOf(ocra, { suite: 'OCRA-1:HOTP-SHA1-6:C-QN08' }),
      { kind: 'response', variance: 0, count: 1, value: 0, asked: { challenge: '11111111' } },
    ],
    [
      'ocra, timed',
      tokenOf(ocra, { suite: 'OCRA-1:HOTP-SHA1-6:C-QN08-T1M' }),
      { kind: 'response', variance: 0, count: 1, value: 1, asked: { challenge: '11111111' } },
    ],
  ];
  const mints = (token: DeviceToken, grant: object): string => codeOf(() => mint(token, grant as Grant));

  it.each(counting)('%s: grants', (name, token, grant) => {
    expect(mints(token, grant)).toBe('no error');
    for (const bad of NO_NUMBER) {
      expect(mints(token, { ...grant, count: bad }), `count ${String(bad)}`).toMatch(coded);
      expect(mints(token, { ...grant, value: bad }), `value ${String(bad)}`).toMatch(coded);
      expect(mints(token, { ...grant, variance: bad }), `variance ${String(bad)}`).toMatch(coded);
    }
    const { count: _, value: __, ...rest } = grant;
    expect(mints(token, rest)).toBe('bad_argument');
    expect(mints(token, { ...rest, count: 2 })).toBe('bad_argument');
    expect(mints(token, { ...rest, value: 0 })).toBe('bad_argument');
    expect(mints(token, { ...rest, startsAt: NOW, endsAt: NOW + 30 })).toBe('bad_argument');
    for (const more of [
      { startsAt: NOW },
      { endsAt: NOW },
      { startsAt: NOW, endsAt: NOW + 30 },
      { endsAt: null },
    ])
      expect(mints(token, { ...grant, ...more })).toBe('bad_argument');
    expect(mints(token, { ...grant, lane: '1' })).toMatch(/^(bad_argument|lane_unknown)$/);
    expect(mints(token, { ...grant, variance: 1 })).toBe('variance_unavailable');
    expect(mints(token, { ...grant, kind: 'nonsense' })).toBe('kind_unknown');
    expect(mints(token, { ...grant, kind: undefined })).toBe('kind_unknown');
    expect(mints(token, { ...grant, counts: 1 })).toBe('bad_argument');
    for (const none of [null, undefined, 1, '1', [], new Map()])
      expect(mints(token, none as never)).toBe('bad_argument');
    if (name.startsWith('ocra')) return;
    expect(mints(token, { ...grant, asked: { challenge: '11111111' } })).toBe('bad_argument');
  });

  it('counts and values that a vendor does not have', () => {
    const grant = (kind: string, count: number, value: number): object => ({
      kind,
      variance: 0,
      count,
      value,
    });
    for (const [token, bad, code] of [
      [tokenOf(hotp), grant('hotp', 1, 1), 'out_of_range'],
      [paygo(), grant('add', 3, 1), 'off_grid'],
      [paygo(), grant('set', 2, 1), 'off_grid'],
      [paygo(), grant('disable', 2, 998), 'off_grid'],
      [paygo(), grant('sync', 2, 999), 'off_grid'],
      [paygo(), grant('add', 0, 1), 'out_of_range'],
      [paygo(), grant('add', 65_536, 1), 'out_of_range'],
      [paygo(), grant('add', 2, 996), 'out_of_range'],
      [paygo(), grant('set', 3, 997), 'out_of_range'],
      [paygo(), grant('set', 3, 999), 'out_of_range'],
      [paygo(), grant('disable', 3, 0), 'out_of_range'],
      [paygo(), grant('sync', 3, 998), 'out_of_range'],
      [paygo(1, { extended: true }), grant('add', 2, 1_000_000), 'out_of_range'],
      [paygo(1, { extended: true }), grant('sync', 3, 999), 'kind_unknown'],
      [tokenOf(nexus, {}, KEY), grant('add', 65_535, 1), 'out_of_range'],
      [tokenOf(nexus, {}, KEY), grant('add', 1, 100_000), 'out_of_range'],
      [tokenOf(nexus, {}, KEY), grant('set', 1, 99_999), 'out_of_range'],
      [tokenOf(nexus, {}, KEY), grant('wipe_flag', 1, 1), 'out_of_range'],
      [tokenOf(nexus, {}, KEY), grant('set_wipe', 1, 1), 'kind_unknown'],
      [tokenOf(nexus, { keypad: 'small' }, KEY), grant('add', 1, 181), 'out_of_range'],
      [
        tokenOf(nexus, { keypad: 'small' }, KEY),
        grant('set', 63, 1),
        'code_ambiguous',
      ] /* an old test code */,
      [tokenOf(totp), grant('totp', 1, 0), 'bad_argument'],
    ] as const)
      expect(mints(token, bad), JSON.stringify(bad)).toBe(code);
    const window = { kind: 'totp', variance: 0, startsAt: NOW, endsAt: NOW + 30 };
    expect(mints(tokenOf(totp), window)).toBe('no error');
    for (const more of [{ count: 1 }, { value: 0 }, { count: 1, value: 0 }, { asked: { challenge: '1' } }])
      expect(mints(tokenOf(totp), { ...window, ...more })).toBe('bad_argument');
    for (const bad of NO_NUMBER) expect(mints(tokenOf(totp), { ...window, startsAt: bad })).toMatch(coded);
    expect(mints(tokenOf(totp), { ...window, startsAt: NOW + 1, endsAt: NOW + 31 })).toBe('off_grid');
    expect(mints(tokenOf(totp), { ...window, endsAt: NOW + 60 })).toBe('off_grid');
    expect(mints(tokenOf(totp), { ...window, endsAt: null })).toBe('bad_argument');
    expect(mints(tokenOf(ocra), { ...grant('response', 1, 0), asked: { challenge: '1' } })).toBe(
      'out_of_range',
    );
  });

  const NO_ASKED: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /^bad_argument$/],
    [null, /^bad_argument$/],
    ['48290137', /^bad_argument$/],
    [48290137, /^bad_argument$/],
    [[], /^bad_argument$/],
    [{}, /^bad_argument$/],
    [{ challenge: 48290137 }, /^bad_argument$/],
    [{ challenge: '' }, coded],
    [{ challenge: '4829013a' }, /^bad_argument$/],
    [{ challenge: '４８２９０１３７' }, coded],
    [{ challenge: '482901370' }, /^out_of_range$/],
    [{ challenge: ['48290137', '48290137'] }, /^bad_argument$/],
    [{ challenge: '48290137', session: 'ab' }, /^bad_argument$/],
    [{ challenge: '48290137', steps: [0, 1] }, /^bad_argument$/],
    [{ challenge: '48290137', until: NOW }, /^bad_argument$/],
  ];

  it('what is asked: of the lock, of mint, of read and of nextGrant', () => {
    const token = tokenOf(ocra);
    const lock = createLock([token]);
    const state = initialState(lock);
    for (const [asked, wanted] of NO_ASKED) {
      const text = JSON.stringify(asked);
      const bad = asked as never;
      // A lock asks in full; one symbol more is a wrong argument before it is too long for the suite.
      const ofLock = wanted.test('out_of_range') ? /^(bad_argument|out_of_range)$/ : wanted;
      expect(
        codeOf(() => ask(lock, state, bad, NOW)),
        text,
      ).toMatch(ofLock);
      expect(mints(token, { kind: 'response', variance: 0, count: 0, value: 0, asked }), text).toMatch(
        wanted,
      );
      expect(
        codeOf(() => nextGrant(token, { after: 0, asked: bad })),
        text,
      ).toMatch(wanted);
      if (asked === undefined) continue;
      expect(
        codeOf(() => read(token, '12345678', { count: 0, asked: bad })),
        text,
      ).toMatch(wanted);
    }
    expect(codeOf(() => ask(lock, state, { challenge: '48290137' }, Number.NaN))).toBe('bad_argument');
    for (const bad of NO_NUMBER)
      expect(codeOf(() => ask(lock, state, { challenge: '48290137' }, bad as number))).toMatch(coded);
    expect(codeOf(() => ask({} as Lock, state, { challenge: '48290137' }, NOW))).toBe('bad_argument');
    const session = createLock([tokenOf(ocra, { suite: 'OCRA-1:HOTP-SHA1-6:QN08-S001' })]);
    for (const value of [undefined, '', 'a', 'abcd', 'zz', 1, null, hex('ab')])
      expect(
        codeOf(() =>
          ask(session, initialState(session), { challenge: '48290137', session: value } as never, NOW),
        ),
      ).toMatch(coded);
    expect(
      codeOf(() => ask(session, initialState(session), { challenge: '48290137', session: 'ab' }, NOW)),
    ).toBe('no error');
  });

  it('ask, of a challenge shorter than the suite has: "1" would have the answer of "16"', () => {
    for (const [suite, full] of [
      ['QN08', '48290137'],
      ['QA10', 'aB3dE6gH90'],
      ['C-QH12', '0123456789ab'],
    ] as const) {
      const lock = createLock([tokenOf(ocra, { suite: `OCRA-1:HOTP-SHA256-8:${suite}` })]);
      const asks = (challenge: string): string =>
        codeOf(() => ask(lock, initialState(lock), { challenge }, NOW));
      expect([full, full.slice(1), full.slice(-1), `${full}0`].map(asks)).toEqual([
        'no error',
        'bad_argument',
        'bad_argument',
        'bad_argument',
      ]);
    }
  });

  it('ask, of a lock that asks nothing', () => {
    for (const token of [tokenOf(hotp), tokenOf(totp), paygo(), tokenOf(nexus, {}, KEY)]) {
      const lock = createLock([token]);
      expect(codeOf(() => ask(lock, initialState(lock), { challenge: '48290137' }, NOW))).toBe(
        'bad_argument',
      );
    }
  });

  it('nextGrant', () => {
    const next = (token: DeviceToken, request: unknown): string =>
      codeOf(() => nextGrant(token, request as never));
    for (const bad of NO_NUMBER) {
      if (bad !== -1) expect(next(tokenOf(hotp), { after: bad })).toMatch(coded);
      if (bad !== undefined) expect(next(tokenOf(hotp), { after: 0, value: bad })).toMatch(coded);
      expect(next(paygo(), { after: 0, kind: 'add', value: bad })).toMatch(coded);
    }
    for (const bad of [undefined, null, 1, 'x', [], { after: 1, more: 1 }, {}, { count: 1 }])
      expect(next(tokenOf(hotp), bad)).toBe('bad_argument');
    expect(next(tokenOf(hotp), { after: -2 })).toBe('out_of_range');
    expect(next(paygo(), { after: 1 })).toBe('kind_unknown');
    expect(next(paygo(), { after: 1, kind: 'add' })).toBe('bad_argument');
    expect(next(paygo(), { after: 1, kind: 'nonsense', value: 1 })).toBe('kind_unknown');
    expect(next(tokenOf(hotp), { after: 1, kind: 1 })).toBe('kind_unknown');
    expect(next(tokenOf(totp), { after: 1 })).toBe('bad_argument');
    expect(next(tokenOf(hotp), { after: 1, asked: { challenge: '1' } })).toBe('bad_argument');
    expect(next({} as DeviceToken, { after: 1 })).toBe('bad_argument');
    expect(nextGrant(tokenOf(hotp), { after: -1 })).toEqual({
      kind: 'hotp',
      variance: 0,
      count: 0,
      value: 0,
    });
    expect(nextGrant(paygo(), { after: 3, kind: 'set', value: 9 }).count).toBe(5);
    expect(nextGrant(paygo(), { after: 4, kind: 'disable' })).toMatchObject({ count: 5, value: 998 });
    // A new device has count 1, and takes none up to it.
    expect(nextGrant(paygo(), { after: -1, kind: 'sync' })).toMatchObject({ count: 3, value: 999 });
    expect(nextGrant(paygo(), { after: -1, kind: 'add', value: 1 }).count).toBe(2);
    expect(nextGrant(paygo(40), { after: 7, kind: 'add', value: 1 }).count).toBe(42);
    expect(nextGrant(tokenOf(nexus, {}, KEY), { after: -1, kind: 'add', value: 1 }).count).toBe(0);
  });

  it('read', () => {
    const reads = (token: DeviceToken, near: unknown): string =>
      codeOf(() => read(token, '123456', near as never));
    for (const bad of NO_NUMBER) {
      if (bad !== -1) expect(reads(tokenOf(hotp), { count: bad }), String(bad)).toMatch(coded);
      expect(reads(tokenOf(hotp), { count: bad, at: NOW })).toMatch(bad === -1 ? /^no error$/ : coded);
      expect(reads(tokenOf(hotp), { count: 1, at: bad })).toMatch(bad === undefined ? /^no error$/ : coded);
      expect(reads(tokenOf(totp), { at: bad })).toMatch(coded);
      expect(reads(tokenOf(totp), bad), String(bad)).toMatch(coded);
      expect(reads(tokenOf(totp), { at: NOW, count: bad })).toMatch(bad === undefined ? /^no error$/ : coded);
    }
    const timed = tokenOf(ocra, { suite: 'OCRA-1:HOTP-SHA256-6:C-QN08-T1M' });
    const asked = { challenge: '48290137' };
    expect(reads(timed, { count: 1, asked })).toBe('bad_argument');
    expect(reads(timed, { count: 1, asked, at: NOW })).toBe('no error');
    expect(reads(tokenOf(hotp), NOW)).toBe('bad_argument');
    expect(reads(tokenOf(hotp), {})).toBe('bad_argument');
    expect(reads(tokenOf(hotp), { count: 1, more: 1 })).toBe('bad_argument');
    expect(reads(tokenOf(hotp), { count: 1, asked: { challenge: '1' } })).toBe('bad_argument');
    expect(reads(tokenOf(totp), {})).toBe('bad_argument');
    expect(reads(tokenOf(totp), [NOW])).toBe('bad_argument');
    expect(codeOf(() => read(tokenOf(hotp), '12345', { count: 1 }))).toBe('code_malformed');
    expect(codeOf(() => read(tokenOf(hotp), 123456 as never, { count: 1 }))).toBe('bad_argument');
    expect(read(tokenOf(hotp), '755224', { count: -1 })).toEqual([
      { kind: 'hotp', variance: 0, count: 0, value: 0 },
    ]);
    expect(read(tokenOf(totp, { digits: 8 }), '94287082', { at: 59 })).toEqual(
      read(tokenOf(totp, { digits: 8 }), '94287082', 59),
    );
  });
});
