import { z } from 'zod';
import * as quality from './quality-spans.ts';
import type { RouteTable } from './route.ts';
import { listOf, queryInstant, querySeries } from './wire.ts';

const params = z.object({ spanId: z.string().min(1).max(128) });

/** Verdicts on stretches of readings: raw values stay, everything derived heeds them. */
export const QUALITY_ROUTES = {
  'GET /quality-spans': {
    tag: 'readings',
    summary: {
      vi: 'Đánh giá chất lượng các khoảng số đo: do người ghi và do hệ thống phát hiện',
      en: 'Verdicts on spans of readings: people’s, and what the platform found',
    },
    access: 'read',
    query: z.object({ series: querySeries(500), from: queryInstant, to: queryInstant }),
    answer: listOf(quality.qualitySpan),
    status: 200,
  },
  'POST /quality-spans': {
    tag: 'readings',
    summary: { vi: 'Ghi đánh giá chất lượng cho một khoảng', en: 'Judge a span of readings' },
    access: 'rules.write',
    body: quality.qualitySpanCreate,
    answer: quality.qualitySpan,
    status: 201,
  },
  'POST /quality-marks': {
    tag: 'readings',
    summary: {
      vi: 'Ghi cùng một đánh giá cho nhiều chuỗi số đo',
      en: 'Judge the same span of several series: all of them or none',
    },
    access: 'rules.write',
    body: quality.qualitySpansCreate,
    answer: listOf(quality.qualitySpan),
    status: 201,
  },
  'POST /quality-spans/{spanId}/replacement': {
    tag: 'readings',
    summary: {
      vi: 'Thay một đánh giá bằng đánh giá khác; bản cũ vẫn lưu',
      en: 'Put another verdict in the place of one; the old one stays on record',
    },
    access: 'rules.write',
    params,
    body: quality.qualitySpanReplace,
    answer: quality.qualitySpan,
    status: 201,
  },
  'DELETE /quality-spans/{spanId}': {
    tag: 'readings',
    summary: { vi: 'Rút lại đánh giá chất lượng', en: 'Withdraw a verdict' },
    access: 'rules.write',
    params,
    status: 204,
  },
} as const satisfies RouteTable;
