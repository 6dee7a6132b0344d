import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Written last: a folder without it is an unfinished backup, or none. */
export const MANIFEST = 'backup.json';

/** What a backup holds, so that a restore can show that it is all there. */
export const Manifest = z.strictObject({
  format: z.literal(1),
  /** Release of the platform whose data it is. */
  release: z.string(),
  /** When it was begun, ISO 8601 in UTC: everything acknowledged before is in it. */
  madeAt: z.iso.datetime(),
  /** Whether the platform was running meanwhile. */
  running: z.boolean(),
  /** `influxdb`: the readings are not in it. */
  store: z.enum(['duckdb', 'influxdb']),
  files: z.array(
    z.strictObject({
      /** Below the data directory, with `/`. */
      path: z.string().refine((path) => !path.startsWith('/') && !path.split('/').includes('..')),
      bytes: z.number().int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      /** Of a file of the store: rows of readings; one that came twice and is not yet sealed counts twice. */
      readings: z.number().int().min(0).optional(),
    }),
  ),
  /** Rows of each of the registry's tables. */
  registryRows: z.record(z.string(), z.number().int().min(0)),
});
export type Manifest = z.infer<typeof Manifest>;
export type ManifestFile = Manifest['files'][number];

export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/** @throws {BackupError} when the folder holds no finished backup, or one this release can't read. */
export function readManifest(folder: string): Manifest {
  let text: string;
  try {
    text = readFileSync(join(folder, MANIFEST), 'utf8');
  } catch (cause) {
    throw new BackupError(`${folder} has no ${MANIFEST}: it is no backup, or one that was not finished`, { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new BackupError(`${join(folder, MANIFEST)} is damaged: ${(cause as Error).message}`, { cause });
  }
  const parsed = Manifest.safeParse(json);
  if (!parsed.success)
    throw new BackupError(`${join(folder, MANIFEST)} can't be read by this release:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

export const totalBytes = (manifest: Manifest): number => manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
export const totalReadings = (manifest: Manifest): number =>
  manifest.files.reduce((sum, { readings }) => sum + (readings ?? 0), 0);
