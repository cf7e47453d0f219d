/**
 * `pintumbler vectors`: test vectors for a vendor's codes, with every value between key and code, so that a failing
 * board shows which layer is wrong. Seeded: the same seed gives the same bytes.
 */
import { zoneFacts } from '../calendar/index.ts';
import { checkInteger } from '../errors.ts';
import { createToken, type DeviceToken } from '../index.ts';
import { keyFormOf } from '../token.ts';
import { vendorNamed } from '../vendors/index.ts';
import { needsOffsets, rulesOf, type Vendor } from '../vendors/vendor.ts';
import { VERSION } from './help.ts';
import { type Flags, type Io, may, mayNumber, need, UsageError } from './io.ts';
import { edgesOf, randomsOf } from './vector-counts.ts';
import { cHeader, type Part } from './vector-header.ts';
import type { Sheet } from './vector-schemes.ts';
import { stepHeader } from './vector-step-header.ts';
import { Stream } from './vector-stream.ts';
import { groupHead, sheetsOf, VECTOR_NOTES } from './vector-tests.ts';

const DIGITS_AND_LETTERS = '0123456789abcdef';

/** A root; or, where the maker prescribes the key, one of that form: of hex digits, if it is text. */
export function vectorSecret(
  vendor: Vendor,
  stream: Stream,
): { readonly root: Uint8Array } | { readonly key: Uint8Array } {
  if (!('key' in vendor.scheme)) return { root: stream.bytes(32) };
  const { from, ascii } = keyFormOf(vendor);
  const bytes = stream.bytes(from);
  return { key: ascii ? bytes.map((byte) => DIGITS_AND_LETTERS.charCodeAt(byte % 16)) : bytes };
}

/** The token that a seed stands for, in a zone with quarter hours and clock changes. */
export function vectorToken(
  vendor: Vendor,
  seed: string,
  config: unknown = vendor.sample,
  timeZone = 'Pacific/Chatham',
): DeviceToken {
  const facts = zoneFacts(timeZone, Date.UTC(2019, 11, 31) / 1000, Date.UTC(2036, 0, 1) / 1000);
  const { offsets, ...zone } = facts;
  return createToken({
    vendor,
    deviceId: 'vector-door',
    ...vectorSecret(vendor, new Stream(`${seed}/root/${vendor.id}`)),
    epoch: 3,
    ...zone,
    ...(needsOffsets(rulesOf(vendor, config)) && { offsets }),
    ...(config !== undefined && { config }),
  });
}

/** Every table with its edges and its share of `count` random codes. */
function partsOf(token: DeviceToken, seed: string, count: number): readonly [Part, ...Part[]] {
  const [first, ...more] = sheetsOf(token);
  const partOf = (sheet: Sheet, index: number): Part => {
    const share = Math.ceil((count - index) / (more.length + 1));
    return [sheet, [...edgesOf(sheet), ...randomsOf(sheet, seed, share)]];
  };
  return [partOf(first, 0), ...more.map((sheet, index) => partOf(sheet, index + 1))];
}

/** Whether the codes follow each other or answer something. */
export const inStep = ({ rules: { kinds } }: DeviceToken): boolean => kinds.some(({ accepts }) => accepts);

/** A whole vector file for one token. */
function codesFile(token: DeviceToken, seed: string, parts: readonly Part[]): object {
  const used = new Set(parts.flatMap(([, tests]) => tests.flatMap(({ flags }) => flags)));
  let tcId = 0;
  const testGroups = parts.map(([sheet, tests]) => ({
    ...groupHead(sheet),
    tests: tests.map((test) => ({ tcId: ++tcId, ...test })),
  }));
  return {
    algorithm: token.vendor.scheme.id,
    schema: 'schemas/codes.json',
    header: [
      `Codes of ${token.vendor.id} (${token.vendor.codes}), made by pintumbler ${VERSION} with seed "${seed}".`,
      ...(inStep(token) ? COUNTS_HEADER : CODES_HEADER),
    ],
    notes: Object.fromEntries(Object.entries(VECTOR_NOTES).filter(([flag]) => used.has(flag))),
    numberOfTests: tcId,
    testGroups,
  };
}

/** What files of codes say of codes for counts. */
export const COUNTS_HEADER: readonly string[] = [
  'Valid: the grant (a count and its value, or a window; what was asked), what lies between it and the code, and the code.',
  'Invalid: digits without meaning; reading them after the accepted count `last`, or at `at`, with `asked`, gives nothing.',
];

/** What every file of codes says of itself. */
export const CODES_HEADER: readonly string[] = [
  'Valid: the grant, its slot, what lies between it and the code, and the code; reading the code at startsAt gives the grant back.',
  'Invalid: digits without meaning; reading them at `at` gives nothing.',
];

export function vectorsCommand(io: Io, flags: Flags): number {
  const vendor = vendorNamed(need(flags, 'vendor'));
  const seed = may(flags, 'seed') ?? 'pintumbler';
  const count = mayNumber(flags, 'count') ?? 100;
  const format = may(flags, 'format') ?? 'json';
  checkInteger('count', count, 1, 100_000);
  if (format !== 'json' && format !== 'c') throw new UsageError('--format takes json or c');
  if (!/^[\x20-\x7e]{1,64}$/.test(seed) || /\*\/|\/\*/.test(seed))
    throw new UsageError('--seed takes 1 to 64 printable characters');
  const token = vectorToken(vendor, seed);
  const parts = partsOf(token, seed, count);
  const made = `pintumbler vectors --vendor ${vendor.id} --seed ${seed} --count ${count} --format c`;
  const header = inStep(token) ? stepHeader : cHeader;
  io.out(
    format === 'c' ? header(token, parts, made) : JSON.stringify(codesFile(token, seed, parts), null, 1),
  );
  return 0;
}
