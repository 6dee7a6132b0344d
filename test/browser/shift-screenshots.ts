/**
 * Draws the pictures of the shift in docs/images, in both languages: the current shift and a signed handover, wide and on the phone.
 * Run by `npm run screenshots`.
 */
import type { PointId } from '../../domain/identifiers.ts';
import { LANGUAGES } from '../../domain/localized.ts';
import { epochMs, hours, minutes } from '../../domain/time.ts';
import { atDesk } from './field-device.ts';
import { drawPictures, pictured, shoot } from './pictures.ts';

await drawPictures({}, async (room) => {
  const { url } = room;
  const operator = await atDesk(room, 'vanhanh');
  const officer = await atDesk(room, 'moitruong');
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
    await room.report(name, { door_open: 1, pm2_5: 20 });
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

  const path = `/shift?agency=${agencyId}`;
  for (const language of LANGUAGES) {
    for (const size of ['wide', 'phone'] as const) {
      const page = await pictured(room, language, size);
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
    const page = await pictured(room, language, 'wide', { as: 'moitruong' });
    await page.goto(`${url}/shift/handovers/${signed.id}`);
    await page.locator('.shift-entry').first().waitFor();
    await shoot(page, `shift-handover-${language}-wide`);
    await page.context().close();
  }
});
