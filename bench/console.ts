/**
 * The alarm console in a flood: `npm run bench:console [-- --json] [-- --seconds 60]`.
 *
 * 2,500 stations break four limits each: 10,000 open alarms, raised by the rules from telemetry. A signed-in operator's Chromium shows the list, which is
 * more than one live snapshot holds. Then fifty alarms a second clear or come again while the keyboard walks down the list. Frames and key presses are
 * timed by the page itself, and held against the same page while nothing changes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import type { RuleId } from '../domain/identifiers.ts';
import { SEVERITIES } from '../domain/rule.ts';
import { milliseconds } from '../domain/time.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from '../test/browser/chromium.ts';
import { type LoadDevice, loadCity, registerCity, signIn } from './load-city.ts';
import { startPlatform } from './platform-child.ts';
import { killAll } from './processes.ts';
import { percentile, report, rounded } from './report.ts';

const { values: words } = parseArgs({
  options: { json: { type: 'boolean' }, seconds: { type: 'string', default: '60' } },
});
const SECONDS = Number(words.seconds);
if (!(SECONDS > 0)) throw new RangeError('--seconds takes a number above 0');
const STATIONS = 2_500;
const ALARMS = STATIONS * SEVERITIES.length;
const CHANGES_PER_SECOND = 50;
const [CALM, LIMIT, BREACH] = [20, 30, 40];
const SENT_AT_ONCE = 16;
const KEY_EVERY_MS = 400;

/** What the page measures of itself; `start` forgets what was before. */
interface Meter {
  start(): void;
  read(): { frames: number[]; longTasks: number[]; keys: number[] };
}
declare global {
  interface Window {
    meter: Meter;
  }
}

/** Runs in the page, before anything of it. */
function installMeter(): void {
  let frames: number[] = [];
  let longTasks: number[] = [];
  let keys: number[] = [];
  let before = performance.now();
  let pressedAt: number | null = null;
  const tick = (now: number): void => {
    frames.push(now - before);
    before = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasks.push(duration);
  }).observe({ entryTypes: ['longtask'] });
  addEventListener(
    'keydown',
    () => {
      pressedAt = performance.now();
    },
    { capture: true },
  );
  // The row that the keyboard stands on is another: the key has been answered with the frame that follows.
  new MutationObserver(() => {
    const at = pressedAt;
    if (at === null) return;
    pressedAt = null;
    requestAnimationFrame(() => keys.push(performance.now() - at));
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-active'] });
  window.meter = {
    start() {
      frames = [];
      longTasks = [];
      keys = [];
    },
    read: () => ({ frames, longTasks, keys }),
  };
}

const heapMb = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 1e6;
};

