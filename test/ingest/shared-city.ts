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
import { epochMs } from '../../domain/time.ts';
import { newFolder, openIngest, type SharedEngines, smallCity } from './platform-parts.ts';

const clock = () => epochMs(Date.now());

/** Short, so that a gateway that is gone is noticed within a test. */
export const GONE_AFTER_SECONDS = 2;

export interface GatewayPlace {
  readonly name: string;
  readonly folder: string;
  /** Stations of the city. */
  readonly devices: number;
  readonly postgresUrl: string;
  readonly natsUrl: string;
}

/** One process's own connections to what all share. */
async function openShared(
  { postgresUrl, natsUrl }: Pick<GatewayPlace, 'postgresUrl' | 'natsUrl'>,
  onError: (error: unknown) => void,
): Promise<SharedEngines> {
  return {
    registry: await openPostgresRegistry({ url: postgresUrl, clock, newId: randomUUID }),
    bus: createNatsBus({
      connection: await connectNats({ servers: [natsUrl], name: 'bus', noEcho: true }),
      prefix: 'city',
      onListenerError: (name, error) => onError(`${name}: ${error}`),
      onError,
    }),
  };
}

/** A gateway on what the one of that name has left, if there was one. */
export async function openGateway(place: GatewayPlace, onError: (error: unknown) => void = () => {}) {
  const { name, folder, devices } = place;
  const settings = {
    ingest: { processName: name, goneAfterSeconds: GONE_AFTER_SECONDS },
    mqtt: { willsAfterCrashSeconds: GONE_AFTER_SECONDS },
  };
  return openIngest(join(folder, name), settings, smallCity(devices), await openShared(place, onError));
}

/** One PostgreSQL and one NATS server for gateways of one city, and what an API server asks those with. */
export async function openCity(devices: number) {
  const postgres = new PostgresServer({ fsync: false });
  const nats = await NatsServer.alone();
  await Promise.all([postgres.start(), nats.start()]);
  const urls = { postgresUrl: await postgres.newDatabase(), natsUrl: nats.url };
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const folder = newFolder();
  const { registry, bus } = await openShared(urls, onError);
  const ask = askGateways({ bus, gateways: registry.gateways, clock });
  const place = (name: string): GatewayPlace => ({ name, folder, devices, ...urls });
  return {
    registry,
    bus,
    quarantine: createQuarantineDesk(ask),
    tail: createDeviceTailDesk(ask, clock),
    errors,
    place,
    open: (name: string) => openGateway(place(name), onError),
    async close() {
      await bus.close();
      await registry.close();
      await Promise.all([postgres.discard(), nats.discard()]);
    },
  };
}
export type SharedCity = Awaited<ReturnType<typeof openCity>>;
