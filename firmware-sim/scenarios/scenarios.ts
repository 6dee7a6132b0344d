import type { FactsByPoint } from '../../config/city/facts.ts';
import type { Location } from '../../domain/asset.ts';
import type { PointId, SiteId } from '../../domain/identifiers.ts';
import type { Localized } from '../../domain/localized.ts';
import type { CitySeed } from '../../domain/ports/registry.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { RainCell } from '../signals/weather.ts';
import type { Effect, Span } from './effects.ts';
import type { GroundTruth, GroundTruthEvent } from './ground-truth.ts';

export const SCENARIO_NAMES = [
  'typhoon-flood',
  'transformer-outage',
  'pipe-burst',
  'smog-episode',
  'road-crash',
  'gateway-outage',
] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];
export const isScenarioName = (text: string): text is ScenarioName =>
  (SCENARIO_NAMES as readonly string[]).includes(text);

/** A scenario set at a time: what it does to the signals, and what can be known of it afterwards. */
export interface Scenario {
  readonly effects: readonly Effect[];
  readonly truth: GroundTruth;
}

export interface ScenarioOptions {
  readonly city: CitySeed;
  readonly facts: FactsByPoint;
  /** Written into the ground truth; the scenarios themselves do not vary with it. */
  readonly seed: number;
  /** When it begins. */
  readonly at: EpochMs;
}

const HOUR_MS = 3_600_000;
const hoursAfter = (at: EpochMs, hours: number): EpochMs => Math.round(at + hours * HOUR_MS) as EpochMs;
const span = (at: EpochMs, fromHours: number, toHours: number): Span => ({
  from: hoursAfter(at, fromHours),
  to: hoursAfter(at, toHours),
});
const sign = (point: string, quantity: string, is: 'above' | 'below', limit: number) => ({
  point: point as PointId,
  quantity,
  is,
  limit,
});
const site = (id: string): SiteId => id as SiteId;

interface Draft {
  readonly name: Localized;
  readonly effects: readonly Effect[];
  readonly events: readonly GroundTruthEvent[];
}

/** Where a quantity is measured, for what is over the whole region. */
const sitesMeasuring = (city: CitySeed, quantity: string): SiteId[] => [
  ...new Set(
    city.points.filter(({ quantities }) => quantities.some((key) => key === quantity)).map(({ siteId }) => siteId),
  ),
];

const CENTRE: Location = { longitude: 106.685, latitude: 20.848 };

/** A storm like Wipha (2025) or Yagi (2024), lighter: a day from the first gusts to the last flooded street. */
function typhoonFlood({ at, city }: ScenarioOptions): Draft {
  const storm = span(at, 0, 14);
  const band = (fromHours: number, toHours: number, peakMmPerHour: number): Extract<Effect, { kind: 'rain' }> => {
    const when = span(at, fromHours, toHours);
    const cell: RainCell = {
      ...when,
      centre: CENTRE,
      radiusKm: 24,
      peakMmPerHour,
      drift: { longitude: -0.01, latitude: 0.005 },
    };
    return { kind: 'rain', ...when, cell };
  };
  const rain = [band(1, 5, 58), band(4, 9, 86), band(8.5, 12, 42)];
  const flooded = span(at, 3, 12);
  return {
    name: { vi: 'Bão gây ngập', en: 'Typhoon and flood' },
    effects: [
      ...rain,
      { kind: 'wind', ...storm, peakMs: 27 },
      { kind: 'low_pressure', ...storm, dropHpa: 24 },
      { kind: 'surge', ...span(at, 1, 13), peakM: 0.9 },
      { kind: 'river_flood', ...span(at, 6, 54), peakM: 1.7 },
      { kind: 'traffic_demand', ...span(at, 0, 18), factor: 0.22 },
    ],
    events: [
      {
        kind: 'storm_wind',
        what: { vi: 'Gió bão cấp 9–10', en: 'Storm wind, force 9–10' },
        // It blows over the whole region; the sign is where nothing shelters from it.
        sites: sitesMeasuring(city, 'wind_speed'),
        ...storm,
        signs: [sign('p-tw-tan-vu-lh', 'wind_speed', 'above', 20.8), sign('p-ew-hon-dau', 'wind_speed', 'above', 20.8)],
      },
      {
        kind: 'street_flood',
        what: { vi: 'Ngập đường phố, nặng nhất ở trung tâm', en: 'Streets flooded, worst in the centre' },
        // The rain is over all of them; the centre, where the signs are, stands deepest.
        sites: sitesMeasuring(city, 'flood_depth'),
        ...flooded,
        signs: ['lach-tray', 'quan-nam', 'cho-hang', 'minh-khai'].map((slug) =>
          sign(`p-wf-${slug}`, 'flood_depth', 'above', 0.3),
        ),
      },
      {
        kind: 'storm_surge',
        what: { vi: 'Nước dâng do bão tại Hòn Dáu', en: 'Storm surge at Hòn Dáu' },
        sites: [site('tide-hon-dau')],
        ...span(at, 1, 13),
        signs: [sign('p-ew-hon-dau', 'air_pressure', 'below', 1_000)],
      },
      {
        kind: 'river_flood',
        what: { vi: 'Lũ trên sông Luộc và Văn Úc', en: 'Flood on the Luộc and Văn Úc rivers' },
        sites: [site('river-chanh-chu'), site('river-trung-trang')],
        ...span(at, 6, 54),
        signs: [sign('p-wr-chanh-chu', 'water_level', 'above', 2.5)],
      },
    ],
  };
}

