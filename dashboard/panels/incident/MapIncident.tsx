import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef } from 'react';
import type { IncidentWire } from '../../../api/contract/incidents.ts';
import type { Location } from '../../../domain/asset.ts';
import type { PointId } from '../../../domain/identifiers.ts';
import type { IncidentId } from '../../../domain/incident.ts';
import { incidentQuery } from '../../client/incidents.ts';
import { useCity } from '../../client/use-city.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { useIncidentText } from './incident-text.ts';
import '../../styles/incidents.css';

/** Shows some streets around the cause. */
export const INCIDENT_ZOOM = 13;

interface MapIncidentShown {
  readonly incident: IncidentWire | null;
  /** The points that the map is to show; `null`: all. */
  readonly points: ReadonlySet<PointId> | null;
}

/** The incident in the map's address, with the points it is of. */
export function useMapIncident(): MapIncidentShown {
  const search = useSearch({ from: '/shell/' });
  const id = (search.incident ?? '') as IncidentId;
  const { data: incident, isLoading } = useQuery({ ...incidentQuery(id), enabled: id !== '' });
  // None until they are known, not all for a moment. Fetched again and again, they are mostly the same.
  const places = isLoading ? '' : (incident?.points.join(' ') ?? null);
  const points = useMemo(() => (places === null ? null : new Set(places.split(' ') as PointId[])), [places]);
  return { incident: incident ?? null, points };
}

/** Says that the map shows one incident alone, and goes back to all. Brings it into view once. */
export function MapIncident({ shown, onPlace }: { shown: MapIncidentShown; onPlace: (at: Location) => void }) {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const { pointById } = useCity();
  const { titleOf } = useIncidentText();
  const { incident, points } = shown;
  const [first] = points ?? [];
  const place = incident?.location ?? (first === undefined ? undefined : pointById.get(first)?.location);
  const brought = useRef<string | null>(null);
  useEffect(() => {
    if (incident === null || place === undefined || brought.current === incident.id) return;
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
