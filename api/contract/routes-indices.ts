import { z } from 'zod';
import * as indices from './indices.ts';
import type { RouteTable } from './route.ts';
import * as presets from './rule-presets.ts';
import { listOf, pointId, queryInstant } from './wire.ts';

export const INDEX_ROUTES = {
  'GET /indices': {
    tag: 'readings',
    summary: {
      vi: 'Các chỉ số do hệ thống tính: phương pháp, mức, màu và khuyến nghị',
      en: 'Indices the platform works out: method, categories, colours and advice',
    },
    access: 'anyone',
    answer: listOf(indices.indexInfo),
    status: 200,
  },
  'GET /points/{pointId}/indices': {
    tag: 'readings',
    summary: {
      vi: 'Chỉ số của một điểm đo, giờ và ngày gần nhất đã kết thúc, kèm chỉ số thành phần và tỷ lệ dữ liệu',
      en: 'A point’s indices of the latest hour and day that are over, with sub-indices and data capture',
    },
    access: 'shared',
    params: z.object({ pointId }),
    query: z.object({ at: queryInstant.exactOptional().meta({ description: 'As of then; now when absent' }) }),
    answer: indices.pointIndices,
    status: 200,
  },
  'GET /rule-presets': {
    tag: 'rules',
    summary: {
      vi: 'Quy tắc mẫu theo quy chuẩn có hiệu lực vào một ngày (mặc định hôm nay), kèm nguồn của từng con số',
      en: 'Rule presets from the limits in force on a day (today by default), with the source of each number',
    },
    access: 'rules.write',
    query: z.object({ date: presets.dateText.exactOptional() }),
    answer: listOf(presets.rulePreset),
    status: 200,
  },
  'POST /rule-presets/{presetKey}/draft': {
    tag: 'rules',
    summary: { vi: 'Bản thảo quy tắc từ một mẫu; không lưu gì', en: 'A rule drafted from a preset; nothing is kept' },
    access: 'rules.write',
    params: presets.rulePresetParams,
    body: presets.rulePresetDraftOrder,
    answer: presets.rulePresetDraft,
    status: 200,
  },
} as const satisfies RouteTable;
