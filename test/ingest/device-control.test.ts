import { createHash } from 'node:crypto';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { CommandId } from '../../domain/device-control.ts';
import type { CredentialId, DeviceId } from '../../domain/identifiers.ts';
import { type EpochMs, epochMs } from '../../domain/time.ts';
import { newFolder, openIngest, tokenOf } from './platform-parts.ts';

type Platform = Awaited<ReturnType<typeof openIngest>>;
const system: Actor = { kind: 'system', name: 'test' };
const DEVICE = 'air-1' as DeviceId;
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});
const open = async (folder = newFolder()): Promise<Platform> => {
  const platform = await openIngest(folder);
  opened.push(() => platform.stopAll());
  return platform;
};

interface Listening {
  readonly client: MqttClient;
  readonly heard: { readonly topic: string; readonly payload: Record<string, unknown> }[];
}
/** A device that listens for orders. */
async function listen(
  platform: Platform,
  options: IClientOptions = {},
  filters = [`hd/v1/${DEVICE}/cmd/+`, `hd/v1/${DEVICE}/config`],
): Promise<Listening> {
  const heard: Listening['heard'] = [];
  const client = await connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
    clientId: DEVICE,
    username: DEVICE,
    password: tokenOf(DEVICE),
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...options,
  });
  client.on('error', () => {});
  client.on('message', (topic, bytes) => heard.push({ topic, payload: JSON.parse(bytes.toString()) }));
  opened.push(async () => client.end(true));
  if (filters.length > 0) await client.subscribeAsync(filters, { qos: 1 });
  return { client, heard };
}
let made = 0;
async function give(platform: Platform, name = 'reboot', expiresAt: EpochMs = epochMs(Date.now() + 60_000)) {
  const id = `c-${++made}` as CommandId;
  const command = await platform.registry
    .as(system)
    .control.commands.create({ id, deviceId: DEVICE, name, params: { seconds: 5 }, expiresAt }, 10);
  platform.bus.publish('command.given', { deviceId: DEVICE });
  return command;
}
const stateOf = async (platform: Platform, id: CommandId) =>
  (await platform.registry.as(system).control.commands.get(DEVICE, id)).state;
const want = async (platform: Platform, config: Record<string, number>, version: number) => {
  await platform.registry.as(system).control.configurations.set(DEVICE, config, version);
  platform.bus.publish('configuration.wanted', { deviceId: DEVICE });
};
const soon = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 10_000, interval: 5 });

