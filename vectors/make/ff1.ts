/** ff1.json: FF1 alone, round by round, and as a long chain. */
import { createCipheriv } from 'node:crypto';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { Stream } from '../../src/cli/vector-stream.ts';
import { ff1, numberFf1 } from '../../src/schemes/index.ts';
import { agree, errorOf, type Group, hex, type Notes, type Test, vectorFile } from './format.ts';

const NOTES: Notes = {
  Normal: { bugType: 'BASIC', description: 'A random message and tweak.' },
  Sealed: {
    bugType: 'BASIC',
    description: 'What sealed/1 needs and no more: AES-128, radix 10, 6 to 12 digits, a tweak of four bytes.',
  },
  EmptyTweak: { bugType: 'EDGE_CASE', description: 'A tweak of no bytes.' },
  TweakLength: { bugType: 'EDGE_CASE', description: 'Tweaks around the borders of a block.' },
  EdgeMessage: {
    bugType: 'EDGE_CASE',
    description: 'Messages of the smallest or of the largest numeral only.',
  },
  LeastDomain: {
    bugType: 'EDGE_CASE',
    description: 'The shortest message of the radix: just 10^6 messages or more.',
  },
  LongMessage: {
    bugType: 'EDGE_CASE',
    description: 'Halves of more than 16 bytes: S of step 6.iii takes more blocks.',
  },
  ByteCount: {
    bugType: 'EDGE_CASE',
    description:
      'b of step 3 is wrong when counted in floating point: radix^v is a power of 2, or just below one.',
  },
  SmallDomain: {
    bugType: 'AUTH_BYPASS',
    description: 'Fewer than 10^6 messages: refused, as SP 800-38G Rev. 1 asks.',
  },
  KeySize: { bugType: 'FUNCTIONALITY', description: 'AES keys are of 16, 24 or 32 bytes.' },
  BadNumeral: { bugType: 'FUNCTIONALITY', description: 'A numeral that is not below the radix.' },
};

const SYMBOLS = '0123456789abcdefghijklmnopqrstuvwxyz';
const stream = new Stream('pintumbler vectors/ff1');

const numerals = (radix: number, length: number): number[] =>
  Array.from({ length }, () => stream.below(radix));

/** Up to radix 36 as text, above as a list of numbers. */
const written = (radix: number, message: readonly number[]): string | readonly number[] =>
  radix <= 36 ? message.map((numeral) => SYMBOLS.charAt(numeral)).join('') : message;

interface Case {
  readonly tweak: Uint8Array;
  readonly message: readonly number[];
  readonly flag: string;
  readonly comment: string;
}

function validTest(key: Uint8Array, radix: number, { tweak, message, flag, comment }: Case): Test {
  const ct = ff1(key, radix).encrypt(message, tweak);
  agree('decrypting gives the message back', message, ff1(key, radix).decrypt(ct, tweak));
  return {
    comment,
    flags: [flag],
    key: hex(key),
    tweak: hex(tweak),
    msg: written(radix, message),
    ct: written(radix, ct),
    result: 'valid' as const,
  };
}

function invalidTest(
  key: Uint8Array,
  radix: number,
  message: readonly number[],
  error: string,
  flag: string,
  comment: string,
): Test {
  const tweak = new Uint8Array(4);
  agree(comment, error, errorOf(() => ff1(key, radix).encrypt(message, tweak)).code);
  return {
    comment,
    flags: [flag],
    key: hex(key),
    tweak: hex(tweak),
    msg: written(radix, message),
    error,
    result: 'invalid' as const,
  };
}

const group = (radix: number, keySize: number, tests: readonly Test[]): Group =>
  radix <= 36
    ? { type: 'FpeStrTest', keySize, radix, alphabet: SYMBOLS.slice(0, radix), tests }
    : { type: 'FpeListTest', keySize, radix, tests };

const leastLength = (radix: number): number => {
  let length = 2;
  while (radix ** length < 1e6) length++;
  return length;
};

