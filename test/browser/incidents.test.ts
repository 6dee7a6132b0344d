import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { readView } from '../../dashboard/state/map-address.ts';
import { describeInChromium, SOON } from './control-room.ts';

const { incidents } = vi;
const rowsOf = (page: Page) =>
  page.getByRole('grid', { name: incidents.list.open }).locator('.grid-body').getByRole('row');
const panelOf = (page: Page) => page.getByRole('complementary', { name: incidents.panel });

describeInChromium('Incidents', (room) => {
  const lose = async (transformer: string, meters: readonly number[]) => {
    for (const n of meters) await room.report(`pm-${transformer}-${n}`, { power_present: 0 });
  };

  it('name a dead transformer with its evidence, its network and its meters, and are acknowledged as one', async () => {
    const { page, open } = await room.screen();
    await open('/incidents');
    await page.getByText(incidents.empty.open).waitFor();
    await lose('lach-tray-471-1', [1, 2]);
    await room.report('pt-lach-tray-471-1', { voltage_l1: 0 });
    const row = rowsOf(page).filter({ hasText: 'Trạm biến áp Quán Mau mất điện, 3 công tơ phía sau' });
    await row.click();
    const panel = panelOf(page);
    await panel.getByText('2 trên 3 vị trí phía sau báo mất nguồn cấp').waitFor();
    await panel.getByText('2/3 phía sau bị ảnh hưởng').waitFor();
    await panel.getByRole('button', { name: 'Xác nhận 3 cảnh báo' }).click();
    await expect.poll(() => row.textContent(), SOON).toContain('3 cảnh báo');
    await panel.getByRole('button', { name: /^Xác nhận/ }).waitFor({ state: 'detached' });

    // From a member to its alarm, and back to the incident.
    await panel.getByRole('link', { name: 'Công tơ hộ gia đình A, trạm Quán Mau' }).click();
    const back = page.getByRole('link', { name: /Trạm biến áp Quán Mau mất điện/ });
    await back.click();
    await panel.getByRole('link', { name: incidents.onMap }).click();
    await page.getByRole('status').filter({ hasText: incidents.shownOnMap }).waitFor();
    await expect.poll(() => readView(new URL(page.url()).searchParams.get('view') ?? undefined)?.zoom, SOON).toBe(13);
    await page.getByRole('button', { name: incidents.showAllPoints }).click();
  });

  it('are split, merged, and put back as they were, by whoever works on alarms', async () => {
    await lose('cua-cam-473-1', [1, 2, 3]);
    const { page, open } = await room.screen();
    await open('/incidents');
    const whole = rowsOf(page).filter({ hasText: 'Lê Lai' });
    await whole.click();
    const panel = panelOf(page);
    await panel.getByRole('checkbox').first().check();
    await panel.getByRole('button', { name: incidents.split }).click();
    await rowsOf(page).filter({ hasText: vi.incident.title.hand }).waitFor();
    await page.getByRole('status').filter({ hasText: incidents.done.split }).waitFor();
    await page.getByRole('button', { name: incidents.undo }).click();
    await rowsOf(page).filter({ hasText: vi.incident.title.hand }).waitFor({ state: 'detached' });
    await expect.poll(() => whole.textContent(), SOON).toContain('3 cảnh báo');

    await whole.click();
    await panel.getByRole('checkbox').nth(1).check();
    await panel.getByRole('button', { name: incidents.remove }).click();
    await expect.poll(() => whole.textContent(), SOON).toContain('2 cảnh báo');
    await page.getByRole('button', { name: incidents.undo }).click();
    await expect.poll(() => whole.textContent(), SOON).toContain('3 cảnh báo');
  });

  it('may be read and not changed by who only looks, and fit a phone', async () => {
    await lose('le-chan-471-1', [1, 2, 3]);
    const { page, open } = await room.screen({ as: 'lapdat', size: 'phone' });
    await open('/incidents');
    await rowsOf(page).filter({ hasText: 'công tơ phía sau' }).first().click();
    const panel = panelOf(page);
    await panel.getByRole('heading', { name: incidents.membersTitle }).waitFor();
    await panel.locator('.incident-members li').first().waitFor();
    expect(await panel.getByRole('checkbox').count()).toBe(0);
    expect(await panel.getByRole('button', { name: vi.alarms.comment }).count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  });
});
