import fc from 'fast-check';
import {
  createToken,
  type DeviceToken,
  deriveToken,
  formatToken,
  mint,
  type OffsetTable,
  PintumblerError,
  parseToken,
  read,
  type TokenOptions,
} from 'pintumbler';
import {
  type Disambiguation,
  type Plan,
  type PlanRequest,
  plan,
  toInstant,
  toLocal,
  zoneFacts,
} from 'pintumbler/calendar';
import { builtIn, igloohome, pintumbler } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { at, codeOf, deep, ending } from './support/helpers.ts';
import { six, tokenIn } from './support/vendors.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

// --- a second opinion on time zones, from Intl alone --------------------------------------------------------------

const formats = new Map<string, Intl.DateTimeFormat>();

function offsetIn(zone: string, utc: number): number {
  const format =
    formats.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  formats.set(zone, format);
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?$/.exec(format.format(utc * 1000)) ?? [];
  const size = Number(hours ?? 0) * HOUR + Number(minutes ?? 0) * 60;
  return sign === '-' ? -size : size;
}

const wallIn = (zone: string, utc: number): number => utc + offsetIn(zone, utc);

/** Instants that show a wall time, earliest first; where the clock skips it, the change alone. */
function instantsIn(zone: string, wall: number): { instants: readonly number[]; skipped: boolean } {
  const offsets = new Set([-30, -12, 0, 12, 30].map((hours) => offsetIn(zone, wall + hours * HOUR)));
  const instants = [...offsets]
    .map((offset) => wall - offset)
    .filter((utc) => wallIn(zone, utc) === wall)
    .sort((a, b) => a - b);
  if (instants.length > 0) return { instants, skipped: false };
  let [low, high] = [wall - 30 * HOUR, wall + 30 * HOUR];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (wallIn(zone, middle) < wall) low = middle;
    else high = middle;
  }
  return { instants: [high], skipped: true };
}

const wallText = (wall: number): string => new Date(wall * 1000).toISOString().slice(0, 19);

