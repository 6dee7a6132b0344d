import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createNatsBus } from '../../adapters/bus/nats.ts';
import { connectNats } from '../../adapters/nats/connection.ts';
import { NatsServer } from '../../adapters/nats/nats-server.ts';
import { openPostgresRegistry } from '../../adapters/registry/postgres.ts';
import { PostgresServer } from '../../adapters/registry/postgres-server.ts';
import { askGateways } from '../../api/gateways/ask-gateways.ts';
import { createDeviceTailDesk } from '../../api/gateways/device-tail-desk.ts';
import { createQuarantineDesk } from '../../api/gateways/quarantine-desk.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { epochMs } from '../../domain/time.ts';
import { newFolder, openIngest, type SharedEngines, smallCity } from './platform-parts.ts';

const clock = () => epochMs(Date.now());

/** Short, so that a gateway that is gone is noticed within a test. */
export const TTL_SECONDS = 2;

/** Gateways `north` and `south` of one city, each with its own connections to one PostgreSQL and one NATS server, and what an API server asks them with. */
export async function openTwoGateways(devices: number) {
  const postgres = new PostgresServer({ fsync: false });
  const nats = await NatsServer.alone();
  await Promise.all([postgres.start(), nats.start()]);
  const url = await postgres.newDatabase();
  const errors: unknown[] = [];
  const folder = newFolder();

  const openRegistry = (): Promise<Registry> => openPostgresRegistry({ url, clock, newId: randomUUID });
  const shared = async (): Promise<SharedEngines> => ({
    registry: await openRegistry(),
    bus: createNatsBus({
      connection: await connectNats({ servers: [nats.url], name: 'bus', noEcho: true }),
      prefix: 'city',
      onListenerError: (name, error) => errors.push(`${name}: ${error}`),
      onError: (error) => errors.push(error),
    }),
  });
  const open = async (name: string) =>
    openIngest(
      join(folder, name),
      { ingest: { processName: name, goneAfterSeconds: TTL_SECONDS } },
      smallCity(devices),
      await shared(),
    );
  // One after the other: the first makes the schema and the city.
  const [north, south] = [await open('north'), await open('south')];
  const api = await shared();
  const ask = askGateways({ bus: api.bus, gateways: api.registry.gateways, clock });
  return {
    north,
    south,
    /** Another gateway, on what the one of that name has left. */
    open,
    nats,
    postgres,
    errors,
    api: { ...api, quarantine: createQuarantineDesk(ask), tail: createDeviceTailDesk(ask, clock) },
    async close() {
      await api.bus.close();
      await api.registry.close();
      await Promise.all([postgres.stop('immediate'), nats.stop()]);
    },
  };
}
export type TwoGateways = Awaited<ReturnType<typeof openTwoGateways>>;
