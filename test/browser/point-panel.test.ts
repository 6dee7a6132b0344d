import { expect, it } from 'vitest';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { CHART_PRESETS, type ChartPreset } from '../../dashboard/state/chart-span.ts';
import { describeInChromium, SOON } from './control-room.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STATION = { device: 'ea-do-son', point: 'p-ea-do-son', name: 'Trạm không khí Đồ Sơn' };

/** What the station measured, long ago and lately: each longer span holds a higher value. */
const PAST: readonly (readonly [ageMs: number, value: number])[] = [
  [20 * DAY, 36],
  [20 * DAY - HOUR, 36],
  [4 * DAY, 32],
  [12 * HOUR, 28],
  [12 * HOUR - 5 * MINUTE, 28],
  [3 * HOUR, 24],
  [2.5 * HOUR, 22],
  [40 * MINUTE, 20],
  [30 * MINUTE, 15],
  [20 * MINUTE, 10],
];
const HIGHEST: Readonly<Record<ChartPreset, number>> = { h1: 20, h6: 24, h24: 28, d7: 32, d30: 36, y1: 36 };

describeInChromium('The panel of a point', (room) => {
  const history = () => {
    const now = Date.now();
    return room.publish(
      STATION.device,
      PAST.map(([age, value]) => ({ ts: now - age, values: { pm2_5: value } })),
    );
  };

  it('shows a value the moment its device publishes it, with unit and age, in the language’s own writing', async () => {
    const { page, open } = await room.screen();
    await open(`/?point=${STATION.point}`);
    const row = page.getByRole('list', { name: vi.point.valuesHint }).getByRole('button', { name: 'Nhiệt độ' }).first();
    await row.waitFor();
    const delays: number[] = [];
    for (const [value, written] of [
      [27.25, '27,3 °C'],
      [31.5, '31,5 °C'],
    ] as const) {
      await room.report(STATION.device, { temperature: value });
      const published = performance.now();
      await expect.poll(() => row.textContent(), SOON).toContain(written);
      delays.push(performance.now() - published);
    }
    // Busy machines add to it and never take from it; frames come four times a second.
    expect(Math.min(...delays)).toBeLessThan(3_000);
    expect(await row.textContent()).toMatch(/\d+ giây trước/);
  });

  it('draws a chart from an hour to a year, each span with what it holds', async () => {
    await history();
    const { page, open } = await room.screen({ language: 'en' });
    await open(`/?point=${STATION.point}`);
    const spans = page.getByRole('group', { name: en.chart.span });
    const chart = page.locator('.chart-plot');
    for (const { key } of CHART_PRESETS) {
      await spans.getByRole('button', { name: en.chart.preset[key], exact: true }).click();
      await expect
        .poll(() => chart.getAttribute('aria-label'), SOON)
        .toContain(`${en.chart.preset[key]}: lowest 10.0 µg/m³, highest ${HIGHEST[key]}.0 µg/m³`);
    }
    // Something is drawn: the canvas holds more than one colour.
    const colours = await chart.locator('canvas').evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      const seen = new Set<number>();
      for (let i = 0; i < data.length; i += 4)
        seen.add(((data[i] ?? 0) << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0));
      return seen.size;
    });
    expect(colours).toBeGreaterThan(3);
  });

  it('zooms the chart by dragging and by keys, reads it by arrows, and goes back to now', async () => {
    await history();
    const { page, open } = await room.screen({ language: 'en' });
    await open(`/?point=${STATION.point}`);
    const chart = page.locator('.chart-plot');
    await expect.poll(() => chart.getAttribute('aria-label'), SOON).toContain('highest 24.0 µg/m³');
    await chart.scrollIntoViewIfNeeded();
    const plot = await chart.locator('.u-over').boundingBox();
    if (!plot) throw new Error('no chart');
    const y = plot.y + plot.height / 2;
    // The last hour of six.
    await page.mouse.move(plot.x + plot.width * 0.85, y);
    await page.mouse.down();
    await page.mouse.move(plot.x + plot.width * 0.999, y, { steps: 4 });
    await page.mouse.up();
    await expect
      .poll(() => chart.getAttribute('aria-label'), SOON)
      .toContain(`${en.chart.chosenSpan}: lowest 10.0 µg/m³, highest 20.0`);
    await chart.focus();
    await page.keyboard.press('-');
    await page.keyboard.press('-');
    await page.keyboard.press('-');
    await expect.poll(() => chart.getAttribute('aria-label'), SOON).toContain('highest 24.0');
    const underCursor = () => page.locator('.chart-cursor').textContent();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(underCursor, SOON).toMatch(/^15\.0 µg\/m³ · /);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(underCursor, SOON).toMatch(/^20\.0 µg\/m³ · /);
    await page.getByRole('button', { name: en.chart.backToNow }).click();
    await expect.poll(() => chart.getAttribute('aria-label'), SOON).toContain(`${en.chart.preset.h6}: lowest 10.0`);
  });

  it('adds what arrives to the chart without being asked', async () => {
    await history();
    const { page, open } = await room.screen({ language: 'en' });
    await open(`/?point=${STATION.point}`);
    const chart = page.locator('.chart-plot');
    await expect.poll(() => chart.getAttribute('aria-label'), SOON).toContain('last 10.0');
    await room.report(STATION.device, { pm2_5: 17 });
    await expect.poll(() => chart.getAttribute('aria-label'), SOON).toContain('last 17.0');
  });

  it('shows its device, connected as it is now, and leads to it', async () => {
    await room.report(STATION.device, { humidity: 80 });
    const { page, open } = await room.screen();
    await open(`/?point=${STATION.point}`);
    await page.getByText(vi.device.onlineSince.split(' {{')[0] as string).waitFor();
    await page.getByRole('link', { name: STATION.device }).click();
    await page.getByRole('complementary', { name: vi.device.panel }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/devices');
    await page.getByRole('link', { name: STATION.name }).click();
    await page.getByRole('complementary', { name: vi.point.panel }).waitFor();
  });

  it('shows its alarms, to be acknowledged there, open and ended', async () => {
    await room.report(STATION.device, { door_open: 1 });
    const { page, open } = await room.screen({ as: 'quantri' });
    await open(`/?point=${STATION.point}`);
    const card = page.getByRole('article').filter({ hasText: 'Cửa tủ trạm mở' });
    await card.getByText(vi.work.new).waitFor();
    await card.getByRole('button', { name: vi.alarms.acknowledge }).click();
    await card.getByText(vi.work.acknowledged).waitFor();
    await page.getByRole('button', { name: vi.point.showEnded }).click();
    await page.getByText(vi.point.noEndedAlarms).waitFor();
    await card.getByRole('link', { name: 'Cửa tủ trạm mở' }).click();
    const panel = page.getByRole('complementary', { name: vi.alarms.panel });
    await panel.getByRole('listitem').filter({ hasText: vi.transition.acknowledged }).first().waitFor();
  });

  it('says so when the point is not there, or not for this account', async () => {
    const { page, open } = await room.screen();
    await open('/?point=p-nowhere');
    await page.getByText(vi.point.unknownHint).waitFor();
  });
});
