import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { firstAbove, Peaks, Tally } from '../../src/seam/instants.ts';
import { memoryStore } from '../../src/seam/memory-store.ts';
import type { Store } from '../../src/seam/store.ts';
import { deep } from '../support/helpers.ts';
import { batch, issued, record, reservation, storeSuite } from '../support/store-suite.ts';

storeSuite('memoryStore', async () => memoryStore());

describe('lists that stay quick', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(Number.POSITIVE_INFINITY));
  const values = fc.array(value, { maxLength: 300, size: 'max' });
  const bound = fc.integer({ min: -1, max: 51 });

  it('find the first above a bound in an ascending list', () => {
    const holds = fc.property(values, bound, (list, above) => {
      const ascending = [...list].sort((one, other) => (one < other ? -1 : Number(one > other)));
      const found = ascending.findIndex((each) => each > above);
      expect(firstAbove(ascending, above)).toBe(found < 0 ? ascending.length : found);
    });
    fc.assert(holds, { numRuns: deep(200) });
  });

  it('count those above a bound', () => {
    const holds = fc.property(values, bound, (list, above) => {
      const counted = new Tally();
      for (const each of list) counted.add(each);
      expect(counted.countAbove(above)).toBe(list.filter((each) => each > above).length);
    });
    fc.assert(holds, { numRuns: deep(200) });
  });

  it('find the next above a bound, whatever was changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(400), value), { maxLength: 100, size: 'max' });
    const holds = fc.property(values, changes, bound, (list, changed, above) => {
      const peaks = new Peaks();
      const naive: number[] = [];
      const set = (index: number, to: number): void => {
        naive[index] = to;
        peaks.set(index, to);
      };
      for (const each of list) set(naive.length, each);
      for (const [at, to] of changed) set(Math.min(at, naive.length), to);
      for (let from = 0; from < naive.length + 3; from += 1) {
        const found = naive.findIndex((each, index) => index >= from && each > above);
        expect(peaks.next(from, above)).toBe(found < 0 ? undefined : found);
      }
    });
    fc.assert(holds, { numRuns: deep(100) });
  });
});

/*
 * Growth, without a clock: the engine says how often it came through each block of these two files. What its own functions
 * do inside (sorting, copying) is not in the count.
 */

const FILES = /\/src\/seam\/(memory-store|instants)\.ts$/;

/** Counts the blocks that a run comes through. */
type Counter = (run: () => Promise<unknown>) => Promise<number>;

async function counting(use: (workOf: Counter) => Promise<void>): Promise<void> {
  const session = new Session();
  session.connect();
  // Optimized code does not count the functions that it took in.
  setFlagsFromString('--no-opt');
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    await use(async (run) => {
      // Taking the counts sets them to nought.
      await session.post('Profiler.takePreciseCoverage');
      await run();
      const { result } = await session.post('Profiler.takePreciseCoverage');
      const functions = result.filter(({ url }) => FILES.test(url)).flatMap((each) => each.functions);
      const ranges = functions.flatMap((each) => each.ranges);
      return ranges.reduce((sum, { count }) => sum + count, 0);
    });
    await session.post('Profiler.stopPreciseCoverage');
  } finally {
    setFlagsFromString('--opt');
    session.disconnect();
  }
}

/** The n-th booking of a door: four to a window, an hour each; codes that ended are gone. */
async function book(store: Store, index: number): Promise<void> {
  const now = 900 * index;
  const code = String(100_000_000 + index);
  const id = `code-${index}`;
  const ends = now + 3600;
  const conflict = await store.write(
    batch({
      codes: [
        record(id, {
          issued: issued({ code, assignedAt: now }),
          commonCodeKey: id,
          goneAt: ends,
          lastEventAt: ends,
        }),
      ],
      reservations: [reservation({ window: `w/${index >> 2}`, variance: index & 3, code, until: ends })],
      now,
      most: { door: 199 },
      replay: { key: id, until: now + 1e9 },
    }),
  );
  expect(conflict).toBeUndefined();
}

