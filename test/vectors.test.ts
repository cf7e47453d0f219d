/**
 * vectors/*.json: shape, every value recomputed by the oracles of test/support, and the library run over every test.
 * `problems` says what is wrong with a file; it is shown that it finds a changed value wherever one is.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import {
  createToken,
  type DeviceToken,
  deriveToken,
  mint,
  type OffsetTable,
  PintumblerError,
  read,
  type TokenOptions,
  tokenJson,
  type WindowGrant,
} from 'pintumbler';
import { type PlanRequest, plan, zoneFacts } from 'pintumbler/calendar';
import {
  createLock,
  enter,
  initialState,
  type LockState,
  loadState,
  loseClock,
  saveState,
  setClock,
} from 'pintumbler/lock';
import { ff1, numberFf1 } from 'pintumbler/schemes';
import { builtIn, igloohome, pintumbler } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { layoutJson } from '../src/cli/token.ts';
import { sealedKey } from '../src/schemes/sealed.ts';
import {
  type Device,
  type FullLayout,
  type Literal,
  lengthsOf,
  meaningLiteral,
  payloadLiteral,
  perPage,
  readLiteral,
} from './support/decode-literal.ts';
import { ff1Literal } from './support/ff1-literal.ts';
import { hex } from './support/helpers.ts';
import { codeLiteral, deviceKeyLiteral, rootLiteral, sealedKeyLiteral } from './support/sealed-literal.ts';
import {
  errorOf,
  type FileOf,
  fileProblems,
  folder,
  type GroupOf,
  parse,
  type Refused,
  type Report,
  same,
  schemaOf,
  toHex,
  type Valid,
  VECTOR_FILES,
} from './support/vector-file.ts';
import { describeFile, type Suite } from './support/vector-suite.ts';

// --- the files, as their schemas have them --------------------------------------------------------------------------

type RootIn = { readonly master: string; readonly deviceId: string };
type DeviceKeyIn = { readonly root: string; readonly deviceId: string; readonly epoch: number };
type KeysGroup =
  | GroupOf<'RootTest', Valid<RootIn & { info: string; root: string }> | Refused<RootIn>>
  | GroupOf<'DeviceKeyTest', Valid<DeviceKeyIn & { info: string; deviceKey: string }> | Refused<DeviceKeyIn>>
  | GroupOf<
      'SealedKeyTest',
      Valid<{
        deviceKey: string;
        layoutId: string;
        lane: string;
        digits: number;
        info: string;
        sealedKey: string;
      }>
    >;

type Fpe<Text> = { readonly key: string; readonly tweak: string; readonly msg: Text };
type Ff1Group =
  | (GroupOf<'FpeStrTest', Valid<Fpe<string> & { ct: string }> | Refused<Fpe<string>>> & {
      readonly keySize: number;
      readonly radix: number;
      readonly alphabet: string;
    })
  | (GroupOf<
      'FpeListTest',
      Valid<Fpe<readonly number[]> & { ct: readonly number[] }> | Refused<Fpe<readonly number[]>>
    > & { readonly keySize: number; readonly radix: number })
  | GroupOf<
      'FpeRoundsTest',
      Valid<
        Fpe<string> & {
          p: string;
          aesOfP: string;
          rounds: readonly { i: number; q: string; r: string; y: string; c: string }[];
          ct: string;
        }
      >
    >
  | GroupOf<
      'FpeChainTest',
      Valid<{ key: string; digits: number; count: number; last: string; sha256: string }>
    >;

interface TokenFacts {
  readonly vendor: string;
  readonly codes: string;
  readonly deviceId: string;
  readonly epoch: number;
  readonly timeZone: string;
  readonly gridOffset: number;
  readonly offsets?: OffsetTable;
  readonly config?: unknown;
}

interface SealedFacts extends TokenFacts {
  readonly root: string;
  readonly deviceKey: string;
  readonly sealedKey: string;
  readonly layout: FullLayout;
}

type GrantJson = Omit<WindowGrant, 'lane'>;
type SealedGroup = SealedFacts &
  (
    | GroupOf<
        'SealedTest',
        | Valid<Literal & { page: number; payload: number; code: string }>
        | { readonly result: 'invalid'; at: number; page: number; payload: number; code: string }
      >
    | GroupOf<
        'ReadTest',
        | {
            readonly result: 'valid' | 'invalid';
            code: string;
            at: number;
            grants: readonly GrantJson[];
            error?: never;
          }
        | Refused<{ readonly code: string; readonly at: number }>
      >
    | GroupOf<'MintTest', Refused<{ readonly grant: WindowGrant }>>
  );

type PlanGroup = Omit<TokenFacts, 'deviceId' | 'epoch'> & {
  readonly variances?: readonly [number, number];
} & GroupOf<
    'PlanTest',
    | Valid<{
        request: PlanRequest;
        grant: GrantJson;
        firstUseBy: number;
        local: object;
        rounded: object;
        warnings: readonly string[];
        window: string;
      }>
    | Refused<{ readonly request: PlanRequest; readonly nearest?: object }>
  >;

type Step =
  | {
      readonly op: 'enter';
      readonly code: string;
      readonly at: number;
      readonly persist: 'state' | 'charged' | 'none';
      readonly accepted: boolean;
      readonly reason: string;
      readonly opens: boolean;
      readonly setClock?: number;
      readonly grant: GrantJson | null;
    }
  | { readonly op: 'lose_clock' }
  | { readonly op: 'set_clock'; readonly at: number }
  | { readonly op: 'reload'; readonly tokens?: readonly number[] };

interface LockGroup
  extends GroupOf<
    'LockTest',
    Valid<{ tokens: readonly number[]; at: number | null; steps: readonly Step[]; end: { records: number } }>
  > {
  readonly vendor: string;
  readonly codes: string;
  readonly rules: object;
  readonly tokens: readonly (Omit<TokenFacts, 'vendor' | 'codes'> & {
    readonly root?: string;
    readonly key?: string;
    readonly layout: FullLayout;
  })[];
  readonly keys: readonly {
    readonly epoch: number;
    readonly deviceKey: string;
    readonly sealedKey: string;
  }[];
}

type AnyGroup = KeysGroup | Ff1Group | SealedGroup | PlanGroup | LockGroup;

// --- what is wrong with a group: one line for each value that is not what it must be ----------------------------------

const fromBase64url = (text = ''): string => Buffer.from(text, 'base64url').toString('hex');

const lp = (text: string): string => {
  const bytes = Buffer.from(text, 'utf8');
  return `${bytes.length.toString(16).padStart(4, '0')}${bytes.toString('hex')}`;
};

function keysProblems(group: KeysGroup, report: Report): void {
  const door = { vendor: pintumbler, timeZone: 'UTC' } as const;
  if (group.type === 'RootTest') {
    for (const test of group.tests) {
      const { tcId, deviceId } = test;
      const make = () => createToken({ ...door, deviceId, master: hex(test.master) });
      if (test.result === 'invalid') report(`tcId ${tcId} error`, test.error, errorOf(make));
      else {
        report(`tcId ${tcId} info`, test.info, lp(deviceId));
        report(`tcId ${tcId} root`, test.root, toHex(rootLiteral(hex(test.master), deviceId)));
        report(`tcId ${tcId} root by the library`, test.root, fromBase64url(tokenJson(make()).root));
      }
    }
  } else if (group.type === 'DeviceKeyTest') {
    for (const test of group.tests) {
      const { tcId, deviceId, epoch } = test;
      const make = () => createToken({ ...door, deviceId, epoch, root: hex(test.root) });
      if (test.result === 'invalid') report(`tcId ${tcId} error`, test.error, errorOf(make));
      else {
        report(`tcId ${tcId} info`, test.info, lp(deviceId) + epoch.toString(16).padStart(8, '0'));
        report(`tcId ${tcId} key`, test.deviceKey, toHex(deviceKeyLiteral(hex(test.root), deviceId, epoch)));
        const issuer = tokenJson(deriveToken(make())).key;
        report(`tcId ${tcId} key by the library`, test.deviceKey, fromBase64url(issuer));
      }
    }
  } else {
    for (const { tcId, deviceKey, layoutId, lane, digits, info, sealedKey: given } of group.tests) {
      report(`tcId ${tcId} info`, info, lp(layoutId) + lp(lane) + digits.toString(16).padStart(2, '0'));
      report(`tcId ${tcId} key`, given, toHex(sealedKeyLiteral(hex(deviceKey), layoutId, lane, digits)));
      const layout = { id: layoutId, digits };
      report(`tcId ${tcId} key by the library`, given, toHex(sealedKey(hex(deviceKey), layout, lane)));
    }
  }
}

const digitsOf = (text: string): number[] => [...text].map(Number);
const asCode = (value: number, digits: number): string => String(value).padStart(digits, '0');
const u32 = (value: number): Uint8Array =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);

function aes128(key: Uint8Array, block: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return new Uint8Array(Buffer.concat([cipher.update(block), cipher.final()]));
}

/** Halves that the fast path takes. */
const isFast = (radix: number, length: number): boolean => radix ** Math.ceil(length / 2) <= 2 ** 20;

