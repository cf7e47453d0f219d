/**
 * The codes of every vendor written down a second time, from vectors/README.md: tables, windows, and the four schemes, on
 * node:crypto and the literal FF1. A device is the JSON of a vector file. Nothing here is imported from the library.
 */
import { createHmac, hkdfSync } from 'node:crypto';
import { isDate, lengthsOf, resolve, seconds, type Table } from './decode-literal.ts';
import { ff1Literal } from './ff1-literal.ts';
import { sealedKeyLiteral } from './sealed-literal.ts';

const DAY = 86400;
const FAR = 366 * DAY;
const SLOT_0 = 1577836800;
/** The end of 9999. */
const FOREVER = 253402300799;

export interface KindJson {
  readonly kind: string;
  readonly lane?: string;
  readonly base?: number;
  readonly civil?: true;
  readonly opens?: string;
  readonly closes?: string;
  readonly lengths:
    | readonly number[]
    | readonly [null]
    | { readonly from: number; readonly to: number; readonly step: number };
  readonly unit: 'seconds' | 'days';
  readonly lead?: number;
  readonly variances: number;
  readonly first_use_within?: number;
  readonly first_use_at?: string;
  readonly weekdays?: readonly number[];
  readonly within_year?: true;
  readonly after_use?: number;
  readonly overlapping?: number;
}

/** A layout as `token inspect --json` prints it. */
export interface TableJson {
  readonly id: string;
  readonly digits: number;
  readonly alphabet?: string;
  readonly grid_seconds: number;
  readonly origin?: number;
  readonly slots?: number;
  readonly s: number;
  readonly lanes?: readonly string[];
  readonly kinds: readonly KindJson[];
}

export interface DeviceJson {
  readonly clock: 'utc' | 'fixed-offset' | 'civil';
  readonly gridOffset: number;
  readonly offsets?: Table | undefined;
  /** Device key, or the key that the maker prescribes. */
  readonly secret: Uint8Array;
  readonly tables: readonly (TableJson & { readonly scheme: string })[];
}

/** What a code says, in the numbers of its table. */
export interface Claim {
  readonly kind: KindJson;
  readonly slot: number;
  readonly length: number;
  readonly variance: number;
}

export interface WindowLiteral {
  readonly startsAt: number;
  readonly endsAt: number | null;
  readonly until: number;
  readonly firstUseBy: number;
}

// --- kinds and windows --------------------------------------------------------------------------------------------

const isEndless = ({ lengths }: KindJson): boolean => 'length' in lengths && lengths[0] === null;

/** Lengths of a kind; one that nobody reads where there is no end. */
export function valuesOf({ lengths }: KindJson): readonly number[] {
  if ('step' in lengths) return lengthsOf(lengths);
  return lengths.map((each) => each ?? 0);
}

export const lanesOf = ({ lanes, kinds }: TableJson): readonly string[] =>
  lanes ?? [...new Set(kinds.map(({ lane }) => lane ?? ''))];

/** The kinds of a table with their first number in a slot. */
function placed({
  kinds,
}: TableJson): readonly { readonly kind: KindJson; readonly base: number; readonly size: number }[] {
  let next = 0;
  return kinds.map((kind) => {
    const { base = next } = kind;
    const size = valuesOf(kind).length * kind.variances;
    next = base + size;
    return { kind, base, size };
  });
}

export function numberLiteral(table: TableJson, { kind, length, variance }: Claim): number {
  const place = placed(table).find((each) => each.kind === kind);
  return (place?.base ?? Number.NaN) + length * kind.variances + variance;
}

export function claimLiteral(
  table: TableJson,
  lane: string,
  slot: number,
  number: number,
): Claim | undefined {
  for (const { kind, base, size } of placed(table)) {
    if ((kind.lane ?? lane) !== lane || number < base || number >= base + size) continue;
    return {
      kind,
      slot,
      length: Math.floor((number - base) / kind.variances),
      variance: (number - base) % kind.variances,
    };
  }
  return undefined;
}

