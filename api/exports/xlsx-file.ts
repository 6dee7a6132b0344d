import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { constants, crc32, createDeflateRaw, type DeflateRaw } from 'node:zlib';
import { type AsyncFlateStreamHandler, Zip, type ZipInputFile } from 'fflate';
import { SHEET_ROWS_MAX } from '../../domain/data-export.ts';
import {
  type ExportedSeries,
  type ExportFile,
  type ExportFileSettings,
  type ExportPage,
  WINDOW_COLUMNS,
} from './export-rows.ts';
import { headings, qualityWords, SHEET_NAMES } from './export-texts.ts';
import { timeWords } from './export-times.ts';

/** Days from 1899-12-30, which spreadsheets count dates from, to 1970-01-01. */
const EPOCH_DAYS = 25_569;
const DAY_MS = 86_400_000;
const CHUNK_CHARACTERS = 262_144;
/** Styles by their place in `STYLES`. */
const DATE_STYLE = 1;
const BOLD_STYLE = 2;
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const STYLES = `${XML}<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf numFmtId="164" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`;

/** Text as XML takes it: markup escaped, characters that XML 1.0 has no place for left out. */
const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 forbids
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');

/** One entry of the archive, compressed as it comes by zlib, whose work is done beside this thread. */
class DeflatedEntry implements ZipInputFile {
  readonly filename: string;
  readonly compression = 8;
  size = 0;
  crc = 0;
  ondata: AsyncFlateStreamHandler = () => {};
  readonly #deflate: DeflateRaw = createDeflateRaw({ level: constants.Z_BEST_SPEED });

  constructor(filename: string, zip: Zip) {
    this.filename = filename;
    zip.add(this);
    this.#deflate.on('data', (chunk: Buffer) => this.ondata(null, Uint8Array.from(chunk), false));
  }

  async write(text: string): Promise<void> {
    const bytes = Buffer.from(text, 'utf8');
    this.size += bytes.length;
    this.crc = crc32(bytes, this.crc);
    if (!this.#deflate.write(bytes)) await once(this.#deflate, 'drain');
  }

  async end(): Promise<void> {
    const ended = once(this.#deflate, 'end');
    this.#deflate.end();
    await ended;
    this.ondata(null, new Uint8Array(0), true);
  }
}

/** `A` … `Z`, then `AA`; a sheet here has no more columns than the alphabet has letters. */
const letter = (column: number): string => String.fromCharCode(65 + column);

/**
 * A workbook (ECMA-376) written as it goes: an entry for each sheet, a further sheet where one is full, and at the end, though shown first, a sheet that
 * says what the file is. Words are kept once for the whole workbook; there are as many as there are points and quantities, not rows.
 */
export function openXlsxFile(settings: ExportFileSettings): ExportFile {
  const { path, kind, language, timeZone } = settings;
  const file = openSync(path, 'w');
  let bytes = 0;
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
    bytes += error ? 0 : chunk.length;
  });
  const { offset } = timeWords(timeZone);
  const titles = headings(kind, language);
  const words = new Map<string, number>();
  const wordNumber = (text: string): number => {
    let number = words.get(text);
    if (number === undefined) {
      number = words.size;
      words.set(text, number);
    }
    return number;
  };
  /** Cells of the series, with `#` where the row's number goes; split there once, not for each row. */
  let what: readonly string[] = [];
  let sheet: DeflatedEntry | null = null;
  let sheets = 0;
  let row = 0;
  let text = '';

  const cellsOfWords = (texts: readonly string[], from: number): readonly string[] =>
    texts
      .map((one, i) => `<c r="${letter(from + i)}#" t="s"><v>${wordNumber(one)}</v></c>`)
      .join('')
      .split('#');
  const endSheet = async (): Promise<void> => {
    if (!sheet) return;
    await sheet.write(`${text}</sheetData></worksheet>`);
    text = '';
    await sheet.end();
    sheet = null;
  };
  const beginSheet = async (): Promise<DeflatedEntry> => {
    await endSheet();
    sheets++;
    const begun = new DeflatedEntry(`xl/worksheets/sheet${sheets + 1}.xml`, zip);
    const widths = titles.map(
      (_, i) => `<col min="${i + 1}" max="${i + 1}" width="${i < 4 ? 22 : 16}" customWidth="1"/>`,
    );
    text =
      `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.join('')}</cols><sheetData>` +
      `<row r="1">${titles.map((title, i) => `<c r="${letter(i)}1" s="${BOLD_STYLE}" t="s"><v>${wordNumber(title)}</v></c>`).join('')}</row>`;
    row = 1;
    sheet = begun;
    return begun;
  };
  const qualities = new Map<number, readonly string[]>();
  const qualityCells = (quality: number): readonly string[] => {
    let cells = qualities.get(quality);
    if (!cells) {
      cells = cellsOfWords(qualityWords(quality, language), 9);
      qualities.set(quality, cells);
    }
    return cells;
  };
  const date = (ms: number): number => Number((ms / DAY_MS + EPOCH_DAYS).toFixed(9));

