import { setTimeout as pause } from 'node:timers/promises';
import { type ClusterInfo, jetstreamManager } from '@nats-io/jetstream';
import { JOURNAL_START, type Journal, type JournalSequence, whenUnavailable } from '../../domain/ports/journal.ts';
import { epochMs, minutes } from '../../domain/time.ts';
import { connectNats, type NatsConnection } from '../nats/connection.ts';
import type { NatsServer } from '../nats/nats-server.ts';
import type { JournalFault } from './journal-fault.ts';
import { openNatsJournal } from './nats.ts';

/** For tests: a journal on three real servers, and what was promised of what was offered to it. */
export class ThreeServers {
  readonly servers: readonly NatsServer[];
  readonly stream: string;
  readonly connection: NatsConnection;
  readonly journal: Journal;
  readonly faults: JournalFault[];
  /** Texts that `append` resolved for. */
  readonly promised: string[] = [];
  /** Texts that `append` rejected for, each as often as it did. */
  readonly refused: string[] = [];
  #offering = true;
  readonly #work: Promise<unknown>[] = [];

  private constructor(parts: Pick<ThreeServers, 'servers' | 'stream' | 'connection' | 'journal' | 'faults'>) {
    this.servers = parts.servers;
    this.stream = parts.stream;
    this.connection = parts.connection;
    this.journal = parts.journal;
    this.faults = parts.faults;
  }

  static async open(servers: readonly NatsServer[], stream: string): Promise<ThreeServers> {
    const faults: JournalFault[] = [];
    const { connection, journal } = await openOn(servers, stream, faults);
    return new ThreeServers({ servers, stream, connection, journal, faults });
  }

  /** Offers one numbered entry after the other in each of some lines, again when it was refused, as gateways do whose devices send again. */
  offer(lines: number): void {
    const offered = async (line: number): Promise<void> => {
      for (let n = 0; this.#offering; n++) {
        const text = `${line}:${n}`;
        const entry = { partition: 0, traceId: text, payload: Buffer.from(text) };
        for (let isKept = false; !isKept; ) {
          try {
            await this.journal.append(entry);
            this.promised.push(text);
            isKept = true;
          } catch {
            this.refused.push(text);
            if (!this.#offering) return;
            await pause(20);
          }
        }
        await pause(2);
      }
    };
    for (let line = 0; line < lines; line++) this.#work.push(offered(line));
  }

  async offerNoMore(): Promise<void> {
    this.#offering = false;
    await Promise.all(this.#work);
  }

  /** The server that leads the stream. */
  async leader(): Promise<NatsServer> {
    for (;;) {
      const name = await this.#leaderName().catch(() => undefined);
      const found = this.servers.find((server) => server.name === name);
      if (found !== undefined) return found;
      await pause(50);
    }
  }
  async #leaderName(): Promise<string | undefined> {
    return (await this.#cluster())?.leader;
  }
  async #cluster(): Promise<ClusterInfo | undefined> {
    const manager = await jetstreamManager(this.connection, { checkAPI: false, timeout: 1_000 });
    return (await manager.streams.info(this.stream)).cluster;
  }

  /** Resolves when all servers have all of the stream: only then can any of them be taken away without the rest waiting for it. */
  async untilWhole(): Promise<void> {
    for (;;) {
      const cluster = await this.#cluster().catch(() => undefined);
      const others = cluster?.replicas?.filter(({ current, offline }) => current && !offline) ?? [];
      if (cluster?.leader && others.length === this.servers.length - 1) return;
      await pause(50);
    }
  }

  /** Everything in the journal, as a process reads it that opens it now. */
  async readBack(): Promise<string[]> {
    const { connection, journal } = await openOn(this.servers, this.stream, []);
    const texts: string[] = [];
    for (let after: JournalSequence = JOURNAL_START; ; ) {
      const page = await journal.read(after, 1_000).catch(whenUnavailable);
      if (page?.length === 0) break;
      // Servers that have just found together don't let anybody read at once.
      if (page === null) {
        await pause(100);
        continue;
      }
      texts.push(...page.map(({ payload }) => Buffer.from(payload).toString()));
      after = page.at(-1)!.sequence;
    }
    await journal.close();
    await connection.close();
    return texts;
  }

  /** What was promised and is not among `kept`. */
  missingIn(kept: readonly string[]): string[] {
    const those = new Set(kept);
    return this.promised.filter((text) => !those.has(text));
  }

  /** What is among `kept` more than once, though it was never refused: what was refused after all its patience may be kept all the same, besides the next offer of it. */
  doubledIn(kept: readonly string[]): string[] {
    const refused = new Set(this.refused);
    const seen = new Set<string>();
    return kept.filter((text) => seen.size === seen.add(text).size && !refused.has(text));
  }

  async close(): Promise<void> {
    await this.offerNoMore();
    await this.journal.close();
    await this.connection.close();
  }
}

async function openOn(servers: readonly NatsServer[], stream: string, faults: JournalFault[]) {
  const connection = await connectNats({ servers: servers.map(({ url }) => url), name: 'journal' });
  const journal = await openNatsJournal({
    connection,
    stream,
    replicas: 3,
    capacityBytes: 256 * 1024 * 1024,
    retain: minutes(5),
    consumers: ['store'],
    clock: () => epochMs(Date.now()),
    onFault: (fault) => faults.push(fault),
  });
  return { connection, journal };
}
