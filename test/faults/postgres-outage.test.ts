import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { examine } from '../../adapters/doctor/doctor-command.ts';
import { PostgresServer, postgresPresent, postgresVersion } from '../../adapters/registry/postgres-server.ts';
import { haiPhong } from '../../config/city/hai-phong.ts';
import { connectDevice, killAll, newFolder, type PlatformProcess, startPlatformProcess } from './platform-process.ts';

const doorModel = haiPhong.models.find(({ channels }) => channels.some(({ quantity }) => quantity === 'door_open'));
const DOORS = haiPhong.devices.filter(({ modelId }) => modelId === doorModel?.id).map(({ id }) => id);

describe.skipIf(!postgresPresent)(`the platform with its registry on ${postgresVersion}`, () => {
  const server = new PostgresServer();
  beforeAll(() => server.start());
  afterAll(() => server.discard());
  afterEach(killAll);

  const openDoor = async (platform: PlatformProcess, device: string): Promise<void> => {
    const client = await connectDevice(platform, device);
    await client.publishAsync(`hd/v1/${device}/telemetry`, JSON.stringify({ values: { door_open: 1 } }), { qos: 1 });
    await client.endAsync();
  };
  const alarmsIn = async (url: string) =>
    (
      await server.query<{ condition: string; lines: number }>(
        'SELECT condition, (SELECT count(*)::int FROM alarm_transitions WHERE alarm_id = a.id) AS lines FROM alarms a',
        url,
      )
    ).map(({ condition, lines }) => `${condition} ${lines}`);
  const readiness = async ({ httpPort }: PlatformProcess): Promise<number> =>
    (await fetch(`http://127.0.0.1:${httpPort}/readyz`)).status;

  it('raises each alarm once, over SIGKILL of the platform and while PostgreSQL is away for a time', async () => {
    const [first, second, third] = DOORS;
    if (!first || !second || !third) throw new Error('the demo city has too few doors');
    const folder = newFolder();
    const url = await server.newDatabase();
    const onPostgres = { HD_REGISTRY_ENGINE: 'postgres', HD_REGISTRY_URL: url };
    const before = await startPlatformProcess(folder, onPostgres);
    expect(await readiness(before)).toBe(200);
    await openDoor(before, first);
    await vi.waitFor(async () => expect(await alarmsIn(url)).toEqual(['active 1']), { timeout: 20_000 });
    await before.kill();

    const platform = await startPlatformProcess(folder, onPostgres);
    expect(await alarmsIn(url)).toEqual(['active 1']);
    await openDoor(platform, second);
    await vi.waitFor(async () => expect(await alarmsIn(url)).toEqual(['active 1', 'active 1']), { timeout: 20_000 });

    await server.stop('immediate');
    // Acknowledged: it is in the journal, and waits there for its rule.
    await openDoor(platform, third);
    await vi.waitFor(async () => expect(await readiness(platform)).toBe(503), { timeout: 30_000 });
    await server.start();
    await vi.waitFor(async () => expect(await alarmsIn(url)).toEqual(Array(3).fill('active 1')), { timeout: 30_000 });
    await vi.waitFor(async () => expect(await readiness(platform)).toBe(200), { timeout: 20_000 });
    await platform.stop();
  }, 150_000);

  it('is looked at by the doctor, who says what to do when it does not answer', async () => {
    const environment = {
      ...{ HD_DATA_DIRECTORY: newFolder(), HD_HTTP_PORT: '0', HD_MQTT_PORT: '0' },
      ...{ HD_REGISTRY_ENGINE: 'postgres', HD_REGISTRY_URL: await server.newDatabase() },
    };
    const found = async (url = environment.HD_REGISTRY_URL) =>
      (await examine({ ...environment, HD_REGISTRY_URL: url }, new Date())).find(({ check }) => check === 'registry');
    expect(await found()).toMatchObject({
      verdict: 'ok',
      text: { en: expect.stringContaining('nothing is kept yet') },
    });
    const absent = await found('postgres://hd@127.0.0.1:1/hd');
    expect(absent).toMatchObject({ verdict: 'problem', text: { en: expect.stringContaining('HD_REGISTRY_URL') } });
  });
});
