/** The store in a database: the contract on PGlite and PostgreSQL, races, what stands in the schema, and what a dump holds. */
import { createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import pg from 'pg';
import { createToken, deriveToken, formatToken, tokenJson } from 'pintumbler';
import { zoneFacts } from 'pintumbler/calendar';
import { type SeamDevice, sqlStore } from 'pintumbler/seam';
import { builtIn, igloohome, pintumbler } from 'pintumbler/vendors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Webhook } from '../../src/seam/outbox.ts';
import type { SqlDatabase } from '../../src/seam/sql/database.ts';
import { migrate } from '../../src/seam/sql/schema.ts';
import type { Batch, Conflict, Store } from '../../src/seam/store.ts';
import { makePostgres, openPglite, POSTGRES, STORE_KEY, type TestDatabase } from '../support/databases.ts';
import { at } from '../support/helpers.ts';
import { API_KEY, doorFor, uuidOf, worldOf } from '../support/seam-world.ts';
import { batch, issued, record, reservation, storeSuite } from '../support/store-suite.ts';

const [NEW_KEY, OTHER_KEY] = [8, 9].map((fill) => new Uint8Array(32).fill(fill));
if (!NEW_KEY || !OTHER_KEY) throw new Error('keys');
const NOW = at('2026-11-24T12:00:00Z');

const kinds: [name: string, open: () => Promise<TestDatabase>][] = [['PGlite', openPglite]];
const url = POSTGRES;
if (url !== undefined) kinds.push(['PostgreSQL', () => makePostgres(url)]);

/** Tables by name, rows as text. */
const TABLES =
  `reservations digits spaces codes attempts replays calls keys devices webhooks deliveries schema`
    .split(' ')
    .map((name) => `pintumbler_${name}`);

async function dumpOf(db: SqlDatabase): Promise<string> {
  const dumps: string[] = [];
  for (const table of TABLES) {
    const { rows } = await db.query(`SELECT x::text AS line FROM ${table} x`, []);
    dumps.push(table, ...rows.map(({ line }) => String(line)));
  }
  return dumps.join('\n');
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

const refusal = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => codeOf(error),
  );

/** Something of another server comes between the look and the write of a `write`, once. */
function withIntruder(db: SqlDatabase, intrude: () => Promise<unknown>): SqlDatabase {
  let came = false;
  return {
    query: async (text, params) => {
      if (!came && /^\s*(?:WITH|INSERT)/.test(text)) {
        came = true;
        await intrude();
      }
      return db.query(text, params);
    },
  };
}

const one = (change: Parameters<typeof reservation>[0], rest: Partial<Batch> = {}): Batch =>
  batch({ reservations: [reservation(change)], ...rest });

/** What stood before, what comes in between, what is written then, and what it is answered. */
const RACES: readonly (readonly [
  title: string,
  before: readonly Batch[],
  between: Batch,
  then: Batch,
  answer: Conflict | undefined,
])[] = [
  ['a variance', [], one({}), one({ code: '2' }), { reason: 'variance', index: 0 }],
  ['digits', [], one({}), one({ window: 'w/2' }), { reason: 'code', index: 0 }],
  [
    'digits that were over, and are given out again',
    [one({ until: 5 })],
    one({ window: 'w/2' }),
    one({ window: 'w/3' }),
    { reason: 'code', index: 0 },
  ],
  [
    'the first place of a lock',
    [],
    one({}, { most: { door: 1 } }),
    one({ window: 'w/2', code: '2' }, { most: { door: 1 } }),
    { reason: 'space', index: 0 },
  ],
  [
    'the last place of a lock',
    [one({}, { most: { door: 2 } })],
    one({ window: 'w/2', code: '2' }, { most: { door: 2 } }),
    one({ window: 'w/3', code: '3' }, { most: { door: 2 } }),
    { reason: 'space', index: 0 },
  ],
  [
    'a place, where there is another',
    [one({}, { most: { door: 3 } })],
    one({ window: 'w/2', code: '2' }, { most: { door: 3 } }),
    one({ window: 'w/3', code: '3' }, { most: { door: 3 } }),
    undefined,
  ],
  [
    'a new access code',
    [],
    batch({ codes: [record('a')] }),
    batch({ codes: [record('a', { name: 'b' })] }),
    { reason: 'version', index: 0 },
  ],
  [
    'a change',
    [batch({ codes: [record('z'), record('a')] })],
    batch({ codes: [record('a', { version: 2 })] }),
    batch({ codes: [record('z', { version: 2 }), record('a', { version: 2, name: 'b' })] }),
    { reason: 'version', index: 1 },
  ],
  [
    'a request that is repeated',
    [],
    batch({ codes: [record('a')], replay: { key: 'k', until: NOW * 2 } }),
    batch({ codes: [record('b')], replay: { key: 'k', until: NOW * 2 } }),
    { reason: 'replay' },
  ],
  ['nothing that is in the way', [], one({ deviceId: 'gate' }), one({}), undefined],
];

const lisbon = zoneFacts('Europe/Lisbon', at('2020-01-01T00:00Z'), at('2030-01-01T00:00Z'));
const rootOf = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const wholeDoor = createToken({ vendor: pintumbler, deviceId: 'front-door', root: rootOf(1), ...lisbon });
const shed = createToken({ vendor: igloohome, deviceId: 'shed', root: rootOf(2), timeZone: 'Asia/Tokyo' });
const DOOR: SeamDevice = { token: deriveToken(wholeDoor), deviceId: uuidOf(1), name: 'Grand entrance' };
const SHED: SeamDevice = { token: shed, deviceId: uuidOf(2), name: 'Shed' };

const HOOK: Webhook = {
  id: uuidOf(7),
  url: 'https://hooks.test/very-private-path',
  eventTypes: ['*'],
  secret: 'whsec_c2VjcmV0IG9mIGEgd2ViaG9vaw==',
  createdAt: NOW - 9,
  since: NOW - 9,
};

/** Texts that say what is secret of a token. */
const secretsOf = ({ token }: SeamDevice): readonly string[] => {
  const { key, root } = tokenJson(token);
  const text = key ?? root ?? '';
  return [formatToken(token), text, Buffer.from(text, 'base64url').toString('hex')];
};

describe.each(kinds)('sqlStore on %s', (name, open) => {
  let database: TestDatabase | undefined;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database?.close());
  const fresh = (): SqlDatabase => database?.fresh() ?? expect.fail('the database is not open');
  const storeOver = (db: SqlDatabase, ...keys: readonly Uint8Array[]) =>
    sqlStore(db, { keys: keys.length > 0 ? keys : [STORE_KEY] });

  storeSuite(`the contract on ${name}`, () => storeOver(fresh()), 12);

  describe('races', () => {
    it.each(RACES)('sees that another server was faster: %s', async (_, before, between, then, answer) => {
      const db = fresh();
      const other = await storeOver(db);
      for (const each of before) expect(await other.write(each)).toBeUndefined();
      let intruded: unknown = 'nothing';
      const store: Store = await storeOver(
        withIntruder(db, async () => {
          intruded = await other.write(between);
        }),
      );
      // The intruder waits for a write, and the opening is none: keys and tables are there.
      expect(intruded).toBe('nothing');
      expect(await store.write(then)).toEqual(answer);
      expect(intruded).toBeUndefined();
      if (answer) {
        const dump = await dumpOf(db);
        expect(await store.write(then)).toEqual(answer);
        expect(await dumpOf(db)).toBe(dump);
      }
    });

    it('counts a call that another server counted in between', async () => {
      const db = fresh();
      const other = await storeOver(db);
      expect(await other.allow('k', NOW, 2, 60)).toBe(true);
      const store = await storeOver(withIntruder(db, () => other.allow('k', NOW, 2, 60)));
      expect(await store.allow('k', NOW, 2, 60)).toBe(false);
    });

    it('gives up where the database refuses for ever', async () => {
      const db = fresh();
      await storeOver(db);
      const refusing: SqlDatabase = {
        query: (text, params) =>
          /^\s*WITH/.test(text)
            ? Promise.reject(Object.assign(new Error('x'), { code: '40001' }))
            : db.query(text, params),
      };
      const store = await storeOver(refusing);
      await expect(store.write(one({}))).rejects.toThrow('refuses every try');
    });

    it('passes on what else a database throws', async () => {
      const db = fresh();
      await storeOver(db);
      const gone = Object.assign(new Error('terminating connection'), { code: '57P01' });
      const breaking: SqlDatabase = {
        query: (text, params) => (/^\s*WITH/.test(text) ? Promise.reject(gone) : db.query(text, params)),
      };
      await expect((await storeOver(breaking)).write(one({}))).rejects.toBe(gone);
    });
  });

  describe('the schema', () => {
    /** Statements that no code of ours would make, and the key or check that is in their way. */
    const FORBIDDEN: readonly (readonly [what: string, statement: string, code: string])[] = [
      [
        'a variance twice',
        `INSERT INTO pintumbler_reservations VALUES ('door', 'hourly/1', 0, 'other', 9)`,
        '23505',
      ],
      ['a variance below 0', `INSERT INTO pintumbler_reservations VALUES ('door', 'w', -1, 'x', 9)`, '23514'],
      [
        'digits twice',
        `INSERT INTO pintumbler_digits SELECT device_id, digits, 99 FROM pintumbler_digits`,
        '23505',
      ],
      ['more than there is room for', `UPDATE pintumbler_spaces SET taken = room + 1`, '23514'],
      [
        'an access code twice',
        `INSERT INTO pintumbler_codes (id, version, device_id, created_at, gone_at, last_at, told_until, record)
          VALUES ('a', 1, 'door', 0, 0, 0, 0, 'x')`,
        '23505',
      ],
      ['a version that is none', `UPDATE pintumbler_codes SET version = 0`, '23514'],
      ['digits that nobody may see at any time', `UPDATE pintumbler_codes SET assigned_at = NULL`, '23514'],
      ['no record', `UPDATE pintumbler_codes SET record = ''`, '23514'],
      ['an attempt twice', `INSERT INTO pintumbler_attempts VALUES ('a/1', 'b')`, '23505'],
      ['a second key of a generation', `UPDATE pintumbler_keys SET purpose = 'seal'`, '23505'],
      [
        'a delivery to nowhere',
        `INSERT INTO pintumbler_deliveries (webhook_id, event_id, event_type, code_id, occurred_at, state, due_at, tries, body)
          VALUES ('no', 'e', 't', 'c', 0, 'pending', 0, '[]', 'x')`,
        '23503',
      ],
    ];

    it.each(FORBIDDEN)('does not take %s', async (_, statement, code) => {
      const db = fresh();
      const store = await storeOver(db);
      const given = batch({
        codes: [record('a', { issued: issued() })],
        reservations: [reservation()],
        most: { door: 1 },
      });
      expect(await store.write(given)).toBeUndefined();
      const dump = await dumpOf(db);
      expect(await refusal(db.query(statement, []))).toBe(code);
      expect(await dumpOf(db)).toBe(dump);
    });

    it('is made once, whoever comes first, and finished after a crash', async () => {
      const db = fresh();
      await Promise.all(Array.from({ length: 8 }, () => migrate(db)));
      await migrate(db);
      const { rows } = await db.query('SELECT version::text AS version FROM pintumbler_schema', []);
      expect(rows).toEqual([{ version: '1' }]);
      // A server that dies after so many statements leaves what the next one finishes.
      for (const count of [1, 2, 5, 20]) {
        const half = fresh();
        let left = count;
        const dying: SqlDatabase = {
          query: (text, params) => {
            left -= 1;
            return left < 0 ? Promise.reject(new Error('killed')) : half.query(text, params);
          },
        };
        await expect(migrate(dying)).rejects.toThrow('killed');
        const store = await storeOver(half);
        expect(await store.write(one({}))).toBeUndefined();
      }
    });

    it('refuses a database that a newer release has been at', async () => {
      const db = fresh();
      await storeOver(db);
      await db.query('INSERT INTO pintumbler_schema VALUES (2)', []);
      expect(await refusal(storeOver(db))).toBe('schema_newer');
    });
  });

  describe('secrets at rest', () => {
    it('are in no dump: tokens, digits, names, keys', async () => {
      const db = fresh();
      const store = await storeOver(db);
      await store.devices.put([DOOR, SHED], builtIn, NOW);
      await store.outbox.addWebhook(HOOK);
      const doors = [doorFor(pintumbler, 1, 'Europe/Lisbon'), doorFor(igloohome, 2)];
      const { answer } = worldOf(doors, NOW, { store });
      const codes: string[] = [];
      for (const { deviceId } of doors) {
        const body = {
          device_id: deviceId,
          name: 'Ada Lovelace',
          common_code_key: 'party-of-ada',
          starts_at: '2026-11-25T15:00:00Z',
          ends_at: '2026-11-26T11:00:00Z',
          is_offline_access_code: true,
        };
        const response = await answer(
          new Request('http://x/access_codes/create', {
            method: 'POST',
            headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
            body: JSON.stringify(body),
          }),
        );
        const { access_code }: { readonly access_code: { readonly code: string } } = JSON.parse(
          await response.text(),
        );
        expect(access_code.code).toMatch(/^\d{9}$/);
        codes.push(access_code.code);
      }
      const dump = await dumpOf(db);
      expect(dump).toContain(doors[0]?.deviceId);
      const hex = Buffer.from(STORE_KEY).toString('hex');
      const secrets = [
        ...codes,
        ...[DOOR, SHED, ...doors].flatMap(secretsOf),
        'Ada',
        'party-of-ada',
        'Grand entrance',
        'front-door',
        'very-private-path',
        'c2VjcmV0IG9mIGEgd2ViaG9vaw',
        hex,
        Buffer.from(STORE_KEY).toString('base64url'),
        API_KEY,
      ];
      for (const secret of secrets) expect(dump.includes(secret), secret).toBe(false);
      // And nothing that is the same for the same digits without the key.
      const [code = ''] = codes;
      for (const hash of ['sha256', 'sha1', 'md5'])
        expect(dump).not.toContain(createHmac(hash, '').update(code).digest('base64url').slice(0, 16));
    });

    it('are sealed as node:crypto unseals them', async () => {
      const db = fresh();
      const store = await storeOver(db);
      const named = record('a', { name: 'Ada \u0000 \ud800 Lovelace' });
      expect(await store.write(batch({ codes: [named] }))).toBeUndefined();
      const lp = (text: string): Buffer => {
        const bytes = Buffer.from(text);
        return Buffer.concat([Buffer.of(bytes.length >>> 8, bytes.length & 0xff), bytes]);
      };
      const unseal = (key: Uint8Array, place: string, text: string): Buffer => {
        const bytes = Buffer.from(text, 'base64url');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
        decipher.setAAD(lp(place)).setAuthTag(bytes.subarray(-16));
        return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
      };
      const wrapping = new Uint8Array(hkdfSync('sha256', STORE_KEY, 'pintumbler store/1', lp('wrap'), 32));
      const keys = await db.query("SELECT wrapped FROM pintumbler_keys WHERE id = 'seal-1'", []);
      const key = unseal(wrapping, 'key/seal/1', String(keys.rows[0]?.['wrapped']));
      const codes = await db.query('SELECT record FROM pintumbler_codes', []);
      const [id, sealed = ''] = String(codes.rows[0]?.['record']).split('.');
      expect(id).toBe('seal-1');
      expect(JSON.parse(unseal(key, 'code/a', sealed).toString())).toEqual(named);
      const [found] = await store.find({ by: 'ids', ids: ['a'], now: NOW });
      expect(found?.name).toBe('Ada \u0000 \ud800 Lovelace');
    });

    it('open in their place only, and not when they were changed', async () => {
      const db = fresh();
      const store = await storeOver(db);
      await store.write(batch({ codes: [record('a', { name: 'one' }), record('b', { name: 'two' })] }));
      const find = (): Promise<unknown> => refusal(store.find({ by: 'ids', ids: ['a'], now: NOW }));
      const sealed = String(
        (await db.query("SELECT record FROM pintumbler_codes WHERE id = 'a'", [])).rows[0]?.['record'],
      );
      const put = (text: string) =>
        db.query("UPDATE pintumbler_codes SET record = $1 WHERE id = 'a'", [text]);
      expect(await find()).toBe('done');
      const flipped = sealed.replace(/.(?=.{20}$)/, (symbol) => (symbol === 'A' ? 'B' : 'A'));
      for (const text of [
        flipped,
        sealed.slice(0, -2),
        sealed.slice(0, 12),
        'seal-1.',
        'seal-9.AAAA',
        'x',
        `${sealed} `,
      ]) {
        await put(text);
        expect(await find(), text).toBe('store_damaged');
      }
      await db.query(
        "UPDATE pintumbler_codes SET record = (SELECT record FROM pintumbler_codes WHERE id = 'b') WHERE id = 'a'",
        [],
      );
      expect(await find()).toBe('store_damaged');
      await put(sealed);
      expect(await find()).toBe('done');
    });

    it('open with no other store key', async () => {
      const db = fresh();
      await storeOver(db);
      expect(await refusal(storeOver(db, OTHER_KEY))).toBe('store_key_wrong');
      expect(await refusal(storeOver(db, OTHER_KEY, STORE_KEY))).toBe('done');
    });

    it('change their key without a stop, in three steps', async () => {
      const db = fresh();
      const old = await storeOver(db, STORE_KEY);
      await old.devices.put([DOOR], builtIn, NOW);
      await old.outbox.addWebhook(HOOK);
      await old.write(batch({ codes: [record('a', { name: 'before' })] }));
      // The new key is accepted everywhere, then first everywhere, then alone.
      const ready = await storeOver(db, STORE_KEY, NEW_KEY);
      const changed = await storeOver(db, NEW_KEY, STORE_KEY);
      await changed.write(batch({ codes: [record('b', { name: 'after' })] }));
      const names = async (store: Store): Promise<unknown> =>
        (await store.find({ by: 'ids', ids: ['a', 'b'], now: NOW })).map((each) => each.name);
      for (const store of [ready, changed, await storeOver(db, NEW_KEY)])
        expect(await names(store)).toEqual(['before', 'after']);
      expect(await ready.devices.all(builtIn)).toEqual(await changed.devices.all(builtIn));
      // Who has only the old key opens nothing any more, and a device is sealed with the new seal key.
      expect(await refusal(storeOver(db, STORE_KEY))).toBe('store_key_wrong');
      for (const table of ['devices', 'webhooks']) {
        const { rows } = await db.query(`SELECT sealed FROM pintumbler_${table}`, []);
        expect(String(rows[0]?.['sealed'])).toMatch(/^seal-2\./);
      }
      expect(await ready.outbox.webhooks()).toEqual([HOOK]);
      // Opening again changes nothing.
      const dump = await dumpOf(db);
      await storeOver(db, NEW_KEY);
      expect(await dumpOf(db)).toBe(dump);
    });

    it('change no key for a tool that has them in another order', async () => {
      const db = fresh();
      await (await storeOver(db)).devices.put([DOOR], builtIn, NOW);
      const dump = await dumpOf(db);
      const tool = await sqlStore(db, { keys: [NEW_KEY, STORE_KEY], rotate: false });
      expect(await tool.devices.all(builtIn)).toHaveLength(1);
      expect(await dumpOf(db)).toBe(dump);
    });

    it('get a new seal key with every change, the twelfth too', async () => {
      const db = fresh();
      const keys = Array.from({ length: 13 }, (_, n) => new Uint8Array(32).fill(100 + n));
      await storeOver(db, ...keys.slice(0, 1));
      for (let n = 1; n < keys.length; n++) {
        const store = await storeOver(db, ...keys.slice(n - 1, n + 1).reverse());
        await store.write(batch({ codes: [record(`code-${n}`)] }));
        const { rows } = await db.query('SELECT record FROM pintumbler_codes WHERE id = $1', [`code-${n}`]);
        expect(String(rows[0]?.['record']).split('.')[0]).toBe(`seal-${n + 1}`);
      }
    });

    it('finds digits and keys again after the store key was changed', async () => {
      const db = fresh();
      const given = batch({
        codes: [record('a', { issued: issued(), commonCodeKey: 'k' })],
        reservations: [reservation()],
        replay: { key: 'request', until: NOW * 2 },
      });
      await (await storeOver(db)).write(given);
      const store = await storeOver(db, NEW_KEY, STORE_KEY);
      const byCode = { by: 'code', deviceId: 'door', code: '482901377', now: NOW } as const;
      expect(await store.find({ ...byCode, now: given.now })).toHaveLength(1);
      expect(await store.find({ by: 'common_code_key', key: 'k', now: given.now })).toHaveLength(1);
      expect(await store.write(one({ window: 'other' }))).toEqual({ reason: 'code', index: 0 });
      expect(await store.replayed('request', given.now)).toEqual(['a']);
    });
  });

  describe('devices', () => {
    it('are kept as they were put, and found by every server', async () => {
      const db = fresh();
      const [store, other] = [await storeOver(db), await storeOver(db)];
      expect(await store.devices.all(builtIn)).toEqual([]);
      await store.devices.put([SHED], builtIn, NOW);
      await store.devices.put([DOOR], builtIn, NOW + 5);
      const all = await other.devices.all(builtIn);
      expect(all.map(({ deviceId, name, createdAt }) => [deviceId, name, createdAt])).toEqual([
        [uuidOf(2), 'Shed', NOW],
        [uuidOf(1), 'Grand entrance', NOW + 5],
      ]);
      expect(all.map(({ token }) => formatToken(token))).toEqual([shed, DOOR.token].map(formatToken));
      const revision = await other.devices.revision();
      // The same again is nothing new; another name is.
      await store.devices.put([DOOR, SHED], builtIn, NOW + 9);
      expect(await other.devices.revision()).toBe(revision);
      await store.devices.put([{ ...DOOR, name: 'Back door' }], builtIn, NOW + 9);
      expect(await other.devices.revision()).not.toBe(revision);
      expect((await other.devices.all(builtIn))[1]).toMatchObject({ name: 'Back door', createdAt: NOW + 5 });
      const before = await other.devices.revision();
      expect(await store.devices.remove(uuidOf(1).toUpperCase())).toBe(true);
      expect(await store.devices.remove(uuidOf(1))).toBe(false);
      expect(await other.devices.revision()).not.toBe(before);
      expect(await other.devices.all(builtIn)).toHaveLength(1);
    });

    it('are never the same lock twice, nor half a list', async () => {
      const store = await storeOver(fresh());
      await store.devices.put([DOOR], builtIn, NOW);
      const revision = await store.devices.revision();
      const twin = { ...DOOR, deviceId: uuidOf(3) };
      const wrong = { ...SHED, deviceId: 'no-uuid' };
      for (const devices of [[twin], [SHED, twin], [SHED, SHED], [SHED, wrong]])
        expect(await refusal(store.devices.put(devices, builtIn, NOW))).toBe('bad_argument');
      expect(await store.devices.revision()).toBe(revision);
    });

    it('put by many servers at once are all there', async () => {
      const db = fresh();
      const tokens = Array.from({ length: 8 }, (_, n) => doorFor(igloohome, n + 1));
      await Promise.all(
        tokens.map(async (device) => (await storeOver(db)).devices.put([device], builtIn, NOW)),
      );
      const all = await (await storeOver(db)).devices.all(builtIn);
      expect(all.map(({ deviceId }) => deviceId).sort()).toEqual(
        tokens.map(({ deviceId }) => deviceId).sort(),
      );
    });
  });

  it('takes ids of any text, and finds nothing by what is no id', async () => {
    const store = await storeOver(fresh());
    for (const id of ['a\u0000b', '\ud800', 'é', '']) {
      expect(await store.find({ by: 'ids', ids: [id], now: NOW })).toEqual([]);
      expect(await store.attempt(id)).toBeUndefined();
      expect(await store.active({ since: 0, until: NOW, ids: [id] })).toEqual([]);
      expect(await store.outbox.dropWebhook(id)).toBe(false);
    }
  });

  it('is opened by who may only read and write, once the tables are there', async () => {
    const db = fresh();
    await storeOver(db);
    const asked: string[] = [];
    await storeOver({
      query: (text, params) => {
        asked.push(text);
        return db.query(text, params);
      },
    });
    expect(asked.filter((text) => /CREATE|ALTER|DROP/.test(text))).toEqual([]);
  });

  it('says whether it is ready', async () => {
    const db = fresh();
    const store = await storeOver(db);
    await expect(store.ready()).resolves.toBeUndefined();
    await db.query('DROP TABLE pintumbler_schema', []);
    await expect(store.ready()).rejects.toThrow();
  });

  it('forgets what was long over, and nothing else', async () => {
    const store = await storeOver(fresh());
    const day = 86_400;
    await store.write(batch({ codes: [record('a')], replay: { key: 'old', until: NOW } }));
    await store.write(batch({ codes: [record('b')], replay: { key: 'new', until: NOW + 60 } }));
    await store.allow('k', NOW, 1, 60);
    await store.tidy(NOW + day);
    expect(await store.replayed('old', NOW - 1)).toEqual(['a']);
    await store.tidy(NOW + day + 1);
    expect(await store.replayed('old', NOW - 1)).toBeUndefined();
    expect(await store.replayed('new', NOW)).toEqual(['b']);
    expect(await store.allow('k', NOW, 1, 60)).toBe(false);
    await store.tidy(NOW + day + 61);
    expect(await store.allow('k', NOW, 1, 60)).toBe(true);
    expect(await store.find({ by: 'ids', ids: ['a', 'b'], now: NOW })).toHaveLength(2);
  });
});

