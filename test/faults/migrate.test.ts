import { readdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { movedAway } from '../../adapters/migrate/moved.ts';
import { natsPresent, natsVersion } from '../../adapters/nats/nats-server.ts';
import { postgresPresent, postgresVersion } from '../../adapters/registry/postgres-server.ts';
import { influxPresent, influxVersion } from '../../adapters/timeseries/influx-server.ts';
import { MovingCity } from './moving-city.ts';

const SOON = { timeout: 60_000, interval: 100 };
const isThere = natsPresent && postgresPresent && influxPresent;

describe.skipIf(!isThere)(`a city that moves to ${natsVersion}, ${postgresVersion} and ${influxVersion}`, () => {
  it('goes on receiving, has everything there once, its alarms under the same ids, and does not go on where it was', async () => {
    const city = await MovingCity.open(5);
    onTestFinished(() => city.close());
    const hours = await city.sendHistory(3);
    await city.servers.send(city, 10);
    await vi.waitFor(() => expect(city.servers.expected.size).toBeGreaterThan(20), SOON);

    const { code, said } = await city.migrating().ended;
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringMatching(/Hand-over: [\d.]+ s/) });
    await city.old.gone;
    const before = city.alarmsBefore();
    expect(movedAway(city.from)).toContain(city.to);
    expect(await city.alarmsAfter()).toEqual(before);
    expect(readdirSync(city.to).sort()).toEqual([
      ...['broker', 'migration.json', 'quarantine', 'registry.postgres', 'retention-begins', 'web-push-key.pem'],
    ]);

    const atMove = city.servers.expected.size;
    await city.startNew();
    await vi.waitFor(() => expect(city.servers.expected.size).toBeGreaterThan(atMove + 20), SOON);
    await city.servers.stopSending();
    expect(await city.servers.misjudged()).toEqual({ lost: [], doubled: [] });
    await vi.waitFor(
      async () => expect(await city.servers.stored()).toBe(hours + 2 * city.servers.expected.size),
      SOON,
    );
  }, 240_000);
});
