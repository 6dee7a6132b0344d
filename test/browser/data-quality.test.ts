import { expect, it } from 'vitest';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { describeInChromium, SOON } from './control-room.ts';

const MINUTE = 60_000;
const STATION = { device: 'ea-do-son', point: 'p-ea-do-son' };
/** Indices are worked out, and rules judge again, some seconds after. */
const WORKED_OUT = { timeout: 40_000, interval: 250 } as const;

describeInChromium('The quality of readings', (room) => {
  it('is marked on the chart: index and alarm are worked out again, and come back when it is undone', async () => {
    const now = Math.floor(Date.now() / MINUTE) * MINUTE;
    // Six hours of bad air: VN_AQI 164, and out of limits for more than an hour.
    await room.publish(
      STATION.device,
      Array.from({ length: 72 }, (_, i) => ({ ts: now - (71 - i) * 5 * MINUTE, values: { pm2_5: 100, pm10: 60 } })),
    );
    const { page, open } = await room.screen({ as: 'moitruong' });
    await open(`/?point=${STATION.point}`);
    const card = page.getByRole('region', { name: 'VN_AQI' });
    const index = card.locator('.index-badge-large');
    await expect.poll(() => index.textContent(), WORKED_OUT).toBe('164');
    const alarm = page.locator('.panel-body .alarm-cards').getByText('Bụi mịn PM2.5 cao');
    await alarm.waitFor({ timeout: 40_000 });
    await page.locator('.value-row', { hasText: 'PM2.5' }).first().click();

    const chart = page.locator('.chart-plot');
    await expect.poll(() => chart.getAttribute('aria-label'), SOON).toContain('100,0 µg/m³');
    await page.getByRole('button', { name: vi.qualitySpans.markOnChart }).click();
    await page.getByText(vi.qualitySpans.dragHint).waitFor();
    await chart.scrollIntoViewIfNeeded();
    const plot = await chart.locator('.u-over').boundingBox();
    if (!plot) throw new Error('no chart');
    await page.mouse.move(plot.x + 1, plot.y + plot.height / 2);
    await page.mouse.down();
    await page.mouse.move(plot.x + plot.width - 1, plot.y + plot.height / 2, { steps: 4 });
    await page.mouse.up();
    const dialog = page.getByRole('dialog', { name: vi.qualitySpans.markTitle });
    expect(await dialog.getByLabel('Bụi mịn PM2.5').isChecked()).toBe(true);
    const send = dialog.getByRole('button', { name: vi.qualitySpans.mark, exact: true });
    expect(await send.isDisabled()).toBe(true);
    // Some seconds of the first hour are left of the chart.
    const from = new Date(now - 7 * 60 * MINUTE + 7 * 3_600_000).toISOString().slice(0, 16);
    await dialog.getByLabel(vi.qualitySpans.from).fill(from);
    await dialog.getByLabel(vi.qualitySpans.lasting).check();
    await dialog.getByLabel(vi.qualitySpans.reason).fill('Đốt rơm cạnh trạm');
    await send.click();

    const marks = page.getByRole('region', { name: vi.qualitySpans.title });
    await marks.getByText('Đốt rơm cạnh trạm').waitFor();
    // What is left is that of PM10.
    await expect.poll(() => index.textContent(), WORKED_OUT).toBe('55');
    await expect
      .poll(() => chart.getAttribute('aria-label'), SOON)
      .toContain(vi.chart.descriptionEmpty.split('{{span}}')[1]?.trim() ?? '');
    // Nothing of the alarm is left to stand on: it has cleared, with a note why.
    await alarm.click();
    await page.getByText(vi.alarms.notConfirmedByVerdict).waitFor({ timeout: 40_000 });
    await page.goBack();

    await marks.getByRole('button', { name: vi.qualitySpans.withdraw, exact: true }).click();
    await expect.poll(() => index.textContent(), WORKED_OUT).toBe('164');
    await marks.getByText(vi.qualitySpans.none).waitFor();
    await marks.getByRole('button', { name: vi.qualitySpans.showWithdrawn }).click();
    expect(await marks.textContent()).toContain(vi.qualitySpans.withdrawn);
  });

  it('is marked by form for several quantities, undone from the message, and only shown to those who may not', async () => {
    const now = Date.now();
    await room.publish(STATION.device, [{ ts: now - MINUTE, values: { pm2_5: 21, temperature: 29 } }]);
    const { page, open } = await room.screen({ as: 'moitruong', language: 'en', size: 'phone' });
    await open(`/?point=${STATION.point}`);
    const marks = page.getByRole('region', { name: en.qualitySpans.title });
    await marks.getByRole('button', { name: en.qualitySpans.byForm }).click();
    const dialog = page.getByRole('dialog', { name: en.qualitySpans.markTitle });
    await dialog.getByLabel('Air temperature', { exact: true }).check();
    await dialog.getByLabel(en.qualitySpans.reason).fill('Span gas');
    await dialog.getByRole('button', { name: en.qualitySpans.mark, exact: true }).click();
    await expect.poll(() => marks.getByText('Span gas').count(), SOON).toBe(2);

    const operator = await room.screen({ as: 'vanhanh', language: 'en' });
    await operator.open(`/?point=${STATION.point}`);
    const seen = operator.page.getByRole('region', { name: en.qualitySpans.title });
    await expect.poll(() => seen.getByText('Span gas').count(), SOON).toBe(2);
    expect(await seen.getByRole('button', { name: en.qualitySpans.withdraw, exact: true }).count()).toBe(0);
    expect(await operator.page.getByRole('button', { name: en.qualitySpans.markOnChart }).count()).toBe(0);

    await page.getByRole('button', { name: en.qualitySpans.undo }).click();
    await expect.poll(() => marks.getByText('Span gas').count(), SOON).toBe(0);
  });
});
