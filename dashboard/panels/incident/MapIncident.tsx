import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef } from 'react';
import type { IncidentWire } from '../../../api/contract/incidents.ts';
import type { Location } from '../../../domain/asset.ts';
import type { CityPlaces } from '../../../domain/city-places.ts';
import type { IncidentId } from '../../../domain/incident.ts';
import { incidentQuery } from '../../client/incidents.ts';
import { useCity } from '../../client/use-city.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { indexOfNumber } from '../../state/city-state.ts';
import { useIncidentText } from './incident-text.ts';
import '../../styles/incidents.css';

/** Shows some streets around the cause. */
export const INCIDENT_ZOOM = 13;

interface MapIncidentShown {
  readonly incident: IncidentWire | null;
  /** Numbers of the points that the map is to show; `null`: all. */
  readonly numbers: ReadonlySet<number> | null;
}

/** The incident in the map's address, with the points it is of. */
export function useMapIncident(): MapIncidentShown {
  const search = useSearch({ from: '/shell/' });
  const id = (search.incident ?? '') as IncidentId;
  const { data: incident, isLoading } = useQuery({ ...incidentQuery(id), enabled: id !== '' });
  // None until they are known, not all for a moment. Fetched again and again, they are mostly the same.
  const written = isLoading ? '' : (incident?.numbers.join(' ') ?? null);
  const numbers = useMemo(() => (written === null ? null : new Set(written.split(' ').map(Number))), [written]);
  return { incident: incident ?? null, numbers };
}

function locationOf(places: CityPlaces, number: number): Location | undefined {
  const i = indexOfNumber(places, number);
  const [longitude, latitude] = [places.longitude[i], places.latitude[i]];
  return longitude === undefined || latitude === undefined ? undefined : { longitude, latitude };
}

/** Says that the map shows one incident alone, and goes back to all. Brings it into view once. */
export function MapIncident({
  shown,
  onPlace,
}: {
  shown: MapIncidentShown;
  /** `null` while there is no map yet. */
  onPlace: ((at: Location) => void) | null;
}) {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const { places } = useCity();
  const { titleOf } = useIncidentText();
  const { incident, numbers } = shown;
  const [first = -1] = numbers ?? [];
  const place = incident?.location ?? locationOf(places, first);
  const brought = useRef<string | null>(null);
  useEffect(() => {
    if (onPlace === null || incident === null || place === undefined || brought.current === incident.id) return;
    brought.current = incident.id;
    onPlace(place);
  });
  if (incident === null) return null;
  return (
    <div className="map-incident" role="status">
      <span>
        {t('incidents.shownOnMap')}{' '}
        <Link to="/incidents" search={{ incident: incident.id }}>
          {titleOf(incident)}
        </Link>
      </span>
      <Button
        size="xs"
        variant="default"
        onClick={() =>
          void navigate({ to: '/', search: (before) => ({ ...before, incident: undefined }) as never, replace: true })
        }
      >
        {t('incidents.showAllPoints')}
      </Button>
    </div>
  );
}
