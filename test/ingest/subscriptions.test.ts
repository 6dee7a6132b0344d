import { createHash } from 'node:crypto';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { CommandId } from '../../domain/device-control.ts';
import type { AgencyId, CredentialId, DeviceId, DeviceModelId } from '../../domain/identifiers.ts';
import type { CitySeed } from '../../domain/ports/registry.ts';
import { epochMs } from '../../domain/time.ts';
import { newFolder, openIngest, smallCity, tokenOf } from './platform-parts.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const system: Actor = { kind: 'system', name: 'test' };
/** `air-1` to `air-3` of `env`, and `meter-1` and `meter-2` of `power`. */
function twoAgencies(): CitySeed {
  const city = smallCity(3);
  const [model, device] = [city.models[0]!, city.devices[0]!];
  const power = 'power' as AgencyId;
  const modelId = 'm-power' as DeviceModelId;
  return {
    ...city,
    agencies: [...city.agencies, { id: power, name: { vi: 'Điện', en: 'Power' } }],
    models: [...city.models, { ...model, id: modelId, agencyId: power }],
    devices: [
      ...city.devices,
      ...['meter-1', 'meter-2'].map((id) => ({
        ...device,
        id: id as DeviceId,
        agencyId: power,
        modelId,
        tokenSha256: sha256(tokenOf(id)),
        serves: [],
      })),
    ],
  };
}

type Platform = Awaited<ReturnType<typeof openIngest>>;
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});
async function open(): Promise<Platform> {
  const platform = await openIngest(newFolder(), {}, twoAgencies());
  opened.push(() => platform.stopAll());
  return platform;
}
/** A connection with a credential of these filters; without them with the device's own. */
async function connect(
  platform: Platform,
  id: string,
  filters: readonly string[] | null = null,
  kept = false,
): Promise<MqttClient & { readonly heard: string[] }> {
  const password = filters ? `wide ${id} ${filters.join()}` : tokenOf(id);
  if (filters) {
    await platform.registry.as(system).devices.addCredential({
      id: `wide-${id}-${filters.join()}` as CredentialId,
      deviceId: id as DeviceId,
      kind: 'token',
      tokenSha256: sha256(password),
      topicFilters: filters,
      expiresAt: null,
    });
    platform.bus.publish('device.changed', { deviceId: id as DeviceId });
  }
  const login = { clientId: id, username: id, password, clean: !kept, protocolVersion: 4, reconnectPeriod: 0 } as const;
  const client = await connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, login, false);
  const heard: string[] = [];
  client.on('error', () => {});
  client.on('message', (topic) => heard.push(topic));
  opened.push(async () => client.end(true));
  return Object.assign(client, { heard });
}
const say = (client: MqttClient, topic: string) => client.publishAsync(topic, '{"values":{"pm2_5":1}}', { qos: 1 });

