import { enter, initialState, type LockRecord } from 'pintumbler/lock';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../support/helpers.ts';
import { LOGIN_KEY, SDK_T0 } from '../support/tuya-door.ts';
import {
  clearAll,
  clearOne,
  codeFor,
  DEVICE,
  hour,
  Keypad,
  lock,
  many,
  once,
  S,
  timed,
} from '../support/tuya-keypad.ts';
import { dynamicLiteral, type Plain, saidLiteral } from '../support/tuya-literal.ts';
import { emptyMemory, keyLiteral } from '../support/tuya-lock-literal.ts';

/*
 * What Tuya's verifier does with keyed digits: each rule to the second, and each weakness. Every code is made by the
 * literal. The whole beside a second implementation of it is in tuya-lock-model.test.ts.
 */

/** Answers at several moments, each at a new lock that has seen `before`. */
function answers(
  code: string,
  moments: readonly number[],
  before: readonly [string, number][] = [],
): string[] {
  return moments.map((at) => {
    const keypad = new Keypad();
    for (const [each, then] of before) keypad.key(each, then);
    return keypad.key(code, at);
  });
}

/** What the maker's verifier says to codes that are keyed in one after the other at the start of S. */
function literally(entries: readonly string[]): readonly string[] {
  let memory = emptyMemory;
  return entries.map((code) => {
    const answer = keyLiteral(DEVICE, memory, code, hour(S));
    memory = answer.memory;
    return answer.why;
  });
}

