import { type LegalLimit, type LegalLimitRow, legalLimitSchema } from './legal-limit.ts';

/*
 * When traffic counts as stopped or jammed. Two are remembered and wait to be compared with their documents; the occupancy is worked out from a density
 * that was read in its source, with a length of vehicle and detector that is the platform's own.
 */
const row = (limit: Pick<LegalLimitRow, 'quantity' | 'bound' | 'value' | 'unit' | 'source'>): LegalLimit =>
  legalLimitSchema.parse({ ...limit, averagingHours: null, edge: 'allowed', inForce: { from: null, until: null } });

/** Slower than this nobody may drive on an expressway while it flows. */
export const EXPRESSWAY_LEAST_SPEED = row({
  quantity: 'vehicle_speed',
  bound: 'minimum',
  value: 60,
  unit: 'km/h',
  source: {
    document: 'Thông tư 38/2024/TT-BGTVT',
    clause: 'Điều 9, tốc độ khai thác tối thiểu trên đường cao tốc (chưa đối chiếu văn bản)',
    issued: null,
    evidence: 'unverified',
  },
});

/** Share of the free speed at and below which a street is at level of service F, percent. */
const FAILED_SHARE_PERCENT = 30;
const failed = (freeKmh: number, road: string): LegalLimit =>
  row({
    quantity: 'vehicle_speed',
    bound: 'minimum',
    value: (freeKmh * FAILED_SHARE_PERCENT) / 100,
    unit: 'km/h',
    source: {
      document: 'Highway Capacity Manual, HCM 6',
      clause: `mức phục vụ F: ≤ ${FAILED_SHARE_PERCENT} % tốc độ tự do, ${road} ${freeKmh} km/h (chưa đối chiếu văn bản)`,
      issued: null,
      evidence: 'unverified',
    },
  });
/** Level of service F where traffic runs freely at 100 and at 50 km/h. */
export const FAILED_EXPRESSWAY_SPEED = failed(100, 'cao tốc');
export const FAILED_STREET_SPEED = failed(50, 'đường đô thị');

/** Slower than somebody on foot: the street is blocked, or as good as. */
export const STANDING_STREET_SPEED = row({
  quantity: 'vehicle_speed',
  bound: 'minimum',
  value: 5,
  unit: 'km/h',
  source: {
    document: 'Quy ước của nền tảng',
    clause: 'dưới tốc độ đi bộ, 5 km/h, xe gần như đứng yên',
    issued: null,
    evidence: 'convention',
  },
});

/** Metres of road that a vehicle and the detector's zone take together. */
const VEHICLE_AND_DETECTOR_M = 6.5;
const KM_PER_MILE = 1.609344;
/** Occupancy at a density, percent: density · length / 10, per lane. */
const occupancyAt = (grade: string, perMile: number): LegalLimit =>
  row({
    quantity: 'occupancy',
    bound: 'maximum',
    value: ((perMile / KM_PER_MILE) * VEHICLE_AND_DETECTOR_M) / 10,
    unit: '%',
    source: {
      document: 'Highway Capacity Manual',
      clause: `mức phục vụ ${grade} của đường cao tốc: trên ${perMile} xe/dặm/làn; quy đổi với ${String(VEHICLE_AND_DETECTOR_M).replace('.', ',')} m mỗi xe theo quy ước của nền tảng`,
      issued: null,
      evidence: 'convention',
    },
  });
export const EXPRESSWAY_OCCUPANCY = { E: occupancyAt('E', 35), F: occupancyAt('F', 45) } as const;
