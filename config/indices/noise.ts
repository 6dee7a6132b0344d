import type { NoiseDayMethod } from '../../domain/indices/noise-day.ts';
import { VIETNAM_TIME } from '../../domain/time-zone.ts';

/**
 * Lden of Directive 2002/49/EC, Annex I: evening + 5 dB, night + 10 dB. The hours are the directive's usual ones, which a country may shift by up
 * to two; Vietnamese law knows no Lden and divides the day otherwise (QCVN 26), so these stay settings.
 */
export const LDEN: NoiseDayMethod = {
  periods: {
    day: { fromHour: 7, penalty: 0 },
    evening: { fromHour: 19, penalty: 5 },
    night: { fromHour: 23, penalty: 10 },
  },
  // The platform's choice.
  capture: { hour: 0.75, period: 0.75 },
  offset: VIETNAM_TIME,
};
