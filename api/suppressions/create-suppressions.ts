import type { Actor } from '../../domain/access.ts';
import type { Localized } from '../../domain/localized.ts';
import { RegistryError, type RegistryView } from '../../domain/ports/registry.ts';
import type { SuppressionScope, SuppressionWindow } from '../../domain/suppression-window.ts';
import type { CityIndex } from '../city/city-index.ts';
import type { ApiPorts, ApiSettings } from '../ports.ts';
import { namesOf } from '../rest/colleagues.ts';
import { createEndReminders } from './end-reminders.ts';
import { createQuietPoints } from './quiet-points.ts';
import { SuppressedPlaces } from './suppressed-places.ts';

const READER: Actor = { kind: 'system', name: 'maintenance' };

/** What a scope is called; `null` for what is gone. A device is called by its id. */
export async function nameOfScope(
  scope: SuppressionScope,
  index: CityIndex,
  view: RegistryView,
): Promise<Localized | null> {
  const asked = async (name: () => Promise<Localized>): Promise<Localized | null> => {
    try {
      return await name();
    } catch (error) {
      if (error instanceof RegistryError && error.code === 'NOT_FOUND') return null;
      throw error;
    }
  };
  const ruleName = (ruleId: Parameters<RegistryView['rules']['get']>[0]) =>
    asked(async () => (await view.rules.get(ruleId)).name);
  switch (scope.kind) {
    case 'device':
      return { vi: scope.deviceId, en: scope.deviceId };
    case 'point':
      return index.points.get(scope.pointId)?.point.name ?? null;
    case 'site':
      return asked(async () => (await view.sites.get(scope.siteId)).name);
    case 'rule':
      return ruleName(scope.ruleId);
    case 'rule_on_point': {
      const [rule, point] = [await ruleName(scope.ruleId), index.points.get(scope.pointId)?.point.name];
      return rule && point ? { vi: `${point.vi} – ${rule.vi}`, en: `${point.en} – ${rule.en}` } : null;
    }
  }
}

/** What maintenance and out of service need at the API: the places they come to, and that owners are reminded of the end. */
export function createSuppressions(
  options: Pick<ApiPorts, 'registry' | 'bus' | 'clock' | 'log'> & {
    readonly settings: ApiSettings;
    readonly index: CityIndex;
  },
) {
  const { registry, bus, clock, log, settings, index } = options;
  const nameOf = async (window: SuppressionWindow) => {
    const scope = await nameOfScope(window.scope, index, registry.as(READER));
    const owner = await namesOf(registry)(window.owner);
    return { scope: scope ?? { vi: window.id, en: window.id }, owner: owner ?? '' };
  };
  const reminders = createEndReminders({
    windows: registry.suppressions,
    bus,
    clock,
    nameOf,
    ahead: settings.limits.suppressionReminder,
    every: settings.limits.suppressionLookEvery,
    onError: (err) => log.error({ event: 'suppressions.reminder_failed', err }, 'owners of maintenance not reminded'),
  });
  const places = new SuppressedPlaces(registry.suppressions, index);
  const quiet = createQuietPoints({
    windows: registry.suppressions,
    places,
    bus,
    clock,
    onError: (err) => log.error({ event: 'suppressions.not_read', err }, 'windows of maintenance not read'),
  });
  return {
    places,
    quiet,
    async start(): Promise<void> {
      await quiet.start();
      await reminders.start();
    },
    async stop(): Promise<void> {
      await quiet.stop();
      await reminders.stop();
    },
  };
}
