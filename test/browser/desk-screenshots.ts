/**
 * Draws the pictures of the desk in docs/images, in both languages: several points in one chart, the search, what a grant will show, the audit.
 * Run by `npm run screenshots`.
 */
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import type { ControlRoom } from './control-room.ts';
import { drawPictures, historyFilled, pictured, shoot } from './pictures.ts';

const WORDS = { vi, en } as const;
const SIZE = { width: 1280, height: 800 };
const LINES = ['p-ea-an-duong', 'p-ea-cat-ba', 'p-ea-do-son'].map((point) => `${point}~pm2_5`);

async function draw(room: ControlRoom, language: Language): Promise<void> {
  const words = WORDS[language];
  const { url } = room;
  const scheme = language === 'vi' ? 'dark' : 'light';
  const page = await pictured(room, language, 'wide', { as: 'quantri', scheme, context: { viewport: SIZE } });

  await historyFilled(page, url, 'p-ea-do-son', 'pm2_5');
  const lines = [...LINES, 'p-ea-an-duong~temperature'].join('+');
  await page.goto(`${url}/compare?lines=${lines}&period=h24`);
  await page.locator('.chart-table-box .grid-body [role="row"]').first().waitFor();
  const plot = await page.locator('.chart-plot .u-over').boundingBox();
  if (plot) await page.mouse.move(plot.x + plot.width * 0.78, plot.y + plot.height / 2);
  await shoot(page, `compare-${language}`);

  await page.mouse.move(0, 0);
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder(words.search.placeholder).fill('lach tray');
  await page.getByText(words.search.street, { exact: true }).first().waitFor();
  await shoot(page, `search-${language}`);

  await page.goto(`${url}/sharing`);
  await page.getByRole('button', { name: words.sharing.add }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(words.sharing.to).first().click();
  await page.getByRole('option').nth(1).click();
  await dialog.locator('.grant-effect[aria-busy="false"] .grant-samples').first().waitFor();
  await dialog.locator('.grant-effect').scrollIntoViewIfNeeded();
  await shoot(page, `sharing-${language}`);

  await page.goto(`${url}/audit`);
  await page.locator('.grid-body [role="row"]').first().click();
  await page.locator('.audit-changes').waitFor();
  await shoot(page, `audit-${language}`);
  await page.context().close();
}

await drawPictures({ demo: { fleet: false, historyDays: 3 } }, async (room) => {
  for (const language of LANGUAGES) await draw(room, language);
});
