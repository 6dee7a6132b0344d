import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import type { DeviceModelWire, DeviceWire } from '../../api/contract/assets.ts';
import type { Location } from '../../domain/asset.ts';
import type { AgencyId, DeviceId, PointId, SiteId } from '../../domain/identifiers.ts';
import { newIdempotencyKey } from '../client/http.ts';
import { usePlatform } from '../client/platform.tsx';
import { sitesQuery } from '../client/queries.ts';
import { holdsIn } from '../client/session.ts';
import { useWholeCity } from '../client/use-city.tsx';
import { IconAlertTriangle, IconCurrentLocation } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { formatNumber } from '../state/formatting.ts';
import { nearestTo, outsideBy } from '../state/nearby.ts';
import { foldText, matchRank } from '../state/text-search.ts';
import { draftOf, keepDraft } from './field-store.ts';
import { useFieldWork } from './use-field.ts';
import { usePosition } from './use-position.ts';
import { useWard } from './use-ward.ts';

const PlaceMap = lazy(() => import('./PlaceMap.tsx').then(({ PlaceMap: component }) => ({ default: component })));

const OFFERED = 6;
type Choice = { readonly kind: 'point'; readonly id: PointId } | { readonly kind: 'site'; readonly id: SiteId };

/** Where the device hangs and what it serves: known points and sites nearby are offered, the phone's position first. */
export function PlaceStep({
  deviceId,
  device,
  model,
  onDone,
}: {
  deviceId: DeviceId;
  device: DeviceWire | null;
  model: DeviceModelWire | null;
  onDone: () => void;
}) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const city = useWholeCity();
  const sites = useQuery(sitesQuery);
  const { add } = useFieldWork();
  const { state, position, ask } = usePosition();
  const [dragged, setDragged] = useState<Location | null>(null);
  const [choice, setChoice] = useState<Choice | null>(null);
  const [wanted, setWanted] = useState('');
  const [name, setName] = useState('');

  const at = dragged ?? position?.location ?? null;
  const accuracy = dragged === null ? (position?.accuracyMetres ?? null) : null;
  const measured = useMemo(() => model?.channels.map(({ quantity }) => quantity) ?? null, [model]);
  const writable = (agencyId: AgencyId) => holdsIn(session, 'assets.write', agencyId);

  // What the device could serve: points of my agencies with one of its quantities; all of them while the model isn't known.
  const points = useMemo(
    () =>
      city.points.filter(
        (point) =>
          holdsIn(session, 'assets.write', point.agencyId) &&
          (measured === null || point.series.some(({ quantity }) => measured.includes(quantity))),
      ),
    [city.points, session, measured],
  );
  const ownSites = useMemo(
    () => (sites.data ?? []).filter(({ agencyId }) => holdsIn(session, 'assets.write', agencyId)),
    [sites.data, session],
  );
  const words = foldText(wanted.trim());
  const offer = <
    T extends { readonly location: Location; readonly name: { vi: string; en: string }; readonly id: string },
  >(
    places: readonly T[],
  ): readonly { readonly item: T; readonly distanceMetres: number | null }[] => {
    const named =
      words === ''
        ? places
        : places.filter((each) => matchRank(foldText(`${each.name[language]} ${each.id}`), words) !== null);
    if (at) return nearestTo(named, at, OFFERED);
    return words === '' ? [] : named.slice(0, OFFERED).map((item) => ({ item, distanceMetres: null }));
  };
  const offeredPoints = offer(points);
  const offeredSites = offer(ownSites);
  const chosenPoint = choice?.kind === 'point' ? points.find(({ id }) => id === choice.id) : undefined;
  const chosenSite =
    choice?.kind === 'site'
      ? ownSites.find(({ id }) => id === choice.id)
      : ownSites.find(({ id }) => id === chosenPoint?.siteId);
  const expected = chosenSite ?? chosenPoint;
  const outside = at && expected ? outsideBy(at, accuracy ?? 0, expected.location) : null;
  const ward = useWard(at);
  const otherWard = ward !== null && expected?.wardCode != null && ward !== expected.wardCode;
  const near = useMemo(
    () => (at ? nearestTo(points, at, 30).map(({ item }) => ({ id: item.id, location: item.location })) : []),
    [points, at],
  );
  useEffect(() => {
    void draftOf(deviceId).then(
      (draft) => draft?.mounted && setDragged((held) => held ?? draft.mounted?.location ?? null),
    );
  }, [deviceId]);

  const canMake = choice?.kind === 'site' && measured !== null && at !== null && name.trim() !== '';
  const ready = choice !== null && (choice.kind === 'point' || canMake);

  async function place(): Promise<void> {
    if (choice === null) return;
    if (at) await keepDraft(deviceId, { mounted: { location: at, accuracyMetres: accuracy } });
    if (choice.kind === 'point') {
      await add(deviceId, { kind: 'place', pointId: choice.id, newPoint: null });
    } else if (chosenSite && at && measured) {
      const pointId = `p-${newIdempotencyKey().slice(0, 12)}` as PointId;
      await add(deviceId, {
        kind: 'place',
        pointId,
        newPoint: {
          id: pointId,
          agencyId: chosenSite.agencyId,
          siteId: chosenSite.id,
          domain: model?.domain ?? chosenSite.domain,
          name: name.trim(),
          location: at,
          wardCode: chosenSite.wardCode,
          quantities: [...new Set(measured)],
        },
      });
    }
    onDone();
  }
  const distance = (metres: number | null) =>
    metres === null
      ? ''
      : metres < 1_000
        ? `${formatNumber(metres, 0, language)} m`
        : `${formatNumber(metres / 1_000, 1, language)} km`;

  return (
    <>
      <Button
        size="lg"
        fullWidth
        variant="default"
        loading={state === 'asking'}
        leftSection={<IconCurrentLocation size={22} aria-hidden="true" />}
        onClick={() => {
          setDragged(null);
          ask();
        }}
      >
        {t('field.whereAmI')}
      </Button>
      <p role="status">
        {dragged
          ? t('field.placedByHand')
          : position
            ? t('field.accuracy', { metres: formatNumber(position.accuracyMetres, 0, language) })
            : t(`position.${state}`)}
      </p>
      <Suspense fallback={<div className="place-map" aria-busy="true" />}>
        <PlaceMap label={t('field.map')} at={at} accuracyMetres={accuracy} near={near} onMove={setDragged} />
      </Suspense>
      <p className="secondary small">{t('field.dragHint')}</p>
      <TextInput
        size="lg"
        label={t('field.findPlace')}
        value={wanted}
        onChange={(event) => setWanted(event.currentTarget.value)}
      />
      {sites.isPending && sites.fetchStatus === 'fetching' ? <ListLoading rows={3} what={t('loading.points')} /> : null}
      <fieldset className="choices">
        <legend className="section-title">{t('field.points')}</legend>
        {offeredPoints.length === 0 ? <p className="secondary">{t('field.noPlaces')}</p> : null}
        {offeredPoints.map(({ item, distanceMetres }) => (
          <label key={item.id} className="choice">
            <input
              type="radio"
              name="place"
              checked={choice?.kind === 'point' && choice.id === item.id}
              onChange={() => setChoice({ kind: 'point', id: item.id })}
            />
            <span className="choice-text">
              <span>{item.name[language]}</span>
              <span className="secondary small">
                {item.devices.length > 0
                  ? t('field.servedBy', { device: item.devices.map(({ id }) => id).join(', ') })
                  : t('field.servedByNone')}
              </span>
            </span>
            <span className="secondary numeric">{distance(distanceMetres)}</span>
          </label>
        ))}
      </fieldset>
      <fieldset className="choices">
        <legend className="section-title">{t('field.newPointAt')}</legend>
        {measured === null ? <p className="secondary">{t('field.modelUnknown')}</p> : null}
        {measured === null
          ? null
          : offeredSites.map(({ item, distanceMetres }) => (
              <label key={item.id} className="choice">
                <input
                  type="radio"
                  name="place"
                  checked={choice?.kind === 'site' && choice.id === item.id}
                  onChange={() => {
                    setChoice({ kind: 'site', id: item.id });
                    setName(item.name[language]);
                  }}
                />
                <span className="choice-text">{item.name[language]}</span>
                <span className="secondary numeric">{distance(distanceMetres)}</span>
              </label>
            ))}
        {choice?.kind === 'site' ? (
          <TextInput
            size="lg"
            label={t('field.newPointName')}
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        ) : null}
        {choice?.kind === 'site' && at === null ? (
          <p className="form-problem">{t('field.newPointNeedsPlace')}</p>
        ) : null}
      </fieldset>
      {outside !== null || otherWard ? (
        <p className="field-warning" role="alert">
          <IconAlertTriangle size={20} aria-hidden="true" />
          {outside !== null
            ? t('field.outside', { distance: distance(outside), place: expected?.name[language] ?? '' })
            : t('field.otherWard', { place: expected?.name[language] ?? '' })}
        </p>
      ) : null}
      {device !== null && !writable(device.agencyId) ? <p className="form-problem">{t('field.notYours')}</p> : null}
      <div className="field-bar">
        <Button size="lg" fullWidth disabled={!ready} onClick={() => void place()}>
          {t('field.placeHere')}
        </Button>
      </div>
    </>
  );
}
