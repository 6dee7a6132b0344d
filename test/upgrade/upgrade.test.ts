import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { epochMs } from '../../domain/time.ts';
import { ApiClient } from '../api/api-client.ts';
import { CITY_DEVICES, connectDevice, killAll, newFolder, startPlatformProcess } from '../faults/platform-process.ts';

afterEach(killAll);

/** Data directories of older releases, each made by `make-data.ts` and left as a SIGKILL left it. */
const OLDER = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.tar.br'));

interface Expected {
  readonly madeAt: number;
  readonly device: string;
  /** Of all its readings that were acknowledged. */
  readonly times: readonly number[];
  /** Readings before it were dropped by the older release, which kept what they came to by the day. */
  readonly keptFrom: number;
  readonly alarms: readonly { readonly id: string; readonly startedAt: number; readonly severity: string }[];
  readonly rules: readonly string[];
  readonly quarantined: readonly { readonly id: string }[];
}

function unpack(archive: string): { readonly folder: string; readonly expected: Expected } {
  const folder = newFolder();
  const tar = brotliDecompressSync(readFileSync(join(import.meta.dirname, archive)));
  execFileSync('tar', ['-C', folder, '-xf', '-'], { input: tar });
  return { folder, expected: JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected };
}

describe.each(OLDER)('The data of an older release, %s', (archive) => {
  it('is all there after the upgrade: readings, their rollups, alarms, rules, quarantine, accounts and devices', async () => {
    const { folder, expected } = unpack(archive);
    const platform = await startPlatformProcess(folder);
    const client = await ApiClient.signIn(`http://127.0.0.1:${platform.httpPort}`, 'quantri', 'hai-dang-demo');
    const device = CITY_DEVICES.find(({ id }) => id === expected.device)!;
    const { body: point } = await client.call('GET /points/{pointId}', { params: { pointId: device.point! } });
    const series = point.series.find(({ quantity }) => quantity === device.quantity)!.id;

    // What was only in the journal is stored too, and nothing twice.
    const kept = expected.times.filter((time) => time >= expected.keptFrom);
    const span = { from: epochMs(expected.madeAt - 40 * 86_400_000), to: epochMs(expected.madeAt + 1) };
    await expect
      .poll(async () => (await client.call('GET /readings', { query: { series, ...span } })).body.eventTime, {
        timeout: 20_000,
      })
      .toEqual(kept);
    const { body: days } = await client.call('GET /readings/windows', { query: { series, ...span, step: 'P1D' } });
    expect(days.items[0]!.count.reduce((sum, count) => sum + count, 0)).toBe(expected.times.length);
    expect(days.items[0]!.kept.raw).toBeLessThanOrEqual(expected.keptFrom);

    const { body: alarms } = await client.call('GET /alarms', { query: { limit: 200 } });
    expect(alarms.items).toEqual(
      expect.arrayContaining(
        expected.alarms.map(({ id, startedAt, severity }) => expect.objectContaining({ id, startedAt, severity })),
      ),
    );
    const { body: rules } = await client.call('GET /rules', { query: { limit: 200 } });
    expect(rules.items.map(({ id }) => id)).toEqual(expect.arrayContaining([...expected.rules]));
    const { body: quarantine } = await client.call('GET /quarantine', { query: { limit: 50 } });
    expect(quarantine.items.map(({ id }) => id).sort()).toEqual(expected.quarantined.map(({ id }) => id).sort());

    // Of what this release would delete, people are told a month before.
    const { body: notices } = await client.call('GET /notices', { query: { limit: 50 } });
    expect(notices.items.find(({ kind }) => kind === 'retention.waiting')?.text.params).toEqual({ days: 30 });

    // Its devices go on with the token they have.
    const mqtt = await connectDevice(platform, device.id);
    const at = Date.now();
    await mqtt.publishAsync(
      `hd/v1/${device.id}/telemetry`,
      JSON.stringify({ ts: at, values: { [device.channel]: 12 } }),
      { qos: 1 },
    );
    mqtt.end(true);
    await expect
      .poll(async () => (await client.call('GET /readings', { query: { series, from: at, to: at + 1 } })).body.value, {
        timeout: 10_000,
      })
      .toEqual([12]);
    await platform.stop();
  }, 60_000);
});
