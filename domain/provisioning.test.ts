import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgencyId, DeviceId, DeviceModelId } from './identifiers.ts';
import {
  type CertificateAuthority,
  claimCodeFrom,
  claimPreimage,
  judgeCertificate,
  judgeRegistration,
  type KnownDevice,
  type ProvisioningProfile,
} from './provisioning.ts';
import { epochMs } from './time.ts';

const ENV = 'env' as AgencyId;
const AIR = 'air-1' as DeviceModelId;
const NOISE = 'noise-1' as DeviceModelId;
const NOW = epochMs(1_000_000);
const profile: ProvisioningProfile = {
  key: 'spring-2026' as never,
  agencyId: ENV,
  name: 'Đợt 1',
  modelIds: [AIR],
  stockListOnly: false,
  maximumDevices: null,
  admittedDevices: 0,
  enabled: true,
  expiresAt: null,
  createdAt: epochMs(0),
  version: 1,
};
const asks = { deviceId: 'air-7' as DeviceId, modelId: AIR, serialNumber: 'SN-7' };
const inStock: KnownDevice = {
  agencyId: ENV,
  modelId: AIR,
  serialNumber: 'SN-7',
  state: 'in_stock',
  hasCredential: false,
};

describe('a device that registers itself', () => {
  it('is made when nobody knew it, and adopted when it was on the list', () => {
    expect(judgeRegistration(profile, asks, null, NOW)).toEqual({ ok: true, value: { kind: 'create', modelId: AIR } });
    expect(judgeRegistration(profile, asks, inStock, NOW)).toEqual({
      ok: true,
      value: { kind: 'adopt', modelId: AIR },
    });
  });
  it('is of the profile’s first model when it says nothing', () => {
    const both = { ...profile, modelIds: [NOISE, AIR] };
    expect(judgeRegistration(both, { ...asks, modelId: null }, null, NOW)).toMatchObject({ value: { modelId: NOISE } });
    expect(judgeRegistration(both, { ...asks, modelId: null }, inStock, NOW)).toMatchObject({
      value: { modelId: AIR },
    });
  });
  it.each<{
    code: string;
    terms?: Partial<ProvisioningProfile>;
    request?: Partial<typeof asks>;
    device?: Partial<KnownDevice> | null;
  }>([
    { code: 'PROFILE_DISABLED', terms: { enabled: false } },
    { code: 'PROFILE_EXPIRED', terms: { expiresAt: NOW } },
    { code: 'PROFILE_FULL', terms: { maximumDevices: 5, admittedDevices: 5 } },
    { code: 'NOT_ON_STOCK_LIST', terms: { stockListOnly: true }, device: null },
    { code: 'MODEL_NOT_ALLOWED', request: { modelId: NOISE }, device: null },
    { code: 'MODEL_NOT_ALLOWED', request: { modelId: NOISE } },
    { code: 'MODEL_NOT_ALLOWED', request: { modelId: NOISE }, device: { modelId: NOISE } },
    { code: 'SERIAL_MISMATCH', request: { serialNumber: 'SN-8' } },
    { code: 'ALREADY_REGISTERED', device: { hasCredential: true } },
    { code: 'DEVICE_ID_TAKEN', device: { agencyId: 'power' as AgencyId } },
    { code: 'DEVICE_RETIRED', device: { state: 'retired' } },
  ])('is refused by $code', ({ code, terms, request, device }) => {
    const known = device === null ? null : { ...inStock, ...device };
    expect(judgeRegistration({ ...profile, ...terms }, { ...asks, ...request }, known, NOW)).toEqual({
      ok: false,
      error: code,
    });
  });
});

describe('a device with a certificate', () => {
  const authority = {
    agencyId: ENV,
    modelId: AIR,
    stockListOnly: false,
    maximumDevices: 1,
    admittedDevices: 0,
    enabled: true,
    validTo: epochMs(2_000_000),
    revokedAt: null,
  } as unknown as CertificateAuthority;
  const judge = (terms: Partial<CertificateAuthority>, device: KnownDevice | null = null) =>
    judgeCertificate({ ...authority, ...terms }, asks.deviceId, device, NOW);

  it('is made on its first connection, and may bring a renewed certificate when it is known and the list is full', () => {
    expect(judge({})).toMatchObject({ value: { kind: 'create', modelId: AIR } });
    expect(judge({ admittedDevices: 1 }, { ...inStock, hasCredential: true })).toMatchObject({
      value: { kind: 'adopt' },
    });
  });
  it.each([
    { code: 'CERTIFICATE_REVOKED', terms: { revokedAt: NOW } },
    { code: 'PROFILE_DISABLED', terms: { enabled: false } },
    { code: 'PROFILE_FULL', terms: { admittedDevices: 1 } },
    { code: 'NOT_ON_STOCK_LIST', terms: { stockListOnly: true } },
    { code: 'PROFILE_EXPIRED', terms: { validTo: NOW } },
  ])('is refused by $code', ({ code, terms }) => expect(judge(terms)).toEqual({ ok: false, error: code }));
});

describe('a claim code', () => {
  it('reads the same however it is typed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (bytes) => {
        const code = claimCodeFrom(bytes);
        expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/);
        const mistyped = ` ${code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `;
        expect(claimPreimage(asks.deviceId, mistyped)).toBe(claimPreimage(asks.deviceId, code));
      }),
    );
  });
});
