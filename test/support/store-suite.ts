/**
 * What every store is held to, `memoryStore()` and those over a database: the six promises of `src/seam/store.ts` by
 * example, many callers at once, and random lives beside `LiteralStore`.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  Batch,
  CodeQuery,
  CodeRecord,
  Conflict,
  Happening,
  Issued,
  Reservation,
  Store,
  StoredCode,
} from '../../src/seam/store.ts';
import { deep } from './helpers.ts';
import { LiteralStore } from './store-literal.ts';

const NOW = 1_772_380_800;

export const reservation = (change: Partial<Reservation> = {}): Reservation => ({
  deviceId: 'door',
  window: 'hourly/1',
  variance: 0,
  code: '482901377',
  until: NOW + 3600,
  ...change,
});

export const issued = (change: Partial<Issued> = {}): Issued => ({
  code: '482901377',
  kind: 'hourly',
  lane: null,
  variance: 0,
  count: null,
  window: 'hourly/1',
  startsAt: NOW,
  endsAt: NOW + 3600,
  firstUseBy: null,
  oneTime: false,
  rounded: { start: 0, end: 0 },
  warnings: ['a warning'],
  madeAt: NOW,
  assignedAt: NOW,
  ...change,
});

export const record = (id: string, change: Partial<CodeRecord> = {}): CodeRecord => ({
  id,
  deviceId: 'door',
  version: 1,
  createdAt: NOW,
  name: null,
  commonCodeKey: null,
  asked: { startsAt: NOW, endsAt: NOW + 3600, oneTime: false },
  issued: null,
  lack: null,
  replaced: [],
  usesBackups: false,
  isBackup: false,
  pulledBackupId: null,
  externalModification: false,
  nativeScheduling: true,
  attempts: [{ id: `${id}/1`, type: 'create', at: NOW }],
  history: [],
  clearing: null,
  goneAt: null,
  lastEventAt: null,
  ...change,
});

export const batch = (change: Partial<Batch> = {}): Batch => ({
  codes: [],
  reservations: [],
  now: NOW,
  most: {},
  ...change,
});

const takenOf = async (store: Store, deviceId: string, window: string): Promise<readonly number[]> => {
  const [taken] = await store.taken([{ deviceId, window }]);
  return taken ?? [];
};

const gives = (...reservations: readonly Partial<Reservation>[]): Batch =>
  batch({ reservations: reservations.map((each) => reservation(each)) });

const keeps = (...codes: readonly CodeRecord[]): Batch => batch({ codes });

/** Every question whose answer could show that something was written. */
async function everything(store: Store): Promise<unknown> {
  return Promise.all([
    takenOf(store, 'door', 'hourly/1'),
    store.last({ deviceId: 'door', window: 'hourly/1' }),
    store.find({ by: 'page', deviceId: undefined, after: 0, limit: 100, now: 0 }),
    store.find({ by: 'page', deviceId: 'door', after: 0, limit: 100, now: 0 }),
    store.find({ by: 'ids', ids: ['a', 'b', 'c'], now: 0 }),
    store.find({ by: 'code', deviceId: 'door', code: '1', now: NOW }),
    store.find({ by: 'common_code_key', key: 'k', now: 0 }),
    store.attempt('a/1'),
    store.attempt('b/1'),
    store.active({ since: 0, until: Number.MAX_SAFE_INTEGER }),
    store.replayed('request', NOW),
  ]);
}

/** One write after others: what it is answered, undefined for written. */
type Case = readonly [title: string, before: readonly Batch[], then: Batch, answer: Conflict | undefined];

const VARIANCES: readonly Case[] = [
  ['a variance', [gives({})], gives({ code: '2' }), { reason: 'variance', index: 0 }],
  ['another variance', [gives({})], gives({ variance: 1, code: '2' }), undefined],
  ['the variance of another window', [gives({})], gives({ window: 'hourly/2', code: '2' }), undefined],
  ['the variance of another device', [gives({})], gives({ deviceId: 'gate' }), undefined],
  [
    'a variance whose time is over',
    [gives({})],
    { ...gives({ code: '2', until: NOW + 9e8 }), now: NOW + 8e8 },
    { reason: 'variance', index: 0 },
  ],
  ['a variance that was over at once', [gives({ until: 0 })], gives({}), { reason: 'variance', index: 0 }],
  ['a variance twice in a batch', [], gives({}, { code: '2' }), { reason: 'variance', index: 1 }],
  [
    'two that a separator would make one',
    [gives({ deviceId: 'a b', window: 'c' })],
    gives({ deviceId: 'a', window: 'b c' }, { deviceId: 'a","b', window: 'c' }),
    undefined,
  ],
];

