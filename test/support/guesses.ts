/** Every code of a lock around a moment, one by one: what counts of guessable codes are held against. */
import type { DeviceToken, OffsetTable } from 'pintumbler';
import { createToken } from 'pintumbler';
import { createLock, enter, initialState, type Lock, type LockState } from 'pintumbler/lock';
import type { LaneReport } from 'pintumbler/security';
import type { Vendor } from 'pintumbler/vendors';
import { engineOf } from '../../src/engine.ts';
import { slotAt, windowOf } from '../../src/grant.ts';
import { claimOf } from '../../src/schemes/scheme.ts';
import { keyFormOf } from '../../src/token.ts';

export const UTC: OffsetTable = [
  [0, 0],
  [253402300799, 0],
];

export interface Place {
  readonly timeZone?: string;
  readonly offsets?: OffsetTable;
  readonly gridOffset?: number;
  readonly config?: unknown;
}

/** A token that holds the key of one epoch and no root: its lock lives with that epoch alone. */
export function keyToken(vendor: Vendor, { config = vendor.sample, ...place }: Place = {}): DeviceToken {
  const key = new Uint8Array(keyFormOf(vendor).from).fill(0x37);
  const device = { deviceId: 'door-1', timeZone: 'UTC', offsets: UTC, ...place };
  return createToken({ vendor, key, ...device, ...(config !== undefined && { config }) });
}

export interface Door {
  readonly token: DeviceToken;
  readonly lock: Lock;
  readonly fresh: LockState;
}

export function doorOf(token: DeviceToken): Door {
  const lock = createLock([token]);
  return { token, lock, fresh: initialState(lock) };
}

export interface Code {
  readonly code: string;
  readonly kind: string;
  readonly startsAt: number;
}

/** The codes of a table behind some lanes whose slots lie from `from` to `to`. */
export function codesOf(
  { token }: Door,
  { layout, lanes }: Pick<LaneReport, 'layout' | 'lanes'>,
  from: number,
  to: number,
): readonly Code[] {
  const book = engineOf(token).books.find((each) => each.layout.id === layout);
  if (!book) throw new Error(`no ${layout}`);
  const found = new Map<string, Code>();
  const [lane = ''] = lanes;
  const first = Math.max(0, Math.floor(slotAt(from, book.grid)));
  for (let slot = first; slot <= slotAt(to, book.grid) && slot < book.slots; slot++) {
    for (let number = 0; number < book.layout.used; number++) {
      const claim = claimOf(number, slot, lane, book.layout);
      const kind = claim && book.kinds[claim.kind];
      const window = kind && windowOf(kind.shape, slot, claim.length, book.grid);
      if (!window) continue;
      const code = book.codec.encode(claim);
      found.set(code, { code, kind: kind.id, startsAt: window.startsAt });
    }
  }
  return [...found.values()];
}

export const accepts = ({ lock }: Door, state: LockState, code: string, at: number): boolean =>
  enter(lock, state, code, at).verdict.accepted;

/** How many of the codes a lock takes, by kind. */
export function takenAt(
  door: Door,
  state: LockState,
  codes: readonly Code[],
  at: number,
): { readonly kinds: Readonly<Record<string, number>>; readonly total: number } {
  const kinds: Record<string, number> = {};
  let total = 0;
  for (const { code } of codes) {
    const { verdict } = enter(door.lock, state, code, at);
    if (!verdict.accepted) continue;
    kinds[verdict.grant.kind] = (kinds[verdict.grant.kind] ?? 0) + 1;
    total++;
  }
  return { kinds, total };
}
