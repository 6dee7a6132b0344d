import { type RefObject, useEffect, useMemo } from 'react';
import type { SeriesId } from '../../domain/identifiers.ts';
import { useLive, usePlatform, useServerTick, useWanted } from '../client/platform.tsx';
import { useCity, usePointsByNumber } from '../client/use-city.tsx';
import { useValueText } from '../components/Reading.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import type { CityMap } from '../map/city-map.ts';
import type { PointLabel } from '../map/label-placement.ts';
import { tellingSeries, worstByPoint } from '../state/point-alarms.ts';

const SECOND_MS = 1_000;

/** Words the labels of the map, once a second with the newest readings. Draws nothing itself, so that the page stays still meanwhile. */
export function MapLabels({
  map,
  numbers,
  isMade,
}: {
  map: RefObject<CityMap | null>;
  /** Of the points there is room to label; keeps its identity while it is the same. */
  numbers: readonly number[];
  isMade: boolean;
}): null {
  const { language } = useLanguage();
  const { live } = usePlatform();
  const { quantities } = useCity();
  const valueText = useValueText();
  const points = usePointsByNumber(numbers);
  const alarms = useLive(({ table }) => worstByPoint(table.alarms));
  const wanted = [...points.values()]
    .flatMap((point) => tellingSeries(point, alarms.get(point.id))?.id ?? [])
    .join(' ');
  useWanted(useMemo(() => (wanted === '' ? [] : wanted.split(' ').map((id) => Number(id) as SeriesId)), [wanted]));
  const tick = useServerTick(SECOND_MS);
  const labelTick = numbers.length > 0 ? tick : 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tick is why readings are looked up again; a map made later must be told too
  useEffect(() => {
    const { readings } = live.get().table;
    map.current?.setLabels(
      new Map(
        [...points].map(([number, point]): [number, PointLabel] => {
          const series = tellingSeries(point, alarms.get(point.id));
          const reading = series && readings.get(series.id);
          const quantity = series && quantities.get(series.quantity);
          const value = reading ? valueText(reading.value, quantity) : '';
          // A number without a unit says nothing by itself.
          const isNamed = value !== '' && quantity?.unitSymbol === '';
          return [
            number,
            { name: point.name[language], reading: isNamed ? `${quantity.name[language]} ${value}` : value },
          ];
        }),
      ),
    );
  }, [points, alarms, language, labelTick, quantities, isMade]);
  return null;
}
