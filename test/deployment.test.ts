import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { rolesOf } from '../config/roles.ts';
import { loadSettings, SETTING_VARIABLES } from '../config/settings.ts';
import { PROCESS_ROLES } from '../domain/process-counters.ts';
import manifest from '../package.json' with { type: 'json' };
import { issue } from './ingest/certificate-chain.ts';

const ROOT = join(import.meta.dirname, '..');
/** In CI every program is there, or the test fails. */
const isMissing = (program: string): boolean =>
  process.env['CI'] !== 'true' && spawnSync(program, ['-v']).error !== undefined;
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const Healthcheck = z.strictObject({
  test: z.tuple([z.literal('CMD'), z.string()], z.string()),
  interval: z.string(),
  timeout: z.string(),
  start_period: z.string(),
  retries: z.int(),
});
const Service = z.strictObject({
  // A name without a version, or "latest", is another program tomorrow.
  image: z.string().regex(/^[\w./-]+:(?!latest)[\w.-]*\d+\.\d+[\w.-]*$/),
  build: z.literal('.').optional(),
  profiles: z.array(z.enum(['one', 'influxdb', 'city'])).min(1),
  pids_limit: z.int(),
  mem_limit: z.string(),
  cpus: z.string(),
  ulimits: z.strictObject({ nofile: z.int() }).optional(),
  restart: z.literal('unless-stopped'),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.literal('ALL')).optional(),
  security_opt: z.array(z.string()).optional(),
  stop_grace_period: z.string(),
  shm_size: z.string().optional(),
  networks: z.array(z.enum(['default', 'engines'])).default(['default']),
  command: z.array(z.string()).optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  ports: z.array(z.string().regex(/^\d+:\d+$/)).optional(),
  environment: z.record(z.string(), z.string()),
  secrets: z
    .array(
      z.union([
        z.string().transform((source) => ({ source, target: `/run/secrets/${source}` })),
        z.strictObject({ source: z.string(), target: z.string() }),
      ]),
    )
    .default([]),
  volumes: z.array(z.templateLiteral([z.string(), ':', z.string()])).default([]),
  healthcheck: Healthcheck,
  logging: z.strictObject({
    driver: z.string(),
    options: z.strictObject({ 'max-size': z.string(), 'max-file': z.string() }),
  }),
});
const Compose = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), Service),
  networks: z.strictObject({ default: z.null(), engines: z.strictObject({ internal: z.literal(true) }) }),
  volumes: z.record(z.string(), z.null()),
  secrets: z.record(z.string(), z.strictObject({ file: z.templateLiteral(['./secrets/', z.string()]) })),
});
type Service = z.output<typeof Service>;

// Its parts are merged into one another more often than the reader expects of a file from a stranger.
const written = parseYaml(read('docker-compose.yml'), { merge: true, maxAliasCount: -1 }) as Record<string, unknown>;
const compose = Compose.parse(Object.fromEntries(Object.entries(written).filter(([name]) => !name.startsWith('x-'))));
const service = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`there is no service ${name}`);
  return found;
};
const [alone, platform, influxdb] = [service('platform'), service('platform-influxdb'), service('influxdb')];
const CITY = ['gateway-1', 'gateway-2', 'worker-1', 'worker-2', 'api-1', 'api-2'];
/** The platform in all its profiles. */
const PLATFORMS = [alone, platform, ...CITY.map(service)];
/** As compose fills them in when nothing is set: `${NAME:-default}` → default. */
const variablesOf = ({ environment }: Service) =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(/^\$\{\w+:-(.*)\}$/, '$1')]),
  );

