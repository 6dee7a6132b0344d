import { existsSync, readdirSync, statSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { copyDatabase, finishCopy } from '../timeseries/duckdb/copying.ts';
import type { ControlClient } from './control-socket.ts';
import { BackupError } from './manifest.ts';
import { openEngine } from './verify.ts';

/**
 * A data directory on which no platform runs, with the answers a running one would give. The broker's sessions stay open meanwhile, so that none can start.
 * @throws {BackupError} when a platform runs on it all the same.
 */
export async function openStopped(
  dataDirectory: string,
  release: string,
  spillDirectory: string,
): Promise<ControlClient> {
  const sessions = join(dataDirectory, 'broker', 'sessions');
  const lock = existsSync(sessions) ? new ClassicLevel(sessions) : null;
  await lock?.open().catch((error: Error & { cause?: { code?: string } }) => {
    if (error.cause?.code !== 'LEVEL_LOCKED') throw error;
    throw new BackupError(`a platform runs on ${dataDirectory} and can't be asked: stop it first`, { cause: error });
  });
  const store = join(dataDirectory, 'store');
  const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return {
    async begin() {
      if (!existsSync(store)) return { release, store: null };
      const files = readdirSync(store)
        .filter((name) => name.endsWith('.duckdb'))
        .sort()
        .map((name) => ({ name, bytes: sizeOf(join(store, name)) + sizeOf(join(store, `${name}.wal`)) }));
      // Its cursors are right as they are: nothing goes on meanwhile.
      return { release, store: { cursor: Number.MAX_SAFE_INTEGER, files } };
    },
    async storeFile(name, target) {
      await copyDatabase(join(store, name), target);
      const engine = await openEngine(spillDirectory);
      try {
        return (await finishCopy(engine, target, null)).readings;
      } finally {
        engine.close();
      }
    },
    async sessions(target) {
      if (lock)
        await cp(sessions, join(target, 'sessions'), { recursive: true, filter: (path) => !path.endsWith('LOCK') });
    },
    held: async () => true,
    stop: async () => {},
    close: () => void lock?.close(),
  };
}
