import { generate, type Packet } from 'mqtt-packet';
import { createRandomWalk } from '../../firmware-sim/random.ts';

/** Draws for the fuzzer: the same seed gives the same input, byte for byte. */
export interface Dice {
  /** 0 … n − 1. */
  below(n: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  bytes(length: number): Buffer;
}
export function createDice(seed: number): Dice {
  const walk = createRandomWalk(seed);
  const below = (n: number): number => Math.floor(walk.unit() * n);
  return {
    below,
    chance: (probability) => walk.unit() < probability,
    pick: <T>(list: readonly T[]): T => list[below(list.length)] as T,
    bytes(length) {
      const bytes = Buffer.allocUnsafe(length);
      for (let i = 0; i < length; i++) bytes[i] = below(256);
      return bytes;
    },
  };
}

export interface Identity {
  readonly id: string;
  readonly token: string;
  readonly channel: string;
}

const ODD_TEXTS = [
  '',
  '\u0000',
  '#',
  '+',
  '/',
  '//',
  '$SYS/x',
  'hd/v1',
  '__proto__',
  'constructor',
  'é'.repeat(30),
  'a'.repeat(300),
];
const ODD_NUMBERS = ['0', '-0', '1e999', '-1e999', '1e-400', '9007199254740993', '1.7976931348623157e308', '-1', '0.1'];

/** Bytes that should be a telemetry payload: a good one at `ts`, then bent out of shape in one of many ways. */
export function bentPayload(dice: Dice, channel: string, ts: number): Buffer {
  const good = `{"ts":${ts},"values":{"${channel}":${dice.below(100)}},"seq":${dice.below(1000)}}`;
  const value = dice.pick([...ODD_NUMBERS, 'null', 'true', '"12"', '[]', '{}', '{"a":{"b":1}}']);
  const time = dice.pick([
    ...ODD_NUMBERS,
    'null',
    'true',
    '"yesterday"',
    '"2026-02-30T25:61:00Z"',
    '{}',
    String(ts / 1000),
    `${ts}000`,
  ]);
  const key = JSON.stringify(dice.pick(ODD_TEXTS));
  switch (dice.below(16)) {
    case 0:
      return Buffer.from(good);
    case 1:
      return Buffer.from(good.slice(0, dice.below(good.length)));
    case 2: {
      const flipped = Buffer.from(good);
      for (let n = 1 + dice.below(4); n > 0; n--) flipped[dice.below(flipped.length)] = dice.below(256);
      return flipped;
    }
    case 3:
      return dice.bytes(dice.below(200));
    case 4:
      return Buffer.from(`{"ts":${time},"values":{"${channel}":1}}`);
    case 5:
      return Buffer.from(`{"ts":${ts},"values":{"${channel}":${value}}}`);
    case 6:
      return Buffer.from(`{"ts":${ts},"values":{${key}:1,"${channel}":${value}}}`);
    case 7:
      return Buffer.from(`{"ts":${ts},"values":{"${channel}":1},${key}:${value},"seq":${value},"status":${value}}`);
    case 8:
      return Buffer.from(`[${good},${value},{"values":{"${channel}":${value}}},${good.slice(1)}`);
    case 9:
      return Buffer.from('['.repeat(1 + dice.below(3000)));
    case 10:
      return Buffer.from(`${'{"values":'.repeat(1 + dice.below(500))}1${'}'.repeat(dice.below(500))}`);
    case 11:
      return Buffer.from(`{"values":{${Array.from({ length: dice.below(400) }, (_, i) => `"k${i}":${i}`).join(',')}}}`);
    case 12:
      return Buffer.from(`\uFEFF${good}`);
    case 13:
      return Buffer.from(value);
    case 14:
      return Buffer.concat([Buffer.from(good), dice.bytes(3)]);
    default:
      return Buffer.from(`{"${channel}":${value}}`);
  }
}

export const connectPacket = ({ id, token }: Identity, more: Record<string, unknown> = {}): Buffer =>
  generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: id,
    keepalive: 60,
    username: id,
    password: Buffer.from(token),
    ...more,
  } as Packet);

