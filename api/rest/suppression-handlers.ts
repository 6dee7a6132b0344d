import type { AgencyId } from '../../domain/identifiers.ts';
import type { RegistryView } from '../../domain/ports/registry.ts';
import {
  endOf,
  phaseOf,
  type SuppressionScope,
  type SuppressionWindow,
  type SuppressionWindowId,
  type WindowStep,
} from '../../domain/suppression-window.ts';
import type { QuietPointWire, SuppressionWindowWire } from '../contract/suppressions.ts';
import { nameOfScope } from '../suppressions/create-suppressions.ts';
import type { SuppressedPlaces } from '../suppressions/suppressed-places.ts';
import { namesOf, requireWorker, userOf } from './colleagues.ts';
import type { Handlers } from './handler.ts';
import { given, type HandlerPorts, pageOf } from './handler-ports.ts';

type SuppressionRoutes =
  | 'GET /suppressions'
  | 'POST /suppressions'
  | 'GET /suppressions/points'
  | 'GET /suppressions/{windowId}'
  | 'GET /suppressions/{windowId}/versions'
  | 'POST /suppressions/{windowId}/extend'
  | 'POST /suppressions/{windowId}/end';

/** Windows in force at once that the map is told of; with more, the newest. */
const SHOWN_ON_MAP_MAX = 1_000;

export function suppressionHandlers(
  ports: HandlerPorts & { readonly suppressedPlaces: SuppressedPlaces },
): Handlers<SuppressionRoutes> {
  const { registry, bus, clock, newId, index, suppressedPlaces } = ports;

  const wire = async (
    window: SuppressionWindow,
    view: RegistryView,
    nameOf = namesOf(registry),
  ): Promise<SuppressionWindowWire> => ({
    ...window,
    phase: phaseOf(window, clock()),
    ownerName: await nameOf(window.owner),
    scopeName: await nameOfScope(window.scope, index, view),
    points: (await suppressedPlaces.pointsOf(window)).size,
  });
  const tell = ({ id: windowId, agencyId }: SuppressionWindow): void =>
    bus.publish('suppression.changed', { windowId, agencyId });
  const step = async (view: RegistryView, id: SuppressionWindowId, version: number, taken: WindowStep) => {
    const window = await view.suppressions.step(id, version, taken);
    tell(window);
    return wire(window, view);
  };
  const agencyOf = async (scope: SuppressionScope, view: RegistryView): Promise<AgencyId> => {
    switch (scope.kind) {
      case 'device':
        return (await view.devices.get(scope.deviceId)).agencyId;
      case 'site':
        return (await view.sites.get(scope.siteId)).agencyId;
      case 'point':
      case 'rule_on_point':
        return (await view.points.get(scope.pointId)).agencyId;
      case 'rule':
        return (await view.rules.get(scope.ruleId)).agencyId;
    }
  };

  return {
    async 'GET /suppressions'({ view, query }) {
      const filter = { ...given('agencyId', query.agency), ...given('over', query.over) };
      const { items, next } = await view.suppressions.list(filter, pageOf(query));
      const nameOf = namesOf(registry);
      return { items: await Promise.all(items.map((window) => wire(window, view, nameOf))), next };
    },
    async 'POST /suppressions'({ view, actor, body }) {
      const by = userOf(actor);
      const { kind, scope, reason, until } = body;
      if (body.owner !== undefined && body.owner !== by)
        await requireWorker(registry, body.owner, await agencyOf(scope, view));
      const window = await view.suppressions.open({
        id: newId() as SuppressionWindowId,
        ...{ kind, scope, reason, until },
        owner: body.owner ?? by,
        from: body.from ?? clock(),
      });
      tell(window);
      return wire(window, view);
    },
    async 'GET /suppressions/points'({ view }) {
      const now = clock();
      const nameOf = namesOf(registry);
      const { items } = await view.suppressions.list({ over: false }, { limit: SHOWN_ON_MAP_MAX });
      const longest = new Map<string, QuietPointWire>();
      for (const window of items) {
        if (phaseOf(window, now) !== 'in_force' || window.scope.kind === 'rule_on_point') continue;
        const { kind, reason, from: since, id } = window;
        const until = endOf(window);
        const ownerName = await nameOf(window.owner);
        for (const pointId of await suppressedPlaces.pointsOf(window)) {
          const known = longest.get(pointId);
          if (known !== undefined && (known.until ?? Infinity) >= (until ?? Infinity)) continue;
          longest.set(pointId, { pointId, kind, reason, ownerName, since, until, window: id, cause: window.cause });
        }
      }
      return { items: [...longest.values()] };
    },
    async 'GET /suppressions/{windowId}'({ view, params }) {
      return wire(await view.suppressions.get(params.windowId), view);
    },
    async 'GET /suppressions/{windowId}/versions'({ view, params }) {
      const nameOf = namesOf(registry);
      const versions = await view.suppressions.versions(params.windowId);
      const items = versions.map(async ({ step: taken, by, at, window }) => {
        return { step: taken, by, byName: await nameOf(by), at, until: endOf(window) };
      });
      return { items: await Promise.all(items) };
    },
    'POST /suppressions/{windowId}/extend': ({ view, params, body, version }) =>
      step(view, params.windowId, version, { kind: 'extend', until: body.until }),
    'POST /suppressions/{windowId}/end': ({ view, params, version }) =>
      step(view, params.windowId, version, { kind: 'end' }),
  };
}
