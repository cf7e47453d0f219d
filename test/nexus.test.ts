import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { createToken, mint, nextGrant } from 'pintumbler';
import {
  type Claim,
  type Codec,
  type Layout,
  NEXUS_ADD_DAYS,
  NEXUS_SET_DAYS,
  type NexusMessage,
  nexusDeobscure,
  nexusFactory,
  nexusFull,
  nexusFullScheme,
  nexusObscure,
  nexusPseudorandom,
  nexusSmall,
  nexusSmallExtended,
  nexusSmallMaintenance,
  nexusSmallPassthrough,
  nexusSmallScheme,
  nexusSmallTest,
} from 'pintumbler/schemes';
import { nexus } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { codeOf, deep, hex } from './support/helpers.ts';
import {
  extendedBitsLiteral,
  extendedMacLiteral,
  fullLiteral,
  fullMacLiteral,
  fullPlainLiteral,
  layoutOf,
  obscuredLiteral,
  smallBitsLiteral,
  streamLiteral,
  symbolsLiteral,
} from './support/paygo-literal.ts';

const KEY = Uint8Array.from({ length: 16 }, (_, i) => 11 * i + 3);
const keys = fc.uint8Array({ minLength: 16, maxLength: 16 });
const ids = fc.oneof(fc.nat(65_534), fc.nat(200), fc.constantFrom(63, 64, 255, 256, 65_533, 65_534));

const FULL_KINDS = [100_000, 99_999, 1, 1, 1];
const SMALL_KINDS = [255, 1, 240, 1, 1, 1, 240, 1];
const fullLayout = (more: Partial<Layout> = {}): Layout => layoutOf(14, '0123456789', FULL_KINDS, more);
const smallLayout = (more: Partial<Layout> = {}): Layout => layoutOf(15, '12345', SMALL_KINDS, more);
const full = (key: Uint8Array = KEY, more: Partial<Layout> = {}): Codec =>
  nexusFullScheme.prepare(key, fullLayout(more));
const small = (key: Uint8Array = KEY, more: Partial<Layout> = {}): Codec =>
  nexusSmallScheme.prepare(key, smallLayout(more));

const claim = (kind: number, slot: number, length = 0): Claim => ({
  kind,
  slot,
  length,
  variance: 0,
  lane: '',
});

/** Type and first body of the kinds. */
const FULL_SAYS = [
  [0, 0],
  [1, 0],
  [1, 99_999],
  [2, 0],
  [2, 3],
] as const;
const SMALL_SAYS = [
  [0, 0],
  [0, 255],
  [2, 0],
  [2, 254],
  [2, 255],
  [2, 253],
  [1, 0],
  [1, 255],
] as const;

const fullClaims = fc
  .tuple(fc.nat(4), ids, fc.nat())
  .map(([kind, id, pick]) => claim(kind, id, pick % (FULL_KINDS[kind] ?? 1)));
const smallClaims = fc
  .tuple(fc.nat(7), ids, fc.nat())
  .map(([kind, id, pick]) => claim(kind, id, pick % (SMALL_KINDS[kind] ?? 1)));

function smallLiteral(key: Uint8Array, { kind, slot, length }: Claim): string {
  const [type, from] = SMALL_SAYS[kind] ?? [0, 0];
  const bits =
    type === 1
      ? extendedBitsLiteral
      : (k: Uint8Array, id: number, body: number) => smallBitsLiteral(k, id, type, body);
  return symbolsLiteral(bits(key, slot, from + length));
}

const published = new URL('../../shared/vectors/nexus.json', import.meta.url);
const file = existsSync(published) ? JSON.parse(readFileSync(published, 'utf8')) : { testGroups: [] };

/** Runs what the group asks of each test; how many there were. */
function each(type: string, run: (test: ReturnType<typeof JSON.parse>) => void): number {
  let seen = 0;
  for (const group of file.testGroups) {
    if (group.type !== type) continue;
    for (const test of group.tests) {
      run(test);
      seen++;
    }
  }
  return seen;
}

/** The body that the published generator takes: the first days that are not fewer. */
const bodyOf = (days: number | string, list: readonly number[]): number =>
  days === 'UNLOCK' ? 255 : days === 0 ? 254 : list.findIndex((each) => each >= Number(days));

