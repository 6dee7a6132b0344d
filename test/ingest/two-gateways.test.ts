import { createHash } from 'node:crypto';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { natsPresent, natsVersion } from '../../adapters/nats/nats-server.ts';
import { postgresPresent, postgresVersion } from '../../adapters/registry/postgres-server.ts';
import type { Actor } from '../../domain/access.ts';
import type { CommandId } from '../../domain/device-control.ts';
import type { AgencyId, CredentialId, DeviceId, GatewayId } from '../../domain/identifiers.ts';
import { epochMs, seconds } from '../../domain/time.ts';
import { tokenOf } from './platform-parts.ts';
import { openCity, type SharedCity } from './shared-city.ts';
import type { Platform } from './small-street.ts';

const system: Actor = { kind: 'system', name: 'test' };
const ROUNDS = 6;
const soon = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 20_000, interval: 10 });

describe.skipIf(!natsPresent || !postgresPresent)(
  `two gateways of one city (${natsVersion}, ${postgresVersion})`,
  () => {
    let city: SharedCity;
    let north: Platform;
    let south: Platform;
    beforeAll(async () => {
      city = await openCity(8);
      // One after the other: the first makes the city.
      north = await city.open('north');
      south = await city.open('south');
    });
    afterAll(async () => {
      await Promise.all([north.stopAll(), south.stopAll()]);
      await city.close();
    });
    const clients: MqttClient[] = [];
    afterEach(() => {
      for (const client of clients.splice(0)) client.end(true);
    });

    const connect = async (gateway: Platform, id: string, options: IClientOptions = {}): Promise<MqttClient> => {
      const client = await connectAsync(
        `mqtt://127.0.0.1:${gateway.mqttPort}`,
        { clientId: id, username: id, password: tokenOf(id), protocolVersion: 4, reconnectPeriod: 0, ...options },
        false,
      );
      client.on('error', () => {});
      clients.push(client);
      return client;
    };
    const listening = async (gateway: Platform, id: string, options: IClientOptions = {}) => {
      const heard: string[] = [];
      const client = await connect(gateway, id, options);
      client.on('message', (topic, bytes) => heard.push(`${topic} ${JSON.parse(String(bytes)).id ?? String(bytes)}`));
      await client.subscribeAsync([`hd/v1/${id}/cmd/+`, `hd/v1/${id}/config`], { qos: 1 });
      return { client, heard };
    };
    const statusOf = async (id: string) =>
      (await city.registry.deviceLog.currentStatus()).find(({ deviceId }) => deviceId === id);
    const idOf = async (name: string): Promise<GatewayId> =>
      (await city.registry.gateways.list(epochMs(0))).find((gateway) => gateway.name === name)!.id;
    let made = 0;
    const give = async (deviceId: DeviceId): Promise<CommandId> => {
      const { registry, bus } = city;
      const id = `c-${++made}` as CommandId;
      const command = { id, deviceId, name: 'reboot', params: {}, expiresAt: epochMs(Date.now() + 60_000) };
      await registry.as(system).control.commands.create(command, 10);
      bus.publish('command.given', { deviceId });
      return id;
    };
    const commandState = async (device: DeviceId, id: CommandId) =>
      (await city.registry.as(system).control.commands.get(device, id)).state.kind;

    describe('a device that connects to the other', () => {
      it('is connected there and no longer here, without its last words, and stays online', async () => {
        const id = 'air-1';
        const will = {
          topic: `hd/v1/${id}/telemetry`,
          payload: Buffer.from('{"values":{"pm2_5":9999}}'),
          qos: 1 as const,
        };
        for (const [from, to, name] of [
          [north, south, 'south'],
          [south, north, 'north'],
        ] as const) {
          const older = await connect(from, id, { will });
          const newer = await connect(to, id);
          await soon(() => expect(older.connected).toBe(false));
          const gateway = await idOf(name);
          await soon(async () => expect(await statusOf(id)).toMatchObject({ online: true, session: { gateway } }));
          expect(newer.connected).toBe(true);
          expect(from.metrics.value('hd_sessions_taken_over_total')).toBe(1);
          newer.end(true);
          await soon(async () => expect(await statusOf(id)).toMatchObject({ online: false, session: { gateway } }));
        }
        const said = await Promise.all(
          [north, south].map((gateway) => gateway.metrics.value('hd_messages_received_total')),
        );
        expect(said).toEqual([0, 0]);
      });

      it(`keeps exactly one connection of those it makes at the same moment, ${ROUNDS} times over`, async () => {
        const id = 'air-2';
        for (let round = 0; round < ROUNDS; round++) {
          const both = await Promise.all([north, south].map((gateway) => connect(gateway, id).catch(() => null)));
          const open = () => both.filter((client) => client?.connected);
          await soon(async () => {
            expect(open()).toHaveLength(1);
            const gateway = await idOf(open()[0] === both[0] ? 'north' : 'south');
            expect(await statusOf(id)).toMatchObject({ online: true, session: { gateway } });
          });
          open()[0]?.end(true);
          await soon(async () => expect(await statusOf(id)).toMatchObject({ online: false }));
        }
      });

      it('is told of at both to whoever subscribes', async () => {
        const id = 'air-3';
        const retained = async (gateway: Platform): Promise<unknown> => {
          const watcher = await connect(gateway, 'air-8', { password: 'watching' });
          const topic = `hd/v1/${id}/status`;
          const message = new Promise((resolve) =>
            watcher.on('message', (at, bytes) => at === topic && resolve(JSON.parse(String(bytes)).online)),
          );
          await watcher.subscribeAsync(topic, { qos: 1 });
          const online = await message;
          await watcher.endAsync();
          return online;
        };
        await city.registry.as(system).devices.addCredential({
          id: 'watcher' as CredentialId,
          deviceId: 'air-8' as DeviceId,
          kind: 'token',
          tokenSha256: createHash('sha256').update('watching').digest('hex'),
          topicFilters: ['hd/v1/+/#'],
          expiresAt: null,
        });
        city.bus.publish('device.changed', { deviceId: 'air-8' as DeviceId });
        await soon(() => connect(north, 'air-8', { password: 'watching' }));
        const client = await connect(south, id);
        await soon(async () => expect(await retained(north)).toBe(true));
        client.end(true);
        await soon(async () => expect(await retained(north)).toBe(false));
      });
    });

    describe('a command', () => {
      it('waits for a device that is nowhere, and is given once, by the gateway it connects to next', async () => {
        const id = 'air-4' as DeviceId;
        const first = await give(id);
        await north.registry.as(system).control.configurations.set(id, { interval_s: 60 }, 0);
        city.bus.publish('configuration.wanted', { deviceId: id });
        const there = await listening(south, id, { clean: false });
        await soon(() =>
          expect(there.heard.toSorted()).toEqual([
            `hd/v1/${id}/cmd/1 ${first}`,
            `hd/v1/${id}/config {"version":1,"config":{"interval_s":60}}`,
          ]),
        );
        await there.client.publishAsync(`hd/v1/${id}/cmd/1/ack`, JSON.stringify({ ok: true }), { qos: 1 });
        await soon(async () => expect(await commandState(id, first)).toBe('done'));
        const second = await give(id);
        await soon(() => expect(there.heard).toHaveLength(3));
        // Not answered; the device goes to the other gateway, and comes back to the session that was kept for it.
        const here = await listening(north, id);
        await soon(() =>
          expect(here.heard.filter((said) => said.includes('/cmd/'))).toEqual([`hd/v1/${id}/cmd/2 ${second}`]),
        );
        await here.client.publishAsync(`hd/v1/${id}/cmd/2/ack`, JSON.stringify({ ok: true }), { qos: 1 });
        await soon(async () => expect(await commandState(id, second)).toBe('done'));
        const again = await listening(south, id, { clean: false });
        const third = await give(id);
        await soon(() =>
          expect(again.heard.filter((said) => said.includes('/cmd/'))).toEqual([`hd/v1/${id}/cmd/3 ${third}`]),
        );
      });
    });

    it('close the connection of a device whose credential is revoked, whichever has it', async () => {
      const id = 'air-5' as DeviceId;
      const client = await connect(south, id);
      const { devices } = city.registry.as(system);
      const [credential] = await devices.credentials(id);
      await devices.revokeCredential(id, credential!.id);
      city.bus.publish('credential.revoked', { deviceId: id, credentialId: credential!.id });
      await soon(async () => expect(await statusOf(id)).toMatchObject({ online: false, reason: 'revoked' }));
      expect(client.connected).toBe(false);
    });

    it('show what is seen of a device at either of them', async () => {
      const id = 'air-6' as DeviceId;
      const look = async () => (await city.tail.watch(id)).found;
      expect((await look()).messages).toEqual([]);
      for (const gateway of [north, south]) {
        const client = await connect(gateway, id);
        await client.publishAsync(`hd/v1/${id}/telemetry`, '{"values":{"pm2_5":12}}', { qos: 1 });
      }
      await soon(async () =>
        expect((await look()).messages.map(({ from }) => from)).toEqual([await idOf('south'), await idOf('north')]),
      );
    });

    it('take a gateway for gone that was not heard of for as long as it had announced, and its devices for offline', async () => {
      const { registry } = city;
      const gone = 'gone' as GatewayId;
      const id = 'air-7' as DeviceId;
      const now = epochMs(Date.now());
      await registry.gateways.beat({ id: gone, name: 'gone', ttl: seconds(0.2), held: 0 }, now);
      const status = { deviceId: id, agencyId: 'env' as AgencyId, online: true, reason: 'connected' } as const;
      const session = { gateway: gone, stamp: now };
      const heard: boolean[] = [];
      const leave = city.bus.subscribe('device.status', ({ deviceId, online }) => {
        if (deviceId === id) heard.push(online);
      });
      await registry.deviceLog.recordStatus([{ ...status, eventTime: now, recordedAt: now, session }]);
      await soon(async () => expect(await statusOf(id)).toMatchObject({ online: false, reason: 'platform_restart' }));
      await soon(() => expect(heard).toEqual([false]));
      leave();
    });

    // Last: it stops one of them.
    it('hold what could not be used each for itself, and people see it as one', async () => {
      const { quarantine } = city;
      const id = 'air-3' as DeviceId;
      const filter = { agencies: 'all', deviceId: id } as const;
      for (const [at, gateway] of [north, south, north, south].entries()) {
        const client = await connect(gateway, id);
        await client.publishAsync(`hd/v1/${id}/telemetry`, `not JSON ${at}`, { qos: 1 });
      }
      const pages = [];
      for (let after: Parameters<typeof quarantine.list>[2] = { bytesAtMost: 100 }; ; ) {
        const page = await quarantine.list(filter, 1, after);
        pages.push(...page.found);
        if (page.next === null) break;
        after = { after: page.next, bytesAtMost: 100 };
      }
      const shown = pages.map(({ gateway, bytes }) => `${gateway.name}: ${Buffer.from(bytes!)}`);
      expect(shown).toEqual(['south: not JSON 3', 'north: not JSON 2', 'south: not JSON 1', 'north: not JSON 0']);
      expect((await quarantine.count(filter)).found).toBe(4);
      expect((await quarantine.counts(['env' as AgencyId])).found.counts).toContainEqual({
        deviceId: id,
        code: 'MALFORMED',
        messages: 4,
      });
      const ids = pages.map((message) => message.id);
      expect((await quarantine.replay(ids, { backfill: false })).found.map((outcome) => outcome.id).toSorted()).toEqual(
        ids.toSorted(),
      );
      const [newest, older] = pages;
      expect((await quarantine.discard(newest!.id)).found).toBe(true);
      expect((await south.quarantine.get(newest!.id))?.state).toBe('discarded');

      await south.stopAll();
      const left = await quarantine.list(filter, 10);
      expect(left.found.map(({ gateway }) => gateway.name)).toEqual(['north', 'north']);
      expect(left.away.map(({ name }) => name)).toContain('south');
      expect(await quarantine.get(newest!.id)).toMatchObject({ found: undefined });
      expect((await quarantine.get(older!.id)).found).toMatchObject({ gateway: { name: 'north' } });
      south = await city.open('south');
      expect((await quarantine.list(filter, 10)).found).toHaveLength(4);
    });

    it('report nothing that went wrong', () => expect([...north.errors, ...south.errors, ...city.errors]).toEqual([]));
  },
);