/** An instant with the offset that a zone has then. */
function stamp(zone: string, utc: number): string {
  const minutes = offsetIn(zone, utc) / 60;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${wallText(wallIn(zone, utc))}${minutes < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`;
}

// --- tokens -------------------------------------------------------------------------------------------------------

const FROM = at('2024-01-01T00:00:00Z');
const UNTIL = at('2028-01-01T00:00:00Z');
const facts = new Map<string, ReturnType<typeof zoneFacts>>();

function factsOf(zone: string): ReturnType<typeof zoneFacts> {
  const known = facts.get(zone) ?? zoneFacts(zone, FROM, UNTIL);
  facts.set(zone, known);
  return known;
}

const base = { deviceId: 'door-7', root: new Uint8Array(32).fill(7) } as const;
const tokens = new Map<string, DeviceToken>();

/** A token with all that the zone needs. */
function ours(zone: string, more: Partial<TokenOptions> = {}): DeviceToken {
  if (Object.keys(more).length > 0)
    return createToken({ vendor: pintumbler, ...base, ...factsOf(zone), ...more });
  const known = tokens.get(zone) ?? createToken({ vendor: pintumbler, ...base, ...factsOf(zone) });
  tokens.set(zone, known);
  return known;
}

/** igloohome counts hours and 24-hour days: no table. */
const igloo = (zone: string, more: Partial<TokenOptions> = {}): DeviceToken =>
  createToken({
    vendor: igloohome,
    ...base,
    timeZone: zone,
    gridOffset: factsOf(zone).gridOffset,
    ...more,
  });

const BERLIN = 'Europe/Berlin';

/** Kind, local start and local end of the plan; the error's code where there is none. */
function outcome(token: DeviceToken, request: PlanRequest): string {
  try {
    const { grant, local, warnings } = plan(token, request);
    const words = warnings.length > 0 ? ` (${warnings.join(', ')})` : '';
    return `${grant.kind} ${local.startsAt} ${local.endsAt}${words}`;
  } catch (error) {
    if (error instanceof PintumblerError) return error.code;
    throw error;
  }
}

function refusalOf(run: () => unknown): PintumblerError {
  try {
    run();
  } catch (error) {
    if (error instanceof PintumblerError) return error;
    throw error;
  }
  throw new Error('no error');
}

/** What plan refuses because nothing fits. */
const noFit = (token: DeviceToken, request: PlanRequest): PintumblerError => {
  const refusal = refusalOf(() => plan(token, request));
  expect(refusal.code).toBe('no_fit');
  return refusal;
};

// --- rounding -----------------------------------------------------------------------------------------------------

describe('rounding outward, at most an hour', () => {
  it.each([
    // the whole hours around it
    ['2025-06-02T10:10', '2025-06-02T12:50', 'hourly', '2025-06-02T10:00:00', '2025-06-02T13:00:00'],
    ['2025-06-02T10:00', '2025-06-02T12:00', 'hourly', '2025-06-02T10:00:00', '2025-06-02T12:00:00'],
    ['2025-06-02T10:59:59', '2025-06-02T11:00:01', 'hourly', '2025-06-02T10:00:00', '2025-06-02T12:00:00'],
    ['2025-06-02T10:20', '2025-06-02T10:30', 'hourly', '2025-06-02T10:00:00', '2025-06-02T11:00:00'],
    ['2025-06-02T10:00', '2025-06-03T10:00', 'hourly', '2025-06-02T10:00:00', '2025-06-03T10:00:00'],
    // nights
    ['2025-06-02T15:20', '2025-06-05T10:40', 'stay', '2025-06-02T15:00:00', '2025-06-05T11:00:00'],
    ['2025-06-02T15:00', '2025-06-30T11:00', 'stay', '2025-06-02T15:00:00', '2025-06-30T11:00:00'],
    ['2025-06-02T16:20', '2025-06-05T09:40', 'stay_2', '2025-06-02T16:00:00', '2025-06-05T10:00:00'],
    // an hour is still within an hour
    ['2025-06-02T16:00', '2025-06-05T11:00', 'stay', '2025-06-02T15:00:00', '2025-06-05T11:00:00'],
    ['2025-06-02T15:00', '2025-06-05T10:00', 'stay', '2025-06-02T15:00:00', '2025-06-05T11:00:00'],
    // days
    ['2025-06-02T00:30', '2025-06-04T23:30', 'daily', '2025-06-02T00:00:00', '2025-06-05T00:00:00'],
    ['2025-06-02T00:00', '2025-06-30T00:00', 'daily', '2025-06-02T00:00:00', '2025-06-30T00:00:00'],
    // the least rounding wins …
    ['2025-06-02T16:00', '2025-06-05T10:00', 'stay_2', '2025-06-02T16:00:00', '2025-06-05T10:00:00'],
    ['2025-06-02T16:00', '2025-06-03T10:30', 'hourly', '2025-06-02T16:00:00', '2025-06-03T11:00:00'],
    ['2025-06-02T01:00', '2025-06-03T00:00', 'hourly', '2025-06-02T01:00:00', '2025-06-03T00:00:00'],
    // … and where it is equal, stays come before days and days before hours
    ['2025-06-02T15:00', '2025-06-03T11:00', 'stay', '2025-06-02T15:00:00', '2025-06-03T11:00:00'],
    ['2025-06-02T15:20', '2025-06-03T10:45', 'stay', '2025-06-02T15:00:00', '2025-06-03T11:00:00'],
    ['2025-06-02T16:00', '2025-06-03T10:00', 'stay_2', '2025-06-02T16:00:00', '2025-06-03T10:00:00'],
    ['2025-06-02T00:00', '2025-06-03T00:00', 'daily', '2025-06-02T00:00:00', '2025-06-03T00:00:00'],
    ['2025-06-02T00:20', '2025-06-02T23:40', 'daily', '2025-06-02T00:00:00', '2025-06-03T00:00:00'],
  ])('%s to %s: %s %s to %s', (startsAt, endsAt, kind, from, to) => {
    const token = ours(BERLIN);
    const { grant, local, rounded, warnings } = plan(token, { startsAt, endsAt });
    expect([grant.kind, local.startsAt, local.endsAt]).toEqual([kind, `${from}+02:00`, `${to}+02:00`]);
    const asked = (text: string): number => at(`${text.length === 16 ? `${text}:00` : text}+02:00`);
    expect(grant).toEqual({ kind, variance: 0, startsAt: at(`${from}+02:00`), endsAt: at(`${to}+02:00`) });
    expect(rounded).toEqual({
      start: asked(startsAt) - grant.startsAt,
      end: ending(grant).endsAt - asked(endsAt),
    });
    expect(warnings).toEqual([]);
  });

  it.each([
    ['a second more than an hour at the start', '2025-06-02T16:00:01', '2025-06-05T11:00'],
    ['a second more than an hour at the end', '2025-06-02T15:00', '2025-06-05T09:59:59'],
    ['25 hours off the hour', '2025-06-02T10:10', '2025-06-03T10:10'],
    ['29 days', '2025-06-01T00:00', '2025-06-30T00:00'],
    ['29 nights', '2025-06-01T15:00', '2025-06-30T11:00'],
    ['three days from noon to noon', '2025-06-02T12:00', '2025-06-05T12:00'],
  ])('refuses %s', (_, startsAt, endsAt) => {
    expect(outcome(ours(BERLIN), { startsAt, endsAt })).toBe('no_fit');
  });

  it('asks only for the kind that is named', () => {
    const token = ours(BERLIN);
    const night = { startsAt: '2025-06-02T15:00', endsAt: '2025-06-03T11:00' };
    expect(plan(token, { ...night, kind: 'stay' }).grant.kind).toBe('stay');
    expect(plan(token, { ...night, kind: 'hourly' }).grant.kind).toBe('hourly');
    expect(outcome(token, { ...night, kind: 'daily' })).toBe('no_fit');
    expect(outcome(token, { ...night, kind: 'stay_2' })).toBe('no_fit');
    expect(plan(token, { ...night, kind: 'daily', maxTimeRounding: '1d' }).grant.kind).toBe('daily');
    expect(outcome(token, { ...night, kind: 'stay_2', maxTimeRounding: '1d' })).toBe(
      'stay_2 2025-06-01T16:00:00+02:00 2025-06-04T10:00:00+02:00',
    );
  });
});

describe('rounding outward, at most a civil day', () => {
  it.each([
    // the daily kind first, though others need less
    ['2025-06-02T15:20', '2025-06-05T11:00', 'daily', '2025-06-02T00:00:00', '2025-06-06T00:00:00'],
    ['2025-06-02T10:00', '2025-06-02T11:00', 'daily', '2025-06-02T00:00:00', '2025-06-03T00:00:00'],
    ['2025-06-02T23:59', '2025-06-03T00:01', 'daily', '2025-06-02T00:00:00', '2025-06-04T00:00:00'],
    ['2025-06-02T00:00', '2025-06-03T00:00', 'daily', '2025-06-02T00:00:00', '2025-06-03T00:00:00'],
    ['2025-06-02T00:01', '2025-06-29T23:59', 'daily', '2025-06-02T00:00:00', '2025-06-30T00:00:00'],
    // no daily code of 29 days: the others get their turn, 28 nights here
    ['2025-06-02T17:00', '2025-06-30T09:00', 'stay_2', '2025-06-02T16:00:00', '2025-06-30T10:00:00'],
    ['2025-06-02T17:00', '2025-06-30T11:00', 'stay', '2025-06-02T15:00:00', '2025-06-30T11:00:00'],
    ['2025-06-02T12:00', '2025-06-29T12:00', 'daily', '2025-06-02T00:00:00', '2025-06-30T00:00:00'],
  ])('%s to %s: %s %s to %s', (startsAt, endsAt, kind, from, to) => {
    expect(outcome(ours(BERLIN), { startsAt, endsAt, maxTimeRounding: '1d' })).toBe(
      `${kind} ${from}+02:00 ${to}+02:00`,
    );
  });

  it('28 days from ten to ten need 29 days or 29 nights: refused', () => {
    const request = { startsAt: '2025-06-02T10:00', endsAt: '2025-06-30T10:00' } as const;
    expect(outcome(ours(BERLIN), { ...request, maxTimeRounding: '1d' })).toBe('no_fit');
  });

  it.each([
    // A day of 25 hours is rounded to its ends, up to 24 hours and 59 minutes.
    ['2025-10-26T23:30', '2025-10-27T12:00', '2025-10-26T00:00:00+02:00', '2025-10-28T00:00:00+01:00', 88200],
    ['2025-10-25T12:00', '2025-10-26T00:30', '2025-10-25T00:00:00+02:00', '2025-10-27T00:00:00+01:00', 43200],
    // A day of 23 hours.
    ['2025-03-30T23:30', '2025-03-31T12:00', '2025-03-30T00:00:00+01:00', '2025-04-01T00:00:00+02:00', 81000],
    ['2025-03-29T12:00', '2025-03-30T00:30', '2025-03-29T00:00:00+01:00', '2025-03-31T00:00:00+02:00', 43200],
  ])('a civil day may have 23 or 25 hours: %s to %s', (startsAt, endsAt, from, to, start) => {
    const { grant, local, rounded } = plan(ours(BERLIN), { startsAt, endsAt, maxTimeRounding: '1d' });
    expect([grant.kind, local.startsAt, local.endsAt, rounded.start]).toEqual(['daily', from, to, start]);
  });

  it('the end of a 25-hour day is within a civil day of its first hour', () => {
    const { rounded } = plan(ours(BERLIN), {
      startsAt: '2025-10-25T12:00',
      endsAt: '2025-10-26T00:30',
      maxTimeRounding: '1d',
    });
    expect(rounded.end).toBe(24.5 * HOUR);
  });
});

describe('nothing fits: error.nearest', () => {
  it('is the window that comes closest, and its words are in the message', () => {
    const token = ours(BERLIN);
    const refusal = noFit(token, { startsAt: '2025-06-02T15:00', endsAt: '2025-06-05T09:30' });
    expect(refusal.nearest).toEqual({
      kind: 'stay',
      startsAt: at('2025-06-02T15:00:00+02:00'),
      endsAt: at('2025-06-05T11:00:00+02:00'),
    });
    for (const word of ['stay', '2025-06-02T15:00:00+02:00', '2025-06-05T11:00:00+02:00', '1h'])
      expect(refusal.message).toContain(word);
  });

  it('only no_fit has one', () => {
    const refusal = refusalOf(() => plan(ours(BERLIN), { startsAt: '2025-06-02T15:00', endsAt: '2025' }));
    expect([refusal.code, refusal.nearest]).toEqual(['bad_argument', undefined]);
  });

  it('fits when it is asked for itself', () => {
    for (const token of [ours(BERLIN), igloo(BERLIN)]) {
      for (const endsAt of ['2025-06-30T20:15', '2025-07-02T11:30', '2026-06-04T11:30', '2027-01-01T00:00']) {
        const { nearest } = noFit(token, { startsAt: '2025-06-02T13:10', endsAt });
        const again = plan(token, {
          startsAt: stamp('UTC', nearest!.startsAt),
          endsAt: stamp('UTC', ending(nearest!).endsAt),
        });
        expect(again.grant).toMatchObject({ startsAt: nearest!.startsAt, endsAt: nearest!.endsAt });
        expect(again.rounded).toEqual({ start: 0, end: 0 });
      }
    }
  });
});

// --- igloohome ----------------------------------------------------------------------------------------------------

describe('igloohome: 1 to 672 hours, 29 to 367 days of 24 hours', () => {
  const start = at('2025-06-02T10:00:00Z');
  const ask = (seconds: number, maxTimeRounding: '1h' | '1d'): string => {
    try {
      const { grant, rounded } = plan(igloo('UTC'), {
        startsAt: stamp('UTC', start),
        endsAt: stamp('UTC', start + seconds),
        maxTimeRounding,
      });
      const { startsAt, endsAt } = ending(grant);
      expect(startsAt).toBe(start);
      expect(rounded).toEqual({ start: 0, end: endsAt - start - seconds });
      const length = endsAt - start;
      return grant.kind === 'daily' ? `${length / DAY} days` : `${length / HOUR} hours`;
    } catch (error) {
      return codeOf(() => {
        throw error;
      });
    }
  };

  it.each([
    ['a second', 1, '1 hours', '1 hours'],
    ['an hour', HOUR, '1 hours', '1 hours'],
    ['an hour and a second', HOUR + 1, '2 hours', '2 hours'],
    ['28 days but a second', 28 * DAY - 1, '672 hours', '672 hours'],
    // one civil day more is within the ceiling of 1d, and the daily kind is tried first
    ['28 days', 28 * DAY, '672 hours', '29 days'],
    // 28 to 29 days: no code but that of 29
    ['28 days and a second', 28 * DAY + 1, 'no_fit', '29 days'],
    ['28 days and 12 hours', 28.5 * DAY, 'no_fit', '29 days'],
    ['29 days but an hour and a second', 29 * DAY - HOUR - 1, 'no_fit', '29 days'],
    ['29 days but an hour', 29 * DAY - HOUR, '29 days', '29 days'],
    ['29 days', 29 * DAY, '29 days', '29 days'],
    ['29 days and a second', 29 * DAY + 1, 'no_fit', '30 days'],
    ['100 days but 50 minutes', 100 * DAY - 3000, '100 days', '100 days'],
    ['367 days', 367 * DAY, '367 days', '367 days'],
    ['367 days and a second', 367 * DAY + 1, 'no_fit', 'no_fit'],
  ])('%s', (_, seconds, withHour, withDay) => {
    expect(ask(seconds, '1h')).toBe(withHour);
    expect(ask(seconds, '1d')).toBe(withDay);
  });

  it('27 days and a bit at 1d: the daily code of 29 would be more than a day too long', () => {
    expect(ask(27.9 * DAY, '1d')).toBe('670 hours');
  });

  it('between the bands the nearest is the nearer of the two', () => {
    const nearest = (seconds: number): unknown =>
      noFit(igloo('UTC'), { startsAt: stamp('UTC', start), endsAt: stamp('UTC', start + seconds) }).nearest;
    expect(nearest(29 * DAY - 2 * HOUR)).toEqual({
      kind: 'daily',
      startsAt: start,
      endsAt: start + 29 * DAY,
    });
    expect(nearest(400 * DAY)).toEqual({ kind: 'daily', startsAt: start, endsAt: start + 367 * DAY });
  });

  it('needs no offset table, and gives the same with one', () => {
    const request = { startsAt: '2025-10-20T15:20', endsAt: '2025-10-28T11:00' } as const;
    expect(plan(igloo(BERLIN), request)).toEqual(plan(igloo(BERLIN, factsOf(BERLIN)), request));
  });
});

// --- clock changes ------------------------------------------------------------------------------------------------

describe('24-hour days drift from the wall clock', () => {
  const early = (token: DeviceToken, request: PlanRequest): Plan => {
    const planned = plan(token, request);
    expect(planned.warnings).toEqual(['ends_early']);
    expect(planned.rounded.end).toBeLessThan(0);
    return planned;
  };

  it('29 days over the end of summer time: an hour early at 1h, the next day at 1d', () => {
    const request = { startsAt: '2025-10-01T12:00', endsAt: '2025-10-30T12:00' } as const;
    const planned = early(igloo(BERLIN), request);
    expect([planned.grant.kind, planned.local.endsAt, planned.rounded]).toEqual([
      'daily',
      '2025-10-30T11:00:00+01:00',
      { start: 0, end: -HOUR },
    ]);
    expect(planned.grant.endsAt).toBe(at('2025-10-30T11:00:00+01:00'));
    const longer = plan(igloo(BERLIN), { ...request, maxTimeRounding: '1d' });
    expect([longer.local.endsAt, longer.rounded.end, longer.warnings]).toEqual([
      '2025-10-31T11:00:00+01:00',
      23 * HOUR,
      [],
    ]);
  });

  it('672 hours by the wall clock are 673: an hour early at 1h, 29 days at 1d', () => {
    const request = { startsAt: '2025-10-01T12:00', endsAt: '2025-10-29T12:00' } as const;
    const planned = early(igloo(BERLIN), request);
    expect([planned.grant.kind, planned.local.endsAt]).toEqual(['hourly', '2025-10-29T11:00:00+01:00']);
    expect(outcome(igloo(BERLIN), { ...request, maxTimeRounding: '1d' })).toBe(
      'daily 2025-10-01T12:00:00+02:00 2025-10-30T11:00:00+01:00',
    );
  });

  it('671 hours by the wall clock are 672: nothing comes early, the next length is taken', () => {
    expect(outcome(igloo(BERLIN), { startsAt: '2025-10-01T12:00', endsAt: '2025-10-29T11:00' })).toBe(
      'hourly 2025-10-01T12:00:00+02:00 2025-10-29T11:00:00+01:00',
    );
  });

  it('the longest code of all comes early even at 1d: there is no next length', () => {
    const request = {
      startsAt: '2024-10-27T00:00',
      endsAt: '2025-10-29T00:00',
      maxTimeRounding: '1d',
    } as const;
    const planned = early(igloo(BERLIN), request);
    expect([planned.grant.kind, planned.rounded.end]).toEqual(['daily', -HOUR]);
    expect(ending(planned.grant).endsAt - planned.grant.startsAt).toBe(367 * DAY);
  });

  it('24 hours by the wall clock are 25 with our hourly kind too', () => {
    const planned = early(ours(BERLIN), { startsAt: '2025-10-25T12:00', endsAt: '2025-10-26T12:00' });
    expect([planned.grant.kind, planned.local.endsAt]).toEqual(['hourly', '2025-10-26T11:00:00+01:00']);
    expect(outcome(ours(BERLIN), { startsAt: '2025-10-25T12:00', endsAt: '2025-10-26T11:00' })).toBe(
      'hourly 2025-10-25T12:00:00+02:00 2025-10-26T11:00:00+01:00',
    );
    // A civil day has its 25 hours, and 1d asks for it.
    expect(
      outcome(ours(BERLIN), {
        startsAt: '2025-10-25T12:00',
        endsAt: '2025-10-26T12:00',
        maxTimeRounding: '1d',
      }),
    ).toBe('daily 2025-10-25T00:00:00+02:00 2025-10-27T00:00:00+01:00');
  });

  it('half an hour early on Lord Howe, two hours on Troll', () => {
    const island = early(igloo('Australia/Lord_Howe'), {
      startsAt: '2025-03-20T12:30',
      endsAt: '2025-04-18T12:30',
    });
    expect([island.local.endsAt, island.rounded]).toEqual([
      '2025-04-18T12:00:00+10:30',
      { start: 0, end: -HOUR / 2 },
    ]);
    const ice = early(igloo('Antarctica/Troll'), {
      startsAt: '2025-10-01T12:00',
      endsAt: '2025-10-30T12:00',
    });
    expect([ice.local.endsAt, ice.rounded.end]).toEqual(['2025-10-30T10:00:00+00:00', -2 * HOUR]);
  });

  it('over the start of summer time a code ends later than asked, within the ceiling', () => {
    const request = { startsAt: '2025-03-10T12:00', endsAt: '2025-04-08T12:00' } as const;
    const { grant, local, rounded, warnings } = plan(igloo(BERLIN), request);
    expect([grant.kind, local.endsAt, rounded, warnings]).toEqual([
      'daily',
      '2025-04-08T13:00:00+02:00',
      { start: 0, end: HOUR },
      [],
    ]);
    expect(outcome(igloo(BERLIN), { startsAt: '2025-03-10T12:00', endsAt: '2025-04-07T12:00' })).toBe(
      'hourly 2025-03-10T12:00:00+01:00 2025-04-07T12:00:00+02:00',
    );
  });

  it('civil kinds do not drift: their ends stay on the wall clock', () => {
    expect(outcome(ours(BERLIN), { startsAt: '2025-10-20T15:00', endsAt: '2025-10-30T11:00' })).toBe(
      'stay 2025-10-20T15:00:00+02:00 2025-10-30T11:00:00+01:00',
    );
    expect(outcome(ours(BERLIN), { startsAt: '2025-03-20T00:00', endsAt: '2025-04-10T00:00' })).toBe(
      'daily 2025-03-20T00:00:00+01:00 2025-04-10T00:00:00+02:00',
    );
  });
});

// --- civil kinds --------------------------------------------------------------------------------------------------

describe('stays and days on the local calendar', () => {
  it('stays open and close at the times of the device settings', () => {
    const config = {
      stays: [
        ['14:00', '12:30'],
        ['17:15', '09:45'],
      ],
    };
    const token = ours(BERLIN, { config });
    expect(outcome(token, { startsAt: '2025-06-02T14:00', endsAt: '2025-06-04T12:30' })).toBe(
      'stay 2025-06-02T14:00:00+02:00 2025-06-04T12:30:00+02:00',
    );
    expect(outcome(token, { startsAt: '2025-06-02T17:30', endsAt: '2025-06-04T09:30' })).toBe(
      'stay_2 2025-06-02T17:15:00+02:00 2025-06-04T09:45:00+02:00',
    );
    expect(outcome(token, { startsAt: '2025-06-02T15:00', endsAt: '2025-06-04T11:00' })).toBe('no_fit');
  });

  it('least rounding counts both ends', () => {
    const config = {
      stays: [
        ['15:00', '12:00'],
        ['15:45', '12:00'],
      ],
    };
    // Both need an hour at the end; the second needs less at the start.
    expect(
      outcome(ours(BERLIN, { config }), { startsAt: '2025-06-02T16:00', endsAt: '2025-06-05T11:00' }),
    ).toBe('stay_2 2025-06-02T15:45:00+02:00 2025-06-05T12:00:00+02:00');
  });

  it('open at the first and close at the last of a doubled time, at the change in a gap', () => {
    const config = {
      stays: [
        ['02:30', '02:30'],
        ['16:00', '10:00'],
      ],
    };
    const token = ours(BERLIN, { config });
    const stay = (from: string, to: string): string =>
      outcome(token, { startsAt: from, endsAt: to, kind: 'stay', maxTimeRounding: '1d' });
    expect(stay('2025-03-30T03:30', '2025-03-31T02:00')).toBe(
      'stay 2025-03-30T03:00:00+02:00 2025-03-31T02:30:00+02:00',
    );
    expect(stay('2025-03-29T02:30', '2025-03-30T01:30')).toBe(
      'stay 2025-03-29T02:30:00+01:00 2025-03-30T03:00:00+02:00',
    );
    expect(stay('2025-10-26T02:30:00+02:00', '2025-10-27T02:00')).toBe(
      'stay 2025-10-26T02:30:00+02:00 2025-10-27T02:30:00+01:00',
    );
    expect(stay('2025-10-25T02:30', '2025-10-26T02:30:00+02:00')).toBe(
      'stay 2025-10-25T02:30:00+02:00 2025-10-26T02:30:00+01:00',
    );
    // Between the two the one that opened at the first is open; it is the same code.
    expect(stay('2025-10-26T02:30:00+01:00', '2025-10-27T02:00')).toBe(
      'stay 2025-10-26T02:30:00+02:00 2025-10-27T02:30:00+01:00',
    );
  });

  it.each([
    // A midnight that is missing: the day opens at the change, 01:00.
    ['Africa/Cairo', '2024-04-26T01:00', '2024-04-27T00:00', '2024-04-25T22:00:00Z', '2024-04-26T21:00:00Z'],
    ['Africa/Cairo', '2024-04-25T00:00', '2024-04-25T23:59', '2024-04-24T22:00:00Z', '2024-04-25T22:00:00Z'],
    [
      'America/Havana',
      '2025-03-09T01:00',
      '2025-03-10T00:00',
      '2025-03-09T05:00:00Z',
      '2025-03-10T04:00:00Z',
    ],
    // One that comes twice: the day opens at the first, and the day before closes at the second.
    [
      'America/Havana',
      '2025-11-02T02:00',
      '2025-11-03T00:00',
      '2025-11-02T04:00:00Z',
      '2025-11-03T05:00:00Z',
    ],
    [
      'America/Havana',
      '2025-11-01T00:00',
      '2025-11-01T23:59',
      '2025-11-01T04:00:00Z',
      '2025-11-02T05:00:00Z',
    ],
    [
      'Atlantic/Azores',
      '2025-10-25T00:00',
      '2025-10-25T23:59',
      '2025-10-25T00:00:00Z',
      '2025-10-26T01:00:00Z',
    ],
  ])('daily in %s from %s to %s: %s to %s', (zone, startsAt, endsAt, from, to) => {
    const token = ours(zone);
    const { grant } = plan(token, { startsAt, endsAt, kind: 'daily', maxTimeRounding: '1d' });
    expect(grant).toEqual({ kind: 'daily', variance: 0, startsAt: at(from), endsAt: at(to) });
    expect(read(token, mint(token, grant), grant.startsAt)).toEqual([grant]);
  });

  it('days are counted as dates: over a date that the calendar skips', () => {
    // Samoa's leap over the date line, moved to a date that our slots reach.
    const change = at('2025-12-30T10:00:00Z');
    const offsets: OffsetTable = [
      [FROM, -10 * HOUR],
      [change, 14 * HOUR],
      [UNTIL, 14 * HOUR],
    ];
    const token = ours('Pacific/Apia', { offsets });
    const daily = (startsAt: string, endsAt: string): Plan =>
      plan(token, { startsAt, endsAt, kind: 'daily' });
    const over = daily('2025-12-29T00:00', '2025-12-31T00:00');
    expect(over.grant).toMatchObject({ startsAt: change - DAY, endsAt: change });
    expect(daily('2025-12-29T00:00', '2026-01-01T00:00').grant.endsAt).toBe(change + DAY);
    expect(daily('2025-12-31T00:00', '2026-01-01T00:00').grant.startsAt).toBe(change);
    expect(outcome(token, { startsAt: '2025-12-30T12:00', endsAt: '2025-12-31T12:00' })).toBe(
      'local_time_missing',
    );
    // A stay whose closing date is missing closes on the next one that exists.
    const { grant } = plan(token, {
      startsAt: '2025-12-28T15:00',
      endsAt: '2025-12-29T23:00',
      kind: 'stay',
      maxTimeRounding: '1d',
    });
    expect(grant.endsAt).toBe(at('2025-12-31T11:00:00+14:00'));
    // Before check-in on the day after the leap, the last check-in was two dates ago.
    const late = plan(token, {
      startsAt: '2025-12-31T10:00',
      endsAt: '2026-01-01T10:00',
      kind: 'stay',
      maxTimeRounding: '1d',
    });
    expect([late.local.startsAt, late.local.endsAt]).toEqual([
      '2025-12-29T15:00:00-10:00',
      '2026-01-01T11:00:00+14:00',
    ]);
    for (const each of [over.grant, grant, late.grant])
      expect(read(token, mint(token, each), each.startsAt)).toEqual([each]);
  });

  it('times in a gap over midnight belong to the day before it', () => {
    // As in Pyongyang 2018: at 23:30 on 4 May half an hour forward, to 00:00 on the 5th.
    const change = at('2025-05-04T15:00:00Z');
    const offsets: OffsetTable = [
      [FROM, 8.5 * HOUR],
      [change, 9 * HOUR],
      [UNTIL, 9 * HOUR],
    ];
    const config = {
      stays: [
        ['23:45', '23:40'],
        ['16:00', '10:00'],
      ],
    };
    const token = ours('Asia/Pyongyang', { offsets, config });
    const stay = (startsAt: string, endsAt: string): Plan['grant'] =>
      plan(token, { startsAt, endsAt, kind: 'stay' }).grant;
    const opens = stay('2025-05-05T00:10', '2025-05-06T23:00');
    expect(opens).toMatchObject({ startsAt: change, endsAt: at('2025-05-06T23:40:00+09:00') });
    const closes = stay('2025-05-02T23:50', '2025-05-04T23:10');
    expect(closes).toMatchObject({ startsAt: at('2025-05-02T23:45:00+08:30'), endsAt: change });
    for (const grant of [opens, closes])
      expect(read(token, mint(token, grant), grant.startsAt)).toEqual([grant]);
  });

  describe('a day that breaks off after a minute, as in Goose Bay 2010', () => {
    // At 00:01 on 2 November back to 23:01.
    const offsets: OffsetTable = [
      [FROM, -3 * HOUR],
      [at('2025-11-02T03:01:00Z'), -4 * HOUR],
      [UNTIL, -4 * HOUR],
    ];
    const opening = at('2025-11-02T03:00:00Z');

    it('one code per date, from its first instant on', () => {
      const token = ours('America/Goose_Bay', { offsets });
      const daily = (startsAt: string): number =>
        plan(token, { startsAt, endsAt: '2025-11-02T12:00', kind: 'daily', maxTimeRounding: '1d' }).grant
          .startsAt;
      // At 03:30Z the clock shows 1 November again, but what opens on the 2nd is open already.
      for (const startsAt of [
        '2025-11-02T03:00:30Z',
        '2025-11-02T03:30:00Z',
        '2025-11-02T04:30:00Z',
        '2025-11-02T10:00',
      ])
        expect(daily(startsAt), startsAt).toBe(opening);
    });

    it('a closing time of the day before may come after the day has begun', () => {
      const config = {
        stays: [
          ['15:00', '23:30'],
          ['16:00', '10:00'],
        ],
      };
      const token = ours('America/Goose_Bay', { offsets, config });
      // The clock shows 00:00:30 on 2 November; 23:30 on the 1st comes once more.
      const request = { startsAt: '2025-10-30T15:00', endsAt: '2025-11-02T03:00:30Z', kind: 'stay' };
      const { grant } = plan(token, request);
      expect(grant.endsAt).toBe(at('2025-11-02T03:30:00Z'));
      expect(read(token, mint(token, grant), grant.startsAt)).toEqual([grant]);
    });
  });
});

describe('half-hour and quarter-hour zones on the grid', () => {
  it.each([
    ['Asia/Kolkata', '2025-06-02', '10:00:00+05:30', '13:00:00+05:30'],
    ['Asia/Kathmandu', '2025-06-02', '10:00:00+05:45', '13:00:00+05:45'],
    ['America/St_Johns', '2025-01-15', '10:00:00-03:30', '13:00:00-03:30'],
    ['America/St_Johns', '2025-06-02', '10:00:00-02:30', '13:00:00-02:30'],
    ['Pacific/Marquesas', '2025-06-02', '10:00:00-09:30', '13:00:00-09:30'],
    ['Pacific/Chatham', '2025-06-02', '10:00:00+12:45', '13:00:00+12:45'],
    ['Pacific/Chatham', '2025-01-15', '10:00:00+13:45', '13:00:00+13:45'],
    ['Australia/Lord_Howe', '2025-06-02', '10:00:00+10:30', '13:00:00+10:30'],
    // In summer its hours begin with those of UTC, but the grid is that of standard time.
    ['Australia/Lord_Howe', '2025-01-15', '09:30:00+11:00', '13:30:00+11:00'],
  ])('%s %s: %s to %s', (zone, date, from, to) => {
    for (const token of [ours(zone), igloo(zone)]) {
      const request = { startsAt: `${date}T10:20`, endsAt: `${date}T12:55` };
      expect(outcome(token, request)).toBe(`hourly ${date}T${from} ${date}T${to}`);
    }
  });

  it('without a grid offset hours begin with those of UTC', () => {
    const token = igloo('Asia/Kolkata', { gridOffset: 0 });
    expect(outcome(token, { startsAt: '2025-06-02T10:20', endsAt: '2025-06-02T12:55' })).toBe(
      'hourly 2025-06-02T09:30:00+05:30 2025-06-02T13:30:00+05:30',
    );
  });
});

// --- one-time codes and controls ----------------------------------------------------------------------------------

describe('one-time codes', () => {
  it.each([
    ['pintumbler', ours(BERLIN)],
    ['igloohome', igloo(BERLIN)],
  ])('%s: 24 hours from the start of the hour, with or without an end', (_, token) => {
    const expected = 'one_time 2025-06-02T10:00:00+02:00 2025-06-03T10:00:00+02:00';
    const startsAt = '2025-06-02T10:20';
    expect(outcome(token, { startsAt, oneTime: true })).toBe(expected);
    expect(outcome(token, { startsAt, kind: 'one_time' })).toBe(expected);
    expect(outcome(token, { startsAt, endsAt: '2025-06-03T09:30', oneTime: true })).toBe(expected);
    expect(plan(token, { startsAt, oneTime: true }).rounded).toEqual({ start: 1200, end: 0 });
    expect(plan(token, { startsAt, endsAt: '2025-06-03T09:30', oneTime: true }).rounded.end).toBe(1800);
    // An end long before the 24 hours are over is as far off as any other.
    const short = { startsAt, endsAt: '2025-06-02T12:00', oneTime: true } as const;
    expect(noFit(token, short).nearest).toEqual({
      kind: 'one_time',
      startsAt: at('2025-06-02T10:00:00+02:00'),
      endsAt: at('2025-06-03T10:00:00+02:00'),
    });
    expect(outcome(token, { ...short, maxTimeRounding: '1d' })).toBe(expected);
    expect(outcome(token, { startsAt, endsAt: '2025-06-03T10:01', oneTime: true })).toBe('no_fit');
    // Only one-time kinds are one-time, and nothing else becomes one by itself.
    expect(plan(token, { startsAt, endsAt: '2025-06-03T10:00', oneTime: true }).grant.kind).toBe('one_time');
    expect(codeOf(() => plan(token, { startsAt }))).toBe('bad_argument');
    expect(codeOf(() => plan(token, { startsAt, oneTime: false }))).toBe('bad_argument');
  });

  it('over the end of summer time the 24 hours end early by the wall clock, and say so', () => {
    const request = { startsAt: '2025-10-25T12:00', endsAt: '2025-10-26T12:00', oneTime: true } as const;
    expect(outcome(ours(BERLIN), request)).toBe(
      'one_time 2025-10-25T12:00:00+02:00 2025-10-26T11:00:00+01:00 (ends_early)',
    );
    expect(outcome(ours(BERLIN), { startsAt: '2025-10-25T12:00', oneTime: true })).toBe(
      'one_time 2025-10-25T12:00:00+02:00 2025-10-26T11:00:00+01:00',
    );
  });
});

describe('controls', () => {
  it('clear begins with the hour and is good for twelve', () => {
    const planned = plan(ours(BERLIN), { startsAt: '2025-06-02T10:59', kind: 'clear' });
    expect(planned.grant).toEqual({
      kind: 'clear',
      variance: 0,
      startsAt: at('2025-06-02T10:00:00+02:00'),
      endsAt: at('2025-06-02T22:00:00+02:00'),
    });
    expect([planned.rounded, planned.firstUseBy]).toEqual([{ start: 3540, end: 0 }, planned.grant.endsAt]);
  });

  it.each([
    ['10:00:00', '10:00', 0],
    ['10:07:29', '10:00', 449],
    ['10:07:31', '10:15', -449],
    ['10:15:00', '10:15', 0],
    ['10:22:31', '10:30', -449],
    ['10:52:29', '10:45', 449],
    ['10:52:31', '11:00', -449],
    ['23:59:59', '00:00', -1],
  ])('set_clock at %s sets %s, the nearest quarter', (asked, set, off) => {
    for (const zone of [BERLIN, 'Asia/Kathmandu', 'America/St_Johns']) {
      const token = ours(zone);
      const { grant, local, rounded } = plan(token, { startsAt: `2025-06-02T${asked}`, kind: 'set_clock' });
      expect([grant.kind, ending(local).endsAt.slice(11, 16), rounded]).toEqual([
        'set_clock',
        set,
        { start: off, end: 0 },
      ]);
      // The end is the time to set; the start, the hour it belongs to.
      expect(grant.endsAt).toBe(toInstant(token, `2025-06-02T${asked}`) - off);
      expect([0, 900, 1800, 2700]).toContain(ending(grant).endsAt - grant.startsAt);
      expect(read(token, mint(token, grant), grant.startsAt)).toEqual([grant]);
    }
  });

  it('controls take no end', () => {
    for (const kind of ['clear', 'set_clock']) {
      const request = { startsAt: '2025-06-02T10:00', endsAt: '2025-06-02T22:00', kind };
      expect(codeOf(() => plan(ours(BERLIN), request))).toBe('bad_argument');
    }
  });

  it('are never planned unasked', () => {
    for (const maxTimeRounding of ['1h', '1d'] as const) {
      const request = { startsAt: '2025-06-02T10:00', endsAt: '2025-06-02T22:00', maxTimeRounding };
      expect(['hourly', 'daily']).toContain(plan(ours(BERLIN), request).grant.kind);
    }
  });
});

describe('first-use deadlines', () => {
  it.each([
    ['hourly', '2025-06-02T08:00', '2025-06-02T22:00', '2025-06-02T16:00:00+02:00'],
    ['hourly', '2025-06-02T08:00', '2025-06-02T12:00', '2025-06-02T12:00:00+02:00'],
    ['daily', '2025-06-02T00:00', '2025-06-09T00:00', '2025-06-03T00:00:00+02:00'],
    ['stay', '2025-06-02T15:00', '2025-06-09T11:00', '2025-06-04T15:00:00+02:00'],
    ['stay', '2025-06-02T15:00', '2025-06-03T11:00', '2025-06-03T11:00:00+02:00'],
    ['stay_2', '2025-06-02T16:00', '2025-06-09T10:00', '2025-06-04T16:00:00+02:00'],
    ['one_time', '2025-06-02T08:00', '2025-06-03T08:00', '2025-06-03T08:00:00+02:00'],
    // over a clock change they stay on the wall clock
    ['stay', '2025-10-25T15:00', '2025-10-30T11:00', '2025-10-27T15:00:00+01:00'],
    ['daily', '2025-10-26T00:00', '2025-10-30T00:00', '2025-10-27T00:00:00+01:00'],
  ])('ours: %s from %s to %s until %s', (kind, startsAt, endsAt, until) => {
    const { firstUseBy, local } = plan(ours(BERLIN), { startsAt, endsAt, kind });
    expect([local.firstUseBy, firstUseBy]).toEqual([until, at(until)]);
  });

  it('the end of a first day whose midnight comes twice is the second, as for a code of one day', () => {
    const deadline = (endsAt: string): number =>
      plan(ours('America/Havana'), {
        startsAt: '2025-11-01T00:00',
        endsAt,
        kind: 'daily',
        maxTimeRounding: '1d',
      }).firstUseBy;
    expect(deadline('2025-11-04T00:00')).toBe(at('2025-11-02T05:00:00Z'));
    expect(deadline('2025-11-01T23:30')).toBe(at('2025-11-02T05:00:00Z'));
  });

  it('igloohome: 24 hours, or the end', () => {
    const deadline = (endsAt: string): string =>
      plan(igloo(BERLIN), { startsAt: '2025-06-02T08:00', endsAt }).local.firstUseBy;
    expect(deadline('2025-06-09T11:00')).toBe('2025-06-03T08:00:00+02:00');
    expect(deadline('2025-06-02T11:00')).toBe('2025-06-02T11:00:00+02:00');
    expect(deadline('2025-08-02T08:00')).toBe('2025-06-03T08:00:00+02:00');
  });
});

// --- wall times ---------------------------------------------------------------------------------------------------

describe('wall times that are skipped or come twice', () => {
  const cases = [
    // Zone, wall time, what it is; earlier, later
    [BERLIN, '2025-10-26T02:30', 'local_time_twice', '2025-10-26T00:30:00Z', '2025-10-26T01:30:00Z'],
    [BERLIN, '2025-10-26T02:00', 'local_time_twice', '2025-10-26T00:00:00Z', '2025-10-26T01:00:00Z'],
    [BERLIN, '2025-03-30T02:30', 'local_time_missing', '2025-03-30T00:30:00Z', '2025-03-30T01:30:00Z'],
    [BERLIN, '2025-03-30T02:00', 'local_time_missing', '2025-03-30T00:00:00Z', '2025-03-30T01:00:00Z'],
    [
      'America/New_York',
      '2025-11-02T01:30',
      'local_time_twice',
      '2025-11-02T05:30:00Z',
      '2025-11-02T06:30:00Z',
    ],
    [
      'Australia/Lord_Howe',
      '2025-04-06T01:45',
      'local_time_twice',
      '2025-04-05T14:45:00Z',
      '2025-04-05T15:15:00Z',
    ],
    [
      'Australia/Lord_Howe',
      '2025-10-05T02:15',
      'local_time_missing',
      '2025-10-04T15:15:00Z',
      '2025-10-04T15:45:00Z',
    ],
    [
      'Antarctica/Troll',
      '2025-10-26T01:30',
      'local_time_twice',
      '2025-10-25T23:30:00Z',
      '2025-10-26T01:30:00Z',
    ],
    [
      'America/Havana',
      '2025-11-02T00:00',
      'local_time_twice',
      '2025-11-02T04:00:00Z',
      '2025-11-02T05:00:00Z',
    ],
    [
      'America/Havana',
      '2025-03-09T00:00',
      'local_time_missing',
      '2025-03-09T04:00:00Z',
      '2025-03-09T05:00:00Z',
    ],
    [
      'Africa/Cairo',
      '2024-04-26T00:30',
      'local_time_missing',
      '2024-04-25T21:30:00Z',
      '2024-04-25T22:30:00Z',
    ],
  ] as const;

  it.each(cases)('%s %s: %s; %s earlier, %s later', (zone, wall, code, earlier, later) => {
    for (const token of [ours(zone), igloo(zone)]) {
      expect(codeOf(() => toInstant(token, wall))).toBe(code);
      expect(toInstant(token, wall, 'earlier')).toBe(at(earlier));
      expect(toInstant(token, wall, 'later')).toBe(at(later));
      const hours = (instant: number): string => stamp('UTC', instant);
      const from = { startsAt: wall, endsAt: hours(at(later) + 5 * HOUR), kind: 'hourly' };
      const to = { startsAt: hours(at(earlier) - 5 * HOUR), endsAt: wall, kind: 'hourly' };
      for (const request of [from, to]) expect(codeOf(() => plan(token, request))).toBe(code);
      const start = (disambiguation: Disambiguation): number => {
        const { grant, rounded } = plan(token, { ...from, disambiguation });
        return grant.startsAt + rounded.start;
      };
      const end = (disambiguation: Disambiguation): number => {
        const { grant, rounded } = plan(token, { ...to, disambiguation });
        return ending(grant).endsAt - rounded.end;
      };
      expect([start('earlier'), start('later')]).toEqual([at(earlier), at(later)]);
      expect([end('earlier'), end('later')]).toEqual([at(earlier), at(later)]);
    }
  });

  it('a refusal names the field', () => {
    const twice = '2025-10-26T02:30';
    const start = refusalOf(() => plan(ours(BERLIN), { startsAt: twice, endsAt: '2025-10-26T08:00' }));
    const end = refusalOf(() => plan(ours(BERLIN), { startsAt: '2025-10-25T20:00', endsAt: twice }));
    expect(start.message).toContain('"startsAt"');
    expect(end.message).toContain('"endsAt"');
  });

  it('an offset says which one is meant; one that the zone does not have says what it says', () => {
    const token = ours(BERLIN);
    expect(toInstant(token, '2025-10-26T02:30+02:00')).toBe(at('2025-10-26T00:30:00Z'));
    expect(toInstant(token, '2025-10-26T02:30+01:00')).toBe(at('2025-10-26T01:30:00Z'));
    expect(toInstant(token, '2025-10-26T02:30:00+01:00', 'earlier')).toBe(at('2025-10-26T01:30:00Z'));
    expect(toInstant(token, '2025-03-30T02:30+01:00')).toBe(at('2025-03-30T01:30:00Z'));
    expect(toLocal(token, toInstant(token, '2025-07-01T15:00:00-05:00'))).toBe('2025-07-01T22:00:00+02:00');
  });

  it('says nothing where the time is plain', () => {
    for (const disambiguation of [undefined, 'earlier', 'later'] as const)
      expect(toInstant(ours(BERLIN), '2025-10-26T03:00', disambiguation)).toBe(at('2025-10-26T02:00:00Z'));
  });

  it('one instant, written in many ways', () => {
    const instant = at('2025-06-02T13:00:00Z');
    for (const text of [
      '2025-06-02T15:00',
      '2025-06-02T15:00:00',
      '2025-06-02t15:00:00',
      '2025-06-02 15:00',
      '2025-06-02T15:00:00.000',
      '2025-06-02T15:00:00,0',
      '2025-06-02T15:00:00+02:00',
      '2025-06-02T15:00+0200',
      '2025-06-02T13:00:00Z',
      '2025-06-02T13:00:00.000Z',
      '2025-06-02T13:00z',
      '2025-06-02T18:45+05:45',
      '2025-06-02T01:00-12:00',
      '2025-06-03T03:00+14:00',
    ])
      expect(toInstant(ours(BERLIN), text), text).toBe(instant);
  });
});

// --- tables -------------------------------------------------------------------------------------------------------

describe('the token’s offset table', () => {
  /** Berlin as if the European Union had abolished the change in 2025 and stayed on summer time. */
  const abolished: OffsetTable = [
    [FROM, HOUR],
    [at('2024-03-31T01:00:00Z'), 2 * HOUR],
    [at('2024-10-27T01:00:00Z'), HOUR],
    [at('2025-03-30T01:00:00Z'), 2 * HOUR],
    [UNTIL, 2 * HOUR],
  ];

  it('is what counts; that today’s rules are others is a warning', () => {
    const token = ours(BERLIN, { offsets: abolished });
    const planned = plan(token, { startsAt: '2025-11-10T15:00', endsAt: '2025-11-12T11:00' });
    expect(planned.warnings).toEqual(['zone_rules_changed']);
    expect(planned.grant).toMatchObject({
      kind: 'stay',
      startsAt: at('2025-11-10T13:00:00Z'),
      endsAt: at('2025-11-12T09:00:00Z'),
    });
    expect(planned.local).toEqual({
      startsAt: '2025-11-10T15:00:00+02:00',
      endsAt: '2025-11-12T11:00:00+02:00',
      firstUseBy: '2025-11-12T11:00:00+02:00',
    });
    expect(read(token, mint(token, planned.grant), planned.grant.startsAt)).toEqual([planned.grant]);
  });

  it('warns when only one end is affected, and not before', () => {
    const token = ours(BERLIN, { offsets: abolished });
    const request = (startsAt: string, endsAt: string): readonly string[] =>
      plan(token, { startsAt, endsAt }).warnings;
    expect(request('2025-10-20T15:00', '2025-10-25T11:00')).toEqual([]);
    expect(request('2025-10-20T15:00', '2025-10-27T11:00')).toEqual(['zone_rules_changed']);
    expect(request('2026-06-01T15:00', '2026-06-03T11:00')).toEqual([]);
    // The time that comes twice by today's rules comes once at this lock.
    expect(toInstant(token, '2025-10-26T02:30')).toBe(at('2025-10-26T00:30:00Z'));
  });

  it('is what counts up to its last second', () => {
    const end = at('2025-12-01T00:00:00Z');
    const token = ours(BERLIN, { offsets: [...abolished.slice(0, -1), [end, 2 * HOUR] as const] });
    for (const wall of ['2025-11-29T10:00', '2025-11-30T10:00', '2025-12-01T01:59']) {
      const instant = at(`${wall}:00+02:00`);
      expect(toInstant(token, wall), wall).toBe(instant);
      expect(toLocal(token, instant)).toBe(`${wall}:00+02:00`);
    }
    const { grant, warnings } = plan(token, { startsAt: '2025-11-30T10:00', endsAt: '2025-11-30T12:00' });
    expect([grant.startsAt, warnings]).toEqual([at('2025-11-30T08:00:00Z'), ['zone_rules_changed']]);
  });

  it('with two things to say, a plan says both', () => {
    const mistaken: OffsetTable = [
      [FROM, 2 * HOUR],
      [at('2025-09-15T01:00:00Z'), HOUR],
      [UNTIL, HOUR],
    ];
    const token = ours(BERLIN, { offsets: mistaken });
    const { warnings } = plan(token, { startsAt: '2025-09-14T12:00', endsAt: '2025-09-15T12:00' });
    expect([...warnings].sort()).toEqual(['ends_early', 'zone_rules_changed']);
  });

  it('a token without one gets hours; civil kinds need it', () => {
    const token = createToken({ vendor: pintumbler, ...base, timeZone: BERLIN });
    expect(outcome(token, { startsAt: '2025-06-02T15:00', endsAt: '2025-06-03T11:00' })).toBe(
      'hourly 2025-06-02T15:00:00+02:00 2025-06-03T11:00:00+02:00',
    );
    expect(outcome(token, { startsAt: '2025-06-02T10:00', oneTime: true })).toBe(
      'one_time 2025-06-02T10:00:00+02:00 2025-06-03T10:00:00+02:00',
    );
    expect(outcome(token, { startsAt: '2025-06-02T10:00', kind: 'clear' })).toBe(
      'clear 2025-06-02T10:00:00+02:00 2025-06-02T22:00:00+02:00',
    );
    for (const kind of ['daily', 'stay', 'stay_2']) {
      const request = { startsAt: '2025-06-02T15:00', endsAt: '2025-06-03T11:00', kind };
      expect(outcome(token, request)).toBe('zone_required');
    }
    expect(outcome(token, { startsAt: '2025-06-02T15:00', endsAt: '2025-06-05T11:00' })).toBe(
      'zone_required',
    );
  });

  describe('past its end', () => {
    const end = at('2025-07-01T00:00:00Z');
    const token = ours('UTC', { offsets: [[FROM, 0] as const, [end, 0] as const] });

    it.each([
      ['starts and ends past it', 'daily', '2025-08-01T00:00', '2025-08-03T00:00'],
      ['starts and ends past it', 'stay', '2025-08-01T15:00', '2025-08-03T11:00'],
      ['begins at its last second', 'stay', '2025-06-30T23:59:59', '2025-07-03T11:00'],
      ['reaches past it', 'stay', '2025-06-25T15:00', '2025-07-03T11:00'],
      ['reaches past it', 'daily', '2025-06-25T00:00', '2025-07-03T00:00'],
      [
        'ends with it: the last covered second is the one before',
        'daily',
        '2025-06-25T00:00',
        '2025-07-01T00:00',
      ],
      ['is only rounded past it, one day', 'daily', '2025-06-30T00:00', '2025-06-30T23:30'],
      ['is only rounded past it, several days', 'daily', '2025-06-25T00:00', '2025-06-30T23:30'],
      ['is only rounded past it, several nights', 'stay', '2025-06-25T15:00', '2025-06-30T20:00'],
      ['opened before it begins', 'stay', '2024-01-01T10:00', '2024-01-02T10:00'],
      ['begins before it begins', 'daily', '2023-12-30T00:00', '2024-01-03T00:00'],
    ])('a window that %s (%s %s to %s): zone_table_ended', (_, kind, startsAt, endsAt) => {
      expect(outcome(token, { startsAt, endsAt, kind, maxTimeRounding: '1d' })).toBe('zone_table_ended');
    });

    it('the last windows before the end are there', () => {
      expect(outcome(token, { startsAt: '2025-06-25T15:00', endsAt: '2025-06-30T11:00', kind: 'stay' })).toBe(
        'stay 2025-06-25T15:00:00+00:00 2025-06-30T11:00:00+00:00',
      );
      expect(
        outcome(token, { startsAt: '2025-06-25T00:00', endsAt: '2025-06-30T00:00', kind: 'daily' }),
      ).toBe('daily 2025-06-25T00:00:00+00:00 2025-06-30T00:00:00+00:00');
    });

    it('hours need no table', () => {
      expect(outcome(token, { startsAt: '2025-08-01T10:00', endsAt: '2025-08-01T12:00' })).toBe(
        'hourly 2025-08-01T10:00:00+00:00 2025-08-01T12:00:00+00:00',
      );
    });

    it('three nights past it, no kind named: the reason is the table', () => {
      expect(outcome(token, { startsAt: '2025-08-01T15:00', endsAt: '2025-08-04T11:00' })).toBe(
        'zone_table_ended',
      );
    });
  });

  it('a time zone that nobody knows', () => {
    const request = { startsAt: '2025-06-02T10:00', endsAt: '2025-06-02T12:00' };
    const token = createToken({ vendor: igloohome, ...base, timeZone: 'Mars/Olympus' });
    expect(codeOf(() => plan(token, request))).toBe('zone_unknown');
    expect(codeOf(() => toInstant(token, '2025-06-02T10:00'))).toBe('zone_unknown');
    expect(codeOf(() => toLocal(token, 1_750_000_000))).toBe('zone_unknown');
  });
});

// --- what a plan says ---------------------------------------------------------------------------------------------

describe('what a plan says', () => {
  const request = { startsAt: '2025-06-02T15:20', endsAt: '2025-06-05T11:00' } as const;

  it('everything', () => {
    expect(plan(ours(BERLIN), request)).toEqual({
      grant: {
        kind: 'stay',
        variance: 0,
        startsAt: at('2025-06-02T15:00:00+02:00'),
        endsAt: at('2025-06-05T11:00:00+02:00'),
      },
      firstUseBy: at('2025-06-04T15:00:00+02:00'),
      local: {
        startsAt: '2025-06-02T15:00:00+02:00',
        endsAt: '2025-06-05T11:00:00+02:00',
        firstUseBy: '2025-06-04T15:00:00+02:00',
      },
      rounded: { start: 1200, end: 0 },
      warnings: [],
      window: 'stay/2025-06-02T13:00:00Z/2025-06-05T09:00:00Z',
      vendor: 'pintumbler',
      codes: 'published',
    });
    expect(plan(igloo(BERLIN), request)).toMatchObject({
      window: 'hourly/2025-06-02T13:00:00Z/2025-06-05T09:00:00Z',
      vendor: 'igloohome',
      codes: 'emulated',
    });
  });

  it('the window key is that of the window: not of the variance, the wording or the rounding', () => {
    const key = (more: Partial<PlanRequest>): string => plan(igloo(BERLIN), { ...request, ...more }).window;
    for (const more of [
      { variance: 1 },
      { variance: 2 },
      { startsAt: '2025-06-02T15:59:59' },
      { startsAt: '2025-06-02T13:20:00Z' },
      { endsAt: '2025-06-05T10:01' },
      { endsAt: '2025-06-05T14:45+05:45' },
      { kind: 'hourly' },
    ])
      expect(key(more), JSON.stringify(more)).toBe(key({}));
    const others = [
      { startsAt: '2025-06-02T14:59' },
      { endsAt: '2025-06-05T11:01' },
      { kind: 'one_time', endsAt: '2025-06-03T15:00' },
      { endsAt: '2025-06-03T15:00' },
    ];
    expect(new Set([key({}), ...others.map(key)]).size).toBe(1 + others.length);
  });

  it('the grant cannot be changed by accident', () => {
    expect(Object.isFrozen(plan(ours(BERLIN), request).grant)).toBe(true);
  });

  it('a request is left as it was', () => {
    const frozen = Object.freeze({ ...request, variance: 0 });
    expect(plan(ours(BERLIN), frozen)).toEqual(plan(ours(BERLIN), { ...request, variance: 0 }));
  });

  it('options that are undefined are as good as absent', () => {
    const blank = {
      ...request,
      oneTime: undefined,
      maxTimeRounding: undefined,
      kind: undefined,
      lane: undefined,
      variance: undefined,
      disambiguation: undefined,
    } as unknown as PlanRequest;
    expect(plan(ours(BERLIN), blank)).toEqual(plan(ours(BERLIN), request));
  });
});

describe('variances', () => {
  const hours = { startsAt: '2025-06-02T10:00', endsAt: '2025-06-02T12:00' } as const;
  const variance = (token: DeviceToken, more: Partial<PlanRequest> = {}): number | string => {
    try {
      return plan(token, { ...hours, ...more }).grant.variance;
    } catch (error) {
      return error instanceof PintumblerError ? error.code : String(error);
    }
  };

  it('as many as the kind has, the first by default', () => {
    expect(
      [undefined, 0, 1, 2, 3].map((v) => variance(igloo(BERLIN), v === undefined ? {} : { variance: v })),
    ).toEqual([0, 0, 1, 2, 'variance_unavailable']);
    const once = { startsAt: '2025-06-02T10:00', endsAt: '2025-06-03T10:00', oneTime: true } as const;
    expect(variance(igloo(BERLIN), { ...once, variance: 4 })).toBe(4);
    expect(variance(igloo(BERLIN), { ...once, variance: 5 })).toBe('variance_unavailable');
    expect(variance(ours(BERLIN), { variance: 1 })).toBe('variance_unavailable');
    expect(variance(ours(BERLIN), { ...once, variance: 1 })).toBe(1);
    const ten = ours(BERLIN, { config: { digits: 10 } });
    expect(variance(ten, { variance: 3 })).toBe(3);
    expect(variance(ten, { variance: 4 })).toBe('variance_unavailable');
    expect(variance(ten, { ...once, variance: 7 })).toBe(7);
  });

  it('an issuer with a share starts at its own first and never leaves it', () => {
    const share = deriveToken(igloo(BERLIN), { variances: [1, 2] });
    expect(variance(share)).toBe(1);
    expect([0, 1, 2, 3].map((v) => variance(share, { variance: v }))).toEqual([
      'variance_unavailable',
      1,
      2,
      'variance_unavailable',
    ]);
    const last = deriveToken(igloo(BERLIN), { variances: [3, 4] });
    expect(variance(last)).toBe('variance_unavailable');
    expect(variance(last, { endsAt: '2025-06-03T10:00', oneTime: true })).toBe(3);
  });

  it('two issuers with shares apart never give out one code', () => {
    const codes = [
      [0, 0],
      [1, 1],
      [2, 2],
    ].map((variances) => {
      const issuer = deriveToken(igloo(BERLIN), { variances: variances as [number, number] });
      return mint(issuer, plan(issuer, hours).grant);
    });
    expect(new Set(codes).size).toBe(3);
  });
});

describe('a vendor with lanes and with gaps between its lengths', () => {
  const token = tokenIn(BERLIN, six);
  const ask = { startsAt: '2025-06-02T00:00', lane: '1', kind: 'daily' } as const;

  it('a lane is chosen, never guessed, and part of the grant and the key', () => {
    const request = { ...ask, endsAt: '2025-06-03T12:30' };
    const one = plan(token, request);
    const two = plan(token, { ...request, lane: '2' });
    expect([one.grant.lane, two.grant.lane]).toEqual(['1', '2']);
    expect(one.window).toBe('daily:1/2025-06-01T22:00:00Z/2025-06-03T10:30:00Z');
    expect(two.window).toBe('daily:2/2025-06-01T22:00:00Z/2025-06-03T10:30:00Z');
    expect([mint(token, one.grant)[0], mint(token, two.grant)[0]]).toEqual(['1', '2']);
    for (const lane of [undefined, '', '3', '12', 1, null])
      expect(
        codeOf(() => plan(token, { ...request, lane } as PlanRequest)),
        String(lane),
      ).toBe('lane_unknown');
  });

  it('the next length there is: 1, 2 or 7 days, closing at half past twelve', () => {
    const until = (endsAt: string, maxTimeRounding: '1h' | '1d' = '1h'): string =>
      outcome(token, { ...ask, endsAt, maxTimeRounding });
    const window = (end: string): string => `daily 2025-06-02T00:00:00+02:00 ${end}+02:00`;
    expect(until('2025-06-03T12:00')).toBe(window('2025-06-03T12:30:00'));
    expect(until('2025-06-04T11:30')).toBe(window('2025-06-04T12:30:00'));
    expect(until('2025-06-04T11:29')).toBe('no_fit');
    expect(until('2025-06-04T11:29', '1d')).toBe(window('2025-06-04T12:30:00'));
    expect(until('2025-06-04T12:31', '1d')).toBe('no_fit');
    expect(until('2025-06-08T12:30', '1d')).toBe(window('2025-06-09T12:30:00'));
    expect(until('2025-06-09T12:30')).toBe(window('2025-06-09T12:30:00'));
    expect(until('2025-06-09T12:31', '1d')).toBe('no_fit');
    expect(noFit(token, { ...ask, endsAt: '2025-06-05T12:30' }).nearest).toEqual({
      kind: 'daily',
      startsAt: at('2025-06-02T00:00:00+02:00'),
      endsAt: at('2025-06-09T12:30:00+02:00'),
    });
  });

  it('one-time codes of 24 or 48 hours', () => {
    const once = (endsAt: string): string =>
      outcome(token, { startsAt: '2025-06-02T10:00', endsAt, oneTime: true, lane: '1' });
    expect(once('2025-06-03T09:30')).toBe('one_time 2025-06-02T10:00:00+02:00 2025-06-03T10:00:00+02:00');
    expect(once('2025-06-03T10:01')).toBe('no_fit');
    expect(once('2025-06-04T10:00')).toBe('one_time 2025-06-02T10:00:00+02:00 2025-06-04T10:00:00+02:00');
  });
});

// --- bad input ----------------------------------------------------------------------------------------------------

describe('bad input', () => {
  const good = { startsAt: '2025-06-02T10:00', endsAt: '2025-06-02T12:00' };

  const noTimestamps: readonly (readonly [string, unknown])[] = [
    ['NaN', Number.NaN],
    ['epoch seconds', 1_748_851_200],
    ['epoch milliseconds', 1_748_851_200_000],
    ['a bigint', 1_748_851_200n],
    ['a Date', new Date(0)],
    ['a String object', new String('2025-06-02T10:00')],
    ['null', null],
    ['an object', {}],
    ['an array', ['2025-06-02T10:00']],
    ['true', true],
    ['an empty string', ''],
    ['a blank', ' '],
    ['a word', 'now'],
    ['a date only', '2025-06-02'],
    ['a time only', '10:00'],
    ['an hour only', '2025-06-02T10'],
    ['the basic format', '20250602T100000Z'],
    ['a week date', '2025-W23-1T10:00'],
    ['an ordinal date', '2025-153T10:00'],
    ['24:00', '2025-06-02T24:00'],
    ['25:00', '2025-06-02T25:00'],
    ['minute 60', '2025-06-02T10:60'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['second 60', '2025-06-02T10:00:60'],
    ['30 February', '2025-02-30T10:00'],
    ['29 February of a common year', '2025-02-29T10:00'],
    ['31 June', '2025-06-31T10:00'],
    ['day 0', '2025-06-00T10:00'],
    ['day 32', '2025-01-32T10:00'],
    ['month 0', '2025-00-02T10:00'],
    ['month 13', '2025-13-02T10:00'],
    ['year 0', '0000-06-02T10:00'],
    ['year 25', '0025-06-02T10:00'],
    ['a two-digit year', '25-06-02T10:00'],
    ['a six-digit year', '+002025-06-02T10:00'],
    ['a negative year', '-2025-06-02T10:00'],
    ['one-digit month and day', '2025-6-2T10:00'],
    ['a fraction of a second', '2025-06-02T10:00:00.5'],
    ['a millisecond', '2025-06-02T10:00:00.001Z'],
    ['a dot and nothing', '2025-06-02T10:00:00.'],
    ['a fraction of a minute', '2025-06-02T10:00.5'],
    ['AM', '2025-06-02T10:00 AM'],
    ['the American order', '06/02/2025 10:00'],
    ['an offset of 16 hours', '2025-06-02T10:00+16:00'],
    ['an offset of 99 hours', '2025-06-02T10:00+99:00'],
    ['an offset of 60 minutes', '2025-06-02T10:00+01:60'],
    ['an offset of hours', '2025-06-02T10:00+02'],
    ['an offset with one digit', '2025-06-02T10:00+2:00'],
    ['an offset with seconds', '2025-06-02T10:00+02:00:00'],
    ['a named zone', '2025-06-02T10:00 CET'],
    ['a zone in brackets', '2025-06-02T10:00+02:00[Europe/Berlin]'],
    ['a blank before', ' 2025-06-02T10:00'],
    ['a blank behind', '2025-06-02T10:00 '],
    ['a line feed behind', '2025-06-02T10:00\n'],
    ['a zero byte behind', '2025-06-02T10:00\0'],
    ['other digits', '٢٠٢٥-٠٦-٠٢T10:00'],
    ['a minus sign for a hyphen', '2025−06−02T10:00'],
    ['a very long string', '2025-06-02T10:00:00.'.padEnd(100_000, '0').concat('1')],
  ];

  it.each(noTimestamps)('%s is no timestamp', (_, value) => {
    const token = ours(BERLIN);
    const requests = [
      { ...good, startsAt: value },
      { ...good, endsAt: value },
      { startsAt: value, kind: 'clear' },
    ] as readonly PlanRequest[];
    for (const request of requests) expect(codeOf(() => plan(token, request))).toBe('bad_argument');
    expect(codeOf(() => toInstant(token, value as string))).toBe('bad_argument');
  });

  const requests: readonly (readonly [string, unknown, string])[] = [
    ['no request', undefined, 'bad_argument'],
    ['null', null, 'bad_argument'],
    ['a string', '2025-06-02T10:00', 'bad_argument'],
    ['an array', [good], 'bad_argument'],
    ['an empty request', {}, 'bad_argument'],
    ['no start', { endsAt: good.endsAt }, 'bad_argument'],
    ['no end', { startsAt: good.startsAt }, 'bad_argument'],
    ['an unknown option', { ...good, startAt: good.startsAt }, 'bad_argument'],
    ['Seam’s spelling', { starts_at: good.startsAt, ends_at: good.endsAt }, 'bad_argument'],
    ['Seam’s option', { ...good, max_time_rounding: '1d' }, 'bad_argument'],
    ['rounding of an unknown size', { ...good, maxTimeRounding: '2d' }, 'bad_argument'],
    ['rounding in Seam’s long words', { ...good, maxTimeRounding: '1day' }, 'bad_argument'],
    ['rounding in capitals', { ...good, maxTimeRounding: '1D' }, 'bad_argument'],
    ['rounding in seconds', { ...good, maxTimeRounding: 3600 }, 'bad_argument'],
    ['empty rounding', { ...good, maxTimeRounding: '' }, 'bad_argument'],
    ['rounding null', { ...good, maxTimeRounding: null }, 'bad_argument'],
    ['oneTime as a word', { ...good, oneTime: 'true' }, 'bad_argument'],
    ['oneTime as a number', { ...good, oneTime: 1 }, 'bad_argument'],
    ['oneTime null', { ...good, oneTime: null }, 'bad_argument'],
    ['luxon’s word for disambiguation', { ...good, disambiguation: 'compatible' }, 'bad_argument'],
    ['empty disambiguation', { ...good, disambiguation: '' }, 'bad_argument'],
    ['disambiguation null', { ...good, disambiguation: null }, 'bad_argument'],
    ['an unknown kind', { ...good, kind: 'weekly' }, 'kind_unknown'],
    ['an empty kind', { ...good, kind: '' }, 'kind_unknown'],
    ['a kind in capitals', { ...good, kind: 'Hourly' }, 'kind_unknown'],
    ['a name of Object.prototype', { ...good, kind: 'constructor' }, 'kind_unknown'],
    ['another vendor’s kind', { ...good, kind: 'permanent' }, 'kind_unknown'],
    ['a window kind without end', { startsAt: good.startsAt, kind: 'hourly' }, 'bad_argument'],
    ['a stay without end', { startsAt: good.startsAt, kind: 'stay' }, 'bad_argument'],
    ['one-time and a window kind', { ...good, kind: 'hourly', oneTime: true }, 'bad_argument'],
    ['one-time and a control', { startsAt: good.startsAt, kind: 'clear', oneTime: true }, 'bad_argument'],
    ['a control with an end', { ...good, kind: 'clear' }, 'bad_argument'],
    ['an unknown lane', { ...good, lane: '1' }, 'lane_unknown'],
    ['an empty lane', { ...good, lane: '' }, 'lane_unknown'],
    ['a variance beyond the kind', { ...good, variance: 1 }, 'variance_unavailable'],
    ['a negative variance', { ...good, variance: -1 }, 'out_of_range'],
    ['a variance of 33 bits', { ...good, variance: 2 ** 32 }, 'out_of_range'],
    ['a fraction of a variance', { ...good, variance: 0.5 }, 'bad_argument'],
    ['NaN for a variance', { ...good, variance: Number.NaN }, 'bad_argument'],
    ['minus zero for a variance', { ...good, variance: -0 }, 'bad_argument'],
    ['a word for a variance', { ...good, variance: '0' }, 'bad_argument'],
    ['variance null', { ...good, variance: null }, 'bad_argument'],
    ['an end with the start', { ...good, endsAt: good.startsAt }, 'window_reversed'],
    ['an end before the start', { startsAt: good.endsAt, endsAt: good.startsAt }, 'window_reversed'],
    [
      'an end that only looks later',
      { startsAt: '2025-06-02T10:00Z', endsAt: '2025-06-02T11:00+02:00' },
      'window_reversed',
    ],
    [
      'a one-time end before the start',
      { ...good, endsAt: '2025-06-01T10:00', oneTime: true },
      'window_reversed',
    ],
    ['1999', { startsAt: '1999-06-02T10:00', endsAt: '1999-06-02T12:00' }, 'out_of_range'],
    [
      'the first day of the count',
      { startsAt: '2020-01-01T10:00Z', endsAt: '2020-01-01T12:00Z' },
      'out_of_range',
    ],
    [
      'the end of all time',
      { startsAt: '9999-12-31T22:30Z', endsAt: '9999-12-31T23:59:59Z' },
      'out_of_range',
    ],
  ];

  it.each(requests)('%s', (_, request, code) => {
    expect(codeOf(() => plan(ours(BERLIN), request as PlanRequest))).toBe(code);
  });

  it.each([
    ['none', undefined],
    ['null', null],
    ['a token in words', formatToken(ours(BERLIN))],
    ['a token as JSON', JSON.parse(JSON.stringify(ours(BERLIN)))],
    ['a look-alike', { ...ours(BERLIN), rules: ours(BERLIN).rules, vendor: pintumbler }],
  ])('no device token: %s', (_, token) => {
    expect(codeOf(() => plan(token as DeviceToken, good))).toBe('bad_argument');
    expect(codeOf(() => toInstant(token as DeviceToken, good.startsAt))).toBe('bad_argument');
    expect(codeOf(() => toLocal(token as DeviceToken, 0))).toBe('bad_argument');
  });

  it.each([
    [Number.NaN, 'bad_argument'],
    [1.5, 'bad_argument'],
    ['1750000000', 'bad_argument'],
    [new Date(0), 'bad_argument'],
    [undefined, 'bad_argument'],
    [-1, 'out_of_range'],
    [1_750_000_000_000, 'out_of_range'],
  ])('toLocal of %s: %s', (instant, code) => {
    expect(codeOf(() => toLocal(ours(BERLIN), instant as number))).toBe(code);
  });

  it('toInstant refuses other words for disambiguation', () => {
    for (const word of ['compatible', 'Earlier', '', null, 1])
      expect(codeOf(() => toInstant(ours(BERLIN), good.startsAt, word as Disambiguation))).toBe(
        'bad_argument',
      );
  });

  it('a message says what was expected and shows no more of the input than it must', () => {
    const secret = '482901377 482901377 482901377';
    for (const request of [
      { ...good, startsAt: secret },
      { ...good, kind: secret },
      { ...good, lane: secret },
    ])
      expect(refusalOf(() => plan(ours(BERLIN), request)).message).not.toContain('482901377');
    expect(refusalOf(() => plan(ours(BERLIN), { ...good, startsAt: 'soon' })).message).toContain(
      '2026-03-01T15:20',
    );
  });
});

// --- the first days of the count ----------------------------------------------------------------------------------

describe('the first days of the count', () => {
  it('a stay that began before slots are counted is refused: what plan returns can be minted', () => {
    const honolulu = createToken({
      vendor: pintumbler,
      ...base,
      ...zoneFacts('Pacific/Honolulu', at('2019-06-01T00:00:00Z'), at('2021-01-01T00:00:00Z')),
    });
    const stay = (startsAt: string): PlanRequest => ({
      startsAt,
      endsAt: '2020-01-03T11:00',
      kind: 'stay',
      maxTimeRounding: '1d',
    });
    // 14:30 on 1 January 2020, before check-in; the check-in before that was in 2019.
    expect(codeOf(() => plan(honolulu, stay('2020-01-02T00:30:00Z')))).toMatch(/^(no_fit|out_of_range)$/);
    const { grant } = plan(honolulu, stay('2020-01-02T01:00:00Z'));
    expect(grant.startsAt).toBe(at('2020-01-01T15:00:00-10:00'));
    expect(read(honolulu, mint(honolulu, grant), grant.startsAt)).toEqual([grant]);
  });

  it('the first instant that can be planned', () => {
    const token = igloo('UTC');
    const { grant } = plan(token, { startsAt: '2020-01-02T00:00Z', endsAt: '2020-01-02T01:00Z' });
    expect(read(token, mint(token, grant), grant.startsAt)).toEqual([grant]);
  });
});

// --- properties ---------------------------------------------------------------------------------------------------

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Europe/Lisbon',
  'America/New_York',
  'America/Los_Angeles',
  'America/St_Johns',
  'America/Havana',
  'America/Santiago',
  'America/Scoresbysund',
  'Atlantic/Azores',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Asia/Beirut',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Antarctica/Troll',
  'Australia/Adelaide',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Marquesas',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
] as const;

/** What a property asks for: the request, and what it is in instants. */
interface Asked {
  readonly zone: string;
  readonly start: number;
  readonly end: number;
  readonly ceiling: '1h' | '1d';
  readonly request: PlanRequest;
}

const minutesOfDay = fc.oneof(
  fc.constantFrom(0, 1, 30, 59, 60, 600, 630, 660, 720, 900, 915, 930, 959, 960, 975, 1380, 1410, 1439),
  fc.integer({ min: 0, max: 1439 }),
);

const asked: fc.Arbitrary<Asked> = fc
  .record({
    zone: fc.constantFrom(...ZONES),
    change: fc.nat(20),
    before: fc.oneof(
      fc.integer({ min: -2, max: 1 }),
      fc.integer({ min: -30, max: 1 }),
      fc.integer({ min: -400, max: 400 }),
    ),
    startMinute: minutesOfDay,
    second: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(59) }),
    end: fc.oneof(
      fc.record({
        days: fc.oneof(fc.integer({ min: 0, max: 29 }), fc.integer({ min: 28, max: 368 })),
        minute: minutesOfDay,
      }),
      fc.record({
        days: fc.oneof(fc.integer({ min: 0, max: 29 }), fc.integer({ min: 28, max: 368 })),
        early: fc.integer({ min: 0, max: 61 }),
      }),
      fc.record({
        minutes: fc.oneof(fc.integer({ min: 1, max: 1500 }), fc.integer({ min: 1, max: 41_000 })),
      }),
    ),
    plain: fc.boolean(),
    ceiling: fc.constantFrom('1h' as const, '1d' as const),
  })
  .map(({ zone, change, before, startMinute, second, end, plain, ceiling }): Asked | undefined => {
    // Most requests begin near one of the zone's clock changes.
    const inner = factsOf(zone).offsets.slice(1, -1);
    const pivot = inner[change % Math.max(inner.length, 1)]?.[0] ?? at('2025-06-01T00:00:00Z');
    const day = Math.floor(pivot / DAY) + before;
    const startWall = day * DAY + startMinute * 60 + second;
    const start = instantsIn(zone, startWall).instants[0] ?? Number.NaN;
    let finish: number;
    if ('minutes' in end) finish = start + end.minutes * 60;
    else {
      const endWall =
        'minute' in end
          ? (day + end.days) * DAY + end.minute * 60
          : startWall + end.days * DAY - end.early * 60;
      finish = instantsIn(zone, endWall).instants.at(-1) ?? Number.NaN;
    }
    if (!(start < finish && start > FROM + 40 * DAY && finish < UNTIL - 40 * DAY)) return undefined;
    // In plain wall time where that is unambiguous, with its offset elsewhere.
    const text = (instant: number): string => {
      const wall = wallIn(zone, instant);
      const unique = instantsIn(zone, wall).instants.length === 1;
      return plain && unique ? wallText(wall) : stamp(zone, instant);
    };
    const request = { startsAt: text(start), endsAt: text(finish), maxTimeRounding: ceiling };
    return { zone, start, end: finish, ceiling, request };
  })
  .filter((each): each is Asked => each !== undefined);

interface Candidate {
  readonly kind: string;
  readonly startsAt: number;
  readonly endsAt: number;
}

/** Windows on the grid: the hour that the start is in, every length. */
function gridWindows(kind: string, zone: string, start: number, lengths: readonly number[]): Candidate[] {
  const shift = factsOf(zone).gridOffset * 60;
  const startsAt = Math.floor((start - shift) / HOUR) * HOUR + shift;
  return lengths.map((length) => ({ kind, startsAt, endsAt: startsAt + length }));
}

/** Windows on the calendar: every opening of the days around the start, every closing around the end. */
function civilWindows({ zone, start, end }: Asked, kind: string, opens: number, closes: number): Candidate[] {
  const first = Math.floor(wallIn(zone, start) / DAY);
  const last = Math.floor(wallIn(zone, end) / DAY);
  const windows: Candidate[] = [];
  for (let day = first - 2; day <= first + 1; day++) {
    const startsAt = instantsIn(zone, day * DAY + opens).instants[0] ?? Number.NaN;
    for (let closing = Math.max(last - 1, day + 1); closing <= last + 2 && closing <= day + 28; closing++) {
      const endsAt = instantsIn(zone, closing * DAY + closes).instants.at(-1) ?? Number.NaN;
      windows.push({ kind, startsAt, endsAt });
    }
  }
  return windows;
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const hoursUpTo = (most: number): readonly number[] => range(1, most).map((hours) => hours * HOUR);

const VENDORS = [
  {
    name: 'pintumbler',
    token: (zone: string) => ours(zone),
    order: ['stay', 'stay_2', 'daily', 'hourly'],
    windows: (ask: Asked) => [
      ...gridWindows('hourly', ask.zone, ask.start, hoursUpTo(24)),
      ...civilWindows(ask, 'daily', 0, 0),
      ...civilWindows(ask, 'stay', 15 * HOUR, 11 * HOUR),
      ...civilWindows(ask, 'stay_2', 16 * HOUR, 10 * HOUR),
    ],
    onGrid: [hoursUpTo(24)],
  },
  {
    name: 'igloohome',
    token: (zone: string) => igloo(zone),
    order: ['hourly', 'daily'],
    windows: ({ zone, start }: Asked) => [
      ...gridWindows('hourly', zone, start, hoursUpTo(672)),
      ...gridWindows(
        'daily',
        zone,
        start,
        range(29, 367).map((days) => days * DAY),
      ),
    ],
    onGrid: [hoursUpTo(672), range(29, 367).map((days) => days * DAY)],
  },
] as const;

/** DESIGN §5 taken literally: of all windows that hold what was asked, within the ceiling, the one that rounds least. */
function expectedOf(vendor: (typeof VENDORS)[number], ask: Asked): Candidate | undefined {
  const { zone, start, end, ceiling } = ask;
  const within = (earlier: number, later: number): boolean =>
    ceiling === '1h'
      ? later - earlier <= HOUR
      : later - earlier <= DAY || wallIn(zone, later) - wallIn(zone, earlier) <= DAY;
  const order: readonly string[] = vendor.order;
  const holding = vendor
    .windows(ask)
    .filter(({ startsAt, endsAt }) => startsAt <= start && endsAt >= end)
    .filter(({ startsAt, endsAt }) => within(startsAt, start) && within(end, endsAt))
    .sort(
      (a, b) =>
        start - a.startsAt + a.endsAt - (start - b.startsAt + b.endsAt) ||
        order.indexOf(a.kind) - order.indexOf(b.kind),
    );
  const daily = ceiling === '1d' ? holding.find(({ kind }) => kind === 'daily') : undefined;
  return daily ?? holding[0];
}

describe('properties', () => {
  it.each(VENDORS)('$name: plan finds the window that DESIGN §5 asks for, in any zone', (vendor) => {
    const seen = { fitting: 0, early: 0, refused: 0 };
    fc.assert(
      fc.property(asked, (ask) => {
        const { zone, start, end, ceiling, request } = ask;
        const token = vendor.token(zone);
        const expected = expectedOf(vendor, ask);
        let planned: Plan;
        try {
          planned = plan(token, request);
        } catch (error) {
          // Refused: nothing holds what was asked, and nothing is as long as the wall clock says either.
          seen.refused++;
          if (!(error instanceof PintumblerError)) throw error;
          expect(error.code).toBe('no_fit');
          expect(expected).toBeUndefined();
          const byWallClock = wallIn(zone, end) - wallIn(zone, start);
          for (const lengths of byWallClock < end - start ? vendor.onGrid : []) {
            const fits = gridWindows('', zone, start, lengths).filter(
              ({ startsAt, endsAt }) =>
                endsAt - startsAt >= byWallClock + start - startsAt &&
                endsAt - end <= (ceiling === '1h' ? HOUR : DAY),
            );
            expect(fits).toEqual([]);
          }
          // The nearest is a window that the vendor has.
          const { kind, startsAt, endsAt } = ending(error.nearest!);
          expect(
            plan(token, { kind, startsAt: stamp(zone, startsAt), endsAt: stamp(zone, endsAt) }).grant,
          ).toEqual({ kind, variance: 0, startsAt, endsAt });
          return;
        }

        const { rounded, warnings, local } = planned;
        const grant = ending(planned.grant);
        if (expected) {
          seen.fitting++;
          expect(warnings).toEqual([]);
          expect(grant).toEqual({ variance: 0, ...expected });
        } else {
          // Only a code that counts hours may end early, and by no more than the clock was put back.
          seen.early++;
          expect(warnings).toEqual(['ends_early']);
          expect(end - grant.endsAt).toBeGreaterThan(0);
          expect(end - grant.endsAt).toBeLessThanOrEqual(offsetIn(zone, start) - offsetIn(zone, end));
        }

        // Outward, within the ceiling, and honest about it.
        expect(grant.startsAt).toBeLessThanOrEqual(start);
        if (!warnings.includes('ends_early')) expect(grant.endsAt).toBeGreaterThanOrEqual(end);
        expect(rounded).toEqual({ start: start - grant.startsAt, end: grant.endsAt - end });
        const ceilingAt = (earlier: number, later: number): number =>
          ceiling === '1h'
            ? later - earlier
            : Math.min(later - earlier, wallIn(zone, later) - wallIn(zone, earlier));
        const most = ceiling === '1h' ? HOUR : DAY;
        expect(ceilingAt(grant.startsAt, start)).toBeLessThanOrEqual(most);
        expect(ceilingAt(end, grant.endsAt)).toBeLessThanOrEqual(most);
        expect(planned.firstUseBy).toBeGreaterThan(start);
        expect(planned.firstUseBy).toBeLessThanOrEqual(grant.endsAt);
        expect(local).toEqual({
          startsAt: stamp(zone, grant.startsAt),
          endsAt: stamp(zone, grant.endsAt),
          firstUseBy: stamp(zone, planned.firstUseBy),
        });

        // A grant is a code, and the code the grant.
        const code = mint(token, grant);
        expect(code).toMatch(/^\d{9}$/);
        for (const when of [grant.startsAt, grant.endsAt - 1])
          expect(read(token, code, when)).toEqual([grant]);

        // Same again: from the same token, and from one that went through its text.
        expect(plan(token, request)).toEqual(planned);
        const copy = parseToken(formatToken(token), builtIn);
        expect(plan(copy, request)).toEqual(planned);
        expect(mint(copy, grant)).toBe(code);
      }),
      { numRuns: deep(250) },
    );
    expect(seen.fitting).toBeGreaterThan(20);
    expect(seen.refused).toBeGreaterThan(5);
  });

  it('asking for exactly what was planned plans it again', () => {
    fc.assert(
      fc.property(asked, fc.constantFrom(...VENDORS), ({ zone, request }, vendor) => {
        const token = vendor.token(zone);
        let planned: Plan | undefined;
        try {
          planned = plan(token, request);
        } catch (error) {
          if (!(error instanceof PintumblerError)) throw error;
        }
        fc.pre(planned !== undefined);
        const { grant, local } = planned;
        const { startsAt, endsAt } = ending(local);
        const again = plan(token, { startsAt, endsAt, kind: grant.kind });
        expect(again.grant).toEqual(grant);
        expect(again.rounded).toEqual({ start: 0, end: 0 });
        expect(again.window).toBe(planned.window);
      }),
      { numRuns: deep(100) },
    );
  });

  it('every local reading leads back: alone, or as the earlier or the later of two', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.nat(20),
        fc.integer({ min: -4 * HOUR, max: 4 * HOUR }),
        (zone, change, away) => {
          const inner = factsOf(zone).offsets.slice(1, -1);
          const pivot = inner[change % Math.max(inner.length, 1)]?.[0] ?? at('2025-06-01T00:00:00Z');
          const instant = pivot + away;
          const wall = wallIn(zone, instant);
          const { instants } = instantsIn(zone, wall);
          for (const token of [ours(zone), igloo(zone)]) {
            const text = wallText(wall);
            expect(toLocal(token, instant)).toBe(stamp(zone, instant));
            expect(toInstant(token, toLocal(token, instant))).toBe(instant);
            expect(toInstant(token, text, 'earlier')).toBe(instants[0]);
            expect(toInstant(token, text, 'later')).toBe(instants.at(-1));
            if (instants.length === 1) expect(toInstant(token, text)).toBe(instant);
            else expect(codeOf(() => toInstant(token, text))).toBe('local_time_twice');
          }
        },
      ),
      { numRuns: deep(200) },
    );
  });

  it('a skipped wall time is refused, or as far from the change as the word says', () => {
    const gaps = ZONES.flatMap((zone) => {
      const { offsets } = factsOf(zone);
      return offsets.slice(1, -1).flatMap(([change, offset], i) => {
        const before = offsets[i]![1];
        return offset > before ? [{ zone, change, before, offset }] : [];
      });
    });
    fc.assert(
      fc.property(fc.constantFrom(...gaps), fc.nat(10 ** 6), ({ zone, change, before, offset }, where) => {
        const wall = change + before + (where % (offset - before));
        for (const token of [ours(zone), igloo(zone)]) {
          const text = wallText(wall);
          expect(instantsIn(zone, wall)).toEqual({ instants: [change], skipped: true });
          expect(codeOf(() => toInstant(token, text))).toBe('local_time_missing');
          expect(toInstant(token, text, 'later')).toBe(wall - before);
          expect(toInstant(token, text, 'earlier')).toBe(wall - offset);
          expect(toInstant(token, text, 'later')).toBeGreaterThanOrEqual(change);
          expect(toInstant(token, text, 'earlier')).toBeLessThan(change);
        }
      }),
      { numRuns: deep(100) },
    );
  });

  it('set_clock is never further from the truth than half a quarter of an hour', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.integer({ min: FROM, max: UNTIL - DAY }), (zone, instant) => {
        const token = ours(zone);
        const { grant: planned, rounded } = plan(token, {
          startsAt: stamp(zone, instant),
          kind: 'set_clock',
        });
        const grant = ending(planned);
        expect(Math.abs(grant.endsAt - instant)).toBeLessThanOrEqual(450);
        expect(rounded).toEqual({ start: instant - grant.endsAt, end: 0 });
        expect(read(token, mint(token, grant), instant)).toEqual([grant]);
      }),
      { numRuns: deep(100) },
    );
  });

  it('no input at all makes plan throw anything but our error', () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true });
    const near = fc.oneof(
      anything,
      fc.constantFrom(
        '2025-06-02T10:00',
        '2025-06-05T10:00',
        '1h',
        '1d',
        'hourly',
        'stay',
        'clear',
        'one_time',
      ),
    );
    const names = [
      'startsAt',
      'endsAt',
      'oneTime',
      'maxTimeRounding',
      'kind',
      'lane',
      'variance',
      'disambiguation',
    ];
    const request = fc.oneof(
      anything,
      fc.dictionary(fc.constantFrom(...names), near),
      fc.record({ startsAt: fc.constant('2025-06-02T10:00'), kind: near, variance: near, lane: near }),
    );
    fc.assert(
      fc.property(request, (each) => {
        expect(codeOf(() => plan(ours(BERLIN), each as PlanRequest))).not.toMatch(/^not ours/);
      }),
      { numRuns: deep(400) },
    );
  });
});
