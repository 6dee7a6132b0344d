import { existsSync, globSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1');
/** For tests: whether Debian's `libfaketime` is installed, by which a process can be given another clock than the machine's. */
export const clocksMove = library !== undefined && existsSync(library);

/** The clock of a process, which can jump while it runs; what counts spans of time in it goes on steadily, as on a machine whose clock is set. */
export class MovedClock {
  readonly #file = join(mkdtempSync(join(tmpdir(), 'hd-clock-')), 'offset');
  /** Variables to start the process with. */
  readonly environment: Readonly<Record<string, string>>;

  constructor() {
    this.set(0);
    this.environment = clocksMove
      ? {
          LD_PRELOAD: library!,
          FAKETIME_TIMESTAMP_FILE: this.#file,
          FAKETIME_CACHE_DURATION: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
          FAKETIME_DONT_RESET: '1',
        }
      : {};
  }
  /** Takes effect within a second. */
  set(offsetSeconds: number): void {
    writeFileSync(this.#file, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}\n`);
  }
}
