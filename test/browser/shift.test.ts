import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { describeInChromium } from './control-room.ts';

const { shift } = vi;
/** The agency of the demo's air stations; its operator and its environmental officer share the control room. */
const ROOM = '/shift?agency=environment';
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const entries = (page: Page) => page.getByRole('region', { name: shift.log }).getByRole('listitem');

describeInChromium('The shift', (room) => {
  it('is written down, signed, received by a colleague, and read later as it was', async () => {
    const { page, open } = await room.screen();
    await open(ROOM);
    await button(page, shift.join).click();
    await page.getByText(/^Đang trực: Nguyễn Thị Hoa/).waitFor();
    await room.report('ea-hai-an', { door_open: 1 });
    await entries(page).filter({ hasText: 'Phát sinh: Trạm không khí Hải An' }).waitFor();

    const note = page.getByLabel(shift.newNote);
    await note.fill('Trạm bơm chạy 2 máy');
    await note.press('Control+Enter');
    const written = entries(page).filter({ hasText: 'Trạm bơm chạy 2 máy' });
    await written.getByRole('button', { name: shift.correct }).click();
    await page.getByLabel(shift.newCorrection).fill('Trạm bơm chạy 3 máy');
    await button(page, shift.write).click();
    const notes = page.getByRole('region', { name: shift.part.notes });
    await notes.getByText('Đính chính: Trạm bơm chạy 3 máy').waitFor();
    expect(await notes.textContent()).toContain('Trạm bơm chạy 2 máy');

    await button(page, shift.sign).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(shift.remark).fill('Gọi lại trạm Hải An');
    await button(page, shift.sign).last().click();
    await page.getByRole('heading', { name: shift.recordTitle }).waitFor();
    // Nobody takes over from themselves.
    expect(await button(page, shift.receive).count()).toBe(0);

    const next = await room.screen({ as: 'moitruong' });
    await next.open(ROOM);
    expect(await button(next.page, shift.sign).isDisabled()).toBe(true);
    await next.page.getByRole('link', { name: shift.readAndReceive }).click();
    await next.page.getByText('Gọi lại trạm Hải An').waitFor();
    await button(next.page, shift.send).click();
    await next.page.getByText(shift.noMail).waitFor();
    await next.page.keyboard.press('Escape');
    await button(next.page, shift.receive).click();
    await button(next.page, shift.receive).last().click();
    const takenOver = next.page.locator('.shift-signatures > div').last();
    await takenOver.getByText('Lê Thu Hà').waitFor();

    // What is open may change; what was signed may not.
    await room.report('ea-hai-an', { door_open: 0 });
    await next.page.getByRole('link', { name: shift.back }).click();
    await next.page.getByRole('link', { name: /người giao: Nguyễn Thị Hoa/ }).click();
    await next.page.getByRole('region', { name: shift.part.alarms }).getByText('Trạm không khí Hải An').waitFor();
    await next.page.emulateMedia({ media: 'print' });
    expect(await next.page.locator('.rail').isVisible()).toBe(false);
    expect(await next.page.locator('.shift-paper').isVisible()).toBe(true);
  });

  it('has the times that its administrator sets, and fits a phone', async () => {
    const { page, open } = await room.screen({ as: 'quantri', size: 'phone' });
    await open(ROOM);
    await button(page, shift.plan).click();
    await page.getByLabel('Ca 1 bắt đầu').fill('07:00');
    await page.getByLabel('Ca 2 bắt đầu').fill('15:00');
    await page.getByLabel('Ca 3 bắt đầu').fill('23:00');
    await button(page, vi.common.save).click();
    await page.getByText(/^Ca \d: (07:00–15:00|15:00–23:00|23:00–07:00)/).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  });

  it('is not there for who does not work on alarms', async () => {
    const { page, open } = await room.screen({ as: 'lapdat' });
    await open('/shift');
    await page.getByText(shift.notYours).waitFor();
    expect(await page.getByRole('link', { name: vi.nav.shift, exact: true }).count()).toBe(0);
  });
});
