import fc from 'fast-check';
import { type DeviceToken, deriveToken, type Grant, mint, read } from 'pintumbler';
import { type PlanRequest, plan } from 'pintumbler/calendar';
import {
  createLock,
  enter,
  initialState,
  type Lock,
  type LockState,
  loadState,
  saveState,
} from 'pintumbler/lock';
import { describe, expect, it } from 'vitest';
import { lockly } from '../../src/vendors/lockly.ts';
import { at, codeOf, deep, ending } from '../support/helpers.ts';
import { codeLiteral, deviceKeyLiteral, type LayoutJson } from '../support/sealed-literal.ts';
import { tokenIn } from '../support/vendors.ts';

const HOUR = 3600;
const LISBON = 'Europe/Lisbon';

/** An issuer's token: a lock that has it lives with one epoch. */
const doorIn = (zone: string): DeviceToken => deriveToken(tokenIn(zone, lockly));
const token = doorIn(LISBON);
const lock = createLock([token]);

const windowGrant = (kind: string, startsAt: number, hours: number): Grant => ({
  kind,
  variance: 0,
  startsAt,
  endsAt: startsAt + hours * HOUR,
});
const codeFor = (startsAt: number, hours: number, kind = 'time_bound'): string =>
  mint(token, windowGrant(kind, startsAt, hours));

/** A lock whose state is kept. */
class Door {
  readonly lock: Lock;
  state: LockState;
  constructor(its: Lock = lock) {
    this.lock = its;
    this.state = initialState(this.lock);
  }
  key(code: string, when: number): string {
    const { state, verdict } = enter(this.lock, this.state, code, when);
    this.state = state;
    return verdict.reason;
  }
}

const START = at('2026-01-15T00:00:00Z');

describe('kinds', () => {
  it.each([
    { kind: 'time_bound', more: {} },
    { kind: 'one_time', more: { oneTime: true } },
  ])('$kind: from 1 hour to 8,784', ({ kind, more }) => {
    const ask = (endsAt: string): PlanRequest => ({ startsAt: '2026-01-15T00:00', endsAt, ...more });
    const lengthOf = (endsAt: string): number => {
      const { grant } = plan(token, ask(endsAt));
      expect(grant).toMatchObject({ kind, startsAt: START });
      return (ending(grant).endsAt - START) / HOUR;
    };
    expect(lengthOf('2026-01-15T00:10')).toBe(1);
    expect(lengthOf('2026-01-15T01:00')).toBe(1);
    expect(lengthOf('2026-01-15T01:10')).toBe(2);
    expect(lengthOf('2027-01-16T00:00')).toBe(8784);
    expect(codeOf(() => plan(token, ask('2027-01-16T00:01')))).toBe('no_fit');
    expect(codeOf(() => plan(token, ask('2027-01-16T01:00')))).toBe('no_fit');
    for (const hours of [1, 8784]) expect(codeFor(START, hours, kind)).toMatch(/^\d{12}$/);
    for (const hours of [0, 8785, 1.5]) expect(codeOf(() => codeFor(START, hours, kind))).toBe('off_grid');
    expect(codeOf(() => codeFor(START + 1800, 2, kind))).toBe('off_grid');
    // One code a window.
    expect(codeOf(() => plan(token, { ...ask('2026-01-15T02:00'), variance: 1 }))).toBe(
      'variance_unavailable',
    );
  });

  it('need both timestamps, one-time codes too', () => {
    for (const more of [{}, { oneTime: true }, { kind: 'one_time' }, { kind: 'time_bound' }])
      expect(codeOf(() => plan(token, { startsAt: '2026-01-15T00:00', ...more }))).toBe('bad_argument');
    const { grant } = plan(token, {
      startsAt: '2023-11-12T00:00:00-00:00',
      endsAt: '2023-11-14T00:00:00-00:00',
      oneTime: true,
    });
    expect(grant).toEqual(windowGrant('one_time', at('2023-11-12T00:00Z'), 48));
  });

  it('are these two: none that is permanent, comes again, or revokes', () => {
    const ask = { startsAt: '2026-01-15T00:00', endsAt: '2026-01-15T02:00' };
    for (const kind of ['hourly', 'daily', 'permanent', 'cyclic', 'clear'])
      expect(codeOf(() => plan(token, { ...ask, kind }))).toBe('kind_unknown');
    expect(codeOf(() => plan(token, { ...ask, lane: '1' }))).toBe('lane_unknown');
  });
});

