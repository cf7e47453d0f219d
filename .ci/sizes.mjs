/**
 * Size budgets (min + gzip, as a browser gets it), and what a bundle may carry: no luxon without the calendar, nothing of
 * Node anywhere. The design wants 12, 12 and 36 KiB for the first three. Since one engine serves the kinds and tables of
 * every vendor, those that count among them, it is above that; half of it is AES, SHA-256 and HMAC of @noble.
 */
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const engine = 'mint, read';
const withToken = 'mint, read, parseToken';
const bundle = (names, vendor, more = '') =>
  `export { ${names} } from 'pintumbler'; export { ${vendor} } from 'pintumbler/vendors'; ${more}`;
const plan = "export { plan } from 'pintumbler/calendar';";
const lock = "export { createLock, enter, initialState, loadState, saveState } from 'pintumbler/lock';";

const ENTRIES = [
  { name: 'mint + read, igloohome', budget: 14.3, luxon: false, code: bundle(engine, 'igloohome') },
  { name: 'mint + read, pintumbler', budget: 14.7, luxon: false, code: bundle(engine, 'pintumbler') },
  { name: 'mint + read + plan', budget: 39.8, luxon: true, code: bundle(engine, 'pintumbler', plan) },
  { name: 'and tokens from text', budget: 17.3, luxon: false, code: bundle(withToken, 'pintumbler') },
  { name: 'and the lock', budget: 25, luxon: false, code: bundle(withToken, 'pintumbler', lock) },
  { name: 'FF1 alone', budget: 5, luxon: false, code: "export { numberFf1 } from 'pintumbler/schemes';" },
];

let failed = 0;
for (const { name, budget, luxon, code } of ENTRIES) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const kib = gzipSync(outputFiles[0].contents, { level: 9 }).length / 1024;
  const inputs = Object.keys(metafile.inputs);
  const carriesLuxon = inputs.some((path) => path.includes('node_modules/luxon'));
  const carriesNode = Object.values(metafile.inputs).some((input) =>
    input.imports.some(({ path }) => path.startsWith('node:')),
  );
  const ok = kib <= budget && carriesLuxon === luxon && !carriesNode;
  if (!ok) failed++;
  console.log(
    `${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(32)} ${kib.toFixed(1).padStart(5)} of ${budget} KiB${carriesLuxon ? ', with luxon' : ''}${carriesNode ? ', with node:' : ''}`,
  );
}
process.exit(failed > 0 ? 1 : 0);
