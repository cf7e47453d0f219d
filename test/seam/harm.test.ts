/**
 * What would leave a guest in the rain or let a stranger in: each of these has been wrong once. Tried at the simulated
 * lock where a lock decides.
 */
import type { DeviceToken } from 'pintumbler';
import { memoryStore, type Store } from 'pintumbler/seam';
import { dormakabaOracode, igloohome, pintumbler, ttlock, tuya } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import type { AccessCode } from '../../src/seam/objects.ts';
import { doorOf, key } from '../support/door.ts';
import { at } from '../support/helpers.ts';
import { deviceFor, type Facade, facadeOf, secondsOf, type Values } from './support.ts';

const NOW = at('2026-03-01T09:00:00Z');
const HOUR = 3600;
const stamp = (instant: number): string => new Date(instant * 1000).toISOString();
const hours = (from: number, to: number): Values => ({
  starts_at: stamp(NOW + from * HOUR),
  ends_at: stamp(NOW + to * HOUR),
});

const found = async (facade: Facade, { access_code_id }: AccessCode): Promise<AccessCode> =>
  (await facade.get('access_codes/get', { access_code_id })).access_code;

const deleted = async (facade: Facade, { access_code_id }: AccessCode): Promise<AccessCode> => {
  const { action_attempt } = await facade.get('access_codes/delete', { access_code_id });
  expect(action_attempt.action_type).toBe('DELETE_ACCESS_CODE');
  return (await facade.get('access_codes/get', { access_code_id })).access_code;
};

/** A lock that keeps what was keyed in. */
function lockOf(token: DeviceToken): (code: string | null | undefined, now: number) => boolean {
  let door = doorOf(token);
  return (code, now) => {
    const keyed = key(door, code ?? '', now);
    door = keyed.door;
    return keyed.opens;
  };
}

describe('deleting', () => {
  it.each([
    ['ttlock', ttlock, hours(0, 24 * 20)],
    ['pintumbler', pintumbler, { starts_at: '2026-03-01T15:00Z', ends_at: '2026-03-10T11:00Z' }],
  ])('%s: a clear code that was not keyed in in time is made anew', async (_, vendor, times) => {
    const device = deviceFor(vendor);
    const facade = facadeOf([device], NOW);
    const opens = lockOf(device.token);
    const code = await facade.create(device, times);
    facade.clock.now = NOW + 10 * HOUR;
    expect(opens(code.code, facade.clock.now)).toBe(true);
    const first = await deleted(facade, code);
    facade.clock.now += 48 * HOUR;
    const second = await deleted(facade, code);
    const clear = second.pintumbler.clear_code;
    expect(secondsOf(first.pintumbler.clear_code?.ends_at ?? null)).toBeLessThan(facade.clock.now);
    expect(secondsOf(clear?.ends_at ?? null)).toBeGreaterThan(facade.clock.now);
    const keyedAt = Math.max(facade.clock.now, secondsOf(clear?.starts_at ?? null));
    expect(opens(code.code, facade.clock.now)).toBe(true);
    opens(clear?.code, keyedAt);
    expect(opens(code.code, keyedAt + 60)).toBe(false);
    const { access_code_id } = code;
    const { events } = await facade.get('events/list', { since: stamp(0), access_code_id });
    expect(events.filter(({ event_type }) => event_type === 'access_code.deleted')).toHaveLength(1);
  });

  it('tuya: ends the code before it too, if that is still open', async () => {
    const device = deviceFor(tuya);
    const facade = facadeOf([device], NOW);
    const opens = lockOf(device.token);
    const first = await facade.create(device, hours(0, 100));
    expect(opens(first.code, NOW + 60)).toBe(true);
    const { access_code_id } = first;
    await facade.get('access_codes/update', { access_code_id, ...hours(0, 200), reissue: true });
    const second = await found(facade, first);
    expect(opens(second.code, NOW + 120)).toBe(true);
    const { clear_code } = (await deleted(facade, first)).pintumbler;
    expect(clear_code?.ends).toBe('every_used_code');
    opens(clear_code?.code, NOW + 180);
    expect([opens(first.code, NOW + 240), opens(second.code, NOW + 300)]).toEqual([false, false]);
  });

  it('shows no digits that nobody had seen, also when those before them are still open', async () => {
    const device = deviceFor(tuya);
    const facade = facadeOf([device], NOW, { assignAfter: 600 });
    const { access_code_id } = await facade.create(device, hours(0, 100));
    facade.clock.now = NOW + 700;
    const { code } = (await facade.get('access_codes/get', { access_code_id })).access_code;
    await facade.get('access_codes/update', { access_code_id, ...hours(1, 200), reissue: true });
    facade.clock.now = NOW + 800;
    await facade.get('access_codes/delete', { access_code_id });
    facade.clock.now = NOW + 1400;
    const after = (await facade.get('access_codes/get', { access_code_id })).access_code;
    expect(after).toMatchObject({ code, status: 'removing', pintumbler: { still_open: [] } });
    const { events } = await facade.get('events/list', { since: stamp(0), access_code_id });
    const told = new Set(events.flatMap((event) => ('code' in event && event.code ? [event.code] : [])));
    expect([...told]).toEqual([code]);
  });

  it('says of a code that was not used that it must be, before the clear code does anything', async () => {
    const device = deviceFor(tuya);
    const facade = facadeOf([device], NOW);
    const code = await facade.create(device, hours(0, 100));
    const { warnings, pintumbler: ours } = await deleted(facade, code);
    expect(warnings.at(-1)?.message).toMatch(/until it ends, or, once it was used, until the clear code/);
    const opens = lockOf(device.token);
    expect(opens(ours.clear_code?.code, NOW + 60)).toBe(false);
    expect(opens(code.code, NOW + 120)).toBe(true);
  });

  it('of what has ended is done', async () => {
    const device = deviceFor(igloohome);
    const facade = facadeOf([device], NOW);
    const code = await facade.create(device, hours(0, 2));
    facade.clock.now = NOW + 2 * HOUR + 30;
    expect((await deleted(facade, code)).status).toBe('removing');
  });
});

