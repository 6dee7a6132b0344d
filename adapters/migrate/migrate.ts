import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import { type ControlClient, connectToPlatform } from '../backup/control-socket.ts';
import { BackupError } from '../backup/manifest.ts';
import { openStopped } from '../backup/stopped-platform.ts';
import { holdToRegistry } from '../registry/postgres.ts';
import { MOVING_IN } from '../registry/postgres-database.ts';
import { compareRows, holdsNothing, RegistrySnapshot, syncRows, type Table, tablesOf } from '../registry/row-sync.ts';
import { SERIES_ROWS, SeriesNames, type SeriesRow } from '../registry/series-names.ts';
import type { InfluxTimeSeriesStore } from '../timeseries/influx.ts';
import { History } from './copying-history.ts';
import { followJournal, moveJournal } from './copying-journal.ts';
import { MigrationError } from './migration-error.ts';
import type { MigrationParts, MigrationResult } from './migration-parts.ts';
import { markMoved } from './moved.ts';
import { copyGatewayState, copyPlainFiles } from './moving-files.ts';
import { MIGRATION, type MigrationState, readMigration, writeMigration } from './progress-file.ts';

/** For the old platform to make durable what is in flight, and empty its journal into its store. */
const STOPPED_WITHIN_MS = 120_000;
const LOOK_AGAIN_MS = 100;
/** What came in during a step as short as this is the hand-over's: there is always something new. */
const CAUGHT_UP_MS = 500;
const STAGING = 'migrating';

/**
 * Moves a city from the engines in one data directory to PostgreSQL, NATS and InfluxDB, while its platform goes on receiving.
 *
 * First its history is copied, and what comes in meanwhile is taken from its journal, which it holds for us. Then it is asked to stop; what is not
 * acknowledged from there on its devices send again, to the new gateways. The rest is copied, all of it is compared, and the new processes can start. The
 * old data directory stays as it is but for the mark that it has moved.
 *
 * Killed at any moment and begun again it goes on: rows, readings and entries are kept under the numbers they had.
 * @throws {MigrationError} with what to do.
 */
export async function migrate(given: MigrationParts): Promise<MigrationResult> {
  const parts = { ...given, from: resolve(given.from), to: resolve(given.to) };
  const { from, to } = parts;
  if (!existsSync(join(from, 'registry.sqlite')))
    throw new MigrationError(`${from} has no registry.sqlite: name the data directory of the platform that is to move`);
  if (from === to)
    throw new MigrationError(
      'the new platform needs a data directory of its own: set HD_DATA_DIRECTORY to another one',
    );
  mkdirSync(to, { recursive: true });
  const names = new SeriesNames();
  const store = parts.openStore(names.resolve);
  const staging = join(to, STAGING);
  try {
    const state = await beginOrGoOn(parts, store);
    rmSync(staging, { recursive: true, force: true });
    return await new Migration(parts, state, names, store, staging).run();
  } finally {
    rmSync(staging, { recursive: true, force: true });
    await store.close();
  }
}

