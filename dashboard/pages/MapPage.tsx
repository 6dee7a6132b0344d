import { useMantineColorScheme } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { AppSettings, MapPoint } from '../../api/contract/map.ts';
import type { PointId } from '../../domain/identifiers.ts';
import { POINT_STATES, type PointState, stateRank } from '../../domain/point-state.ts';
import { DOMAINS, type Domain } from '../../domain/quantity.ts';
import { holdValue } from '../client/held-value.ts';
import { usePlatform, useServerTick, useWanted } from '../client/platform.tsx';
import { pointDetails } from '../client/point-details.ts';
import { indicesQuery } from '../client/queries.ts';
import { useCity, usePoint, usePointStates, useTellPointStates, useWholeCity } from '../client/use-city.tsx';
import { publishedWarningsQuery } from '../client/warning-queries.ts';
import { IconHome, IconMinus, IconPlus, IconPrinter, IconRuler2, IconSearch, IconX } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { SidePanel } from '../components/SidePanel.tsx';
import { Failure } from '../components/States.tsx';
import { useIsPhone } from '../components/use-media.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { type MapBasemap, offlineBasemap, siteBasemap } from '../map/basemap.ts';
import { type CityMap, createCityMap, HOME_VIEW, type MapBounds, type MapView } from '../map/city-map.ts';
import type { IndexPoint } from '../map/index-features.ts';
import type { MapTheme } from '../map/overlay-layers.ts';
import { INCIDENT_ZOOM, MapIncident, useMapIncident } from '../panels/incident/MapIncident.tsx';
import { IndexLegend } from '../panels/index/IndexLegend.tsx';
import { LayerSwitcher } from '../panels/layers/LayerSwitcher.tsx';
import { useMapLayers } from '../panels/layers/use-map-layers.ts';
import { MapFilters } from '../panels/MapFilters.tsx';
import { MapLabels } from '../panels/MapLabels.tsx';
import { MapLegend } from '../panels/MapLegend.tsx';
import { type Hovered, MapTooltip } from '../panels/MapTooltip.tsx';
import { MapWarnings } from '../panels/MapWarnings.tsx';
import { ViewPanel } from '../panels/ViewPanel.tsx';
import { SavedViewsMenu } from '../panels/views/SavedViewsMenu.tsx';
import { whenAlarmsCall } from '../shell/AlarmCalls.tsx';
import { indexOfNumber, stateOf } from '../state/city-state.ts';
import { formatNumber } from '../state/formatting.ts';
import { indexStations } from '../state/index-stations.ts';
import { readView, writeView } from '../state/map-address.ts';
import { SYMBOL_COLOURS } from '../symbols/canvas.ts';
import '../styles/indices.css';
import '../styles/map.css';

// What not everybody looks at is fetched when somebody does.
const fetchPointPanel = () => import('../panels/PointPanel.tsx');
const PointPanel = lazy(() => fetchPointPanel().then((module) => ({ default: module.PointPanel })));
const MapLayers = lazy(() =>
  import('../panels/layers/MapLayers.tsx').then((module) => ({ default: module.MapLayers })),
);
const MeasureTool = lazy(() =>
  import('../panels/measure/MeasureTool.tsx').then((module) => ({ default: module.MeasureTool })),
);
const MapPrint = lazy(() => import('../panels/print/MapPrint.tsx').then((module) => ({ default: module.MapPrint })));
const LayersTable = lazy(() =>
  import('../panels/layers/LayersTable.tsx').then((module) => ({ default: module.LayersTable })),
);

const isComputed = ({ computed }: MapPoint['series'][number]): boolean => computed === true;

/** The address follows the view this long after it has come to rest: each turn of a wheel is a movement of its own. */
const ADDRESS_AFTER_MS = 250;
/** Zoom at which a point picked from a list is shown. */
const POINT_ZOOM = 13.5;

const INDEX_EVERY_MS = 5_000;

/** What the search field and the sheet of a selected point cover of the phone's map, in pixels; the sheet as in `styles/content.css`. */
const phoneCover = () => ({ top: 100, bottom: Math.min(0.58 * window.innerHeight, 560) });

