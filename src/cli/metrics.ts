/**
 * Counts of the process in the text form that Prometheus reads, version 0.0.4: prometheus.io/docs/instrumenting/
 * exposition_formats. Names and labels are ours and fixed; values of labels come from lists that end, so that nothing a
 * caller writes makes a new series.
 */

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string>>;

/** Of a label's value, "backslash, double-quote and line feed" are escaped; of a help text, the first and the last. */
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };
const escapedValue = (text: string): string => text.replace(/[\\"\n]/g, (found) => ESCAPES[found] ?? found);
const escapedHelp = (text: string): string => text.replace(/[\\\n]/g, (found) => ESCAPES[found] ?? found);

const labelsText = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapedValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

/** Lines of a metric, without its name: `{route="/x"} 5` or `_sum{route="/x"} 0.5`. */
type Samples = () => Iterable<string>;

export class Metrics {
  readonly #families: [head: string, name: string, samples: Samples][] = [];

  #add(name: string, type: 'counter' | 'gauge' | 'histogram', help: string, samples: Samples): void {
    this.#families.push([`# HELP ${name} ${escapedHelp(help)}\n# TYPE ${name} ${type}`, name, samples]);
  }

  /** What only grows. `known`: the labels that are there from the start, at 0, so that the first is seen as a growth. */
  counter(name: string, help: string, known: readonly Labels[] = []): (labels?: Labels, by?: number) => void {
    const values = new Map(known.map((labels) => [labelsText(labels), 0]));
    this.#add(name, 'counter', help, function* () {
      for (const [labels, value] of values) yield `${labels} ${value}`;
    });
    return (labels = {}, by = 1) => {
      const key = labelsText(labels);
      values.set(key, (values.get(key) ?? 0) + by);
    };
  }

  /** What is asked for at each look; nothing where it is not known. */
  gauge(name: string, help: string, value: () => number | undefined, labels: Labels = {}): void {
    this.#add(name, 'gauge', help, function* () {
      const now = value();
      if (now !== undefined) yield `${labelsText(labels)} ${now}`;
    });
  }

  /** How many values were at most each of the bounds, which ascend; their sum and number. */
  histogram(name: string, help: string, bounds: readonly number[]): (labels: Labels, value: number) => void {
    const series = new Map<string, { readonly labels: Labels; readonly counts: number[]; sum: number }>();
    this.#add(name, 'histogram', help, function* () {
      for (const [key, { labels, counts, sum }] of series) {
        let under = 0;
        // "The le=+Inf bucket must exist, and must be identical to _count."
        for (const [index, le] of [...bounds.map(String), '+Inf'].entries()) {
          under += counts[index] ?? 0;
          yield `_bucket${labelsText({ ...labels, le })} ${under}`;
        }
        yield `_sum${key} ${sum}`;
        yield `_count${key} ${under}`;
      }
    });
    return (labels, value) => {
      const key = labelsText(labels);
      const one = series.get(key) ?? { labels, counts: bounds.map(() => 0), sum: 0 };
      const index = bounds.findIndex((bound) => value <= bound);
      const bucket = index < 0 ? bounds.length : index;
      one.counts[bucket] = (one.counts[bucket] ?? 0) + 1;
      one.sum += value;
      series.set(key, one);
    };
  }

  text(): string {
    const lines = this.#families.map(([head, name, samples]) =>
      [head, ...Array.from(samples(), (sample) => name + sample)].join('\n'),
    );
    // "The last line must end with a line feed character."
    return `${lines.join('\n')}\n`;
  }
}