const DIGITS: readonly Case[] = [
  ['digits', [gives({})], gives({ window: 'other' }), { reason: 'code', index: 0 }],
  ['digits of another device', [gives({})], gives({ window: 'other', deviceId: 'gate' }), undefined],
  [
    'digits a second before they are over',
    [gives({})],
    { ...gives({ window: 'other', until: NOW + 7200 }), now: NOW + 3599 },
    { reason: 'code', index: 0 },
  ],
  [
    'digits that are over',
    [gives({})],
    { ...gives({ window: 'other', until: NOW + 7200 }), now: NOW + 3600 },
    undefined,
  ],
  [
    'digits that are never over',
    [gives({ until: null })],
    { ...gives({ window: 'other', until: null }), now: NOW + 9e9 },
    { reason: 'code', index: 0 },
  ],
  ['digits that were over at once', [gives({ until: 0 })], gives({ window: 'other' }), undefined],
  ['digits, over at once, of a code in use', [gives({})], gives({ window: 'other', until: 0 }), undefined],
  [
    'digits that are over at once, in between',
    [gives({}), gives({ window: 'count', until: 0 })],
    gives({ window: 'other' }),
    { reason: 'code', index: 0 },
  ],
  ['digits twice in a batch', [], gives({}, { variance: 1 }), { reason: 'code', index: 1 }],
  [
    'digits twice in a batch, over at once',
    [],
    gives({ until: 0 }, { variance: 1, until: 0 }, { variance: 2 }),
    undefined,
  ],
  [
    'digits that are in use again once the clock went back',
    [gives({}), { ...gives({ window: 'later', until: NOW + 7200 }), now: NOW + 3600 }],
    gives({ window: 'other' }),
    { reason: 'code', index: 0 },
  ],
  [
    'the variance before the digits',
    [gives({})],
    { ...gives({ code: '482901377' }), most: { door: 0 } },
    { reason: 'variance', index: 0 },
  ],
];

const three = [
  gives({ code: '1' }, { variance: 1, code: '2', until: NOW + 60 }, { variance: 2, code: '3', until: null }),
];

const SPACE: readonly Case[] = [
  [
    'one too many',
    three,
    { ...gives({ window: 'other' }), most: { door: 3 } },
    { reason: 'space', index: 0 },
  ],
  ['the last that fits', three, { ...gives({ window: 'other' }), most: { door: 4 } }, undefined],
  ['one where no limit is named', three, { ...gives({ window: 'other' }), most: { gate: 0 } }, undefined],
  [
    'one in place of what is over',
    three,
    { ...gives({ window: 'other' }), most: { door: 3 }, now: NOW + 60 },
    undefined,
  ],
  [
    'one a second before',
    three,
    { ...gives({ window: 'other' }), most: { door: 3 }, now: NOW + 59 },
    { reason: 'space', index: 0 },
  ],
  [
    'one where something is never over',
    three,
    { ...gives({ window: 'other', until: null }), most: { door: 1 }, now: NOW + 9e9 },
    { reason: 'space', index: 0 },
  ],
  ['what is over at once', three, { ...gives({ window: 'other', until: 0 }), most: { door: 0 } }, undefined],
  [
    'the second of a batch',
    three,
    { ...gives({ window: 'other' }, { window: 'other', variance: 1, code: '9' }), most: { door: 4 } },
    { reason: 'space', index: 1 },
  ],
  [
    'the second of a batch, of another device',
    three,
    { ...gives({ window: 'other' }, { deviceId: 'gate' }), most: { door: 4, gate: 1 } },
    undefined,
  ],
  [
    'digits before space',
    three,
    { ...gives({ window: 'other', code: '1' }), most: { door: 3 } },
    { reason: 'code', index: 0 },
  ],
  ['one of a device by the name of a function', [], gives({ deviceId: 'constructor' }), undefined],
];

const first = record('a');

const VERSIONS: readonly Case[] = [
  ['a new access code', [], keeps(first), undefined],
  ['one that is there', [keeps(first)], keeps(first), { reason: 'version', index: 0 }],
  ['the next version', [keeps(first)], keeps({ ...first, version: 2 }), undefined],
  ['a version after that', [keeps(first)], keeps({ ...first, version: 3 }), { reason: 'version', index: 0 }],
  ['a second version of nothing', [], keeps({ ...first, version: 2 }), { reason: 'version', index: 0 }],
  [
    'a version that somebody else wrote',
    [keeps(first), keeps({ ...first, version: 2 })],
    keeps({ ...first, version: 2, name: 'mine' }),
    { reason: 'version', index: 0 },
  ],
  [
    'the second of a batch',
    [keeps(first)],
    keeps(record('b'), { ...first, version: 1 }),
    { reason: 'version', index: 1 },
  ],
  ['one that is gone', [keeps({ ...first, goneAt: NOW })], keeps(first), { reason: 'version', index: 0 }],
  [
    'versions before variances',
    [keeps(first), gives({})],
    batch({ codes: [first], reservations: [reservation()] }),
    { reason: 'version', index: 0 },
  ],
];

const once = batch({ codes: [record('a')], replay: { key: 'request', until: NOW + 60 } });

