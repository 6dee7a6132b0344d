import { operations } from './operations.ts';
import type { RouteTable } from './route.ts';

/** For those who run the platform. */
export const OPERATIONS_ROUTES = {
  'GET /operations': {
    tag: 'operations',
    summary: {
      vi: 'Đường đi của số đo: tốc độ từng chặng, chỗ tắc, phần bị từ chối',
      en: 'The way of a reading: the pace of each stage, where it is stuck, what was refused',
    },
    access: 'platform.administer',
    answer: operations,
    status: 200,
  },
} as const satisfies RouteTable;
