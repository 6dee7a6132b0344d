import { setTimeout as pause } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect } from 'vitest';
import { connectNats } from '../../adapters/nats/connection.ts';
import type { NatsServer } from '../../adapters/nats/nats-server.ts';
import { untilAnswered } from '../../adapters/until-answered.ts';
import { hashPassword } from '../../api/auth/passwords.ts';
import { DUTIES } from '../../domain/duties.ts';
import type { AlarmId, SeriesId, UserId } from '../../domain/identifiers.ts';
import { ApiClient } from '../api/api-client.ts';
import { CityOfProcesses, type CityServers, keyOf, LIMIT } from './city-of-processes.ts';
import { FieldDevices } from './field-devices.ts';
import type { PlatformProcess } from './platform-process.ts';
import { WatchingScreen } from './watching-screen.ts';

const ACCOUNT = { loginName: 'watcher', password: 'correct horse battery' };
/** Devices that raise alarms in turn; the others only measure. */
const ALARMING = 20;
/** Alarms that stay open while the screens are compared. */
const LEFT_OPEN = 3;
const ALARM_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 200;
/** The store counts as behind once what was measured so long ago is not in it. */
const STORE_BEHIND_MS = 2_000;
const SETTLED = { withinMs: 120_000, everyMs: 200 };

export interface CityUnderFaultsOptions extends Omit<CityServers, 'prepare'> {
  readonly devices: number;
  readonly messagesPerSecond: number;
  /** Variables of some processes, e.g. for a clock that can be moved. */
  readonly environmentOf?: (role: string, n: number) => Readonly<Record<string, string>>;
}

/** How the clock of a device is wrong. */
interface WrongClock {
  readonly says: (now: number) => number;
  /** Why nothing of it is used; `null`: it is kept under the time it says, and judged as late. */
  readonly quarantined: 'CLOCK_AHEAD' | 'CLOCK_UNSET' | null;
}
/** By the place of the device in the city; all of them raise alarms in their turn. */
const WRONG_CLOCKS = (since: number): readonly WrongClock[] => [
  { says: (now) => now + 3_600_000, quarantined: 'CLOCK_AHEAD' },
  { says: (now) => now - 86_400_000, quarantined: null },
  // Seconds since it was switched on, after a loss of power that its clock did not outlive.
  { says: (now) => 1 + Math.round((now - since) / 10), quarantined: 'CLOCK_UNSET' },
];
/** Times that are told are to be within it, while a clock is wrong by days. */
const TOLD_WITHIN_MS = 5_000;

/** What was seen of one fault, from its beginning until all was well again. Times in ms. */
export interface FaultSeen {
  readonly fault: string;
  readonly messages: number;
  /** Of these, acknowledged later than a second after they were measured. */
  readonly slowAcknowledgements: number;
  readonly longestAcknowledgementMs: number;
  /** Sent again on another connection. */
  readonly sentAgain: number;
  readonly alarms: number;
  /** From being measured to being on record, the longest. */
  readonly longestAlarmMs: number;
  /** Between two frames of a screen, the longest. */
  readonly longestScreenGapMs: number;
  /** By how much the store was behind, at the most; 0: never by more than two seconds. */
  readonly storeBehindMs: number;
}

/** Two gateways, two workers and two API servers with steady devices, an alarm every second and a screen at each API server; faults are done to it in turn. */
export class CityUnderFaults {
  readonly city: CityOfProcesses;
  readonly devices: FieldDevices;
  readonly gateways: PlatformProcess[] = [];
  readonly apis: PlatformProcess[] = [];
  readonly screens: WatchingScreen[] = [];
  /** Devices whose clocks are wrong, and what becomes of what they say. */
  readonly #wrong = new Map<string, WrongClock>();
  readonly #series: ReadonlyMap<string, SeriesId>;
  readonly #leftOpen = new Set<string>();
  #turn = 0;
  /** Of whoever watches the screens. */
  #cookie = '';

  private constructor(city: CityOfProcesses, series: ReadonlyMap<string, SeriesId>, messagesPerSecond: number) {
    this.city = city;
    this.#series = series;
    this.devices = new FieldDevices(city.devices, messagesPerSecond, () => this.gateways);
  }

