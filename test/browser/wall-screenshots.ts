/**
 * Draws the pictures of wall screens in docs/images, in both languages: each picture of the rotation at 1080p, a screen in trouble, and what the
 * administrator sees of them. Run by `npm run screenshots`.
 */
import type { Page } from 'playwright-core';
import type { DisplayView } from '../../domain/display.ts';
import type { AgencyId, PointId } from '../../domain/identifiers.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { atDesk } from './field-device.ts';
import { drawPictures, pictured, shoot } from './pictures.ts';

const FULL_HD = { width: 1920, height: 1080 };

const CHART: DisplayView = {
  kind: 'chart',
  seconds: 600,
  pointId: 'p-ea-hai-an' as PointId,
  quantity: 'pm2_5' as QuantityKey,
  hours: 24,
};
const VIEWS = {
  map: { kind: 'map', seconds: 600, area: null, layers: [] },
  alarms: { kind: 'alarms', seconds: 600 },
  counters: { kind: 'counters', seconds: 600 },
  air: { kind: 'air', seconds: 600 },
  chart: CHART,
} satisfies Record<DisplayView['kind'], DisplayView>;
const READY: Readonly<Record<keyof typeof VIEWS, (page: Page) => Promise<unknown>>> = {
  map: (page) => page.locator('.map-canvas[aria-busy="false"]').waitFor(),
  alarms: (page) => page.locator('.wall-alarms > li').nth(3).waitFor(),
  counters: (page) => page.locator('.wall-counters').waitFor(),
  air: (page) => page.locator('.wall-air li').first().waitFor(),
  chart: (page) => page.locator('.wall-chart-line').waitFor(),
};

await drawPictures({ demo: { fleet: false, historyDays: 2 } }, async (room) => {
  const { url } = room;
  const admin = await atDesk(room, 'quantri');
  const agencies = (await admin.call('GET /agencies')).items.map(({ id }) => id);
  for (const name of ['ea-hai-an', 'ea-le-chan', 'ea-hong-bang', 'ea-cat-ba', 'ea-kien-an'])
    await room.report(name, { door_open: 1, pm2_5: 24 });
  await room.report('wn-do-son', { rain_intensity: 82 });
  await room.report('wn-le-chan', { rain_intensity: 140 });
  for (const language of LANGUAGES) {
    const what = {
      name: language === 'vi' ? 'Phòng trực điều hành' : 'Control room',
      agencies: agencies as AgencyId[],
      language,
      theme: 'dark' as const,
    };
    const { display, code } = await admin.call('POST /displays', {
      body: { agencyId: 'environment' as AgencyId, ...what, views: Object.values(VIEWS) },
    });
    const page = await pictured(room, language, 'wide', { as: null, context: { viewport: FULL_HD } });
    const context = page.context();
    await page.goto(`${url}/wall#${code}`);
    await page.locator('.wall').waitFor();
    const params = { displayId: display.id };
    for (const kind of Object.keys(VIEWS) as (keyof typeof VIEWS)[]) {
      const { version } = await admin.call('GET /displays/{displayId}', { params });
      await admin.call('PUT /displays/{displayId}', { params, version, body: { ...what, views: [VIEWS[kind]] } });
      await READY[kind](page);
      await page.waitForTimeout(1_500);
      await shoot(page, `wall-${kind}-${language}`);
    }
    await context.setOffline(true);
    await page.locator('.wall-trouble').waitFor();
    await shoot(page, `wall-trouble-${language}`);
    await context.setOffline(false);
    const list = await pictured(room, language, 'wide', { as: 'quantri' });
    await list.goto(`${url}/displays`);
    await list.locator('.display-row').first().waitFor();
    await list.waitForTimeout(1_000);
    await shoot(list, `displays-${language}-wide`);
    await list.context().close();
    await context.close();
    await admin.call('DELETE /displays/{displayId}', { params });
  }
});
