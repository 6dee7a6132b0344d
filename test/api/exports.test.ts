import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parse } from 'csv-parse/sync';
import readXlsx from 'read-excel-file/node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DataExportWire } from '../../api/contract/exports.ts';
import type { RouteBodyInput } from '../../api/contract/routes.ts';
import type { PointId, SeriesId } from '../../domain/identifiers.ts';
import { QUALITY } from '../../domain/quality.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { toColumns } from '../../domain/reading.ts';
import { epochMs, hours, minutes } from '../../domain/time.ts';
import type { ApiClient } from './api-client.ts';
import { CITY, ENVIRONMENT, POWER, type RunningApi, runApi, SYSTEM } from './running-api.ts';

type Order = RouteBodyInput<'POST /exports'>;

const FROM = epochMs(Date.parse('2026-11-01T00:00:00+07:00'));
const TO = epochMs(FROM + hours(24));
/** A name that a spreadsheet would compute, in a file that isn't told otherwise. */
const FORMULA_NAME = { vi: '=HYPERLINK("http://x";"Trạm, số 1")', en: '=1+1, "x"' };

let running: RunningApi;
let officer: ApiClient;
let pm: SeriesId;
beforeAll(async () => {
  const points = CITY.points.map((point) => (point.id === 'p-do-son' ? { ...point, name: FORMULA_NAME } : point));
  running = await runApi({ city: { ...CITY, points }, limits: { exportRows: 5_000, exportsKeptPerPerson: 20 } });
  officer = await running.as('environment');
  pm = await running.series('p-le-chan', 'pm2_5');
  const [temperature, voltage, doSon] = await Promise.all([
    running.series('p-le-chan', 'temperature'),
    running.series('p-tba', 'voltage'),
    running.series('p-do-son', 'pm2_5'),
  ]);
  const every = (series: SeriesId, value: number, step: number) =>
    Array.from({ length: Math.floor((TO - FROM) / step) }, (_, i) => {
      const at = epochMs(FROM + i * step);
      const quality = i === 1 ? QUALITY.INVALID_DEVICE_FAULT : i === 2 ? QUALITY.CALIBRATING : QUALITY.GOOD;
      return { series, eventTime: at, arrivalTime: at, value: value + i / 8, quality };
    });
  await running.store.load([
    toColumns([
      ...every(pm, 20, minutes(10)),
      ...every(temperature, 25, minutes(60)),
      ...every(voltage, 220, minutes(60)),
      ...every(doSon, 10, minutes(60)),
    ]),
  ]);
  await running.registry.as(SYSTEM).qualitySpans.mark({
    series: pm,
    from: epochMs(FROM + minutes(30)),
    to: epochMs(FROM + minutes(40)),
    quality: QUALITY.INVALID_DECLARED,
    reason: 'đang lau đầu đo',
  });
});
afterAll(() => running.close());

const pmOrder = (more: Partial<Order> = {}): Order => ({
  selection: { points: ['p-le-chan' as PointId], quantities: ['pm2_5' as QuantityKey] },
  from: FROM,
  to: TO,
  step: null,
  format: 'csv',
  language: 'vi',
  ...more,
});

async function ended(client: ApiClient, body: Order): Promise<DataExportWire> {
  const { body: made, status } = await client.call('POST /exports', { body });
  expect(status).toBe(201);
  return vi.waitFor(
    async () => {
      const { body: now } = await client.call('GET /exports/{exportId}', { params: { exportId: made.id } });
      expect(['waiting', 'running']).not.toContain(now.state);
      return now;
    },
    { timeout: 20_000 },
  );
}
async function file(client: ApiClient, body: Order) {
  const done = await ended(client, body);
  expect(done.state).toBe('done');
  const answer = await client.call('GET /exports/{exportId}/file', { params: { exportId: done.id } });
  expect(answer.bytes.length).toBe(done.bytes);
  return { done, ...answer };
}
const inFolder = (name: string, bytes: Buffer): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'hd-export-')), name);
  writeFileSync(path, bytes);
  return path;
};
async function parquetRows(bytes: Buffer, sql = 'SELECT * FROM file'): Promise<Record<string, unknown>[]> {
  const path = inFolder('x.parquet', bytes);
  const duckdb = await DuckDBInstance.create(':memory:');
  const connection = await duckdb.connect();
  try {
    const reader = await connection.runAndReadAll(sql.replaceAll('file', `read_parquet('${path}')`));
    return reader.getRowObjectsJson() as Record<string, unknown>[];
  } finally {
    connection.closeSync();
    duckdb.closeSync();
  }
}

