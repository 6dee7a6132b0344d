import { z } from 'zod';
import type { RouteTable } from './route.ts';
import * as files from './station-files.ts';
import { listOf, pageOf, pageQuery } from './wire.ts';

const upload = {
  query: z.object({ fileName: z.string().min(1).max(200) }),
  upload: files.STATION_FILE_MEDIA_TYPES,
} as const;

export const STATION_FILE_ROUTES = {
  'GET /stations': {
    tag: 'readings',
    summary: { vi: 'Các trạm quan trắc tự động và thông số', en: 'Automatic monitoring stations and their symbols' },
    access: 'rules.write',
    answer: listOf(files.station),
    status: 200,
  },
  'POST /stations': {
    tag: 'readings',
    summary: { vi: 'Khai báo trạm', en: 'Register a station' },
    access: 'rules.write',
    body: files.stationCreate,
    answer: files.station,
    status: 201,
    etag: true,
  },
  'GET /stations/{stationCode}': {
    tag: 'readings',
    summary: { vi: 'Một trạm', en: 'One station' },
    access: 'rules.write',
    params: files.stationParams,
    answer: files.station,
    status: 200,
    etag: true,
  },
  'PUT /stations/{stationCode}': {
    tag: 'readings',
    summary: { vi: 'Sửa trạm: thông số, lịch xuất tệp', en: 'Edit a station: its symbols, its schedule' },
    access: 'rules.write',
    params: files.stationParams,
    body: files.stationEdit,
    answer: files.station,
    status: 200,
    ifMatch: true,
    etag: true,
  },
  'DELETE /stations/{stationCode}': {
    tag: 'readings',
    summary: { vi: 'Bỏ trạm; số đo vẫn được giữ', en: 'Remove a station; its readings stay' },
    access: 'rules.write',
    params: files.stationParams,
    status: 204,
    ifMatch: true,
  },
  'GET /station-files': {
    tag: 'readings',
    summary: { vi: 'Các tệp đã nhận, mới nhất trước', en: 'Files that came, newest first' },
    access: 'rules.write',
    query: z.object({ ...pageQuery, state: z.enum(['imported', 'partly', 'failed']).exactOptional() }),
    answer: pageOf(files.stationReceipt),
    status: 200,
  },
  'GET /station-files/status': {
    tag: 'readings',
    summary: { vi: 'Tình trạng thư mục theo dõi và việc xuất tệp', en: 'The watched folder and the scheduled export' },
    access: 'rules.write',
    answer: files.stationFileStatus,
    status: 200,
  },
  'POST /station-files/preview': {
    tag: 'readings',
    summary: { vi: 'Xem trước: mỗi dòng của tệp sẽ thành gì', en: 'What each record of a file would become' },
    access: 'rules.write',
    ...upload,
    answer: files.stationFilePreview,
    status: 200,
  },
  'POST /station-files': {
    tag: 'readings',
    summary: { vi: 'Nhập một tệp trạm quan trắc', en: 'Import a station file' },
    access: 'rules.write',
    ...upload,
    answer: files.stationReceipt,
    status: 201,
  },
  'POST /station-files/{fileKey}/retry': {
    tag: 'readings',
    summary: { vi: 'Đưa tệp lỗi trở lại thư mục theo dõi', en: 'Put a failed file back into the watched folder' },
    access: 'rules.write',
    params: files.receiptParams,
    status: 204,
  },
} as const satisfies RouteTable;
