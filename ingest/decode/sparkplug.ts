import type { DeviceDirectoryEntry } from '../../domain/asset.ts';
import { isUnit } from '../../domain/unit.ts';
import { channelOf, type DecodeFormat, type DecodeServices } from './frame.ts';
import { type Decoded, emptyDecoded, type Presence, problem, refused } from './measurement.ts';
import { ProtobufError } from './protobuf.ts';
import {
  numberOf,
  readSparkplugPayload,
  rebirthCommand,
  type SparkplugMetric,
  type SparkplugPayload,
} from './sparkplug-payload.ts';
import { parseSparkplugTopic } from './sparkplug-topic.ts';

/** What a birth said of a metric. */
interface Definition {
  readonly name: string;
  readonly datatype: number | null;
  readonly unit: string | null;
  /** Of which device of the edge node; `null` for its own. */
  readonly device: string | null;
}

/** An edge node from its birth to its death. */
interface Session {
  /** `null` when its birth hasn't been seen since the platform started, or it has died. */
  birth: { readonly bdSeq: number | null; readonly devices: Set<string> } | null;
  seq: number;
  /** By alias, and by name with its device. */
  readonly definitions: Map<string, Definition>;
  rebirthAskedAt: number;
}

/** Edge nodes remembered; beyond it the one first seen is forgotten, and asked for its birth when it speaks again. */
const MOST_EDGE_NODES = 10_000;
/** A node isn't asked for its birth more often: births are the largest messages it has. */
const REBIRTH_EVERY_MS = 10_000;
const SEQUENCE_NUMBERS = 256;
/** Metrics every birth has for control, which are no readings [Sparkplug 3.0 §6.4]. */
const CONTROL = /^(bdSeq$|(Node|Device) Control\/)/;

/** True when `received` is not the number after `previous` (0 … 255, wrapping). */
export const isGap = (previous: number, received: number): boolean => received !== (previous + 1) % SEQUENCE_NUMBERS;

/**
 * Sparkplug B 3.0. An edge node's own metrics are readings of the device registered as `group/edge` or `edge`, else of the sender; a device's
 * are those of the one registered as `group/edge/device` or `device`. A gap in `seq`, an unknown alias, and data before the birth ask for a rebirth.
 */
export const openSparkplug = (services: DecodeServices): DecodeFormat => {
  const sessions = new Map<string, Session>();

  const sessionOf = (key: string): Session => {
    const known = sessions.get(key);
    if (known) return known;
    const session: Session = {
      birth: null,
      seq: 0,
      definitions: new Map(),
      rebirthAskedAt: Number.NEGATIVE_INFINITY,
    };
    const [first] = sessions.keys();
    if (sessions.size >= MOST_EDGE_NODES && first !== undefined) sessions.delete(first);
    sessions.set(key, session);
    return session;
  };

  return function decodeSparkplug(frame) {
    const parsed = parseSparkplugTopic(frame.topic);
    if (!parsed.ok) return refused('WRONG_TOPIC', parsed.error);
    const topic = parsed.value;
    // Of other host applications, and their commands: not telemetry.
    if (topic.type === 'STATE' || topic.type === 'NCMD' || topic.type === 'DCMD') return emptyDecoded();
    let payload: SparkplugPayload;
    try {
      payload = readSparkplugPayload(frame.bytes);
    } catch (error) {
      if (!(error instanceof ProtobufError)) throw error;
      return refused('MALFORMED', error.message);
    }
    if (payload.metrics.length > services.limits.maximumItems)
      return refused('TOO_MANY_ITEMS', `${payload.metrics.length} metrics`);

    const fault = faultOf(topic.type, payload);
    if (fault !== null) return refused('MALFORMED', fault);

    const node = sessionOf(`${frame.device.deviceId}\n${topic.group}/${topic.edge}`);
    const named = (...names: readonly string[]): DeviceDirectoryEntry | undefined => {
      for (const name of names) {
        const found = services.carriedBy(frame.device, name);
        if (found) return found;
      }
      return undefined;
    };
    const path = `${topic.group}/${topic.edge}`;
    const device =
      topic.device === null
        ? (named(path, topic.edge) ?? frame.device)
        : named(`${path}/${topic.device}`, topic.device);
    const replies = (): Pick<Decoded, 'replies'> => {
      if (frame.replayed || frame.arrivalTime - node.rebirthAskedAt < REBIRTH_EVERY_MS) return {};
      node.rebirthAskedAt = frame.arrivalTime;
      return {
        replies: [{ topic: `spBv1.0/${topic.group}/NCMD/${topic.edge}`, payload: rebirthCommand(frame.arrivalTime) }],
      };
    };
    const carrying = (decoded: Decoded, more: Partial<Decoded> = {}): Decoded =>
      device === undefined
        ? {
            ...emptyDecoded(),
            problems: [problem(0, null, 'UNKNOWN_DEVICE', `${path}/${topic.device}`)],
            ...more,
          }
        : device.deviceId === frame.device.deviceId
          ? { ...decoded, ...more }
          : { ...emptyDecoded(), carried: [{ device, decoded }], ...more };
    const presence = (online: boolean, devices: readonly (DeviceDirectoryEntry | undefined)[]): Presence[] =>
      frame.replayed
        ? []
        : devices.flatMap((one) => (one && one.deviceId !== frame.device.deviceId ? [{ device: one, online }] : []));

    if (topic.type === 'NDEATH') {
      const died = bdSeqOf(payload);
      // The will of a connection that has already been followed by another [tck-id-operational-behavior-host-application-death].
      if (!node.birth || frame.replayed || (node.birth.bdSeq !== null && died !== node.birth.bdSeq))
        return emptyDecoded();
      const gone = [device, ...[...node.birth.devices].map((name) => named(`${path}/${name}`, name))];
      node.birth = null;
      node.definitions.clear();
      return { ...emptyDecoded(), presence: presence(false, gone) };
    }

    let gap = false;
    if (!frame.replayed && topic.type === 'NBIRTH') {
      node.birth = { bdSeq: bdSeqOf(payload), devices: new Set() };
      node.definitions.clear();
      node.seq = payload.seq ?? 0;
    } else if (!frame.replayed && payload.seq !== null) {
      gap = node.birth !== null && isGap(node.seq, payload.seq);
      node.seq = payload.seq;
    }
    if (topic.type === 'DDEATH') {
      node.birth?.devices.delete(topic.device);
      return { ...emptyDecoded(), ...(gap ? replies() : {}), presence: presence(false, [device]) };
    }
    const isBirth = topic.type === 'NBIRTH' || topic.type === 'DBIRTH';
    if (!node.birth && !(isBirth && frame.replayed))
      return { ...refused('BIRTH_MISSING', 'the edge node has not sent its birth'), ...replies() };
    if (isBirth) {
      if (!frame.replayed) learn(node, topic.device, payload, services.limits.maximumItems);
      if (topic.device !== null) node.birth?.devices.add(topic.device);
      const read = readings(payload, node, topic.device, device ?? frame.device, 'birth');
      return carrying(read.decoded, { ...(gap ? replies() : {}), presence: presence(true, [device]) });
    }
    const read = readings(payload, node, topic.device, device ?? frame.device, 'data');
    return carrying(read.decoded, gap || read.unknownAlias ? replies() : {});
  };
};

