/**
 * Parameters, each by each: every one of @seamapi/types 1.977.0 is known on its call, takes what it should in a body and in a
 * query, and refuses all else with a message of the form that Seam's server has. Nothing wrong is ever passed on.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeamError, type ValidationErrors } from '../../src/seam/errors.ts';
import * as calls from '../../src/seam/parameters.ts';
import { Parameters, type Source } from '../../src/seam/parameters.ts';

type Values = Readonly<Record<string, unknown>>;
type Read = (of: Parameters) => Values;

const ID = '11111111-1111-4111-8111-444444444444';
const OTHER = '22222222-2222-4222-8222-555555555555';
const STAMP = '2026-03-01T15:00:00Z';

function readWith(read: Read, values: Values, source: Source = 'body'): Values {
  const of = new Parameters(values, source);
  const found = read(of);
  of.done();
  return found;
}

interface Refusal {
  readonly type: string;
  readonly message: string;
  readonly errors: ValidationErrors;
}

function refusal(read: Read, values: Values, source: Source = 'body'): Refusal {
  try {
    readWith(read, values, source);
  } catch (error) {
    if (!(error instanceof SeamError) || !error.details.validation_errors) throw error;
    return { type: error.type, message: error.message, errors: error.details.validation_errors };
  }
  throw new Error('it should be refused');
}

/** What a parameter is, by the name of its kind. */
type Kind =
  | 'uuid'
  | 'text'
  | 'null or text'
  | 'flag'
  | 'stamp'
  | 'code'
  | 'uuids'
  | 'texts'
  | 'capabilities'
  | 'span'
  | 'refused'
  | `${number}..${number}`
  | `${number}..${number}[]`
  | readonly string[];

const ROUNDING = ['1hour', '1day', '1h', '1d'];

const COMMON: Readonly<Record<string, Kind>> = {
  name: 'null or text',
  code: 'code',
  starts_at: 'stamp',
  ends_at: 'stamp',
  is_offline_access_code: 'flag',
  is_one_time_use: 'flag',
  max_time_rounding: ROUNDING,
  preferred_code_length: '4..20',
  prefer_native_scheduling: 'flag',
  use_backup_access_code_pool: 'flag',
  allow_external_modification: 'flag',
  is_external_modification_allowed: 'flag',
  attempt_for_offline_device: 'flag',
  use_offline_access_code: 'flag',
  sync: 'flag',
};

const refusedNames = (names: string): Readonly<Record<string, Kind>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, 'refused' as const]));

/** By call: what is needed, and every parameter. */
const CALLS: Readonly<
  Record<string, readonly [read: Read, needed: Values, all: Readonly<Record<string, Kind>>]>
