import type { Alarm, AlarmCarrier, CarrierRef, Suppression } from '../../../domain/alarm.ts';
import type { DeviceDirectoryEntry, DeviceStatusChange, SeriesDirectoryEntry } from '../../../domain/asset.ts';
import { behindSiteOf, carrierOf, carrierRuleId, type Gateway, gatewaysOf } from '../../../domain/carrier.ts';
import type { AgencyId, DeviceId, PointId, RuleId, SeriesId } from '../../../domain/identifiers.ts';
import type { Rule } from '../../../domain/rule.ts';
import { type ConditionEvent, resumeActive, stepSilence } from '../../../domain/rule-evaluation.ts';
import type { SiteNetwork } from '../../../domain/site-network.ts';
import type { DurationMs, EpochMs } from '../../../domain/time.ts';
import type { UtcOffset } from '../../../domain/time-zone.ts';
import { newSlot, openAlarmOf, type RuleSlot, type SeriesTable } from './series-table.ts';

/** Something that is down, or was until a short while ago. */
interface Outage {
  readonly carrier: CarrierRef;
  readonly behind: ReadonlySet<SeriesId>;
  /** Silence behind it that began earlier has another cause. */
  readonly since: EpochMs;
  /** `null`: still down. */
  backAt: EpochMs | null;
}

type Session = Pick<DeviceStatusChange, 'online' | 'eventTime'>;

interface Watched {
  readonly gateway: Gateway;
  readonly slot: RuleSlot;
}

/**
 * Gateways that lost their session, and sites with an alarm that stops what is behind them. While one is down, and until what is behind it
 * had time to be heard again (`grace`), alarms of silence behind it are kept quiet: created and judged as ever, but not shown.
 */
export class CarrierWatch {
  readonly #table: SeriesTable;
  readonly #offset: UtcOffset;
  readonly #grace: DurationMs;
  readonly #statuses = new Map<DeviceId, Session>();
  readonly #gatewayOf = new Map<RuleSlot, DeviceId>();
  readonly #watched = new Map<DeviceId, Watched>();
  readonly #carriersOf = new Map<SeriesId, DeviceId[]>();
  readonly #gatewayOutages = new Map<DeviceId, Outage>();
  readonly #siteOutages = new Map<RuleSlot, Outage>();
  #series: readonly SeriesDirectoryEntry[] = [];
  #network: SiteNetwork | null = null;

  constructor(table: SeriesTable, offset: UtcOffset, grace: DurationMs) {
    this.#table = table;
    this.#offset = offset;
    this.#grace = grace;
  }

  /** The session of a device began or ended; older news than what is known counts for nothing. */
  heard(deviceId: DeviceId, online: boolean, at: EpochMs): void {
    const known = this.#statuses.get(deviceId);
    if (known === undefined || known.eventTime <= at) this.#statuses.set(deviceId, { online, eventTime: at });
  }