describe('a credential', () => {
  it.each([
    {
      who: 'air-1',
      filters: null,
      refused: ['#', '+/#', 'hd/#', 'hd/v1/#', 'hd/v1/+/cmd/1', 'hd/v1/air-2/cmd/+', 'hd/v1/meter-1/#', '$SYS/#'],
    },
    {
      who: 'air-1',
      filters: ['hd/v1/+/cmd/#'],
      refused: ['hd/v1/+/telemetry', 'hd/v1/#', 'hd/v1/meter-1/cmd/1', 'hd/v1/meter-1/cmd/#'],
    },
    { who: 'air-1', filters: ['hd/v1/#'], refused: ['#', 'hd/+/air-1', 'hd/v1/meter-2/status', 'hd/v1/meter-1/#'] },
    {
      who: 'air-1',
      filters: ['application/7/#'],
      refused: ['application/+/device/1/event/up', 'application/8/#', 'hd/v1/air-1/cmd/1'],
    },
  ])(
    'of $who for $filters may not subscribe to what lies beyond its rights or its agency',
    async ({ who, filters, refused }) => {
      const platform = await open();
      const client = await connect(platform, who, filters);
      for (const topic of refused) await expect(client.subscribeAsync(topic), topic).rejects.toThrow();
      expect(platform.metrics.value('hd_subscriptions_refused_total')).toBe(refused.length);
    },
  );

  it('that carries many devices hears those of its agency under a wildcard, and no other’s, live or retained', async () => {
    const platform = await open();
    const meter = await connect(platform, 'meter-1');
    const gateway = await connect(platform, 'air-3', ['hd/v1/+/#']);
    await gateway.subscribeAsync('hd/v1/+/#', { qos: 1 });
    await say(meter, 'hd/v1/meter-1/telemetry');
    await say(meter, 'hd/v1/meter-1/status');
    const air = await connect(platform, 'air-1');
    await say(air, 'hd/v1/air-1/telemetry');
    await expect.poll(() => gateway.heard).toContain('hd/v1/air-1/telemetry');
    expect(gateway.heard.filter((topic) => topic.includes('meter'))).toEqual([]);
    expect(platform.metrics.value('hd_deliveries_withheld_total')).toBeGreaterThan(0);
  });

  it('never hears another agency’s cargo under topics that both may use', async () => {
    const platform = await open();
    const listener = await connect(platform, 'air-3', ['application/#']);
    await listener.subscribeAsync('application/#', { qos: 1 });
    const [foreign, own] = [
      await connect(platform, 'meter-2', ['application/#']),
      await connect(platform, 'air-2', ['application/#']),
    ];
    await say(foreign, 'application/1/device/a/event/up');
    await say(own, 'application/2/device/b/event/up');
    await expect.poll(() => listener.heard).toEqual(['application/2/device/b/event/up']);
  });

  it('with fewer rights than the one before hears by its own, though its kept session subscribed to more', async () => {
    const platform = await open();
    const before = await connect(platform, 'air-3', ['hd/v1/+/#'], true);
    await before.subscribeAsync('hd/v1/+/telemetry', { qos: 1 });
    await before.endAsync();
    const air = await connect(platform, 'air-1');
    // One waits in the session's queue, one comes when it is back.
    await say(air, 'hd/v1/air-1/telemetry');
    const after = await connect(platform, 'air-3', ['hd/v1/{id}/#'], true);
    await say(air, 'hd/v1/air-1/telemetry');
    await after.subscribeAsync('hd/v1/air-3/#', { qos: 1 });
    await after.publishAsync('hd/v1/air-3/status', 'over', { qos: 1 });
    await expect.poll(() => after.heard).toContain('hd/v1/air-3/status');
    expect(after.heard.filter((topic) => !topic.startsWith('hd/v1/air-3/'))).toEqual([]);
    expect(platform.metrics.value('hd_deliveries_withheld_total')).toBeGreaterThan(0);
  });

  it('of another agency is no listener to a device’s commands: they wait for the device', async () => {
    const platform = await open();
    const spy = await connect(platform, 'air-3', ['hd/v1/#']);
    await spy.subscribeAsync('hd/v1/+/cmd/+', { qos: 1 });
    const { commands } = platform.registry.as(system).control;
    const [deviceId, id] = ['meter-1' as DeviceId, 'c-1' as CommandId];
    const expiresAt = epochMs(Date.now() + 60_000);
    await commands.create({ id, deviceId, name: 'reboot', params: {}, expiresAt }, 10);
    platform.bus.publish('command.given', { deviceId });
    const meter = await connect(platform, 'meter-1');
    expect((await commands.get(deviceId, id)).state.kind).toBe('waiting');
    await meter.subscribeAsync('hd/v1/meter-1/cmd/+', { qos: 1 });
    await expect.poll(() => meter.heard).toEqual(['hd/v1/meter-1/cmd/1']);
    expect(spy.heard).toEqual([]);
  });
});