describe('the rules, to the second', () => {
  it('timed: from its first second to its last, first used within 24 hours', () => {
    const code = timed(S, 48);
    expect(answers(code, [hour(S) - 1, hour(S), hour(S + 24), hour(S + 24) + 1])).toEqual([
      'not_yet_valid',
      'first_use',
      'first_use',
      'first_use_missed',
    ]);
    const used: [string, number][] = [[code, hour(S + 24)]];
    expect(
      answers(code, [hour(S) - 1, hour(S), hour(S + 24) + 1, hour(S + 48), hour(S + 48) + 1], used),
    ).toEqual(['not_yet_valid', 'used_before', 'used_before', 'used_before', 'expired']);
  });

  it('timed, shorter than 24 hours: first used until its last second', () => {
    expect(answers(timed(S, 3), [hour(S + 3), hour(S + 3) + 1])).toEqual(['first_use', 'expired']);
    expect(answers(timed(S, 9999), [hour(S + 24), hour(S + 24) + 1])).toEqual([
      'first_use',
      'first_use_missed',
    ]);
    expect(
      answers(timed(S, 9999), [hour(S + 9999), hour(S + 9999) + 1], [[timed(S, 9999), hour(S)]]),
    ).toEqual(['used_before', 'expired']);
  });

  it('timed of no hours, which nobody makes: one second, as the verifier has it', () => {
    expect(answers(timed(S, 0), [hour(S) - 1, hour(S), hour(S) + 1])).toEqual([
      'not_yet_valid',
      'first_use',
      'expired',
    ]);
  });

  it('once: 6 hours, and one use', () => {
    const code = once(S, 10);
    expect(answers(code, [hour(S) - 1, hour(S), hour(S + 6), hour(S + 6) + 1])).toEqual([
      'not_yet_valid',
      'first_use',
      'first_use',
      'expired',
    ]);
    expect(answers(code, [hour(S), hour(S + 6)], [[code, hour(S)]])).toEqual([
      'already_used',
      'already_used',
    ]);
    expect(answers(once(S, 9), [hour(S)], [[code, hour(S)]]), 'another serial number').toEqual(['first_use']);
  });

  it('clear_one: in the hours of its target, which must have been used; twice is once too often', () => {
    const used: [string, number][] = [[timed(S, 48), hour(S)]];
    const clear = clearOne(S, 48);
    expect(answers(clear, [hour(S) - 1, hour(S), hour(S + 48), hour(S + 48) + 1], used)).toEqual([
      'not_yet_valid',
      'cleared',
      'cleared',
      'expired',
    ]);
    for (const other of [clearOne(S, 47), clearOne(S + 1, 47), clearOne(S - 1, 49)])
      expect(answers(other, [hour(S + 2)], used)).toEqual(['nothing_to_clear']);
    const cleared: [string, number][] = [...used, [clear, hour(S + 1)]];
    expect(answers(clear, [hour(S + 1)], cleared)).toEqual(['already_used']);
    expect(answers(timed(S, 48), [hour(S + 1), hour(S + 48)], cleared)).toEqual(['revoked', 'revoked']);
  });

  it('clear_all: 24 hours, once; it revokes every code that has been used', () => {
    const used: [string, number][] = [
      [timed(S, 48), hour(S)],
      [timed(S, 72), hour(S)],
    ];
    const clear = clearAll(S, 10);
    expect(answers(clear, [hour(S) - 1, hour(S), hour(S + 24), hour(S + 24) + 1], used)).toEqual([
      'not_yet_valid',
      'cleared',
      'cleared',
      'expired',
    ]);
    const cleared: [string, number][] = [...used, [clear, hour(S + 1)]];
    expect(answers(timed(S, 48), [hour(S + 1)], cleared)).toEqual(['revoked']);
    expect(answers(timed(S, 72), [hour(S + 1)], cleared)).toEqual(['revoked']);
    expect(answers(clear, [hour(S + 1)], [...cleared, [timed(S, 99), hour(S + 1)]])).toEqual([
      'already_used',
    ]);
    expect(answers(clearAll(S, 9), [hour(S + 1)], [...cleared, [timed(S, 99), hour(S + 1)]])).toEqual([
      'cleared',
    ]);
  });

  it('a clear-all with nothing to clear is refused, and used up', () => {
    const keypad = new Keypad();
    expect(keypad.key(once(S), hour(S))).toBe('first_use');
    expect(keypad.key(clearAll(S), hour(S))).toBe('nothing_to_clear');
    expect(keypad.key(timed(S, 5), hour(S))).toBe('first_use');
    expect(keypad.key(clearAll(S), hour(S))).toBe('already_used');
    expect(keypad.key(timed(S, 5), hour(S))).toBe('used_before');
    expect(keypad.key(clearAll(S, 1), hour(S))).toBe('cleared');
  });

  it('clear codes never open', () => {
    const keypad = new Keypad();
    keypad.key(timed(S, 5), hour(S));
    for (const code of [clearOne(S, 5), clearAll(S)]) {
      const { verdict } = enter(lock, keypad.state, code, hour(S));
      expect(verdict).toMatchObject({ accepted: true, opens: false });
    }
  });

  it('a forged serial number 11, and types 2 to 7, mean nothing to the lock', () => {
    const used: [string, number][] = [[timed(S, 48), hour(S)]];
    for (const code of [once(S, 11), once(S, 9999), clearAll(S, 11), clearAll(S, 9999)])
      expect(answers(code, [hour(S), hour(S + 1)], used)).toEqual(['unknown', 'unknown']);
    for (const type of [2, 3, 4, 5, 6, 7])
      for (const number of [0, 5, 48])
        expect(answers(codeFor({ type, start: S, number }), [hour(S + 1)], used)).toEqual(['unknown']);
  });

  it('the lockout, which is chosen: five wrong entries in a row, 300 seconds', () => {
    const wrong = codeFor({ type: 5, start: S, number: 0 });
    let state = initialState(lock);
    const key = (code: string, at: number): string => {
      const entry = enter(lock, state, code, at);
      state = entry.state;
      return entry.verdict.reason;
    };
    for (let i = 0; i < 4; i++) expect(key(wrong, hour(S))).toBe('unknown');
    expect(key(timed(S, 5), hour(S)), 'four wrong ones').toBe('first_use');
    for (let i = 0; i < 5; i++) expect(key(wrong, hour(S, i))).toBe('unknown');
    expect(key('1234', hour(S, 4))).toBe('malformed');
    expect(key(timed(S, 5), hour(S, 4 + 299))).toBe('locked_out');
    expect(key(timed(S, 5), hour(S, 4 + 300))).toBe('used_before');
  });

  it.each([
    ['one-time code', once(S, 4), 'first_use', 'stored'],
    ['clear-all', clearAll(S, 4), 'nothing_to_clear', 'nothing to clear'],
  ])('a used %s hides a clear-one’s target with its nine digits', (_, hider, reason, why) => {
    // Digits 500000004 say four hours of a timed code, and serial number 4.
    const entries = [hider, timed(S, 4), clearOne(S, 4), timed(S, 4)];
    const keypad = new Keypad();
    expect(entries.map((code) => keypad.key(code, hour(S)))).toEqual([
      reason,
      'first_use',
      'already_used',
      'used_before',
    ]);
    expect(literally(entries)).toEqual([why, 'stored', 'hidden', 'known']);
    // The first with its digits is the target, whatever comes behind.
    const turned = [timed(S, 4), hider, clearOne(S, 4), timed(S, 4)];
    const other = new Keypad();
    const [, second] = turned.map((code) => other.key(code, hour(S)));
    expect(second).toBe(hider === once(S, 4) ? 'first_use' : 'cleared');
    expect(other.key(clearOne(S, 4), hour(S))).toBe('already_used');
    expect(other.key(timed(S, 4), hour(S))).toBe('revoked');
    expect(literally(turned).at(-1)).toBe('invalid');
  });

  it('a clear-one for digits that only a used one-time code has: there is one, and it is used up', () => {
    const entries = [once(S, 4), clearOne(S, 4), clearOne(S, 5), timed(S, 4)];
    const keypad = new Keypad();
    expect(entries.map((code) => keypad.key(code, hour(S)))).toEqual([
      'first_use',
      'already_used',
      'nothing_to_clear',
      'first_use',
    ]);
    expect(literally(entries)).toEqual(['stored', 'hidden', 'no such code', 'stored']);
  });
});

