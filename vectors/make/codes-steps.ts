/**
 * codes-*.json of the makers whose codes follow each other or answer something: HOTP, TOTP, OCRA, OpenPAYGO and
 * Nexus under several settings. Codes that the RFCs print are written down by hand; the rest is at edges or
 * random.
 */
import { createHash } from 'node:crypto';
import { countTest, edgesOf, randomsOf } from '../../src/cli/vector-counts.ts';
import type { Sheet } from '../../src/cli/vector-schemes.ts';
import { Stream } from '../../src/cli/vector-stream.ts';
import {
  askedAt,
  groupHead,
  sheetsOf,
  type Unnumbered,
  VECTOR_NOTES,
  validTest,
} from '../../src/cli/vector-tests.ts';
import { COUNTS_HEADER } from '../../src/cli/vectors.ts';
import { type Asked, countOf, type Grant, valueAt } from '../../src/grant.ts';
import { createToken, type DeviceToken, mint, read } from '../../src/index.ts';
import { hotp } from '../../src/vendors/hotp.ts';
import type { Vendor } from '../../src/vendors/index.ts';
import { nexus } from '../../src/vendors/nexus.ts';
import { ocra } from '../../src/vendors/ocra.ts';
import { openpaygo } from '../../src/vendors/openpaygo.ts';
import { totp } from '../../src/vendors/totp.ts';
import type { PlacedKind } from '../../src/vendors/vendor.ts';
import { agree, errorOf, type Group, type Notes, type Test, vectorFile } from './format.ts';
import { utc, type ZoneName, zone } from './zones.ts';

const NOTES: Notes = {
  ...VECTOR_NOTES,
  Published: { bugType: 'BASIC', description: 'A code that an RFC prints.' },
  Malformed: {
    bugType: 'FUNCTIONALITY',
    description: "Not a code: wrong length, or something else than the keypad's symbols.",
  },
  OffGrid: {
    bugType: 'FUNCTIONALITY',
    description: 'A count or a window that the kind does not have: no code is made.',
  },
  OutOfRange: {
    bugType: 'FUNCTIONALITY',
    description: 'A count, a value or a challenge out of its range: no code is made.',
  },
  Unavailable: {
    bugType: 'FUNCTIONALITY',
    description: 'A kind or variance that is not there: no code is made.',
  },
  NotAsked: {
    bugType: 'FUNCTIONALITY',
    description: 'An answer to nothing, or a code that answers none: no code is made.',
  },
  WrongChallenge: {
    bugType: 'FUNCTIONALITY',
    description: 'Characters that a challenge of the suite does not have: no code is made.',
  },
  Ambiguous: {
    bugType: 'AUTH_BYPASS',
    description:
      'A code that would also read as that of another count near it: no code is made, the issuer takes the next count.',
  },
};

/** A code that a standard prints. */
interface Printed {
  readonly at: number;
  readonly code: string;
  readonly asked?: Asked;
}

interface Door {
  readonly name: string;
  readonly config?: unknown;
  /** What its key comes from, if not from its name. */
  readonly seed?: string;
  /** As bytes, or how many there are to be. */
  readonly key: Uint8Array | number;
  readonly zone?: ZoneName;
  /** By count, or epoch seconds. */
  readonly printed?: readonly Printed[];
  /** Kind, count and value of codes that another count has too. */
  readonly ambiguous?: readonly (readonly [kind: string, count: number, value: number])[];
  /** How many random ones. */
  readonly random?: number;
}

/** A token of these files; its secret comes from its name. */
export function stepToken(
  vendor: Vendor,
  { name, seed = name, config, key, zone: where = 'Europe/Lisbon' }: Door,
  epoch?: number,
): DeviceToken {
  const { timeZone, gridOffset } = zone(where);
  const stream = new Stream(`pintumbler vectors/codes/${seed}`);
  const some = stream.below(1000);
  return createToken({
    vendor,
    deviceId: name,
    key: typeof key === 'number' ? stream.bytes(key) : key,
    epoch: epoch ?? some,
    timeZone,
    gridOffset,
    ...(config !== undefined && { config }),
  });
}

