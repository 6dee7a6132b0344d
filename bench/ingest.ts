/** How many messages a second become durable and are acknowledged, beside mosquitto with the same sender: `npm run bench:ingest [-- --json]`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { openSqliteRegistry } from '../adapters/registry/sqlite.ts';
import { openDuckDbStore } from '../adapters/timeseries/duckdb.ts';
import { haiPhong } from '../config/city/hai-phong.ts';
import type { DeviceId, PointId, RuleId } from '../domain/identifiers.ts';
import type { CitySeed } from '../domain/ports/registry.ts';
import { epochMs, minutes } from '../domain/time.ts';
import type { SenderOrder, SenderResult } from './ingest-sender.ts';

const CONNECTIONS = 1_000;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 20);
const folder = mkdtempSync(join(tmpdir(), 'hd-bench-ingest-'));
const model = haiPhong.models.find((m) => m.domain === 'environment' && m.channels.length >= 4);
const [point] = haiPhong.points;
const site = haiPhong.sites.find((s) => s.id === point?.siteId);
if (!model || !point || !site) throw new Error('the city has no environment model with four channels');
const agencyId = point.agencyId;
const channels = model.channels.slice(0, 4);
const devices = Array.from({ length: CONNECTIONS }, (_, i) => [`bench-${i}`, `token-${i}-${randomUUID()}`] as const);

/** A city of `CONNECTIONS` stations with four quantities and five rules that judge every message and never fire. */
const city: CitySeed = {
  agencies: haiPhong.agencies,
  models: [{ ...model, agencyId, channels }],
  sites: [{ ...site, agencyId, parentId: null }],
  links: [],
  points: devices.map(([id]) => ({
    ...point,
    id: `p-${id}` as PointId,
    agencyId,
    domain: model.domain,
    quantities: channels.map((c) => c.quantity),
  })),
  devices: devices.map(([id, token]) => ({
    id: id as DeviceId,
    agencyId,
    modelId: model.id,
    serialNumber: null,
    state: 'commissioned',
    tokenSha256: createHash('sha256').update(token).digest('hex'),
    serves: [`p-${id}` as PointId],
  })),
  rules: [...channels, channels[0]!].map((channel, i) => ({
    id: `bench-rule-${i}` as RuleId,
    agencyId,
    name: { vi: 'Đo tải', en: 'Load test' },
    advice: null,
    enabled: true,
    quantity: channel.quantity,
    selection: {},
    condition: { kind: 'above', hysteresis: 1, levels: [{ severity: 'critical', limit: 1e6 + i, hold: minutes(1) }] },
    clearHold: minutes(1),
    judgeSuspect: true,
    endsUnacknowledged: [],
  })),
};

const registryPath = { path: join(folder, 'registry.sqlite'), clock: () => epochMs(Date.now()), newId: randomUUID };
const children: ChildProcess[] = [];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function send(order: SenderOrder): Promise<SenderResult> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'ingest-sender.ts'), JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(output) as SenderResult) : reject(new Error(`sender ended with ${code}`)),
    );
  });
}

/** CPU of a process in µs, all threads (100 ticks a second); /proc/PID/stat fields 14 and 15. */
const cpuMicroseconds = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
};
const peakMegabytes = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

async function startPlatform(port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['main.ts'], {
    cwd: join(import.meta.dirname, '..'),
    env: {
      ...process.env,
      HD_DATA_DIRECTORY: folder,
      HD_HTTP_PORT: '0',
      HD_MQTT_PORT: String(port),
      HD_MQTT_DEVICE_MESSAGES_PER_SECOND: '100000',
      HD_MQTT_DEVICE_BURST_MESSAGES: '1000000',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`platform ended with ${code}`)));
    child.stdout!.on('data', (chunk) => String(chunk).includes('"event":"ready"') && resolve());
  });
  return child;
}

const ended = (child: ChildProcess) => new Promise<void>((resolve) => child.once('exit', () => resolve()));

try {
  const registry = openSqliteRegistry(registryPath);
  await registry.seed({ kind: 'system', name: 'bench' }, city);
  const series = await registry.directory.series();
  await registry.close();

  const port = await freePort();
  const platform = await startPlatform(port);
  const pid = platform.pid!;
  const order = {
    port,
    devices,
    channels: channels.map((c) => c.key),
    seconds: SECONDS,
    window: 5,
    rate: 0,
    from: Date.now() - 6 * 3_600_000,
  };
  const cpuBefore = cpuMicroseconds(pid);
  const full = await send(order);
  const fullCpu = cpuMicroseconds(pid) - cpuBefore;
  const steadyFrom = order.from + 3 * 3_600_000;
  const steadyBefore = cpuMicroseconds(pid);
  const steady = await send({ ...order, rate: 5_000, from: steadyFrom });
  const steadyCpu = cpuMicroseconds(pid) - steadyBefore;
  const rss = peakMegabytes(pid);
  platform.kill('SIGTERM');
  await ended(platform);

  const mosquittoPort = await freePort();
  const configuration = join(folder, 'mosquitto.conf');
  writeFileSync(
    configuration,
    `listener ${mosquittoPort} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_type error\nmax_inflight_messages 0\n`,
  );
  const mosquitto = spawn('mosquitto', ['-c', configuration], {
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
    stdio: 'ignore',
  });
  children.push(mosquitto);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const reference = await send({ ...order, port: mosquittoPort });
  mosquitto.kill();

  const store = await openDuckDbStore({ path: join(folder, 'store'), memoryLimitMegabytes: 256 });
  let [stored, lost, doubled] = [0, 0, 0];
  for (const [i, [id]] of devices.entries())
    for (const { series: number } of series.filter((s) => s.pointId === `p-${id}`))
      for (const [from, expected] of [
        [order.from, full.acked[i]!],
        [steadyFrom, steady.acked[i]!],
      ] as const) {
        const { eventTime } = await store.range({
          series: number,
          from: epochMs(from),
          to: epochMs(from + 3 * 3_600_000),
          limit: 1_000_000,
        });
        const distinct = new Set(eventTime);
        stored += distinct.size;
        doubled += eventTime.length - distinct.size;
        for (let n = 0; n < expected; n++) if (!distinct.has(epochMs(from + n))) lost++;
      }
  await store.close();

  const acked = sum(full.acked);
  const round = (value: number, digits = 1) => Number(value.toFixed(digits));
  const result = {
    bench: 'ingest',
    machine: `${cpus()[0]?.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
    seconds: SECONDS,
    live_clients: 0,
    puback_per_s: round(acked / full.seconds, 0),
    mosquitto_per_s: round(sum(reference.acked) / reference.seconds, 0),
    ratio_to_mosquitto: round(acked / full.seconds / (sum(reference.acked) / reference.seconds), 3),
    puback_ms_p50: round(full.latencyMs.p50),
    puback_ms_p99: round(full.latencyMs.p99),
    cpu_us_per_message: round(fullCpu / acked),
    rss_mb_peak: round(rss, 0),
    acked: acked + sum(steady.acked),
    stored: stored / channels.length,
    lost,
    doubled,
    steady_puback_per_s: round(sum(steady.acked) / steady.seconds, 0),
    steady_puback_ms_p50: round(steady.latencyMs.p50),
    steady_puback_ms_p99: round(steady.latencyMs.p99),
    steady_cpu_us_per_message: round(steadyCpu / sum(steady.acked)),
  };
  if (!process.argv.includes('--json')) console.table(result);
  console.log(JSON.stringify(result));
  if (lost > 0 || doubled > 0) process.exitCode = 1;
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
