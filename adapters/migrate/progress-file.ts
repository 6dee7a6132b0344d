import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** In the new data directory: whose move it is, and how far. Without it the target must be empty. */
export const MIGRATION = 'migration.json';

const MigrationState = z.strictObject({
  format: z.literal(1),
  /** The same in the new registry, as long as the move is not over. */
  id: z.uuid(),
  /** The old data directory. */
  from: z.string(),
  begunAt: z.iso.datetime(),
  /** Files of the old store that are over: what they looked like when they were copied, how many readings that were, and the store's cursor in them. */
  copied: z.record(
    z.string(),
    z.strictObject({ looks: z.string(), readings: z.number().int().min(0), cursor: z.number().int().min(0) }),
  ),
  finishedAt: z.iso.datetime().nullable(),
});
export type MigrationState = z.infer<typeof MigrationState>;

/** `null`: none was begun there. @throws when the file says nothing that this release understands. */
export function readMigration(dataDirectory: string): MigrationState | null {
  const path = join(dataDirectory, MIGRATION);
  if (!existsSync(path)) return null;
  return MigrationState.parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** Whole or as before, also when the power is cut. */
export function writeMigration(dataDirectory: string, state: MigrationState): void {
  const path = join(dataDirectory, MIGRATION);
  writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`, { flush: true });
  renameSync(`${path}.new`, path);
}
