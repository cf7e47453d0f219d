import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { createToken, type Grant, mint, read } from 'pintumbler';
import { createLock, enter, initialState } from 'pintumbler/lock';
import { type Claim, type Layout, sealed } from 'pintumbler/schemes';
import type { Vendor } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { mac, macKey } from '../src/schemes/mac.ts';
import { at, codeOf, deep } from './support/helpers.ts';
import { macCodeLiteral, macKeyLiteral, u32 } from './support/mac-literal.ts';

interface Shape {
  readonly id?: string;
  readonly digits?: number;
  readonly alphabet?: string;
  readonly lanes?: readonly string[];
  readonly span?: number;
  /** Lengths and variances of each kind. */
  readonly kinds?: readonly (readonly [lengths: number, variances: number])[];
}

function layoutOf({
  id = 'box/1',
  digits = 5,
  alphabet = '0123456789',
  lanes = [''],
  span = 8,
  kinds = [[1, 1]],
}: Shape): Layout {
  let used = 0;
  const places = kinds.map(([lengths, variances]) => {
    const base = used;
    used += lengths * variances;
    return { base, lengths, variances, lane: undefined };
  });
  return { id, digits, alphabet, codes: alphabet.length ** digits, perSlot: used, used, places, lanes, span };
}

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
const claim = (slot: number, more: Partial<Claim> = {}): Claim => ({
  kind: 0,
  slot,
  length: 0,
  variance: 0,
  lane: '',
  ...more,
});

