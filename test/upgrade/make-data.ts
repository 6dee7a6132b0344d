/**
 * Makes the data directory of an older release, for the test of upgrading: `node test/upgrade/make-data.ts CHECKOUT`, CHECKOUT being a working copy of that
 * release with its packages. Speaks to it from outside alone, by MQTT and HTTP, so that it needs to know nothing of its inside.
 * Writes `data-<commit>.tar.br` beside itself, with `expected.json` in it: what the release itself said was there before it was killed.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { connectAsync } from 'mqtt';
import { freePort } from '../../adapters/free-port.ts';
import { demoToken } from '../../config/city/demo-tokens.ts';

const checkout = resolve(process.argv[2] ?? '.');
const commit = execFileSync('git', ['-C', checkout, 'rev-parse', '--short=7', 'HEAD'], { encoding: 'utf8' }).trim();
const data = join(mkdtempSync(join(tmpdir(), 'hd-older-')), 'data');
const DAY_MS = 86_400_000;
const now = Date.now();
const mqttPort = await freePort();

async function start(environment: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, ['main.ts', '--demo'], {
    cwd: checkout,
    env: {
      ...process.env,
      HD_DATA_DIRECTORY: data,
      HD_HTTP_PORT: '0',
      HD_MQTT_PORT: String(mqttPort),
      HD_DEMO_FLEET: 'false',
      HD_DEMO_HISTORY_DAYS: '0',
      HD_JOURNAL_CAPACITY_BYTES: '1048576',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const port = await new Promise<number>((ready) =>
    child.stdout?.on('data', (chunk) => {
      text += String(chunk);
      const line = text.split('\n').find((one) => one.includes('"event":"ready"') && one.endsWith('}'));
      if (line) ready((JSON.parse(line) as { http: number }).http);
    }),
  );
  let cookie = '';
  let token = '';
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', cookie, ...(token ? { 'x-csrf-token': token } : {}), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const set = answer.headers.getSetCookie()[0];
    if (set) cookie = set.split(';')[0]!;
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    const given = answer.status === 204 ? {} : await answer.json();
    token = (given as { csrfToken?: string }).csrfToken ?? token;
    return given as Record<string, unknown> & { items?: Record<string, unknown>[] };
  };
  await call('POST', '/session', { loginName: 'quantri', password: 'hai-dang-demo' });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await once(child, 'exit');
  };
  return { call, end };
}

async function publish(device: string, messages: readonly string[]): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`, {
    clientId: device,
    username: device,
    password: demoToken('1', device),
  });
  for (const message of messages) await client.publishAsync(`hd/v1/${device}/telemetry`, message, { qos: 1 });
  await client.endAsync();
}
const telemetry = (ts: number, values: Record<string, number>): string => JSON.stringify({ ts, values });
const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((wait) => setTimeout(wait, 200));
  }
};

const AIR = 'ea-le-chan';
const FLOOD = 'wf-lach-tray';
const first = await start({});
const { items: points = [] } = await first.call('GET', '/points?limit=500');
console.log(points.length, 'points');
// Three weeks of an hour each day; the oldest of them is dropped by the second start. Nothing lies on the day it cuts.
const KEPT_DAYS = 12;
const times = Array.from({ length: 22 }, (_, i) => 22 - i)
  .filter((daysAgo) => daysAgo !== KEPT_DAYS)
  .flatMap((daysAgo) => Array.from({ length: 6 }, (_, i) => now - daysAgo * DAY_MS + i * 600_000));
await publish(
  AIR,
  times.map((ts, i) => telemetry(ts, { pm2_5: 20 + (i % 30) })),
);
await publish(AIR, ['{"values":', JSON.stringify({ values: { phlogiston: 3 } })]);
await publish(
  FLOOD,
  Array.from({ length: 10 }, (_, i) => telemetry(now - (10 - i) * 60_000, { flood_depth: 0.6 })),
);
const alarm = await until(async () => (await first.call('GET', '/alarms?limit=50')).items?.[0]);
await first.end('SIGTERM');
const second = await start({ HD_STORE_RETENTION_DAYS: String(KEPT_DAYS) });
await publish(AIR, [telemetry(now - 5_000, { pm2_5: 77 })]);
const { items: alarms = [] } = await second.call('GET', '/alarms?limit=50');
const rules = await second.call('GET', '/rules?limit=200');
const quarantine = await second.call('GET', '/quarantine?limit=50');
await second.end('SIGKILL');
console.log(JSON.stringify({ alarm, rules: rules.items?.length, quarantine: quarantine.items?.length }).slice(0, 600));
writeFileSync(
  join(data, 'expected.json'),
  JSON.stringify({
    commit,
    madeAt: now,
    device: AIR,
    times: [...times, now - 5_000],
    keptFrom: now - KEPT_DAYS * DAY_MS,
    alarms: alarms.map(({ id, startedAt, ruleId, severity, work, condition }) => ({
      id,
      startedAt,
      ruleId,
      severity,
      work,
      condition,
    })),
    rules: rules.items?.map(({ id }) => id),
    quarantined: quarantine.items?.map(({ id, reason }) => ({ id, reason })),
  }),
);
const archive = join(import.meta.dirname, `data-${commit}.tar.br`);
const tar = execFileSync('tar', ['-C', data, '--sort=name', '--exclude=control.sock', '-cf', '-', '.'], {
  maxBuffer: 1e9,
});
// What is mostly the same again, pages of an index or empty blocks, lies far apart: a large window.
const packed = brotliCompressSync(tar, {
  params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_QUALITY]: 11 },
});
writeFileSync(archive, packed);
console.log(archive, packed.length, 'bytes');
rmSync(data, { recursive: true });