/** The lock's own local times: of all the year the standard time, where it knows no other. */
function tableOf({ clock, offsets }: DeviceJson): Table | undefined {
  if (clock === 'civil' || !offsets) return offsets;
  const pairs = offsets.slice(0, -1);
  const [winter, summer] = [Date.UTC(2026, 0, 1) / 1000, Date.UTC(2026, 6, 1) / 1000].map((day) => {
    const last = offsets.at(-1)?.[0] ?? 0;
    return day < last ? pairs.filter(([from]) => from <= day).at(-1)?.[1] : undefined;
  });
  const isKnown = winter !== undefined && summer !== undefined;
  const standard = Math.min(...(isKnown ? [winter, summer] : pairs.map(([, offset]) => offset)));
  // Without end: such a lock needs no table of changes.
  return [
    [-FOREVER, standard],
    [2 * FOREVER, standard],
  ];
}

function localDate(offsets: Table | undefined, instant: number): Date | undefined {
  const pair = offsets?.filter(([from]) => from <= instant).at(-1);
  return pair && pair !== offsets?.at(-1) ? new Date((instant + pair[1]) * 1000) : undefined;
}

const shiftOf = ({ clock, gridOffset }: DeviceJson): number => (clock === 'utc' ? 0 : 60 * gridOffset);

/** The window of a claim; undefined where there is none. */
export function windowLiteral(device: DeviceJson, table: TableJson, claim: Claim): WindowLiteral | undefined {
  const { origin = SLOT_0, slots = Number.POSITIVE_INFINITY, grid_seconds: step } = table;
  const { kind, slot, length } = claim;
  const value = valuesOf(kind)[length];
  const offsets = tableOf(device);
  if (value === undefined || slot >= slots) return undefined;
  if (kind.civil) {
    const day = (origin + slot * step) / DAY;
    if (!Number.isInteger(day) || !offsets) return undefined;
    const startsAt = resolve(offsets, day * DAY + seconds(kind.opens))?.[0];
    const endsAt = resolve(offsets, (day + value) * DAY + seconds(kind.closes))?.[1];
    if (startsAt === undefined || endsAt === undefined) return undefined;
    if (!isDate(offsets, day) || !isDate(offsets, day + value)) return undefined;
    const { first_use_within: within, first_use_at: firstAt = kind.opens } = kind;
    const deadline =
      within === undefined ? undefined : resolve(offsets, (day + within) * DAY + seconds(firstAt))?.[1];
    return { startsAt, endsAt, until: endsAt, firstUseBy: Math.min(endsAt, deadline ?? endsAt) };
  }
  const startsAt = origin + shiftOf(device) + slot * step - (kind.lead ?? 0);
  const endsAt = isEndless(kind) ? null : startsAt + value;
  if (endsAt !== null && endsAt > FOREVER) return undefined;
  if (kind.weekdays) {
    const day = localDate(offsets, startsAt)?.getUTCDay();
    if (day === undefined || !kind.weekdays.includes(day)) return undefined;
  }
  if (kind.within_year) {
    const [first, last] = [startsAt, (endsAt ?? 0) - 1].map((each) =>
      localDate(offsets, each)?.getUTCFullYear(),
    );
    if (first === undefined || first !== last) return undefined;
  }
  const until = endsAt === null || kind.weekdays ? FOREVER : endsAt;
  const within = kind.first_use_within ?? Number.POSITIVE_INFINITY;
  return { startsAt, endsAt, until, firstUseBy: Math.min(until, startsAt + within) };
}

// --- schemes ------------------------------------------------------------------------------------------------------

const NO_TWEAK = new Uint8Array();
const u32 = (value: number): Buffer => Buffer.from(value.toString(16).padStart(8, '0'), 'hex');

