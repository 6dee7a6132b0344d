import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { backupName, makeBackup, removeOldBackups } from '../../adapters/backup/backup.ts';
import { CONTROL_SOCKET } from '../../adapters/backup/control-socket.ts';
import { MANIFEST, readManifest, totalReadings } from '../../adapters/backup/manifest.ts';
import { checkBackup, restoreBackup } from '../../adapters/backup/restore.ts';
import {
  CITY_DEVICES,
  type CityDevice,
  connectDevice,
  killAll,
  newFolder,
  startPlatformProcess,
  storedReadings,
} from './platform-process.ts';

afterEach(killAll);

const DAY_MS = 86_400_000;
const devices = CITY_DEVICES.slice(0, 4);
const backUp = (dataDirectory: string, to = join(newFolder(), 'backup')) =>
  makeBackup({ dataDirectory, to, release: 'test', now: new Date() }).then((manifest) => ({ manifest, to }));

/** Sends readings of many weeks until told to stop; `acknowledged` grows as `device@time`. */
function stream(clients: readonly (readonly [CityDevice, MqttClient])[], from: number) {
  const acknowledged = new Set<string>();
  let stopped = false;
  const done = Promise.all(
    clients.map(async ([device, client], nth) => {
      for (let n = 0; !stopped; n++) {
        // Each message spans the files of four weeks, as the last one does of a device that was offline.
        const times = [0, 7, 14, 21].map((days) => from + days * DAY_MS + n * 1_000 + nth);
        const items = times.map((ts) => ({ ts, values: { [device.channel]: 1 } }));
        await client.publishAsync(`hd/v1/${device.id}/telemetry`, JSON.stringify(items), { qos: 1 });
        for (const time of times) acknowledged.add(`${device.id}@${time}`);
      }
    }),
  );
  return {
    acknowledged,
    async stop() {
      stopped = true;
      await done;
    },
  };
}

