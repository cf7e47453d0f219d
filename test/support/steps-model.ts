/**
 * What locks that keep step have to say, once more: from RFC 4226, 6238 and 6287, reference/cryptography.md §1 to §3, §9
 * and §12 and the pages of the vendors. Nothing is forgotten here: every code that was ever used is in the memory.
 * Codes too are made once more, with node:crypto.
 */
import { createHmac } from 'node:crypto';

// -- codes -----------------------------------------------------------------------------------------------------------

const eight = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};

/** RFC 4226 §5.3, steps 2 and 3. */
function cut(mac: Buffer, digits: number): string {
  const offset = (mac.at(-1) ?? 0) % 16;
  const number = BigInt(mac.readUInt32BE(offset) % 2 ** 31);
  return (number % 10n ** BigInt(digits)).toString().padStart(digits, '0');
}

export const hotpLiteral = (key: Uint8Array, count: number, digits = 6, hash = 'sha1'): string =>
  cut(createHmac(hash, key).update(eight(count)).digest(), digits);

export interface OcraFields {
  readonly counter?: number;
  /** Decimal. */
  readonly challenge: string;
  readonly pinHash?: Uint8Array;
  readonly session?: Uint8Array;
  readonly timeStep?: number;
}

/** RFC 6287 §5, of suites with numeric challenges. */
export function ocraLiteral(key: Uint8Array, suite: string, fields: OcraFields): string {
  const [, hash = '', digits = ''] = /HOTP-(SHA\d+)-(\d+):/.exec(suite) ?? [];
  const [, bytes] = /-S(\d{3})/.exec(suite) ?? [];
  const { counter, challenge, pinHash, session, timeStep } = fields;
  const message = Buffer.concat([
    Buffer.from(`${suite}\0`),
    ...(counter === undefined ? [] : [eight(counter)]),
    Buffer.from(BigInt(challenge).toString(16).padEnd(256, '0'), 'hex'),
    ...(pinHash ? [Buffer.from(pinHash)] : []),
    ...(session ? [Buffer.alloc(Number(bytes) - session.length), Buffer.from(session)] : []),
    ...(timeStep === undefined ? [] : [eight(timeStep)]),
  ]);
  return cut(createHmac(hash.toLowerCase(), key).update(message).digest(), Number(digits));
}

// -- verdicts --------------------------------------------------------------------------------------------------------

/** What an entry must come to. */
export interface Judgement<Memory> {
  /** Any of these reasons. */
  readonly reasons: readonly string[];
  readonly memory: Memory;
}

const ACCEPTED = ['first_use', 'credited', 'synced'];
const REFUSED = ['already_used', 'superseded', 'out_of_step', 'expired', 'not_yet_valid', 'unknown'];

export const isAccepted = ({ reasons: [first = ''] }: Judgement<unknown>): boolean =>
  ACCEPTED.includes(first);

// -- OpenPAYGO -------------------------------------------------------------------------------------------------------

export type PaygoKind = 'add' | 'set' | 'disable' | 'sync';

export interface PaygoCard {
  readonly kind: PaygoKind;
  readonly count: number;
  readonly value: number;
}

export interface PaygoMemory {
  readonly last: number;
  /** Nothing older than a SET, DISABLE or SYNC. */
  readonly floor: number;
  readonly highest: number;
  /** Tokens, ever. */
  readonly used: readonly PaygoCard[];
  /** Counts, since the last SYNC. */
  readonly counts: readonly number[];
}

export const freshPaygo = (count: number): PaygoMemory => ({
  last: count,
  floor: count,
  highest: count,
  used: [],
  counts: [],
});

/**
 * §2, decode: "Accept count > last; ADD_TIME up to 16 below if unused; nothing older than a SET, DISABLE or SYNC; SYNC
 * accepts count > last−64", up to 64 ahead, a SYNC 100. Hardened: no token twice, and the 63 are counted from the
 * highest count.
 */
