/** Draws pictures of the product for docs/images: a demo city of its own, Chromium in front of it, one WebP file a picture. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { MapPoints } from '../../api/contract/map.ts';
import type { Language } from '../../domain/localized.ts';
import { CHROMIUM } from './chromium.ts';
import { ControlRoom, type ScreenOptions, type Size } from './control-room.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
/** A page of documentation holds several. */
const LARGEST_IMAGE_BYTES = 250_000;
const WEBP_QUALITY = 84;
/** History is filled in and indices are worked out behind the scenes, and what is drawn may wait for it. */
const PATIENCE_MS = 180_000;

/** Opens a demo city with these settings, has `draw` draw in it, and takes it down again. */
export async function drawPictures(
  settings: Readonly<Record<string, unknown>>,
  draw: (room: ControlRoom) => Promise<void>,
): Promise<void> {
  if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
  const room = new ControlRoom('demo', settings);
  try {
    await room.open();
    await draw(room);
  } finally {
    await room.close();
  }
}

/** A page as it is shown in the documentation: dark on the desk, as in the control room, light on the phone, unless told otherwise. */
export async function pictured(
  room: ControlRoom,
  language: Language,
  size: Size,
  options: Omit<ScreenOptions, 'language' | 'size'> = {},
): Promise<Page> {
  const { page } = await room.screen({
    scheme: size === 'wide' ? 'dark' : 'light',
    ...options,
    language,
    size,
    context: {
      locale: language === 'vi' ? 'vi-VN' : 'en-GB',
      deviceScaleFactor: size === 'wide' ? 1 : 2,
      ...options.context,
    },
  });
  page.context().setDefaultTimeout(PATIENCE_MS);
  return page;
}

/** What the page shows once it is at rest. */
export async function photograph(page: Page): Promise<Buffer> {
  await atRest(page);
  const tools = await page.context().newCDPSession(page);
  const { data } = await tools.send('Page.captureScreenshot', { format: 'webp', quality: WEBP_QUALITY });
  await tools.detach();
  return Buffer.from(data, 'base64');
}

/**
 * Keeps what the page shows as `docs/images/<name>.webp`.
 * @throws when the file is too large for a page of documentation.
 */
export async function shoot(page: Page, name: string): Promise<void> {
  const bytes = await photograph(page);
  if (bytes.length > LARGEST_IMAGE_BYTES)
    throw new Error(`${name} has ${bytes.length} bytes, more than ${LARGEST_IMAGE_BYTES}`);
  mkdirSync(IMAGES, { recursive: true });
  writeFileSync(join(IMAGES, `${name}.webp`), bytes);
  console.log(`${name}: ${Math.round(bytes.length / 1000)} kB`);
}

const DAY_MS = 86_400_000;
/** Of a day's steps of ten minutes; a device may have been silent for some. */
const FILLED_READINGS = 130;

/** Waits until the history that is filled in behind the scenes has the last day of a point's quantity. @returns the series it is kept in */
export async function historyFilled(page: Page, url: string, point: string, quantity: string): Promise<number> {
  const { points } = (await (await page.request.get(`${url}/api/v1/map/points`)).json()) as MapPoints;
  const series = points.find(({ id }) => id === point)?.series.find((each) => each.quantity === quantity)?.id;
  if (series === undefined) throw new Error(`${point} has no ${quantity}`);
  for (let stored = 0; stored < FILLED_READINGS; await pause(500)) {
    const now = Date.now();
    const answer = await page.request.get(`${url}/api/v1/readings?series=${series}&from=${now - DAY_MS}&to=${now}`);
    stored = ((await answer.json()) as { value: number[] }).value.length;
  }
  return series;
}

/** Waits until a station's index of the hour is worked out from the history that is filled in. */
export async function indexKnown(page: Page, url: string, station: string): Promise<void> {
  for (let category: unknown = null; category === null; await pause(500)) {
    const answer = await page.request.get(`${url}/api/v1/points/${station}/indices`);
    category =
      ((await answer.json()) as { items: { hourly: { category: unknown } }[] }).items[0]?.hourly.category ?? null;
  }
}
