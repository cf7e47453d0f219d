/**
 * vectors/codes-*.json and vectors/lock-vendors.json: shape, every value recomputed by the oracles of test/support, and
 * the library run over every test; the layouts of the makers pinned, and as the page of the vectors has them.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createToken, type OffsetTable } from 'pintumbler';
import { zoneFacts } from 'pintumbler/calendar';
import { describe, expect, it } from 'vitest';
import { type TableJson, valuesOf } from './support/codes-literal.ts';
import { type CodesGroup, codesProblems, tablesOf, vendorOf } from './support/codes-problems.ts';
import { hex } from './support/helpers.ts';
import { type VendorLockGroup, vendorLockProblems } from './support/lock-problems.ts';
import { type FileOf, fileProblems, folder, parse, schemaOf, VECTOR_FILES } from './support/vector-file.ts';
import { describeFile, type Suite } from './support/vector-suite.ts';

const TOKEN =
  'vendor|codes|scheme|clock|gridOffset|root|key|deviceKey|lane|(sealed|mac|aes|hmac)Key|layout\\..*';
const CODE =
  'kind|length|variance|startsAt|endsAt|firstUseBy|slot|page|payload|number|input|mac|plain|sealed|message|hmac|code';
const CODE_NOTICED = new RegExp(`^(deviceId|epoch|${TOKEN}|tests\\.0\\.(${CODE}|error))$`);
/** Tuya's key is the same for every epoch. */
const TUYA_NOTICED = new RegExp(`^(${TOKEN}|tests\\.0\\.(${CODE}|error))$`);

const ERROR_NOTICED = new RegExp(`^(${TOKEN}|tests\\.0\\.error)$`);

const validateCodes = schemaOf<CodesGroup>('codes');

const CODES: Suite = {
  problems: (file) => fileProblems(file, validateCodes, codesProblems),
  isValid: (file) => validateCodes(file),
  noticed: {
    SealedTest: CODE_NOTICED,
    MacTest: CODE_NOTICED,
    TuyaOfflineTest: TUYA_NOTICED,
    TuyaDynamicTest: TUYA_NOTICED,
    // What is no code is none after a change either.
    'SealedTest invalid code_malformed': ERROR_NOTICED,
    'MacTest invalid code_malformed': ERROR_NOTICED,
    'TuyaOfflineTest invalid code_malformed': ERROR_NOTICED,
    'TuyaDynamicTest invalid code_malformed': ERROR_NOTICED,
  },
  sortOf: ({ type }, test) => {
    const sort = test.result === 'valid' ? 'valid' : 'error' in test ? `invalid ${test.error}` : 'invalid';
    return `${type} ${sort}`;
  },
};

const FILES = VECTOR_FILES.filter(([, schema]) => schema === 'codes');

for (const [name] of FILES) describeFile(name, CODES);

const validateLock = schemaOf<VendorLockGroup>('lock-vendors');

const ANSWERS = 'end\\..*|steps\\.\\d+\\.(accepted|reason|opens|grant\\..*)';
const LOCKS: Suite = {
  problems: (file) => fileProblems(file, validateLock, vendorLockProblems),
  isValid: (file) => validateLock(file),
  noticed: {
    VendorLockTest: new RegExp(
      `^(vendor|codes|clock|rules\\..*|tokens\\.0\\.(root|key|gridOffset|layouts\\..*)|tests\\.0\\.(${ANSWERS}))$`,
    ),
  },
  sortOf: ({ type }, { result }, index) => `${index} ${type} ${result}`,
};

describeFile('lock-vendors', LOCKS);

/** The user levels of a door: the layout of Oracode has no kinds without. */
const LEVELS = {
  predefined_time_slots: [
    { prefix: 123, check_in_time: '16:00', check_out_time: '10:00' },
    { prefix: 126, check_in_time: '00:00', check_out_time: '23:59' },
    { prefix: 200, is_biweekly_mode: true, check_in_time: '16:00', check_out_time: '10:00' },
  ],
};

