/**
 * `pintumbler vectors`: test vectors for a vendor's codes, with every value between key and code, so that a failing
 * board shows which layer is wrong. Seeded: the same seed gives the same bytes.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { zoneFacts } from '../calendar/index.ts';
import { engineOf, read } from '../engine.ts';
import { checkInteger, PintumblerError } from '../errors.ts';
import { countOf, EPOCH, slotAt, windowOf } from '../grant.ts';
import { createToken, type DeviceToken, mint } from '../index.ts';
import { u32 } from '../keys.ts';
import { numberFf1 } from '../schemes/index.ts';
import { pageOf, payloadOf, sealedKey } from '../schemes/sealed.ts';
import { deviceKey, secretBytes } from '../token.ts';
import type { PlacedKind, Vendor } from '../vendors/vendor.ts';
import { DAY } from '../zone.ts';
import { VERSION } from './help.ts';
import { type Flags, type Io, may, mayNumber, need, UsageError } from './io.ts';
import { layoutJson, vendorOf } from './token.ts';

/** A seeded stream of integers: SHA-256(seed ‖ u32(counter)), four bytes at a time. */
export class Stream {
  readonly #seed: Uint8Array;
  #block: Uint8Array = new Uint8Array(0);
  #counter = 0;

  constructor(seed: string) {
    this.#seed = utf8ToBytes(seed);
  }

  bytes(length: number): Uint8Array {
    while (this.#block.length < length) {
      this.#block = concatBytes(this.#block, sha256(concatBytes(this.#seed, u32(this.#counter++))));
    }
    const taken = this.#block.slice(0, length);
    this.#block = this.#block.slice(length);
    return taken;
  }

  /** From 0 to `below` − 1; the bias of 2^48 mod `below` does not matter to test data. */
  below(below: number): number {
    return this.bytes(6).reduce((sum, byte) => sum * 256 + byte, 0) % below;
  }
}

export interface SealedTest {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly kind?: string;
  readonly length?: number;
  readonly variance?: number;
  readonly startsAt?: number;
  readonly endsAt?: number;
  readonly firstUseBy?: number;
  readonly at?: number;
  readonly slot?: number;
  readonly page: number;
  readonly payload: number;
  readonly code: string;
  readonly result: 'valid' | 'invalid';
}

/** What names a vector file's group: the token in full, secrets included, and the layout. */
export function groupHead(token: DeviceToken): object {
  const { layout } = engineOf(token);
  return {
    type: 'SealedTest',
    source: { name: 'pintumbler', version: VERSION },
    vendor: token.vendor.id,
    codes: token.vendor.codes,
    deviceId: token.deviceId,
    epoch: token.epoch,
    timeZone: token.timeZone,
    gridOffset: token.gridOffset,
    ...(token.offsets && { offsets: token.offsets }),
    ...(token.config !== undefined && { config: token.config }),
    root: bytesToHex(secretBytes(token)),
    deviceKey: bytesToHex(deviceKey(token)),
    sealedKey: bytesToHex(sealedKey(deviceKey(token), layout, '')),
    layout: layoutJson(token),
  };
}

export type Unnumbered = Omit<SealedTest, 'tcId'>;

/** The vector of one grant; undefined where the slot has none (off its day, past the offset table). */
export function validTest(
  token: DeviceToken,
  kind: PlacedKind,
  slot: number,
  length: number,
  variance: number,
  comment: string,
): Unnumbered | undefined {
  const { layout, grid } = engineOf(token);
  const window = windowOf(kind.shape, slot, length, grid);
  if (!window) return undefined;
  const { startsAt, endsAt, firstUseBy } = window;
  const claim = { kind: kind.index, slot, length, variance, lane: '' };
  const page = pageOf(claim, layout);
  const payload = payloadOf(claim, page, layout);
  const code = mint(token, { kind: kind.id, variance, startsAt, endsAt });
  const flags = [
    kind.shape.on === 'civil-day' ? 'Civil' : 'Grid',
    ...(code.startsWith('0') ? ['LeadingZero'] : []),
    ...(page > 0 ? ['LaterPage'] : []),
  ];
  return {
    comment,
    flags,
    kind: kind.id,
    length,
    variance,
    startsAt,
    endsAt,
    firstUseBy,
    slot,
    page,
    payload,
    code,
    result: 'valid',
  };
}

/** The digits of a payload that means nothing. */
export function invalidTest(token: DeviceToken, payload: number, flag: string, comment: string): Unnumbered {
  const { layout, grid } = engineOf(token);
  const page = 0;
  const code = String(
    numberFf1(sealedKey(deviceKey(token), layout, ''), 10, layout.digits).encrypt(payload, page),
  ).padStart(layout.digits, '0');
  const slot = Math.min(Math.floor(payload / layout.perSlot), layout.slotsPerPage - 1);
  const at = EPOCH + grid.shift + slot * grid.step;
  if (read(token, code, at).length > 0)
    throw new PintumblerError('code_ambiguous', `vector "${comment}" means something on another page`);
  return { comment, flags: [flag], at, page, payload, code, result: 'invalid' };
}

