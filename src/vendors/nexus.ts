/**
 * Nexus Keycode of Angaza, published and bit-exact: the keycodes that solar kits with a full keypad (14 digits) or five keys
 * (15 symbols) take.
 *
 * A keycode has a message id, and the device takes each id once, from 23 below the highest to 40 above it. A keycode adds
 * hours or days, sets or unlocks them, or wipes; all but `add` end what is below its id. Entries cost credit whether they
 * are right or not: at most 128, at first 6, one more every 12 minutes.
 *
 * What is written before the authentication is no secret, whatever it looks like (the key that obscures it is public):
 * one guess in 10^6 opens a full keypad, one in 4,096 a small one, and with `extended` keycodes, which say two bits of
 * their id, one in 256. Of those, `mint` refuses an id whose digits another near it has, as the published generator does.
 *
 * Left out: the wipes that forget which ids were received, for every old keycode would be new; factory and test keycodes, whose
 * key is public; passthrough, which has no authentication. `pintumbler/schemes` makes them all. A wipe with other digits
 * than zeros before its target is none here; the firmware does not look at them.
 *
 * Sources: angaza/nexus-python@d765127, nexus-embedded@3f3c5a7 (nexus_keycode_pro.c, nexus_keycode_mas.c, Kconfig).
 */
import { checkFields, expected } from '../errors.ts';
import { NEXUS_ADD_DAYS, NEXUS_SET_DAYS, nexusFullScheme, nexusSmallScheme } from '../schemes/nexus.ts';
import type { Kind, LockRules, Rules, Vendor } from './vendor.ts';

/** The device settings of this vendor. */
export interface NexusConfig {
  /** `full`, if absent: ten digits, values in hours; `small`: five keys, values in days. */
  readonly keypad?: 'full' | 'small';
  /** Whether a small keypad takes extended keycodes as well; false if absent. */
  readonly extended?: boolean;
}

const SOURCE = 'nexus-embedded@3f3c5a7, nexus_keycode_pro.c';

const LOCK: LockRules = {
  tolerance: 0,
  records: 0,
  throttle: { by: 'credit', most: 128, first: 6, regain: 720, keeps: true }, // Kconfig, nexus_keycode_mas.c
  source: SOURCE,
};

const COMMON = {
  for: 'count',
  axis: { on: 'count', every: 1, rest: 0 },
  variances: 1,
  accepts: [-23, 40], // NEXUS_KEYCODE_PRO_RECEIVE_WINDOW_BEFORE_PD, _AFTER_PD
  times: 'once',
  effect: 'credit',
  source: SOURCE,
} as const;

/** A kind that adds: what is below it can still be keyed in. */
const adds = (id: string, of: Kind['length'] & { in: 'value' }): Kind => ({ ...COMMON, id, length: of });
/** A kind that sets: "Invalidate receipt of any messages <= this message ID". */
const sets = (id: string, of: Kind['length'] & { in: 'value' }): Kind => ({ ...adds(id, of), seals: true });
const only = (value: number): Kind['length'] & { in: 'value' } => ({ in: 'value', of: [value] });
const hours = (to: number): Kind['length'] & { in: 'value' } => ({
  in: 'value',
  of: { from: 0, to, step: 1 },
});

/** Values are hours; of what has none, the number in the body. */
const FULL: readonly Kind[] = [
  adds('add', hours(99_999)),
  sets('set', hours(99_998)),
  sets('unlock', only(99_999)),
  sets('wipe_credit', only(0)),
  sets('wipe_flag', only(3)),
];

/** Values are days; of what has none, the number in the body. */
const SMALL: readonly Kind[] = [
  adds('add', { in: 'value', of: NEXUS_ADD_DAYS }),
  adds('add_unlock', only(255)),
  sets('set', { in: 'value', of: NEXUS_SET_DAYS }),
  sets('lock', only(254)),
  sets('unlock', only(255)),
  sets('wipe_flag', only(253)),
];

/** Of 64 ids in the window 16 have the same two bits. */
const EXTENDED: readonly Kind[] = [
  { ...sets('set_wipe', { in: 'value', of: NEXUS_SET_DAYS }), alike: 16 },
  { ...sets('unlock_wipe', only(255)), alike: 16 },
];

const lengthsOf = (kinds: readonly Kind[]): number =>
  kinds.reduce((sum, { length }) => {
    if (length.in !== 'value') return sum;
    return sum + ('step' in length.of ? length.of.to + 1 : length.of.length);
  }, 0);

function rules(config: unknown = {}): Rules {
  checkFields('config', config, ['keypad', 'extended']);
  const { keypad = 'full', extended = false } = config;
  if (keypad !== 'full' && keypad !== 'small')
    expected('config.keypad', '"full" or "small"', keypad, 'config_invalid');
  if (typeof extended !== 'boolean' || (extended && keypad === 'full'))
    expected('config.extended', 'false, or true for a small keypad', extended, 'config_invalid');
  const isFull = keypad === 'full';
  const kinds = isFull ? FULL : extended ? [...SMALL, ...EXTENDED] : SMALL;
  return {
    layout: isFull ? 'nexus-full/1' : extended ? 'nexus-small-extended/1' : 'nexus-small/1',
    ...(isFull ? { digits: 14 } : { digits: 15, alphabet: '12345', codes: 2 ** 28 }),
    tags: isFull ? 10 ** 6 : 2 ** 12,
    grid: 1,
    slots: 65_535, // the firmware keeps ids in 16 bits
    perSlot: lengthsOf(kinds),
    clock: 'utc',
    scheme: isFull ? nexusFullScheme : nexusSmallScheme,
    counts: { last: 23, floor: -1 }, // pd_index is 23 at first, and no id received
    kinds,
    lock: LOCK,
  };
}

export const nexus: Vendor = {
  id: 'nexus',
  name: 'Nexus Keycode',
  codes: 'published',
  about:
    'The real keycodes of Nexus devices: hours or days of credit, on a full keypad or five keys; the latter easy to guess.',
  scheme: nexusFullScheme,
  rules,
  guessable: 'one guess in ten thousand or fewer opens this lock',
};
