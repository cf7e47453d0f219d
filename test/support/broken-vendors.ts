/** Vendors that break what every plug-in must hold, each in its own way, and in nothing else. */
import { createHmac } from 'node:crypto';
import { type Asked, PintumblerError } from 'pintumbler';
import type { ConformanceOptions } from 'pintumbler/conformance';
import { type Codec, hotpScheme, type Layout, ocraScheme, type Scheme, sealed } from 'pintumbler/schemes';
import { hotp, type Kind, ocra, type Rules, totp, type Vendor } from 'pintumbler/vendors';
import { mac } from '../../src/schemes/mac.ts';
import { claimOf, numberOf } from '../../src/schemes/scheme.ts';
import { rulesOf } from '../../src/vendors/vendor.ts';

const HOUR = 3600;

const hourly: Kind = {
  id: 'hourly',
  for: 'window',
  axis: { on: 'slot' },
  length: { in: 'seconds', of: { from: HOUR, to: 48 * HOUR, step: HOUR } },
  variances: 2,
  firstUse: 8 * HOUR,
  times: 'many',
  effect: 'open',
  source: 'test',
};

const stay: Kind = {
  ...hourly,
  id: 'stay',
  axis: { on: 'civil-day', opens: '15:00' },
  length: { in: 'days', of: { from: 1, to: 7, step: 1 }, closes: '11:00' },
  firstUse: 2,
  effect: 'supersede',
};

const oneTime: Kind = {
  ...hourly,
  id: 'one_time',
  for: 'one_time',
  length: { in: 'seconds', of: [8 * HOUR] },
  times: 'once',
};

const clear: Kind = {
  ...hourly,
  id: 'clear',
  for: 'control',
  length: { in: 'seconds', of: [8 * HOUR] },
  effect: 'clear',
};

export const soundRules: Rules = {
  layout: 'sound-9/1',
  digits: 9,
  grid: HOUR,
  perSlot: 200,
  lanes: ['1', '2'],
  clock: 'civil',
  kinds: [hourly, stay, oneTime, clear],
  lock: { tolerance: 60, records: 10, throttle: { by: 'lockout', wrong: 5, seconds: 300 }, source: 'test' },
};

/** What the broken ones would be if they were not. */
export const sound: Vendor = {
  id: 'sound',
  name: 'sound',
  codes: 'emulated',
  about: 'For tests.',
  scheme: sealed,
  rules: soundRules,
};

/** `sealed/1` with something wrong. */
const twisted = (twist: (codec: Codec, layout: Layout, key: Uint8Array) => Partial<Codec>): Scheme => ({
  id: 'twisted/1',
  prepare(key, layout) {
    const codec = sealed.prepare(key, layout);
    return { ...codec, ...twist(codec, layout, key) };
  },
});

const withScheme = (scheme: Vendor['scheme']): Vendor => ({ ...sound, scheme });

const withRules = (rules: Partial<Rules>): Vendor => ({ ...sound, rules: { ...soundRules, ...rules } });

const withKind = (kind: Partial<Kind>): Vendor =>
  withRules({ kinds: [{ ...hourly, ...kind }, stay, oneTime, clear] });

const withLock = (lock: Partial<Rules['lock']>): Vendor =>
  withRules({ lock: { ...soundRules.lock, ...lock } });

/** Short codes of many lengths: two claims of a slot often share one, and `mint` must be told so. */
const shortRules: Rules = {
  ...soundRules,
  layout: 'short-4/1',
  digits: 4,
  perSlot: 12,
  kinds: [
    {
      ...hourly,
      length: { in: 'seconds', of: { from: HOUR, to: 3 * HOUR, step: HOUR } },
      variances: 4,
      firstUse: 2 * HOUR,
    },
  ],
};

export const shortCodes: Vendor = {
  ...sound,
  scheme: mac,
  rules: shortRules,
  guessable: 'one guess in ten thousand or fewer opens this lock',
};

/**
 * A counting scheme of one's own: two digits say the number within the count, and the rest are an HMAC of both.
 * Which counts a kind has it does not know: nobody has a code of the others.
 */
