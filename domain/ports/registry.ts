import type { Actor, RoleAssignment, SharingGrant } from '../access.ts';
import type { Alarm, AlarmTransition, Suppression } from '../alarm.ts';
import type {
  Agency,
  Device,
  DeviceAssignment,
  DeviceCredential,
  DeviceDirectoryEntry,
  DeviceModel,
  DeviceState,
  DeviceStatusChange,
  Location,
  Point,
  SeriesDirectoryEntry,
  Site,
  SiteLink,
  TokenCredential,
} from '../asset.ts';
import type { STEP_REFUSAL_CODES, SWAP_REFUSAL_CODES } from '../device-life.ts';
import type { Notice } from '../events.ts';
import type { SessionMark } from '../gateway.ts';
import type {
  AgencyId,
  AlarmId,
  ApiKeyId,
  CredentialId,
  DeviceId,
  DeviceModelId,
  PointId,
  RuleId,
  SiteId,
  UserId,
} from '../identifiers.ts';
import type { Language, TextKey } from '../localized.ts';
import type { Domain, QuantityKey } from '../quantity.ts';
import type { Rule, Severity } from '../rule.ts';
import type { PLAN_REFUSAL_CODES } from '../shift.ts';
import type { HANDOVER_REFUSAL_CODES } from '../shift-handover.ts';
import type { WINDOW_REFUSAL_CODES } from '../suppression-window.ts';
import type { EpochMs } from '../time.ts';
import type { WARNING_REFUSAL_CODES } from '../warning/warning-steps.ts';
import type { AlarmHealthView } from './alarm-health.ts';
import type { AnsweredRequests } from './answered-requests.ts';
import type { CityPastView } from './city-past.ts';
import type { CommissioningView } from './commissioning.ts';
import type { DataExportLog, DataExportView } from './data-exports.ts';
import type { DeviceControlLog, DeviceControlView } from './device-control.ts';
import type { Admissions, DeviceImportView, DeviceLifeView, ProvisioningView } from './device-registry.ts';
import type { DisplayLogins, DisplaysView } from './displays.ts';
import type { FirmwareLog, FirmwareView } from './firmware.ts';
import type { GatewayLog } from './gateways.ts';
import type { IncidentLog, IncidentsView } from './incidents.ts';
import type { IndexWork } from './index-work.ts';
import type { LabelPrintView } from './label-prints.ts';
import type { Lease, Leases } from './leases.ts';
import type { NotificationStore, NotificationView } from './notifications.ts';
import type { QualitySpanView, VerdictLog } from './quality-spans.ts';
import type { RuleDraftView } from './rule-drafts.ts';
import type { RuleStateStore } from './rule-state.ts';
import type { SavedViewsView } from './saved-views.ts';
import type { ShiftsView } from './shifts.ts';
import type { StationLog, StationView } from './station-files.ts';
import type { SuppressionLog, SuppressionsView } from './suppressions.ts';
import type { Invitations, UserAccessView } from './user-access.ts';
import type { PublishedWarnings, WarningsView } from './warnings.ts';

/** A page of a list; `next` is the cursor of the page after, `null` on the last. Cursors are opaque. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}
export interface PageRequest {
  /** 1 … 1000. */
  readonly limit: number;
  readonly after?: string;
}

/** The registry's answer could not be had now; try again. What was being written is not there, or is there whole. */
export class RegistryUnavailableError extends Error {
  override readonly name = 'RegistryUnavailableError';
}