describe('an export', () => {
  it('says beforehand what it would be, of what the caller may see', async () => {
    const { body } = await officer.call('POST /exports/estimate', {
      body: { selection: {}, from: FROM, to: TO, step: null },
    });
    // What can't be used isn't counted: two of each series.
    expect(body).toMatchObject({ series: 3, points: 2, rows: 144 + 24 + 24 - 6, maximumRows: 5_000 });
    expect(body.bytes.csv).toBeGreaterThan(body.bytes.parquet);
    const hourly = await officer.call('POST /exports/estimate', {
      body: { selection: { quantities: ['pm2_5' as QuantityKey] }, from: FROM, to: TO, step: 'PT1H' },
    });
    expect(hourly.body.rows).toBe(48);
  });

  it('is CSV with unit, quality and reason, local time and UTC, and says what it is', async () => {
    const { text, headers, done } = await file(officer, pmOrder());
    expect(done).toMatchObject({ progress: { seriesDone: 1, rows: 144 }, leftOut: 0 });
    expect(headers.get('content-disposition')).toBe('attachment; filename="hai-dang_2026-11-01_2026-11-01.csv"');
    const rows = parse(text, { relax_column_count: true }) as string[][];
    const heading = rows.findIndex(([first]) => first === 'Thời gian');
    expect(rows.slice(0, heading).flat().join('\n')).toContain('Gồm cả số đo không hợp lệ');
    expect(rows[heading]).toEqual([
      ...['Thời gian', 'Thời gian UTC', 'Mã điểm đo', 'Điểm đo', 'Cơ quan', 'Mã phường, xã'],
      ...['Đại lượng', 'Đơn vị', 'Giá trị', 'Chất lượng', 'Lý do'],
    ]);
    expect(
      rows.slice(heading + 1, heading + 5).map((row) => [row[0], row[1], row[7], row[8], row[9], row[10]]),
    ).toEqual([
      ['2026-11-01 00:00:00', '2026-10-31T17:00:00Z', 'µg/m³', '20', 'tốt', ''],
      ['2026-11-01 00:10:00', '2026-10-31T17:10:00Z', 'µg/m³', '20.125', 'không hợp lệ', 'thiết bị báo lỗi'],
      ['2026-11-01 00:20:00', '2026-10-31T17:20:00Z', 'µg/m³', '20.25', 'đang hiệu chuẩn', ''],
      ['2026-11-01 00:30:00', '2026-10-31T17:30:00Z', 'µg/m³', '20.375', 'không hợp lệ', 'do người ghi nhận'],
    ]);
    expect(rows.length - heading - 1).toBe(144);
  });

  it('leaves out what cannot be used when that is wanted, counts it, and says so', async () => {
    const { text, done } = await file(officer, pmOrder({ withUnusable: false }));
    expect(done).toMatchObject({ leftOut: 3, progress: { rows: 141 } });
    expect(text).toContain('Không gồm số đo không hợp lệ');
    expect(text).not.toContain('thiết bị báo lỗi');
  });

  it('is spelled for Excel in Vietnamese, and no name in it is a formula', async () => {
    const { bytes, text } = await file(
      officer,
      pmOrder({
        selection: { points: ['p-do-son' as PointId] },
        csv: { byteOrderMark: true, delimiter: ';', decimal: ',' },
      }),
    );
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    const rows = parse(text, { delimiter: ';', bom: true, relax_column_count: true }) as string[][];
    const [first, second] = rows.filter(([, utc]) => utc?.endsWith('Z'));
    expect(first?.[3]).toBe(`'${FORMULA_NAME.vi}`);
    expect([first?.[8], second?.[8]]).toEqual(['10', '10,125']);
    for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+@]/);
  });

  it('is a workbook whose first sheet says what it is, and whose dates are dates', async () => {
    const { bytes } = await file(officer, pmOrder({ format: 'xlsx', selection: { points: ['p-do-son' as PointId] } }));
    const sheets = await readXlsx(inFolder('x.xlsx', bytes));
    expect(sheets.map(({ sheet }) => sheet)).toEqual(['Thông tin', 'Số liệu']);
    const [about, data] = sheets.map((sheet) => sheet.data);
    expect(about?.flat().join('\n')).toContain('Số dòng: 24');
    expect(data).toHaveLength(25);
    expect(data?.[2]).toEqual([
      new Date('2026-11-01T01:00:00Z'),
      new Date('2026-10-31T18:00:00Z'),
      'p-do-son',
      // Text in a workbook is text: nothing is put before it.
      FORMULA_NAME.vi,
      'Sở Nông nghiệp và Môi trường',
      null,
      expect.stringContaining('PM2'),
      'µg/m³',
      10.125,
      'không hợp lệ',
      'thiết bị báo lỗi',
    ]);
  });

  it('is Parquet that other programs read, with names that do not change with the language', async () => {
    const { bytes } = await file(officer, pmOrder({ format: 'parquet', selection: {} }));
    const rows = await parquetRows(
      bytes,
      'SELECT point, quantity, unit, count(*)::INT AS n, min(time)::VARCHAR AS first, sum(value) AS total FROM file GROUP BY ALL ORDER BY ALL',
    );
    expect(rows.map(({ point, quantity, n }) => [point, quantity, n])).toEqual([
      ['p-do-son', 'pm2_5', 24],
      ['p-le-chan', 'pm2_5', 144],
      ['p-le-chan', 'temperature', 24],
    ]);
    expect(String(rows[0]?.['first'])).toMatch(/^2026-10-31 17:00:00/);
    expect(rows[0]?.['total']).toBe(24 * 10 + (23 * 24) / 2 / 8);
    const marked = await parquetRows(
      bytes,
      "SELECT quality, reason FROM file WHERE quality <> 'good' AND quantity = 'pm2_5' AND point = 'p-le-chan' ORDER BY time",
    );
    expect(marked).toEqual([
      { quality: 'invalid', reason: 'DEVICE_FAULT' },
      { quality: 'calibrating', reason: '' },
      { quality: 'invalid', reason: 'DECLARED' },
    ]);
  });

  it('aggregates in steps of the site’s days and hours, verdicts counted', async () => {
    const { bytes, done } = await file(officer, pmOrder({ format: 'parquet', step: 'PT1H' }));
    expect(done.progress.rows).toBe(24);
    const [first] = await parquetRows(bytes, 'SELECT * FROM file ORDER BY time LIMIT 1');
    // Of the first hour's six readings three can't be used: a fault, a calibration, and one that the officer marked.
    expect(first).toMatchObject({ count: 3, min: 20, max: 20.625, last: 20.625, mean: (20 + 20.5 + 20.625) / 3 });
  });

  it('can be loaded in parts', async () => {
    const { done, bytes } = await file(officer, pmOrder());
    const part = await fetch(`${running.url}/api/v1/exports/${done.id}/file`, {
      headers: { cookie: officer.cookie ?? '', range: 'bytes=10-19' },
    });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(10, 20));
  });

  it('is refused when it selects nothing, too much, or a span that ends before it begins', async () => {
    const refused = async (body: Order) => {
      const { status, code } = await officer.call('POST /exports', { body });
      return [status, code];
    };
    expect(await refused(pmOrder({ selection: { tags: ['nowhere'] } }))).toEqual([400, 'INPUT_INVALID']);
    expect(await refused(pmOrder({ from: TO, to: FROM }))).toEqual([400, 'INPUT_INVALID']);
    expect(await refused(pmOrder({ step: 'P1X' }))).toEqual([400, 'INPUT_INVALID']);
    const later = epochMs(TO + hours(1));
    const many = Array.from({ length: 6_000 }, (_, i) => {
      const at = epochMs(later + i * 1_000);
      return { series: pm, eventTime: at, arrivalTime: at, value: 1, quality: QUALITY.GOOD };
    });
    await running.store.load([toColumns(many)]);
    expect(await refused(pmOrder({ from: later, to: epochMs(later + hours(2)) }))).toEqual([422, 'QUERY_TOO_LARGE']);
  });
});

