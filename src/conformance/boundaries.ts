/**
 * What every vendor must hold where it meets people: refusals, secrets, guessable.
 */
import { plan } from '../calendar/index.ts';
import type { Asked, CountGrant, Grant } from '../grant.ts';
import {
  createToken,
  type DeviceToken,
  type Issuer,
  issue,
  mint,
  nextGrant,
  read,
  tokenJson,
} from '../index.ts';
import { ask, createLock, enter, initialState, saveState } from '../lock/index.ts';
import type { Claim, Layout } from '../schemes/scheme.ts';
import { countCodes } from '../security/count.ts';
import { guessOf } from '../security/report.ts';
import {
  type Attempt,
  Broken,
  type Case,
  cases,
  codeOf,
  isRemote,
  momentOf,
  NotTried,
  nearOf,
  refusalOf,
  type Trial,
  tryEach,
  untyped,
} from './trial.ts';

/** Something wrong, in words, and what is done with it. */
type Probe = readonly [what: string, run: () => unknown];

/** Settings like the given ones, each with one thing wrong: a value that is none, or a field that nobody knows. */
function spoiltSettings(value: unknown, where: string): readonly (readonly [what: string, wrong: unknown])[] {
  if (typeof value !== 'object' || value === null) return [[`${where} is NaN`, Number.NaN]];
  const inner = Object.entries(value).flatMap(([name, each]) =>
    spoiltSettings(each, `${where}.${name}`).map(([what, wrong]) => {
      const copy = Array.isArray(value) ? [...value] : { ...value };
      return [what, Object.assign(copy, { [name]: wrong })] as const;
    }),
  );
  return Array.isArray(value)
    ? inner
    : [[`${where} has an unknown field`, { ...value, unknown_setting: 1 }], ...inner];
}

/** Settings that are none, and the trial's own with one thing wrong. */
function settingsProbes({ vendor, config = {}, key, tokens: [{ timeZone }] }: Trial): readonly Probe[] {
  // Rules that no setting changes look at none.
  if (typeof vendor.rules !== 'function') return [];
  const whole = ['text', 7, true, null, [1]].map(
    (wrong) => [`settings ${JSON.stringify(wrong)}`, wrong] as const,
  );
  return [...whole, ...spoiltSettings(config, 'settings')].map(
    ([what, wrong]) =>
      [what, () => createToken({ vendor, deviceId: 'trial', key, timeZone, config: wrong })] as const,
  );
}

/** What no number of a grant may be. */
const NO_NUMBERS: Readonly<Record<string, unknown>> = {
  NaN: Number.NaN,
  'a fraction': 0.5,
  'a numeric string': '7',
  Infinity,
  '-1': -1,
  '-0': -0,
  '2^53': 2 ** 53,
  true: true,
  'a list': [1],
};

/** Answers of an issuer that are no codes. */
const NO_CODES: Readonly<Record<string, unknown>> = {
  'a number': 482901377,
  nothing: undefined,
  null: null,
  'an empty string': '',
  'one symbol': '1',
  'digits of another script': '٤٨٢٩٠١٣٧٧',
  'a list': ['482901377'],
};

/** What no challenge may be, and what no answer to one. */
function askedProbes({ kind, grant }: Case): readonly (readonly [what: string, wrong: unknown])[] {
  const { asked } = grant;
  if (kind.asks === undefined)
    return [['an answer to what nobody asked', { ...grant, asked: { challenge: '48290137' } }]];
  const spoilt: Readonly<Record<string, unknown>> = {
    'asked is none': undefined,
    'asked is a text': asked?.challenge,
    'the challenge is a number': { ...asked, challenge: 48290137 },
    'the challenge is empty': { ...asked, challenge: '' },
    'the challenge is one of no keypad': { ...asked, challenge: 'é' },
    'the challenge is endless': { ...asked, challenge: '4'.repeat(1000) },
    'the session is a number': { ...asked, session: 7 },
    'the session is none': { ...asked, session: 'xyz' },
    'an unknown field of what was asked': { ...asked, unknown_field: 1 },
  };
  return Object.entries(spoilt).map(([what, wrong]) => [what, { ...grant, asked: wrong }]);
}

