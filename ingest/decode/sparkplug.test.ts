import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARRIVAL, aDevice, decoderFor, haveVectors, seen, vectorsOf } from './decode-parts.ts';
import type { Decoded } from './measurement.ts';
import { fieldsOf, messageWith, ProtobufError, type Writable } from './protobuf.ts';
import { isGap } from './sparkplug.ts';
import { numberOf, readSparkplugPayload, rebirthCommand } from './sparkplug-payload.ts';
import { parseSparkplugTopic } from './sparkplug-topic.ts';

interface Vectors {
  readonly topics: readonly {
    readonly topic: string;
    readonly expected?: Record<string, unknown>;
    readonly error?: string;
  }[];
  readonly sequence: readonly { readonly previous: number; readonly next: number }[];
  readonly gap: readonly { readonly previous: number; readonly received: number; readonly gap: boolean }[];
  readonly has_seq: Readonly<Record<string, boolean>>;
}
const vectors = vectorsOf<Vectors | null>('sparkplug') ?? { topics: [], sequence: [], gap: [], has_seq: {} };

/** Payloads as Eclipse Tahu's own encoder (npm `sparkplug-payload` 1.0.3) wrote them. T = 2026-03-01T02:00:00Z. */
const T = 1_772_330_400_000;
const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
const TAHU = {
  /** seq 0, bdSeq 3; Supply/Voltage (alias 1, Float, engUnit V) 24.5; Properties/Firmware "1.2". */
  nbirth: hex(
    '0880f2feb8ca3312120a0562645365711880f2feb8ca332008580312210a144e6f646520436f6e74726f6c2f526562697274681880f2feb8ca33200b700012320a0e537570706c792f566f6c7461676510011880f2feb8ca3320094a100a07656e67556e69741205080c420156650000c44112230a1350726f706572746965732f4669726d776172651880f2feb8ca33200c7a03312e321800',
  ),
  /** seq 1; Inputs/… Flow (10, Double) 12.25, Level (11, Int16) −5, Count (12, UInt64), Running (13, Boolean) true, Balance (14, Int64) −7, Offset (15, Int8) −1. */
  dbirth: hex(
    '0880f2feb8ca3312210a0b496e707574732f466c6f77100a1880f2feb8ca33200a690000000000802840121f0a0c496e707574732f4c6576656c100b1880f2feb8ca33200250fbffffff0f12220a0c496e707574732f436f756e74100c1880f2feb8ca33200858ffffffffffffff0f121d0a0e496e707574732f52756e6e696e67100d1880f2feb8ca33200b700112260a0e496e707574732f42616c616e6365100e1880f2feb8ca33200458f9ffffffffffffffff0112200a0d496e707574732f4f6666736574100f1880f2feb8ca33200150ffffffff0f1801',
  ),
  /** seq 2, T + 1 s; by alias: Flow 13.5 at T + 0.9 s, Level −32768, Balance −(2^53 − 1), Running false. */
  ddata: hex(
    '08e8f9feb8ca331214100a1884f9feb8ca33200a690000000000002b40120a100b2002508080feff0f120f100e20045881808080808080f0ff011206100d200b70001802',
  ),
  /** bdSeq 3. */
  ndeath: hex('08d081ffb8ca33120b0a05626453657120085803'),
  rebirth: hex('0880f2feb8ca3312210a144e6f646520436f6e74726f6c2f526562697274681880f2feb8ca33200b7001'),
};
/** A data message with this sequence number and one Double under an alias or a name. */
const dataWith = (seq: number, metric: readonly Writable[]): Uint8Array =>
  messageWith([
    [1, BigInt(T)],
    [2, messageWith([...metric, [11, 5n]])],
    [3, BigInt(seq)],
  ]);

