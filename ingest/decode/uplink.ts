import type { DeviceDirectoryEntry } from '../../domain/asset.ts';
import type { DecodeServices, Frame } from './frame.ts';
import { type Carried, type Decoded, emptyDecoded, problem, type RawMeasurement, refused } from './measurement.ts';

/** A LoRaWAN uplink as its network server tells it, whichever server it was. */
export interface Uplink {
  /** Lower-case hex. */
  readonly devEui: string;
  readonly fPort: number;
  readonly fCnt: number;
  readonly payload: Uint8Array;
  /** What the network server's own codec made of it. */
  readonly decoded: Readonly<Record<string, unknown>> | null;
  /** Epoch ms at which the network received it. */
  readonly time: number | null;
  /** Of the gateway that heard it best; `null` when none says. */
  readonly bestRssiDbm: number | null;
  readonly bestSnrDb: number | null;
  readonly gatewayCount: number;
  readonly spreadingFactor: number | null;
  readonly bandwidthHz: number | null;
  readonly frequencyHz: number | null;
}

/** What the radio tells of the device itself; each becomes a reading where the device's model has a channel of that name. */
const LINK_CHANNELS = {
  rssi_dbm: (uplink: Uplink) => uplink.bestRssiDbm,
  snr_db: (uplink: Uplink) => uplink.bestSnrDb,
  gateway_count: (uplink: Uplink) => uplink.gatewayCount,
  spreading_factor: (uplink: Uplink) => uplink.spreadingFactor,
  frame_counter: (uplink: Uplink) => uplink.fCnt,
} as const;

/** Formats a radio payload can have. A model that names a network server's own format means what that server decoded. */
const INSIDE: ReadonlySet<string> = new Set(['native-json', 'native-cbor', 'senml-json', 'senml-cbor']);

/**
 * Decodes the payload inside an uplink by the device's own model: in its format, by its codec, or, for a model without one, as the network
 * server decoded it. The readings get the network's time.
 */
export async function decodeUplink(
  { decodeAs, carriedBy }: DecodeServices,
  frame: Frame,
  uplink: Uplink,
): Promise<Decoded> {
  const device = carriedBy(frame.device, uplink.devEui);
  if (!device) return refused('UNKNOWN_DEVICE', `DevEUI ${uplink.devEui}`);
  const inner = await decodeAs(INSIDE.has(device.format) ? device.format : 'codec', {
    ...frame,
    device,
    bytes: uplink.payload,
    uplink,
  });
  const linked = linkMeasurements(device, uplink);
  const carried: Carried = {
    device,
    decoded: {
      ...inner,
      measurements: [...inner.measurements, ...linked].map((m) =>
        m.deviceTime === null ? { ...m, deviceTime: uplink.time } : m,
      ),
      sequences: [uplink.fCnt],
    },
  };
  return { ...emptyDecoded(), carried: [carried] };
}

function linkMeasurements(device: DeviceDirectoryEntry, uplink: Uplink): RawMeasurement[] {
  return Object.entries(LINK_CHANNELS).flatMap(([channel, read]) => {
    const value = device.knownChannels.has(channel) ? read(uplink) : null;
    return value === null ? [] : [{ index: 0, channel, value, deviceTime: null, status: 'ok' as const }];
  });
}

const DEEPEST = 8;

/**
 * Takes the numbers and truth values out of a decoded object, nested ones by their path (`soil.temperature`, `depths.0`). Text is no reading:
 * where the model has such a channel it is a problem, elsewhere (`"status": "ok"`) a key that means nothing to us.
 */
export function measurementsOf(
  data: Readonly<Record<string, unknown>>,
  device: DeviceDirectoryEntry,
  maximumItems: number,
): Decoded {
  const decoded = emptyDecoded();
  let items = 0;
  const visit = (value: unknown, path: string, depth: number): void => {
    if (++items > maximumItems) return;
    if (typeof value === 'number' || typeof value === 'boolean') {
      const number = Number(value);
      if (Number.isFinite(number))
        decoded.measurements.push({ index: 0, channel: path, value: number, deviceTime: null, status: 'ok' });
      else decoded.problems.push(problem(0, path, 'VALUE_NOT_FINITE', String(value)));
    } else if (value === null || value === undefined) decoded.noValues++;
    else if (typeof value === 'object' && depth < DEEPEST)
      for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`, depth + 1);
    else if (device.knownChannels.has(path)) decoded.problems.push(problem(0, path, 'VALUE_NOT_NUMERIC', typeof value));
    else decoded.unknownKeys.push(path);
  };
  for (const [key, value] of Object.entries(data)) visit(value, key, 1);
  if (items > maximumItems)
    decoded.problems.push(problem(0, null, 'TOO_MANY_ITEMS', `more than ${maximumItems} values`));
  return decoded;
}
