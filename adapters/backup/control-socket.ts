import { chmodSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { JournalSequence } from '../../domain/ports/journal.ts';
import type { JournalHold, LmdbJournal } from '../journal/lmdb.ts';
import type { DuckDbTimeSeriesStore } from '../timeseries/duckdb.ts';

/**
 * A socket in the data directory by which the backup command asks the running platform for what only that can copy soundly: the store's files and the
 * broker's sessions, which no second process may open. Whoever may write the data directory may use it; nobody else can reach it.
 *
 * One JSON object a line: a question, its answer, the next question. A connection that ends gives up what it held.
 */
export const CONTROL_SOCKET = 'control.sock';
/** A path longer than this can't be a socket on every system (108 bytes on Linux, 104 elsewhere, the end included). */
const LONGEST_PATH_BYTES = 103;

const Question = z.discriminatedUnion('ask', [
  /** Holds the journal from where the store is, until the connection ends. */
  z.object({ ask: z.literal('begin') }),
  z.object({ ask: z.literal('storeFile'), name: z.string().regex(/^[a-z0-9-]+\.duckdb$/), target: z.string() }),
  z.object({ ask: z.literal('sessions'), target: z.string() }),
  /** Whether the journal still has everything it was to hold. */
  z.object({ ask: z.literal('held') }),
  /** To stop in good order. The answer says that it was heard. */
  z.object({ ask: z.literal('stop') }),
]);
type Question = z.infer<typeof Question>;

const Begun = z.object({
  release: z.string(),
  /** `null`: the readings are in InfluxDB. */
  store: z
    .object({
      cursor: z.number().int().min(0),
      files: z.array(z.object({ name: z.string(), bytes: z.number() })).readonly(),
    })
    .nullable(),
});
const Copied = z.object({ readings: z.number().nullable() });
const Held = z.object({ kept: z.boolean() });

export interface ControlledPlatform {
  readonly release: string;
  /** `null` when it is on servers of its own, and with it the store. */
  readonly journal: Pick<LmdbJournal, 'hold'> | null;
  /** `null` when the readings are in InfluxDB, which has its own backup. */
  readonly store: Pick<DuckDbTimeSeriesStore, 'cursor' | 'files' | 'copyFile'> | null;
  readonly copySessions: (target: string) => Promise<void>;
  /** Stops in good order, once this has returned. */
  readonly stop: () => void;
}

export interface ControlServer {
  /** Resolves with false when the data directory's path is too long for a socket: then a backup needs the platform stopped. */
  start(): Promise<boolean>;
  stop(): Promise<void>;
}

/** Serves the socket of `dataDirectory`. Only one platform runs there, so a socket that is already there is a dead one's. */
export function createControlServer(dataDirectory: string, platform: ControlledPlatform): ControlServer {
  const path = join(dataDirectory, CONTROL_SOCKET);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const held = new Set<JournalHold>();
    let cursor = 0 as JournalSequence;
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      for (const hold of held) hold.release();
    });

    const answer = async (question: Question): Promise<unknown> => {
      switch (question.ask) {
        case 'begin': {
          if (platform.store && platform.journal) {
            cursor = await platform.store.cursor();
            // What the store has passed since this answer was on its way is kept as well: the hold begins behind it.
            held.add(platform.journal.hold(cursor));
          }
          const store = platform.store && { cursor, files: await platform.store.files() };
          return { release: platform.release, store } satisfies z.infer<typeof Begun>;
        }
        case 'storeFile': {
          const copy = await platform.store?.copyFile(question.name, question.target, cursor);
          return { readings: copy?.readings ?? null } satisfies z.infer<typeof Copied>;
        }
        case 'sessions':
          await mkdir(question.target, { recursive: true });
          await platform.copySessions(question.target);
          return {};
        case 'held':
          return { kept: [...held].every((hold) => hold.kept) } satisfies z.infer<typeof Held>;
        case 'stop':
          platform.stop();
          return {};
      }
    };
    let busy: Promise<void> = Promise.resolve();
    createInterface({ input: socket }).on('line', (line) => {
      busy = busy.then(async () => {
        try {
          socket.write(`${JSON.stringify({ answer: await answer(Question.parse(JSON.parse(line))) })}\n`);
        } catch (error) {
          socket.write(`${JSON.stringify({ failed: (error as Error).message })}\n`);
        }
      });
    });
  });
  return {
    async start() {
      if (Buffer.byteLength(path) > LONGEST_PATH_BYTES) return false;
      rmSync(path, { force: true });
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(path, resolve);
      });
      chmodSync(path, 0o600);
      return true;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
      rmSync(path, { force: true });
    },
  };
}

/** The running platform, as the backup command sees it. */
export interface ControlClient {
  begin(): Promise<z.infer<typeof Begun>>;
  /** Readings in the copy; `null` when the file is gone. */
  storeFile(name: string, target: string): Promise<number | null>;
  sessions(target: string): Promise<void>;
  held(): Promise<boolean>;
  /** Asks it to stop in good order; it has stopped when nobody holds its sessions any more. */
  stop(): Promise<void>;
  close(): void;
}

/** Connects to the platform that runs on `dataDirectory`; `null` when none does. */
export async function connectToPlatform(dataDirectory: string): Promise<ControlClient | null> {
  const socket = createConnection(join(dataDirectory, CONTROL_SOCKET));
  const connected = await new Promise<boolean>((resolve, reject) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      ['ENOENT', 'ECONNREFUSED'].includes(error.code ?? '') ? resolve(false) : reject(error),
    );
  });
  if (!connected) return null;
  const waiting: { readonly resolve: (answer: unknown) => void; readonly reject: (error: Error) => void }[] = [];
  createInterface({ input: socket }).on('line', (line) => {
    const message = JSON.parse(line) as { readonly answer?: unknown; readonly failed?: string };
    const next = waiting.shift();
    if (message.failed === undefined) next?.resolve(message.answer);
    else next?.reject(new Error(message.failed));
  });
  const gone = (): void => {
    for (const { reject } of waiting.splice(0)) reject(new Error('the platform ended the connection: did it stop?'));
  };
  socket.on('error', gone);
  socket.on('close', gone);
  const ask = (question: Question): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(new Error('the platform ended the connection: did it stop?'));
      waiting.push({ resolve, reject });
      socket.write(`${JSON.stringify(question)}\n`);
    });
  return {
    begin: async () => Begun.parse(await ask({ ask: 'begin' })),
    storeFile: async (name, target) => Copied.parse(await ask({ ask: 'storeFile', name, target })).readings,
    sessions: async (target) => void (await ask({ ask: 'sessions', target })),
    held: async () => Held.parse(await ask({ ask: 'held' })).kept,
    stop: async () => void (await ask({ ask: 'stop' })),
    close: () => socket.destroy(),
  };
}
