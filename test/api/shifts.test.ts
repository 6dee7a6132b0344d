import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import type { HandoverId } from '../../domain/shift-handover.ts';
import { epochMs, hours, minutes } from '../../domain/time.ts';
import { bodyOf, headerOf, type MailServer, openMailServer, senderVia } from '../notifications/mail-server.ts';
import type { ApiClient } from './api-client.ts';
import { aRaisedAlarm, ENVIRONMENT, POWER, type RunningApi, runApi } from './running-api.ts';

const ENV = { params: { agencyId: ENVIRONMENT } };
let running: RunningApi;
let mail: MailServer;
let operator: ApiClient;
let officer: ApiClient;
beforeAll(async () => {
  mail = await openMailServer();
  running = await runApi({ notifications: senderVia(mail) });
  operator = await running.as('operator');
  officer = await running.as('environment');
});
afterAll(async () => {
  await running.close();
  await mail.close();
});

const current = async (client = operator) => (await client.call('GET /shifts/{agencyId}', ENV)).body;
const sign = async (client = operator, remark = '') =>
  client.call('POST /shifts/{agencyId}/handovers', {
    ...ENV,
    body: { basedOn: (await current(client)).covers.from, remark },
  });
const of = (handoverId: HandoverId) => ({ params: { handoverId } });

