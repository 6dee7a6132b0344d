import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { NatsServer, natsPresent, natsVersion } from '../../adapters/nats/nats-server.ts';
import { influxPresent } from '../../adapters/timeseries/influx-server.ts';
import { InfluxOutage } from './influx-outage.ts';

describe.skipIf(!natsPresent || !influxPresent)(
  `the platform with its journal and its bus on NATS (${natsVersion})`,
  () => {
    it('acknowledges nothing while NATS is away, says so, and has stored all it acknowledged, also when killed itself', async () => {
      const nats = await NatsServer.alone();
      const room = new InfluxOutage();
      onTestFinished(async () => {
        await room.end();
        await nats.discard();
      });
      await Promise.all([nats.start(), room.prepare()]);
      const onNats = {
        HD_JOURNAL_ENGINE: 'nats',
        HD_BUS_ENGINE: 'nats',
        HD_NATS_SERVERS: nats.url,
        HD_NATS_REPLICAS: '1',
      };
      await room.startPlatform(onNats);
      await room.send(20);
      await room.acknowledgedAtLeast(50);

      await nats.kill();
      await vi.waitFor(async () => expect((await room.readiness()).status).toBe(503), { timeout: 20_000 });
      const before = room.acknowledged.size;
      await nats.start();
      await room.acknowledgedAtLeast(before + 50);
      await vi.waitFor(async () => expect((await room.readiness()).status).toBe(200), { timeout: 20_000 });
      await room.stopSending();

      await room.platform.kill();
      await room.startPlatform(onNats);
      await vi.waitFor(async () => expect(await room.missing()).toEqual([]), { timeout: 30_000 });
      expect(await room.stored()).toHaveLength(room.acknowledged.size);
      expect(room.notices().filter((kind) => kind.startsWith('journal.'))).toEqual([
        'journal.unreachable',
        'journal.recovered',
      ]);
      // Nothing waits for servers that are not there.
      await nats.kill();
      const stoppedFrom = Date.now();
      await room.platform.stop();
      expect(Date.now() - stoppedFrom).toBeLessThan(15_000);
    }, 120_000);
  },
);
