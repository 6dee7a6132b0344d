import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SeriesId } from '../../domain/identifiers.ts';
import { LASTING } from '../../domain/ports/quality-spans.ts';
import { QUALITY } from '../../domain/quality.ts';
import { epochMs, minutes } from '../../domain/time.ts';
import type { ApiClient } from '../api/api-client.ts';
import { POWER, type RunningApi, runApi, SYSTEM } from '../api/running-api.ts';

let running: RunningApi;
let officer: ApiClient;
let viewer: ApiClient;
let pm: SeriesId;
let warmth: SeriesId;
const NOON = epochMs(Date.UTC(2026, 10, 20, 5));
const reason = 'Hiệu chuẩn bằng khí chuẩn';

beforeAll(async () => {
  running = await runApi();
  running.pass(NOON + minutes(60) - running.clock());
  officer = await running.as('environment');
  viewer = await running.as('viewer');
  pm = await running.series('p-le-chan', 'pm2_5');
  warmth = await running.series('p-le-chan', 'temperature');
  await running.arrive(
    ...[10, 80, 90, 20].map((value, i) => ({ series: pm, eventTime: epochMs(NOON + minutes(i)), value })),
  );
});
afterAll(() => running.close());

const at = (minute: number) => epochMs(NOON + minutes(minute));
const spansOf = async (...series: SeriesId[]) => {
  const query = { series: series.join(','), from: at(-60), to: at(120) };
  return (await viewer.call('GET /quality-spans', { query })).body.items;
};

describe('verdicts on readings', () => {
  it('are given to several series at once, all or none, each told to those who judge', async () => {
    const told: SeriesId[] = [];
    const leave = running.bus.subscribe('quality.changed', ({ series }) => told.push(...series));
    const verdict = { from: at(1), to: at(3), quality: 'CALIBRATING' as const, reason };
    const given = await officer.call('POST /quality-marks', { body: { series: [pm, warmth], ...verdict } });
    expect(given.status).toBe(201);
    expect(given.body.items).toMatchObject([
      { series: pm, ...verdict, finding: null, replaces: null },
      { series: warmth, ...verdict },
    ]);
    expect(told).toEqual([pm, warmth]);
    leave();
    const foreign = await running.series('p-tba', 'voltage');
    const refused = await officer.call('POST /quality-marks', { body: { series: [pm, foreign], ...verdict } });
    expect(refused.status).toBe(404);
    expect(await spansOf(pm, warmth)).toHaveLength(2);
    for (const { id } of given.body.items)
      await officer.call('DELETE /quality-spans/{spanId}', { params: { spanId: id } });
  });

  it('last until they are ended, by putting one with an end in their place; every step is on record', async () => {
    const open = await officer.call('POST /quality-spans', {
      body: { series: pm, from: at(2), to: null, quality: 'CALIBRATING', reason },
    });
    expect(open.body).toMatchObject({ to: null });
    expect(await running.registry.verdicts.counting(at(10_000))).toMatchObject([{ to: LASTING }]);
    const params = { spanId: open.body.id };
    const body = { from: at(2), to: at(3), quality: 'CALIBRATING' as const, reason };
    const ended = await officer.call('POST /quality-spans/{spanId}/replacement', { params, body });
    expect(ended.body).toMatchObject({ ...body, series: pm, replaces: open.body.id });
    expect((await officer.call('POST /quality-spans/{spanId}/replacement', { params, body })).status).toBe(404);
    const shown = await viewer.call('GET /readings', { query: { series: pm, from: at(0), to: at(9) } });
    expect(shown.body).toMatchObject({ value: [10, 80, 90, 20], quality: [0, 0, QUALITY.CALIBRATING, 0] });
    const admin = await running.as('agency_admin');
    const audit = await admin.call('GET /audit', { query: { targetKind: 'series', targetId: String(pm) } as never });
    expect(audit.body.items.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['quality.mark', 'quality.replace', 'quality.withdraw']),
    );
    await officer.call('DELETE /quality-spans/{spanId}', { params: { spanId: ended.body.id } });
  });

  it('are heeded when a rule is tried on past readings', async () => {
    const rule = {
      agencyId: 'env',
      name: { vi: 'Bụi mịn cao', en: 'High PM2.5' },
      advice: null,
      enabled: true,
      quantity: 'pm2_5',
      selection: {},
      condition: { kind: 'above', levels: [{ severity: 'major', limit: 50, hold: 0 }], hysteresis: 5 },
      clearHold: 0,
      judgeSuspect: true,
      endsUnacknowledged: [],
    };
    const alarms = async (): Promise<number | undefined> => {
      const ordered = await officer.call('POST /backtests', { body: { rule, from: at(-60), to: at(60) } as never });
      const params = { backtestId: ordered.body.id };
      for (;;) {
        const { body } = await officer.call('GET /backtests/{backtestId}', { params });
        if (body.state === 'done') return body.report?.alarms;
        if (body.state === 'failed') throw new Error('the backtest failed');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    expect(await alarms()).toBe(1);
    const verdict = await officer.call('POST /quality-spans', {
      body: { series: pm, from: at(1), to: at(3), quality: 'INVALID_DECLARED', reason },
    });
    expect(await alarms()).toBe(0);
    await officer.call('DELETE /quality-spans/{spanId}', { params: { spanId: verdict.body.id } });
    expect(await alarms()).toBe(1);
  });

  it('may be given by officers and administrators of the agency alone', async () => {
    const span = await officer.call('POST /quality-spans', {
      body: { series: warmth, from: at(1), to: at(2), quality: 'GOOD', reason },
    });
    const params = { spanId: span.body.id };
    const verdict = { from: at(1), to: at(2), quality: 'INVALID_DECLARED' as const, reason };
    for (const role of ['viewer', 'operator', 'installer'] as const) {
      const person = await running.as(role);
      expect((await person.call('POST /quality-marks', { body: { series: [pm], ...verdict } })).status).toBe(403);
      expect((await person.call('POST /quality-spans/{spanId}/replacement', { params, body: verdict })).status).toBe(
        403,
      );
      expect((await person.call('DELETE /quality-spans/{spanId}', { params })).status).toBe(403);
    }
    const stranger = await running.as('environment', POWER);
    expect((await stranger.call('POST /quality-marks', { body: { series: [pm], ...verdict } })).status).toBe(404);
    expect((await stranger.call('POST /quality-spans/{spanId}/replacement', { params, body: verdict })).status).toBe(
      404,
    );
    const admin = await running.as('agency_admin');
    expect((await admin.call('POST /quality-spans/{spanId}/replacement', { params, body: verdict })).status).toBe(201);
  });

  it('outweigh what the platform found, which never makes better what was recorded', async () => {
    const found = {
      from: at(0),
      to: LASTING,
      quality: QUALITY.SUSPECT_STUCK,
      reason: '',
      finding: { key: 'finding.stuck' },
    };
    await officer.call('POST /quality-spans', {
      body: { series: pm, from: at(3), to: at(4), quality: 'GOOD', reason },
    });
    running.pass(minutes(1));
    await running.registry.as(SYSTEM).qualitySpans.mark({ series: pm, ...found });
    const shown = await viewer.call('GET /readings', { query: { series: pm, from: at(2), to: at(9) } });
    expect(shown.body.quality).toEqual([QUALITY.SUSPECT_STUCK, QUALITY.GOOD]);
    expect(await spansOf(pm)).toContainEqual(
      expect.objectContaining({ to: null, finding: { key: 'finding.stuck', params: {} } }),
    );
  });
});