describe.skipIf(!existsSync(published))('published vectors', () => {
  it('full keypad', () => {
    const seen = each('NexusFullActivation', (test) => {
      const { messageId: id, messageType, body, keycode, plainDigits } = test;
      const type = (['add', 'set', 'wipe'] as const)[messageType as 0 | 1 | 2];
      expect(nexusFull(hex(test.key), { id, type, body: Number(body) }), `tcId ${test.tcId}`).toBe(keycode);
      expect(nexusDeobscure(keycode)).toBe(plainDigits);
      expect(fullPlainLiteral(hex(test.key), id, messageType, Number(body)), 'the oracle').toBe(plainDigits);
      const [said] = full(hex(test.key)).decode(keycode, id - 23, id + 40);
      expect([said?.slot, FULL_SAYS[said?.kind ?? -1]?.[0]]).toEqual([id, messageType]);
    });
    expect(seen).toBe(7);
  });

  it('factory', () => {
    const seen = each('NexusFullFactory', ({ messageType, body, keycode }) => {
      expect(messageType === 5 ? nexusFactory('oqc', Number(body)) : nexusFactory('allow_test')).toBe(
        keycode,
      );
    });
    expect(seen).toBe(2);
  });

  it('obscuring, of one to eight digits', () => {
    const seen = each('NexusFullObscure', ({ plain, obscured }) => {
      expect(nexusObscure(plain)).toBe(obscured);
      expect(nexusDeobscure(obscured)).toBe(plain);
    });
    expect(seen).toBe(11);
  });

  it('pseudorandom bits', () => {
    const seen = each('NexusPseudorandomBits', ({ seedBytes, bits }) => {
      const stream = [...nexusPseudorandom(hex(seedBytes), 2)].map((byte) =>
        byte.toString(2).padStart(8, '0'),
      );
      expect(stream.join('').slice(0, bits.length)).toBe(bits);
    });
    expect(seen).toBe(6);
  });

  it('small keypad, test and maintenance', () => {
    let services = 0;
    const seen = each('NexusSmall', (test) => {
      const { messageId: id, messageType, body, keycode, days, tcId } = test;
      const key = hex(test.key);
      expect(symbolsLiteral(test.plainBits), 'the oracle itself').toBe(keycode);
      if (messageType === 3) {
        services++;
        const made =
          body < 128
            ? nexusSmallTest(body === 0 ? 'short' : 'oqc')
            : nexusSmallMaintenance(
                key,
                (['credit', 'credit_and_ids', 'ids'] as const)[(body - 128) as 0 | 1 | 2],
              );
        expect(made, `tcId ${tcId}`).toBe(keycode);
        expect(small(key).decode(keycode, 0, 100)).toEqual([]);
        return;
      }
      const type = messageType === 0 ? 'add' : 'set';
      expect(nexusSmall(key, { id, type, body }), `tcId ${tcId}`).toBe(keycode);
      expect(smallBitsLiteral(key, id, messageType, body), 'the oracle itself').toBe(test.plainBits);
      if (days !== undefined)
        expect(bodyOf(days, type === 'add' ? NEXUS_ADD_DAYS : NEXUS_SET_DAYS)).toBe(body);
      const [said] = small(key).decode(keycode, id - 23, id + 40);
      expect(said?.slot).toBe(id);
      expect((SMALL_SAYS[said?.kind ?? -1]?.[1] ?? 0) + (said?.length ?? 0)).toBe(body);
    });
    expect([seen, services]).toEqual([12, 2]);
  });

  it('passthrough', () => {
    const seen = each('NexusSmallPassthrough', ({ bits, plainBits, keycode }) => {
      expect(nexusSmallPassthrough(Number.parseInt(bits, 2))).toBe(keycode);
      expect(symbolsLiteral(plainBits)).toBe(keycode);
    });
    expect(seen).toBe(2);
  });

  it('extended small, and the id that the generator refuses', () => {
    let refused = 0;
    const seen = each('NexusSmallExtended', (test) => {
      const { messageId: id, days, keycode, tcId } = test;
      const key = hex(test.key);
      const body = bodyOf(days, NEXUS_SET_DAYS);
      if (test.result === 'invalid') {
        refused++;
        expect(codeOf(() => nexusSmallExtended(key, { id, body }))).toBe('code_ambiguous');
        expect(extendedMacLiteral(key, id, body)).toBe(extendedMacLiteral(key, test.collidesWithId, body));
        return;
      }
      expect(nexusSmallExtended(key, { id, body }), `tcId ${tcId}`).toBe(keycode);
      expect(extendedBitsLiteral(key, id, body), 'the oracle itself').toBe(test.plainBits);
      const kind = body === 255 ? 7 : 6;
      // To lock and wipe the flag is no kind of ours.
      const said = body === 254 ? [] : [claim(kind, id, kind === 7 ? 0 : body)];
      expect(small(key).decode(keycode, id - 23, id + 40)).toEqual(said);
    });
    expect([seen, refused]).toEqual([8, 1]);
  });
});

