import type { Alarm, AlarmTransition } from './alarm.ts';
import type { DeviceCommand } from './device-control.ts';
import type { SessionMark } from './gateway.ts';
import type {
  AgencyId,
  AlarmId,
  CredentialId,
  DeviceId,
  GatewayId,
  PointId,
  RuleId,
  SeriesId,
  UserId,
} from './identifiers.ts';
import type { IncidentId } from './incident.ts';
import type { TextKey } from './localized.ts';
import type { ReadingColumns } from './reading.ts';
import type { SuppressionWindowId } from './suppression-window.ts';
import type { EpochMs } from './time.ts';
import type { WarningId } from './warning/warning.ts';

export const NOTICE_KINDS = [
  'device.rate_limited',
  'device.sensor_fault',
  'device.clock_unset',
  'device.unknown_keys',
  'journal.full',
  'journal.failing',
  'journal.unreachable',
  'journal.recovered',
  'disk.scarce',
  'disk.full',
  'disk.recovered',
  'retention.waiting',
  'store.away',
  'store.back',
  'source.away',
  'source.back',
  'file.damaged',
  'quarantine.evicted',
  'firmware.halted',
  'codec.suspended',
  'suppression.ending',
  'warning.submitted',
  'warning.published',
  'warning.rejected',
] as const;
/** Something people should know that is not an alarm of a rule. Kept in the registry; shown to operators of the agency (or all, when `null`). */
export interface Notice {
  readonly id: string;
  readonly kind: (typeof NOTICE_KINDS)[number];
  readonly agencyId: AgencyId | null;
  readonly deviceId: DeviceId | null;
  readonly text: TextKey;
  readonly at: EpochMs;
}

export interface AlarmLooker {
  readonly id: UserId;
  readonly name: string;
}

/** Everything said on the live bus: name → payload. */
export interface PlatformEvents {
  /** New readings, durable, in journal order; published by the live-state consumer. Columns are only valid during the call. */
  'readings.kept': ReadingColumns;
  /** `traceId`: of the journal's entry whose readings changed its condition; absent for time's and people's steps. */
  'alarm.changed': {
    readonly alarm: Alarm;
    readonly transitions: readonly AlarmTransition[];
    readonly traceId?: string;
  };
  'device.status': {
    readonly deviceId: DeviceId;
    readonly agencyId: AgencyId;
    readonly online: boolean;
    readonly at: EpochMs;
    readonly reason: string;
    /** The connection it is about. */
    readonly session?: SessionMark;
  };
  /** Devices have connected to the gateway, or have been connected to it: older connections of theirs are over. */
  'sessions.opened': {
    readonly gateway: GatewayId;
    readonly sessions: readonly { readonly deviceId: DeviceId; readonly stamp: number }[];
  };
  /** Which devices are connected to others is not known to the gateway: it is to be told. */
  'sessions.wanted': { readonly gateway: GatewayId };
  /** Registration, channels, assignment or credentials of a device changed (or it was removed): reload it. */
  'device.changed': { readonly deviceId: DeviceId };
  /** Profiles or certificate authorities changed: whoever keeps them reads them again. */
  'provisioning.changed': { readonly agencyId: AgencyId };
  /** A command was given to the device: it is to have it as soon as it is connected. */
  'command.given': { readonly deviceId: DeviceId };
  /** A command was sent, answered, or has expired. */
  'command.changed': DeviceCommand;
  /** Another configuration is wanted of the device. */
  'configuration.wanted': { readonly deviceId: DeviceId };
  /** The device answered a configuration. */
  'configuration.reported': { readonly deviceId: DeviceId };
  /** The device reported attributes; they are kept. */
  'device.attributes': { readonly deviceId: DeviceId; readonly names: readonly string[] };
  /** Keys, images, or a person's step of a rollout: whoever carries rollouts out looks at once. */
  'firmware.changed': { readonly agencyId: AgencyId };
  /** Close its session now. */
  'credential.revoked': { readonly deviceId: DeviceId; readonly credentialId: CredentialId };
  /** Points, sites or series changed. */
  'assets.changed': { readonly agencyId: AgencyId };
  /** A station of the national scheme, or what its files are mapped to, changed. */
  'stations.changed': { readonly agencyId: AgencyId };
  'rule.changed': { readonly ruleId: RuleId };
  /** Who looks at which alarm at one API server, all of it. Said when it changes, and every few seconds while anybody looks: whoever is silent has nobody. */
  'alarm.lookers': {
    readonly server: GatewayId;
    readonly looks: readonly { readonly alarmId: AlarmId; readonly people: readonly AlarmLooker[] }[];
  };
  /** Verdicts on readings of these series were given, replaced or withdrawn; they are on record. */
  'quality.changed': { readonly series: readonly SeriesId[] };
  /** Maintenance or out of service of a scope was opened, moved or ended by a person. */
  'suppression.changed': { readonly windowId: SuppressionWindowId; readonly agencyId: AgencyId };
  /** An incident began, changed or ended; `points`: where its members are. `by`: a person, or `null`: the platform, by correlating. */
  'incident.changed': {
    readonly incidentId: IncidentId;
    readonly points: readonly PointId[];
    readonly by: UserId | null;
  };
  /** A step of an official warning, or its end. */
  'warning.changed': { readonly warningId: WarningId; readonly agencyId: AgencyId };
  'notice.raised': Notice;
  /**
   * What other processes said for a while was not heard, some of any of these. Whoever follows something by events reads it again. Said by the bus itself, to its
   * own process alone.
   */
  'events.missed': Readonly<Record<never, never>>;
}
