import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { demoToken } from '../../config/city/demo-tokens.ts';
import { haiPhong, haiPhongFacts } from '../../config/city/hai-phong.ts';
import type { EpochMs } from '../../domain/time.ts';
import { createFleet } from '../../firmware-sim/fleet.ts';
import { createCityDevices } from '../../firmware-sim/hardware/devices.ts';
import { newFolder, startPlatformProcess } from './platform-process.ts';

/**
 * The whole simulated city against a platform in a process of its own: everything sent is acknowledged, nothing piles up, and memory does not creep.
 * The first `settleMs` count for nothing: buffers and code are still warming up.
 */
export async function soak({ forMs, settleMs }: { readonly forMs: number; readonly settleMs: number }) {
  const platform = await startPlatformProcess(newFolder());
  const seed = 1;
  const now = (): EpochMs => Date.now() as EpochMs;
  const { devices } = createCityDevices({
    city: haiPhong,
    facts: haiPhongFacts,
    seed,
    from: now(),
    effects: [],
    temper: 'real',
  });
  const fleet = createFleet({
    brokerUrl: `mqtt://127.0.0.1:${platform.mqttPort}`,
    devices,
    credentialsOf: (device) => ({ username: device, password: demoToken(String(seed), device) }),
    clock: now,
    seed,
  });
  await fleet.start();
  const samples: number[] = [];
  await sleep(settleMs);
  for (const until = Date.now() + forMs; Date.now() < until; await sleep(2_000))
    samples.push(platform.memoryMegabytes());
  await fleet.stop();
  const stats = fleet.stats();
  expect(stats.dropped).toBe(0);
  expect(stats.published - stats.acknowledged).toBe(0);
  for (const consumer of ['store', 'rules', 'live', 'indices'])
    await expect
      .poll(() => platform.metric(`hd_journal_depth\\{consumer="${consumer}"\\}`), { timeout: 20_000 })
      .toBe(0);
  const ready = await fetch(`http://127.0.0.1:${platform.httpPort}/readyz`);
  expect(ready.status).toBe(200);
  await platform.stop();
  const mean = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0) / Math.max(1, list.length);
  const third = Math.max(1, Math.floor(samples.length / 3));
  return {
    devices: stats.devices,
    acknowledged: stats.acknowledged,
    readings: stats.readings,
    memoryPeak: Math.round(Math.max(...samples)),
    /** Mean of the last third over the mean of the first. */
    memoryGrowth: mean(samples.slice(-third)) / mean(samples.slice(0, third)),
  };
}