describe('messages', () => {
  it('of a full keypad are what the BigInt ones are, for any key, id, type and body', () => {
    const any = fc.record({ key: keys, id: ids, type: fc.nat(2), body: fc.nat(99_999) });
    fc.assert(
      fc.property(any, ({ key, id, type, body }) => {
        const said = type === 2 ? body % 4 : body;
        const word = (['add', 'set', 'wipe'] as const)[type as 0 | 1 | 2];
        const code = nexusFull(key, { id, type: word, body: said });
        expect(code).toBe(fullLiteral(key, id, type, said));
        expect(code).toMatch(/^\d{14}$/);
      }),
      { numRuns: deep(200) },
    );
  });

  it('of a small keypad too', () => {
    const any = fc.record({
      key: keys,
      id: ids,
      isSet: fc.boolean(),
      body: fc.nat(255),
      bits: fc.nat(2 ** 26 - 1),
    });
    fc.assert(
      fc.property(any, ({ key, id, isSet, body, bits }) => {
        const said = isSet && body >= 240 ? 253 + (body % 3) : body;
        if (!(isSet && said === 0 && id % 64 === 63))
          expect(nexusSmall(key, { id, type: isSet ? 'set' : 'add', body: said })).toBe(
            symbolsLiteral(smallBitsLiteral(key, id, isSet ? 2 : 0, said)),
          );
        for (const [at, wipe] of (['credit', 'credit_and_ids', 'ids'] as const).entries())
          expect(nexusSmallMaintenance(key, wipe)).toBe(
            symbolsLiteral(smallBitsLiteral(key, 0, 3, 128 + at)),
          );
        const text = bits.toString(2).padStart(26, '0');
        expect(nexusSmallPassthrough(bits)).toBe(symbolsLiteral(`${text.slice(0, 6)}01${text.slice(6)}`));
      }),
      { numRuns: deep(100) },
    );
    const ones = new Uint8Array(16).fill(255);
    expect(nexusSmallTest('short')).toBe(symbolsLiteral(smallBitsLiteral(ones, 0, 3, 0)));
    expect(nexusSmallTest('oqc')).toBe(symbolsLiteral(smallBitsLiteral(ones, 0, 3, 1)));
  });

  it('of factories are made under a key of zeros and look as they are', () => {
    const zeros = new Uint8Array(16);
    expect(nexusFactory('allow_test')).toBe(`4${fullMacLiteral(zeros, 0, 4, 0)}`);
    expect(nexusFactory('show_id')).toBe(`6${fullMacLiteral(zeros, 0, 6, 0)}`);
    for (const minutes of [1, 10, 60, 99])
      expect(nexusFactory('oqc', minutes)).toBe(
        `5000${String(minutes).padStart(2, '0')}${fullMacLiteral(zeros, 0, 5, minutes)}`,
      );
    expect(nexusFactory('oqc')).toBe(nexusFactory('oqc', 60));
    // Of the first protocol: without minutes, and as short as the others.
    expect(nexusFactory('oqc', 0)).toBe(`5${fullMacLiteral(zeros, 0, 5, 0)}`);
  });

  it('these for ever', () => {
    expect([
      nexusFull(KEY, { id: 0, type: 'add', body: 0 }),
      nexusFull(KEY, { id: 65_534, type: 'set', body: 99_999 }),
      nexusFull(KEY, { id: 100, type: 'wipe', body: 3 }),
      nexusSmall(KEY, { id: 0, type: 'add', body: 0 }),
      nexusSmall(KEY, { id: 65_534, type: 'set', body: 255 }),
      nexusSmallExtended(KEY, { id: 1000, body: 239 }),
      nexusSmallMaintenance(KEY, 'ids'),
    ]).toEqual([
      '04233820219821',
      '82128138625395',
      '06305112479254',
      '143254223452445',
      '134444555433244',
      '133524254224445',
      '142243454224545',
    ]);
  });

  it('are obscured and back, whatever the digits', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{7,14}$/), (digits) => {
        expect(nexusObscure(digits)).toBe(obscuredLiteral(digits));
        expect(nexusDeobscure(nexusObscure(digits))).toBe(digits);
        expect(nexusObscure(nexusDeobscure(digits))).toBe(digits);
      }),
      { numRuns: deep(300) },
    );
  });

  it('the stream goes on in chunks of eight', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.nat(60), (seed, length) => {
        expect([...nexusPseudorandom(seed, length)]).toEqual(streamLiteral([...seed], length));
      }),
      { numRuns: deep(100) },
    );
    expect(nexusPseudorandom(KEY, 2048)).toHaveLength(2048);
  });

  it('the restricted flag: an id is refused if and only if one from 23 below to 40 above has its code', () => {
    // With this key and body there are pairs 20, 24, 40 and 44 apart: both edges of the window.
    const body = 51;
    const macs = Array.from({ length: 12_040 }, (_, id) => extendedMacLiteral(KEY, id, body));
    const isShared = (id: number): boolean => {
      for (let other = Math.max(id - 23, 0); other <= id + 40; other++)
        if (other !== id && (other - id) % 4 === 0 && macs[other] === macs[id]) return true;
      return false;
    };
    let refused = 0;
    for (let id = 0; id < 12_000; id++) {
      const made = codeOf(() => nexusSmallExtended(KEY, { id, body }));
      expect(made, `id ${id}`).toBe(isShared(id) ? 'code_ambiguous' : 'no error');
      if (made !== 'no error') refused++;
    }
    // 15 others of 4,096: one in 273.
    expect(refused).toBeGreaterThan(20);
    expect(refused).toBeLessThan(90);
  });

  it('days by body', () => {
    expect([NEXUS_ADD_DAYS.length, NEXUS_SET_DAYS.length]).toEqual([255, 240]);
    const add = (body: number): number => (body < 180 ? body + 1 : (body - 179) * 3 + 180);
    expect(NEXUS_ADD_DAYS).toEqual(Array.from({ length: 255 }, (_, body) => add(body)));
    const set = (body: number): number =>
      body < 90
        ? body + 1
        : body < 135
          ? (body - 89) * 2 + 90
          : body < 180
            ? (body - 134) * 4 + 180
            : body < 225
              ? (body - 179) * 8 + 360
              : (body - 224) * 16 + 720;
    expect(NEXUS_SET_DAYS).toEqual(Array.from({ length: 240 }, (_, body) => set(body)));
    expect([NEXUS_ADD_DAYS.at(-1), NEXUS_SET_DAYS.at(-1)]).toEqual([405, 960]);
    expect(Object.isFrozen(NEXUS_ADD_DAYS) && Object.isFrozen(NEXUS_SET_DAYS)).toBe(true);
  });
});

