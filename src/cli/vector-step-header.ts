/**
 * The same header for codes that follow each other or answer something: counts and values, challenges, messages.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type DeviceToken, deviceKey } from '../token.ts';
import { VERSION } from './help.ts';
import { ascii, big, bytesOf, cBytes, type Part, room } from './vector-header.ts';
import type { Sheet } from './vector-schemes.ts';
import type { Unnumbered } from './vector-tests.ts';

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Bytes of a field, and how many there are. */
const counted = (hex: string): readonly [bytes: string, count: number] => [
  `{ ${cBytes(bytesOf(hex)) || '0'} }`,
  hex.length / 2,
];

const messageIn = ({ message, dataInput, input }: Unnumbered): string =>
  textIn(message ?? dataInput ?? input);
const digestIn = ({ hmac, hash }: Unnumbered): string => textIn(hmac ?? hash);

/** The one number between the digest and the code. */
function numberIn({ chain, number, mac }: Unnumbered, scheme: string): unknown {
  if (chain !== undefined || number !== undefined) return chain ?? number;
  return Number.parseInt(textIn(mac) || '0', scheme === 'nexus-small/1' ? 16 : 10);
}

const askedIn = (test: Unnumbered): Readonly<Record<'challenge' | 'session', string>> => {
  const { asked } = test;
  if (typeof asked !== 'object' || asked === null || !('challenge' in asked))
    return { challenge: '', session: '' };
  return { challenge: textIn(asked.challenge), session: 'session' in asked ? textIn(asked.session) : '' };
};

/** After which accepted count the code is read: −1 before any. */
function lastIn({ book: { counts, grid } }: Sheet, { last, count }: Unnumbered): unknown {
  if (!counts) return -1;
  if (last !== undefined) return last;
  return typeof count === 'number' && grid.slots > 1 ? count - 1 : 0;
}

/** When it is read; 0 where no time counts. */
function atIn({ book: { counts, timeStep } }: Sheet, { at, startsAt, value }: Unnumbered): unknown {
  if (at !== undefined || startsAt !== undefined) return at ?? startsAt;
  return counts?.timed && typeof value === 'number' ? value * timeStep : 0;
}

function rowOf([sheet]: Part, table: number, test: Unnumbered): string {
  const { code, kind, length = 0, count, slot, value, startsAt, endsAt, result } = test;
  const { challenge, session } = askedIn(test);
  const fields = [
    `"${code}"`,
    sheet.kinds.find(({ id }) => id === kind)?.index ?? 255,
    length,
    big(count ?? slot),
    big(value),
    big(startsAt),
    big(endsAt),
    `INT64_C(${lastIn(sheet, test)})`,
    big(atIn(sheet, test)),
    big(numberIn(test, sheet.scheme)),
    `"${challenge}"`,
    ...counted(session),
    ...counted(messageIn(test)),
    ...counted(digestIn(test)),
    result === 'valid' ? 1 : 0,
    table,
  ];
  return `{ ${fields.join(', ')} }`;
}

/** What a group says of its token. */
const factsOf = (sheet: Sheet): Readonly<Record<string, unknown>> => sheet.working.facts?.(sheet) ?? {};

function tableOf(sheet: Sheet): string {
  const { book, scheme, key } = sheet;
  const { layout, grid, timeStep } = book;
  const { suite, pinHash, startingCode } = factsOf(sheet);
  const fields = [
    `"${layout.id}"`,
    `"${scheme}"`,
    `"${layout.alphabet}"`,
    layout.digits,
    `${book.counts ? timeStep : grid.step}u`,
    big(grid.origin),
    `"${textIn(suite)}"`,
    big(startingCode),
    ...counted(bytesToHex(key)),
    ...counted(textIn(pinHash)),
  ];
  return `  { ${fields.join(', ')} }`;
}

/** Bytes that the longest of some texts of hex needs; C has no empty arrays. */
const bytesFor = (texts: readonly string[]): number => Math.max(1, ...texts.map((text) => text.length / 2));

/**
 * The header of the vectors of a vendor whose codes follow each other or answer something.
 *
 * @param made the command that makes it.
 */
