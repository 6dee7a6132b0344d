import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { InfluxDB, Point } from '@influxdata/influxdb-client';
import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { QUANTITY_CATALOGUE } from '../../config/quantities.ts';
import type { Actor } from '../../domain/access.ts';
import type { DeviceModel } from '../../domain/asset.ts';
import type { AgencyId, CredentialId, DeviceId, DeviceModelId, PointId } from '../../domain/identifiers.ts';
import type { CitySeed } from '../../domain/ports/registry.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { readingAt } from '../../domain/reading.ts';
import { epochMs, seconds } from '../../domain/time.ts';
import { messageWith } from '../../ingest/decode/protobuf.ts';
import { newFolder, openIngest, smallCity, tokenOf } from './platform-parts.ts';

const EUI = '0101010101010101';
const CODEC = `function decodeUplink(input) {
  if (input.fPort !== 1) return { errors: ['unknown port ' + input.fPort] };
  return { data: { dust: { fine: (input.bytes[0] << 8 | input.bytes[1]) / 10 } } };
}`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Device id → what its model is. Each serves a point `p-{id}` with pm2_5 (µg/m³); those without channels only carry. */
const DEVICES: Readonly<
  Record<string, Pick<DeviceModel, 'format' | 'channels'> & { codec?: string; serial?: string }>
> = (() => {
  const pm = (key: string, unit: string | null = null) => [
    { key, quantity: 'pm2_5' as QuantityKey, plausibleRange: null, unit },
  ];
  return {
    'senml-box': { format: 'senml-json', channels: pm('pm2_5') },
    'cbor-box': { format: 'senml-cbor', channels: pm('pm2_5') },
    chirpstack: { format: 'chirpstack-v4', channels: [] },
    'lora-air': { format: 'codec', codec: CODEC, serial: EUI, channels: pm('dust.fine') },
    telegraf: { format: 'native-json', channels: pm('air.pm', 'mg/m3') },
    'edge-1': { format: 'sparkplug-b', channels: [] },
    'plc-7': { format: 'sparkplug-b', serial: 'plant/edge01/plc-7', channels: pm('Dust/Fine') },
  };
})();

function city(): CitySeed {
  const base = smallCity(1);
  const [point, site] = [base.points[0]!, base.sites[0]!];
  const ids = Object.keys(DEVICES);
  return {
    ...base,
    sites: [site],
    models: ids.map((id) => {
      const { format, channels, codec } = DEVICES[id]!;
      return {
        id: `m-${id}` as DeviceModelId,
        agencyId: 'env' as AgencyId,
        maker: 'M',
        name: id,
        domain: 'environment',
        format,
        ...(codec === undefined ? {} : { codec }),
        channels,
        expectedInterval: seconds(60),
        rateLimit: { messagesPerSecond: 1_000, burstMessages: 1_000 },
      };
    }),
    points: ids.map((id) => ({ ...point, id: `p-${id}` as PointId, quantities: ['pm2_5' as QuantityKey] })),
    devices: ids.map((id) => ({
      id: id as DeviceId,
      agencyId: 'env' as AgencyId,
      modelId: `m-${id}` as DeviceModelId,
      serialNumber: DEVICES[id]!.serial ?? null,
      state: 'commissioned',
      tokenSha256: sha256(tokenOf(id)),
      serves: [`p-${id}` as PointId],
    })),
  };
}

/** A device of another agency. */
function another(): CitySeed {
  const power = 'power' as AgencyId;
  const base = city();
  const [model, device] = [base.models[0]!, base.devices[0]!];
  return {
    agencies: [{ id: power, name: { vi: 'Điện', en: 'Power' } }],
    models: [{ ...model, id: 'm-foreign' as DeviceModelId, agencyId: power }],
    sites: [],
    links: [],
    points: [],
    devices: [
      {
        ...device,
        id: 'foreign-1' as DeviceId,
        agencyId: power,
        modelId: 'm-foreign' as DeviceModelId,
        tokenSha256: null,
        serves: [],
      },
    ],
    rules: [],
  };
}