/** What every payload of its type must have [Sparkplug 3.0 §6.4], or `null`. */
function faultOf(type: string, payload: SparkplugPayload): string | null {
  if (type === 'NDEATH') return bdSeqOf(payload) === null ? 'a death of a node has no bdSeq' : null;
  if (payload.seq === null || payload.seq >= SEQUENCE_NUMBERS) return 'there is no seq of 0 to 255';
  return type.endsWith('DATA') && payload.metrics.length === 0 ? 'there are no metrics' : null;
}

function bdSeqOf({ metrics }: SparkplugPayload): number | null {
  const metric = metrics.find(({ name }) => name === 'bdSeq');
  return metric ? numberOf(metric.value, metric.datatype) : null;
}

const byName = (device: string | null, name: string): string => `name\n${device ?? ''}\n${name}`;
const byAlias = (alias: bigint): string => `alias\n${alias}`;

/** Keeps what a birth says of its metrics. */
function learn(node: Session, device: string | null, { metrics }: SparkplugPayload, maximum: number): void {
  for (const { name, alias, datatype, unit } of metrics) {
    if (name === null || node.definitions.size >= 2 * maximum) continue;
    const definition: Definition = { name, datatype, unit, device };
    node.definitions.set(byName(device, name), definition);
    if (alias !== null) node.definitions.set(byAlias(alias), definition);
  }
}

function definitionOf(node: Session, device: string | null, metric: SparkplugMetric): Definition | null {
  if (metric.name === null) {
    const known = metric.alias === null ? undefined : node.definitions.get(byAlias(metric.alias));
    return known?.device === device ? known : null;
  }
  const { name, datatype, unit } = metric;
  const born = node.definitions.get(byName(device, name));
  return { name, device, datatype: datatype ?? born?.datatype ?? null, unit: unit ?? born?.unit ?? null };
}

function readings(
  { metrics, timestamp }: SparkplugPayload,
  node: Session,
  device: string | null,
  entry: DeviceDirectoryEntry,
  kind: 'birth' | 'data',
): { readonly decoded: Decoded; readonly unknownAlias: boolean } {
  const decoded = emptyDecoded();
  let unknownAlias = false;
  metrics.forEach((metric, index) => {
    const definition = definitionOf(node, device, metric);
    if (!definition) {
      unknownAlias = true;
      decoded.problems.push(problem(index, null, 'BIRTH_MISSING', `alias ${metric.alias ?? 'absent'} is unknown`));
      return;
    }
    const { name } = definition;
    if (CONTROL.test(name)) return;
    const channel = channelOf(entry, name, name.slice(name.lastIndexOf('/') + 1));
    const isKnown = entry.knownChannels.has(channel);
    if (metric.value.kind === 'null') {
      if (isKnown || kind === 'data') decoded.noValues++;
      return;
    }
    const value = numberOf(metric.value, definition.datatype);
    // A birth names all a node has, wanted or not.
    if (!isKnown && (kind === 'birth' || value === null)) decoded.unknownKeys.push(name);
    else if (value === null) decoded.problems.push(problem(index, channel, 'VALUE_NOT_NUMERIC', metric.value.kind));
    else if (!Number.isFinite(value)) decoded.problems.push(problem(index, channel, 'VALUE_NOT_FINITE', String(value)));
    else
      decoded.measurements.push({
        index,
        channel,
        value,
        ...(definition.unit !== null && isUnit(definition.unit) ? { unit: definition.unit } : {}),
        deviceTime: metric.timestamp ?? timestamp,
        status: 'ok',
      });
  });
  return { decoded, unknownAlias };
}
