import type { FromGateways, HeldAt, QuarantineDesk, ReplayOutcome } from '../../domain/ports/quarantine.ts';
import { minutes } from '../../domain/time.ts';
import type { AskGateways } from './ask-gateways.ts';

/** Of one question: each answer names everything that is still wrong with each message. */
const REPLAYED_AT_ONCE = 50;
/** Messages are decoded and made durable one after the other. */
const REPLAYED_WITHIN = minutes(1);

/** The quarantines of all gateways as one. */
export function createQuarantineDesk(ask: AskGateways): QuarantineDesk {
  return {
    async get(id) {
      const { answers, ...who } = await ask('quarantine.get', { id });
      const [found] = answers.flatMap(({ gateway, answer }) => (answer ? [{ ...answer, gateway }] : []));
      return { found, ...who };
    },
    async some(ids) {
      const { answers, ...who } = await ask('quarantine.some', { ids });
      return { found: answers.flatMap(({ answer }) => answer), ...who };
    },
    async list(filter, limit, { after, bytesAtMost = -1 } = {}) {
      const asked = { filter, limit: limit + 1, after: after ?? null, bytesAtMost };
      const { answers, ...who } = await ask('quarantine.list', asked);
      // A gateway that stopped early may hold newer ones than the rest of what the others said.
      const [wholeDownTo = ''] = answers
        .flatMap(({ answer: { messages, isCut } }) => (isCut ? [messages.at(-1)?.id ?? ''] : []))
        .sort()
        .reverse();
      // Ids sort by time of arrival, whoever gave them: the first of all are among the first of each.
      const all = answers
        .flatMap(({ gateway, answer }) => answer.messages.map((message): HeldAt => ({ ...message, gateway })))
        .filter(({ id }) => id >= wholeDownTo)
        .sort((a, b) => (a.id < b.id ? 1 : -1));
      const found = all.slice(0, limit);
      const isMore = all.length > limit || wholeDownTo !== '';
      return { found, next: isMore ? (found.at(-1)?.id ?? null) : null, ...who };
    },
    async count(filter) {
      const { answers, ...who } = await ask('quarantine.count', { filter });
      return { found: answers.reduce((sum, { answer }) => sum + answer, 0), ...who };
    },
    async counts(agencies) {
      const { answers, ...who } = await ask('quarantine.counts', { agencies });
      const sums = new Map(
        [
          ...Map.groupBy(
            answers.flatMap(({ answer }) => answer.counts),
            ({ deviceId, code }) => `${deviceId}\n${code}`,
          ),
        ].map(([key, [first, ...more]]) => [
          key,
          { ...first!, messages: more.reduce((sum, { messages }) => sum + messages, first!.messages) },
        ]),
      );
      return {
        found: {
          counts: [...sums.values()].sort((a, b) => b.messages - a.messages),
          statuses: answers.map(({ gateway, answer: { status } }) => ({ gateway, status })),
        },
        ...who,
      };
    },
    async discard(id) {
      const { answers, ...who } = await ask('quarantine.discard', { id });
      return { found: answers.some(({ answer }) => answer), ...who };
    },
    async replay(ids, { backfill }) {
      const found: ReplayOutcome[] = [];
      let who: Pick<FromGateways<unknown>, 'away' | 'gateways'> = { away: [], gateways: 0 };
      for (let from = 0; from < ids.length; from += REPLAYED_AT_ONCE) {
        const some = ids.slice(from, from + REPLAYED_AT_ONCE);
        const { answers, ...heard } = await ask('quarantine.replay', { ids: some, backfill }, REPLAYED_WITHIN);
        found.push(...answers.flatMap(({ answer }) => answer));
        who = heard;
      }
      return { found, ...who };
    },
  };
}