/** A record as the lock keeps it. */
function recordOf(type: number, start: number, number: number, consumed: boolean): LockRecord {
  const plain: Plain = { type, start, number };
  const said = saidLiteral(SDK_T0, plain);
  if (!said) throw new Error('these digits mean something');
  const { kind, variance, startsAt, endsAt } = said;
  const code = codeFor(plain);
  return { code, epoch: 0, kind, variance, lane: '', startsAt, endsAt, until: endsAt, day: null, consumed };
}

describe('a state with a record that the lock cannot have made is refused', () => {
  const timedRecord = recordOf(0, S, 48, false);
  const dynamic = {
    ...timedRecord,
    code: dynamicLiteral(LOGIN_KEY, hour(S)),
    kind: 'dynamic',
    startsAt: hour(S, -300),
    endsAt: hour(S, 600),
    until: hour(S, 600),
  };
  const enterWith = (record: LockRecord): string =>
    codeOf(() => enter(lock, { ...initialState(lock), records: [record] }, timed(S, 48), hour(S)));

  it.each([
    ['a dynamic code', dynamic],
    ['a dynamic code, used up', { ...dynamic, consumed: true }],
    ['a clear-one', { ...timedRecord, kind: 'clear_one' }],
    ['a clear-one, used up', { ...timedRecord, kind: 'clear_one', consumed: true }],
    ['a one-time code that still opens', recordOf(1, S, 10, false)],
    ['a clear-all that still clears', recordOf(9, S, 10, false)],
    ['a second timed code of one window', { ...timedRecord, variance: 1 }],
    ['serial number 11', { ...recordOf(1, S, 10, true), variance: 11 }],
    ['a lane', { ...timedRecord, lane: '1' }],
    ['nine digits', { ...timedRecord, code: '123456789' }],
    ['open longer than it is', { ...timedRecord, until: hour(S + 49) }],
  ])('%s', (_, record) => {
    expect(enterWith(record)).toBe('state_damaged');
  });

  it('and those that it can have made are taken', () => {
    for (const record of [
      timedRecord,
      { ...timedRecord, consumed: true },
      recordOf(1, S, 10, true),
      recordOf(9, S, 10, true),
    ])
      expect(enterWith(record)).toBe('no error');
  });
});

/** Used clear-alls, still in their time six hours after S. */
const clearsOf = (n: number): LockRecord[] =>
  many(n, (i) => recordOf(9, S - 18 + (i % 19), Math.floor(i / 19), true));

