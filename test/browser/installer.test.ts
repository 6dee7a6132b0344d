import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { DeviceId, DeviceModelId, PointId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { milliseconds } from '../../domain/time.ts';
import { describeInChromium, type Screen, SOON } from './control-room.ts';
import { atDesk, type Desk, labelPicture, switchOn } from './field-device.ts';

const CAT_BA = 'p-ea-cat-ba' as PointId;
const MODEL = 'field-sensor' as DeviceModelId;
/** Machine time from the label to the record. */
const WITHIN_MS = 30_000;

describeInChromium('an installer with a phone', (room) => {
  let desk: Desk;
  let agencyId: string;
  let place: { readonly longitude: number; readonly latitude: number };
  let siteName: string;
  let made = 0;
  const running: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    desk = await atDesk(room, 'quantri');
    const point = await desk.call('GET /points/{pointId}', { params: { pointId: CAT_BA } });
    const site = await desk.call('GET /sites/{siteId}', { params: { siteId: point.siteId } });
    agencyId = point.agencyId;
    place = site.location;
    siteName = site.name.vi;
    await desk.call('POST /models', {
      body: {
        id: MODEL,
        agencyId: point.agencyId,
        maker: 'Test works',
        name: 'Quick sensor',
        domain: 'environment',
        format: 'native-json',
        channels: ['temperature', 'humidity'].map((key) => ({
          key,
          quantity: key as QuantityKey,
          plausibleRange: null,
        })),
        expectedInterval: milliseconds(1_000),
        rateLimit: null,
      },
    });
  });
  afterAll(async () => {
    await Promise.all(running.map((stop) => stop()));
    await desk.close();
  });

  /** Registered, labelled and with its token in it; in a box. */
  async function aBoxedDevice() {
    const id = `field-${++made}` as DeviceId;
    const params = { deviceId: id };
    await desk.call('POST /devices', {
      body: { id, agencyId: agencyId as never, modelId: MODEL, serialNumber: `SN-${made}`, state: 'in_stock' },
    });
    const { token } = await desk.call('POST /devices/{deviceId}/credentials', { params, body: {} });
    const { link } = await desk.call('POST /devices/{deviceId}/claim-code', { params, body: {} });
    return {
      id,
      link,
      power: async () => {
        running.push(await switchOn(room, id, token, () => ({ temperature: 28.4, humidity: 74 })));
      },
    };
  }
  async function aPhone(options: { readonly networkMayFail?: boolean } = {}): Promise<Screen> {
    const screen = await room.screen({ as: 'lapdat', size: 'phone', scheme: 'light', ...options });
    await screen.context.grantPermissions(['geolocation']);
    await screen.context.setGeolocation({ ...place, accuracy: 6 });
    return screen;
  }
  /** The depot has a network: the app comes onto the phone, with what the work outside needs. */
  async function appIsOn(page: Page): Promise<void> {
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await page.reload();
    await page.getByRole('heading', { name: vi.jobs.title }).waitFor();
    await page.waitForLoadState('networkidle');
  }
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  async function scan(page: Page, link: string): Promise<void> {
    await page.getByLabel(vi.field.scanPicture).setInputFiles(labelPicture(link));
    await page.waitForURL(/\/claim\/field-/);
  }
  async function claimFor(page: Page, agency: string): Promise<void> {
    await page.getByLabel(vi.field.claimFor).first().click();
    await page.getByRole('option', { name: agency, exact: true }).click();
    await press(page, vi.field.claim);
    await page.waitForURL(/\/install\/field-/);
  }
  const agencyName = async (): Promise<string> =>
    (await desk.call('GET /agencies')).items.find(({ id }) => id === agencyId)?.name.vi ?? '';
  async function takePhotoAndNote(page: Page): Promise<void> {
    await page.locator('input[capture]').setInputFiles(labelPicture('https://example.com/a-picture-of-the-pole'));
    await page.locator('.photos img').first().waitFor();
    await page.getByLabel(vi.field.note, { exact: true }).fill('Chìa khóa ở trạm bảo vệ');
    await press(page, vi.field.addNote);
  }
  async function signed(page: Page, id: DeviceId) {
    await page.getByRole('button', { name: /^Ký nghiệm thu/ }).click({ timeout: WITHIN_MS });
    await page.getByRole('heading', { name: vi.record.title, level: 1 }).waitFor();
    const { items } = await desk.call('GET /devices/{deviceId}/commissioning-records', { params: { deviceId: id } });
    return items;
  }
  /** What a thumb can't hit, and what axe finds. */
  async function faults(page: Page): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page }).analyze();
    const small = await page.evaluate(() =>
      [
        ...document.querySelectorAll<HTMLElement>(
          '.field-page button, .field-page a, .field-page input:not([type=radio]):not([hidden])',
        ),
      ]
        .filter((element) => element.offsetParent !== null && element.getBoundingClientRect().height < 43.5)
        .map((element) => `too small: ${element.outerHTML.slice(0, 120)}`),
    );
    const wide = await page.evaluate(() =>
      document.documentElement.scrollWidth > innerWidth ? ['scrolls sideways'] : [],
    );
    return [
      ...violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`)),
      ...small,
      ...wide,
    ];
  }

  it('takes a device from its label to a signed record, every step real', async () => {
    const device = await aBoxedDevice();
    const { page, open } = await aPhone();
    await open('/jobs');
    await press(page, vi.field.scanTitle);
    const began = performance.now();
    await scan(page, device.link);
    // Of six agencies, the one it belongs to is offered.
    await expect.poll(() => page.getByLabel(vi.field.claimFor).first().inputValue(), SOON).toBe(await agencyName());
    await press(page, vi.field.claim);
    await page.waitForURL(/\/install\/field-/);

    await press(page, vi.field.whereAmI);
    await page.getByText('Sai số khoảng 6 m').waitFor();
    await page.getByRole('group', { name: vi.field.newPointAt }).getByLabel(siteName).first().check();
    await page.getByLabel(vi.field.newPointName).fill('Cột thử nghiệm');
    await device.power();
    await press(page, vi.field.placeHere);
    await takePhotoAndNote(page);
    await press(page, vi.field.toChecks);
    await press(page, vi.command.identify);
    await page.getByText(`${vi.command.identify}: ${vi.commandState.done}`).waitFor();
    const [record] = await signed(page, device.id);
    const took = performance.now() - began;

    expect(record).toMatchObject({ deviceId: device.id, signedName: 'Trần Văn Minh', mounted: { accuracyMetres: 6 } });
    expect(record?.photoIds).toHaveLength(1);
    expect(record?.findings.filter(({ overriddenBecause }) => overriddenBecause !== null)).toEqual([]);
    expect(record?.findings.filter(({ verdict }) => verdict === 'passed').map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        'connected',
        'first_reading',
        'channels_present',
        'values_plausible',
        'clock',
        'signal',
        'battery',
        'interval',
      ]),
    );
    const device_ = await desk.call('GET /devices/{deviceId}', { params: { deviceId: device.id } });
    expect(device_.state).toBe('commissioned');
    expect(await faults(page)).toEqual([]);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.rail, .strip, .bottom-bar, .no-print').filter({ visible: true }).count()).toBe(0);
    await page.getByText('Trần Văn Minh').filter({ visible: true }).first().waitFor();
    console.log(`label to record: ${Math.round(took)} ms`);
    expect(took).toBeLessThan(WITHIN_MS);
  });

  it('works on where the network ends, and tells it all when there is one again', async () => {
    const device = await aBoxedDevice();
    const screen = await aPhone({ networkMayFail: true });
    const { context, open } = screen;
    let { page } = screen;
    await open('/jobs');
    await appIsOn(page);
    await context.setOffline(true);

    await press(page, vi.field.scanTitle);
    await scan(page, device.link);
    await claimFor(page, await agencyName());
    await page.getByLabel(vi.field.findPlace).fill('Cát Bà');
    await page.getByRole('group', { name: vi.field.points }).getByRole('radio').first().check();
    await press(page, vi.field.placeHere);
    await takePhotoAndNote(page);
    await page.getByText('4 việc đang chờ gửi').waitFor();

    // Closed and opened again, still without network.
    await page.close();
    page = await context.newPage();
    await page.goto(`${room.url}/install/${device.id}?step=checks`);
    await page.getByText('4 việc đang chờ gửi').waitFor();
    await page.getByText(vi.field.checksNeedNetwork).waitFor();
    expect((await desk.call('GET /devices/{deviceId}', { params: { deviceId: device.id } })).state).toBe('in_stock');

    await device.power();
    await context.setOffline(false);
    const [record] = await signed(page, device.id);
    expect(record?.photoIds).toHaveLength(1);
    const { items } = await desk.call('GET /devices/{deviceId}/activities', { params: { deviceId: device.id } });
    expect(items.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['claimed', 'assigned', 'state_changed', 'note']),
    );
  });

  it('says in plain words that somebody else was faster, and lets go of it', async () => {
    const device = await aBoxedDevice();
    const screen = await aPhone({ networkMayFail: true });
    const { page, context, open, complaints } = screen;
    await open('/jobs');
    await appIsOn(page);
    await press(page, vi.field.scanTitle);
    await scan(page, device.link);
    await page.getByLabel(vi.field.claimFor).first().waitFor();
    await context.setOffline(true);
    const code = device.link.split('#')[1] ?? '';
    await desk.call('POST /claims', { body: { deviceId: device.id, code, agencyId: agencyId as never } });
    await claimFor(page, await agencyName());
    await page.getByText('1 việc đang chờ gửi').waitFor();
    await context.setOffline(false);
    await page.getByText(vi.fieldTrouble.CLAIM_USED).waitFor();
    await press(page, vi.field.giveUp);
    await page.getByText(vi.field.giveUpClaim).waitFor();
    await press(page, vi.field.giveUpSure);
    await expect.poll(() => page.locator('.waiting').count(), SOON).toBe(0);
    // The refusal is what the test is about.
    expect(complaints.splice(0)).toEqual([`answer 409: ${room.url}/api/v1/claims`]);
  });

  it('meets pages that a thumb can use and axe finds nothing in, each in one of the languages', async () => {
    const device = await aBoxedDevice();
    await desk.call('POST /claims', {
      body: { deviceId: device.id, code: device.link.split('#')[1] ?? '', agencyId: agencyId as never },
    });
    await desk.call('POST /devices/{deviceId}/assignments', {
      params: { deviceId: device.id },
      body: { pointId: CAT_BA },
    });
    await desk.call('POST /devices/{deviceId}/steps', { params: { deviceId: device.id }, body: { step: 'install' } });
    const pages = {
      vi: ['/jobs', `/claim/${device.id}#7G4K-0ZQX-M2VN`, `/install/${device.id}?step=photos`],
      en: ['/claim', `/install/${device.id}?step=place`, `/install/${device.id}?step=checks`],
    };
    for (const language of ['vi', 'en'] as const) {
      const screen = await room.screen({ as: 'lapdat', size: 'phone', scheme: 'light', language });
      for (const path of pages[language]) {
        await screen.open(path);
        await screen.page.getByRole('heading', { level: 1 }).waitFor();
        if (path.endsWith('checks')) await screen.page.locator('.check').nth(8).waitFor();
        await screen.page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
        expect(await faults(screen.page), `${language} ${path}`).toEqual([]);
      }
    }
  });
});

describeInChromium('a device on the desk', (room) => {
  it('shows its messages raw and decoded, takes a command, and names the steps possible', async () => {
    const { page, open } = await room.screen({ as: 'quantri' });
    await open('/devices/ea-cat-ba');
    await page.getByRole('heading', { name: 'ea-cat-ba', level: 1 }).waitFor();
    const tail = page.getByRole('region', { name: vi.tail.title });
    await tail.getByText(vi.tail.empty).waitFor();
    await room.report('ea-cat-ba', { temperature: 27.5 });
    await tail.getByText('"temperature":27.5').waitFor();
    await tail.getByRole('rowheader', { name: 'temperature' }).waitFor();
    await page.getByRole('button', { name: vi.command.give }).click();
    await page.locator('[data-command="identify"]').waitFor();
    await page.getByRole('button', { name: vi.deviceStep.start_maintenance }).click();
    await page.getByLabel(vi.device.reason).fill('Vệ sinh đầu đo');
    await page.getByRole('dialog').getByRole('button', { name: vi.deviceStep.start_maintenance }).click();
    await page.getByText('Vệ sinh đầu đo').waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))).toEqual([]);
  });
});
