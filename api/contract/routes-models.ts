import { z } from 'zod';
import * as asset from './assets.ts';
import * as model from './models.ts';
import type { RouteTable } from './route.ts';
import { deviceModelId, listOf } from './wire.ts';

const params = z.object({ modelId: deviceModelId });

/** Device models, and work on their codecs. */
export const MODEL_ROUTES = {
  'GET /models': {
    tag: 'devices',
    summary: { vi: 'Loại thiết bị', en: 'Device models' },
    access: 'read',
    answer: listOf(asset.deviceModel),
    status: 200,
  },
  'POST /models': {
    tag: 'devices',
    summary: { vi: 'Thêm loại thiết bị', en: 'Add a device model' },
    access: 'assets.write',
    body: asset.deviceModelCreate,
    answer: asset.deviceModel,
    status: 201,
    etag: true,
  },
  'GET /models/{modelId}': {
    tag: 'devices',
    summary: { vi: 'Một loại thiết bị', en: 'One device model' },
    access: 'read',
    params,
    answer: asset.deviceModel,
    status: 200,
    etag: true,
  },
  'PUT /models/{modelId}': {
    tag: 'devices',
    summary: { vi: 'Sửa loại thiết bị', en: 'Edit a device model' },
    access: 'assets.write',
    params,
    body: asset.deviceModelEdit,
    answer: asset.deviceModel,
    status: 200,
    ifMatch: true,
    etag: true,
  },
  'GET /model-usage': {
    tag: 'devices',
    summary: { vi: 'Số thiết bị của từng loại', en: 'How many devices there are of each model' },
    access: 'read',
    answer: listOf(model.modelUsage),
    status: 200,
  },
  'POST /models/{modelId}/withdraw': {
    tag: 'devices',
    summary: {
      vi: 'Ngừng nhận thiết bị mới thuộc loại này; thiết bị đang có vẫn hoạt động',
      en: 'Take no new devices of a model; those there are go on',
    },
    access: 'assets.write',
    params,
    body: model.modelWithdrawal,
    answer: asset.deviceModel,
    status: 200,
    ifMatch: true,
    etag: true,
  },
  'DELETE /models/{modelId}/withdrawal': {
    tag: 'devices',
    summary: { vi: 'Lại nhận thiết bị mới thuộc loại này', en: 'Take new devices of a withdrawn model again' },
    access: 'assets.write',
    params,
    status: 204,
    ifMatch: true,
  },
  'GET /models/{modelId}/codec': {
    tag: 'devices',
    summary: {
      vi: 'Bộ giải mã của loại thiết bị có đang bị tạm dừng không',
      en: 'Whether the model’s codec is suspended',
    },
    access: 'read',
    params,
    answer: model.codecState,
    status: 200,
  },
  'DELETE /models/{modelId}/codec/suspension': {
    tag: 'devices',
    summary: { vi: 'Cho bộ giải mã chạy lại ngay', en: 'Let a suspended codec try again now' },
    access: 'assets.write',
    params,
    status: 204,
  },
  'GET /models/{modelId}/payloads': {
    tag: 'devices',
    summary: {
      vi: 'Bản tin bị giữ lại và vừa đến của các thiết bị thuộc loại này, để thử bộ giải mã',
      en: 'Quarantined and just received payloads of the model’s devices, to try a codec on',
    },
    access: 'quarantine.read',
    params,
    answer: listOf(model.modelPayload),
    status: 200,
  },
  'POST /models/{modelId}/replay': {
    tag: 'devices',
    summary: {
      vi: 'Xử lý lại các bản tin bị giữ lại của các thiết bị thuộc loại này',
      en: 'Put what is held of the model’s devices through again',
    },
    access: 'quarantine.read',
    params,
    answer: model.modelReplay,
    status: 200,
  },
  'POST /codecs/try': {
    tag: 'devices',
    summary: {
      vi: 'Thử một bộ giải mã trên một bản tin; không lưu gì',
      en: 'Try a codec on a payload; nothing is kept',
    },
    access: 'assets.write',
    body: model.codecTrial,
    answer: model.codecTrialResult,
    status: 200,
  },
} as const satisfies RouteTable;
