import * as exports from './exports.ts';
import type { RouteTable } from './route.ts';
import { listOf } from './wire.ts';

export const EXPORT_ROUTES = {
  'POST /exports/estimate': {
    tag: 'readings',
    summary: { vi: 'Ước lượng số dòng và kích thước tệp xuất', en: 'How many rows and bytes an export would have' },
    access: 'read',
    body: exports.exportQuestion,
    answer: exports.exportEstimate,
    status: 200,
  },
  'GET /exports': {
    tag: 'readings',
    summary: { vi: 'Các tệp đã xuất của tôi, mới nhất trước', en: 'My exports, newest first' },
    access: 'read',
    answer: listOf(exports.dataExport),
    status: 200,
  },
  'POST /exports': {
    tag: 'readings',
    summary: {
      vi: 'Xuất số liệu ra CSV, XLSX hoặc Parquet; tiến độ lấy bằng GET',
      en: 'Export readings as CSV, XLSX or Parquet; progress is fetched with GET',
    },
    access: 'read',
    body: exports.exportOrder,
    answer: exports.dataExport,
    status: 201,
  },
  'GET /exports/{exportId}': {
    tag: 'readings',
    summary: { vi: 'Tiến độ của một lần xuất', en: 'Progress of an export' },
    access: 'read',
    params: exports.exportParams,
    answer: exports.dataExport,
    status: 200,
  },
  'GET /exports/{exportId}/file': {
    tag: 'readings',
    summary: { vi: 'Tải tệp đã xuất; hỗ trợ tải tiếp (Range)', en: 'The finished file; ranges are supported' },
    access: 'read',
    params: exports.exportParams,
    status: 200,
    bytes: true,
  },
  'DELETE /exports/{exportId}': {
    tag: 'readings',
    summary: { vi: 'Dừng và xóa một lần xuất', en: 'Stop an export and remove its file' },
    access: 'read',
    params: exports.exportParams,
    status: 204,
  },
} as const satisfies RouteTable;
