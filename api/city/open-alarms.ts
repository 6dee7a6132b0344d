import type { Actor } from '../../domain/access.ts';
import type { Alarm } from '../../domain/alarm.ts';
import type { AlarmId, PointId, RuleId } from '../../domain/identifiers.ts';
import type { Localized } from '../../domain/localized.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { type Rule, severityRank } from '../../domain/rule.ts';
import type { AlarmWire } from '../contract/alarms.ts';
import type { CityIndex } from './city-index.ts';

const READER: Actor = { kind: 'system', name: 'open alarms' };
const PAGE = 1_000;

export interface OpenAlarmsPorts {
  readonly registry: Registry;
  readonly bus: LiveBus;
  readonly index: CityIndex;
  readonly onError: (error: unknown) => void;
}

/** Every open alarm in memory, newest version of each, with the names people read; follows the bus. */
export class OpenAlarms {
  readonly #ports: OpenAlarmsPorts;
  readonly #open = new Map<AlarmId, Alarm>();
  readonly #listeners = new Set<(alarm: Alarm) => void>();
  /** Newest versions heard of while the first load runs: a page read before must not bring an ended alarm back. */
  readonly #heardWhileLoading = new Map<AlarmId, number>();
  #rules = new Map<RuleId, Rule>();
  #unsubscribe: (() => void)[] = [];
  #isLoading = true;
  #loading: Promise<void> = Promise.resolve();

  constructor(ports: OpenAlarmsPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    const { bus } = this.#ports;
    this.#unsubscribe = [
      bus.subscribe('alarm.changed', ({ alarm }) => {
        if (this.#isLoading) this.#heardWhileLoading.set(alarm.id, alarm.version);
        this.#tell(alarm);
      }),
      bus.subscribe('rule.changed', () => {
        this.#loading = this.#loading.then(() => this.#loadRules()).catch(this.#ports.onError);
      }),
      bus.subscribe('events.missed', () => {
        this.#loading = this.#loading.then(() => this.#loadAgain()).catch(this.#ports.onError);
      }),
    ];
    await this.#load();
  }

  /** As they are in the registry now; alarms that others have meanwhile heard of in a newer version stay as they are. */
  async #load(): Promise<ReadonlySet<AlarmId>> {
    const view = this.#ports.registry.as(READER);
    const found = new Set<AlarmId>();
    this.#isLoading = true;
    await this.#loadRules();
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof view.alarms.list>> = await view.alarms.list(
        { open: true },
        after === null ? { limit: PAGE } : { limit: PAGE, after },
      );
      for (const alarm of page.items) {
        found.add(alarm.id);
        const known = this.#heardWhileLoading.get(alarm.id) ?? this.#open.get(alarm.id)?.version ?? -1;
        if (known < alarm.version) this.#tell(alarm);
      }
      after = page.next;
    } while (after !== null);
    this.#isLoading = false;
    this.#heardWhileLoading.clear();
    return found;
  }

  /** Some changes were not heard of: alarms may have begun, changed and ended. */
  async #loadAgain(): Promise<void> {
    const before = [...this.#open.keys()];
    const found = await this.#load();
    const { alarms } = this.#ports.registry.as(READER);
    for (const id of before) if (!found.has(id) && this.#open.has(id)) this.#tell(await alarms.get(id));
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loading;
  }

  /** Called with every change, after the table has it. Returns the unsubscriber. */
  onChanged(listener: (alarm: Alarm) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Open live alarms, worst first, newest first within a severity. */
  list(): readonly Alarm[] {
    return [...this.#open.values()].sort(
      (a, b) => severityRank(a.severity) - severityRank(b.severity) || b.startedAt - a.startedAt,
    );
  }

  get(id: AlarmId): Alarm | undefined {
    return this.#open.get(id);
  }

  get size(): number {
    return this.#open.size;
  }

  /** The alarm with the names a list needs. */
  wire(alarm: Alarm): AlarmWire {
    const rule = this.#rules.get(alarm.ruleId);
    const point = this.#ports.index.points.get(alarm.pointId)?.point;
    return {
      ...alarm,
      rule: rule ? { name: rule.name, advice: rule.advice } : null,
      point: point ? { name: point.name, siteId: point.siteId, domain: point.domain, location: point.location } : null,
    };
  }

  /** What people call a rule and a point; `null` for what is no longer known. */
  names(rule: RuleId, point: PointId): { readonly ruleName: Localized | null; readonly pointName: Localized | null } {
    return {
      ruleName: this.#rules.get(rule)?.name ?? null,
      pointName: this.#ports.index.points.get(point)?.point.name ?? null,
    };
  }

  #tell(alarm: Alarm): void {
    if (this.#take(alarm)) for (const listener of this.#listeners) listener(alarm);
  }

  /** False when a newer version is known already: the bus and the first load may cross. */
  #take(alarm: Alarm): boolean {
    const known = this.#open.get(alarm.id);
    if (known && known.version > alarm.version) return false;
    if (alarm.endedAt === null && alarm.origin === 'live') this.#open.set(alarm.id, alarm);
    else this.#open.delete(alarm.id);
    return true;
  }

  async #loadRules(): Promise<void> {
    const rules = await this.#ports.registry.as(READER).rules.list({});
    // A withdrawn rule keeps its name for the alarms it left.
    for (const rule of rules) this.#rules.set(rule.id, rule);
  }
}
