import {
  type FirmwareImage,
  type FirmwareImageId,
  type FirmwareKey,
  type FirmwareKeyId,
  maySign,
} from '../../domain/firmware/firmware-image.ts';
import { planProblem, type RolloutId } from '../../domain/firmware/rollout.ts';
import type { DeviceProgress, RolloutDevice } from '../../domain/firmware/rollout-device.ts';
import { type CountedRollout, FirmwareFilesError, type ReceivedImage } from '../../domain/ports/firmware.ts';
import type { FirmwareImageWire, FirmwareKeyWire, RolloutDeviceWire, RolloutWire } from '../contract/firmware.ts';
import { ApiError, inputRefused } from '../errors.ts';
import { publicKeyIn, signerOf } from '../firmware/signature.ts';
import type { Handlers, StreamedUpload } from './handler.ts';
import { given, type HandlerPorts, pageOf } from './handler-ports.ts';

type FirmwareRoutes =
  | 'GET /firmware/keys'
  | 'POST /firmware/keys'
  | 'DELETE /firmware/keys/{keyId}'
  | 'GET /firmware/images'
  | 'POST /firmware/images'
  | 'DELETE /firmware/images/{imageId}'
  | 'GET /firmware/images/{imageId}/preview'
  | 'GET /firmware/rollouts'
  | 'POST /firmware/rollouts'
  | 'GET /firmware/rollouts/{rolloutId}'
  | 'POST /firmware/rollouts/{rolloutId}/steps'
  | 'GET /firmware/rollouts/{rolloutId}/devices'
  | 'GET /devices/{deviceId}/firmware';

const keyWire = (key: FirmwareKey): FirmwareKeyWire => ({ ...key });
const imageWire = (image: FirmwareImage): FirmwareImageWire => ({ ...image });

function rolloutWire({ rollout, counts, stages }: CountedRollout): RolloutWire {
  const { state, plan, ...rest } = rollout;
  return {
    ...rest,
    plan: { ...plan, stages: [...plan.stages] },
    state: state.kind,
    stateAt: state.kind === 'draft' ? null : state.at,
    stage: 'stage' in state ? state.stage : null,
    halt: state.kind === 'halted' ? { reason: state.reason, failed: state.failed, finished: state.finished } : null,
    counts: { ...counts },
    stages: stages.map((each) => ({ ...each })),
  };
}

function reasonOf(progress: DeviceProgress): string | null {
  switch (progress.kind) {
    case 'failed':
      return progress.code;
    case 'refused':
      return progress.reason;
    case 'skipped':
      return progress.why;
    case 'timed_out':
      return progress.began ? 'began' : 'not_reached';
    default:
      return null;
  }
}
const deviceWire = ({ rolloutId, deviceId, stage, versionBefore, progress }: RolloutDevice): RolloutDeviceWire => ({
  rolloutId,
  deviceId,
  stage,
  versionBefore,
  state: progress.kind,
  at: progress.at,
  bytes: progress.kind === 'downloading' ? progress.bytes : null,
  reason: reasonOf(progress),
});