const OPERATIONS: readonly (readonly [
  name: string,
  run: (store: Store, count: number) => Promise<unknown>,
])[] = [
  ['taken', (store, count) => store.taken([{ deviceId: 'door', window: `w/${(count >> 2) - 1}` }])],
  ['last', (store, count) => store.last({ deviceId: 'door', window: `w/${(count >> 2) - 1}` })],
  [
    'find by ids',
    (store, count) => store.find({ by: 'ids', ids: [`code-${count - 1}`, 'code-0'], now: 900 * count }),
  ],
  [
    'find by code',
    (store, count) =>
      store.find({ by: 'code', deviceId: 'door', code: String(99_999_999 + count), now: 900 * count }),
  ],
  [
    'find by common code key',
    (store, count) => store.find({ by: 'common_code_key', key: `code-${count - 1}`, now: 900 * count }),
  ],
  [
    'find a page, behind all that is gone',
    (store, count) => store.find({ by: 'page', deviceId: 'door', after: 0, limit: 3, now: 900 * count }),
  ],
  [
    'find a page, before all that is not',
    (store, count) => store.find({ by: 'page', deviceId: undefined, after: count >> 1, limit: 3, now: 0 }),
  ],
  ['attempt', (store, count) => store.attempt(`code-${count >> 1}/1`)],
  ['active', (store, count) => store.active({ since: 900 * count, until: 900 * count + 60 })],
  ['replayed', (store, count) => store.replayed(`code-${count - 1}`, 900 * count)],
  ['allow', (store, count) => store.allow('k', 900 * count, 100, 60)],
];

const FEW = 256;
const MANY = 12_000;

describe('memoryStore, when it is long in use', () => {
  it('does hardly more for a call', async () => {
    await counting(async (workOf) => {
      // Loaded anew: the blocks of what was compiled before are not counted.
      vi.resetModules();
      const store = (await import('../../src/seam/memory-store.ts')).memoryStore();
      let count = 0;
      const fill = async (to: number): Promise<void> => {
        for (; count < to; count += 1) await book(store, count);
      };
      // Many writes as one, since now and then one tidies up for others.
      const runs = [
        () => fill(count + 64),
        ...OPERATIONS.map(
          ([, run]) =>
            () =>
              run(store, count),
        ),
      ];
      const names = ['64 writes', ...OPERATIONS.map(([name]) => name)];
      const work: number[][] = [];
      for (const size of [FEW, MANY]) {
        await fill(size);
        const each: number[] = [];
        for (const run of runs) each.push(await workOf(run));
        work.push(each);
      }
      for (const [index, name] of names.entries()) {
        const [few = 0, many] = work.map((each) => each[index]);
        expect(few, `${name}: work was counted`).toBeGreaterThan(0);
        // 47 times as many: six steps more where it is halved, 47 times the work where it is walked.
        expect(many, name).toBeLessThan(2 * few + 20);
      }
    });
  });

  it('forgets no key and no call before it is over', async () => {
    const store = memoryStore();
    const keys = Array.from({ length: 5_000 }, (_, index) => `key ${index}`);
    for (const key of keys) {
      expect(await store.allow(key, 0, 1, 60)).toBe(true);
      expect(await store.write(batch({ now: 0, replay: { key, until: 60 } }))).toBeUndefined();
    }
    for (const key of keys) {
      expect(await store.allow(key, 59, 1, 60)).toBe(false);
      expect(await store.replayed(key, 59)).toEqual([]);
    }
  });

  it('forgets keys and calls that were over', async () => {
    const store = memoryStore();
    for (let index = 0; index < 20_000; index += 1) {
      await store.allow(`call ${index}`, index, 1, 60);
      await store.write(batch({ now: index, replay: { key: `request ${index}`, until: index + 60 } }));
    }
    // What is still known shows when the clock goes back.
    let [calls, replays] = [0, 0];
    for (let index = 0; index < 20_000; index += 1) {
      if ((await store.replayed(`request ${index}`, index)) !== undefined) replays += 1;
      if (!(await store.allow(`call ${index}`, index, 1, 60))) calls += 1;
    }
    for (const known of [calls, replays]) {
      expect(known, 'those that are not over').toBeGreaterThanOrEqual(60);
      expect(known, 'most of the others').toBeLessThan(2_500);
    }
  });
});