/** Slots at the edges: the first, the page border, 2038, 2106, and where a clock changes. */
function edgeSlots(token: DeviceToken): readonly (readonly [slot: number, comment: string])[] {
  const { layout, grid } = engineOf(token);
  const at = (instant: number): number => Math.floor(slotAt(instant, grid));
  const days = (instant: number): number => Math.floor((instant - EPOCH) / DAY) * (DAY / grid.step);
  const changes = (token.offsets ?? [])
    .slice(12, 16)
    .flatMap(([utc]) => [
      [days(utc), 'day of a clock change'] as const,
      [days(utc) - DAY / grid.step, 'day before a clock change'] as const,
    ]);
  return [
    [DAY / grid.step, 'second day of 2020'],
    [layout.slotsPerPage - 1, 'last slot of page 0'],
    [layout.slotsPerPage, 'first slot of page 1'],
    [at(2 ** 31), '2^31 seconds: 2038-01-19'],
    [at(2 ** 32), '2^32 seconds: 2106-02-07'],
    ...changes,
  ];
}

/** Vectors of one token: every kind at every edge, `count` random grants, and payloads that mean nothing. */
export function sealedTests(
  token: DeviceToken,
  seed: string,
  count: number,
  edges: boolean,
): readonly Unnumbered[] {
  const { kinds, layout, grid } = engineOf(token);
  const stream = new Stream(`${seed}/${layout.id}`);
  const tests: Unnumbered[] = [];
  // By chance a code at a page border has a second meaning: mint refuses it, and so it is no vector.
  const push = (make: () => Unnumbered | undefined): boolean => {
    try {
      const test = make();
      return test !== undefined && tests.push(test) > 0;
    } catch (error) {
      if (error instanceof PintumblerError && error.code === 'code_ambiguous') return false;
      throw error;
    }
  };
  if (edges) {
    for (const [slot, comment] of edgeSlots(token)) {
      for (const kind of kinds)
        push(() =>
          validTest(token, kind, slot, countOf(kind.shape.lengths) - 1, kind.variances - 1, comment),
        );
    }
    // Where H·S is 10^n, every payload lies in a slot.
    const beyond = layout.slotsPerPage * layout.perSlot;
    if (beyond < 10 ** layout.digits) {
      push(() => invalidTest(token, beyond, 'BeyondPage', 'payload H·S'));
      push(() => invalidTest(token, 10 ** layout.digits - 1, 'BeyondPage', 'payload 10^n − 1'));
    }
    if (layout.used < layout.perSlot) {
      push(() =>
        invalidTest(
          token,
          1000 * layout.perSlot + layout.used,
          'Reserved',
          'first reserved payload of a slot',
        ),
      );
      push(() =>
        invalidTest(
          token,
          1000 * layout.perSlot + layout.perSlot - 1,
          'Reserved',
          'last reserved payload of a slot',
        ),
      );
    }
    const civil = kinds.find((kind) => kind.shape.on === 'civil-day');
    if (civil)
      push(() =>
        invalidTest(
          token,
          1001 * layout.perSlot + (layout.places[civil.index]?.base ?? 0),
          'OffDay',
          'a civil kind off its day',
        ),
      );
  }
  // Ten years from 2024 on, where an offset table of today reaches.
  for (let made = 0; made < count; ) {
    const kind = kinds[stream.below(kinds.length)];
    if (!kind) break;
    const step = kind.shape.on === 'civil-day' ? DAY / grid.step : 1;
    const slot = 4 * 365 * (DAY / grid.step) + stream.below((10 * 365 * DAY) / grid.step / step) * step;
    if (
      push(() =>
        validTest(
          token,
          kind,
          slot,
          stream.below(countOf(kind.shape.lengths)),
          stream.below(kind.variances),
          'random grant',
        ),
      )
    )
      made++;
  }
  return tests;
}

/** The token that a seed stands for, in a zone with quarter hours and clock changes. */
export function vectorToken(
  vendor: Vendor,
  seed: string,
  config?: unknown,
  timeZone = 'Pacific/Chatham',
): DeviceToken {
  const rules = typeof vendor.rules === 'function' ? vendor.rules(config) : vendor.rules;
  const facts = zoneFacts(timeZone, Date.UTC(2019, 11, 31) / 1000, Date.UTC(2036, 0, 1) / 1000);
  const { offsets, ...zone } = facts;
  return createToken({
    vendor,
    deviceId: 'vector-door',
    root: new Stream(`${seed}/root/${vendor.id}`).bytes(32),
    epoch: 3,
    ...zone,
    ...(rules.clock === 'civil' && { offsets }),
    ...(config !== undefined && { config }),
  });
}

export const SEALED_NOTES = {
  Grid: { bugType: 'BASIC', description: 'A kind that starts on the grid and is counted in seconds.' },
  Civil: {
    bugType: 'BASIC',
    description: 'A kind that opens and closes at local times, by the offset table of the group.',
  },
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
} as const;

