import { agenciesWith, may } from '../../domain/access.ts';
import type { QuarantineId } from '../../domain/identifiers.ts';
import type {
  FromGateways,
  GatewayName,
  HeldAt,
  HeldIdentity,
  QuarantineStatus,
  ReplayOutcome,
} from '../../domain/ports/quarantine.ts';
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

const messageWire = (message: HeldAt): QuarantinedMessageWire => {
  const { id, deviceId, agencyId, transport, topic, sizeBytes, arrivalTime, problems, state, gateway } = message;
  return {
    id,
    deviceId,
    agencyId,
    transport,
    topic,
    sizeBytes,
    arrivalTime,
    problems: [...problems],
    state,
    gateway,
  };
};

const namesOf = (gateways: readonly GatewayName[]): string => [...new Set(gateways.map(({ name }) => name))].join(', ');
const sumOf = (statuses: readonly { readonly status: QuarantineStatus }[]): QuarantineStatus =>
  statuses
    .map(({ status }) => status)
    .reduce((sum, one) => ({
      messages: sum.messages + one.messages,
      bytes: sum.bytes + one.bytes,
      capacityBytes: sum.capacityBytes + one.capacityBytes,
      evictedMessages: sum.evictedMessages + one.evictedMessages,
      evictedBytes: sum.evictedBytes + one.evictedBytes,
      damagedMessages: sum.damagedMessages + one.damagedMessages,
    }));

/** A row for each message that was put through again, with what came of it. */
export const replayDeeds = (
  messages: readonly HeldIdentity[],
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
  const { quarantine, log } = ports;
  const agencies = (caller: Caller) => agenciesWith(rolesOf(caller), 'quarantine.read');

  /**
   * @throws {ApiError} NOT_FOUND also for what belongs to an agency the caller may not look into; GATEWAY_AWAY when it may be with a gateway that does
   * not answer.
   */
  const readable = <T extends HeldIdentity>(
    caller: Caller,
    id: QuarantineId,
    { found, away }: Pick<FromGateways<T | undefined>, 'found' | 'away'>,
  ): T => {
    if (!found && away.length > 0) throw new ApiError('GATEWAY_AWAY', { gateways: namesOf(away) });
    if (!found || !may(rolesOf(caller), 'quarantine.read', found.agencyId)) throw new ApiError('NOT_FOUND', { id });
    return found;
  };
  const load = async (caller: Caller, id: QuarantineId): Promise<HeldAt> =>
    readable(caller, id, await quarantine.get(id));

  return {
    async 'GET /quarantine'({ query, caller }) {
      const { found, next, away, gateways } = await quarantine.list(
        {
          agencies: agencies(caller),
          ...given('deviceId', query.device),
          ...given('code', query.code),
          ...given('state', query.state),
        },
        query.limit,
        { after: query.after as QuarantineId | undefined },
      );
      return { items: found.map(messageWire), next, away, gateways };
    },
    async 'GET /quarantine/counts'({ caller }) {
      const whole = may(rolesOf(caller), 'platform.administer', null);
      const { found, away } = await quarantine.counts(agencies(caller));
      return { items: found.counts, status: whole && found.statuses.length > 0 ? sumOf(found.statuses) : null, away };
    },
    async 'POST /quarantine/replay'({ view, body, caller }) {
      const ids = [...new Set(body.ids)];
      const { found, away } = await quarantine.some(ids);
      const messageOf = new Map(found.map((message) => [message.id, message]));
      const messages = ids.map((id) => readable(caller, id, { found: messageOf.get(id), away }));
      const { found: outcomes } = await quarantine.replay(ids, { backfill: body.backfill });
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
      return { bytes: bytes ?? new Uint8Array(), fileName: 'quarantined.bin' };
    },
    async 'DELETE /quarantine/{quarantineId}'({ view, params, caller }) {
      const message = await load(caller, params.quarantineId);
      const { found, away } = await quarantine.discard(message.id);
      if (!found) throw new ApiError('GATEWAY_AWAY', { gateways: namesOf([message.gateway, ...away]) });
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
