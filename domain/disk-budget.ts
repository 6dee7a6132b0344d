/** How much of a disk is in use. */
export interface DiskUse {
  /** Bytes this process may still write. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** `scarce`: somebody should make room. `full`: nothing new is promised, so that what was promised can be worked off. */
export type DiskState = 'ample' | 'scarce' | 'full';

/** Shares of the disk in use, in (0, 1]: from `scarce` on it is scarce, from `full` on full. scarce < full. */
export interface DiskBudget {
  readonly scarce: number;
  readonly full: number;
}

/** So much below a limit it must be for the state to be left again, that one file more or less does not make it flicker. */
const HYSTERESIS = 0.005;

/** The state after `before`, given what is in use now. */
export function diskStateAfter(before: DiskState, { freeBytes, totalBytes }: DiskUse, budget: DiskBudget): DiskState {
  const used = totalBytes === 0 ? 1 : 1 - freeBytes / totalBytes;
  const reaches = (limit: number, isHeld: boolean): boolean => used >= (isHeld ? limit - HYSTERESIS : limit);
  if (reaches(budget.full, before === 'full')) return 'full';
  return reaches(budget.scarce, before !== 'ample') ? 'scarce' : 'ample';
}
