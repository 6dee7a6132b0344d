import type { HazardLimits } from '../../domain/indices/flood-hazard.ts';
import type { Localized } from '../../domain/localized.ts';

/**
 * Combined hazard of depth and velocity, as Australian Rainfall and Runoff 2019 and AIDR Handbook 7-3 have it. The limits are remembered: compare
 * them with the handbook before people are told by them.
 */
export const FLOOD_HAZARDS: readonly (HazardLimits & { readonly meaning: Localized })[] = [
  {
    key: 'H1',
    depthTimesVelocity: 0.3,
    depth: 0.3,
    velocity: 2,
    meaning: { vi: 'An toàn cho người và xe', en: 'Safe for people and vehicles' },
  },
  {
    key: 'H2',
    depthTimesVelocity: 0.6,
    depth: 0.5,
    velocity: 2,
    meaning: { vi: 'Không an toàn cho xe nhỏ', en: 'Unsafe for small vehicles' },
  },
  {
    key: 'H3',
    depthTimesVelocity: 0.6,
    depth: 1.2,
    velocity: 2,
    meaning: {
      vi: 'Không an toàn cho mọi loại xe, trẻ em và người cao tuổi',
      en: 'Unsafe for vehicles, children and the elderly',
    },
  },
  {
    key: 'H4',
    depthTimesVelocity: 1,
    depth: 2,
    velocity: 2,
    meaning: { vi: 'Không an toàn cho người và xe', en: 'Unsafe for people and vehicles' },
  },
  {
    key: 'H5',
    depthTimesVelocity: 4,
    depth: 4,
    velocity: 4,
    meaning: { vi: 'Nhà cửa có nguy cơ hư hỏng', en: 'Buildings at risk' },
  },
];
/** Anything past H5. */
export const BEYOND_HAZARDS = { key: 'H6', meaning: { vi: 'Nhà cửa có thể sập', en: 'Buildings fail' } } as const;