describe('a command', () => {
  it('reaches a connected device at once, and its answer is kept', async () => {
    const platform = await open();
    const { client, heard } = await listen(platform);
    const command = await give(platform, 'identify');
    await soon(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toEqual({
      topic: `hd/v1/${DEVICE}/cmd/1`,
      payload: { id: command.id, name: 'identify', params: { seconds: 5 }, expires: command.expiresAt },
    });
    await soon(async () => expect((await stateOf(platform, command.id)).kind).toBe('sent'));
    await client.publishAsync(
      `hd/v1/${DEVICE}/cmd/1/ack`,
      JSON.stringify({ id: command.id, ok: true, result: { lamp: 'on' } }),
      { qos: 1 },
    );
    // Acknowledged means kept.
    expect(await stateOf(platform, command.id)).toMatchObject({ kind: 'done', result: { lamp: 'on' } });
  });

  it('waits for a device that is asleep, over a restart of the platform, and is given again until it is answered', async () => {
    const folder = newFolder();
    const before = await openIngest(folder);
    const command = await give(before);
    await before.stopAll();
    const platform = await open(folder);
    expect((await stateOf(platform, command.id)).kind).toBe('waiting');
    const first = await listen(platform);
    await soon(() => expect(first.heard).toHaveLength(1));
    await first.client.endAsync(true);
    const second = await listen(platform);
    await soon(() => expect(second.heard.map(({ payload }) => payload['id'])).toEqual([command.id]));
    await second.client.publishAsync(`hd/v1/${DEVICE}/cmd/1/ack`, '{"ok":false,"error":"busy"}', { qos: 1 });
    expect(await stateOf(platform, command.id)).toMatchObject({ kind: 'failed', error: 'busy' });
    await second.client.endAsync(true);
    const third = await listen(platform);
    await give(platform, 'report_now');
    await soon(() => expect(third.heard.map(({ payload }) => payload['name'])).toEqual(['report_now']));
  });

  it('is given in the order it was ordered in, to a kept session, too', async () => {
    const platform = await open();
    const asleep = await listen(platform, { clean: false });
    await asleep.client.endAsync();
    for (const name of ['first', 'second', 'third']) await give(platform, name);
    const awake = await listen(platform, { clean: false });
    const names = () => awake.heard.map(({ payload }) => payload['name']);
    await soon(() => expect(names()).toEqual(['first', 'second', 'third']));
  });

  describe('for a device that a gateway carries', () => {
    const LOGIN = { clientId: 'air-3', username: 'air-3', password: 'carrying' };
    const carry = async (platform: Platform): Promise<void> => {
      await platform.registry.as(system).devices.addCredential({
        id: 'carrier' as CredentialId,
        deviceId: 'air-3' as DeviceId,
        kind: 'token',
        tokenSha256: createHash('sha256').update('carrying').digest('hex'),
        topicFilters: ['hd/v1/+/#'],
        expiresAt: null,
      });
      platform.bus.publish('device.changed', { deviceId: 'air-3' as DeviceId });
    };
    const idsOf = ({ heard }: Listening) => heard.map(({ payload }) => payload['id']);

    it('reaches it through the gateway, when that listens', async () => {
      const platform = await open();
      const command = await give(platform);
      await carry(platform);
      const gateway = await listen(platform, LOGIN, ['hd/v1/+/cmd/+']);
      await soon(() => expect(idsOf(gateway)).toEqual([command.id]));
      await gateway.client.publishAsync(`hd/v1/${DEVICE}/cmd/1/ack`, '{"ok":true}', { qos: 1 });
      expect((await stateOf(platform, command.id)).kind).toBe('done');
    });

    it('waits for the gateway to come back to the session that was kept for it', async () => {
      const platform = await open();
      await carry(platform);
      const before = await listen(platform, { ...LOGIN, clean: false }, ['hd/v1/+/cmd/+']);
      await before.client.endAsync();
      const command = await give(platform);
      // Nothing is subscribed to anew: the session has it.
      const gateway = await listen(platform, { ...LOGIN, clean: false }, []);
      await soon(() => expect(idsOf(gateway)).toEqual([command.id]));
    });
  });

  it('is not given when its time is over, and says so', async () => {
    const platform = await open();
    const command = await give(platform, 'reboot', epochMs(Date.now() + 50));
    await soon(async () => expect((await stateOf(platform, command.id)).kind).toBe('expired'));
    const { heard } = await listen(platform);
    await give(platform, 'report_now');
    await soon(() => expect(heard.map(({ payload }) => payload['name'])).toEqual(['report_now']));
  });
});

describe('an answer that can’t be used', () => {
  it.each([
    ['is no JSON', 'cmd/1/ack', 'done!'],
    ['doesn’t say whether it worked', 'cmd/1/ack', '{"id":"x"}'],
    ['is about a command that never was', 'cmd/99/ack', '{"ok":true}'],
    ['is about a configuration that never was', 'config/ack', '{"version":9,"ok":true}'],
  ])('%s: acknowledged, and in quarantine with its reason', async (_, kind, payload) => {
    const platform = await open();
    const { client } = await listen(platform);
    await give(platform);
    await client.publishAsync(`hd/v1/${DEVICE}/${kind}`, payload, { qos: 1 });
    expect(client.connected).toBe(true);
    expect(platform.metrics.value('hd_device_answers_rejected_total')).toBe(1);
    expect(platform.quarantine.status().messages).toBe(1);
  });
});

describe('a configuration', () => {
  it('reaches a device that connects later, as a retained message, and is in force when the device says so', async () => {
    const platform = await open();
    await want(platform, { interval_s: 60 }, 0);
    const { client, heard } = await listen(platform);
    await soon(() =>
      expect(heard.at(-1)).toEqual({
        topic: `hd/v1/${DEVICE}/config`,
        payload: { version: 1, config: { interval_s: 60 } },
      }),
    );
    await want(platform, { interval_s: 300 }, 1);
    await soon(() => expect(heard.at(-1)?.payload).toMatchObject({ version: 2 }));
    await client.publishAsync(`hd/v1/${DEVICE}/config/ack`, '{"version":2,"ok":true}', { qos: 1 });
    const { reported } = await platform.registry.as(system).control.configurations.get(DEVICE);
    expect(reported).toMatchObject({ version: 2, ok: true });
  });

  it('is given after the platform was stopped before it could say it', async () => {
    const folder = newFolder();
    const before = await openIngest(folder);
    // As after a crash between the registry's commit and the broker's: nobody heard of it.
    await before.registry.as(system).control.configurations.set(DEVICE, { interval_s: 5 }, 0);
    await before.stopAll();
    const { heard } = await listen(await open(folder));
    await soon(() => expect(heard[0]?.payload).toEqual({ version: 1, config: { interval_s: 5 } }));
  });
});
