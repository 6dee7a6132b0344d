import { createHash } from 'node:crypto';
import { accessOf } from '../../domain/access.ts';
import {
  type CommissioningRecord,
  type DevicePhoto,
  evaluateCommissioning,
  type PhotoId,
  signedFindings,
} from '../../domain/commissioning.ts';
import type { Language } from '../../domain/localized.ts';
import { after, type EpochMs, minutes } from '../../domain/time.ts';
import { readAccess } from '../auth/caller.ts';
import { createDeviceObserver } from '../commissioning/observe-device.ts';
import type { CommissioningRecordWire, DevicePhotoWire } from '../contract/commissioning.ts';
import { ApiError, inputRefused } from '../errors.ts';
import { jpegSize } from '../photos/jpeg.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

type CommissioningRoutes =
  | 'GET /devices/{deviceId}/commissioning'
  | 'GET /devices/{deviceId}/commissioning-records'
  | 'POST /devices/{deviceId}/commissioning-records'
  | 'GET /devices/{deviceId}/commissioning-records/{recordId}'
  | 'GET /devices/{deviceId}/photos'
  | 'POST /devices/{deviceId}/photos'
  | 'GET /devices/{deviceId}/photos/{photoId}'
  | 'POST /devices/{deviceId}/notes'
  | 'GET /devices/{deviceId}/messages';

/** A phone's clock may run ahead by this much; what it notes is then taken as of now. */
const CLOCK_TOLERANCE = minutes(5);

const recordWire = (record: CommissioningRecord): CommissioningRecordWire => ({
  ...record,
  findings: record.findings.map((finding) => ({ ...finding, params: { ...finding.params } })),
});
const photoWire = (photo: DevicePhoto): DevicePhotoWire => ({ ...photo });

export function commissioningHandlers(ports: HandlerPorts): Handlers<CommissioningRoutes> {
  const { bus, clock, newId, settings, photos, tail, commissioning: terms } = ports;
  const observe = createDeviceObserver(ports);
  const happened = (at: EpochMs | undefined, path: string, language: Language): EpochMs => {
    const now = clock();
    if (at === undefined) return now;
    if (at > after(now, CLOCK_TOLERANCE)) throw inputRefused(path, 'refusal.inFuture', language);
    return Math.min(at, now) as EpochMs;
  };

  return {
    async 'GET /devices/{deviceId}/commissioning'({ view, params, actor }) {
      const { facts, device, pointIds } = await observe(view, params.deviceId, accessOf(actor));
      const findings = evaluateCommissioning(facts, terms).map((one) => ({ ...one, params: { ...one.params } }));
      return { at: facts.now, deviceId: device.id, state: device.state, pointIds, findings };
    },
    async 'GET /devices/{deviceId}/commissioning-records'({ view, params }) {
      return { items: (await view.commissioning.records(params.deviceId)).map(recordWire) };
    },
    async 'POST /devices/{deviceId}/commissioning-records'({ view, params, body, caller }) {
      const { facts, pointIds } = await observe(view, params.deviceId, readAccess(caller));
      const signed = signedFindings(evaluateCommissioning(facts, terms), body.overrides);
      if (!signed.ok) throw new ApiError('COMMISSION_CHECKS_OPEN', { checks: signed.error.join(', ') });
      const { record } = await view.commissioning.sign({
        id: newId(),
        deviceId: params.deviceId,
        findings: signed.value,
        mounted: body.mounted,
        photoIds: [...new Set(body.photoIds)],
        note: body.note,
        signedAt: facts.now,
        pointsLookedAt: pointIds,
      });
      bus.publish('device.changed', { deviceId: params.deviceId });
      return recordWire(record);
    },
    async 'GET /devices/{deviceId}/commissioning-records/{recordId}'({ view, params }) {
      return recordWire(await view.commissioning.record(params.deviceId, params.recordId));
    },

    async 'GET /devices/{deviceId}/photos'({ view, params }) {
      return { items: (await view.commissioning.photos(params.deviceId)).map(photoWire) };
    },
    async 'POST /devices/{deviceId}/photos'({ view, params, query, body, language }) {
      const { photoBytes, photoPixels, photosPerDevice } = settings.limits;
      const { bytes } = body;
      if (bytes.length > photoBytes) throw new ApiError('BODY_TOO_LARGE', { limitBytes: photoBytes });
      const size = jpegSize(bytes);
      if (!size || Math.max(size.widthPixels, size.heightPixels) > photoPixels)
        throw new ApiError('PHOTO_UNREADABLE', { pixels: photoPixels });
      // Before anything is written to the disk: whose device it is, and whether the caller may.
      await view.devices.get(params.deviceId);
      const id = createHash('sha256').update(bytes).digest('hex') as PhotoId;
      const takenAt = happened(query.takenAt, 'takenAt', language);
      if (!(await photos.keep(id, bytes)))
        throw new ApiError('PHOTO_STORE_FULL', {
          capacityMegabytes: Math.floor(photos.status().capacityBytes / 1_048_576),
        });
      return photoWire(
        await view.commissioning.addPhoto(
          { id, deviceId: params.deviceId, sizeBytes: bytes.length, ...size, takenAt },
          photosPerDevice,
        ),
      );
    },
    async 'GET /devices/{deviceId}/photos/{photoId}'({ view, params }) {
      const photo = await view.commissioning.photo(params.deviceId, params.photoId);
      const bytes = await photos.read(photo.id);
      if (!bytes) throw new ApiError('NOT_FOUND', { id: photo.id });
      return { bytes, fileName: `${params.deviceId}-${photo.takenAt}.jpg`, mediaType: 'image/jpeg' };
    },
    async 'POST /devices/{deviceId}/notes'({ view, params, body, language }) {
      await view.commissioning.note(params.deviceId, body.text, happened(body.at, 'at', language));
    },

    async 'GET /devices/{deviceId}/messages'({ view, params }) {
      await view.devices.get(params.deviceId);
      const { found, away } = await tail.watch(params.deviceId);
      return {
        watchedSince: found.watchedSince,
        away,
        items: found.messages.map(({ bytes, from: gateway, ...message }) => ({
          ...message,
          gateway,
          base64: Buffer.from(bytes).toString('base64'),
          values: message.values.map((value) => ({ ...value })),
          problems: message.problems.map((problem) => ({ ...problem })),
        })),
      };
    },
  };
}
