import {
  LABEL_GAP_MM,
  LABEL_PADDING_MM,
  type LabelLayout,
  labelCornerMm,
  labelsPerSheet,
  qrSideMm,
} from '../../../domain/label-layout.ts';
import { useLanguage } from '../../i18n/use-language.ts';

export interface PreviewedLabel {
  readonly id: string;
  readonly model: string;
  readonly serial: string | null;
  readonly hasCode: boolean;
}

/**
 * The first sheet as it will be printed: every measure is the printer's, in millimetres. `actual`: at its real size, else as wide as there is room.
 * Places before `skip` are those already used.
 */
export function SheetPreview({
  layout,
  labels,
  skip,
  actual = false,
  onStart,
}: {
  layout: LabelLayout;
  labels: readonly PreviewedLabel[];
  skip: number;
  actual?: boolean;
  /** A place was chosen to begin at. */
  onStart?: (place: number) => void;
}) {
  const { t } = useLanguage();
  const [width, height] = layout.pageMm;
  const [labelWidth, labelHeight] = layout.labelMm;
  const side = qrSideMm(layout);
  const places = Array.from({ length: labelsPerSheet(layout) }, (_, place) => place);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a picture made of shapes
    <svg
      role="group"
      aria-label={t('labels.preview')}
      className="label-sheet"
      data-actual={actual || undefined}
      viewBox={`0 0 ${width} ${height}`}
      style={actual ? { width: `${width}mm`, height: `${height}mm` } : undefined}
    >
      <rect width={width} height={height} className="label-paper" />
      {places.map((place) => {
        const [x, y] = labelCornerMm(layout, place);
        const label = place < skip ? undefined : labels[place - skip];
        const left = LABEL_PADDING_MM + side + LABEL_GAP_MM;
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the number field above says the same by keyboard
          <g
            key={place}
            transform={`translate(${x} ${y})`}
            className="label-place"
            data-used={place < skip || undefined}
            onClick={onStart && places.length > 1 ? () => onStart(place) : undefined}
          >
            <title>{t('labels.cell', { number: place + 1 })}</title>
            <rect width={labelWidth} height={labelHeight} rx={1.5} className="label-edge" />
            {label === undefined ? null : (
              <>
                <QrShape x={LABEL_PADDING_MM} y={(labelHeight - side) / 2} side={side} seed={label.id} />
                <svg
                  x={left}
                  y={0}
                  width={labelWidth - left - LABEL_PADDING_MM}
                  height={labelHeight}
                  aria-hidden="true"
                >
                  <text y={6.2} fontSize={3.2} fontWeight={700}>
                    {label.id}
                  </text>
                  <text y={10} fontSize={2.3}>
                    {label.model}
                  </text>
                  {label.serial === null ? null : (
                    <text y={13.4} fontSize={2.3}>
                      {label.serial}
                    </text>
                  )}
                  {label.hasCode ? (
                    <text y={18} fontSize={2.8} fontWeight={700}>
                      ••••-••••-••••
                    </text>
                  ) : null}
                </svg>
              </>
            )}
          </g>
        );
      })}
    </svg>
  );
}

const MODULES = 25;
/** What a QR code looks like: the three corners and noise of the device's own. It holds nothing; the real one is made with its code when it is printed. */
function QrShape({ x, y, side, seed }: { x: number; y: number; side: number; seed: string }) {
  const size = side / MODULES;
  let noise = [...seed].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) | 0, 7);
  let path = '';
  for (let row = 0; row < MODULES; row++)
    for (let column = 0; column < MODULES; column++) {
      noise = (Math.imul(noise, 1_103_515_245) + 12_345) | 0;
      const inCorner = cornerModule(row, column);
      if (inCorner ?? (noise >>> 16) % 2 === 0) path += `M${column} ${row}h1v1h-1z`;
    }
  return <path transform={`translate(${x} ${y}) scale(${size})`} d={path} className="label-code" />;
}
/** Whether a module of the finder patterns is dark (ISO/IEC 18004, 6.3.3); `undefined` outside of them. */
function cornerModule(row: number, column: number): boolean | undefined {
  const [r, c] = [Math.min(row, MODULES - 1 - row), Math.min(column, MODULES - 1 - column)];
  if (r > 7 || c > 7 || (row > MODULES / 2 && column > MODULES / 2)) return undefined;
  const ring = Math.max(Math.abs(r - 3), Math.abs(c - 3));
  return ring === 3 || ring <= 1;
}
