import { parse as parseCsv } from 'csv-parse/sync';
import { readSheet } from 'read-excel-file/universal';
import writeXlsxFile from 'write-excel-file/node';
import {
  IMPORT_COLUMNS,
  type ImportColumn,
  type ImportRow,
  POINT_SEPARATOR,
  readHeading,
} from '../../domain/device-import.ts';
import type { Localized } from '../../domain/localized.ts';
import type { SheetDevice } from '../../domain/ports/device-registry.ts';
import { err, ok, type Result } from '../../domain/result.ts';

export const XLSX_MEDIA_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
export const CSV_MEDIA_TYPE = 'text/csv';

/** Bytes that the parts of a spreadsheet may unpack to; a file of ten thousand devices takes a hundredth of it. */
const UNPACKED_BYTES_MAX = 128 * 1_048_576;
const CELL_LENGTH_MAX = 1_000;

/** A sheet's rows as an import takes them, and the headings that mean nothing. */
export interface DeviceSheet {
  readonly rows: readonly ImportRow[];
  readonly unknownColumns: readonly string[];
}

/** Reads a sheet of devices; a sheet that can't be read as one comes back as what to say about it. */
export async function readDeviceSheet(
  bytes: Buffer,
  mediaType: string,
  rowsMax: number,
): Promise<Result<DeviceSheet, Localized>> {
  const cells = mediaType === XLSX_MEDIA_TYPE ? await xlsxCells(bytes) : csvCells(bytes);
  if (!cells.ok) return cells;
  const [heading, ...rest] = cells.value;
  if (!heading) return err({ vi: 'Tệp trống.', en: 'The file is empty.' });
  const { positions, unknown, missing, repeated } = readHeading(heading.cells);
  if (missing.length > 0)
    return err({ vi: `Thiếu cột: ${missing.join(', ')}.`, en: `Columns are missing: ${missing.join(', ')}.` });
  if (repeated.length > 0)
    return err({ vi: `Cột bị lặp: ${repeated.join(', ')}.`, en: `Columns occur twice: ${repeated.join(', ')}.` });
  if (rest.length > rowsMax)
    return err({
      vi: `Tệp có ${rest.length} dòng, tối đa ${rowsMax}. Hãy chia tệp.`,
      en: `It has ${rest.length} rows, at most ${rowsMax}. Split the file.`,
    });
  const rows: ImportRow[] = [];
  for (const { line, cells: given } of rest) {
    const named: Partial<Record<ImportColumn, string>> = {};
    for (const [column, position] of positions) {
      const text = plainCell(given[position] ?? '');
      if (text.length > CELL_LENGTH_MAX)
        return err({ vi: `Dòng ${line}: ô quá dài.`, en: `Line ${line}: a cell is too long.` });
      if (text !== '') named[column] = text;
    }
    // Blank lines are no rows, wherever they stand.
    if (Object.keys(named).length > 0) rows.push({ line, cells: named });
  }
  return ok({ rows, unknownColumns: unknown });
}

interface SheetLine {
  readonly line: number;
  readonly cells: readonly string[];
}

function csvCells(bytes: Buffer): Result<readonly SheetLine[], Localized> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return err({ vi: 'Tệp CSV phải mã hóa UTF-8.', en: 'A CSV file must be in UTF-8.' });
  }
  try {
    // Spreadsheets write semicolons where the decimal sign is a comma, as in Vietnam.
    const records = parseCsv(text, {
      bom: true,
      delimiter:
        [',', ';', '\t'].toSorted((a, b) => countIn(firstLine(text), b) - countIn(firstLine(text), a))[0] ?? ',',
      relax_column_count: true,
      skip_empty_lines: false,
      info: true,
    }) as unknown as { readonly record: readonly string[]; readonly info: { readonly lines: number } }[];
    return ok(records.map(({ record, info }) => ({ line: info.lines, cells: record })));
  } catch (error) {
    const { lines } = error as { lines?: number };
    return err({
      vi: `CSV sai cú pháp gần dòng ${lines ?? '?'}: dấu ngoặc kép chưa đóng hoặc đặt sai.`,
      en: `The CSV is malformed near line ${lines ?? '?'}: a quote is open or misplaced.`,
    });
  }
}
const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0] ?? '';
const countIn = (text: string, sign: string): number => text.split(sign).length - 1;