describe('a full memory of 200', () => {
  const NOW = hour(S);
  // Everything is still in its time; what is named first would go before what follows.
  const revoked = many(40, (i) => recordOf(0, S - 60 + i, 200 - i, true));
  const live = many(40, (i) => recordOf(0, S - 60 + (i % 20), 300 + i, false));
  const used = many(66, (i) => recordOf(1, S - 5 + (i % 6), Math.floor(i / 6), true));
  const clears = many(220, (i) => recordOf(9, S - 20 + (i % 20), Math.floor(i / 20), true));
  const expired = many(20, (i) => recordOf(0, S - 30, 29 - i, false));

  it.each([
    [
      'expired, also by one second',
      [recordOf(0, S - 9, 9, false), ...revoked, ...live, ...used, ...clears],
      1,
    ],
    ['an expired one-time code', [recordOf(1, S - 6, 3, true), ...revoked, ...live, ...used, ...clears], 1],
    ['an expired clear-all', [recordOf(9, S - 24, 3, true), ...revoked, ...live, ...used, ...clears], 1],
    [
      'revoked, the one that ends first',
      [recordOf(0, S - 2, 3, true), ...revoked, ...live, ...used, ...clears],
      0,
    ],
    ['live, the one that started first', [recordOf(0, S - 61, 400, false), ...live, ...used, ...clears], 0],
    ['a one-time code, the one that ends first', [recordOf(1, S - 6, 3, true), ...used, ...clears], 0],
    ['a clear-all, the one that ends first', [recordOf(9, S - 24, 3, true), ...clears], 0],
  ])('drops %s', (_, [victim, ...others], late) => {
    if (!victim) throw new Error('a victim');
    const rest = others.slice(0, 199);
    // Wherever it is in the list.
    for (const place of [0, 100, 199]) {
      const records = [...rest.slice(0, place), victim, ...rest.slice(place)];
      const { state, verdict } = enter(lock, { ...initialState(lock), records }, timed(S, 9999), NOW + late);
      expect(verdict.reason).toBe('first_use');
      expect(state.records).toHaveLength(200);
      expect(state.records.map(({ code }) => code)).not.toContain(victim.code);
      expect(state.records.map(({ code }) => code)).toContain(timed(S, 9999));
    }
  });

  it('drops what is expired before all else, and only what is expired', () => {
    const records = [...expired, ...live, ...used, ...clears].slice(0, 200);
    const { state } = enter(lock, { ...initialState(lock), records }, timed(S, 9999), NOW);
    expect(state.records.filter(({ endsAt }) => endsAt !== null && endsAt < NOW)).toHaveLength(19);
    expect(state.records).toHaveLength(200);
  });

  it('drops nothing for a code that is in it, for a clear-one, or for a refused code', () => {
    const records = [...live, ...used, ...clears].slice(0, 200);
    for (const code of [
      timed(S - 60, 300),
      once(S, 0),
      clearOne(S - 60, 300),
      timed(S - 30, 9999),
      timed(S + 1, 5),
    ])
      expect(enter(lock, { ...initialState(lock), records }, code, NOW).state.records).toHaveLength(200);
    expect(
      enter(lock, { ...initialState(lock), records: records.slice(1) }, timed(S, 9), NOW).state.records,
    ).toEqual([...records.slice(1), expect.objectContaining({ code: timed(S, 9) })]);
  });

  it('a clear-all that drops the only code it could clear has nothing to clear', () => {
    const records = [recordOf(0, S - 20, 100, false), ...used, ...clears.slice(20)].slice(0, 200);
    const { state, verdict } = enter(lock, { ...initialState(lock), records }, clearAll(S, 10), NOW);
    expect(verdict).toMatchObject({ accepted: false, reason: 'nothing_to_clear' });
    expect(state.records.map(({ kind }) => kind)).not.toContain('multiple');
  });
});

describe('places: a new code takes the first that is free or expired, full or not', () => {
  it('a clear-all takes the place of an expired code, and has nothing to clear if that was the only one', () => {
    const keypad = new Keypad();
    expect(keypad.key(timed(S, 3), hour(S))).toBe('first_use');
    expect(keypad.key(clearAll(S), hour(S + 3) + 1)).toBe('nothing_to_clear');
    const two = new Keypad();
    expect(two.key(timed(S, 3), hour(S))).toBe('first_use');
    expect(two.key(timed(S, 2), hour(S))).toBe('first_use');
    expect(two.key(clearAll(S), hour(S + 3) + 1), 'the second expired one is still there').toBe('cleared');
  });

  it('a used one-time code whose place was taken opens again when the clock goes back', () => {
    const keypad = new Keypad();
    expect(keypad.key(once(S), hour(S))).toBe('first_use');
    expect(keypad.key(timed(S + 6, 5), hour(S + 6))).toBe('first_use');
    expect(keypad.key(once(S), hour(S + 6)), 'still in its time').toBe('already_used');
    expect(keypad.key(timed(S + 6, 6), hour(S + 6) + 1)).toBe('first_use');
    expect(keypad.key(once(S), hour(S + 6))).toBe('first_use');
  });

  it('of codes that end or start together, the one in the first place goes, also where it came last', () => {
    const keypad = new Keypad();
    keypad.key(timed(S - 1, 5000), hour(S));
    keypad.fill(199, S, hour(S));
    // Takes the first place, of the code that started first; then it starts with all the others.
    expect(keypad.key(timed(S, 6000), hour(S))).toBe('first_use');
    expect(keypad.key(timed(S, 6001), hour(S + 1))).toBe('first_use');
    const gone = (code: string): boolean => keypad.state.records.every((record) => record.code !== code);
    expect([gone(timed(S, 6000)), gone(timed(S, 1001))]).toEqual([true, false]);
  });
});

