/**
 * The lock of another maker written down a second time, from sections 8 and 9 of vectors/README.md and the tables of
 * section 4. No clear and no set-clock codes, no credit, no tolerance: none of them has any. Nothing here is imported from
 * the library.
 */
import {
  type DeviceJson,
  type GrantLiteral,
  isOfKeypad,
  isOpenAgain,
  type KindJson,
  meaningsLiteral,
  valuesOf,
} from './codes-literal.ts';

const FOREVER = 253402300799;

/** What `on acceptance` of the page says of kinds that do not simply open. */
const ONCE = ['once', 'clear_all', 'one_time', 'delete', 'single_hourly', 'single_daily'];
const CLEARS_ONE = ['clear_one'];
const CLEARS_ALL = ['clear_all', 'delete'];
const SUPERSEDES = ['acc', 'urm'];
const KEEPS_NO_RECORD = ['dynamic', 'temporary'];

const ORDER = [
  'revoked',
  'superseded',
  'already_used',
  'first_use_missed',
  'expired',
  'not_yet_valid',
  'nothing_to_clear',
];

export interface RulesJson {
  readonly inclusive?: true;
  readonly records: number;
  readonly whenFull?:
    | 'refuse'
    | readonly {
        readonly of: 'revoked' | 'live';
        readonly kind?: string;
        readonly earliest: 'startsAt' | 'endsAt';
      }[];
  readonly throttle: {
    readonly by: 'lockout';
    readonly wrong: number;
    readonly seconds: number | readonly number[];
  };
}

interface RecordLiteral extends GrantLiteral {
  readonly code: string;
  readonly epoch: number;
  readonly of: KindJson;
  readonly until: number;
  readonly consumed: boolean;
}

/** A grant that the code can be. */
interface Candidate {
  readonly grant: GrantLiteral;
  readonly kind: KindJson;
  readonly epoch: number;
  readonly over: number;
  readonly firstUseBy: number;
  readonly record: RecordLiteral | undefined;
}

export interface StateLiteral {
  readonly epoch: number;
  readonly clock: 'running' | 'unset';
  readonly lastAt: number | null;
  readonly throttle: { by: 'lockout'; wrong: number; since: number | null; lockouts: number };
  readonly staysFrom: number;
  readonly forgottenUntil: number;
  readonly records: readonly RecordLiteral[];
}

export interface AnswerLiteral {
  readonly accepted: boolean;
  readonly reason: string;
  readonly opens: boolean;
  readonly grant: GrantLiteral | null;
  readonly charged: StateLiteral;
  readonly state: StateLiteral;
}

export const newState = (epoch: number, lastAt: number | null): StateLiteral => ({
  epoch,
  clock: 'running',
  lastAt,
  throttle: { by: 'lockout', wrong: 0, since: null, lockouts: 0 },
  staysFrom: 0,
  forgottenUntil: 0,
  records: [],
});

const isSame = (a: GrantLiteral, b: GrantLiteral): boolean =>
  a.kind === b.kind &&
  a.variance === b.variance &&
  (a.lane ?? '') === (b.lane ?? '') &&
  a.startsAt === b.startsAt &&
  a.endsAt === b.endsAt;

const overAt = (each: RecordLiteral): number => Math.max(each.endsAt ?? FOREVER, each.until);

/** l·V + v, of a kind on the grid. */
function numberInKind(kind: KindJson, { variance, startsAt, endsAt }: GrantLiteral): number {
  const length = endsAt === null ? 0 : valuesOf(kind).indexOf(endsAt - startsAt);
  if (kind.civil || length < 0) throw new Error('a clear-one beside such kinds is not written down here');
  return length * kind.variances + variance;
}

export class LockLiteral {
  readonly #rules: RulesJson;
  /** The device of an epoch, if the lock has its key. */
  readonly #deviceOf: (epoch: number) => DeviceJson | undefined;

  constructor(rules: RulesJson, deviceOf: (epoch: number) => DeviceJson | undefined) {
    this.#rules = rules;
    this.#deviceOf = deviceOf;
  }