/** Lays aside every word of the address that hides points. */
const NO_FILTER = { domains: undefined, states: undefined, agency: undefined, incident: undefined };
/** Words of the address that a saved view of the map keeps. */
const KEPT = ['view', 'domains', 'states', 'agency', 'layer', 'layers', 'point'] as const;

const splitWords = <T extends string>(text: string | undefined, allowed: readonly T[]): readonly T[] =>
  (text ?? '').split(' ').filter((word): word is T => (allowed as readonly string[]).includes(word));

export function MapPage() {
  const { t, language } = useLanguage();
  const { settings, live, isPast } = usePlatform();
  const search = useSearch({ from: '/shell/' });
  const navigate = useNavigate();
  const router = useRouter();
  const hasIndexLayer = search.layer !== undefined;
  // Which points have an index is told by their series, which the places alone don't hold.
  const city = useWholeCity(hasIndexLayer);
  const { places } = city;
  const isPhone = useIsPhone();
  const { colorScheme } = useMantineColorScheme();
  const screenTheme = useMapTheme(colorScheme);

  const container = useRef<HTMLDivElement>(null);
  const map = useRef<CityMap | null>(null);
  /** The same, for what is laid over it. */
  const [madeMap, setMadeMap] = useState<CityMap | null>(null);
  const { layers, setLayers } = useMapLayers();
  /** What is being done with the map beside looking at it. */
  const [tool, setTool] = useState<'measure' | 'print' | null>(null);
  const putDown = useCallback(() => setTool(null), []);
  // Paper is light.
  const theme = tool === 'print' ? 'light' : screenTheme;
  const [bounds, setBounds] = useState<MapBounds | null>(null);
  const [hovered] = useState(() => holdValue<Hovered>(null));
  const [labelled, setLabelled] = useState<readonly number[]>([]);
  const [basemapFailed, setBasemapFailed] = useState(false);
  const [sheetTall, setSheetTall] = useState(false);

  const selected = (search.point as PointId | undefined) ?? null;
  const selectedPoint = usePoint(selected) ?? undefined;
  const domains = splitWords<Domain>(search.domains, DOMAINS);
  const shownStates = splitWords<PointState>(search.states, POINT_STATES);
  const agency = search.agency ?? null;

  const basemap = useBasemap(settings.map, theme, basemapFailed, () => setBasemapFailed(true));

  const select = useCallback(
    (point: PointId | null) => {
      void navigate({ to: '/', search: (before) => ({ ...before, point: point ?? undefined }) as never });
    },
    [navigate],
  );
  const { pointByNumber } = city;
  /** A point's address bears its id, which in a large city has to be asked for. */
  const selectNumber = useCallback(
    async (number: number) => {
      const point = pointByNumber.get(number) ?? (await pointDetails.get(number));
      if (point) select(point.id);
      return point;
    },
    [pointByNumber, select],
  );

  // The map is made once, when there is ground to stand on; everything after is told to it.
  const hasBasemap = basemap !== null;
  const listeners = useRef({ select, selectNumber });
  listeners.current = { select, selectNumber };
  const writtenView = useRef<string | undefined>(search.view);
  const writeTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
  function writeAddress(view: MapView): void {
    // A map still coming to rest while the person has gone on to another page must not call them back.
    if (router.history.location.pathname !== '/') return;
    const words = writeView(view);
    writtenView.current = words;
    void navigate({ to: '/', search: (before) => ({ ...before, view: words }) as never, replace: true });
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once, see above
  useEffect(() => {
    if (!container.current || !basemap) return;
    const asked = readView(search.view);
    const point = selectedPoint?.location;
    const view: MapView =
      asked ??
      (point ? { ...point, zoom: POINT_ZOOM } : isPhone ? { ...HOME_VIEW, zoom: HOME_VIEW.zoom - 0.9 } : HOME_VIEW);
    const made = createCityMap(
      container.current,
      { basemap, view, label: t('map.label') },
      {
        onSelect: (target) => {
          if (target?.kind === 'point') void listeners.current.selectNumber(target.number);
          else listeners.current.select(target?.id ?? null);
        },
        onView: (next, nextBounds) => {
          setBounds(nextBounds);
          clearTimeout(writeTimer.current);
          writeTimer.current = setTimeout(() => writeAddress(next), ADDRESS_AFTER_MS);
        },
        onHover: (over) => {
          // What a press opens is there by the first one.
          if (over?.target.kind === 'point') fetchPointPanel().catch(() => {});
          hovered.set(over);
        },
        onLabelled: setLabelled,
        onBasemapError: () => setBasemapFailed(true),
        onReady: () => performance.mark('map-interactive'),
      },
    );
    map.current = made;
    setMadeMap(made);
    return () => {
      clearTimeout(writeTimer.current);
      map.current = null;
      setMadeMap(null);
      made.destroy();
    };
  }, [hasBasemap]);

  useEffect(() => {
    if (basemap) map.current?.setBasemap(basemap);
  }, [basemap]);
  useEffect(() => map.current?.setLabel(t('map.label')), [t]);
  // A street that was searched for, or a saved view: another place in the address than the one the map itself wrote there.
  useEffect(() => {
    const asked = readView(search.view);
    if (asked === null || search.view === writtenView.current) return;
    map.current?.flyTo(asked);
  }, [search.view]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a map made later must be told too
  useEffect(() => {
    map.current?.setCover(isPhone && selected !== null ? phoneCover() : { top: 0, bottom: 0 });
  }, [isPhone, selected, hasBasemap]);

  // Without a choice of states what is shown doesn't hang on them.
  const filteringStates = usePointStates(shownStates.length > 0).ranks;
  const statesFiltered = shownStates.length > 0 ? filteringStates : null;
  const domainWords = domains.join(' ');
  const stateWords = shownStates.join(' ');
  const shownIncident = useMapIncident();
  /** By index among the places: 1 for what is chosen; `null`: all. */
  const filter = useMemo(() => {
    const members = shownIncident.numbers;
    if (domainWords === '' && stateWords === '' && agency === null && members === null) return null;
    const wantedDomains = new Set(splitWords(domainWords, DOMAINS).map((domain) => DOMAINS.indexOf(domain)));
    const wantedRanks = new Set(splitWords(stateWords, POINT_STATES).map(stateRank));
    const wantedAgency = places.agencies.findIndex(({ id }) => id === agency);
    return Uint8Array.from(places.number, (number, i) =>
      (members === null || members.has(number)) &&
      (wantedDomains.size === 0 || wantedDomains.has(places.domain[i] as number)) &&
      (statesFiltered === null || wantedRanks.has(statesFiltered[number] ?? -1)) &&
      (agency === null || places.agency[i] === wantedAgency)
        ? 1
        : 0,
    );
  }, [places, domainWords, stateWords, agency, statesFiltered, shownIncident.numbers]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a map made later must be told too
  useEffect(() => map.current?.setPlaces(places), [places, hasBasemap]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a map made later, or other places, must be told too
  useEffect(() => map.current?.setFilter(filter), [filter, places, hasBasemap]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a map made later must be told too
  useTellPointStates(useCallback(({ ranks }) => map.current?.setStates(ranks), [hasBasemap]));
  const selectedIndex = selectedPoint ? indexOfNumber(places, selectedPoint.number) : -1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a map made later, or other places, must be told too
  useEffect(() => map.current?.select(selectedIndex < 0 ? null : selectedIndex), [selectedIndex, places, hasBasemap]);
  const indices = useQuery(indicesQuery);
  const airIndices = (indices.data?.items ?? []).filter(({ kind }) => kind === 'air');
  const layer = search.layer === undefined ? undefined : airIndices.find(({ key }) => key === search.layer);
  // Values change once an hour; some seconds later is soon enough.
  const indexSpan = useServerTick(INDEX_EVERY_MS);
  const indexTick = layer === undefined ? 0 : indexSpan;
  const stations = useMemo(
    () =>
      layer === undefined
        ? null
        : indexStations(
            layer,
            city.points.filter((point) => agency === null || point.agencyId === agency),
            live.get().table.readings,
            indexTick * INDEX_EVERY_MS,
          ),
    [layer, city.points, agency, indexTick, live],
  );
  const stationNumbers = useMemo(() => stations?.map(({ point }) => point.number), [stations]);
  useWanted(
    useMemo(
      () =>
        layer === undefined ? [] : city.points.flatMap(({ series }) => series.filter(isComputed).map(({ id }) => id)),
      [layer, city.points],
    ),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a map made later must be told too
  useEffect(() => {
    map.current?.setIndex(
      stations?.map(({ point, value, category }): IndexPoint => {
        const text = value === null ? '–' : formatNumber(value, 0, language);
        const words = category?.name[language] ?? t('index.none');
        return {
          id: point.id,
          longitude: point.location.longitude,
          latitude: point.location.latitude,
          value: text,
          colour: category?.colour ?? 'none',
          rank: value ?? -1,
          label: `${point.name[language]}\n${words}`,
        };
      }) ?? null,
    );
  }, [stations, language, hasBasemap, t]);

  useEffect(
    () =>
      whenAlarmsCall((alarms) => {
        // What calls now has no place on the map of another moment.
        if (isPast) return;
        const colours = SYMBOL_COLOURS[theme].state;
        map.current?.pulse(
          alarms.flatMap(({ point, severity }) => (point ? [{ ...point.location, colour: colours[severity] }] : [])),
        );
      }),
    [theme, isPast],
  );

  const warned = useQuery(publishedWarningsQuery);
  // What is in force now was not then.
  const inForce = useMemo(
    () => (isPast ? [] : (warned.data ?? []).filter(({ phase }) => phase === 'in_force')),
    [warned.data, isPast],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a map made later must be told too
  useEffect(() => {
    map.current?.setWarnings(inForce.map(({ content: { area, severity } }) => ({ ...area, severity })));
  }, [inForce, hasBasemap]);

  const showPoint = useCallback(({ location }: Pick<MapPoint, 'location'>) => {
    map.current?.flyTo({ ...location, zoom: Math.max(map.current.zoom(), POINT_ZOOM) });
  }, []);
  // A point chosen from elsewhere (search, alarms, a link) is brought into view; one clicked on the map is there already.
  const boundsNow = useRef(bounds);
  boundsNow.current = bounds;
  const isLinkWithoutView = useRef(selected !== null && search.view === undefined);
  useEffect(() => {
    if (!selectedPoint) return;
    const { longitude, latitude } = selectedPoint.location;
    const [west, south, east, north] = boundsNow.current ?? [-180, -90, 180, 90];
    const isOutside = longitude < west || longitude > east || latitude < south || latitude > north;
    // On the phone the sheet has come up over what was pressed.
    if (isOutside || isPhone || isLinkWithoutView.current) showPoint(selectedPoint);
    isLinkWithoutView.current = false;
  }, [selectedPoint, showPoint, isPhone]);

  const attribution = [
    ...(basemap?.isSchematic ? [t('map.schematic'), t('map.offlineSources')] : []),
    ...(basemap && basemap.attribution !== '' ? [basemap.attribution] : []),
  ].join(' · ');
  const isListingLayers = search.list === 'layers' && layers.length > 0 && selected === null;
  const listLayers = (on: boolean) =>
    void navigate({
      to: '/',
      search: (before) => ({ ...before, list: on ? 'layers' : undefined, point: undefined }) as never,
    });
  const panelOpen = !isPhone || selected !== null || sheetTall || isListingLayers;

  return (
    <div className="map-page">
      <h1 className="visually-hidden">{t('nav.map')}</h1>
      <section className="map-area" aria-label={t('map.region')}>
        <div ref={container} className="map-canvas" />
        <div className="map-tools">
          <button type="button" className="chip map-search" onClick={() => spotlight.open()}>
            <IconSearch size={18} aria-hidden="true" />
            <span>{t('search.open')}</span>
            <span className="map-search-key" aria-hidden="true">
              <kbd>/</kbd>
            </span>
          </button>
          <MapFilters
            domains={domains}
            states={shownStates}
            agency={agency}
            onChange={(next) =>
              void navigate({ to: '/', search: (before) => ({ ...before, ...next }) as never, replace: true })
            }
          />
        </div>
        <div className="map-zoom">
          <button
            type="button"
            className="icon-button map-layer"
            aria-pressed={layer !== undefined}
            title={t('index.layerHint')}
            onClick={() =>
              void navigate({
                to: '/',
                search: (before) => ({ ...before, layer: layer ? undefined : airIndices[0]?.key }) as never,
                replace: true,
              })
            }
          >
            {t('index.layer')}
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={t('map.zoomIn')}
            onClick={() => map.current?.zoomBy(1)}
          >
            <IconPlus size={18} aria-hidden="true" />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={t('map.zoomOut')}
            onClick={() => map.current?.zoomBy(-1)}
          >
            <IconMinus size={18} aria-hidden="true" />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={t('map.wholeCity')}
            onClick={() => map.current?.flyTo(HOME_VIEW)}
          >
            <IconHome size={18} aria-hidden="true" />
          </button>
          <LayerSwitcher layers={layers} onChange={setLayers} />
          {/* Of the past, the drawer of time keeps bookmarks. */}
          {isPast ? null : (
            <SavedViewsMenu
              kind="map_view"
              position="left-end"
              current={Object.fromEntries(KEPT.map((word) => [word, search[word]]))}
              onOpen={(content) => void navigate({ to: '/', search: content as never })}
            />
          )}
          <button
            type="button"
            className="icon-button"
            aria-label={t('measure.title')}
            title={t('measure.title')}
            aria-pressed={tool === 'measure'}
            onClick={() => setTool(tool === 'measure' ? null : 'measure')}
          >
            <IconRuler2 size={18} aria-hidden="true" />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={t('print.title')}
            title={t('print.title')}
            onClick={() => setTool('print')}
          >
            <IconPrinter size={18} aria-hidden="true" />
          </button>
          <MapLegend />
        </div>
        {layer ? (
          <IndexLegend
            indices={airIndices}
            shown={layer}
            onChange={(key) =>
              void navigate({ to: '/', search: (before) => ({ ...before, layer: key }) as never, replace: true })
            }
          />
        ) : null}
        {madeMap !== null && layers.length > 0 ? (
          <Suspense fallback={null}>
            <MapLayers
              map={madeMap}
              theme={theme}
              layers={layers}
              index={search.layer}
              bounds={bounds}
              agency={agency}
              onOpen={(number) => void selectNumber(number)}
              onList={() => listLayers(true)}
            />
          </Suspense>
        ) : null}
        {madeMap !== null && tool !== null ? (
          <Suspense fallback={null}>
            {tool === 'measure' ? (
              <MeasureTool map={madeMap} onClose={putDown} />
            ) : bounds ? (
              <MapPrint
                map={madeMap}
                bounds={bounds}
                layers={layers}
                index={search.layer}
                attribution={attribution}
                onClose={putDown}
              />
            ) : null}
          </Suspense>
        ) : null}
        <MapWarnings warnings={inForce} />
        <MapIncident
          shown={shownIncident}
          onPlace={madeMap === null ? null : (at) => madeMap.flyTo({ ...at, zoom: INCIDENT_ZOOM })}
        />
        <p className="map-attribution">
          {basemapFailed ? <strong>{t('map.siteMapFailed')} </strong> : null}
          {attribution}
        </p>
        <MapLabels map={map} numbers={labelled} isMade={hasBasemap} />
        {isPhone ? null : <MapTooltip hovered={hovered} stations={stations} layer={layer} />}
        {city.error && places.length === 0 ? (
          <div className="map-message">
            <Failure error={city.error} retry={city.retry} />
          </div>
        ) : null}
        {isPhone && selected === null && !sheetTall ? (
          <ListButton filter={filter} count={stationNumbers?.length ?? null} onClick={() => setSheetTall(true)} />
        ) : null}
      </section>
      {panelOpen ? (
        <SidePanel
          label={t(selected ? 'point.panel' : isListingLayers ? 'layers.tableTitle' : 'view.title')}
          onClose={() => (selected !== null ? select(null) : isListingLayers ? listLayers(false) : setSheetTall(false))}
        >
          {isPhone && selected === null && !isListingLayers ? (
            <button
              type="button"
              className="icon-button sheet-close"
              aria-label={t('common.close')}
              onClick={() => setSheetTall(false)}
            >
              <IconX size={20} aria-hidden="true" />
            </button>
          ) : null}
          {selected !== null ? (
            <Suspense fallback={<ListLoading what={t('loading.points')} />}>
              <PointPanel
                key={selected}
                pointId={selected}
                onClose={() => select(null)}
                {...(selectedPoint ? { onShow: () => showPoint(selectedPoint) } : {})}
              />
            </Suspense>
          ) : isListingLayers ? (
            <Suspense fallback={<ListLoading what={t('layers.loading')} rows={12} />}>
              <LayersTable
                theme={theme}
                layers={layers}
                bounds={bounds}
                agency={agency}
                onOpen={(number, location) => {
                  showPoint({ location });
                  if (number !== null) void selectNumber(number);
                }}
                onClose={() => listLayers(false)}
              />
            </Suspense>
          ) : (
            <ViewPanel
              filter={filter}
              onNoFilter={() =>
                void navigate({
                  to: '/',
                  search: (before) => ({ ...before, ...NO_FILTER }) as never,
                  replace: true,
                })
              }
              only={stationNumbers ?? null}
              bounds={bounds}
              onOpen={(number) => {
                void selectNumber(number).then((point) => point && showPoint(point));
              }}
            />
          )}
        </SidePanel>
      ) : null}
    </div>
  );
}

/** Opens the list of what is shown, with its length: so many stations (`count`), or all points that are chosen and whose state is known. */
function ListButton({
  filter,
  count,
  onClick,
}: {
  filter: Uint8Array | null;
  count: number | null;
  onClick: () => void;
}) {
  const { t } = useLanguage();
  const { places } = useCity();
  const states = usePointStates(count === null);
  const shown = useMemo(() => {
    let known = 0;
    for (let i = 0; i < places.length; i++)
      if ((filter === null || filter[i] === 1) && stateOf(states, places.number[i] as number)) known += 1;
    return known;
  }, [places, filter, states]);
  return (
    <button type="button" className="map-list-button" onClick={onClick}>
      {t('view.openList', { count: count ?? shown })}
    </button>
  );
}

/** The site's basemap; the bundled one when the site's can't be had. `null` while it is being fetched. */
function useBasemap(
  settings: AppSettings['map'],
  theme: MapTheme,
  failed: boolean,
  onFailure: () => void,
): MapBasemap | null {
  const isOffline = failed || settings.basemap.mode === 'offline';
  const offline = useMemo(() => offlineBasemap(settings, theme), [settings, theme]);
  const [site, setSite] = useState<MapBasemap | null>(null);
  const report = useRef(onFailure);
  report.current = onFailure;
  useEffect(() => {
    if (isOffline) return;
    let wanted = true;
    siteBasemap(settings, theme).then(
      (loaded) => wanted && setSite(loaded),
      () => wanted && report.current(),
    );
    return () => {
      wanted = false;
    };
  }, [settings, theme, isOffline]);
  return isOffline ? offline : site;
}

/** Dark or light, as the page stands now: the system's when nothing is chosen. */
function useMapTheme(scheme: string): MapTheme {
  const [dark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const media = matchMedia('(prefers-color-scheme: dark)');
    const change = () => setDark(media.matches);
    media.addEventListener('change', change);
    return () => media.removeEventListener('change', change);
  }, []);
  if (scheme === 'dark' || scheme === 'light') return scheme;
  return dark ? 'dark' : 'light';
}
