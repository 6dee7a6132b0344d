import { EventEmitter } from 'node:events';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import type { DeviceId } from '../domain/identifiers.ts';
import type { Clock, EpochMs } from '../domain/time.ts';
import { createDueQueue } from './due-queue.ts';
import type { Deed, SimulatedDevice } from './hardware/device.ts';
import { createFirmwareUpdater, type FirmwareFault } from './hardware/firmware-update.ts';
import { createOrderBook, type Effect } from './hardware/orders.ts';
import { createRandomWalk, seedOf } from './random.ts';

export interface FleetCredentials {
  readonly username: string;
  readonly password: string;
}

/** How the devices' firmware is replaced. */
export interface FleetFirmware {
  /** The platform's HTTP port, as devices know it: `http://host:8080`. */
  readonly httpUrl: string;
  /** Burnt into all of them: Ed25519, 32 bytes, base64. */
  readonly publicKeys: readonly string[];
  readonly faultOf?: (device: DeviceId) => FirmwareFault | null;
  /** Between two tries of a download that broke. Default one second. */
  readonly retryMs?: number;
}

export interface FleetOptions {
  /** `mqtt://host:1883`, `mqtts://…`, `ws://host:8080/mqtt` … */
  readonly brokerUrl: string;
  readonly devices: readonly SimulatedDevice[];
  /** `undefined` for a device: it connects without a login. */
  readonly credentialsOf: (device: DeviceId) => FleetCredentials | undefined;
  /** The gateway, one of the devices, by whose connection a device sends and is spoken to; it has none of its own then. */
  readonly carriedBy?: (device: DeviceId) => DeviceId | undefined;
  readonly clock: Clock;
  /** Simulated time at the start; `speed` times as fast from there until it catches up with the clock, then with it. Default: now. */
  readonly from?: EpochMs;
  readonly speed?: number;
  /** New connections a second; default 100. */
  readonly connectsPerSecond?: number;
  /** Telemetry messages a device keeps while its broker is away; the oldest go first and are counted. Default 500. */
  readonly waitingPerDevice?: number;
  readonly seed?: number;
  /** Absent: their firmware can't be replaced. */
  readonly firmware?: FleetFirmware | undefined;
  /** Extra settings of every connection (CA, client certificate …). */
  readonly connection?: Pick<IClientOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized'>;
}

export interface FleetStats {
  readonly devices: number;
  readonly connected: number;
  /** Telemetry and attribute messages handed to the broker, and those it acknowledged. */
  readonly published: number;
  readonly acknowledged: number;
  readonly readings: number;
  readonly repeats: number;
  /** Telemetry waiting for a connection, and what was dropped since there was no more room. */
  readonly waiting: number;
  readonly dropped: number;
  readonly reconnects: number;
  /** Connection attempts that failed, by reason. */
  readonly failures: Readonly<Record<string, number>>;
  readonly commandsAnswered: number;
  /** Where simulated time stands. */
  readonly simulatedTime: EpochMs;
}

export interface Fleet {
  /** Begins connecting and sending; resolves when every device that has coverage and supply has tried to connect once. */
  start(): Promise<void>;
  /** Sends what is in flight, says goodbye and resolves when all connections are closed. */
  stop(): Promise<void>;
  stats(): FleetStats;
  /** Asks every device for its due time anew, after their world was changed under them. */
  reschedule(): void;
}

/** Devices spoken to by the timer this often at most: nobody notices a twentieth of a second, the processor does. */
const TICK_MS = 50;
const LONGEST_SLEEP_MS = 1_000;
const KEEPALIVE_SECONDS = 120;
const CONNECT_TIMEOUT_MS = 20_000;
const BACKOFF_MS = { first: 1_000, last: 60_000 };
/** Between losing its supply or coverage and the death of a device's connection. */
const LAST_MOMENT_MS = 1_500;
/** One order in fifty fails for a reason of the hardware's own. */
const ORDER_FAILURE_SHARE = 0.02;
/** Waiting this long for the last acknowledgements when the fleet stops. */
const FAREWELL_MS = 3_000;

