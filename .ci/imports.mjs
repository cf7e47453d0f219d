/**
 * The architecture, checked: what may import what, no cycle, luxon and node: only where they belong.
 *   cli, seam, conformance → security → lock, calendar → engine, token → contracts (vendor.ts, timing.ts, scheme.ts) → grant,
 *   zone, errors
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const base = ['zone', 'errors'];
const contracts = ['contract', 'grant', ...base];
const ALLOWED = {
  errors: [],
  keys: [],
  zone: ['errors'],
  grant: base,
  contract: contracts,
  scheme: ['scheme', 'contract', 'keys', 'errors'],
  vendor: ['vendor', 'contract', 'scheme', ...base],
  token: ['token', 'keys', ...contracts],
  engine: ['token', ...contracts],
  issue: ['engine', 'token', ...contracts],
  next: ['engine', 'token', ...contracts],
  index: ['engine', 'issue', 'next', 'token', 'grant', ...base],
  calendar: ['calendar', 'engine', 'token', ...contracts],
  lock: ['lock', 'engine', 'token', 'keys', ...contracts],
  security: ['security', 'lock', 'engine', 'token', ...contracts],
  conformance: ['conformance', 'security', 'index', 'calendar', 'lock', 'engine', 'token', ...contracts],
  seam: ['seam', 'index', 'calendar', 'engine', 'issue', 'next', 'token', 'keys', ...contracts],
  cli: [
    'cli',
    'seam',
    'security',
    'index',
    'calendar',
    'lock',
    'engine',
    'token',
    'vendor',
    'scheme',
    'keys',
    ...contracts,
  ],
};
const PACKAGES = {
  luxon: ['calendar'],
  '@noble/ciphers': ['scheme', 'seam'],
  '@noble/hashes': ['keys', 'scheme', 'token', 'lock', 'seam', 'cli'],
  'fast-check': ['conformance'],
  pg: ['cli'],
  '@electric-sql/pglite': ['cli'],
  node: ['cli'],
};

function roomOf(path) {
  if (['schemes/scheme.ts', 'vendors/vendor.ts', 'vendors/timing.ts'].includes(path)) return 'contract';
  const [folder, file] = path.includes('/') ? path.split('/') : [undefined, path];
  if (folder) return { schemes: 'scheme', vendors: 'vendor' }[folder] ?? folder;
  return { 'token.ts': 'token', 'token-text.ts': 'token' }[file] ?? file.replace('.ts', '');
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);
const graph = new Map();
const problems = [];

for (const path of files) {
  const text = readFileSync(join('src', path), 'utf8');
  const room = roomOf(path);
  if (!ALLOWED[room]) problems.push(`${path}: no such room in the architecture`);
  const targets = [];
  for (const [, fixed, awaited] of text.matchAll(
    /^(?:import|export)\b[^;]*?from '([^']+)'|import\('([^']+)'\)/gm,
  )) {
    const specifier = fixed ?? awaited;
    if (specifier.startsWith('.')) {
      const target = normalize(join(dirname(path), specifier));
      targets.push(target);
      if (!ALLOWED[room]?.includes(roomOf(target)))
        problems.push(`${path} (${room}) must not import ${target} (${roomOf(target)})`);
    } else {
      const name = specifier.startsWith('node:')
        ? 'node'
        : specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/');
      if (!PACKAGES[name]?.includes(room)) problems.push(`${path} (${room}) must not import ${specifier}`);
    }
  }
  graph.set(path, targets);
}

const done = new Set();
function walk(path, trail) {
  if (trail.includes(path))
    problems.push(`cycle: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`);
  if (done.has(path) || trail.includes(path)) return;
  for (const target of graph.get(path) ?? []) walk(target, [...trail, path]);
  done.add(path);
}
for (const path of graph.keys()) walk(path, []);

for (const problem of problems) console.error(problem);
console.log(
  `${files.length} files, ${[...graph.values()].flat().length} imports, ${problems.length} against the architecture`,
);
process.exit(problems.length > 0 ? 1 : 0);