export const tally: Scheme = {
  id: 'tally/1',
  prepare(key, layout) {
    const secret = Uint8Array.from(key);
    const digits = layout.digits - 2;
    const tagOf = (slot: number, number: number): string => {
      const hash = createHmac('sha256', secret).update(`${slot} ${number}`).digest();
      return String(hash.readUIntBE(0, 6) % 10 ** digits).padStart(digits, '0');
    };
    const slotsOf = (code: string, first: number, last: number): readonly number[] =>
      Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => last - index).filter(
        (slot) => tagOf(slot, Number(code.slice(0, 2))) === code.slice(2),
      );
    const encode: Codec['encode'] = (claim) => {
      const number = numberOf(claim, layout);
      if (!(claim.slot >= 0 && claim.slot < 2 ** 53) || claimOf(number, 0, '', layout)?.kind !== claim.kind)
        throw new PintumblerError('out_of_range', 'no such claim');
      return String(number).padStart(2, '0') + tagOf(claim.slot, number);
    };
    return {
      encode,
      decode: (code, first, last) =>
        slotsOf(code, first, last).flatMap(
          (slot) => claimOf(Number(code.slice(0, 2)), slot, '', layout) ?? [],
        ),
      alone: (claim) => {
        const { slot } = claim;
        return slotsOf(encode(claim), Math.max(slot - layout.span, 0), slot + layout.span).length === 1;
      },
    };
  },
};

const even = { on: 'count', every: 2, rest: 0 } as const;
const odd = { on: 'count', every: 2, rest: 1 } as const;
const add: Kind = {
  id: 'add',
  for: 'count',
  axis: even,
  length: { in: 'value', of: { from: 1, to: 8, step: 1 } },
  variances: 1,
  accepts: [-4, 12],
  alike: 9,
  times: 'once',
  effect: 'credit',
  source: 'test',
};
const open: Kind = {
  ...add,
  id: 'open',
  axis: odd,
  length: { in: 'value', of: [0, 5] },
  accepts: [1, 12],
  seals: true,
  alike: 6,
  effect: 'open',
};
const sync: Kind = {
  ...open,
  id: 'sync',
  length: { in: 'value', of: [9] },
  accepts: [-8, 20],
  alike: 15,
  effect: 'sync',
};

export const tallyRules: Rules = {
  layout: 'tally-10/1',
  digits: 10,
  grid: 1,
  slots: 10_000,
  perSlot: 20,
  clock: 'utc',
  counts: { last: 0, floor: 0 },
  tags: 10 ** 8,
  kinds: [add, open, sync],
  lock: {
    tolerance: 0,
    records: 0,
    resync: 30,
    throttle: { by: 'lockout', wrong: 5, seconds: 300 },
    source: 'test',
  },
};

/** A sound vendor that counts. */
export const tallied: Vendor = {
  ...sound,
  id: 'tallied',
  scheme: tally,
  rules: tallyRules,
};

type Twist = (codec: Codec, layout: Layout, key: Uint8Array) => Partial<Codec>;

/** A scheme with something wrong. */
const wrong = (base: Scheme, twist: Twist): Scheme => ({
  id: 'twisted/1',
  ...(base.key && { key: base.key }),
  prepare(key, layout) {
    const codec = base.prepare(key, layout);
    return { ...codec, ...twist(codec, layout, key) };
  },
});

const tallyWith = (twist: Twist, rules: Partial<Rules> = {}): Vendor => ({
  ...tallied,
  scheme: wrong(tally, twist),
  rules: { ...tallyRules, ...rules },
});

const tallyRuled = (rules: Partial<Rules>): Vendor => ({ ...tallied, rules: { ...tallyRules, ...rules } });

/** One of ours under fixed rules, with something wrong in its scheme or its rules. */
function oath(
  vendor: Vendor,
  base: Scheme,
  twist: Twist,
  rules: Partial<Rules> = {},
  config?: unknown,
): Vendor {
  const scheme = wrong(base, twist);
  return { ...vendor, id: 'twisted', scheme, rules: { ...rulesOf(vendor, config), ...rules, scheme } };
}

const sha1 = hotpScheme('SHA-1');
const QUICK = { window: 3, resync: 5 };
const SUITE = 'OCRA-1:HOTP-SHA256-8:QN08';
const SESSION_SUITE = 'OCRA-1:HOTP-SHA256-8:QN08-S008';
const TIMED_SUITE = 'OCRA-1:HOTP-SHA256-8:C-QN08-T1M';
const nothing: Twist = () => ({});
const [hotpKind, totpKind] = [hotp, totp].map((vendor) => rulesOf(vendor, undefined).kinds[0]);

const hex = (key: Uint8Array): string =>
  Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join('');

