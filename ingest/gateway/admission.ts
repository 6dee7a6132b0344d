import type { AedesPublishPacket, PublishPacket } from 'aedes';
import { z } from 'zod';
import type { RateLimit } from '../../domain/asset.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import type { Clock } from '../../domain/time.ts';
import { problem, type Reply } from '../decode/measurement.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { Incoming, Pipeline } from '../pipeline.ts';
import type { DeviceDirectory } from '../validate/device-directory.ts';
import type { RateLimiter, RateVerdict } from './rate-limit.ts';
import { isAnswer, type PublishRights } from './topics.ts';

export interface AdmissionOptions {
  readonly pipeline: Pipeline;
  readonly directory: DeviceDirectory;
  readonly limiter: RateLimiter;
  readonly defaultRateLimit: RateLimit;
  /** Takes a device's answer to a command or configuration; says why it can't be used. */
  readonly onAnswer: (device: DeviceId, kind: string, bytes: Uint8Array) => Promise<string | null>;
  /** Keeps what a device says of itself. */
  readonly onAttributes: (device: DeviceId, attributes: z.infer<typeof Attributes>) => Promise<void>;
  /** A gateway, `to`, is to be told something about what it sent. */
  readonly onReply: (reply: Reply, to: DeviceId) => void;
  /** A gateway says that a device it carries came or went. */
  readonly onPresence: (device: DeviceId, online: boolean) => void;
  /** False: nobody is subscribed to the device's telemetry. */
  readonly mayHear: (device: string) => boolean;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  /** The device was too fast for too long: its connection is to be closed. */
  readonly onCut: (device: DeviceId, messagesPerSecond: number) => void;
}

/** Who publishes. */
export interface Sender {
  readonly id: string;
  /** What it may publish under. */
  readonly rights: PublishRights;
  /** Asked again after a wait: a message of a closed connection is no longer wanted. */
  isGone(): boolean;
}

/** The connection is gone, or the message was one too many: nobody is to be answered. */
export const NOT_ADMITTED = Symbol('not admitted');

export interface Admission {
  /**
   * Decides on one publish and makes it durable. {@link NOT_ADMITTED}: the connection is gone, nobody waits for an answer. Anything else: acknowledge and hand on
   * (under the packet's topic, which may have been changed here). A bad payload or topic is never an error.
   * @throws {JournalUnavailableError} (or the registry's error) when it can't be kept now: no acknowledgement, the device sends it again.
   */
  publish(sender: Sender, packet: AedesPublishPacket | PublishPacket): Promise<unknown>;
}

/** Names without control characters, which not every registry takes. */
const Attributes = z.record(
  z
    .string()
    .max(64)
    .regex(/^\P{Cc}*$/u),
  z.union([z.string().max(1024), z.number(), z.boolean()]),
);
/** Whether a Sparkplug host application is there [Sparkplug 3.0 §4.1.1]. */
const HOST_STATUS = /^spBv1\.0\/STATE\/[^/]+$/;
/** aedes hands on what it has acknowledged: what is to reach nobody goes out under this topic, which nobody can subscribe to. */
export const NOBODYS_TOPIC = '$nobody';

/** A topic of ours that says nothing we know is a wrong topic, and not the cargo of somebody's network server. */
const OUR_TOPICS = 'hd/';

