import { AIR_STATIONS, NOISE_STATIONS, WEATHER_STATIONS } from './environment-places.ts';
import { at, type CityBuilder } from './place.ts';

const AGENCY = 'environment';

/** Air, noise and weather stations. */
export function addEnvironment(city: CityBuilder): void {
  for (const [slug, vi, en, longitude, latitude, ward, setting, grade] of AIR_STATIONS)
    city.site(
      {
        id: `air-${slug}`,
        agency: AGENCY,
        domain: 'environment',
        kind: 'air_station',
        name: { vi, en },
        location: at(longitude, latitude),
        ward,
        tags: ['air', grade, setting],
      },
      [
        {
          id: `ea-${slug}`,
          model: grade === 'reference' ? 'air-reference' : 'air-sensor',
          facts: { kind: 'air', setting },
        },
      ],
    );
  for (const [slug, vi, en, longitude, latitude, ward, setting] of NOISE_STATIONS)
    city.site(
      {
        id: `noise-${slug}`,
        agency: AGENCY,
        domain: 'environment',
        kind: 'noise_station',
        name: { vi, en },
        location: at(longitude, latitude),
        ward,
        // Legal limits differ by area: special (hospital, school) or ordinary.
        tags: ['noise', setting === 'special' ? 'noise_area:special' : 'noise_area:ordinary'],
      },
      [{ id: `en-${slug}`, model: 'noise', facts: { kind: 'noise', setting } }],
    );
  for (const [slug, vi, en, longitude, latitude, ward, exposure] of WEATHER_STATIONS)
    city.site(
      {
        id: `weather-${slug}`,
        agency: AGENCY,
        domain: 'environment',
        kind: 'weather_station',
        name: { vi, en },
        location: at(longitude, latitude),
        ward,
        tags: ['weather'],
      },
      [{ id: `ew-${slug}`, model: 'weather', facts: { kind: 'weather', exposure } }],
    );
}
