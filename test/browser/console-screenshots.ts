/**
 * Draws the pictures of the alarm console and of alarm health in docs/images, in both languages. Run by `npm run screenshots`.
 */
import type { Page } from 'playwright-core';
import { LANGUAGES } from '../../domain/localized.ts';
import type { Size } from './control-room.ts';
import { drawPictures, pictured, shoot } from './pictures.ts';

/** An evening of rain: how hard it falls at each gauge, in mm/h. */
const RAIN = {
  'hong-bang': 82,
  'le-chan': 74,
  'ngo-quyen': 91,
  'hai-an': 46,
  'kien-an': 52,
  'do-son': 31,
  'an-lao': 24,
};

await drawPictures({}, async (room) => {
  for (const [gauge, rain] of Object.entries(RAIN)) await room.report(`wn-${gauge}`, { rain_intensity: rain });
  await room.report('pt-lach-tray-473-1', { voltage_l1: 20 });
  await room.report('ea-hai-an', { door_open: 1 });
  for (const language of LANGUAGES) {
    const look = async (size: Size, path: string, prepare: (page: Page) => Promise<unknown>, name: string) => {
      const page = await pictured(room, language, size);
      await page.goto(room.url + path);
      await prepare(page);
      await shoot(page, `${name}-${language}-${size}`);
    };
    const picked = async (page: Page) => {
      await page.locator('.grid-body [role="row"]').nth(8).waitFor();
      await page.locator('[role="grid"]').focus();
      for (const key of ['j', 'Shift+J', 'Shift+J']) await page.keyboard.press(key);
      await page.locator('.grid-pick[data-picked]').nth(2).waitFor();
    };
    const figures = (page: Page) => page.locator('.health-tile').first().waitFor();
    await look('wide', '/alarms', picked, 'console');
    for (const size of ['wide', 'phone'] as const) await look(size, '/alarm-health?period=8h', figures, 'alarm-health');
  }
});
