import { encode } from 'cborg';
import { afterAll, describe, expect, it } from 'vitest';
import { chirpStackUplink } from './chirpstack.ts';
import { createCodecSandbox } from './codec/codec-sandbox.ts';
import { aDevice, decoderFor, haveVectors, seen, vectorsOf } from './decode-parts.ts';
import type { Decoded } from './measurement.ts';
import { theThingsMessage } from './the-things-stack.ts';
import type { Uplink } from './uplink.ts';

interface Vector {
  readonly payload: Record<string, unknown>;
  readonly expected: {
    readonly devEui: string;
    readonly fPort: number;
    readonly fCnt: number;
    readonly payloadHex: string;
    readonly decoded: Record<string, unknown>;
    readonly bestRssi: number;
    readonly bestSnr: number;
    readonly gatewayCount: number;
    readonly spreadingFactor: number;
    readonly bandwidthHz: number;
    readonly frequencyHz: number;
    readonly time: string;
  };
}
const vectors = vectorsOf<{ readonly chirpstack: Vector; readonly thethingsstack: Vector } | null>('lorawan');

const sandbox = createCodecSandbox({ callMilliseconds: 50, memoryBytes: 16 * 1024 * 1024 });
afterAll(() => sandbox.stop());

const EUI = '0101010101010101';
const CODEC = `function decodeUplink(input) {
  if (input.fPort !== 1) return { errors: ['unknown port ' + input.fPort] };
  return { data: { pm25: input.bytes[0] + input.bytes[1] / 10, air: { humidity: input.bytes[2] }, note: 'ok' } };
}`;
const AT = Date.parse('2026-03-01T02:00:00.123Z');
const bytes = (object: unknown): Uint8Array => Buffer.from(JSON.stringify(object));
const chirpStack = (more: object = {}) =>
  bytes({
    deviceInfo: { devEui: EUI },
    time: '2026-03-01T02:00:00.123456+00:00',
    fPort: 1,
    data: Buffer.from([12, 5, 60]).toString('base64'),
    rxInfo: [{ rssi: -97, snr: 4.5 }, { rssi: -91 }],
    ...more,
  });
const theThings = (uplink: object = {}, more: object = {}) =>
  bytes({
    end_device_ids: { device_id: 'air-1', dev_eui: EUI },
    uplink_message: { f_port: 1, frm_payload: 'DAU8', received_at: '2026-03-01T02:00:00.123Z', ...uplink },
    ...more,
  });
const server = aDevice('chirpstack', [], { format: 'chirpstack-v4' });
const stack = aDevice('tts', [], { format: 'the-things-stack-v3' });
const airBox = (more: object = {}) =>
  aDevice('air-1', ['pm25', 'air.humidity', 'rssi_dbm'], { serialNumber: EUI, format: 'codec', codec: CODEC, ...more });

const carriedBy = async (
  sender = server,
  device = airBox(),
  payload = chirpStack(),
  topic = '/ingest/v1/telemetry?event=up',
) => {
  const decoded = await decoderFor(sender, [device], { runCodec: sandbox.run })(payload, { topic });
  return { ...decoded, cargo: decoded.carried?.[0]?.decoded as Decoded, to: decoded.carried?.[0]?.device.deviceId };
};

describe.skipIf(!vectors || !haveVectors)(
  'LoRaWAN uplinks by the reference vectors (skipped where ../shared is absent)',
  () => {
    it.each([
      ['ChirpStack v4', 'chirpstack', (payload: object) => chirpStackUplink(bytes(payload))],
      ['The Things Stack v3', 'thethingsstack', (payload: object) => theThingsMessage(bytes(payload)).uplink],
    ] as const)('reads the uplink of %s', (_name, key, read) => {
      const { payload, expected } = vectors![key];
      expect(read(payload)).toEqual({
        devEui: expected.devEui,
        fPort: expected.fPort,
        fCnt: expected.fCnt,
        payload: Buffer.from(expected.payloadHex, 'hex'),
        decoded: expected.decoded,
        time: Date.parse(expected.time),
        bestRssiDbm: expected.bestRssi,
        bestSnrDb: expected.bestSnr,
        gatewayCount: expected.gatewayCount,
        spreadingFactor: expected.spreadingFactor,
        bandwidthHz: expected.bandwidthHz,
        frequencyHz: expected.frequencyHz,
      } satisfies Uplink);
    });
  },
);