export function judgePaygo(memory: PaygoMemory, card: PaygoCard): Judgement<PaygoMemory> {
  const { last, floor, highest, used, counts } = memory;
  const { kind, count, value } = card;
  const refuse = (...reasons: readonly string[]): Judgement<PaygoMemory> => ({ reasons, memory });
  const isSync = kind === 'sync';
  const wasUsed = used.some((each) => each.count === count && each.value === value);
  if (wasUsed && count < highest - 63) return refuse(...REFUSED);
  if (Math.abs(count - last) > 100) return refuse('unknown', ...(wasUsed ? ['already_used'] : []));
  if (wasUsed) return refuse('already_used');
  if (!isSync) {
    if (counts.includes(count)) return refuse('already_used', 'superseded', 'expired');
    // Of a count that something else has used, either is true.
    const wasCount = count === last || used.some((each) => each.count === count);
    if (count <= floor) return refuse('superseded', ...(wasCount ? ['already_used'] : []));
    if (count < (kind === 'add' ? last - 16 : last + 1)) return refuse('expired');
  }
  if (isSync && count <= highest - 64) return refuse('expired');
  if (count > last + (isSync ? 100 : 64)) return refuse('not_yet_valid');
  return {
    reasons: [isSync ? 'synced' : 'credited'],
    memory: {
      last: isSync ? count : Math.max(last, count),
      floor: kind === 'add' ? floor : count,
      highest: Math.max(highest, count),
      used: [...used, card],
      counts: isSync ? [] : [...counts, count],
    },
  };
}

// -- Nexus -----------------------------------------------------------------------------------------------------------

export interface NexusCard {
  readonly kind: string;
  readonly id: number;
  readonly value: number;
  /** "Invalidate receipt of any messages <= this message ID". */
  readonly seals: boolean;
}

export interface NexusMemory {
  /** The middle of the window: the highest id, 23 at first. */
  readonly pd: number;
  readonly floor: number;
  readonly received: readonly number[];
}

export const freshNexus: NexusMemory = { pd: 23, floor: -1, received: [] };

/** §3: ids in [pd−23, pd+40], each once. */
export function judgeNexus(memory: NexusMemory, { id, seals }: NexusCard): Judgement<NexusMemory> {
  const { pd, floor, received } = memory;
  const refuse = (...reasons: readonly string[]): Judgement<NexusMemory> => ({ reasons, memory });
  if (id < pd - 23 || id > pd + 40) return refuse('expired', 'superseded', 'unknown');
  if (received.includes(id)) return refuse('already_used');
  if (id <= floor) return refuse('superseded', ...(id === pd ? ['already_used'] : []));
  return {
    reasons: ['credited'],
    memory: {
      pd: Math.max(pd, id),
      floor: seals ? id : floor,
      received: [...received, id],
    },
  };
}

// -- HOTP ------------------------------------------------------------------------------------------------------------

export interface HotpMemory {
  readonly last: number;
  /** What brings the lock back into step if it comes next. */
  readonly awaited: number | undefined;
}

export const freshHotp: HotpMemory = { last: -1, awaited: undefined };

/** RFC 4226 §7.2 and §7.4: the next s counts, each once; two in a row among those after them. */
export function judgeHotp(
  memory: HotpMemory,
  count: number,
  window: number,
  resync: number,
): Judgement<HotpMemory> {
  const { last, awaited } = memory;
  const refuse = (...reasons: readonly string[]): Judgement<HotpMemory> => ({
    reasons,
    memory: { last, awaited: undefined },
  });
  if (count === last) return refuse('already_used');
  if (count < last) return refuse(...(count >= last - window ? ['superseded'] : ['superseded', 'unknown']));
  if (count <= last + window || (resync > 0 && count === awaited))
    return { reasons: ['first_use'], memory: { last: count, awaited: undefined } };
  if (count <= last + window + resync)
    return { reasons: ['out_of_step'], memory: { last, awaited: count + 1 } };
  return refuse('not_yet_valid', 'unknown');
}

// -- TOTP ------------------------------------------------------------------------------------------------------------

export interface TotpMemory {
  /** The last accepted period; nothing up to it is accepted. */
  readonly last: number;
  readonly drift: number;
  readonly driftAt: number | undefined;
  readonly awaited: number | undefined;
}

export interface TotpSettings {
  readonly window: number;
  /** Periods, at most. */
  readonly drift: number;
  /** Answers of one period are told apart by their challenge. */
  readonly isAnswer?: boolean;
}

export const freshTotp: TotpMemory = { last: -1, drift: 0, driftAt: undefined, awaited: undefined };

export const forgetTotp = ({ last }: TotpMemory): TotpMemory => ({ ...freshTotp, last });

const DAY = 86_400;