describe('docker-compose.yml', () => {
  it('gives the platform settings that exist and that it takes, in every profile', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hd-compose-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const name of Object.keys(compose.secrets)) writeFileSync(join(folder, name), `the ${name}\n`);
    const settingsOf = (of: Service) => {
      for (const name of Object.keys(of.environment))
        expect(SETTING_VARIABLES.has(name) || SETTING_VARIABLES.has(name.replace(/_FILE$/, '')), name).toBe(true);
      const variables = Object.entries(variablesOf(of));
      return loadSettings(
        Object.fromEntries(variables.map(([name, value]) => [name, value.replace('/run/secrets', folder)])),
      );
    };
    const token = 'the influxdb_token';
    expect(settingsOf(alone).store.engine).toBe('duckdb');
    expect(settingsOf(platform).store).toMatchObject({ engine: 'influxdb', api: 'v2', token });
    for (const name of CITY) {
      const settings = settingsOf(service(name));
      expect(rolesOf(settings)).toEqual(new Set([name.replace(/-\d$/, '')]));
      expect(settings).toMatchObject({
        http: { trustedProxies: 1 },
        nats: { replicas: 3, password: 'the nats_password' },
        registry: { password: 'the postgres_password' },
        store: { engine: 'influxdb', api: 'v2', token },
      });
    }
  });

  it('names variables of the host as the settings are named', () => {
    for (const [name, value] of PLATFORMS.flatMap(({ environment }) => Object.entries(environment))) {
      const host = /^\$\{(\w+):-/.exec(value)?.[1];
      if (host !== undefined) expect(host).toBe(name);
    }
  });

  it('lets both sides speak of the same organisation, bucket, token, database, users and addresses', () => {
    for (const { environment } of [platform, ...CITY.map(service)])
      expect(environment).toMatchObject({
        HD_STORE_ORGANISATION: influxdb.environment['DOCKER_INFLUXDB_INIT_ORG'],
        HD_STORE_BUCKET: influxdb.environment['DOCKER_INFLUXDB_INIT_BUCKET'],
        HD_STORE_TOKEN_FILE: influxdb.environment['DOCKER_INFLUXDB_INIT_ADMIN_TOKEN_FILE'],
        HD_STORE_URL: 'http://influxdb:8086',
      });
    const postgres = service('postgres').environment;
    const nats = ['nats-1', 'nats-2', 'nats-3'];
    for (const { environment } of CITY.map(service)) {
      const registry = new URL(environment['HD_REGISTRY_URL'] ?? '');
      expect(registry.username).toBe(postgres['POSTGRES_USER']);
      expect(registry.pathname).toBe(`/${postgres['POSTGRES_DB']}`);
      expect(environment['HD_REGISTRY_PASSWORD_FILE']).toBe(postgres['POSTGRES_PASSWORD_FILE']);
      expect(environment['HD_NATS_SERVERS']).toBe(nats.map((name) => `nats://${name}:4222`).join(','));
      expect(read('config/nats/nats.conf')).toContain(`user: ${environment['HD_NATS_USER']}\n`);
    }
    for (const name of nats) expect(service(name).environment['NATS_NAME']).toBe(name);
  });

  it('starts a service only after those whose networks it is in are healthy', () => {
    for (const { depends_on = {}, networks } of Object.values(compose.services))
      for (const name of Object.keys(depends_on))
        expect(
          service(name).networks.some((network) => networks.includes(network)),
          name,
        ).toBe(true);
    const engines = ['nats-1', 'nats-2', 'nats-3', 'postgres', 'influxdb'];
    for (const name of CITY) expect(Object.keys(service(name).depends_on ?? {})).toEqual(engines);
    for (const name of engines) expect(service(name).networks).toEqual(['engines']);
  });

  it('declares each volume and secret it uses, and uses each it declares; each file it mounts exists', () => {
    const services = Object.values(compose.services);
    const sources = services.flatMap(({ volumes }) => volumes.map((volume) => volume.split(':')[0]!));
    const files = sources.filter((source) => source.startsWith('./'));
    for (const file of files) expect(existsSync(join(ROOT, file)), file).toBe(true);
    expect(new Set(sources.filter((source) => !files.includes(source)))).toEqual(new Set(Object.keys(compose.volumes)));
    const secrets = services.flatMap((each) => each.secrets.map(({ source }) => source));
    expect(new Set(secrets)).toEqual(new Set(Object.keys(compose.secrets)));
  });

  it('gives every service the secrets that its variables and its command point to', () => {
    for (const { environment, command = [], secrets } of Object.values(compose.services)) {
      const pointedTo = [...Object.values(environment), ...command].flatMap(
        (value) => /\/run\/secrets\/\w+/.exec(value)?.[0] ?? [],
      );
      const given = secrets.map(({ target }) => target).filter((target) => target.startsWith('/run/secrets/'));
      expect(new Set(pointedTo)).toEqual(new Set(given));
    }
  });

  it('gives each process of a city a data directory of its own, and in common what any of them may be asked for', () => {
    const mountsOf = (name: string) => service(name).volumes.map((volume) => volume.split(':') as [string, string]);
    const inCommon = (name: string) => mountsOf(name).filter(([, target]) => target !== '/city');
    for (const name of CITY) expect(mountsOf(name)).toContainEqual([name, '/city']);
    for (const name of ['api-1', 'api-2'])
      expect(inCommon(name)).toEqual(['firmware', 'photos', 'exports'].map((folder) => [folder, `/city/${folder}`]));
    for (const name of ['gateway-1', 'gateway-2']) expect(inCommon(name)).toEqual([['firmware', '/city/firmware']]);
    for (const name of ['worker-1', 'worker-2', 'api-1', 'api-2'])
      expect(service(name).secrets).toContainEqual({ source: 'web_push_key', target: '/city/web-push-key.pem' });
    // A volume takes over the owner of the folder in the image: without one it would be root's.
    const made = all('RUN').flatMap((line) => /--owner=node --group=node (.*)$/.exec(line)?.[1]?.split(' ') ?? []);
    for (const name of CITY) expect(made).toEqual(expect.arrayContaining(mountsOf(name).map(([, target]) => target)));
  });

  it('keeps secrets out of git and out of the image', () => {
    for (const { file } of Object.values(compose.secrets)) {
      expect(read('.gitignore').split('\n')).toContain(`${dirname(file).slice('./'.length)}/`);
      expect(sentToBuilder(file.slice('./'.length))).toBe(false);
    }
  });

  it('keeps what the platform writes in a volume, and lets it write nowhere else', () => {
    for (const { environment, read_only, tmpfs, volumes } of PLATFORMS) {
      expect(read_only).toBe(true);
      expect(tmpfs).toEqual(['/tmp:size=64m,mode=1777,noexec,nosuid,nodev']);
      const data = environment['HD_DATA_DIRECTORY'] ?? dockerfile.environment['HD_DATA_DIRECTORY'];
      expect(volumes[0]?.split(':')[1]).toEqual(data);
    }
  });

  it('gives the platform files enough for all connections, no capability, and bounds', () => {
    const { mqtt, live } = loadSettings({});
    for (const { ulimits, cap_drop, security_opt, mem_limit, cpus } of PLATFORMS) {
      expect(ulimits?.nofile).toBeGreaterThan(mqtt.maxConnections + live.maximumClients + 1_000);
      expect(cap_drop).toEqual(['ALL']);
      expect(security_opt).toEqual(['no-new-privileges:true']);
      expect([mem_limit, cpus]).toEqual([expect.stringMatching(/:-\d+g\}$/), expect.stringMatching(/:-\d+\}$/)]);
    }
  });

  it('runs alone in one profile, beside InfluxDB in another, and as a city in the third', () => {
    const inProfile = (profile: 'one' | 'influxdb' | 'city') =>
      Object.entries(compose.services).flatMap(([name, { profiles }]) => (profiles.includes(profile) ? [name] : []));
    expect(inProfile('one')).toEqual(['platform']);
    expect(inProfile('influxdb')).toEqual(['platform-influxdb', 'influxdb']);
    expect(new Set(inProfile('city'))).toEqual(
      new Set(['balancer', ...CITY, 'nats-1', 'nats-2', 'nats-3', 'postgres', 'influxdb']),
    );
    expect(alone.depends_on).toBeUndefined();
  });

  it('leaves no port of a city open but those of the balancer', () => {
    const open = Object.entries(compose.services).filter(([, { ports }]) => ports !== undefined);
    expect(open.map(([name]) => name)).toEqual(['platform', 'platform-influxdb', 'balancer']);
  });

  it('carries the version of the package', () => {
    for (const { image } of PLATFORMS) expect(image).toBe(`hai-dang:${manifest.version}`);
  });
});

