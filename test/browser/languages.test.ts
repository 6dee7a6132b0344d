import { expect, it } from 'vitest';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { describeInChromium, type Screen } from './control-room.ts';

async function chooseLanguage({ page }: Screen, from: typeof vi | typeof en, to: 'languageVi' | 'languageEn') {
  await page.getByRole('button', { name: from.nav.account }).click();
  await page.getByRole('menuitemradio', { name: from.account[to] }).click();
  await page.keyboard.press('Escape');
}

describeInChromium('Vietnamese and English', (room) => {
  it('are switched everywhere at once, and the choice is remembered on the machine', async () => {
    const screen = await room.screen({ language: null });
    const { page, open } = screen;
    await open('/alarms');
    await page.getByRole('heading', { name: vi.alarms.title, level: 1 }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('vi');
    await chooseLanguage(screen, vi, 'languageEn');
    await page.getByRole('heading', { name: en.alarms.title, level: 1 }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.reload();
    await page.getByRole('heading', { name: en.alarms.title, level: 1 }).waitFor();
    await page.getByRole('link', { name: en.nav.rules }).click();
    await page.getByRole('heading', { name: en.rules.title, level: 1 }).waitFor();
    await chooseLanguage(screen, en, 'languageVi');
    await page.getByRole('heading', { name: vi.rules.title, level: 1 }).waitFor();
  });

  it('write numbers, dates and ages each in its own way', async () => {
    await room.report('ea-cat-ba', { pm2_5: 34.2 });
    const screen = await room.screen();
    await screen.open('/?point=p-ea-cat-ba');
    const value = screen.page.getByRole('list', { name: vi.point.valuesHint }).getByRole('button').first();
    await value.getByText('34,2 µg/m³').waitFor();
    await chooseLanguage(screen, vi, 'languageEn');
    await screen.page
      .getByRole('list', { name: en.point.valuesHint })
      .getByRole('button')
      .first()
      .getByText('34.2 µg/m³')
      .waitFor();
    const clock = await screen.page.locator('.strip-clock').textContent();
    expect(clock).toMatch(/^\d{1,2} [A-Z][a-z]{2} \d{4} /);
  });
});
