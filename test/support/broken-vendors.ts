/** Vendors that break what every plug-in must hold, each in its own way, and in nothing else. */
import { PintumblerError } from 'pintumbler';
import type { ConformanceOptions } from 'pintumbler/conformance';
import { type Codec, type Layout, type Scheme, sealed } from 'pintumbler/schemes';
import type { Kind, Rules, Vendor } from 'pintumbler/vendors';
import { mac } from '../../src/schemes/mac.ts';

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
  readonly vendor: Vendor;
  readonly options?: ConformanceOptions;
}

const settings = (config: unknown): Readonly<Record<string, unknown>> =>
  typeof config === 'object' && config !== null ? { ...config } : {};

const remote: Vendor = { ...sound, scheme: { id: 'server/1', remote: true } };

export const broken: readonly Broken[] = [
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
    how: 'the clock, which shows the same all day',
    breaks: 'deterministic',
    also: ['inverse', 'distinct', 'limits', 'total', 'lock'],
    vendor: withScheme(
      twisted((codec) => ({
        encode: (claim) =>
          codec.encode({ ...claim, variance: (claim.variance + Math.floor(Date.now() / 86_400_000)) % 2 }),
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
