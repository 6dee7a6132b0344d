import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { DisplayView } from '../../domain/display.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import { type ControlRoom, describeInChromium, SOON } from './control-room.ts';
import { atDesk, type Desk } from './field-device.ts';

const { wall, displays } = vi;
const INDEX = join(import.meta.dirname, '../../dashboard/dist/index.html');
const VIEWS: DisplayView[] = [{ kind: 'alarms', seconds: 600 }];

/** A screen of its own, without anybody's session: what it complains of is part of the tests (refused logins, cut lines). */
async function aWall(room: ControlRoom, admin: Desk, views: DisplayView[] = VIEWS, agency = 'environment') {
  const agencyId = agency as AgencyId;
  const what = { name: 'Phòng trực tầng 2', agencies: [agencyId], language: 'vi', theme: 'dark' } as const;
  const made = await admin.call('POST /displays', {
    body: { agencyId, ...what, agencies: [...what.agencies], views },
  });
  const context: BrowserContext = await room.browser.newContext({
    viewport: { width: 1280, height: 720 },
    reducedMotion: 'reduce',
  });
  const page: Page = await context.newPage();
  await page.goto(`${room.url}/wall#${made.code}`);
  await page.locator('.wall').waitFor({ timeout: 30_000 });
  return { page, context, params: { displayId: made.display.id }, code: made.code };
}

describeInChromium('A wall screen', (room) => {
  it('is made by the administrator, signs in by its link, and shows alarms in type for five metres', async () => {
    const { page, open } = await room.screen({ as: 'quantri' });
    await open('/displays');
    await page.getByRole('button', { name: displays.add }).click();
    const dialog = page.getByRole('dialog', { name: displays.add });
    await dialog.getByLabel(displays.name).fill('Sảnh lớn');
    await dialog.getByRole('combobox', { name: displays.agencies }).focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('option').filter({ hasText: 'Môi trường' }).click();
    await dialog.getByLabel(displays.name).press('Enter');
    const code = await page.locator('.display-code').textContent();
    expect(code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    await page.keyboard.press('Escape');

    const admin = await atDesk(room, 'quantri');
    const screen = await aWall(room, admin);
    await screen.page.getByRole('heading', { name: 'Phòng trực tầng 2' }).waitFor();
    expect(new URL(screen.page.url()).hash).toBe('');
    await room.report('ea-hai-an', { door_open: 1 });
    await screen.page.locator('.wall-alarms').getByText('Trạm không khí Hải An').waitFor();
    // Read at five metres: 5 of 100 parts of the height.
    const size = await screen.page
      .locator('.wall-alarms .wall-strong')
      .first()
      .evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
    expect(size).toBeGreaterThanOrEqual(0.05 * 720 - 0.5);

    await page
      .locator('.display-row')
      .filter({ hasText: 'Phòng trực tầng 2' })
      .getByText(/^Đang chiếu/)
      .waitFor();
    await screen.context.close();
    await admin.close();
  });

  it('goes dark with a clear word within seconds of being revoked, and comes back with a new code', async () => {
    const admin = await atDesk(room, 'quantri');
    const { page, context, params } = await aWall(room, admin);
    const revokedAt = Date.now();
    await admin.call('DELETE /displays/{displayId}', { params });
    await page.getByRole('heading', { name: wall.revoked }).waitFor({ timeout: 15_000 });
    expect(Date.now() - revokedAt).toBeLessThan(15_000);
    expect(await page.locator('.wall').count()).toBe(0);
    const agencyId = 'environment' as AgencyId;
    const next = await admin.call('POST /displays', {
      body: { agencyId, name: 'Sảnh', agencies: [agencyId], language: 'vi', theme: 'dark', views: VIEWS },
    });
    await page.getByLabel(wall.code).fill('0000-0000-0000');
    await page.getByRole('button', { name: wall.link }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel(wall.code).fill(next.code.toLowerCase());
    await page.getByRole('button', { name: wall.link }).click();
    await page.getByRole('heading', { name: 'Sảnh' }).waitFor();
    await context.close();
    await admin.close();
  });

  it('draws the layers chosen for its map, with what their colours mean and how many lines are of each', async () => {
    const admin = await atDesk(room, 'quantri');
    const layers = ['power', 'floods'] as const;
    const views: DisplayView[] = [{ kind: 'map', seconds: 600, area: null, layers }];
    const { page, context } = await aWall(room, admin, views, 'power');
    const key = page.locator('.wall-key-layer');
    await key
      .filter({ hasText: vi.layers.name.power })
      .getByText(new RegExp(`^(${vi.layers.unknown}|${vi.layers.class.energised})\\d+$`))
      .first()
      .waitFor();
    // Of an agency that this screen may not see there are no streets.
    await key.filter({ hasText: vi.layers.none.floods }).waitFor();
    await page.locator('.wall-map .map-canvas canvas').waitFor();
    await context.close();
    await admin.close();
  });

  it('says in full width that the platform is away or its own clock is wrong, keeps its picture, and takes it back', async () => {
    const admin = await atDesk(room, 'quantri');
    const { page, context } = await aWall(room, admin, [{ kind: 'counters', seconds: 600 }]);
    await page.locator('.wall-counters').waitFor();
    await context.setOffline(true);
    const trouble = page.locator('.wall-trouble');
    await trouble.first().waitFor({ timeout: 30_000 });
    const box = await trouble.first().boundingBox();
    expect(box?.width).toBeGreaterThan(1_200);
    await page.getByText(wall.trouble.server_away).waitFor({ timeout: 30_000 });
    expect(await page.locator('.wall-counters').count()).toBe(1);
    await context.setOffline(false);
    await trouble.first().waitFor({ state: 'detached', timeout: 30_000 });
    // The platform's answers are then of another time than the screen's.
    await page.clock.install({ time: Date.now() + 3_600_000 });
    await page.reload();
    await page.clock.runFor(7_000);
    await page.getByText(wall.trouble.clock_wrong).waitFor({ timeout: 30_000 });
    await context.close();
    await admin.close();
  });

  it('loads itself anew after an upgrade, once', async () => {
    const admin = await atDesk(room, 'quantri');
    const { page, context } = await aWall(room, admin);
    let loads = 0;
    page.on('load', () => {
      loads += 1;
    });
    const html = readFileSync(INDEX, 'utf8');
    const own = /name="hd-build" content="([^"]+)"/.exec(html)?.[1] ?? '';
    expect(own).not.toBe('');
    // What an upgrade does: another page is served, and the platform says so.
    await context.route('**/api/v1/display', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), build: 'next-build' } });
    });
    await context.route('**/wall', async (route) => {
      await route.fulfill({ contentType: 'text/html', body: html.replace(own, 'next-build') });
    });
    await expect.poll(() => loads, { ...SOON, timeout: 40_000 }).toBe(1);
    await page.locator('.wall').waitFor();
    const build = () => page.locator('meta[name="hd-build"]').getAttribute('content');
    expect(await build()).toBe('next-build');
    // A page that says it is another than it was loaded for is not loaded again and again.
    await context.unroute('**/wall');
    await page.reload();
    await page.locator('.wall').waitFor();
    expect(await build()).toBe(own);
    loads = 0;
    // Until it has asked again, it decides anew each second.
    await page.waitForResponse((answer) => answer.url().endsWith('/api/v1/display'));
    expect(loads).toBe(0);
    await context.close();
    await admin.close();
  });
});