const firstKind = ({ kinds }: Sheet): PlacedKind => {
  const [kind] = kinds;
  if (!kind) throw new Error('a table without kinds');
  return kind;
};

function printedTest(sheet: Sheet, { at, code, asked }: Printed): Test {
  const { counts, grid, timeStep } = sheet.book;
  const kind = firstKind(sheet);
  const slot = counts ? at : Math.floor((at - grid.origin) / grid.step);
  const comment = counts ? `count ${at}` : `second ${at}`;
  const test = counts
    ? countTest(sheet, kind, slot, 0, comment, asked)
    : validTest(sheet, kind, slot, 0, 0, comment, asked);
  if (!test) throw new Error(`no such window: ${comment} of ${timeStep}`);
  agree(comment, code, test.code);
  return { ...test, flags: [...test.flags, 'Published'] };
}

/** Every kind's first, second and last value at an ordinary count. */
function valueTests(sheet: Sheet): readonly Test[] {
  if (!sheet.book.counts || sheet.kinds.length < 2) return [];
  return sheet.kinds.flatMap((kind): readonly Unnumbered[] => {
    const last = countOf(kind.shape.lengths) - 1;
    let count = 26;
    while (count % kind.shape.every !== kind.shape.rest) count++;
    const lengths = [...new Set([0, Math.min(1, last), Math.floor(last / 2), last])];
    return lengths.map((length) =>
      countTest(sheet, kind, count, length, `${kind.id}: value ${valueAt(kind.shape.lengths, length)}`),
    );
  });
}

/** Challenges of codes for times, at the edges. */
function periodChallenges(sheet: Sheet): readonly Test[] {
  if (sheet.book.counts) return [];
  const slot = Math.floor((utc(2026, 3, 1) - sheet.book.grid.origin) / sheet.book.grid.step);
  return (sheet.working.challenges?.(sheet) ?? []).flatMap(([asked, comment]) => {
    const test = validTest(sheet, firstKind(sheet), slot, 0, 0, comment, asked);
    return test ? [test] : [];
  });
}

/** A grant that an issuer can make. */
function ordinaryGrant(sheet: Sheet): Grant {
  const { book } = sheet;
  const { id, shape } = firstKind(sheet);
  const asked = askedAt(sheet, 26);
  const said = asked && { asked };
  if (book.counts) {
    const count = book.grid.slots === 1 ? 0 : 26;
    return { kind: id, variance: 0, count, value: valueAt(shape.lengths, 0) ?? 0, ...said };
  }
  const { origin, step } = book.grid;
  const startsAt = origin + Math.ceil(Math.max(utc(2026, 3, 1) - origin, 0) / step) * step;
  return { kind: id, variance: 0, startsAt, endsAt: startsAt + step, ...said };
}

/** Where a lock is asked about it. */
const nearOf = (
  sheet: Sheet,
  { count, startsAt, asked }: Grant,
): Readonly<{ last?: number; at?: number; asked?: Asked }> => ({
  ...(count !== undefined && { last: sheet.book.grid.slots === 1 ? 0 : count - 1 }),
  ...(sheet.book.counts?.timed && { at: 0 }),
  ...(startsAt !== undefined && { at: startsAt }),
  ...(asked && { asked }),
});

function malformedTests(sheet: Sheet): readonly Test[] {
  const grant = ordinaryGrant(sheet);
  const code = mint(sheet.token, grant);
  const { last, ...rest } = nearOf(sheet, grant);
  const bad = [
    [code.slice(0, -1), 'the last symbol is missing'],
    [`${code}${code.slice(-1)}`, 'a symbol too many'],
    [`${code.slice(0, -1)}A`, 'a symbol that no keypad has'],
    [`${code.slice(0, -1)}٣`, 'a digit of another script'],
    ...(sheet.book.layout.alphabet.includes('9')
      ? []
      : [[`${code.slice(0, -1)}9`, 'a key that this keypad lacks'] as const]),
  ] as const;
  return bad.map(([each, comment]) => {
    const near = last === undefined ? rest : { ...rest, count: last };
    const { code: error } = errorOf(() => read(sheet.token, each, near));
    agree(comment, 'code_malformed', error);
    const where = last === undefined ? rest : { last, ...rest };
    return { comment, flags: ['Malformed'], ...where, code: each, error, result: 'invalid' };
  });
}