/*
 * Two statements at once: the first has written and is not committed, the second waits for it, or does not and must not see
 * it. PGlite has one connection, and so no such thing.
 */
describe.runIf(url !== undefined)('two writes at the same time, on PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof makePostgres>> | undefined;
  let pool: pg.Pool | undefined;
  beforeAll(async () => {
    database = await makePostgres(url ?? '');
    pool = new pg.Pool({ connectionString: database.url, max: 4 });
  });
  afterAll(async () => {
    await pool?.end();
    await database?.close();
  });
  let made = 0;

  it.each(RACES)('see that another server was faster: %s', async (_, before, between, then, answer) => {
    if (!pool) return expect.fail('no pool');
    made += 1;
    const named =
      (one: pg.Pool | pg.PoolClient): SqlDatabase['query'] =>
      (text, params) =>
        one.query(text.replaceAll('pintumbler_', `r${made}_`), params);
    const client = await pool.connect();
    const watch = pool;
    try {
      const store = await sqlStore({ query: named(watch) }, { keys: [STORE_KEY] });
      for (const each of before) expect(await store.write(each)).toBeUndefined();
      const first = await sqlStore({ query: named(client) }, { keys: [STORE_KEY] });
      await client.query('BEGIN');
      expect(await first.write(between)).toBeUndefined();
      let isDone = false;
      const second = store.write(then).finally(() => {
        isDone = true;
      });
      const waits =
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
      while (!isDone && (await watch.query(waits)).rows.length === 0);
      // Nothing that is in the way of the other is kept waiting for it, and nothing else.
      expect(isDone).toBe(answer === undefined && then.most['door'] === undefined);
      await client.query('COMMIT');
      expect(await second).toEqual(answer);
    } finally {
      client.release();
    }
  });
});

