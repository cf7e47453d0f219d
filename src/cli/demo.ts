/** `pintumbler demo`: a sample door, four codes, and a simulated lock that is shown each four times. */

import { type Plan, type PlanRequest, plan, toInstant, toLocal, zoneFacts } from '../calendar/index.ts';
import { createToken, mint } from '../index.ts';
import { createLock, enter, initialState } from '../lock/index.ts';
import { pintumbler } from '../vendors/index.ts';
import type { Io } from './io.ts';

const ZONE = 'Europe/Lisbon';

interface Scene {
  readonly asked: string;
  readonly request: PlanRequest;
  /** When the code is entered: too early, in time, again, too late. */
  readonly entries: readonly string[];
}

const SCENES: readonly Scene[] = [
  {
    asked: 'a cleaner, Monday 9:10 to 12:00',
    request: { startsAt: '2026-03-02T09:10', endsAt: '2026-03-02T12:00' },
    entries: ['2026-03-02T08:30', '2026-03-02T09:15', '2026-03-02T11:59', '2026-03-02T12:30'],
  },
  {
    asked: 'a builder, two whole days ("1d": rounded to days)',
    request: { startsAt: '2026-03-03T08:00', endsAt: '2026-03-04T17:00', maxTimeRounding: '1d' },
    entries: ['2026-03-02T22:00', '2026-03-03T07:45', '2026-03-04T16:00', '2026-03-05T09:00'],
  },
  {
    asked: 'a guest, three nights, in at 3:20 p.m.',
    request: { startsAt: '2026-03-06T15:20', endsAt: '2026-03-09T11:00' },
    entries: ['2026-03-06T11:00', '2026-03-06T19:40', '2026-03-08T23:55', '2026-03-09T11:30'],
  },
  {
    asked: 'a courier, one opening within a day',
    request: { startsAt: '2026-03-10T08:00', oneTime: true },
    entries: ['2026-03-10T07:30', '2026-03-10T10:05', '2026-03-10T10:06', '2026-03-11T09:00'],
  },
];

const MOMENTS = ['too early', 'in time', 'again', 'too late'];

const WHY: Readonly<Record<string, string>> = {
  first_use: 'its first use',
  used_before: 'known from its first use',
  not_yet_valid: 'its window has not begun',
  expired: 'its window is over',
  already_used: 'it was for one use',
};

const grouped = (code: string): string => code.replace(/(\d{3})(?=\d)/g, '$1 ');
const wall = (iso: string): string => iso.slice(0, 16).replace('T', ' ');
const span = (seconds: number): string =>
  seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds / 60} min`;

function rounding({ start, end }: Plan['rounded']): string {
  const parts = [start > 0 && `${span(start)} earlier`, end > 0 && `${span(end)} later`].filter(
    (part) => part !== false,
  );
  return parts.length > 0 ? `  (rounded: ${parts.join(', ')})` : '';
}

export function demo(io: Io): number {
  const token = createToken({
    vendor: pintumbler,
    deviceId: 'sample-door',
    root: io.random(32),
    ...zoneFacts(ZONE, Date.UTC(2026, 0, 1) / 1000, Date.UTC(2036, 0, 1) / 1000),
  });
  const lock = createLock([token]);
  let state = initialState(lock, toInstant(token, '2026-03-01T12:00'));
  io.out(`A sample door in ${ZONE}, vendor ${token.vendor.id}, a root made just now.`);
  io.out('The lock has no network: it knows the token, its clock, and what was keyed in.');
  for (const { asked, request, entries } of SCENES) {
    const { grant, local, rounded } = plan(token, request);
    const code = mint(token, grant);
    io.out('');
    io.out(`${grouped(code)}   ${grant.kind.padEnd(9)} ${asked}`);
    io.out(
      `              opens     ${wall(local.startsAt)} to ${wall(local.endsAt ?? '')}${rounding(rounded)}`,
    );
    io.out(`              first use before ${wall(local.firstUseBy)}`);
    entries.forEach((entry, index) => {
      const at = toInstant(token, entry);
      const { state: next, verdict } = enter(lock, state, code, at);
      state = next;
      const answer = verdict.accepted ? 'opens  ' : 'refuses';
      io.out(
        `              ${(MOMENTS[index] ?? '').padEnd(9)} ${wall(toLocal(token, at))}  ${answer}  ${WHY[verdict.reason] ?? verdict.reason}`,
      );
    });
  }
  return 0;
}
