/**
 * The registry's contract: what was given out, and the access codes that say so. `memoryStore()` and
 * `sqlStore()` come along; every store has the same six promises to keep:
 *
 *   1. `write` is all or nothing, and says which of its conditions failed first: the replay key, then the versions in the
 *      order of `codes`, then each of `reservations` in turn, its variance, its digits, its space. What stands earlier in
 *      the batch counts like what was written before.
 *   2. A variance of a window of a device is given out once, for ever: no deletion frees it, and no end of its time.
 *   3. No two reservations of a device whose time is not over have the same digits, and no more than `most` of them are
 *      there. One with `until: 0` is over at once: it blocks no digits, is blocked by none, and takes no space; its
 *      variance is taken all the same.
 *   4. An access code changes only from the version that was read.
 *   5. A `replay` key is taken once while it lives.
 *   6. What comes in and what goes out are copies: nothing that a caller does to either changes what is stored.
 *
 * `now` is what the caller says, and may go back: what is over at one `now` can be in use at an earlier one. "Until" is
 * without the second that it names. `test/support/store-suite.ts` tries all of this.
 * The store holds live codes: keep it like a key.
 */

import type { ChangedProperty, ClearCode } from './objects.ts';

/** Digits that were given out. Nothing removes one. */
export interface Reservation {
  /** Seam's id of the device. */
  readonly deviceId: string;
  /** Canonical name of the window, as `plan` gives it; `count` for vendors that count. */
  readonly window: string;
  /** Of the window; for vendors that count, the count. */
  readonly variance: number;
  readonly code: string;
  /**
   * Epoch seconds until which nobody else gets the digits; null: for good. 0: codes of counts, which may repeat: it neither
   * blocks nor is blocked, and takes no space.
   */
  readonly until: number | null;
}

/** A code that was made: the digits and what they mean. Instants in epoch seconds. */
export interface Issued {
  readonly code: string;
  readonly kind: string;
  readonly lane: string | null;
  readonly variance: number;
  readonly count: number | null;
  readonly window: string;
  readonly startsAt: number;
  /** Null: no end is known. */
  readonly endsAt: number | null;
  readonly firstUseBy: number | null;
  readonly oneTime: boolean;
  readonly rounded: { readonly start: number; readonly end: number };
  readonly warnings: readonly string[];
  /** When it was made, and when it may be seen: later, where assignment is deferred. */
  readonly madeAt: number;
  readonly assignedAt: number;
}

/** A code that ends others at the keypad. */
export interface Clearing extends Issued {
  readonly ends: ClearCode['ends'];
}

/** What a caller asked for, in instants. */
export interface Asked {
  readonly startsAt: number;
  /** Null: what the vendor's code has. */
  readonly endsAt: number | null;
  readonly oneTime: boolean;
  /** Ceiling for the rounding of each end; `1h` if absent. */
  readonly maxTimeRounding?: '1h' | '1d';
}

/** Why an access code has no code. */
export type Lack = 'no_variance' | 'duplicate' | 'no_space';

/** What was done to an access code; what time does to it is nowhere stored. */
export type Happening =
  | {
      readonly type: 'changed';
      readonly at: number;
      readonly properties: readonly ChangedProperty[];
    }
  | { readonly type: 'deleted'; readonly at: number }
  | { readonly type: 'not_removed'; readonly at: number }
  | { readonly type: 'backup_pulled'; readonly at: number; readonly backupId: string };

/** What was asked of an access code. */
export interface Attempt {
  readonly id: string;
  readonly type: 'create' | 'update' | 'delete';
  readonly at: number;
  /** When the code that it made may be seen; absent where it made none. */
  readonly assignedAt?: number;
  /** Why it made none, where it should have. */
  readonly lack?: Lack;
}