/** One group for a radix and a key size. */
function groupOf(radix: number, keySize: number): Group {
  const key = (): Uint8Array => stream.bytes(keySize / 8);
  const least = leastLength(radix);
  const edge = (numeral: number, length: number): number[] => new Array<number>(length).fill(numeral);
  const small = radix <= 36;
  const cases: Case[] = [
    {
      tweak: new Uint8Array(0),
      message: numerals(radix, least + 2),
      flag: 'EmptyTweak',
      comment: 'no tweak',
    },
    {
      tweak: stream.bytes(8),
      message: numerals(radix, least),
      flag: 'LeastDomain',
      comment: `${least} numerals`,
    },
    {
      tweak: stream.bytes(4),
      message: numerals(radix, least + 1),
      flag: 'Normal',
      comment: 'one more numeral',
    },
    {
      tweak: stream.bytes(10),
      message: numerals(radix, least + 4),
      flag: 'Normal',
      comment: 'four more numerals',
    },
    {
      tweak: stream.bytes(4),
      message: edge(0, least + 3),
      flag: 'EdgeMessage',
      comment: 'the smallest numeral',
    },
    {
      tweak: stream.bytes(4),
      message: edge(radix - 1, least + 3),
      flag: 'EdgeMessage',
      comment: 'the largest numeral',
    },
  ];
  if (keySize === 128) {
    for (const length of [11, 12, 15, 16, 17, 32]) {
      cases.push({
        tweak: stream.bytes(length),
        message: numerals(radix, least + 2),
        flag: 'TweakLength',
        comment: `a tweak of ${length} bytes`,
      });
    }
    if (small) {
      const length = Math.ceil(300 / Math.log2(radix));
      cases.push({
        tweak: stream.bytes(7),
        message: numerals(radix, length),
        flag: 'LongMessage',
        comment: `${length} numerals`,
      });
    }
  }
  return group(
    radix,
    keySize,
    cases.map((each) => validTest(key(), radix, each)),
  );
}

/** The messages of sealed/1. */
function sealedGroup(): Group {
  const key = stream.bytes(16);
  const tests: Test[] = [];
  const add = (value: number, digits: number, page: number, comment: string): void => {
    const tweak = Uint8Array.of(page >>> 24, page >>> 16, page >>> 8, page);
    const message = [...String(value).padStart(digits, '0')].map(Number);
    const test = validTest(key, 10, { tweak, message, flag: 'Sealed', comment });
    const fast = numberFf1(key, 10, digits).encrypt(value, page);
    agree('the fast path', String(fast).padStart(digits, '0'), test['ct']);
    tests.push(test);
  };
  for (let digits = 6; digits <= 12; digits++) {
    add(stream.below(10 ** digits), digits, 0, `${digits} digits`);
    add(0, digits, 0, `${digits} digits, payload 0`);
    add(10 ** digits - 1, digits, 2 ** 32 - 1, `${digits} digits, the largest payload, tweak ffffffff`);
  }
  for (const page of [1, 2, 256, 65536, 2 ** 31]) add(123456789, 9, page, `9 digits, page ${page}`);
  return group(10, 128, tests);
}

/** Lengths at which v·log2(radix) is a whole number, or nearly. */
function byteCountGroups(): readonly Group[] {
  const lengths: readonly (readonly [radix: number, length: number])[] = [
    [2, 464],
    [2, 32],
    [16, 116],
    [16, 16],
    [256, 58],
    [256, 8],
  ];
  return lengths.map(([radix, length]) => {
    const test = validTest(stream.bytes(16), radix, {
      tweak: stream.bytes(4),
      message: numerals(radix, length),
      flag: 'ByteCount',
      comment: `v = ${length / 2}: b is ${Math.ceil((length / 2) * Math.log2(radix)) / 8}`,
    });
    return group(radix, 128, [test]);
  });
}

function negativeGroups(): readonly Group[] {
  const key = stream.bytes(16);
  const small = (radix: number, length: number): Test =>
    invalidTest(
      key,
      radix,
      numerals(radix, length),
      'domain_too_small',
      'SmallDomain',
      `${radix}^${length} messages`,
    );
  const sized = (bytes: number): Test =>
    invalidTest(stream.bytes(bytes), 10, numerals(10, 9), 'key_length', 'KeySize', `a key of ${bytes} bytes`);
  return [
    group(10, 128, [small(10, 5), small(10, 4), small(10, 2)]),
    group(2, 128, [small(2, 19)]),
    group(36, 128, [small(36, 3)]),
    group(255, 128, [small(255, 2)]),
    group(256, 128, [small(256, 2)]),
    ...[0, 8, 15, 17, 20, 31, 33, 64].map((bytes) => group(10, bytes * 8, [sized(bytes)])),
    group(1000, 128, [
      invalidTest(key, 1000, [1, 2, 1000], 'out_of_range', 'BadNumeral', 'the radix itself as a numeral'),
      invalidTest(key, 1000, [1, 2, 65536], 'out_of_range', 'BadNumeral', 'a numeral far above the radix'),
    ]),
  ];
}

