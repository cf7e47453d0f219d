/**
 * `pintumbler vectors`: for every vendor a file of the same schema as vectors/codes-*.json, right in every value, and a C
 * header that says the same.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtIn } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { run } from '../src/cli/cli.ts';
import type { Io } from '../src/cli/io.ts';
import type { CodesGroup } from './support/codes-problems.ts';
import { noServer } from './support/no-server.ts';
import {
  type AnyCodesGroup,
  anyCodesProblems,
  isStepGroup,
  type StepCodesGroup,
} from './support/step-codes-problems.ts';
import { type FileOf, fileProblems, schemaOf } from './support/vector-file.ts';

const isCodes = schemaOf<AnyCodesGroup>('codes');

async function command(...argv: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const io: Io = {
    out: (line) => lines.push(line),
    err: (line) => {
      throw new Error(line);
    },
    read: () => Promise.reject(new Error('reads nothing')),
    lines: () => {
      throw new Error('reads nothing');
    },
    replace: () => Promise.reject(new Error('writes nothing')),
    now: () => {
      throw new Error('asks for no time');
    },
    random: () => {
      throw new Error('asks for no randomness');
    },
    ...noServer,
  };
  expect(await run(argv, io)).toBe(0);
  return `${lines.join('\n')}\n`;
}

function has(tool: string): boolean {
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Prints every row, then every table, with what a board would compare. */
const PROGRAM = `#include "vectors.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void hex(const uint8_t *bytes, unsigned count) {
  unsigned i;
  for (i = 0; i < count; i++) printf("%02x", (unsigned)bytes[i]);
}

int main(void) {
  unsigned i;
  for (i = 0; i < PINTUMBLER_VECTOR_COUNT; i++) {
    const pintumbler_vector *v = &pintumbler_vectors[i];
    const pintumbler_table *t = &pintumbler_tables[v->table];
    if (strlen(v->code) != strlen(t->lane) + t->digits) return 1;
    printf("%s %u %u %u %" PRIu32 " %" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %u %u ",
           v->code, (unsigned)v->kind, (unsigned)v->length, (unsigned)v->variance, v->slot, v->page, v->payload,
           v->starts_at, v->ends_at, v->first_use_by, v->at, (unsigned)v->valid, (unsigned)v->table);
#ifdef PINTUMBLER_DIGEST_BYTES
    hex(v->digest, PINTUMBLER_DIGEST_BYTES);
#endif
    printf("\\n");
  }
  for (i = 0; i < PINTUMBLER_TABLE_COUNT; i++) {
    const pintumbler_table *t = &pintumbler_tables[i];
    printf("%s %s [%s] %s %u %" PRIu32 " %" PRIu64 " %" PRIu32 " %" PRIu64 " ", t->layout, t->scheme, t->lane,
           t->alphabet, (unsigned)t->digits, t->grid_seconds, t->origin, t->per_slot, t->slots_per_page);
    hex(t->key, t->key_bytes);
    printf("\\n");
  }
  hex(pintumbler_device_key, sizeof pintumbler_device_key);
  printf(" %u\\n", PINTUMBLER_GRID_OFFSET);
  return 0;
}
`;

/** The same for codes that follow each other or answer something. */
const STEP_PROGRAM = `#include "vectors.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void hex(const uint8_t *bytes, unsigned count) {
  unsigned i;
  printf("[");
  for (i = 0; i < count; i++) printf("%02x", (unsigned)bytes[i]);
  printf("] ");
}

int main(void) {
  unsigned i;
  for (i = 0; i < PINTUMBLER_VECTOR_COUNT; i++) {
    const pintumbler_vector *v = &pintumbler_vectors[i];
    if (strlen(v->code) != pintumbler_tables[v->table].digits) return 1;
    if (v->message_bytes > sizeof v->message || v->digest_bytes > sizeof v->digest) return 1;
    printf("%s %u %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRIu64 " %" PRIu64 " [%s] ",
           v->code, (unsigned)v->kind, v->length, v->count, v->value, v->starts_at, v->ends_at, v->last, v->at,
           v->number, v->challenge);
    hex(v->session, v->session_bytes);
    hex(v->message, v->message_bytes);
    hex(v->digest, v->digest_bytes);
    printf("%u %u\\n", (unsigned)v->valid, (unsigned)v->table);
  }
  for (i = 0; i < PINTUMBLER_TABLE_COUNT; i++) {
    const pintumbler_table *t = &pintumbler_tables[i];
    printf("%s %s %s %u %" PRIu32 " %" PRIu64 " [%s] %" PRIu64 " ", t->layout, t->scheme, t->alphabet,
           (unsigned)t->digits, t->seconds, t->origin, t->suite, t->starting_code);
    hex(t->key, t->key_bytes);
    hex(t->pin_hash, t->pin_hash_bytes);
    printf("\\n");
  }
  hex(pintumbler_device_key, sizeof pintumbler_device_key);
  printf("%s %u\\n", PINTUMBLER_LAYOUT, PINTUMBLER_DIGITS);
  return 0;
}
`;

