import { afterAll, describe, expect, it } from 'vitest';
import { QUANTITY_CATALOGUE } from '../config/quantities.ts';
import type { CodecTrial } from '../domain/ports/codec-bench.ts';
import { QUALITY } from '../domain/quality.ts';
import type { QuantityKey } from '../domain/quantity.ts';
import { epochMs } from '../domain/time.ts';
import { createCodecBench } from './codec-bench.ts';
import { createCodecSandbox } from './decode/codec/codec-sandbox.ts';

const LIMITS = { callMilliseconds: 50, memoryBytes: 16 * 1024 * 1024 };
const messages = createCodecSandbox(LIMITS);
const bench = createCodecBench({
  catalogue: QUANTITY_CATALOGUE,
  maximumItems: 100,
  ...LIMITS,
});
afterAll(async () => {
  await bench.stop();
  await messages.stop();
});

const channel = (key: string, quantity: string, more: object = {}) => ({
  key,
  quantity: quantity as QuantityKey,
  plausibleRange: null,
  ...more,
});
const aTrial = (returned: string, more: Partial<CodecTrial> = {}): CodecTrial => ({
  source: `function decodeUplink(input) { return ${returned}; }`,
  bytes: Uint8Array.of(1),
  fPort: 1,
  receivedTime: epochMs(Date.parse('2026-03-01T02:00:00Z')),
  variables: {},
  channels: [channel('pm', 'pm2_5', { unit: 'mg/m3' }), channel('air.t', 'temperature'), channel('rh', 'humidity')],
  ...more,
});

describe('a codec on the bench', () => {
  it('shows what would be kept of its data: in the quantity’s unit, with the quality it would have', async () => {
    const { values, silentChannels, problems } = await bench.try(aTrial('{ data: { pm: 0.02, air: { t: 5000 } } }'));
    expect(values).toEqual([
      { channel: 'pm', quantity: 'pm2_5', sent: 0.02, value: expect.closeTo(20), quality: QUALITY.GOOD },
      { channel: 'air.t', quantity: 'temperature', sent: 5000, value: 5000, quality: QUALITY.INVALID_OUT_OF_RANGE },
    ]);
    expect(silentChannels).toEqual(['rh']);
    expect(problems).toEqual([]);
  });

  it('names what the model doesn’t know, and what is no number where one should be', async () => {
    const { unknownKeys, problems } = await bench.try(aTrial('{ data: { battery: 3, note: "ok", rh: "high" } }'));
    expect([...unknownKeys].sort()).toEqual(['battery', 'note']);
    expect(problems).toMatchObject([{ code: 'VALUE_NOT_NUMERIC', quantity: 'rh' }]);
  });

  it('says where it failed', async () =>
    expect(await bench.try(aTrial('input.nothing.here'))).toMatchObject({
      outcome: { kind: 'failed', code: 'CODEC_FAILED', place: { line: 1 } },
      values: [],
    }));

  it('that can’t be interrupted costs no message anything', async () => {
    const stuck = bench.try(aTrial('{ data: { a: [].indexOf.call({ length: 2 ** 53 - 1 }, 1) } }'));
    const source = 'function decodeUplink() { return { data: { a: 1 } }; }';
    const outcome = await messages.run({ source, bytes: Uint8Array.of(1), fPort: 1, receivedTime: 0 });
    expect(outcome).toMatchObject({ kind: 'decoded' });
    expect(await stuck).toMatchObject({ outcome: { code: 'CODEC_LIMIT' } });
    expect(await bench.try(aTrial('{ data: { rh: 50 } }'))).toMatchObject({ values: [{ channel: 'rh' }] });
  });
});

describe('the payload inside a message', () => {
  const inside = (text: string) => bench.payloadIn(Buffer.from(text));
  const eui = '0102030405060708';

  it.each([
    {
      server: 'ChirpStack',
      message: { deviceInfo: { devEui: eui }, fPort: 5, data: 'AQI=', time: '2026-03-01T02:00:00Z' },
    },
    {
      server: 'The Things Stack',
      message: {
        end_device_ids: { dev_eui: eui },
        received_at: '2026-03-01T02:00:00Z',
        uplink_message: { f_port: 5, frm_payload: 'AQI=' },
      },
    },
  ])('is taken out of the envelope of $server', ({ message }) =>
    expect(inside(JSON.stringify(message))).toEqual({
      bytes: Buffer.from([1, 2]),
      fPort: 5,
      receivedTime: Date.parse('2026-03-01T02:00:00Z'),
    }),
  );
  it('is the message where there is no envelope', () =>
    expect(inside('{"a":1}')).toEqual({ bytes: Buffer.from('{"a":1}'), fPort: 0, receivedTime: null }));
  it('is none in an envelope without one', () =>
    expect(inside(JSON.stringify({ deviceInfo: { devEui: eui } }))).toBeNull());
});
