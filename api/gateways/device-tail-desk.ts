import type { DeviceTailDesk } from '../../domain/ports/device-tail.ts';
import { type Clock, epochMs } from '../../domain/time.ts';
import type { AskGateways } from './ask-gateways.ts';

/** What is seen of a device at any gateway: each keeps its last messages while somebody asks, and sends them only then. */
export function createDeviceTailDesk(ask: AskGateways, clock: Clock): DeviceTailDesk {
  return {
    async watch(deviceId) {
      const { answers, ...who } = await ask('tail.watch', { deviceId });
      return {
        found: {
          // From here on nothing is missed by any of them.
          watchedSince: epochMs(Math.max(...answers.map(({ answer }) => answer.watchedSince), 0) || clock()),
          messages: answers
            .flatMap(({ gateway, answer }) => answer.messages.map((message) => ({ ...message, from: gateway.id })))
            .sort((a, b) => b.arrivalTime - a.arrivalTime),
        },
        ...who,
      };
    },
  };
}
