/**
 * Draws the pictures of air indices in docs/images, in both languages: the layer on the map with a station's card, and limits in force as rules to
 * begin with. Run by `npm run screenshots`.
 */
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { LANGUAGES } from '../../domain/localized.ts';
import { drawPictures, indexKnown, pictured, shoot } from './pictures.ts';

const SIZE = { width: 1280, height: 800 };
const STATION = 'p-ea-le-chan';

await drawPictures({ demo: { fleet: false, historyDays: 2 } }, async (room) => {
  const { url } = room;
  for (const language of LANGUAGES) {
    const texts = { vi, en }[language];
    const page = await pictured(room, language, 'wide', {
      as: 'moitruong',
      scheme: 'light',
      context: { viewport: SIZE },
    });
    await indexKnown(page, url, STATION);
    await page.goto(`${url}/?layer=vn_aqi&point=${STATION}&view=106.69,20.84,11.6`);
    await page.locator('.index-parts').waitFor();
    await page.locator('.index-history rect').nth(20).waitFor();
    await shoot(page, `air-${language}`);
    await page.goto(`${url}/rules`);
    await page.getByRole('button', { name: texts.presets.open }).click();
    await page.getByLabel(texts.presets.search).fill('PM2.5');
    await page.locator('.preset').nth(1).waitFor();
    await shoot(page, `presets-${language}`);
    await page.context().close();
  }
});
