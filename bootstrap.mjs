// Plain JavaScript that any Node ≥ 20.20 runs: installs what is missing, brings a pinned Node 24 when this one is older,
// then hands over to it. It is what `npm start` and `npm test` call, so a fresh machine needs no other step.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(fileURLToPath(import.meta.url));
const PINNED_NODE = '24.21.0';
const NEEDED_MAJOR = 24;

/** Each command: steps run in order with Node 24, until one fails. Words after the npm script go to the last step. */
const COMMANDS = {
  start: [['build-dashboard'], ['node', 'main.ts', '--demo']],
  serve: [['build-dashboard'], ['node', 'main.ts']],
  dev: [
    ['beside', 'main.ts', '--demo'],
    ['bin', 'vite', '--config', 'dashboard/vite.config.ts'],
  ],
  settings: [['node', 'main.ts', '--print-settings']],
  doctor: [['node', 'adapters/doctor/doctor-command.ts']],
  backup: [['node', 'main-backup.ts']],
  restore: [['node', 'main-restore.ts']],
  migrate: [['node', 'main-migrate.ts']],
  sim: [['node', 'firmware-sim/sim.ts']],
  replay: [['node', 'firmware-sim/replay.ts']],
  'firmware:sign': [['node', 'firmware-sim/sign-firmware.ts']],
  build: [['bin', 'vite', 'build', '--config', 'dashboard/vite.config.ts']],
  check: [
    ['bin', 'biome', 'check', '--error-on-warnings'],
    ['bin', 'tsc', '--noEmit'],
    ['node', 'test/import-rules.ts'],
    ['bin', 'knip'],
  ],
  format: [['bin', 'biome', 'check', '--write']],
  test: [['check'], ['build-dashboard'], ['bin', 'vitest', 'run']],
  'test:watch': [['bin', 'vitest']],
  'test:long': [['build-dashboard'], ['bin', 'vitest', 'run', '--config', 'vitest.long.config.ts']],
  'bench:backup': [['node', 'bench/backup.ts']],
  'bench:backtest': [['node', 'bench/backtest.ts']],
  'bench:codec': [['node', 'bench/codec.ts']],
  'bench:console': [['build-dashboard'], ['node', 'bench/console.ts']],
  'bench:detect': [['node', 'bench/detect.ts']],
  'bench:fanout': [['node', 'bench/fanout.ts']],
  'bench:failover': [['node', 'bench/failover.ts']],
  'bench:ingest': [['node', 'bench/ingest.ts']],
  'bench:live': [['node', 'bench/live.ts']],
  'bench:map': [['build-dashboard'], ['node', 'bench/map.ts']],
  'bench:provision': [['node', 'bench/provision.ts']],
  'bench:export': [['node', 'bench/export.ts']],
  'bench:query': [['node', 'bench/query.ts']],
  'bench:replay': [['node', 'bench/replay.ts']],
  'bench:rules': [['node', 'bench/rules.ts']],
  'bench:scale': [['node', 'bench/scale.ts']],
  'bench:start': [['build-dashboard'], ['node', 'bench/start.ts']],
  basemap: [['node', 'config/basemap/build.ts']],
  screenshots: [
    ['build-dashboard'],
    ['node', 'test/browser/screenshots.ts'],
    ['node', 'test/browser/installer-screenshots.ts'],
    ['node', 'test/browser/model-screenshots.ts'],
    ['node', 'test/browser/rule-screenshots.ts'],
    ['node', 'test/browser/warning-screenshots.ts'],
    ['node', 'test/browser/maintenance-screenshots.ts'],
    ['node', 'test/browser/shift-screenshots.ts'],
    ['node', 'test/browser/console-screenshots.ts'],
    ['node', 'test/browser/incident-screenshots.ts'],
    ['node', 'test/browser/typhoon-filmstrip.ts'],
    ['node', 'test/browser/replay-screenshots.ts'],
    ['node', 'test/browser/wall-screenshots.ts'],
    ['node', 'test/browser/air-screenshots.ts'],
    ['node', 'test/browser/layers-screenshots.ts'],
    ['node', 'test/browser/quality-screenshots.ts'],
    ['node', 'test/browser/firmware-screenshots.ts'],
    ['node', 'test/browser/data-screenshots.ts'],
    ['node', 'test/browser/desk-screenshots.ts'],
    ['node', 'test/browser/devices-in-screenshots.ts'],
    ['node', 'test/browser/operations-screenshots.ts'],
  ],
};

const fail = (message) => {
  console.error(`\n✗ ${message}`);
  process.exit(1);
};

function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (error) fail(`${command}: ${error.message}`);
  if (signal) process.exit(signal === 'SIGINT' ? 130 : 143);
  return status ?? 1;
}

