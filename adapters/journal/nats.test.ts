import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JOURNAL_START, type JournalEntry, type JournalSequence } from '../../domain/ports/journal.ts';
import { epochMs, minutes } from '../../domain/time.ts';
import type { NatsConnection } from '../nats/connection.ts';
import { NatsServer, natsPresent, natsVersion } from '../nats/nats-server.ts';
import { describeJournal } from './journal.contract.ts';
import type { JournalFault } from './journal-fault.ts';
import { type NatsJournalOptions, openNatsJournal } from './nats.ts';

describe.skipIf(!natsPresent)(`JetStream (${natsVersion})`, () => {
  let server: NatsServer;
  let connection: NatsConnection;
  let streams = 0;
  beforeAll(async () => {
    server = await NatsServer.alone();
    await server.start();
    connection = await server.connect();
  });
  afterAll(async () => {
    await connection.close();
    await server.discard();
  });

  const at = (stream: string, more: Partial<NatsJournalOptions> = {}): NatsJournalOptions => ({
    connection,
    stream,
    replicas: 1,
    capacityBytes: 64 * 1024 * 1024,
    retain: minutes(5),
    consumers: ['store', 'rules'],
    clock: () => epochMs(Date.now()),
    ...more,
  });

  describeJournal('the JetStream journal', () => {
    const stream = `journal-${++streams}`;
    return (options) => openNatsJournal(at(stream, options));
  });

  const numbered = (n: number) => ({ partition: 0, traceId: 't', payload: new Uint8Array([n, n >> 8]) });
  const numbers = (entries: readonly JournalEntry[]) => entries.map(({ payload }) => payload[0]! + payload[1]! * 256);

  it('gives another process what is appended here as it comes, and what it has missed from where it left off', async () => {
    const gateway = await openNatsJournal(at('two', { consumers: [] }));
    for (let n = 1; n <= 3_000; n += 100)
      await Promise.all(Array.from({ length: 100 }, (_, i) => gateway.append(numbered(n + i))));
    const own = await server.connect();
    const worker = await openNatsJournal(at('two', { connection: own }));
    const read: number[] = [];
    const readOn = async () => {
      for (let page = await worker.read(read.length as JournalSequence, 64); page.length > 0; ) {
        read.push(...numbers(page));
        page = await worker.read(read.length as JournalSequence, 64);
      }
    };
    await readOn();
    const told = new Promise<void>((resolve) => worker.onAppended(resolve));
    await gateway.append(numbered(3_001));
    await told;
    await readOn();
    expect(read).toEqual(Array.from({ length: 3_001 }, (_, i) => i + 1));
    expect(numbers(await worker.read(2_990 as JournalSequence, 5))).toEqual([2_991, 2_992, 2_993, 2_994, 2_995]);
    await gateway.close();
    await worker.close();
    await own.close();
  });

  it('sets aside what is no entry, says so, and gives the rest', async () => {
    const faults: JournalFault[] = [];
    const journal = await openNatsJournal(at('foreign', { onFault: (fault) => faults.push(fault) }));
    await journal.append(numbered(1));
    connection.publish('foreign.0', 'not an entry');
    await journal.append(numbered(2));
    expect(numbers(await journal.read(JOURNAL_START, 10))).toEqual([1, 2]);
    expect(faults).toMatchObject([{ kind: 'entry_damaged', sequence: 2 }]);
    expect(journal.status().damaged).toBe(1);
    await journal.close();
  });

  it('refuses an entry that the servers would not take, and takes the next', async () => {
    const journal = await openNatsJournal(at('large'));
    const payload = new Uint8Array(2 * 1024 * 1024);
    await expect(journal.append({ partition: 0, traceId: 't', payload })).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(journal.status().writable).toBe(true);
    expect(await journal.append(numbered(1))).toBe(1);
    await journal.close();
  });
});
