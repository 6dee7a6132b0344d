import { createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DeviceId, DeviceModelId } from '../domain/identifiers.ts';
import type { EpochMs } from '../domain/time.ts';
import { createFleet, type FleetOptions } from './fleet.ts';
import type { Deed, SimulatedDevice } from './hardware/device.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly dup: boolean;
  readonly qos: number;
}
async function openBroker(port = 0) {
  const heard: Message[] = [];
  const sockets = new Set<Socket>();
  const aedes = await Aedes.createBroker({
    authorizePublish(_client, { topic, payload, dup, qos }, done) {
      heard.push({ topic, payload: String(payload), dup, qos });
      done(null);
    },
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    aedes.handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  closing.push(close);
  return { heard, aedes, close, port: (server.address() as { port: number }).port };
}

const reading = (payload: string, repeat = false): Deed => ({ kind: 'telemetry', payload, readings: 1, repeat });
/** A device that does what it is told, at once, one step after the other. */
function puppet(id: string, script: (readonly Deed[])[] = []) {
  let due = 0;
  const orders: unknown[] = [];
  const device: SimulatedDevice = {
    modelId: 'air' as DeviceModelId,
    firmware: '1.4.2',
    runs: () => {},
    id: id as DeviceId,
    get dueAt() {
      return (script.length > 0 ? due : Number.POSITIVE_INFINITY) as EpochMs;
    },
    step(at) {
      due = at + 1;
      return script.shift() ?? [];
    },
    adopt() {},
    order: (effect) => void orders.push(effect),
  };
  return { device, orders, act: (deeds: readonly Deed[]) => script.push(deeds) };
}
const fleetOf = (port: number, devices: readonly SimulatedDevice[], more: Partial<FleetOptions> = {}) => {
  const fleet = createFleet({
    brokerUrl: `mqtt://127.0.0.1:${port}`,
    devices,
    credentialsOf: () => undefined,
    clock: () => Date.now() as EpochMs,
    ...more,
  });
  closing.push(() => fleet.stop());
  return fleet;
};

describe('a fleet over real connections', () => {
  it('sends a repeat as the very same bytes, marked as sent again', async () => {
    const broker = await openBroker();
    const fleet = fleetOf(broker.port, [puppet('d-1', [[reading('{"a":1}'), reading('{"a":1}', true)]]).device]);
    await fleet.start();
    await vi.waitFor(() => expect(fleet.stats()).toMatchObject({ acknowledged: 2, repeats: 1 }));
    expect(broker.heard.map(({ payload, dup, qos }) => [payload, dup, qos])).toEqual([
      ['{"a":1}', false, 1],
      ['{"a":1}', true, 1],
    ]);
  });

  it('gasps once more when a device vanishes, and then its will is heard', async () => {
    const broker = await openBroker();
    const { device, act } = puppet('d-1', [[reading('{"first":1}')]]);
    const fleet = fleetOf(broker.port, [device]);
    await fleet.start();
    await vi.waitFor(() => expect(fleet.stats().acknowledged).toBe(1));
    act([reading('{"power_present":0}'), { kind: 'vanish' }]);
    fleet.reschedule();
    await vi.waitFor(() => expect(broker.heard.map(({ payload }) => payload)).toContain('{"power_present":0}'));
    await vi.waitFor(
      () =>
        expect(broker.heard.at(-1)).toMatchObject({
          topic: 'hd/v1/d-1/status',
          payload: expect.stringContaining('last_will'),
        }),
      {
        timeout: 10_000,
      },
    );
    expect(fleet.stats().connected).toBe(0);
  });

  it('keeps what is measured without coverage and sends it in a burst, in order, when it appears again', async () => {
    const broker = await openBroker();
    const { device, act } = puppet('d-1', [[{ kind: 'vanish' }]]);
    const fleet = fleetOf(broker.port, [device]);
    await fleet.start();
    for (let i = 0; i < 5; i++) act([reading(`{"n":${i}}`)]);
    fleet.reschedule();
    await vi.waitFor(() => expect(fleet.stats().waiting).toBe(5));
    expect(broker.heard).toEqual([]);
    act([{ kind: 'appear' }]);
    fleet.reschedule();
    await vi.waitFor(
      () => expect(broker.heard.map(({ payload }) => payload)).toEqual([0, 1, 2, 3, 4].map((n) => `{"n":${n}}`)),
      {
        timeout: 10_000,
      },
    );
  });

  it('outlives its broker: keeps a bounded number of messages, counts what it dropped, connects again and sends', async () => {
    const broker = await openBroker();
    const { device, act } = puppet('d-1', [[reading('{"n":-1}')]]);
    const fleet = fleetOf(broker.port, [device], { waitingPerDevice: 3 });
    await fleet.start();
    await vi.waitFor(() => expect(fleet.stats().acknowledged).toBe(1));
    await broker.close();
    await vi.waitFor(() => expect(fleet.stats().connected).toBe(0));
    for (let i = 0; i < 5; i++) act([reading(`{"n":${i}}`)]);
    fleet.reschedule();
    await vi.waitFor(() => expect(fleet.stats()).toMatchObject({ waiting: 3, dropped: 2 }));
    const again = await openBroker(broker.port);
    await vi.waitFor(
      () => expect(again.heard.map(({ payload }) => payload)).toEqual(['{"n":2}', '{"n":3}', '{"n":4}']),
      {
        timeout: 15_000,
      },
    );
    expect(fleet.stats().reconnects).toBeGreaterThan(0);
  });

  it('does as it is told from afar, says so, and comes back after a reboot', async () => {
    const broker = await openBroker();
    const { device, orders } = puppet('d-1');
    const fleet = fleetOf(broker.port, [device], { seed: 3 });
    const listening = () => new Promise<void>((resolve) => broker.aedes.once('subscribe', () => resolve()));
    const first = listening();
    await fleet.start();
    await first;
    const tell = (topic: string, body: unknown) =>
      broker.aedes.publish(
        { cmd: 'publish', topic, payload: Buffer.from(JSON.stringify(body)), qos: 1, retain: false, dup: false },
        () => {},
      );
    tell('hd/v1/d-1/cmd/7', { id: '7', name: 'set_interval', params: { seconds: 30 }, expires: 0 });
    tell('hd/v1/d-1/config', { version: 3, config: {} });
    tell('hd/v1/d-1/cmd/8', 'nonsense');
    const answers = () =>
      broker.heard
        .filter(({ topic }) => topic.endsWith('/ack'))
        .map(({ topic, payload }) => [topic, JSON.parse(payload)]);
    await vi.waitFor(() =>
      expect(answers()).toEqual([
        ['hd/v1/d-1/cmd/7/ack', { id: '7', ok: true, result: { interval_s: 30 } }],
        ['hd/v1/d-1/config/ack', { version: 3, ok: true }],
      ]),
    );
    expect(orders).toEqual([{ kind: 'interval', ms: 30_000 }]);
    expect(fleet.stats().commandsAnswered).toBe(2);
    const again = listening();
    tell('hd/v1/d-1/cmd/9', { id: '9', name: 'reboot', params: {}, expires: 0 });
    await again;
    expect(answers().at(-1)).toEqual(['hd/v1/d-1/cmd/9/ack', { id: '9', ok: true, result: 'rebooting' }]);
    expect(fleet.stats().reconnects).toBe(1);
  });
});
