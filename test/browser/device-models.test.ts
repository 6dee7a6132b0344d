import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { DeviceId, DeviceModelId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { minutes } from '../../domain/time.ts';
import { describeInChromium, SOON } from './control-room.ts';
import { atDesk, type Desk } from './field-device.ts';

const MENDED = `function decodeUplink({ bytes }) {
  console.log('bytes', bytes.length);
  return { data: { temperature: (bytes[0] * 256 + bytes[1]) / 10 } };
}`;
const WRONG = `function decodeUplink({ bytes }) {
  if (bytes.length < 4) throw new Error('too short');
  return { data: { temperature: 1 } };
}`;
const LOOPING =
  'function decodeUplink({ bytes }) { if (bytes[0] === 0) for (;;); return { data: { temperature: 1 } }; }';
const BYTES = Uint8Array.of(0x01, 0x1a);

describeInChromium('device models', (room) => {
  let desk: Desk;
  let agencyId: string;
  beforeAll(async () => {
    desk = await atDesk(room, 'quantri');
    agencyId = (await desk.call('GET /points/{pointId}', { params: { pointId: 'p-ea-cat-ba' } })).agencyId;
  });
  afterAll(() => desk.close());

  const modelBody = (id: string, codec: string | null) => ({
    id: id as DeviceModelId,
    agencyId: agencyId as never,
    maker: 'Sông Cấm',
    name: id.toUpperCase(),
    title: { vi: `Cảm biến ${id}`, en: `Sensor ${id}` },
    domain: 'environment' as const,
    format: codec === null ? 'native-json' : 'codec',
    codec,
    channels: [{ key: 'temperature', quantity: 'temperature' as QuantityKey, plausibleRange: null }],
    expectedInterval: minutes(10),
    rateLimit: null,
  });
  /** A device of a new model with this codec; `send` gives the status of the answer. */
  async function aCodecDevice(name: string, codec: string) {
    const model = await desk.call('POST /models', { body: modelBody(name, codec) });
    const id = `${name}-1` as DeviceId;
    const params = { deviceId: id };
    await desk.call('POST /devices', {
      body: { id, agencyId: agencyId as never, modelId: model.id, serialNumber: null, state: 'claimed' },
    });
    const point = await desk.call('POST /points', { body: await pointBody(name) });
    await desk.call('POST /devices/{deviceId}/assignments', { params, body: { pointId: point.id } });
    const { token } = await desk.call('POST /devices/{deviceId}/credentials', { params, body: {} });
    const send = async (bytes: Uint8Array<ArrayBuffer>): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      const { status } = await fetch(`${room.url}/ingest/v1/telemetry`, { method: 'POST', headers, body: bytes });
      return status;
    };
    return { model, send };
  }
  async function pointBody(name: string) {
    const near = await desk.call('GET /points/{pointId}', { params: { pointId: 'p-ea-cat-ba' } });
    const { siteId, domain, location, wardCode } = near;
    const called = { vi: `Điểm ${name}`, en: `Point ${name}` };
    const quantities = ['temperature' as QuantityKey];
    return { agencyId: near.agencyId, siteId, domain, location, wardCode, name: called, tags: [], quantities };
  }
  const writeCodec = async (page: Page, source: string): Promise<void> => {
    await page.getByRole('textbox', { name: vi.models.codecSource }).fill(source);
  };
  const faults = async (page: Page): Promise<string[]> => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  };

  it('are added, changed, and made anew after one that is there', async () => {
    const { page, open } = await room.screen({ as: 'quantri' });
    await open('/models');
    await page.getByRole('button', { name: vi.models.add }).click();
    const dialog = page.getByRole('dialog');
    const save = () => dialog.getByRole('button', { name: vi.common.save }).click();
    await save();
    await dialog.getByText(vi.models.gap.maker).waitFor();
    await dialog.getByLabel(vi.models.titleVi).fill('Cảm biến rung');
    await dialog.getByLabel(vi.models.titleEn).fill('Vibration sensor');
    await dialog.getByLabel(vi.models.maker).fill('Sông Cấm');
    await dialog.getByLabel(vi.models.name, { exact: true }).fill('V-1');
    await dialog.getByLabel(vi.models.channel.key).fill('t');
    await dialog.getByLabel(vi.alarms.quantity).first().click();
    await page.getByRole('option', { name: /^Nhiệt độ không khí/ }).click();
    // This hardware stands still for long: it is not doubted for that.
    await dialog.getByText(vi.models.checks.title.replace('{{key}}', 't')).click();
    await dialog.getByLabel(vi.models.checks.stuck).first().click();
    await page.getByRole('option', { name: vi.models.checks.none }).click();
    // And jumps, as the officer types it; a limit left empty is no limit of before.
    await dialog.getByLabel(vi.models.checks.rate).first().click();
    await page.getByRole('option', { name: vi.models.checks.own }).click();
    await dialog.getByLabel(vi.models.checks.step).fill('');
    await save();
    await dialog.getByText(vi.models.gap.checks).waitFor();
    await dialog.getByLabel(vi.models.checks.step).fill('2,5');
    await save();
    await page.getByRole('heading', { name: 'Cảm biến rung', level: 1 }).waitFor();
    await page.getByText('V-1 · Sông Cấm').waitFor();

    await page.getByRole('button', { name: vi.models.duplicate }).click();
    await dialog.getByLabel(vi.models.titleVi).fill('Cảm biến rung 2');
    await save();
    await page.getByRole('heading', { name: 'Cảm biến rung 2', level: 1 }).waitFor();
    const { items } = await desk.call('GET /models');
    const checks = { stuck: null, rate: { step: 2.5, perMinute: 1 } };
    expect(
      items.filter(({ maker }) => maker === 'Sông Cấm').map(({ title, channels }) => [title?.vi, channels[0]?.checks]),
    ).toEqual(
      expect.arrayContaining([
        ['Cảm biến rung', checks],
        ['Cảm biến rung 2', checks],
      ]),
    );
  });

  it('that somebody else changed meanwhile are not overwritten unseen', async () => {
    const model = await desk.call('POST /models', { body: modelBody('doi', null) });
    const { id: _, agencyId: __, ...theirs } = modelBody('doi', null);
    const { page, open, complaints } = await room.screen({ as: 'quantri' });
    await open(`/models/${model.id}`);
    await page.getByRole('button', { name: vi.models.edit }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(vi.models.name, { exact: true }).fill('Mine');
    await desk.call('PUT /models/{modelId}', {
      params: { modelId: model.id },
      version: model.version,
      body: { ...theirs, maker: 'Theirs' },
    });
    await dialog.getByRole('button', { name: vi.common.save }).click();
    await dialog.getByText(vi.models.conflict).waitFor();
    await dialog.getByText(new RegExp(vi.models.field.maker)).waitFor();
    await dialog.getByRole('button', { name: vi.models.takeTheirs }).click();
    await expect.poll(() => dialog.getByLabel(vi.models.maker).inputValue(), SOON).toBe('Theirs');
    await dialog.getByLabel(vi.models.name, { exact: true }).fill('Mine again');
    await dialog.getByRole('button', { name: vi.common.save }).click();
    await page.getByText('Mine again · Theirs').waitFor();
    // The refusal is what the test is about.
    expect(complaints.splice(0).filter((complaint) => !complaint.includes('412'))).toEqual([]);
  });

  it('that are withdrawn are offered to no new device', async () => {
    const model = await desk.call('POST /models', { body: modelBody('cu', null) });
    const { page, open } = await room.screen({ as: 'quantri' });
    await open(`/models/${model.id}`);
    await page.getByRole('button', { name: vi.models.withdraw }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(vi.device.reason).fill('Hết hàng');
    await dialog.getByRole('button', { name: vi.models.withdraw }).click();
    await page.getByText('Hết hàng').waitFor();
    await open('/devices');
    await page.getByRole('button', { name: vi.device.add }).click();
    await page.getByRole('dialog').getByLabel(vi.device.model).first().click();
    await page.getByRole('option').first().waitFor();
    expect(await page.getByRole('option', { name: 'Cảm biến cu', exact: true }).count()).toBe(0);
  });

  it('have their codec mended on what was held, and that put through again', async () => {
    const { model, send } = await aCodecDevice('sua', WRONG);
    for (let i = 0; i < 2; i++) expect(await send(BYTES)).toBe(422);
    const { page, open } = await room.screen({ as: 'quantri' });
    await open(`/models/${model.id}`);
    const bench = page.getByRole('region', { name: vi.models.codec });
    await bench.locator('.payload').nth(1).click();
    await bench.getByText('Error: too short').waitFor();
    await bench.getByText('dòng 2').waitFor();
    await bench.locator('.cm-failed-line').waitFor();
    await writeCodec(page, MENDED);
    const result = bench.locator('.trial-result');
    await result.getByText('28,2').waitFor();
    await result.getByText('bytes 2').waitFor();
    await bench.getByLabel(vi.models.compare).check({ force: true });
    await bench.locator('.cm-deletedChunk').first().waitFor();
    expect(await faults(page)).toEqual([]);
    await bench.getByRole('button', { name: vi.models.saveCodec }).click();
    await page.getByText(vi.models.codecSaved).waitFor();
    await page.getByText('2 bản tin của loại này đang bị giữ lại.').waitFor();
    await page.getByRole('button', { name: vi.models.replay }).click();
    await page.getByText('Nhận 2 số đo, còn giữ 0 bản tin').waitFor();
    expect(await desk.call('GET /models/{modelId}/codec', { params: { modelId: model.id } })).toEqual({
      suspension: null,
      heldMessages: 0,
      away: [],
    });
  });

  it('are tried on bytes typed in, from a template', async () => {
    const model = await desk.call('POST /models', { body: modelBody('mau', ' ') });
    const { page, open } = await room.screen({ as: 'lapdat', language: 'en', scheme: 'light' });
    await open(`/models/${model.id}`);
    const bench = page.getByRole('region', { name: en.models.codec });
    await bench.getByText(en.models.noPayloads).waitFor();
    await bench.getByPlaceholder(en.models.template).click();
    await page.getByRole('option', { name: en.models.templates.Decoder }).click();
    await bench.getByText(en.models.typed).click();
    await bench.getByLabel(en.models.hex).fill('0x01 0x1A');
    await bench.locator('.trial-values').getByText('28.2').waitFor();
    await bench.getByLabel(en.models.hex).fill('zz');
    await bench.getByText(en.models.hexWrong).waitFor();
    expect(await faults(page)).toEqual([]);
  });

  it('say when their codec is suspended and why, to operators too, and let it try again', async () => {
    const { model, send } = await aCodecDevice('lap', LOOPING);
    const operator = await room.screen({ as: 'vanhanh' });
    await operator.open('/alarms');
    const state = () => desk.call('GET /models/{modelId}/codec', { params: { modelId: model.id } });
    await operator.page.getByRole('heading', { name: vi.alarms.title, level: 1 }).waitFor();
    while ((await state()).suspension === null) await send(Uint8Array.of(0));
    const { page, open } = await room.screen({ as: 'quantri' });
    await open(`/models/${model.id}`);
    const banner = page.locator('.codec-suspended');
    await banner.getByText(new RegExp(vi.codecExcess.time)).waitFor();
    await banner.getByRole('button', { name: vi.models.tryAgain }).click();
    await banner.waitFor({ state: 'detached' });
    expect(await send(BYTES)).toBe(200);
    await operator.page.locator('.notices-button').click();
    await operator.page
      .getByText(`loại thiết bị ${model.name} đã bị tạm dừng vì ${vi.codecExcess.time}`)
      .first()
      .waitFor();
    await operator.page.getByRole('link', { name: vi.notices.model }).first().click();
    await operator.page.getByRole('heading', { name: model.title?.vi ?? '', level: 1 }).waitFor();
  });
});
