import type { Alarm, CarrierRef } from './alarm.ts';
import type { Location } from './asset.ts';
import type { Brand } from './brand.ts';
import type { AgencyId, AlarmId, DeviceId, PointId, SiteId, UserId } from './identifiers.ts';
import type { QuantityKey } from './quantity.ts';
import type { Rule, Severity } from './rule.ts';
import { before, type DurationMs, type EpochMs } from './time.ts';

/** Made from its cause and the first that was seen of it, so that correlating again gives the same incident. */
export type IncidentId = Brand<string, 'IncidentId'>;
/** `alarm:{id}`, or `device:{id}@{since}` for a device whose session was lost. */
export type SignalKey = Brand<string, 'SignalKey'>;

export const alarmKey = (id: AlarmId): SignalKey => `alarm:${id}` as SignalKey;
export const deviceKey = (id: DeviceId, since: EpochMs): SignalKey => `device:${id}@${since}` as SignalKey;

/** What is believed to be behind an incident. */
export type IncidentCause =
  /** A site of the network. `inferred`: it said nothing itself, what hangs on it tells. */
  | { readonly kind: 'site'; readonly siteId: SiteId; readonly inferred: boolean }
  /** A gateway that others' data travels by. */
  | { readonly kind: 'device'; readonly deviceId: DeviceId }
  /** The same thing at the same time in the same place; `family` is a key of {@link CorrelationSettings.places}. */
  | { readonly kind: 'place'; readonly family: string }
  /** A person says so. */
  | { readonly kind: 'hand' };

/** Alarms and lost devices with one cause. */
export interface Incident {
  readonly id: IncidentId;
  /** Of what was seen first. Members may be of other agencies. */
  readonly agencyId: AgencyId;
  readonly cause: IncidentCause;
  /** A person's own name for it. */
  readonly name: string | null;
  /** The member that it was first made of: whatever is correlated with that one tells the cause. `null`: made by hand. */
  readonly founder: SignalKey | null;
  /** When the first of its members began. */
  readonly startedAt: EpochMs;
  /** When the last of its members ended; `null` while one is open. */
  readonly endedAt: EpochMs | null;
  /** Worst of the members that are open, or that there were. */
  readonly severity: Severity;
  /** Its members have gone into that one. */
  readonly mergedInto: IncidentId | null;
  readonly recordedAt: EpochMs;
  /** Rises with every change. */
  readonly version: number;
}

/** How a signal may be found to belong with others. It depends on the signal alone, so that the order in which signals come doesn't matter. */
export type SignalLink =
  | { readonly kind: 'network' }
  | { readonly kind: 'carrier'; readonly carrier: DeviceId; readonly isCarrier: boolean }
  | { readonly kind: 'place'; readonly family: string };

/** What is wrong there. All but `limit` are losses: nothing comes from there any more. */
export const SIGNS = ['no_data', 'no_supply', 'offline', 'limit'] as const;
export type Sign = (typeof SIGNS)[number];

/** One sign of trouble at a place: an alarm, or a device whose session was lost. */
export interface Signal {
  readonly key: SignalKey;
  readonly of: IncidentMember['of'];
  readonly agencyId: AgencyId;
  readonly siteId: SiteId;
  readonly pointId: PointId;
  readonly location: Location;
  /** When trouble began there: for silence, when data last came. */
  readonly at: EpochMs;
  readonly endedAt: EpochMs | null;
  readonly severity: Severity;
  readonly link: SignalLink;
  readonly sign: Sign;
  /** How far apart in time it may be from another of the same cause. */
  readonly window: DurationMs;
}

/** A kind of thing that is the same one over a whole area: rain, wind, flooded streets, a jam. */
export interface PlaceFamily {
  readonly quantities: readonly string[];
  readonly radiusM: number;
  readonly window: DurationMs;
}

export interface CorrelationSettings {
  /** Values at or below which a supply counts as lost, in the quantity's unit. */
  readonly lossAt: Readonly<Record<string, number>>;
  /** Quantities of what comes through a network beside those of `lossAt`: they are held against what is upstream. */
  readonly networkQuantities: readonly string[];
  readonly places: Readonly<Record<string, PlaceFamily>>;
  /** For quantities in none of the families: the same quantity. */
  readonly elsewhere: { readonly radiusM: number; readonly window: DurationMs };
  readonly networkWindow: DurationMs;
  /** Of silence: as long as the slowest devices are silent anyway between two messages. */
  readonly silenceWindow: DurationMs;
  /** Least share of what hangs directly on a site that must be without supply, in (0, 1], for the site to be suspected. */
  readonly share: number;
}

/** Where an alarm stands. */
export interface SignalPlace {
  readonly siteId: SiteId;
  readonly location: Location;
}

/** The family of a quantity, and how far and long it reaches. */
export function familyOf(quantity: QuantityKey, settings: CorrelationSettings): PlaceFamily & { readonly key: string } {
  for (const [key, family] of Object.entries(settings.places))
    if (family.quantities.includes(quantity)) return { key, ...family };
  return { key: quantity, quantities: [quantity], ...settings.elsewhere };
}

