import { execFile, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from '../free-port.ts';

const run = promisify(execFile);

/** Where Debian keeps the newest server's programs; they are not in the PATH. */
const programs = (): string | null => {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).map(Number).filter(Number.isFinite) : [];
  const newest = versions.sort((a, b) => b - a).find((version) => existsSync(`${base}/${version}/bin/initdb`));
  return newest === undefined ? null : `${base}/${newest}/bin`;
};
const bin = programs();
/** For tests: whether a PostgreSQL server is installed. In CI it must be. */
export const postgresPresent = bin !== null;
export const postgresVersion = bin
  ? String(spawnSync(`${bin}/postgres`, ['--version']).stdout).trim()
  : 'PostgreSQL is not installed';
if (!postgresPresent && process.env['CI'] === 'true')
  throw new Error('PostgreSQL is missing: suites with it must run in CI');

/** PostgreSQL refuses to run as root: there it runs as the user that Debian's package made for it. */
const user = (): { readonly uid: number; readonly gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const number = (flag: string) => Number(String(spawnSync('id', [flag, 'postgres']).stdout));
  return { uid: number('-u'), gid: number('-g') };
};

/**
 * A real PostgreSQL with a folder and a port of its own, which can be stopped or killed and started again on the same data. `fsync` is on, unless a test asks
 * only what the server says: then it need not wait for the disk at each commit.
 */
export class PostgresServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hd-postgres-'));
  readonly #data = join(this.#folder, 'data');
  readonly #user = user();
  readonly #fsync: boolean;
  #port = 0;
  #databases = 0;

  constructor({ fsync = true } = {}) {
    this.#fsync = fsync;
  }

  async start(): Promise<void> {
    if (this.#port === 0) {
      if (this.#user) chownSync(this.#folder, this.#user.uid, this.#user.gid);
      this.#port = await freePort();
      // Nothing of what is made here is worth waiting for the disk; what the server writes from now on is.
      await this.#run(
        'initdb',
        '-D',
        this.#data,
        '-U',
        'hd',
        '--auth=trust',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
      );
    }
    const settings = `-c listen_addresses=127.0.0.1 -c port=${this.#port} -c unix_socket_directories='' -c max_connections=200 -c shared_buffers=32MB -c fsync=${this.#fsync ? 'on' : 'off'}`;
    await this.#run('pg_ctl', 'start', '-w', '-D', this.#data, '-l', join(this.#folder, 'log'), '-o', settings);
  }
  async #run(program: string, ...of: readonly string[]): Promise<void> {
    await run(`${bin}/${program}`, of, { ...this.#user, cwd: this.#folder });
  }

  /** Of the process whose children serve the connections, while the server runs. */
  get processId(): number {
    return Number(readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  }

  /** A new database, as `template1` is; its URL. */
  async newDatabase(): Promise<string> {
    const name = `d${this.#databases++}`;
    await this.query(`CREATE DATABASE ${name}`);
    return this.url(name);
  }
  url = (database: string): string => `postgres://hd@127.0.0.1:${this.#port}/${database}`;
  /** The rows of a statement's answer, by a connection of its own. */
  async query<Row extends object>(sql: string, url = this.url('postgres')): Promise<Row[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** `fast`: in good order, its connections closed; `immediate`: as if it were killed. */
  async stop(how: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await this.#run('pg_ctl', 'stop', '-w', '-D', this.#data, '-m', how);
  }
  /** Killed if it runs, and what it kept with it: it can't be started again. */
  async discard(): Promise<void> {
    if (existsSync(join(this.#data, 'postmaster.pid'))) await this.stop('immediate').catch(() => {});
    await rm(this.#folder, { recursive: true, force: true });
  }
}