describe('the configuration of the engines', () => {
  it.skipIf(isMissing('haproxy'))(
    'of the balancer is one that HAProxy takes, and names the processes there are',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'hd-balancer-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const { pem, keyPem } = await issue({ name: 'haidang.test', issuer: null });
      writeFileSync(join(folder, 'https_pem'), `${pem}\n${keyPem}`);
      const checked = spawnSync('haproxy', ['-c', '-f', join(ROOT, 'config/balancer/haproxy.cfg')], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HTTPS_PEM: join(folder, 'https_pem') },
      });
      expect(checked.status, checked.stderr).toBe(0);
      // Names are known where it runs.
      const warnings = checked.stderr.split('\n').filter((line) => line.includes('[WARNING]'));
      expect(warnings.filter((line) => !line.includes('could not resolve address'))).toEqual([]);
      const servers = [...read('config/balancer/haproxy.cfg').matchAll(/^ {2}server (\S+) (\S+):\d+/gm)];
      for (const [, name, host] of servers) expect(host).toBe(name);
      const saysSource = read('config/balancer/haproxy.cfg').match(
        /^ {2}server gateway-\d \S+:[18]883 send-proxy-v2$/gm,
      );
      expect(saysSource).toHaveLength(4);
      for (const name of ['gateway-1', 'gateway-2'])
        expect(service(name).environment['HD_MQTT_PROXY_PROTOCOL']).toBe('true');
      expect(new Set(servers.map(([, name]) => name))).toEqual(
        new Set(CITY.filter((name) => !name.startsWith('worker'))),
      );
    },
  );

  it.skipIf(isMissing('nats-server'))('of NATS is one that it takes, with a password of digits too', () => {
    const { command = [], environment } = service('nats-1');
    const folder = mkdtempSync(join(tmpdir(), 'hd-nats-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'nats_password'), '0123456789\n');
    const [program, ...words] = command.map((word) =>
      word
        .replaceAll('$$', '$')
        .replace('/run/secrets', folder)
        .replace('/etc/nats/nats.conf', join(ROOT, 'config/nats/nats.conf'))
        .replace('/data', folder),
    );
    const checked = spawnSync(program!, [...words.slice(0, -1), `${words.at(-1)} -t`], {
      encoding: 'utf8',
      env: { PATH: `${process.env['PATH']}:/usr/sbin`, ...environment },
    });
    expect([checked.status, checked.stderr]).toEqual([0, expect.stringContaining('is valid')]);
  });
});

