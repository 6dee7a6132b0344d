import { useState } from 'react';
import { isLineLayer, type MapLayer } from '../../../domain/map-lines.ts';
import type { JudgedLines } from '../../client/map-lines.ts';
import { usePlatform } from '../../client/platform.tsx';
import { IconChevronDown, IconListDetails } from '../../components/icons.ts';
import { useIsPhone } from '../../components/use-media.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import type { MapTheme } from '../../map/overlay-layers.ts';
import { AirKey, LineKey } from './LayersKey.tsx';

/** What the colours of the layers mean, with limits, units and how many lines are of each. */
export function LayersLegend({
  theme,
  layers,
  index: key,
  judged,
  onList,
}: {
  theme: MapTheme;
  layers: readonly MapLayer[];
  index: string | undefined;
  judged: JudgedLines;
  onList: () => void;
}) {
  const { t } = useLanguage();
  const { isPast } = usePlatform();
  const isPhone = useIsPhone();
  const [open, setOpen] = useState(!isPhone);
  const hasLines = layers.some(isLineLayer);
  return (
    <section className="layers-legend" aria-label={t('layers.legend')} data-open={open || undefined}>
      <header>
        <h2>
          <button type="button" className="layers-legend-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
            <IconChevronDown size={16} aria-hidden="true" />
            {t('layers.legend')}
          </button>
        </h2>
        {hasLines ? (
          <button type="button" className="chip" onClick={onList}>
            <IconListDetails size={14} aria-hidden="true" />
            {t('layers.table')}
          </button>
        ) : null}
      </header>
      {open ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls where there is little room, and must be reachable by keyboard
        <div className="layers-legend-parts" tabIndex={0}>
          {layers.map((layer) =>
            isLineLayer(layer) ? (
              <LineKey key={layer} layer={layer} theme={theme} judged={judged} />
            ) : (
              <AirKey key={layer} index={key} />
            ),
          )}
          {judged.error ? (
            <p className="small" role="alert">
              {t('layers.failed')}{' '}
              <button type="button" className="chip" onClick={judged.retry}>
                {t('error.retry')}
              </button>
            </p>
          ) : null}
          {judged.unfollowed > 0 ? (
            <p className="secondary small">{t('layers.unfollowed', { count: judged.unfollowed })}</p>
          ) : null}
          {judged.leftOut > 0 ? (
            <p className="secondary small">{t('layers.leftOut', { count: judged.leftOut })}</p>
          ) : null}
          {hasLines && isPast ? <p className="secondary small">{t('layers.pastNote')}</p> : null}
        </div>
      ) : null}
    </section>
  );
}
