import { expect, it } from 'vitest';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { openOutside, status } from '../notifications/outside.ts';
import { describeInChromium, SOON } from './control-room.ts';

const { notifications: words } = vi;

describeInChromium('Telling people', (room) => {
  it('is set up by the officer, tried, seen at work with an alarm, and sent again after it was given up', async () => {
    const outside = await openOutside();
    const { page, open } = await room.screen({ as: 'moitruong' });
    await open('/notifications?tab=webhooks');
    await page.getByText(words.webhook.empty).waitFor();
    await page.getByRole('button', { name: words.webhook.add }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel(words.name).fill('Phòng trực');
    await form.getByRole('combobox', { name: vi.alarms.agency }).click();
    await page.getByRole('option', { name: 'Đài Khí tượng Thủy văn thành phố Hải Phòng' }).click();
    await form.getByLabel('Địa chỉ nhận').fill(`${outside.url}/hook`);
    await form.getByRole('button', { name: words.save }).click();
    await page.getByText(/^whsec_/).waitFor();
    await page.getByRole('button', { name: vi.common.close }).click();

    await page.getByRole('button', { name: words.test, exact: true }).click();
    await page.getByText(words.outcome.accepted).waitFor();
    expect(outside.received[0]?.headers['webhook-signature']).toMatch(/^v1,/);

    outside.answers(status(404));
    await room.report('wn-cat-ba', { rain_intensity: 50 });
    await open('/notifications?tab=log');
    await page.getByText('HTTP 404').waitFor({ timeout: 30_000 });
    outside.answers(status(200));
    await page.getByRole('button', { name: words.log.resend }).click();
    await expect.poll(() => page.getByText(words.accepted.webhook).count(), SOON).toBe(2);
    const ids = outside.received.slice(1).map(({ headers }) => headers['webhook-id']);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);

    await open('/alarms');
    await page.getByRole('grid', { name: vi.alarms.list.open }).locator('.grid-body').getByRole('row').first().click();
    const told = page.locator('section').filter({ hasText: words.told });
    await told.getByText('Phòng trực').waitFor();
    await told.getByText(words.accepted.webhook).waitFor();
    await outside.close();
  });

  it('goes by everybody’s own wishes, set on a phone', async () => {
    const { page, open } = await room.screen({ size: 'phone', scheme: 'light' });
    await open('/notifications');
    await page.getByText(words.noSubscriptions).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    await page.getByLabel(words.email).first().fill('truc@hd.example');
    await page.getByRole('button', { name: words.addSubscription }).click();
    // Typed as on a phone: without diacritics.
    await page.getByRole('combobox', { name: words.interest.sites }).fill('cau rao');
    await page.getByRole('option', { name: 'Cầu Rào', exact: true }).click();
    await page.keyboard.press('Escape');
    await page.getByLabel(words.quiet.on).check({ force: true });
    await page.getByLabel(words.quiet.from).fill('21:30');
    await page.getByRole('button', { name: words.save, exact: true }).click();
    await page.getByText(words.saved).waitFor();
    await page.reload();
    await expect.poll(() => page.getByLabel(words.quiet.from).inputValue(), SOON).toBe('21:30');
    expect(await page.getByLabel(words.email).first().inputValue()).toBe('truc@hd.example');
    await page.locator('.interest-fields').getByText('Cầu Rào', { exact: true }).waitFor();
  });

  /* What stands between, the push service and its connection to the browser, can't be reached from here: the message is handed to the service worker as the browser would. */
  it('shows what is pushed, and opens the alarm it is about', async () => {
    const { page, context, open } = await room.screen();
    await context.grantPermissions(['notifications'], { origin: room.url });
    await open('/notifications');
    await page.getByText(words.push.none).waitFor();
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/sw.js');
      await navigator.serviceWorker.ready;
    });
    const tools = await context.newCDPSession(page);
    const known = Promise.withResolvers<string>();
    tools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [first] = registrations;
      if (first) known.resolve(first.registrationId);
    });
    await tools.send('ServiceWorker.enable');
    const data = JSON.stringify({
      id: 'm-1',
      title: 'Khẩn cấp: Ngập đường – Lạch Tray',
      body: 'Mực nước: 0,45 m',
      link: 'https://elsewhere.example/alarms?alarm=a-1',
      tag: 'g-1',
      severity: 'critical',
      at: Date.now(),
    });
    await tools.send('ServiceWorker.deliverPushMessage', {
      origin: room.url,
      registrationId: await known.promise,
      data,
    });
    const shown = () =>
      page.evaluate(async () => {
        const { getNotifications } = await navigator.serviceWorker.ready.then((registration) => ({
          getNotifications: () => registration.getNotifications(),
        }));
        return (await getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
      });
    await expect
      .poll(shown, SOON)
      .toEqual([{ title: 'Khẩn cấp: Ngập đường – Lạch Tray', body: 'Mực nước: 0,45 m', tag: 'g-1' }]);
  });
});
