import type { MqttClient } from 'mqtt';
import { expect } from 'vitest';
import { CITY_DEVICES, connectDevice, newFolder, startPlatformProcess, storedReadings } from './platform-process.ts';

export interface KillRun {
  readonly devices: number;
  /** How often the platform is killed. */
  readonly kills: number;
  /** Acknowledgements before a kill: at least, and so many more at random. */
  readonly acksBeforeKill: readonly [least: number, more: number];
}

/**
 * Devices publish as fast as they are acknowledged; the platform is killed with SIGKILL at a random instant, started again, and so on. In the end
 * everything acknowledged must be in the store, and nothing twice.
 */
export async function killAtRandom({ devices, kills, acksBeforeKill: [least, more] }: KillRun) {
  const folder = newFolder();
  const street = CITY_DEVICES.slice(0, devices);
  /** `device@time`. Times are whole and rise, so each identity is one message. */
  const acknowledged = new Set<string>();
  const from = Date.now() - 6 * 3_600_000;
  let step = 0;
  for (let round = 0; round < kills; round++) {
    const platform = await startPlatformProcess(folder);
    const clients: MqttClient[] = await Promise.all(street.map(({ id }) => connectDevice(platform, id)));
    const target = acknowledged.size + least + Math.floor(Math.random() * more);
    let dead = false;
    void platform.gone.then(() => {
      dead = true;
    });
    await Promise.all(
      clients.map(async (client, i) => {
        const { id, channel } = street[i]!;
        const closed = new Promise<boolean>((resolve) => client.once('close', () => resolve(false)));
        while (!dead && acknowledged.size < target) {
          const ts = from + ++step;
          // Whether this one was acknowledged decides whether it must be there; the next round goes on with new times.
          const sent = client
            .publishAsync(`hd/v1/${id}/telemetry`, JSON.stringify({ ts, values: { [channel]: 1 } }), { qos: 1 })
            .then(() => true);
          if (!(await Promise.race([sent, closed]).catch(() => false))) return;
          acknowledged.add(`${id}@${ts}`);
        }
        if (!dead) platform.child.kill('SIGKILL');
      }),
    );
    await platform.kill();
    for (const client of clients) client.end(true);
  }
  // Once more, to let the store take in what the journal kept; stopped in good order, so that the files may be opened here.
  await (await startPlatformProcess(folder)).stop();
  const { stored, doubled } = await storedReadings(folder, street, from, from + step + 1);
  expect([...acknowledged].filter((key) => !stored.has(key))).toEqual([]);
  expect(doubled).toBe(0);
  return { acknowledged: acknowledged.size, stored: stored.size };
}
