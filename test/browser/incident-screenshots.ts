/**
 * Draws the pictures of incidents in docs/images, in both languages: the list with a dead transformer beside its panel, and the same on a phone.
 * Run by `npm run screenshots`.
 */
import { LANGUAGES } from '../../domain/localized.ts';
import { atDesk } from './field-device.ts';
import { mapIsDrawn } from './map-pixels.ts';
import { drawPictures, pictured, shoot } from './pictures.ts';

await drawPictures({}, async (room) => {
  const { url } = room;
  const operator = await atDesk(room, 'vanhanh');
  await room.report('pt-lach-tray-471-1', { voltage_l1: 0, voltage_l2: 0, voltage_l3: 0 });
  for (const n of [1, 2, 3]) await room.report(`pm-lach-tray-471-1-${n}`, { voltage: 0, power_present: 0 });
  for (const n of [1, 2]) await room.report(`pm-cua-cam-473-1-${n}`, { voltage: 0, power_present: 0 });
  for (const gauge of ['do-son', 'kien-an', 'cat-hai', 'thuy-nguyen'])
    await room.report(`wn-${gauge}`, { rain_intensity: 74 });
  let found = 0;
  for (let tries = 0; tries < 200 && found < 3; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    found = (await operator.call('GET /incidents')).items.length;
  }
  const { items } = await operator.call('GET /incidents');
  const transformer = items.find(
    ({ cause }) => cause.kind === 'site' && cause.siteId === 'transformer-lach-tray-471-1',
  );
  if (transformer === undefined) throw new Error('no incident of the transformer');

  const incident = encodeURIComponent(transformer.id);
  for (const language of LANGUAGES) {
    for (const size of ['wide', 'phone'] as const) {
      const page = await pictured(room, language, size);
      await page.goto(`${url}/incidents?incident=${incident}`);
      await page.locator('.incident-members li').nth(5).waitFor();
      await shoot(page, `incident-${language}-${size}`);
      if (size === 'wide') {
        await page.goto(`${url}/?incident=${incident}`);
        await mapIsDrawn(page);
        await page.locator('.map-incident').waitFor();
        await shoot(page, `incident-map-${language}-wide`);
      }
      await page.context().close();
    }
  }
});
