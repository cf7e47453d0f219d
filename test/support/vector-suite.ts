/** What is tested of every vector file: that it is right, and that a change of it would be found. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Common, type FileOf, folder, parse } from './vector-file.ts';

type Path = readonly (string | number)[];

/** Paths of all values inside a value. */
function leaves(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, each]) =>
    leaves(each, [...path, Array.isArray(value) ? Number(name) : name]),
  );
}

/** Words that the schemas know, each with another that would be as well-formed. */
const SWAPS: Readonly<Record<string, string>> = {
  valid: 'invalid',
  invalid: 'valid',
  published: 'emulated',
  emulated: 'published',
  first_use: 'used_before',
  used_before: 'first_use',
  not_yet_valid: 'expired',
  expired: 'unknown',
  unknown: 'expired',
  running: 'unset',
  hourly: 'daily',
  daily: 'hourly',
};

/** Another value of the same type: a number more, a digit or letter else. */
function other(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value !== 'string') return 0;
  return SWAPS[value] ?? `${value.slice(0, -1)}${value.endsWith('1') ? '2' : '1'}`;
}

function changed(value: unknown, [name, ...rest]: Path): unknown {
  if (name === undefined) return other(value);
  if (Array.isArray(value)) return value.map((each, index) => (index === name ? changed(each, rest) : each));
  if (typeof value !== 'object' || value === null) throw new Error('no such path');
  return Object.fromEntries(
    Object.entries(value).map(([each, part]) => [each, each === name ? changed(part, rest) : part]),
  );
}

/** Every object inside a value. */
function objects(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([name, each]) =>
    objects(each, [...path, Array.isArray(value) ? Number(name) : name]),
  );
  return Array.isArray(value) ? inside : [path, ...inside];
}

function withExtra(value: unknown, [name, ...rest]: Path): unknown {
  if (Array.isArray(value))
    return value.map((each, index) => (index === name ? withExtra(each, rest) : each));
  if (typeof value !== 'object' || value === null) throw new Error('no such path');
  if (name === undefined) return { ...value, extra: 1 };
  return Object.fromEntries(
    Object.entries(value).map(([each, part]) => [each, each === name ? withExtra(part, rest) : part]),
  );
}

/** What must be noticed of any file. */
const ALWAYS = /^(numberOfTests|testGroups\.0\.(source\..*|tests\.0\.(flags\.0|result)))$/;

type AnyGroup = { readonly type: string; readonly tests: readonly Common[] };

/** A file about one thing. */
export interface Suite {
  readonly problems: (file: unknown) => readonly string[];
  readonly isValid: (file: unknown) => boolean;
  /**
   * By the sort of a test or the type of its group: which values a change of must be noticed, the outputs and the inputs
   * that decide them.
   */
  readonly noticed: Readonly<Record<string, RegExp>>;
  /** The sort of a test: of each sort the first is tried out. */
  readonly sortOf: (group: AnyGroup, test: Common, index: number) => string;
}

/** For every sort of test one file with one test: of long lists the first. */
function miniatures(
  file: FileOf<AnyGroup>,
  sortOf: Suite['sortOf'],
): readonly (readonly [string, object, string])[] {
  const found = new Map<string, readonly [string, object, string]>();
  for (const [index, group] of file.testGroups.entries()) {
    for (const test of group.tests) {
      const what = sortOf(group, test, index);
      if (found.has(what)) continue;
      const testGroups = [{ ...group, tests: [test] }];
      found.set(what, [what, { ...file, numberOfTests: 1, testGroups }, group.type]);
    }
  }
  return [...found.values()];
}

export function describeFile(name: string, { problems, isValid, noticed, sortOf }: Suite): void {
  const isNoticed = (file: unknown): boolean => {
    try {
      return problems(file).length > 0;
    } catch {
      return true;
    }
  };

  describe(`vectors/${name}.json`, () => {
    const text = readFileSync(new URL(`${name}.json`, folder), 'utf8');
    const file = parse(`${name}.json`) as FileOf<AnyGroup>;

    it('is right: schema, numbers, oracles, library', () => {
      expect(problems(file)).toEqual([]);
      expect(file.numberOfTests).toBeGreaterThan(40);
    });

    it('is written as JSON.stringify writes it, with one space and a last newline', () => {
      expect(text).toBe(`${JSON.stringify(file, null, 1)}\n`);
    });

    it('explains no flag that it does not have', () => {
      const tests = file.testGroups.flatMap((group): readonly Common[] => group.tests);
      const used = new Set(tests.flatMap((test) => test.flags));
      expect(Object.keys(file.notes).filter((flag) => !used.has(flag))).toEqual([]);
    });

    it.each(miniatures(file, sortOf))('a changed value of %s is noticed', (sort, mini, type) => {
      expect(problems(mini)).toEqual([]);
      const must = noticed[sort] ?? noticed[type] ?? /./;
      const paths = leaves(mini).filter((path) => {
        const inGroup = path.slice(2).join('.');
        return ALWAYS.test(path.join('.')) || (path[0] === 'testGroups' && must.test(inGroup));
      });
      expect(paths.length).toBeGreaterThan(3);
      const missed = paths.filter((path) => !isNoticed(changed(mini, path)));
      expect(missed.map((path) => path.join('.'))).toEqual([]);
    });

    it.each(miniatures(file, sortOf))('a field too many of %s is noticed', (_, mini) => {
      const missed = objects(mini).filter((path) => isValid(withExtra(mini, path)));
      expect(missed.map((path) => path.join('.'))).toEqual([]);
    });

    it('a tcId that comes twice, a missing note and a missing test are noticed', () => {
      const [group] = file.testGroups;
      const [first, second] = (group?.tests ?? []) as readonly Common[];
      const two = (
        tests: readonly (Common | undefined)[],
        count: number,
        notes: object = file.notes,
      ): boolean => isNoticed({ ...file, notes, numberOfTests: count, testGroups: [{ ...group, tests }] });
      expect(two([first, second], 2)).toBe(false);
      expect(two([first, { ...second, tcId: first?.tcId ?? 0 } as Common], 2)).toBe(true);
      expect(two([first], 2)).toBe(true);
      expect(two([first, second], 2, {})).toBe(true);
    });
  });
}
