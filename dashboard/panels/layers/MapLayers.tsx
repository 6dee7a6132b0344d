import { useMemo, useState } from 'react';
import { isLineLayer, type MapLayer } from '../../../domain/map-lines.ts';
import { useMapLines } from '../../client/map-lines.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import type { CityMap, MapBounds } from '../../map/city-map.ts';
import type { LineHover } from '../../map/line-overlay.ts';
import type { MapTheme } from '../../map/overlay-layers.ts';
import { LaidLayers } from './LaidLayers.tsx';
import { LayersLegend } from './LayersLegend.tsx';
import { useLineWords } from './line-words.ts';
import '../../styles/layers.css';

/** Lays the chosen layers over the map, and says what their colours mean. */
export function MapLayers({
  map,
  theme,
  layers,
  index,
  bounds,
  agency,
  onOpen,
  onList,
}: {
  map: CityMap;
  theme: MapTheme;
  layers: readonly MapLayer[];
  /** Key of the air index whose surface is shown; absent: the first. */
  index: string | undefined;
  bounds: MapBounds | null;
  agency: string | null;
  onOpen: (pointNumber: number) => void;
  /** The lines as a table. */
  onList: () => void;
}) {
  const lineLayers = useMemo(() => layers.filter(isLineLayer), [layers]);
  const judged = useMapLines(lineLayers, bounds);
  const { lines, states } = judged;
  const shown = useMemo(
    () => (agency === null ? lines : lines.filter(({ agencyId }) => agencyId === agency)),
    [lines, agency],
  );
  const { classText, readingText } = useLineWords();
  const { language } = useLanguage();
  const [hovered, setHovered] = useState<LineHover | null>(null);
  const state = hovered && states.get(hovered.line.id);
  return (
    <>
      <LaidLayers
        map={map}
        layers={layers}
        judged={{ lines: shown, states }}
        index={index}
        agency={agency}
        onOpen={({ point }) => {
          if (point !== null) onOpen(point);
        }}
        onHover={setHovered}
      />
      <LayersLegend theme={theme} layers={layers} index={index} judged={{ ...judged, lines: shown }} onList={onList} />
      {hovered ? (
        <div className="map-tooltip" style={{ left: hovered.x, top: hovered.y }} aria-hidden="true">
          <strong>{hovered.line.name[language]}</strong>
          <span>{classText(state?.lineClass ?? null)}</span>
          <span className="secondary">{readingText(state ?? undefined)}</span>
        </div>
      ) : null}
    </>
  );
}
