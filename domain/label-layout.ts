/** Sheets and rolls of self-adhesive labels, by columns × rows or by width. */
export const LABEL_FORMATS = ['a4-3x7', 'a4-3x8', 'a4-2x7', 'roll-62'] as const;
export type LabelFormat = (typeof LABEL_FORMATS)[number];

/** Where the labels of a sheet are. Corners are upper left, from the sheet's upper left. */
export interface LabelLayout {
  readonly pageMm: readonly [width: number, height: number];
  readonly columns: number;
  readonly rows: number;
  readonly labelMm: readonly [width: number, height: number];
  /** Of the first label's corner. */
  readonly originMm: readonly [x: number, y: number];
  /** From one label's corner to the next one's. */
  readonly pitchMm: readonly [x: number, y: number];
}

/** The makers' own measures. */
export const LABEL_LAYOUTS: Readonly<Record<LabelFormat, LabelLayout>> = {
  'a4-3x7': {
    pageMm: [210, 297],
    columns: 3,
    rows: 7,
    labelMm: [63.5, 38.1],
    originMm: [7.21, 15.15],
    pitchMm: [66.04, 38.1],
  },
  'a4-3x8': { pageMm: [210, 297], columns: 3, rows: 8, labelMm: [70, 37], originMm: [0, 0.5], pitchMm: [70, 37] },
  'a4-2x7': {
    pageMm: [210, 297],
    columns: 2,
    rows: 7,
    labelMm: [99.1, 38.1],
    originMm: [4.65, 15.15],
    pitchMm: [101.6, 38.1],
  },
  // A roll is cut after each label: one page a label.
  'roll-62': { pageMm: [62, 35], columns: 1, rows: 1, labelMm: [62, 35], originMm: [0, 0], pitchMm: [62, 35] },
};

export const labelsPerSheet = ({ columns, rows }: LabelLayout): number => columns * rows;

/** The corner of the label at `place` of its sheet, 0 being the first; row by row. */
export function labelCornerMm(layout: LabelLayout, place: number): readonly [x: number, y: number] {
  return [
    layout.originMm[0] + layout.pitchMm[0] * (place % layout.columns),
    layout.originMm[1] + layout.pitchMm[1] * Math.floor(place / layout.columns),
  ];
}

/** Between a label's edge and what is printed on it. */
export const LABEL_PADDING_MM = 2.5;
/** Between the QR code and the text. A code's quiet zone of four modules (ISO/IEC 18004, 5.3.8) is white paper here: the padding and this gap. */
export const LABEL_GAP_MM = 3;
/** Side of the QR code on a label. */
export const qrSideMm = ({ labelMm }: LabelLayout): number => Math.min(labelMm[1] - 2 * LABEL_PADDING_MM, 30);

/** Sheets taken by `labels` when `skip` of the first are used already. */
export const sheetsFor = (layout: LabelLayout, labels: number, skip: number): number =>
  labels === 0 ? 0 : Math.ceil((labels + Math.min(skip, labelsPerSheet(layout) - 1)) / labelsPerSheet(layout));
