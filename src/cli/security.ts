/** `pintumbler security`: how guessable the codes of every vendor are. */
import { type LaneReport, type SecurityReport, securityReport } from '../security/index.ts';
import { builtIn, vendorNamed } from '../vendors/index.ts';
import { type Flags, type Io, may, UsageError } from './io.ts';
import { readConfig } from './token.ts';
import { grouped } from './words.ts';

const NOTES = `
accepted   V: codes that the lock takes at the worst moment, its memory full, counted with the lock's own rules; both
           key epochs where a lock lives with two. One guess succeeds with V of all codes, whatever the algorithm.
one in     all codes over V; fewer where some codes are likelier than others ("bias" in the JSON), or where anybody can
           write a code but for its authentication, so that there are as many to guess as that has values
needs      symbols for one guess in a million, what a six-digit one-time password has
EN 1300    the locks of safes have 100,000 codes for each one that opens; NIST SP 800-63B-4 asks for 6 digits, a limited
           rate and at most 100 failures in a row: a code that lives for days is no one-time password in its sense
a year     the chance of an attacker at the keypad day and night, as often as the lock lets an entry through`;

const percent = (risk: number): string => `${Number((100 * risk).toPrecision(2))} %`;

function rowJson(report: SecurityReport, row: LaneReport): object {
  return {
    vendor: report.vendor,
    codes: report.codes,
    scheme: report.scheme,
    epochs: report.epochs,
    layout: row.layout,
    lanes: row.lanes,
    digits: row.digits,
    symbols: row.symbols,
    possible: row.possible,
    accepted: row.accepted,
    kinds: row.kinds,
    records: row.records,
    at: new Date(row.at * 1000).toISOString(),
    bias: row.bias,
    guess: row.guess,
    one_in: row.oneIn,
    digits_needed: row.digitsNeeded,
    en_1300: row.en1300,
    six_digits: row.sixDigits,
    tries_a_year: report.tries,
    record_tries_a_year: report.recordTries,
    hundred_failures: report.hundredFailures,
    yearly_risk: row.yearlyRisk,
    record_risk: row.recordRisk,
  };
}

/** The easiest lane of each table. */
function worstLanes({ tables }: SecurityReport): readonly LaneReport[] {
  const worst = new Map<string, LaneReport>();
  for (const row of tables) if (row.guess >= (worst.get(row.layout)?.guess ?? 0)) worst.set(row.layout, row);
  return [...worst.values()];
}

const HEAD = ['vendor', 'codes', 'layout', 'digits', 'accepted', 'one in', 'needs', 'EN 1300', 'a year'];

const cellsOf = (report: SecurityReport, row: LaneReport): readonly string[] => [
  report.vendor,
  report.codes,
  row.layout,
  row.symbols === 10 ? `${row.digits}` : `${row.digits} of ${row.symbols}`,
  grouped(row.accepted),
  row.oneIn === null ? '-' : grouped(row.oneIn),
  `${row.digitsNeeded}`,
  row.en1300 ? 'yes' : 'no',
  percent(row.yearlyRisk),
];

export async function securityCommand(io: Io, flags: Flags): Promise<number> {
  const [id, path] = [may(flags, 'vendor'), may(flags, 'config')];
  if (path !== undefined && id === undefined) throw new UsageError('--config needs --vendor');
  const config = path === undefined ? undefined : await readConfig(io, path);
  const reports = (id === undefined ? builtIn : [vendorNamed(id)]).map((vendor) =>
    securityReport(vendor, config === undefined ? {} : { config }),
  );
  if (flags['json'] === true) {
    for (const report of reports)
      for (const row of report.tables) io.out(JSON.stringify(rowJson(report, row)));
    return 0;
  }
  const table = [HEAD, ...reports.flatMap((report) => worstLanes(report).map((row) => cellsOf(report, row)))];
  const widths = HEAD.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  for (const cells of table) {
    // Names to the left, numbers to the right.
    const padded = cells.map((cell, i) =>
      i < 3 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
    );
    io.out(padded.join('  '));
  }
  io.out(NOTES);
  return 0;
}