/** Expected refusals of the registry. `CONFLICT`: the version given is not the current one. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code:
    | 'NOT_FOUND'
    | 'CONFLICT'
    | 'ALREADY_EXISTS'
    | 'REFERENCE_MISSING'
    | 'NOT_ALLOWED'
    | 'INVALID_STATE'
    | 'INVALID_CURSOR'
    | (typeof STEP_REFUSAL_CODES)[number]
    | (typeof SWAP_REFUSAL_CODES)[number]
    | 'CLAIM_REFUSED'
    | 'CLAIM_USED'
    | 'CLAIM_CLOSED'
    | 'CLAIM_NOT_IN_STOCK'
    | 'CLAIM_MODEL_FOREIGN'
    /** New devices of this model aren't taken any more. */
    | 'MODEL_WITHDRAWN'
    | 'IMPORT_STALE'
    | 'IMPORT_HAS_ERRORS'
    | 'IMPORT_BUILT_UPON'
    | 'PHOTOS_FULL'
    | 'COMMANDS_WAITING'
    | 'NOTIFICATION_LIMIT'
    | 'SAVED_VIEWS_FULL'
    /** Without this person nobody could administer the platform any more. */
    | 'LAST_ADMINISTRATOR'
    | 'COMMAND_OVER'
    | 'FIRMWARE_WITHDRAWN'
    | 'FIRMWARE_NO_DEVICES'
    | 'ROLLOUT_OPEN'
    | 'ROLLOUT_STEP_NOT_ALLOWED'
    | (typeof WARNING_REFUSAL_CODES)[number]
    | (typeof WINDOW_REFUSAL_CODES)[number]
    | (typeof PLAN_REFUSAL_CODES)[number]
    | (typeof HANDOVER_REFUSAL_CODES)[number];
  readonly params: Readonly<Record<string, string | number>>;
  constructor(code: RegistryError['code'], params: Readonly<Record<string, string | number>> = {}) {
    super(`${code} ${JSON.stringify(params)}`);
    this.code = code;
    this.params = params;
  }
}

export interface SiteFilter {
  readonly agencyId?: AgencyId;
  readonly domain?: Domain;
  readonly kind?: Site['kind'];
  readonly parentId?: SiteId;
  readonly text?: string;
}
export interface PointFilter {
  readonly agencyId?: AgencyId;
  readonly domain?: Domain;
  readonly siteId?: SiteId;
  readonly tag?: string;
  readonly text?: string;
  readonly ids?: readonly PointId[];
}
export interface DeviceFilter {
  readonly agencyId?: AgencyId;
  readonly modelId?: DeviceModelId;
  readonly state?: DeviceState;
  readonly pointId?: PointId;
  readonly text?: string;
}
export interface ModelUsage {
  readonly modelId: DeviceModelId;
  /** All but the retired. */
  readonly devices: number;
  readonly retired: number;
}
export interface AlarmFilter {
  readonly open?: boolean;
  readonly origin?: Alarm['origin'];
  readonly severities?: readonly Severity[];
  readonly work?: Alarm['work'];
  readonly pointId?: PointId;
  readonly ruleId?: RuleId;
  readonly agencyId?: AgencyId;
  readonly domain?: Domain;
  readonly suppressed?: boolean;
  /** Not the open and the worst first. */
  readonly newestFirst?: boolean;
  /** startedAt in [from, to). */
  readonly from?: EpochMs;
  readonly to?: EpochMs;
}
export interface AuditFilter {
  readonly agencyId?: AgencyId;
  readonly actorId?: UserId;
  readonly targetKind?: string;
  readonly targetId?: string;
  readonly from?: EpochMs;
  readonly to?: EpochMs;
}

