/** How the command line says things: durations, long lines, the names of fields, and that a code is emulated. */
import type { Vendor } from '../vendors/vendor.ts';
import type { Io } from './io.ts';

const DAY = 86400;

/** 1234567 as 1,234,567. */
export const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** 274800 as `3 days 4 h 20 min`. */
export function spanText(seconds: number): string {
  const [days, hours, minutes] = [seconds / DAY, (seconds % DAY) / 3600, (seconds % 3600) / 60].map(
    Math.floor,
  );
  const parts = [
    days && `${days} ${days === 1 ? 'day' : 'days'}`,
    hours && `${hours} h`,
    minutes && `${minutes} min`,
    seconds % 60 && `${seconds % 60} s`,
  ];
  return parts.filter(Boolean).join(' ') || '0 min';
}

/** Text in lines of at most 110 columns, each indented. */
export function wrapped(text: string, indent: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > 110) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => ' '.repeat(indent) + each);
}

const joined =
  (by: string) =>
  (name: string): string =>
    name.replace(/[A-Z]/g, (letter) => `${by}${letter.toLowerCase()}`);

/** `startsAt` as a flag (`starts-at`) and as a field of JSON (`starts_at`). */
export const kebabCase = joined('-');
export const snakeCase = joined('_');

/**
 * Library errors name fields in quotes; outside they have other names. Renamed is the field that a message begins with,
 * and later only what no word of ours or of the user's looks like. What came, and a property of the user's, stay. Outside,
 * the parts of what the lock asked are fields of their own.
 */
export function renamed(message: string, nameOf: (field: string) => string | undefined): string {
  const came = message.search(/, got | unknown property /);
  const told = came < 0 ? message : message.slice(0, came);
  const names = told.replace(
    /^"(?:asked\.)?([a-zA-Z]+)"|"([a-z]+[A-Z][a-zA-Z]*)"/g,
    (quoted: string, first?: string, later?: string) => nameOf(first ?? later ?? '') ?? quoted,
  );
  return names + message.slice(told.length);
}

/** In messages of the command line itself, every quoted word that has a name outside is a field. */
export const renamedAll = (message: string, nameOf: (field: string) => string | undefined): string =>
  message.replace(/"([a-zA-Z]+)"/g, (quoted: string, field: string) => nameOf(field) ?? quoted);

/** A person could take an emulated code for a real one: one line says that it is none. */
export function tellEmulated(
  io: Pick<Io, 'err'>,
  { id, codes }: Pick<Vendor, 'id' | 'codes'>,
  whose: 'this' | 'its',
): void {
  if (codes !== 'emulated') return;
  const what = whose === 'this' ? 'this code opens' : 'its codes open';
  io.err(`${id}: emulated, ${what} no real lock of that maker`);
}
