import type { DeviceDirectoryEntry } from '../../domain/asset.ts';
import type { RunCodec } from './codec/codec-call.ts';
import type { Decoded, DecodeLimits } from './measurement.ts';
import type { Uplink } from './uplink.ts';

/** One message to be decoded, with what is known of its way. */
export interface Frame {
  /** Whose payload it is: the sender, or the device a sender carried it for. */
  readonly device: DeviceDirectoryEntry;
  readonly bytes: Uint8Array;
  /** MQTT topic, or HTTP path with what its query says of the payload (`/write?precision=s`). */
  readonly topic: string;
  /** The format, where whoever brought the message knows it: before what the topic or the model says. */
  readonly format?: string;
  /** Epoch ms. */
  readonly arrivalTime: number;
  /** A message out of quarantine: what a format knows of the live session must not be changed by it. */
  readonly replayed?: boolean;
  /** The radio frame whose payload `bytes` is, where a LoRaWAN network server handed it on. */
  readonly uplink?: Uplink;
}

/** One payload format, opened. Total: never throws and never rejects, whatever the bytes. */
export type DecodeFormat = (frame: Frame) => Decoded | Promise<Decoded>;

/** Opens a format; what it keeps between messages (Sparkplug's aliases) begins empty. */
export type OpenFormat = (services: DecodeServices) => DecodeFormat;

export interface DecodeServices {
  readonly limits: DecodeLimits;
  /**
   * The device a frame names by id or serial number (DevEUI, SenML base name, Sparkplug device id), if the sender may speak for it:
   * one of its own agency that isn't retired. `undefined` also when the name fits several.
   */
  readonly carriedBy: (sender: DeviceDirectoryEntry, name: string) => DeviceDirectoryEntry | undefined;
  readonly runCodec: RunCodec;
  /** Decodes what a frame had inside, in the named format. */
  readonly decodeAs: (format: string, frame: Frame) => Decoded | Promise<Decoded>;
}

/** The first of the names that is a channel of the device's model; the first of all when none is, so that a person sees what came. */
export function channelOf(device: DeviceDirectoryEntry, ...names: readonly string[]): string {
  for (const name of names) if (device.knownChannels.has(name)) return name;
  return names[0] ?? '';
}
