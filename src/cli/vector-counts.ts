/**
 * The vectors of a table whose codes are for counts: grants at the edges and random ones, and digits that mean
 * nothing.
 */
import { LAST_INSTANT } from '../errors.ts';
import { type Asked, countOf, valueAt } from '../grant.ts';
import { mint } from '../index.ts';
import type { PlacedKind } from '../vendors/vendor.ts';
import type { Sheet } from './vector-schemes.ts';
import { Stream } from './vector-stream.ts';
import {
  askedAt,
  edgeTests,
  nothingTest,
  randomTests,
  type Unnumbered,
  unlessAmbiguous,
} from './vector-tests.ts';

/** Above every count that a JSON number says exactly. */
const EDGES: readonly (readonly [count: number, comment: string])[] = [
  [0, 'the first count'],
  [1, 'the second count'],
  [63, 'count 63'],
  [64, 'count 64'],
  [255, 'the last count of one byte'],
  [256, 'the first count of two bytes'],
  [65_533, 'at the end of two bytes'],
  [65_534, 'at the end of two bytes'],
  [65_535, 'the last count of two bytes'],
  [2 ** 31 - 1, 'below 2^31'],
  [2 ** 31, '2^31'],
  [2 ** 32 - 1, 'the last count of four bytes'],
  [2 ** 32, 'the first count of five bytes'],
  [2 ** 53 - 2, 'before the last count'],
  [2 ** 53 - 1, '2^53 − 1, the last count'],
];

/** The first count from `count` on that a kind has; undefined where there is none. */
function countFrom(
  { book: { grid }, working }: Sheet,
  { shape }: PlacedKind,
  count: number,
): number | undefined {
  let found = Math.max(count, working.first ?? 0);
  while (found % shape.every !== shape.rest) found++;
  return found < Math.min(grid.slots, 2 ** 53) ? found : undefined;
}

/** How many values of a kind are asked for: of times, those that a clock can show. */
const valuesOf = ({ book: { counts, timeStep } }: Sheet, { shape }: PlacedKind): number =>
  counts?.timed ? Math.floor(LAST_INSTANT / timeStep) + 1 : countOf(shape.lengths);

/** The vector of one count and value. */
export function countTest(
  sheet: Sheet,
  kind: PlacedKind,
  count: number,
  length: number,
  comment: string,
  asked: Asked | undefined = askedAt(sheet, count),
): Unnumbered {
  const { token, book, working } = sheet;
  const value = valueAt(kind.shape.lengths, length) ?? 0;
  const said = asked && { asked };
  const code = mint(token, { kind: kind.id, variance: 0, count, value, ...said });
  const steps = working.stepsOf(sheet, {
    kind: kind.index,
    slot: count,
    length,
    variance: 0,
    lane: '',
    ...said,
  });
  const flags = [
    'Count',
    ...(asked ? ['Challenge'] : []),
    ...(count >= 2 ** 32 ? ['LargeCount'] : []),
    ...(book.layout.alphabet.startsWith('0') && code.startsWith('0') ? ['LeadingZero'] : []),
  ];
  return {
    comment,
    flags,
    kind: kind.id,
    length,
    variance: 0,
    count,
    value,
    ...said,
    ...steps,
    code,
    result: 'valid',
  };
}

/** The first code from some count, or some challenge, on that begins with a zero. */
function leadingZero(sheet: Sheet): readonly Unnumbered[] {
  const [kind] = sheet.kinds;
  const { slots } = sheet.book.grid;
  for (let i = 100; kind && i < 400; i++) {
    const count = countFrom(sheet, kind, slots === 1 ? 0 : i);
    if (count === undefined) return [];
    const tests = unlessAmbiguous(() =>
      countTest(sheet, kind, count, 0, 'begins with a zero', askedAt(sheet, i)),
    );
    if (tests.some(({ flags }) => flags.includes('LeadingZero'))) return tests;
  }
  return [];
}

function countEdges(sheet: Sheet): readonly Unnumbered[] {
  const seen = new Set<string>();
  const grants = EDGES.flatMap(([edge, comment], row) =>
    sheet.kinds.flatMap((kind, index) => {
      const count = countFrom(sheet, kind, edge);
      // The first and the last value in turn.
      const length = (row + index) % 2 === 0 ? valuesOf(sheet, kind) - 1 : 0;
      const name = `${kind.id} ${count} ${length}`;
      const isFar = count !== undefined && count > (sheet.working.far ?? count);
      if (count === undefined || seen.has(name) || (isFar && valuesOf(sheet, kind) === 1)) return [];
      seen.add(name);
      return unlessAmbiguous(() => countTest(sheet, kind, count, length, `${kind.id}: ${comment}`));
    }),
  );
  return [...grants, ...leadingZero(sheet)];
}

/** Challenges at the edges, for some count or time. */
function challengeTests(sheet: Sheet): readonly Unnumbered[] {
  const [kind] = sheet.kinds;
  const count = kind && countFrom(sheet, kind, 0);
  if (!kind || count === undefined) return [];
  const list = sheet.working.challenges?.(sheet) ?? [];
  return list.map(([asked, comment]) => countTest(sheet, kind, count, 0, comment, asked));
}

/** Every kind at every edge and digits that mean nothing; of times, what `edgeTests` has. */
export function edgesOf(sheet: Sheet): readonly Unnumbered[] {
  if (!sheet.book.counts) return edgeTests(sheet);
  const nothing = sheet.working
    .nothing(sheet)
    .flatMap((each) => unlessAmbiguous(() => nothingTest(sheet, each)));
  return [...countEdges(sheet), ...challengeTests(sheet), ...nothing];
}

/** Random counts and values; of times, what `randomTests` has. */
export function randomsOf(sheet: Sheet, seed: string, count: number): readonly Unnumbered[] {
  const { book, kinds, working } = sheet;
  if (!book.counts) return randomTests(sheet, seed, count);
  const stream = new Stream(`${seed}/${book.layout.id}`);
  const far = Math.min(book.grid.slots, working.far ?? 2 ** 20);
  const tests: Unnumbered[] = [];
  while (tests.length < count) {
    const kind = kinds[stream.below(kinds.length)];
    if (!kind) break;
    const slot = countFrom(sheet, kind, stream.below(far));
    const length = stream.below(valuesOf(sheet, kind));
    const asked = working.asked?.(sheet, stream);
    if (slot !== undefined)
      tests.push(...unlessAmbiguous(() => countTest(sheet, kind, slot, length, 'random grant', asked)));
  }
  return tests;
}
