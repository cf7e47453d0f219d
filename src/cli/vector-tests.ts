/**
 * The vectors of a sheet, that is of one table of a token with one clear prefix: grants at the edges and random ones, and
 * digits that mean nothing.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { type Book, engineOf, type Near, read } from '../engine.ts';
import { fail, LAST_INSTANT, PintumblerError } from '../errors.ts';
import { type Asked, countOf, EPOCH, slotAt, windowOf } from '../grant.ts';
import { type DeviceToken, mint } from '../index.ts';
import { slotsPerPage } from '../schemes/sealed.ts';
import { deviceKey, secretBytes } from '../token.ts';
import { type PlacedKind, tablesOf } from '../vendors/vendor.ts';
import { DAY } from '../zone.ts';
import { VERSION } from './help.ts';
import { tableJson } from './token.ts';
import { type Nothing, type Sheet, type Steps, WORKINGS } from './vector-schemes.ts';
import { stepWorking } from './vector-steps.ts';
import { Stream } from './vector-stream.ts';

/** 2027-01-01T00:00Z. */
const YEAR_END = 1798761600;

/** A test without its number. */
export type Unnumbered = Readonly<Record<string, unknown>> & {
  readonly comment: string;
  readonly flags: readonly string[];
  readonly code: string;
  readonly result: 'valid' | 'invalid';
};

/** The codes of the vendor's first table. */
export function bookOf(token: DeviceToken): Book {
  const [book] = engineOf(token).books;
  if (!book) throw new PintumblerError('rules_invalid', 'a vendor without codes');
  return book;
}

/** Every table of a token, once for each of its lanes. */
export function sheetsOf(token: DeviceToken): readonly [Sheet, ...Sheet[]] {
  const { vendor, rules } = token;
  const secret = deviceKey(token);
  const [first, ...more] = engineOf(token).books.flatMap((book, index) => {
    const { scheme = vendor.scheme } = tablesOf(rules)[index] ?? rules;
    const working = WORKINGS[scheme.id] ?? stepWorking(scheme.id);
    if (!working) fail('scheme_remote', 'there are no vectors for a scheme that the library does not have');
    return book.layout.lanes.map((lane): Sheet => {
      const kinds = book.kinds.filter((kind) => kind.lane === undefined || kind.lane === lane);
      const key = working.keyOf(secret, book.layout, lane);
      return { token, book, lane, kinds, scheme: scheme.id, working, key };
    });
  });
  return first ? [first, ...more] : fail('rules_invalid', 'a vendor without codes');
}

/** What names a group: the token in full, secrets included, and the layout. */
export function groupHead(sheet: Sheet): {
  readonly type: string;
  readonly [name: string]: unknown;
} {
  const { token, book, lane, scheme, working, key } = sheet;
  const { vendor, rules, offsets, config } = token;
  const table = rules.also?.find((each) => each.layout === book.layout.id) ?? rules;
  return {
    type: working.type,
    source: { name: 'pintumbler', version: VERSION },
    vendor: vendor.id,
    codes: vendor.codes,
    scheme,
    clock: rules.clock,
    deviceId: token.deviceId,
    epoch: token.epoch,
    timeZone: token.timeZone,
    gridOffset: token.gridOffset,
    ...(offsets && { offsets }),
    ...(config !== undefined && { config }),
    [token.holds]: bytesToHex(secretBytes(token)),
    // Where the maker prescribes the key, there is none to derive.
    ...(!('key' in vendor.scheme) && { deviceKey: bytesToHex(deviceKey(token)) }),
    lane,
    [working.keyName]: bytesToHex(key),
    ...working.facts?.(sheet),
    layout: tableJson(token, table),
  };
}

function flagsOf({ book, lane }: Sheet, kind: PlacedKind, steps: Steps, code: string): readonly string[] {
  const { shape } = kind;
  const flags: readonly (readonly [flag: string, has: boolean])[] = [
    ['Civil', shape.on === 'civil-day'],
    ['Grid', shape.on === 'slot'],
    ['Rolling', kind.for === 'rolling'],
    ['Challenge', kind.asks !== undefined],
    ['Weekdays', shape.weekdays !== undefined],
    ['Endless', shape.endless],
    ['LeadingZero', book.layout.alphabet.startsWith('0') && code.startsWith('0', lane.length)],
    ['LaterPage', typeof steps['page'] === 'number' && steps['page'] > 0],
  ];
  return flags.flatMap(([flag, has]) => (has ? [flag] : []));
}

