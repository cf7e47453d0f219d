/**
 * A database as the registry needs it: one function. `Pool` of `pg` has it, and so has `PGlite`.
 *
 * Nothing is kept between two queries, so each may go over another connection. What must happen together is one statement:
 * a statement is all or nothing in every engine that speaks PostgreSQL. The isolation may be any, from READ COMMITTED up.
 */

export type Row = Readonly<Record<string, unknown>>;

export interface SqlDatabase {
  query(text: string, params: unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}

/** No id of ours is anything else, and a NUL or half a surrogate pair would be an error of the database. */
export const isStorable = (id: string): boolean => /^[\x20-\x7e]*$/.test(id);

/** Text of a column: drivers differ in what they make of 64-bit numbers and JSON, so every one is asked for as text. */
export function textOf(row: Row | undefined, column: string): string | undefined {
  const value = row?.[column];
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'string') throw new Error(`the driver gives no text for the column ${column}`);
  return value;
}

/** The same of a column that is never null. */
export function textIn(row: Row, column: string): string {
  const text = textOf(row, column);
  if (text === undefined) throw new Error(`the database gives nothing for the column ${column}`);
  return text;
}

export const numberIn = (row: Row, column: string): number => Number(textIn(row, column));

/**
 * What a statement fails with because another was faster: look again, and then say it. By the codes of PostgreSQL
 * (appendix A of its manual): unique_violation, check_violation, division_by_zero (how a statement says that it is not
 * whole), serialization_failure, deadlock_detected; and, of tables
 * that somebody else is just making, duplicate_table, duplicate_object and internal_error ("tuple concurrently updated").
 */
const WRITE_RACES = new Set(['23505', '23514', '22012', '40001', '40P01']);
const TABLE_RACES = new Set(['23505', '40001', '40P01', '42P07', '42710', 'XX000']);

const ORPHANS = new Set(['23503']);
const NO_TABLE = new Set(['42P01']);

const isOneOf = (codes: ReadonlySet<string>, error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && codes.has(String(error.code));

export const isWriteRace = (error: unknown): boolean => isOneOf(WRITE_RACES, error);

/** foreign_key_violation: what the row belongs to was there when the statement began, and not at its end. */
export const isOrphaned = (error: unknown): boolean => isOneOf(ORPHANS, error);

/** undefined_table */
export const isNoTable = (error: unknown): boolean => isOneOf(NO_TABLE, error);

export const isTableRace = (error: unknown): boolean => isOneOf(TABLE_RACES, error);

/** How often a statement is tried again because somebody else was faster, before the database is taken to be broken. */
export const MOST_RACES = 1000;
