import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { natsPresent, natsVersion } from '../../adapters/nats/nats-server.ts';
import { postgresPresent, postgresVersion } from '../../adapters/registry/postgres-server.ts';
import type { CommandId } from '../../domain/device-control.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import { epochMs } from '../../domain/time.ts';
import { tokenOf } from '../ingest/platform-parts.ts';
import { type GatewayPlace, GONE_AFTER_SECONDS, openCity, type SharedCity } from '../ingest/shared-city.ts';

const DEVICES = 20;
const ids = Array.from({ length: DEVICES }, (_, i) => `air-${i + 1}` as DeviceId);
const ROUNDS = 25;
const until = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 60_000, interval: 50 });

interface GatewayProcess {
  readonly child: ChildProcess;
  readonly mqttPort: number;
}
const processes = new Set<ChildProcess>();
async function startGateway({ name, folder, devices, postgresUrl, natsUrl }: GatewayPlace): Promise<GatewayProcess> {
  const program = join(import.meta.dirname, '../ingest/gateway-child.ts');
  const child = spawn(process.execPath, [program, name, folder, String(devices), postgresUrl, natsUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.add(child);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, mqttPort: (JSON.parse(line) as { mqttPort: number }).mqttPort };
}
const end = async ({ child }: GatewayProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
  processes.delete(child);
};

describe.skipIf(!natsPresent || !postgresPresent)(
  `two gateways as processes (${natsVersion}, ${postgresVersion})`,
  () => {
    let city: SharedCity;
    let north: GatewayProcess;
    let south: GatewayProcess;
    const clients = new Set<MqttClient>();
    beforeAll(async () => {
      city = await openCity(DEVICES);
      north = await startGateway(city.place('north'));
      south = await startGateway(city.place('south'));
    });
    afterAll(async () => {
      for (const client of clients) client.end(true);
      for (const child of processes) child.kill('SIGKILL');
      await city.close();
    });

    const connect = async (gateway: GatewayProcess, id: string): Promise<MqttClient> => {
      const client = await connectAsync(
        `mqtt://127.0.0.1:${gateway.mqttPort}`,
        {
          ...{ clientId: id, username: id, password: tokenOf(id), protocolVersion: 4, reconnectPeriod: 0 },
          clean: false,
          // Said, it would be seen in quarantine.
          will: { topic: `hd/v1/${id}/telemetry`, payload: Buffer.from('last words'), qos: 1 },
        },
        false,
      );
      client.on('error', () => {});
      client.once('close', () => clients.delete(client));
      clients.add(client);
      return client;
    };
    const connectAll = (gateway: GatewayProcess, some: readonly string[] = ids) =>
      Promise.all(some.map((id) => connect(gateway, id)));
    /** `{device: 'online at north' | 'offline'}` */
    const statuses = async (): Promise<Record<string, string>> => {
      const names = new Map((await city.registry.gateways.list(epochMs(0))).map(({ id, name }) => [id, name]));
      return Object.fromEntries(
        (await city.registry.deviceLog.currentStatus()).map(({ deviceId, online, session }) => [
          deviceId,
          online ? `online at ${names.get(session!.gateway)}` : 'offline',
        ]),
      );
    };
    const all = (status: string, some: readonly string[] = ids) => Object.fromEntries(some.map((id) => [id, status]));
    const lastWords = async () => (await city.quarantine.list({ agencies: 'all' }, 1_000)).found.length;

    it('settle one that is killed; its devices are served by the other, and what it comes back with is over', async () => {
      await connectAll(north);
      await until(async () => expect(await statuses()).toEqual(all('online at north')));
      const killed = Date.now();
      await end(north, 'SIGKILL');
      await until(async () => expect(await statuses()).toEqual(all('offline')));
      console.log(`settled ${((Date.now() - killed) / 1_000).toFixed(1)} s after the kill`);
      for (const [n, deviceId] of ids.entries()) {
        const command = {
          id: `c-${n}` as CommandId,
          name: 'reboot',
          params: {},
          expiresAt: epochMs(Date.now() + 600_000),
        };
        await city.registry.as({ kind: 'system', name: 'test' }).control.commands.create({ ...command, deviceId }, 10);
        city.bus.publish('command.given', { deviceId });
      }
      const heard: string[] = [];
      const moved = await connectAll(south);
      for (const [n, client] of moved.entries()) {
        client.on('message', (topic) => heard.push(topic));
        await client.subscribeAsync(`hd/v1/${ids[n]}/cmd/+`, { qos: 1 });
      }
      const commands = ids.map((id) => `hd/v1/${id}/cmd/1`).toSorted();
      await until(() => expect(heard.toSorted()).toEqual(commands));
      north = await startGateway(city.place('north'));
      // Wills of a broker that crashed are said so long after its next start, of devices that are nowhere.
      await pause(1_000 * (2 * GONE_AFTER_SECONDS + 4));
      expect(await lastWords()).toBe(0);
      expect(await statuses()).toEqual(all('online at south'));
      expect(moved.every((client) => client.connected)).toBe(true);
      expect(heard.toSorted()).toEqual(commands);
    });

    it('settle one that is held still, and hear of its devices again when it goes on', async () => {
      south.child.kill('SIGSTOP');
      await until(async () => expect(await statuses()).toEqual(all('offline')));
      south.child.kill('SIGCONT');
      await until(async () => expect(await statuses()).toEqual(all('online at south')));
      south.child.kill('SIGSTOP');
      const half = ids.slice(DEVICES / 2);
      const moved = await connectAll(north, half);
      south.child.kill('SIGCONT');
      const expected = { ...all('online at south'), ...all('online at north', half) };
      await until(async () => {
        expect(clients.size).toBe(DEVICES);
        expect(await statuses()).toEqual(expected);
      });
      expect(moved.every((client) => client.connected)).toBe(true);
      expect(await lastWords()).toBe(0);
    });

    it(`keep one connection of each device, where its status says, through ${ROUNDS} rounds of moves and kills`, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const where = new Map(ids.map((id) => [id, Math.random() < 0.5 ? 'north' : 'south']));
        if (round % 5 === 4) {
          await end(south, 'SIGKILL');
          south = await startGateway(city.place('south'));
        }
        const gatewayOf = (name: string | undefined) => (name === 'north' ? north : south);
        // Some at both, at the same moment.
        await Promise.all(
          [
            ...ids.map((id) => connect(gatewayOf(where.get(id)), id)),
            ...ids.slice(0, 5).map((id) => connect(gatewayOf(where.get(id) === 'north' ? 'south' : 'north'), id)),
          ].map((connecting) => connecting.catch(() => null)),
        );
        await until(async () => {
          const open = [...clients].map((client) => client.options.clientId).toSorted();
          expect(open).toEqual([...ids].toSorted());
          const said = await statuses();
          for (const client of clients) {
            const at = client.options.port === north.mqttPort ? 'north' : 'south';
            expect([client.options.clientId, said[client.options.clientId!]]).toEqual([
              client.options.clientId,
              `online at ${at}`,
            ]);
          }
        });
      }
    });
  },
);
