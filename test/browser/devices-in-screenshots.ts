/**
 * Draws the pictures of the ways devices come in (sheet, labels, self-registration) in docs/images, in both languages. Run by `npm run screenshots`.
 */
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { AgencyId, DeviceModelId } from '../../domain/identifiers.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import type { ProvisioningKey } from '../../domain/provisioning.ts';
import { atDesk } from './field-device.ts';
import { drawPictures, pictured, shoot } from './pictures.ts';
import { aStoppedGateway } from './stopped-gateway.ts';

const TEXTS = { vi, en } as const;
const AGENCY = 'environment' as AgencyId;
const PROFILE = 'tram-on-2026' as ProvisioningKey;
const SHEET = [
  'id,agency,model,serial,state,note',
  ...Array.from({ length: 40 }, (_, i) =>
    [`on-${i + 1}`, 'environment', i === 2 ? 'noize' : 'noise', `SN-${1000 + i}`, i === 5 ? 'gone' : '', ''].join(','),
  ),
].join('\n');

await drawPictures({}, async (room) => {
  const { url } = room;
  const desk = await atDesk(room, 'quantri');
  await desk.call('POST /provisioning-profiles', {
    body: {
      key: PROFILE,
      agencyId: AGENCY,
      name: 'Trạm ồn 2026',
      modelIds: ['noise' as DeviceModelId],
      stockListOnly: true,
      maximumDevices: 200,
      enabled: true,
      expiresAt: null,
    },
  });
  for (const language of LANGUAGES) {
    const t = TEXTS[language];
    const page = await pictured(room, language, 'wide', { as: 'quantri', scheme: 'light' });
    await page.goto(`${url}/imports`);
    const agency = (await desk.call('GET /agencies')).items.find(({ id }) => id === AGENCY);
    await page.getByLabel(t.alarms.agency).first().click();
    await page.getByRole('option', { name: agency?.name[language] ?? '', exact: true }).click();
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'noise-2026.csv', mimeType: 'text/csv', buffer: Buffer.from(SHEET) });
    await page.getByRole('grid', { name: t.imports.rows }).waitFor();
    await page.locator('.row-error').first().waitFor();
    await shoot(page, `import-${language}`);
    await page.goto(`${url}/labels`);
    for (const id of ['kho-on-01', 'kho-on-02', 'kho-radar-01'])
      await page.getByRole('gridcell', { name: id, exact: true }).last().click();
    await page.getByRole('textbox', { name: t.labels.start }).fill('5');
    await shoot(page, `labels-${language}`);
    await page.goto(`${url}/provisioning?profile=${PROFILE}`);
    await page.getByRole('complementary').getByText(`hd/v1/provision/${PROFILE}`).waitFor();
    await shoot(page, `provisioning-${language}`);
    await page.context().close();
  }
  for (const id of ['ea-cat-ba', 'ea-hai-an']) await room.publish(id, { ts: 5, values: { pm2_5: 1, unheard_of: 2 } });
  await aStoppedGateway(room, 'cong-cau-rao');
  const page = await pictured(room, 'en', 'wide', { as: 'quantri', scheme: 'light' });
  await page.goto(`${url}/quarantine`);
  await page.getByText('cong-cau-rao', { exact: false }).waitFor();
  await shoot(page, 'quarantine-away-en');
});
