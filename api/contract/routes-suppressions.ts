import { z } from 'zod';
import type { RouteTable } from './route.ts';
import * as suppressions from './suppressions.ts';
import { agencyId, listOf, pageOf, pageQuery, queryFlag, suppressionWindowId } from './wire.ts';

const windowParams = z.object({ windowId: suppressionWindowId });

/** Maintenance and out of service of whole scopes. A single alarm is shelved under `/alarms`. */
export const SUPPRESSION_ROUTES = {
  'GET /suppressions': {
    tag: 'alarms',
    summary: { vi: 'Bảo trì và ngừng sử dụng, mới trước', en: 'Maintenance and out of service, newest first' },
    access: 'read',
    query: z.object({ ...pageQuery, agency: agencyId.exactOptional(), over: queryFlag.exactOptional() }),
    answer: pageOf(suppressions.suppressionWindow),
    status: 200,
  },
  'POST /suppressions': {
    tag: 'alarms',
    summary: {
      vi: 'Đặt bảo trì hoặc ngừng sử dụng cho thiết bị, điểm đo, vị trí hoặc quy tắc',
      en: 'Put a device, point, site or rule under maintenance or out of service',
    },
    access: 'alarms.work',
    body: suppressions.suppressionCreate,
    answer: suppressions.suppressionWindow,
    status: 201,
    etag: true,
  },
  'GET /suppressions/points': {
    tag: 'alarms',
    summary: { vi: 'Điểm đo đang được giữ yên lặng, và vì sao', en: 'Points whose alarms are hidden now, and why' },
    access: 'read',
    answer: listOf(suppressions.quietPoint),
    status: 200,
  },
  'GET /suppressions/{windowId}': {
    tag: 'alarms',
    summary: { vi: 'Một khoảng bảo trì hoặc ngừng sử dụng', en: 'One maintenance or out of service' },
    access: 'read',
    params: windowParams,
    answer: suppressions.suppressionWindow,
    status: 200,
    etag: true,
  },
  'GET /suppressions/{windowId}/versions': {
    tag: 'alarms',
    summary: { vi: 'Ai đã làm gì, theo thời gian', en: 'Who did what, in order' },
    access: 'read',
    params: windowParams,
    answer: listOf(suppressions.suppressionVersion),
    status: 200,
  },
  'POST /suppressions/{windowId}/extend': {
    tag: 'alarms',
    summary: { vi: 'Đổi thời điểm kết thúc', en: 'Move its end' },
    access: 'alarms.work',
    params: windowParams,
    body: suppressions.suppressionExtend,
    answer: suppressions.suppressionWindow,
    status: 200,
    ifMatch: true,
    etag: true,
  },
  'POST /suppressions/{windowId}/end': {
    tag: 'alarms',
    summary: { vi: 'Kết thúc ngay, hoặc bỏ nếu chưa bắt đầu', en: 'End it now, or drop it before it begins' },
    access: 'alarms.work',
    params: windowParams,
    answer: suppressions.suppressionWindow,
    status: 200,
    ifMatch: true,
    etag: true,
  },
} as const satisfies RouteTable;
