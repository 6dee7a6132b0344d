/**
 * What a stranger meets after `npm start`: `npm run bench:start [-- --json] [-- --minutes 10]`.
 *
 * The demo city is started as `npm start` does, packages installed and the dashboard built: once in a new folder and once more in the same. It then runs
 * for ten minutes, with its devices and its thirty days of history, before its memory is read and the map is opened, signed in, in real Chromium with
 * empty caches, until the page says that it can be used (the mark `map-interactive`). Scripts are counted as they travel, by brotli.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { signIn } from './load-city.ts';
import { startPlatform } from './platform-child.ts';
import { childrenOf, killAll, peakMegabytes, residentMegabytes } from './processes.ts';
import { percentile, report, rounded } from './report.ts';

const { values: words } = parseArgs({
  options: { json: { type: 'boolean' }, minutes: { type: 'string', default: '10' } },
});
const MINUTES = Number(words.minutes);
if (!(MINUTES > 0)) throw new RangeError('--minutes takes a number above 0');
const ACCOUNT = { loginName: 'vanhanh', password: 'hai-dang-demo' };
const VISITS = 5;

interface Visit {
  /** From the start of the navigation to the mark. */
  readonly interactiveMs: number;
  /** Scripts of the page and of its workers. */
  readonly scripts: ReadonlySet<string>;
}

/** Opens the map in a browser profile of its own. */
async function visit(browser: Browser, httpUrl: string, cookie: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, serviceWorkers: 'block' });
  const [name = '', value = ''] = cookie.split(/=(.*)/s);
  await context.addCookies([{ name, value, url: httpUrl }]);
  const page = await context.newPage();
  const scripts = new Set<string>();
  page.on('worker', (worker) => scripts.add(worker.url()));
  page.on('response', (response) => {
    if (/javascript/.test(response.headers()['content-type'] ?? '')) scripts.add(response.url());
  });
  await page.goto(httpUrl, { waitUntil: 'commit' });
  const mark = await page.waitForFunction(
    () => performance.getEntriesByName('map-interactive')[0]?.startTime,
    undefined,
    { polling: 50, timeout: 60_000 },
  );
  const interactiveMs = (await mark.jsonValue())!;
  // What is loaded after it counts as the page's, too.
  await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => {});
  await context.close();
  return { interactiveMs, scripts };
}

/** Bytes of a file as a browser is sent it. */
function bytesOnTheWay(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': 'br' } }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => resolve(bytes));
      if (response.statusCode !== 200) reject(new Error(`${url} was answered with ${response.statusCode}`));
    }).on('error', reject);
  });
}

const folder = mkdtempSync(join(tmpdir(), 'hd-bench-start-'));
try {
  const first = await startPlatform({ folder, demo: true, env: { HD_DEMO_FLEET: 'false' } });
  await first.stop();
  const platform = await startPlatform({ folder, demo: true });
  await pause(MINUTES * 60_000);
  const [simulator] = childrenOf(platform.pid);
  if (simulator === undefined) throw new Error('the demo’s devices are not running');
  const messages = await platform.metric('hd_messages_acknowledged_total');
  const devices = await platform.metric('hd_mqtt_sessions');
  const memory = {
    rss_mb: rounded(residentMegabytes(platform.pid), 0),
    rss_mb_peak: rounded(peakMegabytes(platform.pid), 0),
    simulator_rss_mb: rounded(residentMegabytes(simulator), 0),
  };

  const cookie = await signIn(platform.httpUrl, ACCOUNT);
  const browser = await launchChromium();
  const visits: Visit[] = [];
  // The first one pays for what a browser does once after its start.
  for (let i = 0; i <= VISITS; i++) visits.push(await visit(browser, platform.httpUrl, cookie));
  await browser.close();
  const scripts = new Set(visits.flatMap((seen) => [...seen.scripts]).filter((url) => url.startsWith('http')));
  let scriptBytes = 0;
  for (const url of scripts) scriptBytes += await bytesOnTheWay(url);
  await platform.stop();

  const interactive = visits.slice(1).map((seen) => seen.interactiveMs);
  report(
    'start',
    {
      minutes: MINUTES,
      devices,
      messages,
      ready_ms: rounded(first.readyMs, 0),
      ready_again_ms: rounded(platform.readyMs, 0),
      ...memory,
      interactive_ms: rounded(percentile(interactive, 0.5), 0),
      interactive_ms_worst: rounded(percentile(interactive, 1), 0),
      interactive_ms_cold_browser: rounded(visits[0]!.interactiveMs, 0),
      scripts: scripts.size,
      script_kb: rounded(scriptBytes / 1024),
    },
    { ready_ms: { most: 3_000 }, rss_mb: { most: 400 }, interactive_ms: { most: 2_000 }, script_kb: { most: 700 } },
  );
} finally {
  killAll();
  rmSync(folder, { recursive: true, force: true });
}
