/**
 * Draws the pictures of maintenance and shelving in docs/images, in both languages: the list, the dialog on a point's panel, the map with its legend.
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
import type { DeviceId, PointId, SiteId } from '../../domain/identifiers.ts';
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import { epochMs, hours } from '../../domain/time.ts';
import { startPlatform } from '../../main.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { atDesk } from './field-device.ts';
import { mapIsDrawn } from './map-pixels.ts';
import { atRest } from './pages.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const WEBP_QUALITY = 84;
const SCREENS = {
  wide: { viewport: { width: 1280, height: 720 }, deviceScaleFactor: 1, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: 'light' },
} as const;

if (!CHROMIUM) throw new Error('Chromium is needed: apt-get install chromium');
mkdirSync(IMAGES, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hd-maintenance-pictures-'));
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
  const installer = await atDesk(street, 'lapdat');
  const inHours = (n: number) => epochMs(Date.now() + hours(n));
  await operator.call('POST /suppressions', {
    body: {
      kind: 'maintenance',
      scope: { kind: 'point', pointId: 'p-ea-hai-an' as PointId },
      reason: 'Thay cảm biến PM2.5',
      until: inHours(2),
    },
  });
  const { siteId } = await operator.call('GET /points/{pointId}', { params: { pointId: 'p-ea-kien-an' } });
  await operator.call('POST /suppressions', {
    body: {
      kind: 'out_of_service',
      scope: { kind: 'site', siteId: siteId as SiteId },
      reason: 'Cải tạo nhà trạm',
      until: null,
    },
  });
  await operator.call('POST /suppressions', {
    body: {
      kind: 'maintenance',
      scope: { kind: 'point', pointId: 'p-ea-cat-ba' as PointId },
      reason: 'Hiệu chuẩn định kỳ',
      from: inHours(20),
      until: inHours(23),
    },
  });
  const deviceId = 'ea-le-chan' as DeviceId;
  await installer.call('POST /devices/{deviceId}/steps', {
    params: { deviceId },
    body: { step: 'start_maintenance', reason: 'Vệ sinh đầu lấy mẫu' },
  });
  await report('ea-hai-an', { door_open: 1, pm2_5: 20 });
  await report('wn-do-son', { rain_intensity: 82 });
  let shelved = false;
  for (let tries = 0; tries < 100 && !shelved; tries++) {
    const { items } = await operator.call('GET /alarms');
    const alarm = items.find(({ endedAt, suppression }) => endedAt === null && suppression === null);
    if (alarm === undefined) await new Promise((resolve) => setTimeout(resolve, 100));
    else {
      await operator.call('POST /alarms/{alarmId}/shelve', {
        params: { alarmId: alarm.id },
        version: alarm.version,
        body: { reason: 'Máy đo mưa đang được kiểm tra', until: inHours(4) },
      });
      shelved = true;
    }
  }

  const screen = async (language: Language, size: keyof typeof SCREENS): Promise<Page> => {
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
      data: { loginName: 'vanhanh', password: 'hai-dang-demo' },
    });
    return context.newPage();
  };
  for (const language of LANGUAGES) {
    for (const size of ['wide', 'phone'] as const) {
      const page = await screen(language, size);
      if (size === 'wide') {
        await page.goto(`${url}/suppressions`);
        await page.locator('.quiet-row').nth(4).waitFor();
        await shoot(page, `maintenance-${language}-wide`);
      }
      await page.goto(`${url}/?point=p-ea-hai-an`);
      await mapIsDrawn(page);
      await page.locator('.quiet-note').waitFor();
      await shoot(page, `maintenance-point-${language}-${size}`);
      await page.context().close();
    }
  }
} finally {
  await browser.close();
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
}