const edge = aDevice('edge-1', ['Supply/Voltage'], { format: 'sparkplug-b' });
const meter = aDevice(
  'meter-7',
  ['Inputs/Flow', 'Level', 'Inputs/Count', 'Inputs/Running', 'Inputs/Balance', 'Inputs/Offset'],
  {
    serialNumber: 'hp-water/edge01/meter-7',
  },
);
const open = (devices = [meter]) => {
  const decode = decoderFor(edge, devices);
  let now = ARRIVAL;
  return {
    send: (type: string, bytes: Uint8Array, more: { device?: string; replayed?: boolean } = {}): Decoded => {
      now += 1_000;
      const device = more.device ?? (type.startsWith('D') ? 'meter-7' : undefined);
      const topic = `spBv1.0/hp-water/${type}/edge01${device === undefined ? '' : `/${device}`}`;
      return decode(bytes, { topic, arrivalTime: now, ...(more.replayed ? { replayed: true } : {}) }) as Decoded;
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
};
const born = () => {
  const node = open();
  node.send('NBIRTH', TAHU.nbirth);
  node.send('DBIRTH', TAHU.dbirth);
  return node;
};
const cargo = (decoded: Decoded) =>
  decoded.carried?.map(({ device, decoded: its }) => [device.deviceId, seen(its)]) ?? [];

describe.skipIf(!haveVectors)('Sparkplug by the reference vectors (skipped where ../shared is absent)', () => {
  it.each(vectors.topics.map((vector) => [vector.topic, vector] as const))('parses %s', (topic, { expected }) => {
    const parsed = parseSparkplugTopic(topic);
    expect(parsed).toEqual(expected ? { ok: true, value: expected } : { ok: false, error: expect.any(String) });
  });
  it.each(vectors.sequence)('counts $next after $previous', ({ previous, next }) =>
    expect(isGap(previous, next)).toBe(false),
  );
  it.each(vectors.gap)('sees from $previous to $received a gap: $gap', ({ previous, received, gap }) =>
    expect(isGap(previous, received)).toBe(gap),
  );
  it.each(Object.entries(vectors.has_seq).filter(([type]) => !type.endsWith('CMD')))(
    'asks of %s a seq: %s',
    (type, has) => {
      const node = born();
      const withoutSeq = node.send(
        type,
        messageWith([
          [1, BigInt(T)],
          [
            2,
            messageWith([
              [1, 'bdSeq'],
              [4, 8n],
              [11, 3n],
            ]),
          ],
        ]),
      );
      expect(withoutSeq.problems.some(({ code }) => code === 'MALFORMED')).toBe(has);
    },
  );
});

describe('Sparkplug B', () => {
  it('reads births: the node’s metrics are the sender’s, a device’s go to that device, and control metrics are no readings', () => {
    const node = open();
    const nbirth = node.send('NBIRTH', TAHU.nbirth);
    expect(seen(nbirth)).toEqual([['Supply/Voltage', 24.5, T, 'V']]);
    expect(nbirth.unknownKeys).toEqual(['Properties/Firmware']);
    const dbirth = node.send('DBIRTH', TAHU.dbirth);
    expect(cargo(dbirth)).toEqual([
      [
        'meter-7',
        [
          ['Inputs/Flow', 12.25, T, null],
          ['Level', -5, T, null],
          ['Inputs/Count', Number.MAX_SAFE_INTEGER, T, null],
          ['Inputs/Running', 1, T, null],
          ['Inputs/Balance', -7, T, null],
          ['Inputs/Offset', -1, T, null],
        ],
      ],
    ]);
    expect([nbirth.problems, dbirth.problems, nbirth.replies, dbirth.replies]).toEqual([[], [], undefined, undefined]);
    expect(dbirth.presence).toEqual([{ device: meter, online: true }]);
  });

  it('knows metrics by the alias of their birth, at the metric’s own time or the payload’s', () => {
    expect(cargo(born().send('DDATA', TAHU.ddata))).toEqual([
      [
        'meter-7',
        [
          ['Inputs/Flow', 13.5, T + 900, null],
          ['Level', -32_768, T + 1000, null],
          ['Inputs/Balance', -Number.MAX_SAFE_INTEGER, T + 1000, null],
          ['Inputs/Running', 0, T + 1000, null],
        ],
      ],
    ]);
  });

  it('asks for a rebirth when data comes before the birth, at most every ten seconds, and keeps the data in quarantine', () => {
    const node = open();
    const early = node.send('DDATA', TAHU.ddata);
    expect(early.problems).toMatchObject([{ code: 'BIRTH_MISSING' }]);
    expect(early.replies).toEqual([{ topic: 'spBv1.0/hp-water/NCMD/edge01', payload: rebirthCommand(ARRIVAL + 1000) }]);
    expect(node.send('DDATA', TAHU.ddata).replies).toBeUndefined();
    node.pass(10_000);
    expect(node.send('DDATA', TAHU.ddata).replies).toHaveLength(1);
  });

  it('asks with the very bytes Tahu’s encoder would write', () =>
    expect(Buffer.from(rebirthCommand(T))).toEqual(Buffer.from(TAHU.rebirth)));

  it('asks for a rebirth after a gap, and uses what came after it', () => {
    const node = born();
    const late = node.send('DDATA', dataWith(5, [[2, 10n]]));
    expect(late.replies).toHaveLength(1);
    expect(cargo(late)).toEqual([['meter-7', [['Inputs/Flow', 5, T, null]]]]);
    expect(node.send('DDATA', dataWith(6, [[2, 10n]])).replies).toBeUndefined();
  });

  it('goes from 255 to 0 without a gap', () => {
    const node = born();
    let replies = 0;
    for (let seq = 2; seq < 600; seq++)
      replies += node.send('DDATA', dataWith(seq % 256, [[2, 10n]])).replies?.length ?? 0;
    expect(replies).toBe(0);
  });

  it('quarantines a metric of unknown alias, keeps the others, and asks for a rebirth', () => {
    const node = born();
    const decoded = node.send(
      'DDATA',
      messageWith([
        [1, BigInt(T)],
        [
          2,
          messageWith([
            [2, 99n],
            [11, 1n],
          ]),
        ],
        [
          2,
          messageWith([
            [2, 10n],
            [11, 2n],
          ]),
        ],
        [3, 2n],
      ]),
    );
    expect(cargo(decoded)).toEqual([['meter-7', [['Inputs/Flow', 2, T, null]]]]);
    expect(decoded.carried?.[0]?.decoded.problems).toMatchObject([{ index: 0, code: 'BIRTH_MISSING' }]);
    expect(decoded.replies).toHaveLength(1);
  });

  it('forgets a node’s aliases at its death, and tells that its devices are away', () => {
    const node = born();
    expect(node.send('NDEATH', TAHU.ndeath).presence).toEqual([{ device: meter, online: false }]);
    expect(node.send('DDATA', TAHU.ddata).problems).toMatchObject([{ code: 'BIRTH_MISSING' }]);
  });

  it('takes no notice of the will of a connection that another has followed', () => {
    const node = born();
    const older = messageWith([
      [1, BigInt(T)],
      [
        2,
        messageWith([
          [1, 'bdSeq'],
          [4, 8n],
          [11, 2n],
        ]),
      ],
    ]);
    expect(node.send('NDEATH', older).presence).toBeUndefined();
    expect(cargo(node.send('DDATA', TAHU.ddata))).toHaveLength(1);
  });

  it('tells that a device is away when its death comes', () =>
    expect(
      born().send(
        'DDEATH',
        messageWith([
          [1, BigInt(T)],
          [3, 2n],
        ]),
      ).presence,
    ).toEqual([{ device: meter, online: false }]));

  it('keeps what an unregistered device sends in quarantine, by its path', () => {
    const node = open([]);
    node.send('NBIRTH', TAHU.nbirth);
    expect(node.send('DBIRTH', TAHU.dbirth).problems).toMatchObject([
      { code: 'UNKNOWN_DEVICE', detail: 'hp-water/edge01/meter-7' },
    ]);
  });

  it('counts null as no value, and refuses text for a channel', () => {
    const decoded = born().send(
      'DDATA',
      messageWith([
        [1, BigInt(T)],
        [
          2,
          messageWith([
            [2, 10n],
            [7, true],
          ]),
        ],
        [
          2,
          messageWith([
            [2, 11n],
            [15, 'high'],
          ]),
        ],
        [3, 2n],
      ]),
    ).carried?.[0]?.decoded;
    expect(decoded).toMatchObject({ noValues: 1, problems: [{ quantity: 'Level', code: 'VALUE_NOT_NUMERIC' }] });
  });

  it('does not let a replayed message touch the live session', () => {
    const node = born();
    expect(node.send('DDATA', dataWith(200, [[2, 10n]]), { replayed: true }).replies).toBeUndefined();
    expect(node.send('NDEATH', TAHU.ndeath, { replayed: true }).presence).toBeUndefined();
    const next = node.send('DDATA', TAHU.ddata);
    expect([cargo(next).length, next.replies]).toEqual([1, undefined]);
  });

  it.each(['NCMD', 'DCMD'])('passes over %s, which is for nodes', (type) =>
    expect(open().send(type, TAHU.rebirth)).toMatchObject({ measurements: [], problems: [] }),
  );
});

describe('protobuf', () => {
  it.each([
    { it: 'a number that never ends', bytes: Array(11).fill(0xff) },
    { it: 'a number cut off', bytes: [0x08, 0x80] },
    { it: 'a field longer than the message', bytes: [0x12, 0x7f, 0x00] },
    { it: 'a group, which protobuf gave up', bytes: [0x0b] },
    { it: 'field 0', bytes: [0x00, 0x00] },
  ])('refuses $it', ({ bytes }) => expect(() => [...fieldsOf(Uint8Array.from(bytes))]).toThrow(ProtobufError));

  it('reads what it wrote, whatever the fields', () => {
    const value = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.string().map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 1_000 }), value)), (fields) => {
        const back = [...fieldsOf(messageWith(fields))].map((field) => [field.number, field.value]);
        expect(back).toEqual(fields);
      }),
    );
  });

  it('gives an integer back its sign, at every width', () => {
    fc.assert(
      fc.property(
        fc.constantFrom([1, 8], [2, 16], [3, 32], [4, 53]),
        fc.double({ min: -1, max: 1, noNaN: true }),
        ([datatype = 4, bits = 53], share) => {
          const value = Math.trunc(share * (2 ** (bits - 1) - 1));
          const carried = BigInt.asUintN(bits > 32 ? 64 : 32, BigInt(value));
          expect(numberOf({ kind: 'integer', value: carried }, datatype)).toBe(value + 0);
        },
      ),
    );
  });

  it('is all or nothing: a payload is read or refused with a protobuf error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          readSparkplugPayload(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError);
        }
      }),
    );
  });
});