/** What was done before, or a first note of it, once the target is seen to be empty. */
async function beginOrGoOn(parts: MigrationParts, store: InfluxTimeSeriesStore): Promise<MigrationState> {
  const { from, to, registry, journal } = parts;
  const known = readMigration(to);
  const mark = await registry
    .get<{ there: number }>('SELECT to_regclass(?) IS NOT NULL AS there', MOVING_IN)
    .then((row) => (row?.there === 1 ? registry.get<{ id: string }>(`SELECT id FROM ${MOVING_IN}`) : undefined));
  if (known !== null && known.from !== from)
    throw new MigrationError(`${to} is where ${known.from} moves to: name another HD_DATA_DIRECTORY`);
  if (known !== null && known.finishedAt !== null) {
    if (mark?.id === known.id) await registry.run(`DROP TABLE ${MOVING_IN}`);
    throw new MigrationError(`${from} has moved already, on ${known.finishedAt}: start the new processes`);
  }
  if (mark !== undefined && mark.id !== known?.id)
    throw new MigrationError('another city is moving into this PostgreSQL database: name an empty one');
  if (known !== null && mark !== undefined) return known;

  const snapshot = new RegistrySnapshot(join(from, 'registry.sqlite'));
  const tables = await tablesOf(snapshot).finally(() => snapshot.close());
  const filled = [
    ...(readdirSync(to).some((name) => !['lost+found', MIGRATION].includes(name)) ? [`the directory ${to}`] : []),
    ...((await holdsNothing(registry, tables)) ? [] : ['the PostgreSQL database']),
    ...((await store.isEmpty()) ? [] : ['the InfluxDB database']),
    ...((await journal.isEmpty()) ? [] : ['the NATS stream']),
  ];
  if (filled.length > 0)
    throw new MigrationError(
      `not empty: ${filled.join(', ')}. Nothing is overwritten: name others, or remove what is there`,
    );
  const state = known ?? {
    ...{ format: 1 as const, id: randomUUID(), from, begunAt: new Date().toISOString() },
    ...{ copied: {}, finishedAt: null },
  };
  writeMigration(to, state);
  // From here on no process starts on this registry.
  await registry.transaction(async () => {
    await registry.run(`CREATE TABLE ${MOVING_IN} (id TEXT NOT NULL)`);
    await registry.run(`INSERT INTO ${MOVING_IN} VALUES (?)`, state.id);
  });
  return state;
}

class Migration {
  readonly #parts: MigrationParts;
  readonly #state: MigrationState;
  readonly #names: SeriesNames;
  readonly #store: InfluxTimeSeriesStore;
  readonly #staging: string;
  readonly #history: History;
  #done = 0;
  #total = 0;

  constructor(
    parts: MigrationParts,
    state: MigrationState,
    names: SeriesNames,
    store: InfluxTimeSeriesStore,
    staging: string,
  ) {
    this.#parts = parts;
    this.#state = state;
    this.#names = names;
    this.#store = store;
    this.#staging = staging;
    this.#history = new History({
      ...{ from: parts.from, utcOffsetHours: parts.utcOffsetHours, names, store },
      staging: join(staging, 'store'),
      copied: state.copied,
      onCopied: () => writeMigration(parts.to, state),
      onBytes: (bytes) => {
        this.#done += bytes;
        parts.onProgress(Math.min(this.#done, this.#total), this.#total);
      },
    });
  }

  async run(): Promise<MigrationResult> {
    const running = await connectToPlatform(this.#parts.from);
    return this.#handOver(running && (await this.#follow(running)));
  }

  /** While the old platform runs: until what is new is only what came in the last moments. @returns how far its journal was followed. */
  async #follow(first: ControlClient): Promise<Followed> {
    const { from, to, onStep } = this.#parts;
    for (let platform: ControlClient | null = first; platform !== null; platform = await connectToPlatform(from)) {
      // From the store's cursor on its journal is held for us.
      const { store } = await platform.begin();
      if (store === null) throw new MigrationError(`the readings of ${from} are in InfluxDB already`);
      onStep('history');
      this.#total = this.#done + this.#history.changed(store.files).reduce((sum, { bytes }) => sum + bytes, 0);
      await this.#readNames();
      await this.#history.copy(platform, store.files);
      onStep('registry');
      await this.#registry((snapshot, tables) => syncRows(snapshot, this.#parts.registry, tables));
      await copyPlainFiles(from, to);
      onStep('catching-up');
      let upTo = store.cursor as JournalSequence;
      for (let tookMs = Number.POSITIVE_INFINITY; tookMs > CAUGHT_UP_MS; ) {
        const begun = performance.now();
        await this.#readNames();
        upTo = await this.#keepFrom(upTo);
        tookMs = performance.now() - begun;
      }
      if (await platform.held()) return { platform, upTo };
      // The journal was about to be full, and let go: what was copied stands, the rest once more.
      platform.close();
    }
    throw new MigrationError('the old platform stopped meanwhile: begin again');
  }