describe('weak, as published', () => {
  it('a code that has not been used survives clear-all and clear-one', () => {
    const keypad = new Keypad();
    expect(keypad.key(timed(S, 24), hour(S))).toBe('first_use');
    expect(keypad.key(clearOne(S, 48), hour(S))).toBe('nothing_to_clear');
    expect(keypad.key(clearAll(S), hour(S))).toBe('cleared');
    expect(keypad.key(timed(S, 48), hour(S + 1))).toBe('first_use');
    expect(keypad.key(once(S), hour(S + 1))).toBe('first_use');
  });

  it('a used one-time code is refused only as long as it is remembered', () => {
    const keypad = new Keypad();
    expect(keypad.key(once(S), hour(S))).toBe('first_use');
    keypad.state = { ...keypad.state, records: [...keypad.state.records, ...clearsOf(199)] };
    expect(keypad.key(once(S), hour(S + 6))).toBe('already_used');
    expect(keypad.key(clearAll(S + 1), hour(S + 6)), 'one more than fits').toBe('nothing_to_clear');
    expect(keypad.key(once(S), hour(S + 6))).toBe('first_use');
  });

  it('whoever fills the memory locks a guest out in mid-stay', () => {
    const keypad = new Keypad();
    const guest = timed(S, 200);
    expect(keypad.key(guest, hour(S))).toBe('first_use');
    keypad.fill(199, S + 30, hour(S + 30));
    expect(keypad.key(guest, hour(S + 31))).toBe('used_before');
    expect(keypad.key(once(S + 31), hour(S + 31))).toBe('first_use');
    expect(keypad.key(guest, hour(S + 31))).toBe('first_use_missed');
  });

  it('whoever fills the memory opens a revoked code again within its 24 hours', () => {
    const keypad = new Keypad();
    const thief = timed(S, 200);
    keypad.key(thief, hour(S));
    expect(keypad.key(clearOne(S, 200), hour(S))).toBe('cleared');
    keypad.fill(199, S, hour(S));
    expect(keypad.key(thief, hour(S + 24))).toBe('revoked');
    expect(keypad.key(once(S + 24), hour(S + 24))).toBe('first_use');
    expect(keypad.key(thief, hour(S + 24))).toBe('first_use');
  });

  it('a dynamic code may be used again as long as it lives', () => {
    const keypad = new Keypad();
    const code = dynamicLiteral(LOGIN_KEY, hour(S));
    const moments = [hour(S, -300), hour(S, -1), hour(S), hour(S, 299), hour(S, 300), hour(S, 599)];
    for (const moment of [...moments, ...moments])
      expect(keypad.key(code, moment)).toMatch(/^(first_use|used_before)$/);
  });
});

describe('dynamic codes', () => {
  it('are taken for the moment, 300 seconds before and 300 after; refused one second outside', () => {
    const code = dynamicLiteral(LOGIN_KEY, hour(S));
    const accepted = [hour(S, -301), hour(S, -300), hour(S, 599), hour(S, 600)].map(
      (moment) => enter(lock, initialState(lock), code, moment).verdict.accepted,
    );
    expect(accepted).toEqual([false, true, true, false]);
  });

  it('are refused after their last second also when they have been used', () => {
    const keypad = new Keypad();
    const code = dynamicLiteral(LOGIN_KEY, hour(S));
    expect(keypad.key(code, hour(S))).toBe('first_use');
    expect(keypad.key(code, hour(S, 600))).toMatch(/^(expired|unknown)$/);
  });

  it('are not remembered: nothing is dropped for them', () => {
    const keypad = new Keypad();
    keypad.fill(200, S, hour(S));
    const before = keypad.state.records;
    expect(keypad.key(dynamicLiteral(LOGIN_KEY, hour(S)), hour(S))).toBe('first_use');
    expect(keypad.state.records).toEqual(before);
  });

  it('are not cleared: a clear-all has nothing to clear, and they open afterwards', () => {
    const keypad = new Keypad();
    const code = dynamicLiteral(LOGIN_KEY, hour(S));
    expect(keypad.key(code, hour(S))).toBe('first_use');
    expect(keypad.key(clearAll(S), hour(S))).toBe('nothing_to_clear');
    expect(keypad.key(code, hour(S))).toMatch(/^(first_use|used_before)$/);
  });
});
