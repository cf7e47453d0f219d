/**
 * Tuya's offline and dynamic passwords written down a second time, on node:crypto and the literal FF1: what the ten
 * digits are, the code that they become, the eight digits of a moment, and a code on a keypad of fewer keys. Nothing
 * here is imported from the library.
 */
import { createHmac } from 'node:crypto';
import { ff1Literal } from './ff1-literal.ts';

const HOUR = 3600;

/** The ten digits of plaintext, in their three parts. */
export interface Plain {
  /** 0 multiple, 1 once, 8 clear one, 9 clear all; 2 to 7 are nothing. */
  readonly type: number;
  /** Hours after T0. */
  readonly start: number;
  /** Hours (types 0 and 8) or a serial number (types 1 and 9). */
  readonly number: number;
}

/** What the ten digits say, in the library's words. */
export interface Said {
  readonly kind: string;
  readonly variance: number;
  readonly startsAt: number;
  readonly endsAt: number;
}

/** T0 rounded down to the hour. */
export const roundedT0 = (t0: number): number => t0 - (t0 % HOUR);

/** The start digits of an instant. */
export const startOf = (t0: number, startsAt: number): number => (startsAt - roundedT0(t0)) / HOUR;

export function saidLiteral(t0: number, { type, start, number }: Plain): Said | undefined {
  const startsAt = roundedT0(t0) + start * HOUR;
  const until = (hours: number): { startsAt: number; endsAt: number } => ({
    startsAt,
    endsAt: startsAt + hours * HOUR,
  });
  if (type === 0) return { kind: 'multiple', variance: 0, ...until(number) };
  if (type === 8) return { kind: 'clear_one', variance: 0, ...until(number) };
  if (number > 10) return undefined;
  if (type === 1) return { kind: 'once', variance: number, ...until(6) };
  if (type === 9) return { kind: 'clear_all', variance: number, ...until(24) };
  return undefined;
}

const aesKey = (loginKey: string): Buffer => Buffer.from(`0000000000${loginKey}`, 'latin1');

const NO_TWEAK = new Uint8Array();

/** Ten digits: type, five of the start, four of the number. */
export function digitsLiteral({ type, start, number }: Plain): string {
  const digits = `${type}${String(start).padStart(5, '0')}${String(number).padStart(4, '0')}`;
  if (!/^\d{10}$/.test(digits)) throw new Error('ten digits cannot say this');
  return digits;
}

export const sealLiteral = (loginKey: string, plain: Plain): string =>
  ff1Literal(aesKey(loginKey), 10, NO_TWEAK, [...digitsLiteral(plain)].map(Number)).join('');

export function openLiteral(loginKey: string, code: string): Plain {
  const digits = ff1Literal(aesKey(loginKey), 10, NO_TWEAK, [...code].map(Number), true).join('');
  return {
    type: Number(digits.slice(0, 1)),
    start: Number(digits.slice(1, 6)),
    number: Number(digits.slice(6)),
  };
}

/** The dynamic code of an instant. `offsetFrom`: the byte of the digest with the offset; 19 in RFC 4226. */
export function dynamicLiteral(loginKey: string, at: number, offsetFrom = 17): string {
  const step = Math.floor(at / 300);
  const message = step.toString(16).toUpperCase().padStart(8, '0');
  const digest = createHmac('sha1', Buffer.from(loginKey, 'latin1')).update(message, 'latin1').digest();
  const word = digest.readUInt32BE(digest.readUInt8(offsetFrom) % 16) % 2 ** 31;
  return String(word % 10 ** 8).padStart(8, '0');
}

/** A decimal code on a keypad with so many keys. */
export const rebasedLiteral = (code: string, base: number, symbols: number): string =>
  BigInt(code).toString(base).padStart(symbols, '0');
