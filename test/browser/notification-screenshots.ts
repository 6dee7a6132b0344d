/** Draws the pictures of docs/notifications.md, in both languages, on a desk and on a phone. Needs Chromium and the built dashboard. */
import { setTimeout as pause } from 'node:timers/promises';
import { LANGUAGES } from '../../domain/localized.ts';
import { openOutside, status } from '../notifications/outside.ts';
import { drawPictures, pictured, shoot } from './pictures.ts';

await drawPictures({}, async (room) => {
  const outside = await openOutside();
  outside.answers(status(200), status(404));
  const setUp = await room.screen({ as: 'moitruong' });
  await setUp.open('/notifications');
  await setUp.page.locator('.notification-form').waitFor();
  await setUp.page.evaluate(async (url) => {
    const session = (await (await fetch('/api/v1/session')).json()) as { csrfToken: string };
    const send = (method: string, path: string, body: object) =>
      fetch(`/api/v1${path}`, {
        method,
        headers: { 'content-type': 'application/json', 'x-csrf-token': session.csrfToken },
        body: JSON.stringify(body),
      });
    await send('PUT', '/notifications/mine', {
      email: 'thuha@haiphong.example',
      timeZone: null,
      subscriptions: [
        {
          id: 's-1',
          interest: { domains: ['environment', 'water'] },
          channels: { critical: ['email', 'web_push'], major: ['email', 'web_push'], minor: ['email'], notice: [] },
        },
      ],
      quietHours: { from: 1320, to: 360, weekdays: [0, 1, 2, 3, 4, 5, 6], criticalPasses: true },
      grouping: 'domain',
      tellsCleared: true,
      version: 0,
    });
    const shared = {
      enabled: true,
      interest: {},
      grouping: 'domain',
      language: 'vi',
      tellsCleared: true,
      messagesPerHour: 100,
    };
    for (const [name, path] of [
      ['Trung tâm điều hành', '/hooks'],
      ['Cổng thông tin cũ', '/moved'],
    ])
      await send('POST', '/webhooks', {
        ...shared,
        agencyId: 'hydromet',
        template: 'hai-dang',
        name,
        fields: { url: url + path },
      });
  }, outside.url);
  await room.report('wn-cat-ba', { rain_intensity: 50 });
  await room.report('wn-tu-ky', { rain_intensity: 90 });
  while (outside.received.length < 2) await pause(100);
  for (const language of LANGUAGES)
    for (const size of ['wide', 'phone'] as const) {
      const page = await pictured(room, language, size, { as: 'moitruong' });
      for (const [name, path] of [
        ['notifications', '/notifications'],
        ['notification-log', '/notifications?tab=log'],
      ] as const) {
        await page.goto(room.url + path);
        await page.locator('.notification-form, .notification-page .history').first().waitFor();
        await shoot(page, `${name}-${language}-${size}`);
      }
    }
  await outside.close();
});
