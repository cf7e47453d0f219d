import { inspect } from 'node:util';
import fc from 'fast-check';
import {
  createToken,
  type DeviceToken,
  deriveToken,
  formatToken,
  mint,
  PintumblerError,
  parseToken,
  type TokenOptions,
  tokenJson,
} from 'pintumbler';
import { builtIn, igloohome, pintumbler } from 'pintumbler/vendors';
import { describe, expect, it } from 'vitest';
import { at, codeOf, deep } from './support/helpers.ts';
import { deviceKeyLiteral } from './support/sealed-literal.ts';
import { tokenIn } from './support/vendors.ts';

const ROOT = Uint8Array.from({ length: 32 }, (_, i) => 0xa0 + i);
const ROOT_HEX = Buffer.from(ROOT).toString('hex');
const ROOT_TEXT = Buffer.from(ROOT).toString('base64url');
const bare: TokenOptions = { vendor: igloohome, deviceId: 'door-7', root: ROOT, timeZone: 'Europe/Lisbon' };

const anyToken = fc
  .record({
    vendor: fc.constantFrom(pintumbler, igloohome),
    deviceId: fc.stringMatching(/^[A-Za-z0-9._:-]{1,64}$/),
    secret: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    holds: fc.constantFrom('root', 'key'),
    epoch: fc.nat(0xffff_fffe),
    gridOffset: fc.nat(59),
    withOffsets: fc.boolean(),
    offsets: fc.uniqueArray(fc.integer({ min: 0, max: 4e9 }), { minLength: 2, maxLength: 40 }),
    unit: fc.constantFrom(1, 900),
    shift: fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 40, maxLength: 40 }),
    share: fc.constantFrom(undefined, [0, 0], [0, 1], [1, 1]),
    config: fc.constantFrom(
      undefined,
      {},
      { digits: 10 },
      {
        stays: [
          ['00:30', '23:59'],
          ['12:00', '12:00'],
        ],
      },
    ),
  })
  .map(
    ({ vendor, secret, holds, withOffsets, offsets, unit, shift, share, config, ...rest }): DeviceToken => {
      const table = [...new Set(offsets.map((utc) => Math.floor(utc / unit) * unit))]
        .sort((a, b) => a - b)
        .map((utc, i) => [utc, shift[i]! * unit] as const);
      return createToken({
        vendor,
        ...rest,
        timeZone: 'Europe/Lisbon',
        [holds]: secret,
        ...(withOffsets && table.length > 1 && { offsets: table }),
        ...(share && { variances: share as [number, number] }),
        ...(config && vendor === pintumbler && { config }),
      });
    },
  );

