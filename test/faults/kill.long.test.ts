import { afterEach, expect, it } from 'vitest';
import { killAtRandom } from './kill-at-random.ts';
import { minutesOf, report } from './long-run.ts';
import { killAll } from './platform-process.ts';

afterEach(killAll);

it('loses and doubles nothing over minutes of being killed at random instants', async () => {
  const total = { kills: 0, acknowledged: 0 };
  // Each on fresh data; together as long as the run is to last.
  for (const until = Date.now() + minutesOf('LONG_KILL_MINUTES', 4) * 60_000; Date.now() < until; ) {
    const kills = 12;
    const { acknowledged } = await killAtRandom({ devices: 40, kills, acksBeforeKill: [20, 2_500] });
    total.kills += kills;
    total.acknowledged += acknowledged;
  }
  expect(total.acknowledged).toBeGreaterThan(total.kills * 20);
  report('kill', total);
});
