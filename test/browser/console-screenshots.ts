/**
 * Draws the pictures of the alarm console and of alarm health in docs/images, in both languages. Run by `npm run screenshots`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { LANGUAGES } from '../../domain/localized.ts';
import { ControlRoom, type Size } from './control-room.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const WEBP_QUALITY = 84;
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

async function shoot(page: Page, name: string): Promise<void> {
  await atRest(page);
  const tools = await page.context().newCDPSession(page);
  const { data } = await tools.send('Page.captureScreenshot', { format: 'webp', quality: WEBP_QUALITY });
  const bytes = Buffer.from(data, 'base64');
  writeFileSync(join(IMAGES, `${name}.webp`), bytes);
  console.log(`${name}: ${Math.round(bytes.length / 1000)} kB`);
}

mkdirSync(IMAGES, { recursive: true });
const room = new ControlRoom('demo');
try {
  await room.open();
  for (const [gauge, rain] of Object.entries(RAIN)) await room.report(`wn-${gauge}`, { rain_intensity: rain });
  await room.report('pt-lach-tray-473-1', { voltage_l1: 20 });
  await room.report('ea-hai-an', { door_open: 1 });
  for (const language of LANGUAGES) {
    const look = async (size: Size, path: string, prepare: (page: Page) => Promise<unknown>, name: string) => {
      const { page, open } = await room.screen({ language, size, scheme: size === 'phone' ? 'light' : 'dark' });
      await open(path);
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
  await room.closeScreens();
} finally {
  await room.close();
}