function lp(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

const alphabetOf = ({ alphabet = '0123456789' }: TableJson): string => alphabet;

/** A number in the symbols of a keypad. */
export function writtenLiteral(value: bigint, table: TableJson): string {
  const symbols = alphabetOf(table);
  const base = BigInt(symbols.length);
  const digits: string[] = [];
  for (let rest = value; digits.length < table.digits; rest /= base)
    digits.unshift(symbols.charAt(Number(rest % base)));
  return digits.join('');
}

export const valueLiteral = (code: string, table: TableJson): bigint =>
  [...code].reduce(
    (sum, symbol) => sum * BigInt(alphabetOf(table).length) + BigInt(alphabetOf(table).indexOf(symbol)),
    0n,
  );

/** Whether the symbols of a code, and how many there are, are the keypad's. */
export const isOfKeypad = (code: string, table: TableJson): boolean =>
  code.length === table.digits && [...code].every((symbol) => alphabetOf(table).includes(symbol));

const ff1Ten = (key: Uint8Array, digits: string, tweak: Uint8Array, back = false): string =>
  ff1Literal(key, 10, tweak, [...digits].map(Number), back).join('');

/** First digit of Tuya's plaintext, by the kind's place. */
const TYPES = ['0', '1', '8', '9'];

/** What a scheme does with a claim: the values between it and the code, and back. */
interface SchemeLiteral {
  readonly key: (secret: Uint8Array, table: TableJson, lane: string) => Uint8Array;
  /** Without the lane. */
  readonly encode: (
    key: Uint8Array,
    table: TableJson,
    claim: Claim,
  ) => { readonly steps: object; readonly code: string };
  readonly decode: (
    key: Uint8Array,
    table: TableJson,
    lane: string,
    code: string,
    slots: readonly [first: number, last: number],
  ) => readonly Claim[];
}

const perPage = ({ digits, s }: TableJson): number => Number(10n ** BigInt(digits) / BigInt(s));

const sealed: SchemeLiteral = {
  key: (secret, { id, digits }, lane) => sealedKeyLiteral(secret, id, lane, digits),
  encode(key, table, claim) {
    const page = Math.floor(claim.slot / perPage(table));
    const payload = (claim.slot % perPage(table)) * table.s + numberLiteral(table, claim);
    return {
      steps: { page, payload },
      code: ff1Ten(key, String(payload).padStart(table.digits, '0'), u32(page)),
    };
  },
  decode(key, table, lane, code, [first, last]) {
    const found: Claim[] = [];
    for (let page = Math.floor(last / perPage(table)); page >= Math.floor(first / perPage(table)); page--) {
      const payload = Number(ff1Ten(key, code, u32(page), true));
      if (payload >= perPage(table) * table.s) continue;
      const slot = page * perPage(table) + Math.floor(payload / table.s);
      const claim = claimLiteral(table, lane, slot, payload % table.s);
      if (claim) found.push(claim);
    }
    return found;
  },
};

export function macLiteral(
  key: Uint8Array,
  input: Uint8Array,
  table: TableJson,
): { mac: string; code: string } {
  const mac = createHmac('sha256', key).update(input).digest('hex').slice(0, 32);
  const codes = BigInt(alphabetOf(table).length) ** BigInt(table.digits);
  return { mac, code: writtenLiteral(BigInt(`0x${mac}`) % codes, table) };
}

const mac: SchemeLiteral = {
  key(secret, table, lane) {
    const info = Buffer.concat([lp(table.id), lp(lane), Buffer.from([table.digits]), lp(alphabetOf(table))]);
    return new Uint8Array(hkdfSync('sha256', secret, 'pintumbler mac/1', info, 16));
  },
  encode(key, table, claim) {
    const number = numberLiteral(table, claim);
    const input = Buffer.concat([u32(claim.slot), u32(number)]);
    const made = macLiteral(key, input, table);
    return { steps: { number, input: input.toString('hex'), mac: made.mac }, code: made.code };
  },
  decode(key, table, lane, code, [first, last]) {
    const found: Claim[] = [];
    for (let slot = last; slot >= first; slot--) {
      for (let number = 0; number < table.s; number++) {
        const claim = claimLiteral(table, lane, slot, number);
        if (claim && mac.encode(key, table, claim).code === code) found.push(claim);
      }
    }
    return found;
  },
};

const offline: SchemeLiteral = {
  key: (secret) => Buffer.concat([Buffer.from('0000000000'), secret]),
  encode(key, table, claim) {
    const type = TYPES[table.kinds.indexOf(claim.kind)] ?? '';
    const number = claim.kind.variances > 1 ? claim.variance : claim.length;
    const plain = type + String(claim.slot).padStart(5, '0') + String(number).padStart(4, '0');
    const digits = ff1Ten(key, plain, NO_TWEAK);
    return { steps: { plain, sealed: digits }, code: writtenLiteral(BigInt(digits), table) };
  },
  decode(key, table, _lane, code) {
    const value = valueLiteral(code, table);
    if (value >= 10n ** 10n) return [];
    const plain = ff1Ten(key, String(value).padStart(10, '0'), NO_TWEAK, true);
    const kind = table.kinds[TYPES.indexOf(plain.charAt(0))];
    const number = Number(plain.slice(6));
    if (!kind || number >= valuesOf(kind).length * kind.variances) return [];
    const [length, variance] = kind.variances > 1 ? [0, number] : [number, 0];
    return [{ kind, slot: Number(plain.slice(1, 6)), length, variance }];
  },
};

/** Eight digits of a digest, cut off where the low nibble of a byte says. */
export function cutLiteral(digest: Buffer, byte: 17 | 19, table: TableJson): string {
  const word = digest.readUInt32BE(digest.readUInt8(byte) % 16) % 2 ** 31;
  return writtenLiteral(BigInt(word % 10 ** 8), table);
}

export const dynamicDigest = (key: Uint8Array, message: string): Buffer =>
  createHmac('sha1', key).update(message, 'latin1').digest();

const dynamic: SchemeLiteral = {
  key: (secret) => secret,
  encode(key, table, claim) {
    const message = claim.slot.toString(16).toUpperCase().padStart(8, '0');
    const digest = dynamicDigest(key, message);
    return { steps: { message, hmac: digest.toString('hex') }, code: cutLiteral(digest, 17, table) };
  },
  decode(key, table, _lane, code, [first, last]) {
    const [kind] = table.kinds;
    const found: Claim[] = [];
    for (let slot = last; kind && slot >= first; slot--) {
      const claim = { kind, slot, length: 0, variance: 0 };
      if (dynamic.encode(key, table, claim).code === code) found.push(claim);
    }
    return found;
  },
};

export const SCHEMES: Readonly<Record<string, SchemeLiteral>> = {
  'sealed/1': sealed,
  'mac/1': mac,
  'tuya-offline/1': offline,
  'tuya-dynamic/1': dynamic,
};

export function schemeLiteral(id: string): SchemeLiteral {
  const scheme = SCHEMES[id];
  if (!scheme) throw new Error(`no scheme ${id}`);
  return scheme;
}

// --- reading ------------------------------------------------------------------------------------------------------

export interface GrantLiteral {
  readonly kind: string;
  readonly variance: number;
  readonly lane?: string;
  readonly startsAt: number;
  readonly endsAt: number | null;
}

function longestOf({ kinds }: TableJson): number {
  const longest = kinds.map((kind) => {
    if (isEndless(kind) || kind.weekdays) return Math.max(kind.first_use_within ?? 0, DAY);
    const last = Math.max(...valuesOf(kind));
    return kind.civil ? last * DAY + seconds(kind.closes) : last;
  });
  return Math.max(...longest);
}

/** Whether a table has a kind of that name and prefix with this very window. */
function says(device: DeviceJson, table: TableJson, grant: GrantLiteral): boolean {
  const { origin = SLOT_0, grid_seconds: step } = table;
  return table.kinds.some((kind) => {
    if (kind.kind !== grant.kind || kind.lane !== grant.lane) return false;
    const slot = (grant.startsAt + (kind.lead ?? 0) - origin - shiftOf(device)) / step;
    const near = Math.floor(slot);
    const slots = kind.civil ? [near - 1, near, near + 1] : [slot];
    const seconds = (grant.endsAt ?? 0) - grant.startsAt;
    const lengths = valuesOf(kind).flatMap((value, length) =>
      kind.civil || isEndless(kind) || value === seconds ? [length] : [],
    );
    return slots.some(
      (each) =>
        Number.isInteger(each) &&
        each >= 0 &&
        lengths.some((length) => {
          const window = windowLiteral(device, table, { kind, slot: each, length, variance: 0 });
          return window?.startsAt === grant.startsAt && window.endsAt === grant.endsAt;
        }),
    );
  });
}

/** What a code can mean: the grant, its kind and its window. */
export interface MeaningLiteral {
  readonly grant: GrantLiteral;
  readonly kind: KindJson;
  readonly window: WindowLiteral;
}

/** Everything that a code means around `at`, within 366 days. */
export function meaningsLiteral(device: DeviceJson, code: string, at: number): readonly MeaningLiteral[] {
  const found: MeaningLiteral[] = [];
  device.tables.forEach((table, index) => {
    const { origin = SLOT_0, grid_seconds: step } = table;
    const lane = lanesOf(table).find(
      (each) => code.startsWith(each) && each.length === code.length - table.digits,
    );
    if (lane === undefined || !isOfKeypad(code.slice(lane.length), table)) return;
    const longest = longestOf(table);
    const margin = Math.min(DAY, longest);
    const slotAt = (instant: number): number =>
      Math.max(0, Math.floor((instant - origin - shiftOf(device)) / step));
    const scheme = schemeLiteral(table.scheme);
    const key = scheme.key(device.secret, table, lane);
    const slots = [slotAt(at - longest - margin), slotAt(at + margin)] as const;
    for (const claim of scheme.decode(key, table, lane, code.slice(lane.length), slots)) {
      const { kind, variance } = claim;
      const window = windowLiteral(device, table, claim);
      if (!window || window.startsAt > at + FAR || window.until < at - FAR) continue;
      const { startsAt, endsAt } = window;
      const grant = { kind: kind.kind, variance, ...(lane !== '' && { lane }), startsAt, endsAt };
      if (!device.tables.slice(0, index).some((earlier) => says(device, earlier, grant)))
        found.push({ grant, kind, window });
    }
  });
  return found;
}

export const readCodeLiteral = (device: DeviceJson, code: string, at: number): readonly GrantLiteral[] =>
  meaningsLiteral(device, code, at).map(({ grant }) => grant);

/** Whether a kind that comes again on weekdays is open at `at`, for a lock without tolerance; `e` is 1 where ends count too. */
export function isOpenAgain(
  device: DeviceJson,
  kind: KindJson,
  grant: GrantLiteral,
  at: number,
  e: number,
): boolean {
  const local = (instant: number): number =>
    (localDate(tableOf(device), instant)?.getTime() ?? Number.NaN) / 1000;
  const since = local(at) - local(grant.startsAt);
  const length = (grant.endsAt ?? 0) - grant.startsAt;
  const today = Math.floor(since / DAY);
  const isOn = (days: number): boolean => {
    const day = new Date((local(grant.startsAt) + days * DAY) * 1000).getUTCDay();
    return days >= 0 && (kind.weekdays ?? []).includes(day) && since - days * DAY < length + e;
  };
  return isOn(today) || isOn(today - 1);
}
