import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts', '**/*.test.tsx'],
    exclude: ['node_modules/**', '.runtime/**', 'dashboard/dist/**', '**/*.long.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // One worker fewer, as it is without this, leaves half of a small machine waiting for disks and browsers.
    maxWorkers: availableParallelism(),
    reporters: process.env['CI'] === 'true' ? ['default', './test/skips-fail.ts'] : ['default'],
  },
});
