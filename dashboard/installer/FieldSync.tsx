import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { usePlatform } from '../client/platform.tsx';
import { devicesQuery, mapPointsQuery } from '../client/queries.ts';
import { startFieldSync } from './field-sync.ts';

/** Tells the platform what waits on this phone, on whatever page its owner is. Shows nothing. */
export function FieldSync() {
  const queries = useQueryClient();
  const { session, live } = usePlatform();
  const userId = session.user.id;
  useEffect(
    () =>
      startFieldSync(
        userId,
        () => live.get().clockOffsetMs,
        (deviceId) => {
          void queries.invalidateQueries({ queryKey: ['device', deviceId] });
          void queries.invalidateQueries({ queryKey: devicesQuery.queryKey });
          void queries.invalidateQueries({ queryKey: mapPointsQuery.queryKey });
        },
      ),
    [queries, live, userId],
  );
  return null;
}
