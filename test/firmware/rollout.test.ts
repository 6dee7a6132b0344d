import { afterEach, describe, expect, it } from 'vitest';
import type { RolloutPlan } from '../../domain/firmware/rollout.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import { seconds } from '../../domain/time.ts';
import { newFolder, openIngest, smallCity, tokenOf } from '../ingest/platform-parts.ts';
import { aMaker, anImage, brokenRoad, QUICK, rollOut, SYSTEM, soon, stationsOn } from './firmware-street.ts';

type Platform = Awaited<ReturnType<typeof openIngest>>;
const opened: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});
async function open(stations: number, folder = newFolder()): Promise<Platform> {
  const platform = await openIngest(folder, {}, smallCity(stations));
  opened.push(() => platform.stopAll());
  return platform;
}
async function powered(...given: Parameters<typeof stationsOn>) {
  const fleet = await stationsOn(...given);
  opened.push(() => fleet.stop());
  return fleet;
}
const rolloutOf = async (platform: Platform, id: Parameters<Platform['registry']['firmware']['advance']>[0]) =>
  platform.registry.as(SYSTEM).firmware.rollouts.get(id);
const devicesOf = async (platform: Platform, id: Parameters<typeof rolloutOf>[1]) =>
  (await platform.registry.as(SYSTEM).firmware.rollouts.devices(id, {}, { limit: 100 })).items;
const versionOf = async (platform: Platform, device: string) =>
  (await platform.registry.as(SYSTEM).devices.attributes(device as DeviceId))['firmware']?.value;

describe('a rollout to real devices', () => {
  it('goes stage by stage until every device has restarted with the version', async () => {
    const platform = await open(8);
    const maker = aMaker();
    await powered(platform, 8, { publicKeys: [maker.publicKey] });
    await soon(async () => expect(await versionOf(platform, 'air-8')).toBeDefined());
    const { id, image } = await rollOut(platform, anImage(), maker);
    await soon(async () => expect((await rolloutOf(platform, id)).rollout.state.kind).toBe('done'));
    expect((await rolloutOf(platform, id)).counts).toMatchObject({ applied: 8 });
    expect((await rolloutOf(platform, id)).stages.map(({ applied }) => applied)).toEqual([2, 6]);
    for (let i = 1; i <= 8; i++) expect(await versionOf(platform, `air-${i}`)).toBe('9.0.0');
    // The second stage began after the first was through.
    const at = (stage: number) => async () =>
      (await devicesOf(platform, id)).filter((one) => one.stage === stage).map(({ progress }) => progress.at);
    expect(Math.max(...(await at(0)()))).toBeLessThanOrEqual(Math.min(...(await at(1)())));
    expect(platform.metrics.value('hd_firmware_bytes_sent_total')).toBe(8 * image.sizeBytes);
    expect(platform.errors).toEqual([]);
  });

  it.each(['bad_checksum', 'flash_failure', 'does_not_start', 'refuses_version'] as const)(
    'halts by itself when devices fail (%s), tells the operators, and spares the others',
    async (fault) => {
      const platform = await open(6);
      const maker = aMaker();
      await powered(platform, 6, { publicKeys: [maker.publicKey], faultOf: () => fault });
      const { id } = await rollOut(platform, anImage(20_000), maker, {
        ...QUICK,
        stages: [30, 100],
        failureMinimum: 2,
      });
      await soon(async () =>
        expect((await rolloutOf(platform, id)).rollout.state).toMatchObject({ kind: 'halted', reason: 'failures' }),
      );
      const { counts } = await rolloutOf(platform, id);
      expect(counts.failed + counts.refused).toBe(2);
      expect(counts.waiting).toBe(4);
      const code = {
        bad_checksum: 'CHECKSUM_WRONG',
        flash_failure: 'FLASH_FAILED',
        does_not_start: 'DID_NOT_START',
        refuses_version: 'VERSION_REFUSED',
      }[fault];
      expect(JSON.stringify(await devicesOf(platform, id))).toContain(code);
      await soon(async () => {
        const { items } = await platform.registry.as(SYSTEM).notices.list({ limit: 10 });
        expect(items.map(({ kind }) => kind)).toContain('firmware.halted');
      });
    },
  );

  it('counts a device that began and died as failed', async () => {
    const platform = await open(2);
    const maker = aMaker();
    await powered(platform, 2, {
      publicKeys: [maker.publicKey],
      faultOf: (device) => (device === 'air-1' ? 'dies_midway' : null),
    });
    const plan: RolloutPlan = { ...QUICK, stages: [100], finishWithin: seconds(3) };
    const { id } = await rollOut(platform, anImage(), maker, plan);
    await soon(async () => expect((await rolloutOf(platform, id)).rollout.state.kind).toBe('halted'));
    const [first, second] = await devicesOf(platform, id);
    expect(first).toMatchObject({ deviceId: 'air-1', progress: { kind: 'timed_out', began: true } });
    expect(second).toMatchObject({ deviceId: 'air-2', progress: { kind: 'applied' } });
  });

  it('is refused by the device when nobody it trusts signed it, and nothing is loaded', async () => {
    const platform = await open(1);
    await powered(platform, 1, { publicKeys: [aMaker().publicKey] });
    const { id } = await rollOut(platform, anImage(), aMaker());
    await soon(async () =>
      expect((await devicesOf(platform, id))[0]?.progress).toMatchObject({
        kind: 'refused',
        reason: 'SIGNATURE_WRONG',
      }),
    );
    expect(platform.metrics.value('hd_firmware_bytes_sent_total')).toBe(0);
  });

  it('reaches a device that was asleep', async () => {
    const platform = await open(1);
    const maker = aMaker();
    const { id } = await rollOut(platform, anImage(20_000), maker, { ...QUICK, stages: [100] });
    await soon(async () => expect((await devicesOf(platform, id))[0]?.progress.kind).toBe('offered'));
    await powered(platform, 1, { publicKeys: [maker.publicKey] });
    await soon(async () => expect((await rolloutOf(platform, id)).rollout.state.kind).toBe('done'));
  });

  it('loads what is missing, and no byte twice, when the connection breaks', async () => {
    const platform = await open(1);
    const maker = aMaker();
    const bytes = anImage(400_000);
    const road = await brokenRoad(platform.httpPort, { breaks: 2, afterBytes: 100_000 });
    opened.push(road.close);
    await powered(platform, 1, { publicKeys: [maker.publicKey], httpUrl: road.url });
    const { id } = await rollOut(platform, bytes, maker, { ...QUICK, stages: [100] });
    await soon(async () => expect((await rolloutOf(platform, id)).rollout.state.kind).toBe('done'));
    expect(road.trips.map(({ status, bytes: came }) => [status, came])).toEqual([
      [200, 100_000],
      [206, 100_000],
      [206, 200_000],
    ]);
    expect(road.trips.map(({ range }) => range)).toEqual([undefined, 'bytes=100000-', 'bytes=200000-']);
  });
});

