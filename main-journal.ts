/** The journal as the settings want it: with main.ts the place that knows its concrete classes. */
import { join } from 'node:path';
import type { DiskWatch } from './adapters/disk/disk-watch.ts';
import { withinDiskBudget } from './adapters/disk/disk-watch.ts';
import type { JournalFault } from './adapters/journal/journal-fault.ts';
import { type LmdbJournal, openLmdbJournal } from './adapters/journal/lmdb.ts';
import { openNatsJournal } from './adapters/journal/nats.ts';
import { connectNats, type NatsConnection } from './adapters/nats/connection.ts';
import { type Settings, SettingsError } from './config/settings.ts';
import type { ConsumerName, Journal } from './domain/ports/journal.ts';
import { type Clock, seconds } from './domain/time.ts';

const CONSUMERS: readonly ConsumerName[] = ['store', 'rules', 'live', 'indices'];

/** The connection to the NATS servers; `null` when nothing is kept or said there. @throws when none of them answers. */
export async function openNats({ nats, journal }: Settings): Promise<NatsConnection | null> {
  if (journal.engine !== 'nats') return null;
  if (nats.servers === undefined) throw new SettingsError('nats.servers is needed for what is to be on NATS');
  const servers = nats.servers.split(',').map((address) => address.trim());
  return connectNats({ servers, name: 'hai-dang', user: nats.user, password: nats.password });
}

export interface JournalParts {
  readonly nats: NatsConnection | null;
  readonly disk: Pick<DiskWatch, 'state'>;
  readonly clock: Clock;
  readonly onFault: (fault: JournalFault) => void;
}

/** One that lies in the data directory takes nothing while its disk is full; one on NATS has its own bound on the servers' disks. */
export async function openJournal(
  { journal, store, nats: { stream, replicas }, dataDirectory }: Settings,
  { nats, disk, clock, onFault }: JournalParts,
): Promise<Journal | LmdbJournal> {
  const { capacityBytes, retainSeconds } = journal;
  const common = { capacityBytes, retain: seconds(retainSeconds), consumers: CONSUMERS, clock, onFault };
  if (nats === null)
    return withinDiskBudget(await openLmdbJournal({ ...common, path: join(dataDirectory, 'journal') }), disk);
  // A backup keeps the journal from where the store is; what servers elsewhere hold can't be held for it.
  if (store.engine === 'duckdb')
    throw new SettingsError('journal.engine nats needs store.engine influxdb: a backup could not keep both together');
  return openNatsJournal({ ...common, connection: nats, stream, replicas });
}
