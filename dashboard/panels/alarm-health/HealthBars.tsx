import type { AlarmHealthWire } from '../../../api/contract/alarm-health.ts';
import { FLOOD_ABOVE } from '../../../domain/alarm-health.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount, formatDateTime, formatDuration } from '../../state/formatting.ts';

const HEIGHT = 120;

/** The fullest ten minutes of each stretch of the period, against the limit of a flood; the same as a table below. */
export function HealthBars({ health }: { health: AlarmHealthWire }) {
  const { t, language } = useLanguage();
  const { items, stepMs } = health.bars;
  const limit = FLOOD_ABOVE * health.operators;
  const top = Math.max(limit * 1.2, ...items.map(({ most }) => most));
  const y = (count: number): number => HEIGHT - (count / top) * HEIGHT;
  return (
    <section className="health-section">
      <h2 className="section-title">{t('health.overTime')}</h2>
      <p className="small secondary">
        {t('health.overTimeText', { step: formatDuration(stepMs, language), limit: formatCount(limit, language) })}
      </p>
      <svg
        className="health-bars"
        viewBox={`0 0 ${items.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('health.overTime')}
      >
        {items.map(({ at, most }, i) =>
          most === 0 ? null : (
            <rect
              key={at}
              x={i + 0.1}
              width={0.8}
              y={y(most)}
              height={HEIGHT - y(most)}
              data-over={most > limit || undefined}
            >
              <title>{`${formatDateTime(at, language)}: ${formatCount(most, language)}`}</title>
            </rect>
          ),
        )}
        <line x1={0} x2={items.length} y1={y(limit)} y2={y(limit)} />
      </svg>
      <div className="health-axis small secondary" aria-hidden="true">
        <span>{formatDateTime(health.from, language)}</span>
        <span>{formatDateTime(health.to, language)}</span>
      </div>
      <details className="small">
        <summary>{t('health.asTable')}</summary>
        <div>
          <table className="plain-table">
            <thead>
              <tr>
                <th scope="col">{t('health.column.from')}</th>
                <th scope="col" className="numeric">
                  {t('health.column.activations')}
                </th>
                <th scope="col" className="numeric">
                  {t('health.column.most')}
                </th>
              </tr>
            </thead>
            <tbody>
              {items
                .filter(({ count }) => count > 0)
                .map(({ at, count, most }) => (
                  <tr key={at}>
                    <td>{formatDateTime(at, language)}</td>
                    <td className="numeric">{formatCount(count, language)}</td>
                    <td className="numeric">{formatCount(most, language)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}
