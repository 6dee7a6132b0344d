/** Screens as a program: argv[2] is a JSON `LiveClientsOrder`; follows the city until standard input ends, and answers with one JSON line. */

import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { LiveClientEvents, LiveServerEvents } from '../api/contract/live.ts';
import { readLatestBlock } from '../domain/latest-block.ts';

export interface LiveClientsOrder {
  readonly httpUrl: string;
  /** Of a session that may see everything. */
  readonly cookie: string;
  readonly clients: number;
}
export interface LiveClientsResult {
  /** Deltas that carried readings, and readings in them, over all clients. */
  readonly deltas: number;
  readonly readings: number;
  /** Missing sequence numbers over all clients. */
  readonly gaps: number;
}

const order = JSON.parse(process.argv[2] ?? '') as LiveClientsOrder;
let deltas = 0;
let readings = 0;
let gaps = 0;

async function follow(): Promise<() => void> {
  const socket: Socket<LiveServerEvents, LiveClientEvents> = io(`${order.httpUrl}/live`, {
    transports: ['websocket'],
    forceNew: true,
    extraHeaders: { cookie: order.cookie },
  });
  let seq = 0;
  socket.on('snapshot', (snapshot, received) => {
    seq = snapshot.seq;
    received?.();
  });
  socket.on('delta', (delta, received) => {
    if (delta.seq !== seq + 1) gaps++;
    seq = delta.seq;
    const { length } = readLatestBlock(delta.readings);
    if (length > 0) deltas++;
    readings += length;
    received?.();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  await new Promise((resolve) =>
    socket.emit('subscribe', { viewport: null, domains: null, acknowledges: true }, resolve),
  );
  return () => socket.close();
}

const leave = await Promise.all(Array.from({ length: order.clients }, follow));
await new Promise((resolve) => process.stdin.once('end', resolve).resume());
for (const close of leave) close();
const result: LiveClientsResult = { deltas, readings, gaps };
console.log(JSON.stringify(result));
