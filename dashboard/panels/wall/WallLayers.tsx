import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { isLineLayer, LINE_CLASSES, type LineClass, type LineLayer, type MapLayer } from '../../../domain/map-lines.ts';
import { type JudgedLines, useMapLines } from '../../client/map-lines.ts';
import { indicesQuery } from '../../client/queries.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import type { CityMap } from '../../map/city-map.ts';
import { lineLooks, unknownLook } from '../../map/line-style.ts';
import type { MapTheme } from '../../map/overlay-layers.ts';
import { formatCount } from '../../state/formatting.ts';
import { countsOf } from '../../state/line-states.ts';
import { LaidLayers } from '../layers/LaidLayers.tsx';

const nothing = () => {};

/** Layers on the wall's map, and under it what their colours mean: of each layer the classes that there are now, the worst first. */
export function WallLayers({
  map,
  theme,
  layers,
}: {
  map: CityMap;
  theme: MapTheme;
  /** At least one. */
  layers: readonly MapLayer[];
}) {
  const { t } = useLanguage();
  const lineLayers = useMemo(() => layers.filter(isLineLayer), [layers]);
  const judged = useMapLines(lineLayers, null);
  return (
    <>
      <LaidLayers
        map={map}
        layers={layers}
        judged={judged}
        index={undefined}
        agency={null}
        onOpen={nothing}
        onHover={nothing}
      />
      <section className="wall-key" aria-label={t('layers.legend')}>
        {layers.map((layer) =>
          isLineLayer(layer) ? (
            <LineKey key={layer} layer={layer} theme={theme} judged={judged} />
          ) : (
            <AirKey key={layer} />
          ),
        )}
      </section>
    </>
  );
}

function LineKey({ layer, theme, judged }: { layer: LineLayer; theme: MapTheme; judged: JudgedLines }) {
  const { t, language } = useLanguage();
  const counts = countsOf(judged.lines, judged.states, layer);
  const shown = [...LINE_CLASSES[layer].toReversed(), null].filter((each: LineClass | null) => counts.get(each));
  return (
    <div className="wall-key-layer">
      <h3>{t(`layers.name.${layer}`)}</h3>
      {shown.length === 0 ? (
        <p>{judged.error ? t('layers.failed') : t(judged.isLoading ? 'layers.loading' : `layers.none.${layer}`)}</p>
      ) : (
        <ul>
          {shown.map((lineClass: LineClass | null) => {
            const look = (lineClass === null ? undefined : lineLooks(theme)[layer][lineClass]) ?? unknownLook(theme);
            return (
              <li key={lineClass ?? 'unknown'}>
                <span className="wall-key-colour" style={{ background: look.colour }} />
                {lineClass === null ? t('layers.unknown') : t(`layers.class.${lineClass}`)}
                <strong>{formatCount(counts.get(lineClass) ?? 0, language)}</strong>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}

function AirKey() {
  const { t, language } = useLanguage();
  const index = useQuery(indicesQuery).data?.items.find(({ kind }) => kind === 'air');
  if (!index) return null;
  return (
    <div className="wall-key-layer">
      <h3>{index.name[language]}</h3>
      <ul>
        <li>{t('layers.interpolated')}</li>
        {index.categories.map(({ key, name, colour }) => (
          <li key={key}>
            <span className="wall-key-colour" style={{ background: colour }} />
            {name[language]}
          </li>
        ))}
      </ul>
    </div>
  );
}
