/**
 * The contract of `src/seam/store.ts` word for word: arrays, walked from end to end. What the contract leaves open, whether
 * something that ended by itself is still there when the clock goes back, `isOpen` says of a question before it is asked.
 */
import type {
  ActiveQuery,
  Batch,
  CodeQuery,
  CodeRecord,
  Conflict,
  Reservation,
  StoredCode,
} from '../../src/seam/store.ts';

/** What ends by itself: over once any call that writes came with a later time. */
interface Ended {
  readonly key: string;
  readonly until: number;
  wasOver: boolean;
}

export class LiteralStore {
  readonly reservations: Reservation[] = [];
  readonly codes: StoredCode[] = [];
  readonly replays: (Ended & { readonly ids: readonly string[] })[] = [];
  readonly calls: (Ended & { readonly at: number })[] = [];

  #passes(now: number): void {
    for (const each of [...this.replays, ...this.calls]) if (each.until <= now) each.wasOver = true;
  }

  #conflictOf({ codes, reservations, now, most, replay }: Batch): Conflict | undefined {
    if (replay && this.replays.some(({ key, until }) => key === replay.key && until > now))
      return { reason: 'replay' };
    const all: CodeRecord[] = [...this.codes];
    for (const [index, code] of codes.entries()) {
      const versions = all.filter(({ id }) => id === code.id).map(({ version }) => version);
      if (code.version !== Math.max(0, ...versions) + 1) return { reason: 'version', index };
      all.push(code);
    }
    const given = [...this.reservations];
    const isLive = ({ until }: Reservation): boolean => until === null || until > now;
    for (const [index, reservation] of reservations.entries()) {
      const others = given.filter(({ deviceId }) => deviceId === reservation.deviceId);
      const { window, variance, code, deviceId } = reservation;
      if (others.some((each) => each.window === window && each.variance === variance))
        return { reason: 'variance', index };
      const live = others.filter(isLive);
      if (isLive(reservation)) {
        if (live.some((each) => each.code === code)) return { reason: 'code', index };
        const room = Object.entries(most).find(([id]) => id === deviceId)?.[1];
        if (room !== undefined && live.length + 1 > room) return { reason: 'space', index };
      }
      given.push(reservation);
    }
    return undefined;
  }

  write(batch: Batch): Conflict | undefined {
    const conflict = this.#conflictOf(batch);
    if (!conflict) {
      this.reservations.push(...batch.reservations);
      for (const code of batch.codes) {
        const index = this.codes.findIndex(({ id }) => id === code.id);
        if (index < 0) this.codes.push({ ...code, seq: this.codes.length + 1 });
        else this.codes[index] = { ...code, seq: index + 1 };
      }
      if (batch.replay) {
        const ids = batch.codes.map(({ id }) => id);
        const others = this.replays.filter(({ key }) => key !== batch.replay?.key);
        this.replays.splice(0, this.replays.length, ...others, { ...batch.replay, ids, wasOver: false });
      }
    }
    this.#passes(batch.now);
    return conflict;
  }

  taken(deviceId: string, window: string): readonly number[] {
    return this.reservations
      .filter((each) => each.deviceId === deviceId && each.window === window)
      .map(({ variance }) => variance)
      .sort((one, other) => one - other);
  }

  last(deviceId: string, window: string): number | undefined {
    return this.taken(deviceId, window).at(-1);
  }

  find(query: CodeQuery): readonly StoredCode[] {
    const present = this.codes.filter(({ goneAt }) => goneAt === null || goneAt > query.now);
    if (query.by === 'ids') return query.ids.flatMap((id) => present.filter((code) => code.id === id));
    if (query.by === 'common_code_key') return present.filter((code) => code.commonCodeKey === query.key);
    if (query.by === 'code') {
      return present
        .filter(({ deviceId }) => deviceId === query.deviceId)
        .filter(({ issued }) => issued && issued.code === query.code && issued.assignedAt <= query.now)
        .slice(-1);
    }
    return present
      .filter(({ deviceId }) => query.deviceId === undefined || deviceId === query.deviceId)
      .filter(({ seq }) => seq > query.after)
      .slice(0, query.limit);
  }

  attempt(id: string): StoredCode | undefined {
    return this.codes.find(({ attempts }) => attempts.some((attempt) => attempt.id === id));
  }

  active({ since, until, ids, deviceIds }: ActiveQuery): readonly StoredCode[] {
    return this.codes.filter(
      ({ id, deviceId, createdAt, lastEventAt, history }) =>
        createdAt <= until &&
        (ids === undefined || ids.includes(id)) &&
        (deviceIds === undefined || deviceIds.includes(deviceId)) &&
        (lastEventAt === null || lastEventAt >= since || history.some(({ at }) => at >= since)),
    );
  }

  replayed(key: string, now: number): readonly string[] | undefined {
    return this.replays.find((each) => each.key === key && each.until > now)?.ids;
  }

  #callsWithin(key: string, now: number, seconds: number): readonly Ended[] {
    return this.calls.filter((call) => call.key === key && call.at > now - seconds && call.at <= now);
  }

  allow(key: string, now: number, most: number, seconds: number): boolean {
    const isAllowed = this.#callsWithin(key, now, seconds).length < most;
    if (isAllowed) this.calls.push({ key, at: now, until: now + seconds, wasOver: false });
    this.#passes(now);
    return isAllowed;
  }

  /** Whether a replay key, or calls under a key within some seconds, were over once and would count again. */
  isOpen(key: string, now: number, seconds?: number): boolean {
    return seconds === undefined
      ? this.replays.some((each) => each.key === key && each.wasOver && each.until > now)
      : this.#callsWithin(key, now, seconds).some(({ wasOver }) => wasOver);
  }
}
