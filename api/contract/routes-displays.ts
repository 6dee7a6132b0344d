import { z } from 'zod';
import * as displays from './displays.ts';
import type { RouteKey, RouteTable } from './route.ts';
import { listOf } from './wire.ts';

const params = z.object({ displayId: displays.displayId });

/** Wall screens: made and looked after by administrators, signed in by a one-time link. */
export const DISPLAY_ROUTES = {
  'GET /displays': {
    tag: 'displays',
    summary: { vi: 'Màn hình lớn', en: 'Wall screens' },
    access: 'agency.administer',
    answer: listOf(displays.display),
    status: 200,
  },
  'POST /displays': {
    tag: 'displays',
    summary: { vi: 'Thêm màn hình lớn, kèm liên kết dùng một lần', en: 'Add a wall screen, with its one-time link' },
    access: 'agency.administer',
    body: displays.displayCreate,
    answer: displays.displayLink,
    status: 201,
    etag: true,
  },
  'GET /displays/{displayId}': {
    tag: 'displays',
    summary: { vi: 'Một màn hình lớn', en: 'One wall screen' },
    access: 'agency.administer',
    params,
    answer: displays.display,
    status: 200,
    etag: true,
  },
  'PUT /displays/{displayId}': {
    tag: 'displays',
    summary: { vi: 'Đổi nội dung trình chiếu', en: 'Change what it shows' },
    access: 'agency.administer',
    params,
    body: displays.displayEdit,
    answer: displays.display,
    status: 200,
    ifMatch: true,
    etag: true,
  },
  'POST /displays/{displayId}/link': {
    tag: 'displays',
    summary: { vi: 'Tạo liên kết dùng một lần mới', en: 'Make a new one-time link' },
    access: 'agency.administer',
    params,
    answer: displays.displayLink,
    status: 200,
    etag: true,
  },
  'DELETE /displays/{displayId}': {
    tag: 'displays',
    summary: { vi: 'Thu hồi: màn hình tắt ngay', en: 'Revoke it: the screen goes dark at once' },
    access: 'agency.administer',
    params,
    status: 204,
  },
  'POST /display': {
    tag: 'displays',
    summary: {
      vi: 'Màn hình nhận đăng nhập bằng liên kết dùng một lần',
      en: 'A screen takes up its login by a one-time link',
    },
    access: 'anyone',
    body: displays.displaySignIn,
    answer: displays.ownDisplay,
    status: 200,
  },
  'GET /display': {
    tag: 'displays',
    summary: { vi: 'Màn hình này chiếu gì', en: 'What this screen shows' },
    access: 'display',
    answer: displays.ownDisplay,
    status: 200,
  },
} as const satisfies RouteTable;

/** All that a wall screen may ask for: reads that its pictures are made of. Whatever is not named here is refused, every write among it. */
export const READABLE_BY_DISPLAYS: ReadonlySet<RouteKey> = new Set<RouteKey>([
  'GET /display',
  'GET /settings',
  'GET /quantities',
  'GET /map/points',
  'GET /map/places',
  'GET /map/lines',
  'GET /agencies',
  'GET /alarms',
  'GET /alarms/counts',
  'GET /incidents',
  'GET /points',
  'GET /points/{pointId}',
  'GET /points/{pointId}/indices',
  'GET /indices',
  'GET /latest',
  'GET /readings',
  'GET /readings/windows',
  'GET /warnings/published',
]);
