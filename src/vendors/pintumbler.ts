/**
 * Our own vendor: layouts `pintumbler-9/1` and `pintumbler-10/1`, and a lock that resists what the published ones do
 * not. 9 digits hold 256 payloads a slot and 3,906,250 slots a page: 445 years, and decoding is shift and mask. 10
 * digits are the same table with every variance times 4: four codes a window, for doors that many share.
 *
 * Settings: `{ digits: 9 | 10, stays: [[checkIn, checkOut], [checkIn, checkOut]] }`, by default 9 digits and stays of
 * 15:00 to 11:00 and 16:00 to 10:00.
 */
import { checkFields, expected } from '../errors.ts';
import { sealed } from '../schemes/sealed.ts';
import { timeOfDay } from '../zone.ts';
import type { Kind, LockRules, Rules, Vendor } from './vendor.ts';

type Stay = readonly [checkIn: string, checkOut: string];

/** The device settings of this vendor. */
export interface PintumblerConfig {
  readonly digits?: 9 | 10;
  readonly stays?: readonly [Stay, Stay];
}

const HOUR = 3600;
const OURS = 'ours';

function stay(id: string, [checkIn, checkOut]: Stay, variances: number): Kind {
  return {
    id,
    for: 'window',
    axis: { on: 'civil-day', opens: checkIn },
    length: { in: 'days', of: { from: 1, to: 28, step: 1 }, closes: checkOut },
    variances,
    // A guest who arrives a day late still gets in; without a deadline every start of the last 28 days would count.
    firstUse: 2,
    times: 'many',
    effect: 'supersede',
    source: OURS,
  };
}

const LOCK: LockRules = {
  // 600 s is a year of drift of a 20 ppm crystal.
  tolerance: 600,
  records: 48,
  throttle: { by: 'credit', most: 12, regain: 7200, recordsEvery: 60 },
  clockReach: 400 * 24 * HOUR,
  source: OURS,
};

function kinds(stays: readonly [Stay, Stay], many: number): readonly Kind[] {
  const grid = { axis: { on: 'slot' }, times: 'many', source: OURS } as const;
  return [
    {
      ...grid,
      id: 'hourly',
      for: 'window',
      length: { in: 'seconds', of: { from: HOUR, to: 24 * HOUR, step: HOUR } },
      variances: many,
      firstUse: 8 * HOUR,
      effect: 'open',
    },
    {
      id: 'daily',
      for: 'window',
      axis: { on: 'civil-day', opens: '00:00' },
      length: { in: 'days', of: { from: 1, to: 28, step: 1 }, closes: '00:00' },
      variances: many,
      firstUse: 1,
      times: 'many',
      effect: 'open',
      source: OURS,
    },
    stay('stay', stays[0], many),
    stay('stay_2', stays[1], many),
    {
      ...grid,
      id: 'one_time',
      for: 'one_time',
      length: { in: 'seconds', of: [24 * HOUR] },
      variances: 2 * many,
      times: 'once',
      effect: 'open',
    },
    {
      ...grid,
      id: 'clear',
      for: 'control',
      length: { in: 'seconds', of: [12 * HOUR] },
      variances: many,
      effect: 'clear',
    },
    // The length is the minute to set: the lock's clock becomes the end of the window.
    {
      ...grid,
      id: 'set_clock',
      for: 'control',
      length: { in: 'seconds', of: [0, 900, 1800, 2700] },
      variances: many,
      effect: 'set_clock',
    },
  ];
}

const DEFAULT_STAYS: readonly [Stay, Stay] = [
  ['15:00', '11:00'],
  ['16:00', '10:00'],
];

function readStays(value: unknown): readonly [Stay, Stay] {
  const pairs = Array.isArray(value) && value.length === 2 ? value : [];
  const [first, second] = pairs.map((pair: unknown): Stay | undefined => {
    const [checkIn, checkOut] = Array.isArray(pair) && pair.length === 2 ? pair : [];
    const times = typeof checkIn === 'string' && typeof checkOut === 'string';
    return times && !Number.isNaN(timeOfDay(checkIn) + timeOfDay(checkOut)) ? [checkIn, checkOut] : undefined;
  });
  if (!first || !second) {
    expected('config.stays', 'two pairs of times such as ["15:00", "11:00"]', value, 'config_invalid');
  }
  return [first, second];
}

// The last settings and their rules: a fleet has the same, and what is prepared from its rules is prepared once.
let last: { readonly name: string; readonly rules: Rules } | undefined;

function rules(config: unknown = {}): Rules {
  checkFields('config', config, ['digits', 'stays']);
  const { digits = 9, stays: times } = config;
  if (digits !== 9 && digits !== 10) expected('config.digits', '9 or 10', digits, 'config_invalid');
  const stays = times === undefined ? DEFAULT_STAYS : readStays(times);
  const name = `${digits} ${stays.flat().join(' ')}`;
  if (last?.name === name) return last.rules;
  const made: Rules = {
    layout: `pintumbler-${digits}/1`,
    digits,
    grid: HOUR,
    perSlot: digits === 9 ? 256 : 1024,
    clock: 'civil',
    kinds: kinds(stays, digits === 9 ? 1 : 4),
    // A night from 15:00 to 11:00 is also 20 hours: the stay comes first, its guest may arrive late.
    prefer: ['stay', 'stay_2', 'daily', 'hourly'],
    lock: LOCK,
  };
  last = { name, rules: made };
  return made;
}

export const pintumbler: Vendor = {
  id: 'pintumbler',
  name: 'pintumbler',
  codes: 'published',
  about: 'Our own layouts and lock: for locks whose firmware runs sealed/1.',
  scheme: sealed,
  rules,
};
