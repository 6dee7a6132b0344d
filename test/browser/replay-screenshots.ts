/** Draws the pictures of the replay in docs/images, in both languages, on a desk and on a phone. Run by `npm run screenshots`. */
import { LANGUAGES } from '../../domain/localized.ts';
import { mapIsDrawn } from './map-pixels.ts';
import { drawPictures, pictured, shoot } from './pictures.ts';

const MINUTE_MS = 60_000;
/** What the hour before was like: device, values, minutes ago. */
const EVENTS = [
  ['wn-kien-thuy', { rain_intensity: 82 }, 50],
  ['wn-do-son', { rain_intensity: 46 }, 35],
  ['wn-thuy-nguyen', { rain_intensity: 90 }, 32],
  ['pt-lach-tray-471-1', { voltage_l1: 12 }, 31],
] as const;

await drawPictures({ demo: { fleet: false, historyDays: 1 } }, async (room) => {
  const { url } = room;
  for (const [device, values, minutesAgo] of EVENTS) {
    await room.publish(device, { ts: Date.now() - minutesAgo * MINUTE_MS, values });
  }
  for (const language of LANGUAGES) {
    for (const size of ['wide', 'phone'] as const) {
      const page = await pictured(room, language, size);
      await page.goto(`${url}/?at=${new Date(Date.now() - 30 * MINUTE_MS).toISOString()}&known=now&speed=600`);
      await mapIsDrawn(page);
      await page.locator('.replay:not([data-busy]) .density rect').first().waitFor();
      if (size === 'wide') await page.locator('.replay-span select').selectOption('h6');
      await shoot(page, `replay-${language}-${size}`);
      await page.context().close();
    }
  }
});