let calls = 0;
let last: Codec | undefined;
let seen = '';
const diary: { keys?: string } = {};

export interface Broken {
  readonly how: string;
  /** The property that it breaks. */
  readonly breaks: string;
  /** Others that it cannot but break too. */
  readonly also?: readonly string[];
  /** What the report says of it: the smallest counterexample, and what is wrong with it. */
  readonly says?: readonly [counterexample: RegExp, reason: RegExp];
  readonly vendor: Vendor;
  readonly options?: ConformanceOptions;
}

const settings = (config: unknown): Readonly<Record<string, unknown>> =>
  typeof config === 'object' && config !== null ? { ...config } : {};

const remote: Vendor = { ...sound, scheme: { id: 'server/1', remote: true } };

const outOfWindow: readonly Broken[] = [
  {
    how: 'a call counter in the scheme',
    breaks: 'deterministic',
    also: ['inverse', 'distinct', 'limits', 'total', 'lock'],
    vendor: withScheme(
      twisted((codec) => ({
        encode: (claim) => codec.encode({ ...claim, variance: (claim.variance + calls++) % 2 }),
      })),
    ),
  },
  {
    how: 'randomness',
    breaks: 'deterministic',
    also: ['inverse', 'distinct', 'limits', 'total', 'lock'],
    vendor: withScheme(
      twisted((codec) => ({
        encode: (claim) => codec.encode({ ...claim, variance: Math.random() < 0.5 ? 0 : 1 }),
      })),
    ),
  },
  {
    how: 'the clock, which shows the same all century',
    breaks: 'deterministic',
    also: ['inverse', 'distinct', 'limits', 'total', 'lock'],
    vendor: withScheme(
      twisted((codec) => ({
        encode: (claim) =>
          // Not by the day: whether its number is odd is the same on some evenings.
          codec.encode({ ...claim, variance: (claim.variance + Math.floor(Date.now() / 3e12)) % 2 }),
      })),
    ),
  },
  {
    how: 'the last key that anybody prepared',
    breaks: 'deterministic',
    also: ['inverse', 'keyed', 'total', 'lock'],
    vendor: withScheme({
      id: 'last/1',
      prepare(key, layout) {
        const own = sealed.prepare(key, layout);
        last = own;
        return { ...own, encode: (claim) => (last ?? own).encode(claim) };
      },
    }),
  },
  {
    how: 'rules that change from call to call',
    breaks: 'deterministic',
    also: ['refusals'],
    vendor: {
      ...sound,
      rules: (config) => ({ ...soundRules, ...settings(config), layout: `sound-9/${++calls}` }),
    },
  },
  {
    how: 'a variance that is dropped',
    breaks: 'inverse',
    also: ['distinct', 'total', 'lock'],
    vendor: withScheme(twisted((codec) => ({ encode: (claim) => codec.encode({ ...claim, variance: 0 }) }))),
  },
  {
    how: 'a decode that is off by one slot',
    breaks: 'inverse',
    also: ['distinct', 'total', 'lock'],
    vendor: withScheme(
      twisted((codec) => ({
        decode: (code, first, to) =>
          codec.decode(code, first, to).map((claim) => ({ ...claim, slot: claim.slot + 1 })),
      })),
    ),
  },
  {
    how: 'leading zeros that are lost',
    breaks: 'inverse',
    also: ['limits', 'total', 'lock'],
    vendor: withScheme(
      twisted((codec) => ({ encode: (claim) => claim.lane + String(Number(codec.encode(claim).slice(1))) })),
    ),
  },
  {
    how: 'kinds that share numbers',
    breaks: 'distinct',
    also: ['inverse', 'lock'],
    vendor: withRules({ kinds: [hourly, { ...stay, base: 90 }, oneTime, clear] }),
  },
  {
    how: 'codes that are said to be alone and are not',
    breaks: 'distinct',
    also: ['lock'],
    vendor: {
      ...shortCodes,
      scheme: {
        id: 'alone/1',
        prepare: (key, layout) => ({ ...mac.prepare(key, layout), alone: () => true }),
      },
      rules: { ...shortRules, layout: 'short-2/1', digits: 2 },
    },
  },
  {
    how: 'no key in it',
    breaks: 'keyed',
    also: ['lock'],
    vendor: withScheme({
      id: 'keyless/1',
      prepare: (_, layout) => sealed.prepare(new Uint8Array(32), layout),
    }),
  },
  {
    how: 'half of the key',
    breaks: 'keyed',
    vendor: withScheme({ id: 'half/1', prepare: (key, layout) => sealed.prepare(key.slice(0, 16), layout) }),
  },
  {
    how: 'the key borrowed, and wiped by its owner',
    breaks: 'keyed',
    also: ['inverse', 'total', 'lock'],
    vendor: withScheme(
      twisted((_, layout, key) => ({ encode: (claim) => sealed.prepare(key, layout).encode(claim) })),
    ),
  },
  {
    how: 'the digits of one lane behind every lane',
    breaks: 'keyed',
    vendor: withScheme(
      twisted((codec) => ({
        encode: (claim) => claim.lane + codec.encode({ ...claim, lane: '1' }).slice(1),
        decode: (code, first, to) =>
          codec.decode(`1${code.slice(1)}`, first, to).map((claim) => ({ ...claim, lane: code.charAt(0) })),
      })),
    ),
  },
  {
    how: 'a longest length that cannot be encoded',
    breaks: 'limits',
    also: ['deterministic', 'inverse', 'distinct', 'keyed', 'rounding', 'total', 'lock'],
    vendor: withScheme(
      twisted((codec) => ({
        encode(claim) {
          if (claim.kind === 0 && claim.length === 47) throw new RangeError('too long');
          return codec.encode(claim);
        },
      })),
    ),
  },
  {
    how: 'lengths out of order',
    breaks: 'limits',
    also: ['rounding', 'lock'],
    vendor: withKind({ length: { in: 'seconds', of: [48 * HOUR, HOUR, 4 * HOUR] } }),
  },
  {
    how: 'local times that are said to be floored',
    breaks: 'rounding',
    vendor: withRules({ rounding: 'floor' }),
  },
  {
    how: 'settings that it does not know and takes',
    breaks: 'refusals',
    vendor: { ...sound, rules: () => soundRules },
  },
  {
    how: 'a TypeError for settings that are none',
    breaks: 'refusals',
    vendor: {
      ...sound,
      sample: { doors: ['front'] },
      rules(config) {
        const { doors } = JSON.parse(JSON.stringify(config));
        return doors.map((door: string) => door.trim()).length > 0 ? soundRules : soundRules;
      },
    },
  },
  {
    how: 'digits that mean nothing are an error',
    breaks: 'total',
    also: ['lock'],
    vendor: withScheme(
      twisted((codec) => ({
        decode(code, first, to) {
          const claims = codec.decode(code, first, to);
          if (claims.length === 0) throw new Error('not mine');
          return claims;
        },
      })),
    ),
  },
  {
    how: 'a decode with a memory',
    breaks: 'total',
    also: ['inverse', 'lock'],
    vendor: withScheme(
      twisted((codec) => ({
        decode(code, first, to) {
          const again = seen === code;
          seen = code;
          return again ? [] : codec.decode(code, first, to);
        },
      })),
    ),
  },
  {
    how: 'a decode that takes other digits too',
    breaks: 'total',
    vendor: withScheme(
      twisted((codec) => ({
        decode: (code, first, to) => [
          ...codec.decode(code, first, to),
          ...codec.decode(`${code.slice(0, -1)}0`, first, to),
        ],
      })),
    ),
  },
  {
    how: 'the key in an error',
    breaks: 'secrets',
    vendor: withScheme({
      id: 'loud/1',
      prepare(key, layout) {
        const codec = sealed.prepare(key, layout);
        const name = hex(key);
        return {
          ...codec,
          encode(claim) {
            if (!layout.places[claim.kind]) throw new Error(`no kind ${claim.kind} under the key ${name}`);
            return codec.encode(claim);
          },
        };
      },
    }),
  },
  {
    how: 'the key kept where everybody sees it',
    breaks: 'secrets',
    vendor: Object.assign(
      withScheme({
        id: 'diary/1',
        prepare(key, layout) {
          diary.keys = `${diary.keys ?? ''} ${hex(key)}`;
          return sealed.prepare(key, layout);
        },
      }),
      { diary },
    ),
  },
  {
    how: 'settings repeated in an error',
    breaks: 'secrets',
    vendor: {
      ...sound,
      rules(config) {
        if (config !== undefined)
          throw new PintumblerError('config_invalid', `unknown settings ${JSON.stringify(config)}`);
        return soundRules;
      },
    },
  },
  {
    how: 'a lock that remembers nothing, and one-time codes',
    breaks: 'lock',
    vendor: withLock({ records: 0 }),
  },
  {
    how: 'a first use that may be later than the end',
    breaks: 'lock',
    vendor: withKind({ firstUse: 49 * HOUR }),
  },
  {
    how: 'a keypad that is always dead',
    breaks: 'lock',
    vendor: withLock({ throttle: { by: 'credit', most: 0, regain: 60, recordsEvery: 60 } }),
  },
  {
    how: 'four digits, and no word about it',
    breaks: 'guessable',
    vendor: { ...sound, scheme: mac, rules: shortRules },
  },
  {
    how: 'a server that gives numbers',
    breaks: 'limits',
    also: ['deterministic', 'distinct', 'rounding'],
    vendor: remote,
    options: { issuer: async () => JSON.parse('1482901377') },
  },
  {
    how: 'a server that gives everybody one code',
    breaks: 'distinct',
    vendor: remote,
    options: { issuer: async (_, { lane }) => `${lane}482901377` },
  },
  {
    how: 'a server that gives another code each time',
    breaks: 'deterministic',
    vendor: remote,
    options: { issuer: async (_, { lane }) => lane + String(++calls).padStart(9, '0') },
  },
  {
    how: 'the time zone of the process',
    breaks: 'deterministic',
    also: ['inverse', 'distinct', 'limits', 'total', 'lock'],
    vendor: withScheme(
      twisted((codec) => ({
        encode: (claim) =>
          codec.encode({ ...claim, variance: (claim.variance + new Date(1.78e12).getHours()) % 2 }),
      })),
    ),
  },
  {
    how: 'one bit of each byte of its key',
    breaks: 'keyed',
    vendor: withScheme({
      id: 'one-bit/1',
      prepare: (key, layout) =>
        sealed.prepare(
          key.map((byte) => byte & 1),
          layout,
        ),
    }),
  },
  {
    how: 'the key as the cause of an error',
    breaks: 'secrets',
    also: [
      'deterministic',
      'inverse',
      'distinct',
      'keyed',
      'limits',
      'rounding',
      'refusals',
      'total',
      'lock',
      'guessable',
    ],
    vendor: withScheme({
      id: 'cause/1',
      prepare(key) {
        throw new Error('unfit', { cause: Uint8Array.from(key) });
      },
    }),
  },
  {
    how: 'a code that clears one, of a length that no other code has',
    breaks: 'lock',
    vendor: withRules({
      kinds: [
        hourly,
        stay,
        oneTime,
        { ...clear, effect: 'clear_one', length: { in: 'seconds', of: [90 * 60] }, variances: 1 },
      ],
    }),
  },
];

