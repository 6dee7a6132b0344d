import { describe, expect, it, onTestFinished } from 'vitest';
import { natsPresent, natsVersion } from '../../adapters/nats/nats-server.ts';
import { postgresPresent, postgresVersion } from '../../adapters/registry/postgres-server.ts';
import { influxPresent, influxVersion } from '../../adapters/timeseries/influx-server.ts';
import { CityUnderFaults } from './city-faults.ts';

const isThere = natsPresent && postgresPresent && influxPresent;
/** Longer than a lease. */
const ASLEEP_MS = 4_500;

describe.skipIf(!isThere)(`a city of processes on ${natsVersion} ×3, ${postgresVersion} and ${influxVersion}`, () => {
  it('loses, doubles and hides nothing when one of each is killed at once, and when the worker that judges stands still', async () => {
    const room = await CityUnderFaults.open({ devices: 24, messagesPerSecond: 50, nodes: 3 });
    onTestFinished(() => room.close());
    const ready = await fetch(`http://127.0.0.1:${room.gateways[0]!.httpPort}/readyz`);
    expect(ready.status).toBe(200);
    await room.during('one of each killed', async () => {
      const [judging, leader] = await Promise.all([room.doing('rules'), room.leader()]);
      await leader.kill();
      await Promise.all([room.gateways[0]!, room.apis[0]!, judging].map((victim) => room.killAndStart(victim)));
      await leader.start();
    });
    await room.during('the worker that judges stopped past its lease, and woken', () => room.holdJudging(ASLEEP_MS));
  }, 180_000);
});