export interface User {
  readonly id: UserId;
  readonly loginName: string;
  readonly displayName: string;
  readonly language: Language;
  readonly roles: readonly RoleAssignment[];
  readonly disabledAt: EpochMs | null;
  readonly createdAt: EpochMs;
  readonly version: number;
}
export interface Session {
  /** Lower-case hex SHA-256 of the cookie's secret. */
  readonly idSha256: string;
  readonly userId: UserId;
  readonly csrfToken: string;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
}
export interface ApiKey {
  readonly id: ApiKeyId;
  readonly agencyId: AgencyId | null;
  readonly name: string;
  readonly secretSha256: string;
  readonly roles: readonly RoleAssignment[];
  readonly createdBy: UserId;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs | null;
  readonly revokedAt: EpochMs | null;
}
export interface AuditRow {
  readonly id: number;
  readonly agencyId: AgencyId | null;
  readonly at: EpochMs;
  readonly actor:
    | { readonly kind: 'system'; readonly name: string }
    | { readonly kind: 'person'; readonly userId: UserId };
  /** e.g. `device.create`, `alarm.acknowledge`. */
  readonly action: string;
  readonly targetKind: string;
  readonly targetId: string;
  /** What changed; never a secret or its hash. */
  readonly before: unknown;
  readonly after: unknown;
}
/** What was done to quarantined messages and codecs, which are not in the registry. */
export interface DeedElsewhere {
  readonly agencyId: AgencyId | null;
  readonly action: 'quarantine.replay' | 'quarantine.discard' | 'codec.resume';
  readonly targetKind: 'quarantined_message' | 'device_model';
  readonly targetId: string;
  readonly after: unknown;
}
export type { QualitySpan } from './quality-spans.ts';
/** Something to be told to people outside; written in the transaction that caused it, delivered later, at least once. */
export interface OutboxMessage {
  /** Deterministic (alarm id and transition index), so that evaluating again adds nothing. */
  readonly id: string;
  readonly agencyId: AgencyId;
  readonly kind: 'alarm.raised' | 'alarm.escalated' | 'alarm.cleared' | 'alarm.ended';
  readonly text: TextKey;
  readonly alarmId: AlarmId | null;
  readonly createdAt: EpochMs;
  readonly deliveredAt: EpochMs | null;
}
/** What may happen in a device's life; each has a text in the catalogues of the dashboard. */
export const ACTIVITY_KINDS = [
  'created',
  'state_changed',
  'assigned',
  'unassigned',
  'credential_created',
  'credential_revoked',
  'claim_opened',
  'claim_closed',
  'claimed',
  'swapped',
  'registered',
  'removed',
  'note',
] as const;
export type ActivityKind = (typeof ACTIVITY_KINDS)[number];
/** Activity in a device's or site's life (installed, moved, repaired): append-only. */
export interface Activity {
  readonly agencyId: AgencyId;
  readonly deviceId: DeviceId;
  readonly kind: ActivityKind;
  readonly text: TextKey;
  /** Why, in the words of who did it. */
  readonly reason: string | null;
  readonly eventTime: EpochMs;
  readonly recordedAt: EpochMs;
  readonly by: UserId | null;
}

/**
 * Registry as seen by one actor. Reads return only what the actor's access covers; what it does not cover is `NOT_FOUND`.
 * Writes outside its write agencies are `NOT_FOUND` (invisible) or `NOT_ALLOWED` (visible, read-only). Every write leaves an audit row in
 * the same transaction. Edits carry the version they were based on; a stale one is `CONFLICT`.
 * All methods reject with {@link RegistryError} for expected refusals.
 */
