import type { Registry } from '../../domain/ports/registry.ts';
import { type RegistryParts, registryOver } from './sql-registry.ts';
import { type RegistryDamagedError, SqliteDatabase } from './sqlite-database.ts';

export { RegistryDamagedError } from './sqlite-database.ts';

export interface SqliteRegistryOptions extends RegistryParts {
  /** The file; made with its folder if absent. */
  readonly path: string;
  /** Told once when damage shows while running: from then on nothing is written. */
  readonly onDamaged?: (error: RegistryDamagedError) => void;
}

/**
 * The registry on SQLite (WAL, `synchronous=FULL`: a finished commit survives a power cut).
 * @throws {RegistryDamagedError} when the file is damaged; it is left untouched.
 */
export function openSqliteRegistry({ path, onDamaged, ...parts }: SqliteRegistryOptions): Registry {
  return registryOver(new SqliteDatabase(path, onDamaged), parts);
}
