import type { GatewayPresence } from '../../domain/gateway.ts';
import type { GatewayId } from '../../domain/identifiers.ts';
import type { GatewayLog } from '../../domain/ports/gateways.ts';
import type { Requests } from '../../domain/ports/requests.ts';
import type { ProcessCounters } from '../../domain/process-counters.ts';
import { type Clock, days, epochMs, seconds } from '../../domain/time.ts';

export interface ProcessHeard {
  readonly id: GatewayId;
  /** For people: not unique. */
  readonly name: string;
  /** `null`: it does not answer. */
  readonly counters: ProcessCounters | null;
}

export interface AskProcessesOptions {
  /** Who asks. */
  readonly self: GatewayId;
  readonly bus: Pick<Requests, 'ask'>;
  readonly gateways: Pick<GatewayLog, 'list'>;
  readonly clock: Clock;
}

/** A look must be over before the next one is due. */
const ANSWERED_WITHIN = seconds(2);
/** One that is gone without a word is missed for so long. */
const MISSED_FOR = days(1);

/** Asks every process of the city what it has counted. The answer tells of each that answered and each that is missing, by name. */
export function askProcesses({
  self,
  bus,
  gateways,
  clock,
}: AskProcessesOptions): () => Promise<readonly ProcessHeard[]> {
  let known: readonly GatewayPresence[] = [];
  return async () => {
    // While the registry is away, which is told elsewhere, those known before are asked.
    known = await gateways.list(epochMs(clock() - MISSED_FOR)).catch(() => known);
    const here = known.filter(({ state }) => state === 'here').map(({ id }) => id);
    const expected = [...new Set([self, ...here])];
    const { answers } = await bus.ask('process.counters', null, { expected, deadline: ANSWERED_WITHIN });
    const answered = new Map(answers.map(({ from, answer }) => [from, answer]));
    const missing = known.filter(({ id, state }) => state !== 'stopped' && !answered.has(id)).map(({ id }) => id);
    const nameOf = (id: GatewayId): string => known.find((one) => one.id === id)?.name ?? id;
    return [...answered.keys(), ...missing]
      .map((id) => ({ id, name: nameOf(id), counters: answered.get(id) ?? null }))
      .sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  };
}