/**
 * RFC 6238 §5.2 and §6, and the page: its own period and `window` around it, as far as the drift is known; further off,
 * but no more than `drift` from the clock, two in a row. Learned: one a day since it was last learned, one the first
 * time, and by two in a row all of it at once.
 */
export function judgeTotp(
  memory: TotpMemory,
  period: number,
  now: number,
  at: number,
  { window, drift: most, isAnswer = false }: TotpSettings,
): Judgement<TotpMemory> {
  const { last, drift, driftAt, awaited } = memory;
  const refuse = (...reasons: readonly string[]): Judgement<TotpMemory> => ({
    reasons,
    memory: { ...memory, awaited: undefined },
  });
  const off = period - now;
  // What is far from the clock is not looked at.
  const isFar = Math.abs(off) > most + window;
  if (period <= last && !isAnswer)
    return refuse(period === last ? 'already_used' : 'superseded', ...(isFar ? ['unknown'] : []));
  const isIn = Math.abs(off - drift) <= window;
  const isTwo = period === awaited;
  if (!isIn && Math.abs(off) > most) return refuse('expired', 'not_yet_valid', ...(isFar ? ['unknown'] : []));
  if (!isIn && !isTwo) return { reasons: ['out_of_step'], memory: { ...memory, awaited: period + 1 } };
  const earned = driftAt === undefined ? 1 : Math.max(0, Math.floor((at - driftAt) / DAY));
  const days = isTwo ? 2 * most : earned;
  const wanted = Math.max(drift - days, Math.min(drift + days, off));
  const next = Math.max(-most, Math.min(most, wanted));
  return {
    reasons: ['first_use'],
    memory: {
      last: period,
      drift: next,
      driftAt: next === drift ? driftAt : at,
      awaited: undefined,
    },
  };
}

// -- what is asked ---------------------------------------------------------------------------------------------------

export interface Question {
  readonly challenge: string;
  readonly until: number;
}

// -- throttles -------------------------------------------------------------------------------------------------------

/** OATH: three refusals in a row, then dead, longer each time. OpenPAYGO: after each. */
export interface LockoutMemory {
  readonly wrong: number;
  readonly since: number | null;
  readonly lockouts: number;
}

export interface LockoutRule {
  readonly wrong: number;
  readonly seconds: readonly number[];
}

export const OATH_LOCKOUT: LockoutRule = { wrong: 3, seconds: [60, 300, 900, 3600, 4 * 3600, 8 * 3600] };
/** §9 and §2: 1, 2, 4 … 512 minutes. */
export const PAYGO_LOCKOUT: LockoutRule = {
  wrong: 1,
  seconds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((minutes) => minutes * 60),
};

export const freshLockout: LockoutMemory = { wrong: 0, since: null, lockouts: 0 };

/** What an entry costs; undefined: the keypad is dead. */
export function payLockout(
  rule: LockoutRule,
  { wrong, since, lockouts }: LockoutMemory,
  at: number,
): { readonly isDead: boolean; readonly paid: LockoutMemory } {
  const dead = rule.seconds[Math.min(lockouts, rule.seconds.length) - 1] ?? 0;
  if (wrong === rule.wrong) {
    // A clock that went backward starts the pause again.
    const from = since === null || since > at ? at : since;
    if (at < from + dead) return { isDead: true, paid: { wrong, since: from, lockouts } };
  }
  const next = wrong === rule.wrong ? 1 : wrong + 1;
  const isLast = next === rule.wrong;
  return {
    isDead: false,
    paid: { wrong: next, since: isLast ? at : null, lockouts: isLast ? lockouts + 1 : lockouts },
  };
}

/** Nexus: at most 128, at first 6, one more every 720 seconds; never given back. */
export interface BucketMemory {
  readonly credit: number;
  readonly at: number | null;
}

export const freshBucket: BucketMemory = { credit: 6, at: null };

export function payBucket(
  { credit, at: from }: BucketMemory,
  at: number,
): { readonly isDead: boolean; readonly paid: BucketMemory } {
  const since = from === null || from > at ? at : from;
  const more = Math.floor((at - since) / 720);
  const full = credit + more >= 128;
  const now = full ? 128 : credit + more;
  const next = full ? at : since + 720 * more;
  return now === 0
    ? { isDead: true, paid: { credit: 0, at: next } }
    : { isDead: false, paid: { credit: now - 1, at: next } };
}
