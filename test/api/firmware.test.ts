import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceModelId } from '../../domain/identifiers.ts';
import { aMaker, signed } from '../firmware/firmware-street.ts';
import type { ApiClient } from './api-client.ts';
import { ENVIRONMENT, POWER, type RunningApi, runApi } from './running-api.ts';

const MODEL = 'air-1';
let running: RunningApi;
let admin: ApiClient;
let installer: ApiClient;
const maker = aMaker();
beforeAll(async () => {
  running = await runApi();
  admin = await running.as('agency_admin');
  installer = await running.as('installer');
});
afterAll(() => running.close());

const aKey = (publicKey = maker.publicPem, modelIds: readonly string[] = [], client = admin) =>
  client.call('POST /firmware/keys', {
    body: { agencyId: ENVIRONMENT, name: 'Maker', modelIds: modelIds as DeviceModelId[], publicKey },
  });
const type = 'application/octet-stream';
/** Uploads `bytes` as `claimed`, signed as what they are. */
function upload(
  bytes: Uint8Array,
  version: string,
  changed: Record<string, string> = {},
  by = installer,
  key = maker.privateKey,
) {
  const { signature } = signed(bytes, MODEL, version, key);
  const query = { agency: ENVIRONMENT, model: MODEL, version, signature, ...changed };
  return by.call('POST /firmware/images', { query, upload: { bytes, type } });
}
const room = async () => (await installer.call('GET /firmware/images')).body.room.bytes;

describe('keys', () => {
  it('are registered by who administers the agency, as PEM or base64, once', async () => {
    const { status, body } = await aKey();
    expect(status).toBe(201);
    expect(body.publicKey).toBe(maker.publicKey);
    expect((await aKey(maker.publicKey)).code).toBe('ALREADY_EXISTS');
    expect((await aKey(aMaker().publicPem, [], installer)).code).toBe('NOT_PERMITTED');
  });
  it.each([
    ['words', 'my key'],
    ['a private key', aMaker().privateKey.export({ type: 'pkcs8', format: 'pem' }) as string],
    ['too few bytes', Buffer.alloc(31).toString('base64')],
    ['a broken PEM', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'],
  ])('are not %s', async (_, text) => expect((await aKey(text)).code).toBe('FIRMWARE_KEY_INVALID'));
});

describe('an upload', () => {
  it('is kept when a registered key signed it, and is the same when it is sent again', async () => {
    const bytes = randomBytes(200_000);
    const first = await upload(bytes, '2.0.0', { notes: 'Sửa lỗi đồng hồ' });
    expect(first.status, first.text).toBe(201);
    expect(first.body).toMatchObject({
      version: '2.0.0',
      sizeBytes: 200_000,
      notes: 'Sửa lỗi đồng hồ',
      withdrawnAt: null,
    });
    expect((await upload(bytes, '2.0.0')).body.id).toBe(first.body.id);
    expect((await upload(randomBytes(10), '2.0.0')).code).toBe('ALREADY_EXISTS');
    expect(await room()).toBe(200_000);
  });

  it.each<[string, () => Promise<{ code: string | undefined }>, string]>([
    [
      'a byte was changed',
      () => {
        const bytes = randomBytes(1_000);
        const { signature } = signed(bytes, MODEL, '3.0.0', maker.privateKey);
        bytes[500] = (bytes[500] as number) ^ 1;
        return upload(bytes, '3.0.0', { signature });
      },
      'FIRMWARE_SIGNATURE_INVALID',
    ],
    [
      'it is shown under a newer version',
      () => {
        const bytes = randomBytes(1_000);
        return upload(bytes, '3.0.1', { signature: signed(bytes, MODEL, '3.0.0', maker.privateKey).signature });
      },
      'FIRMWARE_SIGNATURE_INVALID',
    ],
    [
      'it was signed for another model',
      () => {
        const bytes = randomBytes(1_000);
        return upload(bytes, '3.0.0', { signature: signed(bytes, 'meter-1', '3.0.0', maker.privateKey).signature });
      },
      'FIRMWARE_SIGNATURE_INVALID',
    ],
    [
      'a stranger signed it',
      () => upload(randomBytes(1_000), '3.0.0', {}, installer, aMaker().privateKey),
      'FIRMWARE_SIGNATURE_INVALID',
    ],
    ['it is empty', () => upload(Buffer.alloc(0), '3.0.0'), 'FIRMWARE_EMPTY'],
    ['it is too large', () => upload(randomBytes(400_001), '3.0.0'), 'BODY_TOO_LARGE'],
    ['its version is none', () => upload(randomBytes(10), '3.0.0', { version: 'latest' }), 'INPUT_INVALID'],
    ['the model is unknown', () => upload(randomBytes(10), '3.0.0', { model: 'no-such' }), 'REFERENCE_MISSING'],
  ])('is refused when %s, and leaves nothing behind', async (_, send, code) => {
    const before = await room();
    expect((await send()).code).toBe(code);
    expect(await room()).toBe(before);
  });

  it('is refused when there is no room, and has room again when an old one is withdrawn', async () => {
    const kept = [];
    for (const version of ['4.0.0', '4.0.1']) kept.push((await upload(randomBytes(390_000), version)).body);
    expect((await upload(randomBytes(390_000), '4.0.2')).code).toBe('FIRMWARE_DISK_FULL');
    for (const { id } of kept) await installer.call('DELETE /firmware/images/{imageId}', { params: { imageId: id } });
    expect((await upload(randomBytes(390_000), '4.0.2')).status).toBe(201);
  });

  it('that breaks off leaves nothing behind', async () => {
    const before = await room();
    const bytes = randomBytes(300_000);
    const { signature } = signed(bytes, MODEL, '5.0.0', maker.privateKey);
    const query = new URLSearchParams({ agency: ENVIRONMENT, model: MODEL, version: '5.0.0', signature });
    const stopping = new AbortController();
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(bytes.subarray(0, 50_000));
        setTimeout(() => stopping.abort(), 30);
        return new Promise(() => {});
      },
    });
    const headers = { 'content-type': type, cookie: installer.cookie ?? '', 'x-csrf-token': installer.csrfToken ?? '' };
    const sending = fetch(`${running.url}/api/v1/firmware/images?${query}`, {
      method: 'POST',
      headers,
      body,
      signal: stopping.signal,
      duplex: 'half',
    } as RequestInit);
    await expect(sending).rejects.toThrow();
    await expect.poll(room).toBe(before);
  });

  it('needs a key that may sign for the model, and one that was not revoked', async () => {
    const other = aMaker();
    const power = await running.as('agency_admin', POWER);
    const { privateKey } = other;
    const bytes = randomBytes(10);
    const { signature } = signed(bytes, 'meter-1', '1.0.0', privateKey);
    const send = () =>
      power.call('POST /firmware/images', {
        query: { agency: POWER, model: 'meter-1', version: '1.0.0', signature },
        upload: { bytes, type },
      });
    expect((await send()).code).toBe('FIRMWARE_NO_KEY');
    const { body: key } = await power.call('POST /firmware/keys', {
      body: { agencyId: POWER, name: 'M', modelIds: ['meter-1' as DeviceModelId], publicKey: other.publicPem },
    });
    await power.call('DELETE /firmware/keys/{keyId}', { params: { keyId: key.id } });
    expect((await send()).code).toBe('FIRMWARE_NO_KEY');
  });
});

