/**
 * Side by side on one machine: every operation once a round, round after round, so that whatever disturbs the machine
 * disturbs neighbours alike. Ratios are taken within a round.
 *
 * What counts is the CPU time of the process, its garbage collector included: the time that other processes take from
 * it on a busy machine does not.
 */
import { cpuUsage } from 'node:process';

/** Sum of all outputs: what is summed up cannot be optimized away, and NaN shows an operation that gave no digits. */
let sink = 0;

/** How long each operation runs before it is timed, twice, in microseconds. */
const WARM = 40_000;

/**
 * @typedef {object} Operation
 * @property {string} id
 * @property {string} name
 * @property {(i: number, fresh: unknown) => number} run one operation; the result goes into the sink.
 * @property {(i: number) => unknown} [fresh] makes what one operation uses up, before the clock starts.
 */

/** Microseconds that `count` operations take. */
function batch({ run, fresh }, count) {
  const made = fresh ? Array.from({ length: count }, (_, i) => fresh(i)) : [];
  const begun = cpuUsage();
  let sum = 0;
  for (let i = 0; i < count; i++) sum += run(i, made[i]);
  const { user, system } = cpuUsage(begun);
  sink += sum;
  return Math.max(user + system, 1);
}

/** Warms an operation up, and finds how often it goes into a batch of `us` by the end of that. */
function countFor(operation, us) {
  let count = 16;
  for (let spent = 0; spent < WARM; ) {
    const took = batch(operation, count);
    spent += took;
    count = Math.ceil(count * Math.min(us / took, 4));
  }
  return count;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const spread = (values) => ({ median: median(values), min: Math.min(...values), max: Math.max(...values) });

/**
 * @param {readonly Operation[]} operations
 * @param {{ rounds: number, us: number }} options `us`: how long a batch takes, about.
 * @returns microseconds an operation, by id: one value a round, in the order of the rounds.
 */
export function measure(operations, { rounds, us }) {
  // Twice over: the second time the compiler has seen every operation beside the others.
  const warm = () => operations.map((operation) => countFor(operation, us));
  warm();
  const counts = warm();
  const times = new Map(operations.map(({ id }) => [id, []]));
  for (let round = 0; round < rounds; round++) {
    operations.forEach((operation, index) => {
      times.get(operation.id).push(batch(operation, counts[index]) / counts[index]);
    });
  }
  if (!Number.isFinite(sink)) throw new Error('an operation gave something else than a number');
  return times;
}

/** Microseconds and operations a second. */
export function summary(times) {
  const us = spread(times);
  return { us, perSecond: Math.round(1e6 / us.median) };
}

/** How many times longer `a` takes than `b`, round by round. */
export const ratio = (a, b) => spread(a.map((us, round) => us / b[round]));

/** The slope of a line through logarithms: times grow as size to this power. */
export function exponentOf(sizes, times) {
  const [x, y] = [sizes.map(Math.log), times.map(Math.log)];
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  const covariance = mean(x.map((value, i) => (value - meanX) * (y[i] - meanY)));
  return covariance / mean(x.map((value) => (value - meanX) ** 2));
}

/** Lines with columns as wide as their widest cell: the first left, the others right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[0]))).join('  '),
  );
}
