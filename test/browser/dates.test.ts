import { expect, it } from 'vitest';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { describeInChromium, SOON } from './control-room.ts';

describeInChromium('Dates in forms', (room) => {
  it('are written day before month in Vietnamese, read in either way, and wrong ones are told', async () => {
    const { page, open } = await room.screen({ as: 'quantri' });
    await open('/audit?from=2026-11-05T14:30:00.000Z');
    const from = page.getByRole('textbox', { name: vi.compare.from });
    // By the city's clock, whatever the browser's own language and zone are.
    await expect.poll(() => from.inputValue(), SOON).toBe('05/11/2026 21:30');
    await from.fill('31/11/2026 08:00');
    await from.press('Tab');
    await page.getByText(vi.dateField.unread.moment).waitFor();
    await from.fill('4-11-2026 8h');
    await page.keyboard.press('Tab');
    expect(await from.inputValue()).toBe('04/11/2026 08:00');
    await expect.poll(() => new URL(page.url()).searchParams.get('from'), SOON).toContain('2026-11-04T01:00');
  });

  it('are written with the month’s name in English, and chosen from a calendar by the keyboard alone', async () => {
    const { page, open } = await room.screen({ as: 'quantri', language: 'en' });
    await open('/audit?from=2026-11-05T14:30:00.000Z');
    const from = page.getByRole('textbox', { name: en.compare.from });
    await expect.poll(() => from.inputValue(), SOON).toBe('5 Nov 2026 21:30');
    await from.press('Alt+ArrowDown');
    const day = page.locator('[data-selected]').and(page.getByRole('button'));
    await day.waitFor();
    await day.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(() => from.inputValue(), SOON).toBe('6 Nov 2026 21:30');
    await day.waitFor({ state: 'hidden' });
  });
});