  /**
   * Takes devices, series and sites as they are now.
   * @returns slots that are watched no more, and agencies with gateways but without the rule to judge them by.
   */
  rebuild(
    rules: readonly Rule[],
    devices: readonly DeviceDirectoryEntry[],
    series: readonly SeriesDirectoryEntry[],
    network: SiteNetwork,
  ): { readonly gone: readonly RuleSlot[]; readonly unruled: ReadonlyMap<AgencyId, Gateway> } {
    this.#series = series;
    this.#network = network;
    const byId = new Map<RuleId, Rule>(rules.map((rule) => [rule.id, rule]));
    const unruled = new Map<AgencyId, Gateway>();
    const before = new Map(this.#watched);
    this.#watched.clear();
    this.#gatewayOf.clear();
    this.#carriersOf.clear();
    this.#table.gateways.clear();
    for (const gateway of gatewaysOf(devices, series, network, (id) => this.#statuses.has(id))) {
      const rule = byId.get(carrierRuleId(gateway.agencyId));
      if (rule?.condition.kind !== 'no_data') {
        if (rule === undefined) unruled.set(gateway.agencyId, gateway);
        continue;
      }
      const { deviceId } = gateway;
      const old = before.get(deviceId)?.slot;
      const kept = old?.compiled.rule.version === rule.version && old.entry.series === gateway.anchor.series;
      const slot = old !== undefined && kept ? old : this.#newSlot(rule, gateway, old);
      before.delete(deviceId);
      this.#watched.set(deviceId, { gateway, slot });
      this.#gatewayOf.set(slot, deviceId);
      this.#table.gateways.set(deviceId, slot);
      for (const id of gateway.behind) {
        const carriers = this.#carriersOf.get(id);
        if (carriers) carriers.push(deviceId);
        else this.#carriersOf.set(id, [deviceId]);
      }
    }
    const gone = [...before.values()].map(({ slot }) => slot);
    for (const slot of gone) slot.gone = true;
    return { gone, unruled };
  }

  #newSlot(rule: Rule, gateway: Gateway, old: RuleSlot | undefined): RuleSlot {
    const slot = newSlot(rule, gateway.anchor, this.#offset);
    if (old?.alarm) {
      this.#table.put(old, null);
      this.#table.adopt(slot, old.alarm);
    }
    return slot;
  }

  /** What happens to gateways because time passes. */
  look(now: EpochMs, readyAt: EpochMs, onEvent: (slot: RuleSlot, event: ConditionEvent) => void): void {
    for (const [deviceId, { slot, gateway }] of this.#watched) {
      const status = this.#statuses.get(deviceId);
      if (status === undefined) continue;
      const alarm = openAlarmOf(slot);
      // After a restart the occurrence is there, the state is not.
      if (alarm?.condition === 'active' && slot.state.active < 0 && slot.queue.length === 0) {
        resumeActive(slot.compiled, slot.state, alarm.severity, null);
        slot.state.breachedSince[0] = alarm.startedAt - 1;
      }
      this.#noteGateway(deviceId, gateway, status, now);
      for (let event = stepSession(slot, status, now, readyAt); event !== null; ) {
        onEvent(slot, event);
        event = stepSession(slot, status, now, readyAt);
      }
    }
    for (const slot of this.#table.open) this.#noteSite(slot);
    for (const [slot, outage] of this.#siteOutages) {
      const alarm = openAlarmOf(slot);
      if (alarm?.condition !== 'active') outage.backAt ??= slot.alarm?.clearedAt ?? now;
      if (this.#isOver(outage, now)) this.#siteOutages.delete(slot);
    }
    for (const [id, outage] of this.#gatewayOutages) if (this.#isOver(outage, now)) this.#gatewayOutages.delete(id);
  }

  #noteGateway(id: DeviceId, { behind }: Gateway, { online, eventTime }: Session, now: EpochMs): void {
    const known = this.#gatewayOutages.get(id);
    if (online) {
      if (known !== undefined) known.backAt ??= now;
      return;
    }
    if (known?.backAt === null) return;
    // Down again before all behind it were heard: the same outage.
    const since = known?.since ?? eventTime;
    this.#gatewayOutages.set(id, { carrier: { kind: 'device', id }, behind, since, backAt: null });
  }

  #noteSite(slot: RuleSlot): void {
    const alarm = openAlarmOf(slot);
    const { rule } = slot.compiled;
    if (rule.quietsBehind !== true || alarm?.condition !== 'active' || this.#network === null) return;
    const known = this.#siteOutages.get(slot);
    if (known !== undefined && known.backAt === null) return;
    const { behind } = behindSiteOf(slot.entry, this.#series, this.#network);
    if (behind.size === 0) return;
    // It took its hold to be an alarm; what is behind it may have been quicker.
    const hold = Math.max(...rule.condition.levels.map((level) => level.hold));
    const since = Math.min(alarm.activatedAt - hold, known?.since ?? Infinity) as EpochMs;
    this.#siteOutages.set(slot, { carrier: { kind: 'site', id: slot.entry.siteId }, behind, since, backAt: null });
  }

  readonly #isOver = ({ backAt }: Outage, now: EpochMs): boolean => backAt !== null && backAt + this.#grace <= now;

  /** What an alarm of the slot says of the carrier it is of; `undefined`: of none. */
  carrierAt(slot: RuleSlot): AlarmCarrier | undefined {
    const gateway = this.#gatewayOf.get(slot);
    if (gateway !== undefined)
      return carrierOf({ kind: 'device', id: gateway }, this.#watched.get(gateway)?.gateway.points ?? []);
    if (slot.compiled.rule.quietsBehind !== true || this.#network === null || slot.part?.scope.kind === 'area')
      return undefined;
    const points: readonly PointId[] = behindSiteOf(slot.entry, this.#series, this.#network).points;
    return points.length === 0 ? undefined : carrierOf({ kind: 'site', id: slot.entry.siteId }, points);
  }

  /** The gateway that the slot watches. */
  gatewayOf(slot: RuleSlot): DeviceId | undefined {
    return this.#gatewayOf.get(slot);
  }

  /**
   * Why an alarm of the slot that is active since `activatedAt` is to be kept quiet; `null`: it is not. `hidden`: how it is hidden
   * now. `startedAt`: when the platform came up: outages of before are not known, so what was quiet then stays so for the grace.
   */
  quiets(
    slot: RuleSlot,
    activatedAt: EpochMs,
    hidden: Alarm['suppression'],
    startedAt: EpochMs,
    now: EpochMs,
  ): Suppression | null {
    if (!slot.compiled.silence) return null;
    const { series } = slot.entry;
    const quietBy = ({ carrier, since }: Outage): Suppression => ({
      kind: 'carrier_down',
      reason: '',
      by: null,
      since: hidden?.carrier === undefined ? since : hidden.since,
      until: null,
      carrier,
    });
    // What is quiet stays so, whatever is known of when it began.
    const explains = ({ carrier, since }: Outage): boolean =>
      since <= activatedAt || hidden?.carrier?.id === carrier.id;
    for (const outage of this.#siteOutages.values())
      if (outage.behind.has(series) && explains(outage)) return quietBy(outage);
    const gateways = this.#gatewayOf.has(slot) ? [] : (this.#carriersOf.get(series) ?? []);
    const outages = gateways.flatMap((id) => this.#gatewayOutages.get(id) ?? []);
    const [first] = outages;
    // While one of its gateways works, it could come by that.
    if (first !== undefined && outages.length === gateways.length && outages.every(explains)) return quietBy(first);
    return hidden?.carrier !== undefined && now < startedAt + this.#grace ? hidden : null;
  }
}

/** A session that goes on is heard now; one that began anew was heard from then on. */
function stepSession(
  { compiled, state }: RuleSlot,
  { online, eventTime }: Session,
  now: EpochMs,
  readyAt: EpochMs,
): ConditionEvent | null {
  if (!online) return stepSilence(compiled, state, now, eventTime, readyAt);
  if (state.active < 0) return null;
  const began = Math.max(eventTime, state.breachedSince[0]! + 1);
  const heardAt = Number.isNaN(state.insideSince) ? began : now;
  return stepSilence(compiled, state, heardAt, heardAt, 0);
}
