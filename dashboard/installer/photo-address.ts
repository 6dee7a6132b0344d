import type { PhotoId } from '../../domain/commissioning.ts';
import type { DeviceId } from '../../domain/identifiers.ts';

/** Where a picture's bytes are; the session's cookie is the right to them. */
export const photoAddress = (deviceId: DeviceId, photoId: PhotoId): string =>
  `/api/v1/devices/${encodeURIComponent(deviceId)}/photos/${photoId}`;