  /** `reached`: how far the old platform was followed; `null` when none was running. */
  async #handOver(reached: Followed | null): Promise<MigrationResult> {
    const { from, to, registry, journal, payloads, onStep } = this.#parts;
    onStep('handing-over');
    const begun = performance.now();
    const old = await this.#stop(reached);
    try {
      await this.#readNames();
      const counted = await this.#registry(async (snapshot, tables) => {
        await syncRows(snapshot, registry, tables);
        return compareRows(snapshot, registry, tables);
      });
      onStep('comparing');
      const { store } = await old.begin();
      const files = store?.files ?? [];
      if (reached === null) {
        this.#total = this.#history.changed(files).reduce((sum, { bytes }) => sum + bytes, 0);
        await this.#history.copy(old, files);
      }
      await this.#keepFrom(reached?.upTo ?? this.#history.cursor);
      const daysAgain = await this.#history.settle(old, files, async (staged) => {
        const stored = Math.max(await staged.cursor(), this.#history.cursor) as JournalSequence;
        await followJournal(from, stored, payloads, (batches, upTo) => staged.append(batches, upTo));
      });
      onStep('journal');
      const { entries, head } = await moveJournal(from, journal, payloads);
      await this.#store.append([], head);
      onStep('files');
      await copyPlainFiles(from, to);
      await copyGatewayState(old, from, to);
      holdToRegistry(to, registry.registryId);
      Object.assign(this.#state, { finishedAt: new Date().toISOString() } satisfies Partial<MigrationState>);
      writeMigration(to, this.#state);
      await registry.run(`DROP TABLE ${MOVING_IN}`);
      return {
        ...{ handOverMs: performance.now() - begun, registryRows: counted, readings: this.#readings },
        ...{ daysAgain, entries },
      };
    } finally {
      old.close();
    }
  }

  /** The old platform, stopped, and held so that none can start there. */
  async #stop(reached: Followed | null): Promise<ControlClient> {
    const { from, to, release } = this.#parts;
    const spill = join(this.#staging, 'spill');
    // Marked first: whoever starts again what has stopped must not start this.
    if (reached !== null) markMoved(from, to, new Date());
    // One that ends before it has answered has stopped too.
    await reached?.platform.stop().catch(() => {});
    reached?.platform.close();
    for (const giveUpAt = performance.now() + STOPPED_WITHIN_MS; ; await pause(LOOK_AGAIN_MS)) {
      try {
        const old = await openStopped(from, release, spill);
        if (reached === null) markMoved(from, to, new Date());
        return old;
      } catch (error) {
        if (!(error instanceof BackupError) || reached === null || performance.now() > giveUpAt) throw error;
      }
    }
  }

  get #readings(): number {
    return Object.values(this.#state.copied).reduce((sum, { readings }) => sum + readings, 0);
  }
  #keepFrom = (after: JournalSequence): Promise<JournalSequence> =>
    followJournal(this.#parts.from, after, this.#parts.payloads, (batches) => this.#store.load(batches));

  async #registry<T>(work: (snapshot: RegistrySnapshot, tables: readonly Table[]) => Promise<T>): Promise<T> {
    const snapshot = new RegistrySnapshot(join(this.#parts.from, 'registry.sqlite'));
    try {
      return await work(snapshot, await tablesOf(snapshot));
    } finally {
      snapshot.close();
    }
  }
  #readNames = (): Promise<void> =>
    this.#registry(async (snapshot) => this.#names.know(await snapshot.tuples<SeriesRow>(SERIES_ROWS)));
}

interface Followed {
  readonly platform: ControlClient;
  readonly upTo: JournalSequence;
}