type Platform = Awaited<ReturnType<typeof openIngest>>;
const system: Actor = { kind: 'system', name: 'test' };
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});
const open = async (): Promise<Platform> => {
  expect(QUANTITY_CATALOGUE.get('pm2_5' as QuantityKey)?.unit).toBe('ug/m3');
  const platform = await openIngest(newFolder(), {}, city());
  opened.push(() => platform.stopAll());
  return platform;
};
const url = (platform: Platform, path: string): string => `http://127.0.0.1:${platform.httpPort}${path}`;
const post = (platform: Platform, path: string, device: string, body: string | Uint8Array<ArrayBuffer>) =>
  fetch(url(platform, path), { method: 'POST', body, headers: { authorization: `Bearer ${tokenOf(device)}` } });
/** A client logged in as the device, with these topics beside its own. */
const client = async (platform: Platform, id: string, topics: readonly string[]) => {
  await platform.registry.as(system).devices.addCredential({
    id: `topics-of-${id}` as CredentialId,
    deviceId: id as DeviceId,
    kind: 'token',
    tokenSha256: sha256(`topics-of-${id}`),
    topicFilters: ['hd/v1/{id}/#', ...topics],
    expiresAt: null,
  });
  platform.bus.publish('device.changed', { deviceId: id as DeviceId });
  const connected = await connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
    clientId: id,
    username: id,
    password: `topics-of-${id}`,
    protocolVersion: 4,
    reconnectPeriod: 0,
  });
  connected.on('error', () => {});
  opened.push(async () => connected.end(true));
  return connected;
};
const stored = async (platform: Platform, id: string) => {
  const columns = await platform.store.range({
    series: platform.seriesOf(id),
    from: epochMs(0),
    to: epochMs(4e12),
    limit: 1_000,
  });
  return Array.from({ length: columns.length }, (_, i) => readingAt(columns, i));
};
const expectStored = (platform: Platform, id: string, readings: readonly { eventTime: number; value: number }[]) =>
  vi.waitFor(async () => expect(await stored(platform, id)).toMatchObject(readings), { timeout: 10_000 });
const now = (): number => Math.floor(Date.now() / 1000) * 1000;

