import { constants } from 'node:fs';
import { lstat, mkdir, open, opendir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { JournalUnavailableError } from '../../domain/ports/journal.ts';
import type { StationReceipt, WatchedFolderStatus } from '../../domain/ports/station-files.ts';
import { type Clock, type DurationMs, type EpochMs, epochMs } from '../../domain/time.ts';
import { FILE_REFUSAL_WORDS } from './refusal-words.ts';
import { type createStationImports, receiptKey } from './station-imports.ts';

export interface WatchedFolderOptions {
  readonly folder: string;
  readonly imports: ReturnType<typeof createStationImports>;
  readonly every: DurationMs;
  /** A file must have been left alone for this long: it may still be on its way. */
  readonly quiet: DurationMs;
  readonly maximumFileBytes: number;
  /** Processed files are deleted after this long. */
  readonly keepDone: DurationMs;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Where processed and refused files go; nothing is read from there. */
const DONE = 'done';
const FAILED = 'failed';
/** Station, year, month, day, and some to spare. */
const DEEPEST = 8;
/** Files of one look; the others wait for the next, which follows at once. */
const FILES_PER_LOOK = 2_000;
/** Entries walked in one look: a folder that is not for us must not keep the process busy. */
const ENTRIES_WALKED = 50_000;
/** Names under which servers and people keep files that are on their way. */
const ON_ITS_WAY = /^\.|\.(tmp|part|partial|filepart|crdownload|swp)$|~$/i;
const SWEEP_EVERY_MS = 3_600_000;
const REASON = '.reason.txt';

interface Found {
  /** Below the folder, with slashes. */
  readonly path: string;
  readonly size: number;
  readonly modified: number;
}

/**
 * A folder that an FTP server fills. A file that has been left alone is imported and moved to `done/`, or with its reason to `failed/`, under the path it
 * had. It is moved only after all of it is durable; killed in between it is met again, known by its content, and only moved.
 */
export class WatchedFolder {
  readonly #options: WatchedFolderOptions;
  readonly #stopping = new AbortController();
  /** As they were at the last look. */
  #seen = new Map<string, Found>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #sweptAt = Number.NEGATIVE_INFINITY;
  #status: { -readonly [K in keyof WatchedFolderStatus]: WatchedFolderStatus[K] };

  constructor(options: WatchedFolderOptions) {
    this.#options = options;
    this.#status = {
      folder: options.folder,
      scannedAt: null,
      waiting: 0,
      lastFile: null,
      imported: 0,
      failed: 0,
      trouble: null,
    };
  }

  get status(): WatchedFolderStatus {
    return { ...this.#status };
  }

  start(): void {
    this.#lookIn(0);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#looking;
  }

  /** Puts a failed file back where it was found. False when it isn't there any more. */
  async retry({ path, key }: StationReceipt): Promise<boolean> {
    if (path === null) return false;
    const { folder } = this.#options;
    const back = join(folder, path);
    if (await exists(back)) return false;
    for (const failed of [versionName(join(folder, FAILED, path), key), join(folder, FAILED, path)]) {
      if (!(await exists(failed))) continue;
      await mkdir(dirname(back), { recursive: true });
      await rename(failed, back);
      await rm(failed + REASON, { force: true });
      return true;
    }
    return false;
  }

  #lookIn(milliseconds: number): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look().then((more) => this.#lookIn(more ? 0 : this.#options.every));
    }, milliseconds);
  }

  /** True when there is more to do at once. */
  async #look(): Promise<boolean> {
    const { folder, clock, onError } = this.#options;
    try {
      await mkdir(folder, { recursive: true });
      const found = await this.#walk();
      const stable = found.filter((file) => this.#isLeftAlone(file)).sort(byTimeInName);
      this.#seen = new Map(found.map((file) => [file.path, file]));
      this.#status.scannedAt = clock();
      this.#status.waiting = found.length;
      let done = 0;
      for (const file of stable.slice(0, FILES_PER_LOOK)) {
        if (this.#stopping.signal.aborted) return false;
        await this.#take(file);
        this.#status.waiting = found.length - ++done;
      }
      if (clock() - this.#sweptAt > SWEEP_EVERY_MS) {
        this.#sweptAt = clock();
        await this.#sweep(join(folder, DONE), epochMs(clock() - this.#options.keepDone));
      }
      this.#status.trouble = null;
      return stable.length > FILES_PER_LOOK;
    } catch (error) {
      // The journal may be full, the share away: what lies there is met again at the next look. Told once, not with every look.
      const trouble = (error as Error).message;
      if (this.#status.trouble !== trouble && !(error instanceof JournalUnavailableError)) onError(error);
      this.#status.trouble = trouble;
      return false;
    }
  }

  /** As it was at the last look, and not touched since the quiet time began. A share's clock may be wrong: so both are asked. */
  #isLeftAlone({ path, size, modified }: Found): boolean {
    const before = this.#seen.get(path);
    const { quiet, clock } = this.#options;
    return before?.size === size && before.modified === modified && Math.abs(clock() - modified) >= quiet;
  }

  async #walk(): Promise<Found[]> {
    const found: Found[] = [];
    let walked = 0;
    const enter = async (folder: string, depth: number): Promise<void> => {
      for await (const entry of await opendir(join(this.#options.folder, folder))) {
        if (++walked > ENTRIES_WALKED || this.#stopping.signal.aborted) return;
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (ON_ITS_WAY.test(entry.name)) continue;
        if (entry.isDirectory()) {
          const isOurs = depth === 0 && (entry.name === DONE || entry.name === FAILED);
          if (!isOurs && depth < DEEPEST) await enter(path, depth + 1);
        } else if (entry.isFile()) {
          const known = await lstat(join(this.#options.folder, path)).catch(() => null);
          if (known?.isFile()) found.push({ path, size: known.size, modified: known.mtimeMs });
        }
      }
    };
    await enter('', 0);
    return found;
  }

  async #take(file: Found): Promise<void> {
    const { imports, maximumFileBytes, clock } = this.#options;
    const fileName = basename(file.path);
    const from = { source: 'folder', by: null, path: file.path } as const;
    let receipt: StationReceipt;
    if (file.size > maximumFileBytes) {
      const told = `${file.size} > ${maximumFileBytes}`;
      receipt = await imports.refuse(fileName, `${file.size} ${file.modified}`, from, {
        code: 'FILE_TOO_LARGE',
        detail: told,
      });
    } else {
      const bytes = await readOwn(join(this.#options.folder, file.path), maximumFileBytes);
      if (bytes === 'gone') return;
      receipt =
        typeof bytes === 'string'
          ? await imports.refuse(fileName, bytes, from, { code: 'FILE_UNREADABLE', detail: bytes })
          : await imports.import(fileName, bytes, from);
    }
    await this.#putAway(file, receipt);
    this.#status.lastFile = { name: fileName, at: clock() };
    if (receipt.state === 'failed') this.#status.failed++;
    else this.#status.imported++;
    // Others want the processor, too: a day of files of a hundred stations may lie here after an outage.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** A file of the same name that is there already stays: both are kept. */
  async #putAway({ path }: Found, { key, state, reason }: StationReceipt): Promise<void> {
    const { folder } = this.#options;
    const wanted = join(folder, state === 'failed' ? FAILED : DONE, path);
    await mkdir(dirname(wanted), { recursive: true });
    const target = (await this.#isOther(wanted, key)) ? versionName(wanted, key) : wanted;
    if (state === 'failed' && reason !== null) {
      const words = FILE_REFUSAL_WORDS[reason.code];
      await writeFile(target + REASON, `${reason.code}\n${words.vi}\n${words.en}\n${reason.detail}\n`);
    }
    await rename(join(folder, path), target);
  }

  /** Whether there is a file that isn't the very one of this receipt. */
  async #isOther(path: string, key: string): Promise<boolean> {
    const there = await readOwn(path, this.#options.maximumFileBytes);
    if (there === 'gone') return false;
    return typeof there === 'string' || receiptKey(basename(path), there) !== key;
  }

  async #sweep(folder: string, before: EpochMs): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (this.#stopping.signal.aborted) return;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        await this.#sweep(path, before);
        // Only an empty one goes.
        await rmdir(path).catch(() => {});
      } else if (entry.isFile()) {
        const known = await lstat(path).catch(() => null);
        if (known && known.ctimeMs < before) await rm(path, { force: true });
      }
    }
  }
}

/** Oldest first, by the moment in the name: what was held up is judged in its order. */
const byTimeInName = (a: Found, b: Found): number =>
  timeInName(a).localeCompare(timeInName(b)) || (a.path < b.path ? -1 : 1);
const timeInName = ({ path }: Found): string => /(\d{14})\.[^.]*$/.exec(path)?.[1] ?? '';

/** The bytes of a regular file; never through a link that was put in its place. A text says why it can't be read. */
async function readOwn(path: string, maximumBytes: number): Promise<Uint8Array | 'gone' | string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const buffer = Buffer.alloc(maximumBytes + 1);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      return bytesRead > maximumBytes
        ? `more than ${maximumBytes} bytes`
        : Uint8Array.from(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'gone' : message;
  }
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
/** Where a file goes whose name another version has. */
const versionName = (path: string, key: string): string => `${path}.${key.slice(0, 8)}`;