function fpeProblems(
  group: Ff1Group & { readonly type: 'FpeStrTest' | 'FpeListTest' },
  report: Report,
): void {
  const { radix, keySize } = group;
  if ('alphabet' in group)
    report('alphabet', group.alphabet, '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, radix));
  const numerals = (text: string | readonly number[]): number[] =>
    typeof text === 'string' && 'alphabet' in group
      ? [...text].map((symbol) => group.alphabet.indexOf(symbol))
      : [...text].map(Number);
  for (const test of group.tests) {
    const { tcId } = test;
    const key = hex(test.key);
    const tweak = hex(test.tweak);
    const message = numerals(test.msg);
    report(`tcId ${tcId} keySize`, keySize, key.length * 8);
    if (test.result === 'invalid') {
      const why = ![16, 24, 32].includes(key.length)
        ? 'key_length'
        : BigInt(radix) ** BigInt(message.length) < 1_000_000n
          ? 'domain_too_small'
          : message.some((numeral) => numeral >= radix) && 'out_of_range';
      report(`tcId ${tcId} error`, test.error, why);
      report(
        `tcId ${tcId} error of the library`,
        test.error,
        errorOf(() => ff1(key, radix).encrypt(message, tweak)),
      );
      continue;
    }
    const cipher = numerals(test.ct);
    report(`tcId ${tcId} ct`, cipher, ff1Literal(key, radix, tweak, message));
    report(`tcId ${tcId} msg`, message, ff1Literal(key, radix, tweak, cipher, true));
    report(`tcId ${tcId} ct by the library`, cipher, ff1(key, radix).encrypt(message, tweak));
    report(`tcId ${tcId} msg by the library`, message, ff1(key, radix).decrypt(cipher, tweak));
    if (tweak.length !== 4 || !isFast(radix, message.length)) continue;
    const fast = numberFf1(key, radix, message.length);
    const number = (list: readonly number[]): number =>
      list.reduce((sum, numeral) => sum * radix + numeral, 0);
    const page = Buffer.from(tweak).readUInt32BE();
    report(`tcId ${tcId} ct by the fast path`, number(cipher), fast.encrypt(number(message), page));
    report(`tcId ${tcId} msg by the fast path`, number(message), fast.decrypt(number(cipher), page));
  }
}

function ff1Problems(group: Ff1Group, report: Report): void {
  if (group.type === 'FpeStrTest' || group.type === 'FpeListTest') fpeProblems(group, report);
  else if (group.type === 'FpeRoundsTest') {
    for (const { tcId, key: keyHex, tweak, msg, p, aesOfP, rounds, ct } of group.tests) {
      const key = hex(keyHex);
      const n = msg.length;
      const u = Math.floor(n / 2);
      const b = n - u === 5 ? 3 : Number.NaN;
      const head = `01020100000a0a${u.toString(16).padStart(2, '0')}`;
      report(`tcId ${tcId} P`, p, `${head}${n.toString(16).padStart(8, '0')}00000004`);
      report(`tcId ${tcId} AES of P`, aesOfP, toHex(aes128(key, hex(p))));
      let [left, right] = [msg.slice(0, u), msg.slice(u)];
      for (const [i, { i: given, q, r, y, c }] of rounds.entries()) {
        report(`tcId ${tcId} i`, given, i);
        const half = Number(right)
          .toString(16)
          .padStart(2 * b, '0');
        report(
          `tcId ${tcId} Q ${i}`,
          q,
          tweak + '00'.repeat(11 - b) + i.toString(16).padStart(2, '0') + half,
        );
        const block = hex(q).map((byte, k) => byte ^ (hex(aesOfP)[k] ?? 0));
        report(`tcId ${tcId} R ${i}`, r, toHex(aes128(key, block)));
        report(`tcId ${tcId} y ${i}`, y, String(BigInt(`0x${r.slice(0, 16)}`)));
        const m = i % 2 === 0 ? u : n - u;
        const sum = (BigInt(left) + BigInt(y)) % 10n ** BigInt(m);
        report(`tcId ${tcId} C ${i}`, c, String(sum).padStart(m, '0'));
        [left, right] = [right, c];
      }
      report(`tcId ${tcId} ct of the rounds`, ct, left + right);
      report(`tcId ${tcId} ct`, digitsOf(ct), ff1Literal(key, 10, hex(tweak), digitsOf(msg)));
    }
  } else {
    for (const { tcId, key, digits, count, last, sha256 } of group.tests) {
      const cipher = numberFf1(hex(key), 10, digits);
      const byLibrary = (value: number, i: number): number => cipher.encrypt(value, i);
      const byLiteral = (value: number, i: number): number =>
        Number(ff1Literal(hex(key), 10, u32(i), digitsOf(asCode(value, digits))).join(''));
      // The literal FF1 is slow.
      for (const next of count > 1000 ? [byLibrary] : [byLibrary, byLiteral]) {
        const hash = createHash('sha256');
        let value = 0;
        for (let i = 0; i < count; i++) {
          value = next(value, i);
          hash.update(asCode(value, digits));
        }
        report(`tcId ${tcId} last`, last, asCode(value, digits));
        report(`tcId ${tcId} sha256`, sha256, hash.digest('hex'));
      }
    }
  }
}

function vendorOf(id: string): (typeof builtIn)[number] {
  const vendor = builtIn.find((each) => each.id === id);
  if (!vendor) throw new Error(`no vendor ${id}`);
  return vendor;
}

function tokenOf(
  facts: Omit<TokenFacts, 'codes'>,
  secret: Pick<TokenOptions, 'root' | 'key' | 'variances'>,
): DeviceToken {
  const { vendor, deviceId, epoch, timeZone, gridOffset, offsets, config } = facts;
  return createToken({
    vendor: vendorOf(vendor),
    deviceId,
    epoch,
    timeZone,
    gridOffset,
    ...(offsets && { offsets }),
    ...(config !== undefined && { config }),
    ...secret,
  });
}

/** By the machine's rules of 2026; the zone that is nowhere has whole hours. */
const gridOffsetOf = (timeZone: string): number =>
  timeZone === 'Nowhere/Between' ? 0 : zoneFacts(timeZone, 1767225600, 1767225601).gridOffset;

const grantOf = ({ kind, variance, startsAt, endsAt }: GrantJson): GrantJson => ({
  kind,
  variance,
  startsAt,
  endsAt,
});

function sealedProblems(group: SealedGroup, report: Report): void {
  const token = tokenOf(group, { root: hex(group.root) });
  const { layout, gridOffset, offsets } = group;
  const device: Device = { layout, gridOffset, offsets };
  report('codes', group.codes, token.vendor.codes);
  report('gridOffset', group.gridOffset, gridOffsetOf(group.timeZone));
  report('layout', layout, layoutJson(token));
  report('deviceKey', group.deviceKey, toHex(deviceKeyLiteral(hex(group.root), group.deviceId, group.epoch)));
  const key = sealedKeyLiteral(hex(group.deviceKey), layout.id, '', layout.digits);
  report('sealedKey', group.sealedKey, toHex(key));
  if (group.type === 'SealedTest') {
    for (const test of group.tests) {
      const { tcId, page, payload, code } = test;
      report(`tcId ${tcId} payload`, payload, payloadLiteral(key, code, page));
      const meaning = meaningLiteral(device, payload, page);
      if (test.result === 'invalid') {
        report(`tcId ${tcId} means nothing`, undefined, meaning);
        report(`tcId ${tcId} reads as nothing`, [], readLiteral(device, key, code, test.at));
        report(`tcId ${tcId} reads as nothing by the library`, [], read(token, code, test.at));
        continue;
      }
      const { kind, length, variance, slot, startsAt, endsAt, firstUseBy } = test;
      const literal: Literal = { kind, length, variance, slot, startsAt, endsAt, firstUseBy };
      report(`tcId ${tcId} meaning`, literal, meaning);
      const value = lengthsOf(layout.kinds.find((each) => each.kind === kind)?.lengths ?? [])[length];
      report(`tcId ${tcId} page`, page, Math.floor(slot / perPage(layout)));
      report(
        `tcId ${tcId} code`,
        code,
        codeLiteral(hex(group.deviceKey), layout, '', kind, slot, value ?? -1, variance),
      );
      report(`tcId ${tcId} code by the library`, code, mint(token, grantOf(test)));
      report(
        `tcId ${tcId} read by the library`,
        [grantOf(test)],
        read(token, code, startsAt).filter((grant) => grant.startsAt === startsAt),
      );
    }
  } else if (group.type === 'ReadTest') {
    for (const test of group.tests) {
      const { tcId, code, at } = test;
      if (test.error !== undefined) {
        report(
          `tcId ${tcId} error`,
          test.error,
          errorOf(() => read(token, code, at)),
        );
        report(`tcId ${tcId} is no code`, false, code.length === layout.digits && /^[0-9]*$/.test(code));
        continue;
      }
      const { grants, result } = test;
      report(`tcId ${tcId} result`, result, grants.length > 0 ? 'valid' : 'invalid');
      report(`tcId ${tcId} grants`, grants, readLiteral(device, key, code, at).map(grantOf));
      report(`tcId ${tcId} grants by the library`, grants, read(token, code, at));
    }
  } else {
    for (const { tcId, grant, error } of group.tests)
      report(
        `tcId ${tcId} error`,
        error,
        errorOf(() => mint(token, grant)),
      );
  }
}

function planProblems(group: PlanGroup, report: Report): void {
  const { variances } = group;
  const facts = { ...group, deviceId: 'door', epoch: 0 };
  const token = tokenOf(facts, { key: new Uint8Array(32).fill(1), ...(variances && { variances }) });
  report('codes', group.codes, token.vendor.codes);
  report('gridOffset', group.gridOffset, gridOffsetOf(group.timeZone));
  for (const test of group.tests) {
    const { tcId, request } = test;
    if (test.result === 'invalid') {
      report(
        `tcId ${tcId} error`,
        test.error,
        errorOf(() => plan(token, request)),
      );
      let nearest: unknown;
      try {
        plan(token, request);
      } catch (error) {
        nearest = error instanceof PintumblerError ? error.nearest : error;
      }
      report(`tcId ${tcId} nearest`, test.nearest, nearest);
      continue;
    }
    const { grant, firstUseBy, local, rounded, warnings, window } = test;
    const { vendor, codes, ...planned } = plan(token, request);
    report(`tcId ${tcId} plan`, { grant, firstUseBy, local, rounded, warnings, window }, planned);
    report(`tcId ${tcId} vendor`, [group.vendor, group.codes], [vendor, codes]);
    report(
      `tcId ${tcId} warning`,
      test.flags.includes('RulesChanged'),
      warnings.includes('zone_rules_changed'),
    );
    const code = mint(token, grant);
    report(
      `tcId ${tcId} can be minted`,
      true,
      read(token, code, grant.startsAt).some((each) => same(each, grant)),
    );
  }
}

function lockProblems(group: LockGroup, report: Report): void {
  const { vendor } = group;
  const tokens = group.tokens.map(({ root, key, ...facts }) =>
    tokenOf({ ...facts, vendor }, root === undefined ? { key: hex(key ?? '') } : { root: hex(root) }),
  );
  const [first] = tokens;
  if (!first) throw new Error('no token');
  const { source: _source, pins: _pins, ...rules } = first.rules.lock;
  report('codes', group.codes, first.vendor.codes);
  report('rules', group.rules, rules);
  group.tokens.forEach(({ layout, timeZone, gridOffset }, index) => {
    report(`gridOffset ${index}`, gridOffset, gridOffsetOf(timeZone));
    report(`layout ${index}`, layout, layoutJson(tokens[index] ?? first));
  });
  /** The device of an epoch, and its sealed key by the oracles. */
  const devices = group.keys.map(({ epoch, deviceKey, sealedKey: given }) => {
    const facts = group.tokens.filter((each) => each.epoch <= epoch).at(-1);
    if (!facts) throw new Error(`no token for epoch ${epoch}`);
    const { root, key, deviceId, layout } = facts;
    if (root !== undefined)
      report(`key of ${epoch}`, deviceKey, toHex(deviceKeyLiteral(hex(root), deviceId, epoch)));
    else report(`key of ${epoch}`, [deviceKey, epoch], [key, facts.epoch]);
    const bytes = sealedKeyLiteral(hex(deviceKey), layout.id, '', layout.digits);
    report(`sealed key of ${epoch}`, given, toHex(bytes));
    return { device: facts, bytes };
  });
  for (const { tcId, tokens: indexes, at, steps, end } of group.tests) {
    const some = (list: readonly number[]) => createLock(list.map((index) => tokens[index] ?? first));
    let lock = some(indexes);
    let state: LockState = initialState(lock, at ?? undefined);
    for (const [index, step] of steps.entries()) {
      const what = `tcId ${tcId} step ${index + 1}`;
      if (step.op === 'lose_clock') state = loseClock(lock, state);
      else if (step.op === 'set_clock') state = setClock(lock, state, step.at);
      else if (step.op === 'reload') {
        const text = saveState(lock, state);
        if (step.tokens) lock = some(step.tokens);
        state = loadState(lock, text);
      } else {
        const { op: __, code, at: when, persist, grant, ...answer } = step;
        const entry = enter(lock, state, code, when);
        const { grant: about, ...verdict } = entry.verdict;
        report(what, answer, verdict);
        report(`${what} grant`, grant, about);
        // The digits do mean that grant under one of the keys.
        if (grant) {
          const meanings = devices.flatMap(({ device, bytes }) =>
            readLiteral(device, bytes, code, grant.startsAt),
          );
          report(
            `${what} grant, literally`,
            true,
            meanings.some((each) => same(grantOf(each), grant)),
          );
        }
        if (persist !== 'none') state = persist === 'charged' ? entry.charged : entry.state;
      }
    }
    const { v, lock: ___, records, throttle, ...rest } = loadState(lock, saveState(lock, state));
    report(`tcId ${tcId} state version`, 1, v);
    report(`tcId ${tcId} end`, end, { ...rest, throttle: shownOf(throttle), records: records.length });
  }
}

/** What the files show of a throttle: how often the keypad was dead changes nothing where it is as long each time. */
function shownOf(throttle: LockState['throttle']): object {
  if (throttle.by === 'credit') return throttle;
  const { lockouts: _, ...shown } = throttle;
  return shown;
}

/** Which values a change of must be noticed, by type of group: the outputs, and the inputs that decide them. */
const TOKEN = 'vendor|codes|deviceId|epoch|gridOffset|root|deviceKey|sealedKey|config\\..*|layout\\..*';
const NOTICED: Readonly<Record<string, RegExp>> = {
  RootTest: /^(salt|tests\.0\.(info|root|error))$/,
  DeviceKeyTest: /^(salt|tests\.0\.(info|deviceKey|error))$/,
  SealedKeyTest: /^(salt|tests\.0\.(deviceKey|layoutId|lane|digits|info|sealedKey))$/,
  FpeStrTest: /^(keySize|radix|alphabet|tests\.0\.(ct|error))$/,
  FpeListTest: /^(keySize|tests\.0\.(ct\.\d+|error))$/,
  FpeRoundsTest: /^(keySize|radix|tests\.0\.(key|tweak|msg|p|aesOfP|rounds\..*|ct))$/,
  FpeChainTest: /^(keySize|radix|tests\.0\.(key|digits|count|last|sha256))$/,
  SealedTest: new RegExp(
    `^(${TOKEN}|tests\\.0\\.(kind|length|variance|startsAt|endsAt|firstUseBy|slot|page|payload|code))$`,
  ),
  ReadTest: new RegExp(`^(${TOKEN}|tests\\.0\\.(grants\\..*|error))$`),
  MintTest: new RegExp(`^(${TOKEN}|tests\\.0\\.error)$`),
  PlanTest:
    /^(vendor|codes|gridOffset|tests\.0\.(grant\..*|firstUseBy|local\..*|rounded\..*|warnings\.0|window|error|nearest\..*))$/,
  LockTest:
    /^(vendor|codes|rules\..*|keys\..*|tokens\.0\.(root|key|gridOffset|layout\..*)|tests\.0\.(end\..*|steps\.\d+\.(accepted|reason|opens|setClock|grant\..*)))$/,
};

// --- the files themselves ---------------------------------------------------------------------------------------------

function suiteOf<Group extends AnyGroup>(
  schema: string,
  each: (group: Group, report: Report) => void,
): Suite {
  const validate = schemaOf<Group>(schema);
  return {
    problems: (file) => fileProblems(file, validate, each),
    isValid: (file) => validate(file),
    noticed: NOTICED,
    sortOf: ({ type }, { result }, index) => `${type === 'LockTest' ? index : ''}${type} ${result}`,
  };
}

const SUITES: Readonly<Record<string, Suite>> = {
  keys: suiteOf('keys', keysProblems),
  ff1: suiteOf('ff1', ff1Problems),
  sealed: suiteOf('sealed', sealedProblems),
  plan: suiteOf('plan', planProblems),
  lock: suiteOf('lock', lockProblems),
};

/** Those of the makers with tables, prefixes and schemes of their own are in vendor-vectors.test.ts. */
const FILES = VECTOR_FILES.filter(([, schema]) => Object.hasOwn(SUITES, schema));

for (const [name, schema] of FILES) {
  const suite = SUITES[schema];
  if (suite) describeFile(name, suite);
}

describe('schemas', () => {
  const names = readdirSync(new URL('schemas/', folder)).sort();

  it('there is one for each sort of file, and each file names its own', () => {
    expect(names).toEqual([...new Set(VECTOR_FILES.map(([, schema]) => `${schema}.json`))].sort());
    for (const [name, schema] of VECTOR_FILES)
      expect(parse(`${name}.json`)).toHaveProperty('schema', `schemas/${schema}.json`);
    const committed = readdirSync(folder)
      .filter((each) => each.endsWith('.json'))
      .sort();
    expect(committed).toEqual(VECTOR_FILES.map(([name]) => `${name}.json`).sort());
  });

  it.each(names)('%s lets no unknown field through', (name) => {
    let seen = 0;
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('type' in value && value.type === 'object' && !Array.isArray(value)) {
        seen++;
        const more = 'additionalProperties' in value ? value.additionalProperties : undefined;
        // Notes are named by their flags; all other fields are named here.
        if (path.endsWith('/properties/notes')) expect(more, path).toEqual({ $ref: '#/$defs/note' });
        else expect(more, path).toBe(false);
      }
      for (const [key, each] of Object.entries(value)) visit(each, `${path}/${key}`);
    };
    visit(parse(`schemas/${name}`), name);
    expect(seen).toBeGreaterThan(5);
  });
});