describe('a token as text', () => {
  it('JSON and line give the same token back', () => {
    fc.assert(
      fc.property(anyToken, (token) => {
        for (const text of [
          formatToken(token),
          JSON.stringify(tokenJson(token)),
          `  ${formatToken(token)}\r\n`,
        ]) {
          expect(tokenJson(parseToken(text, builtIn))).toEqual(tokenJson(token));
        }
      }),
      { numRuns: deep(200) },
    );
  });

  it('the JSON is that of DESIGN §8', () => {
    expect(
      tokenJson(
        tokenIn('Asia/Kathmandu', igloohome, {
          offsets: undefined as never,
          root: ROOT,
          epoch: 3,
          variances: [0, 2],
        }),
      ),
    ).toEqual({
      v: 1,
      vendor: 'igloohome',
      device_id: 'door-1',
      epoch: 3,
      time_zone: 'Asia/Kathmandu',
      grid_offset: 15,
      root: ROOT_TEXT,
      variances: [0, 2],
    });
  });

  it('the line is short enough for a small QR code', () => {
    expect(formatToken(createToken(bare)).length).toBeLessThan(110);
    // Seventeen years of clock changes: version 14 of QR, 73 modules, in byte mode.
    expect(formatToken(tokenIn('America/New_York', pintumbler)).length).toBeLessThan(360);
  });

  it('one wrong character anywhere in a line is told as such', () => {
    const line = formatToken(createToken(bare));
    const body = line.indexOf('.') + 1;
    for (let i = body; i < line.length; i++) {
      if (line[i] === '.') continue;
      for (const wrong of ['A', 'z', '7', '_']) {
        if (line[i] === wrong) continue;
        expect(
          codeOf(() => parseToken(line.slice(0, i) + wrong + line.slice(i + 1), builtIn)),
          `at ${i}`,
        ).toBe('token_mistyped');
      }
    }
    const [first, second] = [line.slice(20, 21), line.slice(21, 22)];
    if (first !== second)
      expect(codeOf(() => parseToken(line.slice(0, 20) + second + first + line.slice(22), builtIn))).toBe(
        'token_mistyped',
      );
    expect(codeOf(() => parseToken(line.slice(0, 30) + line.slice(31), builtIn))).toBe('token_mistyped');
    expect(codeOf(() => parseToken(`${line}A`, builtIn))).toBe('token_mistyped');
    expect(codeOf(() => parseToken(`${line}.A`, builtIn))).toBe('token_mistyped');
  });

  it('a line or a JSON that is cut off is told as such, wherever it is cut', () => {
    const token = tokenIn('Europe/Lisbon', pintumbler);
    const line = formatToken(token);
    for (let length = 4; length < line.length; length++)
      expect(
        codeOf(() => parseToken(line.slice(0, length), builtIn)),
        `${length}`,
      ).toBe('token_truncated');
    const json = JSON.stringify(
      tokenJson(tokenIn('Europe/Lisbon', pintumbler, { config: { digits: 10 }, variances: [0, 1] })),
    );
    for (let length = 1; length < json.length; length++)
      expect(
        codeOf(() => parseToken(json.slice(0, length), builtIn)),
        `${length}`,
      ).toBe('token_truncated');
  });

  const json = tokenJson(createToken(bare));
  it.each<[string, object, RegExp]>([
    ['another version', { v: 2 }, /^token_version$/],
    ['a version as text', { v: '1' }, /^token_version$/],
    ['an unknown vendor', { vendor: 'acme' }, /^vendor_unknown$/],
    ['a vendor of a prototype', { vendor: '__proto__' }, /^vendor_unknown$/],
    ['a short root', { root: ROOT_TEXT.slice(0, 40) }, /^key_length$/],
    ['a long root', { root: `${ROOT_TEXT}AAAA` }, /^key_length$/],
    ['a root with a stray bit', { root: `${ROOT_TEXT.slice(0, -1)}B` }, /^token_mistyped$/],
    ['a root in hex', { root: ROOT_HEX }, /^key_length$/],
    ['a root with padding', { root: `${ROOT_TEXT}=` }, /^token_mistyped$/],
    ['a root as number', { root: 5 }, /^bad_argument$/],
    ['root and key', { key: ROOT_TEXT }, /^bad_argument$/],
    ['no secret', { root: undefined }, /^bad_argument$/],
    ['an epoch as text', { epoch: '0' }, /^bad_argument$/],
    ['a fractional epoch', { epoch: 0.5 }, /^bad_argument$/],
    ['a negative epoch', { epoch: -1 }, /^out_of_range$/],
    ['the epoch after the last', { epoch: 0xffff_ffff }, /^out_of_range$/],
    ['an empty device id', { device_id: '' }, /^bad_argument$/],
    ['a device id with a space', { device_id: 'door 7' }, /^bad_argument$/],
    ['a device id of 65', { device_id: 'x'.repeat(65) }, /^bad_argument$/],
    ['a zone that is no name', { time_zone: '+01:00' }, /^bad_argument$/],
    ['a grid offset of 60', { grid_offset: 60 }, /^out_of_range$/],
    ['settings of another vendor', { config: { digits: 10 } }, /^bad_argument$/],
    ['an unknown field', { Root: ROOT_TEXT }, /^bad_argument$/],
    ['a missing field', { grid_offset: undefined }, /^token_malformed$/],
    [
      'unsorted offsets',
      {
        offsets: [
          [10, 0],
          [10, 3600],
        ],
      },
      /^token_malformed$/,
    ],
    ['one offset', { offsets: [[10, 0]] }, /^token_malformed$/],
    [
      'an offset of a day',
      {
        offsets: [
          [0, 0],
          [10, 86400],
        ],
      },
      /^token_malformed$/,
    ],
    [
      'an offset as text',
      {
        offsets: [
          [0, '0'],
          [10, 0],
        ],
      },
      /^token_malformed$/,
    ],
    ['a reversed share', { variances: [2, 1] }, /^out_of_range$/],
    ['a share beyond the vendor', { variances: [0, 5] }, /^out_of_range$/],
    ['a share as text', { variances: '0-1' }, /^bad_argument$/],
  ])('%s', (_, change, code) => {
    const text = JSON.stringify({ ...json, ...change });
    expect(codeOf(() => parseToken(text, builtIn))).toMatch(code);
  });

  it.each(['', ' ', 'hello', 'pt', 'pt1', 'null', '[]', '5', '"x"', '<html>'])(
    'what is no token at all: %j',
    (text) => {
      expect(codeOf(() => parseToken(text, builtIn))).toMatch(/^token_(malformed|truncated)$/);
    },
  );

  it('another version of the line, and a vendor that the caller left out', () => {
    const line = formatToken(createToken(bare));
    expect(codeOf(() => parseToken(line.replace('pt1.', 'pt2.'), builtIn))).toBe('token_version');
    expect(codeOf(() => parseToken(line, [pintumbler]))).toBe('vendor_unknown');
    expect(codeOf(() => parseToken(line, []))).toBe('vendor_unknown');
    expect(codeOf(() => parseToken(line, undefined as never))).toBe('bad_argument');
    expect(codeOf(() => parseToken(new Uint8Array(3) as never, builtIn))).toBe('bad_argument');
  });
});

