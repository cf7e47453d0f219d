/**
 * What lies between a claim and its code, scheme by scheme: the values that a failing board is compared with, and digits
 * that mean nothing.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Book } from '../engine.ts';
import type { Asked } from '../grant.ts';
import { u32 } from '../keys.ts';
import { numberFf1 } from '../schemes/index.ts';
import { macKey } from '../schemes/mac.ts';
import { type Claim, claimOf, type Layout, numberOf } from '../schemes/scheme.ts';
import { pageOf, payloadOf, sealedKey, slotsPerPage } from '../schemes/sealed.ts';
import type { DeviceToken } from '../token.ts';
import type { PlacedKind } from '../vendors/vendor.ts';
import { DAY } from '../zone.ts';
import type { Stream } from './vector-stream.ts';

/** The codes of one table with one clear prefix: what a group of vectors is about. */
export interface Sheet {
  readonly token: DeviceToken;
  readonly book: Book;
  /** Empty where there are no lanes. */
  readonly lane: string;
  /** Those that this lane has. */
  readonly kinds: readonly PlacedKind[];
  readonly scheme: string;
  readonly working: Working;
  /** The scheme's key of this lane. */
  readonly key: Uint8Array;
}

/** Values between claim and code, in their order. */
export type Steps = Readonly<Record<string, string | number>>;

/** Digits that mean nothing, and where a lock may be asked about them. */
export interface Nothing {
  readonly flag: string;
  readonly comment: string;
  /** A slot; where codes are for counts, the last accepted count. */
  readonly slot: number;
  /** What the lock asked. */
  readonly asked?: Asked;
  /** Epoch seconds, of codes that say the time beside a count. */
  readonly at?: number;
  readonly steps: Steps;
  readonly code: string;
}

/** What the vectors of a scheme show. */
export interface Working {
  /** The `type` of its groups. */
  readonly type: string;
  readonly keyName: string;
  readonly keyOf: (deviceKey: Uint8Array, layout: Layout, lane: string) => Uint8Array;
  readonly stepsOf: (sheet: Sheet, claim: Claim) => Steps;
  readonly nothing: (sheet: Sheet) => readonly Nothing[];
  /** What a group says of its token beside the key. */
  readonly facts?: (sheet: Sheet) => Steps;
  /** Of codes that answer: some challenge, and those at the edges. */
  readonly asked?: (sheet: Sheet, stream: Stream) => Asked;
  readonly challenges?: (sheet: Sheet) => readonly (readonly [asked: Asked, comment: string])[];
  /** The first count; and below which random ones are. */
  readonly first?: number;
  readonly far?: number;
}

/** A number in a keypad's symbols, most significant first. */
export function written(value: number, { alphabet, digits }: Layout): string {
  let text = '';
  for (let i = 0; i < digits; i++) {
    text = alphabet.charAt(value % alphabet.length) + text;
    value = Math.floor(value / alphabet.length);
  }
  return text;
}

/** 2026-03-01T00:00Z. */
const START = 1772323200;

/** Numbers within a slot that no kind of the lane has: the first and the last, if any. */
function reservedNumbers({ book: { layout }, lane }: Sheet): readonly (readonly [number, string])[] {
  const isFree = (number: number): boolean => claimOf(number, 0, lane, layout) === undefined;
  const found: (readonly [number, string])[] = [];
  for (let number = 0; number < layout.perSlot && found.length === 0; number++)
    if (isFree(number)) found.push([number, 'first']);
  if (isFree(layout.perSlot - 1)) found.push([layout.perSlot - 1, 'last']);
  return found;
}

// --- sealed/1 -----------------------------------------------------------------------------------------------------

/** A payload of page 0 that means nothing. */
export function sealedNothing(sheet: Sheet, payload: number, flag: string, comment: string): Nothing {
  const { key, lane, book } = sheet;
  const { layout } = book;
  const code = lane + written(numberFf1(key, 10, layout.digits).encrypt(payload, 0), layout);
  const slot = Math.min(Math.floor(payload / layout.perSlot), slotsPerPage(layout) - 1);
  return { flag, comment, slot, steps: { page: 0, payload }, code };
}

/** Digits behind a prefix that the door does not have. */
function otherLane({ lane, book: { layout } }: Sheet): readonly Nothing[] {
  const strange = [...'0123456789*#'].map((symbol) => lane.slice(0, -1) + symbol);
  const other = lane === '' ? undefined : strange.find((each) => !layout.lanes.includes(each));
  if (other === undefined) return [];
  const code = other + written(0, layout);
  return [{ flag: 'OtherLane', comment: `prefix ${other}`, slot: 1000, steps: {}, code }];
}

const sealed: Working = {
  type: 'SealedTest',
  keyName: 'sealedKey',
  keyOf: sealedKey,
  stepsOf({ book: { layout } }, claim) {
    const page = pageOf(claim, layout);
    return { page, payload: payloadOf(claim, page, layout) };
  },
  nothing(sheet) {
    const { layout, grid } = sheet.book;
    const { perSlot, digits, places } = layout;
    const payloads: (readonly [payload: number, flag: string, comment: string])[] = [];
    // Where H·S is 10^n, every payload lies in a slot.
    const beyond = slotsPerPage(layout) * perSlot;
    if (beyond < 10 ** digits) {
      payloads.push(
        [beyond, 'BeyondPage', 'payload H·S'],
        [10 ** digits - 1, 'BeyondPage', 'payload 10^n − 1'],
      );
    }
    for (const [number, which] of reservedNumbers(sheet))
      payloads.push([1000 * perSlot + number, 'Reserved', `${which} reserved payload of a slot`]);
    const civil = grid.step < DAY ? sheet.kinds.find((kind) => kind.shape.on === 'civil-day') : undefined;
    if (civil) {
      const base = places[civil.index]?.base ?? 0;
      payloads.push([1001 * perSlot + base, 'OffDay', 'a civil kind off its day']);
    }
    return [...payloads.map((each) => sealedNothing(sheet, ...each)), ...otherLane(sheet)];
  },
};

