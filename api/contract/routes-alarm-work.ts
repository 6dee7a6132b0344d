import { z } from 'zod';
import * as health from './alarm-health.ts';
import * as alarms from './alarms.ts';
import type { RouteTable } from './route.ts';
import { agencyId, alarmId, queryInstant } from './wire.ts';

/** Working on many alarms at once, taking back, and how well the alarms of a period could be worked with. */
export const ALARM_WORK_ROUTES = {
  'POST /alarms/steps': {
    tag: 'alarms',
    summary: { vi: 'Một thao tác trên nhiều cảnh báo', en: 'One step for many alarms' },
    access: 'alarms.work',
    body: alarms.alarmSteps,
    answer: alarms.alarmStepsAnswer,
    status: 200,
  },
  'POST /alarms/{alarmId}/take-back-acknowledgement': {
    tag: 'alarms',
    summary: {
      vi: 'Rút lại xác nhận của chính mình (trong một phút)',
      en: 'Take back one’s own acknowledgement (within a minute)',
    },
    access: 'alarms.work',
    params: z.object({ alarmId }),
    answer: alarms.alarm,
    status: 200,
  },
  'GET /alarm-health': {
    tag: 'alarms',
    summary: {
      vi: 'Tình trạng cảnh báo của một khoảng thời gian theo ISA-18.2',
      en: 'Alarm health of a period by ISA-18.2',
    },
    access: 'alarms.work',
    query: z.object({
      from: queryInstant,
      to: queryInstant,
      operators: z.coerce.number().int().min(1).max(health.OPERATORS_MAX).default(1),
      agency: agencyId.exactOptional(),
    }),
    answer: health.alarmHealth,
    status: 200,
  },
} as const satisfies RouteTable;
