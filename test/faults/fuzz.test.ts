import { afterEach, expect, it } from 'vitest';
import { feedMalformed } from './feed-malformed.ts';
import { killAll } from './platform-process.ts';

afterEach(killAll);

it('takes ten thousand malformed packets and payloads and stays up, in bounded memory, without a loss or a nuisance', async () => {
  const run = await feedMalformed({ packets: 10_000, seed: 1 });
  expect(run.acknowledged).toBeGreaterThan(1_000);
  expect(run.memoryPeak - run.memoryBefore).toBeLessThan(250);
}, 120_000);
