/**
 * Writes every vector file. Deterministic: no clock, no randomness, no time zone database but for what `plan` compares
 * its tables with; CI runs it and wants no difference.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { CODES_FILES } from './make/codes.ts';
import { STEP_CODES_FILES } from './make/codes-steps.ts';
import { ff1File } from './make/ff1.ts';
import { keysFile } from './make/keys.ts';
import { lockFile } from './make/lock.ts';
import { lockStepsFile } from './make/lock-steps.ts';
import { lockVendorsFile } from './make/lock-vendors.ts';
import { planFile } from './make/plan.ts';
import { igloohomeFile, pintumbler9File, pintumbler10File } from './make/sealed.ts';

const FILES: Readonly<Record<string, () => object>> = {
  keys: keysFile,
  ff1: ff1File,
  'sealed-pintumbler-9': pintumbler9File,
  'sealed-pintumbler-10': pintumbler10File,
  'sealed-igloohome': igloohomeFile,
  plan: planFile,
  lock: lockFile,
  ...Object.fromEntries(Object.entries(CODES_FILES).map(([vendor, make]) => [`codes-${vendor}`, make])),
  'lock-vendors': lockVendorsFile,
  ...Object.fromEntries(Object.entries(STEP_CODES_FILES).map(([vendor, make]) => [`codes-${vendor}`, make])),
  'lock-steps': lockStepsFile,
};

// The bundle is build/generate.js.
const folder = new URL('../vectors/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, make] of Object.entries(FILES)) {
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(make(), null, 1)}\n`);
}
