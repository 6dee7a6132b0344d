import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { untilAnswered } from '../adapters/until-answered.ts';

const ROOT = join(import.meta.dirname, '..');
/** PostgreSQL's programs, which Debian keeps out of the PATH. */
const POSTGRES = '/usr/lib/postgresql/15/bin';
const PATH = `${dirname(process.execPath)}:${POSTGRES}:/usr/sbin:${process.env['PATH']}`;

interface Service {
  readonly profiles: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly (string | { readonly source: string; readonly target: string })[];
  readonly healthcheck: { readonly test: readonly string[] };
}

/** InfluxDB 2 is not at hand: in its place runs 1.x, which is written to by another path. */
const BY_V1 = { HD_STORE_API: 'v1', HD_STORE_DATABASE: 'readings' };
const OF_V2 = ['HD_STORE_TOKEN_FILE', 'HD_STORE_ORGANISATION', 'HD_STORE_BUCKET'];

const run = (program: string, ...words: string[]): string => execFileSync(program, words, { encoding: 'utf8' });

/**
 * The profile `city` of docker-compose.yml without containers: each service in a network namespace of its own under its own name and address, with the
 * ports, settings, configuration files and health check of the compose file. Needs root. Two things differ: InfluxDB is 1.x, and what the images of the
 * engines do at their first start is done here.
 */
export class CityInNamespaces {
  readonly folder = mkdtempSync(join(tmpdir(), 'hd-city-'));
  readonly services: ReadonlyMap<string, Service>;
  readonly #processes = new Map<string, ChildProcess>();
  readonly #prefix = `ct${process.pid % 10_000}`;
  readonly #subnet = `10.97.${process.pid % 250}`;
  readonly #names: Socket = createSocket('udp4');
  /** Where people open the dashboard. */
  readonly publicUrl: string;

