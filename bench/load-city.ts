import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openSqliteRegistry } from '../adapters/registry/sqlite.ts';
import { hashPassword } from '../api/auth/passwords.ts';
import { haiPhong } from '../config/city/hai-phong.ts';
import type { SeriesDirectoryEntry } from '../domain/asset.ts';
import type { AgencyId, DeviceId, PointId, RuleId, UserId } from '../domain/identifiers.ts';
import type { CitySeed, RegistryView } from '../domain/ports/registry.ts';
import type { Domain, QuantityKey } from '../domain/quantity.ts';
import { epochMs, minutes } from '../domain/time.ts';

/** Quantities of a message, unless said otherwise. */
const QUANTITIES = 4;

export interface LoadDevice {
  readonly id: DeviceId;
  readonly token: string;
  readonly pointId: PointId;
}
export interface LoadCity {
  readonly seed: CitySeed;
  readonly devices: readonly LoadDevice[];
  /** Keys of the channels of every device. */
  readonly channels: readonly string[];
}

/** Rules beside the five that only make work. */
type MoreRules = (channels: readonly { readonly quantity: QuantityKey }[], agencyId: AgencyId) => CitySeed['rules'];

/** Stations `load-0` … with four quantities each (or as many as said), and five rules that judge what they send and that the load never breaks. */
export function loadCity(
  stations: number,
  moreRules: MoreRules = () => [],
  { quantities = QUANTITIES, domain = 'environment' as Domain } = {},
): LoadCity {
  const model = haiPhong.models.find((m) => m.domain === domain && m.channels.length >= quantities);
  const [point] = haiPhong.points;
  const site = haiPhong.sites.find((s) => s.id === point?.siteId);
  if (!model || !point || !site) throw new Error(`the city has no model of the domain with ${quantities} channels`);
  const { agencyId } = point;
  const channels = model.channels.slice(0, quantities);
  const devices = Array.from({ length: stations }, (_, i) => ({
    id: `load-${i}` as DeviceId,
    token: randomUUID(),
    pointId: `p-load-${i}` as PointId,
  }));
  const rules: CitySeed['rules'] = [...channels, channels[0]!].map((channel, i) => ({
    id: `load-rule-${i}` as RuleId,
    agencyId,
    name: { vi: 'Đo tải', en: 'Load test' },
    advice: null,
    enabled: true,
    quantity: channel.quantity,
    selection: {},
    condition: { kind: 'above', hysteresis: 1, levels: [{ severity: 'critical', limit: 1e6 + i, hold: minutes(1) }] },
    clearHold: minutes(1),
    judgeSuspect: true,
    endsUnacknowledged: [],
  }));
  return {
    devices,
    channels: channels.map((channel) => channel.key),
    seed: {
      agencies: haiPhong.agencies,
      models: [{ ...model, agencyId, channels }],
      sites: [{ ...site, agencyId, parentId: null }],
      links: [],
      points: devices.map(({ pointId }) => ({
        ...point,
        id: pointId,
        agencyId,
        domain: model.domain,
        quantities: channels.map((channel) => channel.quantity),
      })),
      devices: devices.map(({ id, token, pointId }) => ({
        id,
        agencyId,
        modelId: model.id,
        serialNumber: null,
        state: 'commissioned',
        tokenSha256: createHash('sha256').update(token).digest('hex'),
        serves: [pointId],
      })),
      rules: [...rules, ...moreRules(channels, agencyId)],
    },
  };
}

/** Another one in every process. */
export const ADMINISTRATOR = { loginName: 'bench', password: randomUUID() };

/** Registers the one that {@link signIn} signs in. */
export async function addAdministrator(view: RegistryView): Promise<void> {
  await view.users.create(
    {
      id: 'u-bench' as UserId,
      loginName: ADMINISTRATOR.loginName,
      displayName: 'Bench',
      language: 'en',
      roles: [{ agencyId: null, role: 'platform_admin' }],
    },
    await hashPassword(ADMINISTRATOR.password),
  );
}

/**
 * Registers the city and a platform administrator in a new registry in `folder`, and whatever `more` adds; the platform must not run yet.
 * Returns the series.
 */
export async function registerCity(
  folder: string,
  city: CitySeed,
  more: (view: RegistryView) => Promise<void> = async () => {},
): Promise<readonly SeriesDirectoryEntry[]> {
  const registry = openSqliteRegistry({
    path: join(folder, 'registry.sqlite'),
    clock: () => epochMs(Date.now()),
    newId: randomUUID,
  });
  const actor = { kind: 'system', name: 'bench' } as const;
  await registry.seed(actor, city);
  await addAdministrator(registry.as(actor));
  await more(registry.as(actor));
  const series = await registry.directory.series();
  await registry.close();
  return series;
}

/** Signs the administrator of {@link registerCity} in; returns the session's cookie. */
export async function signIn(
  httpUrl: string,
  account: { loginName: string; password: string } = ADMINISTRATOR,
): Promise<string> {
  const response = await fetch(`${httpUrl}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(account),
  });
  if (!response.ok) throw new Error(`signing in was answered with ${response.status}: ${await response.text()}`);
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}