describe('what a clear code for one guest does to others', () => {
  it('is told, and codes made later are not dead at birth', async () => {
    const device = deviceFor(pintumbler, 1, 'UTC', { digits: 10 });
    const facade = facadeOf([device], NOW);
    const opens = lockOf(device.token);
    const ana = await facade.create(device, hours(1, 9));
    const ben = await facade.create(device, hours(1, 9));
    expect((await found(facade, ben)).warnings).toEqual([]);
    facade.clock.now = NOW + 2 * HOUR + 300;
    const { clear_code } = (await deleted(facade, ana)).pintumbler;
    opens(clear_code?.code, facade.clock.now);
    const warned = await found(facade, ben);
    expect(warned.pintumbler.warnings).toContain('may_be_cleared');
    expect(warned.warnings.map(({ warning_code }) => warning_code)).toContain(
      'unknown_issue_with_access_code',
    );
    expect(opens(ben.code, facade.clock.now + 60)).toBe(false);
    const cleo = await facade.create(device, hours(1, 9));
    expect(secondsOf(cleo.starts_at)).toBe(NOW + 2 * HOUR);
    expect(cleo.pintumbler.warnings).toEqual([]);
    expect(opens(cleo.code, facade.clock.now + 120)).toBe(true);
  });
});

describe('a new window', () => {
  it('that ends before the old one keeps the access code there for as long as the old one opens', async () => {
    const device = deviceFor(igloohome);
    const facade = facadeOf([device], NOW);
    const code = await facade.create(device, hours(1, 121));
    const { access_code_id } = code;
    await facade.get('access_codes/update', { access_code_id, ...hours(1, 5), reissue: true });
    facade.clock.now = NOW + 6 * HOUR;
    expect(key(doorOf(device.token), code.code ?? '', facade.clock.now).opens).toBe(true);
    expect((await found(facade, code)).pintumbler.still_open).toEqual([
      { code: code.code, ends_at: code.ends_at },
    ]);
    facade.clock.now = NOW + 121 * HOUR + 61;
    expect(await facade.refusal('access_codes/get', { access_code_id })).toMatch(/^404 /);
  });

  it('is not that of the backup of the old one', async () => {
    const device = deviceFor(igloohome);
    const facade = facadeOf([device], NOW);
    const code = await facade.create(device, { ...hours(1, 5), use_backup_access_code_pool: true });
    const { access_code_id } = code;
    const pull = async (): Promise<AccessCode> =>
      (await facade.get('access_codes/pull_backup_access_code', { access_code_id })).access_code;
    const first = await pull();
    await facade.get('access_codes/update', { access_code_id, ...hours(30, 35), reissue: true });
    const second = await pull();
    expect([first.starts_at, second.starts_at]).toEqual([
      hours(1, 5)['starts_at'],
      hours(30, 35)['starts_at'],
    ]);
  });

  it('is not asked for by who saves the times of a code that was asked for late', async () => {
    const device = deviceFor(igloohome);
    const facade = facadeOf([device], NOW);
    const late = hours(-48, 48);
    const { access_code_id, starts_at } = await facade.create(device, late);
    expect(secondsOf(starts_at)).toBe(NOW);
    facade.clock.now += 3 * HOUR;
    await facade.get('access_codes/update', { access_code_id, ...late, name: 'Ana' });
    const { name, pintumbler: ours } = (await facade.get('access_codes/get', { access_code_id })).access_code;
    expect([name, ours.still_open]).toEqual(['Ana', []]);
  });
});

