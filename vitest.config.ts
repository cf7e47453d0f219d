import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const src = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^pintumbler$/, replacement: src('index.ts') },
      {
        find: /^pintumbler\/(calendar|lock|schemes|vendors|security|conformance|seam)$/,
        replacement: src('$1/index.ts'),
      },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/summary.ts'],
    setupFiles: ['./test/support/setup.ts'],
    testTimeout: 60_000 * Number(process.env['PINTUMBLER_DEEP'] ?? 1),
  },
});