/** An access code. Its id, device and time of creation never change. */
export interface CodeRecord {
  readonly id: string;
  readonly deviceId: string;
  /** 1, and one more with every change. */
  readonly version: number;
  readonly createdAt: number;
  readonly name: string | null;
  readonly commonCodeKey: string | null;
  readonly asked: Asked;
  readonly issued: Issued | null;
  readonly lack: Lack | null;
  /** Codes that the present one replaced, oldest first. */
  readonly replaced: readonly Issued[];
  readonly usesBackups: boolean;
  readonly isBackup: boolean;
  readonly pulledBackupId: string | null;
  readonly externalModification: boolean;
  readonly nativeScheduling: boolean;
  /** Ids of its action attempts, in order: creation, then each change. */
  readonly attempts: readonly Attempt[];
  readonly history: readonly Happening[];
  /** What to key in at the door, once it was deleted. */
  readonly clearing: Clearing | null;
  /** Epoch seconds from which it is gone; null: never. */
  readonly goneAt: number | null;
  /** The last moment at which something happens to it by itself: whose events are asked for later has none. */
  readonly lastEventAt: number | null;
}

/** The last moment at which anything happens to an access code, as `active` counts; null: there is always a later one. */
export const lastMoment = ({ lastEventAt, history }: CodeRecord): number | null =>
  lastEventAt === null ? null : history.reduce((last, { at }) => Math.max(last, at), lastEventAt);

/** An access code as the store gives it back: `seq`, from 1, ascends in the order in which they were written first. */
export interface StoredCode extends CodeRecord {
  readonly seq: number;
}

export interface Batch {
  /** New ones have version 1; others replace the version before theirs. */
  readonly codes: readonly CodeRecord[];
  readonly reservations: readonly Reservation[];
  /** Epoch seconds: what was over by then is no duplicate and takes no space. */
  readonly now: number;
  /** How many reservations that are not over a device may have; no limit where it is not named. */
  readonly most: Readonly<Record<string, number>>;
  /** The same request again is answered with the codes of the first, until then. */
  readonly replay?: { readonly key: string; readonly until: number };
}

/** A window of a device, by its canonical name. */
export type Place = Pick<Reservation, 'deviceId' | 'window'>;

/** Why nothing was written. `index`: of the reservation or the access code. */
export type Conflict =
  | { readonly reason: 'variance' | 'code' | 'space'; readonly index: number }
  | { readonly reason: 'version'; readonly index: number }
  | { readonly reason: 'replay' };

/** Which access codes; those that are gone by `now` are left out. Order of creation, `ids` in the order asked for. */
export type CodeQuery =
  | { readonly by: 'ids'; readonly ids: readonly string[]; readonly now: number }
  /** The newest that has these digits and whose code may be seen. */
  | { readonly by: 'code'; readonly deviceId: string; readonly code: string; readonly now: number }
  | { readonly by: 'common_code_key'; readonly key: string; readonly now: number }
  /** Of one device, or all: at most `limit`, after `after`. */
  | {
      readonly by: 'page';
      readonly deviceId: string | undefined;
      readonly after: number;
      readonly limit: number;
      readonly now: number;
    };

/**
 * Those with `createdAt` up to `until`, and `lastEventAt` or any `at` of their `history` from `since` on; both bounds
 * included. A `lastEventAt` of null is always later. Of them only those among `ids` and of `deviceIds`, where these are named.
 */
export interface ActiveQuery {
  readonly since: number;
  readonly until: number;
  readonly ids?: readonly string[] | undefined;
  readonly deviceIds?: readonly string[] | undefined;
}

export interface Store {
  /** All or nothing; the first conflict, in the order of promise 1. */
  write(batch: Batch): Promise<Conflict | undefined>;
  /** Of each of some windows, the variances that were given out, ascending. */
  taken(places: readonly Place[]): Promise<readonly (readonly number[])[]>;
  /** The highest of them; for counts, which are many. */
  last(place: Place): Promise<number | undefined>;
  find(query: CodeQuery): Promise<readonly StoredCode[]>;
  /** The access code of an action attempt, also when it is gone. */
  attempt(id: string): Promise<StoredCode | undefined>;
  /** Access codes to which something happens at some time, also gone ones, in order of creation. */
  active(query: ActiveQuery): Promise<readonly StoredCode[]>;
  /** Ids of the access codes that a replay key has made, while it lives. */
  replayed(key: string, now: number): Promise<readonly string[] | undefined>;
  /**
   * Counts one more call under a key, unless there were `most` later than `now - seconds` and up to `now`: then false, and
   * this one is not counted. Calls later than `now` do not count: they are of a clock that was set back since.
   */
  allow(key: string, now: number, most: number, seconds: number): Promise<boolean>;
}
