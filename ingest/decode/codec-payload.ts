import type { DecodeFormat, DecodeServices } from './frame.ts';
import { refused } from './measurement.ts';
import { measurementsOf } from './uplink.ts';

/**
 * A payload read by the JavaScript codec of the device's model, in the sandbox. Without a codec, a payload that came through a LoRaWAN
 * network server is taken as that server decoded it.
 */
export const openCodecPayload = ({ runCodec, limits }: DecodeServices): DecodeFormat =>
  async function decodeCodecPayload({ device, bytes, uplink, arrivalTime }) {
    if (device.codec === null) {
      if (uplink?.decoded) return measurementsOf(uplink.decoded, device, limits.maximumItems);
      return refused('CODEC_FAILED', 'the device model has no codec, and no network server has decoded the payload');
    }
    const outcome = await runCodec({
      source: device.codec,
      bytes,
      fPort: uplink?.fPort ?? 0,
      receivedTime: uplink?.time ?? arrivalTime,
      device,
    });
    if (outcome.kind === 'failed') return refused(outcome.code, outcome.detail);
    return measurementsOf(outcome.data, device, limits.maximumItems);
  };
