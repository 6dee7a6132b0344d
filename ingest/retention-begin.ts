import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, days, type EpochMs, epochMs } from '../domain/time.ts';

const FILE = 'retention-begins';
/** Time to say how long readings are to be kept, where an earlier release has kept them all. */
export const RETENTION_GRACE = days(30);

/**
 * From when readings go by the classes' limits: at once in a new data directory, after {@link RETENTION_GRACE} in one that held readings before, so that no
 * upgrade deletes what nobody has decided on. Kept as ISO 8601 in the file `retention-begins` of the data directory, where it can be changed.
 * @throws when the file holds no instant.
 */
export function retentionBegins(dataDirectory: string, heldReadings: boolean, now: EpochMs): EpochMs {
  const path = join(dataDirectory, FILE);
  if (existsSync(path)) {
    const at = Date.parse(readFileSync(path, 'utf8').trim());
    if (Number.isNaN(at)) throw new Error(`${path} holds no instant such as 2026-12-26T00:00:00Z`);
    return epochMs(at);
  }
  const begins = heldReadings ? after(now, RETENTION_GRACE) : now;
  writeFileSync(path, `${new Date(begins).toISOString()}\n`, { flag: 'wx' });
  return begins;
}
