/** What is wrong with a group of codes-*.json: each value by the oracles of codes-literal.ts, and by the library. */
import { createToken, type DeviceToken, type Grant, mint, type OffsetTable, read } from 'pintumbler';
import { zoneFacts } from 'pintumbler/calendar';
import { builtIn, type Vendor } from 'pintumbler/vendors';
import { tableJson } from '../../src/cli/token.ts';
import {
  type Claim,
  cutLiteral,
  type DeviceJson,
  dynamicDigest,
  isOfKeypad,
  lanesOf,
  macLiteral,
  readCodeLiteral,
  schemeLiteral,
  type TableJson,
  windowLiteral,
  writtenLiteral,
} from './codes-literal.ts';
import { payloadLiteral } from './decode-literal.ts';
import { ff1Literal } from './ff1-literal.ts';
import { hex } from './helpers.ts';
import { deviceKeyLiteral } from './sealed-literal.ts';
import {
  type Common,
  errorOf,
  type GroupOf,
  type Refused,
  type Report,
  toHex,
  type Valid,
} from './vector-file.ts';

export interface TokenFacts {
  readonly vendor: string;
  readonly codes: string;
  readonly clock: DeviceJson['clock'];
  readonly deviceId: string;
  readonly epoch: number;
  readonly timeZone: string;
  readonly gridOffset: number;
  readonly offsets?: OffsetTable;
  readonly config?: unknown;
  readonly root?: string;
  /** The maker's. */
  readonly key?: string;
}

/** What lies between a grant and its code; by scheme. */
interface Steps {
  readonly page?: number;
  readonly payload?: number;
  readonly number?: number;
  readonly input?: string;
  readonly mac?: string;
  readonly plain?: string;
  readonly sealed?: string;
  readonly message?: string;
  readonly hmac?: string;
}

interface ValidCode extends Steps {
  readonly kind: string;
  readonly length: number;
  readonly variance: number;
  readonly startsAt: number;
  readonly endsAt: number | null;
  readonly firstUseBy: number;
  readonly slot: number;
  readonly code: string;
}

export interface CodesGroup
  extends TokenFacts,
    GroupOf<
      string,
      | Valid<ValidCode>
      | (Steps & {
          readonly result: 'invalid';
          readonly at: number;
          readonly code: string;
          readonly error?: never;
        })
      | Refused<{ readonly at: number; readonly code: string }>
      | Refused<{ readonly grant: Grant }>
    > {
  readonly scheme: string;
  readonly deviceKey?: string;
  readonly lane: string;
  readonly sealedKey?: string;
  readonly macKey?: string;
  readonly aesKey?: string;
  readonly hmacKey?: string;
  readonly layout: TableJson;
}

export function vendorOf(id: string): Vendor {
  const vendor = builtIn.find((each) => each.id === id);
  if (!vendor) throw new Error(`no vendor ${id}`);
  return vendor;
}

export function tokenOf(facts: TokenFacts): DeviceToken {
  const { vendor, deviceId, epoch, timeZone, gridOffset, offsets, config, root, key } = facts;
  return createToken({
    vendor: vendorOf(vendor),
    deviceId,
    epoch,
    timeZone,
    gridOffset,
    ...(offsets && { offsets }),
    ...(config !== undefined && { config }),
    ...(root === undefined ? { key: hex(key ?? '') } : { root: hex(root) }),
  });
}

/** By the machine's rules of 2026. */
export const gridOffsetOf = (timeZone: string): number =>
  zoneFacts(timeZone, 1767225600, 1767225601).gridOffset;

/** The key under which a device's codes are made. */
export const secretLiteral = ({ root, key, deviceId, epoch }: TokenFacts): Uint8Array =>
  root === undefined ? hex(key ?? '') : deviceKeyLiteral(hex(root), deviceId, epoch);

/** The layouts of a token as the library has them, in their order, with their schemes. */
export const tablesOf = (token: DeviceToken): readonly object[] =>
  [token.rules, ...(token.rules.also ?? [])].map((table) => ({
    scheme: (table.scheme ?? token.vendor.scheme).id,
    ...tableJson(token, table),
  }));