  enter(before: StateLiteral, code: string, at: number): AnswerLiteral {
    const live = [before.epoch + 1, before.epoch];
    if (!live.some((epoch) => this.#isForm(this.#deviceOf(epoch), code)))
      return {
        accepted: false,
        reason: 'malformed',
        opens: false,
        grant: null,
        charged: before,
        state: before,
      };
    const { throttle, dead } = this.#charge(before, at);
    const running = before.clock === 'running';
    const paid = { ...before, lastAt: running ? at : before.lastAt, throttle };
    const refuse = (reason: string, grant: GrantLiteral | null = null, state = paid): AnswerLiteral => ({
      accepted: false,
      reason,
      opens: false,
      grant,
      charged: state,
      state,
    });
    if (dead) return refuse('locked_out');
    // Only a set-clock code could be more, and none of these locks has any.
    if (!running) return refuse('clock_unset');
    const candidates = this.#candidates(before, code, at);
    const reasons = candidates.map((each) => this.#judge(before, each, at));
    const found = candidates[reasons.indexOf(undefined)];
    if (!found) {
      const reason = ORDER.find((each) => reasons.includes(each));
      return reason === undefined
        ? refuse('unknown')
        : refuse(reason, candidates[reasons.indexOf(reason)]?.grant);
    }
    const charged = this.#accept(paid, code, found, at);
    if (!charged) return refuse('memory_full', found.grant);
    const { kind } = found.grant;
    const open = before.records.filter((each) => !each.consumed).map((each) => each.code);
    if (CLEARS_ALL.includes(kind) && !charged.records.some((each) => open.includes(each.code)))
      return refuse('nothing_to_clear', found.grant, charged);
    const clears = CLEARS_ONE.includes(kind) || CLEARS_ALL.includes(kind);
    const reason = clears ? 'cleared' : found.record ? 'used_before' : 'first_use';
    const state = { ...charged, throttle: newState(0, null).throttle };
    return { accepted: true, reason, opens: !clears, grant: found.grant, charged, state };
  }

  #isForm(device: DeviceJson | undefined, code: string): boolean {
    return (device?.tables ?? []).some((table) => {
      const lane = code.slice(0, Math.max(0, code.length - table.digits));
      const own = table.lanes?.[0] ?? table.kinds[0]?.lane ?? '';
      return (
        lane.length === own.length && /^[0-9*#]*$/.test(lane) && isOfKeypad(code.slice(lane.length), table)
      );
    });
  }

  #charge({ throttle }: StateLiteral, at: number): { throttle: StateLiteral['throttle']; dead: boolean } {
    const { wrong: most, seconds } = this.#rules.throttle;
    let { wrong, lockouts } = throttle;
    if (wrong === most) {
      const since = throttle.since === null || throttle.since > at ? at : throttle.since;
      const list = typeof seconds === 'number' ? [seconds] : seconds;
      if (at - since < (list[lockouts - 1] ?? list.at(-1) ?? 0))
        return { throttle: { ...throttle, since }, dead: true };
      wrong = 0;
    }
    wrong++;
    if (wrong === most) lockouts = Math.min(255, lockouts + 1);
    return { throttle: { by: 'lockout', wrong, since: wrong === most ? at : null, lockouts }, dead: false };
  }

  #candidates(state: StateLiteral, code: string, at: number): readonly Candidate[] {
    const recorded = state.records
      .filter((record) => record.code === code)
      .map((record): Candidate => {
        const { kind, variance, lane, startsAt, endsAt, of, epoch, until } = record;
        const grant = { kind, variance, ...(lane !== undefined && { lane }), startsAt, endsAt };
        return { grant, kind: of, epoch, over: until, firstUseBy: until, record };
      });
    const fresh = [state.epoch + 1, state.epoch].flatMap((epoch) => {
      const device = this.#deviceOf(epoch);
      return (device ? meaningsLiteral(device, code, at) : []).map(
        ({ grant, kind, window }): Candidate => ({
          grant,
          kind,
          epoch,
          over: window.until,
          firstUseBy: window.firstUseBy,
          record: undefined,
        }),
      );
    });
    return [
      ...recorded,
      ...fresh.filter(
        (each) => !recorded.some((has) => has.epoch === each.epoch && isSame(has.grant, each.grant)),
      ),
    ];
  }

  /** Ends that count too, but for the codes of a period. */
  #grace(kind: string): number {
    return this.#rules.inclusive && !KEEPS_NO_RECORD.includes(kind) ? 1 : 0;
  }

