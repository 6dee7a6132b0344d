import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PointId, SeriesId } from '../../domain/identifiers.ts';
import { toColumns } from '../../domain/reading.ts';
import { epochMs, hours, minutes } from '../../domain/time.ts';
import type { ApiClient } from './api-client.ts';
import { ENVIRONMENT, POWER, type RunningApi, runApi } from './running-api.ts';

/** Ten past four in the afternoon in Hải Phòng: the hour that ended at four is settled. */
const NOW = epochMs(Date.parse('2026-11-26T16:10:00+07:00'));
const LE_CHAN = { params: { pointId: 'p-le-chan' as PointId } };

let running: RunningApi;
let viewer: ApiClient;
let officer: ApiClient;
let pm: SeriesId;
beforeAll(async () => {
  running = await runApi();
  running.pass(NOW - running.clock());
  viewer = await running.as('viewer');
  officer = await running.as('environment');
  pm = await running.series('p-le-chan', 'pm2_5');
  // Two days, minute by minute: 40 µg/m³, and 100 in the last hour.
  const last = NOW - minutes(10);
  const readings = Array.from({ length: 48 * 60 }, (_, i) => {
    const at = epochMs(last - minutes(i));
    return { series: pm, eventTime: at, arrivalTime: at, value: i < 60 ? 100 : 40, quality: 0 as const };
  });
  await running.store.load([toColumns(readings)]);
});
afterAll(() => running.close());

describe('the indices of a point', () => {
  it('come with category, dominant pollutant, sub-indices and data capture, for the last hour and day that are over', async () => {
    const { body } = await viewer.call('GET /points/{pointId}/indices', LE_CHAN);
    const [vn, us] = body.items;
    expect(vn).toMatchObject({
      index: 'vn_aqi',
      hourly: {
        from: NOW - minutes(70),
        to: NOW - minutes(10),
        // w = ½: 100·½ + 40·½ (and the last bit of twelve hours) = 70 µg/m³, between 50 and 80.
        value: 133,
        category: 'poor',
        determining: 'pm2_5',
        quantity: 'pm2_5',
        capture: 1,
        gap: null,
      },
      daily: { to: Date.parse('2026-11-26T00:00:00+07:00'), value: 80, category: 'moderate' },
    });
    expect(vn?.hourly?.parts).toContainEqual(
      expect.objectContaining({ key: 'pm10', quantity: 'pm10', value: null, gap: 'NOT_MEASURED' }),
    );
    expect(us?.hourly?.parts.find(({ key }) => key === 'pm2_5')).toMatchObject({ average: 'nowcast', value: 161 });
  });

  it('are told as of an earlier time, too', async () => {
    const { body } = await viewer.call('GET /points/{pointId}/indices', { ...LE_CHAN, query: { at: NOW - hours(3) } });
    expect(body.items[0]?.hourly).toMatchObject({ to: NOW - hours(3) - minutes(10), value: 80 });
  });

  it('heed what people have found of the readings, and say why there is none', async () => {
    const span = { series: pm, from: epochMs(NOW - hours(30)), to: NOW };
    const body = { ...span, quality: 'INVALID_DECLARED' as const, reason: 'Đốt rơm cạnh trạm' };
    const { body: verdict } = await officer.call('POST /quality-spans', { body });
    const asked = await viewer.call('GET /points/{pointId}/indices', LE_CHAN);
    expect(asked.body.items[0]?.hourly).toMatchObject({
      value: null,
      category: null,
      gap: 'REQUIRED_POLLUTANT_MISSING',
    });
    await officer.call('DELETE /quality-spans/{spanId}', { params: { spanId: verdict.id } });
    const again = await viewer.call('GET /points/{pointId}/indices', LE_CHAN);
    expect(again.body.items[0]?.hourly).toMatchObject({ value: 133 });
  });

  it('are not there for those who may not see the point, and empty for a point that can have none', async () => {
    const stranger = await running.as('viewer', POWER);
    expect((await stranger.call('GET /points/{pointId}/indices', LE_CHAN)).status).toBe(404);
    expect((await running.anonymous().call('GET /points/{pointId}/indices', LE_CHAN)).status).toBe(404);
    const transformer = { params: { pointId: 'p-tba' as PointId } };
    expect((await stranger.call('GET /points/{pointId}/indices', transformer)).body.items).toEqual([]);
  });

  it('are explained to everyone: categories with colour and advice in both languages, and the document', async () => {
    const { body } = await running.anonymous().call('GET /indices');
    const vn = body.items.find(({ key }) => key === 'vn_aqi');
    expect(vn).toMatchObject({
      hourly: 'vn_aqi_hourly',
      daily: 'vn_aqi_daily',
      source: expect.stringContaining('1459'),
    });
    expect(vn?.categories).toHaveLength(6);
    expect(vn?.categories[2]).toMatchObject({ name: { vi: 'Kém', en: 'Poor' }, colour: '#FF7E00', min: 101, max: 150 });
    for (const { advice } of vn?.categories ?? []) expect(advice?.sensitive.vi).toBeTruthy();
  });
});

