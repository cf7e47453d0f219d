/**
 * dormakaba Oracode (Kaba E-Code), emulated: the rules below are published, the digits are ours. These codes open no
 * dormakaba lock.
 *
 * A code belongs to a user level of its door: a prefix in the clear, a check-in and a check-out time. Settings:
 * `{ predefined_time_slots: [...] }` as Seam's device metadata has them (`dormakaba_oracode_metadata`). There is no
 * default: a door's levels are the door's. Their times are local times at the door; an offset or a zone behind one is
 * allowed and not looked at.
 *
 * Sources: Seam's dormakaba Oracode guides (docs.seam.co, seamapi/docs@8c319e5, and its help article 3198102890) for
 * slots, 31 consecutive days, rounding within an hour to a slot, 24-hour slots from 00:00 to 23:59, codes of a level
 * sharing a prefix, no one-time and no master codes; Kaba's manual for 1 to 31 days and 1 to 62 weeks; the 660K FAQ
 * for 6 digits. Where they differ: 31 days are followed, not the 30 of OwnerRez; weeks are Kaba's 1 to 62, not the two that
 * Seam's flag is named after; times within an hour, as Seam's newer pages have it, not exact ones as its older.
 *
 * Not public, and chosen here: the digits, the order of payloads, that the prefix is written as three digits before
 * the six, that weeks are counted from the day of check-in (days 7, 14, … 434 after it, whatever the times), that the
 * lock follows daylight-saving time, the lockout, no clock tolerance, a memory of 100 codes (no rule here needs one).
 * One code a window: more are nowhere mentioned. Left out: master levels, for they have no offline codes, and what no
 * rules are published for: one-shot, deadbolt override and passage levels, personal codes, and the cancel, extend and
 * override counters of Live doors.
 *
 * No deadline for the first use is known, so every stay that is not over counts: 496 codes of a daily level open at one
 * moment, one guess in 2,016 with its prefix; of a weekly one 13,671 (13,733 where check-out is later in the day than
 * check-in), one in 73; twice as many where the lock lives with two epochs.
 */
import { checkFields, expected, fail } from '../errors.ts';
import { sealed } from '../schemes/sealed.ts';
import type { Kind, LockRules, Rules, Vendor } from './vendor.ts';

/** A user level, as Seam writes it. Times: `HH:MM` or `HH:MM:00`, then `±HH:MM` or `[Zone]` or both, if at all. */
export interface OracodeTimeSlot {
  readonly name?: string;
  /** 0 to 999, written as three digits before a code; or one of the two last fields. */
  readonly prefix?: number;
  /** True is refused. */
  readonly is_master?: boolean;
  /** Says no more than the times do. */
  readonly is_24_hour?: boolean;
  /** True is refused. */
  readonly is_one_shot?: boolean;
  /** Weeks instead of days. */
  readonly is_biweekly_mode?: boolean;
  readonly check_in_time: string;
  readonly check_out_time: string;
  readonly dormakaba_oracode_user_level_id?: string;
  readonly ext_dormakaba_oracode_user_level_prefix?: number;
  readonly dormakaba_oracode_user_level_prefix?: number;
}

/** The device settings of this vendor. */
export interface DormakabaOracodeConfig {
  /** 1 to 32, of distinct prefixes. */
  readonly predefined_time_slots: readonly OracodeTimeSlot[];
}

const SEAM = 'docs.seam.co dormakaba Oracode guides';
const KABA = 'Kaba E-Code manual';

const LOCK: LockRules = {
  tolerance: 0, // not published
  records: 100, // not published
  throttle: { by: 'lockout', wrong: 5, seconds: 300 }, // not published
  source: 'chosen: nothing is published',
};

const SLOTS = 'config.predefined_time_slots';

const FLAGS = ['is_master', 'is_24_hour', 'is_one_shot', 'is_biweekly_mode'];
const PREFIXES = ['ext_dormakaba_oracode_user_level_prefix', 'dormakaba_oracode_user_level_prefix'];
const TEXTS = ['name', 'dormakaba_oracode_user_level_id'];
const FIELDS = ['prefix', 'check_in_time', 'check_out_time', ...FLAGS, ...PREFIXES, ...TEXTS];

const TIME = /^((?:[01]\d|2[0-3]):[0-5]\d)(?::00)?(?:[+-]\d\d:[0-5]\d)?(?:\[[A-Za-z][\w+/-]*\])?$/;

/** The local time `HH:MM` in a time of day as Seam writes it. */
function localTime(field: string, value: unknown): string {
  const [, time] = (typeof value === 'string' && TIME.exec(value)) || [];
  return time ?? expected(field, 'a time such as 16:00 or 16:00:00[Europe/Lisbon]', value, 'config_invalid');
}