describe('secrets', () => {
  const tokens = [tokenIn('Europe/Lisbon', pintumbler, { root: ROOT }), deriveToken(createToken(bare))];
  const spellings = (secret: Uint8Array): string[] => {
    const buffer = Buffer.from(secret);
    return [
      buffer.toString('hex'),
      buffer.toString('base64'),
      buffer.toString('base64url'),
      [...secret].join(','),
      [...secret].join(', '),
    ];
  };

  it('are not in what logging, inspecting, JSON or a copy of a token shows', () => {
    for (const token of tokens) {
      const { root, key } = tokenJson(token);
      const secret = Buffer.from(root ?? key ?? '', 'base64url');
      expect(secret.length).toBe(32);
      const views = [
        inspect(token, { depth: 20, showHidden: true, getters: true }),
        JSON.stringify(token),
        JSON.stringify({ token, list: [token] }),
        String(token),
        Object.entries(token).join(),
        JSON.stringify({ ...token }),
        inspect(Object.getOwnPropertyDescriptors(token), { depth: 20 }),
      ];
      for (const view of views)
        for (const spelling of spellings(secret)) expect(view.includes(spelling)).toBe(false);
      expect(JSON.parse(JSON.stringify(token)).secret).toBe('redacted');
    }
  });

  it('are not in the message of any error', () => {
    const text = JSON.stringify(tokenJson(createToken(bare)));
    const line = formatToken(createToken(bare));
    const attempts = [
      () => parseToken(text.slice(0, -10), builtIn),
      () => parseToken(text.replace('{', '{x'), builtIn),
      () => parseToken(text.replace('"root"', '"toor"'), builtIn),
      () => parseToken(line.slice(0, -1), builtIn),
      () => parseToken(line.toUpperCase(), builtIn),
      () => parseToken(ROOT_TEXT, builtIn),
      () => createToken({ ...bare, deviceId: ROOT_TEXT + ROOT_TEXT }),
      () => createToken({ ...bare, timeZone: ROOT_TEXT }),
      () => createToken({ ...bare, root: ROOT_TEXT as never }),
      () => createToken({ ...bare, [ROOT_TEXT]: 1 }),
      () => createToken({ ...bare, root: ROOT.slice(1) }),
    ];
    for (const attempt of attempts) {
      try {
        attempt();
        expect.fail('was not refused');
      } catch (error) {
        expect(error).toBeInstanceOf(PintumblerError);
        expect(`${error}`).not.toContain(ROOT_TEXT.slice(0, 12));
        expect(`${error}`.toUpperCase()).not.toContain(line.slice(10, 22).toUpperCase());
        expect(error instanceof Error && error.cause).toBeFalsy();
      }
    }
  });

  it('a Buffer is copied like any other bytes: minting wipes nobody else', () => {
    const startsAt = at('2026-03-01T15:00:00Z');
    const grant = { kind: 'hourly', variance: 0, startsAt, endsAt: startsAt + 3600 };
    for (const name of ['root', 'key'] as const) {
      const buffer = Buffer.from(ROOT);
      const token = createToken({ ...bare, root: undefined as never, [name]: buffer });
      const code = mint(token, grant);
      expect([...buffer]).toEqual([...ROOT]);
      expect(tokenJson(token)[name]).toBe(ROOT_TEXT);
      buffer.fill(0);
      expect(mint(parseToken(formatToken(token), builtIn), grant)).toBe(code);
      expect(mint(deriveToken(token), grant)).toBe(code);
    }
  });

  it("a vendor's rules cannot be changed through a token, nor options come from a prototype", () => {
    const { rules } = createToken(bare);
    expect(() => Object.assign(rules.lock, { tolerance: 1e9 })).toThrow(TypeError);
    expect(() => Object.assign(rules.kinds[0] ?? {}, { variances: 300 })).toThrow(TypeError);
    expect(codeOf(() => deriveToken(createToken(bare), Object.create({ keepRoot: true })))).toBe(
      'bad_argument',
    );
    expect(codeOf(() => deriveToken(createToken(bare), new Map([['epoch', 5]]) as never))).toBe(
      'bad_argument',
    );
  });

  it('are copied at the boundary, and so is everything else that could change', () => {
    const root = Uint8Array.from(ROOT);
    const offsets: [number, number][] = [
      [0, 0],
      [4e9, 0],
    ];
    const config = {
      digits: 9 as const,
      stays: [
        ['15:00', '11:00'],
        ['16:00', '10:00'],
      ],
    };
    const token = createToken({ ...bare, vendor: pintumbler, root, offsets, config });
    const before = formatToken(token);
    root.fill(0);
    offsets[0]![1] = 3600;
    config.stays[0]![0] = '01:00';
    expect(formatToken(token)).toBe(before);
    expect(() => {
      (token as { epoch: number }).epoch = 5;
    }).toThrow(TypeError);
    expect(Object.isFrozen(token.offsets?.[0])).toBe(true);
  });

  it('a token cannot be forged from an object that looks like one', () => {
    const token = createToken(bare);
    const startsAt = at('2026-03-01T15:00:00Z');
    const grant = { kind: 'hourly', variance: 0, startsAt, endsAt: startsAt + 3600 };
    for (const fake of [{ ...token }, structuredClone({ ...token }), Object.create(token)]) {
      expect(codeOf(() => mint(fake, grant))).toMatch(/bad_argument|not ours/);
    }
  });
});

