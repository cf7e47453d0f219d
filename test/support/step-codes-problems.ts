/**
 * What is wrong with a group of codes-*.json whose codes follow each other or answer something: each value by the
 * oracles of step-literal.ts, and by the library.
 */
import { type DeviceToken, type Grant, mint, read } from 'pintumbler';
import {
  type CodesGroup,
  codesProblems,
  gridOffsetOf,
  type TokenFacts,
  tablesOf,
  tokenOf,
} from './codes-problems.ts';
import { hex } from './helpers.ts';
import { obscuredLiteral, sipLiteral, streamLiteral, symbolsLiteral } from './paygo-literal.ts';
import {
  type AskedJson,
  bitsOfSymbols,
  cutLiteral,
  hmacLiteral,
  lastDigits,
  NODE_HASHES,
  ocraKeyLiteral,
  paygoWritten,
  periodOf,
  type StepDevice,
  type StepMeaning,
  startingCodeLiteral,
  stepScheme,
  suiteLiteral,
  type Where,
} from './step-literal.ts';
import {
  type Common,
  errorOf,
  type GroupOf,
  type Refused,
  type Report,
  toHex,
  type Valid,
} from './vector-file.ts';

/** Counting from where, and which; of times, from when. */
export interface Near {
  readonly last?: number;
  readonly at?: number;
  readonly asked?: AskedJson;
}

type ValidStep = Valid<
  {
    readonly kind: string;
    readonly length: number;
    readonly variance: number;
    readonly asked?: AskedJson;
    readonly code: string;
  } & (
    | { readonly count: number; readonly value: number }
    | {
        readonly count?: never;
        readonly slot: number;
        readonly startsAt: number;
        readonly endsAt: number;
        readonly firstUseBy: number;
      }
  )
>;

export interface StepCodesGroup
  extends TokenFacts,
    GroupOf<
      string,
      | ValidStep
      | (Near & { readonly result: 'invalid'; readonly code: string; readonly error?: never })
      | (Near & Refused<{ readonly code: string }>)
      | Refused<{ readonly grant: Grant }>
    > {
  readonly key: string;
  readonly scheme: string;
  readonly lane: string;
  readonly hmacKey?: string;
  readonly sipKey?: string;
  readonly suite?: string;
  readonly pinHash?: string;
  readonly startingCode?: number;
  readonly layout: {
    readonly id: string;
    readonly digits: number;
    readonly alphabet?: string;
    readonly kinds: readonly {
      readonly kind: string;
      readonly lengths:
        | readonly number[]
        | { readonly from: number; readonly to: number; readonly step: number };
    }[];
  };
}

/** A group of any file of codes. */
export type AnyCodesGroup = CodesGroup | StepCodesGroup;

const STEP_TYPES = ['HotpTest', 'OcraTest', 'OpenPaygoTest', 'NexusFullTest', 'NexusSmallTest'];

export const isStepGroup = (group: AnyCodesGroup): group is StepCodesGroup => STEP_TYPES.includes(group.type);

export const deviceOf = ({
  vendor,
  config,
  key,
}: Pick<TokenFacts, 'vendor' | 'config' | 'key'>): StepDevice => ({
  vendor,
  config: typeof config === 'object' && config !== null ? Object.fromEntries(Object.entries(config)) : {},
  key: hex(key ?? ''),
});

