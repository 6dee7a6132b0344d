import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { MapLineWire } from '../../../api/contract/map-lines.ts';
import type { SiteId } from '../../../domain/identifiers.ts';
import { isLineLayer, type MapLayer } from '../../../domain/map-lines.ts';
import type { JudgedLines } from '../../client/map-lines.ts';
import { usePlatform, useServerNow, useWanted } from '../../client/platform.tsx';
import { indicesQuery } from '../../client/queries.ts';
import { useWholeCity } from '../../client/use-city.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { createAirSurface, type SurfaceStation } from '../../map/air-surface.ts';
import type { CityMap } from '../../map/city-map.ts';
import { createLineOverlay, type LineHover } from '../../map/line-overlay.ts';
import { categoryOf, indexStations } from '../../state/index-stations.ts';
import { useLineWords } from './line-words.ts';

/** Draws the chosen layers on a map, and nothing beside it. */
export function LaidLayers({
  map,
  layers,
  judged: { lines, states },
  index,
  agency,
  onOpen,
  onHover,
}: {
  map: CityMap;
  layers: readonly MapLayer[];
  /** The lines to be drawn, and how they stand. */
  judged: Pick<JudgedLines, 'lines' | 'states'>;
  /** Key of the air index whose surface is shown; absent: the first. */
  index: string | undefined;
  /** Whose stations the surface lies between; `null`: all. */
  agency: string | null;
  onOpen: (line: MapLineWire) => void;
  onHover: (hovered: LineHover | null) => void;
}) {
  const lineLayers = useMemo(() => layers.filter(isLineLayer), [layers]);
  const { mapText } = useLineWords();
  const { language } = useLanguage();
  const listeners = useRef({ onOpen, onHover });
  listeners.current = { onOpen, onHover };
  const [overlay] = useState(() =>
    createLineOverlay({
      onOpen: (line) => listeners.current.onOpen(line),
      onHover: (hovered) => listeners.current.onHover(hovered),
    }),
  );
  const hasLines = lineLayers.length > 0;
  useEffect(() => (hasLines ? map.extend(overlay.extension) : undefined), [map, overlay, hasLines]);
  useEffect(() => overlay.setLines(lines), [overlay, lines]);
  useEffect(() => overlay.setShown(lineLayers), [overlay, lineLayers]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words are made of the states, in the language
  useEffect(() => {
    const words = new Map<SiteId, string>();
    for (const line of lines) {
      const text = mapText(line, states.get(line.id));
      if (text !== undefined) words.set(line.id, text);
    }
    overlay.setStates(states, words);
  }, [overlay, lines, states, language]);
  return layers.includes('air') ? <AirSurface map={map} index={index} agency={agency} /> : null;
}

/** Between the stations of the index, as far as they can tell. */
function AirSurface({ map, index: key, agency }: { map: CityMap; index: string | undefined; agency: string | null }) {
  const { live } = usePlatform();
  const city = useWholeCity();
  const airIndices = (useQuery(indicesQuery).data?.items ?? []).filter(({ kind }) => kind === 'air');
  const index = airIndices.find((one) => one.key === key) ?? airIndices[0];
  const hourly = index?.hourly;
  // In a large city what nobody wants is not sent.
  useWanted(
    useMemo(
      () =>
        city.points.flatMap(({ series }) => series.filter(({ quantity }) => quantity === hourly).map(({ id }) => id)),
      [city.points, hourly],
    ),
  );
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