/** A valid packet of any kind a client (or, wrongly, a server) may send. */
function anyPacket(dice: Dice, who: Identity, others: readonly string[], ts: number): Buffer {
  const messageId = 1 + dice.below(65_535);
  const device = dice.chance(0.8) ? who.id : dice.pick(others);
  const kind = dice.pick([
    'telemetry',
    'telemetry',
    'telemetry',
    'attributes',
    'status',
    'cmd/7/ack',
    'cmd/7',
    'config/ack',
    'x',
    '',
  ]);
  const topic = dice.chance(0.9) ? `hd/v1/${device}/${kind}` : dice.pick(ODD_TEXTS.filter((text) => text !== ''));
  const qos = dice.below(3) as 0 | 1 | 2;
  try {
    switch (dice.below(12)) {
      case 0:
        return generate({
          cmd: 'subscribe',
          messageId,
          subscriptions: [{ topic: dice.pick([...ODD_TEXTS, `hd/v1/${device}/#`]), qos }],
        });
      case 1:
        return generate({
          cmd: 'unsubscribe',
          messageId,
          unsubscriptions: [dice.pick([...ODD_TEXTS, `hd/v1/${device}/#`])],
        });
      case 2:
        return generate({ cmd: dice.pick(['puback', 'pubrec', 'pubrel', 'pubcomp'] as const), messageId });
      case 3:
        return generate({ cmd: dice.pick(['pingreq', 'pingresp', 'disconnect'] as const) });
      case 4:
        return connectPacket(who, { will: { topic, payload: dice.bytes(20), qos, retain: dice.chance(0.5) } });
      case 5:
        return generate({ cmd: 'connack', returnCode: 0, sessionPresent: false } as Packet);
      default:
        return generate({
          cmd: 'publish',
          topic,
          payload: bentPayload(dice, who.channel, ts),
          qos,
          dup: qos > 0 && dice.chance(0.2),
          retain: dice.chance(0.2),
          ...(qos > 0 ? { messageId } : {}),
        } as Packet);
    }
  } catch {
    // mqtt-packet will not write some of these; others are written all the same by somebody else's library.
    return dice.bytes(12);
  }
}

/** One packet as it comes out of a broken device: valid, damaged, cut short, with a wrong length, or no packet at all. */
export function malformedPacket(dice: Dice, who: Identity, others: readonly string[], ts: number): Buffer {
  const packet = Buffer.from(anyPacket(dice, who, others, ts));
  switch (dice.below(10)) {
    case 0:
      packet[dice.below(packet.length)] = dice.below(256);
      return packet;
    case 1:
      return packet.subarray(0, dice.below(packet.length));
    case 2:
      // The remaining length says too little or too much.
      if (packet.length > 1) packet[1] = dice.below(128);
      return packet;
    case 3:
      // Reserved flags, other types.
      packet[0] = dice.below(256);
      return packet;
    case 4:
      return dice.bytes(1 + dice.below(40));
    case 5:
      // A length of up to 256 MB is announced.
      return Buffer.concat([packet.subarray(0, 1), Buffer.from([0xff, 0xff, 0xff, dice.below(256)]), dice.bytes(8)]);
    default:
      return packet;
  }
}

/** What a connection begins with: mostly a good CONNECT, else a bad one, one of version 5 or 3.1, or none. */
export function opening(dice: Dice, who: Identity): Buffer {
  switch (dice.below(12)) {
    case 0:
      return Buffer.alloc(0);
    case 1:
      return connectPacket(who, { protocolVersion: 5, properties: { sessionExpiryInterval: 5 } });
    case 2:
      return connectPacket({ ...who, token: 'wrong' });
    case 3: {
      const bent = Buffer.from(connectPacket(who));
      bent[dice.below(bent.length)] = dice.below(256);
      return bent;
    }
    case 4:
      return connectPacket(who, {
        clean: false,
        will: { topic: `hd/v1/${who.id}/status`, payload: dice.bytes(9), qos: 1, retain: true },
      });
    case 5:
      return connectPacket({ ...who, id: dice.pick(['', 'a'.repeat(70_000 % 60_000), '\u0000', '__proto__']) });
    default:
      return connectPacket(who);
  }
}