export interface RegistryView {
  readonly agencies: {
    list(): Promise<readonly Agency[]>;
    create(agency: Omit<Agency, 'version'>): Promise<Agency>;
    update(agency: Agency): Promise<Agency>;
  };
  readonly sites: {
    list(filter: SiteFilter, page: PageRequest): Promise<Page<Site>>;
    get(id: SiteId): Promise<Site>;
    create(site: Omit<Site, 'version'>): Promise<Site>;
    update(site: Site): Promise<Site>;
    links(filter: { readonly siteId?: SiteId }): Promise<readonly SiteLink[]>;
    link(link: SiteLink): Promise<void>;
  };
  readonly points: {
    list(filter: PointFilter, page: PageRequest): Promise<Page<Point>>;
    get(id: PointId): Promise<Point>;
    /** Series ids are given by the registry, one per quantity. */
    create(point: Omit<Point, 'version' | 'series'> & { readonly quantities: readonly QuantityKey[] }): Promise<Point>;
    /** `series` is ignored; quantities are added with `addQuantity`. */
    update(point: Point): Promise<Point>;
    addQuantity(id: PointId, quantity: QuantityKey): Promise<Point>;
    /** All of them or none, in one commit: for thousands at once. One that is there already stays. The points as they are then, each once. */
    addQuantities(
      additions: readonly { readonly pointId: PointId; readonly quantity: QuantityKey }[],
    ): Promise<readonly Point[]>;
  };
  readonly models: {
    list(): Promise<readonly DeviceModel[]>;
    get(id: DeviceModelId): Promise<DeviceModel>;
    create(model: Omit<DeviceModel, 'version'>): Promise<DeviceModel>;
    /** Everything but who owns it and whether it is withdrawn. */
    update(model: DeviceModel): Promise<DeviceModel>;
    /**
     * From now on no new device may be of this model; those that are go on. Withdrawn again, it gets another reason.
     * @throws {RegistryError} CONFLICT when `version` isn't the current one.
     */
    withdraw(id: DeviceModelId, version: number, reason: string): Promise<DeviceModel>;
    /** New devices may be of this model again. @throws {RegistryError} CONFLICT, as for `withdraw`. */
    offerAgain(id: DeviceModelId, version: number): Promise<DeviceModel>;
    /** How many devices that this actor may see are of each model; models of which there are none are absent. */
    usage(): Promise<readonly ModelUsage[]>;
  };
  readonly imports: DeviceImportView;
  readonly provisioning: ProvisioningView;
  readonly labels: LabelPrintView;
  /** Commands and configurations. */
  readonly control: DeviceControlView;
  readonly firmware: FirmwareView;
  /** Signed records, pictures and notes of the work on devices. */
  readonly commissioning: CommissioningView;
  /** Own wishes, escalation policies, webhooks and the log of what was sent. */
  readonly notifications: NotificationView;
  /** Stations of the national scheme, and what became of their files. */
  readonly stations: StationView;
  /** Wall screens. */
  readonly displays: DisplaysView;
  /** Log, duty and handover of the control room. */
  readonly shifts: ShiftsView;
  /** Maintenance and out of service of whole scopes. */
  readonly suppressions: SuppressionsView;
  /** Alarms with one cause. */
  readonly incidents: IncidentsView;
  /** Official warnings, drafts among them. */
  readonly warnings: WarningsView;
  /** Files of readings that this person ordered. */
  readonly exports: DataExportView;
  /** What this person keeps under a name, and what colleagues share. */
  readonly savedViews: SavedViewsView;
  readonly devices: DeviceLifeView & {
    list(filter: DeviceFilter, page: PageRequest): Promise<Page<Device>>;
    get(id: DeviceId): Promise<Device>;
    create(
      device: Omit<Device, 'version' | 'createdAt' | 'state'> & { readonly state: 'in_stock' | 'claimed' },
    ): Promise<Device>;
    /**
     * Model and serial number; the state changes by steps alone and stays as it is.
     * @throws {RegistryError} MODEL_WITHDRAWN when it is to become one of a withdrawn model.
     */
    update(device: Device): Promise<Device>;
    assignments(filter: {
      readonly deviceId?: DeviceId;
      readonly pointId?: PointId;
    }): Promise<readonly DeviceAssignment[]>;
    /**
     * Ends what the device served before, and what served the point's same quantities before, at `from`.
     * @throws {RegistryError} INVALID_STATE for a device in stock or retired.
     */
    assign(assignment: {
      readonly deviceId: DeviceId;
      readonly pointId: PointId;
      readonly from: EpochMs;
    }): Promise<DeviceAssignment>;
    unassign(deviceId: DeviceId, pointId: PointId, at: EpochMs): Promise<void>;
    credentials(id: DeviceId): Promise<readonly DeviceCredential[]>;
    addCredential(credential: Omit<TokenCredential, 'createdAt' | 'revokedAt' | 'agencyId'>): Promise<DeviceCredential>;
    revokeCredential(deviceId: DeviceId, id: CredentialId): Promise<void>;
    /** Newest first. */
    statusHistory(id: DeviceId, page: PageRequest): Promise<Page<DeviceStatusChange>>;
    attributes(
      id: DeviceId,
    ): Promise<Readonly<Record<string, { readonly value: string | number | boolean; readonly at: EpochMs }>>>;
    activities(id: DeviceId): Promise<readonly Activity[]>;
  };
  readonly rules: {
    list(filter: {
      readonly agencyId?: AgencyId;
      readonly enabled?: boolean;
      readonly quantity?: QuantityKey;
    }): Promise<readonly Rule[]>;
    get(id: RuleId): Promise<Rule>;
    versions(id: RuleId): Promise<readonly Rule[]>;
    create(rule: Omit<Rule, 'version' | 'createdAt' | 'createdBy'>): Promise<Rule>;
    /** Makes version n+1 of version n = `rule.version`. */
    update(rule: Rule): Promise<Rule>;
    /** A withdrawn rule is kept with its versions, judged no more; its open alarms get `rule_withdrawn` and end. */
    withdraw(id: RuleId, version: number): Promise<void>;
  };
  readonly ruleDrafts: RuleDraftView;
  readonly alarms: {
    /** By endedAt null first, then severity, then startedAt descending; or by startedAt descending alone. */
    list(filter: AlarmFilter, page: PageRequest): Promise<Page<Alarm>>;
    get(id: AlarmId): Promise<Alarm>;
    history(id: AlarmId): Promise<readonly AlarmTransition[]>;
    /** Open, unsuppressed, live alarms by severity and work. */
    counts(): Promise<
      readonly {
        readonly severity: Severity;
        readonly work: Alarm['work'];
        readonly condition: Alarm['condition'];
        readonly count: number;
      }[]
    >;
    /**
     * A person's step. `version` guards against acting on what has since changed (`CONFLICT`); omitted for acknowledge, which is
     * idempotent. Refused steps are `INVALID_STATE`. Publishes nothing: the caller announces the returned alarm and transitions.
     */
    work(
      id: AlarmId,
      step: AlarmWorkStep,
      at: EpochMs,
    ): Promise<{ readonly alarm: Alarm; readonly transitions: readonly AlarmTransition[] }>;
    /** Many steps at once, as {@link work} takes each: those that may be are on record together, the others say why not. In the order given. */
    workEach(
      steps: readonly { readonly id: AlarmId; readonly step: AlarmWorkStep }[],
      at: EpochMs,
    ): Promise<readonly AlarmWorkOutcome[]>;
  };
  readonly alarmHealth: AlarmHealthView;
  readonly past: CityPastView;
  readonly qualitySpans: QualitySpanView;
  readonly users: {
    list(filter: { readonly agencyId?: AgencyId }, page: PageRequest): Promise<Page<User>>;
    get(id: UserId): Promise<User>;
    create(user: Omit<User, 'version' | 'createdAt' | 'disabledAt'>, passwordHash: string | null): Promise<User>;
    update(user: User): Promise<User>;
    /** Ends all the user's sessions. */
    setPassword(id: UserId, passwordHash: string): Promise<void>;
  };
  /** Sessions of people, and links by which they choose a password. */
  readonly userAccess: UserAccessView;
  readonly apiKeys: {
    list(): Promise<readonly ApiKey[]>;
    create(key: Omit<ApiKey, 'createdAt' | 'revokedAt' | 'createdBy'>): Promise<ApiKey>;
    revoke(id: ApiKeyId): Promise<void>;
  };
  readonly grants: {
    list(): Promise<readonly SharingGrant[]>;
    create(grant: SharingGrant): Promise<SharingGrant>;
    remove(id: string): Promise<void>;
  };
  readonly audit: {
    list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditRow>>;
    /** Rows for what the actor has done to something that the registry doesn't hold, one for each agency it concerns. */
    note(deeds: readonly DeedElsewhere[]): Promise<void>;
  };
  readonly notices: { list(page: PageRequest): Promise<Page<Notice>> };
  /** Points, sites and ids by words in their names, diacritics optional, best first. */
  search(
    text: string,
    limit: number,
  ): Promise<
    readonly {
      readonly kind: 'point' | 'site' | 'device';
      readonly id: string;
      readonly label: string;
      readonly location: Location | null;
    }[]
  >;
}

