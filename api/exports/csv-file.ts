import { closeSync, openSync, writeSync } from 'node:fs';
import type { CsvDialect } from '../../domain/data-export.ts';
import {
  type ExportedSeries,
  type ExportFile,
  type ExportFileSettings,
  type ExportPage,
  WINDOW_COLUMNS,
} from './export-rows.ts';
import { headings, qualityWords } from './export-texts.ts';
import { timeWords } from './export-times.ts';

/** Text is gathered to this length before it goes to the file. */
const CHUNK_CHARACTERS = 262_144;
/** RFC 4180: a byte order mark apart, records end with CRLF. */
const LINE_END = '\r\n';
/** What a spreadsheet would take for a formula if a cell began with it (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r\n|]/;

/** A cell of text: never a formula, in quotes where it has to be. */
export function csvText(text: string, { delimiter }: Pick<CsvDialect, 'delimiter'>): string {
  const plain = FORMULA.test(text) ? `'${text}` : text;
  return plain.includes('"') || plain.includes(delimiter) || /[\r\n]/.test(plain)
    ? `"${plain.replaceAll('"', '""')}"`
    : plain;
}

/** A number as the dialect writes it; in quotes where the decimal comma is the delimiter as well. */
export function csvNumber(value: number, { decimal, delimiter }: Pick<CsvDialect, 'decimal' | 'delimiter'>): string {
  if (Number.isNaN(value)) return '';
  if (decimal === '.') return String(value);
  const text = String(value).replace('.', ',');
  return delimiter === ',' && text.includes(',') ? `"${text}"` : text;
}

/** To be used in a thread of its own: it writes as it goes. */
export function openCsvFile({ path, kind, language, timeZone, csv, notes }: ExportFileSettings): ExportFile {
  const file = openSync(path, 'w');
  const { local, utc } = timeWords(timeZone);
  const { delimiter } = csv;
  let bytes = 0;
  let text = csv.byteOrderMark ? '\ufeff' : '';
  let what = '';
  const qualities = new Map<number, string>();
  const flush = (): void => {
    const chunk = Buffer.from(text, 'utf8');
    for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
    bytes += chunk.length;
    text = '';
  };
  const cell = (words: string): string => csvText(words, csv);
  for (const note of notes) text += cell(`# ${note}`) + LINE_END;
  text += headings(kind, language).map(cell).join(delimiter) + LINE_END;

  const qualityOf = (quality: number): string => {
    let words = qualities.get(quality);
    if (words === undefined) {
      words = qualityWords(quality, language).map(cell).join(delimiter);
      qualities.set(quality, words);
    }
    return words;
  };

  return {
    begin(series: ExportedSeries) {
      const { pointId, pointName, agency, ward, quantityName, unit } = series;
      what = [pointId, pointName, agency, ward, quantityName, unit].map(cell).join(delimiter);
    },
    write(page: ExportPage) {
      for (let i = 0; i < page.time.length; i++) {
        const time = page.time[i] as number;
        text += local(time) + delimiter + utc(time) + delimiter + what;
        if (page.kind === 'readings')
          text +=
            delimiter + csvNumber(page.value[i] as number, csv) + delimiter + qualityOf(page.quality[i] as number);
        else for (const column of WINDOW_COLUMNS) text += delimiter + csvNumber(page[column][i] as number, csv);
        text += LINE_END;
        if (text.length >= CHUNK_CHARACTERS) flush();
      }
    },
    async end() {
      flush();
      closeSync(file);
      return bytes;
    },
  };
}