  return {
    begin({ pointId, pointName, agency, ward, quantityName, unit }: ExportedSeries) {
      what = cellsOfWords([pointId, pointName, agency, ward, quantityName, unit], 2);
    },
    async write(page: ExportPage) {
      let current = sheet ?? (await beginSheet());
      for (let i = 0; i < page.time.length; i++) {
        if (row === SHEET_ROWS_MAX) current = await beginSheet();
        const r = String(++row);
        const time = page.time[i] as number;
        text += `<row r="${r}"><c r="A${r}" s="${DATE_STYLE}"><v>${date(time + offset(time))}</v></c><c r="B${r}" s="${DATE_STYLE}"><v>${date(time)}</v></c>${what.join(r)}`;
        if (page.kind === 'readings')
          text += `<c r="I${r}"><v>${page.value[i]}</v></c>${qualityCells(page.quality[i] as number).join(r)}</row>`;
        else {
          WINDOW_COLUMNS.forEach((column, at) => {
            const number = page[column][i] as number;
            if (!Number.isNaN(number)) text += `<c r="${letter(8 + at)}${r}"><v>${number}</v></c>`;
          });
          text += '</row>';
        }
        if (text.length >= CHUNK_CHARACTERS) {
          const chunk = text;
          text = '';
          await current.write(chunk);
          if (failure) throw failure;
        }
      }
    },
    async end(notes) {
      // A workbook has a sheet, also when there was nothing to write.
      if (sheets === 0) await beginSheet();
      await endSheet();
      const about = notes.map(
        (note, i) =>
          `<row r="${i + 1}"><c r="A${i + 1}"${i === 0 ? ` s="${BOLD_STYLE}"` : ''} t="s"><v>${wordNumber(note)}</v></c></row>`,
      );
      const parts: Record<string, string> = {
        'xl/worksheets/sheet1.xml': `${XML}<worksheet xmlns="${MAIN}"><cols><col min="1" max="1" width="90" customWidth="1"/></cols><sheetData>${about.join('')}</sheetData></worksheet>`,
        'xl/sharedStrings.xml': `${XML}<sst xmlns="${MAIN}" uniqueCount="${words.size}">${[...words.keys()].map((word) => `<si><t xml:space="preserve">${escaped(word)}</t></si>`).join('')}</sst>`,
        'xl/styles.xml': STYLES,
        ...workbookParts(
          Array.from({ length: sheets + 1 }, (_, i) =>
            i === 0 ? SHEET_NAMES.about[language] : `${SHEET_NAMES.data[language]}${sheets > 1 ? ` ${i}` : ''}`,
          ),
        ),
      };
      for (const [name, content] of Object.entries(parts)) {
        const entry = new DeflatedEntry(name, zip);
        await entry.write(content);
        await entry.end();
      }
      zip.end();
      closeSync(file);
      if (failure) throw failure;
      return bytes;
    },
  };
}

/** The parts that say which parts there are. */
function workbookParts(names: readonly string[]): Record<string, string> {
  const sheet = (i: number): string => `worksheets/sheet${i + 1}.xml`;
  const relation = (id: string, type: string, target: string): string =>
    `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`;
  const type = (part: string, kind: string): string =>
    `<Override PartName="/xl/${part}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${kind}+xml"/>`;
  return {
    'xl/workbook.xml': `${XML}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${names.map((name, i) => `<sheet name="${escaped(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${XML}<Relationships xmlns="${PACKAGE}/relationships">${names.map((_, i) => relation(`rId${i + 1}`, 'worksheet', sheet(i))).join('')}${relation('rIdStyles', 'styles', 'styles.xml')}${relation('rIdWords', 'sharedStrings', 'sharedStrings.xml')}</Relationships>`,
    '_rels/.rels': `${XML}<Relationships xmlns="${PACKAGE}/relationships">${relation('rId1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    '[Content_Types].xml': `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${type('workbook.xml', 'sheet.main')}${names.map((_, i) => type(sheet(i), 'worksheet')).join('')}${type('styles.xml', 'styles')}${type('sharedStrings.xml', 'sharedStrings')}</Types>`,
  };
}
