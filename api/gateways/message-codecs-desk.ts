import type { MessageCodecs } from '../../domain/ports/codec-bench.ts';
import type { AskGateways } from './ask-gateways.ts';

/** The codecs of messages, which run at every gateway. */
export function createMessageCodecsDesk(ask: AskGateways): MessageCodecs {
  return {
    async suspension(source) {
      const { answers } = await ask('codec.suspension', { source });
      const held = answers.flatMap(({ answer }) => answer ?? []).sort((a, b) => a.since - b.since);
      const [first] = held;
      return first ? { ...first, messagesHeld: held.reduce((sum, { messagesHeld }) => sum + messagesHeld, 0) } : null;
    },
    async lift(source) {
      await ask('codec.lift', { source });
    },
    async settled() {
      await ask('directory.settled', null);
    },
  };
}