/** The same of vendors whose locks keep step. */
const outOfStep: readonly Broken[] = [
  {
    how: 'counts that are all one',
    breaks: 'distinct',
    also: ['total', 'lock', 'rounding'],
    says: [/^add count 2, value 1$/, /^"alone" denies another claim near it/],
    vendor: tallyWith((codec) => ({
      encode: (claim) => codec.encode({ ...claim, slot: 0 }),
      decode: (code, first, to) =>
        Array.from({ length: to - first + 1 }, (_, index) => to - index).flatMap((slot) =>
          codec.decode(code, 0, 0).map((claim) => ({ ...claim, slot })),
        ),
    })),
  },
  {
    how: 'periods that are two',
    breaks: 'distinct',
    also: ['lock'],
    says: [/^totp 2026-01-01T00:0\d.* \+ 30 s, variance 0 in UTC and totp 2026/, /^share a code$/],
    vendor: oath(totp, sha1, (codec) => ({
      encode: (claim) => codec.encode({ ...claim, slot: claim.slot >> 1 }),
      decode: (code, first, to) =>
        codec
          .decode(code, first >> 1, to >> 1)
          .flatMap((claim) => [2 * claim.slot + 1, 2 * claim.slot].map((slot) => ({ ...claim, slot })))
          .filter(({ slot }) => slot >= first && slot <= to),
    })),
  },
  {
    how: 'a time that is not looked at',
    breaks: 'distinct',
    also: ['inverse', 'lock', 'total'],
    vendor: oath(
      ocra,
      ocraScheme(TIMED_SUITE),
      (codec) => ({
        encode: (claim) => codec.encode({ ...claim, length: 0 }),
        decode: (code, first, to, asked) =>
          codec
            .decode(code, first, to, asked && { ...asked, steps: [0, 0] })
            .map((claim) => ({ ...claim, length: asked?.steps?.[0] ?? 0 })),
      }),
      {},
      { suite: TIMED_SUITE, window: 2, resync: 3 },
    ),
  },
  {
    how: 'two values with one code',
    breaks: 'distinct',
    also: ['inverse', 'lock'],
    vendor: tallyWith((codec) => ({
      encode: (claim) => codec.encode({ ...claim, length: claim.length - (claim.length % 2) }),
    })),
  },
  {
    how: 'a decode that misses the last count',
    breaks: 'inverse',
    also: ['lock'],
    says: [/^add count 2, value 1$/, /^decode from slot 0 to 0 of its own lacks/],
    vendor: tallyWith((codec) => ({ decode: (code, first, to) => codec.decode(code, first, to - 1) })),
  },
  {
    how: 'a decode that misses the first period',
    breaks: 'inverse',
    also: ['lock'],
    vendor: oath(totp, sha1, (codec) => ({
      decode: (code, first, to) => codec.decode(code, first + 1, to),
    })),
  },
  {
    how: 'counts that their kind has not',
    breaks: 'total',
    also: ['distinct', 'lock'],
    says: [/^digits \d+$/, /^decode gives a claim that the layout lacks$/],
    options: { runs: 20 },
    vendor: tallyWith((codec) => ({
      // Both ways: the code is that of the odd count too.
      encode: (claim) => codec.encode(claim.kind === 0 ? { ...claim, slot: claim.slot & ~1 } : claim),
      decode: (code, first, to) =>
        codec
          .decode(code, first, to)
          .flatMap((claim) => (claim.kind === 0 ? [claim, { ...claim, slot: claim.slot + 1 }] : [claim])),
    })),
  },
  {
    how: 'a last symbol that nobody looks at',
    breaks: 'total',
    vendor: oath(
      hotp,
      sha1,
      (codec) => ({
        decode: (code, first, to) =>
          Array.from({ length: to - first + 1 }, (_, index) => to - index)
            .map((slot) => ({ kind: 0, slot, length: 0, variance: 0, lane: '' }))
            .filter((claim) => codec.encode(claim).slice(0, -1) === code.slice(0, -1)),
      }),
      {},
      QUICK,
    ),
  },
  {
    how: 'counts, and no key in them',
    breaks: 'keyed',
    also: ['lock'],
    vendor: {
      ...tallied,
      scheme: { id: 'keyless/1', prepare: (_, layout) => tally.prepare(new Uint8Array(32), layout) },
    },
  },
  {
    how: 'codes of counts that are said to be alone and are not',
    breaks: 'distinct',
    also: ['lock', 'total'],
    vendor: {
      ...tallyWith(() => ({ alone: () => true }), { layout: 'tally-4/1', digits: 4, tags: 100 }),
      guessable: 'one guess in ten thousand or fewer opens this lock',
    },
  },
  {
    how: 'two codes that follow each other, where none do',
    breaks: 'lock',
    says: [/^"resync" of add, whose codes no other follows$/, /^it can never come to pass$/],
    vendor: tallyRuled({ kinds: [add] }),
  },
  {
    how: 'a lock that does not take the next count',
    breaks: 'lock',
    says: [
      /^the next code of add, which accepts from 4 to 12 after the last$/,
      /^it can never come to pass$/,
    ],
    vendor: tallyRuled({ kinds: [{ ...add, accepts: [4, 12] }, open, sync] }),
  },
  {
    how: 'more codes that are alike than a window has',
    breaks: 'lock',
    vendor: tallyRuled({ kinds: [{ ...add, alike: 20 }, open, sync] }),
  },
  {
    how: 'the drift of a lock without a clock',
    breaks: 'lock',
    vendor: tallyRuled({ lock: { ...tallyRules.lock, drift: { most: 3, every: 60 } } }),
  },
  {
    how: 'periods that open again and again',
    breaks: 'lock',
    says: [/^a second use of a code of totp$/, /^it can never come to pass$/],
    vendor: oath(totp, sha1, nothing, totpKind && { kinds: [{ ...totpKind, times: 'many' }] }),
  },
  {
    how: 'answers to whatever was asked',
    breaks: 'keyed',
    also: ['lock', 'refusals', 'distinct'],
    vendor: oath(ocra, ocraScheme(SUITE), (codec) => ({
      encode: (claim) => codec.encode({ ...claim, asked: { challenge: '00000000' } }),
      decode: (code, first, to, asked) =>
        codec
          .decode(code, first, to, { challenge: '00000000' })
          .map((claim) => ({ ...claim, ...(asked && { asked }) })),
    })),
  },
  {
    how: 'answers of any session',
    breaks: 'keyed',
    says: [
      /^response count 0, value 0, asked 00000000 in session 0000$/,
      /^the same code for another session$/,
    ],
    vendor: oath(
      ocra,
      ocraScheme(SESSION_SUITE),
      (codec) => {
        const without = (asked: Asked | undefined): { readonly asked?: Asked } =>
          asked ? { asked: /^(..)+$/.test(asked.session ?? '') ? { ...asked, session: '00' } : asked } : {};
        return {
          encode: ({ asked, ...claim }) => codec.encode({ ...claim, ...without(asked) }),
          decode: (code, first, to, asked) =>
            codec
              .decode(code, first, to, without(asked).asked)
              .map((claim) => ({ ...claim, ...(asked && { asked }) })),
        };
      },
      {},
      { suite: SESSION_SUITE },
    ),
    options: { asked: { challenge: '48290137', session: '0a1b' } },
  },
  {
    how: 'answers that forget what was asked',
    breaks: 'inverse',
    also: ['lock', 'total'],
    says: [/^response count 0, value 0, asked 00000000$/, /^read after count 0 does not give it back$/],
    vendor: oath(ocra, ocraScheme(SUITE), (codec) => ({
      decode: (code, first, to, asked) =>
        codec.decode(code, first, to, asked).map(({ asked: _, ...claim }) => claim),
    })),
  },
  {
    how: 'a challenge of any form',
    breaks: 'refusals',
    vendor: oath(ocra, ocraScheme(SUITE), (codec) => ({
      encode: ({ asked, ...claim }) => {
        const isFit = asked !== undefined && /^\d{1,8}$/.test(asked.challenge);
        return codec.encode({ ...claim, ...(asked && { asked: isFit ? asked : { challenge: '0' } }) });
      },
    })),
  },
  {
    how: 'a counter of calls beside the count',
    breaks: 'deterministic',
    also: ['inverse', 'distinct', 'keyed', 'limits', 'total', 'lock', 'rounding'],
    vendor: oath(
      hotp,
      sha1,
      (codec) => ({ encode: (claim) => codec.encode({ ...claim, slot: claim.slot + (calls++ % 2) }) }),
      {},
      QUICK,
    ),
  },
  {
    how: 'a highest value that cannot be encoded',
    breaks: 'limits',
    also: ['deterministic', 'inverse', 'distinct', 'keyed', 'rounding', 'total', 'lock'],
    vendor: tallyWith((codec) => ({
      encode(claim) {
        if (claim.kind === 0 && claim.length === 7) throw new RangeError('too high');
        return codec.encode(claim);
      },
    })),
  },
  {
    how: 'counts of which none has a code of its own',
    breaks: 'rounding',
    also: ['inverse', 'distinct', 'limits', 'refusals', 'secrets', 'lock', 'total'],
    vendor: tallyWith((codec) => ({
      alone: () => false,
      decode: (code, first, to) =>
        codec.decode(code, first, to).flatMap((claim) => [claim, { ...claim, slot: claim.slot + 2 }]),
    })),
  },
  {
    how: 'the key in the error of a count that is none',
    breaks: 'secrets',
    vendor: tallyWith((codec, _, key) => {
      const name = hex(key);
      return {
        encode(claim) {
          if (!(claim.slot >= 0)) throw new Error(`no count ${claim.slot} under the key ${name}`);
          return codec.encode(claim);
        },
      };
    }),
  },
  {
    how: 'six digits and 200 counts, and no word about it',
    breaks: 'guessable',
    vendor: oath(hotp, sha1, nothing, {
      ...(hotpKind && { kinds: [{ ...hotpKind, accepts: [1, 200] as const }] }),
    }),
  },
];

/** A few runs do: a wrong count is wrong in each. */
const FEW: ConformanceOptions = { runs: 5, timeZones: ['UTC'] };

export const broken: readonly Broken[] = [
  ...outOfWindow,
  ...outOfStep.map((each) => ({ ...each, options: { ...FEW, ...each.options } })),
];
