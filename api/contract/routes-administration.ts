import { z } from 'zod';
import * as administration from './administration.ts';
import type { RouteTable } from './route.ts';
import { agencyId, listOf, userId } from './wire.ts';

const userParams = z.object({ userId });

/** How people get in, what agencies own, and what a grant would show. */
export const ADMINISTRATION_ROUTES = {
  'GET /users/{userId}/sessions': {
    tag: 'people',
    summary: { vi: 'Các phiên đăng nhập của một người', en: 'Where a person is signed in' },
    access: 'agency.administer',
    params: userParams,
    answer: listOf(administration.openSession),
    status: 200,
  },
  'DELETE /users/{userId}/sessions': {
    tag: 'people',
    summary: { vi: 'Kết thúc mọi phiên của một người', en: 'End all sessions of a person' },
    access: 'agency.administer',
    params: userParams,
    status: 204,
  },
  'DELETE /users/{userId}/sessions/{sessionId}': {
    tag: 'people',
    summary: { vi: 'Kết thúc một phiên', en: 'End one session' },
    access: 'agency.administer',
    params: z.object({ userId, sessionId: z.string().regex(/^[0-9a-f]{16}$/) }),
    status: 204,
  },
  'POST /users/{userId}/invitation': {
    tag: 'people',
    summary: {
      vi: 'Tạo liên kết dùng một lần để người này tự đặt mật khẩu',
      en: 'Make a one-time link by which the person chooses a password',
    },
    access: 'agency.administer',
    params: userParams,
    answer: administration.invitation,
    status: 201,
  },
  'POST /invitations/redeem': {
    tag: 'session',
    summary: { vi: 'Đặt mật khẩu bằng liên kết dùng một lần', en: 'Choose a password with a one-time link' },
    access: 'anyone',
    body: administration.redemption,
    answer: z.object({ loginName: z.string() }),
    status: 200,
  },
  'GET /sharing/partners': {
    tag: 'people',
    summary: { vi: 'Các cơ quan có thể chia sẻ cho', en: 'Agencies that can be shared with' },
    access: 'agency.administer',
    answer: listOf(administration.partner),
    status: 200,
  },
  'POST /grants/effect': {
    tag: 'people',
    summary: {
      vi: 'Việc chia sẻ này sẽ cho ai thấy những gì; không thay đổi gì',
      en: 'What a grant would show to whom; changes nothing',
    },
    access: 'agency.administer',
    body: administration.grantEffectQuestion,
    answer: administration.grantEffect,
    status: 200,
  },
  'GET /agencies/{agencyId}/holdings': {
    tag: 'people',
    summary: { vi: 'Cơ quan sở hữu bao nhiêu', en: 'How much belongs to an agency' },
    access: 'agency.administer',
    params: z.object({ agencyId }),
    answer: administration.agencyHoldings,
    status: 200,
  },
} as const satisfies RouteTable;