interface Copy {
  readonly from: string | null;
  readonly sources: readonly string[];
  readonly target: string;
}
interface Stage {
  readonly image: string;
  readonly name: string | null;
  readonly copies: Copy[];
  readonly instructions: (readonly [string, string])[];
}

/** The instructions of the Dockerfile by stage; a line that ends in a backslash goes on. */
function parseDockerfile(text: string): { readonly image: string; readonly stages: readonly Stage[] } {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Stage[] = [];
  let image = '';
  for (const line of lines) {
    const [, word, rest] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (word === undefined || rest === undefined) throw new Error(`not an instruction: ${line}`);
    if (word === 'ARG') image = rest.replace(/^NODE=/, '');
    else if (word === 'FROM') {
      const [from, , name] = rest.split(/\s+/);
      stages.push({ image: from ?? '', name: name ?? null, copies: [], instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (!stage) throw new Error(`${word} before FROM`);
      stage.instructions.push([word, rest]);
      if (word === 'COPY') {
        const words = rest.split(/\s+/);
        const from = words[0]?.startsWith('--from=') ? (words.shift()?.slice('--from='.length) ?? null) : null;
        const target = words.pop() ?? '';
        stage.copies.push({ from, sources: words, target });
      }
    }
  }
  return { image, stages };
}

const parsed = parseDockerfile(read('Dockerfile'));
const final = parsed.stages.at(-1)!;
const all = (word: string): string[] => final.instructions.filter(([name]) => name === word).map(([, rest]) => rest);
const dockerfile = {
  environment: Object.fromEntries(
    all('ENV').flatMap((line) => line.split(/\s+/).map((pair) => pair.split('=') as [string, string])),
  ),
  command: JSON.parse(all('CMD')[0] ?? '[]') as string[],
  healthcheck: JSON.parse(/CMD (\[.*\])$/.exec(all('HEALTHCHECK')[0] ?? '')?.[1] ?? '[]') as string[],
};

/** Whether .dockerignore lets a path into the builder; the last line that fits decides. */
function sentToBuilder(path: string): boolean {
  let sent = true;
  for (const line of read('.dockerignore').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const pattern = line.replace(/^!/, '');
    const fits =
      pattern === '*' ||
      path === pattern ||
      path.startsWith(`${pattern}/`) ||
      (pattern.startsWith('**/*') && path.endsWith(pattern.slice('**/*'.length)));
    if (fits) sent = line.startsWith('!');
  }
  return sent;
}

/** A node_modules with those packages alone that `npm ci --omit=dev` would install here. */
function linkRuntimePackages(target: string): void {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  for (const [path, { dev, devOptional }] of Object.entries(packages)) {
    if (!/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || dev || devOptional || !existsSync(join(ROOT, path))) continue;
    mkdirSync(dirname(join(target, path)), { recursive: true });
    symlinkSync(join(ROOT, path), join(target, path));
  }
}

/** The final stage laid out as the Dockerfile says, as far as this can be done without an engine. */
function layOut(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hd-image-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const { from, sources, target } of final.copies) {
    if (from === 'packages') linkRuntimePackages(folder);
    for (const source of from === null ? sources : []) {
      const to = target === './' ? join(folder, source) : join(folder, target);
      cpSync(join(ROOT, source), to, { recursive: true, filter: (file) => sentToBuilder(file.slice(ROOT.length + 1)) });
    }
  }
  return folder;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '::');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

describe('the Dockerfile', () => {
  it('is made from one pinned Node 24 image', () => {
    expect(parsed.image).toMatch(/^node:24\.\d+\.\d+-\w+-slim$/);
    for (const { image } of parsed.stages) expect(image).toMatch(/^\$\{NODE\}$/);
  });

  it('copies only what exists, and what .dockerignore sends', () => {
    for (const { copies } of parsed.stages) {
      for (const { from, sources } of copies) {
        if (from !== null) {
          expect(parsed.stages.map(({ name }) => name)).toContain(from);
          continue;
        }
        for (const source of sources.filter((each) => each !== '.')) {
          expect(existsSync(join(ROOT, source)), source).toBe(true);
          expect(sentToBuilder(source), source).toBe(true);
        }
      }
    }
  });

  it('takes all parts of the composition along', () => {
    const parts = readdirSync(ROOT).filter((name) => /^main.*\.ts$/.test(name));
    expect(final.copies.flatMap(({ sources }) => sources)).toEqual(expect.arrayContaining(parts));
  });

  it('runs as another user than root, which owns only the data', () => {
    expect(all('USER')).toEqual(['node']);
    expect(all('VOLUME')).toEqual([dockerfile.environment['HD_DATA_DIRECTORY']]);
    const words = final.instructions.map(([word]) => word);
    expect(words.lastIndexOf('COPY')).toBeLessThan(words.indexOf('USER'));
  });

  it('starts from what it holds, without the packages of development, answers its health check, and stops in good order', async () => {
    const folder = layOut();
    expect(readdirSync(folder)).not.toContain('test');
    const data = join(folder, 'data');
    const environment = {
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
      ...dockerfile.environment,
      HD_DATA_DIRECTORY: data,
      HD_HTTP_PORT: String(await freePort()),
      HD_MQTT_PORT: '0',
    };
    const run = (command: readonly string[]) => spawn(command[0]!, command.slice(1), { cwd: folder, env: environment });
    const healthOf = async (): Promise<number> => (await once(run(dockerfile.healthcheck), 'close'))[0] as number;
    expect(await healthOf()).toBe(1);

    const child = run(dockerfile.command);
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk;
      });
    }
    await expect.poll(() => said, { timeout: 60_000 }).toContain('"event":"ready"');
    expect(await healthOf()).toBe(0);
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(readdirSync(data)).toContain('registry.sqlite');
  }, 120_000);
});