  #judge(
    state: StateLiteral,
    { grant, kind, epoch, over, firstUseBy, record }: Candidate,
    at: number,
  ): string | undefined {
    const e = this.#grace(grant.kind);
    const device = this.#deviceOf(epoch);
    if (SUPERSEDES.includes(grant.kind) && this.#dayOf(epoch, grant) < state.staysFrom) return 'superseded';
    if (record?.consumed) return ONCE.includes(grant.kind) ? 'already_used' : 'revoked';
    if (at < grant.startsAt) return 'not_yet_valid';
    if (at >= over + e) return 'expired';
    if (kind.weekdays && device && !isOpenAgain(device, kind, grant, at, e)) return 'not_yet_valid';
    if (record) return undefined;
    if (over <= state.forgottenUntil) return 'expired';
    if (at >= firstUseBy + e) return 'first_use_missed';
    if (!CLEARS_ONE.includes(grant.kind)) return undefined;
    const target = this.#target(state, { grant, kind, epoch });
    if (!target) return 'nothing_to_clear';
    return target.consumed ? 'already_used' : undefined;
  }

  /** What a code clears that clears one: the first with its epoch, start and number, of whatever kind. */
  #target(
    { records }: StateLiteral,
    { grant, kind, epoch }: Pick<Candidate, 'grant' | 'kind' | 'epoch'>,
  ): RecordLiteral | undefined {
    return records.find(
      (each) =>
        each.epoch === epoch &&
        each.startsAt === grant.startsAt &&
        numberInKind(each.of, each) === numberInKind(kind, grant),
    );
  }

  /** Whether some code of this lock clears what has been used: then whatever has been must be remembered. */
  #clearsUsed(epoch: number): boolean {
    return [epoch, epoch + 1].some((each) =>
      (this.#deviceOf(each)?.tables ?? []).some(({ kinds }) =>
        kinds.some(({ kind }) => CLEARS_ONE.includes(kind) || CLEARS_ALL.includes(kind)),
      ),
    );
  }

  /** Such kinds open at 00:00 of a local day. */
  #dayOf(epoch: number, { startsAt }: GrantLiteral): number {
    const pair = this.#deviceOf(epoch)
      ?.offsets?.filter(([from]) => from <= startsAt)
      .at(-1);
    return Math.floor((startsAt + (pair?.[1] ?? 0)) / 86400);
  }

  #accept(paid: StateLiteral, code: string, found: Candidate, at: number): StateLiteral | undefined {
    const { grant, kind, epoch, over, firstUseBy, record } = found;
    if (record || KEEPS_NO_RECORD.includes(grant.kind)) return paid;
    if (CLEARS_ONE.includes(grant.kind)) {
      const target = this.#target(paid, found);
      const records = paid.records.map((each) => (each === target ? { ...each, consumed: true } : each));
      return { ...paid, records };
    }
    let state = paid;
    if (SUPERSEDES.includes(grant.kind)) {
      const staysFrom = Math.max(state.staysFrom, this.#dayOf(epoch, grant));
      const records = state.records.filter((each) => this.#dayOf(each.epoch, each) >= staysFrom);
      state = { ...state, staysFrom, records };
    }
    const overlapping = kind.overlapping ?? Number.POSITIVE_INFINITY;
    const others = state.records.filter(
      (each) =>
        each.kind === grant.kind &&
        !this.#isOver(each, at) &&
        each.startsAt < (grant.endsAt ?? FOREVER) &&
        (each.endsAt ?? FOREVER) > grant.startsAt,
    );
    if (others.length >= overlapping) return undefined;
    const added: RecordLiteral = {
      ...grant,
      code,
      epoch,
      of: kind,
      until: kind.after_use === undefined ? over : Math.min(over, at + kind.after_use),
      consumed: ONCE.includes(grant.kind),
    };
    const clear = (records: readonly RecordLiteral[]): readonly RecordLiteral[] =>
      CLEARS_ALL.includes(grant.kind) ? records.map((each) => ({ ...each, consumed: true })) : records;
    const room = this.#room(state, at);
    if (room) {
      const rest = clear(room.state.records);
      return { ...room.state, records: [...rest.slice(0, room.place), added, ...rest.slice(room.place + 1)] };
    }
    if (CLEARS_ALL.includes(grant.kind)) return { ...state, records: clear(state.records) };
    const needs =
      added.consumed ||
      firstUseBy < over ||
      kind.after_use !== undefined ||
      this.#clearsUsed(paid.epoch) ||
      this.#rules.whenFull === 'refuse';
    return needs ? undefined : state;
  }

  #isOver(each: RecordLiteral, at: number): boolean {
    return at >= overAt(each) + (this.#rules.inclusive ? 1 : 0);
  }

  /** Where a new record goes, and the state in which there is room for it. */
  #room(state: StateLiteral, at: number): { state: StateLiteral; place: number } | undefined {
    const { records: most, whenFull } = this.#rules;
    const { records } = state;
    const isOver = (each: RecordLiteral): boolean => this.#isOver(each, at);
    if (typeof whenFull === 'object' && records.some(isOver))
      return { state, place: records.findIndex(isOver) };
    if (records.length < most) return { state, place: records.length };
    if (whenFull === 'refuse') return undefined;
    const least = (
      of: readonly RecordLiteral[],
      by: (each: RecordLiteral) => number,
    ): RecordLiteral | undefined => [...of].sort((a, b) => by(a) - by(b))[0];
    if (whenFull === undefined) {
      const gone = least(records.filter(isOver), overAt);
      if (!gone) return undefined;
      const rest = records.filter((each) => each !== gone);
      const forgottenUntil = Math.max(state.forgottenUntil, overAt(gone));
      return { state: { ...state, records: rest, forgottenUntil }, place: rest.length };
    }
    for (const { of, kind, earliest } of whenFull) {
      const some = records.filter(
        (each) => (kind === undefined || each.kind === kind) && each.consumed === (of === 'revoked'),
      );
      const gone = least(some, (each) => each[earliest] ?? FOREVER);
      if (gone) return { state, place: records.indexOf(gone) };
    }
    return undefined;
  }
}