/**
 * The vector of one grant; undefined where nobody can ask for it: off its day, past the offset table, without length, or
 * said by an earlier table.
 */
export function validTest(
  sheet: Sheet,
  kind: PlacedKind,
  slot: number,
  length: number,
  variance: number,
  comment: string,
  asked: Asked | undefined = askedAt(sheet, slot),
): Unnumbered | undefined {
  const { token, book, lane, working } = sheet;
  const window = windowOf(kind.shape, slot, length, book.grid);
  if (!window || window.startsAt < 0 || window.endsAt > LAST_INSTANT) return undefined;
  const { startsAt, firstUseBy } = window;
  if (window.endsAt === startsAt && kind.for !== 'control') return undefined;
  const endsAt = kind.shape.endless ? null : window.endsAt;
  const said = asked && { asked };
  const code = mint(token, {
    kind: kind.id,
    variance,
    ...(lane !== '' && { lane }),
    startsAt,
    endsAt,
    ...said,
  });
  const claim = { kind: kind.index, slot, length, variance, lane, ...said };
  if (code !== book.codec.encode(claim)) return undefined;
  const steps = working.stepsOf(sheet, claim);
  return {
    comment,
    flags: flagsOf(sheet, kind, steps, code),
    kind: kind.id,
    length,
    variance,
    startsAt,
    endsAt,
    firstUseBy,
    slot,
    ...said,
    ...steps,
    code,
    result: 'valid',
  };
}

/** Some challenge for a slot or a count, where codes answer one. */
export const askedAt = (sheet: Sheet, slot: number): Asked | undefined =>
  sheet.working.asked?.(sheet, new Stream(`asked/${sheet.book.layout.id}/${slot}`));

/** Where to read: around a time, or a count, and what was asked. */
function nearOf({ counts, grid }: Book, { slot, asked, at }: Nothing): Near {
  const said = asked && { asked };
  if (counts) return { count: slot, ...(at !== undefined && { at }), ...said };
  return { at: Math.min(grid.origin + grid.shift + slot * grid.step, LAST_INSTANT), ...said };
}

/** The vector of digits that mean nothing around a time, or a count. */
export function nothingTest({ token, book }: Sheet, nothing: Nothing): Unnumbered {
  const { flag, comment, steps, code } = nothing;
  const near = nearOf(book, nothing);
  const { at, count, asked } = near;
  if (read(token, code, near).length > 0)
    fail('code_ambiguous', `vector "${comment}" means something after all`);
  return {
    comment,
    flags: [flag],
    ...(count !== undefined && { last: count }),
    ...(at !== undefined && { at }),
    ...(asked && { asked }),
    ...steps,
    code,
    result: 'invalid',
  };
}

/** By chance a code at a page border has a second meaning: mint refuses it, and so it is no vector. */
export function unlessAmbiguous(make: () => Unnumbered | undefined): readonly Unnumbered[] {
  try {
    const test = make();
    return test ? [test] : [];
  } catch (error) {
    if (error instanceof PintumblerError && error.code === 'code_ambiguous') return [];
    throw error;
  }
}

/** The first slot from `slot` on that a kind has windows at, within a week: its days, its weekdays. */
export function slotFrom({ book: { grid } }: Sheet, { shape }: PlacedKind, slot: number): number | undefined {
  const perDay = DAY / grid.step;
  if (shape.on === 'slot' && !shape.weekdays) return slot;
  const from = shape.on === 'slot' ? slot : Math.floor(slot / perDay) * perDay;
  const slots = [0, 1, 2, 3, 4, 5, 6, 7].map((day) => from + day * perDay);
  return slots.find((each) => windowOf(shape, each, 0, grid));
}

