import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceId, DeviceModelId } from '../../domain/identifiers.ts';
import type { ProvisioningKey } from '../../domain/provisioning.ts';
import { epochMs } from '../../domain/time.ts';
import { issue } from '../ingest/certificate-chain.ts';
import { ApiClient } from './api-client.ts';
import { ENVIRONMENT, PASSWORD, POWER, type RunningApi, runApi } from './running-api.ts';

let running: RunningApi;
let installer: ApiClient;
let platform: ApiClient;
let admin: ApiClient;
beforeAll(async () => {
  running = await runApi({ limits: { claimTriesPerDevice: 3, claimTriesPerPerson: 8, importRows: 20 } });
  installer = await running.as('installer');
  admin = await running.as('agency_admin');
  platform = await running.as('platform_admin');
});
afterAll(() => running.close());

const inStock = (id: string, modelId = 'air-1') =>
  installer.call('POST /devices', {
    body: { id: id as DeviceId, agencyId: ENVIRONMENT, modelId: modelId as DeviceModelId, serialNumber: null },
  });
const codeOf = async (id: string): Promise<string> =>
  (await installer.call('POST /devices/{deviceId}/claim-code', { params: { deviceId: id }, body: {} })).body.code;
const person = async (name: string, ...agencies: (typeof ENVIRONMENT)[]): Promise<ApiClient> => {
  await running.person(
    name,
    agencies.map((agencyId) => ({ agencyId, role: 'installer' })),
  );
  return ApiClient.signIn(running.url, name, PASSWORD);
};
const upload = (client: ApiClient, csv: string, query = {}) =>
  client.call('POST /device-imports', { upload: { bytes: csv, type: 'text/csv' }, query });

