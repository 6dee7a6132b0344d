/**
 * What a city notices when its processes die: `npm run bench:failover [-- --json] [-- --rounds 10]`.
 *
 * One gateway, two workers and two API servers run on a real NATS, PostgreSQL and InfluxDB of this machine. Devices raise an alarm every 50 ms. In each round the
 * worker that judges is killed, or stopped past its lease and woken again, in turns, and after it the API server that a screen is connected to, which then
 * connects to the other. How long it took is the time to the next alarm on record, and to the screen's next frame.
 */
import { parseArgs } from 'node:util';
import { io } from 'socket.io-client';
import { CityOfProcesses } from '../test/faults/city-of-processes.ts';
import type { PlatformProcess } from '../test/faults/platform-process.ts';
import { addAdministrator, signIn } from './load-city.ts';
import { until } from './processes.ts';
import { percentile, report, rounded } from './report.ts';

const { values: words } = parseArgs({
  options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '10' } },
});
const ROUNDS = Number(words.rounds);
if (!(ROUNDS > 0)) throw new RangeError('--rounds takes a number above 0');
const DEVICES = 40;
const ALARM_EVERY_MS = 50;
/** Longer than a lease. */
const ASLEEP_MS = 6_000;

const city = await CityOfProcesses.open(DEVICES, {
  prepare: (registry) => addAdministrator(registry.as({ kind: 'system', name: 'bench' })),
});

/** A screen that goes to the next API server when its own is gone, as behind a proxy. */
class Screen {
  readonly #servers: PlatformProcess[];
  readonly #cookie: string;
  #socket: ReturnType<typeof io> | null = null;
  /** When each frame came, epoch ms. */
  readonly frames: number[] = [];
  server: PlatformProcess;

  constructor(servers: PlatformProcess[], cookie: string) {
    this.#servers = servers;
    this.#cookie = cookie;
    this.server = servers[0]!;
  }
  connect(): void {
    this.server = this.#servers[0]!;
    const socket = io(`http://127.0.0.1:${this.server.httpPort}/live`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders: { cookie: this.#cookie },
    });
    this.#socket = socket;
    const again = (): void => {
      if (this.#socket === socket) setTimeout(() => this.connect(), 100);
    };
    socket.on('connect', () =>
      socket.emit('subscribe', { viewport: null, domains: null, acknowledges: true }, () => {}),
    );
    for (const name of ['snapshot', 'delta'])
      socket.on(name, (_frame: unknown, received?: () => void) => {
        this.frames.push(Date.now());
        received?.();
      });
    socket.once('disconnect', again);
    socket.once('connect_error', again);
  }
  close(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}

try {
  const [gateway, ...servers] = await Promise.all(['gateway', 'api', 'api'].map((role) => city.start(role)));
  await Promise.all([city.start('worker'), city.start('worker')]);
  const isShared = async () => ((await city.shares()).every((share) => share >= 4) ? true : undefined);
  await until('the duties to be shared', isShared);
  const screen = new Screen(servers, await signIn(`http://127.0.0.1:${servers[0]!.httpPort}`));
  screen.connect();
  await city.send(gateway!, ALARM_EVERY_MS);
  await city.raisedAtLeast(DEVICES);
  const moves: number[] = [];
  const gaps: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const judging = await until('a worker that judges', async () => (await city.holderOf('rules')) ?? undefined);
    const at = Date.now();
    if (round % 2 === 0) {
      judging.child.kill('SIGKILL');
      moves.push(await city.nextAlarmAfter(at));
      await city.start('worker');
    } else {
      city.workers.delete(judging);
      judging.child.kill('SIGSTOP');
      moves.push(await city.nextAlarmAfter(at));
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, ASLEEP_MS - (Date.now() - at))));
      judging.child.kill('SIGCONT');
      city.workers.add(judging);
    }
    await until('the duties to be shared', isShared);

    const gone = screen.server;
    servers.splice(servers.indexOf(gone), 1);
    const before = screen.frames.length;
    const lastFrame = screen.frames.at(-1)!;
    await gone.kill();
    const next = await until('a frame from the other server', () => screen.frames[before]);
    gaps.push(next - lastFrame);
    servers.push(await city.start('api'));
  }
  await city.stopSending();
  screen.close();
  const { lost, doubled } = await city.misjudged();
  report(
    'failover',
    {
      rounds: ROUNDS,
      alarms: city.expected.size,
      partition_move_ms_p50: rounded(percentile(moves, 0.5), 0),
      partition_move_ms_p99: rounded(percentile(moves, 0.99), 0),
      alarm_lost: lost.length,
      alarm_doubled: doubled.length,
      client_gap_ms_p50: rounded(percentile(gaps, 0.5), 0),
      client_gap_ms_p99: rounded(percentile(gaps, 0.99), 0),
    },
    {
      partition_move_ms_p99: { most: 5_000 },
      alarm_lost: { most: 0 },
      alarm_doubled: { most: 0 },
      client_gap_ms_p99: { most: 5_000 },
    },
  );
} finally {
  await city.close();
}
