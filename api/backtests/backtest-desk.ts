import type { BacktestJob } from '../../domain/backtest-job.ts';
import { GATEWAY_FORGOTTEN_AFTER } from '../../domain/gateway.ts';
import type { GatewayId, UserId } from '../../domain/identifiers.ts';
import type { GatewayLog } from '../../domain/ports/gateways.ts';
import type { RequestName, Requests } from '../../domain/ports/requests.ts';
import type { PlatformRequests } from '../../domain/requests.ts';
import { type Clock, epochMs, seconds } from '../../domain/time.ts';
import { ApiError } from '../errors.ts';
import type { BacktestJobs } from './backtest-jobs.ts';

export interface BacktestDeskOptions {
  readonly jobs: BacktestJobs;
  /** The process that `jobs` is of. */
  readonly process: GatewayId;
  readonly bus: Requests;
  readonly gateways: Pick<GatewayLog, 'list'>;
  readonly clock: Clock;
}

/** Backtests of every API server as one: each runs where it was ordered, and is looked at and cancelled anywhere. */
export interface BacktestDesk {
  readonly order: BacktestJobs['order'];
  /** @throws {ApiError} NOT_FOUND for one that is unknown, forgotten, somebody else's, or of a server that is gone. */
  get(by: UserId, id: string): Promise<BacktestJob>;
  /** Stops it if it has not ended, and forgets it. @throws {ApiError} NOT_FOUND */
  cancel(by: UserId, id: string): Promise<void>;
  /** Other servers get no answer from here any more. */
  stop(): void;
}

/** A person waits for it. */
const ANSWERED_WITHIN = seconds(3);

/** Ids of this server's backtests: whom to ask for one stands before the last dot. */
export const backtestIds = (process: GatewayId, newId: () => string) => (): string => `${process}.${newId()}`;

export function createBacktestDesk({ jobs, process, bus, gateways, clock }: BacktestDeskOptions): BacktestDesk {
  const ends = [
    bus.answer('backtest.get', process, ({ by, id }) => jobs.get(by, id)),
    bus.answer('backtest.cancel', process, ({ by, id }) => jobs.cancel(by, id)),
  ];
  /** What the server says that the backtest is at; `undefined` when it is gone. */
  const ask = async <N extends Extract<RequestName, `backtest.${string}`>>(
    name: N,
    asked: PlatformRequests[N]['asked'],
  ): Promise<PlatformRequests[N]['answer'] | undefined> => {
    const at = asked.id.slice(0, Math.max(0, asked.id.lastIndexOf('.')));
    const known = await gateways.list(epochMs(clock() - GATEWAY_FORGOTTEN_AFTER));
    const expected = known.filter(({ id, state }) => id === at && state === 'here').map(({ id }) => id);
    if (expected.length === 0) return undefined;
    const { answers } = await bus.ask(name, asked, { expected, deadline: ANSWERED_WITHIN });
    return answers.find(({ from }) => from === at)?.answer;
  };

  return {
    order: (by, order) => jobs.order(by, order),
    async get(by, id) {
      const job = jobs.get(by, id) ?? (await ask('backtest.get', { by, id })) ?? null;
      if (job === null) throw new ApiError('NOT_FOUND', { id });
      return job;
    },
    async cancel(by, id) {
      if (!jobs.cancel(by, id) && !(await ask('backtest.cancel', { by, id }))) throw new ApiError('NOT_FOUND', { id });
    },
    stop() {
      for (const end of ends) end();
      jobs.stop();
    },
  };
}
