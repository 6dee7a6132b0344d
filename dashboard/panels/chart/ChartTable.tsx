import { type CSSProperties, useId, useMemo, useState } from 'react';
import { saveFile } from '../../client/download.ts';
import { IconChevronDown, IconFileExport } from '../../components/icons.ts';
import { VirtualGrid } from '../../components/VirtualGrid.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { type TableCell, type TableLine, type TableRow, tableCsv, tableRows } from '../../state/chart-table.ts';
import { formatCount, formatDateTime } from '../../state/formatting.ts';
import '../../styles/chart-table.css';

const ROW_HEIGHT = 30;
const HEAD_HEIGHT = 34;
const ROWS_SEEN = 9;

/** What a chart shows, in figures: opened at a press, and kept as a file. */
export function ChartTable({
  name,
  fileName,
  lines,
  from,
  to,
  stepMs,
  isOpenAtFirst = false,
}: {
  name: string;
  fileName: string;
  lines: readonly (TableLine & { readonly figureText: (value: number) => string })[];
  /** Epoch ms shown, from inclusive, to exclusive. */
  from: number;
  to: number;
  /** Length of a window; 0 for single readings. */
  stepMs: number;
  isOpenAtFirst?: boolean;
}) {
  const { t, language } = useLanguage();
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const id = useId();
  // Lines are written anew at every drawing of the chart; what they hold is the same until it was asked for again.
  const shown = lines.flatMap(({ data, title }) => [data, title]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const rows = useMemo(() => (isOpen ? tableRows(lines, from, to, stepMs) : []), [isOpen, from, to, stepMs, ...shown]);
  const words = {
    localTime: t(stepMs > 0 ? 'chartTable.windowLocal' : 'chartTable.timeLocal'),
    utc: t(stepMs > 0 ? 'chartTable.windowUtc' : 'chartTable.timeUtc'),
    low: t('chartTable.low'),
    high: t('chartTable.high'),
    quality: t('chartTable.quality'),
    kind: {
      good: t('qualitySpans.good'),
      suspect: t('quality.suspect'),
      invalid: t('quality.invalid'),
      calibrating: t('quality.calibrating'),
    },
  };
  const save = () => {
    const localTime = (at: number) => formatDateTime(at, language, stepMs === 0);
    saveFile(tableCsv(lines, rows, words, localTime), `${fileName}.csv`, 'text/csv;charset=utf-8');
  };
  const height = HEAD_HEIGHT + ROW_HEIGHT * Math.min(rows.length, ROWS_SEEN) + 2;
  return (
    <section className="chart-table" aria-label={t('chartTable.of', { name })}>
      <div className="chart-table-bar">
        <button
          type="button"
          className="text-button chart-table-toggle"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setOpen(!isOpen)}
        >
          <IconChevronDown size={16} aria-hidden="true" />
          {t('chartTable.title')}
        </button>
        {isOpen && rows.length > 0 ? (
          <>
            <span className="small secondary grow">
              {t('chartTable.rows', { count: rows.length, shown: formatCount(rows.length, language) })}
            </span>
            <button type="button" className="text-button" onClick={save}>
              <IconFileExport size={16} aria-hidden="true" />
              {t('chartTable.csv')}
            </button>
          </>
        ) : null}
      </div>
      <div id={id} hidden={!isOpen}>
        {!isOpen ? null : rows.length === 0 ? (
          <p className="secondary small">{t('chart.empty')}</p>
        ) : (
          <div
            className="chart-table-box"
            style={{ height, '--table-width': `${180 + 150 * lines.length}px` } as CSSProperties}
          >
            <VirtualGrid<TableRow>
              label={t('chartTable.of', { name })}
              items={rows}
              keyOf={({ at }) => String(at)}
              rowHeight={ROW_HEIGHT}
              phoneRowHeight={ROW_HEIGHT}
              columns={[
                {
                  key: 'at',
                  header: words.localTime,
                  width: stepMs === 0 ? '172px' : '150px',
                  cell: ({ at }) => formatDateTime(at, language, stepMs === 0),
                },
                ...lines.map(({ title, figureText }, line) => ({
                  key: `${line} ${title}`,
                  header: title,
                  width: 'minmax(130px, 1fr)',
                  numeric: true,
                  cell: ({ cells }: TableRow) => <Figure cell={cells[line] ?? null} figureText={figureText} />,
                })),
              ]}
            />
          </div>
        )}
      </div>
    </section>
  );
}

function Figure({ cell, figureText }: { cell: TableCell | null; figureText: (value: number) => string }) {
  const { t } = useLanguage();
  if (cell === null) return <span className="secondary">{t('value.none')}</span>;
  const { value, low, high, kind } = cell;
  return (
    <>
      {kind === 'good' ? null : <span className={`quality quality-${kind}`}>{t(`quality.${kind}`)}</span>}{' '}
      <span className={kind === 'invalid' ? 'value-invalid' : undefined}>{figureText(value)}</span>
      {low !== null && high !== null && low !== high ? (
        <span className="secondary small"> {`(${figureText(low)}–${figureText(high)})`}</span>
      ) : null}
    </>
  );
}
