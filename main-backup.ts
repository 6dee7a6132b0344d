/** Part of the composition root: `npm run backup -- FOLDER [--keep N]`. */
import { constants, setPriority } from 'node:os';

// It can wait; devices that want their acknowledgement should not. Loading the program alone takes a processor for a second: it gives way already there.
setPriority(constants.priority.PRIORITY_LOW);
const { makeBackupAsTold } = await import('./main-making-backup.ts');
await makeBackupAsTold();
