/**
 * What every vendor must hold where it meets people: refusals, secrets, guessable.
 */
import { plan } from '../calendar/index.ts';
import type { Grant } from '../grant.ts';
import { createToken, type DeviceToken, type Issuer, issue, mint, read, tokenJson } from '../index.ts';
import { createLock, enter, initialState, saveState } from '../lock/index.ts';
import type { Claim, Layout } from '../schemes/scheme.ts';
import { countCodes } from '../security/count.ts';
import { possibleOf } from '../security/report.ts';
import {
  type Attempt,
  Broken,
  cases,
  codeOf,
  isRemote,
  NotTried,
  refusalOf,
  type Trial,
  tryEach,
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

/** A call as somebody without types makes it. */
const untyped = (run: (...given: never[]) => unknown, ...given: readonly unknown[]): unknown =>
  Reflect.apply(run, undefined, given);

/** Grants, codes and instants with one thing wrong. */
function callProbes({ vendor }: Trial, token: DeviceToken, grant: Grant, issuer: Issuer): readonly Probe[] {
  const spoilt = ['startsAt', 'endsAt', 'variance'].flatMap((name) =>
    Object.entries(NO_NUMBERS).map(
      ([what, wrong]) => [`${name} is ${what}`, { ...grant, [name]: wrong }] as const,
    ),
  );
  const grants: readonly (readonly [what: string, wrong: unknown])[] = [
    ...spoilt,
    ['kind is a number', { ...grant, kind: 7 }],
    ['an unknown field', { ...grant, unknown_field: 1 }],
    ['an end before the start', { ...grant, endsAt: grant.startsAt - 3600 }],
    ['a list', [grant]],
    ['null', null],
  ];
  const probes = grants.map(
    ([what, wrong]): Probe => [`grant: ${what}`, () => untyped(issue, token, wrong, issuer)],
  );
  const startsAt = '2026-03-01T15:00Z';
  const requests: readonly (readonly [what: string, wrong: unknown])[] = [
    ['an end before the start', { startsAt, endsAt: '2026-03-01T14:00Z' }],
    ['a start that is a number', { startsAt: grant.startsAt, endsAt: startsAt }],
    ['30 February', { startsAt: '2026-02-30T15:00', endsAt: '2026-03-02T15:00' }],
    ['an unknown field', { startsAt, endsAt: '2026-03-01T16:00Z', until: 1 }],
  ];
  const plans = requests.map(
    ([what, wrong]): Probe => [`request: ${what}`, () => untyped(plan, token, wrong)],
  );
  if (!isRemote(vendor)) return [...probes, ...plans];
  const answers = Object.entries(NO_CODES).map(
    ([what, answer]): Probe => [
      `issuer's answer: ${what}`,
      () => untyped(issue, token, grant, async () => answer),
    ],
  );
  return [...probes, ...plans, ...answers];
}

/** A grant to spoil that has a code, the same for a seed. */
function sampleOf(trial: Trial): { readonly token: DeviceToken; readonly grant: Grant } {
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
  const { token, grant } = sampleOf(trial);
  const probes = [...settingsProbes(trial), ...callProbes(trial, token, grant, trial.issuer)];
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
function schemeProbes({ vendor: { scheme }, tables, key }: Trial): readonly Probe[] {
  return tables.flatMap(({ layout, scheme: own }): readonly Probe[] => {
    const used = own ?? scheme;
    if ('remote' in used) return [];
    const claim: Claim = { kind: 0, slot: 52608, length: 0, variance: 0, lane: layout.lanes[0] ?? '' };
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

/** What a caller sees of a call: the result or the error, as text. */
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
  const { token, grant } = sampleOf(trial);
  // A key of a byte or two is anywhere.
  const keys = key.length < 4 ? [] : writtenForms(token, key);
  const shows: Probe[] = [
    ['the token as text', () => [String(token), token, Object.entries(token)]],
    ['the vendor after its use', () => vendor],
    ...settingsProbes(trial),
    ...callProbes(trial, token, grant, trial.issuer),
    ...schemeProbes(trial),
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
  const state = initialState(lock);
  shows.push(['the state of a lock', () => saveState(lock, enter(lock, state, code, grant.startsAt).state)]);
  const withCode: readonly Probe[] = [
    ['read of a code and one symbol more', () => read(token, `${code}0`, grant.startsAt)],
    ['read of a code at no time', () => read(token, code, Number.NaN)],
    ['a code at a lock at no time', () => enter(lock, state, code, Number.NaN)],
    ['a code as kind', () => mint(token, { ...grant, kind: code })],
    ['a code as lane', () => mint(token, { ...grant, lane: code })],
    ['a code as start', () => mint(token, { ...grant, startsAt: Number(code) })],
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
    if (count.accepted / possibleOf(count) <= SAID_FROM || guessable !== undefined) continue;
    const oneIn = Math.floor(possibleOf(count) / count.accepted);
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
