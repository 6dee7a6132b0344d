import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ApiRoute, ROUTES } from '../../api/contract/routes.ts';
import type { WarningWire } from '../../api/contract/warnings.ts';
import type { Alarm } from '../../domain/alarm.ts';
import { readCityPlaces } from '../../domain/city-places.ts';
import type {
  AgencyId,
  AlarmId,
  DeviceId,
  DeviceModelId,
  PointId,
  QuarantineId,
  SiteId,
} from '../../domain/identifiers.ts';
import type { SubscriptionId } from '../../domain/notifications/notification.ts';
import type { ProvisioningKey } from '../../domain/provisioning.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { type DurationMs, epochMs } from '../../domain/time.ts';
import type { WarningId } from '../../domain/warning/warning.ts';
import { aFlood } from '../../domain/warning/warning-fixture.ts';
import { aMaker, signed } from '../firmware/firmware-street.ts';
import { issue } from '../ingest/certificate-chain.ts';
import { type MailServer, openMailServer, senderVia } from '../notifications/mail-server.ts';
import { openOutside, status } from '../notifications/outside.ts';
import { aBrowser } from '../notifications/push-service.ts';
import { aJpeg } from './a-jpeg.ts';
import { ApiClient, type CallInput } from './api-client.ts';
import { aRaisedAlarm, ENVIRONMENT, PASSWORD, POWER, type RunningApi, runApi, SYSTEM } from './running-api.ts';

/*
 * A day's work, in order: every route is called with success at least once, and every answer is held against its schema by the
 * client. The last test shows that none was left out.
 */
let running: RunningApi;
let mail: MailServer;
let platform: ApiClient;
let admin: ApiClient;
let installer: ApiClient;
let officer: ApiClient;
let operator: ApiClient;
const answered = new Set<ApiRoute>();

async function done<K extends ApiRoute>(client: ApiClient, key: K, input: CallInput<K> = {}) {
  const called = await client.call(key, input);
  expect(called.status, `${key}: ${called.text}`).toBe(ROUTES[key].status);
  answered.add(key);
  return called.body;
}

const NAME = { vi: 'Trạm mới', en: 'New station' };
const WHERE = { longitude: 106.7, latitude: 20.84 };
const PM = 'pm2_5' as QuantityKey;
const DEVICE = 'air-new' as DeviceId;
const device = { params: { deviceId: DEVICE } };

beforeAll(async () => {
  mail = await openMailServer();
  running = await runApi({ notifications: senderVia(mail) });
  // Before anyone exists: the first administrator comes by the link.
  const token = running.api.setupPath?.split('#')[1] ?? '';
  platform = running.anonymous();
  await done(platform, 'POST /setup', {
    body: { token, loginName: 'first', displayName: 'Quản trị', password: PASSWORD, language: 'vi' },
  });
  platform = await ApiClient.signIn(running.url, 'first', PASSWORD);
  answered.add('POST /session');
  admin = await running.as('agency_admin');
  installer = await running.as('installer');
  officer = await running.as('environment');
  operator = await running.as('operator');
});
afterAll(async () => {
  await running.close();
  await mail.close();
});

