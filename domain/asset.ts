import type { SessionMark } from './gateway.ts';
import type {
  AgencyId,
  CredentialId,
  DeviceId,
  DeviceModelId,
  PointId,
  SeriesId,
  SiteId,
  WardCode,
} from './identifiers.ts';
import type { Localized } from './localized.ts';
import type { ChannelChecks } from './quality-checks.ts';
import type { ClosedRange, Domain, QuantityKey } from './quantity.ts';
import type { DurationMs, EpochMs } from './time.ts';

/** WGS 84 degrees. */
export interface Location {
  readonly longitude: number;
  readonly latitude: number;
}

export interface Agency {
  readonly id: AgencyId;
  readonly name: Localized;
  readonly version: number;
}

export const SITE_KINDS = [
  'junction',
  'road',
  'road_segment',
  'bridge',
  'port',
  'parking',
  'river_gauge',
  'tide_gauge',
  'sluice',
  'pumping_station',
  'rain_gauge',
  'flood_spot',
  'water_plant',
  'water_main',
  'district_metered_area',
  'pressure_point',
  'customer_meter',
  'substation',
  'feeder',
  'transformer',
  'electricity_meter',
  'air_station',
  'noise_station',
  'weather_station',
  'gateway_cabinet',
  'other',
] as const;
export type SiteKind = (typeof SITE_KINDS)[number];

/** A place or asset with a location. Sites form trees by `parentId` and networks by links. */
export interface Site {
  readonly id: SiteId;
  readonly agencyId: AgencyId;
  readonly kind: SiteKind;
  readonly domain: Domain;
  readonly name: Localized;
  readonly location: Location;
  /** Course of what is long (a street, a feeder, a main), from where it is fed to its end: at least two places. `null` or absent: not on record. */
  readonly path?: readonly Location[] | null;
  readonly wardCode: WardCode | null;
  readonly parentId: SiteId | null;
  readonly tags: readonly string[];
  readonly version: number;
}

/** `from` feeds or carries `to`: feeder → transformer → meter; main → district metered area; road → segment → detector. */
export interface SiteLink {
  readonly agencyId: AgencyId;
  readonly from: SiteId;
  readonly to: SiteId;
  readonly kind: 'feeds' | 'contains' | 'backhauls';
}

/** One quantity of one point, with its own stable number and history. */
export interface Series {
  readonly id: SeriesId;
  readonly quantity: QuantityKey;
}

/** What is measured where. Owns the history; the hardware that serves it may change. */
export interface Point {
  readonly id: PointId;
  readonly agencyId: AgencyId;
  readonly siteId: SiteId;
  readonly domain: Domain;
  readonly name: Localized;
  readonly location: Location;
  readonly wardCode: WardCode | null;
  readonly tags: readonly string[];
  readonly series: readonly Series[];
  readonly version: number;
}

export interface Channel {
  /** Key in the device's payload. For the native format it is the quantity's own key unless the maker says otherwise. */
  readonly key: string;
  readonly quantity: QuantityKey;
  /** Narrower than the catalogue's, for this hardware. */
  readonly plausibleRange: ClosedRange | null;
  /** UCUM code of the unit the device sends, where it isn't the quantity's own and the payload doesn't say it. */
  readonly unit?: string | null;
  /** Limits of the automatic checks, where this hardware differs from what is usual for the quantity. */
  readonly checks?: ChannelChecks;
}

export interface RateLimit {
  readonly messagesPerSecond: number;
  readonly burstMessages: number;
}

export interface DeviceModel {
  readonly id: DeviceModelId;
  /** `null`: offered to every agency. */
  readonly agencyId: AgencyId | null;
  readonly maker: string;
  /** The maker's own, a proper name in every language. */
  readonly name: string;
  /** What it is, in people's words; `null` or absent where the maker's name says it. */
  readonly title?: Localized | null;
  readonly domain: Domain;
  /** Key in the table of payload formats (`ingest/decode/`), e.g. `native-json`. */
  readonly format: string;
  /** Source of the JavaScript codec that reads its payload (`decodeUplink`, `Decode` or `Decoder`), for format `codec`. */
  readonly codec?: string | null;
  readonly channels: readonly Channel[];
  readonly expectedInterval: DurationMs;
  /** `null`: the platform's default. */
  readonly rateLimit: RateLimit | null;
  /** Set while no new device may be of this model; those that are go on as before. */
  readonly withdrawn?: Withdrawal | null;
  readonly version: number;
}

/** Why and since when a device model is given to no new device. */
export interface Withdrawal {
  readonly at: EpochMs;
  readonly reason: string;
}

