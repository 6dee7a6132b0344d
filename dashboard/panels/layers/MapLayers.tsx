import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { SiteId } from '../../../domain/identifiers.ts';
import { useMapLines } from '../../client/map-lines.ts';
import { usePlatform, useServerNow } from '../../client/platform.tsx';
import { indicesQuery } from '../../client/queries.ts';
import { useWholeCity } from '../../client/use-city.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { createAirSurface, type SurfaceStation } from '../../map/air-surface.ts';
import type { CityMap, MapBounds } from '../../map/city-map.ts';
import { createLineOverlay, type LineHover } from '../../map/line-overlay.ts';
import type { MapTheme } from '../../map/overlay-layers.ts';
import { categoryOf, indexStations } from '../../state/index-stations.ts';
import { isLineLayer, type MapLayer } from '../../state/map-layers.ts';
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
  const { classText, readingText, mapText } = useLineWords();
  const { language } = useLanguage();
  const [hovered, setHovered] = useState<LineHover | null>(null);
  const onOpenNow = useRef(onOpen);
  onOpenNow.current = onOpen;
  const [overlay] = useState(() =>
    createLineOverlay({
      onOpen: ({ point }) => {
        if (point !== null) onOpenNow.current(point);
      },
      onHover: setHovered,
    }),
  );
  const hasLines = lineLayers.length > 0;
  useEffect(() => (hasLines ? map.extend(overlay.extension) : undefined), [map, overlay, hasLines]);
  useEffect(() => overlay.setLines(shown), [overlay, shown]);
  useEffect(() => overlay.setShown(lineLayers), [overlay, lineLayers]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words are made of the states, in the language
  useEffect(() => {
    const words = new Map<SiteId, string>();
    for (const line of shown) {
      const text = mapText(line, states.get(line.id));
      if (text !== undefined) words.set(line.id, text);
    }
    overlay.setStates(states, words);
  }, [overlay, shown, states, language]);
  const state = hovered && states.get(hovered.line.id);
  return (
    <>
      {layers.includes('air') ? <AirSurface map={map} index={index} agency={agency} /> : null}
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

/** Between the stations of the index, as far as they can tell. */
function AirSurface({ map, index: key, agency }: { map: CityMap; index: string | undefined; agency: string | null }) {
  const { live } = usePlatform();
  const city = useWholeCity();
  const airIndices = (useQuery(indicesQuery).data?.items ?? []).filter(({ kind }) => kind === 'air');
  const index = airIndices.find((one) => one.key === key) ?? airIndices[0];
  const now = useServerNow();
  const [surface] = useState(createAirSurface);
  useEffect(() => map.extend(surface.extension), [map, surface]);
  const written = index
    ? JSON.stringify(
        indexStations(
          index,
          city.points.filter((point) => agency === null || point.agencyId === agency),
          live.get().table.readings,
          now,
        ).flatMap(({ point: { location }, value }): SurfaceStation[] =>
          value === null ? [] : [{ ...location, value }],
        ),
      )
    : '[]';
  // Values change once an hour: the picture is made anew only then.
  useEffect(() => {
    if (!index) return;
    surface.setStations(
      JSON.parse(written) as SurfaceStation[],
      (value) => categoryOf(index, value)?.colour ?? '#808080',
    );
  }, [surface, written, index]);
  return null;
}
