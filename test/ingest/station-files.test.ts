import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import type { Actor } from '../../domain/access.ts';
import type { AgencyId, PointId } from '../../domain/identifiers.ts';
import { QUALITY } from '../../domain/quality.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { toColumns } from '../../domain/reading.ts';
import type { StationSchedule } from '../../domain/station.ts';
import { parseStationFile, stationTime } from '../../domain/station-file.ts';
import { epochMs, hours, minutes } from '../../domain/time.ts';
import { newFolder, openIngest } from './platform-parts.ts';

const SYSTEM: Actor = { kind: 'system', name: 'test' };
const parameters = [
  { symbol: 'PM2,5', pointId: 'p-air-1' as PointId, quantity: 'pm2_5' as QuantityKey, unit: 'µg/Nm3' },
  { symbol: 'PM10', pointId: 'p-air-1' as PointId, quantity: 'pm10' as QuantityKey, unit: 'µg/Nm3' },
];
const QUICK = { pollSeconds: 0.03, quietSeconds: 0.05, exportDelaySeconds: 0.001 };

let stopping: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop();
  stopping = [];
});

async function openWatched(folder = newFolder(), schedule: StationSchedule | null = null) {
  const [watched, exported] = [join(folder, 'incoming'), join(folder, 'outgoing')];
  mkdirSync(watched, { recursive: true });
  const stationFiles = { ...QUICK, watchedFolder: watched, exportFolder: exported };
  const platform = await openIngest(folder, { stationFiles });
  stopping.push(() => platform.stopAll());
  const { stations } = platform.registry.as(SYSTEM);
  if ((await stations.list()).length === 0)
    await stations.create({
      code: 'KHI001',
      agencyId: 'env' as AgencyId,
      province: 'HP',
      facility: 'CTY1',
      parameters,
      schedule,
    });
  platform.bus.publish('stations.changed', { agencyId: 'env' as AgencyId });
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(watched, path)), { recursive: true });
    writeFileSync(join(watched, path), content);
  };
  const files = (where: string): string[] =>
    existsSync(join(watched, where))
      ? readdirSync(join(watched, where), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ name }) => name)
          .sort()
      : [];
  const readings = async (quantity = 'pm2_5') => {
    const found = await platform.store.range({
      series: platform.seriesOf('air-1', quantity),
      from: epochMs(0),
      to: epochMs(4e12),
      limit: 1_000,
    });
    return Array.from({ length: found.length }, (_, i) => [found.eventTime[i], found.value[i], found.quality[i]]);
  };
  const receipts = async () => (await stations.receipts({}, { limit: 1_000 })).items;
  return { ...platform, watched, exported, put, files, readings, receipts };
}

const at = (minutesAgo: number) => epochMs(Math.floor(Date.now() / 60_000 - minutesAgo) * 60_000);
const nameAt = (time: number, station = 'KHI001') => `HP_CTY1_${station}_${stationTime(epochMs(time))}.txt`;
const line = (symbol: string, value: string, time: number, status = '00', unit = 'ug/Nm3') =>
  `${symbol}\t${value}\t${unit}\t${stationTime(epochMs(time))}\t${status}\r\n`;

it('imports files of the watched folder by their station’s mapping, and puts them away', async () => {
  const { put, files, readings, receipts } = await openWatched();
  const time = at(10);
  put(`KHI001/2026/01/01/${nameAt(time)}`, line('PM2.5', '37,5', time) + line('PM10', '61', time, '01', 'mg/Nm3'));
  await vi.waitFor(async () => expect(await readings()).toEqual([[time, 37.5, QUALITY.GOOD]]), 10_000);
  // Milligrams become the quantity's micrograms; a station that is being calibrated says so.
  expect(await readings('pm10')).toMatchObject([[time, 61_000, expect.any(Number)]]);
  await vi.waitFor(() => expect(files('done')).toEqual([nameAt(time)]), 10_000);
  expect(await receipts()).toMatchObject([
    { fileName: nameAt(time), station: 'KHI001', agencyId: 'env', state: 'imported', readings: 2, refused: 0 },
  ]);
});