/** npm itself, by the interpreter that runs us; npm sets its own path for scripts. */
function npm(args) {
  // Its words are for people; what a command prints stays clean of them.
  const toStderr = { stdio: ['inherit', 2, 2] };
  const cli = process.env.npm_execpath;
  const status = cli?.endsWith('.js')
    ? run(process.execPath, [cli, ...args], toStderr)
    : run('npm', args, { ...toStderr, shell: process.platform === 'win32' });
  if (status !== 0)
    fail(`npm ${args[0]} failed. Is the package registry reachable? Nothing was changed that a second try won't mend.`);
}

function installPackages() {
  const stamp = join(ROOT, 'node_modules', '.hai-dang-installed');
  const lock = join(ROOT, 'package-lock.json');
  const fresh =
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === `${statSync(lock).size}:${PINNED_NODE}:${hash(readFileSync(lock, 'utf8'))}`;
  if (fresh) return;
  const whole = existsSync(join(ROOT, 'node_modules', '.package-lock.json'));
  console.error(whole ? 'Updating packages …' : 'Installing packages (first start only, about a minute) …');
  npm(['install', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, `${statSync(lock).size}:${PINNED_NODE}:${hash(readFileSync(lock, 'utf8'))}`);
}

/** A small checksum, to notice a changed lockfile. */
function hash(text) {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = (Math.imul(h, 31) + text.charCodeAt(i)) | 0;
  return h >>> 0;
}

/** Path of a Node ≥ 24: this one, or the pinned one out of npm (package `node-<platform>-<arch>`, which has no install script). */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const home = join(ROOT, '.runtime');
  const binary = join(home, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(binary)) {
    console.error(`This is Node ${process.versions.node}; bringing Node ${PINNED_NODE} from npm into .runtime/ …`);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), '{"private":true}\n');
    npm([
      'install',
      '--prefix',
      home,
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `${name}@${PINNED_NODE}`,
    ]);
  }
  if (!existsSync(binary))
    fail(`No Node ${NEEDED_MAJOR} for ${platform}-${process.arch}. Install Node ≥ ${NEEDED_MAJOR} and run again.`);
  return binary;
}

function binFile(name) {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'node_modules', packageOf(name), 'package.json'), 'utf8'));
  const bin = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[name];
  return join(ROOT, 'node_modules', packageOf(name), bin);
}
const packageOf = (name) => ({ biome: '@biomejs/biome', tsc: 'typescript' })[name] ?? name;

/** Builds the dashboard when it was never built, or when something it is made of is newer. */
function buildDashboard(node) {
  const built = join(ROOT, 'dashboard', 'dist', 'index.html');
  if (
    existsSync(built) &&
    newest(['dashboard', 'config', 'domain', 'api/contract', 'package-lock.json']) < statSync(built).mtimeMs
  )
    return 0;
  console.error('Building the dashboard …');
  return run(node, [binFile('vite'), 'build', '--config', 'dashboard/vite.config.ts', '--logLevel', 'warn'], {
    env: withNode(node),
  });
}

function newest(paths) {
  const skip = new Set(['dist', 'node_modules']);
  const out = spawnSync(
    process.execPath,
    [
      '-e',
      `
    const fs=require('fs'),p=require('path');let n=0;
    const walk=f=>{const s=fs.statSync(f);if(s.isDirectory()){for(const e of fs.readdirSync(f))if(!${JSON.stringify([...skip])}.includes(e))walk(p.join(f,e))}else n=Math.max(n,s.mtimeMs)};
    for(const f of ${JSON.stringify(paths)})if(fs.existsSync(f))walk(f);console.log(n)`,
    ],
    { cwd: ROOT, encoding: 'utf8' },
  );
  return Number(out.stdout);
}

const withNode = (node) => ({
  // Programs compiled once are read the next time: a third of what a start costs.
  NODE_COMPILE_CACHE: join(ROOT, '.runtime', 'compile-cache'),
  ...process.env,
  PATH: `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
});

/** Starts a program that runs beside the next steps and ends with them. */
function beside(node, args, env) {
  const child = spawn(node, args, { cwd: ROOT, stdio: 'inherit', env });
  process.on('exit', () => child.kill('SIGTERM'));
}

function perform(node, steps, extra) {
  for (const [index, [kind, ...args]] of steps.entries()) {
    const words = index === steps.length - 1 ? extra : [];
    const env = withNode(node);
    let status = 0;
    if (kind === 'build-dashboard') status = buildDashboard(node);
    else if (kind === 'beside') beside(node, args, env);
    else if (kind === 'check') status = perform(node, COMMANDS.check, []);
    else if (kind === 'bin') {
      const file = binFile(args[0]);
      status = run(node, [file, ...args.slice(1), ...words], { env });
    } else status = run(node, [...args, ...words], { env });
    if (status !== 0) return status;
  }
  return 0;
}

const [name, ...extra] = process.argv.slice(2);
const steps = COMMANDS[name];
if (!steps) fail(`Unknown command "${name}". One of: ${Object.keys(COMMANDS).join(', ')}.`);
const node = findNode();
installPackages();
process.exit(perform(node, steps, extra));
