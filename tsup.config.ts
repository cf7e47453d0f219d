import { readdirSync } from 'node:fs';
import { defineConfig } from 'tsup';

const library = {
  index: 'src/index.ts',
  calendar: 'src/calendar/index.ts',
  lock: 'src/lock/index.ts',
  schemes: 'src/schemes/index.ts',
  vendors: 'src/vendors/index.ts',
  security: 'src/security/index.ts',
  conformance: 'src/conformance/index.ts',
  seam: 'src/seam/index.ts',
};

// A file each, so that who names one vendor does not carry the others: a bundler drops whole files more surely than data.
const apart = Object.fromEntries(
  ['vendors', 'schemes'].flatMap((folder) =>
    readdirSync(`src/${folder}`).map((file) => [
      `${folder}/${file.replace('.ts', '')}`,
      `src/${folder}/${file}`,
    ]),
  ),
);

export default defineConfig({
  entry: { ...library, ...apart, cli: 'src/cli/main.ts' },
  format: 'esm',
  platform: 'neutral',
  external: [/^node:/, 'fast-check', 'pg', '@electric-sql/pglite'],
  target: 'es2022',
  // One copy of the error class and of the token's private fields over all subpaths.
  splitting: true,
  sourcemap: true,
  clean: true,
  dts: {
    entry: library,
    compilerOptions: {
      // tsup 8 injects the deprecated baseUrl (TS5101) when it writes declarations with TypeScript 6.
      ignoreDeprecations: '6.0',
      // The facade infers the types of parameters, and has Request and Response of the Fetch standard in its face.
      isolatedDeclarations: false,
      types: ['node'],
    },
  },
});