describe('deriving', () => {
  const lock = createToken({ ...bare, epoch: 4 });

  it("an issuer's token has the key of its epoch and no root", () => {
    const issuer = deriveToken(lock, { epoch: 5, variances: [1, 2] });
    const json = tokenJson(issuer);
    expect(json.root).toBeUndefined();
    expect(json.key).toBe(Buffer.from(deviceKeyLiteral(ROOT, 'door-7', 5)).toString('base64url'));
    expect([json.epoch, json.variances]).toEqual([5, [1, 2]]);
    expect(codeOf(() => deriveToken(issuer, { epoch: 6 }))).toBe('root_required');
    expect(codeOf(() => deriveToken(issuer, { keepRoot: true }))).toBe('root_required');
    expect(tokenJson(deriveToken(issuer))).toEqual(json);
  });

  it('a share can only shrink, and two shares never give one code', () => {
    const desk = deriveToken(lock, { variances: [0, 1] });
    expect(codeOf(() => deriveToken(desk, { variances: [1, 2] }))).toBe('variance_unavailable');
    expect(deriveToken(desk, { variances: [1, 1] }).variances).toEqual([1, 1]);
    const startsAt = at('2026-03-01T15:00:00Z');
    const grant = (variance: number) => ({ kind: 'hourly', variance, startsAt, endsAt: startsAt + 3600 });
    const app = deriveToken(lock, { variances: [2, 2] });
    const codes = [mint(desk, grant(0)), mint(desk, grant(1)), mint(app, grant(2))];
    expect(new Set(codes).size).toBe(3);
    expect(codeOf(() => mint(desk, grant(2)))).toBe('variance_unavailable');
    expect(codeOf(() => mint(app, grant(1)))).toBe('variance_unavailable');
  });

  it('a share outside a kind leaves it nothing', () => {
    const door = tokenIn('UTC', pintumbler, { variances: [1, 1] });
    const startsAt = at('2026-03-01T15:00:00Z');
    expect(codeOf(() => mint(door, { kind: 'hourly', variance: 1, startsAt, endsAt: startsAt + 3600 }))).toBe(
      'variance_unavailable',
    );
    expect(mint(door, { kind: 'one_time', variance: 1, startsAt, endsAt: startsAt + 86400 })).toMatch(
      /^\d{9}$/,
    );
  });

  it('the last epoch, and none after it', () => {
    expect(deriveToken(lock, { epoch: 0xffff_fffe }).epoch).toBe(0xffff_fffe);
    expect(codeOf(() => deriveToken(lock, { epoch: 0xffff_ffff }))).toBe('out_of_range');
  });

  it.each<[string, object]>([
    ['NaN', { epoch: Number.NaN }],
    ['text', { epoch: '5' }],
    ['a misspelt option', { epochs: 5 }],
    ['a share as text', { variances: '0-1' }],
    ['a share of one', { variances: [0] }],
    ['keepRoot as text', { keepRoot: 'yes' }],
  ])('bad options: %s', (_, options) => {
    expect(codeOf(() => deriveToken(lock, options))).toBe('bad_argument');
  });
});

