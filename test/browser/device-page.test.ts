import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi as vitest } from 'vitest';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { DeviceId, DeviceModelId, PointId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { milliseconds } from '../../domain/time.ts';
import { describeInChromium, SOON } from './control-room.ts';
import { atDesk, type Desk, switchOn } from './field-device.ts';

const MODEL = 'desk-sensor' as DeviceModelId;
const POINTS = ['p-cot-1', 'p-cot-2'] as PointId[];
const NAMES = ['Cột đo số 1', 'Cột đo số 2'];

describeInChromium('the page of a device', (room) => {
  let desk: Desk;
  let agencyId: string;
  let made = 0;
  const running: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    desk = await atDesk(room, 'quantri');
    const near = await desk.call('GET /points/{pointId}', { params: { pointId: 'p-ea-cat-ba' } });
    agencyId = near.agencyId;
    const quantities = ['temperature', 'humidity'] as QuantityKey[];
    await desk.call('POST /models', {
      body: {
        id: MODEL,
        agencyId: near.agencyId,
        maker: 'Test works',
        name: 'Desk sensor',
        domain: 'environment',
        format: 'native-json',
        channels: quantities.map((quantity) => ({ key: quantity, quantity, plausibleRange: null })),
        expectedInterval: milliseconds(1_000),
        rateLimit: null,
      },
    });
    for (const [i, id] of POINTS.entries()) {
      const { agencyId: owner, siteId, domain, location, wardCode } = near;
      const name = { vi: NAMES[i] ?? '', en: `Pole ${i + 1}` };
      await desk.call('POST /points', {
        body: { id, agencyId: owner, siteId, domain, location, wardCode, name, tags: [], quantities },
      });
    }
    // The pages know of the new points a moment later.
    const known = async () => (await desk.call('GET /map/points')).points.filter(({ id }) => POINTS.includes(id));
    await vitest.waitFor(async () => expect(await known()).toHaveLength(POINTS.length), SOON);
  });
  afterAll(async () => {
    await Promise.all(running.map((stop) => stop()));
    await desk.close();
  });

  async function aDevice() {
    const id = `desk-${++made}` as DeviceId;
    const params = { deviceId: id };
    await desk.call('POST /devices', {
      body: { id, agencyId: agencyId as never, modelId: MODEL, serialNumber: null, state: 'claimed' },
    });
    const { token } = await desk.call('POST /devices/{deviceId}/credentials', { params, body: {} });
    return {
      id,
      params,
      power: async () => {
        running.push(await switchOn(room, id, token, () => ({ temperature: 28.4, humidity: 74 })));
      },
      /** One message over HTTP, acknowledged. */
      send: async (temperature: number) => {
        const answer = await fetch(`${room.url}/ingest/v1/telemetry`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
          body: JSON.stringify({ ts: Date.now(), values: { temperature } }),
        });
        return answer.status;
      },
    };
  }
  const serve = async (params: { readonly deviceId: DeviceId }, pointId: PointId) => {
    await desk.call('POST /devices/{deviceId}/assignments', { params, body: { pointId } });
    await desk.call('POST /devices/{deviceId}/steps', { params, body: { step: 'install' } });
  };
  const newest = async (point: PointId, quantity: string): Promise<number | undefined> => {
    const { series } = await desk.call('GET /points/{pointId}', { params: { pointId: point } });
    const wanted = series.find((each) => each.quantity === quantity)?.id;
    const { readings } = await desk.call('GET /latest');
    return readings.find(([of]) => of === wanted)?.[2];
  };
  async function choose(page: Page, label: string, option: string): Promise<void> {
    await page.getByRole('combobox', { name: label }).or(page.getByLabel(label)).first().click();
    await page.getByRole('option', { name: option, exact: true }).click();
  }

  it('swaps the hardware: the new one serves the point at once, the old one’s time there stays on record', async () => {
    const [old, fresh] = [await aDevice(), await aDevice()];
    await serve(old.params, POINTS[0]!);
    expect(await old.send(21)).toBe(200);
    const { page, open } = await room.screen({ as: 'quantri' });
    await open(`/devices/${old.id}`);
    await page.getByRole('button', { name: vi.device.swap }).click();
    const dialog = page.getByRole('dialog');
    await choose(page, vi.device.swapBy, fresh.id);
    await dialog.getByLabel(vi.device.reason).fill('Hỏng đầu đo');
    await dialog.getByRole('button', { name: vi.device.swap }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.locator('.page-header').getByText(vi.deviceState.in_maintenance).waitFor();
    await page.getByText('Hỏng đầu đo').first().waitFor();

    const { items } = await desk.call('GET /points/{pointId}/assignments', { params: { pointId: POINTS[0]! } });
    expect(items).toMatchObject([
      { deviceId: old.id, to: expect.any(Number) },
      { deviceId: fresh.id, to: null },
    ]);
    await open(`/devices/${fresh.id}`);
    await page.getByText(NAMES[0]!).first().waitFor();
    expect(await fresh.send(22)).toBe(200);
    await expect.poll(() => newest(POINTS[0]!, 'temperature'), SOON).toBe(22);
  });

  it('sends the configuration wanted, and says that the device has taken it', async () => {
    const device = await aDevice();
    await device.power();
    const { page, open } = await room.screen({ as: 'quantri' });
    await open(`/devices/${device.id}`);
    await page.getByText(vi.configurationState.none).waitFor();
    await page.getByRole('button', { name: vi.configuration.change }).click();
    await page.getByLabel(vi.configuration.wanted).fill('{"interval_s": 60}');
    await page.getByRole('button', { name: vi.common.save }).click();
    await page.getByText(vi.configurationState.in_force).waitFor();
    await page.getByText(/Thiết bị trả lời phiên bản 1/).waitFor();
    expect(await desk.call('GET /devices/{deviceId}/configuration', { params: device.params })).toMatchObject({
      state: 'in_force',
      desired: { config: { interval_s: 60 } },
      reported: { version: 1, ok: true },
    });
  });

  it('gives a command of the maker’s own, and shows what the device answered', async () => {
    const device = await aDevice();
    await device.power();
    const { page, open } = await room.screen({ as: 'quantri' });
    await open(`/devices/${device.id}`);
    await choose(page, vi.command.choose, vi.command.custom);
    await page.getByLabel(vi.command.name).fill('open_valve');
    await page.getByLabel(vi.command.params).fill('{"percent": 40}');
    await page.getByRole('button', { name: vi.command.give }).click();
    const given = page.locator('[data-command="open_valve"]');
    await given.getByText(vi.commandState.done).waitFor();
    await given.getByText('"did": "open_valve"').waitFor();
    await given.getByText('{"percent":40}').waitFor();
  });

  it('puts what was held through again, once the device serves a point', async () => {
    const device = await aDevice();
    for (const temperature of [24.5, 25.5]) expect(await device.send(temperature)).toBe(422);
    const { page, open } = await room.screen({ as: 'quantri' });
    await open(`/devices/${device.id}`);
    await page.getByText(vi.quarantineCode.UNASSIGNED).first().waitFor();
    await page.getByRole('button', { name: vi.device.assign }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: vi.device.servesPoint }).fill(NAMES[1]!);
    await page.getByRole('option', { name: NAMES[1]!, exact: true }).click();
    await dialog.getByRole('button', { name: vi.device.assign }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Xử lý lại 2 bản tin' }).click();
    await page.getByText('Nhận 2 số đo, còn giữ 0 bản tin').waitFor();
    await page.getByText(vi.device.nothingHeld).waitFor();
    await expect.poll(() => newest(POINTS[1]!, 'temperature'), SOON).toBe(25.5);
  });
});