/** A distribution transformer fails at full load; its meters gasp, an hour and a half later a spare is in. */
function transformerOutage({ at, city }: ScenarioOptions): Draft {
  const transformer = site('transformer-lach-tray-471-1');
  const off = span(at, 0, 1.5);
  const meters = city.sites.filter((row) => row.parentId === transformer).map((row) => row.id);
  return {
    name: { vi: 'Sự cố trạm biến áp', en: 'Transformer outage' },
    effects: [{ kind: 'outage', ...off, site: transformer }],
    events: [
      {
        kind: 'supply_outage',
        what: { vi: 'Mất điện trạm biến áp Quán Mau', en: 'Quán Mau transformer without supply' },
        sites: [transformer, ...meters],
        ...off,
        signs: [
          sign('p-pt-lach-tray-471-1', 'voltage_l1', 'below', 10),
          sign('p-pm-lach-tray-471-1-1', 'power_present', 'below', 0.5),
        ],
      },
    ],
  };
}

/** A 200 mm pipe breaks in a zone and is shut off three hours later. */
function pipeBurst({ at, facts }: ScenarioOptions): Draft {
  const dma = site('dma-ho-nam');
  const inlet = facts.get('p-wd-ho-nam' as PointId);
  const connections = inlet?.kind === 'dma_inlet' ? inlet.connections : 2_400;
  // A break of this size lets out somewhat more than the whole zone uses.
  const m3PerHour = Math.round(((connections * 0.62) / 24) * 2);
  const broken = span(at, 0, 3);
  return {
    name: { vi: 'Vỡ ống cấp nước', en: 'Pipe burst' },
    effects: [{ kind: 'burst', ...broken, dma, m3PerHour }],
    events: [
      {
        kind: 'pipe_burst',
        what: {
          vi: `Vỡ ống vùng Hồ Nam, thất thoát khoảng ${m3PerHour} m³/h`,
          en: `Burst in the Hồ Nam zone, about ${m3PerHour} m³/h`,
        },
        sites: [dma],
        ...broken,
        signs: [
          sign('p-wd-ho-nam', 'water_flow', 'above', m3PerHour),
          sign('p-wc-ho-nam', 'water_pressure', 'below', 1.3),
        ],
      },
    ],
  };
}

