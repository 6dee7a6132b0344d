import { join } from 'node:path';
import { openIngest } from './platform-parts.ts';

/** A platform with a watched folder in a process of its own, to be killed. */
const folder = process.argv[2] ?? '';
await openIngest(folder, {
  stationFiles: { pollSeconds: 0.03, quietSeconds: 0.05, watchedFolder: join(folder, 'incoming') },
});