const BAD_NUMBERS = [
  [Number.NaN, 'bad_argument'],
  [-1, 'out_of_range'],
  [-0, 'bad_argument'],
  [0.5, 'bad_argument'],
  [2 ** 53, 'out_of_range'],
  [2 ** 32, 'out_of_range'],
  [Number.POSITIVE_INFINITY, 'bad_argument'],
  ['1', 'bad_argument'],
  [undefined, 'bad_argument'],
  [null, 'bad_argument'],
  [1n, 'bad_argument'],
] as const;

describe('misuse never yields a code', () => {
  type Any = NexusMessage<'add'>;
  it.each(BAD_NUMBERS)('number %s: %s', (bad: unknown, code) => {
    for (const wrong of [
      { id: bad, type: 'add', body: 1 },
      { id: 1, type: 'add', body: bad },
    ]) {
      expect(codeOf(() => nexusFull(KEY, wrong as Any))).toBe(code);
      expect(codeOf(() => nexusSmall(KEY, wrong as Any))).toBe(code);
      const { type, ...rest } = { ...wrong, type: 'set' };
      expect(codeOf(() => nexusSmall(KEY, { ...rest, type } as unknown as Any))).toBe(code);
      expect(codeOf(() => nexusSmallExtended(KEY, rest as Any))).toBe(code);
    }
    expect(codeOf(() => nexusSmallPassthrough(bad as number))).toBe(code);
    expect(codeOf(() => nexusPseudorandom(KEY, bad as number))).toBe(code);
    if (bad !== undefined) expect(codeOf(() => nexusFactory('oqc', bad as number))).toBe(code);
  });

  it.each([
    [new Uint8Array(0), 'key_length'],
    [new Uint8Array(15), 'key_length'],
    [new Uint8Array(17), 'key_length'],
    ['deadbeefdeadbeef', 'bad_argument'],
    [null, 'bad_argument'],
  ])('key %#: %s', (key: unknown, code) => {
    const bad = key as Uint8Array;
    expect(codeOf(() => nexusFull(bad, { id: 1, type: 'add', body: 1 }))).toBe(code);
    expect(codeOf(() => nexusSmall(bad, { id: 1, type: 'add', body: 1 }))).toBe(code);
    expect(codeOf(() => nexusSmallExtended(bad, { id: 1, body: 1 }))).toBe(code);
    expect(codeOf(() => nexusSmallMaintenance(bad, 'credit'))).toBe(code);
  });

  it.each([
    [{ id: 65_535, type: 'add', body: 1 }, 'out_of_range'],
    [{ id: 1, type: 'add', body: 100_000 }, 'out_of_range'],
    [{ id: 1, type: 'set', body: 100_000 }, 'out_of_range'],
    [{ id: 1, type: 'wipe', body: 4 }, 'out_of_range'],
    [{ id: 1, type: 'wipe', body: 10 }, 'out_of_range'],
    [{ id: 1, type: 'reserved', body: 1 }, 'bad_argument'],
    [{ id: 1, type: 0, body: 1 }, 'bad_argument'],
    [{ id: 1, type: ['add'], body: 1 }, 'bad_argument'],
    [{ id: 1, body: 1 }, 'bad_argument'],
    [{ id: 1, type: 'add', body: 1, hours: 1 }, 'bad_argument'],
    [[1, 'add', 1], 'bad_argument'],
    [null, 'bad_argument'],
  ])('full %j: %s', (message: unknown, code) => {
    expect(codeOf(() => nexusFull(KEY, message as Any))).toBe(code);
  });

  it.each([
    [{ id: 65_535, type: 'add', body: 1 }, 'out_of_range'],
    [{ id: 1, type: 'add', body: 256 }, 'out_of_range'],
    [{ id: 1, type: 'add', body: 255 }, 'no error'],
    [{ id: 1, type: 'set', body: 239 }, 'no error'],
    [{ id: 1, type: 'set', body: 240 }, 'out_of_range'],
    [{ id: 1, type: 'set', body: 252 }, 'out_of_range'],
    [{ id: 1, type: 'set', body: 253 }, 'no error'],
    [{ id: 1, type: 'set', body: 256 }, 'out_of_range'],
    [{ id: 63, type: 'set', body: 0 }, 'code_ambiguous'],
    [{ id: 703, type: 'set', body: 0 }, 'code_ambiguous'],
    [{ id: 64, type: 'set', body: 0 }, 'no error'],
    [{ id: 63, type: 'set', body: 1 }, 'no error'],
    [{ id: 63, type: 'add', body: 0 }, 'no error'],
    [{ id: 1, type: 'wipe', body: 0 }, 'bad_argument'],
    [{ id: 1, type: 'add', days: 7 }, 'bad_argument'],
    ['add', 'bad_argument'],
  ])('small %j: %s', (message: unknown, code) => {
    expect(codeOf(() => nexusSmall(KEY, message as Any))).toBe(code);
  });

  it.each([
    [{ id: 1, body: 239 }, 'no error'],
    [{ id: 1, body: 240 }, 'out_of_range'],
    [{ id: 1, body: 253 }, 'out_of_range'],
    [{ id: 1, body: 254 }, 'no error'],
    [{ id: 1, body: 255 }, 'no error'],
    [{ id: 65_535, body: 1 }, 'out_of_range'],
    [{ id: 1, type: 'set', body: 1 }, 'bad_argument'],
    [undefined, 'bad_argument'],
  ])('extended %j: %s', (message: unknown, code) => {
    expect(codeOf(() => nexusSmallExtended(KEY, message as Any))).toBe(code);
  });

  it.each([
    [() => nexusFactory('oqc', -1), 'out_of_range'],
    [() => nexusFactory('oqc', 100), 'out_of_range'],
    [() => nexusFactory('allow_test', 1), 'bad_argument'],
    [() => nexusFactory('show_id', 0), 'bad_argument'],
    [() => nexusFactory('OQC' as 'oqc'), 'bad_argument'],
    [() => nexusFactory(undefined as unknown as 'oqc'), 'bad_argument'],
    [() => nexusSmallTest('long' as 'short'), 'bad_argument'],
    [() => nexusSmallTest(0 as unknown as 'short'), 'bad_argument'],
    [() => nexusSmallMaintenance(KEY, 'all' as 'ids'), 'bad_argument'],
    [() => nexusSmallPassthrough(2 ** 26), 'out_of_range'],
    [() => nexusPseudorandom(KEY, 2049), 'out_of_range'],
    [() => nexusPseudorandom('07' as unknown as Uint8Array, 2), 'bad_argument'],
    [() => nexusObscure('123456'), 'bad_argument'],
    [() => nexusObscure('123456789012345'), 'bad_argument'],
    [() => nexusObscure('12345678901 50'), 'bad_argument'],
    [() => nexusObscure('1234567\n'), 'bad_argument'],
    [() => nexusObscure(12345678901250 as unknown as string), 'bad_argument'],
    [() => nexusDeobscure(''), 'bad_argument'],
    [() => nexusDeobscure(null as unknown as string), 'bad_argument'],
  ])('%s: %s', (run, code) => {
    expect(codeOf(run)).toBe(code);
  });
});

