import { afterEach, expect, it } from 'vitest';
import { killAtRandom } from './kill-at-random.ts';
import { killAll } from './platform-process.ts';

afterEach(killAll);

it('loses nothing it acknowledged and doubles nothing when it is killed again and again under load', async () => {
  const { acknowledged } = await killAtRandom({ devices: 20, kills: 4, acksBeforeKill: [60, 120] });
  expect(acknowledged).toBeGreaterThan(200);
}, 120_000);