describe('SenML', () => {
  it('comes by MQTT in CBOR and by HTTP in JSON, is converted to the quantity’s unit, and reaches the store', async () => {
    const platform = await open();
    const at = now();
    const json = JSON.stringify([
      { bn: 'urn:dev:mac:0024befffe804ff1:', bt: at / 1000 - 60, bu: 'mg/m3', n: 'pm2_5', v: 0.03 },
      { n: 'pm2_5', t: 30, v: 0.04 },
    ]);
    expect(await (await post(platform, '/ingest/v1/telemetry', 'senml-box', json)).json()).toEqual({
      accepted: 2,
      quarantined: [],
    });
    await expectStored(platform, 'senml-box', [
      { eventTime: at - 60_000, value: 30 },
      { eventTime: at - 30_000, value: 40 },
    ]);
    const mqtt = await client(platform, 'cbor-box', []);
    // [{-2: "box:", 0: "pm2_5", 1: "ug/m3", 2: 17, 6: at}]
    const time = Buffer.alloc(4);
    time.writeUInt32BE(at / 1000);
    const cbor = Buffer.concat([
      Buffer.from('81a521', 'hex'),
      Buffer.from('64626f783a', 'hex'),
      Buffer.from('0065706d325f35', 'hex'),
      Buffer.from('016575672f6d33', 'hex'),
      Buffer.from('0211061a', 'hex'),
      time,
    ]);
    await mqtt.publishAsync('hd/v1/cbor-box/telemetry', cbor, { qos: 1 });
    await expectStored(platform, 'cbor-box', [{ eventTime: at, value: 17 }]);
  });

  it('relative to now is stored once when its Idempotency-Key comes again', async () => {
    const platform = await open();
    const body = JSON.stringify([{ n: 'pm2_5', t: -60, v: 5 }]);
    for (let i = 0; i < 3; i++) {
      const answer = await fetch(url(platform, '/ingest/v1/telemetry'), {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${tokenOf('senml-box')}`, 'idempotency-key': 'once' },
      });
      expect(answer.status).toBe(200);
    }
    await vi.waitFor(async () => expect(await stored(platform, 'senml-box')).toHaveLength(1), { timeout: 10_000 });
  });
});

describe('an uplink of ChirpStack', () => {
  const event = (at: number, more: object = {}) =>
    JSON.stringify({
      deduplicationId: 'd',
      deviceInfo: { devEui: EUI },
      time: new Date(at).toISOString(),
      fPort: 1,
      data: Buffer.from([0x01, 0x2c]).toString('base64'),
      ...more,
    });

  it.each(['MQTT', 'HTTP'])(
    'by %s is decoded by the JavaScript codec of its device’s model and stored as the device’s',
    async (way) => {
      const platform = await open();
      const at = now();
      if (way === 'HTTP')
        expect((await post(platform, '/ingest/v1/telemetry?event=up', 'chirpstack', event(at))).status).toBe(200);
      else {
        const mqtt = await client(platform, 'chirpstack', ['application/+/device/+/event/+']);
        await mqtt.publishAsync(`application/17c82e96/device/${EUI}/event/up`, event(at), { qos: 1 });
        // Acknowledged, so it is in the journal already.
        expect(platform.journal.head()).toBe(1);
      }
      await expectStored(platform, 'lora-air', [{ eventTime: at, value: 30 }]);
    },
  );

  it('whose codec fails is held as its device’s, and replayed once the model’s codec is mended', async () => {
    const platform = await open();
    const at = now();
    const answer = await post(platform, '/ingest/v1/telemetry?event=up', 'chirpstack', event(at, { fPort: 9 }));
    expect(answer.status).toBe(422);
    const [held] = await platform.quarantine.list({ agencies: 'all' }, 10);
    expect(held).toMatchObject({
      deviceId: 'lora-air',
      carrierId: 'chirpstack',
      problems: [{ code: 'CODEC_FAILED', detail: 'unknown port 9' }],
    });
    const { models } = platform.registry.as(system);
    const model = await models.get('m-lora-air' as DeviceModelId);
    await models.update({ ...model, codec: CODEC.replace('!== 1', '> 9') });
    platform.bus.publish('device.changed', { deviceId: 'lora-air' as DeviceId });
    await vi.waitFor(
      async () =>
        expect(await platform.pipeline.replay([held!.id], { backfill: false })).toMatchObject([
          { accepted: 1, problems: [] },
        ]),
      { timeout: 10_000 },
    );
    await expectStored(platform, 'lora-air', [{ eventTime: at, value: 30 }]);
  });

  it('under topics that its sender has no right to is refused', async () => {
    const platform = await open();
    const mqtt = await client(platform, 'chirpstack', ['application/mine/device/+/event/+']);
    await mqtt.publishAsync(`application/other/device/${EUI}/event/up`, event(now()), { qos: 1 });
    expect(await platform.quarantine.list({ agencies: 'all' }, 10)).toMatchObject([
      { deviceId: 'chirpstack', problems: [{ code: 'WRONG_TOPIC' }] },
    ]);
  });

  it('with a codec that can’t be stopped goes to quarantine, and other devices’ messages are not held up by it', async () => {
    const platform = await open();
    const { models } = platform.registry.as(system);
    const model = await models.get('m-lora-air' as DeviceModelId);
    await models.update({
      ...model,
      codec: 'function decodeUplink() { [].indexOf.call({ length: 2 ** 53 - 1 }, 1); }',
    });
    platform.bus.publish('device.changed', { deviceId: 'lora-air' as DeviceId });
    let isStuck = true;
    const stuck = post(platform, '/ingest/v1/telemetry?event=up', 'chirpstack', event(now())).finally(() => {
      isStuck = false;
    });
    expect((await post(platform, '/ingest/v1/telemetry', 'senml-box', '[{"n":"pm2_5","v":1}]')).status).toBe(200);
    expect(isStuck).toBe(true);
    expect((await stuck).status).toBe(422);
    expect((await platform.quarantine.list({ agencies: 'all' }, 1))[0]?.problems).toMatchObject([
      { code: 'CODEC_LIMIT' },
    ]);
    expect(platform.metrics.value('hd_codec_threads_ended_total')).toBe(1);
  });
});

describe('line protocol over HTTP', () => {
  const write = (
    platform: Platform,
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ) => fetch(url(platform, path), { method: 'POST', body, headers });
  const token = tokenOf('telegraf');
  const basic = (user: string) => `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`;

  it('is let in by every way in which clients of InfluxDB show a token, converted and stored', async () => {
    const platform = await open();
    const at = now();
    const ways: readonly (readonly [path: string, authorization: string | null])[] = [
      ['/api/v2/write?org=hp&bucket=air&precision=s', `Token ${token}`],
      ['/api/v2/write?precision=s', `Bearer ${token}`],
      ['/write?db=air&precision=s', `Token telegraf:${token}`],
      ['/write?db=air&precision=s', basic('telegraf')],
      [`/write?db=air&precision=s&u=telegraf&p=${encodeURIComponent(token)}`, null],
    ];
    for (const [i, [path, authorization]] of ways.entries()) {
      const line = `air,host=h pm=0.03 ${at / 1000 - ways.length + i}`;
      const answer = await write(platform, path, line, authorization === null ? {} : { authorization });
      expect([path, answer.status, await answer.text()]).toEqual([path, 204, '']);
    }
    await expectStored(
      platform,
      'telegraf',
      ways.map((_way, i) => ({ eventTime: at - (ways.length - i) * 1000, value: 30 })),
    );
  });

  it('comes compressed', async () => {
    const platform = await open();
    const at = now();
    const body = gzipSync(`air pm=0.05 ${at}000000`);
    const answer = await write(platform, '/write?db=air', body, {
      authorization: basic('telegraf'),
      'content-encoding': 'gzip',
    });
    expect(answer.status).toBe(204);
    await expectStored(platform, 'telegraf', [{ eventTime: at, value: 50 }]);
  });

  it('is written by InfluxDB’s own client', async () => {
    const platform = await open();
    const at = now();
    const api = new InfluxDB({ url: url(platform, ''), token }).getWriteApi('hp', 'air', 'ms', { maxRetries: 0 });
    api.writePoints([new Point('air').tag('device', 'telegraf').floatField('pm', 0.02).timestamp(new Date(at))]);
    await api.close();
    await expectStored(platform, 'telegraf', [{ eventTime: at, value: 20 }]);
  });

  it('keeps the good lines of a request, quarantines the bad, and says so as a partial write', async () => {
    const platform = await open();
    const at = now();
    const lines = `air pm=0.01 ${at / 1000}\nair pm=high\nair moon=1 ${at / 1000}\nair,device=nobody pm=1`;
    const answer = await write(platform, '/write?db=air&precision=s&p=x', lines, { authorization: basic('telegraf') });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: expect.stringMatching(/^partial write: 1 values kept, 3 in quarantine as /),
      message: expect.any(String),
      code: 'invalid',
    });
    await expectStored(platform, 'telegraf', [{ eventTime: at, value: 10 }]);
    const [held] = await platform.quarantine.list({ agencies: 'all' }, 10);
    expect(held?.topic).toBe('/write?precision=s');
    expect(held?.problems.map((p) => [p.index, p.code])).toEqual([
      [1, 'MALFORMED'],
      [3, 'UNKNOWN_DEVICE'],
      [2, 'UNKNOWN_QUANTITY'],
    ]);
    expect(await platform.pipeline.replay([held!.id], { backfill: false })).toMatchObject([{ accepted: 1 }]);
  });

  it('is refused in the form that clients of both versions read', async () => {
    const platform = await open();
    const authorization = basic('telegraf');
    const huge = gzipSync('#'.repeat(2_000_000));
    const refusals: readonly (readonly [number, string, string | Uint8Array<ArrayBuffer>, Record<string, string>])[] = [
      [401, '/write', 'air pm=1', {}],
      [401, '/write', 'air pm=1', { authorization: basic('senml-box') }],
      [400, '/write?precision=day', 'air pm=1', { authorization }],
      [413, '/write', huge, { authorization, 'content-encoding': 'gzip' }],
      [415, '/write', 'air pm=1', { authorization, 'content-encoding': 'zip' }],
    ];
    for (const [status, path, body, headers] of refusals) {
      const answer = await write(platform, path, body, headers);
      expect(answer.status).toBe(status);
      expect(await answer.json()).toEqual({
        code: expect.any(String),
        message: expect.any(String),
        error: expect.any(String),
      });
    }
  });

  it('answers what Telegraf and others ask before they write', async () => {
    const platform = await open();
    expect((await fetch(url(platform, '/ping'))).status).toBe(204);
    const ask = (q: string) =>
      write(platform, '/query', new URLSearchParams({ q }).toString(), {
        authorization: basic('telegraf'),
        'content-type': 'application/x-www-form-urlencoded',
      });
    expect(await (await ask('CREATE DATABASE "air"')).json()).toEqual({ results: [{ statement_id: 0 }] });
    expect((await ask('DROP DATABASE "air"')).status).toBe(400);
  });
});

describe('Sparkplug B through the broker', () => {
  const T = now();
  const number = (n: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(n);
    return Buffer.concat([Buffer.of((13 << 3) | 1), bytes]);
  };
  /** A metric of type Double. */
  const metric = (name: string | null, alias: bigint, value: number): Uint8Array =>
    Buffer.concat([
      messageWith([...(name === null ? [] : ([[1, name]] as const)), [2, alias], [4, 10n]]),
      number(value),
    ]);
  const payload = (seq: number, at: number, ...metrics: Uint8Array[]): Buffer =>
    Buffer.from(messageWith([[1, BigInt(at)], ...metrics.map((m) => [2, m] as const), [3, BigInt(seq)]]));
  const bdSeq = messageWith([
    [1, 'bdSeq'],
    [4, 8n],
    [11, 4n],
  ]);

  it('asks an edge node for its birth, stores its device’s readings, and shows the device away at the node’s death', async () => {
    const platform = await open();
    const statuses: [string, boolean][] = [];
    platform.bus.subscribe('device.status', ({ deviceId, online }) => statuses.push([deviceId, online]));
    const node = await client(platform, 'edge-1', ['spBv1.0/plant/+/edge01', 'spBv1.0/plant/+/edge01/+']);
    const asked = new Promise<string>((resolve) => node.on('message', (topic) => resolve(topic)));
    await node.subscribeAsync('spBv1.0/plant/NCMD/edge01');
    // Data from before the platform's start: its birth was never seen here.
    await node.publishAsync('spBv1.0/plant/DDATA/edge01/plc-7', payload(9, T, metric(null, 10n, 1)), { qos: 1 });
    expect(await asked).toBe('spBv1.0/plant/NCMD/edge01');
    await node.publishAsync('spBv1.0/plant/NBIRTH/edge01', payload(0, T, bdSeq), { qos: 1 });
    await node.publishAsync('spBv1.0/plant/DBIRTH/edge01/plc-7', payload(1, T, metric('Dust/Fine', 10n, 12)), {
      qos: 1,
    });
    await node.publishAsync('spBv1.0/plant/DDATA/edge01/plc-7', payload(2, T + 1000, metric(null, 10n, 13)), {
      qos: 1,
    });
    await node.publishAsync(
      'spBv1.0/plant/NDEATH/edge01',
      Buffer.from(
        messageWith([
          [1, BigInt(T)],
          [2, bdSeq],
        ]),
      ),
      { qos: 1 },
    );
    await expectStored(platform, 'plc-7', [
      { eventTime: T, value: 12 },
      { eventTime: T + 1000, value: 13 },
    ]);
    expect(statuses.filter(([id]) => id === 'plc-7')).toEqual([
      ['plc-7', true],
      ['plc-7', false],
    ]);
    expect((await platform.quarantine.list({ agencies: 'all' }, 10)).map((m) => m.problems[0]?.code)).toEqual([
      'BIRTH_MISSING',
    ]);
  });
});

describe('a gateway on native topics', () => {
  it('speaks for devices of its own agency under its filters, and for none of another’s', async () => {
    const platform = await open();
    await platform.registry.seed(system, another());
    for (const id of ['senml-box', 'foreign-1']) platform.bus.publish('device.changed', { deviceId: id as DeviceId });
    const gateway = await client(platform, 'edge-1', ['hd/v1/+/telemetry']);
    const at = now();
    const pack = JSON.stringify([{ n: 'pm2_5', bt: at / 1000, v: 8 }]);
    await gateway.publishAsync('hd/v1/senml-box/telemetry', pack, { qos: 1 });
    await gateway.publishAsync('hd/v1/foreign-1/telemetry', pack, { qos: 1 });
    await expectStored(platform, 'senml-box', [{ eventTime: at, value: 8 }]);
    expect(await platform.quarantine.list({ agencies: 'all' }, 10)).toMatchObject([
      { deviceId: 'edge-1', topic: 'hd/v1/foreign-1/telemetry', problems: [{ code: 'WRONG_TOPIC' }] },
    ]);
  });
});
