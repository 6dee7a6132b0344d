import { Popover } from '@mantine/core';
import { POINT_STATES } from '../../domain/point-state.ts';
import { DOMAINS } from '../../domain/quantity.ts';
import { IconInfoCircle } from '../components/icons.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { Glyph, StateMark } from '../symbols/Symbols.tsx';

/** How to read the map: shapes and colours of states, glyphs of domains, what the figures of a cluster count. */
export function MapLegend() {
  const { t } = useLanguage();
  return (
    <Popover position="left-end" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className="icon-button" aria-label={t('legend.title')} title={t('legend.title')}>
          <IconInfoCircle size={18} aria-hidden="true" />
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('legend.title')}>
        <h2 className="section-title">{t('legend.states')}</h2>
        <ul className="legend">
          {POINT_STATES.map((state) => (
            <li key={state}>
              <StateMark state={state} glyph="water" size={20} />
              {t(`state.${state}`)}
            </li>
          ))}
        </ul>
        <h2 className="section-title">{t('legend.domains')}</h2>
        <ul className="legend">
          {DOMAINS.map((domain) => (
            <li key={domain}>
              <Glyph name={domain} size={18} />
              {t(`domain.${domain}`)}
            </li>
          ))}
        </ul>
        <h2 className="section-title">{t('legend.clusters')}</h2>
        <p className="small legend-note">{t('legend.clustersText')}</p>
      </Popover.Dropdown>
    </Popover>
  );
}
