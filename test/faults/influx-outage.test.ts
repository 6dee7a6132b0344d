import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { influxPresent, influxVersion } from '../../adapters/timeseries/influx-server.ts';
import { InfluxOutage } from './influx-outage.ts';

describe.skipIf(!influxPresent)(`the platform on InfluxDB (${influxVersion})`, () => {
  it('goes on acknowledging while InfluxDB is killed and away, and has stored everything once it is back', async () => {
    const outage = new InfluxOutage();
    onTestFinished(() => outage.end());
    await outage.prepare();
    await outage.startPlatform();
    await outage.send(50);
    await vi.waitFor(async () => expect((await outage.stored()).length).toBeGreaterThan(20), { timeout: 30_000 });

    await outage.influx.kill();
    const awaySince = Date.now();
    const before = outage.acknowledged.size;
    await vi.waitFor(async () => expect(await outage.readiness()).toEqual({ status: 200, storeOk: false }), {
      timeout: 20_000,
    });
    // Away until the platform has tried in vain for a good while, with devices sending all the time.
    await vi.waitFor(
      async () => expect(await outage.platform.metric('hd_store_retries_total')).toBeGreaterThanOrEqual(12),
      { timeout: 60_000, interval: 250 },
    );
    await outage.acknowledgedAtLeast(before + 200);
    expect(Date.now() - awaySince).toBeGreaterThan(10_000);

    await outage.influx.start();
    await vi.waitFor(async () => expect(await outage.missing()).toHaveLength(0), { timeout: 30_000 });
    await outage.stopSending();
    await vi.waitFor(async () => expect(await outage.missing()).toHaveLength(0), { timeout: 30_000 });
    expect(await outage.stored()).toHaveLength(outage.acknowledged.size);
    await outage.platform.stop();
    expect(outage.notices().filter((kind) => kind.startsWith('store.'))).toEqual(['store.away', 'store.back']);
  }, 180_000);

  it('starts while InfluxDB is away, acknowledges, and stores once it is there', async () => {
    const outage = new InfluxOutage();
    onTestFinished(() => outage.end());
    await outage.prepare();
    await outage.influx.stop();
    await outage.startPlatform();
    await outage.send(20);
    await outage.acknowledgedAtLeast(100);
    await outage.stopSending();
    await outage.influx.start();
    await vi.waitFor(async () => expect(await outage.missing()).toHaveLength(0), { timeout: 30_000 });
    expect(await outage.stored()).toHaveLength(outage.acknowledged.size);
  }, 120_000);
});