/** Drives devices over real MQTT connections, one each, in this process. Building is not starting. */
export function createFleet(options: FleetOptions): Fleet {
  const { devices, clock, speed = 1, connectsPerSecond = 100, waitingPerDevice = 500, seed = 1 } = options;
  const counters = {
    connected: 0,
    published: 0,
    acknowledged: 0,
    readings: 0,
    repeats: 0,
    dropped: 0,
    reconnects: 0,
    commandsAnswered: 0,
  };
  const failures = new Map<string, number>();
  const walk = createRandomWalk(seedOf(seed, 'fleet'));
  const settled = new EventEmitter();
  const untried = new Set<DeviceId>();
  let startedAt = clock();
  let from = options.from ?? startedAt;
  let running = false;
  let timer: NodeJS.Timeout | undefined;

  const simulatedNow = (): EpochMs => {
    const now = clock();
    return Math.min(Math.max(now, from), from + (now - startedAt) * speed) as EpochMs;
  };
  const fail = (reason: string): void => {
    failures.set(reason, (failures.get(reason) ?? 0) + 1);
  };
  const tried = (id: DeviceId): void => {
    if (untried.delete(id) && untried.size === 0) settled.emit('all');
  };

  const lineOf = new Map<DeviceId, ReturnType<typeof createLine>>();
  const lines = devices.map((device) => {
    const line = createLine({
      device,
      carrier: () => {
        const by = options.carriedBy?.(device.id);
        return by === undefined ? undefined : lineOf.get(by);
      },
      carried: () => devices.flatMap(({ id }) => (options.carriedBy?.(id) === device.id ? (lineOf.get(id) ?? []) : [])),
      options,
      counters,
      fail,
      tried,
      walk,
      waitingPerDevice,
      isRunning: () => running,
      onOrder(effect) {
        device.order(effect, simulatedNow());
        reschedule();
      },
      onFirmware: (version) => device.runs(version, simulatedNow()),
    });
    lineOf.set(device.id, line);
    return line;
  });
  let queue = createDueQueue<(typeof lines)[number]>();

  const tick = (): void => {
    const now = simulatedNow();
    for (let line = queue.takeDue(now); line !== undefined; line = queue.takeDue(now)) {
      line.carryOut(line.device.step(now));
      queue.push(line, line.device.dueAt);
    }
    const pace = now < clock() ? speed : 1;
    const sleep = Math.min(LONGEST_SLEEP_MS, Math.max(TICK_MS, (queue.nextDue - now) / pace));
    timer = setTimeout(tick, sleep);
  };

  const reschedule = (): void => {
    if (!running) return;
    queue = createDueQueue();
    for (const line of lines) queue.push(line, line.device.dueAt);
    clearTimeout(timer);
    tick();
  };

  return {
    async start() {
      running = true;
      startedAt = clock();
      from = options.from ?? startedAt;
      const all = new Promise<void>((resolve) => {
        settled.once('all', resolve);
      });
      for (const line of lines) untried.add(line.device.id);
      lines.forEach((line, index) => {
        line.connectAfter((index * 1000) / connectsPerSecond);
        queue.push(line, line.device.dueAt);
      });
      tick();
      if (lines.length > 0) await all;
    },
    async stop() {
      running = false;
      clearTimeout(timer);
      await Promise.all(lines.map((line) => line.close()));
    },
    reschedule,
    stats: () => ({
      devices: devices.length,
      ...counters,
      waiting: lines.reduce((sum, line) => sum + line.waiting(), 0),
      failures: Object.fromEntries(failures),
      simulatedTime: simulatedNow(),
    }),
  };
}

/** What lines need of one another: a gateway's, and of those it carries. */
interface Line {
  /** Its connection, where it can be used now. */
  readonly connection: () => MqttClient | undefined;
  /** Sends what waits, as far as it can. */
  readonly flush: () => void;
  /** What was said to it: `topic` is the whole one. */
  readonly receive: (topic: string, payload: Buffer, from: MqttClient) => void;
  readonly base: string;
}

