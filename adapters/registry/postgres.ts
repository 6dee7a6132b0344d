import type { Registry } from '../../domain/ports/registry.ts';
import { PostgresDatabase, type PostgresOptions } from './postgres-database.ts';
import { type RegistryParts, registryOver } from './sql-registry.ts';

interface PostgresRegistryOptions extends RegistryParts, PostgresOptions {}

/**
 * The registry on PostgreSQL 15 or newer, whose schema is made or brought up to date. A finished commit survives a power cut with the server's own
 * `fsync` and `synchronous_commit` on, which they are unless somebody turned them off.
 * @throws {import('./postgres-database.ts').RegistryUnavailableError} when nobody answers there.
 */
export async function openPostgresRegistry({ clock, newId, ...options }: PostgresRegistryOptions): Promise<Registry> {
  return registryOver(await PostgresDatabase.open(options), { clock, newId });
}