describe('the systemd units', () => {
  const UNITS = ['hai-dang.service', 'hai-dang-backup.service', 'hai-dang-backup.timer'];
  /** Makes of the platform's unit that of one of several processes. */
  const ROLE = 'hai-dang@.service.d/role.conf';

  it('are lines that systemd understands, and where it is at hand it finds little exposed', () => {
    for (const unit of [...UNITS, ROLE]) {
      const lines = read(`config/systemd/${unit}`).split('\n');
      for (const line of lines) expect(line).toMatch(/^(#.*|\[(Unit|Service|Timer|Install)\]|[A-Z][A-Za-z]+=.*|)$/);
    }
    if (spawnSync('systemd-analyze', ['--version']).error !== undefined) return;
    const folder = mkdtempSync(join(tmpdir(), 'hd-units-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    // Node is wherever it is here.
    for (const unit of UNITS)
      writeFileSync(
        join(folder, unit),
        read(`config/systemd/${unit}`).replace('ExecStart=/usr/bin/node', `ExecStart=${process.execPath}`),
      );
    mkdirSync(join(folder, dirname(ROLE)));
    cpSync(join(ROOT, 'config/systemd', ROLE), join(folder, ROLE));
    cpSync(join(folder, 'hai-dang.service'), join(folder, 'hai-dang@.service'));
    const analyze = (...words: string[]) => spawnSync('systemd-analyze', words, { cwd: folder, encoding: 'utf8' });
    const roles = PROCESS_ROLES.map((role) => `hai-dang@${role}.service`);
    const verified = analyze('verify', ...[...UNITS, ...roles].map((unit) => `./${unit}`));
    expect([verified.status, verified.stderr]).toEqual([0, '']);
    for (const unit of [...UNITS, 'hai-dang@.service'].filter((name) => name.endsWith('.service'))) {
      const judged = analyze('security', '--offline=true', '--threshold=20', `./${unit}`);
      expect(judged.status, judged.stdout).toBe(0);
    }
  });

  it('name settings and files that exist, and keep the data where the platform writes it', () => {
    for (const [, name] of read(`config/systemd/${ROLE}`).matchAll(/\b(HD_[A-Z_]+)=/g))
      expect(SETTING_VARIABLES.has(name!), name).toBe(true);
    const [service, backup] = UNITS.map((unit) => read(`config/systemd/${unit}`)) as [string, string];
    for (const text of [service, backup]) {
      for (const [, name] of text.matchAll(/\b(HD_[A-Z_]+)=/g)) expect(SETTING_VARIABLES.has(name!), name).toBe(true);
      const program = /^ExecStart=\S+ (\S+)/m.exec(text)?.[1] ?? '';
      expect(existsSync(join(ROOT, program)), program).toBe(true);
      expect(text).toContain('HD_DATA_DIRECTORY=/var/lib/hai-dang');
    }
    expect(service).toContain('StateDirectory=hai-dang');
    const { mqtt, live } = loadSettings({});
    expect(Number(/LimitNOFILE=(\d+)/.exec(service)?.[1])).toBeGreaterThan(
      mqtt.maxConnections + live.maximumClients + 1_000,
    );
  });
});
