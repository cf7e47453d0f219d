import { defineConfig } from 'tsup';

const library = {
  index: 'src/index.ts',
  calendar: 'src/calendar/index.ts',
  lock: 'src/lock/index.ts',
  schemes: 'src/schemes/index.ts',
  vendors: 'src/vendors/index.ts',
};

export default defineConfig({
  entry: { ...library, cli: 'src/cli/main.ts' },
  format: 'esm',
  platform: 'neutral',
  external: [/^node:/],
  target: 'es2022',
  // One copy of the error class and of the token's private fields over all subpaths.
  splitting: true,
  sourcemap: true,
  clean: true,
  // tsup 8 injects the deprecated baseUrl (TS5101) when it writes declarations with TypeScript 6.
  dts: { entry: library, compilerOptions: { ignoreDeprecations: '6.0' } },
});
