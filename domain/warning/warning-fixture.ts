import type { AgencyId, UserId } from '../identifiers.ts';
import { epochMs } from '../time.ts';
import type { Warning, WarningContent, WarningId } from './warning.ts';

/** 07:10 on 11 September 2026 in Hải Phòng. */
export const FLOOD_MORNING = epochMs(Date.UTC(2026, 8, 11, 0, 10));

/** Content that lacks nothing, a flood along a river. */
export const aFlood = (given: Partial<WarningContent> = {}): WarningContent => ({
  event: { vi: 'Lũ trên báo động 2', en: 'Flood above alert level 2' },
  headline: { vi: 'Mực nước trạm Chanh Chử 3,16 m', en: 'Water at Chanh Chu at 3.16 m' },
  description: { vi: 'Trên báo động 2 là 0,16 m.', en: '0.16 m above alert level 2.' },
  instruction: { vi: 'Khẩn trương kê cao tài sản.', en: 'Raise your belongings now.' },
  categories: ['Met'],
  responseTypes: ['Prepare'],
  urgency: 'Expected',
  severity: 'Severe',
  certainty: 'Observed',
  onset: epochMs(FLOOD_MORNING - 600_000),
  expires: epochMs(FLOOD_MORNING + 6 * 3_600_000),
  area: {
    description: { vi: 'Ven sông Luộc', en: 'Along the Luoc river' },
    outlines: [
      [
        { latitude: 20.7, longitude: 106.4 },
        { latitude: 20.7, longitude: 106.55 },
        { latitude: 20.6, longitude: 106.55 },
        { latitude: 20.6, longitude: 106.4 },
      ],
    ],
    circles: [],
    wards: [],
  },
  contact: '',
  parameters: [],
  ...given,
});

/** A draft of one author. */
export const aDraft = (author: UserId, content: WarningContent = aFlood()): Warning => ({
  id: 'w-1' as WarningId,
  agencyId: 'env' as AgencyId,
  status: 'Actual',
  alarmId: null,
  life: {
    kind: 'unpublished',
    proposal: { kind: 'alert', stage: 'draft', content, reason: null, authors: [author], rejection: null },
  },
  issued: [],
  createdAt: FLOOD_MORNING,
  changedAt: FLOOD_MORNING,
  version: 1,
});
