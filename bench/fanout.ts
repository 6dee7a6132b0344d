/**
 * Many screens on one platform: `npm run bench:fanout [-- --json] [-- --points 50000] [-- --clients 200] [-- --seconds 60]`.
 *
 * The city and the load of `bench:map`: 50,000 points that send 5,000 readings a second. 200 clients follow it as the dashboard does: the states of all points,
 * every alarm, and the newest readings of 150 series each, of which they name others every ten seconds, as somebody does who looks around. Stations cross a
 * limit one after the other; an alarm is timed from handing the MQTT packet to the socket until each client has it. Processor time is all of the platform's
 * process: broker, journal, store and rules at work on the load included, since that is what a machine has to bear; `cpu_cores_without_clients` is the same
 * before the clients came.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { FanoutClientsOrder, FanoutClientsResult } from './fanout-clients.ts';
import { signIn } from './load-city.ts';
import { startPlatform } from './platform-child.ts';
import { cpuTime, killAll, startOrder, until } from './processes.ts';
import { percentile, report, rounded } from './report.ts';
import { openAlarming, registerWideCity, startReadings, wideCity } from './wide-city.ts';

const { values: words } = parseArgs({
  options: {
    json: { type: 'boolean' },
    points: { type: 'string', default: '50000' },
    clients: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
  },
});
const [POINTS, CLIENTS, SECONDS] = [Number(words.points), Number(words.clients), Number(words.seconds)];
if (!(POINTS > 0) || !(CLIENTS > 0) || !(SECONDS > 0))
  throw new RangeError('--points, --clients and --seconds take numbers above 0');
const READINGS_PER_SECOND = 5_000;
const WANTED_SERIES = 150;
const ALARM_EVERY_MS = 250;
const BEFORE_CLIENTS_SECONDS = 15;
const SETTLING_SECONDS = 10;

const city = wideCity(POINTS);
const folder = mkdtempSync(join(tmpdir(), 'hd-bench-fanout-'));
try {
  const series = await registerWideCity(folder, city);
  const platform = await startPlatform({
    folder,
    env: { HD_MQTT_DEVICE_MESSAGES_PER_SECOND: '100000', HD_MQTT_DEVICE_BURST_MESSAGES: '1000000' },
  });
  const readings = startReadings(city, platform, READINGS_PER_SECOND);
  const alarming = await openAlarming(city, platform);
  await until(
    'every device to have reported',
    async () => (await platform.metric('hd_messages_acknowledged_total')) > POINTS || undefined,
    { everyMs: 1_000 },
  );
  const coresWhile = async (work: () => Promise<unknown>): Promise<number> => {
    const [before, began] = [cpuTime(platform.pid), performance.now()];
    await work();
    const after = cpuTime(platform.pid);
    return (after.user + after.system - before.user - before.system) / 1e3 / (performance.now() - began);
  };
  const coresBefore = await coresWhile(() => pause(BEFORE_CLIENTS_SECONDS * 1_000));

  const clients = startOrder<FanoutClientsOrder, FanoutClientsResult>('fanout-clients.ts', {
    httpUrl: platform.httpUrl,
    cookie: await signIn(platform.httpUrl),
    clients: CLIENTS,
    wanted: WANTED_SERIES,
    seriesUpTo: series.reduce((most, entry) => Math.max(most, entry.series), 0),
  });
  await until(
    'the clients to be connected',
    async () => (await platform.metric('hd_live_clients')) === CLIENTS || undefined,
    { everyMs: 200 },
  );
  await pause(SETTLING_SECONDS * 1_000);

  const raised: { readonly pointId: string; readonly at: number }[] = [];
  const cores = await coresWhile(async () => {
    const began = performance.now();
    for (let turn = 0; performance.now() - began < SECONDS * 1_000; turn++) {
      const station = alarming[turn % alarming.length]!;
      // Both programs read the same clock of the machine.
      raised.push({ pointId: station.pointId, at: Date.now() });
      await station.breach();
      await pause(ALARM_EVERY_MS);
      await station.calm();
    }
  });
  clients.child.stdin!.end();
  const seen = await clients.answer;
  for (const { close } of alarming) await close();
  const sent = await readings.stop();
  await platform.stop();

  const latencies: number[] = [];
  for (const [pointId, times] of Object.entries(seen.alarmsAt)) {
    const begun = raised.filter((one) => one.pointId === pointId).map(({ at }) => at);
    for (const at of times) {
      const from = begun.findLast((one) => one <= at);
      if (from !== undefined) latencies.push(at - from);
    }
  }
  report(
    'fanout',
    {
      points: POINTS,
      clients: CLIENTS,
      readings_per_s: rounded(sent.readingsPerSecond, 0),
      cpu_cores: rounded(cores, 2),
      cpu_cores_without_clients: rounded(coresBefore, 2),
      alarms: raised.length,
      alarms_expected: raised.length * CLIENTS,
      alarms_seen: latencies.length,
      alarm_ms_p50: percentile(latencies, 0.5),
      alarm_ms_p99: percentile(latencies, 0.99),
      gaps: seen.gaps,
      client_kb_per_s: rounded(seen.bytes / 1000 / CLIENTS / seen.seconds),
    },
    { cpu_cores: { most: 1 }, alarm_ms_p99: { most: 500 } },
  );
} finally {
  killAll();
  rmSync(folder, { recursive: true, force: true });
}