describe('the same create_multiple', () => {
  it('is not answered with a code that has been changed into another', async () => {
    const device = deviceFor(igloohome);
    const facade = facadeOf([device], NOW);
    const request = { device_ids: [device.deviceId], name: 'Ana', ...hours(1, 30) };
    const make = async (): Promise<AccessCode | undefined> =>
      (await facade.get('access_codes/create_multiple', request)).access_codes[0];
    const first = await make();
    expect(await make()).toEqual(first);
    const access_code_id = first?.access_code_id;
    await facade.get('access_codes/update', { access_code_id, name: 'Ben', ...hours(1, 50), reissue: true });
    const again = await make();
    expect(again?.name).toBe('Ana');
    expect(again?.access_code_id).not.toBe(access_code_id);
  });
});

describe('an action attempt', () => {
  it('that ended stays so', async () => {
    const device = deviceFor(tuya);
    const facade = facadeOf([device], NOW, { assignAfter: 600 });
    const ask = { device_id: device.deviceId, is_offline_access_code: true };
    const made = await facade.get('access_codes/create', { ...ask, ...hours(1, 5) });
    const lacking = await facade.get('access_codes/create', { ...ask, ...hours(1, 5) });
    const statusOf = async ({ action_attempt: { action_attempt_id } }: typeof made): Promise<string> =>
      (await facade.get('action_attempts/get', { action_attempt_id })).action_attempt.status;
    expect([await statusOf(made), await statusOf(lacking)]).toEqual(['pending', 'error']);
    facade.clock.now = NOW + 700;
    for (const [{ access_code }, end] of [
      [made, 9],
      [lacking, 7],
    ] as const) {
      const { access_code_id } = access_code;
      await facade.get('access_codes/update', { access_code_id, ...hours(1, end), reissue: true });
    }
    expect([await statusOf(made), await statusOf(lacking)]).toEqual(['success', 'error']);
  });
});

describe('registry and lists', () => {
  it('an access code can be shown when its device has other settings since', async () => {
    const store = memoryStore();
    const guest = { prefix: 123, check_in_time: '16:00', check_out_time: '10:00' };
    const whole = { prefix: 126, check_in_time: '00:00', check_out_time: '23:59' };
    const before = deviceFor(dormakabaOracode, 1, 'UTC', { predefined_time_slots: [guest, whole] });
    const code = await facadeOf([before], NOW, { store }).create(before, {
      starts_at: '2026-03-01T16:00',
      ends_at: '2026-03-03T10:00',
    });
    const after = deviceFor(dormakabaOracode, 1, 'UTC', { predefined_time_slots: [whole] });
    expect((await found(facadeOf([after], NOW, { store }), code)).code).toBe(code.code);
  });

  it('pages of ids skip none when one of them is gone meanwhile', async () => {
    const device = deviceFor(tuya);
    const facade = facadeOf([device], NOW);
    const ids: string[] = [];
    for (const end of [2, 50, 51, 52]) ids.push((await facade.create(device, hours(0, end))).access_code_id);
    const page = (cursor: string | null) =>
      facade.get('access_codes/list', { access_code_ids: ids, limit: 2, page_cursor: cursor });
    const first = await page(null);
    facade.clock.now = NOW + 3 * HOUR;
    const second = await page(first.pagination.next_page_cursor);
    const seen = [...first.access_codes, ...second.access_codes].map(({ access_code_id }) => access_code_id);
    expect(seen).toEqual(ids);
  });

  it('a code is not given out that ends before it is assigned', async () => {
    const device = deviceFor(igloohome);
    const facade = facadeOf([device], NOW, { assignAfter: 2 * HOUR });
    const asked = { device_id: device.deviceId, is_offline_access_code: true, ...hours(0, 1) };
    expect(await facade.refusal('access_codes/create', asked)).toMatch(/^400 invalid_input starts_at: /);
  });

  it('a store that refuses every try is an error, and no loop without end', async () => {
    const device = deviceFor(ttlock);
    const real = memoryStore();
    let tries = 0;
    let isBroken = false;
    const store: Store = {
      write: async (batch) => {
        if (!isBroken) return real.write(batch);
        if (++tries > 1000) throw new Error('tried without end');
        return { reason: 'version', index: 0 };
      },
      taken: (...of) => real.taken(...of),
      last: (...of) => real.last(...of),
      find: (query) => real.find(query),
      attempt: (id) => real.attempt(id),
      active: (...of) => real.active(...of),
      replayed: (...of) => real.replayed(...of),
      allow: (...of) => real.allow(...of),
    };
    const errors: unknown[] = [];
    const facade = facadeOf([device], NOW, { store, onError: (error) => errors.push(error) });
    const { access_code_id } = await facade.create(device, hours(1, 30));
    isBroken = true;
    for (const [path, values] of [
      ['access_codes/update', { name: 'x' }],
      ['access_codes/update', { ...hours(1, 40), reissue: true }],
      ['access_codes/delete', {}],
    ] as const) {
      tries = 0;
      expect((await facade.ask(path, { access_code_id, ...values })).status).toBe(500);
      expect(tries).toBeLessThan(1000);
    }
    expect(errors).toHaveLength(3);
  });
});
