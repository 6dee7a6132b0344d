/**
 * The demo's devices, in a process of their own: every device of Hải Phòng connects over MQTT and reports what its street says, at its model's
 * interval. Run as `node firmware-sim/demo-fleet.ts --broker mqtt://127.0.0.1:1883 --seed 1 [--devices 617]`.
 */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { connect, type MqttClient } from 'mqtt';
import { demoToken } from '../config/city/demo-tokens.ts';
import { haiPhong, haiPhongFacts } from '../config/city/hai-phong.ts';
import { epochMs } from '../domain/time.ts';
import { seedOf, unitAt } from './random.ts';
import { createStreet } from './signals/street.ts';

export interface DemoFleetOptions {
  readonly brokerUrl: string;
  readonly seed: number;
  readonly maximumDevices: number;
}

export interface DemoFleet {
  readonly devices: number;
  readonly connected: number;
  readonly acknowledged: number;
  stop(): Promise<void>;
}

/** Connections begun a second, so that a restart of the broker is not met by all at once. */
const CONNECTS_PER_SECOND = 100;
const RECONNECT_MS = 5_000;

/** Builds the fleet and starts it: devices connect staggered, then each reports by its own clock. */
export function startDemoFleet({ brokerUrl, seed, maximumDevices }: DemoFleetOptions): DemoFleet {
  const street = createStreet({ city: haiPhong, facts: haiPhongFacts, seed });
  const models = new Map(haiPhong.models.map((model) => [model.id, model]));
  const clients: MqttClient[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let acknowledged = 0;
  const devices = haiPhong.devices.slice(0, maximumDevices);

  devices.forEach((device, index) => {
    const model = models.get(device.modelId);
    if (!model) return;
    const points = device.serves.flatMap((id) => street.points.get(id) ?? []);
    const channelOf = new Map(model.channels.map((channel) => [channel.quantity, channel.key]));
    const topic = `hd/v1/${device.id}/telemetry`;
    let sequence = 0;
    const report = (client: MqttClient): void => {
      const now = epochMs(Date.now());
      const moment = street.moment(now);
      const values: Record<string, number> = {};
      for (const point of points) {
        const measured = new Float64Array(point.quantities.length);
        point.measure(moment, measured);
        point.quantities.forEach((quantity, i) => {
          const key = channelOf.get(quantity);
          if (key !== undefined) values[key] = Number((measured[i] ?? 0).toFixed(3));
        });
      }
      if (Object.keys(values).length === 0 || !client.connected) return;
      client.publish(topic, JSON.stringify({ ts: now, seq: sequence++, values }), { qos: 1 }, (error) => {
        if (!error) acknowledged += 1;
      });
    };
    const begin = setTimeout(
      () => {
        timers.delete(begin);
        const client = connect(brokerUrl, {
          clientId: device.id,
          username: device.id,
          password: demoToken(String(seed), device.id),
          protocolVersion: 4,
          keepalive: 120,
          reconnectPeriod: RECONNECT_MS,
        });
        client.on('error', () => {});
        clients.push(client);
        // Its own phase, always the same: devices of a city don't report in step. The demo's first screen should not wait for an hourly meter.
        const phase = unitAt(seedOf(seed, device.id), 0);
        client.once('connect', () => report(client));
        const first = setTimeout(() => {
          timers.delete(first);
          report(client);
          timers.add(setInterval(() => report(client), model.expectedInterval));
        }, model.expectedInterval * phase);
        timers.add(first);
      },
      (index / CONNECTS_PER_SECOND) * 1000,
    );
    timers.add(begin);
  });

  return {
    devices: devices.length,
    get connected() {
      return clients.filter((client) => client.connected).length;
    },
    get acknowledged() {
      return acknowledged;
    },
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(clients.map((client) => client.endAsync(true)));
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: {
      broker: { type: 'string', default: 'mqtt://127.0.0.1:1883' },
      seed: { type: 'string', default: '1' },
      devices: { type: 'string', default: '100000' },
    },
  });
  const fleet = startDemoFleet({
    brokerUrl: values.broker,
    seed: Number(values.seed),
    maximumDevices: Number(values.devices),
  });
  const finish = () => void fleet.stop().then(() => process.exit(0));
  process.on('SIGTERM', finish);
  process.on('SIGINT', finish);
  // The platform that started it is gone: so is the reason to go on.
  process.on('disconnect', finish);
}
