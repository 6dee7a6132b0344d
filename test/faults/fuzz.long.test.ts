import { afterEach, expect, it } from 'vitest';
import { feedMalformed } from './feed-malformed.ts';
import { report } from './long-run.ts';
import { killAll } from './platform-process.ts';

afterEach(killAll);

it('takes a hundred and fifty thousand malformed packets and payloads without a loss or a nuisance', async () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  const run = await feedMalformed({ packets: 150_000, seed });
  expect(run.acknowledged).toBeGreaterThan(15_000);
  expect(run.memoryPeak - run.memoryBefore).toBeLessThan(400);
  report('fuzz', { seed, ...run });
});
