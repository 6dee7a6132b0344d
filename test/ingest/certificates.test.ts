import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CredentialId, DeviceId } from '../../domain/identifiers.ts';
import type { CertificateAuthority, CertificateAuthorityId } from '../../domain/provisioning.ts';
import { epochMs } from '../../domain/time.ts';
import { ExtendedKeyUsage, type Issued, issue, serverFiles } from './certificate-chain.ts';
import { connect, ENV, MODEL, STAFF, sha256 } from './device-door.ts';
import { newFolder, openIngest, tokenOf } from './platform-parts.ts';

let platform: Awaited<ReturnType<typeof openIngest>>;
let maker: Issued;
beforeAll(async () => {
  const folder = newFolder();
  platform = await openIngest(folder, { mqtt: { tlsPort: 0, ...(await serverFiles(folder)) } });
  maker = await issue({ name: 'Maker root', issuer: null, isAuthority: true });
  await registered('maker', maker);
});
afterAll(() => platform.stopAll());

const staff = () => platform.registry.as(STAFF);
async function registered(id: string, authority: Issued, terms: Partial<CertificateAuthority> = {}) {
  const certificate = new X509Certificate(authority.pem);
  await staff().provisioning.createAuthority({
    id: id as CertificateAuthorityId,
    agencyId: ENV,
    name: id,
    modelId: MODEL,
    stockListOnly: false,
    maximumDevices: null,
    enabled: true,
    certificatePem: authority.pem,
    fingerprintSha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: certificate.subject,
    validFrom: epochMs(certificate.validFromDate.getTime()),
    validTo: epochMs(certificate.validToDate.getTime()),
    ...terms,
  });
  platform.bus.publish('provisioning.changed', { agencyId: ENV });
}
const logIn = (id: string, { pem, keyPem }: Issued, chain: readonly Issued[] = [], username?: string) =>
  connect(
    0,
    {
      clientId: id,
      ...(username === undefined ? {} : { username }),
      cert: [pem, ...chain.map((one) => one.pem)].join('\n'),
      key: keyPem,
      rejectUnauthorized: false,
    },
    `mqtts://127.0.0.1:${platform.gateway.tlsPort}`,
  );

