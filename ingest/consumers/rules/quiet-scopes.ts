import { type Alarm, isOfScope, type Suppression } from '../../../domain/alarm.ts';
import { applyWorkStep, type ConditionContext } from '../../../domain/alarm-machine.ts';
import { carrierRule } from '../../../domain/carrier.ts';
import type { EventBus } from '../../../domain/ports/live-bus.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { Rule } from '../../../domain/rule.ts';
import { type AlarmScope, ScopeSuppressions } from '../../../domain/scope-suppressions.ts';
import { SiteNetwork } from '../../../domain/site-network.ts';
import { before, days, type EpochMs } from '../../../domain/time.ts';
import type { CarrierWatch } from './carrier-watch.ts';
import type { PendingChanges } from './pending-changes.ts';
import type { RulesRegistry } from './rules-settings.ts';
import { openAlarmOf, type RuleSlot, type SeriesTable } from './series-table.ts';

/** Windows that ended this long ago still hide what is only judged now: a platform that was down for longer shows it. */
const REMEMBERED = days(2);

const same = (a: Suppression, b: Suppression): boolean =>
  a.kind === b.kind && a.window === b.window && a.until === b.until && a.carrier?.id === b.carrier?.id;

/** What hides alarms by their scope: windows of maintenance and out of service, and carriers that are down. Judging goes on beneath. */
export class QuietScopes {
  readonly carriers: CarrierWatch;
  #windows: ScopeSuppressions | null = null;
  #startedAt = 0 as EpochMs;

  constructor(carriers: CarrierWatch) {
    this.carriers = carriers;
  }

  /** @returns slots of gateways that are watched no more, and rules that were made for agencies whose first gateways these are. */
  async load(
    registry: RulesRegistry,
    bus: EventBus,
    rules: readonly Rule[],
    now: EpochMs,
  ): Promise<{ readonly gone: readonly RuleSlot[]; readonly made: readonly Rule[] }> {
    const [windows, rows, devices, series] = await Promise.all([
      registry.suppressions.windows(before(now, REMEMBERED)),
      registry.suppressions.network(),
      registry.directory.devices(),
      registry.directory.series(),
    ]);
    const network = new SiteNetwork(rows);
    const served = new Map(devices.map(({ deviceId, channels }) => [deviceId, channels]));
    this.#windows = new ScopeSuppressions(windows, {
      series,
      network,
      servedBy: (id) => [...(served.get(id)?.values() ?? [])].map((channel) => channel.series),
    });
    const { gone, unruled } = this.carriers.rebuild(rules, devices, series, network);
    const made: Rule[] = [];
    for (const [agency, { anchor }] of unruled) {
      // It may be there, withdrawn or switched off: then its agency wants none.
      const rule = await registry
        .as({ kind: 'system', name: 'rules' })
        .rules.create(carrierRule(agency, anchor.quantity))
        .catch((error: unknown) => {
          if (error instanceof RegistryError && error.code === 'ALREADY_EXISTS') return null;
          throw error;
        });
      if (rule === null) continue;
      made.push(rule);
      bus.publish('rule.changed', { ruleId: rule.id });
    }
    if (made.length > 0) this.carriers.rebuild([...rules, ...made], devices, series, network);
    return { gone, made };
  }

  async start(registry: RulesRegistry, now: EpochMs): Promise<void> {
    this.#startedAt = now;
    for (const { deviceId, online, eventTime } of await registry.deviceLog.currentStatus())
      this.carriers.heard(deviceId, online, eventTime);
  }

  /** What an occurrence that begins at `at` begins with. One that is only judged later begins hidden, too, and is shown when that is over. */
  beginningOf(slot: RuleSlot, at: EpochMs, now: EpochMs): Pick<ConditionContext, 'suppression' | 'carrier'> {
    const scope = this.#scopeOf(slot);
    const suppression =
      this.#windows?.inForce(scope, at) ??
      this.#windows?.inForce(scope, now) ??
      this.carriers.quiets(slot, at, null, this.#startedAt, now);
    const carrier = this.carriers.carrierAt(slot);
    return { suppression, ...(carrier === undefined ? {} : { carrier }) };
  }

  /** Hides open occurrences whose scope is hidden, and shows those again whose scope is not any more. */
  lookAt(table: SeriesTable, pending: PendingChanges, now: EpochMs): void {
    for (const slot of table.open) {
      const alarm = openAlarmOf(slot);
      if (alarm === null) continue;
      const hidden = alarm.suppression;
      // A person's own on this occurrence goes first, to its end.
      if (hidden !== null && !isOfScope(hidden) && (hidden.until === null || hidden.until > now)) continue;
      const wanted = this.#wanted(slot, alarm, now);
      if (wanted === null) {
        if (hidden !== null) show(slot, pending, hidden, now);
      } else if (hidden === null || !same(hidden, wanted)) hide(slot, pending, hidden, wanted, now);
    }
  }

  #wanted(slot: RuleSlot, { activatedAt, suppression }: Alarm, now: EpochMs): Suppression | null {
    return (
      this.#windows?.inForce(this.#scopeOf(slot), now) ??
      this.carriers.quiets(slot, activatedAt, suppression, this.#startedAt, now)
    );
  }

  #scopeOf(slot: RuleSlot): AlarmScope {
    const device = this.carriers.gatewayOf(slot);
    return {
      rule: slot.compiled.rule.id,
      inputs: slot.part?.scope.inputs ?? [slot.entry],
      isArea: slot.part?.scope.kind === 'area',
      ...(device === undefined ? {} : { device }),
    };
  }
}

function hide(
  slot: RuleSlot,
  pending: PendingChanges,
  before: Suppression | null,
  suppression: Suppression,
  now: EpochMs,
) {
  pending.add(slot, (alarm) => {
    if (alarm?.endedAt !== null || (alarm.suppression?.since ?? null) !== (before?.since ?? null)) return null;
    if (alarm.suppression !== null && same(alarm.suppression, suppression)) return null;
    const at = Math.max(suppression.since, alarm.startedAt) as EpochMs;
    return stepped(slot, alarm, { kind: 'suppress', suppression, version: alarm.version }, at, now);
  });
}

function show(slot: RuleSlot, pending: PendingChanges, hidden: Suppression, now: EpochMs) {
  pending.add(slot, (alarm) => {
    if (alarm?.endedAt !== null || alarm.suppression === null || !same(alarm.suppression, hidden)) return null;
    const end = hidden.until !== null && hidden.until < now ? hidden.until : now;
    return stepped(slot, alarm, { kind: 'unsuppress', by: null, version: alarm.version }, end, now);
  });
}

function stepped(
  { compiled }: RuleSlot,
  alarm: Alarm,
  step: Parameters<typeof applyWorkStep>[1],
  at: EpochMs,
  recordedAt: EpochMs,
) {
  const result = applyWorkStep(alarm, step, { at, recordedAt, endsUnacknowledged: compiled.rule.endsUnacknowledged });
  return result.ok ? result.value : null;
}
