/** What the demo city adds to the platform: its registry, accounts, devices in a process of their own, and history. */
import type { Logger } from 'pino';
import { hashPassword } from './api/auth/passwords.ts';
import { sha256Hex } from './api/auth/secrets.ts';
import { carriedDevices } from './config/city/carried.ts';
import { demoFirmwareKey } from './config/city/demo-firmware.ts';
import { demoClaimCode } from './config/city/demo-stock.ts';
import { demoGatewayToken, tokenSha256, withDemoTokens } from './config/city/demo-tokens.ts';
import { HAI_PHONG_STOCK } from './config/city/hai-phong/stock.ts';
import { haiPhong, haiPhongFacts } from './config/city/hai-phong.ts';
import { type Settings, SettingsError } from './config/settings.ts';
import type { Role } from './domain/access.ts';
import { OWN_TOPICS } from './domain/asset.ts';
import type { FirmwareKeyId } from './domain/firmware/firmware-image.ts';
import type { CredentialId, DeviceId, UserId } from './domain/identifiers.ts';
import type { Localized } from './domain/localized.ts';
import type { LiveBus } from './domain/ports/live-bus.ts';
import type { Registry } from './domain/ports/registry.ts';
import type { TimeSeriesStore } from './domain/ports/time-series-store.ts';
import { claimPreimage } from './domain/provisioning.ts';
import { after, before, days, epochMs, minutes } from './domain/time.ts';
import { type DemoFleet, startDemoFleet } from './firmware-sim/demo-fleet.ts';
import { historyFor } from './firmware-sim/history.ts';
import { isScenarioName, SCENARIO_NAMES, type ScenarioName } from './firmware-sim/scenarios/scenarios.ts';
import { createStreet } from './firmware-sim/signals/street.ts';
import type { IndicesConsumer } from './ingest/consumers/indices/indices-consumer.ts';

/** One account of each role, for the demo alone: it listens on loopback only. */
export const DEMO_PASSWORD = 'hai-dang-demo';
export const DEMO_ACCOUNTS: readonly {
  readonly loginName: string;
  readonly displayName: string;
  readonly role: Role;
  readonly title: Localized;
}[] = [
  {
    loginName: 'vanhanh',
    displayName: 'Nguyễn Thị Hoa',
    role: 'operator',
    title: { vi: 'Trực điều hành', en: 'Operator' },
  },
  {
    loginName: 'lapdat',
    displayName: 'Trần Văn Minh',
    role: 'installer',
    title: { vi: 'Nhân viên lắp đặt', en: 'Installer' },
  },
  {
    loginName: 'moitruong',
    displayName: 'Lê Thu Hà',
    role: 'environment',
    title: { vi: 'Cán bộ môi trường', en: 'Environmental officer' },
  },
  {
    loginName: 'quantri',
    displayName: 'Phạm Quốc Anh',
    role: 'platform_admin',
    title: { vi: 'Quản trị nền tảng', en: 'Platform administrator' },
  },
];

/** A year: as long as a claim code may count. */
const STOCK_LABELS_GOOD_FOR = days(365);

/** Makes the claim codes of the demo's stock, where there is none that counts; a label that somebody has printed stays good. */
async function labelStock(registry: Registry, seed: string): Promise<void> {
  const { devices } = registry.as({ kind: 'system', name: 'demo' });
  const opensAt = epochMs(Date.now());
  for (const { id } of HAI_PHONG_STOCK) {
    const [{ state }, window] = [await devices.get(id), await devices.claimWindow(id)];
    if (state !== 'in_stock' || (window !== null && window.closesAt > opensAt)) continue;
    const codeSha256 = sha256Hex(claimPreimage(id, demoClaimCode(seed, id)));
    await devices.openClaims([{ deviceId: id, codeSha256 }], {
      opensAt,
      closesAt: after(opensAt, STOCK_LABELS_GOOD_FOR),
    });
  }
}

/** Gives the demo's gateways the right to speak for what they carry, beside their own. */
async function empowerGateways(registry: Registry, seed: string): Promise<void> {
  const { devices } = registry.as({ kind: 'system', name: 'demo' });
  const carried = Map.groupBy(carriedDevices(haiPhong, haiPhongFacts), ([, gateway]) => gateway);
  for (const [deviceId, pairs] of carried) {
    const id = `demo-${deviceId}` as CredentialId;
    if ((await devices.credentials(deviceId)).some((known) => known.id === id)) continue;
    await devices.addCredential({
      ...{ id, deviceId, kind: 'token', expiresAt: null },
      tokenSha256: tokenSha256(demoGatewayToken(seed, deviceId)),
      topicFilters: [...OWN_TOPICS, ...pairs.map(([device]) => `hd/v1/${device}/#`)],
    });
  }
}