/** Refuses fields that are there and of another type. */
function checkTypes(
  field: string,
  slot: Readonly<Record<string, unknown>>,
  names: readonly string[],
  type: 'boolean' | 'number' | 'string',
): void {
  for (const name of names) {
    const value = slot[name];
    if (value !== undefined && typeof value !== type)
      expected(`${field}.${name}`, `a ${type}`, value, 'config_invalid');
  }
}

/** The prefix under its three names, which must not contradict each other. */
function prefixOf(field: string, slot: Readonly<Record<string, unknown>>): number {
  const given = new Set(['prefix', ...PREFIXES].flatMap((name) => slot[name] ?? []));
  const [prefix] = given;
  if (
    given.size !== 1 ||
    typeof prefix !== 'number' ||
    !Number.isInteger(prefix) ||
    prefix < 0 ||
    prefix > 999
  ) {
    expected(`${field}.prefix`, 'one integer from 0 to 999', prefix, 'config_invalid');
  }
  return prefix;
}

function kindOf(field: string, given: unknown): Kind {
  checkFields(field, given, FIELDS);
  // Seam writes null for what a slot lacks.
  const slot = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  checkTypes(field, slot, FLAGS, 'boolean');
  checkTypes(field, slot, PREFIXES, 'number');
  checkTypes(field, slot, TEXTS, 'string');
  const { name, is_master, is_one_shot, is_biweekly_mode, check_in_time, check_out_time } = slot;
  if (is_master || is_one_shot) {
    fail('config_invalid', `"${field}": master and one-shot levels are unsupported, leave them out`);
  }
  const prefix = prefixOf(field, slot);
  const opens = localTime(`${field}.check_in_time`, check_in_time);
  const closes = localTime(`${field}.check_out_time`, check_out_time);
  // 31 consecutive days from 07:00 to 19:00 end 30 days after the first, and the shortest such stay is one day.
  const first = closes > opens ? 0 : 1;
  return {
    id: is_biweekly_mode ? 'biweekly' : 'daily',
    ...(typeof name === 'string' && name !== '' && { name }),
    for: 'window',
    axis: { on: 'civil-day', opens },
    length: {
      in: 'days',
      of: is_biweekly_mode
        ? { from: 7, to: 62 * 7, step: 7 } // Kaba: long-term 1 to 62 weeks
        : { from: first, to: first + 30, step: 1 }, // Seam, Kaba: 1 to 31 days
      closes,
    },
    variances: 1,
    // Fixed, so that the numbers of a kind do not hang on what other levels a door has.
    base: is_biweekly_mode ? 31 : 0,
    lane: String(prefix).padStart(3, '0'),
    times: 'many',
    effect: 'open',
    source: is_biweekly_mode ? KABA : SEAM,
  };
}

function readSlots(value: unknown): readonly Kind[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > 32) {
    expected(SLOTS, "1 to 32 of the door's time slots", value, 'config_invalid');
  }
  // Array.from: map() would pass over the holes of a sparse array.
  const kinds = Array.from(value, (slot: unknown, index) => kindOf(`${SLOTS}[${index}]`, slot));
  if (new Set(kinds.map((kind) => kind.lane)).size < kinds.length) {
    fail('config_invalid', `"${SLOTS}" expected slots of distinct prefixes`);
  }
  return kinds;
}

const SAMPLE: DormakabaOracodeConfig = {
  predefined_time_slots: [
    { name: 'Guest 4pm-10am', prefix: 123, check_in_time: '16:00:00', check_out_time: '10:00:00' },
    {
      name: 'Guest 24H',
      prefix: 126,
      is_24_hour: true,
      check_in_time: '00:00:00',
      check_out_time: '23:59:00',
    },
  ],
};

export const dormakabaOracode: Vendor = {
  id: 'dormakaba-oracode',
  name: 'dormakaba Oracode',
  codes: 'emulated',
  about:
    'The published rules of Oracode user levels with digits of ours: these codes open no dormakaba lock.',
  scheme: sealed,
  sample: SAMPLE,
  guessable: 'one guess in ten thousand or fewer opens this lock',
  rules(config: unknown = {}): Rules {
    checkFields('config', config, ['predefined_time_slots']);
    return {
      layout: 'dormakaba-oracode/1',
      digits: 6, // 660K FAQ; Seam shows prefix and rest as nine
      grid: 86400,
      perSlot: 100,
      clock: 'civil', // not published
      rounding: 'nearest', // Seam: within an hour to a slot, the code gets the slot's times
      kinds: readSlots(config['predefined_time_slots']),
      lock: LOCK,
    };
  },
};
