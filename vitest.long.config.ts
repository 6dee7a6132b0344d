import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Files that hold property tests, but for those over a running platform: their pace is the platform's, not ours. */
const propertyTests = globSync('{api,config,dashboard,domain,firmware-sim,ingest}/**/*.test.ts', {
  cwd: import.meta.dirname,
}).filter((file) => readFileSync(file, 'utf8').includes("from 'fast-check'"));

/** `npm run test:long`: the faults, the fuzzing and the soak at full length, and the properties with many runs; one file after the other. */
export default defineConfig({
  test: {
    fileParallelism: false,
    pool: 'forks',
    globalSetup: './test/temporary-folders.ts',
    reporters: ['verbose'],
    projects: [
      {
        test: {
          name: 'faults',
          include: ['**/*.long.test.ts'],
          exclude: ['node_modules/**', '.runtime/**', 'dashboard/dist/**'],
          testTimeout: 3_600_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'properties',
          include: propertyTests,
          setupFiles: ['./test/many-property-runs.ts'],
          testTimeout: 1_800_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