const folder = mkdtempSync(join(tmpdir(), 'hd-bench-console-'));
if (!CHROMIUM) throw new Error('chromium is not installed');
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
try {
  const city = loadCity(STATIONS, (channels, agencyId) =>
    channels.map(({ quantity }, i) => ({
      id: `bench-console-${i}` as RuleId,
      agencyId,
      name: { vi: `Đo bảng cảnh báo ${i + 1}`, en: `Console bench ${i + 1}` },
      advice: null,
      enabled: true,
      quantity,
      selection: {},
      condition: {
        kind: 'above',
        hysteresis: 1,
        levels: [{ severity: SEVERITIES[i % SEVERITIES.length] ?? 'notice', limit: LIMIT, hold: milliseconds(0) }],
      },
      clearHold: milliseconds(0),
      judgeSuspect: true,
      endsUnacknowledged: [],
    })),
  );
  await registerCity(folder, city.seed);
  const platform = await startPlatform({ folder });
  const send = async ({ token }: LoadDevice, values: Readonly<Record<string, number>>): Promise<void> => {
    const answer = await fetch(`${platform.httpUrl}/ingest/v1/telemetry`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ts: Date.now(), values }),
    });
    if (!answer.ok) throw new Error(`telemetry was answered with ${answer.status}: ${await answer.text()}`);
    await answer.body?.cancel();
  };
  const breach = Object.fromEntries(city.channels.map((channel) => [channel, BREACH]));
  for (let from = 0; from < STATIONS; from += SENT_AT_ONCE)
    await Promise.all(city.devices.slice(from, from + SENT_AT_ONCE).map((device) => send(device, breach)));
  await platform.caughtUp();
  const cookie = await signIn(platform.httpUrl);
  const openAlarms = async (): Promise<number> => {
    const answer = await fetch(`${platform.httpUrl}/api/v1/alarms/counts`, { headers: { cookie } });
    const { items } = (await answer.json()) as { items: readonly { count: number }[] };
    return items.reduce((sum, { count }) => sum + count, 0);
  };

  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  await context.addCookies(
    cookie.split('; ').map((pair) => {
      const at = pair.indexOf('=');
      return { name: pair.slice(0, at), value: pair.slice(at + 1), url: platform.httpUrl };
    }),
  );
  await context.addInitScript(() => localStorage.setItem('hd.language', 'en'));
  await context.addInitScript(installMeter);
  const page = await context.newPage();
  const began = performance.now();
  await page.goto(`${platform.httpUrl}/alarms`, { waitUntil: 'domcontentloaded' });
  await page.locator('.grid-body [role="row"]').first().waitFor({ timeout: 60_000 });
  const firstRowsMs = performance.now() - began;
  await page.waitForFunction(
    (count) =>
      document.querySelector('[role="grid"]')?.getAttribute('aria-rowcount') === String(count + 1) &&
      document.querySelector('.list-note') === null,
    ALARMS,
    { timeout: 120_000 },
  );
  const wholeMs = performance.now() - began;
  await page.locator('[role="grid"]').focus();

  /** The keyboard walks down the list for so long; what the page measured of it. */
  const walk = async (seconds: number): Promise<ReturnType<Meter['read']>> => {
    await page.evaluate(() => window.meter.start());
    const until = performance.now() + seconds * 1000;
    while (performance.now() < until) {
      await page.keyboard.press('j');
      await pause(KEY_EVERY_MS);
    }
    return page.evaluate(() => window.meter.read());
  };
  const quiet = await walk(Math.min(10, SECONDS));
  const heapBefore = await heapMb(page);

  let isOver = false;
  let changes = 0;
  const flood = (async () => {
    const startedAt = performance.now();
    for (let i = 0; !isOver; i++) {
      const device = city.devices[(i * 7) % STATIONS] as LoadDevice;
      const channel = city.channels[i % city.channels.length] as string;
      // Round after round each of them clears, and is there again.
      const value = Math.floor(i / STATIONS) % 2 === 0 ? CALM : BREACH;
      void send(device, { [channel]: value }).then(
        () => {
          changes += 1;
        },
        () => {},
      );
      await pause(Math.max(0, startedAt + ((i + 1) * 1000) / CHANGES_PER_SECOND - performance.now()));
    }
  })();
  const floodBegan = performance.now();
  const busy = await walk(SECONDS);
  const perSecond = (changes * 1000) / (performance.now() - floodBegan);
  isOver = true;
  await flood;
  const heapAfter = await heapMb(page);
  const open = await openAlarms();

  report(
    'console',
    {
      open_alarms: open,
      changes_per_s: rounded(perSecond),
      first_rows_ms: rounded(firstRowsMs, 0),
      whole_list_ms: rounded(wholeMs, 0),
      frame_ms_p50_quiet: rounded(percentile(quiet.frames, 0.5)),
      frame_ms_p95_quiet: rounded(percentile(quiet.frames, 0.95)),
      frame_ms_p50: rounded(percentile(busy.frames, 0.5)),
      frame_ms_p95: rounded(percentile(busy.frames, 0.95)),
      long_tasks_per_min: rounded((busy.longTasks.length * 60) / SECONDS),
      longest_task_ms: rounded(Math.max(0, ...busy.longTasks), 0),
      key_ms_p50_quiet: rounded(percentile(quiet.keys, 0.5)),
      key_ms_p50: rounded(percentile(busy.keys, 0.5)),
      key_ms_p95: rounded(percentile(busy.keys, 0.95)),
      heap_growth_mb: rounded(heapAfter - heapBefore),
    },
    {
      open_alarms: { least: ALARMS },
      changes_per_s: { least: CHANGES_PER_SECOND * 0.9 },
      longest_task_ms: { most: 200 },
      key_ms_p95: { most: 200 },
      heap_growth_mb: { most: 20 },
    },
  );
  await context.close();
  await platform.stop();
} finally {
  await browser.close();
  killAll();
  rmSync(folder, { recursive: true, force: true });
}
