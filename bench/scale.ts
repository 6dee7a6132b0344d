/**
 * What a message costs where, alone and as a city of processes: `npm run bench:scale [-- --json] [-- --seconds 30] [-- --rate 2000]`.
 *
 * The same load twice, one after the other: 1,000 devices of four quantities and five rules each at a steady 2,000 messages a second, QoS 1, by two
 * senders, watched by four screens. First by one process on its embedded engines; then by two gateways, two workers and two API servers on three NATS
 * servers that hold each entry together, PostgreSQL and InfluxDB, all on this machine. CPU is what processes use between two moments under load, all
 * threads, divided by the messages acknowledged between them. Afterwards every acknowledged reading is looked for in the store.
 *
 * What so many cores would carry is worked out from that, not measured; {@link onPaper} says how.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDuckDbStore } from '../adapters/timeseries/duckdb.ts';
import { epochMs, milliseconds } from '../domain/time.ts';
import { CityOfProcesses } from '../test/faults/city-of-processes.ts';
import type { PlatformProcess } from '../test/faults/platform-process.ts';
import type { LiveClientsOrder, LiveClientsResult } from './live-clients.ts';
import { addAdministrator, type LoadCity, loadCity, registerCity, signIn } from './load-city.ts';
import type { SenderOrder, SenderResult } from './mqtt-sender.ts';
import { startPlatform } from './platform-child.ts';
import { familyCpuTime, killAll, mainThreadCpuTime, startOrder, until } from './processes.ts';
import { type Figure, report, rounded } from './report.ts';

const { values: words } = parseArgs({
  options: {
    json: { type: 'boolean' },
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '2000' },
  },
});
const SECONDS = Number(words.seconds);
const PER_SECOND = Number(words.rate);
if (!(SECONDS > 0 && PER_SECOND > 0)) throw new RangeError('--seconds and --rate take numbers above 0');
const STATIONS = 1_000;
const SENDERS = 2;
const SCREENS = 4;
const WINDOW = 5;
/** Connecting and the first messages, which run slower code, are over by then. */
const WARM_UP_SECONDS = 10;
const RATES = { HD_MQTT_DEVICE_MESSAGES_PER_SECOND: '100000', HD_MQTT_DEVICE_BURST_MESSAGES: '1000000' };

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Event times of a run begin here: past, so that messages of one device can be a millisecond apart at any rate. */
const beginning = (): number => Date.now() - 600_000;

interface Profile {
  /** A port for each sender. */
  readonly mqttPorts: readonly number[];
  /** API servers; the screens divide among them. */
  readonly httpUrls: readonly string[];
  /** What is measured apart → its processes. */
  readonly parts: ReadonlyMap<string, readonly number[]>;
  /** Messages acknowledged so far. */
  acknowledged(): Promise<number>;
  caughtUp(): Promise<void>;
}
interface Measured {
  /** µs of CPU a message by part: of all its processes, of the one that takes most, and of the main thread of its first. */
  readonly microseconds: ReadonlyMap<string, number>;
  readonly busiest: ReadonlyMap<string, number>;
  readonly mainThread: ReadonlyMap<string, number>;
  readonly from: number;
  /** Acknowledged messages of each device over the whole run. */
  readonly acked: readonly number[];
  readonly unanswered: number;
  readonly pubackMs: { readonly p50: number; readonly p99: number };
  readonly screens: readonly LiveClientsResult[];
}