// --- mac/1 --------------------------------------------------------------------------------------------------------

function macSteps({ key }: Sheet, slot: number, number: number): Steps {
  const input = concatBytes(u32(slot), u32(number));
  const tag = bytesToHex(hmac(sha256, key, input).subarray(0, 16));
  return { number, input: bytesToHex(input), mac: tag };
}

const mac: Working = {
  type: 'MacTest',
  keyName: 'macKey',
  keyOf: macKey,
  stepsOf: (sheet, claim) => macSteps(sheet, claim.slot, numberOf(claim, sheet.book.layout)),
  nothing(sheet) {
    const { grid, codec } = sheet.book;
    const slot = Math.ceil((START - grid.origin) / grid.step);
    const claim = { kind: 0, slot: slot + 3, length: 0, variance: 0, lane: sheet.lane };
    const steps = macSteps(sheet, claim.slot, numberOf(claim, sheet.book.layout));
    return [{ flag: 'OtherPeriod', comment: 'three periods early', slot, steps, code: codec.encode(claim) }];
  },
};

// --- Tuya ---------------------------------------------------------------------------------------------------------

/** Digit 0 of the plaintext, by the kind's place. */
const TUYA_TYPES = [0, 1, 8, 9];

const ten = (value: number): string => String(value).padStart(10, '0');

function tuyaSteps({ key }: Sheet, plain: number): Steps & { readonly sealed: string } {
  return { plain: ten(plain), sealed: ten(numberFf1(key, 10, 10, 0).encrypt(plain, 0)) };
}

const tuyaOffline: Working = {
  type: 'TuyaOfflineTest',
  keyName: 'aesKey',
  keyOf: (loginKey) => concatBytes(utf8ToBytes('0000000000'), loginKey),
  stepsOf(sheet, { kind, slot, length, variance }) {
    return tuyaSteps(sheet, (TUYA_TYPES[kind] ?? 0) * 10 ** 9 + slot * 10_000 + length + variance);
  },
  nothing(sheet) {
    const { layout } = sheet.book;
    const slot = 50_000;
    const plains: (readonly [type: number, number: number, flag: string, comment: string])[] = [
      ...[2, 3, 4, 5, 6, 7].map((type) => [type, 6, 'Type', `type ${type}`] as const),
      [1, 11, 'Serial', 'once, serial number 11'],
      [1, 9999, 'Serial', 'once, serial number 9999'],
      [9, 11, 'Serial', 'clear all, serial number 11'],
    ];
    const found = plains.map(([type, number, flag, comment]): Nothing => {
      const steps = tuyaSteps(sheet, type * 10 ** 9 + slot * 10_000 + number);
      return { flag, comment, slot, steps, code: written(Number(steps.sealed), layout) };
    });
    const room = layout.alphabet.length ** layout.digits;
    if (room > 10 ** 10) {
      const comments = [
        [10 ** 10, 'the number 10^10'],
        [room - 1, 'the largest number of the keypad'],
      ] as const;
      for (const [number, comment] of comments)
        found.push({ flag: 'TooLarge', comment, slot, steps: {}, code: written(number, layout) });
    }
    return found;
  },
};

/** What the counter of 300 s is in the HMAC, and the digest that the digits are cut from. */
function dynamicSteps({ key }: Sheet, slot: number): Steps & { readonly hmac: string } {
  const message = slot.toString(16).toUpperCase().padStart(8, '0');
  return { message, hmac: bytesToHex(hmac(sha1, key, utf8ToBytes(message))) };
}

const tuyaDynamic: Working = {
  type: 'TuyaDynamicTest',
  keyName: 'hmacKey',
  keyOf: (loginKey) => Uint8Array.from(loginKey),
  stepsOf: (sheet, { slot }) => dynamicSteps(sheet, slot),
  nothing(sheet) {
    // Where both nibbles are one, the digits are too.
    let slot = START / sheet.book.grid.step;
    while (dynamicSteps(sheet, slot).hmac.at(35) === dynamicSteps(sheet, slot).hmac.at(39)) slot++;
    const steps = dynamicSteps(sheet, slot);
    const offset = 2 * Number.parseInt(steps.hmac.slice(-1), 16);
    const word = Number.parseInt(steps.hmac.slice(offset, offset + 8), 16) % 2 ** 31;
    const code = written(word % 10 ** 8, sheet.book.layout);
    return [{ flag: 'RfcOffset', comment: 'cut off where RFC 4226 has it', slot, steps, code }];
  },
};

/** By the scheme's id. */
export const WORKINGS: Readonly<Record<string, Working>> = {
  'sealed/1': sealed,
  'mac/1': mac,
  'tuya-offline/1': tuyaOffline,
  'tuya-dynamic/1': tuyaDynamic,
};
