import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';
import { LAYER, SOURCE } from './overlay-layers.ts';

export interface PulsePlace {
  readonly longitude: number;
  readonly latitude: number;
  /** CSS colour of the severity. */
  readonly colour: string;
}

const PULSES = 3;
const PULSE_MS = 900;
/** At most this many places pulse at once; a burst of alarms is told by the strip, not by a flashing city. */
const LARGEST_PULSE_PLACES = 40;

/** Rings that grow three times around the places of new alarms, then are gone. One layer, no element per place. */
export function createPulse(map: MapLibreMap) {
  let places: { readonly place: PulsePlace; readonly startedAt: number }[] = [];
  let frame = 0;

  function show(now: number): void {
    frame = 0;
    const before = places.length;
    places = places.filter(({ startedAt }) => now - startedAt < PULSES * PULSE_MS);
    if (!map.getLayer(LAYER.pulse)) return;
    if (places.length !== before) setPlaces();
    if (places.length === 0) {
      map.setPaintProperty(LAYER.pulse, 'circle-stroke-opacity', 0);
      return;
    }
    // All places share one phase: the newest burst's.
    const newest = Math.max(...places.map(({ startedAt }) => startedAt));
    const phase = ((now - newest) % PULSE_MS) / PULSE_MS;
    map.setPaintProperty(LAYER.pulse, 'circle-radius', 12 + 30 * phase);
    map.setPaintProperty(LAYER.pulse, 'circle-stroke-opacity', 0.9 * (1 - phase));
    frame = requestAnimationFrame(show);
  }

  function setPlaces(): void {
    void map.getSource<GeoJSONSource>(SOURCE.pulse)?.setData({
      type: 'FeatureCollection',
      features: places.map(({ place }) => ({
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [place.longitude, place.latitude] },
        properties: { colour: place.colour },
      })),
    });
  }

  return {
    start(newPlaces: readonly PulsePlace[]): void {
      if (newPlaces.length === 0 || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
      const startedAt = performance.now();
      places = [...places, ...newPlaces.map((place) => ({ place, startedAt }))].slice(-LARGEST_PULSE_PLACES);
      setPlaces();
      if (frame === 0) frame = requestAnimationFrame(show);
    },
    stop(): void {
      if (frame !== 0) cancelAnimationFrame(frame);
      frame = 0;
      places = [];
    },
  };
}
