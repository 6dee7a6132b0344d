import { z } from 'zod';
import * as commissioning from './commissioning.ts';
import type { RouteTable } from './route.ts';
import { deviceId, listOf, queryInstant } from './wire.ts';

const deviceParams = z.object({ deviceId });

/** From a box in the van to a signature: checks, records, pictures, notes; and what the device says at this moment. */
export const COMMISSIONING_ROUTES = {
  'GET /devices/{deviceId}/commissioning': {
    tag: 'devices',
    summary: { vi: 'Kết quả kiểm tra nghiệm thu lúc này', en: 'The commissioning checks as they stand now' },
    access: 'read',
    params: deviceParams,
    answer: commissioning.commissioningNow,
    status: 200,
  },
  'GET /devices/{deviceId}/commissioning-records': {
    tag: 'devices',
    summary: { vi: 'Biên bản nghiệm thu, mới nhất trước', en: 'Signed records, newest first' },
    access: 'read',
    params: deviceParams,
    answer: listOf(commissioning.commissioningRecord),
    status: 200,
  },
  'POST /devices/{deviceId}/commissioning-records': {
    tag: 'devices',
    summary: {
      vi: 'Ký nghiệm thu; hệ thống tự kiểm tra lại lúc ký',
      en: 'Sign that the device works; the platform evaluates the checks at this moment and takes the step',
    },
    access: 'assets.write',
    params: deviceParams,
    body: commissioning.commissioningSignature,
    answer: commissioning.commissioningRecord,
    status: 201,
  },
  'GET /devices/{deviceId}/commissioning-records/{recordId}': {
    tag: 'devices',
    summary: { vi: 'Một biên bản nghiệm thu', en: 'One signed record' },
    access: 'read',
    params: commissioning.recordParams,
    answer: commissioning.commissioningRecord,
    status: 200,
  },
  'GET /devices/{deviceId}/photos': {
    tag: 'devices',
    summary: { vi: 'Ảnh lắp đặt, mới nhất trước', en: 'Pictures of the work, newest first' },
    access: 'read',
    params: deviceParams,
    answer: listOf(commissioning.devicePhoto),
    status: 200,
  },
  'POST /devices/{deviceId}/photos': {
    tag: 'devices',
    summary: { vi: 'Thêm ảnh lắp đặt (JPEG)', en: 'Add a picture (JPEG); the same one again is the same row' },
    access: 'assets.write',
    params: deviceParams,
    query: z.object({ takenAt: queryInstant.exactOptional() }),
    upload: commissioning.PHOTO_MEDIA_TYPES,
    answer: commissioning.devicePhoto,
    status: 201,
  },
  'GET /devices/{deviceId}/photos/{photoId}': {
    tag: 'devices',
    summary: { vi: 'Nội dung một ảnh', en: 'The bytes of a picture' },
    access: 'read',
    params: commissioning.photoParams,
    status: 200,
    bytes: true,
  },
  'POST /devices/{deviceId}/notes': {
    tag: 'devices',
    summary: { vi: 'Ghi chú vào nhật ký thiết bị', en: 'Note something in the device’s life' },
    access: 'assets.write',
    params: deviceParams,
    body: commissioning.deviceNote,
    status: 204,
  },
  'GET /devices/{deviceId}/messages': {
    tag: 'devices',
    summary: {
      vi: 'Các bản tin gần nhất, nguyên gốc và đã giải mã, trong lúc có người xem',
      en: 'The last messages, raw and decoded, while somebody watches',
    },
    access: 'quarantine.read',
    params: deviceParams,
    answer: commissioning.deviceMessages,
    status: 200,
  },
} as const satisfies RouteTable;
