import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { CsvError, parse } from 'csv-parse';
import type { CatalogueKey } from '../../config/quantities.ts';
import type { EpochMs } from '../../domain/time.ts';
import { RECORDING_KINDS, type RecordingKind, type RecordingLine } from './recording-kinds.ts';

export interface RecordedRow {
  readonly at: EpochMs;
  readonly values: Readonly<Partial<Record<CatalogueKey, number>>>;
}

export interface Recording {
  readonly kind: RecordingKind;
  /** In order of time; rows without any value are left out. */
  readonly rows: readonly RecordedRow[];
  /** Lines whose time could not be read, single values that could not, and lines that held no value at all. */
  readonly unreadableLines: number;
  readonly unreadableValues: number;
  readonly emptyLines: number;
}

/** The file is of no known kind, or not CSV. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

export interface ReadRecordingOptions {
  /** Name in {@link RECORDING_KINDS}; told from columns and file name when absent. */
  readonly kind?: string;
  /** Only these quantities; all when absent. */
  readonly only?: readonly string[];
}

/**
 * Reads a CSV of real recordings into catalogue quantities and units.
 * @throws {RecordingError} with what is wrong, for the person who named the file.
 */
export async function readRecording(file: string, options: ReadRecordingOptions = {}): Promise<Recording> {
  const firstLine = await readFirstLine(file);
  const kind = kindOf(file, firstLine, options.kind);
  const mappings = kind.mappings.filter((m) => options.only === undefined || options.only.includes(m.quantity));
  if (mappings.length === 0)
    throw new RecordingError(`${file}: ${kind.name} → ${kind.mappings.map((m) => m.quantity).join(', ')}`);
  const rows: RecordedRow[] = [];
  let unreadableLines = 0;
  let unreadableValues = 0;
  let emptyLines = 0;
  const lines = createReadStream(file).pipe(
    parse({ delimiter: kind.delimiter, columns: true, bom: true, trim: true, relax_column_count: true }),
  );
  try {
    for await (const line of lines as AsyncIterable<RecordingLine>) {
      const at = kind.localTime(line) - kind.utcOffsetMs;
      if (!Number.isFinite(at)) {
        unreadableLines += 1;
        continue;
      }
      const values: Partial<Record<CatalogueKey, number>> = {};
      let readable = 0;
      for (const mapping of mappings) {
        const value = mapping.read(line);
        if (value === undefined) continue;
        if (Number.isFinite(value)) {
          values[mapping.quantity] = value;
          readable += 1;
        } else unreadableValues += 1;
      }
      if (readable === 0) emptyLines += 1;
      else rows.push({ at: at as EpochMs, values });
    }
  } catch (cause) {
    if (cause instanceof CsvError) throw new RecordingError(`${file}: ${cause.message}`, { cause });
    throw cause;
  }
  rows.sort((a, b) => a.at - b.at);
  return { kind, rows, unreadableLines, unreadableValues, emptyLines };
}

const FIRST_LINE_BYTES = 4_096;
async function readFirstLine(file: string): Promise<string> {
  try {
    let text = '';
    for await (const chunk of createReadStream(file, { end: FIRST_LINE_BYTES - 1, encoding: 'utf8' })) text += chunk;
    return text.replace(/^\uFEFF/, '').split(/\r?\n/, 1)[0] ?? '';
  } catch (cause) {
    throw new RecordingError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function kindOf(file: string, firstLine: string, wanted: string | undefined): RecordingKind {
  const known = RECORDING_KINDS.map((kind) => kind.name).join(', ');
  if (wanted !== undefined) {
    const kind = RECORDING_KINDS.find((k) => k.name === wanted);
    if (kind === undefined) throw new RecordingError(`--kind: "${wanted}" (${known})`);
    return kind;
  }
  const found = RECORDING_KINDS.find((kind) => {
    const names = new Set(firstLine.split(kind.delimiter).map((name) => name.trim().replace(/^"|"$/g, '')));
    return kind.columns.every((name) => names.has(name)) && (kind.fileName?.test(basename(file)) ?? true);
  });
  if (found === undefined) throw new RecordingError(`${file}: --kind? (${known})`);
  return found;
}
