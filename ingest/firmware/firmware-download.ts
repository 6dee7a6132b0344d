import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { type Request, type Response, type Router } from 'express';
import { IMAGE_SHA256_PATTERN, type ImageSha256 } from '../../domain/firmware/firmware-image.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import type { FirmwareFiles, FirmwareLog } from '../../domain/ports/firmware.ts';
import { type HttpDoor, retryAfter } from '../gateway/http-door.ts';
import type { IngestMetrics } from '../metrics.ts';
import { byteRangeIn } from './byte-range.ts';

export interface FirmwareDownloadOptions {
  readonly door: HttpDoor;
  readonly log: Pick<FirmwareLog, 'imageFor'>;
  readonly files: Pick<FirmwareFiles, 'read'>;
  readonly metrics: IngestMetrics;
  /** Downloads at once; more are told to come again (503). */
  readonly downloadsAtOnce: number;
}
export interface FirmwareDownload {
  readonly router: Router;
  /** Downloads running. */
  readonly running: number;
}

/** A device that lost its connection may ask again before we notice: two at once, more are refused (429). */
const DOWNLOADS_PER_DEVICE = 2;
const RETRY_WHEN_BUSY_MS = 10_000;
/** A receiver that takes nothing for so long is gone. */
const IDLE_MS = 60_000;

/** Path of an image, below the platform's address. */
export const imagePath = (sha256: ImageSha256): string => `/firmware/v1/images/${sha256}`;

/**
 * `GET` and `HEAD /firmware/v1/images/{sha256}` with the device's token as bearer: an image that is offered to this very device, or any part of it by
 * `Range`. Everything else is 404. The ETag is the checksum, so that `If-Range` never joins parts of two images.
 */
export function createFirmwareDownload(options: FirmwareDownloadOptions): FirmwareDownload {
  const { door, log, files, metrics, downloadsAtOnce } = options;
  const running = new Map<DeviceId, number>();
  let all = 0;

  const refuse = (response: Response, status: number, code: string, waitMs?: number): void => {
    metrics.add('hd_firmware_downloads_refused_total');
    if (waitMs !== undefined) response.set('Retry-After', retryAfter(waitMs));
    response
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify({ type: 'about:blank', status, code }));
  };

  async function send(request: Request, response: Response, sha256: ImageSha256, sizeBytes: number): Promise<void> {
    const tag = `"${sha256}"`;
    response.set({
      ETag: tag,
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'private, no-transform',
      'Content-Type': 'application/octet-stream',
    });
    const ifRange = request.get('if-range');
    const asked = ifRange === undefined || ifRange === tag ? request.get('range') : undefined;
    const range = byteRangeIn(asked, sizeBytes);
    if (range === 'unsatisfiable') {
      response.set('Content-Range', `bytes */${sizeBytes}`);
      refuse(response, 416, 'RANGE_NOT_SATISFIABLE');
      return;
    }
    const part = range === 'whole' ? { start: 0, end: sizeBytes - 1 } : range;
    response.status(range === 'whole' ? 200 : 206);
    if (range !== 'whole') response.set('Content-Range', `bytes ${part.start}-${part.end}/${sizeBytes}`);
    response.set('Content-Length', String(part.end - part.start + 1));
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const bytes = await files.read(sha256, part.start, part.end);
    if (bytes === null) {
      response.removeHeader('Content-Length');
      refuse(response, 404, 'NOT_FOUND');
      return;
    }
    metrics.add('hd_firmware_downloads_total');
    response.setTimeout(IDLE_MS, () => response.destroy());
    const counted = Readable.from(bytes).on('data', (chunk: Uint8Array) =>
      metrics.add('hd_firmware_bytes_sent_total', chunk.length),
    );
    // A connection that breaks is the device's to mend: it asks for the rest.
    await pipeline(counted, response).catch(() => metrics.add('hd_firmware_downloads_broken_total'));
  }

  const router = express.Router();
  // `get` answers HEAD, too.
  router.get('/firmware/v1/images/:sha256', async (request, response) => {
    const token = /^Bearer\s+(.+)$/i.exec(request.get('authorization') ?? '')?.[1];
    const device = token === undefined ? null : await door.deviceOf(token);
    if (!device) {
      response.set('WWW-Authenticate', 'Bearer');
      refuse(response, 401, 'UNAUTHENTICATED');
      return;
    }
    const waitMs = door.toWait(device);
    if (waitMs !== null) {
      refuse(response, 429, 'RATE_LIMITED', waitMs);
      return;
    }
    const sha256 = request.params.sha256;
    const image = IMAGE_SHA256_PATTERN.test(sha256) ? await log.imageFor(device, sha256 as ImageSha256) : null;
    if (!image) {
      refuse(response, 404, 'NOT_FOUND');
      return;
    }
    const own = running.get(device) ?? 0;
    if (own >= DOWNLOADS_PER_DEVICE) {
      refuse(response, 429, 'TOO_MANY_DOWNLOADS', RETRY_WHEN_BUSY_MS);
      return;
    }
    if (all >= downloadsAtOnce) {
      refuse(response, 503, 'DOWNLOADS_BUSY', RETRY_WHEN_BUSY_MS);
      return;
    }
    all += 1;
    running.set(device, own + 1);
    try {
      await send(request, response, image.sha256, image.sizeBytes);
    } finally {
      all -= 1;
      const left = (running.get(device) ?? 1) - 1;
      if (left > 0) running.set(device, left);
      else running.delete(device);
    }
  });
  return {
    router,
    get running() {
      return all;
    },
  };
}
