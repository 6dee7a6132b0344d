import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { untilAnswered } from '../until-answered.ts';

const version = spawnSync('influxd', ['version']);
/** For tests: whether an `influxd` is installed. In CI it must be. */
export const influxPresent = version.error === undefined;
export const influxVersion = influxPresent ? String(version.stdout).trim() : 'influxd is not installed';
if (!influxPresent && process.env['CI'] === 'true')
  throw new Error('influxd is missing: suites with it must run in CI');

/** A real influxd with a folder and ports of its own, which can be stopped or killed and started again on the same data. */
export class InfluxServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hd-influx-'));
  #databases = 0;
  url = '';
  #process: ChildProcess | null = null;

  async start(): Promise<void> {
    if (this.url === '') await this.#configure();
    this.#process = spawn('influxd', ['-config', join(this.#folder, 'influxdb.conf')], { stdio: 'ignore' });
    const answered = async (): Promise<void> => {
      if ((await fetch(`${this.url}/ping`)).status !== 204) throw new Error('influxd is not up yet');
    };
    await untilAnswered(answered);
  }
  async #configure(): Promise<void> {
    const [http, rpc] = [await freePort(), await freePort()];
    this.url = `http://127.0.0.1:${http}`;
    const at = (name: string) => JSON.stringify(join(this.#folder, name));
    writeFileSync(
      join(this.#folder, 'influxdb.conf'),
      `reporting-disabled = true\nbind-address = "127.0.0.1:${rpc}"\n[meta]\ndir = ${at('meta')}\n[data]\ndir = ${at('data')}\nwal-dir = ${at('wal')}\n[http]\nbind-address = "127.0.0.1:${http}"\nlog-enabled = false\n[monitor]\nstore-enabled = false\n`,
    );
  }

  /** Of its process; `undefined` while it is not running. */
  get processId(): number | undefined {
    return this.#process?.pid;
  }

  /** A new, empty database; its name. 1.6 keeps one made a moment ago only if it is stopped in good order. */
  async newDatabase(): Promise<string> {
    const name = `d${this.#databases++}`;
    await this.query(`CREATE DATABASE ${name}`);
    return name;
  }
  /** Rows of every series of a query's answer. */
  async query(influxQl: string, database = ''): Promise<readonly (readonly unknown[])[]> {
    const response = await fetch(`${this.url}/query`, {
      method: 'POST',
      body: new URLSearchParams({ q: influxQl, db: database, epoch: 'ms' }),
    });
    const { results } = (await response.json()) as { results: { series?: { values: unknown[][] }[] }[] };
    return results.flatMap((result) => result.series ?? []).flatMap((series) => series.values);
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return;
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
