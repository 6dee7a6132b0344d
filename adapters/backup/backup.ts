import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { backup as copySqlite, DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { open as openLmdb } from 'lmdb';
import { MOVED } from '../migrate/moved.ts';
import { MIGRATION } from '../migrate/progress-file.ts';
import { HELD_TO_POSTGRES } from '../registry/postgres.ts';
import { sync } from '../timeseries/duckdb/rewriting.ts';
import { CONTROL_SOCKET, type ControlClient, connectToPlatform } from './control-socket.ts';
import { BackupError, MANIFEST, type Manifest, type ManifestFile } from './manifest.ts';
import { openStopped } from './stopped-platform.ts';
import type { TakenJournal } from './taking-elsewhere.ts';
import { type OnBytes, registryRows, sha256Of } from './verify.ts';

export interface BackupOptions {
  readonly dataDirectory: string;
  /** Folder of the backup; must not exist. It appears whole or not at all: it is written under another name, and takes this one at the end. */
  readonly to: string;
  /** Release of this program, for a platform that isn't running. */
  readonly release: string;
  readonly now: Date;
  /** What lies in engines that are not in the data directory. */
  readonly elsewhere?: Elsewhere;
  /** Bytes done, and bytes there are as far as is known: copied once, read once more for their checksum. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Engines on servers, each written into the backup as the file or files that it has in a data directory: a backup looks the same wherever it comes from. */
export interface Elsewhere {
  readonly registry?: (path: string) => Promise<void>;
  /** @returns readings by the file's name. */
  readonly store?: (path: string, spill: string) => Promise<ReadonlyMap<string, number>>;
  /** Begins with it; what comes meanwhile is taken too. */
  readonly journal?: (path: string) => Promise<TakenJournal>;
}

/** Copied by the engine that owns them. All else in the data directory is plain files that don't change any more once they have their name. */
export const BY_ENGINE: ReadonlySet<string> = new Set([
  'registry.sqlite',
  'registry.sqlite-wal',
  'registry.sqlite-shm',
  'journal',
  'store',
  'quarantine',
  'broker',
]);
/** Of no use in a backup. */
export const LEFT_OUT: ReadonlySet<string> = new Set([
  ...[CONTROL_SOCKET, MOVED, MIGRATION, HELD_TO_POSTGRES],
  ...['exports', 'lost+found'],
]);
const LMDB_FILES = ['journal/journal.mdb', 'quarantine/quarantine.mdb'] as const;
/** Who the gateway is, beside what it holds. */
export const GATEWAY_ID = 'quarantine/gateway-id';
const UNFINISHED = '.unfinished';
const LOOK_AT_GROWING_FILE_EVERY_MS = 200;
/** After each piece of work beside a running platform, that is left to its devices for as long as it took times this. */
const REST_SHARE = 10;
/** Pieces are small; one that took long waited for something else. */
const LONGEST_REST_MS = 500;

/**
 * Saves the whole data directory, while the platform runs (it is asked for what only it can copy) or while it doesn't. Everything acknowledged before the
 * start is in it. The order makes that what belongs together fits together: the store first; then the journal, held meanwhile, which has all that came
 * after the store's cursor; the registry last, which knows every number that the others use.
 * @throws {BackupError} with what to do; nothing is left of the backup then.
 */
export async function makeBackup(options: BackupOptions): Promise<Manifest> {
  const dataDirectory = resolve(options.dataDirectory);
  const to = resolve(options.to);
  if (!options.elsewhere?.registry && !existsSync(join(dataDirectory, 'registry.sqlite')))
    throw new BackupError(
      `${dataDirectory} has no registry.sqlite: set HD_DATA_DIRECTORY to the platform's data directory`,
    );
  if (existsSync(to)) throw new BackupError(`${to} is there already: name another folder`);
  const folder = `${to}${UNFINISHED}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const spill = `${folder}.spill`;
  let platform: ControlClient | null = null;
  let journal: TakenJournal | null = null;
  try {
    journal = (await options.elsewhere?.journal?.(join(folder, 'journal'))) ?? null;
    const running = await connectToPlatform(dataDirectory);
    platform = running ?? (await openStopped(dataDirectory, options.release, spill));
    const begun = await platform.begin();
    const progress = startProgress(options, dataDirectory, begun.store?.files ?? []);
    const gently = running ? withRest : atOnce;
    const places = { dataDirectory, folder, spill, gently, onBytes: progress };
    const readings = await copyParts(platform, begun.store?.files ?? [], places, options.elsewhere ?? {});
    await journal?.finish();
    if (!(await platform.held()))
      throw new BackupError('the journal was about to be full and could not be held: see why it is, and try again');
    const manifest: Manifest = {
      format: 1,
      release: begun.release,
      madeAt: options.now.toISOString(),
      running: running !== null,
      store: begun.store || options.elsewhere?.store ? 'duckdb' : 'influxdb',
      files: await describeFiles(folder, readings, gently, progress),
      registryRows: registryRows(join(folder, 'registry.sqlite')),
    };
    writeFileSync(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    sync(join(folder, MANIFEST));
    sync(folder);
    renameSync(folder, to);
    sync(dirname(to));
    return manifest;
  } catch (error) {
    await journal?.abandon();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    platform?.close();
    rmSync(spill, { recursive: true, force: true });
  }
}

/** Does a piece of work, and lets others have their turn. */
type Gently = <T>(work: () => Promise<T>) => Promise<T>;
const atOnce: Gently = (work) => work();
const withRest: Gently = async (work) => {
  const began = performance.now();
  const done = await work();
  await pause(Math.min((performance.now() - began) * REST_SHARE, LONGEST_REST_MS));
  return done;
};

function startProgress(
  { onProgress }: BackupOptions,
  dataDirectory: string,
  storeFiles: readonly { readonly bytes: number }[],
): OnBytes {
  const others = filesBelow(dataDirectory).filter((path) => !['store', 'broker', ...LEFT_OUT].includes(firstOf(path)));
  const once =
    storeFiles.reduce((sum, { bytes }) => sum + bytes, 0) +
    others.reduce((sum, path) => sum + sizeOf(join(dataDirectory, path)), 0);
  let done = 0;
  onProgress?.(0, once * 2);
  return (bytes) => {
    done = Math.min(done + bytes, once * 2);
    onProgress?.(done, once * 2);
  };
}

interface Places {
  readonly dataDirectory: string;
  readonly folder: string;
  readonly spill: string;
  readonly gently: Gently;
  readonly onBytes: OnBytes;
}

/** Copies everything; readings by the path of their file. */
async function copyParts(
  platform: ControlClient,
  storeFiles: readonly { readonly name: string; readonly bytes: number }[],
  places: Places,
  elsewhere: Elsewhere,
): Promise<ReadonlyMap<string, number>> {
  const { dataDirectory, folder, spill, gently, onBytes } = places;
  const readings = new Map<string, number>();
  for (const [name, counted] of (await elsewhere.store?.(join(folder, 'store'), spill)) ?? [])
    readings.set(`store/${name}`, counted);
  if (storeFiles.length > 0) mkdirSync(join(folder, 'store'));
  for (const { name } of storeFiles) {
    const target = join(folder, 'store', name);
    const counted = await gently(() => watchedGrowing(target, onBytes, () => platform.storeFile(name, target)));
    // Retention took it meanwhile.
    if (counted !== null) readings.set(`store/${name}`, counted);
  }
  for (const path of LMDB_FILES) {
    const source = join(dataDirectory, path);
    if (!existsSync(source)) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    await gently(() => copyLmdb(source, join(folder, path)));
    onBytes(sizeOf(source));
  }
  if (existsSync(join(dataDirectory, GATEWAY_ID)))
    await copyFile(join(dataDirectory, GATEWAY_ID), join(folder, GATEWAY_ID));
  await platform.sessions(join(folder, 'broker'));
  for (const name of readdirSync(dataDirectory)) {
    if (BY_ENGINE.has(name) || LEFT_OUT.has(name)) continue;
    for (const path of filesBelow(join(dataDirectory, name)).map((below) => join(name, below))) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      await copyFile(join(dataDirectory, path), join(folder, path)).catch(ignoreGone);
      onBytes(sizeOf(join(folder, path)));
    }
  }
  if (elsewhere.registry) await elsewhere.registry(join(folder, 'registry.sqlite'));
  else await copyRegistry(join(dataDirectory, 'registry.sqlite'), join(folder, 'registry.sqlite'));
  onBytes(sizeOf(join(folder, 'registry.sqlite')));
  return readings;
}

/** Tells how `target` grows while `work` writes it. */
async function watchedGrowing<T>(target: string, onBytes: OnBytes, work: () => Promise<T>): Promise<T> {
  let told = 0;
  const tell = (): void => {
    const size = sizeOf(target);
    if (size > told) onBytes(size - told);
    told = Math.max(told, size);
  };
  const timer = setInterval(tell, LOOK_AT_GROWING_FILE_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    tell();
  }
}

/** LMDB lets other processes read; the copy is of one moment, without the room that lies free. */
export async function copyLmdb(source: string, target: string): Promise<void> {
  const root = openLmdb({ path: source, noSubdir: true, readOnly: true });
  try {
    await root.backup(target, true);
  } finally {
    await root.close();
  }
}

/** SQLite's own copy of one moment, also of what is still in its log. */
async function copyRegistry(source: string, target: string): Promise<void> {
  const db = new DatabaseSync(source, { readOnly: true });
  try {
    db.exec('PRAGMA busy_timeout = 60000');
    // All pages in one step: a platform that writes between two steps would make it start over and over.
    await copySqlite(db, target, { rate: 2 ** 31 - 1 });
  } finally {
    db.close();
  }
}

async function describeFiles(
  folder: string,
  readings: ReadonlyMap<string, number>,
  gently: Gently,
  onBytes: OnBytes,
): Promise<ManifestFile[]> {
  const files: ManifestFile[] = [];
  for (const path of filesBelow(folder).sort()) {
    const absolute = join(folder, path);
    sync(absolute);
    const name = path.split(sep).join('/');
    const counted = readings.get(name);
    files.push({
      path: name,
      bytes: sizeOf(absolute),
      sha256: await gently(() => sha256Of(absolute, onBytes)),
      ...(counted === undefined ? {} : { readings: counted }),
    });
  }
  return files;
}

/** Paths of all files below `path`, relative to it; of a file, its own as ''. */
export function filesBelow(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return existsSync(path) ? [''] : [];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)));
}
const firstOf = (path: string): string => path.split(sep)[0] ?? '';
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
function ignoreGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** Removes all finished backups below `folder` but the newest `keep`, and what unfinished ones left. @returns names of what was removed. */
export function removeOldBackups(folder: string, keep: number): readonly string[] {
  const names = readdirSync(folder)
    .filter((name) => BACKUP_NAME.test(name))
    .sort();
  const finished = names.filter((name) => existsSync(join(folder, name, MANIFEST)));
  const gone = [
    ...finished.slice(0, Math.max(0, finished.length - keep)),
    ...names.filter((n) => n.endsWith(UNFINISHED)),
  ];
  for (const name of gone) rmSync(join(folder, name), { recursive: true, force: true });
  return gone;
}
const BACKUP_NAME = /^hai-dang-\d{8}T\d{6}Z(\.unfinished)?$/;
/** `hai-dang-20261126T100000Z`: names sort by time. */
export const backupName = (now: Date): string => `hai-dang-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
