import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders of runs: `hd-run-` and the number of the process. */
const OF_RUN = /^hd-run-(\d+)-/;

/**
 * Gives a run of the tests one folder for all their temporary ones, and removes it at the end, whatever became of the tests; what a run left that was killed
 * is removed by the next.
 */
export default function setup(): () => void {
  const outside = tmpdir();
  for (const name of readdirSync(outside)) {
    const pid = OF_RUN.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) remove(join(outside, name));
  }
  const folder = mkdtempSync(join(outside, `hd-run-${process.pid}-`));
  // PostgreSQL, which does not run as root, has to get through to its own.
  chmodSync(folder, 0o711);
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    remove(folder);
  };
}

/** Also while somebody who is just ending still writes there; what can't be removed is no reason to fail. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  } catch (error) {
    console.warn(`${folder} stays: ${(error as Error).message}`);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
