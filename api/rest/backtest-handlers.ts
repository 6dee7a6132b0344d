import type { Actor } from '../../domain/access.ts';
import type { BacktestJob } from '../../domain/backtest-job.ts';
import { omissionsOf } from '../../domain/backtest-report.ts';
import type { RuleId, UserId } from '../../domain/identifiers.ts';
import { isJoint } from '../../domain/joint-condition.ts';
import { judgedReadings } from '../../domain/quality-verdicts.ts';
import type { Rule } from '../../domain/rule.ts';
import { SeriesIndex } from '../../domain/rule-scopes.ts';
import { days } from '../../domain/time.ts';
import { localTimeIn } from '../../domain/time-zone.ts';
import { type Caller, requirePermission } from '../auth/caller.ts';
import { type BacktestDesk, backtestIds, createBacktestDesk } from '../backtests/backtest-desk.ts';
import { BacktestJobs } from '../backtests/backtest-jobs.ts';
import { canSweep, runBacktest } from '../backtests/run-backtest.ts';
import type { BacktestWire } from '../contract/backtests.ts';
import { ApiError, inputRefused } from '../errors.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';
import { ruleProblems } from './rule-handlers.ts';

type BacktestRoutes = 'POST /backtests' | 'GET /backtests/{backtestId}' | 'DELETE /backtests/{backtestId}';

const SPAN_MAX_MS = days(400);

/** Verdicts on readings count for everyone who may try a rule on them. */
const VERDICTS: Actor = { kind: 'system', name: 'backtest' };

/** Runs people's backtests on the store, verdicts counted, on the site's calendar. */
export function createBacktests(ports: HandlerPorts): BacktestDesk {
  const { registry, settings, clock, process, newId, bus, log } = ports;
  const store = judgedReadings(ports.store, (series, from, to) =>
    registry.as(VERDICTS).qualitySpans.list({ series, from, to }),
  );
  const { limits } = settings;
  const offset = localTimeIn(settings.timeZone);
  const jobs = new BacktestJobs(
    (order, signal, onProgress) =>
      runBacktest(order, { store, offset, listLimit: limits.backtestAlarmsListed, signal, onProgress }),
    {
      bounds: {
        atOnce: limits.backtestsAtOnce,
        unfinished: limits.backtestsUnfinished,
        kept: limits.backtestsKept,
      },
      clock,
      newId: backtestIds(process, newId),
      onFailure: (error) => log.error({ event: 'backtest.failed', err: error }, 'a backtest failed'),
    },
  );
  return createBacktestDesk({ jobs, process, bus, gateways: registry.gateways, clock });
}

export function backtestHandlers(
  { clock, catalogue, index }: HandlerPorts,
  backtests: BacktestDesk,
): Handlers<BacktestRoutes> {
  return {
    async 'POST /backtests'({ body, caller, language }) {
      const { from, to, sweep } = body;
      requirePermission(caller, 'rules.write', body.rule.agencyId);
      if (from >= to) throw inputRefused('to', 'refusal.spanReversed', language);
      if (to - from > SPAN_MAX_MS) throw inputRefused('to', 'refusal.spanTooLong', language);
      if (!catalogue.has(body.rule.quantity)) throw inputRefused('rule.quantity', 'refusal.quantityUnknown', language);
      const problems = ruleProblems(body.rule, language);
      if (problems.length > 0) throw new ApiError('RULE_INVALID', {}, problems);
      if (sweep !== undefined && !canSweep(body.rule.condition))
        throw inputRefused('sweep', 'refusal.sweepNotPossible', language);
      const by = personOf(caller);
      const rule: Rule = { ...body.rule, id: 'backtest' as RuleId, version: 1, createdBy: by, createdAt: clock() };
      const directory = new SeriesIndex(index.directory());
      const joint = directory.jointScopes(rule);
      const series = isJoint(rule.condition)
        ? []
        : directory.watchedBy(rule).map(({ series: id, pointId }) => ({ id, pointId }));
      return wire(backtests.order(by, { rule, series, joint, from, to, sweep: sweep ?? null }));
    },
    async 'GET /backtests/{backtestId}'({ params, caller }) {
      return wire(await backtests.get(personOf(caller), params.backtestId));
    },
    async 'DELETE /backtests/{backtestId}'({ params, caller }) {
      await backtests.cancel(personOf(caller), params.backtestId);
    },
  };
}

/** Only people with a permission get this far. */
function personOf(caller: Caller): UserId {
  if (caller.kind !== 'person') throw new ApiError('NOT_SIGNED_IN');
  return caller.userId;
}

function wire({ id, orderedAt, condition, scopes, state, progress }: BacktestJob): BacktestWire {
  const done = state.kind === 'done' ? state : null;
  return {
    id,
    orderedAt,
    state: state.kind,
    progress: { series: scopes, ...progress },
    omits: omissionsOf(condition),
    tookMs: done?.tookMs ?? null,
    report: done?.outcome.report ?? null,
    sweep: done?.outcome.sweep ?? [],
  };
}
