import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import writeXlsxFile from 'write-excel-file/node';
import { IMPORT_PROBLEM_CODES } from '../../domain/device-import.ts';
import type { AgencyId, DeviceId, DeviceModelId, PointId } from '../../domain/identifiers.ts';
import type { SheetDevice } from '../../domain/ports/device-registry.ts';
import { CSV_MEDIA_TYPE, readDeviceSheet, writeCsv, writeXlsx, XLSX_MEDIA_TYPE } from './device-sheet.ts';
import { IMPORT_PROBLEM_TEXTS } from './import-texts.ts';

const readCsv = (text: string | Buffer, rows = 100) => readDeviceSheet(Buffer.from(text), CSV_MEDIA_TYPE, rows);
const device = (id: string, more: Partial<SheetDevice> = {}): SheetDevice => ({
  id: id as DeviceId,
  agencyId: 'env' as AgencyId,
  modelId: 'air' as DeviceModelId,
  serialNumber: null,
  state: 'in_stock',
  points: [],
  ...more,
});

describe('a sheet of devices', () => {
  it.each([
    ['commas', 'id,model,serial\nair-1,air,S1\n'],
    ['semicolons, as spreadsheets here write them', 'id;model;serial\nair-1;air;S1\n'],
    ['tabs', 'id\tmodel\tserial\r\nair-1\tair\tS1\r\n'],
    ['a byte order mark, quotes and blanks', '\uFEFF"id","model","serial"\r\n"air-1"," air ",S1'],
  ])('is read from CSV with %s', async (_, text) => {
    expect(await readCsv(text)).toEqual({
      ok: true,
      value: { rows: [{ line: 2, cells: { id: 'air-1', model: 'air', serial: 'S1' } }], unknownColumns: [] },
    });
  });

  it('keeps the file’s own line numbers over blank lines, and takes those for no rows', async () => {
    const read = await readCsv('id,model\n\nair-1,air\n,\n\nair-2,air\n');
    expect(read).toMatchObject({ value: { rows: [{ line: 3 }, { line: 6 }] } });
  });

  it.each([
    ['nothing', '', /empty/],
    ['a column less', 'id,serial\nair-1,x', /missing: model/],
    ['a column twice', 'id,model,ID\n', /twice: id/],
    ['an open quote', 'id,model\n"air-1,air', /malformed/],
    ['too many rows', `id,model\n${'a,b\n'.repeat(101)}`, /101 rows, at most 100/],
    ['a cell as long as a book', `id,model\n${'x'.repeat(1001)},air`, /too long/],
    ['another encoding', Buffer.from([0x69, 0x64, 0x2c, 0x6d, 0xff, 0xfe]), /UTF-8/],
  ])('with %s is refused with words that help', async (_, text, words) => {
    const read = await readCsv(text);
    expect(read).toMatchObject({ ok: false, error: { en: expect.stringMatching(words), vi: expect.any(String) } });
  });

  it('is read from XLSX, numbers and days as they look', async () => {
    const bytes = await writeXlsxFile([
      [{ value: 'Mã thiết bị' }, { value: 'model' }, { value: 'serial' }],
      [{ value: 'air-1' }, { value: 'air' }, { value: 12345, type: Number }],
    ]).toBuffer();
    expect(await readDeviceSheet(bytes, XLSX_MEDIA_TYPE, 100)).toMatchObject({
      ok: true,
      value: { rows: [{ line: 2, cells: { id: 'air-1', model: 'air', serial: '12345' } }] },
    });
  });

  it('is no XLSX when it only says so, or unpacks to more than anyone would send', async () => {
    const good = await writeXlsx([device('air-1')]);
    const bomb = Buffer.from(good);
    // The central directory says what its parts unpack to: 24 bytes into each entry.
    const entry = bomb.lastIndexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
    bomb.writeUInt32LE(0xf000_0000, entry + 24);
    for (const [bytes, words] of [
      [Buffer.from('id,model'), /no XLSX/],
      [good.subarray(0, good.length / 2), /no XLSX/],
      [bomb, /too much/],
    ] as const)
      expect(await readDeviceSheet(bytes, XLSX_MEDIA_TYPE, 100)).toMatchObject({
        ok: false,
        error: { en: expect.stringMatching(words) },
      });
  });

  it.each([
    ['CSV', writeCsv, CSV_MEDIA_TYPE],
    ['XLSX', writeXlsx, XLSX_MEDIA_TYPE],
  ] as const)('comes back from %s as it was written', async (_, write, type) => {
    const devices = [
      device('air-1', { serialNumber: '000123', state: 'commissioned', points: ['p-1', 'p-2'] as PointId[] }),
      device('air-2', { serialNumber: 'Số "7", lô 3' }),
      device('air-3', { serialNumber: '=HYPERLINK("http://evil")' }),
    ];
    const read = await readDeviceSheet(await write(devices), type, 100);
    expect(read.ok && read.value.rows.map(({ cells }) => [cells.id, cells.serial, cells.state, cells.point])).toEqual([
      ['air-1', '000123', 'commissioned', 'p-1;p-2'],
      ['air-2', 'Số "7", lô 3', 'in_stock', undefined],
      ['air-3', '=HYPERLINK("http://evil")', 'in_stock', undefined],
    ]);
  });

  it('never starts a formula in someone’s spreadsheet', () => {
    expect(writeCsv([device('air-1', { serialNumber: '=1+1' })]).toString()).toContain(",'=1+1,");
  });

  it('is read or refused, whatever the bytes are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(CSV_MEDIA_TYPE, XLSX_MEDIA_TYPE),
        async (bytes, type) => {
          const read = await readDeviceSheet(Buffer.concat([Buffer.from('id,model\n'), bytes]), type, 100);
          if (read.ok) for (const { line } of read.value.rows) expect(line).toBeGreaterThan(1);
          else expect(read.error.vi).not.toBe(read.error.en);
        },
      ),
    );
  });

  it('has words in both languages for everything that can be wrong with a row', () => {
    for (const code of IMPORT_PROBLEM_CODES)
      expect(IMPORT_PROBLEM_TEXTS[code].vi).not.toBe(IMPORT_PROBLEM_TEXTS[code].en);
  });
});