describe('rounding', () => {
  it('is outward to the hour', () => {
    const { grant, rounded, warnings } = plan(token, {
      startsAt: '2026-03-01T10:17:00Z',
      endsAt: '2026-03-04T18:43:00Z',
    });
    expect(grant).toEqual(windowGrant('time_bound', at('2026-03-01T10:00Z'), 81));
    expect(rounded).toEqual({ start: 17 * 60, end: 17 * 60 });
    expect(warnings).toEqual([]);
  });

  it('is to local hours of the standard time, all year', () => {
    const nepal = doorIn('Asia/Kathmandu');
    const { grant } = plan(nepal, { startsAt: '2026-07-01T10:20', endsAt: '2026-07-01T11:40' });
    expect(grant).toEqual(windowGrant('time_bound', at('2026-07-01T04:15Z'), 2));
    // Lord Howe's summer is half an hour ahead: 10:00 there is half past by the lock.
    const island = doorIn('Australia/Lord_Howe');
    const summer = plan(island, { startsAt: '2026-01-10T10:00', endsAt: '2026-01-10T12:00' });
    expect(summer.local.startsAt.slice(11, 16)).toBe('09:30');
    expect(summer.local.endsAt?.slice(11, 16)).toBe('12:30');
  });
});

describe('local times', () => {
  it('are none of the lock’s: a table with other rules changes nothing', () => {
    const other = [[at('2020-01-01T00:00Z'), 7200] as const, [at('2036-01-01T00:00Z'), 7200] as const];
    const ask = { startsAt: '2026-07-01T10:00Z', endsAt: '2026-07-01T12:00Z' };
    const { grant, warnings } = plan(tokenIn(LISBON, lockly, { offsets: other }), ask);
    expect(grant).toEqual(windowGrant('time_bound', at('2026-07-01T10:00Z'), 2));
    expect(warnings).toEqual([]);
  });
});

describe('codes', () => {
  it('are twelve digits that sealed/1 makes', () => {
    const lengths = { from: 3600, to: 8784 * 3600, step: 3600 };
    const layout: LayoutJson = {
      id: 'lockly/1',
      digits: 12,
      grid_seconds: 3600,
      s: 17568,
      kinds: [
        { kind: 'time_bound', lengths, variances: 1 },
        { kind: 'one_time', lengths, variances: 1 },
      ],
    };
    const key = deviceKeyLiteral(new Uint8Array(32).fill(0x5a), 'door-1', 0);
    for (const kind of ['time_bound', 'one_time'])
      for (const hours of [1, 81, 8784])
        expect(codeFor(START, hours, kind)).toBe(
          codeLiteral(key, layout, '', kind, (START - 1577836800) / 3600, hours * 3600, 0),
        );
  });

  it('are malformed with a digit more or less, at no charge', () => {
    const code = codeFor(START, 2);
    for (const digits of [code.slice(1), `${code}0`, `${code.slice(1)}*`]) {
      const door = new Door();
      for (let n = 0; n < 20; n++) expect(door.key(digits, START)).toBe('malformed');
      expect(door.key(code, START)).toBe('first_use');
      expect(codeOf(() => read(token, digits, START))).toBe('code_malformed');
    }
  });

  it('leave one guess in more than ten thousand: 38,583,720 of each kind open at one moment', () => {
    // Windows open at a moment: of every length as many starts as it has hours. Tried on the starts around the two ends.
    const when = START + 1800;
    const opens = (kind: string, back: number, hours: number): boolean =>
      enter(lock, initialState(lock), codeFor(START - back * HOUR, hours, kind), when).verdict.accepted;
    for (const kind of ['time_bound', 'one_time']) {
      for (const hours of [1, 2, 3, 4391, 8783, 8784]) {
        expect([-1, 0, hours - 1, hours].map((back) => opens(kind, back, hours))).toEqual([
          false,
          true,
          true,
          false,
        ]);
      }
    }
    const both = 2 * ((8784 * 8785) / 2);
    expect(both).toBe(77_167_440);
    expect(10 ** 12 / both).toBeGreaterThan(10_000);
    expect(10 ** 11 / both).toBeLessThan(10_000);
    expect(lockly.guessable).toBeUndefined();
  });
});

