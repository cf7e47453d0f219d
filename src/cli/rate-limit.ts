/**
 * Requests a minute for each API key, in this process: so that one client that runs wild leaves room for the others. The
 * limits for each device are the facade's, and shared by all servers on one store.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { sameCode } from '../keys.ts';

/** The present second and the sixty before it: never more than the limit in any minute. */
const SECONDS = 61;

/** Requests of one key, by the second. */
interface Window {
  readonly counts: number[];
  latest: number;
  sum: number;
}

function moveTo(window: Window, second: number): void {
  const steps = Math.min(second - window.latest, SECONDS);
  for (let step = 1; step <= steps; step++) {
    const place = (second - steps + step) % SECONDS;
    window.sum -= window.counts[place] ?? 0;
    window.counts[place] = 0;
  }
  window.latest = second;
}

/** As in `seamHandler`: all hashes are compared, so the time does not tell which one it was. */
function keyIn(header: string | null, hashes: readonly string[]): string | undefined {
  const [, key] = /^bearer +(\S+)$/i.exec(header ?? '') ?? [];
  if (key === undefined) return undefined;
  const given = bytesToHex(sha256(utf8ToBytes(key)));
  return hashes.filter((hash) => sameCode(hash, given))[0];
}

/**
 * Whether a request with this `authorization` header may pass; it is counted then. Keys that are not known are not counted:
 * whatever they ask is refused, or is the upstream's to judge.
 *
 * @param hashes of the keys, as `apiKeyHash` gives them
 * @param ticks milliseconds that only go forward
 */
export function rateLimit(
  hashes: readonly string[],
  most: number,
  ticks: () => number,
): (header: string | null) => boolean {
  const windows = new Map<string, Window>();
  return (header) => {
    const key = keyIn(header, hashes);
    if (key === undefined) return true;
    const second = Math.floor(ticks() / 1000);
    const window = windows.get(key) ?? { counts: [], latest: second, sum: 0 };
    windows.set(key, window);
    moveTo(window, second);
    if (window.sum >= most) return false;
    const place = second % SECONDS;
    window.counts[place] = (window.counts[place] ?? 0) + 1;
    window.sum += 1;
    return true;
  };
}
