import { encode } from 'cborg';
import fc from 'fast-check';
import { expect } from 'vitest';
import { aDevice, decoderFor } from './decode-parts.ts';
import { FORMATS } from './formats.ts';
import type { Decoded } from './measurement.ts';
import { messageWith } from './protobuf.ts';

/** For tests of malformed input: whatever the bytes, nothing is thrown, and everything is accounted for. */
interface Subject {
  readonly format: string;
  readonly topic: string;
  /** Good messages, to be mutated. */
  readonly seeds: readonly Uint8Array[];
}

const T = 1_772_330_400_000;
const EUI = '0101010101010101';
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const metric = messageWith([
  [1, 'level'],
  [2, 3n],
  [3, BigInt(T)],
  [4, 3n],
  [10, 7n],
]);
const birth = messageWith([
  [1, BigInt(T)],
  [2, metric],
  [
    2,
    messageWith([
      [1, 'bdSeq'],
      [4, 8n],
      [11, 3n],
    ]),
  ],
  [3, 0n],
]);
const uplink = json({
  deviceInfo: { devEui: EUI },
  time: '2026-03-01T02:00:00Z',
  fPort: 1,
  data: 'AQID',
  object: { level: 1 },
  rxInfo: [{ rssi: -97 }],
});

export const SUBJECTS: readonly Subject[] = [
  {
    format: 'native-json',
    topic: 'hd/v1/sender/telemetry',
    seeds: [json([{ ts: T, values: { level: 1, flow: null }, seq: 4, status: 'ok' }]), json({ level: 5 })],
  },
  {
    format: 'native-cbor',
    topic: 'hd/v1/sender/telemetry',
    seeds: [encode([{ ts: T, values: { level: 1.5, flow: null } }]), Buffer.from('a1656c6576656cc48221196ab3', 'hex')],
  },
  {
    format: 'senml-json',
    topic: 'hd/v1/sender/telemetry',
    seeds: [
      json([
        { bn: 'urn:dev:x:', bt: T / 1000, bu: 'm', n: 'level', v: 1 },
        { n: 'flow', t: 5, u: 'm3/s', v: 2, s: 3 },
        { n: 'x', vb: true },
      ]),
    ],
  },
  {
    format: 'senml-cbor',
    topic: 'hd/v1/sender/telemetry',
    seeds: [
      encode([
        new Map<number, unknown>([
          [-2, 'urn:x:'],
          [-3, T / 1000],
          [0, 'level'],
          [2, 1.5],
        ]),
        new Map<number, unknown>([
          [0, 'flow'],
          [6, 5],
          [2, 2],
        ]),
      ]),
    ],
  },
  { format: 'sparkplug-b', topic: 'spBv1.0/g/NBIRTH/e', seeds: [birth] },
  {
    format: 'sparkplug-b',
    topic: 'spBv1.0/g/DDATA/e/meter',
    seeds: [
      messageWith([
        [1, BigInt(T)],
        [
          2,
          messageWith([
            [2, 3n],
            [10, 9n],
          ]),
        ],
        [3, 1n],
      ]),
    ],
  },
  { format: 'sparkplug-b', topic: 'spBv1.0/g/NDEATH/e', seeds: [birth] },
  { format: 'chirpstack-v4', topic: '/ingest/v1/telemetry?event=up', seeds: [uplink] },
  {
    format: 'the-things-stack-v3',
    topic: 'v3/a@t/devices/meter/up',
    seeds: [
      json({
        end_device_ids: { device_id: 'meter', dev_eui: EUI },
        uplink_message: {
          f_port: 1,
          frm_payload: 'AQID',
          decoded_payload: { level: 2 },
          received_at: '2026-03-01T02:00:00Z',
        },
      }),
    ],
  },
  {
    format: 'line-protocol',
    topic: '/write?precision=s',
    seeds: [Buffer.from(`air,device=sender level=1.5,flow=3i,on=t,name="a b" ${T / 1000}\nair\\ x level=2u\n# end\n`)],
  },
  {
    format: 'station-file',
    topic: 'HP_CTY1_KHI001_20260301090000.txt',
    seeds: [
      Buffer.from('level\t1,5\tm\t20260301090000\t00\tflow\t2\tm3/s\t20260301090000\t01\n'),
      Buffer.from('\ufefflevel\t1.5\t\t20260301090000\t00\r\nPM2,5\t7\tµg/Nm3\t20260301090000\t02\r\n'),
    ],
  },
  { format: 'codec', topic: 'hd/v1/sender/telemetry', seeds: [Buffer.of(1, 2, 3, 0, 255)] },
];

/** Every format there is has its subject. */
export const missingFormats = (): readonly string[] =>
  [...FORMATS.keys()].filter((format) => !SUBJECTS.some((subject) => subject.format === format));

/** Random bytes, and good messages with some bytes changed, cut out, doubled or put in. */
export function malformedBytes(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    remove: fc.nat({ max: 8 }),
    insert: fc.uint8Array({ maxLength: 6 }),
  });
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([seed, edits]) =>
      edits.reduce<Uint8Array>((bytes, { at, remove, insert }) => {
        const from = Math.floor(at * (bytes.length + 1));
        return Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + remove)]);
      }, seed),
    );
  return fc.oneof({ weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) }, { weight: 4, arbitrary: mutated });
}

/** Decodes `runs` malformed messages of a subject; fails at the first that is thrown upon or gets lost. */
export async function feed({ format, topic, seeds }: Subject, runs: number, seed?: number): Promise<void> {
  const sender = aDevice('sender', ['level', 'flow', 'on'], { format, codec: format === 'codec' ? 'x' : null });
  const meter = aDevice('meter', ['level'], { serialNumber: EUI, format: 'codec', codec: null });
  const decode = decoderFor(sender, [meter], {
    maximumItems: 50,
    runCodec: async ({ bytes }) =>
      bytes.length % 3 === 0
        ? { kind: 'failed', code: 'CODEC_FAILED', detail: 'three' }
        : { kind: 'decoded', data: { level: bytes.length, text: 'x' }, warnings: [] },
  });
  // A live session, so that data is looked up in it.
  await decode(birth, { topic: 'spBv1.0/g/NBIRTH/e' });
  await fc.assert(
    fc.asyncProperty(malformedBytes(seeds), async (bytes) => {
      const decoded = await decode(bytes, { topic });
      const parts = [decoded, ...(decoded.carried ?? []).map((cargo) => cargo.decoded)];
      expect(parts.some(isAccountedFor) || isWithoutReadings(decoded, topic, bytes)).toBe(true);
      for (const { measurements, problems } of parts) {
        for (const { value, deviceTime, channel } of measurements) {
          expect(Number.isFinite(value) && typeof channel === 'string').toBe(true);
          expect(deviceTime === null || Number.isFinite(deviceTime)).toBe(true);
        }
        for (const { detail } of problems) expect(detail.length).toBeLessThanOrEqual(200);
      }
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
  );
}

const isAccountedFor = ({ measurements, problems, noValues, unknownKeys }: Decoded): boolean =>
  measurements.length + problems.length + noValues + unknownKeys.length > 0;

/** Messages that are whole and say nothing of readings: deaths and births, and what network servers tell beside uplinks. */
function isWithoutReadings(decoded: Decoded, topic: string, bytes: Uint8Array): boolean {
  if (topic.startsWith('spBv1.0/'))
    return topic.includes('DEATH') || decoded.presence !== undefined || decoded.carried !== undefined;
  return topic.startsWith('v3/') && !('uplink_message' in (JSON.parse(Buffer.from(bytes).toString('utf8')) as object));
}