describe('an uplink', () => {
  it.each([
    { way: 'ChirpStack by HTTP', sender: server, payload: chirpStack(), topic: '/ingest/v1/telemetry?event=up' },
    {
      way: 'ChirpStack by MQTT',
      sender: server,
      payload: chirpStack(),
      topic: `application/17c82e96/device/${EUI}/event/up`,
    },
    { way: 'The Things Stack by webhook', sender: stack, payload: theThings(), topic: '/ingest/v1/telemetry' },
    { way: 'The Things Stack by MQTT', sender: stack, payload: theThings(), topic: 'v3/env@hp/devices/air-1/up' },
  ])('of $way is decoded by its device’s codec, at the network’s time', async ({ sender, payload, topic }) => {
    const { to, cargo, measurements } = await carriedBy(sender, airBox(), payload, topic);
    expect([to, measurements]).toEqual(['air-1', []]);
    expect(seen(cargo).filter(([channel]) => channel !== 'rssi_dbm')).toEqual([
      ['pm25', 12.5, AT, null],
      ['air.humidity', 60, AT, null],
    ]);
    expect(cargo.unknownKeys).toEqual(['note']);
  });

  it('tells the level of the best gateway where the model has a channel for it, and its frame counter', async () => {
    const { cargo } = await carriedBy(server, airBox(), chirpStack({ fCnt: 7 }));
    expect(seen(cargo).at(-1)).toEqual(['rssi_dbm', -91, AT, null]);
    expect(cargo.sequences).toEqual([7]);
    expect((await carriedBy()).cargo.sequences).toEqual([0]);
  });

  it('of a model without a codec is taken as the network server decoded it', async () => {
    for (const device of [airBox({ codec: null }), airBox({ codec: null, format: 'chirpstack-v4' })]) {
      const { cargo } = await carriedBy(server, device, chirpStack({ object: { pm25: 9, air: { humidity: null } } }));
      expect(seen(cargo)[0]).toEqual(['pm25', 9, AT, null]);
      expect(cargo.noValues).toBe(1);
    }
  });

  it('that nobody decodes is quarantined', async () =>
    expect((await carriedBy(server, airBox({ codec: null }))).cargo.problems).toMatchObject([
      { code: 'CODEC_FAILED' },
    ]));

  it('may hold a format of its own inside', async () => {
    const data = Buffer.from(encode({ pm25: 3 })).toString('base64');
    const { cargo } = await carriedBy(server, airBox({ format: 'native-cbor' }), chirpStack({ data }));
    expect(seen(cargo)[0]).toEqual(['pm25', 3, AT, null]);
  });

  it('that its codec refuses is quarantined with the codec’s words', async () =>
    expect((await carriedBy(server, airBox(), chirpStack({ fPort: 9 }))).cargo.problems).toMatchObject([
      { code: 'CODEC_FAILED', detail: 'unknown port 9' },
    ]));

  it('of a device that isn’t registered is quarantined by its DevEUI', async () =>
    expect(await carriedBy(server, airBox({ serialNumber: 'other' }))).toMatchObject({
      problems: [{ code: 'UNKNOWN_DEVICE', detail: `DevEUI ${EUI}` }],
    }));

  it.each([
    {
      it: 'of another device than its MQTT topic says',
      sender: server,
      topic: 'application/a/device/0202020202020202/event/up',
      payload: chirpStack(),
    },
    {
      it: 'of another id than its MQTT topic says',
      sender: stack,
      topic: 'v3/env@hp/devices/air-2/up',
      payload: theThings(),
    },
    {
      it: 'in an event that doesn’t exist',
      sender: server,
      topic: '/ingest/v1/telemetry?event=nonsense',
      payload: chirpStack(),
    },
  ])('$it is refused', async ({ sender, topic, payload }) =>
    expect(await carriedBy(sender, airBox(), payload, topic)).toMatchObject({ problems: [{ code: 'WRONG_TOPIC' }] }),
  );

  it.each([
    { it: 'no JSON', payload: Buffer.from('{') },
    { it: 'no object', payload: bytes(5) },
    { it: 'no DevEUI', payload: bytes({ data: 'AQID' }) },
    { it: 'a DevEUI that is too short', payload: chirpStack({ deviceInfo: { devEui: '0101' } }) },
    { it: 'data that is no base64', payload: chirpStack({ data: '***' }) },
    { it: 'a time without offset', payload: chirpStack({ time: '2026-03-01T02:00:00' }) },
    { it: 'a negative frame counter', payload: chirpStack({ fCnt: -1 }) },
  ])('with $it is malformed', async ({ payload }) =>
    expect(await carriedBy(server, airBox(), payload)).toMatchObject({ problems: [{ code: 'MALFORMED' }] }),
  );

  it.each(['status', 'join', 'ack', 'txack', 'log', 'location', 'integration'])(
    'is not looked for in a %s event',
    async (event) =>
      expect(await carriedBy(server, airBox(), bytes({}), `application/a/device/${EUI}/event/${event}`)).toMatchObject({
        problems: [],
        measurements: [],
      }),
  );

  it('is not looked for where The Things Stack tells of a join', async () =>
    expect(
      await carriedBy(stack, airBox(), theThings({}, { uplink_message: undefined, join_accept: {} }), '/x'),
    ).toMatchObject({
      problems: [],
    }));
});

describe('a codec’s payload', () => {
  it('may come from the device itself, without a network server', async () => {
    const device = airBox();
    const decoded = await decoderFor(device, [], {
      runCodec: async ({ bytes: given, fPort }) => ({
        kind: 'decoded',
        data: { pm25: given.length, 'air.humidity': fPort },
        warnings: [],
      }),
    })(Uint8Array.of(1, 2, 3));
    expect(seen(decoded)).toEqual([
      ['pm25', 3, null, null],
      ['air.humidity', 0, null, null],
    ]);
  });

  it('is bounded in values and depth, and text for a channel is refused', async () => {
    let deep: unknown = 1;
    for (let i = 0; i < 20; i++) deep = { d: deep };
    const decode = (data: Record<string, unknown>) =>
      decoderFor(airBox(), [], { maximumItems: 10, runCodec: async () => ({ kind: 'decoded', data, warnings: [] }) })(
        'x',
      );
    expect((await decode({ deep })).unknownKeys).toHaveLength(1);
    expect((await decode({ many: Array(20).fill(1) })).problems).toMatchObject([{ code: 'TOO_MANY_ITEMS' }]);
    expect((await decode({ pm25: 'high' })).problems).toMatchObject([{ code: 'VALUE_NOT_NUMERIC', quantity: 'pm25' }]);
  });
});
