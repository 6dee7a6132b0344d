import { createHash } from 'node:crypto';
import { type EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type IPublishPacket, parser } from 'mqtt-packet';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { findLmdbDamage, searchLmdbFile } from '../../adapters/journal/lmdb-file.ts';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { decodeNativeJson } from '../../ingest/decode/native-json.ts';
import { openQuarantine } from '../../ingest/quarantine/quarantine.ts';
import { bentPayload, createDice, type Dice, type Identity, malformedPacket, opening } from './malformed-input.ts';
import {
  CITY_DEVICES,
  connectDevice,
  newFolder,
  type PlatformProcess,
  startPlatformProcess,
  storedReadings,
} from './platform-process.ts';

const LANES = 24;
/** How long a connection waits for the platform's first word, and for each next one. */
const PATIENCE_MS = { first: 1_500, next: 250 };
const QUARANTINE_BYTES = String(1 << 30);
const ALLOWED_HTTP = [200, 400, 401, 413, 415, 422];

/** An acknowledged message: what must be found again. */
interface Acknowledged {
  readonly device: string;
  readonly topic: string;
  readonly payload: Buffer;
}

const hashOf = (device: string, topic: string, bytes: Uint8Array): string =>
  `${device} ${topic} ${createHash('sha1').update(bytes).digest('base64')}`;

/**
 * Feeds malformed packets and payloads to a platform in a process of its own, over TCP, WebSocket and HTTP, while well-behaved devices go on. In the end
 * it must be up, its memory bounded, the well-behaved devices undisturbed, and every acknowledged message stored or in quarantine.
 */
export async function feedMalformed({ packets, seed }: { readonly packets: number; readonly seed: number }) {
  const folder = newFolder();
  const platform = await startPlatformProcess(folder, {
    HD_MQTT_DEVICE_MESSAGES_PER_SECOND: '1000000',
    HD_MQTT_DEVICE_BURST_MESSAGES: '1000000',
    HD_QUARANTINE_CAPACITY_BYTES: QUARANTINE_BYTES,
    HD_QUARANTINE_DEVICE_SHARE_BYTES: QUARANTINE_BYTES,
  });
  let up = true;
  void platform.gone.then(() => {
    up = false;
  });
  const identities = CITY_DEVICES.slice(0, LANES).map(({ id, channel }) => ({
    id,
    channel,
    token: demoToken('1', id),
  }));
  const calm = await keepBehaving(platform);
  const acknowledged: Acknowledged[] = [];
  let sent = 0;
  let time = Date.now() - 3 * 3_600_000;
  const nextTime = (): number => ++time;
  const memoryBefore = platform.memoryMegabytes();
  let memoryPeak = memoryBefore;

  await Promise.all(
    identities.map(async (who, lane) => {
      const dice = createDice(seed * 1_000 + lane);
      const others = identities.map(({ id }) => id);
      while (sent < packets && up) {
        const way = dice.below(60);
        const count = 1 + dice.below(30);
        sent += count;
        if (way === 0) for (let i = 0; i < count; i++) await overHttp(dice, platform, who, nextTime());
        else if (way === 1) await overWebSocket(dice, platform, who, count, nextTime);
        else {
          const wellFormed = way < 30;
          const chunks = Array.from({ length: count }, (_, i) =>
            wellFormed
              ? publishOf(who, bentPayload(dice, who.channel, nextTime()), i + 1)
              : malformedPacket(dice, who, others, nextTime()),
          );
          acknowledged.push(...(await overTcp(platform, who, Buffer.concat([opening(dice, who), ...chunks]))));
        }
        memoryPeak = Math.max(memoryPeak, platform.memoryMegabytes());
      }
    }),
  );

  expect(up).toBe(true);
  const behaved = await calm.stop();
  expect(behaved.disturbed).toEqual([]);
  expect((await fetch(`http://127.0.0.1:${platform.httpPort}/readyz`)).status).toBe(200);
  const counted = await platform.metric('hd_messages_acknowledged_total');
  await platform.stop();

  const lost = await notFoundAgain(folder, acknowledged, behaved.acknowledged);
  expect(lost).toEqual([]);
  return {
    sent,
    acknowledged: acknowledged.length,
    counted,
    slowestCalmAckMs: behaved.slowestMs,
    memoryBefore: Math.round(memoryBefore),
    memoryPeak: Math.round(memoryPeak),
  };
}