  constructor() {
    const compose = parseYaml(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), {
      merge: true,
      maxAliasCount: -1,
    }) as {
      services: Record<string, Service>;
    };
    this.services = new Map(Object.entries(compose.services).filter(([, { profiles }]) => profiles.includes('city')));
    this.publicUrl = `https://${this.address('balancer')}:8443`;
  }

  address = (service: string): string => `${this.#subnet}.${[...this.services.keys()].indexOf(service) + 10}`;
  #namespace = (service: string): string => `${this.#prefix}-${service}`;

  /** Networks and names; nothing runs yet. `secrets`: contents by name, all that the compose file has. */
  async prepare(secrets: Readonly<Record<string, string>>): Promise<void> {
    mkdirSync(join(this.folder, 'secrets'));
    for (const [name, contents] of Object.entries(secrets)) writeFileSync(join(this.folder, 'secrets', name), contents);
    chmodSync(this.folder, 0o755);
    const bridge = `${this.#prefix}br`;
    run('ip', 'link', 'add', bridge, 'type', 'bridge');
    run('ip', 'address', 'add', `${this.#subnet}.1/24`, 'dev', bridge);
    run('ip', 'link', 'set', bridge, 'up');
    const hosts = [...this.services.keys()].map((name) => `${this.address(name)} ${name}`).join('\n');
    for (const [index, service] of [...this.services.keys()].entries()) {
      const namespace = this.#namespace(service);
      const [outside, inside] = [`${this.#prefix}v${index}`, `${this.#prefix}w${index}`];
      run('ip', 'netns', 'add', namespace);
      run('ip', 'link', 'add', outside, 'type', 'veth', 'peer', 'name', inside);
      run('ip', 'link', 'set', outside, 'master', bridge, 'up');
      run('ip', 'link', 'set', inside, 'netns', namespace);
      for (const words of [
        ['link', 'set', 'lo', 'up'],
        ['address', 'add', `${this.address(service)}/24`, 'dev', inside],
        ['link', 'set', inside, 'up'],
      ])
        run('ip', '-n', namespace, ...words);
      mkdirSync(`/etc/netns/${namespace}`, { recursive: true });
      writeFileSync(`/etc/netns/${namespace}/hosts`, `127.0.0.1 localhost\n${hosts}\n`);
      writeFileSync(`/etc/netns/${namespace}/resolv.conf`, `nameserver ${this.#subnet}.1\n`);
    }
    // The balancer asks for names again and again, as it would ask Docker's.
    this.#names.on('message', (question, from) => this.#names.send(this.#answer(question), from.port, from.address));
    this.#names.bind(53, `${this.#subnet}.1`);
    await once(this.#names, 'listening');
  }

  /** RFC 1035: the address of a service; no record for anything else. */
  #answer(question: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = question[at]!; length > 0; length = question[at]!) {
      labels.push(question.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const name = labels.join('.');
    const isAddress = question.readUInt16BE(at + 1) === 1;
    const known = this.services.has(name);
    const answer = Buffer.from(question.subarray(0, at + 5));
    const header = Buffer.from(answer.subarray(0, 12));
    header.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(known && isAddress ? 1 : 0, 6);
    header.writeUInt32BE(0, 8);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...this.address(name).split('.').map(Number)]);
    return Buffer.concat([header, answer.subarray(12), ...(known && isAddress ? [record] : [])]);
  }

  /** Where a path inside the container lies here. */
  #here(service: string, text: string): string {
    const own = join(this.folder, service);
    let here = text.replaceAll('$$', '$').replaceAll('/run/secrets', join(this.folder, 'secrets'));
    for (const volume of this.services.get(service)!.volumes ?? []) {
      const [source, target] = volume.split(':') as [string, string];
      if (source.startsWith('./')) here = here.replaceAll(target, join(ROOT, source));
      else here = here.replace(new RegExp(`(^|[ =])${target}(?=$|/)`, 'g'), `$1${own}`);
    }
    return here;
  }

  /** The settings that the compose file gives a service; what the person sets on the host is its public address. */
  settings(service: string): Record<string, string> {
    const given = Object.entries(this.services.get(service)!.environment).map(([name, value]) => {
      const filled = name === 'HD_HTTP_PUBLIC_URL' ? this.publicUrl : value.replace(/^\$\{\w+:-(.*)\}$/, '$1');
      return [name, this.#here(service, filled)] as const;
    });
    const settings = Object.fromEntries(given);
    if (!('HD_ROLES' in settings)) return settings;
    for (const name of OF_V2) delete settings[name];
    return { ...settings, ...BY_V1 };
  }

  /** Folders of volumes: its own, and within it those it has in common with others; files of secrets that are to lie there. */
  #layOut(service: string): void {
    const own = join(this.folder, service);
    mkdirSync(own, { recursive: true });
    const { volumes = [], secrets = [] } = this.services.get(service)!;
    for (const volume of volumes) {
      const [source, target] = volume.split(':') as [string, string];
      const within = /^\/city\/(.+)$/.exec(target)?.[1];
      if (within === undefined || existsSync(join(own, within))) continue;
      mkdirSync(join(this.folder, 'shared', source), { recursive: true });
      symlinkSync(join(this.folder, 'shared', source), join(own, within));
    }
    for (const secret of secrets)
      if (typeof secret !== 'string')
        copyFileSync(join(this.folder, 'secrets', secret.source), this.#here(service, secret.target));
  }

  /** What its image runs. */
  #program(service: string): readonly string[] {
    const own = join(this.folder, service);
    const { command } = this.services.get(service)!;
    if (command !== undefined) return command.map((word) => this.#here(service, word));
    if (service === 'balancer') {
      const file = '/usr/local/etc/haproxy/haproxy.cfg';
      return ['haproxy', '-W', '-db', '-f', this.#here(service, file)];
    }
    if (service === 'postgres') return [...AS_POSTGRES, `${POSTGRES}/postgres`, '-D', join(own, 'data')];
    if (service === 'influxdb') return ['influxd', '-config', join(own, 'influxdb.conf')];
    return [process.execPath, 'main.ts'];
  }

  /** What the image of an engine does before its first start. */
  #makeReady(service: string): void {
    const own = join(this.folder, service);
    const ids = (flag: string): number => Number(run('id', flag, 'postgres'));
    if (service === 'postgres' && !existsSync(join(own, 'data'))) {
      chownSync(own, ids('-u'), ids('-g'));
      const password = join(this.folder, 'secrets', 'postgres_password');
      const words = ['-D', join(own, 'data'), '-U', 'hai_dang', '--auth=scram-sha-256', `--pwfile=${password}`];
      const [program, ...as] = AS_POSTGRES;
      run(program!, ...as, `${POSTGRES}/initdb`, ...words, '--encoding=UTF8', '--locale=C', '--no-sync');
      const settings = `listen_addresses = '*'\nunix_socket_directories = '${own}'\n`;
      appendFileSync(join(own, 'data', 'postgresql.conf'), settings);
      appendFileSync(join(own, 'data', 'pg_hba.conf'), 'host all all 0.0.0.0/0 scram-sha-256\n');
    }
    if (service === 'influxdb') {
      const at = (name: string) => JSON.stringify(join(own, name));
      writeFileSync(
        join(own, 'influxdb.conf'),
        `reporting-disabled = true\n[meta]\ndir = ${at('meta')}\n[data]\ndir = ${at('data')}\nwal-dir = ${at('wal')}\n[http]\nlog-enabled = false\n[monitor]\nstore-enabled = false\n`,
      );
    }
  }

  #within = (service: string): readonly string[] => ['netns', 'exec', this.#namespace(service)];

  /** Starts a service; {@link healthy} says when it is up. */
  start(service: string): void {
    this.#layOut(service);
    this.#makeReady(service);
    const child = spawn('ip', [...this.#within(service), ...this.#program(service)], {
      cwd: ROOT,
      env: { PATH, ...this.settings(service) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = join(this.folder, `${service}.log`);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => appendFileSync(log, chunk));
    this.#processes.set(service, child);
  }
  log = (service: string): string => readFileSync(join(this.folder, `${service}.log`), 'utf8');

  /** Whether its health check, run where it runs, says so. */
  isHealthy(service: string): boolean {
    const [program, ...words] = this.services.get(service)!.healthcheck.test.slice(1);
    // The program of InfluxDB 2 is not at hand either.
    const check =
      service === 'influxdb'
        ? ['wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8086/ping']
        : [program === 'node' ? process.execPath : program!, ...words];
    return spawnSync('ip', [...this.#within(service), ...check], { env: { PATH } }).status === 0;
  }
  healthy = (service: string): Promise<void> =>
    untilAnswered(
      async () => {
        if (!this.isHealthy(service)) throw new Error(`${service} is not healthy: ${this.log(service).slice(-2_000)}`);
      },
      { withinMs: 120_000, everyMs: 500 },
    );

  /** Starts each once those it depends on are healthy; `before` is awaited when the engines are. */
  async startAll(before: () => Promise<void>): Promise<void> {
    const isEngine = (service: string): boolean => !('HD_ROLES' in this.services.get(service)!.environment);
    const engines = [...this.services.keys()].filter((name) => isEngine(name) && name !== 'balancer');
    for (const name of engines) this.start(name);
    for (const name of engines) await this.healthy(name);
    await before();
    const processes = [...this.services.keys()].filter((name) => !isEngine(name));
    for (const name of processes) this.start(name);
    for (const name of processes) await this.healthy(name);
    this.start('balancer');
    await this.healthy('balancer');
  }

  /** SIGKILL: what a container's end without warning is. */
  kill = (service: string): Promise<void> => this.signal(service, 'SIGKILL');
  /** SIGTERM, as `docker compose stop`; resolves when it has gone. */
  stop = (service: string): Promise<void> => this.signal(service, 'SIGTERM');
  /** `ip netns exec` becomes the program it starts: the signal is the program's. */
  async signal(service: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#processes.get(service)!;
    this.#processes.delete(service);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
  holdStill = (service: string): void => void this.#processes.get(service)!.kill('SIGSTOP');
  wake = (service: string): void => void this.#processes.get(service)!.kill('SIGCONT');

  async close(): Promise<void> {
    await Promise.all([...this.#processes.keys()].map((service) => this.kill(service)));
    this.#names.close();
    for (const service of this.services.keys()) {
      // Children of the engines, which a killed parent leaves.
      const left = run('ip', 'netns', 'pids', this.#namespace(service)).split('\n').filter(Boolean);
      for (const pid of left) process.kill(Number(pid), 'SIGKILL');
      spawnSync('ip', ['netns', 'delete', this.#namespace(service)]);
      rmSync(`/etc/netns/${this.#namespace(service)}`, { recursive: true, force: true });
    }
    spawnSync('ip', ['link', 'delete', `${this.#prefix}br`]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** PostgreSQL refuses to run as root. */
const AS_POSTGRES = ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'];