  static async open({
    devices,
    messagesPerSecond,
    environmentOf = () => ({}),
    ...servers
  }: CityUnderFaultsOptions): Promise<CityUnderFaults> {
    let series: ReadonlyMap<string, SeriesId> = new Map();
    const city = await CityOfProcesses.open(devices, {
      ...servers,
      async prepare(registry) {
        const directory = await registry.directory.series();
        const dust = directory.filter(({ quantity }) => quantity === 'pm2_5');
        series = new Map(dust.map((entry) => [entry.pointId.replace(/^p-/, ''), entry.series]));
        await registry.as({ kind: 'system', name: 'test' }).users.create(
          {
            id: 'u-watcher' as UserId,
            loginName: ACCOUNT.loginName,
            displayName: 'Watcher',
            language: 'en',
            roles: [{ agencyId: null, role: 'platform_admin' }],
          },
          await hashPassword(ACCOUNT.password),
        );
      },
    });
    const room = new CityUnderFaults(city, series, messagesPerSecond);
    const start = (role: string, n: number) => city.start(role, environmentOf(role, n));
    for (const n of [0, 1]) {
      const [gateway, api] = await Promise.all([start('gateway', n), start('api', n), start('worker', n)]);
      room.gateways.push(gateway);
      room.apis.push(api);
    }
    const { cookie } = await room.#signIn(0);
    room.#cookie = cookie!;
    for (const n of [0, 1]) {
      const screen = new WatchingScreen(() => [room.apis[n]!, room.apis[1 - n]!], cookie!);
      room.screens.push(screen);
      screen.connect();
    }
    room.devices.connect();
    await room.#isShared();
    return room;
  }

  #isShared = (): Promise<void> =>
    untilAnswered(async () => {
      const shares = (await this.city.shares()).toSorted();
      expect(shares).toEqual([Math.floor(DUTIES.length / 2), Math.ceil(DUTIES.length / 2)]);
    }, SETTLED);