export type AlarmWorkStep =
  | { readonly kind: 'acknowledge'; readonly by: UserId; readonly note?: string }
  /** Only one's own, within a minute. */
  | { readonly kind: 'take_back_acknowledgement'; readonly by: UserId }
  | { readonly kind: 'start_work'; readonly by: UserId }
  | { readonly kind: 'assign'; readonly by: UserId; readonly to: UserId | null; readonly version: number }
  | { readonly kind: 'comment'; readonly by: UserId; readonly note: string }
  /** Only after it cleared. */
  | { readonly kind: 'resolve'; readonly by: UserId; readonly note: string; readonly version: number }
  | { readonly kind: 'suppress'; readonly suppression: Suppression; readonly version: number }
  | { readonly kind: 'unsuppress'; readonly by: UserId | null; readonly version: number };

export type AlarmWorkOutcome =
  | {
      readonly id: AlarmId;
      readonly change: { readonly alarm: Alarm; readonly transitions: readonly AlarmTransition[] };
    }
  | { readonly id: AlarmId; readonly refused: RegistryError['code'] };

/** Small numbers that stand for points, from 1 on: a point keeps its number for ever, and nobody else gets it. */
export interface PointNumbers {
  /** Another registry has another. */
  readonly epoch: string;
  readonly numbers: ReadonlyMap<PointId, number>;
}

/** A status that came too late to count. */
export interface SupersededStatus {
  readonly change: DeviceStatusChange;
  readonly by: SessionMark;
}

export interface Registry {
  as(actor: Actor): RegistryView;

