import { agenciesWith, may } from '../../domain/access.ts';
import type { QuarantineId } from '../../domain/identifiers.ts';
import type { QuarantinedMessage, ReplayOutcome } from '../../domain/ports/quarantine.ts';
import type { DeedElsewhere } from '../../domain/ports/registry.ts';
import { type Caller, rolesOf } from '../auth/caller.ts';
import type { QuarantinedMessageWire } from '../contract/quarantine.ts';
import { ApiError } from '../errors.ts';
import type { Handlers } from './handler.ts';
import { given, type HandlerPorts } from './handler-ports.ts';

type QuarantineRoutes =
  | 'GET /quarantine'
  | 'GET /quarantine/counts'
  | 'POST /quarantine/replay'
  | 'GET /quarantine/{quarantineId}'
  | 'GET /quarantine/{quarantineId}/bytes'
  | 'DELETE /quarantine/{quarantineId}';

const messageWire = (message: QuarantinedMessage): QuarantinedMessageWire => {
  const { id, deviceId, agencyId, transport, topic, bytes, arrivalTime, problems, state } = message;
  return {
    id,
    deviceId,
    agencyId,
    transport,
    topic,
    sizeBytes: bytes.length,
    arrivalTime,
    problems: [...problems],
    state,
  };
};

/** A row for each message that was put through again, with what came of it. */
export const replayDeeds = (
  messages: readonly QuarantinedMessage[],
  outcomes: readonly ReplayOutcome[],
  backfill: boolean,
): readonly DeedElsewhere[] => {
  const outcomeOf = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  return messages.map(({ id, agencyId, deviceId }) => {
    const { accepted = 0, problems = [] } = outcomeOf.get(id) ?? {};
    const after = { deviceId, accepted, stillHeld: problems.length, ...(backfill ? { backfill } : {}) };
    return { agencyId, action: 'quarantine.replay', targetKind: 'quarantined_message', targetId: id, after };
  });
};

export function quarantineHandlers(ports: HandlerPorts): Handlers<QuarantineRoutes> {
  const { quarantine, replayQuarantined, log } = ports;
  const agencies = (caller: Caller) => agenciesWith(rolesOf(caller), 'quarantine.read');

  /** @throws {ApiError} NOT_FOUND also for what belongs to an agency the caller may not look into. */
  const load = async (caller: Caller, id: QuarantineId): Promise<QuarantinedMessage> => {
    const message = await quarantine.get(id);
    if (!message || !may(rolesOf(caller), 'quarantine.read', message.agencyId)) throw new ApiError('NOT_FOUND', { id });
    return message;
  };

  return {
    async 'GET /quarantine'({ query, caller }) {
      const messages = await quarantine.list(
        {
          agencies: agencies(caller),
          ...given('deviceId', query.device),
          ...given('code', query.code),
          ...given('state', query.state),
        },
        query.limit + 1,
        query.after as QuarantineId | undefined,
      );
      const items = messages.slice(0, query.limit).map(messageWire);
      return { items, next: messages.length > query.limit ? (items.at(-1)?.id ?? null) : null };
    },
    async 'GET /quarantine/counts'({ caller }) {
      const whole = may(rolesOf(caller), 'platform.administer', null);
      return { items: await quarantine.counts(agencies(caller)), status: whole ? quarantine.status() : null };
    },
    async 'POST /quarantine/replay'({ view, body, caller }) {
      const ids = [...new Set(body.ids)];
      const messages = [];
      for (const id of ids) messages.push(await load(caller, id));
      const outcomes = await replayQuarantined(ids, { backfill: body.backfill });
      await view.audit.note(replayDeeds(messages, outcomes, body.backfill));
      log.info(
        { event: 'quarantine.replayed', by: caller.kind === 'person' ? caller.userId : null, messages: ids.length },
        'quarantined messages put through again',
      );
      return { items: outcomes.map(({ id, accepted, problems }) => ({ id, accepted, problems: [...problems] })) };
    },
    async 'GET /quarantine/{quarantineId}'({ params, caller }) {
      return messageWire(await load(caller, params.quarantineId));
    },
    async 'GET /quarantine/{quarantineId}/bytes'({ params, caller }) {
      const { bytes } = await load(caller, params.quarantineId);
      return { bytes, fileName: 'quarantined.bin' };
    },
    async 'DELETE /quarantine/{quarantineId}'({ view, params, caller }) {
      const message = await load(caller, params.quarantineId);
      await quarantine.mark(message.id, 'discarded');
      const { id: targetId, agencyId, deviceId } = message;
      const action = 'quarantine.discard';
      await view.audit.note([{ agencyId, action, targetKind: 'quarantined_message', targetId, after: { deviceId } }]);
      log.info(
        { event: 'quarantine.discarded', by: caller.kind === 'person' ? caller.userId : null, id: message.id },
        'quarantined message discarded',
      );
    },
  };
}