> = {
  create: [
    calls.createParameters,
    { device_id: ID },
    { ...COMMON, device_id: 'uuid', common_code_key: 'text', type: ['time_bound'] },
  ],
  create_multiple: [
    calls.createMultipleParameters,
    { device_ids: [ID] },
    { ...COMMON, device_ids: 'uuids', behavior_when_code_cannot_be_shared: ['throw', 'create_random_code'] },
  ],
  update: [
    calls.updateParameters,
    { access_code_id: ID },
    {
      ...COMMON,
      access_code_id: 'text',
      device_id: 'uuid',
      type: ['ongoing', 'time_bound'],
      is_managed: 'flag',
      reissue: 'flag',
    },
  ],
  update_multiple: [
    calls.updateMultipleParameters,
    { common_code_key: 'k' },
    { common_code_key: 'text', name: 'null or text', starts_at: 'stamp', ends_at: 'stamp', reissue: 'flag' },
  ],
  delete: [
    calls.deleteParameters,
    { access_code_id: ID },
    { access_code_id: 'text', device_id: 'uuid', sync: 'flag' },
  ],
  get: [calls.getParameters, {}, { access_code_id: 'text', device_id: 'uuid', code: 'text' }],
  list: [
    calls.listParameters,
    {},
    {
      device_id: 'uuid',
      access_code_ids: 'texts',
      search: 'text',
      limit: '1..55000',
      page_cursor: 'null or text',
      ...refusedNames('customer_key user_identifier_key access_grant_id access_grant_key access_method_id'),
    },
  ],
  generate_code: [calls.deviceParameters, { device_id: ID }, { device_id: 'uuid' }],
  pull_backup_access_code: [calls.codeParameters, { access_code_id: ID }, { access_code_id: 'text' }],
  report_device_constraints: [
    calls.constraintParameters,
    { device_id: ID },
    {
      device_id: 'uuid',
      supported_code_lengths: '4..20[]',
      min_code_length: '4..20',
      max_code_length: '4..20',
    },
  ],
  action_attempt: [calls.attemptParameters, { action_attempt_id: ID }, { action_attempt_id: 'text' }],
  device: [calls.deviceGetParameters, {}, { device_id: 'uuid', name: 'text' }],
  devices: [
    calls.deviceListParameters,
    {},
    {
      device_ids: 'uuids',
      device_type: 'text',
      device_types: 'texts',
      manufacturer: 'text',
      connected_account_id: 'uuid',
      connected_account_ids: 'uuids',
      include_if: 'capabilities',
      exclude_if: 'capabilities',
      created_before: 'stamp',
      search: 'text',
      limit: '1..500',
      page_cursor: 'null or text',
      ...refusedNames(
        'customer_key user_identifier_key connect_webview_id custom_metadata_has space_id unstable_location_id',
      ),
    },
  ],
  events: [
    calls.eventListParameters,
    {},
    {
      since: 'stamp',
      between: 'span',
      access_code_id: 'uuid',
      access_code_ids: 'uuids',
      device_id: 'uuid',
      device_ids: 'uuids',
      event_ids: 'uuids',
      event_type: 'text',
      event_types: 'texts',
      connected_account_id: 'uuid',
      limit: '1..500',
      unstable_offset: `0..${Number.MAX_SAFE_INTEGER}`,
      ...refusedNames(
        'access_grant_id access_grant_ids access_method_id access_method_ids acs_access_group_id acs_credential_id acs_encoder_id acs_entrance_id acs_system_id acs_system_ids acs_user_id connect_webview_id customer_key space_id space_ids user_identity_id',
      ),
    },
  ],
};

/** Values that are no text. */
const NO_TEXT: readonly unknown[] = [0, 1, Number.NaN, true, false, {}, { toString: 'x' }, [], ['x'], null];

const NO_UUIDS = [
  '',
  'x',
  `${ID} `,
  `${ID}\n`,
  ID.slice(1),
  `{${ID}}`,
  ID.replaceAll('-', ''),
  ID.replace('1', 'g'),
];

const NO_STAMPS = [
  '',
  'garbage',
  'now',
  '2026-03-01',
  '15:00',
  '2026-03-01T',
  '2026-03-01T15',
  '2026-03-01T15:00:00Z ',
  ' 2026-03-01T15:00:00Z',
  '2026-03-01T15:00:00Z\n',
  '2026-03-01T15:00:00 Z',
  '2026-03-01T15:00:00+1',
  '2026-03-01T15:00:00+01:00[Europe/Paris]',
  '2026-3-1T15:00',
  '+002026-03-01T15:00:00Z',
  '-2026-03-01T15:00:00Z',
  '1772377200',
  'Sun Mar 01 2026 15:00:00 GMT',
  '２０２６-03-01T15:00:00Z',
  '2026-02-29T15:00:00Z',
  '2026-02-30T15:00',
  '2026-04-31 15:00',
  '2026-13-01T15:00:00Z',
  '2026-00-10T15:00:00Z',
  '2026-03-00T15:00:00Z',
  '2026-03-01T24:00:00Z',
  '2026-03-01T25:61:00Z',
];

const NO_TEXTS: readonly unknown[] = [
  'x',
  '',
  null,
  0,
  true,
  {},
  [null],
  [1],
  ['x', {}],
  [['x']],
  new Array(10_001).fill('x'),
];

const bounds = (kind: string): readonly [number, number] => {
  const [from = 0, to = 0] = kind.replace('[]', '').split('..').map(Number);
  return [from, to];
};

