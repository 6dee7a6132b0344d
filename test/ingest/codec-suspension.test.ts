import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askGateways } from '../../api/gateways/ask-gateways.ts';
import { createMessageCodecsDesk } from '../../api/gateways/message-codecs-desk.ts';
import type { Notice } from '../../domain/events.ts';
import type { DeviceId, DeviceModelId } from '../../domain/identifiers.ts';
import type { MessageCodecs } from '../../domain/ports/codec-bench.ts';
import type { CitySeed } from '../../domain/ports/registry.ts';
import { epochMs } from '../../domain/time.ts';
import { openIngest, smallCity, tokenOf } from './platform-parts.ts';

const SYSTEM = { kind: 'system', name: 'test' } as const;
const MODEL = 'm' as DeviceModelId;
const GOOD = 'function decodeUplink({ bytes }) { return { data: { pm2_5: bytes[0] } }; }';
const LOOPING =
  'function decodeUplink({ bytes }) { if (bytes[0] === 0) for (;;); return { data: { pm2_5: bytes[0] } }; }';
const city: CitySeed = {
  ...smallCity(2),
  models: smallCity(2).models.map((model) => ({ ...model, format: 'codec', codec: LOOPING })),
};

describe('a codec that loops', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hd-suspended-'));
  let platform: Awaited<ReturnType<typeof openIngest>>;
  let codecs: MessageCodecs;
  const notices: Notice[] = [];
  beforeAll(async () => {
    platform = await openIngest(folder, {}, city);
    const clock = () => epochMs(Date.now());
    codecs = createMessageCodecsDesk(askGateways({ bus: platform.bus, gateways: platform.registry.gateways, clock }));
    platform.bus.subscribe('notice.raised', (notice) => notices.push(notice));
  });
  afterAll(async () => {
    await platform.stopAll();
    await rm(folder, { recursive: true, force: true });
  });

  const send = (device: DeviceId, ...bytes: readonly number[]) =>
    fetch(`http://127.0.0.1:${platform.httpPort}/ingest/v1/telemetry`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokenOf(device)}`, 'idempotency-key': randomUUID() },
      body: Uint8Array.from(bytes),
    });
  const [first, second] = city.devices.map(({ id }) => id) as [DeviceId, DeviceId];
  const told = () => notices.filter(({ kind }) => kind === 'codec.suspended');
  const edit = async (codec: string): Promise<void> => {
    const { models } = platform.registry.as(SYSTEM);
    await models.update({ ...(await models.get(MODEL)), codec });
    for (const { id } of city.devices) platform.bus.publish('device.changed', { deviceId: id });
    await codecs.settled();
  };

  it('is told of once, by the name of its model and what there was too much of', async () => {
    while ((await codecs.suspension(LOOPING)) === null) await send(first, 0);
    await send(second, 7);
    await expect.poll(told).toHaveLength(1);
    const { name } = await platform.registry.as(SYSTEM).models.get(MODEL);
    expect(told()[0]).toMatchObject({
      agencyId: city.devices[0]?.agencyId,
      deviceId: null,
      text: { key: 'notice.codec_suspended', params: { model: name, modelId: MODEL, excess: 'time' } },
    });
    expect((await platform.registry.as(SYSTEM).notices.list({ limit: 10 })).items).toMatchObject([
      { kind: 'codec.suspended' },
    ]);
    expect((await codecs.suspension(LOOPING))?.messagesHeld).toBeGreaterThanOrEqual(2);
  });

  it('has its messages held unrun, and given to it again once somebody lifts it', async () => {
    const held = await platform.quarantine.list({ agencies: 'all', code: 'CODEC_SUSPENDED', deviceId: second }, 10);
    expect(held).toHaveLength(1);
    await codecs.lift(LOOPING);
    expect((await send(second, 8)).status).toBe(200);
    expect(await codecs.suspension(LOOPING)).toBeNull();
  });

  it('is another codec once it is edited: what was held can be replayed at once', async () => {
    while ((await codecs.suspension(LOOPING)) === null) await send(first, 0);
    await edit(GOOD);
    expect(await codecs.suspension(GOOD)).toBeNull();
    const held = await platform.quarantine.list({ agencies: 'all', state: 'held' }, 100);
    expect(held.length).toBeGreaterThan(3);
    const outcomes = await platform.pipeline.replay(
      held.map(({ id }) => id),
      { backfill: false },
    );
    expect(outcomes.map(({ accepted }) => accepted)).toEqual(held.map(() => 1));
  });

  it('that was edited into another that loops is told of again', async () => {
    const worse = `${LOOPING} // edited`;
    await edit(worse);
    while ((await codecs.suspension(worse)) === null) await send(first, 0);
    await expect.poll(told).toHaveLength(2);
  });
});