export function createAdmission(options: AdmissionOptions): Admission {
  const { pipeline, directory, limiter, metrics, clock } = options;

  /** Slows a device down that is beyond its rate; false when the connection is gone or was cut. */
  async function holdBack(sender: Sender, verdict: Exclude<RateVerdict, { readonly kind: 'pass' }>): Promise<boolean> {
    if (verdict.kind === 'slow') {
      metrics.add('hd_messages_slowed_total');
      await new Promise((resolve) => setTimeout(resolve, verdict.delayMs));
      if (!sender.isGone()) return true;
    } else options.onCut(sender.id as DeviceId, verdict.messagesPerSecond);
    metrics.add('hd_messages_dropped_by_rate_total');
    return false;
  }

  async function keepAttributes(incoming: Incoming): Promise<void> {
    let parsed: z.infer<typeof Attributes>;
    try {
      parsed = Attributes.parse(JSON.parse(Buffer.from(incoming.bytes).toString('utf8')));
    } catch (error) {
      metrics.add('hd_attributes_rejected_total');
      await pipeline.refuse(incoming, problem(0, null, 'MALFORMED', (error as Error).message.slice(0, 200)));
      return;
    }
    await options.onAttributes(incoming.deviceId, parsed);
  }

  /** What a gateway or network server publishes under topics of its own kind. */
  async function keepCargo(incoming: Incoming): Promise<void> {
    const { replies = [], presence = [] } = await pipeline.accept(incoming);
    for (const reply of replies) options.onReply(reply, incoming.deviceId);
    for (const { device, online } of presence) options.onPresence(device.deviceId, online);
  }

  async function keepAnswer(incoming: Incoming, kind: string): Promise<void> {
    const wrong = await options.onAnswer(incoming.deviceId, kind, incoming.bytes);
    if (wrong !== null) await pipeline.refuse(incoming, problem(0, null, 'MALFORMED', wrong));
  }

  /** A filter may be wider than the sender's agency; its word isn't. Devices nobody knows are quarantined as such. */
  const maySpeakFor = (sender: Sender, device: string): boolean => {
    const entry = directory.get(sender.id);
    return (
      directory.get(device) === undefined || (entry !== undefined && directory.carriedBy(entry, device) !== undefined)
    );
  };

  /** What the packet is about decides where it goes; resolves when it is kept. */
  function keep(sender: Sender, packet: AedesPublishPacket | PublishPacket): Promise<unknown> {
    const { topic, messageId } = packet;
    const { at, allowed: hasRight } = sender.rights.of(topic);
    const allowed = hasRight && (at === null || at.device === sender.id || maySpeakFor(sender, at.device));
    const incoming: Incoming = {
      deviceId: (allowed && at ? at.device : sender.id) as DeviceId,
      transport: 'mqtt',
      topic,
      bytes: typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
      ...(packet.qos > 0 && messageId !== undefined
        ? { sending: { key: `mqtt:${messageId}`, again: packet.dup } }
        : undefined),
    };
    // Only a status is retained: whatever else a device retains would stay for ever, under as many topics as it likes.
    packet.retain = allowed && (at ? at.kind === 'status' : HOST_STATUS.test(topic) && packet.retain);
    if (allowed && at === null && !topic.startsWith(OUR_TOPICS)) return keepCargo(incoming);
    if (allowed && at?.kind === 'telemetry') {
      if (!options.mayHear(at.device)) packet.topic = NOBODYS_TOPIC;
      return pipeline.accept(incoming);
    }
    if (allowed && at?.kind === 'attributes') return keepAttributes(incoming);
    if (allowed && at?.kind === 'status') return Promise.resolve();
    if (allowed && at && isAnswer(at.kind)) return keepAnswer(incoming, at.kind);
    metrics.add('hd_unauthorised_publishes_total');
    packet.topic = NOBODYS_TOPIC;
    return pipeline.refuse(incoming, problem(0, null, 'WRONG_TOPIC', topic));
  }

  return {
    publish(sender, packet) {
      const entry = directory.get(sender.id);
      const verdict = limiter.message(sender.id, entry?.rateLimit ?? options.defaultRateLimit, clock());
      // By far the most messages wait for nothing but the disk.
      if (verdict.kind === 'pass' && pipeline.hasRoom) return keep(sender, packet);
      return (async () => {
        if (verdict.kind !== 'pass' && !(await holdBack(sender, verdict))) return NOT_ADMITTED;
        // Connections are read no further while too much is on its way to the disk.
        if (!pipeline.hasRoom) await pipeline.room();
        return await keep(sender, packet);
      })();
    },
  };
}