/** What a kind of parameter refuses, in a body. */
function badValues(kind: Kind): readonly unknown[] {
  if (typeof kind !== 'string')
    return [...NO_TEXT, '', 'x', `${kind[0]} `, `${kind[0]}`.toUpperCase(), 'toString', '__proto__'];
  if (kind === 'uuid') return [...NO_TEXT, ...NO_UUIDS, [ID]];
  if (kind === 'text') return [...NO_TEXT, 'x'.repeat(1001)];
  if (kind === 'null or text') return [...NO_TEXT.filter((value) => value !== null), 'x'.repeat(1001)];
  if (kind === 'flag') return ['true', 'false', '', 0, 1, null, [], [true], {}];
  if (kind === 'stamp') return [...NO_TEXT, ...NO_STAMPS, Date.now()];
  if (kind === 'code')
    return [...NO_TEXT, '', '123', '1234567890123', '12a4', ' 1234', '1234', '123456789012', '١٢٣٤'];
  if (kind === 'refused') return ['x', 0, false, [], {}, ''];
  if (kind === 'uuids')
    return [
      ID,
      '',
      null,
      0,
      true,
      {},
      [null],
      [1],
      [ID, 'x'],
      [[ID]],
      [ID, undefined],
      new Array(1),
      new Array(10_001).fill(ID),
    ];
  if (kind === 'texts') return NO_TEXTS;
  if (kind === 'capabilities')
    return [...NO_TEXTS, ['x'], [''], ['toString'], ['CAN_REMOTELY_LOCK'], ['can_remotely_lock', 'can_fly']];
  if (kind === 'span')
    return [
      ...NO_TEXTS,
      [],
      [STAMP],
      [STAMP, STAMP, STAMP],
      STAMP,
      ...NO_STAMPS.flatMap((stamp) => [
        [STAMP, stamp],
        [stamp, STAMP],
      ]),
    ];
  const [from, to] = bounds(kind);
  const numbers = [
    from - 1,
    to + 1,
    from + 0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -from - 1,
    `${from}`,
    null,
    {},
    true,
  ];
  return kind.endsWith('[]')
    ? [...numbers.map((number) => [number]), [], from, `${from}`, null, [[from]]]
    : [...numbers, [from]];
}

/** What it takes, and, where it differs, how a query has it. */
function goodValues(kind: Kind): readonly (readonly [inBody: unknown, inQuery?: unknown])[] {
  if (typeof kind !== 'string') return kind.map((word) => [word]);
  if (kind === 'uuid') return [[ID], [ID.toUpperCase()]];
  if (kind === 'text') return [['x'], ['x'.repeat(1000)], ['0042'], ['Žofie 🚪'], ['true']];
  if (kind === 'null or text') return [['x'], [null, ''], ['null']];
  if (kind === 'flag')
    return [
      [true, 'true'],
      [false, 'false'],
    ];
  if (kind === 'stamp')
    return [
      [STAMP],
      ['2026-03-01T15:00:00.000Z'],
      ['2026-03-01T15:00:00.123456Z'],
      ['2026-03-01T15:00:00-00:00'],
      ['2026-03-01T15:00:00+0000'],
      ['2026-03-01T15:00:00-07:00'],
      ['2026-03-01T15:00'],
      ['2026-03-01 15:00:00'],
      ['2028-02-29t23:59:59,5z'],
      ['0000-01-01T00:00:00Z'],
      ['9999-12-31T23:59:59Z'],
    ];
  if (kind === 'span') return [[[STAMP, STAMP]], [['2026-03-01T15:00', '2026-02-28t15:00:00-07:00']]];
  if (kind === 'capabilities')
    return [
      [['can_program_offline_access_codes'], 'can_program_offline_access_codes'],
      [['can_remotely_lock', 'can_configure_auto_lock']],
      [[], ''],
    ];
  if (kind === 'uuids') return [[[ID], ID], [[ID, OTHER]], [[ID, ID]]];
  if (kind === 'texts') return [[['x'], 'x'], [['x', 'y,z']], [[], '']];
  if (kind === 'code' || kind === 'refused') return [];
  const [from, to] = bounds(kind);
  return kind.endsWith('[]')
    ? [
        [[from], `${from}`],
        [
          [from, to],
          [`${from}`, `${to}`],
        ],
      ]
    : [
        [from, `${from}`],
        [to, `${to}`],
      ];
}