const numberOf = (value: unknown, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;

const hasCounts = ({ vendor, config }: StepDevice): boolean =>
  vendor !== 'totp' &&
  (vendor !== 'ocra' || suiteLiteral({ config }).counter || !suiteLiteral({ config }).step);

/** How far around the last accepted count `read` looks: down, and up. */
function reachOf({ vendor, config }: StepDevice): readonly [number, number] {
  if (vendor === 'openpaygo') return config['extended'] === true ? [16, 64] : [63, 100];
  if (vendor === 'nexus') return [23, 40];
  if (vendor === 'ocra' && !suiteLiteral({ config }).counter) return [0, 0];
  return [0, numberOf(config['window'], 10)];
}

/** Where `read` looks for a code. */
function whereOf(device: StepDevice, { last, at, asked }: Near): Where {
  const period = periodOf(device);
  const [seconds, origin] = period ?? [1, 0];
  const periodAt = (when: number): number => Math.floor((when - origin) / seconds);
  if (!hasCounts(device)) {
    const now = periodAt(at ?? Number.NaN);
    const aside = numberOf(device.config['window'], 1) + numberOf(device.config['drift'], 10);
    return { from: now - 1 - Math.max(aside, 1), to: now + Math.max(aside, 1), asked };
  }
  const [down, up] = reachOf(device);
  const count = last ?? Number.NaN;
  const times = period && at !== undefined ? [-1, 0, 1].map((each) => periodAt(at) + each) : [0];
  return { from: count - down, to: count + up, asked, times };
}

/** Whether the digits are those of the numbers beside them, whatever the numbers mean. */
function stepsProblems(
  group: StepCodesGroup,
  test: { readonly code: string },
  report: Report,
  what: string,
): void {
  const device = deviceOf(group);
  const { key } = device;
  const { code, ...rest } = test;
  const steps: Readonly<Record<string, unknown>> = rest;
  const text = (name: string): string => String(steps[name] ?? '');
  const message = text('message') || text('dataInput');
  if (message !== '') {
    const ocra = device.vendor === 'ocra';
    const hash = ocra
      ? suiteLiteral(device).hash
      : (NODE_HASHES[String(device.config['hash'] ?? 'SHA-1')] ?? '');
    const hmac = hmacLiteral(hash, ocra ? ocraKeyLiteral(device) : key, message);
    report(`${what} hmac`, text('hmac'), hmac);
    if ('number' in steps) report(`${what} number`, steps['number'], cutLiteral(hmac));
    const end = hmac.length / 2 - 1;
    const cuts = [cutLiteral(hmac), cutLiteral(hmac, end === 19 ? 17 : 19), cutLiteral(hmac, end, 32)];
    report(
      `${what} code`,
      true,
      cuts.some((each) => lastDigits(each, group.layout.digits) === code),
    );
  }
  if ('chain' in steps) {
    const [base, chain, number] = [
      numberOf(steps['base'], -1),
      numberOf(steps['chain'], -1),
      steps['number'],
    ];
    const modulus = device.config['extended'] === true ? 1_000_000 : 1000;
    report(`${what} number`, number, chain - (chain % modulus) + base);
    report(`${what} code`, code, paygoWritten(device, BigInt(numberOf(number, 0))));
  }
  if ('plain' in steps || 'bits' in steps) {
    const hash = sipLiteral(key, hex(text('input')));
    report(`${what} hash`, text('hash'), hash.toString(16).padStart(16, '0'));
    if ('plain' in steps) {
      const mac = String(hash & 0xffff_ffffn)
        .padStart(6, '0')
        .slice(-6);
      report(`${what} mac`, [text('mac'), text('plain').slice(8)], [mac, mac]);
      const seed = [0, 8, 16, 24].map((by) => (Number(mac) >>> by) & 255);
      report(`${what} stream`, text('stream'), toHex(Uint8Array.from(streamLiteral(seed, 8))));
      report(`${what} code`, code, obscuredLiteral(text('plain')));
    } else {
      const mac = (hash >> 52n).toString(16).padStart(3, '0');
      report(`${what} mac`, [text('mac'), text('bits').slice(4)], [mac, mac]);
      const value = Number.parseInt(mac, 16);
      const stream = streamLiteral([value >> 8, value & 255], 2);
      report(`${what} stream`, text('stream'), toHex(Uint8Array.from(stream)));
      const bits = Number.parseInt(text('bits'), 16).toString(2).padStart(28, '0');
      report(`${what} code`, code, symbolsLiteral(bits));
      const obscured = Number.parseInt(bitsOfSymbols(code), 2).toString(16).padStart(7, '0');
      report(`${what} obscured`, text('obscured'), obscured);
    }
  }
}

function lengthsHave(
  lengths: StepCodesGroup['layout']['kinds'][number]['lengths'],
  index: number,
): number | undefined {
  if (!('step' in lengths)) return lengths[index];
  const value = lengths.from + index * lengths.step;
  return value <= lengths.to ? value : undefined;
}

function validProblems(
  group: StepCodesGroup,
  token: DeviceToken,
  test: ValidStep & Common,
  report: Report,
): void {
  const device = deviceOf(group);
  const { tcId, kind: id, length, variance, asked, code } = test;
  const what = `tcId ${tcId}`;
  const { make, read: readLiteral } = stepScheme(device);
  const kind = group.layout.kinds.find((each) => each.kind === id);
  const count = test.count ?? test.slot;
  const isCount = test.count !== undefined;
  const value = isCount ? test.value : 0;
  const meaning: StepMeaning = { kind: id, count, value };
  const made = make(device, meaning, asked);
  const said = asked && { asked };
  const [seconds, origin] = periodOf(device) ?? [0, 0];
  const startsAt = origin + count * seconds;
  const window = { startsAt, endsAt: startsAt + seconds, firstUseBy: startsAt + seconds, slot: count };
  report(`${what} kind`, true, kind !== undefined);
  report(`${what} length`, isCount ? value : seconds, kind && lengthsHave(kind.lengths, length));
  const { tcId: _, comment: __, flags: ___, result: ____, ...values } = test;
  report(`${what} values`, values, {
    ...{ kind: id, length, variance: 0 },
    ...(isCount ? { count, value } : window),
    ...said,
    ...made.steps,
    code: made.code,
  });
  const grant: Grant = isCount
    ? { kind: id, variance, count, value, ...said }
    : { kind: id, variance, startsAt, endsAt: startsAt + seconds, ...said };
  report(`${what} code by the library`, code, mint(token, grant));
  // A lock that counts has accepted the one before; one that only answers counts nothing.
  const last = group.vendor === 'ocra' && !suiteLiteral(device).counter ? 0 : count - 1;
  const at = isCount ? value * seconds : startsAt;
  const where = whereOf(device, { last, at, ...said });
  const own = readLiteral(device, code, where).filter((each) => each.count === count);
  report(`${what} read`, [meaning], own);
  const near = isCount ? { count: last, ...(seconds > 0 && { at }), ...said } : { at, ...said };
  const means = read(token, code, near).filter((each) =>
    isCount ? each.count === count : each.startsAt === startsAt,
  );
  report(`${what} read by the library`, [grant], means);
}

export function stepCodesProblems(group: StepCodesGroup, report: Report): void {
  const { layout, scheme, clock, key, lane } = group;
  const token = tokenOf(group);
  const device = deviceOf(group);
  report('codes', [group.codes, clock, lane], [token.vendor.codes, token.rules.clock, '']);
  report('gridOffset', group.gridOffset, gridOffsetOf(group.timeZone));
  report('layout', { scheme, ...layout }, tablesOf(token)[0]);
  const ocra = device.vendor === 'ocra' ? suiteLiteral(device) : undefined;
  report('key', group.hmacKey ?? group.sipKey, ocra ? toHex(ocraKeyLiteral(device)) : key);
  report('suite', group.suite, ocra?.text);
  report('pinHash', group.pinHash, ocra && ocra.pin > 0 ? key.slice(-2 * ocra.pin) : undefined);
  report(
    'startingCode',
    group.startingCode,
    device.vendor === 'openpaygo' ? startingCodeLiteral(device) : undefined,
  );
  for (const test of group.tests) {
    const what = `tcId ${test.tcId}`;
    if (test.result === 'valid') validProblems(group, token, test, report);
    else if ('grant' in test)
      report(
        `${what} error`,
        test.error,
        errorOf(() => mint(token, test.grant)),
      );
    else {
      const { code, last, at, asked } = test;
      const near = {
        ...(last !== undefined && { count: last }),
        ...(at !== undefined && { at }),
        ...(asked && { asked }),
      };
      if (test.error === undefined) {
        stepsProblems(group, test, report, what);
        report(`${what} means nothing`, [], stepScheme(device).read(device, code, whereOf(device, test)));
        report(`${what} means nothing by the library`, [], read(token, code, near));
      } else {
        report(
          `${what} error`,
          test.error,
          errorOf(() => read(token, code, near)),
        );
        const { alphabet = '0123456789', digits } = layout;
        report(
          `${what} is no code`,
          false,
          code.length === digits && [...code].every((each) => alphabet.includes(each)),
        );
      }
    }
  }
}

export function anyCodesProblems(
  group: AnyCodesGroup,
  report: Report,
  groups: readonly AnyCodesGroup[],
): void {
  if (isStepGroup(group)) stepCodesProblems(group, report);
  else
    codesProblems(
      group,
      report,
      groups.filter((each): each is CodesGroup => !isStepGroup(each)),
    );
}
