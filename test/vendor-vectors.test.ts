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
import { tablesOf, vendorOf } from './support/codes-problems.ts';
import { hex } from './support/helpers.ts';
import { type VendorLockGroup, vendorLockProblems } from './support/lock-problems.ts';
import { type AnyCodesGroup, anyCodesProblems } from './support/step-codes-problems.ts';
import { type StepLockGroup, stepLockProblems } from './support/step-lock-problems.ts';
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

/** The first ten values of a kind stand for all: keypads have hundreds. */
const LAYOUT = 'layout\\.(?!kinds\\.\\d+\\.lengths\\.\\d\\d).*';
const STEP_TOKEN = `vendor|codes|scheme|clock|gridOffset|key|lane|(hmac|sip)Key|suite|pinHash|startingCode|${LAYOUT}`;
const STEP_CODE =
  'kind|length|variance|count|value|startsAt|endsAt|firstUseBy|slot|message|dataInput|hmac|number|base|chain|input|hash|plain|bits|mac|stream|obscured|code';
const STEP_NOTICED = new RegExp(`^(${STEP_TOKEN}|tests\\.0\\.(${STEP_CODE}|asked\\..*|error))$`);
/** What is wrong for one challenge can be for another too, and the last digits of a chain are not in the token. */
const STEP_NOTHING_NOTICED = new RegExp(
  `^(${STEP_TOKEN}|tests\\.0\\.(${STEP_CODE.replace('|chain', '')}|error))$`,
);

const validateCodes = schemaOf<AnyCodesGroup>('codes');