/** Grants that no issuer may make a code of. */
function refusedTests(sheet: Sheet): readonly Test[] {
  const { token, book, kinds } = sheet;
  const grant = ordinaryGrant(sheet);
  const { asked, ...unasked } = grant;
  const list: (readonly [Grant, string, string, string])[] = [
    [{ ...grant, variance: 1 }, 'variance_unavailable', 'Unavailable', 'one variance too many'],
    [{ ...grant, kind: 'weekly' }, 'kind_unknown', 'Unavailable', 'no such kind'],
  ];
  if (grant.count === undefined) {
    const { startsAt, endsAt } = grant;
    const late = { ...grant, startsAt: startsAt + 1, endsAt: (endsAt ?? 0) + 1 };
    if (book.grid.step > 1) list.push([late, 'off_grid', 'OffGrid', 'a second late']);
    list.push([{ ...grant, endsAt: (endsAt ?? 0) + 1 }, 'off_grid', 'OffGrid', 'a second too long']);
  } else {
    const { slots } = book.grid;
    list.push([
      { ...grant, count: Math.min(slots, 2 ** 53) },
      'out_of_range',
      'OutOfRange',
      'one count too many',
    ]);
    if (!book.counts?.timed)
      list.push([{ ...grant, value: 999_999_999 }, 'out_of_range', 'OutOfRange', 'no such value']);
    for (const { id, shape } of kinds) {
      const value = valueAt(shape.lengths, 0) ?? 0;
      const other = { ...grant, kind: id, value, count: 26 + ((shape.rest + 1) % shape.every) };
      if (shape.every > 1) list.push([other, 'off_grid', 'OffGrid', `a count that "${id}" does not have`]);
    }
    if (sheet.working.first === 1)
      list.push([{ ...grant, count: 0 }, 'out_of_range', 'OutOfRange', 'count 0: made without the key']);
  }
  if (asked) {
    const { length } = asked.challenge;
    const long = { ...grant, asked: { ...asked, challenge: '1'.repeat(length + 1) } };
    list.push([unasked, 'bad_argument', 'NotAsked', 'the answer to nothing']);
    if (length < 64) list.push([long, 'out_of_range', 'OutOfRange', 'a challenge too long']);
    if (!/QA/.test(String(sheet.working.facts?.(sheet)['suite'])))
      list.push([
        { ...grant, asked: { ...asked, challenge: 'g1' } },
        'bad_argument',
        'WrongChallenge',
        'a letter that it does not have',
      ]);
  } else {
    list.push([
      { ...grant, asked: { challenge: '1' } },
      'bad_argument',
      'NotAsked',
      'a code that answers nothing',
    ]);
  }
  return list.map(([each, error, flag, comment]) => {
    agree(comment, error, errorOf(() => mint(token, each)).code);
    return { comment, flags: [flag], grant: each, error, result: 'invalid' };
  });
}

/** Counts whose codes read as those of others near: found by trying, for chance makes them. */
const ambiguousTests = (sheet: Sheet, { ambiguous }: Door): readonly Test[] =>
  (ambiguous ?? []).map(([kind, count, value]) => {
    const comment = `${kind} ${value}: the code of another count near it, too`;
    const grant = { kind, variance: 0, count, value };
    agree(comment, 'code_ambiguous', errorOf(() => mint(sheet.token, grant)).code);
    return { comment, flags: ['Ambiguous'], grant, error: 'code_ambiguous', result: 'invalid' };
  });