/** Registers the demo's city and accounts; what is there already stays as it is. */
export async function seedDemo(registry: Registry, settings: Settings, log: Logger): Promise<void> {
  const actor = { kind: 'system', name: 'demo' } as const;
  const seeded = await registry.seed(
    actor,
    withDemoTokens({ ...haiPhong, devices: [...haiPhong.devices, ...HAI_PHONG_STOCK] }, String(settings.demo.seed)),
  );
  log.info({ event: 'demo.city', ...seeded }, 'Hải Phòng is registered');
  await labelStock(registry, String(settings.demo.seed));
  await empowerGateways(registry, String(settings.demo.seed));
  const { users, firmware } = registry.as(actor);
  const known = new Set((await firmware.keys.list()).map(({ id }) => id));
  const { publicKey } = demoFirmwareKey(String(settings.demo.seed));
  for (const { id: agencyId } of haiPhong.agencies) {
    const id = `demo-${agencyId}` as FirmwareKeyId;
    if (known.has(id)) continue;
    await firmware.keys.create({ id, agencyId, name: 'Khóa của chế độ trình diễn', modelIds: [], publicKey });
  }
  for (const { loginName, displayName, role } of DEMO_ACCOUNTS) {
    if (await registry.identity.userByLogin(loginName)) continue;
    const roles =
      role === 'platform_admin'
        ? [{ agencyId: null, role }]
        : haiPhong.agencies.map((agency) => ({ agencyId: agency.id, role }));
    await users.create(
      { id: `demo-${loginName}` as UserId, loginName, displayName, language: 'vi', roles },
      await hashPassword(DEMO_PASSWORD),
    );
  }
}

/** What is to happen in the demo city. @throws {SettingsError} when there is no such scenario. */
export function demoScenario({ demo: { scenario } }: Settings): ScenarioName | undefined {
  if (scenario === undefined || isScenarioName(scenario)) return scenario;
  throw new SettingsError(`demo.scenario: there is no "${scenario}", only ${SCENARIO_NAMES.join(', ')}`);
}

/** The demo's stock comes alive where somebody hangs it up, and falls silent when it serves nothing any more. */
function followStock(
  registry: Registry,
  bus: LiveBus,
  fleet: DemoFleet,
  onError: (error: unknown) => void,
): () => void {
  const stock = new Set(HAI_PHONG_STOCK.map(({ id }) => id));
  const { devices, points } = registry.as({ kind: 'system', name: 'demo' });
  const look = async (id: DeviceId): Promise<void> => {
    const { modelId } = await devices.get(id);
    const served = (await devices.assignments({ deviceId: id })).find(({ to }) => to === null);
    if (!served) return fleet.fetch(id);
    const { location } = await points.get(served.pointId);
    fleet.place({ id, modelId, pointId: served.pointId, location });
  };
  for (const id of stock) look(id).catch(onError);
  return bus.subscribe('device.changed', ({ deviceId }) => {
    if (stock.has(deviceId)) look(deviceId).catch(onError);
  });
}

/** The demo's devices, in a process of their own. */
export function demoFleet(
  settings: Settings,
  { registry, bus, log }: { readonly registry: Registry; readonly bus: LiveBus; readonly log: Logger },
  mqttPort: () => number,
  httpPort: () => number,
) {
  let fleet: DemoFleet | null = null;
  let leave = (): void => undefined;
  const { seed } = settings.demo;
  const scenario = demoScenario(settings);
  return {
    name: 'demo fleet',
    async start() {
      fleet = startDemoFleet({
        brokerUrl: `mqtt://127.0.0.1:${mqttPort()}`,
        httpUrl: `http://127.0.0.1:${httpPort()}`,
        seed,
        tokenSeed: String(seed),
      });
      if (scenario !== undefined) fleet.startScenario(scenario, epochMs(Date.now()));
      leave = followStock(registry, bus, fleet, (err) => log.error({ event: 'demo.stock_failed', err }, 'demo stock'));
    },
    async stop() {
      leave();
      await fleet?.stop();
    },
  };
}

/** Fills the days before now from the same models, behind the scenes; a store that has older readings already is left as it is. */
export function demoHistory(
  settings: Settings,
  registry: Registry,
  store: TimeSeriesStore,
  indices: () => IndicesConsumer | null,
  log: Logger,
) {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const fill = async (): Promise<void> => {
    const to = epochMs(Math.floor(Date.now() / 600_000) * 600_000);
    const from = before(to, days(settings.demo.historyDays));
    const names = new Map(
      (await registry.directory.series()).map((entry) => [`${entry.pointId}\n${entry.quantity}`, entry.series]),
    );
    const known = await store.latest([...names.values()], before(to, minutes(30)));
    if (known.length > 0) return;
    const street = createStreet({ city: haiPhong, facts: haiPhongFacts, seed: settings.demo.seed });
    let readings = 0;
    // The last days first: what the air is like then shows within seconds, while the rest is still being filled in.
    const recent = epochMs(Math.max(from, before(to, days(2))));
    for (const span of [
      { from: recent, to },
      { from, to: recent },
    ]) {
      for (const columns of historyFor({
        street,
        city: haiPhong,
        ...span,
        seriesOf: (point, quantity) => names.get(`${point}\n${quantity}`),
      })) {
        if (stopped) return;
        await store.load([columns]);
        readings += columns.length;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await indices()?.readingsLoaded([...names.values()].map((series) => ({ series, ...span })));
    }
    log.info({ event: 'demo.history', days: settings.demo.historyDays, readings }, 'history is filled in');
  };
  return {
    name: 'demo history',
    async start() {
      if (settings.demo.historyDays > 0)
        running = fill().catch((err) => log.error({ event: 'demo.history_failed', err }, 'history'));
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}
