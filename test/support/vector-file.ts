/** A vector file, whatever it is about: its shape, and what must be right in all of them. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { PintumblerError } from 'pintumbler';
import { VERSION } from '../../src/cli/help.ts';

export interface Common {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: 'valid' | 'invalid';
}

export interface GroupOf<Type extends string, Test> {
  readonly type: Type;
  readonly source: { readonly name: string; readonly version: string };
  readonly tests: readonly (Test & Common)[];
}

export interface FileOf<Group> {
  readonly notes: Readonly<Record<string, { readonly bugType: string; readonly description: string }>>;
  readonly numberOfTests: number;
  readonly testGroups: readonly Group[];
}

export type Refused<Inputs> = Inputs & { readonly result: 'invalid'; readonly error: string };
export type Valid<Values> = Values & { readonly result: 'valid' };

/** Every file, and the name of its schema. */
export const VECTOR_FILES: readonly (readonly [name: string, schema: string])[] = [
  ['keys', 'keys'],
  ['ff1', 'ff1'],
  ['sealed-pintumbler-9', 'sealed'],
  ['sealed-pintumbler-10', 'sealed'],
  ['sealed-igloohome', 'sealed'],
  ['plan', 'plan'],
  ['lock', 'lock'],
  ['codes-tuya', 'codes'],
  ['codes-dormakaba-oracode', 'codes'],
  ['codes-lockly', 'codes'],
  ['codes-ttlock', 'codes'],
  ['codes-sentrilock', 'codes'],
  ['codes-codelocks-netcode', 'codes'],
  ['codes-master-lock', 'codes'],
  ['codes-resortlock', 'codes'],
  ['lock-vendors', 'lock-vendors'],
  ['codes-hotp', 'codes'],
  ['codes-totp', 'codes'],
  ['codes-ocra', 'codes'],
  ['codes-openpaygo', 'codes'],
  ['codes-nexus', 'codes'],
  ['lock-steps', 'lock-steps'],
];

export const folder: URL = new URL('../../vectors/', import.meta.url);
export const parse = (path: string): unknown => JSON.parse(readFileSync(new URL(path, folder), 'utf8'));

const ajv = new Ajv2020({ strict: true, allErrors: false });

export interface Validate<Group> {
  (value: unknown): value is FileOf<Group>;
  errors?: unknown;
}

export const schemaOf = <Group>(name: string): Validate<Group> =>
  ajv.compile<FileOf<Group>>(parse(`schemas/${name}.json`) as object);

/** One line for each value that is not what it must be. */
export type Report = (what: string, given: unknown, right: unknown) => void;

export const same = (a: unknown, b: unknown): boolean =>
  JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/** Objects are equal whatever the order of their fields. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, sorted(each)]),
  );
}

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The code of the library's error, or what came instead. */
export function errorOf(action: () => unknown): string {
  try {
    return `no error but ${JSON.stringify(action())}`;
  } catch (error) {
    return error instanceof PintumblerError ? error.code : `not ours: ${error}`;
  }
}

/** Everything that is wrong with a file: its schema, its numbers and flags, and what `each` reports of its groups. */
export function fileProblems<Group extends { readonly source: unknown; readonly tests: readonly Common[] }>(
  file: unknown,
  validate: Validate<Group>,
  each: (group: Group, report: Report, groups: readonly Group[]) => void,
): readonly string[] {
  if (!validate(file)) return [`schema: ${JSON.stringify(validate.errors)}`];
  const found: string[] = [];
  const report: Report = (what, given, right) => {
    if (!same(given, right))
      found.push(`${what}: ${JSON.stringify(given)} should be ${JSON.stringify(right)}`);
  };
  const { notes, numberOfTests, testGroups } = file;
  const tests = testGroups.flatMap((group): readonly Common[] => group.tests);
  report('numberOfTests', numberOfTests, tests.length);
  report('distinct tcIds', new Set(tests.map(({ tcId }) => tcId)).size, tests.length);
  for (const { tcId, flags } of tests)
    report(
      `tcId ${tcId} flags without a note`,
      [],
      flags.filter((flag) => !Object.hasOwn(notes, flag)),
    );
  for (const group of testGroups) {
    report('source', group.source, { name: 'pintumbler', version: VERSION });
    each(group, report, testGroups);
  }
  return found;
}
