/**
 * Draws the pictures of the map's layers, of measuring and of printing in docs/images, in both languages: a flooded afternoon with a dead transformer,
 * and the air between the stations. Run by `npm run screenshots`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { haiPhong } from '../../config/city/hai-phong.ts';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { LANGUAGES } from '../../domain/localized.ts';
import { mapIsDrawn } from './map-pixels.ts';
import { drawPictures, indexKnown, pictured, shoot } from './pictures.ts';

const STATION = 'p-ea-le-chan';

/** Opens the map with layers, and waits until their lines are known. */
async function look(page: Page, url: string, layers: string, view: string, rest = ''): Promise<void> {
  await page.goto(`${url}/?layers=${layers}&view=${view}${rest}`);
  await mapIsDrawn(page);
  await page.locator('.layers-legend').waitFor();
}

/** A line's state follows its course by a frame or two. */
async function shootMap(page: Page, name: string): Promise<void> {
  await pause(1_500);
  await shoot(page, name);
}

await drawPictures({ demo: { fleet: false, historyDays: 2 } }, async (room) => {
  const { url } = room;
  const watcher = await pictured(room, 'vi', 'wide');
  await indexKnown(watcher, url, STATION);
  // Most of the network is as it should be.
  const sound: Readonly<Record<string, Readonly<Record<string, number>>>> = {
    'power-feeder': { line_voltage: 22_310 },
    'power-transformer': { voltage_l1: 222, voltage_l2: 221, voltage_l3: 223 },
    'power-meter': { voltage: 219, power_present: 1 },
    'water-plant-outlet': { water_pressure: 3.4 },
    'water-dma-inlet': { water_pressure: 2.6 },
    'water-pressure': { water_pressure: 1.9 },
    'water-flood': { flood_depth: 0 },
    'traffic-segment': { vehicle_speed: 41, occupancy: 6 },
  };
  for (const { id, modelId } of haiPhong.devices) {
    const values = sound[modelId];
    if (values && !id.startsWith('pm-lach-tray-471-1')) await room.report(id, values);
  }
  await room.report('pt-lach-tray-471-1', { voltage_l1: 0, voltage_l2: 0, voltage_l3: 0 });
  await room.report('we-an-bien', { water_pressure: 0.6 });
  for (const [spot, depth] of [
    ['lach-tray', 0.54],
    ['to-hieu', 0.34],
    ['van-cao', 0.2],
    ['minh-khai', 0.09],
    ['cho-hang', 0.31],
  ] as const)
    await room.report(`wf-${spot}`, { flood_depth: depth });
  for (const [street, speed] of [
    ['lach-tray', 6],
    ['to-hieu', 14],
    ['le-hong-phong', 22],
  ] as const)
    await room.report(`ts-${street}`, { vehicle_speed: speed });
  await pause(3_000);
  await watcher.context().close();

  for (const language of LANGUAGES) {
    const texts = { vi, en }[language];
    const page = await pictured(room, language, 'wide');
    await look(page, url, 'roads power floods', '106.69,20.845,13.2', '&list=layers');
    await page.locator('.panel [role="row"]').nth(4).waitFor();
    await shootMap(page, `layers-${language}-wide`);
    await page.getByRole('button', { name: texts.measure.title }).click();
    await page.locator('.measure').waitFor();
    const map = page.locator('.map-canvas');
    for (const [x, y] of [
      [330, 350],
      [640, 330],
      [700, 520],
      [400, 560],
      [330, 350],
    ] as const)
      await map.click({ position: { x, y } });
    await page.locator('.measure strong').nth(1).waitFor();
    await shootMap(page, `measure-${language}`);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: texts.print.title }).click();
    await page.locator('.print-sheet img').waitFor();
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 1032, height: 702 });
    await shootMap(page, `map-print-${language}`);
    await page.context().close();

    const light = await pictured(room, language, 'wide', { scheme: 'light' });
    await look(light, url, 'roads air', '106.69,20.84,11.2');
    await shootMap(light, `layers-air-${language}`);
    await light.context().close();
    const phone = await pictured(room, language, 'phone');
    await look(phone, url, 'roads floods', '106.69,20.848,12.6');
    await shootMap(phone, `layers-${language}-phone`);
    await phone.context().close();
  }
});
