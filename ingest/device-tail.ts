import type { DeviceId } from '../domain/identifiers.ts';
import type { DeviceTail, SeenMessage } from '../domain/ports/device-tail.ts';
import { after, type Clock, type DurationMs, type EpochMs, minutes } from '../domain/time.ts';
import type { Decoded } from './decode/measurement.ts';
import type { Incoming } from './pipeline.ts';

/** Every bound of what is kept for those who watch. */
export interface TailLimits {
  /** Messages of one device; the oldest goes first. */
  readonly messages: number;
  /** Bytes shown of a message; its size is told whole. */
  readonly bytes: number;
  /** Values and problems shown of a message. */
  readonly items: number;
  /** Devices watched at once; the one longest not asked for is forgotten first. */
  readonly devices: number;
  /** Nobody asked for so long: nobody watches any more. */
  readonly watchedFor: DurationMs;
}
export const TAIL_LIMITS: TailLimits = { messages: 20, bytes: 4_096, items: 64, devices: 200, watchedFor: minutes(2) };

interface Watched {
  readonly since: EpochMs;
  until: EpochMs;
  number: number;
  /** Oldest first. */
  readonly messages: SeenMessage[];
}

export function createDeviceTail(clock: Clock, limits: TailLimits = TAIL_LIMITS) {
  // In the order in which they were last asked for.
  const watched = new Map<DeviceId, Watched>();

  const forgetOld = (now: EpochMs): void => {
    for (const [device, { until }] of watched) if (until <= now) watched.delete(device);
    while (watched.size > limits.devices) {
      const [oldest] = watched.keys();
      if (oldest !== undefined) watched.delete(oldest);
    }
  };
  const keep = (device: DeviceId, message: Incoming, decoded: Decoded, arrivalTime: EpochMs): void => {
    const entry = watched.get(device);
    if (!entry) return;
    if (entry.until <= clock()) {
      watched.delete(device);
      return;
    }
    entry.number++;
    entry.messages.push({
      number: entry.number,
      arrivalTime,
      transport: message.transport,
      topic: message.topic,
      bytes: Uint8Array.from(message.bytes.subarray(0, limits.bytes)),
      sizeBytes: message.bytes.length,
      values: decoded.measurements
        .slice(0, limits.items)
        .map(({ channel, value, unit, deviceTime }) => ({ channel, value, unit: unit ?? null, deviceTime })),
      problems: decoded.problems.slice(0, limits.items),
    });
    if (entry.messages.length > limits.messages) entry.messages.shift();
  };

  const tail: DeviceTail = {
    watch(device) {
      const now = clock();
      const entry = watched.get(device);
      const going =
        entry !== undefined && entry.until > now ? entry : { since: now, until: now, number: 0, messages: [] };
      going.until = after(now, limits.watchedFor);
      watched.delete(device);
      watched.set(device, going);
      forgetOld(now);
      return { watchedSince: going.since, messages: [...going.messages].reverse() };
    },
  };
  return {
    ...tail,
    /** Told of every message; costs a look at a number while nobody watches. */
    note(message: Incoming, decoded: Decoded, arrivalTime: EpochMs): void {
      if (watched.size === 0) return;
      keep(message.deviceId, message, decoded, arrivalTime);
      for (const { device, decoded: its } of decoded.carried ?? []) {
        if (device.deviceId !== message.deviceId) keep(device.deviceId, message, its, arrivalTime);
      }
    },
    get watchedDevices(): number {
      return watched.size;
    },
  };
}
