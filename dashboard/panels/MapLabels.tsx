import { type RefObject, useEffect, useMemo } from 'react';
import { usePlatform, useServerTick, useWanted } from '../client/platform.tsx';
import { useCity, usePointsByNumber } from '../client/use-city.tsx';
import { useValueText } from '../components/Reading.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import type { CityMap } from '../map/city-map.ts';
import type { PointLabel } from '../map/label-placement.ts';

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
  useWanted(useMemo(() => [...points.values()].flatMap(({ series: [main] }) => main?.id ?? []), [points]));
  const tick = useServerTick(SECOND_MS);
  const labelTick = numbers.length > 0 ? tick : 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tick is why readings are looked up again; a map made later must be told too
  useEffect(() => {
    const { readings } = live.get().table;
    map.current?.setLabels(
      new Map(
        [...points].map(([number, { name, series }]): [number, PointLabel] => {
          const [main] = series;
          const reading = main ? readings.get(main.id) : undefined;
          const text = main && reading ? valueText(reading.value, quantities.get(main.quantity)) : '';
          return [number, { name: name[language], reading: text }];
        }),
      ),
    );
  }, [points, language, labelTick, quantities, isMade]);
  return null;
}
