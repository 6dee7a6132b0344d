import { afterEach, expect, it } from 'vitest';
import { minutesOf, report } from './long-run.ts';
import { killAll } from './platform-process.ts';
import { soak } from './soak.ts';

afterEach(killAll);

it('serves the whole simulated city for minutes: all acknowledged, nothing piled up, memory level', async () => {
  const minutes = minutesOf('LONG_SOAK_MINUTES', 10);
  const run = await soak({ forMs: minutes * 60_000, settleMs: 60_000 });
  expect(run.memoryGrowth).toBeLessThan(1.25);
  expect(run.memoryPeak).toBeLessThan(600);
  report('soak', { minutes, ...run });
});