describe('a code at the lock', () => {
  it('opens from its start to its end, to the second, first used at any time', () => {
    const code = codeFor(START, 8784);
    const end = START + 8784 * HOUR;
    const door = new Door();
    expect(door.key(code, START - 1)).toBe('not_yet_valid');
    expect(door.key(code, START)).toBe('first_use');
    expect(door.key(code, end - 1)).toBe('used_before');
    expect(door.key(code, end)).toBe('expired');
    expect(new Door().key(code, end - 1)).toBe('first_use');
    const { firstUseBy } = plan(token, { startsAt: '2026-01-15T00:00', endsAt: '2027-01-16T00:00' });
    expect(firstUseBy).toBe(end);
  });

  it('opens once when it is a one-time code', () => {
    const code = codeFor(START, 48, 'one_time');
    const door = new Door();
    expect(door.key(code, START - 1)).toBe('not_yet_valid');
    expect(door.key(code, START + 47 * HOUR)).toBe('first_use');
    expect(door.key(code, START + 47 * HOUR)).toBe('already_used');
    expect(new Door().key(code, START + 48 * HOUR)).toBe('expired');
  });

  it('counts hours, whatever the clocks of people do', () => {
    const { grant, local } = plan(token, { startsAt: '2026-03-28T12:00', endsAt: '2026-03-30T12:00' });
    // 29 March has 23 hours in Lisbon; the code ends when the clocks show what was asked for.
    expect(ending(grant).endsAt - grant.startsAt).toBe(47 * HOUR);
    expect(local.endsAt).toBe('2026-03-30T12:00:00+01:00');
    const door = new Door();
    const code = mint(token, grant);
    expect(door.key(code, at('2026-03-30T10:59:59Z'))).toBe('first_use');
    expect(door.key(code, at('2026-03-30T11:00:00Z'))).toBe('expired');
  });
});

describe('memory', () => {
  const when = START + 100 * HOUR;
  const code = (n: number, kind = 'time_bound'): string => codeFor(START + n * HOUR, 200, kind);
  const full = (): Door => {
    const door = new Door();
    for (let n = 0; n < 50; n++)
      expect(door.key(code(n, n % 2 ? 'one_time' : 'time_bound'), when)).toBe('first_use');
    return door;
  };

  it('holds 50 codes of both kinds; the 51st is refused, those it knows still open', () => {
    const door = full();
    expect(door.state.records).toHaveLength(50);
    expect(door.key(code(50), when)).toBe('memory_full');
    expect(door.key(code(51, 'one_time'), when)).toBe('memory_full');
    expect(door.key(code(0), when)).toBe('used_before');
    expect(door.key(code(1, 'one_time'), when)).toBe('already_used');
  });

  it('makes no room when codes are over: only a reset does', () => {
    const door = full();
    const later = START + 2000 * HOUR;
    const fresh = codeFor(later, 10);
    expect(door.key(fresh, later)).toBe('memory_full');
    // A power cut is no reset.
    door.state = loadState(lock, saveState(lock, door.state));
    expect(door.key(fresh, later)).toBe('memory_full');
    door.state = initialState(lock);
    expect(door.key(fresh, later)).toBe('first_use');
    expect(door.state.records).toHaveLength(1);
  });

  it('is gone after a reset, used codes with it, unless the key is new', () => {
    const door = full();
    door.state = initialState(lock);
    expect(door.key(code(1, 'one_time'), when)).toBe('first_use');
    const next = new Door(createLock([deriveToken(tokenIn(LISBON, lockly), { epoch: 1 })]));
    expect(next.key(code(1, 'one_time'), when)).not.toBe('first_use');
    expect(next.key(code(0), when)).not.toBe('first_use');
  });
});