describe('creating: bad input', () => {
  it.each<[string, object, string]>([
    ['a short master', { root: undefined, master: new Uint8Array(31) }, 'key_length'],
    ['a root and a master', { master: new Uint8Array(32) }, 'bad_argument'],
    ['a root of 33 bytes', { root: new Uint8Array(33) }, 'key_length'],
    ['a root as array', { root: [...ROOT] }, 'bad_argument'],
    ['no root', { root: undefined }, 'bad_argument'],
    ['no vendor', { vendor: undefined }, 'bad_argument'],
    ['a vendor by name', { vendor: 'igloohome' }, 'bad_argument'],
    ['no zone', { timeZone: undefined }, 'bad_argument'],
    ['a misspelt option', { timezone: 'UTC' }, 'bad_argument'],
    ['digits 8', { vendor: pintumbler, config: { digits: 8 } }, 'config_invalid'],
    ['digits as text', { vendor: pintumbler, config: { digits: '9' } }, 'config_invalid'],
    ['one pair of times', { vendor: pintumbler, config: { stays: [['15:00', '11:00']] } }, 'config_invalid'],
    [
      'a time of 24:00',
      {
        vendor: pintumbler,
        config: {
          stays: [
            ['15:00', '24:00'],
            ['16:00', '10:00'],
          ],
        },
      },
      'config_invalid',
    ],
    [
      'a time without zero',
      {
        vendor: pintumbler,
        config: {
          stays: [
            ['9:00', '11:00'],
            ['16:00', '10:00'],
          ],
        },
      },
      'config_invalid',
    ],
    ['a misspelt setting', { vendor: pintumbler, config: { digit: 9 } }, 'bad_argument'],
    ['settings as text', { vendor: pintumbler, config: '9' }, 'bad_argument'],
  ])('%s', (_, change, code) => {
    expect(codeOf(() => createToken({ ...bare, ...change } as TokenOptions))).toBe(code);
  });

  it.each([undefined, null, 5, 'x', [], () => 0])('options that are none: %s', (options) => {
    expect(codeOf(() => createToken(options as never))).toBe('bad_argument');
  });
});