const publishOf = (who: Identity, payload: Buffer, messageId: number): Buffer => {
  const topic = Buffer.from(`hd/v1/${who.id}/telemetry`);
  const length = 2 + topic.length + 2 + payload.length;
  const size: number[] = [];
  for (let rest = length; ; rest >>= 7) {
    size.push((rest & 127) | (rest > 127 ? 128 : 0));
    if (rest <= 127) break;
  }
  return Buffer.concat([
    Buffer.from([0x32, ...size, topic.length >> 8, topic.length & 255]),
    topic,
    Buffer.from([messageId >> 8, messageId & 255]),
    payload,
  ]);
};

/** Messages in the bytes that ask for an acknowledgement, by packet id, as any parser of MQTT 3.1.1 reads them up to the first fault. */
function publishesIn(bytes: Buffer): Map<number, IPublishPacket[]> {
  const published = new Map<number, IPublishPacket[]>();
  const own = parser({ protocolVersion: 4 });
  let broken = false;
  own.on('error', () => {
    broken = true;
  });
  own.on('packet', (packet) => {
    if (broken || packet.cmd !== 'publish' || packet.messageId === undefined) return;
    published.set(packet.messageId, [...(published.get(packet.messageId) ?? []), packet]);
  });
  own.parse(bytes);
  return published;
}

/** Writes the bytes, waits until the platform has nothing more to say, and answers which messages it acknowledged. */
async function overTcp(platform: PlatformProcess, who: Identity, bytes: Buffer): Promise<Acknowledged[]> {
  const published = publishesIn(bytes);
  const expected = [...published.values()].reduce((sum, list) => sum + list.length, 0);
  const socket = connect(platform.mqttPort, '127.0.0.1');
  const acks: number[] = [];
  const answers = parser({ protocolVersion: 4 });
  answers.on('error', () => {});
  answers.on('packet', (packet) => {
    if ((packet.cmd === 'puback' || packet.cmd === 'pubrec') && packet.messageId !== undefined)
      acks.push(packet.messageId);
  });
  socket.on('error', () => {});
  let giveUpAt = Number.POSITIVE_INFINITY;
  socket.on('data', (chunk) => {
    giveUpAt = Date.now() + PATIENCE_MS.next;
    answers.parse(chunk);
  });
  const closed = closeOf(socket);
  await Promise.race([once(socket, 'connect').catch(() => {}), closed]);
  await Promise.race([new Promise<void>((resolve) => socket.write(bytes, () => resolve())), closed]);
  giveUpAt = Math.min(giveUpAt, Date.now() + PATIENCE_MS.first);
  while (!socket.closed && acks.length < expected && Date.now() < giveUpAt) await Promise.race([sleep(5), closed]);
  socket.destroy();
  return acks.flatMap((messageId): Acknowledged[] => {
    const packet = published.get(messageId)?.shift();
    if (!packet) throw new Error(`${who.id}: message ${messageId} was acknowledged and never sent`);
    return [{ device: who.id, topic: packet.topic, payload: Buffer.from(packet.payload) }];
  });
}

/** Unlike `once`, not rejected by an error that comes first. */
const closeOf = (socket: EventEmitter): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve());
  });

async function overHttp(dice: Dice, platform: PlatformProcess, who: Identity, ts: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${platform.httpPort}/ingest/v1/telemetry`, {
    method: 'POST',
    body: new Uint8Array(bentPayload(dice, who.channel, ts)),
    headers: {
      authorization: dice.chance(0.9) ? `Bearer ${who.token}` : dice.pick(['', 'Bearer', 'Bearer x', 'Basic eDp5']),
      ...(dice.chance(0.1) ? { 'content-encoding': dice.pick(['gzip', 'br', 'snappy']) } : {}),
      ...(dice.chance(0.3) ? { 'idempotency-key': String(dice.below(50)) } : {}),
    },
  });
  await answer.arrayBuffer();
  expect(ALLOWED_HTTP).toContain(answer.status);
}

async function overWebSocket(
  dice: Dice,
  platform: PlatformProcess,
  who: Identity,
  count: number,
  nextTime: () => number,
): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${platform.httpPort}/mqtt`, dice.pick(['mqtt', 'mqttv3.1', 'soap']));
  socket.on('error', () => {});
  const closed = closeOf(socket);
  await Promise.race([once(socket, 'open').catch(() => {}), closed]);
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(opening(dice, who));
  for (let i = 0; i < count && socket.readyState === WebSocket.OPEN; i++)
    socket.send(dice.chance(0.1) ? dice.bytes(8).toString('latin1') : malformedPacket(dice, who, [who.id], nextTime()));
  await Promise.race([sleep(20), closed]);
  socket.terminate();
  await closed;
}

