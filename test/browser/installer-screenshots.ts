/**
 * Draws the pictures of the installer's app in docs/images, in both languages: jobs, label, place, pictures, checks and the signed record, with a
 * device that is really there. Run by `npm run screenshots`.
 */
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { DeviceId, DeviceModelId, PointId } from '../../domain/identifiers.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { milliseconds } from '../../domain/time.ts';
import { atDesk, labelPicture, switchOn } from './field-device.ts';
import { drawPictures, pictured, shoot } from './pictures.ts';

const TEXTS = { vi, en } as const;
const STATION = 'p-ea-le-chan' as PointId;
const MODEL = 'demo-climate' as DeviceModelId;

await drawPictures({}, async (room) => {
  const { url } = room;
  const desk = await atDesk(room, 'quantri');
  const running: (() => Promise<void>)[] = [];
  const point = await desk.call('GET /points/{pointId}', { params: { pointId: STATION } });
  await desk.call('POST /models', {
    body: {
      id: MODEL,
      agencyId: point.agencyId,
      maker: 'Hải Phòng',
      name: 'Climate sensor',
      domain: 'environment',
      format: 'native-json',
      channels: ['temperature', 'humidity'].map((key) => ({ key, quantity: key as QuantityKey, plausibleRange: null })),
      expectedInterval: milliseconds(1_000),
      rateLimit: null,
    },
  });
  for (const language of LANGUAGES) {
    const t = TEXTS[language];
    const id = `kh-0${LANGUAGES.indexOf(language) + 7}` as DeviceId;
    const params = { deviceId: id };
    await desk.call('POST /devices', {
      body: { id, agencyId: point.agencyId, modelId: MODEL, serialNumber: 'KH-2611', state: 'in_stock' },
    });
    const { token } = await desk.call('POST /devices/{deviceId}/credentials', { params, body: {} });
    const { link, code } = await desk.call('POST /devices/{deviceId}/claim-code', { params, body: {} });
    const page = await pictured(room, language, 'phone', {
      as: 'lapdat',
      context: { permissions: ['geolocation'], geolocation: { ...point.location, accuracy: 7 } },
    });
    await page.goto(`${url}/claim`);
    await page.getByLabel(t.field.scanPicture).setInputFiles(labelPicture(link));
    await page.getByText(code).waitFor();
    const agency = (await desk.call('GET /agencies')).items.find(({ id: each }) => each === point.agencyId);
    await page.getByLabel(t.field.claimFor).first().click();
    await page.getByRole('option', { name: agency?.name[language] ?? '', exact: true }).click();
    await shoot(page, `installer-claim-${language}`);
    await page.getByRole('button', { name: t.field.claim, exact: true }).click();
    await page.getByRole('button', { name: t.field.whereAmI }).click();
    await page.getByRole('group', { name: t.field.points }).getByRole('radio').first().check();
    await page.locator('.maplibregl-marker').waitFor();
    await page.locator('.field-body').evaluate((body) => body.scrollTo(0, 0));
    await shoot(page, `installer-place-${language}`);
    await page.getByRole('button', { name: t.field.placeHere }).click();
    await page.getByLabel(t.field.note, { exact: true }).waitFor();
    await page.goto(`${url}/jobs`);
    await page.locator('.job').first().waitFor();
    await shoot(page, `installer-jobs-${language}`);
    await page.goto(`${url}/install/${id}?step=checks`);
    await page.locator('.check').nth(8).waitFor();
    await shoot(page, `installer-checks-waiting-${language}`);
    running.push(await switchOn(room, id, token, () => ({ temperature: 28.4, humidity: 74 })));
    await page.locator('.check[data-check="interval"][data-verdict="passed"]').waitFor();
    await page.locator('.field-bar button:enabled').waitFor();
    await shoot(page, `installer-checks-${language}`);
    await page.locator('.field-bar button').click();
    await page.getByRole('heading', { name: t.record.title, level: 1 }).waitFor();
    await shoot(page, `installer-record-${language}`);
    await page.context().close();
  }
  await Promise.all(running.map((stop) => stop()));
});
