import { createHash } from 'node:crypto';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import type { Actor } from '../../domain/access.ts';
import type { AgencyId, DeviceModelId } from '../../domain/identifiers.ts';
import type { ProvisioningKey, ProvisioningProfile } from '../../domain/provisioning.ts';
import type { openIngest } from './platform-parts.ts';

type Platform = Awaited<ReturnType<typeof openIngest>>;
export const STAFF: Actor = { kind: 'system', name: 'staff' };
export const ENV = 'env' as AgencyId;
export const MODEL = 'm' as DeviceModelId;
export const SECRET = 'the secret of the spring delivery';
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A profile of the small city's agency, whose secret is {@link SECRET} unless told otherwise. */
export async function aProfile(
  platform: Platform,
  given: Partial<ProvisioningProfile> = {},
  secret = SECRET,
): Promise<ProvisioningProfile> {
  const profile = await platform.registry.as(STAFF).provisioning.createProfile(
    {
      key: 'spring' as ProvisioningKey,
      agencyId: ENV,
      name: 'Đợt mùa xuân',
      modelIds: [MODEL],
      stockListOnly: false,
      maximumDevices: null,
      enabled: true,
      expiresAt: null,
      ...given,
    },
    sha256(secret),
  );
  platform.bus.publish('provisioning.changed', { agencyId: ENV });
  return profile;
}

/** Connects once; rejects with the broker's refusal. */
export const connect = (port: number, options: IClientOptions, url = `mqtt://127.0.0.1:${port}`): Promise<MqttClient> =>
  connectAsync(url, { reconnectPeriod: 0, connectTimeout: 20_000, ...options }, false);

export type ProvisioningAnswer = { ok: true; id: string; token: string } | { ok: false; code: string };

/** Asks as a device does, and resolves with the answer. The connection is closed. */
export async function register(
  port: number,
  id: string,
  body: unknown = { model: MODEL },
  { key = 'spring', secret = SECRET }: { key?: string; secret?: string } = {},
): Promise<ProvisioningAnswer> {
  const client = await connect(port, { clientId: id, username: 'provision', password: secret });
  try {
    const topic = `hd/v1/provision/${key}`;
    await client.subscribeAsync(`${topic}/${id}`, { qos: 1 });
    const answer = new Promise<ProvisioningAnswer>((resolve, reject) => {
      client.once('message', (_topic, payload) => resolve(JSON.parse(payload.toString()) as ProvisioningAnswer));
      client.once('close', () => reject(new Error('closed before the answer')));
    });
    await client.publishAsync(topic, typeof body === 'string' ? body : JSON.stringify(body), { qos: 1 });
    return await answer;
  } finally {
    await client.endAsync(true);
  }
}
