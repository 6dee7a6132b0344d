import { Link } from '@tanstack/react-router';
import { IconX } from '../../components/icons.ts';
import { useBareText, useValueText } from '../../components/Reading.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { chartSummary } from '../../state/chart-data.ts';
import { type CompareLine, nearestIndex } from '../../state/compare.ts';
import { formatDateTime } from '../../state/formatting.ts';
import { type ComparedLine, isDashed, lineColour } from './compare-drawing.ts';
import type { FoundLine, LeftOutLine } from './use-comparison.ts';

/** What each line is, and its value under the cursor, or its extremes; those that can't be drawn, and why. */
export function CompareLegend({
  found,
  leftOut,
  lines,
  cursor,
  withinMs,
  onRemove,
}: {
  found: readonly FoundLine[];
  leftOut: readonly LeftOutLine[];
  lines: readonly ComparedLine[];
  /** Instant under the cursor, ms. */
  cursor: number | null;
  /** Values no further from the cursor are said to be under it, ms. */
  withinMs: number;
  onRemove: (line: CompareLine) => void;
}) {
  const { t, language } = useLanguage();
  return (
    <>
      <p className="small secondary compare-when" aria-live="off">
        {cursor === null ? t('compare.extremes') : formatDateTime(cursor, language, true)}
      </p>
      <ol className="compare-legend" aria-label={t('compare.legend')}>
        {found.map((line, i) => (
          <li key={line.key}>
            <Swatch number={line.number} />
            <span className="two-lines">
              <Link to="/" search={{ point: line.point.id }} className="compare-name">
                {line.point.name[language]}
              </Link>
              <span className="small secondary">
                {line.quantity.name[language]}
                {line.quantity.unitSymbol === '' ? '' : ` (${line.quantity.unitSymbol})`}
                {found.some(({ side }) => side === 'right') ? ` · ${t(`compare.axis.${line.side}`)}` : ''}
              </span>
            </span>
            <ValueAt line={line} drawn={lines[i]} cursor={cursor} withinMs={withinMs} />
            <RemoveLine
              name={`${line.point.name[language]}, ${line.quantity.name[language]}`}
              onRemove={() => onRemove(line.line)}
            />
          </li>
        ))}
      </ol>
      {leftOut.length > 0 ? (
        <ul className="compare-left-out" role="alert">
          {leftOut.map(({ key, line, point, quantity, why }) => {
            const name = `${point?.name[language] ?? line.pointId}, ${quantity?.name[language] ?? line.quantity}`;
            return (
              <li key={key}>
                <span>{t(`compare.leftOut.${why}`, { name, unit: quantity?.unitSymbol ?? '' })}</span>
                <RemoveLine name={name} onRemove={() => onRemove(line)} />
              </li>
            );
          })}
        </ul>
      ) : null}
    </>
  );
}

function Swatch({ number }: { number: number }) {
  return (
    <svg className="compare-swatch" viewBox="0 0 30 24" width="30" height="24" aria-hidden="true">
      <line
        x1="0"
        x2="30"
        y1="20"
        y2="20"
        stroke={`var(${lineColour(number)})`}
        strokeWidth="3"
        strokeDasharray={isDashed(number) ? '7 4' : undefined}
      />
      <text x="15" y="14" textAnchor="middle" fontSize="13" fontWeight="600" fill={`var(${lineColour(number)})`}>
        {number}
      </text>
    </svg>
  );
}

function ValueAt({
  line,
  drawn,
  cursor,
  withinMs,
}: {
  line: FoundLine;
  drawn: ComparedLine | undefined;
  cursor: number | null;
  withinMs: number;
}) {
  const { t } = useLanguage();
  const valueText = useValueText();
  const bareText = useBareText();
  const data = drawn?.data;
  if (!data) return null;
  const { quantity } = line;
  const bare = (value: number) => bareText(value, quantity);
  if (cursor === null) {
    const summary = chartSummary(data);
    return (
      <span className="compare-value secondary">
        {summary
          ? t('chart.summary', { lowest: bare(summary.lowest), highest: valueText(summary.highest, quantity) })
          : t('value.none')}
      </span>
    );
  }
  const at = nearestIndex(data.time, cursor, withinMs);
  const value = at === null ? null : (data.value[at] ?? null);
  const struck = at === null || value !== null ? null : (data.invalid[at] ?? null);
  const [low, high] = [at === null ? null : data.low[at], at === null ? null : data.high[at]];
  return (
    <span className="compare-value">
      <span className={struck === null ? undefined : 'value-invalid'}>{valueText(value ?? struck, quantity)}</span>
      {low != null && high != null && low !== high ? (
        <span className="secondary small">{`${bare(low)}–${bare(high)}`}</span>
      ) : null}
    </span>
  );
}

function RemoveLine({ name, onRemove }: { name: string; onRemove: () => void }) {
  const { t } = useLanguage();
  const label = t('compare.remove', { name });
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={onRemove}>
      <IconX size={16} aria-hidden="true" />
    </button>
  );
}
