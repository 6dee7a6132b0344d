import { useCallback, useEffect, useRef, useState } from 'react';
import type { Location } from '../../domain/asset.ts';

export interface Position {
  readonly location: Location;
  /** Radius of 68 % confidence (W3C Geolocation, 5.6), metres. */
  readonly accuracyMetres: number;
}
export type PositionState = 'idle' | 'asking' | 'found' | 'refused' | 'unavailable';

/** A better fix often comes a few seconds after the first. */
const LISTEN_MS = 20_000;

/** The phone's position: the most accurate of what it says within twenty seconds of being asked. */
export function usePosition() {
  const [state, setState] = useState<PositionState>('idle');
  const [position, setPosition] = useState<Position | null>(null);
  const stop = useRef<() => void>(() => {});

  const ask = useCallback(() => {
    stop.current();
    if (!navigator.geolocation) return setState('unavailable');
    setState('asking');
    setPosition(null);
    const watch = navigator.geolocation.watchPosition(
      ({ coords }) => {
        setState('found');
        const next = {
          location: { longitude: coords.longitude, latitude: coords.latitude },
          accuracyMetres: coords.accuracy,
        };
        setPosition((held) => (held === null || next.accuracyMetres < held.accuracyMetres ? next : held));
      },
      (error) => setState((held) => (held === 'found' ? held : error.code === 1 ? 'refused' : 'unavailable')),
      { enableHighAccuracy: true, maximumAge: 0, timeout: LISTEN_MS },
    );
    const timer = setTimeout(() => navigator.geolocation.clearWatch(watch), LISTEN_MS);
    stop.current = () => {
      clearTimeout(timer);
      navigator.geolocation.clearWatch(watch);
    };
  }, []);
  useEffect(() => () => stop.current(), []);
  return { state, position, ask };
}