it('sends what it cannot use to failed/ with the reason beside it, and keeps what it can', async () => {
  const { put, files, readings, receipts, quarantine, watched } = await openWatched();
  const time = at(10);
  put(nameAt(time, 'NUO999'), line('pH', '7', time, '00', '-'));
  put('notes.csv', 'x');
  put(nameAt(time), line('PM2,5', '12', time) + line('SO2', '5', time) + line('PM10', 'N/A', time));
  put(nameAt(time + 60_000), 'PM2,5\t12\r\n');
  await vi.waitFor(() => expect(files('failed')).toHaveLength(6), 10_000);
  await vi.waitFor(() => expect(files('done')).toEqual([nameAt(time)]), 10_000);
  const reason = readFileSync(join(watched, 'failed', `${nameAt(time, 'NUO999')}.reason.txt`), 'utf8');
  expect(reason).toMatch(/^STATION_UNKNOWN\nMã trạm chưa được khai báo/);
  await vi.waitFor(async () => expect(await readings()).toEqual([[time, 12, QUALITY.GOOD]]), 10_000);
  expect((await receipts()).map(({ state, reason }) => [state, reason?.code ?? null]).sort()).toEqual([
    ['failed', 'EXTENSION'],
    ['failed', 'NOTHING_USABLE'],
    ['failed', 'STATION_UNKNOWN'],
    ['partly', null],
  ]);
  const held = await quarantine.list({ agencies: ['env' as AgencyId] }, 10);
  expect(held.map(({ deviceId, transport }) => [deviceId, transport])).toEqual([
    ['station:KHI001', 'file'],
    ['station:KHI001', 'file'],
  ]);
  const codes = held.flatMap(({ problems }) => problems.map(({ quantity, code }) => `${quantity} ${code}`));
  expect(codes.sort()).toEqual(['PM10 VALUE_NOT_NUMERIC', 'SO2 UNKNOWN_QUANTITY', 'null MALFORMED']);
});

it('replays held records once their symbol is mapped, and takes a failed file again', async () => {
  const { put, files, readings, receipts, quarantine, pipeline, registry, bus, stationFiles, seriesOf } =
    await openWatched();
  const { stations } = registry.as(SYSTEM);
  const station = await stations.get('KHI001');
  await stations.update({ ...station, parameters: parameters.slice(0, 1) });
  bus.publish('stations.changed', { agencyId: 'env' as AgencyId });
  const time = at(10);
  put(nameAt(time), line('PM2,5', '12', time) + line('PM10', '20', time));
  put(nameAt(time, 'KHI002'), line('PM2,5', '13', time + 60_000));
  await vi.waitFor(async () => expect(await receipts()).toHaveLength(2), 10_000);
  await vi.waitFor(() => expect(files('failed')).toHaveLength(2), 10_000);
  await stations.update({ ...(await stations.get('KHI001')), parameters });
  await stations.create({ ...station, code: 'KHI002' });
  bus.publish('stations.changed', { agencyId: 'env' as AgencyId });
  const [held] = await quarantine.list({ agencies: 'all' }, 10);
  await vi.waitFor(async () => {
    await pipeline.replay([held!.id], { backfill: false });
    expect(await readings('pm10')).toEqual([[time, 20, QUALITY.GOOD]]);
  }, 10_000);
  const failed = (await receipts()).find(({ state }) => state === 'failed')!;
  expect(await stationFiles.retry(failed)).toBe(true);
  expect(await stationFiles.retry(failed)).toBe(false);
  await vi.waitFor(() => expect(files('done')).toHaveLength(2), 10_000);
  expect(files('failed')).toEqual([]);
  expect(seriesOf('air-1')).toBeGreaterThan(0);
});

