/**
 * Tuya's verifier written down a second time, from the description of it: two hundred places of (type, nine digits, valid or
 * not), the checks in their order, what makes room when one is needed. Nothing here is imported from the library.
 */
import { digitsLiteral, dynamicLiteral, openLiteral, type Plain, roundedT0 } from './tuya-literal.ts';

const HOUR = 3600;
const PLACES = 200;

export interface Place {
  readonly type: number;
  readonly nine: string;
  readonly valid: boolean;
}

export type Memory = readonly (Place | undefined)[];

export const emptyMemory: Memory = Array.from({ length: PLACES }, () => undefined);

export interface Device {
  readonly loginKey: string;
  readonly t0: number;
}

export interface Answer {
  readonly accepted: boolean;
  readonly why: string;
  readonly memory: Memory;
  /** As what a code was dropped that made room for this one. */
  readonly dropped?: string;
}

/** T2 and T3 of what is stored. */
function spanOf({ t0 }: Device, { type, nine }: Place): readonly [number, number] {
  const from = roundedT0(t0) + Number(nine.slice(0, 5)) * HOUR;
  const hours = type === 0 ? Number(nine.slice(5)) : type === 1 ? 6 : 24;
  return [from, from + hours * HOUR];
}

/** The place for one more: the first that is free or expired, full or not, else what the order says. */
function roomIn(
  device: Device,
  memory: Memory,
  now: number,
): { readonly at: number; readonly dropped?: string } {
  const all = memory.flatMap((place, at) => (place ? [{ ...place, at, span: spanOf(device, place) }] : []));
  const free = memory.indexOf(undefined);
  const over = all.find(({ span: [, end] }) => end < now);
  if (over && (free < 0 || over.at < free)) return { at: over.at, dropped: 'expired' };
  if (free >= 0) return { at: free };
  const orders = [
    { dropped: 'revoked', by: 1, of: all.filter(({ type, valid }) => type === 0 && !valid) },
    { dropped: 'live', by: 0, of: all.filter(({ type, valid }) => type === 0 && valid) },
    { dropped: 'once', by: 1, of: all.filter(({ type }) => type === 1) },
    { dropped: 'clear all', by: 1, of: all.filter(({ type }) => type === 9) },
  ] as const;
  for (const { dropped, by, of } of orders) {
    const least = Math.min(...of.map(({ span }) => span[by]));
    const first = of.find(({ span }) => span[by] === least);
    if (first) return { at: first.at, dropped };
  }
  throw new Error('a full memory has something in it');
}

const replaced = (memory: Memory, at: number, place: Place): Memory =>
  memory.map((each, index) => (index === at ? place : each));

/** Ten digits at the keypad. */
function offline(device: Device, memory: Memory, plain: Plain, now: number): Answer {
  const { type, start, number } = plain;
  const nine = digitsLiteral(plain).slice(1);
  const from = roundedT0(device.t0) + start * HOUR;
  const answer = (why: string): Answer => ({ accepted: false, why, memory });
  if (![0, 1, 8, 9].includes(type)) return answer('type');
  if (from > now) return answer('start');
  const isTimed = type === 0 || type === 8;
  if (isTimed && from + number * HOUR < now) return answer('end');
  // The deadline of a clear-all comes before its serial number, and no record of it helps.
  if (type === 9 && now - from > 24 * HOUR) return answer('activation');
  if (!isTimed && number > 10) return answer('serial');

  if (type === 8) {
    const at = memory.findIndex((place) => place?.nine === nine);
    const target = memory[at];
    if (!target) return answer('no such code');
    if (!target.valid) return answer(target.type === 0 ? 'invalid' : 'hidden');
    return { accepted: true, why: 'cleared one', memory: replaced(memory, at, { ...target, valid: false }) };
  }
  const known = memory.find((place) => place?.type === type && place.nine === nine);
  if (known) return known.valid ? { accepted: true, why: 'known', memory } : answer('invalid');
  const within = type === 0 ? 24 : 6;
  if (type !== 9 && now - from > within * HOUR) return answer('activation');

  const { at, ...drop } = roomIn(device, memory, now);
  const stored = replaced(memory, at, { type, nine, valid: type === 0 });
  if (type !== 9) return { accepted: true, why: 'stored', memory: stored, ...drop };
  const any = stored.some((place) => place?.valid);
  const cleared = stored.map((place) => place && { ...place, valid: false });
  return { accepted: any, why: any ? 'cleared all' : 'nothing to clear', memory: cleared, ...drop };
}

// The literal FF1 is slow, and the same codes come again and again.
const opened = new Map<string, Plain>();

function openedOnce(loginKey: string, code: string): Plain {
  const name = `${loginKey} ${code}`;
  const plain = opened.get(name) ?? openLiteral(loginKey, code);
  opened.set(name, plain);
  return plain;
}

/** What the keypad answers, and the memory after it. */
export function keyLiteral(device: Device, memory: Memory, code: string, now: number): Answer {
  if (code.length === 10) return offline(device, memory, openedOnce(device.loginKey, code), now);
  // Dynamic: three moments, and nothing is remembered.
  const accepted = [now, now + 300, now - 300].some((at) => dynamicLiteral(device.loginKey, at) === code);
  return { accepted, why: accepted ? 'dynamic' : 'not dynamic', memory };
}
