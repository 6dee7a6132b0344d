/**
 * Draws the pictures of maintenance and shelving in docs/images, in both languages: the list, the dialog on a point's panel, the map with its legend.
 * Run by `npm run screenshots`.
 */
import type { DeviceId, PointId, SiteId } from '../../domain/identifiers.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import { epochMs, hours } from '../../domain/time.ts';
import { atDesk } from './field-device.ts';
import { mapIsDrawn } from './map-pixels.ts';
import { drawPictures, pictured, shoot } from './pictures.ts';

await drawPictures({}, async (room) => {
  const { url } = room;
  const operator = await atDesk(room, 'vanhanh');
  const installer = await atDesk(room, 'lapdat');
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
  await room.report('ea-hai-an', { door_open: 1, pm2_5: 20 });
  await room.report('wn-do-son', { rain_intensity: 82 });
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

  for (const language of LANGUAGES) {
    for (const size of ['wide', 'phone'] as const) {
      const page = await pictured(room, language, size);
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
});