it('takes a file of the same name with other content for another version, and the same one only once', async () => {
  const { put, files, readings, receipts, metrics } = await openWatched();
  const time = at(10);
  put(nameAt(time), line('PM2,5', '12', time));
  await vi.waitFor(() => expect(files('done')).toHaveLength(1), 10_000);
  put(nameAt(time), line('PM2,5', '14', time));
  await vi.waitFor(() => expect(files('done')).toHaveLength(2), 10_000);
  await vi.waitFor(async () => expect(await readings()).toEqual([[time, 14, QUALITY.GOOD]]), 10_000);
  put(nameAt(time), line('PM2,5', '12', time));
  await vi.waitFor(() => expect(files('.')).toHaveLength(2), 10_000);
  expect(await receipts()).toHaveLength(2);
  expect(metrics.value('hd_readings_accepted_total')).toBe(2);
  expect(await readings()).toEqual([[time, 14, QUALITY.GOOD]]);
});

it('leaves alone what is still on its way, and never follows a link out of the folder', async () => {
  const { put, files, watched, readings, stationFiles } = await openWatched();
  const time = at(10);
  put(`${nameAt(time)}.filepart`, line('PM2,5', '1', time));
  writeFileSync(join(watched, '../secret.txt'), line('PM2,5', '2', time));
  symlinkSync(join(watched, '../secret.txt'), join(watched, nameAt(time + 60_000)));
  put(nameAt(time + 120_000), line('PM2,5', '3', time + 120_000));
  await vi.waitFor(() => expect(files('done')).toEqual([nameAt(time + 120_000)]), 10_000);
  const { scannedAt } = stationFiles.status().watched;
  await vi.waitFor(() => expect(stationFiles.status().watched.scannedAt).toBeGreaterThan(scannedAt! + 150), 10_000);
  expect(files('failed')).toEqual([]);
  await vi.waitFor(async () => expect(await readings()).toEqual([[time + 120_000, 3, QUALITY.GOOD]]), 10_000);
  renameSync(join(watched, `${nameAt(time)}.filepart`), join(watched, nameAt(time)));
  await vi.waitFor(() => expect(files('done')).toHaveLength(2), 10_000);
});

it('previews what each record would become, and changes nothing', async () => {
  const { stationFiles, readings, receipts, quarantine } = await openWatched();
  const time = at(90 * 1440);
  const text = line('PM2,5', '37.5', time, '02') + line('PM10', 'x', time) + line('SO2', '1', time);
  const bytes = new TextEncoder().encode(text);
  await vi.waitFor(async () => {
    const { station, refusal, outcomes } = await stationFiles.preview(nameAt(time), bytes);
    expect([station?.code, refusal]).toEqual(['KHI001', null]);
    expect(outcomes).toMatchObject([
      { kind: 'reading', pointId: 'p-air-1', quantity: 'pm2_5', value: 37.5, quality: QUALITY.INVALID_DEVICE_FAULT },
      { kind: 'unreadable', problem: { code: 'VALUE_NOT_NUMERIC', symbol: 'PM10' } },
      { kind: 'refused', code: 'UNKNOWN_QUANTITY', detail: 'SO2' },
    ]);
  }, 10_000);
  expect(await stationFiles.preview('x.txt', bytes)).toMatchObject({ refusal: 'NAME_PARTS', outcomes: [] });
  expect([await readings(), await receipts(), quarantine.status().messages]).toEqual([[], [], 0]);
  // What is older than any device may send is taken from a file.
  const receipt = await stationFiles.import(nameAt(time), bytes, { source: 'upload', by: null });
  expect(receipt).toMatchObject({ state: 'partly', readings: 1, refused: 2 });
  expect(await stationFiles.import(nameAt(time), bytes, { source: 'upload', by: null })).toEqual(receipt);
  expect(quarantine.status().messages).toBe(1);
});

const everyMinute: StationSchedule = { intervalMinutes: 1, symbols: ['PM2,5', 'PM10'], folder: 'so-tnmt', dated: true };

