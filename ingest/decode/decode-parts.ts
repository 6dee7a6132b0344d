import { existsSync, readFileSync } from 'node:fs';
import type { DeviceDirectoryEntry } from '../../domain/asset.ts';
import type { AgencyId, DeviceId, DeviceModelId, SeriesId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import type { RunCodec } from './codec/codec-call.ts';
import { openDecoder } from './formats.ts';
import type { Frame } from './frame.ts';
import type { Decoded } from './measurement.ts';

/** For tests of the formats. */
export const ARRIVAL = Date.parse('2026-03-01T02:00:05Z');

/** A device of agency `hp` whose model has these channels. */
export function aDevice(
  id: string,
  channels: readonly string[],
  more: Partial<DeviceDirectoryEntry> = {},
): DeviceDirectoryEntry {
  return {
    deviceId: id as DeviceId,
    agencyId: 'hp' as AgencyId,
    modelId: 'm' as DeviceModelId,
    state: 'commissioned',
    serialNumber: null,
    format: 'native-json',
    codec: null,
    rateLimit: null,
    channels: new Map(
      channels.map((key, i) => [
        key,
        { series: (i + 1) as SeriesId, quantity: key as QuantityKey, plausibleRange: null, unit: null },
      ]),
    ),
    knownChannels: new Set(channels),
    credentials: [],
    certificates: [],
    ...more,
  };
}

const noCodec: RunCodec = async () => ({ kind: 'failed', code: 'CODEC_FAILED', detail: 'no codec in this test' });

/** The decoder of a city with these devices; what is sent comes from `sender`. */
export function decoderFor(
  sender: DeviceDirectoryEntry,
  others: readonly DeviceDirectoryEntry[] = [],
  { runCodec = noCodec, maximumItems = 1_000 }: { readonly runCodec?: RunCodec; readonly maximumItems?: number } = {},
) {
  const { decode } = openDecoder({
    limits: { maximumItems },
    runCodec,
    carriedBy: (_sender, name) =>
      [sender, ...others].find(({ deviceId, serialNumber }) => deviceId === name || serialNumber === name),
  });
  return (bytes: Uint8Array | string, frame: Partial<Frame> = {}): Decoded | Promise<Decoded> =>
    decode({
      device: sender,
      bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
      topic: `hd/v1/${sender.deviceId}/telemetry`,
      arrivalTime: ARRIVAL,
      ...frame,
    });
}

const FOLDER = new URL('../../../shared/reference/vectors/', import.meta.url);
/** Reference vectors lie beside the project and may be absent. */
export const haveVectors = existsSync(FOLDER);
export const vectorsOf = <T>(name: string): T =>
  (haveVectors ? JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) : null) as T;

/** [channel, value, seconds before arrival or null, unit] of each measurement. */
export const seen = (decoded: Decoded) =>
  decoded.measurements.map(({ channel, value, deviceTime, unit }) => [
    channel,
    value,
    deviceTime === null ? null : deviceTime,
    unit ?? null,
  ]);
