/**
 * OpenPAYGO Token, published and bit-exact: the tokens that solar kits and other devices on credit take.
 *
 * A token adds days of credit, sets them, unlocks for good (`disable`, the pay-as-you-go mode) or brings the count back
 * into step (`sync`); what the days do is the device's. The device side follows the published decoders, but where they
 * accept what they should not:
 *
 * - **Count 0 is no token.** The chain begins with the starting code, so "count 0" can be written without the key, and
 *   OpenPAYGO-python accepts it.
 * - **No token twice.** OpenPAYGO-HW accepts 2 again after 2, 4, 6. Here every count is remembered as far as one could
 *   still be accepted; after a `sync` that goes back, the tokens used above it stay used, while another value of the
 *   same count is accepted: an issuer who lost its count counts on. A `sync` goes back 63 counts from the highest.
 * - **One meaning.** By chance the digits of a token are also those of a count near it. `mint` refuses to make them, and what
 *   the lock remembers as used opens nothing, whatever else it could mean.
 *
 * Only six of nine digits are a secret: the rest is the value. A guesser finds one of about 14,000 on average, and one of
 * 6,500 with the likeliest codes.
 *
 * Sources: the EnAccess repositories OpenPAYGO-Token@d0e3f65, -python@d90881b, -HW@57eacfa (64 counts ahead, 100 for a
 * sync, 16 below; the lockout of the document). Where the document and the code differ, the code is followed. What
 * extended tokens mean is not standardised: here add and set. Not public, and chosen here: counts up to 65,535.
 */
import { checkFields, expected, integerSetting } from '../errors.ts';
import { openPaygoScheme } from '../schemes/openpaygo.ts';
import type { Kind, Rules, Vendor } from './vendor.ts';

/** The device settings of this vendor. */
export interface OpenpaygoConfig {
  /** The device's starting code, 0 to 999,999,999; computed from its key if absent. */
  readonly start?: number;
  /** Tokens of 12 digits, with values to 999,999. */
  readonly extended?: boolean;
  /** `digits`, if absent, or `restricted`: the keys 1 to 4, and 15 or 20 of them a token. */
  readonly keypad?: 'digits' | 'restricted';
  /** The count that a new device has: 1 if absent. */
  readonly count?: number;
}

const PYTHON = 'OpenPAYGO-python@d90881b';

/** 1, 2, 4 to 512 minutes. */
const DOUBLING = Array.from({ length: 10 }, (_, i) => 60 * 2 ** i);

function kindsOf(extended: boolean): readonly Kind[] {
  const common = { for: 'count', variances: 1, times: 'once', effect: 'credit', source: PYTHON } as const;
  const [even, odd] = [
    { on: 'count', every: 2, rest: 0 },
    { on: 'count', every: 2, rest: 1 },
  ] as const;
  const days = { in: 'value', of: { from: 0, to: extended ? 999_999 : 995, step: 1 } } as const;
  return [
    { ...common, id: 'add', axis: even, length: days, accepts: [-16, 64] },
    { ...common, id: 'set', axis: odd, length: days, accepts: [1, 64], seals: true },
    ...(extended
      ? []
      : ([
          {
            ...common,
            id: 'disable',
            axis: odd,
            length: { in: 'value', of: [998] },
            accepts: [1, 64],
            seals: true,
          },
          {
            ...common,
            id: 'sync',
            axis: odd,
            length: { in: 'value', of: [999] },
            accepts: [-63, 100], // count > last − 64
            seals: true,
            effect: 'sync',
          },
        ] as const)),
  ];
}

function rules(config: unknown = {}): Rules {
  checkFields('config', config, ['start', 'extended', 'keypad', 'count']);
  const { start, extended = false, keypad = 'digits' } = config;
  if (typeof extended !== 'boolean') expected('config.extended', 'true or false', extended, 'config_invalid');
  if (keypad !== 'digits' && keypad !== 'restricted')
    expected('config.keypad', '"digits" or "restricted"', keypad, 'config_invalid');
  const startingCode = start === undefined ? undefined : integerSetting('start', start, 0, 999_999_999);
  const count = integerSetting('count', config['count'], 0, 65_535, 1);
  const restricted = keypad === 'restricted';
  const kinds = kindsOf(extended);
  const [codes, bits] = extended ? [10 ** 12, 2 ** 40] : [10 ** 9, 2 ** 30];
  return {
    layout: `openpaygo${extended ? '-extended' : ''}${restricted ? '-restricted' : ''}/1`,
    digits: restricted ? (extended ? 20 : 15) : extended ? 12 : 9,
    ...(restricted && { alphabet: '1234' }),
    codes,
    grid: 1,
    slots: 65_536, // chosen: a device walks from 0 at every entry
    perSlot: extended ? 2_000_000 : 1994,
    clock: 'utc',
    scheme: openPaygoScheme({ ...(startingCode !== undefined && { startingCode }), extended, restricted }),
    counts: { last: count, floor: count },
    // What is above 10^9 comes down onto other codes. And of the values, a sync fits 82 counts, where 71.8 are the average.
    bias: ((2 * codes) / bits) * (extended ? 1 : 82 / 71.826),
    kinds,
    lock: {
      tolerance: 0,
      records: 0,
      throttle: { by: 'lockout', wrong: 1, seconds: DOUBLING }, // OpenPAYGO-Token, the document
      source: `${PYTHON}, OpenPAYGO-HW@57eacfa; hardened`,
    },
  };
}

export const openpaygo: Vendor = {
  id: 'openpaygo',
  name: 'OpenPAYGO Token',
  codes: 'published',
  about:
    'The real tokens of OpenPAYGO devices: days of credit, 9 or 12 digits, or 15 and 20 of four keys; six digits are a secret.',
  scheme: /* @__PURE__ */ openPaygoScheme(),
  rules,
  guessable: 'one guess in ten thousand or fewer opens this lock',
};
