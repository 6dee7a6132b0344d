import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { type ExportProgress, NO_PROGRESS } from '../../domain/data-export.ts';
import type { UserId } from '../../domain/identifiers.ts';
import type { DataExport, DataExportView, ExportEnding } from '../../domain/ports/data-exports.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { StoreUnavailableError } from '../../domain/ports/time-series-store.ts';
import { after, type Clock, type DurationMs, seconds } from '../../domain/time.ts';
import { ApiError } from '../errors.ts';
import { ExportDiskFull, type ExportWriter } from './export-writer.ts';
import { ExportTooLarge } from './run-export.ts';

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
  /** Shared by all servers. */
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
  /** How long a server that is not heard of keeps what it writes. */
  readonly ttl?: DurationMs;
  /** Between two signs of life, and two looks at what is to be written. */
  readonly every?: DurationMs;
}

const TIDY_EVERY_MS = 60_000;
const CAPACITY_EVERY_ROWS = 500_000;
const PART = '.part';
/** `{id}.{turn}.{format}`; releases that knew no turns wrote `{id}.{format}`, which is turn 0. */
const FILE = /^([^.]+)(?:\.(\d+))?\.(?:csv|xlsx|parquet)(?:\.part)?$/;

/**
 * Exports that people ordered. Each server writes one at a time: the other core is the readings'. Orders, whose turn it is to write them and what became of them are
 * in the registry, so that any server takes up what waits, and what a server leaves that stops, is killed or stands still is begun anew by another, or by itself
 * after a restart. Each turn has a file of its own: who stood still and wakes finds its file thrown away, and nobody else's touched.
 */
export class ExportJobs {
  readonly #options: ExportJobsOptions;
  readonly #ttl: DurationMs;
  readonly #every: DurationMs;
  #writing: { readonly job: DataExport; readonly stopping: AbortController; readonly ended: Promise<void> } | null =
    null;
  #looking: Promise<void> = Promise.resolve();
  #lookTimer: NodeJS.Timeout | undefined;
  #tidyTimer: NodeJS.Timeout | undefined;
  #unfinished = 0;
  #failing = false;
  #stopped = false;

  constructor(options: ExportJobsOptions) {
    this.#options = options;
    this.#ttl = options.ttl ?? seconds(5);
    this.#every = options.every ?? seconds(1);
  }