/** Alphabets of 2 to 40 symbols, and lengths of at most 2^40 codes. */
const anyForm = fc
  .shuffledSubarray([...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<>^v'], { minLength: 2 })
  .chain((symbols) =>
    fc.record({
      alphabet: fc.constant(symbols.join('')),
      digits: fc.integer({ min: 1, max: Math.floor(40 / Math.log2(symbols.length) + 1e-9) }),
    }),
  );

describe('mac/1', () => {
  it('is what node:crypto says, for any key, layout, alphabet, length, lane and slot; and decode finds it', () => {
    const any = fc.record({
      form: anyForm,
      key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      id: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
      lanes: fc.constantFrom([''], ['1', '2'], ['*', '#'], ['12', '34']),
      slot: fc.oneof(fc.nat(200_000), fc.integer({ min: 0, max: 2 ** 32 - 4 })),
      kinds: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 })), {
        minLength: 1,
        maxLength: 3,
      }),
      pick: fc.nat(),
    });
    fc.assert(
      fc.property(any, ({ form, key, id, lanes, slot, kinds, pick }) => {
        const { alphabet, digits } = form;
        const codec = mac.prepare(key, layoutOf({ ...form, id, lanes, kinds }));
        const kind = pick % kinds.length;
        const [lengths, variances] = kinds[kind] ?? [1, 1];
        const length = pick % lengths;
        const variance = pick % variances;
        const lane = lanes[pick % lanes.length] ?? '';
        const base = kinds.slice(0, kind).reduce((sum, [l, v]) => sum + l * v, 0);
        const asked = { kind, slot, length, variance, lane };
        const literal = macCodeLiteral(
          macKeyLiteral(key, id, lane, digits, alphabet),
          lane,
          slot,
          base + length * variances + variance,
          digits,
          alphabet,
        );
        const code = codec.encode(asked);
        expect(code).toBe(literal);
        expect(code).toHaveLength(lane.length + digits);
        const found = codec.decode(code, Math.max(slot - 3, 0), slot + 3);
        expect(found).toContainEqual(asked);
        expect(codec.decode(code, slot, slot)).toContainEqual(asked);
        // Whatever else is found has that code as well, and the newest is first.
        for (const each of found) expect(codec.encode(each)).toBe(code);
        expect(found.map((each) => each.slot)).toEqual(found.map((each) => each.slot).sort((a, b) => b - a));
        expect(codec.decode(code, slot + 1, slot + 3)).not.toContainEqual(asked);
        if (slot > 3) expect(codec.decode(code, slot - 3, slot - 1)).not.toContainEqual(asked);
        expect(codec.alone(asked)).toBe(false);
      }),
      { numRuns: deep(200) },
    );
  });

  it('these codes for ever', () => {
    const digits = mac.prepare(KEY, layoutOf({}));
    const pad = mac.prepare(KEY, layoutOf({ alphabet: 'UDLR' }));
    const long = mac.prepare(
      KEY,
      layoutOf({
        digits: 12,
        lanes: ['7'],
        kinds: [
          [2, 3],
          [5, 2],
        ],
      }),
    );
    const codes = [0, 1, 100_000, 2 ** 32 - 1].map((slot) => [
      digits.encode(claim(slot)),
      pad.encode(claim(slot)),
      long.encode(claim(slot, { kind: 1, length: 4, variance: 1, lane: '7' })),
    ]);
    expect(codes).toEqual([
      ['98014', 'URDUR', '7142130486146'],
      ['40118', 'DLDUL', '7891908544369'],
      ['74199', 'RURUD', '7882701946577'],
      ['55563', 'LULDD', '7236953888589'],
    ]);
  });

  it('has 16 bytes of key, which no two layouts, lanes, lengths or alphabets share', () => {
    const base = { id: 'box/1', digits: 5, alphabet: 'UDLR' };
    const keys = [
      macKey(KEY, base, ''),
      macKey(KEY, base, '1'),
      macKey(KEY, { ...base, id: 'box/2' }, ''),
      macKey(KEY, { ...base, id: 'box/1\u0000' }, ''),
      macKey(KEY, { ...base, id: 'box/' }, '1'),
      macKey(KEY, { ...base, digits: 4 }, ''),
      macKey(KEY, { ...base, alphabet: 'UDRL' }, ''),
      macKey(KEY, { ...base, alphabet: 'UDLRX' }, ''),
      macKey(
        KEY.map((byte) => byte ^ 1),
        base,
        '',
      ),
    ].map((key) => Buffer.from(key).toString('hex'));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys[0]).toBe(macKeyLiteral(KEY, 'box/1', '', 5, 'UDLR').toString('hex'));
    expect(keys[0]).toHaveLength(32);
  });

  it('its first symbol is the highest: a zero there is written', () => {
    const codec = mac.prepare(KEY, layoutOf({ digits: 2, alphabet: 'ab' }));
    const codes = Array.from({ length: 64 }, (_, slot) => codec.encode(claim(slot)));
    expect(new Set(codes)).toEqual(new Set(['aa', 'ab', 'ba', 'bb']));
    const numbers = codes.map((_, slot) => {
      const tag = createHmac('sha256', macKeyLiteral(KEY, 'box/1', '', 2, 'ab'))
        .update(Buffer.concat([u32(slot), u32(0)]))
        .digest();
      return (tag[15] ?? 0) % 4;
    });
    expect(codes).toEqual(numbers.map((number) => ['aa', 'ab', 'ba', 'bb'][number]));
  });

  it('digits of another lane, or of none, mean nothing', () => {
    const codec = mac.prepare(KEY, layoutOf({ lanes: ['1', '2'] }));
    const code = codec.encode(claim(9, { lane: '1' }));
    expect(codec.decode(code, 0, 20)).toEqual([claim(9, { lane: '1' })]);
    expect(codec.decode(`2${code.slice(1)}`, 0, 20)).toEqual([]);
    expect(codec.decode(`3${code.slice(1)}`, 0, 20)).toEqual([]);
    expect(codeOf(() => codec.encode(claim(9)))).toBe('lane_unknown');
  });

  it('kinds of different lanes may share their numbers', () => {
    const places = [
      { base: 0, lengths: 1, variances: 1, lane: '1' },
      { base: 0, lengths: 1, variances: 1, lane: '2' },
    ];
    const codec = mac.prepare(KEY, { ...layoutOf({ lanes: ['1', '2'] }), places, used: 1 });
    for (const [kind, lane] of [
      [0, '1'],
      [1, '2'],
    ] as const) {
      const code = codec.encode(claim(9, { kind, lane }));
      expect(codec.decode(code, 0, 20)).toEqual([claim(9, { kind, lane })]);
    }
  });

  it('takes up to 2^40 codes', () => {
    const of = (alphabet: string, digits: number): string =>
      codeOf(() => mac.prepare(KEY, layoutOf({ alphabet, digits })));
    expect(of('0123456789', 12)).toBe('no error');
    expect(of('0123456789', 13)).toBe('rules_invalid');
    expect(of('UDLR', 20)).toBe('no error');
    expect(of('UDLR', 21)).toBe('rules_invalid');
    expect(of('01', 40)).toBe('no error');
    expect(of('01', 41)).toBe('rules_invalid');
    expect(of('0123456789abcdef', 10)).toBe('no error');
  });

  it('sealed/1 is for ten digits and all of their codes: other layouts are refused, not misread', () => {
    const of = (more: Partial<Layout>): string => {
      const layout = { ...layoutOf({ digits: 8, kinds: [[24, 1]] }), ...more };
      return codeOf(() => sealed.prepare(KEY, layout));
    };
    expect(of({})).toBe('no error');
    for (const alphabet of ['UDLR', '0123456789ABCDEF', '1234567890'])
      expect(of({ alphabet, codes: alphabet.length ** 8 })).toBe('rules_invalid');
    expect(of({ alphabet: '1234567890', codes: 1e8 })).toBe('rules_invalid');
    for (const codes of [1e8 - 1, 1e7, 2e8]) expect(of({ codes })).toBe('rules_invalid');
  });

  it('refuses layouts with more than 1,024 windows to try', () => {
    const of = (span: number, ...kinds: readonly (readonly [number, number])[]): string =>
      codeOf(() => mac.prepare(KEY, layoutOf({ span, kinds })));
    expect(of(1024, [1, 1])).toBe('no error');
    expect(of(1025, [1, 1])).toBe('rules_invalid');
    expect(of(16, [16, 4])).toBe('no error');
    expect(of(17, [16, 4])).toBe('rules_invalid');
    expect(of(16, [16, 4], [1, 1])).toBe('rules_invalid');
  });

  it('all codes of a four-symbol keypad come about equally often', () => {
    const codec = mac.prepare(KEY, layoutOf({ digits: 3, alphabet: 'UDLR' }));
    const counts = new Map<string, number>();
    const times = 200;
    for (let slot = 0; slot < 64 * times; slot++) {
      const code = codec.encode(claim(slot));
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    expect(counts.size).toBe(64);
    const squares = [...counts.values()].reduce((sum, count) => sum + (count - times) ** 2 / times, 0);
    // 63 degrees of freedom: 63 ± 11; beyond 115 once in 10,000 keys, and this is one key.
    expect(squares).toBeLessThan(115);
    expect(squares).toBeGreaterThan(25);
    for (const place of [0, 1, 2])
      for (const symbol of 'UDLR') {
        const share = [...counts].reduce(
          (sum, [code, count]) => sum + (code[place] === symbol ? count : 0),
          0,
        );
        expect(Math.abs(share / (64 * times) - 0.25)).toBeLessThan(0.02);
      }
  });
});