describe('who may export what', () => {
  it('shows each agency what it may see, whatever is asked for', async () => {
    const power = await running.as('viewer', POWER);
    const { bytes } = await file(power, pmOrder({ format: 'parquet', selection: {} }));
    expect(await parquetRows(bytes, 'SELECT DISTINCT point FROM file')).toEqual([{ point: 'p-tba' }]);
    const refused = await power.call('POST /exports', { body: pmOrder() });
    expect([refused.status, refused.code]).toEqual([400, 'INPUT_INVALID']);
  });

  it('keeps exports their owner’s own', async () => {
    const { done } = await file(officer, pmOrder());
    const admin = await running.as('agency_admin', ENVIRONMENT);
    const params = { exportId: done.id };
    for (const key of [
      'GET /exports/{exportId}',
      'GET /exports/{exportId}/file',
      'DELETE /exports/{exportId}',
    ] as const)
      expect((await admin.call(key, { params })).status).toBe(404);
    expect((await admin.call('GET /exports')).body.items).toEqual([]);
    expect((await officer.call('GET /exports')).body.items[0]?.id).toBe(done.id);
    expect((await running.anonymous().call('GET /exports')).status).toBe(401);
  });

  it('removes the file with the export, and leaves both on record', async () => {
    const { done } = await file(officer, pmOrder());
    expect((await officer.call('DELETE /exports/{exportId}', { params: { exportId: done.id } })).status).toBe(204);
    expect((await officer.call('GET /exports/{exportId}/file', { params: { exportId: done.id } })).status).toBe(404);
    const { items } = await running.registry.as(SYSTEM).audit.list({ targetId: done.id }, { limit: 5 });
    expect(items.map(({ action }) => action)).toEqual(['export.remove', 'export.order']);
  });

  it('lets exports expire with their files', async () => {
    const viewer = await running.as('viewer');
    const { done } = await file(viewer, pmOrder());
    await running.registry.exports.expire(epochMs(done.expiresAt));
    expect((await viewer.call('GET /exports/{exportId}/file', { params: { exportId: done.id } })).status).toBe(404);
  });
});

