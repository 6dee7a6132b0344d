import { z } from 'zod';
import * as incidents from './incidents.ts';
import type { RouteTable } from './route.ts';
import { agencyId, alarmId, incidentId, listOf, pageOf, pageQuery, queryFlag } from './wire.ts';

const params = z.object({ incidentId });
/** A person's step that is based on a version, and answers with the incident after it. */
const step = {
  tag: 'alarms',
  access: 'alarms.work',
  params,
  answer: incidents.incident,
  ifMatch: true,
  etag: true,
} as const;

/** Alarms with one cause. Each reader sees the members that are shared with them, and how many others there are. */
export const INCIDENT_ROUTES = {
  'GET /incidents': {
    tag: 'alarms',
    summary: { vi: 'Sự cố: đang mở trước, nặng trước, mới trước', en: 'Incidents: open, worst and newest first' },
    access: 'read',
    query: z.object({
      ...pageQuery,
      open: queryFlag.exactOptional(),
      alarm: alarmId.exactOptional().meta({ description: 'The one that this alarm is in' }),
      agency: agencyId.exactOptional(),
    }),
    answer: pageOf(incidents.incident),
    status: 200,
  },
  'POST /incidents': {
    tag: 'alarms',
    summary: { vi: 'Lập sự cố từ các cảnh báo đã chọn', en: 'Make an incident of chosen alarms' },
    access: 'alarms.work',
    body: incidents.incidentOpen,
    answer: incidents.incident,
    status: 201,
    etag: true,
  },
  'GET /incidents/{incidentId}': {
    tag: 'alarms',
    summary: { vi: 'Một sự cố với nguyên nhân và căn cứ', en: 'One incident, its cause and the evidence' },
    access: 'read',
    params,
    answer: incidents.incidentDetail,
    status: 200,
    etag: true,
  },
  'GET /incidents/{incidentId}/members': {
    tag: 'alarms',
    summary: { vi: 'Cảnh báo và thiết bị thuộc sự cố', en: 'Alarms and devices of the incident' },
    access: 'read',
    params,
    query: z.object(pageQuery),
    answer: pageOf(incidents.incidentMember),
    status: 200,
  },
  'GET /incidents/{incidentId}/network': {
    tag: 'alarms',
    summary: { vi: 'Mạng lưới phía sau nguyên nhân', en: 'The network behind the cause' },
    access: 'read',
    params,
    answer: incidents.incidentNetwork,
    status: 200,
  },
  'GET /incidents/{incidentId}/history': {
    tag: 'alarms',
    summary: { vi: 'Diễn biến của sự cố', en: 'Everything that happened to the incident' },
    access: 'read',
    params,
    answer: listOf(incidents.incidentEvent),
    status: 200,
  },
  'POST /incidents/{incidentId}/acknowledge': {
    tag: 'alarms',
    summary: { vi: 'Xác nhận các cảnh báo thuộc sự cố', en: 'Acknowledge the alarms of the incident' },
    access: 'alarms.work',
    params,
    body: incidents.incidentAcknowledge,
    answer: incidents.incidentAcknowledged,
    status: 200,
  },
  'POST /incidents/{incidentId}/comment': {
    tag: 'alarms',
    summary: { vi: 'Ghi chú vào sự cố', en: 'Comment on the incident' },
    access: 'alarms.work',
    params,
    body: incidents.incidentNote,
    status: 204,
  },
  'POST /incidents/{incidentId}/name': {
    ...step,
    summary: { vi: 'Đặt tên', en: 'Name it' },
    body: incidents.incidentName,
    status: 200,
  },
  'POST /incidents/{incidentId}/merge': {
    ...step,
    summary: { vi: 'Gộp một sự cố khác vào', en: 'Merge another incident into it' },
    body: incidents.incidentMerge,
    status: 200,
  },
  'POST /incidents/{incidentId}/unmerge': {
    ...step,
    summary: { vi: 'Hoàn tác việc gộp', en: 'Take back its merge' },
    status: 200,
  },
  'POST /incidents/{incidentId}/split': {
    ...step,
    summary: { vi: 'Tách một phần thành sự cố riêng', en: 'Make members an incident of their own' },
    body: incidents.incidentMembers,
    status: 201,
  },
  'POST /incidents/{incidentId}/add': {
    ...step,
    summary: { vi: 'Thêm cảnh báo', en: 'Add alarms' },
    body: incidents.incidentAdd,
    status: 200,
  },
  'POST /incidents/{incidentId}/remove': {
    ...step,
    summary: { vi: 'Bỏ ra khỏi sự cố', en: 'Take members out' },
    body: incidents.incidentMembers,
    status: 200,
  },
} as const satisfies RouteTable;