/** Wall-clock requests with one thing wrong. */
function planProbes(token: DeviceToken, grant: Grant): readonly Probe[] {
  const startsAt = '2026-03-01T15:00Z';
  const requests: readonly (readonly [what: string, wrong: unknown])[] = [
    ['an end before the start', { startsAt, endsAt: '2026-03-01T14:00Z' }],
    ['a start that is a number', { startsAt: grant.startsAt, endsAt: startsAt }],
    ['30 February', { startsAt: '2026-02-30T15:00', endsAt: '2026-03-02T15:00' }],
    ['an unknown field', { startsAt, endsAt: '2026-03-01T16:00Z', until: 1 }],
  ];
  return requests.map(([what, wrong]): Probe => [`request: ${what}`, () => untyped(plan, token, wrong)]);
}

/** The same of what comes next, where there are counts. */
function nextProbes(token: DeviceToken, { kind, value, count, asked }: CountGrant): readonly Probe[] {
  const request = { after: count, kind, value, ...(asked && { asked }) };
  const spoilt = ['after', 'value'].flatMap((name) =>
    Object.entries(NO_NUMBERS)
      // No code at all comes before the first.
      .filter(([what]) => name !== 'after' || what !== '-1')
      .map(([what, wrong]) => [`${name} is ${what}`, { ...request, [name]: wrong }] as const),
  );
  const requests: readonly (readonly [what: string, wrong: unknown])[] = [
    ...spoilt,
    ['after is -2', { ...request, after: -2 }],
    ['an unknown kind', { ...request, kind: 'no_such_kind' }],
    ['an unknown field', { ...request, unknown_field: 1 }],
    ['nothing', undefined],
  ];
  return requests.map(([what, wrong]): Probe => [`next: ${what}`, () => untyped(nextGrant, token, wrong)]);
}

/** Grants, codes and instants with one thing wrong. */
function callProbes({ vendor }: Trial, found: Case, issuer: Issuer): readonly Probe[] {
  const { token, grant } = found;
  const names = ['variance', ...(found.window ? ['startsAt', 'endsAt'] : ['count', 'value'])];
  const spoilt = names.flatMap((name) =>
    Object.entries(NO_NUMBERS).map(
      ([what, wrong]) => [`${name} is ${what}`, { ...grant, [name]: wrong }] as const,
    ),
  );
  const grants: readonly (readonly [what: string, wrong: unknown])[] = [
    ...spoilt,
    ...askedProbes(found),
    ['kind is a number', { ...grant, kind: 7 }],
    ['an unknown field', { ...grant, unknown_field: 1 }],
    ...(found.window
      ? [['an end before the start', { ...grant, endsAt: found.window.startsAt - 3600 }] as const]
      : []),
    ['a list', [grant]],
    ['null', null],
  ];
  const probes = grants.map(
    ([what, wrong]): Probe => [`grant: ${what}`, () => untyped(issue, token, wrong, issuer)],
  );
  const plans = planProbes(token, grant);
  const nexts = found.window ? [] : nextProbes(token, found.grant);
  if (!isRemote(vendor)) return [...probes, ...plans, ...nexts];
  const answers = Object.entries(NO_CODES).map(
    ([what, answer]): Probe => [
      `issuer's answer: ${what}`,
      () => untyped(issue, token, grant, async () => answer),
    ],
  );
  return [...probes, ...plans, ...answers];
}

/** A grant to spoil that has a code, the same for a seed. */
function sampleOf(trial: Trial): Case {
  for (const found of trial.fc.sample(cases(trial), { seed: trial.seed, numRuns: 20 })) {
    if (isRemote(trial.vendor)) return found;
    try {
      codeOf(found.token, found.grant);
      return found;
    } catch (error) {
      if (!(error instanceof NotTried)) throw error;
    }
  }
  throw new Broken('every trial', 'none could be made');
}

