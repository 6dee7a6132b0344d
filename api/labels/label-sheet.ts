import { fileURLToPath } from 'node:url';
import PDFDocument from 'pdfkit';
import { encodeQR } from 'qr';
import type { DeviceId } from '../../domain/identifiers.ts';
import {
  LABEL_GAP_MM,
  LABEL_LAYOUTS,
  LABEL_PADDING_MM,
  type LabelFormat,
  type LabelLayout,
  labelCornerMm,
  labelsPerSheet,
  qrSideMm,
} from '../../domain/label-layout.ts';
import type { Language, Localized } from '../../domain/localized.ts';

/** What one label says. */
export interface Label {
  readonly deviceId: DeviceId;
  readonly model: string;
  readonly serialNumber: string | null;
  /** Claims the device; `null` for one that isn't in stock: its label only leads to its page. */
  readonly code: string | null;
}
export interface LabelSheetOptions {
  readonly format: LabelFormat;
  /** Labels already used on the first sheet. */
  readonly skip: number;
  readonly language: Language;
  /** Where people reach the platform, e.g. `https://haidang.example`. */
  readonly origin: string;
  /** Off only to look into the pages. */
  readonly compress?: boolean;
}

/** What a label's QR code holds. The code stands behind `#`, so that no server's log ever sees it. */
export const claimLink = (origin: string, deviceId: DeviceId, code: string | null): string =>
  `${origin}/claim/${deviceId}${code === null ? '' : `#${code}`}`;

const POINTS_PER_MM = 72 / 25.4;
const mm = (length: number): number => length * POINTS_PER_MM;

const WORDS: Readonly<Record<'model' | 'serial' | 'code', Localized>> = {
  model: { vi: 'Loại', en: 'Model' },
  serial: { vi: 'Số sê-ri', en: 'Serial' },
  code: { vi: 'Mã nhận', en: 'Claim code' },
};

const fontFile = (subset: string, weight: 400 | 700): string =>
  fileURLToPath(import.meta.resolve(`@fontsource/noto-sans/files/noto-sans-${subset}-${weight}-normal.woff`));
/** The font comes in parts by script; each letter is drawn with the first part that has it. */
const SUBSETS = ['latin', 'latin-ext', 'vietnamese'] as const;

/** Sheets of labels as PDF, each with a QR code and the device's id, model and serial number in the language asked for. */
export async function renderLabels(labels: readonly Label[], options: LabelSheetOptions): Promise<Buffer> {
  const layout = LABEL_LAYOUTS[options.format];
  const document = new PDFDocument({
    size: [mm(layout.pageMm[0]), mm(layout.pageMm[1])],
    margin: 0,
    autoFirstPage: false,
    compress: options.compress ?? true,
    info: { Title: 'Hải Đăng', Creator: 'Hải Đăng' },
  });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    document.on('end', resolve);
    document.on('error', reject);
  });
  for (const weight of [400, 700] as const)
    for (const subset of SUBSETS) document.registerFont(`${subset}-${weight}`, fontFile(subset, weight));

  const perPage = labelsPerSheet(layout);
  for (const [i, label] of labels.entries()) {
    const place = (i + Math.min(options.skip, perPage - 1)) % perPage;
    if (i === 0 || place === 0) {
      document.addPage();
      // Between pages whatever else waits in this process has its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    drawLabel(document, label, options, labelCornerMm(layout, place), layout);
  }
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

type Document = InstanceType<typeof PDFDocument>;

function drawLabel(
  document: Document,
  label: Label,
  { language, origin }: LabelSheetOptions,
  [xMm, yMm]: readonly [number, number],
  layout: LabelLayout,
): void {
  const [widthMm, heightMm] = layout.labelMm;
  const side = qrSideMm(layout);
  drawQr(
    document,
    claimLink(origin, label.deviceId, label.code),
    xMm + LABEL_PADDING_MM,
    yMm + (heightMm - side) / 2,
    side,
  );
  const left = xMm + LABEL_PADDING_MM + side + LABEL_GAP_MM;
  const room = widthMm - (left - xMm) - LABEL_PADDING_MM;
  let y = yMm + LABEL_PADDING_MM + 1;
  const line = (text: string, sizePt: number, weight: 400 | 700): void => {
    drawText(document, text, left, y, room, sizePt, weight);
    y += (sizePt / POINTS_PER_MM) * 1.3;
  };
  line(label.deviceId, 9, 700);
  for (const part of inTwo(document, `${WORDS.model[language]}: ${label.model}`, room, 6.5, 400)) line(part, 6.5, 400);
  if (label.serialNumber !== null) line(`${WORDS.serial[language]}: ${label.serialNumber}`, 6.5, 400);
  if (label.code !== null) {
    y += 1;
    line(WORDS.code[language], 6, 400);
    line(label.code, 8, 700);
  }
}

function drawQr(document: Document, text: string, xMm: number, yMm: number, sideMm: number): void {
  // The library draws one module of border at least; the label's own margin is the quiet zone.
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: 1 })
    .slice(1, -1)
    .map((cells) => cells.slice(1, -1));
  const size = mm(sideMm) / modules.length;
  for (const [row, cells] of modules.entries()) {
    // Runs of dark modules as one rectangle: no hairlines between them in print.
    for (let from = 0; from < cells.length; from++) {
      if (!cells[from]) continue;
      let to = from;
      while (to < cells.length && cells[to]) to++;
      document.rect(mm(xMm) + from * size, mm(yMm) + row * size, (to - from) * size, size);
      from = to;
    }
  }
  document.fill('black');
}

