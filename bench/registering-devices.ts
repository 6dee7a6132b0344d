/** Devices as they come out of their boxes, on raw sockets: argv[2] is a JSON `RegisteringOrder`, the answer is one JSON line of `RegisteringResult`. */
import { connect } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';
import { percentile } from './report.ts';

export interface RegisteringOrder {
  readonly port: number;
  readonly profileKey: string;
  readonly secret: string;
  readonly devices: readonly string[];
  readonly channels: readonly string[];
  /** Devices at work at once. */
  readonly together: number;
}
export interface RegisteringResult {
  /** From the first connection to the last acknowledged reading. */
  readonly milliseconds: number;
  readonly acknowledged: number;
  /** Devices that didn't get through, by what they were told. */
  readonly refused: Readonly<Record<string, number>>;
  /** One device, from its first packet to its acknowledged reading. */
  readonly deviceMs: { readonly p50: number; readonly p99: number };
}

const GIVE_UP_AFTER_MS = 60_000;
const order = JSON.parse(process.argv[2] ?? '') as RegisteringOrder;

/** One connection: sends packets, and waits for the next packet of a kind. */
async function session(clientId: string, username: string, password: string) {
  const socket = connect(order.port, '127.0.0.1').setNoDelay(true);
  const reader = parser({ protocolVersion: 4 });
  const arrived: Packet[] = [];
  let waiting: { readonly cmd: string; resolve(packet: Packet): void; reject(error: Error): void } | null = null;
  reader.on('packet', (packet) => {
    if (waiting?.cmd === packet.cmd) waiting.resolve(packet);
    else arrived.push(packet);
  });
  const fail = (error: Error): void => waiting?.reject(error);
  socket.on('data', (bytes) => reader.parse(bytes));
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('CLOSED')));
  socket.setTimeout(GIVE_UP_AFTER_MS, () => socket.destroy(new Error('NO_ANSWER')));
  const next = <C extends Packet['cmd']>(cmd: C): Promise<Extract<Packet, { cmd: C }>> =>
    new Promise((resolve, reject) => {
      const at = arrived.findIndex((packet) => packet.cmd === cmd);
      const [found] = at < 0 ? [] : arrived.splice(at, 1);
      if (found) resolve(found as never);
      else waiting = { cmd, resolve: resolve as never, reject };
    });
  const send = (packet: Packet): void => void socket.write(generate(packet));
  send({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId,
    username,
    password: Buffer.from(password),
    clean: true,
    keepalive: 0,
  });
  const { returnCode } = await next('connack');
  if (returnCode !== 0) throw new Error(`CONNACK ${returnCode}`);
  return { send, next, end: () => socket.end(generate({ cmd: 'disconnect' })) };
}

async function unpack(id: string): Promise<void> {
  const first = await session(id, 'provision', order.secret);
  const topic = `hd/v1/provision/${order.profileKey}`;
  first.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `${topic}/${id}`, qos: 1 }] });
  first.send({ cmd: 'publish', topic, payload: '{"model":null}', qos: 1, messageId: 2, dup: false, retain: false });
  const answer = JSON.parse((await first.next('publish')).payload.toString()) as { token?: string; code?: string };
  first.end();
  if (answer.token === undefined) throw new Error(answer.code);
  const device = await session(id, id, answer.token);
  const values = order.channels.map((key, i) => `"${key}":${20 + i}`).join(',');
  device.send({
    cmd: 'publish',
    topic: `hd/v1/${id}/telemetry`,
    payload: `{"ts":${Date.now()},"values":{${values}}}`,
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  });
  await device.next('puback');
  device.end();
}

const refused: Record<string, number> = {};
const tookMs: number[] = [];
const waiting = [...order.devices];
const began = performance.now();
await Promise.all(
  Array.from({ length: order.together }, async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const from = performance.now();
      try {
        await unpack(id);
        tookMs.push(performance.now() - from);
      } catch (error) {
        const { message } = error as Error;
        refused[message] = (refused[message] ?? 0) + 1;
      }
    }
  }),
);
const result: RegisteringResult = {
  milliseconds: performance.now() - began,
  acknowledged: tookMs.length,
  refused,
  deviceMs: { p50: percentile(tookMs, 0.5), p99: percentile(tookMs, 0.99) },
};
console.log(JSON.stringify(result));
