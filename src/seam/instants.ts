/**
 * Lists of numbers that stay quick when they are long: what `memoryStore()` counts and finds with, in O(log n) where a
 * plain array would be walked.
 */

/** Where the first number above a bound is in an ascending list; its length if there is none. */
export function firstAbove(ascending: ArrayLike<number>, bound: number): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((ascending[middle] ?? 0) > bound) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Numbers of which one asks how many are above a bound: sorted runs, each longer than the one after it. */
export class Tally {
  readonly #runs: Float64Array[] = [];

  add(value: number): void {
    let run = Float64Array.of(value);
    for (let last = this.#runs.at(-1); last && last.length <= run.length; last = this.#runs.at(-1)) {
      const both = new Float64Array(last.length + run.length);
      both.set(last);
      both.set(run, last.length);
      run = both.sort();
      this.#runs.pop();
    }
    this.#runs.push(run);
  }

  countAbove(bound: number): number {
    return this.#runs.reduce((count, run) => count + run.length - firstAbove(run, bound), 0);
  }
}

/** A list of which one asks where the next number above a bound is: each level has the higher of two of the one below. */
export class Peaks {
  readonly #levels: number[][] = [];

  /** @param index at most one behind the last. */
  set(index: number, value: number): void {
    for (let level = 0; ; level += 1) {
      let values = this.#levels[level];
      if (!values) {
        values = [];
        this.#levels.push(values);
      }
      values[index] = value;
      if (values.length === 1) return;
      index >>>= 1;
      value = Math.max(values[2 * index] ?? value, values[2 * index + 1] ?? Number.NEGATIVE_INFINITY);
    }
  }

  #isAbove(level: number, index: number, bound: number): boolean {
    return (this.#levels[level]?.[index] ?? Number.NEGATIVE_INFINITY) > bound;
  }

  /** The lowest index, `from` or later, of a number above a bound. */
  next(from: number, bound: number): number | undefined {
    let [level, index] = [0, from];
    while (!this.#isAbove(level, index, bound)) {
      index += 1;
      if (index >= (this.#levels[level]?.length ?? 0)) return undefined;
      if (index % 2 === 0) {
        level += 1;
        index /= 2;
      }
    }
    for (; level > 0; ) {
      level -= 1;
      index *= 2;
      if (!this.#isAbove(level, index, bound)) index += 1;
    }
    return index;
  }
}
