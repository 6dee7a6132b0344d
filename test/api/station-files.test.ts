import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RouteBodyInput } from '../../api/contract/routes.ts';
import type { PointId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { stationTime } from '../../domain/station-file.ts';
import { epochMs } from '../../domain/time.ts';
import type { ApiClient } from './api-client.ts';
import { ENVIRONMENT, POWER, type RunningApi, runApi, SYSTEM } from './running-api.ts';

type Edit = RouteBodyInput<'PUT /stations/{stationCode}'>;

let running: RunningApi;
let officer: ApiClient;
let neighbour: ApiClient;
const folder = mkdtempSync(join(tmpdir(), 'hd-station-files-'));
beforeAll(async () => {
  running = await runApi({ watchedFolder: folder, limits: { stationFileBytes: 10_000 } });
  await running.stationFiles.start();
  officer = await running.as('environment');
  neighbour = await running.as('environment', POWER);
  const made = await officer.call('POST /stations', {
    body: { code: 'khi001', agencyId: ENVIRONMENT, station: station() },
  });
  expect(made.status).toBe(201);
});
afterAll(() => running.close());

function station(more: Partial<Edit> = {}): Edit {
  const pm = { symbol: 'PM2.5', pointId: 'p-le-chan' as PointId, quantity: 'pm2_5' as QuantityKey, unit: 'µg/Nm3' };
  return { province: 'HP', facility: 'CTY1', parameters: [pm], schedule: null, ...more };
}
const params = { stationCode: 'KHI001' };
const time = epochMs(Math.floor(Date.now() / 60_000 - 10) * 60_000);
const nameOf = (code: string, at = time) => `HP_CTY1_${code}_${stationTime(at)}.txt`;
const line = (symbol: string, value: string) => `${symbol}\t${value}\tug/Nm3\t${stationTime(time)}\t00\r\n`;
const upload = (fileName: string, text: string) => ({
  query: { fileName },
  upload: { bytes: text, type: 'text/plain' },
});

describe('a station', () => {
  it('is kept with its symbols in the spelling of the circular', async () => {
    const { body } = await officer.call('GET /stations/{stationCode}', { params });
    expect(body).toMatchObject({ code: 'KHI001', version: 1, parameters: [{ symbol: 'PM2,5', quantity: 'pm2_5' }] });
  });

  it('is refused with a symbol twice, a unit that cannot become the quantity’s, or an export of what it has not', async () => {
    const [pm] = station().parameters;
    const wrong: [Edit, string][] = [
      [station({ parameters: [pm!, { ...pm!, symbol: 'PM25' }] }), 'parameters'],
      [station({ parameters: [{ ...pm!, unit: 'mg/L.s' }] }), 'parameters.0.unit'],
      [station({ parameters: [{ ...pm!, unit: '°C' }] }), 'parameters.0.unit'],
      [station({ schedule: { intervalMinutes: 5, symbols: ['CO'], folder: '', dated: true } }), 'schedule.symbols'],
      [station({ schedule: { intervalMinutes: 5, symbols: [], folder: '../up', dated: true } }), 'schedule.folder'],
      [station({ schedule: { intervalMinutes: 5, symbols: [], folder: '/etc', dated: true } }), 'schedule.folder'],
      [station({ province: 'a/b' }), 'province'],
    ];
    for (const [body, path] of wrong) {
      const { status, body: problem } = await officer.call('PUT /stations/{stationCode}', { params, version: 1, body });
      expect([status, (problem as unknown as { errors: { path: string }[] }).errors[0]?.path]).toEqual([400, path]);
    }
    const foreign = { ...pm!, pointId: 'p-tba' as PointId, quantity: 'voltage' as QuantityKey, unit: 'V' };
    const { code } = await officer.call('PUT /stations/{stationCode}', {
      params,
      version: 1,
      body: station({ parameters: [foreign] }),
    });
    expect(code).toBe('REFERENCE_MISSING');
  });

  it('isn’t there for other agencies, nor are its files', async () => {
    expect((await neighbour.call('GET /stations')).body.items).toEqual([]);
    expect((await neighbour.call('GET /stations/{stationCode}', { params })).status).toBe(404);
    const edit = { params, version: 1, body: station() };
    expect((await neighbour.call('PUT /stations/{stationCode}', edit)).status).toBe(404);
    expect((await neighbour.call('DELETE /stations/{stationCode}', { params, version: 1 })).status).toBe(404);
    const preview = await neighbour.call('POST /station-files/preview', upload(nameOf('KHI001'), line('PM2,5', '7')));
    expect(preview.body).toMatchObject({ station: null, refusal: 'STATION_UNKNOWN', outcomes: [] });
    const imported = await neighbour.call('POST /station-files', upload(nameOf('KHI001'), line('PM2,5', '7')));
    expect([imported.status, imported.code]).toEqual([404, 'NOT_FOUND']);
    const made = { code: 'X01', agencyId: ENVIRONMENT, station: station() };
    expect((await neighbour.call('POST /stations', { body: made })).status).toBe(404);
  });
});

describe('an uploaded file', () => {
  it('is previewed with the point and quality of every record and the symbols nobody knows', async () => {
    const text = line('PM25', '37,5') + line('SO2', '1') + line('SO2', 'x');
    const { body } = await officer.call('POST /station-files/preview', upload(nameOf('KHI001'), text));
    expect(body).toMatchObject({
      station: { code: 'KHI001' },
      refusal: null,
      counts: { readings: 1, refused: 1, unreadable: 1 },
      unknownSymbols: [{ symbol: 'SO2', records: 1 }],
      outcomes: [
        { kind: 'reading', pointId: 'p-le-chan', quantity: 'pm2_5', value: 37.5, quality: 'GOOD' },
        { kind: 'refused', code: 'UNKNOWN_QUANTITY' },
        { kind: 'unreadable', record: 2, code: 'VALUE_NOT_NUMERIC' },
      ],
      before: null,
    });
  });

  it('is imported once, put on record, and its records that cannot be used are in quarantine', async () => {
    const file = upload(nameOf('KHI001'), line('PM25', '37,5') + line('SO2', '1'));
    const first = await officer.call('POST /station-files', file);
    expect(first.body).toMatchObject({ state: 'partly', readings: 1, refused: 1, station: 'KHI001', source: 'upload' });
    const second = await officer.call('POST /station-files', file);
    expect(second.body).toEqual(first.body);
    const { body: held } = await (await running.as('agency_admin')).call('GET /quarantine');
    expect(held.items).toMatchObject([{ deviceId: 'station:KHI001', transport: 'file', agencyId: ENVIRONMENT }]);
    const filtered = await (await running.as('agency_admin')).call('GET /quarantine', {
      query: { device: 'station:KHI001' },
    });
    expect(filtered.body.items).toHaveLength(1);
    const { items } = await running.registry.as(SYSTEM).audit.list({ targetKind: 'station_file' }, { limit: 5 });
    expect(items[0]).toMatchObject({ action: 'station.import_file', agencyId: ENVIRONMENT });
    const { body } = await officer.call('GET /station-files', { query: { state: 'partly' } });
    expect(body.items.map(({ key }) => key)).toEqual([first.body.key]);
    expect((await neighbour.call('GET /station-files')).body.items).toEqual([]);
  });

  it('is refused when it is too large, and says why when its name or station is wrong', async () => {
    const large = await officer.call('POST /station-files', upload(nameOf('KHI001'), 'x'.repeat(10_001)));
    expect([large.status, large.code]).toEqual([413, 'BODY_TOO_LARGE']);
    for (const [name, refusal] of [
      ['notes.txt', 'NAME_PARTS'],
      [nameOf('NUO999'), 'STATION_UNKNOWN'],
    ] as const) {
      const { body } = await officer.call('POST /station-files', upload(name, line('PM2,5', '1')));
      expect(body).toMatchObject({ state: 'failed', reason: { code: refusal } });
    }
  });
});

it('shows the watched folder’s state, and puts a failed file back into it', async () => {
  const name = nameOf('KHI002');
  writeFileSync(join(folder, name), line('PM2,5', '8'));
  const failed = await vi.waitFor(async () => {
    const { body } = await officer.call('GET /station-files', { query: { state: 'failed' } });
    const found = body.items.find(({ fileName, source }) => fileName === name && source === 'folder');
    expect(found).toMatchObject({ retryable: true, reason: { code: 'STATION_UNKNOWN' } });
    expect(existsSync(join(folder, 'failed', name))).toBe(true);
    return found!;
  }, 10_000);
  const status = await officer.call('GET /station-files/status');
  expect(status.body.watched).toMatchObject({ folder: expect.not.stringContaining('/'), failed: 1, trouble: null });
  const whole = await (await running.as('platform_admin')).call('GET /station-files/status');
  expect(whole.body.watched.folder).toBe(folder);

  const made = { code: 'KHI002', agencyId: ENVIRONMENT, station: station() };
  expect((await officer.call('POST /stations', { body: made })).status).toBe(201);
  const retry = { params: { fileKey: failed.key } };
  expect((await officer.call('POST /station-files/{fileKey}/retry', retry)).status).toBe(204);
  await vi.waitFor(async () => {
    const { body } = await officer.call('GET /station-files', { query: { state: 'imported' } });
    expect(body.items.map(({ fileName }) => fileName)).toContain(name);
  }, 10_000);
  expect((await officer.call('POST /station-files/{fileKey}/retry', retry)).status).toBe(404);
  await vi.waitFor(() => expect(existsSync(join(folder, 'done', name))).toBe(true), 10_000);
});
