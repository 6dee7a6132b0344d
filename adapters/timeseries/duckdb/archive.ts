import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, int } from './engine.ts';
import { MINUTE_MS } from './layout.ts';
import { ROLLUP_COLUMNS, type WeekFile } from './week-file.ts';

const ALIAS = 'dropped_weeks';

/** Rollups of weeks whose readings were dropped, in one file made at the first drop; and the instant before which readings were dropped. */
export class Archive {
  static readonly FILE = 'dropped-weeks.duckdb';
  readonly #path: string;
  #droppedBefore = Number.NEGATIVE_INFINITY;
  #attached = false;

  private constructor(directory: string) {
    this.#path = join(directory, Archive.FILE);
  }

  static async open(engine: Engine, directory: string): Promise<Archive> {
    const archive = new Archive(directory);
    if (existsSync(archive.#path)) await archive.#attach(engine);
    return archive;
  }

  /** Name under which the rollups are attached; `null` when nothing was ever dropped. */
  get alias(): string | null {
    return this.#attached ? ALIAS : null;
  }
  /** Epoch ms; −∞ when nothing was ever dropped. */
  get droppedBefore(): number {
    return this.#droppedBefore;
  }

  async #attach(engine: Engine): Promise<void> {
    await engine.attach(this.#path, ALIAS);
    try {
      await engine.transaction(async () => {
        await engine.write(`CREATE TABLE IF NOT EXISTS ${ALIAS}.rollup (${ROLLUP_COLUMNS})`);
        await engine.write(`CREATE TABLE IF NOT EXISTS ${ALIAS}.dropped (before_ms BIGINT NOT NULL)`);
      });
      const dropped = await engine.query(
        `SELECT coalesce(max(before_ms)::DOUBLE, '-inf'::DOUBLE) FROM ${ALIAS}.dropped`,
      );
      this.#droppedBefore = dropped.columns[0]![0]!;
      this.#attached = true;
    } catch (error) {
      await engine.write(`DETACH ${ALIAS}`).catch(() => {});
      throw error;
    }
  }

  /** Takes over the rollups of `files`, sealed to their ends and about to be removed. Doing it twice changes nothing. */
  async drop(engine: Engine, before: number, files: readonly WeekFile[]): Promise<void> {
    if (!this.#attached) await this.#attach(engine);
    await engine.transaction(async () => {
      for (const file of files) {
        const span = `start_minute >= ${int(file.start / MINUTE_MS)} AND start_minute < ${int(file.end / MINUTE_MS)}`;
        // Readings that came after their week was dropped are not a new account of it: the first one stands.
        await engine.write(
          `INSERT INTO ${ALIAS}.rollup SELECT r.* FROM ${file.alias}.rollup AS r ANTI JOIN (FROM ${ALIAS}.rollup WHERE ${span}) AS kept
           ON kept.series = r.series AND kept.start_minute = r.start_minute ORDER BY r.series, r.start_minute`,
        );
      }
      if (before > this.#droppedBefore) {
        await engine.write(`DELETE FROM ${ALIAS}.dropped`);
        await engine.write(`INSERT INTO ${ALIAS}.dropped VALUES (${int(before)})`);
      }
    });
    this.#droppedBefore = Math.max(this.#droppedBefore, before);
  }

  async detach(engine: Engine): Promise<void> {
    if (this.#attached) await engine.write(`DETACH ${ALIAS}`);
  }
}