describe('claiming by label', () => {
  it('tells nobody whether a device exists that they can’t see: unknown ones and wrong codes look the same', async () => {
    await inStock('hidden-1');
    await codeOf('hidden-1');
    const stranger = await person('stranger', POWER);
    const claim = (deviceId: string) =>
      stranger.call('POST /claims', { body: { deviceId: deviceId as DeviceId, code: 'AAAA-AAAA-AAAA' } });
    const [known, unknown] = [await claim('hidden-1'), await claim('never-made')];
    expect([known.status, known.code]).toEqual([422, 'CLAIM_REFUSED']);
    expect(unknown.text.replaceAll('never-made', '')).toBe(known.text.replaceAll('hidden-1', ''));
  });

  it('holds guessing back: for a device after a few tries by anyone, for a person after a few devices', async () => {
    await inStock('guessed-1');
    const code = await codeOf('guessed-1');
    const guesser = await person('guesser', ENVIRONMENT);
    const claim = (client: ApiClient, deviceId: string, given: string) =>
      client.call('POST /claims', { body: { deviceId: deviceId as DeviceId, code: given } });
    for (let i = 0; i < 3; i++) expect((await claim(guesser, 'guessed-1', `wrong-${i}`)).code).toBe('CLAIM_REFUSED');
    const held = await claim(await person('honest', ENVIRONMENT), 'guessed-1', code);
    expect([held.status, held.code, Number(held.headers.get('retry-after')) > 0]).toEqual([
      429,
      'TOO_MANY_REQUESTS',
      true,
    ]);
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 6; i++) codes.push((await claim(guesser, `other-${i}`, 'wrong')).code);
    expect(codes.at(-1)).toBe('TOO_MANY_REQUESTS');
  });

  it('asks which agency it is for when the installer works for two', async () => {
    await running.registry.as({ kind: 'system', name: 'test' }).models.create({
      ...(await running.registry.as({ kind: 'system', name: 'test' }).models.get('air-1' as DeviceModelId)),
      id: 'air-any' as DeviceModelId,
      agencyId: null,
    });
    await inStock('shared-1', 'air-any');
    const body = { deviceId: 'shared-1' as DeviceId, code: await codeOf('shared-1') };
    const both = await person('both', ENVIRONMENT, POWER);
    expect((await both.call('POST /claims', { body })).code).toBe('INPUT_INVALID');
    const heard: string[] = [];
    const leave = running.bus.subscribe('device.changed', ({ deviceId }) => heard.push(deviceId));
    const claimed = await both.call('POST /claims', { body: { ...body, agencyId: POWER } });
    leave();
    expect(claimed.body).toMatchObject({ state: 'claimed', agencyId: POWER });
    expect(heard).toEqual(['shared-1']);
    // The answer got lost, the phone asks again.
    expect((await both.call('POST /claims', { body: { ...body, agencyId: POWER } })).status).toBe(201);
    const late = await installer.call('POST /claims', { body });
    expect([late.status, late.code]).toEqual([409, 'CLAIM_USED']);
    expect((await installer.call('GET /devices/{deviceId}', { params: { deviceId: 'shared-1' } })).status).toBe(404);
  });

  it('prints labels only of what the caller looks after', async () => {
    const order = { deviceIds: ['meter-tba' as DeviceId], format: 'roll-62' as const };
    expect((await installer.call('POST /device-labels', { body: order })).code).toBe('REFERENCE_MISSING');
    // A device out in the street has a label without a code.
    const street = await installer.call('POST /device-labels', {
      body: { ...order, deviceIds: ['air-le-chan' as DeviceId], language: 'en' },
    });
    expect([street.status, street.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(street.headers.get('content-disposition')).toContain('device-labels.pdf');
    const seen = async (client: ApiClient) =>
      (await client.call('GET /device-labels')).body.items.flatMap(({ deviceIds }) => deviceIds);
    expect(await seen(installer)).toContain('air-le-chan');
    expect(await seen(await person('label-stranger', POWER))).toEqual([]);
  });
});

describe('a sheet', () => {
  it('must say whose it is when the caller has the right in several agencies', async () => {
    expect((await upload(platform, 'id,model\n')).code).toBe('INPUT_INVALID');
    expect((await upload(platform, 'id,model\n', { agency: POWER })).status).toBe(201);
    expect((await upload(installer, 'id,model\n', { agency: POWER })).status).toBe(404);
  });

  it('is refused with the reason in the caller’s language', async () => {
    const refused = await installer.call('POST /device-imports', {
      upload: { bytes: `id,model\n${'a,b\n'.repeat(21)}`, type: 'text/csv' },
      headers: { 'accept-language': 'vi' },
    });
    expect([refused.status, refused.code]).toEqual([422, 'IMPORT_UNREADABLE']);
    expect(refused.text).toContain('tối đa 20');
    expect((await upload(installer, '')).status).toBe(422);
    const json = await installer.call('POST /device-imports', { upload: { bytes: '{}', type: 'application/json' } });
    expect([json.status, json.code]).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
  });

  it('pages through its rows, and shows one kind of outcome alone', async () => {
    const rows = Array.from({ length: 9 }, (_, i) => `page-${i},${i % 3 === 0 ? 'none' : 'air-1'}`);
    const { body } = await upload(installer, ['id,model', ...rows].join('\n'));
    const params = { importId: body.id };
    const seen: number[] = [];
    let after: string | null = '0';
    while (after !== null) {
      const page: { items: readonly { line: number }[]; next: string | null } = (
        await installer.call('GET /device-imports/{importId}/rows', { params, query: { limit: 4, after } })
      ).body;
      seen.push(...page.items.map(({ line }) => line));
      after = page.next;
    }
    expect(seen).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const wrong = await installer.call('GET /device-imports/{importId}/rows', { params, query: { kind: 'error' } });
    expect(wrong.body.items.map(({ line }) => line)).toEqual([2, 5, 8]);
  });

  it('sent again after a lost answer is kept once', async () => {
    const headers = { 'idempotency-key': 'sheet-1' };
    const send = (bytes: string) =>
      installer.call('POST /device-imports', { upload: { bytes, type: 'text/csv' }, headers });
    const [first, second] = [await send('id,model\nonce-1,air-1\n'), await send('id,model\nonce-1,air-1\n')];
    expect(second.body.id).toBe(first.body.id);
    expect((await send('id,model\nonce-2,air-1\n')).code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('is exported as both kinds of file, and the export changes nothing when it comes back', async () => {
    const csv = await installer.call('GET /device-export');
    const xlsx = await installer.call('GET /device-export', { query: { format: 'xlsx' } });
    for (const [file, type] of [
      [csv, 'text/csv'],
      [xlsx, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ] as const) {
      expect(file.headers.get('content-type')).toContain(type);
      const back = await installer.call('POST /device-imports', { upload: { bytes: file.bytes, type } });
      expect(back.body.counts).toEqual({ create: 0, unchanged: expect.any(Number), error: 0 });
      expect(back.body.counts.unchanged).toBeGreaterThan(1);
    }
  });
});

describe('steps', () => {
  it('noted on a phone without network happened when they happened, but never in the future', async () => {
    await inStock('offline-1');
    const params = { deviceId: 'offline-1' };
    const at = epochMs(running.clock() - 3_600_000);
    await installer.call('POST /devices/{deviceId}/steps', { params, body: { step: 'claim', at } });
    const { items } = (await installer.call('GET /devices/{deviceId}/activities', { params })).body;
    expect(items[0]).toMatchObject({ kind: 'state_changed', eventTime: at });
    expect(items[0]?.recordedAt).toBeGreaterThan(at);
    const future = await installer.call('POST /devices/{deviceId}/steps', {
      params,
      body: { step: 'retire', reason: 'x', at: epochMs(running.clock() + 3_600_000) },
    });
    expect(future.code).toBe('INPUT_INVALID');
  });

  it('that retire a device close its connection: every credential is said to have ended', async () => {
    await inStock('ending-1');
    const params = { deviceId: 'ending-1' };
    const made = await installer.call('POST /devices/{deviceId}/credentials', { params, body: {} });
    const ended: string[] = [];
    const leave = running.bus.subscribe('credential.revoked', ({ credentialId }) => ended.push(credentialId));
    await installer.call('POST /devices/{deviceId}/steps', { params, body: { step: 'retire', reason: 'hỏng' } });
    leave();
    expect(ended).toEqual([made.body.credential.id]);
  });

  it('are the agency’s own: what can’t be seen can’t be stepped or swapped in', async () => {
    const theirs = await installer.call('POST /devices/{deviceId}/steps', {
      params: { deviceId: 'meter-tba' },
      body: { step: 'retire', reason: 'x' },
    });
    expect(theirs.status).toBe(404);
    const swap = await installer.call('POST /devices/{deviceId}/swap', {
      params: { deviceId: 'air-le-chan' },
      body: { replacement: 'meter-tba' as DeviceId, reason: 'x' },
    });
    expect(swap.code).toBe('REFERENCE_MISSING');
  });
});

describe('profiles and authorities', () => {
  it('are administered in the agency: an installer sees none, another agency’s are not there', async () => {
    const body = {
      key: 'mine' as ProvisioningKey,
      agencyId: ENVIRONMENT,
      name: 'Đợt 1',
      modelIds: ['air-1' as DeviceModelId],
      stockListOnly: false,
      maximumDevices: null,
      enabled: true,
      expiresAt: null,
    };
    expect((await admin.call('POST /provisioning-profiles', { body })).status).toBe(201);
    const foreign = await admin.call('POST /provisioning-profiles', {
      body: { ...body, key: 'other' as ProvisioningKey, modelIds: ['meter-1' as DeviceModelId] },
    });
    expect(foreign.code).toBe('REFERENCE_MISSING');
    expect((await installer.call('GET /provisioning-profiles')).status).toBe(403);
    const theirs = await running.as('agency_admin', POWER);
    expect((await theirs.call('GET /provisioning-profiles')).body.items).toEqual([]);
    expect(
      (await theirs.call('POST /provisioning-profiles/{profileKey}/secret', { params: { profileKey: 'mine' } })).status,
    ).toBe(404);
  });

  it('take one certificate that may sign others, and say what is wrong with any other', async () => {
    const register = (certificatePem: string) =>
      admin.call('POST /certificate-authorities', {
        body: {
          agencyId: ENVIRONMENT,
          name: 'Hãng',
          modelId: 'air-1' as DeviceModelId,
          stockListOnly: false,
          maximumDevices: null,
          enabled: true,
          certificatePem,
        },
      });
    const authority = await issue({ name: 'Maker', issuer: null, isAuthority: true });
    const leaf = await issue({ name: 'leaf', issuer: authority });
    const past = await issue({ name: 'Past', issuer: null, isAuthority: true, valid: [-9, -1] });
    for (const [pem, words] of [
      ['hello', 'Exactly one'],
      ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'no X.509'],
      [leaf.pem, 'CA:TRUE'],
      [past.pem, 'expired'],
      [`${authority.pem}\n${leaf.pem}`, 'Exactly one'],
    ] as const) {
      const refused = await register(pem);
      expect([refused.status, refused.code]).toEqual([422, 'CERTIFICATE_INVALID']);
      expect(refused.text).toContain(words);
    }
    expect((await register(authority.pem)).body.subject).toBe('CN=Maker');
    expect((await register(authority.pem)).code).toBe('ALREADY_EXISTS');
  });
});