describe('the full scheme', () => {
  it('makes the codes of the function, and reads back what it made and nothing else', () => {
    fc.assert(
      fc.property(keys, fullClaims, (key, asked) => {
        const codec = full(key);
        const [type, from] = FULL_SAYS[asked.kind] ?? [0, 0];
        const code = codec.encode(asked);
        const { slot } = asked;
        expect(code).toBe(fullLiteral(key, slot, type, from + asked.length));
        expect(codec.decode(code, slot - 23, slot + 40)).toEqual([asked]);
        expect(codec.decode(code, slot, slot)).toEqual([asked]);
        expect(codec.decode(code, slot + 1, slot + 64)).not.toContainEqual(asked);
        expect(codec.decode(code, slot - 64, slot - 1)).not.toContainEqual(asked);
        expect(codec.decode(code, 0, 100_000)).toContainEqual(asked);
      }),
      { numRuns: deep(150) },
    );
  });

  it('add and set tell their hours apart from unlocking', () => {
    const codec = full();
    const said = (type: 'add' | 'set', body: number): readonly Claim[] =>
      codec.decode(nexusFull(KEY, { id: 50, type, body }), 0, 63);
    expect(said('add', 99_999)).toEqual([claim(0, 50, 99_999)]);
    expect(said('set', 99_998)).toEqual([claim(1, 50, 99_998)]);
    expect(said('set', 99_999)).toEqual([claim(2, 50)]);
  });

  it('wipes of received ids are no kinds, other types neither', () => {
    const codec = full();
    const said = (body: number): readonly Claim[] =>
      codec.decode(nexusFull(KEY, { id: 50, type: 'wipe', body }), 0, 63);
    expect([0, 1, 2, 3].map(said)).toEqual([[claim(3, 50)], [], [], [claim(4, 50)]]);
    for (const type of [3, 4, 8, 9]) expect(codec.decode(fullLiteral(KEY, 50, type, 0), 0, 63)).toEqual([]);
    // The firmware reads the last digit of a wipe only, and would take this one for target 3.
    const loose = obscuredLiteral(`250${'00013'}${fullMacLiteral(KEY, 50, 2, 3)}`);
    expect(codec.decode(loose, 0, 63)).toEqual([]);
  });

  it('an id field above 63, a wrong MAC, another key or another id mean nothing', () => {
    const codec = full();
    const mac = fullMacLiteral(KEY, 50, 0, 168);
    expect(codec.decode(obscuredLiteral(`05000168${mac}`), 0, 63)).toEqual([claim(0, 50, 168)]);
    for (const id of [64, 99]) {
      const header = `0${id}00168`;
      expect(codec.decode(obscuredLiteral(header + fullMacLiteral(KEY, id, 0, 168)), 0, 200)).toEqual([]);
      expect(codec.decode(obscuredLiteral(header + mac), 0, 200)).toEqual([]);
    }
    for (let by = 1; by < 500; by++) {
      const wrong = String((Number(mac) + by) % 1_000_000).padStart(6, '0');
      expect(codec.decode(obscuredLiteral(`05000168${wrong}`), 0, 63)).toEqual([]);
    }
    const code = nexusFull(KEY, { id: 50, type: 'add', body: 168 });
    expect(full(new Uint8Array(16)).decode(code, 0, 63)).toEqual([]);
    expect(codec.decode(code, 51, 113)).toEqual([]);
    expect(codec.decode(code, 51, 200)).toEqual([]);
  });

  it('what is not 14 digits means nothing, also where a number would be the same', () => {
    const codec = full();
    const hours = Array.from({ length: 200 }, (_, body) => body);
    const zeros = hours.flatMap((body) => {
      const code = nexusFull(KEY, { id: 50, type: 'add', body });
      return code.startsWith('0') ? [code] : [];
    });
    expect(zeros.length).toBeGreaterThan(5);
    for (const code of zeros) {
      expect(codec.decode(code, 0, 63)).toHaveLength(1);
      const wrong = [` ${code.slice(1)}`, code.slice(1), `0${code}`, `${code}0`, `${code}\n`, ''];
      for (const each of wrong) expect(codec.decode(each, 0, 63)).toEqual([]);
    }
  });

  it('ids end at 65,534', () => {
    const codec = full();
    expect(codec.decode(codec.encode(claim(0, 65_534, 1)), 65_500, 70_000)).toEqual([claim(0, 65_534, 1)]);
    expect(codec.decode(fullLiteral(KEY, 65_535, 0, 1), 65_500, 70_000)).toEqual([]);
    expect(codeOf(() => codec.encode(claim(0, 65_535, 1)))).toBe('out_of_range');
    expect(codeOf(() => codec.encode(claim(0, -1, 1)))).toBe('out_of_range');
  });

  it('alone as a search over all ids finds, and the newest first', () => {
    // 1,024 ids have the same six bits: of some lengths two of them share a MAC.
    let shared = 0;
    for (let hours = 0; hours < 6; hours++) {
      const macs = Array.from({ length: 1023 }, (_, i) => fullMacLiteral(KEY, 64 * i + 7, 0, hours));
      for (const [at, mac] of macs.entries()) {
        const other = macs.findIndex((each, i) => each === mac && i > at);
        if (other < 0) continue;
        shared++;
        const apart = 64 * (other - at);
        for (const i of [at, other]) {
          expect(full(KEY, { span: apart }).alone(claim(0, 64 * i + 7, hours))).toBe(false);
          expect(full(KEY, { span: apart - 1 }).alone(claim(0, 64 * i + 7, hours))).toBe(true);
        }
        const code = nexusFull(KEY, { id: 64 * at + 7, type: 'add', body: hours });
        expect(full().decode(code, 0, 65_534)).toEqual([
          claim(0, 64 * other + 7, hours),
          claim(0, 64 * at + 7, hours),
        ]);
      }
    }
    expect(shared).toBeGreaterThan(0);
  });
});