describe('A backup', () => {
  it('of a running platform has everything acknowledged before, once, and starts as a platform', async () => {
    const folder = newFolder();
    const from = Date.now() - 25 * DAY_MS;
    // Rate limits are another test's.
    const environment = { HD_MQTT_DEVICE_MESSAGES_PER_SECOND: '100000', HD_MQTT_DEVICE_BURST_MESSAGES: '100000' };
    const platform = await startPlatformProcess(folder, environment);
    const clients = await Promise.all(devices.map(async (d) => [d, await connectDevice(platform, d.id)] as const));
    const sending = stream(clients, from);
    await expect.poll(() => sending.acknowledged.size, { timeout: 20_000 }).toBeGreaterThan(2_000);
    mkdirSync(join(folder, 'photos', 'ab'), { recursive: true });
    writeFileSync(join(folder, 'photos', 'ab', 'picture.jpg'), 'a picture');

    const before = new Set(sending.acknowledged);
    const { manifest, to } = await backUp(folder);
    // It went on receiving meanwhile, and none the slower for being asked.
    await expect.poll(() => sending.acknowledged.size, { timeout: 20_000 }).toBeGreaterThan(before.size + 100);
    await sending.stop();
    for (const [, client] of clients) client.end(true);
    await platform.kill();

    expect(manifest).toMatchObject({ running: true, store: 'duckdb', format: 1 });
    const paths = manifest.files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['registry.sqlite', 'journal/journal.mdb', 'photos/ab/picture.jpg']));
    expect(paths.filter((path) => path.startsWith('store/week-')).length).toBeGreaterThanOrEqual(4);
    expect(paths.some((path) => path.startsWith('broker/sessions/'))).toBe(true);
    expect(paths).not.toContain(CONTROL_SOCKET);

    const restored = join(newFolder(), 'data');
    await restoreBackup({ from: to, dataDirectory: restored });
    // Starting takes over from the journal what the store's copy did not have yet.
    const second = await startPlatformProcess(restored, environment);
    expect((await fetch(`http://127.0.0.1:${second.httpPort}/readyz`)).status).toBe(200);
    await expect.poll(() => second.metric('hd_journal_depth{consumer="store"}'.replace(/[{}]/g, '\\$&'))).toBe(0);
    await second.stop();
    const { stored, doubled } = await storedReadings(restored, devices, from, from + 30 * DAY_MS);
    expect([...before].filter((reading) => !stored.has(reading))).toEqual([]);
    expect(doubled).toBe(0);
  }, 90_000);

  it('of a stopped platform has all of it', async () => {
    const folder = newFolder();
    const from = Date.now() - 25 * DAY_MS;
    const platform = await startPlatformProcess(folder);
    const [device] = devices as [CityDevice];
    const client = await connectDevice(platform, device.id);
    const items = Array.from({ length: 500 }, (_, n) => ({
      ts: from + n * 3_600_000,
      values: { [device.channel]: 1 },
    }));
    await client.publishAsync(`hd/v1/${device.id}/telemetry`, JSON.stringify(items), { qos: 1 });
    client.end(true);
    await platform.kill();

    const { manifest, to } = await backUp(folder);
    expect(manifest.running).toBe(false);
    const restored = join(newFolder(), 'data');
    await restoreBackup({ from: to, dataDirectory: restored });
    await (await startPlatformProcess(restored)).stop();
    const { stored } = await storedReadings(restored, [device], from, from + 30 * DAY_MS);
    expect(stored.size).toBe(items.length);
    expect(totalReadings(await checkBackup(to, newFolder()))).toBe(totalReadings(manifest));
  }, 60_000);

  it('is refused where a platform runs that can not be asked, and leaves nothing behind', async () => {
    const folder = newFolder();
    await startPlatformProcess(folder);
    rmSync(join(folder, CONTROL_SOCKET));
    const parent = newFolder();
    await expect(backUp(folder, join(parent, 'backup'))).rejects.toThrow(/stop it first/);
    expect(readdirSync(parent)).toEqual([]);
    await expect(backUp(newFolder(), join(parent, 'backup'))).rejects.toThrow(/HD_DATA_DIRECTORY/);
  }, 30_000);

  it('that was cut, altered, thinned out or not finished is not restored; nor is one over something', async () => {
    const folder = newFolder();
    await (await startPlatformProcess(folder)).stop();
    const harmed = async (harm: (backup: string) => void, problem: RegExp) => {
      const { to } = await backUp(folder);
      harm(to);
      const target = join(newFolder(), 'data');
      await expect(restoreBackup({ from: to, dataDirectory: target })).rejects.toThrow(problem);
      expect(readdirSync(target, { withFileTypes: true })).toEqual([]);
    };
    const registry = (backup: string) => join(backup, 'registry.sqlite');
    await harmed((backup) => appendFileSync(registry(backup), 'x'), /registry\.sqlite has \d+ bytes, not/);
    await harmed(
      (backup) => truncateSync(registry(backup), statSync(registry(backup)).size - 1),
      /registry\.sqlite has/,
    );
    await harmed((backup) => {
      const bytes = statSync(registry(backup)).size;
      truncateSync(registry(backup), bytes - 8);
      appendFileSync(registry(backup), 'ALTERED!');
    }, /registry\.sqlite is not what was saved/);
    await harmed((backup) => rmSync(join(backup, 'journal/journal.mdb')), /lacks journal\/journal\.mdb/);

    const { to } = await backUp(folder);
    const full = newFolder();
    writeFileSync(join(full, 'something'), '');
    await expect(restoreBackup({ from: to, dataDirectory: full })).rejects.toThrow(/not empty \(something/);
    rmSync(join(to, MANIFEST));
    await expect(restoreBackup({ from: to, dataDirectory: join(newFolder(), 'data') })).rejects.toThrow(/not finished/);
  }, 60_000);

  it('gives way to newer ones when told how many to keep; unfinished ones go, other folders stay', () => {
    const folder = newFolder();
    const names = [1, 2, 3].map((day) => backupName(new Date(Date.UTC(2026, 10, day, 3))));
    for (const name of names) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, MANIFEST), '{}');
    }
    mkdirSync(join(folder, `${names[2]}.unfinished`));
    mkdirSync(join(folder, 'mine'));
    expect(names[0]).toBe('hai-dang-20261101T030000Z');
    expect(removeOldBackups(folder, 2)).toEqual([names[0], `${names[2]}.unfinished`]);
    expect(readdirSync(folder).sort()).toEqual([names[1], names[2], 'mine']);
    expect(existsSync(join(folder, 'mine'))).toBe(true);
    expect(() => readManifest(join(folder, 'mine'))).toThrow(/no backup/);
  });
});
