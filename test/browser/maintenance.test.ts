import { connectAsync } from 'mqtt';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { describeInChromium, SOON } from './control-room.ts';

const { suppressions } = vi;
const rowsOf = (page: Page, list: keyof typeof vi.alarms.list = 'open') =>
  page.getByRole('grid', { name: vi.alarms.list[list] }).locator('.grid-body').getByRole('row');

/** A request of the page's own session, as the dashboard makes it. */
const ask = (page: Page, method: string, path: string, body?: unknown, version?: number) =>
  page.evaluate(
    async ([method, path, body, version]) => {
      const { csrfToken } = (await (await fetch('/api/v1/session')).json()) as { csrfToken: string };
      const answer = await fetch(`/api/v1${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          'x-csrf-token': csrfToken,
          ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return (await answer.json()) as Record<string, unknown>;
    },
    [method, path, body, version] as const,
  );

describeInChromium('Maintenance', (room) => {
  it('is started on a point’s panel, hides its alarms with reason, owner and end, and shows them again when ended', async () => {
    const { page, open } = await room.screen();
    await open('/?point=p-ea-hai-an');
    await page.getByRole('button', { name: suppressions.add }).click();
    const dialog = page.getByRole('dialog', { name: suppressions.openTitle });
    await dialog.getByLabel(suppressions.reason).fill('Thay cảm biến PM2.5');
    await dialog.getByRole('button', { name: suppressions.begin }).click();
    const note = page.getByRole('region', { name: suppressions.section });
    await expect
      .poll(() => note.textContent(), SOON)
      .toMatch(/^Bảo trì đến \d\d\/\d\d\/\d{4} \d\d:\d\d – Thay cảm biến PM2\.5 – Nguyễn Thị Hoa/);
    await page.locator('.panel-header').getByText(vi.state.maintenance).waitFor();

    await room.report('ea-hai-an', { door_open: 1 });
    await page.getByRole('link', { name: 'Đang tạm hoãn: 0, được giữ yên lặng: 1' }).click();
    const row = page.getByRole('region', { name: suppressions.group.in_force }).getByRole('article');
    expect(await row.textContent()).toContain('Thay cảm biến PM2.5');
    await row.getByRole('button', { name: suppressions.extend }).click();
    await page.getByRole('dialog').getByRole('button', { name: suppressions.extend }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await row.getByRole('button', { name: suppressions.endNow }).click();
    await page.getByRole('region', { name: suppressions.group.over }).waitFor();

    await open('/alarms');
    await rowsOf(page).filter({ hasText: 'Hải An' }).getByText(vi.work.new).waitFor();
  });

  it('is not offered to who may only look, and fits a phone', async () => {
    const { page, open } = await room.screen({ as: 'lapdat', size: 'phone' });
    await open('/?point=p-ea-le-chan');
    await page.getByRole('heading', { name: vi.point.values }).waitFor();
    expect(await page.getByRole('button', { name: suppressions.add }).count()).toBe(0);
    await open('/suppressions');
    await page.getByRole('region', { name: suppressions.group.over }).waitFor();
    expect(await page.getByRole('button', { name: suppressions.endNow }).count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  });
});

describeInChromium('A gateway that is down', (room) => {
  it('has one alarm that says how many are behind it, and these are drawn as cut off', async () => {
    const { page, open } = await room.screen({ as: 'quantri' });
    await open('/?point=p-ea-hong-bang');
    const points = await ask(page, 'GET', '/points/p-ea-hong-bang');
    const agencyId = String(points['agencyId']);
    const device = await ask(page, 'GET', '/devices/ea-hong-bang');
    await ask(page, 'POST', '/devices', {
      id: 'gw-hong-bang',
      agencyId,
      modelId: device['modelId'],
      serialNumber: null,
      state: 'claimed',
    });
    const { token } = await ask(page, 'POST', '/devices/gw-hong-bang/credentials', {
      topicFilters: ['hd/v1/{id}/#', 'hd/v1/ea-hong-bang/#'],
    });
    const gateway = await connectAsync(`mqtt://127.0.0.1:${room.mqttPort}`, {
      clientId: 'gw-hong-bang',
      username: 'gw-hong-bang',
      password: String(token),
      protocolVersion: 4,
    });
    await gateway.publishAsync('hd/v1/ea-hong-bang/telemetry', JSON.stringify({ pm2_5: 12 }), { qos: 1 });
    // Made by the platform for an agency's first gateway.
    const ruleId = `carrier-down:${agencyId}`;
    const carrierRule = async () => {
      const { items } = await ask(page, 'GET', '/rules');
      return (items as Record<string, unknown>[]).find(({ id }) => id === ruleId);
    };
    await expect.poll(carrierRule, { ...SOON, timeout: 30_000 }).toMatchObject({ version: 1 });
    const rule = (await carrierRule()) ?? {};
    const { id: _, agencyId: __, version: ___, createdBy: ____, createdAt: _____, ...fields } = rule;
    const condition = { kind: 'no_data', levels: [{ severity: 'major', hold: 500 }] };
    await ask(page, 'PUT', `/rules/${encodeURIComponent(ruleId)}`, { ...fields, condition }, 1);
    await gateway.endAsync();
    await open('/alarms');
    const row = rowsOf(page).filter({ hasText: 'Cổng kết nối ngừng hoạt động' });
    await row.waitFor({ timeout: 40_000 });
    await row.click();
    await page.getByText('Cổng kết nối gw-hong-bang: 1 điểm đo phía sau').waitFor();
    await open('/?point=p-ea-hong-bang');
    await page.getByText(suppressions.behindCarrier.replace('{{carrier}}', 'gw-hong-bang')).waitFor();
  }, 120_000);
});
