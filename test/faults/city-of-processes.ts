import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connectAsync, type MqttClient } from 'mqtt';
import { type NatsPlace, NatsServer, startThree } from '../../adapters/nats/nats-server.ts';
import { PostgresServer } from '../../adapters/registry/postgres-server.ts';
import { InfluxServer } from '../../adapters/timeseries/influx-server.ts';
import { untilAnswered } from '../../adapters/until-answered.ts';
import type { AgencyId, RuleId } from '../../domain/identifiers.ts';
import type { CitySeed, Registry } from '../../domain/ports/registry.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import { epochMs, seconds } from '../../domain/time.ts';
import { smallCity, tokenOf } from '../ingest/platform-parts.ts';
import { newFolder, type PlatformProcess, startPlatformProcess } from './platform-process.ts';

/** A value above it raises an alarm. */
export const LIMIT = 100;
/** One that is raised at once and over with the next value below, so that each value above is an alarm of its own. */
const rule = {
  id: 'above' as RuleId,
  agencyId: 'env' as AgencyId,
  name: { vi: 'Bụi vượt ngưỡng', en: 'Dust above the limit' },
  enabled: true,
  quantity: 'pm2_5' as QuantityKey,
  selection: {},
  condition: {
    kind: 'above',
    hysteresis: 0,
    levels: [{ severity: 'notice', limit: LIMIT, hold: seconds(0) }],
  },
  clearHold: seconds(0),
  advice: null,
  judgeSuspect: true,
  endsUnacknowledged: ['notice'],
} as unknown as CitySeed['rules'][number];

/** Air stations, each of whose values above the limit is an alarm. */
export const alarmingCity = (devices: number): CitySeed => ({ ...smallCity(devices), rules: [rule] });

/** An alarm as it is to be on record: of which device, since when. */
export const keyOf = (device: string, startedAt: number): string => `${device}@${startedAt}`;

/** A machine with other things to do judges hundreds of alarms a second, and may have tens of thousands to catch up with. */
const JUDGED_WITHIN_MS = 600_000;

export interface CityServers {
  /** Puts more into the registry before anybody reads it. */
  readonly prepare?: (registry: Registry) => Promise<void>;
  /** Three are a cluster that holds each entry three times. */
  readonly nodes?: 1 | 3;
  /** Where the nodes run, if not here. */
  readonly places?: readonly NatsPlace[];
  /** PostgreSQL waits for its disk at each commit, and InfluxDB knows its database after it was killed. */
  readonly isDurable?: boolean;
  /** Folder of the program whose registry it is and that processes run, if not this one. */
  readonly release?: string;
}

/** Where a process runs again after it has ended. */
interface Place {
  readonly roles: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly release: string;
}

/** A city that several processes run on real servers: one NATS or three, one PostgreSQL, one InfluxDB, and as many of each role as are started. */
export class CityOfProcesses {
  readonly nats: readonly NatsServer[];
  readonly postgres: PostgresServer;
  readonly influx = new InfluxServer();
  readonly devices: readonly string[];
  readonly workers = new Set<PlatformProcess>();
  /** Alarms that acknowledged readings are to raise → when they were acknowledged. */
  readonly expected = new Map<string, number>();
  readonly #processes = new Map<PlatformProcess, Place>();
  #registry = '';
  #database = '';
  #release = process.cwd();
  #isSending = false;
  #sending: Promise<void> = Promise.resolve();

  private constructor(nats: readonly NatsServer[], postgres: PostgresServer, devices: number) {
    this.nats = nats;
    this.postgres = postgres;
    this.devices = Array.from({ length: devices }, (_, i) => `air-${i + 1}`);
  }

  /** The servers, with nothing on them. */
  static async empty(
    devices: number,
    { nodes = 1, places, isDurable = false }: Omit<CityServers, 'prepare'> = {},
  ): Promise<CityOfProcesses> {
    const alone = async (): Promise<readonly NatsServer[]> => {
      const server = await NatsServer.alone();
      await server.start();
      return [server];
    };
    const nats = nodes === 1 ? await alone() : await startThree(places);
    const city = new CityOfProcesses(nats, new PostgresServer({ fsync: isDurable }), devices);
    await Promise.all([city.postgres.start(), city.influx.start()]);
    city.#registry = await city.postgres.newDatabase();
    city.#database = await city.influx.newDatabase();
    if (isDurable) {
      await city.influx.stop();
      await city.influx.start();
    }
    return city;
  }