const silenceHold = (rule: Pick<Rule, 'condition'> | undefined): DurationMs | null =>
  rule?.condition.kind === 'no_data'
    ? (Math.min(...rule.condition.levels.map(({ hold }) => hold)) as DurationMs)
    : null;

/** An alarm as correlation sees it. `rule`: the version it was raised by, as far as known. */
export function signalOfAlarm(
  alarm: Alarm,
  rule: Pick<Rule, 'condition'> | undefined,
  { siteId, location }: SignalPlace,
  settings: CorrelationSettings,
): Signal {
  const hold = silenceHold(rule);
  const lossAt = settings.lossAt[alarm.quantity];
  const values = [alarm.worstValue, alarm.triggerValue];
  const isDead = lossAt !== undefined && values.some((value) => value !== null && value <= lossAt);
  const sign: Sign = hold !== null || alarm.carrier !== undefined ? 'no_data' : isDead ? 'no_supply' : 'limit';
  const family = familyOf(alarm.quantity, settings);
  const isNetwork = sign !== 'limit' || lossAt !== undefined || settings.networkQuantities.includes(alarm.quantity);
  const link = carrierLink(alarm) ?? (isNetwork ? { kind: 'network' } : { kind: 'place', family: family.key });
  return {
    key: alarmKey(alarm.id),
    of: { kind: 'alarm', id: alarm.id },
    agencyId: alarm.agencyId,
    siteId,
    pointId: alarm.pointId,
    location,
    at: before(alarm.startedAt, hold ?? (0 as DurationMs)),
    endedAt: alarm.endedAt,
    severity: alarm.severity,
    link,
    sign,
    window: hold !== null ? settings.silenceWindow : isNetwork ? settings.networkWindow : family.window,
  };
}

/** By a gateway that is known to be down. A site that is down is found by the network. */
function carrierLink({ carrier, suppression }: Alarm): SignalLink | null {
  const ofDevice = (ref: CarrierRef | undefined): DeviceId | null => (ref?.kind === 'device' ? ref.id : null);
  const own = ofDevice(carrier);
  if (own !== null) return { kind: 'carrier', carrier: own, isCarrier: true };
  const above = ofDevice(suppression?.carrier);
  return above === null ? null : { kind: 'carrier', carrier: above, isCarrier: false };
}

/** A device whose session was lost, at the first point it serves. */
export const signalOfDevice = (
  device: { readonly deviceId: DeviceId; readonly agencyId: AgencyId; readonly pointId: PointId },
  since: EpochMs,
  backAt: EpochMs | null,
  { siteId, location }: SignalPlace,
  settings: CorrelationSettings,
): Signal => ({
  key: deviceKey(device.deviceId, since),
  of: { kind: 'device', id: device.deviceId },
  agencyId: device.agencyId,
  siteId,
  pointId: device.pointId,
  location,
  at: since,
  endedAt: backAt,
  severity: 'notice',
  link: { kind: 'network' },
  sign: 'offline',
  window: settings.networkWindow,
});

/** A signal in its incident, with what is known of it for those who may read it. */
export interface IncidentMember {
  readonly key: SignalKey;
  /** `null`: a person took it out of its incident, and it is to stay alone. */
  readonly incidentId: IncidentId | null;
  /** A person put it there: it is not correlated any more. */
  readonly byHand: boolean;
  readonly of: { readonly kind: 'alarm'; readonly id: AlarmId } | { readonly kind: 'device'; readonly id: DeviceId };
  readonly agencyId: AgencyId;
  readonly pointId: PointId;
  readonly siteId: SiteId;
  readonly at: EpochMs;
  readonly endedAt: EpochMs | null;
  readonly sign: Sign;
  readonly severity: Severity;
}

/** Facts of a signal that its member row repeats. */
export type MemberFacts = Pick<IncidentMember, 'key' | 'at' | 'endedAt' | 'sign' | 'severity'>;

export const INCIDENT_EVENT_KINDS = [
  'opened',
  'joined',
  'left',
  'merged',
  'unmerged',
  'split',
  'cause_changed',
  'named',
  'acknowledged',
  'commented',
  'ended',
  'reopened',
] as const;

/** One line of an incident's history. Append-only. */
export interface IncidentEvent {
  readonly incidentId: IncidentId;
  readonly kind: (typeof INCIDENT_EVENT_KINDS)[number];
  /** When it happened in the world. */
  readonly eventTime: EpochMs;
  readonly recordedAt: EpochMs;
  /** `null`: the platform itself. */
  readonly by: UserId | null;
  /** A person's words: the comment, the name. */
  readonly note: string | null;
  /** Who came or went. */
  readonly members: readonly SignalKey[];
  /** The incident that members came from or went to. */
  readonly other: IncidentId | null;
  /** From then on. */
  readonly cause: IncidentCause | null;
}