const CODES: Suite = {
  problems: (file) => fileProblems(file, validateCodes, anyCodesProblems),
  isValid: (file) => validateCodes(file),
  noticed: {
    SealedTest: CODE_NOTICED,
    MacTest: CODE_NOTICED,
    TuyaOfflineTest: TUYA_NOTICED,
    TuyaDynamicTest: TUYA_NOTICED,
    ...Object.fromEntries(
      ['HotpTest', 'OcraTest', 'OpenPaygoTest', 'NexusFullTest', 'NexusSmallTest'].flatMap((type) => [
        [type, STEP_NOTICED],
        [`${type} invalid`, STEP_NOTHING_NOTICED],
        [`${type} invalid code_malformed`, new RegExp(`^(${STEP_TOKEN}|tests\\.0\\.error)$`)],
      ]),
    ),
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

const validateSteps = schemaOf<StepLockGroup>('lock-steps');

const STEP_ANSWERS = 'end\\..*|steps\\.\\d+\\.(accepted|reason|opens|grant\\..*)';
const STEP_LOCKS: Suite = {
  problems: (file) => fileProblems(file, validateSteps, stepLockProblems),
  isValid: (file) => validateSteps(file),
  noticed: {
    StepLockTest: new RegExp(
      `^(vendor|codes|rules\\..*|tokens\\.0\\.(key|gridOffset|suite|pinHash|startingCode|${LAYOUT})|tests\\.0\\.(${STEP_ANSWERS}))$`,
    ),
  },
  sortOf: ({ type }, { result }, index) => `${index} ${type} ${result}`,
};

describeFile('lock-steps', STEP_LOCKS);

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

/** The same for codes that follow each other or answer something; windows and budgets of a lock are settings. */
const STEP_DIGESTS: typeof DIGESTS = [
  ['hotp-6-sha1/1', 'hotp', undefined, 'f106fbac912ba3a2b750870d308f5733b13520f54aa1e14f7ade3b32e52571b7'],
  [
    'hotp-7-sha1/1',
    'hotp',
    { digits: 7 },
    'e0889675a1b8100b089ba709f6eb8c099e664128ee7ca8c381484aaf3dfdba96',
  ],
  [
    'hotp-9-sha1/1',
    'hotp',
    { digits: 9, window: 1 },
    '42a9b080ea2d9df4a5c0fbb079bec8404773dc04beb0b7d2b5c9ed984d289a59',
  ],
  [
    'hotp-8-sha256/1',
    'hotp',
    { digits: 8, hash: 'SHA-256' },
    '6c31ca34c18781b8ad58dcbcfd7820d4cfe2aeaf0d067541823fcc686a881da5',
  ],
  [
    'hotp-10-sha512/1',
    'hotp',
    { digits: 10, hash: 'SHA-512' },
    'bfe9a629bafbb0134c6d84a23f8fed183519f79a85f0615f38851ae79fe5f595',
  ],
  [
    'totp-6-sha1-30-0/1',
    'totp',
    undefined,
    '212a3cbe2d98f09a930d53166db07f404c0e35fa160fa0ec4928f02c7233509a',
  ],
  [
    'totp-8-sha1-30-0/1',
    'totp',
    { digits: 8 },
    '7c17f1610c5c81a6c9a72e1c6390c938d6bb5c03557b7b57b8345c19a4646bf4',
  ],
  [
    'totp-8-sha256-30-0/1',
    'totp',
    { digits: 8, hash: 'SHA-256' },
    '092ad986ede28ee2cf7d1313b127b7e08e82c350841d78254734b11f32eb18fd',
  ],
  [
    'totp-8-sha512-30-0/1',
    'totp',
    { digits: 8, hash: 'SHA-512' },
    'd2a3a60e7f372bf10d06b439ef88d31e09a22bd9b559fefb9d9aba8d540f1b42',
  ],
  [
    'totp-10-sha512-1-0/1',
    'totp',
    { digits: 10, hash: 'SHA-512', period: 1 },
    '4f829897e04f69584720051a21188e9ae17e2240fd9c67901186772bf5ecd14f',
  ],
  [
    'totp-6-sha1-60-1767225607/1',
    'totp',
    { period: 60, t0: 1767225607, window: 2 },
    '3dd03bdb7f2c5496b7f40542c7278d074f03bb265800b693f776d5826257bc7c',
  ],
  [
    'totp-6-sha1-86400-4294967295/1',
    'totp',
    { period: 86400, t0: 2 ** 32 - 1 },
    'c12dd556e31379ab15ea4649bffd9c47a633d9fdd48e78e98ecd89d1466e23fe',
  ],
  ['openpaygo/1', 'openpaygo', undefined, '4c1a1a739da9acebc06f436eaa77a906971c7ea97e9a34502be040ae411802b0'],
  [
    'openpaygo-restricted/1',
    'openpaygo',
    { keypad: 'restricted' },
    '0d22e36d150bac3e4c0f458983e6bc1da7850dae14bba69fa437918eaae75fb7',
  ],
  [
    'openpaygo-extended/1',
    'openpaygo',
    { extended: true },
    '32c85d14d2afa3bd98d3c39d231acd8b643b31836ef7a3fa2b60f978aff58a10',
  ],
  [
    'openpaygo-extended-restricted/1',
    'openpaygo',
    { extended: true, keypad: 'restricted' },
    '7e6bbc2afe19b188302a3d30c1d894c336145227cfa87fe8aca26027ef1216dd',
  ],
  ['nexus-full/1', 'nexus', undefined, '2deeec96191a65a3023d824dc3e58bb81639493762b1f2f72918846bf6245f96'],
  [
    'nexus-small/1',
    'nexus',
    { keypad: 'small' },
    '0e4e1f468960ceff2e6a42b79554528b4dec792107ced1356209c49e438bf585',
  ],
  [
    'nexus-small-extended/1',
    'nexus',
    { keypad: 'small', extended: true },
    '906eee8427788c94836da846db7f826a8f9e0572b30b3cbf87c5ac733b8ae1b7',
  ],
  [
    'ocra-hotp-sha256-8-qn08/1',
    'ocra',
    { suite: 'OCRA-1:HOTP-SHA256-8:QN08' },
    '84fda984d7a84683e30f6cbf2f1be908d4b6396050ff47a724ffbd69730f2b8e',
  ],
  [
    'ocra-hotp-sha1-6-qn08/1',
    'ocra',
    { suite: 'OCRA-1:HOTP-SHA1-6:QN08' },
    'b060090568ee94739474ecf3666bfe4107f5aff910e3dcae3f33f22b8be741c8',
  ],
  [
    'ocra-hotp-sha256-8-c-qn08-psha1/1',
    'ocra',
    { suite: 'OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1' },
    'bed263bcc023743e18688b3996061f20efd42a518b4c7dc2227e40797ebe1fe0',
  ],
  [
    'ocra-hotp-sha512-8-qn08-t1m/1',
    'ocra',
    { suite: 'OCRA-1:HOTP-SHA512-8:QN08-T1M' },
    '278da184c12f13533dba1cc195de7b41bb3f4389e229c908d5235dc20ae3f57b',
  ],
  [
    'ocra-hotp-sha512-10-c-qa16-psha256-s128-t30s/1',
    'ocra',
    { suite: 'OCRA-1:HOTP-SHA512-10:C-QA16-PSHA256-S128-T30S' },
    '4f63d79c094eeb95bc3282f5212e7908b8993febae9a0091b44168d37d8d6944',
  ],
  [
    'ocra-hotp-sha256-9-qh40-t1h/1',
    'ocra',
    { suite: 'OCRA-1:HOTP-SHA256-9:QH40-T1H' },
    'a709fa1afebda474fb7da2f71de34f2f3a5880d5be807304b9d946483e56f81c',
  ],
  [
    'ocra-hotp-sha1-7-c-qh64-psha512-s064/1',
    'ocra',
    { suite: 'OCRA-1:HOTP-SHA1-7:C-QH64-PSHA512-S064' },
    'f09acbf54b22fc08337321149ce3cff85bfd03c3b81acc1c2248ef7dd71497b5',
  ],
  [
    'ocra-hotp-sha1-4-qa05-s001/1',
    'ocra',
    { suite: 'OCRA-1:HOTP-SHA1-4:QA05-S001' },
    '92459363f3efbb66099d068f292b0ee96b8c1b0511a29a1f2708d1197310e302',
  ],
];

/** A layout as the library prints it. */
function layoutOf(id: string, vendor: string, config: unknown): TableJson & { readonly scheme: string } {
  const facts = { deviceId: 'd', timeZone: 'UTC', ...(config !== undefined && { config }) };
  const keys: Readonly<Record<string, Uint8Array>> = {
    ...{
      tuya: hex('383766356434'),
      hotp: new Uint8Array(20),
      totp: new Uint8Array(20),
      ocra: new Uint8Array(96),
    },
    ...{ openpaygo: new Uint8Array(16), nexus: new Uint8Array(16) },
  };
  const key = keys[vendor];
  const secret = key ? { key } : { root: new Uint8Array(32) };
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
    const groups = FILES.flatMap(([name]) => (parse(`${name}.json`) as FileOf<AnyCodesGroup>).testGroups);
    const pinned = [...DIGESTS, ...STEP_DIGESTS].map(([id]) => id.replace(/^(master-lock)-.*/, '$1'));
    const used = groups.map(({ layout }) => layout.id.replace(/^(master-lock)-.*/, '$1'));
    expect([...new Set(used)].filter((id) => !pinned.includes(id))).toEqual([]);
  });

  it.each([...DIGESTS, ...STEP_DIGESTS])('%s of %s is what it was', (id, vendor, config, digest) => {
    // How likely the likeliest code is says nothing of what codes mean.
    const layout = JSON.stringify({ ...layoutOf(id, vendor, config), bias: undefined });
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

describe('layouts of codes that follow each other', () => {
  const page = readFileSync(new URL('README.md', folder), 'utf8');
  const signed = (value: number): string => String(value).replace('-', '−');
  /** Those that the page has in full. */
  const shown = STEP_DIGESTS.filter(([id]) => page.includes(`**\`${id}\`**: `));

  it('the page has those of each maker', () => {
    expect(shown.map(([id]) => id)).toEqual([
      'hotp-6-sha1/1',
      'totp-6-sha1-30-0/1',
      'openpaygo/1',
      'openpaygo-extended/1',
      'nexus-full/1',
      'nexus-small/1',
      'nexus-small-extended/1',
      'ocra-hotp-sha256-8-qn08/1',
    ]);
    for (const [id] of STEP_DIGESTS.filter(([, vendor]) => vendor === 'openpaygo'))
      expect(page).toContain(`\`${id}\``);
  });

  it.each(shown)('%s of %s is what the page of the vectors says', (id, vendor, config) => {
    const { digits, grid_seconds: grid, s, scheme, ...layout } = layoutOf(id, vendor, config);
    const kinds: readonly object[] = layout.kinds;
    const [, section = ''] = page.split(`**\`${id}\`**: `);
    const text = section.split(/\n\*\*`|\n#/)[0] ?? '';
    expect(text).toContain(`n = ${digits}, g = ${grid}, S = ${s}, scheme \`${scheme}\``);
    // Of a layout that is another and more, the page has what is more.
    const others = id === 'nexus-small-extended/1' ? 6 : 0;
    const rows = text.split('\n').filter((line) => /^\| `/.test(line));
    expect(rows).toHaveLength(kinds.length - others);
    for (const [index, kind] of kinds.slice(others).filter(isStepKind).entries()) {
      const { kind: name, lengths, accepts, effect, seals, every, rest } = kind;
      const [first = '', ...cells] = (rows[index] ?? '')
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      const counts = slotsOf(config, vendor, every, rest);
      const values =
        'step' in lengths
          ? `${lengths.from}–${lengths.to}`
          : lengths.length > 1
            ? `${lengths.length}, section 3`
            : `${lengths[0]}`;
      const verb = { open: 'opens', credit: 'credits', sync: 'syncs' }[effect];
      expect(first).toBe(`\`${name}\``);
      expect(cells).toEqual([
        ...(counts === undefined ? [`${values} s`] : [counts, values]),
        `${signed(accepts[0])} to ${signed(accepts[1])}`,
        seals ? `${verb}, ends` : verb,
      ]);
    }
  });
});

interface StepKindJson {
  readonly kind: string;
  readonly lengths: readonly number[] | { readonly from: number; readonly to: number; readonly step: number };
  readonly accepts: readonly [number, number];
  readonly effect: 'open' | 'credit' | 'sync';
  readonly seals?: true;
  readonly every?: number;
  readonly rest?: number;
}

const isStepKind = (kind: object): kind is StepKindJson => 'accepts' in kind && 'effect' in kind;

/** Which counts a kind has, in words; undefined for periods. */
function slotsOf(config: unknown, vendor: string, every?: number, rest?: number): string | undefined {
  if (every === undefined) return undefined;
  // Answers of a suite without counter and time have one.
  if (vendor === 'ocra' && config !== undefined) return '0';
  return every === 1 ? 'all' : rest === 0 ? 'even' : 'odd';
}

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