/** Whether the digits are those of the numbers beside them, whatever the numbers mean. */
function stepsProblems(
  group: CodesGroup,
  test: Steps & { readonly code: string },
  report: Report,
  what: string,
): void {
  const { layout, lane } = group;
  const { page, payload, input, mac, number, plain, sealed, message, hmac } = test;
  const code = test.code.slice(lane.length);
  if (page !== undefined)
    report(`${what} payload`, payload, payloadLiteral(hex(group.sealedKey ?? ''), code, page));
  if (input !== undefined) {
    const made = macLiteral(hex(group.macKey ?? ''), hex(input), layout);
    report(`${what} mac`, [mac, code], [made.mac, made.code]);
    report(`${what} number`, number, Number.parseInt(input.slice(8), 16));
  }
  if (plain !== undefined && sealed !== undefined) {
    const key = hex(group.aesKey ?? '');
    report(`${what} sealed`, sealed, ff1Literal(key, 10, new Uint8Array(), [...plain].map(Number)).join(''));
    report(`${what} code`, code, writtenLiteral(BigInt(sealed), layout));
  }
  if (message !== undefined) {
    const digest = dynamicDigest(hex(group.hmacKey ?? ''), message);
    report(`${what} hmac`, hmac, digest.toString('hex'));
    report(
      `${what} code`,
      true,
      [17, 19].some((byte) => code === cutLiteral(digest, byte === 17 ? 17 : 19, layout)),
    );
  }
}

function validProblems(
  group: CodesGroup,
  device: DeviceJson,
  token: DeviceToken,
  test: Valid<ValidCode> & Common,
  report: Report,
): void {
  const { layout, lane, scheme } = group;
  const { tcId, kind: id, length, variance, startsAt, endsAt, firstUseBy, slot, code } = test;
  const what = `tcId ${tcId}`;
  const kind = layout.kinds.find((each) => each.kind === id && (each.lane ?? lane) === lane);
  if (!kind) {
    report(`${what} kind`, id, undefined);
    return;
  }
  const { key, encode, decode } = schemeLiteral(scheme);
  const bytes = key(device.secret, layout, lane);
  const claim: Claim = { kind, slot, length, variance };
  const window = windowLiteral(device, layout, claim);
  report(
    `${what} window`,
    [startsAt, endsAt, firstUseBy],
    window && [window.startsAt, window.endsAt, window.firstUseBy],
  );
  const { steps, code: symbols } = encode(bytes, layout, claim);
  const { tcId: _, comment, flags, result, ...values } = test;
  report(`${what} values`, values, {
    ...{ kind: id, length, variance, startsAt, endsAt, firstUseBy, slot },
    ...steps,
    code: lane + symbols,
  });
  report(
    `${what} decodes`,
    true,
    decode(bytes, layout, lane, code.slice(lane.length), [slot, slot]).some(
      (each) =>
        each.kind === kind && each.slot === slot && each.length === length && each.variance === variance,
    ),
  );
  const grant: Grant = { kind: id, variance, ...(lane !== '' && { lane }), startsAt, endsAt };
  report(`${what} code by the library`, code, mint(token, grant));
  const means = (grants: readonly Grant[]) =>
    grants.filter((each) => each.startsAt === startsAt && each.kind === id);
  report(`${what} read`, [grant], means(readCodeLiteral(device, code, startsAt)));
  report(`${what} read by the library`, [grant], means(read(token, code, startsAt)));
}

export function codesProblems(group: CodesGroup, report: Report, groups: readonly CodesGroup[]): void {
  const { layout, lane, scheme, clock, gridOffset, offsets } = group;
  const token = tokenOf(group);
  const secret = secretLiteral(group);
  // A device's tables are those of its groups, in their order.
  const tables = groups.filter(({ deviceId }) => deviceId === group.deviceId);
  const device: DeviceJson = {
    clock,
    gridOffset,
    offsets,
    secret,
    tables: [
      ...new Map(tables.map((each) => [each.layout.id, { ...each.layout, scheme: each.scheme }])).values(),
    ],
  };
  report('codes', group.codes, token.vendor.codes);
  report('clock', clock, token.rules.clock);
  report('lane', true, lanesOf(layout).includes(lane));
  report('gridOffset', gridOffset, gridOffsetOf(group.timeZone));
  const own = tablesOf(token).find((each) => 'id' in each && each.id === layout.id);
  report('layout', { scheme, ...layout }, own);
  if (group.deviceKey !== undefined) report('deviceKey', group.deviceKey, toHex(secret));
  const given = group.sealedKey ?? group.macKey ?? group.aesKey ?? group.hmacKey;
  report('key', given, toHex(schemeLiteral(scheme).key(secret, layout, lane)));
  for (const test of group.tests) {
    const what = `tcId ${test.tcId}`;
    if (test.result === 'valid') validProblems(group, device, token, test, report);
    else if ('grant' in test)
      report(
        `${what} error`,
        test.error,
        errorOf(() => mint(token, test.grant)),
      );
    else {
      const { code, at } = test;
      stepsProblems(group, test, report, what);
      report(`${what} means nothing`, [], readCodeLiteral(device, code, at));
      if (test.error === undefined) report(`${what} means nothing by the library`, [], read(token, code, at));
      else {
        report(
          `${what} error`,
          test.error,
          errorOf(() => read(token, code, at)),
        );
        report(
          `${what} is no code`,
          false,
          lanesOf(layout).some(
            (each) => code.startsWith(each) && isOfKeypad(code.slice(each.length), layout),
          ),
        );
      }
    }
  }
}
