import { nextTick } from 'node:process';
import type { Client, PublishPacket } from 'aedes';
import { type Admission, NOT_ADMITTED, type Sender } from './admission.ts';

/** Of aedes's client, what the lane goes by. */
export interface LaneClient extends Pick<Client, 'id' | 'closed'> {
  readonly conn: { readonly destroyed: boolean; write(bytes: Buffer): boolean };
  readonly connackSent: boolean;
  /** Packets that are being worked on: nothing more is read from the connection before all are done. */
  _parsingBatch: number;
  /** One packet is done. With an error the connection ends. */
  _nextBatch(error?: unknown): void;
  readonly _keepaliveInterval: number;
  readonly _keepaliveTimer: { refresh(): void } | null;
  readonly _parser: LaneParser;
  waitForDrain(done: (error?: unknown) => void): void;
}

/** Of mqtt-packet's parser, how far it is with a packet that is still coming in. */
interface LaneParser {
  /** 0: between two packets. */
  readonly _stateCounter: number;
  /** Came before the connection was ready; `null` when there is nothing of that kind any more. */
  readonly _queue: readonly unknown[] | null;
  readonly _list: { readonly length: number };
  readonly packet: { readonly length: number };
}

export interface TelemetryLaneOptions {
  /** As whom the client publishes; `null`: not yet known, or it is here for something else. */
  readonly senderOf: (client: LaneClient) => Sender | null;
  readonly admission: Admission;
  /** What was acknowledged goes on to whoever subscribes to it. */
  readonly handOn: (client: LaneClient, packet: PublishPacket, done: (error?: unknown) => void) => void;
  readonly maxPacketBytes: number;
}

/** PUBLISH that is not retained, at QoS 0 or 1, repeated or not: these bits of the first byte … */
const LANE_BITS = 0xf5;
/** … are these [MQTT-3.3.1]. */
const LANE_PACKET = 0x30;
const PUBACK = 0x40;
const PUBACK_BYTES = 4;
const LONGEST_LENGTH_BYTES = 4;

/** A client's own telemetry, and what waits for its acknowledgement to be sent. */
interface Lane {
  readonly client: LaneClient;
  readonly sender: Sender;
  readonly topic: string;
  readonly topicBytes: Buffer;
  acknowledged: PublishPacket[];
}

/**
 * A short way for what nearly all traffic is: a device's own telemetry, whole in what one read brought. It is cut out of the bytes here, admitted as aedes would have
 * it admitted, and all that one commit made durable is acknowledged with one write a connection. Everything else (other packets, other topics, packets in parts,
 * connections that are being let in) goes the way of aedes and its parser, which this leaves where they would have been.
 * @returns takes what came in, and gives back how many bytes at its front were taken; the rest is for the parser.
 */
export function createTelemetryLanes(options: TelemetryLaneOptions): (client: LaneClient, bytes: Buffer) => number {
  const lanes = new WeakMap<LaneClient, Lane>();
  let answering: Lane[] = [];

  const answerAll = (): void => {
    const all = answering;
    answering = [];
    for (const lane of all) answer(lane);
  };

  const answer = (lane: Lane): void => {
    const { client, acknowledged } = lane;
    lane.acknowledged = [];
    // Nobody waits any more: the device sends it again when it is back.
    if (client.closed || client.conn.destroyed) return;
    const bytes = Buffer.allocUnsafe(acknowledged.length * PUBACK_BYTES);
    acknowledged.forEach(({ messageId }, i) => {
      bytes[i * PUBACK_BYTES] = PUBACK;
      bytes[i * PUBACK_BYTES + 1] = 2;
      bytes.writeUInt16BE(messageId!, i * PUBACK_BYTES + 2);
    });
    const passOn = (error?: unknown): void => {
      for (const packet of acknowledged) {
        if (error) client._nextBatch(error);
        else options.handOn(client, packet, client._nextBatch);
      }
    };
    if (client.conn.write(bytes)) passOn();
    else client.waitForDrain(passOn);
  };

  const admit = (lane: Lane, packet: PublishPacket): void => {
    const { client } = lane;
    client._parsingBatch++;
    if (client._keepaliveInterval > 0) client._keepaliveTimer?.refresh();
    options.admission.publish(lane.sender, packet).then(
      (admitted) => {
        if (admitted === NOT_ADMITTED) return;
        if (packet.qos === 0) {
          options.handOn(client, packet, client._nextBatch);
          return;
        }
        if (lane.acknowledged.push(packet) > 1) return;
        // Once all that became durable together has said so.
        if (answering.push(lane) === 1) nextTick(answerAll);
      },
      (error: unknown) => client._nextBatch(error),
    );
  };

  const laneOf = (client: LaneClient): Lane | null => {
    const known = lanes.get(client);
    if (known !== undefined) return known;
    const topic = `hd/v1/${client.id}/telemetry`;
    if (!client.connackSent || client._parser._queue?.length) return null;
    const sender = options.senderOf(client);
    if (!sender?.rights.of(topic).allowed) return null;
    const lane: Lane = { client, sender, topic, topicBytes: Buffer.from(topic), acknowledged: [] };
    lanes.set(client, lane);
    return lane;
  };

  return (client, bytes) => {
    const { _parser: parser } = client;
    if (parser._stateCounter !== 0 || parser._list.length > 0 || client.closed) return 0;
    const lane = laneOf(client);
    if (lane === null) return 0;
    const { topic, topicBytes } = lane;
    let taken = 0;
    while (taken + 1 < bytes.length) {
      const first = bytes[taken]!;
      if ((first & LANE_BITS) !== LANE_PACKET) break;
      let length = 0;
      let at = taken + 1;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++];
        if (byte === undefined || shift === LONGEST_LENGTH_BYTES * 7) return taken;
        length |= (byte & 0x7f) << shift;
        if (byte < 0x80) break;
      }
      const end = at + length;
      const qos = ((first >> 1) & 1) as 0 | 1;
      const topicAt = at + 2;
      const topicEnd = topicAt + topicBytes.length;
      const payloadAt = topicEnd + 2 * qos;
      if (length > options.maxPacketBytes || end > bytes.length || payloadAt > end) break;
      if (bytes.readUInt16BE(at) !== topicBytes.length || topicBytes.compare(bytes, topicAt, topicEnd) !== 0) break;
      const messageId = qos === 0 ? undefined : bytes.readUInt16BE(topicEnd);
      // Not a message id [MQTT-2.3.1-1]: for the parser to refuse.
      if (messageId === 0) break;
      const payload = bytes.subarray(payloadAt, end);
      const dup = (first & 0x08) !== 0;
      admit(lane, { cmd: 'publish', topic, payload, qos, dup, retain: false, messageId } as PublishPacket);
      taken = end;
      // It was one too many: what comes after it is nobody's any more.
      if (client.closed) return bytes.length;
    }
    return taken;
  };
}

/** How many bytes the parser still wants of a packet that came in part; 0 when that can't be said, or there is none. */
export const missingBytes = ({ packet, _list }: LaneParser): number =>
  packet.length < 0 ? 0 : Math.max(0, packet.length - _list.length);