  readonly leases: Leases;
  readonly answeredRequests: AnsweredRequests;
  /** The same registry for whoever does a duty: what it writes is refused with a `LeaseLostError` once the lease is another's. Closing it closes nothing. */
  during(lease: Lease): Registry;

  /** What the ingest path keeps in memory. */
  readonly directory: {
    devices(): Promise<readonly DeviceDirectoryEntry[]>;
    device(id: DeviceId): Promise<DeviceDirectoryEntry | undefined>;
    /** Those of the devices that exist, in no particular order. */
    some(ids: readonly DeviceId[]): Promise<readonly DeviceDirectoryEntry[]>;
    series(): Promise<readonly SeriesDirectoryEntry[]>;
    /** Those of all points that there are now are among them. */
    pointNumbers(): Promise<PointNumbers>;
  };
  readonly admissions: Admissions;
  readonly control: DeviceControlLog;
  readonly firmware: FirmwareLog;
  readonly gateways: GatewayLog;
  readonly deviceLog: {
    /**
     * Batched by the caller; append-only. What is about an older connection of the device than its latest status is not recorded.
     * @returns those changes, each with the newer connection.
     */
    recordStatus(changes: readonly DeviceStatusChange[]): Promise<readonly SupersededStatus[]>;
    /** The latest status of every device. */
    currentStatus(): Promise<readonly DeviceStatusChange[]>;
    recordAttributes(
      deviceId: DeviceId,
      attributes: Readonly<Record<string, string | number | boolean>>,
      at: EpochMs,
    ): Promise<void>;
  };
  readonly ruleState: RuleStateStore;
  readonly indexWork: IndexWork;
  readonly verdicts: VerdictLog;
  readonly stations: StationLog;
  readonly suppressions: SuppressionLog;
  readonly incidents: IncidentLog;
  /** What of the warnings is for everybody, and the passing of time over them. */
  readonly warnings: PublishedWarnings;
  readonly exports: DataExportLog;
  readonly invitations: Invitations;
  readonly identity: {
    userByLogin(loginName: string): Promise<{ readonly user: User; readonly passwordHash: string | null } | undefined>;
    createSession(session: Session): Promise<void>;
    /** Undefined when unknown, expired, or its user is disabled. */
    session(idSha256: string, at: EpochMs): Promise<{ readonly session: Session; readonly user: User } | undefined>;
    endSession(idSha256: string): Promise<void>;
    apiKey(secretSha256: string, at: EpochMs): Promise<ApiKey | undefined>;
    /** Grants made to any of the agencies, and to the public. */
    grantsTo(agencies: readonly AgencyId[]): Promise<readonly SharingGrant[]>;
    isEmpty(): Promise<boolean>;
    /** A link by which the first administrator may be made; of more than ten the oldest goes. */
    openSetup(secretSha256: string): Promise<void>;
    /** Whether nobody is there yet and the link is one of those open; then none is any more. */
    redeemSetup(secretSha256: string): Promise<boolean>;
  };
  readonly notices: { raise(notice: Notice): Promise<void> };
  /** How wall screens sign in. */
  readonly displays: DisplayLogins;
  readonly notifications: NotificationStore;
  readonly outbox: {
    undelivered(limit: number): Promise<readonly OutboxMessage[]>;
    delivered(id: string, at: EpochMs): Promise<void>;
  };
  /** Creates many assets in one transaction and one audit row, for a city's definition or an import; existing ids are left as they are. */
  seed(actor: Actor, city: CitySeed): Promise<{ readonly created: number; readonly existing: number }>;
  close(): Promise<void>;
}

/** A city (or part of one) to be registered: rows refer to each other by id, in any order. */
export interface CitySeed {
  readonly agencies: readonly Omit<Agency, 'version'>[];
  readonly models: readonly Omit<DeviceModel, 'version'>[];
  readonly sites: readonly Omit<Site, 'version'>[];
  readonly links: readonly SiteLink[];
  readonly points: readonly (Omit<Point, 'version' | 'series'> & { readonly quantities: readonly QuantityKey[] })[];
  readonly devices: readonly (Omit<Device, 'version' | 'createdAt'> & {
    readonly tokenSha256: string | null;
    readonly serves: readonly PointId[];
  })[];
  readonly rules: readonly Omit<Rule, 'version' | 'createdAt' | 'createdBy'>[];
}
