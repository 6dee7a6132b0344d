import { z } from 'zod';
import type { RouteTable } from './route.ts';
import * as drafts from './rule-drafts.ts';
import { rule } from './rules.ts';
import { agencyId, listOf, ruleId } from './wire.ts';

const draftParams = z.object({ ruleId });

/** The life of a rule before it judges anything, what it changed, and what a selection reaches. */
export const RULE_DRAFT_ROUTES = {
  'POST /rules/matching': {
    tag: 'rules',
    summary: { vi: 'Các điểm đo khớp với một phạm vi', en: 'Points that a selection matches' },
    access: 'rules.write',
    body: drafts.matchingOrder,
    answer: drafts.matchingPoints,
    status: 200,
  },
  'GET /rules/{ruleId}/history': {
    tag: 'rules',
    summary: { vi: 'Lịch sử của quy tắc: ai đổi gì, khi nào', en: 'A rule’s history: who changed what, and when' },
    access: 'read',
    params: draftParams,
    answer: drafts.ruleHistory,
    status: 200,
  },
  'GET /rule-drafts': {
    tag: 'rules',
    summary: { vi: 'Bản nháp của các quy tắc', en: 'Drafts of rules' },
    access: 'rules.write',
    query: z.object({ agency: agencyId.exactOptional() }),
    answer: listOf(drafts.ruleDraft),
    status: 200,
  },
  'POST /rule-drafts': {
    tag: 'rules',
    summary: { vi: 'Bắt đầu một bản nháp', en: 'Begin a draft' },
    access: 'rules.write',
    body: drafts.ruleDraftCreate,
    answer: drafts.ruleDraft,
    status: 201,
    etag: true,
  },
  'GET /rule-drafts/{ruleId}': {
    tag: 'rules',
    summary: { vi: 'Một bản nháp, với các lỗi và thay đổi', en: 'A draft, with its problems and changes' },
    access: 'rules.write',
    params: draftParams,
    answer: drafts.ruleDraft,
    status: 200,
    etag: true,
  },
  'PUT /rule-drafts/{ruleId}': {
    tag: 'rules',
    summary: { vi: 'Lưu bản nháp, dù chưa đúng', en: 'Save a draft, right or not' },
    access: 'rules.write',
    params: draftParams,
    body: drafts.ruleDraftEdit,
    answer: drafts.ruleDraft,
    status: 200,
    ifMatch: true,
    etag: true,
  },
  'DELETE /rule-drafts/{ruleId}': {
    tag: 'rules',
    summary: { vi: 'Bỏ bản nháp', en: 'Discard a draft' },
    access: 'rules.write',
    params: draftParams,
    status: 204,
    ifMatch: true,
  },
  'POST /rule-drafts/{ruleId}/submit': {
    tag: 'rules',
    summary: { vi: 'Gửi bản nháp để người khác xem xét', en: 'Submit a draft for review' },
    access: 'rules.write',
    params: draftParams,
    answer: drafts.ruleDraft,
    status: 200,
    ifMatch: true,
    etag: true,
  },
  'POST /rule-drafts/{ruleId}/approve': {
    tag: 'rules',
    summary: { vi: 'Duyệt và áp dụng', en: 'Approve: it goes live' },
    access: 'rules.write',
    params: draftParams,
    answer: rule,
    status: 200,
    ifMatch: true,
    etag: true,
  },
  'POST /rule-drafts/{ruleId}/reject': {
    tag: 'rules',
    summary: { vi: 'Trả lại, kèm lý do', en: 'Send back, with a reason' },
    access: 'rules.write',
    params: draftParams,
    body: drafts.ruleDraftReject,
    answer: drafts.ruleDraft,
    status: 200,
    ifMatch: true,
    etag: true,
  },
} as const satisfies RouteTable;