describe('a download', () => {
  const get = (platform: Platform, sha256: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`http://127.0.0.1:${platform.httpPort}/firmware/v1/images/${sha256}`, { method, headers });
  const as = (device: string) => ({ authorization: `Bearer ${tokenOf(device)}` });
  async function offered(stations = 2) {
    const platform = await open(stations);
    const bytes = anImage(1_000);
    const maker = aMaker();
    // The first stage is one device: the other is offered nothing.
    const { id, image } = await rollOut(platform, bytes, maker, { ...QUICK, stages: [1, 100] });
    await soon(async () => expect((await rolloutOf(platform, id)).counts.offered).toBe(1));
    const devices = await devicesOf(platform, id);
    const chosen = devices.find(({ progress }) => progress.kind === 'offered')?.deviceId ?? '';
    const other = devices.find(({ progress }) => progress.kind === 'waiting')?.deviceId ?? '';
    return { platform, bytes, image, id, chosen, other };
  }

  it('is for the device it is offered to: nobody else learns that the image is there', async () => {
    const { platform, bytes, image, chosen, other, id } = await offered();
    const answer = await get(platform, image.sha256, as(chosen));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe(`"${image.sha256}"`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    expect((await get(platform, image.sha256, as(other))).status).toBe(404);
    expect((await get(platform, 'ab'.repeat(32), as(chosen))).status).toBe(404);
    expect((await get(platform, '..%2Fregistry.sqlite', as(chosen))).status).toBe(404);
    expect((await get(platform, image.sha256)).status).toBe(401);
    expect((await get(platform, image.sha256, { authorization: 'Bearer wrong' })).status).toBe(401);
    await platform.registry.as(SYSTEM).firmware.images.withdraw(image.id);
    expect((await get(platform, image.sha256, as(chosen))).status).toBe(404);
    await soon(async () =>
      expect((await rolloutOf(platform, id)).rollout.state).toMatchObject({ reason: 'image_withdrawn' }),
    );
  });

  it('gives parts, never of another image, and says when there is no such part', async () => {
    const { platform, bytes, image, chosen } = await offered();
    const part = await get(platform, image.sha256, {
      ...as(chosen),
      range: 'bytes=900-',
      'if-range': `"${image.sha256}"`,
    });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 900-999/1000']);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(900))).toBe(true);
    const changed = await get(platform, image.sha256, { ...as(chosen), range: 'bytes=900-', 'if-range': '"another"' });
    expect(changed.status).toBe(200);
    const beyond = await get(platform, image.sha256, { ...as(chosen), range: 'bytes=1000-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */1000']);
    const head = await get(platform, image.sha256, as(chosen), 'HEAD');
    expect([head.status, head.headers.get('content-length'), head.headers.get('accept-ranges')]).toEqual([
      200,
      '1000',
      'bytes',
    ]);
  });

  it('waits its turn when too many load at once, and a device may not hold more than two', async () => {
    const platform = await openIngest(newFolder(), { firmware: { downloadsAtOnce: 3 } }, smallCity(3));
    opened.push(() => platform.stopAll());
    // Larger than what connections buffer: the answer stands open while nobody reads it.
    const { image, id } = await rollOut(platform, anImage(30_000_000), aMaker(), { ...QUICK, stages: [100] });
    await soon(async () => expect((await rolloutOf(platform, id)).counts.offered).toBe(3));
    const held = [await get(platform, image.sha256, as('air-1')), await get(platform, image.sha256, as('air-1'))];
    const third = await get(platform, image.sha256, as('air-1'));
    expect([third.status, Number(third.headers.get('retry-after'))]).toEqual([429, 10]);
    held.push(await get(platform, image.sha256, as('air-2')));
    const full = await get(platform, image.sha256, as('air-3'));
    expect([full.status, Number(full.headers.get('retry-after'))]).toEqual([503, 10]);
    expect(platform.firmwareDownloads).toBe(3);
    await Promise.all(held.map((answer) => answer.body?.cancel()));
    await soon(async () => {
      const answer = await get(platform, image.sha256, { ...as('air-3'), range: 'bytes=0-9' });
      expect(answer.status).toBe(206);
      await answer.arrayBuffer();
    });
  });
});
