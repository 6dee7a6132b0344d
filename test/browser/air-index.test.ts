import { expect, it } from 'vitest';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { describeInChromium, SOON } from './control-room.ts';

const MINUTE = 60_000;
const STATION = { device: 'ea-do-son', point: 'p-ea-do-son', name: 'Trạm không khí Đồ Sơn' };
/** Indices are worked out some seconds after late readings have come. */
const INDEXED = { timeout: 40_000, interval: 250 } as const;

describeInChromium('The air by its index', (room) => {
  /** The last six hours, every five minutes: an hourly mean of 100 µg/m³ is a VN_AQI of 164, "Xấu". */
  const badAir = () => {
    const now = Math.floor(Date.now() / MINUTE) * MINUTE;
    return room.publish(
      STATION.device,
      Array.from({ length: 72 }, (_, i) => ({ ts: now - (72 - i) * 5 * MINUTE, values: { pm2_5: 100, pm10: 60 } })),
    );
  };

  it('stands on the map as a layer with a legend in words, and on the station’s card with advice and what it was made from', async () => {
    await badAir();
    const { page, open } = await room.screen({ as: 'moitruong' });
    await open(`/?point=${STATION.point}`);
    const card = page.getByRole('region', { name: 'VN_AQI' });
    await expect.poll(() => card.textContent(), INDEXED).toContain('164');
    const text = await card.textContent();
    expect(text).toContain('Xấu');
    expect(text).toContain('Nên ở trong nhà');
    expect(text).toContain(vi.index.dominant.replace('{{quantity}}', 'Bụi mịn PM2.5'));
    const rows = card.getByRole('table').getByRole('row');
    expect(await rows.filter({ hasText: 'PM2.5' }).textContent()).toContain('100,0 µg/m³');

    await page.getByRole('button', { name: vi.index.layer, exact: true }).click({ timeout: 60_000 });
    const legend = page.getByRole('region', { name: vi.index.legend.replace('{{index}}', 'VN_AQI') });
    for (const name of ['Tốt', 'Trung bình', 'Kém', 'Xấu', 'Rất xấu', 'Nguy hại'])
      await legend.getByText(name, { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('layer')).toBe('vn_aqi');
    await page.getByRole('button', { name: vi.common.close }).first().click();
    // The list beside the map has the stations of the index, and only those.
    await expect.poll(() => page.getByText(STATION.name).count(), SOON).toBeGreaterThan(0);
    expect(await page.getByText('Nút giao').count()).toBe(0);
  });

  it('becomes a rule in one press on the limit in force, its source beside it', async () => {
    const { page, open } = await room.screen({ as: 'moitruong', language: 'en' });
    await open('/rules');
    await page.getByRole('button', { name: en.presets.open }).click();
    await page.getByLabel(en.presets.search).fill('O₃, 1-hour');
    const preset = page.getByRole('article', { name: 'O₃, 1-hour mean above QCVN 05:2023/BTNMT' });
    expect(await preset.textContent()).toContain('QCVN 05:2023/BTNMT');
    await preset.getByRole('button', { name: en.presets.make }).click();
    expect(await page.getByRole('region', { name: en.presets.sources }).textContent()).toContain('200.1 µg/m³');
    const name = 'Ozone, tried by the test';
    await page.getByLabel(en.rules.nameEn).fill(name);
    await page.getByText(en.ruleDraft.keeping.kept, { exact: true }).waitFor();
    const taken = page.waitForResponse(
      (answer) => answer.request().method() === 'POST' && /\/rule(s|-drafts\/[^/]+\/\w+)$/.test(answer.url()),
    );
    await page
      .getByRole('button', { name: en.ruleDraft.do.apply })
      .or(page.getByRole('button', { name: en.ruleDraft.do.submit }))
      .click();
    expect((await taken).ok()).toBe(true);
    // In use, or waiting for the second person: which of both is the page's own test.
    const known = await page.evaluate(async () =>
      Promise.all(['rules', 'rule-drafts'].map(async (path) => (await fetch(`/api/v1/${path}`)).text())),
    );
    expect(known.join()).toContain(name);
  });
});
