import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportFormat, ExportState } from '../../domain/data-export.ts';
import type { UserId } from '../../domain/identifiers.ts';
import type { DataExport, DataExportView } from '../../domain/ports/data-exports.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { StoreUnavailableError } from '../../domain/ports/time-series-store.ts';
import { after, type Clock, type DurationMs } from '../../domain/time.ts';
import { ApiError } from '../errors.ts';
import { ExportDiskFull, type ExportWriter } from './export-writer.ts';
import { type ExportProgress, ExportTooLarge } from './run-export.ts';

export interface ExportBounds {
  /** Waiting and running; one more is refused with TOO_MANY_REQUESTS. */
  readonly unfinished: number;
  /** Of one person, waiting and running. */
  readonly unfinishedPerPerson: number;
  /** Of one person; the oldest must be removed before one more. */
  readonly keptPerPerson: number;
  /** Bytes of all files; beyond it orders are refused with EXPORTS_FULL, and one that is being written fails. */
  readonly capacityBytes: number;
  readonly keep: DurationMs;
}

export interface ExportJobsOptions {
  readonly folder: string;
  readonly registry: Pick<Registry, 'exports'>;
  readonly bounds: ExportBounds;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly openWriter: (job: DataExport, path: string) => ExportWriter;
  readonly run: (
    job: DataExport,
    writer: ExportWriter,
    signal: AbortSignal,
    onProgress: (progress: ExportProgress) => void,
  ) => Promise<{ readonly progress: ExportProgress; readonly bytes: number }>;
  readonly onFailure: (error: unknown) => void;
}

const EXPIRE_EVERY_MS = 60_000;
const CAPACITY_EVERY_ROWS = 500_000;
const PART = '.part';
const NOTHING: ExportProgress = { seriesDone: 0, rows: 0, leftOut: 0, gone: 0 };

/**
 * Exports that people ordered, one at a time: the other core is the readings'. Orders and what became of them are in the registry, files in a folder; what a
 * stop interrupts is said to be interrupted, and can be ordered again.
 */
export class ExportJobs {
  readonly #options: ExportJobsOptions;
  readonly #waiting: DataExport[] = [];
  readonly #progress = new Map<string, ExportProgress>();
  #running: { readonly job: DataExport; readonly stopping: AbortController; readonly ended: Promise<void> } | null =
    null;
  #expiring: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: ExportJobsOptions) {
    this.#options = options;
  }

  /** Tidies up after the last run, and begins to forget what has expired. */
  async start(): Promise<void> {
    const { folder, registry } = this.#options;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) if (name.endsWith(PART)) rmSync(join(folder, name), { force: true });
    for (const { id } of await registry.exports.unfinished())
      await registry.exports.settle(id, { kind: 'interrupted' });
    await this.#expire();
    this.#expiring = setInterval(() => void this.#expire().catch(this.#options.onFailure), EXPIRE_EVERY_MS);
    this.#expiring.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#expiring);
    this.#running?.stopping.abort();
    await this.#running?.ended;
  }

  /** @throws {ApiError} TOO_MANY_REQUESTS, EXPORTS_FULL */
  async order(view: DataExportView, by: UserId, wanted: DataExport['order']): Promise<DataExport> {
    const { bounds, clock, newId } = this.#options;
    const unfinished = [...this.#waiting, ...(this.#running ? [this.#running.job] : [])];
    if (
      unfinished.length >= bounds.unfinished ||
      unfinished.filter((job) => job.by === by).length >= bounds.unfinishedPerPerson
    )
      throw new ApiError('TOO_MANY_REQUESTS', { retryAfterSeconds: 30 });
    const kept = (await view.list()).length;
    if (kept >= bounds.keptPerPerson || this.bytes() >= bounds.capacityBytes)
      throw new ApiError('EXPORTS_FULL', { kept });
    const job = await view.order({ id: newId(), order: wanted, expiresAt: after(clock(), bounds.keep) });
    this.#waiting.push(job);
    this.#startNext();
    return job;
  }

  /** How far one that is not finished has come. */
  progressOf(id: string): ExportProgress {
    return this.#progress.get(id) ?? NOTHING;
  }

  get unfinished(): number {
    return this.#waiting.length + (this.#running ? 1 : 0);
  }

  /** Stops it if it has not ended; its file goes. */
  async remove(view: DataExportView, id: string): Promise<void> {
    const { order } = await view.get(id);
    await view.remove(id);
    const at = this.#waiting.findIndex((job) => job.id === id);
    if (at >= 0) this.#waiting.splice(at, 1);
    if (this.#running?.job.id === id) {
      this.#running.stopping.abort();
      await this.#running.ended;
    }
    rmSync(this.#pathOf(id, order.format), { force: true });
  }

  /** Where its finished file is. @throws {ApiError} NOT_FOUND when there is none. */
  fileOf({ id, order }: DataExport): string {
    const path = this.#pathOf(id, order.format);
    if (!existsSync(path)) throw new ApiError('NOT_FOUND', { id });
    return path;
  }

  /** Of all files. */
  bytes(): number {
    const { folder } = this.#options;
    if (!existsSync(folder)) return 0;
    return readdirSync(folder).reduce(
      (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  }

  #pathOf(id: string, format: ExportFormat): string {
    return join(this.#options.folder, `${id}.${format}`);
  }

  #startNext(): void {
    if (this.#running || this.#stopped) return;
    const job = this.#waiting.shift();
    if (!job) return;
    const stopping = new AbortController();
    const ended = this.#carryOut(job, stopping.signal)
      .catch(this.#options.onFailure)
      .finally(() => {
        this.#running = null;
        this.#progress.delete(job.id);
        this.#startNext();
      });
    this.#running = { job, stopping, ended };
  }

  async #carryOut(job: DataExport, signal: AbortSignal): Promise<void> {
    const { registry, openWriter, run, bounds, onFailure } = this.#options;
    await registry.exports.settle(job.id, { kind: 'running' });
    const path = this.#pathOf(job.id, job.order.format);
    const part = path + PART;
    const begun = performance.now();
    const writer = openWriter(job, part);
    let looked = 0;
    let state: ExportState;
    try {
      const { progress, bytes } = await run(job, writer, signal, (now) => {
        this.#progress.set(job.id, now);
        if (now.rows - looked < CAPACITY_EVERY_ROWS) return;
        looked = now.rows;
        if (this.bytes() > bounds.capacityBytes) throw new ExportDiskFull('no room for exports');
      });
      renameSync(part, path);
      const { rows, leftOut } = progress;
      state = { kind: 'done', rows, leftOut, bytes, tookMs: Math.round(performance.now() - begun) };
    } catch (error) {
      if (signal.aborted) state = { kind: 'interrupted' };
      else {
        state = { kind: 'failed', why: whyOf(error) };
        if (state.why === 'FAILED') onFailure(error);
      }
    } finally {
      await writer.close();
      rmSync(part, { force: true });
    }
    await registry.exports.settle(job.id, state);
  }

  async #expire(): Promise<void> {
    const { registry, clock, folder } = this.#options;
    const gone = new Set(await registry.exports.expire(clock()));
    if (gone.size === 0) return;
    for (const name of readdirSync(folder))
      if (gone.has(name.slice(0, name.lastIndexOf('.')))) rmSync(join(folder, name), { force: true });
  }
}

function whyOf(error: unknown): Extract<ExportState, { kind: 'failed' }>['why'] {
  if (error instanceof ExportTooLarge) return 'TOO_LARGE';
  if (error instanceof ExportDiskFull) return 'DISK_FULL';
  return error instanceof StoreUnavailableError ? 'STORE_AWAY' : 'FAILED';
}