function groupOf(vendor: Vendor, door: Door, isFirst: boolean): Group {
  const token = stepToken(vendor, door);
  const [sheet] = sheetsOf(token);
  const far = sheet.working.far ?? Number.POSITIVE_INFINITY;
  // To walk an OpenPAYGO chain to its end takes those who check these files long enough once.
  const edges = edgesOf(sheet).filter(({ count }) => isFirst || typeof count !== 'number' || count <= far);
  return {
    ...groupHead(sheet),
    tests: [
      ...(door.printed ?? []).map((each) => printedTest(sheet, each)),
      ...edges,
      ...periodChallenges(sheet),
      ...valueTests(sheet),
      ...malformedTests(sheet),
      ...refusedTests(sheet),
      ...ambiguousTests(sheet, door),
      ...randomsOf(sheet, door.name, door.random ?? 12),
    ],
  };
}

const fileOf = (vendor: Vendor, doors: readonly Door[]): object =>
  vectorFile({
    algorithm: vendor.scheme.id,
    schema: 'codes',
    header: [
      `Codes of ${vendor.id}. They are published: what its locks take.`,
      ...COUNTS_HEADER,
      'Invalid with error: no code (code), or a grant of which no code may be made (grant).',
    ],
    notes: NOTES,
    groups: doors.map((door, index) => groupOf(vendor, door, index === 0)),
  });

// --- the makers ---------------------------------------------------------------------------------------------------

/** The keys of the RFCs: digits as ASCII, again and again. */
const digitsKey = (length: number): Uint8Array =>
  new TextEncoder().encode('1234567890'.repeat(7).slice(0, length));

/** RFC 4226, Appendix D. */
const RFC_4226 = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489';

const byCount = (codes: string): readonly Printed[] => codes.split(' ').map((code, at) => ({ at, code }));

const hotpFile = (): object =>
  fileOf(hotp, [
    { name: 'hotp-rfc-4226', key: digitsKey(20), printed: byCount(RFC_4226), random: 20 },
    { name: 'hotp-8-sha256', key: 32, config: { digits: 8, hash: 'SHA-256', window: 50, resync: 0 } },
    { name: 'hotp-9', key: 16, config: { digits: 9, window: 1 }, zone: 'Asia/Kathmandu' },
    { name: 'hotp-10-sha512', key: 64, config: { digits: 10, hash: 'SHA-512' }, zone: 'America/New_York' },
    { name: 'hotp-7-long-key', key: 128, config: { digits: 7 } },
  ]);

/** RFC 6238, Appendix B; the keys by erratum 2866. */
const TIMES = [59, 1_111_111_109, 1_111_111_111, 1_234_567_890, 2_000_000_000, 20_000_000_000];
const atTimes = (codes: string): readonly Printed[] =>
  codes.split(' ').map((code, index) => ({ at: TIMES[index] ?? 0, code }));

const totpFile = (): object =>
  fileOf(totp, [
    {
      name: 'totp-rfc-6238-sha1',
      key: digitsKey(20),
      config: { digits: 8 },
      printed: atTimes('94287082 07081804 14050471 89005924 69279037 65353130'),
    },
    {
      name: 'totp-rfc-6238-sha256',
      key: digitsKey(32),
      config: { digits: 8, hash: 'SHA-256' },
      printed: atTimes('46119246 68084774 67062674 91819424 90698825 77737706'),
    },
    {
      name: 'totp-rfc-6238-sha512',
      key: digitsKey(64),
      config: { digits: 8, hash: 'SHA-512' },
      printed: atTimes('90693936 25091201 99943326 93441116 38618901 47863826'),
    },
    { name: 'totp-app', key: 20, zone: 'Australia/Lord_Howe' },
    { name: 'totp-60-t0', key: 20, config: { period: 60, t0: utc(2026, 1, 1) + 7, window: 2 } },
    { name: 'totp-10-second', key: 64, config: { digits: 10, hash: 'SHA-512', period: 1, drift: 100 } },
    { name: 'totp-day', key: 16, config: { period: 86_400, window: 0, drift: 0, t0: 2 ** 32 - 1 } },
  ]);

