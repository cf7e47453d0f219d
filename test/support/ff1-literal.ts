/**
 * FF1 as SP 800-38G writes it, on BigInt and node:crypto: slow, literal, and sharing no line with the library. The
 * oracle of the tests.
 */
import { createCipheriv } from 'node:crypto';

function aes(key: Uint8Array, block: Uint8Array): Uint8Array {
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
  return new Uint8Array(Buffer.concat([cipher.update(block), cipher.final()]));
}

const num = (digits: readonly number[], radix: number): bigint =>
  digits.reduce((x, d) => x * BigInt(radix) + BigInt(d), 0n);

function str(x: bigint, radix: number, m: number): number[] {
  const digits: number[] = [];
  for (let i = 0; i < m; i++) {
    digits.unshift(Number(x % BigInt(radix)));
    x /= BigInt(radix);
  }
  return digits;
}

const bigEndian = (x: bigint, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Number((x >> BigInt(8 * (length - 1 - i))) & 255n));

export function ff1Literal(
  key: Uint8Array,
  radix: number,
  tweak: Uint8Array,
  message: readonly number[],
  decrypt = false,
): number[] {
  const n = message.length;
  const t = tweak.length;
  const u = Math.floor(n / 2);
  const v = n - u;
  let a = message.slice(0, u);
  let b = message.slice(u);
  let bits = 0;
  while (1n << BigInt(bits) < BigInt(radix) ** BigInt(v)) bits++;
  const bytes = Math.ceil(bits / 8);
  const d = 4 * Math.ceil(bytes / 4) + 4;
  const p = [
    1,
    2,
    1,
    ...bigEndian(BigInt(radix), 3),
    10,
    u % 256,
    ...bigEndian(BigInt(n), 4),
    ...bigEndian(BigInt(t), 4),
  ];
  const pad = (((-t - bytes - 1) % 16) + 16) % 16;
  const y = (i: number, half: readonly number[]): bigint => {
    const q = [...tweak, ...new Array<number>(pad).fill(0), i, ...bigEndian(num(half, radix), bytes)];
    let r: Uint8Array = new Uint8Array(16);
    const input = [...p, ...q];
    for (let at = 0; at < input.length; at += 16)
      r = aes(
        key,
        r.map((byte, k) => byte ^ (input[at + k] ?? 0)),
      );
    let s = [...r];
    for (let j = 1; s.length < d; j++) {
      const counter = bigEndian(BigInt(j), 16);
      s = [
        ...s,
        ...aes(
          key,
          r.map((byte, k) => byte ^ (counter[k] ?? 0)),
        ),
      ];
    }
    return s.slice(0, d).reduce((x, byte) => (x << 8n) | BigInt(byte), 0n);
  };
  for (let step = 0; step < 10; step++) {
    const i = decrypt ? 9 - step : step;
    const m = i % 2 === 0 ? u : v;
    const modulus = BigInt(radix) ** BigInt(m);
    if (decrypt) {
      const c = (((num(b, radix) - y(i, a)) % modulus) + modulus) % modulus;
      b = a;
      a = str(c, radix, m);
    } else {
      const c = (num(a, radix) + y(i, b)) % modulus;
      a = b;
      b = str(c, radix, m);
    }
  }
  return [...a, ...b];
}
