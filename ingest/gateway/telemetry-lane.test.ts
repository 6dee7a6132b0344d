import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { parser as createParser, generate, type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { type Admission, NOT_ADMITTED } from './admission.ts';
import { createTelemetryLanes, type LaneClient, missingBytes } from './telemetry-lane.ts';
import { publishRights } from './topics.ts';

const DEVICE = 'tq-1';
const OWN = `hd/v1/${DEVICE}/telemetry`;

/** A client as aedes makes it, for what the lane goes by; `seen`: each publish in the order in which it was taken, by whichever way. */
function aClient(admission: Partial<Admission> = {}, maxPacketBytes = 1_000) {
  const seen: { topic: string; payload: string; qos: number; dup: boolean; messageId: number | undefined }[] = [];
  const written: Buffer[] = [];
  const parser = createParser();
  const note = (packet: Packet): void => {
    if (packet.cmd !== 'publish') return;
    const { topic, payload, qos, dup, messageId } = packet;
    seen.push({ topic, payload: payload.toString(), qos, dup, messageId });
  };
  parser.on('packet', note);
  const client = Object.assign(new EventEmitter(), {
    id: DEVICE,
    closed: false,
    conn: { destroyed: false, write: (bytes: Buffer) => written.push(bytes) > 0 },
    connackSent: true,
    _parsingBatch: 0,
    done: 0,
    failed: null as unknown,
    _nextBatch(error?: unknown) {
      if (error) client.failed = error;
      else client.done++;
    },
    _keepaliveInterval: 0,
    _keepaliveTimer: null,
    _parser: Object.assign(parser, { _queue: null }),
    waitForDrain: (done: () => void) => done(),
  });
  let byLane = 0;
  const handedOn: string[] = [];
  const take = createTelemetryLanes({
    senderOf: () => ({ id: DEVICE, rights: publishRights(DEVICE, [`hd/v1/{id}/#`]), isGone: () => client.closed }),
    admission: {
      async publish(sender, packet) {
        byLane++;
        note(packet as unknown as Packet);
        return await admission.publish?.(sender, packet);
      },
    },
    handOn: (_client, packet, done) => {
      handedOn.push(packet.payload.toString());
      done();
    },
    maxPacketBytes,
  });
  return {
    client,
    seen,
    handedOn,
    acknowledged: (): number[] =>
      written.flatMap((bytes) => Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt16BE(4 * i + 2))),
    writes: () => written.length,
    byLane: () => byLane,
    read(bytes: Buffer, withLane = true) {
      const lane = client as unknown as LaneClient;
      let at = 0;
      const missing = withLane ? missingBytes(lane._parser) : 0;
      if (missing > 0 && missing < bytes.length) {
        parser.parse(bytes.subarray(0, missing));
        at = missing;
      }
      if (withLane) at += take(lane, bytes.subarray(at));
      if (at < bytes.length) parser.parse(bytes.subarray(at));
    },
  };
}

const publish = (payload: string, rest: Partial<Packet & { qos: 0 | 1; messageId: number; topic: string }> = {}) =>
  generate({
    cmd: 'publish',
    topic: OWN,
    payload,
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
    ...rest,
  } as Packet);

const telemetry = fc
  .record({
    payload: fc.string({ maxLength: 300 }),
    qos: fc.constantFrom(0 as const, 1 as const),
    dup: fc.boolean(),
    messageId: fc.integer({ min: 1, max: 65_535 }),
  })
  .map(({ payload, qos, dup, messageId }) => publish(payload, { qos, dup: dup && qos > 0, messageId } as never));
const others = fc.constantFrom(
  generate({ cmd: 'pingreq' }),
  generate({ cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: 'hd/v1/tq-1/cmd/+', qos: 1 }] }),
  publish('{}', { topic: 'hd/v1/tq-1/attributes' } as never),
  publish('{}', { topic: 'hd/v1/tq-12/telemetry' } as never),
  publish('kept', { retain: true } as never),
  publish('twice', { qos: 2 } as never),
);

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the lane of telemetry', () => {
  it('takes the same messages in the same order as the parser alone, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 4, arbitrary: telemetry }, { weight: 1, arbitrary: others }), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 10 }),
        async (packets, sizes) => {
          const bytes = Buffer.concat(packets);
          const [withLane, without] = [aClient(), aClient()];
          for (let at = 0, i = 0; at < bytes.length; at += sizes[i++ % sizes.length]!) {
            const chunk = bytes.subarray(at, at + sizes[i % sizes.length]!);
            withLane.read(chunk);
            without.read(chunk, false);
          }
          expect(withLane.seen).toEqual(without.seen);
          await settled();
          expect(withLane.client.done).toBe(withLane.byLane());
        },
      ),
      { numRuns: 300 },
    );
  });

  it('acknowledges with one write what became durable together, in order, and only what asks for it', async () => {
    const one = aClient();
    one.read(
      Buffer.concat([
        publish('a', { messageId: 3 }),
        publish('b', { qos: 0 } as never),
        publish('c', { messageId: 65_535, dup: true } as never),
      ]),
    );
    expect(one.client._parsingBatch).toBe(3);
    await settled();
    expect(one.acknowledged()).toEqual([3, 65_535]);
    expect(one.writes()).toBe(1);
    expect(one.handedOn.toSorted()).toEqual(['a', 'b', 'c']);
    expect(one.client.done).toBe(3);
  });

  it('acknowledges nothing that could not be kept, and lets the connection end', async () => {
    const failure = new Error('full');
    const one = aClient({ publish: () => Promise.reject(failure) });
    one.read(publish('a'));
    await settled();
    expect(one.acknowledged()).toEqual([]);
    expect(one.client.failed).toBe(failure);
  });

  it('says nothing to a connection that is gone, and reads no more of one that was cut off', async () => {
    const gone = aClient({ publish: async () => NOT_ADMITTED });
    gone.read(publish('a'));
    await settled();
    expect(gone.acknowledged()).toEqual([]);
    expect(gone.handedOn).toEqual([]);
    const cut = aClient({
      publish: async () => {
        cut.client.closed = true;
        return NOT_ADMITTED;
      },
    });
    cut.read(Buffer.concat([publish('a'), publish('b'), publish('c')]));
    expect(cut.seen).toHaveLength(1);
  });

  it('leaves to the parser what is too large, and what is no message id', () => {
    const large = aClient({}, 100);
    large.read(publish('x'.repeat(200)));
    expect(large.byLane()).toBe(0);
    const wrong = aClient();
    const bytes = publish('a');
    bytes.writeUInt16BE(0, 2 + 2 + OWN.length);
    wrong.client._parser.on('error', () => {});
    wrong.read(bytes);
    expect(wrong.byLane()).toBe(0);
  });

  it('waits until the connection is let in', () => {
    const early = aClient();
    early.client.connackSent = false;
    early.read(publish('a'));
    expect(early.byLane()).toBe(0);
    expect(early.seen).toHaveLength(1);
  });
});
