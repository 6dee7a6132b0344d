import { type LegalLimit, legalLimitSchema } from './legal-limit.ts';

/*
 * Wind forces as Vietnam's warnings of tropical cyclones count them: a tropical depression has force 6–7, a storm 8–9, a strong storm 10–11, a very
 * strong one 12 and more (Decision 18/2021/QĐ-TTg, in force 1 July 2021, article 3; its annex has the Beaufort scale). The text itself was not at hand;
 * others who cite it and the Beaufort scale of the World Meteorological Organization tell the same numbers. They are of a mean over some minutes,
 * ten metres over the ground.
 */
const force = (number: number, metresPerSecond: number, what: string): LegalLimit =>
  legalLimitSchema.parse({
    quantity: 'wind_speed',
    bound: 'maximum',
    value: metresPerSecond,
    unit: 'm/s',
    averagingHours: null,
    edge: 'reached',
    inForce: { from: '2021-07-01', until: null },
    source: {
      document: 'Quyết định 18/2021/QĐ-TTg',
      clause: `Điều 3 và phụ lục bảng cấp gió Bô-pho, cấp ${number}: ${what}`,
      issued: '2021-04-22',
      evidence: 'secondary',
    },
  });

/** Least speed of the forces at which warnings change. */
export const WIND_FORCES = {
  six: force(6, 10.8, 'áp thấp nhiệt đới'),
  eight: force(8, 17.2, 'bão'),
  ten: force(10, 24.5, 'bão mạnh'),
  twelve: force(12, 32.7, 'bão rất mạnh'),
} as const;

/*
 * How fast a falling barometer is: the words that the United Kingdom's shipping forecast defines by the fall over three hours, told alike by several
 * who cite it. Vietnam has no such number. A cyclone's low lifts the sea by about 1 cm for each hPa and comes before its wind and its surge.
 */
const fall = (words: string, hectopascals: number, edge: LegalLimit['edge']): LegalLimit =>
  legalLimitSchema.parse({
    quantity: 'air_pressure',
    bound: 'maximum',
    value: hectopascals,
    unit: 'hPa',
    averagingHours: null,
    edge,
    inForce: { from: null, until: null },
    source: {
      document: 'Met Office, Marine forecasts glossary',
      clause: `Pressure tendency over three hours: ${words}`,
      issued: null,
      evidence: 'secondary',
    },
  });

/** Falls over three hours. */
export const PRESSURE_FALLS = {
  quickly: fall('falling quickly, 3.6 to 6.0 hPa', 3.6, 'reached'),
  veryRapidly: fall('falling very rapidly, more than 6.0 hPa', 6, 'allowed'),
} as const;
