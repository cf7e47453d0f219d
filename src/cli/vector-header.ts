/** Vectors as a C99 header: fixed-size rows, no pointers, no heap. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { slotsPerPage } from '../schemes/sealed.ts';
import { type DeviceToken, deviceKey } from '../token.ts';
import { VERSION } from './help.ts';
import type { Sheet } from './vector-schemes.ts';
import type { Unnumbered } from './vector-tests.ts';

/** A sheet with its vectors. */
export type Part = readonly [sheet: Sheet, tests: readonly Unnumbered[]];

/** As a C initialiser. */
export const cBytes = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(', ');

/** The longest of some texts, and the zero behind it. */
export const room = (texts: readonly string[]): number => Math.max(...texts.map((text) => text.length)) + 1;

export const big = (value: unknown): string => `UINT64_C(${value ?? 0})`;

/** What stands between claim and code as one number: 0 where it is a digest. */
const numberIn = ({ payload, plain, number }: Unnumbered): unknown =>
  payload ?? (typeof plain === 'string' ? Number(plain) : number);

const digestIn = ({ mac, hmac }: Unnumbered): string => {
  const digest = mac ?? hmac;
  return typeof digest === 'string' ? digest : '';
};

export const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

function rowOf([{ kinds }]: Part, table: number, test: Unnumbered, digests: boolean): string {
  const { code, kind, length = 0, variance = 0, slot = 0, page = 0, startsAt, firstUseBy, result } = test;
  // A code without an end is open for as long as a clock can count.
  const endsAt = test['endsAt'] === null ? 'UINT64_MAX' : big(test['endsAt']);
  const fields = [
    `"${code}"`,
    kinds.find((each) => each.id === kind)?.index ?? 255,
    length,
    variance,
    `${slot}u`,
    `${page}u`,
    big(numberIn(test)),
    big(startsAt),
    endsAt,
    big(firstUseBy),
    big(test['at'] ?? startsAt),
    result === 'valid' ? 1 : 0,
    table,
    ...(digests ? [`{ ${cBytes(bytesOf(digestIn(test))) || '0'} }`] : []),
  ];
  return `{ ${fields.join(', ')} }`;
}

function tableOf({ book: { layout, grid }, lane, scheme, key }: Sheet): string {
  const perPage = scheme === 'sealed/1' ? slotsPerPage(layout) : 0;
  const fields = [
    `"${layout.id}"`,
    `"${scheme}"`,
    `"${lane}"`,
    `"${layout.alphabet}"`,
    layout.digits,
    `${grid.step}u`,
    big(grid.origin + grid.shift),
    `${layout.perSlot}u`,
    big(perPage),
    key.length,
    `{ ${cBytes(key)} }`,
  ];
  return `  { ${fields.join(', ')} }`;
}

/** Only ASCII is sure to pass every compiler. */
export const ascii = (text: string): string =>
  text
    .replaceAll('−', '-')
    .replaceAll('·', '*')
    .replaceAll(/[^\x20-\x7e]/g, '?');

/** Names that a lock with one table and no prefix may use instead of `pintumbler_tables[0]`. */
function oneTable({ book: { layout, grid }, scheme, key }: Sheet): string {
  const names = `
#define PINTUMBLER_LAYOUT "${layout.id}"
#define PINTUMBLER_DIGITS ${layout.digits}u
#define PINTUMBLER_GRID_SECONDS ${grid.step}u
#define PINTUMBLER_PER_SLOT ${layout.perSlot}u`;
  if (scheme !== 'sealed/1') return names;
  return `${names}
#define PINTUMBLER_SLOTS_PER_PAGE ${slotsPerPage(layout)}u
static const uint8_t pintumbler_sealed_key[16] = { ${cBytes(key)} };`;
}

/**
 * The header of a vendor's vectors.
 *
 * @param made the command that makes it.
 */
export function cHeader(token: DeviceToken, parts: readonly [Part, ...Part[]], made: string): string {
  const sheets = parts.map(([sheet]) => sheet);
  const all = parts.flatMap(([, tests]) => tests);
  const digests = all.some((test) => digestIn(test) !== '');
  const rows = parts
    .flatMap((part, table) =>
      part[1].map((test) => [test.comment, rowOf(part, table, test, digests)] as const),
    )
    .map(([comment, row], index) => `  /* tcId ${index + 1}: ${ascii(comment)} */\n  ${row}`);
  const guard = `PINTUMBLER_VECTORS_${token.rules.layout.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_H`;
  const secret = deviceKey(token);
  return `/*
 * Codes of ${token.vendor.id} (${token.vendor.codes}), layouts ${[...new Set(sheets.map(({ book }) => book.layout.id))].join(', ')}. Generated, do not edit:
 *   ${made}
 * pintumbler ${VERSION}, SHA-256 of the rows ${bytesToHex(sha256(utf8ToBytes(rows.join('\n'))))}
 * kind is the index in the layout, 255 for digits that mean nothing when read at \`at\`. ends_at is UINT64_MAX where there
 * is no end. payload: of sealed/1 the payload, of mac/1 the number within the slot, of tuya-offline/1 the plaintext.${
   digests ? '\n * digest: of mac/1 its first 16 bytes, of tuya-dynamic/1 all 20.' : ''
 }
 */
#ifndef ${guard}
#define ${guard}
#include <stdint.h>

#define PINTUMBLER_GRID_OFFSET ${token.gridOffset}u
#define PINTUMBLER_TABLE_COUNT ${parts.length}u
#define PINTUMBLER_VECTOR_COUNT ${rows.length}u
${digests ? '#define PINTUMBLER_DIGEST_BYTES 20u\n' : ''}${sheets.length === 1 ? oneTable(parts[0][0]) : ''}

static const uint8_t pintumbler_device_key[${secret.length}] = { ${cBytes(secret)} };

/* A table of codes with one prefix. origin: where slot 0 begins, UTC; slots_per_page: 0 but for sealed/1. */
typedef struct {
  char layout[${room(sheets.map(({ book }) => book.layout.id))}];
  char scheme[${room(sheets.map(({ scheme }) => scheme))}];
  char lane[${room(sheets.map(({ lane }) => lane))}];
  char alphabet[${room(sheets.map(({ book }) => book.layout.alphabet))}];
  uint8_t digits;
  uint32_t grid_seconds;
  uint64_t origin;
  uint32_t per_slot;
  uint64_t slots_per_page;
  uint8_t key_bytes;
  uint8_t key[16];
} pintumbler_table;

static const pintumbler_table pintumbler_tables[PINTUMBLER_TABLE_COUNT] = {
${sheets.map(tableOf).join(',\n')}
};

typedef struct {
  char code[${room(all.map(({ code }) => code))}];
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
  uint8_t table;${digests ? '\n  uint8_t digest[PINTUMBLER_DIGEST_BYTES];' : ''}
} pintumbler_vector;

static const pintumbler_vector pintumbler_vectors[PINTUMBLER_VECTOR_COUNT] = {
${rows.join(',\n')}
};

#endif`;
}
