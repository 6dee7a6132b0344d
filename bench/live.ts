/**
 * How long from a device's publish to the alarm on a screen: `npm run bench:live [-- --json] [-- --samples 300]`.
 *
 * 1,000 connections send 5,000 messages a second (4 quantities, 5 rules each) while devices of their own cross a limit one after the other. Time runs
 * from handing the MQTT packet to the socket until a signed-in socket.io client that follows the whole city has the alarm: durable journal, rules,
 * the alarm committed to the registry, and the way to the screen are all in it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectAsync } from 'mqtt';
import { io, type Socket } from 'socket.io-client';
import type { LiveClientEvents, LiveServerEvents } from '../api/contract/live.ts';
import type { RuleId } from '../domain/identifiers.ts';
import { milliseconds } from '../domain/time.ts';
import { loadCity, registerCity, signIn } from './load-city.ts';
import type { SenderOrder, SenderResult } from './mqtt-sender.ts';
import { startPlatform } from './platform-child.ts';
import { killAll, startOrder } from './processes.ts';
import { percentile, report, rounded } from './report.ts';

const { values: words } = parseArgs({
  options: { json: { type: 'boolean' }, samples: { type: 'string', default: '300' } },
});
const SAMPLES = Number(words.samples);
if (!(SAMPLES > 0)) throw new RangeError('--samples takes a number above 0');
const BACKGROUND_DEVICES = 1_000;
const BACKGROUND_PER_SECOND = 5_000;
const ALARMING_DEVICES = 20;
/** First alarms that are not counted: code that has never run is slower. */
const WARM_UP = 20;
const WARM_UP_SECONDS = 5;
const [CALM, LIMIT, BREACH] = [20, 60, 80];

const folder = mkdtempSync(join(tmpdir(), 'hd-bench-live-'));
try {
  const city = loadCity(BACKGROUND_DEVICES + ALARMING_DEVICES, (channels, agencyId) => [
    {
      id: 'bench-alarm' as RuleId,
      agencyId,
      name: { vi: 'Đo cảnh báo', en: 'Alarm bench' },
      advice: null,
      enabled: true,
      quantity: channels[0]!.quantity,
      selection: {},
      condition: {
        kind: 'above',
        hysteresis: 1,
        levels: [{ severity: 'critical', limit: LIMIT, hold: milliseconds(0) }],
      },
      clearHold: milliseconds(0),
      judgeSuspect: true,
      // Gone when it clears, so that each breach is an alarm of its own.
      endsUnacknowledged: ['critical'],
    },
  ]);
  await registerCity(folder, city.seed);
  const platform = await startPlatform({
    folder,
    env: { HD_MQTT_DEVICE_MESSAGES_PER_SECOND: '100000', HD_MQTT_DEVICE_BURST_MESSAGES: '1000000' },
  });
  const alarming = await Promise.all(
    city.devices.slice(BACKGROUND_DEVICES).map(async ({ id, token, pointId }) => {
      const client = await connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
        clientId: id,
        username: id,
        password: token,
        protocolVersion: 4,
      });
      const send = (value: number): Promise<unknown> =>
        client.publishAsync(`hd/v1/${id}/telemetry`, JSON.stringify({ values: { [city.channels[0]!]: value } }), {
          qos: 1,
        });
      return { pointId, send, close: () => client.endAsync(true) };
    }),
  );

  const socket: Socket<LiveServerEvents, LiveClientEvents> = io(`${platform.httpUrl}/live`, {
    transports: ['websocket'],
    extraHeaders: { cookie: await signIn(platform.httpUrl) },
  });
  const expected = new Map<string, (at: number) => void>();
  let deltas = 0;
  socket.on('snapshot', (_snapshot, received) => received?.());
  socket.on('delta', (_delta, received) => {
    deltas++;
    received?.();
  });
  socket.on('alarm', ({ alarm }) => {
    if (alarm.condition === 'active') expected.get(alarm.pointId)?.(performance.now());
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  await new Promise((resolve) =>
    socket.emit('subscribe', { viewport: null, domains: null, acknowledges: true }, resolve),
  );

  const background = startOrder<SenderOrder, SenderResult>('mqtt-sender.ts', {
    port: platform.mqttPort,
    devices: city.devices.slice(0, BACKGROUND_DEVICES).map(({ id, token }) => [id, token] as const),
    channels: city.channels,
    seconds: 0,
    window: 5,
    rate: BACKGROUND_PER_SECOND,
    from: Date.now() - 120_000,
  });
  await pause(WARM_UP_SECONDS * 1_000);

  const alarmMs: number[] = [];
  for (let i = 0; i < WARM_UP + SAMPLES; i++) {
    const device = alarming[i % alarming.length]!;
    // Not in step with anything that happens regularly.
    await pause(30 + Math.random() * 70);
    const seen = new Promise<number>((resolve) => expected.set(device.pointId, resolve));
    const sent = performance.now();
    const acknowledged = device.send(BREACH);
    const at = await Promise.race([seen, pause(10_000, Number.NaN, { ref: false })]);
    if (Number.isNaN(at)) throw new Error(`the alarm of ${device.pointId} did not come within 10 s`);
    if (i >= WARM_UP) alarmMs.push(at - sent);
    expected.delete(device.pointId);
    await acknowledged;
    await device.send(CALM);
  }
  background.child.stdin!.end();
  const { acked, seconds, latencyMs } = await background.answer;
  socket.close();
  for (const { close } of alarming) await close();
  await platform.stop();

  report(
    'live',
    {
      samples: alarmMs.length,
      background_per_s: rounded(acked.reduce((a, b) => a + b, 0) / seconds, 0),
      background_puback_ms_p99: rounded(latencyMs.p99),
      deltas_received: deltas,
      alarm_ms_p50: rounded(percentile(alarmMs, 0.5)),
      alarm_ms_p95: rounded(percentile(alarmMs, 0.95)),
      alarm_ms_p99: rounded(percentile(alarmMs, 0.99)),
      alarm_ms_worst: rounded(percentile(alarmMs, 1)),
    },
    { alarm_ms_p50: { most: 50 }, alarm_ms_p99: { most: 250 } },
  );
} finally {
  killAll();
  rmSync(folder, { recursive: true, force: true });
}
