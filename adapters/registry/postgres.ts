import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Clock } from '../../domain/time.ts';
import { MOVING_IN, PostgresDatabase, type PostgresOptions } from './postgres-database.ts';
import { ServerClock } from './server-clock.ts';
import { type RegistryParts, registryOver } from './sql-registry.ts';

interface PostgresRegistryOptions extends Omit<RegistryParts, 'clock'>, PostgresOptions {
  /** Absent: that of PostgreSQL's server. */
  readonly clock?: Clock;
}

export interface PostgresRegistry extends Registry {
  /** The database's own, for {@link holdToRegistry}. */
  readonly id: string;
  readonly clock: Clock;
}

/**
 * The registry on PostgreSQL 15 or newer, whose schema is made or brought up to date. A finished commit survives a power cut with the server's own
 * `fsync` and `synchronous_commit` on, which they are unless somebody turned them off.
 * @throws {import('../../domain/ports/registry.ts').RegistryUnavailableError} when nobody answers there.
 * @throws {RegistryMismatchError} while a city moves in.
 */
export async function openPostgresRegistry({
  clock: own,
  newId,
  ...options
}: PostgresRegistryOptions): Promise<PostgresRegistry> {
  const db = await PostgresDatabase.open(options);
  const moving = await db.get<{ there: number }>('SELECT to_regclass(?) IS NOT NULL AS there', MOVING_IN);
  if (moving?.there === 1) {
    await db.close();
    throw new RegistryMismatchError(
      'A city is moving into this PostgreSQL database. Let "npm run migrate" finish, or begin it again, before anything starts on it.',
    );
  }
  const followed = own === undefined ? await ServerClock.follow({ ask: () => db.serverTime() }) : null;
  const clock = own ?? followed!.now;
  const registry = registryOver(db, { clock, newId });
  return {
    ...registry,
    id: db.registryId,
    clock,
    async close() {
      followed?.stop();
      await registry.close();
    },
  };
}

/** Readings and registry do not belong together. */
export class RegistryMismatchError extends Error {
  override readonly name = 'RegistryMismatchError';
}

/** Holds the id of the registry whose numbers the readings beside it are kept under. */
export const HELD_TO_POSTGRES = 'registry.postgres';
const WITH_READINGS = ['registry.sqlite', 'journal', 'store'];

/** Whether the readings of a data directory are kept under the numbers of a registry in PostgreSQL. */
export const isHeldToPostgres = (dataDirectory: string): boolean => existsSync(join(dataDirectory, HELD_TO_POSTGRES));

/**
 * Readings are kept under numbers that the registry gave. The first start with a registry elsewhere writes its id into the data directory; from then on
 * the two belong together.
 * @throws {RegistryMismatchError} when the directory holds readings of another registry, or of one in SQLite.
 */
export function holdToRegistry(dataDirectory: string, id: string): void {
  const path = join(dataDirectory, HELD_TO_POSTGRES);
  if (isHeldToPostgres(dataDirectory)) {
    const held = readFileSync(path, 'utf8').trim();
    if (held === id) return;
    throw new RegistryMismatchError(
      `${dataDirectory} holds readings under the numbers of another registry (${held}) than the one in this PostgreSQL database (${id}). Set HD_REGISTRY_URL to that one or restore its dump; or move the directory away to start empty.`,
    );
  }
  const found = WITH_READINGS.filter((name) => existsSync(join(dataDirectory, name)));
  if (found.length > 0)
    throw new RegistryMismatchError(
      `${dataDirectory} holds ${found.join(', ')} of a platform whose registry is not in PostgreSQL: its readings would show as those of other points. Leave HD_REGISTRY_ENGINE as it was, or name another HD_DATA_DIRECTORY.`,
    );
  writeFileSync(path, `${id}\n`);
}
