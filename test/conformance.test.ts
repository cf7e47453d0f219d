import {
  type ConformanceOptions,
  type ConformanceReport,
  conformance,
  formatReport,
} from 'pintumbler/conformance';
import { builtIn, hotp, igloohome, nexus, ocra, openpaygo, totp, type Vendor } from 'pintumbler/vendors';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { StepState } from '../src/lock/steps.ts';
import { rulesOf } from '../src/vendors/vendor.ts';
import { broken, shortCodes, sound, tallied } from './support/broken-vendors.ts';
import { deep } from './support/helpers.ts';

const failed = ({ properties }: ConformanceReport): readonly string[] =>
  properties.filter(({ passed }) => !passed).map(({ name }) => name);

const tried = ({ properties }: ConformanceReport): readonly string[] =>
  properties.filter(({ skipped }) => skipped === undefined).map(({ name }) => name);

const ALL = [
  'deterministic',
  'inverse',
  'distinct',
  'keyed',
  'limits',
  'rounding',
  'refusals',
  'total',
  'secrets',
  'lock',
  'guessable',
];

/** Vendors whose locks keep step, far from their defaults; windows are small where each count takes time. */
const SETTINGS: readonly (readonly [string, object, Vendor, ConformanceOptions])[] = [
  ['hotp', { digits: 10, hash: 'SHA-512', window: 3, resync: 0 }, hotp, {}],
  ['hotp', { digits: 8, hash: 'SHA-256', window: 1, resync: 1 }, hotp, {}],
  ['totp', { digits: 8, hash: 'SHA-512', window: 4, drift: 6, period: 60, t0: 1_000_000_000 }, totp, {}],
  ['totp', { window: 0, drift: 2, period: 86_400 }, totp, {}],
  ['totp', { drift: 0, period: 1 }, totp, {}],
  ['ocra', { suite: 'OCRA-1:HOTP-SHA1-4:QN08', life: 10 }, ocra, {}],
  ['ocra', { suite: 'OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1', window: 3, resync: 5 }, ocra, {}],
  [
    'ocra',
    { suite: 'OCRA-1:HOTP-SHA1-6:QA08-S064-T1M', window: 2 },
    ocra,
    { asked: { challenge: 'Zebra007', session: '0a1b2c' } },
  ],
  [
    'ocra',
    { suite: 'OCRA-1:HOTP-SHA512-10:C-QH06-PSHA512-S003-T2H', window: 2, resync: 3 },
    ocra,
    { asked: { challenge: 'c0ffee', session: '00ff' } },
  ],
  ['openpaygo', { start: 123_456_789, count: 301, keypad: 'restricted', extended: true }, openpaygo, {}],
  ['nexus', { keypad: 'small' }, nexus, {}],
  ['nexus', { keypad: 'small', extended: true }, nexus, {}],
];

describe('sound vendors', () => {
  it.each([...builtIn, sound, tallied].map((vendor) => [vendor.id, vendor] as const))(
    '%s holds all',
    async (_, vendor) => {
      const report = await conformance(vendor, { runs: deep(20) });
      expect(formatReport(report)).toContain(' passed, 0 failed');
      expect(report.passed).toBe(true);
      expect(report.properties.map(({ name }) => name)).toEqual(ALL);
      for (const { runs, skipped } of report.properties) expect(skipped !== undefined || runs > 0).toBe(true);
    },
  );

  it.each(SETTINGS)('%s holds all under %j', async (_, config, vendor, options) => {
    const report = await conformance(vendor, { runs: deep(2), timeZones: ['UTC'], config, ...options });
    expect(formatReport(report)).toContain('11 passed, 0 failed');
  });

  it('short codes hold all: mint refuses those that are ambiguous', async () => {
    const report = await conformance(shortCodes, { runs: deep(10), timeZones: ['UTC'] });
    expect(failed(report)).toEqual([]);
  });

  it('the codes of a server are tried as far as they can be', async () => {
    const report = await conformance(
      { ...sound, scheme: { id: 'server/1', remote: true } },
      { runs: deep(20) },
    );
    expect(failed(report)).toEqual([]);
    expect(tried(report)).toEqual([
      'deterministic',
      'limits',
      'rounding',
      'refusals',
      'secrets',
      'guessable',
    ]);
    expect(formatReport(report)).toContain('skipped  lock: the codes come from somewhere else');
    expect(formatReport(report).split('\n').at(-1)).toBe('6 passed, 0 failed, 5 skipped');
  });
});