const REPLAYS: readonly Case[] = [
  ['the same request', [once], once, { reason: 'replay' }],
  ['the same request a second before the end', [once], { ...once, now: NOW + 59 }, { reason: 'replay' }],
  [
    'the same request later',
    [once],
    { ...once, codes: [record('b')], replay: { key: 'request', until: NOW + 120 }, now: NOW + 60 },
    undefined,
  ],
  [
    'another request',
    [once],
    batch({ codes: [record('b')], replay: { key: 'other', until: NOW + 60 } }),
    undefined,
  ],
  ['a request without a key', [once], keeps(record('b')), undefined],
  [
    'the request before everything else',
    [{ ...once, reservations: [reservation()] }],
    { ...once, reservations: [reservation()] },
    { reason: 'replay' },
  ],
];

const CONDITIONS = [
  ['2. gives a variance out once', VARIANCES],
  ['3. gives digits out once while they are in use', DIGITS],
  ['3. keeps within the space of a device', SPACE],
  ['4. changes an access code from the version that was read only', VERSIONS],
  ['5. takes a replay key once', REPLAYS],
] as const;

/** A store in which something was written. */
async function prepared(makeStore: () => Promise<Store>, before: readonly Batch[]): Promise<Store> {
  const store = await makeStore();
  for (const each of before) expect(await store.write(each)).toBeUndefined();
  return store;
}

function testConditions(makeStore: () => Promise<Store>): void {
  describe.each(CONDITIONS)('%s', (_, cases) => {
    it.each(cases)('%s', async (_title, before, then, answer) => {
      const store = await prepared(makeStore, before);
      const stood = await everything(store);
      expect(await store.write(then)).toEqual(answer);
      const stands = await everything(store);
      if (answer) expect(stands, 'nothing of it was written').toEqual(stood);
      else
        for (const { deviceId, window, variance } of then.reservations)
          expect(await takenOf(store, deviceId, window)).toContain(variance);
    });
  });

  it('1. writes all of a batch or nothing, whatever stands in it before the conflict', async () => {
    const store = await prepared(makeStore, [gives({ variance: 5, code: '5' })]);
    const stood = await everything(store);
    const refused = batch({
      codes: [record('a', { issued: issued({ code: '1' }), commonCodeKey: 'k' }), record('b')],
      reservations: [reservation({ code: '1' }), reservation({ variance: 1, code: '5' })],
      replay: { key: 'request', until: NOW + 60 },
    });
    expect(await store.write(refused)).toEqual({ reason: 'code', index: 1 });
    expect(await everything(store)).toEqual(stood);
    expect(await store.write({ ...refused, reservations: [reservation({ code: '1' })] })).toBeUndefined();
    expect(await everything(store)).not.toEqual(stood);
    expect(await store.replayed('request', NOW)).toEqual(['a', 'b']);
  });

  it('5. takes no replay key with a batch that is refused', async () => {
    const store = await prepared(makeStore, [gives({})]);
    const refused = { ...gives({}), replay: { key: 'request', until: NOW + 60 } };
    expect(await store.write(refused)).toEqual({ reason: 'variance', index: 0 });
    expect(await store.write(once)).toBeUndefined();
  });

  it('writes a batch of nothing', async () => {
    const store = await makeStore();
    const stood = await everything(store);
    expect(await store.write(batch())).toBeUndefined();
    expect(await everything(store)).toEqual(stood);
  });
}

const idsOf = (codes: readonly StoredCode[]): readonly string[] => codes.map(({ id }) => id);

const withoutSeq = ({ seq, ...code }: StoredCode): CodeRecord => code;

/** Which numbers a store gives is its own business, if they are whole, from 1, and ascend. */
function expectAscending(codes: readonly StoredCode[]): void {
  let last = 0;
  for (const { seq } of codes) {
    expect(Number.isSafeInteger(seq) && seq > last, `${seq} after ${last}`).toBe(true);
    last = seq;
  }
}

