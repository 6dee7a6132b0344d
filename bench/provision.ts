/**
 * How long ten thousand devices take to come in: `npm run bench:provision [-- --json] [-- --devices 10000]`.
 *
 * `import_ms`: a CSV of them, each for a point of its own, uploaded, previewed and looked through page by page, then applied; until the gateway knows
 * them all. `register_ms`: each of them connects with a profile's secret, asks for its token, connects anew with it and sends its first reading
 * (4 quantities, QoS 1); until the last is acknowledged. Then every reading is looked for in the store.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDuckDbStore } from '../adapters/timeseries/duckdb.ts';
import { loadCity, registerCity, signIn } from './load-city.ts';
import { startPlatform } from './platform-child.ts';
import { cpuTime, killAll, peakMegabytes, startOrder } from './processes.ts';
import type { RegisteringOrder, RegisteringResult } from './registering-devices.ts';
import { report, rounded } from './report.ts';

const { values: words } = parseArgs({
  options: {
    json: { type: 'boolean' },
    devices: { type: 'string', default: '10000' },
    /** Writes CPU profiles of the platform into this folder. */
    'cpu-prof': { type: 'string' },
  },
});
const DEVICES = Number(words.devices);
if (!(DEVICES > 0)) throw new RangeError('--devices takes a number above 0');
const TOGETHER = 200;
const ROWS_A_PAGE = 1_000;
const PROFILE = 'bench';

const folder = mkdtempSync(join(tmpdir(), 'hd-bench-provision-'));
try {
  const city = loadCity(DEVICES);
  // The points are there, the devices come with the sheet.
  const series = await registerCity(folder, { ...city.seed, devices: [] });
  const [model] = city.seed.models;
  const agency = city.seed.points[0]?.agencyId;
  if (!model || !agency) throw new Error('the city is empty');
  const platform = await startPlatform({
    folder,
    nodeOptions: words['cpu-prof'] ? ['--cpu-prof', `--cpu-prof-dir=${words['cpu-prof']}`] : [],
  });
  const cookie = await signIn(platform.httpUrl);
  const csrf = ((await (await call('GET', '/session')).json()) as { csrfToken: string }).csrfToken;

  async function call(method: string, path: string, body?: string, type = 'application/json'): Promise<Response> {
    const response = await fetch(`${platform.httpUrl}/api/v1${path}`, {
      method,
      headers: {
        cookie,
        ...(body === undefined ? {} : { 'content-type': type }),
        ...(method === 'GET' ? {} : { 'x-csrf-token': csrf }),
      },
      ...(body === undefined ? {} : { body }),
    });
    if (!response.ok)
      throw new Error(`${method} ${path} was answered with ${response.status}: ${await response.text()}`);
    return response;
  }

  const csv = [
    'id,model,serial,point',
    ...city.devices.map(({ id, pointId }, i) => `${id},${model.id},SN-${String(i).padStart(6, '0')},${pointId}`),
  ].join('\n');
  const importFrom = performance.now();
  const preview = (await (await call('POST', `/device-imports?agency=${agency}`, csv, 'text/csv')).json()) as {
    id: string;
    counts: { create: number };
  };
  if (preview.counts.create !== DEVICES) throw new Error(`the preview makes ${preview.counts.create} devices`);
  const previewMs = performance.now() - importFrom;
  for (let after: string | null = '0'; after !== null; ) {
    const page = await call('GET', `/device-imports/${preview.id}/rows?limit=${ROWS_A_PAGE}&after=${after}`);
    ({ next: after } = (await page.json()) as { next: string | null });
  }
  await call('POST', `/device-imports/${preview.id}/apply`, '{}');
  // Wrong passwords are refused only after the gateway has taken all changes in.
  await fetch(`${platform.httpUrl}/ingest/v1/telemetry`, {
    method: 'POST',
    headers: { authorization: 'Bearer none', 'content-type': 'application/json' },
    body: '{}',
  });
  const importMs = performance.now() - importFrom;

  const profile = await call(
    'POST',
    '/provisioning-profiles',
    JSON.stringify({
      key: PROFILE,
      agencyId: agency,
      name: 'Bench',
      modelIds: [model.id],
      stockListOnly: true,
      maximumDevices: null,
      enabled: true,
      expiresAt: null,
    }),
  );
  const { secret } = (await profile.json()) as { secret: string };
  const cpuBefore = cpuTime(platform.pid);
  const registered = await startOrder<RegisteringOrder, RegisteringResult>('registering-devices.ts', {
    port: platform.mqttPort,
    profileKey: PROFILE,
    secret,
    devices: city.devices.map(({ id }) => id),
    channels: city.channels,
    together: TOGETHER,
  }).answer;
  const cpuAfter = cpuTime(platform.pid);
  await platform.caughtUp();
  const peak = peakMegabytes(platform.pid);
  await platform.stop();

  const store = await openDuckDbStore({ path: join(folder, 'store'), memoryLimitMegabytes: 160 });
  const stored = await store.latest(series.map((entry) => entry.series));
  await store.close();
  report(
    'provision',
    {
      devices: DEVICES,
      import_ms: Math.round(importMs),
      preview_ms: Math.round(previewMs),
      register_ms: Math.round(registered.milliseconds),
      registered: registered.acknowledged,
      refused: JSON.stringify(registered.refused),
      device_p50_ms: rounded(registered.deviceMs.p50),
      device_p99_ms: rounded(registered.deviceMs.p99),
      register_cpu_ms: Math.round((cpuAfter.user + cpuAfter.system - cpuBefore.user - cpuBefore.system) / 1000),
      readings_lost: DEVICES * city.channels.length - stored.length,
      peak_mb: Math.round(peak),
    },
    {
      import_ms: { most: 10_000 },
      register_ms: { most: 60_000 },
      readings_lost: { most: 0 },
      registered: { least: DEVICES },
    },
  );
} finally {
  killAll();
  rmSync(folder, { recursive: true, force: true });
}