  /** Tidies up, and begins to write what waits, that of the last run among it. */
  async start(): Promise<void> {
    mkdirSync(this.#options.folder, { recursive: true });
    await this.#tidy();
    await this.#look();
    this.#lookTimer = setInterval(() => void this.#look(), this.#every).unref();
    this.#tidyTimer = setInterval(() => void this.#tidy().catch(this.#options.onFailure), TIDY_EVERY_MS).unref();
  }

  /** What is being written here is put back: another server begins it anew. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#lookTimer);
    clearInterval(this.#tidyTimer);
    await this.#looking;
    this.#writing?.stopping.abort();
    await this.#writing?.ended;
  }

  /** @throws {ApiError} TOO_MANY_REQUESTS, EXPORTS_FULL */
  async order(view: DataExportView, by: UserId, wanted: DataExport['order']): Promise<DataExport> {
    const { bounds, clock, newId, registry } = this.#options;
    const unfinished = await registry.exports.unfinished();
    if (
      unfinished.length >= bounds.unfinished ||
      unfinished.filter((job) => job.by === by).length >= bounds.unfinishedPerPerson
    )
      throw new ApiError('TOO_MANY_REQUESTS', { retryAfterSeconds: 30 });
    const kept = (await view.list()).length;
    if (kept >= bounds.keptPerPerson || this.bytes() >= bounds.capacityBytes)
      throw new ApiError('EXPORTS_FULL', { kept });
    const job = await view.order({ id: newId(), order: wanted, expiresAt: after(clock(), bounds.keep) });
    void this.#look();
    return job;
  }

  /** Over all servers, as of the last look. */
  get unfinished(): number {
    return this.#unfinished;
  }

  /** Whoever writes it stops, at once here, elsewhere with its next sign of life; its file goes. */
  async remove(view: DataExportView, id: string): Promise<void> {
    const job = await view.get(id);
    await view.remove(id);
    if (this.#writing?.job.id === id) {
      this.#writing.stopping.abort();
      await this.#writing.ended;
    }
    rmSync(this.#pathOf(job), { force: true });
  }

  /** Where its finished file is. @throws {ApiError} NOT_FOUND when there is none. */
  fileOf(job: DataExport): string {
    const path = this.#pathOf(job);
    if (job.state.kind !== 'done' || !existsSync(path)) throw new ApiError('NOT_FOUND', { id: job.id });
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

  #pathOf({ id, turn, order }: Pick<DataExport, 'id' | 'turn' | 'order'>): string {
    return join(this.#options.folder, `${id}${turn === 0 ? '' : `.${turn}`}.${order.format}`);
  }

  /** Takes up what nobody writes, one look after the other. Never rejects. */
  #look(): Promise<void> {
    this.#looking = this.#looking.then(async () => {
      if (this.#stopped) return;
      const { registry, onFailure } = this.#options;
      try {
        const unfinished = await registry.exports.unfinished();
        this.#unfinished = unfinished.length;
        const job =
          this.#writing === null && unfinished.some(({ isFree }) => isFree)
            ? await registry.exports.takeUp(this.#ttl)
            : null;
        if (job !== null) this.#begin(job);
        this.#failing = false;
      } catch (error) {
        if (!this.#failing) onFailure(error);
        this.#failing = true;
      }
    });
    return this.#looking;
  }

  #begin(job: DataExport): void {
    const stopping = new AbortController();
    const ended = this.#write(job, stopping)
      .catch(this.#options.onFailure)
      .finally(() => {
        this.#writing = null;
        void this.#look();
      });
    this.#writing = { job, stopping, ended };
  }

  async #write(job: DataExport, stopping: AbortController): Promise<void> {
    const { registry, onFailure } = this.#options;
    let progress = NO_PROGRESS;
    let isSaying = false;
    const signOfLife = setInterval(() => {
      if (isSaying) return;
      isSaying = true;
      registry.exports
        .goOn(job, progress, this.#ttl)
        // While the registry is away nobody else can have it.
        .then((isOurs) => !isOurs && stopping.abort(), onFailure)
        .finally(() => {
          isSaying = false;
        });
    }, this.#every);
    try {
      // What was written of it before is nobody's now.
      if (job.turn > 1) await this.#tidy().catch(onFailure);
      const state = await this.#attempt(job, stopping.signal, (now) => {
        progress = now;
      });
      if (state !== null && (await this.#settle(job, state, stopping.signal))) return;
      if (this.#stopped) await registry.exports.putBack(job);
      else rmSync(this.#pathOf(job), { force: true });
    } finally {
      clearInterval(signOfLife);
    }
  }

  /** Writes the file, under another name until it is whole. `null`: it was given up. */
  async #attempt(
    job: DataExport,
    signal: AbortSignal,
    onProgress: (progress: ExportProgress) => void,
  ): Promise<ExportEnding | null> {
    const { openWriter, run, bounds, onFailure } = this.#options;
    const path = this.#pathOf(job);
    const part = path + PART;
    const begun = performance.now();
    const writer = openWriter(job, part);
    let looked = 0;
    try {
      const { progress, bytes } = await run(job, writer, signal, (now) => {
        onProgress(now);
        if (now.rows - looked < CAPACITY_EVERY_ROWS) return;
        looked = now.rows;
        if (this.bytes() > bounds.capacityBytes) throw new ExportDiskFull('no room for exports');
      });
      renameSync(part, path);
      const { rows, leftOut } = progress;
      return { kind: 'done', rows, leftOut, bytes, tookMs: Math.round(performance.now() - begun) };
    } catch (error) {
      if (signal.aborted) return null;
      const why = whyOf(error);
      if (why === 'FAILED') onFailure(error);
      return { kind: 'failed', why };
    } finally {
      await writer.close();
      rmSync(part, { force: true });
    }
  }

  /** Tried until the registry has taken it; false when it is another's, or given up. */
  async #settle(job: DataExport, state: ExportEnding, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      try {
        return await this.#options.registry.exports.settle(job, state);
      } catch (error) {
        this.#options.onFailure(error);
        await later(this.#every, undefined, { signal }).catch(() => {});
      }
    }
    return false;
  }

  /** Forgets what has expired, and throws away files that are of no export, or of a turn that is over. */
  async #tidy(): Promise<void> {
    const { registry, clock, folder } = this.#options;
    await registry.exports.expire(clock());
    // Listed first: a file that comes meanwhile is of a turn that the registry is then asked for.
    const names = readdirSync(folder);
    const turns = await registry.exports.turns();
    for (const name of names) {
      const file = FILE.exec(name);
      if (file?.[1] !== undefined && turns.get(file[1]) !== Number(file[2] ?? 0))
        rmSync(join(folder, name), { force: true });
    }
  }
}

function whyOf(error: unknown): Extract<ExportEnding, { kind: 'failed' }>['why'] {
  if (error instanceof ExportTooLarge) return 'TOO_LARGE';
  if (error instanceof ExportDiskFull) return 'DISK_FULL';
  return error instanceof StoreUnavailableError ? 'STORE_AWAY' : 'FAILED';
}
