import { existsSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import { overwrite } from './damage.ts';
import {
  CITY_DEVICES,
  connectDevice,
  killAll,
  newFolder,
  type PlatformProcess,
  startPlatformProcess,
  storedReadings,
} from './platform-process.ts';

afterEach(killAll);

const DEVICES = CITY_DEVICES.slice(0, 3);
/** Sends `count` readings of each device from `from` on, and one message that can't be read; all acknowledged on return. */
async function send(platform: PlatformProcess, from: number, count: number): Promise<string[]> {
  const sent: string[] = [];
  for (const { id, channel } of DEVICES) {
    const client = await connectDevice(platform, id);
    for (let n = 0; n < count; n++) {
      const message = JSON.stringify({ ts: from + n, values: { [channel]: 1 } });
      await client.publishAsync(`hd/v1/${id}/telemetry`, message, { qos: 1 });
      sent.push(`${id}@${from + n}`);
    }
    await client.publishAsync(`hd/v1/${id}/telemetry`, `{"nonsense of ${id}`, { qos: 1 });
    await client.endAsync();
  }
  return sent;
}

it('comes up on a damaged disk, says what is damaged, keeps it aside, and takes and stores what comes', async () => {
  const folder = newFolder();
  const from = Date.now() - 3_600_000;
  const first = await startPlatformProcess(folder);
  await send(first, from, 10);
  await first.stop();

  const weeks = () => readdirSync(join(folder, 'store')).filter((name) => /^week-.*\.duckdb$/.test(name));
  const [week] = weeks();
  truncateSync(join(folder, 'store', week!), 20_000);
  truncateSync(join(folder, 'journal', 'journal.mdb'), 6_000);
  const sessions = join(folder, 'broker', 'sessions');
  for (const name of readdirSync(sessions)) if (name.startsWith('MANIFEST')) truncateSync(join(sessions, name), 12);
  const quarantine = join(folder, 'quarantine', 'quarantine.mdb');
  const rotten = readFileSync(quarantine);
  rotten[rotten.indexOf(`{"nonsense of ${DEVICES[1]!.id}`)]! ^= 1;
  overwrite(quarantine, rotten);

  const second = await startPlatformProcess(folder);
  expect((await fetch(`http://127.0.0.1:${second.httpPort}/readyz`)).status).toBe(200);
  expect(await second.metric('hd_damaged_total')).toBe(4);
  expect(await second.metric('hd_quarantine_damaged_messages')).toBe(1);
  expect(await second.metric('hd_quarantine_messages')).toBe(DEVICES.length - 1);
  const sent = await send(second, from + 60_000, 10);
  await second.stop();

  expect(readdirSync(join(folder, 'store', 'damaged'))).toContain(week);
  expect(readdirSync(join(folder, 'journal')).some((name) => name.startsWith('journal.mdb.damaged'))).toBe(true);
  expect(existsSync(`${sessions}.damaged`)).toBe(true);
  expect(existsSync(join(folder, 'store', week!))).toBe(true);
  const registry = new DatabaseSync(join(folder, 'registry.sqlite'), { readOnly: true });
  const notices = registry.prepare("SELECT body FROM notices WHERE body LIKE '%file.damaged%'").all();
  registry.close();
  expect(notices).toHaveLength(4);
  const { stored, doubled } = await storedReadings(folder, DEVICES, from, from + 600_000);
  expect(sent.filter((key) => !stored.has(key))).toEqual([]);
  expect(doubled).toBe(0);
}, 120_000);