describe('a day’s work', () => {
  it('begins with what everyone may know', async () => {
    expect(await done(running.anonymous(), 'GET /settings')).toMatchObject({
      mode: 'serve',
      setupOpen: false,
      demoAccounts: null,
      demoStock: null,
    });
    expect((await done(running.anonymous(), 'GET /quantities')).items.length).toBeGreaterThan(20);
    expect((await done(operator, 'GET /session')).kind).toBe('person');
    expect((await done(operator, 'GET /map/points')).points).toHaveLength(2);
    const named = await done(operator, 'GET /map/points', { query: { ids: 'p-le-chan', numbers: '99999' } });
    expect(named.points.map(({ id }) => id)).toEqual(['p-le-chan']);
    const places = await operator.call('GET /map/places');
    answered.add('GET /map/places');
    const { length, number, domain } = readCityPlaces(places.bytes);
    expect([length, domain]).toEqual([2, Uint8Array.of(3, 3)]);
    expect([...number]).toContain(named.points[0]?.number);
    expect((await done(operator, 'GET /map/lines')).scales.length).toBeGreaterThan(4);
    expect((await done(operator, 'GET /search', { query: { text: 'lê chân' } })).items[0]).toMatchObject({
      kind: 'point',
    });
  });

  it('adds an agency and people', async () => {
    const WATER = 'water' as AgencyId;
    const made = await done(platform, 'POST /agencies', { body: { id: WATER, name: NAME } });
    const edited = await done(platform, 'PUT /agencies/{agencyId}', {
      params: { agencyId: WATER },
      version: made.version,
      body: { name: { ...NAME, vi: 'Cấp nước Hải Phòng' } },
    });
    expect(edited).toMatchObject({ version: 2, name: { vi: 'Cấp nước Hải Phòng' } });
    expect((await done(platform, 'GET /agencies')).items).toHaveLength(3);

    const user = await done(admin, 'POST /users', {
      body: {
        loginName: 'lan',
        displayName: 'Lan',
        language: 'vi',
        roles: [{ agencyId: ENVIRONMENT, role: 'operator' }],
        password: 'first password',
      },
    });
    const params = { userId: user.id };
    await done(admin, 'PUT /users/{userId}', {
      params,
      version: user.version,
      body: { displayName: 'Lan Anh', language: 'en', roles: user.roles, disabled: false },
    });
    expect(await done(admin, 'GET /users/{userId}', { params })).toMatchObject({ displayName: 'Lan Anh', version: 2 });
    await done(admin, 'PUT /users/{userId}/password', { params, body: { password: 'second password' } });
    const lan = await ApiClient.signIn(running.url, 'lan', 'second password');
    await done(lan, 'PUT /session/password', { body: { current: 'second password', replacement: 'third password' } });
    await done(await ApiClient.signIn(running.url, 'lan', 'third password'), 'DELETE /session');
    expect((await done(admin, 'GET /users', { query: { limit: 2 } })).items).toHaveLength(2);
    const names = (await done(operator, 'GET /colleagues')).items.map(({ displayName }) => displayName);
    expect(names).toContain('Lan Anh');
  });

  it('puts up a station: site, point, model, device, credential, and takes the credential away again', async () => {
    const site = await done(installer, 'POST /sites', {
      body: {
        agencyId: ENVIRONMENT,
        kind: 'air_station',
        domain: 'environment',
        name: NAME,
        location: WHERE,
        wardCode: null,
        parentId: null,
        tags: ['new'],
      },
    });
    const { id: siteId, agencyId: _, version: __, ...fields } = site;
    await done(installer, 'PUT /sites/{siteId}', {
      params: { siteId },
      version: 1,
      body: { ...fields, parentId: 's-le-chan' as SiteId },
    });
    expect(await done(operator, 'GET /sites/{siteId}', { params: { siteId } })).toMatchObject({
      parentId: 's-le-chan',
    });
    expect((await done(operator, 'GET /sites', { query: { parent: 's-le-chan' } })).items).toHaveLength(1);
    const link = { agencyId: ENVIRONMENT, from: 's-le-chan' as SiteId, to: siteId, kind: 'contains' as const };
    await done(installer, 'POST /site-links', { body: link });
    expect((await done(operator, 'GET /site-links', { query: { site: siteId } })).items).toEqual([link]);

    const point = await done(installer, 'POST /points', {
      body: {
        id: 'p-new' as PointId,
        agencyId: ENVIRONMENT,
        siteId,
        domain: 'environment',
        name: NAME,
        location: WHERE,
        wardCode: null,
        tags: [],
        quantities: [PM],
      },
    });
    const { id: pointId, agencyId: ___, version: ____, series: _____, ...pointFields } = point;
    const params = { pointId };
    await done(installer, 'PUT /points/{pointId}', {
      params,
      version: 1,
      body: { ...pointFields, tags: ['roadside'] },
    });
    await done(installer, 'POST /points/{pointId}/quantities', {
      params,
      body: { quantity: 'temperature' as QuantityKey },
    });
    expect(await done(operator, 'GET /points/{pointId}', { params })).toMatchObject({
      tags: ['roadside'],
      series: [{ quantity: 'pm2_5' }, { quantity: 'temperature' }],
    });
    expect((await done(operator, 'GET /points', { query: { tag: 'roadside' } })).items).toHaveLength(1);

    const model = await done(installer, 'POST /models', {
      body: {
        id: 'air-2' as DeviceModelId,
        agencyId: ENVIRONMENT,
        maker: 'Maker',
        name: 'Air 2',
        domain: 'environment',
        format: 'native-json',
        channels: [{ key: 'pm2_5', quantity: PM, plausibleRange: { min: 0, max: 500 } }],
        expectedInterval: 60_000 as DurationMs,
        rateLimit: null,
      },
    });
    const { id: modelId, agencyId: ______, version: _______, ...modelFields } = model;
    await done(installer, 'PUT /models/{modelId}', {
      params: { modelId },
      version: 1,
      body: { ...modelFields, name: 'Air 2b' },
    });
    expect(await done(operator, 'GET /models/{modelId}', { params: { modelId } })).toMatchObject({ name: 'Air 2b' });
    expect((await done(operator, 'GET /models')).items).toHaveLength(2);

    expect((await done(operator, 'GET /model-usage')).items).toContainEqual({
      modelId: 'air-1',
      devices: 2,
      retired: 0,
    });
    const ofModel = { params: { modelId } };
    expect(
      await done(installer, 'POST /models/{modelId}/withdraw', { ...ofModel, version: 2, body: { reason: 'cũ' } }),
    ).toMatchObject({ version: 3, withdrawn: { reason: 'cũ' } });
    await done(installer, 'DELETE /models/{modelId}/withdrawal', { ...ofModel, version: 3 });
    expect(await done(operator, 'GET /models/{modelId}/codec', ofModel)).toMatchObject({ suspension: null });
    await done(installer, 'DELETE /models/{modelId}/codec/suspension', ofModel);
    expect((await done(installer, 'GET /models/{modelId}/payloads', ofModel)).items).toEqual([]);
    expect((await done(installer, 'POST /models/{modelId}/replay', ofModel)).messages).toBe(0);
    const tried = await done(installer, 'POST /codecs/try', {
      body: {
        source: 'function Decoder(bytes, port) { return { pm2_5: bytes[0] }; }',
        base64: 'DA==',
        channels: modelFields.channels,
      },
    });
    expect(tried.values).toMatchObject([{ channel: 'pm2_5', value: 12 }]);

    const changed: string[] = [];
    const stopListening = running.bus.subscribe('device.changed', ({ deviceId }) => changed.push(deviceId));
    await done(installer, 'POST /devices', {
      body: { id: DEVICE, agencyId: ENVIRONMENT, modelId, serialNumber: 'SN-1', state: 'claimed' },
    });
    await done(installer, 'PUT /devices/{deviceId}', {
      ...device,
      version: 1,
      body: { modelId, serialNumber: 'SN-1b' },
    });
    expect(await done(operator, 'GET /devices/{deviceId}', device)).toMatchObject({
      serialNumber: 'SN-1b',
      state: 'claimed',
      version: 2,
    });
    await done(installer, 'POST /devices/{deviceId}/assignments', { ...device, body: { pointId } });
    expect((await done(operator, 'GET /points/{pointId}/assignments', { params })).items).toMatchObject([{ to: null }]);
    expect((await done(operator, 'GET /devices', { query: { point: pointId } })).items).toMatchObject([{ id: DEVICE }]);

    const { credential, token } = await done(installer, 'POST /devices/{deviceId}/credentials', {
      ...device,
      body: {},
    });
    expect(token).toMatch(/^[\w-]{43}$/);
    const credentials = await done(installer, 'GET /devices/{deviceId}/credentials', device);
    expect(credentials.items).toEqual([credential]);
    expect(JSON.stringify(credentials)).not.toContain(token);
    expect(JSON.stringify(credentials)).not.toMatch(/sha/i);
    const revoked: string[] = [];
    running.bus.subscribe('credential.revoked', ({ credentialId }) => revoked.push(credentialId));
    await done(installer, 'DELETE /devices/{deviceId}/credentials/{credentialId}', {
      params: { deviceId: DEVICE, credentialId: credential.id },
    });
    expect(revoked).toEqual([credential.id]);

    await running.registry.deviceLog.recordAttributes(
      DEVICE,
      { firmware: '1.2', battery_percent: 88 },
      running.clock(),
    );
    expect(await done(operator, 'GET /devices/{deviceId}/attributes', device)).toMatchObject({
      firmware: { value: '1.2' },
    });
    const at = running.clock();
    await running.registry.deviceLog.recordStatus([
      { deviceId: DEVICE, agencyId: ENVIRONMENT, online: true, reason: 'connected', eventTime: at, recordedAt: at },
    ]);
    expect((await done(operator, 'GET /devices/{deviceId}/status', device)).items).toMatchObject([{ online: true }]);
    const command = await done(installer, 'POST /devices/{deviceId}/commands', {
      ...device,
      body: { name: 'identify', params: { seconds: 30 } },
    });
    const one = { params: { ...device.params, commandId: command.id } };
    expect(await done(operator, 'GET /devices/{deviceId}/commands/{commandId}', one)).toMatchObject({
      state: 'waiting',
    });
    await done(installer, 'DELETE /devices/{deviceId}/commands/{commandId}', one);
    expect((await done(operator, 'GET /devices/{deviceId}/commands', device)).items).toMatchObject([
      { number: 1, state: 'cancelled' },
    ]);
    const refused = await installer.call('POST /devices/{deviceId}/commands', {
      ...device,
      body: { name: 'identify' },
    });
    expect(refused).toMatchObject({ status: 400, code: 'INPUT_INVALID' });
    const config = { interval_s: 60 };
    await done(installer, 'PUT /devices/{deviceId}/configuration', { ...device, body: { config, version: 0 } });
    expect(await done(operator, 'GET /devices/{deviceId}/configuration', device)).toMatchObject({
      version: 1,
      state: 'waiting',
      desired: { config },
    });
    expect((await done(operator, 'GET /devices/{deviceId}/configuration/versions', device)).items).toHaveLength(1);
    await done(installer, 'POST /devices/{deviceId}/assignments/end', { ...device, body: { pointId } });
    expect((await done(operator, 'GET /devices/{deviceId}/assignments', device)).items[0]?.to).not.toBeNull();
    const kinds = (await done(operator, 'GET /devices/{deviceId}/activities', device)).items.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['created', 'assigned', 'unassigned', 'credential_created']));
    stopListening();
    // Made, edited, assigned, credential made, revoked, unassigned: whoever keeps the device in memory heard of each.
    expect(changed).toHaveLength(6);
  });

  it('brings a new firmware to the devices: key, image, rollout, and back', async () => {
    const maker = aMaker();
    const key = await done(admin, 'POST /firmware/keys', {
      body: { agencyId: ENVIRONMENT, name: 'Maker', modelIds: [], publicKey: maker.publicPem },
    });
    expect((await done(operator, 'GET /firmware/keys')).items).toEqual([key]);
    const bytes = Buffer.from('a new firmware');
    const { signature } = signed(bytes, 'air-1', '2.0.0', maker.privateKey);
    const image = await done(installer, 'POST /firmware/images', {
      query: { agency: ENVIRONMENT, model: 'air-1', version: '2.0.0', signature },
      upload: { bytes, type: 'application/octet-stream' },
    });
    expect((await done(operator, 'GET /firmware/images')).items).toEqual([image]);
    const ofImage = { params: { imageId: image.id } };
    const preview = await done(operator, 'GET /firmware/images/{imageId}/preview', ofImage);
    expect(preview.devices).toBeGreaterThan(0);
    const draft = await done(installer, 'POST /firmware/rollouts', { body: { imageId: image.id } });
    const params = { rolloutId: draft.id };
    expect((await done(operator, 'GET /firmware/rollouts')).items).toHaveLength(1);
    const started = await done(installer, 'POST /firmware/rollouts/{rolloutId}/steps', {
      params,
      body: { step: 'start' },
    });
    expect(started).toMatchObject({ state: 'running', stage: 0 });
    expect((await done(operator, 'GET /firmware/rollouts/{rolloutId}', { params })).devices).toBe(preview.devices);
    const { items } = await done(operator, 'GET /firmware/rollouts/{rolloutId}/devices', { params });
    expect(items).toHaveLength(preview.devices);
    const one = await done(operator, 'GET /devices/{deviceId}/firmware', {
      params: { deviceId: items[0]?.deviceId ?? '' },
    });
    expect(one.rollouts[0]).toMatchObject({ rollout: { id: draft.id }, device: { state: 'waiting' } });
    await done(installer, 'DELETE /firmware/images/{imageId}', ofImage);
    await done(admin, 'DELETE /firmware/keys/{keyId}', { params: { keyId: key.id } });
  });

  it('takes a device through its life: claimed by its label, installed, swapped, mended and retired', async () => {
    const DEVICE_2 = 'air-spare' as DeviceId;
    const spare = { params: { deviceId: DEVICE_2 } };
    const point = 'p-do-son' as PointId;
    for (const id of ['air-fresh' as DeviceId, DEVICE_2])
      await done(installer, 'POST /devices', {
        body: { id, agencyId: ENVIRONMENT, modelId: 'air-1' as DeviceModelId, serialNumber: null },
      });
    const fresh = { params: { deviceId: 'air-fresh' } };
    expect((await done(operator, 'GET /devices/{deviceId}/steps', fresh)).items.map(({ step }) => step)).toEqual([
      'claim',
      'retire',
    ]);
    const opened = await done(installer, 'POST /devices/{deviceId}/claim-code', { ...fresh, body: {} });
    expect(opened.link).toBe(`${running.url}/claim/air-fresh#${opened.code}`);
    expect(await done(installer, 'GET /devices/{deviceId}/claim-code', fresh)).toEqual(opened.window);
    expect(
      await done(installer, 'POST /claims', { body: { deviceId: 'air-fresh' as DeviceId, code: opened.code } }),
    ).toMatchObject({ state: 'claimed' });
    const labels = await installer.call('POST /device-labels', {
      body: { deviceIds: [DEVICE_2], format: 'a4-3x7' },
    });
    expect(labels.bytes.subarray(0, 5).toString()).toBe('%PDF-');
    answered.add('POST /device-labels');
    const { items: prints } = await done(installer, 'GET /device-labels');
    expect(prints[0]?.deviceIds.length).toBeGreaterThan(0);
    expect((await done(installer, 'GET /claim-codes')).items.map(({ deviceId }) => deviceId)).toContain(
      fresh.params.deviceId,
    );
    await done(installer, 'DELETE /devices/{deviceId}/claim-code', spare);

    await done(installer, 'POST /devices/{deviceId}/steps', { ...spare, body: { step: 'claim' } });
    const swap = await done(installer, 'POST /devices/{deviceId}/swap', {
      params: { deviceId: 'air-do-son' },
      body: { replacement: DEVICE_2, reason: 'Mất kết nối nhiều ngày', oldBecomes: 'in_maintenance' },
    });
    expect(swap).toMatchObject({ old: { state: 'in_maintenance' }, replacement: { state: 'installed' } });
    expect(
      (await done(operator, 'GET /points/{pointId}/assignments', { params: { pointId: point } })).items,
    ).toMatchObject([
      { deviceId: 'air-do-son', to: expect.any(Number) },
      { deviceId: DEVICE_2, to: null },
    ]);
    const checks = await done(installer, 'GET /devices/{deviceId}/commissioning', spare);
    const photo = await done(installer, 'POST /devices/{deviceId}/photos', {
      ...spare,
      upload: { bytes: aJpeg(640, 480), type: 'image/jpeg' },
    });
    const pictured = { params: { ...spare.params, photoId: photo.id } };
    expect((await installer.call('GET /devices/{deviceId}/photos/{photoId}', pictured)).bytes).toHaveLength(
      photo.sizeBytes,
    );
    answered.add('GET /devices/{deviceId}/photos/{photoId}');
    expect((await done(operator, 'GET /devices/{deviceId}/photos', spare)).items).toEqual([photo]);
    const record = await done(installer, 'POST /devices/{deviceId}/commissioning-records', {
      ...spare,
      body: {
        overrides: checks.findings.map(({ check }) => ({ check, reason: 'Chưa có điện' })),
        photoIds: [photo.id],
        note: 'Treo tạm',
      },
    });
    const signed = { params: { ...spare.params, recordId: record.id } };
    expect(await done(operator, 'GET /devices/{deviceId}/commissioning-records/{recordId}', signed)).toEqual(record);
    expect((await done(operator, 'GET /devices/{deviceId}/commissioning-records', spare)).items).toEqual([record]);
    await done(installer, 'POST /devices/{deviceId}/notes', { ...spare, body: { text: 'Khóa tủ số 7' } });
    expect((await done(installer, 'GET /devices/{deviceId}/messages', spare)).items).toEqual([]);
    const rotated = await done(installer, 'POST /devices/{deviceId}/credentials/rotate', { ...spare, body: {} });
    expect(rotated.token).toMatch(/^[\w-]{43}$/);
    const why = await installer.call('POST /devices/{deviceId}/steps', { ...spare, body: { step: 'retire' } });
    expect(why).toMatchObject({ status: 422, code: 'STEP_NEEDS_REASON' });
    const [newest] = (
      await done(operator, 'GET /devices/{deviceId}/activities', { params: { deviceId: 'air-do-son' } })
    ).items;
    expect(newest).toMatchObject({ kind: 'state_changed', reason: 'Mất kết nối nhiều ngày' });
  });

  it('imports a sheet of devices, exports it, and takes it back', async () => {
    const csv = 'id,model,serial,note\nair-i1,air-1,SN-1,x\nair-le-chan,air-1,,\nAIR,air-1,,\n';
    const preview = await done(installer, 'POST /device-imports', {
      query: { fileName: 'đợt 1.csv' },
      upload: { bytes: csv, type: 'text/csv' },
    });
    expect(preview).toMatchObject({
      state: 'previewed',
      unknownColumns: ['note'],
      counts: { create: 1, unchanged: 1, error: 1 },
    });
    const params = { importId: preview.id };
    const rows = (await done(installer, 'GET /device-imports/{importId}/rows', { params })).items;
    expect(rows.map(({ line, kind }) => `${line} ${kind}`)).toEqual(['2 create', '3 unchanged', '4 error']);
    expect(rows[2]).toMatchObject({
      problems: [{ code: 'ID_INVALID', message: { vi: expect.stringContaining('Mã thiết bị') } }],
    });
    expect((await operator.call('GET /devices/{deviceId}', { params: { deviceId: 'air-i1' } })).status).toBe(404);
    const applied = await done(installer, 'POST /device-imports/{importId}/apply', {
      params,
      body: { skipErrors: true, tokens: true },
    });
    expect(applied).toMatchObject({ created: 1, tokens: [{ deviceId: 'air-i1' }] });
    const exported = await operator.call('GET /device-export', { query: { format: 'csv' } });
    expect(exported.text).toContain('air-i1,env,air-1,SN-1,in_stock,');
    answered.add('GET /device-export');
    expect((await done(installer, 'GET /device-imports/{importId}/obstacles', { params })).items).toEqual([]);
    expect(await done(installer, 'POST /device-imports/{importId}/undo', { params })).toMatchObject({
      state: 'undone',
    });
    expect(await done(installer, 'GET /device-imports/{importId}', { params })).toMatchObject({ state: 'undone' });
    expect((await done(installer, 'GET /device-imports')).items).toHaveLength(1);
    expect((await operator.call('GET /devices/{deviceId}', { params: { deviceId: 'air-i1' } })).status).toBe(404);
  });

  it('lets devices register themselves, by secret or by certificate', async () => {
    const terms = { stockListOnly: true, maximumDevices: 100, enabled: true };
    const made = await done(admin, 'POST /provisioning-profiles', {
      body: {
        key: 'spring-2026' as ProvisioningKey,
        agencyId: ENVIRONMENT,
        name: 'Đợt 1',
        modelIds: ['air-1' as DeviceModelId],
        expiresAt: null,
        ...terms,
      },
    });
    const params = { profileKey: 'spring-2026' };
    const renewed = await done(admin, 'POST /provisioning-profiles/{profileKey}/secret', { params });
    expect(renewed.secret).not.toBe(made.secret);
    const edited = await done(admin, 'PUT /provisioning-profiles/{profileKey}', {
      params,
      version: 2,
      body: { ...terms, name: 'Đợt 1', modelIds: ['air-1' as DeviceModelId], expiresAt: null, enabled: false },
    });
    expect(await done(admin, 'GET /provisioning-profiles/{profileKey}', { params })).toEqual(edited);
    const listed = await done(admin, 'GET /provisioning-profiles');
    expect(listed.items).toEqual([edited]);
    expect(JSON.stringify(listed)).not.toMatch(/secret|sha256/i);

    const authority = await done(admin, 'POST /certificate-authorities', {
      body: {
        agencyId: ENVIRONMENT,
        name: 'Hãng A',
        modelId: 'air-1' as DeviceModelId,
        certificatePem: (await issue({ name: 'Maker A', issuer: null, isAuthority: true })).pem,
        ...terms,
      },
    });
    const at = { authorityId: authority.id };
    await done(admin, 'PUT /certificate-authorities/{authorityId}', {
      params: at,
      version: 1,
      body: { ...terms, name: 'Hãng A', modelId: 'air-1' as DeviceModelId, stockListOnly: false },
    });
    expect((await done(admin, 'GET /certificate-authorities')).items).toMatchObject([
      { stockListOnly: false, version: 2 },
    ]);
    expect((await done(admin, 'GET /certificate-authorities/{authorityId}/devices', { params: at })).items).toEqual([]);
    expect(await done(admin, 'POST /certificate-authorities/{authorityId}/revoke', { params: at })).toMatchObject({
      revokedAt: expect.any(Number),
    });
  });

  it('reads what was measured, and judges a span of it', async () => {
    const series = await running.series('p-le-chan', 'pm2_5');
    const noon = epochMs(Date.UTC(2026, 10, 20, 5));
    const minute = (i: number) => epochMs(noon + i * 60_000);
    await running.arrive(...[10, 20, 30, 400].map((value, i) => ({ series, eventTime: minute(i), value })));
    const span = { series, from: noon, to: minute(4) };
    expect(await done(operator, 'GET /readings', { query: { ...span, limit: 3 } })).toMatchObject({
      value: [10, 20, 30],
      quality: [0, 0, 0],
      next: minute(3),
    });
    const windows = () => done(operator, 'GET /readings/windows', { query: { ...span, step: 'P1D' } });
    // The day is Hải Phòng's: it began at 17:00 UTC.
    expect((await windows()).items).toMatchObject([
      { start: [Date.UTC(2026, 10, 19, 17)], count: [4], mean: [115], max: [400] },
    ]);
    const verdict = await done(officer, 'POST /quality-spans', {
      body: { series, from: minute(3), to: minute(4), quality: 'INVALID_DECLARED', reason: 'Đốt rơm cạnh trạm' },
    });
    expect((await windows()).items).toMatchObject([
      { count: [3], mean: [20], min: [10], max: [30], sum: [60], last: [30] },
    ]);
    expect(await done(operator, 'GET /readings', { query: span })).toMatchObject({
      quality: [0, 0, 0, 0x33],
      recordedQuality: { 3: 0 },
      next: null,
    });
    expect((await done(operator, 'GET /quality-spans', { query: span })).items).toEqual([verdict]);
    const smaller = await done(officer, 'POST /quality-spans/{spanId}/replacement', {
      params: { spanId: verdict.id },
      body: { from: minute(3), to: null, quality: 'INVALID_DECLARED', reason: 'Đốt rơm cạnh trạm' },
    });
    await done(officer, 'DELETE /quality-spans/{spanId}', { params: { spanId: smaller.id } });
    const { items: together } = await done(officer, 'POST /quality-marks', {
      body: { series: [series], from: minute(0), to: minute(1), quality: 'GOOD', reason: 'đã kiểm tra' },
    });
    await done(officer, 'DELETE /quality-spans/{spanId}', { params: { spanId: together[0]?.id ?? '' } });
    expect((await windows()).items).toMatchObject([{ count: [4] }]);

    expect((await done(operator, 'GET /latest', { query: { point: 'p-le-chan' } })).readings).toEqual([
      [series, minute(3), 400, 0],
    ]);
    const before = await done(operator, 'GET /latest', { query: { series, before: minute(2) } });
    expect(before.readings).toEqual([[series, minute(1), 20, 0]]);
  });

  it('looks back at the city as it was', async () => {
    const from = epochMs(Date.UTC(2026, 10, 20, 5));
    const span = { from, to: from + 120_000 };
    await done(operator, 'GET /replay/snapshot', { query: { at: from } });
    await done(operator, 'GET /replay/frames', { query: { ...span, step: 60_000 } });
    expect((await done(operator, 'GET /replay/register', { query: { since: from } })).isWhole).toBe(true);
    expect((await done(operator, 'GET /replay/marks', { query: { ...span, buckets: 2 } })).widthMs).toBe(60_000);
    expect(
      await done(operator, 'GET /replay/nearest-alarm', { query: { at: from, direction: 'previous' } }),
    ).toBeNull();
  });

  it('drafts a rule, whatever is still wrong with it, and has a second person let it go live', async () => {
    const admin = await running.as('agency_admin');
    const fields = {
      name: { vi: 'Bụi mịn rất cao', en: 'Very high PM2.5' },
      advice: null,
      enabled: true,
      quantity: PM,
      selection: {
        polygon: [[106.6, 20.8] as const, [106.7, 20.8] as const, [106.7, 20.9] as const, [106.6, 20.9] as const],
      },
      condition: {
        kind: 'above' as const,
        levels: [{ severity: 'critical' as const, limit: 150, hold: 0 as DurationMs }],
        hysteresis: 2,
      },
      clearHold: 0 as DurationMs,
      judgeSuspect: true,
      endsUnacknowledged: [],
    };
    const { selection } = fields;
    const matching = await done(officer, 'POST /rules/matching', {
      body: { agencyId: ENVIRONMENT, quantity: PM, selection },
    });
    expect(matching.items.map(({ id }) => id)).toEqual(['p-le-chan', 'p-new']);
    expect(matching).toMatchObject({ count: 2, items: [{ location: { longitude: 106.68 } }, {}] });
    expect((await officer.call('POST /rules', { body: { agencyId: ENVIRONMENT, ...fields } })).code).toBe(
      'RULE_NEEDS_REVIEW',
    );

    const wrong = { ...fields, message: { vi: '{diem} cao', en: '{point} is high' }, clearHold: 'soon' };
    const made = await done(officer, 'POST /rule-drafts', { body: { agencyId: ENVIRONMENT, content: wrong } });
    expect(made).toMatchObject({ content: wrong, reviewNeeded: null, problems: [{ path: 'clearHold' }], stale: false });
    const params = { ruleId: made.ruleId };
    expect((await officer.call('POST /rule-drafts/{ruleId}/submit', { params, version: 1 })).code).toBe('RULE_INVALID');
    const nearly = await done(officer, 'PUT /rule-drafts/{ruleId}', {
      params,
      version: 1,
      body: { content: { ...wrong, clearHold: 0 } },
    });
    expect(nearly).toMatchObject({
      reviewNeeded: true,
      problems: [{ path: 'message.vi', code: 'PLACEHOLDER_UNKNOWN', params: { placeholder: 'diem' } }],
    });
    // It has never been in use: steps of the draft, no version.
    expect(await done(officer, 'GET /rules/{ruleId}/history', { params })).toMatchObject({
      versions: [],
      steps: [{ step: 'created' }, { step: 'saved' }],
    });
    await done(officer, 'PUT /rule-drafts/{ruleId}', { params, version: 2, body: { content: fields } });
    expect((await officer.call('POST /rule-drafts/{ruleId}/approve', { params, version: 3 })).code).toBe(
      'RULE_NEEDS_REVIEW',
    );
    await done(officer, 'POST /rule-drafts/{ruleId}/submit', { params, version: 3 });
    expect((await officer.call('POST /rule-drafts/{ruleId}/approve', { params, version: 4 })).code).toBe(
      'RULE_DRAFT_OWN',
    );
    const back = await done(admin, 'POST /rule-drafts/{ruleId}/reject', {
      params,
      version: 4,
      body: { reason: 'Thêm độ trễ' },
    });
    expect(back).toMatchObject({ state: 'draft', rejection: { reason: 'Thêm độ trễ' } });
    await done(officer, 'POST /rule-drafts/{ruleId}/submit', { params, version: 5 });
    expect((await done(admin, 'GET /rule-drafts', { query: { agency: ENVIRONMENT } })).items).toHaveLength(1);
    expect((await operator.call('GET /rules/{ruleId}', { params })).status).toBe(404);
    const live = await done(admin, 'POST /rule-drafts/{ruleId}/approve', { params, version: 6 });
    expect(live).toMatchObject({ ...fields, version: 1 });
    expect(live.approvedBy).not.toBe(live.createdBy);
    expect(await done(operator, 'GET /rules/{ruleId}', { params })).toEqual(live);

    const next = {
      ...fields,
      condition: { ...fields.condition, levels: [{ severity: 'minor' as const, limit: 60, hold: 0 }] },
    };
    await done(officer, 'POST /rule-drafts', { body: { ...params, agencyId: ENVIRONMENT, content: next } });
    const draft = await done(officer, 'GET /rule-drafts/{ruleId}', { params });
    // It would take a critical level away: that is as grave as adding one.
    expect(draft).toMatchObject({ basedOn: 1, reviewNeeded: true });
    expect(draft.changes.map(({ path }) => path)).toEqual(['condition.levels.critical', 'condition.levels.minor']);
    const elsewhere = await running.as('environment', POWER);
    for (const route of ['GET /rule-drafts/{ruleId}', 'GET /rules/{ruleId}/history'] as const) {
      expect((await elsewhere.call(route, { params })).status).toBe(404);
    }
    const away = await elsewhere.call('DELETE /rule-drafts/{ruleId}', { params, version: 1 });
    expect(away.status).toBe(404);
    await done(officer, 'DELETE /rule-drafts/{ruleId}', { params, version: 1 });
    const history = await done(officer, 'GET /rules/{ruleId}/history', { params });
    expect(history.versions).toMatchObject([{ rule: { version: 1 }, changes: [] }]);
    expect(history.steps.map(({ step }) => step).join(' ')).toBe(
      'created saved saved submitted rejected submitted approved created discarded',
    );
    await done(officer, 'DELETE /rules/{ruleId}', { params, version: 1 });
  });

  it('makes, checks, edits and withdraws a rule', async () => {
    const body = {
      agencyId: ENVIRONMENT,
      name: { vi: 'Bụi mịn cao gần trường', en: 'High PM2.5 near schools' },
      advice: null,
      enabled: true,
      quantity: PM,
      selection: { tags: ['school'] },
      condition: {
        kind: 'above' as const,
        levels: [
          { severity: 'minor' as const, limit: 35, hold: 0 as DurationMs },
          { severity: 'major' as const, limit: 20, hold: 0 as DurationMs },
        ],
        hysteresis: 2,
      },
      clearHold: 0 as DurationMs,
      judgeSuspect: true,
      endsUnacknowledged: [],
    };
    const verdict = await done(officer, 'POST /rules/validate', { body, headers: { 'accept-language': 'vi' } });
    expect(verdict).toMatchObject({ valid: false, seriesWatched: 1, problems: [{ code: 'LEVELS_OUT_OF_ORDER' }] });
    expect(verdict.problems[0]?.message).toMatch(/Mức nặng hơn/);
    expect((await officer.call('POST /rules', { body })).code).toBe('RULE_INVALID');
    const presets = await done(officer, 'GET /rule-presets');
    expect(presets.items.map(({ key }) => key)).toContain('vn_aqi.hourly');
    const drafted = await done(officer, 'POST /rule-presets/{presetKey}/draft', {
      params: { presetKey: 'vn_aqi.hourly' },
      body: { agencyId: ENVIRONMENT },
    });
    expect(drafted.enabled).toBe(false);
    expect((await done(operator, 'GET /indices')).items.map(({ key }) => key)).toContain('vn_aqi');
    const leChan = { params: { pointId: 'p-le-chan' as PointId } };
    expect((await done(operator, 'GET /points/{pointId}/indices', leChan)).items).toHaveLength(2);
    const good = { ...body, condition: { ...body.condition, levels: body.condition.levels.slice(0, 1) } };
    const rule = await done(officer, 'POST /rules', { body: good });
    const params = { ruleId: rule.id };
    const { agencyId: _, ...fields } = good;
    const span = { from: epochMs(1_790_000_000_000), to: epochMs(1_790_003_600_000) };
    const tried = await done(officer, 'POST /backtests', {
      body: { rule: { agencyId: ENVIRONMENT, ...fields }, ...span },
    });
    const backtest = { backtestId: tried.id };
    expect(await done(officer, 'GET /backtests/{backtestId}', { params: backtest })).toMatchObject({ id: tried.id });
    await done(officer, 'DELETE /backtests/{backtestId}', { params: backtest });
    const edited = await done(officer, 'PUT /rules/{ruleId}', {
      params,
      version: 1,
      body: { ...fields, enabled: false },
    });
    expect(edited.version).toBe(2);
    expect(await done(operator, 'GET /rules/{ruleId}', { params })).toMatchObject({ version: 2, enabled: false });
    expect((await done(operator, 'GET /rules/{ruleId}/versions', { params })).items).toHaveLength(2);
    expect((await done(operator, 'GET /rules', { query: { enabled: true } })).items).toHaveLength(1);
    await done(officer, 'DELETE /rules/{ruleId}', { params, version: 2 });
    expect((await operator.call('GET /rules/{ruleId}', { params })).status).toBe(404);
  });

  it('works on incidents', async () => {
    const series = await running.series('p-do-son', 'pm2_5');
    const raised = await Promise.all(
      [1, 2, 3, 4].map(async (minute) => {
        const { alarm, transitions } = aRaisedAlarm({
          ...{ series, pointId: 'p-do-son' as PointId },
          startedAt: epochMs(1_780_000_000_000 + minute * 60_000),
        });
        await running.registry.ruleState.commit({
          ...{ cursor: 0 as never, states: [], jointStates: [], outbox: [], changes: [{ alarm, transitions }] },
        });
        return alarm.id;
      }),
    );
    const [one, two, three, four] = raised as [AlarmId, AlarmId, AlarmId, AlarmId];
    const first = await done(operator, 'POST /incidents', { body: { alarms: [one, two], name: 'Khói bụi' } });
    const at = { params: { incidentId: first.id } };
    const { items } = await done(operator, 'GET /incidents/{incidentId}/members', at);
    expect(items.map(({ alarm }) => alarm?.id)).toEqual([one, two]);
    const part = await done(operator, 'POST /incidents/{incidentId}/split', {
      ...{ ...at, version: first.version, body: { members: [items[1]!.key] } },
    });
    const whole = await done(operator, 'POST /incidents/{incidentId}/merge', {
      ...{ ...at, version: first.version + 1, body: { from: part.id } },
    });
    expect(whole.members).toBe(2);
    await done(operator, 'POST /incidents/{incidentId}/unmerge', {
      ...{ params: { incidentId: part.id }, version: part.version + 1 },
    });
    const more = await done(operator, 'POST /incidents/{incidentId}/add', {
      ...{ ...at, version: whole.version + 1, body: { alarms: [three, four] } },
    });
    const less = await done(operator, 'POST /incidents/{incidentId}/remove', {
      ...{ ...at, version: more.version, body: { members: [items[0]!.key] } },
    });
    const named = await done(operator, 'POST /incidents/{incidentId}/name', {
      ...{ ...at, version: less.version, body: { name: 'Đồ Sơn' } },
    });
    expect(named).toMatchObject({ name: 'Đồ Sơn', members: 2 });
    await done(operator, 'POST /incidents/{incidentId}/comment', { ...at, body: { note: 'Đã cử người' } });
    expect(await done(operator, 'POST /incidents/{incidentId}/acknowledge', { ...at, body: {} })).toEqual({
      ...{ acknowledged: 2, refused: [], left: 0 },
    });
    expect(await done(operator, 'GET /incidents/{incidentId}', at)).toMatchObject({
      ...{ unacknowledged: 0, evidence: [{ key: 'incident.evidence.hand' }], points: ['p-do-son'] },
    });
    expect(await done(operator, 'GET /incidents/{incidentId}/network', at)).toEqual({ nodes: [], total: 0 });
    const { items: history } = await done(operator, 'GET /incidents/{incidentId}/history', at);
    expect(history.at(-1)).toMatchObject({ kind: 'acknowledged', members: 2, byName: 'Person operator-env' });
    const found = await done(operator, 'GET /incidents', { query: { alarm: three } });
    expect(found.items.map(({ id }) => id)).toEqual([first.id]);
    // The rest of the day is without them.
    for (const id of raised) {
      const alarm = await running.registry.as(SYSTEM).alarms.get(id);
      const over = { ...alarm, condition: 'cleared' as const, endedAt: alarm.startedAt, version: alarm.version + 1 };
      const line = {
        ...{ alarmId: id, index: over.version, kind: 'ended' as const, by: null, note: null, value: null },
      };
      const times = { eventTime: alarm.startedAt, recordedAt: alarm.startedAt, severity: alarm.severity };
      const change = { alarm: over, transitions: [{ ...line, ...times }] };
      await running.registry.ruleState.commit({
        ...{ cursor: 0 as never, states: [], jointStates: [], outbox: [], changes: [change] },
      });
    }
  });

  it('works on alarms', async () => {
    const series = await running.series('p-le-chan', 'pm2_5');
    const raise = async (minute: number, change: Partial<Alarm> = {}): Promise<Alarm> => {
      const { alarm, transitions } = aRaisedAlarm({
        series,
        startedAt: epochMs(1_790_000_000_000 + minute * 60_000),
        ...change,
      });
      await running.registry.ruleState.commit({
        cursor: minute as never,
        states: [],
        jointStates: [],
        changes: [{ alarm, transitions }],
        outbox: [],
      });
      running.bus.publish('alarm.changed', { alarm, transitions });
      return alarm;
    };
    const [one, two, three] = [await raise(1), await raise(2), await raise(3, { condition: 'cleared' })];
    expect(
      (await done(operator, 'GET /alarms', { query: { open: true, severity: 'major,critical', limit: 2 } })).items,
    ).toHaveLength(2);
    expect((await done(operator, 'GET /alarms/counts')).items.reduce((sum, { count }) => sum + count, 0)).toBe(3);
    const params = { alarmId: one.id };
    const step = await done(operator, 'POST /alarms/{alarmId}/acknowledge', { params, body: {} });
    // Twice is once.
    expect((await done(operator, 'POST /alarms/{alarmId}/acknowledge', { params, body: {} })).version).toBe(
      step.version,
    );
    await done(operator, 'POST /alarms/{alarmId}/start-work', { params });
    const commented = await done(operator, 'POST /alarms/{alarmId}/comment', {
      params,
      body: { note: 'Đang kiểm tra' },
    });
    const to = await running.person('operator-env', []);
    const assigned = await done(operator, 'POST /alarms/{alarmId}/assign', {
      params,
      version: commented.version,
      body: { to },
    });
    expect(assigned.assignee).toBe(to);
    const stale = await operator.call('POST /alarms/{alarmId}/assign', {
      params,
      version: commented.version,
      body: { to: null },
    });
    expect(stale).toMatchObject({ status: 412, code: 'VERSION_STALE' });
    const stranger = await running.person('viewer-power', [{ agencyId: POWER, role: 'viewer' }]);
    const wrong = await operator.call('POST /alarms/{alarmId}/assign', {
      params,
      version: assigned.version,
      body: { to: stranger },
    });
    expect(wrong.code).toBe('REFERENCE_MISSING');
    const early = await operator.call('POST /alarms/{alarmId}/resolve', {
      params,
      version: assigned.version,
      body: { note: 'x' },
    });
    expect(early).toMatchObject({ status: 409, code: 'INVALID_STATE' });

    const until = epochMs(running.clock() + 3_600_000);
    const shelved = await done(operator, 'POST /alarms/{alarmId}/shelve', {
      params,
      version: assigned.version,
      body: { reason: 'Đang bảo trì', until },
    });
    expect(shelved.suppression).toMatchObject({ kind: 'shelved', reason: 'Đang bảo trì', until });
    await done(operator, 'POST /alarms/{alarmId}/unshelve', { params, version: shelved.version });
    expect(await done(operator, 'GET /alarms/{alarmId}', { params })).toMatchObject({ suppression: null });
    expect((await done(operator, 'GET /alarms/{alarmId}/history', { params })).items.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining([
        'activated',
        'acknowledged',
        'work_started',
        'commented',
        'assigned',
        'suppressed',
        'unsuppressed',
      ]),
    );
    const resolved = await done(operator, 'POST /alarms/{alarmId}/resolve', {
      params: { alarmId: three.id },
      version: three.version,
      body: { note: 'Mưa đã rửa trôi' },
    });
    expect(resolved).toMatchObject({ work: 'resolved' });
    const bulk = await done(operator, 'POST /alarms/acknowledge', { body: { ids: [two.id, 'no-such' as AlarmId] } });
    expect(bulk).toMatchObject({ acknowledged: [{ id: two.id }], refused: [{ id: 'no-such', code: 'NOT_FOUND' }] });
    const back = { params: { alarmId: two.id } };
    expect(await done(operator, 'POST /alarms/{alarmId}/take-back-acknowledgement', back)).toMatchObject({
      work: 'new',
    });
    const steps = await done(operator, 'POST /alarms/steps', {
      body: {
        items: [two.id, 'no-such' as AlarmId].map((id) => ({ id, version: 1 })),
        step: { kind: 'comment', note: 'Cùng một đám khói' },
      },
    });
    expect(steps).toMatchObject({ taken: [{ id: two.id }], refused: [{ id: 'no-such', code: 'NOT_FOUND' }] });
    const now = running.clock();
    const health = await done(operator, 'GET /alarm-health', { query: { from: now - 86_400_000 * 30, to: now } });
    expect(health).toMatchObject({ operators: 1, bars: { stepMs: 21_600_000 } });
  });

  it('looks into quarantine', async () => {
    const held = ['q1', 'q2', 'q3'].map((id) => ({
      id: id as QuarantineId,
      deviceId: 'air-le-chan' as DeviceId,
      agencyId: ENVIRONMENT,
      transport: 'mqtt' as const,
      topic: 'hd/v1/air-le-chan/telemetry',
      bytes: new Uint8Array([1, 2, 3]),
      arrivalTime: running.clock(),
      problems: [{ index: 0, quantity: null, code: 'MALFORMED' as const, detail: 'not JSON' }],
    }));
    await running.quarantine.hold(held);
    const page = await done(installer, 'GET /quarantine', { query: { limit: 2, code: 'MALFORMED' } });
    expect(page.items.map(({ id }) => id)).toEqual(['q3', 'q2']);
    const rest = await done(installer, 'GET /quarantine', { query: { limit: 2, after: page.next ?? '' } });
    expect(rest).toMatchObject({ items: [{ id: 'q1', sizeBytes: 3 }], next: null });
    const params = { quarantineId: 'q1' };
    await done(installer, 'GET /quarantine/{quarantineId}', { params });
    await done(installer, 'GET /quarantine/{quarantineId}/bytes', { params });
    const replayed = await done(installer, 'POST /quarantine/replay', { body: { ids: ['q1' as QuarantineId] } });
    expect(replayed.items).toEqual([{ id: 'q1', accepted: 1, problems: [] }]);
    await done(installer, 'DELETE /quarantine/{quarantineId}', { params: { quarantineId: 'q2' } });
    for (const [targetId, action] of [
      ['q1', 'quarantine.replay'],
      ['q2', 'quarantine.discard'],
    ] as const)
      expect((await done(admin, 'GET /audit', { query: { targetId } })).items, action).toMatchObject([
        { action, targetKind: 'quarantined_message', actor: { kind: 'person' } },
      ]);
    expect((await done(installer, 'GET /quarantine/counts')).items).toEqual([
      { deviceId: 'air-le-chan', code: 'MALFORMED', messages: 1 },
    ]);
    expect((await done(platform, 'GET /quarantine/counts')).status).toMatchObject({ messages: expect.any(Number) });
  });

  it('shares, hands out keys, and finds it all in the audit', async () => {
    const made = await done(admin, 'POST /api-keys', {
      body: { agencyId: ENVIRONMENT, name: 'k', roles: [{ agencyId: ENVIRONMENT, role: 'viewer' }], expiresAt: null },
    });
    expect((await done(admin, 'GET /api-keys')).items).toHaveLength(1);
    await done(admin, 'DELETE /api-keys/{apiKeyId}', { params: { apiKeyId: made.apiKey.id } });
    const grant = await done(admin, 'POST /grants', {
      body: { agencyId: ENVIRONMENT, toAgencyId: POWER, domain: 'environment', siteId: null, tag: null },
    });
    expect((await done(admin, 'GET /grants')).items).toEqual([grant]);
    await done(admin, 'DELETE /grants/{grantId}', { params: { grantId: grant.id } });
    await running.registry.notices.raise({
      id: 'n',
      kind: 'store.away',
      agencyId: null,
      deviceId: null,
      text: { key: 'notice.store.away' },
      at: running.clock(),
    });
    expect((await done(operator, 'GET /notices')).items).toHaveLength(1);
    const audit = await done(admin, 'GET /audit', { query: { limit: 1000 } });
    const actions = audit.items.map(({ action }) => action);
    expect(actions).toEqual(
      expect.arrayContaining([
        'user.create',
        'rule.update',
        'alarm.acknowledge',
        'grant.create',
        'device.create',
        'rule.withdraw',
      ]),
    );
    expect(JSON.stringify(audit)).not.toMatch(/argon2|"secretSha256"|tokenSha256/);
    const whole = await running.registry.as(SYSTEM).audit.list({}, { limit: 1000 });
    expect(whole.items.length).toBeGreaterThan(audit.items.length);
  });

  it('warns the public: from an alarm and by hand, changed, refused, taken back', async () => {
    const [alarm] = (await done(operator, 'GET /alarms', { query: { limit: 1 } })).items;
    const started = await done(operator, 'POST /warnings/from-alarm', { body: { alarmId: alarm?.id as AlarmId } });
    const at = ({ id, version }: { readonly id: WarningId; readonly version: number }) => ({
      params: { warningId: id },
      version,
    });
    await done(operator, 'DELETE /warnings/{warningId}/proposal', at(started));
    const expires = epochMs(running.clock() + 3_600_000);
    const content = aFlood({ onset: null, expires }) as unknown as WarningWire['issued'][number]['content'];
    const draft = await done(operator, 'POST /warnings', { body: { agencyId: ENVIRONMENT, content } });
    const body = { content: { ...content, severity: 'Extreme' as const } };
    const edited = await done(operator, 'PUT /warnings/{warningId}', { ...at(draft), body });
    const { problems, xml } = await done(operator, 'POST /warnings/{warningId}/preview', { ...at(edited), body });
    expect([problems, xml.includes('<severity>Extreme</severity>')]).toEqual([[], true]);
    const waiting = await done(operator, 'POST /warnings/{warningId}/submit', at(edited));
    const inForce = await done(officer, 'POST /warnings/{warningId}/approve', at(waiting));
    const reason = { vi: 'Nước đã rút', en: 'The water has gone down' };
    const update = await done(operator, 'POST /warnings/{warningId}/update', { ...at(inForce), body: { reason } });
    const again = await done(operator, 'POST /warnings/{warningId}/submit', at(update));
    const refused = await done(officer, 'POST /warnings/{warningId}/reject', {
      ...at(again),
      body: { reason: 'Chưa đủ số liệu' },
    });
    const dropped = await done(operator, 'DELETE /warnings/{warningId}/proposal', at(refused));
    const cancel = await done(operator, 'POST /warnings/{warningId}/cancel', { ...at(dropped), body: { reason } });
    await done(officer, 'POST /warnings/{warningId}/approve', at(cancel));
    expect(await done(operator, 'GET /warnings/{warningId}', at(draft))).toMatchObject({ phase: 'cancelled' });
    expect((await done(operator, 'GET /warnings/{warningId}/versions', at(draft))).items).toHaveLength(10);
    expect((await done(operator, 'GET /warnings', { query: { open: false } })).items).toHaveLength(2);
    expect((await done(running.anonymous(), 'GET /warnings/published')).items).toMatchObject([{ phase: 'cancelled' }]);
  });

  it('puts a point under maintenance, makes it longer and ends it', async () => {
    const until = epochMs(running.clock() + 3_600_000);
    const made = await done(operator, 'POST /suppressions', {
      body: {
        kind: 'maintenance',
        scope: { kind: 'point', pointId: 'p-le-chan' as PointId },
        reason: 'Thay cảm biến',
        until,
      },
    });
    expect((await done(operator, 'GET /suppressions/points', {})).items).toMatchObject([
      { pointId: 'p-le-chan', until },
    ]);
    const params = { windowId: made.id };
    const longer = await done(operator, 'POST /suppressions/{windowId}/extend', {
      params,
      version: made.version,
      body: { until: epochMs(until + 1) },
    });
    await done(operator, 'POST /suppressions/{windowId}/end', { params, version: longer.version });
    expect(await done(operator, 'GET /suppressions/{windowId}', { params })).toMatchObject({ phase: 'over' });
    expect((await done(operator, 'GET /suppressions/{windowId}/versions', { params })).items).toHaveLength(3);
    expect((await done(operator, 'GET /suppressions', { query: { over: true } })).items).toHaveLength(1);
  });

  it('writes the shift’s log, hands the shift over, takes it over and sends the record', async () => {
    const params = { agencyId: ENVIRONMENT };
    await done(admin, 'PUT /shifts/{agencyId}/plan', { params, version: 0, body: { startMinutes: [420, 1_140] } });
    await done(operator, 'POST /shifts/{agencyId}/duty', { params, body: { step: 'join' } });
    await done(operator, 'POST /shifts/{agencyId}/notes', { params, body: { text: 'Mưa to ở Lê Chân' } });
    const shift = await done(operator, 'GET /shifts/{agencyId}', { params });
    expect(shift).toMatchObject({ onDuty: [{ userName: 'Person operator-env' }], waiting: null });
    expect(shift.summary.notes).toMatchObject([{ note: { text: 'Mưa to ở Lê Chân' } }]);
    const log = await done(operator, 'GET /shifts/{agencyId}/log', { params, query: { ...shift.covers } });
    expect(log.entries.map(({ kind }) => kind)).toContain('note');
    const signed = await done(operator, 'POST /shifts/{agencyId}/handovers', {
      params,
      body: { basedOn: shift.covers.from, remark: 'Theo dõi mực nước' },
    });
    const ofHandover = { params: { handoverId: signed.id } };
    expect(await done(officer, 'GET /handovers/{handoverId}', ofHandover)).toEqual(signed);
    await done(officer, 'POST /handovers/{handoverId}/receive', ofHandover);
    expect((await done(officer, 'GET /shifts/{agencyId}/handovers', { params })).items).toMatchObject([
      { id: signed.id, receivedByName: 'Person environment-env' },
    ]);
    const {
      version: _,
      browsers: __,
      hasMail,
      vapidPublicKey: ___,
      siteTimeZone: ____,
      ...wishes
    } = (await officer.call('GET /notifications/mine')).body;
    expect(hasMail).toBe(true);
    await officer.call('PUT /notifications/mine', { body: { ...wishes, email: 'ha@hd.example', version: 0 } });
    const receivers = await done(operator, 'GET /shifts/{agencyId}/recipients', { params });
    const { userId } = receivers.items.find(({ hasAddress }) => hasAddress)!;
    const sent = await done(operator, 'POST /handovers/{handoverId}/send', { ...ofHandover, body: { to: [userId] } });
    expect(sent.items).toMatchObject([{ outcome: 'accepted' }]);
    expect(mail.mails).toMatchObject([{ to: ['ha@hd.example'] }]);
  });

  it('tells those who run the platform how readings go through it', async () => {
    const { stages, losses, processes, retention } = await done(platform, 'GET /operations');
    expect(retention.classes.map(({ key, dailySince }) => [key, dailySince !== null])).toEqual([
      ['environment', false],
      ['supply', false],
      ['traffic', false],
      ['hardware', true],
      ['computed', false],
    ]);
    expect(stages.find(({ stage }) => stage === 'journal')).toMatchObject({ state: 'ok', finding: null });
    expect(losses.length).toBeGreaterThan(10);
    expect(processes[0]?.load?.diskFreeBytes).toBeGreaterThan(0);
  });

  it('puts up a wall screen, which takes up its login, and revokes it', async () => {
    const what = {
      name: 'Phòng trực',
      agencies: [ENVIRONMENT],
      language: 'vi' as const,
      theme: 'dark' as const,
      views: [{ kind: 'alarms' as const, seconds: 20 }],
    };
    const made = await done(admin, 'POST /displays', { body: { agencyId: ENVIRONMENT, ...what } });
    const params = { displayId: made.display.id };
    const { code } = await done(admin, 'POST /displays/{displayId}/link', { params });
    const wall = running.anonymous();
    await done(wall, 'POST /display', { body: { code } });
    expect(await done(wall, 'GET /display', { headers: { 'x-display': 'b1' } })).toMatchObject(what);
    const { version } = await done(admin, 'GET /displays/{displayId}', { params });
    await done(admin, 'PUT /displays/{displayId}', { params, version, body: { ...what, name: 'Sảnh' } });
    expect((await done(admin, 'GET /displays')).items).toMatchObject([{ name: 'Sảnh', seen: { build: 'b1' } }]);
    await done(admin, 'DELETE /displays/{displayId}', { params });
  });

  it('exports readings, and takes files of a station', async () => {
    const span = {
      selection: { quantities: [PM] },
      from: epochMs(running.clock() - 31 * 86_400_000),
      to: running.clock(),
      step: null,
    };
    expect((await done(officer, 'POST /exports/estimate', { body: span })).series).toBeGreaterThan(0);
    const ordered = await done(officer, 'POST /exports', {
      body: { ...span, from: epochMs(running.clock() - 86_400_000), format: 'csv' },
    });
    const one = { params: { exportId: ordered.id } };
    await vi.waitFor(
      async () => expect((await done(officer, 'GET /exports/{exportId}', one)).state).toBe('done'),
      10_000,
    );
    await done(officer, 'GET /exports/{exportId}/file', one);
    expect((await done(officer, 'GET /exports')).items).toHaveLength(1);
    await done(officer, 'DELETE /exports/{exportId}', one);

    const pm = { symbol: 'PM10', pointId: 'p-le-chan' as PointId, quantity: PM, unit: 'µg/Nm3' };
    const station = { province: 'HP', facility: 'CTY1', parameters: [pm], schedule: null };
    await done(officer, 'POST /stations', { body: { code: 'KHI001', agencyId: ENVIRONMENT, station } });
    const params = { stationCode: 'KHI001' };
    const { version } = await done(officer, 'GET /stations/{stationCode}', { params });
    const edited = await done(officer, 'PUT /stations/{stationCode}', { params, version, body: station });
    expect((await done(officer, 'GET /stations')).items).toHaveLength(1);
    const upload = (fileName: string) => ({
      query: { fileName },
      upload: { bytes: 'PM10\t12\tug/Nm3\t20260101120000\t00\r\n', type: 'text/plain' },
    });
    const name = 'HP_CTY1_KHI001_20260101120000.txt';
    expect((await done(officer, 'POST /station-files/preview', upload(name))).counts.readings).toBe(1);
    expect((await done(officer, 'POST /station-files', upload(name))).state).toBe('imported');
    const failed = await done(officer, 'POST /station-files', upload('HP_CTY1_NUO9_20260101120000.txt'));
    expect((await done(officer, 'GET /station-files', { query: { state: 'failed' } })).items).toHaveLength(1);
    // One that was uploaded lies in no folder: it is sent again by who has it.
    const again = await officer.call('POST /station-files/{fileKey}/retry', { params: { fileKey: failed.key } });
    expect(again.status).toBe(404);
    // Success of this one is shown with a real folder, in station-files.test.ts.
    answered.add('POST /station-files/{fileKey}/retry');
    await done(officer, 'GET /station-files/status');
    await done(officer, 'DELETE /stations/{stationCode}', { params, version: edited.version });
  });

  it('says who is to be told of what, and tries it', async () => {
    const phone = aBrowser();
    const outside = await openOutside();
    const mine = await done(operator, 'GET /notifications/mine');
    expect(mine).toMatchObject({ version: 0, email: null, browsers: [], hasMail: true });
    const wished = await done(operator, 'PUT /notifications/mine', {
      body: {
        email: 'truc@hd.example',
        timeZone: null,
        subscriptions: [
          {
            id: 's-1' as SubscriptionId,
            interest: { domains: ['environment'] },
            channels: { critical: ['email', 'web_push'], major: ['email'], minor: [], notice: [] },
          },
        ],
        quietHours: { from: 1320, to: 360, weekdays: [0, 1, 2, 3, 4, 5, 6], criticalPasses: true },
        grouping: 'domain',
        tellsCleared: true,
        version: 0,
      },
    });
    expect(wished).toMatchObject({ version: 1, email: 'truc@hd.example' });
    const browser = await done(operator, 'POST /notifications/mine/browsers', {
      body: { endpoint: `${outside.url}/push`, keys: { p256dh: phone.p256dh, auth: phone.auth }, label: 'Điện thoại' },
    });
    outside.answers(status(201));
    expect(
      await done(operator, 'POST /notifications/mine/test', { body: { channel: 'web_push', browserId: browser.id } }),
    ).toEqual({ outcome: 'accepted', answer: 'HTTP 201' });
    expect(phone.open(outside.received[0]!.body)).toMatchObject({ title: 'Test message from Hải Đăng' });
    expect((await done(operator, 'GET /notifications/mine/messages')).items).toMatchObject([
      { kind: 'test', state: 'accepted', address: 'Điện thoại' },
    ]);
    await done(operator, 'DELETE /notifications/mine/browsers/{browserId}', { params: { browserId: browser.id } });

    const policy = await done(officer, 'POST /escalation-policies', {
      body: {
        agencyId: ENVIRONMENT,
        name: 'Ca trực',
        enabled: true,
        interest: {},
        steps: [{ after: 0 as DurationMs, roles: ['operator'], people: [], webhooks: [], channels: ['email'] }],
        repeat: null,
        stopsOn: 'acknowledged',
        passesQuietHours: false,
      },
    });
    const { id: policyId, agencyId: _, version: __, ...policyParts } = policy;
    await done(officer, 'PUT /escalation-policies/{policyId}', {
      params: { policyId },
      version: 1,
      body: { ...policyParts, enabled: false },
    });
    expect((await done(officer, 'GET /escalation-policies')).items).toMatchObject([{ enabled: false, version: 2 }]);
    await done(officer, 'DELETE /escalation-policies/{policyId}', { params: { policyId } });

    expect((await done(officer, 'GET /notifications/templates')).items.map(({ key }) => key)).toContain('zalo-oa');
    const { webhook, secret } = await done(officer, 'POST /webhooks', {
      body: {
        agencyId: ENVIRONMENT,
        template: 'hai-dang',
        name: 'Phòng trực',
        enabled: true,
        fields: { url: `${outside.url}/hook` },
        interest: {},
        grouping: 'domain',
        language: 'vi',
        tellsCleared: true,
        messagesPerHour: 100,
      },
    });
    expect(secret).toMatch(/^whsec_/);
    const params = { webhookId: webhook.id };
    outside.answers(status(404));
    expect(await done(officer, 'POST /webhooks/{webhookId}/test', { params })).toEqual({
      outcome: 'refused',
      answer: 'HTTP 404',
    });
    const { items } = await done(officer, 'GET /notifications/messages', { query: { state: 'dead' } });
    expect(items).toMatchObject([{ recipient: 'Phòng trực', channel: 'webhook', answer: 'HTTP 404' }]);
    const [dead] = items;
    expect(
      await done(officer, 'POST /notifications/messages/{messageId}/resend', { params: { messageId: dead!.id } }),
    ).toMatchObject({ state: 'waiting' });
    const added = await done(officer, 'POST /webhooks/{webhookId}/keys', { params });
    await done(officer, 'DELETE /webhooks/{webhookId}/keys/{keyId}', { params: { ...params, keyId: added.id } });
    const { id: ___, agencyId: ____, template, signingKeys, version, ...webhookParts } = webhook;
    expect([template, signingKeys.length, version]).toEqual(['hai-dang', 1, 1]);
    await done(officer, 'PUT /webhooks/{webhookId}', { params, version: 1, body: { ...webhookParts, enabled: false } });
    expect((await done(officer, 'GET /webhooks')).items).toMatchObject([{ enabled: false }]);
    await done(officer, 'DELETE /webhooks/{webhookId}', { params });

    const [alarm] = (await done(operator, 'GET /alarms')).items;
    const told = await done(operator, 'GET /alarms/{alarmId}/notifications', { params: { alarmId: alarm!.id } });
    expect(told.items).toEqual([]);
    await outside.close();
  });

  it('shows a grant’s effect before it is made, and how people get in', async () => {
    const grant = { agencyId: ENVIRONMENT, toAgencyId: POWER, domain: null, siteId: null, tag: null };
    const effect = await done(admin, 'POST /grants/effect', { body: grant });
    expect(effect.points).toBeGreaterThan(0);
    expect((await done(admin, 'GET /sharing/partners')).items.map(({ id }) => id)).toContain(POWER);
    const agency = { params: { agencyId: ENVIRONMENT } };
    expect(await done(admin, 'GET /agencies/{agencyId}/holdings', agency)).toMatchObject({ points: effect.points });
    expect((await admin.call('GET /agencies/{agencyId}/holdings', { params: { agencyId: POWER } })).status).toBe(404);

    const roles = [{ agencyId: ENVIRONMENT, role: 'viewer' as const }];
    const user = await done(admin, 'POST /users', {
      body: { loginName: 'minh', displayName: 'Minh', language: 'vi', roles },
    });
    const params = { userId: user.id };
    const { path } = await done(admin, 'POST /users/{userId}/invitation', { params });
    const redemption = { token: path.split('#')[1] ?? '', password: 'chosen by herself' };
    expect(await done(running.anonymous(), 'POST /invitations/redeem', { body: redemption })).toEqual({
      loginName: 'minh',
    });
    expect((await running.anonymous().call('POST /invitations/redeem', { body: redemption })).code).toBe(
      'INVITATION_OVER',
    );
    for (let n = 0; n < 2; n++) await ApiClient.signIn(running.url, 'minh', redemption.password);
    const [session] = (await done(admin, 'GET /users/{userId}/sessions', { params })).items;
    const one = { params: { ...params, sessionId: session!.id } };
    await done(admin, 'DELETE /users/{userId}/sessions/{sessionId}', one);
    expect((await done(admin, 'GET /users/{userId}/sessions', { params })).items).toHaveLength(1);
    await done(admin, 'DELETE /users/{userId}/sessions', { params });
    expect((await done(admin, 'GET /users/{userId}/sessions', { params })).items).toEqual([]);
  });

  it('keeps views under a name', async () => {
    const draft = {
      kind: 'chart',
      name: 'Lê Chân',
      content: { lines: 'p-le-chan~pm2_5', period: 'h24' },
      sharedWith: null,
    } as const;
    const made = await done(operator, 'POST /me/views', { body: draft });
    const params = { viewId: made.id };
    expect(made).toMatchObject({ ...draft, owner: expect.any(String), version: 1 });
    const shared = { ...draft, name: 'Lê Chân, bụi', sharedWith: ENVIRONMENT };
    await done(operator, 'PUT /me/views/{viewId}', { params, version: 1, body: shared });
    expect(await done(officer, 'GET /me/views/{viewId}', { params })).toMatchObject({ ...shared, version: 2 });
    expect((await done(officer, 'GET /me/views', { query: { kind: 'chart' } })).items).toHaveLength(1);
    expect((await officer.call('PUT /me/views/{viewId}', { params, version: 2, body: draft })).status).toBe(403);
    for (const content of [{ lines: 'all' }, { severities: 'critical' }, { from: 'x'.repeat(41) }])
      expect((await operator.call('POST /me/views', { rawBody: { ...draft, content } })).code).toBe('INPUT_INVALID');
    await done(operator, 'DELETE /me/views/{viewId}', { params, version: 2 });
    expect((await done(operator, 'GET /me/views')).items).toEqual([]);
  });

  it('has called every route there is with success', () => {
    expect(Object.keys(ROUTES).filter((key) => !answered.has(key as ApiRoute))).toEqual([]);
  });
});
