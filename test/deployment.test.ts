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
import { loadSettings, SETTING_VARIABLES } from '../config/settings.ts';
import manifest from '../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..');
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
  image: z.string().regex(/^[\w./-]+:(?!latest)[\w.-]*\d+\.\d+\.\d+[\w.-]*$/),
  build: z.literal('.').optional(),
  profiles: z.tuple([z.enum(['one', 'influxdb'])]),
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
  stop_grace_period: z.string().optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  ports: z.array(z.string().regex(/^\d+:\d+$/)).optional(),
  environment: z.record(z.string(), z.string()),
  secrets: z.array(z.string()).default([]),
  volumes: z.array(z.templateLiteral([z.string(), ':', z.string()])),
  healthcheck: Healthcheck,
  logging: z.strictObject({
    driver: z.string(),
    options: z.strictObject({ 'max-size': z.string(), 'max-file': z.string() }),
  }),
});
const Compose = z.strictObject({
  name: z.string(),
  'x-logging': z.unknown(),
  'x-platform': z.unknown(),
  services: z.strictObject({ platform: Service, 'platform-influxdb': Service, influxdb: Service }),
  volumes: z.record(z.string(), z.null()),
  secrets: z.record(z.string(), z.strictObject({ file: z.templateLiteral(['./secrets/', z.string()]) })),
});

const compose = Compose.parse(parseYaml(read('docker-compose.yml'), { merge: true }));
const { platform: alone, 'platform-influxdb': platform, influxdb } = compose.services;
/** As compose fills them in when nothing is set: `${NAME:-default}` → default. */
const variablesOf = ({ environment }: z.output<typeof Service>) =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(/^\$\{\w+:-(.*)\}$/, '$1')]),
  );

describe('docker-compose.yml', () => {
  it('gives the platform settings that exist and that it takes', () => {
    for (const name of [...Object.keys(platform.environment), ...Object.keys(alone.environment)])
      expect(SETTING_VARIABLES.has(name) || SETTING_VARIABLES.has(name.replace(/_FILE$/, '')), name).toBe(true);
    const folder = mkdtempSync(join(tmpdir(), 'hd-compose-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    cpSync(join(ROOT, 'package.json'), join(folder, 'influxdb_token'));
    const settings = loadSettings(
      Object.fromEntries(
        Object.entries(variablesOf(platform)).map(([name, value]) => [name, value.replace('/run/secrets', folder)]),
      ),
    );
    expect(settings.store).toMatchObject({ engine: 'influxdb', api: 'v2', token: read('package.json').trim() });
    expect(loadSettings(variablesOf(alone)).store.engine).toBe('duckdb');
  });

  it('names variables of the host as the settings are named', () => {
    for (const [name, value] of Object.entries({ ...alone.environment, ...platform.environment })) {
      const host = /^\$\{(\w+):-/.exec(value)?.[1];
      if (host !== undefined) expect(host).toBe(name);
    }
  });

  it('lets both sides speak of the same organisation, bucket, token and address', () => {
    expect(platform.environment).toMatchObject({
      HD_STORE_ORGANISATION: influxdb.environment['DOCKER_INFLUXDB_INIT_ORG'],
      HD_STORE_BUCKET: influxdb.environment['DOCKER_INFLUXDB_INIT_BUCKET'],
      HD_STORE_TOKEN_FILE: influxdb.environment['DOCKER_INFLUXDB_INIT_ADMIN_TOKEN_FILE'],
      HD_STORE_URL: 'http://influxdb:8086',
    });
  });

  it('declares each volume and secret it uses, and uses each it declares', () => {
    const services = [alone, platform, influxdb];
    const volumes = services.flatMap((service) => service.volumes.map((volume) => volume.split(':')[0]));
    const secrets = services.flatMap((service) => service.secrets);
    expect(new Set(volumes)).toEqual(new Set(Object.keys(compose.volumes)));
    expect(new Set(secrets)).toEqual(new Set(Object.keys(compose.secrets)));
  });

  it('gives every service the secrets that its variables point to', () => {
    for (const service of [alone, platform, influxdb]) {
      const pointedTo = Object.values(service.environment).flatMap(
        (value) => /^\/run\/secrets\/(.+)$/.exec(value)?.[1] ?? [],
      );
      expect(new Set(pointedTo)).toEqual(new Set(service.secrets));
    }
  });

  it('keeps secrets out of git and out of the image', () => {
    for (const { file } of Object.values(compose.secrets)) {
      expect(read('.gitignore').split('\n')).toContain(`${dirname(file).slice('./'.length)}/`);
      expect(sentToBuilder(file.slice('./'.length))).toBe(false);
    }
  });

  it('keeps what the platform writes in a volume, and lets it write nowhere else', () => {
    for (const { read_only, tmpfs, volumes } of [alone, platform]) {
      expect(read_only).toBe(true);
      expect(tmpfs).toEqual(['/tmp:size=64m,mode=1777,noexec,nosuid,nodev']);
      expect(volumes.map((volume) => volume.split(':')[1])).toEqual([dockerfile.environment['HD_DATA_DIRECTORY']]);
    }
  });

  it('gives the platform files enough for all connections, no capability, and bounds', () => {
    const { mqtt, live } = loadSettings({});
    for (const { ulimits, cap_drop, security_opt, mem_limit, cpus } of [alone, platform]) {
      expect(ulimits?.nofile).toBeGreaterThan(mqtt.maxConnections + live.maximumClients + 1_000);
      expect(cap_drop).toEqual(['ALL']);
      expect(security_opt).toEqual(['no-new-privileges:true']);
      expect([mem_limit, cpus]).toEqual([expect.stringMatching(/:-\d+g\}$/), expect.stringMatching(/:-\d+\}$/)]);
    }
  });

  it('runs alone in one profile, and beside InfluxDB in another', () => {
    expect([alone, platform, influxdb].map(({ profiles }) => profiles[0])).toEqual(['one', 'influxdb', 'influxdb']);
    expect(alone.depends_on).toBeUndefined();
  });

  it('carries the version of the package', () => {
    expect(platform.image).toBe(`hai-dang:${manifest.version}`);
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

  it('are lines that systemd understands, and where it is at hand it finds little exposed', () => {
    for (const unit of UNITS) {
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
    const analyze = (...words: string[]) => spawnSync('systemd-analyze', words, { cwd: folder, encoding: 'utf8' });
    const verified = analyze('verify', ...UNITS.map((unit) => `./${unit}`));
    expect([verified.status, verified.stderr]).toEqual([0, '']);
    for (const unit of UNITS.filter((name) => name.endsWith('.service'))) {
      const judged = analyze('security', '--offline=true', '--threshold=20', `./${unit}`);
      expect(judged.status, judged.stdout).toBe(0);
    }
  });

  it('name settings and files that exist, and keep the data where the platform writes it', () => {
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