  static async open(devices: number, servers: CityServers = {}): Promise<CityOfProcesses> {
    const city = await CityOfProcesses.empty(devices, servers);
    city.#release = servers.release ?? city.#release;
    const { openPostgresRegistry }: typeof import('../../adapters/registry/postgres.ts') = await import(
      pathToFileURL(join(city.#release, 'adapters/registry/postgres.ts')).href
    );
    const registry = await openPostgresRegistry({
      url: city.#registry,
      clock: () => epochMs(Date.now()),
      newId: randomUUID,
    });
    await registry.seed({ kind: 'system', name: 'test' }, alarmingCity(devices));
    await servers.prepare?.(registry);
    await registry.close();
    return city;
  }

  /** How a process is told where the servers are. */
  get environment(): Readonly<Record<string, string>> {
    return {
      HD_JOURNAL_ENGINE: 'nats',
      HD_BUS_ENGINE: 'nats',
      HD_NATS_SERVERS: this.nats.map(({ url }) => url).join(','),
      HD_NATS_REPLICAS: String(this.nats.length),
      HD_REGISTRY_ENGINE: 'postgres',
      HD_REGISTRY_URL: this.#registry,
      HD_STORE_ENGINE: 'influxdb',
      HD_STORE_URL: this.influx.url,
      HD_STORE_API: 'v1',
      HD_STORE_DATABASE: this.#database,
    };
  }

  start = (roles: string, environment: Readonly<Record<string, string>> = {}): Promise<PlatformProcess> =>
    this.#start({ roles, folder: newFolder(), environment, release: this.#release });

  /** Another process in the place of one that has ended: the same role, data directory and ports; `release`: of another program. */
  async startAgain(ended: PlatformProcess, release?: string): Promise<PlatformProcess> {
    const place = this.#processes.get(ended);
    if (place === undefined) throw new Error('it was not started here');
    await ended.gone;
    this.#processes.delete(ended);
    const ports = { HD_MQTT_PORT: String(ended.mqttPort), HD_HTTP_PORT: String(ended.httpPort) };
    return this.#start({
      ...place,
      environment: { ...place.environment, ...ports },
      release: release ?? place.release,
    });
  }

  /** Variables that it was started with beside those of the city. */
  environmentOf = (process: PlatformProcess): Place['environment'] | undefined =>
    this.#processes.get(process)?.environment;

