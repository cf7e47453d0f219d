/** Where the vectors' keys and random grants come from: the same seed gives the same bytes. */
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { u32 } from '../keys.ts';

/** A seeded stream of integers: SHA-256(seed ‖ u32(counter)), four bytes at a time. */
export class Stream {
  readonly #seed: Uint8Array;
  #block: Uint8Array = new Uint8Array(0);
  #counter = 0;

  constructor(seed: string) {
    this.#seed = utf8ToBytes(seed);
  }

  bytes(length: number): Uint8Array {
    while (this.#block.length < length) {
      this.#block = concatBytes(this.#block, sha256(concatBytes(this.#seed, u32(this.#counter++))));
    }
    const taken = this.#block.slice(0, length);
    this.#block = this.#block.slice(length);
    return taken;
  }

  /** From 0 to `below` − 1; the bias of 2^48 mod `below` does not matter to test data. */
  below(below: number): number {
    return this.bytes(6).reduce((sum, byte) => sum * 256 + byte, 0) % below;
  }
}
