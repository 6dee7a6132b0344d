import { afterEach, expect, it } from 'vitest';
import { freePort } from '../../adapters/free-port.ts';
import type { PointId } from '../../domain/identifiers.ts';
import { epochMs } from '../../domain/time.ts';
import { ApiClient } from '../api/api-client.ts';
import { connectDevice, killAll, newFolder, type PlatformProcess, startPlatformProcess } from './platform-process.ts';

afterEach(killAll);

const POINT = 'p-ea-hai-an' as PointId;
/** Long enough for an alarm to begin in it, on a busy machine. */
const MAINTENANCE_MS = 10_000;
const asOperator = ({ httpPort }: PlatformProcess) =>
  ApiClient.signIn(`http://127.0.0.1:${httpPort}`, 'vanhanh', 'hai-dang-demo');
const alarmsOf = async (operator: ApiClient, suppressed: boolean) =>
  (await operator.call('GET /alarms', { query: { point: POINT, suppressed, open: true } })).body.items;

it('shows an alarm as new whose maintenance ended while the platform lay dead, at the time of that end', async () => {
  const folder = newFolder();
  const environment = { HD_MQTT_PORT: String(await freePort()) };
  const first = await startPlatformProcess(folder, environment);
  const operator = await asOperator(first);
  const until = epochMs(Date.now() + MAINTENANCE_MS);
  const opened = await operator.call('POST /suppressions', {
    body: { kind: 'maintenance', scope: { kind: 'point', pointId: POINT }, reason: 'Thay cảm biến', until },
  });
  expect(opened.status).toBe(201);
  const device = await connectDevice(first, 'ea-hai-an');
  await device.publishAsync('hd/v1/ea-hai-an/telemetry', JSON.stringify({ values: { door_open: 1 } }), { qos: 1 });
  await expect
    .poll(() => alarmsOf(operator, true), { timeout: MAINTENANCE_MS })
    .toMatchObject([{ suppression: { kind: 'maintenance', until, window: opened.body.id }, condition: 'active' }]);
  await first.kill();
  await expect.poll(() => Date.now(), { timeout: 2 * MAINTENANCE_MS }).toBeGreaterThan(until);

  const second = await startPlatformProcess(folder, environment);
  const again = await asOperator(second);
  await expect
    .poll(() => alarmsOf(again, false), { timeout: 15_000 })
    .toMatchObject([{ suppression: null, work: 'new', condition: 'active' }]);
  const [alarm] = await alarmsOf(again, false);
  const { items } = (await again.call('GET /alarms/{alarmId}/history', { params: { alarmId: alarm?.id ?? '' } })).body;
  // The window had just been opened: the alarm may have begun a moment before it was in force.
  expect(items[0]?.kind).toBe('activated');
  expect(items.at(-1)).toMatchObject({ kind: 'unsuppressed', eventTime: until });
  await second.stop();
}, 90_000);
