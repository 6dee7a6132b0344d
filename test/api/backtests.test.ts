import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { BacktestWire } from '../../api/contract/backtests.ts';
import type { RouteBodyInput } from '../../api/contract/routes.ts';
import { compileRule } from '../../domain/compiled-rule.ts';
import { backtest } from '../../domain/episode.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { toColumns } from '../../domain/reading.ts';
import { epochMs, hours, milliseconds, minutes } from '../../domain/time.ts';
import type { ApiClient } from './api-client.ts';
import { ENVIRONMENT, POWER, type RunningApi, runApi } from './running-api.ts';

type Order = RouteBodyInput<'POST /backtests'>;

const FROM = epochMs(Date.parse('2026-11-01T00:00:00+07:00'));
const TO = epochMs(FROM + hours(72));
/** Minute by minute: over 50 for the two hours after each noon, with a spike of one minute at 03:00. */
const valueAt = (minute: number): number => {
  const ofDay = minute % 1_440;
  return ofDay >= 720 && ofDay < 840 ? 60 : ofDay === 180 ? 90 : 20;
};

let running: RunningApi;
let officer: ApiClient;
let pm: SeriesId;
beforeAll(async () => {
  running = await runApi();
  officer = await running.as('environment');
  pm = await running.series('p-le-chan', 'pm2_5');
  const readings = Array.from({ length: 72 * 60 }, (_, minute) => {
    const at = epochMs(FROM + minutes(minute));
    return { series: pm, eventTime: at, arrivalTime: at, value: valueAt(minute), quality: 0 as const };
  });
  await running.store.load([toColumns(readings)]);
});
afterAll(() => running.close());

const order = (change: Partial<Order['rule']> = {}, more: Partial<Order> = {}): Order => ({
  rule: {
    agencyId: ENVIRONMENT,
    name: { vi: 'Bụi mịn cao', en: 'High PM2.5' },
    advice: null,
    enabled: true,
    quantity: 'pm2_5' as QuantityKey,
    selection: {},
    condition: { kind: 'above', hysteresis: 5, levels: [{ severity: 'major', limit: 50, hold: minutes(0) }] },
    clearHold: milliseconds(0),
    judgeSuspect: true,
    endsUnacknowledged: [],
    ...change,
  },
  from: FROM,
  to: TO,
  ...more,
});

async function finished(body: Order): Promise<BacktestWire> {
  const { body: made, status } = await officer.call('POST /backtests', { body });
  expect(status).toBe(201);
  return vi.waitFor(
    async () => {
      const { body: now } = await officer.call('GET /backtests/{backtestId}', { params: { backtestId: made.id } });
      expect(now.state).toBe('done');
      return now;
    },
    { timeout: 10_000 },
  );
}

describe('a backtest', () => {
  it('says of stored readings what the live evaluator says of them', async () => {
    const { report, progress } = await finished(order());
    const rule = { ...order().rule, id: 'r', version: 1, createdBy: null, createdAt: FROM } as never;
    const readings = Array.from({ length: 72 * 60 }, (_, minute) => ({
      eventTime: FROM + minutes(minute),
      value: valueAt(minute),
      quality: 0,
    }));
    const said = backtest(compileRule(rule), readings);
    expect(report?.listed.map(({ series, pointId, ...episode }) => episode)).toEqual(said);
    expect(report).toMatchObject({ alarms: 6, alarmsAtNight: 3, readings: 72 * 60 });
    expect(report?.days).toEqual(
      ['2026-11-01', '2026-11-02', '2026-11-03'].map((date) => ({ date, alarms: 2, inAlarmMs: hours(2) + minutes(1) })),
    );
    expect(report?.points).toEqual([{ pointId: 'p-le-chan', alarms: 6, inAlarmMs: hours(6) + minutes(3) }]);
    expect(progress).toEqual({ series: 2, seriesDone: 2, readings: 72 * 60 });
  });

  it('tries many limits at once, each as if it were the only level', async () => {
    const { sweep } = await finished(order({}, { sweep: { severity: 'major', limits: [10, 50, 70, 100] } }));
    expect(sweep.map(({ limit, alarms }) => [limit, alarms])).toEqual([
      [10, 1],
      [50, 6],
      [70, 3],
      [100, 0],
    ]);
  });

  it('fills windows from before its beginning', async () => {
    const condition = {
      kind: 'above' as const,
      hysteresis: 0,
      levels: [{ severity: 'major' as const, limit: 59, hold: minutes(0) }],
      over: { statistic: 'mean' as const, length: hours(1), interval: minutes(1), minimumCapture: 1 },
    };
    const noon = epochMs(FROM + hours(13) + minutes(30));
    const { report } = await finished(order({ condition }, { from: noon, to: epochMs(noon + minutes(1)) }));
    expect(report).toMatchObject({ alarms: 0, inAlarmMs: minutes(1) });
  });

  it('says plainly that silence is not simulated', async () => {
    const condition = { kind: 'no_data' as const, levels: [{ severity: 'minor' as const, hold: minutes(10) }] };
    const { report, omits } = await finished(order({ condition }));
    expect(omits).toEqual(['no_data']);
    expect(report).toMatchObject({ alarms: 0, readings: 0 });
  });

  it('is its owner’s alone, and is gone when it was cancelled', async () => {
    const { id } = await finished(order());
    const params = { backtestId: id };
    const other = await running.as('agency_admin');
    expect((await other.call('GET /backtests/{backtestId}', { params })).status).toBe(404);
    expect((await other.call('DELETE /backtests/{backtestId}', { params })).status).toBe(404);
    expect((await officer.call('DELETE /backtests/{backtestId}', { params })).status).toBe(204);
    expect((await officer.call('GET /backtests/{backtestId}', { params })).status).toBe(404);
  });

  it.each<[string, Order, number, string]>([
    [
      'a rule without sense',
      order({
        clearHold: milliseconds(0),
        condition: {
          kind: 'above',
          hysteresis: 0,
          levels: [
            { severity: 'minor', limit: 50, hold: minutes(0) },
            { severity: 'major', limit: 20, hold: minutes(0) },
          ],
        },
      }),
      422,
      'RULE_INVALID',
    ],
    ['another agency’s rule', order({ agencyId: POWER }), 403, 'NOT_PERMITTED'],
    ['a span that ends before it begins', order({}, { to: FROM }), 400, 'INPUT_INVALID'],
    ['a span of years', order({}, { from: epochMs(FROM - hours(24 * 500)) }), 400, 'INPUT_INVALID'],
    [
      'a sweep where there is no limit to move',
      order(
        { condition: { kind: 'no_data', levels: [{ severity: 'minor', hold: minutes(5) }] } },
        { sweep: { severity: 'minor', limits: [1] } },
      ),
      400,
      'INPUT_INVALID',
    ],
  ])('refuses %s', async (_, body, status, code) => {
    const answer = await officer.call('POST /backtests', { body });
    expect({ status: answer.status, code: answer.code }).toEqual({ status, code });
  });
});