const each = Object.entries(CALLS).flatMap(([call, [read, needed, all]]) =>
  Object.entries(all).map(([name, kind]) => [call, name, { read, needed, kind }] as const),
);

describe.each(each)('%s: %s', (_, name, { read, needed, kind }) => {
  const shown = (values: unknown): string => JSON.stringify(values)?.slice(0, 60) ?? 'undefined';

  it('refuses what it cannot be, under its name, and says no more than that', () => {
    for (const value of badValues(kind)) {
      const { type, message, errors } = refusal(read, { ...needed, [name]: value });
      expect(type).toBe('invalid_input');
      const own = errors[name];
      if (own === undefined || !('_errors' in own)) throw new Error(`${shown(value)}: no message for it`);
      expect(own._errors.length, shown(value)).toBeGreaterThan(0);
      const [first = ''] = own._errors;
      const told = first.includes(': ') ? `"${name}": ${first}` : `${first} for "${name}"`;
      expect(message, shown(value)).toContain(told);
      if (own._errors.length === 1) expect(message).toBe(told);
      expect(Object.keys(errors).sort()).toEqual(['_errors', name].sort());
      expect(errors._errors).toEqual([]);
      // What came may be a code: it is not repeated. Words of ours are.
      if (typeof value === 'string' && value.length > 2 && value !== 'now' && kind !== 'flag')
        expect(message.replaceAll(/Expected .*/g, '')).not.toContain(value);
    }
  });

  it('takes what it can be, the same in a body and in a query', () => {
    for (const [inBody, inQuery = inBody] of goodValues(kind)) {
      const found = readWith(read, { ...needed, [name]: inBody });
      const strict = { ...queryValues(needed), [name]: inQuery, _strict: 'true' };
      expect(readWith(read, strict, 'query'), shown(inBody)).toEqual(found);
    }
    const without = { ...needed, [name]: undefined };
    if (Object.hasOwn(needed, name)) return;
    expect(readWith(read, without)).toEqual(readWith(read, needed));
  });

  it('means something, or is one of those that mean nothing here', () => {
    const silent = ['preferred_code_length', 'attempt_for_offline_device', 'sync'];
    if (kind === 'code' || kind === 'refused' || silent.includes(name)) return;
    // `time_bound` is what every code is.
    if (typeof kind !== 'string' && kind.length === 1) return;
    const [[value] = []] = goodValues(kind);
    const base = Object.hasOwn(needed, name) ? {} : readWith(read, needed);
    expect(readWith(read, { ...needed, [name]: value })).not.toEqual(base);
  });
});

it.each(each.filter(([, name, { needed }]) => Object.hasOwn(needed, name)))(
  '%s: %s is required',
  (_, name, { read }) => {
    for (const values of [{}, { [name]: undefined }])
      expect(refusal(read, values)).toEqual({
        type: 'invalid_input',
        message: `${name} is required`,
        errors: { _errors: [], [name]: { _errors: ['Required'] } },
      });
  },
);

/** As a query has them: a list of one is a text. */
function queryValues(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      Array.isArray(value) && value.length === 1 ? value[0] : value,
    ]),
  );
}