describe('the small scheme', () => {
  it('makes the codes of the message, and reads back what it made', () => {
    fc.assert(
      fc.property(keys, smallClaims, (key, asked) => {
        const codec = small(key);
        const code = codec.encode(asked);
        const { slot, kind } = asked;
        expect(code).toBe(smallLiteral(key, asked));
        expect(code).toMatch(/^1[2-5]{14}$/);
        expect(codec.decode(code, slot, slot)).toEqual([asked]);
        const found = codec.decode(code, slot - 23, slot + 40);
        expect(found).toContainEqual(asked);
        if (kind < 6) expect(found).toHaveLength(1);
        for (const each of found) expect(codec.encode(each)).toBe(code);
        expect(found.map((each) => each.slot)).toEqual(found.map((each) => each.slot).sort((a, b) => b - a));
        expect(codec.decode(code, slot + 1, slot + 40)).not.toContainEqual(asked);
      }),
      { numRuns: deep(200) },
    );
  });

  it('gives what the functions make', () => {
    const codec = small();
    const said = (code: string): readonly Claim[] => codec.decode(code, 30, 93);
    const of = (type: 'add' | 'set', body: number): readonly Claim[] =>
      said(nexusSmall(KEY, { id: 50, type, body }));
    expect(of('add', 0)).toEqual([claim(0, 50)]);
    expect(of('add', 254)).toEqual([claim(0, 50, 254)]);
    expect(of('add', 255)).toEqual([claim(1, 50)]);
    expect(of('set', 239)).toEqual([claim(2, 50, 239)]);
    expect(of('set', 254)).toEqual([claim(3, 50)]);
    expect(of('set', 255)).toEqual([claim(4, 50)]);
    expect(of('set', 253)).toEqual([claim(5, 50)]);
    expect(said(nexusSmallExtended(KEY, { id: 50, body: 9 }))).toEqual([claim(6, 50, 9)]);
    expect(said(nexusSmallExtended(KEY, { id: 50, body: 255 }))).toEqual([claim(7, 50)]);
    expect(said(nexusSmallExtended(KEY, { id: 50, body: 254 }))).toEqual([]);
  });

  it('reserved bodies, services and passthrough mean nothing', () => {
    const codec = small();
    for (let body = 240; body < 253; body++)
      expect(codec.decode(symbolsLiteral(smallBitsLiteral(KEY, 50, 2, body)), 0, 63)).toEqual([]);
    for (const body of [0, 1, 128, 129, 130])
      expect(codec.decode(symbolsLiteral(smallBitsLiteral(KEY, 0, 3, body)), 0, 63)).toEqual([]);
    const bits = extendedBitsLiteral(KEY, 50, 9);
    expect(codec.decode(symbolsLiteral(bits), 50, 50)).toEqual([claim(6, 50, 9)]);
    // Another application, and other extended types.
    for (const head of ['0000', '1001', '1010', '1100', '1111'])
      expect(codec.decode(symbolsLiteral(head + bits.slice(4)), 50, 50)).toEqual([]);
  });

  it('never a claim for a wrong MAC: of 4,096 one is right', () => {
    const codec = small();
    for (const bits of [
      smallBitsLiteral(KEY, 50, 0, 6),
      smallBitsLiteral(KEY, 50, 2, 6),
      extendedBitsLiteral(KEY, 50, 6),
    ]) {
      let right = 0;
      for (let mac = 0; mac < 4096; mac++) {
        const code = symbolsLiteral(bits.slice(0, 16) + mac.toString(2).padStart(12, '0'));
        const found = codec.decode(code, 50, 50);
        if (found.length > 0) {
          right++;
          expect(mac.toString(2).padStart(12, '0')).toBe(bits.slice(16));
        }
      }
      expect(right).toBe(1);
    }
  });

  it('without the extended kinds such codes mean nothing', () => {
    const codec = nexusSmallScheme.prepare(KEY, layoutOf(15, '12345', SMALL_KINDS.slice(0, 6)));
    for (const body of [9, 255])
      expect(codec.decode(symbolsLiteral(extendedBitsLiteral(KEY, 50, body)), 50, 50)).toEqual([]);
    expect(codeOf(() => codec.encode(claim(6, 50, 9)))).toBe('rules_invalid');
    expect(codec.decode(codec.encode(claim(5, 50)), 0, 63)).toEqual([claim(5, 50)]);
  });

  it('what is not a 1 and 14 symbols 2 to 5 means nothing', () => {
    const codec = small();
    for (let body = 0; body < 50; body++) {
      const code = nexusSmall(KEY, { id: 50, type: 'add', body });
      const rest = code.slice(1);
      const wrong = [`2${rest}`, `5${rest}`, `0${rest}`, rest, `${code}2`, `1${code}`, code.slice(0, -1), ''];
      for (const symbol of ['1', '6', '0', 'x', ' '])
        for (const at of [1, 7, 14]) wrong.push(code.slice(0, at) + symbol + code.slice(at + 1));
      for (const each of wrong) expect(codec.decode(each, 0, 63)).toEqual([]);
    }
  });

  it('alone as a search over the window finds: ids 4 apart of extended codes, 64 apart of others', () => {
    const span = 640;
    for (const [kind, modulus, length] of [
      [6, 4, 50],
      [0, 64, 3],
    ] as const) {
      const codec = small(KEY, { span });
      const codes = Array.from({ length: 1500 }, (_, slot) => smallLiteral(KEY, claim(kind, slot, length)));
      let shared = 0;
      for (let slot = 0; slot < 1500 - span; slot += 3) {
        const near = codes.flatMap((code, other) =>
          Math.abs(other - slot) <= span && code === codes[slot] ? [other] : [],
        );
        expect(codec.alone(claim(kind, slot, length)), `kind ${kind}, id ${slot}`).toBe(near.length === 1);
        for (const other of near) expect(Math.abs(other - slot) % modulus).toBe(0);
        if (near.length > 1) {
          shared++;
          const code = codes[slot] ?? '';
          const claims = near.reverse().map((other) => claim(kind, other, length));
          expect(codec.decode(code, slot - span, slot + span)).toEqual(claims);
        }
      }
      expect(shared).toBeGreaterThan(1);
    }
  });
});

