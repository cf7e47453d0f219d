/**
 * DESIGN §4 written down a second time, on node:crypto and the literal FF1: keys, slot, page, payload, code. Nothing
 * here is imported from the library.
 */
import { hkdfSync } from 'node:crypto';
import { ff1Literal } from './ff1-literal.ts';

const lp = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const hkdf = (ikm: Uint8Array, salt: string, info: Uint8Array, length: number): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', ikm, Buffer.from(salt, 'utf8'), info, length));

export const rootLiteral = (master: Uint8Array, deviceId: string): Uint8Array =>
  hkdf(master, 'pintumbler device/1', lp(deviceId), 32);

export const deviceKeyLiteral = (root: Uint8Array, deviceId: string, epoch: number): Uint8Array =>
  hkdf(root, 'pintumbler epoch/1', Buffer.concat([lp(deviceId), u32(epoch)]), 32);

export const sealedKeyLiteral = (
  deviceKey: Uint8Array,
  layoutId: string,
  lane: string,
  digits: number,
): Uint8Array =>
  hkdf(deviceKey, 'pintumbler sealed/1', Buffer.concat([lp(layoutId), lp(lane), Buffer.from([digits])]), 16);

/** `layout` as `token inspect --json` prints it. */
export interface LayoutJson {
  readonly id: string;
  readonly digits: number;
  readonly grid_seconds: number;
  readonly s: number;
  readonly kinds: readonly {
    readonly kind: string;
    readonly civil?: boolean;
    readonly lengths:
      | readonly number[]
      | { readonly from: number; readonly to: number; readonly step: number };
    readonly variances: number;
  }[];
}

const listOf = (lengths: LayoutJson['kinds'][number]['lengths']): readonly number[] => {
  if (!('step' in lengths)) return lengths;
  const list: number[] = [];
  for (let value = lengths.from; value <= lengths.to; value += lengths.step) list.push(value);
  return list;
};

/** The code of a slot, a length *value* and a variance. */
export function codeLiteral(
  deviceKey: Uint8Array,
  layout: LayoutJson,
  lane: string,
  kindId: string,
  slot: number,
  length: number,
  variance: number,
): string {
  let base = 0;
  for (const kind of layout.kinds) {
    const lengths = listOf(kind.lengths);
    if (kind.kind === kindId) {
      const perPage = BigInt(10) ** BigInt(layout.digits) / BigInt(layout.s);
      const page = BigInt(slot) / perPage;
      const payload =
        (BigInt(slot) % perPage) * BigInt(layout.s) +
        BigInt(base + lengths.indexOf(length) * kind.variances + variance);
      const message = [...payload.toString().padStart(layout.digits, '0')].map(Number);
      const key = sealedKeyLiteral(deviceKey, layout.id, lane, layout.digits);
      return lane + ff1Literal(key, 10, u32(Number(page)), message).join('');
    }
    base += lengths.length * kind.variances;
  }
  throw new Error(`no kind ${kindId}`);
}
