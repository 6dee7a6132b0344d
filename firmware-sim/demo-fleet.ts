import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { carriedDevices } from '../config/city/carried.ts';
import { demoFirmwareKey } from '../config/city/demo-firmware.ts';
import { demoGatewayToken, demoToken } from '../config/city/demo-tokens.ts';
import { haiPhong, haiPhongFacts } from '../config/city/hai-phong.ts';
import type { DeviceId } from '../domain/identifiers.ts';
import type { EpochMs } from '../domain/time.ts';
import { createFleet, type FleetOptions, type FleetStats } from './fleet.ts';
import { createCityDevices } from './hardware/devices.ts';
import { createPlacedDevices, type PlacedDevice, type PlacedDevices } from './placed-devices.ts';
import type { Effect } from './scenarios/effects.ts';
import { createScenario, SCENARIO_NAMES, type ScenarioName } from './scenarios/scenarios.ts';

/*
 * The demo city's devices in a process of their own, so that the platform's memory and event loop are its own. This file is both the
 * parent's handle (`startDemoFleet`) and the child's program.
 */

const Settings = z.strictObject({
  brokerUrl: z.string(),
  /** Of the signals and the hardware. */
  seed: z.int(),
  /** Of the demo's device tokens. */
  tokenSeed: z.string(),
  /** The platform's HTTP port, for firmware. */
  httpUrl: z.string(),
  connectsPerSecond: z.number().positive().optional(),
});
export type DemoFleetSettings = z.infer<typeof Settings>;
const ToChild = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('start'), settings: Settings }),
  z.strictObject({ kind: z.literal('scenario'), name: z.enum(SCENARIO_NAMES), at: z.int() }),
  z.strictObject({
    kind: z.literal('place'),
    device: z.object({
      id: z.string(),
      modelId: z.string(),
      pointId: z.string(),
      location: z.object({ longitude: z.number(), latitude: z.number() }),
    }),
  }),
  z.strictObject({ kind: z.literal('fetch'), id: z.string() }),
  z.strictObject({ kind: z.literal('stop') }),
]);
type ToChild = z.infer<typeof ToChild>;

export interface DemoFleet {
  /** Begins a scenario at an instant, beside those already begun. */
  startScenario(name: ScenarioName, at: EpochMs): void;
  /** Somebody has hung up a device that is none of the street's: it connects and sends from now on. */
  place(device: PlacedDevice): void;
  /** It has been taken down again. */
  fetch(id: DeviceId): void;
  /** As of the last report, some seconds old; `undefined` before the first. */
  stats(): FleetStats | undefined;
  /** Resolves when the child has gone. */
  stop(): Promise<void>;
  /** Resolves with the exit code if the child goes, asked or not. */
  readonly exited: Promise<number | null>;
}

/** A small young generation halves the child's memory; it makes little garbage. */
const NODE_OPTIONS = ['--max-semi-space-size=1', '--optimize-for-size', '--max-old-space-size=128'];
const REPORT_EVERY_MS = 5_000;
const STOP_WITHIN_MS = 6_000;

/** Starts the demo city's devices in a child process. They connect, and reconnect, by themselves. The seed of the tokens goes by IPC, not by argv. */
export function startDemoFleet(settings: DemoFleetSettings): DemoFleet {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), [], { execArgv: NODE_OPTIONS, stdio: 'inherit' });
  let latest: FleetStats | undefined;
  child.on('message', (message) => {
    latest = message as FleetStats;
  });
  // The pipe may be gone before the exit is seen; what was to be sent is then of no use.
  const tell = (message: ToChild): void => {
    if (child.connected) child.send(message, () => undefined);
  };
  tell({ kind: 'start', settings });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return {
    exited,
    startScenario: (name, at) => tell({ kind: 'scenario', name, at }),
    place: (device) => tell({ kind: 'place', device }),
    fetch: (id) => tell({ kind: 'fetch', id }),
    stats: () => latest,
    async stop() {
      tell({ kind: 'stop' });
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await exited;
      clearTimeout(late);
    },
  };
}

function runChild(report: (stats: FleetStats) => void): void {
  const now = (): EpochMs => Date.now() as EpochMs;
  let running:
    | {
        readonly stop: () => Promise<void>;
        readonly begin: (name: ScenarioName, at: EpochMs) => void;
        readonly placed: PlacedDevices;
      }
    | undefined;
  const start = (settings: DemoFleetSettings): void => {
    const city = { city: haiPhong, facts: haiPhongFacts, seed: settings.seed };
    const effects: Effect[] = [];
    const world = createCityDevices({ ...city, from: now(), effects, temper: 'real' });
    const carried = carriedDevices(haiPhong, haiPhongFacts);
    const gateways = new Set(carried.values());
    const connection = {
      brokerUrl: settings.brokerUrl,
      credentialsOf: (device) => ({
        username: device,
        password: gateways.has(device)
          ? demoGatewayToken(settings.tokenSeed, device)
          : demoToken(settings.tokenSeed, device),
      }),
      clock: now,
      firmware: {
        httpUrl: settings.httpUrl,
        publicKeys: [demoFirmwareKey(settings.tokenSeed).publicKey],
      },
      ...(settings.connectsPerSecond === undefined ? {} : { connectsPerSecond: settings.connectsPerSecond }),
    } satisfies Omit<FleetOptions, 'devices' | 'seed'>;
    const fleet = createFleet({
      ...connection,
      devices: world.devices,
      seed: settings.seed,
      carriedBy: (device) => carried.get(device),
    });
    const placed = createPlacedDevices({ ...connection, ...city });
    const reports = setInterval(() => report(fleet.stats()), REPORT_EVERY_MS);
    void fleet.start().then(() => report(fleet.stats()));
    running = {
      placed,
      begin(name, at) {
        effects.push(...createScenario(name, { ...city, at }).effects);
        world.setEffects(effects, now());
        fleet.reschedule();
      },
      async stop() {
        clearInterval(reports);
        await Promise.all([fleet.stop(), placed.stop()]);
      },
    };
  };
  const quit = (): void => {
    void (running?.stop() ?? Promise.resolve()).finally(() => process.exit(0));
  };
  process.on('message', (raw) => {
    const message = ToChild.parse(raw);
    if (message.kind === 'start') start(message.settings);
    else if (message.kind === 'scenario') running?.begin(message.name, message.at as EpochMs);
    else if (message.kind === 'place') running?.placed.place(message.device as PlacedDevice);
    else if (message.kind === 'fetch') running?.placed.fetch(message.id as DeviceId);
    else quit();
  });
  // Without a parent there is nobody to show the city to.
  process.on('disconnect', quit);
  // Ctrl+C reaches the whole group; the parent decides when to stop.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', quit);
}

if (import.meta.main) {
  if (process.send === undefined) {
    console.error('demo-fleet.ts runs as a child of the demo; by hand, use: npm run sim -- --help');
    process.exitCode = 2;
  } else {
    const send = process.send.bind(process);
    runChild((stats) => send(stats));
  }
}
