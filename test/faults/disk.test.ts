import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  CITY_DEVICES,
  type CityDevice,
  connectDevice,
  killAll,
  newFolder,
  type PlatformProcess,
  startPlatformProcess,
  storedReadings,
} from './platform-process.ts';

const RATE = { HD_MQTT_DEVICE_MESSAGES_PER_SECOND: '100000', HD_MQTT_DEVICE_BURST_MESSAGES: '100000' };
const mounted: string[] = [];
afterEach(() => {
  killAll();
  for (const folder of mounted.splice(0)) spawnSync('umount', ['-l', folder]);
});

const readiness = async ({ httpPort }: PlatformProcess) => {
  const answer = await fetch(`http://127.0.0.1:${httpPort}/readyz`);
  const { checks } = (await answer.json()) as { checks: { name: string; detail: string | null }[] };
  return { status: answer.status, journal: checks.find(({ name }) => name === 'journal')?.detail };
};
/** A device that notices when it is cut off. */
async function join(platform: PlatformProcess, device: CityDevice) {
  const client = await connectDevice(platform, device.id);
  const closed = new Promise<boolean>((resolve) => client.once('close', () => resolve(false)));
  return {
    /** Whether the message of that time was acknowledged. */
    send(ts: number): Promise<boolean> {
      const payload = JSON.stringify({ ts, values: { [device.channel]: 1 } });
      const sent = client.publishAsync(`hd/v1/${device.id}/telemetry`, payload, { qos: 1 }).then(() => true);
      return Promise.race([sent, closed]).catch(() => false);
    },
    leave: () => client.endAsync(true),
  };
}

describe('a journal that is full', () => {
  it('stops acknowledging, makes room when its consumers have passed, and loses nothing it acknowledged', async () => {
    const folder = newFolder();
    const platform = await startPlatformProcess(folder, { ...RATE, HD_JOURNAL_CAPACITY_BYTES: '3000' });
    const street = CITY_DEVICES.slice(0, 16);
    const from = Date.now() - 3_600_000;
    const EACH = 12;
    const acknowledged = new Set<string>();
    let refused = 0;
    // Each sends until all of its messages are acknowledged, as devices do.
    await Promise.all(
      street.map(async (device, i) => {
        let line = await join(platform, device);
        for (let n = 0; n < EACH; ) {
          const ts = from + n * 100 + i;
          if (await line.send(ts)) {
            acknowledged.add(`${device.id}@${ts}`);
            n++;
          } else {
            refused++;
            line = await join(platform, device);
          }
        }
        await line.leave();
      }),
    );
    expect(refused).toBeGreaterThan(0);
    expect(await platform.metric('hd_batches_refused_total')).toBeGreaterThan(0);
    await expect.poll(() => readiness(platform), { timeout: 10_000 }).toEqual({ status: 200, journal: null });
    await platform.stop();
    const { stored, doubled } = await storedReadings(folder, street, from, from + 10_000);
    expect([...acknowledged].filter((key) => !stored.has(key))).toEqual([]);
    expect([stored.size, doubled]).toEqual([street.length * EACH, 0]);
  }, 90_000);
});

const canMount = process.getuid?.() === 0 && tmpfsAt(joinPath(newFolder(), 'try'), '1m');
if (!canMount && process.env['CI'] === 'true') throw new Error('no tmpfs can be mounted: this suite must run in CI');

describe.skipIf(!canMount)('a journal whose disk is full (a tmpfs, mounted as root)', () => {
  it('stops acknowledging and says so, lives on, recovers by itself without a message, and has all it acknowledged', async () => {
    const folder = newFolder();
    const disk = joinPath(folder, 'journal');
    await (await startPlatformProcess(folder)).stop();
    tmpfsAt(disk, '24m');
    const platform = await startPlatformProcess(folder, RATE);
    const device = CITY_DEVICES[0]!;
    const from = Date.now() - 3_600_000;
    const acknowledged: string[] = [];
    let line = await join(platform, device);
    const send = async (ts: number): Promise<boolean> => {
      const kept = await line.send(ts);
      if (kept) acknowledged.push(`${device.id}@${ts}`);
      return kept;
    };
    for (let n = 0; n < 20; n++) expect(await send(from + n)).toBe(true);

    // Somebody else's file takes the rest of the disk.
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(joinPath(disk, 'ballast'), Buffer.alloc(bavail * bsize));
    let at = from + 100;
    while (at < from + 2_000 && (await send(at))) at++;
    expect(at).toBeLessThan(from + 2_000);
    expect((await readiness(platform)).status).toBe(503);
    expect((await readiness(platform)).journal).toMatch(/FULL|DISK_FAILING/);
    line = await join(platform, device);
    expect(await send(at)).toBe(false);

    rmSync(joinPath(disk, 'ballast'));
    await expect.poll(() => readiness(platform), { timeout: 15_000 }).toEqual({ status: 200, journal: null });
    line = await join(platform, device);
    expect(await send(at)).toBe(true);
    await line.leave();
    await platform.stop();
    const { stored, doubled } = await storedReadings(folder, [device], from, from + 10_000);
    expect(acknowledged.filter((key) => !stored.has(key))).toEqual([]);
    expect(doubled).toBe(0);
  }, 90_000);
});

describe.skipIf(!canMount)('a disk that has reached its budget (a tmpfs, mounted as root)', () => {
  it('stops acknowledging while there is still room to work, says so, and goes on by itself with all it acknowledged', async () => {
    const folder = newFolder();
    tmpfsAt(folder, '256m');
    const platform = await startPlatformProcess(folder, RATE);
    const device = CITY_DEVICES[0]!;
    const from = Date.now() - 3_600_000;
    let line = await join(platform, device);
    for (let n = 0; n < 20; n++) expect(await line.send(from + n)).toBe(true);

    const { bavail, bsize } = statfsSync(folder);
    // Less than the 2 % from which on nothing is acknowledged, more than the platform writes meanwhile.
    const room = 4_000_000;
    writeFileSync(joinPath(folder, 'ballast'), Buffer.alloc(bavail * bsize - room));
    await expect.poll(() => readiness(platform), { timeout: 10_000 }).toEqual({ status: 503, journal: 'DISK_FULL' });
    expect(await line.send(from + 100)).toBe(false);
    expect(await platform.metric('hd_disk_full')).toBe(1);

    rmSync(joinPath(folder, 'ballast'));
    await expect.poll(() => readiness(platform), { timeout: 10_000 }).toEqual({ status: 200, journal: null });
    line = await join(platform, device);
    expect(await line.send(from + 100)).toBe(true);
    await line.leave();
    await platform.stop();
    const { stored, doubled } = await storedReadings(folder, [device], from, from + 10_000);
    expect([stored.size, doubled]).toEqual([21, 0]);
  }, 90_000);
});

/** Mounts a small disk in memory; false when that is not allowed here. */
function tmpfsAt(folder: string, size: string): boolean {
  mkdirSync(folder, { recursive: true });
  const done = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'hd-test', folder]).status === 0;
  if (done) mounted.push(folder);
  return done;
}
