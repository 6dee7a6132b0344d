/** A lean MQTT 3.1.1 sender on raw sockets: argv[2] is a JSON `SenderOrder`, the answer is one JSON line of `SenderResult`. */
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { generate, parser } from 'mqtt-packet';
import { percentile } from './report.ts';

export interface SenderOrder {
  readonly port: number;
  /** Id and token of the device of every connection. */
  readonly devices: readonly (readonly [id: string, token: string])[];
  readonly channels: readonly string[];
  /** How long to send; 0 until standard input ends. */
  readonly seconds: number;
  /** Unacknowledged messages of one connection at the most. */
  readonly window: number;
  /** Messages a second over all connections, each in its turn; 0 sends as fast as acknowledgements come. */
  readonly rate: number;
  /** Event time of message n of a connection is `from + n`, epoch ms: each message has an identity of its own. `null`: the moment of sending. */
  readonly from: number | null;
  /** Devices `prefix first`, `prefix first + step` … that each connection speaks for, in turn, in place of its own. */
  readonly carries?: readonly {
    readonly prefix: string;
    readonly first: number;
    readonly step: number;
    readonly count: number;
  }[];
}
export interface SenderResult {
  /** Acknowledged messages of each connection: the first so many, since each acknowledgement is waited for at the end. */
  readonly acked: readonly number[];
  /** Messages whose acknowledgement never came. */
  readonly unanswered: number;
  readonly seconds: number;
  readonly bytesOfMessage: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
}

const ANSWERS_WITHIN_MS = 30_000;
const PACE_MS = 5;

const order = JSON.parse(process.argv[2] ?? '') as SenderOrder;
const latencies: number[] = [];
const acked = order.devices.map(() => 0);
let sending = false;
let bytesOfMessage = 0;

async function open([id, token]: readonly [string, string], index: number) {
  const socket: Socket = connect(order.port, '127.0.0.1').setNoDelay(true);
  const sentAt = new Map<number, number>();
  const reader = parser({ protocolVersion: 4 });
  let n = 0;
  const message = (): Buffer => {
    const messageId = (n % 65_535) + 1;
    const values = order.channels.map((key, i) => `"${key}":${(20 + i + (n % 100) / 100).toFixed(2)}`).join(',');
    const carried = order.carries?.[index];
    const device = carried ? `${carried.prefix}${carried.first + (n % carried.count) * carried.step}` : id;
    const payload =
      order.from === null
        ? `{"ts":${Date.now()},"status":"ok","values":{${values}}}`
        : `{"ts":${order.from + n},"seq":${n},"status":"ok","values":{${values}}}`;
    bytesOfMessage = payload.length;
    n++;
    sentAt.set(messageId, performance.now());
    const topic = `hd/v1/${device}/telemetry`;
    return generate({ cmd: 'publish', topic, payload, qos: 1, messageId, dup: false, retain: false });
  };
  /** Sends as much as the window lets it. */
  const fill = (): void => {
    const packets: Buffer[] = [];
    while (sending && sentAt.size < order.window) packets.push(message());
    if (packets.length > 0) socket.write(packets.length === 1 ? packets[0]! : Buffer.concat(packets));
  };
  /** Sends one message; false when the window is full. */
  const one = (): boolean => {
    if (sentAt.size >= order.window) return false;
    socket.write(message());
    return true;
  };
  const ready = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    reader.on('packet', (packet) => {
      if (packet.cmd === 'connack') {
        if (packet.returnCode === 0) resolve();
        else reject(new Error(`${id} refused: ${packet.returnCode}`));
      } else if (packet.cmd === 'puback') {
        const at = sentAt.get(packet.messageId ?? 0);
        if (at === undefined) return;
        latencies.push(performance.now() - at);
        sentAt.delete(packet.messageId ?? 0);
        acked[index]!++;
      }
    });
  });
  socket.on('data', (bytes) => {
    reader.parse(bytes);
    if (order.rate === 0) fill();
  });
  socket.write(
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      keepalive: 60,
      clientId: id,
      username: id,
      password: Buffer.from(token),
    }),
  );
  await ready;
  return { fill, one, waiting: () => sentAt.size, close: () => socket.destroy() };
}

const connections: Awaited<ReturnType<typeof open>>[] = [];
for (let i = 0; i < order.devices.length; i += 50)
  connections.push(...(await Promise.all(order.devices.slice(i, i + 50).map((d, j) => open(d, i + j)))));

sending = true;
const began = performance.now();
let due = 0;
let last = began;
let turn = 0;
const pacer = setInterval(() => {
  const now = performance.now();
  // A sender that was held up catches up by a second's worth at the most.
  due = Math.min(due + ((now - last) * order.rate) / 1000, order.rate);
  last = now;
  for (let tried = 0; tried < connections.length && due >= 1; tried++)
    if (connections[turn++ % connections.length]!.one()) due--;
}, PACE_MS);
if (order.rate === 0) for (const connection of connections) connection.fill();
await (order.seconds > 0
  ? pause(order.seconds * 1000)
  : new Promise((resolve) => process.stdin.once('end', resolve).resume()));
sending = false;
clearInterval(pacer);
const seconds = (performance.now() - began) / 1000;
const unanswered = () => connections.reduce((sum, connection) => sum + connection.waiting(), 0);
for (const deadline = Date.now() + ANSWERS_WITHIN_MS; unanswered() > 0 && Date.now() < deadline; ) await pause(20);
const result: SenderResult = {
  acked,
  unanswered: unanswered(),
  seconds,
  bytesOfMessage,
  latencyMs: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
};
for (const connection of connections) connection.close();
console.log(JSON.stringify(result));
