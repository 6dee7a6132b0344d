/**
 * Draws the pictures of the shift in docs/images, in both languages: the current shift and a signed handover, wide and on the phone.
 * Run by `npm run screenshots`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { chromium, type Page } from 'playwright-core';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { loadSettings } from '../../config/settings.ts';
import type { PointId } from '../../domain/identifiers.ts';
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import { epochMs, hours, minutes } from '../../domain/time.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { atDesk } from './field-device.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const WEBP_QUALITY = 84;
const SCREENS = {
  wide: { viewport: { width: 1280, height: 720 }, deviceScaleFactor: 1, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: 'light' },
} as const;

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-shift-pictures-'));
const settings = loadSettings(
  {},
  { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 }, demo: { fleet: false, historyDays: 0 } },
);
const platform = await startPlatform(settings, 'demo', pino({ level: 'silent' }));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
const url = `http://127.0.0.1:${platform.httpPort}`;
const street = { url, mqttPort: platform.mqttPort, browser };

async function shoot(page: Page, name: string): Promise<void> {
  await atRest(page);
  const tools = await page.context().newCDPSession(page);
  const { data } = await tools.send('Page.captureScreenshot', { format: 'webp', quality: WEBP_QUALITY });
  const bytes = Buffer.from(data, 'base64');
  writeFileSync(join(IMAGES, `${name}.webp`), bytes);
  console.log(`${name}: ${Math.round(bytes.length / 1000)} kB`);
}

/** A device of the demo says something, and goes. */
async function report(device: string, values: Readonly<Record<string, number>>): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
    clientId: device,
    username: device,
    password: demoToken(String(settings.demo.seed), device),
    protocolVersion: 4,
  });
  await client.publishAsync(`hd/v1/${device}/telemetry`, JSON.stringify({ values }), { qos: 1 });
  await client.endAsync();
}

try {
  const operator = await atDesk(street, 'vanhanh');
  const officer = await atDesk(street, 'moitruong');
  const { agencyId } = await operator.call('GET /points/{pointId}', { params: { pointId: 'p-ea-hai-an' as PointId } });
  const params = { agencyId };
  const at = (ago: number) => epochMs(Date.now() - minutes(ago));
  await operator.call('POST /suppressions', {
    body: {
      kind: 'maintenance',
      scope: { kind: 'point', pointId: 'p-ea-kien-an' as PointId },
      reason: 'Thay cảm biến PM2.5',
      until: epochMs(Date.now() + hours(2)),
    },
  });
  await operator.call('POST /shifts/{agencyId}/duty', { params, body: { step: 'join' } });
  for (const name of ['ea-hai-an', 'ea-le-chan', 'ea-hong-bang', 'ea-cat-ba'])
    await report(name, { door_open: 1, pm2_5: 20 });
  const openAlarms = async () =>
    (await operator.call('GET /alarms')).items.filter(
      ({ endedAt, agencyId: of }) => endedAt === null && of === agencyId,
    );
  let alarms = await openAlarms();
  for (let tries = 0; tries < 100 && alarms.length < 4; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    alarms = await openAlarms();
  }
  const [first, second] = alarms;
  if (first === undefined || second === undefined) throw new Error('no alarms were raised');
  await operator.call('POST /alarms/{alarmId}/acknowledge', {
    params: { alarmId: first.id },
    body: { note: 'Đã gọi trạm, kỹ thuật viên đang mở tủ' },
  });
  await operator.call('POST /alarms/{alarmId}/shelve', {
    params: { alarmId: second.id },
    version: second.version,
    body: { reason: 'Trạm đang được sơn lại', until: epochMs(Date.now() + hours(4)) },
  });
  await operator.call('POST /shifts/{agencyId}/notes', {
    params,
    body: { text: 'Điện lực báo cắt điện trạm Cát Bà từ 22 giờ đến 23 giờ.', happenedAt: at(35) },
  });
  const { log } = await operator.call('GET /shifts/{agencyId}', { params });
  const note = log.entries.find((entry) => entry.kind === 'note');
  if (note?.kind === 'note')
    await operator.call('POST /shifts/{agencyId}/notes', {
      params,
      body: { text: 'Cắt điện từ 22 giờ 30, không phải 22 giờ.', corrects: note.noteId },
    });

  const screen = async (language: Language, size: keyof typeof SCREENS, loginName = 'vanhanh'): Promise<Page> => {
    const context = await browser.newContext({
      ...SCREENS[size],
      reducedMotion: 'reduce',
      locale: language === 'vi' ? 'vi-VN' : 'en-GB',
      isMobile: size === 'phone',
      hasTouch: size === 'phone',
    });
    await context.addInitScript((chosen) => localStorage.setItem('hd.language', chosen), language);
    await context.request.post(`${url}/api/v1/session`, {
      headers: { origin: url },
      data: { loginName, password: 'hai-dang-demo' },
    });
    return context.newPage();
  };
  const path = `/shift?agency=${agencyId}`;
  for (const language of LANGUAGES) {
    for (const size of ['wide', 'phone'] as const) {
      const page = await screen(language, size);
      await page.goto(url + path);
      await page.locator('.shift-entry').first().waitFor();
      await shoot(page, `shift-${language}-${size}`);
      await page.context().close();
    }
  }
  const { covers } = await operator.call('GET /shifts/{agencyId}', { params });
  const signed = await operator.call('POST /shifts/{agencyId}/handovers', {
    params,
    body: { basedOn: covers.from, remark: 'Gọi lại trạm Hải An trước 23 giờ; số điện thoại ở sổ trực.' },
  });
  await officer.call('POST /handovers/{handoverId}/receive', { params: { handoverId: signed.id } });
  for (const language of LANGUAGES) {
    const page = await screen(language, 'wide', 'moitruong');
    await page.goto(`${url}/shift/handovers/${signed.id}`);
    await page.locator('.shift-entry').first().waitFor();
    await shoot(page, `shift-handover-${language}-wide`);
    await page.context().close();
  }
} finally {
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
