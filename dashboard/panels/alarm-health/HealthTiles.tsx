import type { AlarmHealthWire } from '../../../api/contract/alarm-health.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { figuresOf, type Verdict } from '../../state/alarm-health-view.ts';
import { useFigureText } from './use-figure-text.ts';

/** Every figure with its definition and what it is held against. */
export function HealthTiles({ health }: { health: AlarmHealthWire }) {
  const { t } = useLanguage();
  const text = useFigureText();
  return (
    <ul className="health-tiles" aria-label={t('health.figures')}>
      {figuresOf(health).map((figure) => (
        <li key={figure.name} className="health-tile" data-verdict={figure.verdict}>
          <h2>{t(`health.figure.${figure.name}`)}</h2>
          <p className="health-value">{text(figure)}</p>
          <p className="small health-verdict">
            <VerdictMark verdict={figure.verdict} />
            {t(`health.verdict.${figure.verdict}`)}
          </p>
          <p className="small">{t(`health.target.${figure.name}`)}</p>
          <p className="small secondary">{t(`health.definition.${figure.name}`)}</p>
        </li>
      ))}
    </ul>
  );
}

/** By shape beside the word: nothing is said by colour alone. */
function VerdictMark({ verdict }: { verdict: Verdict }) {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      {verdict === 'over' ? (
        <path d="M6 1 11.5 11H.5Z" fill="currentColor" />
      ) : verdict === 'manageable' ? (
        <path d="M6 .5 11.5 6 6 11.5.5 6Z" fill="currentColor" />
      ) : verdict === 'acceptable' ? (
        <path d="m2 6.5 3 3 5-7" fill="none" stroke="currentColor" strokeWidth="1.8" />
      ) : (
        <path d="M2 6h8" stroke="currentColor" strokeWidth="1.8" />
      )}
    </svg>
  );
}