/** Slots at the edges: the first and the last, the page border, a year's end, 2038, 2106, and where a clock changes. */
function edgeSlots({ book: { layout, grid }, token, scheme }: Sheet): readonly (readonly [number, string])[] {
  const around = (instant: number): number => Math.floor(slotAt(instant, grid));
  const changes = (token.offsets ?? [])
    .slice(12, 16)
    .flatMap(([utc]) => [
      [around(utc), 'a clock change'] as const,
      [around(utc - DAY), 'a day before a clock change'] as const,
    ]);
  const perPage = slotsPerPage(layout);
  const borders = [
    [perPage - 1, 'last slot of page 0'],
    [perPage, 'first slot of page 1'],
  ] as const;
  const edges: readonly (readonly [number, string])[] = [
    [0, 'the first slot'],
    [around(EPOCH + DAY + grid.shift), 'second day of 2020'],
    ...(scheme === 'sealed/1' ? borders : []),
    [grid.slots - 1, 'the last slot'],
    [around(YEAR_END - 3600), 'the last hour of 2026 in UTC'],
    [around(2 ** 31), '2^31 seconds: 2038-01-19'],
    [around(2 ** 32), '2^32 seconds: 2106-02-07'],
    ...changes,
  ];
  return edges.filter(([slot]) => slot >= 0 && slot < Math.min(grid.slots, 2 ** 32));
}

/** Every kind at every edge, its shortest and its longest window in turn, and digits that mean nothing. */
export function edgeTests(sheet: Sheet): readonly Unnumbered[] {
  const grants = edgeSlots(sheet).flatMap(([at, comment], edge) =>
    sheet.kinds.flatMap((kind, index) => {
      const slot = slotFrom(sheet, kind, at);
      if (slot === undefined) return [];
      const last = (edge + index) % 2 === 0;
      const [length, variance] = last ? [countOf(kind.shape.lengths) - 1, kind.variances - 1] : [0, 0];
      return unlessAmbiguous(() => validTest(sheet, kind, slot, length, variance, comment));
    }),
  );
  const nothing = sheet.working
    .nothing(sheet)
    .flatMap((each) => unlessAmbiguous(() => nothingTest(sheet, each)));
  return [...grants, ...nothing];
}

/** Random grants of ten years from 2024 on, where an offset table of today reaches. */
export function randomTests(sheet: Sheet, seed: string, count: number): readonly Unnumbered[] {
  const { kinds, book, lane } = sheet;
  const { step, origin } = book.grid;
  const stream = new Stream(`${seed}/${book.layout.id}${lane}`);
  const first = Math.max(Math.ceil((EPOCH + 4 * 365 * DAY - origin) / step), 0);
  const tests: Unnumbered[] = [];
  while (tests.length < count) {
    const kind = kinds[stream.below(kinds.length)];
    if (!kind) break;
    const stride = kind.shape.on === 'civil-day' ? DAY / step : 1;
    const slot = first + stream.below(Math.floor((10 * 365 * DAY) / step / stride)) * stride;
    const length = stream.below(countOf(kind.shape.lengths));
    const variance = stream.below(kind.variances);
    tests.push(...unlessAmbiguous(() => validTest(sheet, kind, slot, length, variance, 'random grant')));
  }
  return tests;
}

type Note = { readonly bugType: string; readonly description: string };

