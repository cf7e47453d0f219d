/** The one door of the facade in the benches, and who may ask. */
import { zoneFacts } from '../dist/calendar.js';
import { createToken } from '../dist/index.js';
import { createLock } from '../dist/lock.js';
import { pintumbler } from '../dist/vendors.js';

export const HOUR = 3600;
export const NOW = Date.UTC(2026, 11, 1) / 1000;
export const KEY = 'seam_bench_0123456789abcdefghijklmn';
export const DEVICE = '00000000-0000-4000-8000-00000000d00f';

export const token = createToken({
  vendor: pintumbler,
  deviceId: 'door',
  root: new Uint8Array(32).fill(7),
  ...zoneFacts('Europe/Lisbon', NOW, NOW + 9 * 366 * 24 * HOUR),
});
export const lock = createLock([token]);