export function firmwareHandlers({
  registry,
  bus,
  newId,
  firmwareFiles: files,
}: HandlerPorts): Handlers<FirmwareRoutes> {
  /** Takes the bytes in; what is refused leaves nothing behind. */
  async function receive({ bytes, lengthBytes, isBrokenOff }: StreamedUpload): Promise<ReceivedImage> {
    const { maximumImageBytes } = files.status();
    if (lengthBytes !== null && lengthBytes > maximumImageBytes)
      throw new ApiError('BODY_TOO_LARGE', { limitBytes: maximumImageBytes });
    try {
      return await files.receive(bytes);
    } catch (error) {
      if (isBrokenOff()) throw new ApiError('FIRMWARE_EMPTY', {}, [], { cause: error });
      if (!(error instanceof FirmwareFilesError)) throw error;
      throw new ApiError(error.code === 'FULL' ? 'FIRMWARE_DISK_FULL' : 'BODY_TOO_LARGE', {
        limitBytes: error.limitBytes,
      });
    }
  }

  return {
    async 'GET /firmware/keys'({ view }) {
      return { items: (await view.firmware.keys.list()).map(keyWire) };
    },
    async 'POST /firmware/keys'({ view, body }) {
      const publicKey = publicKeyIn(body.publicKey);
      if (publicKey === null) throw new ApiError('FIRMWARE_KEY_INVALID');
      return keyWire(await view.firmware.keys.create({ ...body, publicKey, id: newId() as FirmwareKeyId }));
    },
    async 'DELETE /firmware/keys/{keyId}'({ view, params }) {
      const { agencyId } = await view.firmware.keys.revoke(params.keyId);
      bus.publish('firmware.changed', { agencyId });
    },

    async 'GET /firmware/images'({ view, query }) {
      const items = await view.firmware.images.list(given('modelId', query.model));
      return { items: items.map(imageWire), room: files.status() };
    },
    async 'POST /firmware/images'({ view, query, body }) {
      const { agency: agencyId, model: modelId, version, signature, notes } = query;
      // Before any byte is taken: whether the caller may, and whether anybody's signature would count.
      await view.firmware.images.mayCreate(agencyId, modelId);
      const keys = (await view.firmware.keys.list()).filter(
        (key) => key.agencyId === agencyId && maySign(key, modelId),
      );
      if (keys.length === 0) throw new ApiError('FIRMWARE_NO_KEY', { model: modelId });
      const received = await receive(body);
      const { sha256, sizeBytes } = received;
      const signer = signerOf(keys, { modelId, version, sizeBytes, sha256 }, signature);
      if (sizeBytes === 0 || signer === undefined) {
        await received.discard();
        if (sizeBytes === 0) throw new ApiError('FIRMWARE_EMPTY');
        throw new ApiError('FIRMWARE_SIGNATURE_INVALID', { model: modelId, version, sizeBytes, sha256 });
      }
      await received.keep();
      try {
        const id = newId() as FirmwareImageId;
        const image = { id, agencyId, modelId, version, sizeBytes, sha256, signature, keyId: signer.id, notes };
        return imageWire(await view.firmware.images.create(image));
      } catch (error) {
        if (!(await registry.firmware.isKept(sha256))) await files.remove(sha256);
        throw error;
      }
    },
    async 'DELETE /firmware/images/{imageId}'({ view, params }) {
      const { agencyId, sha256 } = await view.firmware.images.withdraw(params.imageId);
      bus.publish('firmware.changed', { agencyId });
      if (!(await registry.firmware.isKept(sha256))) await files.remove(sha256);
    },
    async 'GET /firmware/images/{imageId}/preview'({ view, params }) {
      return view.firmware.images.preview(params.imageId);
    },

    async 'GET /firmware/rollouts'({ view }) {
      return { items: (await view.firmware.rollouts.list()).map(rolloutWire) };
    },
    async 'POST /firmware/rollouts'({ view, body, language }) {
      const problem = planProblem(body.plan);
      if (problem !== null) throw inputRefused('plan', `refusal.rollout_${problem}`, language);
      return rolloutWire(await view.firmware.rollouts.create(newId() as RolloutId, body.imageId, body.plan));
    },
    async 'GET /firmware/rollouts/{rolloutId}'({ view, params }) {
      return rolloutWire(await view.firmware.rollouts.get(params.rolloutId));
    },
    async 'POST /firmware/rollouts/{rolloutId}/steps'({ view, params, body }) {
      const counted = await view.firmware.rollouts.step(params.rolloutId, body.step);
      bus.publish('firmware.changed', { agencyId: counted.rollout.agencyId });
      return rolloutWire(counted);
    },
    async 'GET /firmware/rollouts/{rolloutId}/devices'({ view, params, query }) {
      const filter = given('kind', query.state);
      const { items, next } = await view.firmware.rollouts.devices(params.rolloutId, filter, pageOf(query));
      return { items: items.map(deviceWire), next };
    },
    async 'GET /devices/{deviceId}/firmware'({ view, params }) {
      const attributes = await view.devices.attributes(params.deviceId);
      const parts = await view.firmware.rollouts.ofDevice(params.deviceId);
      const version = attributes['firmware']?.value;
      return {
        version: version === undefined ? null : String(version),
        rollouts: await Promise.all(
          parts.map(async ({ rollout, device }) => ({
            rollout: rolloutWire(await view.firmware.rollouts.get(rollout.id)),
            device: deviceWire(device),
          })),
        ),
      };
    },
  };
}
