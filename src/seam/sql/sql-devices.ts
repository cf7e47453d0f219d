/**
 * Devices at rest: what the operator lists, each sealed as a whole, so that servers need no file with tokens. Which there
 * are is plain to who sees the database, by Seam's ids; what they are called and every key is not.
 */
import { parseToken } from '../../index.ts';
import { formatToken } from '../../token-text.ts';
import type { Vendor } from '../../vendors/vendor.ts';
import { type RegisteredDevice, registry, type SeamDevice } from '../devices.ts';
import { MOST_RACES, numberIn, type Row, type SqlDatabase, textIn, textOf } from './database.ts';
import type { Sealing } from './sealing.ts';

export interface DeviceShelf {
  /**
   * Puts devices on the shelf, each in the place of the one with its id. One that was there keeps the time of its creation.
   *
   * @param vendors those of every token on the shelf
   * @throws PintumblerError as `seamHandler` for a list of devices, also where a lock is on the shelf by another id
   */
  put(devices: readonly SeamDevice[], vendors: readonly Vendor[], now: number): Promise<void>;
  /** False: there was none. What was given out for it stays given out. */
  remove(deviceId: string): Promise<boolean>;
  /** In the order of their creation, then of their ids. */
  all(vendors: readonly Vendor[]): Promise<readonly SeamDevice[]>;
  /** Another text whenever anything on the shelf is another. */
  revision(): Promise<string>;
}

/** What is sealed. */
interface Kept {
  readonly token: string;
  readonly name: string;
  readonly deviceType: string;
  readonly createdAt: number;
}

const placeOf = (id: string): string => `device/${id}`;

const keptOf = (
  { object: { display_name, device_type } }: RegisteredDevice,
  token: string,
  createdAt: number,
): Kept => ({ token, name: display_name, deviceType: device_type, createdAt });

async function shelved(sealing: Sealing, row: Row): Promise<readonly [id: string, kept: Kept]> {
  const id = textIn(row, 'id');
  const kept: Kept = JSON.parse(await sealing.open(placeOf(id), textIn(row, 'sealed')));
  return [id, kept];
}

const deviceOf = (
  [deviceId, { token, ...said }]: readonly [string, Kept],
  vendors: readonly Vendor[],
): SeamDevice => ({
  token: parseToken(token, vendors),
  deviceId,
  ...said,
});

export class SqlDevices implements DeviceShelf {
  readonly #db: SqlDatabase;
  readonly #sealing: Sealing;

  constructor(db: SqlDatabase, sealing: Sealing) {
    this.#db = db;
    this.#sealing = sealing;
  }

  async #rows(): Promise<readonly Row[]> {
    const { rows } = await this.#db.query(
      'SELECT id, version::text AS version, sealed FROM pintumbler_devices',
      [],
    );
    return rows;
  }

  /** Only upon the version that was seen; 0: none was. */
  async #write(id: string, kept: Kept, version: number): Promise<boolean> {
    const { rows } = await this.#db.query(
      `INSERT INTO pintumbler_devices AS d (id, version, sealed) VALUES ($1, $2::bigint + 1, $3)
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, sealed = excluded.sealed WHERE d.version = $2::bigint
        RETURNING id`,
      [id, version, this.#sealing.seal(placeOf(id), JSON.stringify(kept))],
    );
    return rows.length > 0;
  }

  async put(devices: readonly SeamDevice[], vendors: readonly Vendor[], now: number): Promise<void> {
    const { all } = registry(devices, { now, hasIssuer: true });
    const created = new Map(devices.map(({ createdAt }, index) => [all[index]?.id, createdAt]));
    for (let races = 0; races < MOST_RACES; races++) {
      const rows = await this.#rows();
      const before = new Map(await Promise.all(rows.map((row) => shelved(this.#sealing, row))));
      const versions = new Map(rows.map((row) => [textIn(row, 'id'), numberIn(row, 'version')]));
      const others = [...before].filter(([id]) => !created.has(id)).map((each) => deviceOf(each, vendors));
      registry([...others, ...devices], { now, hasIssuer: true });
      let isDone = true;
      for (const device of all) {
        const old = before.get(device.id);
        const kept = keptOf(
          device,
          formatToken(device.token),
          created.get(device.id) ?? old?.createdAt ?? now,
        );
        // What is there already is left alone: nobody has to look at it anew.
        if (JSON.stringify(old) === JSON.stringify(kept)) continue;
        isDone = (await this.#write(device.id, kept, versions.get(device.id) ?? 0)) && isDone;
      }
      if (isDone) return;
    }
    throw new Error('the devices on the shelf change all the time');
  }

  async remove(deviceId: string): Promise<boolean> {
    const { rows } = await this.#db.query('DELETE FROM pintumbler_devices WHERE id = $1 RETURNING id', [
      deviceId.toLowerCase(),
    ]);
    return rows.length > 0;
  }

  async all(vendors: readonly Vendor[]): Promise<readonly SeamDevice[]> {
    const kept = await Promise.all((await this.#rows()).map((row) => shelved(this.#sealing, row)));
    return kept
      .sort(([one, { createdAt: first }], [other, { createdAt: second }]) =>
        first === second ? (one < other ? -1 : 1) : first - second,
      )
      .map((each) => deviceOf(each, vendors));
  }

  async revision(): Promise<string> {
    const { rows } = await this.#db.query(
      `SELECT md5(string_agg(id || ' ' || version::text || ' ' || sealed, ',' ORDER BY id)) AS revision
        FROM pintumbler_devices`,
      [],
    );
    return textOf(rows[0], 'revision') ?? '';
  }

  /** Seals anew what is not sealed with the present key. */
  async reseal(): Promise<void> {
    for (const row of await this.#rows()) {
      if (this.#sealing.isFresh(textIn(row, 'sealed'))) continue;
      const [id, kept] = await shelved(this.#sealing, row);
      await this.#write(id, kept, numberIn(row, 'version'));
    }
  }
}