describe('safe mode', () => {
  const good = codeFor(START, 8784);
  const wrong = codeFor(START + 600 * 24 * HOUR, 1);

  /** Five wrong codes at a moment, and how long the keypad is dead then. */
  function deadAfterFive(door: Door, when: number): number {
    for (let n = 0; n < 5; n++) expect(door.key(wrong, when)).not.toBe('locked_out');
    for (let minutes = 5; minutes <= 60; minutes += 5) {
      const { state } = door;
      expect(door.key(good, when + minutes * 60 - 1)).toBe('locked_out');
      const isOver = enter(lock, door.state, good, when + minutes * 60).verdict.accepted;
      if (isOver) return minutes;
      expect(door.state.throttle).toEqual(state.throttle);
    }
    return Number.NaN;
  }

  it('lasts 5, 10, 20 and then always 30 minutes', () => {
    const door = new Door();
    const minutes = [0, 1, 2, 3, 4, 5].map((hours) => deadAfterFive(door, START + hours * HOUR));
    expect(minutes).toEqual([5, 10, 20, 30, 30, 30]);
  });

  it('begins anew with an accepted code, and with nothing else', () => {
    const door = new Door();
    expect(deadAfterFive(door, START)).toBe(5);
    expect(deadAfterFive(door, START + HOUR)).toBe(10);
    door.state = loadState(lock, saveState(lock, door.state));
    expect(deadAfterFive(door, START + 100 * HOUR)).toBe(20);
    expect(door.key(good, START + 102 * HOUR)).toBe('first_use');
    expect(deadAfterFive(door, START + 103 * HOUR)).toBe(5);
    expect(deadAfterFive(door, START + 104 * HOUR)).toBe(10);
  });

  it('comes with the fifth wrong code in a row, not with four', () => {
    const door = new Door();
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 4; n++) door.key(wrong, START);
      expect(['first_use', 'used_before']).toContain(door.key(good, START));
    }
    for (let n = 0; n < 5; n++) door.key(wrong, START);
    expect(door.key(good, START)).toBe('locked_out');
  });
});

describe('settings', () => {
  it('are none', () => {
    expect(tokenIn(LISBON, lockly, { config: {} }).rules).toEqual(token.rules);
    for (const config of [{ generation: 1 }, { digits: 6 }, null, [], 'gen 1', 6])
      expect(codeOf(() => tokenIn(LISBON, lockly, { config }))).toBe('bad_argument');
  });

  it('say that the codes are not the maker’s', () => {
    expect(lockly.codes).toBe('emulated');
    expect(lockly.about).toContain('open no Lockly lock');
  });
});

describe('property', () => {
  it('plan, mint, read and enter agree, in every zone and across changes of the clock', () => {
    const zones = [LISBON, 'Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'];
    const doors = zones.map((zone) => {
      const own = doorIn(zone);
      return { own, its: createLock([own]) };
    });
    const minutes = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 8783 * 60 }));
    fc.assert(
      fc.property(
        fc.constantFrom(...doors),
        fc.integer({ min: at('2026-01-01T00:00Z') / 60, max: at('2034-01-01T00:00Z') / 60 }),
        minutes,
        fc.boolean(),
        ({ own, its }, from, many, oneTime) => {
          const iso = (minute: number): string => new Date(minute * 60_000).toISOString();
          const { grant, warnings } = plan(own, { startsAt: iso(from), endsAt: iso(from + many), oneTime });
          const { kind, startsAt, endsAt } = ending(grant);
          expect(kind).toBe(oneTime ? 'one_time' : 'time_bound');
          expect(warnings).toEqual([]);
          // Nobody gets less, nor an hour more.
          expect(from * 60 - startsAt).toBeGreaterThanOrEqual(0);
          expect(from * 60 - startsAt).toBeLessThan(HOUR);
          expect(endsAt - (from + many) * 60).toBeGreaterThanOrEqual(0);
          expect(endsAt - (from + many) * 60).toBeLessThan(HOUR);
          const code = mint(own, grant);
          expect(read(own, code, startsAt)).toContainEqual(grant);
          expect(read(own, code, endsAt - 1)).toContainEqual(grant);
          const accepts = (when: number): boolean =>
            enter(its, initialState(its), code, when).verdict.accepted;
          expect([startsAt - 1, startsAt, endsAt - 1, endsAt].map(accepts)).toEqual([
            false,
            true,
            true,
            false,
          ]);
        },
      ),
      { numRuns: deep(200) },
    );
  });
});
