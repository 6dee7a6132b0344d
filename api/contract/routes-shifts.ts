import { z } from 'zod';
import type { RouteTable } from './route.ts';
import * as shifts from './shifts.ts';
import { agencyId, pageOf, pageQuery } from './wire.ts';

const agencyParams = z.object({ agencyId });
const handoverParams = z.object({ handoverId: shifts.handoverId });

/** The control room of an agency: who is on duty, what happened, what is handed over. */
export const SHIFT_ROUTES = {
  'GET /shifts/{agencyId}': {
    tag: 'shifts',
    summary: { vi: 'Ca trực hiện tại, bản tổng hợp và sổ trực', en: 'The current shift with its summary and log' },
    access: 'alarms.work',
    params: agencyParams,
    answer: shifts.currentShift,
    status: 200,
  },
  'GET /shifts/{agencyId}/log': {
    tag: 'shifts',
    summary: { vi: 'Sổ trực của một khoảng thời gian, tối đa 31 ngày', en: 'The log of a time, at most 31 days' },
    access: 'alarms.work',
    params: agencyParams,
    query: shifts.logQuery,
    answer: shifts.shiftLog,
    status: 200,
  },
  'PUT /shifts/{agencyId}/plan': {
    tag: 'shifts',
    summary: { vi: 'Đặt giờ bắt đầu các ca', en: 'Set when shifts begin' },
    access: 'agency.administer',
    params: agencyParams,
    body: shifts.shiftPlanEdit,
    answer: shifts.shiftPlan,
    status: 200,
    ifMatch: true,
    etag: true,
  },
  'POST /shifts/{agencyId}/duty': {
    tag: 'shifts',
    summary: { vi: 'Vào ca hoặc rời ca', en: 'Take up duty or leave it' },
    access: 'alarms.work',
    params: agencyParams,
    body: shifts.dutyStep,
    status: 204,
  },
  'POST /shifts/{agencyId}/notes': {
    tag: 'shifts',
    summary: { vi: 'Ghi vào sổ trực, hoặc đính chính một ghi chép', en: 'Write a note, or correct one' },
    access: 'alarms.work',
    params: agencyParams,
    body: shifts.newNote,
    status: 204,
  },
  'GET /shifts/{agencyId}/recipients': {
    tag: 'shifts',
    summary: { vi: 'Biên bản có thể gửi cho ai', en: 'Whom a record may be sent to' },
    access: 'alarms.work',
    params: agencyParams,
    answer: shifts.handoverRecipients,
    status: 200,
  },
  'GET /shifts/{agencyId}/handovers': {
    tag: 'shifts',
    summary: { vi: 'Các biên bản giao ca, mới trước', en: 'Handovers, newest first' },
    access: 'alarms.work',
    params: agencyParams,
    query: z.object(pageQuery),
    answer: pageOf(shifts.handoverLine),
    status: 200,
  },
  'POST /shifts/{agencyId}/handovers': {
    tag: 'shifts',
    summary: { vi: 'Ký giao ca', en: 'Sign the handover' },
    access: 'alarms.work',
    params: agencyParams,
    body: shifts.handoverSign,
    answer: shifts.handover,
    status: 201,
  },
  'GET /handovers/{handoverId}': {
    tag: 'shifts',
    summary: { vi: 'Một biên bản giao ca, đúng như khi ký', en: 'One handover, as it was signed' },
    access: 'alarms.work',
    params: handoverParams,
    answer: shifts.handover,
    status: 200,
  },
  'POST /handovers/{handoverId}/receive': {
    tag: 'shifts',
    summary: { vi: 'Ký nhận ca', en: 'Sign that the shift is taken over' },
    access: 'alarms.work',
    params: handoverParams,
    body: shifts.handoverReceive,
    answer: shifts.handover,
    status: 200,
  },
  'POST /handovers/{handoverId}/send': {
    tag: 'shifts',
    summary: { vi: 'Gửi biên bản qua thư điện tử', en: 'Send the record by mail' },
    access: 'alarms.work',
    params: handoverParams,
    body: shifts.handoverSend,
    answer: shifts.handoverSent,
    status: 200,
  },
} as const satisfies RouteTable;
