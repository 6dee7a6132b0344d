/** Draws the picture of the operations page in docs/images. Run by `npm run screenshots`. */
import { setTimeout as pause } from 'node:timers/promises';
import { drawPictures, pictured, shoot } from './pictures.ts';

/** Paces are those of the last minute, and their history begins with the start. */
const WATCHED_MS = 100_000;

await drawPictures({ demo: { historyDays: 1 } }, async (room) => {
  await pause(WATCHED_MS);
  const page = await pictured(room, 'en', 'wide', {
    as: 'quantri',
    context: { viewport: { width: 1280, height: 1500 } },
  });
  await page.goto(`${room.url}/operations`);
  await page.locator('.retention table').waitFor();
  await shoot(page, 'operations-en');
});
