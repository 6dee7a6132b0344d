import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { influxPresent, influxVersion } from '../../adapters/timeseries/influx-server.ts';
import { minutes } from '../../domain/time.ts';
import { InfluxOutage } from './influx-outage.ts';

describe.skipIf(!influxPresent)(`the platform on InfluxDB (${influxVersion}), at length`, () => {
  it(
    'loses nothing when InfluxDB is away for ten minutes',
    async () => {
      const outage = new InfluxOutage();
      onTestFinished(() => outage.end());
      await outage.prepare();
      await outage.startPlatform();
      await outage.send(100);
      await vi.waitFor(async () => expect((await outage.stored()).length).toBeGreaterThan(20), { timeout: 30_000 });
      await outage.influx.kill();
      const back = Date.now() + minutes(10);
      // The length of the outage is what this is about; meanwhile acknowledgements must never stop.
      for (let seen = outage.acknowledged.size; Date.now() < back; seen = outage.acknowledged.size) {
        await outage.acknowledgedAtLeast(seen + 100);
        expect((await outage.readiness()).status).toBe(200);
      }
      await outage.influx.start();
      await outage.stopSending();
      await vi.waitFor(async () => expect(await outage.missing()).toHaveLength(0), { timeout: minutes(2) });
      expect(await outage.stored()).toHaveLength(outage.acknowledged.size);
    },
    minutes(15),
  );
});
