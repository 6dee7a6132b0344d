import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { natsPresent, natsVersion } from '../../adapters/nats/nats-server.ts';
import { postgresPresent, postgresVersion } from '../../adapters/registry/postgres-server.ts';
import { influxPresent, influxVersion } from '../../adapters/timeseries/influx-server.ts';
import { DUTIES } from '../../domain/duties.ts';
import { CityOfProcesses } from './city-of-processes.ts';

const SOON = { timeout: 30_000, interval: 100 };
const isThere = natsPresent && postgresPresent && influxPresent;

describe.skipIf(!isThere)(`a city of processes on ${natsVersion}, ${postgresVersion} and ${influxVersion}`, () => {
  it('raises each alarm once when the worker that judges stands still past its lease, and when it is killed', async () => {
    const city = await CityOfProcesses.open(20);
    onTestFinished(() => city.close());
    const [gateway, api] = await Promise.all([
      city.start('gateway'),
      city.start('api'),
      city.start('worker'),
      city.start('worker'),
    ]);
    const shares = [Math.floor(DUTIES.length / 2), Math.ceil(DUTIES.length / 2)];
    await vi.waitFor(async () => expect((await city.shares()).sort()).toEqual(shares), SOON);
    const ready = await fetch(`http://127.0.0.1:${gateway.httpPort}/readyz`);
    expect(ready.status).toBe(200);

    await city.send(gateway, 20);
    await city.raisedAtLeast(20);
    const asleep = (await vi.waitUntil(() => city.holderOf('rules'), SOON))!;
    city.workers.delete(asleep);
    asleep.child.kill('SIGSTOP');
    await vi.waitFor(async () => expect(await city.holderOf('rules')).not.toBeNull(), SOON);
    await city.raisedAtLeast(city.expected.size + 20);
    asleep.child.kill('SIGCONT');
    city.workers.add(asleep);
    // It hears that its duties are another's, and comes to its share again.
    await vi.waitFor(
      async () => expect(await asleep.metric('hd_duty_moves_total\\{what="lost"\\}')).toBeGreaterThan(0),
      SOON,
    );
    await vi.waitFor(async () => expect((await city.shares()).sort()).toEqual(shares), SOON);

    const killed = (await vi.waitUntil(() => city.holderOf('rules'), SOON))!;
    await killed.kill();
    await vi.waitFor(async () => expect(await city.holderOf('rules')).not.toBeNull(), SOON);
    await city.raisedAtLeast(city.expected.size + 20);
    await city.stopSending();
    expect(await city.misjudged()).toEqual({ lost: [], doubled: [] });
    await vi.waitFor(async () => expect(await city.stored()).toBe(2 * city.expected.size), SOON);
    // Each process knows how far the holders have come.
    await vi.waitFor(async () => expect(await api.metric('hd_journal_depth\\{consumer="store"\\}')).toBe(0), SOON);
  }, 150_000);
});
