import { expect, it } from 'vitest';
import type { DisplayView } from '../../domain/display.ts';
import type { AgencyId, PointId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { minutesOf, report } from '../faults/long-run.ts';
import { describeInChromium } from './control-room.ts';
import { atDesk } from './field-device.ts';

/** How long it is left alone. */
const MINUTES = minutesOf('LONG_WALL_MINUTES', 60);
/** Pictures, pools and caches fill up at first; from then on nothing may grow. */
const WARM_UP_SHARE = 0.25;
/** A screen that stands for four weeks and may have 200 MB more then could gain 300 kB in an hour; measuring itself is not that exact. */
const GROWTH_MB = 12;
const DEVICES = ['ea-hai-an', 'ea-le-chan', 'ea-hong-bang', 'ea-cat-ba', 'ea-kien-an'];
const REPORTS_PER_SECOND = 25;

const VIEWS: DisplayView[] = [
  { kind: 'map', seconds: 5, area: null, layers: ['power', 'air'] },
  { kind: 'alarms', seconds: 5 },
  { kind: 'counters', seconds: 5 },
  { kind: 'air', seconds: 5 },
  { kind: 'chart', seconds: 5, pointId: 'p-ea-hai-an' as PointId, quantity: 'pm2_5' as QuantityKey, hours: 6 },
];

describeInChromium('A wall screen left to itself', (room) => {
  it(`rotates under load for ${MINUTES} minutes without growing, and is as up to date at the end`, {
    timeout: (MINUTES + 5) * 60_000,
  }, async () => {
    const admin = await atDesk(room, 'quantri');
    const agencyId = 'environment' as AgencyId;
    const made = await admin.call('POST /displays', {
      body: { agencyId, name: 'Sảnh', agencies: [agencyId], language: 'vi', theme: 'dark', views: VIEWS },
    });
    const context = await room.browser.newContext({ viewport: { width: 1280, height: 720 } });
    const page = await context.newPage();
    await page.goto(`${room.url}/wall#${made.code}`);
    await page.locator('.wall').waitFor({ timeout: 60_000 });
    const tools = await context.newCDPSession(page);
    const heapMb = async (): Promise<number> => {
      await tools.send('HeapProfiler.collectGarbage');
      const { usedSize } = await tools.send('Runtime.getHeapUsage');
      return usedSize / 1e6;
    };
    const nodes = async (): Promise<number> => (await tools.send('Memory.getDOMCounters')).nodes;

    const beganAt = Date.now();
    const elapsed = () => (Date.now() - beganAt) / 60_000;
    const samples: { readonly minute: number; readonly heap: number; readonly nodes: number }[] = [];
    let sent = 0;
    let next = Math.min(1, MINUTES / 10);
    while (elapsed() < MINUTES) {
      const tickAt = Date.now();
      await Promise.all(
        Array.from({ length: REPORTS_PER_SECOND }, () => {
          const n = sent++;
          // Doors open and close all the time: alarms come, clear and come again.
          const values = { pm2_5: 20 + (n % 17), temperature: 20 + (n % 9), door_open: Math.floor(n / 900) % 2 };
          return room.publish(DEVICES[n % DEVICES.length] ?? '', { ts: Date.now() + (n % 900), values });
        }),
      );
      if (elapsed() >= next) {
        samples.push({ minute: Math.round(elapsed() * 10) / 10, heap: await heapMb(), nodes: await nodes() });
        next += Math.min(1, MINUTES / 10);
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 1_000 - (Date.now() - tickAt))));
    }
    const settled = samples.filter(({ minute }) => minute >= MINUTES * WARM_UP_SHARE);
    const third = Math.max(1, Math.floor(settled.length / 3));
    const mean = (part: typeof settled, of: 'heap' | 'nodes') =>
      part.reduce((sum, sample) => sum + sample[of], 0) / part.length;
    const [first, last] = [settled.slice(0, third), settled.slice(-third)];
    const growth = mean(last, 'heap') - mean(first, 'heap');
    report('wall', {
      ...{ minutes: MINUTES, reports: sent, growthMb: Math.round(growth * 100) / 100 },
      heapMb: samples.map(({ heap }) => heap.toFixed(1)).join(' '),
      nodes: samples.map(({ nodes: count }) => count).join(' '),
    });
    expect(growth).toBeLessThan(GROWTH_MB);
    expect(mean(last, 'nodes')).toBeLessThan(2 * mean(first, 'nodes') + 500);
    // Still the screen it was: no trouble, and its clock runs.
    expect(await page.locator('.wall-trouble').count()).toBe(0);
    const clock = () => page.locator('.wall-clock strong').textContent();
    const before = await clock();
    await expect.poll(clock, { timeout: 10_000 }).not.toBe(before);
    await context.close();
    await admin.close();
  });
});
