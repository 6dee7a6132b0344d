import type {
  AirIndexDefinition,
  NoiseIndexDefinition,
  WaterIndexDefinition,
} from '../../domain/indices/index-definition.ts';
import type { Localized } from '../../domain/localized.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import type { UtcOffset } from '../../domain/time-zone.ts';
import { quantityKey } from '../quantities.ts';
import type { AirCategory, ShownCategory } from './category.ts';
import { LDEN } from './noise.ts';
import { US_AQI, US_AQI_CATEGORIES } from './us-aqi.ts';
import { VN_AQI, VN_AQI_CATEGORIES } from './vn-aqi.ts';
import { VN_WQI, VN_WQI_CATEGORIES, VN_WQI_QUANTITIES, type WaterCategory } from './vn-wqi.ts';

interface Shown {
  readonly name: Localized;
  /** The document that defines it. */
  readonly source: string;
}
/** An index as people are shown it: how it is worked out, what it is called, and what its values mean. */
export type PublishedIndex =
  | (AirIndexDefinition & Shown & { readonly categories: readonly AirCategory[] })
  | (WaterIndexDefinition & Shown & { readonly categories: readonly WaterCategory[] })
  | (NoiseIndexDefinition & Shown & { readonly categories: readonly ShownCategory[] });

/** The platform's choice, as of the other indices. */
const WATER_HOUR_CAPTURE = 0.75;

/** What the platform works out by itself, by the local time of the site. The first index of the air is the one of the map. */
export const publishedIndices = (offset: UtcOffset): readonly PublishedIndex[] => [
  {
    kind: 'air',
    key: 'vn_aqi',
    name: { vi: 'VN_AQI', en: 'VN_AQI' },
    source: 'Quyết định 1459/QĐ-TCMT (12/11/2019)',
    hourly: quantityKey('vn_aqi_hourly'),
    daily: quantityKey('vn_aqi_daily'),
    method: { ...VN_AQI, offset },
    categories: VN_AQI_CATEGORIES,
  },
  {
    kind: 'air',
    key: 'us_aqi',
    name: { vi: 'AQI Hoa Kỳ', en: 'US AQI' },
    source: 'EPA-454/B-24-002 (5/2024)',
    hourly: quantityKey('us_aqi_hourly'),
    daily: quantityKey('us_aqi_daily'),
    method: { ...US_AQI, offset },
    categories: US_AQI_CATEGORIES,
  },
  {
    kind: 'noise',
    key: 'lden',
    name: { vi: 'Lden', en: 'Lden' },
    source: 'Directive 2002/49/EC, Annex I',
    daily: quantityKey('lden'),
    input: quantityKey('noise_level'),
    method: { ...LDEN, offset },
    // The directive has none, and Vietnamese law knows no Lden.
    categories: [],
  },
  {
    kind: 'water',
    key: 'vn_wqi',
    name: { vi: 'VN_WQI', en: 'VN_WQI' },
    source: 'Quyết định 1460/QĐ-TCMT (12/11/2019)',
    hourly: quantityKey('vn_wqi_hourly'),
    table: VN_WQI,
    inputs: Object.fromEntries(
      Object.entries(VN_WQI_QUANTITIES).map(([parameter, quantity]) => [parameter, quantityKey(quantity)]),
    ) as Readonly<Partial<Record<keyof typeof VN_WQI_QUANTITIES, QuantityKey>>>,
    hourCapture: WATER_HOUR_CAPTURE,
    categories: VN_WQI_CATEGORIES,
  },
];
