import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { LineScaleWire } from '../../../api/contract/map-lines.ts';
import { AIR_SURFACE } from '../../../config/air-surface.ts';
import { isLineLayer, LINE_CLASSES, type LineClass, type LineLayer, type MapLayer } from '../../../domain/map-lines.ts';
import { type JudgedLines, useMapLines } from '../../client/map-lines.ts';
import { indicesQuery } from '../../client/queries.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import type { MapBounds } from '../../map/city-map.ts';
import { lineLooks, unknownLook } from '../../map/line-style.ts';
import type { MapTheme } from '../../map/overlay-layers.ts';
import { formatCount, formatNumber } from '../../state/formatting.ts';
import { countsOf } from '../../state/line-states.ts';
import { IndexBadge } from '../index/IndexBadge.tsx';
import '../../styles/layers.css';

/** The keys of all layers, one under the other, for a sheet of paper. */
export function LayersKey({
  theme,
  layers,
  index,
  bounds,
}: {
  theme: MapTheme;
  layers: readonly MapLayer[];
  index: string | undefined;
  bounds: MapBounds | null;
}) {
  const lineLayers = useMemo(() => layers.filter(isLineLayer), [layers]);
  const judged = useMapLines(lineLayers, bounds);
  return layers.map((layer) =>
    isLineLayer(layer) ? (
      <LineKey key={layer} layer={layer} theme={theme} judged={judged} />
    ) : (
      <AirKey key={layer} index={index} />
    ),
  );
}

/** The classes of one layer: how each is drawn, from where to where it goes, and how many lines are of it. */
export function LineKey({ layer, theme, judged }: { layer: LineLayer; theme: MapTheme; judged: JudgedLines }) {
  const { t, language } = useLanguage();
  const counts = countsOf(judged.lines, judged.states, layer);
  const looks = lineLooks(theme)[layer];
  const unknown = unknownLook(theme);
  const scales = judged.scales.filter((scale) => scale.layer === layer);
  const lines = judged.lines.filter((line) => line.layer === layer);
  return (
    <div>
      <h3>{t(`layers.name.${layer}`)}</h3>
      {judged.isLoading ? (
        <p className="secondary small">{t('layers.loading')}</p>
      ) : lines.length === 0 ? (
        <p className="secondary small">{t(`layers.none.${layer}`)}</p>
      ) : (
        <ul>
          {[...LINE_CLASSES[layer], null].map((lineClass: LineClass | null) => {
            const look = (lineClass === null ? undefined : looks[lineClass]) ?? unknown;
            const count = counts.get(lineClass) ?? 0;
            if (lineClass === null && count === 0) return null;
            return (
              <li key={lineClass ?? 'unknown'}>
                <svg width="26" height="12" aria-hidden="true">
                  <line
                    x1="2"
                    x2="24"
                    y1="6"
                    y2="6"
                    stroke={look.colour}
                    strokeWidth={look.width}
                    strokeLinecap={lineClass === null ? 'butt' : 'round'}
                    strokeDasharray={lineClass === null ? '4 3' : undefined}
                  />
                </svg>
                <span>
                  {lineClass === null ? t('layers.unknown') : t(`layers.class.${lineClass}`)}
                  {lineClass === null ? null : <Range scales={scales} lineClass={lineClass} />}
                </span>
                <span className="layers-count">{formatCount(count, language)}</span>
              </li>
            );
          })}
        </ul>
      )}
      {layer === 'roads' ? <p className="secondary small">{t('layers.roadsNote')}</p> : null}
      {layer === 'roads' && judged.withoutCourse > 0 ? (
        <p className="secondary small">{t('layers.withoutCourse', { count: judged.withoutCourse })}</p>
      ) : null}
      {lines.some(({ isCourse, path }) => !isCourse && path.length > 1) ? (
        <p className="secondary small">{t('layers.straightNote')}</p>
      ) : null}
    </div>
  );
}

/** From where to where a class goes, by the first scale that has it. */
function Range({ scales, lineClass }: { scales: readonly LineScaleWire[]; lineClass: LineClass }) {
  const { language } = useLanguage();
  const scale = scales.find(
    ({ steps, key }) => key !== 'supply_present' && steps.some((step) => step.lineClass === lineClass),
  );
  if (!scale) return null;
  const at = scale.steps.findIndex((step) => step.lineClass === lineClass);
  const from = scale.steps[at]?.from ?? null;
  const to = scale.steps[at + 1]?.from ?? null;
  const [factor, unit, decimals] =
    scale.unit === 'm' ? [100, 'cm', 0] : scale.unit === 'bar' ? [1, 'bar', 1] : [1, scale.unit, 0];
  const written = (value: number) => formatNumber(value * factor, decimals, language);
  const text =
    from === null ? `< ${written(to ?? 0)}` : to === null ? `> ${written(from)}` : `${written(from)}–${written(to)}`;
  return <span className="secondary layers-range"> {`${text} ${unit}`}</span>;
}

/** The categories of the surface, and what it is not. */
export function AirKey({ index: key }: { index: string | undefined }) {
  const { t, language } = useLanguage();
  const airIndices = (useQuery(indicesQuery).data?.items ?? []).filter(({ kind }) => kind === 'air');
  const index = airIndices.find((one) => one.key === key) ?? airIndices[0];
  if (!index) return null;
  return (
    <div>
      <h3>{t('layers.airTitle', { index: index.name[language] })}</h3>
      <p className="layers-interpolated">{t('layers.interpolated')}</p>
      <ul>
        {index.categories.map((category) => (
          <li key={category.key}>
            <IndexBadge category={category} text={`${category.min}–${category.max}`} />
            <span>{category.name[language]}</span>
          </li>
        ))}
      </ul>
      <p className="secondary small">
        {t('layers.airNote', { near: formatNumber(AIR_SURFACE.nearKm, 1, language), reach: AIR_SURFACE.reachKm })}
      </p>
    </div>
  );
}
