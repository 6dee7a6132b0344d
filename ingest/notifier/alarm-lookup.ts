import type { Alarm } from '../../domain/alarm.ts';
import type { Point, Site } from '../../domain/asset.ts';
import type { AgencyId, AlarmId, PointId, RuleId, SiteId, WardCode } from '../../domain/identifiers.ts';
import { titleOf } from '../../domain/incident-evidence.ts';
import type { Localized } from '../../domain/localized.ts';
import type { AlarmPlace } from '../../domain/notifications/alarm-interest.ts';
import type { ToldKind } from '../../domain/notifications/notification.ts';
import type { AlarmLine, IncidentLine } from '../../domain/notifications/notification-text.ts';
import type { ReadIncident } from '../../domain/ports/incidents.ts';
import { type Registry, RegistryError } from '../../domain/ports/registry.ts';
import type { QuantityCatalogue } from '../../domain/quantity.ts';
import type { Rule, Severity } from '../../domain/rule.ts';

export interface LookupPorts {
  readonly registry: Pick<Registry, 'as'>;
  readonly catalogue: QuantityCatalogue;
  readonly wardNames: ReadonlyMap<WardCode, Localized>;
  readonly publicUrl: string;
}

/** Alarms with where they stand and what they are called, read anew for each step of the notifier; made for one step. */
export class AlarmLookup {
  readonly #ports: LookupPorts;
  readonly #view;
  readonly #known = new Map<string, Promise<unknown>>();

  constructor(ports: LookupPorts) {
    this.#ports = ports;
    this.#view = ports.registry.as({ kind: 'system', name: 'notifier' });
  }

  alarm(id: AlarmId): Promise<Alarm | null> {
    return this.#once(`alarm ${id}`, () => this.#view.alarms.get(id));
  }

  point(id: PointId): Promise<Point | null> {
    return this.#once(`point ${id}`, () => this.#view.points.get(id));
  }

  /** The incident that the alarm is in; `null`: in none. */
  incident(alarm: AlarmId): Promise<ReadIncident | null> {
    return this.#once(`incident ${alarm}`, async () => {
      const { items } = await this.#view.incidents.list({ alarmId: alarm }, { limit: 1 });
      return items[0] ?? null;
    });
  }

  /** As a message tells of it; `sees`: whether its reader may know of what belongs to an agency. */
  async incidentLine({ incident, summary }: ReadIncident, sees: (agency: AgencyId) => boolean): Promise<IncidentLine> {
    const { cause, id, name, endedAt } = incident;
    const members = await this.#once(`members ${id}`, () => this.#view.incidents.members(id));
    const seen = (members ?? []).filter(({ of, agencyId }) => of.kind === 'alarm' && sees(agencyId));
    const site = cause.kind === 'site' ? await this.#site(cause.siteId) : null;
    const shown = site !== null && sees(site.agencyId) ? site : null;
    return {
      ownName: name,
      title: titleOf(
        {
          cause,
          name: cause.kind === 'device' ? { vi: cause.deviceId, en: cause.deviceId } : (shown?.name ?? null),
          placesBehind: 0,
          areMeters: false,
          domain: shown?.domain ?? null,
        },
        summary.signs,
      )[0] ?? { key: 'incident.title.hand' },
      alarms: seen.length,
      isOver: endedAt !== null,
      link: `${this.#ports.publicUrl}/incidents?incident=${encodeURIComponent(id)}`,
    };
  }

  /** `null` when its point isn't there any more. */
  async place(alarm: Alarm, severity: Severity): Promise<AlarmPlace | null> {
    const point = await this.point(alarm.pointId);
    if (point === null) return null;
    const { agencyId, ruleId, pointId, quantity } = alarm;
    const sites = await this.#sitesAbove(point.siteId);
    const { domain, wardCode, tags } = point;
    return { agencyId, ruleId, pointId, quantity, severity, domain, wardCode, sites, tags };
  }

  async line(alarm: Alarm, told: readonly ToldKind[]): Promise<AlarmLine> {
    const rule = await this.#rule(alarm.ruleId, alarm.ruleVersion);
    const point = await this.point(alarm.pointId);
    const site = point && (await this.#site(point.siteId));
    return {
      alarm,
      told,
      ruleName: rule?.name ?? { vi: alarm.ruleId, en: alarm.ruleId },
      advice: rule?.advice ?? null,
      template: rule?.message ?? null,
      siteName: site?.name ?? null,
      pointName: point?.name ?? { vi: alarm.pointId, en: alarm.pointId },
      wardName: (point?.wardCode && this.#ports.wardNames.get(point.wardCode)) || null,
      quantity: this.#ports.catalogue.get(alarm.quantity) ?? null,
      link: `${this.#ports.publicUrl}/alarms?alarm=${encodeURIComponent(alarm.id)}`,
    };
  }

  async #rule(id: RuleId, version: number): Promise<Rule | null> {
    const versions = await this.#once(`rule ${id}`, () => this.#view.rules.versions(id));
    return versions?.find((rule) => rule.version === version) ?? versions?.at(-1) ?? null;
  }

  async #sitesAbove(id: SiteId): Promise<readonly SiteId[]> {
    const sites: SiteId[] = [];
    for (let next: SiteId | null = id; next !== null && !sites.includes(next); ) {
      sites.push(next);
      const here: SiteId = next;
      next = (await this.#site(here))?.parentId ?? null;
    }
    return sites;
  }

  #site(id: SiteId): Promise<Site | null> {
    return this.#once(`site ${id}`, () => this.#view.sites.get(id));
  }

  /** `null` for what isn't there. */
  #once<T>(key: string, read: () => Promise<T>): Promise<T | null> {
    let known = this.#known.get(key) as Promise<T | null> | undefined;
    if (known === undefined) {
      known = read().catch((error: unknown) => {
        if (error instanceof RegistryError && error.code === 'NOT_FOUND') return null;
        throw error;
      });
      this.#known.set(key, known);
    }
    return known;
  }
}
