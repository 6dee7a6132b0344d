/**
 * The surface between the stations of an air index: of each place the mean of the stations within reach, weighted by the inverse of distance to this power.
 * Firm up to `nearKm` of a station, gone at `reachKm`; where fewer than two are in reach there is none. The platform's own figures, for a flat city.
 */
export const AIR_SURFACE = { power: 2, nearKm: 1.5, reachKm: 5 } as const;