interface LineOptions {
  readonly device: SimulatedDevice;
  /** The gateway it sends by; `undefined`: it has a connection of its own. */
  readonly carrier: () => Line | undefined;
  readonly carried: () => readonly Line[];
  readonly options: FleetOptions;
  readonly counters: Record<
    'connected' | 'published' | 'acknowledged' | 'readings' | 'repeats' | 'dropped' | 'reconnects' | 'commandsAnswered',
    number
  >;
  readonly fail: (reason: string) => void;
  readonly tried: (id: DeviceId) => void;
  readonly walk: ReturnType<typeof createRandomWalk>;
  readonly waitingPerDevice: number;
  readonly isRunning: () => boolean;
  /** The device was told to report otherwise. */
  readonly onOrder: (effect: Extract<Effect, { readonly kind: 'report_now' | 'interval' }>) => void;
  /** The device has restarted with another firmware. */
  readonly onFirmware: (version: string) => void;
}

/** One device's connection: (re)connects with back-off, keeps what can't be sent yet, answers commands. */
function createLine({
  device,
  carrier,
  carried,
  options,
  counters,
  fail,
  tried,
  walk,
  waitingPerDevice,
  isRunning,
  onOrder,
  onFirmware,
}: LineOptions) {
  const base = `hd/v1/${device.id}`;
  const held: Extract<Deed, { kind: 'telemetry' | 'attributes' }>[] = [];
  /** Before it goes away: what it said last is to arrive, as far as the network lets it. */
  const saidAll = (): Promise<void> =>
    new Promise((resolve) => {
      if (unanswered === 0) return resolve();
      const late = setTimeout(resolve, LAST_MOMENT_MS);
      allAnswered = () => {
        clearTimeout(late);
        resolve();
      };
    });
  const { firmware } = options;
  const updater =
    firmware &&
    createFirmwareUpdater({
      deviceId: device.id,
      modelId: device.modelId,
      httpUrl: firmware.httpUrl,
      token: options.credentialsOf(device.id)?.password ?? '',
      publicKeys: firmware.publicKeys,
      fault: firmware.faultOf?.(device.id) ?? null,
      ...(firmware.retryMs === undefined ? {} : { retryMs: firmware.retryMs }),
      version: () => device.firmware,
      report: (attributes) => offer({ kind: 'attributes', payload: JSON.stringify(attributes) }),
      async restart(version) {
        await saidAll();
        restarting = true;
        client?.stream?.destroy();
        if (version === null) {
          reachable = false;
          return;
        }
        onFirmware(version);
        offer({ kind: 'attributes', payload: JSON.stringify({ firmware: version }) });
      },
    });
  const orders = createOrderBook({
    failureShare: ORDER_FAILURE_SHARE,
    random: () => walk.unit(),
    firmwareObjection: updater?.objection,
  });
  let client: MqttClient | undefined;
  let reachable = true;
  /** Messages on their way, and who waits for the last one's acknowledgement. */
  let unanswered = 0;
  let allAnswered = (): void => {};
  /** Its connection is gone, whatever the client thinks of it in this moment: what is to be said waits for the next. */
  let restarting = false;
  let attempts = 0;
  let retry: NodeJS.Timeout | undefined;

  const connection = (): MqttClient | undefined => {
    const by = carrier();
    if (by !== undefined) return reachable ? by.connection() : undefined;
    return client?.connected === true && !restarting ? client : undefined;
  };
  const publish = (deed: (typeof held)[number], to: MqttClient): void => {
    counters.published += 1;
    if (deed.kind === 'telemetry') {
      counters.readings += deed.readings;
      if (deed.repeat) counters.repeats += 1;
    }
    const dup = deed.kind === 'telemetry' && deed.repeat;
    to.publish(`${base}/${deed.kind}`, deed.payload, { qos: 1, dup }, (error) => {
      if (error === undefined || error === null) counters.acknowledged += 1;
      unanswered -= 1;
      if (unanswered === 0) allAnswered();
    });
    unanswered += 1;
  };
  const flush = (): void => {
    for (let to = connection(); held.length > 0 && to !== undefined; to = connection())
      publish(held.shift() as (typeof held)[number], to);
  };
  const offer = (deed: (typeof held)[number]): void => {
    held.push(deed);
    if (held.length > waitingPerDevice) {
      held.shift();
      counters.dropped += 1;
    }
    flush();
  };
  const again = (): void => {
    if (!isRunning() || !reachable) return;
    const wait = Math.min(BACKOFF_MS.last, BACKOFF_MS.first * 2 ** attempts) * walk.between(0.7, 1.3);
    attempts += 1;
    clearTimeout(retry);
    retry = setTimeout(open, wait);
  };
  const open = (): void => {
    if (!isRunning() || !reachable || carrier() !== undefined) {
      tried(device.id);
      if (carrier() !== undefined) flush();
      return;
    }
    // Coverage came back before the connection had died.
    if (client?.connected === true) return;
    if (client !== undefined) {
      counters.reconnects += 1;
      client.reconnect();
      return;
    }
    const login = options.credentialsOf(device.id);
    client = connect(options.brokerUrl, {
      ...options.connection,
      ...login,
      clientId: device.id,
      protocolVersion: 4,
      clean: true,
      keepalive: KEEPALIVE_SECONDS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // Back-off is ours: mqtt's own period is fixed, and a whole fleet would knock in step.
      reconnectPeriod: 0,
      queueQoSZero: false,
      resubscribe: false,
      will: {
        topic: `${base}/status`,
        payload: Buffer.from('{"online":false,"reason":"last_will"}'),
        qos: 1,
        retain: true,
      },
    });
    let up = false;
    client.on('connect', () => {
      up = true;
      restarting = false;
      attempts = 0;
      counters.connected += 1;
      tried(device.id);
      const all = [{ base, flush }, ...carried()];
      client?.subscribe(
        all.flatMap((one) => [`${one.base}/cmd/+`, `${one.base}/config`]),
        { qos: 1 },
      );
      for (const one of all) one.flush();
    });
    client.on('error', (error) => {
      fail(error.message);
      tried(device.id);
    });
    client.on('close', () => {
      if (up) counters.connected -= 1;
      up = false;
      tried(device.id);
      again();
    });
    client.on('message', (topic, payload) => {
      const to = carried().find((one) => topic.startsWith(`${one.base}/`));
      if (client) (to?.receive ?? receive)(topic, payload, client);
    });
  };
  const receive: Line['receive'] = (topic, payload, from) => {
    const taken = orders.take(topic.slice(base.length + 1), payload.toString());
    if (taken === null) return;
    counters.commandsAnswered += 1;
    const { answer, effect } = taken;
    from.publish(`${base}/${answer.topic}`, answer.payload, { qos: 1 }, () => {
      if (effect?.kind !== 'reboot') return;
      // Without a goodbye, as hardware does it; it is back when its firmware is up again.
      client?.stream?.destroy();
    });
    if (effect?.kind === 'firmware') void updater?.carryOut(effect.order);
    else if (effect !== null && effect.kind !== 'reboot') onOrder(effect);
  };

  return {
    device,
    base,
    connection,
    flush,
    receive,
    waiting: () => held.length,
    connectAfter(delayMs: number) {
      retry = setTimeout(open, delayMs);
    },
    carryOut(deeds: readonly Deed[]) {
      for (const deed of deeds)
        switch (deed.kind) {
          case 'telemetry':
          case 'attributes':
            offer(deed);
            break;
          case 'vanish':
            reachable = false;
            attempts = 0;
            // The capacitor that carries a last gasp holds the radio up a moment longer.
            clearTimeout(retry);
            retry = setTimeout(() => client?.stream?.destroy(), LAST_MOMENT_MS);
            // Gone before its turn to connect came: nobody waits for it.
            tried(device.id);
            break;
          case 'appear':
            reachable = true;
            clearTimeout(retry);
            retry = setTimeout(open, walk.between(0, 500));
            break;
        }
    },
    async close(): Promise<void> {
      updater?.stop();
      clearTimeout(retry);
      const open = client;
      if (open === undefined) return;
      if (!open.connected) {
        await open.endAsync(true);
        return;
      }
      // `end` waits for acknowledgements on their way; a broker that went quiet must not hold the fleet up.
      let lateness: NodeJS.Timeout | undefined;
      await Promise.race([
        open.endAsync(false),
        new Promise<void>((resolve) => {
          lateness = setTimeout(resolve, FAREWELL_MS);
        }),
      ]);
      clearTimeout(lateness);
      if (!open.disconnected) await open.endAsync(true);
    },
  };
}