describe('rule presets', () => {
  const draft = (key: string, more: object = {}) =>
    officer.call('POST /rule-presets/{presetKey}/draft', {
      params: { presetKey: key },
      body: { agencyId: ENVIRONMENT, ...more },
    });

  it('are those in force on the day, each number with its source', async () => {
    const limitOn = async (date: string) => {
      const { body } = await officer.call('GET /rule-presets', { query: { date } });
      const preset = body.items.find(({ key }) => key === 'qcvn05.pm2_5.24h');
      expect(preset?.levels[0]?.sources[0]?.document).toContain('QCVN 05:2023');
      return preset?.levels[0];
    };
    // The limit is 50 µg/m³ until the end of 2025 and 45 since: the first value above it.
    expect(await limitOn('2025-12-31')).toMatchObject({ limit: 50.1 });
    expect(await limitOn('2026-01-01')).toMatchObject({ limit: 45.1 });
    expect((await officer.call('GET /rule-presets', { query: { date: '2026-02-30' } })).code).toBe('INPUT_INVALID');
  });

  it('become a rule that is switched off, watches the window by the devices’ own interval, and can be saved as it is', async () => {
    const { body, status } = await draft('qcvn05.pm2_5.24h');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      agencyId: ENVIRONMENT,
      enabled: false,
      quantity: 'pm2_5',
      condition: { kind: 'above', over: { statistic: 'mean', length: hours(24), interval: minutes(1) } },
    });
    const saved = await officer.call('POST /rules', { body });
    expect(saved.status).toBe(201);
    const wider = await draft('qcvn05.pm2_5.24h', { interval: minutes(5) });
    expect(wider.body).toMatchObject({ condition: { over: { interval: minutes(5) } } });
  });

  it('judge the hourly index itself, from Poor on', async () => {
    const { body } = await draft('vn_aqi.hourly');
    expect(body).toMatchObject({ quantity: 'vn_aqi_hourly', condition: { levels: [{ limit: 101 }, {}, {}, {}] } });
  });

  it('leave out levels that nobody has compared with their document', async () => {
    const river = { agencyId: ENVIRONMENT };
    const unconfirmed = await draft('river_alert.chanh-chu', river);
    expect(unconfirmed.body).toMatchObject({ condition: { levels: [{ severity: 'minor' }, { severity: 'major' }] } });
    const confirmed = await draft('river_alert.chanh-chu', { confirmed: ['critical'] });
    expect(confirmed.body).toMatchObject({ condition: { levels: [{}, {}, { severity: 'critical', limit: 3.5 }] } });
  });

  it('are refused where there is none, where rules cannot judge so, and for another agency', async () => {
    expect((await draft('qcvn05.gold')).status).toBe(404);
    const { body } = await officer.call('GET /rule-presets');
    const unusable = body.items.find(({ usable }) => !usable);
    if (unusable) expect((await draft(unusable.key)).code).toBe('INPUT_INVALID');
    expect((await draft('vn_aqi.hourly', { agencyId: POWER })).status).toBe(404);
    expect((await viewer.call('GET /rule-presets')).status).toBe(403);
    const params = { presetKey: 'vn_aqi.hourly' };
    const asked = { params, body: { agencyId: ENVIRONMENT } };
    expect((await viewer.call('POST /rule-presets/{presetKey}/draft', asked)).status).toBe(403);
    expect((await running.anonymous().call('GET /rule-presets')).status).toBe(401);
  });
});