export const DEVICE_STATES = ['in_stock', 'claimed', 'installed', 'commissioned', 'in_maintenance', 'retired'] as const;
export type DeviceState = (typeof DEVICE_STATES)[number];

/** The hardware. */
export interface Device {
  readonly id: DeviceId;
  readonly agencyId: AgencyId;
  readonly modelId: DeviceModelId;
  readonly serialNumber: string | null;
  readonly state: DeviceState;
  readonly createdAt: EpochMs;
  readonly version: number;
}

/** The device serves the point from `from` (inclusive) to `to` (exclusive; `null`: still). */
export interface DeviceAssignment {
  readonly deviceId: DeviceId;
  readonly pointId: PointId;
  readonly agencyId: AgencyId;
  readonly from: EpochMs;
  readonly to: EpochMs | null;
}

interface CredentialRights {
  readonly id: CredentialId;
  readonly deviceId: DeviceId;
  readonly agencyId: AgencyId;
  /**
   * MQTT topic filters it may publish and subscribe under, where `{id}` stands for the device's id.
   * The default is the device's own topics, `hd/v1/{id}/#`.
   */
  readonly topicFilters: readonly string[];
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs | null;
  readonly revokedAt: EpochMs | null;
}
/** The token itself is shown once and never kept. */
export interface TokenCredential extends CredentialRights {
  readonly kind: 'token';
  /** Lower-case hex SHA-256 of the token (256 random bits, base64url). */
  readonly tokenSha256: string;
}
/** A certificate that a registered authority has signed. Its fingerprint is no secret: it counts only with the key behind it. */
export interface CertificateCredential extends CredentialRights {
  readonly kind: 'certificate';
  /** Lower-case hex SHA-256 of the certificate's DER form. */
  readonly fingerprintSha256: string;
  readonly authorityId: string;
  readonly subject: string;
}
/** A device's right to connect. */
export type DeviceCredential = TokenCredential | CertificateCredential;

/** What a credential gives when it is no one's in particular: a device's own topics. */
export const OWN_TOPICS: readonly string[] = ['hd/v1/{id}/#'];

/** Connection state as it was known: append-only. */
export interface DeviceStatusChange {
  readonly deviceId: DeviceId;
  readonly agencyId: AgencyId;
  readonly online: boolean;
  readonly reason:
    | 'connected'
    | 'disconnected'
    | 'lost'
    | 'taken_over'
    | 'revoked'
    | 'rate_limited'
    | 'platform_restart'
    | 'last_will';
  readonly eventTime: EpochMs;
  readonly recordedAt: EpochMs;
  /** The connection it is about; absent before there were several gateways. */
  readonly session?: SessionMark;
}

/** What the ingest path needs to know of one device, in one piece. */
export interface DeviceDirectoryEntry {
  readonly deviceId: DeviceId;
  readonly agencyId: AgencyId;
  readonly modelId: DeviceModelId;
  readonly state: DeviceState;
  /** What frames that others carry call it: DevEUI, SenML base name, Sparkplug device id. */
  readonly serialNumber: string | null;
  readonly format: string;
  /** Source of its model's JavaScript codec. */
  readonly codec: string | null;
  readonly rateLimit: RateLimit | null;
  /** Payload key → where it goes. Channels of a device without a point now are absent: their readings are quarantined `UNASSIGNED`. */
  readonly channels: ReadonlyMap<
    string,
    {
      readonly series: SeriesId;
      readonly quantity: QuantityKey;
      readonly plausibleRange: ClosedRange | null;
      readonly unit: string | null;
      readonly checks?: ChannelChecks;
    }
  >;
  /** All channel keys of the model, served or not. */
  readonly knownChannels: ReadonlySet<string>;
  /** Tokens neither revoked nor expired when read. */
  readonly credentials: readonly Pick<TokenCredential, 'id' | 'tokenSha256' | 'topicFilters' | 'expiresAt'>[];
  /** Certificates, the same. */
  readonly certificates: readonly Pick<
    CertificateCredential,
    'id' | 'fingerprintSha256' | 'authorityId' | 'topicFilters' | 'expiresAt'
  >[];
}

/** What rules, live state and exports need to know of one series. */
export interface SeriesDirectoryEntry {
  readonly series: SeriesId;
  readonly quantity: QuantityKey;
  readonly pointId: PointId;
  readonly siteId: SiteId;
  readonly agencyId: AgencyId;
  readonly domain: Domain;
  readonly tags: readonly string[];
  readonly location: Location;
  readonly wardCode: WardCode | null;
  /** Models of the devices that serve the point now. */
  readonly models: readonly DeviceModelId[];
}
