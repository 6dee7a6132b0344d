/** The journal and the live bus as the settings want them: with main.ts the place that knows their concrete classes. */
import { join } from 'node:path';
import { createInProcessBus } from './adapters/bus/in-process.ts';
import { createNatsBus } from './adapters/bus/nats.ts';
import type { DiskWatch } from './adapters/disk/disk-watch.ts';
import { withinDiskBudget } from './adapters/disk/disk-watch.ts';
import type { JournalFault } from './adapters/journal/journal-fault.ts';
import { type LmdbJournal, openLmdbJournal } from './adapters/journal/lmdb.ts';
import { openNatsJournal } from './adapters/journal/nats.ts';
import { connectNats, type NatsAccess, type NatsConnection } from './adapters/nats/connection.ts';
import { type Settings, SettingsError } from './config/settings.ts';
import type { ConsumerName, Journal } from './domain/ports/journal.ts';
import type { EventName, LiveBus } from './domain/ports/live-bus.ts';
import { type Clock, seconds } from './domain/time.ts';

const CONSUMERS: readonly ConsumerName[] = ['store', 'rules', 'live', 'indices'];

/** How the settings say that NATS is reached. */
function natsAccess({ nats }: Settings): NatsAccess {
  if (nats.servers === undefined) throw new SettingsError('nats.servers is needed for what is to be on NATS');
  const servers = nats.servers.split(',').map((address) => address.trim());
  return { servers, name: 'hai-dang', user: nats.user, password: nats.password };
}

/** The journal's connection to the NATS servers; `null` when it is not there. @throws when none of them answers. */
export async function openNats(settings: Settings): Promise<NatsConnection | null> {
  return settings.journal.engine === 'nats' ? connectNats(natsAccess(settings)) : null;
}

/** @throws when the bus is to be on NATS and no server answers. */
export async function openBus(
  settings: Settings,
  onListenerError: (name: EventName, error: unknown) => void,
  onError: (error: unknown) => void,
): Promise<LiveBus> {
  if (settings.bus.engine === 'in-process') return createInProcessBus(onListenerError);
  const connection = await connectNats({ ...natsAccess(settings), noEcho: true });
  return createNatsBus({ connection, prefix: `${settings.nats.stream}-live`, onListenerError, onError });
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
