import fc from 'fast-check';
import { type DeviceToken, deriveToken, type Grant, mint, PintumblerError, read } from 'pintumbler';
import { type PlanRequest, plan } from 'pintumbler/calendar';
import { createLock, enter, initialState, type LockState } from 'pintumbler/lock';
import { describe, expect, it } from 'vitest';
import {
  type DormakabaOracodeConfig,
  dormakabaOracode,
  type OracodeTimeSlot,
} from '../../src/vendors/dormakaba-oracode.ts';
import { at, codeOf, deep, ending } from '../support/helpers.ts';
import { codeLiteral, deviceKeyLiteral, type LayoutJson } from '../support/sealed-literal.ts';
import { tokenIn } from '../support/vendors.ts';

const DAY = 86400;

const EVENING: OracodeTimeSlot = {
  name: 'Guest 4pm-10am',
  prefix: 123,
  check_in_time: '16:00:00[Europe/Lisbon]',
  check_out_time: '10:00:00[Europe/Lisbon]',
};
const ALL_DAY: OracodeTimeSlot = {
  name: 'User 123 D 24H',
  prefix: 126,
  is_24_hour: true,
  check_in_time: '00:00:00[Europe/Tirane]',
  check_out_time: '23:59:00[Europe/Tirane]',
};
/** As Seam's guide prints it, whole. */
const DAYTIME: OracodeTimeSlot = {
  name: 'Guest RCI D 7am-7pm',
  prefix: 0,
  is_master: false,
  is_24_hour: false,
  is_one_shot: false,
  is_biweekly_mode: false,
  check_in_time: '07:00:00[America/Los_Angeles]',
  check_out_time: '19:00:00[America/Los_Angeles]',
  dormakaba_oracode_user_level_id: 'f23721ec-6dce-4c54-8971-40d58449a366',
  ext_dormakaba_oracode_user_level_prefix: 0,
};
const NOON: OracodeTimeSlot = { prefix: 9, check_in_time: '12:00', check_out_time: '12:00' };
const WEEKS: OracodeTimeSlot = {
  name: 'Staff',
  prefix: 7,
  is_biweekly_mode: true,
  check_in_time: '16:00',
  check_out_time: '10:00',
};

const door = (zone: string, ...slots: readonly OracodeTimeSlot[]): DeviceToken =>
  tokenIn(zone, dormakabaOracode, {
    config: { predefined_time_slots: slots } satisfies DormakabaOracodeConfig,
  });

const LISBON = 'Europe/Lisbon';
const ANGELES = 'America/Los_Angeles';
const guest = door(ANGELES, EVENING);
const allDay = door(ANGELES, ALL_DAY);
const daytime = door(ANGELES, DAYTIME);
const weeks = door(LISBON, WEEKS);

type More = Partial<PlanRequest>;

/** The window that a request is given, in local times. */
function windowFor(token: DeviceToken, startsAt: string, endsAt: string, more: More = {}): string {
  const { grant, local } = plan(token, { startsAt, endsAt, ...more });
  return `${grant.kind} ${grant.lane} ${local.startsAt.slice(0, 16)} ${local.endsAt?.slice(0, 16)}`;
}

const refusal = (token: DeviceToken, startsAt: string, endsAt: string, more: More = {}): string =>
  codeOf(() => plan(token, { startsAt, endsAt, ...more }));