export function stepHeader(token: DeviceToken, parts: readonly [Part, ...Part[]], made: string): string {
  const sheets = parts.map(([sheet]) => sheet);
  const all = parts.flatMap(([, tests]) => tests);
  const rows = parts
    .flatMap((part, table) => part[1].map((test) => [test.comment, rowOf(part, table, test)] as const))
    .map(([comment, row], index) => `  /* tcId ${index + 1}: ${ascii(comment)} */\n  ${row}`);
  const guard = `PINTUMBLER_VECTORS_${token.rules.layout.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_H`;
  const secret = deviceKey(token);
  const kinds = sheets.map(({ kinds: each }) => each.map(({ id, index }) => `${index} ${id}`).join(', '));
  return `/*
 * Codes of ${token.vendor.id} (${token.vendor.codes}), layouts ${sheets.map(({ book }) => book.layout.id).join(', ')}. Generated, do not edit:
 *   ${made}
 * pintumbler ${VERSION}, SHA-256 of the rows ${bytesToHex(sha256(utf8ToBytes(rows.join('\n'))))}
 * kind: ${kinds.join('; ')}; 255 for digits that mean nothing. count: of codes for times, the period.
 * Read a code after the accepted count \`last\` (-1: none), or when the clock shows \`at\`, after asking \`challenge\`.
 * message: what is hashed. digest: the HMAC, or the SipHash as a number, the highest byte first. number: of OATH the 31
 * bits, of OpenPAYGO the chain before the base is put in, of Nexus the MAC.
 */
#ifndef ${guard}
#define ${guard}
#include <stdint.h>

#define PINTUMBLER_TABLE_COUNT ${parts.length}u
#define PINTUMBLER_VECTOR_COUNT ${rows.length}u
#define PINTUMBLER_LAYOUT "${sheets[0]?.book.layout.id}"
#define PINTUMBLER_DIGITS ${sheets[0]?.book.layout.digits}u

static const uint8_t pintumbler_device_key[${secret.length}] = { ${cBytes(secret)} };

/* seconds: a period, or a time step. origin: where periods are counted from. pin_hash: what the suite has of it. */
typedef struct {
  char layout[${room(sheets.map(({ book }) => book.layout.id))}];
  char scheme[${room(sheets.map(({ scheme }) => scheme))}];
  char alphabet[${room(sheets.map(({ book }) => book.layout.alphabet))}];
  uint8_t digits;
  uint32_t seconds;
  uint64_t origin;
  char suite[${room(sheets.map((sheet) => textIn(factsOf(sheet)['suite'])))}];
  uint64_t starting_code;
  uint8_t key[${Math.max(...sheets.map(({ key }) => key.length))}];
  uint16_t key_bytes;
  uint8_t pin_hash[${bytesFor(sheets.map((sheet) => textIn(factsOf(sheet)['pinHash'])))}];
  uint16_t pin_hash_bytes;
} pintumbler_table;

static const pintumbler_table pintumbler_tables[PINTUMBLER_TABLE_COUNT] = {
${sheets.map(tableOf).join(',\n')}
};

typedef struct {
  char code[${room(all.map(({ code }) => code))}];
  uint8_t kind;
  uint64_t length;
  uint64_t count;
  uint64_t value;
  uint64_t starts_at;
  uint64_t ends_at;
  int64_t last;
  uint64_t at;
  uint64_t number;
  char challenge[${room(all.map((test) => askedIn(test).challenge))}];
  uint8_t session[${bytesFor(all.map((test) => askedIn(test).session))}];
  uint16_t session_bytes;
  uint8_t message[${bytesFor(all.map(messageIn))}];
  uint16_t message_bytes;
  uint8_t digest[${bytesFor(all.map(digestIn))}];
  uint16_t digest_bytes;
  uint8_t valid;
  uint8_t table;
} pintumbler_vector;

static const pintumbler_vector pintumbler_vectors[PINTUMBLER_VECTOR_COUNT] = {
${rows.join(',\n')}
};

#endif`;
}
