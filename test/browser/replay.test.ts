import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { describeInChromium, SOON } from './control-room.ts';
import { atDesk } from './field-device.ts';

const MINUTE = 60_000;
const moment = (ago: number): string => new Date(Math.floor((Date.now() - ago) / 1_000) * 1_000).toISOString();
const drawer = (page: Page) => page.locator('.replay');
const shownAt = async (page: Page): Promise<number> => Number(await drawer(page).getAttribute('data-at'));
/** Rows of the list beside the map, worst first. */
const worst = (page: Page) => page.locator('.panel .grid-body [role="row"]').first();

describeInChromium('The replay', (room) => {
  it('cannot be mistaken for live, shows the alarms of that moment, and is left with one key', async () => {
    // Measured ten minutes ago, heard of now: nobody knew of it then.
    await room.publish('wn-thuy-nguyen', { ts: Date.now() - 10 * MINUTE, values: { rain_intensity: 95 } });
    const { page, open } = await room.screen();
    await open('/alarms');
    await page.locator('.grid-body [role="row"]').first().waitFor();
    const heard = Date.now();

    await open(`/alarms?at=${moment(5 * MINUTE)}`);
    const banner = page.getByRole('region', { name: vi.replay.banner });
    await banner.getByText(vi.replay.notLive).waitFor();
    await expect.poll(() => page.locator('html').getAttribute('data-past'), SOON).toBe('');
    await page.getByText(vi.alarms.empty.open).waitFor();
    // The strip above stays live, and says so.
    await page.getByRole('link', { name: `1 ${vi.severity.major}` }).waitFor();
    await page.getByText(vi.line.live, { exact: true }).waitFor();

    await page.getByRole('button', { name: vi.replay.known.then }).click();
    await page.getByRole('menuitemradio', { name: new RegExp(vi.replay.known.now) }).click();
    const row = page.locator('.grid-body [role="row"]').first();
    await row.waitFor();
    await row.click();
    await page.getByRole('complementary').getByRole('heading', { level: 2 }).waitFor();
    // Nobody works on the past.
    expect(await page.getByRole('button', { name: vi.alarms.acknowledge, exact: true }).count()).toBe(0);

    await page.keyboard.press('Escape');
    await page.keyboard.press('l');
    await banner.waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('at')).toBeNull();
    await page.locator('.grid-body [role="row"]').first().click();
    await page.getByRole('button', { name: vi.alarms.acknowledge, exact: true }).waitFor();

    // Since then somebody has given the gauge another name: at that moment nobody knew it.
    const desk = await atDesk(room, 'quantri');
    const params = { pointId: 'p-wn-thuy-nguyen' };
    const { siteId, domain, location, wardCode, tags, version } = await desk.call('GET /points/{pointId}', { params });
    const name = { vi: 'Trạm đo mưa Núi Đèo', en: 'Núi Đèo rain gauge' };
    const body = { siteId, domain, location, wardCode, tags: [...tags], name };
    await desk.call('PUT /points/{pointId}', { params, version, body });
    await desk.close();
    await open('/');
    await expect.poll(async () => (await worst(page).textContent()) ?? '', SOON).toContain(name.vi);
    await open(`/?at=${new Date(heard).toISOString()}`);
    await expect.poll(async () => (await worst(page).textContent()) ?? '', SOON).toContain('Thủy Nguyên');
    await open(`/alarms?at=${new Date(heard).toISOString()}`);
    await page.locator('.grid-body [role="row"]').getByText('Thủy Nguyên').waitFor();
  });

  it('plays at the speed chosen, steps by keys, finds the alarms, and follows its address', async () => {
    const { page, open } = await room.screen({ language: 'en' });
    const began = Date.parse(moment(3_600_000));
    await open(`/?at=${new Date(began).toISOString()}&speed=600`);
    await expect.poll(() => shownAt(page), SOON).toBe(began);

    await page.locator('main').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => shownAt(page), SOON).toBe(began + MINUTE);
    await page.keyboard.press('Shift+ArrowLeft');
    await expect.poll(() => shownAt(page), SOON).toBe(began - 14 * MINUTE);
    await expect
      .poll(() => Date.parse(new URL(page.url()).searchParams.get('at') ?? ''), SOON)
      .toBe(began - 14 * MINUTE);

    await page.keyboard.press('Space');
    await page.getByRole('button', { name: en.replay.pause, exact: true }).waitFor();
    await expect.poll(async () => Number(await drawer(page).getAttribute('data-shown')), SOON).toBeGreaterThan(8);
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: en.replay.play, exact: true }).waitFor();
    // Every step of 150 s was shown, none twice.
    const steps = Number(await drawer(page).getAttribute('data-shown'));
    expect((await shownAt(page)) - (began - 14 * MINUTE)).toBe(steps * 150_000);

    await page.keyboard.press('n');
    await page.getByText(/^Alarm at /).waitFor();
    await expect.poll(async () => (await worst(page).textContent()) ?? '', SOON).toContain('Thủy Nguyên');
    await page.keyboard.press('n');
    await page.getByText(en.replay.noNextAlarm).waitFor();
    await page.keyboard.press(']');
    expect(await page.getByLabel(en.replay.speed).inputValue()).toBe('1800');

    await page.getByRole('button', { name: new RegExp(`^${en.replay.leave}`) }).click();
    await drawer(page).waitFor({ state: 'detached' });
  });
});
