import { setImmediate } from 'node:timers/promises';
import {
  createAlarmHealth,
  createStandingCount,
  HEALTH_WINDOW,
  isStanding,
  windowStart,
} from '../../domain/alarm-health.ts';
import type { PointId, RuleId } from '../../domain/identifiers.ts';
import type { KeptActivation } from '../../domain/ports/alarm-health.ts';
import type { Page, PageRequest } from '../../domain/ports/registry.ts';
import { before, days, type EpochMs, epochMs, hours } from '../../domain/time.ts';
import { localTimeIn } from '../../domain/time-zone.ts';
import { type AlarmHealthWire, HEALTH_BARS_MAX, HEALTH_ROWS_MAX } from '../contract/alarm-health.ts';
import { inputRefused } from '../errors.ts';
import type { Handlers } from './handler.ts';
import { given, type HandlerPorts } from './handler-ports.ts';

/** Rows of the registry read at once; between them the process does other work. */
const PAGE = 1_000;
/** Longer periods are refused: the figures are of shifts, months and seasons. */
const PERIOD_MAX = days(400);
/** Steps that bars may stand for, in windows: ten minutes to a week. */
const BAR_WINDOWS = [1, 3, 6, 18, 36, 72, 144, 432, 1_008];

/** Every row, page by page. */
async function* every(list: (page: PageRequest) => Promise<Page<KeptActivation>>): AsyncGenerator<KeptActivation> {
  let after: string | null = null;
  do {
    const page: Page<KeptActivation> = await list(after === null ? { limit: PAGE } : { limit: PAGE, after });
    yield* page.items;
    after = page.next;
    await setImmediate();
  } while (after !== null);
}

export function alarmHealthHandlers(ports: HandlerPorts): Handlers<'GET /alarm-health'> {
  const { openAlarms, clock, queries, settings } = ports;
  const offset = localTimeIn(settings.timeZone);

  /** Where the site's days of the period begin, its first moment taken as one. */
  function dayStarts(from: EpochMs, to: EpochMs): EpochMs[] {
    const starts = [from];
    // By the hour, since a day on which clocks change isn't 24 of them.
    for (let at = from; at < to; at = epochMs(at + hours(1))) {
      const start = epochMs(at - ((at + offset(at)) % days(1)));
      if (start > (starts.at(-1) as EpochMs)) starts.push(start);
    }
    return starts;
  }
  const named = <T extends { readonly ruleId: RuleId; readonly pointId: PointId }>(source: T) => ({
    ...source,
    ...openAlarms.names(source.ruleId, source.pointId),
  });
  const listed = <T extends { readonly ruleId: RuleId; readonly pointId: PointId }>(all: readonly T[]) => ({
    total: all.length,
    items: all.slice(0, HEALTH_ROWS_MAX).map(named),
  });
  function barsOf(perWindow: Uint32Array, from: EpochMs): AlarmHealthWire['bars'] {
    const windows = BAR_WINDOWS.find((each) => perWindow.length / each <= HEALTH_BARS_MAX) ?? 1_008;
    const items = [];
    for (let first = 0; first < perWindow.length; first += windows) {
      const part = perWindow.subarray(first, first + windows);
      items.push({
        at: epochMs(from + first * HEALTH_WINDOW),
        count: part.reduce((sum, count) => sum + count, 0),
        most: part.reduce((most, count) => Math.max(most, count), 0),
      });
    }
    return { stepMs: windows * HEALTH_WINDOW, items };
  }

  return {
    async 'GET /alarm-health'({ view, query, language }) {
      const from = windowStart(query.from);
      const to = epochMs(Math.min(query.to, clock()));
      if (to <= from) throw inputRefused('to', 'refusal.rangeReversed', language);
      if (from < before(to, PERIOD_MAX)) throw inputRefused('from', 'refusal.spanTooLong', language);
      const span = { from, to, ...given('agencyId', query.agency) };
      return queries.run(async () => {
        const health = createAlarmHealth({ from, to, operators: query.operators });
        for await (const activation of every((page) => view.alarmHealth.activations(span, page)))
          health.add(activation);
        const count = createStandingCount(dayStarts(from, to), to);
        const standing: KeptActivation[] = [];
        let standingTotal = 0;
        for await (const activation of every((page) => view.alarmHealth.standing(span, page))) {
          count.add(activation);
          if (!isStanding(activation, to)) continue;
          standingTotal += 1;
          if (standing.length < HEALTH_ROWS_MAX) standing.push(activation);
        }
        const { perWindow, floods, chattering, fleeting, badActors, ...figures } = health.result();
        return {
          from,
          to,
          operators: query.operators,
          ...figures,
          floods: { total: floods.length, items: floods.slice(-HEALTH_ROWS_MAX).reverse() },
          badActors: badActors.map(named),
          chattering: listed(chattering),
          fleeting: listed(fleeting),
          standing: {
            perDay: count.perDay(),
            total: standingTotal,
            items: standing.map(({ alarmId, ruleId, pointId, severity, at }) =>
              named({ alarmId, ruleId, pointId, severity, at }),
            ),
          },
          bars: barsOf(perWindow, from),
        };
      });
    },
  };
}
