import { statfs } from 'node:fs/promises';
import { type DiskBudget, type DiskState, type DiskUse, diskStateAfter } from '../../domain/disk-budget.ts';
import { type Journal, JournalUnavailableError } from '../../domain/ports/journal.ts';
import { type DurationMs, seconds } from '../../domain/time.ts';

export interface DiskWatchOptions {
  /** A folder on the disk. */
  readonly path: string;
  readonly budget: DiskBudget;
  /** Told of each change, with what is in use then. */
  readonly onState: (state: DiskState, before: DiskState, use: DiskUse) => void;
  readonly lookEvery?: DurationMs;
}
export interface DiskWatch {
  readonly state: DiskState;
  /** At the last look. */
  readonly use: DiskUse;
  stop(): void;
}

/** Often enough that a disk filled at full speed is noticed within its last share. */
const LOOK_EVERY: DurationMs = seconds(1);

/** Looks at the disk from now on; the first look is done on return. @throws when the folder can't be looked at. */
export async function watchDisk({
  path,
  budget,
  onState,
  lookEvery = LOOK_EVERY,
}: DiskWatchOptions): Promise<DiskWatch> {
  const read = async (): Promise<DiskUse> => {
    const { bavail, blocks, bsize } = await statfs(path);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  };
  let use = await read();
  let state: DiskState = 'ample';
  let looking = false;
  const settle = (): void => {
    const before = state;
    state = diskStateAfter(before, use, budget);
    if (state !== before) onState(state, before, use);
  };
  settle();
  const timer = setInterval(async () => {
    if (looking) return;
    looking = true;
    try {
      use = await read();
      settle();
    } catch {
      // A folder that can't be looked at for a moment says nothing new of the disk; the journal itself notices one that fails.
    } finally {
      looking = false;
    }
  }, lookEvery);
  timer.unref();
  return {
    get state() {
      return state;
    },
    get use() {
      return use;
    },
    stop: () => clearInterval(timer),
  };
}

/** The journal, taking nothing while the disk is full: what is left of it is for working off what was promised. */
export function withinDiskBudget<J extends Journal>(journal: J, disk: Pick<DiskWatch, 'state'>): J {
  const bounded: Pick<Journal, 'append' | 'status'> = {
    append: async (entry) => {
      if (disk.state === 'full') throw new JournalUnavailableError('DISK_FULL');
      return journal.append(entry);
    },
    status: () => {
      const status = journal.status();
      return disk.state === 'full' && status.writable ? { ...status, writable: false, reason: 'DISK_FULL' } : status;
    },
  };
  return { ...journal, ...bounded };
}