/** RFC 6287, Appendix C.1: ten challenges of equal digits; the PIN is 1234. */
const pinned = (length: number, pin: string): Uint8Array =>
  Uint8Array.from([...digitsKey(length), ...createHash(pin).update('1234').digest()]);

const byChallenge = (codes: string, at: number): readonly Printed[] =>
  codes.split(' ').map((code, index) => ({ at, code, asked: { challenge: String(index).repeat(8) } }));

const ocraFile = (): object =>
  fileOf(ocra, [
    {
      name: 'ocra-rfc-6287',
      key: digitsKey(20),
      config: { suite: 'OCRA-1:HOTP-SHA1-6:QN08' },
      printed: byChallenge('237653 243178 653583 740991 608993 388898 816933 224598 750600 294470', 0),
    },
    {
      name: 'ocra-rfc-6287-counter-pin',
      key: pinned(32, 'sha1'),
      config: { suite: 'OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1' },
      printed: byCount(
        '65347737 86775851 78192410 71565254 10104329 65983500 70069104 91771096 75011558 08522129',
      ).map((each) => ({ ...each, asked: { challenge: '12345678' } })),
    },
    {
      name: 'ocra-rfc-6287-time',
      key: digitsKey(64),
      config: { suite: 'OCRA-1:HOTP-SHA512-8:QN08-T1M' },
      printed: byChallenge('95209754 55907591 22048402 24218844 36209546', 0x132d0b6 * 60),
    },
    { name: 'ocra-default', key: 32 },
    {
      name: 'ocra-everything',
      key: 32 + 64,
      config: { suite: 'OCRA-1:HOTP-SHA512-10:C-QA16-PSHA256-S128-T30S', window: 5 },
    },
    { name: 'ocra-window', key: 32, config: { suite: 'OCRA-1:HOTP-SHA256-9:QH40-T1H', window: 2 } },
    {
      name: 'ocra-session',
      key: 20 + 64,
      config: { suite: 'OCRA-1:HOTP-SHA1-7:C-QH64-PSHA512-S064', window: 50, resync: 1000 },
    },
    { name: 'ocra-4-digits', key: 20, config: { suite: 'OCRA-1:HOTP-SHA1-4:QA05-S001' } },
  ]);

const openpaygoFile = (): object =>
  fileOf(openpaygo, [
    {
      name: 'openpaygo',
      key: 16,
      ambiguous: [
        ['add', 328, 36],
        ['add', 204, 90],
        ['add', 206, 103],
      ],
      random: 20,
    },
    { name: 'openpaygo-start', key: 16, config: { start: 999_999_999, count: 40 }, zone: 'Asia/Kathmandu' },
    { name: 'openpaygo-zero', key: 16, config: { start: 0, keypad: 'restricted' } },
    { name: 'openpaygo-extended', key: 16, config: { extended: true } },
    {
      name: 'openpaygo-extended-restricted',
      key: 16,
      config: { start: 4_294_967, extended: true, keypad: 'restricted' },
    },
  ]);

const nexusFile = (): object =>
  fileOf(nexus, [
    { name: 'nexus-full', key: 16, random: 20 },
    { name: 'nexus-small', key: 16, config: { keypad: 'small' }, random: 20 },
    {
      name: 'nexus-small-extended',
      key: 16,
      config: { keypad: 'small', extended: true },
      ambiguous: [
        ['set_wipe', 188, 1],
        ['set_wipe', 212, 1],
        ['set_wipe', 101, 4],
        ['set_wipe', 133, 4],
      ],
      random: 20,
    },
  ]);

/** By the vendor's id. */
export const STEP_CODES_FILES: Readonly<Record<string, () => object>> = {
  [hotp.id]: hotpFile,
  [totp.id]: totpFile,
  [ocra.id]: ocraFile,
  [openpaygo.id]: openpaygoFile,
  [nexus.id]: nexusFile,
};