describe('messages', () => {
  const { createParameters, listParameters, createMultipleParameters, constraintParameters } = calls;

  it.each<[string, Read, Values, string]>([
    ['missing', createParameters, { name: 'x' }, 'device_id is required'],
    [
      'of the wrong type',
      createParameters,
      { device_id: 7 },
      'Expected string, received number for "device_id"',
    ],
    ['null', createParameters, { device_id: null }, 'Expected string, received null for "device_id"'],
    ['a list', createParameters, { device_id: [ID] }, 'Expected string, received array for "device_id"'],
    ['no uuid', createParameters, { device_id: 'x' }, 'Invalid uuid for "device_id"'],
    [
      'no date',
      createParameters,
      { device_id: ID, starts_at: 'garbage', ends_at: STAMP },
      'Must be parsable date string if defined for "starts_at"',
    ],
    [
      'no word',
      createParameters,
      { device_id: ID, max_time_rounding: '2d' },
      `Invalid enum value. Expected '1hour' | '1day' | '1h' | '1d' for "max_time_rounding"`,
    ],
    [
      "a code of one's own",
      createParameters,
      { device_id: ID, code: '123456' },
      '"code": A custom code is not allowed: offline codes are computed',
    ],
    [
      'no list',
      createMultipleParameters,
      { device_ids: ID },
      'Expected array, received string for "device_ids"',
    ],
    [
      'an empty list',
      createMultipleParameters,
      { device_ids: [] },
      'Array must contain at least 1 element(s) for "device_ids"',
    ],
    [
      'a list that is too long',
      createMultipleParameters,
      { device_ids: new Array(10_001).fill(ID) },
      'Array must contain at most 10000 element(s) for "device_ids"',
    ],
    [
      'lengths that no code has',
      constraintParameters,
      { device_id: ID, supported_code_lengths: [3] },
      'Expected integers from 4 to 20 for "supported_code_lengths"',
    ],
    [
      'empty text',
      listParameters,
      { search: '' },
      'String must contain at least 1 character(s) for "search"',
    ],
    [
      'two',
      createParameters,
      { name: 1 },
      '2 Input Errors: device_id is required, Expected string, received number for "name"',
    ],
    [
      'unknown',
      createParameters,
      { device_id: ID, is_one_time: true },
      "Unrecognized parameters: 'is_one_time'",
    ],
  ])('%s', (_, read, values, message) => {
    const found = refusal(read, values);
    expect(
      found.message.startsWith('2 Input')
        ? new Set(found.message.split(/: |, (?=[a-z]|Exp)/))
        : found.message,
    ).toEqual(message.startsWith('2 Input') ? new Set(message.split(/: |, (?=[a-z]|Exp)/)) : message);
  });
});

describe('unknown parameters', () => {
  const { createParameters } = calls;
  const named = (name: string): unknown =>
    refusal(createParameters, { device_id: ID, [name]: 1 }).errors._errors;

  it('are named if they look like a name, and not if they could be a code', () => {
    expect(named('is_one_time')).toEqual(["Unrecognized key(s) in object: 'is_one_time'"]);
    for (const name of [
      '483920175',
      'seam_key_7f',
      'A',
      'a b',
      '',
      '_errors',
      'x'.repeat(100),
      '__proto__',
    ]) {
      const values = Object.fromEntries([
        ['device_id', ID],
        [name, 1],
      ]);
      const { message, errors } = refusal(createParameters, values);
      expect(errors._errors).toEqual(['Unrecognized key(s) in object']);
      expect(message).toBe('Unrecognized parameters');
    }
  });

  it('are named in the message, five at the most', () => {
    const message = (...names: readonly string[]): string =>
      refusal(createParameters, { device_id: ID, ...Object.fromEntries(names.map((name) => [name, 1])) })
        .message;
    expect(message('start_at')).toBe("Unrecognized parameters: 'start_at'");
    expect(message('start_at', 'end_at')).toBe("Unrecognized parameters: 'start_at', 'end_at'");
    expect(message('a483920175', 'end_at')).toBe("Unrecognized parameters: 'end_at' and 1 more");
    expect(message(...'abcde')).toBe("Unrecognized parameters: 'a', 'b', 'c', 'd', 'e'");
    expect(message(...'abcdefg')).toBe("Unrecognized parameters: 'a', 'b', 'c', 'd', 'e' and 2 more");
  });

  it('by the thousand make no long answer', () => {
    const many = Object.fromEntries(
      Array.from({ length: 50_000 }, (_, i) => [`n_${'x'.repeat(i % 50)}${i}`, 1]),
    );
    const { message, errors } = refusal(createParameters, { device_id: ID, ...many });
    expect(JSON.stringify(errors).length).toBeLessThan(5000);
    expect(message.length).toBeLessThan(500);
  });

  it('of what all objects have are not found in them', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf'])
      expect(refusal(createParameters, { device_id: ID, [name]: 1 }).type).toBe('invalid_input');
    const inherited: Values = Object.create({ device_id: ID });
    expect(refusal(createParameters, inherited).message).toBe('device_id is required');
  });
});

