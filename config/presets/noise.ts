import { NOISE_LIMITS, type NoiseLimit } from '../legal-limits/noise.ts';
import { quantityKey } from '../quantities.ts';
import { above, level, preset } from './from-limits.ts';
import type { RulePreset } from './preset.ts';

const AREAS = {
  special: { vi: 'khu vực đặc biệt', en: 'special area' },
  ordinary: { vi: 'khu vực thông thường', en: 'ordinary area' },
} as const;
const PERIODS = { day: { vi: 'ban ngày', en: 'by day' }, night: { vi: 'ban đêm', en: 'at night' } } as const;

const noisePreset = ({ area, period, hours, limit }: NoiseLimit): RulePreset =>
  preset({
    key: `qcvn26.${area}.${period}`,
    domain: 'environment',
    quantity: quantityKey(limit.quantity),
    name: {
      vi: `Tiếng ồn ${AREAS[area].vi} ${PERIODS[period].vi} vượt ${limit.value} dBA`,
      en: `Noise above ${limit.value} dBA in a ${AREAS[area].en} ${PERIODS[period].en}`,
    },
    advice: {
      vi: 'Xác định nguồn ồn, đo đối chứng, nhắc nhở cơ sở gây ồn.',
      en: 'Find the source, measure to compare, warn it.',
    },
    caution: {
      vi: 'QCVN 26:2010/BTNMT đã được thay thế bằng QCVN 26:2025/BNNMT (Thông tư 01/2025/TT-BNNMT); đối chiếu giới hạn mới trước khi dùng.',
      en: 'QCVN 26:2010/BTNMT was replaced by QCVN 26:2025/BNNMT (Circular 01/2025/TT-BNNMT); compare with the new limits before use.',
    },
    breach: above(level('minor', limit, 0)),
    hysteresis: 1,
    clearHold: 60,
    selection: { tags: [`noise_area:${area}`] },
    inForce: limit.inForce,
    needs: 'energy_window_and_active_hours',
    // An hour at a time: the regulation limits the equivalent level, and names no time to take it over.
    window: { length: 60, statistic: 'energy_mean', minimumCapture: 0.75 },
    activeHours: hours,
  });

export const NOISE_PRESETS: readonly RulePreset[] = NOISE_LIMITS.map(noisePreset);