describe('broken vendors', () => {
  it.each(broken.map((each) => [each.how, each] as const))(
    '%s',
    async (_, { breaks, also = [], vendor, options, says = [/./, /./] }) => {
      const report = await conformance(vendor, {
        runs: 30,
        timeZones: ['Europe/Lisbon', 'Asia/Kathmandu'],
        ...options,
      });
      const names = failed(report);
      expect(names).toContain(breaks);
      // What else it cannot but break, and nothing more.
      expect([breaks, ...also]).toEqual(expect.arrayContaining([...names]));
      expect(report.passed).toBe(false);
      const { counterexample, reason } = report.properties.find(({ name }) => name === breaks) ?? {};
      expect(counterexample).toMatch(says[0]);
      expect(reason).toMatch(says[1]);
      expect(formatReport(report)).toContain(`failed   ${breaks}: ${counterexample} → ${reason}`);
    },
  );

  it('the code of another device is found at the lock too', async () => {
    const { vendor } = broken.find(({ how }) => how === 'counts, and no key in them') ?? { vendor: sound };
    const report = await conformance(vendor, { runs: 2, timeZones: ['UTC'] });
    expect(formatReport(report)).toMatch(/^failed +lock: .*the lock takes the code of another device$/m);
  });

  it('break every property', () => {
    expect(new Set(broken.map(({ breaks }) => breaks))).toEqual(new Set(ALL));
  });
});

describe('locks that keep step with something wrong', () => {
  type Steps = typeof import('../src/lock/steps.ts');
  type StepWith = Steps['stepWith'];
  type Twist = (real: StepWith) => StepWith;
  let twist: Twist | undefined;
  let lost: Partial<StepState> = {};
  let kit: typeof import('pintumbler/conformance');

  beforeAll(async () => {
    vi.doMock('../src/lock/steps.ts', async (original) => {
      const real = await original<Steps>();
      const stepWith: StepWith = (...entry) => (twist?.(real.stepWith) ?? real.stepWith)(...entry);
      const forgetClock: Steps['forgetClock'] = (steps) => ({ ...real.forgetClock(steps), ...lost });
      return { ...real, stepWith, forgetClock };
    });
    vi.resetModules();
    kit = await import('pintumbler/conformance');
  });
  afterAll(() => {
    vi.doUnmock('../src/lock/steps.ts');
    vi.resetModules();
  });

  /** The state that an entry leaves, changed. */
  const leaving =
    (change: (next: StepState, former: StepState) => Partial<StepState>) =>
    (real: StepWith): StepWith =>
    (token, steps, ...entry) => {
      const step = real(token, steps, ...entry);
      return { ...step, next: { ...step.next, ...change(step.next, steps) } };
    };
  /** The state that it is given, changed. */
  const given =
    (change: (steps: StepState) => Partial<StepState>) =>
    (real: StepWith): StepWith =>
    (token, steps, ...entry) =>
      real(token, { ...steps, ...change(steps) }, ...entry);

  /** What is refused as it is, tried with another state and at another time. */
  const also =
    (change: (steps: StepState) => Partial<StepState>, late: number = 0): Twist =>
    (real) =>
    (token, steps, rules, code, at) => {
      const step = real(token, steps, rules, code, at);
      return step.accepted ? step : real(token, { ...steps, ...change(steps) }, rules, code, at + late);
    };
  const unresynced: Vendor = { ...hotp, rules: rulesOf(hotp, { resync: 0 }) };
  const undrifting: Vendor = { ...totp, rules: rulesOf(totp, { drift: 0 }) };

  it.each<[string, Vendor, Twist | undefined, Partial<StepState>?]>([
    ['nothing wrong', tallied, undefined],
    ['nothing wrong', totp, undefined],
    ['nothing wrong', ocra, undefined],
    ['what was used is forgotten', tallied, leaving(() => ({ used: [], floor: 0 }))],
    ['what was used is forgotten', hotp, leaving((_, { last, floor }) => ({ last, floor, used: [] }))],
    ['what was used is forgotten', unresynced, leaving((_, { floor }) => ({ floor, used: [] }))],
    ['it takes a count more', unresynced, also(({ last }) => ({ last: last + 1 }))],
    ['it takes a count less', tallied, also(({ last, peak }) => ({ last: last - 1, peak: peak - 1 }))],
    ['it takes a period more', undrifting, also(() => ({}), 30)],
    ['it takes a period less', undrifting, also(() => ({}), -30)],
    ['nothing wrong', unresynced, undefined],
    ['nothing wrong', undrifting, undefined],
    ['with the clock it loses its count', hotp, undefined, { last: 1e6, peak: 1e6 }],
    ['what was used is forgotten', totp, leaving((_, { floor }) => ({ floor }))],
    ['what a sync went behind is forgotten', tallied, leaving(() => ({ spent: [] }))],
    ['nothing ends what is below it', tallied, leaving((_, { floor }) => ({ floor }))],
    ['it looks a count too far', tallied, given(({ last }) => ({ last: last + 1, peak: last + 1 }))],
    ['it looks a count too near', hotp, given(({ last }) => ({ last: last - 1 }))],
    ['it looks a period too far', totp, given(() => ({ drift: 1 }))],
    ['two codes that follow each other are two', tallied, leaving(() => ({ awaited: [] }))],
    ['two codes that follow each other are two', totp, leaving(() => ({ awaited: [] }))],
    ['one code is enough', hotp, given(({ last }) => ({ awaited: [last + 11, last + 12] }))],
    ['it learns no drift', totp, leaving(() => ({ drift: 0, driftAt: null }))],
    ['it goes on asking', ocra, leaving((_, { asked }) => ({ asked }))],
    [
      'it asks for a minute longer',
      ocra,
      given(({ asked }) => ({ asked: asked && { ...asked, until: asked.until + 60 } })),
    ],
    [
      'it asks for a second less',
      ocra,
      given(({ asked }) => ({ asked: asked && { ...asked, until: asked.until - 1 } })),
    ],
  ])('%s', async (what, vendor, wrong, without = {}) => {
    [twist, lost] = [wrong, without];
    const { properties } = await kit.conformance(vendor, { runs: 4, timeZones: ['UTC'] });
    const found = properties.find(({ name }) => name === 'lock');
    expect(found?.passed).toBe(what === 'nothing wrong');
    if (!found?.passed) expect(found?.reason).toMatch(/: expected .*, got /);
  });
});