it('writes a file an interval on schedule, with the status of its readings, and makes up for the time it was down', async () => {
  const folder = newFolder();
  const first = await openWatched(folder, everyMinute);
  const now = at(0);
  const rows = [
    [now - 170_000, 10, QUALITY.GOOD],
    [now - 150_000, 20, QUALITY.GOOD],
    [now - 110_000, 30, QUALITY.CALIBRATING],
    [now - 50_000, 40, QUALITY.INVALID_DEVICE_FAULT],
    [now - 40_000, 50, QUALITY.GOOD],
  ] as const;
  await first.store.load([
    toColumns(
      rows.map(([eventTime, value, quality]) => ({
        series: first.seriesOf('air-1'),
        eventTime: epochMs(eventTime),
        arrivalTime: epochMs(eventTime),
        value,
        quality,
      })),
    ),
  ]);
  await stopping.pop()!();
  // As if it had been down since three minutes ago.
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(join(folder, 'registry.sqlite'));
  db.prepare('UPDATE stations SET exported_to = ?').run(now - 180_000);
  db.close();

  const again = await openWatched(folder);
  const pathOf = (end: number) => {
    const text = stationTime(epochMs(end));
    const day = [text.slice(0, 4), text.slice(4, 6), text.slice(6, 8)].join('/');
    return join(again.exported, 'so-tnmt/KHI001', day, `HP_CTY1_KHI001_${text}.txt`);
  };
  await vi.waitFor(() => expect(existsSync(pathOf(now))).toBe(true), 10_000);
  const written = (end: number) =>
    parseStationFile(readFileSync(pathOf(end))).records.map(({ symbol, value, status }) => [symbol, value, status]);
  expect(written(now - 120_000)).toEqual([
    ['PM2,5', 15, '00'],
    ['PM10', 0, '02'],
  ]);
  expect(written(now - 60_000)[0]).toEqual(['PM2,5', 30, '01']);
  expect(written(now)[0]).toEqual(['PM2,5', 50, '02']);
  expect(parseStationFile(readFileSync(pathOf(now))).records[0]).toMatchObject({ unit: 'µg/Nm3', time: now });
  expect(await again.registry.as(SYSTEM).stations.get('KHI001')).toMatchObject({ exportedTo: expect.any(Number) });
  expect(again.errors).toEqual([]);
});

it('loses no file and repeats none when it is killed between taking a file and putting it away', async () => {
  const folder = newFolder();
  const setUp = await openWatched(folder);
  await stopping.pop()!();
  const time = epochMs(at(0) - hours(10));
  const COUNT = 120;
  for (let i = 0; i < COUNT; i++)
    writeFileSync(
      join(setUp.watched, nameAt(time + minutes(i))),
      line('PM2,5', String(i), time + minutes(i)) + line('PM10', String(i), time + minutes(i)),
    );
  const done = () => setUp.files('done').length;
  let child: ChildProcess | undefined;
  for (const after of [15, 50, 85]) {
    child = spawn(process.execPath, [join(import.meta.dirname, 'station-files-child.ts'), folder], {
      stdio: 'inherit',
    });
    const exited = once(child, 'exit');
    await vi.waitFor(() => expect(done()).toBeGreaterThanOrEqual(after), { timeout: 30_000, interval: 2 });
    child.kill('SIGKILL');
    await exited;
  }
  const { readings, receipts, files } = await openWatched(folder);
  await vi.waitFor(() => expect(files('done')).toHaveLength(COUNT), 30_000);
  expect(files('failed')).toEqual([]);
  await vi.waitFor(async () => expect(await readings('pm10')).toHaveLength(COUNT), 30_000);
  expect((await readings()).map(([, value]) => value)).toEqual(Array.from({ length: COUNT }, (_, i) => i));
  expect(await receipts()).toHaveLength(COUNT);
}, 120_000);