describe('a shift', () => {
  it('is handed over as it stood, and stays so while the city goes on', async () => {
    const series = await running.series('p-le-chan', 'pm2_5');
    const raised = aRaisedAlarm({ series, startedAt: running.clock() });
    await running.registry.ruleState.commit({
      ...{ cursor: 1 as never, states: [], jointStates: [], outbox: [] },
      changes: [raised],
    });
    await operator.call('POST /shifts/{agencyId}/duty', { ...ENV, body: { step: 'join' } });
    await operator.call('POST /shifts/{agencyId}/notes', {
      ...ENV,
      body: { text: 'Trạm Lê Chân đang đốt rơm gần đó', happenedAt: epochMs(running.clock() - minutes(20)) },
    });
    running.pass(1_000);
    const before = await current();
    expect(before.summary).toMatchObject({ open: { major: 1 }, unacknowledged: { major: 1 }, raised: { major: 1 } });
    const signed = (await sign(operator, 'Gọi lại trạm lúc 23 giờ')).body;
    expect(signed.content).toMatchObject({
      remark: 'Gọi lại trạm lúc 23 giờ',
      signedBy: { name: 'Person operator-env' },
      onDuty: [{ userName: 'Person operator-env' }],
      summary: { open: { major: 1 }, alarms: [{ alarmId: raised.alarm.id }] },
    });
    await officer.call('POST /alarms/{alarmId}/acknowledge', { params: { alarmId: raised.alarm.id } });
    const later = (await officer.call('GET /handovers/{handoverId}', of(signed.id))).body;
    expect(later).toEqual(signed);
    expect(later.isIntact).toBe(true);
    expect((await current()).waiting).toMatchObject({ id: signed.id });

    expect(await sign(officer)).toMatchObject({ status: 409, code: 'HANDOVER_WAITING' });
    expect(await operator.call('POST /handovers/{handoverId}/receive', of(signed.id))).toMatchObject({
      status: 403,
      code: 'HANDOVER_OWN',
    });
    const received = await officer.call('POST /handovers/{handoverId}/receive', {
      ...of(signed.id),
      body: { remark: 'Đã rõ' },
    });
    expect(received.body.receipt).toMatchObject({ sha256: signed.sha256, remark: 'Đã rõ' });
    const next = await current(officer);
    expect(next).toMatchObject({ waiting: null, covers: { from: signed.content.covers.to } });
    expect(next.onDuty.map(({ userName }) => userName)).toEqual(['Person environment-env']);
    expect(next.summary.notes).toEqual([]);
    const stale = { ...ENV, body: { basedOn: signed.content.covers.from } };
    expect(await operator.call('POST /shifts/{agencyId}/handovers', stale)).toMatchObject({
      status: 409,
      code: 'HANDOVER_MOVED_ON',
    });
  });

  it('is sent to colleagues who gave an address, and to nobody else', async () => {
    const { version: _, ...mine } = (await officer.call('GET /notifications/mine')).body;
    const { browsers: __, hasMail: ___, vapidPublicKey: ____, siteTimeZone: _____, ...wishes } = mine;
    await officer.call('PUT /notifications/mine', { body: { ...wishes, email: 'ha@hd.example', version: 0 } });
    const { items } = (await operator.call('GET /shifts/{agencyId}/handovers', ENV)).body;
    const handover = of(items[0]!.id);
    const receivers = (await operator.call('GET /shifts/{agencyId}/recipients', ENV)).body;
    expect(receivers.hasMail).toBe(true);
    const officerId = receivers.items.find(({ displayName }) => displayName === 'Person environment-env')!.userId;
    const send = (to: readonly UserId[], client = operator) =>
      client.call('POST /handovers/{handoverId}/send', { ...handover, body: { to: [...to] } });
    expect((await send([officerId])).body).toMatchObject({ items: [{ userId: officerId, outcome: 'accepted' }] });
    const [sent] = mail.mails;
    expect(sent?.to).toEqual(['ha@hd.example']);
    expect(headerOf(sent!, 'subject')).toContain('Biên bản giao ca');
    expect(bodyOf(sent!)).toContain('Gọi lại trạm lúc 23 giờ');
    const without = receivers.items.find(({ hasAddress }) => !hasAddress)!.userId;
    expect(await send([without])).toMatchObject({ status: 422, code: 'REFERENCE_MISSING' });
    const stranger = await running.person('stranger', [{ agencyId: POWER, role: 'operator' }]);
    expect(await send([stranger])).toMatchObject({ status: 422, code: 'REFERENCE_MISSING' });
    expect(mail.mails).toHaveLength(1);
    const log = (await officer.call('GET /notifications/messages')).body.items;
    expect(log).toMatchObject([{ kind: 'handover', state: 'accepted' }]);
  });

  it('is the agency’s own: others find nothing there, and who does not work on alarms is refused', async () => {
    const { items } = (await operator.call('GET /shifts/{agencyId}/handovers', ENV)).body;
    const handover = of(items[0]!.id);
    const power = await running.as('operator', POWER);
    const note = { ...ENV, body: { text: 'x' } };
    for (const call of [
      power.call('GET /shifts/{agencyId}', ENV),
      power.call('GET /shifts/{agencyId}/handovers', ENV),
      power.call('GET /shifts/{agencyId}/recipients', ENV),
      power.call('POST /shifts/{agencyId}/notes', note),
      power.call('POST /shifts/{agencyId}/duty', { ...ENV, body: { step: 'join' } }),
      power.call('GET /handovers/{handoverId}', handover),
      power.call('POST /handovers/{handoverId}/receive', handover),
      power.call('POST /handovers/{handoverId}/send', { ...handover, body: { to: ['u-x' as UserId] } }),
    ])
      expect(await call).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    const viewer = await running.as('viewer');
    expect(await viewer.call('GET /shifts/{agencyId}', ENV)).toMatchObject({ status: 403 });
    const plan = { ...ENV, version: 0, body: { startMinutes: [0] } };
    expect(await operator.call('PUT /shifts/{agencyId}/plan', plan)).toMatchObject({ status: 403 });
    const nowhere = { params: { agencyId: 'nothing' as AgencyId } };
    const platform = await running.as('platform_admin');
    expect(await platform.call('GET /shifts/{agencyId}', nowhere)).toMatchObject({ status: 404 });
  });

  it('has the times its agency wants, and notes of what has happened only', async () => {
    const admin = await running.as('agency_admin');
    const set = (startMinutes: readonly number[], version: number) =>
      admin.call('PUT /shifts/{agencyId}/plan', { ...ENV, version, body: { startMinutes: [...startMinutes] } });
    expect(await set([420, 400], 0)).toMatchObject({ status: 422, code: 'SHIFT_STARTS_ORDER' });
    expect(await set([420, 1_140], 0)).toMatchObject({ status: 200 });
    expect(await set([420], 0)).toMatchObject({ status: 412, code: 'VERSION_STALE' });
    const { shift } = await current();
    expect(shift.to - shift.from).toBe(hours(12));
    const note = (happenedAt: number) =>
      operator.call('POST /shifts/{agencyId}/notes', { ...ENV, body: { text: 'x', happenedAt: epochMs(happenedAt) } });
    expect(await note(running.clock() + hours(1))).toMatchObject({ status: 400, code: 'INPUT_INVALID' });
    expect(await note(running.clock() - hours(24 * 8))).toMatchObject({ status: 400, code: 'INPUT_INVALID' });
    const log = (from: number, to: number) =>
      operator.call('GET /shifts/{agencyId}/log', { ...ENV, query: { from, to } });
    expect(await log(running.clock(), running.clock() - 1)).toMatchObject({ status: 400 });
    expect(await log(0, running.clock())).toMatchObject({ status: 400 });
  });
});

it('says so when mail is not set up, instead of pretending to send', async () => {
  const without = await runApi();
  const hoa = await without.as('operator');
  const ha = await without.as('environment');
  const { covers } = (await hoa.call('GET /shifts/{agencyId}', ENV)).body;
  const signed = await hoa.call('POST /shifts/{agencyId}/handovers', { ...ENV, body: { basedOn: covers.from } });
  expect((await ha.call('GET /shifts/{agencyId}/recipients', ENV)).body.hasMail).toBe(false);
  const send = { ...of(signed.body.id), body: { to: ['u-operator-env' as UserId] } };
  expect(await ha.call('POST /handovers/{handoverId}/send', send)).toMatchObject({
    status: 409,
    code: 'MAIL_NOT_SET_UP',
  });
  await without.close();
});