describe('the report', () => {
  it('is the same for a seed', async () => {
    const once = await conformance(sound, { runs: 5, seed: 7 });
    expect(await conformance(sound, { runs: 5, seed: 7 })).toEqual(once);
    expect(once).toMatchObject({
      vendor: 'sound',
      codes: 'emulated',
      layouts: ['sound-9/1'],
      seed: 7,
      passed: true,
    });
    const { vendor } = broken.find(({ breaks }) => breaks === 'inverse') ?? { vendor: sound };
    expect(await conformance(vendor, { runs: 20 })).toEqual(await conformance(vendor, { runs: 20 }));
  });

  it('is a line a property, and the sum', async () => {
    const lines = formatReport(await conformance(igloohome, { runs: 2 })).split('\n');
    expect(lines).toHaveLength(ALL.length + 1);
    ALL.forEach((name, index) => {
      expect(lines[index]).toMatch(new RegExp(`^passed   ${name}: .+ \\(\\d+\\)$`));
    });
    expect(lines.at(-1)).toBe('11 passed, 0 failed');
  });

  it('gives the smallest counterexample in words', async () => {
    const { vendor } = broken.find(({ how }) => how === 'a variance that is dropped') ?? { vendor: sound };
    const { properties } = await conformance(vendor, { timeZones: ['Europe/Lisbon'] });
    const { counterexample, reason } = properties.find(({ name }) => name === 'distinct') ?? {};
    const hour = 'hourly 2026-01-01T00:00Z + 1 h';
    expect(counterexample).toBe(
      `${hour}, variance 0, lane 1 in Europe/Lisbon and ${hour}, variance 1, lane 1`,
    );
    expect(reason).toBe('share a code');
  });

  it('never shows the key, not even where the vendor does', async () => {
    const key = Uint8Array.from({ length: 32 }, (_, index) => index * 7 + 1);
    const hex = Buffer.from(key).toString('hex');
    for (const { vendor } of broken.filter(({ breaks }) => breaks === 'secrets' || breaks === 'total')) {
      const report = await conformance(vendor, { key, runs: 10, timeZones: ['UTC'] });
      for (const text of [JSON.stringify(report), formatReport(report)]) {
        expect(text).not.toContain(hex);
        expect(text).not.toContain(Buffer.from(key).toString('base64url'));
      }
    }
  });
});

describe('what it needs', () => {
  afterEach(() => {
    vi.doUnmock('fast-check');
    vi.resetModules();
  });

  it('fast-check, and says so where there is none', async () => {
    vi.doMock('fast-check', () => {
      throw new Error('Cannot find package');
    });
    vi.resetModules();
    const { conformance: bare } = await import('pintumbler/conformance');
    await expect(bare(sound)).rejects.toMatchObject({
      code: 'peer_missing',
      message: expect.stringContaining('npm install --save-dev fast-check'),
    });
  });

  it('known options, and a vendor with settings of its own', async () => {
    await expect(conformance(sound, JSON.parse('{ "run": 3 }'))).rejects.toMatchObject({
      code: 'bad_argument',
    });
    await expect(conformance(sound, { runs: 0 })).rejects.toMatchObject({ code: 'out_of_range' });
    await expect(conformance(sound, { runs: Number.NaN })).rejects.toMatchObject({ code: 'bad_argument' });
    await expect(conformance(sound, { timeZones: [] })).rejects.toMatchObject({ code: 'bad_argument' });
    await expect(conformance(sound, { timeZones: ['No/Where'] })).rejects.toMatchObject({
      code: 'zone_unknown',
    });
    await expect(conformance(sound, { key: new Uint8Array(3) })).rejects.toMatchObject({
      code: 'key_length',
    });
    await expect(conformance(igloohome, { config: { doors: 1 } })).rejects.toMatchObject({
      code: 'bad_argument',
    });
    for (const asked of [
      {},
      { challenge: 7 },
      { challenge: '' },
      { challenge: 'é' },
      { challenge: '7', session: 'A' },
      { challenge: '7', pin: 1 },
    ])
      await expect(conformance(ocra, JSON.parse(JSON.stringify({ asked, runs: 1 })))).rejects.toMatchObject({
        code: 'bad_argument',
      });
  });
});