describe('layouts', () => {
  it.each([
    [{}, 'no error'],
    [{ digits: 13 }, 'rules_invalid'],
    [{ alphabet: '1234567890' }, 'rules_invalid'],
    [{ lanes: ['1'] }, 'rules_invalid'],
    [{ places: layoutOf(14, '0123456789', [100_001]).places }, 'rules_invalid'],
    [{ places: layoutOf(14, '0123456789', [1, 100_000]).places }, 'rules_invalid'],
    [{ places: layoutOf(14, '0123456789', [1, 1, 1, 1, 1, 1]).places }, 'rules_invalid'],
    [{ places: [{ base: 0, lengths: 5, variances: 2, lane: undefined }] }, 'rules_invalid'],
    [{ places: layoutOf(14, '0123456789', [1]).places }, 'no error'],
  ])('full, %j: %s', (more: Partial<Layout>, code) => {
    expect(codeOf(() => full(KEY, more))).toBe(code);
  });

  it.each([
    [{}, 'no error'],
    [{ digits: 14 }, 'rules_invalid'],
    [{ alphabet: '2345' }, 'rules_invalid'],
    [{ alphabet: '0123456789' }, 'rules_invalid'],
    [{ lanes: ['1', '2'] }, 'rules_invalid'],
    [{ places: layoutOf(15, '12345', [256]).places }, 'rules_invalid'],
    [{ places: layoutOf(15, '12345', [255, 2]).places }, 'rules_invalid'],
    [{ places: layoutOf(15, '12345', [...SMALL_KINDS, 1]).places }, 'rules_invalid'],
  ])('small, %j: %s', (more: Partial<Layout>, code) => {
    expect(codeOf(() => small(KEY, more))).toBe(code);
  });

  it('schemes keep their own copy of the key, and ask for 16 bytes', () => {
    for (const [scheme, layout] of [
      [nexusFullScheme, fullLayout()],
      [nexusSmallScheme, smallLayout()],
    ] as const) {
      const key = Uint8Array.from(KEY);
      const codec = scheme.prepare(key, layout);
      const code = codec.encode(claim(0, 5, 9));
      key.fill(0);
      expect(codec.encode(claim(0, 5, 9))).toBe(code);
      expect(codec.decode(code, 0, 63)).toEqual([claim(0, 5, 9)]);
      expect(scheme.key).toEqual({ from: 16, to: 16 });
      expect(codeOf(() => codec.encode(claim(99, 5)))).toBe('rules_invalid');
      expect(codeOf(() => codec.encode(claim(0, 5, 100_000)))).toBe('rules_invalid');
    }
    expect([nexusFullScheme.id, nexusSmallScheme.id]).toEqual(['nexus-full/1', 'nexus-small/1']);
  });
});

describe('what the published generator refuses, mint refuses', () => {
  const token = createToken({
    vendor: nexus,
    deviceId: 'kit',
    key: new Uint8Array(16).fill(5),
    timeZone: 'UTC',
    config: { keypad: 'small' },
  });

  it('"set to one day" of an id whose six bits are ones: older devices take it for a test code', () => {
    for (const count of [63, 127, 65_471]) {
      const one = { kind: 'set', variance: 0, count, value: 1 };
      expect(codeOf(() => mint(token, one))).toBe('code_ambiguous');
      expect(mint(token, { ...one, value: 2 })).toHaveLength(15);
      expect(mint(token, { ...one, kind: 'add' })).toHaveLength(15);
      expect(mint(token, { ...one, count: count - 1 })).toHaveLength(15);
      expect(nextGrant(token, { after: count - 1, kind: 'set', value: 1 }).count).toBe(count + 1);
    }
  });
});
