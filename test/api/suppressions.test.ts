import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DeviceId, PointId, RuleId, SiteId } from '../../domain/identifiers.ts';
import { epochMs, hours, milliseconds, minutes } from '../../domain/time.ts';
import type { ApiClient } from './api-client.ts';
import { aRaisedAlarm, POWER, type RunningApi, runApi } from './running-api.ts';

const POINT = 'p-le-chan' as PointId;
let running: RunningApi;
let operator: ApiClient;
beforeAll(async () => {
  running = await runApi({ limits: { shelveAtMost: hours(24), suppressionLookEvery: milliseconds(200) } });
  operator = await running.as('operator');
});
afterAll(() => running.close());

const inHours = (n: number) => epochMs(running.clock() + hours(n));
const open = async (client = operator, more: object = {}) =>
  client.call('POST /suppressions', {
    body: {
      kind: 'maintenance',
      scope: { kind: 'point', pointId: POINT },
      reason: 'Thay cảm biến',
      until: inHours(2),
      ...more,
    },
  });

describe('maintenance and out of service at the API', () => {
  it('is opened, seen on the points it comes to, moved, ended and told of on the bus', async () => {
    const told: string[] = [];
    const off = running.bus.subscribe('suppression.changed', ({ windowId }) => told.push(windowId));
    const made = (await open()).body;
    expect(made).toMatchObject({
      phase: 'in_force',
      ownerName: 'Person operator-env',
      scopeName: { vi: expect.any(String) },
      points: 1,
      version: 1,
    });
    const quiet = (await operator.call('GET /suppressions/points', {})).body;
    expect(quiet.items).toMatchObject([{ pointId: POINT, kind: 'maintenance', until: made.until, window: made.id }]);
    const at = { params: { windowId: made.id } };
    const longer = await operator.call('POST /suppressions/{windowId}/extend', {
      ...at,
      version: 1,
      body: { until: inHours(5) },
    });
    expect(longer.body).toMatchObject({ version: 2 });
    const stale = await operator.call('POST /suppressions/{windowId}/end', { ...at, version: 1 });
    expect(stale).toMatchObject({ status: 412, code: 'VERSION_STALE' });
    const ended = await operator.call('POST /suppressions/{windowId}/end', { ...at, version: 2 });
    expect(ended.body).toMatchObject({ phase: 'over' });
    expect((await operator.call('GET /suppressions/points', {})).body.items).toEqual([]);
    const versions = (await operator.call('GET /suppressions/{windowId}/versions', at)).body;
    expect(versions.items.map(({ step, byName }) => [step, byName])).toEqual(
      ['open', 'extend', 'end'].map((step) => [step, 'Person operator-env']),
    );
    const over = (await operator.call('GET /suppressions', { query: { over: true } })).body;
    expect(over.items.map(({ id }) => id)).toEqual([made.id]);
    expect((await operator.call('GET /suppressions/{windowId}', at)).body).toMatchObject({ id: made.id });
    expect(told).toEqual([made.id, made.id, made.id]);
    off();
  });

  it('is for those who work on alarms, in their own agency alone', async () => {
    const made = (await open()).body;
    const at = { params: { windowId: made.id } };
    for (const role of ['viewer', 'installer'] as const) {
      const client = await running.as(role);
      expect(await open(client)).toMatchObject({ status: 403 });
      expect(await client.call('POST /suppressions/{windowId}/end', { ...at, version: 1 })).toMatchObject({
        status: 403,
      });
      expect((await client.call('GET /suppressions', { query: {} })).body.items.map(({ id }) => id)).toContain(made.id);
    }
    const power = await running.as('operator', POWER);
    expect((await power.call('GET /suppressions', { query: {} })).body.items).toEqual([]);
    expect((await power.call('GET /suppressions/points', {})).body.items).toEqual([]);
    for (const call of [
      power.call('GET /suppressions/{windowId}', at),
      power.call('GET /suppressions/{windowId}/versions', at),
      power.call('POST /suppressions/{windowId}/end', { ...at, version: 1 }),
      power.call('POST /suppressions/{windowId}/extend', { ...at, version: 1, body: { until: inHours(9) } }),
      open(power),
    ])
      expect(await call).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(await running.anonymous().call('GET /suppressions', { query: {} })).toMatchObject({ status: 401 });
  });

  it('refuses, saying why, what has no end, is on nothing, or belongs to somebody who does not work there', async () => {
    expect(await open(operator, { until: null })).toMatchObject({ status: 422, code: 'WINDOW_NEEDS_END' });
    expect(await open(operator, { until: inHours(-1) })).toMatchObject({ status: 422, code: 'WINDOW_END_PAST' });
    expect(await open(operator, { reason: '' })).toMatchObject({ status: 400, code: 'INPUT_INVALID' });
    for (const scope of [
      { kind: 'point', pointId: 'nowhere' },
      { kind: 'device', deviceId: 'no-such-device' },
      { kind: 'site', siteId: 'nowhere' },
      { kind: 'rule', ruleId: 'nothing' },
    ])
      expect(await open(operator, { scope })).toMatchObject({ status: 404 });
    const stranger = await running.person('stranger', [{ agencyId: POWER, role: 'operator' }]);
    expect(await open(operator, { owner: stranger })).toMatchObject({ status: 422, code: 'REFERENCE_MISSING' });
  });

  it('goes with the steps of a device, which alone end it', async () => {
    const installer = await running.as('installer');
    const device = [...(await installer.call('GET /devices', { query: { limit: 50 } })).body.items].find(
      ({ state }) => state === 'commissioned' || state === 'installed',
    )!;
    const params = { deviceId: device.id as DeviceId };
    const begun = await installer.call('POST /devices/{deviceId}/steps', {
      params,
      body: { step: 'start_maintenance', reason: 'Vệ sinh đầu đo' },
    });
    expect(begun.status).toBe(201);
    const windows = (await operator.call('GET /suppressions', { query: { over: false } })).body.items;
    const own = windows.find(({ cause }) => cause === 'device_step')!;
    expect(own).toMatchObject({
      scope: { kind: 'device', deviceId: device.id },
      reason: 'Vệ sinh đầu đo',
      until: null,
    });
    expect(
      await operator.call('POST /suppressions/{windowId}/end', { params: { windowId: own.id }, version: own.version }),
    ).toMatchObject({ status: 409, code: 'WINDOW_OF_DEVICE' });
    await installer.call('POST /devices/{deviceId}/steps', { params, body: { step: 'resume' } });
    const after = (await operator.call('GET /suppressions/{windowId}', { params: { windowId: own.id } })).body;
    expect(after.phase).toBe('over');
  });

  it('reminds its owner shortly before the end, once', async () => {
    const made = (await open(operator, { until: epochMs(running.clock() + minutes(20)) })).body;
    const reminders = async () =>
      (await operator.call('GET /notices', { query: {} })).body.items.filter(
        ({ kind }) => kind === 'suppression.ending',
      );
    running.pass(minutes(6));
    await vi.waitFor(
      async () => expect((await reminders()).map(({ id }) => id)).toContain(`${made.id}-ends-${made.until}`),
      {
        timeout: 25_000,
        interval: 200,
      },
    );
    expect((await reminders()).at(0)?.text.params).toMatchObject({ owner: 'Person operator-env', until: made.until });
  });

  it('shelves an alarm for no longer than the platform allows', async () => {
    const series = await running.series(POINT, 'pm2_5');
    const { alarm, transitions } = aRaisedAlarm({ series, startedAt: running.clock() });
    const ruleState = { cursor: 1 as never, states: [], jointStates: [], outbox: [] };
    await running.registry.ruleState.commit({ ...ruleState, changes: [{ alarm, transitions }] });
    const shelve = (until: number) =>
      operator.call('POST /alarms/{alarmId}/shelve', {
        params: { alarmId: alarm.id },
        version: 1,
        body: { reason: 'r', until: epochMs(until) },
      });
    expect(await shelve(inHours(25))).toMatchObject({ status: 400, code: 'INPUT_INVALID' });
    expect(await shelve(inHours(24))).toMatchObject({ status: 200 });
  });
});

const OTHER_SCOPES = [
  { kind: 'site', siteId: 's-le-chan' as SiteId },
  { kind: 'rule', ruleId: 'r-pm' as RuleId },
  { kind: 'rule_on_point', ruleId: 'r-pm' as RuleId, pointId: POINT },
] as const;
it.each(OTHER_SCOPES)('maintenance of a $kind says what it is called', async (scope) => {
  expect((await open(operator, { scope })).body).toMatchObject({ scope, scopeName: { vi: expect.any(String) } });
});