describe('sqlStore', () => {
  const db: SqlDatabase = { query: () => Promise.reject(new Error('asked')) };
  const short = new Uint8Array(31);

  it.each<readonly [what: string, given: readonly unknown[], code: string]>([
    ['no database', [undefined, { keys: [STORE_KEY] }], 'bad_argument'],
    ['a database without query', [{}, { keys: [STORE_KEY] }], 'bad_argument'],
    ['no options', [db, undefined], 'bad_argument'],
    ['no keys', [db, {}], 'bad_argument'],
    ['an empty list of keys', [db, { keys: [] }], 'bad_argument'],
    ['a key as text', [db, { keys: ['k'.repeat(32)] }], 'bad_argument'],
    ['a short key', [db, { keys: [STORE_KEY, short] }], 'key_length'],
    ['a rotation that is no yes or no', [db, { keys: [STORE_KEY], rotate: 1 }], 'bad_argument'],
    ['a misspelt option', [db, { keys: [STORE_KEY], key: STORE_KEY }], 'bad_argument'],
  ])('refuses %s before it asks anything', async (_, given, code) => {
    const call = Reflect.apply(sqlStore, undefined, [...given]);
    expect(await refusal(call)).toBe(code);
  });

  it('says in no refusal what it was given', async () => {
    const message = await sqlStore(db, { keys: [short] }).catch(String);
    expect(message).toContain('32');
    expect(message).not.toContain('0,0');
  });
});
