/**
 * Reads the text form of Prometheus, written from prometheus.io/docs/instrumenting/exposition_formats alone, and refuses
 * what it does not allow.
 */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const UNESCAPED: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };
const unescaped = (text: string): string => text.replace(/\\[\\"n]/g, (found) => UNESCAPED[found] ?? found);

function labelsIn(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;
  while (pair.lastIndex < text.length) {
    const [, name, value] = pair.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`labels: ${text}`);
    if (name in labels) throw new Error(`the label ${name} twice`);
    labels[name] = unescaped(value);
  }
  return labels;
}

function valueIn(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (!/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(text)) throw new Error(`value: ${text}`);
  return Number(text);
}

function sampleIn(line: string): Sample {
  const [, name, labels = '', value] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`sample: ${line}`);
  return { name, labels: labelsIn(labels), value: valueIn(value) };
}

/** A counter or gauge has its family's name, a histogram's samples have one of three endings. */
function belongs(family: Family, { name, labels }: Sample): boolean {
  if (family.type !== 'histogram') return name === family.name;
  if (name === `${family.name}_bucket`) return 'le' in labels;
  return name === `${family.name}_sum` || name === `${family.name}_count`;
}

/** "The le=+Inf bucket must exist"; buckets count up to their bound and are in its order. */
function checkHistogram({ name, samples }: Family): void {
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { le: _, ...rest } = sample.labels;
    const key = JSON.stringify(rest);
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const [key, all] of series) {
    const buckets = all.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => valueIn(labels['le'] ?? ''));
    const [counts, totals] = [
      buckets.map(({ value }) => value),
      all.filter((sample) => sample.name === `${name}_count`),
    ];
    const isAscending = (numbers: readonly number[], strictly: boolean): boolean =>
      numbers.every((number, index) => {
        const before = numbers[index - 1] ?? Number.NEGATIVE_INFINITY;
        return strictly ? before < number : before <= number;
      });
    if (!isAscending(bounds, true) || !isAscending(counts, false))
      throw new Error(`buckets of ${name}${key}`);
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`no +Inf in ${name}${key}`);
    if (totals.length !== 1 || totals[0]?.value !== counts.at(-1)) throw new Error(`count of ${name}${key}`);
    if (all.filter((sample) => sample.name === `${name}_sum`).length !== 1)
      throw new Error(`sum of ${name}${key}`);
  }
}

/** Every family of ours has both a HELP and a TYPE line before its samples, which stand together. */
export function readExposition(text: string): readonly Family[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families: Family[] = [];
  let help: readonly [name: string, text: string] | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line) ?? [];
    if (word === 'HELP') {
      if (families.some((family) => family.name === name)) throw new Error(`${name} twice`);
      help = [name, unescaped(rest)];
    } else if (word === 'TYPE') {
      if (help?.[0] !== name) throw new Error(`${name} has no HELP`);
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`type ${rest}`);
      families.push({ name, type: rest, help: help[1], samples: [] });
    } else {
      const [sample, family] = [sampleIn(line), families.at(-1)];
      if (!family || !belongs(family, sample)) throw new Error(`${sample.name} stands in the wrong place`);
      const same = family.samples.filter((other) => other.name === sample.name);
      if (same.some(({ labels }) => JSON.stringify(labels) === JSON.stringify(sample.labels)))
        throw new Error(`twice: ${line}`);
      if (family.type === 'counter' && sample.value < 0) throw new Error(`${sample.name} is negative`);
      family.samples.push(sample);
    }
  }
  for (const family of families) if (family.type === 'histogram') checkHistogram(family);
  return families;
}
