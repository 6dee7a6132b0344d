import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QuantityKey } from '../../domain/quantity.ts';
import { minutes } from '../../domain/time.ts';
import type { ApiClient } from './api-client.ts';
import { CITY, ENVIRONMENT, type RunningApi, runApi } from './running-api.ts';

let running: RunningApi;
let installer: ApiClient;
beforeAll(async () => {
  running = await runApi();
  installer = await running.as('installer');
});
afterAll(() => running.close());

const model = (unit: string | null, more: object = {}) => ({
  agencyId: ENVIRONMENT,
  maker: 'Sông Cấm',
  name: 'Air L',
  domain: 'environment' as const,
  format: 'native-json',
  codec: 'function decodeUplink(input) { return { data: { pm: input.bytes[0] } }; }',
  channels: [{ key: 'pm', quantity: 'pm2_5' as QuantityKey, plausibleRange: null, unit }],
  expectedInterval: minutes(5),
  rateLimit: null,
  ...more,
});

describe('a device model', () => {
  it('keeps its codec and the unit its channel is sent in', async () => {
    const { status, body } = await installer.call('POST /models', { body: model('mg/m3') });
    expect(status).toBe(201);
    const { codec, channels } = model('mg/m3');
    expect(body).toMatchObject({ codec, channels });
  });

  it.each(['bar', 'fathoms'])(
    'is refused a channel sent in %s, which can’t become the quantity’s unit',
    async (unit) => {
      const { status, body } = await installer.call('POST /models', { body: model(unit) });
      expect(status).toBe(400);
      expect(body).toMatchObject({ errors: [{ path: 'channels.0.unit' }] });
    },
  );

  it('is refused a codec longer than any codec', async () => {
    const { status } = await installer.call('POST /models', { body: model(null, { codec: ' '.repeat(70_000) }) });
    expect(status).toBe(400);
  });
});

describe('the topics of a credential', () => {
  const ask = (filter: string) =>
    installer.call('POST /devices/{deviceId}/credentials', {
      params: { deviceId: CITY.devices[0]!.id },
      body: { topicFilters: [filter] },
    });

  it.each(['hd/v1/{id}/#', 'application/17c82e96/device/+/event/+', 'v3/env@hp/devices/+/#', 'spBv1.0/hp/+/edge01/+'])(
    'may be %s',
    async (filter) => expect((await ask(filter)).status).toBe(201),
  );
  it.each(['#', '+/v1/#', '$SYS/#', 'applications/#', 'v3/a+/b', 'spBv1.0/#/x'])('may not be %s', async (filter) =>
    expect((await ask(filter)).status).toBe(400),
  );
});