const STRICT = ['-Wall', '-Wextra', '-Wpedantic', '-Werror', '-Wconversion'];
const COMPILERS = [
  ['gcc', '-std=c99', 'program.c'],
  ['g++', '-std=c++17', 'program.cc'],
] as const;

const NO_END = 2n ** 64n - 1n;

/** What the program prints, by the JSON of the same seed. */
function printed(groups: readonly CodesGroup[]): string {
  const digests = groups.some(({ scheme }) => scheme === 'mac/1' || scheme === 'tuya-dynamic/1');
  const rows = groups.flatMap(({ layout, lane, tests }, table) =>
    tests.flatMap((test) => {
      if ('error' in test || !('code' in test)) return [];
      const { page = 0, payload, plain, number, mac, hmac, code } = test;
      const between = payload ?? number ?? Number(plain ?? 0);
      const digest = digests ? (mac ?? hmac ?? '').padEnd(40, '0') : '';
      if (test.result === 'invalid')
        return [[code, 255, 0, 0, 0, page, between, 0, 0, 0, test.at, 0, table, digest]];
      const { length, variance, slot, startsAt, endsAt, firstUseBy } = test;
      const kind = layout.kinds.findIndex((each) => each.kind === test.kind && (each.lane ?? lane) === lane);
      const window = [startsAt, endsAt ?? NO_END, firstUseBy, startsAt];
      return [[code, kind, length, variance, slot, page, between, ...window, 1, table, digest]];
    }),
  );
  const tables = groups.map(({ layout, scheme, lane, clock, gridOffset, ...keys }) => {
    const { id, digits, alphabet = '0123456789', grid_seconds, origin = 1577836800, s } = layout;
    const begins = origin + (clock === 'utc' ? 0 : 60 * gridOffset);
    const pages = scheme === 'sealed/1' ? Math.floor(10 ** digits / s) : 0;
    const key = keys.sealedKey ?? keys.macKey ?? keys.aesKey ?? keys.hmacKey;
    return [id, scheme, `[${lane}]`, alphabet, digits, grid_seconds, begins, s, pages, key];
  });
  const [first] = groups;
  const device = [[first?.deviceKey ?? first?.key, first?.gridOffset]];
  return `${[...rows, ...tables, ...device].map((row) => row.join(' ')).join('\n')}\n`;
}

/** What that program prints, by the JSON of the same seed. */
function stepPrinted(groups: readonly StepCodesGroup[]): string {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const rows = groups.flatMap(({ layout, tests, vendor }, table) =>
    tests.flatMap((test) => {
      if ('error' in test || !('code' in test)) return [];
      const all: Readonly<Record<string, unknown>> = { ...test };
      const { slot, startsAt = 0, endsAt = 0, length = 0, value = 0 } = all;
      const counts = startsAt === 0 && vendor !== 'totp';
      const count = typeof all['count'] === 'number' ? all['count'] : 0;
      const kind = layout.kinds.findIndex((each) => each.kind === all['kind']);
      // OCRA without a counter has one count, and totp none.
      const before = !counts ? -1 : vendor === 'ocra' ? 0 : count - 1;
      const mac = text(all['mac']);
      const number = all['chain'] ?? all['number'] ?? (mac === '' ? 0 : Number(mac));
      const { challenge = '', session = '' } = test.asked ?? {};
      const message = text(all['message'] ?? all['dataInput'] ?? all['input']);
      const digest = text(all['hmac'] ?? all['hash']);
      const isValid = test.result === 'valid';
      const where = [all['last'] ?? before, all['at'] ?? startsAt, number, `[${challenge}]`, `[${session}]`];
      return [
        [
          ...[test.code, isValid ? kind : 255, length, count || (slot ?? 0), value, startsAt, endsAt],
          ...[...where, `[${message}]`, `[${digest}]`, isValid ? 1 : 0, table],
        ],
      ];
    }),
  );
  const tables = groups.map(({ layout, scheme, ...group }) => {
    const { id, alphabet = '0123456789', digits } = layout;
    const seconds = group.vendor === 'totp' ? 30 : 1;
    const key = `[${group.hmacKey ?? group.sipKey}]`;
    const facts = [`[${group.suite ?? ''}]`, group.startingCode ?? 0, key, `[${group.pinHash ?? ''}] `];
    return [id, scheme, alphabet, digits, seconds, 0, ...facts];
  });
  const [first] = groups;
  const device = [[`[${first?.key}]`, first?.layout.id, first?.layout.digits]];
  return `${[...rows, ...tables, ...device].map((row) => row.join(' ')).join('\n')}\n`;
}

