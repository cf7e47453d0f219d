import { type ConformanceReport, conformance, formatReport } from 'pintumbler/conformance';
import { builtIn, igloohome } from 'pintumbler/vendors';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { broken, shortCodes, sound } from './support/broken-vendors.ts';
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

describe('sound vendors', () => {
  it.each([...builtIn, sound].map((vendor) => [vendor.id, vendor] as const))(
    '%s holds all',
    async (_, vendor) => {
      const report = await conformance(vendor, { runs: deep(20) });
      expect(formatReport(report)).toContain(' passed, 0 failed');
      expect(report.passed).toBe(true);
      expect(report.properties.map(({ name }) => name)).toEqual(ALL);
      for (const { runs, skipped } of report.properties) expect(skipped !== undefined || runs > 0).toBe(true);
    },
  );

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
    async (_, { breaks, also = [], vendor, options }) => {
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
      expect(counterexample).toBeTruthy();
      expect(formatReport(report)).toContain(`failed   ${breaks}: ${counterexample} → ${reason}`);
    },
  );

  it('break every property', () => {
    expect(new Set(broken.map(({ breaks }) => breaks))).toEqual(new Set(ALL));
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
  });
});
