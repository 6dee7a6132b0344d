import type { CatalogueKey } from '../quantities.ts';
import { type LegalLimit, type LegalLimitRow, legalLimits } from './legal-limit.ts';

/*
 * QCVN 05:2023/BTNMT, National Technical Regulation on Ambient Air Quality; Circular 01/2023/TT-BTNMT of 13 March 2023, in force 12
 * September 2023, in place of QCVN 05:2013 and QCVN 06:2009. Table 1, µg/Nm³, which there means 25 °C and 760 mmHg: that is how the
 * catalogue's concentrations are meant too. (An instrument referenced to 0 °C reads too high: times 273.15/298.15.)
 */

const HOUR = 1;
const EIGHT_HOURS = 8;
const DAY = 24;
const YEAR = 8_760;

const limit = (
  quantity: CatalogueKey,
  averagingHours: number,
  value: number,
  inForce: LegalLimitRow['inForce'] = { from: '2023-09-12', until: null },
): LegalLimitRow => ({
  quantity,
  bound: 'maximum',
  value,
  unit: 'ug/m3',
  averagingHours,
  edge: 'allowed',
  inForce,
  source: { document: 'QCVN 05:2023/BTNMT', clause: 'Bảng 1', issued: '2023-03-13', evidence: 'text' },
});

/** Limits of the pollutants of the catalogue; TSP, lead and the toxic substances of Table 2 are measured nowhere yet. */
export const AMBIENT_AIR_LIMITS: readonly LegalLimit[] = legalLimits([
  limit('so2', HOUR, 350),
  limit('so2', DAY, 125),
  limit('so2', YEAR, 50),
  limit('co', HOUR, 30_000),
  limit('co', EIGHT_HOURS, 10_000),
  limit('no2', HOUR, 200),
  limit('no2', DAY, 100),
  limit('no2', YEAR, 40),
  limit('o3', HOUR, 200),
  limit('o3', EIGHT_HOURS, 120),
  limit('pm10', DAY, 100),
  limit('pm10', YEAR, 50),
  // Table 1 gives two values, the second, marked (*), from 1 January 2026.
  limit('pm2_5', DAY, 50, { from: '2023-09-12', until: '2026-01-01' }),
  limit('pm2_5', DAY, 45, { from: '2026-01-01', until: null }),
  limit('pm2_5', YEAR, 25),
]);
