import { z } from 'zod';
import * as backtests from './backtests.ts';
import type { RouteTable } from './route.ts';

const params = z.object({ backtestId: backtests.backtestId });

export const BACKTEST_ROUTES = {
  'POST /backtests': {
    tag: 'rules',
    summary: {
      vi: 'Thử quy tắc trên dữ liệu cũ; kết quả lấy bằng GET',
      en: 'Try a rule on stored readings; the result is fetched with GET',
    },
    access: 'rules.write',
    body: backtests.backtestOrder,
    answer: backtests.backtest,
    status: 201,
  },
  'GET /backtests/{backtestId}': {
    tag: 'rules',
    summary: { vi: 'Tiến độ và kết quả của lần thử', en: 'Progress and result of a backtest' },
    access: 'rules.write',
    params,
    answer: backtests.backtest,
    status: 200,
  },
  'DELETE /backtests/{backtestId}': {
    tag: 'rules',
    summary: { vi: 'Dừng và bỏ lần thử', en: 'Stop a backtest and forget it' },
    access: 'rules.write',
    params,
    status: 204,
  },
} as const satisfies RouteTable;
