/**
 * Draws the pictures in docs/images: map, point panel and alarm list, in both languages, on a desk and on a phone. Starts a demo city of its
 * own in a temporary folder, and needs Chromium. Run by `npm run screenshots`.
 */
import type { Page } from 'playwright-core';
import { LANGUAGES } from '../../domain/localized.ts';
import { mapIsDrawn } from './map-pixels.ts';
import { drawPictures, historyFilled, pictured, shoot } from './pictures.ts';

const POINT = 'p-ea-le-chan';
const WIDE = { width: 1440, height: 900 };

const PICTURES: readonly {
  readonly name: string;
  readonly path: string;
  readonly ready: (page: Page) => Promise<unknown>;
}[] = [
  { name: 'map', path: '/', ready: mapIsDrawn },
  {
    name: 'point',
    path: `/?point=${POINT}`,
    ready: async (page) => {
      await mapIsDrawn(page);
      await page.locator('.chart-plot .u-over').waitFor();
    },
  },
  { name: 'alarms', path: '/alarms', ready: (page) => page.locator('.grid-body [role="row"]').nth(3).waitFor() },
];

/** What makes a city worth watching: a cloudburst, and a transformer that lost a phase. */
const EVENTS = [
  { device: 'wn-kien-thuy', values: { rain_intensity: 82 } },
  { device: 'wn-do-son', values: { rain_intensity: 46 } },
  { device: 'wn-thuy-nguyen', values: { rain_intensity: 28 } },
  { device: 'pt-lach-tray-471-1', values: { voltage_l1: 12 } },
] as const;

await drawPictures({ demo: { historyDays: 3 } }, async (room) => {
  // Heard from at least once: the devices report within their first minutes.
  await untilHeard(room.url, 550);
  const desk = await pictured(room, 'en', 'wide');
  await historyFilled(desk, room.url, POINT, 'pm2_5');
  for (const { device, values } of EVENTS) await room.report(device, values);
  for (const language of LANGUAGES) {
    for (const size of ['wide', 'phone'] as const) {
      const page = await pictured(room, language, size, { context: size === 'wide' ? { viewport: WIDE } : {} });
      for (const { name, path, ready } of PICTURES) {
        await page.goto(room.url + path);
        await ready(page);
        await page.locator('.map-canvas[aria-busy="true"]').waitFor({ state: 'detached' });
        await shoot(page, `${name}-${language}-${size}`);
      }
      await page.context().close();
    }
  }
});

/** Waits until so many devices are connected, as `/metrics` counts them. */
async function untilHeard(address: string, devices: number): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`${address}/metrics`)).text();
    const sessions = Number(/^hd_mqtt_sessions (\d+)/m.exec(metrics)?.[1] ?? 0);
    if (sessions >= devices) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