/** Devices that do everything right, and what they noticed. */
async function keepBehaving(platform: PlatformProcess) {
  const street = CITY_DEVICES.slice(LANES, LANES + 4);
  const disturbed: string[] = [];
  const acknowledged = new Set<string>();
  let slowestMs = 0;
  let going = true;
  const work = street.map(async ({ id, channel }, i) => {
    const client = await connectDevice(platform, id);
    client.on('close', () => going && disturbed.push(`${id} was disconnected`));
    for (let ts = Date.now() - 3_600_000 + i; going; ts += 10) {
      const at = Date.now();
      await client
        .publishAsync(`hd/v1/${id}/telemetry`, JSON.stringify({ ts, values: { [channel]: 1 } }), { qos: 1 })
        .then(
          () => acknowledged.add(`${id}@${ts}`),
          (error: Error) => disturbed.push(`${id}: ${error.message}`),
        );
      slowestMs = Math.max(slowestMs, Date.now() - at);
      await sleep(50);
    }
    await client.endAsync();
  });
  return {
    async stop() {
      going = false;
      await Promise.all(work);
      return { disturbed, acknowledged, slowestMs };
    },
  };
}

/** Acknowledged messages that neither the store nor quarantine has, as `topic payload`. */
async function notFoundAgain(
  folder: string,
  acknowledged: readonly Acknowledged[],
  behaved: ReadonlySet<string>,
): Promise<string[]> {
  const street = CITY_DEVICES.slice(0, LANES + 4);
  const { stored, doubled } = await storedReadings(folder, street, Date.UTC(2015, 0), Date.now() + 86_400_000);
  expect(doubled).toBe(0);
  const held = new Map<string, number>();
  const quarantine = openQuarantine({
    path: join(folder, 'quarantine'),
    capacityBytes: Number(QUARANTINE_BYTES),
    deviceShareBytes: Number(QUARANTINE_BYTES),
    lmdbFiles: { findDamage: findLmdbDamage, search: searchLmdbFile },
  });
  for (const message of await quarantine.list({ agencies: 'all' }, Number.POSITIVE_INFINITY)) {
    const key = hashOf(message.deviceId, message.topic, message.bytes);
    held.set(key, (held.get(key) ?? 0) + 1);
  }
  expect(quarantine.status().evictedMessages).toBe(0);
  await quarantine.close();

  const lost = [...behaved].filter((key) => !stored.has(key));
  for (const { device, topic, payload } of acknowledged) {
    const key = hashOf(device, topic, payload);
    const inQuarantine = held.get(key) ?? 0;
    if (inQuarantine > 0) {
      held.set(key, inQuarantine - 1);
      continue;
    }
    const kind = topic.startsWith(`hd/v1/${device}/`) ? topic.slice(`hd/v1/${device}/`.length) : null;
    if (kind === 'status' || kind === 'cmd/7/ack' || kind === 'config/ack') continue;
    if (kind === 'attributes' && isFlatJson(payload)) continue;
    const { channel } = street.find(({ id }) => id === device) ?? {};
    const { measurements, problems } = decodeNativeJson(payload, { maximumItems: 10_000 });
    const kept =
      kind === 'telemetry' &&
      problems.length === 0 &&
      measurements.every(
        (m) => m.channel !== channel || m.deviceTime === null || stored.has(`${device}@${m.deviceTime}`),
      );
    if (!kept) lost.push(`${topic} ${payload.toString('latin1').slice(0, 200)}`);
  }
  return lost;
}

function isFlatJson(payload: Buffer): boolean {
  try {
    const parsed: unknown = JSON.parse(payload.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}
