import type { Brand } from './brand.ts';

export type AgencyId = Brand<string, 'AgencyId'>;
export type WardCode = Brand<string, 'WardCode'>;
export type SiteId = Brand<string, 'SiteId'>;
export type PointId = Brand<string, 'PointId'>;
/** Stable positive integer given by the registry to a (point, quantity) pair; never reused. Fits in 31 bits. */
export type SeriesId = Brand<number, 'SeriesId'>;
export type DeviceId = Brand<string, 'DeviceId'>;
export type DeviceModelId = Brand<string, 'DeviceModelId'>;
export type CredentialId = Brand<string, 'CredentialId'>;
export type RuleId = Brand<string, 'RuleId'>;
/** `{rule}:{series}:{start}`, or `{rule}:area:{start}`: made from rule, scope and start, so evaluating again gives the same alarm. */
export type AlarmId = Brand<string, 'AlarmId'>;
export type UserId = Brand<string, 'UserId'>;
export type ApiKeyId = Brand<string, 'ApiKeyId'>;
export type QuarantineId = Brand<string, 'QuarantineId'>;
/** One gateway, as long as its data directory lives: kept in it, and the same after each restart. */
export type GatewayId = Brand<string, 'GatewayId'>;

/** What a device may be called: anything but the word that registering devices log in with. MQTT 3.1 clients are limited to the first 23 characters by their specification. */
export const DEVICE_ID_PATTERN: RegExp = /^(?!provision$)[a-z0-9][a-z0-9_-]{2,63}$/;
