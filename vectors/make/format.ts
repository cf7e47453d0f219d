/** The shape of a vector file: Wycheproof's. */
import { bytesToHex } from '@noble/hashes/utils.js';
import { VERSION } from '../../src/cli/help.ts';
import { PintumblerError } from '../../src/errors.ts';

export { bytesToHex as hex };

/** What a test carries beside its inputs and outputs. */
export interface Test extends Readonly<Record<string, unknown>> {
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: 'valid' | 'invalid';
}

export interface Group extends Readonly<Record<string, unknown>> {
  readonly type: string;
  readonly tests: readonly Test[];
}

type BugType =
  | 'BASIC'
  | 'FUNCTIONALITY'
  | 'EDGE_CASE'
  | 'MODIFIED_PARAMETER'
  | 'MISSING_STEP'
  | 'AUTH_BYPASS';

export type Notes = Readonly<Record<string, { readonly bugType: BugType; readonly description: string }>>;

export const SOURCE = { name: 'pintumbler', version: VERSION } as const;

/** Numbers the tests through all groups, and keeps the notes of the flags that they have. */
export function vectorFile(head: {
  readonly algorithm: string;
  readonly schema: string;
  readonly header: readonly string[];
  readonly notes: Notes;
  readonly groups: readonly Group[];
}): object {
  const { algorithm, schema, header, notes, groups } = head;
  const used = new Set(groups.flatMap(({ tests }) => tests.flatMap(({ flags }) => flags)));
  for (const flag of used) if (!Object.hasOwn(notes, flag)) throw new Error(`flag ${flag} has no note`);
  let tcId = 0;
  const testGroups = groups.map(({ type, tests, ...shared }) => ({
    type,
    source: SOURCE,
    ...shared,
    tests: tests.map(({ result, ...test }) => ({ tcId: ++tcId, ...test, result })),
  }));
  return {
    algorithm,
    schema: `schemas/${schema}.json`,
    header,
    notes: Object.fromEntries(Object.entries(notes).filter(([flag]) => used.has(flag))),
    numberOfTests: tcId,
    testGroups,
  };
}

/** The code of the error that `run` throws. */
export function errorOf(run: () => unknown): PintumblerError {
  try {
    run();
  } catch (error) {
    if (error instanceof PintumblerError) return error;
    throw error;
  }
  throw new Error('expected an error and there was none');
}

/** A vector is written by hand from DESIGN first, then compared with what the library does. */
export function agree(what: string, expected: unknown, actual: unknown): void {
  const [a, b] = [JSON.stringify(expected), JSON.stringify(actual)];
  if (a !== b) throw new Error(`${what}: by DESIGN ${a}, by the library ${b}`);
}