/** 64 codes, and more windows than that within a day: many have equal digits. */
const crowded = (kinds: readonly (readonly number[])[]): Vendor => ({
  id: 'crowded',
  name: 'crowded',
  codes: 'emulated',
  about: 'For tests.',
  scheme: mac,
  rules: {
    layout: 'crowded-3/1',
    digits: 3,
    alphabet: 'UDLR',
    grid: 3600,
    perSlot: 3,
    clock: 'utc',
    kinds: kinds.map((of, index) => ({
      id: `kind_${index}`,
      for: 'window',
      axis: { on: 'slot' },
      length: { in: 'seconds', of },
      variances: 1,
      times: 'many',
      effect: 'open',
      source: 'test',
    })),
    lock: { tolerance: 0, records: 5, throttle: { by: 'lockout', wrong: 5, seconds: 300 }, source: 'test' },
  },
});

/** Mints every window of two days; each code that is given out must be that one and no other as long as it opens. */
function tryAll(kinds: readonly (readonly number[])[]): {
  readonly given: number;
  readonly ambiguous: number;
} {
  const token = createToken({ vendor: crowded(kinds), deviceId: 'd', key: KEY, timeZone: 'UTC' });
  const lock = createLock([token]);
  const first = at('2026-03-01T00:00Z');
  const tried = { given: 0, ambiguous: 0 };
  for (let hour = 0; hour < 48; hour++)
    for (const [index, lengths] of kinds.entries())
      for (const length of lengths) {
        const startsAt = first + hour * 3600;
        const grant: Grant = { kind: `kind_${index}`, variance: 0, startsAt, endsAt: startsAt + length };
        let code = '';
        const refusal = codeOf(() => {
          code = mint(token, grant);
        });
        if (refusal === 'code_ambiguous') {
          tried.ambiguous++;
          continue;
        }
        expect(refusal).toBe('no error');
        tried.given++;
        expect(read(token, code, startsAt)).toContainEqual(grant);
        for (let when = startsAt; when < startsAt + length; when += 1800)
          expect(enter(lock, initialState(lock), code, when).verdict).toMatchObject({
            accepted: true,
            grant,
          });
      }
  return tried;
}

describe('a code that could also be another of its time is not given out', () => {
  it('of another start or kind', () => {
    const { given, ambiguous } = tryAll([[3600], [7200], [10_800]]);
    expect(given + ambiguous).toBe(144);
    // A window of two hours overlaps eleven others: one in six has a double.
    expect(ambiguous).toBeGreaterThan(10);
    expect(given).toBeGreaterThan(80);
  });

  // To become it() when the engine compares lengths too: a code for one hour opens for three here.
  it('of another length', () => {
    const { given, ambiguous } = tryAll([[3600, 7200, 10_800]]);
    expect(given + ambiguous).toBe(144);
  });
});