async function xlsxCells(bytes: Buffer): Promise<Result<readonly SheetLine[], Localized>> {
  const unreadable = { vi: 'Không phải tệp XLSX, hoặc tệp bị hỏng.', en: 'It is no XLSX file, or a damaged one.' };
  const unpacked = unpackedBytes(bytes);
  if (unpacked === null) return err(unreadable);
  if (unpacked > UNPACKED_BYTES_MAX)
    return err({ vi: 'Tệp XLSX quá lớn khi giải nén.', en: 'The XLSX unpacks to too much.' });
  try {
    const rows = await readSheet(new Uint8Array(bytes).buffer);
    return ok(rows.map((row, i) => ({ line: i + 1, cells: row.map(cellText) })));
  } catch {
    return err(unreadable);
  }
}

/** A cell's text: numbers as they are written, dates as ISO days. */
const cellText = (cell: unknown): string =>
  cell === null || cell === undefined ? '' : cell instanceof Date ? cell.toISOString().slice(0, 10) : String(cell);

/**
 * What the parts of a ZIP file unpack to, by its central directory (APPNOTE 4.3.12); `null` when it has none.
 * The unpacking itself goes by the same sizes, so that a file can't say one thing and do another.
 */
function unpackedBytes(bytes: Buffer): number | null {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > bytes.length) return null;
  let at = bytes.readUInt32LE(end + 16);
  let total = 0;
  for (let entries = bytes.readUInt16LE(end + 10); entries > 0; entries--) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) return null;
    total += bytes.readUInt32LE(at + 24);
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return total;
}

/** Signs with which a spreadsheet takes a cell for a formula: an exported text beginning so gets an apostrophe, and loses it on its way in. */
const FORMULA_SIGN = /^[=+\-@\t\r]/;
const guarded = (text: string): string => (FORMULA_SIGN.test(text) ? `'${text}` : text);
const plainCell = (text: string): string => {
  const trimmed = text.trim();
  return trimmed.startsWith("'") && FORMULA_SIGN.test(trimmed.slice(1)) ? trimmed.slice(1) : trimmed;
};

const cellsOf = ({
  id,
  agencyId,
  modelId,
  serialNumber,
  state,
  points,
}: SheetDevice): Record<ImportColumn, string> => ({
  id,
  agency: agencyId,
  model: modelId,
  serial: serialNumber ?? '',
  state,
  point: points.join(POINT_SEPARATOR),
});

/** Devices as CSV (RFC 4180, UTF-8 with a byte order mark, which Excel needs to see Vietnamese). */
export function writeCsv(devices: readonly SheetDevice[]): Buffer {
  const quoted = (text: string): string => (/[",\r\n;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = devices.map((device) => {
    const cells = cellsOf(device);
    return IMPORT_COLUMNS.map((column) => quoted(guarded(cells[column]))).join(',');
  });
  return Buffer.from(`\uFEFF${[IMPORT_COLUMNS.join(','), ...lines, ''].join('\r\n')}`, 'utf8');
}

/** Devices as XLSX: every cell is text, so that serial numbers keep their zeros. */
export async function writeXlsx(devices: readonly SheetDevice[]): Promise<Buffer> {
  const heading = IMPORT_COLUMNS.map((value) => ({ value, fontWeight: 'bold' as const }));
  const rows = devices.map((device) => {
    const cells = cellsOf(device);
    return IMPORT_COLUMNS.map((column) => ({ value: cells[column], type: String, format: '@' }));
  });
  return writeXlsxFile([heading, ...rows], {
    sheet: 'devices',
    columns: IMPORT_COLUMNS.map(() => ({ width: 24 })),
  }).toBuffer();
}
