/** A lean MQTT 3.1.1 sender on raw sockets: argv[2] is a JSON `SenderOrder`, the answer is one JSON line of `SenderResult`. */
import { connect, type Socket } from 'node:net';
import { generate, parser } from 'mqtt-packet';

export interface SenderOrder {
  readonly port: number;
  /** Device id, token and channel keys of every connection. */
  readonly devices: readonly (readonly [id: string, token: string])[];
  readonly channels: readonly string[];
  readonly seconds: number;
  /** Unacknowledged messages of one connection at the most. */
  readonly window: number;
  /** Messages a second over all connections; 0 sends as fast as acknowledgements come. */
  readonly rate: number;
  /** Event time of message n of a connection is `from + n`, epoch ms: each message has an identity of its own. */
  readonly from: number;
}
export interface SenderResult {
  readonly acked: readonly number[];
  readonly seconds: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
}

const order = JSON.parse(process.argv[2] ?? '') as SenderOrder;
const latencies: number[] = [];
const acked = order.devices.map(() => 0);
let sending = false;
let budget = 0;

async function open([id, token]: readonly [string, string], index: number) {
  const socket: Socket = connect(order.port, '127.0.0.1').setNoDelay(true);
  const sentAt = new Map<number, number>();
  const reader = parser({ protocolVersion: 4 });
  let n = 0;
  const fill = (): void => {
    const packets: Buffer[] = [];
    while (sending && sentAt.size < order.window && (order.rate === 0 || budget >= 1)) {
      budget--;
      const messageId = (n % 65_535) + 1;
      const values = order.channels.map((key, i) => `"${key}":${20 + i + (n % 10) / 10}`).join(',');
      const payload = `{"ts":${order.from + n},"seq":${n},"values":{${values}}}`;
      n++;
      sentAt.set(messageId, performance.now());
      packets.push(
        generate({
          cmd: 'publish',
          topic: `hd/v1/${id}/telemetry`,
          payload,
          qos: 1,
          messageId,
          dup: false,
          retain: false,
        }),
      );
    }
    if (packets.length > 0) socket.write(packets.length === 1 ? packets[0]! : Buffer.concat(packets));
  };
  const ready = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    reader.on('packet', (packet) => {
      if (packet.cmd === 'connack') {
        if (packet.returnCode === 0) resolve();
        else reject(new Error(`${id} refused: ${packet.returnCode}`));
      } else if (packet.cmd === 'puback') {
        const at = sentAt.get(packet.messageId ?? 0);
        if (at !== undefined) latencies.push(performance.now() - at);
        sentAt.delete(packet.messageId ?? 0);
        acked[index]!++;
      }
    });
  });
  socket.on('data', (bytes) => {
    reader.parse(bytes);
    fill();
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
  return { fill, waiting: () => sentAt.size, close: () => socket.destroy() };
}

const connections: Awaited<ReturnType<typeof open>>[] = [];
for (let i = 0; i < order.devices.length; i += 50)
  connections.push(...(await Promise.all(order.devices.slice(i, i + 50).map((d, j) => open(d, i + j)))));
sending = true;
const began = performance.now();
let last = began;
let turn = 0;
const pacer = setInterval(() => {
  const now = performance.now();
  budget = Math.min(budget + ((now - last) * order.rate) / 1000, order.rate);
  last = now;
  for (let i = 0; i < connections.length && budget >= 1; i++) connections[turn++ % connections.length]!.fill();
}, 5);
if (order.rate === 0) for (const connection of connections) connection.fill();
await new Promise((resolve) => setTimeout(resolve, order.seconds * 1000));
sending = false;
clearInterval(pacer);
const lasted = (performance.now() - began) / 1000;
for (const deadline = Date.now() + 10_000; connections.some((c) => c.waiting() > 0) && Date.now() < deadline; )
  await new Promise((resolve) => setTimeout(resolve, 20));
for (const connection of connections) connection.close();
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.floor((latencies.length - 1) * share)] ?? 0;
const result: SenderResult = { acked, seconds: lasted, latencyMs: { p50: at(0.5), p99: at(0.99) } };
console.log(JSON.stringify(result));
