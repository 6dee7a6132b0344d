import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { stationTime } from '../../domain/station-file.ts';
import { epochMs } from '../../domain/time.ts';
import { describeInChromium, SOON } from './control-room.ts';

const STATION = { device: 'ea-do-son', name: 'Trạm không khí Đồ Sơn' };

describeInChromium('Readings and station files', (room) => {
  it('leave as a file whose size is told beforehand, and that is there until it is removed', async () => {
    const now = Math.floor(Date.now() / 60_000) * 60_000;
    await room.publish(
      STATION.device,
      Array.from({ length: 30 }, (_, i) => ({ ts: now - i * 60_000, values: { pm2_5: 20 + i } })),
    );
    const { page, open } = await room.screen({ as: 'moitruong', scheme: 'light' });
    await open('/export');
    await page.getByText(vi.exports.none).waitFor();
    await page.getByRole('combobox', { name: vi.exports.points }).fill('Đồ Sơn');
    await page.getByRole('option', { name: STATION.name, exact: true }).click();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('status').first().textContent(), SOON).toMatch(/khoảng 30 dòng/);
    await page.getByText(vi.exports.formats.csv, { exact: true }).click();
    await page.getByRole('button', { name: vi.exports.start, exact: true }).click();
    const done = page.locator('[data-export=done]');
    await done.waitFor();
    const download = page.waitForEvent('download');
    await done.getByRole('link', { name: vi.exports.download }).click();
    const path = await (await download).path();
    const rows = readFileSync(path, 'utf8')
      .split('\r\n')
      .filter((line) => line.includes(STATION.name));
    expect(rows).toHaveLength(30);
    await done.getByRole('button', { name: new RegExp(`^${vi.exports.remove}`) }).click();
    await page.getByText(vi.exports.none).waitFor();
  });

  it('come in as files that are looked through first, once their station is registered', async () => {
    const { page, open } = await room.screen({ as: 'moitruong', scheme: 'light', language: 'en' });
    await open('/stations');
    await page.getByText(en.stations.none).waitFor();
    await page.getByRole('button', { name: en.stations.new }).click();
    await page.getByLabel(en.stations.code).fill('KHI001');
    await page.getByLabel(en.stations.facility).fill('DOSON');
    await page.getByRole('combobox', { name: en.alarms.agency }).click();
    await page
      .getByRole('option', { name: /Environment/ })
      .first()
      .click();
    await page.getByRole('button', { name: en.stations.addParameter }).click();
    await page.getByLabel(en.stations.symbol).fill('PM2.5');
    await page.getByRole('combobox', { name: en.stations.point }).fill('Đồ Sơn');
    await page
      .getByRole('option', { name: /Đồ Sơn/ })
      .first()
      .click();
    await page.getByRole('combobox', { name: en.stations.quantity }).click();
    await page.getByRole('option', { name: /PM2/ }).click();
    await page.getByLabel(en.stations.unit).fill('µg/Nm3');
    await page.getByText(en.stations.scheduled).click();
    await page.getByRole('button', { name: en.stations.save, exact: true }).click();
    await page.getByText('KHI001').first().waitFor();

    const time = epochMs(Math.floor(Date.now() / 60_000) * 60_000 - 600_000);
    const at = stationTime(time);
    const name = `HP_DOSON_KHI001_${at}.txt`;
    const path = join(mkdtempSync(join(tmpdir(), 'hd-station-')), name);
    writeFileSync(path, `PM2,5\t37.5\tug/Nm3\t${at}\t00\r\nSO2\t12\tug/Nm3\t${at}\t00\r\n`);
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: en.stations.choose }).click();
    await (await chooser).setFiles(path);
    const preview = page.getByRole('article', { name });
    await preview.getByText(/37\.5 µg\/m³/).waitFor();
    expect(await preview.textContent()).toContain('No point for: SO2');
    await page.getByRole('button', { name: /^Import 1 reading/ }).click();
    await page.getByText(/1 files imported, 1 reading/).waitFor();
    await page.getByRole('region', { name: en.stations.files }).getByText(name).waitFor();

    const phone = await room.screen({ as: 'moitruong', scheme: 'light', size: 'phone' });
    await phone.open('/stations');
    await phone.page.getByText('KHI001').first().waitFor();
    await phone.page.getByRole('button', { name: vi.nav.more }).click();
    await phone.page.getByRole('menuitem', { name: vi.nav.data }).click();
    await phone.page.getByText(vi.exports.none).waitFor();
    const overflow = await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});
