import { z } from 'zod';
import { DOMAINS } from '../../domain/quantity.ts';
import { boundingBox } from './live.ts';
import * as replay from './replay.ts';
import type { RouteTable } from './route.ts';
import { domainName, queryFlag, queryInstant, queryList, querySeries } from './wire.ts';

const known = replay.knowledge.default('then');
/** Which readings to send; states, alarms and devices come whole. Of these series, else of all that the reader may see … */
const series = querySeries(replay.REPLAY_SERIES_MAX).exactOptional();
/** … or none at all. */
const readings = queryFlag.default(true);
/** … within `west,south,east,north`. */
const viewport = z
  .string()
  .transform((text) => text.split(',').map(Number))
  .pipe(boundingBox)
  .exactOptional();
const domains = queryList(
  domainName as unknown as z.ZodType<(typeof DOMAINS)[number], string>,
  DOMAINS.length,
).exactOptional();
const milliseconds = (maximum: number) => z.coerce.number().int().min(1).max(maximum);

export const REPLAY_ROUTES = {
  'GET /replay/snapshot': {
    tag: 'map',
    summary: {
      vi: 'Toàn thành phố tại một thời điểm: số đo, thiết bị, cảnh báo (nhị phân)',
      en: 'The whole city at one moment: readings, devices, alarms (binary)',
    },
    access: 'read',
    query: z.object({ at: queryInstant, known, series, readings, viewport, domains }),
    status: 200,
    bytes: true,
  },
  'GET /replay/frames': {
    tag: 'map',
    summary: {
      vi: 'Những gì thay đổi sau một thời điểm, theo từng bước (nhị phân)',
      en: 'What changed after a moment, step by step (binary)',
    },
    access: 'read',
    query: z.object({
      from: queryInstant,
      to: queryInstant,
      step: milliseconds(replay.REPLAY_STEP_MAX_MS).meta({ description: 'Milliseconds' }),
      known,
      series,
      readings,
      viewport,
      domains,
    }),
    status: 200,
    bytes: true,
  },
  'GET /replay/register': {
    tag: 'map',
    summary: {
      vi: 'Tên điểm đo và thiết bị phục vụ đã thay đổi sau một thời điểm',
      en: 'Names of points and devices serving them, as far as they changed after a moment',
    },
    access: 'read',
    query: z.object({ since: queryInstant }),
    answer: replay.replayRegister,
    status: 200,
  },
  'GET /replay/marks': {
    tag: 'alarms',
    summary: { vi: 'Mật độ cảnh báo theo thời gian', en: 'How many alarms began, along time' },
    access: 'read',
    query: z.object({
      from: queryInstant,
      to: queryInstant,
      buckets: milliseconds(replay.REPLAY_BUCKETS_MAX).default(120).meta({ description: 'Parts of equal length' }),
      known,
    }),
    answer: replay.replayMarks,
    status: 200,
  },
  'GET /replay/nearest-alarm': {
    tag: 'alarms',
    summary: { vi: 'Cảnh báo kế tiếp hoặc trước đó', en: 'The next alarm, or the one before' },
    access: 'read',
    query: z.object({ at: queryInstant, direction: z.enum(['next', 'previous']), known }),
    answer: replay.replayNearest,
    status: 200,
  },
} as const satisfies RouteTable;
