import { Button, FocusTrap, TextInput } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { createPortal } from 'react-dom';
import type { MapLayer } from '../../../domain/map-lines.ts';
import { POINT_STATES } from '../../../domain/point-state.ts';
import { useLive, usePlatform, useServerNow } from '../../client/platform.tsx';
import { useCity, usePointStates } from '../../client/use-city.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import type { CityMap, MapBounds } from '../../map/city-map.ts';
import type { MapTheme } from '../../map/overlay-layers.ts';
import { compareAlarms } from '../../state/alarm-list.ts';
import { formatCount, formatDateTime } from '../../state/formatting.ts';
import { roundScale } from '../../state/scale-bar.ts';
import { StateMark } from '../../symbols/Symbols.tsx';
import { useAlarmValues } from '../AlarmCard.tsx';
import { LayersKey } from '../layers/LayersKey.tsx';
import '../../styles/map-print.css';

/** Alarms that one sheet lists; more are counted. */
const ALARMS_LISTED = 60;
/** Paper is light. */
const PAPER: MapTheme = 'light';
const PRINTING = 'data-printing-map';

/** What the map shows as a sheet of paper: looked at first, then printed by the browser. */
export function MapPrint({
  map,
  bounds,
  layers,
  index,
  attribution,
  onClose,
}: {
  map: CityMap;
  bounds: MapBounds;
  layers: readonly MapLayer[];
  index: string | undefined;
  attribution: string;
  onClose: () => void;
}) {
  const { t, language } = useLanguage();
  const { session, isPast } = usePlatform();
  const { places } = useCity();
  const states = usePointStates();
  const alarmsNow = useLive((state) => state.table.alarms);
  const nowTicking = useServerNow();
  const values = useAlarmValues();
  const [opener] = useState(() => document.activeElement);
  // The sheet is of the moment it was asked for; it doesn't change while it is looked at.
  const [alarms] = useState(alarmsNow);
  const [now] = useState(nowTicking);
  const [ranks] = useState(states.ranks);
  const [picture, setPicture] = useState<{
    readonly url: string;
    readonly width: number;
    readonly metresPerPixel: number;
  } | null>(null);
  const [title, setTitle] = useState(t('print.defaultTitle'));
  useEffect(() => {
    let wanted = true;
    // By then the map has been told of the ground that paper has.
    const frame = requestAnimationFrame(() => void map.picture().then((taken) => wanted && setPicture(taken)));
    return () => {
      wanted = false;
      cancelAnimationFrame(frame);
    };
  }, [map]);
  useEffect(() => {
    document.body.setAttribute(PRINTING, '');
    const onKeyDown = (event: KeyboardEvent) => event.key === 'Escape' && onClose();
    document.addEventListener('keydown', onKeyDown);
    return () => {
      document.body.removeAttribute(PRINTING);
      document.removeEventListener('keydown', onKeyDown);
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, [onClose, opener]);

  const [west, south, east, north] = bounds;
  const inView = useMemo(() => {
    const isIn = (longitude: number, latitude: number) =>
      longitude >= west && longitude <= east && latitude >= south && latitude <= north;
    return [...alarms.values()]
      .filter(
        ({ point, suppression, endedAt }) =>
          point && suppression === null && endedAt === null && isIn(point.location.longitude, point.location.latitude),
      )
      .sort(compareAlarms);
  }, [alarms, west, south, east, north]);
  const counts = useMemo(() => {
    const found = POINT_STATES.map(() => 0);
    for (let i = 0; i < places.length; i++) {
      const [longitude, latitude] = [places.longitude[i] as number, places.latitude[i] as number];
      if (longitude < west || longitude > east || latitude < south || latitude > north) continue;
      const rank = ranks[places.number[i] as number] as number;
      if (found[rank] !== undefined) found[rank]++;
    }
    return found;
  }, [places, ranks, west, south, east, north]);
  const scale = picture && roundScale(picture.metresPerPixel, picture.width / 5);

  return createPortal(
    <FocusTrap active>
      <div className="print-root" role="dialog" aria-modal="true" aria-label={t('print.title')}>
        <div className="print-bar">
          <TextInput
            label={t('print.sheetTitle')}
            value={title}
            maxLength={120}
            onChange={(event) => setTitle(event.currentTarget.value)}
            data-autofocus
          />
          <Button disabled={picture === null} onClick={() => window.print()}>
            {t('print.print')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('common.close')}
          </Button>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a small screen the sheet scrolls and must be reachable by keyboard */}
        <article className="print-sheet inset-focus" tabIndex={0}>
          <header>
            <h1>{title}</h1>
            <p>
              {t(isPast ? 'print.past' : 'print.live', { time: formatDateTime(now, language, true) })} ·{' '}
              {new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')}
            </p>
          </header>
          <div className="print-body">
            <figure>
              {picture === null || scale === null ? (
                <p role="status">{t('print.preparing')}</p>
              ) : (
                <div className="print-picture">
                  <img src={picture.url} alt={t('print.pictureOf', { title })} />
                  <div className="print-scale" style={{ width: `${(100 * scale.pixels) / picture.width}%` }}>
                    {scale.metres < 1_000 ? `${scale.metres} m` : `${scale.metres / 1_000} km`}
                  </div>
                </div>
              )}
              <figcaption>{attribution}</figcaption>
            </figure>
            <aside aria-label={t('legend.title')}>
              <h2>{t('print.states')}</h2>
              <ul>
                {POINT_STATES.map((state, rank) =>
                  (counts[rank] ?? 0) > 0 ? (
                    <li key={state}>
                      <StateMark state={state} glyph="water" size={16} />
                      <span>{t(`state.${state}`)}</span>
                      <span className="layers-count">{formatCount(counts[rank] ?? 0, language)}</span>
                    </li>
                  ) : null,
                )}
              </ul>
              <LayersKey theme={PAPER} layers={layers} index={index} bounds={bounds} />
            </aside>
          </div>
          <section>
            <h2>{t('print.alarms', { count: inView.length, number: formatCount(inView.length, language) })}</h2>
            {inView.length === 0 ? (
              <p>{t('print.noAlarms')}</p>
            ) : (
              <table>
                <thead>
                  <tr>
                    <th scope="col">{t('print.severity')}</th>
                    <th scope="col">{t('print.alarm')}</th>
                    <th scope="col">{t('print.place')}</th>
                    <th scope="col">{t('print.value')}</th>
                    <th scope="col">{t('print.since')}</th>
                    <th scope="col">{t('print.work')}</th>
                  </tr>
                </thead>
                <tbody>
                  {inView.slice(0, ALARMS_LISTED).map((alarm) => (
                    <tr key={alarm.id}>
                      <td>
                        <StateMark state={alarm.severity} size={14} /> {t(`severity.${alarm.severity}`)}
                      </td>
                      <td>{alarm.rule?.name[language] ?? alarm.ruleId}</td>
                      <td>{alarm.point?.name[language] ?? alarm.pointId}</td>
                      <td>{values(alarm)}</td>
                      <td>{formatDateTime(alarm.activatedAt, language)}</td>
                      <td>{t(`work.${alarm.work}`)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
            {inView.length > ALARMS_LISTED ? (
              <p>{t('print.moreAlarms', { count: inView.length - ALARMS_LISTED })}</p>
            ) : null}
          </section>
          <footer>
            {t('print.by', { name: session.user.displayName, time: formatDateTime(Date.now(), language) })}
          </footer>
        </article>
      </div>
    </FocusTrap>,
    document.body,
  );
}