/** Any change of a layout is a new layout id: codes of the old one are out there. */
const DIGESTS: readonly (readonly [id: string, vendor: string, config: unknown, digest: string])[] = [
  ['tuya-offline/1', 'tuya', undefined, '97c1453930bc122202bedbccb2cb3a58c1786e6a125a276b32e5638216e4d41f'],
  ['tuya-dynamic/1', 'tuya', undefined, '47800c7cefbdfb905c75695b057555bd76392ad8c598db7e802978fae50a9f4b'],
  [
    'dormakaba-oracode/1',
    'dormakaba-oracode',
    LEVELS,
    'e166e4376b642a875652dfdd53a4aba1d8ece47929be0c31de751d7e0ff747a3',
  ],
  ['lockly/1', 'lockly', undefined, 'dfea2f590d91714a3fd5334bfa9e26985409572be33a9e739850a45577fb41a4'],
  ['ttlock-9/1', 'ttlock', undefined, '81bc2f832a0643741541dd36f31b9c72b375000bf17f25766fd76619227cb21c'],
  ['ttlock-8/1', 'ttlock', undefined, '3dd500e7c929b709f350ee1edc2091b5a1943a4d0d26e45b76a06f77b837be4f'],
  ['ttlock-7/1', 'ttlock', undefined, '55bb9ffda155a87d2543ec1f0c5308462e04ab11fbb83ab63b3b7a4b6bbb3ace'],
  ['ttlock-6/1', 'ttlock', undefined, 'df6638ef2ee318d721656535f886f2e6b694546abfc4ff7698150a86e01b439d'],
  [
    'sentrilock-7/1',
    'sentrilock',
    undefined,
    '8b3953d85a1693b31aa28c9867f6b53a614d90c1c8eb83b2a2a9322a76c67c98',
  ],
  [
    'sentrilock-12/1',
    'sentrilock',
    undefined,
    '315bfd7b4e5b7002cd9e35aa174ff09cc2aaa8e09ec51cffbaada49e2c7fccd5',
  ],
  [
    'codelocks-netcode-standard-7/1',
    'codelocks-netcode',
    { mode: 'standard', digits: 7 },
    'ad8129d4a37ba7faf11d72a7f288817d87cead4557b8fc81a110d5f790d35691',
  ],
  [
    'codelocks-netcode-standard-6/1',
    'codelocks-netcode',
    { mode: 'standard', digits: 6 },
    '836e3aa60bbdd001685ca542da1aa2cf42fbf5799fe2ef0783b335f3e384c018',
  ],
  [
    'codelocks-netcode-acc-7/1',
    'codelocks-netcode',
    { mode: 'acc', digits: 7 },
    'a63a1bdba6f877d30840c469911df0e164b5e7efafc22308b8cea51bb56ed73d',
  ],
  [
    'codelocks-netcode-acc-6/1',
    'codelocks-netcode',
    { mode: 'acc', digits: 6 },
    '247f24a44a6f3bf317c848e504b0fd93fb01713fad3275d2a009e3906302c57d',
  ],
  [
    'codelocks-netcode-urm-7/1',
    'codelocks-netcode',
    { mode: 'urm', digits: 7 },
    'bae2d21eac588460d8bc8a4aa4ac826c88d87b8d4825cb154bf80093d20c5b93',
  ],
  [
    'codelocks-netcode-urm-6/1',
    'codelocks-netcode',
    { mode: 'urm', digits: 6 },
    '16d735b389b27892ddd6c5867825bc637b39640475c1c7aaa91e1b59e47eb8a8',
  ],
  [
    'codelocks-netcode-end_date-7/1',
    'codelocks-netcode',
    { mode: 'end_date', digits: 7 },
    '3075a5cc0da28f7e1747545d766c0427113ab31dc6e79fb9453583c1cd33719a',
  ],
  [
    'codelocks-netcode-end_date-6/1',
    'codelocks-netcode',
    { mode: 'end_date', digits: 6 },
    '519278045816b6658f3e0e071684c8db39c357376fba69d5d1ccaad92d6d3424',
  ],
  [
    'codelocks-netcode-24h-7/1',
    'codelocks-netcode',
    { mode: '24h', digits: 7 },
    'e72a386f0a931f7f18419903007f8af6c679e0cfe4ac3de65d39fe77ac03552f',
  ],
  [
    'codelocks-netcode-24h-6/1',
    'codelocks-netcode',
    { mode: '24h', digits: 6 },
    '825d32dcb7f21f0b45ad0609af282e01bf406ef811741e3414ce88f255c5b67e',
  ],
  [
    'master-lock-14400-0/1',
    'master-lock',
    undefined,
    '12e8351db808e71a26e26034bd79104fcf899e35fb2424f7bc5a4fd9cabcd163',
  ],
  [
    'resortlock-10/1',
    'resortlock',
    undefined,
    'f0c6ad488f979779a3681d549667650086afcf21c311be828b9600d02260c69e',
  ],
  [
    'resortlock-12/1',
    'resortlock',
    undefined,
    'b26e92b31ed9d9945565f421d2f41de338dd364cd5d234234e8550f9ed8a4107',
  ],
  [
    'resortlock-rl4000-10/1',
    'resortlock',
    { model: 'RL4000' },
    'fb27c7cd6b2f98b1aac7d1b4353a166e0389e4aad5f97ae5f3d1129b0df83e36',
  ],
  [
    'resortlock-rl4000-12/1',
    'resortlock',
    { model: 'RL4000' },
    '843090b40ed43375eb4b339af46a9c54ecdc9de97a5c1243d9008e5b43db89c7',
  ],
];

