#!/usr/bin/env bash
# The package as a stranger gets it: packed, checked, installed into an empty folder, every entry imported, the command run.
set -euo pipefail
cd "$(dirname "$0")/.."
npx --no-install publint --strict
npx --no-install attw --pack . --profile esm-only
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm pack --silent --pack-destination "$folder" >/dev/null
cd "$folder"
echo '{ "name": "stranger", "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund ./pintumbler-*.tgz
cat > index.js <<'JS'
import { createToken, mint, parseToken, formatToken, read, PintumblerError } from 'pintumbler';
import { plan, zoneFacts } from 'pintumbler/calendar';
import { conformance } from 'pintumbler/conformance';
import { createLock, enter, initialState } from 'pintumbler/lock';
import { numberFf1 } from 'pintumbler/schemes';
import { apiKeyHash, memoryStore, seamHandler } from 'pintumbler/seam';
import { securityReport } from 'pintumbler/security';
import { builtIn, pintumbler } from 'pintumbler/vendors';
const zone = zoneFacts('Europe/Lisbon', Date.UTC(2026, 0, 1) / 1000, Date.UTC(2036, 0, 1) / 1000);
const token = parseToken(formatToken(createToken({ vendor: pintumbler, deviceId: 'd', root: new Uint8Array(32), ...zone })), builtIn);
const { grant } = plan(token, { startsAt: '2026-03-01T15:00', endsAt: '2026-03-04T11:00' });
const code = mint(token, grant);
const lock = createLock([token]);
const { verdict } = enter(lock, initialState(lock), code, grant.startsAt);
if (!verdict.accepted || read(token, code, grant.startsAt)[0].kind !== 'stay' || !numberFf1) throw new Error('the packed library does not work');
try {
  enter(lock, { v: 1 }, code, 0);
  throw new Error('no refusal');
} catch (error) {
  // One error class over all entry points.
  if (!(error instanceof PintumblerError)) throw error;
}
if (!(securityReport(pintumbler).worst.oneIn > 1e6)) throw new Error('the packed report does not work');
const apiKey = 'seam_0123456789abcdefghijkl';
const handle = seamHandler({ devices: [{ token }], store: memoryStore(), now: () => 1772323200, uuid: () => crypto.randomUUID(), apiKeys: [apiKeyHash(apiKey)] });
const listed = await handle(new Request('http://x/devices/list', { headers: { authorization: `Bearer ${apiKey}` } }));
if ((await listed.json()).devices.length !== 1) throw new Error('the packed facade does not work');
// fast-check is optional: without it the kit says what to install, and everything else works.
const missing = await conformance(pintumbler).catch((error) => error.code);
if (missing !== 'peer_missing') throw new Error('conformance without fast-check does not say what is missing');
console.log('packed: every entry works');
JS
node index.js
npx --no-install pintumbler --version
