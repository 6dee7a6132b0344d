import { z } from 'zod';
import * as firmware from './firmware.ts';
import type { RouteTable } from './route.ts';
import { deviceId, deviceModelId, listOf, pageOf } from './wire.ts';

const keyParams = z.object({ keyId: firmware.firmwareKeyId });
const imageParams = z.object({ imageId: firmware.firmwareImageId });
const rolloutParams = z.object({ rolloutId: firmware.rolloutId });

/** Firmware over the air: whose signatures count, images, rollouts. */
export const FIRMWARE_ROUTES = {
  'GET /firmware/keys': {
    tag: 'firmware',
    summary: { vi: 'Khóa công khai được phép ký phần mềm', en: 'Public keys that may sign firmware' },
    access: 'read',
    answer: listOf(firmware.firmwareKey),
    status: 200,
  },
  'POST /firmware/keys': {
    tag: 'firmware',
    summary: { vi: 'Đăng ký khóa công khai', en: 'Register a public key' },
    access: 'agency.administer',
    body: firmware.firmwareKeyGiven,
    answer: firmware.firmwareKey,
    status: 201,
  },
  'DELETE /firmware/keys/{keyId}': {
    tag: 'firmware',
    summary: {
      vi: 'Hủy khóa; mọi thứ khóa này đã ký không được phát hành nữa',
      en: 'Revoke a key; nothing it signed is given out any more',
    },
    access: 'agency.administer',
    params: keyParams,
    status: 204,
  },
  'GET /firmware/images': {
    tag: 'firmware',
    summary: { vi: 'Các phiên bản phần mềm, mới nhất trước', en: 'Images, newest first, and the room for them' },
    access: 'read',
    query: z.object({ model: deviceModelId.exactOptional() }),
    answer: listOf(firmware.firmwareImage).extend({ room: firmware.firmwareRoom }),
    status: 200,
  },
  'POST /firmware/images': {
    tag: 'firmware',
    summary: {
      vi: 'Tải lên phần mềm đã ký; cùng tệp gửi lại cho cùng kết quả',
      en: 'Upload a signed image; the same one again gives the same answer',
    },
    access: 'assets.write',
    query: firmware.firmwareUpload,
    upload: firmware.FIRMWARE_MEDIA_TYPES,
    streamed: true,
    answer: firmware.firmwareImage,
    status: 201,
  },
  'DELETE /firmware/images/{imageId}': {
    tag: 'firmware',
    summary: { vi: 'Thu hồi phiên bản; đợt cập nhật của nó dừng lại', en: 'Withdraw an image; its rollout halts' },
    access: 'assets.write',
    params: imageParams,
    status: 204,
  },
  'GET /firmware/images/{imageId}/preview': {
    tag: 'firmware',
    summary: { vi: 'Đợt cập nhật sẽ gặp những thiết bị nào', en: 'What a rollout of it would meet' },
    access: 'read',
    params: imageParams,
    answer: firmware.rolloutPreview,
    status: 200,
  },
  'GET /firmware/rollouts': {
    tag: 'firmware',
    summary: { vi: 'Các đợt cập nhật, mới nhất trước', en: 'Rollouts, newest first' },
    access: 'read',
    answer: listOf(firmware.rollout),
    status: 200,
  },
  'POST /firmware/rollouts': {
    tag: 'firmware',
    summary: { vi: 'Soạn đợt cập nhật, chưa bắt đầu', en: 'Draft a rollout; it does not begin yet' },
    access: 'assets.write',
    body: firmware.rolloutGiven,
    answer: firmware.rollout,
    status: 201,
  },
  'GET /firmware/rollouts/{rolloutId}': {
    tag: 'firmware',
    summary: { vi: 'Một đợt cập nhật và tiến độ', en: 'A rollout and how far it is' },
    access: 'read',
    params: rolloutParams,
    answer: firmware.rollout,
    status: 200,
  },
  'POST /firmware/rollouts/{rolloutId}/steps': {
    tag: 'firmware',
    summary: { vi: 'Bắt đầu, tạm dừng, tiếp tục hoặc hủy', en: 'Start, pause, go on, or cancel' },
    access: 'assets.write',
    params: rolloutParams,
    body: firmware.rolloutStep,
    answer: firmware.rollout,
    status: 200,
  },
  'GET /firmware/rollouts/{rolloutId}/devices': {
    tag: 'firmware',
    summary: { vi: 'Từng thiết bị của đợt cập nhật', en: 'Its devices, one by one' },
    access: 'read',
    params: rolloutParams,
    query: firmware.rolloutDevicesQuery,
    answer: pageOf(firmware.rolloutDevice),
    status: 200,
  },
  'GET /devices/{deviceId}/firmware': {
    tag: 'firmware',
    summary: {
      vi: 'Phần mềm của thiết bị và các đợt cập nhật',
      en: 'The device’s firmware, and rollouts it is part of',
    },
    access: 'read',
    params: z.object({ deviceId }),
    answer: firmware.deviceFirmware,
    status: 200,
  },
} as const satisfies RouteTable;