async function measure(profile: Profile, city: LoadCity): Promise<Measured> {
  const screens = await Promise.all(
    profile.httpUrls.map(async (httpUrl) =>
      startOrder<LiveClientsOrder, LiveClientsResult>('live-clients.ts', {
        httpUrl,
        cookie: await signIn(httpUrl),
        clients: SCREENS / profile.httpUrls.length,
      }),
    ),
  );
  const from = beginning();
  const share = STATIONS / SENDERS;
  const senders = profile.mqttPorts.map(
    (port, i) =>
      startOrder<SenderOrder, SenderResult>('mqtt-sender.ts', {
        port,
        devices: city.devices.slice(i * share, (i + 1) * share).map(({ id, token }) => [id, token] as const),
        channels: city.channels,
        seconds: WARM_UP_SECONDS + SECONDS,
        window: WINDOW,
        rate: PER_SECOND / SENDERS,
        from,
      }).answer,
  );
  await until('the first message', async () => ((await profile.acknowledged()) > 0 ? true : undefined));
  await pause(WARM_UP_SECONDS * 1000);
  const looked = async () => ({
    messages: await profile.acknowledged(),
    all: new Map([...profile.parts].map(([name, pids]) => [name, pids.map(familyCpuTime)])),
    main: new Map([...profile.parts].map(([name, pids]) => [name, [mainThreadCpuTime(pids[0]!)]])),
  });
  const before = await looked();
  // The senders end about when the measurement would: it must be over by then.
  await pause((SECONDS - 2) * 1000);
  const after = await looked();
  const messages = after.messages - before.messages;
  type Times = ReadonlyMap<string, readonly number[]>;
  /** By part, what `of` makes of its processes' µs a message. */
  const since = (earlier: Times, later: Times, of: (each: readonly number[]) => number): Map<string, number> =>
    new Map(
      [...later].map(([name, cpu]) => [name, rounded(of(cpu.map((us, i) => us - earlier.get(name)![i]!)) / messages)]),
    );
  const sent = await Promise.all(senders);
  await profile.caughtUp();
  for (const { child } of screens) child.stdin!.end();
  return {
    microseconds: since(before.all, after.all, sum),
    busiest: since(before.all, after.all, (each) => Math.max(...each)),
    mainThread: since(before.main, after.main, sum),
    from,
    acked: sent.flatMap(({ acked }) => acked),
    unanswered: sum(sent.map(({ unanswered }) => unanswered)),
    pubackMs: {
      p50: Math.max(...sent.map(({ latencyMs }) => latencyMs.p50)),
      p99: Math.max(...sent.map(({ latencyMs }) => latencyMs.p99)),
    },
    screens: await Promise.all(screens.map(({ answer }) => answer)),
  };
}

/** Readings acknowledged and not stored, and stored that nobody was told of or that are there twice; `storedOf` counts a device's in all quantities. */
async function countBack(
  { acked }: Measured,
  city: LoadCity,
  storedOf: (device: number) => Promise<number>,
): Promise<{ readonly lost: number; readonly doubled: number }> {
  let [lost, doubled] = [0, 0];
  for (const device of acked.keys()) {
    const missing = acked[device]! * city.channels.length - (await storedOf(device));
    lost += Math.max(0, missing);
    doubled += Math.max(0, -missing);
  }
  return { lost, doubled };
}

const city = loadCity(STATIONS);

async function alone(folder: string) {
  const series = await registerCity(folder, city.seed);
  const platform = await startPlatform({ folder, env: RATES });
  const measured = await measure(
    {
      mqttPorts: [platform.mqttPort, platform.mqttPort],
      httpUrls: [platform.httpUrl],
      parts: new Map([['all', [platform.pid]]]),
      acknowledged: () => platform.metric('hd_messages_acknowledged_total'),
      caughtUp: () => platform.caughtUp(),
    },
    city,
  );
  await platform.stop();
  const store = await openDuckDbStore({ path: join(folder, 'store'), memoryLimitMegabytes: 512 });
  const storedOf = async (device: number): Promise<number> => {
    const { pointId } = city.devices[device]!;
    const found = await store.windows({
      series: series.filter((entry) => entry.pointId === pointId).map((entry) => entry.series),
      from: epochMs(measured.from),
      to: epochMs(measured.from + measured.acked[device]!),
      step: milliseconds(measured.acked[device]!),
      align: epochMs(measured.from),
    });
    return sum([...found.count.subarray(0, found.length)]);
  };
  const counted = await countBack(measured, city, storedOf);
  await store.close();
  return { measured, counted };
}

