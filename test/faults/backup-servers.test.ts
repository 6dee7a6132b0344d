import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readManifest } from '../../adapters/backup/manifest.ts';
import { checkBackup } from '../../adapters/backup/restore.ts';
import { natsPresent, natsVersion } from '../../adapters/nats/nats-server.ts';
import { postgresPresent, postgresVersion } from '../../adapters/registry/postgres-server.ts';
import { influxPresent, influxVersion } from '../../adapters/timeseries/influx-server.ts';
import { CityOfProcesses } from './city-of-processes.ts';
import { newFolder } from './platform-process.ts';

const SOON = { timeout: 60_000, interval: 100 };
const isThere = natsPresent && postgresPresent && influxPresent;
const run = promisify(execFile);

describe.skipIf(!isThere)(`a backup of what is on ${natsVersion}, ${postgresVersion} and ${influxVersion}`, () => {
  it('has everything acknowledged before, while more comes in, and fills empty servers with it', async () => {
    const folder = newFolder();
    const backups = newFolder();
    const [city, other] = await Promise.all([CityOfProcesses.open(5), CityOfProcesses.empty(5)]);
    onTestFinished(async () => void (await Promise.all([city.close(), other.close()])));
    const platform = await city.start('gateway,worker,api', { HD_DATA_DIRECTORY: folder });
    mkdirSync(join(folder, 'photos', 'ab'), { recursive: true });
    writeFileSync(join(folder, 'photos', 'ab', 'picture.jpg'), 'a picture');
    await city.send(platform, 10);
    await city.raisedAtLeast(20);
    const before = new Map(city.expected);

    const command = (name: string, place: string, servers: CityOfProcesses, dataDirectory: string) =>
      run(process.execPath, [name, place, '--lang', 'en'], {
        env: { ...process.env, ...servers.environment, HD_DATA_DIRECTORY: dataDirectory },
      });
    await command('main-backup.ts', backups, city, folder);
    const backup = join(backups, readdirSync(backups)[0] ?? '');
    await vi.waitFor(() => expect(city.expected.size).toBeGreaterThan(before.size + 10), SOON);
    await city.stopSending();
    const { files, store } = readManifest(backup);
    const paths = files.map(({ path }) => path);
    expect(store).toBe('duckdb');
    expect(paths).toEqual(expect.arrayContaining(['registry.sqlite', 'journal/journal.mdb', 'photos/ab/picture.jpg']));
    expect(paths.filter((path) => /^(store|broker)\//.test(path)).length).toBeGreaterThan(1);
    await checkBackup(backup, newFolder());

    const restored = join(newFolder(), 'data');
    await command('main-restore.ts', backup, other, restored);
    await expect(command('main-restore.ts', backup, other, join(newFolder(), 'data'))).rejects.toThrow(/not empty/);
    other.expected.clear();
    for (const [key, at] of before) other.expected.set(key, at);
    await other.start('gateway,worker,api', { HD_DATA_DIRECTORY: restored });
    const missing = async (): Promise<readonly string[]> => (await other.misjudged()).lost;
    await vi.waitFor(async () => expect(await missing()).toEqual([]), SOON);
    const raised = await other.raised();
    expect(new Set(raised.map(({ key }) => key)).size).toBe(raised.length);
    // Each alarm's value, and the one below it but for the last.
    await vi.waitFor(async () => expect(await other.stored()).toBeGreaterThanOrEqual(2 * before.size - 1), SOON);
  }, 240_000);
});