export function refusals(trial: Trial): readonly Attempt[] {
  const probes = [...settingsProbes(trial), ...callProbes(trial, sampleOf(trial), trial.issuer)];
  const refused = async ([what, run]: Probe): Promise<void> => {
    if ((await refusalOf(run)) === 'none') throw new Broken(what, 'accepted without an error');
  };
  return [tryEach(probes, ([what]) => what, refused)];
}

/** Every way in which a key is usually written. */
function writtenForms(token: DeviceToken, key: Uint8Array): readonly string[] {
  const hex = Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const base64url = tokenJson(token).key ?? '';
  const base64 = base64url.replaceAll('-', '+').replaceAll('_', '/');
  const list = key.join(',');
  const object = JSON.stringify(key).slice(1, -1);
  return [
    hex,
    hex.toUpperCase(),
    base64url,
    base64,
    String.fromCharCode(...key),
    list,
    key.join(', '),
    object,
  ];
}

/** Claims that no layout has, for the errors that a scheme makes of them. */
const NO_CLAIMS: readonly Partial<Claim>[] = [
  { kind: 99 },
  { slot: Number.NaN },
  { slot: -1 },
  { slot: 2 ** 60 },
  { length: 1e9 },
  { variance: -1 },
  { lane: '?' },
];

/** Layouts that no scheme carries. */
const NO_LAYOUTS: readonly Partial<Layout>[] = [
  { digits: 0 },
  { digits: 99 },
  { perSlot: 0 },
  { alphabet: '' },
  { lanes: [] },
  { places: [] },
  { span: 2 ** 50 },
];

/** What a scheme says about claims, digits, layouts and keys that are none. It may say what it likes but the key. */
function schemeProbes(
  { vendor: { scheme }, tables, key }: Trial,
  asked: Asked | undefined,
): readonly Probe[] {
  return tables.flatMap(({ layout, scheme: own, counts }): readonly Probe[] => {
    const used = own ?? scheme;
    if ('remote' in used) return [];
    const [lane = ''] = layout.lanes;
    const slot = counts ? counts.floor + 1 : 52608;
    const claim: Claim = { kind: 0, slot, length: 0, variance: 0, lane, ...(asked && { asked }) };
    const codec = () => used.prepare(Uint8Array.from(key), layout);
    return [
      ...NO_CLAIMS.map(
        (wrong): Probe => [
          'encode of a claim that the layout lacks',
          () => codec().encode({ ...claim, ...wrong }),
        ],
      ),
      ...['', 'x', '9'.repeat(99)].map(
        (wrong): Probe => ['decode of what is no code', () => codec().decode(wrong, 0, 1)],
      ),
      ...NO_LAYOUTS.map(
        (wrong): Probe => [
          'prepare for a layout that it cannot carry',
          () => used.prepare(Uint8Array.from(key), { ...layout, ...wrong }),
        ],
      ),
      ['prepare with half a key', () => used.prepare(key.slice(0, key.length >> 1), layout)],
    ];
  });
}

/** What a log shows of a value: its text, and of an error also its causes and own properties. */
function shownBy(value: unknown, depth = 0): string {
  const bytes =
    value instanceof Uint8Array ? Array.from(value, (byte) => byte.toString(16).padStart(2, '0')) : [];
  const own = value instanceof Error ? [value.stack, value.cause, ...Object.values(value)] : [];
  const more = depth < 4 ? own.map((each) => shownBy(each, depth + 1)) : [];
  return [`${value}`, JSON.stringify(value), bytes.join(''), ...more].join(' ');
}

async function textOf(run: () => unknown): Promise<string> {
  try {
    return shownBy(await run());
  } catch (error) {
    return shownBy(error);
  }
}