describe('a device with a certificate', () => {
  it('is made and bound on its first connection, sends at once, and comes back by its fingerprint', async () => {
    const own = await issue({ name: 'cert-1', issuer: maker, usage: ExtendedKeyUsage.clientAuth });
    const client = await logIn('cert-1', own);
    await client.publishAsync('hd/v1/cert-1/telemetry', JSON.stringify({ values: { pm2_5: 9 } }), { qos: 1 });
    await client.endAsync();
    expect(await staff().devices.get('cert-1' as DeviceId)).toMatchObject({
      agencyId: ENV,
      modelId: MODEL,
      state: 'claimed',
    });
    await (await logIn('cert-1', own)).endAsync();
    const credentials = await staff().devices.credentials('cert-1' as DeviceId);
    expect(credentials).toMatchObject([{ kind: 'certificate', authorityId: 'maker', revokedAt: null }]);
    expect(platform.errors).toEqual([]);
  });

  it('may bring its name as a DNS name, and a chain with an authority in between', async () => {
    const factory = await issue({ name: 'Maker factory 2', issuer: maker, isAuthority: true });
    const own = await issue({ name: 'Sensor', dnsName: 'cert-2', issuer: factory });
    await expect(logIn('cert-2', own)).rejects.toMatchObject({ code: 4 });
    await (await logIn('cert-2', own, [factory])).endAsync();
  });

  it('may bring a renewed certificate of the same authority', async () => {
    await (await logIn('cert-3', await issue({ name: 'cert-3', issuer: maker }))).endAsync();
    await (await logIn('cert-3', await issue({ name: 'cert-3', issuer: maker }))).endAsync();
    expect(await staff().devices.credentials('cert-3' as DeviceId)).toHaveLength(2);
  });

  it.each<{ it: string; id: string; make: () => Promise<Issued>; username?: string }>([
    {
      it: 'that nobody registered has signed',
      id: 'cert-x',
      make: async () =>
        issue({ name: 'cert-x', issuer: await issue({ name: 'Maker root', issuer: null, isAuthority: true }) }),
    },
    { it: 'that signed itself', id: 'cert-x', make: () => issue({ name: 'cert-x', issuer: null }) },
    { it: 'of another device', id: 'cert-x', make: () => issue({ name: 'cert-y', issuer: maker }) },
    { it: 'that has expired', id: 'cert-x', make: () => issue({ name: 'cert-x', issuer: maker, valid: [-10, -1] }) },
    { it: 'that is not valid yet', id: 'cert-x', make: () => issue({ name: 'cert-x', issuer: maker, valid: [1, 9] }) },
    {
      it: 'that is for servers',
      id: 'cert-x',
      make: () => issue({ name: 'cert-x', issuer: maker, usage: ExtendedKeyUsage.serverAuth }),
    },
    {
      it: 'signed by another device',
      id: 'cert-x',
      make: async () => issue({ name: 'cert-x', issuer: await issue({ name: 'cert-1', issuer: maker }) }),
    },
    {
      it: 'under another user name',
      id: 'cert-x',
      make: () => issue({ name: 'cert-x', issuer: maker }),
      username: 'air-1',
    },
  ])('is refused with a certificate $it', async ({ id, make, username }) => {
    await expect(logIn(id, await make(), [], username)).rejects.toMatchObject({ code: 4 });
    await expect(staff().devices.get('cert-x' as DeviceId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is held to its authority’s terms', async () => {
    const strict = await issue({ name: 'Strict root', issuer: null, isAuthority: true });
    await registered('strict', strict, { stockListOnly: true });
    await expect(logIn('cert-s1', await issue({ name: 'cert-s1', issuer: strict }))).rejects.toMatchObject({ code: 4 });
    await staff().devices.create({
      id: 'cert-s2' as DeviceId,
      agencyId: ENV,
      modelId: MODEL,
      serialNumber: null,
      state: 'in_stock',
    });
    await (await logIn('cert-s2', await issue({ name: 'cert-s2', issuer: strict }))).endAsync();
    expect(await staff().devices.get('cert-s2' as DeviceId)).toMatchObject({ state: 'claimed' });
  });

  it('can’t log in with the bytes of a certificate as a password: what everyone may read is no secret', async () => {
    const own = await issue({ name: 'cert-4', issuer: maker });
    await (await logIn('cert-4', own)).endAsync();
    const password = Buffer.from(own.certificate.rawData);
    await expect(
      connect(platform.mqttPort, { clientId: 'cert-4', username: 'cert-4', password: password as never }),
    ).rejects.toMatchObject({ code: 4 });
  });

  it('loses its connection the moment its certificate is revoked, and doesn’t get in with it again', async () => {
    const own = await issue({ name: 'cert-5', issuer: maker });
    const client = await logIn('cert-5', own);
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    const [credential] = await staff().devices.credentials('cert-5' as DeviceId);
    const credentialId = credential?.id as CredentialId;
    await staff().devices.revokeCredential('cert-5' as DeviceId, credentialId);
    platform.bus.publish('credential.revoked', { deviceId: 'cert-5' as DeviceId, credentialId });
    platform.bus.publish('device.changed', { deviceId: 'cert-5' as DeviceId });
    await closed;
    await expect(logIn('cert-5', own)).rejects.toMatchObject({ code: 4 });
  });

  it('loses its connection with all others when their authority is revoked', async () => {
    const doomed = await issue({ name: 'Doomed root', issuer: null, isAuthority: true });
    await registered('doomed', doomed);
    const own = await issue({ name: 'cert-6', issuer: doomed });
    const client = await logIn('cert-6', own);
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    const { revoked } = await staff().provisioning.revokeAuthority('doomed' as CertificateAuthorityId);
    platform.bus.publish('provisioning.changed', { agencyId: ENV });
    for (const ended of revoked) platform.bus.publish('credential.revoked', ended);
    for (const { deviceId } of revoked) platform.bus.publish('device.changed', { deviceId });
    await closed;
    await expect(logIn('cert-6', own)).rejects.toMatchObject({ code: 4 });
    await expect(logIn('cert-7', await issue({ name: 'cert-7', issuer: doomed }))).rejects.toMatchObject({ code: 4 });
  });

  it('may use a token over the same port as well, with a certificate or without', async () => {
    const url = `mqtts://127.0.0.1:${platform.gateway.tlsPort}`;
    const options = { clientId: 'air-1', username: 'air-1', password: tokenOf('air-1'), rejectUnauthorized: false };
    await (await connect(0, options, url)).endAsync();
    const { pem, keyPem } = await issue({ name: 'whatever', issuer: null });
    await (await connect(0, { ...options, cert: pem, key: keyPem }, url)).endAsync();
  });
});

describe('a rotated token', () => {
  it('lets both in until the old one’s time is over, and then closes the old one’s session', async () => {
    const endsAt = epochMs(Date.now() + 1_500);
    await staff().devices.rotateToken(
      {
        id: 'rotated' as CredentialId,
        deviceId: 'air-2' as DeviceId,
        kind: 'token',
        tokenSha256: sha256('fresh'),
        topicFilters: ['hd/v1/{id}/#'],
        expiresAt: null,
      },
      endsAt,
    );
    platform.bus.publish('device.changed', { deviceId: 'air-2' as DeviceId });
    const as = (password: string) => connect(platform.mqttPort, { clientId: 'air-2', username: 'air-2', password });
    await (await as('fresh')).endAsync();
    const old = await as(tokenOf('air-2'));
    await new Promise<void>((resolve) => old.once('close', () => resolve()));
    expect(Date.now()).toBeGreaterThanOrEqual(endsAt);
    await expect(as(tokenOf('air-2'))).rejects.toMatchObject({ code: 4 });
    await (await as('fresh')).endAsync();
  });
});
