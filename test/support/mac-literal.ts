/**
 * DESIGN §4 `mac/1` written down a second time, on node:crypto: keys and codes. Nothing here is imported from the library.
 */
import { createHmac, hkdfSync } from 'node:crypto';

const lp = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

export function macKeyLiteral(
  deviceKey: Uint8Array,
  id: string,
  lane: string,
  digits: number,
  alphabet: string,
): Buffer {
  const info = Buffer.concat([lp(id), lp(lane), Buffer.from([digits]), lp(alphabet)]);
  return Buffer.from(hkdfSync('sha256', deviceKey, Buffer.from('pintumbler mac/1', 'utf8'), info, 16));
}

export function macCodeLiteral(
  key: Buffer,
  lane: string,
  slot: number,
  number: number,
  digits: number,
  alphabet: string,
): string {
  const tag = createHmac('sha256', key)
    .update(Buffer.concat([u32(slot), u32(number)]))
    .digest('hex');
  const base = BigInt(alphabet.length);
  let rest = BigInt(`0x${tag.slice(0, 32)}`) % base ** BigInt(digits);
  const symbols: string[] = [];
  for (let place = digits - 1; place >= 0; place--) {
    const weight = base ** BigInt(place);
    symbols.push([...alphabet][Number(rest / weight)] ?? '?');
    rest %= weight;
  }
  return lane + symbols.join('');
}
