import { queryOptions } from '@tanstack/react-query';
import type { FirmwareImageWire } from '../../api/contract/firmware.ts';
import type { ProgressKind } from '../../domain/firmware/rollout-device.ts';
import { currentLanguage } from '../i18n/i18n.ts';
import { addressOf, call, currentCsrfToken, problemOf } from './http.ts';
import { ApiProblem } from './problem.ts';

/** A rollout moves by itself: looked at again this often while somebody looks on. */
const LIVE_MS = 2_000;
/** Devices of a rollout listed on its page; the counts are of all. */
export const DEVICES_SHOWN = 500;

export const firmwareKeysQuery = queryOptions({
  queryKey: ['firmware', 'keys'],
  queryFn: ({ signal }) => call('GET /firmware/keys', { signal }),
});
export const firmwareImagesQuery = queryOptions({
  queryKey: ['firmware', 'images'],
  queryFn: ({ signal }) => call('GET /firmware/images', { signal }),
});
export const rolloutPreviewQuery = (imageId: string) =>
  queryOptions({
    queryKey: ['firmware', 'preview', imageId],
    queryFn: ({ signal }) => call('GET /firmware/images/{imageId}/preview', { params: { imageId }, signal }),
    staleTime: 0,
  });
export const rolloutsQuery = queryOptions({
  queryKey: ['firmware', 'rollouts'],
  queryFn: ({ signal }) => call('GET /firmware/rollouts', { signal }),
  refetchInterval: 5_000,
});
export const rolloutQuery = (rolloutId: string) =>
  queryOptions({
    queryKey: ['firmware', 'rollout', rolloutId],
    queryFn: ({ signal }) => call('GET /firmware/rollouts/{rolloutId}', { params: { rolloutId }, signal }),
    refetchInterval: LIVE_MS,
  });
export const rolloutDevicesQuery = (rolloutId: string, state: ProgressKind | undefined) =>
  queryOptions({
    queryKey: ['firmware', 'rollout', rolloutId, 'devices', state ?? 'all'],
    queryFn: ({ signal }) =>
      call('GET /firmware/rollouts/{rolloutId}/devices', {
        params: { rolloutId },
        query: { limit: DEVICES_SHOWN, state },
        signal,
      }),
    refetchInterval: LIVE_MS,
  });
export const deviceFirmwareQuery = (deviceId: string) =>
  queryOptions({
    queryKey: ['firmware', 'device', deviceId],
    queryFn: ({ signal }) => call('GET /devices/{deviceId}/firmware', { params: { deviceId }, signal }),
    refetchInterval: 5_000,
  });

/** Sends an image and tells how much of it has gone out, in [0, 1]. `fetch` can't tell. @throws {ApiProblem} */
export function uploadFirmware(
  file: Blob,
  query: Readonly<Record<'agency' | 'model' | 'version' | 'signature' | 'notes', string>>,
  onProgress: (share: number) => void,
): Promise<FirmwareImageWire> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', addressOf('POST /firmware/images', { query }));
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('Accept-Language', currentLanguage());
    const token = currentCsrfToken();
    if (token !== null) request.setRequestHeader('X-CSRF-Token', token);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onerror = () => reject(new ApiProblem(0, 'UNREACHABLE', null));
    request.onload = () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText) as FirmwareImageWire);
      else void problemOf(new Response(request.responseText, { status: request.status })).then(reject);
    };
    request.send(file);
  });
}