describe('who may not', () => {
  it('viewers and operators may look and change nothing; another agency finds nothing', async () => {
    const { body: image } = await upload(randomBytes(100), '6.0.0');
    const imageId = { imageId: image.id };
    for (const role of ['viewer', 'operator', 'environment'] as const) {
      const client = await running.as(role);
      expect((await client.call('GET /firmware/images')).body.items.length).toBeGreaterThan(0);
      expect((await upload(randomBytes(10), '6.0.1', {}, client)).code).toBe('NOT_PERMITTED');
      expect((await client.call('DELETE /firmware/images/{imageId}', { params: imageId })).code).toBe('NOT_PERMITTED');
      expect((await client.call('POST /firmware/rollouts', { body: { imageId: image.id } })).code).toBe(
        'NOT_PERMITTED',
      );
    }
    const { body: rollout } = await installer.call('POST /firmware/rollouts', { body: { imageId: image.id } });
    const params = { rolloutId: rollout.id };
    const power = await running.as('installer', POWER);
    expect((await power.call('GET /firmware/images')).body.items).toEqual([]);
    expect((await power.call('GET /firmware/rollouts')).body.items).toEqual([]);
    expect((await upload(randomBytes(10), '6.0.1', {}, power)).code).toBe('NOT_FOUND');
    expect((await power.call('DELETE /firmware/images/{imageId}', { params: imageId })).code).toBe('NOT_FOUND');
    expect((await power.call('GET /firmware/images/{imageId}/preview', { params: imageId })).code).toBe('NOT_FOUND');
    expect((await power.call('POST /firmware/rollouts', { body: { imageId: image.id } })).code).toBe('NOT_FOUND');
    expect((await power.call('GET /firmware/rollouts/{rolloutId}', { params })).code).toBe('NOT_FOUND');
    expect(
      (await power.call('POST /firmware/rollouts/{rolloutId}/steps', { params, body: { step: 'start' } })).code,
    ).toBe('NOT_FOUND');
    expect((await power.call('GET /firmware/rollouts/{rolloutId}/devices', { params })).code).toBe('NOT_FOUND');
  });

  it('a plan that can’t be carried out is refused in words', async () => {
    const { body: image } = await upload(randomBytes(100), '6.1.0');
    const { body: whole } = await installer.call('POST /firmware/rollouts', { body: { imageId: image.id } });
    const refused = await installer.call('POST /firmware/rollouts', {
      body: { imageId: image.id, plan: { ...whole.plan, stages: [50, 10] } },
    });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('Stages rise')]);
    const cancelled = await installer.call('POST /firmware/rollouts/{rolloutId}/steps', {
      params: { rolloutId: whole.id },
      body: { step: 'cancel' },
    });
    expect(cancelled.body.state).toBe('cancelled');
    expect(
      (
        await installer.call('POST /firmware/rollouts/{rolloutId}/steps', {
          params: { rolloutId: whole.id },
          body: { step: 'start' },
        })
      ).code,
    ).toBe('ROLLOUT_STEP_NOT_ALLOWED');
  });
});