describe('layouts', () => {
  /** Any change of a layout is a new layout id: codes of the old one are out there. */
  const DIGESTS: readonly (readonly [
    id: string,
    vendor: (typeof builtIn)[number],
    config: unknown,
    digest: string,
  ])[] = [
    [
      'pintumbler-9/1',
      pintumbler,
      undefined,
      '02279d9335845c86a3260c1475b88402159b2cc3a0f17d47390a393525f68d99',
    ],
    [
      'pintumbler-10/1',
      pintumbler,
      { digits: 10 },
      'fcadd06a810aa08503d1dae40e038fa015751f2c63e20a1e95eab0d1f6359592',
    ],
    ['igloohome/1', igloohome, undefined, '5af9d70e3d1708407028dec8e6d5b7a9e9c09aa530cd5adfea4ffda51733e98f'],
  ];

  it.each(DIGESTS)('%s is what it was', (id, vendor, config, digest) => {
    const options = { deviceId: 'd', root: new Uint8Array(32), timeZone: 'UTC' };
    const token = createToken({ vendor, ...options, ...(config !== undefined && { config }) });
    const layout = JSON.stringify(layoutJson(token));
    expect(layout).toContain(`"id":"${id}"`);
    expect(createHash('sha256').update(layout).digest('hex')).toBe(digest);
  });

  it.each(DIGESTS)('%s is what the page of the vectors says', (id, vendor, config) => {
    const options = { deviceId: 'd', root: new Uint8Array(32), timeZone: 'UTC' };
    const token = createToken({ vendor, ...options, ...(config !== undefined && { config }) });
    const layout = layoutJson(token) as FullLayout;
    const [, section = ''] = readFileSync(new URL('README.md', folder), 'utf8').split(`**\`${id}\`**: `);
    const text = section.split('\n**`')[0] ?? '';
    expect(text).toContain(
      `n = ${layout.digits}, g = ${layout.grid_seconds}, S = ${layout.s}, H = ${perPage(layout)},`,
    );
    let base = 0;
    for (const { kind, lengths, variances } of layout.kinds) {
      const last = base + lengthsOf(lengths).length * variances - 1;
      const payloads = last === base ? `${base}` : `${base}–${last}`;
      expect(text).toMatch(new RegExp(`\\| \`${kind}\` +\\| ${payloads} +\\|`));
      base = last + 1;
    }
    const reserved = new RegExp(`\\| reserved +\\| ${base}–${layout.s - 1} +\\|`);
    if (base < layout.s) expect(text).toMatch(reserved);
    else expect(text).toContain('Nothing is reserved');
  });
});

describe('offset tables of the vectors', () => {
  const tables = new Map<string, OffsetTable>();
  for (const [name] of FILES) {
    for (const group of (parse(`${name}.json`) as FileOf<Partial<TokenFacts>>).testGroups) {
      const { timeZone, offsets } = group;
      if (!timeZone || !offsets || offsets.length < 5) continue;
      if (offsets.length > (tables.get(timeZone)?.length ?? 0)) tables.set(timeZone, offsets);
    }
  }

  it('are those of six zones and of one that is nowhere', () => {
    expect([...tables.keys()].sort()).toEqual([
      'America/Havana',
      'America/New_York',
      'Australia/Lord_Howe',
      'Europe/Lisbon',
      'Nowhere/Between',
      'Pacific/Chatham',
    ]);
  });

  it.each([...tables].filter(([zone]) => zone !== 'Nowhere/Between'))(
    '%s: up to 2026 the rules are those of the time zone database',
    (zone, table) => {
      const from = Date.UTC(2019, 11, 31) / 1000;
      const until = Date.UTC(2027, 0, 1) / 1000;
      expect(table.filter(([utc]) => utc < until)).toEqual(zoneFacts(zone, from, until).offsets.slice(0, -1));
    },
  );
});