it('says of readings that are no longer kept that hours or days are left of them', async () => {
  const admin = await running.as('platform_admin');
  const series = await running.series('p-do-son', 'pm2_5');
  const monday = epochMs(Date.parse('2026-11-02T00:00:00+07:00'));
  await running.store.retire({ series: [series], directions: [], limits: { raw: monday, hourly: null, daily: null } });
  const query = { series, from: FROM, to: TO };
  const kept = { raw: monday, hourly: null, daily: null };
  expect((await admin.call('GET /readings', { query })).body).toMatchObject({ value: [], kept });
  const { items } = (await admin.call('GET /readings/windows', { query: { ...query, step: 'PT1H' } })).body;
  expect(items).toMatchObject([{ series, kept }]);
  expect(items[0]!.good.every((good) => good === 1)).toBe(true);
  expect(items[0]!.count).toHaveLength(22);
  const selection = { points: ['p-do-son' as PointId], quantities: ['pm2_5' as QuantityKey] };
  const raw = await file(admin, pmOrder({ selection }));
  expect(raw.done.progress.rows).toBe(0);
  const hourly = await file(admin, pmOrder({ selection, step: 'PT1H', format: 'parquet' }));
  expect(hourly.done.progress.rows).toBe(22);
  expect(Buffer.from(hourly.bytes).includes('số đo gốc đã hết hạn lưu')).toBe(true);
});

it('stops an export that is being written when it is removed, and leaves no part of it', async () => {
  const slow = await runApi();
  try {
    const client = await slow.as('environment');
    const series = await slow.series('p-le-chan', 'pm2_5');
    const many = Array.from({ length: 200_000 }, (_, i) => {
      const at = epochMs(FROM + i * 1_000);
      return { series, eventTime: at, arrivalTime: at, value: i, quality: QUALITY.GOOD };
    });
    await slow.store.load([toColumns(many)]);
    const to = epochMs(FROM + hours(60));
    const ids: string[] = [];
    for (let i = 0; i < 5; i++)
      ids.push((await client.call('POST /exports', { body: pmOrder({ format: 'xlsx', to }) })).body.id);
    // Five of one person wait or run; there is no room for a sixth.
    const sixth = await client.call('POST /exports', { body: pmOrder() });
    expect([sixth.status, sixth.code]).toEqual([429, 'TOO_MANY_REQUESTS']);
    for (const exportId of ids)
      expect((await client.call('DELETE /exports/{exportId}', { params: { exportId } })).status).toBe(204);
    expect(readdirSync(slow.exportsFolder)).toEqual([]);
    expect((await client.call('GET /exports')).body.items).toEqual([]);
  } finally {
    await slow.close();
  }
}, 30_000);
