import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { otlpTraceId } from '../adapters/tracing/otlp.ts';
import { ApiClient } from './api/api-client.ts';
import { CITY_DEVICES, connectDevice, killAll, newFolder, startPlatformProcess } from './faults/platform-process.ts';

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
}

/** A collector that keeps what it is sent by OTLP over HTTP, as JSON. */
async function collector() {
  const spans: OtlpSpan[] = [];
  const services = new Set<string>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      expect([request.method, request.url, request.headers['content-type']]).toEqual([
        'POST',
        '/v1/traces',
        'application/json',
      ]);
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        resourceSpans: {
          resource: { attributes: OtlpSpan['attributes'] };
          scopeSpans: { spans: OtlpSpan[] }[];
        }[];
      };
      for (const { resource, scopeSpans } of body.resourceSpans) {
        for (const { key, value } of resource.attributes) if (key === 'service.name') services.add(value.stringValue!);
        spans.push(...scopeSpans.flatMap((scope) => scope.spans));
      }
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, services };
}

it('follows one id from the gateway to the alarm, in the log and in the traces of a collector', async () => {
  onTestFinished(killAll);
  const { url, spans, services } = await collector();
  const platform = await startPlatformProcess(newFolder(), {
    HD_TRACING_OTLP_URL: url,
    HD_TRACING_SHARE: '1',
    HD_LOG_LEVEL: 'debug',
  });
  let said = '';
  platform.child.stdout!.on('data', (chunk) => {
    said += String(chunk);
  });
  const lines = () =>
    said
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map(
        (line) =>
          JSON.parse(line) as {
            event?: string;
            traceId?: string;
            alarmId?: string;
            ruleId?: string;
            messages?: number;
          },
      );

  const device = CITY_DEVICES.find(({ quantity }) => quantity === 'flood_depth')!;
  const client = await connectDevice(platform, device.id);
  // Deep water for a minute and a half, as the rule wants it, told all at once.
  const from = Date.now() - 90_000;
  const items = Array.from({ length: 10 }, (_, i) => ({ ts: from + i * 10_000, values: { [device.channel]: 0.8 } }));
  await client.publishAsync(`hd/v1/${device.id}/telemetry`, JSON.stringify(items), { qos: 1 });
  client.end(true);

  const raised = await expect
    .poll(() => lines().find(({ event, ruleId }) => event === 'alarm.changed' && ruleId === 'street-flood'), {
      timeout: 20_000,
    })
    .toBeDefined()
    .then(() => lines().find(({ event, ruleId }) => event === 'alarm.changed' && ruleId === 'street-flood')!);
  const cause = lines().find(({ event, traceId }) => event === 'batch.journalled' && traceId === raised.traceId);
  expect(cause).toMatchObject({ messages: 1, readings: 10 });
  const api = await ApiClient.signIn(`http://127.0.0.1:${platform.httpPort}`, 'vanhanh', 'hai-dang-demo');
  const { body: alarms } = await api.call('GET /alarms');
  expect(alarms.items.map(({ id }) => id)).toContain(raised.alarmId);

  const traceId = otlpTraceId(raised.traceId!);
  const ofTrace = () => spans.filter((span) => span.traceId === traceId);
  const STAGES = ['gateway', 'decode', 'validate', 'journal', 'store', 'rules', 'live', 'alarm'];
  await expect
    .poll(() => ofTrace().map(({ name }) => name), { timeout: 20_000 })
    .toEqual(expect.arrayContaining(STAGES));
  await platform.stop();
  const root = ofTrace().find(({ name }) => name === 'gateway')!;
  for (const span of ofTrace()) {
    expect(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano)).toBe(true);
    if (span !== root) expect(span.parentSpanId).toBe(root.spanId);
  }
  expect(root.parentSpanId ?? '').toBe('');
  const alarm = ofTrace().find(({ name }) => name === 'alarm')!;
  expect(alarm.attributes).toContainEqual({ key: 'hd.alarm', value: { stringValue: raised.alarmId } });
  expect([...services]).toEqual(['hai-dang']);
}, 60_000);

it('names a trace among collectors as the journal does, without dashes', () => {
  expect(otlpTraceId('0b8e6f2a-1c3d-4e5f-8a9b-0c1d2e3f4a5b')).toBe('0b8e6f2a1c3d4e5f8a9b0c1d2e3f4a5b');
  expect(otlpTraceId('t-1')).toMatch(/^[0-9a-f]{32}$/);
  expect(otlpTraceId('00000000-0000-0000-0000-000000000000')).not.toMatch(/^0+$/);
});
