/**
 * Dashboards as a program: argv[2] is a JSON `FanoutClientsOrder`; follows the city as the map of a large one does until standard input ends, and answers
 * with one JSON line.
 */
import { io, type Socket } from 'socket.io-client';
import type { LiveClientEvents, LiveServerEvents } from '../api/contract/live.ts';

export interface FanoutClientsOrder {
  readonly httpUrl: string;
  /** Of a session that may see everything. */
  readonly cookie: string;
  readonly clients: number;
  /** Series each names at once, and the largest number of a series. */
  readonly wanted: number;
  readonly seriesUpTo: number;
}
export interface FanoutClientsResult {
  /** When alarms that had just become active came, epoch ms, by their point, over all clients. */
  readonly alarmsAt: Readonly<Record<string, readonly number[]>>;
  /** Missing sequence numbers over all clients. */
  readonly gaps: number;
  /** Of readings and states, over all clients. */
  readonly bytes: number;
  readonly seconds: number;
}

/** Somebody who looks around sees other points this often. */
const LOOKS_ELSEWHERE_MS = 10_000;

const order = JSON.parse(process.argv[2] ?? '') as FanoutClientsOrder;
const alarmsAt: Record<string, number[]> = {};
let gaps = 0;
let bytes = 0;

async function follow(): Promise<() => void> {
  const socket: Socket<LiveServerEvents, LiveClientEvents> = io(`${order.httpUrl}/live`, {
    transports: ['websocket'],
    forceNew: true,
    extraHeaders: { cookie: order.cookie },
  });
  let seq = 0;
  socket.on('snapshot', (snapshot, received) => {
    seq = snapshot.seq;
    bytes += snapshot.readings.byteLength + (snapshot.states?.ranks.byteLength ?? 0);
    received?.();
  });
  socket.on('delta', (delta, received) => {
    if (delta.seq !== seq + 1) gaps++;
    seq = delta.seq;
    bytes += delta.readings.byteLength + (delta.states?.byteLength ?? 0);
    received?.();
  });
  socket.on('alarm', ({ alarm }) => {
    if (alarm.condition !== 'active') return;
    const times = alarmsAt[alarm.pointId] ?? [];
    alarmsAt[alarm.pointId] = times;
    times.push(Date.now());
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  await new Promise((resolve) =>
    socket.emit(
      'subscribe',
      { viewport: null, domains: null, acknowledges: true, states: true, readings: 'fitting' },
      resolve,
    ),
  );
  const look = (): void => {
    const series = Array.from({ length: order.wanted }, () => 1 + Math.floor(Math.random() * order.seriesUpTo));
    socket.emit('want', series, (answer) => {
      if (answer.ok) bytes += answer.readings.byteLength;
    });
  };
  look();
  const looking = setInterval(look, LOOKS_ELSEWHERE_MS);
  return () => {
    clearInterval(looking);
    socket.close();
  };
}

const began = performance.now();
const leave = await Promise.all(Array.from({ length: order.clients }, follow));
await new Promise((resolve) => process.stdin.once('end', resolve).resume());
for (const close of leave) close();
const result: FanoutClientsResult = { alarmsAt, gaps, bytes, seconds: (performance.now() - began) / 1000 };
console.log(JSON.stringify(result));
