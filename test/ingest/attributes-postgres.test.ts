import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createInProcessBus } from '../../adapters/bus/in-process.ts';
import { openPostgresRegistry } from '../../adapters/registry/postgres.ts';
import { PostgresServer, postgresPresent, postgresVersion } from '../../adapters/registry/postgres-server.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { epochMs } from '../../domain/time.ts';
import { createStreet, telemetry } from './small-street.ts';

const street = createStreet();

describe.skipIf(!postgresPresent)(`attributes of devices while ${postgresVersion} is away`, () => {
  const server = new PostgresServer({ fsync: false });
  let registry: Registry;
  beforeAll(async () => {
    await server.start();
    const url = await server.newDatabase();
    registry = await openPostgresRegistry({
      ...{ url, newId: randomUUID, patienceMs: 100 },
      clock: () => epochMs(Date.now()),
    });
  });
  afterAll(async () => {
    await street.close();
    await server.discard();
  });

  it('are acknowledged, wait, and are kept as of when they came; the connection and its readings go on', async () => {
    const bus = createInProcessBus(() => {});
    const platform = await street.open(undefined, {}, undefined, { registry, bus });
    const client = await street.device(platform);
    const gone = vi.fn();
    client.on('close', gone);
    const heard: string[] = [];
    bus.subscribe('device.attributes', ({ names }) => heard.push(names.join()));
    const say = (attributes: object) =>
      client.publishAsync('hd/v1/air-1/attributes', JSON.stringify(attributes), { qos: 1 });
    const kept = () => registry.as({ kind: 'system', name: 'test' }).devices.attributes('air-1' as DeviceId);
    await say({ firmware: '1.0', battery_percent: 90 });
    await vi.waitFor(() => expect(heard).toEqual(['firmware,battery_percent']));

    // A name that PostgreSQL has no letters for.
    await say({ 'a\u0000b': 1 });
    expect(platform.metrics.value('hd_attributes_rejected_total')).toBe(1);

    await server.stop('immediate');
    const away = Date.now();
    await say({ firmware: '1.1', rssi_dbm: -71 });
    await say({ rssi_dbm: -80 });
    await client.publishAsync(telemetry(), JSON.stringify({ values: { pm2_5: 12 } }), { qos: 1 });
    const back = Date.now();
    expect(heard).toHaveLength(1);
    expect(platform.metrics.value('hd_attributes_waited_total')).toBe(2);
    await server.start();
    await vi.waitFor(() => expect(heard.slice(1).sort()).toEqual(['firmware', 'rssi_dbm']), { timeout: 20_000 });
    const after = await kept();
    expect(after).toMatchObject({
      firmware: { value: '1.1' },
      rssi_dbm: { value: -80 },
      battery_percent: { value: 90 },
    });
    for (const { at } of [after['firmware']!, after['rssi_dbm']!]) {
      expect(at).toBeGreaterThanOrEqual(away);
      expect(at).toBeLessThanOrEqual(back);
    }
    expect(gone).not.toHaveBeenCalled();
  }, 60_000);
});
