import type { GatewayId } from '../../domain/identifiers.ts';
import { epochMs, seconds } from '../../domain/time.ts';
import type { ControlRoom } from './control-room.ts';

/** Another gateway of the city that was stopped with messages in its quarantine: it does not answer. */
export async function aStoppedGateway(room: ControlRoom, name: string): Promise<void> {
  const id = `gateway-${name}` as GatewayId;
  await room.beside(async ({ gateways }) => {
    await gateways.beat({ id, name, ttl: seconds(15), held: 3 }, epochMs(Date.now()));
    await gateways.stopped(id, 3, epochMs(Date.now()));
  });
}
