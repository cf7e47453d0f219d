/** What `token inspect` says of a layout to people. */
import { valueAt } from '../grant.ts';
import type { Kind, Length, Table } from '../vendors/vendor.ts';
import { grouped, spanText, wrapped } from './words.ts';

const DAY = 86400;

/** Values in words: runs of equal steps as `1–180`, `183–405 in steps of 3`. */
export function valuesText(of: (Length & { in: 'value' })['of']): string {
  if ('step' in of) return runText(of.from, of.to, of.step);
  const runs: string[] = [];
  for (let first = 0; first < of.length; ) {
    const [from = 0, next] = of.slice(first);
    const step = (next ?? from) - from;
    let last = first;
    while (last + 1 < of.length && (of[last + 1] ?? 0) - (of[last] ?? 0) === step) last++;
    // Two are no run: the second may begin one.
    if (last === first + 1) last = first;
    runs.push(runText(from, of[last] ?? from, step));
    first = last + 1;
  }
  return runs.join(', ');
}

function runText(from: number, to: number, step: number): string {
  if (from === to) return `${from}`;
  return `${from}–${to}${step === 1 ? '' : ` in steps of ${step}`}`;
}

const hasTwo = ({ of }: Length & { in: 'value' }): boolean => valueAt(of, 1) !== undefined;

function lengthText({ length }: Kind): string {
  if (length.in === 'endless') return 'for good';
  if (length.in === 'value') return `${hasTwo(length) ? 'values' : 'value'} ${valuesText(length.of)}`;
  const scale = length.in === 'days' ? DAY : 1;
  const { of } = length;
  const values = ('step' in of ? [of.from, of.to, of.step] : of).map((each) => each * scale);
  // A day of 24 hours is said in hours, days of them in days.
  const isIn = (unit: number): boolean =>
    values.every((each) => each % unit === 0) && (unit < DAY || scale === DAY || Math.max(...values) > DAY);
  const [unit = 1, name = 's'] =
    (
      [
        [DAY, 'days'],
        [3600, 'h'],
        [60, 'min'],
      ] as const
    ).find(([seconds]) => isIn(seconds)) ?? [];
  if (!('step' in of)) {
    const text = values.map((each) => each / unit).join(', ');
    return text === '1' && unit === DAY ? '1 day' : `${text} ${name}`;
  }
  const [from = 0, to = 0, step = 0] = values;
  if (unit < 3600) return `${spanText(from)} to ${spanText(to)} in steps of ${spanText(step)}`;
  const steps = step === unit ? '' : ` in steps of ${step / unit}`;
  return `${from / unit}–${to / unit} ${name}${steps}`;
}

/** Which counts a kind has. */
function axisText({ axis }: Kind): string | undefined {
  if (axis.on !== 'count') return undefined;
  const { every, rest } = axis;
  if (every === 1) return 'every count';
  if (every === 2) return rest === 0 ? 'even counts' : 'odd counts';
  return `counts that leave ${rest} when divided by ${every}`;
}

/** What a lock accepts, around the last accepted count or the present period. */
function acceptsText({ accepts, axis }: Kind): string | undefined {
  if (!accepts) return undefined;
  const [from, to] = accepts;
  const [before, after, middle] =
    axis.on === 'count' ? ['below', 'above', 'the last'] : ['before', 'after', 'the present period'];
  if (from === to && from === 0) return `of ${middle}`;
  if (from >= 0) return `${from} to ${to} ${after} ${middle}`;
  return `${-from} ${before} to ${to} ${after} ${middle}`;
}

/** A kind whose codes follow each other, or answer. */
function stepText(kind: Kind, { counts, slots }: Table): string {
  const { seals, asks, alike, effect, length } = kind;
  // A code whose one value is 0 carries nothing; the values of timed counts are the time.
  const isBare = counts?.timed || (length.in === 'value' && valueAt(length.of, 0) === 0 && !hasTwo(length));
  const parts = [
    isBare ? undefined : lengthText(kind),
    ...(slots === 1 ? [] : [axisText(kind), acceptsText(kind)]),
    asks === undefined ? undefined : `answers what the lock asks, for ${spanText(asks)}`,
    effect === 'sync' ? 'sets the count' : undefined,
    seals && slots !== 1 ? `ends all ${counts ? 'below' : 'before'} it` : undefined,
    alike === undefined ? undefined : `alike for ${alike} counts`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** What each kind is, in lines. */
export function kindsText(table: Table): readonly string[] {
  const width = Math.max(10, ...table.kinds.map(({ id }) => id.length));
  return table.kinds.flatMap((kind) => {
    const { axis, length, lane, variances, accepts, id } = kind;
    const name = `  ${id.padEnd(width)} `;
    if (accepts) {
      const [first = '', ...more] = wrapped(stepText(kind, table), name.length);
      return [name + first.trimStart(), ...more];
    }
    const opens =
      axis.on === 'civil-day' && length.in === 'days' ? `, ${axis.opens} to ${length.closes}` : '';
    const prefix = lane === undefined ? '' : `, prefix ${lane}`;
    return [`${name}${lengthText(kind)}${opens}${prefix}, ${variances} a window`];
  });
}

/** Where the codes of a table lie, and what is easier to guess than it looks. */
export function tableText({
  layout,
  digits,
  alphabet,
  grid,
  perSlot,
  counts,
  slots,
  bias = 1,
  tags,
}: Table): readonly string[] {
  const indent = ' '.repeat(13);
  const more = [
    ...(bias < 1.05
      ? []
      : [`${indent}the likeliest code is ${bias.toFixed(1)} times as likely as the average`]),
    ...(tags === undefined
      ? []
      : [`${indent}whoever knows how they are written has ${grouped(tags)} to guess from`]),
  ];
  const symbols = counts && alphabet !== undefined ? `${digits} of the keys ${alphabet}` : `${digits} digits`;
  const head = `layout       ${layout}: ${symbols}`;
  if (!counts) return [`${head}, ${grid} s a slot, S = ${perSlot}`, ...more];
  if (slots === 1) return [`${head}, for no count and no time`, ...more];
  const to = slots === undefined ? '' : ` to ${slots - 1}`;
  const steps = counts.timed ? ` and time steps of ${grid} s` : '';
  const last = counts.last < 0 ? 'has taken none' : `takes ${counts.last} for the last`;
  return [
    `${head}, for counts from ${counts.floor + 1}${to}${steps}`,
    `${indent}a new lock ${last}`,
    ...more,
  ];
}