/** The program of a vendor, and what it prints. */
function programOf(groups: readonly AnyCodesGroup[]): readonly [program: string, output: string] {
  const steps = groups.filter(isStepGroup);
  const others = groups.filter((group): group is CodesGroup => !isStepGroup(group));
  return steps.length > 0 ? [STEP_PROGRAM, stepPrinted(steps)] : [PROGRAM, printed(others)];
}

describe.each(builtIn.map(({ id }) => id))('pintumbler vectors --vendor %s', (vendor) => {
  const flags = ['vectors', '--vendor', vendor, '--seed', 'a test', '--count', '30'];

  it('prints a file of the schema, right in every value', async () => {
    const text = await command(...flags);
    const file: unknown = JSON.parse(text);
    expect(fileProblems(file, isCodes, anyCodesProblems)).toEqual([]);
    expect(text).toBe(await command(...flags));
    const elsewhere = await command('vectors', '--vendor', vendor, '--seed', 'another', '--count', '30');
    expect(elsewhere).not.toBe(text);
  });

  it('shares the random codes out among its tables', async () => {
    const { testGroups }: FileOf<AnyCodesGroup> = JSON.parse(await command(...flags));
    const random = testGroups.map(
      ({ tests }) => tests.filter(({ comment }) => comment === 'random grant').length,
    );
    expect(random.reduce((sum, each) => sum + each, 0)).toBe(30);
    expect(Math.max(...random) - Math.min(...random)).toBeLessThan(2);
  });

  it('its C header is ASCII and counts its rows', async () => {
    const header = await command(...flags, '--format', 'c');
    const { numberOfTests } = JSON.parse(await command(...flags));
    expect(header).toMatch(/^[\x20-\x7e\n]*$/);
    expect(header).toContain(`#define PINTUMBLER_VECTOR_COUNT ${numberOfTests}u`);
    expect(header.match(/^ {2}\{ "[^"]*", \d+, \d+, /gm)).toHaveLength(numberOfTests);
  });

  for (const [tool, standard, source] of COMPILERS) {
    it.skipIf(!has(tool))(`its C header compiles with ${tool} ${standard} and says the same`, async () => {
      const file: unknown = JSON.parse(await command(...flags));
      if (!isCodes(file)) throw new Error('not a vector file');
      const place = mkdtempSync(join(tmpdir(), 'pintumbler-'));
      try {
        writeFileSync(join(place, 'vectors.h'), await command(...flags, '--format', 'c'));
        const [program, output] = programOf(file.testGroups);
        writeFileSync(join(place, source), program);
        execFileSync(tool, [standard, ...STRICT, '-o', 'program', source], { cwd: place });
        expect(execFileSync(join(place, 'program'), { encoding: 'utf8' })).toBe(output);
      } finally {
        rmSync(place, { recursive: true });
      }
    });
  }
});

it.skipIf(!has('gcc'))('a lock of one table without prefixes has short names for it', async () => {
  const place = mkdtempSync(join(tmpdir(), 'pintumbler-'));
  const program = `#include "vectors.h"
#include <stdio.h>
int main(void) {
  printf("%s %u %u %u %u %u\\n", PINTUMBLER_LAYOUT, PINTUMBLER_DIGITS, PINTUMBLER_GRID_SECONDS, PINTUMBLER_PER_SLOT,
         PINTUMBLER_SLOTS_PER_PAGE, (unsigned)sizeof pintumbler_sealed_key);
  return 0;
}
`;
  try {
    writeFileSync(
      join(place, 'vectors.h'),
      await command('vectors', '--vendor', 'pintumbler', '--format', 'c'),
    );
    writeFileSync(join(place, 'program.c'), program);
    execFileSync('gcc', ['-std=c99', ...STRICT, '-o', 'program', 'program.c'], { cwd: place });
    const printout = execFileSync(join(place, 'program'), { encoding: 'utf8' });
    expect(printout).toBe('pintumbler-9/1 9 3600 256 3906250 16\n');
  } finally {
    rmSync(place, { recursive: true });
  }
});
