import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { findLmdbDamage } from '../journal/lmdb-file.ts';
import { countCopy } from '../timeseries/duckdb/copying.ts';
import { Engine } from '../timeseries/duckdb/engine.ts';
import { BackupError, type Manifest } from './manifest.ts';

/** Bytes done are told as they are read. */
export type OnBytes = (bytes: number) => void;

export async function sha256Of(path: string, onBytes: OnBytes = () => {}): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    onBytes((chunk as Buffer).length);
  }
  return hash.digest('hex');
}

/** Rows of each table of a registry's file. @throws {BackupError} when SQLite finds it damaged. */
export function registryRows(path: string): Record<string, number> {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const { quick_check: verdict } = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
    if (verdict !== 'ok') throw new BackupError(`${path} is damaged: ${verdict}`);
    const tables = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
      .all() as { name: string }[];
    return Object.fromEntries(
      tables.map(({ name }) => [name, (db.prepare(`SELECT count(*) AS n FROM "${name}"`).get() as { n: number }).n]),
    );
  } finally {
    db.close();
  }
}

/** An engine for looking into copies, with little memory. */
export const openEngine = (spillDirectory: string): Promise<Engine> =>
  Engine.open({ memoryLimitMegabytes: 160, threads: 1, spillDirectory });

/**
 * Holds a folder against what the manifest says: every file there with its bytes and checksum, the registry whole with its rows, the store's files with their
 * readings, the journal and the quarantine sound.
 * @throws {BackupError} naming the first thing that is not as it should be.
 */
export async function verify(
  folder: string,
  manifest: Manifest,
  spillDirectory: string,
  onBytes: OnBytes,
): Promise<void> {
  for (const { path, bytes, sha256 } of manifest.files) {
    const size = statSync(join(folder, path), { throwIfNoEntry: false })?.size;
    if (size === undefined) throw new BackupError(`${path} is missing`);
    if (size !== bytes) throw new BackupError(`${path} has ${size} bytes, not ${bytes}`);
    if ((await sha256Of(join(folder, path), onBytes)) !== sha256)
      throw new BackupError(`${path} is not what was saved`);
  }
  for (const { path } of manifest.files.filter((file) => file.path.endsWith('.mdb'))) {
    const damage = findLmdbDamage(join(folder, path));
    if (damage !== null) throw new BackupError(`${path} is damaged: ${damage}`);
  }
  const engine = await openEngine(spillDirectory);
  try {
    for (const { path, readings } of manifest.files) {
      if (readings === undefined) continue;
      const found = await countCopy(engine, join(folder, path));
      if (found !== readings) throw new BackupError(`${path} holds ${found} readings, not ${readings}`);
    }
  } finally {
    engine.close();
  }
  const rows = registryRows(join(folder, 'registry.sqlite'));
  for (const [table, count] of Object.entries(manifest.registryRows)) {
    if (rows[table] !== count)
      throw new BackupError(`the registry's ${table} has ${rows[table] ?? 0} rows, not ${count}`);
  }
}
