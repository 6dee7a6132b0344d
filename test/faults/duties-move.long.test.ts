import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { natsPresent } from '../../adapters/nats/nats-server.ts';
import { postgresPresent } from '../../adapters/registry/postgres-server.ts';
import { influxPresent } from '../../adapters/timeseries/influx-server.ts';
import { CityOfProcesses } from './city-of-processes.ts';

const isThere = natsPresent && postgresPresent && influxPresent;
const ROUNDS = 30;
const TWO_WORKERS = { timeout: 60_000, interval: 200 };

describe.skipIf(!isThere)('a city whose workers die again and again', () => {
  it('raises each alarm once, within 5 s of each death', async () => {
    const city = await CityOfProcesses.open(40);
    onTestFinished(() => city.close());
    const gateway = await city.start('gateway');
    await Promise.all([city.start('worker'), city.start('worker')]);
    const isShared = () =>
      vi.waitFor(async () => expect(Math.min(...(await city.shares()))).toBeGreaterThanOrEqual(4), TWO_WORKERS);
    await isShared();
    await city.send(gateway, 20);
    await city.raisedAtLeast(40);
    for (let round = 0; round < ROUNDS; round++) {
      const judging = (await vi.waitUntil(() => city.holderOf('rules'), TWO_WORKERS))!;
      const at = Date.now();
      const isKilled = round % 2 === 0;
      if (isKilled) await judging.kill();
      else {
        city.workers.delete(judging);
        judging.child.kill('SIGSTOP');
      }
      expect(await city.nextAlarmAfter(at)).toBeLessThanOrEqual(5_000);
      if (isKilled) await city.start('worker');
      else {
        judging.child.kill('SIGCONT');
        city.workers.add(judging);
      }
      await isShared();
    }
    await city.stopSending();
    expect(await city.misjudged()).toEqual({ lost: [], doubled: [] });
    await vi.waitFor(async () => expect(await city.stored()).toBe(2 * city.expected.size), TWO_WORKERS);
  });
});