  async #start(place: Place): Promise<PlatformProcess> {
    const { roles, folder, environment, release } = place;
    const started = await startPlatformProcess(
      folder,
      { HD_ROLES: roles, HD_LOG_LEVEL: 'info', ...this.environment, ...environment },
      [],
      release,
    );
    this.#processes.set(started, place);
    if (roles.includes('worker')) this.workers.add(started);
    void started.gone.then(() => this.workers.delete(started));
    return started;
  }

  /** Who does the duty, by their own word; `null`: nobody who answers. */
  async holderOf(duty: string): Promise<PlatformProcess | null> {
    for (const worker of this.workers) {
      const held = await worker.metric(`hd_duty_held\\{duty="${duty}"\\}`).catch(() => 0);
      if (held === 1) return worker;
    }
    return null;
  }
  /** How many duties each worker does. */
  shares = (): Promise<number[]> =>
    Promise.all(
      [...this.workers].map(async ({ httpPort }) => {
        const text = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
        return [...text.matchAll(/^hd_duty_held\{.*\} 1$/gm)].length;
      }),
    );

  /** Each device sends one value above the limit and one below, each as soon as the one before is acknowledged: in turn with the others, or by itself. */
  async send(
    { mqttPort }: Pick<PlatformProcess, 'mqttPort'>,
    paceMs: number,
    how: 'in turn' | 'by itself' = 'in turn',
  ): Promise<void> {
    this.#isSending = true;
    const clients = await Promise.all(
      this.devices.map((id) =>
        connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { clientId: id, username: id, password: tokenOf(id) }),
      ),
    );
    const publish = (client: MqttClient, id: string, ts: number, value: number) =>
      client.publishAsync(`hd/v1/${id}/telemetry`, JSON.stringify({ ts, values: { pm2_5: value } }), { qos: 1 });
    const inTurn = async (devices: readonly (readonly [number, string])[]): Promise<void> => {
      while (this.#isSending) {
        for (const [i, id] of devices) {
          if (!this.#isSending) break;
          const ts = Date.now();
          await publish(clients[i]!, id, ts, LIMIT + 1);
          this.expected.set(keyOf(id, ts), Date.now());
          await publish(clients[i]!, id, ts + 1, 1);
          await new Promise((resolve) => setTimeout(resolve, paceMs));
        }
      }
    };
    const devices = [...this.devices.entries()];
    this.#sending = Promise.all(how === 'in turn' ? [inTurn(devices)] : devices.map((one) => inTurn([one]))).then(
      async () => {
        await Promise.all(clients.map((client) => client.endAsync()));
      },
    );
    this.#sending.catch(() => {});
  }
  async stopSending(): Promise<void> {
    this.#isSending = false;
    await this.#sending;
  }
  raisedAtLeast = (count: number): Promise<void> =>
    untilAnswered(
      async () => {
        const { length } = await this.raised();
        if (length < count) throw new Error(`${length} of ${count} alarms are raised`);
      },
      { withinMs: 60_000, everyMs: 200 },
    );

  /** Rows of the registry. */
  records = <Row extends object>(sql: string): Promise<Row[]> => this.postgres.query<Row>(sql, this.#registry);
  /** Rows of the store. */
  readings = (influxQl: string) => this.influx.query(influxQl, this.#database);

  /** How long after `at`, epoch ms, the first alarm was raised since then, ms; resolves when there is one. */
  nextAlarmAfter = (at: number): Promise<number> =>
    untilAnswered(
      async () => {
        const sql = `SELECT min(recorded_at) AS first FROM alarm_transitions WHERE recorded_at > ${at}`;
        const [row] = await this.records<{ first: string | null }>(sql);
        if (!row?.first) throw new Error('no alarm since then');
        return Number(row.first) - at;
      },
      { withinMs: 60_000 },
    );

  /** Alarms on record, with when each was raised first, and how often it became active. */
  async raised(): Promise<readonly { readonly key: string; readonly at: number; readonly activations: number }[]> {
    const rows = await this.records<{ point: string; started: string; at: string; activations: number }>(
      `SELECT a.point_id AS point, a.started_at AS started, (a.body ->> 'activationCount')::int AS activations,
         (SELECT min(recorded_at) FROM alarm_transitions WHERE alarm_id = a.id) AS at
       FROM alarms a`,
    );
    return rows.map(({ point, started, at, activations }) => ({
      key: keyOf(point.replace(/^p-/, ''), Number(started)),
      at: Number(at),
      activations,
    }));
  }

  /** Once all that was acknowledged is judged: expected alarms that are missing, and alarms that are there twice, became active twice, or nobody expected. */
  async misjudged(): Promise<{ readonly lost: readonly string[]; readonly doubled: readonly string[] }> {
    await untilAnswered(
      async () => {
        const judging = await this.holderOf('rules');
        const unjudged = await judging?.metric('hd_rules_unjudged_entries');
        // A release before this one may not tell: then all expected alarms are waited for below.
        if (unjudged !== 0 && !(Number.isNaN(unjudged) && this.#release !== process.cwd()))
          throw new Error(`${unjudged} entries are still to be judged`);
      },
      { withinMs: JUDGED_WITHIN_MS, everyMs: 200 },
    );
    await this.raisedAtLeast(this.expected.size).catch(() => {});
    const raised = await this.raised();
    const keys = new Set(raised.map(({ key }) => key));
    const seen = new Set<string>();
    const doubled = raised.filter(({ key, activations }) => {
      const isWrong = seen.has(key) || activations !== 1 || !this.expected.has(key);
      seen.add(key);
      return isWrong;
    });
    return { lost: [...this.expected.keys()].filter((key) => !keys.has(key)), doubled: doubled.map(({ key }) => key) };
  }

  /** Readings that InfluxDB has of the devices' dust. */
  async stored(): Promise<number> {
    const [row] = await this.readings('SELECT COUNT("value") FROM "pm2_5"');
    return Number(row?.[1] ?? 0);
  }
  inRegistry = <Row extends object>(sql: string): Promise<Row[]> => this.postgres.query<Row>(sql, this.#registry);

  /** Readings of a point in all its quantities that InfluxDB has in [from, to), epoch ms. */
  async storedOf(point: string, from: number, to: number): Promise<number> {
    const rows = await this.influx.query(
      `SELECT COUNT("value") FROM /.*/ WHERE "point" = '${point}' AND time >= ${from}ms AND time < ${to}ms`,
      this.#database,
    );
    return rows.reduce((sum, row) => sum + Number(row[1]), 0);
  }

  async close(): Promise<void> {
    this.#isSending = false;
    await Promise.all([...this.#processes.keys()].map((one) => one.kill()));
    await Promise.all([...this.nats, this.influx, this.postgres].map((server) => server.discard()));
    await Promise.all([...this.#processes.values()].map(({ folder }) => rm(folder, { recursive: true, force: true })));
  }
}
