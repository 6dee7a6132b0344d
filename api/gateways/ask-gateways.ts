import { GATEWAY_FORGOTTEN_AFTER } from '../../domain/gateway.ts';
import type { GatewayId } from '../../domain/identifiers.ts';
import type { GatewayLog } from '../../domain/ports/gateways.ts';
import type { GatewayName } from '../../domain/ports/quarantine.ts';
import type { RequestName, Requests } from '../../domain/ports/requests.ts';
import type { PlatformRequests } from '../../domain/requests.ts';
import { type Clock, type DurationMs, epochMs, seconds } from '../../domain/time.ts';

export interface AskGatewaysOptions {
  readonly bus: Requests;
  readonly gateways: Pick<GatewayLog, 'list'>;
  readonly clock: Clock;
}

/** What every gateway answered. */
export interface GatewayAnswers<N extends RequestName> {
  readonly answers: readonly { readonly gateway: GatewayName; readonly answer: PlatformRequests[N]['answer'] }[];
  /** Known, and without an answer: not heard of in time, or stopped or gone with messages in its quarantine. */
  readonly away: readonly GatewayName[];
  /** Known, those that are away included. */
  readonly gateways: number;
}
export type AskGateways = <N extends RequestName>(
  name: N,
  asked: PlatformRequests[N]['asked'],
  deadline?: DurationMs,
) => Promise<GatewayAnswers<N>>;

/** A person waits for it. */
const ANSWERED_WITHIN = seconds(3);

/** Asks all gateways that the registry knows, in whichever process they are; waits for those that live. */
export function askGateways({ bus, gateways, clock }: AskGatewaysOptions): AskGateways {
  return async (name, asked, deadline = ANSWERED_WITHIN) => {
    const known = await gateways.list(epochMs(clock() - GATEWAY_FORGOTTEN_AFTER));
    const expected = known.filter(({ state }) => state === 'here').map(({ id }) => id);
    const { answers } = await bus.ask(name, asked, { expected, deadline });
    // One that is away and holds nothing is not missed: processes come and go.
    const missed = known.filter(({ state, held }) => state === 'here' || held > 0);
    const answered = new Set(answers.map(({ from }) => from));
    const nameOf = (id: GatewayId): GatewayName => ({ id, name: known.find((one) => one.id === id)?.name ?? id });
    return {
      answers: answers.map(({ from, answer }) => ({ gateway: nameOf(from), answer })),
      away: missed.filter(({ id }) => !answered.has(id)).map(({ id }) => nameOf(id)),
      gateways: new Set([...missed.map(({ id }) => id), ...answered]).size,
    };
  };
}
