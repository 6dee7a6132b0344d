import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// What one platform in a process of its own has compiled, the next one that a test starts reads: most of such a start is compiling.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/compiled');

const NOT_OURS = ['node_modules/**', '.runtime/**', 'dashboard/dist/**', '**/*.long.test.ts'];

/** Tests beside the part that they are about: they share nothing but what they load. Those on real engines are in `adapters/` and `test/`. */
const PARTS = ['{api,bench,config,dashboard,domain,firmware-sim,ingest}/**/*.test.{ts,tsx}'];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    globalSetup: './test/temporary-folders.ts',
    reporters: [
      'default',
      './test/servers-named.ts',
      ...(process.env['CI'] === 'true' ? ['./test/skips-fail.ts'] : []),
    ],
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: PARTS,
          exclude: NOT_OURS,
          maxWorkers: availableParallelism(),
          // What they have in common is loaded once, not for each.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'platform',
          include: ['**/*.test.ts', '**/*.test.tsx'],
          exclude: [...NOT_OURS, ...PARTS, 'test/browser/**'],
          // One worker fewer, as it is without this, leaves half of a small machine waiting for disks.
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          exclude: NOT_OURS,
          // A browser that draws without a graphics card takes a machine for itself: two side by side only wait for each other.
          maxWorkers: 1,
          // One file after the other anyway: the platform and the browser's driver are loaded once, not for each.
          isolate: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
