import { z } from 'zod';
import { SAVED_VIEW_KINDS } from '../../domain/saved-view.ts';
import type { RouteTable } from './route.ts';
import { savedView, savedViewDraft, savedViewId } from './saved-views.ts';
import { listOf } from './wire.ts';

const viewParams = z.object({ viewId: savedViewId });

/** What people keep under a name: filters, looks at the map, charts, moments in the past. */
export const SAVED_VIEW_ROUTES = {
  'GET /me/views': {
    tag: 'session',
    summary: {
      vi: 'Chế độ xem đã lưu của mình, và của đồng nghiệp chia sẻ trong cơ quan',
      en: 'One’s own saved views, and those colleagues share within the agency',
    },
    access: 'signed_in',
    query: z.object({ kind: z.enum(SAVED_VIEW_KINDS).exactOptional() }),
    answer: listOf(savedView),
    status: 200,
  },
  'POST /me/views': {
    tag: 'session',
    summary: { vi: 'Lưu một chế độ xem', en: 'Save a view' },
    access: 'signed_in',
    body: savedViewDraft,
    answer: savedView,
    status: 201,
    etag: true,
  },
  'GET /me/views/{viewId}': {
    tag: 'session',
    summary: { vi: 'Một chế độ xem đã lưu', en: 'One saved view' },
    access: 'signed_in',
    params: viewParams,
    answer: savedView,
    status: 200,
    etag: true,
  },
  'PUT /me/views/{viewId}': {
    tag: 'session',
    summary: {
      vi: 'Đổi tên, nội dung hoặc chia sẻ của chế độ xem của mình',
      en: 'Change name, content or sharing of one’s own view',
    },
    access: 'signed_in',
    params: viewParams,
    body: savedViewDraft,
    answer: savedView,
    status: 200,
    ifMatch: true,
    etag: true,
  },
  'DELETE /me/views/{viewId}': {
    tag: 'session',
    summary: { vi: 'Xóa chế độ xem của mình', en: 'Delete one’s own view' },
    access: 'signed_in',
    params: viewParams,
    status: 204,
    ifMatch: true,
  },
} as const satisfies RouteTable;