function testAnswers(makeStore: () => Promise<Store>): void {
  it('says which variances of a window were given out, ascending, and the last', async () => {
    const store = await makeStore();
    expect(await takenOf(store, 'door', 'hourly/1')).toEqual([]);
    expect(await store.last({ deviceId: 'door', window: 'hourly/1' })).toBeUndefined();
    for (const variance of [10, 9, 2, 0, 100, 11]) {
      expect(await store.write(gives({ variance, code: `${variance}`, until: 0 }))).toBeUndefined();
    }
    expect(await takenOf(store, 'door', 'hourly/1')).toEqual([0, 2, 9, 10, 11, 100]);
    expect(await store.last({ deviceId: 'door', window: 'hourly/1' })).toBe(100);
    expect(await takenOf(store, 'door', 'hourly/2')).toEqual([]);
    expect(await takenOf(store, 'gate', 'hourly/1')).toEqual([]);
  });

  it('gives every property of an access code back, and numbers access codes in order', async () => {
    const full = record('a', {
      name: 'My code',
      commonCodeKey: 'k',
      issued: issued({ lane: '7', count: 3, endsAt: null, firstUseBy: NOW + 60, warnings: ['one', 'two'] }),
      lack: 'no_space',
      replaced: [issued({ code: '1' }), issued({ code: '2' })],
      usesBackups: true,
      isBackup: true,
      pulledBackupId: 'b',
      externalModification: true,
      nativeScheduling: false,
      attempts: [
        { id: 'a/1', type: 'create', at: NOW },
        { id: 'a/2', type: 'delete', at: NOW + 1 },
      ],
      history: [
        { type: 'changed', at: NOW, properties: [{ property: 'name', from: null, to: 'My code' }] },
        { type: 'backup_pulled', at: NOW + 1, backupId: 'b' },
        { type: 'not_removed', at: NOW + 2 },
        { type: 'deleted', at: NOW + 3 },
      ],
      clearing: { ...issued({ code: '3' }), ends: 'every_used_code' },
      goneAt: NOW + 99,
      lastEventAt: NOW + 98,
    });
    const store = await prepared(makeStore, [keeps(record('z'), full)]);
    const [found] = await store.find({ by: 'ids', ids: ['a'], now: NOW });
    expect(found).toEqual({ ...full, seq: expect.any(Number) });
    expect(await store.attempt('a/2')).toEqual(found);
    expect(await store.write(keeps({ ...full, version: 2 }, record('y')))).toBeUndefined();
    const page = await store.find({ by: 'page', deviceId: 'door', after: 0, limit: 9, now: NOW });
    expect(page.map(withoutSeq)).toEqual([record('z'), { ...full, version: 2 }, record('y')]);
    // A change keeps its place.
    expect(page[1]?.seq).toBe(found?.seq);
    expectAscending(page);
  });

  it('finds ids in the order asked for, without those that are unknown or gone', async () => {
    const store = await prepared(makeStore, [
      keeps(record('a'), record('b', { goneAt: NOW + 60 }), record('c', { goneAt: NOW + 61 })),
    ]);
    const find = async (now: number): Promise<readonly string[]> =>
      idsOf(await store.find({ by: 'ids', ids: ['c', 'toString', 'b', 'a'], now }));
    expect(await find(NOW + 59)).toEqual(['c', 'b', 'a']);
    expect(await find(NOW + 60)).toEqual(['c', 'a']);
    expect(await find(NOW + 61)).toEqual(['a']);
    expect(await find(NOW)).toEqual(['c', 'b', 'a']);
    expect(await store.find({ by: 'ids', ids: [], now: NOW })).toEqual([]);
  });

  it('finds the newest access code that has some digits now', async () => {
    const has = (code: string, change: Partial<Issued> = {}): Partial<CodeRecord> => ({
      issued: issued({ code, ...change }),
    });
    const store = await prepared(makeStore, [
      keeps(
        record('a', has('1')),
        record('b', { ...has('1'), goneAt: NOW + 60 }),
        record('c', has('1', { assignedAt: NOW + 10 })),
        record('d', { ...has('1'), deviceId: 'gate' }),
        record('e'),
      ),
    ]);
    const find = async (code: string, now: number, deviceId: string = 'door'): Promise<readonly string[]> =>
      idsOf(await store.find({ by: 'code', deviceId, code, now }));
    expect(await find('1', NOW)).toEqual(['b']);
    expect(await find('1', NOW, 'gate')).toEqual(['d']);
    expect(await find('1', NOW, 'shed')).toEqual([]);
    expect(await find('1', NOW + 10)).toEqual(['c']);
    expect(await find('2', NOW + 10)).toEqual([]);
    // A code that was replaced is found by its new digits only; the older access code keeps its place.
    await store.write(keeps({ ...record('c', has('2')), version: 2, replaced: [issued({ code: '1' })] }));
    expect(await find('1', NOW + 10)).toEqual(['b']);
    expect(await find('1', NOW + 60)).toEqual(['a']);
    expect(await find('2', NOW + 60)).toEqual(['c']);
    await store.write(
      keeps({ ...record('c', has('1')), version: 3 }, { ...record('a', has('1')), version: 2 }),
    );
    expect(await find('1', NOW + 60)).toEqual(['c']);
    await store.write(keeps({ ...record('c'), version: 4 }));
    expect(await find('1', NOW + 60)).toEqual(['a']);
  });

  it('finds the access codes of a common code key, in order of creation', async () => {
    const store = await prepared(makeStore, [
      keeps(
        record('c', { commonCodeKey: 'k' }),
        record('a'),
        record('b', { commonCodeKey: 'k', goneAt: NOW + 60 }),
        record('d', { commonCodeKey: 'other' }),
      ),
      keeps({ ...record('a', { commonCodeKey: 'k', deviceId: 'door' }), version: 2 }),
    ]);
    const find = async (key: string, now: number): Promise<readonly string[]> =>
      idsOf(await store.find({ by: 'common_code_key', key, now }));
    expect(await find('k', NOW)).toEqual(['c', 'a', 'b']);
    expect(await find('k', NOW + 60)).toEqual(['c', 'a']);
    expect(await find('toString', NOW)).toEqual([]);
    await store.write(keeps({ ...record('c', { commonCodeKey: null }), version: 2 }));
    expect(await find('k', NOW)).toEqual(['a', 'b']);
  });

  it('pages through the access codes of a device, or of all', async () => {
    const store = await makeStore();
    const ids = Array.from({ length: 20 }, (_, index) => `code-${index}`);
    for (const [index, id] of ids.entries()) {
      const deviceId = index % 2 === 0 ? 'door' : 'gate';
      await store.write(keeps(record(id, { deviceId, goneAt: index % 5 === 0 ? NOW + 60 : null })));
    }
    const pages = async (deviceId: string | undefined, limit: number, now: number): Promise<unknown> => {
      const all: (readonly string[])[] = [];
      for (let after = 0; ; ) {
        const page = await store.find({ by: 'page', deviceId, after, limit, now });
        const last = page.at(-1);
        if (!last) return all;
        all.push(idsOf(page));
        after = last.seq;
      }
    };
    const numbers = (...wanted: readonly number[]): readonly string[] => wanted.map((each) => `code-${each}`);
    expect(await pages(undefined, 100, NOW)).toEqual([ids]);
    expect(await pages('door', 4, NOW)).toEqual([
      numbers(0, 2, 4, 6),
      numbers(8, 10, 12, 14),
      numbers(16, 18),
    ]);
    expect(await pages('door', 4, NOW + 60)).toEqual([numbers(2, 4, 6, 8), numbers(12, 14, 16, 18)]);
    expect(await pages('shed', 4, NOW)).toEqual([]);
    const page = { by: 'page', deviceId: 'door', after: 0, now: NOW } as const;
    expect(await store.find({ ...page, limit: 0 })).toEqual([]);
    const [last] = (await store.find({ ...page, limit: 100 })).slice(-1);
    expect(await store.find({ ...page, after: last?.seq ?? 0, limit: 5 })).toEqual([]);
    // One that changes keeps its place; one that comes back in time is there again.
    await store.write(keeps({ ...record('code-2', { goneAt: NOW }), version: 2 }));
    expect(await pages('door', 4, NOW)).toEqual([numbers(0, 4, 6, 8), numbers(10, 12, 14, 16), numbers(18)]);
  });

  it('finds the access code of an attempt, also when it is gone', async () => {
    const gone = { ...record('a', { goneAt: 0 }), version: 2 };
    const attempts = [...gone.attempts, { id: 'a/2', type: 'delete', at: NOW } as const];
    const store = await prepared(makeStore, [keeps(record('a'), record('b')), keeps({ ...gone, attempts })]);
    expect(await store.attempt('a/1')).toMatchObject({ id: 'a', version: 2 });
    expect(await store.attempt('a/2')).toMatchObject({ id: 'a', version: 2 });
    expect(await store.attempt('b/1')).toMatchObject({ id: 'b' });
    expect(await store.attempt('a')).toBeUndefined();
    expect(await store.attempt('toString')).toBeUndefined();
  });

  it('says to which access codes something can have happened', async () => {
    const deleted: readonly Happening[] = [
      { type: 'deleted', at: NOW + 30 },
      { type: 'not_removed', at: NOW + 20 },
    ];
    const store = await prepared(makeStore, [
      keeps(
        record('never', { createdAt: NOW + 5, lastEventAt: null }),
        record('early', { lastEventAt: NOW + 10 }),
        record('changed', { lastEventAt: NOW + 10, history: deleted, goneAt: NOW + 1 }),
        record('backward', { createdAt: NOW - 5, lastEventAt: NOW + 20 }),
      ),
    ]);
    const active = async (since: number, until: number): Promise<readonly string[]> =>
      idsOf(await store.active({ since: NOW + since, until: NOW + until }));
    expect(await active(-9, 99)).toEqual(['never', 'early', 'changed', 'backward']);
    expect(await active(10, 99)).toEqual(['never', 'early', 'changed', 'backward']);
    expect(await active(11, 99)).toEqual(['never', 'changed', 'backward']);
    expect(await active(30, 99)).toEqual(['never', 'changed']);
    expect(await active(31, 99)).toEqual(['never']);
    expect(await active(0, 5)).toEqual(['never', 'early', 'changed', 'backward']);
    expect(await active(0, 4)).toEqual(['early', 'changed', 'backward']);
    expect(await active(0, -1)).toEqual(['backward']);
    expect(await active(0, -6)).toEqual([]);
  });

  it('answers a replay key while it lives', async () => {
    const store = await makeStore();
    expect(await store.replayed('request', NOW)).toBeUndefined();
    await store.write({ ...once, codes: [record('b'), record('a')] });
    expect(await store.replayed('request', NOW)).toEqual(['b', 'a']);
    expect(await store.replayed('request', NOW + 59)).toEqual(['b', 'a']);
    expect(await store.replayed('request', NOW + 60)).toBeUndefined();
    expect(await store.replayed('toString', NOW)).toBeUndefined();
    await store.write(batch({ now: NOW + 60, replay: { key: 'request', until: NOW + 61 } }));
    expect(await store.replayed('request', NOW + 60)).toEqual([]);
    await store.write(batch({ replay: { key: 'over at once', until: NOW } }));
    expect(await store.replayed('over at once', NOW)).toBeUndefined();
  });

  it('counts calls within a window that slides', async () => {
    const store = await makeStore();
    const at = async (second: number, key: string = 'k'): Promise<boolean> =>
      store.allow(key, NOW + second, 3, 60);
    const answers = async (...seconds: readonly number[]): Promise<readonly boolean[]> => {
      const all: boolean[] = [];
      for (const second of seconds) all.push(await at(second));
      return all;
    };
    expect(await answers(0, 30, 59)).toEqual([true, true, true]);
    expect(await at(59, 'other')).toBe(true);
    // The call at 0 counts for sixty seconds; those that were refused count for none.
    expect(await answers(59, 59, 60, 60, 89, 90, 91)).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
      false,
    ]);
    expect(await store.allow('none', NOW, 0, 60)).toBe(false);
    expect(await store.allow('toString', NOW, 1, 60)).toBe(true);
  });

  it('does not count calls of a later time, after the clock went back', async () => {
    const store = await makeStore();
    expect(await store.allow('k', NOW + 9e8, 1, 60)).toBe(true);
    expect(await store.allow('k', NOW, 1, 60)).toBe(true);
    expect(await store.allow('k', NOW + 59, 1, 60)).toBe(false);
  });
}