  /** The NATS server that leads the journal's stream. */
  async leader(): Promise<NatsServer> {
    const connection = await connectNats({ servers: this.city.nats.map(({ url }) => url), name: 'test' });
    try {
      return await untilAnswered(async () => {
        const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 1_000 });
        const { cluster } = await manager.streams.info('hai-dang-journal');
        const found = this.city.nats.find(({ name }) => name === cluster?.leader);
        if (found === undefined) throw new Error('nobody leads the stream');
        return found;
      });
    } finally {
      await connection.close();
    }
  }
  /** The worker that does the duty. */
  doing = (duty: string): Promise<PlatformProcess> =>
    untilAnswered(async () => {
      const holder = await this.city.holderOf(duty);
      if (holder === null) throw new Error(`nobody does ${duty}`);
      return holder;
    }, SETTLED);

  /** SIGKILL, and another in its place after a moment. */
  async killAndStart(victim: PlatformProcess): Promise<void> {
    await victim.kill();
    await pause(2_000);
    await this.#startAgain(victim);
  }
  /** Stopped in good order, and started again with another program. */
  async upgrade(process: PlatformProcess, release: string): Promise<void> {
    await process.stop();
    await this.#startAgain(process, release);
  }
  async #startAgain(victim: PlatformProcess, release?: string): Promise<void> {
    const again = await this.city.startAgain(victim, release);
    for (const processes of [this.gateways, this.apis]) {
      const at = processes.indexOf(victim);
      if (at >= 0) processes[at] = again;
    }
  }

  /** The clocks of three devices are wrong for a while: an hour ahead, a day back, at their beginning. Resolves when all they said is where it is to be. */
  async misdate(forMs: number): Promise<void> {
    const { city, devices } = this;
    const from = Date.now();
    const wrong = WRONG_CLOCKS(from).map((clock, n) => [city.devices[n]!, clock] as const);
    for (const [id, clock] of wrong) {
      this.#wrong.set(id, clock);
      devices.setClock(id, clock.says);
    }
    await pause(forMs);
    for (const [id] of wrong) devices.setClock(id);
    this.#wrong.clear();
    const until = Date.now();
    await untilAnswered(async () => expect(devices.isMisdatedWaiting).toBe(false), SETTLED);
    const client = await this.#signIn(1);
    for (const [id, { says, quarantined }] of wrong) {
      const said = [...devices.seen.misdated].filter(([key]) => key.startsWith(`${id}@`));
      expect(said.length).toBeGreaterThan(forMs / 1_000);
      await untilAnswered(async () => {
        const { body } = await client.call('GET /quarantine/counts');
        const held = body.items.filter(({ deviceId }) => deviceId === id);
        const expected = { deviceId: id, code: quarantined, messages: said.length };
        expect(held).toEqual(quarantined === null ? [] : [expected]);
        // A moment more, since values of the same moment are put one after the other.
        const [first, last] = [says(from), says(until) + 1_000];
        const rows = await city.readings(
          `SELECT "value" FROM "pm2_5" WHERE "point" = 'p-${id}' AND time >= ${first}ms AND time <= ${last}ms`,
        );
        const kept = rows.map(([at, value]) => [`${id}@${at}`, value]);
        expect(kept.toSorted()).toEqual(quarantined === null ? said.toSorted() : []);
      }, SETTLED);
    }
  }

  #signIn = (n: number): Promise<ApiClient> =>
    ApiClient.signIn(`http://127.0.0.1:${this.apis[n]!.httpPort}`, ACCOUNT.loginName, ACCOUNT.password);

  /** Somebody signs in at an API server and acknowledges an alarm there. @throws when they can't, or when a time that is told or kept of it is not the time it is. */
  async worksAt(n: number): Promise<void> {
    const { city, devices } = this;
    const client = await this.#signIn(n);
    // One that has no turn among those that raise alarms; resting, it leaves the alarm open.
    const device = city.devices[ALARMING]!;
    const from = Date.now();
    devices.rest(device, true);
    devices.say(device, LIMIT + 1, (ts) => city.expected.set(keyOf(device, ts), Date.now()));
    const open = await untilAnswered(async () => {
      const [alarm] = await city.records<{ id: string }>(
        `SELECT id FROM alarms WHERE ended_at IS NULL AND point_id = 'p-${device}'`,
      );
      if (alarm === undefined) throw new Error('it is not on record yet');
      return alarm;
    }, SETTLED);
    const { status } = await client.call('POST /alarms/acknowledge', { body: { ids: [open.id as AlarmId] } });
    expect(status).toBe(200);
    devices.say(device, 1);
    devices.rest(device, false);
    await untilAnswered(async () => {
      const times = await city.records<{ at: string; ended: string | null }>(
        `SELECT unnest(ARRAY[t.event_time, t.recorded_at]) AS at, a.ended_at AS ended
         FROM alarm_transitions t JOIN alarms a ON a.id = t.alarm_id WHERE a.id = '${open.id}'`,
      );
      // Raised, acknowledged, over.
      expect(times.length).toBeGreaterThanOrEqual(6);
      const told = times.flatMap(({ at, ended }) => [Number(at), Number(ended)]);
      expect(Math.min(...told)).toBeGreaterThan(from - TOLD_WITHIN_MS);
      expect(Math.max(...told)).toBeLessThan(Date.now() + TOLD_WITHIN_MS);
    }, SETTLED);
    // Who signed in elsewhere is still signed in, here and there; and so is who signed in here.
    for (const api of this.apis) {
      for (const cookie of [client.cookie, this.#cookie]) {
        const answer = await fetch(`http://127.0.0.1:${api.httpPort}/api/v1/session`, { headers: { cookie: cookie! } });
        expect(await answer.json()).toMatchObject({ kind: 'person' });
      }
    }
    for (const screen of this.screens) expect(screen.furthestOff).toBeLessThan(TOLD_WITHIN_MS);
  }

  /** SIGSTOP of the worker that judges, past its lease; resolves when it was woken and knows that another has its duties. */
  async holdJudging(forMs: number): Promise<void> {
    const judging = await this.doing('rules');
    this.city.workers.delete(judging);
    judging.child.kill('SIGSTOP');
    await pause(forMs);
    judging.child.kill('SIGCONT');
    this.city.workers.add(judging);
    const lost = () => judging.metric('hd_duty_moves_total\\{what="lost"\\}');
    await untilAnswered(async () => expect(await lost()).toBeGreaterThan(0), SETTLED);
  }

  /**
   * Does a fault while devices measure, and `act` resolves when what it broke is mended. Resolves when all is well again and nothing is lost, doubled or
   * shown wrongly: @throws when it is not.
   */
  async during(fault: string, act: () => Promise<void>): Promise<FaultSeen> {
    const { city, devices, screens } = this;
    const from = Date.now();
    devices.beginPhase();
    for (const screen of screens) screen.beginPhase();
    for (const id of this.#leftOpen) devices.say(id, 1);
    this.#leftOpen.clear();
    const alarmsBefore = city.expected.size;
    const watch = new Watch(city, from);
    devices.measure();
    const alarming = setInterval(() => this.#alarm(), ALARM_EVERY_MS);
    try {
      await pause(2_000);
      await act();
      const mendedAt = Date.now();
      await this.#isShared();
      await untilAnswered(async () => {
        expect(watch.newestAlarm).toBeGreaterThan(mendedAt);
        expect(watch.storeBehindMs).toBeLessThan(STORE_BEHIND_MS);
      }, SETTLED);
      for (const screen of screens) screen.goHome();
    } finally {
      clearInterval(alarming);
      devices.pause();
    }
    for (let n = 0; n < LEFT_OPEN; n++) this.#leftOpen.add(this.#alarm(true));
    await untilAnswered(async () => expect(devices.waiting).toBe(0), SETTLED);
    watch.stop();
    await this.#isWell(from);
    const { acknowledged, slow, longestWaitMs, sentAgain } = devices.seen;
    return {
      fault,
      messages: acknowledged.size,
      slowAcknowledgements: slow,
      longestAcknowledgementMs: longestWaitMs,
      sentAgain,
      alarms: city.expected.size - alarmsBefore,
      longestAlarmMs: watch.longestAlarmMs,
      longestScreenGapMs: Math.max(...screens.map(({ longestGapMs }) => longestGapMs)),
      storeBehindMs: watch.longestBehindMs,
    };
  }

  /** The next device in turn goes above the limit, and below it again unless it is to stay there. */
  #alarm(stays = false): string {
    const id = this.city.devices[this.#turn++ % ALARMING]!;
    const isQuarantined = (this.#wrong.get(id)?.quarantined ?? null) !== null;
    this.devices.say(id, LIMIT + 1, (ts) => {
      if (!isQuarantined) this.city.expected.set(keyOf(id, ts), Date.now());
    });
    if (!stays) this.devices.say(id, 1);
    return id;
  }

  /** Nothing is on its way any more: everything is where it is to be, once. */
  async #isWell(from: number): Promise<void> {
    const { city, devices, screens, apis } = this;
    const { acknowledged } = devices.seen;
    const stored = await untilAnswered(async () => {
      const rows = await city.readings(`SELECT "value", "point" FROM "pm2_5" WHERE time >= ${from}ms`);
      expect(rows.length).toBeGreaterThanOrEqual(acknowledged.size);
      return rows;
    }, SETTLED);
    const kept = new Map(stored.map(([at, value, point]) => [`${String(point).replace(/^p-/, '')}@${at}`, value]));
    expect(stored.length).toBe(acknowledged.size);
    expect([...acknowledged].filter(([key, value]) => kept.get(key) !== value)).toEqual([]);
    // What rules have passed is kept once a minute; that they have judged everything is seen by the alarms.
    await untilAnswered(async () => {
      for (const api of apis) expect(await api.metric('hd_journal_depth\\{consumer="store"\\}')).toBe(0);
    }, SETTLED);
    expect(await city.misjudged()).toEqual({ lost: [], doubled: [] });
    await untilAnswered(async () => {
      const open = await city.records<{ id: string }>('SELECT id FROM alarms WHERE ended_at IS NULL ORDER BY id');
      expect(open.length).toBe(LEFT_OPEN);
      for (const [n, screen] of screens.entries()) {
        expect(screen.server).toBe(apis[n]);
        const { table } = screen;
        expect([...table.alarms.keys()].toSorted()).toEqual(open.map(({ id }) => id));
        const shown = [...devices.newest.keys()].map((id) => [id, table.readings.get(this.#series.get(id)!)] as const);
        const wrong = shown.filter(([id, reading]) => {
          const newest = devices.newest.get(id);
          return reading?.eventTime !== newest?.ts || reading?.value !== newest?.value;
        });
        expect(wrong).toEqual([]);
        const offline = [...table.devices].filter(([, { online }]) => !online);
        expect(offline).toEqual([]);
      }
    }, SETTLED);
    for (const { gaps, signedOut } of screens) expect({ gaps, signedOut }).toEqual({ gaps: 0, signedOut: 0 });
  }

  async close(): Promise<void> {
    this.devices.close();
    for (const screen of this.screens) screen.close();
    await this.city.close();
  }
}

/** Looks at what is on record and in the store while it happens. */
class Watch {
  readonly #city: CityOfProcesses;
  readonly #from: number;
  readonly #seen = new Set<string>();
  #isStopped = false;
  /** When the newest reading in the store was measured. */
  #stored: number;
  newestAlarm = 0;
  longestAlarmMs = 0;
  longestBehindMs = 0;

  constructor(city: CityOfProcesses, from: number) {
    this.#city = city;
    this.#from = from;
    this.#stored = from;
    for (const look of [() => this.#lookAtAlarms(), () => this.#lookAtStore()]) void this.#again(look);
  }
  async #again(look: () => Promise<void>): Promise<void> {
    while (!this.#isStopped) {
      // While a server is away nothing is seen of it, and what is to be seen grows older.
      await look().catch(() => {});
      await pause(LOOK_EVERY_MS);
    }
  }
  async #lookAtAlarms(): Promise<void> {
    const sql = `SELECT point_id AS point, started_at AS started FROM alarms WHERE started_at >= ${this.#from}`;
    const rows = await this.#city.records<{ point: string; started: string }>(sql);
    const now = Date.now();
    for (const { point, started } of rows) {
      const key = keyOf(point, Number(started));
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      this.newestAlarm = Math.max(this.newestAlarm, Number(started));
      this.longestAlarmMs = Math.max(this.longestAlarmMs, now - Number(started));
    }
  }
  async #lookAtStore(): Promise<void> {
    if (this.storeBehindMs > STORE_BEHIND_MS) this.longestBehindMs = Math.max(this.longestBehindMs, this.storeBehindMs);
    const [row] = await this.#city.readings('SELECT LAST("value") FROM "pm2_5"');
    this.#stored = Math.max(this.#from, Number(row?.[0] ?? 0));
  }
  get storeBehindMs(): number {
    return Date.now() - this.#stored;
  }
  stop(): void {
    this.#isStopped = true;
  }
}

const COLUMNS: readonly (readonly [string, (seen: FaultSeen) => string])[] = [
  ['fault', ({ fault }) => fault],
  ['messages', ({ messages }) => String(messages)],
  ['acknowledged after > 1 s', (seen) => String(seen.slowAcknowledgements)],
  ['longest wait for an acknowledgement', (seen) => inSeconds(seen.longestAcknowledgementMs)],
  ['sent again', ({ sentAgain }) => String(sentAgain)],
  ['alarms', ({ alarms }) => String(alarms)],
  ['longest until an alarm was on record', (seen) => inSeconds(seen.longestAlarmMs)],
  ['longest between two frames of a screen', (seen) => inSeconds(seen.longestScreenGapMs)],
  ['store behind by', ({ storeBehindMs }) => (storeBehindMs === 0 ? '< 2 s' : inSeconds(storeBehindMs))],
];
const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** As `docs/operations.md` has it. */
export const faultTable = (rows: readonly FaultSeen[]): string =>
  [
    COLUMNS.map(([title]) => title),
    COLUMNS.map(([, of]) => (of === COLUMNS[0]![1] ? '---' : '---:')),
    ...rows.map((seen) => COLUMNS.map(([, of]) => of(seen))),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
