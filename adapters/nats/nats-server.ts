import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { freePort } from '../free-port.ts';
import { untilAnswered } from '../until-answered.ts';
import { connectNats, type NatsConnection } from './connection.ts';

const version = spawnSync('nats-server', ['--version']);
/** For tests: whether a `nats-server` is installed. In CI it must be. */
export const natsPresent = version.error === undefined;
export const natsVersion = natsPresent ? String(version.stdout).trim() : 'nats-server is not installed';
if (!natsPresent && process.env['CI'] === 'true')
  throw new Error('nats-server is missing: suites with it must run in CI');

/** Where a server runs: the address it listens on, and the words before its command that put it there. */
export interface NatsPlace {
  readonly address: string;
  readonly words: readonly string[];
}
const HERE: NatsPlace = { address: '127.0.0.1', words: [] };

/** A real nats-server with JetStream and a folder of its own, which can be killed, held still, and started again on the same data. */
export class NatsServer {
  readonly name: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'hd-nats-'));
  readonly #command: readonly string[];
  readonly url: string;
  #process: ChildProcess | null = null;

  private constructor(name: string, { address, words }: NatsPlace, port: number, cluster: string) {
    this.name = name;
    this.url = `nats://${address}:${port}`;
    const configuration = join(this.#folder, 'nats.conf');
    writeFileSync(
      configuration,
      `server_name: ${name}\nlisten: "${address}:${port}"\njetstream { store_dir: ${JSON.stringify(this.#folder)}, max_file_store: 1TB }\n${cluster}`,
    );
    this.#command = [...words, 'nats-server', '-c', configuration];
  }

  /** `more`: of its configuration. */
  static async alone(more = ''): Promise<NatsServer> {
    return new NatsServer('alone', HERE, await freePort(), more);
  }

  /** Three that know each other, not started. */
  static async three(places: readonly NatsPlace[] = [HERE, HERE, HERE]): Promise<readonly NatsServer[]> {
    const routes = await Promise.all(places.map(async ({ address }) => `${address}:${await freePort()}`));
    const known = routes.map((route) => `"nats://${route}"`).join(', ');
    return Promise.all(
      places.map(
        async (place, i) =>
          new NatsServer(
            `node-${i + 1}`,
            place,
            await freePort(),
            `cluster { name: hd, listen: "${routes[i]}", routes: [${known}] }\n`,
          ),
      ),
    );
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const [program, ...words] = this.#command;
    this.#process = spawn(program!, words, { stdio: 'ignore' });
    await untilAnswered(() => this.connect().then((connection) => connection.close()));
  }

  /** Of its process; `undefined` while it is not running. */
  get processId(): number | undefined {
    return this.#process?.pid;
  }

  connect = (): Promise<NatsConnection> => connectNats({ servers: [this.url], name: 'test' });

  #signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }
  /** As if it were cut off: its connections stay, and nothing comes. */
  hold = (): void => this.#signal('SIGSTOP');
  letGo = (): void => this.#signal('SIGCONT');

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
  /** In good order. */
  stop = (): Promise<void> => this.#end('SIGTERM');
  kill = (): Promise<void> => this.#end('SIGKILL');
  /** Killed if it runs, and what it kept with it: it can't be started again. */
  async discard(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Starts three servers and waits until they keep streams together. */
export async function startThree(places?: readonly NatsPlace[]): Promise<readonly NatsServer[]> {
  const servers = await NatsServer.three(places);
  await Promise.all(servers.map((server) => server.start()));
  const connection = await connectNats({ servers: servers.map(({ url }) => url), name: 'test' });
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const made = (): Promise<unknown> =>
    manager.streams.add({ name: 'ready', subjects: ['ready'], num_replicas: servers.length });
  await untilAnswered(made, { everyMs: 200 });
  await manager.streams.delete('ready');
  await connection.close();
  return servers;
}