/** Three days of still winter air under an inversion. */
function smogEpisode({ at, city }: ScenarioOptions): Draft {
  const stagnant = span(at, 0, 66);
  const stations = ['ngo-quyen', 'le-chan', 'hong-bang', 'dinh-vu', 'hai-duong'];
  return {
    name: { vi: 'Đợt ô nhiễm không khí', en: 'Smog episode' },
    effects: [{ kind: 'smog', ...stagnant, factor: 4.5 }],
    events: [
      {
        kind: 'smog',
        what: { vi: 'Nghịch nhiệt, bụi mịn tích tụ toàn vùng', en: 'Inversion, fine dust over the whole region' },
        sites: sitesMeasuring(city, 'pm2_5'),
        ...stagnant,
        signs: stations.map((slug) => sign(`p-ea-${slug}`, 'pm2_5', 'above', 65)),
      },
    ],
  };
}

/** Trucks collide on the expressway; the road behind stands, the road ahead empties. */
function roadCrash({ at }: ScenarioOptions): Draft {
  const blocked = span(at, 0, 1.75);
  const jam = (point: string, density: number, fromHours: number, toHours: number): Effect => ({
    kind: 'congestion',
    ...span(at, fromHours, toHours),
    point: point as PointId,
    density,
  });
  return {
    name: { vi: 'Tai nạn giao thông', en: 'Road crash' },
    effects: [
      jam('p-ts-ct04-kien-thuy', 3.1, 0, 1.75),
      jam('p-ts-ct04-an-lao', 2.3, 0.25, 2),
      jam('p-tj-pham-van-dong-in', 2.2, 0.1, 1.9),
      jam('p-tj-pham-van-dong-out', 2.5, 0.1, 1.9),
    ],
    events: [
      {
        kind: 'road_crash',
        what: {
          vi: 'Va chạm xe tải trên cao tốc Hà Nội – Hải Phòng, đoạn Kiến Thụy',
          en: 'Trucks collided on the Hà Nội – Hải Phòng expressway at Kiến Thụy',
        },
        sites: [site('segment-ct04-kien-thuy'), site('segment-ct04-an-lao'), site('junction-pham-van-dong')],
        ...blocked,
        signs: [
          sign('p-ts-ct04-kien-thuy', 'vehicle_speed', 'below', 12),
          sign('p-ts-ct04-kien-thuy', 'occupancy', 'above', 55),
        ],
      },
    ],
  };
}

/** A roadside cabinet loses its supply: the detectors around it live on, but nobody hears them until it is back. */
function gatewayOutage({ at, city }: ScenarioOptions): Draft {
  const gateway = site('cabinet-cau-dat');
  const off = span(at, 0, 0.75);
  const carried = city.links.filter(({ from, kind }) => kind === 'backhauls' && from === gateway).map(({ to }) => to);
  return {
    name: { vi: 'Cổng kết nối mất điện', en: 'Gateway without supply' },
    effects: [{ kind: 'outage', ...off, site: gateway }],
    events: [
      {
        kind: 'gateway_outage',
        what: { vi: 'Tủ kết nối Cầu Đất mất điện', en: 'Cầu Đất cabinet without supply' },
        sites: [gateway, ...carried],
        ...off,
        signs: [sign('p-tg-cau-dat', 'battery_level', 'below', 10)],
      },
    ],
  };
}

const MAKERS: Readonly<Record<ScenarioName, (options: ScenarioOptions) => Draft>> = {
  'typhoon-flood': typhoonFlood,
  'transformer-outage': transformerOutage,
  'pipe-burst': pipeBurst,
  'smog-episode': smogEpisode,
  'road-crash': roadCrash,
  'gateway-outage': gatewayOutage,
};

/** The named scenario, beginning at the given instant. */
export function createScenario(scenario: ScenarioName, options: ScenarioOptions): Scenario {
  const { name, effects, events } = MAKERS[scenario](options);
  return {
    effects,
    truth: {
      format: 'hai-dang/ground-truth/1',
      scenario,
      name,
      seed: options.seed,
      from: Math.min(...effects.map((effect) => effect.from)) as EpochMs,
      to: Math.max(...effects.map((effect) => effect.to)) as EpochMs,
      events: [...events],
    },
  };
}