export function secrets(trial: Trial): readonly Attempt[] {
  const { key, vendor } = trial;
  const found = sampleOf(trial);
  const { token, grant } = found;
  // A key of a byte or two is anywhere.
  const keys = key.length < 4 ? [] : writtenForms(token, key);
  const shows: Probe[] = [
    ['the token as text', () => [String(token), token, Object.entries(token)]],
    ['the vendor after its use', () => vendor],
    ...settingsProbes(trial),
    ...callProbes(trial, found, trial.issuer),
    ...schemeProbes(trial, grant.asked),
  ];
  const keepsKey = async ([what, run]: Probe): Promise<void> => {
    const text = await textOf(run);
    if (keys.some((form) => text.includes(form))) throw new Broken(what, 'shows the key');
  };
  if (isRemote(vendor)) {
    const answer = '482901377000482901377';
    const keepsAnswer = async (run: () => unknown): Promise<void> => {
      if ((await textOf(run)).includes(answer))
        throw new Broken('an answer that is no code', 'is in the error');
    };
    const asked = (): Promise<string> => issue(token, grant, async () => answer);
    return [tryEach(shows, ([what]) => what, keepsKey), tryEach([asked], () => 'issue', keepsAnswer)];
  }
  const code = mint(token, grant);
  const lock = createLock([token]);
  const at = momentOf(trial, found);
  const fresh = initialState(lock);
  const state = grant.asked ? ask(lock, fresh, grant.asked, at) : fresh;
  shows.push(['the state of a lock', () => saveState(lock, enter(lock, state, code, at).state)]);
  // A shorter one is what any count is, and those are shown.
  const counts = code.length < 6 ? [] : ['count', 'value'];
  const asNumber = found.window ? ['startsAt'] : counts;
  const withCode: readonly Probe[] = [
    ['read of a code and one symbol more', () => read(token, `${code}0`, nearOf(trial, found, at))],
    ['read of a code at no time', () => read(token, code, Number.NaN)],
    ['a code at a lock at no time', () => enter(lock, state, code, Number.NaN)],
    ['a code as kind', () => mint(token, { ...grant, kind: code })],
    ['a code as lane', () => mint(token, { ...grant, lane: code })],
    ...asNumber.map(
      (name): Probe => [`a code as ${name}`, () => untyped(mint, token, { ...grant, [name]: Number(code) })],
    ),
    ['a code as challenge', () => untyped(mint, token, { ...grant, asked: { challenge: code + code } })],
    [
      'a code as settings',
      () => createToken({ vendor, deviceId: 'trial', key, timeZone: token.timeZone, config: code }),
    ],
  ];
  const keepsCode = ([what, run]: Probe): void => {
    try {
      run();
    } catch (error) {
      // Without the stack: a short code is the number of some line.
      const words = String(error).split(/[^0-9A-Za-z*#]+/);
      if (words.includes(code)) throw new Broken(what, 'shows the code in its error');
    }
  };
  return [tryEach(shows, ([what]) => what, keepsKey), tryEach(withCode, ([what]) => what, keepsCode)];
}

/** One guess in ten thousand, or a better one, is to be said in so many words. */
const SAID_FROM = 1e-4;

function checkGuessable({ vendor: { guessable } }: Trial, token: DeviceToken): void {
  for (const count of countCodes(token, 1)) {
    const { layout } = count.table;
    if (guessOf(count) <= SAID_FROM || guessable !== undefined) continue;
    const oneIn = Math.floor(1 / guessOf(count));
    throw new Broken(
      `${layout.id} in ${token.timeZone}`,
      `one guess in ${oneIn} opens, and "guessable" does not say so`,
    );
  }
}

export const guessable = (trial: Trial): readonly Attempt[] => [
  // Counting takes longer than all else, and the zone makes little of it.
  tryEach(
    trial.tokens.slice(0, 1),
    ({ timeZone }) => timeZone,
    (token) => checkGuessable(trial, token),
  ),
];