describe('rounding', () => {
  it('has the published worked examples', () => {
    // 3:45 PM to 10:15 AM: the code has the slot's times.
    const ask = { startsAt: '2026-03-01T15:45:00-08:00', endsAt: '2026-03-03T10:15:00-08:00' };
    const planned = plan(guest, ask);
    const [startsAt, endsAt] = [at('2026-03-02T00:00:00Z'), at('2026-03-03T18:00:00Z')];
    expect(planned.grant).toEqual({ kind: 'daily', variance: 0, lane: '123', startsAt, endsAt });
    expect(planned.rounded).toEqual({ start: -900, end: -900 });
    expect(planned.warnings).toEqual(['starts_late', 'ends_early']);
    expect(planned.codes).toBe('emulated');
  });

  it('refuses two hours and names the nearest slot', () => {
    const both = door(ANGELES, EVENING, ALL_DAY);
    for (const token of [guest, both]) {
      let thrown: unknown;
      try {
        plan(token, { startsAt: '2026-03-01T14:00:00-08:00', endsAt: '2026-03-03T10:00:00-08:00' });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(PintumblerError);
      const [startsAt, endsAt] = [at('2026-03-02T00:00:00Z'), at('2026-03-03T18:00:00Z')];
      expect(thrown).toMatchObject({ code: 'no_fit', nearest: { kind: 'daily', startsAt, endsAt } });
      expect(String(thrown)).toContain('(Guest 4pm-10am)');
    }
  });

  it('goes to the nearest time of the slot, one hour at most, on each side', () => {
    const given = 'daily 123 2026-06-01T16:00 2026-06-03T10:00';
    const to = (from: string, until: string): readonly [string, string] => [
      `2026-06-01T${from}`,
      `2026-06-03T${until}`,
    ];
    for (const ask of [
      to('15:00', '10:00'),
      to('17:00', '10:00'),
      to('16:00', '09:00'),
      to('15:00', '11:00'),
    ])
      expect(windowFor(guest, ...ask)).toBe(given);
    for (const ask of [
      to('14:59', '10:00'),
      to('17:01', '10:00'),
      to('16:00', '08:59'),
      to('16:00', '11:01'),
    ])
      expect(refusal(guest, ...ask)).toBe('no_fit');
  });

  it('crosses midnight to the nearest opening and closing', () => {
    expect(windowFor(allDay, '2026-05-31T23:10', '2026-06-03T00:40')).toBe(
      'daily 126 2026-06-01T00:00 2026-06-02T23:59',
    );
  });

  it('takes the slot that needs least rounding, equal ones in their order, or the one asked for', () => {
    const twin = { ...EVENING, prefix: 124 };
    const token = door(LISBON, { ...EVENING, prefix: 5, check_in_time: '15:00' }, EVENING, twin);
    const ask = ['2026-06-01T16:00', '2026-06-02T10:00'] as const;
    expect(windowFor(token, ...ask)).toBe('daily 123 2026-06-01T16:00 2026-06-02T10:00');
    expect(windowFor(token, ...ask, { lane: '124' })).toBe('daily 124 2026-06-01T16:00 2026-06-02T10:00');
    expect(windowFor(token, ...ask, { lane: '005' })).toBe('daily 005 2026-06-01T15:00 2026-06-02T10:00');
    expect(refusal(token, ...ask, { kind: 'daily', lane: '999' })).toBe('lane_unknown');
  });

  it('has daily-bound codes from 00:00 to 23:59', () => {
    const day = { maxTimeRounding: '1d' } as const;
    // Seam's own request, and one with the same time in both stamps.
    expect(windowFor(allDay, '2024-09-16T00:00:00-07:00', '2024-09-18T23:59:00-07:00', day)).toBe(
      'daily 126 2024-09-16T00:00 2024-09-18T23:59',
    );
    expect(windowFor(allDay, '2024-09-16T00:00', '2024-09-19T00:00', day)).toBe(
      'daily 126 2024-09-16T00:00 2024-09-18T23:59',
    );
    const tirane = door('Europe/Tirane', DAYTIME, ALL_DAY);
    const ask = { startsAt: '2023-12-22T23:00:00-00:00', endsAt: '2023-12-27T22:59:00-00:00' };
    const { grant } = plan(tirane, { ...ask, ...day });
    expect(grant).toMatchObject({ lane: '126', startsAt: at('2023-12-22T23:00Z') });
    expect(grant.endsAt).toBe(at('2023-12-27T22:59Z'));
  });
});

describe('a day of rounding is not a day of loss', () => {
  const day = { maxTimeRounding: '1d' } as const;
  it('a stay from 15:00 to 15:00 gets its first and last day whole', () => {
    expect(windowFor(allDay, '2024-09-16T15:00', '2024-09-19T15:00', day)).toBe(
      'daily 126 2024-09-16T00:00 2024-09-19T23:59',
    );
  });
  it('an hour at each end is the most that a guest loses', () => {
    expect(windowFor(guest, '2024-09-16T15:00', '2024-09-17T11:00', day)).toBe(
      'daily 123 2024-09-16T16:00 2024-09-17T10:00',
    );
    expect(windowFor(guest, '2024-09-16T14:59', '2024-09-17T11:01', day)).toBe(
      'daily 123 2024-09-15T16:00 2024-09-18T10:00',
    );
  });
  it('32 days are refused, not cut to 31', () => {
    expect(refusal(allDay, '2024-09-01T00:00', '2024-10-02T23:59', day)).toBe('no_fit');
    expect(refusal(guest, '2024-09-01T16:00', '2024-10-03T10:00', day)).toBe('no_fit');
  });
  it('a lane that no level has is named as what is wrong', () => {
    expect(refusal(guest, '2024-09-01T16:00', '2024-09-03T10:00', { lane: '999' })).toBe('lane_unknown');
  });
});

describe('lengths', () => {
  it('says a day, and several, from 07:00 to 19:00', () => {
    expect(windowFor(daytime, '2024-09-10T07:00', '2024-09-10T19:00')).toBe(
      'daily 000 2024-09-10T07:00 2024-09-10T19:00',
    );
    expect(windowFor(daytime, '2024-09-10T07:00:00-07:00', '2024-09-15T19:00:00-07:00')).toBe(
      'daily 000 2024-09-10T07:00 2024-09-15T19:00',
    );
  });

  it.each([
    ['a night slot', guest, 'T16:00', 'T10:00', '06-02', '07-02', '07-03'],
    ['noon to noon', door(ANGELES, NOON), 'T12:00', 'T12:00', '06-02', '07-02', '07-03'],
    ['a 24-hour slot', allDay, 'T00:00', 'T23:59', '06-01', '07-01', '07-02'],
    ['a day slot', daytime, 'T07:00', 'T19:00', '06-01', '07-01', '07-02'],
  ] as const)('has 1 to 31 days: %s', (_, token, from, to, shortest, longest, beyond) => {
    const { lane } = token.rules.kinds[0] ?? {};
    const startsAt = `2026-06-01${from}`;
    for (const end of [`2026-${shortest}${to}`, `2026-${longest}${to}`]) {
      expect(windowFor(token, startsAt, end)).toBe(`daily ${lane} ${startsAt} ${end}`);
    }
    expect(refusal(token, startsAt, `2026-${beyond}${to}`)).toBe('no_fit');
    const grant = ending(plan(token, { startsAt, endsAt: `2026-${longest}${to}` }).grant);
    expect(codeOf(() => mint(token, { ...grant, endsAt: grant.endsAt + DAY }))).toBe('off_grid');
    const shortGrant = ending(plan(token, { startsAt, endsAt: `2026-${shortest}${to}` }).grant);
    expect(codeOf(() => mint(token, { ...shortGrant, endsAt: shortGrant.endsAt - DAY }))).toBe('off_grid');
    expect(codeOf(() => mint(token, { ...grant, startsAt: grant.startsAt + 3600 }))).toBe('off_grid');
    expect(codeOf(() => mint(token, { ...grant, endsAt: grant.endsAt - 60 }))).toBe('off_grid');
  });

  it('has 1 to 62 weeks in biweekly mode', () => {
    const startsAt = '2026-06-01T16:00';
    for (const endsAt of ['2026-06-08T10:00', '2026-06-15T10:00', '2027-08-09T10:00'])
      expect(windowFor(weeks, startsAt, endsAt)).toBe(`biweekly 007 ${startsAt} ${endsAt}`);
    for (const endsAt of ['2026-06-07T10:00', '2026-06-09T10:00', '2027-08-16T10:00'])
      expect(refusal(weeks, startsAt, endsAt)).toBe('no_fit');
    const grant = ending(plan(weeks, { startsAt, endsAt: '2027-08-09T10:00' }).grant);
    expect(grant.endsAt - grant.startsAt).toBe(434 * DAY - 6 * 3600);
    expect(codeOf(() => mint(weeks, { ...grant, endsAt: grant.endsAt + 7 * DAY }))).toBe('off_grid');
    expect(codeOf(() => mint(weeks, { ...grant, endsAt: grant.startsAt - 6 * 3600 }))).toBe('off_grid');
  });

  it('counts days by the calendar, across a change of the clock', () => {
    const token = door(LISBON, EVENING);
    const grant = ending(plan(token, { startsAt: '2026-03-28T16:00', endsAt: '2026-03-29T10:00' }).grant);
    expect(grant.endsAt - grant.startsAt).toBe(17 * 3600);
  });
});

describe('what there is not', () => {
  it('has no one-time codes, no open end, no codes that revoke', () => {
    const ask = { startsAt: '2026-06-01T16:00', endsAt: '2026-06-02T10:00' };
    expect(codeOf(() => plan(guest, { ...ask, oneTime: true }))).toBe('kind_unknown');
    expect(codeOf(() => plan(guest, { startsAt: ask.startsAt }))).toBe('bad_argument');
    for (const kind of ['one_time', 'permanent', 'clear', 'biweekly'])
      expect(codeOf(() => plan(guest, { ...ask, kind }))).toBe('kind_unknown');
  });

  it('has one code a window', () => {
    const ask = { startsAt: '2026-06-01T16:00', endsAt: '2026-06-02T10:00' };
    expect(mint(guest, plan(guest, { ...ask, variance: 0 }).grant)).toHaveLength(9);
    expect(codeOf(() => plan(guest, { ...ask, variance: 1 }))).toBe('variance_unavailable');
  });
});

describe('codes', () => {
  const GRID: LayoutJson = {
    id: 'dormakaba-oracode/1',
    digits: 6,
    grid_seconds: 86400,
    s: 100,
    kinds: [
      { kind: 'daily', lengths: { from: 1, to: 31, step: 1 }, variances: 1 },
      { kind: 'biweekly', lengths: { from: 7, to: 434, step: 7 }, variances: 1 },
    ],
  };
  const key = deviceKeyLiteral(new Uint8Array(32).fill(0x5a), 'door-1', 0);
  /** Days since 2020-01-01. */
  const JUNE_1 = 2343;

  it('are the prefix in three digits and six that sealed/1 makes, whatever other levels there are', () => {
    const everything = door(LISBON, DAYTIME, WEEKS, ALL_DAY, EVENING);
    for (const token of [door(LISBON, EVENING), everything]) {
      const { grant } = plan(token, { startsAt: '2026-06-01T16:00', endsAt: '2026-06-04T10:00' });
      expect(mint(token, grant)).toBe(codeLiteral(key, GRID, '123', 'daily', JUNE_1, 3, 0));
    }
    for (const token of [weeks, everything]) {
      const { grant } = plan(token, { startsAt: '2026-06-01T16:00', endsAt: '2027-08-09T10:00' });
      expect(mint(token, grant)).toBe(codeLiteral(key, GRID, '007', 'biweekly', JUNE_1, 434, 0));
    }
    // The shortest of a day slot is the first length too.
    const { grant } = plan(everything, { startsAt: '2026-06-01T07:00', endsAt: '2026-06-01T19:00' });
    expect(mint(everything, grant)).toBe(codeLiteral(key, GRID, '000', 'daily', JUNE_1, 1, 0));
    expect(mint(everything, grant)).toMatch(/^000\d{6}$/);
  });

  it('open by their own prefix only', () => {
    const token = door(LISBON, EVENING, { ...EVENING, prefix: 124 });
    const ask = { startsAt: '2026-06-01T16:00', endsAt: '2026-06-04T10:00' };
    const code = mint(token, plan(token, ask).grant);
    const lock = createLock([deriveToken(token)]);
    const reason = (digits: string): string =>
      enter(lock, initialState(lock), digits, at('2026-06-01T17:00Z')).verdict.reason;
    expect(code.slice(0, 3)).toBe('123');
    expect(reason(code)).toBe('first_use');
    expect(reason(`124${code.slice(3)}`)).not.toBe('first_use');
    expect(reason(`999${code.slice(3)}`)).toBe('unknown');
    expect(reason(code.slice(3))).toBe('malformed');
    expect(codeOf(() => read(token, code.slice(1), at('2026-06-01T17:00Z')))).toBe('code_malformed');
  });
});

describe('the lock', () => {
  const token = door(LISBON, EVENING);
  const lock = createLock([deriveToken(token)]);
  const codeFor = (from: string, to: string): string =>
    mint(token, plan(token, { startsAt: `${from}T16:00`, endsAt: `${to}T10:00` }).grant);
  const wrong = '124000000';

  function answers(entries: readonly (readonly [code: string, when: string])[]): readonly string[] {
    let state = initialState(lock);
    return entries.map(([code, when]) => {
      const entry = enter(lock, state, code, at(when));
      state = entry.state;
      return entry.verdict.reason;
    });
  }

  it('opens from check-in to check-out, to the second, also for the first time on the last day', () => {
    const code = codeFor('2026-06-01', '2026-07-02');
    expect(
      answers([
        [code, '2026-06-01T14:59:59Z'],
        [code, '2026-06-01T15:00:00Z'],
        [code, '2026-07-02T08:59:59Z'],
        [code, '2026-07-02T09:00:00Z'],
      ]),
    ).toEqual(['not_yet_valid', 'first_use', 'used_before', 'expired']);
    expect(answers([[code, '2026-07-02T08:59:59Z']])).toEqual(['first_use']);
    expect(plan(token, { startsAt: '2026-06-01T16:00', endsAt: '2026-07-02T10:00' }).firstUseBy).toBe(
      at('2026-07-02T09:00:00Z'),
    );
  });

  it('keeps an earlier guest when the next one comes', () => {
    const [one, two] = [codeFor('2026-06-01', '2026-06-10'), codeFor('2026-06-02', '2026-06-09')];
    const when = '2026-06-03T12:00Z';
    expect(answers([one, two, one].map((code) => [code, when] as const))).toEqual([
      'first_use',
      'first_use',
      'used_before',
    ]);
  });

  it('is dead for 300 s after 5 wrong codes', () => {
    const code = codeFor('2026-06-01', '2026-06-10');
    const guesses = (count: number): readonly (readonly [string, string])[] =>
      Array.from({ length: count }, () => [wrong, '2026-06-03T12:00:00Z']);
    expect(answers([...guesses(4), [code, '2026-06-03T12:00:00Z']]).at(-1)).toBe('first_use');
    const after = answers([
      ...guesses(5),
      [code, '2026-06-03T12:00:00Z'],
      [code, '2026-06-03T12:04:59Z'],
      [code, '2026-06-03T12:05:00Z'],
    ]);
    expect(after.slice(4)).toEqual(['unknown', 'locked_out', 'locked_out', 'first_use']);
  });

  it('remembers 100 codes and opens for more', () => {
    const when = at('2026-06-20T12:00Z');
    let state: LockState = initialState(lock);
    // 17 openings with 6 closings each, all around the same moment.
    for (let n = 0; n < 101; n++) {
      const startsAt = at('2026-06-01T15:00Z') + (n % 17) * DAY;
      const endsAt = at('2026-06-21T09:00Z') + Math.floor(n / 17) * DAY;
      const code = mint(token, { kind: 'daily', variance: 0, lane: '123', startsAt, endsAt });
      const entry = enter(lock, state, code, when);
      expect(entry.verdict.reason).toBe('first_use');
      state = entry.state;
      expect(state.records).toHaveLength(Math.min(n + 1, 100));
    }
  });

  it('accepts 496 codes of a daily level at one moment, 13,671 or 13,733 of a weekly one', () => {
    const late = { ...WEEKS, prefix: 8, check_in_time: '07:00', check_out_time: '19:00' };
    const of = door('UTC', EVENING, DAYTIME, ALL_DAY, WEEKS, late);
    const own = createLock([deriveToken(of)]);
    const fresh = initialState(own);
    // Over every code of the lane whose check-in is near enough; `opens` and `closes` in hours.
    const count = (
      lane: string,
      days: readonly number[],
      opens: number,
      closes: number,
      when: string,
    ): number => {
      const kind = lane < '010' && lane > '000' ? 'biweekly' : 'daily';
      const codes = new Set<string>();
      for (let back = -2; back <= Math.max(...days) + 2; back++) {
        const midnight = at('2026-06-10T00:00Z') - back * DAY;
        const startsAt = midnight + opens * 3600;
        for (const many of days) {
          const endsAt = midnight + many * DAY + Math.round(closes * 60) * 60;
          codes.add(mint(of, { kind, variance: 0, lane, startsAt, endsAt }));
        }
      }
      expect(codes.size).toBe((Math.max(...days) + 5) * days.length);
      return [...codes].filter((code) => enter(own, fresh, code, at(when)).verdict.accepted).length;
    };
    const upTo = (from: number, to: number, step = 1): readonly number[] =>
      Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
    expect(count('123', upTo(1, 31), 16, 10, '2026-06-10T17:00Z')).toBe(496);
    expect(count('123', upTo(1, 31), 16, 10, '2026-06-10T12:00Z')).toBe(465);
    expect(count('000', upTo(0, 30), 7, 19, '2026-06-10T12:00Z')).toBe(496);
    expect(count('126', upTo(0, 30), 0, 23 + 59 / 60, '2026-06-10T12:00Z')).toBe(496);
    expect(count('007', upTo(7, 434, 7), 16, 10, '2026-06-10T17:00Z')).toBe(13671);
    expect(count('008', upTo(7, 434, 7), 7, 19, '2026-06-10T12:00Z')).toBe(13733);
    expect(dormakabaOracode.guessable).toBe('one guess in ten thousand or fewer opens this lock');
  });
});

describe('property', () => {
  it('plan, mint, read and enter agree, in every zone and across changes of the clock', () => {
    const times = fc.integer({ min: 0, max: 1439 });
    const clock = (minutes: number): string =>
      `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
    const dateOf = (day: number): string => new Date(day * DAY * 1000).toISOString().slice(0, 10);
    fc.assert(
      fc.property(
        fc.constantFrom(LISBON, 'Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia'),
        times,
        times,
        fc.boolean(),
        fc.integer({ min: 20454, max: 21184 }), // 2026 and 2027
        fc.integer({ min: 0, max: 61 }),
        fc.integer({ min: -60, max: 60 }),
        (zone, opens, closes, weekly, day, length, off) => {
          const [check_in_time, check_out_time] = [clock(opens), clock(closes)];
          const token = door(zone, { prefix: 42, check_in_time, check_out_time, is_biweekly_mode: weekly });
          const days = weekly ? 7 * (length + 1) : (length % 31) + (closes > opens ? 0 : 1);
          const exact = {
            startsAt: `${dateOf(day)}T${check_in_time}`,
            endsAt: `${dateOf(day + days)}T${check_out_time}`,
          };
          let grant: Grant;
          try {
            ({ grant } = plan(token, exact));
          } catch (error) {
            // A time of the slot that the clock skips or shows twice on that very day.
            fc.pre(!(error instanceof PintumblerError && error.code.startsWith('local_time')));
            throw error;
          }
          const { startsAt, endsAt } = ending(grant);
          const iso = (instant: number): string => new Date(instant * 1000).toISOString();
          const planned = plan(token, exact).local;
          expect([planned.startsAt.slice(0, 16), planned.endsAt?.slice(0, 16)]).toEqual([
            exact.startsAt,
            exact.endsAt,
          ]);
          // Off by up to an hour it is still the nearest slot, unless the stay is too short to tell.
          if (endsAt - startsAt > 3 * 3600) {
            const near = { startsAt: iso(startsAt + 60 * off), endsAt: iso(endsAt - 60 * off) };
            expect(plan(token, near).grant).toEqual(grant);
          }
          const code = mint(token, grant);
          expect(code).toMatch(/^042\d{6}$/);
          expect(read(token, code, startsAt)).toContainEqual(grant);
          const lock = createLock([deriveToken(token)]);
          const accepts = (when: number): boolean =>
            enter(lock, initialState(lock), code, when).verdict.accepted;
          expect([startsAt - 1, startsAt, endsAt - 1, endsAt].map(accepts)).toEqual([
            false,
            true,
            true,
            false,
          ]);
        },
      ),
      { numRuns: deep(150) },
    );
  });
});
