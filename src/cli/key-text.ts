/** Keys as people have them: bytes, hex, or the base32 of an otpauth:// QR code (RFC 4648, section 6). */
import { InputError, UsageError } from './io.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export type KeyFormat = 'raw' | 'hex' | 'base32';

export function keyFormat(text: string | undefined): KeyFormat {
  if (text === undefined) return 'raw';
  if (text === 'raw' || text === 'hex' || text === 'base32') return text;
  throw new UsageError('--key-format takes raw, hex or base32');
}

/** Hex digits in pairs; undefined for anything else. */
function fromHex(text: string): Uint8Array | undefined {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** With or without padding; undefined for anything that no bytes are written as. */
function fromBase32(text: string): Uint8Array | undefined {
  const [, symbols = '', padding = ''] = /^([A-Z2-7]+)(=*)$/.exec(text.toUpperCase()) ?? [];
  if (symbols === '' || (padding !== '' && (symbols.length + padding.length) % 8 !== 0)) return undefined;
  if (padding.length > 6) return undefined;
  const bytes: number[] = [];
  let [bits, held] = [0, 0];
  for (const symbol of symbols) {
    held = ((held << 5) | BASE32.indexOf(symbol)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >>> bits) & 0xff);
  }
  // What is left over is less than a symbol, and zeros: else one is missing or wrong.
  return bits < 5 && (held & ((1 << bits) - 1)) === 0 ? Uint8Array.from(bytes) : undefined;
}

/**
 * The key in a file. White space in the text forms does not count: QR codes are written out in groups of four.
 *
 * @param ascii whether the key itself is text, as Tuya's is.
 */
export function keyIn(file: Uint8Array, format: KeyFormat, ascii: boolean): Uint8Array {
  const text = new TextDecoder().decode(file);
  if (/^\s*otpauth:/i.test(text))
    throw new InputError(
      'the file has the whole address of a QR code: keep what follows secret= in it, and say --key-format base32',
    );
  // A key that people hand on as text has the newline of their editor behind it.
  if (format === 'raw') return ascii ? file.slice(0, text.trimEnd().length) : file;
  const bare = text.replace(/\s+/g, '');
  const bytes = format === 'hex' ? fromHex(bare) : fromBase32(bare);
  if (bytes) return bytes;
  throw new InputError(
    format === 'hex'
      ? 'the key is not hex text: pairs of 0 to 9 and a to f'
      : 'the key is not base32 text: A to Z and 2 to 7, all of it',
  );
}

/** Whether raw bytes are the text of a key rather than a key: they make codes, but other ones. */
export const looksLikeText = (bytes: Uint8Array): boolean =>
  /^\s*(?:[0-9a-fA-F\s]+|[A-Za-z2-7\s]+=*)\s*$/.test(new TextDecoder().decode(bytes));