describe('queries', () => {
  it('lists: repeated, with commas unless strict, empty', () => {
    const ids = (values: Values) => readWith(calls.listParameters, values, 'query')['ids'];
    expect(ids({ access_code_ids: [ID, OTHER] })).toEqual([ID, OTHER]);
    expect(ids({ access_code_ids: `${ID},${OTHER}` })).toEqual([ID, OTHER]);
    expect(ids({ access_code_ids: '' })).toEqual([]);
    expect(ids({ access_code_ids: '', _strict: 'true' })).toEqual([]);
    expect(ids({})).toBeUndefined();
    expect(
      refusal(calls.deviceListParameters, { device_ids: `${ID},${OTHER}`, _strict: 'true' }, 'query').message,
    ).toBe('Expected array of uuids for "device_ids"');
    const types = readWith(calls.deviceListParameters, { device_types: 'a,b', _strict: 'true' }, 'query')[
      'types'
    ];
    expect(types).toEqual(['a,b']);
  });

  it('a name that comes twice is no single value', () => {
    expect(refusal(calls.deviceGetParameters, { device_id: [ID, ID] }, 'query').message).toBe(
      'Expected string, received array for "device_id"',
    );
    expect(refusal(calls.listParameters, { limit: ['1', '2'] }, 'query').type).toBe('invalid_input');
    expect(
      refusal(calls.deleteParameters, { access_code_id: ID, sync: ['true', 'true'] }, 'query').type,
    ).toBe('invalid_input');
  });

  it.each([
    '',
    ' 5',
    '5 ',
    '0x5',
    '5e0',
    '+5',
    '--5',
    '5.5',
    'five',
    'NaN',
    'Infinity',
    '9'.repeat(16),
    '٥',
    'true',
  ])('a limit of %j is no number of items', (limit) => {
    expect(refusal(calls.listParameters, { limit }, 'query').errors['limit']).toBeDefined();
  });

  it.each(['', 'True', 'TRUE', '1', '0', 'yes', 'false ', 'constructor', '__proto__'])(
    '%j is no flag',
    (sync) => {
      expect(refusal(calls.deleteParameters, { access_code_id: ID, sync }, 'query').message).toBe(
        'Expected boolean, received string for "sync"',
      );
    },
  );

  it('nothing under a name is null, in a body it is an empty text', () => {
    const values = { access_code_id: ID, name: '' };
    expect(readWith(calls.updateParameters, values, 'query')['name']).toBeNull();
    expect(readWith(calls.updateParameters, values, 'body')['name']).toBe('');
  });

  it('codes stay text, with their zeros', () => {
    expect(readWith(calls.getParameters, { device_id: ID, code: '0042', _strict: 'true' }, 'query')).toEqual({
      id: undefined,
      deviceId: ID,
      code: '0042',
    });
  });

  it('an object comes as a name for each of its properties, and is refused like the object', () => {
    const why = 'Not supported: there are no customers, users or access grants here';
    const query = { 'custom_metadata_has.floor': '3', 'custom_metadata_has.pool': 'true' };
    expect(refusal(calls.deviceListParameters, query, 'query').errors).toEqual({
      _errors: [],
      custom_metadata_has: { _errors: [why] },
    });
    expect(refusal(calls.deviceListParameters, query, 'body').message).toContain('Unrecognized');
  });

  it('`_strict` is no parameter; anything like it is', () => {
    expect(readWith(calls.getParameters, { _strict: 'true' }, 'query')).toEqual(
      readWith(calls.getParameters, {}),
    );
    expect(refusal(calls.getParameters, { strict: 'true' }, 'query').message).toBe(
      "Unrecognized parameters: 'strict'",
    );
  });
});