/** A layout as the library prints it. */
function layoutOf(id: string, vendor: string, config: unknown): TableJson & { readonly scheme: string } {
  const facts = { deviceId: 'd', timeZone: 'UTC', ...(config !== undefined && { config }) };
  const secret = vendor === 'tuya' ? { key: hex('383766356434') } : { root: new Uint8Array(32) };
  const tables = tablesOf(createToken({ vendor: vendorOf(vendor), ...facts, ...secret }));
  const table = (tables as readonly (TableJson & { readonly scheme: string })[]).find(
    (each) => each.id === id,
  );
  if (!table) throw new Error(`no layout ${id}`);
  return table;
}

describe('layouts of other makers', () => {
  const page = readFileSync(new URL('README.md', folder), 'utf8');

  it('all that the vectors have are pinned, in one of their forms', () => {
    const groups = FILES.flatMap(([name]) => (parse(`${name}.json`) as FileOf<CodesGroup>).testGroups);
    const pinned = DIGESTS.map(([id]) => id.replace(/^(master-lock)-.*/, '$1'));
    const used = groups.map(({ layout }) => layout.id.replace(/^(master-lock)-.*/, '$1'));
    expect([...new Set(used)].filter((id) => !pinned.includes(id))).toEqual([]);
  });

  it.each(DIGESTS)('%s of %s is what it was', (id, vendor, config, digest) => {
    const layout = JSON.stringify(layoutOf(id, vendor, config));
    expect(createHash('sha256').update(layout).digest('hex')).toBe(digest);
  });

  it.each(DIGESTS)('%s of %s is what the page of the vectors says', (id, vendor, config) => {
    const layout = layoutOf(id, vendor, config);
    const { digits, grid_seconds: grid, s, scheme, kinds } = layout;
    const perPage = Math.floor(10 ** digits / s);
    const shortened = vendor === 'codelocks-netcode' ? id.replace('-6/1', '-7/1') : id;
    const [, section = ''] = page.split(`**\`${shortened}\`**: `);
    const text = section.split('\n**`')[0] ?? '';
    if (shortened !== id) {
      // The text says the six digits beside the seven.
      expect(text.replaceAll('10^6', '1000000')).toMatch(new RegExp(`H = ${perPage}\\b`));
    } else {
      const own = scheme === 'sealed/1' ? `H = ${perPage},` : `scheme \`${scheme}\``;
      expect(text).toContain(`n = ${digits}, g = ${grid}, S = ${s}, ${own}`);
    }
    const ends = new Map<string, number>();
    let next = 0;
    for (const kind of kinds) {
      const { base = next } = kind;
      next = base + valuesOf(kind).length * kind.variances;
      ends.set(kind.lane ?? '', next);
      const numbers = next - 1 === base ? `${base}` : `${base}–${next - 1}`;
      expect(text).toMatch(new RegExp(`\\| \`${kind.kind}\` +\\| ${numbers} +\\|`));
    }
    const used = Math.max(...ends.values());
    if (scheme !== 'sealed/1') expect(used).toBe(s);
    else if (used === s) expect(text).toContain('Nothing is reserved');
    else expect(text).toMatch(new RegExp(`\\| reserved +\\| ${used}–${s - 1} +\\|`));
  });
});

describe('offset tables of the vectors of other makers', () => {
  const files = VECTOR_FILES.filter(([, schema]) => schema === 'codes' || schema === 'lock-vendors');
  const groups = files.flatMap(
    ([name]) =>
      (parse(`${name}.json`) as FileOf<OffsetGroup & { readonly tokens?: readonly OffsetGroup[] }>)
        .testGroups,
  );
  const tables = groups
    .flatMap((group) => [group, ...(group.tokens ?? [])])
    .flatMap(({ timeZone, offsets }) => (timeZone && offsets ? [[timeZone, offsets] as const] : []));
  const distinct = new Map(tables.map((each) => [JSON.stringify(each), each]));

  it.each([...distinct.values()])(
    '%s: up to 2026 the rules are those of the time zone database',
    (zone, table) => {
      const until = Date.UTC(2027, 0, 1) / 1000;
      const known = zoneFacts(zone, table[0]?.[0] ?? 0, until).offsets.slice(0, -1);
      expect(table.filter(([utc]) => utc < until).slice(0, known.length)).toEqual(known);
    },
  );
});

interface OffsetGroup {
  readonly timeZone?: string;
  readonly offsets?: OffsetTable;
}