/** One line of text, made smaller where it would not fit, and cut at last. */
function drawText(
  document: Document,
  text: string,
  xMm: number,
  yMm: number,
  roomMm: number,
  sizePt: number,
  weight: 400 | 700,
): void {
  const runs = (of: string, size: number) => measured(document, of, size, weight);
  let shown = text;
  let size = sizePt;
  while (size > 5 && widthOf(runs(shown, size)) > mm(roomMm)) size -= 0.5;
  while (shown.length > 1 && widthOf(runs(shown, size)) > mm(roomMm))
    shown = `${shown.replace(/….*$/u, '').slice(0, -1)}…`;
  let x = mm(xMm);
  for (const { font, letters, width } of runs(shown, size)) {
    document.font(font).fontSize(size).text(letters, x, mm(yMm), { lineBreak: false });
    x += width;
  }
}

interface Run {
  readonly font: string;
  readonly letters: string;
  readonly width: number;
}
const widthOf = (runs: readonly Run[]): number => runs.reduce((sum, { width }) => sum + width, 0);
const measured = (document: Document, text: string, sizePt: number, weight: 400 | 700): readonly Run[] =>
  runsOf(document, text, weight).map(({ font, letters }) => ({
    font,
    letters,
    width: document.font(font).fontSize(sizePt).widthOfString(letters),
  }));

/** One line, or two that are broken between words where one would not fit. */
function inTwo(document: Document, text: string, roomMm: number, sizePt: number, weight: 400 | 700): readonly string[] {
  const fits = (part: string): boolean => widthOf(measured(document, part, sizePt, weight)) <= mm(roomMm);
  if (fits(text)) return [text];
  const words = text.split(' ');
  let taken = 1;
  while (taken < words.length && fits(words.slice(0, taken + 1).join(' '))) taken++;
  return [words.slice(0, taken).join(' '), words.slice(taken).join(' ')].filter((part) => part !== '');
}

/** Neighbouring letters of one part of the font, together. */
function runsOf(document: Document, text: string, weight: 400 | 700): { font: string; letters: string }[] {
  const runs: { font: string; letters: string }[] = [];
  for (const letter of text.normalize('NFC')) {
    const font = `${SUBSETS.find((subset) => hasGlyph(document, `${subset}-${weight}`, letter)) ?? 'latin'}-${weight}`;
    const last = runs.at(-1);
    if (last?.font === font) last.letters += letter;
    else runs.push({ font, letters: letter });
  }
  return runs;
}

/** pdfkit keeps the parsed font behind its own wrapper, which its types don't tell of. */
function hasGlyph(document: Document, font: string, letter: string): boolean {
  document.font(font);
  const { font: parsed } = (document as unknown as { _font: { font: { hasGlyphForCodePoint(code: number): boolean } } })
    ._font;
  return parsed.hasGlyphForCodePoint(letter.codePointAt(0) ?? 0);
}
