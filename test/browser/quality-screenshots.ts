/** Draws the pictures of marked readings in docs/images, in both languages. Run by `npm run screenshots`. */
import { LANGUAGES } from '../../domain/localized.ts';
import { atRest } from './pages.ts';
import { drawPictures, historyFilled, pictured, shoot } from './pictures.ts';

const SIZE = { width: 1280, height: 900 };
const STATION = 'p-ea-le-chan';
const HOUR = 3_600_000;
const REASONS = {
  vi: ['Đốt rơm cạnh trạm', 'Hiệu chuẩn bằng khí chuẩn'],
  en: ['Straw burnt beside the station', 'Span gas calibration'],
} as const;

await drawPictures({ demo: { fleet: false, historyDays: 2 } }, async (room) => {
  const { url } = room;
  for (const language of LANGUAGES) {
    const page = await pictured(room, language, 'wide', {
      as: 'moitruong',
      scheme: 'light',
      context: { viewport: SIZE },
    });
    const session = await page.request.get(`${url}/api/v1/session`);
    const headers = { origin: url, 'x-csrf-token': ((await session.json()) as { csrfToken: string }).csrfToken };
    const series = await historyFilled(page, url, STATION, 'pm2_5');
    const now = Date.now();
    const given: string[] = [];
    for (const [reason, quality, from, to] of [
      [REASONS[language][0], 'INVALID_DECLARED', 5, 3.6],
      [REASONS[language][1], 'CALIBRATING', 1.6, 0.8],
    ] as const) {
      const data = { series: [series], from: now - from * HOUR, to: now - to * HOUR, quality, reason };
      const marked = await page.request.post(`${url}/api/v1/quality-marks`, { headers, data });
      given.push(...((await marked.json()) as { items: { id: string }[] }).items.map(({ id }) => id));
    }
    await page.goto(`${url}/?point=${STATION}&view=106.69,20.84,11.6`);
    await page.locator('.value-row', { hasText: 'PM2.5' }).first().click();
    const plot = page.locator('.chart-plot .u-over');
    await plot.waitFor();
    await page.locator('.quality-spans > li').nth(1).waitFor();
    await page.locator('.chart-caption').evaluate((caption) => caption.scrollIntoView({ block: 'start' }));
    await atRest(page);
    const box = await plot.boundingBox();
    if (box) await page.mouse.move(box.x + box.width * (1 - 4.3 / 6), box.y + box.height / 2, { steps: 5 });
    await page.locator('.chart-verdict').waitFor();
    await shoot(page, `data-quality-${language}`);
    for (const id of given) await page.request.delete(`${url}/api/v1/quality-spans/${id}`, { headers });
    await page.context().close();
  }
});