/** Changes whatever a caller could change of a value, to the bottom. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const name of Object.keys(value)) {
    spoil(Reflect.get(value, name));
    Reflect.set(value, name, 'spoilt');
  }
  if (Array.isArray(value) && !Object.isFrozen(value)) value.push('spoilt');
}

function testCopies(makeStore: () => Promise<Store>): void {
  const written = (): Batch =>
    batch({
      codes: [
        record('a', {
          commonCodeKey: 'k',
          issued: issued({ code: '1' }),
          replaced: [issued({ code: '0' })],
          history: [{ type: 'changed', at: NOW, properties: [{ property: 'name', from: null, to: 'b' }] }],
        }),
      ],
      reservations: [reservation({ code: '1' })],
      replay: { key: 'request', until: NOW + 60 },
    });

  it('keeps what it was given, whatever becomes of the caller’s objects', async () => {
    const [store, other] = [await makeStore(), await makeStore()];
    const given = written();
    expect(await store.write(given)).toBeUndefined();
    spoil(given);
    expect(await other.write(written())).toBeUndefined();
    expect(await everything(store)).toEqual(await everything(other));
  });

  it('cannot be changed through what it answers', async () => {
    const store = await prepared(makeStore, [written()]);
    const [stood, again] = [JSON.stringify(await everything(store)), await everything(store)];
    expect(stood).toContain('"code":"1"');
    spoil(again);
    expect(JSON.stringify(await everything(store))).toBe(stood);
    expect(await store.write(gives({ variance: 1, code: '2' }))).toBeUndefined();
    expect(await takenOf(store, 'door', 'hourly/1')).toEqual([0, 1]);
  });
}

/** The loop of a caller: the lowest free variance, again where somebody was faster. */
async function takeVariance(store: Store, id: string): Promise<number> {
  for (;;) {
    const taken = new Set(await takenOf(store, 'door', 'hourly/1'));
    let variance = 0;
    while (taken.has(variance)) variance += 1;
    const conflict = await store.write({
      ...gives({ variance, code: `${1000 + variance}` }),
      codes: [record(id)],
    });
    if (!conflict) return variance;
    expect(conflict.reason).toBe('variance');
  }
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** How often each answer came. */
const tally = (answers: readonly (Conflict | undefined)[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const name = answer?.reason ?? 'written';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

function testCrowds(makeStore: () => Promise<Store>): void {
  const crowd = async (
    batchOf: (index: number) => Batch,
    before: readonly Batch[] = [],
  ): Promise<unknown> => {
    const store = await prepared(makeStore, before);
    return tally(await Promise.all(numbers(20).map((index) => store.write(batchOf(index)))));
  };

  it('gives many callers of a window each their own variance, the lowest ones', async () => {
    const store = await makeStore();
    const given = await Promise.all(numbers(40).map((index) => takeVariance(store, `code-${index}`)));
    expect([...given].sort((one, other) => one - other)).toEqual(numbers(40));
    expect(await takenOf(store, 'door', 'hourly/1')).toEqual(numbers(40));
    const all = await store.find({ by: 'page', deviceId: 'door', after: 0, limit: 100, now: NOW });
    expectAscending(all);
    expect(new Set(idsOf(all)).size).toBe(40);
  });

  it('lets one of many through', async () => {
    expect(await crowd((variance) => gives({ variance }))).toEqual({ written: 1, code: 19 });
    expect(await crowd((index) => gives({ code: `${index}` }))).toEqual({ written: 1, variance: 19 });
    const limited = (variance: number): Batch => ({
      ...gives({ variance, code: `${variance}` }),
      most: { door: 3 },
    });
    expect(await crowd(limited)).toEqual({ written: 3, space: 17 });
    const renamed = (index: number): Batch => keeps({ ...record('a', { name: `${index}` }), version: 2 });
    expect(await crowd(renamed, [keeps(record('a'))])).toEqual({ written: 1, version: 19 });
    const replayed = (index: number): Batch => ({ ...once, codes: [record(`code-${index}`)] });
    expect(await crowd(replayed)).toEqual({ written: 1, replay: 19 });
  });

  it('counts the calls of many', async () => {
    const store = await makeStore();
    const answers = await Promise.all(numbers(20).map(() => store.allow('k', NOW, 5, 60)));
    expect(answers.filter((isAllowed) => isAllowed)).toHaveLength(5);
  });
}

/*
 * Random lives. Everything is drawn from few, so that what could be in each other's way often is; times are drawn anew at
 * every step, so the clock goes forward and backward all the time.
 */

const DEVICES = ['door', 'gate'] as const;
const WINDOWS = ['w/1', 'w/2'] as const;
const CODES = ['1', '2', '3', '4', '5', '6'] as const;
const KEYS = ['k', 'l'] as const;
const CODE_IDS = numbers(12).map((index) => `code-${index}`);
const END = 40;
const SECONDS = 10;

const time = fc.integer({ min: 0, max: END });
const maybe = fc.option(time, { nil: null });

const anyReservation: fc.Arbitrary<Reservation> = fc.record({
  deviceId: fc.constantFrom(...DEVICES),
  window: fc.constantFrom(...WINDOWS),
  variance: fc.integer({ min: 0, max: 15 }),
  code: fc.constantFrom(...CODES),
  until: maybe,
});

/** What a change makes of an access code; the rest stays or follows from the id. */
const anyChange = fc.record({
  id: fc.constantFrom(...CODE_IDS),
  /** Added to the version that would be right. */
  off: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, -1, 1),
  createdAt: time,
  commonCodeKey: fc.constantFrom(null, ...KEYS),
  code: fc.constantFrom(null, ...CODES),
  assignedAt: time,
  goneAt: maybe,
  lastEventAt: maybe,
  history: fc.array(
    time.map((at): Happening => ({ type: 'deleted', at })),
    { maxLength: 2 },
  ),
});

const anyWrite = fc.record({
  type: fc.constant('write'),
  changes: fc.array(anyChange, { maxLength: 3 }),
  reservations: fc.array(anyReservation, { maxLength: 3 }),
  now: time,
  most: fc.constantFrom<Batch['most']>({}, {}, { door: 3 }, { gate: 0 }, { door: 5, gate: 5 }),
  replay: fc.option(fc.record({ key: fc.constantFrom(...KEYS), until: time }), { nil: undefined, freq: 2 }),
});

const anyCall = fc.record({
  type: fc.constant('call'),
  key: fc.constantFrom(...KEYS),
  now: time,
  most: fc.integer({ min: 0, max: 3 }),
});

const anyStep = fc.oneof({ weight: 3, arbitrary: anyWrite }, { weight: 1, arbitrary: anyCall });

type Change = typeof anyChange extends fc.Arbitrary<infer T> ? T : never;
type Write = typeof anyWrite extends fc.Arbitrary<infer T> ? T : never;

/** The access codes of a batch: each change upon the one that is there, or on one of the same batch. */
function changed(model: LiteralStore, changes: readonly Change[]): readonly CodeRecord[] {
  const codes: CodeRecord[] = [];
  for (const { id, off, code, assignedAt, createdAt, ...rest } of changes) {
    const before = [...model.codes, ...codes].filter((each) => each.id === id).at(-1);
    const version = (before?.version ?? 0) + 1 + off;
    codes.push({
      ...record(id),
      ...rest,
      deviceId: id < 'code-5' ? 'door' : 'gate',
      version,
      createdAt: before?.createdAt ?? createdAt,
      issued: code === null ? null : issued({ code, assignedAt }),
      attempts: [...(before?.attempts ?? []), { id: `${id}/${version}`, type: 'update', at: createdAt }],
    });
  }
  return codes;
}

/** The numbers of the store by those of the model; what was there first comes first in both. */
async function numbersOf(store: Store, model: LiteralStore): Promise<readonly number[]> {
  const all = await store.find({ by: 'page', deviceId: undefined, after: 0, limit: 1000, now: -1 });
  expect(idsOf(all)).toEqual(idsOf(model.codes));
  expectAscending(all);
  return [0, ...all.map(({ seq }) => seq)];
}

/** The same question to both. */
async function compare(store: Store, model: LiteralStore, now: number, until: number): Promise<void> {
  const seqs = await numbersOf(store, model);
  const numbered = (codes: readonly StoredCode[]): readonly StoredCode[] =>
    codes.map((code) => ({ ...code, seq: seqs[code.seq] ?? Number.NaN }));
  const queries: CodeQuery[] = [
    { by: 'ids', ids: [...CODE_IDS].reverse(), now },
    ...KEYS.map((key) => ({ by: 'common_code_key', key, now }) as const),
    ...DEVICES.flatMap((deviceId) => CODES.map((code) => ({ by: 'code', deviceId, code, now }) as const)),
  ];
  for (const deviceId of [undefined, ...DEVICES]) {
    const after = Math.min(until % 8, seqs.length - 1);
    for (const limit of [1, 3, 100]) queries.push({ by: 'page', deviceId, after, limit, now });
  }
  for (const query of queries) {
    const asked = query.by === 'page' ? { ...query, after: seqs[query.after] ?? 0 } : query;
    expect(await store.find(asked), JSON.stringify(query)).toEqual(numbered(model.find(query)));
  }
  const places = DEVICES.flatMap((deviceId) => WINDOWS.map((window) => ({ deviceId, window })));
  expect(await store.taken(places)).toEqual(
    places.map(({ deviceId, window }) => model.taken(deviceId, window)),
  );
  for (const place of places) expect(await store.last(place)).toBe(model.last(place.deviceId, place.window));
  for (const { id } of model.codes.flatMap(({ attempts }) => attempts))
    expect([await store.attempt(id)]).toEqual(numbered([model.attempt(id) ?? fail(id)]));
  const [few, of] = [CODE_IDS.slice(until % 7), DEVICES.slice(now % 2)];
  for (const named of [{}, { ids: few }, { deviceIds: of }, { ids: few, deviceIds: of }, { ids: [] }]) {
    const query = { since: now, until, ...named };
    expect(await store.active(query)).toEqual(numbered(model.active(query)));
  }
  for (const key of KEYS) {
    if (!model.isOpen(key, now)) expect(await store.replayed(key, now)).toEqual(model.replayed(key, now));
  }
}

function fail(id: string): never {
  throw new Error(`the model has no attempt ${id}`);
}

function batchOf(model: LiteralStore, { changes, reservations, now, most, replay }: Write): Batch {
  const written = { codes: changed(model, changes), reservations, now, most };
  return replay && !model.isOpen(replay.key, now) ? { ...written, replay } : written;
}

function testLives(makeStore: () => Promise<Store>, lives: number): void {
  it('answers like the literal one, whatever is written and however the clock goes', async () => {
    const seen = new Map<string, number>();
    const count = (name: string): unknown => seen.set(name, (seen.get(name) ?? 0) + 1);
    const holds = fc.asyncProperty(
      fc.array(fc.tuple(anyStep, time, time), { minLength: 1, maxLength: 24, size: 'max' }),
      async (steps) => {
        const [store, model] = [await makeStore(), new LiteralStore()];
        for (const [step, now, until] of steps) {
          if (step.type === 'write') {
            const written = batchOf(model, step);
            const answer = model.write(written);
            expect(await store.write(written)).toEqual(answer);
            count(answer?.reason ?? (written.reservations.length > 0 ? 'written' : 'without reservation'));
          } else if (!model.isOpen(step.key, step.now, SECONDS)) {
            const answer = model.allow(step.key, step.now, step.most, SECONDS);
            expect(await store.allow(step.key, step.now, step.most, SECONDS)).toBe(answer);
            count(`allowed ${answer}`);
          }
          await compare(store, model, now, until);
        }
      },
    );
    await fc.assert(holds, { numRuns: deep(lives) });
    for (const name of [
      'written',
      'variance',
      'code',
      'space',
      'version',
      'replay',
      'allowed true',
      'allowed false',
    ])
      expect(seen.get(name) ?? 0, `${name} came up`).toBeGreaterThanOrEqual(Math.ceil(deep(lives) / 15));
  });
}

/**
 * @param makeStore gives a store without anything in it, every time.
 * @param lives how many random lives: fewer for stores that take their time.
 */
export function storeSuite(name: string, makeStore: () => Promise<Store>, lives: number = 150): void {
  describe(name, () => {
    testConditions(makeStore);
    testAnswers(makeStore);
    testCopies(makeStore);
    testCrowds(makeStore);
    testLives(makeStore, lives);
  });
}