/** What the flags mean. */
export const VECTOR_NOTES = {
  Grid: { bugType: 'BASIC', description: 'A kind that starts on the grid and is counted in seconds.' },
  Civil: {
    bugType: 'BASIC',
    description: 'A kind that opens and closes at local times, by the offset table of the group.',
  },
  Rolling: { bugType: 'BASIC', description: 'One code a period, accepted in neighbouring periods too.' },
  Weekdays: {
    bugType: 'BASIC',
    description: 'A window that comes again on its weekdays; it begins on one of them.',
  },
  Endless: { bugType: 'BASIC', description: 'A code without an end: `endsAt` is null.' },
  LeadingZero: { bugType: 'EDGE_CASE', description: 'The code starts with 0: a code is a string.' },
  LaterPage: { bugType: 'EDGE_CASE', description: 'The page, and so the FF1 tweak, is not 0.' },
  BeyondPage: { bugType: 'AUTH_BYPASS', description: 'The payload is at or above H·S: it means nothing.' },
  Reserved: {
    bugType: 'AUTH_BYPASS',
    description: 'The payload lies in the reserved part of a slot: it means nothing.',
  },
  OffDay: {
    bugType: 'AUTH_BYPASS',
    description: 'A civil kind whose slot is not the first of a day: it means nothing.',
  },
  OtherLane: {
    bugType: 'AUTH_BYPASS',
    description: 'A prefix that the door does not have: it means nothing.',
  },
  OtherPeriod: {
    bugType: 'AUTH_BYPASS',
    description: 'The code of a period that is no neighbour of the present one: it means nothing.',
  },
  TooLarge: {
    bugType: 'AUTH_BYPASS',
    description: 'A number above those of ten digits, on a keypad of fewer keys: it means nothing.',
  },
  Type: { bugType: 'AUTH_BYPASS', description: 'A type of 2 to 7: it means nothing.' },
  Serial: { bugType: 'AUTH_BYPASS', description: 'A serial number above 10: it means nothing.' },
  Count: { bugType: 'BASIC', description: 'A code for a count, which may carry a value.' },
  Challenge: { bugType: 'BASIC', description: 'A code that answers what the lock asked.' },
  LargeCount: { bugType: 'EDGE_CASE', description: 'The count needs more than 32 bits.' },
  OtherCount: {
    bugType: 'AUTH_BYPASS',
    description: 'The code of a count that is too far from the last accepted one: it means nothing.',
  },
  OtherChallenge: {
    bugType: 'AUTH_BYPASS',
    description: 'The answer to another challenge than the one that was asked: it means nothing.',
  },
  OtherPin: { bugType: 'AUTH_BYPASS', description: 'The answer with another PIN: it means nothing.' },
  OtherByte: {
    bugType: 'MODIFIED_PARAMETER',
    description: 'Digits cut off where another byte than the last of the HMAC says: they mean nothing.',
  },
  TopBit: {
    bugType: 'MODIFIED_PARAMETER',
    description: 'Digits of 32 bits, where 31 are taken: they mean nothing.',
  },
  Counter: {
    bugType: 'MODIFIED_PARAMETER',
    description: 'The counter in other bytes than eight, the highest first: it means nothing.',
  },
  Separator: {
    bugType: 'MODIFIED_PARAMETER',
    description: 'No zero byte between the suite and the data: it means nothing.',
  },
  Padding: {
    bugType: 'MODIFIED_PARAMETER',
    description: 'A field with its zeros on the wrong side: it means nothing.',
  },
  Nibbles: {
    bugType: 'MODIFIED_PARAMETER',
    description: 'A numeric challenge in other bytes than its hex digits, from the left: it means nothing.',
  },
  Seconds: {
    bugType: 'MODIFIED_PARAMETER',
    description: 'Seconds in place of time steps: they mean nothing.',
  },
  KeyLess: {
    bugType: 'AUTH_BYPASS',
    description: 'Count 0, which anybody can write who knows the starting code: it means nothing.',
  },
  Parity: { bugType: 'AUTH_BYPASS', description: 'A value that its count cannot have: it means nothing.' },
  OtherBits: {
    bugType: 'MODIFIED_PARAMETER',
    description: 'A chain of other bits of the hash than those in the field: it means nothing.',
  },
  PutBack: {
    bugType: 'MODIFIED_PARAMETER',
    description: 'A chain in which the base is put back at each step: it means nothing.',
  },
  ReservedValue: { bugType: 'AUTH_BYPASS', description: 'A value that is reserved: it means nothing.' },
  MessageType: {
    bugType: 'AUTH_BYPASS',
    description: 'A message of a type that is no grant: it means nothing.',
  },
  OtherMac: { bugType: 'AUTH_BYPASS', description: 'A wrong MAC: it means nothing.' },
  Wipe: {
    bugType: 'AUTH_BYPASS',
    description:
      'A wipe after which old keycodes would be new again, or of an unknown target: it means nothing.',
  },
  Header: { bugType: 'AUTH_BYPASS', description: 'A header that no device reads: it means nothing.' },
  Plain: { bugType: 'MODIFIED_PARAMETER', description: 'A keycode that is not obscured: it means nothing.' },
  FirstSymbol: {
    bugType: 'AUTH_BYPASS',
    description: 'A keycode that does not begin with 1: it means nothing.',
  },
  RfcOffset: {
    bugType: 'MODIFIED_PARAMETER',
    description: 'Digits cut off as RFC 4226 has it, at the nibble of byte 19: they mean nothing.',
  },
} as const satisfies Readonly<Record<string, Note>>;
