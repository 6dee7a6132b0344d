import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In the data directory of a city that has moved to other engines: no platform starts on it any more, or the city would go on in two places. */
export const MOVED = 'moved';

export function markMoved(dataDirectory: string, to: string, at: Date): void {
  writeFileSync(join(dataDirectory, MOVED), `${at.toISOString()} ${to}\n`, { flush: true });
}

/** Why no platform may start there, or `null`. */
export function movedAway(dataDirectory: string): string | null {
  const path = join(dataDirectory, MOVED);
  if (!existsSync(path)) return null;
  const [at, ...to] = readFileSync(path, 'utf8').trim().split(' ');
  return `The city of ${dataDirectory} moved to ${to.join(' ')} on ${at}, by "npm run migrate". Start the processes on its new engines. To go back, lose what came in there since, stop them and remove ${path}.`;
}