const aes = (key: Uint8Array, block: Uint8Array): Uint8Array => {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return new Uint8Array(Buffer.concat([cipher.update(block), cipher.final()]));
};

/** What a failing board shows: P, and for each round Q, R, y and the new half. Steps as in SP 800-38G, algorithm 7. */
function roundsTest(key: Uint8Array, message: string, page: number, comment: string): Test {
  const n = message.length;
  const u = Math.floor(n / 2);
  const v = n - u;
  const b = Math.ceil((BigInt(10) ** BigInt(v) - 1n).toString(2).length / 8);
  const tweak = Uint8Array.of(page >>> 24, page >>> 16, page >>> 8, page);
  const p = Uint8Array.of(1, 2, 1, 0, 0, 10, 10, u, 0, 0, 0, n, 0, 0, 0, 4);
  const aesOfP = aes(key, p);
  let left = message.slice(0, u);
  let right = message.slice(u);
  const rounds = Array.from({ length: 10 }, (_, i) => {
    const q = new Uint8Array(16);
    q.set(tweak);
    q[15 - b] = i;
    for (let k = 0, rest = Number(right); k < b; k++, rest = Math.floor(rest / 256)) q[15 - k] = rest % 256;
    const r = aes(
      key,
      q.map((byte, k) => byte ^ (aesOfP[k] ?? 0)),
    );
    const y = r.slice(0, 8).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    const m = i % 2 === 0 ? u : v;
    const c = String((BigInt(left) + y) % 10n ** BigInt(m)).padStart(m, '0');
    left = right;
    right = c;
    return { i, q: hex(q), r: hex(r), y: String(y), c };
  });
  agree(
    'the rounds',
    left + right,
    String(numberFf1(key, 10, n).encrypt(Number(message), page)).padStart(n, '0'),
  );
  return {
    comment,
    flags: ['Sealed'],
    key: hex(key),
    tweak: hex(tweak),
    msg: message,
    p: hex(p),
    aesOfP: hex(aesOfP),
    rounds,
    ct: left + right,
    result: 'valid' as const,
  };
}

/** x(0) = 0, x(i+1) = FF1(x(i), tweak u32(i)); SHA-256 over the digits of x(1) to x(count). */
function chainTest(key: Uint8Array, digits: number, count: number): Test {
  const cipher = numberFf1(key, 10, digits);
  const hash = sha256.create();
  let value = 0;
  for (let i = 0; i < count; i++) {
    value = cipher.encrypt(value, i);
    hash.update(utf8ToBytes(String(value).padStart(digits, '0')));
  }
  return {
    comment: `${count} messages of ${digits} digits`,
    flags: ['Sealed'],
    key: hex(key),
    digits,
    count,
    last: String(value).padStart(digits, '0'),
    sha256: hex(hash.digest()),
    result: 'valid' as const,
  };
}

export function ff1File(): object {
  const roundsKey = stream.bytes(16);
  const chainKey = stream.bytes(16);
  return vectorFile({
    algorithm: 'FF1',
    schema: 'ff1',
    header: [
      'FF1 of NIST SP 800-38G with AES, as sealed/1 uses it and for other radixes.',
      'FpeStrTest: msg and ct are symbols of the alphabet. FpeListTest: lists of numerals, most significant first.',
      'FpeRoundsTest: the same with every intermediate value. FpeChainTest: many messages and one digest.',
      'Invalid: inputs that must be refused; error is the code that pintumbler gives.',
    ],
    notes: NOTES,
    groups: [
      sealedGroup(),
      ...[10, 2, 3, 16, 26, 36, 255, 256, 1000, 65535, 65536].flatMap((radix) =>
        [128, 192, 256].map((keySize) => groupOf(radix, keySize)),
      ),
      ...byteCountGroups(),
      ...negativeGroups(),
      {
        type: 'FpeRoundsTest',
        keySize: 128,
        radix: 10,
        tests: [
          roundsTest(roundsKey, '123456789', 0, '9 digits, page 0'),
          roundsTest(roundsKey, '999999999', 1, '9 digits, all nines, page 1'),
          roundsTest(roundsKey, '0000000000', 0, '10 digits, all zeros: halves are equally long'),
        ],
      },
      {
        type: 'FpeChainTest',
        keySize: 128,
        radix: 10,
        tests: [9, 10].flatMap((digits) =>
          [100, 10_000, 100_000].map((count) => chainTest(chainKey, digits, count)),
        ),
      },
    ],
  });
}