async function asProcesses() {
  const processes = await CityOfProcesses.open(0, {
    nodes: 3,
    isDurable: true,
    prepare: async (registry) => {
      const actor = { kind: 'system', name: 'bench' } as const;
      await registry.seed(actor, city.seed);
      await addAdministrator(registry.as(actor));
    },
  });
  try {
    const start = (role: string, count: number): Promise<PlatformProcess[]> =>
      Promise.all(Array.from({ length: count }, () => processes.start(role, RATES)));
    const [gateways, apis] = await Promise.all([start('gateway', SENDERS), start('api', 2)]);
    await start('worker', 2);
    await until('the duties to be shared', async () =>
      (await processes.shares()).every((share) => share >= 4) ? true : undefined,
    );
    const judging = (await processes.holderOf('rules'))!;
    const storing = (await processes.holderOf('store'))!;
    const other = [...processes.workers].find((worker) => worker !== judging)!;
    const pid = ({ child }: PlatformProcess): number => child.pid!;
    const measured = await measure(
      {
        mqttPorts: gateways.map(({ mqttPort }) => mqttPort),
        httpUrls: apis.map(({ httpPort }) => `http://127.0.0.1:${httpPort}`),
        parts: new Map([
          ['gateway', gateways.map(pid)],
          ['worker_judging', [pid(judging)]],
          ['worker_other', [pid(other)]],
          ['api', apis.map(pid)],
          ['nats', processes.nats.map(({ processId }) => processId!)],
          ['postgres', [processes.postgres.processId]],
          ['influx', [processes.influx.processId!]],
        ]),
        acknowledged: async () =>
          sum(await Promise.all(gateways.map((gateway) => gateway.metric('hd_messages_acknowledged_total')))),
        // How far the workers are is heard by the API servers once a second.
        caughtUp: () =>
          until(
            'the workers to pass the journal',
            async () => {
              const depths = ['store', 'rules', 'indices'].map((consumer) =>
                apis[0]!.metric(`hd_journal_depth\\{consumer="${consumer}"\\}`),
              );
              return sum(await Promise.all(depths)) === 0 ? true : undefined;
            },
            { everyMs: 2_000, withinMs: 600_000 },
          ).then(() => {}),
      },
      city,
    );
    const storedOf = (device: number): Promise<number> =>
      processes.storedOf(city.devices[device]!.pointId, measured.from, measured.from + measured.acked[device]!);
    return { measured, counted: await countBack(measured, city, storedOf), judgesAndStores: judging === storing };
  } finally {
    await processes.close();
  }
}

/** Of each processor; above it waiting grows fast. */
const USED_SHARE = 0.7;

/**
 * What so many cores would carry if nothing else were in the way, messages a second. The machines: all cores at {@link USED_SHARE}, divided by what a
 * message costs everywhere together. The first limit: one worker judges the whole city on one thread, however many cores there are (what that thread
 * does beside judging, such as storing where the duties fell so, counts in).
 */
function onPaper({ microseconds, mainThread }: Measured): Record<string, Figure> {
  const everywhere = sum([...microseconds.values()]);
  const carried = (cores: number): number => (cores * USED_SHARE * 1e6) / everywhere;
  const judged = (USED_SHARE * 1e6) / mainThread.get('worker_judging')!;
  return {
    ...Object.fromEntries(
      [4, 16, 64].map((cores) => [`paper_${cores}_cores_per_s`, rounded(Math.min(carried(cores), judged), 0)]),
    ),
    paper_one_judge_per_s: rounded(judged, 0),
    paper_cores_until_judge: rounded(judged / carried(1)),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'hd-bench-scale-'));
try {
  const one = await alone(folder);
  const many = await asProcesses();
  const cpu = Object.fromEntries(
    [...many.measured.microseconds].map(([name, value]) => [`city_${name}_cpu_us_per_message`, value]),
  );
  const lost = one.counted.lost + many.counted.lost;
  const doubled = one.counted.doubled + many.counted.doubled;
  const screens = [...one.measured.screens, ...many.measured.screens];
  report(
    'scale',
    {
      seconds: SECONDS,
      messages_per_s: PER_SECOND,
      acked: sum(one.measured.acked) + sum(many.measured.acked),
      unanswered: one.measured.unanswered + many.measured.unanswered,
      all_cpu_us_per_message: one.measured.microseconds.get('all')!,
      all_puback_ms_p50: rounded(one.measured.pubackMs.p50),
      all_puback_ms_p99: rounded(one.measured.pubackMs.p99),
      ...cpu,
      city_cpu_us_per_message: rounded(sum([...many.measured.microseconds.values()])),
      city_nats_busiest_cpu_us_per_message: many.measured.busiest.get('nats')!,
      city_judging_thread_cpu_us_per_message: many.measured.mainThread.get('worker_judging')!,
      city_judging_worker_stores_too: many.judgesAndStores,
      city_puback_ms_p50: rounded(many.measured.pubackMs.p50),
      city_puback_ms_p99: rounded(many.measured.pubackMs.p99),
      lost: lost / city.channels.length,
      doubled: doubled / city.channels.length,
      live_gaps: sum(screens.map(({ gaps }) => gaps)),
      ...onPaper(many.measured),
    },
    { lost: { most: 0 }, doubled: { most: 0 }, live_gaps: { most: 0 } },
  );
  if (lost > 0 || doubled > 0 || screens.some(({ deltas }) => deltas === 0)) process.exitCode = 1;
} finally {
  killAll();
  rmSync(folder, { recursive: true, force: true });
}