/** A whole vector file for one token. */
export function sealedFile(token: DeviceToken, seed: string, count: number, edges = true): object {
  const tests = sealedTests(token, seed, count, edges).map(
    (test, index): SealedTest => ({ tcId: index + 1, ...test }),
  );
  return {
    algorithm: 'sealed/1',
    schema: 'schemas/sealed.json',
    header: [
      `Codes of layout ${token.rules.layout} (${token.vendor.codes}), made by pintumbler ${VERSION} with seed "${seed}".`,
      'Valid: the grant, its slot, page and payload, and the code; reading the code at startsAt gives the grant back.',
      'Invalid: digits that decrypt to a payload without meaning; reading them at `at` gives nothing.',
    ],
    notes: SEALED_NOTES,
    numberOfTests: tests.length,
    testGroups: [{ ...groupHead(token), tests }],
  };
}

const cBytes = (hex: string): string => (hex.match(/../g) ?? []).map((byte) => `0x${byte}`).join(', ');

/** The same vectors as a C99 header: fixed-size rows, no pointers, no heap. */
function cHeader(token: DeviceToken, seed: string, count: number): string {
  const { layout, byId } = engineOf(token);
  const tests = sealedTests(token, seed, count, true);
  const key = deviceKey(token);
  const guard = `PINTUMBLER_VECTORS_${layout.id.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_H`;
  const big = (value: number): string => `UINT64_C(${value})`;
  const rows = tests.map(
    (
      {
        code,
        kind = '',
        length = 0,
        variance = 0,
        slot = 0,
        page,
        payload,
        startsAt = 0,
        endsAt = 0,
        firstUseBy = 0,
        at,
        result,
        comment,
      },
      index,
    ) => {
      const numbers = [
        byId.get(kind)?.index ?? 255,
        length,
        variance,
        `${slot}u`,
        `${page}u`,
        big(payload),
        big(startsAt),
        big(endsAt),
        big(firstUseBy),
        big(at ?? startsAt),
      ];
      return `  /* tcId ${index + 1}: ${comment.replaceAll('−', '-').replaceAll('·', '*')} */\n  { "${code}", ${numbers.join(', ')}, ${result === 'valid' ? 1 : 0} }`;
    },
  );
  return `/*
 * Codes of layout ${layout.id} (${token.vendor.codes}). Generated, do not edit:
 *   pintumbler vectors --vendor ${token.vendor.id} --seed ${seed} --count ${count} --format c
 * pintumbler ${VERSION}, SHA-256 of the rows ${bytesToHex(sha256(utf8ToBytes(rows.join('\n'))))}
 * kind is the index in the layout, 255 for digits that mean nothing when read at \`at\`.
 */
#ifndef ${guard}
#define ${guard}
#include <stdint.h>

#define PINTUMBLER_LAYOUT "${layout.id}"
#define PINTUMBLER_DIGITS ${layout.digits}u
#define PINTUMBLER_GRID_SECONDS ${token.rules.grid}u
#define PINTUMBLER_GRID_OFFSET ${token.gridOffset}u
#define PINTUMBLER_PER_SLOT ${layout.perSlot}u
#define PINTUMBLER_SLOTS_PER_PAGE ${layout.slotsPerPage}u
#define PINTUMBLER_VECTOR_COUNT ${tests.length}u

static const uint8_t pintumbler_device_key[32] = { ${cBytes(bytesToHex(key))} };
static const uint8_t pintumbler_sealed_key[16] = { ${cBytes(bytesToHex(sealedKey(key, layout, '')))} };

typedef struct {
  char code[${layout.digits + 1}];
  uint8_t kind;
  uint16_t length;
  uint16_t variance;
  uint32_t slot;
  uint32_t page;
  uint64_t payload;
  uint64_t starts_at;
  uint64_t ends_at;
  uint64_t first_use_by;
  uint64_t at;
  uint8_t valid;
} pintumbler_vector;

static const pintumbler_vector pintumbler_vectors[PINTUMBLER_VECTOR_COUNT] = {
${rows.join(',\n')}
};

#endif`;
}

export function vectorsCommand(io: Io, flags: Flags): number {
  const vendor = vendorOf(need(flags, 'vendor'));
  const seed = may(flags, 'seed') ?? 'pintumbler';
  const count = mayNumber(flags, 'count') ?? 100;
  const format = may(flags, 'format') ?? 'json';
  checkInteger('count', count, 1, 100_000);
  if (format !== 'json' && format !== 'c') throw new UsageError('--format takes json or c');
  if (!/^[\x20-\x7e]{1,64}$/.test(seed) || /\*\/|\/\*/.test(seed))
    throw new UsageError('--seed takes 1 to 64 printable characters');
  const token = vectorToken(vendor, seed);
  io.out(
    format === 'c' ? cHeader(token, seed, count) : JSON.stringify(sealedFile(token, seed, count), null, 1),
  );
  return 0;
}
