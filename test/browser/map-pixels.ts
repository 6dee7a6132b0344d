/** Where things stand on the drawn map, and what was drawn there: the map is a picture, so it is looked at as one. */
import type { Page } from 'playwright-core';
import { writeView } from '../../dashboard/state/map-address.ts';

export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}
/** CSS pixels of the page. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Side of one world at zoom 0, in pixels. */
const WORLD_PIXELS = 512;

/** Web Mercator (EPSG:3857), world pixels at `zoom`. */
function worldPixels({ longitude, latitude }: Place, zoom: number): Spot {
  const size = WORLD_PIXELS * 2 ** zoom;
  const northing = Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360));
  return { x: ((longitude + 180) / 360) * size, y: ((1 - northing / Math.PI) / 2) * size };
}

/** The map's address when it looks at `centre`. */
export const mapAddress = (centre: Place, zoom: number, more: Readonly<Record<string, string>> = {}): string =>
  `/?${new URLSearchParams({ view: writeView({ ...centre, zoom }), ...more })}`;

/** Where `place` is drawn on a map that looks at `centre`, which is in the middle of the map's area. */
export async function spotOf(page: Page, place: Place, centre: Place, zoom: number): Promise<Spot> {
  const area = await page.locator('.map-canvas').boundingBox();
  if (!area) throw new Error('there is no map on the page');
  const [at, middle] = [worldPixels(place, zoom), worldPixels(centre, zoom)];
  return { x: area.x + area.width / 2 + at.x - middle.x, y: area.y + area.height / 2 + at.y - middle.y };
}

/** Waits until the points are on the map, and the ground under them. */
export async function mapIsDrawn(page: Page): Promise<void> {
  await page.waitForFunction(() => performance.getEntriesByName('map-interactive').length > 0);
  await page.locator('.map-canvas[aria-busy="false"]').waitFor();
}

/** A picture's points of one colour. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly isSet: readonly boolean[];
  readonly count: number;
}

/** Which pixels of the square around `spot` have `colour` (`#rrggbb`), each channel within `tolerance`. */
export async function maskAround(page: Page, spot: Spot, side: number, colour: string, tolerance = 28): Promise<Mask> {
  const picture = await page.screenshot({
    clip: { x: Math.round(spot.x - side / 2), y: Math.round(spot.y - side / 2), width: side, height: side },
  });
  return maskOf(page, picture, colour, tolerance);
}

/** As {@link maskAround}, of the whole map. */
export async function maskOfMap(page: Page, colour: string, tolerance = 28): Promise<Mask & { readonly at: Spot }> {
  const area = await page.locator('.map-canvas').boundingBox();
  if (!area) throw new Error('there is no map on the page');
  const mask = await maskOf(page, await page.screenshot({ clip: area }), colour, tolerance);
  return { ...mask, at: { x: area.x, y: area.y } };
}

/** The browser reads its own picture; no library for that is needed. */
async function maskOf(page: Page, picture: Buffer, colour: string, tolerance: number): Promise<Mask> {
  const { width, height, set } = await page.evaluate(
    async ({ base64, wanted, tolerance }) => {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      if (!context) throw new Error('no canvas');
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
      let set = '';
      for (let i = 0; i < data.length; i += 4) {
        set += wanted.every((channel, c) => Math.abs((data[i + c] ?? 0) - channel) <= tolerance) ? '1' : '0';
      }
      return { width: bitmap.width, height: bitmap.height, set };
    },
    {
      base64: picture.toString('base64'),
      wanted: [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)),
      tolerance,
    },
  );
  const isSet = [...set].map((bit) => bit === '1');
  return { width, height, isSet, count: isSet.filter(Boolean).length };
}

/** How alike two masks of one size are: pixels set in both, of those set in either (1 is the same). */
export function likeness(a: Mask, b: Mask): number {
  const both = a.isSet.filter((set, i) => set && b.isSet[i]).length;
  const either = a.isSet.filter((set, i) => set || b.isSet[i]).length;
  return either === 0 ? 1 : both / either;
}

/** Width of the mask's shape at a share of its height (0 top … 1 bottom), as a share of its greatest width. */
export function widthAt(mask: Mask, share: number): number {
  const widths = Array.from({ length: mask.height }, (_, y) => {
    const row = mask.isSet.slice(y * mask.width, (y + 1) * mask.width);
    return row.lastIndexOf(true) - row.indexOf(true) + (row.includes(true) ? 1 : 0);
  });
  const first = widths.findIndex((width) => width > 0);
  const last = widths.findLastIndex((width) => width > 0);
  return (widths[Math.round(first + (last - first) * share)] ?? 0) / Math.max(...widths);
}

/** Middle of the mask's pixels, in its own pixels. */
export function middleOf(mask: Mask): Spot {
  let x = 0;
  let y = 0;
  mask.isSet.forEach((set, i) => {
    if (!set) return;
    x += i % mask.width;
    y += Math.floor(i / mask.width);
  });
  return { x: x / mask.count, y: y / mask.count };
}
