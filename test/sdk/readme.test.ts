/** The README's round with Seam's SDK, word for word but for the port and where the SDK stands. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { isInstalled } from './published.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');

it.skipIf(!isInstalled)('the round of the README', async () => {
  const [, create = '', derive = '', serve = ''] =
    /^node dist\/cli\.js (token create .*) > door-7\.json\nnode dist\/cli\.js (token derive .*) > doors\.jsonl\nnode dist\/cli\.js (serve .*)$/m.exec(
      readme,
    ) ?? [];
  const script = [...readme.matchAll(/```js\n([\s\S]*?)```/g)]
    .map(([, code = '']) => code)
    .find((code) => code.includes('@seamapi/http'));
  if (script === undefined) throw new Error('the README has no script with the SDK');
  const place = mkdtempSync(join(tmpdir(), 'pintumbler-readme-'));
  try {
    const cli = join(place, 'cli.mjs');
    // Packages are found from where the bundle stands.
    symlinkSync(`${root}node_modules`, join(place, 'node_modules'));
    await build({
      entryPoints: [`${root}src/cli/main.ts`],
      outfile: cli,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'error',
    });
    for (const [command, file] of [
      [create, 'door-7.json'],
      [derive, 'doors.jsonl'],
    ] as const) {
      const { stdout } = spawnSync(process.execPath, [cli, ...command.split(' ')], {
        cwd: place,
        encoding: 'utf8',
      });
      writeFileSync(join(place, file), stdout);
    }
    const server = spawn(process.execPath, [cli, ...serve.split(' '), '--port', '0'], {
      cwd: place,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [url] = await once(server.stdout, 'data');
      const sdk = new URL('node_modules/http-2.32/index.js', import.meta.url).href;
      const path = join(place, 'round.mjs');
      writeFileSync(
        path,
        script.replace("'@seamapi/http'", `'${sdk}'`).replace('http://127.0.0.1:8080', String(url).trim()),
      );
      // Not spawnSync: that would keep this process from reading what the server says.
      const round = spawn(process.execPath, [path], { cwd: place });
      let said = '';
      for (const stream of [round.stdout, round.stderr])
        stream.on('data', (chunk) => {
          said += chunk;
        });
      await once(round, 'close');
      expect(said).toMatch(/^\d{9} unset igloo_algopin_must_be_used_within_24_hours emulated\n$/);
    } finally {
      server.kill();
      await once(server, 'close');
    }
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});
