import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statfsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { sync } from '../timeseries/duckdb/rewriting.ts';
import { BackupError, type Manifest, readManifest, totalBytes } from './manifest.ts';
import { verify } from './verify.ts';

export interface RestoreOptions {
  readonly from: string;
  /** Data directory to make; must be absent or empty. */
  readonly dataDirectory: string;
  /** Bytes done, of all there are: copied once, read once more to see that they are right. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Where the copy is until it is seen to be right. Left by a restore that was interrupted, it counts as nothing. */
const STAGING = '.restoring';
/** Without it a platform refuses to start beside readings: so it comes last. */
const LAST = 'registry.sqlite';

/**
 * Makes a data directory from a backup, and shows before it can be used that it is what was saved: bytes, checksums, readings of each file, rows of each table.
 * @throws {BackupError} with what to do; the data directory is then as it was.
 */
export async function restoreBackup({ from, dataDirectory, onProgress }: RestoreOptions): Promise<Manifest> {
  const manifest = readManifest(from);
  const target = resolve(dataDirectory);
  const here = existsSync(target) ? readdirSync(target).filter((name) => ![STAGING, 'lost+found'].includes(name)) : [];
  if (here.length > 0)
    throw new BackupError(
      `${target} is not empty (${here.slice(0, 3).join(', ')} …): move it away, nothing is overwritten`,
    );
  const staging = join(target, STAGING);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  const total = totalBytes(manifest);
  const { bavail, bsize } = statfsSync(target);
  if (bavail * bsize < total)
    throw new BackupError(`${target} has room for ${bavail * bsize} bytes, the backup needs ${total}`);
  let done = 0;
  const onBytes = (bytes: number): void => {
    done += bytes;
    onProgress?.(done, total * 2);
  };
  try {
    for (const { path, bytes } of manifest.files) {
      const place = join(staging, path);
      mkdirSync(dirname(place), { recursive: true });
      await copyFile(join(from, path), place).catch((cause: NodeJS.ErrnoException) => {
        throw cause.code === 'ENOENT' ? new BackupError(`the backup lacks ${path}`, { cause }) : cause;
      });
      sync(place);
      onBytes(bytes);
    }
    await verify(staging, manifest, join(staging, '.spill'), onBytes);
    rmSync(join(staging, '.spill'), { recursive: true, force: true });
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    throw error;
  }
  const names = readdirSync(staging).sort((a, b) => Number(a === LAST) - Number(b === LAST));
  for (const name of names) renameSync(join(staging, name), join(target, name));
  rmdirSync(staging);
  sync(target);
  return manifest;
}

/** Looks a backup through where it lies. @throws {BackupError} naming what is wrong with it. */
export async function checkBackup(
  from: string,
  spillDirectory: string,
  onProgress?: (done: number, total: number) => void,
): Promise<Manifest> {
  const manifest = readManifest(from);
  const total = totalBytes(manifest);
  let done = 0;
  await verify(from, manifest, spillDirectory, (bytes) => {
    done += bytes;
    onProgress?.(done, total);
  });
  return manifest;
}
