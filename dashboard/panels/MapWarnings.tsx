import type { PublicWarning } from '../../api/contract/warnings.ts';
import { useLanguage } from '../i18n/use-language.ts';
import '../styles/warnings.css';

/** The official warnings whose areas the map shows, in words. */
export function MapWarnings({ warnings }: { warnings: readonly PublicWarning[] }) {
  const { t, language } = useLanguage();
  if (warnings.length === 0) return null;
  return (
    <section className="map-warnings" aria-label={t('warnings.inForceHere')}>
      <ul>
        {warnings.map(({ identifier, content, status }) => (
          <li key={identifier} className={`cap-${content.severity}`}>
            <span className="warning-severity">{t(`warnings.severity.${content.severity}`)}</span>{' '}
            <a href="/warnings" target="_blank" rel="noreferrer">
              {content.headline[language]}
            </a>
            {status === 'Exercise' ? <span className="warning-exercise">{t('warnings.exercise')}</span> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
