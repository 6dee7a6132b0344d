import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { FirmwareImageId, FirmwareKeyId, ImageSha256 } from '../../domain/firmware/firmware-image.ts';
import { DEFAULT_ROLLOUT_PLAN, type RolloutId, type RolloutPlan } from '../../domain/firmware/rollout.ts';
import type { AgencyId, DeviceId, UserId } from '../../domain/identifiers.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { type EpochMs, epochMs, hours, minutes } from '../../domain/time.ts';
import { city } from './registry.contract.ts';

const ENV = 'env' as AgencyId;
const SEED: Actor = { kind: 'system', name: 'test' };
const person = (agency: AgencyId): Actor => ({
  kind: 'person',
  userId: 'installer' as UserId,
  access: { readAgencies: [agency], writeAgencies: [agency], grants: [] },
  roles: [{ agencyId: agency, role: 'installer' }],
});
const SHA = 'ab'.repeat(32) as ImageSha256;
const ADDRESS = (sha256: ImageSha256) => `/firmware/v1/images/${sha256}`;
const PLAN: RolloutPlan = {
  ...DEFAULT_ROLLOUT_PLAN,
  stages: [30, 100],
  soak: minutes(0),
  failureMinimum: 1,
  failureShare: 0.5,
};

/** What every registry promises of firmware. */
export function describeFirmware(name: string, newPlace: () => () => Promise<Registry>): void {
  describe(`${name} keeps firmware and its rollouts`, () => {
    let open: () => Promise<Registry>;
    let registry: Registry;
    const devices: readonly DeviceId[] = ['fw-1', 'fw-2', 'fw-3', 'fw-4'] as DeviceId[];
    const modelId = city().devices.find(({ agencyId }) => agencyId === ENV)!.modelId;
    beforeEach(async () => {
      open = newPlace();
      registry = await open();
      await registry.seed(SEED, {
        ...city(),
        devices: devices.map((id) => ({
          id,
          agencyId: ENV,
          modelId,
          serialNumber: null,
          state: 'installed' as const,
          tokenSha256: id,
          serves: [],
        })),
      });
    });
    afterEach(() => registry.close());

    const view = (agency = ENV) => registry.as(person(agency)).firmware;
    const now = (): EpochMs => epochMs(Date.now());
    const says = (device: DeviceId, attributes: Record<string, string | number>) =>
      registry.deviceLog.recordAttributes(device, attributes, now());
    const aKey = () =>
      view().keys.create({
        id: randomUUID() as FirmwareKeyId,
        agencyId: ENV,
        name: 'Maker',
        modelIds: [],
        publicKey: randomUUID(),
      });
    async function anImage(version = '1.5.0', sha256: ImageSha256 = SHA) {
      const key = await aKey();
      return view().images.create({
        id: randomUUID() as FirmwareImageId,
        agencyId: ENV,
        modelId,
        version,
        sizeBytes: 1_000,
        sha256,
        signature: 'sig',
        keyId: key.id,
        notes: '',
      });
    }
    async function aRollout(plan = PLAN) {
      const image = await anImage();
      const { rollout } = await view().rollouts.create(randomUUID() as RolloutId, image.id, plan);
      return { id: rollout.id, image };
    }
    const advance = (id: RolloutId, at = now()) => registry.firmware.advance(id, at, { limit: 100, address: ADDRESS });
    /** Until nothing more is to be done now. */
    async function settle(id: RolloutId, at = now()): Promise<DeviceId[]> {
      const offered: DeviceId[] = [];
      for (;;) {
        const step = await advance(id, at);
        offered.push(...step.offered);
        if (!step.hasMore) return offered;
      }
    }
    const apply = async (device: DeviceId) => {
      await says(device, { firmware: '1.5.0' });
      await registry.firmware.look(device, now());
    };
    const countsOf = async (id: RolloutId) => (await view().rollouts.get(id)).counts;
    const stateOf = async (id: RolloutId) => (await view().rollouts.get(id)).rollout.state;

    it('keeps keys and images, newest first, and takes the same image twice for once', async () => {
      const first = await anImage('1.5.0');
      const again = await anImage('1.5.0');
      expect(again.id).toBe(first.id);
      await expect(anImage('1.5.0', 'cd'.repeat(32) as ImageSha256)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      const second = await anImage('1.6.0');
      expect((await view().images.list({})).map(({ id }) => id)).toEqual([second.id, first.id]);
      await registry.close();
      registry = await open();
      expect((await view().images.get(first.id)).version).toBe('1.5.0');
      expect((await view().keys.list()).length).toBe(4);
    });

    it('tells beforehand how many devices there are, have it, have a newer one, or are away', async () => {
      const image = await anImage();
      await says(devices[0]!, { firmware: '1.5.0' });
      await says(devices[1]!, { firmware: '2.0' });
      await registry.deviceLog.recordStatus([
        {
          deviceId: devices[2]!,
          agencyId: ENV,
          online: true,
          reason: 'connected',
          eventTime: now(),
          recordedAt: now(),
        },
      ]);
      expect(await view().images.preview(image.id)).toEqual({ devices: 4, hasVersion: 1, hasNewer: 1, offline: 1 });
      const { counts } = await view().rollouts.create('p' as RolloutId, image.id, PLAN);
      expect(counts).toMatchObject({ waiting: 2, skipped: 2 });
    });

    it('offers stage by stage, over a restart, and is done when all report the version', async () => {
      const { id, image } = await aRollout();
      expect(await settle(id)).toEqual([]);
      await view().rollouts.step(id, 'start');
      const first = await settle(id);
      expect(first).toHaveLength(2);
      const [command] = await registry.control.openCommands(first[0]!);
      expect(command).toMatchObject({
        name: 'firmware',
        params: { version: '1.5.0', url: ADDRESS(SHA), size: 1_000, sha256: SHA, signature: 'sig', model: modelId },
      });
      expect(await registry.firmware.imageFor(first[0]!, SHA)).toMatchObject({ id: image.id });
      await registry.close();
      registry = await open();
      expect(await registry.firmware.followed()).toEqual([id]);
      expect([...(await registry.firmware.underway())].sort()).toEqual([...first].sort());
      expect(await settle(id)).toEqual([]);
      for (const device of first) await apply(device);
      const second = await settle(id, epochMs(Date.now() + 1));
      expect([...first, ...second].sort()).toEqual([...devices]);
      for (const device of second) await apply(device);
      await settle(id, epochMs(Date.now() + 1));
      expect(await stateOf(id)).toMatchObject({ kind: 'done' });
      expect(await registry.firmware.imageFor(first[0]!, SHA)).toBeNull();
      expect(await registry.firmware.followed()).toEqual([]);
    });

    it('hears acknowledgement, progress and failure of the command it gave, and of no other', async () => {
      const { id } = await aRollout({ ...PLAN, stages: [100] });
      await view().rollouts.step(id, 'start');
      await settle(id);
      const device = devices[0]!;
      const [command] = await registry.control.openCommands(device);
      await registry.control.commandAnswered(device, command!.number, { ok: true, result: null }, now());
      expect(await registry.firmware.look(device, now())).toEqual([id]);
      await says(device, { firmware_update: 'another', firmware_update_state: 'failed' });
      expect(await registry.firmware.look(device, now())).toEqual([]);
      await says(device, {
        firmware_update: command!.id,
        firmware_update_state: 'downloading',
        firmware_update_bytes: 400,
      });
      await registry.firmware.look(device, now());
      const [loading] = (await view().rollouts.devices(id, { kind: 'downloading' }, { limit: 10 })).items;
      expect(loading).toMatchObject({ deviceId: device, progress: { bytes: 400 } });
      await says(device, { firmware_update_state: 'failed', firmware_update_error: 'FLASH_FAILED' });
      await registry.firmware.look(device, now());
      expect((await view().rollouts.ofDevice(device))[0]?.device.progress).toMatchObject({
        kind: 'failed',
        code: 'FLASH_FAILED',
      });
      const step = await advance(id);
      expect(step.halted?.state).toMatchObject({ kind: 'halted', reason: 'failures' });
      // What was offered and not begun comes back, and its command with it.
      expect(step.recalled).toHaveLength(3);
      expect(await countsOf(id)).toMatchObject({ failed: 1, waiting: 3, offered: 0 });
      expect(await registry.control.openCommands(devices[1]!)).toEqual([]);
    });

    it('gives up those that are not heard of, and says whether they had begun', async () => {
      const { id } = await aRollout({ ...PLAN, stages: [100], failureMinimum: 3 });
      await view().rollouts.step(id, 'start');
      await settle(id);
      const [command] = await registry.control.openCommands(devices[0]!);
      await registry.control.commandAnswered(devices[0]!, command!.number, { ok: true, result: null }, now());
      await registry.firmware.look(devices[0]!, now());
      await advance(id, epochMs(Date.now() + hours(1)));
      expect(await countsOf(id)).toMatchObject({ timed_out: 1, offered: 3 });
      await advance(id, epochMs(Date.now() + hours(49)));
      const { items } = await view().rollouts.devices(id, { kind: 'timed_out' }, { limit: 10 });
      expect(items.map(({ progress }) => progress)).toMatchObject([
        { began: true },
        { began: false },
        { began: false },
        { began: false },
      ]);
      expect((await stateOf(id)).kind).toBe('halted');
    });

    it('pauses, goes on, and when cancelled leaves out those that had not begun', async () => {
      const { id } = await aRollout({ ...PLAN, stages: [50, 100] });
      await view().rollouts.step(id, 'start');
      await settle(id);
      await view().rollouts.step(id, 'pause');
      expect((await advance(id)).recalled).toHaveLength(2);
      expect(await settle(id)).toEqual([]);
      await view().rollouts.step(id, 'resume');
      const [device] = await settle(id);
      const [command] = await registry.control.openCommands(device!);
      await says(device!, {
        firmware_update: command!.id,
        firmware_update_state: 'downloading',
        firmware_update_bytes: 1,
      });
      await registry.firmware.look(device!, now());
      await view().rollouts.step(id, 'cancel');
      await settle(id);
      expect(await countsOf(id)).toMatchObject({ downloading: 1, skipped: 3 });
      // It may finish what it began.
      expect(await registry.firmware.imageFor(device!, SHA)).not.toBeNull();
      await apply(device!);
      expect(await countsOf(id)).toMatchObject({ applied: 1, skipped: 3 });
      await expect(view().rollouts.step(id, 'resume')).rejects.toMatchObject({ code: 'ROLLOUT_STEP_NOT_ALLOWED' });
    });

    it('halts when the image is withdrawn or its key revoked, and gives it to nobody any more', async () => {
      const { id, image } = await aRollout({ ...PLAN, stages: [100] });
      await view().rollouts.step(id, 'start');
      await settle(id);
      await view().keys.revoke(image.keyId);
      expect(await registry.firmware.imageFor(devices[0]!, SHA)).toBeNull();
      expect((await advance(id)).halted?.state).toMatchObject({ reason: 'key_revoked' });
      await expect(view().rollouts.step(id, 'resume')).rejects.toMatchObject({ code: 'FIRMWARE_WITHDRAWN' });
      await view().images.withdraw(image.id);
      expect(await registry.firmware.isKept(SHA)).toBe(false);
      await expect(view().rollouts.create('again' as RolloutId, image.id, PLAN)).rejects.toMatchObject({
        code: 'FIRMWARE_WITHDRAWN',
      });
    });

    it('opens one rollout of a model at a time', async () => {
      const { id, image } = await aRollout();
      await view().rollouts.create('second' as RolloutId, image.id, PLAN);
      await view().rollouts.step(id, 'start');
      await expect(view().rollouts.step('second' as RolloutId, 'start')).rejects.toMatchObject({
        code: 'ROLLOUT_OPEN',
      });
      await view().rollouts.step(id, 'cancel');
      expect((await view().rollouts.step('second' as RolloutId, 'start')).rollout.state.kind).toBe('running');
    });

    it('leaves out at its turn who has the version by then, or is retired', async () => {
      const { id } = await aRollout({ ...PLAN, stages: [100] });
      await says(devices[1]!, { firmware: '1.5.0' });
      const installer = registry.as(person(ENV)).devices;
      await installer.step(devices[2]!, { step: 'retire', reason: 'broken', at: now() });
      await view().rollouts.step(id, 'start');
      expect((await settle(id)).sort()).toEqual([devices[0], devices[3]]);
      expect(await countsOf(id)).toMatchObject({ skipped: 2, offered: 2 });
    });

    it('pages devices, and shows nothing of it to another agency', async () => {
      const { id, image } = await aRollout();
      const first = await view().rollouts.devices(id, {}, { limit: 3 });
      const second = await view().rollouts.devices(id, {}, { limit: 3, after: first.next ?? '' });
      expect([...first.items, ...second.items].map(({ deviceId }) => deviceId)).toEqual(devices);
      const power = view('power' as AgencyId);
      expect(await power.images.list({})).toEqual([]);
      expect(await power.rollouts.list()).toEqual([]);
      for (const asked of [
        () => power.images.get(image.id),
        () => power.images.withdraw(image.id),
        () => power.keys.revoke(image.keyId),
        () => power.rollouts.get(id),
        () => power.rollouts.step(id, 'start'),
        () => power.rollouts.devices(id, {}, { limit: 1 }),
        () => power.rollouts.ofDevice(devices[0]!),
        () => power.images.mayCreate(ENV, modelId),
      ])
        await expect(asked()).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await registry.firmware.imageFor('d-unknown' as DeviceId, SHA)).toBeNull();
    });

    it('leaves an audit row of each step, also of those it takes by itself', async () => {
      const { id, image } = await aRollout({ ...PLAN, stages: [100] });
      await view().rollouts.step(id, 'start');
      await view().images.withdraw(image.id);
      await advance(id);
      const { items } = await registry.as(SEED).audit.list({ targetId: id }, { limit: 20 });
      expect(items.map(({ action }) => action)).toEqual([
        'firmware.rollout_judged',
        'firmware.rollout_start',
        'firmware.rollout_create',
      ]);
      expect(items[0]?.actor).toEqual({ kind: 'system', name: 'firmware' });
    });
  });
}
