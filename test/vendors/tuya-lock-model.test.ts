import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deep } from '../support/helpers.ts';
import { HOUR, LOGIN_KEY, T0 } from '../support/tuya-door.ts';
import { codeFor, DEVICE, hour, Keypad, many, S } from '../support/tuya-keypad.ts';
import { dynamicLiteral, type Plain } from '../support/tuya-literal.ts';
import { emptyMemory, keyLiteral, type Memory } from '../support/tuya-lock-literal.ts';

/* The lock beside a second implementation of Tuya's verifier, in random lives. */

/** What happens at a keypad. Hours and places count from the moment and from what was keyed in before. */
type Step =
  | { readonly do: 'fresh'; readonly type: number; readonly since: number; readonly number: number }
  | { readonly do: 'again' | 'clear'; readonly which: number }
  | { readonly do: 'twin'; readonly which: number; readonly type: number }
  | { readonly do: 'edge'; readonly which: number; readonly edge: number; readonly second: number }
  | { readonly do: 'dynamic'; readonly since: number }
  | { readonly do: 'digits'; readonly code: string }
  | { readonly do: 'wait'; readonly seconds: number };

const which = fc.oneof(fc.nat(5), fc.nat(300));

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('fresh' as const),
      type: fc.constantFrom(0, 0, 0, 1, 1, 8, 9, 9, 5),
      since: fc.oneof(fc.integer({ min: -1, max: 7 }), fc.integer({ min: -2, max: 30 })),
      number: fc.oneof(fc.nat(12), fc.nat(60), fc.integer({ min: 200, max: 9999 })),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('again' as const), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('clear' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('twin' as const), which, type: fc.constantFrom(0, 1, 9) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('edge' as const),
      which,
      edge: fc.nat(4),
      second: fc.integer({ min: -1, max: 1 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('dynamic' as const), since: fc.integer({ min: -700, max: 700 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('digits' as const), code: fc.stringMatching(/^\d{8}(\d\d)?$/) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.oneof(
        fc.integer({ min: 0, max: 3 * HOUR }),
        fc.integer({ min: -40 * HOUR, max: 40 * HOUR }),
      ),
    }),
  },
);

const ACCEPTED = ['first_use', 'used_before', 'cleared'];

/** A lock and its double. */
class Pair {
  readonly keypad: Keypad = new Keypad();
  memory: Memory = emptyMemory;
  now: number = hour(S);
  /** Newest first. */
  keyed: readonly Plain[] = [];
  readonly whys: string[] = [];

  key(code: string, plain?: Plain): void {
    const { accepted, why, memory, dropped } = keyLiteral(DEVICE, this.memory, code, this.now);
    const reason = this.keypad.key(code, this.now);
    const { type } = plain ?? {};
    expect(ACCEPTED.includes(reason), `type ${type} at ${this.now}: ${reason}, literally ${why}`).toBe(
      accepted,
    );
    this.memory = memory;
    if (plain) this.keyed = [plain, ...this.keyed];
    this.whys.push(type === undefined ? why : `${type}: ${why}`);
    if (dropped !== undefined) this.whys.push(`dropped: ${dropped}`);
  }

  keyPlain(plain: Plain): void {
    this.key(codeFor(plain), plain);
  }

  keyAtStart(plain: Plain): void {
    this.setClock(hour(plain.start));
    this.keyPlain(plain);
  }

  setClock(instant: number): void {
    this.now = Math.max(instant, hour(S - 500));
  }

  play(step: Step): void {
    if (step.do === 'wait') this.setClock(this.now + step.seconds);
    else if (step.do === 'digits') this.key(step.code);
    else if (step.do === 'dynamic') this.key(dynamicLiteral(LOGIN_KEY, this.now - step.since));
    else if (step.do === 'fresh') {
      const { type, since, number } = step;
      this.keyPlain({ type, start: startAt(this.now) - since, number });
    } else this.playKnown(step);
  }

  /** With a code that was keyed in before. */
  playKnown(step: Extract<Step, { readonly which: number }>): void {
    const plain = this.keyed[step.which % Math.max(1, this.keyed.length)];
    if (!plain) return;
    const { type, start, number } = plain;
    // The same nine digits again, of another type.
    if (step.do === 'clear') {
      this.keyPlain({ type: 8, start, number });
      return;
    }
    if (step.do === 'twin') {
      this.keyPlain({ type: step.type, start, number });
      return;
    }
    if (step.do === 'edge') {
      const end = type === 0 || type === 8 ? number : 6;
      this.setClock(hour(start + ([0, 6, 24, end, end + 1][step.edge] ?? 0), step.second));
    }
    this.keyPlain(plain);
  }

  /** Code and state of all that is remembered. */
  memories(): readonly (readonly string[])[] {
    const ours = this.keypad.state.records.map(({ code, consumed }) => `${code} ${consumed}`);
    const theirs = this.memory.flatMap((place) => {
      if (!place) return [];
      const { type, nine, valid } = place;
      return [
        `${codeFor({ type, start: Number(nine.slice(0, 5)), number: Number(nine.slice(5)) })} ${!valid}`,
      ];
    });
    return [ours.sort(), theirs.sort()];
  }
}

const startAt = (instant: number): number => Math.floor((instant - T0) / HOUR);

/** Hours in which serial numbers are used, newest first. */
const serialHours = many(25, (i) => S - i);

function timedAt(i: number): Plain {
  // They end in another order than they start; every eleventh ends early, in time to expire.
  const number = i % 11 === 5 ? Math.max(30, 420 - 2 * i) + (i % 3) : 3000 + ((i * 37) % 200);
  return { type: 0, start: S + 1 + 2 * i, number };
}

function serialAt(i: number): Plain {
  const [type, hours, n] = i < 6 ? [1, serialHours.slice(0, 5), i] : [9, serialHours, i - 6];
  return { type, start: hours[n % hours.length] ?? S, number: Math.floor(n / hours.length) };
}

/** What a memory is filled with: timed codes over days, with every seventh cleared or none, or serials at one moment. */
const FILLINGS: readonly ((pair: Pair, i: number) => void)[] = [
  (pair, i) => pair.keyAtStart(timedAt(i)),
  (pair, i) => {
    pair.keyAtStart(timedAt(i));
    if (i % 7 === 3) pair.keyPlain({ ...timedAt(i), type: 8 });
  },
  (pair, i) => pair.keyPlain(serialAt(i)),
];

/** Locks after 0 to `most` codes of a filling, one for each number. */
function filledPairs(fill: (pair: Pair, i: number) => void, most: number): (filled: number) => Pair {
  const pair = new Pair();
  const past = many(most + 1, (i) => {
    const { now, keyed, memory, keypad } = pair;
    const snapshot = { now, keyed, memory, state: keypad.state };
    fill(pair, i);
    return snapshot;
  });
  return (filled) => {
    const copy = new Pair();
    const { state, ...rest } = past[filled] ?? expect.unreachable();
    copy.keypad.state = state;
    return Object.assign(copy, rest);
  };
}

/** Every way in which an entry can end. */
const WHYS = [
  ...['stored', 'known', 'invalid', 'start', 'end', 'activation'].map((why) => `0: ${why}`),
  ...['stored', 'invalid', 'start', 'activation', 'serial'].map((why) => `1: ${why}`),
  ...['cleared one', 'invalid', 'hidden', 'start', 'end', 'no such code'].map((why) => `8: ${why}`),
  ...['cleared all', 'nothing to clear', 'invalid', 'start', 'activation', 'serial'].map(
    (why) => `9: ${why}`,
  ),
  ...['expired', 'revoked', 'live', 'once', 'clear all'].map((as) => `dropped: ${as}`),
  '5: type',
  'dynamic',
  'not dynamic',
];

describe('beside a second implementation of the verifier', () => {
  it('agrees at every step of random lives, from an empty memory to one filled beyond its 200 places', () => {
    const fillings = FILLINGS.map((fill) => filledPairs(fill, 210));
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        fc.nat(FILLINGS.length - 1),
        fc.oneof(fc.constant(0), fc.integer({ min: 195, max: 210 })),
        fc.array(steps, { minLength: 10, maxLength: 60 }),
        (filling, filled, life) => {
          const pair = fillings[filling]?.(filled) ?? expect.unreachable();
          for (const step of life) pair.play(step);
          const [ours, theirs] = pair.memories();
          expect(ours).toEqual(theirs);
          for (const why of pair.whys) seen.add(why);
        },
      ),
      { numRuns: deep(180) },
    );
    expect([...seen]).toEqual(expect.arrayContaining(WHYS));
  });
});