describe('meanings', () => {
  const { createParameters } = calls;
  const create = (values: Values) => readWith(createParameters, { device_id: ID, ...values });

  it('the deprecated names mean the same, and do not contradict the new ones', () => {
    expect(create({ use_offline_access_code: true })['isOffline']).toBe(true);
    expect(create({ allow_external_modification: true })['externalModification']).toBe(true);
    for (const [name, older] of [
      ['is_offline_access_code', 'use_offline_access_code'],
      ['is_external_modification_allowed', 'allow_external_modification'],
    ] as const)
      for (const value of [true, false]) {
        expect(create({ [name]: value, [older]: value })).toEqual(create({ [name]: value }));
        const { message, errors } = refusal(createParameters, {
          device_id: ID,
          [name]: value,
          [older]: !value,
        });
        expect(message).toBe(`"${older}": Must not contradict ${name}: it is the same by its older name`);
        expect(Object.keys(errors).sort()).toEqual(['_errors', older].sort());
      }
    expect(create({ max_time_rounding: '1day' })).toEqual(create({ max_time_rounding: '1d' }));
    expect(create({ max_time_rounding: '1hour' })).toEqual(create({ max_time_rounding: '1h' }));
    const events = (values: Values) => readWith(calls.eventListParameters, values);
    expect(events({ device_id: ID })).toEqual(events({ device_ids: [ID] }));
    expect(events({ event_type: 'a' })).toEqual(events({ event_types: ['a'] }));
    expect(events({ access_code_id: ID })).toEqual(events({ access_code_ids: [ID] }));
  });

  it.each<[Read, string, unknown, string, unknown]>([
    [calls.deviceListParameters, 'device_type', 'a', 'device_types', ['a']],
    [calls.deviceListParameters, 'connected_account_id', ID, 'connected_account_ids', [ID]],
    [calls.eventListParameters, 'access_code_id', ID, 'access_code_ids', [ID]],
    [calls.eventListParameters, 'device_id', ID, 'device_ids', [ID]],
    [calls.eventListParameters, 'event_type', 'a', 'event_types', ['a']],
  ])('one and many are not both taken: %s %s', (read, one, value, many, values) => {
    expect(readWith(read, { [one]: value })).toEqual(readWith(read, { [many]: values }));
    for (const both of [values, []])
      expect(refusal(read, { [one]: value, [many]: both }).message).toBe(
        `"${one}": Must not come with ${many}: send one of them`,
      );
  });

  it('what a timestamp looks like is said beside the message', () => {
    const expectedOf = (read: Read, values: Values): unknown => {
      try {
        readWith(read, values);
      } catch (error) {
        if (error instanceof SeamError) return error.details.data?.['expected'];
      }
      return 'not refused';
    };
    for (const stamp of ['garbage', '2026-02-30T15:00'])
      expect(expectedOf(createParameters, { device_id: ID, starts_at: stamp })).toBe(
        'ISO 8601 date and time, such as 2026-12-01T15:00 (local at the device) or 2026-12-01T15:00:00Z',
      );
    for (const values of [{ since: 'x' }, { between: [STAMP] }, { between: [STAMP, 'x'] }])
      expect(expectedOf(calls.eventListParameters, values)).toMatch(/^ISO 8601 .* or .*-05:00$/);
    expect(expectedOf(createParameters, { device_id: 'x' })).toBeUndefined();
  });

  it('ids are read in either case and mean the same', () => {
    const id = 'ABCDEFAB-1111-4111-8111-ABCDEFABCDEF';
    expect(readWith(calls.deviceParameters, { device_id: id })).toEqual({ deviceId: id.toLowerCase() });
  });
});

describe('anything at all', () => {
  const anyValue = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(undefined, ID, [ID], STAMP, '', 'true', '5'),
  );

  it.each(Object.entries(CALLS))(
    '%s: is read or refused as invalid input, twice the same',
    (_, [read, needed, all]) => {
      const name = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...Object.keys(all)) }, fc.string());
      fc.assert(
        fc.property(
          fc.dictionary(name, anyValue, { maxKeys: 6 }),
          fc.constantFrom<Source>('body', 'query'),
          (given, source) => {
            const values = { ...needed, ...given };
            const run = (): unknown => {
              try {
                return readWith(read, values, source);
              } catch (error) {
                if (!(error instanceof SeamError)) throw error;
                expect(error.type).toBe('invalid_input');
                return [error.message, error.details];
              }
            };
            const before = JSON.stringify(values);
            expect(run()).toEqual(run());
            expect(JSON.stringify(values)).toBe(before);
          },
        ),
      );
    },
  );
});
